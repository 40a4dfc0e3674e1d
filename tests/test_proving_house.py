"""A pack that extends another: its rules stand beside the law's, whose findings stay as they are to the byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bad_input import said
from command import CASES, ROOT, filing, run
from compliance.packs import loading
from compliance.proving.inline import run as run_tests
from compliance.source import SourceError

HOUSE = ROOT / "examples" / "house-pack"
OWN = ("house-working-capital", "house-issue-size", "house-interval")


def record(code: str, *more: str) -> dict[str, Any]:
    """The record of a case."""
    done = run("check", filing(code), "--as-of", CASES[code], "--format", "json", *more)
    found: dict[str, Any] = json.loads(done.out)
    return found


def findings(whole: dict[str, Any], house: bool) -> list[str]:
    """The findings of the house or of the law, each as its bytes."""
    return [json.dumps(one, ensure_ascii=False) for one in whole["findings"] if (one["force"] == "house") == house]


@pytest.mark.parametrize("code", CASES)
def test_the_findings_of_the_law_are_the_same_to_the_byte(code: str) -> None:
    law, with_house = record(code), record(code, "--pack", str(HOUSE))
    assert findings(with_house, house=False) == findings(law, house=False)
    assert with_house["verdict"] == law["verdict"]
    assert len(findings(with_house, house=True)) == len(OWN)
    assert law["pack"]["sha256"] != with_house["pack"]["sha256"]


def test_the_stricter_limit_is_seen() -> None:
    found = {one["rule"]: one["verdict"] for one in record("300766", "--pack", str(HOUSE))["findings"]}
    assert (found["working-capital-share"], found["house-working-capital"]) == ("pass", "fail")


def test_only_its_own_tests_run_and_what_is_left_out_is_said() -> None:
    """It changes nothing of its base, whose many tests would say nothing of it."""
    done = run("rules", "test", str(HOUSE), "--lang", "en")
    own, base = (sum(len(rule.tests) for rule in loading.load(HOUSE).rules if (rule.id in OWN) is mine) for mine in (True, False))
    left = len(loading.load(HOUSE).rules) - len(OWN)
    assert (done.status, base > own) == (0, True)
    assert done.out.splitlines()[0] == f"all {own} tests came out as expected"
    assert f"left out: the tests of {left} rules of the book that this one extends" in done.out.splitlines()[-1]


def test_its_tests_and_those_of_the_law_hold() -> None:
    pack = loading.load(HOUSE)
    assert [result for result in run_tests(pack) if result.faults] == []
    assert tuple(rule.id for rule in pack.rules if rule.force == "house") == OWN
    assert pack.rules[-3:] == tuple(pack.rule(name) for name in OWN)


def mistakes(tmp_path: Path, change: tuple[str, str]) -> list[str]:
    """What is said of the house pack with a part of it changed."""
    folder = tmp_path / "house-pack"
    folder.mkdir()
    text = (HOUSE / "pack.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    (folder / "pack.yaml").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        loading.load(folder)
    return said(caught.value).splitlines()


def test_a_house_makes_no_conditions(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path,
        (
            "    force: house\n    from: 2023-02-17\n    law: [board_date, as_of]\n    cite: HOUSE 1",
            "    force: condition\n    from: 2023-02-17\n    law: [board_date, as_of]\n    cite: HOUSE 1",
        ),
    )
    assert told == [
        "house-pack/pack.yaml:48:12: “house-working-capital”属于扩展的规则库，性质只能是 house；基础规则库的条文不能由此增改",
        "house-pack/pack.yaml:48:12: 'house-working-capital' stands in a pack that extends another and can only be of force house;"
        " the law stays as its own pack has it",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("  house_size_cap:", "  placement_size_cap:"), "'placement_size_cap' is defined elsewhere already"),
        (("id: house-issue-size", "id: issue-size"), "'issue-size' is defined elsewhere already"),
        (("    house_free_from:", "    free_from:"), "'raising.free_from' is defined elsewhere already"),
    ],
)
def test_nothing_of_the_law_is_changed(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    assert any(told in line for line in mistakes(tmp_path, change))


def test_the_law_says_where_routes_stand(tmp_path: Path) -> None:
    assert mistakes(tmp_path, ('version: "1"', 'version: "1"\nroutes: {path: offering.route}')) == [
        "house-pack/pack.yaml:5:9: “routes”由基础规则库规定；请删去",
        "house-pack/pack.yaml:5:9: 'routes' is for the pack that is extended to say; remove it",
    ]


def test_a_base_that_is_not_there_is_told(tmp_path: Path) -> None:
    told = mistakes(tmp_path, ("extends: cn-refinancing", "extends: no-such"))
    assert [line.partition(": ")[2] for line in told] == [
        "找不到作为基础的规则库“no-such”；请核对 extends",
        "there is no pack 'no-such' to extend; check extends",
    ]


def test_it_needs_a_version_of_its_own(tmp_path: Path) -> None:
    assert mistakes(tmp_path, ('version: "1"\n', "")) == [
        "house-pack/pack.yaml: 规则库缺少“version”；请补上",
        "house-pack/pack.yaml: the pack has no 'version'; add it",
    ]
