"""A filing with some facts put otherwise, for a trial: the node tree is changed, the file stays as it is.

A value is read exactly as if it stood in the filing, so that units, ranges, marks and mistakes in it are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from compliance.facts.answers import READING
from compliance.facts.filing import Filing, cell_of, steps
from compliance.facts.revising import put, without
from compliance.source import Node, Place, Problem, Scalar, Sequence, Table
from compliance.vocabulary import ROOT, Entity, Field, Vocabulary
from compliance.wording import Lang

COMPLETE, OPEN = "complete", "open"  # what a list may be put to


class Setting(NamedTuple):
    """One fact put otherwise: its path, what is put as it would be written, and where a mistake in it is told."""

    path: str
    text: str
    place: Place


def parted(text: str) -> tuple[str, str] | None:
    """``path=value`` as its two parts, None where there is no such sign; a key in brackets may hold the sign as well."""
    depth = 0
    for index, char in enumerate(text):
        depth += (char == "[") - (char == "]")
        if char == "=" and depth == 0:
            return text[:index].strip(), text[index + 1 :].strip()
    return None


def settings_of(option: str, texts: Iterable[str], takes: tuple[Mapping[str, str], str], problems: list[Problem]) -> list[Setting]:
    """What an option puts, each with its place; what is not of the form is noted. ``takes`` is that form and an example."""
    form, example = takes
    found = []
    for text in texts:
        parts = parted(text)
        if parts is None or not all(parts):
            problems.append(Problem(Place(option), "setting-form", {"text": text, "form": form, "example": example}))
        else:
            found.append(Setting(*parts, Place(f"{option} {parts[0]}")))
    return found


def field_at(filing: Filing, path: str) -> Field | None:
    """The field that a path of a filing leads to; None for a reading of the law, or where it leads nowhere."""
    found = cell_of(filing.words, filing.items, path)
    return found[1] if found is not None else None


def spread(filing: Filing, path: str) -> tuple[str, ...]:
    """The paths that a path stands for: ``uses[].capital`` is that fact of every use that states it."""
    head, marker, name = path.partition("[].")
    if not marker:
        return (path,)
    return tuple(item for item in filing.facts if item.startswith(f"{head}[") and item.endswith(f"].{name}") and item.count("[") == 1)


def unknown(filing: Filing, path: str, readings: Mapping[str, object]) -> str:
    """The code of what is wrong with a path, empty where it leads to a fact or a reading."""
    if path.startswith(READING):
        return "" if path.removeprefix(READING) in readings else "path-unknown"
    return "" if field_at(filing, path) is not None else "path-unknown"


def trial(node: Node, filing: Filing, settings: Iterable[Setting]) -> Node:
    """The node tree of a filing with facts put otherwise; what was assumed or placed for them is gone.

    Every path must lead somewhere (see ``unknown``). A judgement takes the place of the one that the filing gives.
    """
    assert isinstance(node, Table)
    for setting in settings:
        for path in spread(filing, setting.path):
            field = field_at(filing, path)
            judged = field is None or (field.settled_by == "judgement" and not _stated(node, filing.words, path))
            node = _judged(node, path, setting) if judged else _placed(node, filing.words, path, setting)
            node = _without_evidence(node, path)
    return node


def stated(node: Node, path: str) -> str | None:
    """The text of a fact of a part that stands once (``offering.route``), None where it is not stated."""
    name, _, field = path.partition(".")
    part = node.entries.get(name) if isinstance(node, Table) else None
    return _text(part, field) if part is not None else None


def assume(node: Node, path: str, text: str, reason: Mapping[Lang, str], place: Place) -> Node:
    """The node tree with a fact of a part that stands once put otherwise and listed among what is assumed; its evidence is gone.

    A tree that lacks the part stays as it is: the loader tells what is wrong with it.
    """
    name, _, field = path.partition(".")
    part = node.entries.get(name) if isinstance(node, Table) else None
    if not isinstance(node, Table) or not isinstance(part, Table):
        return node
    why = _table({lang: Scalar(words, place) for lang, words in reason.items()}, place)
    entry = _table({"facts": Sequence((Scalar(path, place),), place), "assumed": why}, place)
    evidence = node.entries.get("evidence")
    kept = without(evidence.items, path.__eq__) if isinstance(evidence, Sequence) else ()
    return put(put(node, name, put(part, field, Scalar(text, place))), "evidence", Sequence((*kept, entry), place))


def _table(entries: Mapping[Any, Node], place: Place) -> Table:
    return Table(dict(entries), dict.fromkeys(entries, place), place)


def _placed(node: Table, words: Vocabulary, path: str, setting: Setting) -> Table:
    found = _with(node, words, words.root, list(steps(path)), setting)
    assert found is not None, path
    return found


def _with(table: Table, words: Vocabulary, entity: Entity, parts: list[tuple[str, str]], setting: Setting) -> Table | None:
    """A table with a value at the end of a path, or None where an item on the way is not there."""
    (name, key), *rest = parts
    part = table.entries.get(name)
    if entity.name == ROOT and name in words.singles:
        below = part if isinstance(part, Table) else Table({}, {}, setting.place)
        inner: Node | None = _with(below, words, words.entities[words.singles[name]], rest, setting)
        return None if inner is None else put(table, name, inner)
    field = entity.fields[name]
    if not key:
        value = Scalar(setting.text, setting.place)
        return put(table, name, _declared(part, value) if field.type == "list" else value)
    items = part.entries.get("items") if isinstance(part, Table) else part
    of = words.entities[field.of]
    if not isinstance(items, Sequence):
        return None
    found: list[Node] = []
    for item in items.items:
        changed = _with(item, words, of, rest, setting) if isinstance(item, Table) and _key(of, item) == key else item
        if changed is None:
            return None
        found.append(changed)
    listed = items._replace(items=tuple(found))
    return put(table, name, put(part, "items", listed) if isinstance(part, Table) else listed)


def _declared(part: Node | None, value: Scalar) -> Table:
    """A list declared complete, or left open; what is neither is no flag, and the loader says so."""
    flag = value._replace(text={COMPLETE: "true", OPEN: "false"}.get(value.text or "", value.text))
    if isinstance(part, Table):
        return put(part, "complete", flag)
    items = part if isinstance(part, Sequence) else Sequence((), value.place)
    return put(put(Table({}, {}, value.place), "complete", flag), "items", items)


def _judged(node: Table, path: str, setting: Setting) -> Table:
    """The tree with one judgement in place of any on the same path."""
    given = node.entries.get("judgements")
    kept = tuple(item for item in given.items if _text(item, "path") != path) if isinstance(given, Sequence) else ()
    entry = _table({"path": Scalar(path, setting.place), "answer": Scalar(setting.text, setting.place)}, setting.place)
    return put(node, "judgements", Sequence((*kept, entry), given.place if given is not None else setting.place))


def _stated(node: Table, words: Vocabulary, path: str) -> bool:
    """Whether a fact stands in its item, and not among the judgements."""
    at: Node | None = node
    entity = words.root
    for name, key in steps(path):
        at = at.entries.get(name) if isinstance(at, Table) else None
        if entity.name == ROOT and name in words.singles:
            entity = words.entities[words.singles[name]]
        elif key:
            entity = words.entities[entity.fields[name].of]
            items = at.entries.get("items") if isinstance(at, Table) else at
            at = next((item for item in items.items if _key(entity, item) == key), None) if isinstance(items, Sequence) else None
    return at is not None


def _without_evidence(node: Table, path: str) -> Table:
    evidence = node.entries.get("evidence")
    if not isinstance(evidence, Sequence):
        return node
    return put(node, "evidence", evidence._replace(items=without(evidence.items, path.__eq__)))


def _key(entity: Entity, item: Node) -> str | None:
    return next((text for name in (entity.key, "name") if name and (text := _text(item, name))), None)


def _text(node: Node, name: str) -> str | None:
    part = node.entries.get(name) if isinstance(node, Table) else None
    return part.text if isinstance(part, Scalar) else None


def wrong_paths(filing: Filing, settings: Iterable[Setting], readings: Mapping[str, object]) -> list[Problem]:
    """What is wrong with the paths of settings: one that leads nowhere, one that is put twice."""
    problems: list[Problem] = []
    seen: set[str] = set()
    for setting in settings:
        paths = spread(filing, setting.path)
        if not paths or any(unknown(filing, path, readings) for path in paths):
            problems.append(Problem(setting.place, "path-unknown", {"path": setting.path}))
        elif seen & {*paths}:
            problems.append(Problem(setting.place, "setting-twice", {"path": setting.path}))
        seen |= {*paths}
    return problems
