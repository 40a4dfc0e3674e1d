"""The records beside the findings, as parts of the view: routes side by side, the days of a filing, what changed since."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance import dates
from compliance.engine.phrases import figure, spread
from compliance.engine.plain import Plain
from compliance.engine.verdict import GRAVEST
from compliance.reports import sentences, written
from compliance.reports.articles import version_name
from compliance.reports.bars import SCALE, Span
from compliance.reports.sentences import setting
from compliance.reports.words import say

if TYPE_CHECKING:
    from compliance.packs.book import Pack

Titles = Callable[[Iterable[str]], str]  # rules by their titles in one phrase
MAX_RULES = 3  # rules named in one cell; the record lists them all


class Column(NamedTuple):
    """One route of the matrix."""

    code: str
    label: str
    stated: bool
    verdict: str
    word: str


class Row(NamedTuple):
    """One line of the matrix: what is asked, and for each route what there is to say, a line each."""

    label: str
    cells: tuple[tuple[str, ...], ...]


class Matrix(NamedTuple):
    """The routes side by side."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


class Stretch(NamedTuple):
    """A stretch of days on the scale, and what it is: a verdict, or ``starts``, ``runs`` and ``ends`` of a window."""

    code: str
    span: Span


class Lane(NamedTuple):
    """One line of the timeline."""

    label: str
    sentence: str
    stretches: tuple[Stretch, ...]


class Mark(NamedTuple):
    """A day or a vague day on the scale."""

    label: str
    day: str
    span: Span


class Timeline(NamedTuple):
    """The days of a filing: marks, years, windows, the rules as functions of a day, and what goes stale."""

    first: str
    last: str
    years: tuple[tuple[int, str], ...]
    marks: tuple[Mark, ...]
    windows: tuple[Lane, ...]
    courses: tuple[Lane, ...]
    stale: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    law: tuple[str, ...]
    calendars: tuple[str, ...]


class Change(NamedTuple):
    """One difference from an earlier record, with its cause."""

    rule: str
    title: str
    part: str
    old: str
    new: str
    cause: str
    cause_code: str


# Routes


def matrix(record: Plain | None, lang: str) -> Matrix | None:
    """The record of the routes as a matrix."""
    if record is None:
        return None
    found = record["routes"]
    columns = (Column(one["route"], one["label"][lang], one["stated"], one["verdict"], say(one["verdict"], lang)) for one in found)
    rows = [
        Row(say("m-counts", lang), tuple((counts(one["counts"], lang),) for one in found)),
        Row(say("m-bars", lang), tuple(titles(one.get("bars", ()), lang) for one in found)),
    ]
    for asks, code in ((("most",), "m-most"), (("least",), "m-least"), (("earliest", "latest"), "m-days")):
        rows.append(Row(say(code, lang), tuple(limits(one.get("reach", ()), asks, lang) for one in found)))
    rows.append(Row(say("m-opened", lang), tuple(opened(one.get("opened_by", ()), lang) for one in found)))
    rows.append(Row(say("m-flips", lang), tuple(turns(one.get("flips", ()), lang) for one in found)))
    rows.append(Row(say("m-needs", lang), tuple(wanted(one.get("needs", ()), lang) for one in found)))
    return Matrix(tuple(columns), tuple(row for row in rows if any(any(cell) for cell in row.cells)))


def title(column: Column, lang: str) -> str:
    """A route and its verdict."""
    stated = say("where", lang, items=say("routes-stated", lang)) if column.stated else ""
    return f"{column.label}{stated}{say('colon', lang)}{column.word}"


def counts(found: Plain, lang: str) -> str:
    """How many conditions have which verdict."""
    return say("join", lang).join(say("m-count", lang, verdict=say(code, lang), n=found[code]) for code in GRAVEST if found.get(code))


def titles(found: Iterable[Plain], lang: str) -> tuple[str, ...]:
    """Rules by their titles, the first few, each once."""
    named = list(dict.fromkeys(one["title"][lang] for one in found))
    return few(named, lang)


def few(lines: list[str], lang: str) -> tuple[str, ...]:
    """The first lines, and how many more there are."""
    more = (say("m-more", lang, n=len(lines) - MAX_RULES),) if len(lines) > MAX_RULES else ()
    return (*lines[:MAX_RULES], *more)


def limits(found: Iterable[Plain], asks: tuple[str, ...], lang: str) -> tuple[str, ...]:
    """How far the variables of a route reach."""
    return tuple(limit(one, lang) for one in found if one["ask"] in asks)


def limit(found: Plain, lang: str) -> str:
    """How far one variable reaches, what binds there, or why nothing is offered."""
    label = found["label"][lang] + say("where", lang, items=found["way"]["label"][lang])
    if found["found"] == "value":
        value = figure(found["value"], found["unit"], lang)
        line = say("m-reach", lang, label=label, ask=say(f"m-ask-{found['ask']}", lang), value=value)
    else:
        line = say("m-reach-none", lang, label=label, reason=no_limit(found, lang))
    binds, barred = (say("and", lang).join(titles(found.get(name, ()), lang)) for name in ("binds", "barred"))
    line += say("m-binds", lang, rules=binds) if binds else ""
    line += say("m-barred", lang, rules=barred) if barred else ""
    return line + (say("m-open", lang, n=len(found["open"])) if found["found"] == "value" and found.get("open") else "")


def no_limit(found: Plain, lang: str) -> str:
    """Why no value is given of how far a variable reaches."""
    if found["found"] == "unbound" and found.get("open"):
        return say("m-unbound-open", lang, n=len(found["open"]))
    if "looked_until" in found:
        return say("m-unproved-days", lang, day=found["looked_until"])
    return say(f"m-{found['found']}", lang)


def opened(found: Iterable[Plain], lang: str) -> tuple[str, ...]:
    """The exceptions by which rules are met."""
    return few([say("m-by", lang, title=one["title"][lang], exception=one["exception"]["title"][lang]) for one in found], lang)


def turns(found: Iterable[Plain], lang: str) -> tuple[str, ...]:
    """The rules that answers could turn, each with the fewest answers and the verdict then."""
    fewest: dict[tuple[str, str], int] = {}
    for one in found:
        key = (one["title"][lang], say(one["to"], lang))
        fewest[key] = min(len(one["change"]), fewest.get(key, len(one["change"])))
    told = (say("flips-1" if n == 1 else "flips-n", lang, n=n, verdict=word) for (_, word), n in fewest.items())
    return few([say("m-turn", lang, title=title, turn=turn) for (title, _), turn in zip(fewest, told, strict=True)], lang)


def wanted(found: Iterable[Plain], lang: str) -> tuple[str, ...]:
    """The facts that open verdicts lack."""
    return few([one["label"][lang] for one in found], lang)


# The days


def timeline(record: Plain | None, lang: str, pack: Pack) -> Timeline | None:
    """The record of the days on a scale between its first and last day."""
    if record is None:
        return None

    titles = {rule.id: rule.title[lang] for rule in pack.rules}

    def rules(names: Iterable[str]) -> str:
        return say("join", lang).join(titles.get(name, name) for name in names)

    first, last = dates.parse(record["from"]).low, dates.parse(record["until"]).high
    named = {one["day"]: one["label"][lang] for one in record["days"]}

    def moved(alike: Iterable[Plain]) -> str:
        """Which days are moved, where the record says so: a rule may turn with several in the same way."""
        days = [named[one["moving"]] for one in alike if one.get("moving") in named]
        return say("where", lang, items=say("moved", lang, day=say("and", lang).join(days))) if days else ""

    scale = _Scale(first, last)
    return Timeline(
        first=record["from"],
        last=record["until"],
        years=tuple((scale.at(day), str(year)) for year, day in years(first, last)),
        marks=tuple(Mark(one["label"][lang], span_text(one["at"], lang), scale.span(one["at"])) for one in record["days"]),
        windows=windows(record, scale, lang, rules),
        courses=tuple(
            course(alike[0], scale, lang, moved(alike)) for alike in grouped(record.get("rules", ())) if len(alike[0]["steps"]) > 1
        ),
        stale=tuple(stale(one, lang, rules) for one in record.get("stale", ())),
        changes=tuple(
            (one["day"], one["title"][lang] + moved(alike), say("turns-to", lang, old=say(one["from"], lang), new=say(one["to"], lang)))
            for alike in grouped(record.get("changes", ()))
            for one in alike[:1]
        ),
        law=tuple(boundary(one, lang, rules, pack) for one in record.get("law", ())),
        calendars=tuple(say("tl-calendar", lang, day=one["known_until"]) for one in record.get("calendars", ())),
    )


class _Scale:
    """Day numbers as positions."""

    def __init__(self, first: int, last: int) -> None:
        self.first = first
        self.days = max(1, last + 1 - first)

    def at(self, day: int) -> int:
        """The position of the start of a day, within the scale."""
        return max(0, min(SCALE, (day - self.first) * SCALE // self.days))

    def span(self, found: Plain) -> Span:
        """A range of days, both counted; an end that is not there, or lies beyond the scale, is open."""
        low = dates.parse(found["low"]).low if "low" in found else None
        high = dates.parse(found["high"]).high + 1 if "high" in found else None
        start = 0 if low is None else self.at(low)
        end = SCALE if high is None else self.at(high)
        return Span(start, end, low is None or low < self.first, high is None or high > self.first + self.days)


def years(first: int, last: int) -> Iterable[tuple[int, int]]:
    """The first day of each year between two days."""
    for year in range(date.fromisoformat(dates.iso(first)).year + 1, date.fromisoformat(dates.iso(last)).year + 1):
        yield year, dates.parse(f"{year}-01-01").low


def span_text(found: Plain, lang: str) -> str:
    """A day, or the days between which it lies."""
    return spread({**found, "unit": "date"}, lang)


def grouped(found: Iterable[Plain]) -> list[list[Plain]]:
    """What is told of a rule in the same words whichever of several days is moved, together."""
    alike: dict[str, list[Plain]] = {}
    for one in found:
        said = {name: part for name, part in one.items() if name not in ("moving", "paths")}
        alike.setdefault(json.dumps(said, sort_keys=True), []).append(one)
    return list(alike.values())


def together(found: Iterable[Plain]) -> list[list[Plain]]:
    """Windows for readers: those counted in sessions from the items of one list, alike in all but the days, as one; others alone.

    A series of trading days has a window for each of its days, and nobody reads twenty lines of them.
    """
    groups: dict[Any, list[Plain]] = {}
    for number, one in enumerate(found):
        series = "item" in one and "sessions" in one
        lists = re.sub(r"\[.*?\](?=\.|$)", "[]", one["item"]) if series else number
        key = (lists, one.get("sessions"), one["state"], "known" in one, one.get("parameter", {}).get("name"), *one["rules"])
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def hull(found: Iterable[Plain]) -> Plain:
    """The days from the first to the last of several ranges of days; an end that one of them leaves open is open."""
    ranges = list(found)
    ends = {"low": min(one.get("low", "") for one in ranges), "high": max(one.get("high", "~") for one in ranges)}
    return {name: day for name, day in ends.items() if day not in ("", "~")}


def windows(record: Plain, scale: _Scale, lang: str, rules: Titles) -> tuple[Lane, ...]:
    """The periods that the scale shows; those of one kind of which the same is told as one, with what each begins from."""
    told: dict[tuple[str, str, tuple[Stretch, ...]], dict[str, None]] = {}
    for group in together(record.get("windows", ())):
        found, lane = group[0], window(group, scale, lang, rules)
        kind = say("where", lang, items=found["parameter"]["label"][lang]) if "parameter" in found else ""
        if lane.stretches:
            told.setdefault((kind, lane.sentence, lane.stretches), {})[lane.label] = None
    return tuple(Lane(say("and", lang).join(labels) + kind, sentence, parts) for (kind, sentence, parts), labels in told.items())


def length(group: list[Plain], lang: str) -> str:
    """How long a window is, in months or sessions, or each of several."""
    unit = "months" if "months" in group[0] else "sessions"
    one = say(f"length-{unit}", lang, n=abs(group[0][unit]))
    return say("length-each", lang, length=one) if len(group) > 1 else one


def backwards(found: Plain) -> bool:
    """Whether a window is counted back from its day."""
    return bool(found["months" if "months" in found else "sessions"] < 0)


def window(group: list[Plain], scale: _Scale, lang: str, rules: Titles) -> Lane:
    """A period, or several of one list: from the days it may start, over the days it runs, to the days it may end.

    Its label is what it begins from.
    """
    found = group[0]
    days = {name: hull(one[name] for one in group) for name in ("starts", "ends")}
    starts, ends = scale.span(days["starts"]), scale.span(days["ends"])
    seen = ends.high > 0 and starts.low < SCALE
    runs = Span(ends.high, starts.high) if backwards(found) else Span(starts.low, ends.low)
    stretches = (Stretch("runs", runs), Stretch("ends", ends)) if seen else ()
    sentence = say(
        "window-back" if backwards(found) else "window",
        lang,
        starts=span_text(days["starts"], lang),
        length=length(group, lang),
        ends=span_text(days["ends"], lang),
        state=say(f"window-{found['state']}", lang),
        rules=rules(found["rules"]),
    )
    sentence += say("clipped", lang) if found.get("clipped") else ""
    sentence += say("window-known", lang, days=span_text(found["known"], lang)) if "known" in found else ""
    several = say("m-more", lang, n=len(group) - 1) if len(group) > 1 else ""
    label = found["label"][lang] + (say("where", lang, items=several) if several else "")
    return Lane(label, sentence, stretches)


def course(found: Plain, scale: _Scale, lang: str, moved: str) -> Lane:
    """A rule as a function of a day: a stretch for each verdict; ``moved`` tells which day."""
    stretches = tuple(Stretch(step["verdict"], scale.span({"low": step["from"], "high": step["to"]})) for step in found["steps"])
    said = say("join", lang).join(
        say("step", lang, start=step["from"], end=step["to"], verdict=say(step["verdict"], lang)) for step in found["steps"]
    )
    return Lane(found["title"][lang] + moved, said, stretches)


def stale(found: Plain, lang: str, rules: Titles) -> str:
    """The last day on which a fact serves its rules."""
    return say("stale", lang, label=found["label"][lang], day=span_text(found["last"], lang), rules=rules(found["rules"]))


def boundary(found: Plain, lang: str, rules: Titles, pack: Pack) -> str:
    """A day on which the law changes, and what of it."""
    parts = []
    for code, name in (("law-begin", "begin"), ("law-end", "end")):
        if found.get(name):
            parts.append(say(code, lang, rules=rules(found[name])))
    for one in found.get("parameters", ()):
        old, new = (setting(one["name"], one.get(end, ""), pack, lang) for end in ("from", "to"))
        code = "law-number" if old and new else "law-number-new" if new else "law-number-gone"
        parts.append(say(code, lang, label=one["label"][lang], old=old, new=new))
    for one in found.get("instruments", ()):
        parts.append(say("law-version", lang, title=one["title"][lang], number=version_name(one.get("number", ""), lang)).rstrip())
    return say("law-day-of", lang, day=found["day"], parts=say("join", lang).join(parts))


def days(found: Timeline, lang: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The days in words: the code of each part's heading with its lines, those without any left out."""

    def lanes(those: Iterable[Lane]) -> tuple[str, ...]:
        return tuple(f"{lane.label}{say('colon', lang)}{lane.sentence}" for lane in those)

    marks = tuple(say("wi-value", lang, label=mark.label, value=mark.day) for mark in found.marks)
    turns_of = tuple(f"{day}{say('colon', lang)}{name} {turn}" for day, name, turn in found.changes)
    parts = (
        ("days-marks", marks),
        ("days-changes", turns_of),
        ("days-windows", lanes(found.windows)),
        ("days-courses", lanes(found.courses)),
        ("days-stale", found.stale),
        ("days-law", found.law),
        ("days-calendars", found.calendars),
    )
    return tuple((code, lines) for code, lines in parts if lines)


# What changed


def changes(record: Plain | None, lang: str, pack: Pack) -> tuple[Change, ...]:
    """The differences from an earlier record, in its order."""
    return tuple(change(one, lang, pack) for one in (record or {}).get("differences", ()))


def change(found: Plain, lang: str, pack: Pack) -> Change:
    """One difference in words."""
    old, new = (part_text(found.get(side), lang) for side in ("old", "new"))
    reason = found["cause"]
    told = cause(reason, lang, pack)
    return Change(found["rule"], found["title"][lang], say(f"part-{found['part']}", lang), old, new, told, reason["kind"])


def part_text(found: Any, lang: str) -> str:
    """A part of a finding: a verdict, a range, whether it is robust, or how many flips or needs only it has."""
    if found is None:
        return say("none-at-all", lang)
    if isinstance(found, bool):
        return say("robust" if found else "fragile", lang)
    if isinstance(found, str):
        return say(found, lang)
    if isinstance(found, Mapping):
        return spread(dict(found), lang)
    return say("part-items", lang, n=len(found))


def cause(found: Plain, lang: str, pack: Pack) -> str:
    """The cause of a difference; facts by what they are called, as the filings write them."""
    if found["kind"] != "fact":
        old, new = found["old"], found["new"]
        return say(f"cause-{found['kind']}", lang, old=old[:12], new=new[:12])
    none, words = say("none-at-all", lang), pack.vocabulary
    facts = []
    for one in found.get("facts", ()):
        field = sentences.field_of(words, one["path"])
        old, new = (written.value(field, one[side], words, lang) if side in one else none for side in ("old", "new"))
        facts.append(say("cause-one", lang, label=sentences.label(one["path"], pack, lang), old=old, new=new))
    return say("cause-fact", lang, facts=say("join", lang).join(facts)) if facts else say("cause-fact-other", lang)
