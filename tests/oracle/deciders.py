"""What is compared with the oracle: each decider by name. Another one joins the table at the end."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from compliance import source
from compliance.engine import decide as engine
from compliance.expressions import columns
from compliance.facts import loading as facts_loading
from compliance.facts.filing import Filing
from compliance.packs import loading as packs_loading
from compliance.packs.book import Rule

ROOT = Path(__file__).absolute().parents[2]
WORDS = {0: "not_applicable", 1: "pass", 2: "fail", 3: "open", 4: "open", 5: "open", 6: "absent"}

Decider = Callable[[Filing, date, list[str]], Mapping[str, str]]


@cache
def machine() -> engine.Machine:
    """The rule book, compiled once."""
    return engine.Machine(packs_loading.load(ROOT / "rules" / "cn-refinancing"))


def read(text: bytes) -> Filing:
    """A filing as the product reads it."""
    pack = machine().pack
    return facts_loading.read(
        source.parse(text, "filing"), pack.vocabulary, pack.id, {name: r.options for name, r in pack.readings.items()}
    )


def scalar(filing: Filing, as_of: date, rules: list[str]) -> Mapping[str, str]:
    """The form that decides one filing at a time."""
    made = engine.subject(machine(), filing, as_of.toordinal())
    return {name: WORDS[engine.decide(made, machine().pack.rule(name))] for name in rules}


def measured(filing: Filing, as_of: date, rules: list[str]) -> Mapping[str, str]:
    """The same with its measures."""
    made = engine.subject(machine(), filing, as_of.toordinal())
    return {name: WORDS[engine.measure(made, machine().pack.rule(name)).code] for name in rules}


class Batches(engine.Machine):
    """A machine that decides in columns: each row in a batch with the one decided before it, which must not disturb it."""

    def __init__(self) -> None:
        super().__init__(machine().pack)
        self.before: dict[str, deque[Any]] = {}
        self.in_columns = Counter[bool]()  # how many evaluations fitted

    def code(self, rule: Rule, exact: bool, measures: bool) -> Callable[..., Any]:
        """The scalar function's verdicts out of columns; what does not fit in these is left to it."""
        one_by_one = super().code(rule, exact, measures)
        if measures or columns.expressible(rule.formula) is not None:
            return one_by_one
        before = self.before.setdefault(rule.id, deque(maxlen=1))

        def decide(row: Any, parameters: tuple[int, ...], low: int, high: int) -> Any:
            rows = [row, *(other for other in before if other is not row)]
            if not any(other is row for other in before):
                before.append(row)
            found = columns.decide(rule.formula, self.pack.slots(), columns.batch(rows), parameters, (low, high))
            self.in_columns[bool(found.fits[0])] += 1
            return int(found.verdicts[0]) if found.fits[0] else one_by_one(row, parameters, low, high)

        return decide


@cache
def batches() -> Batches:
    """The rule book in columns."""
    return Batches()


def in_columns(filing: Filing, as_of: date, rules: list[str]) -> Mapping[str, str]:
    """The form that decides many filings at once."""
    made = engine.subject(batches(), filing, as_of.toordinal())
    return {name: WORDS[engine.decide(made, machine().pack.rule(name))] for name in rules}


DECIDERS: dict[str, Decider] = {"scalar": scalar, "measured": measured, "columns": in_columns}


def ids() -> list[str]:
    """The rules that the book has."""
    return [rule.id for rule in machine().pack.rules]
