"""The intake form as YAML: the facts that are asked for, each with its label and how it is written, to be filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping

from compliance.facts.values import SCHEMA
from compliance.intake import sheets
from compliance.intake.sheets import Asked
from compliance.intake.workbook import remark
from compliance.vocabulary import Vocabulary

_SCHEMA_LINE = "# yaml-language-server: $schema={schema}"


def write(words: Vocabulary, pack: str, asked: Asked | None, known: Mapping[str, str], schema: str, note: Mapping[str, str]) -> str:
    """A filing without facts but those known by path; ``schema`` is where an editor finds the form's JSON Schema.

    A field without a value is a fact left out, so that the form can be checked at every stage of filling it in.
    """
    lines = [_SCHEMA_LINE.format(schema=schema), *(f"# {note[lang]}" for lang in ("zh", "en")), f"schema: {SCHEMA}", f"pack: {pack}", ""]
    lines += ["documents: {}", ""]
    part = ""
    for field in sheets.singles(words, asked):
        owner, _, name = field.name.partition(".")
        if owner != part:
            label = words.entities[words.singles[owner]].label
            lines += ["", f"# {label['zh']} {label['en']}", f"{owner}:"]
            part = owner
        value = f" {json.dumps(known[field.name], ensure_ascii=False)}" if field.name in known else ""
        lines.append(f"  {name}:{value}  # {remark(field, 'zh')} | {remark(field, 'en')}")
    for sheet in sheets.collections(words, asked):
        if sheet.parent:
            continue
        label = sheet.entity.label
        complete = "  complete: false  # 全部列出后改为 true | true once all are listed"
        lines += ["", f"# {label['zh']} {label['en']}", f"{sheet.path}:", complete, "  items: []"]
        lines += _example(words, sheet.path, asked)
    lines += ["", "judgements: []", "evidence: []"]
    return "\n".join(lines) + "\n"


def _example(words: Vocabulary, path: str, asked: Asked | None) -> list[str]:
    """One item of a collection as a remark, with the fields of the items within it."""
    lines = []
    for sheet in sheets.collections(words, asked):
        if sheet.path != path and not sheet.path.startswith(f"{path}."):
            continue
        inner = sheet.path != path
        pad = "    #     " if inner else "    # "
        if inner:
            lines.append(f"    #   {sheet.path.rpartition('.')[2]}: {{complete: , items: [ ]}}")
        for number, field in enumerate(sheet.fields):
            lines.append(f"{pad}{'  ' if number else '- '}{field.name}:  # {remark(field, 'zh')}")
    return lines
