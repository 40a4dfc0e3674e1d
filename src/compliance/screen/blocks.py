"""Parquet rows as the columns that rules are decided on, checked as a filing is when it is loaded, without a filing for each.

A row is in doubt where a check finds anything that is not plainly as it should be. It is then read as a filing, which tells
every mistake with its place, or takes what was doubted. So what is checked here may refuse what a filing takes, and never takes
what a filing refuses; what both take is the same, cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import ref

from compliance.expressions import columns
from compliance.expressions.columns import Column, Listing, Table
from compliance.expressions.tree import Type
from compliance.facts.answers import READING
from compliance.facts.filing import Filing, Row
from compliance.screen.cells import (
    COMPLETE,
    EXACT,
    HIGH,
    LOW,
    Cells,
    cells_of,
    is_text,
    parted,
    plain,
    same_for_all,
    spread,
    strings,
    unknown,
    valid,
)
from compliance.vocabulary import ROOT, Entity, Field, Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyarrow import RecordBatch

    from compliance.packs.book import Pack

    Array = NDArray[Any]

Names = frozenset[tuple[str, str]]
Given = Mapping[str, Mapping[str, Any]]  # columns by the fact and the end of it that each holds
NEEDED = "issuer"  # the part that every filing has
FEW = 4  # a fact that fewer than one row in so many states is read for these alone


class Items(NamedTuple):
    """A list of many rows: the items of all of them, where those of each begin and how many they are.

    ``stated`` are the lists that are stated, ``complete`` those that are declared complete.
    """

    rows: Rows
    begin: Array
    counts: Array
    stated: Array
    complete: Array


class Rows:
    """Rows of one entity, as a source of columns: its facts, lists and references by name, as far as any row states them.

    ``filing`` is the number of the filing that each row belongs to; ``keys`` are the keys of items. A reference of a row is the
    row that it leads to, or the number of all rows where it leads nowhere. ``first`` tells the rows from all others of a block.
    """

    def __init__(self, words: Vocabulary, entity: Entity, filing: Array, first: int = 0) -> None:
        self.words = words
        self.entity = entity
        self.filing = filing
        self.first = first
        self.size = len(filing)
        self.fields: tuple[Field, ...] = tuple(entity.fields.values())
        self.facts: dict[str, Cells] = {}
        self.few: dict[str, tuple[Array, Cells]] = {}  # facts that few rows state: which ones, and the cells of these
        self.texts: dict[str, Any] = {}
        self.lists: dict[str, Items] = {}
        self.leads: dict[str, tuple[Rows, Array]] = {}
        self.keys: Any = None
        self._tables: dict[bool, ref[Table]] = {}

    @property
    def table(self) -> Table:
        """The rows as a table of the columns form."""
        return self._table(False)

    @property
    def ended(self) -> Table:
        """The same with one more row, of which nothing is known: where references lead that lead nowhere."""
        return self._table(True)

    def _table(self, ended: bool) -> Table:
        """One table as long as anybody holds it: rows that held theirs would outlive the block, for a table knows its rows."""
        held = self._tables.get(ended)
        found = None if held is None else held()
        if found is None:
            found = Table(self.size + 1, source=_Ended(self)) if ended else Table(self.size, source=self)
            self._tables[ended] = ref(found)
        return found

    def cells(self, field: Field) -> Cells:
        """The cells of a fact."""
        found = self.facts.get(field.name)
        if found is None:
            found = unknown(field, self.words, self.size)
            if field.name in self.few:
                found = self.facts[field.name] = spread(found, *self.few[field.name])
        return found

    def items(self, field: Field) -> Items:
        """The items of a list."""
        import numpy as np

        found = self.lists.get(field.name)
        if found is None:
            no, none = np.zeros(self.size, dtype=bool), np.zeros(self.size, dtype=np.int64)
            found = self.lists[field.name] = Items(self.of(field.of), none, none, no, no)
        return found

    def lead(self, field: Field) -> tuple[Rows, Array]:
        """The rows that a reference leads to, and which of them."""
        import numpy as np

        found = self.leads.get(field.name)
        if found is None:
            found = self.leads[field.name] = self.of(self.words.lists[field.of]), np.zeros(self.size, dtype=np.int64)
        return found

    def of(self, entity: str) -> Rows:
        """No rows of an entity."""
        return Rows(self.words, self.words.entities[entity], self.filing[:0])

    def stated(self, name: str) -> Array:
        """The rows that state a fact or a list."""
        import numpy as np

        held = self.facts.get(name) or self.lists.get(name)
        if held is not None:
            return held.stated
        found = np.zeros(self.size, dtype=bool)
        if name in self.few:
            found[self.few[name][0]] = True
        return found

    # As a source of columns

    def tokens(self) -> Array:
        """A number for each row that no other row has."""
        import numpy as np

        return np.arange(self.first, self.first + self.size, dtype=np.int64)

    def column(self, slot: int, kind: Type) -> Column:
        """The column of a fact."""
        return _column(self.cells(self.fields[slot // 2]), kind)

    def listing(self, slot: int) -> Listing:
        """A list."""
        items = self.items(self.fields[slot // 2])
        return columns.listing(items.rows.table, items.counts, ~items.complete)

    def reference(self, slot: int) -> tuple[Table, Array]:
        """Where a reference leads."""
        return _led(*self.lead(self.fields[slot // 2]))

    # As rows of cells

    @cached_property
    def named(self) -> list[str]:
        """The key of each item."""
        found: list[str] = self.keys.to_pylist()
        return found

    def cells_at(self, index: int, row: Row) -> Row:
        """Put what a row states of facts into a row of cells of which nothing is known."""
        for name in {**self.few, **self.facts}:
            field = self.entity.fields[name]
            at, held = index, self.facts.get(name)
            if held is None:
                there, held = self.few[name]
                at = int(there.searchsorted(index))
                if at == len(there) or there[at] != index:
                    continue
            if held.low is None or not held.stated[at]:
                continue
            if held.below is None or not held.below[at]:
                row[field.slot] = int(held.low[at])
            if held.above is None or not held.above[at]:
                row[field.slot + 1] = int(held.high[at])
        return row

    # What is vague

    def vague(self, names: Names) -> Iterator[Array]:
        """The filings, by their numbers, in which any of some fields of these rows or of the items in them is vague."""
        for field in self.fields:
            asked = (field.entity, field.name) in names
            if field.type == "list":
                items = self.items(field)
                if asked:
                    yield self.filing[~items.complete]
                yield from items.rows.vague(names)
            elif field.type == "ref":
                target, index = self.lead(field)
                if asked or any(entity == target.entity.name for entity, _ in names):
                    yield self.filing[index == target.size]
            elif asked and field.type not in ("text", "code"):
                yield self.filing[_open(self.cells(field))]


class Filings(Rows):
    """The filings of a block: rows of the root, whose readings of the law stand as the rule book has them."""

    def __init__(self, pack: Pack, filing: Array) -> None:
        super().__init__(pack.vocabulary, pack.vocabulary.root, filing)
        self.readings = {
            reading.slot: (("reading", reading.id), reading.all_bits if reading.default == "both" else reading.bit(reading.default))
            for reading in pack.readings.values()
        }

    def column(self, slot: int, kind: Type) -> Column:
        """The column of a fact, or of a reading, which is one for all."""
        import numpy as np

        if slot not in self.readings:
            return super().column(slot, kind)
        _, bits = self.readings[slot]
        low = 0 if bits & (bits - 1) else bits
        return columns.member_column(np.full(self.size, low, dtype=np.uint64), np.full(self.size, bits, dtype=np.uint64))

    def vague_in(self, names: Names) -> Array:
        """In which filings any of some fields is vague (see ``Subject.vague``)."""
        import numpy as np

        found = np.full(self.size, any(name in names and bits & (bits - 1) for name, bits in self.readings.values()))
        for filings in self.vague(names):
            found[filings] = True
        return found

    def put(self, settings: Sequence[tuple[str, str]], pack: Pack) -> tuple[Filings, Table, Array] | None:
        """The filings with facts of their own put otherwise, as texts by path, and which of them are then in doubt.

        What hangs on no such fact stays as it is. None where a path leads elsewhere, or a text is not plainly a value.
        """
        import numpy as np

        found, doubt, changed = copy(self), np.zeros(self.size, dtype=bool), set()
        found.facts, found.readings = dict(self.facts), dict(self.readings)
        for path, text in settings:
            reading = pack.readings.get(path.removeprefix(READING)) if path.startswith(READING) else None
            field = self.entity.fields.get(path)
            if reading is not None and text in reading.options:
                found.readings[reading.slot] = ("reading", reading.id), reading.bit(text)
                changed.add(reading.slot)
                continue
            cells = None if field is None else same_for_all(field, self.words, text, self.size)
            if field is None or cells is None:
                return None
            found.facts[path] = cells
            changed.add(field.slot)
            if field.settled_by == "judgement":
                doubt |= ~self.stated(path)  # it would stand among the judgements
            if self.needs_more(path):
                doubt |= ~self.stated(path)
        known = {slot: column for slot, column in self.table.columns.items() if slot not in changed}
        table = Table(self.size, source=found, columns=known, lists=self.table.lists, references=self.table.references)
        found._tables = {False: ref(table)}
        return found, table, doubt

    def needs_more(self, path: str) -> bool:
        """Whether the part of a filing that a fact stands in needs other facts."""
        part = self.words.entities[self.words.singles[path.partition(".")[0]]]
        return any(field.required and not path.endswith(f".{field.name}") for field in part.fields.values())

    def one(self, index: int) -> Filing:
        """The filing of a row as far as deciding goes: its rows of cells, and its items by path, but no facts with their texts."""
        return _Bare(self, index).filing()

    def text(self, name: str) -> list[str]:
        """A text of each filing, empty where it states none."""
        given = self.texts.get(name)
        return [""] * self.size if given is None else given.fill_null("").to_pylist()

    def text_at(self, name: str, index: int) -> str:
        """A text of one filing."""
        given = self.texts.get(name)
        return "" if given is None else given[index].as_py() or ""


class _Bare:
    """Makes a filing out of a row, in the order in which loading makes one."""

    def __init__(self, filings: Filings, index: int) -> None:
        self.filings = filings
        self.words = filings.words
        self.index = index
        self.items: dict[str, tuple[str, Row]] = {}
        self.rows: dict[tuple[int, int], Row] = {}
        self.references: list[tuple[Row, int, Rows, int]] = []
        self.blanks: dict[str, Row] = {}

    def filing(self) -> Filing:
        """The filing."""
        filings, words = self.filings, self.words
        row = self.blank(ROOT)
        for _ in filings.readings:
            row += [0, 0]  # the engine sets the readings
        self.items[""] = ROOT, row
        listed = [field for field in filings.fields if field.type == "list"]
        self.fill(filings, self.index, row, "", sorted(listed, key=lambda field: field.name in words.lists))
        for held, slot, target, place in self.references:
            if place < target.size:
                held[slot] = held[slot + 1] = self.rows[target.first, place]
        code, name = (filings.text_at(part, self.index) for part in ("issuer.code", "issuer.name"))
        return Filing(
            name="", words=words, row=row, facts={}, items=self.items, answers={}, assumed={}, documents={}, stated=(), ties=(), sha256="",
            as_of=None, code=code, issuer_name=name,
        )  # fmt: skip

    def blank(self, entity: str) -> Row:
        """A row of which nothing is known. A reference in it leads to another such row."""
        found = self.blanks.get(entity)
        if found is None:
            found = self.blanks[entity] = self.words.blank_row(entity)
        row = found.copy()
        for field in self.words.entity(entity).fields.values():
            if field.type == "ref":
                row[field.slot] = self.words.blank_row(self.words.lists[field.of])
        return row

    def fill(self, rows: Rows, index: int, row: Row, prefix: str, listed: Iterable[Field]) -> None:
        """What a row states, its items among it."""
        rows.cells_at(index, row)
        for name, (target, leads) in rows.leads.items():
            self.references.append((row, rows.entity.fields[name].slot, target, int(leads[index])))
        for field in listed:
            items = rows.lists.get(field.name)
            if items is None or not items.stated[index]:
                continue
            first = int(items.begin[index])
            inner = items.rows
            lists = [part for part in inner.fields if part.type == "list"]
            found = []
            for number in range(first, first + int(items.counts[index])):
                path = f"{prefix}{field.name}[{inner.named[number]}]"
                new = self.blank(inner.entity.name)
                self.items[path] = inner.entity.name, new
                self.rows[inner.first, number] = new
                self.fill(inner, number, new, f"{path}.", lists)
                found.append(new)
            row[field.slot], row[field.slot + 1] = found, 0 if items.complete[index] else 1


class _Ended:
    """Rows with one more, of which nothing is known."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def tokens(self) -> Array:
        import numpy as np

        return np.append(self.rows.tokens(), -1)

    def column(self, slot: int, kind: Type) -> Column:
        import numpy as np

        field = self.rows.fields[slot // 2]
        known, more = self.rows.cells(field), unknown(field, self.rows.words, 1)
        no = np.zeros(self.rows.size, dtype=bool)
        below, above = (
            None if a is None and b is None else np.append(no if a is None else a, False if b is None else b)
            for a, b in ((known.below, more.below), (known.above, more.above))
        )
        return _column(Cells(np.append(known.low, more.low), np.append(known.high, more.high), below, above, no, no), kind)

    def listing(self, slot: int) -> Listing:
        import numpy as np

        items = self.rows.items(self.rows.fields[slot // 2])
        return columns.listing(items.rows.table, np.append(items.counts, 0), np.append(~items.complete, True))

    def reference(self, slot: int) -> tuple[Table, Array]:
        import numpy as np

        target, index = self.rows.lead(self.rows.fields[slot // 2])
        return _led(target, np.append(index, target.size))


def _led(target: Rows, index: Array) -> tuple[Table, Array]:
    return (target.ended if (index == target.size).any() else target.table), index


def _column(cells: Cells, kind: Type) -> Column:
    if kind.kind == "enum":
        return columns.member_column(cells.low, cells.high)
    if kind.kind == "truth":
        return columns.truth_column(cells.low, cells.high)
    return columns.number_column(cells.low, cells.high, cells.below, cells.above, kind.kind == "number")


def _open(cells: Cells) -> Array:
    found: Array = cells.low != cells.high
    for mask in (cells.below, cells.above):
        found = found if mask is None else found | mask
    return found


# Reading


def read(batch: RecordBatch, pack: Pack) -> tuple[Filings, Array]:
    """The filings of some rows, and which of them are in doubt: what their columns say is then worth nothing."""
    import numpy as np

    reader = _Reader(pack.vocabulary, batch.num_rows)
    filings = Filings(pack, np.arange(batch.num_rows, dtype=np.int64))
    reader.fill(filings, by_fact(zip(batch.schema.names, batch.columns, strict=True)))
    reader.check_parts(filings)
    reader.refer(filings)
    return filings, reader.doubt


def by_fact(given: Iterable[tuple[str, Any]]) -> Given:
    """Columns by the fact, and the end of it, that each holds."""
    found: dict[str, dict[str, Any]] = {}
    for name, column in given:
        base, end = parted(name)
        found.setdefault(base, {})[end] = plain(column)
    return found


class _Reader:
    """Reads the rows of a block, noting which filings are in doubt."""

    def __init__(self, words: Vocabulary, size: int) -> None:
        import numpy as np

        self.words = words
        self.doubt = np.zeros(size, dtype=bool)
        self.references: list[tuple[Rows, Field]] = []
        self.rows = size  # that there are so far

    def mark(self, rows: Rows, which: Array) -> None:
        """Note the filings that some rows belong to."""
        self.doubt[rows.filing[which]] = True

    def fill(self, rows: Rows, given: Given) -> None:
        """The facts, lists and references of rows."""
        import numpy as np
        import pyarrow as pa

        for name, ends in given.items():
            field = rows.entity.fields[name]
            if field.type == "list":
                if EXACT in ends:
                    self.list_of(rows, field, ends)
                continue
            count = sum(rows.size - column.null_count for column in ends.values())
            if not count:
                continue
            if FEW * count < rows.size and field.type not in ("text", "code", "ref"):
                there = np.logical_or.reduce([valid(column) for column in ends.values()]).nonzero()[0]
                cells = cells_of(field, self.words, {end: column.take(pa.array(there)) for end, column in ends.items()})
                rows.few[name] = there, cells
                self.mark(rows, there[cells.doubt])
                continue
            cells = rows.facts[name] = cells_of(field, self.words, ends)
            self.mark(rows, cells.doubt)
            if field.type in ("text", "code", "ref"):
                rows.texts[name] = strings(ends[EXACT])
            if field.type == "ref":
                self.references.append((rows, field))

    def list_of(self, rows: Rows, field: Field, ends: Mapping[str, Any]) -> None:
        """A list, its items in the order of their keys."""
        import numpy as np
        import pyarrow.compute as pc

        given, said = ends[EXACT], ends.get(COMPLETE)
        complete = np.zeros(rows.size, dtype=bool) if said is None else said.fill_null(False).to_numpy(zero_copy_only=False)
        stated = valid(given) | complete
        if not stated.any():
            return
        items = given.flatten()
        counts = pc.list_value_length(given).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        parents = np.repeat(np.arange(rows.size, dtype=np.int64), counts)
        if items.null_count:
            there = valid(items)
            items, parents = items.filter(there), parents[there]
            counts = np.bincount(parents, minlength=rows.size)
        entity = self.words.entities[field.of]
        inner = Rows(self.words, entity, rows.filing[parents], self.rows)
        self.rows += inner.size
        parts = by_fact(zip((part.name for part in items.type), items.flatten(), strict=True))
        keys = self.keys(inner, parts)
        order = self.order(inner, keys, parents)
        if order is not None:
            keys = keys.take(order)
            parts = {name: {end: column.take(order) for end, column in ends.items()} for name, ends in parts.items()}
        inner.keys = keys
        self.fill(inner, parts)
        for part in inner.fields:
            if part.required and part.name not in (entity.key, "name"):
                self.mark(inner, ~inner.stated(part.name))
        if entity.name in self.words.singles.values():
            self.mark(rows, stated)  # which of its fields are needed where is left to the models
        rows.lists[field.name] = Items(inner, np.cumsum(counts) - counts, counts, stated, complete)

    def keys(self, rows: Rows, given: Given) -> Any:
        """The key of each item: what the field says that names it, else its name. One without, or of another form, is in doubt."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        found = pa.nulls(rows.size, pa.string())
        for name in dict.fromkeys((rows.entity.key, "name")):
            ends = given.get(name, {})
            if all(column.null_count == rows.size for column in ends.values()):
                continue
            if ends.keys() == {EXACT} and is_text(ends[EXACT].type):
                texts = strings(ends[EXACT])
            elif rows.entity.fields[name].type == "date" and not any(is_text(column.type) for column in ends.values()):
                texts = _exact(ends)
            else:
                self.mark(rows, np.ones(rows.size, dtype=bool))
                continue
            found = pc.coalesce(found, pc.if_else(pc.equal(texts, ""), None, texts))
        self.mark(rows, ~valid(found))
        return found

    def order(self, rows: Rows, keys: Any, parents: Array) -> Array | None:
        """The order in which the items of each list go by their keys, None where they do. Two of one key are in doubt."""
        import numpy as np
        import pyarrow.compute as pc

        coded = keys.dictionary_encode()
        known = coded.dictionary
        places = np.empty(len(known) + 1, dtype=np.int64)
        places[pc.array_sort_indices(known).to_numpy()] = np.arange(len(known))
        places[-1] = len(known)
        ranks = places[coded.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)]
        bracketed = pc.match_substring_regex(known, r"[\[\]]").to_numpy(zero_copy_only=False)
        self.mark(rows, np.append(bracketed, False)[coded.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)])
        falls = (parents[1:] == parents[:-1]) & (ranks[1:] <= ranks[:-1])
        if not falls.any():
            return None
        order = np.lexsort((ranks, parents))
        same = (parents[order][1:] == parents[order][:-1]) & (ranks[order][1:] == ranks[order][:-1])
        self.mark(rows, order[1:][same])
        return order

    def check_parts(self, filings: Filings) -> None:
        """Every filing has the part that all have, and in each part that it has the facts that this needs."""
        import numpy as np

        needed = np.zeros(filings.size, dtype=bool)
        for head, name in self.words.singles.items():
            present = np.zeros(filings.size, dtype=bool)
            for base in (*filings.facts, *filings.few, *filings.lists):
                if base.startswith(f"{head}."):
                    present |= filings.stated(base)
            for field in self.words.entities[name].fields.values():
                if field.required:
                    self.mark(filings, present & ~filings.stated(f"{head}.{field.name}"))
            if head == NEEDED:
                needed = present
        if NEEDED in self.words.lists:
            needed = filings.stated(NEEDED)
        self.mark(filings, ~needed)
        for name in (*self.words.singles, *self.words.lists):
            if name.endswith("_"):  # the models know it under another name
                self.mark(filings, np.ones(filings.size, dtype=bool))

    def refer(self, filings: Filings) -> None:
        """Resolve the references, now that all items are known; one that leads nowhere is in doubt."""
        import numpy as np

        for rows, field in self.references:
            given = rows.texts[field.name]
            target, index = filings.items(filings.entity.fields[field.of]).rows, np.empty(0, dtype=np.int64)
            index = _found(target, rows.filing, given) if target.keys is not None else np.full(rows.size, target.size)
            self.mark(rows, valid(given) & (index == target.size))
            rows.leads[field.name] = target, index


def _exact(ends: Mapping[str, Any]) -> Any:
    """Days that are known as a filing writes them; nothing where they are not, and in the last year, which stands for another thing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    low, high = ends.get(LOW, ends.get(EXACT)), ends.get(HIGH, ends.get(EXACT))
    texts = low.cast(pa.string())
    return pc.if_else(pc.and_(pc.equal(low, high), pc.less(texts, "9999")), texts, None)


def _found(target: Rows, filing: Array, keys: Any) -> Array:
    """The row of each key among the items of its filing; how many these are where there is none."""
    import numpy as np
    import pyarrow as pa

    coded = pa.concat_arrays([target.keys, keys]).dictionary_encode()
    width = len(coded.dictionary) + 2
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64) + 1
    there, wanted = target.filing * width + codes[: target.size], filing * width + codes[target.size :]
    order = np.argsort(there, kind="stable")
    at = np.searchsorted(there[order], wanted)
    at[at == target.size] = 0
    hit = (codes[target.size :] > 0) & (there[order][at] == wanted) if target.size else np.zeros(len(wanted), dtype=bool)
    return np.where(hit, order[at] if target.size else 0, target.size)


__all__ = ["Filings", "Rows", "read"]
