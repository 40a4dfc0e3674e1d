"""What a part of a pack's file may be: a shape reads a part from its node and notes every mistake in it, with its place.

A shape is a function from a node to plain data. Those below make the small ones (texts, days, lists, tables of names); the
forms of ``forms`` are made of them. They read thousands of nodes at a start, so nothing is built besides what they give, and
what they give of a part with a mistake is of no use.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from compliance import dates, source
from compliance.source import Node, Place, Problem, Scalar, Sequence, Table, Unreadable
from compliance.wording import listed

Problems = list[Problem]
Shape = Callable[[Node, Problems], Any]

MAX_LINE = 4_000  # characters of one text
MAX_COUNT = 9_999
NEEDED: Any = object()  # the default of a part that may not be left out


def problems_of(shape: Shape, node: Node) -> tuple[Any, list[Problem]]:
    """What a shape reads from a node, or None and every mistake, each told once."""
    problems: Problems = []
    found = shape(node, problems)
    if not problems:
        return found, problems
    return None, list({(problem.place, problem.code, str(problem.values)): problem for problem in problems}.values())


def nothing(node: Node) -> bool:
    """Whether a node is an explicit null."""
    return type(node) is Scalar and node.text is None


def _shown(node: Node) -> str:
    return node.text if isinstance(node, Scalar) and node.text is not None else "…"


def line(node: Node, problems: Problems) -> Any:
    """A text that is not empty, of at most ``MAX_LINE`` characters."""
    if type(node) is Scalar and (text := node.text) and len(text) <= MAX_LINE:
        return text
    text_is = isinstance(node, Scalar) and node.text is not None
    problems.append(Problem(node.place, "text-bad", {"text": _shown(node)}) if text_is else Problem(node.place, "shape-text"))
    return None


def matching(pattern: str) -> Shape:
    """A text of a form."""
    fits = re.compile(pattern).fullmatch

    def read(node: Node, problems: Problems) -> Any:
        if type(node) is Scalar and (text := node.text) is not None:
            if not fits(text):
                problems.append(Problem(node.place, "text-bad", {"text": text}))
            return text
        problems.append(Problem(node.place, "shape-text"))
        return None

    return read


def one_of(*choices: str) -> Shape:
    """One of a few words."""

    def read(node: Node, problems: Problems) -> Any:
        if type(node) is Scalar and node.text in choices:
            return node.text
        problems.append(Problem(node.place, "choice-bad", {"text": _shown(node), "expected": listed(choices)}))
        return None

    return read


def flag(node: Node, problems: Problems) -> Any:
    """``true`` or ``false``."""
    if type(node) is Scalar and node.text in ("true", "false"):
        return node.text == "true"
    problems.append(Problem(node.place, "flag-bad", {"text": _shown(node)}))
    return None


def count(node: Node, problems: Problems) -> Any:
    """A whole number, up to ``MAX_COUNT``."""
    if type(node) is Scalar and (text := node.text) and text.isascii() and text.isdigit() and len(text) <= len(str(MAX_COUNT)):
        return int(text)
    problems.append(Problem(node.place, "count-bad", {"text": _shown(node)}))
    return None


def day(node: Node, problems: Problems) -> Any:
    """A day known exactly, as it was written."""
    if type(node) is Scalar and node.text is not None:
        try:
            if dates.parse(node.text).exact:
                return node.text
        except Unreadable as error:
            problems.append(Problem(node.place, error.code, error.values))
            return None
    problems.append(Problem(node.place, "day-bad", {"text": _shown(node)}))
    return None


def anything(node: Node, problems: Problems) -> Any:
    """Whatever stands there."""
    return source.plain(node)


def list_of(shape: Shape) -> Shape:
    """A list of parts of one shape."""

    def read(node: Node, problems: Problems) -> Any:
        if type(node) is Sequence:
            return [shape(item, problems) for item in node.items]
        problems.append(Problem(node.place, "shape-list"))
        return None

    return read


def one_or_more(shape: Shape) -> Shape:
    """A list of parts of one shape; a text stands for a list of one."""
    several = list_of(shape)

    def read(node: Node, problems: Problems) -> Any:
        return [shape(node, problems)] if type(node) is Scalar and node.text is not None else several(node, problems)

    return read


def either(*shapes: Shape) -> Shape:
    """A part of one of several shapes; where it is of none, whatever speaks against each is said of the whole part."""

    def read(node: Node, problems: Problems) -> Any:
        against: Problems = []
        for shape in shapes:
            noted = len(against)
            found = shape(node, against)
            if len(against) == noted:
                return found
        problems += [problem._replace(place=node.place) for problem in against]
        return None

    return read


def named(name: Shape, shape: Shape) -> Shape:
    """A table whose keys are names of the pack's own, its parts of one shape."""

    def read(node: Node, problems: Problems) -> Any:
        if type(node) is not Table:
            problems.append(Problem(node.place, "shape-table"))
            return None
        found = {}
        for key, part in node.entries.items():
            name(Scalar(key, part.place), problems)
            found[key] = shape(part, problems)
        return found

    return read


class Form:
    """A table of known parts: each with its shape, and what stands for it where it is left out.

    A part given as ``(shape, default)`` may be left out; one whose default is None may be null as well.
    """

    def __init__(self, parts: Mapping[str, Shape | tuple[Shape, Any]]) -> None:
        split = {name: part if isinstance(part, tuple) else (part, NEEDED) for name, part in parts.items()}
        self.shapes = {name: shape for name, (shape, _) in split.items()}
        self.needed = tuple(name for name, (_, default) in split.items() if default is NEEDED)
        self.nullable = frozenset(name for name, (_, default) in split.items() if default is None)
        self.blank = {name: None if default is NEEDED else default for name, (_, default) in split.items()}

    def __call__(self, node: Node, problems: Problems) -> Any:
        """The parts by name, in the order of the form."""
        if type(node) is not Table:
            problems.append(Problem(node.place, "shape-table"))
            return None
        found, shapes, entries = self.blank.copy(), self.shapes, node.entries
        surplus = []
        for name, part in entries.items():
            shape = shapes.get(name)
            if shape is None:
                surplus.append(name)
            elif type(part) is not Scalar or part.text is not None or name not in self.nullable:
                found[name] = shape(part, problems)
        for name in self.needed:
            if name not in entries:
                problems.append(Problem(node.place, "field-missing", {"name": name}))
        for name in surplus:
            problems.append(_surplus(name, node.keys[name], shapes))
        return found


def _surplus(name: str, place: Place, known: Iterable[str]) -> Problem:
    import difflib

    known = list(known)
    return Problem(place, "field-extra", {"name": name, "known": listed(difflib.get_close_matches(name, known, 1) or known)})
