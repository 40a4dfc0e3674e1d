"""What a check costs: the whole book on one filing, and each finding stage by stage.

    python benchmarks/finding.py [--n 7] [--rules]

The first table is in milliseconds for the whole book: the first record of a fresh process, one of a process that has
checked before and has its code, every rule decided (on the filing, and on one whose facts are all exact), and every finding
with working, evidence, both texts and robust but no flips, needs or margins. Nothing is remembered of the filing from one
round to the next. Then microseconds a finding, medians over the rules that apply (with ``--rules`` rule by rule): each
stage, most of them after the others, and "without search" as one on a filing of which nothing is remembered; that is to
reach 100 µs.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import in_turn, machine, table

CODES = ("300766", "688327", "688256", "603668")
ROOT = Path(__file__).resolve().parent.parent
STAGES = ("verdict", "questions", "robust", "working", "facts", "texts", "rest", "without search", "flips", "needs", "margins", "all")


def without_search(made: Any, rule: Any, places: Any) -> None:
    """A finding with working, evidence, both texts and robust, but no flips, needs or margins."""
    from compliance.engine import decide, finding, questions
    from compliance.expressions.formula import NOT_APPLICABLE

    decision = decide.measure(made, rule)
    if decision.code == decide.ABSENT:
        return
    found = finding.Finding(made, rule, decision)
    at = next(iter(decision.by_day), "")
    shown: dict[str, Any] = {"rule": rule.id, "verdict": found.verdict}
    if decision.code in decide.DECIDED[:2] and found.questions:
        shown["robust"] = decide.measure_with(made, rule, *questions.erase(found.questions)).code == decision.code
    if decision.code != NOT_APPLICABLE:
        found.measures(shown)
        found.trace(at).working(found.clause)
    found.message(shown, []), found.citations(), found.days(), found.facts(at, places)
    finding.fingerprint(shown, made.filing.sha256, found.pack.sha256_of(rule), made.as_of)


def stages(made: Any, rule: Any) -> dict[str, Callable[[], Any]]:
    """The stages of one rule's finding, each to be called by itself."""
    from compliance.engine import decide, explain, finding, flips, plain, questions

    decision = decide.measure(made, rule)
    found = finding.Finding(made, rule, decision)
    day = next(iter(decision.by_day), "") if decision.by_day else ""
    decided = decision.code in decide.DECIDED[:2]
    wanted = [] if decision.decided else found.wanted()
    full = found.plain(plain.Places())

    def robust() -> None:
        if decided and found.questions:
            decide.measure_with(made, rule, *questions.erase(found.questions))

    def anew() -> Any:
        """The filing as first met: nothing is remembered of it."""
        return dataclasses.replace(made)

    def rest() -> None:
        measured: dict[str, Any] = {}
        found.measures(measured)
        found.covers(), found.citations(), found.days(), found.exception()
        [found.question(question, plain.Places()) for question in found.questions]
        finding.fingerprint(full, made.filing.sha256, found.pack.sha256, made.as_of)

    def all_of_it() -> None:
        fresh = anew()
        finding.Finding(fresh, rule, decide.measure(fresh, rule)).plain(plain.Places())

    return {
        "without search": lambda: without_search(anew(), rule, plain.Places()),
        "verdict": lambda: decide.measure(anew(), rule),
        "questions": lambda: questions.questions_of(made, rule),
        "robust": robust,
        "working": lambda: explain.Trace(made, rule, day).working(found.clause),
        "facts": lambda: found.facts(day, plain.Places()),
        "texts": lambda: found.message(full, wanted),
        "rest": rest,
        "flips": (lambda: flips.basis(made, rule, decision, found.questions)) if decided else (lambda: None),
        "margins": found.margins,
        "needs": found.wanted if wanted else (lambda: None),
        "all": all_of_it,
    }


def whole(pack: Any, code: str, rounds: int) -> dict[str, float]:
    """Milliseconds that the whole book takes on one filing."""
    from compliance import dates
    from compliance.engine import machine, plain, record, subject
    from compliance.engine.whole import decide_all
    from compliance.facts import loading

    path, day = ROOT / "cases" / code / "filing.yaml", dates.parse("2025-12-31").low

    def load() -> Any:
        return loading.load(path, pack.vocabulary, pack.id, pack.options)

    ready = machine.Machine(pack)
    filing, settled = load(), load()
    start = time.process_time()
    record.check(ready, filing, day)
    first = time.process_time() - start
    ready.generate(pack.rules, own=True)
    words = pack.vocabulary
    for entity, row in settled.items.values():
        for part in words.entity(entity).fields.values():
            if part.type == "list":
                row[part.slot + 1] = 0
            elif part.type == "kind":
                row[part.slot] = row[part.slot + 1] = row[part.slot + 1] & -row[part.slot + 1]
            elif part.type == "date" and row[part.slot] != row[part.slot + 1]:
                row[part.slot] = row[part.slot + 1] = day - 400
            elif part.type not in ("text", "code", "ref"):
                row[part.slot + 1] = row[part.slot]
    stated, exact = subject.subject(ready, filing, day), subject.subject(ready, settled, day)

    def findings() -> None:
        made, places = subject.subject(ready, filing, day), plain.Places()
        for rule in pack.rules:
            without_search(made, rule, places)

    warm = in_turn(
        {
            "record again": lambda: record.check(ready, filing, day),
            "findings without search": findings,
            "decided": lambda: decide_all(dataclasses.replace(stated)),
            "decided, all exact": lambda: decide_all(dataclasses.replace(exact)),
        },
        repeat=rounds,
        warm=8,
        clock=time.process_time,
    )
    return {name: seconds * 1e3 for name, seconds in {"first record": first, **warm}.items()}


def main() -> None:
    """Print the tables."""
    from compliance import dates
    from compliance.engine import decide, subject
    from compliance.engine import machine as engine
    from compliance.expressions.formula import NOT_APPLICABLE
    from compliance.facts import loading
    from compliance.packs import cache

    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--n", type=int, default=7, help="rounds")
    options.add_argument("--rules", action="store_true", help="a row for each rule")
    given = options.parse_args()
    gc.set_threshold(200_000, 50, 50)  # as the command line sets it
    pack = cache.load(ROOT / "rules" / "cn-refinancing")
    found = {code: whole(pack, code, given.n) for code in CODES}
    print(f"the whole book ({len(pack.rules)} rules) on one filing, in cpu ms\n")
    print(table(["", *CODES], [[name, *(f"{found[code][name]:.2f}" for code in CODES)] for name in found[CODES[0]]]), "\n")
    ready = engine.Machine(pack)
    ready.generate(pack.rules, own=True)
    for case in CODES[:2]:
        filing = loading.load(ROOT / "cases" / case / "filing.yaml", pack.vocabulary, pack.id, pack.options)
        rows: list[list[Any]] = []
        for rule in pack.rules:
            made = subject.subject(ready, filing, dates.parse("2025-12-31").low)
            if decide.measure(made, rule).code in (decide.ABSENT, NOT_APPLICABLE):
                continue
            took = {name: seconds * 1e6 for name, seconds in in_turn(stages(made, rule), repeat=given.n, clock=time.process_time).items()}
            took["flips"] = max(0.0, took["flips"] - took["robust"])
            rows.append([rule.id, *(took[name] for name in STAGES)])
        columns = list(zip(*[row[1:] for row in rows], strict=True))
        shown = [["median", *map(statistics.median, columns)], ["mean", *map(statistics.mean, columns)], ["most", *map(max, columns)]]
        print(f"{case}: microseconds for each of {len(rows)} findings\n")
        print(
            table(["rule", *STAGES], [[row[0], *(f"{cell:.0f}" for cell in row[1:])] for row in (rows if given.rules else []) + shown]),
            "\n",
        )
    print(machine(["pydantic"]))


if __name__ == "__main__":
    main()
