"""A run explained: every line is the finding of a check, filings share what is alike and nothing else, a file is whole or not there."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from checked import book as pack
from checked import machine
from command import arguments, environment, told
from command import run as command

pytest.importorskip("numpy", reason="the extra batch is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="the extra batch is not installed")

from compliance import dates, source  # noqa: E402
from compliance.engine.record import check  # noqa: E402
from compliance.facts import loading  # noqa: E402
from compliance.facts.filing import Filing  # noqa: E402
from compliance.records import form_text, mistakes  # noqa: E402
from compliance.screen import cases, explain, inputs, lines, parts, run, sample, writing  # noqa: E402
from compliance.screen.executors import local  # noqa: E402
from compliance.screen.results import asked_for  # noqa: E402
from compliance.shipped import folder  # noqa: E402
from compliance.source import Place, SourceError  # noqa: E402

Plain = dict[str, Any]
DAY = dates.parse("2025-12-31").low
BOOK = folder("rules") / "cn-refinancing"
SIZE = 24
FEW = ("issue-size", "financing-interval", "working-capital-share", "directors-officers-sanctions", "control-basis", "dividends")
SOUGHT = ("remedies", "unsolved")  # what stands in a line only if it is asked for


@cache
def form() -> Plain:
    found: Plain = json.loads(form_text("explained"))
    return found


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market as lines and as columns, screened by the whole book on two days, and the folder of both runs."""
    where = tmp_path_factory.mktemp("market")
    for name in ("lines.jsonl", "columns.parquet"):
        writing.write(sample.market(pack(), BOOK, SIZE, 7), where / name, pack())
        screened(where / name, where / Path(name).stem)
    return where


def screened(given: Path, out: Path, days: tuple[int, ...] = (DAY,), scenarios: Any = (("", ()),), rules: tuple[str, ...] = ()) -> None:
    """A sealed run."""
    wanted = tuple(rule.id for rule in pack().rules if not rules or rule.id in rules)
    task = parts.Task(str(BOOK), pack().sha256, wanted, days, scenarios, False)
    begun = run.begin(out, task, inputs.look(given, 16, pack()), pack())
    done = run.go(begun, local(1))
    run.join(begun, done)
    run.seal(begun, done, {})


def explained(out: Path, file: Path, workers: int = 1, **picked: Any) -> list[Plain]:
    """The lines of a run, written into a file and read again."""
    nothing: Plain = {"issuers": (), "rules": (), "verdicts": (), "scenario": None, "day": None, "remedies": False}
    given = {**nothing, **picked}
    remedies = given.pop("remedies")
    asked, _ = asked_for(out, **given)
    asked = asked._replace(wanted=asked.wanted._replace(remedies=remedies))
    counts = explain.write(asked, file, lambda step: local(workers, step))
    found = read(file)
    assert counts["findings"] == len(found)
    return found


def read(file: Path) -> list[Plain]:
    data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return [json.loads(line) for line in data.decode().splitlines()]


def filings(path: Path) -> list[Filing]:
    """Every filing of an input, read one by one."""
    given, wrong = inputs.look(path, 100, pack()), list[Plain]()
    read = [cases.filing_of(item, pack(), wrong) for item in inputs.read(given, given.chunks[0], pack())]
    assert not wrong
    return [filing for filing in read if filing is not None]


def placed(plain: Any, places: list[Plain]) -> Any:
    """Plain data with each place in full instead of its number."""
    if isinstance(plain, dict):
        return {name: places[part] if name == "place" else placed(part, places) for name, part in plain.items()}
    return [placed(part, places) for part in plain] if isinstance(plain, list) else plain


def checked(filing: Filing, day: int, remedies: bool = True, rules: tuple[str, ...] | None = None) -> list[Plain]:
    """The findings of a check, each whole by itself."""
    record = check(machine(), filing, day, rules, "reference")
    found: list[Plain] = placed(record.get("findings", []), record.get("places", []))
    return found if remedies else [without(one) for one in found]


def without(finding: Plain) -> Plain:
    return {name: part for name, part in finding.items() if name not in SOUGHT}


def whole(line: Plain) -> Plain:
    found: Plain = placed(line["finding"], line.get("places", []))
    return found


# Every line is the finding of a check


@pytest.mark.parametrize(("name", "rules"), [("lines.jsonl", None), ("columns.parquet", FEW)])
def test_every_line_is_the_finding_of_a_check(runs: Path, tmp_path: Path, name: str, rules: tuple[str, ...] | None) -> None:
    found = explained(runs / name.partition(".")[0], tmp_path / "all.jsonl", rules=rules or ())
    wanted = [(number, one) for number, filing in enumerate(filings(runs / name)) for one in checked(filing, DAY, False, rules)]
    assert [(line["item"], whole(line)) for line in found] == wanted
    assert {line["finding"]["verdict"] for line in found} >= {"pass", "missing", "not_applicable"}


def test_a_line_says_what_it_is_of(runs: Path, tmp_path: Path) -> None:
    given = filings(runs / "lines.jsonl")
    for line in explained(runs / "lines", tmp_path / "all.jsonl", rules=FEW):
        record = check(machine(), given[line["item"]], DAY, [line["finding"]["rule"]], "reference")
        shared = ("engine", "pack", "facts_sha256", "as_of", "issuer", "offering")
        assert {name: line.get(name) for name in shared} == {name: record.get(name) for name in shared}
        assert line["finding"]["fingerprint"] == record["findings"][0]["fingerprint"]
        assert (line["schema"], line["scenario"]) == ("compliance.explained/1", "")
        assert line["place"] == f"lines.jsonl:{line['item'] + 1}:1"
        assert not list(mistakes(form(), form(), line, ()))


def test_remedies_stand_in_a_line_if_asked_for(runs: Path, tmp_path: Path) -> None:
    fails = pq.read_table(runs / "lines" / "issuers.parquet", columns=["fail"])["fail"].to_pylist()
    worst = sorted(sorted(range(SIZE), key=lambda n: -fails[n])[:3])
    asked = tuple(f"#{n}" for n in worst)
    found = explained(runs / "lines", tmp_path / "all.jsonl", verdicts=("fail", "judgement"), issuers=asked, remedies=True)
    given = filings(runs / "lines.jsonl")
    wanted = [(n, one) for n in worst for one in checked(given[n], DAY) if one["verdict"] in ("fail", "judgement")]
    assert [(line["item"], whole(line)) for line in found] == wanted
    assert any(name in line["finding"] for line in found for name in SOUGHT)


def test_a_line_is_of_its_scenario_and_day(runs: Path, tmp_path: Path) -> None:
    rules, days = ("issue-size", "financing-interval", "working-capital-share"), (DAY - 400, DAY)
    scenarios = (("", ()), ("more", (("offering.new_shares", "900000000股"),)))
    screened(runs / "lines.jsonl", tmp_path / "out", days, scenarios, rules)
    found = explained(tmp_path / "out", tmp_path / "all.jsonl")
    cells = {(row["item"], row["scenario"], row["as_of"].isoformat(), row["rule"]): row["verdict"] for row in rows(tmp_path / "out")}
    assert {cell(line): line["finding"]["verdict"] for line in found} == cells
    assert len(found) == len(cells)
    assert [cell(line)[:1] for line in found] == sorted(cell(line)[:1] for line in found)
    chosen = explained(tmp_path / "out", tmp_path / "some.jsonl", scenario="more", day=DAY, rules=rules[:1])
    assert chosen == [line for line in found if cell(line)[1:] == ("more", "2025-12-31", "issue-size")]
    assert chosen


def cell(line: Plain) -> tuple[int, str, str, str]:
    return line["item"], line["scenario"], line["as_of"], line["finding"]["rule"]


def rows(out: Path) -> list[Plain]:
    return list(pq.read_table(out / "findings.parquet").to_pylist())


def test_the_cells_asked_for_are_those_of_the_table(runs: Path, tmp_path: Path) -> None:
    everything = explained(runs / "lines", tmp_path / "all.jsonl", rules=FEW)
    picked = explained(runs / "lines", tmp_path / "some.jsonl.gz", verdicts=("fail", "missing"), rules=("issue-size", "dividends"))
    assert picked == [
        line
        for line in everything
        if line["finding"]["verdict"] in ("fail", "missing") and line["finding"]["rule"] in ("issue-size", "dividends")
    ]
    assert picked
    code = everything[-1]["issuer"]["code"]
    one = explained(runs / "lines", tmp_path / "one.jsonl", issuers=(code,), rules=FEW)
    assert one == [line for line in everything if line["issuer"]["code"] == code]


# What filings share


def edited(plain: Plain, draw: random.Random) -> Plain:
    """A filing with one thing in it left out, written otherwise, or two things in a list changed about."""
    copy = json.loads(json.dumps(plain, ensure_ascii=False))
    parts = [part for part in inside(copy) if part]
    part = draw.choice(parts)
    if isinstance(part, list):
        way = draw.randrange(2)
        if way:
            part.pop(draw.randrange(len(part)))
        else:
            draw.shuffle(part)
        return dict(copy)
    name = draw.choice(sorted(part))
    if draw.randrange(2) or not isinstance(part[name], str):
        del part[name]
    else:
        part[name] = part[name] + draw.choice(["0", "1", "x", "甲"])
    return dict(copy)


def inside(plain: Any) -> Iterator[Any]:
    if isinstance(plain, (dict, list)):
        yield plain
        for part in plain.values() if isinstance(plain, dict) else plain:
            yield from inside(part)


def test_filings_that_differ_in_anything_share_nothing_that_differs() -> None:
    """Real filings with evidence, answers and conclusions of their own, edited here and there, told one after the other."""
    draw = random.Random(11)
    teller = lines.Teller(machine())
    rules = [
        rule for rule in machine().pack.rules if len(rule.id) % 3 == 0 or rule.id in ("working-capital-share", "financial-investment-share")
    ]
    shared = compared = 0
    for code in ("300766", "688327"):
        plain = source.plain(source.load(folder("cases") / code / "filing.yaml"))
        tried = [plain, plain, *(edited(plain, draw) for _ in range(24))]
        for one in tried:
            try:
                filing = loading.read(inputs.node_of(sample.texts(one), Place("m", 1, 1)), pack().vocabulary, pack().id, pack().options)
            except SourceError:
                continue
            before = sum(map(len, (teller.kept.young, teller.kept.old)))
            found = [json.loads(line) for line in teller.lines(filing, DAY, rules, {}, False)]
            shared += len(found) - (sum(map(len, (teller.kept.young, teller.kept.old))) - before)
            compared += len(found)
            record = check(machine(), filing, DAY, {rule.id for rule in rules}, "reference")
            wanted = [without(one) for one in placed(record.get("findings", []), record.get("places", []))]
            assert [whole(line) for line in found] == wanted
    assert compared > 1000
    assert shared > compared // 2


def test_what_is_kept_stays_within_its_bounds() -> None:
    kept = lines.Kept(size=1000)
    for number in range(100):
        kept.put(number, lines.Made(b"x" * 90, b"y" * 10, {}))
        assert kept.get(0) is not None  # asked for all the time
    assert kept.get(99) is not None
    assert kept.get(50) is None
    assert len(kept.young) + len(kept.old) <= 12
    kept.put("large", lines.Made(b"x" * (lines.LARGE + 1), b"", {}))
    assert kept.get("large") is None


# The file


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.gz"])
def test_any_number_of_workers_writes_the_same_bytes(runs: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain, "SIZE", 5)
    rules = ("issue-size", "dividends", "working-capital-share")
    for workers in (1, 2):
        (tmp_path / str(workers)).mkdir()
        explained(runs / "lines", tmp_path / str(workers) / name, workers, rules=rules)
    assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
    assert os.listdir(tmp_path / "2") == [name]


@pytest.mark.parametrize("kind", ["lines", "columns", "folder", "csv"])
def test_chunks_cut_finer_hold_the_same_items(runs: Path, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mapping = None
    path = runs / {"lines": "lines.jsonl", "columns": "columns.parquet"}.get(kind, "")
    if kind == "folder":
        path = tmp_path / "filings"
        path.mkdir()
        for number, line in enumerate((runs / "lines.jsonl").read_bytes().splitlines()[:20]):
            (path / f"{number:02d}.json").write_bytes(line)
    elif kind == "csv":
        mapping, path = tmp_path / "mapping.yaml", tmp_path / "table.csv"
        mapping.write_text("schema: compliance.mapping/1\npack: cn-refinancing\ncolumns:\n  - {column: code, fact: issuer.code}\n"
                           "  - {column: name, fact: issuer.name}\n", encoding="utf-8")  # fmt: skip
        path.write_text("code,name\n" + "".join(f'{number:06d},"a\n{number}"\n\n' for number in range(30)), encoding="utf-8")
    given = inputs.look(path, 16, pack(), mapping)

    def seen() -> list[Any]:
        return [
            (item.number, str(item.place), item.node and source.plain(item.node))
            for chunk in chunks
            for item in inputs.read(given, chunk, pack())
        ]

    chunks: Any = given.chunks
    whole = seen()
    monkeypatch.setattr(explain, "SIZE", 3)
    chunks = list(explain.pieces(given))
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    assert max(chunk.size for chunk in chunks) == 3
    assert seen() == whole
    chunks = list(explain.pieces(given, frozenset({4, 17})))
    assert len(chunks) == 2
    assert {4, 17} <= {number for number, _, _ in seen()}


def test_a_bad_line_costs_itself(runs: Path, tmp_path: Path) -> None:
    good = (runs / "lines.jsonl").read_bytes().splitlines()[3:4] * 3
    (tmp_path / "bad.jsonl").write_bytes(b"\n".join([good[0], b'{"schema": "x", "schema": "x"}', good[1], b"\xff", good[2]]))
    screened(tmp_path / "bad.jsonl", tmp_path / "out", rules=("issue-size",))
    done = command(
        "screen", "explain", str(tmp_path / "out"), "--all", "--out", str(tmp_path / "all.jsonl"), "--lang", "en", "--workers", "1"
    )
    assert done.status == 0, done.err
    assert {line["item"] for line in read(tmp_path / "all.jsonl")} == {0, 2, 4}
    assert "of 5 filings, 2 of them with mistakes" in done.err


def test_input_that_changed_since_the_run_is_told_and_nothing_written(runs: Path, tmp_path: Path) -> None:
    shutil.copy(runs / "lines.jsonl", tmp_path / "m.jsonl")
    screened(tmp_path / "m.jsonl", tmp_path / "out", rules=("issue-size",))
    (tmp_path / "m.jsonl").write_bytes((runs / "lines.jsonl").read_bytes().replace(b"2024", b"2023"))
    (tmp_path / "kept.jsonl").write_text("as it was", encoding="utf-8")
    done = command("screen", "explain", str(tmp_path / "out"), "--all", "--out", str(tmp_path / "kept.jsonl"), "--lang", "en")
    assert (done.status, done.out) == (2, "")
    assert "m.jsonl: it changed" in done.err
    assert (tmp_path / "kept.jsonl").read_text(encoding="utf-8") == "as it was"
    assert sorted(os.listdir(tmp_path)) == ["kept.jsonl", "m.jsonl", "out"]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stop_leaves_nothing_half_written(runs: Path, tmp_path: Path, workers: str) -> None:
    where = tmp_path / "there"
    where.mkdir()
    process = subprocess.Popen(
        arguments("screen", "explain", str(runs / "lines"), "--all", "--out", str(where / "all.jsonl"), "--workers", workers),
        env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    while process.poll() is None and not list(where.iterdir()):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 4
    assert not list(where.iterdir())


def test_mistakes_are_told_together_and_nothing_is_written(runs: Path, tmp_path: Path) -> None:
    out = runs / "lines"
    before = {path: path.read_bytes() for path in (runs / "lines.jsonl", *out.iterdir())}
    _, err = told(
        "screen", "explain", str(out), "000001", "--all", "--as-of", "2025-13-01", "--executor", "moon", "--out", str(tmp_path / "x.csv")
    )
    assert err.splitlines() == [
        "--as-of: there is no such day as '2025-13-01'; check it",
        "--executor: 'moon' is none of: local, dask://HOST:PORT",
        "--out: the file's name ends in .jsonl or .jsonl.gz",
        "000001: with --all, pick with --issuer and --rule",
    ]
    picked = ("--issuer", "999999", "--rule", "nothing", "--scenario", "none", "--as-of", "2020-01-01")
    _, err = told("screen", "explain", str(out), "--all", *picked, "--out", str(tmp_path / "x.jsonl"))
    assert [line.partition(":")[0] for line in err.splitlines()] == ["--as-of", "--issuer", "--rule", "--scenario"]
    _, err = told("screen", "explain", str(out), "--verdict", "fail", "--remedies")
    assert err.splitlines() == ["--remedies: goes with --all alone", "--verdict: goes with --all alone", "ISSUER: it has to be given"]
    _, err = told("screen", "explain", str(out), "--all")
    assert err == "--out: it has to be given\n"
    for given in before:
        if given.name.endswith((".jsonl", ".gz")):
            _, err = told("screen", "explain", str(out), "--all", "--out", str(given))
            assert err == f"{given}: cannot be written here (it would overwrite an input); give another name\n"
    assert {path: path.read_bytes() for path in before} == before
    assert not list(tmp_path.iterdir())
