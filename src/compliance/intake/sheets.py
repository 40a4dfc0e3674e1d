"""The sheets of the intake workbook: which there are, what each of their columns holds, in the order in which they stand.

Every sheet is told by the name in its first row's first cell and every column by the name in the first row, so that a sheet
may be moved, renamed or given more columns of the user's own without being misread.

Whether a list within items is complete is said in a column of the sheet that holds those items, under the list's own name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from compliance.vocabulary import ROOT, Entity, Field, Text, Vocabulary

Asked = Collection[tuple[str, str]]  # the (entity, field) pairs that are asked for

MAX_NAME = 31  # characters of a sheet's name, by Excel
HEAD = 4  # rows before the data: names, Chinese labels, English labels, units

PLACE = ("document", "page", "line", "section", "index", "by")
# The sheets that every workbook has: their names in files, their labels, and their columns with labels.
GUIDE, SINGLES, LISTS, PROOF, DOCUMENTS, CONCLUSIONS, TABLES = (
    "guide",
    "facts",
    "lists",
    "evidence",
    "documents",
    "filing_conclusions",
    "tables",
)
REQUEST = "request"  # the sheet of the list of what is needed, a workbook of its own
TITLES: Mapping[str, Text] = {
    GUIDE: {"zh": "填写说明", "en": "how to fill this in"},
    SINGLES: {"zh": "基本事实", "en": "facts that stand once"},
    LISTS: {"zh": "清单是否完整", "en": "whether lists are complete"},
    PROOF: {"zh": "出处与判断", "en": "evidence and judgements"},
    DOCUMENTS: {"zh": "文件", "en": "documents"},
    CONCLUSIONS: {"zh": "申报文件的结论", "en": "what the filing concludes"},
    TABLES: {"zh": "勾稽表", "en": "printed tables"},
}
LABELS: Mapping[str, Text] = {
    "key": {"zh": "项目", "en": "item"},
    "value_en": {"zh": "英文", "en": "in English"},
    "path": {"zh": "路径", "en": "path"},
    "value": {"zh": "填写", "en": "value"},
    "unit": {"zh": "单位", "en": "unit"},
    "label": {"zh": "事项", "en": "fact"},
    "label_en": {"zh": "事项（英文）", "en": "fact in English"},
    "meaning": {"zh": "说明", "en": "meaning"},
    "who": {"zh": "由谁提供", "en": "who has it"},
    "source": {"zh": "常见文件", "en": "where it usually stands"},
    "complete": {"zh": "是否完整", "en": "complete"},
    "what": {"zh": "类别", "en": "what it is"},
    "answer": {"zh": "回答", "en": "answer"},
    "reason": {"zh": "理由", "en": "reason"},
    "reason_en": {"zh": "理由（英文）", "en": "reason in English"},
    "document": {"zh": "文件", "en": "document"},
    "page": {"zh": "页", "en": "page"},
    "line": {"zh": "行", "en": "line"},
    "section": {"zh": "章节", "en": "section"},
    "index": {"zh": "底稿索引", "en": "working-paper index"},
    "by": {"zh": "录入人", "en": "entered by"},
    "id": {"zh": "编号", "en": "id"},
    "title": {"zh": "标题", "en": "title"},
    "date": {"zh": "日期", "en": "date"},
    "number": {"zh": "文号", "en": "number"},
    "rule": {"zh": "规则", "en": "rule"},
    "verdict": {"zh": "结论", "en": "verdict"},
    "text": {"zh": "文字", "en": "text"},
    "text_en": {"zh": "文字（英文）", "en": "text in English"},
    "parent": {"zh": "所属条目", "en": "the item it belongs to"},
}
WHAT: Mapping[str, Text] = {
    "evidence": {"zh": "出处", "en": "evidence"},
    "assumed": {"zh": "认定前提", "en": "taken for granted"},
    "judgement": {"zh": "判断", "en": "judgement"},
    "columns": {"zh": "列名", "en": "columns"},
    "row": {"zh": "行", "en": "row"},
    "total": {"zh": "合计", "en": "total"},
}
COLUMNS: Mapping[str, tuple[str, ...]] = {
    GUIDE: ("key", "value", "value_en"),
    SINGLES: ("label", "label_en", "value", "unit", "meaning", "who", "source", "path"),
    LISTS: ("label", "label_en", "complete", "path"),
    PROOF: ("path", "what", "answer", "reason", "reason_en", *PLACE),
    DOCUMENTS: ("id", "title", "date", "number"),
    CONCLUSIONS: ("rule", "verdict", "text", "text_en", *PLACE),
    REQUEST: ("number", "what", "who", "document", "settles", "bears", "form", "answer", "place", "by", "path"),
    TABLES: ("id", "what", "title", "unit", *PLACE),  # and one column for each column of the table, numbered from 1
}
TABLE_COLUMNS = 12
UNITS: Mapping[str, tuple[str, ...]] = {
    "money": ("万元", "元", "亿元"),
    "shares": ("股", "万股", "亿股"),
    "price": ("元/股",),
    "ratio": ("%", "‰"),
}


def units(field: Field) -> tuple[str, ...]:
    """The units that a bare number may be given, that of the green cell first; none where a value has no unit."""
    usual = UNITS.get(field.type, ())
    return (field.unit, *(unit for unit in usual if unit != field.unit)) if field.unit else usual


class ListSheet(NamedTuple):
    """The sheet of one collection: the path of its list (``uses``, ``people.posts``), its entity and the fields asked for.

    Among the fields are the lists within its items, for the columns that say whether they are complete.
    """

    path: str
    entity: Entity
    fields: tuple[Field, ...]
    parent: str  # the path of the list whose items hold it, empty for a list of the filing itself

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns by name: the parent's key, where there is one, and the fields."""
        return (*(("parent",) if self.parent else ()), *(field.name for field in self.fields))


def singles(words: Vocabulary, asked: Asked | None) -> Iterator[Field]:
    """The fields that stand once and are asked for, or all."""
    parts = {part: words.entities[entity].fields for part, entity in words.singles.items()}
    needed = {f"{part}.{name}" for part, fields in parts.items() for name, field in fields.items() if field.required}
    for path, field in words.root.fields.items():
        if field.type != "list" and (asked is None or (ROOT, path) in asked or path in needed):
            yield field


def lists(words: Vocabulary) -> Mapping[str, str]:
    """The lists that the filing itself and its single parts have: the entity of their items by path."""
    parts = {f"{part}.{name}": field.of for part, entity in words.singles.items() for name, field in _lists(words, entity)}
    return {**words.lists, **parts}


def _lists(words: Vocabulary, entity: str) -> Iterator[tuple[str, Field]]:
    return ((name, field) for name, field in words.entities[entity].fields.items() if field.type == "list")


def collections(words: Vocabulary, asked: Asked | None) -> Iterator[ListSheet]:
    """A sheet for each collection of which something is asked, those within items after the collection they belong to."""
    for path, name in lists(words).items():
        yield from _collection(words, path, words.entities[name], "", asked)


def _collection(words: Vocabulary, path: str, entity: Entity, parent: str, asked: Asked | None) -> Iterator[ListSheet]:
    inner = {
        name: list(_collection(words, f"{path}.{name}", words.entities[field.of], path, asked))
        for name, field in entity.fields.items()
        if field.type == "list"
    }
    wanted = [name for name, field in entity.fields.items() if asked is None or (entity.name, name) in asked]
    wanted = [name for name in wanted if name not in inner] + [name for name, found in inner.items() if found]
    if not wanted:
        return
    kept = [field for name, field in entity.fields.items() if name in (entity.key, "name") or name in wanted]
    yield ListSheet(path, entity, tuple(kept), parent)
    for found in inner.values():
        yield from found


def labels(kind: Mapping[str, Text], lang: str = "zh") -> Mapping[str, str]:
    """The members of a kind by the word that the form shows: the label, or the name where two have one label."""
    shown = [label[lang] for label in kind.values()]
    return {label[lang] if shown.count(label[lang]) == 1 else name: name for name, label in kind.items()}


def member(text: str, kind: Mapping[str, Text]) -> str:
    """The member of a kind that a word stands for, a label in either language or a name; a word that is none stays as it is."""
    return {**labels(kind, "en"), **labels(kind)}.get(text, text)


def sheet_name(label: str, taken: Collection[str]) -> str:
    """A label as the name of a sheet: without the characters that Excel refuses, short enough, and not taken."""
    name = re.sub(r"[\[\]:*?/\\']", " ", label).strip()[:MAX_NAME] or "-"
    number = 2
    while name.casefold() in {other.casefold() for other in taken}:
        tail = f" {number}"
        name, number = name[: MAX_NAME - len(tail)].rstrip() + tail, number + 1
    return name
