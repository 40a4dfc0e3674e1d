"""What changes is what a run of every day would show to have changed, whatever the input, and each cause is true."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from checked import book as pack
from checked import machine

pytest.importorskip("numpy", reason="the extra batch is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="the extra batch is not installed")

from compliance import dates  # noqa: E402
from compliance.engine.machine import Machine  # noqa: E402
from compliance.engine.subject import subject  # noqa: E402
from compliance.engine.verdict import verdict_of  # noqa: E402
from compliance.facts import loading  # noqa: E402
from compliance.packs import cache as packs  # noqa: E402
from compliance.screen import comparing, inputs, parts, run, sample, turning, writing  # noqa: E402
from compliance.screen.executors import local  # noqa: E402
from compliance.screen.scenarios import AS_FILED  # noqa: E402
from compliance.shipped import folder  # noqa: E402
from compliance.source import Place  # noqa: E402

BOOK = folder("rules") / "cn-refinancing"
DAY = dates.parse("2025-12-31").low
AHEAD = 7
GRAVEST = ("fail", "judgement", "missing", "pass", "not_applicable")
Changes = list[tuple[int, str, str, str, str]]


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


def task(days: tuple[int, ...], rules: tuple[str, ...] | None = None) -> parts.Task:
    wanted = rules or tuple(rule.id for rule in turning.moving(Machine(pack()), DAY, DAY + AHEAD))
    return parts.Task(str(BOOK), pack().sha256, wanted, days, (AS_FILED,), False)


def compared(
    path: Path, out: Path, asked: comparing.Impact | comparing.Watch, told: parts.Task, chunk: int = 10_000
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


def by_runs(path: Path, out: Path, days: tuple[int, ...], rules: tuple[str, ...] | None = None) -> Changes:
    """The same out of a run that decides every rule on every one of the days."""
    begun = run.begin(out, task(days, rules), inputs.look(path, 10_000, pack()), pack())
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
    assert len({rule for _, _, rule, _, _ in each_day}) > 15
    columns = compared(given / "columns.parquet", tmp_path / "columns", asked, asked.task)
    last = max(row["item"] for row in columns)
    same = [change for change in each_day if change[0] <= last]
    judged = {row["item"] for row in found if row["item"] <= last} ^ {row["item"] for row in columns}
    assert [change for change in plain(columns) if change[0] not in judged] == [change for change in same if change[0] not in judged]


def test_the_sides_of_an_impact_differ_as_two_runs_do(given: Path, tmp_path: Path) -> None:
    first, last = dates.parse("2025-04-01").low, dates.parse("2026-04-17").low
    rules = tuple(rule.id for rule in turning.moving(Machine(pack()), first, last))
    for name, days in (("on", (first, last)), ("back", (last, first))):
        begun = run.begin(
            tmp_path / name, task(days[:1], rules), inputs.look(given / "lines.jsonl", 64, pack()), pack(), more={"compared": {}}
        )
        begun = begun._replace(task=comparing.Impact(task(days[:1], rules), task(days[1:], rules)), tables=comparing.TABLES)
        run.join(begun, run.go(begun, local(1, comparing.do)))
        found = pq.read_table(tmp_path / name / "changes.parquet").to_pylist()
        assert plain(found) == by_runs(given / "lines.jsonl", tmp_path / f"{name}-runs", days, rules)
        kinds = {cause["kind"] for row in found for cause in json.loads(row["causes"])}
        assert {"begins", "ends", "period", "rules"} <= kinds
        for row in found:
            check_law(row)


def check_law(row: dict[str, Any]) -> None:
    """What is said to begin begins then, and what is said to end ends."""
    for cause in json.loads(row["causes"]):
        if cause["kind"] in ("begins", "ends"):
            day = dates.parse(cause["day"]).low
            states = [next(part.in_force for part in segments(row["rule"]) if part.start <= each < part.end) for each in (day - 1, day)]
            assert states == ([False, True] if cause["kind"] == "begins" else [True, False])
            assert "not_in_force" in (row["before"], row["after"])


def segments(rule: str) -> Any:
    return machine().segments(pack().rule(rule))


def test_a_period_that_is_named_is_what_turns(given: Path, tmp_path: Path) -> None:
    """With the days that a cause names put far off, the verdict does not change on that day any more."""
    asked = comparing.Watch(task((DAY,)), DAY + AHEAD)
    lines = (given / "lines.jsonl").read_text(encoding="utf-8").splitlines()
    tried = 0
    for row in compared(given / "lines.jsonl", tmp_path / "out", asked, asked.task):
        causes = json.loads(row["causes"])
        if [cause["kind"] for cause in causes] != ["period"]:
            continue
        node = inputs.node_of(json.loads(lines[row["item"]]), Place("x", 1, 1))
        filing = loading.read(node, pack().vocabulary, pack().id, pack().options)
        day = dates.parse(causes[0]["day"]).low
        assert row["day"].isoformat() == causes[0]["day"]
        rule, puts = pack().rule(row["rule"]), []
        for path, value in causes[0]["facts"]:
            cell = filing.cell(path)
            assert cell is not None
            at, field = cell
            low, _, high = value.partition("..")
            assert (dates.iso(at[field.slot]), dates.iso(at[field.slot + 1])) == (low, high or low)
            puts.append((at, field.slot, at[field.slot] - 4000, at[field.slot + 1] - 4000))
        words = [verdict_of(subject(machine(), filing, each), rule)[0] for each in (day - 1, day)]
        assert words == [row["before"], row["after"]]
        for at, slot, low_cell, high_cell in puts:
            at[slot], at[slot + 1] = low_cell, high_cell
        words = [verdict_of(subject(machine(), filing, each), rule)[0] for each in (day - 1, day)]
        assert words[0] == words[1]
        tried += 1
    assert tried > 20


def test_a_comparison_goes_on_where_it_stopped_and_any_number_of_workers_write_the_same(given: Path, tmp_path: Path) -> None:
    asked = comparing.Watch(task((DAY,), ("resolution-in-force",)), DAY + AHEAD)

    def begun(name: str) -> run.Run:
        found = run.begin(tmp_path / name, asked.task, inputs.look(given / "lines.jsonl", 40, pack()), pack(), more={"compared": {}})
        return found._replace(task=asked, tables=comparing.TABLES)

    class Stop(Exception):
        pass

    def stop(done: int, items: int) -> None:
        if done:
            raise Stop

    with pytest.raises(Stop):
        run.go(begun("stopped"), local(1, comparing.do), stop)
    for name, workers in (("stopped", 1), ("whole", 1), ("two", 2)):
        run.join(begun(name), run.go(begun(name), local(workers, comparing.do)))
    for table in ("changes.parquet", "issuers.parquet", "errors.csv"):
        assert len({(tmp_path / name / table).read_bytes() for name in ("stopped", "whole", "two")}) == 1
    assert [json.loads(line)["code"] for line in (tmp_path / "whole" / "errors.jsonl").read_text().splitlines()]


def test_an_item_that_one_book_cannot_read_is_a_mistake_and_no_change(given: Path, tmp_path: Path) -> None:
    """A house that calls one fact by another name: a filing that states it is told of among the errors alone."""
    house = tmp_path / "house"
    house.mkdir()
    for path in BOOK.glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("resolution_until", "resolution_end")
        (house / path.name).write_text(text, encoding="utf-8")
    other = packs.load(house)
    tasks = [
        parts.Task(str(where), book.sha256, ("issue-size", "resolution-in-force"), (DAY,), (AS_FILED,), False)
        for where, book in ((BOOK, pack()), (house, other))
    ]
    path = tmp_path / "two.jsonl"
    plain_of = {"schema": "compliance.filing/1", "pack": pack().id, "offering": {"route": "auction", "board_date": "2025-12-25"}}
    both = [{**plain_of, "issuer": {"code": f"{code:06d}"}} for code in (1, 2)]
    both[1] = {**both[1], "offering": {"route": "auction", "resolution_until": "2025-12-01"}}
    path.write_text("\n".join(map(json.dumps, both)), encoding="utf-8")
    begun = run.begin(tmp_path / "out", tasks[1], inputs.look(path, 10, pack()), other, more={"compared": {}})
    begun = begun._replace(task=comparing.Impact(tasks[0], tasks[1]), tables=comparing.TABLES)
    run.join(begun, run.go(begun, local(1, comparing.do)))
    errors = [json.loads(line) for line in (tmp_path / "out" / "errors.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [error["item"] for error in errors] == [1]
    assert {row["item"] for row in pq.read_table(tmp_path / "out" / "changes.parquet").to_pylist()} <= {0}
