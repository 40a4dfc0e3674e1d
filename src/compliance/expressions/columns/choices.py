"""Numbers and truths by branches, each branch for the rows that may take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from compliance.expressions.columns.frames import Frame, filled
from compliance.expressions.columns.numbers import (
    LIMIT,
    Member,
    Number,
    Truth,
    any_,
    both,
    chosen_by,
    either,
    exactly,
    extreme,
    negated,
    taken,
    told,
)
from compliance.expressions.columns.run import Operation, Run
from compliance.expressions.columns.trees import asked_of, branches_of, heavy, reached_by
from compliance.expressions.tree import Node

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


def chosen(run: Run, node: Node, frame: Frame) -> Any:
    if node.type.kind == "truth":
        return chosen_truth(run, node, frame)
    conditions, branches = branches_of(node)
    if len(conditions) > 1:
        asked = asked_of(conditions[0])
        assert asked is not None
        return chain(run, node, conditions, branches, run.value(asked, frame), frame)
    sure, possible = run.truth(node.args[0], frame)
    sure, possible = (told(sure),) * 2 if sure is possible else (told(sure), told(possible))
    ways = [(possible, node.args[1]), (negated(sure), node.args[2])]
    taken = [arg for way, arg in ways if way is not False]
    if len(taken) == 1:
        return run.at(taken[0], node.type.scale, frame)
    if getattr(possible, "shape", None) and any(heavy(arg) for arg in taken):
        parts = []
        for way, arg in ways:
            chosen = filled(way, frame).nonzero()[0]
            inner = run.only(frame, chosen)
            parts.append((chosen, inner, run.at(arg, node.type.scale, inner)))
        return scattered(run, parts, [], frame, sure is possible, [])
    return one_of_two(run, sure, possible, [run.at(arg, node.type.scale, frame) for arg in taken], frame)


def chosen_truth(run: Run, node: Node, frame: Frame) -> Truth:
    """A truth by branches."""
    import numpy as np

    sure, possible = run.truth(node.args[0], frame)
    if possible is False:
        return run.truth(node.args[2], frame)
    (a, c) = run.truth(node.args[1], frame)
    if sure is True:
        return a, c
    (b, d) = run.truth(node.args[2], frame)
    if sure is possible:
        low = settled(np.asarray(np.where(sure, a, b)))
        return low, low if a is c and b is d else settled(np.asarray(np.where(sure, c, d)))
    return (
        settled(np.where(sure, a, np.where(possible, both(a, b), b))),
        settled(np.where(sure, c, np.where(possible, any_(c, d), d))),
    )


def settled(truth: Array) -> Any:
    """One end of a truth; a bool where it is the same for all rows."""
    return truth if truth.shape else bool(truth)


def one_of_two(run: Run, sure: Any, possible: Any, branches: Sequence[Number], frame: Frame) -> Number:
    """One of two numbers where it is told which, both elsewhere."""
    import numpy as np

    then, otherwise = run.fit.aligned(branches, [frame, frame])
    bound = max(then.bound, otherwise.bound)
    below = chosen_by(sure, possible, then.below, otherwise.below)
    above = chosen_by(sure, possible, then.above, otherwise.above)
    split = both(possible, negated(sure))
    if split is True:
        low, high = extreme(min, np.minimum, then.low, otherwise.low), extreme(max, np.maximum, then.high, otherwise.high)
        return Number(low, high, then.power, bound, below, above)
    sure = sure if sure is possible else filled(sure, frame)
    low = np.where(sure, then.low, otherwise.low)
    exact = then.low is then.high and otherwise.low is otherwise.high
    if sure is possible:
        return Number(low, low if exact else np.where(sure, then.high, otherwise.high), then.power, bound, below, above)
    # Only the rows where the condition is not told need both.
    high = low.copy() if exact else np.where(sure, then.high, otherwise.high)
    split = split.nonzero()[0]
    ends = [taken(end, split) for end in (then.low, otherwise.low, then.high, otherwise.high)]
    low[split], high[split] = np.minimum(*ends[:2]), np.maximum(*ends[2:])
    return Number(low, high, then.power, bound, below, above)


def chain(run: Run, node: Node, conditions: tuple[Node, ...], branches: tuple[Node, ...], member: Member, frame: Frame) -> Number:
    """A number by the kind of each row: looked up where it is one for a kind, and computed for the rows of the kind else."""
    import numpy as np

    reached = reached_by(conditions, member.values)
    bits = 0
    for each in reached:
        bits |= each
    ways = [number for number in range(len(branches)) if bits >> number & 1]
    scale = node.type.scale
    if len(ways) == 1:
        return run.at(branches[ways[0]], scale, frame)
    if isinstance(member.bits, int):  # one value, of which several members are possible
        first, *others = (run.at(branches[way], scale, frame) for way in ways)
        for other in others:
            first = one_of_two(run, False, True, [first, other], frame)
        return first
    plain = {way: run.at(branches[way], scale, frame) for way in ways if branches[way].op in ("const", "param")}
    which = np.array(reached, dtype=np.min_scalar_type(bits)).take(member.codes, mode="clip")
    # Looked for once among all rows, and for each branch among those that take one of them.
    rows = (which & which.dtype.type(sum(1 << way for way in ways if way not in plain)) != 0).nonzero()[0]
    which = which.take(rows, mode="clip")
    parts = []
    for way in ways:
        if way not in plain:
            chosen = rows.take((which & which.dtype.type(1 << way) != 0).nonzero()[0], mode="clip")
            if len(chosen):
                inner = run.only(frame, chosen)
                parts.append((chosen, inner, run.at(branches[way], scale, inner)))
    told = all(each & (each - 1) == 0 for each in reached)
    places = {each: [place for place, way in enumerate(plain) if each >> way & 1] for each in set(reached)}
    table = [places[each] for each in reached]
    return scattered(run, parts, list(plain.values()), frame, told, table, member.codes)


def scattered(
    run: Run,
    parts: Sequence[tuple[Array, Frame, Number]],
    constants: Sequence[Number],
    frame: Frame,
    told: bool,
    table: Sequence[Sequence[int]],
    codes: Any = None,
) -> Number:
    """One number out of several, each for some rows of a frame; ``table`` gives the constants that each code may take.

    ``told`` says that no row has more than one.
    """
    import numpy as np

    aligned = run.fit.aligned([*constants, *(part for _, _, part in parts)], [frame] * len(constants) + [inner for _, inner, _ in parts])
    power = aligned[0].power if aligned else 0
    bound = max((number.bound for number in aligned), default=0)
    exact = told and all(part.low is part.high for _, _, part in parts)
    if any(part.bound >= LIMIT for part in aligned):
        run.fit.leave(frame, True)
        return exactly(0)
    values = iter(aligned)
    plain = [next(values).low for _ in constants]
    rows = [[plain[place] for place in places] for places in table]
    if codes is None:
        low = np.full(frame.size, 0 if told else LIMIT, dtype=np.int64)
        high = low if exact else np.full(frame.size, 0 if told else -LIMIT, dtype=np.int64)
    else:
        low = np.array([min(row, default=0 if told else LIMIT) for row in rows], dtype=np.int64).take(codes, mode="clip")
        high = (
            low if exact else np.array([max(row, default=0 if told else -LIMIT) for row in rows], dtype=np.int64).take(codes, mode="clip")
        )
    below = above = None
    for (chosen, _, _), part in zip(parts, values, strict=True):
        low[chosen] = part.low if told else np.minimum(low[chosen], part.low)
        if not exact:
            high[chosen] = part.high if told else np.maximum(high[chosen], part.high)
        for mask in (part.below, part.above):
            if mask is not None:
                marked = np.zeros(frame.size, dtype=bool)
                marked[chosen] = mask
                if mask is part.below:
                    below = either(below, marked)
                else:
                    above = either(above, marked)
    return Number(low, high, power, bound, below, above)


OPERATIONS: Mapping[str, Operation] = {
    "if": chosen,
}
