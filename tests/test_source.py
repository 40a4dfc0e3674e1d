"""YAML and JSON as nodes with places: what is kept, what is refused, and that nothing a file holds can hurt."""

from __future__ import annotations

import contextlib
import json
import os
import re
import string
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bad_input import FOLDER, said
from compliance import source, wording
from compliance.source import Place, Problem, SourceError, Table, locate, parse, plain

SOURCE = Path(source.__file__).parent.parent
TESTS = Path(__file__).parent


def codes(data: bytes | str) -> list[tuple[str, str]]:
    with pytest.raises(SourceError) as caught:
        parse(data, "f")
    return [(str(problem.place), problem.code) for problem in caught.value.problems]


def test_scalars_stay_the_text_that_was_written() -> None:
    text = 'a: 000001\nb: no\nc: 1.10\nd: 12:30\ne: 1e-07\nf: 2024-01-01\ng: "null"\nh: null\ni: ~\nj:\nk: 0x1F\n'
    assert plain(parse(text, "f")) == {
        "a": "000001",
        "b": "no",
        "c": "1.10",
        "d": "12:30",
        "e": "1e-07",
        "f": "2024-01-01",
        "g": "null",
        "h": None,
        "i": None,
        "j": None,
        "k": "0x1F",
    }


def test_places_count_characters_from_one() -> None:
    node = parse('甲: [乙, {丙: 丁}]\nb: &x "y"\nc: *x\n', "f")
    assert isinstance(node, Table)
    assert str(node.place) == "f:1:1"
    assert str(locate(node, ("甲", 1, "丙"))) == "f:1:12"
    assert str(locate(node, ("甲", 7))) == "f:1:4"
    assert str(locate(node, ("none", "deeper"))) == "f:1:1"
    assert str(locate(node, ("b",))) == "f:2:4"
    assert str(node.keys["c"]) == "f:3:1"
    assert str(Place("f")) == "f"


def test_line_ends_byte_order_mark_and_wide_spaces_change_nothing() -> None:
    text = "a: 甲\u3000乙\nb:\n  - 1\n"
    expected = parse(text, "f")
    assert parse(text.encode(), "f") == expected
    assert parse(text.replace("\n", "\r\n").encode(), "f") == expected
    assert parse(text.encode("utf-8-sig"), "f") == expected
    assert parse("\ufeff" + text, "f") == expected


# A key of more than 1,024 characters, as written, is none to YAML.
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=40), inner, max_size=4)
)


@given(st.dictionaries(st.text(min_size=1, max_size=20), values, min_size=1, max_size=4), st.booleans())
def test_json_is_read_as_it_was_written(value: dict[str, Any], is_ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii)
    try:
        found = plain(parse(text, "f"))
    except SourceError as error:  # control characters within a text are refused, whoever wrote them
        assert {problem.code for problem in error.problems} <= {"file-not-text", "yaml-too-deep"}
    else:
        assert found == json.loads(text.translate(dict.fromkeys((0x85, 0x2028, 0x2029), " ")))


def test_a_rare_character_in_two_halves() -> None:
    assert plain(parse('{"name": "\\ud842\\udfb7", "b": "\\\\ud842\\\\udfb7"}', "f")) == {
        "name": "𠮷",
        "b": "\\ud842\\udfb7",
    }


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", [("f:1:1", "file-empty")]),
        (b"\n\n", [("f:1:1", "file-empty")]),
        (b"a: \xff", [("f:1:4", "file-not-text")]),
        ("甲: 乙\n丙".encode() + b"\xe4\xb8", [("f:2:2", "file-not-text")]),
        ("a: 1".encode("utf-16"), [("f:1:1", "file-not-text")]),
        ("甲: 1".encode("gb18030"), [("f:1:1", "file-not-text")]),
        (b"a: 1\nb: \x00", [("f:2:4", "file-not-text")]),
        (b"\x89PNG\r\n\x1a\n", [("f:1:1", "file-not-text")]),
        (b"PK\x03\x04", [("f:1:3", "file-not-text")]),
        ("a: \ud800", [("f:1:4", "file-not-text")]),
        ("a: \ufffe", [("f:1:4", "file-not-text")]),
        ("[" * 100_000, [("f:1:33", "yaml-too-deep")]),
        ("{a: " * 100_000, [("f:1:129", "yaml-too-deep")]),
        ("".join(" " * n + "a:\n" for n in range(300)), [("f:33:33", "yaml-too-deep")]),
        ("- " * 100_000, [("f:1:65", "yaml-too-deep")]),
        ("[" + "1," * 200_001 + "]", [("f:1:400000", "yaml-too-many")]),
        ("a: " + "x" * 100_001, [("f:1:4", "yaml-long-text")]),
        ("a: &a [*a]", [("f:1:8", "yaml-self-alias")]),
        ("a: &a {b: &b [*a]}", [("f:1:15", "yaml-self-alias")]),
        ("a: *b", [("f:1:4", "yaml-unknown-alias")]),
        ("a: !!binary aGk=", [("f:1:4", "yaml-tag")]),
        ("a: !local [1]", [("f:1:4", "yaml-tag")]),
        ("a: 1\n---\nb: 2\n", [("f:2:1", "yaml-several")]),
        ("a: 1\n...\nb", [("f:3:1", "yaml-broken")]),
        ("a: 1\na: 2\na: 3\n", [("f:2:1", "yaml-repeated-key"), ("f:3:1", "yaml-repeated-key")]),
        ("{a: 1, 'a': 2}", [("f:1:8", "yaml-repeated-key")]),
        ("? [a]\n: 1\n? {b: c}\n: 2\n", [("f:1:3", "yaml-key"), ("f:3:3", "yaml-key")]),
        ("%YAML 9.9\n---\na: 1", [("f:1:1", "yaml-broken")]),
        ("a: [1, 2", [("f:1:4", "yaml-broken")]),
        ("a: [1, 2\nb: 3\n", [("f:2:2", "yaml-broken")]),
        ("a: 'x", [("f:1:4", "yaml-broken")]),
        ("a: b: c", [("f:1:5", "yaml-broken")]),
        ("a: @x", [("f:1:4", "yaml-broken")]),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_refused_and_where(data: bytes | str, expected: list[tuple[str, str]]) -> None:
    assert codes(data) == expected


@pytest.mark.parametrize(
    ("data", "zh", "en"),
    [
        # What no fixture can hold, or nobody would read.
        (
            b"a: \xff",
            "f:1:4: 不是 UTF-8 文本；请另存为 UTF-8 编码的 YAML 或 JSON",
            "f:1:4: this is not UTF-8 text; save it as YAML or JSON in UTF-8",
        ),
        ("[" * 33, "f:1:33: 嵌套超过 32 层；请减少层次", "f:1:33: nested more than 32 deep; make it flatter"),
        (
            "a: " + "x" * 100_001,
            "f:1:4: 一个值超过 100000 个字符；请缩短",
            "f:1:4: a value is longer than 100000 characters; shorten it",
        ),
        (
            "%PDF-1.4",
            "f:1:7: YAML 或 JSON 语法错误（不是 YAML 或 JSON）；请检查缩进、引号和括号",
            "f:1:7: YAML or JSON is broken (found unexpected non-alphabetical character); check indentation, quotes and brackets",
        ),
        (
            "a: & b",
            "f:1:5: YAML 或 JSON 语法错误（“&”和“*”之后应当是名称；文字以此开头时请加引号）；请检查缩进、引号和括号",
            "f:1:5: YAML or JSON is broken (did not find expected alphabetic or numeric character); check indentation, quotes and brackets",
        ),
    ],
    ids=["bytes", "depth", "length", "pdf", "anchor"],
)
def test_what_is_refused_is_told_in_both_languages(data: bytes | str, zh: str, en: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse(data, "f")
    assert said(caught.value).splitlines() == [zh, en]


def test_an_alias_is_the_value_it_stands_for_up_to_the_depth() -> None:
    assert plain(parse("a: &x [1, 2]\nb: *x\n", "f")) == {"a": ["1", "2"], "b": ["1", "2"]}
    nested = "a: &a " + "[" * 20 + "]" * 20 + "\nb: " + "[" * 15 + "*a" + "]" * 15
    assert codes(nested) == [("f:2:19", "yaml-too-deep")]


def test_no_more_mistakes_than_anybody_reads() -> None:
    assert len(codes("a: 1\n" * 1000)) == source.MAX_PROBLEMS


@given(st.binary(max_size=60) | st.text(max_size=60) | st.text("[]{}&*!|>'\"%@`#,:?- \n\tab", max_size=60))
def test_nothing_but_a_tree_or_a_reason(data: bytes | str) -> None:
    try:
        node = parse(data, "f")
    except SourceError as error:
        assert error.problems == tuple(sorted(error.problems, key=lambda problem: problem.place))
        assert all(line.startswith("f:") and line.isprintable() for line in said(error).splitlines())
    else:
        plain(node)


def test_a_message_cannot_move_the_terminal_and_stays_short() -> None:
    problem = Problem(Place("\x1b[2Jf", 1, 2), "flag-bad", {"text": "\u202e" + "x" * 500})
    for lang in wording.LANGUAGES:
        text = problem.text(lang)
        assert text.isprintable()
        assert text.startswith("\\x1b[2Jf:1:2: ")
        assert len(text) < 200


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.json"
    source.write_text(path, "一\n")
    assert path.read_bytes() == "一\n".encode()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(SourceError) as caught:
            source.write_text(path, "two\n")
    assert caught.value.problems[0].text("zh").endswith("无法写入（磁盘已满）；请检查文件夹和磁盘空间")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.json"]
    assert path.read_text(encoding="utf-8") == "一\n"
    with pytest.raises(SourceError):
        source.write_text(tmp_path / "none" / "out.json", "")


def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder may be written, so that renaming over it would ask nobody; the other file of the same report stays unwritten too."""
    kept = tmp_path / "kept.json"
    source.write_text(kept, "一\n")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != kept)
    with pytest.raises(SourceError) as caught:
        source.write_several({tmp_path / "other.json": b"", kept: b""})
    assert said(caught.value).splitlines() == [
        f"{kept}: 无法写入（没有权限）；请检查文件夹和磁盘空间",
        f"{kept}: cannot be written (Permission denied); check the folder and the disk",
    ]
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.json"] and kept.read_text(encoding="utf-8") == "一\n"


# The wording


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", wording.TEXTS)
def test_both_languages_say_the_same(code: str) -> None:
    texts = wording.TEXTS[code]
    assert set(texts) == set(wording.LANGUAGES)
    assert all(texts.values())
    assert placeholders(texts["zh"]) == placeholders(texts["en"])
    # Units and words that are written so in a filing, whatever the language of its reader.
    assert not re.search("[\u4e00-\u9fff]", re.sub("万元|亿元|元/股|股|是|否|无|甲|乙", "", texts["en"]))


def test_every_mistake_can_happen() -> None:
    """A wording that no code names is dead; one that is made from parts has the parts in the code."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py") if path.name != "wording.py")
    made = {"shape-" + shape for shape in ("text", "table", "list")} | {name + "-alone" for name in ("revises", "removed")}
    dead = [code for code in wording._MISTAKES if f'"{code}"' not in text and code not in made]
    assert dead == []


# What no input is known to bring about, or only another machine does; and what is worded by whoever says it.
NOT_SHOWN = {"shape-other", "usage", "screen-worker", "screen-cluster"}


def test_every_mistake_is_shown_by_a_fixture_or_a_test() -> None:
    """As the fixtures hold whole messages, a code counts as shown where its wording, placeholders left open, stands."""
    shown = "\n".join(path.read_text(encoding="utf-8") for path in [*FOLDER.glob("*.txt"), *TESTS.glob("*.py"), TESTS / "together.yaml"])
    missing = []
    for code in wording._MISTAKES.keys() - NOT_SHOWN:
        pattern = re.sub(r"\\\{\w+\\\}", ".*", re.escape(wording._MISTAKES[code][0].replace("{{", "{").replace("}}", "}")))
        if f'"{code}"' not in shown and not re.search(pattern, shown):
            missing.append(code)
    assert missing == []


def test_a_pipe_is_read_to_its_end_and_within_the_bound(tmp_path: Path) -> None:
    """Nobody knows beforehand how much a pipe holds."""
    path, data = tmp_path / "pipe", b"x" * 100_000
    os.mkfifo(path)

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), path.open("wb") as stream:
            for start in range(0, len(data), 7_000):
                stream.write(data[start : start + 7_000])
                stream.flush()

    for limit, code in ((len(data), ""), (len(data) - 1, "file-too-large")):
        writer = threading.Thread(target=write)
        writer.start()
        try:
            assert source.read_bytes(path, limit=limit) == data
            found = ""
        except SourceError as error:
            found = error.problems[0].code
        writer.join()
        assert found == code


SHIPPED = sorted(file for folder in ("rules", "cases", "examples", "tests/books") for file in (SOURCE.parents[1] / folder).rglob("*.yaml"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: str(file.relative_to(SOURCE.parents[1])))
def test_the_parser_without_its_c_library_reads_the_same(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    yaml = pytest.importorskip("yaml")
    if not hasattr(yaml, "CSafeLoader"):
        pytest.skip("PyYAML stands here without libyaml")
    quick = parse(file.read_bytes(), file.name)
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert parse(file.read_bytes(), file.name) == quick
