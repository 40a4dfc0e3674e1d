"""Put some facts otherwise and decide again: once, along a sweep, or over a grid of up to three sweeps.

Nothing here knows a rule. Which rules a fact bears on is read from their typed trees; the verdict at a point is that of a
check of the filing with these facts; where a sweep along one axis turns a verdict, both sides of the turn are evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from importlib.util import find_spec
from itertools import groupby, product
from math import prod
from typing import Any, NamedTuple

from compliance.engine.assumptions import taken
from compliance.engine.axes import Axis, is_scale
from compliance.engine.decide import ABSENT, Decision
from compliance.engine.figures import shown, unit_of
from compliance.engine.finding import Finding
from compliance.engine.machine import Machine
from compliance.engine.plain import Plain, without_empty
from compliance.engine.record import head
from compliance.engine.remedy import kind_of
from compliance.engine.subject import Put, Subject, subject
from compliance.engine.verdict import GRAVEST, NOT_IN_FORCE, clause_of, reported, verdict_of
from compliance.expressions.formula import NOT_APPLICABLE, OPEN
from compliance.expressions.interpret import Evaluation
from compliance.expressions.parse import Source
from compliance.expressions.tree import Node
from compliance.expressions.types import Scope, typed
from compliance.facts.answers import READING
from compliance.facts.filing import Filing, Row
from compliance.facts.trial import Setting, field_at, spread
from compliance.packs.book import Pack, Rule, reading_names
from compliance.quantities import BEYOND
from compliance.source import Problem
from compliance.vocabulary import UNITS, Field

SCHEMA = "compliance.whatif/1"
MANY = 500  # points from which on they are decided together
_RANKS = (*GRAVEST, NOT_IN_FORCE)


class Following(NamedTuple):
    """A fact that moves along: it is computed by a formula at each point, rounded down to its own unit."""

    path: str
    field: Field
    text: str
    node: Node


def following(pack: Pack, setting: Setting, field: Field) -> Following | Problem:
    """A fact that moves along, or what is wrong with its formula."""
    terms = {tuple(name.split(".")): Source(form["formula"], setting.place) for name, form in pack.plain["terms"].items()}
    measures = {name: named.node for name, named in pack.measures.items() if named.node is not None}
    parameters = {name: parameter.type for name, parameter in pack.parameters.items()}
    scope = Scope(pack.vocabulary, parameters, measures, terms, reading_names(pack.plain["readings"], pack.vocabulary))
    node = typed(Source(setting.text, setting.place), scope, "date" if field.type == "date" else "number")
    if isinstance(node, Problem):
        return node
    if field.numeric and node.type.unit != UNITS[field.type]:
        return Problem(setting.place, "type-units", {"left": setting.path, "right": setting.text})
    return Following(setting.path, field, setting.text, node)


def moves(follows: Iterable[Following], filing: Filing, path: str) -> bool:
    """Whether a fact that moves along is computed from another."""
    field = field_at(filing, spread(filing, path)[0])
    names = {node.value[:2] for follow in follows for node in follow.node.walk() if node.op == "field"}
    return field is not None and (field.entity, field.name) in names


def bears_on(pack: Pack, rule: Rule, filing: Filing, path: str) -> bool:
    """Whether a rule reads a fact or a reading, or is held on the day that it is or takes the law of that day."""
    if path.startswith(READING):
        return ("reading", path.removeprefix(READING)) in set(rule.fields())
    days = {pack.days.get(name) for name in (*rule.law, *rule.held_on)}
    for one in spread(filing, path):
        field = field_at(filing, one)
        if field is not None and ((field.entity, field.name) in set(rule.fields()) or one in days):
            return True
    return False


def state(made: Subject, rule: Rule) -> Plain:
    """A rule's verdict with its measures, as the record writes them; nothing where it is not in force."""
    verdict, decision = verdict_of(made, rule)
    if verdict == NOT_IN_FORCE:
        return {}
    found: Plain = {"verdict": verdict}
    if decision.code != NOT_APPLICABLE:
        Finding(made, rule, decision).measures(found)
    return found


class Grid:
    """The points of a filing: every combination of the values of the axes, each with the facts that move along."""

    def __init__(self, made: Subject, axes: Sequence[Axis], follows: Sequence[Following] = ()) -> None:
        self.made = made
        self.axes = axes
        self.follows = follows
        self.values = made.machine.values(made.as_of)
        # The fields that a point may make vague.
        self.names = [("reading", axis.reading.id) for axis in axes if axis.reading is not None]
        self.names += [(axis.field.entity, axis.field.name) for axis in axes if axis.field is not None and not axis.whole]
        self.names += [(follow.field.entity, follow.field.name) for follow in follows]

    def puts(self, axis: Axis, low: Any, high: Any) -> list[Put]:
        """What to put for one value of an axis."""
        if axis.reading is not None:
            return [(self.made.row, axis.reading.slot, low, high)]
        return [self.put(path, low, high) for path in axis.paths]

    def put(self, path: str, low: Any, high: Any) -> Put:
        """What to put for one value of a fact."""
        found = self.made.filing.cell(path)
        assert found is not None
        row: Row = found[0]
        return row, found[1].slot, low, high

    def at(self, point: Sequence[tuple[Any, Any]], then: Callable[[Subject], Any]) -> Any:
        """What a function gives on the filing at a point."""
        puts = [put for axis, (low, high) in zip(self.axes, point, strict=True) for put in self.puts(axis, low, high)]
        with self.made.put(puts, self.names):
            return self.along(list(self.follows), then)

    def along(self, follows: list[Following], then: Callable[[Subject], Any]) -> Any:
        """What a function gives once the facts that move along stand where they come to, one after the other."""
        if not follows:
            return then(self.made)
        follow, *rest = follows
        low, high = Evaluation(self.made.row, self.values).value(follow.node)
        shift = Fraction(10) ** (follow.field.scale - follow.node.type.scale) if follow.field.numeric else Fraction(1)
        ends = [int(Fraction(end) * shift // 1) for end in (low, high)]
        with self.made.put([self.put(follow.path, *ends)]):
            return self.along(rest, then)

    def points(self) -> Iterator[tuple[tuple[Any, Any], ...]]:
        """Every point, the last axis moving fastest."""
        return product(*([(low, high) for low, high, _ in axis.points] for axis in self.axes))

    def cells(self) -> dict[str, tuple[list[Any], list[Any]]]:
        """What every point puts, fact by fact: the low and the high ends, in the order of the points."""
        found: dict[str, tuple[list[Any], list[Any]]] = {}
        along = [follow.path for follow in self.follows]
        for axis in self.axes:
            found |= {path: ([], []) for path in axis.paths}
        found |= {path: ([], []) for path in along}
        for point in self.points():
            for axis, ends in zip(self.axes, point, strict=True):
                for path in axis.paths:
                    for column, end in zip(found[path], ends, strict=True):
                        column.append(end)
            for path, ends in self.at(point, self.followed) if along else ():
                for column, end in zip(found[path], ends, strict=True):
                    column.append(end)
        return found

    def followed(self, made: Subject) -> list[tuple[str, tuple[Any, Any]]]:
        """Where the facts that move along have come to."""
        cells = [(follow.path, self.put(follow.path, 0, 0)) for follow in self.follows]
        return [(path, (row[slot], row[slot + 1])) for path, (row, slot, _, _) in cells]

    @property
    def size(self) -> int:
        """How many points there are."""
        return prod(len(axis.points) for axis in self.axes)


def verdicts(grid: Grid, rule: Rule) -> Iterator[tuple[str, int | Fraction | None]]:
    """A rule's verdict at every point, and how far it is from its limit (None: it is no comparison, or does not apply).

    Many points are decided together where numpy is installed, with the same verdicts.
    """
    if grid.size >= MANY and find_spec("numpy") is not None:
        yield from together(grid, rule)
        return
    for point in grid.points():
        verdict, decision = grid.at(point, lambda made: verdict_of(made, rule))
        yield verdict, distance(rule, decision)


def together(grid: Grid, rule: Rule) -> Iterator[tuple[str, int | Fraction | None]]:
    """As ``verdicts``, all points at once as columns; only which of the open verdicts a point has is told one by one."""
    from compliance.engine import many

    batch = many.of_scenarios(grid.made, grid.cells())
    found = many.measure(batch, rule)
    for index, point in enumerate(grid.points()):
        code, clauses = int(found.codes[index]), int(found.clauses[index])
        decision = found.other.get(index) or Decision(code, {}, clauses, ())
        if code == ABSENT:
            yield NOT_IN_FORCE, None
            continue
        verdict = grid.at(point, lambda made: verdict_of(made, rule))[0] if code == OPEN else reported(rule, decision, code)
        sides = None if index in found.other or code == NOT_APPLICABLE else found.sides[clause_of(decision)]
        ends = sides.difference.at(index) if sides is not None else None
        yield verdict, distance(rule, decision) if ends is None else away(rule, clause_of(decision), *ends)


def distance(rule: Rule, decision: Decision) -> int | Fraction | None:
    """The least that a measure may be away from its limit, on the allowed side; only to be compared within one clause."""
    clause = clause_of(decision)
    sides = decision.sides[clause] if decision.sides else None
    return away(rule, clause, *sides.difference) if sides is not None else None


def away(rule: Rule, clause: int, low: Any, high: Any) -> int | Fraction | None:
    """The least that a difference of sides may be on the allowed side; None where that end is open, or there is no order."""
    require = rule.formula.clauses[clause].require
    rising = require.value in (">", ">=")
    end = low if rising else high
    if require.op != "cmp" or require.value in ("==", "!=") or end is None or abs(end) >= BEYOND:
        return None
    found: int | Fraction = end if rising else -end
    return found


def turns(grid: Grid, rule: Rule, found: Sequence[str]) -> Iterator[tuple[int, int, str, str]]:
    """Of a sweep along one axis: the neighbouring values between which the verdict turns, with the verdict of both.

    Between two points that differ the turn is found by halving; what else may lie between is found as well where it lies
    behind the turn that is found.
    """
    axis = grid.axes[0]

    def verdict(value: int) -> str:
        return str(grid.at([(value, value)], lambda made: verdict_of(made, rule))[0])

    for index in range(len(found) - 1):
        start, end = axis.points[index][0], axis.points[index + 1][0]
        before = found[index]
        while before != found[index + 1]:
            low, high = start, end
            while high - low > 1:
                middle = (low + high) // 2
                if verdict(middle) == before:
                    low = middle
                else:
                    high = middle
            after = verdict(high)
            yield low, high, before, after
            start, before = high, after


def whatif(
    machine: Machine,
    stands: Filing,
    put: Filing,
    as_of: int,
    settings: Sequence[Setting] = (),
    axes: Sequence[Axis] = (),
    follows: Sequence[Following] = (),
    only: Sequence[str] = (),
) -> Plain:
    """The record of what a filing's verdicts would be: ``put`` is the filing that ``stands`` with the settings in it.

    ``only`` names the rules that are looked at; without it, all that read one of the facts, or one that moves along.
    """
    before, after = subject(machine, stands, as_of), subject(machine, put, as_of)
    grid = Grid(after, axes, follows)
    record = head(machine, stands, as_of, SCHEMA)
    record["set"] = [_setting(machine.pack, stands, setting) for setting in settings]
    record["follows"] = [{"path": one.path, "label": dict(put.label(one.path)), "formula": one.text} for one in follows]
    record["axes"] = [_axis(put, axis) for axis in axes]
    rules = [rule for rule in concerned(machine.pack, stands, settings, axes, follows) if not only or rule.id in only]
    record["rules"] = [_outcome(before, grid, rule, bool(settings)) for rule in rules]
    record["assumptions"] = taken(after, rules)
    plain: Plain = without_empty(record)
    return plain


def concerned(
    pack: Pack, filing: Filing, settings: Iterable[Setting], axes: Iterable[Axis] = (), follows: Iterable[Following] = ()
) -> list[Rule]:
    """The rules that read one of the facts that are put."""
    paths = [one.path for group in (settings, axes, follows) for one in group]
    return [rule for rule in pack.rules if any(bears_on(pack, rule, filing, path) for path in paths)]


def _outcome(before: Subject, grid: Grid, rule: Rule, is_set: bool) -> Plain:
    """What became of one rule."""
    stood = state(before, rule)
    found: Plain = {"rule": rule.id, "title": dict(rule.title), "force": rule.force, "before": stood}
    if is_set:
        found["after"] = state(grid.made, rule)
    seen = {found["after"].get("verdict", NOT_IN_FORCE)} if is_set and not grid.axes else set()
    if grid.axes:
        every = list(verdicts(grid, rule))
        words = [verdict for verdict, _ in every]
        seen |= {*words}
        found["runs"] = [{"verdict": word, "points": len(list(run))} for word, run in groupby(words)]
        if len(grid.axes) == 1 and grid.axes[0].whole:
            found["turns"] = [_turn(grid.axes[0], *turn) for turn in turns(grid, rule, words)]
        found["worst"] = _worst(grid, rule, every)
    found["changed"] = seen != {stood.get("verdict", NOT_IN_FORCE)}
    return found


def _worst(grid: Grid, rule: Rule, every: Sequence[tuple[str, int | Fraction | None]]) -> Plain:
    """The point with the gravest verdict; of several the one closest to its limit or furthest past it, else the first."""

    def rank(number: int) -> tuple[int, bool, int | Fraction]:
        verdict, away = every[number]
        return _RANKS.index(verdict), away is None, away or 0

    worst = min(range(len(every)), key=rank)
    if every[worst][0] == NOT_IN_FORCE:
        return {}
    at = next(point for number, point in enumerate(grid.points()) if number == worst)
    texts = next(texts for number, texts in enumerate(product(*(_texts(axis) for axis in grid.axes))) if number == worst)
    return {"at": list(texts), "state": grid.at(at, lambda made: state(made, rule))}


def _turn(axis: Axis, low: int, high: int, before: str, after: str) -> Plain:
    return {"before": _text(axis, low), "after": _text(axis, high), "from": before, "to": after}


def _text(axis: Axis, value: int) -> str | None:
    assert axis.field is not None
    return shown(value, kind_of(axis.field))


def _texts(axis: Axis) -> list[str]:
    """The values of an axis as the record writes them."""
    whole = axis.whole
    return [_text(axis, low) or text if whole else text for low, _, text in axis.points]


def _axis(filing: Filing, axis: Axis) -> Plain:
    label = dict(axis.reading.text) if axis.reading is not None else dict(filing.label(axis.path.replace("[].", ".")))
    unit = unit_of(kind_of(axis.field)) if axis.field is not None and is_scale(axis.field) else "choice"
    return {"path": axis.path, "label": label, "unit": unit, "points": _texts(axis)}


def _setting(pack: Pack, filing: Filing, setting: Setting) -> Plain:
    facts = [filing.facts[path].text for path in spread(filing, setting.path) if path in filing.facts]
    given = [answer.text for answer in filing.answers.get(setting.path, ())]
    reading = pack.readings.get(setting.path.removeprefix(READING)) if setting.path.startswith(READING) else None
    label = reading.text if reading is not None else filing.label(setting.path.replace("[].", "."))
    given = given or ([reading.default] if reading is not None else [])
    texts = list(dict.fromkeys(facts or given))
    return {"path": setting.path, "label": dict(label), "from": " / ".join(texts), "to": setting.text}
