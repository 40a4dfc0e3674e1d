"""How a verdict came about: the facts that were read, the working, and what an open one needs."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from compliance.engine.decide import VERDICTS, varied
from compliance.engine.machine import Ready
from compliance.engine.plain import Plain
from compliance.engine.subject import ALWAYS, Put, Subject
from compliance.engine.working import Look, filled
from compliance.expressions.interpret import Range
from compliance.expressions.interpret import Row as Cells
from compliance.expressions.steps import Stepping
from compliance.expressions.tree import Node
from compliance.facts.answers import READING
from compliance.facts.filing import Row
from compliance.facts.values import stateable
from compliance.packs.book import Rule
from compliance.vocabulary import Field


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


def needs(trace: Trace, left: AbstractSet[str] = frozenset()) -> list[Need]:
    """The absent or vague facts that keep the rule open on a day, those first that could settle it, without those ``left`` out."""
    found: dict[str, Need] = {}
    made, rule, filing = trace.made, trace.rule, trace.made.filing
    readings = made.machine.readings
    for node in _deciding(trace):
        for row, slot in list(trace.evaluation.blame(node)):  # before anything is put
            reading = readings.get(slot) if row is made.row else None
            path = READING + reading.id if reading is not None else filing.path_of(row, slot)
            if not path or path in found or path in left:
                continue
            if reading is not None:
                bits = [reading.bit(option) for option in reading.options]
                found[path] = Need(path, None, tried(made, rule, [[(row, slot, bit, bit)] for bit in bits]))
            else:
                part = filing.field_of(row, slot)
                found[path] = Need(path, part, decides(made, rule, row, part))
    return sorted(found.values(), key=lambda need: (-len(need.decides), made.filing.rank(need.path)))


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


def decides(made: Subject, rule: Rule, row: Row, part: Field) -> tuple[str, ...]:
    """The verdicts that a fact alone could give, tried at the ends of what a filing may say of it (a list: as complete).

    No bound is no figure that anybody brings: beside another fact without bound it would decide what no figure decides. Where
    both ends give one verdict, another may lie between them, at a limit of the rule.
    """
    low, high = row[part.slot], row[part.slot + 1]
    slot = part.slot
    if part.type == "list":
        return tried(made, rule, [[(row, slot, low, 0)]])
    if part.type == "kind":
        return tried(made, rule, [[(row, slot, 1 << i, 1 << i)] for i in range(high.bit_length()) if high >> i & 1])
    if part.type == "ref":
        return ()
    ends = stateable(part, low), stateable(part, high)
    found = tried(made, rule, [[(row, slot, end, end)] for end in ends])
    if len(found) != 1:
        return found
    between = [[(row, slot, value, value)] for value in _limits(made, rule, part) if ends[0] < value < ends[1]]
    return in_order({*found, *tried(made, rule, between)}) if between else found


def _limits(made: Subject, rule: Rule, part: Field) -> Iterator[int]:
    """The parameters in force of a rule that are of a field's own type, at its scale."""
    machine = made.machine
    day = made.law_day(rule)[1][0]
    for name in machine.ready(rule).parameters:
        known = machine.pack.parameters[name]
        in_force = known.on(day)
        if in_force is not None and known.quantity == part.type and known.type.scale <= part.scale:
            yield in_force.value * 10 ** (part.scale - known.type.scale)


def tried(made: Subject, rule: Rule, choices: Sequence[Sequence[Put]]) -> tuple[str, ...]:
    """The verdicts that some of the choices give, in the order pass, fail, not applicable. All of them put the same cells."""
    found = set()
    if choices:
        put, code = varied(made, rule, choices[0])
        for puts in choices:
            with put(puts):
                found.add(VERDICTS.get(code()))
    return in_order(found)


def in_order(found: Container[str | None]) -> tuple[str, ...]:
    """The decided ones among some verdicts, in the order pass, fail, not applicable."""
    return tuple(verdict for verdict in ("pass", "fail", "not_applicable") if verdict in found)
