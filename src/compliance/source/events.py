"""Build nodes from the events of the library's parser: neither a deep nor a self-referring document can exhaust the stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from compliance.source.nodes import (
    MAX_DEPTH,
    MAX_NODES,
    MAX_PROBLEMS,
    MAX_SCALAR,
    NULLS,
    Node,
    Place,
    Problem,
    Scalar,
    Sequence,
    SourceError,
    Table,
)
from compliance.wording import BROKEN

_HARMLESS = ("yaml-repeated-key", "yaml-key")  # what leaves the rest as it is written
# Mistakes that are where something begins: a quote that is never closed, a key without its colon.
_AT_BEGIN = ("found unexpected end of stream", "found unexpected document indicator", "could not find expected ':'")


def read(text: str, name: str) -> Node:
    """The node tree of a text. Raises ``SourceError`` with every mistake found."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(name)
    try:
        builder.build(loader(text).get_event)
    except yaml.MarkedYAMLError as error:
        builder.problems.append(_broken(error, name, len(text.rstrip())))
    except yaml.YAMLError as error:
        builder.problems.append(Problem(Place(name), "yaml-broken", {"reason": str(error).splitlines()[0]}))
    except _TooMuch:
        pass
    if builder.problems:
        whole = builder.ended and all(problem.code in _HARMLESS for problem in builder.problems)
        raise SourceError(builder.problems, builder.root if whole else None)
    if builder.root is None or (isinstance(builder.root, Scalar) and builder.root.text is None):
        raise SourceError([Problem(Place(name, 1, 1), "file-empty")])
    return builder.root


def _broken(error: yaml.MarkedYAMLError, name: str, end: int) -> Problem:
    """What the parser says; where something is not ended as it should be, the place is where it begins."""
    reason = error.problem or error.context or "?"
    mark = error.problem_mark or error.context_mark
    if error.context_mark and mark and (mark.index >= end or reason in _AT_BEGIN):
        mark = error.context_mark
    place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
    return Problem(place, "yaml-broken", {"reason": {"zh": BROKEN.get(reason, reason), "en": reason}})


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

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.ended = False  # whether all was read, whatever is wrong in it
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
        """Take the parser's events to the last. Most are scalars in a mapping: those are made here, with as few calls as can be."""
        scalar: type[Any] = yaml.ScalarEvent
        name, make, takes = self.name, tuple.__new__, self._takes
        while (event := next_event()) is not None:
            if event.__class__ is not scalar:
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
            if is_plain and text in NULLS:
                text = None
            top = self._top
            if top is None or top.items is not None or event.anchor or text is None:
                self._add(make(Scalar, (text, place, is_plain)), event.anchor, 1)
            elif not top.awaits_value:
                top.awaits_value, top.key, top.at = True, text, place
            elif (key := top.key) is None or key in top.entries:
                self._in_table(top, make(Scalar, (text, place, is_plain)))
            else:
                top.awaits_value = False
                top.entries[key] = make(Scalar, (text, place, is_plain))
                top.keys[key] = top.at
        self.ended = True

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
