"""Which facts a rule book asks for, once a few facts are known: those that some rule still reads which may apply."""

from __future__ import annotations

from compliance.engine.decide import measure
from compliance.engine.machine import Machine
from compliance.engine.subject import subject
from compliance.expressions.formula import NOT_APPLICABLE
from compliance.facts.filing import Filing


def asked(machine: Machine, filing: Filing, as_of: int) -> set[tuple[str, str]]:
    """The (entity, field) pairs that the rules read which apply or may, on a filing of which little is known yet.

    Among them are the days that pick the version of the law and against which windows are held.
    """
    pack = machine.pack
    made = subject(machine, filing, as_of)
    found: set[tuple[str, str]] = set()
    for rule in pack.rules:
        if rule.end <= as_of or measure(made, rule).code == NOT_APPLICABLE:
            continue
        found |= {pair for pair in machine.fields(rule) if pair[0] != "reading"}
        days = {pack.days[name] for name in (*rule.law, *rule.held_on) if name in pack.days}
        found |= {(pack.vocabulary.root.name, path) for path in days}
    return found
