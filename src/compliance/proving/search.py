"""Look for facts on which a mutant and the pack differ, where no test tells them apart: trial and error from the inline tests.

The trials are drawn from a seeded sequence, so the same pack gives the same tests. Nothing found is no proof that there is
nothing to find.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from compliance import dates
from compliance.engine.machine import Machine
from compliance.engine.subject import Subject
from compliance.facts.answers import READING
from compliance.packs.book import AS_OF, Pack, Rule
from compliance.proving.boundaries import Made, last_as
from compliance.proving.probes import NOTHING, WORDS, Cell, Name, Puts, Situation, along, code_with, field_of, written
from compliance.quantities import MAX_FIGURE

TRIALS = 400
_FEW = (1, 1, 2, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Pool:
    """A situation with the cells that its rule reads, and the values each is tried with."""

    situation: Situation
    cells: tuple[Cell, ...]
    values: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Trial:
    """Values put into the cells of a situation, and the code that the rule gives."""

    pool: Pool
    chosen: tuple[tuple[Cell, int], ...]
    code: int

    def puts(self) -> Puts:
        """What to put."""
        return _puts(self.chosen)


def pools(rule: Rule, found: Iterable[Situation]) -> list[Pool]:
    """What there is to try for a rule."""
    return [_pool(rule, situation) for situation in found]


def trials(rule: Rule, tried: Sequence[Pool], field: Name | None) -> Iterator[Trial]:
    """The trials of a rule; with ``field`` those among whose cells there is always one of that field."""
    rng = random.Random(f"{rule.id} {field}")
    within = [pool for pool in tried if field is None or any(field_of(cell) == field for cell in pool.cells)]
    for trial in range(TRIALS if within else 0):
        pool = rng.choice(within)
        chosen = _drawn(rng, pool, field)
        for now in _turned(rng, pool, rule, chosen, field) if trial % 4 == 3 else [chosen]:
            held = tuple(now.values())
            yield Trial(pool, held, code_with(pool.situation.made, rule, _puts(held)))


def find(machine: Machine, rule: Rule, changed: Rule, tried: Iterable[Trial]) -> Made | None:
    """A made test that tells a mutant (``machine`` and its ``changed`` rule) from the pack; None where none turned up."""
    others: dict[int, Subject] = {}
    for trial in tried:
        situation = trial.pool.situation
        other = others.get(situation.number)
        if other is None:
            other = others[situation.number] = situation.under(machine)
        if code_with(other, changed, trial.puts()) != trial.code:
            return _made(trial, rule, changed, other)
    return None


def _puts(chosen: Iterable[tuple[Cell, int]]) -> Puts:
    puts = NOTHING
    for cell, value in chosen:
        puts = puts.with_(cell, value)
    return puts


def _drawn(rng: random.Random, pool: Pool, field: Name | None) -> dict[str, tuple[Cell, int]]:
    about = [cell for cell in pool.cells if field is not None and field_of(cell) == field]
    cells = rng.sample(pool.cells, min(rng.choice(_FEW), len(pool.cells)))
    if about and not any(cell in about for cell in cells):
        cells.append(rng.choice(about))
    return {cell.path: (cell, rng.choice(pool.values[cell.path])) for cell in cells}


def _turned(
    rng: random.Random, pool: Pool, rule: Rule, chosen: Mapping[str, tuple[Cell, int]], field: Name | None
) -> Iterator[dict[str, tuple[Cell, int]]]:
    """What was drawn, with one figure or day moved to where the verdict turns: one of the field, if it is about one."""
    figures = [cell for cell in pool.cells if cell.field is not None and cell.field.type not in ("kind", "flag")]
    figures = [cell for cell in figures if field_of(cell) == field] or figures
    if not figures:
        return
    cell = rng.choice(figures)
    assert cell.field is not None
    values = pool.values[cell.path]
    ends = [rng.choice(values), rng.choice(values)]
    if cell.field.type != "date":
        ends += [cell.field.least or 0, cell.field.most or MAX_FIGURE]
    besides = _puts(part for path, part in chosen.items() if path != cell.path)
    code = along(pool.situation.made, rule, besides, cell)
    left, right = min(ends), max(ends)
    if left < right and code(left) != code(right):
        turn = last_as(code, left, right)
        for value in (turn, turn + 1):
            yield {**chosen, cell.path: (cell, value)}


def _made(trial: Trial, rule: Rule, changed: Rule, other: Subject) -> Made:
    """The test, with nothing put that it does without."""
    made, kept = trial.pool.situation.made, list(trial.chosen)
    for part in trial.chosen:
        fewer = [one for one in kept if one is not part]
        if fewer and code_with(made, rule, _puts(fewer)) != code_with(other, changed, _puts(fewer)):
            kept = fewer
    code = code_with(made, rule, _puts(kept))
    named = [(cell.path, written(made, cell, value)) for cell, value in kept]
    vary, value = named.pop()
    return Made(rule.id, trial.pool.situation.name["en"], tuple(named), vary, ((value, WORDS[code]),))


def _pool(rule: Rule, situation: Situation) -> Pool:
    made = situation.made
    pack, filing = made.machine.pack, made.filing
    names = made.machine.fields(rule) | {_name(pack, day) for day in (*rule.law, *rule.held_on) if day != AS_OF}
    cells: list[Cell] = []
    for entity, row in filing.items.values():
        for form in pack.vocabulary.entity(entity).fields.values():
            if (entity, form.name) in names and form.type not in ("text", "code", "list", "ref"):
                cells.append(Cell(filing.path_of(row, form.slot), row, form.slot, form))
    for reading in pack.readings.values():
        if ("reading", reading.id) in names:
            cells.append(Cell(f"{READING}{reading.id}", made.row, reading.slot, None))
    by_field = {field_of(cell): cell for cell in cells}
    found = {name: tuple(_values(made, rule, cell, cells)) for name, cell in by_field.items()}
    return Pool(situation, tuple(cells), {cell.path: found[field_of(cell)] for cell in cells})


def _name(pack: Pack, day: str) -> Name:
    """The field of the filing that a day of the pack is."""
    form = pack.vocabulary.root.fields[pack.days[day]]
    return form.entity, form.name


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
