"""The verdicts of a run as grids, issuer by rule: one for each scenario and day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from compliance.engine.verdict import GRAVEST
from compliance.screen.stretches import stretches

if TYPE_CHECKING:
    from pyarrow import RecordBatch

ABSENT = len(GRAVEST)  # the place of what is not in force


class Grid(NamedTuple):
    """The issuers of a scenario on a day: code, name and verdict as a whole of each, and a byte for each rule.

    Verdicts are places in ``GRAVEST``; ``ABSENT`` is that of a rule that is not in force.
    """

    scenario: str
    as_of: str
    issuers: Sequence[str]
    names: Sequence[str]
    verdicts: Sequence[int]
    cells: Sequence[bytes]


def grids(out: Path, groups: Iterable[tuple[str, str]], rules: Sequence[str], listed: Sequence[str], most: int) -> list[Grid]:
    """The grids of some scenarios and days, of the rules that are ``listed``, of each the first ``most`` issuers."""
    import numpy as np
    import pyarrow as pa

    held: dict[tuple[str, str], list[RecordBatch]] = {group: [] for group in groups}
    for cases in stretches(out / "issuers.parquet", ("issuer", "name", "verdict")):
        parts = held.get((cases.scenario, cases.as_of))
        if parts is not None and (left := most - sum(part.num_rows for part in parts)) > 0:
            parts.append(cases.rows.slice(0, left))
    tables = {group: pa.Table.from_batches(parts) for group, parts in held.items() if parts}
    items = {group: table["item"].to_numpy() for group, table in tables.items()}
    cells = {group: np.full((len(numbers), len(rules)), ABSENT, dtype=np.uint8) for group, numbers in items.items()}
    for found in stretches(out / "findings.parquet", ("rule", "verdict")):
        group = found.scenario, found.as_of
        if group in items:
            places = np.searchsorted(items[group], found.items)[found.case()]
            within = places < len(items[group])
            cells[group][places[within], found.places("rule", rules)[within]] = found.places("verdict", GRAVEST)[within]
    columns = [rules.index(rule) for rule in listed]
    return [
        Grid(
            *group,
            table["issuer"].to_pylist(),
            table["name"].to_pylist(),
            [GRAVEST.index(word) for word in table["verdict"].to_pylist()],
            [row.tobytes() for row in cells[group][:, columns]],
        )
        for group, table in tables.items()
    ]
