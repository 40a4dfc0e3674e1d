"""Forms of the findings for pages, spreadsheets, pipelines and editors: whole, well formed, and nothing in them but text."""

from __future__ import annotations

import base64
import csv as spreadsheet
import hashlib
import io
import json
import re
import zlib
from fractions import Fraction
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import hostile
from checked import case, record
from command import ROOT, filing, run, told, within
from compliance.cli.check import fits, status
from compliance.cli.inputs import load_case
from compliance.reports import bars, beside, csv, html, junit, markdown, sarif, text, view, whole
from compliance.reports.markup import element
from compliance.reports.view import viewed
from compliance.reports.words import say
from compliance.source import SourceError

ALL = sorted(path.name for path in (ROOT / "cases").iterdir() if (path / "filing.yaml").is_file())
LIMIT = 300_000  # bytes of the page with the whole rule book
FORMS = ("text", "md", "html", "csv", "junit", "sarif", "json")


@cache
def dossier(code: str, lang: str = "zh", strict: bool = False) -> view.Dossier:
    found = case(code)
    places = {path: fact.place for path, fact in found.filing.facts.items()}
    return view.Dossier(record(code), found.pack, lang, strict, places=places)


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> view.Dossier:
    found = load_case(hostile.write(tmp_path_factory.mktemp("hostile"), hostile.hostile()), "2025-12-31")
    return view.Dossier(found.record(), found.pack, places={path: fact.place for path, fact in found.filing.facts.items()})


# The view


@pytest.mark.parametrize("code", ALL)
def test_both_languages_have_the_same_shape(code: str) -> None:
    def same(one: Any, two: Any) -> bool:
        if isinstance(one, tuple):
            return isinstance(two, tuple) and len(one) == len(two) and all(map(same, one, two))
        return type(one) is type(two) and (isinstance(one, str) or one == two)

    assert same(viewed(dossier(code), "zh")._replace(lang=""), viewed(dossier(code), "en")._replace(lang=""))


def test_the_agenda_starts_with_what_is_nearest_to_a_verdict() -> None:
    steps = viewed(dossier("300766")).agenda
    assert [step.distance for step in steps] == sorted(step.distance for step in steps)
    for step in steps:
        assert (step.distance == 1) >= bool(step.settles)
        assert set(step.settles) | set(step.turns) <= set(step.bears)
    turning = {step.path: step for step in steps}["uses[p1-data].capital"]
    assert (turning.distance, turning.turns, turning.settled_by) == (1, ("working-capital-share",), "judgement")


def test_a_record_is_named_by_what_it_was_made_from() -> None:
    found = record("300766")
    assert whole.record_id(found) == whole.record_id(json.loads(json.dumps(found)))
    assert whole.record_id({**found, "as_of": "2025-12-30"}) != whole.record_id(found)
    changed = [{**found["findings"][0], "fingerprint": "0" * 16}, *found["findings"][1:]]
    assert whole.record_id({**found, "findings": changed}) != whole.record_id(found)


# Bars


def test_bars_stand_where_their_figures_are() -> None:
    found = {one.rule: one for one in viewed(dossier("300766")).findings()}
    cap = found["working-capital-share"].bar
    assert cap is not None and cap.span is not None and cap.base is not None
    scale = cap.limit.low - cap.base
    # 229,549,400 of a limit of 234,203,550; with every answer open up to 472,868,600
    assert abs(Fraction(cap.measure.low - cap.base, scale) - Fraction(229_549_400, 234_203_550)) < Fraction(1, 100)
    assert abs(Fraction(cap.span.high - cap.base, scale) - Fraction(472_868_600, 234_203_550)) < Fraction(1, 50)
    assert cap.allowed == "at most" and cap.measure.low < cap.limit.low < cap.span.high


@pytest.mark.parametrize("code", ALL)
def test_bars_keep_within_the_scale(code: str) -> None:
    for found in viewed(dossier(code)).findings():
        for span in (found.bar.measure, found.bar.limit, found.bar.span) if found.bar else ():
            assert span is None or 0 <= span.low <= span.high <= bars.SCALE
        for reach in found.reaches:
            assert 0 <= (reach.sure or 0) <= bars.SCALE and 0 <= reach.possible <= bars.SCALE


@pytest.mark.parametrize(
    ("measure", "limit", "headroom", "side"),
    [
        ({"low": "1", "high": "1"}, {"low": "3", "high": "3"}, {"low": "2", "high": "2"}, "at most"),
        ({"low": "3", "high": "3"}, {"low": "1", "high": "1"}, {"low": "2", "high": "2"}, "at least"),
        ({"low": "3", "high": "4"}, {"low": "1", "high": "1"}, {"low": "-3", "high": "-2"}, "at most"),
        ({"low": "3"}, {"low": "1", "high": "1"}, {"low": "2"}, "at least"),
        ({"low": "1", "high": "1"}, {"low": "1", "high": "1"}, {"low": "0", "high": "0"}, ""),
    ],
)
def test_the_allowed_side_is_told_from_the_headroom(
    measure: dict[str, str], limit: dict[str, str], headroom: dict[str, str], side: str
) -> None:
    numbers = [{end: Fraction(text) for end, text in part.items()} for part in (measure, limit)]
    assert bars.allowed({"headroom": headroom}, *numbers) == side


def test_nothing_measured_has_no_bar() -> None:
    unit = {"unit": "CNY"}
    assert bars.bar({"verdict": "pass", "measure": unit, "limit": {"low": "1.00", **unit}}, None, "zh") is None
    assert bars.bar({"verdict": "pass", "measure": {"low": "1", "unit": "count"}, "limit": {"low": "1.00", **unit}}, None, "zh") is None
    assert bars.bar({"verdict": "missing", "measure": {"low": "1.00", **unit}, "limit": {"low": "1.00", **unit}}, None, "zh") is None
    drawn = bars.bar({"verdict": "pass", "measure": {"low": "0.00", **unit}, "limit": {"low": "0.00", "high": "0.00", **unit}}, None, "zh")
    assert drawn is not None and drawn.measure.open_high and drawn.measure.high == bars.SCALE


def test_the_ends_of_a_scale_say_what_is_counted() -> None:
    months = {"zh": "个月", "en": "month"}
    found = {
        "verdict": "pass",
        "measure": {"low": "18", "high": "18", "unit": "count"},
        "limit": {"low": "1", "high": "1", "unit": "count"},
    }
    drawn = {lang: bars.bar(found, months, lang) for lang in ("zh", "en")}
    assert [(made.first, made.last) for made in drawn.values() if made] == [("0个月", "18个月"), ("0 months", "18 months")]


# The records beside


def routes() -> dict[str, Any]:
    text = {"zh": "路径", "en": "way"}
    reach = {"variable": "gross_proceeds", "label": text, "way": {"id": "w", "label": text}, "unit": "CNY"}
    named = {"rule": "issue-size", "title": text, "verdict": "fail"}
    one = {
        "route": "auction",
        "label": text,
        "stated": True,
        "verdict": "judgement",
        "counts": {"pass": 3, "missing": 2},
        "bars": [named] * 2,
        "reach": [
            {**reach, "ask": "most", "found": "value", "value": "100000.00", "binds": [named]},
            {**reach, "ask": "least", "found": "unproved"},
            {**reach, "ask": "earliest", "found": "value", "value": "2025-01-01", "unit": "date"},
        ],
        "needs": [{"path": f"a{n}", "label": {"zh": f"甲{n}", "en": f"a{n}"}, "settled_by": "filing", "rules": ["x"]} for n in range(5)],
    }
    return {"schema": "compliance.routes/1", "routes": [one, {**one, "route": "rights", "stated": False, "reach": [], "bars": []}]}


def test_routes_stand_side_by_side() -> None:
    found = beside.matrix(routes(), "zh")
    assert found is not None
    rows = {row.label: row.cells for row in found.rows}
    assert [column.stated for column in found.columns] == [True, False]
    assert rows["最大规模"][0] == ("路径（路径）至多10.00万元，受限于路径",)
    assert rows["最小规模"][0] == ("路径（路径）：有规则不随之单向变化，不作测算",)
    assert rows["不符合的条件"] == (("路径",), ())
    assert rows["还缺什么"][0] == ("甲0", "甲1", "甲2", "另有2项")
    assert beside.matrix(None, "zh") is None


def timeline() -> dict[str, Any]:
    text = {"zh": "期间", "en": "window"}
    window = {"label": text, "months": 36, "rules": ["r"], "state": "open"}
    return {
        "schema": "compliance.timeline/1",
        "from": "2024-01-01",
        "until": "2025-12-31",
        "days": [{"day": "as_of", "label": text, "at": {"low": "2025-01-01", "high": "2025-01-01"}}],
        "windows": [
            {**window, "starts": {"low": "2021-06-01", "high": "2021-06-30"}, "ends": {"low": "2024-06-01", "high": "2024-06-30"}},
            {
                **window,
                "months": -6,
                "starts": {"low": "2025-06-30", "high": "2025-06-30"},
                "ends": {"low": "2024-12-30", "high": "2024-12-30"},
            },
            {**window, "starts": {"low": "2010-01-01", "high": "2010-01-01"}, "ends": {"low": "2013-01-01", "high": "2013-01-01"}},
        ],
        "rules": [
            {
                "title": text,
                "steps": [
                    {"from": "2024-01-01", "to": "2024-12-31", "verdict": "fail"},
                    {"from": "2025-01-01", "to": "2025-12-31", "verdict": "pass"},
                ],
            }
        ],
        "stale": [{"label": text, "last": {"low": "2025-03-31", "high": "2025-03-31"}, "rules": ["r"], "paths": ["p"], "state": "ahead"}],
        "law": [{"day": "2025-06-15", "begin": ["r"], "parameters": [{"name": "n", "label": text, "from": "30%", "to": "31%"}]}],
    }


def test_days_stand_on_one_scale() -> None:
    found = beside.timeline(timeline(), "zh", case("300766").pack)
    assert found is not None
    assert found.years == ((500, "2025"),)  # 366 days of 731
    assert [lane.stretches != () for lane in found.windows] == [True, True]  # the third is over before the scale begins
    runs, ends = (stretch.span for stretch in found.windows[0].stretches)
    assert (runs.low, ends.low, ends.high) == (0, 152 * 1000 // 731, 182 * 1000 // 731)
    back = found.windows[1].stretches[0].span
    assert back.low < back.high and "倒推6个月" in found.windows[1].sentence
    assert [stretch.code for stretch in found.courses[0].stretches] == ["fail", "pass"]
    assert found.courses[0].stretches[0].span.high == found.courses[0].stretches[1].span.low == 500
    assert "期间由30%改为31%" in found.law[0]


def difference(rule: str = "issue-size") -> dict[str, Any]:
    def one(part: str, old: Any, new: Any, cause: dict[str, Any]) -> dict[str, Any]:
        return {"rule": rule, "title": {"zh": "题", "en": "title"}, "part": part, "old": old, "new": new, "cause": cause}

    fact = {"kind": "fact", "facts": [{"path": "offering.new_shares", "old": "1股", "new": "2股"}]}
    return {
        "schema": "compliance.difference/1",
        "differences": [
            one("verdict", "fail", "pass", fact),
            one("measure", {"low": "1", "high": "1", "unit": "shares"}, {"low": "2", "high": "2", "unit": "shares"}, fact),
            one("robust", False, True, {"kind": "day", "old": "2025-01-01", "new": "2025-12-31"}),
            one("flips", [{"change": []}], None, {"kind": "law", "old": "0" * 64, "new": "1" * 64}),
        ],
    }


def test_what_passes_by_an_exception_says_so_beside_its_headroom() -> None:
    found = {
        "verdict": "pass",
        "headroom": {"low": "-2", "high": "-1", "unit": "shares"},
        "exception": {"title": {"zh": "例外", "en": "x"}},
    }
    assert bars.room(found, None, "zh") == "-2股至-1股（因例外情形符合：例外）"
    assert bars.room({**found, "headroom": {"low": "-2", "high": "1", "unit": "shares"}}, None, "zh") == "-2股至1股"
    assert bars.room({**found, "verdict": "judgement"}, None, "zh") == "-2股至-1股"


def test_changes_name_their_cause() -> None:
    found = beside.changes(difference(), "zh", case("300766").pack)
    assert [(one.part, one.old, one.new) for one in found] == [
        ("结论", "不符合", "符合"),
        ("测算值", "1股", "2股"),
        ("稳固与否", "取决于判断", "稳固"),
        ("会改变结论的判断", "仅此一方有的1项", "无"),
    ]
    assert found[0].cause == "事实变化：本次发行·拟发行股份数量上限 1股→2股"
    assert found[3].cause == "规则变化（000000000000→111111111111）"
    shown = view.view_of(view.Dossier(record("300766"), case("300766").pack, difference=difference()), "zh")
    assert [one.rule for one in shown.findings() if one.changed] == ["issue-size"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_text_and_markdown_show_what_is_brought(lang: str) -> None:
    """Routes, days and changes stand in both, every one of them, and nothing of them where none is brought."""
    pack = case("300766").pack
    brought = {"routes": routes(), "timeline": timeline(), "difference": difference()}
    whole, alone = (view.view_of(view.Dossier(record("300766"), pack, lang, **given), lang) for given in (brought, {}))
    assert whole.routes is not None and whole.timeline is not None
    lines_told = [beside.title(column, lang) for column in whole.routes.columns]
    lines_told += [line for _, lines in beside.days(whole.timeline, lang) for line in lines] + [one.cause for one in whole.changes]
    assert len(lines_told) == len(whole.routes.columns) + 6 + 4
    shown = {
        "text": (text.render(whole), text.render(alone)),
        "md": (markdown.render(whole), markdown.render(alone)),
    }
    for name, (full, brief) in shown.items():
        lines = lines_told if name == "text" else [markdown.printed(line) for line in lines_told]
        found, none = (re.sub(r"\s+", "", part) for part in (full, brief))
        assert [line for line in lines if re.sub(r"\s+", "", line) not in found] == []
        heads = [say(code, lang) for code in ("sec-routes", "sec-timeline", "sec-changes")]
        assert all(head in full.splitlines() or f"## {head}" in full.splitlines() for head in heads)
        assert not any(head in brief.splitlines() or f"## {head}" in brief.splitlines() for head in heads)
        assert len(none) < len(found)


@pytest.mark.parametrize("given", [["--full", "--format", "csv"], ["--with", "routes.json", "--format", "json", "--format", "sarif"]])
def test_what_no_form_shows_is_a_mistake(given: list[str], tmp_path: Path) -> None:
    chinese, english = told("check", filing("300766"), "--as-of", "2025-12-31", *given, "--out", str(tmp_path / "out"))
    assert (
        chinese
        == "用法有误：--full 和 --with 只用于 --format text / md / html / docx，所选格式不展示这些内容；见 compliance check --help\n"
    )
    assert english == (
        "bad usage: --full and --with go with --format text / md / html / docx; the form asked for does not show what they bring;"
        " see compliance check --help\n"
    )
    assert not (tmp_path / "out").exists()


# The page


@cache
def page(code: str, lang: str = "zh") -> str:
    return html.render(dossier(code, lang))


def test_the_page_is_small_enough() -> None:
    found = case("300766")
    whole = view.Dossier(record("300766"), found.pack, routes=routes(), timeline=timeline(), difference=difference())
    assert len(html.render(whole).encode()) < LIMIT


def test_the_policy_names_the_script_and_the_style() -> None:
    shown = page("300766")
    policy = re.search(r'Content-Security-Policy content="([^"]*)"', shown)
    assert policy is not None
    for name in ("script", "style"):
        (body,) = re.findall(rf"<{name}>(.*?)</{name}>", shown, re.DOTALL)
        assert f"{name}-src &#x27;sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}&#x27;" in policy[1]
    assert "default-src &#x27;none&#x27;" in policy[1] and "unsafe" not in policy[1]
    assert re.search(r"https?://|url\((?!#)|@import|\bsrc=|style=", shown) is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_shows_every_finding_and_section(lang: str) -> None:
    shown = page("300766", lang)
    ids = re.findall(r"<article id=([a-z0-9-]+) ", shown)
    assert sorted(ids) == sorted(found["rule"] for found in record("300766")["findings"])
    assert re.findall(r"<section id=s:([a-z]+)>", shown) == list(html.SECTIONS)
    assert record("300766")["disclaimer"][lang] in shown
    reasons = re.findall(r"<div class=silent><p [^>]*>([^<]*)</p>", shown)
    assert len(set(reasons)) == len(reasons) > 1


def test_windows_of_which_the_same_is_told_stand_in_one_lane() -> None:
    given = timeline()
    given["windows"] = [{**given["windows"][0], "label": {"zh": name, "en": name}} for name in ("甲", "乙")]
    found = beside.timeline(given, "zh", case("300766").pack)
    assert found is not None and [lane.label for lane in found.windows] == ["甲、乙"]


def test_what_is_packed_is_whole() -> None:
    """Every text of a finding's details is found again, in both languages."""
    data, ids = unpacked(page("300766")), re.findall(r"<article id=([a-z0-9-]+) ", page("300766"))
    for lang, texts in (("zh", data["own"]), ("en", [two or one for one, two in zip(data["own"], data["other"], strict=True)])):
        shown = viewed(dossier("300766"), lang)
        for found in shown.findings():
            said = {texts[index] for index in indexes(data["details"][ids.index(found.rule)])}
            assert {found.restated, *found.working, *found.flips, *found.margins, *(cite.article for cite in found.cited)} - {""} <= said
    rows = [[data["own"][index] if index >= 0 else "" for index in row] for row in data["rows"]]
    (found,) = (one for one in viewed(dossier("300766")).findings() if one.rule == "working-capital-share")
    for group in found.facts:
        for fact in group.rows:
            assert [fact.label, fact.value, fact.place, fact.path.removeprefix(f"{group.path}.")] in rows


def unpacked(shown: str) -> dict[str, Any]:
    packed = re.search(r'<script type="text/plain" id=packed>([^<]*)</script>', shown)
    assert packed is not None
    data: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed[1])))
    for at, own in re.findall(r"<[^>]* data-t=(\d+)[^>]*>([^<]*)(?=<)", shown):
        assert data["own"][int(at)] in (0, unescape(own))
        data["own"][int(at)] = unescape(own)
    return data


def indexes(part: Any) -> list[int]:
    if isinstance(part, int):
        return [part] if part >= 0 else []
    return [index for one in part if not isinstance(one, str) for index in indexes(one)]


def test_elements_escape_what_goes_in() -> None:
    shown = element("p", hostile.EVIL, title=hostile.EVIL)
    assert re.findall(r"<[^>]*>?", shown.replace("&", "")) == [re.findall(r"<p [^>]*>", shown)[0].replace("&", ""), "</p>"]
    assert element("b", element("i", "<"), ["&", None, ("x",)], hidden=True, title=None, n=3) == "<b hidden n=3><i>&lt;</i>&amp;x</b>"


# CSV


def test_excel_opens_the_table_right() -> None:
    shown = csv.render(viewed(dossier("300766")))
    assert shown.encode().startswith(b"\xef\xbb\xbf")
    rows = list(spreadsheet.reader(io.StringIO(shown.removeprefix("\ufeff"), newline="")))
    assert len(rows) == 1 + len(record("300766")["findings"])
    assert {len(row) for row in rows} == {len(csv.COLUMNS)}
    by_rule = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    assert by_rule["working-capital-share"]["余量"] == "465.415万元"
    assert by_rule["working-capital-share"]["核查结论"] == "符合"


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+cmd", "@x", "\t=1", " =1", "＝1+1", "－x", "＠x", "|x", "-51股"])
def test_no_cell_becomes_a_formula(cell: str) -> None:
    assert csv.defused(cell) == "'" + cell


def test_a_cell_too_long_for_excel_says_so() -> None:
    assert csv.fitted("x" * csv.MAX_CELL, "zh") == "x" * csv.MAX_CELL
    cut = csv.fitted("x" * (csv.MAX_CELL + 1), "zh")
    assert len(cut) == csv.MAX_CELL and "全文32768字" in cut


@pytest.mark.parametrize("cell", ["", "1", "-1.5", "+3", "-1,234.00", "-12%", "a=b", "每日互动"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert csv.defused(cell) == cell


# JUnit


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("code", ["300766", "688327"])
def test_a_pipeline_fails_where_the_exit_status_says_so(code: str, strict: bool) -> None:
    suite = ElementTree.fromstring(junit.render(dossier(code, strict=strict)))[0]
    found = record(code)["findings"]
    counted = [one["verdict"] for one in found if strict or one["force"] == "condition"]
    assert int(suite.get("tests", "")) == len(found) == len(suite.findall("testcase"))
    assert int(suite.get("failures", "")) == counted.count("fail") == len(suite.findall("testcase/failure"))
    assert int(suite.get("errors", "")) == counted.count("missing") + counted.count("judgement") == len(suite.findall("testcase/error"))
    assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped"))
    assert (status(record(code), strict) == 0) == (not suite.findall("testcase/failure") and not suite.findall("testcase/error"))


# SARIF

KINDS = {"pass", "open", "informational", "notApplicable", "review", "fail"}
LEVELS = {"none", "note", "warning", "error"}


@pytest.mark.parametrize("code", ["300766", "688327"])
def test_the_log_is_sarif(code: str) -> None:
    """The structure that SARIF 2.1.0 requires: sections 3.13, 3.14, 3.19, 3.27 to 3.30, 3.49."""
    assert sarif.unlinked("[a](http://b)") == "[a] (http://b)"  # 3.11.6: else a link
    log = json.loads(sarif.render(dossier(code)))
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    (run_of,) = log["runs"]
    rules = run_of["tool"]["driver"]["rules"]
    assert run_of["tool"]["driver"]["name"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    lines = Path(filing(code)).read_text(encoding="utf-8").splitlines()
    for result in run_of["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["kind"] in KINDS and result["level"] in LEVELS
        assert (result["level"] == "none") == (result["kind"] != "fail")  # 3.27.10
        assert result["message"]["text"]
        assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
        ids = [place["id"] for place in result.get("relatedLocations", ())]
        assert len(set(ids)) == len(ids)
        for place in [*result["locations"], *result.get("relatedLocations", ())]:
            where = place["physicalLocation"]
            assert re.fullmatch(r"[A-Za-z0-9_.~%:/+-]+", where["artifactLocation"]["uri"])
            if "region" in where:
                assert 1 <= where["region"]["startLine"] <= len(lines) and where["region"]["startColumn"] >= 1


def test_a_finding_points_at_the_lines_that_it_read() -> None:
    log = json.loads(sarif.render(dossier("300766")))
    found = {result["ruleId"]: result for result in log["runs"][0]["results"]}["issue-size"]
    lines = Path(filing("300766")).read_text(encoding="utf-8").splitlines()
    places = [found["locations"][0], *found["relatedLocations"]]
    assert any("new_shares:" in lines[place["physicalLocation"]["region"]["startLine"] - 1] for place in places)


# Bad input


RENDER = {
    "text": lambda made: text.render(viewed(made)),
    "md": lambda made: markdown.render(viewed(made)),
    "html": html.render,
    "csv": lambda made: csv.render(viewed(made)),
    "junit": junit.render,
    "sarif": sarif.render,
}


@pytest.mark.parametrize("form", RENDER)
def test_nothing_breaks_out(form: str, evil: view.Dossier) -> None:
    made = RENDER[form](evil)
    assert "\u202e" not in made and "\x1b" not in made
    assert "末" in made or form == "csv"  # the last character of ten thousand: nothing is cut
    if form in ("md", "html", "junit"):
        at = [found.start() for found in re.finditer(r"(?<!\\)<(script>window|img)", made)]
        assert [made[max(0, start - 60) : start + 20] for start in at[:3]] == []
    if form == "html":
        assert len(re.findall(r"<script\b", made)) == 3  # the page's own
        assert "window.evil" not in "".join(re.findall(r"<script>(.*?)</script>", made, re.DOTALL))
    if form == "junit":
        ElementTree.fromstring(made)
    if form == "sarif":
        json.loads(made)
    if form == "csv":
        rows = list(spreadsheet.reader(io.StringIO(made.removeprefix("\ufeff"), newline="")))
        assert {len(row) for row in rows} == {len(csv.COLUMNS)}
        assert max(len(cell) for row in rows for cell in row) <= csv.MAX_CELL
        assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))] == []


def test_five_hundred_investments_are_all_there(evil: view.Dossier) -> None:
    data = unpacked(html.render(evil))
    assert len({path for _, path, _ in data["groups"] if data["own"][path].startswith("investments[")}) == hostile.MANY


def test_an_empty_filing_has_a_report_in_every_form(tmp_path: Path) -> None:
    path = hostile.write(tmp_path, {"schema": "compliance.filing/1", "pack": "cn-refinancing", "issuer": {"code": "300766"}})
    for form in FORMS:
        done = within("check", str(path), "--as-of", "2025-12-31", "--format", form, "--out", str(tmp_path / form))
        assert done.status == 3, done.err
        assert (tmp_path / form).stat().st_size > 1000


# What lies beside


HEAD = ("engine", "pack", "facts_sha256", "as_of", "issuer", "disclaimer")  # what every record says of what it was made from


def test_records_of_another_check_are_refused(tmp_path: Path) -> None:
    found = record("300766")
    head = {name: found[name] for name in HEAD}
    good = tmp_path / "routes.json"
    good.write_text(json.dumps({**routes(), **head}), encoding="utf-8")
    other = tmp_path / "other.json"
    other.write_text(json.dumps({**routes(), **head, "as_of": "2020-01-01"}), encoding="utf-8")
    none = tmp_path / "none.json"
    none.write_text("[1]", encoding="utf-8")
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    args = ("check", filing("300766"), "--as-of", "2025-12-31", "--format", "html", "--lang", "en")
    out = tmp_path / "out.html"
    done = run(*args, "--with", str(good), "--out", str(out))
    assert done.status == 3, done.err
    assert "bound by way" in out.read_text(encoding="utf-8") or "way (way)" in json.dumps(unpacked(out.read_text(encoding="utf-8")))
    bad = run(
        *args,
        "--with",
        str(other),
        "--with",
        str(none),
        "--with",
        str(broken),
        "--with",
        str(tmp_path / "x"),
        "--out",
        str(tmp_path / "no"),
    )
    assert bad.status == 2
    files = [line.split(": ")[0].rsplit("/", 1)[1].partition(":")[0] for line in bad.err.splitlines()]
    assert files == ["broken.json", "none.json", "other.json", "x"]
    assert not (tmp_path / "no").exists()


def test_a_difference_fits_by_its_new_side() -> None:
    found = record("300766")
    sides = {
        "facts_sha256": {"old": "0", "new": found["facts_sha256"]},
        "as_of": {"old": "0", "new": found["as_of"]},
        "pack": {"id": "x", "old": "0", "new": found["pack"]["sha256"]},
    }
    assert fits(sides, found)
    assert not fits({**sides, "as_of": {"old": found["as_of"], "new": "0"}}, found)


def test_the_same_record_twice_is_a_mistake(tmp_path: Path) -> None:
    from compliance.cli.check import beside_of

    found = record("300766")
    path = tmp_path / "routes.json"
    path.write_text(json.dumps({**routes(), **{name: found[name] for name in HEAD}}), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        beside_of((path, path), found)
    assert [problem.code for problem in caught.value.problems] == ["beside-twice"]
