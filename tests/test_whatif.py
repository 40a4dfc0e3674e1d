"""What-if: a point of a sweep is a check of the filing with that fact, turns are found to the unit, mistakes are told."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import checked as shared
from checked import machine
from command import filing, run, told
from compliance import dates, source
from compliance.cli.inputs import Case
from compliance.cli.whatif import shown, vary, written
from compliance.engine.axes import axes
from compliance.engine.record import check
from compliance.engine.subject import subject
from compliance.engine.vary import MANY, Grid, together, verdicts
from compliance.engine.verdict import NOT_IN_FORCE
from compliance.facts import loading
from compliance.facts.trial import Setting, parted
from compliance.reports.paper import COLUMNS
from compliance.reports.text import width
from compliance.reports.whatif import each_point
from compliance.source import Place, Problem
from edits import edited

FILE = Path(filing("300766"))
SWEPT = {
    "offering.gross_proceeds": ("working-capital-share", st.integers(1, 10**12).map(lambda fen: f"{fen // 100}.{fen % 100:02}元")),
    "uses[p1-rd].capitalised_share": (
        "working-capital-share",
        st.integers(0, 10**6).map(lambda part: f"={part // 10000}.{part % 10000:04}%"),
    ),
    "uses[p1-data].capital": ("working-capital-share", st.sampled_from(["true", "false"])),
    "offering.new_shares": ("issue-size", st.integers(0, 4 * 10**8).map(lambda shares: f"{shares}股")),
    "balance_sheet.parent_equity": ("financial-investment-share", st.integers(-(10**6), 10**12).map(lambda fen: f"{fen}元")),
    "subscribers[最大认购人].shares": ("control-against-newcomer", st.integers(0, 78434551).map(lambda shares: f"{shares}股")),
    "offering.board_date": (
        "directors-officers-sanctions",
        st.dates(dates.date(2022, 1, 1), dates.date(2026, 12, 31)).map(lambda day: day.isoformat()),
    ),
    "offering.route": ("public-offering-sanctions", st.sampled_from(["auction", "fixed", "rights", "simplified", "follow_on"])),
    "reading.share_base": ("issue-size", st.sampled_from(["published", "at_plan"])),
}


def case() -> Case:
    return shared.case("300766")


@cache
def whatif(*typed: str) -> dict[str, Any]:
    """The record of what would be: options as on the command line."""
    pairs = list(zip(typed[::2], typed[1::2], strict=True))
    options = {name: tuple(value for option, value in pairs if option == name) for name in ("--set", "--sweep", "--follows", "--rule")}
    problems: list[Problem] = []
    given = written(options["--set"], options["--sweep"], options["--follows"], problems)
    found = vary(case(), FILE, given, options["--rule"], (), None, problems)
    assert found is not None, problems
    return found


def outcome(record: dict[str, Any], rule: str) -> dict[str, Any]:
    """What became of a rule."""
    return next(one for one in record["rules"] if one["rule"] == rule)


def checked(path: str, value: str, rule: str) -> str:
    """The verdict that a check of the filing with one fact changed gives."""
    pack = case().pack
    if path.startswith("reading."):
        plain = source.parse(edited(FILE, pack.vocabulary), "edited")
        assert isinstance(plain, source.Table)
        node = source.parse(f"[{{path: {path}, answer: {value}}}]", "answer")
        judged = plain.entries["judgements"]
        assert isinstance(judged, source.Sequence) and isinstance(node, source.Sequence)
        plain = plain._replace(entries={**plain.entries, "judgements": judged._replace(items=(*judged.items, *node.items))})
    else:
        plain = source.parse(edited(FILE, pack.vocabulary, {path: value}), "edited")
    found = check(machine(), loading.read(plain, pack.vocabulary, pack.id, pack.options), case().as_of, {rule})
    return found["findings"][0]["verdict"] if found.get("findings") else NOT_IN_FORCE


@pytest.mark.parametrize("path", SWEPT)
def test_a_sweep_equals_single_checks(path: str) -> None:
    rule, values = SWEPT[path]

    @settings(max_examples=2)
    @given(st.lists(values, min_size=1, max_size=2, unique=True))
    def every_point(texts: list[str]) -> None:
        made = axes(case().pack, case().filing, [Setting(path, "|".join(texts), Place("sweep"))])
        grid = Grid(subject(machine(), case().filing, case().as_of), made)
        assert [word for word, _ in verdicts(grid, case().pack.rule(rule))] == [checked(path, text, rule) for text in texts]

    every_point()


@pytest.mark.parametrize(
    ("sweeps", "rule"),
    [
        ({"offering.gross_proceeds": "70000万元:80000万元:400万元"}, "working-capital-share"),
        ({"subscribers[最大认购人].shares": "40000000股:80000000股:1000000股"}, "control-against-newcomer"),
        (
            {"offering.board_date": "2022-01-01:2026-01-01:30d", "sanctions[criticism-fangyi].kind": "public_censure|other_penalty"},
            "financing-interval",
        ),
        ({"offering.board_date": "2022-01-01:2026-01-01:30d", "people[方毅].controller": "true|false"}, "directors-officers-sanctions"),
        ({"reading.share_base": "published|at_plan", "offering.new_shares": "110000000股:120000000股:1000000股"}, "issue-size"),
    ],
)
def test_many_points_together_are_what_each_gives(sweeps: dict[str, str], rule: str) -> None:
    pytest.importorskip("numpy")
    made = axes(case().pack, case().filing, [Setting(path, text, Place("sweep")) for path, text in sweeps.items()])
    grid = Grid(subject(machine(), case().filing, case().as_of), made)
    assert grid.size < MANY
    one_by_one = [*verdicts(grid, case().pack.rule(rule))]
    assert [*together(grid, case().pack.rule(rule))] == one_by_one
    assert len({word for word, _ in one_by_one}) > 1


def test_the_filing_is_as_before_after_a_sweep() -> None:
    before = check(machine(), case().filing, case().as_of, {"working-capital-share", "issue-size"})
    whatif("--sweep", "offering.gross_proceeds=1元:100万元:10万元", "--sweep", "offering.new_shares=1股:9股:4股")
    assert check(machine(), case().filing, case().as_of, {"working-capital-share", "issue-size"}) == before


# Figures of the case


def test_less_money_with_the_same_lines_turns_at_the_fen() -> None:
    found = outcome(whatif("--sweep", "offering.gross_proceeds=70000万元:80000万元:1000万元"), "working-capital-share")
    assert found["turns"] == [{"before": "765164666.66", "after": "765164666.67", "from": "fail", "to": "pass"}]
    assert found["runs"] == [{"verdict": "fail", "points": 7}, {"verdict": "pass", "points": 4}]
    assert found["worst"]["at"] == ["700000000.00"]
    assert found["worst"]["state"]["headroom"]["low"] == "-19549400.00"


def test_every_item_at_once_turns_where_the_record_says() -> None:
    """The share of R&D staff cost that has to be capitalised, in both projects alike."""
    found = outcome(whatif("--sweep", "uses[].capitalised_share=90%:100%:1%"), "working-capital-share")
    assert [turn["after"] for turn in found["turns"]] == ["0.979065470000"]
    assert found["turns"][0]["from"] == "fail"


def test_one_changed_answer() -> None:
    record = whatif("--set", "uses[p1-data].capital=false")
    found = outcome(record, "working-capital-share")
    assert (found["before"]["verdict"], found["after"]["verdict"], found["changed"]) == ("pass", "fail", True)
    assert found["after"]["measure"]["low"] == "250549400.00"
    assert record["set"][0]["from"] == "true"


def test_price_size_and_subscription_with_the_worst_case() -> None:
    given = ("--sweep", "offering.issue_price=7元/股:13元/股:3元/股", "--sweep", "offering.gross_proceeds=60000万元:80000万元:10000万元")
    more = ("--sweep", "subscribers[最大认购人].shares=60000000股:80000000股:10000000股")
    along = (
        "--follows",
        "offering.new_shares=offering.gross_proceeds / offering.issue_price",
        "--follows",
        "offering.subscriber_cap=offering.new_shares",
    )
    found = outcome(whatif(*given, *more, *along, "--rule", "control-against-newcomer"), "control-against-newcomer")
    every = list(each_point(found))
    assert len(every) == 27
    assert found["worst"]["at"] == ["7", "600000000.00", "80000000"]
    assert found["worst"]["state"]["headroom"]["low"] == "-17202131"
    # At 13 yuan 600,000,000 yuan buy 46,153,846 shares: whoever takes all of them stays behind the controller.
    assert every[18:21] == ["pass", "pass", "pass"]


def test_a_list_may_be_left_open() -> None:
    found = outcome(whatif("--set", "sanctions=open"), "directors-officers-sanctions")
    assert (found["before"]["verdict"], found["after"]["verdict"]) == ("pass", "missing")


def test_a_value_is_read_as_in_a_filing() -> None:
    found = outcome(whatif("--set", "offering.gross_proceeds=≈7.81亿元"), "working-capital-share")
    assert found["after"]["limit"] == {"low": "234150000.00", "high": "234450000.00", "unit": "CNY"}
    assert outcome(whatif("--set", "offering.gross_proceeds=7亿元.."), "working-capital-share")["after"]["verdict"] == "missing"


# The forms


@pytest.mark.parametrize(
    "given",
    [
        ("--set", "uses[p1-data].capital=false"),
        ("--sweep", "offering.gross_proceeds=70000万元:80000万元:1000万元"),
        ("--sweep", "reading.share_base=published|at_plan"),
        ("--set", "offering.route=rights"),
        ("--sweep", "offering.board_date=2023-01-01:2025-01-01:6个月", "--sweep", "offering.new_shares=1股:120000001股:40000000股"),
    ],
)
def test_every_form_holds(given: tuple[str, ...]) -> None:
    record = whatif(*given)
    schema = json.loads((files("compliance.engine") / "whatif.schema.json").read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(record)] == []
    for lang in ("zh", "en"):
        assert [line for line in shown(record, "table", lang).splitlines() if width(line) > COLUMNS] == []
        picture = shown(record, "svg", lang)
        assert ElementTree.fromstring(picture).tag.endswith("svg")
        assert "http" not in picture.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_the_command_leaves_the_file_alone(tmp_path: Path) -> None:
    before = hashlib.sha256(FILE.read_bytes()).hexdigest()
    out = tmp_path / "map.svg"
    done = run(
        "whatif", str(FILE), "--as-of", "2025-12-31", "--sweep", "offering.new_shares=1股:9股:4股", "--format", "svg", "--out", str(out)
    )
    assert done.status == 0, done.err
    assert ElementTree.parse(out).getroot().tag.endswith("svg")
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == before
    done = run("whatif", str(FILE), "--set", "offering.new_shares=1股", "--out", str(FILE))
    assert done.status == 2
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == before


# Mistakes


SET, SWEEP, FOLLOWS = "--set", "--sweep", "--follows"
FOUR = ("offering.new_shares", "offering.subscriber_cap", "offering.shares_before", "offering.shares_at_plan")
TOLD = [
    # What is typed, and what is told of it in both languages.
    (
        [SET, "offering.gross"],
        "--set: “offering.gross”应写成 路径=值；例如 offering.gross_proceeds=70000万元",
        "--set: 'offering.gross' should be path=value, as in offering.gross_proceeds=70000万元",
    ),
    (
        [SWEEP, "=1元:9元:1元"],
        "--sweep: “=1元:9元:1元”应写成 路径=起:止:步长；例如 offering.gross_proceeds=70000万元:80000万元:1000万元",
        "--sweep: '=1元:9元:1元' should be path=from:to:step, as in offering.gross_proceeds=70000万元:80000万元:1000万元",
    ),
    (
        [FOLLOWS, "offering.new_shares"],
        "--follows: “offering.new_shares”应写成 路径=公式；例如 offering.new_shares=offering.gross_proceeds / offering.issue_price",
        "--follows: 'offering.new_shares' should be path=formula, as in offering.new_shares=offering.gross_proceeds / offering.issue_price",
    ),
    (
        [SET, "offering.gross=1元"],
        "--set offering.gross: 没有“offering.gross”这个事实；请核对路径",
        "--set offering.gross: there is no fact 'offering.gross'; check the path",
    ),
    (
        [SET, "uses[nobody].proceeds=1元"],
        "--set uses[nobody].proceeds: 没有“uses[nobody].proceeds”这个事实；请核对路径",
        "--set uses[nobody].proceeds: there is no fact 'uses[nobody].proceeds'; check the path",
    ),
    (
        [SET, "reading.nothing=x"],
        "--set reading.nothing: 没有“reading.nothing”这个事实；请核对路径",
        "--set reading.nothing: there is no fact 'reading.nothing'; check the path",
    ),
    (
        [SET, "offering.gross_proceeds=9"],
        "--set offering.gross_proceeds: “9”没有单位或单位不对；单位应为 元，例如 78067.85万元",
        "--set offering.gross_proceeds: '9' has no unit or a wrong one; the unit is 元, as in 78067.85万元",
    ),
    (
        [SET, "offering.board_date=soon"],
        "--set offering.board_date: “soon”不是日期；请写成 2024-12-25、2024-12 或 2024",
        "--set offering.board_date: 'soon' is no date; write it like 2024-12-25, 2024-12 or 2024",
    ),
    (
        [SET, "uses[p1-data].capital=perhaps"],
        "--set uses[p1-data].capital: “perhaps”不是“是”或“否”；请改为其中之一（也可写 true、false）",
        "--set uses[p1-data].capital: 'perhaps' is neither true nor false; write one of them (是, 否)",
    ),
    (
        [SET, "reading.share_base=x"],
        "--set reading.share_base: “x”不在可选范围：published、at_plan、both",
        "--set reading.share_base: 'x' is none of: published, at_plan, both",
    ),
    (
        [SWEEP, "reading.share_base=published|x"],
        "--sweep reading.share_base: “x”不在可选范围：published、at_plan",
        "--sweep reading.share_base: 'x' is none of: published, at_plan",
    ),
    (
        [SET, "offering.new_shares=1股", SET, "offering.new_shares=2股"],
        "--set offering.new_shares: “offering.new_shares”给了不止一次；请只保留一处",
        "--set offering.new_shares: 'offering.new_shares' is given more than once; keep one",
    ),
    (
        [SET, "uses[].capital=true", SWEEP, "uses[p1-data].capital=true|false"],
        "--sweep uses[p1-data].capital: “uses[p1-data].capital”给了不止一次；请只保留一处",
        "--sweep uses[p1-data].capital: 'uses[p1-data].capital' is given more than once; keep one",
    ),
    (
        [SWEEP, "offering.gross_proceeds=1元:9元"],
        "--sweep offering.gross_proceeds: “1元:9元”应写成 起:止:步长，或以 | 分开的几个值；例如 70000万元:80000万元:1000万元",
        "--sweep offering.gross_proceeds: '1元:9元' should be from:to:step, or values with | between them,"
        " as in 70000万元:80000万元:1000万元",
    ),
    (
        [SWEEP, "offering.gross_proceeds=1元:9元:0元"],
        "--sweep offering.gross_proceeds: 步长“0元”应大于零；请改写",
        "--sweep offering.gross_proceeds: the step '0元' should be above zero; rewrite it",
    ),
    (
        [SWEEP, "offering.board_date=2024-01-01:2025-01-01:-1天"],
        "--sweep offering.board_date: 步长“-1天”应为天数或月数；例如 10天、3个月",
        "--sweep offering.board_date: the step '-1天' should be a number of days or months, as in 10d or 3m",
    ),
    (
        [SWEEP, "offering.gross_proceeds=9元:1元:1元"],
        "--sweep offering.gross_proceeds: “9元:1元:1元”的下限大于上限；请对调",
        "--sweep offering.gross_proceeds: the range '9元:1元:1元' ends before it begins; swap its ends",
    ),
    (
        [SWEEP, "offering.gross_proceeds=≈1亿元:2亿元:1亿元"],
        "--sweep offering.gross_proceeds: “≈1亿元”不是确切的值；起、止和步长都请写确切的值",
        "--sweep offering.gross_proceeds: '≈1亿元' is not exact; write both ends and the step as exact values",
    ),
    (
        [SWEEP, "offering.gross_proceeds=1亿元:2亿元:≈1亿元"],
        "--sweep offering.gross_proceeds: “≈1亿元”不是确切的值；起、止和步长都请写确切的值",
        "--sweep offering.gross_proceeds: '≈1亿元' is not exact; write both ends and the step as exact values",
    ),
    (
        [SWEEP, "offering.board_date=2024:2025-01-01:2天"],
        "--sweep offering.board_date: “2024”不是确切的值；起、止和步长都请写确切的值",
        "--sweep offering.board_date: '2024' is not exact; write both ends and the step as exact values",
    ),
    (
        [SWEEP, "sanctions=complete|open"],
        "--sweep sanctions: “sanctions”不是可以逐个取值的事实（文字、代码、清单或引用）；请换一个",
        "--sweep sanctions: 'sanctions' is a text, code, list or reference and cannot be swept; choose another",
    ),
    (
        [SWEEP, "offering.new_shares=1股:2000000000股:1股"],
        "--sweep offering.new_shares: 共有 2,000,000,000 个取值组合，上限为 100,000；请加大步长或缩小范围",
        "--sweep offering.new_shares: there would be 2,000,000,000 points, the most is 100,000; take a longer step or a shorter range",
    ),
    (
        [SWEEP, "offering.new_shares=1股:1000股:1股", SWEEP, "offering.gross_proceeds=1元:101元:1元"],
        "--sweep offering.new_shares: 共有 101,000 个取值组合，上限为 100,000；请加大步长或缩小范围",
        "--sweep offering.new_shares: there would be 101,000 points, the most is 100,000; take a longer step or a shorter range",
    ),
    (
        [part for name in FOUR for part in (SWEEP, f"{name}=1股:2股:1股")],
        "--sweep offering.shares_at_plan: 最多同时变动 3 个事实；请减少",
        "--sweep offering.shares_at_plan: at most 3 facts can be swept at once; leave some out",
    ),
    (
        [SET, "issuer.name=甲"],
        "--set issuer.name: 没有规则取决于“issuer.name”；请核对路径，或去掉 --rule",
        "--set issuer.name: no rule depends on 'issuer.name'; check the path, or leave --rule out",
    ),
    (
        [SET, "offering.new_shares=1股", "--rule", "working-capital-share"],
        "--set offering.new_shares: 没有规则取决于“offering.new_shares”；请核对路径，或去掉 --rule",
        "--set offering.new_shares: no rule depends on 'offering.new_shares'; check the path, or leave --rule out",
    ),
    (
        [SET, "offering.gross_proceeds=70000万元", "--rule", "working-capital-share", "--rule", "issue-size"],
        "--rule: “issue-size”不取决于所变动的任何事实；请去掉这条规则",
        "--rule: 'issue-size' depends on none of the facts that are varied; leave it out",
    ),
    (
        [FOLLOWS, "offering.new_shares=offering.gross_proceeds"],
        "--follows offering.new_shares: “offering.new_shares”与“offering.gross_proceeds”的单位或类型不同，不能相比或相加；请改写",
        "--follows offering.new_shares: offering.new_shares and offering.gross_proceeds differ in unit or type"
        " and cannot be compared or added; rewrite it",
    ),
    (
        [FOLLOWS, "offering.route=offering.gross_proceeds"],
        "--follows offering.route: “offering.route”不是数字或日期，不能随公式变动；请换一个",
        "--follows offering.route: 'offering.route' is neither a figure nor a day and cannot follow a formula; choose another",
    ),
    (
        [FOLLOWS, "offering.new_shares=1 +"],
        "--follows offering.new_shares: 公式写错了：1 +；请检查括号和运算符（< <= > >= == != + - * /），带单位的数加引号，如 '30%'",
        "--follows offering.new_shares: the formula is broken: 1 +; check brackets and operators (< <= > >= == != + - * /), "
        "and put figures with units in quotes, as '30%'",
    ),
    ([], "whatif: 没有给出任何变动；请用 --set 或 --sweep", "whatif: nothing is varied; use --set or --sweep"),
]


@pytest.mark.parametrize(("given", "zh", "en"), TOLD, ids=[" ".join(given) for given, _, _ in TOLD])
def test_a_mistake_is_told(given: list[str], zh: str, en: str, tmp_path: Path) -> None:
    out = tmp_path / "map.svg"
    assert told("whatif", str(FILE), "--as-of", "2025-12-31", "--out", str(out), *given) == (zh + "\n", en + "\n")
    assert not out.exists()


def test_all_mistakes_come_at_once() -> None:
    _, english = told("whatif", str(FILE), SET, "offering.gross_proceeds=9", SWEEP, "offering.new_shares=3股:1股:1股")
    assert [line.split(": ")[0] for line in english.splitlines()] == ["--set offering.gross_proceeds", "--sweep offering.new_shares"]


def test_a_sign_in_a_key_belongs_to_the_key() -> None:
    assert parted("uses[a=b].proceeds=1元") == ("uses[a=b].proceeds", "1元")
    assert parted("uses[a=b].proceeds") is None
