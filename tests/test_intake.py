"""The intake form: it asks for what a route needs, keeps what a filing says, and tells each mistake with its sheet and cell."""

# ruff: noqa: E501  A message stands whole, so that it can be compared with what is said.

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bad_input import pairs, readings, said, says, small, small_form, take_workbook
from command import CASES, filing, run, told
from compliance import source
from compliance.cli.inputs import bare, load_filing, load_nodes, load_pack
from compliance.engine.asked import asked
from compliance.engine.machine import Machine
from compliance.facts import loading
from compliance.facts.filing import Filing
from compliance.facts.writing import to_json, to_yaml
from compliance.intake import blank, reading, rows, sheets, workbook
from compliance.packs.book import Pack
from compliance.source import Node, SourceError
from walkthrough import follow, matches

ALL_CASES = sorted(path.parent.name for path in Path(filing("300766")).parents[1].glob("*/filing.yaml"))


@cache
def real() -> Pack:
    return load_pack(None)


@cache
def wanted(route: str, board: str) -> frozenset[tuple[str, str]]:
    """What a route and a board ask for, at the end of 2025."""
    from compliance.dates import parse

    book = real()
    found = asked(
        Machine(book),
        bare(book, "300766", board, route)[2],
        parse("2025-12-31").low,
    )
    return frozenset(found)


def taken(node: Node, pack: Pack) -> Filing:
    return loading.read(node, pack.vocabulary, pack.id, readings(pack))


def through(node: Node, pack: Pack, tmp_path: Path) -> Node:
    """A filing's nodes after they were a workbook."""
    path = tmp_path / "form.xlsx"
    plain = source.plain(node)
    path.write_bytes(workbook.write(pack.vocabulary, pack.id, rows.rows_of(plain, pack.vocabulary), None, plain.get("as_of") or ""))
    return reading.load(path, "form.xlsx", pack.vocabulary)


# What goes in comes out


@pytest.mark.parametrize("case", ALL_CASES)
def test_a_real_case_keeps_its_facts_as_a_workbook_as_yaml_and_as_json(case: str, tmp_path: Path) -> None:
    book = real()
    node = load_nodes(Path(filing(case)), book)
    facts = load_filing(Path(filing(case)), book).sha256
    again = through(node, book, tmp_path)
    assert taken(again, book).sha256 == facts
    for text in (to_yaml(again), to_json(again)):
        assert taken(source.parse(text, "filing"), book).sha256 == facts


WHOLE = """
schema: compliance.filing/1
pack: small
as_of: 2025-12-31
documents: {plan: {title: 预案, date: 2025-03-10, number: 1号}, note: {title: =1+1}}
issuer: {code: "000001", name: "@甲"}
offering: {route: auction, board_date: 2025-03, gross_proceeds: ≈1.5亿元, margin: 0.294, months: 36, listed: 否, new_shares: 100万股..}
uses:
  complete: 是
  at: {document: plan, page: 1}
  items:
    - {id: a, name: 甲的, kind: staff, proceeds: 1..2万元, lead: 乙, at: {document: plan, line: 3}}
    - {name: "-b", kind: equipment, proceeds: 0元, id: =b}
people:
  items:
    - {name: 乙, posts: {complete: true, items: [{title: 总, until: 至今}], at: {document: plan}}}
    - {name: 丙, posts: []}
    - {name: 丁}
judgements:
  - {path: "uses[a].share", answer: "≈40%", reason: {zh: 理, en: why}, at: {document: plan, page: 2, section: 一, index: D-1, by: 王}}
evidence:
  - {facts: [issuer.code, "people[乙].posts[总].until"], at: {document: note, page: 9}}
  - {facts: [offering.route], assumed: 没有写明}
filing_conclusions: [{rule: r, verdict: pass, text: {zh: 符合, en: fine}, at: {document: plan}}]
tables:
  - id: t
    title: 表
    unit: 万元
    columns: [甲, 乙]
    rows: [{name: 一, values: ["1.00", "-"]}, {name: 二, values: ["2.00", "3"]}]
    total: ["3.00", "3"]
    at: {document: plan, page: 5}
"""


def test_everything_that_a_filing_can_say_is_kept(tmp_path: Path) -> None:
    node = source.parse(WHOLE, "filing.yaml")
    again = through(node, small(), tmp_path)
    assert taken(again, small()).sha256 == taken(node, small()).sha256
    assert taken(again, small()).as_of == "2025-12-31"


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=12).filter(
    lambda text: text == text.strip() and not set(text) & set("[]")
)
MONEY = st.builds(
    "{}{}{}".format, st.sampled_from(["", "≈"]), st.decimals(0, 9999, places=2).map(str), st.sampled_from(["元", "万元", "亿元"])
)


@st.composite
def filings(draw: st.DrawFn) -> dict[str, Any]:
    """Filings of the small pack, as plain data."""

    def maybe(strategy: st.SearchStrategy[str]) -> str | None:
        return draw(st.none() | strategy)

    names = draw(st.lists(TEXTS, unique=True, max_size=3))
    keys = draw(st.lists(TEXTS, unique=True, max_size=3))
    offering = {
        "route": maybe(st.sampled_from(["auction", "fixed"])),
        "board_date": maybe(st.dates().map(str) | st.just("2025-03") | st.just("2024..2025")),
        "gross_proceeds": maybe(MONEY),
        "margin": maybe(st.sampled_from(["29.40%", "=3%", "0.3", "12‰", "0.1%.."])),
        "months": maybe(st.integers(0, 99).map(str)),
        "listed": maybe(st.sampled_from(["true", "false", "是", "否"])),
    }
    uses = [
        {
            "id": key,
            "name": maybe(TEXTS),
            "kind": maybe(st.sampled_from(["staff", "equipment"])),
            "proceeds": maybe(MONEY),
            "lead": maybe(st.sampled_from(names)) if names else None,
        }
        for key in keys
    ]
    people = [
        {
            "name": name,
            "posts": {
                "complete": maybe(st.sampled_from(["true", "false"])),
                "items": [{"title": title, "until": maybe(st.just("至今"))} for title in draw(st.lists(TEXTS, unique=True, max_size=2))],
            },
        }
        for name in names
    ]
    evidence = [
        {
            "facts": [draw(st.sampled_from(["offering", "uses", "people", *(f"uses[{key}]" for key in keys)]))],
            "at": {"document": "d", "page": draw(st.integers(1, 9).map(str))},
        }
    ]
    return {
        "schema": "compliance.filing/1",
        "pack": "small",
        "documents": {"d": {"title": draw(TEXTS)}},
        "issuer": {"code": "000001", "name": maybe(TEXTS)},
        "offering": offering,
        "uses": {"complete": draw(st.sampled_from(["true", "false"])), "items": uses},
        "people": people,
        "evidence": evidence if "people" in evidence[0]["facts"] or offering else [],
    }


def written(plain: Mapping[str, Any]) -> Node:
    return source.parse(json.dumps(plain, ensure_ascii=False), "filing.json")


@given(filings())
@settings(max_examples=40)
def test_a_filing_is_the_same_after_it_was_a_workbook(tmp_path_factory: pytest.TempPathFactory, plain: dict[str, Any]) -> None:
    node = written(plain)
    try:
        before = taken(node, small())
    except SourceError:
        return  # what is no filing is written to no form
    again = through(node, small(), tmp_path_factory.mktemp("form"))
    assert taken(again, small()).sha256 == before.sha256
    for text in (to_yaml(again), to_json(again)):
        assert taken(source.parse(text, "filing"), small()).sha256 == before.sha256


def test_the_same_facts_give_the_same_bytes() -> None:
    book = real()
    plain = source.plain(load_nodes(Path(filing("300766")), book))
    first, second = (workbook.write(book.vocabulary, book.id, rows.rows_of(plain, book.vocabulary), None) for _ in range(2))
    assert first == second


def test_no_text_becomes_a_formula(tmp_path: Path) -> None:
    through(source.parse(WHOLE, "filing.yaml"), small(), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {"=1+1", "@甲", "-b", "=b"} <= {cell.value for cell in cells}


# What is asked


def test_a_route_is_asked_for_its_own_facts() -> None:
    def names(route: str, board: str = "chinext") -> set[str]:
        return {field.name for field in sheets.singles(real().vocabulary, wanted(route, board))}

    bonds = {"offering.bond_term_months", "offering.bond_face"}
    auction = {"offering.holders_invited", "offering.subscriber_cap"}
    assert bonds <= names("convertible_public") and not bonds & names("auction")
    assert auction <= names("auction") and not auction & names("convertible_public")
    assert len(names("rights", "bse")) < len(names("rights"))
    lists = {sheet.path for sheet in sheets.collections(real().vocabulary, wanted("rights", "chinext"))}
    assert {"uses", "public_promises"} <= lists and "directors" not in lists


@pytest.mark.parametrize("route", ["auction", "fixed", "simplified", "rights", "follow_on", "convertible_public", "convertible_placed"])
def test_both_forms_of_every_route_can_be_read_before_anything_is_filled_in(route: str, tmp_path: Path) -> None:
    book = real()
    facts = {"issuer.code": "300766", book.words["board"]: "chinext", book.words["route"]: route}
    text = blank.write(book.vocabulary, book.id, wanted(route, "chinext"), facts, "filing.schema.json")
    form = taken(source.parse(text, "form.yaml"), book)
    stated = [
        {"path": path, "value": rows.shown(value, book.vocabulary.root.fields[path], book.vocabulary)} for path, value in facts.items()
    ]
    (tmp_path / "form.xlsx").write_bytes(workbook.write(book.vocabulary, book.id, {sheets.SINGLES: stated}, wanted(route, "chinext")))
    other = load_filing(tmp_path / "form.xlsx", book)
    for path, value in facts.items():
        assert form.facts[path].text == other.facts[path].text == value
    assert {path for path, fact in form.facts.items() if fact.field.type != "list"} == set(facts) == set(other.facts)


def test_the_form_offers_labels_units_drop_downs_and_remarks(tmp_path: Path) -> None:
    through(source.parse(WHOLE, "filing.yaml"), small(), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    assert book.sheetnames == [
        "填写说明",
        "基本事实",
        "清单是否完整",
        "用途",
        "人员",
        "职务",
        "文件",
        "出处与判断",
        "申报文件的结论",
        "勾稽表",
        "choices",
    ]
    assert book["choices"].sheet_state == "hidden"
    uses = book["用途"]
    assert [[cell.value for cell in row] for row in uses["A1:F4"]] == [
        ["uses:id", "name", "kind", "proceeds", "share", "lead"],
        ["编号", "名称", "类别", "金额", "资本化比例", "负责人"],
        ["id", "name", "kind", "proceeds", "share", "lead"],
        ["文字", "文字", "从下拉列表中选择", "万元", "%", "另一清单中条目的名称或编号"],
    ]
    assert uses.freeze_panes == "B5" and uses.row_dimensions[1].hidden and not uses.row_dimensions[4].hidden
    assert uses["D2"].comment.text == (
        "金额；金额，带单位，如 78067.85万元；可写 ≈1.14亿元 或 1..2万元\nproceeds; an amount with its unit, such as 78067.85万元; ≈1.14亿元 or 1..2万元 may be written\nuses[…].proceeds"
    )
    assert book["职务"]["C2"].comment.text.endswith("\npeople[…].posts[…].until")
    offered = {str(rule.sqref): rule.formula1 for rule in uses.data_validations.dataValidation}
    assert offered["C5:C2001"] == "choices!$F$1:$F$2" and [cell.value for cell in book["choices"]["F"][:2]] == ["设备", "人员"]
    assert offered["F5:F2001"] == "'人员'!$A$5:$A$2000"
    assert [cell.value for cell in book["人员"][2]] == ["姓名", "任职：已全部列出"]
    assert [[cell.value for cell in row] for row in book["职务"]["A2:C5"]] == [
        ["所属条目（人员）", "职务", "截止"],
        ["the item it belongs to: person", "title", "until"],
        ["另一清单中条目的名称或编号", "文字", "日期"],
        ["乙", "总", "至今"],
    ]


# A form that was filled in

Edits = Mapping[tuple[str, str], Any]


def filled(tmp_path: Path, edits: Edits, formats: Mapping[tuple[str, str], str] | None = None) -> Path:
    """A form of the small pack with cells filled in by a user, through the library that reads it; each with a number format."""
    book = openpyxl.load_workbook(io.BytesIO(small_form()))
    for (sheet, cell), value in edits.items():
        book[sheet][cell].number_format = (formats or {}).get((sheet, cell), "General")
        book[sheet][cell] = value
    path = tmp_path / "form.xlsx"
    book.save(path)
    return path


def read(path: Path) -> Filing:
    return taken(reading.load(path, "form.xlsx", small().vocabulary), small())


FACTS, USES, PEOPLE, POSTS, PROOF, LISTS = "基本事实", "用途", "人员", "职务", "出处与判断", "清单是否完整"


def test_what_a_user_types_is_read_as_it_is_meant(tmp_path: Path) -> None:
    edits: dict[tuple[str, str], Any] = {
        (FACTS, "C9"): "竞价",
        (FACTS, "C10"): datetime(2025, 3, 10),
        (FACTS, "C11"): 78067.85,  # in the unit beside it
        (FACTS, "C12"): 1200,
        (FACTS, "D12"): "万股",
        (FACTS, "C13"): 0.294,  # shown as a percentage
        (FACTS, "C14"): 36,
        (FACTS, "C15"): "是",
        (USES, "D4"): "亿元",
        (USES, "A5"): "a",
        (USES, "C5"): "人员",
        (USES, "D5"): 1.5,
        (USES, "F5"): "乙",
        (USES, "A6"): 12,
        (USES, "D6"): "3..",
        (USES, "G5"): "a note of the user's own",
        (PEOPLE, "A5"): "乙",
        (PEOPLE, "B5"): "是",
        (PEOPLE, "A6"): "丙",
        (POSTS, "A5"): "乙",
        (POSTS, "B5"): "总",
        (POSTS, "C5"): date(2024, 12, 1),
        (POSTS, "A6"): "乙",
        (POSTS, "B6"): "理",
        (POSTS, "C6"): "2024/3/8",  # as Excel shows a day
        (LISTS, "C5"): "是",
        ("文件", "A5"): "plan",
        ("文件", "B5"): "预案",
        (PROOF, "A5"): "uses[a].share",
        (PROOF, "B5"): "判断",
        (PROOF, "C5"): 0.4,
        (PROOF, "D5"): "论证",
        (PROOF, "F5"): "plan",
        (PROOF, "G5"): 12,
        (PROOF, "A6"): "issuer.code",
        (PROOF, "F6"): "plan",
        (PROOF, "A7"): "offering.route",
        (PROOF, "B7"): "认定前提",
        (PROOF, "D7"): "没有写明",
        (PROOF, "A8"): "offering.months",  # of which nothing is said yet
    }
    formats = {
        (FACTS, "C10"): "yyyy-mm-dd",
        (FACTS, "C13"): "0.00%_);(0.00%)",
        (POSTS, "C5"): '[$-804]yyyy"年"m"月";@',
        (PROOF, "C5"): "0%",
    }
    found = read(filled(tmp_path, edits, formats=formats))
    assert {path: fact.text for path, fact in found.facts.items()} == {
        "issuer.code": "000001",
        "offering.route": "auction",
        "offering.board_date": "2025-03-10",
        "offering.gross_proceeds": "78067.85万元",
        "offering.new_shares": "1200万股",
        "offering.margin": "29.4%",
        "offering.months": "36",
        "offering.listed": "true",
        "uses": "complete",
        "uses[a].id": "a",
        "uses[a].kind": "staff",
        "uses[a].proceeds": "1.5亿元",
        "uses[a].lead": "乙",
        "uses[a].share": "40%",
        "uses[12].id": "12",
        "uses[12].proceeds": "3亿元..",
        "people": "open",
        "people[乙].name": "乙",
        "people[乙].posts": "complete",
        "people[乙].posts[总].title": "总",
        "people[乙].posts[总].until": "2024-12",
        "people[乙].posts[理].title": "理",
        "people[乙].posts[理].until": "2024-3-8",
        "people[丙].name": "丙",
    }
    assert found.facts["issuer.code"].evidence == ("plan", "", "", "", "", "")
    assert found.assumed == {"offering.route": {"zh": "没有写明", "en": "没有写明"}}
    assert found.answers["uses[a].share"][0].reason == {"zh": "论证", "en": "论证"}


@pytest.mark.parametrize("answer", ["", "40%"])
def test_a_judgement_may_have_its_answer_in_the_cell_of_the_fact(answer: str, tmp_path: Path) -> None:
    edits = {(USES, "A5"): "a", (USES, "C5"): "人员", (USES, "E5"): "40"}
    reasoned = {(PROOF, "A5"): "uses[a].share", (PROOF, "B5"): "判断", (PROOF, "C5"): answer, (PROOF, "D5"): "论证"}
    found = read(filled(tmp_path, {**edits, **reasoned}))
    assert [(one.text, one.reason) for one in found.answers["uses[a].share"]] == [("40%", {"zh": "论证", "en": "论证"})]


def test_the_green_cell_has_the_unit_in_which_a_fact_is_printed() -> None:
    field = small().vocabulary.root.fields["offering.gross_proceeds"]
    assert sheets.units(field) == ("万元", "元", "亿元")
    assert sheets.units(field._replace(unit="元")) == ("元", "万元", "亿元")
    assert sheets.units(real().vocabulary.root.fields["offering.bond_face"])[0] == "元"  # 100 is no million


def test_a_days_cell_shown_as_a_month_is_that_month() -> None:
    for form, text in (
        ("mmm-yy", "2024-12"),
        ('yyyy"年"m"月"', "2024-12"),
        ("yyyy-mm-dd", "2024-12-01"),
        ("[$-F800]dddd, mmmm dd", "2024-12-01"),
    ):
        assert reading.text_of(datetime(2024, 12, 1), form) == text
    for value, form, said_ in (
        (0.1 + 0.2, "General", "0.3"),
        (True, "General", "true"),
        (1e-7, "General", "0.0000001"),
        (-0.065, "0.0%", "-6.5%"),
    ):
        assert reading.text_of(value, form) == said_
    assert reading.text_of(time(9, 30), "hh:mm") is None


# Every mistake, whole


@pytest.mark.parametrize("title", pairs("workbooks.txt"))
def test_every_mistake_is_told_with_its_sheet_and_cell(title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a message was changed: ``python tests/fresh.py``."""
    monkeypatch.chdir(tmp_path)
    text, expected = pairs("workbooks.txt")[title]
    assert says(take_workbook, text) == expected


def test_a_cell_with_a_time_says_nothing_that_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read(filled(tmp_path, {(FACTS, "C14"): time(9, 30)}))
    assert said(caught.value) == (
        "form.xlsx 基本事实!C14: 单元格不是文字、数值或日期；请改写\nform.xlsx 基本事实!C14: the cell is neither text, number nor day; rewrite it"
    )


def repacked(path: Path, **parts: bytes) -> None:
    """More parts in a packed file."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(f"xl/{name}.bin", data)


FILES: Mapping[str, tuple[Callable[[Path], object], str]] = {
    "a macro": (
        lambda path: repacked(path, vbaProject=b"x"),
        "form.xlsx: 工作簿含有宏；请另存为不含宏的 .xlsx\nform.xlsx: the workbook holds a macro; save it as .xlsx without",
    ),
    "encrypted or old": (
        lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        "form.xlsx: 工作簿已加密或是旧版 .xls；请另存为不加密的 .xlsx\nform.xlsx: the workbook is encrypted or an old .xls; save it as .xlsx without a password",
    ),
    "a bomb": (
        lambda path: repacked(path, bomb=bytes(40 * 1024 * 1024)),
        "form.xlsx: 解压后过大；请核对来源\nform.xlsx: it unpacks to far too much; check where it comes from",
    ),
    "cut short": (
        lambda path: path.write_bytes(path.read_bytes()[:3000]),
        "form.xlsx: 不是可读取的 Excel 工作簿（.xlsx）；请重新另存\nform.xlsx: not a workbook (.xlsx) that can be read; save it again",
    ),
    "broken inside": (
        lambda path: path.write_bytes(path.read_bytes().replace(b"PK\x03\x04", b"PK\x03\x05")),
        "form.xlsx: 不是可读取的 Excel 工作簿（.xlsx）；请重新另存\nform.xlsx: not a workbook (.xlsx) that can be read; save it again",
    ),
    "no workbook at all": (
        lambda path: path.write_text("schema: compliance.filing/1"),
        "form.xlsx: 不是可读取的 Excel 工作簿（.xlsx）；请重新另存\nform.xlsx: not a workbook (.xlsx) that can be read; save it again",
    ),
}


@pytest.mark.parametrize("title", FILES)
def test_what_is_no_sound_workbook_is_refused(title: str, tmp_path: Path) -> None:
    path = filled(tmp_path, {})
    FILES[title][0](path)
    with pytest.raises(SourceError) as caught:
        read(path)
    assert said(caught.value) == FILES[title][1]


def test_what_a_cell_or_the_form_cannot_hold_is_not_cut() -> None:
    for name, values, says_ in (
        (
            "用" * (workbook.MAX_TEXT + 1),
            [],
            "xlsx: uses 中的文字超过 Excel 单元格的 32767 字；请缩短，或改用 YAML\nxlsx: a text of uses is longer than the 32767 characters of a cell; shorten it, or keep to YAML",
        ),
        (
            "甲",
            ["1"] * (sheets.TABLE_COLUMNS + 1),
            "xlsx: 表格“t”超过 12 列，填报表放不下；请改用 YAML\nxlsx: table 't' has more than the 12 columns of the form; keep to YAML",
        ),
        *(
            (
                name,
                [],
                "xlsx: uses 中的文字“甲”首尾有空白或换行，Excel 单元格不会保留；请删去，或改用 YAML\nxlsx: a text of uses, '甲', begins or ends with a blank or a line break, which a cell does not keep; take it away, or keep to YAML",
            )
            for name in (" 甲", "甲　", "甲\n")
        ),
        (
            "甲\r\n乙",
            [],
            "xlsx: uses 中的文字“甲\\r\\n乙”含有控制字符 U+000D，Excel 单元格不能保留；请删去，或改用 YAML\nxlsx: a text of uses, '甲\\r\\n乙', holds the control character U+000D, which a cell does not keep; take it away, or keep to YAML",
        ),
    ):
        table = {"id": "t", "title": "表", "unit": "元", "columns": values, "rows": [], "total": values}
        book = rows.rows_of({"uses": [{"id": "a", "name": name}], "tables": [table]}, small().vocabulary)
        with pytest.raises(SourceError) as caught:
            workbook.write(small().vocabulary, "small", book, None)
        assert said(caught.value) == says_


# Through the command line


def test_a_workbook_is_checked_as_its_yaml_is(tmp_path: Path) -> None:
    form = str(tmp_path / "form.xlsx")
    assert run("facts", "convert", filing("300766"), "--out", form).status == 0
    day = CASES["300766"]
    found, expected = (json.loads(run("check", name, "--as-of", day, "--format", "json").out) for name in (form, filing("300766")))
    assert found == expected
    assert run("facts", "convert", form, "--out", str(tmp_path / "back.yaml")).status == 0
    assert load_filing(tmp_path / "back.yaml", real()).sha256 == expected["facts_sha256"]


def test_a_converted_filing_asks_for_what_its_route_and_board_need(tmp_path: Path) -> None:
    made = {}
    for name, text in (("auction", "auction"), ("bonds", "convertible_public"), ("open", "")):
        offering = {"route": text} if text else {}
        plain = {"schema": "compliance.filing/1", "pack": "cn-refinancing", "issuer": {"code": "300766", "board": "chinext"},
                 "offering": offering, "debt_defaults": [{"id": "loan"}]}  # fmt: skip
        (tmp_path / f"{name}.json").write_text(json.dumps(plain), encoding="utf-8")
        assert run("facts", "convert", str(tmp_path / f"{name}.json"), "--out", str(tmp_path / f"{name}.xlsx")).status == 0
        made[name] = {str(sheet["A1"].value).partition(":")[0] for sheet in openpyxl.load_workbook(tmp_path / f"{name}.xlsx").worksheets}
    assert made["auction"] < made["open"] and made["bonds"] < made["open"] and made["auction"] != made["bonds"]
    assert all("debt_defaults" in sheets for sheets in made.values())  # what is stated stays, needed or not


def test_init_writes_a_form_with_its_schema_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "form.yaml"
    done = run("init", "300766", "--route", "auction", "--board", "chinext", "--as-of", "2025-12-31", "--out", str(out))
    assert (done.status, done.out) == (0, "")
    assert out.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=filing.schema.json\n")
    schema = json.loads((tmp_path / "filing.schema.json").read_text(encoding="utf-8"))
    empty = source.plain(source.load(out))
    assert [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(empty)] == []
    assert run("facts", "lint", str(out)).status == 0


@pytest.mark.parametrize(
    ("arguments", "says_"),
    [
        (("12", "--route", "auction", "--board", "chinext"), "CODE: the stock code '12' is not six digits"),
        (("300766", "--route", "auktion", "--board", "moon"), "--board: 'moon' is none of:"),
        (("300766", "--route", "auktion", "--board", "chinext"), "--route: 'auktion' is none of:"),
        (
            ("300766", "--route", "auction", "--board", "chinext", "--format", "xlsx"),
            "--out: a workbook needs a file to go to: add --out NAME.xlsx",
        ),
        (
            ("300766", "--route", "auction", "--board", "chinext", "--format", "xlsx", "--out", "form.yaml"),
            "--out: a workbook needs a file to go to: add --out NAME.xlsx",
        ),
    ],
)
def test_what_init_cannot_use_is_told_where_it_was_given(arguments: tuple[str, ...], says_: str, tmp_path: Path) -> None:
    done = run("init", *arguments, "--lang", "en", cwd=tmp_path)
    assert (done.status, done.out, list(tmp_path.iterdir())) == (2, "", [])
    assert says_ in done.err


@pytest.mark.parametrize("page", ["intake.md", "zh/intake.md"])
def test_the_page_about_the_form_runs_as_written(
    page: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    shutil.copytree(root / "cases", tmp_path / "cases")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMPLIANCE_LANG", "zh")  # what a page exports ends with its test
    for step, printed in follow((root / "docs" / page).read_text(encoding="utf-8"), tmp_path, capfdbinary):
        assert matches(step.text, printed), f"docs/{page}:{step.line}: {step.command} printed\n{printed}"


def test_all_that_init_lacks_is_told_at_once() -> None:
    zh, en = told("init", "--format", "xlsx")
    assert [line.split(":")[0] for line in zh.splitlines()] == ["--board", "--out", "--route", "CODE"]
    assert "--route: '--route' is missing; add it" in en.splitlines()
    _, both = told("init", "300766", "--route", "foo")
    assert [line.split(":")[0] for line in both.splitlines()] == ["--board", "--route"]
