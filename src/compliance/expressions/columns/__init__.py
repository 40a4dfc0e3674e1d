"""The columns form: many filings at once, over numpy, from the same typed tree and with the same verdicts as the scalar form.

A batch holds every fact as one array over its filings (or over the items of all their lists, with offsets), low and high
ends apart, one array where all filings know the fact exactly, and one number where it is the same in all of them. Whole
numbers are 64 bits wide: beside each array goes what none of its numbers can pass, computed in exact integers before the
array is; a filing in which a number could pass 64 bits is left to the scalar form. What a branch reads is computed, and
bounded, for the rows that may take it.
"""

from __future__ import annotations

from compliance.expressions.columns.deciding import Decided, Measured, asked_of, days, decide, measure
from compliance.expressions.columns.frames import Kept
from compliance.expressions.columns.layout import (
    Column,
    Listing,
    Source,
    Table,
    batch,
    column,
    listing,
    member_column,
    number_column,
    truth_column,
)
from compliance.expressions.columns.months import add_months
from compliance.expressions.columns.numbers import Number
from compliance.expressions.columns.run import Put, Run
from compliance.expressions.columns.scenarios import Cells, Scenarios, joined, part, varied
from compliance.expressions.columns.stated import Fact, Stated, Way, stated
from compliance.expressions.columns.trees import expressible

__all__ = [
    "Cells",
    "Column",
    "Decided",
    "Fact",
    "Kept",
    "Listing",
    "Measured",
    "Number",
    "Put",
    "Run",
    "Scenarios",
    "Source",
    "Stated",
    "Table",
    "Way",
    "add_months",
    "asked_of",
    "batch",
    "column",
    "days",
    "decide",
    "expressible",
    "joined",
    "listing",
    "measure",
    "member_column",
    "number_column",
    "part",
    "stated",
    "truth_column",
    "varied",
]
