"""Find where a filing's facts stand in its documents, and propose places for the user to take or refuse.

A figure is looked up by value in every unit that it may be printed in, a day by the day, month or year that is printed, a
text by its letters. A flag, a kind or a reference is printed in words of which no machine can be sure: proposed are the
places where the rest of its item stands. Proposals are ranked by what else of the same item stands close by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from compliance import dates
from compliance.evidence.index import Index, Seen, pairs
from compliance.evidence.printed import SURE
from compliance.facts.filing import Fact, Filing, split
from compliance.quantities import MULTIPLES

MAX_PROPOSED = 12  # places proposed for one fact
_ANCHORS, _FEW_ANCHORS = 5, 3  # of these, how many are where the rest of its item stands: for a value not printed, or printed
_NEAR = 3  # lines within which the rest of an item speaks for a place
_UNITS = {"money": ("元",), "shares": ("股",), "price": ("元/股", "元"), "ratio": ("%", "‰"), "count": ()}
_BESIDE, _HEADED, _BARE = 6, 4, 1  # what a unit speaks for a figure: beside it, in a heading above, nowhere
_SURE = 4  # what it is worth that digits can be read in one way only
_LABEL = 2  # what each pair of characters of a field's label is worth that stands close by
_WHOLE, _HALF = 2, 1  # what an item's own facts are worth as clues, and those of what it stands in

EXACT, ROUNDED, WORDS, ITEM = "exact", "rounded", "words", "item"


class Proposal(NamedTuple):
    """A place where a fact may stand.

    ``how`` is ``exact`` (the value as printed), ``rounded`` (the print rounds it), ``words`` (a text) or ``item`` (where the
    rest of its item stands); ``sure`` is false where the digits could be read in another way too.
    """

    document: str
    page: int
    line: int
    text: str
    how: str
    sure: bool
    score: int


class Located(NamedTuple):
    """A fact and the places proposed for it, the likeliest first."""

    fact: Fact
    proposals: tuple[Proposal, ...]


class Hit(NamedTuple):
    """A line of an indexed document in which a fact's value is printed."""

    document: str
    line: int
    how: str
    sure: bool
    weight: int


def locate(filing: Filing, indexes: Mapping[str, Index]) -> Iterator[Located]:
    """Every fact that a document can hold, with the places proposed for it. What is taken for granted is left out."""
    facts = {path: fact for path, fact in filing.facts.items() if path not in filing.assumed and fact.text and not _made_up(fact)}
    hits = {path: hits_of(fact, filing, indexes) for path, fact in facts.items()}
    groups: dict[str, list[str]] = {}
    for path in facts:
        groups.setdefault(split(path)[0], []).append(path)
    rare = {path: _rarity(hits[path], indexes) for path in facts}
    clues: dict[str, dict[Spot, dict[str, int]]] = {}
    for path, fact in facts.items():
        owner = split(path)[0]
        if owner not in clues:
            clues[owner] = _clues(owner, groups, hits, rare)
        yield Located(fact, tuple(_ranked(hits[path], clues[owner], path, filing, indexes)))


def hits_of(fact: Fact, filing: Filing, indexes: Mapping[str, Index]) -> list[Hit]:
    """The lines in which a fact's value is printed; a kind is looked for by its label."""
    found: list[Hit] = []
    text = fact.text
    if fact.field.type == "kind":
        text = filing.words.kinds[fact.field.of].get(text, {"zh": ""})["zh"]
    for name, index in indexes.items():
        if fact.field.type == "date":
            found += _days(name, index, fact)
        elif fact.value is not None and fact.field.type in _UNITS:
            found += _figures(name, index, fact)
        elif fact.field.type in ("text", "code", "kind", "ref"):
            found += [Hit(name, line, WORDS, True, _SURE) for line in index.texts(text)]
    return found


def _made_up(fact: Fact) -> bool:
    """Whether a text is an id that the filing made up: nothing that a document prints."""
    return fact.field.name == "id" and fact.text.isascii()


def _figures(name: str, index: Index, fact: Fact) -> Iterator[Hit]:
    assert fact.value is not None
    if fact.value.low == fact.value.high == 0:
        # A nought is printed as a dash more often than as a digit.
        yield from (Hit(name, line, ROUNDED, True, _BARE) for line in index.dashes)
    units = _UNITS[fact.field.type]
    for value, power, how in forms(fact):
        for seen in index.of(value, power):
            weight = unit_weight(seen, units, power + fact.field.scale)
            if weight is not None and (how == EXACT or (not seen.headed and seen.unit)):
                sure = seen.number.sure in SURE
                yield Hit(name, seen.line, how, sure, weight + (_SURE if sure else 0) - (2 if how == ROUNDED else 0))


def forms(fact: Fact) -> Iterator[tuple[int, int, str]]:
    """The digits and powers of ten in which a figure may be printed, in each multiple, exactly and rounded.

    A figure of the filing is a whole number at its field's scale; a range stands for what rounds to its middle, or for
    either of its ends where it was written as two.
    """
    value, scale = fact.value, fact.field.scale
    assert value is not None
    ends = {value.low} if value.exact else {(value.low + value.high) // 2} if ".." not in fact.text else {value.low, value.high}
    powers = (-2, -3) if fact.field.type == "ratio" else sorted(set(MULTIPLES.values()))
    for end in sorted(ends):
        for power in powers:
            yield abs(end), -scale - power, EXACT
            if fact.field.type in ("money", "shares") and power >= 4:
                for decimals in (0, 1, 2):
                    unit = scale + power - decimals  # the power of ten, at the field's scale, of the last digit printed
                    if unit > 0 and end % 10**unit and abs(end) >= 100 * 10**unit:  # of three digits at least
                        yield (2 * abs(end) + 10**unit) // (2 * 10**unit), -decimals, ROUNDED


def unit_weight(seen: Seen, units: tuple[str, ...], power: int) -> int | None:
    """How much a printed unit speaks for a figure; None where it speaks against it.

    ``power`` is the power of ten of the fact's own unit that the digits were looked up at, with its sign turned.
    """
    if not seen.unit:
        return _BARE
    if not units:
        return _BESIDE if not seen.headed else _BARE
    if seen.unit in units:
        expected = {"%": -2, "‰": -3}.get(seen.unit, MULTIPLES.get(seen.multiple, 0))
        if -power == expected or seen.number.decimals == -power == 0:
            return _HEADED if seen.headed else _BESIDE
        return None
    return _BARE if seen.headed else None


def _days(name: str, index: Index, fact: Fact) -> Iterator[Hit]:
    assert fact.value is not None
    low, high = fact.value.low, fact.value.high
    for (first, last), listed in index.days.items():
        exact = (first, last) == (low, high)
        ends = first == low or last == high
        within = low <= first and last <= high and low > dates.FIRST_DAY and high < dates.LAST_DAY
        around = first <= low and high <= last
        if not (exact or ends or within or around):
            continue
        for line, day in listed:
            weight = 8 if exact else 4 if ends else 3 if within else 1
            yield Hit(name, line, EXACT if exact else ROUNDED, day.sure in SURE and exact, weight)
    if high >= dates.LAST_DAY:
        for word in ("至今", "长期"):
            yield from (Hit(name, line, WORDS, True, 3) for line in index.texts(word))


Spot = tuple[str, int]  # a document's id and the position of a line in it


def _rarity(hits: list[Hit], indexes: Mapping[str, Index]) -> int:
    """How much a value's being printed in a line says, in bits: what stands in every other line says next to nothing."""
    spots = {(hit.document, hit.line) for hit in hits}
    lines = sum(len(index.lines) for index in indexes.values())
    return (lines // len(spots)).bit_length() if spots else 0


def _clues(
    owner: str, groups: Mapping[str, list[str]], hits: Mapping[str, list[Hit]], rare: Mapping[str, int]
) -> dict[Spot, dict[str, int]]:
    """For each line the facts of an item, and of what it stands in, that are printed there, each with what it is worth."""
    found: dict[Spot, dict[str, int]] = {}
    part, worth = owner, _WHOLE
    while part:
        for path in groups.get(part, ()):
            for hit in hits[path]:
                here = found.setdefault((hit.document, hit.line), {})
                here[path] = max(here.get(path, 0), rare[path] * worth)
        part, worth = split(part)[0], _HALF
    return found


def _ranked(
    hits: list[Hit], clues: Mapping[Spot, Mapping[str, int]], path: str, filing: Filing, indexes: Mapping[str, Index]
) -> list[Proposal]:
    """The proposals for a fact: lines that print it, and lines in which the rest of its item stands, the likeliest first."""
    words = pairs(filing.label(path)["zh"])
    rare = {how: _rarity([hit for hit in hits if hit.how == how], indexes) for how in {hit.how for hit in hits}}
    best: dict[Spot, tuple[int, Hit]] = {}
    for hit in hits:
        spot, weight = (hit.document, hit.line), hit.weight * (1 + rare[hit.how]) // 2
        if spot not in best or weight > best[spot][0]:
            best[spot] = weight, hit
    own = []
    for spot, (weight, hit) in best.items():
        label = _LABEL * min(4, len(words & indexes[spot[0]].pairs_near(spot[1])))
        own.append((weight + label + _near(spot, clues, path), hit))
    own.sort(key=lambda entry: (-entry[0], entry[1].document, entry[1].line))
    rest = [(_near(spot, clues, path), spot) for spot in clues if spot not in best]
    rest.sort(key=lambda entry: (-entry[0], entry[1]))
    anchors = [(score, Hit(*spot, ITEM, False, 0)) for score, spot in rest if score > 0]
    printed = any(hit.how == EXACT and hit.sure for _, hit in own)
    kept = own[: MAX_PROPOSED - min(_FEW_ANCHORS if printed else _ANCHORS, len(anchors))]
    kept += anchors[: _FEW_ANCHORS if printed else MAX_PROPOSED - len(kept)]
    return [_proposal(indexes[hit.document], hit, score) for score, hit in kept]


def _near(spot: Spot, clues: Mapping[Spot, Mapping[str, int]], path: str) -> int:
    """What speaks for a line: each other fact of the item where it stands closest, worth less the further it is."""
    document, line = spot
    found: dict[str, int] = {}
    for step in range(-_NEAR, _NEAR + 1):
        for clue, worth in clues.get((document, line + step), {}).items():
            if clue != path:
                found[clue] = max(found.get(clue, 0), worth * (_NEAR + 1 - abs(step)) // (_NEAR + 1))
    return sum(found.values())


def _proposal(index: Index, hit: Hit, score: int) -> Proposal:
    at = index.document.lines[hit.line]
    return Proposal(index.document.id, at.page, at.number, at.text, hit.how, hit.sure, score)
