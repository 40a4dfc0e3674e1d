"""A rule decided on a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from compliance.expressions.columns import choices, loops, values
from compliance.expressions.columns.frames import filled
from compliance.expressions.columns.layout import Table
from compliance.expressions.columns.numbers import DoesNotFit, any_, both, negated
from compliance.expressions.columns.run import Operation, Run
from compliance.expressions.columns.trees import expressible, shared
from compliance.expressions.emit import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS, Formula

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

OPERATIONS: Mapping[str, Operation] = {**values.OPERATIONS, **choices.OPERATIONS, **loops.OPERATIONS}


@dataclass(frozen=True, slots=True)
class Decided:
    """The verdicts of a batch; where ``fits`` is false a filing is left to the scalar form and its verdict says nothing."""

    verdicts: Array
    fits: Array


def decide(formula: Formula, slots: Mapping[str, int], root: Table, parameters: Sequence[int], on: tuple[Any, Any]) -> Decided:
    """Decide a rule on a batch of filings that share the parameters in force.

    ``on`` is the day a window is held against, low and high: two day numbers, or two arrays of them. The verdicts are those
    of the scalar form wherever ``fits`` holds. Raises ``ValueError`` where the rule is not ``expressible``.
    """
    import numpy as np

    reason = expressible(formula)
    if reason is not None:
        raise ValueError(reason)
    formula = shared(formula)
    run = Run(OPERATIONS, root, parameters, slots, on)
    try:
        with np.errstate(over="ignore"):  # a sum may pass 64 bits on its way, see summed
            verdicts = _verdicts(formula, run)
    except DoesNotFit:
        return Decided(np.full(root.size, OPEN, dtype=np.int8), np.zeros(root.size, dtype=bool))
    return Decided(verdicts, filled(negated(run.fit.unfit), run.root))


def _verdicts(formula: Formula, run: Run) -> Array:
    """Join the clauses that may be in force, as the scalar form does."""
    import numpy as np

    top = run.root
    sure, possible = run.truth(formula.applies, top) if formula.applies is not None else (True, True)
    if possible is False:
        return np.full(top.size, NOT_APPLICABLE, dtype=np.int8)
    certain: Any = False
    kept: Any = False
    broken: Any = False
    clauses = [(run.truth(clause.when, top), clause.require) for clause in formula.clauses[1:] if clause.when is not None]
    clauses = [(when, require) for when, require in clauses if when[1] is not False]
    for (must, _), _ in clauses:
        certain = any_(certain, must)
    low, high = (True, False) if certain is True else run.truth(formula.clauses[0].require, top)
    exact = low is high and not clauses
    low, high = (low, high) if exact else (any_(certain, low), both(negated(certain), high))
    for (must, may), require in clauses:
        ok, could = run.truth(require, top)
        low, high = both(low, any_(negated(may), ok)), any_(high, both(may, could))
        kept, broken = any_(kept, both(must, ok)), any_(broken, both(must, negated(could)))
    if exact and sure is True and getattr(low, "shape", None):
        return np.where(low, np.int8(PASS), np.int8(FAIL))
    verdicts = np.full(top.size, OPEN, dtype=np.int8)
    clash = both(kept, broken) if len(clauses) > 1 else False
    for truth, verdict in ((both(sure, negated(high)), FAIL), (low, PASS), (clash, CONFLICT), (negated(possible), NOT_APPLICABLE)):
        if truth is True:
            verdicts[:] = verdict
        elif truth is not False:
            np.putmask(verdicts, filled(truth, top), verdict)
    return verdicts
