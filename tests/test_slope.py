"""The bounds on what a step changes hold for every step, of whatever formula on whatever filing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies as made
from compliance import dates
from compliance.expressions.formula import Clause, Formula
from compliance.expressions.interpret import Evaluation
from compliance.expressions.monotone import DOWN, STILL, UP
from compliance.expressions.slope import NONE, Slope, course
from compliance.expressions.tree import Node

STEPS = 5
ROOT = ("head.x", "head.y", "head.total", "head.t", "head.m")
ITEM = ("a", "b", "n", "d")


@st.composite
def moving(draw: Any, row: list[Any]) -> list[tuple[list[Any], int, int]]:
    """Cells of a filing that move, each with what a step adds; those that cannot be negative only rise."""
    root, item = made.LOOSE_WORDS.root, made.LOOSE_WORDS.entities["thing"]
    cells = [(row, root.fields[name]) for name in ROOT]
    cells += [(thing, item.fields[name]) for thing in row[root.fields["things"].slot] for name in ITEM]
    found = []
    for at, form in draw(st.lists(st.sampled_from(cells), min_size=1, max_size=3, unique_by=lambda cell: (id(cell[0]), cell[1].slot))):
        found.append((at, form.slot, 1 if form.least == 0 else draw(st.sampled_from([-1, 1]))))
    return found


def put(cells: list[tuple[list[Any], int, int]], starts: list[int], first: int, last: int) -> None:
    for (row, slot, sign), start in zip(cells, starts, strict=True):
        ends = start + sign * first, start + sign * last
        row[slot], row[slot + 1] = min(ends), max(ends)


def slope_of(row: list[Any], cells: list[tuple[list[Any], int, int]], parameters: dict[str, int], on: tuple[int, int]) -> Slope:
    steps = {(id(at), slot): (sign, sign) for at, slot, sign in cells}
    return Slope(row, parameters, steps, made.LOOSE_WORDS.blank_row, on)


@pytest.mark.parametrize("kind", ["money", "plain", "date", "truth"])
@settings(max_examples=90, deadline=None)
@given(data=st.data())
def test_every_step_stays_within_the_bounds(kind: str, data: st.DataObject) -> None:
    node = made.tree(data.draw(made.texts(kind)))
    row = data.draw(made.filings(exact=True))
    parameters, on = data.draw(made.parameters()), data.draw(made.days(exact=True))
    cells = data.draw(moving(row))
    starts = [at[slot] for at, slot, _ in cells]
    put(cells, starts, 0, STEPS)
    low, high = slope_of(row, cells, parameters, on).of(node)
    before = None
    for step in range(STEPS + 1):
        put(cells, starts, step, step)
        value = Evaluation(row, parameters, on).value(node)
        if value[0] != value[1]:
            return  # a quotient of nothing stays open
        if before is not None:
            assert low <= int(value[0]) - int(before) <= high if kind == "truth" else low <= value[0] - before <= high
        before = value[0]


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_course_is_kept_whatever_the_vague_facts_are(data: st.DataObject) -> None:
    """What holds of a vague filing holds of every filing that it may be."""
    nodes = [made.tree(data.draw(made.texts("truth"))) for _ in range(3)]
    formula = Formula(nodes[0], (Clause(None, nodes[1]), Clause(nodes[2], nodes[1])))
    row = data.draw(made.filings())
    row[-2:] = [1, 1]
    parameters, on = data.draw(made.parameters()), data.draw(made.days())
    cells = data.draw(moving(row))
    starts = [data.draw(st.integers(0, 3)) if slot != made.LOOSE_WORDS.root.fields["head.t"].slot else made.DAYS[0] for _, slot, _ in cells]
    put(cells, starts, 0, STEPS)
    way = course(formula, slope_of(row, cells, parameters, on))
    if way is None:
        return
    put(cells, starts, 0, 0)
    kept = data.draw(made.refined(row, whole=True))
    if len(kept) != len(row):
        return
    places = [find(row, kept, at) for at, _, _ in cells]
    if any(place is None for place in places):
        return
    met = []
    for step in range(STEPS + 1):
        for place, (_, slot, sign), start in zip(places, cells, starts, strict=True):
            place[slot] = place[slot + 1] = start + sign * step  # type: ignore[index]
        truth = Evaluation(kept, parameters, (on[0], on[0]))
        applies, base, when = (truth.value(node) for node in (nodes[0], nodes[1], nodes[2]))
        if any(low != high for low, high in (applies, base, when)):
            return
        met.append(not applies[0] or bool(base[0]))
    assert met == sorted(met, reverse=way == DOWN)
    assert way != STILL or len(set(met)) == 1


def find(row: list[Any], kept: list[Any], at: list[Any]) -> list[Any] | None:
    """The row of a refined filing that stands where a row of the filing does; lists may have grown, at their end."""
    if at is row:
        return kept
    slot = made.LOOSE_WORDS.root.fields["things"].slot
    place = next(number for number, thing in enumerate(row[slot]) if thing is at)
    return kept[slot][place] if place < len(kept[slot]) else None


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("head.x <= head.y", DOWN),
        ("head.x >= head.y", UP),
        ("head.x * head.y > 0", UP),
        ("head.x * head.x > 0", None),
        ("head.y <= '30%' * head.y", DOWN),
        ("sum(t.a for t in things) >= head.x - head.x", STILL),
        ("head.x == head.y", None),
        ("head.y > 0 if head.x > 0 else head.y < 0", None),
        ("any(t.b < head.x for t in things)", UP),
        ("max(head.x, head.y) >= '0.02元'", UP),
        ("head.m > 0", STILL),
    ],
)
def test_directions(text: str, way: int | None) -> None:
    """``head.x`` and ``head.y`` rise or stand still as each case says: x alone moves, but for the fourth."""
    node = made.tree(text)
    row = made.LOOSE_WORDS.blank_row("filing")
    words = made.LOOSE_WORDS.root.fields
    thing = made.LOOSE_WORDS.blank_row("thing")
    thing[made.LOOSE_WORDS.entities["thing"].fields["b"].slot :][:2] = [2, 2]
    row[words["things"].slot], row[words["things"].slot + 1] = [thing], 0
    for name in ("head.x", "head.y"):
        row[words[name].slot], row[words[name].slot + 1] = (-5, 5) if name == "head.x" else (1, 1)
    moved = "head.y" if text.startswith("head.y <= '30%'") else "head.x"
    slot = words[moved].slot
    row[slot], row[slot + 1] = (0, 5) if moved == "head.y" else (-5, 5)
    slope = Slope(
        row, {"cap": 3, "floor": 0, "months": 1, "start": made.DAYS[0], "colours": 1}, {(id(row), slot): (1, 1)}, made.LOOSE_WORDS.blank_row
    )
    assert course(Formula(None, (Clause(None, node),)), slope) == way


def test_the_day_of_a_window_moves() -> None:
    node: Node = made.tree("on >= head.t")
    row = made.LOOSE_WORDS.blank_row("filing")
    day = dates.parse("2024-01-01").low
    formula = Formula(None, (Clause(None, node),))
    still = Slope(row, {}, {}, made.LOOSE_WORDS.blank_row, (day, day + 9))
    assert course(formula, still) == STILL and still.day == NONE
    assert course(formula, Slope(row, {}, {}, made.LOOSE_WORDS.blank_row, (day, day + 9), (1, 1))) == UP
