"""Every figure and day of a document, found by its value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from compliance.evidence.documents import Document
from compliance.evidence.printed import HEADED, PROVED, Day, Number, Way, days, plain, runs
from compliance.evidence.proved import proofs

_DASH = re.compile(r"(?<![0-9A-Za-z])[-—–](?![0-9A-Za-z])|--|(?<=[0-9])-(?=[^0-9A-Za-z]|$)|(?<=[0-9])-(?=[0-9]+\.[0-9]{2})")
_HEADED_FOR = 80  # lines for which the unit in a table's heading holds

Key = tuple[int, int]  # digits without the noughts at their end, and the power of ten that they are taken at


class Seen(NamedTuple):
    """A figure as printed in a line, with the unit that a heading above gives it where none stands beside it."""

    line: int
    number: Number
    multiple: str
    unit: str
    headed: bool


class Index:
    """A document's plain lines, and its figures and days by value."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.lines = [plain(line.text[line.front :]) for line in document.lines]
        self.packed = ["".join(line.split()) for line in self.lines]
        self.dashes = [index for index, line in enumerate(self.lines) if _DASH.search(line)]
        self._pairs: dict[int, frozenset[str]] = {}
        found = {index: listed for index, line in enumerate(self.lines) if (listed := list(runs(line)))}
        proved = proofs(self.lines, found)
        self.figures: dict[Key, list[Seen]] = {}
        heading, since = ("", ""), -_HEADED_FOR
        for index, line in enumerate(self.lines):
            for match in HEADED.finditer(line):
                heading, since = (match[1] or "", match[2]), index
            for number in _settled(index, found.get(index, ()), proved):
                beside = bool(number.unit)
                multiple, unit = (number.multiple, number.unit) if beside else heading if index - since <= _HEADED_FOR else ("", "")
                seen = Seen(index, number, multiple, unit, not beside and bool(unit))
                self.figures.setdefault(key(number.digits, -number.decimals), []).append(seen)
        self.days: dict[tuple[int, int], list[tuple[int, Day]]] = {}
        for index, line in enumerate(self.lines):
            for day in days(line):
                self.days.setdefault((day.low, day.high), []).append((index, day))

    def of(self, digits: int, power: int) -> list[Seen]:
        """Where ``digits * 10**power`` is printed, in whatever unit."""
        return self.figures.get(key(digits, power), [])

    def texts(self, text: str) -> Iterator[int]:
        """The lines that hold a text, spaces and the width of characters apart."""
        wanted = "".join(plain(text).split())
        if wanted:
            yield from (index for index, line in enumerate(self.packed) if wanted in line)

    def pairs_near(self, line: int) -> frozenset[str]:
        """The pairs of Chinese characters in a line and in those before and after it."""
        found = self._pairs.get(line)
        if found is None:
            found = self._pairs[line] = pairs("".join(self.packed[max(0, line - 1) : line + 2]))
        return found


def pairs(text: str) -> frozenset[str]:
    """Every two Chinese characters that stand side by side in a text."""
    kept = [char for char in text if "\u4e00" <= char <= "\u9fff"]
    return frozenset(first + second for first, second in pairwise(kept))


def key(digits: int, power: int) -> Key:
    """A value without regard to how many noughts were written."""
    if not digits:
        return 0, 0
    while digits % 10 == 0:
        digits, power = digits // 10, power + 1
    return digits, power


def _settled(line: int, listed: Sequence[tuple[Way, ...]], proved: set[tuple[int, int, int]]) -> Iterator[Number]:
    """The figures of a line, each once; where one reading of a run is proved, what overlaps it otherwise is gone."""
    for ways in listed:
        numbers = {(number.start, number.end): number for way in reversed(ways) for number in way}
        kept = [number for number in numbers.values() if (line, number.start, number.end) in proved]
        for number in numbers.values():
            if (line, number.start, number.end) in proved:
                yield number._replace(sure=PROVED)
            elif not any(number.start < other.end and other.start < number.end for other in kept):
                yield number
