"""A batch: many filings as columns, or one filing in many scenarios, on which rules are decided together.

Three ways lead to one:

- ``of_filings``: filings that have been read, each as a ``Subject``;
- ``of_table``: columns that stand ready, as out of a Parquet file;
- ``of_scenarios``: one filing of which some cells are replaced by arrays. Lists that no scenario touches stay single, and
  what is computed from untouched facts alone (a sum over a list, a day some months on) is computed once for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from compliance import dates
from compliance.engine.machine import Machine
from compliance.engine.subject import Put, Subject
from compliance.expressions import columns
from compliance.expressions.tree import DATE, Node, Type
from compliance.facts.answers import READING
from compliance.packs.book import AS_OF
from compliance.vocabulary import ROOT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from compliance.expressions.columns import Cells, Kept, Run, Scenarios, Table, Way
    from compliance.expressions.columns import Put as Readings

    Array = NDArray[Any]


@dataclass(slots=True)
class Batch:
    """Filings (or scenarios of one) that rules are decided on together. ``as_of`` is one day number, or one for each.

    ``subject`` gives the filing at a place as the scalar form sees it, for the time of a ``with`` block; ``vague`` tells in which
    of them any of some fields is vague (see ``Subject.vague``). ``alone`` marks those that do not stand in the columns: whatever
    is asked of them goes to the scalar form. ``put`` are readings that are taken one way in all of them.
    """

    machine: Machine
    size: int
    as_of: Any
    columns: Table | Scenarios
    subject: Callable[[int], Any]
    vague: Callable[[frozenset[tuple[str, str]]], Array]
    alone: Array | None = None
    _days: dict[str, tuple[Array, Array, Array]] = field(default_factory=dict)
    ways: dict[str, tuple[Way, ...]] = field(default_factory=dict)  # see ``worlds.ways``
    held: Kept | None = None
    put: Readings = field(default_factory=dict)

    @property
    def kept(self) -> Kept:
        """What all that is asked of the batch, and of scenarios of it, shares."""
        if self.held is None:
            self.held = columns.Kept(self.columns.table if isinstance(self.columns, columns.Scenarios) else self.columns)
        return self.held

    def asked(self, parameters: Sequence[int] = ()) -> Run:
        """What tells facts and conditions of the batch under some parameters."""
        return columns.asked_of(self.columns, parameters, self.machine.slots, self.kept, self.put)

    def day(self, name: str) -> tuple[Array, Array, Array]:
        """A day of the pack for each filing: its first, its last, and whether the filing states it."""
        import numpy as np

        if name not in self._days:
            if name == AS_OF:
                on = np.zeros(self.size, dtype=np.int64) + self.as_of
                self._days[name] = on, on, np.ones(self.size, dtype=bool)
            else:
                part = self.machine.pack.vocabulary.root.fields[self.machine.pack.days[name]]
                root = Node("root", Type("item", of=ROOT))
                low, high = columns.days(self.columns, Node("field", DATE, (root,), (ROOT, part.name, part.slot)))
                self._days[name] = low, high, (low != dates.FIRST_DAY) | (high != dates.LAST_DAY)
        return self._days[name]

    def varied(self, of: Array, cells: Mapping[tuple[str, str], Cells], put: Readings | None = None) -> Batch:
        """Scenarios of some of these filings, ``of`` being the one that each is of. They have no scalar form of their own.

        ``put`` are readings that are taken one way in all of them.
        """
        days = {self.machine.pack.days[name]: name for name in self._days if name != AS_OF}
        kept = {name: _of(self._days[name], of) for field, name in days.items() if (ROOT, field) not in cells}
        as_of = self.as_of[of] if hasattr(self.as_of, "shape") and self.as_of.shape else self.as_of
        alone = None if self.alone is None else self.alone[of]
        over = columns.varied(self.columns, of, cells)
        return Batch(
            self.machine, len(of), as_of, over, self.subject, self.vague, alone, kept, self.ways, self.kept, {**self.put, **(put or {})}
        )


def _of(day: tuple[Array, Array, Array], of: Array) -> tuple[Array, Array, Array]:
    low, high, stated = day
    return low[of], high[of], stated[of]


def of_filings(made: Sequence[Subject]) -> Batch:
    """Many filings, each as the engine sees it on its day. They share one machine. Raises ``ValueError`` where there is none."""
    import numpy as np

    if not made:
        raise ValueError("no filing")

    @contextmanager
    def subject(index: int) -> Iterator[Subject]:
        yield made[index]

    def vague(names: frozenset[tuple[str, str]]) -> Array:
        mask = made[0].machine.steps.mask_of(names)
        return np.array([mask & one.vague != 0 for one in made], dtype=bool)

    as_of = np.array([one.as_of for one in made], dtype=np.int64)
    return Batch(made[0].machine, len(made), as_of, columns.batch([one.row for one in made]), subject, vague)


def of_table(
    machine: Machine,
    table: Table,
    as_of: Any,
    subject: Callable[[int], Subject],
    vague: Callable[[frozenset[tuple[str, str]]], Array],
    alone: Array | None = None,
) -> Batch:
    """Columns that stand ready; ``subject`` makes the filing at a place, for the scalar form alone. The others as in ``Batch``."""

    @contextmanager
    def one(index: int) -> Iterator[Subject]:
        yield subject(index)

    return Batch(machine, table.size, as_of, table, one, vague, alone)


def of_scenarios(made: Subject, cells: Mapping[str, tuple[Sequence[int], Sequence[int]]], as_of: Any = None) -> Batch:
    """One filing in many scenarios: ``cells`` gives, by path, the low and high cells of each scenario.

    Of a flag 0 or 1, of a kind the bit (0 where it is not known) and the possible bits, as rows hold them. A reading stands
    under ``reading.`` and its id. ``as_of`` replaces the filing's day by one for each scenario. Raises ``KeyError`` for a path
    that leads to no cell, and ``ValueError`` for a list or reference, and where the arrays differ in length.
    """
    import numpy as np

    lengths = {len(end) for ends in cells.values() for end in ends} | ({len(as_of)} if np.ndim(as_of) else set())
    if len(lengths) != 1:
        raise ValueError(f"scenarios of different number: {sorted(lengths)}")
    (size,) = lengths
    places = {path: _cell(made, path) for path in cells}
    changed: dict[tuple[str, str], list[tuple[Any, Any, Any]]] = {}
    for path, (row, _, name, _) in places.items():
        changed.setdefault(name, []).append((row, *cells[path]))
    kinds = {name: kind for _, _, name, kind in places.values()}
    table = columns.batch([made.row])
    over = {name: _cells(parts, size, kinds[name]) for name, parts in changed.items()}
    days = np.full(size, made.as_of) if as_of is None else np.asarray(as_of, dtype=np.int64)

    @contextmanager
    def subject(index: int) -> Iterator[Subject]:
        puts: list[Put] = []
        names = []
        for path, (row, slot, name, _) in places.items():
            low, high = (int(end[index]) for end in cells[path])
            puts.append((row, slot, low, high))
            names += [name] if low != high else []
        day = int(days[index])
        one = made if day == made.as_of else replace(made, as_of=day)
        with one.put(puts, names):
            yield one

    of = np.zeros(size, dtype=np.int64)
    vague = made.vague | made.machine.steps.mask_of(kinds)

    def vague_in(names: frozenset[tuple[str, str]]) -> Array:
        return np.full(size, made.machine.steps.mask_of(names) & vague != 0)

    return Batch(made.machine, size, days, columns.Scenarios(table, of, over), subject, vague_in)


def _cell(made: Subject, path: str) -> tuple[list[Any], int, tuple[str, str], Type]:
    """The row, first cell, name and type of the fact that a path leads to."""
    if path.startswith(READING):
        reading = made.machine.pack.readings[path.removeprefix(READING)]
        return made.row, reading.slot, ("reading", reading.id), Type("enum")
    found = made.filing.cell(path)
    if found is None:
        raise KeyError(path)
    row, part = found
    kind = {"flag": "truth", "kind": "enum", "date": "date"}.get(part.type, "number")
    if part.type in ("list", "ref", "text", "code"):
        raise ValueError(f"{path}: a {part.type} cannot be varied")
    return row, part.slot, (part.entity, part.name), Type(kind)


def _cells(parts: Sequence[tuple[Any, Any, Any]], size: int, kind: Type) -> columns.Cells:
    """The changes of one fact in one or more rows, each in every scenario."""
    import numpy as np

    numbers = np.arange(size, dtype=np.int64)
    scenario = numbers if len(parts) == 1 else np.tile(numbers, len(parts))
    token = np.repeat(np.array([id(row) for row, _, _ in parts], dtype=np.int64), size)
    low = _end([part[1] for part in parts])
    exact = all(low is high for _, low, high in parts)
    return columns.Cells(scenario, token, columns.column(low, low if exact else _end([part[2] for part in parts]), kind))


def _end(parts: Sequence[Any]) -> Any:
    """One end of cells, part after part: arrays of whole numbers stay arrays."""
    import numpy as np

    if all(getattr(part, "dtype", np.dtype(object)).kind in "ib" for part in parts):
        return parts[0] if len(parts) == 1 else np.concatenate(parts)
    return [cell for part in parts for cell in part]
