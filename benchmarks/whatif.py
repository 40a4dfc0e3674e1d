"""Ten million what-if evaluations of three rules: many scenarios of one filing, and some scenarios of every issuer of a market.

    python benchmarks/whatif.py [--n 10000000] [--block 100000]

Scenarios change the shares issued and the proceeds. An evaluation is one rule in one scenario; a block of scenarios is made, decided
and counted before the next. A few hundred scenarios are decided by the scalar form as well, and those that differ are counted.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import limits
import markets
import numpy as np
from measure import machine, table

from compliance import dates
from compliance.engine import many
from compliance.engine.decide import decide
from compliance.engine.machine import Machine
from compliance.engine.subject import subject
from compliance.expressions import columns as form
from compliance.expressions.emit import compile_rule
from compliance.expressions.tree import Type
from compliance.facts.loading import load
from compliance.shipped import folder

RULES = ("issue-size", "working-capital-share", "control-dilution")
SHARES, PROCEEDS = "offering.new_shares", "offering.gross_proceeds"
DAY = dates.parse("2025-12-31").low
ISSUERS = 5_400
SAMPLE = 300
Block = Callable[[], Any]


def of_a_filing(code: str, scenarios: int, size: int) -> tuple[Iterator[Block], int]:
    """Blocks of scenarios of one filing, and how many of a sample the scalar form decides otherwise."""
    engine = Machine(limits.Ours().pack)
    made = subject(engine, load(folder("cases") / code / "filing.yaml", engine.pack.vocabulary, engine.pack.id, engine.pack.options), DAY)
    rules = [engine.pack.rule(name) for name in RULES]

    def batch(begin: int, end: int) -> many.Batch:
        points = np.arange(begin, end)
        shares, proceeds = 1_000_000 + 31 * points, 10_000_000_00 + 1_013 * points
        return many.of_scenarios(made, {SHARES: (shares, shares), PROCEEDS: (proceeds, proceeds)})

    def block(begin: int, end: int) -> Block:
        def run() -> list[Any]:
            of = batch(begin, end)
            return [np.bincount(many.decide(of, rule).codes + 1) for rule in rules]

        return run

    chosen = batch(0, size)
    found = [many.decide(chosen, rule).codes for rule in rules]
    wrong = 0
    for index in random.Random(7).sample(range(size), min(size, SAMPLE)):
        with chosen.subject(index) as one:
            wrong += sum(int(codes[index]) != decide(one, rule) for codes, rule in zip(found, rules, strict=True))
    return (block(begin, min(begin + size, scenarios)) for begin in range(0, scenarios, size)), wrong


def of_a_market(scenarios: int, size: int) -> tuple[Iterator[Block], int]:
    """Blocks of issuers with the same scenarios each, and how many of a sample the scalar form decides otherwise."""
    ours = limits.Ours()
    slots, each = ours.pack.slots(), max(1, round(scenarios / ISSUERS))
    some = max(1, size // each)
    filings = markets.plain(ISSUERS)
    rules = [(ours.rules[name], ours.parameters(ours.rules[name], limits.LATE)) for name in RULES]
    fields = {name: (ours.words.root.name, name) for name in (SHARES, PROCEEDS)}
    shares, proceeds = 1_000_000 + 40_000_000 * np.arange(each) // each, 10_000_000_00 + 10**11 * np.arange(each) // each

    def cells(values: Any, count: int) -> form.Cells:
        numbers = np.arange(count * each)
        spread = np.tile(values, count)
        return form.Cells(numbers, numbers // each, form.column(spread, spread, Type("number")))

    def block(part: list[limits.Plain]) -> Block:
        rows = [ours.row(found) for found in part]
        on = np.repeat(np.array([found.on for found in part], dtype=np.int64), each)
        root = form.batch(rows)
        for rule, parameters in rules:
            form.decide(rule.formula, slots, root, parameters, (on[::each].copy(), on[::each].copy()))
        root = markets.standing(root)

        def run() -> list[Any]:
            over = {fields[SHARES]: cells(shares, len(part)), fields[PROCEEDS]: cells(proceeds, len(part))}
            batch = form.Scenarios(root, np.repeat(np.arange(len(part)), each), over)
            return [form.decide(rule.formula, slots, batch, parameters, (on, on)) for rule, parameters in rules]

        return run

    parts = [filings[begin : begin + some] for begin in range(0, ISSUERS, some)]
    ready = [block(part) for part in parts]
    wrong, chance = 0, random.Random(7)
    found = ready[0]()
    for _ in range(SAMPLE):
        index, point = chance.randrange(len(parts[0])), chance.randrange(each)
        row = ours.row(parts[0][index])
        ours.put(row, "filing", SHARES, (int(shares[point]),) * 2)
        ours.put(row, "filing", PROCEEDS, (int(proceeds[point]),) * 2)
        for (rule, parameters), decided in zip(rules, found, strict=True):
            code = compile_rule(rule.formula, slots, exact=False, measures=False)
            at = index * each + point
            wrong += bool(decided.fits[at]) and int(decided.verdicts[at]) != code(row, parameters, parts[0][index].on, parts[0][index].on)
    left = sum(int((~decided.fits).sum()) for decided in found)
    return iter(ready), wrong + left


def timed(blocks: Iterator[Block], threads: int) -> tuple[float, float]:
    """Wall and processor seconds of all blocks."""
    start, used = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda block: block() and None, blocks):
            pass
    return time.perf_counter() - start, time.process_time() - used


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--n", type=int, default=10_000_000, help="evaluations")
    options.add_argument("--block", type=int, default=100_000, help="scenarios at a time")
    given = options.parse_args()
    scenarios = given.n // len(RULES)
    rows = []
    for name, make in (
        ("one filing (300766)", lambda: of_a_filing("300766", scenarios, given.block)),
        (f"a market of {ISSUERS:,}", lambda: of_a_market(scenarios, given.block)),
    ):
        for threads in (1, 2):
            blocks, wrong = make()
            wall, used = timed(blocks, threads)
            rows.append([name, threads, wrong, f"{wall:.1f}", f"{used:.1f}", f"{used / given.n * 1e9:.0f}"])
    print(f"{given.n:,} evaluations: {', '.join(RULES)}\n")
    print(table(("scenarios of", "threads", "wrong", "seconds", "processor seconds", "ns an evaluation"), rows))
    print("\n" + machine(("numpy",)))


if __name__ == "__main__":
    main()
