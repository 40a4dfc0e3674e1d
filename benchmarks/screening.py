"""How long a market takes: a screening from file to tables, the scalar form in a loop, and one test by hand in numpy, SQL and Polars.

    python benchmarks/screening.py [--n 1000 10000] [--rounds 3] [--whole 5400] [--large 100000 1000000] [--workers 1 2]

The market is the made-up one of ``compliance screen sample``, written as lines and as columns. One of more than ``PART`` issuers is a
folder of files of so many, each the same: a run reads, decides and writes every one of them, whatever the others hold.
Hand-written are new shares against three tenths of the shares before them: numpy with ranges, DuckDB and Polars without (a range is
its low end to them). Their verdicts on that rule are held against the screening's, and the ones that differ are counted.

Every finding in full is the whole rule book explained into lines of JSON, once and from nothing known: of the market, of one whose
issuers state figures of their own, and without sharing anything between issuers. The column "made" says how many findings of an
issuer were made and not shared; ``--explained`` is how many issuers these rows take (0: none).
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from measure import in_turn, machine, table

from compliance import dates
from compliance.engine import many
from compliance.engine.decide import decide
from compliance.engine.machine import Machine
from compliance.engine.subject import subject
from compliance.packs import cache
from compliance.packs.book import Pack
from compliance.screen import cases, inputs, lines, parts, run, sample, writing
from compliance.screen.executors import local
from compliance.shipped import folder

DAY = dates.parse("2025-12-31").low
RULES = ("issue-size", "working-capital-share", "financing-interval", "financial-investment-share")
BOOK = folder("rules") / "cn-refinancing"
PART = 100_000
BOARDS, ROUTES = ("main_sh", "main_sz", "star", "chinext"), ("auction", "fixed", "simplified")
Verdicts = list[str]


def by_hand(path: Path) -> Verdicts:
    """The size of an issue in numpy: low and high ends, what is not known open to both sides."""
    names = ["issuer.board", "offering.route", "offering.board_date.low", "offering.board_date.high"]
    names += [f"offering.{name}.{end}" for name in ("new_shares", "shares_before") for end in ("low", "high")]
    held = pq.read_table(path, columns=names)

    def number(name: str, nothing: int) -> Any:
        return held[name].fill_null(nothing).to_numpy()

    def member(name: str, wanted: tuple[str, ...]) -> tuple[Any, Any]:
        values = held[name].to_numpy(zero_copy_only=False)
        is_in = np.isin(values.astype(str), wanted)
        return is_in, is_in | np.equal(values, None)

    top = 10**17
    left, right = (number("offering.new_shares.low", 0), number("offering.new_shares.high", top)), (
        number("offering.shares_before.low", 0), number("offering.shares_before.high", top),
    )  # fmt: skip
    boards, routes = member("issuer.board", BOARDS), member("offering.route", ROUTES)
    sure, possible = boards[0] & routes[0], boards[1] & routes[1]
    met, may_be_met = 10 * left[1] <= 3 * right[0], 10 * left[0] <= 3 * right[1]
    early = held["offering.board_date.high"].cast("int32").fill_null(10**6).to_numpy() < (date(2023, 2, 17) - date(1970, 1, 1)).days
    found = np.select([~possible, possible & met, sure & ~may_be_met], ["not_applicable", "pass", "fail"], "missing")
    found[early] = "not_in_force"
    return list(found.tolist())


SQL = """
select case when board not in {boards} or route not in {routes} then 'not_applicable'
            when board is null or route is null or shares is null or base is null then 'missing'
            when 10 * shares <= 3 * base then 'pass' else 'fail' end
from (select "issuer.board" as board, "offering.route" as route, cast("offering.new_shares.low" as hugeint) as shares,
             cast("offering.shares_before.low" as hugeint) as base from read_parquet('{path}'))
"""


def in_sql(path: Path) -> Verdicts:
    """The same in DuckDB."""
    import duckdb

    with duckdb.connect() as held:
        held.execute("SET threads = 2")
        return [row[0] for row in held.execute(SQL.format(boards=BOARDS, routes=ROUTES, path=path)).fetchall()]


def in_polars(path: Path) -> Verdicts:
    """The same in Polars."""
    import polars as pl

    board, route = pl.col("issuer.board"), pl.col("offering.route")
    shares, base = pl.col("offering.new_shares.low"), pl.col("offering.shares_before.low")
    unknown = board.is_null() | route.is_null() | shares.is_null() | base.is_null()
    found = (
        pl.when(~board.is_in(BOARDS) | ~route.is_in(ROUTES))
        .then(pl.lit("not_applicable"))
        .when(unknown)
        .then(pl.lit("missing"))
        .when(10 * shares <= 3 * base)
        .then(pl.lit("pass"))
        .otherwise(pl.lit("fail"))
    )
    return list(pl.scan_parquet(path).select(found).collect().to_series().to_list())


def task(pack: Pack, rules: tuple[str, ...]) -> parts.Task:
    """These rules on one day."""
    return parts.Task(str(BOOK), pack.sha256, tuple(rule.id for rule in pack.rules if rule.id in rules), (DAY,), (("", ()),), False)


def screened(pack: Pack, path: Path, out: Path, rules: tuple[str, ...]) -> None:
    """From file to joined tables, in this process."""
    shutil.rmtree(out, ignore_errors=True)
    begun = run.begin(out, task(pack, rules), inputs.look(path, 16384, pack), pack)
    run.join(begun, run.go(begun, local(1)))


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--n", type=int, nargs="*", default=[1000, 4000])
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--whole", type=int, nargs="*", default=[5_400], help="markets for the whole book")
    arguments.add_argument("--large", type=int, nargs="*", default=[100_000], help=f"markets for four rules, above {PART} whole times it")
    arguments.add_argument("--workers", type=int, nargs="*", default=[1, 2], help="of the commands on whole markets")
    arguments.add_argument("--explained", type=int, default=1000)
    given = arguments.parse_args()
    pack = cache.load(BOOK, tests=True)
    rows = []
    for size in given.n:
        with tempfile.TemporaryDirectory() as where:
            rows += measured(pack, size, given.rounds, Path(where))
    if rows:
        print(table(("issuers", "what", "cpu µs an issuer", "ratio", "wrong"), rows) + "\n")
    with tempfile.TemporaryDirectory() as where:
        whole = [row for size in given.whole for row in commands(pack, size, "the whole book", (), given, Path(where))]
        large = [row for size in given.large for row in commands(pack, size, "4 rules", RULES, given, Path(where))]
    print(table(("issuers", "what", "workers", "findings", "cpu s", "wall s", "cpu µs an issuer", "peak MB"), [*whole, *large]) + "\n")
    if given.explained:
        with tempfile.TemporaryDirectory() as where:
            print(
                table(
                    ("issuers", "every finding in full", "cpu ms an issuer", "made", "KiB an issuer"),
                    explained(pack, given.explained, Path(where)),
                )
            )
    print(machine(("numpy", "pyarrow", "duckdb", "polars")))


def commands(pack: Pack, size: int, what: str, rules: tuple[str, ...], asked: argparse.Namespace, where: Path) -> list[tuple[object, ...]]:
    """``screen run`` with each number of workers, in turns: the median of each, and the most memory that any of its processes took."""
    path = large(pack, size, where)
    took: dict[int, list[tuple[float, float, float]]] = {workers: [] for workers in asked.workers}
    picked = [part for rule in rules for part in ("--rules", rule)]
    findings = 0
    for _ in range(asked.rounds):
        for workers, times in took.items():
            out = where / "out"
            shutil.rmtree(out, ignore_errors=True)
            words = ["screen", "run", str(path), "--out", str(out), "--as-of", "2025-12-31", "--workers", str(workers), *picked]
            code = f"import sys; from compliance.cli import run; sys.exit(run({words!r}))"
            measuring = f"{USED}\nprint(*used([sys.executable, '-c', {code!r}]))"
            done = subprocess.run([sys.executable, "-c", measuring], capture_output=True, text=True, check=True)
            cpu, wall, peak = map(float, done.stdout.split()[-3:])
            times.append((cpu, wall, peak))
            findings = pq.read_metadata(out / "findings.parquet").num_rows
    rows: list[tuple[object, ...]] = []
    for workers, times in took.items():
        cpu, wall = (statistics.median(each[place] for each in times) for place in (0, 1))
        most = max(each[2] for each in times)
        rows.append(
            (f"{size:,}", what, workers, f"{findings:,}", f"{cpu:.1f}", f"{wall:.1f}", f"{cpu * 1e6 / size:.0f}", f"{most / 1024:.0f}")
        )
    return rows


def large(pack: Pack, size: int, where: Path) -> Path:
    """A market in Parquet, of whole parts where it is larger than one."""
    part = where / f"{min(size, PART)}.parquet"
    if not part.exists():
        writing.write(sample.market(pack, BOOK, min(size, PART), 11), part, pack)
    if size <= PART:
        return part
    folder_of = where / str(size)
    folder_of.mkdir()
    for number in range(size // PART):
        (folder_of / f"{number:04d}.parquet").hardlink_to(part)
    return folder_of


USED = """
import resource, subprocess, sys, time
def used(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime, time.perf_counter() - start, found.ru_maxrss
"""


def measured(pack: Pack, size: int, rounds: int, where: Path) -> list[tuple[object, ...]]:
    """The rows of one size."""
    for name in ("m.jsonl", "m.parquet"):
        writing.write(sample.market(pack, BOOK, size, 11), where / name, pack)
    book = pack._replace()
    engine = Machine(book)
    rules = [rule for rule in book.rules if rule.id in RULES]
    for rule in rules:
        engine.ready(rule).generate()
    wrong: list[dict[str, Any]] = []
    found = inputs.look(where / "m.jsonl", size, book)

    def read() -> list[Any]:
        items = inputs.read(found, found.chunks[0], book)
        return [subject(engine, filing, DAY) for item in items if (filing := cases.filing_of(item, book, wrong)) is not None]

    made = read()
    calls: Mapping[str, Callable[[], Any]] = {
        "screen run, 4 rules, lines": lambda: screened(book, where / "m.jsonl", where / "a", RULES),
        "screen run, 4 rules, columns": lambda: screened(book, where / "m.parquet", where / "b", RULES),
        "reading the lines alone": read,
        "4 rules decided, filing by filing": lambda: [[decide(one, rule) for rule in rules] for one in made],
        "4 rules decided, as columns": lambda: [many.decide(batch, rule) for batch in [many.of_filings(made)] for rule in rules],
        "1 rule by hand: numpy, ranges": lambda: by_hand(where / "m.parquet"),
        **{name: (lambda call=call: call(where / "m.parquet")) for name, call in OTHERS.items() if there(name)},
    }
    took = in_turn(calls, repeat=rounds, clock=time.process_time, warm=1)
    columns = ["item", "rule", "verdict"]
    ours = {
        row["item"]: row["verdict"]
        for row in pq.read_table(where / "a" / "findings.parquet", columns=columns).to_pylist()
        if row["rule"] == RULES[0]
    }
    right = [ours.get(item, "not_in_force") for item in range(size)]
    base = took["4 rules decided, as columns"]
    rows = []
    for name, seconds in took.items():
        given = by_hand if "numpy" in name else OTHERS.get(name)
        amiss: object = sum(one != two for one, two in zip(given(where / "m.parquet"), right, strict=True)) if given else ""
        rows.append((f"{size:,}", name, f"{seconds * 1e6 / size:.1f}", f"{seconds / base:.2f}", amiss))
    return rows


FIGURE = re.compile(r"([0-9]+)((?:[.][0-9]+)?(?:亿|万)?(?:元|股))")


def own(plain: Any, number: int) -> Any:
    """Facts with figures that no other issuer of a market has."""
    if isinstance(plain, str):
        figure = FIGURE.fullmatch(plain)
        return plain if figure is None else f"{int(figure[1]) + number}{figure[2]}"
    if isinstance(plain, dict):
        return {name: own(part, number) for name, part in plain.items()}
    return [own(part, number) for part in plain] if isinstance(plain, list) else plain


def explained(pack: Pack, size: int, where: Path) -> list[tuple[object, ...]]:
    """What it takes to explain every finding of a market: from its lines, in a process that has checked nothing before."""
    issuers = [sample.texts(sample.named(pack, one.facts, one.code)) for one in sample.market(pack, BOOK, size, 11)]
    owned = [own(one, number) for number, one in enumerate(issuers)]
    return [
        told("of the made-up market", issuers, lines.Kept(), where),
        told("of issuers with figures of their own", owned, lines.Kept(), where),
        told("with nothing shared", issuers[: max(1, size // 10)], lines.Kept(0), where),
    ]


def told(name: str, issuers: list[Any], kept: lines.Kept, where: Path) -> tuple[object, ...]:
    """One row: issuers explained, with what is kept for those alike."""
    path = where / "issuers.jsonl"
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in issuers), encoding="utf-8")
    book = cache.load(BOOK)
    engine, given = Machine(book), inputs.look(path, len(issuers), book)
    began, written, wrong = time.process_time(), 0, list[dict[str, Any]]()
    engine.generate(book.rules, own=True)
    teller = lines.Teller(engine, kept)
    for item in inputs.read(given, given.chunks[0], book):
        filing = cases.filing_of(item, book, wrong)
        if filing is not None:
            written += sum(map(len, teller.lines(filing, DAY, book.rules, {"item": item.number}, False)))
    spent, size = time.process_time() - began, len(issuers)
    return f"{size:,}", name, f"{spent * 1e3 / size:.1f}", f"{teller.made / size:.0f}", written // size // 1024


OTHERS: Mapping[str, Callable[[Path], Verdicts]] = {
    "1 rule by hand: DuckDB, no ranges": in_sql,
    "1 rule by hand: Polars, no ranges": in_polars,
}


def there(name: str) -> bool:
    """Whether a package is installed."""
    from importlib.util import find_spec

    return find_spec("duckdb" if "DuckDB" in name else "polars") is not None


if __name__ == "__main__":
    sys.exit(main())
