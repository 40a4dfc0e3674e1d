"""Do the printed totals agree with their parts? A difference that rounding explains is a tail, a larger one a mismatch.

Each part is printed to some last digit, and so is the total: n parts can be out by n halves of that digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from compliance.facts.filing import Evidence, Fact, Row, Tie, split
from compliance.quantities import COUNTED, MULTIPLES, Figure, QuantityKind
from compliance.quantities import parse as parse_figure
from compliance.source import Unreadable
from compliance.vocabulary import SCALES, Vocabulary

if TYPE_CHECKING:
    from compliance.facts.models import TableForm

_ENDINGS: tuple[tuple[QuantityKind, str], ...] = (("price", "元/股"), ("money", "元"), ("shares", "股"))
_OTHER_SCALE = 4  # decimals that a figure of an unknown unit may have
_NOTHING = ("", "-", "/", "—", "不适用")  # how a table prints that there is no figure


def list_ties(words: Vocabulary, facts: Mapping[str, Fact], items: Iterable[str], row: Row) -> Iterator[Tie]:
    """The lists whose field should add up to a fact (``totals`` in the vocabulary), where both are exact."""
    outer = [path for path in items if split(path)[0] == ""]
    for name in words.lists:
        field = words.root.fields[name]
        if not field.totals:
            continue
        paths = [path for path in outer if path.startswith(f"{name}[")]
        for part, total in field.totals.items():
            stated = facts.get(total)
            found = [facts.get(f"{path}.{part}") for path in paths]
            figures = [fact.value for fact in found if fact is not None and fact.value is not None]
            if stated is None or stated.value is None or row[field.slot + 1] or len(figures) != len(paths):
                continue
            if figures and stated.value.exact and all(figure.exact for figure in figures):
                measure = stated.field.scale, stated.field.type, ""
                yield _tie(f"{name}.{part}", total, figures, stated.value, measure, stated.evidence)


def table_ties(table: TableForm, evidence: Evidence | None) -> Iterator[Tie]:
    """Each column of a printed table that has a total. Raises ``Unreadable``."""
    kind, scale, _ = _measure(table.unit)
    measure = scale, kind, table.unit if kind == "count" else ""
    for index, column in enumerate(table.columns):
        stated = figure_of(table.total[index], table.unit)
        figures = [figure_of(row.values[index], table.unit) for row in table.rows]
        if stated is not None:
            yield _tie(table.title, column, [part for part in figures if part is not None], stated, measure, evidence)


def figure_of(text: str, unit: str) -> Figure | None:
    """A printed figure in its table's unit, None where the table prints that there is none. Raises ``Unreadable``."""
    if text.strip() in _NOTHING:
        return None
    kind, scale, suffix = _measure(unit)
    figure = parse_figure(text + suffix, kind, scale)
    if not figure.exact:
        raise Unreadable("literal-unreadable", text=text)
    return figure


def _measure(unit: str) -> tuple[QuantityKind, int, str]:
    """The kind and scale of a table's figures, and the unit to read them with. A unit may be one we do not know."""
    if unit == "%":
        return "ratio", SCALES["ratio"], unit
    for kind, ending in _ENDINGS:
        if unit.endswith(ending) and unit.removesuffix(ending) in MULTIPLES:
            return kind, SCALES[kind], unit
    return "count", 0 if unit in COUNTED else _OTHER_SCALE, ""


def _tie(name: str, column: str, figures: list[Figure], stated: Figure, measure: tuple[int, str, str], evidence: Evidence | None) -> Tie:
    """Parts and total, at the scale, of the kind and in the printed unit that ``measure`` gives."""
    step = max(figure.step for figure in (*figures, stated))
    computed = sum(figure.low for figure in figures)
    # What cannot be divided further (a fen, a share, a person) was not rounded.
    tolerance = (len(figures) + 1) * step // 2 if step > 1 else 0
    return Tie(name, column, computed, stated.low, tolerance, *measure, evidence)
