"""Which filings of a batch may come to another verdict as the day of the check moves, and what turns for one of them.

A rule stands still while no comparison that reads the day turns, whatever open questions are answered. Each comparison moves
one way with the day, so that one which is the same on the first day and on the last is the same on all between them. For a
batch all of them are asked on both days at once, item by item, as counts of the items for which they are proved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.engine import many
from compliance.engine.evaluating import law_days
from compliance.engine.machine import Machine, Ready
from compliance.engine.timeline import DAY, direct, reads, way_of
from compliance.expressions.columns.frames import filled
from compliance.expressions.columns.numbers import DoesNotFit
from compliance.expressions.columns.stated import ONE
from compliance.expressions.formula import Formula
from compliance.expressions.tree import DATE, LOOPS, TRUTH, Node, Type, names_of, parameters_of
from compliance.packs.book import AS_OF, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

COUNT = Type("number", least=0)


class Turn(NamedTuple):
    """A comparison that reads the day, with the lists whose items the loops around it stand on."""

    lists: tuple[Node, ...]
    node: Node


def moving(machine: Machine, first: int, last: int) -> tuple[Rule, ...]:
    """The rules whose verdict may be another as the day of the check moves from one to another and nothing else does.

    A rule is held against that day, or its law may be picked by it and changes on the way.
    """
    return tuple(rule for rule in machine.pack.rules if AS_OF in rule.held_on or (AS_OF in rule.law and edges(machine, rule, first, last)))


def edges(machine: Machine, rule: Rule, first: int, last: int) -> tuple[int, ...]:
    """The days after the first and up to the last from which a rule's law is another."""
    return tuple(part.start for part in machine.ready(rule).segments if first < part.start <= last)


def may_turn(batch: many.Batch, rule: Rule, first: int, last: int) -> Array:
    """The filings of a batch in which a comparison of a rule that reads the day of the check may turn between two days."""
    import numpy as np

    ready = batch.machine.ready(rule)
    found: Array = np.zeros(batch.size, dtype=bool)
    if AS_OF not in rule.held_on or not any(reads(top, DAY, True) for top in rule.formula.nodes()):
        return found
    turns = turns_of(rule.formula)
    if turns is None:
        return ~found
    if batch.alone is not None:
        found |= batch.alone
    open_to = _asked(ready)
    low, high = _law(batch, rule, first, last)
    for turn in turns:
        names = sorted(parameters_of(turn.node))
        slots = [batch.machine.slots[name] for name in names]
        laws = {tuple(part.parameters[slot] for slot in slots): part.parameters for part in ready.segments_on((low, high)) if part.in_force}
        for parameters in laws.values():
            found |= _turns(batch, turn, parameters, first, last, not names_of(turn.node).isdisjoint(open_to))
    return found


def _law(batch: many.Batch, rule: Rule, first: int, last: int) -> tuple[int, int]:
    """The first and last day that the law of any filing is of, as the day of the check moves."""
    low, high = law_days(batch, rule)
    least, most = int(low.min(initial=first)), int(high.max(initial=first))
    return (min(least, first), max(most, last)) if AS_OF in rule.law else (least, most)


def _asked(ready: Ready) -> frozenset[tuple[str, str]]:
    """The facts of a rule that may be put where they are vague: see ``engine.worlds`` and ``engine.settling``."""
    names = {("reading", reading.id) for reading in ready.readings}
    names |= {(entity, part.name) for entity, parts in ready.judged.items() for part, _ in parts}
    names |= {(part.entity, part.name) for part in ready.market}
    return frozenset(names | {(entity, name) for entity, name, _ in ready.repeated})


@lru_cache(maxsize=4096)
def turns_of(formula: Formula) -> tuple[Turn, ...] | None:
    """The comparisons of a formula that read the day of the check; None where one of them may go both ways as the day grows."""
    found: dict[Turn, None] = {}
    for top in formula.nodes():
        for turn in _below(top, ()):
            if way_of(turn.node, DAY, True) is None:
                return None
            found[turn] = None
    return tuple(found)


def _below(node: Node, lists: tuple[Node, ...]) -> Iterator[Turn]:
    if node.op == "cmp" and any(direct(arg, DAY, True) for arg in node.args):
        yield from _of_items(node, lists)
    inner = (*lists, node.args[0]) if node.op in LOOPS else lists
    for arg in node.args:
        yield from _below(arg, inner)


def _of_items(node: Node, lists: tuple[Node, ...]) -> Iterator[Turn]:
    """A comparison with the greatest or least of some items turns when the comparison with one of them does."""
    for place, side in enumerate(node.args):
        if side.op in ("max", "min"):
            args = tuple(side.args[1] if at == place else arg for at, arg in enumerate(node.args))
            yield from _of_items(replace(node, args=args), (*lists, side.args[0]))
            return
    yield Turn(lists, node)


def _turns(batch: many.Batch, turn: Turn, parameters: Sequence[int], first: int, last: int, asked: bool) -> Array:
    """Where a comparison is another on two days under some law; with ``asked`` also where it is open on both."""
    import numpy as np

    run = batch.asked(parameters)

    def proved(node: Node) -> Array:
        """For each filing, of how many items a truth is proved."""
        if not turn.lists:
            return filled(run.truth(node, run.root)[0], run.root).astype(np.int64)
        return number(_counted(turn.lists, node))

    def number(node: Node) -> Array:
        held = run.number(node, run.root)
        low = filled(held.low, run.root)
        return low * 10**held.power if held.power and low.any() else low  # nothing at all stands at any power

    ends = [_on(turn.node, day) for day in (first, last)]
    try:
        with np.errstate(over="ignore"):
            (yes, still), (no, not_yet) = ([proved(end) for end in pair] for pair in (ends, [_not(end) for end in ends]))
            found: Array = (yes != still) | (no != not_yet)
            if asked:
                found |= yes + no < (number(_counted(turn.lists, None)) if turn.lists else 1)
    except DoesNotFit:
        return np.ones(batch.size, dtype=bool)
    for left in (run.fit.unfit, run.doubted):
        if left is not False:
            found |= left
    return found


def _counted(lists: tuple[Node, ...], node: Node | None) -> Node:
    """How many items of the innermost list there are for which a truth holds, or at all."""
    depth = len(lists)
    found = Node("count", COUNT, (lists[-1], ONE) if node is None else (lists[-1], ONE, node), depth)
    for source in reversed(lists[:-1]):
        depth -= 1
        found = Node("sum", COUNT, (source, found), depth)
    return found


@lru_cache(maxsize=10_000)
def _on(node: Node, day: int) -> Node:
    """A tree on a day."""
    if node.op == "day":
        return Node("const", DATE, value=day)
    args = tuple(_on(arg, day) for arg in node.args)
    return node if args == node.args else replace(node, args=args)


def _not(node: Node) -> Node:
    return Node("not", TRUTH, (node,))
