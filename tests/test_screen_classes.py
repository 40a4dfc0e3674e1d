"""Filings that are alike in what a rule hangs on: which are of one class."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from checked import book, machine

pytest.importorskip("numpy", reason="the extra batch is not installed")
pa = pytest.importorskip("pyarrow", reason="the extra batch is not installed")

import numpy as np  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

from compliance import dates  # noqa: E402
from compliance.screen import cases, inputs, parts, states  # noqa: E402
from compliance.screen.scenarios import AS_FILED  # noqa: E402
from compliance.screen.states import Codes  # noqa: E402
from compliance.shipped import folder  # noqa: E402

BOOK = folder("rules") / "cn-refinancing"
DAY = dates.parse("2025-12-31").low
SANCTION = {"id": "s1", "person": "p1", "decided": date(2025, 3, 1), "kind": "csrc_penalty"}


def held(path: Path) -> cases.Cases:
    """The filings of a file of columns, as cases on a day."""
    pack = book()
    given = inputs.look(path, 100_000, pack)
    task = parts.Task(str(BOOK), pack.sha256, (), (DAY,), (AS_FILED,), False)
    errors: list[dict[str, Any]] = []
    (found,) = cases.cases_of(task, machine(), given, given.chunks[0], Counter(), errors)
    assert not errors
    return found


FACTS: dict[str, Any] = {
    "issuer.name": "甲", "issuer.code": "600001", "issuer.board": "main_sh", "offering.route": "auction",
    "offering.board_date": date(2024, 3, 1), "offering.new_shares": 10, "offering.shares_before": 100,
    "people": [{"name": "p1"}, {"name": "p2"}], "sanctions": [SANCTION, {**SANCTION, "id": "s2"}], "sanctions.complete": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "change", "same"),
    [
        ("issue-size", {"issuer.name": "乙", "issuer.code": "600002"}, True),
        ("issue-size", {"offering.board_date": date(2024, 4, 1)}, True),
        ("issue-size", {"offering.board_date": date(2022, 4, 1)}, False),
        ("issue-size", {"offering.board_date": None}, False),
        ("issue-size", {"offering.new_shares": 11}, False),
        ("issue-size", {"sanctions": []}, True),
        ("directors-officers-sanctions", {"offering.new_shares": 11}, True),
        ("directors-officers-sanctions", {"sanctions": FACTS["sanctions"][:1]}, False),
        ("directors-officers-sanctions", {"sanctions": [SANCTION, {**SANCTION, "id": "s2", "person": "p2"}]}, False),
        ("directors-officers-sanctions", {"sanctions": [SANCTION, {**SANCTION, "id": "s2", "person": None}]}, False),
        ("directors-officers-sanctions", {"sanctions": [SANCTION, {**SANCTION, "id": "s2", "decided": date(2025, 3, 2)}]}, False),
        ("directors-officers-sanctions", {"sanctions.complete": False}, False),
    ],
)
def test_which_filings_are_of_one_class(rule: str, change: dict[str, Any], same: bool, tmp_path: Path) -> None:
    schema = pa.Table.from_pylist([FACTS]).schema
    pq.write_table(pa.Table.from_pylist([FACTS, {**FACTS, **change}, FACTS], schema=schema), tmp_path / "m.parquet")
    found = held(tmp_path / "m.parquet")
    assert found.classes is not None and found.batch is not None
    division = found.classes.of(found.batch.machine.pack.rule(rule))
    assert division.first[division.of].tolist() == [0, 0 if same else 1, 0]


def test_states_are_told_apart_however_many_there_are() -> None:
    values = np.arange(4)
    wide = Codes(values * (states.WIDE // 8), states.WIDE)  # few states with numbers far apart
    found = states.joined([wide, None, Codes(values % 2, 2), wide, Codes(np.zeros(4, dtype=np.int64), 1)])
    assert found is not None and found.width < states.WIDE
    division = states.divided(found)
    assert sorted(division.first.tolist()) == [0, 1, 2, 3] and division.first[division.of].tolist() == [0, 1, 2, 3]
    none = states.divided(Codes(values[:0], 5))
    assert not len(none.first) and not len(none.of)


def test_lists_are_told_apart_by_their_items_in_their_order() -> None:
    lists = [[], [1, 2], [2, 1], [1, 2], [1], [1, 2, 2]]
    codes = Codes(np.array([item for listed in lists for item in listed]), 3)
    division = states.divided(states.sequences(codes, np.array([*map(len, lists)])))
    assert division.first[division.of].tolist() == [0, 1, 2, 1, 4, 5]
