"""Mutants of a pack: the pack with one thing changed, as a slip of the pen would change it.

They are made of the checked pack and its typed trees, never of text. A comparison that stands in several clauses of a rule
because they share its requirement is one comparison, and changes in all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from compliance import dates
from compliance.expressions.formula import Clause, Formula
from compliance.expressions.tree import Node
from compliance.packs.book import Pack, Parameter, Rule, Value
from compliance.proving.context import members_that_matter
from compliance.quantities import decimal

OTHER: Mapping[str, str] = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
_STEP: Mapping[str, int] = {"ratio": 1_000_000, "money": 1, "shares": 1, "price": 1, "count": 1, "date": 1}
WAN = 10_000
_MARKS: Mapping[str, str] = {"add": " + ", "mul": " * ", "div": " / ", "and": " and ", "or": " or "}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed pack: an ``id`` that stays while the pack says the same, the kind of change, and the rules that read it."""

    id: str
    kind: str
    place: str
    rules: tuple[str, ...]
    pack: Pack = field(repr=False)
    about: tuple[tuple[str, str], ...] = ()  # the entities and fields that stand in what was changed


def mutants(pack: Pack) -> Iterator[Mutant]:
    """Every mutant of a pack; the pack has to be loaded ``fine`` (see ``packs.loading.load``).

    None is made that is seen to be the same in effect: a day moved on which no rule is in force that reads it, and a member
    of a kind to which the rule does not apply in the first place.
    """
    yield from _of_parameters(pack)
    yield from _of_readings(pack)
    for rule in pack.rules:
        yield from _of_rule(pack, rule)


# Parameters and readings


def _of_parameters(pack: Pack) -> Iterator[Mutant]:
    for parameter in pack.parameters.values():
        readers = tuple(rule.id for rule in pack.rules if parameter.name in rule.parameters())
        if not readers:
            continue
        for index, value in enumerate(parameter.values):
            for kind, said, held in _other_values(pack, parameter, value):
                changed = _with_value(parameter, index, value._replace(value=held))
                yield _mutant(
                    pack, parameter, f"{dates.iso(value.start)}: {_shown(pack, parameter, value)} -> {said}", kind, readers, changed
                )
        for day in sorted({day for value in parameter.values for day in (value.start, value.end)}):
            if dates.FIRST_DAY < day < dates.LAST_DAY:
                for by in (-1, 1):
                    changed = parameter._replace(values=tuple(_moved(value, day, by) for value in parameter.values))
                    made = _mutant(pack, parameter, f"{dates.iso(day)} -> {dates.iso(day + by)}", "date", readers, changed)
                    if _matters(pack, made, day + min(by, 0)):
                        yield made


def _mutant(pack: Pack, old: Parameter, said: str, kind: str, readers: tuple[str, ...], new: Parameter) -> Mutant:
    changed = pack._replace(parameters={**pack.parameters, old.name: new})
    return Mutant(f"{old.name} {said}", kind, f"parameters.{old.name}", readers, changed)


def _shown(pack: Pack, parameter: Parameter, value: Value) -> str:
    """A value as one would write it, whatever the language."""
    if parameter.type.kind != "enum":
        return value.shown
    return f"{{{', '.join(pack.vocabulary.members(parameter.quantity, value.value))}}}"


def _other_values(pack: Pack, parameter: Parameter, value: Value) -> Iterator[tuple[str, str, int]]:
    """Kind of change, what is said of it, and the value: one unit more and less, another unit, a member more and less."""
    quantity = parameter.quantity
    if parameter.type.kind == "enum":
        matter = _members_that_matter(pack, parameter)
        for member in pack.vocabulary.kinds[quantity]:
            bit = pack.vocabulary.bit(quantity, member)
            if matter & bit:
                yield "member", f"{'less' if value.value & bit else 'more'} {member}", value.value ^ bit
        return
    for by in (_STEP[quantity], -_STEP[quantity]):
        held = value.value + by
        if held >= 0 or value.value < 0:
            yield "value", _figure(held, quantity, parameter.type.scale), held
    if quantity == "money" and value.value:
        yield "unit", f"{value.shown} / {WAN}", value.value // WAN


def _figure(held: int, quantity: str, scale: int) -> str:
    """A day, or a figure; a ratio as packs write it."""
    if quantity == "date":
        return dates.iso(held)
    return decimal(held * 100, scale) + "%" if quantity == "ratio" else decimal(held, scale)


def _members_that_matter(pack: Pack, parameter: Parameter) -> int:
    """The members that can matter, in a parameter that is a set of them, to any rule that asks for it."""
    bits = 0
    for rule in pack.rules:
        if parameter.name in rule.parameters():
            for test, reach in members_that_matter(rule.formula).items():
                if test.op == "isin" and test.args[1].value == parameter.name:
                    bits |= reach
    return bits


def _with_value(parameter: Parameter, index: int, value: Value) -> Parameter:
    return parameter._replace(values=(*parameter.values[:index], value, *parameter.values[index + 1 :]))


def _moved(value: Value, day: int, by: int) -> Value:
    return value._replace(start=value.start + by * (value.start == day), end=value.end + by * (value.end == day))


def _of_readings(pack: Pack) -> Iterator[Mutant]:
    for reading in pack.readings.values():
        readers = tuple(rule.id for rule in pack.rules if ("reading", reading.id) in set(rule.fields()))
        for option in (*reading.options, "both"):
            if readers and option != reading.default:
                changed = {**pack.readings, reading.id: reading._replace(default=option)}
                said = f"{reading.id}: {reading.default} -> {option}"
                yield Mutant(f"reading {said}", "reading", f"readings.{reading.id}", readers, pack._replace(readings=changed))


# Rules


def _of_rule(pack: Pack, rule: Rule) -> Iterator[Mutant]:
    def mutant(said: str, kind: str, changed: Rule, about: tuple[tuple[str, str], ...] = ()) -> Mutant:
        rules = tuple(changed if one.id == rule.id else one for one in pack.rules)
        return Mutant(f"{rule.id}: {said}", kind, rule.place, (rule.id,), pack._replace(rules=rules), about)

    for name in ("start", "end"):
        day = getattr(rule, name)
        for by in (-1, 1):
            if day < dates.LAST_DAY:
                changed = rule._replace(start=day + by) if name == "start" else rule._replace(end=day + by)
                made = mutant(f"{dates.iso(day)} -> {dates.iso(day + by)}", "date", changed)
                if _matters(pack, made, day + min(by, 0)):
                    yield made
    for index, exempt in enumerate(rule.exceptions):
        clauses = rule.formula.clauses[: index + 1] + rule.formula.clauses[index + 2 :]
        changed = rule._replace(
            formula=Formula(rule.formula.applies, clauses), exceptions=rule.exceptions[:index] + rule.exceptions[index + 1 :]
        )
        yield mutant(f"without {exempt.id}", "exception", changed)
    seen: dict[Node, None] = {}
    for top in rule.formula.nodes():
        seen |= dict.fromkeys(top.walk())
    said_before: dict[str, int] = {}
    matter = members_that_matter(rule.formula)
    for node in seen:
        about = tuple(dict.fromkeys(part.value[:2] for part in node.walk() if part.op == "field" and part.type.kind != "list"))
        for kind, other in _other_nodes(pack, node, matter):
            said = f"{text_of(pack, node)} -> {text_of(pack, other)}"
            said_before[said] = count = said_before.get(said, 0) + 1
            formula = _replaced(rule.formula, node, other)
            yield mutant(said if count == 1 else f"{said} ({count})", kind, rule._replace(formula=formula), about)


def _matters(pack: Pack, mutant: Mutant, day: int) -> bool:
    """Whether the law of a day differs in a mutant, for any rule that reads what was changed."""
    return any(_law(pack, name, day) != _law(mutant.pack, name, day) for name in mutant.rules)


def _law(pack: Pack, name: str, day: int) -> list[int] | None:
    """The values that a rule reads on a day; None where it is not in force."""
    rule = pack.rule(name)
    values = [pack.parameters[parameter].on(day) for parameter in sorted(rule.parameters())]
    if not rule.start <= day < rule.end or any(pack.parameters[parameter].on(day) is None for parameter in rule.standing()):
        return None
    return [value.value if value is not None else 0 for value in values]


def _other_nodes(pack: Pack, node: Node, matter: Mapping[Node, int]) -> Iterator[tuple[str, Node]]:
    """What a node is changed into."""
    if node.op == "cmp":
        yield "comparison", replace(node, value=OTHER[node.value])
        for index, side in enumerate(node.args):
            for other in _other_constants(side):
                yield "value", replace(node, args=(*node.args[:index], other, *node.args[index + 1 :]))
    elif node.op == "in":
        for index in range(len(_members(pack, node.args[0].type.of))):
            if matter[node] >> index & 1:
                yield "member", replace(node, value=node.value ^ 1 << index)


def _other_constants(side: Node) -> Iterator[Node]:
    """A side of a comparison with the figure written in it a unit more and less."""
    if side.op == "const" and side.type.kind in ("number", "date"):
        for by in (1, -1):
            value = side.value + by
            kind = side.type._replace(least=value, most=value) if side.type.kind == "number" else side.type
            yield replace(side, value=value, type=kind)
    elif side.op == "mul":
        for index, factor in enumerate(side.args):
            for other in _other_constants(factor):
                yield replace(side, args=(*side.args[:index], other, *side.args[index + 1 :]))


def _replaced(formula: Formula, old: Node, new: Node) -> Formula:
    """A formula with a node changed wherever it stands."""
    done: dict[Node, Node] = {}

    def put(node: Node) -> Node:
        if node == old:
            return new
        found = done.get(node)
        if found is None:
            args = tuple(put(arg) for arg in node.args)
            found = node if all(a is b for a, b in zip(args, node.args, strict=True)) else replace(node, args=args)
            done[node] = found
        return found

    clauses = tuple(Clause(put(clause.when) if clause.when is not None else None, put(clause.require)) for clause in formula.clauses)
    return Formula(put(formula.applies) if formula.applies is not None else None, clauses)


# Nodes in words


def _members(pack: Pack, kind: str) -> tuple[str, ...]:
    if kind.startswith("reading:"):
        return tuple(pack.readings[kind.removeprefix("reading:")].options)
    return tuple(pack.vocabulary.kinds[kind])


def text_of(pack: Pack, node: Node) -> str:
    """A node as one would write it: enough to find it by, and the same as long as the formula is."""
    inner: Callable[[Node], str] = lambda part: text_of(pack, part)  # noqa: E731
    args = node.args
    if node.op == "field":
        owner, name = node.value[0], node.value[1]
        return f"reading.{name}" if owner == "reading" else name if owner == "filing" else f"{owner}.{name}"
    if node.op == "const":
        if node.type.kind == "date":
            return dates.iso(node.value)
        return decimal(node.value, node.type.scale) if node.type.kind == "number" else str(bool(node.value)).lower()
    if node.op in ("param", "day"):
        return str(node.value)
    if node.op == "in":
        members = [name for index, name in enumerate(_members(pack, args[0].type.of)) if node.value >> index & 1]
        return f"{inner(args[0])} in {{{', '.join(members)}}}"
    if node.op == "cmp":
        return f"{inner(args[0])} {node.value} {inner(args[1])}"
    if node.op in _MARKS:
        return f"({_MARKS[node.op].join(map(inner, args))})"
    if node.op == "root":
        return "filing"
    return f"{node.op}({', '.join(inner(arg) for arg in args if arg.op not in ('item', 'root'))})"
