"""Changes a filing as somebody with an editor would: in its plain form, path by path, and back to YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from compliance import source
from compliance.facts import revising
from compliance.facts.filing import split, steps
from compliance.vocabulary import ROOT, Field, Vocabulary


def edited(path: Path, words: Vocabulary, put: Mapping[str, str] | None = None, drop: Iterable[str] = ()) -> str:
    """The YAML of a filing, written whole, with some facts put and others left out. Raises ``KeyError`` for a path that leads nowhere."""
    plain: Any = source.plain(revising.load(path, str(path), words))
    for name in drop:
        remove(plain, words, name)
    for name, value in (put or {}).items():
        set_value(plain, words, name, value)
    return str(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False))


def set_value(plain: dict[str, Any], words: Vocabulary, path: str, value: str) -> None:
    """Put one fact: into the judgement that stands for it, else into its item (a judgement of its own, if it is one)."""
    judgements = plain.setdefault("judgements", [])
    for judgement in judgements:
        if judgement["path"] == path:
            judgement["answer"] = value
            return
    item, name = owner(plain, words, path)
    field = field_of(words, path)
    if field.settled_by == "judgement" and name not in item:
        judgements.append({"path": path, "answer": value})
    else:
        item[name] = value


def remove(plain: dict[str, Any], words: Vocabulary, path: str) -> None:
    """Leave one fact out, and the judgement that stands for it."""
    before = len(plain.get("judgements", ()))
    plain["judgements"] = [one for one in plain.get("judgements", ()) if one["path"] != path]
    item, name = owner(plain, words, path)
    if name in item:
        del item[name]
    elif len(plain["judgements"]) == before:
        raise KeyError(path)


def owner(plain: dict[str, Any], words: Vocabulary, path: str) -> tuple[dict[str, Any], str]:
    """The table that holds a fact, and its key there."""
    parts = list(steps(path))
    entity, at = ROOT, plain
    for name, key in parts[:-1]:
        if entity == ROOT and name in words.singles:
            at, entity = at[name], words.singles[name]
            continue
        target = words.entities[words.entity(entity).fields[name].of]
        listed = at[name]["items"] if isinstance(at[name], dict) else at[name]
        at = next(item for item in listed if (item.get(target.key) or item.get("name")) == key)
        entity = target.name
    return at, parts[-1][0]


def field_of(words: Vocabulary, path: str) -> Field:
    """The declaration of a fact's field."""
    entity = ROOT
    for name, _ in steps(split(path)[0]):
        entity = words.singles[name] if entity == ROOT and name in words.singles else words.entity(entity).fields[name].of
    return words.entity(entity).fields[split(path)[1]]
