"""What is compared with the oracle: each decider by name. Another one joins the table at the end.

A decider takes filings that are asked the same rules, all at once: so the columns are batches as a screening makes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from compliance import source
from compliance.engine import decide as engine
from compliance.engine import many
from compliance.engine.conclude import conclude
from compliance.engine.conclusions import DurableMissing
from compliance.engine.conclusions import engine as conclusion_engine
from compliance.engine.machine import Machine, Ready
from compliance.engine.subject import Subject, subject
from compliance.facts import loading as facts_loading
from compliance.facts.filing import Filing
from compliance.packs import loading as packs_loading
from compliance.packs.book import Pack, Rule

ROOT = Path(__file__).absolute().parents[2]
WORDS = {0: "not_applicable", 1: "pass", 2: "fail", 3: "open", 4: "open", 5: "open", 6: "absent"}

Decider = Callable[[Sequence[Subject], Sequence[str]], Mapping[str, Sequence[str]]]


@cache
def pack() -> Pack:
    """The rule book."""
    return packs_loading.load(ROOT / "rules" / "cn-refinancing")


class Generated(Machine):
    """A machine whose rules are generated code from the first filing on, each form for what is asked."""

    def ready(self, rule: Rule) -> Ready:
        """A rule made ready, its code with it."""
        if rule.id not in self._ready:
            super().ready(rule).generate(own=True)
        return self._ready[rule.id]


class Stepped(Ready):
    """A rule of which no code is ever generated."""

    def form(self, exact: bool, measures: bool) -> None:
        """The steps, however often it is asked."""


class Steps(Machine):
    """A machine that goes step by step, as a check of one filing does."""

    def ready(self, rule: Rule) -> Ready:
        """A rule made ready."""
        if rule.id not in self._ready:
            self._ready[rule.id] = Stepped(self, rule)
        return self._ready[rule.id]


@cache
def generated() -> Generated:
    """The rule book as code."""
    return Generated(pack())


@cache
def steps() -> Steps:
    """The rule book as steps."""
    return Steps(pack())


def read(text: bytes, as_of: date) -> Subject:
    """A filing as the product reads it, on a day."""
    options = {name: reading.options for name, reading in pack().readings.items()}
    filing = facts_loading.read(source.parse(text, "filing"), pack().vocabulary, pack().id, options)
    return subject(generated(), filing, as_of.toordinal())


def _each(filings: Sequence[Subject], rules: Sequence[str], code: Callable[[Subject, Rule], int]) -> Mapping[str, Sequence[str]]:
    return {name: [WORDS[code(filing, pack().rule(name))] for filing in filings] for name in rules}


def stepwise(filings: Sequence[Subject], rules: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The form that a check takes: steps, with measures."""
    made = [subject(steps(), filing.filing, filing.as_of) for filing in filings]
    return _each(made, rules, lambda filing, rule: engine.measure(filing, rule).code)


def scalar(filings: Sequence[Subject], rules: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Code that decides one filing at a time."""
    return _each(filings, rules, engine.decide)


def measured(filings: Sequence[Subject], rules: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The same with its measures."""
    return _each(filings, rules, lambda filing, rule: engine.measure(filing, rule).code)


class InColumns:
    """The form that decides many filings at once, the verdicts alone or with their measures."""

    fitted: ClassVar[Counter[bool]] = Counter()  # verdicts by whether columns told them, not the scalar form

    def __init__(self, told: Callable[[many.Batch, Rule], Any]) -> None:
        self.told = told

    def __call__(self, filings: Sequence[Subject], rules: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The verdicts of one batch."""
        batch = many.of_filings(filings)
        given = {}
        for name in rules:
            found = self.told(batch, pack().rule(name))
            alone = int(found.scalar.sum())
            self.fitted.update({True: len(filings) - alone, False: alone})
            given[name] = [WORDS[code] for code in found.codes.tolist()]
        return given


@cache
def engines() -> tuple[str, ...]:
    """The conclusion engines that are here."""
    try:
        conclusion_engine("durable")
    except DurableMissing:
        return ("reference",)
    return ("reference", "durable")


def concluded(filing: Filing, verdicts: Mapping[str, str]) -> list[list[dict[str, Any]]]:
    """What each conclusion engine makes of the same verdicts."""
    said = [{"rule": rule, "verdict": "missing" if word == "open" else word} for rule, word in verdicts.items() if word != "absent"]
    return [conclude(pack(), filing, {"findings": said}, name) for name in engines()]


DECIDERS: dict[str, Decider] = {
    "steps": stepwise,
    "scalar": scalar,
    "measured": measured,
    "columns": InColumns(many.decide),
    "measured columns": InColumns(many.measure),
}


def ids() -> list[str]:
    """The rules that the book has."""
    return [rule.id for rule in pack().rules]
