"""One rule on a batch: asked under each version of the law and on each day, in the worlds of what is open, and joined to one code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance import dates
from compliance.engine import worlds
from compliance.engine.decide import ABSENT, MAX_OPTIONS, SPLIT
from compliance.engine.machine import Ready, Segment
from compliance.expressions import columns
from compliance.expressions.columns.numbers import LIMIT
from compliance.expressions.formula import CONFLICT, NOT_APPLICABLE, OPEN
from compliance.packs.book import AS_OF, Rule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from compliance.engine.batch import Batch
    from compliance.expressions.columns import Number

    Array = NDArray[Any]

_UNSET = -1  # no evaluation yet


def evaluated(
    batch: Batch, rule: Rule, ask: Callable[..., Any], take: Callable[[Array, Array, Sequence[Any]], None] | None = None
) -> tuple[Array, Array]:
    """Codes joined over the versions of the law and the days, and the filings that the scalar form has to decide.

    ``ask`` is ``columns.decide`` or ``columns.measure``; what the latter measures goes to ``take`` with the filings it is of.
    """
    import numpy as np

    ready, size = batch.machine.ready(rule), batch.size
    if columns.expressible(rule.formula) is not None:
        return np.full(size, OPEN, dtype=np.int8), np.ones(size, dtype=bool)
    scalar = np.zeros(size, dtype=bool) if batch.alone is None else batch.alone.copy()
    law = law_days(batch, rule)
    days = [list(_answers(batch, ready, ask, law, day)) for day in _days(batch, rule)]
    for one in (one for answers in days for one in answers):
        scalar |= one.mask & ~one.found.fits
    opened = _opened(batch, ready, [one for answers in days for one in answers], scalar)
    codes = np.full(size, _UNSET, dtype=np.int8)
    for answers in days:
        of_day = np.full(size, _UNSET, dtype=np.int8)
        for one in answers:
            verdicts, told = one.found.verdicts, one.mask
            if opened:
                verdicts, apart = _by_worlds(batch, ready, one, opened, scalar, ask, take)
                told = told & ~apart
            if take is not None and one.segment.in_force:  # where a rule does not apply it measures nothing
                take(told & (verdicts != NOT_APPLICABLE), one.found.clauses, one.found.sides)
            _join(of_day, one.mask, verdicts, _same_or_open)
        _join(codes, of_day != _UNSET, of_day, _same_or_split)
    return codes, scalar


class _Answer(NamedTuple):
    """What a rule gives on the facts as they are, under one version of the law and held against one day, for the filings of a mask."""

    mask: Array
    segment: Segment
    on: tuple[Any, Any]
    found: Any  # ``columns.Decided`` or ``columns.Measured``

    def undecided(self, scalar: Array) -> Array:
        """The filings that this leaves open, but for those that the scalar form decides."""
        verdicts = self.found.verdicts
        rows: Array = self.mask & ((verdicts == OPEN) | (verdicts == CONFLICT)) & ~scalar
        return rows


def _answers(
    batch: Batch, ready: Ready, ask: Callable[..., Any], law: tuple[Array, Array], day: tuple[Any, Any, Array]
) -> Iterator[_Answer]:
    """A rule held against a day, version by version of the law; where it is not in force all is ``ABSENT``."""
    import numpy as np

    low, high, stated = day
    for segment in ready.segments_on((int(law[0].min(initial=dates.LAST_DAY)), int(law[1].max(initial=dates.FIRST_DAY)))):
        mask = stated & (law[1] >= segment.start) & (law[0] < segment.end)
        if not mask.any():
            continue
        if not segment.in_force:
            yield _Answer(mask, segment, (low, high), columns.Decided(np.full(batch.size, ABSENT, dtype=np.int8), mask))
            continue
        rows = None if mask.all() else mask.nonzero()[0]
        given = ready.rule.formula, batch.machine.slots, batch.columns, segment.parameters, (low, high)
        yield _Answer(mask, segment, (low, high), ask(*given, rows, batch.kept, batch.put))


def _opened(batch: Batch, ready: Ready, answers: Sequence[_Answer], scalar: Array) -> list[worlds.Group]:
    """What open readings and flags may be in all filings that a rule leaves open under any law and on any day."""
    import numpy as np

    if not ready.readings and not ready.repeated:
        return []
    rows = np.zeros(batch.size, dtype=bool)
    for one in answers:
        rows |= one.undecided(scalar)
    return worlds.opened(batch, ready, rows.nonzero()[0]) if rows.any() else []


def _by_worlds(
    batch: Batch,
    ready: Ready,
    answer: _Answer,
    opened: Sequence[worlds.Group],
    scalar: Array,
    ask: Callable[..., Any],
    take: Callable[[Array, Array, Sequence[Any]], None] | None,
) -> tuple[Array, Array]:
    """The verdicts with those of the filings left open decided in their worlds; and the filings that were put into worlds.

    What the worlds leave to the scalar form is marked in ``scalar``.
    """
    import numpy as np

    undecided = answer.undecided(scalar)
    groups = [group.only(undecided[group.place]) for group in opened]
    apart, beyond = np.zeros(batch.size, dtype=bool), np.zeros(batch.size, dtype=bool)
    if not any(len(group.place) for group in groups):
        return answer.found.verdicts, apart
    verdicts = answer.found.verdicts.copy()
    if take is None:  # no more worlds are looked into where two of them give different verdicts, or one gives none
        parted = np.zeros(batch.size, dtype=bool)
        for piece in worlds.ends_first(groups, MAX_OPTIONS, parted):
            left = _in_worlds(batch, ready, answer, piece, verdicts, ask, take)
            parted[piece.places] = ~left & (verdicts[piece.places] == OPEN)
            beyond[piece.places] = left
    else:
        for piece in worlds.pieces(groups, MAX_OPTIONS):
            apart[piece.places] = True
            beyond[piece.places] = _in_worlds(batch, ready, answer, piece, verdicts, ask, take)
    scalar |= beyond
    return verdicts, apart


def _in_worlds(
    batch: Batch,
    ready: Ready,
    under: _Answer,
    piece: worlds.Piece,
    verdicts: Array,
    ask: Callable[..., Any],
    take: Callable[[Array, Array, Sequence[Any]], None] | None,
) -> Array:
    """Decide filings in every world that open readings and flags leave, for ranges forget what places share.

    Puts their verdicts in; gives which of the places are left to the scalar form.
    """
    import numpy as np

    codes, left = np.full(batch.size, _UNSET, dtype=np.int8), np.zeros(batch.size, dtype=bool)
    for put, part in worlds.by_reading(piece):
        asked = ready.rule.formula, batch.machine.slots
        put = {**batch.put, **put}
        plain = not part.cells and isinstance(batch.columns, columns.Table)
        if not plain:
            first, last = (end if isinstance(end, int) else end[part.of] for end in under.on)
            days = first, first if under.on[0] is under.on[1] else last
            over = columns.varied(batch.columns, part.of, part.cells)
            found = ask(*asked, over, under.segment.parameters, days, None, batch.kept, put)
            given = found.verdicts, found.fits
        else:  # one world of each filing, and nothing but readings put: these are the filings themselves
            found = ask(*asked, batch.columns, under.segment.parameters, under.on, part.of, batch.kept, put)
            given = found.verdicts[part.of], found.fits[part.of]
        code, same = part.each(given[0])
        old, new = codes[part.places], np.where(same, code, OPEN)
        codes[part.places] = np.where((old == _UNSET) | (old == new), new, OPEN)
        left[part.places] |= part.any(~given[1])
        if take is not None and plain:
            mask = np.zeros(batch.size, dtype=bool)
            mask[part.of] = given[0] != NOT_APPLICABLE
            take(mask, found.clauses, found.sides)
        elif take is not None:
            _taken(batch, part, found, take)
    verdicts[piece.places] = codes[piece.places]
    return left[piece.places]


def _taken(batch: Batch, piece: worlds.Piece, found: columns.Measured, take: Callable[[Array, Array, Sequence[Any]], None]) -> None:
    """Take what was measured of filings in some worlds: the hull over those in which the rule applies."""
    import numpy as np

    mask, clauses = np.zeros(batch.size, dtype=bool), np.zeros(batch.size, dtype=np.int64)
    measuring = found.verdicts != NOT_APPLICABLE
    mask[piece.places] = piece.any(measuring)
    clauses[piece.places] = np.bitwise_or.reduceat(np.where(measuring, found.clauses, 0), piece.starts)
    take(mask, clauses, [part and [_over(number, piece, measuring, batch.size) for number in part] for part in found.sides])


def _over(number: Number, piece: worlds.Piece, measuring: Array, size: int) -> Number:
    """The hull of a number over the worlds of each filing in which it is measured."""
    import numpy as np

    def whole(values: Array) -> Array:
        found = np.zeros(size, dtype=values.dtype)
        found[piece.places] = values
        return found

    def end(values: Any, pick: np.ufunc, nothing: int, unbounded: Any) -> Array:
        counting = measuring if unbounded is None else measuring & ~unbounded
        found = pick.reduceat(np.where(counting, values, nothing), piece.starts)
        found[found == nothing] = 0  # where none counts: else it would be scaled with what does
        return whole(found)

    low = end(number.low, np.minimum, LIMIT, number.below)
    high = end(number.high, np.maximum, -LIMIT, number.above)
    below, above = (None if mask is None else whole(piece.any(mask & measuring)) for mask in (number.below, number.above))
    return replace(number, low=low, high=high, below=below, above=above)


def law_days(batch: Batch, rule: Rule) -> tuple[Array, Array]:
    """The day that picks the version of the law for each filing: the first of the rule's days that it states."""
    import numpy as np

    low, high, _ = batch.day(AS_OF)
    for name in reversed(rule.law):
        first, last, stated = batch.day(name)
        every = stated.all()
        low, high = (first, last) if every else (np.where(stated, first, low), np.where(stated, last, high))
    return low, high


def _days(batch: Batch, rule: Rule) -> Iterator[tuple[Any, Any, Array]]:
    """The days that a rule is held against, with the filings that state each; those that state none stand against no day."""
    import numpy as np

    none = np.ones(batch.size, dtype=bool)
    for name in rule.held_on:
        low, high, stated = batch.day(name)
        if stated.any():
            yield (*_plain(low, high), stated)
            none &= ~stated
    if none.any():
        yield dates.FIRST_DAY, dates.LAST_DAY, none


def _plain(low: Array, high: Array) -> tuple[Any, Any]:
    """Two days as one number each where they are the same for all filings, and as one array where all are exact."""
    import numpy as np

    if (low == low[0]).all() and (high == high[0]).all():
        return int(low[0]), int(high[0])
    return (low, low) if np.array_equal(low, high) else (low, high)


def _join(codes: Array, mask: Array, more: Array, differ: Callable[[Array, Array], Array]) -> None:
    """Join the codes of one more evaluation, for some filings, to those there are."""
    import numpy as np

    if mask.all() and (codes == _UNSET).all():
        codes[:] = more
        return
    old = codes[mask]
    new = more[mask]
    codes[mask] = np.where((old == _UNSET) | (old == new), new, differ(old, new))


def _same_or_open(old: Array, new: Array) -> Any:
    return OPEN


def _same_or_split(old: Array, new: Array) -> Any:
    import numpy as np

    unsure = (old == OPEN) | (old == CONFLICT) | (new == OPEN) | (new == CONFLICT)
    return np.where(unsure, OPEN, SPLIT)
