"""The record: the form that is declared, the same bytes anywhere, and every assumption listed."""

from __future__ import annotations

import json
import locale
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from checked import book, case, machine, record
from command import CASES, ROOT, TIME_LIMIT, arguments, environment, filing, run
from compliance import dates, source
from compliance.cli.inputs import load_case, load_filing
from compliance.engine.plain import without_empty
from compliance.engine.record import check
from compliance.engine.working import told as in_line
from compliance.facts import loading
from compliance.proving.inline import filing_of
from compliance.reports.view import build
from declared import validator
from edits import edited

LOCALES = ("C", "POSIX", "zh_CN.GBK", "zh_CN.UTF-8", "tr_TR.UTF-8")
VERSIONS = ("3.11", "3.12", "3.13")


@cache
def as_bytes(code: str) -> bytes:
    return run("check", filing(code), "--as-of", CASES[code], "--format", "json").bytes


def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "src/compliance/engine/findings.schema.json").read_text(encoding="utf-8"))
    return found


@cache
def form() -> Any:
    return validator(schema())


# The declared form


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_schema_is_what_the_command_prints() -> None:
    done = run("schema", "findings")
    assert done.status == 0
    assert json.loads(done.out) == schema()


@pytest.mark.parametrize("as_of", ["2025-12-31", "2024-06-25", "2023-03-01"])
@pytest.mark.parametrize("route", [None, "fixed", "rights", "convertible_public"])
@pytest.mark.parametrize("code", CASES)
def test_records_keep_to_the_schema(code: str, route: str | None, as_of: str) -> None:
    found = case(code, as_of, route).record()
    mistakes = [f"{error.json_path}: {error.message}" for error in form().iter_errors(found)]
    assert mistakes == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict",), "perhaps"),
        (("as_of",), "2025"),
        (("findings", 0, "verdict"), "ok"),
        (("findings", 0, "citations"), []),
        (("findings", 0, "colour"), "red"),
        (("places", 0, "page"), [1]),
    ],
)
def test_the_schema_refuses_what_is_no_record(path: tuple[Any, ...], value: object) -> None:
    broken = json.loads(as_bytes("300766"))
    at = broken
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    assert list(form().iter_errors(broken))


def test_an_absent_key_means_none() -> None:
    """Nothing in a record is empty or null; zero and false are something."""

    def empty(part: Any, path: str) -> Iterator[str]:
        if part in (None, "", [], {}) and part is not False and part != 0:
            yield path
        if isinstance(part, dict):
            for key, inner in part.items():
                yield from empty(inner, f"{path}.{key}")
        elif isinstance(part, list):
            for index, inner in enumerate(part):
                yield from empty(inner, f"{path}[{index}]")

    for code in CASES:
        assert list(empty(record(code), code)) == []
    kept = {"robust": False, "fewest": 0}
    assert without_empty({"a": None, "b": "", "c": [], "d": {"e": None}, **kept}) == kept


def test_no_binary_float_and_no_machine_in_it() -> None:
    for code in CASES:
        text = as_bytes(code).decode("utf-8")
        json.loads(text, parse_float=lambda digits: pytest.fail(f"a bare decimal: {digits}"))
        assert str(ROOT) not in text and "filing.yaml" not in text
        assert text.endswith("}\n") and "\r" not in text


# The same bytes


@pytest.mark.parametrize("code", CASES)
def test_the_same_bytes_twice(code: str) -> None:
    assert run("check", filing(code), "--as-of", CASES[code], "--format", "json").bytes == as_bytes(code)


@pytest.mark.parametrize("code", CASES)
def test_the_same_bytes_in_another_folder(code: str, tmp_path: Path) -> None:
    """Filing and rule book copied elsewhere, under another name, run from there."""
    shutil.copytree(ROOT / "rules" / "cn-refinancing", tmp_path / "书" / "cn-refinancing")
    shutil.copy(filing(code), tmp_path / "申报 1.yaml")
    given = ["check", "申报 1.yaml", "--pack", "书/cn-refinancing", "--as-of", CASES[code], "--format", "json", "--out", "记录.json"]
    done = run(*given, cwd=tmp_path)
    assert done.status in (0, 1, 3), done.err
    assert (tmp_path / "记录.json").read_bytes() == as_bytes(code)


@pytest.mark.parametrize("name", LOCALES)
def test_the_same_bytes_under_another_locale(name: str) -> None:
    if not known(name):
        pytest.skip(f"the machine has no locale {name}")
    for form in ("json", "md", "text"):
        given = ["check", filing("688327"), "--as-of", CASES["688327"], "--format", form]
        assert run(*given, env={"LC_ALL": name, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}).bytes == run(*given).bytes


def known(name: str) -> bool:
    """Whether the machine has a locale."""
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_ALL, before)
    return True


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_the_same_bytes_whatever_the_hash_seed(seed: str) -> None:
    given = ["check", filing("300766"), "--as-of", CASES["300766"], "--format", "json"]
    assert run(*given, env={"PYTHONHASHSEED": seed}).bytes == as_bytes("300766")


def test_the_same_bytes_with_and_without_a_cache(tmp_path: Path) -> None:
    given = ["check", filing("688327"), "--as-of", CASES["688327"], "--format", "json"]
    cold = run(*given, env={"COMPLIANCE_CACHE": str(tmp_path / "cache")}).bytes
    warm = run(*given, env={"COMPLIANCE_CACHE": str(tmp_path / "cache")}).bytes
    never = run(*given, env={"COMPLIANCE_CACHE": "/dev/null/none"}).bytes
    assert cold == warm == never == as_bytes("688327")


def pythons(version: str) -> Iterator[str]:
    """The interpreters of a version that the machine has: those named, on the path, and pyenv's."""
    yield from os.environ.get("COMPLIANCE_TEST_PYTHONS", "").split(os.pathsep)
    yield from filter(None, [shutil.which(f"python{version}")])
    yield from map(str, sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python")))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_bytes_on_another_python(version: str) -> None:
    """COMPLIANCE_TEST_PYTHONS may name interpreters that have pydantic, PyYAML and click."""
    code = "import sys, click, pydantic, yaml; print('%d.%d' % sys.version_info[:2])"
    tried = []
    for python in filter(None, pythons(version)):
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=TIME_LIMIT, check=False)
        if done.stdout.strip() == version:
            break
        tried.append(python)
    else:
        pytest.skip(f"no Python {version} with pydantic, PyYAML and click; looked at {', '.join(tried) or 'none'}")
    for name in CASES:
        assert run("check", filing(name), "--as-of", CASES[name], "--format", "json", python=python).bytes == as_bytes(name)


@pytest.mark.parametrize("code", CASES)
def test_the_order_of_the_file_does_not_matter(code: str, tmp_path: Path) -> None:
    """Every table and every list of facts shuffled: the record is the same."""
    plain = yaml.load(Path(filing(code)).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    chance = random.Random(7)

    def shuffled(part: Any, keys: bool = True) -> Any:
        if isinstance(part, dict):
            names = list(part)
            chance.shuffle(names)
            return {name: shuffled(part[name], name not in ("tables", "documents")) for name in names}
        if isinstance(part, list) and keys and all(isinstance(item, dict) for item in part):
            listed = [shuffled(item) for item in part]
            chance.shuffle(listed)
            return listed
        return part

    head = {"tables": plain.get("tables", []), "documents": plain["documents"]}
    path = tmp_path / "filing.yaml"
    path.write_text(yaml.safe_dump({**shuffled(plain), **head}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    again = load_case(path, CASES[code]).record()
    for one in (again, whole := dict(record(code))):
        one["documents"] = dict(sorted(one["documents"].items()))
    assert again == whole


# Assumptions


@pytest.mark.parametrize("code", CASES)
def test_what_was_taken_for_granted_is_listed(code: str) -> None:
    found = record(code)["assumptions"]
    listed = {(part["kind"], part["path"]) for part in found}
    loaded = load_filing(Path(filing(code)), case(code).pack)
    assert {("fact", path) for path in loaded.assumed} <= listed
    read = {fact["path"] for finding in record(code)["findings"] for fact in finding.get("facts", ())}
    complete = {path for path, fact in loaded.facts.items() if fact.field.type == "list" and fact.text == "complete" and "[" not in path}
    assert {("complete", path) for path in complete & read} <= listed
    assert all(set(part["text"]) == {"zh", "en"} for part in found)
    assert len(listed) == len(found), "each is listed once"


def test_a_reading_by_default_is_an_assumption_and_an_answered_one_is_not(tmp_path: Path) -> None:
    toy = ROOT / "tests" / "books" / "toy"
    head = "schema: compliance.filing/1\npack: toy\nissuer: {code: '000001'}\nparty: {kind: open, held: 2024-01-01, spare: '1'}\n"
    path = tmp_path / "filing.yaml"
    for more, expected in (("", True), ("judgements: [{path: reading.counted, answer: everything}]\n", False)):
        path.write_text(head + more, encoding="utf-8")
        found = load_case(path, "2024-01-02", pack=toy).record().get("assumptions", [])
        assert ("reading", "reading.counted") in {(part["kind"], part["path"]) for part in found} or not expected
        assert expected or "reading.counted" not in {part["path"] for part in found}


def test_a_route_that_is_tried_is_an_assumption() -> None:
    found = load_case(Path(filing("300766")), CASES["300766"], route="rights").record()
    said = [part["text"] for part in found["assumptions"] if part["path"] == "offering.route"]
    assert len(said) == 1
    assert "rights" in said[0]["en"] and "auction" in said[0]["en"]


# Command


def test_json_is_utf8_and_nothing_else() -> None:
    done = subprocess.run(
        arguments("check", filing("688327"), "--as-of", CASES["688327"], "--format", "json"),
        env=environment({"PYTHONIOENCODING": "latin-1"}),
        capture_output=True,
        timeout=TIME_LIMIT,
        check=False,
    )
    assert done.stdout == as_bytes("688327")
    assert done.stderr == b""


def test_every_exception_says_whether_it_is_in_force() -> None:
    found = {one["rule"]: one for one in record("300766")["findings"]}
    states = {one["id"]: one["state"] for one in found["control-basis"]["exceptions"]}
    assert states == {"majority-of-shares": "not_in_force", "majority-of-the-board": "not_in_force", "half-of-the-board": "in_force"}
    assert found["control-basis"]["exception"]["id"] == "half-of-the-board"
    assert {one["id"]: one["state"] for one in found["placee-mandatory-offer"]["exceptions"]}["offer-waived"] == "open"


def test_a_pass_says_where_it_is_not_known_that_the_rule_applies() -> None:
    """Whoever leaves out board and route is told that rules of other routes are met, if they apply; with the route they do not."""
    found = case("300766")
    text = edited(Path(filing("300766")), found.pack.vocabulary, drop=("issuer.board", "offering.route"))
    read = loading.read(source.parse(text, "edited"), found.pack.vocabulary, found.pack.id, found.pack.options)
    plain = check(found.machine, read, found.as_of, {"rights-size", "working-capital-share"})
    marked = {one["rule"]: (one["verdict"], one.get("applies")) for one in plain["findings"]}
    assert (marked["rights-size"], marked["working-capital-share"]) == (("pass", "open"), ("pass", "open"))
    assert [error.message for error in form().iter_errors(plain)] == []
    whole = {one["rule"]: (one["verdict"], one.get("applies")) for one in record("300766")["findings"]}
    assert (whole["rights-size"], whole["working-capital-share"]) == (("not_applicable", None), ("pass", None))
    for lang, told in (
        ("zh", "本条是否适用尚未确定；如果适用，要求已经满足。"),
        ("en", "Whether the rule applies is not known; if it does, its requirement is met."),
    ):
        shown = build(plain, found.pack, lang)
        assert {one.rule for one in shown.findings() if told in one.rests} == {rule for rule, (_, mark) in marked.items() if mark}


LATE = """
schema: compliance.filing/1
pack: cn-refinancing
issuer: {code: "000001", name: 甲公司, board: main_sz}
offering: {route: auction, board_date: 2024-01-10, stage: completed, registered: 2024-08-31, issue_ended: 2025-09-01}
"""
WAITS = "To be judged: whether securities were issued while the registration held. It hangs on: whether the exception"


@pytest.mark.parametrize(
    ("begun", "verdict", "says"),
    [
        (None, "judgement", f"{WAITS} “the offer was begun in time” applies."),
        ("2025-08-31", "judgement", None),
        ("2025-09-01", "fail", None),
    ],
)
def test_no_fail_is_proved_while_an_exception_may_leave_it_to_people(
    tmp_path: Path, begun: str | None, verdict: str, says: str | None
) -> None:
    path = tmp_path / "filing.yaml"
    path.write_text(LATE.replace("issue_ended", f"issue_first_day: {begun}, issue_ended") if begun else LATE, encoding="utf-8")
    record = load_case(path, "2025-12-31").record(["registration-in-force"])
    (found,) = record["findings"]
    assert found["verdict"] == verdict
    assert says is None or found["message"]["en"] == says


# What is said of one finding, where the facts are few


def found(rule: str, facts: dict[str, Any], day: str = "2025-12-31") -> dict[str, Any]:
    """The finding of one rule of the book on a filing made up for it."""
    (finding,) = check(machine(), filing_of(book(), facts, {}), dates.parse(day).low, {rule}, "reference")["findings"]
    return dict(finding)


@pytest.mark.parametrize(
    ("rule", "route", "path", "decides"),
    [
        # Beside an unknown total no number of new shares that anybody states is too great; none at all is few enough.
        ("issue-size", "auction", "offering.new_shares", ["pass"]),
        # Both ends of the scale fail, and what the law asks for lies between them.
        ("bond-face", "convertible_public", "offering.bond_face", ["pass", "fail"]),
        ("bond-term", "convertible_public", "offering.bond_term_months", ["pass", "fail"]),
        ("months-since-listing", "auction", "issuer.listed", ["pass", "fail"]),
    ],
)
def test_a_need_names_the_verdicts_that_a_filing_could_bring_it_to(rule: str, route: str, path: str, decides: list[str]) -> None:
    finding = found(rule, {"issuer": {"board": "main_sh"}, "offering": {"route": route, "board_date": "2025-06-01"}})
    assert {need["path"]: need.get("decides") for need in finding["needs"]}[path] == decides


YEAR = {"total_assets": "1亿元", "fixed_assets": "1500万元", "construction_in_progress": "0元", "land_use_rights": "0元"}


@pytest.mark.parametrize(
    ("other", "verdict", "turn"),
    [("500.01万元", "fail", ("..5000000元", "pass")), ("400万元", "pass", ("5000000.01元..", "fail"))],
)
def test_an_amount_turns_a_verdict_to_the_fen(other: str, verdict: str, turn: tuple[str, str]) -> None:
    """The flip says all amounts that turn it, as a filing may hold them: put there, it does; one fen less far, it does not."""
    last = {"year": "2025", "ended": "2025-12-31", **YEAR, "right_of_use_assets": "0元", "deferred_expenses": "0元"}
    facts = {
        "issuer": {"board": "star"},
        "offering": {"route": "auction", "board_date": "2026-04-01", "light_asset_claimed": "true", "latest_year_end": "2025-12-31"},
        "financial_years": {"complete": "true", "items": [last]},
    }

    def at(amount: str) -> dict[str, Any]:
        years = {"complete": "true", "items": [{**last, "other_capital_assets": amount}]}
        return found("few-assets", {**facts, "financial_years": years}, "2026-04-01")

    finding = at(other)
    (flip,) = finding["flips"]
    assert (finding["verdict"], flip["change"][0]["to"], flip["verdict"]) == (verdict, *turn)
    assert at(turn[0])["verdict"] == turn[1]
    assert at("5000000.01元")["verdict"] == "fail" and at("5000000元")["verdict"] == "pass"


def test_an_exception_that_leaves_to_people_does_not_speak_in_the_words_of_the_rule() -> None:
    """Nobody is under a restriction; only the text of the law was not read."""
    facts = {"issuer": {"board": "bse"}, "offering": {"route": "auction"}, "restrictions": {"complete": "true", "items": []}}
    finding = found("beijing-restrictions", facts)
    assert (finding["verdict"], finding["exception"]["id"]) == ("judgement", "text-unread")
    assert finding["message"] == {
        "zh": "例外“当期审核规则文本没有核对”适用，是否符合要求由人判断。",
        "en": "The exception “the review rules of the day were not read” applies; whether the rule is met is for people to judge.",
    }


def because(rule: str, *put: tuple[str, str]) -> list[list[tuple[str, str]]]:
    """How each item of a rule's list came by its value on 300766: the operations with what came of them."""
    found = case("300766")
    text = edited(Path(filing("300766")), found.pack.vocabulary, put=dict(put))
    read = loading.read(source.parse(text, "edited"), found.pack.vocabulary, found.pack.id, found.pack.options)
    (plain,) = check(found.machine, read, found.as_of, {rule})["findings"]
    (step,) = [one for one in plain["steps"] if one["op"] in ("any", "max")]
    return [[(one["op"], in_line(one["value"])) for one in part.get("because", ())] for part in step["parts"]]


def test_a_day_and_a_truth_of_an_item_tell_how_they_came_about() -> None:
    """Whether an item is in a look-back is told by its days; nothing is told where its kind settles it, whatever its days."""
    assert because("directors-officers-sanctions") == [[("add_months", "2024-10-18..2024-11-30")]] * 5
    assert because("controller-violations") == [[], [], [("add_months", "2024-11-01..2024-11-30"), (">=", "false")]]
    # A fine paid later: the days are compared again, and the violation counts.
    late = ("sanctions[penalty-fangyi].parts[fine].executed", "2022-02-01")
    assert because("controller-violations", late)[-1] == [("add_months", "2025-02-01"), (">=", "true")]
