"""Holds records against a JSON Schema, and looks at no part again that it found sound: most of a record stands in the next one too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators


def validator(schema: Mapping[str, Any]) -> Any:
    """A validator of a schema, with the answers of ``Draft202012Validator``."""
    sound: set[tuple[str, str]] = set()

    def referred(asked: Any, name: str, part: Any, within: Mapping[str, Any]) -> Iterator[ValidationError]:
        key = name, json.dumps(part, sort_keys=True)
        if key in sound:
            return
        mistakes = list(Draft202012Validator.VALIDATORS["$ref"](asked, name, part, within))
        if not mistakes:
            sound.add(key)
        yield from mistakes

    Draft202012Validator.check_schema(schema)
    return validators.extend(Draft202012Validator, {"$ref": referred})(schema)
