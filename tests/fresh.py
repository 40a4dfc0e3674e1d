"""Writes what is generated and kept: the schemas and the stub beside each pack, and the messages of the fixtures."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from bad_input import TAKEN, rewrite
from compliance.facts import schema
from compliance.packs import loading
from compliance.source import write_text

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Write the generated files of every pack under ``rules``, then what is said of each bad input."""
    for folder in sorted(path for path in (ROOT / "rules").iterdir() if path.is_dir()):
        pack = loading.load(folder)
        for name, text in schema.files(pack.vocabulary, pack.id).items():
            write_text(folder / name, text)
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        for name in TAKEN:
            rewrite(name)


if __name__ == "__main__":
    main()
