"""Several reports of one check: in one folder, all of them or none, and each as it would be alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from command import filing, run, told
from compliance import source
from compliance.reports import forms, view

pytest.importorskip("docx", reason="the extra office is not installed")
pytest.importorskip("xlsxwriter", reason="the extra office is not installed")

CHECK = ("check", filing("300766"), "--as-of", "2025-12-31")
EVERY = {
    "300766.txt", "300766.json", "300766.md", "300766.html", "300766.docx", "300766-lawyer.docx", "300766-accountant.docx",
    "300766.xlsx", "300766.csv", "300766.junit.xml", "300766.sarif",
}  # fmt: skip


def test_all_forms_in_one_folder_are_those_made_alone(tmp_path: Path) -> None:
    out = tmp_path / "new" / "reports"
    done = run(*CHECK, "--format", "all", "--out", str(out))
    assert (done.status, done.out) == (3, "")
    assert {path.name for path in out.iterdir()} == EVERY
    assert [Path(line.removeprefix("已写入 ")).parent for line in done.err.splitlines()] == [out] * len(EVERY)
    for form in ("text", "md", "html", "docx", "xlsx", "csv", "junit", "sarif", "json"):
        run(*CHECK, "--format", form, "--out", str(tmp_path / "one"))
        assert (tmp_path / "one").read_bytes() == (out / forms.file_name("300766", form)).read_bytes(), form
    run(*CHECK, "--format", "docx", "--party", "lawyer", "--out", str(tmp_path / "one"))
    assert (tmp_path / "one").read_bytes() == (out / "300766-lawyer.docx").read_bytes()


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (("--format", "csv", "--format", "json"), {"300766.csv", "300766.json"}),
        (("--format", "csv", "--format", "csv"), None),
        (("--format", "docx", "--party", "accountant", "--party", "lawyer"), {"300766-accountant.docx", "300766-lawyer.docx"}),
        (("--format", "docx", "--format", "csv", "--party", "lawyer"), {"300766-lawyer.docx", "300766.csv"}),
        (("--format", "csv", "--format", "html", "--lang", "en"), {"300766.csv", "300766.html"}),
    ],
)
def test_what_is_asked_for_is_written(asked: tuple[str, ...], names: set[str] | None, tmp_path: Path) -> None:
    """A form asked for twice is one, and goes into a file."""
    out = tmp_path / "reports"
    assert run(*CHECK, *asked, "--out", str(out)).status == 3
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
    assert run("check", str(broken), "--format", "html", "--format", "csv", "--out", str(out)).status == 2
    assert not out.exists()


def test_no_input_is_written_over_and_all_that_is_in_the_way_is_told(tmp_path: Path) -> None:
    """The filing lies in the folder, under the name that a report would have; a folder stands where another would go."""
    plain = run(*CHECK, "--format", "json").bytes
    given = tmp_path / "300766.json"
    given.write_text(
        json.dumps({"schema": "compliance.filing/1", "pack": "cn-refinancing", "issuer": {"code": "300766"}}), encoding="utf-8"
    )
    before = given.read_bytes()
    (tmp_path / "300766.csv").mkdir()
    _, en = told("check", str(given), "--format", "json", "--format", "csv", "--format", "md", "--out", str(tmp_path))
    assert len(en.splitlines()) == 2 and "not a regular file" in en and "it would overwrite an input" in en
    assert plain and given.read_bytes() == before and not (tmp_path / "300766.md").exists()


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
