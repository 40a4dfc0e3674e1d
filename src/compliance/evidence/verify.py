"""Prove that each figure and day of a filing stands where it is said to stand, in the unit in which it is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from compliance import dates
from compliance.evidence.index import Index
from compliance.evidence.locate import EXACT, Hit, hits_of
from compliance.facts.filing import Fact, Filing
from compliance.quantities import narrow

# What there is to say about a figure and its place. The first two stand, the next two are for the eye.
STANDS = "stands"  # it is printed there, in that unit
ROUNDS = "rounds"  # what is printed there is the figure rounded, or a day within what the fact says
GLUED = "glued"  # its digits are there, but other digits touch them and nothing proves where it begins
BOUNDS = "bounds"  # the fact is a bound that somebody set, or an end that is not in sight, and no printed figure
UNIT = "unit"  # its digits are there in another unit
PAGE = "page"  # it is printed in that line, which stands on another page
ELSEWHERE = "elsewhere"  # not there, but in other places
ABSENT = "absent"  # nowhere in the document
BEYOND = "beyond"  # the document has no such line or page
UNREAD = "unread"  # the document is not at hand
UNPLACED = "unplaced"  # a document is named, but neither page nor line
STATUSES = (STANDS, ROUNDS, GLUED, BOUNDS, UNIT, PAGE, ELSEWHERE, ABSENT, BEYOND, UNREAD, UNPLACED)
WRONG = (UNIT, PAGE, ELSEWHERE, ABSENT, BEYOND)
MAX_ELSEWHERE = 3

PRINTED = ("money", "shares", "price", "ratio", "count", "date", "code")  # types of what is printed in figures


class Verified(NamedTuple):
    """A fact with what its cited place shows; ``elsewhere`` are other places as (page, line), 0 for no page."""

    fact: Fact
    status: str
    printed: str
    elsewhere: tuple[tuple[int, int], ...]


def verify(filing: Filing, indexes: Mapping[str, Index]) -> Iterator[Verified]:
    """Each figure and day that cites a document. Flags, kinds, references, texts and judgements are words, and not proved."""
    for path, fact in filing.facts.items():
        cited = fact.evidence
        if fact.field.type not in PRINTED or fact.field.settled_by == "judgement" or cited is None or path in filing.assumed:
            continue
        index = indexes.get(cited.document)
        if index is None:
            yield Verified(fact, UNREAD, "", ())
            continue
        page, line = _number(cited.page), _number(cited.line)
        if not page and not line:
            yield Verified(fact, UNPLACED, "", ())
            continue
        yield _checked(fact, filing, index, page, line)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _checked(fact: Fact, filing: Filing, index: Index, page: int, line: int) -> Verified:
    """One fact against one place."""
    document = index.document
    spots = document.at(page, line)
    hits = hits_of(fact, filing, {document.id: index})
    here = [hit for hit in hits if hit.line in spots]
    printed = document.lines[spots[0]].text if line and spots else ""
    if not spots:
        return Verified(fact, BEYOND, "", _places(hits, index))
    if not here:
        if ".." in fact.text or (fact.field.type == "date" and fact.value is not None and fact.value.high >= dates.LAST_DAY):
            return Verified(fact, BOUNDS, printed, ())
        if any(_same_digits(fact, index, spot) for spot in spots):
            return Verified(fact, UNIT, printed, _places(hits, index))
        return Verified(fact, ELSEWHERE if hits else ABSENT, printed, _places(hits, index))
    best = max(here, key=lambda hit: (hit.how == EXACT and hit.sure, hit.sure, hit.how == EXACT))
    at = document.lines[best.line]
    if document.by_page and page and at.page != page:
        return Verified(fact, PAGE, printed, ((at.page, at.number),))
    if fact.field.type == "code":
        return Verified(fact, STANDS, printed, ())
    if best.how == EXACT:
        return Verified(fact, STANDS if best.sure else GLUED, printed, ())
    return Verified(fact, ROUNDS, printed, ())


def _same_digits(fact: Fact, index: Index, spot: int) -> bool:
    """Whether the figure's digits as the filing writes them stand in a line, whatever unit follows."""
    shown = narrow(fact.text) or ""
    digits = "".join(char for char in shown if char.isdigit() or char == ".").strip(".")
    return fact.field.type != "date" and bool(digits) and digits in index.packed[spot].replace(",", "")


def _places(hits: list[Hit], index: Index) -> tuple[tuple[int, int], ...]:
    """A few places where a fact's value is printed, the exact ones first."""
    ordered = sorted(hits, key=lambda hit: (hit.how != EXACT, not hit.sure, hit.line))
    lines = [index.document.lines[hit.line] for hit in ordered]
    return tuple(dict.fromkeys((line.page, line.number) for line in lines))[:MAX_ELSEWHERE]
