"""What a run comes to: per scenario and day, which rules stop most, who is nearly there, and what stands closest to a limit."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from compliance.packs.book import Pack
from compliance.screen.found import WORDS

SCHEMA = "compliance.screening/1"
LISTED = 50  # issuers that a list names at most
Plain = dict[str, Any]
Group = tuple[str, str]  # a scenario and a day


@dataclass(slots=True)
class _Tally:
    """What is counted of one scenario on one day."""

    verdicts: Counter[str] = field(default_factory=Counter)
    rules: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    alone: Counter[str] = field(default_factory=Counter)  # conditions that are all that stands between an issuer and a pass
    frail: Counter[str] = field(default_factory=Counter)  # decided verdicts that do not stand with every question open
    nearly: list[tuple[Any, ...]] = field(default_factory=list)
    close: list[tuple[Any, ...]] = field(default_factory=list)


def rows(path: Path, columns: list[str] | None = None) -> Iterator[Plain]:
    """The rows of one of a run's tables, a few at a time in memory."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(batch_size=4096, columns=columns):
            yield from batch.to_pylist()


def summarise(out: Path, pack: Pack, asked: Mapping[str, Any], lines: list[Plain]) -> Plain:
    """The summary of a run whose tables have been put together."""
    tallies: dict[Group, _Tally] = defaultdict(_Tally)
    earliest: dict[tuple[str, int], str] = {}
    for group, item, issuer, name, verdict, findings in _issuers(out):
        tally = tallies[group]
        tally.verdicts[verdict] += 1
        if verdict == "pass":
            earliest.setdefault((group[0], item), group[1])
        _count(tally, item, issuer, name, verdict, findings)
    days = list(asked["days"])
    plain: Plain = {
        "schema": SCHEMA,
        "engine": asked["engine"],
        "pack": {name: asked["pack"][name] for name in ("id", "version", "sha256")},
        "input_sha256": asked["input"]["sha256"],
        "items": sum(line["items"] for line in lines),
        "errors": sum(line["errors"] for line in lines),
        "robust": asked["robust"],
        "groups": [_plain(pack, group, tally) for group, tally in sorted(tallies.items(), key=lambda pair: _place(asked, pair[0]))],
    }
    if len(days) > 1:
        plain["earliest"] = _months(asked, earliest)
    return plain


def _place(asked: Mapping[str, Any], group: Group) -> tuple[int, str]:
    return [name for name, _ in asked["scenarios"]].index(group[0]), group[1]


def _issuers(out: Path) -> Iterator[tuple[Group, int, str, str, str, list[Plain]]]:
    """Each item in each scenario on each day, with its findings that count. Both tables go case by case in one order."""
    findings = rows(out / "findings.parquet")
    held = next(findings, None)
    for row in rows(out / "issuers.parquet"):
        key = (row["item"], row["scenario"], row["as_of"])
        mine = []
        while held is not None and (held["item"], held["scenario"], held["as_of"]) == key:
            mine.append(held)
            held = next(findings, None)
        yield (row["scenario"], row["as_of"].isoformat()), row["item"], row["issuer"], row["name"], row["verdict"], mine


def _count(tally: _Tally, item: int, issuer: str, name: str, verdict: str, findings: list[Plain]) -> None:
    stopping = []
    for found in findings:
        tally.rules[found["rule"]][found["verdict"]] += 1
        if found["robust"] is False:
            tally.frail[found["rule"]] += 1
        if found["force"] != "condition":
            continue
        if found["verdict"] in ("fail", "judgement", "missing"):
            stopping.append(found)
        elif found["verdict"] == "pass" and (near := closeness(found)) is not None:
            _keep(tally.close, (-near, -item, found["rule"]), (issuer, name, found))
    if len(stopping) == 1:
        tally.alone[stopping[0]["rule"]] += 1
    if stopping and len(stopping) <= 2:
        near = closeness(stopping[0]) if stopping[0]["verdict"] == "fail" else None
        rank = (-len(stopping), -WORDS.index(verdict), -(near if near is not None else Fraction(10**9)), -item)
        _keep(tally.nearly, rank, (issuer, name, verdict, [found["rule"] for found in stopping]))


def closeness(found: Mapping[str, Any]) -> Fraction | None:
    """How far a measure is from its limit, as a share of the limit; None where either is open, a day, or the limit nought."""
    texts = [found[name] for name in ("measure_low", "measure_high", "limit_low", "limit_high")]
    if None in texts or found["unit"] in (None, "date") or found["unit"] != found["limit_unit"]:
        return None
    low, high, least, most = map(Fraction, texts)
    base = max(abs(least), abs(most))
    if not base:
        return None
    return max(least - high, low - most, Fraction(0)) / base


def _keep(heap: list[tuple[Any, ...]], rank: tuple[Any, ...], entry: tuple[Any, ...]) -> None:
    """Keep the greatest ranks, of which no two are the same."""
    if len(heap) < LISTED:
        heapq.heappush(heap, (rank, entry))
    elif rank > heap[0][0]:
        heapq.heapreplace(heap, (rank, entry))


def _plain(pack: Pack, group: Group, tally: _Tally) -> Plain:
    rules = []
    for rule in pack.rules:
        if rule.id in tally.rules:
            counts = tally.rules[rule.id]
            rules.append({
                "rule": rule.id, "title": dict(rule.title), "force": rule.force, "verdicts": _words(counts),
                "alone": tally.alone[rule.id], "not_robust": tally.frail[rule.id],
            })  # fmt: skip
    close = []
    for rank, (issuer, name, found) in sorted(tally.close, reverse=True):
        near = -rank[0]
        share = {"numerator": str(near.numerator), "denominator": str(near.denominator)}
        ends = {key: found[key] for key in ("measure_low", "measure_high", "limit_low", "limit_high", "unit")}
        close.append({"item": -rank[1], "issuer": issuer, "name": name, "rule": found["rule"], "off": share, **ends})
    nearly = [
        {"item": -rank[-1], "issuer": issuer, "name": name, "verdict": verdict, "rules": stopping}
        for rank, (issuer, name, verdict, stopping) in sorted(tally.nearly, key=lambda kept: kept[0], reverse=True)
    ]
    return {
        "scenario": group[0],
        "as_of": group[1],
        "issuers": sum(tally.verdicts.values()),
        "verdicts": _words(tally.verdicts),
        "rules": rules,
        "nearly": nearly,
        "close": close,
    }


def _words(counts: Counter[str]) -> Plain:
    return {word: counts[word] for word in WORDS if counts[word]}


def _months(asked: Mapping[str, Any], earliest: Mapping[tuple[str, int], str]) -> list[Plain]:
    """Per scenario, how many issuers meet all conditions for the first time in each month of the days asked for."""
    found = []
    for name, _ in asked["scenarios"]:
        months = Counter(day[:7] for (scenario, _), day in earliest.items() if scenario == name)
        found.append({"scenario": name, "months": dict(sorted(months.items())), "never": asked["input"]["items"] - sum(months.values())})
    return found
