"""Prove where one figure ends and the next begins, by the totals at the foot of a table or by a percentage.

``153263.60`` in the first row of a table is 53263.60 where the column, read so, adds up to the total that is printed below
it, and read otherwise does not. Nothing is split because it looks likely.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product

from compliance.evidence.printed import CLEAN, POSSIBLE, Number, Way

_TOTAL = re.compile(r"\s*(?:合计|总计|小计|共计|总额|项目总投资|Total)", re.IGNORECASE)
_MAX_LINES = 120  # lines above a total that are looked at
_MAX_WAYS = 4096  # readings of a table that are tried
_MAX_OF_LINE = 64  # readings of one line
_MAX_GAP = 4  # rows without a figure that a column of row numbers may skip

Runs = Mapping[int, Sequence[tuple[Way, ...]]]  # by the position of a line, its runs of digits in all their readings
Key = tuple[int, int, int]  # a line, and where a figure begins and ends in it


def proofs(lines: Sequence[str], runs: Runs) -> set[Key]:
    """The figures of plain lines that are not read just as they are printed, and that a sum or a percentage proves."""
    proved: set[Key] = set()
    vectors: dict[int, list[Way]] = {}  # by line, each found when first needed
    for index, text in enumerate(lines):
        if not _TOTAL.match(text) or index not in runs:
            continue
        for total in _vectors(runs[index]):
            rows = _table(index, total, runs, vectors)
            if rows:
                for line, row in [*rows, (index, total)]:
                    proved |= {(line, number.start, number.end) for number in row if number.sure != CLEAN}
                proved |= set(_shares(rows, total[0], runs))
                break
    return proved


def _vectors(line: Sequence[tuple[Way, ...]], but: str = "%") -> list[Way]:
    """The rows of figures that a line may hold, those in per cent left out."""
    size = 1
    for ways in line:
        size *= len(ways)
    if size > _MAX_OF_LINE:
        return []
    found = [tuple(number for way in chosen for number in way if number.unit != but) for chosen in product(*line)]
    return [vector for vector in found if vector]


def _table(index: int, total: Way, runs: Runs, vectors: dict[int, list[Way]]) -> list[tuple[int, Way]]:
    """The rows above a total that add up to it in every column, in one way only: the shortest such run of rows."""
    shape = [number.decimals for number in total]
    lines: list[int] = []
    choices: list[list[Way]] = []
    for line in range(index - 1, max(-1, index - 1 - _MAX_LINES), -1):
        if line not in runs:
            continue
        if line not in vectors:
            vectors[line] = _vectors(runs[line])
        ways = [row for vector in vectors[line] if (row := _of_shape(vector, shape)) is not None]
        ways = list({tuple((number.start, number.end) for number in row): row for row in ways}.values())
        if not ways:
            continue
        lines.append(line)
        choices.append(ways)
        reach = [(_sum(choices, column, min), _sum(choices, column, max)) for column in range(len(total))]
        if any(low > stated.digits + len(lines) for (low, _), stated in zip(reach, total, strict=True)):
            return []
        if len(lines) < 2 or any(high < stated.digits - len(lines) for (_, high), stated in zip(reach, total, strict=True)):
            continue
        fitting = _fitting(choices, total)
        if len(fitting) == 1:
            return list(zip(lines, fitting[0], strict=True))
        if fitting:
            return []
    return []


def _sum(choices: list[list[Way]], column: int, end: Callable[[Iterable[int]], int]) -> int:
    """The least or the greatest that a column may add up to."""
    return sum(end(row[column].digits for row in ways) for ways in choices)


def _of_shape(vector: Way, shape: list[int]) -> Way | None:
    """The last figures of a line, as many as its total has and with as many decimals; a row's number may stand before them."""
    row = [number for number in vector if number.decimals in shape]
    if len(row) < len(shape):
        return None
    kept = tuple(row[len(row) - len(shape) :])
    return kept if [number.decimals for number in kept] == shape else None


def _fitting(choices: list[list[Way]], total: Way) -> list[tuple[Way, ...]]:
    """The readings of some rows that add up in every column: rows numbered from one, else any, where they are few."""
    counted = _counted(choices)
    if counted is not None and _adds_up(counted, total):
        return [counted]
    size = 1
    for ways in choices:
        size *= len(ways)
        if size > _MAX_WAYS:
            return []
    return [chosen for chosen in product(*choices) if _adds_up(chosen, total)]


def _adds_up(rows: Sequence[Way], total: Way) -> bool:
    """Whether every column adds up to its total, but for what rounding in each row explains."""
    return all(2 * abs(sum(row[column].digits for row in rows) - stated.digits) <= len(rows) for column, stated in enumerate(total))


def _counted(choices: list[list[Way]]) -> tuple[Way, ...] | None:
    """The reading in which rows that begin their line are numbered upwards from the top; None where there is none such."""
    chosen: list[Way] = []
    before, any_front = 0, False
    for ways in reversed(choices):
        numbered = sorted((front, way) for way in ways[1:] if before < (front := _front(ways[0][0], way[0])) <= before + _MAX_GAP)
        if numbered:
            before, way = numbered[0]
            any_front = True
            chosen.append(way)
        else:
            before += 1
            chosen.append(ways[0])
    return tuple(reversed(chosen)) if any_front else None


def _front(whole: Number, rest: Number) -> int:
    """The digits that a reading splits off the front of a figure, as a number; 0 where it is no such reading."""
    if rest.end != whole.end or rest.decimals != whole.decimals or rest.sure != POSSIBLE:
        return 0
    return int(str(whole.digits)[: rest.start - whole.start] or "0")


def _shares(rows: list[tuple[int, Way]], total: Number, runs: Runs) -> Iterator[Key]:
    """The percentages in the lines of a table that are what their row's first figure is of the total."""
    for line, row in rows:
        loose = {
            (number.start, number.end): number
            for ways in runs.get(line, ())
            for way in ways
            for number in way
            if number.unit == "%" and number.sure != CLEAN
        }
        fitting = [key for key, share in loose.items() if _is_share(row[0], total, share)]
        if len(fitting) == 1:
            yield line, *fitting[0]


def _is_share(amount: Number, total: Number, share: Number) -> bool:
    """Whether a percentage is what an amount is of a total, but for rounding."""
    scale = 100 * 10**share.decimals
    return total.digits > 0 and 2 * abs(amount.digits * scale - share.digits * total.digits) <= total.digits
