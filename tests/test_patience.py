"""What takes longer tells so on a terminal, and leaves nothing of it behind; elsewhere nothing is told.

The wait before anything is told is set to nothing, so that no test hangs on how fast a machine is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from command import environment, filing
from compliance.cli import words
from compliance.cli.words import say

pty = pytest.importorskip("pty", reason="no pseudo terminals here")

AT_ONCE = """
import functools, sys
from compliance.cli import output, run
output.patience = functools.partial(output.patience, after=0)
sys.exit(run(sys.argv[1:]))
"""


def seen(*given: str, cwd: Path, **extra: str) -> tuple[int, str, str]:
    """How a command ends whose error stream is a terminal, what it puts out, and what the terminal gets."""
    ours, theirs = pty.openpty()
    try:
        command = [sys.executable, "-c", AT_ONCE, *given]
        started = subprocess.Popen(
            command, cwd=cwd, env={**environment(extra), "TERM": extra.get("TERM", "xterm")}, stdout=subprocess.PIPE, stderr=theirs
        )
        os.close(theirs)
        got = []
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux tells so that the other end is closed
                break
            if not part:
                break
            got.append(part)
        assert started.stdout is not None
        out = started.stdout.read().decode("utf-8")
        started.stdout.close()
        return started.wait(), out, b"".join(got).decode("utf-8")
    finally:
        os.close(ours)


def screen(said: str) -> str:
    """What stands on a terminal in the end: each return goes back to the first column and writes over what is there."""
    lines = []
    for line in said.split("\n"):
        shown: list[str] = []
        for part in line.rstrip("\r").split("\r"):
            shown[: len(part)] = part
        lines.append("".join(shown).rstrip())
    return "\n".join(lines)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("verb", "code"), [(("check",), "checking"), (("routes",), "working"), (("timeline",), "working"), (("facts", "missing"), "working")]
)
def test_a_check_tells_that_it_is_under_way_and_takes_it_back(verb: tuple[str, ...], code: str, lang: str, tmp_path: Path) -> None:
    status, out, said = seen(*verb, filing("688327"), "--as-of", "2024-04-07", "--lang", lang, cwd=tmp_path)
    assert status in (0, 3) and "688327" in out
    assert say(code, lang) in said
    # A Chinese character takes two columns, and all of them are wiped.
    line = say(code, lang)
    assert said == line + "\r" + " " * (2 * len(line)) + "\r"


def test_what_is_told_afterwards_stands_alone(tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    status, _, said = seen("check", filing("688327"), "--as-of", "2024-04-07", "--format", "json", "--out", str(out), cwd=tmp_path)
    assert status == 3 and screen(said) == f"{say('written', 'zh', path=out)}\n"


def test_a_mistake_is_not_written_behind_what_was_told(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text("issuer: {code: 1}\n", encoding="utf-8")
    status, out, said = seen("check", "f.yaml", cwd=tmp_path)
    assert (status, out) == (2, "")
    assert all(line.startswith("f.yaml:") for line in screen(said).splitlines()) and screen(said)


def test_a_dumb_terminal_is_told_nothing(tmp_path: Path) -> None:
    status, _, said = seen("check", filing("688327"), "--as-of", "2024-04-07", cwd=tmp_path, TERM="dumb")
    assert (status, said) == (3, "")


def test_screening_counts_on_a_terminal_and_ends_with_a_line_of_its_own(tmp_path: Path) -> None:
    for module in ("numpy", "pyarrow", "xlsxwriter"):
        pytest.importorskip(module, reason="the extras batch and office are not installed")
    folder = Path(filing("688327")).parent.parent
    status, out, said = seen("screen", "run", str(folder), "--out", "results", "--as-of", "2025-12-31", "--lang", "en", cwd=tmp_path)
    assert (status, out) == (0, ""), said
    told = screen(said).splitlines()
    assert told[1].startswith("written to results: ") and all(line.startswith("  ") for line in told[2:])
    done, items = told[0].split(",")[0].split(" of ")
    assert done == items and int(items) >= 8
    assert said.count("\r") > 2 and words.say("looking", "en") in said
