"""Decide a whole book on one filing: the verdicts alone, by generated code, for who decides many filings in a row."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import NamedTuple

from compliance.engine.decide import ABSENT, across, decide, opened_worlds
from compliance.engine.machine import Machine, Ready
from compliance.engine.subject import ALWAYS, Subject
from compliance.expressions.formula import OPEN
from compliance.expressions.steps import DAY
from compliance.packs.book import Rule


class Line(NamedTuple):
    """One rule under one version of its law: ``exact`` decides where every fact that it reads is exact, ``ranges`` on any facts.

    ``number`` is its place in the book, ``mask`` what it reads, ``held`` the days it is held against, ``still`` whether it
    applies on all of them alike.
    """

    number: int
    mask: int
    ready: Ready
    parameters: tuple[int, ...]
    exact: Callable[..., int]
    ranges: Callable[..., int]
    held: tuple[str, ...]
    still: bool


class Sheet(NamedTuple):
    """The rules of a book under the law of certain days: those held against no day, those held against some, and the rest.

    The rest are not in force (None) or under more than one version of their law, which are decided one by one.
    """

    plain: list[Line]
    held: list[Line]
    rest: list[tuple[int, Rule | None]]


def decide_all(made: Subject) -> list[int]:
    """The code of each rule's verdict as ``decide`` gives it, in the order of the book; meant for many filings in a row.

    Generated code is made for every rule when it is first needed: on a single filing that takes longer than it saves.
    """
    row = made.row
    vague = made.machine.steps.mask_of(made.vague)
    low, high = ALWAYS
    found = [ABSENT] * len(made.machine.pack.rules)
    rules = sheet(made)
    for number, mask, ready, parameters, exact, ranges, _, _ in rules.plain:
        if not mask & vague:
            found[number] = exact(row, parameters, low, high)
            continue
        code = ranges(row, parameters, low, high)
        found[number] = code if code < OPEN or not opened_worlds(made, ready) else decide(made, ready.rule)
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
    _, mask, ready, parameters, exact, ranges, _, still = line
    row = made.row
    if still and len(days) > 1:
        code = ranges(row, parameters, min([low for low, _ in days]), max([high for _, high in days]))
        if code < OPEN:
            return code
    by_day = {}
    for on in days:
        if on[0] == on[1] and not mask & vague:
            code = exact(row, parameters, *on)
        else:
            code = ranges(row, parameters, *on)
            if code >= OPEN and opened_worlds(made, ready):
                return decide(made, ready.rule)
        if code == OPEN:
            return OPEN
        by_day[on] = code
    return across(by_day)


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
        ready.generate(own=True)
        segments = ready.segments_on(laws[rule.law])
        if len(segments) > 1 or not segments[0].in_force:
            made.rest.append((number, rule if len(segments) > 1 else None))
            continue
        applies = rule.formula.applies
        still = applies is None or not machine.steps.mask(applies) & DAY
        code = ready.code(True, False), ready.code(False, False)
        line = Line(number, ready.mask, ready, segments[0].parameters, *code, rule.held_on, still)
        (made.held if rule.held_on else made.plain).append(line)
    return made
