"""How a verdict came about: the facts that were read, the working with the numbers in it, and what an open one needs."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any, NamedTuple

from compliance import dates
from compliance.engine.decide import DECIDED, VERDICTS, decide_with
from compliance.engine.subject import ALWAYS, Put, Subject
from compliance.expressions.interpret import Range
from compliance.expressions.interpret import Row as Cells
from compliance.expressions.steps import Stepping
from compliance.expressions.tree import LOOPS, Node, Type
from compliance.facts.answers import READING
from compliance.facts.filing import Row
from compliance.packs.book import Rule
from compliance.quantities import SHOWN_AS_OPEN, cut_ratio, decimal
from compliance.vocabulary import Field

UNIT_NAMES = {(("CNY", 1),): "CNY", (("share", 1),): "shares", (("CNY", 1), ("share", -1)): "CNY/share", (("day", 1),): "days"}
MAX_PARTS = 60  # items listed one by one in a line of working
_DAYS = {"months": "add_months", "period": "period_end", "session": "add_trading_days"}


class Need(NamedTuple):
    """A fact that keeps a verdict open, who has it, and the verdicts that it alone could give."""

    path: str
    field: Field | None  # None: a reading of the law
    decides: tuple[str, ...]


class Trace:
    """A rule step by step on one of its days, on the facts as they stand when it is asked."""

    def __init__(self, made: Subject, rule: Rule, day: str) -> None:
        self.made = made
        self.rule = rule
        self._on = (made.day(day) if day else None) or ALWAYS
        self._day = made.law_day(rule)[1][0]

    @property
    def evaluation(self) -> Stepping:
        """The evaluation that the working, the facts and the needs of a finding are read from."""
        return self.made.stepping(self._day, self._on)

    def value(self, node: Node, items: tuple[Cells, ...] = ()) -> Range:
        """The range of a node."""
        return self.evaluation.value(node, items)

    def paths(self) -> list[str]:
        """The paths of the facts read that the filing states, in the order of the filing's paths."""
        cells = self.evaluation.cells(self.rule.formula.nodes())
        return self.made.stated(cells)


def needs(evaluation: Trace, left: Container[str] = ()) -> list[Need]:
    """The absent or vague facts that keep the rule open on a day, those first that could settle it, without those ``left`` out."""
    found: dict[str, Need] = {}
    made, rule = evaluation.made, evaluation.rule
    readings = {reading.slot: reading for reading in made.machine.pack.readings.values()}
    for node in _deciding(evaluation):
        for row, slot in list(evaluation.evaluation.blame(node)):  # before anything is put
            reading = readings.get(slot) if row is made.row else None
            path = READING + reading.id if reading is not None else made.filing.path_of(row, slot)
            if not path or path in found or path in left:
                continue
            if reading is not None:
                bits = [reading.bit(option) for option in reading.options]
                found[path] = Need(path, None, tried(made, rule, [[(row, slot, bit, bit)] for bit in bits]))
                continue
            cell = made.filing.cell(path)
            if cell is not None:
                found[path] = Need(path, cell[1], decides(made, rule, cell[0], cell[1]))
    return sorted(found.values(), key=lambda need: (-len(need.decides), made.filing.rank(need.path)))


def _deciding(evaluation: Trace) -> Iterator[Node]:
    """What the verdict may hang on: of an exception that does not hold its condition alone, and of the base nothing where one does."""
    formula = evaluation.rule.formula
    if formula.applies is not None:
        yield formula.applies
    whens = [clause.when for clause in formula.clauses if clause.when is not None]
    yield from whens
    holds = any(evaluation.value(when)[0] for when in whens)
    for clause in formula.clauses:
        if not holds if clause.when is None else evaluation.value(clause.when)[1]:
            yield clause.require


def decides(made: Subject, rule: Rule, row: Row, part: Field) -> tuple[str, ...]:
    """The verdicts that a fact alone could give, tried at its ends (a list: as complete)."""
    low, high = row[part.slot], row[part.slot + 1]
    puts: list[list[Put]]
    if part.type == "list":
        puts = [[(row, part.slot, low, 0)]]
    elif part.type == "kind":
        puts = [[(row, part.slot, 1 << i, 1 << i)] for i in range(high.bit_length()) if high >> i & 1]
    elif part.type == "ref":
        puts = []
    else:
        puts = [[(row, part.slot, low, low)], [(row, part.slot, high, high)]]
    return tried(made, rule, puts)


def tried(made: Subject, rule: Rule, choices: Iterable[list[Put]]) -> tuple[str, ...]:
    """The verdicts that some of the choices give, in the order pass, fail, not applicable."""
    found = set()
    for puts in choices:
        code = decide_with(made, rule, puts)
        if code in DECIDED:
            found.add(VERDICTS[code])
    return tuple(verdict for verdict in ("pass", "fail", "not_applicable") if verdict in found)


# Figures as the record writes them


def unit_of(kind: Type) -> str:
    """The name of a number's or day's unit."""
    if kind.kind == "date":
        return "date"
    name = UNIT_NAMES.get(kind.unit)
    return name or (
        "ratio"
        if not kind.unit and (kind.scale or kind.fraction)
        else "count"
        if not kind.unit
        else "×".join(f"{u}^{p}" for u, p in kind.unit)
    )


def shown(value: Any, kind: Type, upwards: bool = False) -> str | None:
    """One end of a range: an exact decimal at its unit (ratios with twelve digits cut to the safe side); None where open."""
    if kind.kind == "date":
        return dates.iso(value) or None
    if abs(value) >= SHOWN_AS_OPEN:
        return None
    unit = unit_of(kind)
    if unit == "ratio" or not isinstance(value, int):
        return cut_ratio(value.numerator, value.denominator * 10**kind.scale, upwards)
    whole, scale = value, kind.scale
    keep = 2 if unit == "CNY" else 0
    while scale > keep and whole % 10 == 0:
        whole, scale = whole // 10, scale - 1
    if scale > 12:
        cut = 10 ** (scale - 12)
        whole, scale = (-(-whole // cut) if upwards else whole // cut), 12
    return decimal(whole, scale, keep if scale <= keep else None)


def span(low: Any, high: Any, kind: Type) -> dict[str, str]:
    """A range as the record writes it; an open end is left out."""
    found = {"low": shown(low, kind), "high": shown(high, kind, upwards=True)}
    return {**{end: text for end, text in found.items() if text is not None}, "unit": unit_of(kind)}


def text_of(low: Any, high: Any, kind: Type) -> str:
    """A range in a line of working."""
    if kind.kind == "truth":
        return "?" if bool(low) != bool(high) else ("true" if low else "false")
    a, b = shown(low, kind), shown(high, kind, upwards=True)
    return (a or "…") if low == high else f"{a or '…'}..{b or '…'}"


# The working


def working(evaluation: Trace, clause: int) -> list[str]:
    """The working of one clause, a line for each step: what was added up, compared, and how it came out."""
    require = evaluation.rule.formula.clauses[clause].require
    lines: list[str] = []
    for part in _comparisons(require):
        if part.op == "cmp":
            for side in part.args:
                lines += _steps(evaluation, side)
            left, right = part.args
            low, high = evaluation.value(part)
            texts = [text_of(*evaluation.value(side), side.type) for side in (left, right)]
            lines.append(f"{texts[0]} {part.value} {texts[1]}: {text_of(low, high, part.type)}")
        else:
            lines += _loop_lines(evaluation, part, part.op)
    return list(dict.fromkeys(lines))


def _comparisons(node: Node) -> Iterator[Node]:
    """The comparisons and loops over items that a truth is made of."""
    if node.op in ("cmp", "any", "all"):
        yield node
    elif node.op in ("and", "or", "not", "if"):
        for arg in node.args:
            yield from _comparisons(arg)


def _steps(evaluation: Trace, node: Node) -> list[str]:
    """The steps that lead to a number: loops item by item, then the number itself with what it is made of."""
    lines = []
    named = evaluation.made.machine.measure_name
    for part in _outermost(node):
        lines += _loop_lines(evaluation, part, named(part) or part.op)
    value = text_of(*evaluation.value(node), node.type)
    name = named(node)
    if name is not None and node.op not in LOOPS:
        lines.append(f"{name} = {_formula(evaluation, node)} = {value}")
    elif node.op in ("add", "mul", "div", "neg", "greater", "lesser", *_DAYS):
        lines.append(f"{_formula(evaluation, node)} = {value}")
    return lines


def _outermost(node: Node) -> Iterator[Node]:
    """The loops in a number that stand in no other loop."""
    if node.op in LOOPS:
        yield node
    else:
        for arg in node.args:
            yield from _outermost(arg)


def _formula(evaluation: Trace, node: Node) -> str:
    """A number as its parts, each with its value."""
    signs = {"add": " + ", "mul": " × ", "div": " ÷ "}
    if node.op in signs:
        return signs[node.op].join(_part(evaluation, arg) for arg in node.args)
    if node.op == "neg":
        return "-" + _part(evaluation, node.args[0])
    if node.op in ("greater", "lesser"):
        word = "max" if node.op == "greater" else "min"
        return f"{word}({', '.join(_part(evaluation, arg) for arg in node.args)})"
    if node.op in _DAYS:
        more = (str(node.value),) if node.op == "period" else ()
        return f"{_DAYS[node.op]}({', '.join((*(_part(evaluation, arg) for arg in node.args), *more))})"
    return text_of(*evaluation.value(node), node.type)


def _part(evaluation: Trace, node: Node) -> str:
    if node.op == "neg":
        return f"(-{_part(evaluation, node.args[0])})"
    value = text_of(*evaluation.value(node), node.type)
    if node.op == "param":
        return f"{node.value} {_percent(value, node.type)}"
    if node.op == "field" and node.args[0].op == "root":
        return f"{node.value[1]} {value}"
    return value


def _percent(value: str, kind: Type) -> str:
    """A ratio of the law as a percentage, exactly."""
    if kind.kind != "number" or unit_of(kind) != "ratio":
        return value
    digits = value.replace(".", "")
    whole, fraction = digits[:-10].lstrip("0") or "0", digits[-10:].rstrip("0")
    return f"{whole}{'.' + fraction if fraction else ''}%"


def _loop_lines(evaluation: Trace, node: Node, name: str) -> list[str]:
    """A loop item by item: what each adds, and the result."""
    parts = []
    total = 0
    filing = evaluation.made.filing
    for inner, sure in evaluation.evaluation.members(node, ()):
        value = evaluation.value(node.args[1], inner)
        if node.op in ("sum", "count") and value == (0, 0):
            continue
        total += 1
        if total <= MAX_PARTS:
            maybe = "" if sure else " (?)"
            parts.append(f"{filing.item_of(inner[-1])} {text_of(*value, node.args[1].type)}{maybe}".strip())
    low, high = evaluation.value(node)
    joined = (" + " if node.op == "sum" else ", ").join(parts) or "-"
    if total > MAX_PARTS:
        joined += f" … ({total})"
    rest = " + …" if evaluation.evaluation.unlisted(node, ()) else ""
    return [f"{name} = {node.op}({joined}{rest}) = {text_of(low, high, node.type)}"]
