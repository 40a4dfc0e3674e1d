"""Where facts stand in the documents, and many issuers side by side."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    # where facts stand
    "locate-head": (
        "建议的出处：每项第一行为最可能的位置，其余为备选；逐项核对后保留或删除",
        "Proposed places: the first line of each fact is the likeliest, the others follow it; take or refuse each",
    ),
    "locate-none": ("文件中没有找到", "not found in the documents"),
    "locate-exact": ("数值一致", "the same figure"),
    "locate-rounded": ("印出的是舍入后的数或较粗的日期", "printed rounded, or as a coarser day"),
    "locate-words": ("文字一致", "the same words"),
    "locate-item": ("同一条目的其他内容在此", "the rest of the item stands here"),
    "locate-doubt": ("（数字粘连，须核对）", " (digits touch others: look)"),
    "verify-head": (
        "核对数字和日期{total}项：{good}项与所注出处一致，{bad}项不一致。",
        "Figures and days held against their places: {total}; standing there: {good}; not so: {bad}.",
    ),
    "verify-rounds": (
        "出处印的是舍入后的数、以横线表示的零或较粗的日期（{n}项）：",
        "Printed there rounded, as a dash for nought, or as a coarser day ({n}):",
    ),
    "verify-glued": (
        "数字与相邻数字粘连，没有合计或比例可以证明从哪里断开，请看原文（{n}项）：",
        "The digits touch others and no sum or percentage proves where they part; look at the document ({n}):",
    ),
    "verify-bounds": (
        "填报的是界限或“至今”，不是印出的数，请看原文（{n}项）：",
        "A bound or an open end, not a printed figure; look at the document ({n}):",
    ),
    "verify-unit": ("出处有这个数，但单位不同（{n}项）：", "The digits stand there in another unit ({n}):"),
    "verify-page": ("该行在另一页（{n}项）：", "That line stands on another page ({n}):"),
    "verify-elsewhere": ("所注位置没有这个数，别处有（{n}项）：", "Not there, but elsewhere ({n}):"),
    "verify-absent": ("全文没有印出这个数（{n}项）：", "Printed nowhere in the document ({n}):"),
    "verify-beyond": ("文件没有这一页或这一行（{n}项）：", "The document has no such page or line ({n}):"),
    "verify-unread": ("没有提供该文件，未核对（{n}项）：", "The document is not at hand; not checked ({n}):"),
    "verify-unplaced": ("只注明文件，没有页码行号（{n}项）：", "A document is named without page or line ({n}):"),
    "verify-line": ("{path}：{value}（{at}）", "{path}: {value} ({at})"),
    "verify-elsewhere-at": ("；见{places}", "; see {places}"),
    "at-page": ("第{page}页", "p. {page}"),
    "at-line": ("第{line}行", "line {line}"),
    # many issuers
    "screen-title": ("批量核查", "Screening"),
    "screen-head": ("截至{day}，{scenario}：发行人{issuers}家", "As of {day}, {scenario}: {issuers} issuers"),
    "screen-as-filed": ("按申报事实", "as filed"),
    "screen-read": ("输入{items}份，其中{errors}份无法读取，见 errors.csv", "{items} filings; {errors} could not be read, see errors.csv"),
    "screen-verdicts": ("结论", "Verdicts"),
    "screen-stops": ("哪些规则拦下最多", "What stops most"),
    "screen-nearly": ("接近符合：只差一两项发行条件", "Nearly there: one or two conditions away"),
    "screen-close": ("最贴近界限的符合", "Met, and closest to a limit"),
    "screen-frail": ("最依赖判断的规则", "What hangs most on judgements"),
    "screen-frail-none": ("没有符合条件的发现", "Nothing to list"),
    "screen-frail-off": ("本次没有核查稳固性；运行时加 --robust", "Not looked at; run with --robust"),
    "screen-earliest": ("最早符合全部发行条件的月份", "First month in which all conditions are met"),
    "screen-never": ("所列日期内均未符合", "on none of the days"),
    "screen-rule": ("规则", "rule"),
    "screen-issuer": ("发行人", "issuer"),
    "screen-count": ("家数", "issuers"),
    "screen-alone": ("其中仅此一项未过", "stopped by it alone"),
    "screen-verdict": ("整体结论", "verdict"),
    "screen-between": ("未过的发行条件", "conditions in the way"),
    "screen-measure": ("数值", "measure"),
    "screen-limit": ("界限", "limit"),
    "screen-off": ("距离", "off by"),
    "screen-month": ("月份", "month"),
    "screen-force": ("性质", "force"),
    "screen-hangs": ("不稳固的结论", "verdicts that hang on answers"),
    "screen-note": (
        "每一格的完整依据：compliance screen explain 结果文件夹 证券代码 规则",
        "The grounds of any cell: compliance screen explain FOLDER CODE RULE",
    ),
    "screen-sheet": ("{day}{scenario}", "{day}{scenario}"),
    "screen-code": ("证券代码", "code"),
    "screen-name": ("名称", "name"),
    "screen-whole": ("整体结论", "verdict as a whole"),
    "screen-before": ("原来", "before"),
    "screen-after": ("之后", "after"),
    "screen-absent": ("当日未施行", "not in force"),
}
