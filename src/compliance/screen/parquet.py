"""Filings out of Parquet columns: a column for each fact under its path, exact, or as ``.low`` and ``.high``; lists as lists of structs.

Whole numbers are in the fact's own smallest unit (fen, shares, the last digit of its scale), as the engine holds them; texts
are read as in a filing. No column may be a binary float. A file is read in blocks of rows: these are decided as columns, and
each of them can be had as the nodes of a filing.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Context
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance import dates
from compliance.facts.values import SCHEMA, WRITTEN_UNITS, figure_text
from compliance.packs.book import Pack
from compliance.screen.cells import COMPLETE, EXACT, HIGH, LAST_YEAR, LOW, parted, ranged
from compliance.screen.mapping import MAX_COLUMNS
from compliance.screen.parts import CHUNK_BYTES, Chunk, Input, Item, changed, file_hash, unreadable
from compliance.source import Node, Place, Problem, Scalar, Sequence, SourceError, Table
from compliance.vocabulary import Entity, Field, Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyarrow import RecordBatch
    from pyarrow.parquet import FileMetaData

    Array = NDArray[Any]

BLOCK = 16_384  # rows that are read and decided together at most
MARK = b"PAR1"
TOGETHER = 64  # rows that are made plain data together
PARTS = 8  # chunks that a row group is cut into at most: each reads again what lies before it
_WIDE = Context(prec=100)  # digits of a decimal, more than any column has
Write = Callable[[Any], str | None]
Reader = Callable[[Mapping[str, Any], Place], "Node | None"]


def look(path: Path, size: int, pack: Pack) -> Input:
    """A Parquet file, or a folder of such, as an input. Raises ``SourceError``; a damaged file costs itself alone."""
    chunks: list[Chunk] = []
    problems: list[Problem] = []
    damaged: list[Problem] = []
    hashes: dict[str, str] = {}
    first = 0
    for file in _files(path):
        hashes[file.name] = ""
        try:
            stamp = _stamp(file)  # ahead of the hash: what is written between the two is told when its chunks are read
            hashes[file.name] = sha256 = file_hash(file)
            wrong, groups = _looked(file, pack)
        except SourceError as error:
            damaged += error.problems
            continue
        problems += wrong
        for number, rows in enumerate(groups):
            step = max(1, size, -(-rows // PARTS))
            for at in range(0, rows, step):
                part = {"file": file.name, "group": number, "at": at, "sha256": sha256, "stamp": stamp}
                chunks.append(Chunk(len(chunks), first, min(step, rows - at), part))
                first += chunks[-1].size
    if problems:
        raise SourceError(problems)
    if not chunks:
        raise SourceError(damaged or [Problem(Place(str(path)), "screen-empty", {})])
    inside = tuple(problem._replace(place=Place(Path(problem.place.document).name)) for problem in damaged)
    return Input("parquet", str(path), _whole(hashes), tuple(chunks), {}, inside)


def unchanged(given: Input) -> None:
    """Raise ``SourceError`` where a file came, went or was written again since the run began."""
    path = Path(given.path)
    known = {chunk.part["file"]: chunk.part for chunk in given.chunks}
    hashes: dict[str, str] = {}
    for file in _files(path):
        try:
            stamp, part = _stamp(file), known.get(file.name)
            hashes[file.name] = part["sha256"] if part is not None and stamp == part["stamp"] else file_hash(file)
        except SourceError:
            hashes[file.name] = ""
    if _whole(hashes) != given.sha256:
        raise changed(path)


def _files(path: Path) -> list[Path]:
    """The files of a folder in one order everywhere; what begins with a dot is passed over."""
    return sorted(file for file in path.glob("*.parquet") if not file.name.startswith(".")) if path.is_dir() else [path]


def _whole(hashes: Mapping[str, str]) -> str:
    """The hash of an input from those of its files, empty for one that cannot be read."""
    return hashlib.sha256("".join(f"{name}\0{sha256}\0" for name, sha256 in hashes.items()).encode()).hexdigest()


def _looked(file: Path, pack: Pack) -> tuple[list[Problem], list[int]]:
    """The columns of a file that hold no fact, and the rows of each of its row groups. Raises ``SourceError`` where it is damaged."""
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    try:
        if (found := _declared(file)) > MAX_COLUMNS:  # before anything is made of each of them
            return [Problem(Place(str(file)), "mapping-columns-many", {"found": f"{found:,}", "limit": f"{MAX_COLUMNS:,}"})], []
        with pq.ParquetFile(file) as given:
            groups = [given.metadata.row_group(number).num_rows for number in range(given.num_row_groups)]
            return wrong_columns(given.schema_arrow, pack.vocabulary, str(file)), groups
    except (ArrowException, OSError) as error:
        raise SourceError([Problem(Place(str(file)), "screen-shard", {"reason": _reason(error)})]) from None


def _declared(file: Path) -> int:
    """How many columns a file says that it has, those in lists and lists themselves among them; 0 where that is not told.

    The end of a Parquet file is its description, the length of that, and a mark. The description begins with a version and the
    number of columns, as Thrift's compact protocol writes them: a head for each field, then numbers in groups of seven bits.
    """
    with file.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - 8))
        tail = stream.read(8)
        if len(tail) < 8 or tail[4:] != MARK:
            return 0
        stream.seek(max(0, size - 8 - int.from_bytes(tail[:4], "little")))
        head = re.match(rb"\x15[\x80-\xff]*[\x00-\x7f]\x19(?:\xfc([\x80-\xff]*[\x00-\x7f])|.)", stream.read(32), re.DOTALL)
    if head is None or head[1] is None:  # fewer than fifteen stand in the head itself
        return 0
    return sum((part & 0x7F) << 7 * place for place, part in enumerate(head[1]))


def _stamp(file: Path) -> list[int]:
    """What shows that a file was not written again meanwhile, without reading all of it for each chunk. Raises ``SourceError``."""
    try:
        held = file.stat()
    except OSError as error:
        raise unreadable(file, error) from None
    if not stat.S_ISREG(held.st_mode):  # of a pipe nobody would ever write the end
        raise SourceError([Problem(Place(str(file)), "file-unreadable", {"reason": os.strerror(errno.EINVAL)})])
    return [held.st_size, held.st_mtime_ns]


def _same(file: Path, part: Mapping[str, Any]) -> None:
    """Raise ``SourceError`` where a file is no longer what it was when the run began."""
    try:
        if _stamp(file) == part["stamp"] or file_hash(file) == part["sha256"]:
            return
    except SourceError:
        pass
    raise changed(file)


def _reason(error: BaseException) -> str:
    return (str(error).splitlines() or ["?"])[0]


class Block(NamedTuple):
    """Rows of a file: as columns, and each as the item that it is."""

    rows: RecordBatch
    numbers: Array  # of the items
    file: str
    line: int  # what is added to the number of an item for its row in the row group, from 1
    reader: Reader
    pack: Pack

    def place(self, index: int) -> Place:
        """Where a row stands."""
        return Place(self.file, int(self.numbers[index]) + self.line, 1)

    def item(self, index: int) -> Item:
        """A row as nodes, or what is wrong with it."""
        place = self.place(index)
        try:
            (row,) = self.rows.slice(index, 1).to_pylist()
        except (ValueError, OverflowError) as error:  # a day that no calendar has
            return _lost(int(self.numbers[index]), place, error)
        return _item(self.reader, row, int(self.numbers[index]), place, self.pack)

    def only(self, which: Array) -> Block:
        """The block with some of its rows."""
        import pyarrow as pa

        return self._replace(rows=self.rows.filter(pa.array(which)), numbers=self.numbers[which])


class Lost(NamedTuple):
    """Rows of a file that cannot be read, as items that say why."""

    items: tuple[Item, ...]


def read(path: Path, chunk: Chunk, pack: Pack) -> Iterator[Item]:
    """The filings of a chunk. A part that is damaged costs its own rows. Raises ``SourceError`` where the file was changed."""
    for part in blocks(path, chunk, pack):
        yield from part.items if isinstance(part, Lost) else _each(part)


def _each(part: Block) -> Iterator[Item]:
    """The rows of a block as items, some at a time, which takes a tenth of what it does one by one."""
    for at in range(0, len(part.numbers), TOGETHER):
        try:
            rows = part.rows.slice(at, TOGETHER).to_pylist()
        except (ValueError, OverflowError):  # one of them holds a day that no calendar has
            yield from (part.item(index) for index in range(at, min(at + TOGETHER, len(part.numbers))))
            continue
        yield from (_item(part.reader, row, int(part.numbers[index]), part.place(index), part.pack) for index, row in enumerate(rows, at))


def item(path: Path, chunk: Chunk, pack: Pack, number: int) -> Item:
    """One of the filings of a chunk, by its number. Raises as ``read`` does."""
    for part in blocks(path, chunk, pack):
        if isinstance(part, Lost):
            return next(one for one in part.items if one.number == number)
        if number in part.numbers:
            return part.item(int((part.numbers == number).argmax()))
    raise changed(path)


def blocks(path: Path, chunk: Chunk, pack: Pack) -> Iterator[Block | Lost]:
    """The rows of a chunk, block by block; what is damaged comes as items that say so. Raises as ``read`` does."""
    import numpy as np
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    file = path / chunk.part["file"] if path.is_dir() else path
    _same(file, chunk.part)
    at = chunk.part["at"]
    number, line = chunk.first, at - chunk.first + 1
    try:
        with pq.ParquetFile(file, metadata=_metadata(file, chunk.part["sha256"])) as given:
            group = given.metadata.row_group(chunk.part["group"])
            size = max(1, min(BLOCK, group.num_rows * CHUNK_BYTES // max(1, group.total_byte_size)))
            reader = _readers(given.schema_arrow, pack)
            seen = 0
            for batch in given.iter_batches(batch_size=size, row_groups=[chunk.part["group"]]):
                begin, end = max(at - seen, 0), min(at + chunk.size - seen, batch.num_rows)
                if begin < end:
                    numbers = np.arange(number, number + end - begin)
                    yield Block(batch.slice(begin, end - begin), numbers, file.name, line, reader, pack)
                    number += end - begin
                seen += batch.num_rows
                if seen >= at + chunk.size:
                    break
    except (ArrowException, OSError) as error:
        _same(file, chunk.part)
        yield Lost(tuple(_lost(lost, Place(file.name, lost + line, 1), error) for lost in range(number, chunk.first + chunk.size)))
    _same(file, chunk.part)  # what was written while it was read might be half of each


@lru_cache(maxsize=2)
def _metadata(file: Path, sha256: str) -> FileMetaData:
    """What a file says of its row groups: of many, and many columns, it is long, and every chunk needs it."""
    import pyarrow.parquet as pq

    return pq.read_metadata(file)


def _lost(number: int, place: Place, error: BaseException) -> Item:
    return Item(number, place, None, (Problem(place, "screen-shard", {"reason": _reason(error)}),))


def _item(reader: Reader, row: Mapping[str, Any], number: int, place: Place, pack: Pack) -> Item:
    try:
        node = reader(row, place)
    except SourceError as error:
        return Item(number, place, None, error.problems)
    assert isinstance(node, Table)
    head = {"schema": Scalar(SCHEMA, place), "pack": Scalar(pack.id, place)}
    entries = {**head, **node.entries}
    return Item(number, place, Table(entries, dict.fromkeys(entries, place), place))


# What the columns are


def wrong_columns(schema: Any, words: Vocabulary, name: str) -> list[Problem]:
    """The columns that lead to no fact, or are of a type that cannot hold it."""
    found: list[Problem] = []
    _check([(part.name, part.type) for part in schema], words.root, words, Place(name), "", found)
    return found


def _check(parts: list[tuple[str, Any]], entity: Entity, words: Vocabulary, place: Place, prefix: str, found: list[Problem]) -> None:
    from pyarrow import types

    names = Counter(name for name, _ in parts)
    told: set[str] = set()
    for name, kind in parts:
        base, end = parted(name)
        field = entity.fields.get(base)
        shown = prefix + name
        if names[name] > 1:
            if name not in told:
                found.append(Problem(place, "mapping-head-twice", {"name": shown}))
            told.add(name)
        elif field is None:
            found.append(Problem(place, "columns-unknown", {"name": shown}))
        elif field.type == "list" and end == COMPLETE:
            if not types.is_boolean(kind):
                found.append(Problem(place, "columns-type", {"name": shown, "found": str(kind), "expected": "bool"}))
        elif field.type == "list":
            if not (types.is_list(kind) or types.is_large_list(kind)) or not types.is_struct(kind.value_type) or end:
                found.append(Problem(place, "columns-type", {"name": shown, "found": str(kind), "expected": "list<struct>"}))
            else:
                inner = [(part.name, part.type) for part in (kind.value_type.field(n) for n in range(kind.value_type.num_fields))]
                _check(inner, words.entities[field.of], words, place, f"{shown}.", found)
        elif end and (end == COMPLETE or not (field.numeric or field.type == "date")):
            found.append(Problem(place, "columns-unknown", {"name": shown}))
        elif end and base + {LOW: HIGH, HIGH: LOW}[end] not in names:
            found.append(Problem(place, "columns-end", {"name": prefix + base}))
        elif not end and {base + LOW, base + HIGH} & names.keys():
            found.append(Problem(place, "columns-both", {"name": shown}))
        elif _writer(field, kind) is None:
            expected = "date32" if field.type == "date" else "bool" if field.type == "flag" else "string"
            expected = f"int64, decimal, {expected}" if field.numeric else expected
            found.append(Problem(place, "columns-type", {"name": shown, "found": str(kind), "expected": expected}))


def _writer(field: Field, kind: Any) -> Write | None:
    """What writes a value of a column as a filing would; None where the column cannot hold the fact."""
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind):
        return str
    if field.type == "flag":
        return (lambda value: "true" if value else "false") if types.is_boolean(kind) else None
    if field.type == "date":
        return _day if types.is_date32(kind) else None
    if not field.numeric:
        return None
    if types.is_integer(kind):
        return lambda value: figure_text(field, value)
    if types.is_decimal(kind):
        return lambda value: f"={value.scaleb(2, _WIDE):f}%" if field.type == "ratio" else f"{value:f}{WRITTEN_UNITS.get(field.type, '')}"
    return None


def _day(value: Any) -> str:
    """A day as a filing writes it; the last one that there is stands for what has no end."""
    return dates.OPEN_ENDED[0] if value.year == LAST_YEAR else str(value.isoformat())


def _readers(schema: Any, pack: Pack) -> Reader:
    """What makes the nodes of a filing out of a row."""
    return _of_entity([(part.name, part.type) for part in schema], pack.vocabulary.root, pack.vocabulary, True)


def _of_entity(parts: list[tuple[str, Any]], entity: Entity, words: Vocabulary, whole: bool) -> Reader:
    steps: list[tuple[str, Reader]] = []
    declared = {name.removesuffix(COMPLETE) for name, _ in parts if name.endswith(COMPLETE)}
    kinds = dict(parts)
    for name, kind in parts:
        base, end = parted(name)
        field = entity.fields[base]
        if field.type == "list":
            if end != COMPLETE:
                inner = [(part.name, part.type) for part in (kind.value_type.field(n) for n in range(kind.value_type.num_fields))]
                steps.append((base, _of_list(name, base in declared, _of_entity(inner, words.entities[field.of], words, False))))
            continue
        write = _writer(field, kind)
        assert write is not None
        if end == EXACT:
            steps.append((base, _exact(name, write)))
        elif end == LOW:
            other = _writer(field, kinds[base + HIGH])
            assert other is not None
            steps.append((base, _ranged(base, write, other)))

    named = [(*base.partition(".")[::2], step) if whole else (base, "", step) for base, step in steps]

    def read(row: Mapping[str, Any], place: Place) -> Node | None:
        entries: dict[str, Node] = {}
        parts: dict[str, dict[str, Node]] = {}
        for head, inner, step in named:
            node = step(row, place)
            if node is None:
                continue
            if inner:
                parts.setdefault(head, {})[inner] = node
                entries.setdefault(head, node)  # its place in the order; the whole part follows
            else:
                entries[head] = node
        for head, held in parts.items():
            entries[head] = Table(held, dict.fromkeys(held, place), place)
        return Table(entries, dict.fromkeys(entries, place), place)

    return read


def _exact(name: str, write: Write) -> Reader:
    def read(row: Mapping[str, Any], place: Place) -> Node | None:
        value = row[name]
        return None if value is None else Scalar(write(value), place)

    return read


def _ranged(base: str, first: Write, last: Write) -> Reader:
    def read(row: Mapping[str, Any], place: Place) -> Node | None:
        low, high = row[base + LOW], row[base + HIGH]
        lower, upper = (None if end is None else write(end) for end, write in ((low, first), (high, last)))
        if last is _day and low != high and upper == dates.OPEN_ENDED[0]:
            upper = None
        text = ranged(lower, upper)
        return None if text is None else Scalar(text, place)

    return read


def _of_list(name: str, declared: bool, item: Reader) -> Reader:
    def read(row: Mapping[str, Any], place: Place) -> Node | None:
        complete = bool(row[name + COMPLETE]) if declared else False
        if row[name] is None and not complete:
            return None
        items = tuple(node for one in row[name] or () if one is not None and (node := item(one, place)) is not None)
        entries: dict[str, Node] = {"complete": Scalar("true" if complete else "false", place), "items": Sequence(items, place)}
        return Table(entries, dict.fromkeys(entries, place), place)

    return read
