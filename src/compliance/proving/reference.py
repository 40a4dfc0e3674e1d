"""The facts that a filing can state, a page for each part: every field with type, who settles it, where it stands, what reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from compliance.packs.book import Pack
from compliance.proving.pages import both, page, said, titled
from compliance.proving.words import say
from compliance.vocabulary import ROOT, Entity, Field, Vocabulary
from compliance.wording import LANGUAGES

KINDS = "kinds.md"
_ONE_TABLE = 40  # fields; a page of more is told chapter by chapter of the rules that read them
_NAMED_RULES = 12  # a fact that more rules read is read by nearly all of its chapter: their number says as much

Readers = Mapping[tuple[str, str], list[str]]


def of(pack: Pack) -> dict[str, str]:
    """The pages by file name: the index, one for each entity, the members of the kinds. The pages of the rules lie in a folder beside."""
    words = pack.vocabulary
    readers = _readers(pack)
    pages = {f"{entity}.md": page(_entity(pack, path, words.entities[entity], readers)) for path, entity in _parts(words)}
    return {"README.md": page(_index(words)), KINDS: page(_kinds(words)), **pages}


def is_page(name: str, line: str) -> bool:
    """Whether a file of this name is a page of the reference: by its third line."""
    starts = {"README.md": "由 `compliance facts reference ", KINDS: "## "}
    return line.startswith(starts.get(name, f"{said('path')} `"))


def _readers(pack: Pack) -> Readers:
    """The rules that read a field, or go by it as a day, by entity and field; a single entity's fields stand under their own entity."""
    found: dict[tuple[str, str], list[str]] = {}
    for rule in pack.rules:
        days = [(ROOT, pack.days[day]) for day in (*rule.law, *rule.held_on) if day in pack.days]
        for entity, name in (*rule.fields(), *days):
            part, _, inner = name.partition(".")
            key = (pack.vocabulary.singles[part], inner) if entity == ROOT and inner else (entity, name)
            found.setdefault(key, []).append(rule.id)
    return {key: sorted(set(rules)) for key, rules in found.items()}


def _parts(words: Vocabulary) -> Iterator[tuple[str, str]]:
    """Every part of a filing as it is written, with its entity: the single ones, the lists, and the lists within lists."""
    yield from words.singles.items()
    for name, entity in words.lists.items():
        yield from _list(words, name, entity)


def _list(words: Vocabulary, path: str, entity: str) -> Iterator[tuple[str, str]]:
    here = f"{path}[{words.entities[entity].key}]"
    yield here, entity
    for field in words.entities[entity].fields.values():
        if field.type == "list":
            yield from _list(words, f"{here}.{field.name}", field.of)


def _index(words: Vocabulary) -> Iterator[str]:
    yield from (f"# {said('reference')}", "", *(say("reference-how", lang) for lang in LANGUAGES), "", f"## {said('reference-parts')}", "")
    yield f"| {said('part')} | {said('path')} | {said('fields')} |"
    yield "|---|---|---:|"
    for path, entity in _parts(words):
        form = words.entities[entity]
        yield f"| [{both(form.label)}]({entity}.md) | `{path}` | {len(form.fields)} |"
    yield from ("", f"[{said('reference-kinds')}]({KINDS})")


def _kinds(words: Vocabulary) -> Iterator[str]:
    yield f"# {said('reference-kinds')}"
    for name, members in words.kinds.items():
        yield from ("", f"## {name}", "", f"| {said('code')} | {said('what')} |", "|---|---|")
        yield from (f"| `{member}` | {both(label)} |" for member, label in members.items())


def _entity(pack: Pack, path: str, entity: Entity, readers: Readers) -> Iterator[str]:
    yield from (f"# {both(entity.label)}", "", f"{said('path')} `{path}`", "")
    if len(entity.fields) <= _ONE_TABLE:
        yield from _table(pack.vocabulary, entity, entity.fields.values(), readers)
        return
    parts = _by_chapter(pack, entity, readers)
    yield from (f"- [{title}](#{_anchor(title)}) ({len(fields)})" for title, fields in parts.items())
    for title, fields in parts.items():
        yield from ("", f"## {title}", "", *_table(pack.vocabulary, entity, fields, readers))


def _by_chapter(pack: Pack, entity: Entity, readers: Readers) -> dict[str, list[Field]]:
    """The fields by the chapter whose rules read them, in the order of the book: first those of several, last those of none."""
    chapters = {rule.id: rule.chapter for rule in pack.rules}
    titles = {name: titled(pack, name) for name in chapters.values()}
    several, unread = said("reference-several"), said("reference-unread")
    parts: dict[str, list[Field]] = {title: [] for title in (several, *titles.values(), unread)}
    for field in entity.fields.values():
        found = {chapters[rule] for rule in readers.get((entity.name, field.name), ())}
        parts[several if len(found) > 1 else titles[found.pop()] if found else unread].append(field)
    return {title: fields for title, fields in parts.items() if fields}


def _anchor(heading: str) -> str:
    """The anchor of a heading, as a forge makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _table(words: Vocabulary, entity: Entity, fields: Iterable[Field], readers: Readers) -> Iterator[str]:
    columns = ("fact", "type", "what", "settled", "document", "rules-reading")
    yield f"| {' | '.join(said(code) for code in columns)} |"
    yield f"|{'---|' * len(columns)}"
    for field in fields:
        read = _rules(readers.get((entity.name, field.name), []))
        document = both(field.document)
        yield f"| `{field.name}` | {_type(field, entity)} | {_meaning(words, field)} | {_settled(field)} | {document} | {read} |"


def _type(field: Field, entity: Entity) -> str:
    parts = [f"[{field.of}]({KINDS}#{field.of})" if field.type == "kind" else said(f"type-{field.type}")]
    if field.type == "list":
        parts = [f"{parts[0]}: [{field.of}]({field.of}.md)"]
    if field.name == entity.key:
        parts.append(said("key"))
    if field.required:
        parts.append(said("required"))
    return "; ".join(parts)


def _meaning(words: Vocabulary, field: Field) -> str:
    question = words.questions[field.question].text if field.question else None
    return "<br>".join(both(text) for text in (field.label, field.meaning, question) if text)


def _settled(field: Field) -> str:
    """Who settles the value, and who has it."""
    by = "open" if field.open_when and field.settled_by == "judgement" else field.settled_by
    return said(f"settled-{by}") + (f"<br>{both(field.who)}" if field.who else "")


def _rules(read: list[str]) -> str:
    if len(read) > _NAMED_RULES:
        return both({lang: say("rules-count", lang, count=len(read)) for lang in LANGUAGES})
    return ", ".join(f"[{rule}](../rules/{rule}.md)" for rule in read) or "—"
