"""Bars: where a measure stands against its limit, and how far a fact may go, as positions on a scale of a thousand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from compliance import dates
from compliance.engine.phrases import spread
from compliance.engine.plain import Plain
from compliance.engine.verdict import past_limit
from compliance.reports import sentences
from compliance.reports.words import say

if TYPE_CHECKING:
    from compliance.vocabulary import Text

SCALE = 1000
EDGE = 40  # room beyond the outermost value, so that a mark at the edge can be seen
ENDS = ("low", "high")


class Span(NamedTuple):
    """A range on the scale; an end that is open stands at the edge and is flagged."""

    low: int
    high: int
    open_low: bool = False
    open_high: bool = False


class Bar(NamedTuple):
    """One rule's measure against its limit.

    ``base`` is where nought stands (days have none). ``span`` is the measure with every question left open. ``allowed`` says on which
    side of the limit the rule is met: ``at most``, ``at least``, or nothing where the record does not tell. ``first`` and ``last`` are
    the outermost values in words.
    """

    base: int | None
    measure: Span
    limit: Span
    span: Span | None
    allowed: str
    first: str
    last: str
    labels: tuple[tuple[str, str], ...]


class Reach(NamedTuple):
    """How far a fact may go, as a share of its base: met for sure up to ``sure``, possibly up to ``possible``, both on the scale.

    ``turns`` is ``at most`` or ``at least``: on which side of these values the rule is met.
    """

    label: str
    turns: str
    sure: int | None
    possible: int
    sentence: str


def bar(found: Plain, counts: Text | None, lang: str) -> Bar | None:
    """The bar of a finding, of whose counts ``counts`` is the unit; none where nothing was measured, or nothing is known of what was."""
    measure, limit = found.get("measure"), found.get("limit")
    if found["verdict"] not in ("pass", "fail", "judgement") or not measure or not limit or measure["unit"] != limit["unit"]:
        return None
    unit = measure["unit"]
    stated = found.get("rests_on", {}).get("span")
    span = stated if stated and any(stated.get(end) != measure.get(end) for end in ENDS) else None
    parts = [{end: number(part[end], unit) for end in ENDS if end in part} for part in (measure, limit, span) if part]
    known = sorted({value for part in parts for value in part.values()})
    if not parts[0] or not parts[1]:
        return None
    if unit != "date":
        known = sorted({*known, Fraction(0)})
    opened = any(len(part) < 2 for part in parts)
    low, high = known[0], known[-1]
    room = (high - low or Fraction(1)) * EDGE / SCALE * (3 if opened else 1)
    first = low - room if unit == "date" or low < 0 else low
    last = high + room
    drawn = [placed(part, first, last) for part in parts]
    return Bar(
        base=None if unit == "date" else placed({"low": Fraction(0)}, first, last).low,
        measure=drawn[0],
        limit=drawn[1],
        span=drawn[2] if span else None,
        allowed=allowed(found, parts[0], parts[1]),
        first=scale_end(low, unit, counts, lang),
        last=scale_end(high, unit, counts, lang),
        labels=labels(found, span, counts, lang),
    )


def number(text: str, unit: str) -> Fraction:
    """A value of the record as an exact number; a date as its day number."""
    return Fraction(dates.parse(text).low) if unit == "date" else Fraction(text)


def placed(part: Mapping[str, Fraction], first: Fraction, last: Fraction) -> Span:
    """A range on the scale between two values."""

    def position(value: Fraction) -> int:
        return int((value - first) * SCALE // (last - first))

    low = position(part["low"]) if "low" in part else 0
    high = position(part["high"]) if "high" in part else SCALE
    return Span(low, high, "low" not in part, "high" not in part)


def allowed(found: Plain, measure: Mapping[str, Fraction], limit: Mapping[str, Fraction]) -> str:
    """On which side of the limit the rule is met, told from the headroom, which is positive on that side."""
    room = found.get("headroom", {})
    for end, other in (("low", "high"), ("high", "low")):
        if end in room and other in measure and end in limit and Fraction(room[end]) == limit[end] - measure[other] != 0:
            return "at most"
        if end in room and end in measure and other in limit and Fraction(room[end]) == measure[end] - limit[other] != 0:
            return "at least"
    return ""


def scale_end(value: Fraction, unit: str, counts: Text | None, lang: str) -> str:
    """An end of the scale in words."""
    if unit == "date":
        return dates.iso(int(value))
    text = f"{value.numerator // value.denominator}" if value.denominator == 1 else decimal(value)
    text = f"{text}.00" if unit == "CNY" and "." not in text else text
    return sentences.counted({"low": text, "high": text, "unit": unit}, counts, lang)


def decimal(value: Fraction) -> str:
    """A terminating fraction in digits: all that a record writes is one."""
    digits = 0
    while value.denominator != 1 and digits < 18:
        value, digits = value * 10, digits + 1
    whole = abs(value.numerator) // value.denominator
    text = str(whole).rjust(digits + 1, "0")
    return ("-" if value < 0 else "") + text[:-digits] + "." + text[-digits:]


def labels(found: Plain, span: Plain | None, counts: Text | None, lang: str) -> tuple[tuple[str, str], ...]:
    """What the bar shows, in words: measure, ratio, limit, headroom, span."""
    rows = [(say("l-measure", lang), sentences.counted(found["measure"], counts, lang))]
    if "ratio" in found:
        rows.append((say("l-ratio", lang), spread({**found["ratio"], "unit": "ratio"}, lang)))
    rows.append((say("l-limit", lang), sentences.counted(found["limit"], counts, lang)))
    if "headroom" in found:
        rows.append((say("l-headroom", lang), room(found, counts, lang)))
    if span:
        ratio = found["rests_on"].get("span_ratio")
        rows.append((say("l-span", lang), sentences.between(ratio or span, lang)))
    return tuple(rows)


def room(found: Plain, counts: Text | None, lang: str) -> str:
    """The headroom in words; of what passes by an exception although its measure is past the limit, that exception."""
    left, exempt = found["headroom"], found.get("exception")
    shown = sentences.counted(left, counts, lang)
    if exempt and past_limit(found):
        return say("room-exempt", lang, room=shown, title=exempt["title"][lang])
    return shown


def reaches(margins: Iterable[Plain], lang: str) -> tuple[Reach, ...]:
    """The margins that are known as shares of a base."""
    return tuple(found for found in (reach(margin, lang) for margin in margins) if found is not None)


def reach(margin: Plain, lang: str) -> Reach | None:
    """One margin on the scale of its base; none where no share of it is known."""
    if "possible_share" not in margin and "sure_share" not in margin:
        return None
    label = margin["label"][lang]
    if "scenario" in margin:
        label += say("where", lang, items=margin["scenario"][lang])
    sure = on_scale(margin["sure_share"]) if "sure_share" in margin else None
    possible = on_scale(margin["possible_share"]) if "possible_share" in margin else sure or 0
    return Reach(label, margin["turns"], sure, possible, sentences.margin(margin, lang))


def on_scale(share: str) -> int:
    """A share on the scale, within it."""
    return max(0, min(SCALE, int(Fraction(share) * SCALE)))
