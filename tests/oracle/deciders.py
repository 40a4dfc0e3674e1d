"""What is compared with the oracle: each decider by name. Another one joins the table at the end."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from compliance import source
from compliance.engine import decide as engine
from compliance.engine.conclude import conclude
from compliance.engine.conclusions import DurableMissing
from compliance.engine.conclusions import engine as conclusion_engine
from compliance.engine.machine import Generated, Machine, Ready
from compliance.engine.subject import subject
from compliance.expressions import columns
from compliance.facts import loading as facts_loading
from compliance.facts.filing import Filing
from compliance.packs import loading as packs_loading
from compliance.packs.book import Rule

ROOT = Path(__file__).absolute().parents[2]
WORDS = {0: "not_applicable", 1: "pass", 2: "fail", 3: "open", 4: "open", 5: "open", 6: "absent"}

Decider = Callable[[Filing, date, list[str]], Mapping[str, str]]


@cache
def machine() -> Machine:
    """The rule book, compiled once."""
    return Machine(packs_loading.load(ROOT / "rules" / "cn-refinancing"))


def read(text: bytes) -> Filing:
    """A filing as the product reads it."""
    pack = machine().pack
    return facts_loading.read(
        source.parse(text, "filing"), pack.vocabulary, pack.id, {name: r.options for name, r in pack.readings.items()}
    )


def scalar(filing: Filing, as_of: date, rules: list[str]) -> Mapping[str, str]:
    """The form that decides one filing at a time."""
    made = subject(machine(), filing, as_of.toordinal())
    return {name: WORDS[engine.decide(made, machine().pack.rule(name))] for name in rules}


def measured(filing: Filing, as_of: date, rules: list[str]) -> Mapping[str, str]:
    """The same with its measures."""
    made = subject(machine(), filing, as_of.toordinal())
    return {name: WORDS[engine.measure(made, machine().pack.rule(name)).code] for name in rules}


class Batched(Ready):
    """A rule that is decided in columns: each row in a batch with the one decided before it, which must not disturb it."""

    in_columns: ClassVar[Counter[bool]] = Counter()  # how many evaluations fitted

    def __init__(self, machine: Machine, rule: Rule) -> None:
        super().__init__(machine, rule)
        self.before: deque[Any] = deque(maxlen=1)

    def form(self, exact: bool, measures: bool) -> Generated | None:
        """Verdicts out of columns; what does not fit in these is left to the scalar function."""
        one_by_one = self.code(exact, measures)
        if measures or columns.expressible(self.rule.formula) is not None:
            return one_by_one, measures

        def decide(row: Any, parameters: tuple[int, ...], low: int, high: int) -> Any:
            rows = [row, *(other for other in self.before if other is not row)]
            if not any(other is row for other in self.before):
                self.before.append(row)
            found = columns.decide(self.rule.formula, self.pack.slots(), columns.batch(rows), parameters, (low, high))
            Batched.in_columns[bool(found.fits[0])] += 1
            return int(found.verdicts[0]) if found.fits[0] else one_by_one(row, parameters, low, high)

        return decide, False


class Batches(Machine):
    """A machine whose rules are decided in columns."""

    def ready(self, rule: Rule) -> Ready:
        """A rule made ready for columns."""
        if rule.id not in self._ready:
            self._ready[rule.id] = Batched(self, rule)
        return self._ready[rule.id]


@cache
def batches() -> Batches:
    """The rule book in columns."""
    return Batches(machine().pack)


def in_columns(filing: Filing, as_of: date, rules: list[str]) -> Mapping[str, str]:
    """The form that decides many filings at once."""
    made = subject(batches(), filing, as_of.toordinal())
    return {name: WORDS[engine.decide(made, machine().pack.rule(name))] for name in rules}


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
    return [conclude(machine().pack, filing, {"findings": said}, name) for name in engines()]


DECIDERS: dict[str, Decider] = {"scalar": scalar, "measured": measured, "columns": in_columns}


def ids() -> list[str]:
    """The rules that the book has."""
    return [rule.id for rule in machine().pack.rules]
