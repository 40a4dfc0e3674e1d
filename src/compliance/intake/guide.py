"""How to fill the form in: what its first sheet says, and the head of its YAML."""

# ruff: noqa: E501  A step stands on one line, so that its two languages can be compared.

from __future__ import annotations

from collections.abc import Mapping

Text = Mapping[str, str]

NOTE: Text = {
    "zh": "只列出该路径和板块需要的事实；不知道的留空，空着不等于零或没有",
    "en": "only the facts that this route and board need; leave out what is not known: empty is neither nought nor none",
}
AS_OF: Text = {"zh": "核查基准日，可以不填", "en": "the day of the check; may be left empty"}
STEPS: tuple[Text, ...] = (
    {
        "zh": "只填黄色单元格。先填“基本事实”，再逐张填各清单，一行一条；绿色单元格是单位，可以改。",
        "en": "Fill in the yellow cells only: first the facts that stand once, then the lists, a row an item. Green cells hold units and may be changed.",
    },
    {
        "zh": "空着表示不知道，不是零，也不是没有。确实为零的填 0元、0股；清单确实没有内容的，在“清单是否完整”选“是”，不填条目。",
        "en": "Empty means not known: neither nought nor none. Write 0元 or 0股 for nought; where a list has nothing in it, say 是 to its being complete and leave it empty.",
    },
    {
        "zh": "清单全部列出后，在“清单是否完整”选“是”；没有列全的选“否”。条目之内的清单（如任职），在所属条目那一行选。",
        "en": "Once all items of a list are there, say 是 to its being complete, else 否. For a list within an item (its posts, say) this is said in that item's row.",
    },
    {
        "zh": "每条有自己的编号或名称，同一清单内不得重复；“所属条目”填上级条目的编号或名称。",
        "en": "Every item has an id or name of its own within its list. The column of the item it belongs to takes that item's id or name.",
    },
    {
        "zh": "数值可以带单位（22954.94万元、1200万股、29.40%），不带单位的按绿色单元格的单位。约数写 ≈1.14亿元，区间写 1..2万元、100万元.. 或 ..2020。",
        "en": "A figure may carry its unit (22954.94万元, 1200万股, 29.40%); without one it takes that of the green cell. ≈1.14亿元 is rounded; 1..2万元, 100万元.. and ..2020 are ranges.",
    },
    {
        "zh": "日期写 2024-12-25；只知道到月或年的，写 2024-12 或 2024。",
        "en": "Write a day as 2024-12-25; one known to the month or year only as 2024-12 or 2024.",
    },
    {
        "zh": "出处：先在“文件”登记文件，再在“出处与判断”逐行填路径、文件编号和页、行等。路径如 offering.gross_proceeds、uses[设备].proceeds；"
        "写到条目（uses[设备]）或清单（uses）的，其中各项都适用。基本事实的路径见该表末列，各清单的见列名上的批注。",
        "en": "Evidence: enter the document on its sheet, then a row each with path, document, page, line. Paths are offering.gross_proceeds or "
        "uses[equipment].proceeds; a place given for an item (uses[equipment]) or a list (uses) holds for what is in it. "
        "Those of single facts stand in their sheet's last column, those of lists in the comments on the columns' heads.",
    },
    {
        "zh": "判断：在“出处与判断”类别选“判断”，填路径、理由和出处；回答填在这里或者事实自己的单元格。文件没有写明、按某种情况处理的，类别选“认定前提”并写明理由。"
        "对规则的理解，路径写 reading. 加其编号。",
        "en": "Judgements: on the same sheet, with path, reason and place, the answer here or in the fact's own cell; what no document states and is taken for granted has a row of its own "
        "with the reason. A reading of the law has a path of reading. and its id.",
    },
    {
        "zh": "不要写公式，不要合并单元格，不要删除各表隐藏的第一行；可以增删行、移动工作表、另加自己的工作表。",
        "en": "No formulas, no merged cells; keep the hidden first row of each sheet. Rows may be added and removed, sheets moved, sheets of your own added.",
    },
    {
        "zh": "填好后运行 compliance facts lint 本文件，再运行 compliance check 本文件；填错的地方会指明工作表和单元格。",
        "en": "Then run compliance facts lint FILE and compliance check FILE; every mistake is told with its sheet and cell.",
    },
)
