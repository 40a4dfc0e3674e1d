"""How a verdict came about: the facts that were read, the working, and what an open one needs."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from compliance.engine.decide import VERDICTS, varied
from compliance.engine.machine import Ready
from compliance.engine.plain import Plain
from compliance.engine.subject import ALWAYS, Put, Subject
from compliance.engine.template import template_of
from compliance.engine.working import Look, filled
from compliance.expressions.formula import OPEN
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


class Wanted(NamedTuple):
    """A fact, or a reading of the law (no field), that keeps a rule open, and what is tried of it: values for its cells, one by one."""

    path: str
    field: Field | None
    choices: Sequence[Put]


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
        return filled(template_of(self.ready).working(clause), Look(self.evaluation, made.filing, made.notes.figures))

    def paths(self) -> list[str]:
        """The paths of the facts read that the filing states, in the order of the filing's paths."""
        return [fact.path for fact in self.made.filing.marked(self.facts())]


def needs(trace: Trace, left: AbstractSet[str] = frozenset()) -> list[Need]:
    """The absent or vague facts that keep the rule open on a day, those first that could settle it, without those ``left`` out."""
    made, rule, filing = trace.made, trace.rule, trace.made.filing
    readings = made.machine.readings
    wanted: dict[str, Wanted] = {}
    for node in _deciding(trace):
        for row, slot in trace.evaluation.blame(node):
            reading = readings.get(slot) if row is made.row else None
            path = READING + reading.id if reading is not None else filing.path_of(row, slot)
            if not path or path in wanted or path in left:
                continue
            if reading is not None:
                bits = [reading.bit(option) for option in reading.options]
                wanted[path] = Wanted(path, None, [(row, slot, bit, bit) for bit in bits])
            else:
                part = filing.field_of(row, slot)
                wanted[path] = Wanted(path, part, _choices(row, part))
    verdicts = decides(made, rule, list(wanted.values()))
    found = [Need(one.path, one.field, in_order(verdicts.get(one.path, ()))) for one in wanted.values()]
    return sorted(found, key=lambda need: (-len(need.decides), filing.rank(need.path)))


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


def _choices(row: Row, part: Field) -> list[Put]:
    """What is tried of a fact: the ends of what a filing may say of it, each member of a kind, a list as complete.

    No bound is no figure that anybody brings: beside another fact without bound it would decide what no figure decides.
    """
    slot = part.slot
    low, high = row[slot], row[slot + 1]
    if part.type == "list":
        return [(row, slot, low, 0)]
    if part.type == "kind":
        return [(row, slot, 1 << i, 1 << i) for i in range(high.bit_length()) if high >> i & 1]
    if part.type == "ref":
        return []
    return [(row, slot, end, end) for end in (stateable(part, low), stateable(part, high))]


def decides(made: Subject, rule: Rule, wanted: Iterable[Wanted]) -> dict[str, set[str | None]]:
    """The verdicts that each of several facts alone could give, by path; nothing of those that leave the rule open."""
    groups: dict[object, list[Wanted]] = {}
    for one in wanted:
        part = one.field
        groups.setdefault(one.path if part is None else (part.entity, part.name, len(one.choices)), []).append(one)
    found: dict[str, set[str | None]] = {}
    for group in groups.values():
        for one, verdicts in _alone(made, rule, group, range(len(group[0].choices))):
            found[one.path] = verdicts
            part = one.field
            if part is not None and part.type not in ("list", "kind") and len(in_order(verdicts)) == 1:
                # Where both ends give one verdict, another may lie between them, at a limit of the rule.
                (row, slot, least, _), (_, _, most, _) = one.choices
                between = [(row, slot, value, value) for value in _limits(made, rule, part) if least < value < most]
                for _, more in _alone(made, rule, [one._replace(choices=between)], range(len(between))):
                    verdicts |= more
    return found


def _alone(made: Subject, rule: Rule, group: Sequence[Wanted], tries: Sequence[int]) -> Iterator[tuple[Wanted, set[str | None]]]:
    """Of facts with as many choices each, what they give alone by some of their choices; those that leave the rule open may be left out.

    Several are put together first. What all of them leave open, none of them decides: to fill in a fact refines a verdict
    and never reverses it. Those that decide together are looked at by halves, so that a long list of which nothing is known
    is not gone through item by item.
    """
    if not tries:
        return
    put, code = varied(made, rule, [one.choices[tries[0]] for one in group])
    codes = {}
    for index in tries:
        with put([one.choices[index] for one in group]):
            codes[index] = code()
    if len(group) == 1:
        yield group[0], {VERDICTS.get(found) for found in codes.values()}
        return
    left = [index for index in tries if codes[index] != OPEN]
    half = len(group) // 2
    yield from _alone(made, rule, group[:half], left)
    yield from _alone(made, rule, group[half:], left)


def _limits(made: Subject, rule: Rule, part: Field) -> Iterator[int]:
    """The parameters in force of a rule that are of a field's own type, at its scale."""
    machine = made.machine
    day = made.law_day(rule)[1][0]
    for name in machine.ready(rule).parameters:
        known = machine.pack.parameters[name]
        in_force = known.on(day)
        if in_force is not None and known.quantity == part.type and known.type.scale <= part.scale:
            yield in_force.value * 10 ** (part.scale - known.type.scale)


def in_order(found: Container[str | None]) -> tuple[str, ...]:
    """The decided ones among some verdicts, in the order pass, fail, not applicable."""
    return tuple(verdict for verdict in ("pass", "fail", "not_applicable") if verdict in found)
