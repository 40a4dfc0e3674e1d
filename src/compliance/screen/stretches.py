"""The tables of a run as arrays: some cases in a row of one scenario and day at a time, none of them cut in two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance import dates
from compliance.screen.found import EPOCH

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyarrow import RecordBatch
    from pyarrow.parquet import ParquetFile

    Array = NDArray[Any]

KEY = ("item", "scenario", "as_of")  # what tells one case from another
ROWS = 262_144  # of a table that stand in memory at one time


class Stretch(NamedTuple):
    """Rows of a table: those of some cases in a row, all of one scenario and day (an ISO date).

    ``items`` are the cases' numbers in the input, ``first`` the first row of each.
    """

    scenario: str
    as_of: str
    items: Array
    first: Array
    rows: RecordBatch

    def case(self) -> Array:
        """For each row the place of its case."""
        import numpy as np

        return np.repeat(np.arange(len(self.items)), np.diff(self.first, append=self.rows.num_rows))

    def places(self, name: str, listed: Sequence[str]) -> Array:
        """A column of words as places in a list that holds each of them."""
        import numpy as np

        column = self.rows.column(name)
        of = {word: place for place, word in enumerate(listed)}
        known = np.array([of[word] for word in column.dictionary.to_pylist()], dtype=np.int64)
        places: Array = known[column.indices.to_numpy()]
        return places


def stretches(path: Path, columns: Sequence[str]) -> Iterator[Stretch]:
    """A run's table from its beginning to its end, with these columns; texts among them come as dictionaries."""
    held: RecordBatch | None = None
    wanted = list(dict.fromkeys((*KEY, *columns)))
    with reader(path, wanted) as table:
        for batch in table.iter_batches(batch_size=ROWS, columns=wanted):
            whole = batch if held is None else _joined(held, batch)
            last = int(_cases(whole)[-1])  # more of this case may come
            yield from _cut(whole.slice(0, last))
            held = whole.slice(last)
    if held is not None:
        yield from _cut(held)


def reader(path: Path, columns: Sequence[str] | None = None) -> ParquetFile:
    """What reads a run's table, texts among some columns (None: all) as dictionaries."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    texts = [name for name in columns or schema.names if schema.field(name).type == pa.string()]
    return pq.ParquetFile(path, read_dictionary=texts)


def _joined(held: RecordBatch, batch: RecordBatch) -> RecordBatch:
    import pyarrow as pa

    (whole,) = pa.Table.from_batches([held, batch]).unify_dictionaries().combine_chunks().to_batches()
    return whole


def _changes(*columns: Array) -> Array:
    """The rows in which one of the columns is another than in the row before, the first among them."""
    import numpy as np

    differ = np.zeros(len(columns[0]), dtype=bool)
    differ[:1] = True
    for column in columns:
        differ[1:] |= column[1:] != column[:-1]
    return differ.nonzero()[0]


def _group(rows: RecordBatch) -> tuple[Array, Array]:
    import pyarrow as pa

    return rows.column("scenario").indices.to_numpy(), rows.column("as_of").view(pa.int32()).to_numpy()


def _cases(rows: RecordBatch) -> Array:
    return _changes(rows.column("item").to_numpy(), *_group(rows))


def _cut(rows: RecordBatch) -> Iterator[Stretch]:
    if not rows.num_rows:
        return
    scenario, day = _group(rows)
    bounds = [*_changes(scenario, day).tolist(), rows.num_rows]
    for start, end in pairwise(bounds):
        part = rows.slice(start, end - start)
        first = _cases(part)
        items = part.column("item").to_numpy()[first]
        name = part.column("scenario")[0].as_py()
        yield Stretch(name, str(dates.iso(int(day[start]) + EPOCH)), items, first, part)
