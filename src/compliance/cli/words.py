"""What the command line itself says, in Chinese and in English, with the same placeholders in both."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "interrupted": ("已中断（{signal}）；没有写出文件", "interrupted ({signal}); nothing was written"),
    "fault": (
        "这是程序的错误，不是您的文件有误（{kind}：{text}）；设置环境变量 {variable}=1 再运行一次可得到详细信息",
        "this is a fault of the program, not of your files ({kind}: {text}); run again with {variable}=1 set for the details",
    ),
    "usage": ("用法有误：{reason}；见 {help}", "bad usage: {reason}; see {help}"),
    "usage-option": ("没有 {name} 这个选项{near}", "there is no option {name}{near}"),
    "usage-near": ("，是否指 {names}", ", did you mean {names}"),
    "usage-verb": ("没有 {name} 这个命令{near}", "there is no command {name}{near}"),
    "usage-missing": ("缺少 {name}", "{name} is missing"),
    "usage-argument": ("{name} 需要一个值", "{name} takes a value"),
    "usage-choice": ("{name} 只能是 {choices}", "{name} is one of {choices}"),
    "usage-extra": ("多余的参数：{text}", "more arguments than there can be: {text}"),
    "usage-other": ("{text}", "{text}"),
    "mistakes-more": (
        "还有 {count} 处错误没有列出；改正以上各处后再运行一次",
        "{count} more mistakes are not listed; mend these and run again",
    ),
    "checking": ("正在核查……", "checking …"),
    "working": ("正在计算……", "working …"),
    "texts-forms": ("--texts 只用于 --format md、html 和 docx", "--texts goes with --format md, html and docx"),
    "beside-forms": (
        "--full 和 --with 只用于 --format {forms}，所选格式不展示这些内容",
        "--full and --with go with --format {forms}; the form asked for does not show what they bring",
    ),
    "party-docx": ("--party 只用于 --format docx", "--party goes with --format docx only"),
    "written": ("已写入 {path}", "written to {path}"),
    "form-out": ("Excel 填报表须写入文件：加上 --out 文件名.xlsx", "a workbook needs a file to go to: add --out NAME.xlsx"),
    "form-yaml": (
        "YAML 填报表的文件名须以 .yaml 或 .yml 结尾；要 Excel 填报表，请加上 --format xlsx",
        "a form in YAML is named .yaml or .yml; for a workbook add --format xlsx",
    ),
    "form-there": ("已有这个文件，里面可能已填内容", "this file is there already and may be filled in"),
    "form-ending": ("文件名须以 .xlsx、.yaml 或 .json 结尾", "the file's name ends in .xlsx, .yaml or .json"),
    "out-special": ("不是普通文件", "not a regular file"),
    "out-input": ("会覆盖输入文件", "it would overwrite an input"),
    "lint-good": ("{name}：没有发现错误（事实{facts}项，清单条目{items}个）", "{name}: no mistakes found ({facts} facts, {items} items)"),
    "pack-good": (
        "{name}：没有发现错误（规则{rules}条、参数{parameters}个、理解分歧{readings}处、法规文件{instruments}件）",
        "{name}: no mistakes found ({rules} rules, {parameters} parameters, {readings} readings, {instruments} instruments)",
    ),
    "tests-good": ("{count}个测试全部符合预期", "all {count} tests came out as expected"),
    "tests-bad": ("{count}个测试中有{bad}个不符合预期", "{bad} of {count} tests did not come out as expected"),
    "test-bad": ("{place}: {rule}：{name}：{text}", "{place}: {rule}: {name}: {text}"),
    "trial": (
        "试算：申报文件写的是“{before}”，本次按“{after}”核查，申报文件没有改动",
        "a trial: the filing says {before!r}, checked here as {after!r}; the filing itself is untouched",
    ),
    "trial-absent": (
        "试算：申报文件没有写明，本次按“{after}”核查，申报文件没有改动",
        "a trial: the filing does not say; checked here as {after!r}, the filing itself is untouched",
    ),
    "upcoming": (
        "{rule} 自{day}起施行，在适用法律的日期尚未生效",
        "{rule} is in force from {day} on, after the day whose law applies",
    ),
    "not-in-force": ("{rule} 在适用法律的日期没有有效条文", "{rule} has no law in force on the day whose law applies"),
    "demo-what": (
        "下面是几家真实发行人。公开文件里写明的事实交给规则库，逐条给出结论：符合、不符合、需人工判断、资料不足或不适用。"
        "文件没有写的一律留空，不猜，所以未定的多；每一条都写明还缺什么、向谁要。“取决于判断”是说现在符合，换一种判断就未必。"
        "机器核查不是法律意见。",
        "Real issuers follow. What their public documents say went to the rule book, which gives a verdict on each rule: met, not met, "
        "for people to judge, facts missing, or not applicable. What the documents do not say was left out, not guessed, so much is "
        "open; of each open finding the reports say what is lacking and who has it. A pass that hangs on judgement stands on the "
        "answers given, and others may turn it. A machine check is no legal opinion.",
    ),
    "demo-written": (
        "每个案例的完整报告在 {folder}，文件名是证券代码：",
        "The full reports, named by the code of the case, are in {folder}:",
    ),
    "demo-html": ("网页，双击即可离线打开，先看这个", "a page that opens from disk: look at this first"),
    "demo-docx": ("核查表和逐条比对表", "the tables that are filed"),
    "demo-xlsx": ("复核用的工作簿", "the workbook for review"),
    "demo-text": ("终端所示的摘要", "the summary as in the terminal"),
    "demo-md": ("全部结论，纯文本", "all findings as plain text"),
    "demo-json": ("核查记录，供程序读取", "the record, for programs"),
    "demo-office": (
        "没有安装 Word 和 Excel 组件，未写出 .docx 和 .xlsx：pip install 'compliance[office]'",
        "no .docx and .xlsx, for the libraries for Word and Excel are not installed: pip install 'compliance[office]'",
    ),
    "demo-next": ("接着可以看（一条结论、各路径、还缺什么）：", "What to look at next (one finding, the routes, what is missing):"),
    "demo-own": ("换成自己的项目（要一张填报表，填好再核查）：", "Your own offering (a form to fill in, then the check):"),
    "looking": ("正在清点输入……", "looking through the input …"),
    "summing": ("正在汇总……", "summing up …"),
    "screen-days": ("--days 和 --as-of 只能给一个", "give --days or --as-of, not both"),
    "screen-as-of-idle": (
        "--from 和 --to 都是日期时，--as-of 没有作用",
        "--as-of has no part where both --from and --to are days",
    ),
    "screen-sides": ("--from 和 --to 是同一天、同一套规则库", "--from and --to are the same day and the same pack"),
    "screen-side": (
        "“{text}”既不是日期（YYYY-MM-DD），也不是规则库文件夹",
        "{text} is neither a day (YYYY-MM-DD) nor the folder of a pack",
    ),
    "screen-ending": ("文件名须以 .jsonl 或 .parquet 结尾", "the file's name ends in .jsonl or .parquet"),
    "screen-progress": ("{done}/{items} 份，每秒 {rate} 份，还需 {left}", "{done} of {items}, {rate} a second, {left} left"),
    "screen-complete": ("{path} 已经完成，没有要做的", "{path} is complete; there is nothing left to do"),
    "screen-stopped": (
        "已中断（{signal}）；已完成的部分保留在 {path}，用同样的命令继续",
        "interrupted ({signal}); what is done is kept in {path}: the same command goes on",
    ),
    "screen-done": (
        "已写入 {path}：截至{days}，{items}份，{errors}份有误（见 errors.csv），结论{findings}条，其中{scalar}条用逐份形式计算",
        "written to {path}: as of {days}, {items} filings, {errors} with mistakes (errors.csv), {findings} findings, "
        "{scalar} of them decided one by one",
    ),
    "screen-scenario": ("情形：{scenario}（并非申报原文）", "scenario: {scenario} (not as filed)"),
    "screen-mistake": ("  {count}处，例如 {place}：{text}", "  {count} like {place}: {text}"),
    "screen-explained": (
        "已写入 {path}：{findings}条结论，出自{read}份申报文件，其中{errors}份有误（见结果的 errors.csv）",
        "written to {path}: {findings} findings of {read} filings, {errors} of them with mistakes (errors.csv of the results)",
    ),
    "screen-all": (
        "与 --all 同用时请改用 --issuer、--rule 挑选",
        "with --all, pick with --issuer and --rule",
    ),
    "screen-alone": ("只能与 --all 同用", "goes with --all alone"),
    "screen-needs": ("缺少这一项", "it has to be given"),
    "screen-lines": ("文件名须以 .jsonl 或 .jsonl.gz 结尾", "the file's name ends in .jsonl or .jsonl.gz"),
    "query-more": ("只显示前 {count} 行", "the first {count} rows are shown"),
}


def say(code: str, lang: str, /, **values: object) -> str:
    """A text of the command line in a language, its placeholders filled."""
    return WORDS[code][lang == "en"].format(**values)
