"""What a check costs: the whole book on one filing, and each finding stage by stage.

    python benchmarks/finding.py [--n 7] [--rules]

The first table is of the whole book: the first record of a fresh process, one of a process that has checked before and has its
code, every rule decided (on the filing, and on one whose facts are all exact), decided with its measures as a check does it, and
every finding with working, evidence, both texts and robust but no flips, needs or margins. The last row is that over the number of
findings: what one costs in a record. Nothing is remembered of the filing from one round to the next.

Then microseconds a finding, medians over the rules that apply (with ``--rules`` rule by rule): each stage, most of them after the
others, and "alone" as one without search on a filing of which nothing is remembered but where its facts lie. What a record makes
once for all its findings (the filing as the engine sees it) is made before the clock starts.
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

from measure import in_turn, table
from measure import machine as running_on

from compliance import dates
from compliance.engine import decide, explain, finding, flips, machine, plain, questions, record, subject, whole
from compliance.expressions.formula import NOT_APPLICABLE
from compliance.facts import loading
from compliance.packs import cache

CODES = ("300766", "688327", "688256", "603668")
ROOT = Path(__file__).resolve().parent.parent
DAY = dates.parse("2025-12-31").low
STAGES = ("verdict", "questions", "robust", "working", "facts", "texts", "rest", "alone", "flips", "needs", "margins", "all")


def anew(made: Any) -> Any:
    """A filing on its day as first met: nothing is remembered of it but where its facts lie, which a record looks up once."""
    filing = dataclasses.replace(made.filing)
    filing.path_of(filing.row, 0), filing.rows_of(""), filing.marks
    filing.marked(0)
    return dataclasses.replace(made, filing=filing)


def without_search(made: Any, rule: Any, decision: Any, places: Any) -> None:
    """A finding with working, evidence, both texts and robust, but no flips, needs or margins."""
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


def on_fresh(made: Any, call: Callable[[Any], Any], prepared: Callable[[Any], Any] = anew) -> Callable[[], float]:
    """Time a call on a filing as first met, which is made before the clock starts."""

    def timed() -> float:
        fresh = prepared(made)
        start = time.process_time()
        call(fresh)
        return time.process_time() - start

    return timed


def stages(made: Any, rule: Any) -> dict[str, Callable[[], Any]]:
    """The stages of one rule's finding, each to be called by itself."""
    decision = decide.measure(made, rule)
    found = finding.Finding(made, rule, decision)
    day = next(iter(decision.by_day), "") if decision.by_day else ""
    decided = decision.code in decide.DECIDED[:2]
    wanted = [] if decision.decided else found.wanted()
    full = found.plain(plain.Places())

    def robust() -> None:
        if decided and found.questions:
            decide.measure_with(made, rule, *questions.erase(found.questions))

    def rest() -> None:
        measured: dict[str, Any] = {}
        found.measures(measured)
        found.covers(), found.citations(), found.days(), found.exception()
        [found.question(question, plain.Places()) for question in found.questions]
        finding.fingerprint(full, made.filing.sha256, found.pack.sha256, made.as_of)

    def all_of_it(fresh: Any) -> None:
        finding.Finding(fresh, rule, decide.measure(fresh, rule)).plain(plain.Places())

    return {
        "alone": on_fresh(made, lambda fresh: without_search(fresh, rule, decide.measure(fresh, rule), plain.Places())),
        "verdict": on_fresh(made, lambda fresh: decide.measure(fresh, rule)),
        "questions": on_fresh(made, lambda fresh: questions.questions_of(fresh, rule)),
        "robust": robust,
        "working": lambda: explain.Trace(made, found.ready, found.law[1][0], day).working(found.clause),
        "facts": lambda: found.facts(day, plain.Places()),
        "texts": lambda: found.message(full, wanted),
        "rest": rest,
        "flips": (lambda: flips.basis(made, rule, decision, found.questions)) if decided else (lambda: None),
        "margins": found.margins,
        "needs": found.wanted if wanted else (lambda: None),
        "all": on_fresh(made, all_of_it),
    }


def whole_book(pack: Any, code: str, rounds: int) -> dict[str, float]:
    """What the whole book takes on one filing: milliseconds, and in the last row microseconds a finding."""
    path = ROOT / "cases" / code / "filing.yaml"

    def load() -> Any:
        return loading.load(path, pack.vocabulary, pack.id, pack.options)

    ready = machine.Machine(pack)
    filing, settled = load(), load()
    start = time.process_time()
    listed = record.check(ready, filing, DAY)["findings"]
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
                row[part.slot] = row[part.slot + 1] = DAY - 400
            elif part.type not in ("text", "code", "ref"):
                row[part.slot + 1] = row[part.slot]
    stated, exact = subject.subject(ready, filing, DAY), subject.subject(ready, settled, DAY)

    def findings() -> None:
        made, places = subject.subject(ready, dataclasses.replace(filing), DAY), plain.Places()
        for rule, decision in zip(pack.rules, whole.measure_all(made), strict=True):
            without_search(made, rule, decision, places)

    calls: dict[str, Callable[[], Any]] = {
        "record again": lambda: record.check(ready, dataclasses.replace(filing), DAY),
        "findings without search": findings,
        # Rows alone are looked at to decide: where facts lie need not be found anew.
        "decided with measures": on_fresh(stated, whole.measure_all, dataclasses.replace),
        "decided": on_fresh(stated, whole.decide_all, dataclasses.replace),
        "decided, all exact": on_fresh(exact, whole.decide_all, dataclasses.replace),
    }
    warm = in_turn(calls, repeat=rounds, warm=8, clock=time.process_time)
    found = {name: seconds * 1e3 for name, seconds in {"first record": first, **warm}.items()}
    return {**found, "µs a finding without search": found["findings without search"] * 1e3 / len(listed)}


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--n", type=int, default=7, help="rounds")
    options.add_argument("--rules", action="store_true", help="a row for each rule")
    given = options.parse_args()
    gc.set_threshold(200_000, 50, 50)  # as the command line sets it
    pack = cache.load(ROOT / "rules" / "cn-refinancing")
    found = {code: whole_book(pack, code, given.n) for code in CODES}
    print(f"the whole book ({len(pack.rules)} rules) on one filing, in cpu ms\n")
    print(table(["", *CODES], [[name, *(f"{found[code][name]:.2f}" for code in CODES)] for name in found[CODES[0]]]), "\n")
    ready = machine.Machine(pack)
    ready.generate(pack.rules, own=True)
    for case in CODES[:2]:
        filing = loading.load(ROOT / "cases" / case / "filing.yaml", pack.vocabulary, pack.id, pack.options)
        rows: list[list[Any]] = []
        for rule in pack.rules:
            made = subject.subject(ready, filing, DAY)
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
    print(running_on(["pydantic"]))


if __name__ == "__main__":
    main()
