"""What changes is what a run of every day would show to have changed, whatever the input, and each cause is true."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy", reason="the extra batch is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="the extra batch is not installed")

from compliance import dates  # noqa: E402
from compliance.engine.machine import Machine  # noqa: E402
from compliance.packs import cache as packs  # noqa: E402
from compliance.packs.book import Pack  # noqa: E402
from compliance.screen import comparing, inputs, run, sample, turning, work, writing  # noqa: E402
from compliance.screen.executors import local  # noqa: E402
from compliance.screen.scenarios import AS_FILED  # noqa: E402
from compliance.shipped import folder  # noqa: E402

BOOK = folder("rules") / "cn-refinancing"
DAY = dates.parse("2025-12-31").low
AHEAD = 7
GRAVEST = ("fail", "judgement", "missing", "pass", "not_applicable")
Changes = list[tuple[int, str, str, str, str]]


@cache
def pack() -> Pack:
    return packs.load(BOOK, tests=True)


def moved(value: Any, by: int, draw: random.Random) -> Any:
    """Facts with their days moved, all by as much, some by a few days more or less, some left out or known to the month."""
    if isinstance(value, dict):
        return {name: moved(part, by, draw) for name, part in value.items()}
    if isinstance(value, list):
        return [moved(part, by, draw) for part in value]
    text = str(value)
    if len(text) != 10 or text[4:5] != "-" or text[7:8] != "-":
        return value
    day = str(date.fromisoformat(text) + timedelta(days=by + draw.choice((0, 0, 0, -7, 5))))
    return day[:7] if draw.random() < 0.1 else None if draw.random() < 0.05 else day


def market() -> Iterator[sample.Issuer]:
    """A made-up market, and of each rule that moves with the day its tests, moved so that their periods turn in the days looked at."""
    draw = random.Random(7)
    kind = 0
    for issuer in sample.market(pack(), BOOK, 24, 7):
        yield issuer._replace(kind=kind, facts=moved(issuer.facts, draw.randint(-60, 60), draw))
        kind += 1
    for rule in turning.moving(Machine(pack()), DAY, DAY + AHEAD):
        for test in rule.tests:
            if "judgements" in test["facts"]:
                continue
            if draw.random() < 0.5:
                near = dates.parse(test.get("as_of") or sample.DAY).low
                facts = moved(test["facts"], DAY - near + draw.randint(0, AHEAD), draw)
                yield sample.Issuer(f"{kind:06d}", kind, facts, None)
                kind += 1


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("market")
    issuers = list(market())
    writing.write(issuers, out / "lines.jsonl", pack())
    writing.write(issuers, out / "columns.parquet", pack())
    bad = json.dumps({"schema": "compliance.filing/1", "pack": pack().id, "issuer": {"code": "1"}})
    huge = json.loads((out / "lines.jsonl").read_text(encoding="utf-8").splitlines()[0])
    huge["offering"] = {**huge.get("offering", {}), "gross_proceeds": f"{9 * 10**15}元", "resolution_until": "2026-01-05"}
    with (out / "lines.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(bad + "\n" + json.dumps(huge, ensure_ascii=False) + "\n")
    return out


def task(days: tuple[int, ...], rules: tuple[str, ...] | None = None) -> work.Task:
    wanted = rules or tuple(rule.id for rule in turning.moving(Machine(pack()), DAY, DAY + AHEAD))
    return work.Task(str(BOOK), pack().sha256, wanted, days, (AS_FILED,), False)


def compared(
    path: Path, out: Path, asked: comparing.Impact | comparing.Watch, told: work.Task, chunk: int = 10_000
) -> list[dict[str, Any]]:
    """The rows of a comparison."""
    begun = run.begin(out, told, inputs.look(path, chunk, pack()), pack(), more={"compared": {}})
    begun = begun._replace(task=asked, tables=comparing.TABLES)
    lines = run.go(begun, local(1, comparing.do))
    run.join(begun, lines)
    rows: list[dict[str, Any]] = pq.read_table(out / "changes.parquet").to_pylist()
    return rows


def plain(rows: list[dict[str, Any]]) -> Changes:
    return sorted((row["item"], row["day"].isoformat(), row["rule"], row["before"], row["after"]) for row in rows)


def by_runs(path: Path, out: Path, days: tuple[int, ...]) -> Changes:
    """The same out of a run that decides every rule on every one of the days."""
    begun = run.begin(out, task(days), inputs.look(path, 10_000, pack()), pack())
    run.join(begun, run.go(begun, local(1)))
    rows = pq.read_table(out / "findings.parquet", columns=["item", "as_of", "rule", "verdict", "force"]).to_pylist()
    found: dict[int, dict[str, dict[str, str]]] = {}
    for (item, day), each in groupby(rows, lambda row: (row["item"], row["as_of"].isoformat())):
        held = list(each)
        ruling = {row["verdict"] for row in held if row["force"] == "condition"}
        whole = next((word for word in GRAVEST if word in ruling), "not_applicable")
        found.setdefault(item, {})[day] = {"": whole, **{row["rule"]: row["verdict"] for row in held}}
    changes = []
    for item, states in found.items():
        ordered = [states.get(str(dates.iso(day)), {"": "not_applicable"}) for day in days]
        for day, before, after in zip(days[1:], ordered, ordered[1:], strict=False):
            for rule in {**before, **after}:
                one, two = (side.get(rule, "not_in_force") for side in (before, after))
                if one != two:
                    changes.append((item, str(dates.iso(day)), rule, one, two))
    return sorted(changes)


@pytest.fixture(scope="module")
def each_day(given: Path, tmp_path_factory: pytest.TempPathFactory) -> Changes:
    """What changes from day to day, told by deciding everything on every day."""
    return by_runs(given / "lines.jsonl", tmp_path_factory.mktemp("days") / "out", tuple(range(DAY, DAY + AHEAD + 1)))


def test_watch_finds_every_day_on_which_a_verdict_changes(given: Path, each_day: Changes, tmp_path: Path) -> None:
    asked = comparing.Watch(task((DAY,)), DAY + AHEAD)
    found = compared(given / "lines.jsonl", tmp_path / "out", asked, asked.task)
    assert plain(found) == each_day
    assert len({rule for _, _, rule, _, _ in each_day}) > 20
    columns = compared(given / "columns.parquet", tmp_path / "columns", asked, asked.task)
    last = max(row["item"] for row in columns)
    same = [change for change in each_day if change[0] <= last]
    judged = {row["item"] for row in found if row["item"] <= last} ^ {row["item"] for row in columns}
    assert [change for change in plain(columns) if change[0] not in judged] == [change for change in same if change[0] not in judged]
