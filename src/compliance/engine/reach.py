"""How far a variable may go: the steps at which a rule is met, found by bisection where the formula moves one way.

On each stretch of a journey (see ``moves``) the typed tree is asked which way the rule moves. Where it moves one way, one
turn at most lies on the stretch and bisection on whole numbers finds it. Where it is not known to, days are looked at one by
one, up to a bound; of amounts and shares nothing is offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from compliance import dates
from compliance.engine.decide import ABSENT, SPLIT, decide, measure
from compliance.engine.moves import Journey, Stretch
from compliance.engine.solve import crossing, last
from compliance.engine.subject import Subject
from compliance.engine.verdict import reported
from compliance.expressions.formula import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS
from compliance.expressions.interpret import Range
from compliance.expressions.monotone import DOWN, STILL, UP
from compliance.expressions.slope import NONE, Slope, course, fixed
from compliance.packs.book import Rule

MET = (PASS, NOT_APPLICABLE)
OPENED = (OPEN, CONFLICT, SPLIT)
MONTHS_AHEAD = 12  # how far past the stated day and that of the check days are looked at one by one
Steps = tuple[int, int]  # whole numbers of steps, from the first to the last
Told = tuple[Rule, str]  # a rule and its verdict


class Extreme(NamedTuple):
    """The greatest or least value of a variable that the rules which it moves allow.

    A rule that is decided as the filing stands has to be met, one that is open must not come to fail; so does one that
    fails and at no value is met, if at some it is open. One that fails at every value is left out (``barred``). ``found`` is
    ``value`` (``steps`` holds it), ``unbound`` (up to the end of what the variable can be), ``none`` or ``unproved``.
    ``binds`` are the rules that no longer allow one step beyond, or those that stand in the way; ``open`` those that read
    what moves and are open at the value. ``looked`` is the last step looked at one by one where none was found.
    """

    found: str
    steps: int | None
    binds: tuple[Told, ...] = ()
    barred: tuple[Told, ...] = ()
    open: tuple[Told, ...] = ()
    looked: int | None = None


class Reach:
    """Rules of one filing against journeys, with the codes that they have as the filing stands."""

    def __init__(self, made: Subject) -> None:
        self.made = made
        self._codes: dict[str, int] = {}
        self._allowed: dict[tuple[str, str, str, str], list[Steps] | None] = {}

    def forget(self, rules: Iterable[Rule]) -> None:
        """Forget what has been found of some rules: a fact that they read has been put anew."""
        ids = {rule.id for rule in rules}
        self._codes = {rule: code for rule, code in self._codes.items() if rule not in ids}
        self._allowed = {key: steps for key, steps in self._allowed.items() if key[0] not in ids}

    def code(self, rule: Rule) -> int:
        """The code of a rule as the filing stands."""
        if rule.id not in self._codes:
            self._codes[rule.id] = decide(self.made, rule)
        return self._codes[rule.id]

    def met_now(self, rule: Rule) -> bool:
        """Whether a rule is met as the filing stands, or not yet in force."""
        return self.code(rule) in (*MET, ABSENT)

    def at(self, rule: Rule, journey: Journey, steps: int) -> int:
        """The code of a rule after so many steps."""
        with journey.put(steps, self.mask(rule)):
            return decide(self.made, rule)

    def mask(self, rule: Rule) -> int:
        """What a rule hangs on: all that needs to be put for it alone."""
        return self.made.machine.ready(rule).mask

    def told(self, rule: Rule, journey: Journey, steps: int) -> str:
        """The verdict of a rule after so many steps; ``open`` where nothing is proved."""
        with journey.put(steps, self.mask(rule)):
            decision = measure(self.made, rule)
        return "not_applicable" if decision.code == ABSENT else reported(rule, decision, decision.code)

    def reads(self, rule: Rule, journey: Journey) -> bool:
        """Whether the rule reads a fact that moves, or is held against a day that does."""
        read = self.made.machine.ready(rule).read
        return bool(journey.mask & read) or any(journey.day(name) for name in rule.held_on)

    def touched(self, rule: Rule, journey: Journey) -> bool:
        """Whether a journey can change the rule: it reads what moves, or what moves picks its law."""
        machine = self.made.machine
        if not journey.mask & machine.ready(rule).mask and not journey.checked_later:
            return False
        if not self.reads(rule, journey) and not (self.law_moves(rule, journey) and self.changes(rule)):
            return False
        applies = rule.formula.applies
        if applies is None or not fixed(applies) or journey.mask & machine.steps.mask(applies):
            return True
        return self.code(rule) != NOT_APPLICABLE

    def law_moves(self, rule: Rule, journey: Journey) -> bool:
        """Whether the day that picks the rule's law moves."""
        return bool(journey.day(self.made.law_day(rule)[0]))

    def changes(self, rule: Rule) -> Sequence[int]:
        """The days on which the law that a rule reads changes."""
        return self.made.machine.ready(rule).turns[1:-1]

    def stretches(self, rule: Rule, journey: Journey, first: int, end: int) -> list[Stretch]:
        """The stretches of a journey for one rule."""
        law = journey.day(self.made.law_day(rule)[0])
        return journey.stretches(self.changes(rule) if law else (), law, first, end, self.reads(rule, journey))

    def course(self, rule: Rule, journey: Journey, stretch: Stretch) -> int | None:
        """Which way a rule moves on a stretch, over all its days, versions and open readings; None: not known."""
        if stretch.first == stretch.last or not self.reads(rule, journey):
            return STILL
        ways = set()
        moved = journey.read(self.mask(rule))
        moving = {(id(one.row), one.part.slot): journey.change(one, stretch) for one in moved if one.row is not None}
        with journey.span(stretch, self.mask(rule)):
            for parameters in self.laws(rule, journey, stretch):
                for on, day in self.days(rule, journey, stretch):
                    slope = Slope(self.made.row, parameters, moving, self.made.machine.pack.vocabulary.blank_row, on, day)
                    ways.add(course(rule.formula, slope))
        ways.discard(STILL)
        return STILL if not ways else ways.pop() if len(ways) == 1 else None

    def days(self, rule: Rule, journey: Journey, stretch: Stretch) -> Iterator[tuple[Range, Range]]:
        """For each day that the rule is held against, all it is on the stretch and what a step adds to it."""
        known = False
        for name in rule.held_on:
            moved = journey.day(name)
            day = self.made.day(name)
            if day is None:
                continue
            known = True
            if moved:
                ends = [moved[0].at(journey.base, journey.value(steps)) for steps in stretch]
                yield (min(low for low, _ in ends), max(high for _, high in ends)), journey.change(moved[0], stretch)
            else:
                yield day, NONE
        if not known:
            yield (dates.FIRST_DAY, dates.LAST_DAY), NONE

    def laws(self, rule: Rule, journey: Journey, stretch: Stretch) -> list[Mapping[str, int]]:
        """The parameters of each version of the law that may be in force on a stretch."""
        machine = self.made.machine
        ends = []
        for steps in stretch:
            with journey.put(steps, self.mask(rule)):
                ends.append(self.made.law_day(rule)[1])
        low, high = min(end[0] for end in ends), max(end[1] for end in ends)
        return [machine.values(segment.start) for segment in machine.ready(rule).segments_on((low, high)) if segment.in_force]

    # One rule

    def first(self, rule: Rule, journey: Journey, end: int) -> int | str:
        """The fewest steps from the filing as it stands to ``end`` that turn the rule into a pass; ``none`` or ``unproved``.

        At the steps given the rule passes and at one less it does not: both are evaluated. Where the first thing to come of
        it is that the rule no longer applies, that is no pass, and ``none`` is given.
        """
        sign = 1 if end > 0 else -1
        bounds = (1, end) if end > 0 else (end, -1)
        if bounds[0] > bounds[1]:
            return "none"

        def met(steps: int) -> bool:
            return self.at(rule, journey, steps) in MET

        stretches = self.stretches(rule, journey, *bounds)
        for stretch in stretches if sign > 0 else reversed(stretches):
            near, far = (stretch.first, stretch.last) if sign > 0 else (stretch.last, stretch.first)
            found = near if met(near) else None
            if found is None:
                way = self.course(rule, journey, stretch)
                if way is None:
                    return "unproved"
                if way == sign * UP and met(far):
                    if not self.asks(rule, journey):
                        return "none"
                    found = last(met, stretch.first, stretch.last, sign < 0, self.near(rule, journey, stretch))
            if found is not None:
                return found if self.at(rule, journey, found) == PASS else "none"
        return "none"

    def asks(self, rule: Rule, journey: Journey) -> bool:
        """Whether what a rule requires can change on a journey; else it can at most cease to apply."""
        clauses = [node for clause in rule.formula.clauses for node in (clause.when, clause.require) if node is not None]
        mask = self.made.machine.steps.mask
        return any(journey.day(name) for name in rule.held_on) or any(journey.mask & mask(node) for node in clauses)

    def near(self, rule: Rule, journey: Journey, stretch: Stretch) -> int | None:
        """Where a rule would come to pass on a stretch if what it compares moved evenly."""
        ends = []
        for steps in stretch:
            with journey.put(steps, self.mask(rule)):
                ends.append(measure(self.made, rule))
        return crossing(rule, ends, *stretch, proved=True)

    def holds(self, rule: Rule, code: int) -> bool:
        """Whether a code is good enough: met where the rule is decided as the filing stands, else no failure.

        What is in force as the filing stands has to be met: that the law was another before is no way out. Of what does not
        apply nothing is asked.
        """
        now = self.code(rule)
        if now == NOT_APPLICABLE and code == ABSENT:
            return True
        return code in MET if now in (*MET, FAIL) else code != FAIL

    def allowed(self, rule: Rule, journey: Journey) -> list[Steps] | None:
        """The steps that a rule allows, as ranges in their order; None where its course is not known."""
        key = rule.id, journey.variable.id, journey.way.id, journey.item
        if key not in self._allowed:
            found = self.where(rule, journey, lambda code: self.holds(rule, code))
            if not found and found is not None and self.code(rule) == FAIL:
                found = self.where(rule, journey, lambda code: code != FAIL)
            self._allowed[key] = found
        return self._allowed[key]

    def where(self, rule: Rule, journey: Journey, good: Callable[[int], bool]) -> list[Steps] | None:
        """The steps at which a rule has a good code; None where its course is not known."""
        found: list[Steps] = []
        for stretch in self.stretches(rule, journey, journey.least, journey.most):
            way = self.course(rule, journey, stretch)
            if way is None:
                return None
            part = self.part(rule, journey, stretch, way, good)
            if part is not None:
                found.append(part)
        return _joined(found)

    def part(self, rule: Rule, journey: Journey, stretch: Stretch, way: int, good: Callable[[int], bool]) -> Steps | None:
        """The part of a stretch on which a rule that moves one way has a good code."""
        first, end = stretch

        def met(steps: int) -> bool:
            return good(self.at(rule, journey, steps))

        if way == STILL:
            return (first, end) if met(first) else None
        turn = last(met, first, end, upwards=way == DOWN)
        if turn is None:
            return None
        return (first, turn) if way == DOWN else (turn, end)

    # All rules

    def all_hold(self, rules: Iterable[Rule], journey: Journey, steps: int) -> bool:
        """Whether every one of the rules has a good code after so many steps."""
        return all(self.holds(rule, self.at(rule, journey, steps)) for rule in rules)

    def horizon(self, journey: Journey) -> int | None:
        """The last step to which days are looked at one by one; None for what is no day."""
        if journey.moved[0].part.type != "date":
            return None
        last_day = dates.add_months(max(journey.base, self.made.as_of), MONTHS_AHEAD)
        return min(journey.most, (last_day - journey.base) // journey.step)

    def extreme(self, journey: Journey, rules: Sequence[Rule], greatest: bool) -> Extreme:
        """The greatest (or least) value that all rules allow, proved there and one step beyond."""
        touched = [rule for rule in rules if self.touched(rule, journey)]
        left: list[Steps] = [(journey.least, journey.most)]
        bounding, unproved = [], []
        barred: list[Told] = []
        for rule in touched:
            steps = self.allowed(rule, journey)
            if steps is None:
                unproved.append(rule)
            elif not steps:
                barred.append((rule, self.told(rule, journey, min(max(0, journey.least), journey.most))))
            elif steps != [(journey.least, journey.most)]:
                bounding.append(rule)
                left = _common(left, steps)
        if not left:
            return Extreme("none", None, tuple((rule, self.told(rule, journey, 0)) for rule in bounding), tuple(barred))
        best = left[-1][1] if greatest else left[0][0]
        if not self.all_hold(unproved, journey, best):
            until = None if greatest else self.horizon(journey)
            days = (day for first, end in left for day in range(first, min(end, until) + 1)) if until is not None else ()
            found = next((day for day in days if self.all_hold(unproved, journey, day)), None)
            if found is None:
                at = best if self.all_hold(unproved, journey, 0) else 0
                short = [rule for rule in unproved if not self.holds(rule, self.at(rule, journey, at))]
                return Extreme("unproved", None, tuple((rule, self.told(rule, journey, at)) for rule in short), tuple(barred), looked=until)
            best = found
        beyond = best + 1 if greatest else best - 1
        shut = {rule.id for rule, _ in barred}
        asked = [rule for rule in touched if rule.id not in shut]
        opened = tuple(
            (rule, self.told(rule, journey, best)) for rule in asked if self.reads(rule, journey) and self.at(rule, journey, best) in OPENED
        )
        if not journey.least <= beyond <= journey.most:
            return Extreme("unbound", None, (), tuple(barred), opened)
        lenient = {rule.id for rule, _ in opened}
        binds = []
        for rule in asked:
            code = self.at(rule, journey, beyond)
            if code == FAIL or (rule.id not in lenient and not self.holds(rule, code)):
                binds.append((rule, self.told(rule, journey, beyond)))
        return Extreme("value", best, tuple(binds), tuple(barred), opened)


def _joined(parts: Sequence[Steps]) -> list[Steps]:
    """Ranges in their order, those that touch made one."""
    found: list[Steps] = []
    for first, end in parts:
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], end)
        else:
            found.append((first, end))
    return found


def _common(parts: Sequence[Steps], others: Sequence[Steps]) -> list[Steps]:
    """What two sets of ranges have in common."""
    pairs = ((max(a, c), min(b, d)) for a, b in parts for c, d in others)
    return sorted(pair for pair in pairs if pair[0] <= pair[1])
