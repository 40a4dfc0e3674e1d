"""The columns form gives the verdicts of the scalar form, on every filing that it says fits."""

from __future__ import annotations

import gc
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import checked
import strategies as made
from compliance import dates
from compliance.expressions import columns
from compliance.expressions.columns.months import session
from compliance.expressions.emit import compile_rule
from compliance.expressions.formula import FAIL, OPEN, PASS, Clause, Formula
from test_expressions import filing, formulas

Row = list[Any]


def agree(
    formula: Formula, rows: list[Row], parameters: tuple[int, ...], on: tuple[int, int], slots: Any = made.SLOTS, scalar: Any = None
) -> int:
    """Hold both forms against each other; gives how many filings fit."""
    found = columns.decide(formula, slots, columns.batch(rows), parameters, on)
    decide = scalar or compile_rule(formula, slots, exact=False, measures=False)
    for row, verdict, fits in zip(rows, found.verdicts, found.fits, strict=True):
        assert not fits or verdict == decide(row, parameters, *on)
    return int(found.fits.sum())


@given(st.sampled_from([made.LOOSE_WORDS, made.WORDS]).flatmap(formulas), made.parameters(), st.data(), st.booleans())
def test_columns_equal_the_scalar_form(formula: Formula, parameters: dict[str, int], data: st.DataObject, exact: bool) -> None:
    assume(columns.expressible(formula) is None)
    rows = data.draw(st.lists(made.filings(exact=exact), min_size=1, max_size=4))
    agree(formula, rows, tuple(parameters.values()), data.draw(made.days(exact)))


def spine(chance: Random, words: Any, entity: str, people: list[Row], exact: bool) -> Row:
    """A row of the refinancing book's vocabulary, small numbers of everything."""
    row: Row = []
    for form in words.entity(entity).fields.values():
        if form.type == "list":
            count = chance.choice([0, 1, 1, 2])
            items = people if form.of == "person" else [spine(chance, words, form.of, people, exact) for _ in range(count)]
            row += [items, 0 if exact else chance.choice([0, 0, 1])]
        elif form.type == "ref":
            known = form.of == "people" and people and (exact or chance.random() < 0.5)
            row += [chance.choice(people), "name"] if known else [words.blank_row(words.lists[form.of]), None]
        elif form.type in ("text", "code"):
            row += [None, None]
        elif not exact and chance.random() < 0.25:
            row += words.blank(form)
        elif form.type == "kind":
            bits = 1 << chance.randrange(len(words.kinds[form.of]))
            if not exact and chance.random() < 0.2:
                bits |= 1 << chance.randrange(len(words.kinds[form.of]))
            row += [bits if bits & (bits - 1) == 0 else 0, bits]
        elif form.type == "flag":
            row += [chance.randrange(2)] * 2
        else:
            day = dates.parse("2022-01-31").low
            values = {"date": [day, day + 365, day + 1095], "ratio": [0, 5 * 10**7, 10**8], "count": [0, 12, 13]}
            chosen = [chance.choice(values.get(form.type, [0, 300, 1_000, 10**15])) for _ in range(2)]
            row += [chosen[0]] * 2 if exact else sorted(chosen)
    return row


def spines(pack: Any, chance: Random, exact: bool, count: int) -> list[Row]:
    """Filings, their readings too."""
    rows = []
    for _ in range(count):
        people = [spine(chance, pack.vocabulary, "person", [], exact) for _ in range(2)]
        row = spine(chance, pack.vocabulary, "filing", people, exact)
        for reading in pack.readings.values():
            bits = 1 if exact else chance.randint(1, reading.all_bits)
            row += [bits if bits & (bits - 1) == 0 else 0, bits]
        rows.append(row)
    return rows


FAMILIES = ("eligibility", "financial-investment", "size-and-interval", "use-of-proceeds", "control")


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("count", [1, 3, 200])
def test_the_rules_of_the_book_agree(pack: Any, exact: bool, count: int) -> None:
    """One filing, where all is the same in the batch; a few; and many."""
    day = dates.parse("2025-01-31").low
    values = [parameter.on(day) for parameter in pack.parameters.values()]
    parameters = tuple(value.value if value is not None else 0 for value in values)
    families = [rule for rule in pack.rules if Path(rule.place.partition(":")[0]).stem in FAMILIES]
    rules = [rule for rule in families if columns.expressible(rule.formula) is None]
    assert len(rules) > len(families) // 2
    scalar = {rule.id: compile_rule(rule.formula, pack.slots(), exact=False, measures=False) for rule in rules}
    for seed in range(max(1, 60 // count)):
        rows = spines(pack, Random(f"{exact} {count} {seed}"), exact, count)
        for rule in rules:
            fitting = agree(rule.formula, rows, parameters, (day, day), pack.slots(), scalar[rule.id])
            assert fitting > count // 5 or count < 200, rule.id


@pytest.fixture(scope="module")
def pack() -> Any:
    """The refinancing book."""
    return checked.book()


def only(text: str) -> Formula:
    return Formula(None, (Clause(None, made.tree(text, made.WORDS)),))


VALUES = (3, 0, 0, 1, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("head.x / head.y < '50%'", "division"),
        ("head.v or head.x / head.y < '50%'", None),
        ("add_trading_days(head.t, 1) < on", None),
        ("period_end(head.t, 3) < on", None),
        ("head.v or count(i for i in last(1, things, period_end(head.t, 3))) == 1", None),
        ("max(i.b for i in things) < head.x", None),
        ("any(min(j.q for j in i.parts) < head.x for i in things)", None),
        ("max(i.d for i in things) < on", None),
        ("max(head.x, head.y) < head.total", None),
    ],
)
def test_what_columns_cannot_express_is_told(text: str, reason: str | None) -> None:
    formula = only(text)
    assert columns.expressible(formula) == reason
    if reason is not None:
        with pytest.raises(ValueError, match=reason):
            columns.decide(formula, made.SLOTS, columns.batch([filing([])]), VALUES, (1, 1))


def test_filings_that_could_overflow_are_left_to_the_scalar_form() -> None:
    formula = only("sum(i.a * i.r for i in things) <= head.y")
    # A share of eight digits takes 64 bits up with far less than a share that is printed in percent.
    rows = [filing([{"a": amount, "r": 12_345_679}], y=10**18, total=0) for amount in (10**6, 10**10, 10**17)]
    found = columns.decide(formula, made.SLOTS, columns.batch(rows), VALUES, (1, 1))
    assert found.fits.tolist() == [False, False, False]
    rows = [filing([{"a": amount, "r": 12_345_679}], y=10**10, total=0) for amount in (10**6, 10**9, 10**17 + 1)]
    found = columns.decide(formula, made.SLOTS, columns.batch(rows), VALUES, (1, 1))
    assert found.fits.tolist() == [True, True, False]
    assert found.verdicts[:2].tolist() == [PASS, PASS]


def test_amounts_of_a_bank_fit_where_shares_are_printed_in_percent() -> None:
    formula = only("sum(i.a * i.r for i in things) <= cap * head.y")
    rows = [filing([{"a": 10**14, "r": 30_000_000}], y=10**14 + extra, total=0) for extra in (-1, 0, 1)]
    found = columns.decide(formula, made.SLOTS, columns.batch(rows), VALUES, (1, 1))
    assert found.fits.all()
    assert found.verdicts.tolist() == [FAIL, PASS, PASS]


def test_what_has_no_bound_needs_no_stand_in() -> None:
    formula = only("sum(i.a * i.n for i in things) <= head.y * head.m")
    rows = [
        filing([{"a": (0, 10**40), "n": 0}], y=1, m=0, total=0),
        filing([{"a": (5, 10**40), "n": (2, 10**40)}], y=1, m=9, total=0),
        filing([{"a": 5, "n": (-(10**40), -1)}], y=(4, 10**40), m=(1, 10**40), total=0),
        filing([{"a": 1, "n": 1}], y=(1, 10**40), m=(1, 10**40), total=0),
    ]
    for row in rows:
        row[made.WORDS.root.fields["things"].slot + 1] = 0
    found = columns.decide(formula, made.SLOTS, columns.batch(rows), VALUES, (1, 1))
    assert found.fits.all()
    assert found.verdicts.tolist() == [PASS, FAIL, PASS, PASS]
    assert agree(formula, rows, VALUES, (1, 1)) == 4


def test_what_no_branch_reads_needs_no_room() -> None:
    """A figure that only another kind would read is neither bounded nor missed."""
    formula = only("sum(i.a * (1 if i.k in {red} else (1 - i.r) if i.k == green else 0) for i in things) <= head.y")
    things = [{"a": 10**16, "k": 1, "r": 12_345_679}, {"a": 10**16, "k": 1, "r": (0, 10**8)}, {"a": 10**18, "k": 4, "r": 1}]
    rows = [filing([thing, {"a": 5, "k": 2, "r": 10**8}], y=10**16, total=0) for thing in things]
    for row in rows:
        row[made.WORDS.root.fields["things"].slot + 1] = 0
    found = columns.decide(formula, made.SLOTS, columns.batch(rows), VALUES, (1, 1))
    assert found.fits.all()
    assert found.verdicts.tolist() == [PASS, PASS, PASS]
    assert agree(formula, rows, VALUES, (1, 1)) == 3


def test_one_filing_that_overflows_leaves_the_others_in() -> None:
    formula = only("sum(i.a * i.r for i in things) <= cap * head.y")
    rows = [filing([{"a": 10**6, "r": 12_345_679}], y=10**9, total=0) for _ in range(3)]
    rows.insert(1, filing([{"a": 10**17 + 1, "r": 12_345_679}], y=10**9, total=0))
    rows.append(filing([{"a": 4 * 10**17, "r": 10**8}] * 12, y=10**9, total=0))
    found = columns.decide(formula, made.SLOTS, columns.batch(rows), VALUES, (1, 1))
    assert found.fits.tolist() == [True, False, True, True, False]
    assert agree(formula, rows, VALUES, (1, 1)) == 3


def test_a_condition_that_is_the_same_for_all_may_be_vague() -> None:
    formula = only("head.x + head.x < (head.x if (head.v if reading.way == one else head.v) else head.y)")
    rows = [filing([], x=-300, y=7, v=0)]
    rows[0][-2:] = [0, 3]
    assert agree(formula, rows, VALUES, (1, 1)) == 1


def test_the_greatest_of_a_list() -> None:
    formula = only("max(i.b for i in things if i.f) <= head.x")
    rows = [filing(things, x=3) for things in ([{"b": 3, "f": 1}, {"b": 9, "f": 0}], [{"b": 4, "f": (0, 1)}], [{"b": 4, "f": 1}], [])]
    for row in rows[:3]:
        row[made.WORDS.root.fields["things"].slot + 1] = 0
    found = columns.decide(formula, made.SLOTS, columns.batch(rows), VALUES, (1, 1))
    assert found.fits.all()
    assert found.verdicts.tolist() == [PASS, OPEN, FAIL, OPEN]


def test_a_quotient_is_left_to_the_scalar_form_where_its_figures_do_not_tell() -> None:
    formula = only("head.v or head.x / head.y < '50%'")
    near = {"x": 10**10, "y": 2 * 10**10 + 1}  # less than half by less than the figures show
    rows = [filing([], x=1, y=2, v=0), filing([], x=1, y=3, v=0), filing([], **near, v=0), filing([], **near, v=1)]
    found = columns.decide(formula, made.SLOTS, columns.batch(rows), VALUES, (1, 1))
    assert found.fits.tolist() == [True, True, False, True]
    assert [found.verdicts[number] for number in (0, 1, 3)] == [FAIL, PASS, PASS]


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(-3, 10**6)), min_size=1, max_size=6), st.sampled_from(["<", "<=", ">", ">="]))
def test_sums_of_quotients_are_as_their_fractions(pairs: list[tuple[int, int]], symbol: str) -> None:
    """Where they fit, sums of quotients compare as the exact fractions do; and they mostly fit."""
    formula = only(f"head.v or sum(i.a / i.b for i in things) {symbol} '150%'")
    row = filing([{"a": a, "b": b} for a, b in pairs], v=0)
    row[made.WORDS.root.fields["things"].slot + 1] = 0
    assert agree(formula, [row], VALUES, (1, 1)) == 1 or sum(Fraction(a, b) for a, b in pairs if b > 0) == Fraction(3, 2)


CALENDAR = (dates.parse("2024-01-01").low, dates.parse("2024-12-31").low, dates.parse("2024-02-12").low, dates.parse("2024-10-01").low)


@given(
    st.lists(st.one_of(st.integers(CALENDAR[0] - 30, CALENDAR[1] + 30), st.sampled_from([dates.FIRST_DAY, dates.LAST_DAY])), min_size=1),
    st.lists(st.integers(-300, 300), min_size=1),
)
def test_sessions_are_counted_as_one_by_one(days: list[int], counts: list[int]) -> None:
    pairs = [(day, count) for day in days for count in counts]
    for end in (0, 1):
        wanted = [dates.add_trading_days(day, day, count, count, CALENDAR)[end] for day, count in pairs]
        assert session(np.array([day for day, _ in pairs]), np.array([count for _, count in pairs]), end, CALENDAR).tolist() == wanted


def test_rows_without_items_and_batches_without_filings() -> None:
    formula = only("sum(i.a for i in things) <= head.y and all(i.f for i in things) and not any(i.f for i in things)")
    rows = [filing(things, y=10) for things in ([], [{"a": 4, "f": 1}, {"a": 7, "f": 1}], [], [{"a": 1, "f": 0}], [])]
    for row in rows:
        row[made.WORDS.root.fields["things"].slot + 1] = 0
    found = columns.decide(formula, made.SLOTS, columns.batch(rows), VALUES, (1, 1))
    assert found.verdicts.tolist() == [PASS, FAIL, PASS, FAIL, PASS]
    assert columns.decide(formula, made.SLOTS, columns.batch([]), VALUES, (1, 1)).verdicts.tolist() == []


@given(st.lists(st.integers(dates.FIRST_DAY, dates.LAST_DAY), min_size=1), st.integers(-200_000, 200_000))
def test_months_are_added_as_one_by_one(days: list[int], months: int) -> None:
    wanted = [dates.add_months(day, months) for day in days]
    assert columns.add_months(np.array(days), months).tolist() == wanted
    assert columns.add_months(np.array(days), np.full(len(days), months)).tolist() == wanted


def test_an_open_filing_stays_open() -> None:
    assert columns.decide(only("head.x <= head.y"), made.SLOTS, columns.batch([filing([])]), VALUES, (1, 1)).verdicts.tolist() == [OPEN]


def test_what_a_decision_held_is_freed_at_once() -> None:
    formula = only("sum(i.a for i in things) <= head.y")
    rows = [filing([{"a": 4}, {"a": (0, 7)}], y=10)]
    batch = columns.batch(rows)
    columns.decide(formula, made.SLOTS, batch, VALUES, (1, 1))
    gc.collect()
    columns.decide(formula, made.SLOTS, batch, VALUES, (1, 1))
    assert gc.collect() == 0


@given(
    st.lists(formulas(made.WORDS), min_size=2, max_size=3),
    st.lists(st.tuples(made.parameters(), st.booleans()), min_size=2, max_size=2),
    st.data(),
    st.sampled_from([0, 1 << 27]),
)
def test_what_is_kept_for_a_batch_changes_no_verdict(book: list[Formula], laws: list[Any], data: st.DataObject, most: int) -> None:
    # Rules, laws and days in turn over one batch: what one leaves to the scalar form, or reads another limit for, is no other's.
    rows = data.draw(st.lists(made.filings(), min_size=1, max_size=3))
    table = columns.batch(rows)
    kept = columns.Kept(table)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("compliance.expressions.columns.run.MOST_HELD", most)
        for formula in (*book, *book):
            if columns.expressible(formula) is not None:
                continue
            for parameters, exact in laws:
                on = data.draw(made.days(exact))
                asked = (formula, made.SLOTS, table, tuple(parameters.values()), on)
                found, alone = columns.decide(*asked, None, kept), columns.decide(*asked)
                assert found.fits.tolist() == alone.fits.tolist()
                assert found.verdicts[found.fits].tolist() == alone.verdicts[alone.fits].tolist()


def test_a_second_rule_leaves_the_same_filings_to_the_scalar_form() -> None:
    formula = only("sum(i.a * i.r for i in things) <= head.y")
    rows = [filing([{"a": amount, "r": 12_345_679}], y=10**10, total=0) for amount in (10**6, 10**17 + 1)]
    table = columns.batch(rows)
    kept = columns.Kept(table)
    for _ in range(2):
        assert columns.decide(formula, made.SLOTS, table, VALUES, (1, 1), None, kept).fits.tolist() == [True, False]


@pytest.mark.parametrize("ask", ["i.d < '2021-05-20'", "i.d >= '2021-05-20'", "i.d == '2021-05-20'", "max(i.d, '2021-05-20') <= i.d"])
def test_a_day_whose_number_ends_in_zeros_stays_the_day_that_it_is(ask: str) -> None:
    formula = only(f"all({ask} for i in things)")
    day = date(2021, 5, 20).toordinal()
    assert day % 10 == 0
    rows = [filing([{"d": day + by}], total=0) for by in (-1, 0, 1)]
    assert agree(formula, rows, VALUES, (1, 1)) == 3
