"""What a rule decides, worked out step by step on one filing: no code is made for it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from compliance.expressions.formula import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS, Formula
from compliance.expressions.steps import Step, Stepping, Steps


class Stepwise:
    """A rule by steps: its verdict, and the sides of what it compares."""

    def __init__(self, steps: Steps, formula: Formula) -> None:
        self.steps = steps
        self.formula = formula

    @cached_property
    def applies(self) -> Step | None:
        """The step of its condition; None: it always applies. Where it does not, nothing else is linked."""
        return self.steps.of(self.formula.applies) if self.formula.applies is not None else None

    @cached_property
    def clauses(self) -> list[tuple[Step | None, Step]]:
        """Of each clause the steps of its condition and of what it requires."""
        of = self.steps.of
        return [(of(clause.when) if clause.when is not None else None, of(clause.require)) for clause in self.formula.clauses]

    @cached_property
    def compared(self) -> list[tuple[Step, Step, Step] | None]:
        """Of each clause that is a comparison the steps of its sides and of its difference."""
        found: list[tuple[Step, Step, Step] | None] = []
        for clause in self.formula.clauses:
            require = clause.require
            sides = [self.steps.of(side) for side in require.args] if require.op == "cmp" else []
            found.append((sides[0], sides[1], self.steps.spread(require)) if sides else None)
        return found

    def verdict(self, e: Stepping) -> tuple[int, int, Any, Any]:
        """The code, the bits of the clauses that may be in force, and whether the rule applies (low, high)."""
        low, high = self.applies(e, ()) if self.applies is not None else (True, True)
        if not high:
            return NOT_APPLICABLE, 0, low, high
        base = self.clauses[0][1](e, ())
        if len(self.clauses) == 1:
            if base[0]:
                return PASS, 1, low, high
            return (FAIL if low and not base[1] else OPEN), 1, low, high
        exceptions = [(number, when(e, ()), require) for number, (when, require) in enumerate(self.clauses) if when is not None]
        worlds = [] if any(sure for _, (sure, _), _ in exceptions) else [base]
        bits = len(worlds)
        passed = failed = False
        for number, (sure, possible), require in exceptions:
            if possible:
                met = require(e, ())
                worlds.append(met)
                bits |= 1 << number
                passed = passed or bool(sure and met[0])
                failed = failed or bool(sure and not met[1])
        if passed and failed:
            return CONFLICT, bits, low, high
        if all(met for met, _ in worlds):
            return PASS, bits, low, high
        return (FAIL if low and not any(met for _, met in worlds) else OPEN), bits, low, high

    def measured(self, e: Stepping) -> tuple[Any, ...]:
        """The measuring form: the verdict, and of each clause the sides and the difference (see ``emit.compile_rule``)."""
        verdict = self.verdict(e)
        if verdict[0] == NOT_APPLICABLE:
            return (*verdict, (None,) * len(self.formula.clauses))
        return (*verdict, tuple([(*of[0](e, ()), *of[1](e, ()), *of[2](e, ())) if of is not None else None for of in self.compared]))
