"""A filing's nodes written out again as YAML or JSON: the same texts, so that the same facts are read from them."""

from __future__ import annotations

import json
from typing import Any

from compliance.source import Node, plain


def schema_line(schema: str) -> str:
    """The first line of a YAML file by which an editor finds its JSON Schema."""
    return f"# yaml-language-server: $schema={schema}"


def to_json(node: Node) -> str:
    """As JSON; every value is a text, with its digits as they were written."""
    return json.dumps(_whole(plain(node)), ensure_ascii=False, indent=1) + "\n"


def to_yaml(node: Node) -> str:
    """As YAML; a value that another program could take for something else than text stands in quotes."""
    import yaml

    text: str = yaml.dump(_whole(plain(node)), Dumper=_dumper(), allow_unicode=True, sort_keys=False, width=120)
    return text


def _dumper() -> Any:
    """The safe dumper without aliases: a place that serves twice is written twice."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return Dumper


def _whole(value: Any) -> Any:
    """Without what holds nothing: a field left empty is a fact left out."""
    if isinstance(value, dict):
        return {key: _whole(part) for key, part in value.items() if part is not None}
    return [_whole(part) for part in value] if isinstance(value, list) else value
