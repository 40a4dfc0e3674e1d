"""What a rule asks, as typed trees, and the codes of what comes of it: what every way of deciding shares."""

from __future__ import annotations

from typing import NamedTuple

from compliance.expressions.tree import Node

NOT_APPLICABLE, PASS, FAIL, OPEN, CONFLICT = range(5)


class Clause(NamedTuple):
    """One way a rule can ask for something: the base (``when`` is None) or a labelled exception."""

    when: Node | None
    require: Node


class Formula(NamedTuple):
    """The formulas of one rule: when it applies (None: always), the base clause and its exceptions."""

    applies: Node | None
    clauses: tuple[Clause, ...]

    def nodes(self) -> list[Node]:
        """The top nodes, in the order in which they are evaluated."""
        found = [self.applies] if self.applies is not None else []
        for clause in self.clauses:
            found += [clause.when] if clause.when is not None else []
            found.append(clause.require)
        return found
