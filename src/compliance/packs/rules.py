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
from compliance.packs.forms import RANGES
from compliance.packs.manuscript import Manuscript
from compliance.source import Place
from compliance.vocabulary import Field
from compliance.wording import VERDICTS, listed

TESTED = (*VERDICTS, "not_in_force")  # what a test may expect; the last is no verdict: there is no finding
EVER = "1900-01-01"  # before every day of a law
_BRACES = frozenset("{}")
_FORMATTER = string.Formatter()
PLACEHOLDERS = frozenset({*RANGES, "needs", "days"})


def check_rule(manuscript: Manuscript, rule: dict[str, Any]) -> None:
    """One rule: its citations, days, formulas, exceptions, messages and tests."""
    assert manuscript.scope is not None
    name = rule["id"]
    citations.resolve(manuscript, rule, "rules", name)
    days = {*manuscript.part("days"), AS_OF}
    for part in ("law", "held_on"):
        for index, day in enumerate(rule[part]):
            if day not in days:
                manuscript.wrong(manuscript.place("rules", name, part, index), "day-unknown", name=day, known=listed(sorted(days)))
    scope = manuscript.scope
    if rule["limit"] is not None:
        limit = manuscript.typed(manuscript.source_at("rules", name, "limit"), scope, "number")
        scope = replace(scope, limit=limit)
        if limit is None:
            manuscript.lost.add("limit")
    applies = manuscript.typed(manuscript.source_at("rules", name, "applies"), scope, "truth") if rule["applies"] is not None else None
    require = manuscript.typed(manuscript.source_at("rules", name, "require"), scope, "truth")
    clauses: list[tuple[Node | None, Node | None]] = [(None, require)]
    for index, form in enumerate(rule["exceptions"]):
        if form["id"] in [other["id"] for other in rule["exceptions"][:index]]:
            manuscript.wrong(manuscript.place("rules", name, "exceptions", index, "id"), "pack-twice", name=form["id"])
        clauses.append(_exception(manuscript, name, index, form, scope))
    put = manuscript.forest.put
    rule["applies"] = put(applies) if applies is not None else None
    rule["clauses"] = [(put(when) if when is not None else None, put(asks)) for when, asks in clauses if asks is not None]
    read = {entity for entity, _ in manuscript.forest.fields(asks for _, asks in rule["clauses"])}
    if require is not None and not rule["held_on"] and "" in read:  # the day a window is held on
        manuscript.wrong(manuscript.place("rules", name, "require"), "day-needed")
    rule["terms"] = _terms_named(manuscript, read)
    rule["place"] = str(manuscript.place("rules", name, "id"))
    for index, margin in enumerate(rule["margins"]):
        _margin(manuscript, name, index, margin)
    _messages(manuscript, name, rule["message"], any(asks is None or asks.op == "cmp" for _, asks in clauses))
    _tests(manuscript, rule)
    manuscript.lost.discard("limit")


def _exception(manuscript: Manuscript, name: str, index: int, form: dict[str, Any], scope: Scope) -> tuple[Node | None, Node | None]:
    """A labelled exception: when it holds, and what is then required."""
    path = ("exceptions", index)
    citations.resolve(manuscript, form, "rules", name, *path)
    when = manuscript.typed(manuscript.source_at("rules", name, *path, "when"), scope, "truth")
    if when is not None and (form["from"] or form["until"]):
        when = Node("and", TRUTH, (_dated_exception(manuscript, name, index, form), when))
    if (form["limit"] is None) == (form["require"] is None):
        manuscript.wrong(manuscript.place("rules", name, *path), "exception-one")
        return when, None
    if form["require"] is not None:
        return when, manuscript.typed(manuscript.source_at("rules", name, *path, "require"), scope, "truth")
    if _is_literal(form["limit"]):
        limit = _literal(manuscript, form["limit"], manuscript.place("rules", name, *path, "limit"))
    else:
        limit = manuscript.typed(manuscript.source_at("rules", name, *path, "limit"), replace(scope, limit=None), "number")
    if limit is None:
        return when, None
    return when, manuscript.typed(manuscript.source_at("rules", name, "require"), replace(scope, limit=limit), "truth")


def _dated_exception(manuscript: Manuscript, name: str, index: int, form: dict[str, Any]) -> Node:
    """Whether an exception with days of its own is in force, as a parameter that the day of the law picks like any other."""
    start, end = form["from"] or EVER, form["until"]
    if end and dates.parse(end).low <= dates.parse(start).low:
        manuscript.wrong(manuscript.place("rules", name, "exceptions", index, "until"), "dates-order", day=end)
    kind = Type("number", least=0, most=1)
    days = [(EVER, 0)] if form["from"] else []
    days += [(start, 1), *([(end, 0)] if end else [])]
    values = [{"from": day, "until": None, "held": held, "shown": str(held), "cite": form["cite"]} for day, held in days]
    flag = f"{name}.{form['id']}"
    label = {"zh": f"例外“{form['title']['zh']}”是否施行", "en": f"whether the exception is in force: {form['title']['en']}"}
    manuscript.part("parameters")[flag] = {"label": label, "kind": list(kind), "quantity": "count", "values": values}
    form["flag"] = flag
    return Node("cmp", TRUTH, (Node("param", kind, value=flag), Node("const", Type("number", least=1, most=1), value=1)), "==")


def _margin(manuscript: Manuscript, name: str, index: int, margin: Mapping[str, Any]) -> None:
    """A fact to solve for, its base in the same unit, and the scenarios: all of them figures."""
    variable = _figure_at(manuscript, margin["variable"])
    base = _figure_at(manuscript, margin["base"]) if margin["base"] is not None else variable
    if variable is None:
        manuscript.wrong(manuscript.place("rules", name, "margins", index, "variable"), "path-unknown", path=margin["variable"])
    elif base is None or base.type != variable.type:
        manuscript.wrong(manuscript.place("rules", name, "margins", index, "base"), "path-unknown", path=margin["base"])
    for number, scenario in enumerate(margin["scenarios"]):
        for path in scenario["at"]:
            if _figure_at(manuscript, path) is None:
                place = manuscript.place("rules", name, "margins", index, "scenarios", number, "at", path)
                manuscript.wrong(place, "path-unknown", path=path)


def _figure_at(manuscript: Manuscript, path: str) -> Field | None:
    """The figure that a path leads to."""
    part = manuscript.field_at(path)
    return part if part is not None and part.numeric else None


def _literal(manuscript: Manuscript, text: str, place: Place) -> Node | None:
    """A percentage or amount as a node."""
    assert manuscript.scope is not None
    return manuscript.typed(Source(repr(text), place), manuscript.scope, "number")


def _terms_named(manuscript: Manuscript, read: Collection[str]) -> list[str]:
    """The terms that settle a treatment and belong to an entity that a rule reads, for the list of assumptions."""
    return [
        f"{entity}.{name}"
        for entity, forms in manuscript.part("terms").items()
        if entity in read
        for name in forms
        if forms[name]["settles"]
    ]


def _messages(manuscript: Manuscript, name: str, message: Mapping[str, Any], compares: bool) -> None:
    """Both languages of a message have the same placeholders, all of them known, those of figures only where the rule ``compares`` some."""
    for verdict, text in message.items():
        if text is None or _BRACES.isdisjoint(text["zh"] + text["en"]):
            continue
        names: dict[str, set[str]] = {"zh": set(), "en": set()}
        wrong: list[tuple[str, str, dict[str, object]]] = []
        for lang in names:
            try:
                parts = [part for part in _FORMATTER.parse(text[lang]) if part[1] is not None]
            except ValueError:
                wrong.append((lang, "message-broken", {}))
                continue
            names[lang] = {str(placeholder) for _, placeholder, _, _ in parts}
            # Each figure has one form in which it is shown, so that a style would be lost in silence.
            wrong += [(lang, "placeholder-styled", {"name": part[1]}) for part in parts if part[2] or part[3]]
            known = listed(sorted(PLACEHOLDERS))
            wrong += [(lang, "placeholder-unknown", {"name": one, "known": known}) for one in sorted(names[lang] - PLACEHOLDERS)]
        for lang, other in (("zh", "en"), ("en", "zh")):
            idle = sorted(names[lang].intersection(RANGES)) if not compares else []
            wrong += [(lang, "placeholder-idle", {"name": one}) for one in idle]
            missing = sorted((names[lang] - names[other]) & PLACEHOLDERS)
            wrong += [(other, "placeholder-missing", {"name": one, "lang": lang, "other": other}) for one in missing]
        for lang, code, values in wrong:
            manuscript.wrong(manuscript.place("rules", name, "message", verdict, lang), code, **values)


def _tests(manuscript: Manuscript, rule: dict[str, Any]) -> None:
    """At least one test that passes, one that fails (as ``fail_as`` says) and one that lacks a fact.

    A book without tests has none to look at, not even those that stand in the rules.
    """
    name = rule["id"]
    at: tuple[str | int, ...] = ("tests", name) if ("tests", name) in manuscript.nodes else ("rules", name, "tests")
    verdicts = {test["expect"].get("verdict") for test in rule["tests"]}
    for number, test in enumerate(rule["tests"] if manuscript.tested else ()):
        test["at"] = manuscript.place(*at, number)  # type: ignore[arg-type]
        verdict = test["expect"].get("verdict", "pass")
        if verdict not in TESTED:
            place = manuscript.place(*at, number, "expect", "verdict")  # type: ignore[arg-type]
            manuscript.wrong(place, "choice-bad", text=verdict, expected=listed(TESTED))
    for needed in ("pass", rule["fail_as"], "missing"):
        if manuscript.tested and needed not in verdicts and verdicts <= {*TESTED, None}:
            manuscript.wrong(manuscript.place(*at), "tests-without", verdict=needed)  # type: ignore[arg-type]
    rule["tests"] = json.dumps(rule["tests"], ensure_ascii=False) if manuscript.tested else None


def _is_literal(text: str) -> bool:
    return text.rstrip("%‰元股").replace(".", "").isdigit()
