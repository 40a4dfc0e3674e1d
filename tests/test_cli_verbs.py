"""The other verbs: explain, facts, rules, demo; and the answers of other parties."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from checked import case, record
from command import CASES, ROOT, filing, run, told, within
from compliance.cli import demo, inputs
from compliance.cli.inputs import load_case
from compliance.engine.machine import Machine
from compliance.engine.record import to_json
from compliance.engine.timeline import timeline
from compliance.reports.text import render_finding
from compliance.reports.view import build

CASE = ["--as-of", CASES["300766"]]
SHORT = ["--as-of", CASES["688327"]]
ANSWERS = """schema: compliance.answers/1
party: {party}
judgements:
  - {{path: "uses[p1-data].capital", answer: {answer}, reason: {{zh: 按合同, en: by the contract}}}}
"""


def answers(tmp_path: Path, party: str, answer: str) -> str:
    path = tmp_path / f"{party}.yaml"
    path.write_text(ANSWERS.format(party=party, answer=answer), encoding="utf-8")
    return str(path)


# Answers of others


def test_an_answer_that_agrees_is_shown_and_changes_nothing(tmp_path: Path) -> None:
    done = run("explain", filing("300766"), "working-capital-share", *CASE, "--answers", answers(tmp_path, "律师", "true"))
    assert done.status == 0, done.err
    assert "律师：是，按合同" in done.out
    assert done.out.splitlines()[2].startswith("符合：")


def test_an_answer_that_differs_opens_the_question(tmp_path: Path) -> None:
    given = ["check", filing("300766"), *CASE, "--format", "json", "--answers", answers(tmp_path, "会计师", "false")]
    found = {one["rule"]: one for one in json.loads(run(*given).out)["findings"]}["working-capital-share"]
    assert found["verdict"] == "judgement"
    assert "uses[p1-data].capital" in {need["path"] for need in found["needs"]}
    question = next(one for one in found["questions"] if one["id"] == "uses[p1-data].capital")
    assert "answer" not in question
    assert next(one for one in found["facts"] if one["path"] == "uses[p1-data].capital")["value"] == "differs"
    assert [one["party"] for one in question["answers"]] == ["filing", "会计师"]


def test_mistakes_of_all_answers_come_together(tmp_path: Path) -> None:
    files = [answers(tmp_path, "a", "perhaps"), answers(tmp_path, "b", "maybe")]
    done = run("check", filing("300766"), *CASE, "--answers", files[0], "--answers", files[1])
    assert done.status == 2
    assert [line.split(":")[0] for line in done.err.splitlines()] == files


def test_a_party_that_answers_twice_is_told_so(tmp_path: Path) -> None:
    """Not that parties differ: the two files are of one party."""
    (tmp_path / "more").mkdir()
    files = [answers(tmp_path, "律师", "true"), answers(tmp_path / "more", "律师", "false")]
    done = run("check", filing("300766"), *CASE, "--lang", "en", "--answers", files[0], "--answers", files[1])
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(files[1]) and "'uses[p1-data].capital' is judged already" in done.err


# The day of the check


@pytest.mark.parametrize(("given", "day"), [((), "2024-05-06"), (("--as-of", "2024-04-07"), "2024-04-07")])
def test_a_filing_that_notes_its_day_is_checked_on_it(tmp_path: Path, given: tuple[str, ...], day: str) -> None:
    noted = tmp_path / "noted.yaml"
    text = Path(filing("688327")).read_text(encoding="utf-8")
    noted.write_text(text.replace("\npack: cn-refinancing\n", "\npack: cn-refinancing\nas_of: 2024-05-06\n", 1), encoding="utf-8")
    assert json.loads(run("check", str(noted), "--format", "json", *given).out)["as_of"] == day


# Explain


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ["29.4038%；无论如何回答在29.40%与60.57%之间；改变1项判断即不符合。", "reply 第233页 第3677行", "尚未与官方文本核对"]),
        ("en", ["between 29.40% and 60.57% whatever anybody answers; 1 changed answer makes it fail.", "reply, p. 233, line 3677"]),
    ],
)
def test_explain_says_what_a_verdict_rests_on(lang: str, said: list[str]) -> None:
    done = run("explain", filing("300766"), "working-capital-share", *CASE, "--lang", lang)
    assert done.status == 0
    flat = done.out.replace("\n    ", " " if lang == "en" else "")
    assert [part for part in said if part not in flat] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_explain_shows_how_to_answer(tmp_path: Path, lang: str) -> None:
    """Every question has its path, and the file of answers that stands there can be copied and given."""
    made = build(record("300766"), case("300766").pack, lang)
    found = next(one for one in made.findings() if one.rule == "working-capital-share")
    shown = render_finding(found, made)
    assert [one.text for one in found.questions if one.paths[0] not in shown] == []
    lines = shown.splitlines()
    first = lines.index("    schema: compliance.answers/1")
    own = tmp_path / "own.yaml"
    own.write_text("\n".join(line[4:] for line in lines[first : first + 4]), encoding="utf-8")
    given = load_case(Path(filing("300766")), CASES["300766"], answers=(own,)).filing.answers
    assert [one.party for one in given["reading.research_average"]] == ["质控" if lang == "zh" else "internal review"]


def test_explain_in_other_forms() -> None:
    whole = run("explain", filing("300766"), "working-capital-share", *CASE, "--format", "json")
    assert [one["rule"] for one in json.loads(whole.out)["findings"]] == ["working-capital-share"]
    assert run("explain", filing("300766"), "working-capital-share", *CASE, "--format", "md").out.startswith("# ")


def test_explain_a_rule_before_its_day() -> None:
    done = run("explain", filing("688327"), "working-capital-share", "--as-of", "2022-01-01", "--pack", str(ROOT / "rules/cn-refinancing"))
    assert done.status == 0
    assert done.out or done.err


# The filing


def test_facts_lint_counts_and_finds(tmp_path: Path) -> None:
    good = run("facts", "lint", filing("300766"), filing("688327"))
    assert (good.status, good.err, len(good.out.splitlines())) == (0, "", 2)
    bad = tmp_path / "bad.yaml"
    bad.write_text("schema: compliance.filing/1\nissuer: {code: 1}\nguests: 1\n", encoding="utf-8")
    done = run("facts", "lint", str(bad), filing("688327"), str(tmp_path / "none.yaml"))
    assert done.status == 2
    assert len(done.out.splitlines()) == 1
    assert {line.split(":")[0] for line in done.err.splitlines()} == {str(bad), str(tmp_path / "none.yaml")}


def test_facts_schema_takes_the_cases() -> None:
    done = run("facts", "schema")
    assert done.status == 0
    schema = json.loads(done.out)
    Draft202012Validator.check_schema(schema)
    for code in CASES:
        plain = yaml.load(Path(filing(code)).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        assert [error.message for error in Draft202012Validator(schema).iter_errors(plain)] == []
        assert list(Draft202012Validator(schema).iter_errors({**plain, "stray": "1"}))


def test_facts_missing_puts_first_what_settles_most() -> None:
    plain = json.loads(run("facts", "missing", filing("688327"), *SHORT, "--format", "json").out)
    assert (plain["schema"], plain["as_of"], plain["issuer"]["code"]) == ("compliance.missing/1", SHORT[1], "688327")
    rows = plain["needs"]
    weights = [(len(row["settles"]), len(row["bears"])) for row in rows]
    assert weights == sorted(weights, reverse=True)
    assert weights[0][0] >= 1
    asked = {row["path"]: row for row in rows}
    assert asked["sanctions"]["who"]["en"] and asked["sanctions"]["document"]["zh"]
    text = run("facts", "missing", filing("688327"), *SHORT, "--lang", "en")
    assert text.status == 0
    assert "1. " in text.out and "settles alone" in text.out
    named = re.sub(r"\s+", " ", text.out)
    first, second = (rules for rules in (rows[0]["settles"], [rule for rule in rows[0]["bears"] if rule not in rows[0]["settles"]]))
    titles = {rule["rule"]: rule["title"]["en"] for rule in case("688327").record()["findings"]}
    assert f"settles alone: {'; '.join(titles[rule] for rule in first[:4])}" in named
    assert all(f"also bears on: {titles[rule]}" in named for rule in second[:1])
    assert not any(rule in text.out for rule in rows[0]["bears"])


# The rule book


def test_rules_list_names_every_rule() -> None:
    done = run("rules", "list", "--pack", str(ROOT / "tests/books/toy"))
    assert [line.split()[0] for line in done.out.splitlines()] == ["noise", "noise-as-read", "loudness"]


def test_rules_show_gives_the_law_through_time() -> None:
    done = run("rules", "show", "working-capital-share")
    assert done.status == 0
    for said in ("30% 2023-02-17起", "2025-03-27", "D1", "use-of-proceeds.yaml:"):
        assert said in done.out


@pytest.mark.parametrize("pack", [(), ("--pack", str(ROOT / "examples" / "house-pack"))], ids=["law", "house"])
def test_rules_show_tells_when_an_exception_holds_and_what_it_sets(pack: tuple[str, ...]) -> None:
    """Also of the rules of a pack that another extends, whose files lie elsewhere."""
    told = " ".join(run("rules", "show", "working-capital-share", "--lang", "en", *pack).out.split())
    assert "rights issue, or all placees fixed by the board: when: offering.route in {rights, fixed}; limit: 100% -" in told
    assert "Exceptions looked at" not in told


def test_rules_diff_names_the_day_that_is_none() -> None:
    done = run("rules", "diff", "2023-02-17", "nonsense", "--lang", "en")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("nonsense: 'nonsense' is no date")


def test_rules_lint_and_test(tmp_path: Path) -> None:
    toy = ROOT / "tests" / "books" / "toy"
    assert run("rules", "lint", str(toy)).status == 0
    assert run("rules", "test", str(toy)).status == 0
    broken = tmp_path / "toy"
    broken.mkdir()
    text = (toy / "pack.yaml").read_text(encoding="utf-8")
    (broken / "pack.yaml").write_text(text.replace("noise <= bound", "noise < bound + 5"), encoding="utf-8")
    done = run("rules", "test", str(broken))
    assert done.status == 1
    assert "太响" in done.out
    (broken / "pack.yaml").write_text(text.replace("noise <= bound", "nois <= bound"), encoding="utf-8")
    done = run("rules", "lint", str(broken))
    assert done.status == 2
    assert "toy/pack.yaml:" in done.err


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("zh", "规则库“toy”没有写明板块由哪个字段说明；请不写 --board，或在 words 中写出 board"),
        ("en", "the pack 'toy' does not say which field the board is; leave --board out, or name the field under words, as board"),
    ],
)
def test_a_form_for_a_book_that_names_no_board(lang: str, says: str) -> None:
    done = run("init", "300766", "--route", "open", "--board", "chinext", "--pack", str(ROOT / "tests/books/toy"), "--lang", lang)
    assert (done.status, done.out, done.err) == (2, "", f"--board: {says}\n")


def test_a_form_asks_for_a_board_where_the_book_knows_any() -> None:
    done = run("init", "300766", "--route", "open", "--pack", str(ROOT / "tests/books/toy"))
    assert (done.status, done.err) == (0, "") and "pack: toy" in done.out
    done = run("init", "300766", "--route", "auction")
    assert (done.status, done.out, done.err) == (2, "", "--board: 缺少“--board”；请补上\n")


# The demo


def test_demo_writes_whole_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "load_case", lambda path, as_of: case(path.parent.name, as_of))  # the cases that other tests check too
    monkeypatch.chdir(tmp_path)
    done = within("demo", "--out", str(tmp_path / "reports"))
    assert (done.status, done.err) == (0, "")
    every = {path.parent.name for path in (ROOT / "cases").glob("*/expected.yaml")}
    expected = {f"{code}.{ending}" for code in every for ending in ("html", "docx", "xlsx", "txt", "md", "json")}
    assert every > set(CASES) and {path.name for path in (tmp_path / "reports").iterdir()} == expected
    assert str(tmp_path / "reports") in done.out
    for code, as_of in CASES.items():
        assert json.loads((tmp_path / "reports" / f"{code}.json").read_text(encoding="utf-8"))["as_of"] == as_of
        sentence = (tmp_path / "reports" / f"{code}.txt").read_text(encoding="utf-8").splitlines()[0]
        assert sentence in done.out
    assert "\n每日互动（300766）：离30%只差0.6个百分点\n" in done.out
    last = done.out.splitlines()[-7:]
    shown = [line.split()[1:] for line in last if line.startswith("  compliance ")]
    assert [line[0] for line in shown] == ["explain", "routes", "facts", "init", "check"]
    assert [(ROOT / part).is_file() for line in shown[:3] for part in line if "/" in part] == [True] * 3


def test_the_demo_names_the_program_as_it_was_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "bin" / "compliance"
    script.parent.mkdir()
    script.write_text("", encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr("sys.argv", [str(script)])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (demo.command(), command_in(script, monkeypatch)) == (str(script), "compliance")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    assert demo.command() == "bin/compliance"


def command_in(script: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the program is called where its folder is on the path."""
    monkeypatch.setenv("PATH", str(script.parent))
    return demo.command()


def test_demo_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    done = run("demo", "--out", str(tmp_path / "taken"))
    assert (done.status, done.out) == (2, "")
    assert "Traceback" not in done.err


# Records shown beside a check

OF_THE_CASE, OF_ANOTHER_DAY = "a timeline of the case", "the same of another day"


@cache
def timeline_text(as_of: str) -> str:
    """A timeline of the case that says it is of some day."""
    found = case("300766")
    return to_json({**timeline(Machine(found.pack), found.filing, found.as_of, found.as_of, found.as_of), "as_of": as_of})


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        # The records that are given, and what is told of the last.
        (
            ["{}"],
            "格式版本“…”不认识；应为 compliance.routes/1 / compliance.timeline/1 / compliance.difference/1",
            "the form '…' is not known; it should be compliance.routes/1 / compliance.timeline/1 / compliance.difference/1",
        ),
        (
            ['{"schema": "compliance.findings/1"}'],
            "这是核查记录，不能直接展示；请先运行 compliance diff 旧记录 新记录 --format json，再用 --with 展示比较的结果",
            "a record of findings cannot be shown as it is; run compliance diff OLD NEW --format json and show what that writes",
        ),
        (
            [OF_ANOTHER_DAY],
            "来自另外的申报事实、规则库或基准日；请按本次的重新生成",
            "it was made from other facts, another rule book or another day; make it anew from these",
        ),
        (
            [OF_THE_CASE, OF_THE_CASE],
            "与 {0} 是同一种记录；请只保留一份",
            "this is a record of the same kind as {0}; keep one",
        ),
    ],
)
def test_a_record_that_cannot_stand_beside(given: list[str], zh: str, en: str, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.json" for number in range(len(given))]
    for path, text in zip(paths, given, strict=True):
        days = {OF_THE_CASE: CASES["300766"], OF_ANOTHER_DAY: "2025-01-01"}
        path.write_text(timeline_text(days[text]) if text in days else text, encoding="utf-8")
    out = tmp_path / "report.html"
    beside = [part for path in paths for part in ("--with", str(path))]
    assert told("check", filing("300766"), *CASE, "--format", "html", "--out", str(out), *beside) == tuple(
        f"{paths[-1]}: {text.format(paths[0])}\n" for text in (zh, en)
    )
    assert not out.exists()
