"""Text that can be shown: on one line, with what could move a cursor or turn the direction of writing as escapes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from compliance import source
from compliance.reports.model import View

HEADING = 60  # characters of a name in a heading that stands on every page


def short(text: str, limit: int = HEADING) -> str:
    """A text of so many characters at most; what is cut is told by an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def visible(text: str) -> str:
    """Text on one line, with control and direction characters as escapes, so that no input can move a cursor."""
    if text.isprintable():
        return text
    spaced = (" " if char in "\t\n\r" or (char.isspace() and char > "\x85") else char for char in text)
    return source.visible("".join(spaced))


def printable(view: View) -> View:
    """A view with every text in it made printable; mostly all of it is, which one look at all texts together tells."""
    texts: list[str] = []
    parts: Iterable[tuple[Any, ...]] = [view]
    while parts:
        level = list(chain.from_iterable(parts))
        texts += [part for part in level if part.__class__ is str]
        # By their ids, for a row of facts stands in many findings.
        parts = {id(part): part for part in level if part.__class__ is not str and isinstance(part, tuple)}.values()
    if "".join(texts).isprintable():
        return view
    known: dict[int, Any] = {}
    return View(*(_printable(part, known) for part in view))


def _printable(part: Any, known: dict[int, Any]) -> Any:
    """A part of the view made printable; a part that stands in many places, and has an id in ``known``, is looked at once."""
    if isinstance(part, str):
        return visible(part)
    if not isinstance(part, tuple):
        return part
    if id(part) not in known:
        inner = [_printable(one, known) for one in part]
        same = all(one is other for one, other in zip(inner, part, strict=True))
        known[id(part)] = part if same else type(part)(*inner) if hasattr(part, "_fields") else tuple(inner)
    return known[id(part)]
