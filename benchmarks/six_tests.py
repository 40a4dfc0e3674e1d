"""Six tests of the refinancing book against databases, data frames, rule engines and vectors: wrong answers and time.

    python benchmarks/six_tests.py [--n 400] [--batch 8192]

The tests: financial investment, working capital with the use of the earlier raising, the 36-month window, issue size, the
interval of 18 or 6 months, and control after the issue. Engines that take one filing at a time run ``--n`` of them, those
that take columns also a batch of ordinary size. Tables and frames hold exact decimals and dates: of a range the middle, of
a month its first day, of what is missing NULL. Both ways in which a share is written are there: divided, and multiplied out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import limits
from limits import FAIL, OPEN, PASS, Fact, Plain
from measure import machine, table
from rivals import HEAD, ROWS, Answers, Maker, compare

ALL = tuple(range(len(limits.TESTS)))
EPOCH = date(1970, 1, 1).toordinal()
MONEY = ("equity", "gross", "prior_spent", "prior_gross")
SHARES = ("new", "before", "block")
PACKAGES = ("duckdb", "polars", "numpy", "pyarrow", "rule-engine", "zen-engine", "durable-rules")


def decimal(fact: Fact) -> Decimal | None:
    """Yuan as an exact decimal; of a range its middle."""
    return None if fact is None else Decimal((fact[0] + fact[1]) // 2).scaleb(-2)


def first(fact: Fact) -> date | None:
    """A day; of a month its first."""
    return None if fact is None else date.fromordinal(fact[0])


def arrow(filings: Sequence[Plain]) -> Any:
    """The filings as one Arrow table of decimals, whole numbers, dates and lists."""
    import pyarrow as pa

    money, day = pa.decimal128(20, 2), pa.date32()
    columns: dict[str, Any] = {name: pa.array([decimal(getattr(found, name)) for found in filings], money) for name in MONEY}
    columns |= {name: pa.array([limits.share(getattr(found, name)) for found in filings], pa.int64()) for name in SHARES}
    columns["held"] = pa.array([[decimal(fact) for fact in found.held] for found in filings], pa.list_(money))
    spent = [[decimal(fact) for counts, fact in found.spent if counts] for found in filings]
    columns["spent"] = pa.array(spent, pa.list_(money))
    columns["penalties"] = pa.array([[first(fact) for fact in found.penalties] for found in filings], pa.list_(day))
    columns["board_date"] = pa.array([date.fromordinal(found.on) for found in filings], day)
    columns["received"] = pa.array([first(found.received) for found in filings], day)
    columns["used_up"] = pa.array([found.used_up for found in filings], pa.bool_())
    return pa.table(columns)


def words(columns: Sequence[Sequence[Any]]) -> list[tuple[str, ...]]:
    """Columns of true, false and null as lines of verdicts."""
    said = {None: OPEN, True: PASS, False: FAIL}
    return [tuple(said[value] for value in line) for line in zip(*columns, strict=True)]


# DuckDB

SHARE_SQL = {
    "divided": "({a}) / nullif({b}, 0) {sign} 0.30",
    "multiplied": "({a}) {sign} 0.30 * ({b})",
}


def sql(form: str) -> str:
    """The six tests as one query."""

    def share(a: str, b: str, sign: str = "<=") -> str:
        return SHARE_SQL[form].format(a=a, b=b, sign=sign)

    return f"""
        SELECT {share("list_sum(held)", "CASE WHEN equity < 0 THEN 0 ELSE equity END")},
               {share("list_sum(spent)", "gross")} AND {share("prior_spent", "prior_gross")},
               coalesce(list_max(penalties) + INTERVAL 36 MONTH < board_date, true),
               {share("new", "before")},
               received + CASE WHEN used_up THEN INTERVAL 6 MONTH ELSE INTERVAL 18 MONTH END <= board_date,
               {share("block", "before + new", ">")}
        FROM filings"""


def duckdb(form: str) -> Maker:
    """DuckDB on decimals, with a share written in one of two ways."""

    def make(tests: Sequence[int], filings: Sequence[Plain]) -> Answers:
        import duckdb as library

        connection = library.connect()
        connection.execute("SET threads = 1")
        connection.register("given", arrow(filings))
        connection.execute("CREATE TABLE filings AS SELECT * FROM given")
        query = sql(form)
        return Lines(lambda: connection.sql(query).to_arrow_table(), lambda found: words([column.to_pylist() for column in found.columns]))

    return make


class Lines:
    """Answers of a whole batch: what is timed gives columns, which are turned into lines only to be judged."""

    def __init__(self, run: Callable[[], Any], lines: Callable[[Any], list[tuple[str, ...]]]) -> None:
        self.run, self.lines, self.judged = run, lines, False

    def __call__(self) -> Any:
        """The first call gives lines of verdicts, each later one the columns."""
        found = self.run()
        if self.judged:
            return found
        self.judged = True
        return self.lines(found)


# Polars


def polars(form: str) -> Maker:
    """Polars on decimals, with a share written in one of two ways."""

    def make(tests: Sequence[int], filings: Sequence[Plain]) -> Answers:
        import polars as pl

        frame = pl.DataFrame(arrow(filings))
        cap = pl.lit(Decimal("0.30"))
        one = pl.col

        def within(a: Any, b: Any) -> Any:
            return a / b <= cap if form == "divided" else a <= cap * b

        count = {name: one(name).cast(pl.Decimal(20, 0)) for name in SHARES}
        after = count["before"] + count["new"]
        nothing = pl.lit(Decimal(0) if form == "multiplied" else None)  # what is divided by nought raises
        equity = pl.when(one("equity") <= 0).then(nothing).otherwise(one("equity"))
        ended = one("penalties").list.max().dt.offset_by("36mo") < one("board_date")
        until = pl.when(one("used_up")).then(one("received").dt.offset_by("6mo")).otherwise(one("received").dt.offset_by("18mo"))
        tests_of = [
            within(one("held").list.sum(), equity),
            within(one("spent").list.sum(), one("gross")) & within(one("prior_spent"), one("prior_gross")),
            ended.fill_null(True),
            within(count["new"], count["before"]),
            until <= one("board_date"),
            ~within(count["block"], after),
        ]
        query = [test.alias(str(index)) for index, test in enumerate(tests_of)]
        return Lines(lambda: frame.select(query), lambda found: words([found[name].to_list() for name in found.columns]))

    return make


# Vectors as OpenFisca keeps them: float32, what is missing is nought, every answer decided


def vectors(tests: Sequence[int], filings: Sequence[Plain], times: int = 1) -> Answers:
    """Six formulas over float32 vectors; ``times``: the filings so often, one after another."""
    import numpy as np

    def amounts(values: Any) -> Any:
        return np.tile(np.array([value or 0 for value in values], dtype=np.float32), times)

    def days(values: Any) -> Any:
        return np.tile(np.array([(fact[0] if fact else 1) - EPOCH for fact in values], dtype="M8[D]"), times)

    money = {name: amounts(limits.figure(getattr(found, name)) for found in filings) for name in MONEY}
    count = {name: amounts(limits.share(getattr(found, name)) for found in filings) for name in SHARES}
    held = sum(amounts(limits.figure(found.held[i]) for found in filings) for i in range(3))
    spent = sum(amounts(limits.figure(found.spent[i][1]) for found in filings) for i in range(2))
    board = np.tile(np.array([found.on - EPOCH for found in filings], dtype="M8[D]"), times)
    received = days(found.received for found in filings)
    used_up = np.tile(np.array([bool(found.used_up) for found in filings]), times)
    latest = days(max((fact for fact in found.penalties if fact), default=None) for found in filings)
    cap = np.float32(0.3)

    def run() -> list[Any]:
        return [
            held <= cap * np.maximum(money["equity"], 0),
            (spent <= cap * money["gross"]) & (money["prior_spent"] <= cap * money["prior_gross"]),
            shifted(latest, 36) < board,
            count["new"] <= cap * count["before"],
            shifted(received, np.where(used_up, 6, 18)) <= board,
            count["block"] > cap * (count["before"] + count["new"]),
        ]

    return Lines(run, lambda found: words([column.tolist() for column in found]))


def shifted(day: Any, count: Any) -> Any:
    """Days some months later, as the Civil Code counts."""
    month = day.astype("M8[M]")
    to = month + count
    import numpy as np

    return np.minimum(to.astype("M8[D]") + (day - month), (to + 1).astype("M8[D]") - 1)


# numpy by hand, with ranges: what the columns form is measured against

FAR = 5 * 10**17  # an end without bound; ten times it still fits in 64 bits


def by_hand(tests: Sequence[int], filings: Sequence[Plain], times: int = 1) -> Answers:
    """Low and high arrays, written for exactly these six tests; amounts are below 10**17 fen. ``times``: see ``vectors``."""
    import numpy as np

    def ends(values: Sequence[Fact], least: int = 0, most: int = FAR) -> tuple[Any, Any]:
        lows = [fact[0] if fact else least for fact in values]
        highs = [fact[1] if fact else most for fact in values]
        return np.tile(np.array(lows, dtype=np.int64), times), np.tile(np.array(highs, dtype=np.int64), times)

    def parts(lists: Sequence[Sequence[Fact]]) -> tuple[Any, Any, Any]:
        flat = [fact for facts in lists for fact in facts]
        offsets = np.concatenate([[0], np.cumsum(np.tile([len(facts) for facts in lists], times))]).astype(np.int64)
        return (*ends(flat), offsets)

    column = {name: ends([getattr(found, name) for found in filings]) for name in (*MONEY[1:], *SHARES)}
    equity = ends([limits.positive(found.equity) for found in filings])
    held = parts([found.held for found in filings])
    spent = parts([[fact for counts, fact in found.spent if counts] for found in filings])
    board = np.tile(np.array([found.on - EPOCH for found in filings], dtype="M8[D]"), times)
    early, late = (part.astype("M8[D]") for part in ends([shift_fact(found.received) for found in filings], 1 - EPOCH, 10**6))
    low_months = np.tile([6 if found.used_up or found.used_up is None else 18 for found in filings], times)
    high_months = np.tile([6 if found.used_up else 18 for found in filings], times)
    lists = [[shift_fact(fact) for fact in found.penalties] for found in filings]
    owner = np.repeat(np.arange(len(lists) * times), np.tile([len(facts) for facts in lists], times))
    penalty = [part.astype("M8[D]") for part in ends([fact for facts in lists for fact in facts], 1 - EPOCH, 10**6)]

    def total(listed: tuple[Any, Any, Any]) -> tuple[Any, Any]:
        low, high, offsets = listed
        return np.add.reduceat(low, offsets[:-1]), np.minimum(np.add.reduceat(high, offsets[:-1]), FAR)

    def within(a: tuple[Any, Any], b: tuple[Any, Any]) -> tuple[Any, Any]:
        return 10 * a[1] <= 3 * b[0], 10 * a[0] <= 3 * b[1]

    def run() -> list[tuple[Any, Any]]:
        after = tuple(np.minimum(a + b, FAR) for a, b in zip(column["before"], column["new"], strict=True))
        one, other = within(total(spent), column["gross"]), within(column["prior_spent"], column["prior_gross"])
        kept = within(column["block"], after)
        ended = np.ones(len(board), dtype=bool)
        running = np.ones(len(board), dtype=bool)
        ended[owner[shifted(penalty[1], 36) >= board[owner]]] = False
        running[owner[shifted(penalty[0], 36) >= board[owner]]] = False
        return [
            within(total(held), equity),
            (one[0] & other[0], one[1] & other[1]),
            (ended, running),
            within(column["new"], column["before"]),
            (shifted(late, high_months) <= board, shifted(early, low_months) <= board),
            (~kept[1], ~kept[0]),
        ]

    return Lines(run, from_ranges)


def shift_fact(fact: Fact) -> Fact:
    """Day numbers from 1970, as numpy counts."""
    return None if fact is None else (fact[0] - EPOCH, fact[1] - EPOCH)


def from_ranges(found: list[tuple[Any, Any]]) -> list[tuple[str, ...]]:
    """Truth as a range: proved, refuted or open."""
    columns = [
        [PASS if low else OPEN if high else FAIL for low, high in zip(*(end.tolist() for end in pair), strict=True)] for pair in found
    ]
    return list(zip(*columns, strict=True))


# Ours in columns


def stated(tests: Sequence[int], filings: Sequence[Plain]) -> Answers:
    """As ``columns``, every fact stated that the rules read in any branch."""
    return columns(tests, filings, every=True)


def columns(tests: Sequence[int], filings: Sequence[Plain], every: bool = False) -> Answers:
    """The columns form, on columns made beforehand; what does not fit in 64 bits goes to the scalar form, and is timed."""
    import numpy as np

    from compliance.expressions import columns as form
    from compliance.expressions import emit

    ours = limits.Ours()
    rows = [ours.row(found, every) for found in filings]
    root = form.batch(rows)
    on = np.array([found.on for found in filings], dtype=np.int64)
    slots = ours.pack.slots()
    rules = [[(ours.rules[name], ours.parameters(ours.rules[name], limits.LATE)) for name in limits.OURS[test]] for test in tests]
    said = {emit.PASS: PASS, emit.FAIL: FAIL, emit.NOT_APPLICABLE: PASS}

    def verdicts(rule: Any, parameters: tuple[int, ...]) -> Any:
        found = form.decide(rule.formula, slots, root, parameters, (on, on))
        if found.fits.all():
            return found.verdicts
        code, answers = ours.machine.code(rule, False, False), found.verdicts.copy()
        for index in np.flatnonzero(~found.fits).tolist():
            answers[index] = code(rows[index], parameters, filings[index].on, filings[index].on)
        return answers

    def lines(found: list[list[Any]]) -> list[tuple[str, ...]]:
        joined = []
        for parts in found:
            texts = [[said.get(code, OPEN) for code in part.tolist()] for part in parts]
            joined.append(texts[0] if len(texts) == 1 else [limits.both(*pair) for pair in zip(*texts, strict=True)])
        return list(zip(*joined, strict=True))

    return Lines(lambda: [[verdicts(*rule) for rule in test] for test in rules], lines)


BATCH: Mapping[str, Maker] = {
    "compliance, columns form": columns,
    "compliance, columns, all stated": stated,
    "numpy by hand, with ranges": by_hand,
    "float32 vectors, missing is nought": vectors,
    "DuckDB, divided": duckdb("divided"),
    "DuckDB, multiplied": duckdb("multiplied"),
    "Polars, divided": polars("divided"),
    "Polars, multiplied": polars("multiplied"),
}


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--n", type=int, default=400, help="filings for all")
    options.add_argument("--batch", type=int, default=8192, help="filings for those that take columns (0: none)")
    options.add_argument("--repeat", type=int, default=3, help="rounds")
    given = options.parse_args()
    filings = limits.filings(given.n)
    print(f"six tests on {given.n} filings, {given.n * len(ALL)} answers\n")
    print(table(HEAD, compare({**ROWS, **BATCH}, ALL, filings, given.repeat)))
    if given.batch:
        many = limits.filings(given.batch, ordinary=True)
        exact = [found for found in many if limits.is_exact(found)]
        for name, part in (("exact and vague", many), ("nothing vague", exact)):
            print(f"\n{name}: {len(part)} filings at once\n")
            print(table(HEAD, compare(BATCH, ALL, part, given.repeat)))
    print("\n" + machine(PACKAGES))


if __name__ == "__main__":
    main()
