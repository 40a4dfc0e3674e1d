"""A pack's folder: its files, and the hash of what they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from compliance import source
from compliance.source import Place, Problem, SourceError

MAX_FILES = 200


def read(folder: Path) -> dict[str, bytes]:
    """The pack's files by name, sorted. Raises ``SourceError`` where the folder is absent or too large."""
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
