"""Whole-number arithmetic as Python text: what is known of it is computed while it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable

from compliance.expressions.tree import Node

Pair = tuple[str, str]  # what gives the low end of a value, and the high one

SIMPLE = re.compile(r"-?\w+(\[\w+\])?")  # what need not be bracketed nor named


def is_number(text: str) -> bool:
    return text.lstrip("-").isdigit()


def bracketed(text: str) -> str:
    """The text so that it may stand in a product."""
    if SIMPLE.fullmatch(text) and not text.startswith("-"):
        return text
    return f"({text})"


def product(a: str, b: str) -> str:
    if is_number(a):
        return times(b, int(a))
    return times(a, int(b)) if is_number(b) else f"{bracketed(a)} * {bracketed(b)}"


def times(text: str, factor: int) -> str:
    if factor == 0:
        return "0"
    if factor == 1:
        return text
    if is_number(text):
        return str(int(text) * factor)
    return f"-{bracketed(text)}" if factor == -1 else f"{factor} * {bracketed(text)}"


def scaled(pair: Pair, node: Node, scale: int) -> Pair:
    """A node's pair at a finer scale than its own."""
    if node.type.kind != "number" or node.type.scale == scale:
        return pair
    factor = 10 ** (scale - node.type.scale)
    return times(pair[0], factor), times(pair[1], factor)


def total(texts: Iterable[str]) -> str:
    parts = [text for text in texts if text != "0"]
    if all(is_number(text) for text in parts):
        return str(sum(int(text) for text in parts))
    return f"({' + '.join(parts)})".replace(" + -", " - ") if len(parts) > 1 else parts[0]


def lesser(a: str, b: str) -> str:
    if is_number(a) and is_number(b):
        return str(min(int(a), int(b)))
    return f"{a} if {a} < {b} else {b}"


def greater(a: str, b: str) -> str:
    if is_number(a) and is_number(b):
        return str(max(int(a), int(b)))
    return f"{a} if {a} > {b} else {b}"
