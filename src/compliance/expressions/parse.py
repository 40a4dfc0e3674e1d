"""From text to Python's syntax tree, through bounds and a whitelist: nothing else of Python gets past here."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from compliance.source import Place, Problem

MAX_CHARACTERS = 2_000
MAX_NODES = 200
MAX_DEPTH = 20
MAX_INTEGER = 10**18

_ALLOWED: frozenset[type[ast.AST]] = frozenset(
    {
        ast.Expression,
        ast.BoolOp,
        ast.And,
        ast.Or,
        ast.UnaryOp,
        ast.Not,
        ast.USub,
        ast.BinOp,
        ast.Add,
        ast.Sub,
        ast.Mult,
        ast.Div,
        ast.Compare,
        ast.Lt,
        ast.LtE,
        ast.Gt,
        ast.GtE,
        ast.Eq,
        ast.NotEq,
        ast.In,
        ast.NotIn,
        ast.IfExp,
        ast.Call,
        ast.GeneratorExp,
        ast.comprehension,
        ast.Attribute,
        ast.Name,
        ast.Load,
        ast.Store,
        ast.Constant,
        ast.Set,
    }
)
_UNCOUNTED = (ast.operator, ast.cmpop, ast.boolop, ast.unaryop, ast.expr_context)
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


@lru_cache(maxsize=4_096)
def parse(source: Source) -> ast.expr | Problem:
    """The syntax tree of an expression, or why there is none. The bounds hold before Python's parser sees the text.

    A tree is read, never changed: a term that many formulas name is parsed once.
    """
    text = _plain(source.text)
    if not text:
        return Problem(source.place, "expression-empty")
    if len(text) > MAX_CHARACTERS:
        return Problem(source.place, "expression-long", {"limit": MAX_CHARACTERS})
    if _nesting(text) > MAX_DEPTH or _PREFIXES.search(text):
        return Problem(source.place, "expression-deep", {"limit": MAX_DEPTH})
    if "\\" in text:
        return Problem(source.after(text.index("\\")), "expression-refused", {"what": "\\"})
    try:
        tree = ast.parse(text.replace("\n", " "), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = source.after((getattr(error, "offset", None) or 1) - 1)
        return Problem(place, "expression-syntax", {"text": _short(text)})
    count = 0
    stack: list[tuple[ast.AST, int]] = [(tree.body, 1)]
    while stack:
        node, depth = stack.pop()
        count += not isinstance(node, _UNCOUNTED)
        if count > MAX_NODES:
            return Problem(source.place, "expression-large", {"limit": MAX_NODES})
        if depth > MAX_DEPTH:
            return Problem(source.place, "expression-deep", {"limit": MAX_DEPTH})
        if type(node) not in _ALLOWED or _refused(node):
            return Problem(source.at(node), "expression-refused", {"what": _short(_shown(node, text))})
        for name in node._fields:
            part = getattr(node, name)
            if isinstance(part, ast.AST):
                stack.append((part, depth + 1))
            elif isinstance(part, list):
                stack += [(child, depth + 1) for child in part]
    return tree.body


def _refused(node: ast.AST) -> bool:
    look = _LOOKS.get(type(node))
    return look is not None and look(node)


def _constant_refused(node: Any) -> bool:
    return not isinstance(node.value, (int, str)) or (isinstance(node.value, int) and node.value > MAX_INTEGER)


# What is refused of a kind of node that is allowed as such.
_LOOKS: Mapping[type[ast.AST], Callable[[Any], bool]] = {
    ast.BinOp: lambda node: type(node.op) not in _ALLOWED,
    ast.UnaryOp: lambda node: type(node.op) not in _ALLOWED,
    ast.Compare: lambda node: not all(type(op) in _ALLOWED for op in node.ops),
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
    depth = deepest = 0
    for char in text:
        if char in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in ")]}":
            depth -= 1
    return deepest


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
