"""Decide a whole book on one filing: what rules under the law of the same days share is looked up once for all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple

from compliance.engine.decide import ABSENT, Decision, Entry, across, decide, in_worlds, joined, measure, measured, measured_worlds
from compliance.engine.machine import Machine, Ready, Segment
from compliance.engine.subject import ALWAYS, Subject
from compliance.expressions.formula import OPEN
from compliance.expressions.hanging import DAY
from compliance.packs.book import Rule


class Line(NamedTuple):
    """One rule under one version of its law.

    ``number`` is its place in the book, ``mask`` what it reads, ``held`` are the days it is held against.
    """

    number: int
    mask: int
    ready: Ready
    segment: Segment
    held: tuple[str, ...]


class Window(NamedTuple):
    """The days that a window is held against, and from the first to the last of them."""

    days: list[tuple[int, int]]
    between: tuple[int, int]


class Sheet(NamedTuple):
    """The rules of a book under the law of certain days: those held against no day, those held against some, and the rest.

    The rest are not in force (None) or under more than one version of their law, which are decided one by one.
    """

    plain: list[Line]
    held: list[Line]
    rest: list[tuple[int, Rule | None]]


def measure_all(made: Subject) -> list[Decision]:
    """What ``measure`` gives of each rule, in the order of the book; it is remembered as there."""
    rules = made.machine.pack.rules
    found: list[Decision | None] = [None] * len(rules)
    if not made.blocks:  # else what is remembered lies in as many places as there are blocks
        known = made.known(0)
        unknown = made.vague | DAY  # no day is given here
        for number, mask, ready, segment, _ in sheet(made).plain:
            form = ready.form(not mask & unknown, True)
            if form is not None:
                detail = form[0](made.row, segment.parameters, *ALWAYS)
            else:
                detail = ready.stepwise.measured(made.stepping(made.law_day(ready.rule)[1][0]))
            if detail[0] < OPEN or not ready.worldly & unknown:
                decision = measured(ready, detail)
            else:
                entry = Entry("", ALWAYS, segment, made.law_day(ready.rule)[1][0])
                each = measured_worlds(made, ready, entry, form, (detail[0], detail))
                decision = joined(ready, [("", *one) for one in each])
            found[number] = known[ready.rule.id, True, made.as_of] = decision
    return [measure(made, rule) if decision is None else decision for rule, decision in zip(rules, found, strict=True)]


def decide_all(made: Subject) -> list[int]:
    """The code of each rule's verdict as ``decide`` gives it, in the order of the book; meant for many filings in a row.

    Generated code is made for every rule when it is first needed: on a single filing that takes longer than it saves.
    """
    row = made.row
    vague, unknown = made.vague, made.vague | DAY  # no day is given here
    found = [ABSENT] * len(made.machine.pack.rules)
    rules = sheet(made)
    for number, mask, ready, segment, _ in rules.plain:
        if not mask & unknown:
            found[number] = ready.exact_verdict(row, segment.parameters, *ALWAYS)
            continue
        code = ready.verdict(row, segment.parameters, *ALWAYS)
        found[number] = _in_worlds(made, ready, segment, ALWAYS, code) if code >= OPEN and ready.worldly & vague else code
    days: dict[tuple[str, ...], Window] = {}
    for line in rules.held:
        held = days.get(line.held)
        if held is None:
            held = days[line.held] = _days_of(made, line.held)
        found[line.number] = _held(made, line, vague, held)
    for number, rule in rules.rest:
        if rule is not None:
            found[number] = decide(made, rule)
    return found


def _days_of(made: Subject, names: tuple[str, ...]) -> Window:
    """The days by these names, as far as the filing states them."""
    days = [day for name in names if (day := made.day(name)) is not None] or [ALWAYS]
    return Window(days, (min([low for low, _ in days]), max([high for _, high in days])))


def _held(made: Subject, line: Line, vague: int, held: Window) -> int:
    """The verdict of a rule whose window is held against several days.

    What is proved for whatever day between the first and the last is proved for each of them.
    """
    ready, row, parameters = line.ready, made.row, line.segment.parameters
    if ready.still and len(held.days) > 1:
        code = ready.verdict(row, parameters, *held.between)
        if code < OPEN:
            return code
    by_day = {}
    for on in held.days:
        exact = on[0] == on[1] and not line.mask & vague
        code = ready.exact_verdict(row, parameters, *on) if exact else ready.verdict(row, parameters, *on)
        by_day[on] = code = _in_worlds(made, ready, line.segment, on, code) if code >= OPEN and ready.worldly & vague else code
        if code == OPEN:
            return OPEN
    return across(by_day)


def _in_worlds(made: Subject, ready: Ready, segment: Segment, on: tuple[int, int], code: int) -> int:
    """The verdict of a rule on a day in all worlds (see ``decide.in_worlds``); ``code`` is what it gives as the facts stand."""
    return in_worlds(made, ready, code, lambda: ready.verdict(made.row, segment.parameters, *on), generated=True)


def sheet(made: Subject) -> Sheet:
    """The rules under the law of the filing's days."""
    machine = made.machine
    laws = {rule.law: made.law_day(rule)[1] for rule in machine.laws}
    key = tuple([bisect_right(machine.turns, day) for law in laws.values() for day in law])
    known: dict[tuple[int, ...], Sheet] = machine.kept("sheets")  # by where the days of the law lie among the turns
    found = known.get(key)
    if found is None:
        found = known[key] = _sheet(machine, laws)
    return found


def _sheet(machine: Machine, laws: Mapping[tuple[str, ...], tuple[int, int]]) -> Sheet:
    made = Sheet([], [], [])
    for number, rule in enumerate(machine.pack.rules):
        ready = machine.ready(rule)
        segments = ready.segments_on(laws[rule.law])
        if len(segments) > 1 or not segments[0].in_force:
            made.rest.append((number, rule if len(segments) > 1 else None))
            continue
        line = Line(number, ready.mask, ready, segments[0], rule.held_on)
        (made.held if rule.held_on else made.plain).append(line)
    return made
