"""The view as text for a terminal or a pipe: within the columns there are, aligned by display width, readable without colour."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from compliance.facts.values import ANSWERS_SCHEMA
from compliance.reports.beside import Matrix, days, title
from compliance.reports.glance import sentence
from compliance.reports.model import FactRow, FindingView, QuestionRow, TodoRow, View
from compliance.reports.paper import PLAIN, Paper
from compliance.reports.printable import visible
from compliance.reports.words import say

MAX_FLIPS = 6  # sets of changed answers shown in the summary; explain shows all
MAX_FIRST = 8  # facts named in the summary as the first to bring; ``facts missing`` lists them all
MAX_MATERIAL = 4  # things taken for granted that the summary writes out
MAX_REMEDIES = 3  # remedies of one finding shown in the summary
MAX_RULES = 4  # rules that one need settles or bears on, shown by title
MAX_NEEDS = 4  # needs of one finding shown in the summary
_CODES = {"fail": "1;31", "open": "1;33", "fragile": "1;36", "head": "1", "dim": "2"}
# A run that is not broken: a figure with its unit, or anything without spaces and wide characters.
_PIECES = re.compile(
    r"CNY [0-9][0-9.,]*|[0-9][0-9.,%-]*(?:元/股|[万亿]?[元股天项条年月日]?)|[^\s\u2e80-\uffef\U00020000-\U0003ffff]+|\s+|.", re.DOTALL
)
_NO_START = set("，。；：、！？）］」』】》〉”’%…),.;:]")  # stays with what comes before it
_NO_END = set("（［「『【《〈“‘([")  # stays with what comes after it


def render(view: View, paper: Paper = PLAIN) -> str:
    """The summary: the sentence, what fails, what is open, what is fragile, one line for the rest, then the footing."""
    return finish(((indent, visible(line), style) for indent, line, style in summary(view)), paper)


def render_brief(view: View, paper: Paper = PLAIN) -> str:
    """The sentence, what fails and what hangs on judgement with a line each, and whether the filing concludes the same."""
    return finish(brief(view), paper)


def render_finding(found: FindingView, view: View, paper: Paper = PLAIN) -> str:
    """Everything about one finding."""
    return finish(detail(found, view), paper)


def render_todo(view: View, paper: Paper = PLAIN) -> str:
    """What is missing and for people to judge, those first that settle most."""
    return finish(todo(view), paper)


Line = tuple[int, str, str]  # indent, text, style


def summary(view: View) -> Iterator[Line]:
    """The lines of the summary."""
    style = "fail" if view.fails else "open" if view.open else "head"
    yield 0, view.sentence, style
    if view.route:
        yield 0, view.route, ""
    yield from first(view)
    judged = tuple(one for one in view.open if one.verdict != "missing")
    for name, found in (("fail", view.fails), ("open", judged), ("fragile", view.fragile)):
        if found:
            yield 0, "", ""
            yield 0, say(f"head-{name}", view.lang, n=len(found)), name
            for one in found:
                yield from entry(one, view.lang)
    yield from lacking(view, [one for one in view.open if one.verdict == "missing"])
    for name, lines in (("inconsistent", view.inconsistencies), ("conclusions", [one.text for one in view.conclusions])):
        if lines:
            yield from heading(say(f"head-{name}", view.lang, n=len(lines)))
        for line in lines:
            yield 2, f"- {line}", ""
    yield 0, "", ""
    yield 0, rest(view), ""
    for draft in view.drafts:
        yield 0, draft, ""
    if view.upcoming:
        yield 0, say("upcoming", view.lang, names=say("join", view.lang).join(view.upcoming)), ""
    if view.agreement:
        yield 0, view.agreement, ""
    for line in view.disagreements:
        yield 2, f"- {line}", ""
    if view.ties:
        yield 0, view.ties, ""
    for line in view.mismatches:
        yield 2, f"- {line}", ""
    if view.assumptions:
        yield 0, say("assumed", view.lang, n=len(view.assumptions)), ""
    if view.material:
        yield 0, say("assumed-most", view.lang), ""
    for line in view.material[:MAX_MATERIAL]:
        yield 2, f"- {line}", ""
    yield from brought(view)
    yield 0, view.basis, "dim"
    yield 0, view.disclaimer, ""


def first(view: View) -> Iterator[Line]:
    """What is looked for first, a row of each kind."""
    yield from heading(say("gl-head", view.lang))
    for row in view.glance:
        if len(row.lines) == 1:
            yield 2, f"- {row.label}{say('colon', view.lang)}{sentence(row.lines[0], view.lang)}", ""
            continue
        yield 2, f"- {row.label}{say('colon', view.lang)}", ""
        yield from ((4, f"- {sentence(line, view.lang)}", "") for line in row.lines)


def brought(view: View) -> Iterator[Line]:
    """The routes, the days and what changed, where they are brought."""
    lang = view.lang
    if view.routes is not None:
        yield from heading(say("sec-routes", lang))
        yield from side_by_side(view.routes, lang)
    if view.timeline is not None:
        yield from heading(say("sec-timeline", lang))
        for code, lines in days(view.timeline, lang):
            yield 2, say(code, lang), "head"
            yield from ((4, f"- {line}", "") for line in lines)
    if view.changes:
        yield from heading(say("sec-changes", lang))
        for one in view.changes:
            told = say("changed-one", lang, part=one.part, old=one.old, new=one.new, cause=one.cause)
            yield 2, f"- {one.title}{say('colon', lang)}{told}", ""
    if view.routes is not None or view.timeline is not None or view.changes:
        yield 0, "", ""


def side_by_side(found: Matrix, lang: str) -> Iterator[Line]:
    """One route after the other, each with what there is to say of it."""
    for number, column in enumerate(found.columns):
        style = "fail" if column.verdict == "fail" else "open" if column.verdict in ("judgement", "missing") else "head"
        yield 0, "", ""
        yield 0, title(column, lang), style
        for row in found.rows:
            cell = row.cells[number]
            if len(cell) == 1:
                yield 2, f"{row.label}{say('colon', lang)}{cell[0]}", ""
            elif cell:
                yield 2, f"{row.label}{say('colon', lang)}", ""
                yield from ((4, f"- {line}", "") for line in cell)


def brief(view: View) -> Iterator[Line]:
    """The lines of a summary that fits on a screen."""
    yield 0, view.sentence, "fail" if view.fails else "open" if view.open else "head"
    if view.route:
        yield 0, view.route, ""
    for name, found in (("fail", view.fails), ("fragile", view.fragile)):
        if found:
            yield 0, say(f"head-{name}", view.lang, n=len(found)), name
        for one in found:
            yield 2, f"{one.rule}  {one.title}", "head"
            yield 4, one.message, ""
    yield 0, rest(view), ""
    if view.agreement:
        yield 0, view.agreement, ""
    for line in (*view.disagreements, *view.inconsistencies, *view.mismatches):
        yield 2, f"- {line}", ""


def lacking(view: View, found: list[FindingView]) -> Iterator[Line]:
    """The rules that only lack facts, by title, and the facts to bring first: those that settle most."""
    if not found:
        return
    lang = view.lang
    yield 0, "", ""
    yield 0, say("head-missing", lang, n=len(found)), "open"
    yield 2, say("join", lang).join(one.title for one in found), ""
    rules = {one.rule for one in found}
    rows = [row for row in view.todo if rules & {*row.settles, *row.bears}][:MAX_FIRST]
    if rows:
        yield 2, say("missing-first", lang), ""
    for row in rows:
        yield 4, f"- {row.label}{say('where', lang, items=source(row, lang))}", ""


def entry(found: FindingView, lang: str) -> Iterator[Line]:
    """One finding of the summary."""
    force = "" if found.force == "condition" else say("where", lang, items=found.force_word)
    yield 2, f"{found.rule}  {found.title}{force}", "head"
    yield 4, found.opening, ""
    if found.rests:
        yield 4, found.rests, ""
    yield from several(found.flips, MAX_FLIPS, "more-flips", lang)
    yield from several(found.needs, MAX_NEEDS, "needs-more", lang)
    for line in found.margins:
        yield 4, f"- {line}", ""
    yield from several(found.remedies, MAX_REMEDIES, "remedies-more", lang)
    if found.cites:
        yield 4, say("cites", lang, cites=found.cites), "dim"


def several(lines: tuple[str, ...], most: int, more: str, lang: str) -> Iterator[Line]:
    """The first of several lines, and how many more there are."""
    for line in lines[:most]:
        yield 4, f"- {line}", ""
    if len(lines) > most:
        yield 4, "- " + say(more, lang, n=len(lines) - most), ""


def rest(view: View) -> str:
    """One line for what needs no attention."""
    parts = []
    for code, found in (("rest-robust", view.robust), ("rest-not-applicable", view.not_applicable)):
        if found:
            parts.append(say(code, view.lang, n=len(found)))
    if not parts:
        return say("rest-none", view.lang)
    return say("rest", view.lang, parts=say("join", view.lang).join(parts))


def detail(found: FindingView, view: View) -> Iterator[Line]:
    """The lines of one finding, section by section."""
    lang = view.lang
    yield 0, f"{found.rule}  {found.title}", "head"
    yield 0, f"{view.issuer}, {view.as_of}" if lang == "en" else f"{view.issuer}　{view.as_of}", ""
    told = found.message if found.message.startswith(found.word) else f"{found.word}{say('colon', lang)}{found.message}"
    yield 0, told, "fail" if found.verdict == "fail" else "head"
    sections: list[tuple[str, Iterable[str]]] = [
        ("l-requirement", [found.restated]),
        ("l-citations", found.citations),
        ("l-why" if found.verdict != "not_applicable" else "l-why-not", found.why),
        ("l-days", found.days),
        ("l-exceptions", found.exceptions),
        ("l-working", found.working),
        ("l-rests", [found.rests]),
        ("l-flips", found.flips),
        ("l-needs", [say("with-path", lang, text=line, path=path) for line, path in zip(found.needs, found.needed, strict=True)]),
        ("l-margins", found.margins),
        ("l-remedies", found.remedies),
    ]
    for code, lines in sections:
        yield from section(say(code, lang), lines)
    yield from asked(found.questions, lang)
    if found.facts:
        yield from heading(say("l-facts", lang))
    for group in found.facts:
        yield 2, f"- {group.path or say('party-filing', lang)}  {group.label}", ""
        for place, facts in by_place(group.rows):
            yield 4, say("join", lang).join(facts) + (say("where", lang, items=place) if place else ""), ""
    yield from section(say("sec-assumptions", lang), found.taken)
    yield from section(say("l-filing", lang), [found.filing_says])
    yield from section(say("l-documents", lang), view.documents)
    yield 0, "", ""
    yield 0, view.basis, "dim"
    yield 0, view.disclaimer, ""


def asked(questions: Sequence[QuestionRow], lang: str) -> Iterator[Line]:
    """The questions, each with who answered what and how it is named and answered in a file of answers, and such a file."""
    if not questions:
        return
    yield from heading(say("l-questions", lang))
    for question in questions:
        yield 2, f"- {question.text}", ""
        for line in (*question.answers, question.bring):
            yield 4, line, ""
        yield 4, question.how, ""
    yield 2, say("answer-file", lang), ""
    yield from ((4 + len(line) - len(line.lstrip()), line.lstrip(), "") for line in answers_file(questions, lang))


def answers_file(questions: Sequence[QuestionRow], lang: str) -> list[str]:
    """A file of answers to copy, with an answer to one of the questions."""
    path, answer = next(((one.paths[0], one.choices[0][0]) for one in questions if one.choices[0][0]), (questions[0].paths[0], "…"))
    judged = f'  - {{path: "{path}", answer: {answer}, reason: {say("answer-why", lang)}}}'
    return [f"schema: {ANSWERS_SCHEMA}", f"party: {say('answer-who', lang)}", "judgements:", judged]


def by_place(rows: Iterable[FactRow]) -> Iterator[tuple[str, list[str]]]:
    """The facts of an item as texts, those that stand in one place together."""
    places: dict[str, list[str]] = {}
    for row in rows:
        places.setdefault(row.place, []).append(f"{row.label} {row.value}")
    yield from places.items()


def heading(title: str) -> Iterator[Line]:
    """A heading with a blank line before it."""
    yield 0, "", ""
    yield 0, title, "head"


def section(title: str, lines: Iterable[str]) -> Iterator[Line]:
    """A headed list; nothing where there is nothing in it."""
    listed = [line for line in lines if line]
    if listed:
        yield from heading(title)
    for line in listed:
        yield 2, f"- {line}", ""


def todo(view: View) -> Iterator[Line]:
    """The lines of what is missing."""
    yield 0, view.sentence, "open" if view.open else "head"
    if not view.todo:
        yield 0, say("todo-none", view.lang), ""
        return
    yield 0, say("todo-head", view.lang, n=len(view.open), needs=len(view.todo)), ""
    for number, row in enumerate(view.todo, 1):
        yield 2, f"{number}. {row.label}", "head"
        yield 5, say("with-path", view.lang, text=source(row, view.lang), path=row.path), ""
        others = tuple(rule for rule in row.bears if rule not in row.settles)
        for code, rules in (("todo-settles", row.settles), ("todo-bears", others)):
            if rules:
                yield 5, say(code, view.lang, rules=titled(rules, view)), ""


def titled(rules: Sequence[str], view: View) -> str:
    """Rules by their titles, the first few, and how many more there are."""
    titles = {one.rule: one.title for one in (*view.findings(), *view.not_applicable)}
    more = (say("m-more", view.lang, n=len(rules) - MAX_RULES),) if len(rules) > MAX_RULES else ()
    return say("join", view.lang).join((*(titles.get(rule, rule) for rule in rules[:MAX_RULES]), *more))


def source(row: TodoRow, lang: str) -> str:
    """From whom something comes and where it usually stands."""
    if row.who and row.document:
        return say("todo-from", lang, who=row.who, document=row.document)
    return say("todo-market" if row.settled_by == "market" else "todo-person", lang)


# Layout


def finish(lines: Iterable[Line], paper: Paper = PLAIN) -> str:
    """Lines wrapped to the width, styled where the terminal shows colour, each ending in a newline."""
    made: list[str] = []
    for indent, text, style in lines:
        if not text:
            if made and made[-1] and not indent:
                made.append("")
            continue
        hang = 2 if text.startswith("- ") else 3 if re.match(r"\d+\. ", text) else 0
        for number, line in enumerate(wrapped(text, paper.columns - indent, hang)):
            shown = paint(line, style) if paper.colour else line
            made.append(" " * (indent + (hang if number else 0)) + shown)
    return "\n".join(made) + "\n"


def paint(text: str, style: str) -> str:
    """Text in a style of the terminal; the words alone say the same."""
    code = _CODES.get(style)
    return f"\x1b[{code}m{text}\x1b[0m" if code else text


def width(text: str) -> int:
    """The columns that a text takes; characters that some terminals show wide count as wide."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=4096)  # a text has few characters, each of them often
def _columns(char: str) -> int:
    """The columns that a character takes."""
    if unicodedata.combining(char):
        return 0
    return 2 if char >= "\x7f" and unicodedata.east_asian_width(char) in "WFA" else 1


def wrapped(text: str, columns: int, hang: int = 0) -> Iterator[str]:
    """Lines of at most ``columns`` columns, all but the first shorter by ``hang``; Chinese breaks between characters."""
    line, used, room = "", 0, columns
    for piece in pieces(text):
        for part in split(piece, columns - hang):
            size = width(part)
            if used + (0 if part.isspace() else size) > room and line.strip():
                yield line.rstrip()
                line, used, room = "", 0, columns - hang
            if not (part.isspace() and not line):
                line, used = line + part, used + size
    if line.strip():
        yield line.rstrip()


def pieces(text: str) -> Iterator[str]:
    """What is not broken: words, figures with their units, single wide characters with the punctuation beside them."""
    held = ""
    for piece in _PIECES.findall(text):
        if piece.isspace():
            if held:
                yield held
            yield piece
            held = ""
        elif held and (piece[0] in _NO_START or held[-1] in _NO_END):
            held += piece
        else:
            if held:
                yield held
            held = piece
    if held:
        yield held


def split(piece: str, columns: int) -> Iterator[str]:
    """A piece in parts that fit, where it alone is wider than a line."""
    if 2 * len(piece) <= columns or width(piece) <= columns:  # no character takes more than two
        yield piece
        return
    part = ""
    for char in piece:
        if width(part + char) > columns:
            yield part
            part = ""
        part += char
    yield part
