"""Decide one rule on one filing: on each day it is held against, in each version of the law, under each reading.

Generated code does the arithmetic (see ``expressions``). Here the several evaluations are joined: all the same is that
verdict, anything else is open. Filling in a fact can narrow a range, so it can refine a verdict and never reverse one; the
one step between verdicts is from ``pass`` to ``not_applicable``, where a requirement was proved before it was known
whether the rule applies at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Any, NamedTuple

from compliance import dates
from compliance.expressions.emit import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS, compile_rule, interpret_rule
from compliance.expressions.tree import OPENING, Node
from compliance.facts.filing import Filing, Row
from compliance.packs.book import AS_OF, Pack, Reading, Rule
from compliance.vocabulary import Field

VERDICTS: Mapping[int, str] = {NOT_APPLICABLE: "not_applicable", PASS: "pass", FAIL: "fail", OPEN: "open", CONFLICT: "conflict"}
SPLIT = 5  # the days a window is held against give different answers
ABSENT = 6  # not in force on the day of the law
COLD = 12  # times that a rule is evaluated step by step before code is made for it
WARM = 400  # runs of a rule before a form of its own is generated for what is asked; until then the measuring one serves all
MAX_OPTIONS = 256  # worlds of open readings and flags that are evaluated one by one

Span = tuple[Any, Any]
Put = tuple[Row, int, Any, Any]  # a row, the first of a fact's two cells in it, and the low and high to stand there


class Segment(NamedTuple):
    """Days ``[start, end)`` on which the law that a rule reads does not change, with the parameters in force."""

    start: int
    end: int
    parameters: tuple[int, ...]
    in_force: bool


class Ready:
    """One rule made ready to decide: what is read from its typed tree, and its code, compiled when first needed.

    ``fields`` are the (entity, field) pairs that it reads; ``readings`` the points of law it hangs on; ``judged`` by
    entity the fields that are judgements, each with the condition under which it is one; ``repeated`` the flags and members
    of kinds, with their slots, that stand in more than one place of it, where ranges alone may prove too little;
    ``opening`` whether it divides or counts sessions, which may be open even on exact facts; ``segments`` its law through time, from
    the first day of the calendar to the last.
    """

    def __init__(self, pack: Pack, rule: Rule) -> None:
        self.pack = pack
        self.rule = rule
        self.fields = frozenset(rule.fields())
        self.readings = tuple(reading for reading in pack.readings.values() if ("reading", reading.id) in self.fields)
        self.judged = _judged(pack, self.fields)
        self.repeated = _repeated(pack, rule)
        self.opening = any(node.op in OPENING for top in rule.formula.nodes() for node in top.walk())
        self.segments = _segments(pack, rule)
        self.runs = 0
        self._code: dict[tuple[bool, bool], Callable[..., Any]] = {}
        self._interpreted: Callable[..., Any] | None = None

    def code(self, exact: bool, measures: bool) -> Callable[..., Any]:
        """The generated function in one of its four forms."""
        found = self._code.get((exact, measures))
        if found is None:
            found = compile_rule(self.rule.formula, self.pack.slots(), exact=exact, measures=measures)
            self._code[exact, measures] = found
        return found

    def form(self, exact: bool, measures: bool) -> tuple[Callable[..., Any], bool]:
        """A function that tells what is asked, and whether it gives measures.

        The measuring form for ranges tells all that the others do, only slower than they: a rule that runs a few times
        needs no other, and one that runs hardly at all needs no code. Which form runs changes no answer.
        """
        self.runs += 1
        if self.runs <= COLD:
            if self._interpreted is None:
                self._interpreted = interpret_rule(self.rule.formula, self.pack.slots())
            return self._interpreted, True
        return (self.code(exact, measures), measures) if self.runs > WARM else (self.code(False, True), True)


def _judged(pack: Pack, fields: Iterable[tuple[str, str]]) -> Mapping[str, tuple[tuple[Field, Node | None], ...]]:
    found: dict[str, list[Field]] = {}
    for entity, name in fields:
        if entity != "reading" and (part := pack.vocabulary.entity(entity).fields[name]).settled_by == "judgement":
            found.setdefault(entity, []).append(part)
    ordered = {entity: sorted(parts, key=lambda part: part.slot) for entity, parts in found.items()}
    return {entity: tuple((part, pack.open_when.get((entity, part.name))) for part in parts) for entity, parts in ordered.items()}


def _repeated(pack: Pack, rule: Rule) -> tuple[tuple[str, str, int], ...]:
    places: dict[tuple[str, str], set[Node]] = {}
    for top in rule.formula.nodes():
        for node in top.walk():
            for arg in node.args:
                if arg.op == "field" and arg.type.kind in ("truth", "enum") and arg.value[0] != "reading":
                    places.setdefault(arg.value[:2], set()).add(node)
    names = sorted(name for name, parents in places.items() if len(parents) > 1)
    return tuple((entity, name, pack.vocabulary.entity(entity).fields[name].slot) for entity, name in names)


def _segments(pack: Pack, rule: Rule) -> tuple[Segment, ...]:
    needed, standing = rule.parameters(), rule.standing()
    days = sorted({dates.FIRST_DAY, dates.NEVER, rule.start, rule.end, *pack.boundaries(rule)})
    made = []
    for start, end in pairwise(days):
        values = {name: parameter.on(start) for name, parameter in pack.parameters.items() if name in needed}
        in_force = rule.start <= start < rule.end and all(values[name] is not None for name in standing)
        held = tuple(value.value if (value := values.get(name)) is not None else 0 for name in pack.parameters)
        made.append(Segment(start, end, held, in_force))
    return tuple(made)


@dataclass(slots=True)
class Machine:
    """A pack made ready to decide: its rules, parameters by day and measures by formula, each found when first needed."""

    pack: Pack
    _ready: dict[str, Ready] = field(default_factory=dict)
    _values: dict[int, Mapping[str, int]] = field(default_factory=dict)
    _named: dict[Node, str] = field(default_factory=dict)

    def ready(self, rule: Rule) -> Ready:
        """A rule made ready."""
        found = self._ready.get(rule.id)
        if found is None:
            found = self._ready[rule.id] = Ready(self.pack, rule)
        return found

    def code(self, rule: Rule, exact: bool, measures: bool) -> Callable[..., Any]:
        """The generated function of a rule in one of its four forms."""
        return self.ready(rule).code(exact, measures)

    def fields(self, rule: Rule) -> frozenset[tuple[str, str]]:
        """The (entity, field) pairs that a rule reads."""
        return self.ready(rule).fields

    def segments(self, rule: Rule) -> tuple[Segment, ...]:
        """The rule's law through time."""
        return self.ready(rule).segments

    def values(self, day: int) -> Mapping[str, int]:
        """The parameters in force on a day, by name; 0 for one that is not."""
        found = self._values.get(day)
        if found is None:
            on = {name: parameter.on(day) for name, parameter in self.pack.parameters.items()}
            found = self._values[day] = {name: value.value if value is not None else 0 for name, value in on.items()}
        return found

    def measure_name(self, node: Node) -> str | None:
        """The name of the measure whose formula a node is, if it is one."""
        if not self._named:
            self._named = {named.node: named.name for named in self.pack.measures.values() if named.node is not None}
        return self._named.get(node)


@dataclass(slots=True)
class Subject:
    """A filing on a day, as the engine varies it: its rows, which of their fields are vague, and the answers in force."""

    machine: Machine
    filing: Filing
    as_of: int
    row: Row
    vague: set[tuple[str, str]]
    rows: Mapping[str, Sequence[Row]]

    def put(self, puts: Iterable[Put], names: Iterable[tuple[str, str]] = ()) -> _Putting:
        """Put values into cells for the time of a ``with`` block; ``names`` are the fields that may have become vague."""
        return _Putting(self, puts, names)

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


class _Putting:
    """The block in which values stand in cells; at its end the cells hold again what they held (see ``Subject.put``)."""

    __slots__ = ("added", "before", "made", "puts")

    def __init__(self, made: Subject, puts: Iterable[Put], names: Iterable[tuple[str, str]]) -> None:
        self.made = made
        self.puts = puts
        self.added = [name for name in dict.fromkeys(names) if name not in made.vague]
        self.before: list[Put] = []

    def __enter__(self) -> None:
        self.made.vague.update(self.added)
        for row, slot, low, high in self.puts:
            self.before.append((row, slot, row[slot], row[slot + 1]))
            row[slot], row[slot + 1] = low, high

    def __exit__(self, *reason: object) -> None:
        for row, slot, low, high in reversed(self.before):
            row[slot], row[slot + 1] = low, high
        self.made.vague.difference_update(self.added)


def subject(machine: Machine, filing: Filing, as_of: int) -> Subject:
    """A filing as the engine sees it, its readings set to the filing's answers or their defaults."""
    pack = machine.pack
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


def reading_bits(filing: Filing, reading: Reading) -> int:
    """The options of a reading that are in force: the answers given where they agree, else the default."""
    given = {answer.value for answer in filing.answers.get(f"reading.{reading.id}", ()) if isinstance(answer.value, str)}
    if not given:
        given = {reading.default}
    if len(given) > 1 or given == {"both"}:
        return reading.all_bits
    return reading.bit(given.pop())


class Sides(NamedTuple):
    """A comparison as evaluated, each number as a range at the scale of the generated code."""

    left: Span
    right: Span
    difference: Span


class Decision(NamedTuple):
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
    by_day: dict[str, int] = {}
    for day, code, _ in _evaluations(made, rule, measures=False):
        # One open evaluation, or two of a day that disagree, leave the whole open: the rest need not be looked at.
        if code == OPEN or by_day.setdefault(day, code) != code:
            return OPEN
    return _across(by_day)


def measure(made: Subject, rule: Rule) -> Decision:
    """A rule's verdict with its measures, over all days, versions and worlds in which it may apply."""
    by_day: dict[str, list[int]] = {}
    bits, low, high = 0, True, False
    hulls: list[Sides | None] = []
    for day, code, detail in _evaluations(made, rule, measures=True):
        by_day.setdefault(day, []).append(code)
        if detail is None:
            continue
        _, clauses, applies_low, applies_high, sides = detail
        low, high = low and bool(applies_low), high or bool(applies_high)
        if code == NOT_APPLICABLE:
            continue  # where a rule does not apply it measures nothing
        bits |= clauses
        hulls = [_hull(old, new) for old, new in zip(hulls or [None] * len(sides), sides, strict=True)]
    joined = {day: _join(codes) for day, codes in by_day.items()}
    sides = tuple(hulls) or (None,) * len(rule.formula.clauses)
    return Decision(_across(joined), joined if rule.held_on else {}, bits, (low, high), sides)


def _evaluations(made: Subject, rule: Rule, measures: bool) -> Iterator[tuple[str, int, Any]]:
    """Every evaluation of a rule: day by day, version by version, and reading by reading where they are open."""
    law = made.law_day(rule)[1]
    ready = made.machine.ready(rule)
    segments = [part for part in ready.segments if part.start <= law[1] and part.end > law[0]]
    days: list[tuple[str, tuple[int, int]]] = [(name, day) for name in rule.held_on if (day := made.day(name)) is not None]
    for name, on in days or [("", (dates.FIRST_DAY, dates.LAST_DAY))]:
        for segment in segments:
            if not segment.in_force:
                yield name, ABSENT, None
                continue
            for code, detail in _worlds(made, ready, segment, on, measures):
                yield name, code, detail


def _worlds(made: Subject, ready: Ready, segment: Segment, on: tuple[int, int], measures: bool) -> Iterator[tuple[int, Any]]:
    """The rule on the facts as they are, if that decides it; else in each world that open readings and flags leave.

    A flag that stands in several places of a rule is the same in all of them: ranges forget that, worlds do not.
    """
    exact = on[0] == on[1] and made.vague.isdisjoint(ready.fields) and not ready.opening
    code, measured = ready.form(exact, measures)

    def run() -> tuple[int, Any]:
        result = code(made.row, segment.parameters, on[0], on[1])
        return (result[0], result) if measured else (result, None)

    found = run()
    if exact or found[0] in (PASS, FAIL, NOT_APPLICABLE):
        yield found
        return
    opened = _open_readings(made, ready)
    opened += _open_flags(made, ready, MAX_OPTIONS // _size(opened))
    if not opened or _size(opened) > MAX_OPTIONS:
        yield found
        return
    for world in product(*opened):
        with made.put(world):
            found = run()
        yield found


def _open_readings(made: Subject, ready: Ready) -> list[list[Put]]:
    """For each open reading of a rule, its options as what to put."""
    row = made.row
    return [_members(row, reading.slot) for reading in ready.readings if row[reading.slot] != row[reading.slot + 1]]


def _open_flags(made: Subject, ready: Ready, room: int) -> list[list[Put]]:
    """For each open flag or kind that stands in several places of a rule, its values as what to put.

    Nothing where they make more than ``room`` worlds: the verdict is then open, which is never wrong.
    """
    found: list[list[Put]] = []
    size = 1
    for entity, name, slot in ready.repeated:
        if (entity, name) not in made.vague:
            continue
        for row in made.rows.get(entity, ()):
            low, high = row[slot], row[slot + 1]
            if low != high:
                found.append([(row, slot, 0, 0), (row, slot, 1, 1)] if (low, high) == (0, 1) else _members(row, slot))
                size *= len(found[-1])
                if size > room:
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
