"""Many filings, and many scenarios of one, decided together as they are decided one by one."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from checked import case, machine
from compliance import dates
from compliance.engine import decide as engine
from compliance.engine import many, settling
from compliance.engine.questions import erase, open_verdict, questions_of
from compliance.engine.subject import Subject
from compliance.engine.subject import subject as filing_subject
from compliance.expressions import columns
from compliance.expressions.formula import OPEN
from compliance.quantities import SHOWN_AS_OPEN

ROOT = Path(__file__).resolve().parent.parent
CODES = sorted(path.parent.name for path in ROOT.glob("cases/*/filing.yaml"))
DAY = dates.parse("2026-06-30").low


def subject(code: str) -> Subject:
    """A real filing as the engine sees it."""
    return filing_subject(machine(), case(code).filing, DAY)


def same_ends(ends: many.Ends, index: int, wanted: tuple[Any, Any]) -> bool:
    """Whether the ends of a filing are those of the scalar form; what has no bound there is beyond all figures."""
    low, high = ends.at(index)
    lowest = low == wanted[0] if low is not None else abs(wanted[0]) >= SHOWN_AS_OPEN  # the greatest of nothing lies there with both ends
    highest = high == wanted[1] if high is not None else abs(wanted[1]) >= SHOWN_AS_OPEN
    return bool(lowest and highest)


def agree(batch: many.Batch) -> int:
    """Hold every rule of the book against the scalar form; gives how many decisions were made in columns."""
    in_columns = 0
    for rule in machine().pack.rules:
        decided, measured = many.decide(batch, rule), many.measure(batch, rule)
        in_columns += int((~decided.scalar).sum())
        for index in range(batch.size):
            with batch.subject(index) as one:
                assert decided.codes[index] == engine.decide(one, rule), (rule.id, index)
                wanted = engine.measure(one, rule)
            assert measured.codes[index] == wanted.code, (rule.id, index)
            if measured.scalar[index]:
                assert measured.other[index] == wanted
                continue
            assert measured.clauses[index] == wanted.clauses, (rule.id, index)
            for sides, expected in zip(measured.sides, wanted.sides, strict=True):
                known = sides is not None and bool(sides.left.known[index])
                assert known == (expected is not None), (rule.id, index)
                for ends, span in zip(sides or (), expected or (), strict=False) if known else ():
                    assert same_ends(ends, index, span), (rule.id, index, ends.at(index), span)
    return in_columns


def test_the_real_filings_together_are_as_one_by_one() -> None:
    batch = many.of_filings([subject(code) for code in CODES])
    assert agree(batch) > 0.7 * batch.size * len(machine().pack.rules)


def told_alike(batch: many.Batch) -> int:
    """Hold open words and robustness against the scalar form, rule by rule; gives how many were told in columns."""
    in_columns = 0
    for rule in machine().pack.rules:
        codes = many.decide(batch, rule).codes
        rows = (codes == OPEN).nonzero()[0]
        if len(rows):
            settled = settling.settled_by_answers(batch, rule, rows)
            for index, holds, left in zip(rows.tolist(), settled.holds, settled.left, strict=True):
                with batch.subject(index) as one:
                    word = open_verdict(one, rule, questions_of(one, rule))
                assert left or (word == "judgement") == holds, (rule.id, index)
            in_columns += int((~settled.left).sum())
        rows = np.isin(codes, engine.DECIDED).nonzero()[0]
        if not len(rows):
            continue
        stands = settling.stands_alone(batch, rule, rows, codes[rows])
        for index, holds, left in zip(rows.tolist(), stands.holds, stands.left, strict=True):
            with batch.subject(index) as one, one.put(*erase(questions_of(one, rule))):
                assert left or (engine.decide(one, rule) == codes[index]) == holds, (rule.id, index)
        in_columns += int((~stands.left).sum())
    return in_columns


def test_questions_of_many_are_told_as_one_by_one() -> None:
    batch = many.of_filings([subject(code) for code in CODES])
    assert told_alike(batch) > 0.7 * batch.size * len(machine().pack.rules)


def test_questions_in_scenarios_are_told_as_one_by_one() -> None:
    made = subject(CODES[0])
    batch = many.of_scenarios(made, changes(made, Random(3), 8))
    assert told_alike(batch) > 0.6 * batch.size * len(machine().pack.rules)


def changes(made: Subject, chance: Random, count: int) -> dict[str, tuple[list[int], list[int]]]:
    """Cells of a filing to vary, each at random values, some of them vague."""
    wanted = ["offering.gross_proceeds", "offering.new_shares", "offering.board_date", "issuer.financial_institution", "offering.route"]
    stated = [path for path, fact in made.filing.facts.items() if fact.field.numeric or fact.field.type in ("flag", "date", "kind")]
    wanted += chance.sample(stated, min(12, len(stated)))
    cells = {}
    for path in dict.fromkeys(wanted):
        row, part = made.filing.cell(path) or ([], None)
        assert part is not None
        blank = machine().pack.vocabulary.blank(part)
        ends = []
        for _ in range(count):
            low, high = row[part.slot], row[part.slot + 1]
            how = chance.randrange(4)
            if how == 1:
                low, high = blank
            elif how == 2 and part.type == "kind":
                bit = 1 << chance.randrange(blank[1].bit_length())
                low, high = bit, bit
            elif how == 2 and part.type == "flag":
                low = high = chance.randrange(2)
            elif how >= 2 and part.type not in ("kind", "flag") and low > -SHOWN_AS_OPEN and high < SHOWN_AS_OPEN:
                step = chance.choice([1, 30, 10**8]) if part.type != "date" else chance.choice([1, 30, 400])
                low = max(low - chance.randrange(step + 1), blank[0])
                high = low if how == 2 else min(high + chance.randrange(step + 1), blank[1])
            ends.append((low, high))
        cells[path] = ([low for low, _ in ends], [high for _, high in ends])
    return cells


@pytest.mark.parametrize("code", CODES[:3])
def test_scenarios_of_one_filing_are_as_one_by_one(code: str) -> None:
    made = subject(code)
    before = [list(row) for _, row in made.filing.items.values()]
    batch = many.of_scenarios(made, changes(made, Random(code), 12))
    assert agree(batch) > 0.7 * batch.size * len(machine().pack.rules)
    assert [list(row) for _, row in made.filing.items.values()] == before


def test_days_and_readings_are_varied() -> None:
    made = subject("300766")
    bits = [1, 2, 3] * 4
    days = [DAY - 400 * number for number in range(12)]
    batch = many.of_scenarios(made, {"reading.penalty_start": ([b if b < 3 else 0 for b in bits], bits)}, days)
    assert agree(batch)


def test_what_cannot_be_varied_is_told() -> None:
    made = subject("300766")
    with pytest.raises(KeyError):
        many.of_scenarios(made, {"offering.nothing": ([1], [1])})
    with pytest.raises(ValueError, match="cannot be varied"):
        many.of_scenarios(made, {"uses": ([1], [1])})
    with pytest.raises(ValueError, match="different number"):
        many.of_scenarios(made, {"offering.new_shares": ([1], [1, 2])})
    with pytest.raises(ValueError, match="no filing"):
        many.of_filings([])


def test_every_rule_is_decided_in_columns() -> None:
    assert [rule.id for rule in machine().pack.rules if columns.expressible(rule.formula) is not None] == []
    assert np.all(many.decide(many.of_filings([subject("300766")]), machine().pack.rule("issue-size")).scalar == [False])
