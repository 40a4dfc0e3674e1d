"""What is told of all trials at once is what each of them gives when it is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import strategies as made
from command import filing
from compliance.cli.inputs import load_case
from compliance.engine.decide import DECIDED, VERDICTS, decide, decide_with, measure, open_choices
from compliance.engine.explain import Trace, needs
from compliance.engine.machine import Machine
from compliance.engine.subject import subject
from compliance.expressions.formula import FAIL, NOT_APPLICABLE, OPEN, PASS, Formula
from compliance.expressions.interpret import Evaluation
from compliance.expressions.memory import Memory
from compliance.expressions.steps import Stepping, Steps, Stepwise
from compliance.expressions.trials import Cell, Trials
from compliance.facts.values import stateable
from test_expressions import formulas


def put(cell: Cell, end: tuple[Any, Any]) -> None:
    cell.row[cell.slot : cell.slot + 2] = end


@settings(max_examples=50)
@given(formulas(made.LOOSE_WORDS), made.parameters(), made.filings(), made.days())
def test_what_is_told_is_what_each_trial_gives(formula: Formula, parameters: dict[str, int], row: list[Any], on: tuple[int, int]) -> None:
    trials, stepping = Trials(), Stepping(Steps(), Memory(), row, parameters, on, 0)
    told = {node: trials.told(stepping, node) for node in formula.nodes()}
    passed, maybe_passed, failed, maybe_failed, void, maybe_void = trials.verdicts(stepping, formula)
    for cell in list(trials.cells):
        stands = cell.row[cell.slot], cell.row[cell.slot + 1]
        for trial, end in enumerate(cell.ends, cell.first):
            put(cell, end)
            bit = 1 << trial
            for node, (_, true, maybe_true, false, maybe_false) in told.items():
                low, high = Evaluation(row, parameters, on).value(node)
                assert (not true & bit or low) and (not false & bit or not high)
                assert (not low or maybe_true & bit) and (high or maybe_false & bit)
            steps = Steps()
            code = Stepwise(steps, formula).verdict(Stepping(steps, Memory(), row, parameters, on, 0))[0]
            for number, sure, maybe in ((PASS, passed, maybe_passed), (FAIL, failed, maybe_failed), (NOT_APPLICABLE, void, maybe_void)):
                assert (not sure & bit or code == number) and (code != number or maybe & bit)
            put(cell, stands)


@settings(max_examples=50)
@given(formulas(made.LOOSE_WORDS), made.parameters(), made.filings(), made.days(), st.data())
def test_what_is_not_among_the_facts_that_keep_it_open_changes_nothing(
    formula: Formula, parameters: dict[str, int], row: list[Any], on: tuple[int, int], data: st.DataObject
) -> None:
    trials, stepping = Trials(), Stepping(Steps(), Memory(), row, parameters, on, 0)
    node = formula.clauses[0].require
    blamed = {(id(trials.cells[number].row), trials.cells[number].slot) for number in trials.told(stepping, node).cells}
    words = made.LOOSE_WORDS
    cells = [(row, part) for part in words.root.fields.values() if (id(row), part.slot) not in blamed]
    before = Evaluation(row, parameters, on).value(node)
    chosen, part = data.draw(st.sampled_from(cells))
    low, high = chosen[part.slot], chosen[part.slot + 1]
    if part.type in ("flag", "number", "amount", "date") and low != high:
        chosen[part.slot + 1] = low
    assert Evaluation(row, parameters, on).value(node) == before


def test_the_needs_of_a_filing_decide_what_putting_them_does() -> None:
    """Rules with several worlds, several days, sums and exceptions."""
    case = load_case(Path(filing("300766")), "2025-12-31")
    of = subject(Machine(case.pack), case.filing, case.as_of)
    opened = [rule for rule in case.pack.rules if measure(of, rule).code == OPEN]
    several = [rule for rule in opened if open_choices(of, of.machine.ready(rule))]
    seen = set()
    for rule in (*several[:12], *opened[::7]):
        day = next(iter(measure(of, rule).by_day), "")
        for need in needs(Trace(of, of.machine.ready(rule), of.law_day(rule)[1][0], day)):
            found = case.filing.cell(need.path)
            if found is None or found[1].type in ("kind", "list", "ref"):
                continue
            row, slot = found[0], found[1].slot
            ends = [stateable(found[1], end) for end in row[slot : slot + 2]]
            codes = {decide_with(of, rule, [(row, slot, end, end)]) for end in ends} & {*DECIDED}
            given = {VERDICTS[code] for code in codes}
            assert set(need.decides) == given or (len(given) == 1 and set(need.decides) > given)  # another lies at a limit
            seen.update(need.decides)
        assert decide(of, rule) == OPEN
    assert seen == {"pass", "fail", "not_applicable"}
