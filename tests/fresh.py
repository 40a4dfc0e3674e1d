"""Writes what is generated and committed: the schemas and the stub beside each pack. Run it from the checkout's root."""

from __future__ import annotations

from pathlib import Path

from compliance.facts import schema
from compliance.packs import loading
from compliance.source import write_text


def main() -> None:
    """Write the generated files of every pack under ``rules``."""
    for folder in sorted(path for path in Path("rules").iterdir() if path.is_dir()):
        pack = loading.load(folder)
        for name, text in schema.files(pack.vocabulary, pack.id).items():
            write_text(folder / name, text)


if __name__ == "__main__":
    main()
