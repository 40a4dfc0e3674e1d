"""What a screening is cut into: items, one for each filing, and chunks of items that are read, decided and written together."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from compliance.source import Node, Place, Problem, SourceError

CHUNK_BYTES = 64 * 1024 * 1024  # of input that one chunk reads at most, whatever the number of its items
MAX_ITEM = 8 * 1024 * 1024  # bytes of one item: as of one filing
MAX_QUOTED_LINES = 100  # that one record of a table may go on for


class Item(NamedTuple):
    """One filing of the input: its number from 0, where it begins, its nodes, and what is wrong with it: then the nodes are not read.

    ``text`` is what a line of JSON held: read again, slowly, where something in it is wrong, to tell the column.
    """

    number: int
    place: Place
    node: Node | None
    problems: tuple[Problem, ...] = ()
    text: bytes = b""


class Chunk(NamedTuple):
    """Some items in a row. ``part`` tells the reader of its kind of input where they are, as plain data."""

    number: int
    first: int
    size: int
    part: Mapping[str, Any]


class Ranges:
    """Cuts a file of records into chunks by their bytes, hashing the whole and each part on the way."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.chunks: list[Chunk] = []
        self.whole = hashlib.sha256()
        self._hash = hashlib.sha256()
        self._at = self._line = self._count = self._first = self._long = self._lines = 0

    def add(self, record: bytes, lines: int, counts: bool = True) -> None:
        """One more record with its line end; one that does not count (a head, an empty line) goes with the next."""
        self.whole.update(record)
        self._hash.update(record)
        self._long += len(record)
        self._lines += lines
        self._count += counts
        if self._count >= self.size or self._long >= CHUNK_BYTES:
            self.close()

    def skip(self, record: bytes, lines: int) -> None:
        """Bytes before the first record that no chunk reads."""
        self.whole.update(record)
        self._at += len(record)
        self._line += lines

    def close(self) -> None:
        """End the chunk."""
        if self._long and self._count:
            part = {"at": self._at, "bytes": self._long, "line": self._line + 1, "sha256": self._hash.hexdigest()}
            self.chunks.append(Chunk(len(self.chunks), self._first, self._count, part))
        self._at += self._long
        self._line += self._lines
        self._first += self._count
        self._count = self._long = self._lines = 0
        self._hash = hashlib.sha256()


class Input(NamedTuple):
    """An input as it was when the run began: of which kind, where, its hash, its chunks, and how a table's columns are read.

    ``problems`` cost an item each, or an entry of the mapping, but not the run.
    """

    kind: str
    path: str
    sha256: str
    chunks: tuple[Chunk, ...]
    reading: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()

    @property
    def items(self) -> int:
        """How many items it holds."""
        return sum(chunk.size for chunk in self.chunks)


class Task(NamedTuple):
    """What a run asks of each item: the rule book by its folder and hash, the rules, days (as numbers) and scenarios.

    A scenario is a name and what is put for it, as texts; that of the filing as it stands has no name and puts nothing.
    """

    pack: str
    sha256: str
    rules: tuple[str, ...]
    days: tuple[int, ...]
    scenarios: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    robust: bool


def records(path: Path, separator: str = "") -> Iterator[tuple[bytes, int]]:
    """The records of a file with their line ends, and the number of lines of each. Raises ``SourceError``.

    With the ``separator`` of its cells a record goes on over a line end between quotes, as in CSV. A quote that is never closed
    costs its own line, not the rest of the file.
    """
    try:
        with path.open("rb") as stream:
            yield from records_in(stream, separator, str(path))
    except OSError as error:
        raise unreadable(path, error) from None


def records_in(stream: IO[bytes], separator: str = "", name: str = "") -> Iterator[tuple[bytes, int]]:
    """As ``records``, of a stream."""
    held: list[bytes] = []
    waiting: list[bytes] = []
    while True:
        line = waiting.pop(0) if waiting else stream.readline(CHUNK_BYTES + 1)
        if len(line) > CHUNK_BYTES:
            raise SourceError([Problem(Place(name), "file-too-large", {"limit": CHUNK_BYTES // 2**20})])
        if not line and not held:
            return
        held += [line] if line else []
        if separator and (is_open := sum(part.count(b'"') for part in held) % 2 == 1) | (len(held) > 1):
            if is_open and line and len(held) < MAX_QUOTED_LINES:
                continue
            if is_open or not _sound(b"".join(held), separator):
                waiting, held = held[1:] + waiting, held[:1]
        yield b"".join(held), len(held)
        held = []


def _sound(record: bytes, separator: str) -> bool:
    """Whether several lines are one record: its quotes stand around whole cells."""
    try:
        return len(list(csv.reader(io.StringIO(record.decode("latin-1"), newline=""), delimiter=separator, strict=True))) == 1
    except csv.Error:
        return False


def piece(path: Path, part: Mapping[str, Any]) -> bytes:
    """The bytes of a chunk. Raises ``SourceError`` where they are no longer what they were when the run began."""
    try:
        with path.open("rb") as stream:
            stream.seek(part["at"])
            data = stream.read(part["bytes"])
    except OSError as error:
        raise unreadable(path, error) from None
    if hashlib.sha256(data).hexdigest() != part["sha256"]:
        raise changed(path)
    return data


def file_hash(path: Path) -> str:
    """The SHA-256 of a file. Raises ``SourceError``."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from None


def changed(path: Path) -> SourceError:
    """The error for an input that is another than when the run began."""
    return SourceError([Problem(Place(str(path)), "screen-changed", {})])


def unreadable(path: Path, error: OSError) -> SourceError:
    """The error for a file that cannot be read."""
    if isinstance(error, FileNotFoundError):
        return SourceError([Problem(Place(str(path)), "file-absent", {})])
    return SourceError([Problem(Place(str(path)), "file-unreadable", {"reason": error.strerror or "?"})])


def plain_problems(problems: Sequence[Problem], number: int, code: str = "") -> list[dict[str, Any]]:
    """Mistakes as the errors of a run list them."""
    found = []
    for problem in problems:
        at = str(problem.place)
        texts = {lang: problem.text(lang).removeprefix(f"{at}: ") for lang in ("zh", "en")}
        found.append({"item": number, "issuer": code, "place": at, "code": problem.code, **texts})
    return found
