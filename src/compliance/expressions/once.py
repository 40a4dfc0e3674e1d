"""Steps that evaluate once for the facts, parameters, day and items that a node stands on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compliance.expressions.hanging import DAY, PARAMETER, Hanging

if TYPE_CHECKING:
    from compliance.expressions.interpret import Range
    from compliance.expressions.steps import Items, Step, Stepping


def once(hangs: Hanging, number: int, run: Step) -> Step:
    """The step that remembers what another gives; ``number`` is one that no other step has."""
    mask, items = hangs.mask, hangs.items
    if not items and not mask & DAY:
        return _once_a_world(mask, number, run) if mask & PARAMETER else _once(mask, number, run)
    depths = [depth for depth in range(items.bit_length()) if items >> depth & 1]
    if len(depths) == 1 and not mask & DAY:
        own = hangs.own.get(depths[0], 0) & ~hangs.other
        return _once_an_item(number, run, depths[0] - 1, own, mask & ~own)
    return _once_for_all(mask, number, run, [depth - 1 for depth in depths])


def _once(mask: int, number: int, run: Step) -> Step:
    """A step that stands on facts alone."""

    def step(e: Stepping, items: Items) -> Range:
        memory = e.memory
        known = memory.layer(mask) if mask & memory.dirty else memory.known
        found: Range | None = known.get(number)
        if found is None:
            found = known[number] = run(e, items)
        return found

    return step


def _once_a_world(mask: int, number: int, run: Step) -> Step:
    """A step that stands on facts and parameters."""

    def step(e: Stepping, items: Items) -> Range:
        memory = e.memory
        known = memory.layer(mask) if mask & memory.dirty else memory.known
        key = (number, e.world)
        found: Range | None = known.get(key)
        if found is None:
            found = known[key] = run(e, items)
        return found

    return step


def _once_an_item(number: int, run: Step, depth: int, own: int, other: int) -> Step:
    """A step that stands on one loop's item, and on no day that a window is held against."""
    by_world = other & PARAMETER
    mask = own | other

    def step(e: Stepping, items: Items) -> Range:
        memory = e.memory
        row = id(items[depth])
        known = memory.layer_of(own, row, other) if mask & memory.dirty else memory.known
        key = (number, row, e.world) if by_world else (number, row)
        found: Range | None = known.get(key)
        if found is None:
            found = known[key] = run(e, items)
        return found

    return step


def _once_for_all(mask: int, number: int, run: Step, depths: Sequence[int]) -> Step:
    """A step that stands on anything."""

    def step(e: Stepping, items: Items) -> Range:
        memory = e.memory
        known = memory.layer(mask) if mask & memory.dirty else memory.known
        key = (number, e.world if mask & PARAMETER else 0, e.on if mask & DAY else 0, *[id(items[depth]) for depth in depths])
        found: Range | None = known.get(key)
        if found is None:
            found = known[key] = run(e, items)
        return found

    return step
