"""Tests that are made, not written: from an inline test, one fact is moved to where the verdict turns, and one unit beyond.

They are kept in a folder beside the pack's files, so that whatever changes a limit, a comparison or a day shows as a
changed verdict, whether somebody thought of testing it or not. They hold what the pack says, not what the law says: what
is right is for the inline tests, which people write.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from compliance import dates, source
from compliance.engine.decide import Machine, Subject
from compliance.expressions.emit import FAIL, NOT_APPLICABLE, PASS
from compliance.packs.book import AS_OF, Pack, Rule
from compliance.proving.probes import READING, WORDS, Cell, Situation, cell_of, decided, read, situations, stated, written
from compliance.quantities import MAX_FIGURE
from compliance.source import Place, Problem, SourceError

FOLDER = "boundaries"
HEAD = "# Made by `compliance rules test --write-boundaries`: the verdict at each turn, and one unit to either side.\n"
_DAYS = (dates.parse(f"{dates.FIRST_YEAR}-01-01").low, dates.parse(f"{dates.LAST_YEAR}-12-31").low)


@dataclass(frozen=True, slots=True)
class Made:
    """A made test: an inline test by its English name, what is put besides, the fact that moves, and what each value gives."""

    rule: str
    test: str
    put: tuple[tuple[str, str], ...]
    vary: str
    gives: tuple[tuple[str, str], ...]

    def line(self) -> str:
        """The test as a line of the file."""
        parts: dict[str, Any] = {"test": self.test, "put": dict(self.put), "vary": self.vary, "gives": dict(self.gives)}
        return "  - " + json.dumps({name: part for name, part in parts.items() if part}, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class Miss:
    """A value at which a made test gives another verdict than it did; ``found`` is empty where it cannot be run at all."""

    made: Made
    value: str
    expected: str
    found: str


# Making


def candidates(situation: Situation, rule: Rule) -> Iterator[Made]:
    """Every made test of one inline test: as it stands, under each other version of the law, and under each reading."""
    made = situation.made
    for put in settings(made, rule):
        for cell in list(stated(made, rule)):
            if cell.path not in put and (turned := values(made, rule, cell, put)):
                gives = tuple((written(made, cell, value), WORDS[code]) for value, code in turned.items())
                named = tuple((path, written(made, found, value)) for path, value in put.items() if (found := cell_of(made, path)))
                yield Made(rule.id, situation.name["en"], named, cell.path, gives)


def settings(made: Subject, rule: Rule) -> Iterator[Mapping[str, int]]:
    """What is put besides the fact that moves: nothing; the day of the law in each other version; each reading's options."""
    yield {}
    name, (low, _) = made.law_day(rule)
    pack = made.machine.pack
    path = name if name == AS_OF else pack.days[name]
    for segment in made.machine.segments(rule):
        if segment.in_force and not segment.start <= low < segment.end:
            yield {path: segment.start}
    for reading in pack.readings.values():
        if ("reading", reading.id) in made.machine.fields(rule):
            for index in range(len(reading.options)):
                yield {f"{READING}{reading.id}": 1 << index}


def values(made: Subject, rule: Rule, cell: Cell, put: Mapping[str, int]) -> dict[int, int]:
    """The values of a cell that are worth a test, each with its code; nothing where the verdict is the same everywhere."""

    def code(value: int) -> int:
        found = decided(made, rule, {**put, cell.path: value})
        assert found is not None
        return found

    if cell.field is None and cell.path != AS_OF:
        options = range(len(made.machine.pack.readings[cell.path.removeprefix(READING)].options))
        found = {1 << index: code(1 << index) for index in options}
    elif cell.field is not None and cell.field.type == "flag":
        found = {value: code(value) for value in (0, 1)}
    elif cell.field is not None and cell.field.type == "kind":
        found = {1 << index: code(1 << index) for index in range(len(made.machine.pack.vocabulary.kinds[cell.field.of]))}
    else:
        found = _turns(code, cell, [day for day in made.machine.pack.boundaries(rule) if _DAYS[0] < day < _DAYS[1]])
    return found if len(set(found.values())) > 1 else {}


def _turns(code: Callable[[int], int], cell: Cell, days: Iterable[int]) -> dict[int, int]:
    """The values about each turn of a figure or a day between its present value and its ends."""
    form, now = cell.field, cell.row[cell.slot]
    if form is None or form.type == "date":
        ends, known = _DAYS, {day for start in days for day in (start - 1, start, start + 1)}
    else:
        low = form.least if form.least is not None else -MAX_FIGURE if now < 0 else 0
        ends, known = (low, form.most if form.most is not None else MAX_FIGURE), set()
    known.add(now)
    stops = sorted({*ends, *known})
    about: set[int] = set()
    for left, right in pairwise(stops):
        if code(left) != code(right):
            turn = last_as(code, left, right)
            about |= {turn - 1, turn, turn + 1, turn + 2}
    return {value: code(value) for value in sorted(about) if ends[0] <= value <= ends[1]}


def last_as(code: Callable[[int], int], left: int, right: int) -> int:
    """The last value, going from left to right, that gives what the left end gives."""
    first = code(left)
    while right - left > 1:
        middle = (left + right) // 2
        if code(middle) == first:
            left = middle
        else:
            right = middle
    return left


def boundary_tests(rule: Rule, found: Iterable[Situation]) -> Iterator[Made]:
    """For each figure and day that a comparison of the rule turns on, one made test, from the first inline test that does.

    Those that pass are looked at first.
    """
    seen: set[str] = set()
    codes = [(situation.code(situation.made.machine, rule), situation) for situation in found]
    for _, situation in sorted((part for part in codes if part[0] in (PASS, FAIL)), key=lambda part: part[0]):
        for made in candidates(situation, rule):
            words = {word for _, word in made.gives}
            if made.put or made.vary in seen or not words & {WORDS[PASS]} or not words - {WORDS[PASS], WORDS[NOT_APPLICABLE]}:
                continue
            seen.add(made.vary)
            yield made


# Keeping


def text_of(tests: Iterable[Made]) -> str:
    """The file of one rule's made tests."""
    return HEAD + "tests:\n" + "".join(made.line() for made in tests)


def write(folder: Path, tests: Mapping[str, Iterable[Made]]) -> list[Path]:
    """Write the made tests of each rule into the pack's folder and remove those of rules that are gone."""
    to = folder / FOLDER
    to.mkdir(exist_ok=True)
    kept = []
    for rule, made in tests.items():
        listed = list(made)
        if listed:
            kept.append(to / f"{rule}.yaml")
            source.write_text(kept[-1], text_of(listed))
    for path in to.glob("*.yaml"):
        if path not in kept:
            path.unlink()
    return kept


def load(folder: Path) -> dict[str, list[Made]]:
    """The made tests beside a pack, by rule. Raises ``SourceError`` where a file is not of their shape."""
    found: dict[str, list[Made]] = {}
    problems: list[Problem] = []
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        name = f"{folder.name}/{FOLDER}/{path.name}"
        try:
            plain = source.plain(source.load(path, name))
            found[path.stem] = [_made(path.stem, part) for part in plain["tests"]]
        except SourceError as error:
            problems += error.problems
        except (AttributeError, KeyError, TypeError):
            problems.append(Problem(Place(name), "yaml-broken", {"reason": "tests"}))
    if problems:
        raise SourceError(problems)
    return found


def _made(rule: str, part: Mapping[str, Any]) -> Made:
    return Made(rule, part["test"], tuple(part.get("put", {}).items()), part["vary"], tuple(part["gives"].items()))


# Running


@dataclass(frozen=True, slots=True)
class Probe:
    """One value of a made test, ready to be decided: the situation, what to put, and the word that is expected."""

    made: Made
    situation: Situation
    puts: Mapping[str, int]
    value: str
    expected: str

    def word(self, made: Subject, rule: Rule) -> str:
        """The word that a rule gives on the facts of the situation, as a subject of the machine asked."""
        code = decided(made, rule, self.puts)
        return WORDS[code] if code is not None else ""


def probes(made: Made, by_name: Mapping[str, Situation]) -> Iterator[Probe | Miss]:
    """The values of a made test; a ``Miss`` where it does not fit the pack any more."""
    situation = by_name.get(made.test)
    puts: dict[str, int] = {}
    for path, text in made.put:
        cell = cell_of(situation.made, path) if situation is not None else None
        value = read(situation.made, cell, text) if situation is not None and cell is not None else None
        if value is None:
            yield Miss(made, path, text, "")
            return
        puts[path] = value
    cell = cell_of(situation.made, made.vary) if situation is not None else None
    for text, expected in made.gives:
        value = read(situation.made, cell, text) if situation is not None and cell is not None else None
        if situation is None or value is None:
            yield Miss(made, text, expected, "")
            return
        yield Probe(made, situation, {**puts, made.vary: value}, text, expected)


def run(pack: Pack, tests: Mapping[str, Iterable[Made]]) -> tuple[int, list[Miss]]:
    """How many values were tried, and those that give another verdict than was written down."""
    machine = Machine(pack)
    tried, missed = 0, []
    known = {rule.id: rule for rule in pack.rules}
    for name, listed in tests.items():
        rule = known.get(name)
        by_name = {found.name["en"]: found for found in reversed(situations(machine, rule))} if rule is not None else {}
        for made in listed:
            for probe in probes(made, by_name):
                tried += 1
                if isinstance(probe, Miss):
                    missed.append(probe)
                elif rule is not None and (word := probe.word(probe.situation.made, rule)) != probe.expected:
                    missed.append(Miss(made, probe.value, probe.expected, word))
    return tried, missed
