"""One fact of every filing of a batch as cells: whose it is, which row it stands in, and its two ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.expressions.columns.frames import Frame, filled
from compliance.expressions.columns.loops import enter
from compliance.expressions.columns.numbers import Number
from compliance.expressions.columns.run import Run
from compliance.expressions.tree import Node, Type

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Way = tuple[tuple[str, str, int, str], ...]  # the lists that lead to an entity's rows: owner, field, slot, entity
ONE = Node("const", Type("number", least=1, most=1), value=1)


class Fact(NamedTuple):
    """A field, by entity, name and slot, with its type in expressions; of a list whether it is open is what counts."""

    entity: str
    name: str
    slot: int
    type: Type


class Stated(NamedTuple):
    """Cells: the place in the batch and the row (see ``Table.tokens``) of each, its ends, and whether it may count.

    An enumeration has its possible bits as both ends. ``unbounded`` marks numbers without a lowest or highest end.
    """

    place: Array
    token: Array
    low: Array
    high: Array
    unbounded: Array
    counts: Array


def stated(run: Run, fact: Fact, ways: Sequence[Way], rows: Array, condition: Node | None = None) -> Stated:
    """A fact in some filings of a batch, ``ways`` being those to its rows, and the items that a condition may hold for."""
    import numpy as np

    parts = [_cells(run, fact, frame, condition) for frame in _frames(run, ways, rows)]
    return Stated(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _frames(run: Run, ways: Sequence[Way], rows: Array) -> Iterator[Frame]:
    root = run.only(run.root, rows)
    for way in ways:
        frame = root
        owner = Node("root", Type("item"))
        for depth, (entity, name, slot, of) in enumerate(way, 1):
            source = Node("field", Type("list", of=of), (owner,), (entity, name, slot))
            frame = enter(run, Node("count", Type("number"), (source, ONE), depth), frame)
            owner = Node("item", Type("item", of=of), value=depth)
        yield _flat(frame)


def _flat(frame: Frame) -> Frame:
    """The items of a loop in a loop as those of one loop, whose item a condition speaks of."""
    if frame.around is None or frame.around.around is None:
        return frame
    root, way = frame.around, frame.parents
    while root.around is not None:
        way, root = root.parents[way], root.around
    found = Frame(1, frame.table, frame.index, frame.size, root)
    found.parents = way
    if frame.base is not None:
        found.base = _flat(frame.base[0]), frame.base[1]
    return found


def _cells(run: Run, fact: Fact, frame: Frame, condition: Node | None) -> Stated:
    import numpy as np

    owner = Node("root", Type("item")) if frame.around is None else Node("item", Type("item", of=fact.entity), value=1)
    node = Node("field", fact.type, (owner,), (fact.entity, fact.name, fact.slot))
    tokens = frame.table.tokens()
    tokens = tokens if frame.index is None else tokens[frame.index]
    unbounded: Any = False
    if fact.type.kind == "list":
        inner = enter(run, Node("count", Type("number"), (node, ONE), frame.depth + 1), frame)
        low, high = False, False if inner.open is None else inner.open
    elif fact.type.kind == "truth":
        low, high = run.truth(node, frame)
    else:
        known = run.value(node, frame)
        if isinstance(known, Number):
            low, high = (end * 10**known.power if known.power and known.bound else end for end in (known.low, known.high))
            for mask in (known.below, known.above):
                unbounded = unbounded if mask is None else unbounded | mask
        else:
            low = high = known.bits
    counts = True if condition is None else run.truth(condition, frame)[1]
    ends = (filled(end, frame).astype(np.int64) for end in (low, high))
    return Stated(frame.numbers(), tokens, *ends, *(filled(mask, frame) for mask in (unbounded, counts)))
