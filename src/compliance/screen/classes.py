"""Filings that are alike in all that a rule hangs on: the first of each class is decided, and the others are as it is.

Which facts a rule hangs on is read from its typed tree. Each fact of a block, and each list, is given a number for every state
that it has there, once for all rules; filings of the same numbers are of one class. Nothing is left to chance: the numbers are
places in a dictionary, not hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance import dates
from compliance.engine.machine import Machine
from compliance.packs.book import AS_OF, Rule
from compliance.screen.states import Codes, Division, divided, joined, sequences, states
from compliance.vocabulary import ROOT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from compliance.screen.blocks import Filings
    from compliance.screen.cells import Cells
    from compliance.screen.rows import Items, Rows

    Array = NDArray[Any]

Read = Mapping[str, Sequence[str]]  # the fields that a rule hangs on, by entity


class Classes:
    """Divides the filings of a block into classes, rule by rule. Those of ``alone`` (by their places) are each a class of their own."""

    def __init__(self, machine: Machine, filings: Filings, alone: Sequence[int]) -> None:
        self.machine = machine
        self.filings = filings
        self.alone = alone
        self._known: dict[Hung, Division] = {}
        self._entities: dict[tuple[int, int, str], frozenset[str]] = {}
        self._states: dict[tuple[int, int, str], Codes | None] = {}  # of a field, by the first of its rows and how many they are

    def of(self, rule: Rule) -> Division:
        """The classes of a rule: filings of one class have the same finding."""
        hung = hung_on(self.machine, rule)
        found = self._known.get(hung)
        if found is None:
            read: dict[str, list[str]] = {}
            for entity, name in sorted(hung.names):
                read.setdefault(entity, []).append(name)
            found = self._known[hung] = self._divided(read, sorted(hung.law))
        return found

    def _divided(self, read: Read, law: Sequence[str]) -> Division:
        import numpy as np

        rows, turns = self.filings, self.machine.turns
        parts = [self._known_state(rows, f"law {name}", lambda name=name: law_states(rows, name, turns)) for name in law]  # type: ignore[misc]
        codes = joined([*self._parts(rows, read), *parts]) or Codes(np.zeros(rows.size, dtype=np.int64), 1)
        if self.alone:
            values = codes.values.astype(np.int64)
            values[list(self.alone)] = codes.width + np.arange(len(self.alone))
            codes = Codes(values, codes.width + len(self.alone))
        return divided(codes)

    def _parts(self, rows: Rows, read: Read) -> Iterator[Codes | None]:
        names = read.get(rows.entity.name, ())
        for name in names:
            if name not in rows.leads and (name in rows.facts or name in rows.few):
                yield self._known_state(rows, name, lambda name=name: fact(rows, name))  # type: ignore[misc]
        for name, items in rows.lists.items():
            # Also where a rule does not go over the list: what is open in any item of an entity may have to be put.
            if name in names or read.keys() & self._within(items.rows):
                yield self._of_list(items, read)
        for name, (target, index) in rows.leads.items():
            if name in names or target.entity.name in read:
                yield self._known_state(rows, name, lambda lead=(target, index): place(rows, *lead))  # type: ignore[misc]

    def _of_list(self, items: Items, read: Read) -> Codes | None:
        """The states of a list: its items in their order, as far as a rule reads them, and whether it is complete."""
        inner = joined(self._parts(items.rows, read))
        return joined([states(items.counts) if inner is None else sequences(inner, items.counts), states(items.complete)])

    def _known_state(self, rows: Rows, name: str, told: Callable[[], Codes | None]) -> Codes | None:
        """The states of rows in a field, found once for all rules."""
        key = rows.first, rows.size, f"{rows.entity.name} {name}"
        if key not in self._states:
            self._states[key] = told()
        return self._states[key]

    def _within(self, rows: Rows) -> frozenset[str]:
        """The entities of rows, and of the items in them."""
        key = rows.first, rows.size, rows.entity.name
        if key not in self._entities:
            self._entities[key] = frozenset((rows.entity.name,)).union(*(self._within(items.rows) for items in rows.lists.values()))
        return self._entities[key]


class Hung(NamedTuple):
    """What a rule hangs on: fields, and days of the filing of which it matters only under which law they are."""

    names: frozenset[tuple[str, str]]
    law: frozenset[str]


def hung_on(machine: Machine, rule: Rule) -> Hung:
    """What a rule's verdict and measures hang on, and what its questions do."""
    ready, days = machine.ready(rule), machine.pack.days
    asked, conditions = ready.asks
    names = asked.union(machine.steps.names(ready.read | conditions), ((ROOT, days[name]) for name in rule.held_on if name != AS_OF))
    return Hung(names, frozenset(days[name] for name in rule.law if name != AS_OF and (ROOT, days[name]) not in names))


# States


def fact(rows: Rows, name: str) -> Codes | None:
    """The states of a fact in some rows; None where they all are in one."""
    import numpy as np

    held = rows.facts.get(name)
    if held is not None:
        return of_cells(held)
    there, cells = rows.few[name]
    codes = of_cells(cells)
    values = np.zeros(rows.size, dtype=np.int32 if codes is None else np.promote_types(codes.values.dtype, np.int32))
    values[there] = 1 if codes is None else 1 + codes.values
    return Codes(values, 2 if codes is None else 1 + codes.width)


def of_cells(cells: Cells) -> Codes | None:
    """The states of cells; None where they all are in one."""
    import numpy as np

    ends = (cells.low,) if np.array_equal(cells.low, cells.high) else (cells.low, cells.high)
    return joined(states(part) for part in (*ends, cells.below, cells.above) if part is not None)


def law_states(rows: Rows, name: str, turns: Sequence[int]) -> Codes | None:
    """The states of a day that picks the law: whether it is stated, and the law of its first and of its last."""
    import numpy as np

    cells = rows.cells(rows.entity.fields[name])
    stated = (cells.low != dates.FIRST_DAY) | (cells.high != dates.LAST_DAY)
    return joined([states(stated), *(states(np.searchsorted(turns, end, side="right")) for end in (cells.low, cells.high))])


def place(rows: Rows, target: Rows, index: Array) -> Codes | None:
    """The states of a reference: the place of the item that it leads to among those of its filing, 0 where it leads nowhere."""
    import numpy as np

    return states(np.where(index == target.size, 0, 1 + index - np.searchsorted(target.filing, rows.filing)))
