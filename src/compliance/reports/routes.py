"""The record of the routes for a terminal and as Markdown: one route after the other, or all side by side."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.engine.plain import Plain
from compliance.reports import markdown, text
from compliance.reports.beside import Column, Matrix, matrix
from compliance.reports.view import basis, visible
from compliance.reports.words import say


def render(record: Plain, lang: str, colour: bool = False) -> str:
    """The routes for a terminal, within its columns."""
    return text.finish(((indent, visible(line), style) for indent, line, style in lines(record, lang)), colour)


def lines(record: Plain, lang: str) -> list[text.Line]:
    """The lines: a heading, each route with what there is to say of it, what was taken for granted, the footing."""
    found = beside(record, lang)
    made: list[text.Line] = [(0, heading(record, lang), "head")]
    for number, column in enumerate(found.columns):
        style = "fail" if column.verdict == "fail" else "open" if column.verdict in ("judgement", "missing") else "head"
        made += [(0, "", ""), (0, title(column, lang), style)]
        for row in found.rows:
            cell = row.cells[number]
            if len(cell) == 1:
                made.append((2, f"{row.label}{say('colon', lang)}{cell[0]}", ""))
            elif cell:
                made.append((2, f"{row.label}{say('colon', lang)}", ""))
                made += [(4, f"- {line}", "") for line in cell]
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
    yield from (f"# {escaped(heading(record, lang))}", "")
    yield "| | " + " | ".join(escaped(title(column, lang)) for column in found.columns) + " |"
    yield "|" + " --- |" * (len(found.columns) + 1)
    for row in found.rows:
        cells = ("<br>".join(escaped(line) for line in cell) for cell in row.cells)
        yield f"| {escaped(row.label)} | " + " | ".join(cells) + " |"
    yield from ("", f"## {say('routes-assumed', lang)}", "")
    yield from (f"- {escaped(line)}" for line in assumed(record, lang))
    yield from ("", escaped(basis(record, lang)), "", escaped(record["disclaimer"][lang]))


def escaped(line: str) -> str:
    """A text of the record in Markdown, every character of it printable."""
    return markdown.escape(visible(line))


def beside(record: Plain, lang: str) -> Matrix:
    """The routes side by side."""
    found = matrix(record, lang)
    assert found is not None
    return found


def heading(record: Plain, lang: str) -> str:
    """Whose routes, and on which day."""
    issuer = record.get("issuer", {})
    return say("routes-head", lang, issuer=issuer.get("name", ""), code=issuer.get("code", ""), day=record["as_of"])


def title(column: Column, lang: str) -> str:
    """A route and its verdict."""
    stated = say("where", lang, items=say("routes-stated", lang)) if column.stated else ""
    return f"{column.label}{stated}{say('colon', lang)}{column.word}"


def assumed(record: Plain, lang: str) -> list[str]:
    """What was taken for granted for all routes and for each, every text once."""
    parts = [*record.get("assumptions", ()), *(part for one in record["routes"] for part in one.get("assumptions", ()))]
    return list(dict.fromkeys(part["text"][lang] for part in parts))
