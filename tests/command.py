"""Runs the command line as users do, in a process of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from compliance.cli import run as program

ROOT = Path(__file__).resolve().parent.parent
CASES = {"300766": "2025-12-31", "688327": "2024-04-07"}
TIME_LIMIT = 120  # seconds after which a command that hangs fails its test


def filing(code: str) -> str:
    """The path of a case's filing."""
    return str(ROOT / "cases" / code / "filing.yaml")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command: this checkout first, no colour, no language of the caller's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), **(extra or {})}


def arguments(*given: str, python: str = sys.executable) -> list[str]:
    """The command line that runs the program."""
    return [python, "-m", "compliance", *given]


def run(*given: str, cwd: Path | None = None, env: Mapping[str, str] | None = None, python: str = sys.executable) -> Result:
    """Run the program to its end."""
    done = subprocess.run(
        arguments(*given, python=python), cwd=cwd or ROOT, env=environment(env), capture_output=True, timeout=TIME_LIMIT, check=False
    )
    return Result(done.returncode, done.stdout, done.stderr)


def within(*given: str) -> Result:
    """Run the program to its end within this process: for what does not hang on a process of its own, which takes long to start."""
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2)]
    with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        status = program(list(given))
        for stream in streams:
            stream.flush()
    out, err = (stream.buffer.getvalue() for stream in streams)  # type: ignore[attr-defined]
    return Result(status, out, err)


def told(*given: str) -> tuple[str, str]:
    """What a command says of a mistake, in Chinese and in English: it ends with status 2 and puts nothing out."""
    said = []
    for lang in ("zh", "en"):
        done = within(*given, "--lang", lang)
        assert (done.status, done.out) == (2, ""), done.err
        said.append(done.err)
    return said[0], said[1]


class Result:
    """How a command ended, and what it said."""

    def __init__(self, status: int, out: bytes, err: bytes) -> None:
        self.status = status
        self.bytes = out
        self.out = out.decode("utf-8")
        self.err = err.decode("utf-8")
