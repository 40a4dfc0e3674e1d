"""Inline tests as situations that can be decided again and again: each filing is built once, then its facts are put."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from compliance import dates
from compliance.engine.decide import ABSENT, SPLIT, VERDICTS, decide
from compliance.engine.machine import Machine
from compliance.engine.subject import Put, Subject, subject
from compliance.facts.answers import READING
from compliance.facts.filing import Row
from compliance.packs.book import AS_OF, Rule
from compliance.proving.inline import TODAY, filing_of
from compliance.quantities import decimal
from compliance.source import SourceError
from compliance.vocabulary import Field, Text

WORDS: Mapping[int, str] = {**VERDICTS, ABSENT: "not_in_force", SPLIT: "split"}
Name = tuple[str, str]  # an entity and its field; a reading stands under ``reading``


@dataclass(frozen=True, slots=True)
class Situation:
    """One inline test ready to be decided: the rule it stands beside, its name, the test itself, and its filing on its day."""

    rule: str
    number: int
    name: Text
    test: Mapping[str, Any]
    made: Subject

    def code(self, machine: Machine, rule: Rule) -> int:
        """What another machine's rule gives on the same facts."""
        return decide(self.under(machine), rule)

    def under(self, machine: Machine) -> Subject:
        """The same facts before another machine: they are shared, so what is put in one stands in the other."""
        return replace(self.made, machine=machine)


def situations(machine: Machine, rule: Rule, names: Container[str] | None = None) -> list[Situation]:
    """The inline tests of a rule whose facts load, all of them or those of certain English names."""
    found = []
    for number, test in enumerate(rule.tests, 1):
        if names is not None and test["name"]["en"] not in names:
            continue
        try:
            filing = filing_of(machine.pack, test["facts"], test.get("answers") or {})
        except SourceError:
            continue  # the inline tests themselves report it
        as_of = dates.parse(test.get("as_of") or TODAY).low
        found.append(Situation(rule.id, number, test["name"], test, subject(machine, filing, as_of)))
    return found


@dataclass(frozen=True, slots=True)
class Cell:
    """A fact, a reading or the day of the check, as something that can be put. ``field`` is None for the last two."""

    path: str
    row: Row
    slot: int
    field: Field | None

    def put(self, value: int) -> Put:
        """What to put so that it has a value."""
        return self.row, self.slot, value, value


def field_of(cell: Cell) -> Name:
    """The field that a cell is one of."""
    return (cell.field.entity, cell.field.name) if cell.field is not None else ("reading", cell.path.removeprefix(READING))


def cell_of(made: Subject, path: str) -> Cell | None:
    """The cell that a path leads to, or None."""
    pack = made.machine.pack
    if path.startswith(READING):
        reading = pack.readings.get(path.removeprefix(READING))
        return Cell(path, made.row, reading.slot, None) if reading is not None else None
    if path == AS_OF:
        return Cell(path, [made.as_of, made.as_of], 0, None)
    found = made.filing.cell(path)
    return Cell(path, found[0], found[1].slot, found[1]) if found is not None else None


def written(made: Subject, cell: Cell, value: int) -> str:
    """A value of a cell as text: a plain decimal in yuan, shares or as a fraction of one; a day; a word."""
    pack = made.machine.pack
    if cell.path == AS_OF:
        return dates.iso(value)
    if cell.field is None:
        return list(pack.readings[cell.path.removeprefix(READING)].options)[value.bit_length() - 1]
    if cell.field.type == "kind":
        return pack.vocabulary.members(cell.field.of, value)[0]
    if cell.field.type == "flag":
        return "true" if value else "false"
    return dates.iso(value) if cell.field.type == "date" else decimal(value, cell.field.scale)


def read(made: Subject, cell: Cell, text: str) -> int | None:
    """The value that ``written`` gave a text, or None where it is none of this cell."""
    pack = made.machine.pack
    try:
        if cell.path == AS_OF:
            return dates.parse(text).low
        if cell.field is None:
            return pack.readings[cell.path.removeprefix(READING)].bit(text)
        if cell.field.type == "kind":
            return pack.vocabulary.bit(cell.field.of, text)
        if cell.field.type == "flag":
            return {"true": 1, "false": 0}[text]
        if cell.field.type == "date":
            return dates.parse(text).low
        whole, _, part = text.partition(".")
        return int(whole + part.ljust(cell.field.scale, "0"))
    except (ValueError, KeyError):
        return None


class Puts(NamedTuple):
    """Values ready to be put: cells, and the day of the check where that is put."""

    cells: tuple[Put, ...]
    as_of: int | None

    def with_(self, cell: Cell, value: int) -> Puts:
        """With one cell more."""
        return Puts(self.cells, value) if cell.path == AS_OF else Puts((*self.cells, cell.put(value)), self.as_of)


NOTHING = Puts((), None)


def prepared(made: Subject, values: Mapping[str, int]) -> Puts | None:
    """The values to put at paths; None where a path leads nowhere."""
    puts = NOTHING
    for path, value in values.items():
        cell = cell_of(made, path)
        if cell is None:
            return None
        puts = puts.with_(cell, value)
    return puts


def code_with(made: Subject, rule: Rule, puts: Puts) -> int:
    """The code of a rule with values put."""
    if puts.as_of is not None:
        made = replace(made, as_of=puts.as_of)
    with made.put(puts.cells):
        return decide(made, rule)


def decided(made: Subject, rule: Rule, values: Mapping[str, int]) -> int | None:
    """The code of a rule with values put at paths; None where a path leads nowhere."""
    puts = prepared(made, values)
    return code_with(made, rule, puts) if puts is not None else None


def along(made: Subject, rule: Rule, puts: Puts, cell: Cell) -> Callable[[int], int]:
    """The code of a rule by the value of a cell, with other values put besides."""
    known: dict[int, int] = {}

    def code(value: int) -> int:
        found = known.get(value)
        if found is None:
            found = known[value] = code_with(made, rule, puts.with_(cell, value))
        return found

    return code


def stated(made: Subject, rule: Rule) -> Iterator[Cell]:
    """The cells that a rule reads, or that pick its law, and whose value the filing states exactly; then its readings."""
    pack = made.machine.pack
    names = made.machine.fields(rule)
    days = {pack.days[name] for name in (*rule.law, *rule.held_on) if name != AS_OF}
    if made.law_day(rule)[0] == AS_OF:
        yield Cell(AS_OF, [made.as_of, made.as_of], 0, None)
    for path, fact in made.filing.facts.items():
        form = fact.field
        if form.type in ("text", "code", "list", "ref") or fact.row[fact.slot] != fact.row[fact.slot + 1]:
            continue
        if (form.entity, form.name) in names or path in days:
            yield Cell(path, fact.row, fact.slot, form)
    for reading in pack.readings.values():
        if ("reading", reading.id) in names:
            yield Cell(f"{READING}{reading.id}", made.row, reading.slot, None)
