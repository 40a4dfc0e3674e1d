"""What comes first in every report: the one sentence, what is looked for first, the headings of the terminal."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "open": ("未定", "open"),
    # the one sentence
    "say-fail": (
        "{who}：截至{day}，{total}项{condition}中{fail}项不符合{more}。",
        "{who}: as of {day}, {condition}s that fail: {fail} of {total}{more}.",
    ),
    "say-open": (
        "{who}：截至{day}，{total}项{condition}中{open}项未定，没有不符合的{more}。",
        "{who}: as of {day}, no {condition} fails; open: {open} of {total}{more}.",
    ),
    "say-pass": (
        "{who}：截至{day}，{total}项{condition}全部符合{more}。",
        "{who}: as of {day}, every {condition} that applies is met, {total} in all{more}.",
    ),
    "say-none": ("{who}：截至{day}，没有一项{condition}适用。", "{who}: as of {day}, no {condition} applies."),
    "say-strict": ("（含条件以外的规则）", " (rules other than conditions included)"),
    "more-open": ("，另有{open}项未定", "; open: {open}"),
    "more-fragile": ("；有{fragile}项的符合结论取决于判断", "; passes that hang on judgement: {fragile}"),
    # at a glance
    "gl-head": ("要点", "At a glance"),
    "gl-fails": ("不符合", "Fails"),
    "gl-open": ("未定", "Open"),
    "gl-who": ("由谁补齐", "Who has to bring what"),
    "gl-fragile": ("取决于判断", "Hangs on judgement"),
    "gl-size": ("最大规模", "How large"),
    "gl-early": ("最早何时", "How early"),
    "gl-reach": ("最大规模、最早何时", "How large, how early"),
    "gl-unknown": ("本次没有测算（check --full 或 compliance routes）", "not worked out here (check --full, or compliance routes)"),
    "gl-no-route": ("没有写明{route}，不能测算", "no {route} is stated, so there is nothing to work out"),
    "gl-opened": (
        "{counts}，其中{condition}{n}项；须补充或判断{items}项，单独一项即可定的规则{alone}条",
        "{counts}; {condition}s among them: {n}. To bring or to judge: {items}; rules that one item alone settles: {alone}",
    ),
    "gl-party": ("{items}项，单独一项即可定的规则{n}条；先补：{first}", "{items}; rules that one alone settles: {n}; first: {first}"),
    "gl-party-none": ("{items}项；先定：{first}", "{items}; first: {first}"),
    "gl-others": ("另有{n}方，见待办", "others: {n}, see what is to be done"),
    # headings of the terminal report
    "head-fail": ("不符合（{n}项）", "Fails ({n})"),
    "head-open": ("需人工判断（{n}项）", "For people to judge ({n})"),
    "head-missing": ("资料不足（{n}项）", "Facts missing ({n})"),
    "missing-first": (
        "先补下列资料，能定的最多（全部见 compliance facts missing）：",
        "Bring these first, they settle most (all of them: compliance facts missing):",
    ),
    "head-fragile": ("符合，但取决于判断（{n}项）", "Passes that hang on judgement ({n})"),
    "rest": ("其余：{parts}（逐条见 --format html 或 md）。", "The rest: {parts} (one by one: --format html or md)."),
    "rest-robust": ("{n}项符合且稳固", "robust passes: {n}"),
    "rest-not-applicable": ("{n}项不适用", "not applicable: {n}"),
    "rest-none": ("其余：无。", "The rest: none."),
    "upcoming": ("适用法律之日尚未施行：{names}。", "Not yet in force on the day whose law is applied: {names}."),
    "draft-one": (
        "未施行的征求意见稿：{title}（{day}），本次没有适用，会影响：{rules}。",
        "A draft that is not in force: {title} ({day}); not applied here, it would change: {rules}.",
    ),
    "upcoming-one": ("{rule}（{day}起）", "{rule} (from {day})"),
    "agreement": (
        "与申报文件自身的结论：{same}项一致，{other}项不一致。",
        "Against the filing's own conclusions: agree: {same}, differ: {other}.",
    ),
    "disagrees": (
        "{rule}：申报文件认为{theirs}，本次核查为{ours}。{text}",
        "{rule}: the filing concludes {theirs}, this check finds {ours}. {text}",
    ),
    "ties": ("勾稽：{rounding}处为四舍五入尾差，{mismatch}处不符。", "Printed totals: rounding tails {rounding}, mismatches {mismatch}."),
    "tie-bad": (
        "{name}（{column}）：逐项合计{computed}，印出的合计{stated}，相差{difference}",
        "{name} ({column}): the items add up to {computed}, the printed total is {stated}, difference {difference}",
    ),
    "assumed": ("认定前提{n}项，见 --format md 或 json。", "Taken for granted: {n}, see --format md or json."),
    "assumed-most": ("其中涉及条件最多的：", "Of these, what bears on most conditions:"),
    "assumed-for": ("{text}（{n}项条件）", "{text} (conditions: {n})"),
    "basis": (
        "依据：规则库 {pack} {version}（{pack_hash}），申报事实 {facts_hash}，程序 {engine}。",
        "Made from: rule book {pack} {version} ({pack_hash}), facts {facts_hash}, program {engine}.",
    ),
    "route": ("{label}：{route}", "{label}: {route}"),
    "route-assumed": ("{label}：{route}（{reason}）", "{label}: {route} ({reason})"),
    "unnamed": ("名称未填", "no name given"),
    "issuer": ("{name}（{code}）", "{name} ({code})"),
}
