"""The tutorials run as written: every command, and every line of output that they show."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from walkthrough import follow, matches, steps

ROOT_FOLDER = Path(__file__).resolve().parent.parent
DOCS = ROOT_FOLDER / "docs"
NAMES = sorted(path.name for path in (DOCS / "tutorials").glob("*.md"))
PAGES = [f"{folder}/{name}" for name in NAMES for folder in ("zh/tutorials", "tutorials")]


@pytest.mark.parametrize("page", PAGES)
def test_a_tutorial_runs_as_written(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    shutil.copytree(ROOT_FOLDER / "cases", tmp_path / "cases")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMPLIANCE_LANG", "zh")  # what a page exports ends with its test
    for step, printed in follow((DOCS / page).read_text(encoding="utf-8"), tmp_path, capfdbinary):
        assert matches(step.text, printed), f"docs/{page}:{step.line}: {step.command} printed\n{printed}"


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_run_the_same_commands(name: str) -> None:
    def commands(folder: str) -> list[str]:
        text = (DOCS / folder / name).read_text(encoding="utf-8")
        return [step.command or step.name for step in steps(text) if not step.command.startswith("export ")]

    assert commands("tutorials") == commands("zh/tutorials")
    assert len(commands("tutorials")) > 5


def test_what_is_not_printed_is_told() -> None:
    printed = "one\ntwo  \nthree\n"
    assert matches("one\ntwo\nthree\n", printed)
    assert matches("…\ntwo\n…\n", printed)
    assert matches("one\n…\n", printed)
    assert matches("one\ntwo\nthree\n…\n", printed)
    assert not matches("one\n", printed)
    assert not matches("two\n…\n", printed)
    assert not matches("…\nthree\ntwo\n…\n", printed)
    assert not matches("on\n…\n", printed)


def test_files_and_commands_are_told_apart() -> None:
    page = "a\n\n```yaml file=x/y.yaml\nk: 1\n```\n\n```console\n$ compliance rules list\nout\n$ echo $?\n0\n```\n"
    found = [(step.line, step.name, step.command, step.text) for step in steps(page)]
    assert found == [(4, "x/y.yaml", "", "k: 1\n"), (8, "", "compliance rules list", "out\n"), (10, "", "echo $?", "0\n")]


@pytest.mark.parametrize("page", PAGES)
def test_a_file_is_named_before_it_is_shown(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    for step in steps(text):
        if step.name:
            before = "\n".join(text.splitlines()[: step.line - 2])
            assert f"`{step.name}`" in before, step.name


def test_every_tutorial_is_there_in_both_languages() -> None:
    assert sorted(path.name for path in (DOCS / "zh" / "tutorials").glob("*.md")) == NAMES
    for page in PAGES:
        assert not re.search(r"^```(?!console$|sh$|(?:yaml|text|csv) file=|$)", (DOCS / page).read_text("utf-8"), re.MULTILINE), page
