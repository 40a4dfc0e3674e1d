"""Decide a whole book on one filing: what rules under the law of the same days share is looked up once for all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple

from compliance.engine.decide import ABSENT, Decision, across, decide, measure, measured, opened_worlds, place_each
from compliance.engine.machine import Machine, Ready
from compliance.engine.subject import ALWAYS, Subject
from compliance.expressions.formula import OPEN
from compliance.expressions.hanging import DAY
from compliance.packs.book import Rule


class Line(NamedTuple):
    """One rule under one version of its law.

    ``number`` is its place in the book, ``mask`` what it reads, ``held`` the days it is held against, ``still`` whether it
    applies on all of them alike.
    """

    number: int
    mask: int
    ready: Ready
    parameters: tuple[int, ...]
    held: tuple[str, ...]
    still: bool


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
        unknown = made.machine.steps.mask_of(made.vague) | DAY  # no day is given here
        for number, mask, ready, parameters, _, _ in sheet(made).plain:
            form = ready.form(not mask & unknown, True)
            if form is not None:
                detail = form[0](made.row, parameters, *ALWAYS)
            else:
                detail = ready.stepwise.measured(made.stepping(made.law_day(ready.rule)[1][0]))
            if detail[0] < OPEN or not opened_worlds(made, ready):
                found[number] = known[ready.rule.id, True, made.as_of] = measured(ready, detail)
    return [measure(made, rule) if decision is None else decision for rule, decision in zip(rules, found, strict=True)]


def decide_all(made: Subject) -> list[int]:
    """The code of each rule's verdict as ``decide`` gives it, in the order of the book; meant for many filings in a row.

    Generated code is made for every rule when it is first needed: on a single filing that takes longer than it saves.
    """
    row = made.row
    vague = made.machine.steps.mask_of(made.vague)
    found = [ABSENT] * len(made.machine.pack.rules)
    rules = sheet(made)
    for number, mask, ready, parameters, _, _ in rules.plain:
        if not mask & (vague | DAY):  # no day is given here
            found[number] = ready.exact_verdict(row, parameters, *ALWAYS)
            continue
        code = ready.verdict(row, parameters, *ALWAYS)
        found[number] = code if code < OPEN else _in_worlds(made, ready, parameters, ALWAYS, code)
    days: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for line in rules.held:
        on = days.get(line.held)
        if on is None:
            on = days[line.held] = [day for name in line.held if (day := made.day(name)) is not None] or [ALWAYS]
        found[line.number] = _held(made, line, vague, on)
    for number, rule in rules.rest:
        if rule is not None:
            found[number] = decide(made, rule)
    return found


def _held(made: Subject, line: Line, vague: int, days: list[tuple[int, int]]) -> int:
    """The verdict of a rule whose window is held against several days.

    What is proved for whatever day between the first and the last is proved for each of them.
    """
    ready, row, parameters = line.ready, made.row, line.parameters
    if line.still and len(days) > 1:
        code = ready.verdict(row, parameters, min([low for low, _ in days]), max([high for _, high in days]))
        if code < OPEN:
            return code
    by_day = {}
    for on in days:
        exact = on[0] == on[1] and not line.mask & vague
        code = ready.exact_verdict(row, parameters, *on) if exact else ready.verdict(row, parameters, *on)
        by_day[on] = code = code if code < OPEN else _in_worlds(made, ready, parameters, on, code)
        if code == OPEN:
            return OPEN
    return across(by_day)


def _in_worlds(made: Subject, ready: Ready, parameters: tuple[int, ...], on: tuple[int, int], code: int) -> int:
    """The verdict of a rule on a day in all worlds that open readings and flags leave; ``code``, as it stands, where there are none."""
    opened = opened_worlds(made, ready)
    if not opened:
        return code
    codes: list[int] = []

    def look() -> bool:
        codes.append(ready.verdict(made.row, parameters, *on))
        return codes[-1] == OPEN or codes[-1] != codes[0]

    return OPEN if place_each(made, opened, look) else codes[0]


def sheet(made: Subject) -> Sheet:
    """The rules under the law of the filing's days."""
    machine = made.machine
    laws = {rule.law: made.law_day(rule)[1] for rule in machine.laws}
    key = tuple([bisect_right(machine.turns, day) for law in laws.values() for day in law])
    found = machine.sheets.get(key)
    if found is None:
        found = machine.sheets[key] = _sheet(machine, laws)
    return found


def _sheet(machine: Machine, laws: Mapping[tuple[str, ...], tuple[int, int]]) -> Sheet:
    made = Sheet([], [], [])
    for number, rule in enumerate(machine.pack.rules):
        ready = machine.ready(rule)
        segments = ready.segments_on(laws[rule.law])
        if len(segments) > 1 or not segments[0].in_force:
            made.rest.append((number, rule if len(segments) > 1 else None))
            continue
        applies = rule.formula.applies
        still = applies is None or not machine.steps.mask(applies) & DAY
        line = Line(number, ready.mask, ready, segments[0].parameters, rule.held_on, still)
        (made.held if rule.held_on else made.plain).append(line)
    return made
