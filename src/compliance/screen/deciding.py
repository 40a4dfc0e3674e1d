"""Decide every rule on a block of filings at once, and write what was found as columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance import dates
from compliance.engine import many
from compliance.engine.decide import ABSENT, VERDICTS, Decision, Sides, decide, measure
from compliance.engine.figures import span
from compliance.engine.machine import Ready
from compliance.engine.questions import erase, open_verdict, questions_of
from compliance.engine.subject import Subject
from compliance.engine.verdict import clause_of, reported
from compliance.expressions.emit import NOT_APPLICABLE, OPEN
from compliance.packs.book import Rule
from compliance.quantities import BEYOND

if TYPE_CHECKING:
    from pyarrow import RecordBatch, Schema

    from compliance.screen.parts import Item

WORDS = ("fail", "judgement", "missing", "pass", "not_applicable")  # the gravest first
FORCES = ("condition", "examined", "disclosure", "house")
BLOCK = 512  # filings decided together: what stands in memory at one time
FEW = 256  # filings below which asking one by one is quicker than making columns of them


@dataclass(frozen=True, slots=True)
class Cases:
    """Filings on one day in one scenario, decided together: what tables say of each, and each as the engine sees it (``made``).

    ``items`` are their numbers in the input, ``hashes`` those of their facts (None: not known). Where ``batch`` holds them as
    columns already, ``made`` makes a filing only when it is asked for.
    """

    items: Sequence[int]
    issuers: Sequence[str]
    names: Sequence[str]
    places: Sequence[str]
    hashes: Sequence[str | None]
    scenario: str
    day: int
    made: Sequence[Subject]
    batch: many.Batch | None = None

    def __len__(self) -> int:
        return len(self.items)


class Found(NamedTuple):
    """One finding as the columns hold it; ``robust`` is None where nobody asked or nothing is decided."""

    verdict: str
    measure: Mapping[str, str]
    limit: Mapping[str, str]
    robust: bool | None


NOTHING: Mapping[str, str] = {}


def decide_block(cases: Cases, rules: Sequence[Rule], robust: bool, few: int = FEW) -> tuple[list[list[Found | None]], Counter[str]]:
    """For each rule the finding of each case (None: not in force), and how often a rule took the scalar form for want of room.

    The cases share one machine. Both forms give the same; ``few`` says from how many cases on columns are made.
    """
    scalar: Counter[str] = Counter()
    batch = cases.batch
    if batch is None and len(cases) < few:
        return [[found_of(made, rule, measure(made, rule), robust) for made in cases.made] for rule in rules], scalar
    if batch is None:
        batch = many.of_filings(cases.made)
    found = []
    for rule in rules:
        measured = many.measure(batch, rule)
        count = int(measured.scalar.sum())
        if count:
            scalar[rule.id] += count
        found.append(list(_of_columns(cases.made, rule, measured, robust)))
    return found, scalar


def found_of(made: Subject, rule: Rule, decision: Decision, robust: bool) -> Found | None:
    """A decision as the columns hold it."""
    code = decision.code
    if code == ABSENT:
        return None
    verdict = open_word(made, rule) if code == OPEN else reported(rule, decision, code)
    measure = limit = NOTHING
    if code != NOT_APPLICABLE and decision.sides:
        clause = clause_of(decision)
        at = clause if decision.sides[clause] is not None else 0
        sides = decision.sides[at]
        require = rule.formula.clauses[at].require
        if sides is not None and require.op == "cmp":
            measure, limit = span(*sides.left, require.args[0].type), span(*sides.right, require.args[1].type)
    return Found(verdict, measure, limit, rests_alone(made, rule, code) if robust and decision.decided else None)


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


def _of_columns(made: Sequence[Subject], rule: Rule, measured: many.Measured, robust: bool) -> Iterator[Found | None]:
    """The findings of one rule out of the columns form."""
    codes, clauses = measured.codes.tolist(), measured.clauses.tolist()
    plain = Found(VERDICTS[NOT_APPLICABLE], NOTHING, NOTHING, None)
    bare = not robust
    for index, code in enumerate(codes):
        if code == ABSENT:
            yield None
        elif code == NOT_APPLICABLE and bare:
            yield plain
        elif index in measured.other:
            yield found_of(made[index], rule, measured.other[index], robust)
        else:
            yield found_of(made[index], rule, _decision(measured, index, code, clauses[index]), robust)


def _decision(measured: many.Measured, index: int, code: int, clauses: int) -> Decision:
    """One decision out of the columns, with the sides of the clause that a finding shows."""
    sides: list[Any] = []
    for each in measured.sides:
        ends = None if each is None or code == NOT_APPLICABLE or not each.left.known[index] else (each.left.at(index), each.right.at(index))
        sides.append(None if ends is None else _sides(ends))
    return Decision(code, {}, clauses, tuple(sides))


def _sides(ends: Any) -> Sides:
    left, right = ((-BEYOND if low is None else low, BEYOND if high is None else high) for low, high in ends)
    return Sides(left, right, (0, 0))


# As columns


def findings_schema() -> Schema:
    """The columns of ``findings.parquet``."""
    import pyarrow as pa

    word = pa.dictionary(pa.int32(), pa.string())
    return pa.schema([
        ("item", pa.int64()), ("issuer", pa.string()), ("scenario", word), ("as_of", pa.date32()), ("rule", word), ("force", word),
        ("verdict", word), ("robust", pa.bool_()), ("measure_low", pa.string()), ("measure_high", pa.string()), ("unit", word),
        ("limit_low", pa.string()), ("limit_high", pa.string()), ("limit_unit", word),
    ])  # fmt: skip


def issuers_schema() -> Schema:
    """The columns of ``issuers.parquet``: a row for each item, scenario and day."""
    import pyarrow as pa

    word = pa.dictionary(pa.int32(), pa.string())
    counts = [(name, pa.int32()) for name in WORDS]
    return pa.schema([
        ("item", pa.int64()), ("issuer", pa.string()), ("name", pa.string()), ("place", pa.string()), ("facts_sha256", pa.string()),
        ("scenario", word), ("as_of", pa.date32()), ("verdict", word), *counts,
    ])  # fmt: skip


def findings_batch(cases: Cases, rules: Sequence[Rule], found: Sequence[Sequence[Found | None]]) -> RecordBatch:
    """The findings of a block, case by case and rule by rule."""
    import pyarrow as pa

    rows: list[list[Any]] = [[] for _ in range(14)]
    day = _day(cases.day)
    for index, (item, issuer) in enumerate(zip(cases.items, cases.issuers, strict=True)):
        for rule, column in zip(rules, found, strict=True):
            one = column[index]
            if one is None:
                continue
            measure, limit = one.measure, one.limit
            values = (
                item, issuer, cases.scenario, day, rule.id, rule.force, one.verdict, one.robust,
                measure.get("low"), measure.get("high"), measure.get("unit"), limit.get("low"), limit.get("high"), limit.get("unit"),
            )  # fmt: skip
            for row, value in zip(rows, values, strict=True):
                row.append(value)
    return _batch(findings_schema(), rows, {"rule": [rule.id for rule in rules], "force": FORCES, "verdict": WORDS}, pa)


def issuers_batch(cases: Cases, rules: Sequence[Rule], found: Sequence[Sequence[Found | None]]) -> RecordBatch:
    """The verdict of each case as a whole, with how many findings it has of each kind."""
    import pyarrow as pa

    rows: list[list[Any]] = [[] for _ in range(8 + len(WORDS))]
    day = _day(cases.day)
    heads = zip(cases.items, cases.issuers, cases.names, cases.places, cases.hashes, strict=True)
    for index, head in enumerate(heads):
        counts: Counter[str] = Counter()
        ruling: set[str] = set()
        for rule, column in zip(rules, found, strict=True):
            one = column[index]
            if one is not None:
                counts[one.verdict] += 1
                if rule.force == "condition":
                    ruling.add(one.verdict)
        verdict = next((word for word in WORDS if word in ruling), "not_applicable")
        values = (*head, cases.scenario, day, verdict)
        for row, value in zip(rows, (*values, *(counts[word] for word in WORDS)), strict=True):
            row.append(value)
    return _batch(issuers_schema(), rows, {"verdict": WORDS}, pa)


def _batch(schema: Schema, rows: Sequence[list[Any]], words: Mapping[str, Sequence[str]], pa: Any) -> RecordBatch:
    """Rows as columns; words through one dictionary each, so that blocks and workers agree on it."""
    arrays = []
    for part, row in zip(schema, rows, strict=True):
        if pa.types.is_dictionary(part.type):
            listed = list(words.get(part.name) or dict.fromkeys(value for value in row if value is not None))
            places = {word: number for number, word in enumerate(listed)}
            indices = pa.array([None if value is None else places[value] for value in row], pa.int32())
            arrays.append(pa.DictionaryArray.from_arrays(indices, pa.array(listed, pa.string())))
        else:
            arrays.append(pa.array(row, part.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _day(day: int) -> Any:
    from datetime import date

    return date.fromisoformat(str(dates.iso(day)))


def cases_of(made: Sequence[tuple[Item, Subject]], scenario: str, day: int) -> Cases:
    """Items that have been read, with their filings, as cases of a scenario on a day."""
    items = [item for item, _ in made]
    filings = [one.filing for _, one in made]
    return Cases(
        items=[item.number for item in items],
        issuers=[filing.code for filing in filings],
        names=[filing.issuer_name for filing in filings],
        places=[str(item.place) for item in items],
        hashes=[filing.sha256 for filing in filings],
        scenario=scenario,
        day=day,
        made=[one if one.as_of == day else replace(one, as_of=day) for _, one in made],
    )
