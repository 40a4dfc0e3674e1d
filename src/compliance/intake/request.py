"""The list of what is needed, read back: what was answered there is put into the filing, each with the place given for it.

An answer is read as the intake form reads a cell, so that its words, units and ranges are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from compliance.facts.answers import READING
from compliance.facts.filing import Filing
from compliance.facts.revising import put
from compliance.facts.trial import COMPLETE, Setting, trial, unknown
from compliance.facts.values import value_of
from compliance.intake import reading, sheets
from compliance.intake.rows import Cell, Read, field_of, written
from compliance.packs.book import Pack
from compliance.quantities import Figure
from compliance.source import Node, Place, Problem, Scalar, Sequence, SourceError, Table, Unreadable
from compliance.vocabulary import Field

NONE = ("无", "没有", "none")  # how a list is said to have nothing, or nothing more, in it
TITLE = "资料清单"  # the document that answers stand in for which no other is named


class Answered(NamedTuple):
    """One answer: what it puts, the document and page in the words of whoever answered, and who that was."""

    setting: Setting
    document: str
    by: str


def load(path: Path, name: str, pack: Pack) -> tuple[Answered, ...]:
    """The answers in a list of what is needed; ``name`` is what places show. Raises ``SourceError`` with every mistake found."""
    problems: list[Problem] = []
    sheet = reading.sheets_in(path, name, pack.vocabulary, problems).get(sheets.REQUEST)
    if sheet is None:
        raise SourceError([Problem(Place(name), "request-other", {})])
    found = [answer for place, row in sheet.rows if "answer" in row for answer in _answered(place, row, pack, problems)]
    if problems:
        raise SourceError(problems)
    return tuple(found)


def _answered(place: Place, row: Read, pack: Pack, problems: list[Problem]) -> Iterator[Answered]:
    """The answer of one row; what cannot be one is noted."""
    if "path" not in row:
        problems.append(Problem(place, "field-missing", {"name": sheets.LABELS["path"]}))
        return
    path, cell = row["path"].text, row["answer"]
    field = pack.vocabulary.root.fields.get(path) or field_of(path, pack.vocabulary)
    if field is not None and field.type == "list" and cell.text.lower() not in NONE:
        problems.append(Problem(cell.place, "request-list", {"path": path}))
        return
    words = {name: row[name].text if name in row else "" for name in ("place", "by")}
    yield Answered(Setting(path, _text(path, cell, field, pack), cell.place), words["place"], words["by"])


def _text(path: str, cell: Cell, field: Field | None, pack: Pack) -> str:
    """An answer as a filing writes it."""
    known = pack.readings.get(path.removeprefix(READING)) if path.startswith(READING) else None
    if known is not None:
        return sheets.member(cell.text, known.options)
    if field is None:
        return cell.text
    return COMPLETE if field.type == "list" else written(cell, field, pack.vocabulary).text or ""


def laid(node: Node, filing: Filing, answers: Iterable[Answered], pack: Pack) -> Node:
    """The node tree of a filing with answers put into it. Raises ``SourceError``: for a path that leads nowhere, an answer given
    twice, and one that is not what the filing states; what it states vaguely an answer may settle.
    """
    problems: list[Problem] = []
    seen: set[str] = set()
    new = []
    for answer in answers:
        path, place = answer.setting.path, answer.setting.place
        own = _stated(filing, answer.setting)
        if unknown(filing, path, pack.readings):
            problems.append(Problem(place, "path-unknown", {"path": path}))
        elif path in seen:
            problems.append(Problem(place, "cell-twice", {"path": path}))
        elif own not in (None, answer.setting.text):
            problems.append(Problem(place, "request-stated", {"path": path, "text": own}))
        elif own is None:
            new.append(answer)
        seen.add(path)
    if problems:
        raise SourceError(problems)
    node = trial(node, filing, [answer.setting for answer in new])
    for answer in new:
        node = _placed(node, answer)
    return node


def _stated(filing: Filing, setting: Setting) -> str | None:
    """What the filing states exactly instead, or the answer itself where both are the same; None where it states nothing exact."""
    given = filing.answers.get(setting.path)
    fact = filing.facts.get(setting.path)
    if fact is None:
        return given[0].text if given else None
    if not isinstance(fact.value, Figure):
        return fact.text if fact.field.type != "list" else None
    if not fact.value.exact:
        return None
    try:
        same: Figure = value_of(fact.field, filing.words, setting.text)
    except Unreadable:
        return None  # the loader tells what is wrong with it
    return setting.text if (same.low, same.high) == (fact.value.low, fact.value.high) else fact.text


def _placed(node: Node, answer: Answered) -> Node:
    """The node tree with the place that an answer gives: its words stand for the document."""
    assert isinstance(node, Table)
    place = answer.setting.place
    document = Scalar(answer.document or TITLE, place)
    known = node.entries.get("documents")
    documents = known if isinstance(known, Table) else Table({}, {}, place)
    if document.text not in documents.entries:
        documents = put(documents, document.text or "", put(Table({}, {}, place), "title", document))
    at = put(Table({}, {}, place), "document", document)
    if answer.by:
        at = put(at, "by", Scalar(answer.by, place))
    node = put(node, "documents", documents)
    judged = node.entries.get("judgements")
    items = judged.items if isinstance(judged, Sequence) else ()
    mine = [item for item in items if isinstance(item, Table) and item.place == place]
    if mine:
        return put(node, "judgements", Sequence(tuple(put(item, "at", at) if item in mine else item for item in items), place))
    before = node.entries.get("evidence")
    entry = put(put(Table({}, {}, place), "facts", Sequence((Scalar(answer.setting.path, place),), place)), "at", at)
    return put(node, "evidence", Sequence((*(before.items if isinstance(before, Sequence) else ()), entry), place))
