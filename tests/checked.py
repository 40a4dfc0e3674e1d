"""The cases as the tests check them: loaded once, their records made once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from command import CASES, filing
from compliance.cli.inputs import Case, load_case


@cache
def case(code: str) -> Case:
    """A case on its day."""
    return load_case(Path(filing(code)), CASES[code])


@cache
def record(code: str) -> dict[str, Any]:
    """The record of a case. It is shared: a test must not change it."""
    return case(code).record()
