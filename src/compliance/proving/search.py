"""Look for facts on which a mutant and the pack differ, where no test tells them apart: trial and error from the inline tests.

The trials are drawn from a seeded sequence, so the same pack gives the same tests. Nothing found is no proof that there is
nothing to find.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from compliance import dates
from compliance.engine.decide import Machine, Subject
from compliance.packs.book import Rule
from compliance.proving.boundaries import Made, last_as
from compliance.proving.probes import READING, WORDS, Cell, Situation, decided, written
from compliance.quantities import MAX_FIGURE

TRIALS = 600
_FEW = (1, 1, 2, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class _Pool:
    """A situation with the cells that its rule reads, and the values each is tried with."""

    situation: Situation
    cells: tuple[Cell, ...]
    values: Mapping[str, tuple[int, ...]]


def pools(rule: Rule, found: Sequence[Situation]) -> list[_Pool]:
    """What there is to try for a rule."""
    return [_pool(rule, situation) for situation in found]


def find(machine: Machine, rule: Rule, tried: Sequence[_Pool], changed: Rule, field: tuple[str, str] | None) -> Made | None:
    """A made test that tells a mutant (``machine`` and its ``changed`` rule) from the pack; None where none turned up.

    ``field`` is the entity and field that the mutant is about, if it is about one: it is then always among what is put.
    """
    rng = random.Random(rule.id)
    for trial in range(TRIALS if tried else 0):
        pool = rng.choice(tried)
        puts = _drawn(rng, pool, field)
        made = pool.situation.made
        other = pool.situation.under(machine)
        moved = _turned(rng, pool, rule, puts) if trial % 4 == 3 else [puts]
        for now in moved:
            code, changed_code = decided(made, rule, now), decided(other, changed, now)
            if code is not None and code != changed_code:
                return _made(pool, rule, changed, other, now)
    return None


def _drawn(rng: random.Random, pool: _Pool, field: tuple[str, str] | None) -> dict[str, int]:
    about = [cell for cell in pool.cells if field is not None and _field_of(cell) == field]
    cells = rng.sample(pool.cells, min(rng.choice(_FEW), len(pool.cells)))
    if about and not any(cell in about for cell in cells):
        cells.append(rng.choice(about))
    return {cell.path: rng.choice(pool.values[cell.path]) for cell in cells}


def _turned(rng: random.Random, pool: _Pool, rule: Rule, puts: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """What was drawn, with one figure or day moved to where the verdict turns."""
    figures = [cell for cell in pool.cells if cell.field is not None and cell.field.type not in ("kind", "flag")]
    if not figures:
        return
    cell = rng.choice(figures)
    assert cell.field is not None
    values = pool.values[cell.path]
    ends = [rng.choice(values), rng.choice(values)]
    if cell.field.type != "date":
        ends += [cell.field.least or 0, cell.field.most or MAX_FIGURE]

    def code(value: int) -> int:
        found = decided(pool.situation.made, rule, {**puts, cell.path: value})
        assert found is not None
        return found

    left, right = min(ends), max(ends)
    if left < right and code(left) != code(right):
        turn = last_as(code, left, right)
        for value in (turn, turn + 1):
            yield {**puts, cell.path: value}


def _made(pool: _Pool, rule: Rule, changed: Rule, other: Subject, puts: Mapping[str, int]) -> Made:
    """The test, with nothing put that it does without."""
    made, kept = pool.situation.made, dict(puts)
    for path in puts:
        fewer = {name: value for name, value in kept.items() if name != path}
        if fewer and decided(made, rule, fewer) != decided(other, changed, fewer):
            kept = fewer
    code = decided(made, rule, kept)
    assert code is not None
    cells = {cell.path: cell for cell in pool.cells}
    named = [(path, written(made, cells[path], value)) for path, value in kept.items()]
    vary, value = named.pop()
    return Made(rule.id, pool.situation.name["en"], tuple(named), vary, ((value, WORDS[code]),))


def _pool(rule: Rule, situation: Situation) -> _Pool:
    made = situation.made
    words, filing = made.machine.pack.vocabulary, made.filing
    names = made.machine.fields(rule)
    cells: list[Cell] = []
    for entity, row in filing.items.values():
        for form in words.entity(entity).fields.values():
            if (entity, form.name) in names and form.type not in ("text", "code", "list", "ref"):
                cells.append(Cell(filing.path_of(row, form.slot), row, form.slot, form))
    for reading in made.machine.pack.readings.values():
        if ("reading", reading.id) in names:
            cells.append(Cell(f"{READING}{reading.id}", made.row, reading.slot, None))
    return _Pool(situation, tuple(cells), {cell.path: tuple(_values(made, rule, cell, cells)) for cell in cells})


def _values(made: Subject, rule: Rule, cell: Cell, cells: Sequence[Cell]) -> list[int]:
    """The values that a cell is tried with: every member; the figures and days that stand elsewhere, and those beside them."""
    pack = made.machine.pack
    if cell.field is None:
        return [1 << index for index in range(len(pack.readings[cell.path.removeprefix(READING)].options))]
    if cell.field.type == "kind":
        return [1 << index for index in range(len(pack.vocabulary.kinds[cell.field.of]))]
    if cell.field.type == "flag":
        return [0, 1]
    like = [other for other in cells if other.field is not None and other.field.type == cell.field.type]
    known = {other.row[other.slot] for other in like if other.row[other.slot] == other.row[other.slot + 1]}
    limits = [(pack.parameters[name], value.value) for name in rule.parameters() for value in pack.parameters[name].values]
    if cell.field.type == "date":
        known |= {day for day in made.machine.pack.boundaries(rule) if dates.FIRST_DAY < day < dates.LAST_DAY}
        known |= {made.as_of}
        months = [value for parameter, value in limits if parameter.quantity == "count"]
        known |= {dates.add_months(day, by * count) for day in list(known) for count in months for by in (1, -1) if count < 1200}
    else:
        known |= {
            value for parameter, value in limits if parameter.quantity == cell.field.type and parameter.type.scale == cell.field.scale
        }
        known |= {0, 10**cell.field.scale}
    found = {value + by for value in known for by in (-1, 0, 1)}
    least, most = cell.field.least, cell.field.most
    return sorted(value for value in found if (least is None or value >= least) and (most is None or value <= most)) or [0]


def _field_of(cell: Cell) -> tuple[str, str]:
    if cell.field is None:
        return "reading", cell.path.removeprefix(READING)
    return cell.field.entity, cell.field.name
