"""The record of the routes for a terminal and as Markdown: one route after the other, or all side by side."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.engine.plain import Plain
from compliance.reports import markdown, text
from compliance.reports.beside import Matrix, matrix
from compliance.reports.paper import PLAIN, Paper
from compliance.reports.printable import visible
from compliance.reports.whole import basis
from compliance.reports.words import say


def render(record: Plain, lang: str, paper: Paper = PLAIN) -> str:
    """The routes for a terminal, within its columns."""
    return text.finish(((indent, visible(line), style) for indent, line, style in lines(record, lang)), paper)


def lines(record: Plain, lang: str) -> list[text.Line]:
    """The lines: a heading, each route with what there is to say of it, what was taken for granted, the footing."""
    found = beside(record, lang)
    made: list[text.Line] = [(0, heading(record, lang), "head")]
    made += text.side_by_side(found, lang)
    made += [(0, "", ""), (0, say("routes-assumed", lang), "head")]
    made += [(2, f"- {line}", "") for line in assumed(record, lang)]
    made += [(0, "", ""), (0, basis(record, lang), "dim"), (0, record["disclaimer"][lang], "")]
    return made


def render_markdown(record: Plain, lang: str) -> str:
    """The routes as a table in Markdown, a column for each."""
    return "\n".join(table(record, lang)).rstrip("\n") + "\n"


def table(record: Plain, lang: str) -> Iterator[str]:
    """The lines of the table and what stands below it."""
    found = beside(record, lang)
    yield from (f"# {markdown.printed(heading(record, lang))}", "")
    yield from markdown.matrix(found, lang)
    yield from ("", f"## {say('routes-assumed', lang)}", "")
    yield from (f"- {markdown.printed(line)}" for line in assumed(record, lang))
    yield from ("", markdown.printed(basis(record, lang)), "", markdown.printed(record["disclaimer"][lang]))


def beside(record: Plain, lang: str) -> Matrix:
    """The routes side by side."""
    found = matrix(record, lang)
    assert found is not None
    return found


def heading(record: Plain, lang: str) -> str:
    """Whose routes, and on which day."""
    issuer = record.get("issuer", {})
    return say("routes-head", lang, issuer=issuer.get("name", ""), code=issuer.get("code", ""), day=record["as_of"])


def assumed(record: Plain, lang: str) -> list[str]:
    """What was taken for granted for all routes and for each, every text once."""
    parts = [*record.get("assumptions", ()), *(part for one in record["routes"] for part in one.get("assumptions", ()))]
    return list(dict.fromkeys(part["text"][lang] for part in parts))
