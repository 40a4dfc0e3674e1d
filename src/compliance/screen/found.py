"""What was found of a block of cases: a number for each rule and case, and the tables that are written of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from compliance.engine.figures import shown
from compliance.engine.verdict import GRAVEST
from compliance.expressions.tree import Type
from compliance.packs.book import FORCES, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyarrow import RecordBatch, Schema
    from pyarrow.parquet import ParquetWriter

    from compliance.engine.many import Ends
    from compliance.screen.cases import Cases

    Array = NDArray[Any]

TEXTS = ("measure_low", "measure_high", "limit_low", "limit_high")
UNITS = ("unit", "limit_unit")
NONE = -1  # no such thing: a rule that is not in force, an end that is open, nobody asked
EPOCH = 719_163  # the day number of 1970-01-01


class Found:
    """Findings by rule (first) and case: ``verdicts`` as places in ``GRAVEST``, ``robust`` as 0 or 1, texts as places in ``texts``.

    ``whole`` is what this is a part of, with which it shares its texts.
    """

    def __init__(self, rules: int, cases: int, whole: Found | None = None) -> None:
        import numpy as np

        self.verdicts = np.full((rules, cases), NONE, dtype=np.int8)
        self.robust = np.full((rules, cases), NONE, dtype=np.int8)
        self.parts = {name: np.full((rules, cases), NONE, dtype=np.int32) for name in (*TEXTS, *UNITS)}
        self._texts: dict[str, int] = {} if whole is None else whole._texts
        self._ends: dict[tuple[Type, bool, int], int] = {} if whole is None else whole._ends

    def text(self, text: str | None) -> int:
        """The place of a text."""
        return NONE if text is None else self._texts.setdefault(text, len(self._texts))

    @property
    def texts(self) -> list[str]:
        """All texts, each at its place."""
        return list(self._texts)

    def put(self, first: int, part: Found) -> None:
        """Put in what was found of some rules in a row, from the rule of that number on."""
        import numpy as np

        rules = slice(first, first + len(part.verdicts))
        self.verdicts[rules], self.robust[rules] = part.verdicts, part.robust
        places = np.array([*map(self.text, part.texts), NONE], dtype=np.int32)  # what is NONE finds the last, which stays so
        for name, held in part.parts.items():
            self.parts[name][rules] = places[held]

    def spread(self, rule: int, of: Array, part: Found) -> None:
        """Put in what was found of one rule for classes of cases, ``of`` being the class of each case; the part shares its texts."""
        self.verdicts[rule], self.robust[rule] = part.verdicts[0][of], part.robust[0][of]
        for name, held in part.parts.items():
            self.parts[name][rule] = held[0][of]

    def end(self, value: int, kind: Type, upwards: bool) -> int:
        """The place of the text of one end, written once for each value."""
        key = kind, upwards, value
        found = self._ends.get(key)
        if found is None:
            found = self._ends[key] = self.text(shown(value, kind, upwards))
        return found

    def put_span(self, rule: int, rows: Array, names: tuple[str, str, str], ends: Ends, kind: Type, unit: str) -> None:
        """What was measured of some cases: under ``names`` its low end, high end and unit."""
        low, high, of = (self.parts[name][rule] for name in names)
        of[rows] = self.text(unit)
        for target, values, unbounded, upwards in ((low, ends.low, ends.below, False), (high, ends.high, ends.above, True)):
            target[rows] = self._places(values[rows], ends.power, unbounded[rows], kind, upwards)

    def _places(self, values: Array, power: int, unbounded: Array, kind: Type, upwards: bool) -> Array:
        import numpy as np

        if values.dtype != object and len(values) and values[0] == values[-1] and (values == values[0]).all():
            distinct, which = values[:1], np.zeros(len(values), dtype=np.int64)
        else:
            distinct, which = np.unique(values, return_inverse=True)
        places = np.array([self.end(value * 10**power, kind, upwards) for value in distinct.tolist()], dtype=np.int32)
        return np.where(unbounded, np.int32(NONE), places[which]) if len(places) else np.zeros(0, dtype=np.int32)


def findings_schema() -> Schema:
    """The columns of ``findings.parquet``: whatever repeats comes through a dictionary, which takes a fraction of the time."""
    import pyarrow as pa

    word = pa.dictionary(pa.int32(), pa.string())
    return pa.schema([
        ("item", pa.int64()), ("issuer", word), ("scenario", word), ("as_of", pa.date32()), ("rule", word), ("force", word),
        ("verdict", word), ("robust", pa.bool_()), *((name, word) for name in (*TEXTS[:2], UNITS[0], *TEXTS[2:], UNITS[1])),
    ])  # fmt: skip


def writer(stream: Any, schema: Schema) -> ParquetWriter:
    """What writes one of a run's tables into a stream. Words are texts there for whoever reads it.

    Least and greatest values of a row group are told of numbers alone: of texts nobody asks for them, and to find them takes as
    long as to write.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = [part.name for part in schema if not pa.types.is_dictionary(part.type) and part.type != pa.string()]
    return pq.ParquetWriter(stream, schema, compression="zstd", store_schema=False, write_statistics=numbers)


def issuers_schema() -> Schema:
    """The columns of ``issuers.parquet``: a row for each item, scenario and day."""
    import pyarrow as pa

    word = pa.dictionary(pa.int32(), pa.string())
    counts = [(name, pa.int32()) for name in GRAVEST]
    return pa.schema([
        ("item", pa.int64()), ("issuer", pa.string()), ("name", pa.string()), ("place", pa.string()), ("facts_sha256", pa.string()),
        ("scenario", word), ("as_of", pa.date32()), ("verdict", word), *counts,
    ])  # fmt: skip


def findings_batch(cases: Cases, rules: Sequence[Rule], found: Found) -> RecordBatch:
    """The findings of a block, case by case and rule by rule."""
    import numpy as np
    import pyarrow as pa

    def listed(held: Array) -> Array:
        """An array by rule and case as the findings go."""
        in_order: Array = np.ascontiguousarray(held.T).ravel()[places]
        return in_order

    case, rule = (found.verdicts.T != NONE).nonzero()
    places = case * len(rules) + rule
    texts = found.texts
    issuers = pa.array(cases.issuers, pa.string()).dictionary_encode()
    robust = listed(found.robust)
    arrays = {
        "item": pa.array(np.asarray(cases.items, dtype=np.int64)[case]),
        "issuer": pa.DictionaryArray.from_arrays(issuers.indices.take(pa.array(case)), issuers.dictionary),
        **_same_for_all(cases, len(case)),
        "rule": _words(rule, [one.id for one in rules]),
        "force": _words(np.array([FORCES.index(one.force) for one in rules], dtype=np.int32)[rule], FORCES),
        "verdict": _words(listed(found.verdicts), GRAVEST),
        "robust": pa.array(robust == 1, mask=robust == NONE),
        **{name: _in_order(listed(held), texts) for name, held in found.parts.items()},
    }
    schema = findings_schema()
    return pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)


def whole(verdicts: Array, rules: Sequence[Rule]) -> Array:
    """The verdict of each case as a whole: of the conditions, the gravest."""
    import numpy as np

    ruling = verdicts[[number for number, rule in enumerate(rules) if rule.force == "condition"]]
    last = len(GRAVEST) - 1  # the words stand by gravity: nothing in force is as what does not apply
    found: Array = np.where(ruling == NONE, last, ruling).min(axis=0, initial=last)
    return found


def issuers_batch(cases: Cases, rules: Sequence[Rule], verdicts: Array) -> RecordBatch:
    """The verdict of each case as a whole, with how many findings it has of each kind."""
    import numpy as np
    import pyarrow as pa

    arrays = {
        "item": pa.array(cases.items, pa.int64()),
        **{
            name: pa.array(values, pa.string())
            for name, values in (("issuer", cases.issuers), ("name", cases.names), ("place", cases.places), ("facts_sha256", cases.hashes))
        },
        **_same_for_all(cases, len(cases)),
        "verdict": _words(whole(verdicts, rules), GRAVEST),
        **{word: pa.array((verdicts == number).sum(axis=0, dtype=np.int32)) for number, word in enumerate(GRAVEST)},
    }
    schema = issuers_schema()
    return pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)


def _same_for_all(cases: Cases, size: int) -> Mapping[str, Any]:
    """The columns of what all cases of a block share."""
    import numpy as np
    import pyarrow as pa

    return {
        "scenario": _words(np.zeros(size, dtype=np.int32), [cases.scenario] if size else []),
        "as_of": pa.array(np.full(size, cases.day - EPOCH, dtype=np.int32)).view(pa.date32()),
    }


def _words(places: Array, listed: Sequence[str]) -> Any:
    """Words through one dictionary, so that blocks and workers agree on it."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(_places(places), pa.array(listed, pa.string()))


def _in_order(places: Array, listed: Sequence[str]) -> Any:
    """Words through a dictionary of those that stand there, in their order, whoever found them first."""
    import numpy as np

    there = np.zeros(len(listed) + 1, dtype=bool)
    there[places] = True  # what is NONE finds the last, which is no word
    held = sorted(there[:-1].nonzero()[0].tolist(), key=listed.__getitem__)
    renumbered = np.full(len(listed) + 1, NONE, dtype=np.int32)
    renumbered[held] = np.arange(len(held), dtype=np.int32)
    return _words(renumbered[places], [listed[place] for place in held])


def _places(places: Array) -> Any:
    import numpy as np
    import pyarrow as pa

    missing = places == NONE
    return pa.array(places.astype(np.int32, copy=False), mask=missing if missing.any() else None)
