"""The ways in: a folder of filings, a file with a filing on each line, a table with a mapping, Parquet columns.

An input is looked through once when a run begins: cut into chunks, and hashed. Every chunk is held against its hash when it
is read, so that what is decided is what was there at the start.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compliance import source
from compliance.screen.parts import (
    CHUNK_BYTES,
    MAX_ITEM,
    Chunk,
    Input,
    Item,
    Ranges,
    changed,
    file_hash,
    piece,
    records,
    records_in,
    unreadable,
)
from compliance.source import Node, Place, Problem, Scalar, Sequence, SourceError, Table

if TYPE_CHECKING:
    from compliance.packs.book import Pack

FILINGS = (".yaml", ".yml", ".json", ".xlsx", ".xlsm", ".xls")  # what a folder is searched for
WORKBOOKS = (".xlsx", ".xlsm", ".xls")
LINES = (".jsonl", ".ndjson")
TABLES = (".csv", ".tsv", ".xlsx")
COLUMNS = ".parquet"


def look(path: Path, size: int, pack: Pack, mapping: Path | None = None, match: str = "**/*", lenient: bool = False) -> Input:
    """The input at a path, cut into chunks of at most ``size`` items. Raises ``SourceError`` with every mistake.

    ``mapping`` tells how a table's columns are read; with ``lenient`` an entry of it that is wrong is left out.
    """
    ending = path.suffix.lower()
    if not os.path.exists(path):
        raise SourceError([Problem(Place(str(path)), "file-absent", {})])
    if mapping is not None:
        if ending not in TABLES:
            raise SourceError([Problem(Place(str(mapping)), "screen-mapping-idle", {"known": " / ".join(TABLES)})])
        from compliance.screen import tables

        return tables.look(path, size, pack, mapping, lenient)
    if ending in TABLES:
        raise SourceError([Problem(Place(str(path)), "screen-mapping-needed", {})])
    if ending == COLUMNS or (path.is_dir() and next(path.glob(f"*{COLUMNS}"), None) is not None):
        from compliance.screen import parquet

        return parquet.look(path, size, pack)
    if path.is_dir():
        return _folder(path, size, match)
    if ending in LINES:
        return _lines(path, size)
    raise SourceError([Problem(Place(str(path)), "screen-input", {"known": " / ".join((*LINES, *TABLES, COLUMNS))})])


def read(given: Input, chunk: Chunk, pack: Pack) -> Iterator[Item]:
    """The items of a chunk in their order. Raises ``SourceError`` where the input is no longer what it was."""
    path = Path(given.path)
    if given.kind == "folder":
        return _of_folder(path, chunk, pack)
    if given.kind == "lines":
        return _of_lines(path, chunk)
    if given.kind == "parquet":
        from compliance.screen import parquet

        return parquet.read(path, chunk, pack)
    from compliance.screen import tables

    return tables.read(path, chunk, pack, given.reading)


def item(given: Input, chunk: Chunk, number: int, pack: Pack) -> Item:
    """One item of a chunk by its number. Raises as ``read`` does."""
    if given.kind == "parquet":
        from compliance.screen import parquet

        return parquet.item(Path(given.path), chunk, pack, number)
    return next(one for one in read(given, chunk, pack) if one.number == number)


def unchanged(given: Input, match: str = "**/*") -> None:
    """Raise ``SourceError`` where files came or went since the run began, or columns were written again."""
    path = Path(given.path)
    if given.kind == "parquet":
        from compliance.screen import parquet

        parquet.unchanged(given)
    if given.kind == "folder":
        planned = [name for chunk in given.chunks for name, _, _ in chunk.part["files"]]
        if planned != [name for name, _ in _files(path, match)]:
            raise changed(path)


# A folder of filings


def _files(path: Path, match: str) -> list[tuple[str, Path]]:
    """The filings of a folder by their paths in it, in one order everywhere; what begins with a dot is passed over."""
    found = []
    for file in path.glob(match):
        inner = file.relative_to(path)
        if file.suffix.lower() in FILINGS and file.is_file() and not any(part.startswith((".", "~$")) for part in inner.parts):
            found.append((inner.as_posix(), file))
    return sorted(found)


def _folder(path: Path, size: int, match: str) -> Input:
    chunks: list[Chunk] = []
    held: list[list[Any]] = []
    whole = hashlib.sha256()
    first = weight = 0

    def close() -> None:
        nonlocal held, first, weight
        if held:
            chunks.append(Chunk(len(chunks), first, len(held), {"files": held}))
            first += len(held)
        held, weight = [], 0

    for name, file in _files(path, match):
        try:
            long, sha256 = file.stat().st_size, file_hash(file)
        except (OSError, SourceError):
            long, sha256 = 0, ""  # told as a mistake of this file when it is read
        whole.update(f"{name}\0{sha256}\0".encode())
        held.append([name, sha256, long])
        weight += long
        if len(held) >= size or weight >= CHUNK_BYTES:
            close()
    close()
    if not chunks:
        raise SourceError([Problem(Place(str(path)), "screen-empty", {})])
    return Input("folder", str(path), whole.hexdigest(), tuple(chunks), {})


def _of_folder(path: Path, chunk: Chunk, pack: Pack) -> Iterator[Item]:
    for number, (name, sha256, _) in enumerate(chunk.part["files"], chunk.first):
        file = path / name
        place = Place(name)
        if not file.exists():
            raise changed(file)
        try:
            if sha256 and file_hash(file) != sha256:
                raise changed(file)
            yield Item(number, place, _nodes(file, name, pack))
        except SourceError as error:
            if error.problems[0].code == "screen-changed":
                raise
            yield Item(number, place, None, error.problems)


def _nodes(file: Path, name: str, pack: Pack) -> Node:
    """The nodes of one filing: YAML, JSON, or an intake workbook."""
    if file.suffix.lower() in WORKBOOKS:
        from compliance.intake import reading

        return reading.load(file, name, pack.vocabulary)
    from compliance.facts import revising

    return revising.load(file, name, pack.vocabulary)


# A filing on each line


def _lines(path: Path, size: int) -> Input:
    ranges = Ranges(size)
    for record, lines in records(path):
        ranges.add(record, lines, counts=bool(record.strip()))
    ranges.close()
    if not ranges.chunks:
        raise SourceError([Problem(Place(str(path)), "screen-empty", {})])
    return Input("lines", str(path), ranges.whole.hexdigest(), tuple(ranges.chunks), {})


def _of_lines(path: Path, chunk: Chunk) -> Iterator[Item]:
    line, number = chunk.part["line"], chunk.first
    for text, _ in records_in(io.BytesIO(piece(path, chunk.part))):
        if text.strip():
            place = Place(path.name, line, 1)
            if len(text) > MAX_ITEM:
                yield Item(number, place, None, (Problem(place, "file-too-large", {"limit": MAX_ITEM // 2**20}),))
            else:
                yield _of_line(number, place, text)
            number += 1
        line += 1


class _Refused(Exception):
    """The fast way does not take it."""


def _of_line(number: int, place: Place, text: bytes) -> Item:
    try:
        if b"\\u" in text or b"\\ud" in text.lower():
            raise _Refused  # halves of characters: left to the slow way
        plain = json.loads(text.decode("utf-8"), parse_float=str, parse_int=str, parse_constant=_refuse, object_pairs_hook=_pairs)
        if not isinstance(plain, dict):
            raise _Refused
        return Item(number, place, node_of(plain, place), (), text)
    except (ValueError, RecursionError, _Refused):
        pass
    try:
        return Item(number, place, slowly(text, place), (), b"")
    except SourceError as error:
        return Item(number, place, None, error.problems)


def slowly(text: bytes, place: Place) -> Node:
    """The nodes of one line with the line and column of each. Raises ``SourceError``."""
    try:
        return _moved(source.parse(text, place.document), place)
    except SourceError as error:
        raise SourceError([problem._replace(place=_on(problem.place, place)) for problem in error.problems]) from None


def _on(inner: Place, place: Place) -> Place:
    """A place in a text that is a line of its own, in the file of all lines."""
    return inner._replace(line=place.line)


def _moved(node: Node, place: Place) -> Node:
    if isinstance(node, Scalar):
        return node._replace(place=_on(node.place, place))
    if isinstance(node, Sequence):
        return Sequence(tuple(_moved(item, place) for item in node.items), _on(node.place, place))
    entries = {name: _moved(part, place) for name, part in node.entries.items()}
    return Table(entries, {name: _on(at, place) for name, at in node.keys.items()}, _on(node.place, place))


def _refuse(text: str) -> Any:
    raise _Refused


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused
    return found


def node_of(plain: Any, place: Place) -> Node:
    """Plain data, its scalars texts, as nodes that all stand at one place."""
    if isinstance(plain, dict):
        entries = {name: node_of(part, place) for name, part in plain.items()}
        return Table(entries, dict.fromkeys(entries, place), place)
    if isinstance(plain, list):
        return Sequence(tuple([node_of(part, place) for part in plain]), place)
    if plain is True or plain is False:
        return Scalar("true" if plain else "false", place)
    if isinstance(plain, str) and not plain.isprintable():
        raise _Refused  # what no text may hold is told by the slow way
    return Scalar(plain, place)


__all__ = ["Chunk", "Input", "Item", "look", "read", "slowly", "unchanged", "unreadable"]
