"""Do the printed totals agree with their parts? A difference that rounding explains is a tail, a larger one a mismatch.

Each part is printed to some last digit, and so is the total: n parts can be out by n halves of that digit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from compliance.facts.filing import Evidence, Fact, Row, Tie
from compliance.quantities import Figure
from compliance.quantities import parse as parse_figure
from compliance.source import Unreadable
from compliance.vocabulary import Vocabulary

if TYPE_CHECKING:
    from compliance.facts.models import TableForm

_MONEY = ("元", "千元", "万元", "百万元", "亿元")


def list_ties(
    words: Vocabulary, facts: Mapping[str, Fact], items: Mapping[str, tuple[str, Row]], row: Row, places: Mapping[str, Evidence]
) -> Iterator[Tie]:
    """The lists whose field should add up to a fact (``totals`` in the vocabulary), where both are exact."""
    for name in words.lists:
        field = words.root.fields[name]
        for part, total in (field.totals or {}).items():
            stated = facts.get(total)
            prefix = f"{name}["
            figures = [
                fact.value
                for path, fact in facts.items()
                if path.startswith(prefix) and path.endswith(f"].{part}") and path.count("[") == 1 and fact.value is not None
            ]
            if stated is None or stated.value is None or not figures or row[field.slot + 1]:
                continue
            if stated.value.exact and all(figure.exact for figure in figures):
                yield _tie(f"{name}.{part}", total, figures, stated.value, stated.field.scale, stated.evidence)


def table_ties(table: TableForm, evidence: Evidence | None) -> Iterator[Tie]:
    """Each column of a printed table. Raises ``Unreadable``."""
    money = table.unit in _MONEY
    kind, scale = ("money", 2) if money else ("ratio", 8) if table.unit == "%" else ("shares", 0) if table.unit == "股" else ("count", 0)
    unit = table.unit if kind != "count" else ""
    for index, column in enumerate(table.columns):
        printed = [row.values[index] for row in table.rows]
        texts = [*printed, table.total[index]]
        if any(text in ("", "-", "/") for text in texts[-1:]):
            continue
        figures = [_figure(text, unit, kind, scale) for text in texts if text not in ("", "-", "/")]
        yield _tie(table.title, column, figures[:-1], figures[-1], scale, evidence)


def _figure(text: str, unit: str, kind: Any, scale: int) -> Figure:
    figure = parse_figure(text + unit, kind, scale)
    if not figure.exact:
        raise Unreadable("literal-unreadable", text=text)
    return figure


def _tie(name: str, column: str, figures: list[Figure], stated: Figure, scale: int, evidence: Evidence | None) -> Tie:
    step = max(figure.step for figure in (*figures, stated))
    computed = sum(figure.low for figure in figures)
    tolerance = (len(figures) * step + step) // 2
    return Tie(name, column, computed, stated.low, tolerance, scale, evidence)
