"""The days of a filing as text: when verdicts change, what each rule says over time, windows, what runs out, the law to come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from compliance.engine.phrases import day_name
from compliance.engine.plain import Plain
from compliance.facts.filing import label_of
from compliance.reports.articles import version_name
from compliance.reports.beside import backwards, hull, length, span_text, together
from compliance.reports.paper import PLAIN, Paper
from compliance.reports.printable import visible
from compliance.reports.sentences import setting
from compliance.reports.text import Line, finish
from compliance.reports.whatif import INDENT, assumed
from compliance.reports.whole import issuer
from compliance.reports.words import say

if TYPE_CHECKING:
    from compliance.packs.book import Pack

MAX_NAMED = 4  # facts or items named in one line


def render(record: Plain, pack: Pack, lang: str, paper: Paper = PLAIN) -> str:
    """The record of a filing's days, within the columns there are."""
    lines = ((indent, visible(text), style) for indent, text, style in _lines(record, pack, lang))
    return finish(lines, paper)


def _lines(record: Plain, pack: Pack, lang: str) -> Iterator[Line]:
    yield 0, say("tl-head", lang, who=issuer(record, lang), day=record["as_of"], start=record["from"], end=record["until"]), "head"
    for one in record["days"]:
        yield INDENT, say("wi-value", lang, label=one["label"][lang], value=span_text(one["at"], lang)), ""
    yield from _changes(record, pack, lang)
    yield from _courses(record, pack, lang)
    yield from _windows(record, pack, lang)
    yield from _section("tl-stale", record.get("stale", ()), lang)
    for one in record.get("stale", ()):
        values = {"label": one["label"][lang], "last": span_text(one["last"], lang), "rules": _rules(one["rules"], pack, lang)}
        yield INDENT, "- " + say("tl-stale-one", lang, state=say(f"tl-{one['state']}", lang), **values), ""
    yield from _section("tl-law", record.get("law", ()), lang)
    for one in record.get("law", ()):
        yield from _boundary(one, pack, lang)
    for one in record.get("calendars", ()):
        yield 0, say("tl-calendar", lang, day=one["known_until"]), ""
    yield from assumed(record, lang)


def _section(code: str, found: Any, lang: str) -> Iterator[Line]:
    yield 0, "", ""
    yield 0, say(code if found else f"{code}-none", lang, n=len(found)), "head"


def _changes(record: Plain, pack: Pack, lang: str) -> Iterator[Line]:
    """The days on which a verdict changes."""
    found = record.get("changes", ())
    yield from _section("tl-changes", found, lang)
    for one in found:
        words = {name: say(one[name], lang) for name in ("from", "to")}
        because = _because(one.get("paths", ()), pack, lang) or (say("tl-by-law", lang) if one.get("law") else "")
        moving = day_name(pack, one["moving"], lang)
        yield (
            INDENT,
            say("tl-change", lang, day=one["day"], moving=moving, title=one["title"][lang], before=words["from"], after=words["to"]),
            "",
        )
        if because:
            yield 4, say("tl-because", lang, because=because), ""


def _because(paths: Any, pack: Pack, lang: str) -> str:
    """The facts behind a change, the first few in words."""
    labels = [label_of(pack.vocabulary, path)[lang] for path in paths]
    shown = labels[:MAX_NAMED] + ([say("tl-more", lang, n=len(labels) - MAX_NAMED)] if len(labels) > MAX_NAMED else [])
    return say("join", lang).join(shown)


def _courses(record: Plain, pack: Pack, lang: str) -> Iterator[Line]:
    """Each rule that changes, stretch by stretch; those that stay the same in one line for each verdict."""
    courses = record.get("rules", ())
    yield from _section("tl-rules", courses, lang)
    still: dict[tuple[str, str], list[str]] = {}
    for one in courses:
        if len({step["verdict"] for step in one["steps"]}) == 1:
            still.setdefault((one["moving"], one["steps"][0]["verdict"]), []).append(one["title"][lang])
            continue
        yield INDENT, say("tl-course", lang, title=one["title"][lang], rule=one["rule"], moving=day_name(pack, one["moving"], lang)), ""
        for step in one["steps"]:
            yield 4, say("wi-stretch", lang, first=step["from"], last=step["to"], verdict=say(step["verdict"], lang)), ""
    for (moving, verdict), titles in still.items():
        values = {"moving": day_name(pack, moving, lang), "verdict": say(verdict, lang), "n": len(titles)}
        yield INDENT, say("tl-still", lang, titles=say("join", lang).join(titles), **values), ""


def _windows(record: Plain, pack: Pack, lang: str) -> Iterator[Line]:
    """The windows, those of one length that begin and end alike together, and those of a series of days."""
    found = record.get("windows", ())
    yield from _section("tl-windows", found, lang)
    alike: dict[tuple[Any, ...], list[Plain]] = {}
    for group in together(found):
        ends, starts = (span_text(hull(one[name] for one in group), lang) for name in ("ends", "starts"))
        one = group[0]
        name = one["parameter"]["label"][lang] if "parameter" in one else ""
        key = (ends, starts, backwards(one), length(group, lang), name, one["state"], *one["rules"])
        alike.setdefault(key, []).extend(group)
    for (ends, starts, back, long, name, state, *rules), several in alike.items():
        labels = list(dict.fromkeys(one["label"][lang] for one in several))
        more = [say("tl-more", lang, n=len(labels) - MAX_NAMED)] if len(labels) > MAX_NAMED else []
        values = {"ends": ends, "starts": starts, "length": long, "state": say(f"tl-{state}", lang)}
        known = next((one["known"] for one in several if "known" in one), None)
        remark = say("tl-clipped", lang) if any("clipped" in one for one in several) else ""
        remark += say("tl-known", lang, days=span_text(known, lang)) if known else ""
        named = say("join", lang).join([*labels[:MAX_NAMED], *more])
        yield INDENT, "- " + say("tl-window-back" if back else "tl-window", lang, labels=named, remark=remark, **values), ""
        yield 4, say("tl-window-why", lang, name=name, rules=_rules(rules, pack, lang)) if name else _rules(rules, pack, lang), ""


def _boundary(one: Plain, pack: Pack, lang: str) -> Iterator[Line]:
    """What changes in the law on one day."""
    yield INDENT, one["day"], "head"
    for name in ("begin", "end"):
        if one.get(name):
            yield 4, say(f"tl-{name}", lang, rules=_rules(one[name], pack, lang)), ""
    for part in one.get("parameters", ()):
        before, after = (
            setting(part["name"], part[end], pack, lang) if end in part else say("none-at-all", lang) for end in ("from", "to")
        )
        yield 4, "- " + say("wi-figure", lang, label=part["label"][lang], before=before, after=after), ""
    for part in one.get("instruments", ()):
        yield 4, "- " + say("tl-version", lang, title=part["title"][lang], number=version_name(part.get("number", ""), lang)), ""


def _rules(names: Any, pack: Pack, lang: str) -> str:
    return say("join", lang).join(pack.rule(name).title[lang] for name in names)
