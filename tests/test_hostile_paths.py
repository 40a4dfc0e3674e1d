"""Paths, records and folders that no honest user gives: each is told as a mistake, and nothing of the user's is lost."""

from __future__ import annotations

import copy
import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from command import ROOT, TIME_LIMIT, arguments, environment, run
from command import told as said_of
from compliance import records, source
from compliance.cli import output
from compliance.cli.check import demand
from compliance.cli.verbs import program
from compliance.packs import folder as packs
from compliance.proving import pages
from compliance.source import SourceError

TOY = str(ROOT / "tests" / "books" / "toy")
HEAD = "schema: compliance.filing/1\npack: toy\nissuer: {code: '000001', name: 甲}\n"
PARTY = "party: {kind: open, held: 2024-01-01, limit: '5', spare: '1'}\n"
QUIET = HEAD + PARTY + "instruments: {complete: true, items: []}\n"
NO_NAME = "x" * 300


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    """Two links that lead to each other."""
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    return tmp_path / "a"


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    output.allow(tmp_path / NO_NAME, (), "en")  # what is wrong is told when it comes to writing
    for bad in (tmp_path / NO_NAME, tmp_path / "none" / "x"):
        with pytest.raises(SourceError):
            source.write_text(bad, "")
        with pytest.raises(SourceError):
            packs.read(bad)
    with pytest.raises(SourceError):
        source.make_folder(tmp_path / NO_NAME)


def commands(found: click.Command) -> Iterator[click.Command]:
    """A command and all below it."""
    yield found
    if isinstance(found, click.Group):
        context = click.Context(found)
        for name in found.list_commands(context):
            below = found.get_command(context, name)
            assert below is not None
            yield from commands(below)


def test_what_is_wrong_with_a_path_is_told_with_all_else() -> None:
    """The library that reads the command line would tell it alone, at once, and in English."""
    paths = [part.type for command in commands(program) for part in command.params if isinstance(part.type, click.Path)]
    assert len(paths) > 30
    assert not any(path.readable or path.writable or path.exists for path in paths)


def test_a_folder_that_may_not_be_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "stat", refused)
    demand(("md", "csv"), (), tmp_path / "out", None, False, "zh")  # that it cannot be written is told when it comes to that


def test_of_more_mistakes_than_anybody_reads_the_first_are_shown(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    problems = [source.Problem(source.Place("f", line), "file-empty") for line in range(1, output.MAX_MISTAKES + 3)]
    for lang, last in (
        ("zh", "还有 2 处错误没有列出；改正以上各处后再运行一次"),
        ("en", "2 more mistakes are not listed; mend these and run again"),
    ):
        output.mistakes(problems, lang)
        lines = capsysbinary.readouterr().err.decode("utf-8").splitlines()
        assert (len(lines), lines[-1]) == (output.MAX_MISTAKES + 1, last)
        output.mistakes(problems[:-2], lang)
        assert len(capsysbinary.readouterr().err.splitlines()) == output.MAX_MISTAKES


def test_a_ring_of_links(ring: Path) -> None:
    for act in (lambda: source.write_text(ring, ""), lambda: packs.read(ring), lambda: source.make_folder(ring)):
        with pytest.raises(SourceError):
            act()
    assert ring.is_symlink()


@pytest.mark.parametrize("name", ["a", NO_NAME])
def test_a_market_that_no_path_leads_to(name: str, ring: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs the extra 'batch'")
    given = ring.parent / name
    zh, en = said_of("screen", "run", str(given), "--pack", TOY, "--out", str(ring.parent / "out"))
    assert (zh, en) == (f"{given}: 文件不存在；请核对路径\n", f"{given}: there is no such file; check the path\n")


def test_a_rule_book_at_hand_is_called_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by none at all, which would point to the root of the disk."""
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "pack.yaml").write_text("id: book\nid: book\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "book")
    zh, en = said_of("rules", "lint", ".")
    assert zh == "book/pack.yaml:2:1: 键“id”重复，第 1 行已经有了；请删去一处\n"
    assert en == "book/pack.yaml:2:1: the key 'id' is repeated, it stands in line 1 already; remove one\n"


def test_a_link_is_written_through_and_stays(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target.txt")
    source.write_text(tmp_path / "link", "x")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "target.txt").read_text(encoding="utf-8") == "x"


def test_a_report_in_a_ring_of_links(tmp_path: Path, ring: Path) -> None:
    (tmp_path / "filing.yaml").write_text(QUIET, encoding="utf-8")
    done = run("check", str(tmp_path / "filing.yaml"), "--pack", TOY, "--as-of", "2024-01-02", "--out", str(ring))
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"{ring}: ")


def test_no_report_overwrites_a_filing_that_is_revised(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(QUIET, encoding="utf-8")
    (tmp_path / "new.yaml").write_text("schema: compliance.filing/1\npack: toy\nrevises: old.yaml\nparty: {limit: '6'}\n", encoding="utf-8")
    with pytest.raises(SourceError):
        output.allow(tmp_path / "old.yaml", (tmp_path / "new.yaml",), "en")
    assert list(output.read_with(tmp_path / "old.yaml")) == [tmp_path / "old.yaml"]


WOULD = (
    "不能写到这里（会覆盖输入文件）；请另起文件名",
    "cannot be written here (it would overwrite an input); give another name",
)
GIVEN = "--pack book --as-of 2024-01-02"
OVER = {  # what lies in the way, and the commands that would write over it
    "filing.yaml": [
        f"check filing.yaml {GIVEN}",
        f"whatif filing.yaml --set party.limit=3 {GIVEN}",
        "facts convert filing.yaml --pack book",
    ],
    "answers.yaml": [f"timeline filing.yaml --answers answers.yaml {GIVEN}", f"facts missing filing.yaml --answers answers.yaml {GIVEN}"],
    "book/pack.yaml": [
        f"check filing.yaml {GIVEN}",
        f"routes filing.yaml {GIVEN}",
        "rules coverage --pack book",
        "rules test book --mutate",
        "facts convert filing.yaml --pack book",
        "diff old.json old.json --filings filing.yaml filing.yaml --packs book book",
    ],
    "book/tests/more.yaml": ["rules coverage --pack book", f"check filing.yaml {GIVEN}"],
    "toy/pack.yaml": ["check filing.yaml --pack house --as-of 2024-01-02"],  # which the house's book extends
    "texts/one.yaml": [f"check filing.yaml --texts texts --format md {GIVEN}"],
    "old.json": ["diff old.json new.json"],
    "new.json": ["diff old.json new.json"],
    "first.yaml": ["diff old.json new.json --filings second.yaml filing.yaml --packs book book"],  # which the second revises
}


@pytest.mark.parametrize(("name", "command"), [(name, command) for name, commands in OVER.items() for command in commands])
def test_no_report_overwrites_anything_that_is_read(name: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    book = (Path(TOY) / "pack.yaml").read_text(encoding="utf-8")
    texts = {
        "filing.yaml": QUIET,
        "first.yaml": QUIET,
        "second.yaml": "schema: compliance.filing/1\npack: toy\nrevises: first.yaml\n",
        "answers.yaml": "schema: compliance.answers/1\nparty: lawyer\njudgements: []\n",
        "book/pack.yaml": book,
        "book/tests/more.yaml": "{}\n",
        "toy/pack.yaml": book,
        "house/pack.yaml": "id: house\nextends: toy\n",
        "texts/one.yaml": "{}\n",
        "old.json": "{}",
        "new.json": "{}",
    }
    for where, text in texts.items():
        Path(where).parent.mkdir(parents=True, exist_ok=True)
        Path(where).write_text(text, encoding="utf-8")
    for out in (name, "link.yaml"):  # also by another name
        if out != name:
            Path(out).symlink_to(name)
        said = said_of(*command.split(" "), "--out", out)
        assert [next(line for line in lang.splitlines() if line.startswith(f"{out}: ")) for lang in said] == [
            f"{out}: {one}" for one in WOULD
        ]
    assert {where: Path(where).read_text(encoding="utf-8") for where in texts} == texts


def test_pages_leave_what_is_no_page(tmp_path: Path) -> None:
    page = "# a / b\n\n`{}` · condition\n"
    for name, text in (("notes.md", "# mine\n"), ("gone.md", page.format("gone"))):
        (tmp_path / name).write_text(text, encoding="utf-8")
    pages.write(tmp_path, {"rule.md": page.format("rule")})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.md", "rule.md"]
    (tmp_path / "README.md").write_text("# mine\n", encoding="utf-8")
    with pytest.raises(SourceError) as raised:
        pages.write(tmp_path, {"rule.md": "", "README.md": ""})
    assert [(problem.place.document, problem.code) for problem in raised.value.problems] == [(str(tmp_path / "README.md"), "page-foreign")]
    assert (tmp_path / "rule.md").read_text(encoding="utf-8") == page.format("rule")


def test_a_form_that_is_filled_in_is_not_overwritten(tmp_path: Path) -> None:
    form = tmp_path / "form.yaml"
    form.write_text("filled in\n", encoding="utf-8")
    done = run("init", "300766", "--route", "auction", "--board", "chinext", "--out", str(form), "--lang", "en")
    assert done.status == 2 and "filled in" in done.err
    assert form.read_text(encoding="utf-8") == "filled in\n"


@pytest.mark.parametrize("text", ["３００７６６", "٣٠٠٧٦٦", "30076"])
def test_a_code_is_six_plain_digits(text: str, tmp_path: Path) -> None:
    (tmp_path / "filing.yaml").write_text(QUIET.replace("000001", text), encoding="utf-8")
    done = run("facts", "lint", str(tmp_path / "filing.yaml"), "--pack", TOY)
    assert done.status == 2 and "filing.yaml:3:16: " in done.err


# Records


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A record as a check writes it."""
    path = tmp_path_factory.mktemp("sound") / "filing.yaml"
    path.write_text(QUIET.replace("limit: '5', ", ""), encoding="utf-8")
    found: dict[str, Any] = json.loads(run("check", str(path), "--pack", TOY, "--as-of", "2024-01-02", "--format", "json").out)
    return found


def told(path: Path, plain: Any) -> list[str]:
    """What is told of a record."""
    path.write_text(plain if isinstance(plain, str) else json.dumps(plain, indent=1), encoding="utf-8")
    try:
        records.read(path, ("findings",))
    except SourceError as error:
        return [problem.text("en").removeprefix(f"{path}") for problem in error.problems]
    return []


def test_a_record_is_read_back(sound: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    assert told(path, sound) == []
    assert records.read(path, ("routes", "findings")) == ("findings", sound)
    assert told(path, {**sound, "later": {"key": 1}}) == [], "another version may write more"


@pytest.mark.parametrize("put", [None, [], {}, 1, -1.5, "", True, 1e308, ["x"]])
def test_every_value_of_another_form_is_told_where_it_stands(put: Any, sound: dict[str, Any], tmp_path: Path) -> None:
    for name in ("facts_sha256", "pack"):
        found = told(tmp_path / "record.json", {**sound, name: put})
        assert found and all(name in one and one.startswith(":") for one in found)
    bad = copy.deepcopy(sound)
    bad["findings"][0]["title"], bad["findings"][1]["verdict"] = put, put
    found = told(tmp_path / "record.json", bad)
    assert any("findings[0].title" in one for one in found) and any("findings[1].verdict" in one for one in found)


def test_a_key_that_is_gone_is_told(sound: dict[str, Any], tmp_path: Path) -> None:
    bad = copy.deepcopy(sound)
    del bad["findings"][0]["rule"], bad["verdict"]
    assert [one.split(": ")[2].split(" ")[0] for one in told(tmp_path / "record.json", bad)] == ["verdict", "findings[0].rule"]


@pytest.mark.parametrize(
    "text",
    ["", "1" * 5000, "[" * 100_000, "NaN", '{"schema": []}', '{"schema": "compliance.findings/1"}', '{"schema": "\\ud800"}'],
)
def test_what_is_no_record_is_a_mistake(text: str, tmp_path: Path) -> None:
    assert told(tmp_path / "record.json", text)


@pytest.mark.parametrize("text", ['{"schema": []}', '{"schema": "compliance.routes/1", "pack": []}', '{"schema": "compliance.routes/1"}'])
def test_what_is_no_record_is_not_shown_beside(text: str, tmp_path: Path) -> None:
    (tmp_path / "filing.yaml").write_text(QUIET, encoding="utf-8")
    (tmp_path / "bad.json").write_text(text, encoding="utf-8")
    done = run("check", str(tmp_path / "filing.yaml"), "--pack", TOY, "--as-of", "2024-01-02", "--with", str(tmp_path / "bad.json"))
    assert (done.status, done.out) == (2, "")


def test_a_list_said_to_be_complete_says_of_what(tmp_path: Path) -> None:
    """Without items it is not known whether there are none, or they were forgotten: that must prove nothing."""
    (tmp_path / "filing.yaml").write_text(QUIET.replace(", items: []", ""), encoding="utf-8")
    done = run("check", str(tmp_path / "filing.yaml"), "--pack", TOY, "--as-of", "2024-01-02")
    assert (done.status, done.out) == (2, "")
    assert "items" in done.err and "filing.yaml:5:" in done.err


@pytest.mark.skipif(os.name != "posix", reason="closes streams by their numbers")
@pytest.mark.parametrize(("closed", "status"), [("1", 4), ("2", 0)])
def test_a_stream_that_is_closed_is_no_fault_of_the_program(closed: str, status: int, tmp_path: Path) -> None:
    (tmp_path / "filing.yaml").write_text(QUIET, encoding="utf-8")
    given = shlex.join(arguments("check", str(tmp_path / "filing.yaml"), "--pack", TOY, "--as-of", "2024-01-02"))
    done = subprocess.run(["sh", "-c", f"{given} {closed}>&-"], env=environment(), capture_output=True, timeout=TIME_LIMIT, check=False)
    assert (done.returncode, done.stderr) == (status, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this machine")
def test_a_full_disk_is_told_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "filing.yaml").write_text(QUIET, encoding="utf-8")
    given = arguments("check", str(tmp_path / "filing.yaml"), "--pack", TOY, "--as-of", "2024-01-02", "--lang", "en")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(given, env=environment(), stdout=full, stderr=subprocess.PIPE, timeout=TIME_LIMIT, check=False)
    assert done.returncode == 2
    assert b"cannot be written" in done.stderr and b"fault of the program" not in done.stderr
