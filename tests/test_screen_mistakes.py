"""What screening tells of a mistake: the whole line, in both languages, with status 2 and nothing put out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command import run, told

pytest.importorskip("pyarrow", reason="screening needs pyarrow: pip install '.[batch]'")

from compliance.screen.found import findings_schema, issuers_schema

FILING = {"schema": "compliance.filing/1", "pack": "cn-refinancing", "issuer": {"code": "000001", "board": "main_sz"}}
RULES = ("--rules", "issue-size", "--as-of", "2025-06-30")


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two filings of one issuer, a line each."""
    path = tmp_path_factory.mktemp("given") / "two.jsonl"
    path.write_text((json.dumps(FILING) + "\n") * 2, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def done(lines: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run over them."""
    out = tmp_path_factory.mktemp("done") / "out"
    ended = run("screen", "run", str(lines), "--out", str(out), *RULES)
    assert ended.status == 0, ended.err
    return out


def test_a_mapping_for_what_is_no_table(lines: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("schema: compliance.mapping/1\n", encoding="utf-8")
    zh, en = told("screen", "run", str(lines), "--mapping", str(mapping), "--out", str(tmp_path / "out"), *RULES)
    assert zh.startswith(f"{mapping}: 只有表格（") and zh.endswith("）需要对应关系文件；请去掉 --mapping\n")
    assert en.startswith(f"{mapping}: only a table (") and en.endswith(") is read through a mapping; leave out --mapping\n")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_else(lines: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x", encoding="utf-8")
    zh, en = told("screen", "run", str(lines), "--out", str(tmp_path), *RULES)
    assert zh == f"{tmp_path}: 文件夹里有别的文件（letter.txt）；请换一个空文件夹\n"
    assert en == f"{tmp_path}: the folder holds something else (letter.txt); choose an empty one\n"
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_that_holds_another_run(lines: Path, done: Path) -> None:
    zh, en = told("screen", "run", str(lines), "--out", str(done), "--rules", "issue-size", "--as-of", "2025-07-01")
    name = zh.partition("另一次运行（")[2].partition(" 不同")[0]
    assert zh == f"{done}: 文件夹里是另一次运行（{name} 不同）；请换一个 --out\n"
    assert en == f"{done}: the folder holds another run ({name} differs); choose another --out\n"


def test_a_folder_without_a_screening(tmp_path: Path) -> None:
    zh, en = told("screen", "explain", str(tmp_path), "000001")
    assert zh == f"{tmp_path}: 这里没有批量核查的结果；请给出 --out 用过的文件夹\n"
    assert en == f"{tmp_path}: there is no screening here; give the folder that --out named\n"


def test_an_issuer_that_is_not_there_and_one_that_is_there_twice(done: Path) -> None:
    assert told("screen", "explain", str(done), "999999") == (
        "ISSUER: 结果里没有“999999”；请给出证券代码，或 #序号\n",
        "ISSUER: there is no '999999' in the results; give a code, or # and the item's number\n",
    )
    zh, en = told("screen", "explain", str(done), "000001")
    numbers = zh.partition("有多份：")[2].partition("；")[0]
    assert numbers.count("#") == 2
    assert zh == f"ISSUER: “000001”有多份：{numbers}；请用 #序号 指定\n"
    assert en == f"ISSUER: '000001' stands for several: {numbers}; name one by # and its number\n"


def test_a_query_that_does_not_hold(done: Path) -> None:
    pytest.importorskip("duckdb", reason="queries need DuckDB: pip install '.[query]'")
    zh, en = told("screen", "query", str(done), "select nothing from nowhere")
    reason = en.removeprefix("SQL: the query does not hold: ").partition(";")[0]
    findings, issuers = ", ".join(findings_schema().names), ", ".join(issuers_schema().names)
    assert reason and en == f"SQL: the query does not hold: {reason}; the tables are findings ({findings}), issuers ({issuers})\n"
    assert zh == f"SQL: 查询不成立：{reason}；可用的表：findings ({findings})、issuers ({issuers})\n"


def test_a_run_that_has_not_ended(done: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    begun.mkdir()
    for path in done.iterdir():
        if path.is_file() and path.name != "manifest.json":
            (begun / path.name).write_bytes(path.read_bytes())
    zh, en = told("screen", "explain", str(begun), "#1")
    assert zh == f"{begun}: 这次运行还没有完成；请用同样的命令继续\n"
    assert en == f"{begun}: this run has not come to its end; go on with the same command\n"


def test_a_folder_that_another_process_writes_to(lines: Path, tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl", reason="a system without such locks")
    from compliance.screen.run import LOCK

    out = tmp_path / "out"
    assert run("screen", "run", str(lines), "--out", str(out), *RULES).status == 0
    for name in ("manifest.json", "findings.parquet"):
        (out / name).unlink()
    with (out / LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        zh, en = told("screen", "run", str(lines), "--out", str(out), *RULES)
    assert zh == f"{out}: 另一个进程正在写这个文件夹；请等它结束\n"
    assert en == f"{out}: another process is writing to this folder; wait for it\n"


def test_input_that_is_no_longer_what_was_decided(tmp_path: Path) -> None:
    given, out = tmp_path / "one.jsonl", tmp_path / "out"
    given.write_text(json.dumps(FILING) + "\n", encoding="utf-8")
    assert run("screen", "run", str(given), "--out", str(out), *RULES).status == 0
    given.write_text(json.dumps({**FILING, "issuer": {"code": "000002", "board": "main_sz"}}) + "\n", encoding="utf-8")
    zh, en = told("screen", "explain", str(out), "000001")
    assert zh == f"{given}: 运行期间内容变了；已完成的部分保留，请恢复原内容后再运行，或换一个 --out 重新开始\n"
    assert en.startswith(f"{given}: it changed during the run; what is done is kept: put it back and run again")


def test_a_list_of_a_mapping_that_says_neither_where_nor_which(tmp_path: Path) -> None:
    table, mapping = tmp_path / "t.csv", tmp_path / "mapping.yaml"
    table.write_text("代码,名称\n000001,甲\n", encoding="utf-8")
    mapping.write_text(
        "schema: compliance.mapping/1\npack: cn-refinancing\n"
        "columns:\n  - {column: 代码, fact: issuer.code}\nlists:\n  - {list: uses, columns: [{column: 名称, fact: name}]}\n",
        encoding="utf-8",
    )
    zh, en = told("screen", "run", str(table), "--mapping", str(mapping), "--out", str(tmp_path / "out"), *RULES)
    assert "清单“uses”须写明 prefix（含 {n}）或 file 和 code 之一，并列出 columns" in zh
    assert "the list 'uses' needs a prefix (with {n}) or a file and a code, and its columns" in en
