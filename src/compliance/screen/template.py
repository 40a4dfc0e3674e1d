"""A mapping and a small table to start from: every fact that stands once in a filing, and one list in numbered columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from compliance.packs.book import Pack
from compliance.screen.mapping import EMPTY, SCHEMA
from compliance.vocabulary import Field, Vocabulary

MAPPING, TABLE = "mapping.yaml", "example.csv"
LIST_ITEMS = 2  # items of the list that the example has columns for
_UNITS = {"money": "万元", "shares": "股", "price": "元/股", "ratio": "%"}
_VALUES = {
    "money": "10000.00",
    "shares": "30000000",
    "price": "9.95",
    "ratio": "12.50",
    "count": "3",
    "date": "2025-06-30",
    "code": "000001",
}
HEAD = """# 表格各列对应的事实：删去表里没有的行，把 column 改成表头的写法，unit 改成表里的单位（cell 表示单位写在格内）。
# Which column is which fact: remove the lines that your table has no column for, put its own heads after `column`,
# and its units after `unit` (`cell`: each cell carries its own). What is left out is not known: neither nought nor none.
"""
LISTS = """# 清单的一项可以写成上面的一列，如 fact: "清单[键].字段"；也可以如下写在带序号的列里，或用 file 和 code 另放一张表。
# An item of a list may stand above, as fact: "list[key].field"; or in numbered columns as below; or in a table of its own by file and code.
# 其余清单（字段见 compliance facts reference）The other lists (compliance facts reference has their fields): {others}
"""


def write(pack: Pack) -> dict[str, bytes]:
    """The files of a template by name. The table is read by the mapping as it stands."""
    columns = list(_columns(pack.vocabulary))
    name = next(iter(pack.vocabulary.lists))
    inner = [(field.name, field) for field in pack.vocabulary.entities[pack.vocabulary.lists[name]].fields.values() if _plain(field)]
    lines = [
        HEAD,
        f"schema: {SCHEMA}\n",
        f"pack: {pack.id}\n",
        f"encoding: utf-8          # gb18030\nempty: {json.dumps(EMPTY, ensure_ascii=False)}\ncolumns:\n",
    ]
    lines += [f"  - {_entry(head, path, field)}\n" for head, path, field in columns]
    others = "、".join(other for other in pack.vocabulary.lists if other != name)
    lines.append(LISTS.format(others=others))
    lines.append(
        f'lists:\n  - list: {name}\n    complete: false        # true: 清单已列全 the list is complete\n    prefix: "{name}{{n}}_"\n'
    )
    lines.append("    columns:\n")
    lines += [f"      - {_entry(head, head, field)}\n" for head, field in inner]
    heads = [head for head, _, _ in columns] + [f"{name}{n}_{head}" for n in range(1, LIST_ITEMS + 1) for head, _ in inner]
    values = [_example(field, pack.vocabulary) for _, _, field in columns]
    values += [_example(field, pack.vocabulary, str(n)) for n in range(1, LIST_ITEMS + 1) for _, field in inner]
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([heads, values])
    return {MAPPING: "".join(lines).encode(), TABLE: ("\N{BYTE ORDER MARK}" + stream.getvalue()).encode()}


def _columns(words: Vocabulary) -> Iterator[tuple[str, str, Field]]:
    """The facts that stand once, each under a head of its own: the label and the unit."""
    seen: set[str] = set()
    for path, field in words.root.fields.items():
        if not _plain(field):
            continue
        unit = f"({_UNITS[field.type]})" if field.type in _UNITS else ""
        head = f"{field.label['zh']}{unit}"
        if head in seen:
            head = f"{path}{unit}"
        seen.add(head)
        yield head, path, field


def _plain(field: Field) -> bool:
    return field.type not in ("list", "ref")


def _entry(head: str, path: str, field: Field) -> str:
    unit = f", unit: {json.dumps(_UNITS[field.type], ensure_ascii=False)}" if field.type in _UNITS else ""
    return f"{{column: {json.dumps(head, ensure_ascii=False)}, fact: {path}{unit}}}"


def _example(field: Field, words: Vocabulary, number: str = "") -> str:
    """A value that such a fact may have."""
    if field.type == "kind":
        return next(iter(words.kinds[field.of].values()))["zh"]
    if field.type == "flag":
        return "否"
    if field.type == "text":
        return f"例{number}"
    return _VALUES[field.type]
