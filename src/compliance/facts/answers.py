"""Answers to the questions of a filing: the sponsor's own, and those of other parties laid over them."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from compliance import source
from compliance.facts.filing import DIFFERS, OWN, Answer, Evidence, Fact, Filing, Row
from compliance.facts.values import ANSWERS_SCHEMA, value_of
from compliance.quantities import Figure
from compliance.source import Node, Problem, SourceError, Unreadable
from compliance.vocabulary import Field, Vocabulary
from compliance.wording import likely, listed

if TYPE_CHECKING:
    from compliance.facts.models import AnswersForm, At, JudgementForm

if TYPE_CHECKING:
    from compliance.expressions.tree import Node as Tree

Readings = Mapping[str, Iterable[str]]  # each reading's options
Cells = Callable[[str], tuple[Row, Field] | None]
Judged = Mapping[tuple[str, str], "Tree"]  # for an entity and field of it, the condition under which it is a judgement
NEVER_SETTLED: Judged = MappingProxyType({})
READING = "reading."  # what the path of an answer to a question of law begins with
BOTH = "both"  # the answer to a reading that leaves it open


def load_answers(path: Path, filing: Filing, readings: Readings, judged: Judged = NEVER_SETTLED) -> tuple[Answer, ...]:
    """One party's answers to the questions of a filing. Raises ``SourceError`` with every mistake found."""
    node, form, problems = _formed(path)
    cells = filing.cell
    found, wrong = answers_of(form.judgements, form.party, node, filing.words, cells, readings, filing.documents, judged)
    if problems or wrong:
        raise SourceError([*problems, *wrong])
    return tuple(found)


def mistakes_in(path: Path) -> tuple[Problem, ...]:
    """The mistakes in one party's answers that show without a filing to lay them over."""
    try:
        return tuple(_formed(path)[2])
    except SourceError as error:
        return error.problems


def _formed(path: Path) -> tuple[Node, AnswersForm, list[Problem]]:
    """A file of answers as far as it could be read, as nodes and as its form, and the mistakes in how it is written.

    Raises ``SourceError`` where what is left is not of that form.
    """
    from compliance.facts.models import AnswersForm
    from compliance.shape import problems_of, sound_part

    problems: list[Problem] = []
    try:
        node = source.load(path, str(path))
    except SourceError as error:
        if error.rest is None:
            raise
        node, problems = error.rest, [*error.problems]
    form, found = problems_of(AnswersForm, node)
    problems += found
    if form is None:
        node, _ = sound_part(node, found)
        form, _ = problems_of(AnswersForm, node)
    if form is None:
        raise SourceError(problems)
    if form.schema_ != ANSWERS_SCHEMA:
        values = {"text": form.schema_, "expected": ANSWERS_SCHEMA}
        problems.append(Problem(source.locate(node, ("schema",)), "schema-unknown", values))
    if form.party in ("", OWN):
        problems.append(Problem(source.locate(node, ("party",)), "party-taken", {"party": form.party}))
    return node, form, problems


def load_several(paths: Iterable[Path], filing: Filing, readings: Readings, judged: Judged = NEVER_SETTLED) -> tuple[Answer, ...]:
    """The answers in several files; a party may answer in more than one. Raises ``SourceError`` as ``load_answers``."""
    found: dict[tuple[str, str], Answer] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            answers = load_answers(path, filing, readings, judged)
        except SourceError as error:
            problems += error.problems
            continue
        for answer in answers:
            if (answer.party, answer.path) in found:
                problems.append(Problem(answer.place, "judgement-twice", {"path": answer.path}))
            found[answer.party, answer.path] = answer
    if problems:
        raise SourceError(problems)
    return tuple(found.values())


def answers_of(
    forms: Sequence[JudgementForm],
    party: str,
    node: Node,
    words: Vocabulary,
    cells: Cells,
    readings: Readings,
    documents: Mapping[str, object],
    judged: Judged = NEVER_SETTLED,
) -> tuple[list[Answer], list[Problem]]:
    """The answers of a party in the order of their paths, and every mistake among them."""
    found, problems, seen = [], [], set()
    for index, form in enumerate(forms):
        place = source.locate(node, ("judgements", index, "path"))
        evidence = evidence_of(form.at)
        if evidence is not None and evidence.document not in documents:
            at = source.locate(node, ("judgements", index, "at", "document"))
            problems.append(Problem(at, "document-unknown", {"name": evidence.document}))
        if form.path in seen:
            problems.append(Problem(place, "judgement-twice", {"path": form.path}))
        seen.add(form.path)
        try:
            value = _value(form, words, cells, readings, judged)
        except Unreadable as error:
            is_path = error.code in ("reading-unknown", "path-unknown", "judgement-path", "judgement-settled")
            at = place if is_path else source.locate(node, ("judgements", index, "answer"))
            problems.append(Problem(at, error.code, error.values))
            continue
        reason = {"zh": form.reason.zh, "en": form.reason.en} if form.reason else None
        found.append(Answer(party, form.path, value, form.answer, reason, evidence, place))
    return sorted(found, key=lambda answer: answer.path), problems


def _value(form: JudgementForm, words: Vocabulary, cells: Cells, readings: Readings, judged: Judged) -> Figure | str:
    """What an answer says. Raises ``Unreadable``."""
    if form.path.startswith(READING):
        name = form.path.removeprefix(READING)
        if name not in readings:
            raise Unreadable("reading-unknown", name=name, known=likely(name, readings))
        options = [*readings[name], BOTH]
        if form.answer not in options:
            raise Unreadable("choice-bad", text=form.answer, expected=listed(options))
        return form.answer
    target = cells(form.path)
    if target is None:
        raise Unreadable("path-unknown", path=form.path)
    if target[1].settled_by != "judgement":
        raise Unreadable("judgement-path", path=form.path)
    condition = judged.get((target[1].entity, target[1].name))
    if condition is not None and _settled(condition, target[0]):
        raise Unreadable("judgement-settled", path=form.path)
    value: Figure = value_of(target[1], words, form.answer)
    return value


def _settled(condition: Tree, row: Row) -> bool:
    """Whether an item's own facts show that the field is no judgement; a condition that reads the law's figures is not asked."""
    from compliance.expressions.interpret import Evaluation

    if any(part.op in ("param", "root") for part in condition.walk()):
        return False
    return not Evaluation((), {}).value(condition, (row,))[1]


def evidence_of(at: At | None) -> Evidence | None:
    """Evidence as written, with nothing where a part is left out."""
    if at is None:
        return None
    return Evidence(at.document, at.page or "", at.line or "", at.section or "", at.index or "", at.by or "")


def with_answers(filing: Filing, answers: Sequence[Answer]) -> Filing:
    """A new filing with the answers of others laid over it; the one given stays as it is.

    All answers to a path stand beside each other, the sponsor's own first. Where they agree, their value stands in the
    row; where two parties differ, the question is open again. The hash covers the answers.
    """
    if not answers:
        return filing
    given = {path: list(own) for path, own in filing.answers.items()}
    for answer in sorted(answers, key=lambda answer: (answer.path, answer.party)):
        own = filing.facts.get(answer.path)
        if answer.path not in given and own is not None and own.value is not None:
            given[answer.path] = [Answer(OWN, own.path, own.value, own.text, None, own.evidence, own.place)]
        given.setdefault(answer.path, []).append(answer)
    memo: dict[int, Row] = {}
    row = _copied(filing.row, memo)
    items = {path: (entity, _copied(item, memo)) for path, (entity, item) in filing.items.items()}
    facts = {path: fact._replace(row=_copied(fact.row, memo)) for path, fact in filing.facts.items()}
    new = replace(
        filing,
        row=row,
        items=items,
        facts=facts,
        answers={path: tuple(given[path]) for path in sorted(given)},
        sha256=_hash(filing.sha256, answers),
    )
    for path in {answer.path for answer in answers}:
        _settle(new, facts, given[path])
    return new


def _settle(filing: Filing, facts: dict[str, Fact], answers: Sequence[Answer]) -> None:
    """Put what the parties agree on into the row of a new filing, or open it where they differ."""
    first = answers[0]
    target = filing.cell(first.path)
    if target is None or not isinstance(first.value, Figure):
        return  # a reading: the engine sets it
    row, field = target
    bounds = (first.value.low, first.value.high)
    if all(isinstance(other.value, Figure) and (other.value.low, other.value.high) == bounds for other in answers):
        row[field.slot], row[field.slot + 1] = bounds
        if first.path not in facts:
            facts[first.path] = fact_of(first, row, field)
    else:
        row[field.slot], row[field.slot + 1] = filing.words.blank(field)
        facts[first.path] = fact_of(first, row, field)._replace(value=None, text=DIFFERS)


def fact_of(answer: Answer, row: Row, field: Field) -> Fact:
    """The fact that an answer to a question of fact makes."""
    assert isinstance(answer.value, Figure)
    return Fact(answer.path, field, answer.value, answer.text, answer.evidence, answer.place, row, field.slot)


def _copied(row: Row, memo: dict[int, Row]) -> Row:
    """A row of its own, with all the rows it leads to; a row that several lead to stays one."""
    if id(row) in memo:
        return memo[id(row)]
    new: Row = []
    memo[id(row)] = new
    for cell in row:
        new.append(_copied(cell, memo) if isinstance(cell, list) else copy.copy(cell))
    return new


def _hash(sha256: str, answers: Sequence[Answer]) -> str:
    said = sorted(plain(answer) for answer in answers)
    return hashlib.sha256(json.dumps([sha256, said], ensure_ascii=False).encode("utf-8")).hexdigest()


def plain(answer: Answer) -> list[str]:
    """An answer as texts, for a hash."""
    where = answer.evidence or Evidence("")
    reason = [answer.reason["zh"], answer.reason["en"]] if answer.reason else ["", ""]
    value = answer.value if isinstance(answer.value, str) else f"{answer.value.low}..{answer.value.high}"
    at = [where.document, where.page, where.line, where.section, where.index, where.by]
    return [answer.path, answer.party, value, answer.text, *reason, *at]
