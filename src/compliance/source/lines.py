"""Read YAML line by line, as rule books and filings are mostly written; what is written otherwise is left to the library.

What is read here: printable text; tables and lists that stand in each other by their columns; texts that are plain or between
quotes without escapes, each on one line; ``>-``; and tables and lists between brackets that close on their line. It gives the
nodes and places that the library would give, in three fifths of the time, and the library need not be loaded. Whatever is not
plainly of this kind is in doubt, so this may refuse what the library takes, and never takes what it refuses.
"""

from __future__ import annotations

import re
from typing import Any

from compliance.source.nodes import MAX_DEPTH, MAX_NODES, MAX_SCALAR, NULLS, Node, Place, Scalar, Sequence, Table

_PLAIN = r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]"  # what a plain text may begin with anywhere
# Spaces; the dash of an item, or a key with its colon; the rest of the line.
_LINE = re.compile(r"( *)(?:(-) +|(\w[^\s:#]*|\"[^\"\\]+\"):(?: +|$))?(.*)")
_BESIDE = r" *(?:(?<= )#.*)?"  # a remark
_QUOTED = re.compile(rf"(?:\"([^\"\\]*)\"|'([^']*)'){_BESIDE}")
_FOLDED = re.compile(rf">-{_BESIDE}")
_REST = re.compile(_BESIDE)
# Between brackets: a key, then a scalar with what comes after it, or else the bracket of what stands inside.
_SCALAR = rf"(?:((?:{_PLAIN}|-(?=\d))[^:#,\[\]{{}}]*)|\"([^\"\\]*)\" *|'([^']*)' *)"
_PART = re.compile(rf" *(?:(\w[^\s:#,\[\]{{}}]*|\"[^\"\\]+\"): +)?(?:{_SCALAR}([,\]}}])|(?=[\[{{]))")
_AFTER = re.compile(r" *([,\]}])")
_CLOSE = {"[": "]", "{": "}"}
_STARTS = re.compile(rf"{_PLAIN}|-(?=\d)")

MAX_KEY = 1_000  # characters of a key; the library knows none of more than 1,024

_make = tuple.__new__  # makes a node or place as its class would, in half the time


class _Doubt(Exception):
    """The text is not plainly of the kind that is read here."""


def read(text: str, name: str) -> Node | None:
    """The nodes of a text, or None where they are in doubt. ``name`` is what places call the document."""
    lines = text.split("\n")
    # A node takes two characters at least.
    if len(text) > 2 * MAX_NODES or max(map(len, lines)) > MAX_SCALAR or not text.replace("\n", "").isprintable():
        return None
    try:
        return _Reader(name, lines).document()
    except _Doubt:
        return None


class _Reader:
    """Reads the lines of one text from the first to the last.

    What stands next is looked at once: the column it begins in (``here``; -1 at the end), whether it is the dash of an item, or its
    key, and the rest of the line (``value``) with the column of that (``start``).
    """

    __slots__ = ("dash", "here", "key", "line", "lines", "name", "number", "start", "value")

    def __init__(self, name: str, lines: list[str]) -> None:
        self.name = name
        self.lines = lines
        self.number = 0  # of the line that is looked at, from 1
        self.step()

    def step(self) -> None:
        """Look at the next line that is neither empty nor a remark."""
        lines, number = self.lines, self.number
        while number < len(lines):
            line = lines[number]
            number += 1
            if line and self.look(line, 0):
                self.line, self.number = line, number
                return
        self.here = -1

    def look(self, line: str, at: int) -> bool:
        """Look at a line from a column on; tells whether anything but a remark stands there."""
        found: Any = _LINE.match(line, at)
        spaces, self.dash, self.key, value = found.groups()
        self.here = at + len(spaces)
        self.value = value
        self.start = len(line) - len(value)
        return self.key is not None or self.dash is not None or (value != "" and value[0] != "#")

    def document(self) -> Node:
        """All of it."""
        if self.here != 0:
            raise _Doubt
        node = self.node(1)
        if self.here >= 0:
            raise _Doubt
        return node

    def place(self, column: int) -> Place:
        return _make(Place, (self.name, self.number, column + 1, ""))

    def node(self, depth: int) -> Node:
        """The table or list that begins here."""
        if depth > MAX_DEPTH or (self.dash is None and self.key is None):
            raise _Doubt
        return self.items(depth) if self.dash is not None else self.table(depth)

    def items(self, depth: int) -> Sequence:
        column, place = self.here, self.place(self.here)
        found: list[Node] = []
        while self.here == column and self.dash is not None:
            self.look(self.line, self.start)
            found.append(self.value_in(column, depth) if self.dash is None and self.key is None else self.node(depth + 1))
        if self.here > column:
            raise _Doubt
        return _make(Sequence, (tuple(found), place))

    def table(self, depth: int) -> Table:
        name, column, place = self.name, self.here, self.place(self.here)
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while self.here == column and (key := self.key) is not None:
            at = _make(Place, (name, self.number, column + 1, ""))
            if key[0] == '"':
                key = key[1:-1]
            elif key in NULLS:
                raise _Doubt
            if key in keys or len(key) > MAX_KEY:
                raise _Doubt
            keys[key] = at
            value = self.value
            if value and value[0] != "#":
                entries[key] = self.value_in(column, depth)
                continue
            self.step()
            if self.here <= column and not (self.here == column and self.dash is not None):
                raise _Doubt
            entries[key] = self.node(depth + 1)
        if self.here >= column:
            raise _Doubt
        return _make(Table, (entries, keys, place))

    def value_in(self, column: int, depth: int) -> Node:
        """What stands at the end of the line (and, folded, below it), in a table or list that begins in ``column``."""
        value, place, is_plain = self.value, self.place(self.start), False
        if not value:
            raise _Doubt
        first = value[0]
        if first in "[{":
            node, end = self.between(self.start, depth + 1)
            if _REST.fullmatch(self.line, end) is None:
                raise _Doubt
            self.step()
            return node
        if first in "\"'":
            found = _QUOTED.fullmatch(value)
            if found is None:
                raise _Doubt
            text = found[1] if found[1] is not None else found[2]
        elif first == ">":
            text = self.folded(column)
        else:
            text = value[: value.index(" #")] if " #" in value else value
            text, is_plain = text.rstrip(" "), True
            if _STARTS.match(text) is None or ": " in text or text[-1] == ":":
                raise _Doubt
        self.step()
        return _make(Scalar, (None if is_plain and text in NULLS else text, place, is_plain))

    def folded(self, column: int) -> str:
        """The lines below, joined: all begin in one column further in, and none among them is empty."""
        if _FOLDED.fullmatch(self.value) is None or self.number == len(self.lines):
            raise _Doubt
        number, line = self.number, self.lines[self.number]
        deep = len(line) - len(line.lstrip(" "))
        found = []
        while deep > column and line[:deep].isspace() and line[deep : deep + 1] not in ("", " "):
            found.append(line[deep:])
            number += 1
            line = self.lines[number] if number < len(self.lines) else ""
        after = next((line for line in self.lines[number:] if line), "")
        if not found or after[:deep].isspace() or sum(map(len, found)) + len(found) > MAX_SCALAR:
            raise _Doubt
        self.number = number
        return " ".join(found)

    def between(self, at: int, depth: int) -> tuple[Node, int]:
        """The table or list whose bracket stands at a column, and the column after its end."""
        if depth > MAX_DEPTH:
            raise _Doubt
        name, number, line, place, close = self.name, self.number, self.line, self.place(at), _CLOSE[self.line[at]]
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        items: list[Node] = []
        at, end = at + 1, ","
        if line[at : at + 1] == close:
            at, end = at + 1, close
        while end == ",":
            found = _PART.match(line, at)
            if found is None:
                raise _Doubt
            key, plain, double, single, end = found.groups()
            at = found.end()
            if plain is not None:
                text = plain.rstrip(" ")
                node: Node = _make(Scalar, (None if text in NULLS else text, _make(Place, (name, number, found.start(2) + 1, "")), True))
            elif end is not None:
                text, begin = (double, found.start(3)) if single is None else (single, found.start(4))
                node = _make(Scalar, (text, _make(Place, (name, number, begin, "")), False))
            else:
                node, at = self.between(at, depth + 1)
                after = _AFTER.match(line, at)
                if after is None:
                    raise _Doubt
                end, at = after[1], after.end()
            if (key is None) != (close == "]"):
                raise _Doubt
            if key is None:
                items.append(node)
                continue
            where = _make(Place, (name, number, found.start(1) + 1, ""))
            if key[0] == '"':
                key = key[1:-1]
            elif key in NULLS:
                raise _Doubt
            if key in keys or len(key) > MAX_KEY:
                raise _Doubt
            entries[key], keys[key] = node, where
        if end != close:
            raise _Doubt
        return _make(Sequence, (tuple(items), place)) if close == "]" else _make(Table, (entries, keys, place)), at
