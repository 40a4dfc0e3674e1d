"""The difference of a comparison's two sides, like terms collected and facts that stand twice put at their corners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import product as combinations
from typing import Any, NamedTuple

from compliance.expressions.columns.frames import Frame
from compliance.expressions.columns.numbers import Number, any_, both, either, exactly, extreme, negated, unless
from compliance.expressions.columns.run import Run
from compliance.expressions.columns.trees import form_of, order_of_factors
from compliance.expressions.linear import MAX_CORNERS, Difference
from compliance.expressions.tree import Node


class Corner(NamedTuple):
    """The difference at a corner, and where its ends lie beyond all figures: its low end above or below, its high end so."""

    at: Number
    low_up: Any = False
    low_down: Any = False
    high_up: Any = False
    high_down: Any = False


def spread(run: Run, node: Node, frame: Frame) -> Number:
    """The range of a comparison's difference."""
    import numpy as np

    form = with_parameters(form_of(node), run)
    atoms = {atom: run.number(atom, frame) for _, product in form.terms for atom in product}
    vague = [atom for atom in form.repeated if not atoms[atom].exact]
    if not vague or form.squares:
        return interval(run, form, atoms, frame)
    if len(vague) > MAX_CORNERS:
        run.fit.leave(frame, True)
        return exactly(0)
    found: list[Corner] = []
    for ends in combinations((0, 1), repeat=len(vague)):
        placed, beyond = {}, {}
        for atom, end in zip(vague, ends, strict=True):
            number = atoms[atom]
            at, past = (number.high, number.above) if end else (number.low, number.below)
            placed[atom] = Number(unless(past, at, 0), unless(past, at, 0), number.power, number.bound)
            if past is not None:
                beyond[atom] = past
                if not end:
                    run.fit.leave(frame, past)  # without bound below: the scalar form computes with it
        known = {**atoms, **placed}
        at_corner = interval(run, form, known, frame)
        found.append(Corner(at_corner) if not beyond else far(run, form, known, beyond, at_corner, frame))
    numbers = run.fit.aligned([corner.at for corner in found], [frame] * len(found))
    low = high = below = above = None
    all_up: Any = True
    all_down: Any = True
    for number, corner in zip(numbers, found, strict=True):
        # An end beyond all figures on the far side is never the outermost, unless it is so at every corner.
        a = unless(None if corner.low_up is False else corner.low_up, number.low, number.bound)
        b = unless(None if corner.high_down is False else corner.high_down, number.high, -number.bound)
        low, high = (a, b) if low is None else (extreme(min, np.minimum, low, a), extreme(max, np.maximum, high, b))
        below = either(either(below, number.below), None if corner.low_down is False else corner.low_down)
        above = either(either(above, number.above), None if corner.high_up is False else corner.high_up)
        all_up, all_down = both(all_up, corner.low_up), both(all_down, corner.high_down)
    run.fit.leave(frame, any_(all_up, all_down))
    return Number(low, high, numbers[0].power, max(each.bound for each in numbers), below, above)


def far(run: Run, form: Difference, atoms: Mapping[Node, Number], beyond: Mapping[Node, Any], at: Number, frame: Frame) -> Corner:
    """A corner at which some facts lie beyond all figures: what terms with these come to, where it is told by their signs."""
    ends: dict[str, Any] = {"low_up": False, "low_down": False, "high_up": False, "high_down": False}
    for coefficient, factors in form.terms:
        past: Any = False
        for factor in factors:
            past = any_(past, beyond.get(factor, False))
        if past is False:
            continue
        if not all(factor.type.nonnegative or factor in beyond for factor in factors):
            run.fit.leave(frame, past)
        nearest, furthest = past, past  # where the least and the most that the term may be lie beyond all figures
        for factor in factors:
            infinite, number = beyond.get(factor, False), atoms[factor]
            nearest = both(nearest, any_(infinite, number.low > 0))
            furthest = both(furthest, any_(infinite, number.high > 0 if number.above is None else any_(number.high > 0, number.above)))
        names = (("low_up", nearest), ("high_up", furthest)) if coefficient > 0 else (("high_down", nearest), ("low_down", furthest))
        for name, rows in names:
            ends[name] = any_(ends[name], rows)
    torn = any_(both(ends["low_up"], ends["low_down"]), both(ends["high_up"], ends["high_down"]))
    if torn is not False and (torn is True or torn.any()):
        outweighed(run, form, atoms, beyond, torn, ends, frame)
    return Corner(at, **ends)


def with_parameters(form: Difference, run: Run) -> Difference:
    """The difference with its parameters as the numbers that they are: what then stands in one product needs no corners."""
    if not form.repeated:
        return form
    terms: dict[tuple[Node, ...], int] = {}
    for coefficient, atoms in form.terms:
        value = coefficient
        for atom in atoms:
            value *= run.parameters[run.slots[atom.value]] if atom.op == "param" else 1
        rest = tuple(atom for atom in atoms if atom.op != "param")
        terms[rest] = terms.get(rest, 0) + value
    count = Counter(atom for atoms, value in terms.items() if value for atom in atoms)
    repeated = tuple(atom for atom in form.repeated if count[atom] > 1)
    return form._replace(terms=tuple((value, atoms) for atoms, value in terms.items() if value), repeated=repeated)


def interval(run: Run, form: Difference, atoms: Mapping[Node, Number], frame: Frame) -> Number:
    """The difference as a sum of products of independent ranges."""
    parts = []
    for coefficient, factors in form.terms:
        part, positive = exactly(coefficient), coefficient >= 0
        for factor in sorted(factors, key=order_of_factors):
            part = run.fit.product(part, atoms[factor], positive and factor.type.nonnegative, frame)
            positive = positive and factor.type.nonnegative
        parts.append(part)
    return run.fit.together(parts, frame) if parts else exactly(0)


def outweighed(
    run: Run, form: Difference, atoms: Mapping[Node, Number], beyond: Mapping[Node, Any], torn: Any, ends: dict[str, Any], frame: Frame
) -> None:
    """Of terms beyond all figures on both sides, which outweigh the others: what lies there is one figure, taken so many times.

    Left to the scalar form are the rows in which two such facts are multiplied, and those in which they cancel out.
    """
    import numpy as np

    parts = []
    for coefficient, factors in form.terms:
        infinite = [beyond[factor] for factor in factors if factor in beyond]
        if not infinite:
            continue
        once: Any = False
        for mask in infinite:
            run.fit.leave(frame, both(torn, both(once, mask)))
            once = any_(once, mask)
        part = exactly(coefficient)
        for factor in factors:
            number = atoms[factor]
            if factor in beyond:
                one = np.where(beyond[factor], 1, number.low if number.power == 0 else 0)
                if number.power and number.bound:
                    run.fit.leave(frame, both(torn, ~beyond[factor]))
                number = Number(one, one, 0, max(1, number.bound))
            part = run.fit.product(part, number, coefficient >= 0, frame)
        masks = (None if mask is None else both(mask, once) for mask in (part.below, part.above))
        low = np.where(once, part.low, 0)
        high = low if part.low is part.high else np.where(once, part.high, 0)
        parts.append(Number(low, high, part.power, part.bound, *masks))
    times = run.fit.together(parts, frame)
    for name, end, past in (("low", times.low, times.below), ("high", times.high, times.above)):
        down = any_(end < 0, past) if name == "low" and past is not None else end < 0
        up = any_(end > 0, past) if name == "high" and past is not None else end > 0
        if name == "low" and past is not None:
            up = both(up, ~past)
        if name == "high" and past is not None:
            down = both(down, ~past)
        ends[f"{name}_up"] = any_(both(torn, up), both(negated(torn), ends[f"{name}_up"]))
        ends[f"{name}_down"] = any_(both(torn, down), both(negated(torn), ends[f"{name}_down"]))
        run.fit.leave(frame, both(torn, negated(any_(up, down))))
