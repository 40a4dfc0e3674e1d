"""Which of the facts that are stated a formula reads, branches that are not taken left aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from compliance.expressions.hanging import DAY, PARAMETER
from compliance.expressions.interpret import Row
from compliance.expressions.linear import difference
from compliance.expressions.once import Items
from compliance.expressions.steps import Stepping, Steps
from compliance.expressions.tree import LOOPS, Node

MOVING = frozenset({"if", "closed", *LOOPS})  # what reads other cells as it comes out otherwise
_BARE = frozenset({"const", "param", "day", "root", "item", "bits"})  # what reads no cell

Reader = Callable[[Stepping, Items, "Marks"], int]  # the marks of what is read, joined
_NOWHERE = (0, 0)
_ROOT = -1  # stands among the depths of loops for the filing's own row


class Marks:
    """The stated facts of a filing, each a bit of a whole number: what is read is one number then, however many facts it is.

    A row has a stretch of bits, one for each of its fields in their order, so that the marks of any of its fields take two steps
    however many they are: those that are stated, moved to where the row begins.
    """

    def __init__(self, cells: Iterable[tuple[Row, int]]) -> None:
        self.rows: dict[int, tuple[int, int]] = {}  # by the row's id: which of its fields are stated, and its first bit
        self.numbers: list[int] = []  # the bit of each fact
        size = first = 0
        fields: dict[int, list[int]] = {}
        firsts: dict[int, int] = {}
        before, listed = None, []
        for row, slot in cells:
            if row is not before:  # what is stated of one row mostly stands together
                before, key = row, id(row)
                if key not in fields:
                    fields[key], firsts[key] = [], size
                    size += len(row) // 2
                listed, first = fields[key], firsts[key]
            field = slot // 2
            listed.append(field)
            self.numbers.append(first + field)
        for key, listed in fields.items():
            self.rows[key] = sum([1 << field for field in listed]), firsts[key]

    def of(self, row: Row, fields: int) -> int:
        """The marks of some fields of a row, as far as they are stated."""
        stated, first = self.rows.get(id(row), _NOWHERE)
        return (stated & fields) << first


class Read(NamedTuple):
    """What a formula reads: fields of the filing's row and of loop items, by the depth of the loop; and what moves."""

    fields: dict[int, int]
    moving: list[Reader]


class Readers:
    """The readers of a book's nodes, made when first needed; a loop that several rules have is one reader."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self._loops: dict[int, tuple[Reader, Node]] = {}  # by the node's id; the node is kept, so that its id stays its own

    def joined(self, nodes: Iterable[Node]) -> Reader:
        """A function that gives the marks of what several nodes read."""
        read = Read({}, [])
        for node in nodes:
            self.gather(node, read)
        return _reader(read)

    def of_item(self, node: Node, depth: int) -> tuple[int, Reader | None]:
        """Of what a node in a loop reads: the fields of the loop's own item, and a reader of the rest if there is any."""
        read = Read({}, [])
        self.gather(node, read)
        own = read.fields.pop(depth, 0)
        return own, _reader(read) if read.fields or read.moving else None

    def gather(self, node: Node, read: Read) -> None:
        """Enter what a node always reads of the filing's row and of loop items, and what hangs on how it comes out."""
        if node.op == "field":
            owner, field = node.args[0], 1 << node.value[2] // 2
            if owner.op in ("root", "item"):
                depth = owner.value - 1 if owner.op == "item" else _ROOT
                read.fields[depth] = read.fields.get(depth, 0) | field
            else:
                row = self.steps.row(owner)
                read.moving.append(lambda e, at, marks: marks.of(row(e, at), field))
        elif node.op == "cmp":
            for atom in {atom: None for _, atoms in difference(*node.args).terms for atom in atoms}:
                self.gather(atom, read)
        elif node.op == "if":
            self.gather(node.args[0], read)
            read.moving.append(self.branch(node))
        elif node.op in LOOPS:
            self.gather(node.args[0], read)
            if id(node) not in self._loops:
                self._loops[id(node)] = self.once(node), node
            read.moving.append(self._loops[id(node)][0])
        elif node.op == "closed":
            self.gather(node.args[0], read)
            read.moving.append(self.rest(node))
        else:
            for arg in node.args:
                if arg.op not in _BARE:
                    self.gather(arg, read)

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
        fields, body = self.of_item(node.args[1], depth)
        asked_fields, asked = self.of_item(node.args[2], depth) if condition is not None else (0, None)
        both = asked_fields | fields

        def read(e: Stepping, items: Items, marks: Marks) -> int:
            around, rows = items[:depth], marks.rows
            found = 0
            for row in source(e, items)[0]:
                stated, first = rows.get(id(row), _NOWHERE)
                every = stated & both
                if condition is not None:
                    inner = (*around, row)
                    if asked is not None:
                        found |= asked(e, inner, marks)
                    least = stated & asked_fields
                    # Where counting it adds nothing that is stated, it need not be known whether it counts.
                    if (body is not None or every != least) and not condition(e, inner)[1]:
                        found |= least << first
                        continue
                found |= every << first
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


def _reader(what: Read) -> Reader:
    """A reader of what is always read, and of what moves."""
    root = what.fields.get(_ROOT, 0)
    fixed = [(depth, fields) for depth, fields in what.fields.items() if depth != _ROOT]
    moving = what.moving
    if not fixed and not moving:
        return lambda e, at, marks: marks.of(e.row, root)
    if not what.fields and len(moving) == 1:
        return moving[0]

    def read(e: Stepping, at: Items, marks: Marks) -> int:
        found = marks.of(e.row, root) if root else 0
        for depth, fields in fixed:
            found |= marks.of(at[depth], fields)
        for part in moving:
            found |= part(e, at, marks)
        return found

    return read
