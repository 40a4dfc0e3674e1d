"""Every mistake in a pack gives its whole message, with its place, in both languages."""

from __future__ import annotations

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bad_input import check, pairs, patched, said, says, sound, take_pack
from compliance import source
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


FIVE = {  # a file, what stands in it, what a hasty hand writes
    "a text in one language": ("pack.yaml", "body: {zh: 某机关, en: some authority}", "body: {zh: 某机关}"),
    "a percentage without its sign": ("rules.yaml", 'value: "30%"', 'value: "30"'),
    "a name that is not there": ("rules.yaml", "spent <= limit", "spend <= limit"),
    "a type that is not there": ("facts.yaml", "type: flag", "type: bool"),
    "a verdict misspelt": ("rules.yaml", "{verdict: pass}", "{verdict: passed}"),
}


def hasty(*names: str) -> set[tuple[str, str]]:
    """The files and codes of what is told of the sound pack with some of the five mistakes in it."""
    files = sound()
    for file, old, new in (FIVE[name] for name in names):
        assert old in files[file]
        files[file] = files[file].replace(old, new, 1)
    with pytest.raises(SourceError) as caught:
        check(files)
    return {(problem.place.document, problem.code) for problem in caught.value.problems}


def test_five_mistakes_are_told_in_one_round() -> None:
    assert hasty(*FIVE) == set().union(*(hasty(name) for name in FIVE))


def told(files: dict[str, str]) -> set[tuple[str, str, str]]:
    """What is told of a pack: files, codes and the user's own words; not the names that are suggested."""
    with pytest.raises(SourceError) as caught:
        check(files)
    return {
        (one.place.document, one.code, str([value for value in one.values.values() if isinstance(value, str)]))
        for one in caught.value.problems
    }


def test_a_mistake_beside_another_invents_none_and_most_are_told_with_it() -> None:
    alone = {title: told(patched(sound(), patch)) for title, (patch, _) in PATCHES.items()}
    both = together = 0
    for one, other in zip(PATCHES, [*PATCHES][7:], strict=False):
        files = patched(sound(), PATCHES[one][0])
        with contextlib.suppress(AssertionError):  # the one may have changed the text that the other changes
            files = patched(files, PATCHES[other][0])
            found = told(files)
            assert found <= alone[one] | alone[other], (one, other)
            together += found == alone[one] | alone[other]
            both += 1
    assert both > 50 and together > both * 3 // 4


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


# What the made-up books become when parts of them are lost, added, or are not what they should be

BOOKS = Path(__file__).parent / "books"
NO_DAYS = ("2024-02-30", "2024-13-01", "2024", "2024-01", "0000-01-01", "99999-01-01", "1900-01-01", "9999-12-31", "二〇二四年")
TOO_LONG = ("9" * 60, "-" + "9" * 60, "0." + "9" * 60 + "%", "9" * 5_000, "1e9", "1..0", "≈")
NO_WORDS = (
    "",
    " ",
    "surplus",
    "both",
    "true",
    "\u202e",
    "{",
    "{measure",
    "{surplus}",
    "(",
    "1 +",
    "sum(",
    "a b",
    "max",
    "as_of",
    "[]",
    "x[].y",
    "any",
)
NO_CITES = ("CUSTOM 二", "CUSTOM 一(九)", "CUSTOM 一(一三十)", "CUSTOM", "CUSTOM ", " 一")
NO_TYPES = ("text", "code", "flag", "date", "list", "ref", "money", "ratio", "count")
NO_TEXTS: tuple[Any, ...] = (None, [], {}, ["surplus"], [[]], [None], {"surplus": "surplus"}, {"": ""}, {"zh": "甲", "en": "a"})
LOST = object()


def parts(plain: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all that plain data holds."""
    inner = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    return [*([at] if at else []), *(path for step, part in inner for path in parts(part, (*at, step)))]


def held(plain: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        plain = plain[step]
    return plain


PLAIN = {name: source.plain(source.load(BOOKS / name / "pack.yaml")) for name in ("toy", "harvest", "notices")}
PARTS = {name: parts(plain) for name, plain in PLAIN.items()}
WORDS = {name: sorted({text for path in PARTS[name] if isinstance(text := held(plain, path), str)}) for name, plain in PLAIN.items()}
KEYS = {name: sorted({path[-1] for path in paths if isinstance(path[-1], str)}) for name, paths in PARTS.items()}


def copied(part: Any) -> Any:
    return part if part is LOST else copy.deepcopy(part)


def mutilate(data: st.DataObject, name: str, plain: Any) -> None:
    """One part of a book lost, another in its place, or one more beside it."""
    path = data.draw(st.sampled_from(parts(plain)))
    around, step = held(plain, path[:-1]), path[-1]
    words = st.sampled_from((*NO_DAYS, *TOO_LONG, *NO_WORDS, *NO_CITES, *NO_TYPES, *WORDS[name]))
    other = st.sampled_from(PARTS[name]).map(lambda path: held(PLAIN[name], path))
    # Most often a text for a text: other shapes are told before anything else is looked at.
    change = data.draw(st.one_of(words, words, words, st.sampled_from((LOST, *NO_TEXTS)), other).map(copied))
    if change is LOST:
        del around[step]
    elif isinstance(around, dict) and data.draw(st.booleans()):
        around[data.draw(st.sampled_from(("surplus", "", "x y", "9" * 99, *KEYS[name])))] = change
    elif not isinstance(change, str) or not isinstance(around[step], (dict, list)):
        around[step] = change


@given(st.data())
@settings(max_examples=300)
def test_a_mutilated_book_is_a_book_or_says_why_not(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(PLAIN)))
    plain = copy.deepcopy(PLAIN[name])
    for _ in range(data.draw(st.integers(1, 3))):
        mutilate(data, name, plain)
        if not plain:
            return
    text = json.dumps(plain, ensure_ascii=False, indent=1)
    lines = text.split("\n")
    try:
        book = assemble(loading.check({"pack.yaml": text.encode()}, name, tests=data.draw(st.sampled_from((None, {})))))
    except SourceError as error:
        assert error.problems
        for problem in error.problems:
            place = problem.place
            assert place.document == f"{name}/pack.yaml"
            if place.line:
                assert 1 <= place.column <= len(lines[place.line - 1]) + 1
            else:
                assert problem.code == "pack-without"  # what is not there stands nowhere
        for line in said(error).splitlines():
            assert line.startswith(f"{name}/pack.yaml:") and line.isprintable()
    else:
        assert book.rules or "rules" not in plain or not plain["rules"]
