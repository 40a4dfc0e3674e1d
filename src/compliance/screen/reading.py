"""Parquet rows as the columns that rules are decided on, checked as a filing is when it is loaded, without a filing for each.

A row is in doubt where a check finds anything that is not plainly as it should be. It is then read as a filing, which tells
every mistake with its place, or takes what was doubted. So what is checked here may refuse what a filing takes, and never takes
what a filing refuses; what both take is the same, cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from compliance.screen.blocks import Filings
from compliance.screen.cells import COMPLETE, EXACT, HIGH, LOW, cells_of, is_text, parted, plain, strings, valid
from compliance.screen.rows import Items, Rows
from compliance.vocabulary import Field, Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyarrow import RecordBatch

    from compliance.packs.book import Pack

    Array = NDArray[Any]

Given = Mapping[str, Mapping[str, Any]]  # columns by the fact and the end of it that each holds
NEEDED = "issuer"  # the part that every filing has
FEW = 4  # a fact that fewer than one row in so many states is read for these alone


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
