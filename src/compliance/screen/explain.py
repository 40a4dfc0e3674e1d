"""Explain a run: every cell of it, or those asked for, as a file of lines, each a full finding.

The chunks of the run are cut finer, so that little is on its way at a time, and worked on where those of a run are. Their
parts are put together in order, in a file that takes its name only when it is whole.
"""

from __future__ import annotations

import contextlib
import io
import shutil
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from compliance.screen import lines
from compliance.screen.executors import Executor, Work
from compliance.screen.lines import Wanted
from compliance.screen.parts import Chunk, Input, Ranges, Task, changed, piece, records_in
from compliance.screen.run import Tell, fresh
from compliance.source import Place, Problem, SourceError

SIZE = 128  # items that are explained in one go: of each some 400 KiB are written
CUTS = 32  # pieces that a chunk of columns is cut into at most: each reads again what lies before it


class Explaining(NamedTuple):
    """What is explained: a task, narrowed to what is asked for, on the input of its run."""

    task: Task
    given: Input
    wanted: Wanted


def write(asked: Explaining, out: Path, executor: Callable[[Work], Executor], tell: Tell | None = None) -> Counter[str]:
    """Write what is asked for into a file, whole or not at all; gives how many ``findings`` and items there were.

    Of the ``items`` those are ``read`` of which anything is asked for, and some of these are ``errors``.

    Raises ``SourceError`` where the input or the rule book is no longer what the run had, or the file cannot be written.
    """
    given = asked.given._replace(chunks=tuple(pieces(asked.given, asked.wanted.items)))
    wanted = asked.wanted._replace(packed=out.name.endswith(lines.PACKED))
    counts: Counter[str] = Counter()
    if tell is not None:
        tell(0, given.items)
    with fresh(out) as stream, _parts(out) as folder:
        found = executor(partial(lines.do, wanted))(asked.task, given, given.chunks, str(folder))
        try:
            for chunk, done in zip(given.chunks, found, strict=True):
                if done.problems:
                    raise SourceError([Problem(*problem) for problem in done.problems])
                part = lines.part_of(folder, chunk)
                with part.open("rb") as text:
                    shutil.copyfileobj(text, stream, 1 << 20)
                part.unlink()
                counts.update(done.line)
                if tell is not None:
                    tell(counts["items"], given.items)
        finally:
            if isinstance(found, Generator):
                found.close()  # ends the workers before their parts go
    return counts


@contextlib.contextmanager
def _parts(out: Path) -> Iterator[Path]:
    """A folder for parts beside a file, empty, and gone at the end."""
    folder = out.with_name(f".{out.name}.parts")
    shutil.rmtree(folder, ignore_errors=True)  # of one that was killed
    try:
        folder.mkdir()
        yield folder.resolve()
    except OSError as error:
        raise SourceError([Problem(Place(str(out)), "file-unwritable", {"reason": error.strerror or "?"})]) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# Chunks cut finer


def pieces(given: Input, items: frozenset[int] = frozenset()) -> Iterator[Chunk]:
    """The chunks of an input cut finer, numbered anew; with ``items`` those alone that hold some of them.

    Raises ``SourceError`` where the input is no longer what it was.
    """
    number = 0
    for chunk in given.chunks:
        if items and not any(chunk.first <= item < chunk.first + chunk.size for item in items):
            continue
        for part in _cut(given, chunk):
            if not items or any(part.first <= item < part.first + part.size for item in items):
                yield part._replace(number=number)
                number += 1


def _cut(given: Input, chunk: Chunk) -> Iterator[Chunk]:
    """One chunk cut finer."""
    part = chunk.part
    if chunk.size <= SIZE:
        yield chunk
    elif "bytes" in part:
        yield from _of_records(given, chunk)
    elif "files" in part:
        for at in range(0, chunk.size, SIZE):
            files = part["files"][at : at + SIZE]
            yield Chunk(0, chunk.first + at, len(files), {**part, "files": files})
    elif "at" in part:
        step = max(SIZE, -(-chunk.size // CUTS))
        for at in range(0, chunk.size, step):
            yield Chunk(0, chunk.first + at, min(step, chunk.size - at), {**part, "at": part["at"] + at})
    else:
        for at in range(0, chunk.size, SIZE):
            yield Chunk(0, chunk.first + at, min(SIZE, chunk.size - at), part)


def _of_records(given: Input, chunk: Chunk) -> Iterator[Chunk]:
    """A chunk of lines, or of the records of a table, cut finer."""
    path, part = Path(given.path), chunk.part
    ranges = Ranges(SIZE)
    for record, count in records_in(io.BytesIO(piece(path, part)), _separator(given)):
        ranges.add(record, count, counts=bool(record.strip()))
    ranges.close()
    if sum(found.size for found in ranges.chunks) != chunk.size:
        raise changed(path)
    for found in ranges.chunks:
        at, line = found.part["at"] + part["at"], found.part["line"] + part["line"] - 1
        yield found._replace(first=found.first + chunk.first, part={**found.part, "at": at, "line": line})


def _separator(given: Input) -> str:
    """What parts the cells of a table's records; nothing where the input is no table."""
    if given.kind != "table":
        return ""
    from compliance.screen.mapping import of_plain
    from compliance.screen.tables import separator_of

    return separator_of(Path(given.path), of_plain(given.reading["mapping"]))
