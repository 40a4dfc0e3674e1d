"""Which of the facts that are stated a formula reads, branches that are not taken left aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from compliance.expressions.hanging import DAY, PARAMETER
from compliance.expressions.interpret import Row
from compliance.expressions.linear import difference
from compliance.expressions.steps import Items, Stepping, Steps
from compliance.expressions.tree import LOOPS, Node

MOVING = frozenset({"if", "closed", *LOOPS})  # what reads other cells as it comes out otherwise
_BARE = frozenset({"const", "param", "day", "root", "item", "bits"})  # what reads no cell

Slots = tuple[int, ...]
Reader = Callable[[Stepping, Items, "Marks"], int]  # the marks of what is read, joined


class Marks:
    """The stated facts of a filing, each a bit of a whole number: what is read is one number then, however many facts it is."""

    def __init__(self, cells: Iterable[tuple[Row, int]]) -> None:
        self._bits: dict[int, dict[int, int]] = {}  # by the row's id and the slot; the filing keeps its rows
        for number, (row, slot) in enumerate(cells):
            self._bits.setdefault(id(row), {})[slot] = 1 << number
        self._joined: dict[tuple[int, Slots], int] = {}
        self._pairs: dict[tuple[Slots, Slots], dict[int, tuple[int, int]]] = {}

    def of(self, row: Row, slots: Slots) -> int:
        """The marks of some cells of a row, as far as facts are stated in them."""
        key = id(row), slots
        found = self._joined.get(key)
        if found is None:
            bits = self._bits.get(id(row), {})
            found = 0
            for slot in slots:
                found |= bits.get(slot, 0)
            self._joined[key] = found
        return found

    def pairs(self, slots: tuple[Slots, Slots]) -> dict[int, tuple[int, int]]:
        """What ``of`` gave for two sets of cells, by the id of a row: entered by who asks."""
        found = self._pairs.get(slots)
        if found is None:
            found = self._pairs[slots] = {}
        return found


class Readers:
    """The readers of a book's nodes, made when first needed; a loop that several rules have is one reader."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self._loops: dict[int, tuple[Reader, Node]] = {}  # by the node's id; the node is kept, so that its id stays its own

    def joined(self, nodes: Iterable[Node]) -> Reader:
        """A function that gives the marks of what several nodes read."""
        root: set[int] = set()
        items: dict[int, set[int]] = {}
        moving: list[Reader] = []
        for node in nodes:
            self.gather(node, root, items, moving)
        return _reader(root, items, moving)

    def of_item(self, node: Node, depth: int) -> tuple[Slots, Reader | None]:
        """Of what a node in a loop reads: the slots of the loop's own item, and a reader of the rest if there is any."""
        root: set[int] = set()
        items: dict[int, set[int]] = {}
        moving: list[Reader] = []
        self.gather(node, root, items, moving)
        own = tuple(sorted(items.pop(depth, ())))
        return own, _reader(root, items, moving) if root or items or moving else None

    def gather(self, node: Node, root: set[int], items: dict[int, set[int]], moving: list[Reader]) -> None:
        """What a node always reads of the filing's row and of loop items, and what hangs on how it comes out."""
        if node.op == "field":
            owner, slot = node.args[0], node.value[2]
            if owner.op == "root":
                root.add(slot)
            elif owner.op == "item":
                items.setdefault(owner.value - 1, set()).add(slot)
            else:
                row = self.steps.row(owner)
                moving.append(lambda e, at, marks: marks.of(row(e, at), (slot,)))
        elif node.op == "cmp":
            for atom in {atom: None for _, atoms in difference(*node.args).terms for atom in atoms}:
                self.gather(atom, root, items, moving)
        elif node.op == "if":
            self.gather(node.args[0], root, items, moving)
            moving.append(self.branch(node))
        elif node.op in LOOPS:
            self.gather(node.args[0], root, items, moving)
            if id(node) not in self._loops:
                self._loops[id(node)] = self.once(node), node
            moving.append(self._loops[id(node)][0])
        elif node.op == "closed":
            self.gather(node.args[0], root, items, moving)
            moving.append(self.rest(node))
        else:
            for arg in node.args:
                if arg.op not in _BARE:
                    self.gather(arg, root, items, moving)

    def branch(self, node: Node) -> Reader:
        """What is read in the branches that may be taken; which these are is asked only where it matters."""
        test = self.steps.of(node.args[0])
        then, otherwise = (self.joined([arg]) for arg in node.args[1:])
        still = not any(part.op in MOVING for arg in node.args[1:] for part in arg.walk())

        def read(e: Stepping, items: Items, marks: Marks) -> int:
            if still:
                a, b = then(e, items, marks), otherwise(e, items, marks)
                if a == b:
                    return a
                sure, possible = test(e, items)
                return (a if possible else 0) | (0 if sure else b)
            sure, possible = test(e, items)
            found = then(e, items, marks) if possible else 0
            return found if sure else found | otherwise(e, items, marks)

        return read

    def loop(self, node: Node) -> Reader:
        """What is read of the items of a list: of each what its condition asks for, and of those that may count the rest."""
        source, depth = self.steps.of(node.args[0]), node.value - 1
        condition = self.steps.of(node.args[2]) if len(node.args) > 2 else None
        slots, body = self.of_item(node.args[1], depth)
        asked_slots, asked = self.of_item(node.args[2], depth) if condition is not None else ((), None)
        both = tuple(sorted({*asked_slots, *slots}))

        def read(e: Stepping, items: Items, marks: Marks) -> int:
            around = items[:depth]
            pairs = marks.pairs((asked_slots, both))
            found = 0
            for row in source(e, items)[0]:
                pair = pairs.get(id(row))
                if pair is None:
                    pair = pairs[id(row)] = marks.of(row, asked_slots), marks.of(row, both)
                least, every = pair
                if condition is not None:
                    inner = (*around, row)
                    if asked is not None:
                        found |= asked(e, inner, marks)
                    # Where counting it adds nothing that is stated, it need not be known whether it counts.
                    if (body is not None or every != least) and not condition(e, inner)[1]:
                        found |= least
                        continue
                found |= every
                if body is not None:
                    found |= body(e, (*around, row), marks)
            return found

        return read

    def once(self, node: Node) -> Reader:
        """The same, remembered where the loop stands on nothing around it."""
        read = self.loop(node)
        if self.steps.hangs(node).items:
            return read
        mask, number = self.steps.mask(node), self.steps.number()

        def remembered(e: Stepping, items: Items, marks: Marks) -> int:
            memory = e.memory
            known = memory.layer(mask) if mask & memory.dirty else memory.known
            key = (number, e.world if mask & PARAMETER else 0, e.on if mask & DAY else 0)
            found: int | None = known.get(key)
            if found is None:
                found = known[key] = read(e, items, marks)
            return found

        return remembered

    def rest(self, node: Node) -> Reader:
        """What a stated total closes is read where the list may have more items than it names."""
        total, stated, known = node.args
        source, limit = self.steps.of(total.args[0]), self.joined([stated, known])

        def read(e: Stepping, items: Items, marks: Marks) -> int:
            return limit(e, items, marks) if source(e, items)[1] else 0

        return read


def _reader(slots: set[int], items: Mapping[int, set[int]], moving: list[Reader]) -> Reader:
    """A reader of fixed cells of the filing's row and of loop items, and of what moves."""
    root = tuple(sorted(slots))
    fixed = [(depth, tuple(sorted(of))) for depth, of in items.items()]

    def read(e: Stepping, at: Items, marks: Marks) -> int:
        found = marks.of(e.row, root) if root else 0
        for depth, of in fixed:
            found |= marks.of(at[depth], of)
        for part in moving:
            found |= part(e, at, marks)
        return found

    return read
