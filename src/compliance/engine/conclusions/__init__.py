"""Conclusions: what follows, in words, once the findings are decided.

A rule here is positive: where all of its premises are met, its word is concluded, and that word may meet the
premise of another rule. Nothing is negated and nothing is read from absence (a finding that could not be decided
is itself the word ``missing``), so there is one fixed point and the order of rules and words cannot matter.

Two engines find that fixed point, each alone: ``reference`` in plain Python, everywhere, and ``durable`` through
durable-rules where it is installed. An engine says only which rules are met; which input words stand behind each
(``because``) is read off afterwards by one function, so that it is the same sentence from either.
"""

from __future__ import annotations

from compliance.engine.conclusions.rules import (
    Conclusion,
    ConclusionEngine,
    ConclusionError,
    ConclusionRule,
    DurableMissing,
    Premise,
    TooManyConditions,
    Word,
)

__all__ = [
    "Conclusion",
    "ConclusionEngine",
    "ConclusionError",
    "ConclusionRule",
    "DurableMissing",
    "Premise",
    "TooManyConditions",
    "Word",
    "engine",
]


def engine(name: str = "auto") -> ConclusionEngine:
    """Return the engine of that name: ``reference``, ``durable``, or ``auto``.

    ``auto`` is durable where durable-rules can be imported and the reference elsewhere; it also hands the reference
    any set that is too large for durable-rules, so that a pack which runs on one machine runs on all of them.
    Raises ``DurableMissing`` where ``durable`` was asked for and is not there, ``ConclusionError`` for another name.
    """
    from compliance.engine.conclusions.reference import ReferenceEngine

    if name == "reference":
        return ReferenceEngine()
    if name not in ("auto", "durable"):
        raise ConclusionError(f"no conclusion engine is called {name!r}: choose auto, durable or reference")
    from compliance.engine.conclusions.durable import DurableEngine

    try:
        return DurableEngine(too_large=ReferenceEngine() if name == "auto" else None)
    except DurableMissing:
        if name == "durable":
            raise
        return ReferenceEngine()
