"""The rule book and the cases as the tests check them: loaded once, their records made once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from command import CASES, ROOT, filing
from compliance.cli.inputs import Case, load_case
from compliance.engine.machine import Machine
from compliance.packs.book import Pack
from compliance.packs.loading import load


@cache
def book() -> Pack:
    """The rule book that comes along, with the tests of its rules."""
    return load(ROOT / "rules" / "cn-refinancing")


@cache
def machine() -> Machine:
    """Its rules made ready. What it remembers is shared, and changes no answer."""
    return Machine(book())


@cache
def case(code: str) -> Case:
    """A case on its day, or on the last of 2025 where it has none of its own here."""
    return load_case(Path(filing(code)), CASES.get(code, "2025-12-31"))


@cache
def record(code: str) -> dict[str, Any]:
    """The record of a case. It is shared: a test must not change it."""
    return case(code).record()
