"""The working-capital cap and the 36-month window in other rule engines, as their documentation would have them written.

    python benchmarks/rivals.py [--n 600]

The same filings go to each: floats in yuan as JSON holds them, the middle of a range, a month as its first day, null where a
fact is missing. An engine that raises on null is taken to have said "open". ``six_tests.py`` runs all six tests through them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import limits
from limits import FAIL, OPEN, PASS, Plain
from measure import in_turn, machine, table

Answers = Callable[[], list[tuple[str, ...]]]
Maker = Callable[[Sequence[int], Sequence[Plain]], Answers]

PACKAGES = ("rule-engine", "zen-engine", "durable-rules")


def said(value: Any) -> str:
    """A truth as a verdict; nothing is open."""
    return OPEN if value is None else PASS if value else FAIL


# rule-engine: floats become decimals; its durations know days and weeks but no months, so a month is counted in days.

RULE_ENGINE = (
    "$sum(held) <= 0.30 * (equity < 0 ? 0 : equity)",
    "$sum([u.proceeds for u in uses if u.kind == 'working_capital']) <= 0.30 * gross and prior_spent <= 0.30 * prior_gross",
    "$all([p.executed + t'P1095D' < board_date for p in penalties])",
    "new <= 0.30 * before",
    "received + (used_up ? t'P183D' : t'P548D') <= board_date",
    "block > 0.30 * (before + new)",
)


def rule_engine(tests: Sequence[int], filings: Sequence[Plain]) -> Answers:
    """rule-engine, one compiled rule for each test."""
    import rule_engine as library

    context = library.Context(default_value=None)
    rules = [library.Rule(RULE_ENGINE[test], context=context) for test in tests]
    given = [dated(limits.json_of(found)) for found in filings]

    def one(rule: Any, facts: Any) -> str:
        try:
            return said(rule.evaluate(facts))
        except library.EngineError:
            return OPEN

    return lambda: [tuple(one(rule, facts) for rule in rules) for facts in given]


def dated(facts: dict[str, Any]) -> dict[str, Any]:
    """JSON with its days as datetimes."""

    def moment(text: str | None) -> datetime | None:
        return None if text is None else datetime.fromisoformat(text)

    penalties = [{"executed": moment(part["executed"])} for part in facts["penalties"]]
    return {**facts, "penalties": penalties, "board_date": moment(facts["board_date"]), "received": moment(facts["received"])}


# zen-engine: one JSON decision model with an expression node; null in arithmetic raises, in a date it does not.

ZEN = (
    "sum(held) <= 0.30 * max([equity, 0])",
    "sum(map(filter(uses, #.kind == 'working_capital'), #.proceeds)) <= 0.30 * gross and prior_spent <= 0.30 * prior_gross",
    "all(penalties, d(#.executed).add(36, 'month') < d(board_date))",
    "new <= 0.30 * before",
    "d(received).add(used_up ? 6 : 18, 'month') <= d(board_date)",
    "block > 0.30 * (before + new)",
)


def zen(tests: Sequence[int], filings: Sequence[Plain]) -> Answers:
    """zen-engine, its compiled expressions (a whole decision model costs more and answers the same)."""
    import zen as library

    rules = [library.compile_expression(ZEN[test]) for test in tests]
    given = [limits.json_of(found) for found in filings]

    def one(rule: Any, facts: Any) -> str:
        try:
            return said(rule.evaluate(facts))
        except RuntimeError:
            return OPEN

    return lambda: [tuple(one(rule, facts) for rule in rules) for facts in given]


# durable-rules: numbers asserted into its rules. It has no sums and no months, so both are made before asserting; a fact that
# is missing is left out of the message, and a rule that then matches nothing leaves the test open.


def durable(tests: Sequence[int], filings: Sequence[Plain]) -> Answers:
    """durable-rules with numbers in its rules: one message for each filing, one rule for each outcome."""
    from durable.engine import Host, MessageNotHandledException

    class Quiet(Host):  # type: ignore[misc]
        """A host without its timer threads."""

        def _run(self) -> None:
            return None

    heard: list[str] = []
    sources = durable_sources()
    hosts = []

    def hears(verdict: str) -> Callable[[Any], None]:
        return lambda c: heard.append(verdict)  # one argument: with two it would be taken for an asynchronous action

    for test in tests:
        rules = {verdict: {"all": [{"m": sources[test][verdict]}], "run": hears(verdict)} for verdict in (PASS, FAIL)}
        name = f"test{test}"
        host = Quiet()
        host.set_rulesets({name: rules})
        hosts.append((host, name))
    given = [[message(test, limits.json_of(found), index) for test in tests] for index, found in enumerate(filings)]
    counter = iter(range(10**9))

    def one(host: Any, name: str, parts: list[dict[str, Any]]) -> str:
        heard.clear()
        for part in parts:
            try:
                host.post(name, {**part, "id": str(next(counter))})
            except MessageNotHandledException:
                heard.append(OPEN)
        return FAIL if FAIL in heard else OPEN if len(heard) < len(parts) or OPEN in heard else PASS

    return lambda: [tuple(one(host, name, parts) for (host, name), parts in zip(hosts, line, strict=True)) for line in given]


def durable_sources() -> tuple[Mapping[str, Any], ...]:
    """Conditions in the engine's JSON: ``m.left <= m.right * 0.3`` and its opposite, the same for days."""
    limit = {"$mul": {"$l": {"$m": "right"}, "$r": 0.3}}
    share = {PASS: {"$lte": {"left": limit}}, FAIL: {"$gt": {"left": limit}}}
    before = {PASS: {"$lt": {"left": {"$m": "right"}}}, FAIL: {"$gte": {"left": {"$m": "right"}}}}
    until = {PASS: {"$lte": {"left": {"$m": "right"}}}, FAIL: {"$gt": {"left": {"$m": "right"}}}}
    above = {PASS: share[FAIL], FAIL: share[PASS]}
    return share, share, before, share, until, above


def message(test: int, facts: dict[str, Any], index: int) -> list[dict[str, Any]]:
    """The messages of a test: its numbers, without those that are missing."""

    def pair(left: Any, right: Any) -> dict[str, Any]:
        return {name: value for name, value in (("left", left), ("right", right)) if value is not None}

    def total(values: list[float | None]) -> float:
        return sum(value for value in values if value is not None)

    def later(text: str | None, count: int) -> int | None:
        return None if text is None else limits.months(date.fromisoformat(text).toordinal(), count)

    on = date.fromisoformat(facts["board_date"]).toordinal()
    if test == 0:
        return [pair(total(facts["held"]), None if facts["equity"] is None else max(facts["equity"], 0))]
    if test == 1:
        spent = total([use["proceeds"] for use in facts["uses"] if use["kind"] == "working_capital"])
        return [pair(spent, facts["gross"]), pair(facts["prior_spent"], facts["prior_gross"])]
    if test == 2:
        return [pair(later(part["executed"], 36), on) for part in facts["penalties"]]
    if test == 3:
        return [pair(facts["new"], facts["before"])]
    if test == 4:
        return [pair(later(facts["received"], 6 if facts["used_up"] else 18), on)]
    return [pair(facts["block"], None if None in (facts["before"], facts["new"]) else facts["before"] + facts["new"])]


ROWS: Mapping[str, Maker] = {"rule-engine": rule_engine, "zen-engine": zen, "durable-rules, numbers asserted": durable}


def compare(makers: Mapping[str, Maker], tests: Sequence[int], filings: Sequence[Plain], repeat: int) -> list[list[object]]:
    """A row for each: wrong answers by kind, and the time of a filing beside ours. One that is absent says why."""
    right = [tuple(line[test] for test in tests) for line in map(limits.truth, filings)]
    ready: dict[str, Answers] = {"compliance, scalar form": limits.Ours().answers(tests, filings)}
    absent: dict[str, str] = {}
    for name, maker in makers.items():
        try:
            ready[name] = maker(tests, filings)
        except ImportError as error:
            absent[name] = f"not run: {error}"
    answers = {name: run() for name, run in ready.items()}
    times = in_turn(ready, repeat=repeat, clock=time.process_time, warm=0)
    ours = next(iter(times.values()))
    rows: list[list[object]] = []
    for name in ready:
        kinds = limits.wrong(answers[name], right)
        rows.append([name, sum(kinds), *kinds, f"{times[name] / len(filings) * 1e6:.2f}", f"{times[name] / ours:.2f}"])
    return rows + [[name, why, "", "", "", "", ""] for name, why in absent.items()]


HEAD = ("", "wrong", "false pass", "false fail", "left open", "µs of processors a filing", "time")


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--n", type=int, default=600, help="filings")
    options.add_argument("--repeat", type=int, default=5, help="rounds")
    given = options.parse_args()
    filings = limits.filings(given.n)
    tests = limits.SPINE
    print(f"{', '.join(limits.TESTS[test] for test in tests)}: {len(filings)} filings, {len(filings) * len(tests)} answers\n")
    print(table(HEAD, compare(ROWS, tests, filings, given.repeat)))
    exact = [found for found in filings if limits.is_exact(found)]
    print(f"\nof these the {len(exact)} that leave nothing vague\n")
    print(table(HEAD, compare(ROWS, tests, exact, given.repeat)))
    print("\n" + machine(PACKAGES))


if __name__ == "__main__":
    main()
