"""The columns form gives the verdicts of the scalar form, on every filing that it says fits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import strategies as made
from hypothesis import assume, given
from hypothesis import strategies as st
from test_expressions import filing, formulas

from compliance import dates
from compliance.expressions import columns
from compliance.expressions.emit import FAIL, OPEN, PASS, Clause, Formula, compile_rule
from compliance.packs.loading import load

Row = list[Any]


def agree(formula: Formula, rows: list[Row], parameters: tuple[int, ...], on: tuple[int, int], slots: Any = made.SLOTS) -> int:
    """Hold both forms against each other; gives how many filings fit."""
    found = columns.decide(formula, slots, columns.batch(rows), parameters, on)
    decide = compile_rule(formula, slots, exact=False, measures=False)
    for row, verdict, fits in zip(rows, found.verdicts, found.fits, strict=True):
        assert not fits or verdict == decide(row, parameters, *on)
    return int(found.fits.sum())


@given(st.sampled_from([made.LOOSE_WORDS, made.WORDS]).flatmap(formulas), made.parameters(), st.data(), st.booleans())
def test_columns_equal_the_scalar_form(formula: Formula, parameters: dict[str, int], data: st.DataObject, exact: bool) -> None:
    assume(columns.expressible(formula) is None)
    rows = data.draw(st.lists(made.filings(exact=exact), min_size=1, max_size=4))
    agree(formula, rows, tuple(parameters.values()), data.draw(made.days(exact)))
