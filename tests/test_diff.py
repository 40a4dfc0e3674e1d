"""Two records: nothing differs from itself, every difference has one cause, and records that cannot be compared are refused."""

from __future__ import annotations

import copy
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from checked import machine
from command import filing, run, told
from compliance import dates, source
from compliance.cli.inputs import load_filing
from compliance.engine.record import check, to_json
from compliance.facts import loading
from compliance.reports import difference as report
from compliance.reports.paper import COLUMNS
from compliance.reports.text import width
from compliance.review.diff import PARTS, Step, difference, value_of
from edits import edited

CODE = "002239"
FIRST = {
    "offering.new_shares": "232283464股",
    "offering.gross_proceeds": "59000.00万元",
    "offering.deducted_for_earlier": "0.00万元",
    "uses[working-capital].proceeds": "59000.00万元",
    "subscribers[长江一号产投].shares": "232283464股",
}
CHANGES = {
    "offering.new_shares": "300000000股",
    "offering.deducted_for_earlier": "90325099.99元",
    "offering.board_date": "2025-06-30",
    "earlier_raisings[placement-2020].non_capital": "13260.00万元",
    "offering.route": "auction",
}


def text_of(put: dict[str, str]) -> str:
    return edited(Path(filing(CODE)), machine().pack.vocabulary, put)


@cache
def record(as_of: str = "2025-12-03", *put: tuple[str, str]) -> dict[str, Any]:
    """The record of the case with some facts put otherwise."""
    pack = machine().pack
    found = loading.read(source.parse(text_of(dict(put)), CODE), pack.vocabulary, pack.id, pack.options)
    return check(machine(), found, dates.parse(as_of).low)


def schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads((files("compliance.review") / "difference.schema.json").read_text(encoding="utf-8")))


def expected(old: dict[str, Any], new: dict[str, Any]) -> set[tuple[str, str]]:
    """What differs, told without the module: by rule and part."""
    a, b = ({one["rule"]: one for one in whole["findings"]} for whole in (old, new))
    return {
        (rule, part)
        for rule in {**a, **b}
        for part in (("finding",) if rule not in a or rule not in b else PARTS[1:])
        if value_of(a.get(rule), part) != value_of(b.get(rule), part)
    }


def test_a_record_does_not_differ_from_itself() -> None:
    assert "differences" not in difference(record(), record())
    again = json.loads(to_json(record()))
    assert "differences" not in difference(record(), again)


@settings(max_examples=12)
@given(st.sets(st.sampled_from(sorted(CHANGES)), max_size=3), st.sampled_from(["2025-12-03", "2024-06-30", "2026-05-01"]))
def test_every_difference_has_one_cause(names: set[str], as_of: str) -> None:
    new = record(as_of, *((name, CHANGES[name]) for name in sorted(names)))
    found = difference(record(), new)
    assert list(schema().iter_errors(found)) == []
    listed = [(one["rule"], one["part"]) for one in found.get("differences", ())]
    assert len(set(listed)) == len(listed)
    assert set(listed) == expected(record(), new)
    kinds = {one["cause"]["kind"] for one in found.get("differences", ())}
    assert kinds <= ({"fact"} if names else set()) | ({"day"} if as_of != "2025-12-03" else set())
    back = difference(new, record())
    assert {(one["rule"], one["part"]) for one in back.get("differences", ())} == set(listed)
    assert [
        line for lang in ("zh", "en") for line in report.render(found, machine().pack, lang).splitlines() if width(line) > COLUMNS
    ] == []


def of_plan(code: str, name: str, as_of: str) -> dict[str, Any]:
    """The record of one of a case's plans."""
    return check(machine(), load_filing(Path(filing(code)).parent / name, machine().pack), dates.parse(as_of).low)


def test_the_first_plan_against_the_revised_one() -> None:
    """The first plan took nothing off for what the placement of 2020 had put into working capital."""
    made = difference(of_plan("002239", "plan-1.yaml", "2025-12-03"), of_plan("002239", "filing.yaml", "2025-12-03"))
    found = {(one["rule"], one["part"]): one for one in made["differences"]}
    one = found["earlier-working-capital", "verdict"]
    assert (one["old"], one["new"]) == ("judgement", "pass")
    assert one["cause"] == {"kind": "fact", "facts": [{"path": "offering.deducted_for_earlier", "old": "0.00万元", "new": "9035.00万元"}]}
    headroom = found["earlier-working-capital", "headroom"]
    assert (headroom["old"]["low"], headroom["new"]["low"]) == ("-90325100.00", "24900.00")
    size = found["issue-size", "measure"]
    assert (size["old"]["low"], size["new"]["low"]) == ("232283464", "196712598")


def test_a_revision_that_takes_the_uses_out() -> None:
    """688256: amount and cap are revised; what the money goes to in the revised plan was not seen."""
    made = difference(of_plan("688256", "filing.yaml", "2025-07-25"), of_plan("688256", "plan-2.yaml", "2025-07-25"))
    found = {(one["rule"], one["part"]): one for one in made["differences"]}
    size = found["issue-size", "measure"]
    assert (size["old"]["low"], size["new"]["low"]) == ("20872837", "20917500")
    assert [fact["path"] for fact in size["cause"]["facts"]] == ["offering.new_shares", "offering.shares_before"]
    assert [need["path"] for need in found["working-capital-share", "needs"]["new"]] == ["uses"]
    assert {one["cause"]["kind"] for one in made["differences"]} == {"fact"}


def test_the_text_names_facts_and_readings_by_their_labels() -> None:
    """As every other output; what the book does not know stays a path."""
    old = record()
    size = next(one for one in old["findings"] if one["rule"] == "issue-size")
    new = copy.deepcopy(record("2025-12-03", ("offering.new_shares", "300000000股")))
    said = {lang: " ".join(report.render(difference(old, new), machine().pack, lang).split()) for lang in ("zh", "en")}
    assert size["facts"] and "offering.new_shares" not in said["zh"] + said["en"]
    assert (
        "原因：事实 本次发行·拟发行股份数量上限（" in said["zh"]
        and "cause: facts the offering, shares to be issued at most (" in said["en"]
    )
    new["facts_sha256"] = "0" * 64
    for finding in new["findings"]:
        finding["questions"] = [{**one, "answer": "other"} for one in finding.get("questions", ()) if one["kind"] == "reading"]
    turned = " ".join(report.render(difference(old, new), machine().pack, "en").split())
    assert "are the shares counted or the rise of the holding? (both → other)" in turned
    assert "reading." not in turned


def test_causes_by_deciding_again(tmp_path: Path) -> None:
    """Facts and the day both differ; each difference is put down to the step that made it."""
    paths = {}
    for name, put, as_of in (("old", FIRST, "2024-06-30"), ("new", {}, "2025-12-03")):
        paths[name] = tmp_path / f"{name}.yaml"
        paths[name].write_text(text_of(put), encoding="utf-8")
        done = run("check", str(paths[name]), "--as-of", as_of, "--format", "json", "--out", str(tmp_path / f"{name}.json"))
        assert done.status in (0, 1, 3), done.err
    given = (
        "diff",
        str(tmp_path / "old.json"),
        str(tmp_path / "new.json"),
        "--format",
        "json",
        "--filings",
        str(paths["old"]),
        str(paths["new"]),
    )
    done = run(*given)
    assert done.status == 0, done.err
    found = json.loads(done.out)
    assert list(schema().iter_errors(found)) == []
    assert found["method"] == "decided_again"
    by_rule = {(one["rule"], one["part"]): one["cause"]["kind"] for one in found["differences"]}
    assert by_rule["earlier-working-capital", "verdict"] == "fact"
    assert set(by_rule.values()) == {"fact", "day"}


def test_a_step_that_undoes_another_leaves_the_last_as_the_cause() -> None:
    old, new = record(), record("2026-05-01", ("offering.new_shares", "300000000股"))
    steps = [Step("fact", record("2025-12-03", ("offering.new_shares", "300000000股"))), Step("day", new)]
    causes = {(one["rule"], one["part"]): one["cause"] for one in difference(old, new, steps)["differences"]}
    assert causes["issue-size", "measure"]["kind"] == "fact"


def altered(**changes: Any) -> dict[str, Any]:
    """The record with parts of its head, or of one finding, changed by hand."""
    made = copy.deepcopy(record())
    for name, value in changes.items():
        if name == "finding":
            next(one for one in made["findings"] if one["rule"] == "issue-size").update(value)
        elif isinstance(value, dict):
            made[name] = {**made[name], **value}
        else:
            made[name] = value
    return made


def test_the_law_and_the_program_as_causes() -> None:
    other = {"verdict": "fail"}
    law = difference(record(), altered(pack={"sha256": "1" * 64}, finding=other))["differences"]
    assert [(one["part"], one["cause"]["kind"]) for one in law] == [("verdict", "law")]
    program = difference(record(), altered(engine={"version": "9"}, finding=other))["differences"]
    assert [one["cause"] for one in program] == [{"kind": "engine", "old": record()["engine"]["version"], "new": "9"}]
    both = difference(record(), altered(pack={"sha256": "1" * 64}, engine={"version": "9"}, finding=other))["differences"]
    assert [one["cause"]["kind"] for one in both] == ["law"]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The record of the case, in its file."""
    return kept(tmp_path, "old.json", record())


def kept(folder: Path, name: str, plain: dict[str, Any]) -> Path:
    path = folder / name
    path.write_text(to_json(plain), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "zh", "en"),
    [
        # What is altered in the second record, and what is told of it in both languages.
        (
            {"issuer": {"code": "000001"}},
            ["两份记录属于不同发行人（002239、000001）；请给出同一发行人的记录"],
            ["the records are of two issuers (002239, 000001); give two of one issuer"],
        ),
        (
            {"pack": {"id": "other"}},
            ["两份记录使用不同的规则库（cn-refinancing、other）；请给出同一规则库的记录"],
            ["the records are of two rule books (cn-refinancing, other); give two of one"],
        ),
        (
            {"issuer": {"code": "000001"}, "pack": {"id": "other"}},
            [
                "两份记录属于不同发行人（002239、000001）；请给出同一发行人的记录",
                "两份记录使用不同的规则库（cn-refinancing、other）；请给出同一规则库的记录",
            ],
            [
                "the records are of two issuers (002239, 000001); give two of one issuer",
                "the records are of two rule books (cn-refinancing, other); give two of one",
            ],
        ),
        (
            {"finding": {"verdict": "fail"}},
            ["事实、规则库、日期和程序都相同，“issue-size”的结果却不同；其中一份记录被改动过，请重新生成"],
            ["facts, rule book, day and program are the same, and yet 'issue-size' differs: one of the records was altered; make it again"],
        ),
    ],
)
def test_what_cannot_be_compared(changes: dict[str, Any], zh: list[str], en: list[str], old: Path, tmp_path: Path) -> None:
    new, out = kept(tmp_path, "new.json", altered(**changes)), tmp_path / "out.txt"
    chinese, english = told("diff", str(old), str(new), "--out", str(out))
    assert (chinese.splitlines(), english.splitlines()) == ([f"{new}: {line}" for line in zh], [f"{new}: {line}" for line in en])
    assert not out.exists()


def test_a_record_of_another_filing_or_another_rule_book(old: Path, tmp_path: Path) -> None:
    """Nothing is decided again from what is not what the records were made from."""
    other, book = tmp_path / "first.yaml", machine().pack.sha256[:12]
    other.write_text(text_of(FIRST), encoding="utf-8")
    first = load_filing(other, machine().pack).sha256[:12]
    new = kept(tmp_path, "new.json", altered(pack={"sha256": "1" * 64}))
    filings = ("--filings", str(other), filing(CODE))
    facts = record()["facts_sha256"][:12]
    chinese, english = told("diff", str(old), str(new), *filings)
    assert chinese.splitlines() == [
        f"--packs: 记录不是由这个规则库生成的（{book}，应为 111111111111）；请用 --packs 给出当时的规则库",
        f"{other}: 记录不是由这份申报文件生成的（{first}，应为 {facts}）；请给出当时的文件",
    ]
    assert english.splitlines() == [
        f"--packs: the record was not made with this rule book ({book}, not 111111111111); give the one of that time with --packs",
        f"{other}: the record was not made from this filing ({first}, not {facts}); give the one it was made from",
    ]


def test_a_record_that_lacks_parts(old: Path, tmp_path: Path) -> None:
    new = kept(tmp_path, "new.json", {name: value for name, value in record().items() if name not in ("as_of", "verdict")})
    chinese, english = told("diff", str(old), str(new))
    assert chinese.splitlines() == [
        f"{new}:1:1: 不是完整的记录，{name} 缺失或形式不对；请用 --format json 重新生成" for name in ("as_of", "verdict")
    ]
    assert english.splitlines() == [
        f"{new}:1:1: this is no whole record: {name} is missing or of another form; make it again with --format json"
        for name in ("as_of", "verdict")
    ]


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        # What the file holds, and what is told of it in both languages.
        (
            "{",
            ":1:2: YAML 或 JSON 语法错误（不是 JSON）；请检查缩进、引号和括号",
            ":1:2: YAML or JSON is broken (Expecting property name enclosed in double quotes); check indentation, quotes and brackets",
        ),
        (
            "[]",
            ": 格式版本“…”不认识；应为 compliance.findings/1",
            ": the form '…' is not known; it should be compliance.findings/1",
        ),
        (
            '{"schema": "compliance.timeline/1"}',
            ": 格式版本“compliance.timeline/1”不认识；应为 compliance.findings/1",
            ": the form 'compliance.timeline/1' is not known; it should be compliance.findings/1",
        ),
        *(
            (
                text,
                ": YAML 或 JSON 语法错误（数字过长或嵌套过深）；请检查缩进、引号和括号",
                ": YAML or JSON is broken (a number is too long, or the nesting too deep); check indentation, quotes and brackets",
            )
            for text in ("[" * 100_000, "9" * 10_000)
        ),
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_record(text: str, zh: str, en: str, tmp_path: Path) -> None:
    bad, none = tmp_path / "bad.json", tmp_path / "none.json"
    bad.write_text(text, encoding="utf-8")
    chinese, english = told("diff", str(bad), str(none))
    assert chinese.splitlines() == [f"{bad}{zh}", f"{none}: 文件不存在；请核对路径"]
    assert english.splitlines() == [f"{bad}{en}", f"{none}: there is no such file; check the path"]
