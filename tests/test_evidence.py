"""Figures found where documents print them: pages, glued digits, units, spelt days, and the figures that do not stand there."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import pytest

from command import ROOT, run, told
from compliance.cli.inputs import load_filing, load_pack
from compliance.evidence.documents import read
from compliance.evidence.index import Index
from compliance.evidence.locate import locate
from compliance.evidence.printed import days, plain, runs
from compliance.evidence.verify import verify
from compliance.reports.evidence import proposals_yaml
from compliance.source import SourceError

DOCUMENTS = ROOT / "tests" / "documents"
FILING = """schema: compliance.filing/1
pack: cn-refinancing
documents: {{reply: {{title: 回复}}}}
issuer: {{code: "000001", name: 示例股份有限公司, board: main_sz}}
offering:
  route: auction
  board_date: 2025-03-10
  gross_proceeds: 10000.00万元
  new_shares: 1200万股
uses:
  complete: true
  at: {{document: reply, page: 33, line: 12}}
  items:
    - {{id: equipment, name: 设备, kind: equipment, proceeds: {equipment}, at: {{document: reply, page: 33, line: 8}}}}
    - {{id: staff, name: 人力, kind: rd_staff, proceeds: 2800.00万元, at: {{document: reply, page: 33, line: 9}}}}
    - {{id: data, name: 数据采购费, kind: data_purchase, proceeds: 500.00万元, at: {{document: reply, page: 33, line: 10}}}}
    - {{id: wc, name: 补充流动资金, kind: working_capital, proceeds: 1500.00万元, at: {{document: reply, page: 33, line: 11}}}}
evidence:
  - {{facts: [offering.board_date], at: {{document: reply, line: {day}}}}}
  - {{facts: [offering.gross_proceeds], at: {{document: reply, line: {line}}}}}
  - {{facts: [offering.new_shares], at: {{document: reply, line: 14}}}}
"""


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(read("reply", DOCUMENTS / "reply.txt"))


def filing(folder: Path, equipment: str = "5200.00万元", line: int = 3, day: int = 3) -> Path:
    path = folder / "filing.yaml"
    path.write_text(FILING.format(equipment=equipment, line=line, day=day), encoding="utf-8")
    return path


def statuses(path: Path, index: Index) -> dict[str, str]:
    return {found.fact.path: found.status for found in verify(load_filing(path, load_pack(None)), {"reply": index})}


def figures(index: Index, line: int) -> set[tuple[int, int, str]]:
    """Digits, decimals and how sure, of the figures in a line (from 1)."""
    return {
        (seen.number.digits, seen.number.decimals, seen.number.sure)
        for listed in index.figures.values()
        for seen in listed
        if seen.line == line - 1
    }


def test_pages_count_on_at_the_beginnings_of_lines(index: Index) -> None:
    lines = {line.number: line.page for line in index.document.lines}
    # The number of a page stands where it ends: what follows it in its line belongs to the next.
    assert [lines[number] for number in (1, 2, 6, 7, 12, 13, 14, 17)] == [31, 32, 32, 33, 33, 34, 34, 35]


def test_the_rows_of_a_table_are_no_pages(tmp_path: Path) -> None:
    rows = "".join(f"{number} 第{number}项 {number}00.00\n" for number in range(1, 9))
    (tmp_path / "reply.txt").write_text("单位：万元\n" + rows, encoding="utf-8")
    assert {line.page for line in read("reply", tmp_path / "reply.txt").lines} == {0}


def test_row_numbers_are_split_off_where_the_column_adds_up(index: Index) -> None:
    assert (520000, 2, "proved") in figures(index, 8)
    assert not any(digits == 1520000 for digits, _, _ in figures(index, 8))
    assert (280000, 2, "proved") in figures(index, 9)
    assert (50000, 2, "proved") in figures(index, 10)
    assert (1000000, 2, "proved") in figures(index, 12)


def test_nothing_is_split_where_nothing_proves_it(index: Index) -> None:
    assert {sure for _, _, sure in figures(index, 15)} == {"possible"}


def test_without_its_total_a_row_is_read_as_printed(tmp_path: Path) -> None:
    text = (DOCUMENTS / "reply.txt").read_text(encoding="utf-8").replace("合计10000.0010000.00\n", "合计9999.009999.00\n")
    (tmp_path / "reply.txt").write_text(text, encoding="utf-8")
    found = figures(Index(read("reply", tmp_path / "reply.txt")), 8)
    assert not any(sure == "proved" for _, _, sure in found)
    assert (1520000, 2, "possible") in found and (520000, 2, "possible") in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("二〇二四年十二月三十一日", ("2024-12-31", "2024-12-31")),
        ("二零二五年三月", ("2025-03-01", "2025-03-31")),
        ("２０２４年１２月２５日", ("2024-12-25", "2024-12-25")),
        ("2024年末", ("2024-12-31", "2024-12-31")),
        ("截至2025年9月末", ("2025-09-30", "2025-09-30")),
        ("任期2016.06.22", ("2016-06-22", "2016-06-22")),
        ("2021-11", ("2021-11-01", "2021-11-30")),
        ("审核函〔2025〕1号", ("2025-01-01", "2025-12-31")),
    ],
)
def test_days_in_every_printed_form(text: str, expected: tuple[str, str]) -> None:
    from compliance.dates import iso

    assert expected in {(iso(day.low), iso(day.high)) for day in days(plain(text))}


def test_an_impossible_day_is_none() -> None:
    assert not [day for day in days("2023年2月30日") if day.low == day.high]


@pytest.mark.parametrize(
    ("text", "digits", "decimals", "multiple", "unit"),
    [
        ("１，２３４．５６万元", 123456, 2, "万", "元"),
        ("约 3.5 亿元", 35, 1, "亿", "元"),
        ("9.95元/股", 995, 2, "", "元/股"),
        ("占比29.40%", 2940, 2, "", "%"),
        ("1,200万股", 1200, 0, "万", "股"),
    ],
)
def test_figures_with_their_units(text: str, digits: int, decimals: int, multiple: str, unit: str) -> None:
    found = [number for ways in runs(plain(text)) for number in ways[0]]
    assert [(one.digits, one.decimals, one.multiple, one.unit) for one in found] == [(digits, decimals, multiple, unit)]


def test_every_cited_figure_stands(tmp_path: Path, index: Index) -> None:
    assert set(statuses(filing(tmp_path), index).values()) == {"stands"}


@pytest.mark.parametrize(
    ("changes", "path", "status"),
    [
        ({"equipment": "5200.01万元"}, "uses[equipment].proceeds", "absent"),
        ({"equipment": "5200.00元"}, "uses[equipment].proceeds", "unit"),
        ({"equipment": "15200.00万元"}, "uses[equipment].proceeds", "absent"),  # the row's number is no part of it: the sum proves it
        ({"line": 4}, "offering.gross_proceeds", "elsewhere"),
        ({"line": 99}, "offering.gross_proceeds", "beyond"),
        ({"day": 4}, "offering.board_date", "elsewhere"),
    ],
)
def test_a_figure_that_does_not_stand_is_found(changes: dict[str, object], path: str, status: str, tmp_path: Path, index: Index) -> None:
    found = statuses(filing(tmp_path, **changes), index)  # type: ignore[arg-type]
    if status == "absent" and found[path] == "unit":
        found[path] = "absent"  # its digits happen to be part of a run
    assert found.pop(path) == status
    assert set(found.values()) == {"stands"}


def test_the_true_line_is_among_the_proposals(tmp_path: Path, index: Index) -> None:
    loaded = load_filing(filing(tmp_path), load_pack(None))
    missed = []
    for found in locate(loaded, {"reply": index}):
        cited = found.fact.evidence
        lines = {str(proposal.line) for proposal in found.proposals}
        if cited and cited.line and found.fact.field.type in ("money", "shares", "date") and cited.line not in lines:
            missed.append(found.fact.path)
    assert missed == []
    first = {found.fact.path: found.proposals[0].line for found in locate(loaded, {"reply": index}) if found.proposals}
    assert first["uses[data].proceeds"] == 10
    assert first["offering.new_shares"] == 14


def test_verbs_say_what_stands_and_end_with_one_where_it_does_not(tmp_path: Path) -> None:
    good = run("facts", "verify", str(filing(tmp_path)), "--documents", str(DOCUMENTS))
    assert (good.status, good.out, good.err) == (0, "核对数字和日期7项：7项与所注出处一致，0项不一致，0项须看原文。\n", "")
    bad = run("facts", "verify", str(filing(tmp_path, line=4)), "--documents", str(DOCUMENTS), "--lang", "en")
    assert bad.status == 1
    assert (
        "Not there, but elsewhere (1):\n  offering.gross_proceeds: 10000.00万元 (reply line 4); see p. 32 line 3, p. 33 line 12" in bad.out
    )
    plain_data = run("facts", "verify", str(filing(tmp_path, line=4)), "--documents", str(DOCUMENTS), "--format", "json")
    rows = {row["path"]: row for row in json.loads(plain_data.out)["facts"]}
    assert rows["offering.gross_proceeds"]["status"] == "elsewhere"
    assert rows["offering.gross_proceeds"]["elsewhere"][0] == {"page": 32, "line": 3}


def test_proposals_can_be_pasted_into_the_filing(tmp_path: Path) -> None:
    text = filing(tmp_path).read_text(encoding="utf-8")
    bare = tmp_path / "bare.yaml"
    bare.write_text(text[: text.index("evidence:")], encoding="utf-8")
    done = run("facts", "locate", str(bare), "--documents", str(DOCUMENTS))
    assert (done.status, done.err) == (0, "")
    assert '  - {facts: ["offering.gross_proceeds"], at: {document: "reply", page: 32, line: 3}}  # 数值一致' in done.out
    bare.write_text(bare.read_text(encoding="utf-8") + done.out, encoding="utf-8")
    assert run("facts", "lint", str(bare)).status == 0
    assert run("facts", "verify", str(bare), "--documents", str(DOCUMENTS)).status == 0


def test_what_is_not_printed_has_remarks_alone(tmp_path: Path) -> None:
    """Pasted as they are, proposals state no place that does not show the figure; the rest of its item is named beside."""
    (tmp_path / "reply.txt").write_text("本次发行募集资金总额10000.00万元。\n", encoding="utf-8")
    text = filing(tmp_path).read_text(encoding="utf-8")
    bare = tmp_path / "bare.yaml"
    bare.write_text(text[: text.index("uses:")], encoding="utf-8")
    shown = run("facts", "locate", str(bare), "--documents", str(tmp_path)).out.splitlines()
    assert [line for line in shown if "offering.gross_proceeds" in line and line.startswith("  - {")] != []
    about = [line for line in shown if "offering.new_shares" in line]
    assert about[0] == '  # "offering.new_shares": 文件中没有找到；同一条目的其他内容在下列各处'
    assert len(about) == 2 and about[1].startswith('  # - {facts: ["offering.new_shares"]')


def test_where_every_fact_has_its_place() -> None:
    shown = proposals_yaml([], "zh")
    assert shown == "# 每项事实都已注明出处；--all 连已有出处的也查找\n"


def pdf(path: Path, text: str = "", trailer: str = "") -> Path:
    """A PDF of one page, written by hand."""
    stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET" if text else ""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, offsets = "%PDF-1.4\n", []
    for number, part in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\n"
    path.write_bytes(f"{body}startxref\n{start}\n%%EOF\n".encode())
    return path


def test_a_pdf_has_pages_and_lines(tmp_path: Path) -> None:
    found = read("reply", pdf(tmp_path / "reply.pdf", "raised 10,000.00 in 2024-12-25"))
    assert [(line.page, line.number, line.text) for line in found.lines] == [(1, 1, "raised 10,000.00 in 2024-12-25")]


def test_a_word_file_has_paragraphs_and_rows(tmp_path: Path) -> None:
    import docx

    made = docx.Document()
    made.add_paragraph("募集资金总额10000.00万元")
    table = made.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "设备", "5200.00"
    made.save(str(tmp_path / "reply.docx"))
    found = read("reply", tmp_path / "reply.docx")
    assert [(line.number, line.text) for line in found.lines] == [(1, "募集资金总额10000.00万元"), (2, "设备\t5200.00")]


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 30_000_000)
    return path


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


ENCRYPTED = "/Encrypt << /Filter /Standard /V 1 /R 2 /O (" + "a" * 32 + ") /U (" + "b" * 32 + ") /P -4 >> /ID [(c) (c)]"


@pytest.mark.parametrize(
    ("name", "make", "zh"),
    [
        ("encrypted.pdf", lambda path: pdf(path, "x", ENCRYPTED), "文件已加密；请另存为不加密的副本"),
        ("scan.pdf", pdf, "文件中没有文字（可能是扫描件）；请先做文字识别"),
        ("broken.pdf", lambda path: written(path, b"%PDF-1.4 nothing"), "无法读取，文件损坏或格式不对；请重新导出"),
        ("bomb.docx", bomb, "解压后过大；请核对来源"),
        ("broken.docx", lambda path: written(path, b"PK nothing"), "无法读取，文件损坏或格式不对；请重新导出"),
        ("binary.txt", lambda path: written(path, b"\x00\x01\x02"), "无法读取，文件损坏或格式不对；请重新导出"),
        ("empty.txt", lambda path: written(path, b"\n \n"), "文件中没有文字（可能是扫描件）；请先做文字识别"),
    ],
)
def test_a_document_that_cannot_be_read_is_one_error(name: str, make, zh: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = make(tmp_path / name)
    with pytest.raises(SourceError) as error:
        read("reply", path)
    assert [problem.text("zh") for problem in error.value.problems] == [f"{path}: {zh}"]


MANY_PAGES = 5_001  # one more than are read


def long(path: Path) -> Path:
    """A PDF that shows its one page over and over."""
    text = pdf(path, "x").read_bytes()
    kids = b"[" + b"3 0 R " * MANY_PAGES + b"] /Count %d" % MANY_PAGES
    path.write_bytes(text.replace(b"[3 0 R] /Count 1", kids))
    return path


def test_a_document_of_too_many_pages(tmp_path: Path) -> None:
    path, folder = filing(tmp_path), tmp_path / "documents"
    folder.mkdir()
    file = long(folder / "reply.pdf")
    assert told("facts", "verify", str(path), "--documents", str(folder)) == (
        f"{file}: 超过 5000 页；请拆分\n",
        f"{file}: more than 5000 pages; split it\n",
    )


def test_a_folder_without_the_documents_is_an_error(tmp_path: Path) -> None:
    path, folder = filing(tmp_path), tmp_path / "documents"
    given = ("facts", "verify", str(path), "--documents", str(folder))
    assert told(*given) == (
        f"{folder}: 不是文件夹；请给出存放申报文件的文件夹\n",
        f"{folder}: this is not a folder; name the one that holds the documents\n",
    )
    folder.mkdir()
    assert told(*given) == (
        f"{folder}: 文件夹中没有名为 reply.txt 的文件（或以文件标题命名）；可读取 .txt .md .docx .pdf\n",
        f"{folder}: the folder holds no file named reply.txt (or named by its title); what can be read: .txt .md .docx .pdf\n",
    )
    for name in ("reply.txt", "回复.md"):
        (folder / name).write_text("x", encoding="utf-8")
    assert told(*given) == (
        f"{folder}: 文件“reply”对应不止一个文件：reply.txt、回复.md；请只留一个\n",
        f"{folder}: more than one file answers to 'reply': reply.txt, 回复.md; keep one\n",
    )


def test_a_filing_without_documents_is_told_so(tmp_path: Path) -> None:
    path = filing(tmp_path)
    path.write_text("schema: compliance.filing/1\npack: cn-refinancing\nissuer: {code: '300766'}\n", encoding="utf-8")
    assert told("facts", "locate", str(path), "--documents", str(tmp_path)) == (
        f"{tmp_path}: 申报文件没有登记任何文件；请在 documents 下写明编号和标题\n",
        f"{tmp_path}: the filing names no documents; add them under documents, each with an id and a title\n",
    )


@pytest.mark.parametrize(("name", "library", "extra"), [("reply.docx", "docx", "office"), ("reply.pdf", "pypdfium2", "pdf")])
def test_without_the_library_it_says_what_to_install(
    name: str, library: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    path, folder = filing(tmp_path), tmp_path / "documents"
    folder.mkdir()
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    assert told("facts", "verify", str(path), "--documents", str(folder)) == (
        f"{folder / name}: 缺少附加组件；请运行 pip install 'compliance[{extra}]'\n",
        f"{folder / name}: an extra is not installed; run pip install 'compliance[{extra}]'\n",
    )
