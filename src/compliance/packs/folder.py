"""A pack's folder: its files and those of the pack it extends, and the hash of what they hold."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from compliance import source
from compliance.shipped import folder as shipped
from compliance.source import Place, Problem, SourceError

MAX_FILES = 200
_EXTENDS = re.compile(rb"^extends:[ \t]+['\"]?([a-z0-9-]+)", re.MULTILINE)


def read(folder: Path) -> dict[str, bytes]:
    """The pack's files by name, sorted; those of a pack that it extends come first, under ``base/name``.

    A base is looked for beside the folder, then among the packs that come along. Raises ``SourceError`` where a folder is
    absent or too large.
    """
    files = _files(folder)
    base = next((match[1].decode() for data in files.values() if (match := _EXTENDS.search(data))), None)
    if base is None:
        return files
    where = folder.resolve().parent / base
    if not where.is_dir():
        where = shipped("rules") / base
    if not where.is_dir() or where.resolve() == folder.resolve():
        raise SourceError([Problem(Place(str(folder)), "pack-base", {"name": base})])
    return {**{f"{base}/{name}": data for name, data in _files(where).items()}, **files}


def _files(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        raise SourceError([Problem(Place(str(folder)), "pack-absent")])
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml") and path.is_file())
    if len(paths) > MAX_FILES:
        raise SourceError([Problem(Place(str(folder)), "pack-too-many-files", {"limit": MAX_FILES})])
    return {path.name: source.read_bytes(path, f"{folder.name}/{path.name}") for path in paths}


def content_hash(files: Mapping[str, bytes]) -> str:
    """The SHA-256 of a pack: of each file's name, length and bytes, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()
