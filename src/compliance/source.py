"""Read YAML and JSON into nodes that know where they stand, and carry mistakes as values until somebody shows them.

Nothing is guessed: every scalar stays the text that was written (``000001`` and ``no`` are text, digits keep their
digits), a repeated key is a mistake, and size, depth and aliases are bounded before anything is built from them.
The tree is built from the parser's event stream, so neither a deep nor a self-referring document can exhaust the stack.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.wording import BROKEN, TEXTS

if TYPE_CHECKING:
    from yaml import MarkedYAMLError

    from compliance.wording import Lang

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 200_000
MAX_SCALAR = 100_000
MAX_PROBLEMS = 200
MAX_SHOWN = 80  # characters of a user's own text that a message repeats

# What no text holds: control characters other than tab and line ends, halves of surrogate pairs, non-characters.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
# Line ends to YAML, but to no editor and not to JSON: as spaces they shift no line.
_RARE_BREAKS = dict.fromkeys((0x85, 0x2028, 0x2029), " ")
_NEVER_CLOSED = ("found unexpected end of stream", "found unexpected document indicator")
NO_VALUES: Mapping[str, object] = MappingProxyType({})
_NULLS = ("", "~", "null", "Null", "NULL")
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
        shown = {name: _shown(name, value, lang) for name, value in self.values.items()}
        return f"{visible(str(self.place))}: {TEXTS[self.code][lang].format(**shown)}"


class Unreadable(ValueError):
    """A text that cannot be taken as the value it should be; ``code`` and ``values`` word the reason."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class SourceError(Exception):
    """Carries every problem found in one go, sorted by place, up to where they are shown.

    Raised by loaders, caught by the command line.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.place))
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


def read_bytes(path: Path, name: str | None = None, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file. Raises ``SourceError`` where it is absent, a folder or larger than ``limit`` bytes."""
    place = Place(name or str(path))
    try:
        with path.open("rb") as stream:
            known = min(os.fstat(stream.fileno()).st_size, limit)
            data = stream.read(known + 1)
            if len(data) > known:  # a pipe, whose size nobody knows, or a file that has grown since
                data += stream.read(limit + 1 - len(data))
    except FileNotFoundError:
        raise SourceError([Problem(place, "file-absent")]) from None
    except IsADirectoryError:
        raise SourceError([Problem(place, "file-is-folder")]) from None
    except OSError as error:
        raise SourceError([Problem(place, "file-unreadable", {"reason": error.strerror or "?"})]) from None
    if len(data) > limit:
        raise SourceError([Problem(place, "file-too-large", {"limit": limit // (1024 * 1024)})])
    return data


def is_folder(path: Path) -> bool:
    """Whether a path leads to a folder; a name that no file can have, or a ring of links, leads to none."""
    return os.path.isdir(path)


def is_file(path: Path) -> bool:
    """As ``is_folder``, for a regular file."""
    return os.path.isfile(path)


def listed(folder: Path, code: str) -> list[Path]:
    """What lies in a folder, sorted. Raises ``SourceError`` with the problem ``code`` where it is none, or may not be read."""
    if not is_folder(folder):
        raise SourceError([Problem(Place(str(folder)), code)])
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise SourceError([Problem(Place(str(folder)), "file-unreadable", {"reason": error.strerror or "?"})]) from None


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, where it is not there. Raises ``SourceError``."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError([_unwritable(path, error)]) from None


def load(path: Path, name: str | None = None) -> Node:
    """The node tree of a YAML or JSON file (JSON is read as the YAML it is).

    ``name`` is what places show instead of the path. Raises ``SourceError`` with every mistake found.
    """
    return parse(read_bytes(path, name), name or str(path))


def parse(data: bytes | str, name: str) -> Node:
    """The node tree of one YAML or JSON document. Raises ``SourceError`` with every mistake found."""
    import yaml

    text = _decoded(data, name)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(name, yaml.ScalarEvent)
    try:
        builder.build(loader(text).get_event)
    except yaml.MarkedYAMLError as error:
        builder.problems.append(_broken(error, name, len(text.rstrip())))
    except yaml.YAMLError as error:
        builder.problems.append(Problem(Place(name), "yaml-broken", {"reason": str(error).splitlines()[0]}))
    except _TooMuch:
        pass
    if builder.problems:
        raise SourceError(builder.problems)
    if builder.root is None or (isinstance(builder.root, Scalar) and builder.root.text is None):
        raise SourceError([Problem(Place(name, 1, 1), "file-empty")])
    return builder.root


def _broken(error: MarkedYAMLError, name: str, end: int) -> Problem:
    """What the parser says; where a quote or bracket is open at the end, the place is where it was opened."""
    reason = error.problem or error.context or "?"
    mark = error.problem_mark or error.context_mark
    if error.context_mark and mark and (mark.index >= end or reason in _NEVER_CLOSED):
        mark = error.context_mark
    place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
    return Problem(place, "yaml-broken", {"reason": {"zh": BROKEN.get(reason, reason), "en": reason}})


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


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all: under a temporary name beside it, then renamed over it."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """As ``write_text``, for bytes. Raises ``SourceError`` where the folder cannot be written."""
    write_several({path: data})


def write_several(files: Mapping[Path, bytes]) -> None:
    """Write files whole, and none of them before all are: under temporary names, which then are renamed.

    Raises ``SourceError`` with every file that cannot be written.
    """
    problems, waiting = [], []
    try:
        for path, data in files.items():
            try:
                target = _target(path)
                waiting.append((path, _beside(target, data), target))
            except OSError as error:
                problems.append(_unwritable(path, error))
        while waiting and not problems:
            path, name, target = waiting[0]
            try:
                os.replace(name, target)
                del waiting[0]
            except OSError as error:
                problems.append(_unwritable(path, error))
    finally:
        for _, name, _ in waiting:
            Path(name).unlink(missing_ok=True)
    if problems:
        raise SourceError(problems)


def _beside(target: Path, data: bytes) -> str:
    """The temporary name, beside ``target``, under which bytes are written whole. Raises ``OSError``."""
    import tempfile

    handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return name


def _unwritable(path: Path, error: OSError) -> Problem:
    return Problem(Place(str(path)), "file-unwritable", {"reason": error.strerror or "?"})


def _target(path: Path) -> Path:
    """What is written where a path is to be written: of a link, what it leads to. Raises ``OSError`` for a ring of links."""
    if not path.is_symlink():
        return path
    with contextlib.suppress(FileNotFoundError):  # a link may lead to what is still to be written
        path.stat()
    return Path(os.path.realpath(path))


def _decoded(data: bytes | str, name: str) -> str:
    if isinstance(data, str):
        text = data
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _no_text(data[: error.start].decode("utf-8"), name) from None
    text = text.removeprefix("\N{BYTE ORDER MARK}")
    # Of printable lines there is nothing to refuse or replace; to know that takes a tenth of the time of looking for it.
    if not text.replace("\n", "").isprintable():
        if found := _NO_TEXT.search(text):
            raise _no_text(text[: found.start()], name)
        text = text.translate(_RARE_BREAKS)
    if text.lstrip()[:1] in ("{", "["):
        # JSON may write a character beyond the basic plane, as in rare names, in two halves; YAML knows no such thing.
        text = _PAIR.sub(lambda match: match[1] + _joined(match[2], match[3]), text)
    return text


def _no_text(before: str, name: str) -> SourceError:
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return SourceError([Problem(Place(name, line, column), "file-not-text")])


def _joined(high: str, low: str) -> str:
    """The character of two halves of a surrogate pair, written in hexadecimal."""
    return bytes.fromhex(high + low).decode("utf-16-be")


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


class _TooMuch(Exception):
    """The document exceeds a bound; the problem is already noted."""


class _Open:
    """A list or mapping whose end has not been seen yet; of a mapping, the key whose value is awaited, and where it stands."""

    __slots__ = ("anchor", "at", "awaits_value", "entries", "items", "key", "keys", "place")

    def __init__(self, place: Place, anchor: str | None, items: list[Node] | None) -> None:
        self.place = place
        self.anchor = anchor
        self.items = items
        self.entries: dict[str, Node] = {}
        self.keys: dict[str, Place] = {}
        self.key: str | None = None
        self.at = place
        self.awaits_value = False


class _Builder:
    """Builds the tree from events with an explicit stack, within the bounds."""

    def __init__(self, name: str, scalar: type[Any]) -> None:
        self.name = name
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._is_scalar = scalar
        self._top: _Open | None = None
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._opened: set[str] = set()
        self._count = 0
        self._documents = 0
        self._takes: Mapping[str, Callable[[Any], None]] = {
            "SequenceStartEvent": self._list,
            "MappingStartEvent": self._table,
            "SequenceEndEvent": self._end,
            "MappingEndEvent": self._end,
            "AliasEvent": self._alias,
            "DocumentStartEvent": self._document,
        }

    def build(self, next_event: Callable[[], Any]) -> None:
        """Take the parser's events to the last. Most are scalars: those are made here, with as few calls as can be."""
        name, is_scalar, make, takes = self.name, self._is_scalar, tuple.__new__, self._takes
        while (event := next_event()) is not None:
            if type(event) is not is_scalar:
                take = takes.get(type(event).__name__)
                if take is not None:
                    take(event)
                continue
            mark = event.start_mark
            place = make(Place, (name, mark.line + 1, mark.column + 1, ""))
            text: str | None = event.value
            self._count += 1
            if self._count > MAX_NODES or event.tag is not None or len(event.value) > MAX_SCALAR:
                self._check_scalar(event, place)
            is_plain = not event.style
            if is_plain and text in _NULLS:
                text = None
            node = make(Scalar, (text, place, is_plain))
            top = self._top
            if event.anchor or top is None:
                self._add(node, event.anchor, 1)
            elif top.items is not None:
                top.items.append(node)
            else:
                self._in_table(top, node)

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._problem(self._place(event), "yaml-several")
            raise _TooMuch

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.name, mark.line + 1, mark.column + 1)

    def _problem(self, place: Place, code: str, **values: object) -> None:
        self.problems.append(Problem(place, code, values))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _TooMuch

    def _grow(self, place: Place, by: int = 1) -> None:
        self._count += by
        if self._count > MAX_NODES:
            self._problem(place, "yaml-too-many", limit=MAX_NODES)
            raise _TooMuch

    def _check_tag(self, event: Any, place: Place) -> None:
        if event.tag not in (None, "!"):
            self._problem(place, "yaml-tag", tag=event.tag)

    def _check_scalar(self, event: Any, place: Place) -> None:
        self._grow(place, 0)
        self._check_tag(event, place)
        if len(event.value) > MAX_SCALAR:
            self._problem(place, "yaml-long-text", limit=MAX_SCALAR)
            raise _TooMuch

    def _list(self, event: Any) -> None:
        self._start(event, [])

    def _table(self, event: Any) -> None:
        self._start(event, None)

    def _start(self, event: Any, items: list[Node] | None) -> None:
        place = self._place(event)
        self._grow(place)
        self._check_tag(event, place)
        if len(self._stack) >= MAX_DEPTH:
            self._problem(place, "yaml-too-deep", limit=MAX_DEPTH)
            raise _TooMuch
        if event.anchor:
            self._opened.add(event.anchor)
        self._top = _Open(place, event.anchor, items)
        self._stack.append(self._top)

    def _end(self, event: Any) -> None:
        top = self._stack.pop()
        self._top = self._stack[-1] if self._stack else None
        node: Node = Table(top.entries, top.keys, top.place)
        if top.items is not None:
            node = Sequence(tuple(top.items), top.place)
        if top.anchor:
            self._opened.discard(top.anchor)
        self._add(node, top.anchor, 0)

    def _alias(self, event: Any) -> None:
        place = self._place(event)
        if event.anchor in self._opened:
            self._problem(place, "yaml-self-alias", anchor=event.anchor)
            raise _TooMuch
        found = self._anchors.get(event.anchor)
        if found is None:
            self._problem(place, "yaml-unknown-alias", anchor=event.anchor)
            raise _TooMuch
        node, size = found
        self._grow(place, size)
        if len(self._stack) + _depth(node) > MAX_DEPTH:
            self._problem(place, "yaml-too-deep", limit=MAX_DEPTH)
            raise _TooMuch
        self._add(node, None, size)

    def _add(self, node: Node, anchor: str | None, size: int) -> None:
        if anchor:
            self._anchors[anchor] = (node, size or sum(1 for _ in _walk(node)))
        top = self._top
        if top is None:
            self.root = node
        elif top.items is not None:
            top.items.append(node)
        else:
            self._in_table(top, node)

    def _in_table(self, top: _Open, node: Node) -> None:
        """Take a node of a mapping: a key, or the value of the key before it."""
        if not top.awaits_value:
            top.awaits_value = True
            if type(node) is Scalar and node.text is not None:
                top.key, top.at = node.text, node.place
            else:
                top.key = None
                self._problem(node.place, "yaml-key")
            return
        top.awaits_value = False
        key = top.key
        if key is None:
            return
        if key in top.entries:
            self._problem(top.at, "yaml-repeated-key", key=key, line=top.keys[key].line)
        else:
            top.entries[key] = node
            top.keys[key] = top.at


def _walk(node: Node) -> Iterator[Node]:
    stack: list[Node] = [node]
    while stack:
        top = stack.pop()
        yield top
        if isinstance(top, Sequence):
            stack.extend(top.items)
        elif isinstance(top, Table):
            stack.extend(top.entries.values())


def _depth(node: Node) -> int:
    deepest, stack = 0, [(node, 1)]
    while stack:
        top, depth = stack.pop()
        deepest = max(deepest, depth)
        if isinstance(top, Sequence):
            stack.extend((item, depth + 1) for item in top.items)
        elif isinstance(top, Table):
            stack.extend((item, depth + 1) for item in top.entries.values())
    return deepest
