"""Bytes become text, and text becomes nodes."""

from __future__ import annotations

import re
from pathlib import Path

from compliance.source.files import read_bytes
from compliance.source.nodes import Node, Place, Problem, SourceError

# Patterns as texts: most files need neither, and to compile them takes as long as to read a small filing.
# What no text holds: control characters other than tab and line ends, halves of surrogate pairs, non-characters.
_NO_TEXT = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
_PAIR = r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
# Line ends to YAML, but to no editor and not to JSON: as spaces they shift no line.
_RARE_BREAKS = dict.fromkeys((0x85, 0x2028, 0x2029), " ")


def load(path: Path, name: str | None = None) -> Node:
    """The node tree of a YAML or JSON file (JSON is read as the YAML it is).

    ``name`` is what places show instead of the path. Raises ``SourceError`` with every mistake found.
    """
    return parse(read_bytes(path, name), name or str(path))


def parse(data: bytes | str, name: str) -> Node:
    """The node tree of one YAML or JSON document. Raises ``SourceError`` with every mistake found."""
    from compliance.source import events  # the library costs time that a cached rule book alone does not need

    return events.read(_decoded(data, name), name)


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
        if found := re.search(_NO_TEXT, text):
            raise _no_text(text[: found.start()], name)
        text = text.translate(_RARE_BREAKS)
    if text.lstrip()[:1] in ("{", "["):
        # JSON may write a character beyond the basic plane, as in rare names, in two halves; YAML knows no such thing.
        text = re.sub(_PAIR, lambda match: match[1] + _joined(match[2], match[3]), text)
    return text


def _no_text(before: str, name: str) -> SourceError:
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return SourceError([Problem(Place(name, line, column), "file-not-text")])


def _joined(high: str, low: str) -> str:
    """The character of two halves of a surrogate pair, written in hexadecimal."""
    return bytes.fromhex(high + low).decode("utf-16-be")
