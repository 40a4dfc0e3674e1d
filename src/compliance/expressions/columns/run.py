"""One formula on one batch: each node computed once, in the outermost rows that it can be told in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from compliance.expressions.columns.bounds import Fit
from compliance.expressions.columns.frames import MOST_HELD, Frame, Kept
from compliance.expressions.columns.layout import Table
from compliance.expressions.columns.numbers import Member, Number, Truth, exactly, taken
from compliance.expressions.columns.scenarios import Scenarios
from compliance.expressions.columns.trees import depth_of, told_of
from compliance.expressions.tree import Node

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


Put = Mapping[tuple[str, str], int]
Operation = Callable[["Run", Node, Frame], Any]


class Run:
    """Computes the nodes of a formula on a batch, each for the rows that need it.

    ``put`` are readings that are taken one way in all filings, whatever these hold: the possible bits of each.
    ``doubted`` marks the filings for which a comparison of quotients was read as open: columns do not divide.
    """

    def __init__(
        self,
        operations: Mapping[str, Operation],
        batch: Table | Scenarios,
        parameters: Sequence[int],
        slots: Mapping[str, int],
        on: tuple[Any, Any],
        kept: Kept | None = None,
        put: Put | None = None,
    ) -> None:
        self.put = put or {}
        self.operations = operations
        self.scenarios = batch if isinstance(batch, Scenarios) else None
        self.kept = kept or Kept(batch if isinstance(batch, Table) else batch.table, shared=False)
        if self.kept.held > MOST_HELD:
            self.kept.begin()
        self.root = outermost(batch, self.kept)
        self.parameters = parameters
        self.slots = slots
        self.on = on
        self.moving = not (isinstance(on[0], int) and isinstance(on[1], int))
        # Here and not in the frames: an inner one knows the outer ones, and what knows each other is freed late.
        self.loops: dict[tuple[Frame, int, Node], Frame] = {}
        self.passing: dict[tuple[Frame, Node], Any] = {}  # what frames that are kept do not keep
        self.fit = Fit(batch.size, None if self.scenarios is None else self.scenarios.of)
        self.doubted: Any = False

    def value(self, node: Node, frame: Frame) -> Any:
        """A node's value in a frame, computed in the outermost frame that it can be told in."""
        if node.op == "const":
            return bool(node.value) if node.type.kind == "truth" else stands(node.value, node)
        home = frame
        needed = depth_of(node)
        while home.depth > needed:
            assert home.around is not None
            home = home.around
        found = self.known(node, home)
        if found is None:
            found = self.computed(node, home)
            self.keep(node, home, found)
        return found if home is frame else self.spread_out(node, found, home, frame)

    def known(self, node: Node, frame: Frame) -> Any:
        """What is known of a node in a frame; None where nothing is."""
        if not frame.kept:
            return frame.memo.get(node)
        found = self.passing.get((frame, node))
        return frame.memo.get(self.key(node)) if found is None else found

    def keep(self, node: Node, frame: Frame, found: Any) -> None:
        """Remember a node's value: for all rules where it leaves no filing to the scalar form, else for this one."""
        if not frame.kept:
            frame.memo[node] = found
        elif self.fit.unfit is False and self.doubted is False and (key := self.key(node)) is not None:
            frame.memo[key] = found
            self.kept.held += bytes_of(found)
        else:
            self.passing[frame, node] = found

    def key(self, node: Node) -> Any:
        """A node with all that it is told of beside the rows; None where that differs between filings."""
        names, readings, by_day = told_of(node)
        if not names and not readings and not by_day:
            return node
        if by_day and self.moving:
            return None
        put = tuple([self.put.get(name) for name in readings])
        return node, tuple([self.parameters[self.slots[name]] for name in names]), put, self.on if by_day else None

    def only(self, frame: Frame, chosen: Array) -> Frame:
        """A frame with some of its rows."""
        return self.kept.only(frame, chosen)

    def computed(self, node: Node, home: Frame) -> Any:
        """A node's value, of what is known already where it is: before the scenarios, or for more rows than these."""
        if home.base is not None and self.scenarios is not None and not self.scenarios.touch(node, self.moving):
            there, which = home.base
            found = self.value(node, there)
            return single(found, which) if there.size == 1 else part_of(found, which)
        if home.whole is not None:
            whole, chosen = home.whole
            found = self.known(node, whole)
            if found is not None:
                return part_of(found, chosen)
        return self.operations[node.op](self, node, home)

    def spread_out(self, node: Node, found: Any, home: Frame, frame: Frame) -> Any:
        """What is known of outer rows, for each inner row."""
        if is_plain(found):
            return found
        known = self.known(node, frame)
        if known is not None:
            return known
        assert frame.around is not None
        if frame.around is not home:
            found = self.spread_out(node, found, home, frame.around)
        result = part_of(found, frame.parents)
        self.keep(node, frame, result)
        return result

    def number(self, node: Node, frame: Frame) -> Number:
        """A number or a day."""
        found: Number = self.value(node, frame)
        return found

    def truth(self, node: Node, frame: Frame) -> Truth:
        """Whether a truth is proved, and whether it is possible."""
        found = self.value(node, frame)
        return (found, found) if isinstance(found, bool) else found

    def place(self, row: Node, frame: Frame) -> tuple[Table, Array | None]:
        """The table and rows that a root, item or reference stands for."""
        if row.op in ("root", "item"):
            return frame.table, frame.index
        table, index = self.place(row.args[0], frame)
        target, leads = table.reference(row.value[2])
        return target, leads if index is None else leads[index]

    def at(self, node: Node, scale: int, frame: Frame) -> Number:
        """A number at a finer scale: another unit, and no computation."""
        found = self.number(node, frame)
        if node.type.kind != "number" or node.type.scale == scale:
            return found
        return found.at(found.power + scale - node.type.scale)


def outermost(batch: Table | Scenarios, kept: Kept) -> Frame:
    """The frame of a batch's filings."""
    if isinstance(batch, Table):
        return kept.root
    found = Frame(0, batch.table, batch.of, batch.size)
    found.base = kept.root, batch.of
    return found


def stands(value: int, node: Node) -> Number:
    """What is one for all rows: a number without its zeros, a day as it is, since days are compared as they stand."""
    return Number(value, value, 0, value) if node.type.kind == "date" else exactly(value)


def bytes_of(found: Any) -> int:
    """How much memory what was found takes."""
    if isinstance(found, tuple):
        parts = found if found[0] is not found[1] else found[:1]
    elif isinstance(found, Number):
        parts = (found.low, None if found.low is found.high else found.high, found.below, found.above)
    else:
        parts = (found.bits, found.codes) if isinstance(found, Member) else ()
    return sum(getattr(part, "nbytes", 0) for part in parts)


def is_plain(found: Any) -> bool:
    """Whether what was found is one for all rows."""
    if isinstance(found, tuple):
        return isinstance(found[0], bool) and isinstance(found[1], bool)
    if isinstance(found, Number):
        return isinstance(found.low, int) and isinstance(found.high, int) and found.below is None and found.above is None
    return isinstance(found, bool) or isinstance(found.bits, int)


def part_of(found: Any, rows: Array) -> Any:
    """What was found, for some rows of those that it was found for."""
    if is_plain(found):
        return found
    if isinstance(found, tuple):
        low = taken(found[0], rows)
        return low, low if found[0] is found[1] else taken(found[1], rows)
    return found.each(lambda values: taken(values, rows))


def single(found: Any, rows: Array) -> Any:
    """What was found for one filing alone, as what holds for all its scenarios."""
    if is_plain(found):
        return found
    if isinstance(found, tuple):
        return bool(found[0]), bool(found[1])
    if isinstance(found, Member):
        bits = int(found.bits[0])
        return Member(bits, found.exact, None, (bits,))
    low = int(found.low) if isinstance(found.low, int) else int(found.low[0])
    high = low if found.low is found.high else int(found.high) if isinstance(found.high, int) else int(found.high[0])
    below, above = (None if mask is None or not mask.any() else mask[rows] for mask in (found.below, found.above))
    return replace(found, low=low, high=high, below=below, above=above)
