"""Decide one rule on one filing: on each day it is held against, in each version of the law, under each reading.

Generated code does the arithmetic (see ``expressions``). Here the several evaluations are joined: all the same is that
verdict, anything else is open. Filling in a fact can narrow a range, so it can refine a verdict and never reverse one; the
one step between verdicts is from ``pass`` to ``not_applicable``, where a requirement was proved before it was known
whether the rule applies at all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from compliance import dates
from compliance.expressions.emit import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS, compile_rule
from compliance.expressions.steps import Memory, Stepping, Steps, Stepwise
from compliance.expressions.tree import OPENING, Node, names_of
from compliance.facts.answers import READING
from compliance.facts.filing import Filing, Row
from compliance.packs.book import AS_OF, Pack, Reading, Rule
from compliance.vocabulary import ROOT, Field

VERDICTS: Mapping[int, str] = {NOT_APPLICABLE: "not_applicable", PASS: "pass", FAIL: "fail", OPEN: "open", CONFLICT: "conflict"}
SPLIT = 5  # the days a window is held against give different answers
ABSENT = 6  # not in force on the day of the law
COLD = 40  # times that a rule is varied step by step before code is made for it
WARM = 400  # runs of a rule before a form of its own is generated for what is asked; until then the measuring one serves all
MAX_OPTIONS = 256  # worlds of open readings and flags that are evaluated one by one

ALWAYS = (dates.FIRST_DAY, dates.LAST_DAY)
Span = tuple[Any, Any]
Form = tuple[Callable[..., Any], bool]  # a generated function, and whether it gives measures
Put = tuple[Row, int, Any, Any]  # a row, the first of a fact's two cells in it, and the low and high to stand there


class Segment(NamedTuple):
    """Days ``[start, end)`` on which the law that a rule reads does not change, with the parameters in force."""

    start: int
    end: int
    parameters: tuple[int, ...]
    in_force: bool


class Ready:
    """One rule made ready to decide: what is read from its typed tree, found when first needed, and its code.

    ``mask`` is what its verdict hangs on, ``days`` of that the days of its law.
    """

    def __init__(self, machine: Machine, rule: Rule) -> None:
        self.pack = pack = machine.pack
        self.rule = rule
        self.slots = machine.slots
        steps = machine.steps
        self.stepwise = Stepwise(steps, rule.formula)
        self.days = 0
        for name in {*rule.law, *rule.held_on} - {AS_OF}:
            self.days |= steps.bit((ROOT, pack.days[name]))
        self.mask = self.days
        for top in rule.formula.nodes():
            self.mask |= steps.mask(top)
        self.runs = 0
        self._code: dict[tuple[bool, bool], Callable[..., Any]] = {}

    @cached_property
    def fields(self) -> frozenset[tuple[str, str]]:
        """The (entity, field) pairs that it reads."""
        return frozenset().union(*[names_of(top) for top in self.rule.formula.nodes()])

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """The points of law it hangs on."""
        return tuple(reading for reading in self.pack.readings.values() if ("reading", reading.id) in self.fields)

    @cached_property
    def judged(self) -> Mapping[str, tuple[tuple[Field, Node | None], ...]]:
        """By entity the fields that are judgements, each with the condition under which it is one."""
        return _judged(self.pack, self.fields)

    @cached_property
    def repeated(self) -> tuple[tuple[str, str, int], ...]:
        """The flags and members of kinds, with their slots, that stand in more than one place, where ranges may prove too little."""
        return _repeated(self.pack, self.rule)

    @cached_property
    def opening(self) -> bool:
        """Whether it divides or counts sessions, which may be open even on exact facts."""
        return any(node.op in OPENING for top in self.rule.formula.nodes() for node in top.walk())

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Its law through time, from the first day of the calendar to the last."""
        return _segments(self.pack, self.rule, self.slots)

    def code(self, exact: bool, measures: bool) -> Callable[..., Any]:
        """The generated function in one of its four forms."""
        found = self._code.get((exact, measures))
        if found is None:
            found = compile_rule(self.rule.formula, self.slots, exact=exact, measures=measures)
            self._code[exact, measures] = found
        return found

    def form(self, made: Subject, on: tuple[int, int], measures: bool) -> Form | None:
        """A generated function that tells what is asked; None where the steps are the better way.

        Where facts are put again and again code is worth its making: it remembers nothing, and runs faster. The measuring
        form for ranges tells all that the others do, only slower than they. Which way is taken changes no answer.
        """
        return self.varied_form(made, on, measures) if made.blocks else None

    def varied_form(self, made: Subject, on: tuple[int, int], measures: bool) -> Form | None:
        """The same where facts are about to be put."""
        self.runs += 1
        if self.runs <= COLD:
            return None
        if self.runs <= WARM:
            return self.code(False, True), True
        exact = on[0] == on[1] and not self.opening and made.vague.isdisjoint(self.fields)
        return self.code(exact, measures), measures


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


def _segments(pack: Pack, rule: Rule, slots: Mapping[str, int]) -> tuple[Segment, ...]:
    standing = rule.standing()
    needed = [(slots[name], name in standing, pack.parameters[name]) for name in rule.parameters()]
    days = sorted({dates.FIRST_DAY, dates.NEVER, rule.start, rule.end, *pack.boundaries(rule)})
    made = []
    for start, end in pairwise(days):
        in_force = rule.start <= start < rule.end
        held = [0] * len(slots)
        for slot, stands, parameter in needed:
            value = parameter.on(start)
            in_force = in_force and (value is not None or not stands)
            held[slot] = value.value if value is not None else 0
        made.append(Segment(start, end, tuple(held), in_force))
    return tuple(made)


@dataclass
class Machine:
    """A pack made ready to decide: its rules, parameters by day and measures by formula, each found when first needed."""

    pack: Pack
    steps: Steps = field(default_factory=Steps)
    texts: dict[tuple[Any, ...], Any] = field(default_factory=dict)  # what findings say that hangs on the pack alone
    _ready: dict[str, Ready] = field(default_factory=dict)
    _values: dict[int, Mapping[str, int]] = field(default_factory=dict)
    sheets: dict[tuple[int, ...], Any] = field(default_factory=dict)  # see ``whole``
    _slots: dict[str, int] = field(default_factory=dict)
    _bits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _cells: dict[str, list[tuple[int, str, tuple[tuple[str, str], ...]]]] = field(default_factory=dict)
    _named: dict[Node, str] = field(default_factory=dict)

    @cached_property
    def laws(self) -> tuple[Rule, ...]:
        """One rule for each list of days that pick the law."""
        return tuple({rule.law: rule for rule in self.pack.rules}.values())

    @cached_property
    def turns(self) -> tuple[int, ...]:
        """Every day on which a parameter or a rule of the book changes."""
        days = {end for parameter in self.pack.parameters.values() for value in parameter.values for end in (value.start, value.end)}
        days.update(end for rule in self.pack.rules for end in (rule.start, rule.end))
        return (dates.FIRST_DAY, *sorted(days))

    @property
    def slots(self) -> Mapping[str, int]:
        """The position of each parameter in what generated code takes."""
        if not self._slots:
            self._slots = self.pack.slots()
        return self._slots

    def ready(self, rule: Rule) -> Ready:
        """A rule made ready."""
        found = self._ready.get(rule.id)
        if found is None:
            found = self._ready[rule.id] = Ready(self, rule)
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

    def world(self, day: int) -> int:
        """The number of the days around a day on which nothing in the book changes."""
        return bisect_right(self.turns, day)

    def values(self, day: int) -> Mapping[str, int]:
        """The parameters in force on a day, by name; 0 for one that is not."""
        world = self.world(day)
        found = self._values.get(world)
        if found is None:
            on = {name: parameter.on(day) for name, parameter in self.pack.parameters.items()}
            found = self._values[world] = {name: value.value if value is not None else 0 for name, value in on.items()}
        return found

    def cells(self, entity: str) -> list[tuple[int, str, tuple[tuple[str, str], ...]]]:
        """The cells of an entity that may be vague: the slot, the type, and the fields that are vague if it is."""
        found = self._cells.get(entity)
        if found is None:
            words = self.pack.vocabulary
            found = self._cells[entity] = []
            for part in words.entity(entity).fields.values():
                names = [(part.entity, part.name)]
                if part.type == "ref":  # one that leads nowhere known leaves all open that is read through it
                    names += [(of.entity, of.name) for of in words.entities[words.lists[part.of]].fields.values()]
                if part.type not in ("text", "code"):
                    found.append((part.slot, part.type, tuple(names)))
        return found

    def bits(self, entity: str) -> tuple[int, ...]:
        """The bits of an entity's fields in masks, in the order of their slots; at the root those of the readings follow."""
        found = self._bits.get(entity)
        if found is None:
            names = [(entity, name) for name in self.pack.vocabulary.entity(entity).fields]
            if entity == ROOT:
                names += [("reading", name) for name in self.pack.readings]
            found = self._bits[entity] = tuple(self.steps.bit(name) for name in names)
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
    # The blocks of ``put`` that are open. Another subject on the same facts (before another machine) shares them.
    blocks: list[_Putting] = field(default_factory=list)
    notes: dict[tuple[str, Any], Any] = field(default_factory=dict, init=False)  # what findings say of the filing as it stands
    _memory: Memory = field(default_factory=Memory, init=False)
    _entities: dict[int, str] = field(default_factory=dict, init=False)
    _cells: dict[tuple[int, int], int] = field(default_factory=dict, init=False)
    _items: dict[str, list[tuple[int, str, Row]]] = field(default_factory=dict, init=False)
    _ranks: dict[Any, int] = field(default_factory=dict, init=False)
    _paths: list[str] = field(default_factory=list, init=False)
    _steppings: dict[tuple[int, tuple[int, int]], Stepping] = field(default_factory=dict, init=False)

    def put(self, puts: Iterable[Put], names: Iterable[tuple[str, str]] = ()) -> _Putting:
        """Put values into cells for the time of a ``with`` block; ``names`` are the fields that may have become vague.

        A cell changes in no other way: what was computed from it is remembered.
        """
        return _Putting(self, puts, names)

    def known(self, mask: int) -> dict[Any, Any]:
        """Where values are remembered that hang on what the mask says, as the facts are put."""
        memory, blocks = self._memory, self.blocks
        layers = memory.layers
        if len(layers) != len(blocks) or (blocks and layers[-1].block is not blocks[-1]):
            memory.follow(blocks, self._touched_by)
        return memory.layer(mask) if mask & memory.dirty else memory.known

    def leave(self, block: _Putting) -> None:
        """Look no longer at what was computed in a block that has ended."""
        layers = self._memory.layers
        if layers and layers[-1].block is block:
            self._memory.drop()

    def stepping(self, day: int, on: tuple[int, int] = ALWAYS) -> Stepping:
        """The evaluation of nodes under the parameters of a day."""
        self.known(0)
        machine = self.machine
        key = machine.world(day), on
        found = self._steppings.get(key)
        if found is None:
            found = self._steppings[key] = Stepping(machine.steps, self._memory, self.row, machine.values(day), on, key[0])
        return found

    def items(self, entity: str) -> list[tuple[int, str, Row]]:
        """The filing's rows of an entity, each with its number among all rows and its path."""
        if not self._items:
            for number, (path, (owner, row)) in enumerate(self.filing.items.items()):
                self._items.setdefault(owner, []).append((number, path, row))
        return self._items.get(entity, [])

    def stated(self, cells: Iterable[Any]) -> list[str]:
        """The paths of the cells (as ``steps`` names them) that the filing states, in the order of the filing's paths."""
        if not self._ranks:
            for number, fact in enumerate(self.filing.facts.values()):
                self._ranks[fact.slot if fact.row is self.row else (id(fact.row), fact.slot)] = number
            self._paths = list(self.filing.facts)
        ranks = self._ranks
        return [self._paths[rank] for rank in sorted([ranks[cell] for cell in cells if cell in ranks])]

    def _touched_by(self, block: _Putting) -> int:
        return self.touched(block.puts)

    def touched(self, puts: Sequence[Put]) -> int:
        """What hangs on the cells of a block, as a mask."""
        mask = 0
        for row, slot, _, _ in puts:
            touched = self._cells.get((id(row), slot))
            if touched is None:
                if not self._entities:
                    self._entities = {id(row): entity for entity, row in self.filing.items.values()}
                entity = self._entities.get(id(row))
                touched = self._cells[id(row), slot] = self.machine.bits(entity)[slot // 2] if entity is not None else 0
            mask |= touched
        return mask

    def day(self, name: str) -> tuple[int, int] | None:
        """A day of the pack as a range, or None where the filing does not state it."""
        if name == AS_OF:
            return self.as_of, self.as_of
        part = self.machine.pack.vocabulary.root.fields[self.machine.pack.days[name]]
        low, high = self.row[part.slot], self.row[part.slot + 1]
        return None if (low, high) == ALWAYS else (low, high)

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
        self.puts = puts if isinstance(puts, (list, tuple)) else list(puts)
        self.added = [name for name in dict.fromkeys(names) if name not in made.vague] if names else []
        self.before: list[Put] = []

    @property
    def key(self) -> Any:
        """What tells one block from another that puts something else: rows and lists are themselves wherever they stand."""
        cells: list[Any] = [*self.added]
        for row, slot, low, high in self.puts:
            cells += (id(row), slot, low if low.__class__ is int else id(low), high if high.__class__ is int else id(high))
        return tuple(cells)

    def __enter__(self) -> None:
        made = self.made
        if self.added:
            made.vague.update(self.added)
        # A cell that is put twice was the same before both.
        self.before = [(row, slot, row[slot], row[slot + 1]) for row, slot, _, _ in self.puts]
        for row, slot, low, high in self.puts:
            row[slot] = low
            row[slot + 1] = high
        made.blocks.append(self)

    def __exit__(self, *reason: object) -> None:
        made = self.made
        made.blocks.pop()
        for row, slot, low, high in self.before:
            row[slot] = low
            row[slot + 1] = high
        if self.added:
            made.vague.difference_update(self.added)
        made.leave(self)


def subject(machine: Machine, filing: Filing, as_of: int) -> Subject:
    """A filing as the engine sees it, its readings set to the filing's answers or their defaults."""
    pack = machine.pack
    vague: set[tuple[str, str]] = set()
    rows: dict[str, list[Row]] = {}
    for entity, row in filing.items.values():
        rows.setdefault(entity, []).append(row)
    for entity, listed in rows.items():
        for slot, kind, names in machine.cells(entity):
            for row in listed:
                low, high = row[slot], row[slot + 1]
                if high if kind == "list" else high is None if kind == "ref" else low != high:
                    vague.update(names)
                    break
    made = Subject(machine, filing, as_of, filing.row, vague, rows)
    for reading in pack.readings.values():
        bits = reading_bits(filing, reading)
        filing.row[reading.slot], filing.row[reading.slot + 1] = bits if bits & (bits - 1) == 0 else 0, bits
        if bits & (bits - 1):
            vague.add(("reading", reading.id))
    return made


def reading_bits(filing: Filing, reading: Reading) -> int:
    """The options of a reading that are in force: the answers given where they agree, else the default."""
    given = {answer.value for answer in filing.answers.get(READING + reading.id, ()) if isinstance(answer.value, str)}
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
    ready = made.machine.ready(rule)
    known = made.known(ready.mask)
    decision = known.get((rule.id, True, made.as_of))
    if decision is not None:
        return decision.code  # type: ignore[no-any-return]
    key = (rule.id, False, made.as_of)
    code: int | None = known.get(key)
    if code is None:
        code = known[key] = _decide(made, ready)
    return code


def _decide(made: Subject, ready: Ready) -> int:
    by_day: dict[str, int] = {}
    for entry in plan(made, ready):
        for code, _ in _worlds(made, ready, entry, measures=False):
            # One open evaluation, or two of a day that disagree, leave the whole open: the rest need not be looked at.
            if code == OPEN or by_day.setdefault(entry.name, code) != code:
                return OPEN
    return across(by_day)


def decide_with(made: Subject, rule: Rule, puts: Sequence[Put], names: Iterable[tuple[str, str]] = ()) -> int:
    """The code of a rule with values put into cells: what ``decide`` gives within ``put``."""
    ready = made.machine.ready(rule)
    if ready.runs > COLD and not made.touched(puts) & ready.days:
        added = [name for name in names if name not in made.vague]
        made.vague.update(added)
        before = [(row, slot, row[slot], row[slot + 1]) for row, slot, _, _ in puts]
        entries = plan(made, ready)
        for row, slot, low, high in puts:
            row[slot] = low
            row[slot + 1] = high
        try:
            code = _at_once(made, ready, entries)
        finally:
            for row, slot, low, high in before:
                row[slot] = low
                row[slot + 1] = high
            made.vague.difference_update(added)
        if code is not None:
            return code
    with made.put(puts, names):
        return decide(made, rule)


def _at_once(made: Subject, ready: Ready, entries: list[Entry]) -> int | None:
    """The code by generated code alone, with nothing remembered; None where readings or flags leave several worlds open."""
    by_day: dict[str, int] = {}
    for entry in entries:
        code = ABSENT
        if entry.segment.in_force:
            form = ready.varied_form(made, entry.on, False)
            if form is None:
                return None
            code = form[0](made.row, entry.segment.parameters, *entry.on)
            if form[1]:
                code = code[0]
            if code in (OPEN, CONFLICT) and (_open_readings(made, ready) or _open_flags(made, ready, MAX_OPTIONS)):
                return None
        if code == OPEN or by_day.setdefault(entry.name, code) != code:
            return OPEN
    return across(by_day)


def measure(made: Subject, rule: Rule) -> Decision:
    """A rule's verdict with its measures, over all days, versions and worlds in which it may apply."""
    ready = made.machine.ready(rule)
    known = made.known(ready.mask)
    key = (rule.id, True, made.as_of)
    decision: Decision | None = known.get(key)
    if decision is None:
        decision = known[key] = _measure(made, ready)
    return decision


def _measure(made: Subject, ready: Ready) -> Decision:
    by_day: dict[str, list[int]] = {}
    bits, low, high = 0, True, False
    hulls: list[Sides | None] = []
    for entry in plan(made, ready):
        for code, detail in _worlds(made, ready, entry, measures=True):
            by_day.setdefault(entry.name, []).append(code)
            if detail is None:
                continue
            _, clauses, applies_low, applies_high, sides = detail
            low, high = low and bool(applies_low), high or bool(applies_high)
            if code == NOT_APPLICABLE:
                continue  # where a rule does not apply it measures nothing
            bits |= clauses
            hulls = [_hull(old, new) for old, new in zip(hulls or [None] * len(sides), sides, strict=True)]
    joined = {day: _join(codes) for day, codes in by_day.items()}
    sides = tuple(hulls) or (None,) * len(ready.rule.formula.clauses)
    return Decision(across(joined), joined if ready.rule.held_on else {}, bits, (low, high), sides)


class Entry(NamedTuple):
    """One evaluation that a rule is due: the day it is held against (name and range), its law, and the steps under that law."""

    name: str
    on: tuple[int, int]
    segment: Segment
    stepping: Stepping


def plan(made: Subject, ready: Ready) -> list[Entry]:
    """The evaluations that a rule is due: day by day, and version by version of its law."""
    known = made.known(ready.days)  # a day of the law may be put as well
    key = (ready.rule.id, None, made.as_of)
    found: list[Entry] | None = known.get(key)
    if found is None:
        law = made.law_day(ready.rule)[1]
        segments = [part for part in ready.segments if part.start <= law[1] and part.end > law[0]]
        days: list[tuple[str, tuple[int, int]]] = [(name, day) for name in ready.rule.held_on if (day := made.day(name)) is not None]
        found = known[key] = [
            Entry(name, on, segment, made.stepping(max(law[0], segment.start), on))
            for name, on in days or [("", ALWAYS)]
            for segment in segments
        ]
    return found


def _worlds(made: Subject, ready: Ready, entry: Entry, measures: bool) -> Iterable[tuple[int, Any]]:
    """The rule on the facts as they are, if that decides it; else in each world that open readings and flags leave.

    A flag that stands in several places of a rule is the same in all of them: ranges forget that, worlds do not.
    """
    if not entry.segment.in_force:
        return ((ABSENT, None),)
    form = ready.form(made, entry.on, measures)
    found = _run(made, ready, entry, measures, form)
    if found[0] in (PASS, FAIL, NOT_APPLICABLE):
        return (found,)
    opened = _open_readings(made, ready)
    opened += _open_flags(made, ready, MAX_OPTIONS // _size(opened))
    if not opened or _size(opened) > MAX_OPTIONS:
        return (found,)
    each: list[tuple[int, Any]] = []

    def look() -> bool:
        each.append(_run(made, ready, entry, measures, form))
        # Where only the code is asked for, one that is open or differs from the first one settles it.
        return not measures and (each[-1][0] == OPEN or each[-1][0] != each[0][0])

    try_each(made, [[(put,) for put in puts] for puts in opened], look)
    return each


def try_each(made: Subject, choices: Sequence[Sequence[Sequence[Put]]], look: Callable[[], bool]) -> bool:
    """Put one of each choice, in every combination, the last one changing fastest, till ``look`` answers that it has seen enough.

    The blocks stand in one another, so that what hangs on the first choices alone is computed once for all that follow.
    """
    if not choices:
        return look()
    for puts in choices[0]:
        with made.put(puts):
            if try_each(made, choices[1:], look):
                return True
    return False


def _run(made: Subject, ready: Ready, entry: Entry, measures: bool, form: Form | None) -> tuple[int, Any]:
    """A rule on the facts as they are put: its code, and where measures are asked for the measuring form's answer."""
    if form is None:
        made.known(0)  # a world may have been put since
        if not measures:
            return ready.stepwise.verdict(entry.stepping)[0], None
        result = ready.stepwise.measured(entry.stepping)
        return result[0], result
    result = form[0](made.row, entry.segment.parameters, *entry.on)
    return (result[0], result) if form[1] else (result, None)


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


def across(by_day: Mapping[str, int]) -> int:
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
