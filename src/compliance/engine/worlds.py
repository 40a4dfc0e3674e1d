"""Values put into many filings at once: every combination of what some facts may be, as scenarios of those filings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.engine.decide import MAX_OPTIONS
from compliance.engine.machine import Ready
from compliance.expressions import columns
from compliance.expressions.tree import Type
from compliance.packs.book import Reading
from compliance.vocabulary import ROOT, Field, Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from compliance.engine.batch import Batch
    from compliance.expressions.columns import Stated, Way

    Array = NDArray[Any]

PLENTY = 1 << 20  # combinations beyond which nobody counts
FEW = 8  # combinations up to which all are put at once
TOGETHER = 1 << 16  # scenarios that are decided in one piece
WAYS = 2  # of taking readings up to which each is put for all filings alike: a way costs as much whatever the number of its scenarios
READING = "reading"  # the entity of readings
KINDS = {"flag": "truth", "kind": "enum", "date": "date", "list": "list"}


@dataclass(frozen=True, slots=True)
class Group:
    """Cells of one fact that something is put into, and what: a row of ``lows`` and ``highs`` for each cell.

    ``place`` is the filing of a cell and ``choice`` the number of the choice it belongs to: the cells of one choice change
    together (None: each by itself). A cell has ``counts`` options.
    """

    name: tuple[str, str]
    kind: str
    place: Array
    token: Array
    choice: Array | None
    lows: Array
    highs: Array
    counts: Array

    def only(self, cells: Array) -> Group:
        """The group with some of its cells."""
        place, token, lows, highs, counts = (part[cells] for part in (self.place, self.token, self.lows, self.highs, self.counts))
        return Group(self.name, self.kind, place, token, None if self.choice is None else self.choice[cells], lows, highs, counts)

    def choices(self) -> tuple[Array, Array]:
        """The first cell of each choice, and the choice of each cell."""
        import numpy as np

        if self.choice is None:
            each = np.arange(len(self.place))
            return each, each
        _, first, which = np.unique(self.choice, return_index=True, return_inverse=True)
        return first, which


class Piece(NamedTuple):
    """Scenarios of some filings: ``of`` is the filing of each, ``starts`` where those of each of ``places`` begin."""

    places: Array
    starts: Array
    of: Array
    cells: Mapping[tuple[str, str], columns.Cells]

    def each(self, codes: Array) -> tuple[Array, Array]:
        """For each place the code of its first scenario, and whether all of its scenarios have that code."""
        import numpy as np

        first = codes[self.starts]
        sizes = np.diff(np.append(self.starts, len(self.of)))
        return first, np.logical_and.reduceat(codes == np.repeat(first, sizes), self.starts)

    def any(self, mask: Array) -> Array:
        """For each place whether a mask holds in any of its scenarios."""
        import numpy as np

        return np.logical_or.reduceat(mask, self.starts)


# Which cells


def fact_of(part: Field) -> columns.Fact:
    """A field as the columns know it."""
    return columns.Fact(part.entity, part.name, part.slot, Type(KINDS.get(part.type, "number"), scale=part.scale))


def reading_fact(reading: Reading) -> columns.Fact:
    """A reading as the columns know it."""
    return columns.Fact(READING, reading.id, reading.slot, Type("enum"))


def ways(batch: Batch, entity: str) -> tuple[Way, ...]:
    """The lists that lead from a filing to the rows of an entity."""
    if entity not in batch.ways:
        batch.ways[entity] = tuple(_ways(batch.machine.pack.vocabulary, entity))
    return batch.ways[entity]


def _ways(words: Vocabulary, entity: str) -> Iterator[Way]:
    if entity == ROOT:
        yield ()
    ahead: list[tuple[str, Way]] = [(ROOT, ())]
    while ahead:
        owner, way = ahead.pop(0)
        for part in words.entity(owner).fields.values():
            if part.type == "list" and all(step[3] != part.of for step in way):
                longer = (*way, (part.entity, part.name, part.slot, part.of))
                ahead.append((part.of, longer))
                if part.of == entity:
                    yield longer


def constant(fact: columns.Fact, cells: Stated, chosen: Array, options: Sequence[tuple[int, int]], choice: Array | None = None) -> Group:
    """Some cells of a fact that may each be given one of the same values."""
    import numpy as np

    place = cells.place[chosen]
    ends = np.array(options, dtype=np.int64)
    lows, highs = (np.broadcast_to(ends[:, end], (len(place), len(options))) for end in (0, 1))
    counts = np.full(len(place), len(options), dtype=np.int64)
    return Group((fact.entity, fact.name), fact.type.kind, place, cells.token[chosen], choice, lows, highs, counts)


def members(fact: columns.Fact, cells: Stated, chosen: Array) -> Group:
    """Some cells of an enumeration that may each be given any of the members that are possible there."""
    import numpy as np

    bits = cells.high[chosen]
    width = int(bits.max(initial=0)).bit_length()
    each = np.array([1 << number for number in range(width)], dtype=np.int64)
    held = (bits[:, None] & each) != 0
    counts = held.sum(axis=1)
    # The possible members first, in their order.
    values = np.take_along_axis(np.where(held, each, 0), np.argsort(~held, axis=1, kind="stable"), axis=1)
    return Group((fact.entity, fact.name), "enum", cells.place[chosen], cells.token[chosen], None, values, values, counts)


def several(bits: Any) -> Any:
    """Where more than one member is possible."""
    return (bits & (bits - 1)) != 0


def opened(batch: Batch, ready: Ready, rows: Array) -> list[Group]:
    """What open readings and flags of a rule may be, in some filings of a batch: see ``engine.decide.in_worlds``."""
    import numpy as np

    words, run = ready.pack.vocabulary, batch.asked()
    repeated = [fact_of(words.entity(entity).fields[name]) for entity, name, _ in ready.repeated]
    readings = list(_open(batch, run, ((reading_fact(reading), ((),)) for reading in ready.readings), rows))
    flags = list(_open(batch, run, ((fact, ways(batch, fact.entity)) for fact in repeated), rows))
    if not readings and not flags:
        return []
    size, more = _sizes(readings, batch.size), _sizes(flags, batch.size)
    few = size <= MAX_OPTIONS
    readings = [group.only(few[group.place]) for group in readings]
    few &= more <= MAX_OPTIONS // np.maximum(size, 1)
    flags = [group.only(few[group.place]) for group in flags]
    return [group for group in (*readings, *flags) if len(group.place)]


def _open(batch: Batch, run: columns.Run, facts: Iterable[tuple[columns.Fact, Sequence[Way]]], rows: Array) -> Iterator[Group]:
    """Of facts, each with the lists that lead to it, the cells that are open in some filings, with all that they may be."""
    for fact, lead in facts:
        if known(batch, fact):
            continue
        cells = columns.stated(run, fact, lead, rows)
        vague = cells.low != cells.high if fact.type.kind == "truth" else several(cells.high)
        if vague.any():
            yield constant(fact, cells, vague, ((0, 0), (1, 1))) if fact.type.kind == "truth" else members(fact, cells, vague)


def known(batch: Batch, fact: columns.Fact) -> bool:
    """Whether a fact of the filings themselves is plainly known in all of them; of items nothing is told."""
    name = fact.entity, fact.name
    if name in batch.put:
        return not several(batch.put[name])
    changed = isinstance(batch.columns, columns.Scenarios) and name in batch.columns.cells
    if changed or fact.entity not in (ROOT, READING):
        return False
    table = batch.columns.table if isinstance(batch.columns, columns.Scenarios) else batch.columns
    column = table.column(fact.slot, fact.type)
    return column.low is column.high


def _sizes(groups: Sequence[Group], size: int) -> Array:
    """How many combinations the choices of each filing make; with very many, ``PLENTY``."""
    import numpy as np

    found = np.ones(size, dtype=np.int64)
    groups = [group for group in groups if len(group.place)]
    if groups:
        places, sizes, _ = _multiplied(*_listed(groups))
        found[places] = sizes
    return found


def _listed(groups: Sequence[Group]) -> tuple[Array, Array]:
    """The filing of each choice, group by group, and how many options it has."""
    import numpy as np

    firsts = [group.choices()[0] for group in groups]
    place = np.concatenate([group.place[first] for group, first in zip(groups, firsts, strict=True)])
    return place, np.concatenate([group.counts[first] for group, first in zip(groups, firsts, strict=True)])


def _multiplied(place: Array, count: Array) -> tuple[Array, Array, Array]:
    """The filings that have choices, how many combinations these make, and of each choice those of the ones before it."""
    import numpy as np

    order = np.argsort(place, kind="stable")
    places, begin, which = np.unique(place[order], return_index=True, return_inverse=True)
    held, options = np.ones(len(order) + 1, dtype=np.int64), count[order]
    rank = np.arange(len(order)) - begin[which]
    for number in range(1, int(rank.max(initial=0)) + 1):
        at = (rank == number).nonzero()[0]
        held[at] = np.minimum(held[at - 1] * options[at - 1], PLENTY)
    last = np.append(begin[1:], len(order)) - 1
    sizes = np.minimum(held[last] * options[last], PLENTY) if len(order) else held[:0]
    before = np.empty(len(order), dtype=np.int64)
    before[order] = held[:-1]
    return places, sizes, before


# Every combination


def ends_first(groups: Sequence[Group], most: int, done: Array) -> Iterator[Piece]:
    """As ``pieces``, but of filings with more than ``FEW`` combinations all first and all last ahead of the others.

    The caller marks in ``done`` those of which no more need be put.
    """
    groups = [group for group in groups if len(group.place)]
    if not groups:
        return
    size = _sizes(groups, len(done))
    plenty = size > FEW
    if plenty.any():
        yield from pieces([group.only(plenty[group.place]) for group in groups], 1)
        rest = ~plenty | (~done & (size <= most))
        groups = [group.only(rest[group.place]) for group in groups]
    yield from pieces(groups, most)


def pieces(groups: Sequence[Group], most: int) -> Iterator[Piece]:
    """Every combination of the choices of each filing, piece by piece; with more than ``most`` only all first and all last."""
    import numpy as np

    groups = [group for group in groups if len(group.place)]
    if not groups:
        return
    place, count = _listed(groups)
    places, sizes, step = _multiplied(place, count)
    ends = sizes > most
    step[ends[np.searchsorted(places, place)]] = 0
    sizes = np.where(ends, 2, sizes)
    for start, end in _cut(sizes):
        mine, width = places[start:end], sizes[start:end]
        starts = np.cumsum(width) - width
        cells: dict[tuple[str, str], columns.Cells] = {}
        at = 0
        for group in groups:
            first, inverse = group.choices()
            strides = step[at : at + len(first)][inverse]
            at += len(first)
            rows = np.arange(len(group.place))
            if len(mine) < len(places):
                rows = ((group.place >= mine[0]) & (group.place <= mine[-1])).nonzero()[0]
            if not len(rows):
                continue
            held = np.searchsorted(mine, group.place[rows])
            each = width[held]
            cell = np.repeat(rows, each)
            world = np.arange(len(cell)) - np.repeat(np.cumsum(each) - each, each)
            stepped = strides[cell]
            options = group.counts[cell]
            option = np.where(stepped == 0, np.where(world == 0, 0, options - 1), world // np.maximum(stepped, 1) % options)
            low, high = group.lows[cell, option], group.highs[cell, option]
            found = columns.Cells(world + np.repeat(starts[held], each), group.token[cell], column_of(group.kind, low, high))
            cells[group.name] = columns.joined(cells[group.name], found) if group.name in cells else found
        yield Piece(mine, starts, np.repeat(mine, width), cells)


def by_reading(piece: Piece) -> Iterator[tuple[columns.Put, Piece]]:
    """A piece cut by how its scenarios take the readings: what is put for all filings alike, and the other cells with their scenarios.

    A reading is one for a whole batch, so that what hangs on it is computed for filings, and shared between rules, where a cell of
    its own in each scenario would have it computed for each.
    """
    import numpy as np

    readings = {name: cells for name, cells in piece.cells.items() if name[0] == READING}
    if not readings:
        yield {}, piece
        return
    which = np.zeros(len(piece.of), dtype=np.int64)  # a digit for each reading: 0 where it stays as it stands
    for cells in readings.values():
        assert cells.column.codes is not None
        digit = np.zeros(len(piece.of), dtype=np.int64)
        digit[cells.scenario[::-1]] = cells.column.codes[::-1] + 1  # of two changes of one cell the first counts
        which = which * (len(cells.column.values) + 1) + digit
    ways = np.bincount(which).nonzero()[0].tolist()
    if len(ways) > WAYS:
        yield {}, piece
        return
    others = {name: cells for name, cells in piece.cells.items() if name not in readings}
    for way in ways:
        left, put = way, {}
        for name, cells in reversed(readings.items()):
            left, digit_of = divmod(left, len(cells.column.values) + 1)
            if digit_of:
                put[name] = cells.column.values[digit_of - 1]
        yield put, _only(piece, others, which == way)


def _only(piece: Piece, cells: Mapping[tuple[str, str], columns.Cells], chosen: Array) -> Piece:
    """Some scenarios of a piece, with these cells."""
    import numpy as np

    counts = np.add.reduceat(chosen.astype(np.int64), piece.starts)
    within = counts > 0
    counts = counts[within]
    number = np.cumsum(chosen) - 1
    kept = {}
    for name, each in cells.items():
        mine = chosen[each.scenario].nonzero()[0]
        if len(mine):
            kept[name] = columns.Cells(number[each.scenario[mine]], each.token[mine], columns.part(each.column, mine))
    return Piece(piece.places[within], np.cumsum(counts) - counts, piece.of[chosen], kept)


def _cut(sizes: Array) -> Iterator[tuple[int, int]]:
    """Runs of filings whose scenarios are decided together."""
    import numpy as np

    total = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        done = int(total[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(total, done + TOGETHER, side="right")))
        yield start, end
        start = end


def column_of(kind: str, low: Array, high: Array) -> columns.Column:
    """A column of what is put: of an enumeration by its bits, of a list by whether it is open."""
    import numpy as np

    if kind == "enum":
        bits = high.astype(np.uint64)
        return columns.member_column(np.where(several(high.astype(np.int64)), np.uint64(0), bits), bits)
    if kind in ("truth", "list"):
        return columns.truth_column(low.astype(bool), high.astype(bool))
    return columns.number_column(low, high, None, None, kind == "number")
