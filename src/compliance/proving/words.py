"""What the proofs of a pack say, in Chinese and in English, with the same placeholders in both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compliance.vocabulary import Text

# ruff: noqa: E501  A text stands on one line, so that its two languages can be compared.
# fmt: off

WORDS: Mapping[str, tuple[str, str]] = {
    "made-good": ("{count}个临界取值全部与记录一致", "all {count} boundary values came out as recorded"),
    "made-bad": ("{count}个临界取值中有{bad}个与记录不一致；若规则确应改变，请用 --write-boundaries 重新生成", "{bad} of {count} boundary values differ from the record; if the rule was meant to change, make them anew with --write-boundaries"),
    "made-miss": ("{rule}：{test}：{path}为{value}时，记录为{expected}，现为{found}", "{rule}: {test}: {path} at {value} was {expected}, is {found}"),
    "made-gone": ("{rule}：{test}：{path}已不能代入", "{rule}: {test}: {path} can no longer be put"),
    "hole": ("{rule}：{day}，{what}有{count}个版本，应恰有一个", "{rule}: on {day} {what} has {count} versions; it should have one"),
    "made-written": ("已生成{count}个临界测试", "{count} boundary tests were made"),
    "survived": ("未被发现：{place}：{id}", "not noticed: {place}: {id}"),
    "score": ("改动{counted}处，测试发现{noticed}处（自带测试{inline}处，临界测试{made}处），占{share}；未发现{survived}处，等效{excused}处", "{counted} changes, {noticed} noticed ({inline} by tests beside the rules, {made} by boundary tests), {share}; {survived} not noticed, {excused} the same in effect"),
    "automated": ("自动核查", "automated"),
    "asked": ("提问", "asked"),
    "out_of_scope": ("不在范围内", "out of scope"),
    "missing": ("尚未编入", "missing"),
    "two_copies": ("两份文本", "two copies"),
    "one_copy": ("一份文本", "one copy"),
    "press": ("仅见报道", "press only"),
    "not_found": ("未见文本", "no text found"),
    "": ("—", "—"),
    "row": ("编号", "Row"),
    "content": ("内容", "What it is"),
    "sourced": ("文本来源", "Text"),
    "state": ("处理", "State"),
    "rules": ("规则", "Rules"),
    "tests": ("测试", "Tests"),
    "no-title": ("（目录中没有）", "(not in the catalogue)"),
    "totals": ("共{count}行：{parts}", "{count} rows: {parts}"),
    "total": ("{state}{n}行", "{state} {n}"),
    "coverage": ("规则目录的覆盖情况", "What the catalogue's rows have come to"),
    "coverage-how": ("由 `compliance rules coverage --format md --out docs/coverage.md` 生成。只有自带测试经过的行才计为自动核查或提问。", "Made by `compliance rules coverage --format md --out docs/coverage.md`. A row counts as automated or asked only where a test beside a rule passes through it."),
    "added": ("新增", "added"),
    "removed": ("删去", "removed"),
    "changed": ("变更", "changed"),
    "part-rules": ("规则", "Rules"),
    "part-parameters": ("限额和参数", "Limits and parameters"),
    "part-instruments": ("文件版本", "Versions of instruments"),
    "part-readings": ("不同理解", "Readings"),
    "restated": ("要求", "requirement"),
    "force": ("性质", "force"),
    "days": ("施行日期", "days in force"),
    "covers": ("目录编号", "rows"),
    "citations": ("引用", "citations"),
    "exceptions": ("例外", "exceptions"),
    "formula": ("公式", "formula"),
    "rule": ("规则", "Rule"),
    "pages-how": ("由 `compliance rules pages --out docs/rules` 生成，请勿手工修改。", "Made by `compliance rules pages --out docs/rules`; not to be changed by hand."),
    "force-condition": ("发行条件", "condition"),
    "force-examined": ("审核关注", "examined"),
    "force-disclosure": ("信息披露", "disclosure"),
    "force-house": ("内部标准", "house"),
    "confirmed": ("已与官方文本核对", "held against the official text"),
    "unconfirmed": ("未与官方文本核对", "not held against the official text"),
    "facts": ("所需事实", "Facts needed"),
    "fact": ("字段", "Field"),
    "what": ("含义", "What it is"),
    "who": ("提供方", "From"),
    "document": ("所在文件", "Where it stands"),
    "limits": ("限额和参数", "Limits and parameters"),
    "law-days": ("日期", "Days"),
    "law-by": ("适用法律按下列首个已知日期确定", "the law of the first of these days that is known"),
    "held-on": ("期间对照下列各日", "windows are held against each of these days"),
    "readings": ("不同理解", "Readings"),
    "default": ("默认", "by default"),
    "both": ("两种均计算", "both are computed"),
    "cases": ("案例", "Cases"),
    "diff-line": ("{kind}  {id}  {title}", "{kind}  {id}  {title}"),
    "diff-aspect": ("{kind}  {id}  {title}（{aspect}）", "{kind}  {id}  {title} ({aspect})"),
    "diff-before": ("原：{text}", "was: {text}"),
    "diff-after": ("现：{text}", "now: {text}"),
    "diff-none": ("没有差异。", "Nothing differs."),
    "fault": ("{key}：应为{wanted}，实为{found}", "{key}: {wanted} was expected, {found} was found"),
    "mutants": ("改动规则库，看测试能否发现", "What the tests notice when the book is changed"),
    "mutants-how": ("由 `compliance rules test rules/cn-refinancing --mutate --out docs/mutants.md` 生成。每次只改动一处：限额、比较符号、月数、日期、单位、枚举成员、不同理解的默认项、例外。", "Made by `compliance rules test rules/cn-refinancing --mutate --out docs/mutants.md`. One thing is changed at a time: a limit, a comparison, a number of months, a day, a unit, a member of a kind, the default of a reading, an exception."),
    "mutants-left": ("未被发现", "Not noticed"),
    "mutants-none": ("无。", "None."),
    "mutants-excused": ("等效", "The same in effect"),
    "chapter": ("文件", "File"),
    "changes": ("改动", "Changes"),
    "by-inline": ("自带测试发现", "Noticed by tests beside the rules"),
    "by-made": ("临界测试发现", "By boundary tests"),
    "share": ("占比", "Share"),
    "all": ("合计", "All"),
    "parameters": ("限额和参数", "Limits and parameters"),
}
# fmt: on


def say(code: str, lang: str, /, **values: object) -> str:
    """A text in a language, its placeholders filled."""
    return WORDS[code][lang == "en"].format(**values)


def said(parts: Iterable[str]) -> Text:
    """Phrases one after the other, as each language separates them."""
    listed = list(parts)
    return {"zh": "；".join(listed), "en": "; ".join(listed)}
