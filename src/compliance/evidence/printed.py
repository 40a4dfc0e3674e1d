"""Figures and days as documents print them, found in a line of text, each with how sure it is where it begins and ends.

Tables that were taken out of a page lose the gaps between their columns: ``22691.0022691.00`` is two figures, and
``153263.60`` at the beginning of a line may be row 1 and 53263.60. A run of digits is therefore kept in every way that it
can be read. One figure from end to end stands as it is printed, and every way to cut it is only possible until a sum or a
percentage proves it (see ``proved``).
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from compliance.quantities import COUNTED, MULTIPLES

CLEAN = "clean"  # nothing else touches it
PROVED = "proved"  # parted from other digits, and a sum or a percentage proves where
POSSIBLE = "possible"  # one way among others to read the digits
SURE = (CLEAN, PROVED)

_RUN = re.compile(r"[0-9][0-9,.]*")
_NUMBER = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?")
_MULTIPLE = "|".join(sorted((word for word in MULTIPLES if word), key=len, reverse=True))
_UNIT = re.compile(rf"\s*({_MULTIPLE})?\s*(元/股|元|股|%|‰|{'|'.join(sorted(COUNTED, key=len, reverse=True))})")
HEADED = re.compile(rf"(?:单位\s*[:：]|[(（])\s*(?:人民币)?({_MULTIPLE})?\s*(元/股|元|股)")
_MAX_FRONT = 3  # digits of a row's or page's number
_MAX_RUN = 120  # digits and points of a run that are still taken apart

_DIGITS = {char: str(value) for value, char in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0", "Ｏ": "0", "O": "0"}
_DAY = re.compile(r"([0-9]{4})\s*(?:年\s*([0-9]{1,2})\s*月(?:\s*([0-9]{1,2})\s*日)?|年|([-/.])([0-9]{1,2})(?:\4([0-9]{1,2}))?(?![0-9.]))")
_END = re.compile(r"([0-9]{4})年(?:([0-9]{1,2})月)?[末底]")  # the last day of a month or year
_BRACKETED = re.compile(r"[〔\[(]((?:19|20)[0-9]{2})[〕\])]")  # the year in the number of a document
_SPELT = re.compile(r"([〇零○一二三四五六七八九]{4})年(?:([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})日)?)?")


class Number(NamedTuple):
    """A figure as printed: ``digits`` with ``decimals`` of them behind the point, its multiple and unit (empty: not beside it).

    ``start`` and ``end`` are where it stands in the plain text of its line, ``run`` where its run of digits begins.
    """

    digits: int
    decimals: int
    multiple: str
    unit: str
    sure: str
    start: int
    end: int
    run: int


class Day(NamedTuple):
    """A day, month or year as printed: its first and last day number, and how sure it is where it begins."""

    low: int
    high: int
    sure: str
    start: int
    end: int


def plain(text: str) -> str:
    """A line with full-width forms and look-alike characters made plain, its footnote digits and unseen characters blanked."""
    if text.isascii():
        return text
    kept = "".join(" " if unicodedata.category(char) in ("No", "Cf", "Cc") else char for char in text)
    return unicodedata.normalize("NFKC", kept)


Way = tuple[Number, ...]


def runs(text: str) -> Iterator[tuple[Way, ...]]:
    """For each run of digits of a plain line, the ways in which it can be read; the first takes it as it is printed."""
    for match in _RUN.finditer(text):
        run = match[0].rstrip(",.")
        if len(run) > _MAX_RUN or re.match(r"0[0-9]", run):
            continue  # a code with leading noughts is no figure
        begins = match.start()
        after = _UNIT.match(text, begins + len(run))
        multiple, unit = (after[1] or "", after[2]) if after else ("", "")
        cuts = _cuts(run, not text[:begins].strip())
        ways = []
        for way in cuts:
            numbers = []
            for start, end in way:
                last = end == len(run)
                known = CLEAN if way == ((0, len(run)),) else POSSIBLE
                numbers.append(_number(run, start, end, begins, multiple if last else "", unit if last else "", known))
            ways.append(tuple(numbers))
        if ways:
            yield tuple(ways)


def _number(run: str, start: int, end: int, begins: int, multiple: str, unit: str, sure: str) -> Number:
    match = _NUMBER.fullmatch(run, start, end)
    assert match is not None
    whole, decimals = match[1].replace(",", ""), match[2] or ""
    return Number(int(whole + decimals), len(decimals), multiple, unit, sure, begins + start, begins + end, begins)


Cut = tuple[tuple[int, int], ...]  # where the figures of a run begin and end, in one way to read it


def _cuts(run: str, first: bool) -> list[Cut]:
    """The ways to read a run. ``first`` tells whether a row's or page's number may be glued to its front."""
    pieces = _pieces(run)
    if pieces is None:
        return [((start, end),) for start, end in _any(run)]
    found: list[Cut] = [tuple(pieces)]
    start, end = pieces[0]
    fronts = [start, *(start + cut for cut in _leading(run[start:end]))] if first else [start]
    for front in fronts:
        if front != start:
            found.append(((front, end), *pieces[1:]))
        if len(pieces) > 1:
            found += [((front, middle), (middle, end), *pieces[1:]) for middle in _whole_before(run, front, end)]
    return found


def _whole_before(run: str, start: int, end: int) -> Iterator[int]:
    """Where a whole number may end that is glued to a figure with decimals: ``4863669212.32`` may be 48636692 and 12.32."""
    point = run.index(".", start, end)
    for middle in range(max(start + 1, point - _MAX_FRONT), point):
        if run[start:middle].isdigit() and run[start] != "0" and not re.match(r"0[0-9]", run[middle:end]):
            yield middle


def _pieces(run: str) -> list[tuple[int, int]] | None:
    """A run parted by the decimals that all its figures share; None where there is no such parting."""
    if _NUMBER.fullmatch(run):
        return [(0, len(run))]
    points = [index for index, char in enumerate(run) if char == "."]
    if not points:
        return None
    decimals = len(run) - points[-1] - 1
    if not 1 <= decimals <= 4:
        return None
    pieces, start = [], 0
    for point in points:
        end = point + 1 + decimals
        if not _NUMBER.fullmatch(run, start, end) or re.match(r"0[0-9]", run[start:end]):
            return None
        pieces.append((start, end))
        start = end
    return pieces if start == len(run) else None


def _leading(piece: str) -> list[int]:
    """How many digits at the front of a figure may be a row's or page's number: what is left must still be a figure."""
    found = []
    for cut in range(1, _MAX_FRONT + 1):
        rest = piece[cut:]
        if not _NUMBER.fullmatch(rest) or re.match(r"0[0-9]", rest) or piece[:cut].startswith("0"):
            continue
        found.append(cut)
    return found


def _any(run: str) -> Iterator[tuple[int, int]]:
    """Every way in which a run that has no plain parting may hold a figure."""
    starts = [0, *range(1, _MAX_FRONT + 1)]
    ends = [len(run)]
    for index, char in enumerate(run):
        if char == ".":
            cuts = [cut for cut in range(index + 2, min(index + 6, len(run))) if run[index + 1 : cut].isdigit()]
            ends += cuts
            starts += cuts
    for start in sorted(set(starts)):
        for end in sorted(set(ends)):
            if start < end and _NUMBER.fullmatch(run, start, end) and not re.match(r"0[0-9]", run[start:end]):
                yield start, end


def days(text: str) -> Iterator[Day]:
    """Every day, month and year of a plain line, in figures or spelt out."""
    for match in _DAY.finditer(text):
        year, month, day = int(match[1]), match[2] or match[5], match[3] or match[6]
        glued = match.start() > 0 and text[match.start() - 1].isdigit()
        span = _span(year, int(month) if month else 0, int(day) if day else 0)
        if span:
            yield Day(*span, POSSIBLE if glued else CLEAN, match.start(), match.end())
    for match in _END.finditer(text):
        span = _span(int(match[1]), int(match[2] or 12), 0)
        if span:
            yield Day(span[1], span[1], CLEAN, match.start(), match.end())
    for match in _BRACKETED.finditer(text):
        yield Day(*_year(int(match[1])), CLEAN, match.start(), match.end())
    # A page number glued to a year hides it from the pattern above, which takes the first four digits.
    for match in re.finditer(r"(?<=[0-9])((?:19|20)[0-9]{2})年(?:([0-9]{1,2})月(?:([0-9]{1,2})日)?)?", text):
        span = _span(int(match[1]), int(match[2] or 0), int(match[3] or 0))
        if span:
            yield Day(*span, POSSIBLE, match.start(), match.end())
    for match in _SPELT.finditer(text):
        year = int("".join(_DIGITS[char] for char in match[1]))
        span = _span(year, _spelt(match[2]), _spelt(match[3]))
        if span:
            yield Day(*span, CLEAN, match.start(), match.end())


def _spelt(text: str | None) -> int:
    """A month or day spelt out (``十二``, ``二十五``) as a number; 0 for none."""
    if not text:
        return 0
    tens, ten, ones = text.partition("十")
    if not ten:
        return int(_DIGITS[text]) if len(text) == 1 else 0
    return int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(ones, "0"))


def _span(year: int, month: int, day: int) -> tuple[int, int] | None:
    """The first and last day number of a day, month or year; None where there is none such."""
    if not 1900 <= year <= 2200:
        return None
    if not month:
        return _year(year)
    if not 1 <= month <= 12 or day > monthrange(year, month)[1]:
        return None
    if not day:
        return date(year, month, 1).toordinal(), date(year, month, monthrange(year, month)[1]).toordinal()
    return (date(year, month, day).toordinal(),) * 2


def _year(year: int) -> tuple[int, int]:
    return date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
