"""Values that are remembered for the facts as they stand, and in layers over them for each block of facts put."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

MAX_LAYERS = 1000  # blocks whose values are kept

Known = dict[Any, Any]  # values by the number of the step and what it stands on


class Layer:
    """The values in one block of facts put: ``mask`` is what the block touches, in which ``rows``, ``around`` what was touched outside it.

    ``below`` are the layers of blocks that stood in this one, by what they put. The block is kept with its layer: its key names
    rows and lists by their ids, which stay their own while the block holds them.
    """

    __slots__ = ("around", "below", "block", "known", "mask", "rows")

    def __init__(self, block: Any, mask: int, around: int) -> None:
        self.block = block
        self.mask = mask
        self.rows = {id(put[0]) for put in block.puts}
        self.around = around
        self.known: Known = {}
        self.below: dict[Any, Layer] = {}


class Memory:
    """Values that are remembered: those of the facts as they stand, and over them a layer for each block of facts put.

    A value lies in the innermost layer that touches what it reads, for inside that block it cannot change. A layer outlives
    its block: what puts the same again (another rule, the next step of a search) finds its values there.
    """

    __slots__ = ("below", "dirty", "kept", "known", "layers")

    def __init__(self) -> None:
        self.known: Known = {}
        self.layers: list[Layer] = []
        self.below: dict[Any, Layer] = {}
        self.kept = 0
        self.dirty = 0

    def follow(self, blocks: Sequence[Any], mask_of: Callable[[Any], int]) -> None:
        """Bring the layers in line with the blocks that are open, outermost first; ``key`` of a block tells what it puts."""
        kept = 0
        for layer, block in zip(self.layers, blocks, strict=False):
            if layer.block is not block:
                break
            kept += 1
        while len(self.layers) > kept:
            self.drop()
        for block in blocks[kept:]:
            below = self.layers[-1].below if self.layers else self.below
            key = block.key
            found = below.get(key)
            if found is None:
                self.make_room()
                found = below[key] = Layer(block, mask_of(block), self.dirty)
            found.block = block
            self.layers.append(found)
            self.dirty |= found.mask

    def make_room(self) -> None:
        """Count one more layer; of too many none is kept but those that are open."""
        self.kept += 1
        if self.kept > MAX_LAYERS:
            self.kept = 0
            self.below.clear()
            for layer in self.layers:
                layer.below.clear()

    def drop(self) -> None:
        """Leave the innermost layer."""
        self.dirty = self.layers.pop().around

    def layer(self, mask: int) -> Known:
        """Where a value lies that reads what the mask says."""
        for layer in reversed(self.layers):
            if layer.mask & mask:
                return layer.known
        return self.known

    def layer_of(self, own: int, row: int, other: int) -> Known:
        """The same for a value that reads ``own`` in one row alone, and beside it what ``other`` says."""
        for layer in reversed(self.layers):
            mask = layer.mask
            if mask & other or (mask & own and row in layer.rows):
                return layer.known
        return self.known
