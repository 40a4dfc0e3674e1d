"""How many slips of the pen the tests of a pack would notice: each mutant is put before the tests of the rules that read it.

The filings of all tests are built once. A mutant costs the code of the rules that it changes, run on the tests of these
rules until one notices it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from compliance.engine.decide import ABSENT, SPLIT, Decision, measure
from compliance.engine.finding import Finding
from compliance.engine.machine import Machine
from compliance.engine.subject import Subject, subject
from compliance.expressions.formula import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS
from compliance.packs.book import Pack, Rule
from compliance.proving import search
from compliance.proving.boundaries import Candidate, Made, Probe, boundary_tests, by_name, candidates, probes
from compliance.proving.inline import machine_of, result_of
from compliance.proving.mutants import Mutant, mutants
from compliance.proving.probes import NOTHING, Name, Puts, Situation, code_with, prepared, situations

INLINE, MADE, SURVIVED, EXCUSED = "inline", "made", "survived", "excused"
# What a finding may say of each code: a rule or an exception may leave what is not met to people.
_SAID: Mapping[int, tuple[str, ...]] = {
    PASS: ("pass",),
    FAIL: ("fail", "judgement"),
    NOT_APPLICABLE: ("not_applicable",),
    OPEN: ("missing", "judgement"),
    CONFLICT: ("judgement",),
    SPLIT: ("judgement",),
    ABSENT: ("not_in_force",),
}
# What a test may expect of a decided finding that its decision alone tells.
_MEASURED = frozenset({"verdict", "measure", "limit", "headroom", "on_the_line", "exception"})


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
    _decisions: dict[tuple[str, int], Decision] = field(default_factory=dict)

    def decision(self, situation: Situation) -> Decision:
        """What the pack gives on a situation, with its measures."""
        key = situation.rule, situation.number
        found = self._decisions.get(key)
        if found is None:
            found = self._decisions[key] = measure(situation.made, self.machine.pack.rule(situation.rule))
        return found

    def add(self, rule: Rule, tests: Iterable[Made]) -> None:
        """Build the tests of a rule."""
        found = self.situations[rule.id] = situations(self.machine, rule)
        self.codes[rule.id] = [one.code(self.machine, rule) for one in found]
        self.probes[rule.id] = []
        self.more(rule, tests)

    def more(self, rule: Rule, tests: Iterable[Made]) -> None:
        """Add made tests of a rule."""
        named = by_name(self.situations[rule.id])
        for made in tests:
            self.probes[rule.id] += [probe for probe in probes(made, named) if isinstance(probe, Probe)]


def bench(pack: Pack, tests: Mapping[str, Sequence[Made]], rules: Iterable[str] | None = None) -> Bench:
    """The tests of a pack (loaded ``fine``), or of some of its rules, made ready."""
    wanted = set(rules) if rules is not None else {rule.id for rule in pack.rules}
    named = [rule for rule in pack.rules if rule.id in wanted]
    made = Bench(machine_of(pack, named))
    for rule in named:
        made.add(rule, tests.get(rule.id, ()))
    return made


def run(made: Bench, excused: Iterable[str] = ()) -> Iterator[Fate]:
    """The fate of every mutant that only rules of the bench read."""
    known = set(excused)
    for mutant in mutants(made.machine.pack):
        if made.situations.keys() >= set(mutant.rules):
            yield Fate(mutant, EXCUSED) if mutant.id in known else Before(made, mutant).fate()


class Before:
    """A mutant before the tests of a bench. While it is looked at, the filings stand as its pack reads them."""

    def __init__(self, made: Bench, mutant: Mutant) -> None:
        self.made = made
        self.mutant = mutant
        self.rules = [mutant.pack.rule(name) for name in mutant.rules]
        self.machine = machine_of(mutant.pack, self.rules)
        self._subjects: dict[tuple[str, int], Subject] = {}

    def fate(self) -> Fate:
        """Cheap looks first: a verdict that differs, a made test, then whatever else the inline tests expect."""
        try:
            by, fate = self._by_verdict(), INLINE
            if not by:
                by, fate = self._by_made(), MADE
            if not by:
                by, fate = self._by_more(), INLINE
            return Fate(self.mutant, fate, by) if by else Fate(self.mutant, SURVIVED)
        finally:
            self.leave()

    def subject(self, situation: Situation) -> Subject:
        """The facts of a situation before the mutant."""
        key = situation.rule, situation.number
        found = self._subjects.get(key)
        if found is None:
            made = situation.made
            # The readings stand in the rows, where a default that has changed has to be put anew.
            anew = self.mutant.kind == "reading"
            found = self._subjects[key] = subject(self.machine, made.filing, made.as_of) if anew else situation.under(self.machine)
        return found

    def leave(self) -> None:
        """Put the readings as the pack has them."""
        if self.mutant.kind == "reading":
            for situation in (one for name in self.mutant.rules for one in self.made.situations[name]):
                subject(self.made.machine, situation.made.filing, situation.made.as_of)
        self._subjects.clear()

    def _each(self) -> Iterator[tuple[Rule, Situation, int, int]]:
        """Every inline test of the rules, with the code that the pack gives and the code that the mutant gives."""
        for rule in self.rules:
            for situation, before in zip(self.made.situations[rule.id], self.made.codes[rule.id], strict=True):
                yield rule, situation, before, code_with(self.subject(situation), rule, NOTHING)

    def _by_verdict(self) -> str:
        for rule, situation, before, code in self._each():
            if code == before:
                continue
            said = situation.test["expect"].get("verdict")
            if (said is not None and said not in _SAID[code]) or self._noticed(rule, situation):
                return f"{rule.id} {situation.number}"
        return ""

    def _by_made(self) -> str:
        for rule in self.rules:
            for probe in self.made.probes[rule.id]:
                if probe.word(self.subject(probe.situation), rule) != probe.expected:
                    return f"{rule.id} {probe.made.vary} {probe.value}"
        return ""

    def _by_more(self) -> str:
        for rule, situation, before, code in self._each():
            expected = set(situation.test["expect"])
            if expected <= {"verdict"}:
                # One code may be reported in two ways, which hangs on questions and exceptions.
                noticed = before == code and code in (OPEN, FAIL) and self._word(rule, situation) != situation.test["expect"].get("verdict")
            else:
                noticed = (code == OPEN or not expected <= _MEASURED or self._measures(rule, situation)) and self._noticed(rule, situation)
            if noticed:
                return f"{rule.id} {situation.number}"
        return ""

    def _word(self, rule: Rule, situation: Situation) -> str:
        """What the rule is reported as."""
        made = self.subject(situation)
        return Finding(made, rule, measure(made, rule)).verdict

    def _measures(self, rule: Rule, situation: Situation) -> bool:
        """Whether anything that is measured may differ from what the pack gives."""
        if self.mutant.kind == "reading":  # the rows hold the mutant's readings now
            return True
        return measure(self.subject(situation), rule) != self.made.decision(situation)

    def _noticed(self, rule: Rule, situation: Situation) -> bool:
        """Whether an inline test that holds on the pack does not hold on the mutant."""
        return bool(result_of(self.machine, rule, situation.number, situation.test, situation.made.filing).faults)


# Making boundary tests


def boundaries(pack: Pack, excused: Iterable[str] = (), rules: Iterable[str] | None = None) -> dict[str, list[Made]]:
    """The made tests worth keeping: each rule's own boundaries, and what else notices a mutant that nothing before it does.

    For all rules or those named; a limit that other rules read as well is changed only where all of them are. The pack has to
    be loaded ``fine``.
    """
    made = bench(pack, {}, rules)
    kept: dict[str, list[Made]] = {}
    for rule in pack.rules:
        if rule.id not in made.situations:
            continue
        kept[rule.id] = list(boundary_tests(rule, made.situations[rule.id]))
        made.more(rule, kept[rule.id])
    maker = _Maker(made)
    for fate in run(made, excused):
        found = maker.against(fate.mutant) if fate.fate == SURVIVED else None
        if found is not None and found not in kept[found.rule]:
            kept[found.rule].append(found)
            made.more(pack.rule(found.rule), [found])
    return kept


@dataclass(frozen=True, slots=True)
class _Spare:
    """One value of a test that could be made, and the code that the pack gives."""

    candidate: Candidate
    value: int
    puts: Puts
    code: int


class _Maker:
    """Looks for made tests against mutants; what could be made of a rule's tests is found once, when first needed."""

    def __init__(self, made: Bench) -> None:
        self.made = made
        self._spare: dict[str, list[_Spare]] = {}
        self._pools: dict[str, list[search.Pool]] = {}
        self._trials: dict[tuple[str, Name | None], list[search.Trial]] = {}

    def against(self, mutant: Mutant) -> Made | None:
        """A made test that notices a mutant, or None where none turned up."""
        before = Before(self.made, mutant)
        try:
            for rule in before.rules:
                found = self._spared(before, rule) or self._tried(before, rule)
                if found is not None:
                    return found
            return None
        finally:
            before.leave()

    def _spared(self, before: Before, changed: Rule) -> Made | None:
        for spare in self.spare(self.made.machine.pack.rule(changed.id)):
            if code_with(before.subject(spare.candidate.situation), changed, spare.puts) != spare.code:
                return spare.candidate.made(spare.value)
        return None

    def _tried(self, before: Before, changed: Rule) -> Made | None:
        if before.mutant.kind == "reading":
            return None
        rule = self.made.machine.pack.rule(changed.id)
        for field_ in (*before.mutant.about, None):
            found = search.find(before.machine, rule, changed, self.trials(rule, field_))
            if found is not None:
                return found
        return None

    def spare(self, rule: Rule) -> list[_Spare]:
        """Every value of every made test that could be kept for a rule."""
        found = self._spare.get(rule.id)
        if found is None:
            found = self._spare[rule.id] = []
            for candidate in candidates(by_name(self.made.situations[rule.id]).values(), rule):
                puts = prepared(candidate.situation.made, candidate.put) or NOTHING
                found += [_Spare(candidate, value, puts.with_(candidate.cell, value), code) for value, code in candidate.gives.items()]
        return found

    def trials(self, rule: Rule, field_: Name | None) -> list[search.Trial]:
        """The trials of a rule, with a field always among what is put."""
        found = self._trials.get((rule.id, field_))
        if found is None:
            if rule.id not in self._pools:
                self._pools[rule.id] = search.pools(rule, self.made.situations[rule.id])
            found = self._trials[rule.id, field_] = list(search.trials(rule, self._pools[rule.id], field_))
        return found
