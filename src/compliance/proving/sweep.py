"""Sweep the law through time: on every day about a boundary each rule stands on one version of what it reads and cites."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from compliance import dates
from compliance.engine.machine import Machine
from compliance.expressions.tree import parameters_of
from compliance.packs.book import Citation, Pack, Rule


class Hole(NamedTuple):
    """A day (a day number) on which a rule in force stands on no version of something, or on two."""

    rule: str
    day: int
    what: str
    versions: int


def holes(pack: Pack) -> Iterator[Hole]:
    """Every hole in the law of a pack."""
    machine = Machine(pack)
    for rule in pack.rules:
        for day in days(pack, rule):
            inside = [segment for segment in machine.segments(rule) if segment.start <= day < segment.end]
            if len(inside) != 1 or not inside[0].in_force:
                yield Hole(rule.id, day, rule.id, sum(segment.in_force for segment in inside))
            for what, versions in standing(pack, rule, day):
                yield Hole(rule.id, day, what, versions)


def days(pack: Pack, rule: Rule) -> list[int]:
    """The day before, of and after each day on which anything that a rule reads or cites changes, while it is in force."""
    found = set(pack.boundaries(rule))
    for cite in cited(rule):
        for version in pack.instruments[cite.instrument].versions:
            found |= {version.start, version.end}
    return sorted({day + by for day in found for by in (-1, 0, 1) if rule.start <= day + by < min(rule.end, dates.LAST_DAY)})


def cited(rule: Rule) -> list[Citation]:
    """What a rule and its exceptions cite."""
    return [*rule.cite, *(cite for exempt in rule.exceptions for cite in exempt.cite)]


def standing(pack: Pack, rule: Rule, day: int) -> Iterator[tuple[str, int]]:
    """The parameters and instruments of which a day has not one version, with how many it has.

    An instrument cited may be younger than the rule, or have lapsed, as long as another that the rule cites is in force; a
    parameter that only an exception with days of its own reads need not have a version on others.
    """
    needed = wanted(pack, rule, day)
    for name in sorted(rule.parameters()):
        versions = sum(value.start <= day < value.end for value in pack.parameters[name].values)
        if versions > 1 or (versions == 0 and name in needed):
            yield name, versions
    in_force = {cite.instrument: _versions(pack, cite, day) for cite in cited(rule)}
    yield from ((name, versions) for name, versions in in_force.items() if versions > 1)
    if not any(_versions(pack, cite, day) for cite in rule.cite):
        yield ", ".join(dict.fromkeys(cite.instrument for cite in rule.cite)), 0


def wanted(pack: Pack, rule: Rule, day: int) -> frozenset[str]:
    """The parameters that a rule reads on a day: those of an exception that has days of its own only on these."""
    found = rule.standing()
    for exempt, clause in zip(rule.exceptions, rule.formula.clauses[1:], strict=True):
        own = pack.parameters[exempt.flag].on(day) if exempt.flag else None
        if own is not None and own.value:
            found |= parameters_of(clause.require)
    return found


def _versions(pack: Pack, cite: Citation, day: int) -> int:
    return sum(version.start <= day < version.end for version in pack.instruments[cite.instrument].versions)
