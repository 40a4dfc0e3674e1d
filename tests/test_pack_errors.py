"""Every mistake in a pack gives its whole message, with its place, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from bad_input import check, pairs, said, says, sound, take_pack
from compliance.packs import folder, loading
from compliance.packs.book import assemble
from compliance.source import SourceError

PATCHES = pairs("packs.txt")


def test_the_pack_that_the_fixtures_change_is_sound() -> None:
    check(sound())


@pytest.mark.parametrize("title", PATCHES)
def test_a_bad_pack_says_what_is_wrong(title: str) -> None:
    patch, expected = PATCHES[title]
    assert expected
    assert says(take_pack, patch) == expected


def test_no_pack_and_one_of_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("many").mkdir()
    for number in range(folder.MAX_FILES + 1):
        Path(f"many/{number}.yaml").touch()
    lines = []
    for name in ("none", "many"):
        with pytest.raises(SourceError) as caught:
            loading.load(Path(name))
        lines += said(caught.value).splitlines()
    assert lines == [
        "none: 没有这个规则库文件夹；请核对路径",
        "none: there is no such pack folder; check the path",
        "many: 规则库超过 200 个文件；请合并",
        "many: the pack has more than 200 files; join some",
    ]


def test_mistakes_of_all_files_come_at_once() -> None:
    files = sound()
    files["facts.yaml"] = files["facts.yaml"].replace("type: flag", "type: bool")
    files["rules.yaml"] += "surplus: 1\n"
    files["pack.yaml"] = files["pack.yaml"].replace("body: {zh: 某机关, en: some authority}", "body: 某机关")
    with pytest.raises(SourceError) as caught:
        check(files)
    assert [(str(p.place).partition(":")[0], p.code) for p in caught.value.problems] == [
        ("pack/pack.yaml", "shape-table"),
        ("pack/rules.yaml", "field-extra"),
    ]


TESTS = "tests:\n  spending:\n    - {name: {zh: 一, en: one}, facts: {}, expect: {verdict: missing}}\n"


def lines_of(tmp_path: Path, tests: str, inline: bool) -> list[str]:
    """What is said of the sound pack with a file of tests beside it; ``inline``: those in its rules are left there."""
    where = tmp_path / "pack"
    (where / "tests").mkdir(parents=True)
    for name, text in sound().items():
        kept = text if inline else text[: text.index("    tests:")] if "    tests:" in text else text
        (where / name).write_text(kept, encoding="utf-8")
    (where / "tests" / "rules.yaml").write_text(tests, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        loading.load(where)
    return [problem.text("en") for problem in caught.value.problems]


def test_tests_in_a_file_of_their_own_are_asked_for_as_much(tmp_path: Path) -> None:
    asked = "each rule needs one that passes, one that fails and one that lacks a fact"
    assert lines_of(tmp_path, TESTS, inline=False) == [
        f"pack/tests/rules.yaml:3:5: there is no test with verdict {verdict}; {asked}" for verdict in ("pass", "fail")
    ]


def test_a_file_of_tests_holds_tests_alone(tmp_path: Path) -> None:
    found = lines_of(tmp_path, TESTS + TESTS.partition("\n")[2].replace("spending", "other") + "more: 1\n", inline=True)
    assert found == ["pack/tests/rules.yaml:6:1: there is no field 'more'; there is: tests"]


def test_tests_stand_in_one_place_and_are_of_a_rule_that_is_there(tmp_path: Path) -> None:
    found = lines_of(tmp_path, TESTS + TESTS.partition("\n")[2].replace("spending", "other"), inline=True)
    assert [line.partition(";")[0] for line in found] == [
        "pack/tests/rules.yaml:2:3: 'spending' is defined elsewhere already",
        "pack/tests/rules.yaml:4:3: there is no rule 'other'",
    ]


def test_a_book_loaded_without_its_tests_does_not_pretend_to_have_none() -> None:
    files = {name: text.encode() for name, text in sound().items()}
    rule = assemble(loading.check(files, "pack")).rules[0]
    with pytest.raises(LookupError):
        _ = rule.tests
    assert assemble(loading.check(files, "pack", tests={})).rules[0].tests
