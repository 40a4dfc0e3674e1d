"""What is compared with the oracle: each decider by name. Another one joins the table at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from compliance import source
from compliance.engine import decide as engine
from compliance.facts import loading as facts_loading
from compliance.facts.filing import Filing
from compliance.packs import loading as packs_loading

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


DECIDERS: dict[str, Decider] = {"scalar": scalar, "measured": measured}


def ids() -> list[str]:
    """The rules that the book has."""
    return [rule.id for rule in machine().pack.rules]
