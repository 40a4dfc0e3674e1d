"""A pack's folder: its files and those of the pack it extends, the tests beside them, and the hash of what files hold."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from compliance import source
from compliance.shipped import folder as shipped
from compliance.source import Place, Problem, SourceError

MAX_FILES = 200
TESTS = "tests"  # the folder of a pack that holds the tests of its rules, where they do not stand in the rules
_EXTENDS = re.compile(rb"^extends:[ \t]+['\"]?([a-z0-9-]+)", re.MULTILINE)


def read(folder: Path) -> dict[str, bytes]:
    """The pack's files by name, sorted; those of a pack that it extends come first, under ``base/name``.

    A base is looked for beside the folder, then among the packs that come along. Raises ``SourceError`` where a folder is
    absent or too large.
    """
    files = _files(folder, folder.name)
    base = _base(files)
    return files if base is None else {**{f"{base}/{name}": data for name, data in _files(_beside(folder, base), base).items()}, **files}


def folders(folder: Path) -> list[Path]:
    """A pack's folder and that of the pack that it extends. Raises ``SourceError`` as ``read``."""
    base = _base(_files(folder, folder.name))
    return [folder] if base is None else [folder, _beside(folder, base)]


def read_tests(folder: Path) -> dict[str, bytes]:
    """The files of tests of a pack and of one that it extends, by name (``pack/tests/chapter.yaml``). Raises ``SourceError``."""
    base = _base(_files(folder, folder.name))
    found: dict[str, bytes] = {}
    for where, name in [*([(_beside(folder, base), base)] if base is not None else []), (folder, folder.name)]:
        if source.is_folder(where / TESTS):
            found |= {f"{name}/{TESTS}/{file}": data for file, data in _files(where / TESTS, f"{name}/{TESTS}").items()}
    return found


def _base(files: Mapping[str, bytes]) -> str | None:
    """The pack that a pack extends, if it does."""
    return next((match[1].decode() for data in files.values() if b"extends:" in data and (match := _EXTENDS.search(data))), None)


def _beside(folder: Path, base: str) -> Path:
    where = folder.resolve().parent / base
    if not where.is_dir():
        where = shipped("rules") / base
    if not where.is_dir() or where.resolve() == folder.resolve():
        raise SourceError([Problem(Place(str(folder)), "pack-base", {"name": base})])
    return where


def _files(folder: Path, shown: str) -> dict[str, bytes]:
    """The YAML files of a folder by name; ``shown`` is what places call the folder."""
    paths = [path for path in source.listed(folder, "pack-absent") if path.suffix in (".yaml", ".yml") and path.is_file()]
    if len(paths) > MAX_FILES:
        raise SourceError([Problem(Place(str(folder)), "pack-too-many-files", {"limit": MAX_FILES})])
    return {path.name: source.read_bytes(path, f"{shown}/{path.name}") for path in paths}


def content_hash(files: Mapping[str, bytes], algorithm: str = "sha256") -> str:
    """The hash of a pack: of each file's name, length and bytes, in the order of the names."""
    digest = hashlib.new(algorithm)
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()
