"""What is read line by line is what the library would give, node by node and place by place; and never what it would refuse."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from compliance.source import MAX_DEPTH, MAX_SCALAR, Node, SourceError, events, lines
from compliance.source.lines import MAX_KEY

ROOT = Path(__file__).resolve().parent.parent
FILES = [
    path for part in ("rules/*", "rules/*/tests", "cases/*", "examples/*", "tests/books/*") for path in sorted(ROOT.glob(f"{part}/*.yaml"))
]
# Everything that is read line by line, and what it could be taken for.
WRITTEN = """\
# remark
a: b # remark
"五": '六'  # remark
c:
- d
- e: f
  g: {zh: 甲, en: "two words", h: [1, -2元, 'x y', {}, []], i: {j: k?}}
  l: >-
    one two
    three: four #

- >-
  m
- - n
  - o
p:
  q: ~
  r: "null"
  s: it's a#b:c [d] -e
"""
# What is put into a text, in place of a character or beside it.
BITS = [
    *"\n -:#,[]{}'\"?&*!|>%@`~\\\t\r\u3000é",
    "  ",
    "- ",
    ": ",
    " #",
    "\n\n",
    "\n  ",
    "\n- ",
    "---\n",
    "...\n",
    ">-",
    "|\n",
    "null",
    "a: ",
]


def by_library(text: str) -> Node | None:
    """The nodes that the library gives, or None where it finds a mistake."""
    try:
        return events.read(text, "f")
    except SourceError:
        return None


def test_books_and_filings_are_read_alike_and_mostly_line_by_line() -> None:
    read = 0
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        found = lines.read(text, "f")
        if found is not None:
            read += 1
            assert found == by_library(text), path
    assert len(FILES) > 60 and read / len(FILES) > 0.85, (read, len(FILES))


def test_every_kind_of_line_is_read_alike() -> None:
    found = lines.read(WRITTEN, "f")
    assert found is not None and found == by_library(WRITTEN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "- ",
        "a:",
        "a: &x b",
        "a: *x",
        "a: !t b",
        "a: |\n  b",
        "a: >\n  b",
        "a: >-\n  b\n\n  c",
        "a: >-\n  b\n    c",
        "a: b\n  c",
        'a: "b\n  c"',
        'a: "\\u0041"',
        "a: 'it''s'",
        "a: b: c",
        "a : b",
        "a: {b: c,\n  d: e}",
        "a: {b, c}",
        "a: [b: c]",
        "{a: b}: c",
        "a: {b: c}}",
        "a: [b}",
        "a: b\na: c",
        "~: b",
        "a:\n  b: c\n d: e",
        "a:\n - b\nc\n",
        "a: 1\n- b",
        "- a\nb: 1",
        " a: b",
        "a: b\n--- \nc: d",
        "a: b\n...\n",
        "a:\tb",
        "a: b\r\nc: d",
        "? a\n: b",
        f"{'k' * (MAX_KEY + 1)}: v",
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        "a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        "- " * (MAX_DEPTH + 1) + "a",
        "- " + "x" * MAX_SCALAR,
    ],
)
def test_what_is_written_otherwise_is_left_to_the_library(text: str) -> None:
    assert lines.read(text, "f") is None


def test_whatever_is_read_the_library_reads_alike() -> None:
    """Whatever is changed in a text, in one place or in several."""
    pick, read = random.Random(1), 0
    for _ in range(6_000):
        text = WRITTEN
        for _ in range(pick.choice((1, 1, 2, 3))):
            at, gone = pick.randrange(len(text)), pick.choice((0, 0, 1, 3))
            text = text[:at] + pick.choice(("", *BITS, *BITS)) + text[at + gone :]
        found = lines.read(text, "f")
        if found is not None:
            read += 1
            assert found == by_library(text), text
    assert read > 1_000
