"""The smallest change of one decision variable that turns a rule into a pass, with what moves along, as plain data.

Proved both ways: with the change the rule passes, with one step less it does not. Where the formula is not shown to move
one way no remedy is offered, and the record says so.
"""

from __future__ import annotations

from compliance.engine.figures import shown, text_of, unit_of
from compliance.engine.moves import Journey, Moved, Stuck, journeys
from compliance.engine.plain import Plain
from compliance.engine.reach import Reach
from compliance.engine.subject import Subject
from compliance.expressions.formula import OPEN
from compliance.expressions.tree import Type
from compliance.facts.filing import label_of
from compliance.packs.book import AS_OF, Rule, Variable, Way
from compliance.vocabulary import ROOT, UNITS, Field

DIRECTIONS = {"less": -1, "earlier": -1, "more": 1, "later": 1}


class Remedies:
    """The remedies of a filing's rules; what each variable's journeys are is found once."""

    def __init__(self, made: Subject) -> None:
        self.made = made
        self.reach = Reach(made)
        self._journeys: dict[tuple[str, str], list[Journey] | Stuck] = {}

    def of(self, rule: Rule) -> Plain:
        """``remedies`` of a rule and, under ``unsolved``, what is not offered although the rule hangs on it."""
        found: list[Plain] = []
        unsolved: list[Plain] = []
        for variable in self.made.machine.pack.variables.values():
            for way in variable.ways:
                for direction in variable.may:
                    self.try_way(rule, variable, way, direction, found, unsolved)
        # An open rule lacks facts first of all: that a figure could not help it either tells nobody anything.
        return {"remedies": found, "unsolved": [] if self.reach.code(rule) == OPEN else unsolved}

    def journeys(self, variable: Variable, way: Way) -> list[Journey] | Stuck:
        """The journeys of a variable in one way."""
        key = variable.id, way.id
        if key not in self._journeys:
            self._journeys[key] = journeys(self.made, variable, way)
        return self._journeys[key]

    def try_way(self, rule: Rule, variable: Variable, way: Way, direction: str, found: list[Plain], unsolved: list[Plain]) -> None:
        """Look for a remedy in one way and direction; of several items the one with the smallest change is given."""
        going = self.journeys(variable, way)
        if isinstance(going, Stuck):
            if self.named(rule, variable):
                unsolved.append(_unsolved(variable, way, direction, going.reason))
            return
        sign = DIRECTIONS[direction]
        solved: list[tuple[int, Journey]] = []
        unproved = False
        for journey in going:
            if not self.reach.touched(rule, journey):
                continue
            steps = self.reach.first(rule, journey, journey.most if sign > 0 else journey.least)
            if isinstance(steps, int):
                solved.append((steps, journey))
            else:
                unproved = unproved or steps == "unproved"
        if not solved:
            if unproved and self.named(rule, variable):
                unsolved.append(_unsolved(variable, way, direction, "unproved"))
            return
        least = min(abs(steps) for steps, _ in solved)
        best = [(steps, journey) for steps, journey in solved if abs(steps) == least]
        found.append(self.remedy(rule, direction, *best[0], [journey.item for _, journey in best[1:]]))

    def named(self, rule: Rule, variable: Variable) -> bool:
        """Whether the rule itself reads the variable, or is held against it as a day."""
        if any(path_of_day(self.made, name) == variable.path for name in rule.held_on):
            return True
        return (ROOT, variable.path) in self.made.machine.fields(rule)

    def remedy(self, rule: Rule, direction: str, steps: int, journey: Journey, also: list[str]) -> Plain:
        """A remedy as the record holds it."""
        return {
            "variable": journey.variable.id,
            "label": dict(journey.variable.label),
            "way": {"id": journey.way.id, "label": dict(journey.way.label)},
            "direction": direction,
            "change": changes(self.made, journey, steps),
            "also": also,
            "one_less": self.reach.told(rule, journey, steps - (1 if steps > 0 else -1)),
            "breaks": self.breaks(journey, steps),
        }

    def breaks(self, journey: Journey, steps: int) -> list[Plain]:
        """The rules that are met as the filing stands and no longer with the change."""
        found = []
        for rule in self.made.machine.pack.rules:
            if self.reach.touched(rule, journey) and self.reach.met_now(rule):
                code = self.reach.at(rule, journey, steps)
                if not self.reach.holds(rule, code):
                    found.append(named(rule, self.reach.told(rule, journey, steps)))
        return found


def path_of_day(made: Subject, name: str) -> str:
    """The path of a day of the pack; ``as_of`` for the day of the check."""
    return name if name == AS_OF else made.machine.pack.days[name]


def named(rule: Rule, verdict: str) -> Plain:
    """A rule and its verdict."""
    return {"rule": rule.id, "title": dict(rule.title), "verdict": verdict}


def changes(made: Subject, journey: Journey, steps: int) -> list[Plain]:
    """Every fact that is another after so many steps, the variable first."""
    value = journey.value(steps)
    found = []
    for one in journey.moved:
        to = one.at(journey.base, value)
        if to != one.start or one is journey.moved[0]:
            found.append(_change(made, journey, one, to))
    return found


def kind_of(part: Field) -> Type:
    """The type of a figure or day, as the record writes it."""
    return Type("date") if part.type == "date" else Type("number", part.scale, UNITS[part.type])


def _change(made: Subject, journey: Journey, one: Moved, to: tuple[int, int]) -> Plain:
    kind = kind_of(one.part)
    words = made.machine.pack.vocabulary
    label = journey.variable.label if one is journey.moved[0] else one.part.label if one.row is None else label_of(words, one.path)
    exact = one.start[0] == one.start[1] and to[0] == to[1]
    days = Type("number", unit=(("day", 1),))
    stated = one is not journey.moved[0] or journey.stated
    return {
        "path": one.path,
        "label": dict(label),
        "from": text_of(*one.start, kind) if stated else None,
        "to": text_of(*to, kind),
        "by": shown(to[0] - one.start[0], days if kind.kind == "date" else kind) if exact and stated else None,
        "unit": unit_of(kind),
    }


def _unsolved(variable: Variable, way: Way, direction: str, reason: str) -> Plain:
    return {
        "variable": variable.id,
        "label": dict(variable.label),
        "way": {"id": way.id, "label": dict(way.label)},
        "direction": direction,
        "reason": reason,
    }
