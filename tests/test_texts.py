"""The official wording that a user brings stands beside the restatement, decides nothing, and is held against the citations."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from bad_input import said
from checked import book, record
from command import CASES, filing, run
from compliance.packs import texts
from compliance.packs.book import Pack
from compliance.reports import filed, html, markdown
from compliance.reports.dossier import Dossier
from compliance.reports.view import viewed
from compliance.reports.words import say
from compliance.source import SourceError

GOOD = """
LAO18:
  version_from: 2023-02-17
  articles:
    二(一): |
      =甲<script>alert(1)</script>乙

      第二段
    五（一）: 从未引用的版本也可以提供
"""


def checked() -> tuple[dict[str, Any], Pack]:
    return record("300766"), book()


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_wording_stands_beside_the_restatement(tmp_path: Path) -> None:
    record, pack = checked()
    brought = texts.load(folder(tmp_path, a=GOOD), pack)
    assert brought["LAO18", "2023-02-17", "五(一)"] == "从未引用的版本也可以提供"
    found = viewed(Dossier(record, pack, texts=brought))
    for one in found.findings():
        cites = next(part for part in record["findings"] if part["rule"] == one.rule)["citations"]
        expected = [cite for cite in cites if texts_key(cite) in brought]
        assert len([line for line in one.official if "：" in line]) == len(expected)
    written = next(one.official for one in found.findings() if any("第二段" in line for line in one.official))
    assert written[:2] == ("证券期货法律适用意见第18号二(一)：=甲<script>alert(1)</script>乙", "第二段")
    count = len({texts_key(cite) for part in record["findings"] for cite in part.get("citations", ())})
    given = len({texts_key(cite) for part in record["findings"] for cite in part.get("citations", ())} & brought.keys())
    assert found.brought == f"条文原文由使用者提供，本次引用的{count}处条款附有{given}处；程序只附上，不据此核查"


def texts_key(cite: dict[str, Any]) -> tuple[str, str, str]:
    return cite["instrument"], cite.get("version_from", ""), cite["article"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reports_escape_it_and_say_how_much_was_brought(tmp_path: Path, lang: str) -> None:
    record, pack = checked()
    dossier = Dossier(record, pack, lang, texts=texts.load(folder(tmp_path, a=GOOD), pack))
    text, page = markdown.render(viewed(dossier)), html.render(dossier)
    assert "\\<script\\>" in text and "<script>alert" not in text + page
    assert viewed(dossier).brought in text and viewed(dossier).brought in page
    without = Dossier(record, pack, lang)
    assert viewed(without).brought == "" and not any(one.official for one in viewed(without).findings())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_comparison_of_the_word_file_has_a_column_for_it(tmp_path: Path, lang: str) -> None:
    """Once for each article; an article for which none was brought says so, and without any there is no column."""
    library = pytest.importorskip("docx", reason="the extra office is not installed")
    from compliance.reports import docx

    def comparison(dossier: Dossier) -> list[list[str]]:
        made = library.Document(io.BytesIO(docx.render(dossier)))
        found = next(one for one in made.tables if one.rows[0].cells[0].text == say("fl-article", lang))
        return [["\n".join(line.text for line in cell.paragraphs) for cell in row.cells] for row in found.rows]

    record, pack = checked()
    bare = comparison(Dossier(record, pack, lang))
    assert {len(row) for row in bare} == {3}
    head, *rows = comparison(Dossier(record, pack, lang, texts=texts.load(folder(tmp_path, a=GOOD), pack)))
    assert head[1] == say("fl-official", lang) and [row[:1] + row[2:] for row in rows] == bare[1:]
    wording = {row[0]: row[1] for row in rows}
    assert "=甲<script>alert(1)</script>乙\n第二段" in [row[1] for row in rows]
    assert len(set(wording.values())) == 3 and say("fl-official-none", lang) in wording.values()
    (tmp_path / "a.yaml").write_text(GOOD.replace("第二段", "段" * 15_000), encoding="utf-8")
    long = comparison(Dossier(record, pack, lang, texts=texts.load(tmp_path, pack)))
    assert any("段" * 15_000 in row[1] for row in long)


def test_versions_that_differ_stand_each_after_its_own() -> None:
    assert filed.worded({("甲", "乙"): "旧"}) == ("甲", "乙")
    assert filed.worded({("甲",): "旧", ("乙",): "新"}) == ("旧", "甲", "新", "乙")


BAD = """
LAO81: {version_from: 2023-02-17, articles: {五(一): 甲}}
LAO18: {version_from: 2023-02-18, articles: {五(一): 甲, 五(九): 乙, 第九十九条: 丙, 二(一): "", 五（一）: 丁}, note: 甲}
RM: {articles: []}
CIVIL: 甲
"""


def test_every_mistake_is_told_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = checked()[1]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t").mkdir()
    folder(tmp_path / "t", a=BAD, b=f"LAO18: {{version_from: 2023-02-17, articles: {{五(一): {'长' * (texts.MAX_TEXT + 1)}}}}}")
    with pytest.raises(SourceError) as caught:
        texts.load(Path("t"), pack)
    assert [problem.text("en").partition(";")[0] for problem in caught.value.problems if problem.code != "cite-instrument"] == [
        "t/a.yaml:3:23: '2023-02-18' is none of: 2023-02-17, 2025-03-27, 2026-04-17",
        "t/a.yaml:3:55: the citation '五(九)' is not found in LAO18",
        "t/a.yaml:3:64: the citation '第九十九条' is not found in LAO18",
        "t/a.yaml:3:74: '二(一)' is missing",
        "t/a.yaml:3:84: 'LAO18 五(一)' is filled in twice",
        "t/a.yaml:3:94: 'note' is none of: version_from, articles",
        "t/a.yaml:4:5: 'version_from' is missing",
        "t/a.yaml:4:16: the form is wrong (this should be pairs of key and value)",
        "t/a.yaml:5:8: the form is wrong (this should be pairs of key and value)",
        "t/b.yaml:1:52: a value is longer than 20000 characters",
    ]
    unknown = next(problem for problem in caught.value.problems if problem.code == "cite-instrument")
    assert unknown.text("zh").startswith("t/a.yaml:2:1: 引用“LAO81”找不到文件；可用：PACKAGE2026、")


def test_a_folder_that_is_none_or_empty_is_told(tmp_path: Path) -> None:
    pack = checked()[1]
    for name, says in (
        ("none", "不是文件夹；请给出存放条文原文的文件夹"),
        ("", f"文件夹中有 0 个 .yaml 文件，应为 1 至 {texts.MAX_FILES} 个；请核对"),
    ):
        with pytest.raises(SourceError) as caught:
            texts.load(tmp_path / name, pack)
        assert says in said(caught.value)


def test_check_takes_a_folder_of_texts(tmp_path: Path) -> None:
    where = folder(tmp_path, a=GOOD)
    done = run("check", filing("300766"), "--as-of", CASES["300766"], "--format", "md", "--texts", str(where))
    assert "第二段" in done.out and done.status in (0, 1, 3)
    done = run("check", filing("300766"), "--format", "csv", "--texts", str(where), "--lang", "en")
    assert (done.status, done.out) == (2, "") and "--texts goes with --format md, html and docx" in done.err
    (where / "a.yaml").write_text("LAO18: {version_from: 2023-02-17, articles: {九(一): 甲}}", encoding="utf-8")
    done = run("check", filing("300766"), "--format", "md", "--texts", str(where), "--out", str(tmp_path / "r.md"), "--lang", "en")
    assert (done.status, (tmp_path / "r.md").exists()) == (2, False)
    assert "a.yaml:1:46: the citation '九(一)' is not found in LAO18" in done.err
