"""Tries random filings on the oracle, on each decider and on each conclusion engine, and counts how they compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from random import Random
from typing import NamedTuple

from compliance.engine.subject import Subject

from .deciders import DECIDERS, InColumns, concluded, ids, pack, read
from .filings import Sample, sample
from .oracle import RULES, verdict
from .text import written

BLOCK = 1000  # filings that are decided together


@dataclass(frozen=True)
class Difference:
    """One rule on one filing where a decider and the oracle do not give the same."""

    decider: str
    rule: str
    given: str
    expected: str
    tried: Sample
    number: int

    @property
    def wrong(self) -> bool:
        """Whether the decider is sure of what is not so, or unsure of exact facts."""
        return self.given != "open" or (self.tried.exact and self.rule in ASKED[self.tried.family])

    def __str__(self) -> str:
        return f"{self.decider}: {self.rule} gives {self.given}, the oracle {self.expected} (filing {self.number})"


@dataclass
class Tally:
    """What was tried: verdicts by rule, the differences, and what the conclusion engines made of it."""

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    families: Counter[str] = field(default_factory=Counter)
    wrong: list[Difference] = field(default_factory=list)
    unsure: list[Difference] = field(default_factory=list)
    filings: int = 0
    exact: int = 0
    fitted: Counter[bool] = field(default_factory=Counter)  # verdicts by whether columns told them, not the scalar form
    concluded: int = 0  # conclusions that every engine drew
    disputed: list[int] = field(default_factory=list)  # filings of which the conclusion engines did not make the same

    def add(self, other: Tally) -> None:
        """Count what another has counted as well."""
        self.verdicts += other.verdicts
        self.families += other.families
        self.wrong += other.wrong
        self.unsure += other.unsure
        self.filings += other.filings
        self.exact += other.exact
        self.fitted += other.fitted
        self.concluded += other.concluded
        self.disputed += other.disputed


CONTROL = ("control-basis", "control-dilution", "control-against-newcomer", "control-against-holder", "placee-mandatory-offer")
PENALTIES = ("directors-officers-sanctions", "public-offering-sanctions")
VIOLATIONS = ("issuer-violations", "controller-violations", "public-offering-violations")
ASKED = {
    "uses": ("working-capital-share",),
    "sanctions": PENALTIES,
    "violations": (*VIOLATIONS, *PENALTIES),
    "investigations": ("no-open-investigation", "public-offering-investigations"),
    "investments": ("financial-investment-share", "financial-investment-classification", "financial-investment-deduction"),
    "raisings": ("financing-interval", "earlier-working-capital"),
    "size": ("issue-size",),
    "control": (*CONTROL, "acquirer-lockup"),
}


class Asked(NamedTuple):
    """A filing with what the oracle says of it, and as the deciders get it."""

    number: int
    made: Sample
    expected: Mapping[str, str]
    filing: Subject


def asked(made: Sample, number: int, rules: Sequence[str]) -> Asked:
    """A filing made ready to compare."""
    expected = {name: verdict(made.facts, name, made.as_of, made.answers) for name in rules}
    return Asked(number, made, expected, read(written(made.facts, made.answers, judged=bool(number % 2)), made.as_of))


def compared(filings: Sequence[Asked], rules: Sequence[str]) -> Iterator[Difference]:
    """The differences on filings that are asked the same rules, over all deciders."""
    for decider, decide in DECIDERS.items():
        for name, verdicts in decide([one.filing for one in filings], rules).items():
            for one, given in zip(filings, verdicts, strict=True):
                if given != one.expected[name]:
                    yield Difference(decider, name, given, one.expected[name], one.made, one.number)


def block(seed: int, numbers: range) -> Tally:
    """The filings of some numbers, compared."""
    known = [name for name in RULES if name in ids()]
    tally = Tally()
    groups: dict[tuple[str, ...], list[Asked]] = {}
    for number in numbers:
        made = sample(Random(f"{seed}/{number}"), pack().readings)
        rules = tuple(name for name in known if number % 25 == 0 or name in ASKED[made.family])  # now and then those without facts
        one = asked(made, number, rules)
        groups.setdefault(rules, []).append(one)
        tally.families[made.family] += 1
        tally.exact += made.exact
        tally.verdicts.update(one.expected.items())
        first, *others = concluded(one.filing.filing, one.expected)
        tally.concluded += len(first)
        tally.disputed += [number] if any(other != first for other in others) else []
    before = InColumns.fitted.copy()
    for rules, filings in groups.items():
        for difference in compared(filings, rules):
            (tally.wrong if difference.wrong else tally.unsure).append(difference)
    tally.filings = len(numbers)
    tally.fitted = InColumns.fitted - before
    return tally


def blocks(count: int, seed: int, jobs: int = 1, of: int = BLOCK) -> Iterator[Tally]:
    """The tally of each block of so many random filings from a seed, in order; ``jobs`` processes share the blocks."""
    parts = [range(first, min(first + of, count)) for first in range(0, count, of)]
    if jobs == 1:
        yield from map(partial(block, seed), parts)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as processes:
        yield from processes.map(partial(block, seed), parts)


def tried(count: int, seed: int) -> Tally:
    """So many random filings from a seed, compared."""
    tally = Tally()
    for part in blocks(count, seed):
        tally.add(part)
    return tally
