"""From the whitelisted syntax tree to the typed tree: every name resolved, every unit and scale settled."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn

from compliance import dates
from compliance.expressions.parse import Source, parse
from compliance.expressions.tree import DATE, LOOPS, TRUTH, Node, Type, degree, size
from compliance.expressions.units import bounded, bounds, inverse, negated, product, product_of_bounds, sum_of_bounds
from compliance.quantities import parse as parse_figure
from compliance.source import Problem, Unreadable
from compliance.vocabulary import ROOT, SCALES, UNITS, Field, Text, Vocabulary
from compliance.wording import likely, listed

_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
MAX_SIZE = 5_000  # nodes, with the terms and measures that an expression names written out
MAX_DEGREE = 50  # facts multiplied with each other
FUNCTIONS: Mapping[str, str] = {  # each as it is written
    "sum": "sum(x for i in list if c)",
    "count": "count(i for i in list if c)",
    "min": "min(x for i in list if c), min(a, b)",
    "max": "max(x for i in list if c), max(a, b)",
    "any": "any(t for i in list if c)",
    "all": "all(t for i in list if c)",
    "add_months": "add_months(d, n)",
    "add_trading_days": "add_trading_days(d, n)",
    "period_end": "period_end(d, n)",
    "last": "for i in last(n, list, d)",
}
FILING = Node("root", Type("item", of=ROOT))
_NAMED: Mapping[str, str] = {"kind": "enum", "list": "list", "ref": "ref"}
PERIODS = (1, 2, 3, 4, 6, 12)  # the months of a period that the calendar year divides into
RESERVED = frozenset((*FUNCTIONS, "on", "limit", "reading", "and", "or", "not", "in", "if", "else", "for", "true", "false"))


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of the law as the expressions see it: its options, and its slot in the filing's row."""

    id: str
    options: tuple[str, ...]
    slot: int

    @property
    def kind(self) -> str:
        """The name of its enumeration among the types."""
        return f"reading:{self.id}"


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may name besides the vocabulary."""

    vocabulary: Vocabulary
    parameters: Mapping[str, Type] = field(default_factory=dict)
    measures: Mapping[str, Node] = field(default_factory=dict)
    terms: Mapping[tuple[str, str], Source] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)
    limit: Node | None = None
    calendar: dates.Calendar | None = None
    entity: str = ROOT  # where bare field names are looked up: the filing, or one item of a list


def typed(source: Source, scope: Scope, expect: str | None = None) -> Node | Problem:
    """The typed tree of an expression, or the first thing that is wrong with it.

    ``expect`` is the kind of type that is needed (``truth``, ``number``, ``date``), or None for any of these.
    """
    tree = parse(source)
    if isinstance(tree, Problem):
        return tree
    typer = _Typer(source, scope)
    try:
        row = FILING if scope.entity == ROOT else Node("item", Type("item", of=scope.entity), value=1)
        node = typer.visit(tree, _Names(row, {}, 0 if scope.entity == ROOT else 1))
        if expect is not None and node.type.kind != expect:
            typer.wrong(tree, "type-expected", expected=_KINDS[expect], found=_kind(node.type))
        if expect is None and node.type.kind not in ("truth", "number", "date"):
            typer.wrong(tree, "type-value", found=_kind(node.type))
        if size(node) > MAX_DEGREE and (size(node) > MAX_SIZE or degree(node) > MAX_DEGREE):  # no degree is greater than the size
            typer.wrong(tree, "expression-large", limit=MAX_SIZE)
    except _Mistake as mistake:
        return mistake.problem
    return node


class _Mistake(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class _Names:
    """The names in reach: the row that bare field names belong to, the loop variables, and how deep the loops stand."""

    row: Node
    loops: Mapping[str, Node]
    depth: int


class _Typer:
    """Types one expression. A term's expression is typed in place, on the row it is taken of."""

    def __init__(self, source: Source, scope: Scope, inside: tuple[tuple[str, str], ...] = ()) -> None:
        self.source = source
        self.scope = scope
        self.words = scope.vocabulary
        self.inside = inside

    def wrong(self, node: ast.AST, code: str, **values: object) -> NoReturn:
        """Give up on the expression at ``node``."""
        raise _Mistake(Problem(self.source.at(node), code, values))

    def visit(self, node: ast.expr, names: _Names) -> Node:
        """The typed node of a syntax node."""
        return _VISITS[type(node)](self, node, names)

    # Leaves ------------------------------------------------------------------------------------------------------

    def _constant(self, node: ast.Constant, names: _Names) -> Node:
        value = node.value
        if isinstance(value, bool):
            return Node("const", TRUTH, value=int(value))
        if isinstance(value, int):
            return Node("const", Type("number", least=value, most=value), value=value)
        assert isinstance(value, str)
        return self._literal(node, value)

    def _literal(self, node: ast.AST, text: str) -> Node:
        try:
            day = dates.parse(text)
            if not day.exact:
                self.wrong(node, "literal-unreadable", text=text)
            return Node("const", DATE, value=day.low)
        except Unreadable:
            pass
        kind = "ratio" if text.endswith(("%", "‰")) else "price" if "元/股" in text else "shares" if text.endswith("股") else "money"
        try:
            figure = parse_figure(text, kind, SCALES[kind])  # type: ignore[arg-type]
        except Unreadable:
            self.wrong(node, "literal-unreadable", text=text)
        if not figure.exact:
            self.wrong(node, "literal-unreadable", text=text)
        value, scale = figure.low, SCALES[kind]
        while scale and value % 10 == 0:
            value, scale = value // 10, scale - 1
        return Node("const", Type("number", scale, UNITS[kind], least=value, most=value), value=value)

    def _name(self, node: ast.Name, names: _Names) -> Node:
        found = self._named(node.id, names)
        if found is None:
            own = (field for field in self.words.entity(names.row.type.of).fields if "." not in field)
            terms = (name for entity, name in self.scope.terms if entity == names.row.type.of)
            known = (*names.loops, *own, *terms, *self.words.singles, *self.words.lists, *self.scope.measures, *self.scope.parameters)
            self.wrong(node, "name-unknown", name=node.id, known=likely(node.id, dict.fromkeys(known)))
        return found

    def _named(self, name: str, names: _Names) -> Node | None:
        """What a name stands for; None where it stands for nothing."""
        if name in names.loops:
            return names.loops[name]
        if name in ("true", "false"):
            return Node("const", TRUTH, value=int(name == "true"))
        if name == "on":
            return Node("day", DATE, value="on")
        if name == "limit" and self.scope.limit is not None:
            return self.scope.limit
        found = self._member(names.row, name, names)
        if found is not None:
            return found
        if name in self.scope.measures:
            return self.scope.measures[name]
        if name in self.scope.parameters:
            return Node("param", self.scope.parameters[name], value=name)
        if names.row.op != "root" and name in self.words.root.fields:
            return self._field(FILING, self.words.root.fields[name])
        return None

    def _attribute(self, node: ast.Attribute, names: _Names) -> Node:
        base = node.value
        if isinstance(base, ast.Name) and base.id not in names.loops:
            if base.id == "reading":
                return self._reading(node)
            full = f"{base.id}.{node.attr}"
            if full in self.words.root.fields:
                return self._field(FILING, self.words.root.fields[full])
            if base.id in self.words.singles:
                self._no_field(node, base.id, self.words.entity(self.words.singles[base.id]).fields)
        row = self.visit(base, names)
        if row.type.kind not in ("item", "ref"):
            self.wrong(node, "type-attribute", name=node.attr, found=_kind(row.type))
        found = self._member(row, node.attr, names)
        if found is None:
            terms = (name for entity, name in self.scope.terms if entity == row.type.of)
            self._no_field(node, row.type.of, (*self.words.entity(row.type.of).fields, *terms))
        return found

    def _no_field(self, node: ast.Attribute, entity: str, known: Iterable[str]) -> NoReturn:
        self.wrong(node, "field-unknown", name=node.attr, entity=entity, known=likely(node.attr, known))

    def _reading(self, node: ast.Attribute) -> Node:
        reading = self.scope.readings.get(node.attr)
        if reading is None:
            self.wrong(node, "reading-unknown", name=node.attr, known=likely(node.attr, self.scope.readings))
        return Node("field", Type("enum", of=reading.kind), (FILING,), ("reading", reading.id, reading.slot))

    def _member(self, row: Node, name: str, names: _Names) -> Node | None:
        """A field or a term of the entity that ``row`` is of."""
        entity = self.words.entity(row.type.of)
        if name in entity.fields:
            return self._field(row, entity.fields[name])
        key = (row.type.of, name)
        term = self.scope.terms.get(key)
        if term is None:
            return None
        if key in self.inside:
            self.wrong(ast.Name(name), "term-circular", name=name)
        tree = parse(term)
        if isinstance(tree, Problem):
            raise _Mistake(tree)
        inner = _Typer(term, self.scope, (*self.inside, key))
        return inner.visit(tree, _Names(row, {}, names.depth))

    def _field(self, row: Node, form: Field) -> Node:
        of = self.words.lists[form.of] if form.type == "ref" else form.of
        return Node("field", _type_of(form.type, of, form.scale, form.least, form.most), (row,), (form.entity, form.name, form.slot))

    # Operators ---------------------------------------------------------------------------------------------------

    def _boolop(self, node: ast.BoolOp, names: _Names) -> Node:
        args = tuple(self._truth(value, names) for value in node.values)
        return Node("and" if isinstance(node.op, ast.And) else "or", TRUTH, args)

    def _unaryop(self, node: ast.UnaryOp, names: _Names) -> Node:
        if isinstance(node.op, ast.Not):
            return Node("not", TRUTH, (self._truth(node.operand, names),))
        value = self._number(node.operand, names)
        kind = value.type
        return Node("neg", bounded(kind, negated(kind.most), negated(kind.least)), (value,))

    def _truth(self, node: ast.expr, names: _Names) -> Node:
        value = self.visit(node, names)
        if value.type.kind != "truth":
            self.wrong(node, "type-expected", expected=_KINDS["truth"], found=_kind(value.type))
        return value

    def _number(self, node: ast.expr, names: _Names) -> Node:
        value = self.visit(node, names)
        if value.type.kind != "number":
            self.wrong(node, "type-expected", expected=_KINDS["number"], found=_kind(value.type))
        return value

    def _binop(self, node: ast.BinOp, names: _Names) -> Node:
        left, right = self.visit(node.left, names), self.visit(node.right, names)
        if isinstance(node.op, ast.Sub) and left.type == right.type == DATE:
            days = Type("number", unit=(("day", 1),))
            return Node("add", days, (left, Node("neg", DATE, (right,))))
        for side, value in ((node.left, left), (node.right, right)):
            if value.type.kind != "number":
                self.wrong(side, "type-expected", expected=_KINDS["number"], found=_kind(value.type))
        if isinstance(node.op, (ast.Add, ast.Sub)):
            kind = self._same(node, left, right)
            if isinstance(node.op, ast.Sub):
                right = Node("neg", bounded(right.type, negated(right.type.most), negated(right.type.least)), (right,))
            return Node(
                "add",
                bounded(kind, sum_of_bounds(kind, (left, right), "least"), sum_of_bounds(kind, (left, right), "most")),
                (left, right),
            )
        a, b = left.type, right.type
        if isinstance(node.op, ast.Mult):
            kind = Type("number", a.scale + b.scale, product(a.unit, b.unit), fraction=a.fraction or b.fraction)
            return Node("mul", bounded(kind, *product_of_bounds(a, b)), (left, right))
        # No bounds: a quotient whose divisor is not proved positive is open both ways.
        return Node("div", Type("number", 0, product(a.unit, inverse(b.unit)), fraction=True), (left, right))

    def _same(self, node: ast.expr, left: Node, right: Node) -> Type:
        """The type that two numbers share: one unit, the finer scale. A bare 0 goes with every unit."""
        if left.type.unit != right.type.unit and not (_zero(left) or _zero(right)):
            self.wrong(node, "type-units", left=_kind(left.type), right=_kind(right.type))
        unit = right.type.unit if _zero(left) else left.type.unit
        return Type("number", max(left.type.scale, right.type.scale), unit, fraction=left.type.fraction or right.type.fraction)

    def _compare(self, node: ast.Compare, names: _Names) -> Node:
        parts = []
        left_node = node.left
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            parts.append(self._comparison(node, left_node, op, right_node, names))
            left_node = right_node
        return parts[0] if len(parts) == 1 else Node("and", TRUTH, tuple(parts))

    def _comparison(self, node: ast.expr, left_node: ast.expr, op: ast.cmpop, right_node: ast.expr, names: _Names) -> Node:
        if isinstance(op, (ast.In, ast.NotIn)):
            found = self._membership(left_node, right_node, names)
            return Node("not", TRUTH, (found,)) if isinstance(op, ast.NotIn) else found
        symbol = _COMPARISONS[type(op)]
        left = self._side(left_node, names)
        if left is not None and left.type.kind == "enum":
            return self._equality(node, left, symbol, right_node)
        right = self._side(right_node, names)
        if right is not None and right.type.kind == "enum":
            return self._equality(node, right, symbol, left_node)
        left = self.visit(left_node, names) if left is None else left
        right = self.visit(right_node, names) if right is None else right
        if left.type.kind == right.type.kind == "number":
            self._same(node, left, right)
        elif left.type.kind != right.type.kind or left.type.kind not in ("date", "truth"):
            self.wrong(node, "type-units", left=_kind(left.type), right=_kind(right.type))
        if left.type.kind == "truth":
            if symbol not in ("==", "!="):
                self.wrong(node, "type-order", found=_kind(left.type))
            same = Node(
                "or",
                TRUTH,
                (Node("and", TRUTH, (left, right)), Node("not", TRUTH, (Node("or", TRUTH, (left, right)),))),
            )
            return same if symbol == "==" else Node("not", TRUTH, (same,))
        return Node("cmp", TRUTH, (left, right), symbol)

    def _side(self, node: ast.expr, names: _Names) -> Node | None:
        """A side of a comparison, or None where it is a bare word that only the other side can explain."""
        return self._named(node.id, names) if isinstance(node, ast.Name) else self.visit(node, names)

    def _equality(self, node: ast.expr, value: Node, symbol: str, member: ast.expr) -> Node:
        if symbol not in ("==", "!="):
            self.wrong(node, "type-order", found=_kind(value.type))
        test = Node("in", TRUTH, (value,), self._bits([member], value.type))
        return test if symbol == "==" else Node("not", TRUTH, (test,))

    def _membership(self, left_node: ast.expr, right_node: ast.expr, names: _Names) -> Node:
        left = self.visit(left_node, names)
        if left.type.kind != "enum":
            self.wrong(left_node, "type-expected", expected=_KINDS["kind"], found=_kind(left.type))
        if isinstance(right_node, ast.Set):
            return Node("in", TRUTH, (left,), self._bits(right_node.elts, left.type))
        if isinstance(right_node, ast.Name) and (kind := self.scope.parameters.get(right_node.id)) is not None:
            if kind.kind != "enum" or kind.of != left.type.of:
                self.wrong(right_node, "type-units", left=_kind(left.type), right=_kind(kind))
            return Node("isin", TRUTH, (left, Node("param", kind, value=right_node.id)))
        if isinstance(right_node, ast.Name) and right_node.id not in self._members(left.type):
            self.visit(right_node, names)  # a name that is not known is told as such
        self.wrong(right_node, "type-set")

    def _bits(self, nodes: Sequence[ast.expr], kind: Type) -> int:
        """The bits of the members that are named."""
        members = self._members(kind)
        bits = 0
        for node in nodes:
            name = node.id if isinstance(node, ast.Name) else node.value if isinstance(node, ast.Constant) else None
            if not isinstance(name, str) or name not in members:
                self.wrong(node, "member-unknown", name=ast.unparse(node), kind=kind.of.removeprefix("reading:"), members=listed(members))
            bits |= 1 << members.index(name)
        return bits

    def _members(self, kind: Type) -> tuple[str, ...]:
        """The members of a kind, or the options of a reading."""
        if kind.of.startswith("reading:"):
            return self.scope.readings[kind.of.removeprefix("reading:")].options
        return tuple(self.words.kinds[kind.of])

    def _ifexp(self, node: ast.IfExp, names: _Names) -> Node:
        test = self._truth(node.test, names)
        then, otherwise = self.visit(node.body, names), self.visit(node.orelse, names)
        if then.type.kind == otherwise.type.kind == "number":
            kind = self._same(node, then, otherwise)
            least = bounds(kind, (then, otherwise), "least")
            most = bounds(kind, (then, otherwise), "most")
            kind = bounded(kind, None if None in least else min(least), None if None in most else max(most))
        elif then.type.kind == otherwise.type.kind and then.type.kind in ("date", "truth"):
            kind = then.type
        else:
            self.wrong(node, "type-units", left=_kind(then.type), right=_kind(otherwise.type))
        return Node("if", kind, (test, then, otherwise))

    # Functions and loops -----------------------------------------------------------------------------------------

    def _call(self, node: ast.Call, names: _Names) -> Node:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name not in FUNCTIONS:
            self.wrong(node, "function-unknown", name=name, known=listed(FUNCTIONS))
        if len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp) and name in LOOPS:
            return self._loop(name, node.args[0], names)
        if name == "last":
            self.wrong(node, "last-alone")
        if name in ("add_months", "add_trading_days", "period_end") and len(node.args) == 2:
            return self._moved(name, node.args[0], node.args[1], names)
        if name in ("min", "max") and len(node.args) >= 2:
            return self._extreme(name, node, names)
        self.wrong(node, "function-arguments", name=name, form=FUNCTIONS[name])

    def _moved(self, name: str, day_node: ast.expr, count_node: ast.expr, names: _Names) -> Node:
        """A day moved by months or sessions, or to the end of its period."""
        day = self._date(day_node, names)
        count = self._whole(count_node, names)
        if name == "add_months":
            return Node("months", DATE, (day, count))
        if name == "period_end":
            if count.op != "const" or count.value not in PERIODS:
                self.wrong(count_node, "type-period", known=listed(map(str, PERIODS)))
            return Node("period", DATE, (day,), count.value)
        if self.scope.calendar is None:
            self.wrong(day_node, "calendar-none", name="calendar")
        return Node("session", DATE, (day, count), self.scope.calendar)

    def _date(self, node: ast.expr, names: _Names) -> Node:
        value = self.visit(node, names)
        if value.type != DATE:
            self.wrong(node, "type-expected", expected=_KINDS["date"], found=_kind(value.type))
        return value

    def _whole(self, node: ast.expr, names: _Names) -> Node:
        value = self._number(node, names)
        if value.type.unit or value.type.scale or value.type.fraction:
            self.wrong(node, "type-months")
        return value

    def _extreme(self, name: str, node: ast.Call, names: _Names) -> Node:
        args = [self.visit(arg, names) for arg in node.args]
        kind = args[0].type
        for arg, value in zip(node.args[1:], args[1:], strict=True):
            if kind.kind == value.type.kind == "number":
                left = Node("const", kind) if not _zero(args[0]) else args[0]
                kind = self._same(arg, left, value)
            elif not (kind == value.type == DATE):
                self.wrong(arg, "type-units", left=_kind(kind), right=_kind(value.type))
        if kind.kind == "number":
            pick = max if name == "max" else min
            least, most = bounds(kind, args, "least"), bounds(kind, args, "most")
            # One side's bound is enough on the side that is picked: the greater of several is no less than any of them.
            near, far = (least, most) if name == "max" else (most, least)
            one = pick((bound for bound in near if bound is not None), default=None)
            every = None if None in far else pick(far)
            kind = bounded(kind, *((one, every) if name == "max" else (every, one)))
        return Node("greater" if name == "max" else "lesser", kind, tuple(args))

    def _generatorexp(self, node: ast.GeneratorExp, names: _Names) -> Node:
        self.wrong(node, "expression-refused", what=ast.unparse(node))

    def _set(self, node: ast.Set, names: _Names) -> Node:
        self.wrong(node, "type-set-alone")

    def _loop(self, name: str, loop: ast.GeneratorExp, names: _Names) -> Node:
        generator = loop.generators[0]
        assert isinstance(generator.target, ast.Name)
        variable = generator.target.id
        if variable in RESERVED or variable in names.loops or variable in self.scope.parameters or variable in self.scope.measures:
            self.wrong(generator.target, "loop-name", name=variable)
        source = generator.iter
        wants_last = isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.func.id == "last"
        if wants_last and len(source.args) != 3:  # type: ignore[attr-defined]
            self.wrong(source, "function-arguments", name="last", form=FUNCTIONS["last"])
        items = self.visit(source.args[1] if wants_last else source, names)  # type: ignore[attr-defined]
        if items.type.kind != "list":
            self.wrong(source, "type-expected", expected=_KINDS["list"], found=_kind(items.type))
        depth = names.depth + 1
        item = Node("item", Type("item", of=items.type.of), value=depth)
        inner = _Names(names.row, {**names.loops, variable: item}, depth)
        conditions = [self._truth(test, inner) for test in generator.ifs]
        if wants_last:
            assert isinstance(source, ast.Call)
            conditions = [Node("and", TRUTH, (*self._latest(source, items, item, names), *conditions))]
        body = self.visit(loop.elt, inner)
        kind = self._loop_type(name, loop, body)
        if name == "count":
            # count(x for u in list if c): the body names what is counted and is not evaluated.
            body = Node("const", Type("number", least=1, most=1), value=1)
        found = Node(name, kind, (items, body, *conditions), depth)
        return self._closed(found, item) if name == "sum" else found

    def _latest(self, source: ast.Call, items: Node, item: Node, names: _Names) -> tuple[Node, Node]:
        """Whether an item is among the last so many that had ended on a day: it had, and fewer than so many ended after it."""
        entity = self.words.entity(items.type.of)
        if not entity.ends:
            self.wrong(source.args[1], "last-ends", name=entity.name)
        number, day = self._whole(source.args[0], names), self._date(source.args[2], names)
        other = Node("item", item.type, value=item.value + 1)
        own, its = (self._field(row, entity.fields[entity.ends]) for row in (item, other))
        later = Node("and", TRUTH, (Node("cmp", TRUTH, (its, own), ">"), Node("cmp", TRUTH, (its, day), "<=")))
        one = Node("const", Type("number", least=1, most=1), value=1)
        count = Node("count", Type("number", least=0), (items, one, later), other.value)
        return Node("cmp", TRUTH, (own, day), "<="), Node("cmp", TRUTH, (count, number), "<")

    def _closed(self, total: Node, item: Node) -> Node:
        """The sum, bounded by a stated total where the vocabulary gives one for what is summed.

        That is so for a field that cannot be negative, alone or times factors that lie between 0 and a known bound: items
        that the filing does not name share what the stated total leaves beyond the items that it does.
        """
        items, body, *_ = total.args
        totals = self.words.root.fields[items.value[1]].totals if items.args[0].op == "root" else None
        factors = _factors(body)
        for name, path in (totals or {}).items():
            form, stated = self.words.entity(item.type.of).fields.get(name), self.words.root.fields.get(path)
            if form is None or stated is None:
                continue
            field, sum_of_all = self._field(item, form), self._field(FILING, stated)
            if not field.type.nonnegative or sum_of_all.type.unit != field.type.unit or sum_of_all.type.scale > field.type.scale:
                continue
            others = [factor for factor in factors if factor != field]
            if len(others) != len(factors) - 1 or not all(f.type.nonnegative and f.type.most is not None for f in others):
                continue
            most = 1
            for factor in others:
                most *= factor.type.most or 0
            known = Node("sum", bounded(field.type, 0, None), (items, field), total.value)
            return Node("closed", total.type, (total, sum_of_all, known), most)
        return total

    def _loop_type(self, name: str, loop: ast.GeneratorExp, body: Node) -> Type:
        found = body.type
        if name == "count":
            return Type("number", least=0)
        if name in ("any", "all"):
            if found.kind != "truth":
                self.wrong(loop.elt, "type-expected", expected=_KINDS["truth"], found=_kind(found))
            return TRUTH
        if name == "sum" and found.kind == "number":
            return bounded(found, 0 if found.nonnegative else None, None)
        if name in ("min", "max") and found.kind in ("number", "date"):
            return bounded(found, None, None)
        self.wrong(loop.elt, "type-expected", expected=_KINDS["number"], found=_kind(found))


_VISITS: Mapping[type[ast.expr], Callable[[_Typer, Any, _Names], Node]] = {
    ast.Constant: _Typer._constant,
    ast.Name: _Typer._name,
    ast.Attribute: _Typer._attribute,
    ast.BoolOp: _Typer._boolop,
    ast.UnaryOp: _Typer._unaryop,
    ast.BinOp: _Typer._binop,
    ast.Compare: _Typer._compare,
    ast.IfExp: _Typer._ifexp,
    ast.Call: _Typer._call,
    ast.GeneratorExp: _Typer._generatorexp,
    ast.Set: _Typer._set,
}


@lru_cache(maxsize=4_096)
def _type_of(kind: str, of: str, scale: int, least: int | None, most: int | None) -> Type:
    """What a field yields; ``of`` is the kind, or the entity of a list or of what is referred to."""
    if kind in SCALES:
        return Type("number", scale, UNITS[kind], least=least, most=most)
    if kind in ("date", "flag"):
        return DATE if kind == "date" else TRUTH
    if kind in _NAMED:
        return Type(_NAMED[kind], of=of)
    return Type("text")


def _factors(node: Node) -> tuple[Node, ...]:
    return (*_factors(node.args[0]), *_factors(node.args[1])) if node.op == "mul" else (node,)


def _zero(node: Node) -> bool:
    return node.op == "const" and node.value == 0 and node.type.kind == "number" and not node.type.unit


_KINDS: Mapping[str, Text] = {
    "number": {"zh": "数", "en": "a number"},
    "plain": {"zh": "没有单位的数", "en": "a plain number"},
    "date": {"zh": "日期", "en": "a date"},
    "truth": {"zh": "真假（成立与否）", "en": "a truth (holds or not)"},
    "kind": {"zh": "类别", "en": "a kind"},
    "item": {"zh": "一项", "en": "an item"},
    "ref": {"zh": "所指的一项", "en": "an item referred to"},
    "list": {"zh": "列表", "en": "a list"},
    "text": {"zh": "文字", "en": "a text"},
    "day": {"zh": "天数", "en": "a number of days"},
    "money": {"zh": "金额（元）", "en": "money (CNY)"},
    "shares": {"zh": "股数", "en": "shares"},
    "price": {"zh": "价格（元/股）", "en": "a price (CNY per share)"},
}
_QUANTITIES = {**{UNITS[name]: name for name in ("money", "shares", "price")}, (("day", 1),): "day", (): "plain"}


def _kind(kind: Type) -> Text:
    """A type as a reader of the mistake sees it."""
    if kind.kind == "number":
        powers = "×".join(name if power == 1 else f"{name}^{power}" for name, power in kind.unit)
        return _KINDS[_QUANTITIES[kind.unit]] if kind.unit in _QUANTITIES else {"zh": powers, "en": powers}
    of = kind.of.removeprefix("reading:")
    return {lang: f"{name} {of}".strip() for lang, name in _KINDS["kind" if kind.kind == "enum" else kind.kind].items()}
