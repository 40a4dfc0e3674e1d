"""Hypothesis strategies: a small made-up vocabulary, expressions over it as texts, and filings as rows of low and high cells."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from compliance import dates, vocabulary
from compliance.expressions.parse import Source, parse
from compliance.expressions.tree import Node, Type
from compliance.expressions.types import Reading, Scope, typed
from compliance.source import Place, Problem
from compliance.vocabulary import UNITS, Field, Vocabulary

_LABEL = {"zh": "名", "en": "name"}
# Sessions are known in the midst of the days that stand below, and not at their ends.
CALENDAR = tuple(dates.parse(day).low for day in ("2020-02-10", "2021-01-29", "2020-02-28", "2020-03-02", "2021-01-01"))
DAYS = [dates.parse(day).low for day in ("2020-01-31", "2020-02-29", "2020-03-01", "2021-01-31", "2021-02-28")]


def _field(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "label": _LABEL, **more}


PLAIN: dict[str, Any] = {
    "kinds": {
        "colour": dict.fromkeys(("red", "green", "blue"), _LABEL),
        "grade": dict.fromkeys(("small", "large"), _LABEL),
    },
    "entities": {
        "head": {
            "label": _LABEL,
            "fields": {
                "x": _field("money"),
                "y": _field("money", min="0"),
                "total": _field("money", min="0"),
                "u": _field("ratio", min="0%", max="100%"),
                "t": _field("date"),
                "v": _field("flag"),
                "c": _field("colour"),
                "m": _field("count", min="0"),
            },
        },
        "thing": {
            "label": _LABEL,
            "fields": {
                "a": _field("money", min="0"),
                "b": _field("money"),
                "r": _field("ratio", min="0%", max="100%"),
                "n": _field("count"),
                "d": _field("date"),
                "f": _field("flag"),
                "k": _field("colour"),
                "owner": _field("ref", of="people"),
                "parts": _field("list", of="part"),
            },
            "ends": "d",
        },
        "person": {
            "label": _LABEL,
            "fields": {
                "w": _field("money"),
                "h": _field("flag"),
                "k": _field("colour"),
                "posts": _field("list", of="part"),
            },
        },
        "part": {
            "label": _LABEL,
            "fields": {"q": _field("money", min="0"), "e": _field("date"), "s": _field("grade"), "g": _field("flag")},
            "ends": "e",
        },
    },
    "filing": {
        "head": {"entity": "head"},
        "things": {"list": "thing", "label": _LABEL, "totals": {"a": "head.total"}},
        "people": {"list": "person", "label": _LABEL},
    },
}
LOOSE: dict[str, Any] = {**PLAIN, "filing": {**PLAIN["filing"], "things": {"list": "thing", "label": _LABEL}}}

PARAMETERS: dict[str, Type] = {
    "cap": Type("number", 1, (), least=3, most=10),
    "floor": Type("number", 2, UNITS["money"], least=-2, most=2),
    "months": Type("number", 0, (), least=0, most=12),
    "start": Type("date"),
    "colours": Type("enum", of="colour"),
}
SLOTS = {name: index for index, name in enumerate(PARAMETERS)}
WORDS, LOOSE_WORDS = vocabulary.build(PLAIN), vocabulary.build(LOOSE)


def scope(words: Vocabulary = LOOSE_WORDS) -> Scope:
    """Everything that the expressions of these strategies may name."""
    return Scope(words, PARAMETERS, {}, {}, {"way": Reading("way", ("one", "other"), words.root.width)}, calendar=CALENDAR)


def tree(text: str, words: Vocabulary = LOOSE_WORDS, expect: str | None = None, within: Scope | None = None) -> Node:
    """The typed tree of a text that is known to be right."""
    found = typed(Source(text, Place("test.yaml", 1, 1)), within or scope(words), expect)
    assert not isinstance(found, Problem), found.text("en")
    return found


# Expressions, as texts. A row in reach is a prefix (``head.``, ``i1.``, ``i1.owner.``) and its entity.

Reach = tuple[tuple[str, str], ...]
_BASE: Reach = (("head.", "head"),)


def _paths(reach: Reach, kinds: tuple[str, ...]) -> list[str]:
    fields = [(prefix, form) for prefix, entity in reach for form in LOOSE_WORDS.entities[entity].fields.values()]
    return [prefix + form.name for prefix, form in fields if (form.of if form.type == "kind" else form.type) in kinds]


def _lists(reach: Reach) -> list[tuple[str, str]]:
    fields = [(prefix, form) for prefix, entity in reach for form in LOOSE_WORDS.entities[entity].fields.values()]
    return [("things", "thing"), ("people", "person"), *((p + f.name, f.of) for p, f in fields if f.type == "list")]


@st.composite
def _loop(draw: Callable[..., Any], name: str, body: str, reach: Reach, depth: int) -> str:
    path, entity = draw(st.sampled_from(_lists(reach)))
    variable = f"i{len(reach)}"
    inner = (*reach, (f"{variable}.", entity))
    if entity == "thing":
        inner = (*inner, (f"{variable}.owner.", "person"))
    inside = variable if name == "count" else draw(expressions(body, inner, depth - 1))
    if entity != "person" and draw(st.integers(0, 3)) == 0:
        path = f"last({draw(st.sampled_from(['1', '2', 'months']))}, {path}, {draw(expressions('date', reach, depth - 1))})"
    condition = f" if {draw(expressions('truth', inner, depth - 1))}" if draw(st.booleans()) else ""
    return f"{name}({inside} for {variable} in {path}{condition})"


@st.composite
def expressions(draw: Callable[..., Any], kind: str = "truth", reach: Reach = _BASE, depth: int = 3) -> str:
    """A text of a kind: ``truth``, ``money``, ``plain`` (a number without unit) or ``date``."""
    leaves = {
        "truth": [
            *_paths(reach, ("flag",)),
            *(f"({path} == red)" for path in _paths(reach, ("colour",))),
            "true",
            "(reading.way == one)",
        ],
        "money": [*_paths(reach, ("money",)), "floor", "'0.01元'", "'-0.02元'", "'3元'", "'0元'"],
        "plain": [*_paths(reach, ("ratio", "count")), "cap", "months", "'50%'", "2", "0"],
        "date": [*_paths(reach, ("date",)), "on", "start", "'2020-02-29'"],
    }[kind]
    if depth <= 0:
        return draw(st.sampled_from(leaves))

    def some(inner: str) -> str:
        found: str = draw(expressions(inner, reach, depth - 1))
        return found

    forms: dict[str, Callable[[], str]] = {"leaf": lambda: draw(st.sampled_from(leaves))}
    if kind == "truth":
        order = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
        forms["compare"] = lambda: (
            f"({(one := some(of := draw(st.sampled_from(['money', 'plain', 'date']))))} {draw(order)} "
            f"{draw(st.sampled_from([one, some(of)]))})"
        )
        forms["share"] = lambda: f"({some('money')} <= {some('plain')} * {some('money')})"
        forms["and"] = lambda: f"({some(kind)} {draw(st.sampled_from(['and', 'or', '==', '!=']))} {some(kind)})"
        forms["not"] = lambda: f"(not {some(kind)})"
        forms["member"] = lambda: (
            f"({draw(st.sampled_from(_paths(reach, ('colour',))))} {draw(st.sampled_from(['in', 'not in']))} "
            f"{draw(st.sampled_from(['{red}', '{red, blue}', 'colours']))})"
        )
        forms["loop"] = lambda: draw(_loop(draw(st.sampled_from(["any", "all"])), "truth", reach, depth))
    else:
        forms["extreme"] = lambda: f"{draw(st.sampled_from(['min', 'max']))}({some(kind)}, {some(kind)})"
        forms["loop"] = lambda: draw(_loop(draw(st.sampled_from(["min", "max"])), kind, reach, depth))
        if kind == "date":
            forms["period"] = lambda: f"period_end({some('date')}, {draw(st.sampled_from(['1', '3', '12']))})"
            forms["sessions"] = lambda: f"add_trading_days({some('date')}, {draw(st.sampled_from(['months', '-3', '-1', '0', '1', '20']))})"
            forms["months"] = lambda: f"add_months({some('date')}, {draw(st.sampled_from(['months', '-1', '12']))})"
        else:
            forms["add"] = lambda: f"({some(kind)} {draw(st.sampled_from('+-'))} {some(kind)})"
            forms["negative"] = lambda: f"(-{some(kind)})"
            forms["times"] = lambda: f"({some('plain')} * {some(kind)})"
            forms["sum"] = lambda: draw(_loop("sum", kind, reach, depth))
        if kind == "plain":
            forms["divide"] = lambda: f"({some('money')} / {some('money')})"
            forms["count"] = lambda: draw(_loop("count", kind, reach, depth))
    forms["if"] = lambda: f"({some(kind)} if {some('truth')} else {some(kind)})"
    return forms[draw(st.sampled_from(sorted(forms)))]()


def texts(kind: str = "truth", depth: int = 3) -> st.SearchStrategy[str]:
    """Texts of a kind that keep within the bounds of the language."""
    return expressions(kind, depth=depth).filter(lambda text: isinstance(parse(Source(text, Place("test.yaml"))), ast.expr))


# Filings


def _values(form: Field) -> list[int]:
    if form.type == "money":
        return [0, 1, 2, 3, 300] if form.least == 0 else [-300, -2, -1, 0, 1, 2, 300]
    if form.type == "ratio":
        return [0, 30_000_000, 50_000_000, 100_000_000]
    if form.type == "count":
        return [0, 1, 2, 12] if form.least == 0 else [-1, 0, 1, 2]
    return DAYS


@st.composite
def _cells(draw: Callable[..., Any], form: Field, words: Vocabulary, exact: bool) -> tuple[Any, Any]:
    how = "exact" if exact else draw(st.sampled_from(["exact", "exact", "range", "blank"]))
    if how == "blank":
        return words.blank(form)
    if form.type == "flag":
        value = draw(st.integers(0, 1))
        return (value, value) if how == "exact" else (0, 1)
    if form.type == "kind":
        return _bits(draw(st.integers(1, words.all_bits(form.of))), exact or how == "exact")
    a, b = draw(st.sampled_from(_values(form))), draw(st.sampled_from(_values(form)))
    return (a, a) if how == "exact" else (min(a, b), max(a, b))


def _bits(bits: int, exact: bool) -> tuple[int, int]:
    bits = bits & -bits if exact else bits
    return (bits if bits & (bits - 1) == 0 else 0), bits


@st.composite
def rows(draw: Callable[..., Any], entity: str, words: Vocabulary, people: list[list[Any]], exact: bool) -> list[Any]:
    """A row of an entity, references leading to ``people``."""
    row: list[Any] = []
    for form in words.entity(entity).fields.values():
        if form.type == "list":
            items = [] if form.of == "person" else draw(st.lists(rows(form.of, words, people, exact), max_size=2))
            row += [people if form.of == "person" else items, 0 if exact else draw(st.sampled_from([0, 0, 1]))]
        elif form.type == "ref":
            known = people and (exact or draw(st.integers(0, 3)) > 0)
            unknown = draw(rows("person", words, [], True)) if exact else words.blank_row("person")
            owner = draw(st.sampled_from(people)) if known else unknown
            row += [owner, "somebody" if known or exact else None]
        else:
            row += draw(_cells(form, words, exact))
    return row


@st.composite
def filings(draw: Callable[..., Any], words: Vocabulary = LOOSE_WORDS, exact: bool = False) -> list[Any]:
    """The row of a filing, with the cells of the reading ``way`` behind it. ``exact``: no range and no open list in it."""
    people = draw(st.lists(rows("person", words, [], exact), min_size=1 if exact else 0, max_size=2))
    row: list[Any] = draw(rows("filing", words, people, exact))
    return [*row, *_bits(draw(st.integers(1, 3)), exact)]


@st.composite
def parameters(draw: Callable[..., Any]) -> dict[str, int]:
    """Values for ``PARAMETERS``."""
    return {
        "cap": draw(st.sampled_from([3, 5, 10])),
        "floor": draw(st.integers(-2, 2)),
        "months": draw(st.integers(0, 12)),
        "start": draw(st.sampled_from(DAYS)),
        "colours": draw(st.integers(1, 7)),
    }


@st.composite
def days(draw: Callable[..., Any], exact: bool = False) -> tuple[int, int]:
    """The day ``on``, exact or a range."""
    a, b = draw(st.sampled_from(DAYS)), draw(st.sampled_from(DAYS))
    return (a, a) if exact else (min(a, b), max(a, b))


# Refinement: the same filing, of which more is known


@st.composite
def refined(draw: Callable[..., Any], row: list[Any], words: Vocabulary = LOOSE_WORDS, whole: bool = False) -> list[Any]:
    """The filing with some vague cells narrowed, some lists closed, some references found; ``whole``: all of them."""
    people_slot = words.root.fields["people"].slot
    old = row[people_slot]
    people = [draw(_refined_row(person, "person", words, [], whole)) for person in old]
    closed = row[people_slot + 1] and (whole or draw(st.booleans()))
    if closed:
        people = [*people, *draw(st.lists(rows("person", words, [], whole), max_size=2))]
    pairs = [(id(before), after) for before, after in zip(old, people, strict=False)]
    new = draw(_refined_row(row[: words.root.width], "filing", words, people, whole, dict(pairs)))
    new[people_slot : people_slot + 2] = [people, 0 if closed else row[people_slot + 1]]
    way = row[words.root.width + 1]
    return [
        *new,
        *_bits(way if not (whole or draw(st.booleans())) else draw(st.sampled_from([b for b in (1, 2) if b & way])), False),
    ]


@st.composite
def _refined_row(
    draw: Callable[..., Any],
    row: list[Any],
    entity: str,
    words: Vocabulary,
    people: list[list[Any]],
    whole: bool,
    known: dict[int, list[Any]] | None = None,
) -> list[Any]:
    new: list[Any] = []
    for form in words.entity(entity).fields.values():
        low, high = row[form.slot : form.slot + 2]
        touch = whole or draw(st.booleans())
        if form.type == "list":
            items = [draw(_refined_row(item, form.of, words, people, whole, known)) for item in low] if form.of != "person" else []
            if high and touch and form.of != "person":
                items += draw(st.lists(rows(form.of, words, people, whole), max_size=2))
            new += [items, 0 if touch else high]
        elif form.type == "ref":
            if high is not None:
                new += [(known or {}).get(id(low), low), high]
            elif touch and (people or whole):
                new += [draw(st.sampled_from(people) if people else rows("person", words, [], True)), "somebody"]
            else:
                new += [low, high]
        elif form.type == "kind":
            members = [1 << bit for bit in range(8) if high >> bit & 1]
            new += [draw(st.sampled_from(members))] * 2 if touch else [low, high]
        elif not touch:
            new += [low, high]
        else:
            within = [value for value in [low, high, *(_values(form) if form.type != "flag" else [])] if low <= value <= high]
            within = [value for value in within if abs(value) < 10**30]
            a, b = draw(st.sampled_from(within)), draw(st.sampled_from(within))
            new += [a, a] if whole else [min(a, b), max(a, b)]
    return new
