"""The days of a filing: every window that a rule counts, each dated rule as a step function of the day, what runs out when.

Nothing here knows a rule: windows and comparisons of days are read from the typed trees. Where the tree shows that every
comparison moves one way with the day, a rule is evaluated on the days on which one of them turns, and stands still between
them; else on every day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise, product
from typing import Any, NamedTuple

from compliance import dates
from compliance.engine.assumptions import taken
from compliance.engine.machine import Machine
from compliance.engine.phrases import day_name
from compliance.engine.plain import Plain, without_empty
from compliance.engine.record import head
from compliance.engine.subject import Put, Subject, subject
from compliance.engine.verdict import NOT_IN_FORCE, verdict_of
from compliance.expressions.interpret import Evaluation, Remembering, Row
from compliance.expressions.monotone import DOWN, direction
from compliance.expressions.tree import DATE, LOOPS, TRUTH, Node, free_items
from compliance.facts.filing import Filing
from compliance.packs.book import AS_OF, Pack, Rule
from compliance.vocabulary import ROOT, Field
from compliance.wording import LANGUAGES

SCHEMA = "compliance.timeline/1"
MONTHS_BACK, MONTHS_AHEAD = 12, 36  # how far around the filing's days the timeline goes unless told
MAX_DAYS = 60 * 366  # the longest stretch
DAY = ("", "on")  # the name under which the day that moves stands in a tree
COUNTED = {"months": "months", "session": "sessions"}  # nodes that count a window from a day, and in what
Items = tuple[Row, ...]


class Moving(NamedTuple):
    """A day that is moved: of the check, or one that the filing states exactly (then its field)."""

    name: str
    field: Field | None


@dataclass(slots=True)
class Course:
    """One rule as the day moves: the first day of each stretch with its verdict, and what turns on which day."""

    rule: Rule
    moving: Moving
    proof: str
    steps: list[tuple[int, str]]
    turns: dict[int, set[str]] = field(default_factory=dict)
    dated: bool = False


class Visit(NamedTuple):
    """A node of a rule in the rows that the loops around it stand on; ``sign``: how the rule's truth moves with its own."""

    node: Node
    items: Items
    sign: int


@dataclass(frozen=True, slots=True)
class Visits:
    """The way through a tree of one filing: to the nodes that ``matters`` says hold something of interest.

    What conditions rule out that are ``fixed`` is left aside; without ``inside``, also what is compared further down.
    """

    evaluation: Evaluation
    matters: Callable[[Node], bool]
    fixed: Callable[[Node], bool]
    inside: bool = True
    seen: set[tuple[Any, ...]] = field(default_factory=set)

    def of(self, node: Node, items: Items = (), sign: int = 0) -> Iterator[Visit]:
        """Every node of a tree in every row that it stands on; once for the rows of the loops around it that it refers to."""
        key = node, sign, *[id(items[number - 1]) for number in free_items(node)]
        if not self.matters(node) or key in self.seen:
            return
        self.seen.add(key)
        yield Visit(node, items, sign)
        if node.op == "cmp" and not self.inside:
            return
        below = self.loop if node.op in LOOPS else self.choice if node.op == "if" else self.parts
        yield from below(node, items, sign)

    def loop(self, node: Node, items: Items, sign: int) -> Iterator[Visit]:
        """What stands in a loop, for each of its items that may count."""
        source, body, *conditions = node.args
        yield from self.of(source, items)
        below = sign if node.op in ("any", "all") else 0
        for row in self.evaluation.value(source, items)[0]:
            inner = (*items[: node.value - 1], row)
            for condition in conditions:
                yield from self.of(condition, inner, below if node.op == "any" else -below)
            if all(not self.fixed(condition) or self.evaluation.value(condition, inner)[1] for condition in conditions):
                yield from self.of(body, inner, below)

    def choice(self, node: Node, items: Items, sign: int) -> Iterator[Visit]:
        """What a choice is made by, and what may be chosen."""
        test, then, otherwise = node.args
        sure, possible = self.evaluation.value(test, items) if self.fixed(test) else (False, True)
        yield from self.of(test, items)
        yield from self.of(then, items, sign) if possible else ()
        yield from self.of(otherwise, items, sign) if not sure else ()

    def parts(self, node: Node, items: Items, sign: int) -> Iterator[Visit]:
        """The parts of a node, up to one after which the rest does not count."""
        below = {"and": sign, "or": sign, "not": -sign}.get(node.op, 0)
        for arg in node.args:
            yield from self.of(arg, items, below)
            if node.op in ("and", "or") and self.fixed(arg):
                sure, possible = self.evaluation.value(arg, items)
                if (node.op == "and" and not possible) or (node.op == "or" and sure):
                    return


@lru_cache(maxsize=100_000)
def put_day(node: Node, name: tuple[str, str]) -> Node:
    """A tree in which the day that a window is held on is a field of that name, so that one can ask how it moves."""
    if node.op == "day":
        return Node("field", DATE, (Node("root", DATE),), (*name, 0))
    args = tuple(put_day(arg, name) for arg in node.args)
    return node if args == node.args else replace(node, args=args)


@lru_cache(maxsize=100_000)
def reads(node: Node, name: tuple[str, str], day: bool) -> bool:
    """Whether a tree reads the day that moves: as the day a window is held on (``day``), or as a fact."""
    return any((part.op == "day" and day) or (part.op == "field" and part.value[:2] == name) for part in node.walk())


@lru_cache(maxsize=100_000)
def counts(node: Node) -> bool:
    """Whether a window is counted somewhere in a tree."""
    return any(part.op in COUNTED for part in node.walk())


@lru_cache(maxsize=100_000)
def direct(node: Node, name: tuple[str, str], day: bool) -> bool:
    """As ``reads``, but not through another comparison: where only those read it, the node turns when they do."""
    if (node.op == "day" and day) or (node.op == "field" and node.value[:2] == name):
        return True
    return any(arg.op != "cmp" and direct(arg, name, day) for arg in node.args)


@lru_cache(maxsize=100_000)
def depth(node: Node, name: tuple[str, str], day: bool) -> int:
    """How deep comparisons that read the day that moves stand in each other below a node."""
    below = [depth(arg, name, day) + (arg.op == "cmp" and reads(arg, name, day)) for arg in node.args]
    return max(below, default=0)


@lru_cache(maxsize=100_000)
def way_of(node: Node, name: tuple[str, str], day: bool) -> int | None:
    """Which way a comparison moves with the day, while those inside it stand still."""
    args = tuple(_still(arg, name, day) for arg in node.args)
    return direction(put_day(replace(node, args=args), name) if day else replace(node, args=args), name)


def _halves(node: Node) -> tuple[Node, ...]:
    """A comparison, or the two that one for equality is made of: it turns where either does, and each moves one way."""
    if node.value not in ("==", "!=") or node.args[0].type.kind not in ("number", "date"):
        return (node,)
    return replace(node, value="<="), replace(node, value=">=")


def _still(node: Node, name: tuple[str, str], day: bool) -> Node:
    """A tree whose comparisons of the day that moves have become words that do not move."""
    if node.op == "cmp" and reads(node, name, day):
        return Node("const", TRUTH, value=0)
    return replace(node, args=tuple(_still(arg, name, day) for arg in node.args)) if node.args else node


class Line:
    """The time of one filing: it is moved along, and evaluated where something turns."""

    def __init__(self, made: Subject, start: int, end: int) -> None:
        self.made = made
        self.start = start
        self.end = end
        self.pack: Pack = made.machine.pack

    # Moving a day

    def movings(self) -> Iterator[Moving]:
        """The days that can be moved: that of the check, and those that the filing states exactly."""
        yield Moving(AS_OF, None)
        for name, path in self.pack.days.items():
            found = self.made.day(name)
            if found is not None and found[0] == found[1]:
                yield Moving(name, self.pack.vocabulary.root.fields[path])

    def on(self, moving: Moving, day: int, then: Callable[[Subject], Any]) -> Any:
        """What a function gives with a day moved."""
        if moving.field is None:
            return then(replace(self.made, as_of=day))
        with self.made.put([(self.made.row, moving.field.slot, day, day)]):
            return then(self.made)

    def verdict(self, rule: Rule, moving: Moving, day: int) -> str:
        """The verdict of a rule with a day moved."""
        return str(self.on(moving, day, lambda made: verdict_of(made, rule)[0]))

    # One rule

    def course(self, rule: Rule, moving: Moving) -> Course:
        """A rule as a step function of a day."""
        name = (ROOT, moving.field.name) if moving.field is not None else DAY
        made = Course(rule, moving, "tree", [])
        edges = {self.start, *(day for day in self.edges(rule, moving) if self.start < day <= self.end)}
        found = [(held, *one) for held in self.days_of(rule) for one in self.comparisons(rule, name, held == moving.name)]
        # Those inside others come first: between their turns the outer ones move one way.
        for held, node, items in sorted(found, key=lambda one: depth(one[1], name, one[0] == moving.name)):
            made.dated = True
            worlds = self.worlds(rule, node)
            if way_of(node, name, held == moving.name) is None or worlds is None:
                made.proof = "days"
                break
            days = (
                [*sorted(edges | {*made.turns}), self.end + 1] if depth(node, name, held == moving.name) else [*sorted(edges), self.end + 1]
            )
            turning: set[int] = set()
            for world in worlds:
                with self.made.put(world):
                    for low, high in pairwise(days):
                        turning.update(self.between(rule, moving, held, node, items, low, high - 1))
            if turning:
                paths = self.paths(rule, node, items, moving)
                for day in turning:
                    made.turns.setdefault(day, set()).update(paths)
        if made.proof == "days":
            made.turns.clear()
        self.walk(made, [*range(self.start, self.end + 1)] if made.proof == "days" else sorted(edges | {*made.turns}))
        return made

    def days_of(self, rule: Rule) -> list[str]:
        """The days that a rule is held on, as far as the filing states them; an empty name for a rule that has none."""
        return [held for held in rule.held_on if self.made.day(held) is not None] or [""]

    def worlds(self, rule: Rule, node: Node) -> list[list[Put]] | None:
        """The combinations of open readings that a comparison is evaluated under; None where open flags have a part in it."""
        ready = self.made.machine.ready(rule)
        names = {part.value[:2] for part in node.walk() if part.op == "field"}
        repeated = names.intersection([(entity, name) for entity, name, _ in ready.repeated])
        if self.made.machine.steps.mask_of(repeated) & self.made.vague:
            return None
        row = self.made.row
        opened = [one for one in ready.readings if row[one.slot] != row[one.slot + 1] and ("reading", one.id) in names]
        options = [[(row, one.slot, one.bit(option), one.bit(option)) for option in one.options] for one in opened]
        return [list(world) for world in product(*options)]

    def edges(self, rule: Rule, moving: Moving) -> Iterable[int]:
        """The days on which the law that a rule reads may change as a day moves."""
        return self.pack.boundaries(rule) if moving.name in rule.law else ()

    def comparisons(self, rule: Rule, name: tuple[str, str], day: bool) -> Iterator[tuple[Node, Items]]:
        """The comparisons of a rule that read the day that moves, in every row that they stand on."""
        tops = [top for top in rule.formula.nodes() if reads(top, name, day)]
        if not tops:
            return
        evaluation = Remembering(self.made.row, self.made.machine.values(self.made.law_day(rule)[1][0]))
        seen = set()
        for top in tops:
            for visit in Visits(evaluation, lambda node: reads(node, name, day), lambda node: not reads(node, name, day)).of(top):
                key = (visit.node, tuple(map(id, visit.items)))
                if visit.node.op == "cmp" and key not in seen and any(direct(arg, name, day) for arg in visit.node.args):
                    seen.add(key)
                    for node in _halves(visit.node):
                        yield node, visit.items

    def truth(self, rule: Rule, moving: Moving, held: str, node: Node, items: Items, day: int) -> tuple[bool, bool]:
        """Whether a comparison is proved, and possible, with a day moved."""

        def value(made: Subject) -> tuple[bool, bool]:
            on = (made.day(held) if held else None) or (dates.FIRST_DAY, dates.LAST_DAY)
            low, high = Evaluation(made.row, made.machine.values(made.law_day(rule)[1][0]), on).value(node, items)
            return bool(low), bool(high)

        found: tuple[bool, bool] = self.on(moving, day, value)
        return found

    def between(self, rule: Rule, moving: Moving, held: str, node: Node, items: Items, low: int, high: int) -> Iterator[int]:
        """The days on which a comparison that moves one way turns: the first with another truth, found by halving."""
        ends = [self.truth(rule, moving, held, node, items, day) for day in (low, high)]
        for index in (0, 1):
            a, b = low, high
            if ends[0][index] == ends[1][index]:
                continue
            while b - a > 1:
                middle = (a + b) // 2
                if self.truth(rule, moving, held, node, items, middle)[index] == ends[0][index]:
                    a = middle
                else:
                    b = middle
            yield b

    def walk(self, made: Course, days: list[int]) -> None:
        """Evaluate on the given days, and between two of them only to tell which of the open verdicts it is."""
        known: dict[int, str] = {}

        def verdict(day: int) -> str:
            if day not in known:
                known[day] = self.verdict(made.rule, made.moving, day)
            return known[day]

        for day, following in pairwise([*days, self.end + 1]):
            low = day
            while True:
                if not made.steps or made.steps[-1][1] != verdict(low):
                    made.steps.append((low, verdict(low)))
                last = following - 1
                if verdict(low) not in ("judgement", "missing") or verdict(last) == verdict(low):
                    break
                high = last
                while high - low > 1:
                    middle = (low + high) // 2
                    if verdict(middle) == verdict(low):
                        low = middle
                    else:
                        high = middle
                low = high

    def paths(self, rule: Rule, node: Node, items: Items, moving: Moving | None) -> list[str]:
        """The stated facts that are days and stand in a comparison or period, in the filing's order."""
        evaluation = Evaluation(self.made.row, self.made.machine.values(self.made.law_day(rule)[1][0]))
        filing = self.made.filing
        found = set()

        def whole(part: Node) -> bool:
            return not any(below.op == "day" for below in part.walk())

        for part in node.args if node.op == "cmp" else (node,):
            for visit in Visits(evaluation, lambda _: True, whole, inside=False).of(part, items):
                if visit.node.op == "field" and visit.node.type.kind == "date":
                    row = evaluation.rows_of(visit.node.args[0], visit.items)
                    found.add(filing.path_of(row, visit.node.value[2]))  # type: ignore[arg-type]
        if moving is not None and moving.field is not None:
            found.discard(moving.field.name)
        return sorted((path for path in found if path in filing.facts), key=filing.rank)

    # Windows and what runs out

    def windows(self, rules: Iterable[Rule]) -> list[Plain]:
        """Every period of months or sessions that a rule counts from a fact, those that end first coming first."""
        found: dict[Any, Plain] = {}
        for rule in rules:
            evaluation = self.evaluation(rule)
            for top in rule.formula.nodes():
                for node, items, _ in Visits(evaluation, counts, lambda _: True).of(top):
                    if node.op in COUNTED and not any(part.op == "day" for part in node.walk()):
                        made = self.window(rule, evaluation, node, items)
                        if made is not None:
                            key, one = made
                            rules_of = found.setdefault(key, one)["rules"]
                            rules_of += [rule.id] if rule.id not in rules_of else []
        return [found[key] for key in sorted(found)]

    def window(self, rule: Rule, evaluation: Evaluation, node: Node, items: Items) -> tuple[Any, Plain] | None:
        """One period, after what it is sorted by and known as; None where the day from which it runs, or its length, is not known."""
        low, high = evaluation.value(node.args[0], items)
        count, most = evaluation.value(node.args[1], items)
        paths = self.paths(rule, node.args[0], items, None)
        if low <= dates.FIRST_DAY or high >= dates.LAST_DAY or count != most or not count or not paths:
            return None
        own = free_items(node)
        item = self.made.filing.item_of(items[max(own) - 1]) if own else ""
        item = item if any(path.startswith(item) for path in paths) else ""
        params = [part.value for part in node.args[1].walk() if part.op == "param"]
        named = next((name for name in params if evaluation.parameters[name] == abs(count)), None)
        in_months = node.op == "months"
        first, last = evaluation.value(node, items)
        beyond = not in_months and any(len({*dates.add_trading_days(day, day, count, count, node.value)}) > 1 for day in (low, high))
        return (last, first, item, COUNTED[node.op], count, tuple(paths)), {
            "item": item,
            "label": dict(self.made.filing.label(item or paths[0])),
            "paths": paths,
            "starts": _days(low, high),
            COUNTED[node.op]: count,
            "parameter": {"name": named, "label": dict(self.pack.parameters[named].label)} if named is not None else None,
            "ends": _days(first, last),
            "clipped": True if in_months and low == high and dates.clipped(low, count) else None,
            "known": _days(*node.value[:2]) if beyond else None,
            "state": self.state(first, last),
            "rules": [],
        }

    def stale(self, rules: Iterable[Rule]) -> list[Plain]:
        """The last day on which a fact serves a rule that wants it so, as the day of the check moves on."""
        found: dict[Any, Plain] = {}
        for rule in rules:
            if AS_OF not in rule.held_on:
                continue
            evaluation = self.evaluation(rule)
            for clause in rule.formula.clauses:
                moved = Visits(evaluation, lambda node: reads(node, DAY, True), lambda node: not reads(node, DAY, True))
                for node, items, sign in moved.of(clause.require, sign=1):
                    if node.op == "cmp" and sign and direct(node, DAY, True):
                        self.lapse(rule, node, items, sign, found)
        return sorted(found.values(), key=lambda one: (one["last"].get("low", ""), one["paths"]))

    def lapse(self, rule: Rule, node: Node, items: Items, sign: int, found: dict[Any, Plain]) -> None:
        """Note a comparison that holds up to a day and no longer, where the rule wants it to hold."""
        way = way_of(node, DAY, True)
        paths = self.paths(rule, node, items, None)
        if way is None or way * sign != DOWN or not paths:
            return
        turns = list(self.between(rule, Moving(AS_OF, None), AS_OF, node, items, dates.EARLIEST, dates.LATEST))
        if not turns:
            return
        low, high = min(turns) - 1, max(turns) - 1
        key = (low, high, tuple(paths))
        label = dict(self.made.filing.label(paths[0]))
        made = found.setdefault(
            key, {"last": _days(low, high), "paths": paths, "label": label, "rules": [], "state": self.state(low, high)}
        )
        made["rules"] += [rule.id] if rule.id not in made["rules"] else []

    def evaluation(self, rule: Rule) -> Remembering:
        """A rule's nodes as they stand on the day of the check."""
        day = self.made.as_of
        return Remembering(self.made.row, self.made.machine.values(self.made.law_day(rule)[1][0]), (day, day))

    def state(self, low: int, high: int) -> str:
        """Whether a day lies before that of the check, may lie on either side of it, or lies ahead."""
        return "past" if high < self.made.as_of else "ahead" if low >= self.made.as_of else "open"


def timeline(machine: Machine, filing: Filing, as_of: int, start: int | None = None, end: int | None = None) -> Plain:
    """The record of a filing's days, from ``start`` to ``end`` (day numbers; else a year and three years around its own)."""
    made = subject(machine, filing, as_of)
    line = Line(made, *stretch(made, start, end))
    rules = [rule for rule in machine.pack.rules if verdict_of(made, rule)[0] not in (NOT_IN_FORCE, "not_applicable")]
    courses = [course for moving in line.movings() for course in _courses(line, moving)]
    record = head(machine, filing, as_of, SCHEMA)
    record["from"], record["until"] = dates.iso(line.start), dates.iso(line.end)
    record["days"] = [
        {"day": name, "label": {lang: day_name(machine.pack, name, lang) for lang in LANGUAGES}, "at": _days(*day)}
        for name in (AS_OF, *machine.pack.days)
        if (day := made.day(name)) is not None
    ]
    record["windows"] = line.windows(rules)
    record["rules"] = [_plain(line, course) for course in courses]
    record["changes"] = sorted((one for course in courses for one in _changes(line, course)), key=lambda one: (one["day"], one["moving"]))
    record["stale"] = line.stale(rules)
    record["law"] = _law(machine.pack, as_of)
    record["calendars"] = _calendars(machine.pack)
    record["assumptions"] = taken(made, [course.rule for course in courses if course.moving.field is None])
    plain: Plain = without_empty(record)
    return plain


def stretch(made: Subject, start: int | None, end: int | None) -> tuple[int, int]:
    """The first and last day of a timeline; an end that is not given lies beyond the other, and beyond the filing's own days."""
    stated = [made.as_of, *(day[0] for name in made.machine.pack.days if (day := made.day(name)) is not None)]
    first = dates.add_months(min(stated if end is None else (*stated, end)), -MONTHS_BACK) if start is None else start
    return first, max(first, dates.add_months(max(made.as_of, first), MONTHS_AHEAD) if end is None else end)


def _courses(line: Line, moving: Moving) -> Iterator[Course]:
    """The rules that a day bears on: those that compare it, or that turn with the law; never those that do not apply throughout."""
    for rule in line.pack.rules:
        path = line.pack.days.get(moving.name)
        if moving.name not in (*rule.law, *rule.held_on) and (ROOT, path) not in line.made.machine.fields(rule):
            continue
        course = line.course(rule, moving)
        words = {verdict for _, verdict in course.steps} - {NOT_IN_FORCE}
        if words - {"not_applicable"} and (course.dated or len(words) > 1):
            yield course


def _plain(line: Line, course: Course) -> Plain:
    ends = [*(day for day, _ in course.steps[1:]), line.end + 1]
    steps = [
        {"from": dates.iso(day), "to": dates.iso(end - 1), "verdict": verdict}
        for (day, verdict), end in zip(course.steps, ends, strict=True)
        if verdict != NOT_IN_FORCE
    ]
    rule = course.rule
    named: Plain = {"rule": rule.id, "title": dict(rule.title), "force": rule.force}
    return named | {"moving": course.moving.name, "proof": course.proof, "steps": steps}


def _changes(line: Line, course: Course) -> Iterator[Plain]:
    """The days on which a rule's verdict becomes another, with the facts whose days make it so."""
    law = {*line.edges(course.rule, course.moving)}
    for (_, before), (day, after) in pairwise(course.steps):
        if NOT_IN_FORCE in (before, after):
            continue
        made: Plain = {"day": dates.iso(day), "moving": course.moving.name, "rule": course.rule.id, "title": dict(course.rule.title)}
        paths = sorted(course.turns.get(day, ()), key=line.made.filing.rank)
        yield made | {"from": before, "to": after, "paths": paths, "law": True if day in law else None}


def _law(pack: Pack, as_of: int) -> list[Plain]:
    """What of the law changes after a day."""
    found: dict[int, Plain] = {}

    def on(day: int) -> Plain:
        return found.setdefault(day, {"day": dates.iso(day), "begin": [], "end": [], "parameters": [], "instruments": []})

    for rule in pack.rules:
        for day, name in ((rule.start, "begin"), (rule.end, "end")):
            if as_of < day < dates.NEVER:
                on(day)[name].append(rule.id)
    for parameter in pack.parameters.values():
        for day in sorted({end for value in parameter.values for end in (value.start, value.end) if as_of < end < dates.NEVER}):
            before, after = parameter.on(day - 1), parameter.on(day)
            shown = {name: value.shown for name, value in (("from", before), ("to", after)) if value is not None}
            on(day)["parameters"].append({"name": parameter.name, "label": dict(parameter.label), **shown})
    for instrument in pack.instruments.values():
        for version in instrument.versions:
            if as_of < version.start < dates.NEVER:
                new = {"instrument": instrument.id, "title": dict(instrument.short), "number": version.number}
                on(version.start)["instruments"].append(new)
    return [found[day] for day in sorted(found)]


def _calendars(pack: Pack) -> list[Plain]:
    """The calendar of trading days that rules count by, with the day up to which it is known."""
    nodes = (node for rule in pack.rules for top in rule.formula.nodes() for node in top.walk() if node.op == "session")
    return [{"calendar": "trading_days", "known_until": dates.iso(until)} for until in sorted({int(node.value[1]) for node in nodes})]


def _days(low: int, high: int) -> Plain:
    return {"low": dates.iso(low), "high": dates.iso(high)}
