"""A rule book as text: the list of its rules, and one rule with its law through time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from compliance import dates
from compliance.reports.articles import version_name
from compliance.reports.printable import visible
from compliance.reports.text import Line, finish, section, width
from compliance.reports.words import say

if TYPE_CHECKING:
    from compliance.packs.book import Exempt, Pack, Parameter, Reading, Rule

    Written = Mapping[tuple[str, str], Mapping[str, str]]


def render_list(pack: Pack, lang: str) -> str:
    """The rules: id, force and title in aligned columns."""
    rows = [(rule.id, pack.force(rule.force)[lang], rule.title[lang]) for rule in pack.rules]
    first = max((width(row[0]) for row in rows), default=0)
    second = max((width(row[1]) for row in rows), default=0)
    lines = [f"{padded(name, first)}  {padded(force, second)}  {title}" for name, force, title in rows]
    return "".join(visible(line) + "\n" for line in lines)


def padded(text: str, columns: int) -> str:
    """Text filled with spaces to a display width."""
    return text + " " * (columns - width(text))


def render_rule(rule: Rule, pack: Pack, lang: str, written: Written) -> str:
    """One rule: what it requires, since when, on which days, with which limits, exceptions, readings and citations.

    ``written`` are its formulas and those of its exceptions as its file has them, by the ids of both.
    """
    return finish(((indent, visible(text), style) for indent, text, style in detail(rule, pack, lang, written)))


def detail(rule: Rule, pack: Pack, lang: str, written: Written) -> Iterator[Line]:
    """The lines of one rule."""
    yield 0, f"{rule.id}  {rule.title[lang]}", "head"
    yield 0, say("where", lang, items=say("join", lang).join((pack.force(rule.force)[lang], period(rule.start, rule.end, lang)))), ""
    used = rule.parameters()
    readings = [reading for reading in pack.readings.values() if ("reading", reading.id) in set(rule.fields())]
    yield from section(say("l-requirement", lang), [rule.restated[lang]])
    yield from section(say("l-citations", lang), cited(rule, pack, lang))
    yield from section(say("l-limits", lang), [parameter(pack.parameters[name], lang) for name in pack.parameters if name in used])
    yield from section(say("l-days", lang), day_lines(rule, pack, lang))
    exempted = [exception(exempt, written.get((rule.id, exempt.id), {}), lang) for exempt in rule.exceptions]
    yield from section(say("l-exempted", lang), exempted)
    yield from section(say("l-readings", lang), [reading_line(reading, lang) for reading in readings])
    yield from section(say("l-covers", lang), [say("and", lang).join(rule.covers)])
    yield from section(say("l-tests", lang), [test["name"][lang] for test in rule.tests])
    yield from section(say("l-written", lang), [rule.place])


def exception(found: Exempt, written: Mapping[str, str], lang: str) -> str:
    """An exception: when it holds, and the limit or the requirement that it sets in the place of the rule's."""
    parts = [f"{name}: {text}" for name, text in written.items()]
    return f"{found.id}  {found.title[lang]}" + (say("colon", lang) + say("join", lang).join(parts) if parts else "")


def period(start: int, end: int, lang: str) -> str:
    """The days on which something is in force."""
    if end >= dates.NEVER:
        return say("period-from", lang, start=dates.iso(start))
    return say("period", lang, start=dates.iso(start), end=dates.iso(end))


def cited(rule: Rule, pack: Pack, lang: str) -> list[str]:
    """The rule's citations, each instrument once with every version of it."""
    articles: dict[str, list[str]] = {}
    for cite in rule.cite:
        articles.setdefault(cite.instrument, []).append(cite.article)
    lines = []
    for name, listed in articles.items():
        instrument = pack.instruments[name]
        versions = [f"{version_name(one.number, lang)} {period(one.start, one.end, lang)}" for one in instrument.versions]
        confirmed = say("confirmed" if instrument.confirmed else "unconfirmed", lang)
        named = say("cite", lang, title=instrument.title[lang], article=say("and", lang).join(listed))
        lines.append(named + say("where", lang, items=say("join", lang).join([*versions, confirmed])))
    return lines


def parameter(found: Parameter, lang: str) -> str:
    """A limit of the law through time."""
    values = say("join", lang).join(f"{value.shown} {period(value.start, value.end, lang)}" for value in found.values)
    return f"{found.name}{say('where', lang, items=found.label[lang])} {values}"


def day_lines(rule: Rule, pack: Pack, lang: str) -> list[str]:
    """The day that picks the law, and the days a window is held against."""
    from compliance.engine.phrases import day_name

    named = {name: day_name(pack, name, lang) for name in (*rule.law, *rule.held_on)}
    lines = [say("law-by", lang, days=say("else", lang).join(named[name] for name in rule.law))]
    if rule.held_on:
        lines.append(say("held-on", lang, days=say("and", lang).join(named[name] for name in rule.held_on)))
    return lines


def reading_line(reading: Reading, lang: str) -> str:
    """A reading: the question, its options, and which is taken by default."""
    options = " / ".join(option[lang] for option in reading.options.values())
    default = reading.options[reading.default][lang] if reading.default in reading.options else say("both", lang)
    return say("reading", lang, text=reading.text[lang], options=options, default=default)
