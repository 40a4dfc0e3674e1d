"""A fact's value for a reader: members of a kind by their labels, ranges and rounded figures in words, units of the language.

The record has a value as the filing writes it: ``≈1.14亿元``, ``156917.70..157125.64万元``, ``..2020``. Nothing is computed here: in
Chinese a figure keeps its digits and its unit, in English the same amount is written out in its base unit.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import cast

from compliance.dates import OPEN_ENDED
from compliance.engine.phrases import spread
from compliance.facts.filing import DIFFERS
from compliance.quantities import BEYOND, QuantityKind, decimal, narrow, parse
from compliance.reports.words import say
from compliance.source import Unreadable
from compliance.vocabulary import Field, Vocabulary

_ABOUT = ("≈", "约")  # printed rounded
_UNITS = {"money": "CNY", "shares": "shares", "price": "CNY/share", "count": "count"}
_DIGITS = re.compile(r"(?<![\d.,])\d{4,}")


def value(field: Field | None, text: str, words: Vocabulary, lang: str) -> str:
    """A fact as written; a member of a kind by its label."""
    if field is None:
        return text
    if text == DIFFERS:
        return say("parties-differ", lang)
    if field.type == "flag" and text in ("true", "false"):
        return say("yes" if text == "true" else "no", lang)
    if field.type == "list":
        return say("complete" if text == "complete" else "not-complete", lang)
    if field.type == "kind":
        member = words.kinds[field.of].get(text)
        return member[lang] if member else text
    if field.type == "date":
        return day(text, lang)
    return figure(text, field.type, field.scale, lang) if field.numeric else text


def day(text: str, lang: str) -> str:
    """A day, a month or a year as written; one that is known to lie between two, or on one side of one, in words."""
    low, dots, high = text.partition("..")
    if not dots:
        return say("wr-present", lang) if text in OPEN_ENDED else text
    return say("wr-between" if low and high else "wr-not-before" if low else "wr-not-after", lang, low=low, high=high)


@lru_cache(maxsize=4096)
def figure(text: str, kind: str, scale: int, lang: str) -> str:
    """A figure as written, ranges in words; what is no figure stays as it is."""
    shown = narrow(text) or text
    about = shown[:1] in _ABOUT
    exact = shown.lstrip("≈约=")
    found = as_printed(exact, lang) if lang == "zh" or kind == "ratio" else in_base_units(exact, kind, scale, lang)
    return say("wr-about", lang, value=found) if about else found


def as_printed(shown: str, lang: str) -> str:
    """A figure with the digits and the unit it has, grouped."""
    low, dots, high = (_DIGITS.sub(lambda part: f"{int(part[0]):,}", part) for part in shown.partition(".."))
    if not dots:
        return low
    return say("wr-between" if low and high else "wr-least" if low else "wr-most", lang, low=low, high=high)


def in_base_units(shown: str, kind: str, scale: int, lang: str) -> str:
    """A figure in yuan, shares or yuan a share, whatever multiple it is printed in."""
    try:
        found = parse(shown, cast(QuantityKind, kind), scale)
    except Unreadable:
        return shown
    ends = {name: decimal(end, scale, 2 if kind == "money" else None) for name, end in (("low", found.low), ("high", found.high))
            if abs(end) < BEYOND}  # fmt: skip
    return spread({**ends, "unit": _UNITS[kind]}, lang)
