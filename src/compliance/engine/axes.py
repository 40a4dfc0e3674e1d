"""A sweep as it is written, ``from:to:step`` or ``a|b|c``, as the values that a fact or a reading takes one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import prod
from typing import Any, NamedTuple

from compliance import dates, quantities
from compliance.facts.answers import READING
from compliance.facts.filing import Filing
from compliance.facts.trial import Setting, field_at, spread
from compliance.facts.values import value_of
from compliance.packs.book import Pack, Reading
from compliance.quantities import Figure
from compliance.source import Problem, SourceError, Unreadable
from compliance.vocabulary import Field, Vocabulary
from compliance.wording import listed

MAX_POINTS = 100_000  # of all axes together
MAX_AXES = 3
_DAYS = re.compile(r"([0-9]{1,6})(天|日|d|个月|月|m)")
_MONTHS = ("个月", "月", "m")
Point = tuple[Any, Any, str]  # the lowest and highest value, and the text that was written


class Axis(NamedTuple):
    """What is swept: a fact (or one of every item), or a reading, and its values in their order."""

    path: str
    paths: tuple[str, ...]
    field: Field | None
    reading: Reading | None
    points: tuple[Point, ...]

    @property
    def whole(self) -> bool:
        """Whether every value is one whole number or day, so that others may lie between two of them."""
        return self.field is not None and is_scale(self.field) and all(low == high for low, high, _ in self.points)


def is_scale(field: Field) -> bool:
    """Whether a field's values lie on a scale: figures and days."""
    return field.numeric or field.type == "date"


def axes(pack: Pack, filing: Filing, sweeps: Sequence[Setting]) -> tuple[Axis, ...]:
    """The axes of a grid. Raises ``SourceError`` with every mistake; the paths have been checked before."""
    problems: list[Problem] = []
    if len(sweeps) > MAX_AXES:
        problems.append(Problem(sweeps[MAX_AXES].place, "sweep-axes", {"limit": MAX_AXES}))
    planned: list[tuple[Setting, Field | None, range | list[str]]] = []
    for sweep in sweeps:
        try:
            planned.append(_planned(filing, sweep))
        except Unreadable as error:
            problems.append(Problem(sweep.place, error.code, error.values))
    size = prod(_length(values) for _, _, values in planned)
    if size > MAX_POINTS:
        longest = max(planned, key=lambda one: _length(one[2]))[0]
        problems.append(Problem(longest.place, "sweep-many", {"limit": f"{MAX_POINTS:,}", "found": f"{size:,}"}))
    made = []
    for sweep, field, values in planned:
        if isinstance(values, range) and problems:
            continue  # it is sound, and may be too long to be written out
        try:
            made.append(_axis(pack, filing, sweep, field, values))
        except Unreadable as error:
            problems.append(Problem(sweep.place, error.code, error.values))
    if problems:
        raise SourceError(problems)
    return tuple(made)


def _length(values: range | list[str]) -> int:
    """How many values there are; ``len`` of a range ends where a machine's number does."""
    return (values.stop - values.start - 1) // values.step + 1 if isinstance(values, range) else len(values)


def _planned(filing: Filing, sweep: Setting) -> tuple[Setting, Field | None, range | list[str]]:
    """A sweep with its field and its values: numbers or days from one to another, or texts. Raises ``Unreadable``."""
    if sweep.path.startswith(READING):
        return sweep, None, sweep.text.split("|")
    field = field_at(filing, spread(filing, sweep.path)[0])
    assert field is not None
    if field.type in ("text", "code", "list", "ref"):
        raise Unreadable("sweep-type", path=sweep.path)
    parts = sweep.text.split(":")
    if "|" in sweep.text or len(parts) == 1 or not is_scale(field):
        return sweep, field, sweep.text.split("|")
    if len(parts) != 3 or not all(parts):
        raise Unreadable("sweep-form", text=sweep.text)
    start, end = (_one(field, filing.words, part) for part in parts[:2])
    if start > end:
        raise Unreadable("range-reversed", text=sweep.text)
    step, months = _step(field, parts[2])
    if step <= 0:
        raise Unreadable("sweep-step", text=parts[2])
    if not months:
        return sweep, field, range(start, end + 1, step)
    count = next(number for number in range(end - start + 2) if dates.add_months(start, step * number) > end)
    return sweep, field, [dates.iso(dates.add_months(start, step * number)) for number in range(count)]


def _one(field: Field, words: Vocabulary, text: str) -> int:
    """An end of a sweep: one exact value. Raises ``Unreadable``."""
    found: Figure = value_of(field._replace(rounded=False), words, text)
    if not found.exact:
        raise Unreadable("sweep-exact", text=text)
    return found.low


def _step(field: Field, text: str) -> tuple[int, bool]:
    """A step at the field's scale, and whether it is one of months. Raises ``Unreadable``."""
    if field.type == "date":
        match = _DAYS.fullmatch(quantities.narrow(text) or "")
        if match is None:
            raise Unreadable("sweep-days", text=text)
        return int(match[1]), match[2] in _MONTHS
    kind: quantities.QuantityKind = field.type  # type: ignore[assignment]
    found = quantities.parse(text, kind, field.scale)
    if not found.exact:
        raise Unreadable("sweep-exact", text=text)
    return found.low, False


def _axis(pack: Pack, filing: Filing, sweep: Setting, field: Field | None, values: range | Iterable[str]) -> Axis:
    """An axis with its values. Raises ``Unreadable``."""
    if field is None:
        reading = pack.readings[sweep.path.removeprefix(READING)]
        options = []
        for text in values:
            if text not in reading.options:
                raise Unreadable("choice-bad", text=text, expected=listed(reading.options))
            options.append((reading.bit(str(text)), reading.bit(str(text)), str(text)))
        return Axis(sweep.path, (sweep.path,), None, reading, tuple(options))
    paths = spread(filing, sweep.path)
    if isinstance(values, range):
        return Axis(sweep.path, paths, field, None, tuple((value, value, "") for value in values))
    points = []
    for text in values:
        found: Figure = value_of(field, filing.words, text)
        points.append((found.low, found.high, text))
    return Axis(sweep.path, paths, field, None, tuple(points))
