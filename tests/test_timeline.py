"""The timeline: steps are what a check on every day gives, windows and stale facts come from the trees, mistakes are told."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import checked
from checked import machine
from command import ROOT, filing, told
from compliance import dates, source
from compliance.cli.inputs import Case, load_case, load_pack
from compliance.engine.machine import Machine
from compliance.engine.record import check
from compliance.engine.subject import subject
from compliance.engine.timeline import Line, Moving, stretch, timeline
from compliance.facts import loading
from compliance.packs.book import Pack
from compliance.reports import beside
from compliance.reports import timeline as report
from compliance.reports.paper import COLUMNS
from compliance.reports.text import width
from edits import edited
from plan import plan

FILE = Path(filing("300766"))
DATED = ("directors-officers-sanctions", "controller-violations", "issuer-violations", "financing-interval", "inquiry-waiver")


def case() -> Case:
    return checked.case("300766")


@cache
def record() -> dict[str, Any]:
    return timeline(machine(), case().filing, case().as_of)


def day(text: str) -> int:
    return dates.parse(text).low


def changed(**put: str) -> dict[str, Any]:
    """The timeline of the case with some facts put otherwise."""
    pack = case().pack
    text = edited(FILE, pack.vocabulary, {name.replace("__", "."): value for name, value in put.items()})
    found = loading.read(source.parse(text, "edited"), pack.vocabulary, pack.id, pack.options)
    return timeline(machine(), found, case().as_of)


@pytest.mark.parametrize("moving", ["as_of", "board_date"])
@pytest.mark.parametrize("rule", DATED)
def test_steps_are_what_every_day_gives(rule: str, moving: str) -> None:
    """Against the verdict of every single day, around the days on which the penalties run out."""
    made = subject(machine(), case().filing, case().as_of)
    line = Line(made, day("2024-09-20"), day("2024-12-31"))
    moved = Moving(moving, case().pack.vocabulary.root.fields["offering.board_date"] if moving == "board_date" else None)
    found = line.course(case().pack.rule(rule), moved)
    # Whether the base date was set anew, an open flag, has a part in what the board date is: each day is tried.
    assert found.proof == ("days" if (rule, moving) == ("financing-interval", "board_date") else "tree")
    words = [line.verdict(case().pack.rule(rule), moved, one) for one in range(line.start, line.end + 1)]
    steps = [(line.start + index, word) for index, word in enumerate(words) if not index or words[index - 1] != word]
    assert found.steps == steps


def test_a_step_is_what_a_check_says() -> None:
    for one in record()["rules"]:
        if one["moving"] == "as_of" and len(one["steps"]) > 1:
            for step in one["steps"]:
                found = check(machine(), case().filing, day(step["from"]), {one["rule"]})["findings"]
                assert found[0]["verdict"] == step["verdict"]


def test_the_day_the_penalties_ran_out() -> None:
    """The fines were paid in November 2021, on a day not printed: from December 2024 the three years are over whichever it was."""
    found = {(one["rule"], one["moving"]): one for one in record()["rules"]}
    steps = found["directors-officers-sanctions", "board_date"]["steps"]
    assert [(step["from"], step["verdict"]) for step in steps] == [("2023-12-01", "judgement"), ("2024-12-01", "pass")]
    change = next(
        one for one in record()["changes"] if one["rule"] == "issuer-violations" and one["to"] == "pass" and one["moving"] == "as_of"
    )
    assert change["day"] == "2024-12-01"
    assert "sanctions[penalty-issuer].parts[fine].executed" in change["paths"]


def test_windows_come_from_the_trees() -> None:
    found = {(one.get("item"), one["months"]): one for one in record()["windows"]}
    fine = found["sanctions[penalty-issuer]", 36]
    assert fine["ends"] == {"low": "2024-11-01", "high": "2024-11-30"} or fine["starts"]["low"] == "2021-10-18"
    assert fine["state"] == "past"
    raising = found["earlier_raisings[ipo-2019]", 6]
    assert (raising["parameter"]["name"], raising["rules"]) == ("short_interval_months", ["financing-interval"])
    back = next(one for one in record()["windows"] if one["months"] == -6)
    assert back["ends"]["low"] == "2024-06-25"


def test_the_calendar_of_trading_days_is_known_up_to_a_day() -> None:
    assert record()["calendars"] == [{"calendar": "trading_days", "known_until": "2026-12-31"}]


NOTICE = """
schema: compliance.filing/1
pack: notices
issuer: {code: '000001', name: 甲}
notice: {kind: paper, posted: POSTED, removed: 2024-02-20}
looks: {complete: true, items: [{day: 2024-02-06, torn: true}, {day: 2024-02-07, torn: true}, {day: 2024-02-08, torn: true}]}
"""
SESSIONS = {  # by the day on which the notice is posted: its windows, and how the lines of the text go
    # A Friday; Monday the 12th is closed.
    "2024-02-09": [
        ("looks[2024-02-06]", 1, "2024-02-06", "2024-02-07", "past"),
        ("", -1, "2024-02-09", "2024-02-08", "past"),
        ("looks[2024-02-07]", 1, "2024-02-07", "2024-02-08", "past"),
        ("looks[2024-02-08]", 1, "2024-02-08", "2024-02-09", "past"),
        ("", 5, "2024-02-09", "2024-02-19", "ahead"),
    ],
    # In a month: the fifth session after its last day lies beyond what is known of sessions.
    "2024-03": [
        ("", -1, "2024-03-01..2024-03-31", "2024-02-29..2024-03-30", "ahead"),
        ("", 5, "2024-03-01..2024-03-31", "2024-03-08..", "ahead"),
    ],
    # After what is known of sessions: the last of them, or any later day.
    "2024-05-10": [("", -1, "2024-05-10", "2024-03-29..2024-05-09", "ahead"), ("", 5, "2024-05-10", "2024-05-15..", "ahead")],
    # Before sessions are known.
    "2024-01-01": [
        ("", -1, "2024-01-01", "..2023-12-31", "past"),
        ("", 5, "2024-01-01", "2024-01-08", "past"),
        ("looks[2024-02-06]", 1, "2024-02-06", "2024-02-07", "past"),
        ("looks[2024-02-07]", 1, "2024-02-07", "2024-02-08", "past"),
        ("looks[2024-02-08]", 1, "2024-02-08", "2024-02-09", "past"),
    ],
}
TOLD = {
    ("2024-02-09", "zh"): [
        "  - 查看［2024-02-06］；查看［2024-02-07］；查看［2024-02-08］：自2024-02-06至2024-02-08起各1个交易",
        "    日，至2024-02-07至2024-02-09（已满）",
        "    张贴前的查看",
        "  - 告示·张贴日：自2024-02-09倒推1个交易日，至2024-02-08（已满）",
        "    张贴前的查看",
        "  - 告示·张贴日：自2024-02-09起5个交易日，至2024-02-19（未到）",
        "    张贴的集日：张贴期间",
    ],
    ("2024-03", "zh"): [
        "  - 告示·张贴日：自2024-03-01至2024-03-31倒推1个交易日，至2024-02-29至2024-03-30（未到，交易日历只",
        "    有2024-01-01至2024-03-29）",
        "    张贴前的查看",
        "  - 告示·张贴日：自2024-03-01至2024-03-31起5个交易日，至2024-03-08或以后（未到，交易日历只有",
        "    2024-01-01至2024-03-29）",
        "    张贴的集日：张贴期间",
    ],
    ("2024-03", "en"): [
        "  - notice, day of posting: 1-session period back from 2024-03-01 to 2024-03-31, to 2024-02-29 to",
        "    2024-03-30 (ahead, sessions are known for 2024-01-01 to 2024-03-29 only)",
        "    Looks before it is posted",
        "  - notice, day of posting: 5-session period from 2024-03-01 to 2024-03-31, until 2024-03-08 or",
        "    later (ahead, sessions are known for 2024-01-01 to 2024-03-29 only)",
        "    market days shown: Time shown",
    ],
}
LANES = {
    "2024-02-09": [
        (
            "查看［2024-02-06］（另有2项）",
            "自2024-02-06至2024-02-08起各1个交易日，届满日2024-02-07至2024-02-09（已届满）；涉及 张贴前的查看",
        ),
        ("告示·张贴日", "自2024-02-09倒推1个交易日，推到2024-02-08（已届满）；涉及 张贴前的查看"),
        ("告示·张贴日（张贴的集日）", "自2024-02-09起5个交易日，届满日2024-02-19（尚未届满）；涉及 张贴期间"),
    ],
    "2024-03": [
        (
            "告示·张贴日",
            "自2024-03-01至2024-03-31倒推1个交易日，推到2024-02-29至2024-03-30（尚未届满）；涉及 张贴前的查看；"
            "交易日历只有2024-01-01至2024-03-29，届满日不能确定",
        ),
        (
            "告示·张贴日（张贴的集日）",
            "自2024-03-01至2024-03-31起5个交易日，届满日2024-03-08或以后（尚未届满）；涉及 张贴期间；"
            "交易日历只有2024-01-01至2024-03-29，届满日不能确定",
        ),
    ],
}


@cache
def notice(posted: str) -> tuple[Pack, dict[str, Any]]:
    """A filing under the small book that counts in sessions, and its timeline."""
    pack = load_pack(ROOT / "tests/books/notices")
    found = loading.read(source.parse(NOTICE.replace("POSTED", posted), "notice"), pack.vocabulary, pack.id, pack.options)
    return pack, timeline(Machine(pack), found, day("2024-02-15"))


def bounds(found: dict[str, str]) -> str:
    low, high = found.get("low", ""), found.get("high", "")
    return low if low == high else f"{low}..{high}"


@pytest.mark.parametrize("posted", SESSIONS)
def test_windows_are_counted_in_sessions(posted: str) -> None:
    _, plain = notice(posted)
    found = [(one.get("item", ""), one["sessions"], bounds(one["starts"]), bounds(one["ends"]), one["state"]) for one in plain["windows"]]
    assert (found, form_of(plain)) == (SESSIONS[posted], [])
    known = {"low": "2024-01-01", "high": "2024-03-29"} if posted != "2024-02-09" else None
    beyond = [one["sessions"] < 0 if posted == "2024-01-01" else True for one in plain["windows"]]
    assert [one.get("known") for one in plain["windows"]] == [known if so else None for so in beyond]
    length = next(one for one in plain["windows"] if one["sessions"] == 5)
    assert (length["parameter"]["name"], length["rules"], length["paths"]) == ("shown_days", ["shown"], ["notice.posted"])


@pytest.mark.parametrize(("posted", "lang"), TOLD)
def test_windows_of_sessions_in_words(posted: str, lang: str) -> None:
    pack, plain = notice(posted)
    lines = report.render(plain, pack, lang).splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(("期间（", "Windows (")))
    assert lines[start + 1 : lines.index("", start)] == TOLD[posted, lang]


@pytest.mark.parametrize("posted", LANES)
def test_windows_of_sessions_as_lanes(posted: str) -> None:
    pack, plain = notice(posted)
    found = beside.timeline(plain, "zh", pack)
    assert found is not None
    assert [(lane.label, lane.sentence) for lane in found.windows] == LANES[posted]
    runs, ends = (stretch.span for stretch in found.windows[-1].stretches)
    assert runs.low < ends.low <= runs.high <= ends.high and ends.open_high == (posted == "2024-03")


def test_a_window_is_of_months_or_of_sessions() -> None:
    """Exactly one of the two: the form refuses a window that has both or none."""
    _, plain = notice("2024-02-09")
    both = {**plain["windows"][0], "months": 1}
    none = {name: value for name, value in plain["windows"][0].items() if name != "sessions"}
    assert [len(form_of({**plain, "windows": [one]})) for one in (plain["windows"][0], both, none)] == [0, 1, 1]


def form_of(plain: dict[str, Any]) -> list[str]:
    """What of a timeline is not of its form."""
    schema = json.loads((files("compliance.engine") / "timeline.schema.json").read_text(encoding="utf-8"))
    return [error.message for error in Draft202012Validator(schema).iter_errors(plain)]


def test_market_days_turn_where_the_tree_says(tmp_path: Path) -> None:
    """Twenty sessions before the board met, none left out: which days these are is read from the tree, each window found once."""
    made = plan(tmp_path, "auction")
    pack = made.pack
    line = Line(subject(Machine(pack), made.filing, made.as_of), day("2025-09-01"), day("2026-03-31"))
    rule = pack.rule("issue-price-before-plan")
    moving = next(one for one in line.movings() if one.name == "board_date")
    course = line.course(rule, moving)
    assert course.proof == "tree"
    assert [(dates.iso(first), verdict) for first, verdict in course.steps] == [
        ("2025-09-01", "judgement"),
        ("2025-11-06", "pass"),
        ("2025-11-26", "judgement"),
    ]
    on = [line.verdict(rule, moving, day(text)) for text in ("2025-11-05", "2025-11-06", "2025-11-25", "2025-11-26")]
    assert on == ["judgement", "pass", "pass", "judgement"]
    starts = [tuple(one["paths"]) for one in line.windows([rule])]
    assert starts and len(set(starts)) == len(starts)


def test_the_law_to_come_and_what_goes_stale() -> None:
    ahead = {one["day"]: one for one in record()["law"]}
    assert "strategic-stake" in ahead["2026-04-17"]["begin"]
    assert next(one for one in ahead["2026-03-27"]["parameters"] if one["name"] == "research_lower_ratio") == {
        "name": "research_lower_ratio",
        "label": dict(case().pack.parameters["research_lower_ratio"].label),
        "from": "3%",
        "to": "5%",
    }
    found = changed(offering__feasibility_dated="2025-03-31", offering__feasibility_supplemented="false")
    study = next(one for one in found["stale"] if one["paths"] == ["offering.feasibility_dated"])
    assert study["last"] == {"low": "2026-03-31", "high": "2026-03-31"}
    assert (study["rules"], study["state"]) == (["feasibility-study-age"], "ahead")
    lost = next(one for one in found["changes"] if one["rule"] == "feasibility-study-age" and one["moving"] == "as_of")
    assert (lost["day"], lost["from"]) == ("2026-04-01", "pass")
    assert lost["paths"] == ["offering.feasibility_dated"]


@pytest.mark.parametrize("code", ["300766", "688327", "001202"])
def test_it_is_of_its_form_and_fits_the_terminal(code: str) -> None:
    made = case() if code == "300766" else load_case(Path(filing(code)), "2025-12-03")
    plain = record() if code == "300766" else timeline(machine(), made.filing, made.as_of)
    assert form_of(plain) == []
    for lang in ("zh", "en"):
        assert [line for line in report.render(plain, made.pack, lang).splitlines() if width(line) > COLUMNS] == []


def test_it_works_for_any_book(tmp_path: Path) -> None:
    path = tmp_path / "filing.yaml"
    path.write_text(
        "schema: compliance.filing/1\npack: toy\nissuer: {code: '000001'}\nparty: {kind: open, held: 2024-01-01}\n", encoding="utf-8"
    )
    toy = load_case(path, "2024-01-02", pack=ROOT / "tests/books/toy")
    assert timeline(Machine(toy.pack), toy.filing, toy.as_of)["schema"] == "compliance.timeline/1"


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        # What is typed, and what is told of it in both languages.
        (
            ["--from", "2024-13-01"],
            ["--from: 没有“2024-13-01”这一天；请核对"],
            ["--from: there is no such day as '2024-13-01'; check it"],
        ),
        (
            ["--from", "soon", "--until", "2024-02"],
            ["--from: “soon”不是日期；请写成 2024-12-25、2024-12 或 2024", "--until: “2024-02”不是确切日期；请写成 2024-12-25"],
            [
                "--from: 'soon' is no date; write it like 2024-12-25, 2024-12 or 2024",
                "--until: '2024-02' is not a day; write it like 2024-12-25",
            ],
        ),
        (
            ["--from", "2025-01-01", "--until", "2024-01-01"],
            ["--from: “2025-01-01..2024-01-01”的下限大于上限；请对调"],
            ["--from: the range '2025-01-01..2024-01-01' ends before it begins; swap its ends"],
        ),
        (
            ["--from", "1960-01-01", "--until", "2030-01-01"],
            ["--until: 1960-01-01 至 2030-01-01 超过 60 年；请改 --from 或 --until"],
            ["--until: 1960-01-01 to 2030-01-01 is longer than 60 years; change --from or --until"],
        ),
        (
            ["--from", "1960-01-01"],
            ["--from: 1960-01-01 至 2028-12-31 超过 60 年；请改 --from 或 --until"],
            ["--from: 1960-01-01 to 2028-12-31 is longer than 60 years; change --from or --until"],
        ),
        (
            ["--until", "2200-01-01"],
            ["--until: 2023-12-01 至 2200-01-01 超过 60 年；请改 --from 或 --until"],
            ["--until: 2023-12-01 to 2200-01-01 is longer than 60 years; change --from or --until"],
        ),
    ],
)
def test_mistakes_are_told(given: list[str], zh: list[str], en: list[str], tmp_path: Path) -> None:
    out = tmp_path / "days.txt"
    chinese, english = told("timeline", str(FILE), "--as-of", "2025-12-31", "--out", str(out), *given)
    assert (chinese.splitlines(), english.splitlines()) == (zh, en)
    assert not out.exists()


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, ("2023-12-01", "2028-12-31")),
        ("2025-06-01", None, ("2025-06-01", "2028-12-31")),
        ("2030-06-01", None, ("2030-06-01", "2033-06-01")),
        (None, "2020-01-01", ("2019-01-01", "2020-01-01")),
    ],
)
def test_one_end_alone_makes_a_stretch(start: str | None, end: str | None, expected: tuple[str, str]) -> None:
    made = subject(machine(), case().filing, case().as_of)
    found = stretch(made, *(None if text is None else day(text) for text in (start, end)))
    assert tuple(dates.iso(one) for one in found) == expected
