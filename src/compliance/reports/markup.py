"""HTML by construction: every text is made printable and escaped as it goes in, so that no filing can add markup of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from compliance.reports.printable import visible

_DRAWN = frozenset({"rect", "line", "path", "circle", "use"})
_ENDED = frozenset({"li", "dt", "dd", "tr", "th", "td", "thead", "tbody", "option"})  # by what comes after them; here nothing else may
_BARE = re.compile(r"[A-Za-z0-9_.:#%-]+")  # a value of an attribute that needs no quotes
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
    return Markup(f"{opened}>{joined(children)}" if name in _ENDED else f"{opened}>{joined(children)}</{name}>")


def joined(children: Iterable[Child]) -> Markup:
    """Children one after the other: markup as it is, texts escaped."""
    return Markup("".join(_inner(children)))


def _inner(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, str):
            yield escape(visible(child), quote=False)
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
        elif _BARE.fullmatch(text := str(value)):
            made.append(f" {shown}={text}")
        else:
            made.append(f' {shown}="{escape(visible(text))}"')
    return "".join(made)
