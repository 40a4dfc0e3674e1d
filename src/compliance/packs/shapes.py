"""What a part of a pack's file may be, as schemas of pydantic's core, and every mistake in one with its place.

The forms of ``forms`` are made of the shapes below. They are given to the core as they are: classes of pydantic say the same,
but building forty of them takes longer than reading and checking a whole book by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from compliance import dates, source
from compliance.shape import mistakes
from compliance.source import Node, Problem

if TYPE_CHECKING:
    from pydantic_core import CoreSchema, SchemaValidator

Shape = dict[str, Any]

MAX_LINE = 4_000  # characters of one text
NEEDED: Any = object()  # the default of a part that may not be left out


def matching(pattern: str, longest: int = MAX_LINE) -> Shape:
    """A text of a form."""
    return {"type": "str", "strict": True, "pattern": f"^(?:{pattern})$", "max_length": longest}


def one_of(*choices: str) -> Shape:
    """One of a few words."""
    return {"type": "literal", "expected": list(choices)}


def _flag(value: Any) -> bool:
    if value in ("true", "false"):
        return bool(value == "true")
    raise ValueError("flag")


def _count(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 5:
        return int(value)
    raise ValueError("count")


def _day(value: Any) -> str:
    if isinstance(value, str) and dates.parse(value).exact:
        return value
    raise ValueError("day")


def _by(function: Any) -> Shape:
    return {"type": "function-plain", "function": {"type": "no-info", "function": function}}


line: Shape = {"type": "str", "strict": True, "min_length": 1, "max_length": MAX_LINE}  # a text that is not empty
flag = _by(_flag)  # true or false
count = _by(_count)  # a whole number of up to four digits
day = _by(_day)  # a day known exactly, as it was written
anything: Shape = {"type": "any"}


def list_of(shape: Shape) -> Shape:
    """A list of parts of one shape."""
    return {"type": "list", "items_schema": shape, "strict": True}


def one_or_more(shape: Shape) -> Shape:
    """A list of parts of one shape; a text stands for a list of one."""
    alone = {"type": "no-info", "function": lambda value: [value] if isinstance(value, str) else value}
    return {"type": "function-before", "function": alone, "schema": list_of(shape)}


def either(*shapes: Shape) -> Shape:
    """A part of one of several shapes."""
    return {"type": "union", "choices": list(shapes), "mode": "left_to_right"}


def named(name: Shape, shape: Shape) -> Shape:
    """A table whose keys are names of the pack's own, its parts of one shape."""
    return {"type": "dict", "keys_schema": name, "values_schema": shape, "strict": True}


def form(parts: Mapping[str, Shape | tuple[Shape, Any]]) -> Shape:
    """A table of known parts: each with its shape, and what stands for it where it is left out.

    A part given as ``(shape, default)`` may be left out; one whose default is None may be null as well.
    """
    return {"type": "typed-dict", "fields": {name: _part(part) for name, part in parts.items()}, "extra_behavior": "forbid"}


def _part(part: Shape | tuple[Shape, Any]) -> Shape:
    shape, default = part if isinstance(part, tuple) else (part, NEEDED)
    if default is NEEDED:
        return {"type": "typed-dict-field", "schema": shape, "required": True}
    inner = {"type": "nullable", "schema": shape} if default is None else shape
    return {"type": "typed-dict-field", "schema": {"type": "default", "schema": inner, "default": default, "copy_default": True}}


class FileForm:
    """Reads a file of one form; the check is made when it is first asked for."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    @cached_property
    def validator(self) -> SchemaValidator:
        """What the core makes of the shape."""
        from pydantic_core import SchemaValidator

        return SchemaValidator(cast("CoreSchema", self.shape))

    def read(self, node: Node) -> tuple[Any, list[Problem]]:
        """What a node holds, as plain data, or None and every mistake in it."""
        from pydantic_core import ValidationError

        try:
            return self.validator.validate_python(source.plain(node)), []
        except ValidationError as error:
            return None, mistakes(error, node, self.known)

    def known(self, path: Iterable[Any]) -> list[str]:
        """The names that may stand at a path."""
        shape = self.shape
        for step in path:
            shape = _plain(shape)
            if shape["type"] == "typed-dict":
                shape = shape["fields"][step]["schema"]
            else:
                shape = shape["values_schema" if shape["type"] == "dict" else "items_schema"]
        return list(_plain(shape)["fields"])


def _plain(shape: Shape) -> Shape:
    """A shape without its default, and without what it takes besides."""
    while "schema" in shape:
        shape = shape["schema"]
    return shape
