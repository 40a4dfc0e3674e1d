"""Read files within a bound, and write them whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from compliance.source.nodes import Place, Problem, SourceError

MAX_BYTES = 8 * 1024 * 1024


def read_bytes(path: Path, name: str | None = None, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file. Raises ``SourceError`` where it is absent, a folder or larger than ``limit`` bytes."""
    place = Place(name or str(path))
    try:
        with path.open("rb") as stream:
            known = min(os.fstat(stream.fileno()).st_size, limit)
            data = stream.read(known + 1)
            if len(data) > known:  # a pipe, whose size nobody knows, or a file that has grown since
                data += stream.read(limit + 1 - len(data))
    except FileNotFoundError:
        raise SourceError([Problem(place, "file-absent")]) from None
    except IsADirectoryError:
        raise SourceError([Problem(place, "file-is-folder")]) from None
    except OSError as error:
        raise SourceError([Problem(place, "file-unreadable", {"reason": error.strerror or "?"})]) from None
    if len(data) > limit:
        raise SourceError([Problem(place, "file-too-large", {"limit": limit // (1024 * 1024)})])
    return data


def is_folder(path: Path) -> bool:
    """Whether a path leads to a folder; a name that no file can have, or a ring of links, leads to none."""
    return os.path.isdir(path)


def is_file(path: Path) -> bool:
    """As ``is_folder``, for a regular file."""
    return os.path.isfile(path)


def resolved(path: Path) -> Path:
    """Where a path leads, links followed; a ring of links, or a name that no file can have, leads nowhere else."""
    try:
        return Path(os.path.realpath(path))
    except ValueError:  # a name with a character that none can have
        return Path(os.path.abspath(path))


def listed(folder: Path, code: str) -> list[Path]:
    """What lies in a folder, sorted. Raises ``SourceError`` with the problem ``code`` where it is none, or may not be read."""
    if not is_folder(folder):
        raise SourceError([Problem(Place(str(folder)), code)])
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise SourceError([Problem(Place(str(folder)), "file-unreadable", {"reason": error.strerror or "?"})]) from None


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, where it is not there. Raises ``SourceError``."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError([_unwritable(path, error)]) from None


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all: under a temporary name beside it, then renamed over it."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """As ``write_text``, for bytes. Raises ``SourceError`` where the folder cannot be written."""
    write_several({path: data})


def write_several(files: Mapping[Path, bytes]) -> None:
    """Write files whole, and none of them before all are: under temporary names, which then are renamed.

    Raises ``SourceError`` with every file that cannot be written.
    """
    problems, waiting = [], []
    try:
        for path, data in files.items():
            try:
                target = _target(path)
                waiting.append((path, _beside(target, data), target))
            except OSError as error:
                problems.append(_unwritable(path, error))
        while waiting and not problems:
            path, name, target = waiting[0]
            try:
                os.replace(name, target)
                del waiting[0]
            except OSError as error:
                problems.append(_unwritable(path, error))
    finally:
        for _, name, _ in waiting:
            name.unlink(missing_ok=True)
    if problems:
        raise SourceError(problems)


def _beside(target: Path, data: bytes) -> Path:
    """The temporary name, beside ``target``, under which bytes are written whole. Raises ``OSError``."""
    name = target.with_name(f".{target.name[:40]}.{os.urandom(8).hex()}")
    with name.open("xb") as stream:
        try:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        except BaseException:
            name.unlink(missing_ok=True)
            raise
    return name


def _unwritable(path: Path, error: OSError) -> Problem:
    return Problem(Place(str(path)), "file-unwritable", {"reason": error.strerror or "?"})


def _target(path: Path) -> Path:
    """What is written where a path is to be written: of a link, what it leads to. Raises ``OSError`` for a ring of links."""
    if not path.is_symlink():
        return path
    with contextlib.suppress(FileNotFoundError):  # a link may lead to what is still to be written
        path.stat()
    return Path(os.path.realpath(path))
