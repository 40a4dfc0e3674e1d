"""How many slips of the pen the tests of a pack would notice: each mutant is put before the tests of the rules that read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from compliance.engine.decide import Machine, subject
from compliance.expressions.emit import OPEN
from compliance.packs.book import Pack, Rule
from compliance.proving import search
from compliance.proving.boundaries import Made, Probe, boundary_tests, candidates, probes
from compliance.proving.inline import result_of
from compliance.proving.mutants import Mutant, mutants
from compliance.proving.probes import Situation, situations

INLINE, MADE, SURVIVED, EXCUSED = "inline", "made", "survived", "excused"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant: noticed by an inline or made test (``by`` says which), survived, or excused by the pack."""

    mutant: Mutant
    fate: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Mutants noticed out of all that count: those that the pack excuses as the same in effect do not."""

    fates: tuple[Fate, ...]

    def count(self, fate: str) -> int:
        """How many met this fate."""
        return sum(one.fate == fate for one in self.fates)

    @property
    def counted(self) -> int:
        """How many mutants count."""
        return len(self.fates) - self.count(EXCUSED)

    @property
    def noticed(self) -> int:
        """How many were noticed."""
        return self.count(INLINE) + self.count(MADE)


@dataclass(slots=True)
class Bench:
    """A pack's tests, built once: the situations of each rule with what they give, and the values of its made tests."""

    machine: Machine
    situations: dict[str, list[Situation]] = field(default_factory=dict)
    codes: dict[str, list[int]] = field(default_factory=dict)
    probes: dict[str, list[Probe]] = field(default_factory=dict)

    def add(self, rule: Rule, tests: Iterable[Made]) -> None:
        """Build the tests of a rule."""
        found = self.situations[rule.id] = situations(self.machine, rule)
        self.codes[rule.id] = [one.code(self.machine, rule) for one in found]
        self.probes[rule.id] = []
        self.more(rule, tests)

    def more(self, rule: Rule, tests: Iterable[Made]) -> None:
        """Add made tests of a rule."""
        by_name = {one.name["en"]: one for one in reversed(self.situations[rule.id])}
        for made in tests:
            self.probes[rule.id] += [probe for probe in probes(made, by_name) if isinstance(probe, Probe)]


def bench(pack: Pack, tests: Mapping[str, Sequence[Made]], rules: Iterable[str] | None = None) -> Bench:
    """The tests of a pack (loaded ``fine``), made ready."""
    made = Bench(Machine(pack._replace(conclusions=())))  # what follows from a finding is no part of a test
    wanted = set(rules) if rules is not None else None
    for rule in pack.rules:
        if wanted is None or rule.id in wanted:
            made.add(rule, tests.get(rule.id, ()))
    return made


def run(made: Bench, excused: Iterable[str] = (), rules: Iterable[str] | None = None) -> Iterator[Fate]:
    """The fate of every mutant, or of those that only the named rules read."""
    known = set(excused)
    wanted = set(rules) if rules is not None else None
    for mutant in mutants(made.machine.pack):
        if wanted is not None and not wanted.issuperset(mutant.rules):
            continue
        if mutant.id in known:
            yield Fate(mutant, EXCUSED)
        else:
            yield _fate(made, mutant)


def _fate(made: Bench, mutant: Mutant) -> Fate:
    """Cheap looks first: a verdict that differs, a made test, then whatever else the inline tests expect."""
    machine = Machine(mutant.pack)
    changed = [rule for rule in mutant.pack.rules if rule.id in mutant.rules]
    if mutant.kind == "reading":
        try:
            return _looked(made, mutant, machine, changed, {rule.id: _again(machine, made.situations[rule.id]) for rule in changed})
        finally:
            for rule in changed:
                _again(made.machine, made.situations[rule.id])
    return _looked(made, mutant, machine, changed, made.situations)


def _again(machine: Machine, found: Iterable[Situation]) -> list[Situation]:
    """The situations with the readings as another machine's pack has them by default; the filings' rows are set to them."""
    return [replace(one, made=subject(machine, one.made.filing, one.made.as_of)) for one in found]


def _looked(made: Bench, mutant: Mutant, machine: Machine, changed: list[Rule], found: Mapping[str, list[Situation]]) -> Fate:
    for rule in changed:
        for situation, before in zip(found[rule.id], made.codes[rule.id], strict=True):
            if situation.code(machine, rule) != before and _noticed(machine, rule, situation):
                return Fate(mutant, INLINE, f"{rule.id} {situation.number}")
    for rule in changed:
        subjects = {situation.number: situation.under(machine) for situation in found[rule.id]}
        for probe in made.probes[rule.id]:
            if probe.word(subjects[probe.situation.number], rule) != probe.expected:
                return Fate(mutant, MADE, f"{rule.id} {probe.made.vary} {probe.value}")
    for rule in changed:
        for situation, before in zip(found[rule.id], made.codes[rule.id], strict=True):
            expected = situation.test["expect"]
            if (before == OPEN or set(expected) - {"verdict"}) and _noticed(machine, rule, situation):
                return Fate(mutant, INLINE, f"{rule.id} {situation.number}")
    return Fate(mutant, SURVIVED)


def _noticed(machine: Machine, rule: Rule, situation: Situation) -> bool:
    """Whether an inline test that holds on the pack does not hold on the mutant."""
    return bool(result_of(machine, rule, situation.number, situation.test, situation.made.filing).faults)


def boundaries(pack: Pack, excused: Iterable[str] = ()) -> dict[str, list[Made]]:
    """The made tests worth keeping: each rule's own boundaries, and what else notices a mutant that nothing before it does.

    The pack has to be loaded ``fine``.
    """
    kept: dict[str, list[Made]] = {}
    made = Bench(Machine(pack._replace(conclusions=())))
    for rule in made.machine.pack.rules:
        made.add(rule, ())
        kept[rule.id] = list(boundary_tests(rule, made.situations[rule.id]))
        made.more(rule, kept[rule.id])
    spare = {rule.id: list(_spare(made, rule)) for rule in made.machine.pack.rules}
    tried: dict[str, list[Any]] = {}
    for fate in list(run(made, excused)):
        if fate.fate == SURVIVED:
            found = _killer(made, fate.mutant, spare) or _found(made, fate.mutant, tried)
            if found is not None and found not in kept[found.rule]:
                kept[found.rule].append(found)
                by_name = {one.name["en"]: one for one in reversed(made.situations[found.rule])}
                spare[found.rule][:0] = [probe for probe in probes(found, by_name) if isinstance(probe, Probe)]
    return kept


def _found(made: Bench, mutant: Mutant, tried: dict[str, list[Any]]) -> Made | None:
    """A made test found by trial and error that notices a mutant."""
    if mutant.kind == "reading":
        return None
    machine = Machine(mutant.pack)
    for rule in made.machine.pack.rules:
        if rule.id in mutant.rules:
            if rule.id not in tried:
                tried[rule.id] = search.pools(rule, made.situations[rule.id])
            found = search.find(machine, rule, tried[rule.id], mutant.pack.rule(rule.id), mutant.about)
            if found is not None:
                return found
    return None


def _spare(made: Bench, rule: Rule) -> Iterator[Probe]:
    """Every value of every made test that could be kept for a rule."""
    by_name = {one.name["en"]: one for one in reversed(made.situations[rule.id])}
    for situation in made.situations[rule.id]:
        if by_name[situation.name["en"]] is situation:
            for test in candidates(situation, rule):
                yield from (probe for probe in probes(test, by_name) if isinstance(probe, Probe))


def _killer(made: Bench, mutant: Mutant, spare: Mapping[str, list[Probe]]) -> Made | None:
    """A made test, cut to the values about the one that differs, that notices a mutant."""
    machine = Machine(mutant.pack)
    for rule in mutant.pack.rules:
        if rule.id not in mutant.rules:
            continue
        again = _again(machine, made.situations[rule.id]) if mutant.kind == "reading" else made.situations[rule.id]
        subjects = {situation.number: situation.under(machine) for situation in again}
        try:
            for probe in spare[rule.id]:
                if probe.word(subjects[probe.situation.number], rule) != probe.expected:
                    return replace(probe.made, gives=((probe.value, probe.expected),))
        finally:
            if mutant.kind == "reading":
                _again(made.machine, made.situations[rule.id])
    return None
