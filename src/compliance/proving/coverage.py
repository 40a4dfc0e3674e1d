"""Which rows of the catalogue a pack covers: a row counts only where an inline test that holds passes through it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from compliance.packs.book import Pack, Rule
from compliance.proving.inline import Result, run
from compliance.vocabulary import Text

AUTOMATED, ASKED, SCOPE, MISSING = "automated", "asked", "out_of_scope", "missing"
_DECIDED = ("pass", "fail")


@dataclass(frozen=True, slots=True)
class Covered:
    """A row of the catalogue: what became of it, the rules that cover it, and why it is left out where it is.

    ``tests`` counts the inline tests that pass through it. A row that the pack covers without naming it in the catalogue
    has no title.
    """

    row: str
    title: Text | None
    sourced: str
    state: str
    rules: tuple[str, ...]
    tests: int
    reason: Text | None


def rows(pack: Pack, tested: Iterable[Result] | None = None) -> list[Covered]:
    """Every row of the catalogue in its order, then those that only rules name; ``tested`` is what its inline tests gave."""
    results = [result for result in (run(pack) if tested is None else tested) if not result.faults]
    named = [*pack.catalogue, *pack.out_of_scope, *(row for rule in pack.rules for row in claimed(rule, pack))]
    return [_covered(pack, row, results) for row in dict.fromkeys(named)]


def claimed(rule: Rule, pack: Pack) -> list[str]:
    """The rows that a rule, its exceptions and its readings say they cover."""
    found = [*rule.covers, *(row for exempt in rule.exceptions for row in exempt.covers)]
    fields = set(rule.fields())
    return found + [row for reading in pack.readings.values() if ("reading", reading.id) in fields for row in reading.covers]


def _covered(pack: Pack, row: str, results: Iterable[Result]) -> Covered:
    through = [result for result in results if row in result.covers]
    judged = {rule.id for rule in pack.rules if rule.fail_as == "judgement"}
    decided = [one for one in through if one.verdict in _DECIDED]
    # Where an unmet requirement is left to people, a pass alone decides nothing mechanically.
    asked = [one for one in through if one.verdict == "judgement"]
    if decided and not {one.rule for one in decided} <= judged:
        state = AUTOMATED
    elif asked:
        state = ASKED
    else:
        state = AUTOMATED if decided else SCOPE if row in pack.out_of_scope else MISSING
    entry = pack.catalogue.get(row)
    return Covered(
        row,
        entry.title if entry is not None else None,
        entry.sourced if entry is not None else "",
        state,
        tuple(dict.fromkeys(one.rule for one in through)),
        len(through),
        pack.out_of_scope.get(row),
    )
