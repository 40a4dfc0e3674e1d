"""A filing on a day, as the engine varies it: facts are put, looked at, and stand again as they stood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance import dates
from compliance.engine.machine import Machine
from compliance.engine.notes import Notes
from compliance.expressions.memory import Memory
from compliance.expressions.steps import Stepping
from compliance.facts.answers import READING
from compliance.facts.filing import Filing, Row
from compliance.packs.book import AS_OF, Reading, Rule

ALWAYS = (dates.FIRST_DAY, dates.LAST_DAY)
Put = tuple[Row, int, Any, Any]  # a row, the first of a fact's two cells in it, and the low and high to stand there


@dataclass(slots=True)
class Subject:
    """A filing on a day, as the engine varies it: its rows, and as a mask which of their fields and readings are vague."""

    machine: Machine
    filing: Filing
    as_of: int
    row: Row
    vague: int
    rows: Mapping[str, Sequence[Row]]
    # The blocks of ``put`` that are open. Another subject on the same facts (before another machine) shares them.
    blocks: list[_Putting] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes, init=False)
    _memory: Memory = field(default_factory=Memory, init=False)
    _cells: dict[tuple[int, int], int] = field(default_factory=dict, init=False)
    _laws: dict[tuple[str, ...], tuple[str, tuple[int, int]]] = field(default_factory=dict, init=False)  # with nothing put
    _steppings: dict[tuple[int, tuple[int, int]], Stepping] = field(default_factory=dict, init=False)

    def put(self, puts: Iterable[Put], names: Iterable[tuple[str, str]] = ()) -> _Putting:
        """Put values into cells for the time of a ``with`` block; ``names`` are the fields that may have become vague.

        A cell changes in no other way: what was computed from it is remembered.
        """
        return _Putting(self, puts, names)

    def placed(self, puts: Iterable[Put], names: Iterable[tuple[str, str]] = ()) -> _Placing:
        """The same for what remembers nothing: generated code, and nothing else, may look at the filing in the block."""
        return _Placing(self, puts, names)

    def known(self, mask: int) -> dict[Any, Any]:
        """Where values are remembered that hang on what the mask says, as the facts are put."""
        memory, blocks = self._memory, self.blocks
        layers = memory.layers
        if not layers and not blocks:  # as nearly always
            return memory.known
        if len(layers) != len(blocks) or (blocks and layers[-1].block is not blocks[-1]):
            memory.follow(blocks, self._touched_by)
        return memory.layer(mask) if mask & memory.dirty else memory.known

    def leave(self, block: _Putting) -> None:
        """Look no longer at what was computed in a block that has ended."""
        layers = self._memory.layers
        if layers and layers[-1].block is block:
            self._memory.drop()

    def stepping(self, day: int, on: tuple[int, int] = ALWAYS) -> Stepping:
        """The evaluation of nodes under the parameters of a day."""
        self.known(0)
        found = self._steppings.get((day, on))
        if found is None:
            machine = self.machine
            found = Stepping(machine.steps, self._memory, self.row, machine.values(day), on, machine.world(day))
            self._steppings[day, on] = found
        return found

    def items(self, entity: str) -> list[tuple[int, str, Row]]:
        """The filing's rows of an entity, each with its number among all rows and its path."""
        return self.filing.rows_of(entity)

    def _touched_by(self, block: _Putting) -> int:
        return self.touched(block.puts)

    def touched(self, puts: Sequence[Put]) -> int:
        """What hangs on the cells of a block, as a mask."""
        mask = 0
        for row, slot, _, _ in puts:
            touched = self._cells.get((id(row), slot))
            if touched is None:
                entity = self.filing.entity_of(row)
                touched = self._cells[id(row), slot] = self.machine.bits(entity)[slot // 2] if entity else 0
            mask |= touched
        return mask

    def day(self, name: str) -> tuple[int, int] | None:
        """A day of the pack as a range, or None where the filing does not state it."""
        if name == AS_OF:
            return self.as_of, self.as_of
        slot = self.machine.days[name]
        found = self.row[slot], self.row[slot + 1]
        return None if found == ALWAYS else found

    def law_day(self, rule: Rule) -> tuple[str, tuple[int, int]]:
        """The day that picks the version of the law: the first of the rule's days that is known."""
        if self.blocks:
            return self._law_day(rule.law)
        found = self._laws.get(rule.law)
        if found is None or (found[0] == AS_OF and found[1][0] != self.as_of):
            found = self._laws[rule.law] = self._law_day(rule.law)
        return found

    def _law_day(self, names: tuple[str, ...]) -> tuple[str, tuple[int, int]]:
        row, slots = self.row, self.machine.days
        for name in names:
            if name == AS_OF:
                break
            slot = slots[name]
            found = row[slot], row[slot + 1]
            if found != ALWAYS:
                return name, found
        return AS_OF, (self.as_of, self.as_of)


class _Placing:
    """The block in which values stand in cells; at its end the cells hold again what they held."""

    __slots__ = ("added", "before", "made", "puts")

    def __init__(self, made: Subject, puts: Iterable[Put], names: Iterable[tuple[str, str]]) -> None:
        self.made = made
        self.puts = puts if isinstance(puts, (list, tuple)) else list(puts)
        self.added = made.machine.steps.mask_of(names) & ~made.vague if names else 0
        self.before: list[Put] = []

    def __enter__(self) -> None:
        self.made.vague |= self.added
        # A cell that is put twice was the same before both.
        self.before = [(row, slot, row[slot], row[slot + 1]) for row, slot, _, _ in self.puts]
        for row, slot, low, high in self.puts:
            row[slot] = low
            row[slot + 1] = high

    def __exit__(self, *reason: object) -> None:
        for row, slot, low, high in self.before:
            row[slot] = low
            row[slot + 1] = high
        self.made.vague &= ~self.added


class _Putting(_Placing):
    """Such a block that is known: what is computed in it is remembered for it (see ``Subject.put``)."""

    __slots__ = ()

    @property
    def key(self) -> Any:
        """What tells one block from another that puts something else: rows and lists are themselves wherever they stand."""
        cells: list[Any] = [self.added]
        for row, slot, low, high in self.puts:
            cells += (id(row), slot, low if low.__class__ is int else id(low), high if high.__class__ is int else id(high))
        return tuple(cells)

    def __enter__(self) -> None:
        super().__enter__()
        self.made.blocks.append(self)

    def __exit__(self, *reason: object) -> None:
        self.made.blocks.pop()
        super().__exit__(*reason)
        self.made.leave(self)


def subject(machine: Machine, filing: Filing, as_of: int) -> Subject:
    """A filing as the engine sees it, its readings set to the filing's answers or their defaults."""
    pack = machine.pack
    vague = 0
    rows: dict[str, list[Row]] = {}
    for entity, row in filing.items.values():
        rows.setdefault(entity, []).append(row)
    for entity, listed in rows.items():
        for slot, kind, bits in machine.cells(entity):
            for row in listed:
                low, high = row[slot], row[slot + 1]
                if high if kind == "list" else high is None if kind == "ref" else low != high:
                    vague |= bits
                    break
    made = Subject(machine, filing, as_of, filing.row, vague, rows)
    for reading in pack.readings.values():
        bits = reading_bits(filing, reading)
        filing.row[reading.slot], filing.row[reading.slot + 1] = bits if bits & (bits - 1) == 0 else 0, bits
        if bits & (bits - 1):
            made.vague |= machine.steps.bit(("reading", reading.id))
    return made


def reading_bits(filing: Filing, reading: Reading) -> int:
    """The options of a reading that are in force: the answers given where they agree, else the default."""
    given = {answer.value for answer in filing.answers.get(READING + reading.id, ()) if isinstance(answer.value, str)}
    if not given:
        given = {reading.default}
    if len(given) > 1 or given == {"both"}:
        return reading.all_bits
    return reading.bit(given.pop())
