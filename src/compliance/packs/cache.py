"""Keep a checked pack on disk under its content hash, as JSON: the next run neither reads YAML nor types formulas.

The cache holds plain data, never code: what is executed is generated anew from the typed tree. It lies in
``$COMPLIANCE_CACHE``, else ``$XDG_CACHE_HOME/compliance``, else ``~/.cache/compliance``. A cache that cannot be read or
written is passed over in silence, for it changes nothing but the time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from binascii import crc32
from pathlib import Path
from typing import Any

from compliance import __version__, source
from compliance.packs.book import Pack, assemble
from compliance.packs.folder import content_hash, read, read_tests
from compliance.source import SourceError

FORMAT = 5
KEPT = 24  # cached packs that are kept; older ones are removed when a new one is written


def load(folder: Path, tests: bool = False) -> Pack:
    """The book in a folder, from the cache where it holds it; without the tests of its rules unless they are asked for.

    Raises ``SourceError`` with every mistake found.
    """
    files = read(folder)
    beside = read_tests(folder) if tests else None
    # The record's SHA-256 of the pack is kept with it; to find it again a quicker hash will do.
    content = content_hash(files, "blake2b") + (content_hash(beside, "blake2b") if beside is not None else "")
    path = _path(folder.name, content)
    found = _kept(path) if path is not None else None
    if found is None:
        from compliance.packs.loading import check

        found = check(files, folder.name, tests=beside)
        if path is not None:
            _keep(path, found)
    return assemble(found)


def _path(name: str, content: str) -> Path | None:
    """Where a pack of this content lies, as read by this version of the program."""
    given = os.environ.get("COMPLIANCE_CACHE") or os.environ.get("XDG_CACHE_HOME")
    try:
        base = Path(given) if given else Path.home() / ".cache"
    except RuntimeError:
        return None
    if not os.environ.get("COMPLIANCE_CACHE"):
        base = base / "compliance"
    key = hashlib.sha256(f"{FORMAT} {__version__} {_own_code()} {name} {content}".encode()).hexdigest()
    return base / f"{key}.json"


def _own_code() -> str:
    """The age of the modules that make a checked pack, so that a changed program does not read an older one's work."""
    here = Path(__file__).parent
    marks = []
    for folder in (here, here.parent / "expressions", here.parent / "source", here.parent):
        marks += [f"{path.name}:{path.stat().st_mtime_ns}:{path.stat().st_size}" for path in sorted(folder.glob("*.py"))]
    return hashlib.sha256(" ".join(marks).encode()).hexdigest()


def _kept(path: Path) -> dict[str, Any] | None:
    """The checked pack in the cache, or None where there is none that can be trusted."""
    try:
        digest, _, body = path.read_bytes().partition(b"\n")
        if digest != _digest(body):
            return None
        found: dict[str, Any] = json.loads(body)
    except (OSError, ValueError):
        return None
    return found


def _digest(body: bytes) -> bytes:
    """What tells a whole file from a damaged one; that it is of the right content its name tells."""
    return b"%08x" % crc32(body)


def _keep(path: Path, found: dict[str, Any]) -> None:
    body = json.dumps(found, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode("utf-8")
    with contextlib.suppress(OSError, SourceError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        source.write_bytes(path, b"%s\n%s" % (_digest(body), body))
        kept = sorted(path.parent.glob("*.json"), key=lambda old: old.stat().st_mtime_ns, reverse=True)
        for old in kept[KEPT:]:
            old.unlink(missing_ok=True)
