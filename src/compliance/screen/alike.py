"""What a finding hangs on, read as one key: filings that are alike in it have the same finding, which is made once for all of them.

The key holds everything of a filing that a rule may look at: the facts with their texts and places, the items by their paths,
the answers, and what the filing itself concludes. What it leaves out (the issuer's name, say) no finding of the rule can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import count
from operator import itemgetter

from compliance.engine.machine import Machine
from compliance.facts.answers import READING
from compliance.facts.filing import Answer, Filing
from compliance.packs.book import Rule
from compliance.vocabulary import ROOT, Text

Name = tuple[str, str]  # an entity and a field of it

MANY = 400_000  # states of fields that are told apart before it begins anew


class States(dict[Name, Hashable]):
    """The state of each field of a filing, as a number; of a field that it does not state, that of the items it might stand in."""

    def __init__(self, items: Mapping[str, int]) -> None:
        super().__init__()
        self.items_of = items

    def __missing__(self, name: Name) -> Hashable:
        return self.items_of.get(name[0], 0)


class Alike:
    """Reads the keys of filings. One number stands for one state as long as it is known; a number is never given twice."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._numbers: dict[Hashable, int] = {}
        self._next = count(1)
        self._pick: dict[str, Callable[[States], Hashable]] = {}

    def states(self, filing: Filing) -> States:
        """The states of a filing's fields."""
        if len(self._numbers) > MANY:
            self._numbers.clear()
        paths: dict[str, list[str]] = {}
        for path, (entity, _) in filing.items.items():
            paths.setdefault(entity, []).append(path)
        found = States({entity: self._number(tuple(listed)) for entity, listed in paths.items() if entity != ROOT})
        order = {path: number for number, path in enumerate(filing.answers)}
        stated: dict[Name, list[Hashable]] = {}
        for path, fact in filing.facts.items():
            part = fact.field
            answers = (order[path], *map(_plain, filing.answers[path])) if path in order else ()
            inside = found.items_of.get(part.of, 0) if part.type == "list" else 0
            stated.setdefault((part.entity, part.name), []).append((path, fact.text, fact.value, fact.evidence, inside, answers))
        for name, facts in stated.items():
            found[name] = self._number((found.items_of.get(name[0], 0), *facts))
        for path, given in filing.answers.items():
            if path.startswith(READING):
                found["reading", path.removeprefix(READING)] = self._number(tuple(map(_plain, given)))
        return found

    def key(self, filing: Filing, states: States, rule: Rule) -> Hashable:
        """What of a filing a rule's finding hangs on."""
        pick = self._pick.get(rule.id)
        if pick is None:
            pick = self._pick[rule.id] = itemgetter(*sorted(names_of(self.machine, rule)), _NOTHING)
        said = (
            tuple([(one.verdict, _text(one.text), one.evidence) for one in filing.stated if one.rule == rule.id]) if filing.stated else ()
        )
        return rule.id, pick(states), said

    def _number(self, state: Hashable) -> int:
        found = self._numbers.get(state)
        if found is None:
            found = self._numbers[state] = next(self._next)
        return found


_NOTHING: Name = ("", "")  # a name beside the others, so that there are always several


def names_of(machine: Machine, rule: Rule) -> frozenset[Name]:
    """The fields that a rule's finding may hang on: what its verdict reads, what its questions and margins do."""
    ready = machine.ready(rule)
    asked, conditions = ready.asks
    return frozenset((*machine.steps.names(ready.mask | conditions), *asked, *_solved_for(machine, rule)))


def _solved_for(machine: Machine, rule: Rule) -> Iterator[Name]:
    words = machine.pack.vocabulary
    for margin in rule.margins:
        for path in (margin.variable, margin.base, *(path for scenario in margin.scenarios for path in scenario.at)):
            if path is not None:
                yield from ((part.entity, part.name) for part in words.along(path))


def _plain(answer: Answer) -> Hashable:
    """An answer without the line it stands in."""
    return answer.party, answer.path, answer.value, answer.text, _text(answer.reason), answer.evidence


def _text(text: Text | None) -> Hashable:
    return tuple(sorted(text.items())) if text else ()
