"""A vendor's table through a mapping: every cell keeps its digits and its place, and what is wrong is told or left out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from checked import book as pack

pytest.importorskip("numpy", reason="the extra batch is not installed")
pytest.importorskip("pyarrow", reason="the extra batch is not installed")

from compliance.screen import cases, inputs, parts, run, template
from compliance.source import SourceError

HEAD = "schema: compliance.mapping/1\npack: cn-refinancing\n"
CODE = "  - {column: 代码, fact: issuer.code}\n"
DOCS = Path(__file__).resolve().parent.parent / "docs"


def look(where: Path, table: str | bytes, mapping: str, lenient: bool = False, name: str = "t.csv", chunk: int = 100) -> parts.Input:
    (where / name).write_bytes(table if isinstance(table, bytes) else table.encode())
    (where / "m.yaml").write_text(HEAD + mapping, encoding="utf-8")
    return inputs.look(where / name, chunk, pack(), where / "m.yaml", lenient=lenient)


def facts(given: parts.Input) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """The facts of each filing that can be read, and the errors of those that cannot."""
    wrong: list[dict[str, Any]] = []
    found = []
    for chunk in given.chunks:
        for item in inputs.read(given, chunk, pack()):
            filing = cases.filing_of(item, pack(), wrong)
            if filing is not None:
                found.append({path: fact.text for path, fact in filing.facts.items()})
    return found, wrong


def one(where: Path, column: str, cell: str, entry: str) -> str:
    """The one fact of a table of one cell, or the code of what is wrong with it."""
    found, wrong = facts(look(where, f"代码,{column}\n000001,{cell}\n", f"columns:\n{CODE}  - {{column: {column}, {entry}}}\n"))
    if wrong:
        assert [(error["issuer"], error["place"]) for error in wrong] == [("000001", "t.csv:2:2")]
        return str(wrong[0]["code"])
    return next((text for path, text in found[0].items() if path != "issuer.code"), "")


SHARE = next((path for path, field in pack().vocabulary.root.fields.items() if field.type == "ratio"), "")


@pytest.mark.parametrize(
    ("cell", "entry", "text"),
    [
        ("78067.85", "fact: offering.gross_proceeds, unit: 万元", "78067.85万元"),
        ('"78,067.85"', "fact: offering.gross_proceeds, unit: 万元", "78,067.85万元"),
        ("1.10", "fact: offering.gross_proceeds, unit: 亿元, rounded: true", "≈1.10亿元"),
        ("1.10亿元", "fact: offering.gross_proceeds, unit: cell", "1.10亿元"),
        ("78067.85万元", "fact: offering.gross_proceeds, unit: 万元", "78067.85万元"),
        ("1.2亿元", "fact: offering.gross_proceeds, unit: 万元", "mapping-cell-unit"),
        ("1.2E+08", "fact: offering.gross_proceeds, unit: 元", "amount-unreadable"),
        ("12 5", "fact: offering.gross_proceeds, unit: 万元", "amount-unreadable"),
        ("1 200", "fact: offering.gross_proceeds, unit: 万元", "1 200万元"),
        ('"1,2 00"', "fact: offering.gross_proceeds, unit: 万元", "amount-unreadable"),
        ("0. 3", f"fact: {SHARE}, unit: 1", "ratio-unit"),
        ('"1,25,00"', f"fact: {SHARE}, unit: 1", "ratio-unit"),
        ("1..2", "fact: offering.gross_proceeds, unit: 万元", "1..2万元"),
        ("--", "fact: offering.gross_proceeds, unit: 万元", ""),
        ("－", "fact: offering.gross_proceeds, unit: 万元", ""),
        ("—", "fact: offering.board_date", ""),
        ("３００", "fact: offering.new_shares, unit: 万股", "300万股"),
        ("0.1230", f"fact: {SHARE}, unit: 1", "12.30%"),
        ("20241225", "fact: offering.board_date", "2024-12-25"),
        ("2024-12", "fact: offering.board_date", "2024-12"),
        ("20241325", "fact: offering.board_date", "date-impossible"),
        ("2024/6/30", "fact: offering.board_date", "2024-6-30"),
        ("2024.06.30", "fact: offering.board_date", "2024-06-30"),
        ("2024/6/30 0:00", "fact: offering.board_date", "2024-6-30"),
        ("2024-06-30 00:00:00", "fact: offering.board_date", "2024-06-30"),
        ("2024/6/30 9:00", "fact: offering.board_date", "date-unreadable"),
        ("2024/6-30", "fact: offering.board_date", "date-unreadable"),
        ("创业板", "fact: issuer.board", "chinext"),
        ("ChiNext", "fact: issuer.board", "chinext"),
        ("创业", "fact: issuer.board, values: {创业: chinext}", "chinext"),
        ("火星板", "fact: issuer.board", "mapping-value"),
        ("是", "fact: issuer.financial_institution", "true"),
        ("1", "fact: issuer.financial_institution, values: {'1': 是}", "true"),
        ("1", "fact: issuer.financial_institution", "mapping-value"),
    ],
)
def test_a_cell_is_read_as_a_filing_would_write_it(tmp_path: Path, cell: str, entry: str, text: str) -> None:
    assert one(tmp_path, "列", cell, entry) == text


def test_the_commonest_mistakes_are_told_by_what_repeats(tmp_path: Path) -> None:
    errors = [
        ("kind-value", "沪主板"),
        ("amount", "1x"),
        ("kind-value", "深主板"),
        ("kind-value", "沪主板"),
        ("amount", "2x"),
        ("amount", "3x"),
    ]
    (tmp_path / "errors.jsonl").write_text("".join(json.dumps({"code": code, "zh": text}) + "\n" for code, text in errors))
    assert run.commonest(tmp_path, 3) == [
        (3, {"code": "amount", "zh": "1x"}), (2, {"code": "kind-value", "zh": "沪主板"}), (1, {"code": "kind-value", "zh": "深主板"}),
    ]  # fmt: skip


def test_codes_of_vendors_and_lost_noughts(tmp_path: Path) -> None:
    found, wrong = facts(look(tmp_path, "代码\n300766.SZ\n766\n000001\n", f"columns:\n{CODE}"))
    assert [one["issuer.code"] for one in found] == ["300766", "000001"]
    assert [(error["item"], error["place"], error["code"]) for error in wrong] == [(1, "t.csv:3:1", "code-bad")]


def test_a_bad_row_costs_itself(tmp_path: Path) -> None:
    table = '代码,名称\n000001,甲\n000002\n000003,"乙\n000004,丙\n000005,"丁\n戊"\n000006,\n'.encode() + b"000007,\xff\n000008,x\n"
    mapping = f"columns:\n{CODE}  - {{column: 名称, fact: issuer.name}}\n"
    for chunk in (1, 2, 100):
        found, wrong = facts(look(tmp_path, table, mapping, chunk=chunk))
        assert [one["issuer.code"] for one in found] == ["000001", "000004", "000005", "000006", "000008"]
        assert [(error["item"], error["place"], error["code"]) for error in wrong] == [
            (1, "t.csv:3:1", "mapping-row-width"),
            (2, "t.csv:4:1", "mapping-row-broken"),
            (6, "t.csv:9:1", "mapping-row-broken"),
        ]


def test_quotes_and_other_encodings(tmp_path: Path) -> None:
    table = '\N{BYTE ORDER MARK}代码;名称\n000001;"甲；""乙""\n丙"\n000002;丁\n'
    found, wrong = facts(look(tmp_path, table, f'separator: ";"\ncolumns:\n{CODE}  - {{column: 名称, fact: issuer.name}}\n', chunk=1))
    assert [one["issuer.name"] for one in found] == ['甲；"乙"\n丙', "丁"] and not wrong
    found, wrong = facts(look(tmp_path, "代码\n000009\n".encode("gb18030"), f"encoding: gb18030\ncolumns:\n{CODE}"))
    assert found == [{"issuer.code": "000009"}] and not wrong


def test_every_mistake_of_a_mapping_is_told_at_once(tmp_path: Path) -> None:
    table = "代码,A,重,重,B,C,募资(万元),D,E\n000001,1,1,1,1,1,1,竞价,是\n"
    mapping = (
        "columns:\n"
        "  - {column: 代码, fact: issuer.code}\n"
        "  - {column: 代码, fact: issuer.name}\n"
        "  - {column: A, fact: issuer.code}\n"
        "  - {column: 重, fact: issuer.ipo_price, unit: 元/股}\n"
        "  - {column: B, fact: issuer.nothing}\n"
        "  - {column: 没有, fact: issuer.name}\n"
        "  - {column: C, fact: offering.gross_proceeds}\n"
        "  - {column: B, fact: offering.new_shares, unit: 万元}\n"
        "  - {column: 募资(万元), fact: offering.deduction, unit: 亿元}\n"
        "  - {column: D, fact: offering.route, values: {竞价: auctoin, 配股: 配股}}\n"
        "  - {column: E, fact: issuer.real_estate, values: {是: yes}}\n"
        "constants: {offering.stage: nonsense, offering.shares_before: 5万元}\n"
        "lists: [{list: nothing}]\n"
    )
    with pytest.raises(SourceError) as caught:
        look(tmp_path, table, mapping)
    codes = [problem.code for problem in caught.value.problems]
    assert sorted(codes) == sorted([
        "mapping-head-twice", "mapping-column-twice", "mapping-fact-twice", "path-unknown", "path-unknown", "mapping-column-absent",
        "mapping-unit-missing", "mapping-column-twice", "mapping-units-differ", "kind-value", "flag-bad", "kind-value", "amount-unit",
    ])  # fmt: skip
    assert all(problem.place.line for problem in caught.value.problems)
    for problem in caught.value.problems:
        assert problem.text("zh") and problem.text("en")


def test_units_that_disagree(tmp_path: Path) -> None:
    for entry, code in (
        ("fact: offering.new_shares, unit: 万元", "mapping-unit-bad"),
        ("fact: offering.gross_proceeds, unit: 亿元", "mapping-units-differ"),
        ("fact: issuer.name, unit: 元", "mapping-unit-none"),
    ):
        with pytest.raises(SourceError) as caught:
            look(tmp_path, "代码,募资(万元)\n000001,1\n", f"columns:\n{CODE}  - {{column: 募资(万元), {entry}}}\n")
        assert [(problem.code, problem.place.line) for problem in caught.value.problems] == [(code, 5)]


def test_what_is_wrong_with_a_mapping_is_told_beside_a_head_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        look(tmp_path, "代码,募资\n000001,1\n".encode("gb18030"), f"encodig: gb18030\ncolumns:\n{CODE}")
    assert [problem.code for problem in caught.value.problems] == ["field-extra", "mapping-encoding"]


def test_a_head_in_the_other_encoding_is_told_either_way(tmp_path: Path) -> None:
    for encoding, declared in (("utf-8", "gb18030"), ("gb18030", "utf-8")):
        with pytest.raises(SourceError) as caught:
            look(tmp_path, "证券代码,板块\n000001,1\n".encode(encoding), f"encoding: {declared}\ncolumns:\n{CODE}")
        assert [(problem.code, problem.values["other"]) for problem in caught.value.problems] == [("mapping-encoding", encoding)]


@pytest.mark.parametrize("called", ["gb18030", "GBK", "gb2312"])
def test_encodings_by_their_other_names(tmp_path: Path, called: str) -> None:
    table = "代码,名称\n000001,甲\n".encode("gb18030")
    given = look(tmp_path, table, f"encoding: {called}\ncolumns:\n{CODE}  - {{column: 名称, fact: issuer.name}}\n")
    assert facts(given)[0] == [{"issuer.code": "000001", "issuer.name": "甲"}]


def test_a_table_on_another_sheet_is_told(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="the extra office is not installed")
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["说明"])
    book.create_sheet("数据").append(["代码"])
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(SourceError) as caught:
        look(tmp_path, (tmp_path / "t.xlsx").read_bytes(), f"columns:\n{CODE}", name="t.xlsx")
    assert [problem.code for problem in caught.value.problems] == ["mapping-column-absent", "mapping-sheet"]
    assert "“说明”；要读的若是其他工作表（数据）" in caught.value.problems[1].text("zh")


def test_a_bad_entry_may_be_left_out(tmp_path: Path) -> None:
    mapping = f"columns:\n{CODE}  - {{column: 没有, fact: issuer.name}}\n  - {{column: 板, fact: issuer.board}}\n"
    given = look(tmp_path, "代码,板\n000001,chinext\n", mapping, lenient=True)
    assert [problem.code for problem in given.problems] == ["mapping-column-absent"]
    assert facts(given)[0] == [{"issuer.code": "000001", "issuer.board": "chinext"}]


def test_ten_million_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        look(tmp_path, b"a" + b"," * 10_000_000 + b"\n1\n", f"columns:\n{CODE}")
    (problem,) = caught.value.problems
    assert (problem.code, problem.values["found"]) == ("mapping-columns-many", "10,000,001")


LISTS = """columns:
  - {column: 代码, fact: issuer.code}
  - {column: 补流, fact: "uses[wc].proceeds", unit: 亿元}
lists:
  - list: uses
    complete: true
    prefix: 项目{n}_
    columns: [{column: 名, fact: name}, {column: 额, fact: proceeds, unit: 万元}]
  - list: investments
    file: i.csv
    code: 代码
    columns: [{column: 名, fact: name}]
"""


def test_lists_in_columns_and_in_a_table_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text("代码,名\n000001.SZ,丙\n000002,丁\n000001,戊\n", encoding="utf-8")
    table = "代码,补流,项目1_名,项目1_额,项目2_名,项目2_额\n000001,0.5,甲,100,,200.5\n000002,,,,,\n"
    found, wrong = facts(look(tmp_path, table, LISTS))
    assert not wrong
    assert found[0] == {
        "issuer.code": "000001", "uses": "complete", "uses[wc].id": "wc", "uses[wc].proceeds": "0.5亿元", "uses[甲].name": "甲",
        "uses[甲].proceeds": "100万元", "uses[2].id": "2", "uses[2].proceeds": "200.5万元", "investments": "open",
        "investments[丙].name": "丙", "investments[戊].name": "戊",
    }  # fmt: skip
    assert found[1] == {"issuer.code": "000002", "uses": "complete", "investments": "open", "investments[丁].name": "丁"}


def test_a_list_table_that_changes_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text("代码,名\n000001,丙\n", encoding="utf-8")
    given = look(tmp_path, "代码,补流,项目1_名,项目1_额\n000001,,,\n", LISTS)
    (tmp_path / "i.csv").write_text("代码,名\n000001,丁\n", encoding="utf-8")
    from compliance.screen import tables

    tables._beside.cache_clear()
    with pytest.raises(SourceError, match="it changed during the run"):
        facts(given)


def test_a_workbook_is_read_as_its_cells_show(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="the extra office is not installed")
    book = openpyxl.Workbook()
    for row in (
        ("代码", "募资", "日"),
        ("000001", 78067.85, "2024-12-25"),
        ("000002", "=1+1", None),
        (None, None, None),
        ("000003", "1.10", "20250101"),
    ):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    mapping = (
        f"columns:\n{CODE}  - {{column: 募资, fact: offering.gross_proceeds, unit: 万元}}\n  - {{column: 日, fact: offering.board_date}}\n"
    )
    given = look(tmp_path, (tmp_path / "t.xlsx").read_bytes(), mapping, name="t.xlsx", chunk=2)
    found, wrong = facts(given)
    assert [(one["offering.gross_proceeds"], one["offering.board_date"]) for one in found] == [
        ("78067.85万元", "2024-12-25"),
        ("1.10万元", "2025-01-01"),
    ]
    assert [(error["item"], error["place"], error["code"]) for error in wrong] == [(1, "t.xlsx Sheet!B3", "cell-formula")]


def test_the_template_reads_its_own_table(tmp_path: Path) -> None:
    for name, data in template.write(pack()).items():
        (tmp_path / name).write_bytes(data)
    given = inputs.look(tmp_path / template.TABLE, 10, pack(), tmp_path / template.MAPPING)
    found, wrong = facts(given)
    assert not wrong
    numbers = {path for path, field in pack().vocabulary.root.fields.items() if field.type not in ("list", "ref")}
    assert numbers <= found[0].keys()


def test_the_mapping_on_the_page_is_sound(tmp_path: Path) -> None:
    text = re.search(r"```yaml\n(schema: compliance.mapping/1.*?)```", (DOCS / "screening.md").read_text(encoding="utf-8"), re.DOTALL)
    assert text is not None
    (tmp_path / "m.yaml").write_text(text[1], encoding="utf-8")
    (tmp_path / "investments.csv").write_bytes("证券代码,被投企业,账面\n300766.SZ,甲,1.00\n".encode("gb18030"))
    head = "证券代码,板块,募集资金总额(万元),拟发行股数(万股),补流,前次1_到账日,前次1_募资"
    (tmp_path / "t.csv").write_bytes(f"{head}\n300766.SZ,创业,78067.85,7843.46,--,2021-03-01,5.00\n".encode("gb18030"))
    found, wrong = facts(inputs.look(tmp_path / "t.csv", 10, pack(), tmp_path / "m.yaml"))
    assert not wrong
    assert found[0]["offering.new_shares"] == "≈7843.46万股" and found[0]["investments[甲].amount"] == "1.00元"
    json.dumps(found)


def test_a_column_that_stands_twice_matters_where_it_is_read(tmp_path: Path) -> None:
    found, wrong = facts(look(tmp_path, "代码,备注,备注\n000001,甲,乙\n", f"columns:\n{CODE}"))
    assert found == [{"issuer.code": "000001"}] and not wrong
    listed = 'lists:\n  - {list: earlier_raisings, prefix: "前{n}_", columns: [{column: 到账日, fact: received}]}\n'
    with pytest.raises(SourceError) as caught:
        look(tmp_path, "代码,前1_到账日,前2_到账日,前2_到账日\n000001,,,\n", f"columns:\n{CODE}{listed}")
    assert [(problem.code, problem.place.column) for problem in caught.value.problems] == [("mapping-head-twice", 4)]


def test_a_table_in_another_encoding_is_told_how_to_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        look(tmp_path, "代码\n000009\n".encode("gb18030"), f"columns:\n{CODE}")
    (problem,) = caught.value.problems
    assert problem.code == "mapping-encoding" and "encoding: gb18030" in problem.text("zh")
