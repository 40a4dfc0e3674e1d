"""Findings of a run as lines of JSON, each whole by itself: those of one filing, and those of a chunk written into a part of a file.

A line is a finding as a check of that filing gives it, with the places it refers to and what tells which filing, day and rule
book it is of. Filings that are alike in all that a rule looks at share its finding, which then only gets its own fingerprint.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NamedTuple

from compliance import dates
from compliance.engine.decide import ABSENT, measure
from compliance.engine.finding import Finding, fingerprint
from compliance.engine.machine import Machine
from compliance.engine.plain import Places, Plain, without_empty
from compliance.engine.record import head
from compliance.engine.remedy import Remedies
from compliance.engine.subject import Subject, subject
from compliance.facts.filing import Filing
from compliance.packs.book import Rule
from compliance.screen import cases, inputs
from compliance.screen.alike import Alike
from compliance.screen.parts import Chunk, Input, Task
from compliance.screen.work import Done, machine_in_use, told
from compliance.source import Place, Problem, SourceError

SCHEMA = "compliance.explained/1"
PACKED = ".jsonl.gz"
ENDINGS = (".jsonl", PACKED)
LEVEL = 3  # of packing: beyond it the file gets little smaller and takes much longer
SHARED = 96 * 1024 * 1024  # bytes of findings that are kept for filings alike
LARGE = 64 * 1024  # bytes beyond which a finding is not kept
CLAIMED = ("rule", "verdict", "measure", "limit", "robust")  # what of a finding its fingerprint covers
MENDED = ("fail", "judgement")  # verdicts whose remedies hang on other rules as well

Cell = tuple[int, str, str]  # an item, a scenario and a day as it is written
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Wanted(NamedTuple):
    """Which cells of a run are written, beside the rules, days and scenarios of the task, and how.

    ``items`` (none: all) by number; where there are ``verdicts``, those of the findings in the file ``table`` that have one of
    them. ``remedies`` says whether what would mend a finding is looked for, ``packed`` whether the lines are packed with gzip.
    """

    items: frozenset[int]
    verdicts: tuple[str, ...]
    table: str
    remedies: bool = False
    packed: bool = False


class Made(NamedTuple):
    """A finding before and after its fingerprint, and what of it that covers; nothing of a rule that is not in force."""

    before: bytes
    after: bytes
    claimed: Plain


_NO_LAW = Made(b"", b"", {})


class Kept:
    """Findings that filings alike share: those asked for lately, within a number of bytes."""

    def __init__(self, size: int = SHARED) -> None:
        self.size = size // 2
        self.young: dict[Any, Made] = {}
        self.old: dict[Any, Made] = {}
        self.weight = 0

    def get(self, key: Any) -> Made | None:
        """The finding of a key, if it is there."""
        found = self.young.get(key)
        if found is None:
            found = self.old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: Any, made: Made) -> None:
        """Keep a finding; half of what is kept goes when there is too much, that which was not asked for since the last time."""
        weight = len(made.before) + len(made.after)
        if weight > LARGE:
            return
        if self.weight > self.size:
            self.young, self.old, self.weight = {}, self.young, 0
        self.young[key] = made
        self.weight += weight


class Teller:
    """Tells the findings of filings as lines, under one rule book; ``made`` counts those that no filing alike had before."""

    def __init__(self, machine: Machine, kept: Kept | None = None) -> None:
        self.machine = machine
        self.alike = Alike(machine)
        self.kept = kept or Kept()
        self.made = 0

    def lines(self, filing: Filing, as_of: int, rules: Collection[Rule], where: Plain, remedies: bool) -> Iterator[bytes]:
        """The findings of a filing on a day (a number), of those of the rules that are in force; ``where`` tells which filing it is."""
        states = self.alike.states(filing)
        start = self.start(filing, as_of, where)
        case = _Case(self.machine, filing, as_of, remedies)
        for rule in rules:
            key = (as_of, remedies, self.alike.key(filing, states, rule))
            made = self.kept.get(key)
            if made is None:
                made = case.made(rule)
                self.made += 1
                if not remedies or made.claimed.get("verdict") not in MENDED:
                    self.kept.put(key, made)
            if made.claimed:
                claimed = fingerprint(made.claimed, filing.sha256, self.machine.pack.sha256_of(rule), as_of)
                yield b"%s%s%s%s\n" % (start, made.before, claimed.encode(), made.after)

    def start(self, filing: Filing, as_of: int, where: Plain) -> bytes:
        """What every line of a filing begins with."""
        plain = {name: kept for name, value in head(self.machine, filing, as_of, SCHEMA).items() if (kept := without_empty(value))}
        return _compact({**plain, **where})[:-1].encode() + b',"finding":'


class _Case:
    """One filing on a day, seen by the engine when the first of its findings has to be made."""

    def __init__(self, machine: Machine, filing: Filing, as_of: int, remedies: bool) -> None:
        self.machine = machine
        self.filing = filing
        self.as_of = as_of
        self.remedies = remedies
        self.places = Places()
        self.subject: Subject | None = None
        self.mending: Remedies | None = None

    def made(self, rule: Rule) -> Made:
        """The finding of a rule."""
        if self.subject is None:
            self.subject = subject(self.machine, self.filing, self.as_of)
            self.mending = Remedies(self.subject) if self.remedies else Unsought(self.subject)
        decision = measure(self.subject, rule)
        if decision.code == ABSENT:
            return _NO_LAW
        plain = Finding(self.subject, rule, decision, self.mending).plain(self.places)
        own: list[int] = []
        if self.places.listed:  # of tables and columns there are none
            plain = _renumbered(plain, own)
        before, mark, after = _compact(plain).partition(plain["fingerprint"])
        listed = f',"places":{_compact([without_empty(self.places.listed[number]) for number in own])}' if own else ""
        assert mark
        claimed = {name: plain[name] for name in CLAIMED if name in plain}
        return Made(before.encode(), f"{after}{listed}}}".encode(), claimed)


def _renumbered(plain: Any, own: list[int]) -> Any:
    """A part of a finding with the places that it refers to numbered among its own, which are noted in their order."""
    if isinstance(plain, dict):
        found = {name: part if isinstance(part, str) else _renumbered(part, own) for name, part in plain.items()}
        if "place" in plain:
            number = plain["place"]
            if number not in own:
                own.append(number)
            found["place"] = own.index(number)
        return found
    return [_renumbered(part, own) for part in plain] if isinstance(plain, list) else plain


class Unsought(Remedies):
    """Remedies that nobody looks for: they hang on every rule of the book, and take longer than all the rest."""

    def of(self, rule: Rule) -> Plain:
        """None."""
        return {}


# A chunk


def do(wanted: Wanted, task: Task, given: Input, chunk: Chunk, out: str) -> Done:
    """Write the lines of a chunk as a part into the folder ``out``. What stops the whole is given back."""
    return told(lambda: _done(wanted, task, given, chunk, Path(out)))


def part_of(out: Path, chunk: Chunk) -> Path:
    """The part of a chunk in a folder."""
    return out / f"{chunk.number:06d}"


@lru_cache(maxsize=2)
def _teller(machine: Machine) -> Teller:
    machine.generate(machine.pack.rules, own=True)
    return Teller(machine)


def _done(wanted: Wanted, task: Task, given: Input, chunk: Chunk, out: Path) -> dict[str, Any]:
    teller = _teller(machine_in_use(task))
    asked = _asked(wanted, task, chunk)
    counts: Counter[str] = Counter(items=chunk.size)
    path = part_of(out, chunk)
    try:
        with path.open("wb") as plain, _packing(plain, wanted.packed) as stream:
            for line in _lines(teller, wanted, task, given, chunk, asked, counts):
                counts["findings"] += 1
                stream.write(line)
    except OSError as error:
        raise SourceError([Problem(Place(str(path)), "file-unwritable", {"reason": error.strerror or "?"})]) from None
    return {name: counts[name] for name in ("items", "read", "findings", "errors")}


def _packing(stream: IO[bytes], packed: bool) -> Any:
    """A stream, packed if that is asked for. Packed parts one after the other are a packed file."""
    return gzip.GzipFile("", "wb", LEVEL, stream, mtime=0) if packed else stream


def _lines(
    teller: Teller,
    wanted: Wanted,
    task: Task,
    given: Input,
    chunk: Chunk,
    asked: Mapping[Cell, set[str]] | None,
    counts: Counter[str],
) -> Iterator[bytes]:
    """The lines of a chunk: item by item, scenario by scenario, day by day, and rule by rule."""
    pack = teller.machine.pack
    rules = [rule for rule in pack.rules if rule.id in task.rules]
    there = None if asked is None else {number for number, _, _ in asked}
    for item in inputs.read(given, chunk, pack):
        if (wanted.items and item.number not in wanted.items) or (there is not None and item.number not in there):
            continue
        counts["read"] += 1
        errors: list[dict[str, Any]] = []
        filing = cases.filing_of(item, pack, errors)
        for name, settings in task.scenarios if filing is not None else ():
            assert filing is not None
            put = cases.scenario_of(item, filing, pack, name, settings, errors) if settings else filing
            for day in task.days if put is not None else ():
                assert put is not None
                chosen = rules if asked is None else [r for r in rules if r.id in asked.get((item.number, name, dates.iso(day)), ())]
                where = {"item": item.number, "place": str(item.place), "scenario": name}
                yield from teller.lines(put, day, chosen, where, wanted.remedies)
        counts["errors"] += bool(errors)


def _asked(wanted: Wanted, task: Task, chunk: Chunk) -> dict[Cell, set[str]] | None:
    """The rules of each cell of a chunk that had one of the verdicts asked for; None where all verdicts are."""
    if not wanted.verdicts:
        return None
    import pyarrow.parquet as pq

    first, end = chunk.first, chunk.first + chunk.size
    filters = [("item", ">=", first), ("item", "<", end), ("verdict", "in", wanted.verdicts), ("rule", "in", task.rules)]
    found: dict[Cell, set[str]] = {}
    columns = ["item", "scenario", "as_of", "rule"]
    for row in pq.read_table(wanted.table, columns=columns, filters=filters).to_pylist():
        found.setdefault((row["item"], row["scenario"], row["as_of"].isoformat()), set()).add(row["rule"])
    return found
