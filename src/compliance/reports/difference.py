"""What differs between two records, as text: rule by rule, each difference with its cause."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from compliance.engine.phrases import spread
from compliance.engine.plain import Plain
from compliance.facts.answers import READING
from compliance.facts.filing import label_of
from compliance.reports.paper import PLAIN, Paper
from compliance.reports.printable import visible
from compliance.reports.text import Line, finish
from compliance.reports.whole import issuer
from compliance.reports.words import say

if TYPE_CHECKING:
    from compliance.packs.book import Pack

MAX_NAMED = 4  # facts or flips named in one line


def render(record: Plain, pack: Pack, lang: str, paper: Paper = PLAIN) -> str:
    """The record of differences, within the columns there are; paths stand in the words of the rule book."""
    lines = ((indent, visible(text), style) for indent, text, style in _lines(record, pack, lang))
    return finish(lines, paper)


def _lines(record: Plain, pack: Pack, lang: str) -> Iterator[Line]:
    yield 0, say("df-head", lang, who=issuer(record, lang), old=record["as_of"]["old"], new=record["as_of"]["new"]), "head"
    verdict = {name: say(record["verdict"][name], lang) for name in ("old", "new")}
    yield 0, say("df-verdict", lang, **verdict), ""
    for name in ("facts_sha256", "pack", "engine"):
        same = record[name]["old"] == record[name]["new"]
        shown = {end: str(record[name][end])[:12] for end in ("old", "new")}
        yield 2, say("df-same" if same else "df-other", lang, name=say(f"df-{name}", lang), **shown), ""
    found = record.get("differences", [])
    yield 0, "", ""
    yield 0, say("df-count" if found else "df-none", lang, n=len(found), method=say(f"df-{record['method']}", lang)), "head"
    for rule, group in groupby(found, key=lambda one: str(one["rule"])):
        parts = list(group)
        yield 2, f"{rule}  {parts[0]['title'][lang]}", "head"
        for one in parts:
            yield 4, _what(one, pack, lang), ""
            if one is parts[-1] or one["cause"] != parts[parts.index(one) + 1]["cause"]:
                yield 6, _why(one["cause"], pack, lang), ""


def _what(one: Plain, pack: Pack, lang: str) -> str:
    """One difference."""
    old, new = (_shown(one.get(name), one["part"], pack, lang) for name in ("old", "new"))
    return say("df-one", lang, part=say(f"part-{one['part']}", lang), old=old, new=new)


def _shown(value: Any, part: str, pack: Pack, lang: str) -> str:
    if value is None:
        return say("none-at-all", lang)
    if part in ("finding", "verdict"):
        return say(value, lang)
    if part == "robust":
        return say("robust" if value else "fragile", lang)
    if part == "needs":
        return _listed([one["label"][lang] for one in value], lang)
    if part == "flips":
        return _listed([_flip(one, pack, lang) for one in value], lang)
    return spread(value, lang)


def _named(path: str, pack: Pack, lang: str) -> str:
    """A fact by its label, a reading by its question; a path that the book does not know stays as it is."""
    reading = pack.readings.get(path.removeprefix(READING)) if path.startswith(READING) else None
    return reading.text[lang] if reading is not None else label_of(pack.vocabulary, path)[lang]


def _flip(one: Plain, pack: Pack, lang: str) -> str:
    """One set of answers, by its questions."""
    names = [f"{_named(part['question'], pack, lang)} {part.get('to') or part.get('below') or part.get('above')}" for part in one["change"]]
    return say("df-flip", lang, change=" + ".join(names), verdict=say(one["verdict"], lang))


def _listed(names: list[str], lang: str) -> str:
    more = [say("tl-more", lang, n=len(names) - MAX_NAMED)] if len(names) > MAX_NAMED else []
    return say("join", lang).join([*names[:MAX_NAMED], *more])


def _why(cause: Plain, pack: Pack, lang: str) -> str:
    """The cause of a difference."""
    if cause["kind"] != "fact":
        shown = {end: str(cause[end])[:12] for end in ("old", "new")}
        return say(f"df-by-{cause['kind']}", lang, **shown)
    facts = cause.get("facts", [])
    if not facts:
        return say("df-by-unread", lang)
    none = say("none-at-all", lang)
    names = [
        say("df-fact", lang, path=_named(one["path"], pack, lang), old=one.get("old", none), new=one.get("new", none)) for one in facts
    ]
    return say("df-by-fact", lang, facts=_listed(names, lang))
