"""Decide one rule on one filing: on each day it is held against, in each version of the law, under each reading.

Generated code does the arithmetic (see ``expressions``). Here the several evaluations are joined: all the same is that
verdict, anything else is open. Filling in a fact can narrow a range, so it can refine a verdict and never reverse one; the
one step between verdicts is from ``pass`` to ``not_applicable``, where a requirement was proved before it was known
whether the rule applies at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Any

from compliance import dates
from compliance.expressions.emit import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS, compile_rule
from compliance.expressions.tree import Node
from compliance.facts.filing import Answer, Filing, Row
from compliance.packs.book import Pack, Reading, Rule
from compliance.packs.loading import AS_OF

VERDICTS: Mapping[int, str] = {NOT_APPLICABLE: "not_applicable", PASS: "pass", FAIL: "fail", OPEN: "open", CONFLICT: "conflict"}
SPLIT = 5  # the days a window is held against give different answers
ABSENT = 6  # not in force on the day of the law
MAX_OPTIONS = 256  # worlds of open readings and flags that are evaluated one by one

Span = tuple[Any, Any]
Put = tuple[Row, int, Any, Any]  # a row, the first of a fact's two cells in it, and the low and high to stand there


@dataclass(frozen=True, slots=True)
class Segment:
    """Days ``[start, end)`` on which the law that a rule reads does not change, with the parameters in force."""

    start: int
    end: int
    parameters: tuple[int, ...]
    in_force: bool


@dataclass(slots=True)
class Machine:
    """A pack made ready to decide: each rule's code, compiled when first needed, and its segments."""

    pack: Pack
    _code: dict[tuple[str, bool, bool], Callable[..., Any]] = field(default_factory=dict)
    _segments: dict[str, tuple[Segment, ...]] = field(default_factory=dict)
    _fields: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    _repeated: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    def code(self, rule: Rule, exact: bool, measures: bool) -> Callable[..., Any]:
        """The generated function of a rule in one of its four forms."""
        key = (rule.id, exact, measures)
        found = self._code.get(key)
        if found is None:
            found = self._code[key] = compile_rule(rule.formula, self.pack.slots(), exact=exact, measures=measures)
        return found

    def fields(self, rule: Rule) -> frozenset[tuple[str, str]]:
        """The (entity, field) pairs that a rule reads."""
        found = self._fields.get(rule.id)
        if found is None:
            found = self._fields[rule.id] = frozenset(rule.fields())
        return found

    def repeated(self, rule: Rule) -> frozenset[tuple[str, str]]:
        """The flags and members of kinds that stand in more than one place of a rule, where ranges alone may prove too little."""
        found = self._repeated.get(rule.id)
        if found is None:
            places: dict[tuple[str, str], set[Node]] = {}
            for top in rule.formula.nodes():
                for node in top.walk():
                    for arg in node.args:
                        if arg.op == "field" and arg.type.kind in ("truth", "enum"):
                            places.setdefault(arg.value[:2], set()).add(node)
            found = self._repeated[rule.id] = frozenset(name for name, parents in places.items() if len(parents) > 1)
        return found

    def segments(self, rule: Rule) -> tuple[Segment, ...]:
        """The rule's law through time, from the first day of the calendar to the last."""
        found = self._segments.get(rule.id)
        if found is None:
            needed = rule.parameters()
            days = sorted({dates.FIRST_DAY, dates.NEVER, rule.start, rule.end, *self.pack.boundaries(rule)})
            made = []
            for start, end in pairwise(days):
                values = {name: parameter.on(start) for name, parameter in self.pack.parameters.items() if name in needed}
                in_force = rule.start <= start < rule.end and all(value is not None for value in values.values())
                held = tuple(value.value if (value := values.get(name)) is not None else 0 for name in self.pack.parameters)
                made.append(Segment(start, end, held, in_force))
            found = self._segments[rule.id] = tuple(made)
        return found


@dataclass(slots=True)
class Subject:
    """A filing on a day, as the engine varies it: its rows, which of their fields are vague, and the answers in force."""

    machine: Machine
    filing: Filing
    as_of: int
    row: Row
    vague: set[tuple[str, str]]
    rows: Mapping[str, Sequence[Row]]

    @contextmanager
    def put(self, puts: Iterable[Put], names: Iterable[tuple[str, str]] = ()) -> Iterator[None]:
        """Put values into cells for the time of the block; ``names`` are the fields that may have become vague."""
        before = []
        added = {name for name in names if name not in self.vague}
        self.vague |= added
        for row, slot, low, high in puts:
            before.append((row, slot, row[slot], row[slot + 1]))
            row[slot], row[slot + 1] = low, high
        try:
            yield
        finally:
            for row, slot, low, high in reversed(before):
                row[slot], row[slot + 1] = low, high
            self.vague -= added

    def day(self, name: str) -> tuple[int, int] | None:
        """A day of the pack as a range, or None where the filing does not state it."""
        if name == AS_OF:
            return self.as_of, self.as_of
        part = self.machine.pack.vocabulary.root.fields[self.machine.pack.days[name]]
        low, high = self.row[part.slot], self.row[part.slot + 1]
        return None if (low, high) == (dates.FIRST_DAY, dates.LAST_DAY) else (low, high)

    def law_day(self, rule: Rule) -> tuple[str, tuple[int, int]]:
        """The day that picks the version of the law: the first of the rule's days that is known."""
        for name in rule.law:
            found = self.day(name)
            if found is not None:
                return name, found
        return AS_OF, (self.as_of, self.as_of)


def subject(machine: Machine, filing: Filing, as_of: int) -> Subject:
    """A filing as the engine sees it, its readings set to the filing's answers or their defaults."""
    pack = machine.pack
    for path, answers in filing.answers.items():
        settle(filing, path, answers)
    vague: set[tuple[str, str]] = set()
    for entity, row in filing.items.values():
        for part in pack.vocabulary.entity(entity).fields.values():
            low, high = row[part.slot], row[part.slot + 1]
            if part.type == "ref":
                if high is None:
                    vague.add((part.entity, part.name))
                    vague |= {(of.entity, of.name) for of in pack.vocabulary.entities[pack.vocabulary.lists[part.of]].fields.values()}
            elif part.type == "list":
                if high:
                    vague.add((part.entity, part.name))
            elif part.type not in ("text", "code") and low != high:
                vague.add((part.entity, part.name))
    rows: dict[str, list[Row]] = {}
    for entity, row in filing.items.values():
        rows.setdefault(entity, []).append(row)
    made = Subject(machine, filing, as_of, filing.row, vague, rows)
    for reading in pack.readings.values():
        bits = reading_bits(filing, reading)
        filing.row[reading.slot], filing.row[reading.slot + 1] = bits if bits & (bits - 1) == 0 else 0, bits
        if bits & (bits - 1):
            vague.add(("reading", reading.id))
    return made


def settle(filing: Filing, path: str, answers: Iterable[Answer]) -> None:
    """Put the answers to a question of fact into its row: what the parties agree on, or, where they differ, the whole domain."""
    values = {(answer.value.low, answer.value.high) for answer in answers if not isinstance(answer.value, str)}
    cell = filing.cell(path) if values else None
    if cell is not None:
        row, part = cell
        low, high = values.pop() if len(values) == 1 else filing.words.blank(part)
        row[part.slot], row[part.slot + 1] = low, high


def reading_bits(filing: Filing, reading: Reading) -> int:
    """The options of a reading that are in force: the answers given where they agree, else the default."""
    given = {answer.value for answer in filing.answers.get(f"reading.{reading.id}", ()) if isinstance(answer.value, str)}
    if not given:
        given = {reading.default}
    if len(given) > 1 or given == {"both"}:
        return reading.all_bits
    return reading.bit(given.pop())


@dataclass(frozen=True, slots=True)
class Sides:
    """A comparison as evaluated, each number as a range at the scale of the generated code."""

    left: Span
    right: Span
    difference: Span


@dataclass(frozen=True, slots=True)
class Decision:
    """What one rule gives.

    ``code`` is one of the codes above; ``by_day`` the code on each day the window was held against; ``clauses`` the bits
    of the clauses that may be in force; ``sides`` the hull of the comparison in each clause (None where it is none).
    """

    code: int
    by_day: Mapping[str, int]
    clauses: int
    applies: tuple[bool, bool]
    sides: tuple[Sides | None, ...]

    @property
    def decided(self) -> bool:
        """Whether it is a pass, a fail or not applicable."""
        return self.code in (PASS, FAIL, NOT_APPLICABLE)


def decide(made: Subject, rule: Rule) -> int:
    """The code of a rule's verdict, no more: what ``vary`` asks for a thousand times."""
    by_day: dict[str, list[int]] = {}
    for day, code, _ in _evaluations(made, rule, measures=False):
        by_day.setdefault(day, []).append(code)
    return _across({day: _join(found) for day, found in by_day.items()})


def measure(made: Subject, rule: Rule) -> Decision:
    """A rule's verdict with its measures."""
    by_day: dict[str, list[int]] = {}
    bits, low, high = 0, True, False
    hulls: list[Sides | None] = []
    for day, code, detail in _evaluations(made, rule, measures=True):
        by_day.setdefault(day, []).append(code)
        if detail is None:
            continue
        _, clauses, applies_low, applies_high, sides = detail
        bits |= clauses
        low, high = low and bool(applies_low), high or bool(applies_high)
        hulls = [_hull(old, new) for old, new in zip(hulls or [None] * len(sides), sides, strict=True)]
    joined = {day: _join(codes) for day, codes in by_day.items()}
    return Decision(_across(joined), joined if rule.held_on else {}, bits, (low, high), tuple(hulls))


def _evaluations(made: Subject, rule: Rule, measures: bool) -> Iterator[tuple[str, int, Any]]:
    """Every evaluation of a rule: day by day, version by version, and reading by reading where they are open."""
    law = made.law_day(rule)[1]
    segments = [part for part in made.machine.segments(rule) if part.start <= law[1] and part.end > law[0]]
    days: list[tuple[str, tuple[int, int]]] = [(name, day) for name in rule.held_on if (day := made.day(name)) is not None]
    for name, on in days or [("", (dates.FIRST_DAY, dates.LAST_DAY))]:
        for segment in segments:
            if not segment.in_force:
                yield name, ABSENT, None
                continue
            for result in _worlds(made, rule, segment, on, measures):
                yield name, (result[0] if measures else result), (result if measures else None)


def _worlds(made: Subject, rule: Rule, segment: Segment, on: tuple[int, int], measures: bool) -> Iterator[Any]:
    """The rule on the facts as they are, if that decides it; else in each world that open readings and flags leave.

    A flag that stands in several places of a rule is the same in all of them: ranges forget that, worlds do not.
    """
    exact = made.vague.isdisjoint(made.machine.fields(rule)) and on[0] == on[1] and not has_fractions(rule)
    code = made.machine.code(rule, exact, measures)
    result = code(made.row, segment.parameters, on[0], on[1])
    verdict = result[0] if measures else result
    if exact or verdict in (PASS, FAIL, NOT_APPLICABLE):
        yield result
        return
    opened = _open_readings(made, rule)
    opened += _open_flags(made, rule, MAX_OPTIONS // _size(opened))
    if not opened or _size(opened) > MAX_OPTIONS:
        yield result
        return
    for world in product(*opened):
        with made.put(world):
            yield code(made.row, segment.parameters, on[0], on[1])


def _open_readings(made: Subject, rule: Rule) -> list[list[Put]]:
    """For each open reading of a rule, its options as what to put."""
    row, found = made.row, []
    for reading in made.machine.pack.readings.values():
        if ("reading", reading.id) in made.machine.fields(rule) and row[reading.slot] != row[reading.slot + 1]:
            found.append(_members(row, reading.slot))
    return found


def _open_flags(made: Subject, rule: Rule, room: int) -> list[list[Put]]:
    """For each open flag or kind that stands in several places of a rule, its values as what to put.

    Nothing where they make more than ``room`` worlds: the verdict is then open, which is never wrong.
    """
    words = made.machine.pack.vocabulary
    found: list[list[Put]] = []
    for entity, name in sorted(made.machine.repeated(rule) & made.vague):
        if entity == "reading":
            continue
        slot = words.entity(entity).fields[name].slot
        for row in made.rows.get(entity, ()):
            low, high = row[slot], row[slot + 1]
            if low != high:
                found.append([(row, slot, 0, 0), (row, slot, 1, 1)] if (low, high) == (0, 1) else _members(row, slot))
                if _size(found) > room:
                    return []
    return found


def _members(row: Row, slot: int) -> list[Put]:
    bits = row[slot + 1]
    return [(row, slot, bit, bit) for i in range(bits.bit_length()) if (bit := 1 << i) & bits]


def _size(options: Sequence[Sequence[Any]]) -> int:
    size = 1
    for option in options:
        size *= len(option)
    return size


def has_fractions(rule: Rule) -> bool:
    """Whether the rule divides: a quotient may be open even on exact facts."""
    return any(node.op == "div" for top in rule.formula.nodes() for node in top.walk())


def _join(codes: list[int]) -> int:
    """One code for several evaluations: theirs where they agree, else open."""
    first = codes[0]
    return first if all(code == first for code in codes) else OPEN


def _across(by_day: Mapping[str, int]) -> int:
    """One code for several days: theirs where they agree; a split where decided days disagree; else open."""
    codes = set(by_day.values())
    if len(codes) == 1:
        return codes.pop()
    return OPEN if codes & {OPEN, CONFLICT} else SPLIT


def _hull(old: Sides | None, new: Any) -> Sides | None:
    if new is None:
        return None
    left, right, difference = (new[0], new[1]), (new[2], new[3]), (new[4], new[5])
    if old is None:
        return Sides(left, right, difference)
    return Sides(_wide(old.left, left), _wide(old.right, right), _wide(old.difference, difference))


def _wide(a: Span, b: Span) -> Span:
    return min(a[0], b[0]), max(a[1], b[1])
