"""A line of a finding's working in words, as the tables that are filed show it: names, lists, functions and what is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from compliance.reports import sentences
from compliance.reports.words import say

if TYPE_CHECKING:
    from compliance.packs.book import Pack

CALLS = ("all", "any", "sum", "max", "min", "count", "add_months", "add_trading_days", "period_end", "last")
_TRUTH = re.compile(r": (true|false|\?)$")
_SAME = re.compile(r"^(\w+) = (?=\1\()")  # a step that has no name of its own is called by its function
_PATH = re.compile(r"(?<![\w.\]])[a-z_]+(?:\.[a-z_]+)+(?![\w.(\[])", re.ASCII)
_ITEM = re.compile(r"(?<![\w.])(?:([a-z_]+)\[([^\[\]]*)\] |([a-z_]+)\()", re.ASCII)
_NAME = re.compile(r"\w+")
_FROM = re.compile(r"([\w.,\-]+)\.\.…", re.ASCII)
_UNTIL = re.compile(r"…\.\.([\w.,\-]+)", re.ASCII)
_BETWEEN = re.compile(r"(?<=\d)\.\.(?=-?\d)")
_DIGITS = re.compile(r"(?<![\w.,\[\-])(-?)(\d{4,})(?=(?:\.\d+)?(?![\w\-\]]))", re.ASCII)
_VALUE = re.compile(r"(?<=[\s(］\]])(true|false|\?)(?=$|[\s,)（])")
# What stands for what is not known, first to last.
_OPEN = (
    (re.compile(r"\(- \+ …\)"), "wk-open"),
    (re.compile(r"\(-\)"), "wk-none"),
    (re.compile(r" \+ …(?=\))"), "wk-rest"),
    (re.compile(r"(?<=\S) \(\?\)(?=[\s,)])"), "wk-perhaps"),
    (re.compile(r"…\.\.…"), "wk-unknown"),
)


def names_of(pack: Pack, lang: str) -> Mapping[str, str]:
    """The lists of a filing by their names."""
    words = pack.vocabulary
    return {name: words.entities[entity].label[lang] for name, entity in words.lists.items()}


def spoken(line: str, terms: Mapping[str, str], pack: Pack, lang: str) -> str:
    """A line of the working with ``terms``, paths and lists in words, figures grouped, and how a comparison came out."""
    told = _SAME.sub("", line)
    ended = _TRUTH.search(told)
    told = told[: ended.start()] if ended else told
    for pattern, code in _OPEN:
        told = pattern.sub(say(code, lang), told)
    told = _VALUE.sub(lambda part: say(f"wk-{part[1]}", lang), told)
    for pattern, code in ((_FROM, "wk-from"), (_UNTIL, "wk-until")):
        told = pattern.sub(lambda part, code=code: say(code, lang, value=part[1]), told)  # type: ignore[misc]
    told = _BETWEEN.sub(say("fl-to", lang), told)
    told = _DIGITS.sub(lambda part: f"{part[1]}{int(part[2]):,}", told)
    told = named(told, names_of(pack, lang), lang)
    told = _PATH.sub(lambda part: label_of(part[0], pack, lang), told)
    told = _NAME.sub(lambda part: terms.get(part[0], part[0]), told)
    return told + (say("colon", lang) + say(f"fl-is-{ended[1]}", lang) if ended else "")


def label_of(path: str, pack: Pack, lang: str) -> str:
    """What a field is called; a path that leads to none stays as it is."""
    found = sentences.field_of(pack.vocabulary, path)
    return found.label[lang] if found is not None else path


def named(line: str, lists: Mapping[str, str], lang: str) -> str:
    """A line with its functions and lists in words; of items of one list in a row the first alone says which."""
    before = ""

    def word(part: re.Match[str]) -> str:
        nonlocal before
        if part[3]:
            before = ""
            return (say(f"wk-{part[3]}", lang) if part[3] in CALLS else part[3]) + "("
        label, before = ("" if part[1] == before else lists.get(part[1], part[1])), part[1]
        return say("wk-item", lang, label=label, key=part[2]).lstrip() + (" " if lang == "en" else "")

    return _ITEM.sub(word, line)


def telling(lines: tuple[str, ...]) -> Iterator[str]:
    """The lines that hold a figure or an item; those in which nothing is known yet tell nobody anything."""
    return (line for line in lines if re.search(r"\d|\[", line))
