"""The findings in Word and Excel: whole, well formed, filled in only where a reviewer may, and nothing in them but text."""

from __future__ import annotations

import copy
import io
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import hostile
from checked import beside, case, record
from command import filing, run
from compliance.cli.inputs import load_case
from compliance.packs.book import PARTIES
from compliance.reports import articles, filed, model, view, whole, wordml, xlsx
from compliance.reports import docx as word
from compliance.reports.words import say
from compliance.reports.written import day as day_written
from compliance.source import SourceError

docx = pytest.importorskip("docx", reason="the extra office is not installed")
openpyxl = pytest.importorskip("openpyxl", reason="the extra office is not installed")
pytest.importorskip("xlsxwriter", reason="the extra office is not installed")

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HEADS = ["序号", "核查事项", "规则依据", "发行人情况（取值及出处）", "计算过程", "核查结论", "底稿索引", "复核意见", "差异及原因"]
SECTIONS = ("verdict", "headroom", "routes", "timeline", "todo", "findings", "changes", "silent", "differences", "provenance")


def dossier(code: str, lang: str = "zh", **beside: Any) -> view.Dossier:
    return view.Dossier(record(code), case(code).pack, lang, **beside)


@cache
def written(code: str, lang: str = "zh", party: str = "sponsor") -> bytes:
    return word.render(dossier(code, lang), party)


@cache
def opened(code: str, lang: str = "zh", party: str = "sponsor") -> Any:
    return docx.Document(io.BytesIO(written(code, lang, party)))


@cache
def book(code: str, lang: str = "zh") -> Any:
    return openpyxl.load_workbook(io.BytesIO(xlsx.render(dossier(code, lang))))


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> view.Dossier:
    found = load_case(hostile.write(tmp_path_factory.mktemp("hostile"), hostile.hostile()), "2025-12-31")
    return view.Dossier(found.record(), found.pack)


@pytest.fixture(scope="module")
def fewer(tmp_path_factory: pytest.TempPathFactory) -> view.Dossier:
    """As hostile, and short enough to be laid out page by page."""
    found = load_case(hostile.write(tmp_path_factory.mktemp("fewer"), hostile.hostile(hostile.FEW)), "2025-12-31")
    return view.Dossier(found.record(), found.pack)


def difference() -> dict[str, Any]:
    """An earlier record in which the size of the issue was another."""
    fact = {"kind": "fact", "facts": [{"path": "offering.new_shares", "old": "1股", "new": "2股"}]}
    one = {"rule": "issue-size", "title": {"zh": "题", "en": "title"}, "part": "verdict", "old": "fail", "new": "pass", "cause": fact}
    return {"schema": "compliance.difference/1", "differences": [one]}


def cells(row: Any) -> list[str]:
    """The texts of a row, read from its markup."""
    return ["\n".join(text_of(line) for line in cell.iter(f"{W}p")) for cell in row.iter(f"{W}tc")]


def text_of(line: Any) -> str:
    return "".join(text.text or "" for text in line.iter(f"{W}t"))


def table(made: Any, first: str, heads: int) -> list[list[str]]:
    """The rows below the head of the table whose head starts with a word and has so many columns."""
    return next(rows for rows in tables(made) if rows[0][0] == first and len(rows[0]) == heads)


def tables(made: Any) -> Iterator[list[list[str]]]:
    for one in made.element.body.iter(f"{W}tbl"):
        yield [cells(row) for row in one.iter(f"{W}tr")]


# Word


def test_every_finding_stands_once_in_the_table() -> None:
    rows = table(opened("300766"), "序号", 9)
    assert rows[0] == HEADS
    found = {row[1].partition("\n")[0]: row for row in rows[1:] if len(row) == 9}
    shown = dossier("300766").view()
    assert sorted(found) == sorted(one.title for one in shown.findings())
    assert all((say("where", "zh", items=one.force_word) in found[one.title][1]) == (one.force != "condition") for one in shown.findings())
    chapters = {one.code: one.label for one in shown.chapters}
    assert sorted(row[0] for row in rows[1:] if len(row) == 1) == sorted({chapters[one.chapter] for one in shown.findings()})
    quiet = table(opened("300766"), "序号", 4)
    assert sorted(row[1] for row in quiet[1:]) == sorted(one.title for one in shown.not_applicable)
    numbers = [int(row[0]) for row in (*rows[1:], *quiet[1:]) if len(row) > 1]
    assert numbers == list(range(1, len(record("300766")["findings"]) + 1))


def test_conclusions_are_the_sentences_of_the_view() -> None:
    shown = dossier("300766").view()
    rows = {row[1].partition("\n")[0]: row for row in table(opened("300766"), "序号", 9) if len(row) == 9}
    for one in shown.findings():
        told = rows[one.title][5]
        assert filed.dated(one.message.removeprefix(f"{one.word}，"), "zh") in told and f"【{one.word}】" in told
        assert filed.dated(one.rests, "zh") in told
    (cap,) = [row for row in rows.values() if "465.415万元" in row[5]]
    assert "本项符合《证券期货法律适用意见第18号》五" in cap[5] and "经核查，" in cap[5]
    assert cap[4].endswith("：成立") and "reply 第233页" in cap[3]


def test_days_are_written_as_filings_write_them() -> None:
    assert filed.dated("截至2026-06-30，", "zh") == "截至2026年6月30日，"
    assert filed.dated("2024-12-01..2024-12-31", "zh") == "2024年12月1日至2024年12月31日"
    assert filed.dated("2024-10-18至2024-11-30届满", "zh") == "2024年10月18日至2024年11月30日届满"
    assert filed.dated("x[2024-01-01] 2024-001 a-2024-01-01", "zh") == "x[2024-01-01] 2024-001 a-2024-01-01"
    assert filed.dated("2026-06-30", "en") == "2026-06-30"
    told = model.FactRow("p", "l", "..2020", "", "", "date")
    days = [day_written(text, "zh") for text in ("..2020", "2020..2025-12", "2024-12", "2026-06-30..", "present")]
    shown = [filed.stated(told._replace(value=text), "zh") for text in days]
    assert shown == ["不晚于2020年", "2020年至2025年12月", "2024年12月", "不早于2026年6月30日", "至今"]
    assert [day_written(text, "en") for text in ("..2020", "2024-12..", "至今")] == ["until 2020", "from 2024-12", "to this day"]
    assert filed.stated(told._replace(type="text", value="2024-12"), "zh") == "2024-12"
    text = "\n".join(paragraph.text for paragraph in opened("300766").paragraphs)
    assert "2025年12月31日" in text and "2025-12-31" not in text


def test_articles_come_in_their_order() -> None:
    assert [articles.numeral(text) for text in ("三", "十", "十一", "二十", "一百零二", "一百一十", "14")] == [3, 10, 11, 20, 102, 110, 14]
    rows = table(opened("300766"), "条款", 3)
    named = [row[0] for row in rows[1:] if row[0].startswith("《注册管理办法》")]
    assert named == sorted(named, key=articles.numerals) and len(named) == len(set(named))
    shown = dossier("300766").view()
    told = "\n".join(row[2] for row in rows)
    for one in shown.findings():
        assert told.count(filed.dated(filed.sentence(one, "zh"), "zh")) >= 1


def test_heads_repeat_and_rows_do_not_split() -> None:
    for one in opened("300766").element.body.iter(f"{W}tbl"):
        rows = list(one.iter(f"{W}tr"))
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
        repeated = [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows]
        assert not any(repeated[1:])
        if cells(rows[0])[0] in ("序号", "条款", "距离"):
            assert repeated[0]
        widths = [int(column.get(f"{W}w")) for column in one.iter(f"{W}gridCol")]
        assert sum(widths) <= wordml.twip(wordml.WIDTH)
        for row in rows:
            own = [int(cell.find(f"{W}tcPr/{W}tcW").get(f"{W}w")) for cell in row.iter(f"{W}tc")]
            assert own == widths or len(own) == 1


def test_the_page_lies_and_fonts_are_chinese() -> None:
    made = opened("300766")
    (section,) = made.sections
    assert (section.orientation, round(section.page_width.mm), round(section.page_height.mm)) == (1, 297, 210)
    for name, face in (("Normal", "宋体"), ("Heading 1", "黑体"), ("Heading 2", "黑体"), ("Table Text", "宋体"), ("Table Head", "黑体")):
        fonts = made.styles[name].element.rPr.rFonts
        assert fonts.get(f"{W}eastAsia") == face and fonts.get(f"{W}ascii") == "Times New Roman"
        assert not [key for key in fonts.attrib if "heme" in key]
    heads = [paragraph.text for paragraph in made.paragraphs if paragraph.style.name == "Heading 1"]
    assert heads[:10] == [say(f"h-{name}", "zh") for name in SECTIONS]
    assert heads[10] == "十一、签字"
    used = {part.get(f"{W}val") for part in made.element.body.iter(f"{W}pStyle", f"{W}rStyle", f"{W}tblStyle")}
    assert used <= {style.style_id for style in made.styles}


def test_what_a_cell_leaves_out_stands_in_the_appendix() -> None:
    rows = {row[1].partition("\n")[0]: row for row in table(opened("300766"), "序号", 9) if len(row) == 9}
    text = "\n".join(paragraph.text for paragraph in opened("300766").paragraphs)
    (note,) = [paragraph.text for paragraph in opened("300766").paragraphs if paragraph.text.startswith("下列事实为多项核查共同的依据")]
    shown = dossier("300766").view()
    shared = filed.common(shown.findings())
    assert shared == {"issuer.board", "offering.route"} and "创业板" in note
    signed = 0
    for one in shown.findings():
        own = (group._replace(rows=tuple(row for row in group.rows if row.path not in shared)) for group in one.facts)
        for column, lines in ((3, filed.fact_lines(own, "zh")), (4, [filed.dated(line, "zh") for line in one.working])):
            for told in lines:
                if told not in rows[one.title][column]:
                    assert told in text and "见附录" in rows[one.title][column]
                    signed += 1
        for question in one.questions:
            assert all(filed.dated(line, "zh") in rows[one.title][3] + text for line in (question.text, *question.answers))
    assert signed


def test_items_of_which_the_same_is_told_stand_in_one_line() -> None:
    def group(key: str, value: str, place: str) -> model.FactGroup:
        return model.FactGroup(f"people[{key}]", f"董事［{key}］", (model.FactRow(f"people[{key}].x", "在任", value, place, "", "flag"),))

    groups = [group("甲", "是", "第1页"), group("乙", "否", "第1页"), group("丙", "是", "第1页"), group("丁", "是", "第2页")]
    assert list(filed.fact_lines(groups, "zh")) == [
        "董事［甲、丙］：在任 是（第1页）",
        "董事［乙］：在任 否（第1页）",
        "董事［丁］：在任 是（第2页）",
    ]
    bare = model.FactGroup("issuer", "发行人", (model.FactRow("issuer.x", "名称", "［甲］", "", "", "text"),))
    assert list(filed.fact_lines([bare], "zh")) == ["发行人：名称 ［甲］"]
    steps = [model.Step(f"uses[{key}].spent", f"用途［{key}］已投入", "filing", "", "", 1, (), (), ("r",)) for key in "ab"]
    assert [(filed.keyed(step.label, keys, "zh"), step.bears) for step, keys in filed.agenda(steps)] == [("用途［a、b］已投入", ("r",))]


def test_an_answer_parted_from_its_question_has_it_once_more() -> None:
    asked = model.QuestionRow("算吗？", tuple(f"{key}：算" for key in "甲乙丙丁"), "")
    lines = list(filed.judgement(asked, "zh"))
    assert lines == [("判断：算吗？", ""), *((f"　{key}：算", "判断：算吗？") for key in "甲乙丙丁")]
    assert (
        list(filed.remaining(lines, 3)) == ["判断：算吗？", "　丙：算", "　丁：算"]
        and next(iter(filed.remaining(lines, 0))) == "判断：算吗？"
    )
    assert list(filed.judgement(asked._replace(answers=("算",)), "zh")) == [("判断：算吗？——算", "")]
    assert filed.fitted(["长" * 700, "短"]) == ([], 2) and filed.fitted(["长" * 500, "短"]) == (["长" * 500], 1)


def test_each_party_has_a_copy_of_its_own() -> None:
    signs = {}
    for party in PARTIES:
        made = opened("300766", party=party)
        assert len(table(made, "序号", 9)) == len(table(opened("300766"), "序号", 9))
        signs[party] = [row[0] for row in table(made, "签字人", 3)[1:]]
        due = table(made, "核查事项", 3)[1:]
        assert due and all(say(f"party-{party}", "zh") in row[0] for row in due)
        numbers = {number for row in due for number in row[1].split(", ")}
        assert {row[0] for row in table(made, "序号", 9) if len(row) == 9 and row[7] == "须发表意见"} == numbers
    assert signs["sponsor"] == ["保荐代表人", "保荐代表人", "质控负责人", "内核负责人", "保荐业务负责人", "经办律师", "签字注册会计师"]
    assert signs["lawyer"][0] == "经办律师" and signs["accountant"][0] == "签字注册会计师"


def test_what_changed_is_a_comment() -> None:
    made = docx.Document(io.BytesIO(word.render(dossier("300766", difference=difference()))))
    (comment,) = made.comments
    assert comment.text.startswith("与上一次记录相比：结论：不符合→符合") and comment.timestamp.isoformat().startswith(
        "2025-12-31T00:00:00"
    )
    (start,) = made.element.body.iter(f"{W}commentRangeStart")
    row = next(parent for parent in start.iterancestors() if parent.tag == f"{W}tr")
    title = next(one.title for one in dossier("300766").view().findings() if one.rule == "issue-size")
    assert cells(row)[1] == title and "与上一次记录相比" in cells(row)[8]
    assert not list(opened("300766").comments)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_routes_and_days_stand_where_they_are_brought(lang: str) -> None:
    whole = dossier("300766", lang, **beside("300766"))
    shown, made = whole.view(), docx.Document(io.BytesIO(word.render(whole)))
    assert shown.routes is not None and shown.timeline is not None
    heads = ["", *(one.label for one in shown.routes.columns)]
    (routes,) = [rows for rows in tables(made) if rows[0] == heads]
    assert [row[0] for row in routes[2:]] == [row.label for row in shown.routes.rows]
    assert all(one.word in cell for one, cell in zip(shown.routes.columns, routes[1][1:], strict=True))
    told = "\n".join(cell for rows in tables(made) for row in rows for cell in row)
    assert shown.timeline.windows and shown.timeline.courses
    for lane in (*shown.timeline.windows, *shown.timeline.courses):
        assert lane.label in told and filed.dated(lane.sentence, lang) in told
    text = [paragraph.text for paragraph in made.paragraphs]
    assert dict(dossier("300766", lang).view().absent)["routes"] not in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_same_record_gives_the_same_bytes(lang: str) -> None:
    assert word.render(dossier("688327", lang)) == written("688327", lang)
    assert xlsx.render(dossier("688327", lang)) == xlsx.render(dossier("688327", lang))
    with zipfile.ZipFile(io.BytesIO(written("688327", lang))) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2024-04-07T00:00:00Z" in parts.read("docProps/core.xml")


def test_the_english_copy_has_no_chinese_of_its_own() -> None:
    made = opened("300766", "en")
    rows = table(made, "No.", 9)
    assert rows[0][5] == "Finding" and any("On review: " in row[5] for row in rows if len(row) == 9)
    assert [paragraph.text for paragraph in made.paragraphs if paragraph.style.name == "Heading 1"][10] == "11. Signatures"


# Excel


def test_a_row_for_each_finding_with_its_fingerprint() -> None:
    sheet = book("300766")["逐条复核"]
    heads = [cell.value for cell in sheet[xlsx.HEAD + 1]]
    assert heads[: len(xlsx.COLUMNS)] == [say(name, "zh") for name, _, _ in xlsx.COLUMNS]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=xlsx.HEAD + 2)]
    found = {one["rule"]: one for one in record("300766")["findings"]}
    assert {row[0]: row[xlsx.FINGERPRINT] for row in rows} == {rule: one["fingerprint"] for rule, one in found.items()}
    assert sheet.column_dimensions[sheet.cell(1, xlsx.FINGERPRINT + 1).column_letter].hidden
    by_rule = {row[0]: dict(zip(heads, row, strict=True)) for row in rows}
    cap = by_rule["working-capital-share"]
    assert (cap["核查结论"], cap["余量"], cap["测算值"]) == ("符合", "465.415万元", "22,954.94万元")
    assert all(by_rule[rule]["核查结论"] == say(one["verdict"], "zh") for rule, one in found.items())


def test_rows_are_high_enough_to_be_printed_whole() -> None:
    sheet = book("300766")["逐条复核"]
    for at in range(xlsx.HEAD + 2, sheet.max_row + 1):
        told = sheet.cell(at, 6).value
        # a Chinese character takes two of the 46 of the column
        assert sheet.row_dimensions[at].height >= min(409, 13 * (2 * sum(char >= "一" for char in told) // 46))
        assert sheet.row_dimensions[at].height <= 409
    assert sheet.print_area.endswith(f"$J${sheet.max_row}")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_only_the_reviewers_cells_can_be_changed(lang: str) -> None:
    made = book("300766", lang)
    assert len(made.worksheets) == 5
    for sheet in made.worksheets:
        assert sheet.protection.sheet and sheet.freeze_panes and sheet.auto_filter.ref
        unlocked = {cell.column for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
        open_columns = {at for at, (_, _, answer) in enumerate(xlsx.COLUMNS, 1) if answer} if sheet is made.worksheets[0] else set()
        assert unlocked == open_columns
        for row in sheet.iter_rows():
            assert all(cell.data_type in ("s", "n") and (cell.data_type == "s" or cell.value is None) for cell in row)
    sheet = made.worksheets[0]
    for row in sheet.iter_rows(min_row=xlsx.HEAD + 2):
        assert all((not row[at].protection.locked) == answer for at, (_, _, answer) in enumerate(xlsx.COLUMNS))
    choices, day = sheet.data_validations.dataValidation
    assert choices.type == "list" and choices.formula1 == '"' + ",".join(say(code, lang) for code in xlsx.STATES) + '"'
    assert day.type == "date"
    last = xlsx.HEAD + 1 + len(record("300766")["findings"])
    assert str(choices.sqref) == f"G{xlsx.HEAD + 2}:G{last}" and str(day.sqref) == f"J{xlsx.HEAD + 2}:J{last}"


def test_the_other_sheets_hold_all_there_is() -> None:
    made, shown = book("300766"), dossier("300766").view()
    assert made["待办"].max_row == xlsx.HEAD + 1 + len(shown.agenda)
    paths = {row.path for one in (*shown.findings(), *shown.not_applicable) for group in one.facts for row in group.rows}
    assert {row[0].value for row in made["事实及出处"].iter_rows(min_row=xlsx.HEAD + 2)} == paths
    assert [row[0].value for row in made["认定前提"].iter_rows(min_row=xlsx.HEAD + 2)] == list(shown.assumptions)
    kept = {row[0].value: row[1].value for row in made["可复现"].iter_rows(min_row=xlsx.HEAD + 2)}
    assert kept["申报事实哈希"] == record("300766")["facts_sha256"]


# Bad input


def test_nothing_breaks_out_of_the_document(evil: view.Dossier) -> None:
    made = docx.Document(io.BytesIO(word.render(evil)))
    text = "".join(part.text or "" for part in made.element.body.iter(f"{W}t"))
    assert "</script><script>window.evil=1</script>" in text and hostile.LONG in text and "\\u202e" in text and "\U0001f600" in text
    assert "\u202e" not in text
    allowed = {"p", "r", "t", "tbl", "tr", "tc", "body", "sectPr"}
    assert allowed <= {part.tag.removeprefix(W) for part in made.element.body.iter() if isinstance(part.tag, str)}
    assert all(part.tag.startswith(W) for part in made.element.body.iter())
    assert not [rel for rel in made.part.rels.values() if rel.is_external]
    head = made.sections[0].header.paragraphs[0].text  # the name stands whole on the cover, and shortened with a sign on each page
    assert len(head) < 100 and "…" in head and made.paragraphs[0].text == evil.view().cover[0][1]


def test_nothing_becomes_a_formula_in_the_workbook(evil: view.Dossier) -> None:
    made = openpyxl.load_workbook(io.BytesIO(xlsx.render(evil)))
    shown = "".join(str(cell.value or "") for sheet in made.worksheets for row in sheet.iter_rows() for cell in row)
    assert hostile.FORMULA in shown and hostile.EVIL[:40] in shown
    for sheet in made.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type == "s" or cell.value is None
                assert len(str(cell.value or "")) <= 32_767
                assert cell.hyperlink is None
    with zipfile.ZipFile(io.BytesIO(xlsx.render(evil))) as parts:
        assert not [name for name in parts.namelist() if b"<f>" in parts.read(name) and "worksheets" in name]


def test_an_empty_filing_has_its_reports(tmp_path: Path) -> None:
    found = load_case(
        hostile.write(tmp_path, {"schema": "compliance.filing/1", "pack": "cn-refinancing", "issuer": {"code": "300766"}}), "2025-12-31"
    )
    bare = view.Dossier(found.record(), found.pack)
    assert len(table(docx.Document(io.BytesIO(word.render(bare))), "序号", 9)) > 1
    assert openpyxl.load_workbook(io.BytesIO(xlsx.render(bare))).worksheets
    none = copy.deepcopy(record("300766"))
    none.update(findings=[], conclusions=[], assumptions=[], ties=[])
    empty = view.Dossier(none, case("300766").pack)
    assert docx.Document(io.BytesIO(word.render(empty))).core_properties.keywords == whole.record_id(none)
    assert openpyxl.load_workbook(io.BytesIO(xlsx.render(empty))).worksheets[0].max_row == xlsx.HEAD + 1


# The command line


def test_the_command_line_writes_them(tmp_path: Path) -> None:
    for form in ("docx", "xlsx"):
        out = tmp_path / f"x.{form}"
        done = run("check", filing("300766"), "--as-of", "2025-12-31", "--format", form, "--out", str(out))
        assert (done.status, done.out) == (3, "") and out.read_bytes() == (
            written("300766") if form == "docx" else xlsx.render(dossier("300766"))
        )
    done = run("check", filing("300766"), "--as-of", "2025-12-31", "--format", "docx")
    assert done.status == 2 and "--out" in done.err
    done = run("check", filing("300766"), "--as-of", "2025-12-31", "--format", "html", "--party", "lawyer")
    assert done.status == 2 and "--format docx" in done.err
    out = tmp_path / "lawyer.docx"
    run("check", filing("300766"), "--as-of", "2025-12-31", "--format", "docx", "--party", "lawyer", "--out", str(out))
    assert out.read_bytes() == written("300766", party="lawyer")


@pytest.mark.parametrize("name", ["docx", "xlsxwriter"])
def test_a_library_that_is_absent_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SourceError) as told:
        (word if name == "docx" else xlsx).render(dossier("688327"))
    assert "office" in told.value.problems[0].text("zh")


# As it is seen


def printed(folder: Path, name: str, written: bytes) -> list[str]:
    """The pages that LibreOffice lays a file out on, A4 lying, as text without its blanks."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    pdfium = pytest.importorskip("pypdfium2", reason="the extra pdf is not installed")
    (folder / name).write_bytes(written)
    home = f"-env:UserInstallation={(folder / 'home').as_uri()}"
    # The limit only ends what would never end: it is many times what a loaded machine needs.
    command = [office, home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(folder / name)]
    subprocess.run(command, check=True, capture_output=True, timeout=900)
    made = pdfium.PdfDocument((folder / name).with_suffix(".pdf"))
    try:
        sizes = {tuple(round(side * 25.4 / 72) for side in made.get_page_size(at)) for at in range(len(made))}
        assert sizes == {(297, 210)}
        return ["".join(made[at].get_textpage().get_text_range().split()) for at in range(len(made))]
    finally:
        made.close()


@pytest.mark.slow
def test_the_document_prints(tmp_path: Path) -> None:
    pages = printed(tmp_path, "x.docx", written("300766"))
    shown = dossier("300766").view()
    assert "发行条件核查表" in pages[0] and "不构成法律意见" in pages[0] and shown.record_id in pages[0]
    assert "".join(filed.dated(shown.sentence, "zh").split()) in pages[1]
    (signing,) = [page for page in pages if "保荐业务负责人" in page]
    assert "内核负责人" in signing
    # the head of the table stands on each of its pages
    assert sum("发行人情况（取值及出处）" in page for page in pages) > 10
    whole = "".join(pages)
    assert all("".join(one.title.split()) in whole for one in shown.not_applicable)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "form"), [("x.docx", word.render), ("x.xlsx", xlsx.render)])
def test_hostile_files_print_whole(name: str, form: Callable[[view.Dossier], bytes], fewer: view.Dossier, tmp_path: Path) -> None:
    pages = printed(tmp_path, name, form(fewer))
    text = "".join(pages).replace("\U0001f600", "")  # of another font, so it may stand elsewhere in its line
    assert 20 < len(pages) < 400 and max(map(len, pages)) < 10_000  # a page holds what can be read on it
    key = "".join(hostile.KEY.encode("unicode_escape").decode().replace("\\U0001f600", "").split())
    assert hostile.FORMULA in text and "\u202e" not in text and all(f"={key}{number}" in text for number in range(hostile.FEW))
    if name == "x.docx":
        assert text.count("题") >= 2 * hostile.LONG.count("题")  # whole on the cover, as a heading and in the table
    else:
        assert "…：逐条复核" in text


def test_what_may_be_higher_than_a_page_splits(evil: view.Dossier) -> None:
    made = docx.Document(io.BytesIO(word.render(evil)))
    split = {max(cells(row), key=len) for row in made.element.body.iter(f"{W}tr") if row.find(f"{W}trPr/{W}cantSplit") is None}
    assert evil.view().cover[0][1] in split
    for row in made.element.body.iter(f"{W}tr"):
        assert max(map(len, cells(row))) < 1_000 or max(cells(row), key=len) in split
    high = [wordml.height([text], width, "Table Text") for text, width in (("题" * 500, 29), ("题" * 500, 58), ("x" * 500, 58))]
    assert high[0] > wordml.ROOM > high[1] > high[2] > high[1] // 3
