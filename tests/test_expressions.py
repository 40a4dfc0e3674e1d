"""What expressions mean: the generated code, the interpreter and a plain evaluation of the text itself agree, and nothing reverses."""

from __future__ import annotations

import ast
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import strategies as made
from compliance import dates
from compliance.expressions.emit import compile_rule
from compliance.expressions.formula import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS, Clause, Formula
from compliance.expressions.interpret import Evaluation
from compliance.expressions.memory import Memory
from compliance.expressions.steps import Stepping, Steps
from compliance.expressions.stepwise import Stepwise
from compliance.expressions.tree import Node
from compliance.quantities import parse as parse_figure
from compliance.vocabulary import Vocabulary

Row = list[Any]


def expected(formula: Formula, evaluation: Evaluation) -> tuple[int, int, bool, bool, tuple[Any, ...]]:
    """What a rule gives, told slowly from the truth of its parts."""
    applies = evaluation.value(formula.applies) if formula.applies is not None else (True, True)
    clauses = [(evaluation.value(c.when) if c.when else None, evaluation.value(c.require), c) for c in formula.clauses]
    base, exceptions = clauses[0], clauses[1:]
    sure = [require for when, require, _ in exceptions if when and when[0]]
    possible = [require for when, require, _ in exceptions if when and when[1]] + ([] if sure else [base[1]])
    bits = sum(1 << i for i, (when, _, _) in enumerate(clauses) if (when[1] if when else not sure))
    if not applies[1]:  # nothing is measured
        return NOT_APPLICABLE, 0, False, False, (None,) * len(clauses)
    if any(low for low, _ in sure) and any(not high for _, high in sure):
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
def formulas(draw: Any, words: Vocabulary = made.LOOSE_WORDS) -> Formula:
    """A rule with up to two exceptions, some of which require the same, and some of which hold on one condition."""

    def tree() -> Node:
        return made.tree(draw(made.texts()), words)

    applies = tree() if draw(st.booleans()) else None
    clauses = [Clause(None, tree())]
    for _ in range(draw(st.integers(0, 2))):
        when = clauses[-1].when if draw(st.booleans()) else None
        clauses.append(Clause(when or tree(), tree() if draw(st.booleans()) else clauses[-1].require))
    return Formula(applies, tuple(clauses))


@given(st.sampled_from([made.LOOSE_WORDS, made.WORDS]).flatmap(formulas), made.parameters(), st.data(), st.booleans())
def test_generated_code_equals_the_interpreter(formula: Formula, parameters: dict[str, int], data: st.DataObject, exact: bool) -> None:
    row, on = data.draw(made.filings(exact=exact)), data.draw(made.days(exact))
    wanted = expected(formula, Evaluation(row, parameters, on))
    values = tuple(parameters.values())
    for form in {False, exact}:
        assert compile_rule(formula, made.SLOTS, exact=form, measures=False)(row, values, *on) == wanted[0]
        found = compile_rule(formula, made.SLOTS, exact=form, measures=True)(row, values, *on)
        assert found == wanted
        assert [type(part) for part in found[2:4]] == [bool, bool]


@given(formulas(made.LOOSE_WORDS), made.parameters(), st.data())
def test_steps_equal_the_interpreter_whatever_is_put(formula: Formula, parameters: dict[str, int], data: st.DataObject) -> None:
    row, other, on = data.draw(made.filings()), data.draw(made.filings()), data.draw(made.days())
    steps, memory = Steps(), Memory()
    stepwise = Stepwise(steps, formula)
    stepping = Stepping(steps, memory, row, parameters, on, 0)
    # Cells of the filing's own row, with what they hold in another filing; and of its items, which become open.
    words = made.LOOSE_WORDS
    cells = [(part, (row, part.slot, *other[part.slot : part.slot + 2])) for part in _plain(words.root)]
    for listed in [part for part in words.root.fields.values() if part.type == "list"]:
        for item in row[listed.slot]:
            cells += [(part, (item, part.slot, *words.blank(part))) for part in _plain(words.entities[listed.of])]
    blocks: list[_Block] = []

    def agree() -> None:
        memory.follow(blocks, lambda block: sum({steps.bit((part.entity, part.name)) for part, _ in block.cells}))
        wanted = expected(formula, Evaluation(row, parameters, on))
        found = stepwise.measured(stepping)
        assert (*found[:2], bool(found[2]), bool(found[3]), found[4]) == wanted

    def put(depth: int) -> None:
        """Put some cells, then others within, and look before, amid and after."""
        agree()
        if not depth:
            return
        chosen = data.draw(st.lists(st.sampled_from(cells), max_size=3))
        before = [(of, slot, of[slot : slot + 2]) for _, (of, slot, _, _) in chosen]
        for _, (of, slot, low, high) in chosen:
            of[slot : slot + 2] = low, high
        blocks.append(_Block(chosen))
        put(depth - 1)
        blocks.pop()
        for of, slot, held in before:
            of[slot : slot + 2] = held
        agree()

    put(2)
    put(2)  # and much of it once more: what was found out for the same puts is found again


def test_an_item_that_is_put_is_evaluated_again() -> None:
    """What was remembered of an item does not stand in a block that puts it, nor is it lost for those beside it."""
    words = made.LOOSE_WORDS
    entity = words.entities[words.lists["things"]]
    slot = entity.fields["a"].slot
    row, first, second = ([0] * of.width for of in (words.root, entity, entity))
    first[slot : slot + 2], second[slot : slot + 2] = [100, 100], [10, 10]
    row[words.root.fields["things"].slot] = [first, second]
    steps, memory = Steps(), Memory()
    stepping = Stepping(steps, memory, row, {}, (0, 0), 0)
    total = made.tree("sum(2 * i.a for i in things) <= head.x", words).args[0]
    bit = steps.bit((entity.name, "a"))
    assert stepping.value(total) == (220, 220)
    first[slot : slot + 2] = [50, 60]
    cells = [(entity.fields["a"], (first, slot, 50, 60))]
    memory.follow([_Block(cells)], lambda _: bit)
    assert stepping.value(total) == (120, 140)
    first[slot : slot + 2] = [100, 100]
    memory.follow([], lambda _: bit)
    assert stepping.value(total) == (220, 220)


def _plain(entity: Any) -> list[Any]:
    """The fields of an entity that are neither lists nor lead elsewhere."""
    return [part for part in entity.fields.values() if part.type not in ("list", "ref")]


class _Block:
    """What is put for a time: the fields, and what then stands in which cells."""

    def __init__(self, cells: list[tuple[Any, tuple[Row, int, Any, Any]]]) -> None:
        self.cells = cells
        self.puts = [put for _, put in cells]
        self.key = tuple(sorted({(id(row), slot, low, high) for row, slot, low, high in self.puts}))


@pytest.mark.parametrize("measures", [False, True])
@pytest.mark.parametrize("exact", [False, True])
def test_exceptions_on_one_condition_that_require_different_things_conflict(exact: bool, measures: bool) -> None:
    met, unmet, held = (made.tree(text, made.LOOSE_WORDS) for text in ("1 <= 2", "2 <= 1", "1 <= 1"))
    formula = Formula(None, (Clause(None, met), Clause(held, met), Clause(held, unmet)))
    row = made.LOOSE_WORDS.blank_row(made.LOOSE_WORDS.root.name)
    found = compile_rule(formula, made.SLOTS, exact=exact, measures=measures)(row, (0,) * len(made.SLOTS), 1, 1)
    assert (found[0] if measures else found) == CONFLICT


class _Undefined(Exception):
    """The greatest of nothing, or a quotient that has no value."""


class _Literals(ast.NodeTransformer):
    """Turns the literals of the language into values and quotients into calls, so that Python itself evaluates the rest."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Call(ast.Name("literal", ast.Load()), [node], [])

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Div):
            return ast.Call(ast.Name("divided", ast.Load()), [node.left, node.right], [])
        return node


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


def _period_end(day: int, months: int) -> int:
    """Day by day, until the next one begins another period."""
    while 1 < day < dates.LAST_DAY:
        following = date.fromordinal(day + 1)
        if following.day == 1 and (following.month - 1) % months == 0:
            break
        day += 1
    return day


def _last(number: Any, items: list[Any], day: int) -> list[Any]:
    """The items that end on one of the last so many days on which one ends."""

    def ended(item: Any) -> int:
        return int(getattr(item, "d", None) or item.e)

    before = sorted((item for item in items if ended(item) <= day), key=ended, reverse=True)
    return [item for item in before if sum(ended(other) > ended(item) for other in before) < number]


def _session(day: int, count: int, every: int) -> int:
    """Day by day; where sessions are not known, there is one on each day that ``every`` divides."""
    since, until, *closed = made.CALENDAR
    while count and 1 < day < dates.LAST_DAY:
        step = 1 if count > 0 else -1
        day += step
        known = since <= day <= until
        if (date.fromordinal(day).weekday() < 5 and day not in closed) if known else day % every == 0:
            count -= step
    return day


def plainly(text: str, row: Row, parameters: dict[str, int], on: int, every: int = 1) -> bool:
    """The truth of a text on a filing of which everything is known, evaluated by Python itself."""
    root = _Item(row, "filing")
    names: dict[str, Any] = {name: name for kind in made.LOOSE_WORDS.kinds.values() for name in kind}
    names |= {
        "one": "one",
        "other": "other",
        "true": True,
        "on": on,
        "head": root,
        "things": root.things,
        "people": root.people,
    }  # type: ignore[attr-defined]
    names |= {name: Fraction(parameters[name], 10 ** made.PARAMETERS[name].scale) for name in ("cap", "floor")}
    names |= {"months": parameters["months"], "start": parameters["start"]}
    names["colours"] = made.LOOSE_WORDS.members("colour", parameters["colours"])
    names["reading"] = type("Readings", (), {"way": "one" if row[-1] == 1 else "other"})
    names |= {"literal": _literal, "divided": _divided}
    names |= {
        "sum": sum,
        "count": lambda items: sum(1 for _ in items),
        "any": any,
        "all": all,
        "min": _extreme(min),
        "max": _extreme(max),
    }
    names["add_months"] = lambda day, count: dates.add_months(day, int(count))
    names |= {"period_end": _period_end, "last": _last, "add_trading_days": lambda day, count: _session(day, int(count), every)}
    tree = ast.fix_missing_locations(ast.Expression(_Literals().visit(ast.parse(text, mode="eval").body)))
    return bool(eval(compile(tree, "text", "eval"), names))


@given(made.texts(), made.parameters(), made.days(exact=True), st.sampled_from([1, 9]), st.data())
def test_what_is_proved_holds_in_every_completion(
    text: str, parameters: dict[str, int], on: tuple[int, int], every: int, data: st.DataObject
) -> None:
    row = data.draw(made.filings())
    low, high = Evaluation(row, parameters, on).value(made.tree(text))
    whole = data.draw(made.refined(row, whole=True))
    try:
        truth = plainly(text, whole, parameters, on[0], every)
    except _Undefined:
        assume(False)
    assert truth or not low
    assert high or not truth
    low, high = Evaluation(whole, parameters, on).value(made.tree(text))
    if "add_trading_days" not in text:  # whose calendar ends somewhere
        assert (bool(low), bool(high)) == (truth, truth)
    assert (truth or not low) and (high or not truth)


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


@st.composite
def linear(draw: Any) -> str:
    """A comparison that is linear in each fact, in which facts stand more than once."""
    terms = []
    for _ in range(draw(st.integers(1, 5))):
        factor = draw(st.sampled_from(["", "2 * ", "-3 * ", "head.m * ", "head.u * ", "cap * ", "head.m * head.u * "]))
        terms.append(factor + draw(st.sampled_from(["head.x", "head.y", "head.total", "'0.01元'"])))
    order, right = draw(st.sampled_from(["<", "<=", ">", ">="])), draw(st.sampled_from(["0", "head.y", "head.u * head.total"]))
    return f"{' + '.join(terms)} {order} {right}"


@given(linear(), made.filings(), made.parameters())
def test_a_comparison_that_is_linear_in_each_fact_is_exact(text: str, row: Row, parameters: dict[str, int]) -> None:
    node = made.tree(text)
    slots = [made.LOOSE_WORDS.root.fields[f"head.{name}"].slot for name in ("x", "y", "total", "u", "m")]
    truths = []
    for corner in product((0, 1), repeat=len(slots)):
        at = list(row)
        for slot, end in zip(slots, corner, strict=True):
            at[slot : slot + 2] = [row[slot + end]] * 2
        truths.append(Evaluation(at, parameters).value(node)[0])
    assert Evaluation(row, parameters).value(node) == (all(truths), any(truths))


# A stated total closes the sum again


def filing(things: list[dict[str, Any]], **head: Any) -> Row:
    """A filing by field names; a list of ``things`` that is not declared complete."""
    row = made.WORDS.blank_row("filing")
    for name, value in head.items():
        slot = made.WORDS.root.fields[f"head.{name}"].slot
        row[slot : slot + 2] = value if isinstance(value, tuple) else (value, value)
    items = []
    for thing in things:
        item = made.WORDS.blank_row("thing")
        for name, value in thing.items():
            slot = made.WORDS.entity("thing").fields[name].slot
            item[slot : slot + 2] = value if isinstance(value, tuple) else (value, value)
        items.append(item)
    slot = made.WORDS.root.fields["things"].slot
    row[slot : slot + 2] = [items, 1]
    return [*row, 1, 1]


VALUES = {"cap": 3, "floor": 0, "months": 0, "start": 1, "colours": 1}
SHARE = 100_000_000


@pytest.mark.parametrize(
    ("text", "things", "total", "expected"),
    [
        ("sum(i.a for i in things)", [{"a": 100}], 300, (100, 300)),
        ("sum(i.a for i in things)", [{"a": (100, 150)}], (280, 300), (100, 350)),
        ("sum(i.a for i in things)", [{"a": 400}], 300, (400, 400)),
        ("sum(i.a for i in things if i.f)", [{"a": 100, "f": 0}, {"a": 20, "f": 1}], 300, (20, 200)),
        ("sum(i.a * i.r for i in things)", [{"a": 100, "r": SHARE // 2}], 300, (50 * SHARE, 250 * SHARE)),
        ("sum(i.r * i.a for i in things)", [{"a": 100, "r": (0, SHARE)}], 100, (0, 100 * SHARE)),
        ("sum(2 * i.a for i in things)", [{"a": 100}], 300, (200, 600)),
        (
            "sum(i.a * (1 if i.k == red else 1 - i.r) for i in things)",
            [{"a": 10, "k": (1, 1)}],
            50,
            (10 * SHARE, 50 * SHARE),
        ),
        (
            "sum(i.a * (0 if i.k == red else 2 if i.f else '50%') for i in things)",
            [{"a": 10, "k": (1, 1)}],
            50,
            (0, 800),
        ),
    ],
)
def test_a_stated_total_closes_a_sum(text: str, things: list[dict[str, Any]], total: Any, expected: tuple[int, int]) -> None:
    row = filing(things, total=total)
    node = made.tree(text, made.WORDS)
    assert Evaluation(row, VALUES).value(node) == expected
    rule = Formula(None, (Clause(None, Node("cmp", made.tree("true").type, (node, made.tree("'0元'")), "<")),))
    found = compile_rule(rule, made.SLOTS, exact=False, measures=True)(row, tuple(VALUES.values()), 1, 1)
    assert found[4][0][:2] == expected


@pytest.mark.parametrize(
    "text",
    [
        "sum(i.b for i in things)",  # may be negative, and has no total
        "sum(i.a * i.n for i in things)",  # the factor has no bounds
        "sum(i.a * (i.r - 1) for i in things)",  # the factor may be negative
        "sum(i.a + i.a for i in things)",  # no product
        "sum(i.a * i.a for i in things)",
        "sum(p.w for p in people)",
    ],
)
def test_a_total_closes_nothing_else(text: str) -> None:
    _, high = Evaluation(filing([{"a": 100}], total=300), VALUES).value(made.tree(text, made.WORDS))
    assert high >= 10**40


def test_nothing_is_closed_without_a_stated_total() -> None:
    low, high = Evaluation(filing([{"a": 100}]), VALUES).value(made.tree("sum(i.a for i in things)", made.WORDS))
    assert (low, high >= 10**40) == (100, True)


@given(
    made.filings(made.WORDS),
    made.parameters(),
    st.data(),
    st.sampled_from(["i.a", "i.a * i.r", "i.a * (1 if i.k == red else i.r)"]),
)
def test_no_item_that_the_total_leaves_room_for_escapes(row: Row, parameters: dict[str, int], data: st.DataObject, body: str) -> None:
    node = made.tree(f"sum({body} for i in things{data.draw(st.sampled_from(['', ' if i.f']))})", made.WORDS)
    low, high = Evaluation(row, parameters).value(node)
    whole = data.draw(made.refined(row, made.WORDS, whole=True))
    known, stated = made.WORDS.root.fields["things"].slot, made.WORDS.root.fields["head.total"].slot
    amount = made.WORDS.entity("thing").fields["a"].slot
    listed = sum(item[amount] for item in row[known])
    assume(sum(item[amount] for item in whole[known][len(row[known]) :]) <= max(0, whole[stated] - listed))
    value = Evaluation(whole, parameters).value(node)
    assert low <= value[0] <= value[1] <= high
