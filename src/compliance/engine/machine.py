"""A pack made ready to decide: what is read from its rules' typed trees, their law through time, and their generated code."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property, reduce
from itertools import pairwise
from operator import or_
from typing import Any, NamedTuple

from compliance import dates
from compliance.expressions.hanging import DAY, OPENS
from compliance.expressions.marks import Reader, Readers
from compliance.expressions.steps import Steps
from compliance.expressions.stepwise import Stepwise
from compliance.expressions.tree import Node
from compliance.packs.book import AS_OF, Pack, Reading, Rule
from compliance.vocabulary import ROOT, Field

# When code is made for a rule, in evaluations of it. Steps are ready at once and remember; code runs faster and takes a
# millisecond to make, more than it saves one check of a rule decided less often than this (see docs/benchmarks.md).
COLD = 100  # evaluations step by step before code is made
WARM = 400  # evaluations before a form of its own is made for what is asked: until then the measuring form, which tells all, is enough

Generated = tuple[Callable[..., Any], bool]  # a generated function, and whether it gives measures


class Segment(NamedTuple):
    """Days ``[start, end)`` on which the law that a rule reads does not change, with the parameters in force."""

    start: int
    end: int
    parameters: tuple[int, ...]
    in_force: bool


class InForce(NamedTuple):
    """The parameters in force on a day, by name and as generated code takes them; 0 for those that are not, the ``lacking``."""

    values: Mapping[str, int]
    held: tuple[int, ...]
    lacking: frozenset[str]


class Ready:
    """One rule made ready to decide: what is read from its typed tree, found when first needed, and its code.

    ``mask`` is what its verdict hangs on, ``days`` of that the days of its law.
    """

    def __init__(self, machine: Machine, rule: Rule) -> None:
        self.machine = machine
        self.pack = pack = machine.pack
        self.rule = rule
        steps = machine.steps
        self.stepwise = Stepwise(steps, rule.formula)
        self.days = 0
        for name in self.dated:
            self.days |= steps.bit((ROOT, pack.days[name]))
        self.read = 0
        for top in rule.formula.nodes():
            self.read |= steps.mask(top)
        self.mask = self.days | self.read
        self.runs = 0
        self._code: dict[tuple[bool, bool], Callable[..., Any]] = {}
        self._on: dict[int, list[Segment]] = {}  # by the days around a day on which nothing in the book changes

    @property
    def dated(self) -> AbstractSet[str]:
        """The days of its law and those that it is held against, without the day of the check."""
        return {*self.rule.law, *self.rule.held_on} - {AS_OF}

    @cached_property
    def day_slots(self) -> frozenset[int]:
        """The slots of these days."""
        return frozenset(self.machine.days[name] for name in self.dated)

    @cached_property
    def reader(self) -> Reader:
        """What tells the stated facts that it reads, branches that are not taken left aside."""
        return self.machine.readers.joined(self.rule.formula.nodes())

    @cached_property
    def fields(self) -> frozenset[tuple[str, str]]:
        """The (entity, field) pairs that it reads."""
        return frozenset(self.machine.steps.names(self.read))

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """The points of law it hangs on."""
        found = [self.pack.readings[name] for _, name in self.machine.steps.names(self.read & self.machine.reading_bits)]
        return tuple(sorted(found, key=lambda reading: reading.slot))

    @cached_property
    def judged(self) -> Mapping[str, tuple[tuple[Field, Node | None], ...]]:
        """By entity the fields that are judgements, each with the condition under which it is one."""
        return _judged(self.pack, self.machine.steps.names(self.read & self.machine.judged_bits))

    @cached_property
    def market(self) -> tuple[Field, ...]:
        """The facts it reads that only the market settles, in the order of the vocabulary."""
        words = self.pack.vocabulary
        fields = [words.entity(entity).fields[name] for entity, name in self.fields if entity != "reading"]
        return tuple(sorted((part for part in fields if part.settled_by == "market"), key=lambda part: (part.entity, part.slot)))

    @cached_property
    def asks(self) -> tuple[frozenset[tuple[str, str]], int]:
        """What its questions are about, which other rules may ask alike, and what they hang on as a mask."""
        steps = self.machine.steps
        names = [("reading", reading.id) for reading in self.readings]
        names += [(entity, part.name) for entity, parts in self.judged.items() for part, _ in parts]
        conditions = [condition for parts in self.judged.values() for _, condition in parts if condition is not None]
        return frozenset(names), reduce(or_, [*map(steps.bit, names), *map(steps.mask, conditions)], 0)

    @cached_property
    def repeated(self) -> tuple[tuple[str, str, int], ...]:
        """The flags and members of kinds, with their slots, that stand in more than one place, where ranges may prove too little."""
        return _repeated(self.machine, self.rule)

    @cached_property
    def parameters(self) -> list[str]:
        """The parameters that it reads."""
        return self.machine.steps.parameters(self.rule.formula.nodes())

    @cached_property
    def standing(self) -> Iterable[str]:
        """The parameters without which it is not in force."""
        return self.rule.standing() if any(one.flag for one in self.rule.exceptions) else self.parameters

    @cached_property
    def turns(self) -> tuple[int, ...]:
        """The days from which its law is another, with the first day of the calendar and what comes after the last."""
        rule = self.rule
        values = [value for name in self.parameters for value in self.pack.parameters[name].values]
        days = {day for value in values for day in (value.start, value.end) if rule.start <= day <= rule.end}
        return tuple(sorted({dates.FIRST_DAY, dates.NEVER, rule.start, rule.end, *days}))

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Its law through time, from the first day of the calendar to the last."""
        return tuple([self._segment(start, end) for start, end in pairwise(self.turns)])

    def segments_on(self, law: tuple[int, int]) -> list[Segment]:
        """Its law on a day, or the versions of it between the days that it may be.

        On a single day, as nearly always, it is enough to know how long the law of the whole book stays as it is.
        """
        if law[0] != law[1]:
            return [segment for segment in self.segments if segment.start <= law[1] and law[0] < segment.end]
        world = self.machine.world(law[0])
        found = self._on.get(world)
        if found is None:
            found = self._on[world] = [self._segment(*self.machine.turns[world - 1 : world + 1])]
        return found

    def _segment(self, start: int, end: int) -> Segment:
        rule, found = self.rule, self.machine.in_force(start)
        in_force = rule.start <= start < rule.end and found.lacking.isdisjoint(self.standing)
        return Segment(start, end, found.held, in_force)

    @cached_property
    def compares(self) -> bool:
        """Whether anything of it beside the verdict may differ from world to world: sides of a comparison, or the clause in force."""
        clauses = self.rule.formula.clauses
        return len(clauses) > 1 or clauses[0].require.op == "cmp"

    @cached_property
    def still(self) -> bool:
        """Whether it applies on every day that it is held against, or on none."""
        applies = self.rule.formula.applies
        return applies is None or not self.machine.steps.mask(applies) & DAY

    @cached_property
    def worldly(self) -> int:
        """What may leave several worlds of it, as a mask: its readings, and the flags and kinds that are ``repeated``."""
        return self.read & self.machine.reading_bits | self.machine.steps.mask_of((entity, name) for entity, name, _ in self.repeated)

    @cached_property
    def unmeasured(self) -> tuple[None, ...]:
        """The sides of its clauses where it does not apply."""
        return (None,) * len(self.rule.formula.clauses)

    @cached_property
    def choices(self) -> int:
        """The flags and members of kinds that it reads, as a mask: only these can be ``repeated``."""
        return self.read & self.machine.choice_bits

    def code(self, exact: bool, measures: bool) -> Callable[..., Any]:
        """The generated function in one of its four forms."""
        found = self._code.get((exact, measures))
        if found is None:
            from compliance.expressions.emit import compile_rule  # few checks of one filing come to it

            found = compile_rule(self.rule.formula, self.machine.slots, exact=exact, measures=measures)
            self._code[exact, measures] = found
        return found

    @cached_property
    def verdict(self) -> Callable[..., int]:
        """The generated function that gives the verdict alone, on any facts."""
        return self.code(False, False)

    @cached_property
    def exact_verdict(self) -> Callable[..., int]:
        """The same where every fact that the rule reads is exact."""
        return self.code(True, False)

    def exact(self, vague: int, on: tuple[int, int]) -> bool:
        """Whether the form for exact facts tells all there is to tell, where some fields are vague (a mask) and on a day."""
        return not self.read & (vague | (OPENS if on[0] == on[1] else OPENS | DAY))

    def form(self, exact: bool, measures: bool) -> Generated | None:
        """A generated function that tells what is asked; None where the steps are the better way.

        Where a rule is asked again and again code is worth its making: it remembers nothing, and runs faster. The measuring
        form for ranges tells all that the others do, only slower than they. Which way is taken changes no answer.
        """
        self.runs += 1
        if self.runs <= COLD:
            return None
        if self.runs <= WARM:
            return self.code(False, True), True
        return self.code(exact, measures), measures

    def generate(self, own: bool = False) -> None:
        """Decide the rule by generated code from now on, not only after ``COLD`` runs; with ``own`` by the form for what is asked."""
        self.runs = max(self.runs, WARM if own else COLD)


def _judged(pack: Pack, fields: Iterable[tuple[str, str]]) -> Mapping[str, tuple[tuple[Field, Node | None], ...]]:
    found: dict[str, list[Field]] = {}
    for entity, name in fields:
        found.setdefault(entity, []).append(pack.vocabulary.entity(entity).fields[name])
    ordered = {entity: sorted(parts, key=lambda part: part.slot) for entity, parts in found.items()}
    return {entity: tuple((part, pack.open_when.get((entity, part.name))) for part in parts) for entity, parts in ordered.items()}


def _repeated(machine: Machine, rule: Rule) -> tuple[tuple[str, str, int], ...]:
    places: dict[tuple[str, str], int] = {}
    seen: set[int] = set()
    left = [*rule.formula.nodes()]
    while left:
        node = left.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        names = set()
        for arg in node.args:
            if arg.op == "field":
                if arg.type.kind in ("truth", "enum") and arg.value[0] != "reading":
                    names.add(arg.value[:2])
            elif machine.steps.mask(arg) & machine.choice_bits:
                left.append(arg)
        for name in names:
            places[name] = places.get(name, 0) + 1
    listed = sorted(name for name, parents in places.items() if parents > 1)
    return tuple((entity, name, machine.pack.vocabulary.entity(entity).fields[name].slot) for entity, name in listed)


class Machine:
    """A pack made ready to decide: its rules, parameters by day and measures by formula, each found when first needed."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.steps = Steps()
        self._kept: dict[str, dict[Any, Any]] = {}
        self._ready: dict[str, Ready] = {}
        self._in_force: dict[int, InForce] = {}
        self._slots: dict[str, int] = {}
        self._bits: dict[str, tuple[int, ...]] = {}
        self._cells: dict[str, list[tuple[int, str, int]]] = {}
        self._named: dict[Node, str] = {}

    @cached_property
    def readers(self) -> Readers:
        """What makes the readers of its rules."""
        return Readers(self.steps)

    @cached_property
    def laws(self) -> tuple[Rule, ...]:
        """One rule for each list of days that pick the law."""
        return tuple({rule.law: rule for rule in self.pack.rules}.values())

    @cached_property
    def turns(self) -> tuple[int, ...]:
        """Every day on which a parameter or a rule of the book changes, from the first day of the calendar to what comes after the last."""
        days = {end for parameter in self.pack.parameters.values() for value in parameter.values for end in (value.start, value.end)}
        days.update(end for rule in self.pack.rules for end in (rule.start, rule.end))
        return (dates.FIRST_DAY, *sorted({*days, dates.NEVER}))

    @cached_property
    def days(self) -> Mapping[str, int]:
        """The slot of each day of the pack."""
        root = self.pack.vocabulary.root
        return {name: root.fields[path].slot for name, path in self.pack.days.items()}

    @cached_property
    def editions(self) -> tuple[int, ...]:
        """Every day on which a version of an instrument begins or ends."""
        versions = [version for instrument in self.pack.instruments.values() for version in instrument.versions]
        return tuple(sorted({end for version in versions for end in (version.start, version.end)}))

    @property
    def slots(self) -> Mapping[str, int]:
        """The position of each parameter in what generated code takes."""
        if not self._slots:
            self._slots = self.pack.slots()
        return self._slots

    def kept(self, name: str) -> dict[Any, Any]:
        """What those who use the machine keep with it under a name, made once for the book; they fill it."""
        return self._kept.setdefault(name, {})

    def ready(self, rule: Rule) -> Ready:
        """A rule made ready."""
        found = self._ready.get(rule.id)
        if found is None:
            found = self._ready[rule.id] = Ready(self, rule)
        return found

    def code(self, rule: Rule, exact: bool, measures: bool) -> Callable[..., Any]:
        """The generated function of a rule in one of its four forms."""
        return self.ready(rule).code(exact, measures)

    def generate(self, rules: Iterable[Rule], own: bool = False) -> None:
        """Decide rules by generated code from now on, made when each is next asked: they will be asked often.

        Without this a rule is decided step by step at first, which is ready at once. ``own`` makes a form of its own for each
        thing that is asked (the verdict alone, measures, exact facts), which pays for hundreds of filings.
        """
        for rule in rules:
            self.ready(rule).generate(own)

    def fields(self, rule: Rule) -> frozenset[tuple[str, str]]:
        """The (entity, field) pairs that a rule reads."""
        return self.ready(rule).fields

    def segments(self, rule: Rule) -> tuple[Segment, ...]:
        """The rule's law through time."""
        return self.ready(rule).segments

    def world(self, day: int) -> int:
        """The number of the days around a day on which nothing in the book changes."""
        return bisect_right(self.turns, day)

    def in_force(self, day: int) -> InForce:
        """The parameters in force on a day."""
        world = self.world(day)
        found = self._in_force.get(world)
        if found is None:
            on = {name: parameter.on(day) for name, parameter in self.pack.parameters.items()}
            values = {name: value.value if value is not None else 0 for name, value in on.items()}
            lacking = frozenset([name for name, value in on.items() if value is None])
            # Generated code takes them in the order of the pack (see ``Pack.slots``).
            found = self._in_force[world] = InForce(values, tuple(values.values()), lacking)
        return found

    def values(self, day: int) -> Mapping[str, int]:
        """The parameters in force on a day, by name; 0 for one that is not."""
        return self.in_force(day).values

    @cached_property
    def readings(self) -> Mapping[int, Reading]:
        """The points of law by the slot that each has in the filing's row."""
        return {reading.slot: reading for reading in self.pack.readings.values()}

    @cached_property
    def reading_bits(self) -> int:
        """The bits of the readings in masks."""
        return self._mask(("reading", name) for name in self.pack.readings)

    @cached_property
    def judged_bits(self) -> int:
        """The bits of the fields that are judgements."""
        return self._mask((part.entity, part.name) for part in self.pack.vocabulary.fields() if part.settled_by == "judgement")

    @cached_property
    def choice_bits(self) -> int:
        """The bits of the fields that are flags or members of a kind."""
        return self._mask((part.entity, part.name) for part in self.pack.vocabulary.fields() if part.type in ("flag", "kind"))

    def _mask(self, names: Iterable[tuple[str, str]]) -> int:
        found = 0
        for name in names:
            found |= self.steps.bit(name)
        return found

    def cells(self, entity: str) -> list[tuple[int, str, int]]:
        """The cells of an entity that may be vague: the slot, the type, and as a mask the fields that are vague if it is."""
        found = self._cells.get(entity)
        if found is None:
            words = self.pack.vocabulary
            found = self._cells[entity] = []
            for part in words.entity(entity).fields.values():
                names = [(part.entity, part.name)]
                if part.type == "ref":  # one that leads nowhere known leaves all open that is read through it
                    names += [(of.entity, of.name) for of in words.entities[words.lists[part.of]].fields.values()]
                if part.type not in ("text", "code"):
                    found.append((part.slot, part.type, self.steps.mask_of(names)))
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
