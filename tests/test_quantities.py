"""Figures: every printed form, what each stands for, and what is refused; checked against plain fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compliance import quantities
from compliance.quantities import BEYOND, MAX_FIGURE, QuantityKind, parse
from compliance.source import Unreadable
from compliance.vocabulary import SCALES

WORTH = {"": 1, "百": 10**2, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8, "万亿": 10**12}


@pytest.mark.parametrize(
    ("text", "kind", "low", "high", "step"),
    [
        ("460元", "money", 46000, 46000, 100),
        ("78067.85万元", "money", 78067850000, 78067850000, 10000),
        ("78,067.85万元", "money", 78067850000, 78067850000, 10000),
        ("７８０６７．８５万元", "money", 78067850000, 78067850000, 10000),
        ("78，067.85 万元", "money", 78067850000, 78067850000, 10000),
        ("1.14亿元", "money", 11400000000, 11400000000, 100000000),
        ("≈1.14亿元", "money", 11350000000, 11450000000, 100000000),
        ("约1.14亿元", "money", 11350000000, 11450000000, 100000000),
        ("≈78067.85元", "money", 7806785, 7806785, 1),
        ("2万亿元", "money", 200000000000000, 200000000000000, 100000000000000),
        ("3千万元", "money", 3000000000, 3000000000, 1000000000),
        ("-5.5万元", "money", -5500000, -5500000, 100000),
        ("−5.5万元", "money", -5500000, -5500000, 100000),
        ("+5元", "money", 500, 500, 100),
        ("0.010元", "money", 1, 1, 1),
        ("156917.70..157125.64万元", "money", 156917700000, 157125640000, 1),
        ("1亿..2亿元", "money", 10**10, 2 * 10**10, 1),
        ("5000万元..1亿元", "money", 5 * 10**9, 10**10, 1),
        ("900万元..", "money", 900000000, BEYOND, 1),
        ("..5万元", "money", -BEYOND, 5000000, 1),
        ("5元..5元", "money", 500, 500, 1),
        ("1 234 567.89 万元", "money", 1234567890000, 1234567890000, 10000),
        ("78434551股", "shares", 78434551, 78434551, 1),
        ("7843.4551万股", "shares", 78434551, 78434551, 1),
        ("9.95元/股", "price", 9950000, 9950000, 10000),
        ("≈9.950000元/股", "price", 9949999, 9950001, 1),
        ("29.40%", "ratio", 29400000, 29400000, 10000),
        ("＝29.40％", "ratio", 29400000, 29400000, 10000),
        ("≈29.4%", "ratio", 29350000, 29450000, 100000),
        ("3‰", "ratio", 300000, 300000, 100000),
        ("0.294", "ratio", 29400000, 29400000, 100000),
        ("1..2%", "ratio", 1000000, 2000000, 1),
        ("-5..5%", "ratio", -5000000, 5000000, 1),
        ("9", "count", 9, 9, 1),
        ("12个月", "count", 12, 12, 1),
        ("9.0", "count", 9, 9, 1),
    ],
)
def test_every_printed_form(text: str, kind: QuantityKind, low: int, high: int, step: int) -> None:
    assert (figure := parse(text, kind, SCALES[kind])) == quantities.Figure(low, high, step, text)
    assert figure.exact == (low == high)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("29.40%", 29395000, 29405000),
        ("=29.40%", 29400000, 29400000),
        ("0.00%", 0, 5000),
        ("100%", 99500000, 100000000),
        ("29.400000%", 29399999, 29400001),
        ("..30%", 0, 30000000),
        ("30%..", 30000000, 100000000),
        ("29..31%", 29000000, 31000000),
    ],
)
def test_a_printed_ratio_stands_for_all_that_rounds_to_it(text: str, low: int, high: int) -> None:
    figure = parse(text, "ratio", 8, rounded=True, least=0, most=10**8)
    assert (figure.low, figure.high) == (low, high)


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("", "money", "amount-unreadable"),
        ("..", "money", "amount-unreadable"),
        ("NaN", "money", "amount-unreadable"),
        ("Infinity元", "money", "amount-unreadable"),
        ("1e5元", "money", "amount-unreadable"),
        ("1_000元", "money", "amount-unreadable"),
        ("12,34元", "money", "amount-unreadable"),
        ("1.2.3元", "money", "amount-unreadable"),
        (".5元", "money", "amount-unreadable"),
        ("12 5元", "money", "amount-unreadable"),
        ("1 0000元", "money", "amount-unreadable"),
        ("12\N{IDEOGRAPHIC SPACE}５%", "ratio", "ratio-unit"),
        ("3 5人", "count", "count-unit"),
        ("5.元", "money", "amount-unreadable"),
        ("--5元", "money", "amount-unreadable"),
        ("≈≈5元", "money", "amount-unreadable"),
        ("≈5..6元", "money", "amount-unreadable"),
        ("100²万元", "money", "amount-unreadable"),
        ("10①万元", "money", "amount-unreadable"),
        ("1½元", "money", "amount-unreadable"),
        ("٣元", "money", "amount-unreadable"),
        ("9" * 5000 + "元", "money", "amount-unreadable"),
        ("78067.85", "money", "amount-unit"),
        ("78067.85万", "money", "amount-unit"),
        ("5美元", "money", "amount-unit"),
        ("5股", "money", "amount-unit"),
        ("5元", "shares", "amount-unit"),
        ("5元", "price", "amount-unit"),
        ("0.001元", "money", "amount-too-fine"),
        ("1.5股", "shares", "amount-too-fine"),
        ("1.00005万股", "shares", "amount-too-fine"),
        ("29.1234567%", "ratio", "amount-too-fine"),
        ("1.5", "count", "amount-too-fine"),
        ("10000000000000001元", "money", "amount-too-large"),
        ("-99999999999999999元", "money", "amount-too-large"),
        ("29.40", "ratio", "ratio-unit"),
        ("1", "ratio", "ratio-unit"),
        ("30元", "ratio", "ratio-unit"),
        ("3万%", "ratio", "ratio-unit"),
        ("9元", "count", "count-unit"),
        ("9万", "count", "count-unit"),
        ("3..2元", "money", "range-reversed"),
        ("5000..1亿元", "money", "range-reversed"),
    ],
)
def test_what_is_refused(text: str, kind: QuantityKind, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(text, kind, SCALES[kind])
    assert caught.value.code == code
    assert caught.value.values["text"] == text


@pytest.mark.parametrize("text", ["-0.01元", "..-1元", "-1..5元", "≈-0.1元"])
def test_a_value_below_the_least_is_refused(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(text, "money", 2, least=0)
    assert (caught.value.code, caught.value.values["least"]) == ("amount-too-small", "0.00元")


@pytest.mark.parametrize("text", ["100.01%", "50..101%", "101%..", "≈100.5%"])
def test_a_value_above_the_greatest_is_refused(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(text, "ratio", 8, least=0, most=10**8)
    assert (caught.value.code, caught.value.values["most"]) == ("amount-too-great", "100%")


numbers = st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 2))


@given(numbers, st.sampled_from(sorted(WORTH)), st.booleans(), st.booleans())
@example((78067_85, 2), "万", True, True)
def test_money_is_read_as_a_fraction_would_be(number: tuple[int, int], multiple: str, separated: bool, wide: bool) -> None:
    digits, decimals = number
    text = quantities.grouped(digits, decimals, decimals) if separated else quantities.decimal(digits, decimals, decimals)
    shown = (text + multiple + "元").translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789.,-"}) if wide else text + multiple + "元"
    expected = Fraction(digits, 10**decimals) * WORTH[multiple] * 100
    if abs(expected) > MAX_FIGURE:
        with pytest.raises(Unreadable):
            parse(shown, "money", 2)
        return
    figure = parse(shown, "money", 2)
    assert figure.low == figure.high == expected
    assert figure.step == Fraction(WORTH[multiple] * 100, 10**decimals)
    about = parse("≈" + shown, "money", 2)
    half = Fraction(figure.step, 2) if figure.step > 1 else 0
    assert (about.low, about.high) == (expected - half, expected + half)


@given(st.integers(-(10**12), 10**12), st.integers(0, 8), st.integers(0, 4))
def test_decimals_come_back_as_they_went(value: int, scale: int, least: int) -> None:
    assert Fraction(quantities.decimal(value, scale)) == Fraction(value, 10**scale)
    assert Fraction(quantities.grouped(value, scale, least).replace(",", "")) == Fraction(value, 10**scale)
    assert parse(quantities.shown_figure(value, "money", 2), "money", 2).low == value
    assert parse(quantities.shown_figure(value, "shares", 0), "shares", 0).low == value


@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15).filter(bool), st.integers(1, 12))
def test_a_cut_ratio_lies_on_the_safe_side_by_less_than_a_digit(numerator: int, denominator: int, digits: int) -> None:
    exact, unit = Fraction(numerator, denominator), Fraction(1, 10**digits)
    low = Fraction(quantities.cut_ratio(numerator, denominator, False, digits))
    high = Fraction(quantities.cut_ratio(numerator, denominator, True, digits))
    assert low <= exact <= high
    assert exact - low < unit
    assert high - exact < unit
    shown = Fraction(quantities.percentage(numerator, denominator)[:-1])
    assert 0 <= exact * 100 - shown < Fraction(1, 10**4)


@pytest.mark.parametrize(
    ("value", "kind", "scale", "shown"),
    [
        (22954940000, "money", 2, "229,549,400.00元"),
        (-1, "money", 2, "-0.01元"),
        (78434551, "shares", 0, "78,434,551股"),
        (9950000, "price", 6, "9.95元/股"),
        (29400000, "ratio", 8, "29.4%"),
        (1, "ratio", 0, "100%"),
        (3, "ratio", 1, "30%"),
        (9, "count", 0, "9"),
        (BEYOND, "money", 2, "…"),
        (-BEYOND, "shares", 0, "…"),
    ],
)
def test_figures_for_a_reader(value: int, kind: str, scale: int, shown: str) -> None:
    assert quantities.shown_figure(value, kind, scale) == shown
