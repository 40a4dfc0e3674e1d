"""Items of equal attributes that were answered differently: a broad fund held financial, another held not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from compliance.engine.subject import Subject
from compliance.vocabulary import Field


class Inconsistency(NamedTuple):
    """Items that agree in ``field.alike`` and differ in ``field``: the attributes, and the paths by answer."""

    field: Field
    attributes: tuple[str, ...]
    by_answer: tuple[tuple[str, tuple[str, ...]], ...]


def inconsistencies(made: Subject) -> Iterator[Inconsistency]:
    """Every group of items whose attributes are known and equal, and whose answers are known and differ."""
    filing, words = made.filing, made.machine.pack.vocabulary
    for part in words.fields():
        if not part.alike or part.entity not in words.entities:
            continue
        entity = words.entities[part.entity]
        alike = [entity.fields[other] for other in part.alike]
        groups: dict[tuple[Any, ...], dict[str, list[str]]] = {}
        for path, (name, row) in filing.items.items():
            if name != part.entity or row[part.slot] != row[part.slot + 1]:
                continue
            if any(row[other.slot] != row[other.slot + 1] for other in alike):
                continue
            key = tuple(row[other.slot] for other in alike)
            fact = filing.facts.get(f"{path}.{part.name}")
            groups.setdefault(key, {}).setdefault(fact.text if fact is not None else "", []).append(path)
        for key, answers in groups.items():
            if len(answers) > 1:
                shown = tuple(_shown(made, other, value) for other, value in zip(alike, key, strict=True))
                yield Inconsistency(part, shown, tuple((answer, tuple(paths)) for answer, paths in sorted(answers.items())))


def _shown(made: Subject, part: Field, value: Any) -> str:
    words = made.machine.pack.vocabulary
    if part.type == "kind":
        return words.members(part.of, value)[0]
    return ("false", "true")[value] if part.type == "flag" else str(value)
