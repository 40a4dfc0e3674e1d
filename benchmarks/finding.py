"""What a finding costs, stage by stage: the verdict, what it rests on, the working, the facts with their places, the texts.

    python benchmarks/finding.py [--n 15]

One finding of each rule on a real filing, everything warm; microseconds, medians of rounds in turn. "Without search" is the
finding that has working, evidence, both texts and robust, but no flips, needs or margins: to reach 100 µs a rule.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import in_turn, machine, table

ROOT = Path(__file__).resolve().parent.parent
STAGES = ("verdict", "questions", "robust", "working", "facts", "texts", "rest", "without search", "flips", "needs", "margins", "all")


def stages(made: Any, rule: Any) -> dict[str, Callable[[], Any]]:
    """The stages of one rule's finding, each to be called by itself."""
    from compliance.engine import decide, explain, questions, record

    decision = decide.measure(made, rule)
    found = record.Finding(made, rule, decision)
    day = next(iter(decision.by_day), "") if decision.by_day else ""
    decided = decision.code in questions.DECIDED[:2]
    wanted = found.wanted() if found.verdict in ("judgement", "missing") else []
    full = found.plain(record._Places())

    def robust() -> None:
        if decided:
            puts, names = questions.erase(found.questions)
            with made.put(puts, names):
                decide.measure(made, rule)

    def rest() -> None:
        plain: dict[str, Any] = {}
        found.measures(plain)
        found.covers(), found.citations(), found.days(), found.exception()
        [found.question(question, record._Places()) for question in found.questions]
        record.fingerprint(full, made.filing.sha256, found.pack.sha256, made.as_of)

    def all_of_it() -> None:
        record.Finding(made, rule, decide.measure(made, rule)).plain(record._Places())

    return {
        "verdict": lambda: decide.measure(made, rule),
        "questions": lambda: questions.questions_of(made, rule),
        "robust": robust,
        "working": lambda: explain.working(explain.Trace(made, rule, day), found.clause),
        "facts": lambda: found.facts(day, record._Places()),
        "texts": lambda: found.message(full, wanted),
        "rest": rest,
        "flips": (lambda: questions.basis(made, rule, decision, found.questions)) if decided else (lambda: None),
        "margins": found.margins,
        "needs": found.wanted if wanted else (lambda: None),
        "all": all_of_it,
    }


def main() -> None:
    """Print a table for each case."""
    from compliance import dates
    from compliance.engine import decide
    from compliance.expressions.emit import NOT_APPLICABLE
    from compliance.facts import loading
    from compliance.packs import cache

    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--n", type=int, default=7, help="rounds")
    given = options.parse_args()
    pack = cache.load(ROOT / "rules" / "cn-refinancing")
    ready = decide.Machine(pack)
    for case in ("300766", "688327"):
        filing = loading.load(ROOT / "cases" / case / "filing.yaml", pack.vocabulary, pack.id, pack.options)
        rows = []
        for rule in pack.rules:
            made = decide.subject(ready, filing, dates.parse("2025-12-31").low)
            if decide.measure(made, rule).code in (decide.ABSENT, NOT_APPLICABLE):
                continue
            took = {name: seconds * 1e6 for name, seconds in in_turn(stages(made, rule), repeat=given.n).items()}
            took["flips"] = max(0.0, took["flips"] - took["robust"])
            took["without search"] = sum(took[name] for name in STAGES[:7])
            rows.append([rule.id, *(f"{took[name]:.0f}" for name in STAGES)])
        print(f"{case}: microseconds for each finding\n")
        print(table(["rule", *STAGES], rows), "\n")
    print(machine(["pydantic"]))


if __name__ == "__main__":
    main()
