"""Several reports of one check: in one folder, all of them or none, and each as it would be alone."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from command import ROOT, filing, run, told, within
from compliance import source
from compliance.reports import forms, view

pytest.importorskip("docx", reason="the extra office is not installed")
pytest.importorskip("xlsxwriter", reason="the extra office is not installed")

CODE = "300996"  # a case that is checked soon
CHECK = ("check", filing(CODE), "--as-of", "2025-12-31")
EVERY = {
    f"{CODE}{rest}"
    for rest in (".txt", ".json", ".md", ".html", ".docx", "-lawyer.docx", "-accountant.docx", ".xlsx", ".csv", ".junit.xml", ".sarif")
}


def test_all_forms_in_one_folder_are_those_made_alone(tmp_path: Path) -> None:
    out = tmp_path / "new" / "reports"
    done = run(*CHECK, "--format", "all", "--out", str(out))
    assert (done.status, done.out) == (3, "")
    assert {path.name for path in out.iterdir()} == EVERY
    assert [Path(line.removeprefix("已写入 ")).parent for line in done.err.splitlines()] == [out] * len(EVERY)
    for form in ("text", "md", "html", "docx", "xlsx", "csv", "junit", "sarif", "json"):
        within(*CHECK, "--format", form, "--out", str(tmp_path / "one"))
        assert (tmp_path / "one").read_bytes() == (out / forms.file_name(CODE, form)).read_bytes(), form
    within(*CHECK, "--format", "docx", "--party", "lawyer", "--out", str(tmp_path / "one"))
    assert (tmp_path / "one").read_bytes() == (out / f"{CODE}-lawyer.docx").read_bytes()


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (("--format", "csv", "--format", "json"), {f"{CODE}.csv", f"{CODE}.json"}),
        (("--format", "csv", "--format", "csv"), None),
        (("--format", "docx", "--party", "accountant", "--party", "lawyer"), {f"{CODE}-accountant.docx", f"{CODE}-lawyer.docx"}),
        (("--format", "docx", "--format", "csv", "--party", "lawyer"), {f"{CODE}-lawyer.docx", f"{CODE}.csv"}),
        (("--format", "csv", "--format", "html", "--lang", "en"), {f"{CODE}.csv", f"{CODE}.html"}),
    ],
)
def test_what_is_asked_for_is_written(asked: tuple[str, ...], names: set[str] | None, tmp_path: Path) -> None:
    """A form asked for twice is one, and goes into a file."""
    out = tmp_path / "reports"
    assert within(*CHECK, *asked, "--out", str(out)).status == 3
    assert ({path.name for path in out.iterdir()} if out.is_dir() else None) == names


def test_files_are_called_by_the_filing_where_the_code_is_none() -> None:
    def named(code: Any) -> str:
        return forms.stem_of(view.Dossier({"issuer": {"code": code}}, None), "filing")  # type: ignore[arg-type]

    assert [named(code) for code in ("300766", "../x", "", "NUL:", "3" * 21)] == ["300766", *["filing"] * 4]


def test_several_reports_need_a_folder(tmp_path: Path) -> None:
    two = ("--format", "html", "--format", "docx")
    zh, en = told(*CHECK, *two)
    assert zh == "--out: 几份报告须写入文件夹；请用 --out 写明文件夹\n"
    assert en == "--out: several reports go into a folder; name a folder with --out\n"
    taken = tmp_path / "taken"
    taken.write_text("mine", encoding="utf-8")
    assert told(*CHECK, *two, "--out", str(taken))[1] == f"{taken}: several reports go into a folder; name a folder with --out\n"
    assert taken.read_text(encoding="utf-8") == "mine"


def test_every_library_that_is_absent_is_told_before_anything_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "lacking", lambda form: form in ("docx", "xlsx"))
    _, en = told(*CHECK, "--format", "all")
    assert en.splitlines() == [
        "--format docx: an extra is not installed; run pip install 'compliance[office]'",
        "--format xlsx: an extra is not installed; run pip install 'compliance[office]'",
        "--out: several reports go into a folder; name a folder with --out",
    ]


def test_nothing_is_written_where_the_input_has_mistakes(tmp_path: Path) -> None:
    broken = tmp_path / "filing.yaml"
    broken.write_text("issuer: {code: 1}\n", encoding="utf-8")
    out = tmp_path / "reports"
    assert within("check", str(broken), "--format", "html", "--format", "csv", "--out", str(out)).status == 2
    assert not out.exists()


def test_no_input_is_written_over_and_all_that_is_in_the_way_is_told(tmp_path: Path) -> None:
    """The filing lies in the folder, under the name that a report would have; a folder stands where another would go."""
    plain = within(*CHECK, "--format", "json").bytes
    given = tmp_path / f"{CODE}.json"
    given.write_text(json.dumps({"schema": "compliance.filing/1", "pack": "cn-refinancing", "issuer": {"code": CODE}}), encoding="utf-8")
    before = given.read_bytes()
    (tmp_path / f"{CODE}.csv").mkdir()
    _, en = told("check", str(given), "--format", "json", "--format", "csv", "--format", "md", "--out", str(tmp_path))
    assert len(en.splitlines()) == 2 and "not a regular file" in en and "it would overwrite an input" in en
    assert plain and given.read_bytes() == before and not (tmp_path / f"{CODE}.md").exists()


def test_none_of_several_files_is_written_before_all_are(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(source.SourceError) as caught:
        source.write_several({tmp_path / "a": b"new", tmp_path / "none" / "b": b"", tmp_path / "gone" / "c": b""})
    assert [problem.place.document for problem in caught.value.problems] == [str(tmp_path / "gone" / "c"), str(tmp_path / "none" / "b")]
    assert [path.name for path in tmp_path.iterdir()] == ["a"] and (tmp_path / "a").read_bytes() == b"old"
    source.write_several({tmp_path / "a": b"new", tmp_path / "b": b"b"})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"new", "b": b"b"}


def test_a_view_is_made_once_however_many_forms_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, str]] = []
    monkeypatch.setattr(view, "view_of", lambda dossier, lang, kind: made.append((lang, kind)) or (lang, kind))
    dossier = view.Dossier({}, None, "zh")  # type: ignore[arg-type]
    assert dossier.view(brief=True) == ("zh", "brief") and dossier.view() is dossier.view()
    assert dossier.view("en") is dossier.view("en", brief=True)
    assert made == [("zh", "brief"), ("zh", "whole"), ("en", "whole")]
    assert dossier.page("en") is dossier.view("en")


GARDEN = """schema: compliance.filing/1
pack: toy
issuer: {code: "300999", name: 花园}
party: {kind: open, held: 2024-06-01, limit: "5", spare: "1"}
instruments: {complete: true, items: [{name: drum, sound: "9", share: 60%}]}
"""
FIELD = {
    "zh": "发行|保荐|募集|证券|上市|交易所|审核|信息披露|再融资",
    "en": "issue|offering|sponsor|placement|proceeds|listing|exchange|prospectus|securities",
}  # words of the trade of one rule book


@pytest.mark.parametrize("lang", FIELD)
def test_reports_of_another_book_speak_no_word_of_the_trade_of_the_one_that_comes_along(lang: str, tmp_path: Path) -> None:
    path = tmp_path / "garden.yaml"
    path.write_text(GARDEN, encoding="utf-8")
    pack = str(ROOT / "tests" / "books" / "toy")
    out = tmp_path / "out"
    asked = [part for form in ("text", "md", "docx", "xlsx", "csv") for part in ("--format", form)]
    run("check", str(path), "--pack", pack, "--as-of", "2025-12-31", "--full", "--lang", lang, *asked, "--out", str(out))
    parts = {}
    for made in out.iterdir():
        inside = zipfile.ZipFile(made) if made.suffix in (".docx", ".xlsx") else None
        names = [name for name in inside.namelist() if name.endswith((".xml", "sharedStrings.xml"))] if inside else []
        text = "".join(re.sub("<[^>]*>", " ", inside.read(name).decode()) for name in names) if inside else made.read_text(encoding="utf-8")
        assert "花园" in text or made.suffix == ".csv", made.name  # its rows are findings, and name no issuer
        parts[made.suffix] = set(re.findall(FIELD[lang], text, re.IGNORECASE))
    assert parts == {ending: set() for ending in (".txt", ".md", ".docx", ".xlsx", ".csv")}
