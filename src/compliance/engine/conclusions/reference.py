"""The conclusion engine that runs everywhere: forward chaining in plain Python.

Each rule counts the premises that are still open; a word that meets one strikes it off, and at nought the rule's
own word joins the queue. Every word is looked at once and every rule is met at most once, so the work is bounded
by the size of the input (Dowling and Gallier, "Linear-time algorithms for testing the satisfiability of
propositional Horn formulae", 1984).
"""

from __future__ import annotations

from collections.abc import Iterable

from compliance.engine.conclusions.rules import Conclusion, ConclusionRule, Word, check_rules, supported


class ReferenceEngine:
    """Runs conclusion rules in plain Python; see ``ConclusionEngine``."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The name of this engine."""
        return "reference"

    def conclude(self, rules: tuple[ConclusionRule, ...], words: Iterable[Word]) -> tuple[Conclusion, ...]:
        """Return the conclusions of ``rules`` over ``words``, in the order of ``rules``.

        Raises ``ConclusionError`` where two rules share an id.
        """
        check_rules(rules)
        given = frozenset(words)
        return supported(rules, given, _met(rules, given))


def _met(rules: tuple[ConclusionRule, ...], words: frozenset[Word]) -> list[int]:
    """Return the positions of the rules that are met at the fixed point."""
    asked: dict[tuple[str, str | None], list[tuple[int, int]]] = {}
    for position, rule in enumerate(rules):
        for number, premise in enumerate(rule.premises):
            for subject in premise.subjects or (None,):
                asked.setdefault((premise.kind, subject), []).append((position, number))
    still_open = [set(range(len(rule.premises))) for rule in rules]
    queue = list(words)
    known = set(words)
    met: list[int] = []
    while queue:
        word = queue.pop()
        for position, number in (*asked.get((word.kind, word.subject), ()), *asked.get((word.kind, None), ())):
            if number not in still_open[position] or not rules[position].premises[number].met_by(word):
                continue
            still_open[position].discard(number)
            if still_open[position]:
                continue
            met.append(position)
            concluded = rules[position].concludes
            if concluded not in known:
                known.add(concluded)
                queue.append(concluded)
    return met
