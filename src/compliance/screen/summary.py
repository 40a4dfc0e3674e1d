"""What a run comes to: per scenario and day, which rules stop most, who is nearly there, and what stands closest to a limit."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compliance.engine.verdict import GRAVEST
from compliance.packs.book import FORCES, Pack
from compliance.screen.found import TEXTS, UNITS
from compliance.screen.states import Codes, divided, joined
from compliance.screen.stretches import Stretch, stretches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

SCHEMA = "compliance.screening/1"
LISTED = 50  # issuers that a list names at most
PASS = GRAVEST.index("pass")  # what is graver stops an issuer
FAR = Fraction(10**9)  # how far from its limit what has no distance is taken to be
MEASURED = (*TEXTS, *UNITS)
COLUMNS = ("issuer", "rule", "force", "verdict", "robust", *MEASURED)
Plain = dict[str, Any]
Group = tuple[str, str]  # a scenario and a day


@dataclass(slots=True)
class _Tally:
    """What is counted of one scenario on one day, rules by their places in the book.

    ``alone`` are conditions that are all that stands between an issuer and a pass, ``frail`` decided verdicts that do not stand
    with every question open.
    """

    verdicts: Array
    rules: Array  # for each rule, how many findings of each word
    alone: Array
    frail: Array
    nearly: list[tuple[Any, ...]] = field(default_factory=list)
    close: list[tuple[Any, ...]] = field(default_factory=list)


def _tally(rules: int) -> _Tally:
    import numpy as np

    verdicts, counts = np.zeros(len(GRAVEST), dtype=np.int64), np.zeros((rules, len(GRAVEST)), dtype=np.int64)
    return _Tally(verdicts, counts, np.zeros(rules, dtype=np.int64), np.zeros(rules, dtype=np.int64))


def rows(path: Path, columns: list[str] | None = None) -> Iterator[Plain]:
    """The rows of one of a run's tables, a few at a time in memory."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(batch_size=4096, columns=columns):
            yield from batch.to_pylist()


def summarise(out: Path, pack: Pack, asked: Mapping[str, Any], lines: list[Plain]) -> Plain:
    """The summary of a run whose tables have been put together."""
    rules = [rule.id for rule in pack.rules]
    tallies: dict[Group, _Tally] = defaultdict(lambda: _tally(len(rules)))
    earliest: dict[tuple[str, int], str] = {}
    days = list(asked["days"])
    for cases in stretches(out / "issuers.parquet", ("verdict",)):
        words = cases.places("verdict", GRAVEST)
        tallies[cases.scenario, cases.as_of].verdicts += _counted(words, len(GRAVEST))
        if len(days) > 1:
            for item in cases.items[words == PASS].tolist():
                earliest.setdefault((cases.scenario, item), cases.as_of)
    for found in stretches(out / "findings.parquet", COLUMNS):
        _count(tallies[found.scenario, found.as_of], found, rules)
    names = _names(out, tallies)
    ordered = sorted(tallies, key=lambda group: _place(asked, group))
    plain: Plain = {
        "schema": SCHEMA,
        "engine": asked["engine"],
        "pack": {name: asked["pack"][name] for name in ("id", "version", "sha256")},
        "input_sha256": asked["input"]["sha256"],
        "items": sum(line["items"] for line in lines),
        "errors": sum(line["errors"] for line in lines),
        "robust": asked["robust"],
        "groups": [_plain(pack, group, tallies[group], names) for group in ordered],
    }
    if len(days) > 1:
        plain["earliest"] = _months(asked, earliest)
    return plain


def _place(asked: Mapping[str, Any], group: Group) -> tuple[int, str]:
    return [name for name, _ in asked["scenarios"]].index(group[0]), group[1]


def _counted(places: Array, size: int) -> Array:
    import numpy as np

    return np.bincount(places, minlength=size)


def _count(tally: _Tally, found: Stretch, rules: Sequence[str]) -> None:
    """Add the findings of some cases to what is counted."""
    import numpy as np

    rule, word, case = found.places("rule", rules), found.places("verdict", GRAVEST), found.case()
    tally.rules += _counted(rule * len(GRAVEST) + word, tally.rules.size).reshape(tally.rules.shape)
    tally.frail += _counted(rule[_untrue(found.rows.column("robust"))], len(rules))
    conditions = found.places("force", FORCES) == FORCES.index("condition")
    stopping = (conditions & (word < PASS)).nonzero()[0]
    of = case[stopping]
    stops = _counted(of, len(found.items))
    tally.alone += _counted(rule[stopping[stops[of] == 1]], len(rules))
    _close(tally, found, (conditions & (word == PASS)).nonzero()[0], rules)
    few = ((stops == 1) | (stops == 2)).nonzero()[0]
    if len(few):
        first, last = np.searchsorted(of, few), np.searchsorted(of, few, "right") - 1
        _nearly(tally, found, few, stopping[first], stopping[last], rules)


def _untrue(column: Any) -> Array:
    """The rows of a column of flags that say no, and not nothing."""
    import pyarrow.compute as pc

    untrue: Array = pc.invert(column).fill_null(False).to_numpy(zero_copy_only=False).nonzero()[0]
    return untrue


def _close(tally: _Tally, found: Stretch, rows: Array, rules: Sequence[str]) -> None:
    """Keep the passes that stand closest to their limits."""
    import numpy as np

    near, order = _distances(found, rows, None)
    within = order >= 0
    rows, order = rows[within], order[within]
    items = found.rows.column("item").to_numpy()[rows]
    word = found.places("rule", sorted(rules))[rows]
    for index in np.lexsort((-word, items, order))[:LISTED].tolist():
        (row,) = found.rows.slice(int(rows[index]), 1).to_pylist()
        _keep(tally.close, (-near[order[index]], -row["item"], row["rule"]), (row["issuer"], row))


def _nearly(tally: _Tally, found: Stretch, cases: Array, first: Array, last: Array, rules: Sequence[str]) -> None:
    """Keep the issuers that one or two conditions stop, of which the first and last rows are given."""
    import numpy as np

    word, rule = found.places("verdict", GRAVEST), found.places("rule", rules)
    # A distance tells something of a fail alone; the others stand behind every one of these.
    failed = word[first] == GRAVEST.index("fail")
    near, at = _distances(found, first[failed], FAR)
    values = sorted({*near, FAR})
    order = np.full(len(cases), values.index(FAR))
    order[failed] = np.array([values.index(value) for value in near], dtype=np.int64)[at]
    stops = 1 + (first != last)
    gravest = np.minimum(word[first], word[last])
    for index in np.lexsort((found.items[cases], order, gravest, stops))[:LISTED].tolist():
        row = int(first[index])
        rank = (-int(stops[index]), -int(gravest[index]), -values[order[index]], -int(found.items[cases[index]]))
        named = [rules[rule[place]] for place in dict.fromkeys((row, int(last[index])))]
        _keep(tally.nearly, rank, (found.rows.column("issuer")[row].as_py(), GRAVEST[gravest[index]], named))


def _distances(found: Stretch, rows: Array, otherwise: Fraction | None) -> tuple[list[Fraction], Array]:
    """How far some rows are from their limits: the distances in order, and for each row the place of its own.

    What has no distance has that of ``otherwise``, or with None the place -1. Rows that say the same are worked out once.
    """
    import numpy as np

    said = joined([_coded(found.rows.column(name), rows) for name in MEASURED])
    held, which = divided(said or Codes(np.zeros(len(rows), dtype=np.int64), 1))
    given = found.rows.select(list(MEASURED)).take(_arrow(rows[held])).to_pylist()
    distances = [otherwise if (near := closeness(one)) is None else near for one in given]
    values = sorted({near for near in distances if near is not None})
    of = {near: place for place, near in enumerate(values)}
    places = np.array([-1 if near is None else of[near] for near in distances], dtype=np.int64)
    return values, places[which]


def _coded(column: Any, rows: Array) -> Codes:
    """The states of some rows of a column that is a dictionary."""
    import numpy as np

    last = len(column.dictionary)
    return Codes(column.indices.fill_null(last).to_numpy(zero_copy_only=False)[rows].astype(np.int64), last + 1)


def _arrow(places: Array) -> Any:
    import pyarrow as pa

    return pa.array(places)


def _names(out: Path, tallies: Mapping[Group, _Tally]) -> dict[tuple[Group, int], str]:
    """The names of the issuers that lists name."""
    import numpy as np

    found = {}
    for cases in stretches(out / "issuers.parquet", ("name",)):
        group = cases.scenario, cases.as_of
        tally = tallies[group]
        wanted = [*(-rank[1] for rank, _ in tally.close), *(-rank[-1] for rank, _ in tally.nearly)]
        for index in np.isin(cases.items, wanted).nonzero()[0].tolist():
            found[group, int(cases.items[index])] = cases.rows.column("name")[index].as_py()
    return found


def closeness(found: Mapping[str, Any]) -> Fraction | None:
    """How far a measure is from its limit at most, as a share of the limit; None where either is open, a day, or the limit nought.

    At most: a measure of which little is known may well lie at its limit, and is not close to it for that.
    """
    texts = [found[name] for name in ("measure_low", "measure_high", "limit_low", "limit_high")]
    if None in texts or found["unit"] in (None, "date") or found["unit"] != found["limit_unit"]:
        return None
    low, high, least, most = map(Fraction, texts)
    base = max(abs(least), abs(most))
    if not base:
        return None
    return max(most - low, high - least) / base


def _keep(heap: list[tuple[Any, ...]], rank: tuple[Any, ...], entry: tuple[Any, ...]) -> None:
    """Keep the greatest ranks, of which no two are the same."""
    if len(heap) < LISTED:
        heapq.heappush(heap, (rank, entry))
    elif rank > heap[0][0]:
        heapq.heapreplace(heap, (rank, entry))


def _plain(pack: Pack, group: Group, tally: _Tally, names: Mapping[tuple[Group, int], str]) -> Plain:
    rules = []
    for number, rule in enumerate(pack.rules):
        if tally.rules[number].any():
            rules.append({
                "rule": rule.id, "title": dict(rule.title), "force": rule.force, "verdicts": _words(tally.rules[number]),
                "alone": int(tally.alone[number]), "not_robust": int(tally.frail[number]),
            })  # fmt: skip
    close = []
    for rank, (issuer, found) in sorted(tally.close, key=lambda kept: kept[0], reverse=True):
        near, item = -rank[0], -rank[1]
        share = {"numerator": str(near.numerator), "denominator": str(near.denominator)}
        ends = {key: found[key] for key in ("measure_low", "measure_high", "limit_low", "limit_high", "unit")}
        close.append({"item": item, "issuer": issuer, "name": names[group, item], "rule": found["rule"], "off": share, **ends})
    nearly = [
        {"item": -rank[-1], "issuer": issuer, "name": names[group, -rank[-1]], "verdict": verdict, "rules": stopping}
        for rank, (issuer, verdict, stopping) in sorted(tally.nearly, key=lambda kept: kept[0], reverse=True)
    ]
    return {
        "scenario": group[0],
        "as_of": group[1],
        "issuers": int(tally.verdicts.sum()),
        "verdicts": _words(tally.verdicts),
        "rules": rules,
        "nearly": nearly,
        "close": close,
    }


def _words(counts: Array) -> Plain:
    return {word: count for word, count in zip(GRAVEST, counts.tolist(), strict=True) if count}


def _months(asked: Mapping[str, Any], earliest: Mapping[tuple[str, int], str]) -> list[Plain]:
    """Per scenario, how many issuers meet all conditions for the first time in each month of the days asked for."""
    found = []
    for name, _ in asked["scenarios"]:
        months = Counter(day[:7] for (scenario, _), day in earliest.items() if scenario == name)
        found.append({"scenario": name, "months": dict(sorted(months.items())), "never": asked["input"]["items"] - sum(months.values())})
    return found
