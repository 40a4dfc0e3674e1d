"""Scenarios, days, and what changes between them; and the same run on a cluster."""

from __future__ import annotations

import csv
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checked import book as pack
from command import run as command

pytest.importorskip("numpy", reason="the extra batch is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="the extra batch is not installed")

from compliance import dates  # noqa: E402
from compliance.engine.machine import Machine  # noqa: E402
from compliance.engine.record import check  # noqa: E402
from compliance.facts import loading  # noqa: E402
from compliance.screen import inputs, parts, run  # noqa: E402
from compliance.screen.executors import cluster, executor, local  # noqa: E402
from compliance.screen.scenarios import AS_FILED, scenarios  # noqa: E402
from compliance.shipped import folder  # noqa: E402
from compliance.source import Place, SourceError  # noqa: E402

BOOK = folder("rules") / "cn-refinancing"
RULES = ("issue-size", "financing-interval", "latest-accounts")
DAY = "2025-12-31"


def plain(code: int, **offering: str) -> dict[str, Any]:
    facts = {
        "route": "auction",
        "board_date": "2025-12-25",
        "new_shares": "3000股",
        "shares_before": "10000股",
        "stage": "registered",
        **offering,
    }
    return {
        "schema": "compliance.filing/1", "pack": "cn-refinancing", "issuer": {"code": f"{code:06d}", "board": "main_sz"}, "offering": facts,
        "earlier_raisings": {"complete": "true", "items": [{"id": "a", "kind": "placement", "received": "2024-07-05"}]},
    }  # fmt: skip


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "given.jsonl"
    filings = [
        plain(1, resolution_until="2026-01-03"),
        plain(2, new_shares="3001股", resolution_until="2026-03-31"),
        plain(3, shares_before="9000股..11000股"),
        plain(4, board_date="2026-01-03", resolution_until="2026-01"),
    ]
    path.write_text("\n".join(map(json.dumps, filings)), encoding="utf-8")
    return path


def asked(puts: tuple[Any, ...] = (AS_FILED,), days: tuple[str, ...] = (DAY,)) -> parts.Task:
    wanted = tuple(rule.id for rule in pack().rules if rule.id in RULES)
    return parts.Task(str(BOOK), pack().sha256, wanted, tuple(dates.parse(day).low for day in days), puts, False)


def verdicts(out: Path) -> dict[tuple[str, str, str, str], str]:
    rows = pq.read_table(out / "findings.parquet").to_pylist()
    return {(row["issuer"], row["scenario"], row["as_of"].isoformat(), row["rule"]): row["verdict"] for row in rows}


def test_each_scenario_and_day_is_as_if_it_stood_in_the_filing(given: Path, tmp_path: Path) -> None:
    puts = scenarios(pack(), ["offering.route=fixed"], ["offering.new_shares=2999股:3001股:1股", "issuer.board=main_sh|star"])
    assert [name for name, _ in puts][:2] == ["", "offering.route=fixed; offering.new_shares=2999股; issuer.board=main_sh"]
    assert len(puts) == 7
    begun = run.begin(tmp_path / "out", asked(puts, ("2025-06-30", DAY)), inputs.look(given, 3, pack()), pack())
    run.join(begun, run.go(begun, local(1)))
    found = verdicts(tmp_path / "out")
    machine = Machine(pack())
    for line in given.read_bytes().splitlines():
        for name, settings in puts:
            filing = json.loads(line)
            for path, text in settings:
                head, _, field = path.partition(".")
                filing[head][field] = text
            read = loading.read(inputs.node_of(filing, Place("x", 1, 1)), pack().vocabulary, pack().id, pack().options)
            for day in ("2025-06-30", DAY):
                for one in check(machine, read, dates.parse(day).low, RULES, "reference")["findings"]:
                    assert found.pop((filing["issuer"]["code"], name, day, one["rule"])) == one["verdict"]
    assert not found


def test_a_scenario_that_a_filing_has_no_place_for_costs_itself(given: Path, tmp_path: Path) -> None:
    puts = scenarios(pack(), ["uses[p].proceeds=1元"], [])
    begun = run.begin(tmp_path / "out", asked(puts), inputs.look(given, 10, pack()), pack())
    run.join(begun, run.go(begun, local(1)))
    errors = [json.loads(line) for line in (tmp_path / "out" / "errors.jsonl").read_text().splitlines()]
    assert [(error["item"], error["code"]) for error in errors] == [(item, "path-unknown") for item in range(4)]
    assert {scenario for _, scenario, _, _ in verdicts(tmp_path / "out")} == {""}


def test_mistakes_in_scenarios_are_told_at_once() -> None:
    with pytest.raises(SourceError) as caught:
        scenarios(pack(), ["nothing", "issuer.nothing=1"], ["offering.route=auction|fixed", "offering.route=fixed"])
    assert sorted(problem.code for problem in caught.value.problems) == ["path-unknown", "setting-form", "setting-twice"]
    with pytest.raises(SourceError) as caught:
        scenarios(pack(), [], ["offering.new_shares=1股:2000股:1股"])
    assert [problem.code for problem in caught.value.problems] == ["sweep-many"]
    with pytest.raises(SourceError) as caught:
        executor("ray://x", 2)
    assert [problem.code for problem in caught.value.problems] == ["choice-bad"]


def changes(path: Path) -> list[tuple[str, str, str, str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [(row["issuer"], row["day"], row["rule"], row["before"], row["after"]) for row in csv.DictReader(stream)]


def test_watch_names_who_changes_on_which_day(given: Path, tmp_path: Path) -> None:
    options = ("--as-of", DAY, "--days", "8", "--rules", "resolution-in-force", "--rules", "issue-size", "--workers", "1", "--lang", "en")
    done = command("screen", "watch", str(given), "--out", str(tmp_path / "out"), *options)
    assert done.status == 0, done.err
    machine = Machine(pack())
    expected = []
    for line in given.read_bytes().splitlines():
        filing = loading.read(inputs.node_of(json.loads(line), Place("x", 1, 1)), pack().vocabulary, pack().id, pack().options)
        before: dict[str, str] = {}
        for day in range(dates.parse(DAY).low, dates.parse(DAY).low + 9):
            found = check(machine, filing, day, {"resolution-in-force", "issue-size"}, "reference")
            now = {"": found["verdict"], **{one["rule"]: one["verdict"] for one in found["findings"]}}
            moved = {rule: (before[rule], word) for rule, word in now.items() if before.get(rule, word) != word}
            expected += [(filing.code, str(dates.iso(day)), rule, *words) for rule, words in moved.items()]
            before = now
    assert sorted(changes(tmp_path / "out" / "watch.csv")) == sorted(expected)
    assert expected


def test_impact_names_whose_verdict_changes_and_why(given: Path, tmp_path: Path) -> None:
    house = tmp_path / "strict"
    house.mkdir()
    for path in BOOK.glob("*.yaml"):
        (house / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    limit = next(name for name in pack().rule("issue-size").parameters())
    for path in house.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        at = text.find(f"\n  {limit}:")
        if at >= 0:
            path.write_text(text[:at] + text[at:].replace('"30%"', '"29%"', 1), encoding="utf-8")
    options = ("--as-of", DAY, "--rules", "issue-size", "--workers", "1", "--lang", "en")
    done = command("screen", "impact", str(given), "--from", str(BOOK), "--to", str(house), "--out", str(tmp_path / "out"), *options)
    assert done.status == 0, done.err
    found = changes(tmp_path / "out" / "impact.csv")
    assert {(code, rule, before, after) for code, _, rule, before, after in found} == {
        (code, rule, "pass", "fail") for code in ("000001", "000004") for rule in ("", "issue-size")
    }
    assert "30% → 29%" in (tmp_path / "out" / "impact.csv").read_text(encoding="utf-8-sig")


def test_what_changes_is_told_in_words(given: Path, tmp_path: Path) -> None:
    """The table, the terminal and the summary in both languages; a comparison that is done is told again."""
    options = ("--as-of", DAY, "--days", "8", "--rules", "resolution-in-force", "--workers", "1", "--out", str(tmp_path / "out"))
    done = command("screen", "watch", str(given), *options, "--lang", "zh")
    assert done.status == 0, done.err
    with (tmp_path / "out" / "watch.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    why = {(row["issuer"], row["rule"]): row["why"] for row in rows}
    label = pack().vocabulary.root.fields["offering.resolution_until"].label
    assert why["000001", "resolution-in-force"].startswith("有期间在2026-01-04届满或起算：")
    assert why["000001", "resolution-in-force"].endswith(f"{label['zh']} 2026-01-03")
    assert why["000001", ""] == pack().rule("resolution-in-force").title["zh"]
    assert "不再符合：2家" in done.out and pack().rule("resolution-in-force").title["zh"] in done.out
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["items"], summary["errors"], summary["ceasing"], summary["eligible"]) == (4, 0, 2, 0)
    assert summary["rules"][0]["causes"][0]["causes"][0]["facts"] == ["offering.resolution_until"]
    assert (tmp_path / "out" / "watch.xlsx").read_bytes()[:2] == b"PK"
    again = command("screen", "watch", str(given), *options, "--lang", "en")
    assert "cease to be eligible: 2" in again.out and "complete" in again.err


def test_sides_that_cannot_be_compared_are_told_at_once(given: Path, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "out"), "--lang", "en")
    done = command("screen", "impact", str(given), "--from", "nothing", "--to", "2025-13-31", "--as-of", DAY, *out)
    assert done.status == 2
    assert [line.partition(":")[0] for line in done.err.splitlines()] == ["--as-of", "--from", "--to"]
    done = command("screen", "impact", str(given), "--from", DAY, "--to", DAY, *out)
    assert (done.status, done.err) == (2, "--to: --from and --to are the same day and the same pack\n")
    assert not (tmp_path / "out").exists()


# A cluster


@pytest.fixture(scope="module")
def dask() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50) as found:
        yield found


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_writes_the_same_bytes_and_a_killed_worker_loses_nothing(given: Path, tmp_path: Path, dask: Any) -> None:
    for name, way in (("local", local(1)), ("cluster", cluster(dask.scheduler_address)), ("killed", cluster(dask.scheduler_address))):
        begun = run.begin(tmp_path / name, asked(), inputs.look(given, 1, pack()), pack())
        pids = [worker.pid for worker in dask.workers.values()]

        def tell(done: int, items: int, name: str = name, pids: list[int] = pids) -> None:
            if name == "killed" and done == 1:
                os.kill(pids[0], signal.SIGKILL)

        lines = run.go(begun, way, tell)
        run.join(begun, lines)
        assert [line["items"] for line in lines] == [1, 1, 1, 1]
        for table in ("findings.parquet", "issuers.parquet", "errors.csv"):
            assert (tmp_path / name / table).read_bytes() == (tmp_path / "local" / table).read_bytes()
