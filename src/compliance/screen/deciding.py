"""Decide every rule on a block of filings at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from compliance.engine import many, settling
from compliance.engine.decide import ABSENT, Decision, decide, measure
from compliance.engine.figures import span, unit_of
from compliance.engine.machine import Ready
from compliance.engine.questions import erase, open_verdict, questions_of
from compliance.engine.subject import Subject
from compliance.engine.verdict import GRAVEST, clause_of, left_to_people, reported
from compliance.expressions.formula import FAIL, NOT_APPLICABLE, OPEN, PASS
from compliance.packs.book import Rule
from compliance.screen.cases import Cases
from compliance.screen.found import NONE, Found
from compliance.screen.some import some_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from compliance.screen.states import Division

    Array = NDArray[Any]

ALIKE = 2  # filings that a class holds on average from which on deciding one of each is quicker than deciding all
FEW = 256  # filings below which asking one by one is quicker than making columns of them


def decide_block(cases: Cases, rules: Sequence[Rule], robust: bool, few: int = FEW) -> tuple[Found, Counter[str]]:
    """What each rule gives on each case, and how often a rule took the scalar form because columns could not tell it.

    The cases share one machine. Both forms give the same; ``few`` says from how many cases on columns are made.
    """
    found, scalar = Found(len(rules), len(cases)), Counter[str]()
    batch = cases.batch
    if batch is None and len(cases) < few:
        for number, rule in enumerate(rules):
            for index, made in enumerate(cases.made):
                _put(found, number, index, made, rule, measure(made, rule), robust)
        return found, scalar
    if batch is None:
        batch = many.of_filings(cases.made)
    for number, rule in enumerate(rules):
        alone = _of_classes(found, number, cases, batch, rule, robust)
        if count := int(alone.sum()):
            scalar[rule.id] += count
    return found, scalar


def division_of(cases: Cases, rule: Rule) -> Division | None:
    """The cases by what a rule hangs on; None where that is not known, or there are too many classes to be worth it."""
    division = None if cases.classes is None else cases.classes.of(rule)
    return None if division is None or ALIKE * len(division.first) > len(cases) else division


def _of_classes(found: Found, number: int, cases: Cases, batch: many.Batch, rule: Rule, robust: bool) -> Array:
    """One rule on the first case of each class, where they are divided so, else on all; gives which took the scalar form."""
    division = division_of(cases, rule)
    if division is None:
        return _of_columns(found, number, cases.made, batch, rule, robust)
    part = Found(1, len(division.first), found)
    some, made = some_of(batch, cases.made, division.first)
    alone = _of_columns(part, 0, made, some, rule, robust)
    found.spread(number, division.of, part)
    taken: Array = alone[division.of]
    return taken


def _put(found: Found, number: int, index: int, made: Subject, rule: Rule, decision: Decision, robust: bool) -> None:
    """A decision of the scalar form among what was found."""
    code = decision.code
    if code == ABSENT:
        return
    found.verdicts[number, index] = GRAVEST.index(open_word(made, rule) if code == OPEN else reported(rule, decision, code))
    if code != NOT_APPLICABLE and decision.sides:
        clause = clause_of(decision)
        at = clause if decision.sides[clause] is not None else 0
        sides, require = decision.sides[at], rule.formula.clauses[at].require
        if sides is not None and require.op == "cmp":
            for name, ends, side in (("measure", sides.left, require.args[0]), ("limit", sides.right, require.args[1])):
                shown = span(*ends, side.type)
                for end in ("low", "high"):
                    found.parts[f"{name}_{end}"][number, index] = found.text(shown.get(end))
                found.parts["unit" if name == "measure" else "limit_unit"][number, index] = found.text(shown["unit"])
    if robust and decision.decided:
        found.robust[number, index] = rests_alone(made, rule, code)


def open_word(made: Subject, rule: Rule) -> str:
    """The verdict of an open rule. Where nobody has anything to judge, and the market nothing to settle, a fact is missing."""
    if _by_facts_alone(made.machine.ready(rule)):
        return "missing"
    return open_verdict(made, rule, questions_of(made, rule))


@lru_cache(maxsize=4096)
def _by_facts_alone(ready: Ready) -> bool:
    """Whether a rule hangs on no reading, judgement or fact of the market."""
    words = ready.pack.vocabulary
    market = (entity != "reading" and words.entity(entity).fields[name].settled_by == "market" for entity, name in ready.fields)
    return not ready.readings and not ready.judged and not any(market)


def rests_alone(made: Subject, rule: Rule, code: int) -> bool:
    """Whether a decided verdict stands with every question open at once."""
    questions = questions_of(made, rule)
    if not questions:
        return True
    puts, names = erase(questions)
    with made.put(puts, names):
        return decide(made, rule) == code


# A rule in columns


def _of_columns(found: Found, number: int, made: Sequence[Subject], batch: many.Batch, rule: Rule, robust: bool) -> Array:
    """One rule on a whole batch; gives on which cases the scalar form was asked."""
    measured = many.measure(batch, rule)
    codes, alone = measured.codes, measured.scalar.copy()
    found.verdicts[number] = _verdicts(rule, codes, measured.clauses)
    _spans(found, number, rule, measured)
    alone[_tell_open(found.verdicts[number], made, batch, rule, ((codes == OPEN) & ~alone).nonzero()[0])] = True
    if robust:
        rows = (((codes == PASS) | (codes == FAIL) | (codes == NOT_APPLICABLE)) & ~measured.scalar).nonzero()[0]
        stands = settling.stands_alone(batch, rule, rows, codes[rows])
        found.robust[number, rows] = stands.holds
        for index in rows[stands.left].tolist():
            found.robust[number, index] = rests_alone(made[index], rule, int(codes[index]))
        alone[rows[stands.left]] = True
    for index, decision in measured.other.items():
        found.verdicts[number, index] = NONE
        _put(found, number, index, made[index], rule, decision, robust)
    return alone


def words(batch: many.Batch, made: Sequence[Subject], rule: Rule) -> tuple[Array, Array]:
    """The verdict of a rule on each filing of a batch, as ``decide_block`` has it, without its measures.

    Places in ``GRAVEST``, ``NONE`` where it is not in force; and which filings took the scalar form.
    """
    if any(exempt.verdict is not None for exempt in rule.exceptions):  # an unmet rule is told by the clauses in force
        measured = many.measure(batch, rule)
        codes, alone, clauses = measured.codes, measured.scalar.copy(), measured.clauses
    else:
        decided = many.decide(batch, rule)
        codes, alone, clauses = decided.codes, decided.scalar.copy(), decided.codes * 0
    found = _verdicts(rule, codes, clauses)
    for index in ((codes == OPEN) & alone).nonzero()[0].tolist():
        found[index] = GRAVEST.index(open_word(made[index], rule))
    alone[_tell_open(found, made, batch, rule, ((codes == OPEN) & ~alone).nonzero()[0])] = True
    return found, alone


def _tell_open(verdicts: Array, made: Sequence[Subject], batch: many.Batch, rule: Rule, rows: Array) -> Array:
    """Tell judgements from what is missing where a rule is open, among verdicts that take it all as missing.

    Gives the filings that the scalar form was asked about.
    """
    if not len(rows) or _by_facts_alone(batch.machine.ready(rule)):
        return rows[:0]
    settled = settling.settled_by_answers(batch, rule, rows)
    verdicts[rows[settled.holds]] = GRAVEST.index("judgement")
    for index in rows[settled.left].tolist():
        verdicts[index] = GRAVEST.index(open_word(made[index], rule))
    left: Array = rows[settled.left]
    return left


def _clauses_shown(clauses: Array) -> Array:
    """For each case the clause that a finding speaks of: see ``engine.verdict.clause_of``."""
    import numpy as np

    lowest = clauses & -clauses
    return np.where(clauses == 0, 0, np.searchsorted(np.int64(1) << np.arange(62), lowest))


def _verdicts(rule: Rule, codes: Array, clauses: Array) -> Array:
    """The words of the codes, as places in ``GRAVEST``; what is open as missing. ``clauses`` are the bits of those that may be in force."""
    import numpy as np

    def word(code: int) -> int:
        if code in (ABSENT, OPEN):
            return NONE if code == ABSENT else GRAVEST.index("missing")
        return GRAVEST.index(reported(rule, Decision(code, {}, 1, ()), code))

    plain = np.array([word(code) for code in range(ABSENT + 1)], dtype=np.int8)
    judged = left_to_people(rule)
    if not judged:
        return plain[codes]
    shown = np.where((np.where(clauses == 0, 1, clauses) & judged) != 0, GRAVEST.index("judgement"), GRAVEST.index("fail"))
    return np.where(codes == FAIL, shown, plain[codes]).astype(np.int8)


def _spans(found: Found, number: int, rule: Rule, measured: many.Measured) -> None:
    """What the clause that is shown compares, of each case that it was measured for: the base where that is no comparison."""
    shown = _clauses_shown(measured.clauses)
    known = [None if sides is None else sides.left.known for sides in measured.sides]
    for clause, held in enumerate(known):
        if clause and held is not None:
            shown[(shown == clause) & ~held] = 0
        elif clause:
            shown[shown == clause] = 0
    for clause, (sides, held) in enumerate(zip(measured.sides, known, strict=True)):
        if sides is None or held is None:
            continue
        rows = ((shown == clause) & held).nonzero()[0]
        if len(rows):
            left, right = (side.type for side in rule.formula.clauses[clause].require.args)
            found.put_span(number, rows, ("measure_low", "measure_high", "unit"), sides.left, left, unit_of(left))
            found.put_span(number, rows, ("limit_low", "limit_high", "limit_unit"), sides.right, right, unit_of(right))
