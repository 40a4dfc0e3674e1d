"""The view as Markdown: the whole report, in which no text of a filing can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from compliance.reports import sentences
from compliance.reports.beside import Matrix, days, title
from compliance.reports.glance import sentence
from compliance.reports.model import FindingView, View
from compliance.reports.printable import visible
from compliance.reports.words import say

_ESCAPED = {ord(char): f"\\{char}" for char in "\\`*_{}[]<>#|~&!$@"}
_ADDRESS = re.compile(r"(?i)(https?|ftp):(?=//)|\b(www)\.")
_STARTS = re.compile(r"^(\s*)([-+=])|^(\s*\d+)([.)])")


def escape(text: str) -> str:
    """Text that stays text: no emphasis, link, table, list, heading, tag or entity comes of it."""
    shown = text.strip().translate(_ESCAPED)
    if "://" in shown or "." in shown:
        shown = _ADDRESS.sub(lambda found: f"{found[1]}\\:" if found[1] else f"{found[2]}\\.", shown)
    return _STARTS.sub(lambda found: f"{found[1]}\\{found[2]}" if found[2] else f"{found[3]}\\{found[4]}", shown)


def render(view: View) -> str:
    """The whole report."""
    return "\n".join(_report(view)).rstrip("\n") + "\n"


def render_finding(found: FindingView, view: View) -> str:
    """The report of one finding."""
    lines = [f"# {escape(view.issuer)}", "", escape(view.sentence), "", *_finding(found, view.lang), *_footing(view)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _report(view: View) -> Iterator[str]:
    lang = view.lang
    yield f"# {say('title', lang)}{say('colon', lang)}{escape(view.issuer)}"
    yield ""
    for line in (view.disclaimer, view.route, view.brought):
        if line:
            yield from (escape(line), "")
    yield from _heading("sec-verdict", lang)
    yield from (f"**{escape(view.sentence)}**", "")
    yield from _table((say("l-finding", lang), say("l-count", lang)), [(word, str(n)) for _, word, n in view.counts])
    yield from _heading("gl-head", lang)
    for row in view.glance:
        yield f"- **{row.label}**"
        yield from (f"  - {escape(sentence(line, lang))}" for line in row.lines)
    yield ""
    concluded = [say("conclusion-because", lang, text=one.text, because=", ".join(one.because)) for one in view.conclusions]
    yield from _section("sec-conclusions", concluded, lang)
    if view.routes is not None:
        yield from (*_heading("sec-routes", lang), *matrix(view.routes, lang), "")
    yield from _days(view)
    yield from _todo(view)
    yield from _heading("sec-findings", lang)
    for found in view.findings():
        yield from _finding(found, lang)
    silent = [f"{found.rule}  {found.title}{say('colon', lang)}{say('join', lang).join(found.why)}" for found in view.not_applicable]
    yield from _section("sec-silent", [*silent, *view.upcoming, *view.drafts], lang)
    if view.changes:
        yield from _heading("sec-changes", lang)
        heads = [say(name, lang) for name in ("l-rule", "l-what", "l-old", "l-new", "l-cause")]
        yield from _table(heads, [(one.title, one.part, one.old, one.new, one.cause) for one in view.changes])
    yield from _section("sec-inconsistent", view.inconsistencies, lang)
    yield from _section("sec-differences", [view.agreement, *view.disagreements], lang)
    if view.tie_rows:
        yield from _heading("sec-ties", lang)
        names = ("l-what", "l-fact", "computed", "stated-total", "difference", "l-finding", "l-place")
        yield from _table([say(name, lang) for name in names], view.tie_rows)
    yield from _section("sec-assumptions", view.assumptions, lang)
    yield from _footing(view)


def _footing(view: View) -> Iterator[str]:
    yield from _section("l-documents", view.documents, view.lang)
    yield from _heading("sec-provenance", view.lang)
    yield from (escape(view.basis), "", escape(view.disclaimer))


def matrix(found: Matrix, lang: str) -> Iterator[str]:
    """The routes side by side as a table, a column for each."""
    yield "| | " + " | ".join(printed(title(column, lang)) for column in found.columns) + " |"
    yield "|" + " --- |" * (len(found.columns) + 1)
    for row in found.rows:
        cells = ("<br>".join(printed(line) for line in cell) for cell in row.cells)
        yield f"| {printed(row.label)} | " + " | ".join(cells) + " |"


def printed(line: str) -> str:
    """A text of a record, every character of it printable, that stays text."""
    return escape(visible(line))


def _days(view: View) -> Iterator[str]:
    if view.timeline is None:
        return
    yield from _heading("sec-timeline", view.lang)
    for code, lines in days(view.timeline, view.lang):
        yield from (f"**{say(code, view.lang)}**", "")
        yield from (f"- {printed(line)}" for line in lines)
        yield ""


def _todo(view: View) -> Iterator[str]:
    lang = view.lang
    if not view.todo:
        return
    yield from _heading("sec-todo", lang)
    names = ("l-what", "l-who", "l-document", "l-decides", "l-settles")
    rows = []
    for row in view.todo:
        who = row.who or say(_SETTLED.get(row.settled_by, "none-at-all"), lang)
        rows.append((row.label, who, row.document, ", ".join(row.settles), ", ".join(row.bears)))
    yield from _table([say(name, lang) for name in names], rows)
    if asked := [(one.paths[0], one.choices[0][0]) for found in view.findings() for one in found.questions]:
        yield from (escape(say("answer-file", lang)), "", "```yaml", *sentences.answers_file(asked, lang), "```", "")


_SETTLED = {"judgement": "todo-person", "market": "todo-market"}


def _finding(found: FindingView, lang: str) -> Iterator[str]:
    decided = found.verdict in ("pass", "fail") and found.robust is not None
    state = "" if not decided else say("join", lang) + say("robust" if found.robust else "fragile", lang)
    yield f"### {found.word}{state}{say('colon', lang)}{escape(found.title)}"
    yield ""
    yield f"`{found.rule}` · {found.force_word} · {escape(', '.join(found.covers))} · `{found.fingerprint}`"
    yield ""
    yield from (f"**{escape(found.message)}**", "")
    if found.figures:
        yield from _table([name for name, _ in found.figures], [[value for _, value in found.figures]])
    for code, lines in (
        ("l-requirement", (found.restated,)),
        ("l-citations", found.citations),
        ("l-official", found.official),
        ("l-why", found.why),
        ("l-days", found.days),
        ("l-exceptions", found.exceptions),
        ("l-working", found.working),
        ("l-rests", (found.rests,)),
        ("l-flips", found.flips),
        ("l-needs", found.needs),
        ("l-margins", found.margins),
        ("l-remedies", found.remedies),
        ("l-filing", (found.filing_says,)),
    ):
        yield from _listed(code, lines, lang)
    yield from _questions(found, lang)
    if found.facts:
        yield from (f"**{say('l-facts', lang)}**", "")
        names = [say(name, lang) for name in ("l-path", "l-fact", "l-value", "l-place")]
        yield from _table(names, [(row.path, f"{row.label}", row.value, row.place) for group in found.facts for row in group.rows])


def _questions(found: FindingView, lang: str) -> Iterator[str]:
    if not found.questions:
        return
    yield from (f"**{say('l-questions', lang)}**", "")
    for question in found.questions:
        yield f"- {escape(question.text)}"
        yield from (f"  - {escape(line)}" for line in (*question.answers, question.bring, question.how) if line)
    yield ""


def _heading(code: str, lang: str) -> Iterator[str]:
    yield from (f"## {say(code, lang)}", "")


def _section(code: str, lines: Iterable[str], lang: str) -> Iterator[str]:
    listed = [line for line in lines if line]
    if listed:
        yield from _heading(code, lang)
        yield from (f"- {escape(line)}" for line in listed)
        yield ""


def _listed(code: str, lines: Sequence[str], lang: str) -> Iterator[str]:
    listed = [line for line in lines if line]
    if not listed:
        return
    if len(listed) == 1:
        yield f"**{say(code, lang)}**{say('colon', lang)}{escape(listed[0])}"
    else:
        yield from (f"**{say(code, lang)}**", "")
        yield from (f"- {escape(line)}" for line in listed)
    yield ""


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(escape(name) for name in names) + " |"
    yield "|" + " --- |" * len(names)
    for row in rows:
        yield "| " + " | ".join(escape(cell) for cell in row) + " |"
    yield ""
