"""Read back the records that the program writes: whole, of a known form, and sound to the last key that a reader needs.

A record may come from another version of the program, so keys that the form does not know are passed over; what the form
asks for has to be there, each value of its kind. The forms are the JSON Schemas that come along, in the few words they use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

from compliance.source import MAX_BYTES as MAX_LOCATED
from compliance.source import Place, Problem, SourceError, read_bytes

MAX_BYTES = 64 * 1024 * 1024  # of a record
MAX_MISTAKES = 20  # of one record that are told

# Each form by the name it is asked for, and the package that holds it.
FORMS: Mapping[str, str] = {
    "findings": "compliance.engine",
    "routes": "compliance.engine",
    "whatif": "compliance.engine",
    "timeline": "compliance.engine",
    "missing": "compliance.engine",
    "difference": "compliance.review",
    "explained": "compliance.screen",
}
_BORROWED = {"explained": "findings"}  # forms that take their definitions from another
Steps = tuple[str | int, ...]
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # half of a surrogate pair, escaped


def form_text(name: str) -> str:
    """The JSON Schema of a form, as it comes along, with all the definitions that it refers to."""
    text = (files(FORMS[name]) / f"{name}.schema.json").read_text(encoding="utf-8")
    if name not in _BORROWED:
        return text
    whole = {**json.loads(text), "$defs": json.loads(form_text(_BORROWED[name]))["$defs"]}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def read(path: Path, names: Iterable[str]) -> tuple[str, dict[str, Any]]:
    """The name of a record's form, one of ``names``, and the record. Raises ``SourceError`` where the file holds none."""
    shown, known = str(path), tuple(names)
    data = read_bytes(path, shown, MAX_BYTES)
    plain = _json(data, shown)
    schema = plain.get("schema") if isinstance(plain, dict) else None
    name = next((name for name in known if schema == f"compliance.{name}/1"), None)
    if name is None:
        expected = " / ".join(f"compliance.{name}/1" for name in known)
        raise SourceError([Problem(Place(shown), "schema-unknown", {"text": str(schema or "…"), "expected": expected})])
    form = json.loads(form_text(name))
    wrong = list(islice(mistakes(form, form, plain, ()), MAX_MISTAKES))
    if wrong:
        places = _places(data, shown, wrong)
        raise SourceError([Problem(place, "record-broken", {"path": _pointer(path)}) for place, path in zip(places, wrong, strict=True)])
    return name, dict(plain)


def _json(data: bytes, shown: str) -> Any:
    """What JSON text holds. Raises ``SourceError`` where it is none, or holds what JSON cannot."""
    try:
        plain = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
        if _HALF.search(data):
            json.dumps(plain, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise SourceError([Problem(Place(shown), "file-not-text")]) from None
    except json.JSONDecodeError as error:
        reason = {"zh": "不是 JSON", "en": error.msg}
        raise SourceError([Problem(Place(shown, error.lineno, error.colno), "yaml-broken", {"reason": reason})]) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, NaN, or brackets without end
        reason = {"zh": "数字过长或嵌套过深", "en": "a number is too long, or the nesting too deep"}
        raise SourceError([Problem(Place(shown), "yaml-broken", {"reason": reason})]) from None
    return plain


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)


def _places(data: bytes, shown: str, paths: list[Steps]) -> list[Place]:
    """Where the values stand: line and column, or the file alone where it is too large to be read for them."""
    from compliance import source

    if len(data) <= MAX_LOCATED:
        try:
            node = source.parse(data, shown)
        except SourceError:
            pass
        else:
            return [source.locate(node, path) for path in paths]
    return [Place(shown)] * len(paths)


def _pointer(path: Steps) -> str:
    """A path into a record, as people write one: ``findings[3].verdict``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "…"


def mistakes(root: Mapping[str, Any], form: Mapping[str, Any], value: Any, path: Steps) -> Iterator[Steps]:
    """The paths at which a value is not of a form (a JSON Schema whose definitions stand in ``root``)."""
    if "$ref" in form:
        yield from mistakes(root, root["$defs"][form["$ref"].rpartition("/")[2]], value, path)
    for word in ("anyOf", "oneOf"):
        if word in form and not any(next(mistakes(root, one, value, path), None) is None for one in form[word]):
            yield path
            return
    if not _of_kind(form, value):
        yield path
    elif isinstance(value, dict):
        yield from ((*path, name) for name in form.get("required", ()) if name not in value)
        for name, inner in form.get("properties", {}).items():
            if name in value:
                yield from mistakes(root, inner, value[name], (*path, name))
        rest = form.get("additionalProperties")
        if isinstance(rest, dict):
            for name, inner in value.items():
                if name not in form.get("properties", {}):
                    yield from mistakes(root, rest, inner, (*path, name))
    elif isinstance(value, list) and "items" in form:
        for position, item in enumerate(value):
            yield from mistakes(root, form["items"], item, (*path, position))


def _of_kind(form: Mapping[str, Any], value: Any) -> bool:
    """Whether a value, whatever it holds, is of the type, length and pattern of a form, and one of its constants."""
    kinds = form.get("type")
    if kinds is not None:
        wanted = tuple(kind for name in ([kinds] if isinstance(kinds, str) else kinds) for kind in _TYPES[name])
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            return False
    if isinstance(value, int | float) and "minimum" in form and value < form["minimum"]:
        return False
    if "const" in form and value != form["const"]:
        return False
    if "enum" in form and value not in form["enum"]:
        return False
    if isinstance(value, str):
        short = len(value) < form.get("minLength", 0)
        return not short and ("pattern" not in form or re.search(form["pattern"], value) is not None)
    least, most = form.get("minItems", 0), form.get("maxItems")
    return not isinstance(value, list) or (len(value) >= least and not (most is not None and len(value) > most))
