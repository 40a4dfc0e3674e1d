"""The tables that are filed, as rows of text from the view: what was checked one by one, and article by article."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from compliance.reports import sentences
from compliance.reports.articles import numerals
from compliance.reports.dossier import Dossier
from compliance.reports.model import Cited, FactGroup, FactRow, FindingView, QuestionRow, Step, View
from compliance.reports.words import say

MAX_LINES = 6  # lines of facts, of judgements and of working in a cell of the table; the rest stands in the appendix
MAX_CELL = 300  # characters of each of them; a line alone may have twice as many
FEW = 3  # answers to a question that stand behind it; more stand below, a line each
MARK = "\0"  # where the key of an item stands in a label; no text that is shown holds it
_DAY = re.compile(r"(?<![0-9A-Za-z_\-/\[])(\d{4})-(\d{2})-(\d{2})(?![0-9A-Za-z_\-/])", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


class Checked(NamedTuple):
    """A row of the table of findings, cell by cell, each a line or more.

    ``force`` is told of what is no condition. ``rest`` is what did not fit, for the appendix.
    """

    number: int
    rule: str
    verdict: str
    word: str
    force: str
    title: str
    basis: tuple[str, ...]
    facts: tuple[str, ...]
    working: tuple[str, ...]
    conclusion: tuple[str, ...]
    papers: tuple[str, ...]
    review: tuple[str, ...]
    differs: tuple[str, ...]
    changed: str
    rest: tuple[str, ...]


class Silent(NamedTuple):
    """A rule that does not apply, and why."""

    number: int
    rule: str
    title: str
    basis: tuple[str, ...]
    why: tuple[str, ...]


class Compared(NamedTuple):
    """A row of the comparison: an article (empty where the row above names it) with its official wording where the user brought it,
    what it asks, and what was found."""

    article: str
    official: tuple[str, ...]
    means: tuple[str, ...]
    found: tuple[str, ...]


class Duty(NamedTuple):
    """Something on which a party must opine, and the findings it is about."""

    text: str
    rules: tuple[str, ...]


class Filed(NamedTuple):
    """All tables; ``rows`` are those of each chapter, ``numbers`` leads from a rule to its row.

    ``common`` are the facts that many rows rest on, such as the board and the route: they are told once, above the table.
    """

    common: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Checked, ...]], ...]
    silent: tuple[Silent, ...]
    compared: tuple[Compared, ...]
    duties: tuple[Duty, ...]
    numbers: dict[str, int]


def tables(dossier: Dossier, view: View, party: str) -> Filed:
    """The tables for a party; the findings stand in the order of the book, chapter by chapter."""
    lang = view.lang
    order = {found["rule"]: at for at, found in enumerate(dossier.record.get("findings", ()))}
    chapters = {one.code: one.label for one in view.chapters}
    listed = sorted(view.findings(), key=lambda one: order[one.rule])
    quiet = sorted(view.not_applicable, key=lambda one: order[one.rule])
    numbers = {one.rule: at for at, one in enumerate([*listed, *quiet], 1)}
    duties = tuple(Duty(one.text, one.because) for one in view.conclusions if party in one.opine)
    due = {rule for duty in duties for rule in duty.rules}
    shared = common(listed)
    groups = (group._replace(rows=tuple(row for row in group.rows if row.path in shared)) for one in listed for group in one.facts)
    told = dict.fromkeys(fact_lines(groups, lang))
    rows = [(chapters[one.chapter], checked(one, dossier, view, numbers[one.rule], one.rule in due, shared)) for one in listed]
    return Filed(
        common=tuple(told),
        rows=tuple((chapter, tuple(row for _, row in group)) for chapter, group in groupby(rows, key=lambda one: one[0])),
        silent=tuple(
            Silent(numbers[one.rule], one.rule, one.title, cites(one, lang), tuple(dated(line, lang) for line in one.why)) for one in quiet
        ),
        compared=tuple(compared([*listed, *quiet], numbers, [one["rule"] for one in dossier.record.get("findings", ())], lang)),
        duties=duties,
        numbers=numbers,
    )


def common(listed: Sequence[FindingView]) -> frozenset[str]:
    """The paths of the facts that more than a third of the findings read."""
    read = Counter(row.path for found in listed for group in found.facts for row in group.rows)
    return frozenset(path for path, times in read.items() if 3 * times > len(listed))


def checked(found: FindingView, dossier: Dossier, view: View, number: int, due: bool, shared: frozenset[str]) -> Checked:
    """A finding as a row; the facts at the paths ``shared`` are left to the line above the table."""
    lang = view.lang
    own = (group._replace(rows=tuple(row for row in group.rows if row.path not in shared)) for group in found.facts)
    given = list(fact_lines(own, lang))
    judged = [line for question in found.questions for line in judgement(question, lang)]
    steps = [dated(line, lang) for line in found.working]
    facts, more_facts = fitted(given)
    asked, more_asked = fitted([line for line, _ in judged])
    last, more_steps = fitted(steps[::-1])  # how it came out stands last

    def with_sign(lines: Sequence[str], more: int) -> tuple[str, ...]:
        return (*lines, say("fl-more", lang, n=more, number=number)) if more else tuple(lines)

    papers = dict.fromkeys(row.paper for group in found.facts for row in group.rows if row.paper)
    sides = [
        say("join", lang).join(
            say("fl-side", lang, party=party, answer=answer) for party, answer in zip(view.opinions_of, one.answers, strict=True) if answer
        )
        for one in view.opinions
        if one.differ and one.rule == found.rule
    ]
    differs = [dated(line, lang) for line in (found.filing_says, *sides) if line]
    if found.changed:
        differs.append(dated(say("fl-changed", lang, text=found.changed), lang))
    return Checked(
        number=number,
        rule=found.rule,
        verdict=found.verdict,
        word=found.word,
        force="" if found.force == "condition" else found.force_word,
        title=found.title,
        basis=cites(found, lang),
        facts=(*with_sign(facts, more_facts), *with_sign(asked, more_asked)) or (unread(found, lang),),
        working=(*with_sign((), more_steps), *last[::-1]) or ("—",),
        conclusion=tuple(dated(line, lang) for line in (sentence(found, lang), found.rests) if line),
        papers=tuple(papers),
        review=(say("fl-must", lang),) if due else (),
        differs=tuple(differs),
        changed=dated(found.changed, lang),
        rest=(*given[len(facts) :], *remaining(judged, len(asked)), *steps[: len(steps) - len(last)]),
    )


def unread(found: FindingView, lang: str) -> str:
    """What stands where a row has no facts of its own: only those told above the table were read, or none is stated."""
    return say("fl-common-only" if found.facts else "fl-unstated", lang)


def sentence(found: FindingView, lang: str) -> str:
    """The finding as a filing says it: what was found, then whether the cited articles are met."""
    message = found.message.removeprefix(f"{found.word}，")  # the word stands before the sentence
    return say(f"fl-{found.verdict}", lang, message=message, cites=say("and", lang).join(cites(found, lang)))


def cites(found: FindingView, lang: str) -> tuple[str, ...]:
    """The citations, short: each instrument once with its articles."""
    articles: dict[str, dict[str, None]] = {}
    for one in found.cited:
        articles.setdefault(one.title, {})[one.article] = None
    return tuple(say("fl-cite", lang, title=title, article=say("and", lang).join(named)) for title, named in articles.items())


def cited(one: Cited, lang: str) -> str:
    """An instrument's title and an article."""
    return say("fl-cite", lang, title=one.title, article=one.article)


def fact_lines(groups: Iterable[FactGroup], lang: str) -> Iterator[str]:
    """The facts item by item, those that stand at one place together, and items of which the same is told at the same place in one line."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for group in groups:
        label, key = keyless(group.path, group.label)
        for place, rows in groupby(group.rows, key=lambda row: row.place):
            told = say("join", lang).join(f"{row.label} {stated(row, lang)}" for row in rows)
            alike.setdefault((label, told, place), []).append(key)
    for (label, told, place), keys in alike.items():
        yield dated(f"{keyed(label, keys, lang)}{say('colon', lang)}{told}" + (say("where", lang, items=place) if place else ""), lang)


def keyless(path: str, label: str) -> tuple[str, str]:
    """A path's label with a mark where the key of its item stands, and the key; as it is where there is no key, or several."""
    key = sentences.keys(path)
    for mark in (f"［{key}］", f" [{key}]"):
        if key and label.count(mark) == 1:
            return label.replace(mark, MARK), key
    return label, ""


def keyed(label: str, keys: Sequence[str], lang: str) -> str:
    """What ``keyless`` took apart, for all the keys together."""
    return label.replace(MARK, say("wk-item", lang, label="", key=say("and", lang).join(dict.fromkeys(keys))))


def judgement(question: QuestionRow, lang: str) -> Iterator[tuple[str, str]]:
    """A question that bears on a finding with the answers given, as lines, each with the question that it belongs to."""
    asked = dated(say("fl-asked", lang, text=question.text), lang)
    if len(question.answers) > FEW:
        yield asked, ""
        yield from ((dated(say("fl-part", lang, text=answer), lang), asked) for answer in question.answers)
        return
    answers = say("join", lang).join(question.answers)
    text = say("fl-answered", lang, text=question.text, answers=answers) if answers else question.text
    yield dated(say("fl-asked", lang, text=text), lang), ""


def remaining(judged: Sequence[tuple[str, str]], taken: int) -> Iterator[str]:
    """The lines of judgements from one on; an answer that is parted from its question has it before it once more."""
    for at, (line, question) in enumerate(judged[taken:]):
        if question and not at:
            yield question
        yield line


def fitted(lines: Sequence[str]) -> tuple[list[str], int]:
    """The first lines that fit a cell, and how many are left out."""
    taken: list[str] = []
    for line in lines:
        if len(taken) == MAX_LINES or sum(map(len, taken)) + len(line) > (MAX_CELL if taken else 2 * MAX_CELL):
            break
        taken.append(line)
    return taken, len(lines) - len(taken)


def compared(listed: Iterable[FindingView], numbers: dict[str, int], book: Sequence[str], lang: str) -> Iterator[Compared]:
    """The findings article by article: the instruments in the order of the book, their articles by number."""
    of = {found.rule: found for found in listed}
    articles: dict[Cited, list[FindingView]] = {}
    official: dict[Cited, dict[tuple[str, ...], str]] = {}
    for rule in book:
        for one in dict.fromkeys(map(unversioned, of[rule].cited)):
            articles.setdefault(one, []).append(of[rule])
        for one in of[rule].cited:
            official.setdefault(unversioned(one), {}).update({one.wording: one.version} if one.wording else {})
    titles = list(dict.fromkeys(one.title for one in articles))
    for article in sorted(articles, key=lambda one: (titles.index(one.title), numerals(one.article))):
        name, wording = cited(article, lang), worded(official[article])
        for means, said in comparison(article, articles[article], numbers, lang):
            yield Compared(name, wording, means, said)
            name, wording = "", ()


def unversioned(one: Cited) -> Cited:
    """A citation in whatever version."""
    return one._replace(version="", wording=())


def worded(official: Mapping[tuple[str, ...], str]) -> tuple[str, ...]:
    """The official wording of an article, by wording and version; where findings go by several that differ, each after its version."""
    return tuple(line for wording, version in official.items() for line in ((version, *wording) if len(official) > 1 else wording))


def comparison(
    article: Cited, on: Iterable[FindingView], numbers: dict[str, int], lang: str
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What an article asks of each matter, and what was found; matters that are told under another article come last, together."""
    others = []
    for found in on:
        number, asked = numbers[found.rule], (found.title, dated(found.restated, lang))
        if unversioned(found.cited[0]) != article:
            others.append(say("fl-other", lang, title=found.title, word=found.word, number=number))
        elif found.verdict == "not_applicable":
            yield asked, (say("fl-silent", lang, number=number),)
        else:
            yield asked, (dated(sentence(found, lang), lang),)
    if others:
        yield (say("fl-others", lang),), (say("join", lang).join(others),)


def agenda(steps: Iterable[Step]) -> list[tuple[Step, tuple[str, ...]]]:
    """What is to be done, with the keys of the items of which the same is to be brought; their labels hold a mark for the keys."""
    alike: dict[Step, list[str]] = {}
    for step in steps:
        label, key = keyless(step.path, step.label)
        alike.setdefault(step._replace(path="" if key else step.path, label=label), []).append(key)
    return [(step, tuple(keys)) for step, keys in alike.items()]


def dated(text: str, lang: str) -> str:
    """A text with its days as a filing writes them."""
    if lang == "en":
        return text
    found, times = _DAY.subn(lambda part: say("fl-date", lang, year=int(part[1]), month=int(part[2]), day=int(part[3])), text)
    return found.replace("日..", f"日{say('fl-to', lang)}") if times else text


def stated(row: FactRow, lang: str) -> str:
    """The value of a fact; a day, which may be known to the month or the year, as a filing writes it."""
    if lang == "en" or row.type != "date":
        return dated(row.value, lang)
    return _DATE.sub(lambda part: calendar(part, lang), row.value)


def calendar(part: re.Match[str], lang: str) -> str:
    """A year, a month or a day in words."""
    year, month, day = (int(number) if number else 0 for number in part.groups())
    return say("fl-date" if day else "fl-month" if month else "fl-year", lang, year=year, month=month, day=day)
