"""What an editor and a type checker know of a filing: its JSON Schema and the stub of its models, from the vocabulary.

The schema asks for the plain way of writing a value; the loader reads more (full-width digits, spaces). Values may be
texts or, where an editor reads ``9`` or ``true`` as something else, that. A field that is left empty is a fact left out, as
the form leaves it until it is filled in; what has to be there may not be empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from compliance.facts.values import ANSWERS_SCHEMA, SCHEMA
from compliance.quantities import COUNTED, MULTIPLES
from compliance.vocabulary import Entity, Field, Text, Vocabulary
from compliance.wording import LANGUAGES, TEXTS, VERDICTS

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_DIGITS = r"([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?"
_DAY = r"([0-9]{4}(-[0-9]{1,2}(-[0-9]{1,2})?)?|[0-9]{4}年([0-9]{1,2}月([0-9]{1,2}日)?)?)"
_MULTIPLE = "(" + "|".join(sorted(filter(None, MULTIPLES), key=len, reverse=True)) + ")?"
_UNITS = {
    "money": f"{_MULTIPLE}元",
    "shares": f"{_MULTIPLE}股",
    "price": f"{_MULTIPLE}元/股",
    "ratio": "[%‰]",
    "count": "(" + "|".join(COUNTED) + ")?",
}
_TEXT: Mapping[str, Any] = {"type": ["string", "number"]}
_FLAG: Mapping[str, Any] = {"enum": [True, False, "true", "false", "是", "否"]}

_NOTHING: Mapping[str, Any] = {"type": "null"}

Schema = dict[str, Any]


def json_schema(words: Vocabulary, pack_id: str) -> Schema:
    """The JSON Schema (draft 2020-12) of a filing that a pack reads."""
    parts: Schema = {
        "schema": {"const": SCHEMA},
        "pack": {"const": pack_id},
        "as_of": _titled({lang: TEXTS["as_of"][lang] for lang in LANGUAGES}, {"type": "string", "pattern": f"^{_DAY}$"}),
        "revises": _titled(
            {"zh": "被修订的材料（相对路径）", "en": "the filing that this one changes"}, {"type": "string", "minLength": 1}
        ),
        "removed": _titled({"zh": "从被修订的材料中删去", "en": "what is taken out of it"}, {"type": "array", "items": {"type": "string"}}),
        "documents": {"type": "object", "additionalProperties": {"$ref": "#/$defs/document"}},
    }
    for name, entity in words.singles.items():
        parts[name] = {"$ref": f"#/$defs/{_key(entity)}"}
    for name in words.lists:
        parts[name] = _field(words.root.fields[name], words)
    parts |= {
        "judgements": _array("judgement"),
        "evidence": _array("evidence"),
        "filing_conclusions": _array("conclusion"),
        "tables": _array("table"),
    }
    singles = set(words.singles.values())
    entities = {_key(name): _entity(entity, words, name in singles) for name, entity in words.entities.items()}
    kinds = {f"kind.{name}": _kind(members) for name, members in words.kinds.items()}
    title = {"zh": "申报材料", "en": "filing"}
    form = _document(f"{pack_id}:filing", title, parts, ["schema", "pack"], {**_common(), **entities, **kinds})
    # What revises another filing says what changed and no more.
    return {**form, "dependentRequired": {"removed": ["revises"]}, "anyOf": [{"required": ["revises"]}, _whole(words)]}


def _whole(words: Vocabulary) -> Schema:
    """What a filing that stands on its own has to give: the issuer, and the required fields of each part that is there."""
    needed = {
        part: [field.name for field in words.entities[name].fields.values() if field.required] for part, name in words.singles.items()
    }
    parts = {part: {"required": names} for part, names in needed.items() if names}
    return {"required": ["issuer"] if "issuer" in words.singles else [], "properties": parts}


def answers_schema(pack_id: str) -> Schema:
    """The JSON Schema of a file of one party's answers."""
    parts = {
        "schema": {"const": ANSWERS_SCHEMA},
        "party": _titled({"zh": "作答者", "en": "who answers"}, {"type": "string", "minLength": 1}),
        "judgements": _array("judgement"),
    }
    common = {name: form for name, form in _common().items() if name in ("text", "at", "judgement")}
    title = {"zh": "对需判断事项的回答", "en": "answers to questions"}
    return _document(f"{pack_id}:answers", title, parts, list(parts), common)


def files(words: Vocabulary, pack_id: str) -> dict[str, str]:
    """What is generated from a vocabulary and kept in the pack's folder: file names and contents."""
    schemas = {"filing.schema.json": json_schema(words, pack_id), "answers.schema.json": answers_schema(pack_id)}
    texts = {name: json.dumps(form, ensure_ascii=False, indent=1) + "\n" for name, form in schemas.items()}
    return {**texts, "filing.pyi": stub(words)}


def _document(name: str, title: Text, parts: Schema, required: list[str], defs: Schema) -> Schema:
    head = {"$schema": DRAFT, "$id": f"urn:compliance:{name}", "title": _both(title)}
    return {**head, **_object(parts, required), "$defs": defs}


def _common() -> Schema:
    """The definitions that every filing shares: evidence, answers, conclusions, printed tables."""
    text = dict(_TEXT)
    at = {"$ref": "#/$defs/at"}
    either = {"$ref": "#/$defs/text"}
    place = ("document", "page", "line", "section", "index", "by")
    titles = ("文件", "页", "行", "章节", "底稿索引", "录入人")
    figures = {"type": "array", "items": text}
    answer = {"path": {"type": "string"}, "answer": {"type": ["string", "number", "boolean"]}, "reason": either, "at": at}
    row = _object({"name": text, "values": figures}, ["name", "values"])
    table = {
        "id": text,
        "title": text,
        "unit": {"type": "string"},
        "columns": figures,
        "rows": {"type": "array", "items": row},
        "total": figures,
        "at": at,
    }
    conclusion = {"rule": {"type": "string"}, "verdict": {"enum": list(VERDICTS)}, "text": either, "at": at}
    evidence = {"facts": {"type": "array", "items": {"type": "string"}}, "at": at, "assumed": either}
    both = _object({"zh": {"type": "string"}, "en": {"type": "string"}}, ["zh", "en"])
    named = {name: {"title": f"{zh} / {name}", **_or_nothing(text)} for name, zh in zip(place, titles, strict=True)}
    named["document"] = {"title": f"{titles[0]} / document", **text}
    return {
        "text": {"anyOf": [{"type": "string"}, both]},
        "at": _object(named, ["document"]),
        "document": _object({"title": text, "date": _or_nothing(text), "number": _or_nothing(text)}, ["title"]),
        "judgement": _object(answer, ["path", "answer"]),
        "evidence": {**_object(evidence, ["facts"]), "anyOf": [{"required": ["at"]}, {"required": ["assumed"]}]},
        "conclusion": _object(conclusion, ["rule", "verdict"]),
        "table": _object(table, [name for name in table if name != "at"]),
    }


def _object(properties: Mapping[str, Any], required: Iterable[str]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _array(name: str) -> Schema:
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


def _key(entity: str) -> str:
    return f"entity.{entity}"


def _both(text: Text) -> str:
    return f"{text['zh']} / {text['en']}"


def _titled(label: Text, form: Mapping[str, Any], *notes: Text | None) -> Schema:
    """A form with its label as title and its notes, Chinese first, as description."""
    lines = [note[lang] for note in notes if note for lang in ("zh", "en")]
    return {"title": _both(label), **({"description": "\n".join(lines)} if lines else {}), **form}


def _kind(members: Mapping[str, Text]) -> Schema:
    # Editors show ``enumDescriptions`` beside the members that they offer; of a title at a constant they show nothing.
    return {"enum": list(members), "enumDescriptions": [_both(label) for label in members.values()]}


def _entity(entity: Entity, words: Vocabulary, single: bool) -> Schema:
    """An entity. An item of a list has a key, and may say where it stands."""
    needed = (entity.key,) if not single else ()
    parts = {name: _field(field, words, needed) for name, field in entity.fields.items()}
    if not single:
        parts["at"] = {"$ref": "#/$defs/at"}
    form = _titled(entity.label, _object(parts, []))
    keys = [name for name in dict.fromkeys((entity.key, "name")) if name in entity.fields]
    if not single and keys:
        form["anyOf"] = [{"required": [name]} for name in keys]
    return form


def _field(field: Field, words: Vocabulary, needed: Iterable[str] = ()) -> Schema:
    """A field: its label, its meaning, the question it is settled by, and the form of its value, or nothing where it may be left out."""
    question = words.questions[field.question].text if field.question else None
    value = _value(field)
    return _titled(field.label, value if field.required or field.name in needed else _or_nothing(value), field.meaning, question)


def _or_nothing(form: Mapping[str, Any]) -> Schema:
    """A form, or a value that was left empty."""
    return {"anyOf": [*(form["anyOf"] if set(form) == {"anyOf"} else [form]), _NOTHING]}


def _value(field: Field) -> Schema:
    if field.type == "list":
        items = _array(_key(field.of))
        parts = {"complete": _or_nothing(_FLAG), "items": items, "at": {"$ref": "#/$defs/at"}}
        return {"anyOf": [_object(parts, ["items"]), items]}
    if field.type == "kind":
        return {"$ref": f"#/$defs/kind.{field.of}"}
    if field.type == "flag":
        return dict(_FLAG)
    if field.type == "code":
        number = {"type": "integer", "minimum": 100_000, "maximum": 999_999}
        return {"anyOf": [{"type": "string", "pattern": "^[0-9]{6}$"}, number]}
    if field.type == "date":
        year = {"type": "integer", "minimum": 1_000, "maximum": 9_999}
        return {"anyOf": [{"type": "string", "pattern": _day_pattern(field.open_ended)}, year]}
    if field.numeric:
        figure = {"type": "string", "pattern": _figure_pattern(field)}
        return {"anyOf": [figure, {"type": "integer"}]} if field.type == "count" else figure
    return dict(_TEXT)


def _day_pattern(open_ended: bool) -> str:
    end = f"({_DAY}|至今|present)" if open_ended else _DAY
    return rf"^({end}|{_DAY}\.\.{end}|{_DAY}\.\.|\.\.{end})$"


def _figure_pattern(field: Field) -> str:
    sign = "" if field.least is not None and field.least >= 0 else "[+-]?"
    number, unit = f"{sign}{_DIGITS}", _UNITS[field.type]
    figure = f"{number}{unit}"
    if field.type == "ratio":
        figure = rf"({figure}|{sign}0(\.[0-9]+)?)"
    return rf"^([≈约=]?{figure}|{number}({unit})?\.\.{figure}|{figure}\.\.|\.\.{figure})$"


# The stub of the models

_HEAD = """# Generated from facts.yaml: do not edit. The models of a filing, as compliance.facts.models makes them.
#
# A type checker finds them with this folder on its path (mypy_path, or extraPaths of pyright):
#     if TYPE_CHECKING:
#         from filing import Filing
from compliance.facts.models import (
    At,
    DocumentForm,
    EvidenceForm,
    Form,
    JudgementForm,
    StatedForm,
    TableForm,
)
from compliance.quantities import Figure
"""


def stub(words: Vocabulary) -> str:
    """The ``.pyi`` of the models of a filing: what each field is when it was read."""
    names = {name: _camel(name) for name in words.entities}
    lists = dict.fromkeys(field.of for field in words.fields() if field.type == "list")
    singles = set(words.singles.values())
    text = [_HEAD]
    for name, entity in words.entities.items():
        lines = [f"    {field.name}: {_python(field, names)}" for field in entity.fields.values()]
        if name not in singles:
            lines.append("    at: At | None")
        text.append(_class(names[name], entity.label, lines))
    for name in lists:
        label = {"zh": f"{words.entities[name].label['zh']}列表", "en": f"list of {words.entities[name].label['en']}"}
        lines = ["    complete: bool", f"    items: list[{names[name]}]", "    at: At | None"]
        text.append(_class(f"{names[name]}List", label, lines))
    lines = ["    schema_: str", "    pack: str", "    as_of: str | None", "    documents: dict[str, DocumentForm]"]
    lines += [f"    {part}: {names[entity]} | None" for part, entity in words.singles.items()]
    lines += [f"    {part}: {names[entity]}List | None" for part, entity in words.lists.items()]
    lines += ["    judgements: list[JudgementForm]", "    evidence: list[EvidenceForm]"]
    lines += ["    filing_conclusions: list[StatedForm]", "    tables: list[TableForm]"]
    text.append(_class("Filing", {"zh": "申报材料", "en": "filing"}, lines))
    return "\n".join(text)


def _class(name: str, label: Text, lines: Iterable[str]) -> str:
    return "\n".join([f"class {name}(Form):", f'    """{_both(label)}."""', "", *lines, ""])


def _python(field: Field, names: Mapping[str, str]) -> str:
    if field.type == "list":
        return f"{names[field.of]}List | None"
    return "str | None" if field.type in ("text", "code", "ref") else "Figure | None"


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
