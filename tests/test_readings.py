"""One filing read in more than one way: the cases under ``readings``, which a lawyer can read and write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from checked import book, machine
from compliance import dates, source
from compliance.engine.phrases import rounded
from compliance.engine.record import check
from compliance.facts import loading
from compliance.facts.filing import Filing
from compliance.facts.trial import Setting, spread, trial, unknown
from compliance.proving.inline import value_at
from compliance.source import Node, Place

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(__file__).resolve().parent / "readings"
CODES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
OTHER_DAYS = ("offering.plan_disclosed", "offering.filing_date")  # left out where a window is held on one day alone


@cache
def cases(code: str) -> dict[str, Any]:
    """A file of readings, every value as the text that was written."""
    found: dict[str, Any] = yaml.load((FOLDER / f"{code}.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return found


@cache
def stands(code: str) -> tuple[Node, Filing]:
    """The filing as it stands: its nodes and what they say."""
    node = source.load(ROOT / "cases" / code / "filing.yaml", code)
    return node, loading.read(node, book().vocabulary, book().id, book().options)


def every() -> Iterator[Any]:
    for code in CODES:
        for number, one in enumerate(cases(code)["readings"]):
            yield pytest.param(code, one, id=f"{code} · {number} · {one['say']['en']}")


def read(code: str, put: Mapping[str, str], only_day: str | None) -> Filing:
    """The filing with what a reading puts; with ``only_day`` the board met on that day and no other day counts."""
    node, filing = stands(code)
    settings = [Setting(path, text, Place("reading")) for path, text in put.items()]
    assert [one.path for one in settings if unknown(filing, spread(filing, one.path)[0], book().options)] == []
    if only_day is not None:
        settings.append(Setting("offering.board_date", only_day, Place("reading")))
        settings += [Setting(path, "", Place("reading")) for path in OTHER_DAYS]
    node = trial(node, filing, settings)
    if only_day is not None:
        assert isinstance(node, source.Table)
        offering = node.entries["offering"]
        assert isinstance(offering, source.Table)
        left = {name: part for name, part in offering.entries.items() if f"offering.{name}" not in OTHER_DAYS}
        node = node._replace(entries={**node.entries, "offering": offering._replace(entries=left)})
    return loading.read(node, book().vocabulary, book().id, book().options)


def said(found: Mapping[str, Any], key: str, wanted: str) -> str:
    """What a finding says under a key of the file."""
    if key == "percent":
        ends = wanted.split("..")
        digits = len(ends[0].rstrip("%").partition(".")[2])
        shown = [rounded(found["ratio"][end], digits) for end in ("low", "high")]
        return "..".join(shown) if len(ends) > 1 else shown[0]
    if key.startswith("held_"):
        return str(found["days"]["held_on"].get(key.removeprefix("held_")))
    return str(value_at(found, key))


@pytest.mark.parametrize(("code", "one"), [*every()])
def test_a_reading_comes_out_as_written(code: str, one: Mapping[str, Any]) -> None:
    day = one.get("only_day", cases(code)["as_of"])
    wanted = one["comes_out"]
    record = check(machine(), read(code, one.get("put", {}), one.get("only_day")), dates.parse(day).low, set(wanted))
    findings = {found["rule"]: found for found in record.get("findings", ())}
    assert set(findings) == set(wanted)
    came_out = {rule: {key: said(findings[rule], key, text) for key, text in keys.items()} for rule, keys in wanted.items()}
    assert came_out == wanted


@pytest.mark.parametrize("code", CODES)
def test_every_reading_is_said_in_both_languages_and_once(code: str) -> None:
    for lang in ("zh", "en"):
        texts = [one["say"][lang] for one in cases(code)["readings"]]
        assert len(set(texts)) == len(texts)
