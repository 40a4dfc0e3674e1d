"""Figures, days and what is needed in words, Chinese and English from one source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

from compliance.engine.figures import DIGITS
from compliance.packs.book import AS_OF, Pack
from compliance.quantities import grouped
from compliance.vocabulary import Text
from compliance.wording import TEXTS

_OF_QUOTIENT = 4  # decimals of a yuan that an average is shown with
MAX_NAMED = 6  # needs named in one sentence; the record lists them all


def figure(text: str, unit: str, lang: str) -> str:
    """A figure of the record for a reader: money in 万元 where it is large, ratios in percent, days as they are."""
    if unit == "CNY":
        return money(text, lang)
    if unit == "CNY/share":
        return f"{_grouped(text)}元/股" if lang == "zh" else f"CNY {_grouped(text)} a share"
    if unit == "shares":
        return f"{_grouped(text)}股" if lang == "zh" else f"{_grouped(text)} shares"
    if unit == "ratio":
        return percent(text)
    if unit == "days":
        return f"{text}天" if lang == "zh" else f"{text} day" if text in ("1", "-1") else f"{text} days"
    if unit == "date":
        return text
    return _grouped(text)


def money(text: str, lang: str) -> str:
    """An amount in yuan: in Chinese in 万元 from ten thousand up, exactly; in English in CNY.

    A quotient that was cut is rounded, half up, to what still tells two averages of amounts in fen apart.
    """
    whole, _, fraction = text.lstrip("-").partition(".")
    sign = "-" if text.startswith("-") else ""
    value = int(whole + fraction)
    scale = len(fraction)
    if scale == DIGITS:
        value, scale = (value + 10 ** (scale - _OF_QUOTIENT) // 2) // 10 ** (scale - _OF_QUOTIENT), _OF_QUOTIENT
    if lang == "zh" and len(whole) > 4:
        return f"{sign}{grouped(value, scale + 4, 2)}万元"
    shown = grouped(value, scale, 2)
    return f"{sign}{shown}元" if lang == "zh" else f"{sign}CNY {shown}"


def percent(text: str, digits: int = 4) -> str:
    """A ratio in percent, half up after ``digits`` decimals; where that would show a whole percentage that it is not, all of it.

    30.00000016% must not be shown as 30%: it may be the difference between a pass and a fail.
    """
    whole, _, fraction = text.partition(".")
    fraction = fraction.ljust(2, "0")
    shown = rounded(text, digits).removesuffix("%")
    if shown.endswith("." + "0" * digits) and fraction[2:].strip("0"):
        sign = "-" if whole.startswith("-") else ""
        return f"{sign}{int(whole.lstrip('-') + fraction[:2])}.{fraction[2:].rstrip('0')}%"
    if fraction[2 + digits :].strip("0"):
        return shown + "%"  # rounded: all its decimals, to show how far it goes
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) + "%"


def rounded(text: str, digits: int = 2) -> str:
    """A ratio in percent with ``digits`` decimals, half up, as filings print it (the record holds it exactly)."""
    whole, _, fraction = text.lstrip("-").partition(".")
    scale = len(fraction)
    value = int(whole + fraction) * 10 ** (digits + 2)
    half = (2 * value + 10**scale) // (2 * 10**scale)
    return f"{'-' if text.startswith('-') and half else ''}{grouped(half, digits, digits)}%"


def spread(found: Mapping[str, str] | None, lang: str, *, met: bool = False) -> str:
    """A range of the record for a reader; one without a unit is a ratio.

    ``met`` says that it is the measure of a requirement that is met: a day without either end is then that of nothing at
    all, the latest of no days, since a day that is not known would leave the requirement open.
    """
    if not found:
        return "—"
    unit = found.get("unit", "ratio")
    low, high = found.get("low"), found.get("high")
    if low is None and high is None:
        if met and unit == "date":
            return "没有" if lang == "zh" else "none"
        return "无法确定" if lang == "zh" else "unknown"
    if unit == "date" and low is None:
        return f"{high}或以前" if lang == "zh" else f"{high} or earlier"
    if unit == "date" and high is None:
        return f"{low}或以后" if lang == "zh" else f"{low} or later"
    if low is None:
        return f"至多{figure(high or '', unit, lang)}" if lang == "zh" else f"at most {figure(high or '', unit, lang)}"
    if high is None:
        return f"至少{figure(low, unit, lang)}" if lang == "zh" else f"at least {figure(low, unit, lang)}"
    a, b = figure(low, unit, lang), figure(high, unit, lang)
    if a == b or "exact" in found:  # one figure, whose two ends are where its digits were cut
        return a
    return f"{a}至{b}" if lang == "zh" else f"{a} to {b}"


Piece = tuple[str, str | None]  # plain text, and the name of what follows it


def pieces(template: str) -> list[Piece]:
    """A message as its plain texts and placeholders."""
    return [(text, name) for text, name, _, _ in Formatter().parse(template)]


def filled(parts: Sequence[Piece], words: Mapping[str, Text], lang: str) -> str:
    """A message with words for its placeholders; a sentence that ends with a question asked has no full stop after its mark."""
    text = "".join([text if name is None else text + words[name][lang] for text, name in parts])
    return text.replace("？。", "？").replace("?.", "?")


def needed(names: Sequence[Text], lang: str) -> str:
    """What is needed in one phrase, each once."""
    texts = list(dict.fromkeys(name[lang] for name in names))
    shown = texts[:MAX_NAMED]
    if len(texts) > MAX_NAMED:
        shown.append(f"等{len(texts)}项" if lang == "zh" else f"{len(texts)} in all")
    return ("；" if lang == "zh" else "; ").join(shown)


def days(pack: Pack, found: Mapping[str, Any], lang: str) -> str:
    """The days a window was held against, each with its date; where they differ, with its verdict."""
    differ = len(set(found["held_on"].values())) > 1
    names = []
    for name, code in found["held_on"].items():
        zh, en = TEXTS["judgement" if code == "open" else code].values()
        verdict = "" if not differ else f"：{zh}" if lang == "zh" else f": {en}"
        label = day_name(pack, name, lang)
        shown = day(found["dates"][name], lang)
        names.append(f"{label}（{shown}{verdict}）" if lang == "zh" else f"{label} ({shown}{verdict})")
    return ("、" if lang == "zh" else ", ").join(names)


def day(text: str, lang: str) -> str:
    """A day of the record, ``a..b`` where it is known to lie between two, in words."""
    low, dots, high = text.partition("..")
    ends = {name: end for name, end in (("low", low), ("high", high)) if end.strip("…")}
    return spread({"unit": "date", **ends}, lang) if dots else text


def day_name(pack: Pack, name: str, lang: str) -> str:
    """A day of the pack in words."""
    if name == AS_OF:
        return TEXTS[name]["en" if lang == "en" else "zh"]
    return pack.vocabulary.root.fields[pack.days[name]].label[lang]


def _grouped(text: str) -> str:
    whole, _, fraction = text.lstrip("-").partition(".")
    return ("-" if text.startswith("-") else "") + f"{int(whole):,}" + (f".{fraction}" if fraction else "")
