"""Tests that are made, not written: from an inline test, one fact is moved to where the verdict turns, and one unit beyond.

They are kept in a folder beside the pack's files, so that whatever changes a limit, a comparison or a day shows as a
changed verdict, whether somebody thought of testing it or not. They hold what the pack says, not what the law says: what
is right is for the inline tests, which people write.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from compliance import dates, source
from compliance.engine.subject import Subject
from compliance.expressions.formula import FAIL, NOT_APPLICABLE, PASS
from compliance.facts.answers import READING
from compliance.packs.book import AS_OF, Pack, Rule
from compliance.proving.inline import machine_of
from compliance.proving.probes import (
    NOTHING,
    WORDS,
    Cell,
    Name,
    Puts,
    Situation,
    along,
    cell_of,
    code_with,
    field_of,
    prepared,
    read,
    situations,
    stated,
    written,
)
from compliance.quantities import MAX_FIGURE
from compliance.source import Place, Problem, SourceError

FOLDER = "boundaries"
HEAD = "# Made by `compliance rules test --write-boundaries`: the verdict at each turn, and one unit to either side.\n"
_FEW_FIGURES, _FEW_WORDS = 16, 60  # cells of a field that are looked at, in one setting of a rule
_KEPT = 2  # boundaries of a field that are kept whether or not they notice a mutant
_DAYS = dates.EARLIEST, dates.LATEST


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


@dataclass(frozen=True, slots=True)
class Candidate:
    """What could become a made test: a situation, values put besides, the fact that moves, and the code at each value."""

    situation: Situation
    rule: Rule
    put: Mapping[str, int]
    cell: Cell
    gives: Mapping[int, int]

    def made(self, only: int | None = None) -> Made:
        """The test, of all its values or of one."""
        made = self.situation.made
        named = tuple((path, written(made, cell, value)) for path, value in self.put.items() if (cell := cell_of(made, path)))
        gives = {only: self.gives[only]} if only is not None else self.gives
        said = tuple((written(made, self.cell, value), WORDS[code]) for value, code in gives.items())
        return Made(self.rule.id, self.situation.name["en"], named, self.cell.path, said)


def candidates(situations: Iterable[Situation], rule: Rule, plain: bool = False) -> Iterator[Candidate]:
    """What can be made of inline tests: as they stand and, unless ``plain``, in each of their ``settings``.

    A long list has the same field again and again, so that only the first few of each are looked at.
    """
    looked: Counter[tuple[str, ...]] = Counter()
    for situation in situations:
        made = situation.made
        cells = list(stated(made, rule))
        for put in [{}] if plain else list(settings(made, rule)):
            puts = prepared(made, put)
            for cell in cells if puts is not None else ():
                name = (*field_of(cell), *put)
                few = _FEW_WORDS if cell.field is None or cell.field.type in ("kind", "flag") else _FEW_FIGURES
                if cell.path in put or looked[name] == few:
                    continue
                looked[name] += 1
                if found := values(made, rule, cell, along(made, rule, puts or NOTHING, cell)):
                    yield Candidate(situation, rule, put, cell, found)


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


def values(made: Subject, rule: Rule, cell: Cell, code: Callable[[int], int]) -> dict[int, int]:
    """The values of a cell that are worth a test, each with its code; nothing where the verdict is the same everywhere."""
    pack = made.machine.pack
    if cell.field is None and cell.path != AS_OF:
        tried = [1 << index for index in range(len(pack.readings[cell.path.removeprefix(READING)].options))]
    elif cell.field is not None and cell.field.type == "flag":
        tried = [0, 1]
    elif cell.field is not None and cell.field.type == "kind":
        tried = [1 << index for index in range(len(pack.vocabulary.kinds[cell.field.of]))]
    else:
        tried = _turns(code, cell, [day for day in pack.boundaries(rule) if _DAYS[0] < day < _DAYS[1]])
    found = {value: code(value) for value in tried}
    return found if len(set(found.values())) > 1 else {}


def _turns(code: Callable[[int], int], cell: Cell, days: Iterable[int]) -> list[int]:
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
    return [value for value in sorted(about) if ends[0] <= value <= ends[1]]


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

    Those that pass are looked at first. Of the items of a list two are enough.
    """
    seen: set[str] = set()
    kept: Counter[Name] = Counter()
    codes = [(situation.code(situation.made.machine, rule), situation) for situation in found]
    ordered = sorted((part for part in codes if part[0] in (PASS, FAIL)), key=lambda part: part[0])
    for candidate in candidates((situation for _, situation in ordered), rule, plain=True):
        given, name = set(candidate.gives.values()), field_of(candidate.cell)
        if candidate.cell.path not in seen and kept[name] < _KEPT and PASS in given and given - {PASS, NOT_APPLICABLE}:
            seen.add(candidate.cell.path)
            kept[name] += 1
            yield candidate.made()


# Keeping


def text_of(tests: Iterable[Made]) -> str:
    """The file of one rule's made tests."""
    return HEAD + "tests:\n" + "".join(made.line() for made in tests)


def write(folder: Path, tests: Mapping[str, Iterable[Made]], others: Container[str] = ()) -> None:
    """Write the made tests of each rule into the pack's folder and remove those of rules that are gone.

    The files of ``others``, rules for which none were made now, are left as they are.
    """
    to = folder / FOLDER
    to.mkdir(exist_ok=True)
    kept = set()
    for rule, made in tests.items():
        listed = list(made)
        if listed:
            kept.add(rule)
            source.write_text(to / f"{rule}.yaml", text_of(listed))
    for path in to.glob("*.yaml"):
        if path.stem not in kept and path.stem not in others:
            path.unlink()


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
    puts: Puts
    value: str
    expected: str

    def word(self, made: Subject, rule: Rule) -> str:
        """The word that a rule gives on the facts of the situation, as a subject of the machine asked."""
        return WORDS[code_with(made, rule, self.puts)]


def probes(made: Made, by_name: Mapping[str, Situation]) -> Iterator[Probe | Miss]:
    """The values of a made test; a ``Miss`` where it does not fit the pack any more."""
    situation = by_name.get(made.test)
    puts: Puts | None = NOTHING
    for path, text in made.put:
        puts = _further(situation, puts, path, text)
        if puts is None:
            yield Miss(made, text, "", "")
            return
    for text, expected in made.gives:
        further = _further(situation, puts, made.vary, text)
        if situation is None or further is None:
            yield Miss(made, text, expected, "")
            return
        yield Probe(made, situation, further, text, expected)


def _further(situation: Situation | None, puts: Puts | None, path: str, text: str) -> Puts | None:
    """What is put, and a value at one more path; None where that leads nowhere or can not be read."""
    if situation is None or puts is None:
        return None
    cell = cell_of(situation.made, path)
    value = read(situation.made, cell, text) if cell is not None else None
    return puts.with_(cell, value) if cell is not None and value is not None else None


def by_name(found: Iterable[Situation]) -> dict[str, Situation]:
    """Situations by their English names; of several with one name the first."""
    return {one.name["en"]: one for one in reversed(list(found))}


def run(pack: Pack, tests: Mapping[str, Iterable[Made]]) -> tuple[int, list[Miss]]:
    """How many values were tried, and those that give another verdict than was written down."""
    known = {rule.id: rule for rule in pack.rules}
    machine = machine_of(pack, (known[name] for name in tests if name in known))
    tried, missed = 0, []
    for name, listed in tests.items():
        rule, held = known.get(name), list(listed)
        found = by_name(situations(machine, rule, {made.test for made in held})) if rule is not None else {}
        for made in held:
            for probe in probes(made, found):
                tried += 1
                if isinstance(probe, Miss):
                    missed.append(probe)
                elif rule is not None and (word := probe.word(probe.situation.made, rule)) != probe.expected:
                    missed.append(Miss(made, probe.value, probe.expected, word))
    return tried, missed
