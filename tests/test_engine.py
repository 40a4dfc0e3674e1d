"""However the engine comes to a verdict it is the same: at once or rule by rule, remembered or anew, by steps or by code."""

from __future__ import annotations

import random
from functools import cache

import pytest

import checked
from checked import book
from command import CASES
from compliance.cli.inputs import Case
from compliance.engine import decide as engine
from compliance.engine.explain import Trace
from compliance.engine.machine import COLD, Machine
from compliance.engine.plain import without_empty
from compliance.engine.record import check, to_json
from compliance.engine.subject import Put, Subject
from compliance.engine.subject import subject as filing_subject
from compliance.engine.whole import decide_all, measure_all
from compliance.expressions.formula import NOT_APPLICABLE, OPEN
from compliance.expressions.interpret import Evaluation
from compliance.expressions.linear import difference
from compliance.expressions.tree import LOOPS, Node
from compliance.facts.filing import Row
from compliance.packs.book import AS_OF

DAYS = ("2025-12-31", "2024-06-25", "2023-03-01")


def case(code: str, day: str = DAYS[0]) -> Case:
    return checked.case(code, day)


@cache
def machine() -> Machine:
    """One of these tests' own: what it goes about by steps and by code is theirs to say."""
    return Machine(book())


def subject(code: str, day: str = DAYS[0]) -> Subject:
    return filing_subject(machine(), case(code, day).filing, case(code, day).as_of)


def some(made: Subject, chance: random.Random, count: int) -> list[Put]:
    """Some facts of a filing at one of their ends, or at some other value that they may have."""
    words = made.machine.pack.vocabulary
    cells = [
        (row, part)
        for entity, row in made.filing.items.values()
        for part in words.entity(entity).fields.values()
        if part.type in ("flag", "date", "money", "shares", "ratio", "count", "kind")
    ]
    found: list[Put] = []
    for row, part in chance.sample(cells, count):
        low, high = words.blank(part)
        if part.type == "kind":
            value = 1 << chance.randrange(len(words.kinds[part.of]))
        else:
            value = chance.choice([row[part.slot], row[part.slot + 1], low, high, min(high, max(low, chance.randrange(10**9)))])
        found.append((row, part.slot, value, value))
    return found


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("code", CASES)
def test_the_whole_book_at_once_gives_what_each_rule_gives(code: str, day: str) -> None:
    made = subject(code, day)
    rules = machine().pack.rules
    wanted = [engine.decide(made, rule) for rule in rules]
    assert decide_all(made) == wanted
    assert measure_all(subject(code, day)) == [engine.measure(made, rule) for rule in rules]
    chance = random.Random(f"{code} {day}")
    for _ in range(5):
        with made.put(some(made, chance, 60)):
            anew = subject(code, day)
            wanted = [engine.decide(anew, rule) for rule in rules]
            assert decide_all(made) == wanted
            measured = [engine.measure(anew, rule) for rule in rules]
            assert measure_all(made) == measured  # in a block
            assert measure_all(subject(code, day)) == measured
    assert measure_all(made) == [engine.measure(made, rule) for rule in rules]


@pytest.mark.parametrize("code", CASES)
def test_the_whole_book_is_measured_alike_by_steps_and_by_code(code: str) -> None:
    """A machine that has made no code yet goes by steps; one that is told to make it goes by code, exact where the facts are."""
    given, day = case(code).filing, case(code).as_of
    cold, warm = Machine(machine().pack), Machine(machine().pack)
    warm.generate(warm.pack.rules, own=True)
    found = measure_all(filing_subject(cold, given, day))
    assert found == measure_all(filing_subject(warm, given, day))
    assert {decision.code for decision in found} >= {engine.ABSENT, NOT_APPLICABLE, OPEN}


@pytest.mark.parametrize("code", CASES)
def test_what_is_remembered_is_what_is_found_anew(code: str) -> None:
    made = subject(code)
    chance = random.Random(code)
    rules = chance.sample(machine().pack.rules, 60)
    before = [engine.measure(made, rule) for rule in rules]
    for _ in range(3):
        with made.put(some(made, chance, 20)), made.put(some(made, chance, 20)):
            anew = subject(code)
            assert [engine.measure(made, rule) for rule in rules] == [engine.measure(anew, rule) for rule in rules]
            assert [engine.decide(made, rule) for rule in rules] == [engine.decide(anew, rule) for rule in rules]
    assert [engine.measure(made, rule) for rule in rules] == before


@pytest.mark.parametrize("code", CASES)
def test_a_rule_decided_with_facts_put_is_decided_as_in_a_block(code: str) -> None:
    made = subject(code)
    chance = random.Random(code)
    for rule in chance.sample(machine().pack.rules, 8):
        for _ in range(COLD + 20):  # by steps at first, then by code
            puts = some(made, chance, 10)
            found = engine.decide_with(made, rule, puts)
            with made.put(puts):
                assert found == engine.decide(subject(code), rule)


def test_the_day_of_the_check_may_move() -> None:
    code = next(iter(CASES))
    made = subject(code)
    rules = [rule for rule in machine().pack.rules if AS_OF in (*rule.law, *rule.held_on)]
    for rule in rules:
        engine.measure(made, rule)
    made.as_of -= 900
    anew = subject(code)
    anew.as_of = made.as_of
    assert [engine.measure(made, rule) for rule in rules] == [engine.measure(anew, rule) for rule in rules]


@pytest.mark.parametrize("code", CASES)
def test_a_record_holds_nothing_empty(code: str) -> None:
    found = case(code).record()
    assert without_empty(found) == found


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("code", CASES)
def test_the_record_is_the_same_by_steps_and_by_code(code: str, own: bool) -> None:
    by_code = Machine(machine().pack)
    by_code.generate(machine().pack.rules, own)
    found, wanted = (to_json(check(one, case(code).filing, case(code).as_of)) for one in (by_code, Machine(machine().pack)))
    assert found == wanted


@pytest.mark.parametrize("code", CASES)
def test_a_rule_measured_with_facts_put_is_measured_as_in_a_block(code: str) -> None:
    made = subject(code)
    chance = random.Random(code)
    for rule in chance.sample(machine().pack.rules, 40):
        machine().ready(rule).generate()
        for _ in range(3):
            puts = some(made, chance, 10)
            found = engine.measure_with(made, rule, puts)
            with made.put(puts):
                assert found == engine.measure(subject(code), rule)
        assert engine.measure(made, rule) == engine.measure(subject(code), rule), "the filing stands as it stood"


def cells(of: Evaluation, node: Node, items: tuple[Row, ...] = ()) -> set[tuple[int, int]]:
    """The cells that a node reads, branches that are not taken left aside, found by walking the tree."""
    if node.op == "field":
        return {(id(of.rows_of(node.args[0], items)), node.value[2])}
    parts: list[tuple[Node, tuple[Row, ...]]] = [(arg, items) for arg in node.args]
    if node.op == "cmp":
        parts = [(atom, items) for _, atoms in difference(*node.args).terms for atom in atoms]
    elif node.op == "if":
        sure, possible = of.value(node.args[0], items)
        parts = [(node.args[0], items), *([(node.args[1], items)] if possible else []), *([] if sure else [(node.args[2], items)])]
    elif node.op in LOOPS:
        source, body, *conditions = node.args
        inner = [(*items[: node.value - 1], row) for row in of.value(source, items)[0]]
        parts = [(source, items), *((condition, at) for condition in conditions for at in inner)]
        parts += [(body, at) for at, _ in of.members(node, items)]
    elif node.op == "closed":
        parts = [(arg, items) for arg in (node.args if of.unlisted(node.args[0], items) else node.args[:1])]
    return {cell for part, at in parts for cell in cells(of, part, at)}


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("code", CASES)
def test_the_facts_of_a_finding_are_those_that_its_formula_reads(code: str, day: str) -> None:
    made = subject(code, day)
    stated = {(id(fact.row), fact.slot): path for path, fact in made.filing.facts.items()}
    for rule in machine().pack.rules:
        of = Evaluation(made.row, machine().values(made.law_day(rule)[1][0]))
        read = {cell for top in rule.formula.nodes() for cell in cells(of, top)}
        wanted = [path for cell, path in stated.items() if cell in read]
        assert Trace(made, machine().ready(rule), made.law_day(rule)[1][0], "").paths() == wanted, rule.id
