"""From text to Python's syntax tree, through bounds and a whitelist: nothing else of Python gets past here."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from compliance.source import NO_VALUES, Place, Problem

MAX_CHARACTERS = 2_000
MAX_NODES = 200
MAX_DEPTH = 20
MAX_INTEGER = 10**18

# Every kind of node there may be, each with those of its parts that are nodes themselves. Operators are looked at with what they
# stand in, and contexts (read, stored) with nothing.
_PARTS: Mapping[type[ast.AST], tuple[str, ...]] = {
    ast.BoolOp: ("values",),
    ast.UnaryOp: ("operand",),
    ast.BinOp: ("left", "right"),
    ast.Compare: ("left", "comparators"),
    ast.IfExp: ("test", "body", "orelse"),
    ast.Call: ("func", "args"),
    ast.GeneratorExp: ("elt", "generators"),
    ast.comprehension: ("target", "iter", "ifs"),
    ast.Attribute: ("value",),
    ast.Name: (),
    ast.Constant: (),
    ast.Set: ("elts",),
}
_OPERATORS = frozenset({ast.Not, ast.USub, ast.Add, ast.Sub, ast.Mult, ast.Div})
_COMPARISONS = frozenset({ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.In, ast.NotIn})
_PREFIXES = re.compile(r"(?:(?:\bnot\b|[-+~])\s*){" + str(MAX_DEPTH + 1) + ",}")


class Source(NamedTuple):
    """An expression as it stands in a pack: its text and where it begins."""

    text: str
    place: Place

    def at(self, node: ast.AST) -> Place:
        """Where a part of the expression stands: exact for one line of plain text, else where the expression begins."""
        characters = len(_plain(self.text).encode("utf-8")[: getattr(node, "col_offset", 0)].decode("utf-8", "ignore"))
        return self.after(characters)

    def after(self, characters: int) -> Place:
        """Where the character stands that has so many before it in the text as it is parsed."""
        if "\n" in self.text or not self.place.line:
            return self.place
        written = self.text.strip()
        column = self.place.column + len(self.text) - len(self.text.lstrip())
        # Normalising may change how many characters there are: count those written that give as many.
        before = next(
            (k for k in range(len(written)) if len(unicodedata.normalize("NFKC", written[:k])) >= characters),
            len(written),
        )
        return Place(self.place.document, self.place.line, column + before)


class _Refusal(NamedTuple):
    """Why there is no syntax tree, and where: at a node, after so many characters, or (None) from the beginning."""

    code: str
    values: Mapping[str, object] = NO_VALUES
    at: ast.AST | int | None = None


def parse(source: Source) -> ast.expr | Problem:
    """The syntax tree of an expression, or why there is none. The bounds hold before Python's parser sees the text.

    A tree is read, never changed: a text that stands in many places is parsed once.
    """
    found = _tree(source.text)
    if not isinstance(found, _Refusal):
        return found
    at = found.at
    place = source.place if at is None else source.after(at) if isinstance(at, int) else source.at(at)
    return Problem(place, found.code, found.values)


@lru_cache(maxsize=4_096)
def _tree(written: str) -> ast.expr | _Refusal:
    text = _plain(written)
    if not text:
        return _Refusal("expression-empty")
    if len(text) > MAX_CHARACTERS:
        return _Refusal("expression-long", {"limit": MAX_CHARACTERS})
    if _nesting(text) > MAX_DEPTH or _prefixed(text):
        return _Refusal("expression-deep", {"limit": MAX_DEPTH})
    if "\\" in text:
        return _Refusal("expression-refused", {"what": "\\"}, text.index("\\"))
    try:
        tree = compile(text.replace("\n", " "), "", "eval", ast.PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return _Refusal("expression-syntax", {"text": _short(text)}, (getattr(error, "offset", None) or 1) - 1)
    assert isinstance(tree, ast.Expression)
    return _checked(tree.body, text)


def _checked(tree: ast.expr, text: str) -> ast.expr | _Refusal:
    """The tree, if it is small enough and nothing in it is of a kind that is refused."""
    count = 0
    stack: list[tuple[ast.AST, int]] = [(tree, 1)]
    while stack:
        node, depth = stack.pop()
        count += 1
        if count > MAX_NODES:
            return _Refusal("expression-large", {"limit": MAX_NODES})
        kind = type(node)
        # All but a constant have something below them, if only whether a name is read or stored.
        if depth + (kind is not ast.Constant) > MAX_DEPTH:
            return _Refusal("expression-deep", {"limit": MAX_DEPTH})
        look = _LOOKS.get(kind)
        if kind is ast.Constant and isinstance(node.value, float):  # type: ignore[attr-defined]
            return _Refusal("expression-decimal", {"what": _short(_shown(node, text))}, node)
        if kind not in _PARTS or (look is not None and look(node)):
            return _Refusal("expression-refused", {"what": _short(_shown(node, text))}, node)
        for name in _PARTS[kind]:
            part = getattr(node, name)
            if type(part) is list:
                stack += [(child, depth + 1) for child in part]
            else:
                stack.append((part, depth + 1))
    return tree


def _constant_refused(node: Any) -> bool:
    return not isinstance(node.value, (int, str)) or (isinstance(node.value, int) and node.value > MAX_INTEGER)


# What is refused of a kind of node that is allowed as such.
_LOOKS: Mapping[type[ast.AST], Callable[[Any], bool]] = {
    ast.BinOp: lambda node: type(node.op) not in _OPERATORS,
    ast.UnaryOp: lambda node: type(node.op) not in _OPERATORS,
    ast.Compare: lambda node: not _COMPARISONS.issuperset(map(type, node.ops)),
    ast.Constant: _constant_refused,
    ast.Call: lambda node: bool(node.keywords) or not isinstance(node.func, ast.Name),
    ast.comprehension: lambda node: node.is_async != 0 or len(node.ifs) > 1 or not isinstance(node.target, ast.Name),
    ast.GeneratorExp: lambda node: len(node.generators) > 1,
    ast.Attribute: lambda node: node.attr.startswith("_"),
    ast.Name: lambda node: node.id.startswith("_"),
}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text.strip())


def _shown(node: ast.AST, text: str) -> str:
    """A part of the text as written; unparsing could exhaust the stack."""
    return ast.get_source_segment(text.replace("\n", " "), node) or text


def _nesting(text: str) -> int:
    """How deep brackets stand in each other, or (which takes less time, and mostly is little enough) how many there are."""
    deepest = text.count("(") + text.count("[") + text.count("{")
    if deepest <= MAX_DEPTH:
        return deepest
    depth = deepest = 0
    for char in text:
        if char in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in ")]}":
            depth -= 1
    return deepest


def _prefixed(text: str) -> bool:
    """Whether too many signs stand before one thing; most texts have not so many in all."""
    return sum(map(text.count, ("not", "-", "+", "~"))) > MAX_DEPTH and _PREFIXES.search(text) is not None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
