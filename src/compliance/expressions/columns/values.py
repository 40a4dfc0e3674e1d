"""Facts, parameters, numbers and truths."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from compliance import dates
from compliance.expressions.columns.differences import spread
from compliance.expressions.columns.frames import Frame
from compliance.expressions.columns.loops import EDGE, as_far, edged, furthest
from compliance.expressions.columns.months import CALENDAR, add_either, add_months, period_end, session
from compliance.expressions.columns.numbers import (
    LIMIT,
    Member,
    Number,
    Truth,
    any_,
    both,
    negated,
    negative,
    scaled,
    taken,
    unless,
)
from compliance.expressions.columns.quotients import NARROW, WIDE, divided, rounded
from compliance.expressions.columns.run import Operation, Run, stands
from compliance.expressions.columns.trees import depth_of, divides, divides_anywhere, heavy
from compliance.expressions.tree import Node

_ASK = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def field(run: Run, node: Node, frame: Frame) -> Any:
    if (bits := run.put.get(node.value[:2])) is not None:
        return Member(bits, not bits & (bits - 1), None, (bits,))
    table, index = run.place(node.args[0], frame)
    found = table.column(node.value[2], node.type)
    kind = node.type.kind
    if run.scenarios is not None and frame.base is not None and node.value[:2] in run.scenarios.cells:
        assert index is not None
        found, index = run.scenarios.column(node, table, index, frame.numbers()), None
    if kind == "enum":
        exact = found.low is found.high
        if found.same is not None:
            return Member(found.same, True, None, found.values)
        member = Member(found.high, exact, found.codes, found.values)
        return member if index is None else member.each(lambda values: values[index])
    if found.same is not None:
        same = found.same
        return (bool(same), bool(same)) if kind == "truth" else Number(same, same, found.power, abs(same))
    known = Number(found.low, found.high, found.power, found.finite, found.below, found.above)
    if index is not None:
        known = known.each(lambda values: values[index])
    return (known.low, known.high) if kind == "truth" else known


def param(run: Run, node: Node, frame: Frame) -> Number:
    return stands(run.parameters[run.slots[node.value]], node)


def day(run: Run, node: Node, frame: Frame) -> Number:
    low, high = (end if frame.filing is None else taken(end, frame.filing) for end in run.on)
    exact = run.on[0] is run.on[1] or (isinstance(low, int) and low == high)
    return Number(low, low if exact else high, 0, dates.LAST_DAY)


def add(run: Run, node: Node, frame: Frame) -> Number:
    return run.fit.together([run.at(arg, node.type.scale, frame) for arg in node.args], frame)


def neg(run: Run, node: Node, frame: Frame) -> Number:
    return negative(run.number(node.args[0], frame))


def mul(run: Run, node: Node, frame: Frame) -> Number:
    a, b = node.args
    both = a.type.nonnegative and b.type.nonnegative
    return run.fit.product(run.number(a, frame), run.number(b, frame), both, frame)


def greater_of(run: Run, node: Node, frame: Frame) -> Number:
    return outermost_of(run, node, frame, 1)


def lesser_of(run: Run, node: Node, frame: Frame) -> Number:
    return negative(outermost_of(run, node, frame, -1))


def outermost_of(run: Run, node: Node, frame: Frame, sign: int) -> Number:
    """The greatest of several numbers, each times ``sign``; one that is taken over no items at all is none of them."""
    loop = "max" if sign > 0 else "min"
    numbers, nothing = [], []
    for arg in node.args:
        number, none = run.at(arg, node.type.scale, frame) if arg.op != loop else None, False
        if number is None and (arg.type.kind == "date" or depth_of(arg) != frame.depth):
            number = run.at(arg, node.type.scale, frame)
        if number is None:
            number, none = furthest(run, arg, frame, sign)
            number = number.at(number.power + node.type.scale - arg.type.scale)
        else:
            number = number if sign > 0 else negative(number)
        numbers.append(number)
        nothing.append(none)
    return run.fit.greatest(numbers, frame, nothing)


def months_on(run: Run, node: Node, frame: Frame) -> Number:
    test, *branches = node.args[1].args if node.args[1].op == "if" else (node,)
    if branches and all(arg.op in ("const", "param") for arg in branches):
        return either_months_on(run, run.number(node.args[0], frame), run.truth(test, frame), [run.number(arg, frame) for arg in branches])
    day = run.number(node.args[0], frame)
    count = whole_number(run, node.args[1], frame)
    low = add_months(day.low, unless(count.below, count.low, -CALENDAR))
    exact = day.exact and count.exact
    high = low if exact else add_months(day.high, unless(count.above, count.high, CALENDAR))
    return Number(low, high, 0, dates.LAST_DAY)


def either_months_on(run: Run, day: Number, test: Truth, counts: Sequence[Number]) -> Number:
    """A day some months on, of which there are either so many or so many: looked up, where one number for each row would be computed."""
    first, second = (count.low * 10**count.power if count.low else 0 for count in counts)
    sure, possible = test
    least, most = (possible, sure) if first <= second else (sure, possible)
    low = add_either(day.low, least, first, second)
    high = low if day.exact and sure is possible else add_either(day.high, most, first, second)
    return Number(low, high, 0, dates.LAST_DAY)


def period_of(run: Run, node: Node, frame: Frame) -> Number:
    day = run.number(node.args[0], frame)
    low = period_end(day.low, node.value)
    return Number(low, low if day.exact else period_end(day.high, node.value), 0, dates.LAST_DAY)


def session_on(run: Run, node: Node, frame: Frame) -> Number:
    day, count = run.number(node.args[0], frame), whole_number(run, node.args[1], frame)
    low = session(day.low, unless(count.below, count.low, -CALENDAR), 0, node.value)
    high = session(day.high, unless(count.above, count.high, CALENDAR), 1, node.value)
    return Number(low, high, 0, dates.LAST_DAY)


def whole_number(run: Run, node: Node, frame: Frame) -> Number:
    """A number of months or sessions, in units of one."""
    (count,) = run.fit.aligned([run.number(node, frame)], [frame])
    if count.power:
        count = run.fit.within(count, (LIMIT - 1) // 10**count.power, frame)
        count = replace(scaled(count, 10**count.power) if count.bound else count, power=0)
    return count


def is_in(run: Run, node: Node, frame: Frame) -> Truth:
    return member(run, node, frame, node.value)


def is_in_set(run: Run, node: Node, frame: Frame) -> Truth:
    return member(run, node, frame, run.parameters[run.slots[node.args[1].value]])


def member(run: Run, node: Node, frame: Frame, members: int) -> Truth:
    """Whether an enumeration is one of ``members``."""
    import numpy as np

    known: Member = run.value(node.args[0], frame)
    if isinstance(known.bits, int):
        return not known.bits & ~members, bool(known.bits & members)
    if not any(value & members for value in known.values):
        return False, False
    if not any(value & ~members for value in known.values):
        return True, True
    some = known.bits & known.bits.dtype.type(members & int(np.iinfo(known.bits.dtype).max))
    possible = some != 0
    return (possible if known.exact else some == known.bits), possible


def all_of(run: Run, node: Node, frame: Frame) -> Truth:
    return joined(run, node, frame, both, False)


def some_of(run: Run, node: Node, frame: Frame) -> Truth:
    return joined(run, node, frame, any_, True)


def joined(run: Run, node: Node, frame: Frame, join: Any, end: bool) -> Truth:
    """Kleene's and/or: the ends one by one, up to one that settles all rows; what is dear, for the rows not settled yet."""
    low, high = run.truth(node.args[0], frame)
    for arg in node.args[1:]:
        if low is end and high is end:
            break
        a, b = unsettled(run, arg, frame, low if end else high, end)
        exact = low is high and a is b
        low = join(low, a)
        high = low if exact else join(high, b)
    return low, high


def unsettled(run: Run, node: Node, frame: Frame, settled: Any, end: bool) -> Truth:
    """A truth for the rows that an and/or has not come to its ``end`` in; in the others it is that end already."""
    import numpy as np

    if not getattr(settled, "shape", None) or not heavy(node):
        return run.truth(node, frame)
    rows = (~settled if end else settled).nonzero()[0]
    if 4 * len(rows) > 3 * frame.size and not divides_anywhere(node):
        return run.truth(node, frame)
    if not len(rows):
        return end, end
    part = run.truth(node, run.only(frame, rows))
    ends = []
    for values in part if part[0] is not part[1] else part[:1]:
        found = np.full(frame.size, end)
        found[rows] = values
        ends.append(found)
    return ends[0], ends[-1]


def not_(run: Run, node: Node, frame: Frame) -> Truth:
    low, high = run.truth(node.args[0], frame)
    first = negated(high)
    return first, first if low is high else negated(low)


def compared(run: Run, node: Node, frame: Frame) -> Truth:
    if divides(node):
        return by_quotients(run, node, frame)
    open_edge = edged(node)
    return compared_as(run, node, frame) if open_edge is None else by_edge(run, node, open_edge, frame)


def by_edge(run: Run, node: Node, open_edge: Node, frame: Frame) -> Truth:
    """A comparison with the greatest or least of a loop, which lies beyond all figures where it is of nothing at all."""
    at = next(number for number, side in enumerate(open_edge.args) if side.type.of == EDGE)
    side, other = node.args[at], run.number(node.args[1 - at], frame)
    none = run.truth(Node("nothing", node.type, (side,)), frame)[0]
    low, high = compared_as(run, open_edge, frame)
    if none is False or not getattr(none, "any", lambda: True)():
        return low, high
    sign = (1 if side.op == "min" else -1) * (1 if at == 0 else -1)
    holds = node.value == "!=" or ((node.value[0] == ">") == (sign > 0) and node.value != "==")
    if not (holds and node.value == ">=" and as_far(node)):
        for mask in (other.below, other.above):
            if mask is not None:
                run.fit.leave(frame, both(none, mask))
    return (any_(low, none), any_(high, none)) if holds else (both(low, negated(none)), both(high, negated(none)))


def by_quotients(run: Run, node: Node, frame: Frame) -> Truth:
    """A comparison with quotients in it; doubted where their figures leave it open and the fractions may not."""
    wide, narrow = (rounded(node, how) for how in (WIDE, NARROW))
    if wide is None or narrow is None:
        run.doubted = any_(run.doubted, run.fit.filings(frame, True))
        return False, True
    found, other = compared_as(run, wide, frame), compared_as(run, narrow, frame)
    apart = [both(any_(a, b), negated(both(a, b))) for a, b in zip(found, other, strict=True)]
    rows = any_(*apart)
    if rows is not False:
        run.doubted = any_(run.doubted, run.fit.filings(frame, rows))
    return found


def compared_as(run: Run, node: Node, frame: Frame) -> Truth:
    symbol = node.value
    left, right = node.args
    days = left.type.kind == "date" and left != right
    if days and symbol in ("==", "!="):
        a, b = run.number(left, frame), run.number(right, frame)
        if a.exact and b.exact:
            same = a.low == b.low if symbol == "==" else a.low != b.low
            return same, same
    elif days:
        a, b = run.number(left, frame), run.number(right, frame)
        if symbol in (">", ">="):
            a, b, symbol = b, a, symbol.replace(">", "<")
        sure = a.high < b.low if symbol == "<" else a.high <= b.low
        if a.exact and b.exact:
            return sure, sure
        return sure, (a.low < b.high if symbol == "<" else a.low <= b.high)
    found = spread(run, node, frame)
    low, high, below, above = found.low, found.high, found.below, found.above
    if symbol in ("<", "<=", ">", ">="):
        ask = _ASK[symbol]
        if symbol[0] == ">":
            low, high, below, above = high, low, above, below
        sure = ask(high, 0)
        if found.exact:
            return sure, sure
        possible = ask(low, 0)
        return (sure if above is None else both(sure, ~above)), (possible if below is None else any_(possible, below))
    zero = both(low == 0, high == 0)
    around = (
        zero
        if found.exact
        else both(low <= 0 if below is None else any_(low <= 0, below), high >= 0 if above is None else any_(high >= 0, above))
    )
    for mask in (below, above):
        zero = zero if mask is None else both(zero, ~mask)
    return (zero, around) if symbol == "==" else (negated(around), negated(zero))


OPERATIONS: Mapping[str, Operation] = {
    "field": field,
    "param": param,
    "day": day,
    "add": add,
    "neg": neg,
    "mul": mul,
    "div": divided,
    "greater": greater_of,
    "lesser": lesser_of,
    "months": months_on,
    "period": period_of,
    "session": session_on,
    "in": is_in,
    "isin": is_in_set,
    "and": all_of,
    "or": some_of,
    "not": not_,
    "cmp": compared,
}
