"""Why a verdict is another on one side than on the other, as plain data: the law, a period that turns, the rule book, other rules.

What is told of one filing and one rule is found by moving one thing at a time: a rule that begins or ends, what it reads of the
law, and else the comparison of days that turns when the verdict does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from compliance import dates
from compliance.engine.machine import Ready
from compliance.engine.subject import Subject
from compliance.engine.timeline import DAY, Line, Moving, reads
from compliance.engine.verdict import verdict_of
from compliance.expressions.tree import Node, parameters_of
from compliance.facts.filing import Filing
from compliance.packs.book import AS_OF, Pack, Rule
from compliance.vocabulary import Vocabulary

Plain = dict[str, Any]
BEGINS, ENDS, LAW, PERIOD, DAY_ITSELF, BOOK, RULES = "begins", "ends", "law", "period", "day", "book", "rules"
OF_DAY = Moving(AS_OF, None)


def written(causes: Sequence[Plain]) -> str:
    """Causes as a text that a table holds."""
    return json.dumps(causes, ensure_ascii=False, separators=(",", ":"))


def of_rules(rules: Iterable[str]) -> list[Plain]:
    """The cause of a verdict as a whole: rules that are conditions."""
    return [{"kind": RULES, "rules": list(rules)}]


# Two days of one book


def of_days(made: Subject, rule: Rule, first: int, last: int) -> list[Plain]:
    """Why the verdict of a rule on a filing differs between two days, of which either may be the earlier one."""
    ready = made.machine.ready(rule)
    follows = made.law_day(rule)[0] == AS_OF
    law = by_law(ready, first, last) if follows else []
    dated = AS_OF in rule.held_on and any(reads(top, DAY, True) for top in rule.formula.nodes())
    if not dated or any(cause["kind"] in (BEGINS, ENDS) for cause in law):
        return law or [{"kind": DAY_ITSELF}]
    day = _turned(made, rule, first, last)
    if day is None:
        return law or [{"kind": DAY_ITSELF}]
    found = [*(by_law(ready, day - 1, day) if follows else ()), *periods(made, rule, day)]
    return found or [{"kind": DAY_ITSELF, "day": dates.iso(day)}]


def on_day(made: Subject, rule: Rule, day: int) -> list[Plain]:
    """Why the verdict of a rule on a filing is another on a day than on the day before."""
    law = by_law(made.machine.ready(rule), day - 1, day) if made.law_day(rule)[0] == AS_OF else []
    if any(cause["kind"] in (BEGINS, ENDS) for cause in law):
        return law
    return [*law, *periods(made, rule, day)] or [{"kind": DAY_ITSELF, "day": dates.iso(day)}]


def _turned(made: Subject, rule: Rule, first: int, last: int) -> int | None:
    """The day on which the verdict came to what it is on the last of two days; None where it is the same on both."""
    low, high = sorted((first, last))
    days = [day for day, _ in Line(made, low, high).course(rule, OF_DAY).steps[1:]]
    return None if not days else days[-1] if last > first else days[0]


@lru_cache(maxsize=4096)
def _stretch(ready: Ready, day: int) -> tuple[int, int, bool]:
    """The days around a day on which a rule is in force all along, or not at all, and which of both."""
    segments = ready.segments
    at = next(number for number, part in enumerate(segments) if part.start <= day < part.end)
    first = last = at
    while first and segments[first - 1].in_force == segments[at].in_force:
        first -= 1
    while last + 1 < len(segments) and segments[last + 1].in_force == segments[at].in_force:
        last += 1
    return segments[first].start, segments[last].end, segments[at].in_force


def by_law(ready: Ready, first: int, last: int) -> list[Plain]:
    """What of the law that a rule reads is another on one day than on another: that it begins or ends, or its parameters."""
    low, high = sorted((first, last))
    (_, end, before), (start, _, after) = _stretch(ready, low), _stretch(ready, high)
    if before != after:
        return [{"kind": BEGINS, "day": dates.iso(start)} if after else {"kind": ENDS, "day": dates.iso(end)}]
    moved = parameters(ready.pack, ready.pack, ready.rule, first, last)
    if not moved:
        return []
    names = {name for name, _, _ in moved}
    days = [value.start for name in names for value in ready.pack.parameters[name].values if low < value.start <= high]
    return [{"kind": LAW, "day": dates.iso(max(days)) if days else None, "parameters": moved}]


def parameters(before: Pack, after: Pack, rule: Rule, first: int, last: int) -> list[list[str]]:
    """The parameters of a rule that differ, each with its value before and after (empty: none in force)."""
    found = []
    for name in sorted(rule.parameters()):
        values = [book.parameters[name].on(day) if name in book.parameters else None for book, day in ((before, first), (after, last))]
        old, new = ("" if value is None else value.shown for value in values)
        if [value and value.value for value in values] != [values[0] and values[0].value] * 2:
            found.append([name, old, new])
    return found


def periods(made: Subject, rule: Rule, day: int) -> list[Plain]:
    """The periods that turn on a day: the stated days that they run from or to, and the parameters that tell how long."""
    line = Line(replace(made, as_of=day - 1), day - 1, day)
    paths: dict[str, None] = {}
    names: dict[str, None] = {}
    for node, items in line.comparisons(rule, DAY, AS_OF in rule.held_on):
        for world in line.worlds(rule, node) or [[]]:
            with line.made.put(world):
                if len({line.truth(rule, OF_DAY, AS_OF, node, items, each) for each in (day - 1, day)}) > 1:
                    found = line.paths(rule, node, items, None)
                    paths |= dict.fromkeys(found)
                    names |= dict.fromkeys(sorted(parameters_of(node))) if found else {}
    if not paths:
        return []
    values = line.made.machine.pack.parameters
    law = line.made.law_day(rule)[1][0]
    shown = [[name, value.shown] for name in names if (value := values[name].on(law)) is not None]
    return [{"kind": PERIOD, "day": dates.iso(day), "facts": [[path, _day_of(made.filing, path)] for path in paths], "parameters": shown}]


def _day_of(filing: Filing, path: str) -> str:
    """A stated day, or the days that it lies between."""
    found = filing.cell(path)
    assert found is not None  # it is stated
    row, part = found
    low, high = (dates.iso(row[part.slot + end]) or "" for end in (0, 1))
    return low if low == high else f"{low}..{high}"


# Two books


def of_books(made: tuple[Subject, Subject], rules: tuple[Rule | None, Rule | None]) -> list[Plain]:
    """Why the verdict of a rule differs between two books, each on its day; a rule that one of them does not have is None."""
    (before, after), (old, new) = made, rules
    if old is None or new is None:
        return [{"kind": BOOK, "what": ["added" if old is None else "removed"]}]
    if before.as_of != after.as_of:
        words = [verdict_of(one, rule)[0] for one, rule in ((before, old), (replace(after, as_of=before.as_of), new), (after, new))]
        if words[1] != words[2]:  # the last step brought it: the day
            return of_days(replace(after, as_of=before.as_of), new, before.as_of, after.as_of)
        after = replace(after, as_of=before.as_of)
    law = before.law_day(old)[1][0], after.law_day(new)[1][0]
    return by_book(before.machine.ready(old), after.machine.ready(new), *law)


@lru_cache(maxsize=4096)
def by_book(old: Ready, new: Ready, first: int, last: int) -> list[Plain]:
    """What of a rule is another in one book than in another, under the law of a day each."""
    in_force = [_stretch(ready, day)[2] for ready, day in ((old, first), (new, last))]
    if in_force[0] != in_force[1]:
        return [{"kind": BOOK, "what": ["in_force" if in_force[1] else "not_in_force"]}]
    moved = parameters(old.pack, new.pack, new.rule, first, last)
    what = [name for name, one, other in _aspects(old, new) if one != other]
    return [{"kind": BOOK, "what": what, **({"parameters": moved} if moved else {})}]


def _aspects(old: Ready, new: Ready) -> Iterator[tuple[str, Any, Any]]:
    """What tells a verdict beside the parameters, in both books."""

    def each(name: str, of: Callable[[Ready], Any]) -> tuple[str, Any, Any]:
        return name, of(old), of(new)

    yield each("formula", lambda ready: [_named(node, ready.pack.vocabulary) for node in ready.rule.formula.nodes()])
    yield each("days", lambda ready: (ready.rule.law, ready.rule.held_on))
    yield each("reported", lambda ready: (ready.rule.fail_as, [one.verdict for one in ready.rule.exceptions]))
    yield each("force", lambda ready: ready.rule.force)
    yield each("readings", lambda ready: {reading.id: reading.default for reading in ready.readings})


def _named(node: Node, words: Vocabulary) -> Any:
    """What a tree computes, in names rather than slots and bits, which differ from book to book."""
    value = node.value[:2] if node.op == "field" else node.value
    if node.op == "in" and node.args[0].type.of in words.kinds:
        value = tuple(name for name in words.kinds[node.args[0].type.of] if words.bit(node.args[0].type.of, name) & node.value)
    return node.op, value, tuple([_named(arg, words) for arg in node.args])
