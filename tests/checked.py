"""The rule book and the cases as the tests check them: loaded once, their records made once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from command import CASES, ROOT, filing
from compliance import dates
from compliance.cli.inputs import Case, load_filing
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
def case(code: str, as_of: str = "", route: str | None = None) -> Case:
    """A case on a day: its own, or the last of 2025 where it has none of its own here; on another route than its own if one is named."""
    found = load_filing(Path(filing(code)), book(), route=route)
    return Case(machine(), found, dates.parse(as_of or CASES.get(code, "2025-12-31")).low)


@cache
def beside(code: str) -> dict[str, dict[str, Any]]:
    """The routes and the timeline of a case. They are shared: a test must not change them."""
    return case(code).beside()


@cache
def record(code: str) -> dict[str, Any]:
    """The record of a case. It is shared: a test must not change it."""
    return case(code).record()
