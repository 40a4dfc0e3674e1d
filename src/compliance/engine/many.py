"""Decide a rule on many filings at once, or on one filing in many scenarios, with the verdicts of ``decide`` and ``measure``.

A ``Batch`` holds its filings as columns. Three ways lead to one:

- ``of_filings``: filings that have been read, each as a ``Subject``;
- ``of_table``: columns that stand ready, as out of a Parquet file;
- ``of_scenarios``: one filing of which some cells are replaced by arrays. Lists that no scenario touches stay single, and
  what is computed from untouched facts alone (a sum over a list, a day some months on) is computed once for all.

A rule is then decided for the whole batch::

    batch = many.of_scenarios(made, {"offering.new_shares": (shares, shares), "uses[p1].proceeds": (low, high)})
    found = many.measure(batch, machine.pack.rule("issue-size"))
    found.codes          # int8, one for each scenario: the codes of ``engine.decide``, SPLIT and ABSENT among them
    found.scalar         # bool: the scenarios that took the scalar form, since 64 bits could not hold them
    found.sides[0]       # of the base clause: left, right and difference, each with its low and high ends

What the columns form cannot hold goes to the scalar form one by one, and is counted; the answers are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from compliance.engine.decide import Machine, Subject
from compliance.packs.book import Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from compliance.expressions.columns import Table

    Array = NDArray[Any]


@dataclass(slots=True)
class Batch:
    """Filings (or scenarios of one) that rules are decided on together. ``as_of`` is one day number, or one for each."""

    machine: Machine
    size: int
    as_of: Any


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The code of ``engine.decide`` for each filing of a batch, and which of them took the scalar form."""

    codes: Array
    scalar: Array


@dataclass(frozen=True, slots=True)
class Ends:
    """One number for each filing, as a range: whole numbers times ``10**power`` at the scale of the compared side.

    ``below``/``above`` mark the filings without a lowest or highest end; ``low`` and ``high`` say nothing there. Filings in
    ``Measured.other`` are not in here.
    """

    low: Array
    high: Array
    power: int
    below: Array
    above: Array

    def at(self, index: int) -> tuple[int | None, int | None]:
        """The ends for one filing, None for one that is not there."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Sides:
    """A comparison as evaluated for each filing: see ``engine.decide.Sides``."""

    left: Ends
    right: Ends
    difference: Ends


@dataclass(frozen=True, slots=True)
class Measured:
    """Verdicts with the clauses that may be in force (as bits) and, for each clause that is a comparison, its sides.

    ``other`` holds, by their place in the batch, the full decisions of those that took the scalar form.
    """

    codes: Array
    scalar: Array
    clauses: Array
    sides: tuple[Sides | None, ...]
    other: Mapping[int, Any]


def supported(rule: Rule) -> str | None:
    """Why a rule cannot take the columns form at all, or None if it can."""
    raise NotImplementedError


def of_filings(made: Sequence[Subject]) -> Batch:
    """Many filings, each as the engine sees it on its day. They share one machine."""
    raise NotImplementedError


def of_table(machine: Machine, table: Table, as_of: Any, subject: Callable[[int], Subject]) -> Batch:
    """Columns that stand ready; ``subject`` makes the filing at a place, for the scalar form alone."""
    raise NotImplementedError


def of_scenarios(made: Subject, cells: Mapping[str, tuple[Sequence[int], Sequence[int]]], as_of: Any = None) -> Batch:
    """One filing in many scenarios: ``cells`` gives, by path, the low and high cells of each scenario.

    Of a flag 0 or 1, of a kind the bit (0 where it is not known) and the possible bits, as rows hold them. ``as_of``
    replaces the filing's day by one for each scenario. Raises ``KeyError`` for a path that leads to no cell and
    ``ValueError`` where the arrays differ in length.
    """
    raise NotImplementedError


def decide(batch: Batch, rule: Rule) -> Verdicts:
    """The verdict of a rule on each filing, as ``engine.decide.decide`` gives it."""
    raise NotImplementedError


def measure(batch: Batch, rule: Rule) -> Measured:
    """The verdict of a rule on each filing with its measures, as ``engine.decide.measure`` gives them."""
    raise NotImplementedError
