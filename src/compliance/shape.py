"""What pydantic finds wrong with a node tree, in our own words and each with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from compliance import source
from compliance.source import Node, Place, Problem, Unreadable
from compliance.wording import TEXTS, listed

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    Model = TypeVar("Model", bound=BaseModel)

_SHAPES = {
    "string_type": "text",
    "dict_type": "table",
    "model_type": "table",
    "model_attributes_type": "table",
    "list_type": "list",
    "tuple_type": "list",
}
_VALUES = {"flag": "flag-bad", "day": "day-bad", "count": "count-bad"}


def problems_of(model: type[Model], node: Node) -> tuple[Model | None, list[Problem]]:
    """The model of a node tree, or None and every mistake in it."""
    from pydantic import ValidationError

    try:
        return model.model_validate(source.plain(node)), []
    except ValidationError as error:
        return None, mistakes(error, node, lambda path: _fields(model, path))


def mistakes(error: ValidationError, node: Node, known: Callable[[Iterable[Any]], Sequence[str]]) -> list[Problem]:
    """Every mistake that an error tells of a node tree, each once; ``known`` gives the names that may stand at a path."""
    found: dict[tuple[Place, str, str], Problem] = {}
    for detail in error.errors(include_url=False, include_input=True):
        problem = _problem(node, detail, known)
        found.setdefault((problem.place, problem.code, str(problem.values)), problem)
    return list(found.values())


def sound_part(node: Node, problems: Iterable[Problem]) -> tuple[Node, set[str]]:
    """A node tree without what stands where mistakes are, and the top-level parts of it that lost more than single values."""
    wrong = {problem.place for problem in problems}
    lost: set[str] = set()

    def kept(part: Node, top: str) -> Node | None:
        if part.place in wrong:
            return None
        if isinstance(part, source.Sequence):
            items = [kept(item, top) for item in part.items]
            if None in items:
                lost.add(top)
            return part._replace(items=tuple(item for item in items if item is not None))
        if not isinstance(part, source.Table):
            return part
        entries = {}
        for name, value in part.entries.items():
            found = kept(value, top or name) if part.keys[name] not in wrong else None
            if found is not None:
                entries[name] = found
            elif not isinstance(value, source.Scalar):
                lost.add(top or name)
        return source.Table(entries, {name: part.keys[name] for name in entries}, part.place)

    if isinstance(node, source.Table):  # the whole is kept, even where its own place is one
        wrong_here = wrong & {node.place}
        wrong -= wrong_here
        found = kept(node, "")
        return (node if found is None else found), lost
    return node, lost


def _problem(node: Node, detail: Any, known: Callable[[Iterable[Any]], Sequence[str]]) -> Problem:
    kind, path = detail["type"], tuple(detail["loc"])
    path = _written(node, path)
    place = source.locate(node, path)
    if kind == "missing":
        return Problem(source.locate(node, path[:-1]), "field-missing", {"name": path[-1]})
    if kind == "extra_forbidden":
        import difflib

        names = known(detail["loc"][:-1])
        near = listed(difflib.get_close_matches(str(path[-1]), names, 1) or names or ["-"])
        return Problem(_key_place(node, path), "field-extra", {"name": path[-1], "known": near})
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, Unreadable):
        return Problem(place, cause.code, cause.values)
    if kind == "value_error" and str(cause) in _VALUES:
        return Problem(place, _VALUES[str(cause)], {"text": _shown(detail["input"])})
    if kind == "literal_error":
        expected = listed(re.findall(r"'([^']*)'", detail["ctx"]["expected"]))
        return Problem(place, "choice-bad", {"text": _shown(detail["input"]), "expected": expected})
    if kind in _SHAPES:
        return Problem(place, "shape-" + _SHAPES[kind])
    if kind in TEXTS:  # a form that words its own mistakes
        return Problem(place, kind, {"text": _shown(detail["input"])})
    if kind in ("string_pattern_mismatch", "string_too_long", "string_too_short"):
        return Problem(place, "text-bad", {"text": _shown(detail["input"])})
    return Problem(place, "shape-other", {"reason": detail["msg"]})


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else "…"


def _written(node: Node | None, path: Iterable[Any]) -> tuple[Any, ...]:
    """A model's path as it is written: a list may stand bare, without ``items``, and a key is no step of its own."""
    steps: list[Any] = []
    for step in path:
        if step == "[key]" or (step == "items" and isinstance(node, source.Sequence)):
            continue
        steps.append(step)
        if isinstance(node, source.Table):
            node = node.entries.get(str(step))
        elif isinstance(node, source.Sequence) and isinstance(step, int):
            node = node.items[step]
    return tuple(steps)


def _key_place(node: Node, path: tuple[Any, ...]) -> Place:
    """Where the last step of a path is named, rather than what it holds."""
    for step in path[:-1]:
        if isinstance(node, source.Table) and step in node.entries:
            node = node.entries[step]
        elif isinstance(node, source.Sequence) and isinstance(step, int):
            node = node.items[step]
    if isinstance(node, source.Table) and path[-1] in node.keys:
        return node.keys[path[-1]]
    return node.place


def _fields(model: Any, path: Iterable[Any]) -> list[str]:
    """The names that may stand at a path of a model, as far as its annotations tell."""
    from pydantic import BaseModel

    for step in path:
        if isinstance(model, type) and issubclass(model, BaseModel):
            by_name = {(field.alias or name): field.annotation for name, field in model.model_fields.items()}
            if step not in by_name:
                return []
            model = by_name[step]
        else:
            model = _inside(model)
        while not (isinstance(model, type) and issubclass(model, BaseModel)) and _optional(model) is not model:
            model = _optional(model)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [field.alias or name for name, field in model.model_fields.items()]
    return []


def _optional(annotation: Any) -> Any:
    """The one part of ``X | None`` that is not None; anything else as it is."""
    parts = [part for part in get_args(annotation) if part is not type(None)]
    if type(None) in get_args(annotation) and len(parts) == 1:
        return parts[0]
    return annotation


def _inside(annotation: Any) -> Any:
    """What a list or dict holds."""
    parts = get_args(annotation)
    return parts[-1] if parts else None
