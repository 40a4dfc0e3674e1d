"""Write the nodes of typed trees as Python: statements where it takes any, and an expression for each end of a value.

What is written is the scalar form, for one filing (see ``emit``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from compliance.expressions import arithmetic
from compliance.expressions.arithmetic import Pair
from compliance.expressions.interpret import beyond, extremes
from compliance.expressions.linear import Difference, difference
from compliance.expressions.tree import LOOPS, OPENING, Node, free_items, opens

Sink = Callable[[Pair], None]

_MAX_LINES = 250  # past this, branches are joined rather than written out


class Writer:
    """Writes the nodes of one function: for each what computes its low and its high end.

    A block's names (``scopes``) hold what was computed in it, and are forgotten at its end; what a loop needs of outside is
    computed before the loop. ``sharp`` are the enumeration cells known, in the present block, to hold one member. Where all
    facts are ``known`` exactly, what does not stand on anything that may be open is written ``exact`` within the ranges.
    """

    def __init__(self, slots: Mapping[str, int], known: bool) -> None:
        self.slots = slots
        self.known = known
        self.exact = known
        self.lines: list[str] = []
        self.indent = 1
        self.count = 0
        self.uses: Counter[Node] = Counter()
        self.scopes: list[dict[Node, Pair]] = [{}]
        self.items: dict[int, str] = {}  # for each loop around, by its depth: the name of its row
        self.sharp: list[Node] = []
        self.blurred: list[Node] = []

    # Writing

    def write(self, line: str) -> None:
        """Add a line at the present depth."""
        self.lines.append("    " * self.indent + line)

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Write a block; what is computed in it is known in it alone."""
        self.write(header)
        self.indent += 1
        self.scopes.append({})
        start = len(self.lines)
        yield
        if len(self.lines) == start:
            self.write("pass")
        self.scopes.pop()
        self.indent -= 1

    def fresh(self) -> Pair:
        """Two new names (one, in the exact form)."""
        self.count += 1
        return (f"v{self.count}", f"v{self.count}") if self.exact else (f"v{self.count}l", f"v{self.count}h")

    def named(self, pair: Pair) -> Pair:
        """The pair under names, so that it may be used twice."""
        if all(arithmetic.SIMPLE.fullmatch(part) for part in pair):
            return pair
        if pair[0] == pair[1]:
            self.count += 1
            self.write(f"v{self.count} = {pair[0]}")
            return (f"v{self.count}",) * 2
        name = self.fresh()
        self.write(f"{name[0]} = {pair[0]}")
        self.write(f"{name[1]} = {pair[1]}")
        return name

    def found(self, node: Node) -> Pair | None:
        """What the present block or one around it knows of a node."""
        for scope in reversed(self.scopes):
            if node in scope:
                return scope[node]
        return None

    def once(self, node: Node, make: Callable[[Node], Pair]) -> Pair:
        """The pair of a node, computed once in a block; under names where it is used again."""
        found = self.found(node)
        if found is None:
            around = self.exact
            self.exact = around or (self.known and not opens(node))
            found = make(node)
            if self.uses[node] > 1:
                found = self.named(found)
            self.exact = around
            self.scopes[-1][node] = found
        return found

    def hoist(self, node: Node, depth: int) -> None:
        """Compute before a loop what its body needs and what does not change from item to item."""
        if node.op in ("const", "root", "item", "bits"):
            return
        if any(item >= depth for item in free_items(node)) or node.type.kind not in ("number", "date", "truth", "enum"):
            for arg in node.args:
                self.hoist(arg, depth)
        elif node.op in ("field", "param", "day"):
            if depth > 1 and node.op == "param" and self.found(node) is None:
                self.count += 1
                self.write(f"v{self.count} = {self.number(node)[0]}")
                self.scopes[-1][node] = (f"v{self.count}",) * 2
        elif self.found(node) is None:
            self.scopes[-1][node] = self.named(self.value(node))

    # Leaves

    def value(self, node: Node) -> Pair:
        """Low and high of a number, a day or a truth."""
        return self.truth(node) if node.type.kind == "truth" else self.number(node)

    def row(self, node: Node) -> str:
        """The expression for the row that a root, item or reference stands for."""
        if node.op == "root":
            return "F"
        if node.op == "item":
            return self.items[node.value]
        return f"{self.row(node.args[0])}[{node.value[2]}]"

    def cell(self, node: Node) -> Pair:
        """The two cells of a field. What an enumeration can be stands in the second."""
        found = self.found(node)
        if found is not None:
            return found
        row, slot = self.row(node.args[0]), node.value[2]
        low, high = f"{row}[{slot}]", f"{row}[{slot + 1}]"
        return (low, low) if self.exact and node.type.kind != "enum" else (low, high)

    def number(self, node: Node) -> Pair:
        """Low and high of a number or a day."""
        if node.op == "const":
            return str(node.value), str(node.value)
        if node.op == "param":
            return self.found(node) or (f"P[{self.slots[node.value]}]",) * 2
        if node.op == "day":
            return ("on_l", "on_l") if self.exact else ("on_l", "on_h")
        if node.op == "field":
            return self.cell(node)
        writer: Callable[[Node], Pair] = getattr(self, f"number_{node.op}")
        return self.once(node, writer)

    def scaled(self, node: Node, scale: int) -> Pair:
        """A number's pair at a finer scale than its own."""
        return arithmetic.scaled(self.number(node), node, scale)

    # Numbers

    def number_add(self, node: Node) -> Pair:
        parts = [self.scaled(arg, node.type.scale) for arg in node.args]
        return arithmetic.total(p[0] for p in parts), arithmetic.total(p[1] for p in parts)

    def number_neg(self, node: Node) -> Pair:
        low, high = self.number(node.args[0])
        return arithmetic.times(high, -1), arithmetic.times(low, -1)

    def number_mul(self, node: Node) -> Pair:
        a, b = node.args
        return self.times(self.number(a), a, self.number(b), b)

    def times(self, left: Pair, a: Node, right: Pair, b: Node) -> Pair:
        """The product of two independent pairs, plain where the signs are known."""
        for one, other in ((left, right), (right, left)):
            if one[0] == one[1] and arithmetic.is_number(one[0]):
                factor = int(one[0])
                low, high = other if factor >= 0 else (other[1], other[0])
                return arithmetic.times(low, factor), arithmetic.times(high, factor)
        if self.exact:
            return (arithmetic.product(left[0], right[0]),) * 2
        if a.type.nonnegative and b.type.nonnegative:
            return arithmetic.product(left[0], right[0]), arithmetic.product(left[1], right[1])
        name = self.fresh()
        self.write(f"{name[0]}, {name[1]} = X({left[0]}, {left[1]}, {right[0]}, {right[1]})")
        return name

    def number_div(self, node: Node) -> Pair:
        a, b = node.args
        left, right = self.number(a), self.number(b)
        name = self.fresh()
        up, down = 10**b.type.scale, 10**a.type.scale
        self.write(f"{name[0]}, {name[1]} = Q({left[0]}, {left[1]}, {right[0]}, {right[1]}, {up}, {down})")
        return name

    def number_months(self, node: Node) -> Pair:
        day, count = (self.number(arg) for arg in node.args)
        return f"M({day[0]}, {count[0]})", f"M({day[1]}, {count[1]})"

    def number_period(self, node: Node) -> Pair:
        low, high = self.number(node.args[0])
        return f"E({low}, {node.value})", f"E({high}, {node.value})"

    def number_session(self, node: Node) -> Pair:
        day, count = (self.number(arg) for arg in node.args)
        name = self.fresh()
        self.write(f"{name[0]}, {name[1]} = S({day[0]}, {day[1]}, {count[0]}, {count[1]}, {node.value})")
        return name

    def number_greater(self, node: Node) -> Pair:
        return self.extreme(node, ">")

    def number_lesser(self, node: Node) -> Pair:
        return self.extreme(node, "<")

    def extreme(self, node: Node, sign: str) -> Pair:
        """The greater or lesser of several numbers."""
        best = self.named(self.scaled(node.args[0], node.type.scale))
        for arg in node.args[1:]:
            other = self.named(self.scaled(arg, node.type.scale))
            low, high = (f"({best[end]} if {best[end]} {sign} {other[end]} else {other[end]})" for end in (0, 1))
            best = self.named((low, high))
        return best

    def number_if(self, node: Node) -> Pair:
        test, then, otherwise = node.args
        if self.exact and not any(needs_statements(arg) for arg in node.args):
            condition = self.truth(test)[1]
            a, b = self.scaled(then, node.type.scale)[0], self.scaled(otherwise, node.type.scale)[0]
            return (f"({a} if {condition} else {b})",) * 2
        if len(self.lines) > _MAX_LINES:
            return self.joined_branches(node)
        result = self.fresh()

        def assign(value: Pair) -> None:
            self.write(f"{result[0]} = {value[0]}" if self.exact else f"{result[0]} = {value[0]}; {result[1]} = {value[1]}")

        self.into(node, assign)
        return result

    def into(self, node: Node, sink: Sink) -> None:
        """Hand a number to ``sink`` in each branch that it takes, so that a chain of conditions costs what it would by hand."""
        if len(self.lines) > _MAX_LINES or self.found(node) is not None:
            sink(self.number(node))
        elif node.op == "if":
            self.branches(node, lambda arg: self.into(arg, lambda value: sink(arithmetic.scaled(value, arg, node.type.scale))), sink)
        elif node.op == "mul" and (node.args[0].op == "if") != (node.args[1].op == "if"):
            chain, other = node.args if node.args[0].op == "if" else node.args[::-1]
            if any(needs_statements(part) for part in (*other.args, other)):
                sink(self.number(node))
            else:
                self.into(chain, lambda value: sink(self.times(value, chain, self.number(other), other)))
        else:
            sink(self.number(node))

    def branches(self, node: Node, branch: Callable[[Node], None], sink: Sink) -> None:
        """Write the branches of an ``if``; where its condition is open, both are joined and handed to ``sink``."""
        test, then, otherwise = node.args
        cell = self.blunt(test)
        if cell is not None:
            with self.block(f"if {self.cell(cell)[0]}:"):
                self.sharp.append(cell)
                self.branches(node, branch, sink)
                self.sharp.pop()
            with self.block("else:"):
                self.blurred.append(cell)
                sink(self.named(self.joined_branches(node)))
                self.blurred.pop()
            return
        sure, possible = self.truth(test)
        if sure != possible:
            if needs_statements(then) or needs_statements(otherwise):
                sink(self.named(self.joined_branches(node)))
                return
            sure, possible = self.named((sure, possible))
        with self.block(f"if {sure}:"):
            branch(then)
        if sure != possible:
            with self.block(f"elif {possible}:"):
                sink(self.named(self.hull(node)))
        with self.block("else:"):
            branch(otherwise)

    def blunt(self, test: Node) -> Node | None:
        """An enumeration on which a condition alone hangs, and of which it is not known here whether it is known."""
        if self.exact:
            return None
        while test.op == "not":
            test = test.args[0]
        if test.op != "in" or self.found(test) is not None:
            return None
        cell = test.args[0]
        return None if cell.args[0].op == "root" or cell in self.sharp or cell in self.blurred else cell

    def hull(self, node: Node) -> Pair:
        """The range over both branches of an ``if``."""
        a, b = (self.named(self.scaled(arg, node.type.scale)) for arg in node.args[1:])
        return arithmetic.lesser(a[0], b[0]), arithmetic.greater(a[1], b[1])

    def joined_branches(self, node: Node) -> Pair:
        """An ``if`` with its branches computed apart and joined after: longer to run, shorter to write."""
        test, *branches = node.args
        sure, possible = self.named(self.truth(test))
        result = self.fresh()
        parts: list[Pair] = []
        for branch, guard in zip(branches, (possible, f"not {sure}"), strict=True):
            if branch.op == "const":
                parts.append(self.scaled(branch, node.type.scale))
                continue
            name = self.fresh()
            with self.block(f"if {guard}:"):
                nested = branch.op == "if" and not self.exact and self.found(branch) is None
                low, high = (
                    arithmetic.scaled(self.joined_branches(branch), branch, node.type.scale)
                    if nested
                    else self.scaled(branch, node.type.scale)
                )
                self.write(f"{name[0]} = {low}")
                if not self.exact:
                    self.write(f"{name[1]} = {high}")
            parts.append(name)
        a, b = parts
        if self.exact:
            self.write(f"{result[0]} = {a[0]} if {sure} else {b[0]}")
            return result
        self.write(f"if {sure}: {result[0]} = {a[0]}; {result[1]} = {a[1]}")
        self.write(f"elif not {possible}: {result[0]} = {b[0]}; {result[1]} = {b[1]}")
        self.write(f"else: {result[0]} = {arithmetic.lesser(a[0], b[0])}; {result[1]} = {arithmetic.greater(a[1], b[1])}")
        return result

    # Truths

    def truth(self, node: Node) -> Pair:
        """Whether a truth is proved, and whether it is possible."""
        if node.op == "const":
            return str(bool(node.value)), str(bool(node.value))
        if node.op == "field":
            return self.cell(node)
        writer: Callable[[Node], Pair] = getattr(self, f"truth_{node.op}")
        if node.op in ("in", "isin"):
            return self.found(node) or writer(node)  # what is known of the enumeration may differ from block to block
        return self.once(node, writer)

    def truth_in(self, node: Node) -> Pair:
        bits = self.cell(node.args[0])[1]
        if self.exact or node.args[0] in self.sharp:
            return (f"{bits} & {node.value} != 0",) * 2
        return f"not {bits} & {~node.value}", f"{bits} & {node.value} != 0"

    def truth_isin(self, node: Node) -> Pair:
        bits, members = self.cell(node.args[0])[1], self.number(node.args[1])[0]
        if self.exact or node.args[0] in self.sharp:
            return (f"{bits} & {members} != 0",) * 2
        return f"not {bits} & ~{members}", f"{bits} & {members} != 0"

    def truth_and(self, node: Node) -> Pair:
        return self.joined(node, " and ")

    def truth_or(self, node: Node) -> Pair:
        return self.joined(node, " or ")

    def joined(self, node: Node, word: str) -> Pair:
        """Kleene's and/or: the ends one by one; what takes statements is computed only where the other parts do not settle it."""
        dear = [arg for arg in node.args if needs_statements(arg)]
        if 0 < len(dear) < len(node.args) and self.alone(dear, node):
            return self.settled(node, dear, word)
        return self.ends([self.truth(arg) for arg in node.args], word)

    @staticmethod
    def ends(parts: Sequence[Pair], word: str) -> Pair:
        """The ends of several truths joined by a word."""
        return f"({word.join(p[0] for p in parts)})", f"({word.join(p[1] for p in parts)})"

    def alone(self, dear: Sequence[Node], node: Node) -> bool:
        """Whether nothing outside a node needs the loops in some of its parts: it would have to compute them again."""
        below = set(node.walk())
        asked = Counter(arg for part in below for arg in part.args)
        loops = {part for arg in dear for part in arg.walk() if part.op in (*LOOPS, *OPENING) and not free_items(part)}
        return all(self.found(part) is not None or asked[part] == self.uses[part] for part in loops)

    def settled(self, node: Node, dear: Sequence[Node], word: str) -> Pair:
        """An and/or whose other parts are asked first: what they settle is not computed further."""
        low, high = self.named(self.ends([self.truth(arg) for arg in node.args if arg not in dear], word))
        if word == " and ":
            rest = self.where(high, dear, word, "False")
            return f"({low} and {rest[0]})", f"({high} and {rest[1]})"
        rest = self.where(f"not {low}", dear, word, "True")
        return f"({low} or {rest[0]})", f"({high} or {rest[1]})"

    def where(self, condition: str, nodes: Sequence[Node], word: str, otherwise: str) -> Pair:
        """Truths joined by a word, computed only under a condition."""
        result = self.fresh()
        self.write(f"{result[0]} = {result[1]} = {otherwise}")
        with self.block(f"if {condition}:"):
            low, high = self.ends([self.truth(node) for node in nodes], word)
            self.write(f"{result[0]} = {low}")
            if not self.exact:
                self.write(f"{result[1]} = {high}")
        return result

    def truth_not(self, node: Node) -> Pair:
        low, high = self.truth(node.args[0])
        return f"(not {high})", f"(not {low})"

    def truth_if(self, node: Node) -> Pair:
        test = self.named(self.truth(node.args[0]))
        then, otherwise = (
            self.where(guard, [arg], " and ", "False") if needs_statements(arg) and self.alone([arg], node) else self.named(self.truth(arg))
            for arg, guard in zip(node.args[1:], (test[1], f"not {test[0]}"), strict=True)
        )
        if test[0] == test[1]:
            return f"({then[0]} if {test[0]} else {otherwise[0]})", f"({then[1]} if {test[0]} else {otherwise[1]})"
        low = f"({then[0]} if {test[0]} else {otherwise[0]} if not {test[1]} else {then[0]} and {otherwise[0]})"
        high = f"({then[1]} if {test[0]} else {otherwise[1]} if not {test[1]} else {then[1]} or {otherwise[1]})"
        return low, high

    def truth_cmp(self, node: Node) -> Pair:
        left, right = node.args
        symbol = node.value
        if left.type.kind == "date" and symbol not in ("==", "!=") and left != right:
            a, b = self.number(left), self.number(right)
            if symbol in ("<", "<="):
                return f"{a[1]} {symbol} {b[0]}", f"{a[0]} {symbol} {b[1]}"
            return f"{a[0]} {symbol} {b[1]}", f"{a[1]} {symbol} {b[0]}"
        low, high = self.spread(node)
        if symbol in ("<", "<="):
            return f"{high} {symbol} 0", f"{low} {symbol} 0"
        if symbol in (">", ">="):
            return f"{low} {symbol} 0", f"{high} {symbol} 0"
        low, high = self.named((low, high))
        if symbol == "==":
            return f"({low} == 0 == {high})", f"({low} <= 0 <= {high})"
        return f"({high} < 0 or {low} > 0)", f"(not {low} == 0 == {high})"

    def spread(self, node: Node) -> Pair:
        """Low and high of a comparison's difference, facts that stand twice at their corners."""
        key = Node("spread", node.type, (node,))
        self.uses[key] = self.uses[node]
        return self.once(key, lambda _: self.spread_of(node))

    def spread_of(self, node: Node) -> Pair:
        form = difference(node.args[0], node.args[1])
        atoms = {atom: self.number(atom) for _, product_ in form.terms for atom in product_}
        if self.exact or not form.repeated or form.squares:
            return self.interval(form, atoms)
        repeated = list(form.repeated)
        for atom in repeated:
            atoms[atom] = self.named(atoms[atom])
        lows = ", ".join(atoms[atom][0] for atom in repeated)
        highs = ", ".join(atoms[atom][1] for atom in repeated)
        result = self.fresh()
        plain = " and ".join(f"{atoms[atom][0]} == {atoms[atom][1]}" for atom in repeated)
        self.count += 1
        number = self.count
        inner = {atom: (f"l{number}_{i}", f"h{number}_{i}") for i, atom in enumerate(repeated)}
        with self.block(f"if {plain}:"):
            low, high = self.interval(form, atoms)
            self.write(f"{result[0]} = {low}; {result[1]} = {high}")
        with self.block("else:"):
            names = [*(inner[a][0] for a in repeated), *(inner[a][1] for a in repeated)]
            with self.block(f"def k{number}({', '.join(names)}):"):
                low, high = self.interval(form, {**atoms, **inner})
                self.write(f"return {low}, {high}")
            self.write(f"{result[0]}, {result[1]} = K(k{number}, ({lows},), ({highs},))")
        return result

    def interval(self, form: Difference, atoms: Mapping[Node, Pair]) -> Pair:
        """The difference as a sum of products of independent pairs."""
        lows, highs = [], []
        for coefficient, factors in form.terms:
            if not factors:
                lows.append(str(coefficient))
                highs.append(str(coefficient))
                continue
            low, high = atoms[factors[0]]
            node = factors[0]
            for factor in factors[1:]:
                low, high = self.times((low, high), node, atoms[factor], factor)
                both = node.type.nonnegative and factor.type.nonnegative
                node = Node("mul", node.type._replace(least=0 if both else None), (node, factor))
            if coefficient < 0:
                low, high = high, low
            lows.append(arithmetic.times(low, coefficient))
            highs.append(arithmetic.times(high, coefficient))
        return arithmetic.total(lows), arithmetic.total(highs)

    # Loops

    def loop(self, node: Node, body: Callable[[str], None]) -> str:
        """Write the loop of a node, ``body`` for each item that may count; gives the expression for an unlisted rest.

        ``body`` is told the expression for whether the item surely counts, ``True`` where it does if it may at all.
        """
        source, inside, *conditions = node.args
        depth = node.value
        for part in (inside, *conditions):
            self.hoist(part, depth)
        owner, slot = self.row(source.args[0]), source.value[2]
        self.count += 1
        around = self.items.get(depth)
        self.items[depth] = f"u{self.count}"
        with self.block(f"for u{self.count} in {owner}[{slot}]:"):
            self.load(depth, (inside, *conditions))
            # What takes one expression is asked first, so that a loop within a condition runs only where it matters.
            parts = sorted((part for c in conditions for part in conjuncts(c)), key=needs_statements)
            self.guarded(parts, [], body)
        if around is not None:
            self.items[depth] = around
        return f"{owner}[{slot + 1}]"

    def guarded(self, parts: Sequence[Node], sure: Sequence[str], body: Callable[[str], None]) -> None:
        """Write ``body`` where every part may hold."""
        ready = [part for part in parts if not needs_statements(part)] or list(parts[:1])
        if not ready:
            body(self.named((" and ".join(sure),) * 2)[0] if sure else "True")
            return
        pairs = [self.truth(part) for part in ready]
        lows = [*sure, *(low for low, high in pairs if low != high)]
        with self.block(f"if {' and '.join(high for _, high in pairs)}:"):
            self.guarded([part for part in parts if part not in ready], lows, body)

    def load(self, depth: int, parts: Sequence[Node]) -> None:
        """Name the enumerations that are asked more than once, at the head of a loop."""
        found = Counter(
            node
            for part in parts
            for node in part.walk()
            if node.op == "field" and node.type.kind == "enum" and node.args[0].op == "item" and node.args[0].value == depth
        )
        for node, times in found.items():
            if times > 1:
                self.count += 1
                low, high = self.cell(node)
                self.write(f"c{self.count} = {high}")
                self.scopes[-1][node] = (low, f"c{self.count}")

    def number_sum(self, node: Node) -> Pair:
        total, unlisted = self.listed(node)
        if not self.exact:
            lower = "" if node.type.nonnegative else f"; {total[0]} -= {beyond(node)}"
            self.write(f"if {unlisted}: {total[1]} += {beyond(node)}{lower}")
        return total

    number_count = number_sum

    def listed(self, node: Node) -> tuple[Pair, str]:
        """Write the sum over the items that the filing names; also gives the expression for an unlisted rest."""
        total = self.fresh()
        self.write(f"{total[0]} = 0" if self.exact else f"{total[0]} = {total[1]} = 0")
        inside = node.args[1]
        nonnegative = inside.type.nonnegative

        def add(sure: str, value: Pair) -> None:
            for end, text in ((0, value[0]), (1, value[1])):
                if text != "0" and sure == "True" and not (end and self.exact):
                    self.write(f"{total[end]} += {text}")
            if sure == "True":
                return
            value = self.named(value)
            if value[0] != "0":
                self.write(
                    f"if {sure}: {total[0]} += {value[0]}" if nonnegative else f"if {sure} or {value[0]} < 0: {total[0]} += {value[0]}"
                )
            if value[1] != "0":
                self.write(f"{total[1]} += {value[1]}" if nonnegative else f"if {sure} or {value[1]} > 0: {total[1]} += {value[1]}")

        unlisted = self.loop(node, lambda sure: self.into(inside, lambda value: add(sure, value)))
        return total, unlisted

    def number_closed(self, node: Node) -> Pair:
        whole, stated, known = node.args
        if self.exact:
            return self.number(whole)
        limit = self.scaled(stated, known.type.scale)[1]
        total, unlisted = self.listed(whole)
        with self.block(f"if {unlisted}:"):
            (low, _), _ = self.listed(known)
            self.write(f"if {limit} > {low}: {total[1]} += {arithmetic.times(f'{limit} - {low}', node.value)}")
        return total

    def number_max(self, node: Node) -> Pair:
        return self.outermost(node, ">")

    def number_min(self, node: Node) -> Pair:
        return self.outermost(node, "<")

    def outermost(self, node: Node, sign: str) -> Pair:
        """The greatest or least over a loop: the near end counts sure items only, the far end every possible one."""
        least, most = extremes(node)
        start, past = (least, most) if sign == ">" else (most, least)
        best = self.fresh()
        self.write(f"{best[0]} = {start}" if self.exact else f"{best[0]} = {best[1]} = {start}")
        near, far = (0, 1) if sign == ">" else (1, 0)

        def take(sure: str, value: Pair) -> None:
            value = self.named(value)
            if self.exact:
                self.write(f"if {value[0]} {sign} {best[0]}: {best[0]} = {value[0]}")
                return
            guard = "" if sure == "True" else f"{sure} and "
            self.write(f"if {guard}{value[near]} {sign} {best[near]}: {best[near]} = {value[near]}")
            self.write(f"if {value[far]} {sign} {best[far]}: {best[far]} = {value[far]}")

        unlisted = self.loop(node, lambda sure: self.into(node.args[1], lambda value: take(sure, value)))
        if not self.exact:
            self.write(f"if {unlisted} and {past} {sign} {best[far]}: {best[far]} = {past}")
        return best

    def truth_any(self, node: Node) -> Pair:
        return self.quantified(node, "False", "True")

    def truth_all(self, node: Node) -> Pair:
        return self.quantified(node, "True", "False")

    def quantified(self, node: Node, start: str, turned: str) -> Pair:
        """A truth over a loop: it stands as it starts till an item turns it; one that may turn it moves the end that gives way first."""
        found = self.fresh()
        doubted, settled = found if turned == "False" else found[::-1]
        self.write(" = ".join(dict.fromkeys((*found, start))))

        def meet(sure: str) -> None:
            low, high = self.truth(node.args[1])
            must, may = (low, high) if turned == "True" else (f"not ({high})", f"not ({low})")
            if self.exact:
                self.write(f"if {may}: {settled} = {turned}; break")
                return
            guard = "" if sure == "True" else f"{sure} and "
            with self.block(f"if {may}:"):
                self.write(f"{doubted} = {turned}")
                self.write(f"if {guard}{must}: {settled} = {turned}; break")

        unlisted = self.loop(node, meet)
        if not self.exact:
            self.write(f"if {unlisted}: {doubted} = {turned}")
        return found


def conjuncts(node: Node) -> Iterator[Node]:
    """The parts of a condition that all have to hold."""
    if node.op == "and":
        for arg in node.args:
            yield from conjuncts(arg)
    else:
        yield node


def needs_statements(node: Node) -> bool:
    """Whether a node cannot be written as one expression."""
    return any(part.op in (*LOOPS, *OPENING, "closed", "greater", "lesser") for part in node.walk())
