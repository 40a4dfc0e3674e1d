"""Tries random filings on the oracle, on each decider and on each conclusion engine, and counts how they compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from .deciders import DECIDERS, concluded, ids, machine, read
from .filings import Sample, sample
from .oracle import RULES, verdict
from .text import written


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
    wrong: list[Difference] = field(default_factory=list)
    unsure: list[Difference] = field(default_factory=list)
    filings: int = 0
    exact: int = 0
    concluded: int = 0  # conclusions that every engine drew
    disputed: list[int] = field(default_factory=list)  # filings of which the conclusion engines did not make the same


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


def compared(tried: Sample, number: int, rules: list[str], tally: Tally) -> Iterator[Difference]:
    """The differences on one filing, over all deciders."""
    filing = read(written(tried.facts, tried.answers, judged=bool(number % 2)))
    expected = {name: verdict(tried.facts, name, tried.as_of, tried.answers) for name in rules}
    tally.verdicts.update(expected.items())
    first, *others = concluded(filing, expected)
    tally.concluded += len(first)
    tally.disputed += [number] if any(other != first for other in others) else []
    for decider, decide in DECIDERS.items():
        for name, given in decide(filing, tried.as_of, rules).items():
            if given != expected[name]:
                yield Difference(decider, name, given, expected[name], tried, number)


def tried(count: int, seed: int) -> Tally:
    """So many random filings from a seed, compared."""
    rules = [name for name in RULES if name in ids()]
    known = machine().pack.readings
    tally = Tally()
    for number in range(count):
        made = sample(Random(f"{seed}/{number}"), known)
        tally.filings += 1
        tally.exact += made.exact
        asked = [name for name in rules if number % 25 == 0 or name in ASKED[made.family]]  # now and then those without facts
        for difference in compared(made, number, asked, tally):
            (tally.wrong if difference.wrong else tally.unsure).append(difference)
    return tally
