"""The language itself: what is refused, with which words and where; what trees and generated text hold and what they do not."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import strategies as made
from compliance import source
from compliance.expressions import emit
from compliance.expressions.emit import compile_rule
from compliance.expressions.formula import PASS, Clause, Formula
from compliance.expressions.interpret import Evaluation
from compliance.expressions.parse import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, Source, parse
from compliance.expressions.tree import Forest, Node, Type, from_json
from compliance.expressions.types import Scope, typed
from compliance.source import Place, Problem

CASES = source.plain(source.load(Path(__file__).parent / "expressions" / "mistakes.yaml"))


def mistake(text: str, scope: Scope | None = None, lang: Any = "en") -> str:
    """What the loader says of a text that begins in line 3, column 10."""
    found = typed(Source(text, Place("p.yaml", 3, 10)), scope or made.scope(), "truth")
    assert isinstance(found, Problem), f"{text} is taken"
    return found.text(lang)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40])
def test_a_mistake_is_told_with_its_place(case: dict[str, str]) -> None:
    assert mistake(case["text"]) == f"p.yaml:3:{case['column']}: {case['says']}"


def test_a_mistake_is_told_in_chinese() -> None:
    assert mistake("head.c == pink", lang="zh") == "p.yaml:3:20: “pink”不是 colour 的成员；可用：red、green、blue"


def test_a_book_without_a_calendar_counts_no_sessions() -> None:
    assert mistake("add_trading_days(head.t, 1) < head.t", replace(made.scope(), calendar=None)).startswith(
        "p.yaml:3:27: the pack has no calendar"
    )


def test_columns_count_characters_as_written() -> None:
    wide = "head.x ＜ '３元' and 头"  # full width: as many characters, more bytes
    assert mistake(wide).startswith("p.yaml:3:28: there is no '头'")
    assert mistake("  head.v and 1").startswith("p.yaml:3:23: ")
    assert mistake("head.x < '㍘元' and 1").startswith("p.yaml:3:")  # one character that is normalised into three


def test_a_formula_over_several_lines_is_placed_where_it_begins() -> None:
    assert mistake("head.v and\n 1").startswith("p.yaml:3:10: ")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1" * (MAX_CHARACTERS + 1), "expression-long"),
        ("(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1), "expression-deep"),
        ("-" * 1_900 + "1", "expression-deep"),
        ("not " * 400 + "head.v", "expression-deep"),
        ("not-" * 400 + "head.v", "expression-deep"),
        ("(" * 1_900, "expression-deep"),
        ("head.v" + " and head.v" * (MAX_NODES // 2), "expression-large"),
        ("1" + "+1" * MAX_DEPTH + " < 1", "expression-deep"),
        ("1" + "+1" * 900 + " < 1", "expression-deep"),
        ("2" + "**2" * 600, "expression-refused"),
        ("a" + ".a" * 900, "expression-deep"),
        ("1 if 1 else " * 150 + "1", "expression-deep"),
        ("lambda:" * 280 + "1", "expression-refused"),
        ("head.x < " + "9" * 400, "expression-refused"),
        ("'\\d' < head.x", "expression-refused"),
        ("head.x\x00 < 1", "expression-syntax"),
        ("[" * 15 + "'" * 3, "expression-syntax"),
    ],
    ids=lambda value: value[:20],
)
def test_bounds(text: str, code: str) -> None:
    found = parse(Source(text, Place("p.yaml", 3, 10)))
    assert isinstance(found, Problem)
    assert found.code == code


def test_the_bounds_are_reached() -> None:
    for text in (
        "head.v" + " and head.v" * (MAX_NODES // 2 // 2 - 1),
        "(" * (MAX_DEPTH - 3) + "head.v" + ")" * (MAX_DEPTH - 3),
    ):
        assert isinstance(parse(Source(text, Place("p.yaml"))), ast.expr)
    assert isinstance(parse(Source("'" + "1" * (MAX_CHARACTERS - 2) + "'", Place("p.yaml"))), ast.expr)


def test_what_measures_write_out_is_bounded_too() -> None:
    scope = made.scope()
    node = made.tree("head.x", scope.vocabulary)
    for _ in range(8):
        found = typed(Source("m + m + m + m", Place("p.yaml")), Scope(scope.vocabulary, measures={"m": node}))
        if isinstance(found, Problem):
            assert found.code == "expression-large"
            return
        node = found
    pytest.fail("a measure of any size is taken")


def test_chinese_names_are_compared_after_nfkc() -> None:
    words = made.vocabulary.build(
        {
            **made.PLAIN,
            "entities": {
                **made.PLAIN["entities"],
                "head": {"label": {}, "fields": {"金额": {"type": "money", "label": {}}}},
            },
        }
    )
    scope = Scope(words)
    node = typed(Source("ｈｅａｄ．金额　＜＝　'１元'", Place("p.yaml")), scope, "truth")
    assert node == typed(Source("head.金额 <= '1元'", Place("p.yaml")), scope, "truth")


@given(made.texts())
def test_a_tree_survives_json(text: str) -> None:
    import json

    node = made.tree(text)
    forest = Forest()
    number = forest.put(node)
    again = from_json(json.loads(json.dumps(forest.to_json())))[number]
    assert again == node
    assert hash(again) == hash(node)


NAMES = re.compile(r"[^\W\d]\w*")
OWN = {
    "def",
    "rule",
    "F",
    "P",
    "on_l",
    "on_h",
    "return",
    "if",
    "elif",
    "else",
    "for",
    "in",
    "not",
    "and",
    "or",
    "True",
    "False",
    "pass",
    "break",
}
OWN |= {"E", "S", "V", "W", "L", "H", "A", "B", "C", "K", "M", "Q", "X", "None"}
MADE = re.compile(r"[vcuklh]\d+[lh]?|[lh]\d+_\d+")


@given(made.texts(), made.texts(), made.texts())
def test_generated_text_holds_nothing_of_the_pack(applies: str, base: str, other: str) -> None:
    formula = Formula(made.tree(applies), (Clause(None, made.tree(base)), Clause(made.tree(other), made.tree(base))))
    for exact in (True, False):
        for measures in (True, False):
            text = emit.source_of(formula, made.SLOTS, exact=exact, measures=measures)
            assert {name for name in NAMES.findall(text) if name not in OWN and not MADE.fullmatch(name)} == set()
            assert not set("\"'\\@`") & set(text)


def test_generated_code_runs_without_builtins() -> None:
    formula = Formula(None, (Clause(None, made.tree("sum(i.a for i in things) <= head.y")),))
    function = compile_rule(formula, made.SLOTS, exact=False, measures=False)
    assert function.__globals__["__builtins__"] == {}


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("measures", [True, False])
def test_a_measure_of_base_and_exceptions_is_computed_once(exact: bool, measures: bool) -> None:
    total = "sum(i.a * i.r for i in things if i.f)"
    base, other = made.tree(f"{total} <= cap * head.y"), made.tree(f"{total} <= head.y")
    more = made.tree(f"{total} < head.y")
    formula = Formula(None, (Clause(None, base), Clause(made.tree("head.v"), other), Clause(made.tree("head.c == red"), more)))
    text = emit.source_of(formula, made.SLOTS, exact=exact, measures=measures)
    assert text.count("for ") == 1


def test_a_loop_over_two_lists_does_not_confuse_its_items() -> None:
    # A measure has loops of its own; used within a loop, or within one branch of a condition, both stay apart.
    scope = made.scope()
    measures = {"most": made.tree("max(j.b for j in things)")}
    scope = Scope(scope.vocabulary, scope.parameters, measures)
    node = made.tree(
        "(head.x if head.v else sum(i.b for i in things if i.b < most and any(i.b < k.w for k in people))) < '9元'",
        within=scope,
    )
    words = made.LOOSE_WORDS
    row = words.blank_row("filing")
    things = [words.blank_row("thing") for _ in range(3)]
    slot = words.entity("thing").fields["b"].slot
    for value, thing in zip((100, 500, 899), things, strict=True):
        thing[slot : slot + 2] = [value, value]
    person = words.blank_row("person")
    person[0:2] = [1000, 1000]
    at = {name: words.root.fields[name].slot for name in ("head.v", "things", "people")}
    row[at["head.v"] : at["head.v"] + 2] = [0, 0]
    row[at["things"] : at["things"] + 2] = [things, 0]
    row[at["people"] : at["people"] + 2] = [[person], 0]
    row += [1, 1]
    values = {"cap": 3, "floor": 0, "months": 0, "start": 1, "colours": 1}
    assert Evaluation(row, values).value(node) == (True, True)
    for exact in (True, False):
        assert (
            compile_rule(Formula(None, (Clause(None, node),)), made.SLOTS, exact=exact, measures=False)(row, tuple(values.values()), 1, 1)
            == PASS
        )


def test_a_changed_node_walks_over_its_own_parts() -> None:
    node = Node("neg", Type("number"), (Node("const", Type("number"), value=1),))
    assert [part.value for part in node.walk()] == [None, 1]
    changed = replace(node, args=(Node("const", Type("number"), value=2),))
    assert [part.value for part in changed.walk()] == [None, 2]
