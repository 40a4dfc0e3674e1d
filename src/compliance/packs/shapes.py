"""What a part of a pack's file may be, as schemas of pydantic's core, and every mistake in one with its place.

The forms of ``forms`` are made of the shapes below. They are given to the core as they are: classes of pydantic say the same,
but building forty of them takes longer than reading and checking a whole book by them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from compliance import dates, source
from compliance.shape import mistakes
from compliance.source import Node, Problem

if TYPE_CHECKING:
    from pydantic_core import CoreSchema, SchemaValidator

Shape = dict[str, Any]
Path = tuple[str | int, ...]

MAX_LINE = 4_000  # characters of one text
NEEDED: Any = object()  # the default of a part that may not be left out


def matching(pattern: str, longest: int, code: str) -> Shape:
    """A text of a form; ``code`` words what is wrong with another (see ``wording``)."""
    text = {"type": "str", "strict": True, "pattern": f"^(?:{pattern})$", "max_length": longest}
    return {"type": "custom-error", "schema": text, "custom_error_type": code, "custom_error_message": code}


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


class Shaped(NamedTuple):
    """What a file holds as plain data, and the nodes that this is of; the mistakes, and the paths of the parts left out for them."""

    plain: Any
    node: Node
    problems: list[Problem]
    lost: Collection[Path]


class FileForm:
    """Reads a file of one form; the check is made when it is first asked for."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    @cached_property
    def validator(self) -> SchemaValidator:
        """What the core makes of the shape."""
        from pydantic_core import SchemaValidator

        return SchemaValidator(cast("CoreSchema", self.shape))

    def read(self, node: Node) -> Shaped:
        """What a node holds, without the parts that have mistakes; None where it cannot be told which parts these are."""
        from pydantic_core import ValidationError

        try:
            return Shaped(self.validator.validate_python(source.plain(node)), node, [], ())
        except ValidationError as error:
            problems, lost = mistakes(error, node, self.known), {self._part(detail["loc"]) for detail in error.errors()}
        if () in lost:
            return Shaped(None, node, problems, lost)
        left = _without(node, lost)
        return Shaped(self.validator.validate_python(source.plain(left)), left, problems, lost)

    def _part(self, at: Path) -> Path:
        """The part that stands or falls with a mistake: a rule, a parameter, a field of an entity. None: nobody knows which."""
        path = tuple(step for step in at if step != "[key]")
        shape = _plain(self.shape)["fields"].get(path[0]) if path else None
        if shape is None:
            return ()
        if path[0] == "entities" and path[2:3] == ("fields",) and len(path) > 3:
            return path[:4]
        depth, shape = 1, _plain(shape)
        while inner := shape.get("values_schema") or shape.get("items_schema"):
            if depth == len(path):
                return ()
            depth, shape = depth + 1, _plain(inner)
        return path[:depth]

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


def _without(node: Node, lost: Collection[Path]) -> Node:
    """A node without what stands at some paths."""
    if isinstance(node, source.Scalar) or not lost:
        return node
    steps = enumerate(node.items) if isinstance(node, source.Sequence) else node.entries.items()
    kept = {step: _without(part, {path[1:] for path in lost if path[0] == step}) for step, part in steps if (step,) not in lost}
    if isinstance(node, source.Sequence):
        return source.Sequence(tuple(kept.values()), node.place)
    return source.Table({str(step): part for step, part in kept.items()}, node.keys, node.place)
