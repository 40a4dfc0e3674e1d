"""Decide one rule on one filing: on each day it is held against, in each version of the law, under each reading.

Steps or generated code do the arithmetic (see ``machine``). Here the several evaluations are joined: all the same is that
verdict, anything else is open. Filling in a fact can narrow a range, so it can refine a verdict and never reverse one; the
one step between verdicts is from ``pass`` to ``not_applicable``, where a requirement was proved before it was known
whether the rule applies at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import product
from typing import Any, NamedTuple, Protocol

from compliance.engine.machine import COLD, Generated, Ready, Segment
from compliance.engine.subject import ALWAYS, Put, Subject
from compliance.expressions.formula import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS
from compliance.facts.filing import Row
from compliance.packs.book import Rule

VERDICTS: Mapping[int, str] = {NOT_APPLICABLE: "not_applicable", PASS: "pass", FAIL: "fail", OPEN: "open", CONFLICT: "conflict"}
SPLIT = 5  # the days a window is held against give different answers
ABSENT = 6  # not in force on the day of the law
DECIDED = (PASS, FAIL, NOT_APPLICABLE)
MAX_OPTIONS = 256  # worlds of open readings and flags that are evaluated one by one

Span = tuple[Any, Any]
Outcome = tuple[int, Any]  # what one evaluation gives: its code, and where measures are asked for the measuring form's answer
Evaluated = tuple[str, int, Any]  # the same after the day that the rule is held against
Choices = Sequence[Sequence[Sequence[Put]]]  # of each choice the ways to make it, all of which put the same cells


class Putting(Protocol):
    """``Subject.put``, or ``placed`` for what remembers nothing."""

    def __call__(self, puts: Sequence[Put], names: Iterable[tuple[str, str]] = ()) -> AbstractContextManager[None]: ...


class Sides(NamedTuple):
    """A comparison as evaluated, each number as a range at the scale of its type; the difference at the finer of both."""

    left: Span
    right: Span
    difference: Span


class Decision(NamedTuple):
    """What one rule gives.

    ``code`` is one of the codes above; ``by_day`` the code on each day the window was held against; ``clauses`` the bits
    of the clauses that may be in force; ``sides`` the hull of the comparison in each clause (None where it is none);
    ``applies`` whether it is certain that the rule applies.
    """

    code: int
    by_day: Mapping[str, int]
    clauses: int
    sides: tuple[Sides | None, ...]
    applies: bool = True

    @property
    def decided(self) -> bool:
        """Whether it is a pass, a fail or not applicable."""
        return self.code in DECIDED


def decide(made: Subject, rule: Rule) -> int:
    """The code of a rule's verdict, no more: what ``vary`` asks for a thousand times."""
    ready = made.machine.ready(rule)
    known = made.known(ready.mask)
    decision = known.get((rule.id, True, made.as_of))
    if decision is not None:
        return decision.code  # type: ignore[no-any-return]
    key = (rule.id, False, made.as_of)
    code: int | None = known.get(key)
    if code is None:
        code = known[key] = _decide(made, ready, plan(made, ready))
    return code


def _decide(made: Subject, ready: Ready, entries: Sequence[Entry]) -> int:
    if len(entries) == 1:  # as nearly always
        return _code(made, ready, entries[0])
    if len({entry.segment.in_force for entry in entries}) > 1:
        return OPEN  # in force or not, as the day of the law may be
    by_day: dict[str, int] = {}
    for entry in entries:
        if ready.still and entry.name not in by_day and NOT_APPLICABLE in by_day.values():
            break  # it applies on no other day either
        code = _code(made, ready, entry)
        # One open evaluation, or two of a day that disagree, leave the whole open: the rest need not be looked at.
        if code == OPEN or by_day.setdefault(entry.name, code) != code:
            return OPEN
    return across(by_day)


def _code(made: Subject, ready: Ready, entry: Entry) -> int:
    """The code of a rule by one of the evaluations that it is due."""
    if not entry.segment.in_force:
        return ABSENT
    form = ready.form(ready.exact(made.vague, entry.on), False)
    code = _run(made, ready, entry, False, form)[0]
    return code if code in DECIDED else in_worlds(made, ready, code, lambda: _run(made, ready, entry, False, form)[0], form is not None)


def in_worlds(made: Subject, ready: Ready, code: int, evaluate: Callable[[], int], generated: bool) -> int:
    """What a rule gives in all worlds that open readings and flags leave; ``code``, as it stands, where there are none.

    A flag that stands in several places of a rule is the same in all of them: ranges forget that, worlds do not. ``evaluate``
    gives the code on the facts as they are put, by generated code or not.
    """
    opened = opened_worlds(made, ready)
    if not opened:
        return code
    codes: list[int] = []

    def look() -> bool:
        codes.append(evaluate())
        return codes[-1] == OPEN or codes[-1] != codes[0]

    return OPEN if (place_each if generated else put_each)(made, opened, look) else codes[0]


def measure(made: Subject, rule: Rule) -> Decision:
    """A rule's verdict with its measures, over all days, versions and worlds in which it may apply."""
    ready = made.machine.ready(rule)
    known = made.known(ready.mask)
    key = (rule.id, True, made.as_of)
    decision: Decision | None = known.get(key)
    if decision is None:
        decision = known[key] = _measure(made, ready, plan(made, ready))
    return decision


def _measure(made: Subject, ready: Ready, entries: Sequence[Entry]) -> Decision:
    return joined(ready, list(_evaluated(made, ready, entries)))


def joined(ready: Ready, found: Sequence[Evaluated]) -> Decision:
    """A rule's decision by all its evaluations."""
    if len(found) == 1 and found[0][2] is not None:  # as nearly always
        return measured(ready, found[0][2], found[0][0])
    by_day: dict[str, int] = {}
    bits = 0
    applies = True
    sides = []
    for name, code, detail in found:
        if by_day.setdefault(name, code) != code:
            by_day[name] = OPEN
        applies = applies and (detail is None or bool(detail[2]))
        if detail is not None and code != NOT_APPLICABLE:  # where a rule does not apply it measures nothing
            bits |= detail[1]
            sides.append(detail[4])
    hulls = tuple([_hull(of_clause) for of_clause in zip(*sides, strict=True)]) or ready.unmeasured
    return Decision(across(by_day), by_day if ready.rule.held_on else {}, bits, hulls, applies)


def measured(ready: Ready, detail: tuple[Any, ...], name: str = "") -> Decision:
    """A rule's decision by a single evaluation: ``detail`` is what the measuring form gives, ``name`` the day that it is held against."""
    code, bits, applies, _, sides = detail
    by_day = {name: code} if ready.rule.held_on else {}
    if code == NOT_APPLICABLE:
        return Decision(code, by_day, 0, ready.unmeasured, bool(applies))
    return Decision(code, by_day, bits, tuple([new and Sides(new[0:2], new[2:4], new[4:6]) for new in sides]), bool(applies))


def varied(made: Subject, rule: Rule, puts: Sequence[Put]) -> tuple[Putting, Callable[[], int]]:
    """How to put values of the cells of ``puts`` for a rule alone, and what then gives its code: what ``decide`` gives within ``put``."""
    ready = made.machine.ready(rule)
    if _moves_law(made, ready, puts):
        return made.put, lambda: decide(made, rule)
    entries = plan(made, ready)
    return (made.placed if ready.runs > COLD else made.put), lambda: _decide(made, ready, entries)


def decide_with(made: Subject, rule: Rule, puts: Sequence[Put], names: Iterable[tuple[str, str]] = ()) -> int:
    """The code of a rule with values put into cells: what ``decide`` gives within ``put``."""
    put, code = varied(made, rule, puts)
    with put(puts, names):
        return code()


def measure_with(made: Subject, rule: Rule, puts: Sequence[Put], names: Iterable[tuple[str, str]] = ()) -> Decision:
    """A rule's verdict with its measures, with values put into cells: what ``measure`` gives within ``put``."""
    ready = made.machine.ready(rule)
    if not _by_code(made, ready, puts):
        with made.put(puts, names):
            return measure(made, rule)
    entries = plan(made, ready)
    with made.placed(puts, names):
        return _measure(made, ready, entries)


def some_decide(made: Subject, rule: Rule, choices: Choices) -> bool:
    """Whether one of each choice, in some combination, decides a rule; each chooses what a vague fact is."""
    ready = made.machine.ready(rule)
    if not _by_code(made, ready, [one for choice in choices for puts in choice for one in puts]):
        return put_each(made, choices, lambda: decide(made, rule) in DECIDED)
    entries = plan(made, ready)
    return place_each(made, choices, lambda: _decide(made, ready, entries) in DECIDED)


def _by_code(made: Subject, ready: Ready, puts: Sequence[Put]) -> bool:
    """Whether a rule runs as generated code, and no day of its law is put: then nothing that is remembered is looked at."""
    return ready.runs > COLD and not _moves_law(made, ready, puts)


def _moves_law(made: Subject, ready: Ready, puts: Sequence[Put]) -> bool:
    """Whether a day is put that picks a rule's law or that it is held against."""
    root, days = made.row, ready.day_slots
    return any(row is root and slot in days for row, slot, _, _ in puts)


class Entry(NamedTuple):
    """One evaluation that a rule is due: the day it is held against (name and range), its law, and a day under that law."""

    name: str
    on: tuple[int, int]
    segment: Segment
    day: int


def plan(made: Subject, ready: Ready) -> list[Entry]:
    """The evaluations that a rule is due: day by day, and version by version of its law."""
    law, days = _days(made, ready)
    segments = ready.segments_on(law)
    return [Entry(name, on, segment, max(law[0], segment.start)) for name, on in days for segment in segments]


def _days(made: Subject, ready: Ready) -> tuple[tuple[int, int], list[tuple[str, tuple[int, int]]]]:
    """The day of a rule's law, and the days that it is held against by name; the same for all rules that name the same days."""
    rule = ready.rule
    known = made.known(ready.days)  # a day of the law may be put as well
    key = (rule.law, rule.held_on, made.as_of)
    found: tuple[tuple[int, int], list[tuple[str, tuple[int, int]]]] | None = known.get(key)
    if found is None:
        days = [(name, day) for name in rule.held_on if (day := made.day(name)) is not None]
        found = known[key] = made.law_day(rule)[1], days or [("", ALWAYS)]
    return found


def _evaluated(made: Subject, ready: Ready, entries: Sequence[Entry]) -> Iterator[Evaluated]:
    """The evaluations of a rule with its measures; where it does not apply whatever the day, the other days are not looked at."""
    left = None
    for entry in entries:
        segment = entry.segment
        if not segment.in_force:
            yield entry.name, ABSENT, None
        elif left is not None and left[0] is segment:
            yield entry.name, *left[1]
        else:
            form = ready.form(ready.exact(made.vague, entry.on), True)
            found = _run(made, ready, entry, True, form)
            if found[0] == NOT_APPLICABLE and ready.still:
                left = segment, found
            for code, detail in measured_worlds(made, ready, entry, form, found):
                yield entry.name, code, detail


def measured_worlds(made: Subject, ready: Ready, entry: Entry, form: Generated | None, found: Outcome) -> Sequence[Outcome]:
    """``found``, what a rule gives on the facts as they are, if that decides it; else that of each world (see ``in_worlds``)."""
    if found[0] in DECIDED:
        return (found,)
    opened = opened_worlds(made, ready)
    if not opened:
        return (found,)
    each: list[Outcome] = []
    settled = not ready.compares

    def look() -> bool:
        each.append(_run(made, ready, entry, True, form))
        # Where nothing but the code is asked for, one that is open or differs from the first one settles it.
        return settled and (each[-1][0] == OPEN or each[-1][0] != each[0][0])

    (put_each if form is None else place_each)(made, opened, look)
    return each


def put_each(made: Subject, choices: Choices, look: Callable[[], bool]) -> bool:
    """Put one of each choice, in every combination, the last one changing fastest, till ``look`` answers that it has seen enough.

    The blocks stand in one another, so that what hangs on the first choices alone is computed once for all that follow.
    """
    if not choices:
        return look()
    for puts in choices[0]:
        with made.put(puts):
            if put_each(made, choices[1:], look):
                return True
    return False


def place_each(made: Subject, choices: Choices, look: Callable[[], bool]) -> bool:
    """The same for what remembers nothing: ``look`` may ask generated code, and nothing else."""
    before = [(row, slot, row[slot], row[slot + 1]) for choice in choices for row, slot, _, _ in choice[0]]
    try:
        for combination in product(*choices):
            for puts in combination:
                for row, slot, low, high in puts:
                    row[slot] = low
                    row[slot + 1] = high
            if look():
                return True
        return False
    finally:
        for row, slot, low, high in before:
            row[slot] = low
            row[slot + 1] = high


def _run(made: Subject, ready: Ready, entry: Entry, measures: bool, form: Generated | None) -> Outcome:
    """A rule on the facts as they are put."""
    if form is None:
        stepping = made.stepping(entry.day, entry.on)  # looks at what is put: a world may have been since
        if not measures:
            return ready.stepwise.verdict(stepping)[0], None
        result = ready.stepwise.measured(stepping)
        return result[0], result
    result = form[0](made.row, entry.segment.parameters, *entry.on)
    return (result[0], result) if form[1] else (result, None)


def opened_worlds(made: Subject, ready: Ready) -> Choices:
    """For each reading, flag and kind that leaves several worlds of a rule, its values as what to put; nothing if they are too many."""
    row = made.row
    opened = [_members(row, reading.slot) for reading in ready.readings if row[reading.slot] != row[reading.slot + 1]]
    if ready.choices & made.vague:
        opened += _open_flags(made, ready, MAX_OPTIONS // _size(opened))
    return opened if not opened or _size(opened) <= MAX_OPTIONS else []


def _open_flags(made: Subject, ready: Ready, room: int) -> list[list[tuple[Put]]]:
    """For each open flag or kind that stands in several places of a rule, its values as what to put.

    Nothing where they make more than ``room`` worlds: the verdict is then open, which is never wrong.
    """
    found: list[list[tuple[Put]]] = []
    size = 1
    bit = made.machine.steps.bit
    for entity, name, slot in ready.repeated:
        if not bit((entity, name)) & made.vague:
            continue
        for row in made.rows.get(entity, ()):
            low, high = row[slot], row[slot + 1]
            if low != high:
                found.append([((row, slot, 0, 0),), ((row, slot, 1, 1),)] if (low, high) == (0, 1) else _members(row, slot))
                size *= len(found[-1])
                if size > room:
                    return []
    return found


def _members(row: Row, slot: int) -> list[tuple[Put]]:
    bits = row[slot + 1]
    return [((row, slot, bit, bit),) for i in range(bits.bit_length()) if (bit := 1 << i) & bits]


def _size(options: Sequence[Sequence[Any]]) -> int:
    size = 1
    for option in options:
        size *= len(option)
    return size


def across(by_day: Mapping[Any, int]) -> int:
    """One code for several days: theirs where they agree; a split where decided days disagree; else open."""
    codes = set(by_day.values())
    if len(codes) == 1:
        return codes.pop()
    return OPEN if codes & {OPEN, CONFLICT} else SPLIT


def _hull(sides: Sequence[Any]) -> Sides | None:
    """The widest sides of a clause over all evaluations; None where it compares nothing."""
    if sides[0] is None:
        return None
    left_low, left_high, right_low, right_high, low, high = zip(*sides, strict=True)
    return Sides((min(left_low), max(left_high)), (min(right_low), max(right_high)), (min(low), max(high)))
