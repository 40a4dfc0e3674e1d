"""The real filings give what their ``expected.yaml`` says, and so does each variant of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from checked import book, machine
from compliance import dates, source
from compliance.engine.consistency import inconsistencies
from compliance.engine.record import check
from compliance.engine.subject import subject
from compliance.facts import loading
from compliance.proving.inline import value_at
from edits import edited

ROOT = Path(__file__).resolve().parent.parent
CODES = sorted(path.parent.name for path in ROOT.glob("cases/*/expected.yaml"))


@cache
def expectations(code: str) -> dict[str, Any]:
    """A case's ``expected.yaml``, every value as the text that was written."""
    found: dict[str, Any] = yaml.load((ROOT / "cases" / code / "expected.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return found


def scenarios() -> Iterator[tuple[str, str, str, Mapping[str, str]]]:
    """Every expectation: the case, the variant ("" for the filing as it is), the rule, and the keys with their values."""
    for code in CODES:
        wanted = expectations(code)
        for rule, keys in wanted["findings"].items():
            yield code, "", rule, keys
        for variant in wanted.get("variants", ()):
            for rule, keys in variant["expect"].items():
                yield code, variant["name"]["en"], rule, keys


@cache
def findings(code: str, variant: str) -> dict[str, Any]:
    """The findings of a case or variant, by rule."""
    wanted = expectations(code)
    name, as_of, put, drop, rules = "filing.yaml", wanted["as_of"], {}, [], set(wanted["findings"])
    if variant:
        found = next(one for one in wanted["variants"] if one["name"]["en"] == variant)
        name = found.get("filing", name)
        as_of, put, drop = found.get("as_of", as_of), found.get("set", {}), found.get("drop", [])
        rules = set(found["expect"])
    pack = book()
    text = edited(ROOT / "cases" / code / name, pack.vocabulary, put, drop)
    filing = loading.read(source.parse(text, code), pack.vocabulary, pack.id, pack.options)
    record = check(machine(), filing, dates.parse(as_of).low, rules)
    return {finding["rule"]: finding for finding in record.get("findings", ())}


@pytest.mark.parametrize(
    ("code", "variant", "rule", "wanted"), [pytest.param(*one, id=" · ".join(filter(None, one[:3]))) for one in scenarios()]
)
def test_case(code: str, variant: str, rule: str, wanted: Mapping[str, str]) -> None:
    if rule not in {one.id for one in book().rules}:
        pytest.skip(f"the rule {rule} is not in the pack")
    found = findings(code, variant).get(rule)
    assert found is not None, f"{rule} gave no finding: is it in force on its day?"
    assert {key: value_at(found, key) for key in wanted} == dict(wanted)


@pytest.mark.parametrize("code", CODES)
def test_items_alike_that_are_answered_differently_are_named_and_no_others(code: str) -> None:
    wanted, pack = expectations(code), book()
    filing = loading.load(ROOT / "cases" / code / "filing.yaml", pack.vocabulary, pack.id, pack.options)
    found = inconsistencies(subject(machine(), filing, dates.parse(wanted["as_of"]).low))
    told = {one.field.name: {answer: "、".join(paths) for answer, paths in one.by_answer} for one in found}
    assert told == wanted.get("inconsistencies", {})


def test_variants_have_names_of_their_own() -> None:
    for code in CODES:
        names = [variant["name"]["en"] for variant in expectations(code).get("variants", ())]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "code", sorted(f"{path.parent.name}/{path.name}" for path in ROOT.glob("cases/*/*.yaml") if path.name != "expected.yaml")
)
def test_editing_changes_nothing_else(code: str) -> None:
    """A filing written out again without a change gives the same record: the variants differ by what they say alone."""
    pack = book()
    path = ROOT / "cases" / code
    as_written = loading.load(path, pack.vocabulary, pack.id, pack.options)
    again = loading.read(source.parse(edited(path, pack.vocabulary), code), pack.vocabulary, pack.id, pack.options)
    assert again.sha256 == as_written.sha256
