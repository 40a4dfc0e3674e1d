"""The columns form gives the verdicts of the scalar form, on every filing that it says fits."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

import strategies as made
from compliance.expressions import columns
from compliance.expressions.emit import Formula, compile_rule
from test_expressions import formulas

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
