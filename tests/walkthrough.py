"""A tutorial as a reader follows it: its files are written, its commands run, and what they print is held against the page."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from compliance import cli

LEFT_OUT = "…"  # in shown output: whatever stands there
_BLOCK = re.compile(r"^```(console|\w+ file=(\S+))\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What writing such a file, or such a verb, needs.
_NEEDS = {".xlsx": ("xlsxwriter", "openpyxl"), ".docx": ("docx",), "screen": ("numpy", "pyarrow", "xlsxwriter"), "query": ("duckdb",)}


class Step(NamedTuple):
    """A file to write (``command`` is empty, ``text`` what is in it), or a command and what it prints."""

    line: int
    name: str
    command: str
    text: str


def steps(page: str) -> Iterator[Step]:
    """The steps of a page in their order."""
    for block in _BLOCK.finditer(page):
        line = page.count("\n", 0, block.start()) + 2
        if block[2]:
            yield Step(line, block[2], "", block[3])
            continue
        for part in re.split(r"^(?=\$ )", block[3], flags=re.MULTILINE):
            command, _, shown = part.partition("\n")
            if command:
                yield Step(line, "", command.removeprefix("$ "), shown)
            line += part.count("\n")


def matches(shown: str, printed: str) -> bool:
    """Whether output is what a page shows of it; blanks at the ends of lines do not count."""
    lines = (line.rstrip() for line in shown.splitlines())
    pattern = "".join(r"(?:.*\n)*?" if line == LEFT_OUT else f"{re.escape(line)}\n" for line in lines)
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in printed.splitlines())) is not None


def follow(page: str, folder: Path, captured: pytest.CaptureFixture[bytes]) -> Iterator[tuple[Step, str]]:
    """Each command of a page with what it printed, run in a folder. One that writes a file for which an extra is lacking is left out."""
    status = 0
    for step in steps(page):
        if step.name:
            (folder / step.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / step.name).write_text(step.text, encoding="utf-8")
            continue
        name, *words = shlex.split(step.command)
        if name == "compliance":
            if _lacks(words):
                continue
            captured.readouterr()
            status = _status(words)
            done = captured.readouterr()
            yield step, (done.out + done.err).decode("utf-8")
        elif name == "cp":
            shutil.copy(folder / words[0], folder / words[1])
        elif name == "export":
            variable, _, value = words[0].partition("=")
            os.environ[variable] = value
        elif (name, words) == ("echo", ["$?"]):
            yield step, f"{status}\n"
        else:
            raise AssertionError(f"line {step.line}: {name} is no command of a tutorial")


def _status(words: list[str]) -> int:
    try:
        return cli.run(words)
    except SystemExit as end:
        return int(end.code or 0)


def _lacks(words: list[str]) -> bool:
    needed = [module for word in words for module in _NEEDS.get(Path(word).suffix or word, ())]
    return any(importlib.util.find_spec(module) is None for module in needed)
