"""What expressions mean: the generated code, the interpreter and a plain evaluation of the text itself agree, and nothing reverses."""

from __future__ import annotations

import ast
from fractions import Fraction
from typing import Any

import strategies as made
from hypothesis import assume, given
from hypothesis import strategies as st

from compliance import dates
from compliance.expressions import emit
from compliance.expressions.emit import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS, Clause, Formula, compile_rule
from compliance.expressions.interpret import Evaluation
from compliance.expressions.tree import Node
from compliance.quantities import parse as parse_figure

Row = list[Any]


def expected(formula: Formula, evaluation: Evaluation) -> tuple[int, int, bool, bool, tuple[Any, ...]]:
    """What a rule gives, told slowly from the truth of its parts."""
    applies = evaluation.value(formula.applies) if formula.applies is not None else (True, True)
    clauses = [(evaluation.value(c.when) if c.when else None, evaluation.value(c.require), c) for c in formula.clauses]
    base, exceptions = clauses[0], clauses[1:]
    sure = [require for when, require, _ in exceptions if when and when[0]]
    possible = [require for when, require, _ in exceptions if when and when[1]] + ([] if sure else [base[1]])
    bits = sum(1 << i for i, (when, _, _) in enumerate(clauses) if (when[1] if when else not sure))
    if not applies[1]:
        verdict = NOT_APPLICABLE
    elif any(low for low, _ in sure) and any(not high for _, high in sure):
        verdict = CONFLICT
    elif all(low for low, _ in possible):
        verdict = PASS
    elif applies[0] and not any(high for _, high in possible):
        verdict = FAIL
    else:
        verdict = OPEN
    details = []
    for _, _, clause in clauses:
        node = clause.require
        if node.op != "cmp":
            details.append(None)
        else:
            left, right = (evaluation.value(side) for side in node.args)
            details.append((*left, *right, *evaluation.difference(node)))
    return verdict, bits, bool(applies[0]), bool(applies[1]), tuple(details)


@st.composite
def formulas(draw: Any) -> Formula:
    texts = made.texts()
    applies = made.tree(draw(texts)) if draw(st.booleans()) else None
    clauses = [Clause(None, made.tree(draw(texts)))]
    for _ in range(draw(st.integers(0, 2))):
        clauses.append(Clause(made.tree(draw(texts)), made.tree(draw(texts)) if draw(st.booleans()) else clauses[-1].require))
    return Formula(applies, tuple(clauses))


@given(formulas(), made.parameters(), st.data(), st.booleans())
def test_generated_code_equals_the_interpreter(formula: Formula, parameters: dict[str, int], data: st.DataObject, exact: bool) -> None:
    row, on = data.draw(made.filings(exact=exact)), data.draw(made.days(exact))
    wanted = expected(formula, Evaluation(row, parameters, on))
    values = tuple(parameters.values())
    for form in {False, exact}:
        assert compile_rule(formula, made.SLOTS, exact=form, measures=False)(row, values, *on) == wanted[0]
        found = compile_rule(formula, made.SLOTS, exact=form, measures=True)(row, values, *on)
        assert found == wanted
        assert [type(part) for part in found[2:4]] == [bool, bool]


class _Undefined(Exception):
    """The greatest of nothing, or a quotient that has no value."""


class _Number(Fraction):
    def __truediv__(self, other: Any) -> Any:
        if other <= 0:
            raise _Undefined
        return Fraction(self) / Fraction(other)


class _Literals(ast.NodeTransformer):
    """Turns the literals of the language into values, and ``count`` into a sum, so that Python itself can evaluate the rest."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Call(ast.Name("literal", ast.Load()), [node], [])

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Div):
            return ast.Call(ast.Name("divided", ast.Load()), [node.left, node.right], [])
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        return ast.Compare(ast.Call(ast.Name("value", ast.Load()), [node.left], []), node.ops, node.comparators)


def _divided(a: Any, b: Any) -> Any:
    if b <= 0:
        raise _Undefined
    return Fraction(a) / Fraction(b)


def _literal(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value[:4].isdigit() and "-" in value:
        return dates.parse(value).low
    return Fraction(parse_figure(value, "ratio", 8).low, 10**8) if "%" in value else Fraction(parse_figure(value, "money", 2).low, 100)


def _extreme(pick: Any) -> Any:
    def found(first: Any, *more: Any) -> Any:
        values = [first, *more] if more else list(first)
        if not values:
            raise _Undefined
        return pick(values)

    return found


class _Item:
    """A row of which everything is known, as an object."""

    def __init__(self, row: Row, entity: str) -> None:
        for form in made.LOOSE_WORDS.entity(entity).fields.values():
            name, value = form.name.removeprefix("head."), row[form.slot]
            if form.type == "list":
                value = [_Item(item, form.of) for item in value]
            elif form.type == "ref":
                value = _Item(value, "person")
            elif form.type == "kind":
                value = made.LOOSE_WORDS.members(form.of, value)[0]
            elif form.numeric:
                value = Fraction(value, 10**form.scale)
            setattr(self, name, value)


def plainly(text: str, row: Row, parameters: dict[str, int], on: int) -> bool:
    """The truth of a text on a filing of which everything is known, evaluated by Python itself."""
    root = _Item(row, "filing")
    names: dict[str, Any] = {name: name for kind in made.LOOSE_WORDS.kinds.values() for name in kind}
    names |= {"one": "one", "other": "other", "true": True, "on": on, "head": root, "things": root.things, "people": root.people}  # type: ignore[attr-defined]
    names |= {name: Fraction(parameters[name], 10 ** made.PARAMETERS[name].scale) for name in ("cap", "floor")}
    names |= {"months": parameters["months"], "start": parameters["start"]}
    names["colours"] = made.LOOSE_WORDS.members("colour", parameters["colours"])
    names["reading"] = type("Readings", (), {"way": "one" if row[-1] == 1 else "other"})
    names |= {"literal": _literal, "divided": _divided, "value": lambda value: value}
    names |= {"sum": sum, "count": lambda items: sum(1 for _ in items), "any": any, "all": all, "min": _extreme(min), "max": _extreme(max)}
    names["add_months"] = lambda day, count: dates.add_months(day, int(count))
    tree = ast.fix_missing_locations(ast.Expression(_Literals().visit(ast.parse(text, mode="eval").body)))
    return bool(eval(compile(tree, "text", "eval"), names))


@given(made.texts(), made.parameters(), made.days(exact=True), st.data())
def test_what_is_proved_holds_in_every_completion(text: str, parameters: dict[str, int], on: tuple[int, int], data: st.DataObject) -> None:
    row = data.draw(made.filings())
    low, high = Evaluation(row, parameters, on).value(made.tree(text))
    whole = data.draw(made.refined(row, whole=True))
    try:
        truth = plainly(text, whole, parameters, on[0])
    except _Undefined:
        assume(False)
    assert truth or not low
    assert high or not truth
    low, high = Evaluation(whole, parameters, on).value(made.tree(text))
    assert (bool(low), bool(high)) == (truth, truth)


@given(formulas(), made.parameters(), made.days(), st.data())
def test_refinement_never_reverses(formula: Formula, parameters: dict[str, int], on: tuple[int, int], data: st.DataObject) -> None:
    row = data.draw(made.filings())
    decide = compile_rule(formula, made.SLOTS, exact=False, measures=False)
    values = tuple(parameters.values())
    before, after = decide(row, values, *on), decide(data.draw(made.refined(row)), values, *on)
    if before == PASS:
        applies = Evaluation(row, parameters, on).value(formula.applies) if formula.applies else (True, True)
        assert after == PASS or (after == NOT_APPLICABLE and not applies[0])
    elif before in (FAIL, NOT_APPLICABLE):
        assert after == before
    elif before == CONFLICT:
        applies = Evaluation(row, parameters, on).value(formula.applies) if formula.applies else (True, True)
        assert after == CONFLICT or (after == NOT_APPLICABLE and not applies[0])


def written(formula: Formula, exact: bool = True, measures: bool = False) -> str:
    return emit.source_of(formula, made.SLOTS, exact=exact, measures=measures)


def nodes(text: str, **more: Any) -> Node:
    return made.tree(text, **more)
