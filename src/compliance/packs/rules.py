"""Check one rule of a pack: its citations and days, its formulas, exceptions and margins, its messages and tests."""

from __future__ import annotations

import json
import string
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from compliance import dates
from compliance.expressions.parse import Source
from compliance.expressions.tree import TRUTH, Node, Type
from compliance.expressions.types import Scope
from compliance.packs import citations
from compliance.packs.book import AS_OF
from compliance.packs.draft import Draft
from compliance.source import Place
from compliance.vocabulary import Field
from compliance.wording import listed

EVER = "1900-01-01"  # before every day of a law
_BRACES = frozenset("{}")
_FORMATTER = string.Formatter()
PLACEHOLDERS = frozenset({"measure", "limit", "headroom", "ratio", "needs", "days"})


def check_rule(draft: Draft, rule: dict[str, Any]) -> None:
    """One rule: its citations, days, formulas, exceptions, messages and tests."""
    assert draft.scope is not None
    name = rule["id"]
    citations.resolve(draft, rule, "rules", name)
    days = {*draft.part("days"), AS_OF}
    for part in ("law", "held_on"):
        for index, day in enumerate(rule[part]):
            if day not in days:
                draft.wrong(draft.place("rules", name, part, index), "day-unknown", name=day, known=listed(sorted(days)))
    scope = draft.scope
    if rule["limit"] is not None:
        limit = draft.typed(draft.source_at("rules", name, "limit"), scope, "number")
        scope = replace(scope, limit=limit)
    applies = draft.typed(draft.source_at("rules", name, "applies"), scope, "truth") if rule["applies"] is not None else None
    require = draft.typed(draft.source_at("rules", name, "require"), scope, "truth")
    clauses: list[tuple[Node | None, Node | None]] = [(None, require)]
    for index, form in enumerate(rule["exceptions"]):
        clauses.append(_exception(draft, name, index, form, scope))
    put = draft.forest.put
    rule["applies"] = put(applies) if applies is not None else None
    rule["clauses"] = [(put(when) if when is not None else None, put(asks)) for when, asks in clauses if asks is not None]
    read = {entity for entity, _ in draft.forest.fields(asks for _, asks in rule["clauses"])}
    if require is not None and not rule["held_on"] and "" in read:  # the day a window is held on
        draft.wrong(draft.place("rules", name, "require"), "day-needed")
    rule["terms"] = _terms_named(draft, read)
    rule["place"] = str(draft.place("rules", name, "id"))
    for index, margin in enumerate(rule["margins"]):
        _margin(draft, name, index, margin)
    _messages(draft, name, rule["message"])
    _tests(draft, rule)


def _exception(draft: Draft, name: str, index: int, form: dict[str, Any], scope: Scope) -> tuple[Node | None, Node | None]:
    """A labelled exception: when it holds, and what is then required."""
    path = ("exceptions", index)
    citations.resolve(draft, form, "rules", name, *path)
    when = draft.typed(draft.source_at("rules", name, *path, "when"), scope, "truth")
    if when is not None and (form["from"] or form["until"]):
        when = Node("and", TRUTH, (_dated_exception(draft, name, index, form), when))
    if (form["limit"] is None) == (form["require"] is None):
        draft.wrong(draft.place("rules", name, *path), "exception-one")
        return when, None
    if form["require"] is not None:
        return when, draft.typed(draft.source_at("rules", name, *path, "require"), scope, "truth")
    if _is_literal(form["limit"]):
        limit = _literal(draft, form["limit"], draft.place("rules", name, *path, "limit"))
    else:
        limit = draft.typed(draft.source_at("rules", name, *path, "limit"), replace(scope, limit=None), "number")
    if limit is None:
        return when, None
    return when, draft.typed(draft.source_at("rules", name, "require"), replace(scope, limit=limit), "truth")


def _dated_exception(draft: Draft, name: str, index: int, form: dict[str, Any]) -> Node:
    """Whether an exception with days of its own is in force, as a parameter that the day of the law picks like any other."""
    start, end = form["from"] or EVER, form["until"]
    if end and dates.parse(end).low <= dates.parse(start).low:
        draft.wrong(draft.place("rules", name, "exceptions", index, "until"), "dates-order", day=end)
    kind = Type("number", least=0, most=1)
    days = [(EVER, 0)] if form["from"] else []
    days += [(start, 1), *([(end, 0)] if end else [])]
    values = [{"from": day, "until": None, "held": held, "shown": str(held), "cite": form["cite"]} for day, held in days]
    flag = f"{name}.{form['id']}"
    label = {"zh": f"例外“{form['title']['zh']}”是否施行", "en": f"whether the exception is in force: {form['title']['en']}"}
    draft.part("parameters")[flag] = {"label": label, "kind": list(kind), "quantity": "count", "values": values}
    form["flag"] = flag
    return Node("cmp", TRUTH, (Node("param", kind, value=flag), Node("const", Type("number", least=1, most=1), value=1)), "==")


def _margin(draft: Draft, name: str, index: int, margin: Mapping[str, Any]) -> None:
    """A fact to solve for, its base in the same unit, and the scenarios: all of them figures."""
    variable = _figure_at(draft, margin["variable"])
    base = _figure_at(draft, margin["base"]) if margin["base"] is not None else variable
    if variable is None:
        draft.wrong(draft.place("rules", name, "margins", index, "variable"), "path-unknown", path=margin["variable"])
    elif base is None or base.type != variable.type:
        draft.wrong(draft.place("rules", name, "margins", index, "base"), "path-unknown", path=margin["base"])
    for number, scenario in enumerate(margin["scenarios"]):
        for path in scenario["at"]:
            if _figure_at(draft, path) is None:
                place = draft.place("rules", name, "margins", index, "scenarios", number, "at", path)
                draft.wrong(place, "path-unknown", path=path)


def _figure_at(draft: Draft, path: str) -> Field | None:
    """The figure that a path leads to: of the filing itself, or of every item of a list (``list[].field``)."""
    assert draft.words is not None
    listed, marker, name = path.partition("[].")
    if not marker:
        part = draft.words.root.fields.get(path)
    else:
        entity = draft.words.lists.get(listed)
        part = draft.words.entities[entity].fields.get(name) if entity is not None else None
    return part if part is not None and part.numeric else None


def _literal(draft: Draft, text: str, place: Place) -> Node | None:
    """A percentage or amount as a node."""
    assert draft.scope is not None
    return draft.typed(Source(repr(text), place), draft.scope, "number")


def _terms_named(draft: Draft, read: Collection[str]) -> list[str]:
    """The terms that settle a treatment and belong to an entity that a rule reads, for the list of assumptions."""
    return [
        f"{entity}.{name}" for entity, forms in draft.part("terms").items() if entity in read for name in forms if forms[name]["settles"]
    ]


def _messages(draft: Draft, name: str, message: Mapping[str, Any]) -> None:
    """Both languages of a message have the same placeholders, all of them known."""
    for verdict, text in message.items():
        if text is None:
            continue
        names: dict[str, set[str]] = {"zh": set(), "en": set()}
        if _BRACES.isdisjoint(text["zh"] + text["en"]):
            continue
        for lang in names:
            try:
                names[lang] = {part[1] for part in _FORMATTER.parse(text[lang]) if part[1] is not None}
            except ValueError:
                draft.wrong(draft.place("rules", name, "message", verdict, lang), "message-broken")
            for unknown in sorted(names[lang] - PLACEHOLDERS):
                place = draft.place("rules", name, "message", verdict, lang)
                draft.wrong(place, "placeholder-unknown", name=unknown, known=listed(sorted(PLACEHOLDERS)))
        for lang, other in (("zh", "en"), ("en", "zh")):
            for missing in sorted((names[lang] - names[other]) & PLACEHOLDERS):
                place = draft.place("rules", name, "message", verdict, other)
                draft.wrong(place, "placeholder-missing", name=missing, lang=lang, other=other)


def _tests(draft: Draft, rule: dict[str, Any]) -> None:
    """At least one test that passes, one that fails (as ``fail_as`` says) and one that lacks a fact.

    A book without tests has none to look at, not even those that stand in the rules.
    """
    name = rule["id"]
    verdicts = {test["expect"].get("verdict") for test in rule["tests"]}
    for needed in ("pass", rule["fail_as"], "missing"):
        if draft.tested and needed not in verdicts:
            place = draft.place("tests", name) if ("tests", name) in draft.nodes else draft.place("rules", name, "tests")
            draft.wrong(place, "tests-without", verdict=needed)
    rule["tests"] = json.dumps(rule["tests"], ensure_ascii=False) if draft.tested else None


def _is_literal(text: str) -> bool:
    return text.rstrip("%‰元股").replace(".", "").isdigit()
