"""The intake form as YAML: the facts that are asked for, each with its label and how it is written, to be filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from compliance.facts.values import SCHEMA
from compliance.facts.writing import schema_line
from compliance.intake import guide, sheets
from compliance.intake.sheets import Asked
from compliance.intake.workbook import remark
from compliance.vocabulary import Field, Vocabulary

MAX_OFFERED = 12  # members of a kind that are listed beside a field; of more, the editor offers them


def write(words: Vocabulary, pack: str, asked: Asked | None, known: Mapping[str, str], schema: str) -> str:
    """A filing without facts but those known by path; ``schema`` is where an editor finds the form's JSON Schema.

    A field without a value is a fact left out, so that the form can be checked at every stage of filling it in.
    """
    lines = [schema_line(schema), *(f"# {guide.NOTE[lang]}" for lang in ("zh", "en")), f"schema: {SCHEMA}", f"pack: {pack}", ""]
    lines += ["documents: {}  # plan: {title: 方案, date: 2025-03-10}"]
    part = ""
    for field in sheets.singles(words, asked):
        owner, _, name = field.name.partition(".")
        if owner != part:
            label = words.entities[words.singles[owner]].label
            lines += ["", f"# {label['zh']} {label['en']}", f"{owner}:"]
            part = owner
        value = f" {json.dumps(known[field.name], ensure_ascii=False)}" if field.name in known else ""
        lines += [*(f"  # {text}" for text in _remarks(field, words)), f"  {name}:{value}"]
    for sheet in sheets.collections(words, asked):
        if sheet.parent or "." in sheet.path:
            continue
        label = sheet.entity.label
        complete = "  complete: false  # 全部列出后改为 true | true once all are listed"
        lines += ["", f"# {label['zh']} {label['en']}", f"{sheet.path}:", complete, "  items: []"]
        lines += _example(words, sheet.path, asked)
    lines += ["", "judgements: []  # - {path: , answer: , reason: }", "evidence: []  # - {facts: [], at: {document: , page: }}"]
    return "\n".join(lines) + "\n"


def _remarks(field: Field, words: Vocabulary) -> Iterator[str]:
    """What a field means, in both languages, and what it may be where that is little."""
    yield from (remark(field, lang) for lang in ("zh", "en"))
    members = words.kinds[field.of] if field.type == "kind" else {}
    if 0 < len(members) <= MAX_OFFERED:
        yield " | ".join(f"{name} {label['zh']}" for name, label in members.items())


def _example(words: Vocabulary, path: str, asked: Asked | None) -> list[str]:
    """One item of a collection as a remark, with the fields of the items within it."""
    lines = []
    for sheet in sheets.collections(words, asked):
        if sheet.path != path and not sheet.path.startswith(f"{path}."):
            continue
        depth = sheet.path.count(".") - path.count(".")
        pad = "    # " + "    " * depth
        if depth:
            lines.append(f"{pad[:-2]}{sheet.path.rpartition('.')[2]}: {{complete: , items: [ ]}}")
        flat = [field for field in sheet.fields if field.type != "list"]
        for number, field in enumerate(flat):
            lines.append(f"{pad}{'  ' if number else '- '}{field.name}:  # {remark(field, 'zh')}")
    return lines
