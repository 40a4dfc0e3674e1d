"""How a verdict came about: the facts that were read, the working, and what an open one needs."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from functools import cached_property, reduce
from math import prod
from operator import and_, or_
from typing import Any, NamedTuple

from compliance.engine.decide import DECIDED, MAX_OPTIONS, VERDICTS, decide_with, open_choices, opened_worlds, plan, put_each
from compliance.engine.machine import Ready
from compliance.engine.plain import Plain
from compliance.engine.subject import ALWAYS, Put, Subject
from compliance.engine.working import Look, filled
from compliance.expressions.formula import FAIL, NOT_APPLICABLE, PASS
from compliance.expressions.interpret import Range
from compliance.expressions.interpret import Row as Cells
from compliance.expressions.steps import Stepping
from compliance.expressions.tree import Node
from compliance.expressions.trials import EVERY, NEVER, Cell, Verdicts
from compliance.facts.answers import READING
from compliance.facts.filing import Row
from compliance.packs.book import Rule
from compliance.vocabulary import Field

LOOKED_AT = 8  # worlds of a rule that are looked at before facts are tried in all of them


class Need(NamedTuple):
    """A fact that keeps a verdict open, who has it, and the verdicts that it alone could give."""

    path: str
    field: Field | None  # None: a reading of the law
    decides: tuple[str, ...]


class Trace:
    """A rule step by step on one of its days, on the facts as they stand when it is asked; ``law`` is the day of its law."""

    def __init__(self, made: Subject, ready: Ready, law: int, day: str) -> None:
        self.made = made
        self.rule = ready.rule
        self.ready = ready
        self._stepping = made.stepping(law, (made.day(day) if day else None) or ALWAYS)

    @property
    def evaluation(self) -> Stepping:
        """The evaluation that the working, the facts and the needs of a finding are read from."""
        self.made.known(0)  # looks at what is put: a block may have begun or ended since
        return self._stepping

    def value(self, node: Node, items: tuple[Cells, ...] = ()) -> Range:
        """The range of a node."""
        return self.evaluation.value(node, items)

    def facts(self) -> int:
        """The facts read that the filing states, as marks (see ``Filing.marked``)."""
        made = self.made
        return self.ready.reader(self.evaluation, (), made.filing.marks)

    def working(self, clause: int) -> dict[str, Plain]:
        """The working of one clause: its steps, each by the line that tells it."""
        made = self.made
        return filled(self.ready.template.working(clause), Look(self.evaluation, made.filing, made.notes.figures))

    def paths(self) -> list[str]:
        """The paths of the facts read that the filing states, in the order of the filing's paths."""
        return [fact.path for fact in self.made.filing.marked(self.facts())]


def needs(trace: Trace, left: Container[str] = ()) -> list[Need]:
    """The absent or vague facts that keep the rule open on a day, those first that could settle it, without those ``left`` out."""
    made, e = trace.made, trace.evaluation
    trials, known = made.trials, made.notes.facts
    wanted = {}
    for number in dict.fromkeys([number for node in _deciding(trace) for number in trials.told(e, node).cells]):
        fact = known.get(number)
        if fact is None:
            fact = known[number] = _fact(made, trials.cells[number])
        if fact[0] and fact[0] not in left:
            wanted[fact[0]] = trials.cells[number], fact
    tried = _Tried(made, trace.rule, [cell for cell, _ in wanted.values()]) if wanted else None
    found = [Need(path, part, tried.decides(cell, part, others)) for cell, (path, part, others) in wanted.values()] if tried else []
    return sorted(found, key=lambda need: (-len(need.decides), made.filing.rank(need.path)))


def _fact(made: Subject, cell: Cell) -> tuple[str, Field | None, Sequence[tuple[int, int]]]:
    """The path of an open fact with its field (None: a reading), and what it may be beside what is tried; no path where it has none."""
    row, slot = cell.row, cell.slot
    reading = made.machine.readings.get(slot) if row is made.row else None
    if reading is not None:  # an answer may be none of those that are left open
        bits = map(reading.bit, reading.options)
        return READING + reading.id, None, [(bit, bit) for bit in bits if (bit, bit) not in cell.ends]
    path = made.filing.path_of(row, slot)
    return (path, made.filing.field_of(row, slot), ()) if path else ("", None, ())


def _deciding(trace: Trace) -> Iterator[Node]:
    """What the verdict may hang on: of an exception that does not hold its condition alone, and of the base nothing where one does."""
    formula = trace.rule.formula
    if formula.applies is not None:
        yield formula.applies
    whens = [clause.when for clause in formula.clauses if clause.when is not None]
    yield from whens
    holds = any(trace.value(when)[0] for when in whens)
    for clause in formula.clauses:
        if not holds if clause.when is None else trace.value(clause.when)[1]:
            yield clause.require


class _Tried:
    """What a rule's verdict would be by each open fact alone: told for all at once where the typed trees tell it, else tried."""

    def __init__(self, made: Subject, rule: Rule, wanted: Sequence[Cell]) -> None:
        self.made = made
        self.rule = rule
        self.ready = ready = made.machine.ready(rule)
        self.entries = plan(made, ready)
        told = self._told()
        self.sure = ((told.passed, PASS), (told.failed, FAIL), (told.void, NOT_APPLICABLE))
        self.maybe = told.maybe_passed | told.maybe_failed | told.maybe_void
        self.wanted = reduce(or_, [cell.mask for cell in wanted]) & ~(told.passed | told.failed | told.void)
        self.choices = opened_worlds(made, ready)
        every = open_choices(made, ready)
        # Where they make too many worlds to be put: how many there are without each of the facts.
        self.many: dict[tuple[int, int], int] = {}
        if len(every) > len(self.choices):
            size = prod(map(len, every))
            self.many = {_cell(choice): size // len(choice) for choice in every}

    def _told(self) -> Verdicts:
        """What becomes of the rule on all the days and under all the law that it is due."""
        made = self.made
        trials, formula = made.trials, self.rule.formula
        each = [trials.verdicts(made.stepping(entry.day, entry.on), formula) for entry in self.entries if entry.segment.in_force]
        return Verdicts(*[reduce(and_, masks) for masks in zip(*each, strict=True)]) if len(each) == len(self.entries) else NEVER

    @cached_property
    def everywhere(self) -> int:
        """The trials by which the rule may be decided alike in each world: looked at are the first and those one step away from it.

        A world tells nothing of another value of what makes the worlds. A pass may turn out as one that does not apply.
        """
        trials = self.made.trials
        cells = [trials.cells[trials.number(*_cell_of(choice))] for choice in self.choices]
        chosen = reduce(or_, [cell.mask for cell in cells])
        met = failed = self.wanted

        def look() -> bool:
            nonlocal met, failed
            told = self._told()
            here = reduce(or_, [1 << cell.first + cell.ends.index((cell.row[cell.slot], cell.row[cell.slot + 1])) for cell in cells])
            masks = []
            for mask in (told.maybe_passed | told.maybe_void, told.maybe_failed):
                masks.append(mask & ~chosen | chosen & ~here | (here if mask & 1 else 0))
            met, failed = met & masks[0], failed & masks[1]
            return True

        first = [choice[0] for choice in self.choices]
        worlds = [first, *([*first[:at], way, *first[at + 1 :]] for at, choice in enumerate(self.choices) for way in choice[1:])]
        for world in worlds[:LOOKED_AT]:
            if met | failed:
                put_each(self.made, [[way] for way in world], look)
        return met | failed

    def may_be(self, cell: Cell) -> int:
        """The trials of a fact by which the rule may be decided: those that are not told have to be made."""
        key = id(cell.row), cell.slot
        if self.many.get(key, MAX_OPTIONS + 1) <= MAX_OPTIONS:
            return EVERY
        return self.maybe if not self.choices or [key] == [_cell(choice) for choice in self.choices] else self.everywhere

    def decides(self, cell: Cell, part: Field | None, others: Sequence[tuple[Any, Any]]) -> tuple[str, ...]:
        """The verdicts that a fact alone gives at its ends, or as something else, in the order pass, fail, not applicable.

        Where both ends give one verdict, another may lie between them, at a limit of the rule.
        """
        row, slot = cell.row, cell.slot
        codes = {self.code(row, slot, end) for end in others}
        if self.ready.days and self.made.touched([(row, slot, 0, 0)]) & self.ready.days:
            codes.update([self.code(row, slot, end) for end in cell.ends])
        else:
            maybe = self.may_be(cell) if cell.mask & self.wanted else 0
            for number, end in enumerate(cell.ends, cell.first):
                told = [code for sure, code in self.sure if sure >> number & 1]
                if told:
                    codes.add(told[0])
                elif maybe >> number & 1:
                    codes.add(self.code(row, slot, end))
        if part is not None and part.type not in ("list", "kind", "ref") and len(codes & {*DECIDED}) == 1:
            (low, _), (high, _) = cell.ends
            codes.update([self.code(row, slot, (value, value)) for value in self.limits(part) if low < value < high])
        return tuple([VERDICTS[code] for code in (PASS, FAIL, NOT_APPLICABLE) if code in codes])

    def limits(self, part: Field) -> Iterator[int]:
        """The parameters in force of the rule that are of a field's own type, at its scale."""
        machine = self.made.machine
        values = machine.values(self.made.law_day(self.rule)[1][0])
        for name in self.ready.parameters:
            known = machine.pack.parameters[name]
            if known.quantity == part.type and known.type.scale <= part.scale:
                yield values[name] * 10 ** (part.scale - known.type.scale)

    def code(self, row: Row, slot: int, end: tuple[Any, Any]) -> int:
        """The code of the rule with a fact at an end, tried."""
        return decide_with(self.made, self.rule, [(row, slot, *end)])


def _cell(choice: Sequence[Sequence[Put]]) -> tuple[int, int]:
    """What a choice is about, as a row and a slot."""
    row, slot, _, _ = choice[0][0]
    return id(row), slot


def _cell_of(choice: Sequence[Sequence[Put]]) -> tuple[Row, int, str]:
    """The same with the kind of fact that it is."""
    row, slot, _, _ = choice[0][0]
    return row, slot, "truth" if (row[slot], row[slot + 1]) == (0, 1) else "enum"
