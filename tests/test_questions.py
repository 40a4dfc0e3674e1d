"""What a verdict rests on, against brute force over every answer, on a rule book that has nothing to do with securities."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance import dates
from compliance.engine import decide as engine
from compliance.engine import flips as rests
from compliance.engine.machine import Machine
from compliance.engine.questions import questions_of
from compliance.engine.subject import subject
from compliance.engine.weights import tying
from compliance.expressions.formula import FAIL, NOT_APPLICABLE, PASS
from compliance.packs import loading
from compliance.packs.book import Pack
from compliance.proving.inline import filing_of, run

BOOKS = Path(__file__).parent / "books"
TODAY = dates.parse("2024-06-01").low
LIMIT = 10


@lru_cache
def book(name: str = "toy") -> Pack:
    return loading.load(BOOKS / name)


@pytest.mark.parametrize("name", ["toy", "amplified"])
def test_the_made_up_book_holds_its_own_tests(name: str) -> None:
    assert [result for result in run(book(name)) if result.faults] == []


Instrument = tuple[int, bool | None]
instruments = st.lists(st.tuples(st.integers(-5, 12), st.sampled_from([True, False, None])), min_size=0, max_size=5)


def facts(items: list[Instrument], kind: str = "open", spare: int = 1, amplified: bool | None = None) -> dict[str, Any]:
    listed = []
    for number, (sound, noisy) in enumerate(items):
        item = {"name": f"i{number}", "sound": str(sound)}
        if amplified is not None:
            item["amplified"] = "true" if amplified else "false"
        if noisy is not None:
            item["noisy"] = "true" if noisy else "false"
        listed.append(item)
    party = {"held": "2024-01-01", "kind": kind, "spare": str(spare), "limit": "5"}
    return {"party": party, "instruments": {"complete": "true", "items": listed}}


def truth_of(rule: str, items: list[Instrument], answers: tuple[Any, ...], spare: int) -> int:
    """The verdict by plain arithmetic, every question answered: the reading or the shared one first (for the rules that have them)."""
    if rule == "noise":
        return PASS if sum(sound for (sound, _), noisy in zip(items, answers, strict=True) if noisy) <= LIMIT else FAIL
    if rule == "noise-amplified":
        times = 2 if answers[:1] == (True,) else 1
        return PASS if times * sum(sound for (sound, _), noisy in zip(items, answers[1:], strict=False) if noisy) <= LIMIT else FAIL
    reading, noisy_ones = answers[0], answers[1:]
    total = sum(sound for (sound, _), noisy in zip(items, noisy_ones, strict=True) if noisy or reading == "everything")
    return PASS if total <= LIMIT + spare and any(noisy_ones) else FAIL


class Brute:
    """Every answer to every question, tried."""

    def __init__(self, rule: str, items: list[Instrument], spare: int, amplified: bool = False) -> None:
        self.rule, self.items, self.spare = rule, items, spare
        self.current: tuple[Any, ...] = tuple(noisy for _, noisy in items)
        self.domains: list[tuple[Any, ...]] = [(True, False)] * len(items)
        if rule == "noise-amplified" and items:
            self.current = (amplified, *self.current)
            self.domains = [(True, False), *self.domains]
        if rule == "noise-as-read":
            self.current = ("noisy_only", *self.current)
            self.domains = [("noisy_only", "everything"), *self.domains]

    def verdict(self, changed: dict[int, Any]) -> int | None:
        """The verdict with some answers changed, whatever is unanswered left open; None where that leaves it open."""
        free = [
            (changed[i],) if i in changed else (current,) if current is not None else self.domains[i]
            for i, current in enumerate(self.current)
        ]
        found = {truth_of(self.rule, self.items, answers, self.spare) for answers in product(*free)}
        return found.pop() if len(found) == 1 else None

    def flips(self, size: int, verdict: int) -> set[frozenset[tuple[int, Any]]]:
        """Every set of ``size`` changed answers that gives another verdict."""
        found = set()
        for chosen in combinations(range(len(self.current)), size):
            others = [[value for value in self.domains[i] if value != self.current[i]] for i in chosen]
            for values in product(*others):
                other = self.verdict(dict(zip(chosen, values, strict=True)))
                if other is not None and other != verdict:
                    found.add(frozenset(zip(chosen, values, strict=True)))
        return found


@pytest.mark.parametrize("rule_id", ["noise", "noise-as-read", "noise-amplified"])
@given(items=instruments, spare=st.integers(0, 3), amplified=st.booleans())
@settings(max_examples=250)
def test_robust_flips_and_fewest_equal_brute_force(rule_id: str, items: list[Instrument], spare: int, amplified: bool) -> None:
    pack = book("amplified" if rule_id == "noise-amplified" else "toy")
    said = facts(items, spare=spare, amplified=amplified if rule_id == "noise-amplified" else None)
    made = subject(Machine(pack), filing_of(pack, said, {}), TODAY)
    rule = pack.rule(rule_id)
    brute = Brute(rule_id, items, spare, amplified)
    decision = engine.measure(made, rule)
    expected = brute.verdict({})
    assert (decision.code if decision.decided else None) == expected, "a verdict is given exactly where it is proved"
    assert engine.decide(made, rule) == decision.code
    if expected is None:
        return
    # The questions in the order of the brute force: a shared one before those on single facts.
    questions = sorted(questions_of(made, rule), key=lambda question: question.id != "amplified")
    found = rests.basis(made, rule, decision, questions)
    assert found.complete
    by_size = [brute.flips(size, expected) for size in range(len(brute.current) + 1)]
    fewest = next((size for size, sets in enumerate(by_size) if sets), 0)
    assert found.robust == (fewest == 0), "none wrongly robust, none missed"
    assert found.fewest == fewest
    names = {question.id: number for number, question in enumerate(questions)}
    shown = {frozenset((names[c.question.id], _value(c)) for c in flip.changes) for flip in found.flips}
    if 0 < fewest <= rests.MAX_SET:
        minimal: set[frozenset[tuple[int, Any]]] = set()
        for size in range(1, rests.MAX_SET + 1):
            minimal |= {flip for flip in by_size[size] if not any(smaller < flip for smaller in minimal)} if size < len(by_size) else set()
        assert shown == minimal, "every smallest set, and nothing else"
    elif fewest:
        assert shown <= by_size[fewest] and len(shown) == 1


def _value(change: rests.Change) -> Any:
    return {"true": True, "false": False}.get(change.to, change.to)


def test_a_shared_judgement_ties_the_others() -> None:
    said = facts([(3, True), (4, False), (5, False), (6, False)], amplified=False)
    made = subject(Machine(book("amplified")), filing_of(book("amplified"), said, {}), TODAY)
    rule = book("amplified").rule("noise-amplified")
    questions = questions_of(made, rule)
    tied = tying(made, rule, engine.measure(made, rule), questions)
    assert tied is not None and [question.id for question in tied] == ["amplified"], "under each of its answers the others add up"
    assert tying(made, rule, engine.measure(made, rule), [question for question in questions if question not in tied]) == ()


@given(items=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 100)), max_size=4), limit=st.integers(0, 20))
@settings(max_examples=150)
def test_a_threshold_turns_the_verdict_exactly(items: list[tuple[int, int]], limit: int) -> None:
    share = f"{items[0][1]}%" if items else "0%"
    listed = [{"name": f"i{n}", "sound": str(sound), "share": share} for n, (sound, _) in enumerate(items)]
    said = {"party": {"held": "2024-01-01", "limit": str(limit)}, "instruments": {"complete": "true", "items": listed}}
    made = subject(Machine(book()), filing_of(book(), said, {}), TODAY)
    rule = book().rule("loudness")
    decision = engine.measure(made, rule)
    questions = questions_of(made, rule)
    found = rests.basis(made, rule, decision, questions)
    total = sum(sound for sound, _ in items)
    if total <= limit:
        assert found.robust and decision.code == PASS
        return
    (flip,) = found.flips
    (change,) = flip.changes
    turn = change.above if decision.code == PASS else change.below
    # Met while share * total <= limit: a pass is lost above limit / total, a fail is mended at or below it.
    assert turn is not None and turn * total == limit
    assert not found.robust


def test_market_and_absent_route_leave_a_rule_open() -> None:
    made = subject(Machine(book()), filing_of(book(), {"party": {"held": "2024-01-01", "kind": "closed"}}, {}), TODAY)
    assert engine.decide(made, book().rule("noise-as-read")) == NOT_APPLICABLE
