"""Every text of the program that a user may read, in Chinese and in English, with the same placeholders in both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Lang = Literal["zh", "en"]
LANGUAGES: tuple[Lang, ...] = ("zh", "en")

# ruff: noqa: E501  A mistake stands on one line, so that its two languages can be compared.
# fmt: off

# Mistakes in what a user gave: what is wrong, and how to mend it.
_MISTAKES: Mapping[str, tuple[str, str]] = {
    "file-absent": ("文件不存在；请核对路径", "there is no such file; check the path"),
    "file-is-folder": ("这是文件夹，不是文件；请给出文件", "this is a folder; give a file"),
    "file-unreadable": ("无法读取（{reason}）；请检查权限", "cannot be read ({reason}); check its permissions"),
    "file-unwritable": ("无法写入（{reason}）；请检查文件夹和磁盘空间", "cannot be written ({reason}); check the folder and the disk"),
    "file-too-large": ("文件超过 {limit} MiB；请拆分或删去无关内容", "the file is larger than {limit} MiB; split it or leave out what is not needed"),
    "file-not-text": ("不是 UTF-8 文本；请另存为 UTF-8 编码的 YAML 或 JSON", "this is not UTF-8 text; save it as YAML or JSON in UTF-8"),
    "file-empty": ("文件是空的；请写入内容", "the file is empty; write something into it"),
    "yaml-broken": ("YAML 或 JSON 语法错误（{reason}）；请检查缩进、引号和括号", "YAML or JSON is broken ({reason}); check indentation, quotes and brackets"),
    "yaml-several": ("一个文件只能有一份内容；请删去“---”之后的部分", "one file holds one document; remove what follows '---'"),
    "yaml-tag": ("不接受标签 {tag}；请直接写值", "the tag {tag} is not taken; write the value itself"),
    "yaml-key": ("键必须是文字；请改写", "a key must be text; write it as text"),
    "yaml-repeated-key": ("键“{key}”重复，第 {line} 行已经有了；请删去一处", "the key {key!r} is repeated, it stands in line {line} already; remove one"),
    "yaml-too-deep": ("嵌套超过 {limit} 层；请减少层次", "nested more than {limit} deep; make it flatter"),
    "yaml-too-many": ("内容超过 {limit} 项（或由别名展开而成）；请拆分", "more than {limit} values (counting what aliases expand to); split it"),
    "yaml-long-text": ("一个值超过 {limit} 个字符；请缩短", "a value is longer than {limit} characters; shorten it"),
    "yaml-self-alias": ("别名 {anchor} 引用了自己；请写出内容", "the alias {anchor} refers to itself; write the content out"),
    "yaml-unknown-alias": ("别名 {anchor} 没有定义；请写出内容", "the alias {anchor} is not defined; write the content out"),
    "field-missing": ("缺少“{name}”；请补上", "{name!r} is missing; add it"),
    "field-extra": ("没有“{name}”这个字段；可用：{known}", "there is no field {name!r}; there is: {known}"),
    "flag-bad": ("“{text}”不是 true 或 false；请改为其中之一", "{text!r} is neither true nor false; write one of them"),
    "day-bad": ("“{text}”不是确切日期；请写成 2024-12-25", "{text!r} is not a day; write it like 2024-12-25"),
    "count-bad": ("“{text}”不是整数；请写整数", "{text!r} is not a whole number; write one"),
    "choice-bad": ("“{text}”不在可选范围：{expected}", "{text!r} is none of: {expected}"),
    "text-bad": ("“{text}”的写法或长度不合要求；请改写", "{text!r} is not of the right form or length; rewrite it"),
    "shape-text": ("这里应当是一个值；请写成文字或数字", "a single value is needed here; write a text or number"),
    "shape-table": ("这里应当是“键: 值”；请改写", "'key: value' pairs are needed here; rewrite it"),
    "shape-list": ("这里应当是列表；请以“- ”逐项列出", "a list is needed here; write the items with '- '"),
    "shape-other": ("形式不对（{reason}）；请对照说明改写", "the form is wrong ({reason}); see the reference"),
    "amount-unreadable": ("“{text}”不是数字；请写成 78067.85万元、≈1.14亿元 或 1..2万元", "{text!r} is no figure; write it like 78067.85万元, ≈1.14亿元 or 1..2万元"),
    "amount-unit": ("“{text}”没有单位或单位不对；单位应为 {unit}，例如 {example}", "{text!r} has no unit or a wrong one; the unit is {unit}, as in {example}"),
    "amount-too-fine": ("“{text}”的小数位超过可记录的精度；请核对数字", "{text!r} has more decimals than can be held; check the figure"),
    "amount-too-small": ("“{text}”低于下限 {least}；请核对符号和数字", "{text!r} is below the least possible, {least}; check sign and figure"),
    "amount-too-great": ("“{text}”超过上限 {most}；请核对数字", "{text!r} is above the greatest possible, {most}; check the figure"),
    "amount-too-large": ("“{text}”大得不合理；请核对单位", "{text!r} is too large to be true; check the unit"),
    "ratio-unit": ("“{text}”应写成百分比，例如 29.40%", "{text!r} must be a percentage, such as 29.40%"),
    "count-unit": ("“{text}”应为整数，不带金额单位", "{text!r} must be a whole number without a unit of money"),
    "range-reversed": ("“{text}”的下限大于上限；请对调", "the range {text!r} ends before it begins; swap its ends"),
    "date-unreadable": ("“{text}”不是日期；请写成 2024-12-25、2024-12 或 2024", "{text!r} is no date; write it like 2024-12-25, 2024-12 or 2024"),
    "date-impossible": ("没有“{text}”这一天；请核对", "there is no such day as {text!r}; check it"),
    "date-far": ("“{text}”的年份不在 {first} 至 {last} 之间；请核对", "the year of {text!r} is not within {first} to {last}; check it"),
    "code-bad": ("证券代码“{text}”不是六位数字；请加引号写全，保留前导零，例如 \"000001\"", "the stock code {text!r} is not six digits; write it whole in quotes with its leading zeros, as in \"000001\""),
    "kind-value": ("“{text}”不在可选范围：{members}", "{text!r} is none of: {members}"),
    "key-missing": ("这一项没有“{name}”；请给出唯一的编号或名称", "this item has no {name!r}; give it an id or name of its own"),
    "key-repeated": ("“{name}”重复，第 {line} 行已经有了；请改名", "{name!r} is repeated, it stands in line {line} already; rename one"),
    "key-characters": ("“{name}”不能含有方括号；请改名", "{name!r} must not hold square brackets; rename it"),
    "reference-unknown": ("“{list}”中没有“{name}”；请核对或补充", "there is no {name!r} in {list!r}; check or add it"),
    "path-unknown": ("没有“{path}”这个事实；请核对路径", "there is no fact {path!r}; check the path"),
    "path-type": ("“{path}”的类型应为{expected}；请核对路径", "{path!r} must be a {expected}; check the path"),
    "judgement-path": ("“{path}”不是需要判断的事项；请写入事实本身", "{path!r} is not a matter of judgement; state it as a fact"),
    "judgement-twice": ("“{path}”已经作过判断；请只保留一处", "{path!r} is judged already; keep one"),
    "party-taken": ("“{party}”代表申报材料本身；请改用作答者的名称", "{party!r} stands for the filing itself; name the party that answers"),
    "revises-refused": ("尚不能只写与另一份材料的差异；请删去 revises，写出完整材料", "a filing cannot yet be written as changes to another; remove 'revises' and write it whole"),
    "schema-unknown": ("格式版本“{text}”不认识；应为 {expected}", "the form {text!r} is not known; it should be {expected}"),
    "pack-other": ("本文件用于规则库“{text}”，当前规则库是“{expected}”；请更换其一", "this file is for the pack {text!r}, the pack in use is {expected!r}; change one"),
    "document-unknown": ("文件清单中没有“{name}”；请在 documents 中登记", "{name!r} is not among the documents; enter it there"),
    "rule-unknown": ("没有“{name}”这条规则；可用：{known}", "there is no rule {name!r}; there is: {known}"),
    "table-width": ("该行有 {found} 个数，表头有 {expected} 列；请核对", "this row has {found} figures, the head has {expected} columns; check it"),
    "pack-absent": ("没有这个规则库文件夹；请核对路径", "there is no such pack folder; check the path"),
    "pack-too-many-files": ("规则库超过 {limit} 个文件；请合并", "the pack has more than {limit} files; join some"),
    "pack-twice": ("“{name}”已在别处定义；请只保留一处", "{name!r} is defined elsewhere already; keep one"),
    "pack-base": ("找不到作为基础的规则库“{name}”；请核对 extends", "there is no pack {name!r} to extend; check extends"),
    "pack-house": (
        "“{name}”属于扩展的规则库，性质只能是 house；基础规则库的条文不能由此增改",
        "{name!r} stands in a pack that extends another and can only be of force house; the law stays as its own pack has it",
    ),
    "pack-base-part": ("“{name}”由基础规则库规定；请删去", "{name!r} is for the pack that is extended to say; remove it"),
    "pack-without": ("规则库缺少“{name}”；请补上", "the pack has no {name!r}; add it"),
    "kind-bad": ("“{name}”的成员超过 {limit} 个，或与已有类型同名；请修改", "{name!r} has more than {limit} members or the name of a built-in type; change it"),
    "entity-unknown": ("没有“{name}”这个实体；请核对", "there is no entity {name!r}; check it"),
    "part-one": ("“{name}”应写 entity（一项）或 list（列表，带 label）之一；请改写", "{name!r} is an entity or a list with a label, one of them; rewrite it"),
    "list-unknown": ("申报材料中没有“{name}”这个列表；请核对", "the filing has no list {name!r}; check it"),
    "type-unknown": ("没有“{name}”这个类型；请核对", "there is no type {name!r}; check it"),
    "question-unknown": ("没有“{name}”这个问题；请在 questions 中写出", "there is no question {name!r}; write it under questions"),
    "question-missing": ("“{name}”由判断确定，却没有写明问题；请补 question", "{name!r} is settled by judgement but names no question; add one"),
    "open-when-settled": ("“{name}”有 open_when，却不是由判断确定；请写 settled_by: judgement", "{name!r} has open_when but is not settled by judgement; write settled_by: judgement"),
    "dates-order": ("{day} 没有晚于前一个日期；请按先后排列", "{day} does not come after the day before it; put them in order"),
    "dates-none": ("“{name}”没有任何生效日期；请至少写一个", "{name!r} has no dated value; write one at least"),
    "cite-none": ("“{name}”没有引用依据；请写明 cite", "{name!r} cites nothing; add a citation"),
    "cite-instrument": ("引用“{text}”找不到文件；可用：{known}", "the citation {text!r} names no known instrument; there is: {known}"),
    "cite-article": ("引用“{text}”在 {instrument} 中找不到；请核对条款", "the citation {text!r} is not found in {instrument}; check the article"),
    "member-unknown": ("“{name}”不是 {kind} 的成员；可用：{members}", "{name!r} is no member of {kind}; there is: {members}"),
    "literal-unreadable": ("“{text}”不是确切的金额、比例或日期；请改写", "{text!r} is no exact amount, ratio or day; rewrite it"),
    "reading-options": ("“{name}”至少要有两种理解；请补充", "{name!r} needs two options at least; add one"),
    "reading-default": ("默认理解“{name}”不在其中：{options} 或 both", "the default {name!r} is none of: {options} or both"),
    "reading-unknown": ("没有“{name}”这个理解；请在 readings 中写出", "there is no reading {name!r}; write it under readings"),
    "expression-empty": ("公式是空的；请写出", "the formula is empty; write it"),
    "expression-long": ("公式超过 {limit} 个字符；请拆成 term 或 measure", "the formula is longer than {limit} characters; split it into terms or measures"),
    "expression-large": ("公式超过 {limit} 个节点；请拆成 term 或 measure", "the formula has more than {limit} nodes; split it into terms or measures"),
    "expression-deep": ("公式嵌套超过 {limit} 层；请拆成 term 或 measure", "the formula is nested more than {limit} deep; split it into terms or measures"),
    "expression-syntax": ("公式写错了：{text}；请检查括号和运算符", "the formula is broken: {text}; check brackets and operators"),
    "expression-refused": ("公式语言中没有“{what}”；请对照语言说明改写", "the language has no {what!r}; see its reference"),
    "name-unknown": ("没有“{name}”这个名称；请核对字段、参数、指标的名称", "there is no {name!r}; check the names of fields, parameters and measures"),
    "name-taken": ("名称“{name}”已有他用；请改名", "the name {name!r} is taken; choose another"),
    "field-unknown": ("{entity} 没有“{name}”；请核对", "{entity} has no {name!r}; check it"),
    "term-circular": ("“{name}”引用了自己；请拆开", "{name!r} refers to itself; take it apart"),
    "type-expected": ("这里需要 {expected}，实际是 {found}；请改写", "a {expected} is needed here, this is a {found}; rewrite it"),
    "type-value": ("公式应得出数、日期或真假，实际是 {found}；请改写", "a formula yields a number, a day or a truth, this is a {found}; rewrite it"),
    "type-units": ("{left} 与 {right} 单位或类型不同，不能相比或相加；请改写", "{left} and {right} differ in unit or type and cannot be compared or added; rewrite it"),
    "type-order": ("{found} 没有大小之分，只能用 == 或 !=；请改写", "a {found} has no order, only == and != apply; rewrite it"),
    "type-attribute": ("{found} 没有“{name}”这样的属性；请改写", "a {found} has no attribute {name!r}; rewrite it"),
    "type-set": ("in 的右边应是 {{甲, 乙}} 或一个集合参数；请改写", "what follows 'in' is {{a, b}} or a parameter that is a set; rewrite it"),
    "type-set-alone": ("集合只能用在 in 的右边；请改写", "a set stands after 'in' only; rewrite it"),
    "type-months": ("月数应为整数；请改写", "months are whole numbers; rewrite it"),
    "function-unknown": ("没有函数“{name}”；可用：{known}", "there is no function {name!r}; there is: {known}"),
    "function-arguments": ("函数“{name}”的参数不对；请对照语言说明", "the arguments of {name!r} are wrong; see the language's reference"),
    "loop-name": ("循环变量“{name}”与已有名称冲突；请改名", "the loop name {name!r} is taken; choose another"),
    "day-unknown": ("没有“{name}”这个日期；可用：{known}", "there is no day {name!r}; there is: {known}"),
    "day-needed": ("公式用到 on，请在 held_on 中写明对照哪些日期", "the formula uses 'on'; name the days under held_on"),
    "exception-one": ("例外应当写 limit 或 require 之一；请改写", "an exception has a limit or a requirement, one of them; rewrite it"),
    "premise-one": ("前提应写 {known} 之一；请改写", "a premise names one of {known}; rewrite it"),
    "premise-unknown": ("{kind} 中没有“{name}”；请核对", "there is no {name!r} among {kind}; check it"),
    "message-broken": ("文字中的花括号不成对；请修改", "the braces of the message do not match; mend them"),
    "placeholder-unknown": ("没有占位符“{name}”；可用：{known}", "there is no placeholder {name!r}; there is: {known}"),
    "placeholder-missing": ("占位符“{name}”只出现在 {lang}，{other} 中没有；请补上", "the placeholder {name!r} stands in {lang} only, not in {other}; add it"),
    "variable-idle": ("没有规则用到“{path}”，也没有规则用到随它变动的事实；请删去这个变量或者核对路径", "no rule reads {path!r} or anything that moves with it; remove the variable or check the path"),
    "variable-words": ("“{path}”的方向只能写 {known}", "{path!r} can only go {known}"),
    "variable-step": ("“{text}”不能作为“{path}”的最小变动单位；请写成 {example}", "{text!r} is no step of {path!r}; write it like {example}"),
    "variable-from": ("只有日期变量可以写 from", "only a variable that is a day has 'from'"),
    "ways-none": ("变量“{name}”没有写明怎样变动；请在 ways 中至少写一种", "the variable {name!r} has no way to move; give one under 'ways'"),
    "move-itself": ("“{path}”就是变量本身；请删去", "{path!r} is the variable itself; remove it"),
    "move-twice": ("“{path}”在同一方式中出现了两次；请合并", "{path!r} moves twice in one way; join them"),
    "move-unit": ("“{path}”的类型是 {found}，不能按“{by}”随 {expected} 变动；请核对", "{path!r} is of type {found} and cannot move by {by!r} with one of type {expected}; check it"),
    "move-against": ("“{by}”没有反方向；请删去 against", "{by!r} has no other direction; remove 'against'"),
    "move-list": ("“{by}”和 where 只用于列表各项的字段（list[].field）；请改写", "{by!r} and 'where' are for a field of the items of a list (list[].field); rewrite it"),
    "tests-without": ("没有结果为 {verdict} 的测试；每条规则至少要有符合、不符合、资料不足各一", "there is no test with verdict {verdict}; each rule needs one that passes, one that fails and one that lacks a fact"),
    "usage": ("{reason}", "{reason}"),
}
# fmt: on

# How the YAML parser says what is wrong, in Chinese; what is not here stands as the parser says it.
BROKEN: Mapping[str, str] = {
    "did not find expected ',' or '}'": "缺少逗号或右花括号",
    "did not find expected ',' or ']'": "缺少逗号或右方括号",
    "did not find expected key": "这里应当是键",
    "did not find expected '-' indicator": "这里应当是“- ”",
    "did not find expected <document start>": "内容结束之后还有内容",
    "could not find expected ':'": "缺少冒号",
    "mapping values are not allowed in this context": "这里不能有“键: 值”",
    "block sequence entries are not allowed in this context": "这里不能有“- ”",
    "found character that cannot start any token": "值不能以制表符或这个符号开头",
    "found unexpected end of stream": "引号没有收尾",
    "found unexpected document indicator": "引号没有收尾",
    "found unknown escape character": "不认识的转义符",
}

# What reports and the terminal say.
_WORDS: Mapping[str, tuple[str, str]] = {
    "pass": ("符合", "pass"),
    "fail": ("不符合", "fail"),
    "judgement": ("需人工判断", "judgement"),
    "missing": ("资料不足", "missing"),
    "not_applicable": ("不适用", "not applicable"),
    "condition": ("发行条件", "condition"),
    "examined": ("审核关注", "examined"),
    "disclosure": ("信息披露", "disclosure"),
    "house": ("内部标准", "house"),
    "as_of": ("核查基准日", "as of"),
}

TEXTS: Mapping[str, Mapping[Lang, str]] = {code: {"zh": zh, "en": en} for code, (zh, en) in {**_MISTAKES, **_WORDS}.items()}


def listed(names: Iterable[str]) -> Mapping[Lang, str]:
    """Names one after the other, as each language separates them."""
    parts = list(names)
    return {"zh": "、".join(parts), "en": ", ".join(parts)}


def word(code: str, lang: Lang, **values: object) -> str:
    """A text of the program in a language, its placeholders filled."""
    return TEXTS[code][lang].format(**values)
