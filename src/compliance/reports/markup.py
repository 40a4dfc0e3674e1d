"""HTML by construction: every text and attribute is escaped as it goes in, so that no filing can add markup of its own."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_DRAWN = frozenset({"rect", "line", "path", "circle"})
_EMPTY = frozenset({"meta", "input", "br", "hr"}) | _DRAWN


class Markup(str):
    """Text that is markup already: it was made by ``element``, or is a part of the program."""

    __slots__ = ()


Child = str | Iterable["Child"] | None


def element(name: str, /, *children: Child, **attributes: object) -> Markup:
    """An element. Underscores in attribute names stand for hyphens, ``class_`` for ``class``; None and False leave one out."""
    opened = f"<{name}{_attributes(attributes)}"
    if name in _EMPTY:
        return Markup(f"{opened} />" if name in _DRAWN else f"{opened}>")
    return Markup(f"{opened}>{joined(children)}</{name}>")


def joined(children: Iterable[Child]) -> Markup:
    """Children one after the other: markup as it is, texts escaped."""
    return Markup("".join(_inner(children)))


def _inner(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, str):
            yield escape(child, quote=False)
        elif child is not None:
            yield from _inner(child)


def _attributes(given: dict[str, object]) -> str:
    made = []
    for name, value in given.items():
        if value is None or value is False:
            continue
        shown = name.rstrip("_").replace("_", "-")
        if isinstance(value, int):
            made.append(f" {shown}" if value is True else f" {shown}={value}")
        else:
            made.append(f' {shown}="{escape(str(value))}"')
    return "".join(made)
