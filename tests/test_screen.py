"""Many issuers: every way in gives the same findings, a stop at any moment loses nothing, and what is wrong costs itself alone."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from checked import book as pack
from command import arguments, environment
from command import run as command

pytest.importorskip("numpy", reason="the extra batch is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="the extra batch is not installed")

from compliance import dates  # noqa: E402
from compliance.engine.decide import decide  # noqa: E402
from compliance.engine.figures import span  # noqa: E402
from compliance.engine.machine import Machine  # noqa: E402
from compliance.engine.questions import erase, questions_of  # noqa: E402
from compliance.engine.record import check  # noqa: E402
from compliance.engine.subject import subject  # noqa: E402
from compliance.engine.verdict import GRAVEST, NOT_IN_FORCE, clause_of, verdict_of  # noqa: E402
from compliance.facts import loading  # noqa: E402
from compliance.reports.matrix import COLOURS  # noqa: E402
from compliance.screen import cases, deciding, grids, inputs, parts, run, sample, stretches, summary, work, writing  # noqa: E402
from compliance.screen.executors import local  # noqa: E402
from compliance.screen.found import findings_batch, issuers_batch  # noqa: E402
from compliance.screen.summary import closeness  # noqa: E402
from compliance.shipped import folder  # noqa: E402
from compliance.source import SourceError  # noqa: E402

RULES = (
    "issue-size",
    "financing-interval",
    "working-capital-share",
    "financial-investment-share",
    "directors-officers-sanctions",
    "control-basis",
)
DAY = "2025-12-31"
BOOK = folder("rules") / "cn-refinancing"
SIZE = 60
TABLES = ("findings.parquet", "issuers.parquet", "errors.jsonl", "errors.csv")


@pytest.fixture(scope="module")
def markets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One market written as lines and as columns."""
    where = tmp_path_factory.mktemp("market")
    for name in ("market.jsonl", "market.parquet"):
        writing.write(sample.market(pack(), BOOK, SIZE, 7), where / name, pack())
    return where


def task(rules: tuple[str, ...] = RULES, days: tuple[str, ...] = (DAY,), robust: bool = False) -> parts.Task:
    wanted = tuple(rule.id for rule in pack().rules if rule.id in rules)
    return parts.Task(str(BOOK), pack().sha256, wanted, tuple(dates.parse(day).low for day in days), (("", ()),), robust)


def screen(given: Path, out: Path, chunk: int = 16, workers: int = 1, asked: parts.Task | None = None, **more: Any) -> list[dict[str, Any]]:
    """Run to the joined tables; gives the lines of the chunks."""
    begun = run.begin(out, asked or task(), inputs.look(given, chunk, pack(), **more), pack())
    lines = run.go(begun, local(workers))
    run.join(begun, lines)
    return lines


def findings(out: Path) -> list[dict[str, Any]]:
    return list(pq.read_table(out / "findings.parquet").to_pylist())


def items(out: Path) -> set[int]:
    """The items that were decided."""
    return set(pq.read_table(out / "issuers.parquet")["item"].to_pylist())


def errors(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "errors.jsonl").read_text(encoding="utf-8").splitlines()]


def test_findings_are_those_of_a_check(markets: Path, tmp_path: Path) -> None:
    screen(markets / "market.jsonl", tmp_path / "out", asked=task(robust=True))
    machine = Machine(pack())
    expected = {}
    for item, line in enumerate((markets / "market.jsonl").read_bytes().splitlines()):
        filing = loading.read(inputs.node_of(json.loads(line), inputs.Place("m", 1, 1)), pack().vocabulary, pack().id, pack().options)
        for found in check(machine, filing, dates.parse(DAY).low, RULES, "reference").get("findings", []):
            measure, limit = found.get("measure", {}), found.get("limit", {})
            expected[item, found["rule"]] = (
                found["verdict"], measure.get("low"), measure.get("high"), limit.get("low"), limit.get("high"), measure.get("unit"),
                found.get("robust"),
            )  # fmt: skip
    got = {
        (row["item"], row["rule"]): (
            row["verdict"], row["measure_low"], row["measure_high"], row["limit_low"], row["limit_high"], row["unit"], row["robust"],
        )
        for row in findings(tmp_path / "out")
    }  # fmt: skip
    assert got.keys() == expected.keys()
    for key, found in got.items():
        # A record leaves out what a rule rests on where it does not apply and hangs on nothing.
        wanted = expected[key] if expected[key][-1] is not None else (*expected[key][:-1], found[-1])
        assert found == wanted, key
    assert {"pass", "fail", "missing"} <= {verdict for verdict, *_ in got.values()}


def test_lines_and_columns_give_the_same(markets: Path, tmp_path: Path) -> None:
    screen(markets / "market.jsonl", tmp_path / "lines")
    screen(markets / "market.parquet", tmp_path / "columns", chunk=25)
    assert findings(tmp_path / "lines") == findings(tmp_path / "columns")


def test_planted_verdicts_are_found(tmp_path: Path) -> None:
    """Every planted verdict of some rules, those at, under and over their limits among them."""
    rules = ("issue-size", "financing-interval", "working-capital-share")
    planted = [one for one in sample.planted_in(pack(), BOOK) if one.rule in rules]
    assert len(planted) > 60
    lines = [json.dumps(sample.texts(sample.named(pack(), one.facts, f"{number:06d}"))) for number, one in enumerate(planted)]
    (tmp_path / "planted.jsonl").write_text("\n".join(lines), encoding="utf-8")
    screen(tmp_path / "planted.jsonl", tmp_path / "out", chunk=1000, asked=task(rules))
    assert not errors(tmp_path / "out")
    found = {(row["item"], row["rule"]): row["verdict"] for row in findings(tmp_path / "out")}
    for number, one in enumerate(planted):
        verdict = found.get((number, one.rule), "not_in_force")
        assert verdict == one.verdict or (one.verdict == "open" and verdict in ("judgement", "missing")), (one, verdict)


def cases_of(path: Path) -> cases.Cases:
    """Every filing of a file, as cases on the day."""
    machine = Machine(pack())
    given = inputs.look(path, 100, pack())
    wrong: list[dict[str, Any]] = []
    day = dates.parse(DAY).low
    read = [(item, cases.filing_of(item, pack(), wrong)) for item in inputs.read(given, given.chunks[0], pack())]
    assert not wrong
    return cases.cases_read([(item, subject(machine, filing, day)) for item, filing in read if filing is not None], "", day)


def test_one_by_one_and_together_are_the_same(markets: Path) -> None:
    held = cases_of(markets / "market.jsonl")
    rules = [rule for rule in pack().rules if rule.id in RULES]
    alone, none = deciding.decide_block(held, rules, True, few=10_000)
    together, _ = deciding.decide_block(held, rules, True, few=0)
    assert findings_batch(held, rules, alone).equals(findings_batch(held, rules, together))
    assert issuers_batch(held, rules, alone.verdicts).equals(issuers_batch(held, rules, together.verdicts))
    assert not none


def one_by_one(held: cases.Cases) -> list[tuple[Any, ...]]:
    """The rows of ``findings.parquet``, each finding worked out by itself."""
    rows = []
    for item, issuer, made in zip(held.items, held.issuers, held.made, strict=True):
        for rule in pack().rules:
            word, decision = verdict_of(made, rule)
            if word == NOT_IN_FORCE:
                continue
            at = clause_of(decision)
            at = at if decision.sides[at] is not None else 0
            sides, require = decision.sides[at], rule.formula.clauses[at].require
            spans: list[dict[str, str]] = [{}, {}]
            if sides is not None and word != "not_applicable":
                spans = [span(*ends, side.type) for ends, side in zip((sides.left, sides.right), require.args, strict=True)]
            stands = None
            if decision.decided:
                with made.put(*erase(questions_of(made, rule))):
                    stands = decide(made, rule) == decision.code
            ends = [spans[number].get(name) for number in (0, 1) for name in ("low", "high", "unit")]
            rows.append((item, issuer, "", date.fromisoformat(DAY), rule.id, rule.force, word, stands, *ends))
    return rows


def test_tables_out_of_arrays_are_those_of_each_finding_by_itself(markets: Path) -> None:
    """The whole book on a market: words, robustness and the texts of what was measured, in one order."""
    held = cases_of(markets / "market.jsonl")
    wanted = one_by_one(held)
    found, scalar = deciding.decide_block(held, pack().rules, True, few=0)
    batch = findings_batch(held, pack().rules, found)
    batch.validate(full=True)
    assert [tuple(row.values()) for row in batch.to_pylist()] == wanted
    assert sum(scalar.values()) < 0.02 * len(wanted)
    issuers = issuers_batch(held, pack().rules, found.verdicts).to_pylist()
    for number, row in zip(held.items, issuers, strict=True):
        mine = [found for found in wanted if found[0] == number]
        assert {word: row[word] for word in GRAVEST} == {word: sum(found[6] == word for found in mine) for word in GRAVEST}
        ruling = {found[6] for found in mine if found[5] == "condition"}
        assert row["verdict"] == next((word for word in GRAVEST if word in ruling), "not_applicable")


@pytest.mark.parametrize("workers", [2, 3])
def test_any_number_of_workers_writes_the_same_bytes(markets: Path, tmp_path: Path, workers: int) -> None:
    lines = [screen(markets / "market.jsonl", tmp_path / f"{count}", workers=count) for count in (1, workers)]
    assert lines[0] == lines[1]
    assert len(lines[0]) == 4
    for name in TABLES:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / f"{workers}" / name).read_bytes()


# Stops


def verb(given: Path, out: Path, *more: str) -> list[str]:
    rules = [part for rule in RULES[:3] for part in ("--rules", rule)]
    return arguments("screen", "run", str(given), "--out", str(out), "--as-of", DAY, "--chunk", "5", *rules, *more)


def test_a_run_that_is_killed_anywhere_goes_on(markets: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    done = subprocess.run(verb(markets / "market.jsonl", whole, "--workers", "1"), env=environment(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    draw = random.Random(5)
    out = tmp_path / "killed"
    kills = 0
    for _ in range(40):
        process = subprocess.Popen(
            verb(markets / "market.jsonl", out, "--workers", str(draw.choice((1, 2)))), env=environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        target = draw.randint(0, 12)
        while process.poll() is None and kills < 6:
            lines = (out / run.LINES).read_bytes().count(b"\n") if (out / run.LINES).exists() else -1
            if lines >= target:
                os.killpg(process.pid, draw.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
                kills += 1
                break
            time.sleep(0.002)
        if process.wait() == 0:
            break
    assert kills
    assert {path.name for path in whole.iterdir()} == {path.name for path in out.iterdir()}
    for path in whole.iterdir():
        assert path.read_bytes() == (out / path.name).read_bytes(), path.name


def test_a_torn_line_and_a_damaged_shard_are_done_again(markets: Path, tmp_path: Path) -> None:
    given = inputs.look(markets / "market.jsonl", 10, pack())
    begun = run.begin(tmp_path / "out", task(), given, pack())
    lines = run.go(begun, local(1))
    manifest = tmp_path / "out" / run.LINES
    whole = manifest.read_bytes()
    manifest.write_bytes(whole[:-7])
    assert run.go(begun, local(1)) == lines
    assert manifest.read_bytes() == whole
    shard = tmp_path / "out" / work.SHARDS / "findings-000002.parquet"
    shard.write_bytes(shard.read_bytes()[:-1])
    assert run.go(begun, local(1)) == lines
    assert manifest.read_bytes() == whole


def test_a_finished_run_is_left_alone_and_another_is_refused(markets: Path, tmp_path: Path) -> None:
    given, out = markets / "market.jsonl", tmp_path / "out"
    options = ("--as-of", DAY, "--rules", "issue-size", "--workers", "1", "--lang", "en")
    assert command("screen", "run", str(given), "--out", str(out), *options).status == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    again = command("screen", "run", str(given), "--out", str(out), *options)
    assert (again.status, again.out) == (0, "")
    assert "nothing left to do" in again.err
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    other = command("screen", "run", str(given), "--out", str(out), *options, "--robust")
    assert other.status == 2
    assert other.err == f"{out}: the folder holds another run (robust differs); choose another --out\n"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.doc").write_text("x")
    mine = command("screen", "run", str(given), "--out", str(tmp_path / "mine"), *options)
    assert mine.status == 2 and "(thesis.doc)" in mine.err
    issuer = findings(out)[0]["issuer"]
    shown = command("screen", "explain", str(out), issuer, "issue-size", "--lang", "en")
    assert shown.status == 0 and shown.out.startswith("issue-size  ")
    assert command("screen", "explain", str(out), "999999", "issue-size").status == 2
    for sql in ("copy findings to 'x.csv'", "select * from read_csv('/etc/passwd')", "set enable_external_access = true", "selec"):
        pytest.importorskip("duckdb", reason="the extra query is not installed")
        refused = command("screen", "query", str(out), sql)
        assert refused.status == 2 and refused.err.startswith("SQL: "), sql
    counted = command("screen", "query", str(out), "select count(*) as n from issuers", "--format", "csv")
    assert counted.out == f"n\n{SIZE}\n"


def test_a_full_disk_says_so_and_what_is_done_stays(markets: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for a disk that fills: the third chunk cannot be written."""
    begun = run.begin(tmp_path / "out", task(), inputs.look(markets / "market.jsonl", 20, pack()), pack())
    seen: list[int] = []

    def tell(done: int, items: int) -> None:
        seen.append(done)
        if done == 40:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with pytest.raises(SourceError) as caught:
            run.go(begun, local(1), tell)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [problem.code for problem in caught.value.problems] == ["file-unwritable"]
    assert seen == [0, 20, 40]
    assert not list((tmp_path / "out" / work.SHARDS).glob("*-000002*"))
    assert len(run.go(begun, local(1))) == 3


def test_input_that_changes_during_the_run_stops_it(markets: Path, tmp_path: Path) -> None:
    given = tmp_path / "market.jsonl"
    shutil.copy(markets / "market.jsonl", given)
    begun = run.begin(tmp_path / "out", task(), inputs.look(given, 20, pack()), pack())
    whole = given.read_bytes()
    given.write_bytes(whole.replace(b"2024", b"2023"))
    with pytest.raises(SourceError, match="it changed during the run"):
        run.go(begun, local(1))
    given.write_bytes(whole)
    assert len(run.go(begun, local(1))) == 3


@pytest.mark.parametrize("change", ["edit", "add", "remove"])
def test_a_folder_that_changes_during_the_run_stops_it(tmp_path: Path, change: str) -> None:
    filings = tmp_path / "filings"
    filings.mkdir()
    for code in ("300766", "688327", "002239"):
        shutil.copy(folder("cases") / code / "filing.yaml", filings / f"{code}.yaml")
    begun = run.begin(tmp_path / "out", task(RULES[:1]), inputs.look(filings, 1, pack()), pack())

    def tell(done: int, items: int) -> None:
        if done != 1:
            return
        if change == "edit":
            (filings / "688327.yaml").write_text("schema: compliance.filing/1\n", encoding="utf-8")
        elif change == "add":
            (filings / "900000.yaml").write_text("x", encoding="utf-8")
        else:
            (filings / "688327.yaml").unlink()

    with pytest.raises(SourceError, match="it changed during the run"):
        run.go(begun, local(1), tell)
    assert (tmp_path / "out" / run.LINES).read_bytes().count(b"\n") >= 1


# What is wrong costs itself alone


@pytest.fixture(scope="module")
def first(markets: Path) -> list[bytes]:
    return (markets / "market.jsonl").read_bytes().splitlines()[:3]


@pytest.mark.parametrize(
    ("line", "place", "code"),
    [
        (b'{"schema": "compliance.filing/1", "pack": "cn-refinancing", "issuer": {"code": "1"}}', "bad.jsonl:2:80", "code-bad"),
        (b'{"schema": "compliance.filing/1"', "bad.jsonl:2:1", "yaml-broken"),
        (b"\xff\xfe", "bad.jsonl:2:1", "file-not-text"),
        (b'{"schema": "x", "schema": "x"}', "bad.jsonl:2:17", "yaml-repeated-key"),
        (b"[" * 100_000, "bad.jsonl:2:33", "yaml-too-deep"),
        (b"NaN", "bad.jsonl:2:1", "shape-table"),
        (b"\x00", "bad.jsonl:2:1", "file-not-text"),
    ],
)
def test_a_bad_line_costs_itself(first: list[bytes], tmp_path: Path, line: bytes, place: str, code: str) -> None:
    (tmp_path / "bad.jsonl").write_bytes(b"\n".join([first[0], line, first[1], b"", first[2]]))
    screen(tmp_path / "bad.jsonl", tmp_path / "out", chunk=2)
    found = errors(tmp_path / "out")
    assert {error["item"] for error in found} == {1}
    assert (place, code) in {(error["place"], error["code"]) for error in found}
    assert items(tmp_path / "out") == {0, 2, 3}


def test_a_bad_file_costs_itself(tmp_path: Path) -> None:
    filings = tmp_path / "filings"
    filings.mkdir()
    shutil.copy(folder("cases") / "688327" / "filing.yaml", filings / "b.yaml")
    (filings / "a.yaml").write_text("schema: [", encoding="utf-8")
    (filings / "c.xlsx").write_bytes(b"not a workbook")
    (filings / "d.json").write_text('{"schema": "compliance.filing/1", "pack": "other", "issuer": {"code": "000001"}}')
    screen(filings, tmp_path / "out", asked=task(RULES[:1]))
    found = {(error["item"], error["place"].partition(":")[0], error["code"]) for error in errors(tmp_path / "out")}
    assert found == {(0, "a.yaml", "yaml-broken"), (2, "c.xlsx", "workbook-unreadable"), (3, "d.json", "pack-other")}
    assert items(tmp_path / "out") == {1}


def test_a_damaged_shard_and_a_damaged_page_cost_their_own_rows(markets: Path, tmp_path: Path) -> None:
    shards = tmp_path / "shards"
    shards.mkdir()
    table = pq.read_table(markets / "market.parquet")
    pq.write_table(table.slice(0, 20), shards / "a.parquet", row_group_size=10)
    (shards / "b.parquet").write_bytes(b"PAR1 and no more")
    pq.write_table(table.slice(20, 5), shards / "c.parquet")
    damaged = bytearray((shards / "a.parquet").read_bytes())
    meta = pq.ParquetFile(shards / "a.parquet").metadata
    second = next(n for n in range(meta.num_columns) if meta.row_group(1).column(n).path_in_schema == "issuer.code")
    start = meta.row_group(1).column(second).dictionary_page_offset or meta.row_group(1).column(second).data_page_offset
    damaged[start : start + 16] = b"\xff" * 16
    (shards / "a.parquet").write_bytes(bytes(damaged))
    screen(shards, tmp_path / "out", asked=task(RULES[:1]))
    found = errors(tmp_path / "out")
    assert {error["code"] for error in found} == {"screen-shard"}
    assert [error["place"] for error in found if error["item"] == ""] == ["b.parquet"]
    assert {error["item"] for error in found if error["item"] != ""} == set(range(10, 20))
    assert items(tmp_path / "out") == {*range(10), *range(20, 25)}


def test_columns_that_cannot_hold_a_fact_are_refused(tmp_path: Path) -> None:
    import pyarrow as pa

    columns = {
        "issuer.code": pa.array(["000001"]), "offering.gross_proceeds": pa.array([1.5]), "offering.new_shares.low": pa.array([1]),
        "issuer.nothing": pa.array([1]), "uses": pa.array([[1]]), "issuer.financial_institution": pa.array(["true"]),
        "offering.board_date": pa.array([20250101]),
    }  # fmt: skip
    pq.write_table(pa.table(columns), tmp_path / "bad.parquet")
    with pytest.raises(SourceError) as caught:
        inputs.look(tmp_path / "bad.parquet", 10, pack())
    assert [(problem.code, problem.values["name"]) for problem in caught.value.problems] == [
        ("columns-type", "offering.gross_proceeds"),
        ("columns-end", "offering.new_shares"),
        ("columns-unknown", "issuer.nothing"),
        ("columns-type", "uses"),
        ("columns-type", "offering.board_date"),
    ]


def test_a_fact_in_two_columns_is_told_once(markets: Path, tmp_path: Path) -> None:
    held = pq.read_table(markets / "market.parquet")
    low = held["offering.new_shares.low"]
    twice = held.append_column("offering.new_shares.low", low).append_column("offering.gross_proceeds", low)
    pq.write_table(twice, tmp_path / "twice.parquet")
    with pytest.raises(SourceError) as caught:
        inputs.look(tmp_path / "twice.parquet", 10, pack())
    assert sorted((problem.code, problem.values["name"]) for problem in caught.value.problems) == [
        ("columns-both", "offering.gross_proceeds"),
        ("mapping-head-twice", "offering.new_shares.low"),
    ]


def test_what_cannot_be_screened_says_so(tmp_path: Path) -> None:
    for name, data, code in (
        ("x.doc", b"x", "screen-input"),
        ("x.jsonl", b"\n\n", "screen-empty"),
        ("x.csv", b"a,b\n", "screen-mapping-needed"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(SourceError) as caught:
            inputs.look(tmp_path / name, 10, pack())
        assert [problem.code for problem in caught.value.problems] == [code]
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="there is no filing in it"):
        inputs.look(tmp_path / "empty", 10, pack())
    with pytest.raises(SourceError, match="there is no such file"):
        inputs.look(tmp_path / "absent", 10, pack())


# What it comes to


def test_the_summary_counts_what_is_in_the_tables(markets: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = [part for rule in RULES[:4] for part in ("--rules", rule)]
    done = command(
        "screen", "run", str(markets / "market.jsonl"), "--out", str(out), "--days", f"2024-06-30,{DAY}", "--lang", "en", *options
    )
    assert done.status == 0, done.err
    assert done.out == ""
    told = json.loads((out / "summary.json").read_bytes())
    rows = findings(out)
    for group in told["groups"]:
        mine = [row for row in rows if row["as_of"].isoformat() == group["as_of"]]
        assert group["issuers"] == SIZE
        assert sum(group["verdicts"].values()) == SIZE
        for rule in group["rules"]:
            words = [row["verdict"] for row in mine if row["rule"] == rule["rule"]]
            assert rule["verdicts"] == {word: words.count(word) for word in deciding.GRAVEST if word in words}
        for near in group["close"]:
            row = next(row for row in mine if (row["item"], row["rule"]) == (near["item"], near["rule"]))
            off = closeness(row)
            assert off is not None and near["off"] == {"numerator": str(off.numerator), "denominator": str(off.denominator)}
    assert [group["as_of"] for group in told["groups"]] == ["2024-06-30", DAY]
    assert sum(told["earliest"][0]["months"].values()) + told["earliest"][0]["never"] == SIZE
    page = (out / "summary.html").read_text(encoding="utf-8")
    assert "default-src &#x27;none&#x27;; style-src" in page and "<script" not in page and "http://" not in page
    manifest = json.loads((out / "manifest.json").read_bytes())
    assert manifest["items"] == SIZE and manifest["cases"] == 2 * SIZE and manifest["findings"] == len(rows)
    assert not (out / work.SHARDS).exists()
    assert sorted(manifest["files"]) == sorted(
        path.name for path in out.iterdir() if path.name not in ("manifest.json", "plan.jsonl", "run.json")
    )


def test_the_matrix_has_a_word_in_every_cell(markets: Path, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="the extra office is not installed")
    out = tmp_path / "out"
    assert command("screen", "run", str(markets / "market.jsonl"), "--out", str(out), "--as-of", DAY, "--rules", "issue-size").status == 0
    sheet = openpyxl.load_workbook(out / "matrix.xlsx").worksheets[0]
    assert sheet["A1"].value == f"截至{DAY}，按申报事实：发行人{SIZE}家"
    words = {row["item"]: row["verdict"] for row in findings(out)}
    shown = {"pass": "符合", "fail": "不符合", "judgement": "需人工判断", "missing": "资料不足", "not_applicable": "不适用"}
    assert [sheet.cell(item + 3, 4).value for item in range(SIZE)] == [shown.get(words.get(item, ""), "当日未施行") for item in range(SIZE)]
    fills = {cell.value: cell.fill.start_color.rgb[2:] for row in sheet.iter_rows(min_row=3, min_col=4) for cell in row}
    assert all(fills[word] == COLOURS[name].removeprefix("#") for name, word in shown.items() if word in fills) and len(fills) > 2
    assert sheet.dimensions == f"A1:D{SIZE + 2}" and sheet.auto_filter.ref == f"A2:D{SIZE + 2}"
    codes = [row["issuer"] for row in pq.read_table(out / "issuers.parquet").to_pylist()]
    assert [sheet.cell(item + 3, 1).value for item in range(SIZE)] == codes


def test_a_measure_of_which_little_is_known_is_not_close_to_its_limit() -> None:
    def off(low: str, high: str) -> object:
        found = {"measure_low": low, "measure_high": high, "limit_low": "100", "limit_high": "100", "unit": "CNY", "limit_unit": "CNY"}
        return closeness(found)

    assert off("99", "99") == off("99", "100") == Fraction(1, 100) and off("0", "100") == 1 and off("101", "101") == Fraction(1, 100)


def test_lists_of_the_summary_are_those_of_each_finding_by_itself(markets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is nearly there and what is close, in their order, and the same however few rows stand in memory."""
    lines = screen(markets / "market.jsonl", tmp_path / "out", asked=task(RULES[:3]))
    whole = summary.summarise(tmp_path / "out", pack(), run.opened(tmp_path / "out"), lines)
    rules, groups = [rule.id for rule in pack().rules], [("", DAY)]
    cells = grids.grids(tmp_path / "out", groups, rules, rules, 40)
    monkeypatch.setattr(stretches, "ROWS", 7)
    assert summary.summarise(tmp_path / "out", pack(), run.opened(tmp_path / "out"), lines) == whole
    assert grids.grids(tmp_path / "out", groups, rules, rules, 40) == cells

    ruling = [row for row in findings(tmp_path / "out") if row["force"] == "condition"]
    alone: Counter[str] = Counter()
    nearly, close = [], []
    for item in sorted({row["item"] for row in ruling}):
        mine = [row for row in ruling if row["item"] == item]
        stopping = [row for row in mine if row["verdict"] in ("fail", "judgement", "missing")]
        if len(stopping) == 1:
            alone[stopping[0]["rule"]] += 1
        if 1 <= len(stopping) <= 2:
            off = closeness(stopping[0]) if stopping[0]["verdict"] == "fail" else None
            gravest = min(GRAVEST.index(row["verdict"]) for row in stopping)
            nearly.append(((len(stopping), gravest, 10**9 if off is None else off, item), [row["rule"] for row in stopping]))
        passed = [row for row in mine if row["verdict"] == "pass"]
        close += [(off, item, [-ord(letter) for letter in row["rule"]]) for row in passed if (off := closeness(row)) is not None]
    (group,) = whole["groups"]
    assert nearly and close and alone
    assert [(one["item"], one["rules"]) for one in group["nearly"]] == [(rank[-1], found) for rank, found in sorted(nearly)[:50]]
    shown = [(one["item"], [-ord(letter) for letter in one["rule"]]) for one in group["close"]]
    assert shown == [(item, rule) for _, item, rule in sorted(close)[:50]]
    assert {rule["rule"]: rule["alone"] for rule in group["rules"] if rule["alone"]} == alone
    ((*_, verdicts, bytes_of),) = cells
    held = {(row["item"], row["rule"]): row["verdict"] for row in findings(tmp_path / "out")}
    for item, row in enumerate(bytes_of):
        assert [(*GRAVEST, None)[place] for place in row] == [held.get((item, rule)) for rule in rules]
    assert len(verdicts) == 40
