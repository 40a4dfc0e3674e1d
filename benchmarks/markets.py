"""The six tests on whole markets, from a thousand issuers to a million: time an issuer, peak memory, and wrong answers counted.

    python benchmarks/markets.py [--n 1000 10000 100000] [--rounds 3]

Each row is a process of its own, and the processes take turns, run by run; a million issuers go by ``--n 1000000``. The columns form takes
blocks of 50,000 rows on one or two threads, numpy by hand in its second row blocks of 16,000; DuckDB and Polars have two threads.
With ``--exact`` nothing is vague, so that what knows no ranges can be right as well.
Frames and tables hold whole fen, shares and days, so that a share is multiplied out in 64 bits: of a range the middle, of a month
its first day. What takes one filing at a time runs a sample. Filings repeat after 2,000, of which larger sizes are multiples; arrays
do not share memory.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, NamedTuple

import limits
import numpy as np
import rivals
import six_tests
from limits import FAIL, OPEN, PASS, Plain
from measure import machine, table

BASE, BLOCK, HAND_BLOCK = 2_000, 50_000, 16_000
EXACT = False  # whether only filings that leave nothing vague are taken
CODES = {FAIL: 0, OPEN: 1, PASS: 2}


class Given(NamedTuple):
    """What is timed, how many issuers it takes, and how its answers become one array of codes for each test."""

    run: Callable[[], Any]
    size: int
    codes: Callable[[Any], list[Any]]


@lru_cache(maxsize=8)
def plain(size: int) -> list[Plain]:
    """The filings of a market, of which only the first 2,000 differ."""
    base = exact(min(size, BASE)) if EXACT else limits.filings(min(size, BASE), ordinary=True)
    return [base[index % len(base)] for index in range(size)]


def exact(size: int) -> list[Plain]:
    """Filings of which nothing is vague."""
    return [found for found in limits.filings(4 * size, ordinary=True) if limits.is_exact(found)][:size]


def repeated(size: int) -> tuple[list[Plain], int]:
    """The filings that differ, and how often they follow one another."""
    base = plain(min(size, BASE))
    return base, size // len(base)


def blocks(size: int, most: int = BLOCK) -> list[int]:
    """How a market is cut."""
    return [min(most, size - start) for start in range(0, size, most)]


def on_threads(calls: Sequence[Callable[[], Any]], threads: int) -> list[Any]:
    """Each call's answer, in order."""
    if threads == 1:
        return [call() for call in calls]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda call: call(), calls))


def joined(parts: Sequence[Sequence[Any]]) -> list[Any]:
    """The answers of blocks as one array for each test."""
    return [np.concatenate([part[test] for part in parts]) for test in range(len(limits.TESTS))]


# Ours


def columns(threads: int) -> Callable[[int], Given]:
    """The columns form in blocks."""

    def make(size: int) -> Given:
        from compliance.expressions import columns as form
        from compliance.expressions import emit

        ours = limits.Ours()
        slots = ours.pack.slots()
        rules = [[(ours.rules[name], ours.parameters(ours.rules[name], limits.LATE)) for name in names] for names in limits.OURS]
        said = np.full(1 + max(emit.PASS, emit.FAIL, emit.NOT_APPLICABLE, emit.OPEN, emit.CONFLICT), CODES[OPEN], dtype=np.int8)
        said[[emit.PASS, emit.NOT_APPLICABLE]], said[emit.FAIL] = CODES[PASS], CODES[FAIL]

        def block(root: Any, on: Any, rows: list[Any]) -> list[Any]:
            answers = []
            for test in rules:
                codes = [said.take(verdicts(rule, parameters, root, on, rows), mode="clip") for rule, parameters in test]
                answers.append(codes[0] if len(codes) == 1 else np.minimum(*codes))
            return answers

        def verdicts(rule: Any, parameters: tuple[int, ...], root: Any, on: Any, rows: list[Any]) -> Any:
            found = form.decide(rule.formula, slots, root, parameters, (on, on))
            if found.fits.all():
                return found.verdicts
            code, answers = ours.machine.code(rule, False, False), found.verdicts.copy()
            for index in np.flatnonzero(~found.fits).tolist():
                answers[index] = code(rows[index % len(rows)], parameters, int(on[index]), int(on[index]))
            return answers

        filings, _ = repeated(size)
        rows = [ours.row(found) for found in filings]
        root, on = form.batch(rows), np.array([found.on for found in filings], dtype=np.int64)
        block(root, on, rows)  # reads the columns from the rows

        def one(length: int) -> Callable[[], list[Any]]:
            often = length // len(rows)
            arrays, days = standing(root, often), np.tile(on, often)
            return lambda: block(arrays, days, rows)

        calls = [one(length) for length in blocks(size)]
        return Given(lambda: on_threads(calls, threads), size, joined)

    return make


def standing(root: Any, times: int = 1) -> Any:
    """A table's arrays, so often one after another, without the rows that they were read from."""
    from compliance.expressions.columns import Column, Table, listing

    made: dict[int, Any] = {}

    def repeat(values: Any) -> Any:
        return None if values is None else np.tile(values, times)

    def column(of: Any) -> Any:
        low = repeat(of.low)
        high = low if of.low is of.high else repeat(of.high)
        return Column(low, high, of.power, of.finite, repeat(of.below), repeat(of.above), of.same, repeat(of.codes), of.values)

    def table(of: Any) -> Any:
        if id(of) not in made:
            found = made[id(of)] = Table(of.size * times)
            found.columns = {slot: column(part) for slot, part in of.columns.items()}
            for slot, part in of.lists.items():
                is_open = np.zeros(of.size, dtype=bool) if part.open is None else part.open
                found.lists[slot] = listing(table(part.table), repeat(np.diff(part.offsets)), repeat(is_open))
            for slot, (to, leads) in of.references.items():
                found.references[slot] = table(to), repeat(leads) + np.repeat(np.arange(times) * to.size, of.size)
        return made[id(of)]

    return table(root)


def scalar(size: int) -> Given:
    """The scalar form in a loop."""
    return lines(limits.Ours().answers(six_tests.ALL, plain(size)), size)


def lines(run: Callable[[], Any], size: int) -> Given:
    """Answers that come as one line of words for each filing."""
    return Given(run, size, lambda found: [np.array([CODES[word] for word in test], dtype=np.int8) for test in zip(*found, strict=True)])


def one_by_one(maker: rivals.Maker) -> Callable[[int], Given]:
    """An engine that takes one filing at a time."""
    return lambda size: lines(maker(six_tests.ALL, plain(size)), size)


# Arrays by hand, frames and tables


def by_hand(threads: int) -> Callable[[int], Given]:
    """numpy with ranges: the whole market at once, or in blocks on two threads."""

    def make(size: int) -> Given:
        if threads == 1:
            calls = [unjudged(six_tests.by_hand(six_tests.ALL, *repeated(size)))]
        else:
            calls = [unjudged(six_tests.by_hand(six_tests.ALL, *repeated(length))) for length in blocks(size, HAND_BLOCK)]
        return Given(
            lambda: on_threads(calls, threads),
            size,
            lambda found: joined([[low.astype(np.int8) + high for low, high in part] for part in found]),
        )

    return make


def unjudged(answers: Any) -> Callable[[], Any]:
    """What is timed of a batch's answers, without the lines of words."""
    run: Callable[[], Any] = answers.run
    return run


def vectors(size: int) -> Given:
    """float32, what is missing is nought."""
    run = unjudged(six_tests.vectors(six_tests.ALL, *repeated(size)))
    return Given(run, size, lambda found: [2 * test.astype(np.int8) for test in found])


def arrow(size: int) -> Any:
    """The market as an Arrow table of whole fen, shares, days and lists."""
    import pyarrow as pa

    base = plain(min(size, BASE))

    def middle(fact: limits.Fact) -> int | None:
        return None if fact is None else (fact[0] + fact[1]) // 2

    whole, day = pa.int64(), pa.date32()
    names = (*six_tests.MONEY, *six_tests.SHARES)
    made: dict[str, Any] = {name: pa.array([middle(getattr(found, name)) for found in base], whole) for name in names}
    made["held"] = pa.array([[middle(fact) for fact in found.held] for found in base], pa.list_(whole))
    made["spent"] = pa.array([[middle(fact) for counts, fact in found.spent if counts] for found in base], pa.list_(whole))
    made["penalties"] = pa.array([[six_tests.first(fact) for fact in found.penalties] for found in base], pa.list_(day))
    made["board_date"] = pa.array([six_tests.first((found.on, found.on)) for found in base], day)
    made["received"] = pa.array([six_tests.first(found.received) for found in base], day)
    made["used_up"] = pa.array([found.used_up for found in base], pa.bool_())
    found = pa.concat_tables([pa.table(made)] * -(-size // len(base))).slice(0, size)
    return found.combine_chunks()


def truths(found: Any) -> list[Any]:
    """Columns of true, false and null as codes."""
    import pyarrow as pa

    said = []
    for column in found:
        held = pa.chunked_array([column]) if isinstance(column, pa.Array) else column
        said.append(np.array([CODES[{None: OPEN, True: PASS, False: FAIL}[value]] for value in held.to_pylist()], dtype=np.int8))
    return said


def duckdb(size: int) -> Given:
    """DuckDB: a table of its own, one query."""
    import duckdb as library

    connection = library.connect()
    connection.execute("SET threads = 2")
    connection.register("given", arrow(size))
    connection.execute("CREATE TABLE filings AS SELECT * FROM given")
    connection.unregister("given")
    query = """
        SELECT 10 * list_sum(held)::BIGINT <= 3 * CASE WHEN equity < 0 THEN 0 ELSE equity END,
               10 * list_sum(spent)::BIGINT <= 3 * gross AND 10 * prior_spent <= 3 * prior_gross,
               coalesce(list_max(penalties) + INTERVAL 36 MONTH < board_date, true),
               10 * "new" <= 3 * "before",
               received + CASE WHEN used_up THEN INTERVAL 6 MONTH ELSE INTERVAL 18 MONTH END <= board_date,
               10 * block > 3 * ("before" + "new")
        FROM filings"""
    return Given(lambda: connection.sql(query).to_arrow_table(), size, lambda found: truths(found.columns))


def polars(size: int) -> Given:
    """Polars: one lazy query on a frame."""
    import polars as pl

    frame = pl.DataFrame(arrow(size)).lazy()
    one = pl.col
    until = pl.when(one("used_up")).then(one("received").dt.offset_by("6mo")).otherwise(one("received").dt.offset_by("18mo"))
    tests = [
        10 * one("held").list.sum() <= 3 * one("equity").clip(lower_bound=0),
        (10 * one("spent").list.sum() <= 3 * one("gross")) & (10 * one("prior_spent") <= 3 * one("prior_gross")),
        (one("penalties").list.max().dt.offset_by("36mo") < one("board_date")).fill_null(True),
        10 * one("new") <= 3 * one("before"),
        until <= one("board_date"),
        10 * one("block") > 3 * (one("before") + one("new")),
    ]
    query = frame.select([test.alias(str(index)) for index, test in enumerate(tests)])
    return Given(query.collect, size, lambda found: truths(found.to_arrow().columns))


BATCH: Mapping[str, Callable[[int], Given]] = {
    "compliance, columns, one thread": columns(1),
    "compliance, columns, two threads": columns(2),
    "numpy by hand, with ranges": by_hand(1),
    "numpy by hand, with ranges, blocks on two threads": by_hand(2),
    "float32 vectors, missing is nought": vectors,
    "DuckDB, no ranges, two threads": duckdb,
    "Polars, no ranges, two threads": polars,
}
SAMPLED: Mapping[str, tuple[Callable[[int], Given], int]] = {
    "compliance, scalar form in a loop": (scalar, 4_000),
    "zen-engine": (one_by_one(rivals.zen), 1_000),
    "durable-rules, numbers asserted": (one_by_one(rivals.durable), 400),
}


def serve(name: str, size: int) -> None:
    """One row in this process: how many answers are wrong, then the time of a run for each line read, and the peak of memory."""
    maker, most = SAMPLED[name] if name in SAMPLED else (BATCH[name], size)
    given = maker(min(size, most))
    answers = given.codes(given.run())
    wrong = sum(int((codes != right).sum()) for codes, right in zip(answers, truth(given.size), strict=True))
    del answers
    print(json.dumps({"size": given.size, "wrong": wrong}), flush=True)
    for _ in sys.stdin:
        start, processor = time.perf_counter(), time.process_time()
        given.run()
        wall, used = time.perf_counter() - start, time.process_time() - processor
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"wall": wall, "cpu": used, "peak": peak}), flush=True)


def truth(size: int) -> list[Any]:
    """The right codes for each test."""
    base = list(map(limits.truth, plain(min(size, BASE))))
    return [np.resize(np.array([CODES[line[test]] for line in base], dtype=np.int8), size) for test in six_tests.ALL]


HEAD = ("issuers", "", "wrong", "µs an issuer, wall", "µs, processors", "to columns, wall", "processors", "peak MB")


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--n", type=int, nargs="*", default=[1_000, 10_000, 100_000], help="sizes of the market")
    options.add_argument("--rounds", type=int, default=9, help="runs of each process")
    options.add_argument("--exact", action="store_true", help="nothing vague")
    options.add_argument("--rows", nargs="*", help="only rows whose names hold one of these")
    options.add_argument("--alone", help=argparse.SUPPRESS)
    given = options.parse_args()
    global EXACT
    EXACT = given.exact
    if given.alone:
        serve(given.alone, given.n[0])
        return
    names = [name for name in (*BATCH, *SAMPLED) if not given.rows or any(part in name for part in given.rows)]
    rows = [row for size in given.n for row in shown(size, in_turn(names, size, given.rounds, given.exact))]
    print(table(HEAD, rows))
    print("\n" + machine(six_tests.PACKAGES))


def in_turn(names: Sequence[str], size: int, rounds: int, exact: bool) -> Mapping[str, dict[str, Any]]:
    """What each row comes to, each in a process of its own; when all stand ready they take turns."""
    found: dict[str, dict[str, Any]] = {}
    with contextlib.ExitStack() as all_of:
        ready = {}
        for name in names:
            command = [sys.executable, __file__, "--alone", name, "--n", str(size), *(["--exact"] if exact else [])]
            process = all_of.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            said = told(process, "")
            if said is None:
                found[name] = {}
            else:
                ready[name] = process
                found[name] = {**said, "wall": [], "cpu": [], "peak": []}
        for _ in range(rounds):
            for name, process in ready.items():
                for key, value in (told(process, "\n") or {}).items():
                    found[name][key].append(value)
        for process in ready.values():
            if process.stdin:
                process.stdin.close()
    return found


def told(process: subprocess.Popen[str], asked: str) -> Any:
    """A process's next line; None where it has ended."""
    assert process.stdin and process.stdout
    process.stdin.write(asked)
    process.stdin.flush()
    line = process.stdout.readline()
    return json.loads(line) if line else None


def shown(size: int, found: Mapping[str, dict[str, Any]]) -> list[list[object]]:
    """The rows of one size; the median of the rounds of each."""

    def median(name: str, key: str) -> float:
        return statistics.median(found[name][key]) / found[name]["size"] * 1e6

    rows: list[list[object]] = []
    first = next(iter(found))
    for name, taken in found.items():
        if not taken:
            rows.append([f"{size:,}", name, "not run", "", "", "", "", ""])
            continue
        wall, used = median(name, "wall"), median(name, "cpu")
        of = f", {taken['size']:,} of them" if taken["size"] < size else ""
        ratios = wall / median(first, "wall"), used / median(first, "cpu")
        times = f"{wall:.2f}", f"{used:.2f}", *(f"{ratio:.2f}" for ratio in ratios)
        rows.append([f"{size:,}", name + of, taken["wrong"], *times, f"{max(taken['peak']):.0f}"])
    return rows


if __name__ == "__main__":
    main()
