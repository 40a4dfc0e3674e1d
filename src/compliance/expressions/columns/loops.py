"""Loops over the items of lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from compliance import dates
from compliance.expressions.columns.frames import Frame, any_of, filled, over, summed
from compliance.expressions.columns.layout import Listing, Segments
from compliance.expressions.columns.numbers import (
    LIMIT,
    Number,
    Truth,
    any_,
    both,
    counting,
    either,
    exactly,
    negated,
    negative,
    taken,
    told,
    unless,
)
from compliance.expressions.columns.run import Operation, Run, part_of, single
from compliance.expressions.columns.trees import depth_of
from compliance.expressions.tree import Node
from compliance.expressions.writing import conjuncts, needs_statements

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


EDGE = "edge"  # of a greatest or least number: taken over nothing at all it is wide open, and who compares it knows (see ``edged``)


def as_far(node: Node) -> bool:
    """Whether the least of nothing at all, on the left of a comparison, lies as far as the fact on its right may, and no further."""
    left, right = node.args
    plain = left.op == "min" and left.args[1].op == "field" and right.op == "field"
    return plain and left.type.scale == right.type.scale and right.type.nonnegative


def enter(run: Run, node: Node, frame: Frame) -> Frame:
    """The frame of a loop's items."""
    source, depth = node.args[0], node.value
    key = frame, depth, source
    loops = run.kept.loops if frame.kept and depth <= 1 else run.loops
    if key not in loops:
        found = entered(run, node, frame)
        if loops is run.loops:
            loops[key] = found
        else:
            run.kept.entered(key, found)
    return loops[key]


def entered(run: Run, node: Node, frame: Frame) -> Frame:
    """The frame of a loop's items, made from the list of each row, or from the items that the filing has before scenarios."""
    source, depth = node.args[0], node.value
    if frame.base is not None:
        there, which = frame.base
        items = enter(run, node, there)
        inner, base = items_of(depth, items, which, frame)
        inner.index = base if items.index is None else items.index[base]
        inner.base = items, base
        if run.scenarios is not None and source.value[:2] in run.scenarios.cells:
            inner.open = reopened(run, source, inner.open, frame)
        return inner
    home = frame
    needed = depth_of(source)
    way: Any = None
    while home.depth > needed:
        assert home.around is not None
        way = home.parents if way is None else home.parents[way]
        home = home.around
    table, index = run.place(source.args[0], home)
    if way is not None:
        index = way if index is None else index[way]
    found = table.listing(source.value[2])
    if index is not None:
        inner, inner.index = items_of(depth, found, index, frame)
        return inner
    inner = Frame(depth, found.table, None, len(found.parents), frame)
    inner.parents, inner.open, inner.shape = found.parents, found.open, found.segments()
    return inner


def reopened(run: Run, source: Node, unlisted: Array | None, frame: Frame) -> Array | None:
    """Which lists of a frame's rows are open where scenarios change that."""
    import numpy as np

    assert run.scenarios is not None
    table, index = run.place(source.args[0], frame)
    assert index is not None
    hit, at = run.scenarios.changed(source.value[:2], table.tokens()[index], frame.numbers())
    found = np.zeros(frame.size, dtype=bool) if unlisted is None else unlisted.copy()
    found[hit] = run.scenarios.cells[source.value[:2]].column.low[at]
    return found if found.any() else None


def items_of(depth: int, lists: Listing | Frame, which: Array, frame: Frame) -> tuple[Frame, Array]:
    """The frame of the items of some lists, ``which`` list for each row of a frame; and the items."""
    import numpy as np

    shape, rows = lists.segments(), np.arange(len(which))
    each = shape.longest if shape.rows == 1 else shape.each
    if each is None:
        begin, sizes = shape.offsets[which], shape.counts[which]
        offsets = np.zeros(len(which) + 1, dtype=np.int64)
        np.cumsum(sizes, out=offsets[1:])
        found = Segments(offsets)
        parents = found.full if found.longest < 2 else rows.repeat(sizes)
        items = begin[parents] if found.longest < 2 else np.arange(offsets[-1]) + (begin - offsets[:-1]).repeat(sizes)
    else:
        found = Segments(np.arange(len(which) + 1) * each, each)
        parents = rows if each == 1 else rows.repeat(each)
        items = which if each == 1 else (each * which[:, None] + np.arange(each)).reshape(-1)
    inner = Frame(depth, lists.table, None, len(items), frame)
    inner.parents, inner.shape = parents, found
    inner.open = None if lists.open is None else lists.open[which]
    return inner, items


def counted(run: Run, node: Node, frame: Frame) -> tuple[Frame, Truth]:
    """The items that may count, with which of them surely do and which may.

    A condition is asked part by part, the cheap ones first; where a part leaves few items, the rest is computed for
    these alone.
    """
    import numpy as np

    inner = enter(run, node, frame)
    if not inner.size:
        return inner, (True, True)
    sure: Any = True
    possible: Any = True
    parts = sorted((part for c in node.args[2:] for part in conjuncts(c)), key=needs_statements)
    for number, part in enumerate(parts):
        low, high = run.truth(part, inner)
        exact = sure is possible and low is high
        sure = both(sure, low)
        possible = sure if exact else both(possible, high)
        if possible is False:
            return run.only(inner, np.zeros(0, dtype=np.int64)), (True, True)
        heavy = number + 1 == len(parts) or needs_statements(parts[number + 1])
        if heavy and getattr(possible, "shape", None) and 2 * np.count_nonzero(possible) < possible.size:
            chosen = possible.nonzero()[0]
            inner = run.only(inner, chosen)
            sure = True if exact else taken(sure, chosen)
            possible = True
            if not len(chosen):
                return inner, (True, True)
    both_told = sure is possible
    sure = told(sure)
    return inner, (sure, sure if both_told else told(possible))


def listed(run: Run, node: Node, frame: Frame, both_ends: bool = True) -> tuple[Number, Any]:
    """A sum over the items that are named, and which lists are open; of the lowest values alone where only these are asked for.

    What no scenario touches is summed before them, once for each filing.
    """
    if frame.base is not None and run.scenarios is not None and not run.scenarios.touch(node, run.moving):
        there, which = frame.base
        known, unlisted = listed(run, node, there, both_ends)
        return (single if there.size == 1 else part_of)(known, which), None if unlisted is None else unlisted[which]
    inner, (sure, possible) = counted(run, node, frame)
    if not inner.size:
        return exactly(0), inner.open
    body = run.number(node.args[1], inner)
    if not both_ends and node.args[1].type.nonnegative:
        body, possible = replace(body, high=body.low, above=None), sure
    low, high = body.low, body.high
    exact = low is high and sure is possible
    if sure is not True:
        if exact or node.args[1].type.nonnegative:
            low = counting(sure, low)
            high = low if exact else counting(possible, high)
        else:
            low = counting(any_(sure, both(possible, low < 0)), low)
            high = counting(any_(sure, both(possible, high > 0)), high)
    known = run.fit.summable(replace(body, low=low, high=low if exact else high), inner, frame)
    low, high = (filled(end, inner) for end in (known.low, known.high))
    total = summed(low, inner)
    masks = [None if mask is None else any_of(filled(both(possible, mask), inner), inner) for mask in (body.below, body.above)]
    return Number(total, total if exact else summed(high, inner), known.power, known.bound, *masks), inner.open


def total(run: Run, node: Node, frame: Frame) -> Number:
    found, unlisted = listed(run, node, frame)
    if unlisted is None:
        return found
    below = found.below if node.type.nonnegative else either(found.below, unlisted)
    return replace(found, below=below, above=either(found.above, unlisted))


def closed(run: Run, node: Node, frame: Frame) -> Number:
    import numpy as np

    whole, stated, known = node.args
    found, unlisted = listed(run, whole, frame)
    if unlisted is None:
        return found
    total, (sum_of_known, _) = run.at(stated, known.type.scale, frame), listed(run, known, frame, both_ends=False)
    known_low = Number(sum_of_known.low, sum_of_known.low, sum_of_known.power, sum_of_known.bound)
    total_high = Number(total.high, total.high, total.power, total.bound)
    rest = run.fit.together([total_high, negative(known_low)], frame)
    left = counting(unlisted, np.maximum(rest.low, 0))
    more = run.fit.product(Number(left, left, rest.power, rest.bound), exactly(node.value), True, frame)
    more = replace(more, low=0)
    above = found.above if total.above is None or not node.value else either(found.above, unlisted & total.above)
    return replace(run.fit.together([found, more], frame), above=above)


def greatest(run: Run, node: Node, frame: Frame) -> Number:
    return outermost(run, node, frame, 1) if node.type.kind == "date" else largest(run, node, frame, 1)


def least(run: Run, node: Node, frame: Frame) -> Number:
    return outermost(run, node, frame, -1) if node.type.kind == "date" else negative(largest(run, node, frame, -1))


def largest(run: Run, node: Node, frame: Frame, sign: int) -> Number:
    """The greatest number over a loop, each times ``sign``.

    Of nothing at all it would be without bound, and known to be: that is left to the scalar form.
    """
    number, nothing = furthest(run, node, frame, sign)
    if node.type.of != EDGE:
        run.fit.leave(frame, nothing)
    elif nothing is not False:
        number = replace(number, below=either(number.below, filled(nothing, frame)), above=either(number.above, filled(nothing, frame)))
    return number


def nothing(run: Run, node: Node, frame: Frame) -> Truth:
    """Whether the greatest or least of a loop is known to be of nothing at all."""
    (side,) = node.args
    none = furthest(run, side, frame, 1 if side.op == "max" else -1)[1]
    return none, none


@lru_cache(maxsize=10_000)
def edged(node: Node) -> Node | None:
    """A comparison one side of which is the greatest or least number of a loop, as one that is open where that is of nothing."""
    at = [number for number, side in enumerate(node.args) if side.op in ("max", "min") and side.type.kind == "number"]
    if len(at) != 1:
        return None
    side = node.args[at[0]]
    other = Node(side.op, side.type._replace(of=EDGE), side.args, side.value)
    return Node(node.op, node.type, tuple(other if part is side else part for part in node.args), node.value)


def furthest(run: Run, node: Node, frame: Frame, sign: int) -> tuple[Number, Any]:
    """The greatest number over a loop, each times ``sign``; and the rows for which it is known to be of nothing at all."""
    import numpy as np

    inner, (sure, possible) = counted(run, node, frame)
    if not inner.size:
        if inner.open is None:
            return exactly(0), True
        return Number(0, 0, 0, 0, inner.open, inner.open), ~inner.open
    body = run.number(node.args[1], inner)
    body = body if sign > 0 else negative(body)
    low = unless(either(body.below, None if sure is True else negated(sure)), body.low, -LIMIT)
    high = unless(None if possible is True else negated(possible), body.high, -LIMIT)
    low, high = (over(np.maximum, filled(end, inner), inner, -LIMIT) for end in (low, high))
    above = None if body.above is None else any_of(filled(both(possible, body.above), inner), inner)
    above = either(above, inner.open)
    nothing = high == -LIMIT
    below = low == -LIMIT
    number = Number(unless(below, low, 0), unless(nothing, high, 0), body.power, body.bound, below, above)
    return number, nothing if above is None else nothing & ~above


def outermost(run: Run, node: Node, frame: Frame, sign: int) -> Number:
    """The latest or earliest day over a loop."""
    import numpy as np

    pick, nothing, past = (np.maximum, dates.FIRST_DAY, dates.LAST_DAY) if sign > 0 else (np.minimum, dates.LAST_DAY, dates.FIRST_DAY)
    inner, (sure, possible) = counted(run, node, frame)
    at: Any = nothing
    to: Any = nothing
    if inner.size:
        body = run.number(node.args[1], inner)
        near, far = (body.low, body.high) if sign > 0 else (body.high, body.low)
        exact = body.exact and sure is possible
        if sure is not True:
            near = nothing + counting(sure, near - nothing)
            far = near if exact else nothing + counting(possible, far - nothing)
        at = over(pick, filled(near, inner), inner, nothing)
        to = at if exact else over(pick, filled(far, inner), inner, nothing)
    if inner.open is not None:
        to = np.where(inner.open, past, to)
    return Number(at, to, 0, dates.LAST_DAY) if sign > 0 else Number(to, at, 0, dates.LAST_DAY)


def any_item(run: Run, node: Node, frame: Frame) -> Truth:
    inner, (sure, possible) = counted(run, node, frame)
    first: Any = False
    second: Any = False
    if inner.size:
        low, high = run.truth(node.args[1], inner)
        exact = low is high and sure is possible
        first = any_of(filled(both(sure, low), inner), inner)
        second = first if exact else any_of(filled(both(possible, high), inner), inner)
    return first, second if inner.open is None else any_(second, inner.open)


def all_items(run: Run, node: Node, frame: Frame) -> Truth:
    inner, (sure, possible) = counted(run, node, frame)
    first: Any = True
    second: Any = True
    if inner.size:
        low, high = run.truth(node.args[1], inner)
        exact = low is high and sure is possible
        first = ~any_of(filled(both(possible, negated(low)), inner), inner)
        second = first if exact else ~any_of(filled(both(sure, negated(high)), inner), inner)
    return first if inner.open is None else both(first, ~inner.open), second


OPERATIONS: Mapping[str, Operation] = {
    "sum": total,
    "count": total,
    "closed": closed,
    "max": greatest,
    "min": least,
    "nothing": nothing,
    "any": any_item,
    "all": all_items,
}
