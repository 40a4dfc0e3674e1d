"""What a reader looks for first, on one screen: what fails, what is open and who brings what, what is fragile, how large, how early."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from compliance.reports import beside, sentences
from compliance.reports.model import FindingView, Glance, Line, Tally, TodoRow
from compliance.reports.words import say

if TYPE_CHECKING:
    from compliance.reports.dossier import Dossier

MAX_LINES = 4  # lines of one row; the sections below have them all
MAX_FIRST = 2  # things to bring that are named for each party


def glance(
    dossier: Dossier, lang: str, findings: Sequence[FindingView], todo: Sequence[TodoRow], parties: Sequence[Tally]
) -> tuple[Glance, ...]:
    """The rows in the order in which they are asked for; every line stands elsewhere in the report, whole."""
    fails = [found for found in findings if found.verdict == "fail"]
    fragile = [found for found in findings if found.verdict == "pass" and not found.robust]
    rows = [
        ("fails", few((Line(titled(found, lang), found.message, found.rule) for found in fails), "m-more", lang) or none(lang)),
        ("open", tuple(opened(findings, todo, dossier.pack.force("condition")[lang], lang)) or none(lang)),
        ("who", few(bringing(todo, parties, lang), "gl-others", lang)),
        ("fragile", few((Line(titled(found, lang), found.rests, found.rule) for found in fragile), "m-more", lang) or none(lang)),
        *reaching(dossier, lang),
    ]
    return tuple(Glance(code, say(f"gl-{code}", lang), tuple(lines)) for code, lines in rows if lines)


def none(lang: str) -> tuple[Line, ...]:
    """That there is nothing."""
    return (Line("", say("none-at-all", lang)),)


def titled(found: FindingView, lang: str) -> str:
    """A finding by its title, with its force where it is no condition."""
    return found.title + ("" if found.force == "condition" else say("where", lang, items=found.force_word))


def sentence(line: Line, lang: str) -> str:
    """A line as one text."""
    return say("colon", lang).join(part for part in (line.lead, line.text) if part)


def few(lines: Iterable[Line], more: str, lang: str) -> tuple[Line, ...]:
    """The first lines, and how many more there are."""
    every = tuple(lines)
    return every[:MAX_LINES] + ((Line("", say(more, lang, n=len(every) - MAX_LINES)),) if len(every) > MAX_LINES else ())


def opened(findings: Sequence[FindingView], todo: Sequence[TodoRow], condition: str, lang: str) -> Iterator[Line]:
    """How much is open, of what kind, and what of it a single item settles."""
    counts = {code: sum(1 for found in findings if found.verdict == code) for code in ("judgement", "missing")}
    if not any(counts.values()):
        return
    said = say("join", lang).join(say("m-count", lang, verdict=say(code, lang), n=n) for code, n in counts.items() if n)
    conditions = sum(1 for found in findings if found.verdict in counts and found.force == "condition")
    alone = {rule for row in todo for rule in row.settles}
    yield Line("", say("gl-opened", lang, counts=said, condition=condition, n=conditions, items=len(todo), alone=len(alone)))


def bringing(todo: Sequence[TodoRow], parties: Sequence[Tally], lang: str) -> Iterator[Line]:
    """Each party with how much it has to bring, how many rules that settles, and what of it comes first; those with most first."""
    of: dict[str, list[TodoRow]] = {}
    for row in todo:
        settled = say("todo-market" if row.settled_by == "market" else "todo-person", lang)
        for name in row.who.split(say("and", lang)) if row.who else (settled,):
            of.setdefault(name, []).append(row)
    filters = {one.label: one.code for one in parties}
    for name, rows in sorted(of.items(), key=lambda one: -len(one[1])):
        first = say("join", lang).join(row.label for row in rows[:MAX_FIRST])
        settles = len({rule for row in rows for rule in row.settles})
        code = "gl-party" if settles else "gl-party-none"
        yield Line(name, say(code, lang, items=len(rows), n=settles, first=first), party=filters.get(name, ""))


def reaching(dossier: Dossier, lang: str) -> Iterator[tuple[str, tuple[Line, ...]]]:
    """How large the raising may be and how early, by the route as filed."""
    if dossier.routes is None:
        yield "reach", (Line("", say("gl-unknown", lang)),)
        return
    stated = next((one for one in dossier.routes["routes"] if one["stated"]), None)
    if stated is None:
        yield "reach", (Line("", say("gl-no-route", lang, route=sentences.named(dossier.pack.route, dossier.pack, lang))),)
        return
    for code, ask in (("size", "most"), ("early", "earliest")):
        yield code, tuple(Line("", line) for line in beside.limits(stated.get("reach", ()), (ask,), lang))
