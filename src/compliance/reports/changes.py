"""Whose verdicts change, for readers: each cause in a sentence, what it comes to on a terminal, as JSON and as a workbook.

``Row`` is a change as its table holds it. A book is asked for labels; where two books were compared the one after comes first.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from compliance.engine.phrases import day as day_text
from compliance.engine.plain import Plain
from compliance.packs.book import Pack
from compliance.reports.matrix import COLOURS
from compliance.reports.printable import visible
from compliance.reports.sentences import label, setting
from compliance.reports.text import Line, finish
from compliance.reports.words import say
from compliance.source import Place, Problem, SourceError

SCHEMA = "compliance.changes/1"
MAX_ROWS = 20_000  # of a sheet: more than a person reads; the tables hold them all
LISTED = 20  # issuers named on a terminal
CAUSES = 3  # causes of one rule told there
TURNS = ("eligible", "ceasing", "failing", "mended")  # what a change of the verdict as a whole may mean
MAX_FACTS = 3  # facts and rules named in a sentence


class Row(NamedTuple):
    """A verdict that changes: of whom, on which day, by which rule (empty: the whole), from what to what, and why as JSON."""

    item: int
    issuer: str
    name: str
    day: str
    rule: str
    before: str
    after: str
    causes: str


class Books:
    """What rule books say to readers: the titles of rules, and each cause in words, those of the law worded once."""

    def __init__(self, books: Sequence[Pack], lang: str) -> None:
        self.books = books
        self.lang = lang
        self.titles: dict[str, Mapping[str, str]] = {rule.id: rule.title for book in reversed(books) for rule in book.rules}
        self._said: dict[str, str] = {}

    def title(self, rule: str) -> str:
        """The title of a rule; without one, that it is the verdict as a whole."""
        return self.titles[rule][self.lang] if rule else say("screen-whole", self.lang)

    def why(self, causes: str) -> str:
        """Causes in a sentence each."""
        said = self._said.get(causes)
        if said is None:
            found = json.loads(causes)
            said = say("join", self.lang).join(self._cause(one) for one in found)
            if all("facts" not in one for one in found):
                self._said[causes] = said
        return said

    def _cause(self, cause: Plain) -> str:
        kind, lang = cause["kind"], self.lang
        if kind == "rules":
            titles = [self.title(rule) for rule in cause["rules"]]
            return say("ch-rules", lang, rules=self._few(titles)) if titles else say("ch-day", lang)
        if kind == "book":
            parts = [say(f"ch-book-{what}", lang) for what in cause["what"]]
            moved = [self._moved(*one) for one in cause.get("parameters", ())]
            return say("ch-book", lang, what=say("and", lang).join([*moved, *parts]) or say("ch-book-other", lang))
        if kind == "law":
            moved = [self._moved(*one) for one in cause["parameters"]]
            return say("ch-law", lang, day=cause["day"] or "…", values=say("and", lang).join(moved))
        if kind in ("period", "periods"):
            facts = [self._fact(*one) if kind == "period" else self._label(one) for one in cause["facts"]]
            long = [
                say("ch-set", lang, label=self._parameter(name), value=self._setting(name, value)) for name, value in cause["parameters"]
            ]
            values = say("ch-values", lang, values=say("and", lang).join(long)) if long else ""
            return say(f"ch-{kind}", lang, facts=self._few(facts), values=values, **({"day": cause["day"]} if kind == "period" else {}))
        return say(f"ch-{kind}", lang, **({"day": cause["day"]} if kind in ("begins", "ends") else {}))

    def _few(self, texts: Sequence[str]) -> str:
        more = [say("tl-more", self.lang, n=len(texts) - MAX_FACTS)] if len(texts) > MAX_FACTS else []
        return say("and", self.lang).join([*texts[:MAX_FACTS], *more])

    def _moved(self, name: str, before: str, after: str) -> str:
        ends = [self._setting(name, value) if value else say("none-at-all", self.lang) for value in (before, after)]
        return say("ch-moved", self.lang, label=self._parameter(name), before=ends[0], after=ends[1])

    def _book(self, name: str) -> Pack:
        return next(book for book in self.books if name in book.parameters)

    def _parameter(self, name: str) -> str:
        return self._book(name).parameters[name].label[self.lang]

    def _setting(self, name: str, value: str) -> str:
        return setting(name, value, self._book(name), self.lang)

    def _fact(self, path: str, value: str) -> str:
        return say("ch-fact", self.lang, label=self._label(path), value=day_text(value, self.lang))

    def _label(self, path: str) -> str:
        return label(path, self.books[0], self.lang)


class Tally:
    """What many changes come to: how many of each kind, by which causes, and who becomes eligible or ceases to be."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.kinds: Counter[tuple[str, str, str]] = Counter()  # by rule, verdict before and after
        self.causes: dict[str, Counter[str]] = {}  # by rule: what is common to many, facts left out
        self.issuers = 0
        self.listed: dict[str, list[Row]] = {kind: [] for kind in TURNS}
        self.counted: Counter[str] = Counter()
        self._last = self._whole = -1
        for row in rows:
            self._add(row)

    def _add(self, row: Row) -> None:
        """One more change; those of an item come one after the other."""
        self.issuers += row.item != self._last
        self._last = row.item
        if not row.rule and row.item != self._whole:
            self.counted["whole"] += 1
            self._whole = row.item
        self.kinds[row.rule, row.before, row.after] += 1
        if row.rule:
            self.causes.setdefault(row.rule, Counter())[common(row.causes)] += 1
            return
        kind = turn_of(row.before, row.after)
        self.counted[kind] += 1
        if kind in self.listed and len(self.listed[kind]) < LISTED:
            self.listed[kind].append(row)


def turn_of(before: str, after: str) -> str:
    """What a change of the verdict as a whole means: one of ``TURNS``, or none of them."""
    if "pass" in (before, after):
        return "eligible" if after == "pass" else "ceasing"
    return "failing" if after == "fail" else "mended" if before == "fail" else ""


def common(causes: str) -> str:
    """Causes without what is of one filing alone, to be counted by."""
    if '"facts"' not in causes:
        return causes
    plain = [
        {"kind": one["kind"], "facts": sorted({field_of(path) for path, _ in one["facts"]}), "parameters": one["parameters"]}
        if "facts" in one
        else one
        for one in json.loads(causes)
    ]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def field_of(path: str) -> str:
    """A path without the keys of its items."""
    return "".join(part.partition("]")[2] if number else part for number, part in enumerate(path.split("[")))


def summary(tally: Tally, books: Books, about: Plain) -> Plain:
    """What it comes to, as plain data. ``about`` is what was compared."""

    def group(kinds: Iterable[tuple[tuple[str, str, str], int]]) -> list[Plain]:
        return [{"before": before, "after": after, "issuers": count} for (_, before, after), count in kinds]

    rules = [
        {
            "rule": rule,
            "title": dict(books.titles[rule]),
            "changes": group(_of(tally, rule)),
            "causes": [{"causes": json.loads(text), "issuers": count} for text, count in tally.causes[rule].most_common()],
        }
        for rule in _rules(tally)
    ]
    counts = {"issuers": tally.issuers, **{kind: tally.counted[kind] for kind in TURNS}}
    return {"schema": SCHEMA, **about, **counts, "whole": group(_of(tally, "")), "rules": rules}


def _of(tally: Tally, rule: str) -> list[tuple[tuple[str, str, str], int]]:
    found = [entry for entry in tally.kinds.items() if entry[0][0] == rule]
    return sorted(found, key=lambda entry: (-entry[1], entry[0]))


def _rules(tally: Tally) -> list[str]:
    counts: Counter[str] = Counter()
    for (rule, _, _), count in tally.kinds.items():
        counts[rule] += count
    return [rule for rule, _ in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])) if rule]


# On a terminal


def render(tally: Tally, books: Books, about: Plain, colour: bool = False) -> str:
    """What it comes to, within 100 columns."""
    return finish(((indent, visible(text), style) for indent, text, style in _lines(tally, books, about)), colour)


def _lines(tally: Tally, books: Books, about: Plain) -> Iterator[Line]:
    lang = books.lang
    counts = {"whole": tally.counted["whole"], "issuers": tally.issuers, "rules": len(_rules(tally))}
    yield 0, say("ch-head", lang, items=about["items"], **counts), "head"
    if about["errors"]:
        yield 0, say("screen-read", lang, items=about["items"], errors=about["errors"]), ""
    yield 0, "", ""
    yield 0, say("screen-whole", lang), "head"
    for (_, before, after), count in _of(tally, ""):
        yield 2, say("ch-kind", lang, before=say(before, lang), after=say(after, lang), n=count), ""
    if not _of(tally, ""):
        yield 2, say("ch-none", lang), ""
    for kind, rows in tally.listed.items():
        if not rows and kind not in TURNS[:2]:
            continue
        yield 2, say(f"ch-{kind}", lang, n=tally.counted[kind]), ""
        for row in rows:
            yield 4, say("ch-who", lang, day=row.day, issuer=row.issuer, name=row.name, why=books.why(row.causes)), ""
        if tally.counted[kind] > len(rows):
            yield 4, say("tl-more", lang, n=tally.counted[kind] - len(rows)), ""
    yield 0, "", ""
    yield 0, say("ch-by-rule", lang, n=len(_rules(tally))), "head"
    for rule in _rules(tally):
        yield 2, f"{books.title(rule)}  {rule}", ""
        kinds = [say("ch-kind", lang, before=say(before, lang), after=say(after, lang), n=n) for (_, before, after), n in _of(tally, rule)]
        yield 4, say("join", lang).join(kinds), ""
        found = tally.causes[rule].most_common()
        for text, count in found[:CAUSES]:
            yield 4, "- " + say("ch-cause", lang, why=books.why(summed(text)), n=count), ""
        if len(found) > CAUSES:
            yield 4, "- " + say("ch-causes-more", lang, n=len(found) - CAUSES), ""


def summed(text: str) -> str:
    """Causes that are common to many as ones that can be worded: the facts as what they are, without a day."""
    plain = [{**one, "kind": "periods"} if one["kind"] == "period" else one for one in json.loads(text)]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


# As a workbook


def workbook(rows: Iterable[Row], books: Books) -> bytes:
    """The changes as a workbook: of the whole, and by rule. Raises ``SourceError`` where the library for workbooks is not installed."""
    try:
        import xlsxwriter
    except ImportError:
        raise SourceError([Problem(Place("changes.xlsx"), "extra-needed", {"extra": "office"})]) from None
    stream, lang = io.BytesIO(), books.lang
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1)})  # the same run gives the same file on any day
    head = book.add_format({"bold": True, "bottom": 1})
    forms = {word: book.add_format({"bg_color": colour}) for word, colour in COLOURS.items()}
    names = ("code", "name", "day", "rule", "before", "after", "why")
    sheets = [book.add_worksheet(say(name, lang)) for name in ("screen-whole", "screen-rule")]
    for sheet in sheets:
        sheet.freeze_panes(1, 2)
        for column, (name, size) in enumerate(zip(names, (9, 20, 11, 36, 14, 14, 90), strict=True)):
            sheet.write_string(0, column, say(f"screen-{name}", lang), head)
            sheet.set_column(column, column, size)
    used = [1, 1]
    for row in rows:
        which = bool(row.rule)
        at, sheet = used[which], sheets[which]
        used[which] += 1
        if at > MAX_ROWS:
            continue
        for column, text in enumerate((row.issuer, row.name, row.day, books.title(row.rule))):
            sheet.write_string(at, column, text)
        for column, word in ((4, row.before), (5, row.after)):
            sheet.write_string(at, column, say(word, lang), forms.get(word))
        sheet.write_string(at, 6, books.why(row.causes))
    for sheet, end in zip(sheets, used, strict=True):
        sheet.autofilter(0, 0, min(end - 1, MAX_ROWS), len(names) - 1)
        if end - 1 > MAX_ROWS:
            sheet.write_string(MAX_ROWS + 1, 0, say("tl-more", lang, n=end - 1 - MAX_ROWS))
    book.close()
    return stream.getvalue()
