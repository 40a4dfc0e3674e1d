"""A rule decided on a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.expressions.columns import choices, differences, loops, values
from compliance.expressions.columns.frames import Frame, Kept, filled
from compliance.expressions.columns.layout import Table
from compliance.expressions.columns.numbers import DoesNotFit, Number, Truth, any_, both, negated, taken, unless
from compliance.expressions.columns.run import Operation, Put, Run
from compliance.expressions.columns.scenarios import Scenarios
from compliance.expressions.columns.trees import divides, divides_anywhere, expressible, shared
from compliance.expressions.formula import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS, Formula
from compliance.expressions.tree import Node

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

OPERATIONS: Mapping[str, Operation] = {**values.OPERATIONS, **choices.OPERATIONS, **loops.OPERATIONS}


@dataclass(frozen=True, slots=True)
class Decided:
    """The verdicts of a batch; where ``fits`` is false a filing is left to the scalar form and its verdict says nothing."""

    verdicts: Array
    fits: Array


@dataclass(frozen=True, slots=True)
class Measured:
    """Verdicts with what the measuring scalar form tells besides: see ``emit.compile_rule``.

    ``clauses`` are the bits of those that may be in force, ``applies`` whether the rule surely and possibly applies. ``sides``
    has for each clause that is a comparison its left side, right side and difference, each at the scale that the scalar form
    gives it, times ``10**power``.
    """

    verdicts: Array
    fits: Array
    clauses: Array
    applies: Truth
    sides: tuple[tuple[Number, Number, Number] | None, ...]


class Joined(NamedTuple):
    """A rule on a batch: the filings that it may apply to, and what is proved of it there.

    ``before`` are those left when only this had been asked.
    """

    applies: Truth
    before: Any
    top: Frame
    chosen: Any
    met: Truth
    exact: bool
    clash: Any
    clauses: Any


def decide(
    formula: Formula,
    slots: Mapping[str, int],
    batch: Table | Scenarios,
    parameters: Sequence[int],
    on: tuple[Any, Any],
    rows: Array | None = None,
    kept: Kept | None = None,
    put: Put | None = None,
) -> Decided:
    """Decide a rule on a batch of filings that share the parameters in force.

    ``on`` is the day a window is held against, low and high: two day numbers, or two arrays of them. The verdicts are those
    of the scalar form wherever ``fits`` holds. ``rows``: only these filings are asked about, and what is given for the others
    says nothing. ``kept`` is what the rules asked of one batch share; ``put`` are readings taken one way in all filings. Raises
    ``ValueError`` where the rule is not ``expressible``.
    """
    found = _told(_start(formula, slots, batch, parameters, on, rows, kept, put))
    return Decided(*_nothing(batch.size)) if found is None else Decided(found.verdicts, found.fits(found.undecided))


def measure(
    formula: Formula,
    slots: Mapping[str, int],
    batch: Table | Scenarios,
    parameters: Sequence[int],
    on: tuple[Any, Any],
    rows: Array | None = None,
    kept: Kept | None = None,
    put: Put | None = None,
) -> Measured:
    """As ``decide``, with the measures."""
    import numpy as np

    found = _told(_start(formula, slots, batch, parameters, on, rows, kept, put), sides=True)
    if found is None:
        return Measured(*_nothing(batch.size), np.zeros(batch.size, dtype=np.int64), (False, True), (None,) * len(formula.clauses))
    formula, joined, run = shared(formula), found.joined, found.run
    bits = np.zeros(batch.size, dtype=np.int64)
    for number, may in enumerate(joined.clauses):
        bits |= _everywhere(may, joined.top, run).astype(np.int64) << number
    low, high = (_everywhere(end, run.root, run) for end in joined.applies)
    # Which clauses may be in force is doubted where quotients tell it; sides that are quotients are none that columns measure.
    whole = any(divides_anywhere(clause.when) for clause in formula.clauses if clause.when is not None)
    fits = found.fits(True if whole else found.undecided)
    if any(clause.require.op == "cmp" and divides(clause.require) for clause in formula.clauses):
        fits = np.zeros(batch.size, dtype=bool)
    return Measured(found.verdicts, fits, bits, (low, high), found.sides)


def days(batch: Table | Scenarios, field: Node) -> tuple[Array, Array]:
    """The first and last day that a fact of each filing may be."""
    run = Run(OPERATIONS, batch, (), {}, (0, 0))
    found = run.number(field, run.root)
    return filled(found.low, run.root), filled(found.high, run.root)


def asked_of(
    batch: Table | Scenarios,
    parameters: Sequence[int] = (),
    slots: Mapping[str, int] | None = None,
    kept: Kept | None = None,
    put: Put | None = None,
) -> Run:
    """What tells facts and conditions of a batch (see ``stated``) under some parameters."""
    return Run(OPERATIONS, batch, parameters, slots or {}, (0, 0), kept, put)


def _start(
    formula: Formula,
    slots: Mapping[str, int],
    batch: Table | Scenarios,
    parameters: Sequence[int],
    on: tuple[Any, Any],
    rows: Array | None,
    kept: Kept | None,
    put: Put | None,
) -> tuple[Formula, Run]:
    reason = expressible(formula)
    if reason is not None:
        raise ValueError(reason)
    run = Run(OPERATIONS, batch, parameters, slots, on, kept, put)
    run.root = run.root if rows is None else run.only(run.root, rows)
    return shared(formula), run


class Told(NamedTuple):
    """A rule on a batch with its verdicts, and the filings in which it stays open (or might yet turn out not to apply)."""

    run: Run
    joined: Joined
    verdicts: Array
    undecided: Array
    sides: tuple[tuple[Number, Number, Number] | None, ...]

    def fits(self, doubting: Any) -> Array:
        """The filings that fit: of those that quotients leave in doubt the ones where that does not matter."""
        return _fits(self.joined, self.run, both(self.run.doubted, doubting))


def _told(asked: tuple[Formula, Run], sides: bool = False) -> Told | None:
    """A rule on a batch; None where a figure of the whole batch passes 64 bits."""
    formula, run = asked
    try:
        with _quiet():
            found = _joined(formula, run)
            verdicts = _verdicts(found, run)
            measured = tuple(_sides(clause.require, run, found.top) for clause in formula.clauses) if sides else ()
    except DoesNotFit:
        return None
    undecided = verdicts == OPEN
    if formula.applies is not None and divides_anywhere(formula.applies):
        undecided |= verdicts == PASS  # it may turn out not to apply
    return Told(run, found, verdicts, undecided, measured)


def _quiet() -> Any:
    """What may pass 64 bits is left before it does; what is computed for the rows that are left says nothing."""
    import numpy as np

    return np.errstate(over="ignore")


def _nothing(size: int) -> tuple[Array, Array]:
    """The verdicts of a batch that does not fit at all."""
    import numpy as np

    return np.full(size, OPEN, dtype=np.int8), np.zeros(size, dtype=bool)


def _fits(found: Joined, run: Run, doubted: Any) -> Array:
    """The filings that fit: what is computed beyond whether the rule applies matters only where it may apply."""
    import numpy as np

    left = any_(found.before, both(run.fit.unfit, _everywhere(found.applies[1], run.root, run)))
    fits: Array = np.ones(run.fit.size, dtype=bool) & np.logical_not(any_(left, doubted))
    return fits


def _joined(formula: Formula, run: Run) -> Joined:
    """Join the clauses that may be in force, as the scalar form does."""
    applies = run.truth(formula.applies, run.root) if formula.applies is not None else (True, True)
    before, top = run.fit.unfit, _where(applies[1], run)
    certain: Any = False
    kept: Any = False
    broken: Any = False
    whens = [(True, True), *(run.truth(clause.when, top) for clause in formula.clauses[1:] if clause.when is not None)]
    for must, _ in whens[1:]:
        certain = any_(certain, must)
    some = [number for number, when in enumerate(whens) if number and when[1] is not False]
    low, high = (True, False) if certain is True else run.truth(formula.clauses[0].require, top)
    exact = low is high and not some
    low, high = (low, high) if exact else (any_(certain, low), both(negated(certain), high))
    for number in some:
        must, may = whens[number]
        ok, could = run.truth(formula.clauses[number].require, top)
        low, high = both(low, any_(negated(may), ok)), any_(high, both(may, could))
        kept, broken = any_(kept, both(must, ok)), any_(broken, both(must, negated(could)))
    clash = both(kept, broken) if len(some) > 1 else False
    chosen = top.whole[1] if top is not run.root and top.whole is not None else None
    return Joined(applies, before, top, chosen, (low, high), exact, clash, [negated(certain), *(may for _, may in whens[1:])])


def _where(possible: Any, run: Run) -> Frame:
    """The filings that a rule may apply to: those alone, where they are few enough."""
    import numpy as np

    root = run.root
    if possible is False:
        return run.only(root, np.zeros(0, dtype=np.int64))
    if not getattr(possible, "shape", None) or 10 * np.count_nonzero(possible) > 9 * root.size:
        return root
    return run.only(root, possible.nonzero()[0])


def _verdicts(found: Joined, run: Run) -> Array:
    """The verdict of each filing."""
    import numpy as np

    (sure, possible), top, (low, high) = found.applies, found.top, found.met
    if found.exact and sure is True and top.filing is None and getattr(low, "shape", None):
        return np.where(low, np.int8(PASS), np.int8(FAIL))
    verdicts = np.full(top.size, OPEN, dtype=np.int8)
    inside, surely = (possible, sure) if top is run.root else (True, taken(sure, found.chosen))
    for truth, verdict in ((both(surely, negated(high)), FAIL), (low, PASS), (found.clash, CONFLICT), (negated(inside), NOT_APPLICABLE)):
        if truth is True:
            verdicts[:] = verdict
        elif truth is not False:
            np.putmask(verdicts, filled(truth, top), verdict)
    if top.filing is None:
        return verdicts
    everywhere = np.full(run.fit.size, NOT_APPLICABLE, dtype=np.int8)
    everywhere[top.filing] = verdicts
    return everywhere


def _sides(require: Node, run: Run, top: Frame) -> tuple[Number, Number, Number] | None:
    """The two sides of a comparison and their difference; None for what is no comparison."""
    if require.op != "cmp" or divides(require):
        return None
    edged = loops.edged(require) or require
    left, right = (run.number(side, top) for side in edged.args)
    difference = differences.spread(run, edged, top)
    if loops.as_far(require) and right.above is not None:
        # What lies beyond all figures, less what may lie as far: nothing at the least.
        none = run.truth(Node("nothing", require.type, edged.args[:1]), top)[0]
        if difference.below is not None and none is not False:
            both_far = both(none, right.above)
            low = unless(both_far, difference.low, 0)
            difference = replace(difference, low=low, below=both(difference.below, negated(both_far)))
    first, second, third = (number.each(lambda end: _everywhere(end, top, run)) for number in (left, right, difference))
    return first, second, third


def _everywhere(end: Any, top: Frame, run: Run) -> Array:
    """An array over some filings as one over all, zero in the others."""
    import numpy as np

    if top.filing is None:
        return filled(end, top)
    values = np.asarray(end)
    found = np.zeros(run.fit.size, dtype=values.dtype)
    found[top.filing] = values
    return found
