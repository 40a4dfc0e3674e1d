"""Steps that evaluate once for the facts, parameters, day and items that a node stands on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from compliance.expressions.hanging import DAY, PARAMETER, Hanging
from compliance.expressions.interpret import Evaluation, Range, Row
from compliance.expressions.memory import Memory

Items = tuple[Row, ...]


class WithMemory(Evaluation):
    """An evaluation with a memory; ``world`` tells the parameters in force apart from those of other days."""

    def __init__(self, row: Row, parameters: Mapping[str, int], on: tuple[int, int], memory: Memory, world: int) -> None:
        super().__init__(row, parameters, on)
        self.memory = memory
        self.world = world


E = TypeVar("E", bound=WithMemory)


def once(hangs: Hanging, number: int, run: Callable[[E, Items], Range]) -> Callable[[E, Items], Range]:
    """The step that remembers what another gives; ``number`` is one that no other step has."""
    mask, items = hangs.mask, hangs.items
    if not items and not mask & DAY:
        return _once_a_world(mask, number, run) if mask & PARAMETER else _once(mask, number, run)
    depths = [depth for depth in range(items.bit_length()) if items >> depth & 1]
    if len(depths) == 1 and not mask & DAY:
        own = hangs.own.get(depths[0], 0) & ~hangs.other
        return _once_an_item(number, run, depths[0] - 1, own, mask & ~own)
    return _once_for_all(mask, number, run, [depth - 1 for depth in depths])


def _once(mask: int, number: int, run: Callable[[E, Items], Range]) -> Callable[[E, Items], Range]:
    """A step that stands on facts alone."""

    def step(e: E, items: Items) -> Range:
        memory = e.memory
        known = memory.layer(mask) if mask & memory.dirty else memory.known
        found: Range | None = known.get(number)
        if found is None:
            found = known[number] = run(e, items)
        return found

    return step


def _once_a_world(mask: int, number: int, run: Callable[[E, Items], Range]) -> Callable[[E, Items], Range]:
    """A step that stands on facts and parameters."""

    def step(e: E, items: Items) -> Range:
        memory = e.memory
        known = memory.layer(mask) if mask & memory.dirty else memory.known
        key = (number, e.world)
        found: Range | None = known.get(key)
        if found is None:
            found = known[key] = run(e, items)
        return found

    return step


def _once_an_item(number: int, run: Callable[[E, Items], Range], depth: int, own: int, other: int) -> Callable[[E, Items], Range]:
    """A step that stands on one loop's item, and on no day that a window is held against."""
    by_world = other & PARAMETER
    mask = own | other

    def step(e: E, items: Items) -> Range:
        memory = e.memory
        row = id(items[depth])
        known = memory.layer_of(own, row, other) if mask & memory.dirty else memory.known
        key = (number, row, e.world) if by_world else (number, row)
        found: Range | None = known.get(key)
        if found is None:
            found = known[key] = run(e, items)
        return found

    return step


def _once_for_all(mask: int, number: int, run: Callable[[E, Items], Range], depths: Sequence[int]) -> Callable[[E, Items], Range]:
    """A step that stands on anything."""

    def step(e: E, items: Items) -> Range:
        memory = e.memory
        known = memory.layer(mask) if mask & memory.dirty else memory.known
        key = (number, e.world if mask & PARAMETER else 0, e.on if mask & DAY else 0, *[id(items[depth]) for depth in depths])
        found: Range | None = known.get(key)
        if found is None:
            found = known[key] = run(e, items)
        return found

    return step
