"""Screening Parquet columns while things go wrong: folders that change, kills, damaged shards, full disks, columns without end."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from checked import book
from command import ROOT, arguments, environment, told

pa = pytest.importorskip("pyarrow", reason="the extra batch is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="the extra batch is not installed")

from compliance import dates  # noqa: E402
from compliance.screen import inputs, parquet, parts, run, sample, sharing, work, writing  # noqa: E402
from compliance.screen.executors import local  # noqa: E402
from compliance.screen.mapping import MAX_COLUMNS  # noqa: E402
from compliance.shipped import folder  # noqa: E402
from compliance.source import SourceError  # noqa: E402

BOOK = folder("rules") / "cn-refinancing"
PACK = book()
DAY = "2025-12-31"
RULES = ("issue-size",)
SIZE = 12
OPTIONS = ("--as-of", DAY, "--chunk", "4", *(part for rule in RULES for part in ("--rules", rule)))


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A market as columns."""
    path = tmp_path_factory.mktemp("market") / "m.parquet"
    writing.write(sample.market(PACK, BOOK, SIZE, 7), path, PACK)
    return pq.read_table(path)


def cut(table: Any, where: Path) -> Path:
    """The market in three files of four."""
    where.mkdir()
    for number, name in enumerate("abc"):
        pq.write_table(table.slice(4 * number, 4), where / f"{name}.parquet")
    return where


@pytest.fixture
def shards(table: Any, tmp_path: Path) -> Path:
    """The market in files that a test may spoil."""
    return cut(table, tmp_path / "shards")


@pytest.fixture(scope="module")
def undisturbed(table: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tables of a run in which nothing goes wrong."""
    where = tmp_path_factory.mktemp("undisturbed")
    return whole(cut(table, where / "shards"), where / "out")


def begin(given: Path, out: Path) -> run.Run:
    asked = parts.Task(str(BOOK), PACK.sha256, RULES, (dates.parse(DAY).low,), (("", ()),), False)
    return run.begin(out, asked, inputs.look(given, 4, PACK), PACK)


def whole(given: Path, out: Path) -> dict[str, bytes]:
    """A run from its beginning, or from where it stopped; gives the tables."""
    begun = begin(given, out)
    run.join(begun, run.go(begun, local(1)))
    return {name: (out / name).read_bytes() for name in ("findings.parquet", "issuers.parquet", "errors.jsonl", "errors.csv")}


def errors(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "errors.jsonl").read_text(encoding="utf-8").splitlines()]


# A folder that changes


def rewrite(path: Path) -> None:
    pq.write_table(pq.read_table(path).slice(1), path)


CHANGES: dict[str, Callable[[Path], None]] = {
    "gains one": lambda where: shutil.copy(where / "a.parquet", where / "d.parquet") and None,
    "gains a damaged one": lambda where: (where / "d.parquet").write_bytes(b"PAR1") and None,
    "loses one to come": lambda where: (where / "c.parquet").unlink(),
    "loses one that is done": lambda where: (where / "a.parquet").unlink(),
    "changes one to come": lambda where: rewrite(where / "c.parquet"),
    "changes one that is done": lambda where: rewrite(where / "a.parquet"),
    "changes one to what is none": lambda where: (where / "b.parquet").write_bytes(b"x" * (where / "b.parquet").stat().st_size) and None,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_folder_of_columns_that_changes_stops_the_run_and_put_back_it_goes_on(
    shards: Path, undisturbed: dict[str, bytes], tmp_path: Path, change: str
) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(shards, kept)
    begun = begin(shards, tmp_path / "out")

    def tell(done: int, items: int) -> None:
        if done == 4:
            CHANGES[change](shards)

    with pytest.raises(SourceError) as caught:
        run.go(begun, local(1), tell)
    assert {problem.code for problem in caught.value.problems} == {"screen-changed"}
    assert str(caught.value.problems[0].place).startswith(str(shards))
    assert (tmp_path / "out" / run.LINES).read_bytes().count(b"\n") >= 1
    with pytest.raises(SourceError):  # as it is now it is another input
        whole(shards, tmp_path / "out")
    shutil.rmtree(shards)
    shutil.copytree(kept, shards)
    assert whole(shards, tmp_path / "out") == undisturbed


def test_a_file_that_is_written_while_it_is_read_is_never_taken_for_what_it_was(shards: Path) -> None:
    given = inputs.look(shards, 4, PACK)
    reading = parquet.blocks(shards, given.chunks[0], PACK)
    assert isinstance(next(reading), parquet.Block)
    rewrite(shards / "a.parquet")
    with pytest.raises(SourceError, match="it changed during the run"):
        list(reading)


def test_what_was_written_again_with_the_same_bytes_is_the_same(shards: Path, tmp_path: Path) -> None:
    begun = begin(shards, tmp_path / "out")
    for path in shards.iterdir():
        os.utime(path, (0, 0))
    assert len(run.go(begun, local(1))) == 3


# Kills


def test_a_run_over_columns_that_is_killed_at_random_places_goes_on_to_the_same_bytes(shards: Path, tmp_path: Path) -> None:
    """Each process kills itself at a place of its own choosing; then one comes to its end."""

    def verb(out: Path, at: int, workers: int) -> subprocess.CompletedProcess[bytes]:
        words = ("screen", "run", str(shards), "--out", str(out), "--workers", str(workers), *OPTIONS)
        command = [sys.executable, str(ROOT / "tests" / "killing.py"), str(out), str(at), *words]
        return subprocess.run(command, env=environment(), capture_output=True, check=False, timeout=120)

    undisturbed = tmp_path / "undisturbed"
    ended = verb(undisturbed, 0, 1)
    assert ended.returncode == 0, ended.stderr
    places = int(ended.stderr.split()[-1])
    assert places > 50
    draw = random.Random(3)
    out = tmp_path / "killed"
    for at in (*sorted(draw.sample(range(3, places), 4)), 2):  # the second: the plan is there, and nothing else
        assert verb(out, at, draw.choice((1, 1, 2))).returncode in (-signal.SIGKILL, 0)
    assert verb(out, 0, 2).returncode == 0
    assert {path.name for path in out.iterdir()} == {path.name for path in undisturbed.iterdir()}
    for path in undisturbed.iterdir():
        assert path.read_bytes() == (out / path.name).read_bytes(), path.name


def test_a_run_that_was_stopped_before_it_had_begun_begins(shards: Path, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    out = tmp_path / "out"
    begin(shards, out)
    (out / run.RUN).unlink()
    assert whole(shards, out) == undisturbed
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / run.PLAN).write_text("mine")
    with pytest.raises(SourceError, match=r"something else \(plan.jsonl\)"):
        begin(shards, tmp_path / "mine")


def test_what_is_not_of_the_run_stays_in_its_folder(shards: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in (".gitignore", ".findings.parquet.new", ".plan.jsonl.0123456789abcdef"):
        (out / name).write_text("x")
    whole(shards, out)
    assert {path.name for path in out.iterdir() if path.name.startswith(".")} == {".gitignore", run.LOCK}


# Shards that are none


def test_shards_that_cannot_be_read_cost_themselves_alone(shards: Path, tmp_path: Path) -> None:
    data = (shards / "b.parquet").read_bytes()
    (shards / "b.parquet").write_bytes(data[: len(data) // 2])
    (shards / "d.parquet").write_bytes(b"")
    (shards / "e.parquet").write_bytes(b"code,board\n000001,star\n")
    (shards / "f.parquet").mkdir()
    os.mkfifo(shards / "g.parquet")
    (shards / "h.parquet").symlink_to(tmp_path / "nowhere")
    (shards / ".i.parquet").write_bytes(b"a copy that is still on its way")
    whole(shards, tmp_path / "out")
    found = errors(tmp_path / "out")
    assert [(error["item"], error["place"]) for error in found] == [("", f"{name}.parquet") for name in "bdefgh"]
    assert [error["code"] for error in found] == ["screen-shard"] * 3 + ["file-unreadable"] * 2 + ["file-absent"]
    issuers = pq.read_table(tmp_path / "out" / "issuers.parquet")
    assert issuers["place"].to_pylist() == [f"{name}.parquet:{row}:1" for name in "ac" for row in (1, 2, 3, 4)]


def test_one_file_that_is_no_parquet_says_so(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    path.write_bytes(b"code,board\n000001,star\n")
    zh, en = told("screen", "run", str(path), "--out", str(tmp_path / "out"), *OPTIONS)
    assert zh.startswith(f"{path}: 损坏或不是 Parquet 文件，无法读取（") and zh.endswith("）；请换上完好的文件\n")
    assert en.startswith(f"{path}: it is damaged or no Parquet file and cannot be read (")
    assert en.endswith("); put a sound one in its place\n")
    assert not (tmp_path / "out").exists()


# Columns


def test_columns_of_a_wrong_type_are_told_all_at_once_with_what_to_do(table: Any, tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    wrong = table.append_column("issuer.nothing", pa.array([1] * SIZE)).append_column("uses", table["uses"])
    place = wrong.schema.get_field_index("issuer.financial_institution")
    pq.write_table(wrong.set_column(place, "issuer.financial_institution", pa.array([1.0] * SIZE)), path)
    _, en = told("screen", "run", str(path), "--out", str(tmp_path / "out"), *OPTIONS)
    assert en.splitlines() == [
        f"{path}: the column 'issuer.financial_institution' is of type double; it is to be bool",
        f"{path}: two columns of the table are called 'uses'; rename one",
        f"{path}: the column 'issuer.nothing' leads to no fact; compliance facts schema lists what there is",
    ]
    assert not (tmp_path / "out").exists()


def wide(path: Path) -> int:
    """A table that is wider than is read."""
    columns = MAX_COLUMNS + 1
    flag = pa.array([True])
    pq.write_table(pa.Table.from_arrays([flag] * columns, names=[f"c{number}" for number in range(columns)]), path)
    return columns + 1  # and the table itself


def endless(path: Path) -> int:
    """The end of a file that says it has ten million columns: a table of so many takes more memory than a test may."""
    columns, groups = 10_000_000, b""
    left = columns
    while left:
        more = left >> 7
        groups += bytes([left & 0x7F | (0x80 if more else 0)])
        left = more
    said = b"\x15\x04\x19\xfc" + groups + b"\x35\x00" * 64
    path.write_bytes(b"PAR1" + said + len(said).to_bytes(4, "little") + b"PAR1")
    return columns


@pytest.mark.parametrize("make", [wide, endless])
def test_columns_without_end_are_refused_before_any_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Any) -> None:
    path = tmp_path / "m.parquet"
    found = make(path)
    monkeypatch.setattr(pq, "ParquetFile", None)
    zh, en = told("screen", "run", str(path), "--out", str(tmp_path / "out"), *OPTIONS)
    assert zh == f"{path}: 表有 {found:,} 列，超过 16,384 列；请删去不需要的列\n"
    assert en == f"{path}: the table has {found:,} columns, more than 16,384; leave out those not needed\n"
    assert not (tmp_path / "out").exists()


# A disk that fills


def test_a_disk_that_fills_at_any_step_says_so_and_with_room_the_run_goes_on(shards: Path, tmp_path: Path) -> None:
    """No file may be longer than one that the run has to write: at a plan, a chunk, a table, the matrix, the summary."""

    def verb(out: Path, limit: int | None) -> subprocess.CompletedProcess[str]:
        def bounded() -> None:
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

        words = arguments("screen", "run", str(shards), "--out", str(out), "--workers", "1", "--lang", "en", *OPTIONS)
        apart = environment({"PYTHONDONTWRITEBYTECODE": "1"})  # or a module's byte code would be cut short, for others to stumble over
        return subprocess.run(words, env=apart, capture_output=True, check=False, text=True, preexec_fn=bounded)

    undisturbed = tmp_path / "undisturbed"
    assert verb(undisturbed, None).returncode == 0
    sizes = sorted({path.stat().st_size for path in undisturbed.iterdir() if path.stat().st_size > 600})
    out = tmp_path / "out"
    failed = set()
    for limit in (600, *(size - 1 for size in sizes)):
        ended = verb(out, limit)
        assert ended.returncode == 2 and not ended.stdout
        place, _, said = ended.stderr.partition(": ")
        assert said == "cannot be written (File too large); check the folder and the disk\n"
        failed.add(Path(place).name)
        assert not [path for path in out.rglob(".*") if path.name != run.LOCK]
        assert not (out / run.MANIFEST).exists()
    assert len(failed) >= 5, failed
    assert verb(out, None).returncode == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {path.name: path.read_bytes() for path in undisturbed.iterdir()}


# One chunk on several processes


class _Fails(Executor):
    """Helpers of which every second group is lost."""

    def submit(self, fn: Any, /, *given: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        if given[1] % 2:
            future.set_exception(BrokenProcessPool())
        else:
            future.set_result(fn(*given, **more))
        return future


def test_rules_that_processes_share_give_the_same_bytes_and_those_of_helpers_that_fail_are_done_again(
    table: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.parquet"
    pq.write_table(table, path)
    rules = tuple(rule.id for rule in PACK.rules[:8])
    asked = parts.Task(str(BOOK), PACK.sha256, rules, (dates.parse(DAY).low,), (("", ()),), False)
    given = inputs.look(path, SIZE, PACK)
    monkeypatch.setattr(sharing, "LEAST", 1)
    assert sharing.worth(asked, given, given.chunks[0])
    lines = {}
    for workers in (1, 2):
        (tmp_path / str(workers) / work.SHARDS).mkdir(parents=True)
        (lines[workers],) = local(workers)(asked, given, given.chunks, str(tmp_path / str(workers)))
    (tmp_path / "lame" / work.SHARDS).mkdir(parents=True)
    sharing.read(asked, given, given.chunks[0])
    lame = work.do(asked, given, given.chunks[0], str(tmp_path / "lame"), sharing.shared(_Fails()))
    assert lines[1] == lines[2] == lame
    assert lines[1].line["findings"] > 0 and not lame.problems
