"""What changes between two days, or two rule books, for whom: item by item out of tables that go case by case in one order."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from compliance.engine.machine import Machine
from compliance.engine.verdict import GRAVEST
from compliance.packs.book import AS_OF, Rule
from compliance.screen.run import fresh, harmless
from compliance.screen.summary import rows

ABSENT = "not_in_force"
Plain = dict[str, Any]


class Change(NamedTuple):
    """One rule whose verdict on an issuer is another after than before; ``rule`` is empty for the verdict as a whole."""

    item: int
    issuer: str
    day: str
    rule: str
    before: str
    after: str


class State(NamedTuple):
    """An issuer on a day: the verdict and force of each rule in force."""

    item: int
    issuer: str
    day: str
    verdicts: Mapping[str, tuple[str, str]]

    def overall(self) -> str:
        """The verdict as a whole: of the conditions, the gravest."""
        ruling = {verdict for verdict, force in self.verdicts.values() if force == "condition"}
        return next((word for word in GRAVEST if word in ruling), "not_applicable")


def states(out: Path) -> Iterator[State]:
    """The states of a run that has been joined, item by item and day by day."""
    columns = ["item", "issuer", "as_of", "rule", "verdict", "force"]
    for (item, issuer, day), found in groupby(
        rows(out / "findings.parquet", columns), lambda row: (row["item"], row["issuer"], row["as_of"].isoformat())
    ):
        yield State(item, issuer, day, {row["rule"]: (row["verdict"], row["force"]) for row in found})


def between(before: State, after: State) -> Iterator[Change]:
    """What is another after than before: the verdict as a whole first, then rule by rule."""
    if before.overall() != after.overall():
        yield Change(after.item, after.issuer, after.day, "", before.overall(), after.overall())
    for rule in dict.fromkeys((*before.verdicts, *after.verdicts)):
        one, two = before.verdicts.get(rule, (ABSENT, ""))[0], after.verdicts.get(rule, (ABSENT, ""))[0]
        if one != two:
            yield Change(after.item, after.issuer, after.day, rule, one, two)


def impact(old: Iterable[State], new: Iterable[State]) -> Iterator[Change]:
    """What changes between two runs over the same items, one day each."""
    others = iter(new)
    held = next(others, None)
    for state in old:
        while held is not None and held.item < state.item:
            yield from between(State(held.item, held.issuer, held.day, {}), held)
            held = next(others, None)
        if held is not None and held.item == state.item:
            yield from between(state, held)
            held = next(others, None)
        else:
            yield from between(state, state._replace(verdicts={}))
    for state in (held, *others) if held is not None else ():
        yield from between(state._replace(verdicts={}), state)


def moving(machine: Machine, first: int, last: int) -> tuple[Rule, ...]:
    """The rules whose verdict may be another as the day of the check moves from one to another and nothing else does.

    A rule is held against that day, or its law may be picked by it and changes on the way.
    """

    def moves(rule: Rule) -> bool:
        turns = any(first < part.start <= last for part in machine.ready(rule).segments)
        return AS_OF in rule.held_on or (AS_OF in rule.law and turns)

    return tuple(rule for rule in machine.pack.rules if moves(rule))


def watch(base: Iterable[State], days: Iterable[State], moved: Collection[str]) -> Iterator[Change]:
    """What changes as the day moves. ``base`` holds all rules on the first day, ``days`` those that move, on each day from it on.

    Of an item the days come in their order, though not one after the other: so much of every item is kept as its verdicts.
    """
    whole = {state.item: state for state in base}
    for state in days:
        before = whole[state.item]
        kept = {rule: found for rule, found in before.verdicts.items() if rule not in moved}
        now = State(state.item, state.issuer, state.day, {**kept, **state.verdicts})
        yield from between(before, now)
        whole[state.item] = now


COLUMNS = ("item", "issuer", "day", "rule", "before", "after", "why")


def write(path: Path, changes: Iterable[Change], why: Mapping[str, str]) -> Counter[tuple[str, str, str]]:
    """Changes as a table, each with what of the law is behind it; gives how many there are of each kind.

    Raises ``SourceError`` where the file cannot be written.
    """
    import io

    counts: Counter[tuple[str, str, str]] = Counter()
    with fresh(path) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        text.write("\N{BYTE ORDER MARK}")
        table = csv.writer(text, lineterminator="\n")
        table.writerow(COLUMNS)
        for change in changes:
            counts[change.rule, change.before, change.after] += 1
            table.writerow([harmless(str(part)) for part in (*change, why.get(change.rule, ""))])
        text.detach()
    return counts
