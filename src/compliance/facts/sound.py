"""Read the form of a filing straight from its nodes, where everything in it is plainly as it should be.

Most filings that are checked are sound, and to know that takes neither models nor the library behind them. Whatever is
not plainly sound is left to the models of ``facts.models``: they tell every mistake, or take what was doubted here. So this
may refuse what they take, and never takes what they refuse; what both take is the same, attribute by attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from compliance.facts.values import NO, YES, value_of
from compliance.source import Node, Scalar, Sequence, Table, Unreadable
from compliance.vocabulary import Entity, Vocabulary

Read = Callable[[Node], Any]


class _Doubt(Exception):
    """Something is not plainly as it should be."""


def form_of(node: Node, words: Vocabulary) -> Any | None:
    """The form of a filing with the attributes that its model would have, or None where that is in doubt."""
    try:
        return _filing(node, words)
    except (_Doubt, Unreadable):
        return None


def _text(node: Node) -> str:
    if type(node) is not Scalar or node.text is None:
        raise _Doubt
    return node.text


def _texts(node: Node) -> list[str]:
    return _many(node, _text)


def _many(node: Node, read: Read) -> list[Any]:
    if type(node) is not Sequence:
        raise _Doubt
    return [read(item) for item in node.items]


def _flag(node: Node) -> bool:
    text = _text(node)
    if text not in YES and text not in NO:
        raise _Doubt
    return text in YES


def _nothing(node: Node) -> bool:
    return type(node) is Scalar and node.text is None


class _Shape:
    """A table of known parts: those it needs, those it may leave out (or null), each with how it is read."""

    def __init__(self, needed: Mapping[str, Read], optional: Mapping[str, Read]) -> None:
        self.needed = needed
        self.optional = optional
        self.blank = dict.fromkeys(optional)

    def __call__(self, node: Node) -> Any:
        if type(node) is not Table:
            raise _Doubt
        found: dict[str, Any] = dict(self.blank)
        missing = len(self.needed)
        for name, part in node.entries.items():
            read = self.needed.get(name)
            if read is not None:
                missing -= 1
            else:
                read = self.optional.get(name)
                if read is None:
                    raise _Doubt
                if _nothing(part):
                    continue
            found[name] = read(part)
        if missing:
            raise _Doubt
        return SimpleNamespace(**found)


_BOTH = _Shape({"zh": _text, "en": _text}, {})


def _either(node: Node) -> Any:
    if type(node) is Scalar:
        return SimpleNamespace(zh=_text(node), en=node.text)
    return _BOTH(node)


_AT = _Shape({"document": _text}, dict.fromkeys(("page", "line", "section", "index", "by"), _text))
_DOCUMENT = _Shape({"title": _text}, {"date": _text, "number": _text})
_ROW = _Shape({"name": _text, "values": _texts}, {})
# The parts of a filing that are lists of one form, each with how an item is read.
_LISTS: Mapping[str, Read] = {
    "evidence": _Shape({"facts": _texts}, {"at": _AT, "assumed": _either}),
    "judgements": _Shape({"path": _text, "answer": _text}, {"reason": _either, "at": _AT}),
    "filing_conclusions": _Shape({"rule": _text, "verdict": _text}, {"text": _either, "at": _AT}),
    "tables": _Shape(
        {"id": _text, "title": _text, "unit": _text, "columns": _texts, "rows": lambda node: _many(node, _ROW), "total": _texts},
        {"at": _AT},
    ),
}
_NEEDED = {"schema": "schema_", "pack": "pack"}
_OPTIONAL = ("as_of",)


def _filing(node: Node, words: Vocabulary) -> Any:
    if type(node) is not Table or not {*_NEEDED, "issuer"} <= node.entries.keys():
        raise _Doubt
    found: dict[str, Any] = dict.fromkeys((*_OPTIONAL, *words.singles, *words.lists))
    found |= {"documents": {}, **dict.fromkeys(_LISTS, ())}
    for name, part in node.entries.items():
        if name.endswith("_"):
            raise _Doubt  # a model knows such a part under another name
        if name in words.singles:
            found[name] = _item(part, words.entities[words.singles[name]], words, single=True)
        elif name in words.lists:
            found[name] = _listed(part, words.entities[words.lists[name]], words)
        elif name in _LISTS:
            found[name] = _many(part, _LISTS[name])
        elif name in _NEEDED:
            found[_NEEDED[name]] = _text(part)
        elif name in _OPTIONAL:
            found[name] = None if _nothing(part) else _text(part)
        elif name == "documents" and type(part) is Table:
            found[name] = {key: _DOCUMENT(document) for key, document in part.entries.items()}
        else:
            raise _Doubt
    return SimpleNamespace(**found)


def _item(node: Node, entity: Entity, words: Vocabulary, single: bool) -> Any:
    """One part of the filing (``single``), or one item of a list, which may say where it stands. Null is left out."""
    if type(node) is not Table:
        raise _Doubt
    found: dict[str, Any] = {"at": None}
    fields = entity.fields
    for name, part in node.entries.items():
        if name == "at" and not single:
            found[name] = None if _nothing(part) else _AT(part)
            continue
        field = fields.get(name)
        if field is None:
            raise _Doubt
        if field.type == "list":
            found[name] = _listed(part, words.entities[field.of], words)
        elif type(part) is not Scalar:
            raise _Doubt
        elif part.text is not None:
            found[name] = value_of(field, words, part.text)
    if single and any(field.required and found.get(field.name) is None for field in fields.values()):
        raise _Doubt
    return SimpleNamespace(**found)


def _listed(node: Node, entity: Entity, words: Vocabulary) -> Any:
    """A list of an entity: bare, or with whether it is complete. One that also stands on its own is left to the models."""
    if entity.name in words.singles.values():
        raise _Doubt
    complete, at, items = False, None, node
    if type(node) is Table:
        if not node.entries.keys() <= {"complete", "items", "at"} or "items" not in node.entries:
            raise _Doubt
        items = node.entries["items"]
        complete = _flag(node.entries["complete"]) if "complete" in node.entries else False
        at = _AT(node.entries["at"]) if "at" in node.entries else None
    return SimpleNamespace(complete=complete, at=at, items=_many(items, lambda item: _item(item, entity, words, single=False)))


__all__ = ["form_of"]
