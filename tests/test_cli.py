"""The command line: every exit status, mistakes told all at once, signals, and files written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from command import ROOT, TIME_LIMIT, Result, arguments, environment, run, told

TOY = str(ROOT / "tests" / "books" / "toy")
HEAD = "schema: compliance.filing/1\npack: toy\nissuer: {code: '000001', name: 甲}\n"
PARTY = "party: {kind: open, held: 2024-01-01, limit: '5', spare: '1'}\n"
QUIET = HEAD + PARTY + "instruments: {complete: true, items: []}\n"
LOUD = HEAD + PARTY + "instruments: {complete: true, items: [{name: drum, sound: '11', noisy: true, share: 100%}]}\n"
UNKNOWN = HEAD + PARTY


def check(tmp_path: Path, text: str, *options: str, as_of: str = "2024-01-02") -> Result:
    """Check a garden party."""
    path = tmp_path / "filing.yaml"
    path.write_text(text, encoding="utf-8")
    return run("check", str(path), "--pack", TOY, "--as-of", as_of, *options)


# Exit status


@pytest.mark.parametrize(("text", "status"), [(QUIET, 0), (LOUD, 1), (UNKNOWN, 3)])
@pytest.mark.parametrize("form", ["text", "json", "md"])
def test_status_says_the_verdict(tmp_path: Path, text: str, status: int, form: str) -> None:
    done = check(tmp_path, text, "--format", form)
    assert (done.status, done.err) == (status, "")
    assert done.out


def test_what_is_only_examined_counts_when_strict(tmp_path: Path) -> None:
    """Nobody plays, so the examined rule fails: no condition does."""
    found = json.loads(check(tmp_path, QUIET, "--format", "json").out)["findings"]
    assert ("examined", "fail") in [(one["force"], one["verdict"]) for one in found]
    assert check(tmp_path, QUIET).status == 0
    assert check(tmp_path, QUIET, "--strict").status == 1


def test_strict_changes_no_record(tmp_path: Path) -> None:
    assert check(tmp_path, QUIET, "--format", "json").bytes == check(tmp_path, QUIET, "--format", "json", "--strict").bytes


def test_a_failure_outweighs_what_is_open(tmp_path: Path) -> None:
    text = HEAD + "party: {kind: open, held: 2024-01-01}\n" + LOUD.removeprefix(HEAD + PARTY)
    record = check(tmp_path, text, "--format", "json")
    assert '"verdict": "missing"' in record.out
    assert record.status == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "compliance check"),
        (["--help"], "Exit status"),
    ],
)
def test_help_ends_well(options: list[str], said: str) -> None:
    done = run("check", *(options or ["--help"]))
    assert done.status == 0
    assert said in done.out


def test_version() -> None:
    from compliance import __version__

    assert run("--version").out == f"compliance {__version__}\n"


def test_the_module_is_the_command() -> None:
    """Where the folder of scripts is not on the path, ``python -m compliance`` does the same, down to the name it is called by."""
    given = [sys.executable, "-m", "compliance", "chek"]
    done = subprocess.run(given, env=environment(), capture_output=True, timeout=TIME_LIMIT, check=False)
    assert (done.returncode, done.stderr.decode()) == (2, run("chek").err)


# Mistakes


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        (["chek"], "没有 chek 这个命令，是否指 check", "there is no command chek, did you mean check"),
        (["facts", "lnt"], "没有 lnt 这个命令，是否指 lint", "there is no command lnt, did you mean lint"),
        (["check", "x", "--asof", "2024-01-01"], "没有 --asof 这个选项", "there is no option --asof"),
        (["check"], "缺少 FILING", "FILING is missing"),
        (["facts", "reference"], "缺少 --out", "--out is missing"),
        (["check", "x", "--format", "pdf"], "--format 只能是 text / json / md", "--format is one of text / json / md"),
        (["check", "x", "--as-of"], "--as-of 需要一个值", "--as-of takes a value"),
    ],
)
def test_bad_usage(given: list[str], zh: str, en: str) -> None:
    for lang, said in (("zh", zh), ("en", en)):
        done = run(*given, env={"COMPLIANCE_LANG": lang})
        assert (done.status, done.out) == (2, "")
        assert said in done.err
        assert done.err.count("\n") == 1


def test_bare_command_shows_help() -> None:
    done = run()
    assert done.status == 2
    assert "check" in done.err and "Usage" in done.err


def test_mistakes_of_day_and_filing_come_together(tmp_path: Path) -> None:
    done = check(tmp_path, HEAD + "party: {kind: loud, held: 2023-02-30}\nguests: 3\n", as_of="2024-13")
    assert (done.status, done.out) == (2, "")
    lines = done.err.splitlines()
    places = [line.split(": ", 1)[0].removeprefix(f"{tmp_path}/") for line in lines]
    assert places == ["--as-of", "filing.yaml:4:15", "filing.yaml:4:27", "filing.yaml:5:1"]


def test_mistakes_in_english_hold_no_chinese(tmp_path: Path) -> None:
    done = check(tmp_path, HEAD + "party: {held: 2023-02-30}\n", "--lang", "en")
    assert done.status == 2
    assert done.err.isascii()


@pytest.mark.parametrize("day", ["2024-12", "2024", "31.12.2024", "tomorrow", ""])
def test_the_day_is_a_day(tmp_path: Path, day: str) -> None:
    done = check(tmp_path, QUIET, as_of=day)
    assert done.status == 2
    assert done.err.startswith("--as-of: ")


def test_an_unknown_rule_is_told_with_those_there_are(tmp_path: Path) -> None:
    path = tmp_path / "filing.yaml"
    path.write_text(QUIET, encoding="utf-8")
    assert told("explain", str(path), "nois", "--pack", TOY, "--as-of", "2024-01-02") == (
        "RULE: 没有“nois”这条规则；可用：noise、noise-as-read、loudness\n",
        "RULE: there is no rule 'nois'; there is: noise, noise-as-read, loudness\n",
    )


@pytest.mark.parametrize("name", ["absent.yaml", "."])
def test_a_file_that_is_none(tmp_path: Path, name: str) -> None:
    done = run("check", str(tmp_path / name), "--pack", TOY)
    assert (done.status, done.out) == (2, "")
    assert "Traceback" not in done.err


def test_a_pack_that_is_none(tmp_path: Path) -> None:
    done = run("check", str(tmp_path / "filing.yaml"), "--pack", str(tmp_path / "nowhere"))
    assert done.status == 2
    assert "nowhere" in done.err


def test_input_cannot_move_the_cursor(tmp_path: Path) -> None:
    """Escapes that a terminal would obey are shown as text, in reports and in errors."""
    named = QUIET.replace("name: 甲", 'name: "a\\e[2Jb\\u202Ec"')
    for form in ("text", "md"):
        done = check(tmp_path, named, "--format", form)
        assert done.status == 0
        assert "\x1b" not in done.out and "\u202e" not in done.out
        assert "x1b" in done.out and "u202e" in done.out
    bad = check(tmp_path, HEAD + 'party: {kind: "\\e[2Jx"}\n')
    assert "\x1b" not in bad.err and "\\x1b" in bad.err


# Another route


def test_another_route_leaves_the_file_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "filing.yaml"
    done = check(tmp_path, QUIET, "--route", "closed")
    assert path.read_text(encoding="utf-8") == QUIET
    assert "种类：私人（试算" in done.out and "试算" in done.out and "申报文件没有改动" in done.out
    plain, tried = (check(tmp_path, QUIET, "--format", "json", *more).out for more in ([], ["--route", "closed"]))
    assert '"route": "open"' in plain and '"route": "closed"' in tried
    hashes = {line for text in (plain, tried) for line in text.splitlines() if "facts_sha256" in line}
    assert len(hashes) == 2, "another route is another set of facts"


def test_a_route_that_is_none(tmp_path: Path) -> None:
    done = check(tmp_path, QUIET, "--route", "ajar")
    assert done.status == 2
    assert done.err.startswith("--route: ")


# Files


def test_a_report_goes_into_a_file(tmp_path: Path) -> None:
    out = tmp_path / "report.txt"
    done = check(tmp_path, QUIET, "--out", str(out))
    assert (done.status, done.out) == (0, "")
    assert str(out) in done.err
    assert out.read_bytes() == check(tmp_path, QUIET).bytes


def test_nothing_is_written_when_there_are_mistakes(tmp_path: Path) -> None:
    out = tmp_path / "out" / "report.txt"
    out.parent.mkdir()
    assert check(tmp_path, HEAD + "guests: 3\n", "--out", str(out)).status == 2
    assert list(out.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["filing.yaml", ".", "nowhere/report.txt"])
def test_a_report_never_overwrites_an_input_nor_what_is_no_file(tmp_path: Path, name: str) -> None:
    done = check(tmp_path, QUIET, "--out", str(tmp_path / name))
    assert done.status == 2
    assert (tmp_path / "filing.yaml").read_text(encoding="utf-8") == QUIET
    assert [path.name for path in tmp_path.iterdir()] == ["filing.yaml"]


def test_a_killed_run_leaves_the_old_report(tmp_path: Path) -> None:
    """Killed after the first byte of the report has reached the disk: the name still holds what it held."""
    out = tmp_path / "report.txt"
    out.write_text("old", encoding="utf-8")
    (tmp_path / "filing.yaml").write_text(QUIET, encoding="utf-8")
    code = (
        "import os, signal, sys\nos.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)\nfrom compliance.cli import main\nmain()\n"
    )
    given = ["check", str(tmp_path / "filing.yaml"), "--pack", TOY, "--as-of", "2024-01-02", "--out", str(out)]
    env = environment({"COMPLIANCE_CACHE": "/dev/null/none"})
    done = subprocess.run([sys.executable, "-c", code, *given], env=env, capture_output=True, timeout=TIME_LIMIT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert out.read_text(encoding="utf-8") == "old"


# Signals and faults


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """A run that waits for its filing: it has opened a pipe that nobody writes into."""
    pipe = tmp_path / "filing.yaml"
    os.mkfifo(pipe)
    out = tmp_path / "report.txt"
    given = arguments("check", str(pipe), "--pack", TOY, "--as-of", "2024-01-02", "--out", str(out))
    with subprocess.Popen(given, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        writer = os.open(pipe, os.O_WRONLY)  # returns once the run has opened the other end
        try:
            yield process, writer, out
        finally:
            os.close(writer)
            if process.poll() is None:
                process.kill()


def ended_by(process: subprocess.Popen[bytes], number: signal.Signals) -> tuple[bytes, bytes]:
    """What a run says when a signal ends it. Sent again where it fell between Python's last look and the blocking read."""
    for _ in range(TIME_LIMIT // 5):
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=5)
    raise AssertionError(f"{number.name} did not end the run")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run(waiting: tuple[subprocess.Popen[bytes], int, Path], number: signal.Signals) -> None:
    process, writer, out = waiting
    os.write(writer, b"schema: compliance.filing/1\n")
    said, err = ended_by(process, number)
    assert (process.returncode, said) == (4, b"")
    assert number.name in err.decode("utf-8") and b"Traceback" not in err
    assert [path.name for path in out.parent.iterdir()] == ["filing.yaml"]


def test_a_fault_of_the_program_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "filing.yaml").write_text(QUIET, encoding="utf-8")
    code = (
        "import compliance.engine.record as record\n"
        "def broken(*_): raise RuntimeError('no\\nway')\n"
        "record.check = broken\n"
        "from compliance.cli import main\n"
        "main()\n"
    )
    given = ["check", str(tmp_path / "filing.yaml"), "--pack", TOY, "--as-of", "2024-01-02"]
    for more, lines in (({}, 1), ({"COMPLIANCE_DEBUG": "1"}, 2)):
        done = subprocess.run(
            [sys.executable, "-c", code, *given], env=environment(more), capture_output=True, timeout=TIME_LIMIT, check=False
        )
        err = done.stderr.decode("utf-8")
        assert (done.returncode, done.stdout) == (4, b"")
        assert "RuntimeError" in err and "COMPLIANCE_DEBUG" in err
        assert (len(err.splitlines()) >= lines) and (("Traceback" in err) == bool(more))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this machine")
def test_a_full_disk_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "filing.yaml").write_text(QUIET, encoding="utf-8")
    given = arguments("check", str(tmp_path / "filing.yaml"), "--pack", TOY, "--as-of", "2024-01-02")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(given, env=environment(), stdout=full, stderr=subprocess.PIPE, timeout=TIME_LIMIT, check=False)
    assert done.returncode in (2, 4)
    assert b"Traceback" not in done.stderr


def test_a_reader_that_leaves_is_no_noise(tmp_path: Path) -> None:
    """``compliance check … | true``"""
    (tmp_path / "filing.yaml").write_text(QUIET, encoding="utf-8")
    given = arguments("check", str(tmp_path / "filing.yaml"), "--pack", TOY, "--as-of", "2024-01-02")
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(given, env=environment(), stdout=write, stderr=subprocess.PIPE, timeout=TIME_LIMIT, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (4, b"")


# What a run loads


def test_a_verb_loads_no_more_than_it_needs(tmp_path: Path) -> None:
    (tmp_path / "filing.yaml").write_text(QUIET, encoding="utf-8")
    code = (
        "import sys, compliance.cli.output as output\n"
        "output.show = lambda *_: None\n"
        "from compliance.cli import run\n"
        "run(sys.argv[1:])\n"
        "print(' '.join(sys.modules))\n"
    )
    given = ["check", str(tmp_path / "filing.yaml"), "--pack", TOY, "--as-of", "2024-01-02", "--format"]
    loaded = {}
    for form in ("json", "md", "text"):
        done = subprocess.run(
            [sys.executable, "-c", code, *given, form], env=environment(), capture_output=True, timeout=TIME_LIMIT, check=True
        )
        loaded[form] = set(done.stdout.decode().split())
        assert loaded[form].isdisjoint({"rich", "numpy", "pyarrow", "jinja2", "docx", "openpyxl"})
    assert {"compliance.reports.text", "compliance.reports.view"}.isdisjoint(loaded["json"])
    assert "compliance.reports.text" not in loaded["md"]
    assert "compliance.cli.demo" not in loaded["text"]
