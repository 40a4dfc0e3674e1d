"""Nodes that know where they stand, and mistakes as values until somebody shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.wording import TEXTS

if TYPE_CHECKING:
    from compliance.wording import Lang

MAX_DEPTH = 32
MAX_NODES = 200_000
MAX_SCALAR = 100_000
MAX_PROBLEMS = 200
MAX_SHOWN = 80  # characters of a user's own text that a message repeats
NO_VALUES: Mapping[str, object] = MappingProxyType({})
NULLS = ("", "~", "null", "Null", "NULL")
_OWN = ("known", "members", "expected", "options")  # values that are the program's own and shown whole


class Place(NamedTuple):
    """Where a value stands: a document's name, a line and a column, both counted from 1 (0: all of the document).

    ``sheet`` is the sheet of a workbook, of which line and column then are a row and a column.
    """

    document: str
    line: int = 0
    column: int = 0
    sheet: str = ""

    def __str__(self) -> str:
        if self.sheet:
            return f"{self.document} {self.sheet}" + (f"!{cell_name(self.line, self.column)}" if self.line else "")
        return f"{self.document}:{self.line}:{self.column}" if self.line else self.document


def cell_name(line: int, column: int) -> str:
    """A cell as a spreadsheet names it: row 5, column 28 is ``AB5``. A column of 0 is the whole row."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{line}"


class Problem(NamedTuple):
    """One mistake: its place, the code of its wording (see ``wording``), and what goes into the wording.

    A value may be a text for each language (``{"zh": …, "en": …}``).
    """

    place: Place
    code: str
    values: Mapping[str, object] = NO_VALUES

    def text(self, lang: Lang = "zh") -> str:
        """The mistake as one line, ``file:line:column: what is wrong; how to mend it``."""
        return f"{visible(str(self.place))}: {self.said(lang)}"

    def said(self, lang: Lang) -> str:
        """The mistake without its place."""
        shown = {name: _shown(name, value, lang) for name, value in self.values.items()}
        return TEXTS[self.code][lang].format(**shown)


class Unreadable(ValueError):
    """A text that cannot be taken as the value it should be; ``code`` and ``values`` word the reason."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class SourceError(Exception):
    """Carries every problem found in one go, each once, sorted by place (sheet by sheet), up to where they are shown.

    Raised by loaders, caught by the command line. ``rest`` is what was read all the same, in which more may be wrong.
    """

    def __init__(self, problems: Iterable[Problem], rest: Node | None = None) -> None:
        each = {(problem.place, problem.code, repr(problem.values)): problem for problem in problems}
        self.problems = tuple(sorted(each.values(), key=lambda problem: (problem.place.document, problem.place.sheet, problem.place)))
        self.rest = rest
        super().__init__("\n".join(problem.text("en") for problem in self.problems))


class Scalar(NamedTuple):
    """A text as written. ``plain`` tells whether it stood without quotes; ``None`` text is an explicit null."""

    text: str | None
    place: Place
    plain: bool = True


class Sequence(NamedTuple):
    """A list of nodes."""

    items: tuple[Node, ...]
    place: Place


class Table(NamedTuple):
    """A mapping of text keys to nodes, in the order written; ``keys`` holds where each key stands."""

    entries: Mapping[str, Node]
    keys: Mapping[str, Place]
    place: Place


Node = Scalar | Sequence | Table


def plain(node: Node) -> Any:
    """The node as dicts, lists, texts and None, for a validator that finds its way back by ``locate``."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.entries.items()}


def locate(node: Node, path: Iterable[str | int]) -> Place:
    """The place of the value at ``path`` (keys and positions), or of the deepest part of it that exists."""
    place = node.place
    for step in path:
        if isinstance(node, Table) and isinstance(step, str) and step in node.entries:
            place = node.keys[step]
            node = node.entries[step]
            if node.place.line:
                place = node.place
        elif isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
            node = node.items[step]
            place = node.place
        else:
            break
    return place


class _Quoted(str):
    """A text whose quoted form is itself between quotes: what is printable needs no second escaping."""

    __slots__ = ()

    def __repr__(self) -> str:
        quote = '"' if "'" in self and '"' not in self else "'"
        return f"{quote}{self}{quote}"


def _shown(name: str, value: object, lang: Lang) -> str:
    """A value as a message repeats it: printable, and short where it is the user's own."""
    text = str(value[lang] if isinstance(value, Mapping) else value)
    if name not in _OWN and len(text) > MAX_SHOWN:
        text = text[: MAX_SHOWN - 1] + "…"
    return _Quoted(visible(text))


def visible(text: str) -> str:
    """Text with control and direction characters made visible, so that no input can move a terminal's cursor."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
