"""Reads the fixtures in ``bad/``: pairs of an input and every message it must give, in both languages."""

from __future__ import annotations

from pathlib import Path

from compliance.source import SourceError

FOLDER = Path(__file__).parent / "bad"
TITLE, SAYS = "=== ", "--- says"


def pairs(name: str) -> dict[str, tuple[str, str]]:
    """The inputs in a file by their titles, each with its messages: for every mistake a line in Chinese, then English."""
    found = {}
    for part in ("\n" + (FOLDER / name).read_text(encoding="utf-8")).split("\n" + TITLE)[1:]:
        title, _, rest = part.partition("\n")
        text, _, says = rest.partition(SAYS + "\n")
        assert title not in found, f"two fixtures are called {title!r}"
        found[title] = (text, says.strip("\n"))
    return found


def said(error: SourceError) -> str:
    """What an error says, as the fixtures write it."""
    return "\n".join(problem.text(lang) for problem in error.problems for lang in ("zh", "en"))


def patched(files: dict[str, str], patch: str) -> dict[str, str]:
    """A pack with one piece of text replaced: the file's name, the old text, ``====``, the new text."""
    file, _, rest = patch.partition("\n")
    old, _, new = rest.partition("\n====\n")
    new = new.removesuffix("\n")
    assert files[file].count(old) == 1, f"{file} holds {files[file].count(old)} times: {old}"
    return {**files, file: files[file].replace(old, new)}
