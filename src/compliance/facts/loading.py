"""Load a filing: every mistake at once, each with its place; then facts by path, evidence, answers, ties and rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from compliance import dates, source
from compliance.facts.filing import OWN, Answer, Evidence, Fact, Filing, Row, Stated, split
from compliance.facts.models import ANSWERS_SCHEMA, SCHEMA, AnswersForm, models, value_of
from compliance.facts.ties import list_ties, table_ties
from compliance.quantities import Figure
from compliance.shape import problems_of
from compliance.source import Node, Place, Problem, Sequence, SourceError, Table, Unreadable
from compliance.vocabulary import ROOT, Entity, Field, Vocabulary

VERDICTS = ("pass", "fail", "judgement", "missing", "not_applicable")
Readings = Mapping[str, Iterable[str]]  # each reading's options


def load(path: Path, words: Vocabulary, pack: str, readings: Readings) -> Filing:
    """The filing in a YAML or JSON file. Raises ``SourceError`` with every mistake found."""
    return read(source.load(path, str(path)), words, pack, readings)


def read(node: Node, words: Vocabulary, pack: str, readings: Readings) -> Filing:
    """The filing in a node tree. Raises ``SourceError`` with every mistake found."""
    present = set(node.entries) if isinstance(node, Table) else set()
    form, problems = problems_of(models(words, present), node)
    reader = _Reader(words, node, pack, readings)
    reader.problems += problems
    if isinstance(node, Table):
        reader.check_keys()
    if form is None or reader.problems:
        raise SourceError(sorted(reader.problems, key=lambda problem: problem.place))
    filing = reader.filing(form)
    if reader.problems:
        raise SourceError(sorted(reader.problems, key=lambda problem: problem.place))
    return filing


def load_answers(path: Path, filing: Filing, readings: Readings) -> tuple[Answer, ...]:
    """One party's answers to the questions of a filing. Raises ``SourceError`` with every mistake found."""
    node = source.load(path, str(path))
    form, problems = problems_of(AnswersForm, node)
    if form is None:
        raise SourceError(problems)
    if form.schema_ != ANSWERS_SCHEMA:
        place = source.locate(node, ("schema",))
        raise SourceError([Problem(place, "schema-unknown", {"text": form.schema_, "expected": ANSWERS_SCHEMA})])
    found, problems = _answers(filing.words, filing.cell, form.judgements, form.party, node, readings)
    if problems:
        raise SourceError(problems)
    return tuple(found)


class _Reader:
    """Turns one validated form into a filing."""

    def __init__(self, words: Vocabulary, node: Node, pack: str, readings: Readings) -> None:
        self.words = words
        self.node = node
        self.pack = pack
        self.readings = readings
        self.problems: list[Problem] = []
        self.row: Row = words.blank_row(ROOT)
        for _ in readings:
            self.row += [0, 0]  # the engine sets the readings
        self.facts: dict[str, Fact] = {}
        self.items: dict[str, tuple[str, Row]] = {"": (ROOT, self.row)}
        self.places: dict[str, Evidence] = {}
        self.references: list[tuple[Row, Field, str, Place]] = []
        self.documents: Mapping[str, Any] = {}

    def wrong(self, place: Place, code: str, **values: object) -> None:
        """Note a mistake."""
        self.problems.append(Problem(place, code, values))

    # Keys, on the nodes, so that they are checked even where a value is wrong

    def check_keys(self) -> None:
        """Every item of a list has a key of its own."""
        assert isinstance(self.node, Table)
        for name, entity in self.words.lists.items():
            if name in self.node.entries:
                self._keys_of(self.node.entries[name], self.words.entities[entity])

    def _keys_of(self, node: Node, entity: Entity) -> None:
        items = node.entries.get("items") if isinstance(node, Table) else node
        if not isinstance(items, Sequence):
            return
        seen: dict[str, int] = {}
        for item in items.items:
            if not isinstance(item, Table):
                continue
            key = key_of(entity, {name: part.text for name, part in item.entries.items() if isinstance(part, source.Scalar)})
            place = source.locate(item, (entity.key,) if entity.key in item.entries else ("name",))
            if key is None:
                self.wrong(item.place, "key-missing", name=entity.key)
            elif any(char in key for char in "[]"):
                self.wrong(place, "key-characters", name=key)
            elif key in seen:
                self.wrong(place, "key-repeated", name=key, line=seen[key])
            else:
                seen[key] = item.place.line
            for field in entity.fields.values():
                if field.type == "list" and field.name in item.entries:
                    self._keys_of(item.entries[field.name], self.words.entities[field.of])

    # The filing

    def filing(self, form: Any) -> Filing:
        """The filing of a validated form."""
        if form.schema_ != SCHEMA:
            self.wrong(source.locate(self.node, ("schema",)), "schema-unknown", text=form.schema_, expected=SCHEMA)
        if form.pack != self.pack:
            self.wrong(source.locate(self.node, ("pack",)), "pack-other", text=form.pack, expected=self.pack)
        self.documents = form.documents
        assumed = self.evidence(form.evidence)
        for name in self.words.singles:
            part = getattr(form, name)
            if part is not None:
                self.fields(part, self.words.root, f"{name}.", self.row, (name,))
        for name, entity in self.words.lists.items():
            part = getattr(form, name)
            if part is not None:
                self.list_of(part, self.words.root.fields[name], self.words.entities[entity], name, self.row, (name,))
        for row, field, key, place in self.references:
            found = self.items.get(f"{field.of}[{key}]")
            if found is None:
                self.wrong(place, "reference-unknown", list=field.of, name=key)
            else:
                row[field.slot] = row[field.slot + 1] = found[1]
        self.check_paths(form)
        answers, problems = _answers(self.words, self.cell, form.judgements, OWN, self.node, self.readings)
        self.problems += problems
        by_path: dict[str, tuple[Answer, ...]] = {}
        for index, answer in enumerate(answers):
            if answer.path in by_path or answer.path in self.facts:
                self.wrong(source.locate(self.node, ("judgements", index, "path")), "judgement-twice", path=answer.path)
            by_path[answer.path] = (answer,)
            self.state(answer)
        return Filing(
            name=self.node.place.document,
            words=self.words,
            row=self.row,
            facts=self.facts,
            items=self.items,
            answers=by_path,
            assumed=assumed,
            documents={name: {"title": d.title, "date": d.date or "", "number": d.number or ""} for name, d in form.documents.items()},
            stated=self.stated(form.filing_conclusions),
            ties=(*list_ties(self.words, self.facts, self.items, self.row, self.places), *self.tables(form.tables)),
            sha256=self.hash(by_path, assumed),
            as_of=self.day(form.as_of),
            code=self.facts["issuer.code"].text if "issuer.code" in self.facts else "",
            issuer_name=self.facts["issuer.name"].text if "issuer.name" in self.facts else "",
        )

    def day(self, text: str | None) -> str | None:
        """The filing's own as-of day, if it states one."""
        if text is None:
            return None
        try:
            figure = dates.parse(text)
        except Unreadable as error:
            self.wrong(source.locate(self.node, ("as_of",)), error.code, **error.values)
            return None
        if not figure.exact:
            self.wrong(source.locate(self.node, ("as_of",)), "day-bad", text=text)
        return dates.iso(figure.low)

    def fields(self, form: Any, entity: Entity, prefix: str, row: Row, at: tuple[str | int, ...]) -> None:
        """The fields of one item or single part: into its row, and into the facts by path."""
        flat = prefix if entity.name == ROOT else ""
        for field in entity.fields.values():
            name = field.name.removeprefix(flat)
            if flat and not field.name.startswith(flat):
                continue
            value = getattr(form, name)
            if value is None:
                continue
            path, place = prefix + name, source.locate(self.node, (*at, name))
            if field.type == "list":
                self.list_of(value, field, self.words.entities[field.of], path, row, (*at, name))
            elif isinstance(value, Figure):
                low = 0 if field.type == "kind" and not value.exact else value.low
                row[field.slot], row[field.slot + 1] = low, value.high
                self.facts[path] = Fact(path, field, value, value.text, self.place_of(path), place, row, field.slot)
            else:
                if field.type == "ref":
                    self.references.append((row, field, value, place))
                self.facts[path] = Fact(path, field, None, value, self.place_of(path), place, row, field.slot)

    def list_of(self, form: Any, field: Field, entity: Entity, path: str, row: Row, at: tuple[str | int, ...]) -> None:
        """A list: its items in the order of their keys, so that the order written does not matter."""
        if form.at is not None:
            self.places[path] = self.locate(form.at, at)
        blanks = []
        for index, item in enumerate(form.items):
            values = {name: getattr(item, name) for name in entity.fields}
            key = key_of(entity, {name: v.text if isinstance(v, Figure) else v for name, v in values.items()})
            blanks.append((key or "", index, item))
        rows = []
        plain = isinstance(_at(self.node, at), Sequence)
        for key, index, item in sorted(blanks, key=lambda entry: entry[0]):
            inner = f"{path}[{key}]"
            step = (*at, index) if plain else (*at, "items", index)
            if item.at is not None:
                self.places[inner] = self.locate(item.at, step)
            new = self.words.blank_row(entity.name)
            self.references_blank(new, entity)
            self.items[inner] = (entity.name, new)
            self.fields(item, entity, f"{inner}.", new, step)
            rows.append(new)
        row[field.slot], row[field.slot + 1] = rows, 0 if form.complete else 1
        text = "complete" if form.complete else "open"
        place = source.locate(self.node, at)
        self.facts[path] = Fact(path, field, None, text, self.place_of(path), place, row, field.slot)

    def references_blank(self, row: Row, entity: Entity) -> None:
        """A reference that is not given leads to a row of which nothing is known."""
        for field in entity.fields.values():
            if field.type == "ref":
                row[field.slot] = self.words.blank_row(self.words.lists[field.of])

    def cell(self, path: str) -> tuple[Row, Field] | None:
        """The row and field that a path leads to."""
        owner, name = split(path)
        if owner in self.words.singles:
            owner, name = "", path
        found = self.items.get(owner)
        part = self.words.entity(found[0]).fields.get(name) if found else None
        return (found[1], part) if found and part else None

    def state(self, answer: Answer) -> None:
        """Put the filing's own answer to a question of fact into its row."""
        if isinstance(answer.value, str):
            return
        found = self.cell(answer.path)
        assert found is not None
        row, field = found
        row[field.slot], row[field.slot + 1] = answer.value.low, answer.value.high
        self.facts[answer.path] = Fact(
            answer.path, field, answer.value, answer.text, answer.evidence or self.place_of(answer.path), self.node.place, row, field.slot
        )

    # Evidence

    def evidence(self, forms: list[Any]) -> dict[str, Any]:
        """Places by path; gives the facts that are taken for granted, with the reason."""
        assumed = {}
        for index, form in enumerate(forms):
            for path in form.facts:
                if form.at is not None:
                    self.places[path] = self.locate(form.at, ("evidence", index))
                if form.assumed is not None:
                    assumed[path] = {"zh": form.assumed.zh, "en": form.assumed.en}
        return assumed

    def locate(self, at: Any, path: tuple[str | int, ...]) -> Evidence:
        """Evidence, its document checked against the list of documents."""
        if at.document not in self.documents:
            self.wrong(source.locate(self.node, (*path, "at", "document")), "document-unknown", name=at.document)
        return Evidence(at.document, at.page or "", at.line or "", at.section or "", at.index or "", at.by or "")

    def place_of(self, path: str) -> Evidence | None:
        """The evidence of a fact: its own, else that of the item it belongs to."""
        while path:
            if path in self.places:
                return self.places[path]
            if path.endswith("]"):
                path = path[: path.rindex("[")] if "[" in path else ""
                continue
            path = split(path)[0]
        return None

    def check_paths(self, form: Any) -> None:
        """Evidence leads to facts that the filing states (or leaves open, where they are assumed)."""
        for index, entry in enumerate(form.evidence):
            for number, path in enumerate(entry.facts):
                if path not in self.items and self.cell(path) is None:
                    self.wrong(source.locate(self.node, ("evidence", index, "facts", number)), "path-unknown", path=path)

    def stated(self, forms: list[Any]) -> tuple[Stated, ...]:
        """What the filing itself concludes."""
        found = []
        for index, form in enumerate(forms):
            at = ("filing_conclusions", index)
            if form.verdict not in VERDICTS:
                place = source.locate(self.node, (*at, "verdict"))
                self.wrong(place, "choice-bad", text=form.verdict, expected="、".join(VERDICTS))
            text = {"zh": form.text.zh, "en": form.text.en} if form.text else None
            found.append(Stated(form.rule, form.verdict, text, self.locate(form.at, at) if form.at else None))
        return tuple(sorted(found, key=lambda stated: stated.rule))

    def tables(self, forms: list[Any]) -> list[Any]:
        """The ties of the printed tables."""
        found = []
        for index, form in enumerate(forms):
            for number, row in enumerate(form.rows):
                if len(row.values) != len(form.columns):
                    place = source.locate(self.node, ("tables", index, "rows", number))
                    self.wrong(place, "table-width", found=len(row.values), expected=len(form.columns))
            if len(form.total) != len(form.columns):
                place = source.locate(self.node, ("tables", index, "total"))
                self.wrong(place, "table-width", found=len(form.total), expected=len(form.columns))
            evidence = self.locate(form.at, ("tables", index)) if form.at else None
            try:
                if not self.problems:
                    found += table_ties(form, evidence)
            except Unreadable as error:
                self.wrong(source.locate(self.node, ("tables", index)), error.code, **error.values)
        return found

    def hash(self, answers: Mapping[str, tuple[Answer, ...]], assumed: Mapping[str, Any]) -> str:
        """The SHA-256 of what the filing says, whatever the order, format or file it was written in."""
        said: dict[str, Any] = {}
        for path, fact in self.facts.items():
            value = fact.value
            said[path] = [value.low, value.high, value.step] if value is not None else fact.text
        for path, given in answers.items():
            said[path] = [a.value if isinstance(a.value, str) else [a.value.low, a.value.high] for a in given]
        where = {path: [e.document, e.page, e.line, e.section, e.index] for path, e in self.places.items()}
        plain = json.dumps([said, where, dict(assumed)], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(plain.encode("utf-8")).hexdigest()


def key_of(entity: Entity, texts: Mapping[str, Any]) -> str | None:
    """An item's key: the entity's key field, else its name."""
    for name in (entity.key, "name"):
        if name and texts.get(name):
            return str(texts[name])
    return None


def _at(node: Node, path: Iterable[str | int]) -> Node | None:
    """The node at a path."""
    for step in path:
        if isinstance(node, Table) and isinstance(step, str) and step in node.entries:
            node = node.entries[step]
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
        else:
            return None
    return node


def _answers(
    words: Vocabulary, cell: Any, forms: list[Any], party: str, node: Node, readings: Readings
) -> tuple[list[Answer], list[Problem]]:
    """Answers with their values, and every mistake among them."""
    found, problems, seen = [], [], set()
    for index, form in enumerate(forms):
        place = source.locate(node, ("judgements", index, "path"))
        answer_place = source.locate(node, ("judgements", index, "answer"))
        if form.path in seen:
            problems.append(Problem(place, "judgement-twice", {"path": form.path}))
        seen.add(form.path)
        value: Figure | str
        if form.path.startswith("reading."):
            name = form.path.removeprefix("reading.")
            if name not in readings:
                problems.append(Problem(place, "reading-unknown", {"name": name}))
                continue
            options = [*readings[name], "both"]
            if form.answer not in options:
                problems.append(Problem(answer_place, "choice-bad", {"text": form.answer, "expected": "、".join(options)}))
                continue
            value = form.answer
        else:
            target = cell(form.path)
            if target is None:
                problems.append(Problem(place, "path-unknown", {"path": form.path}))
                continue
            if target[1].settled_by != "judgement":
                problems.append(Problem(place, "judgement-path", {"path": form.path}))
                continue
            try:
                value = value_of(target[1], words, form.answer)
            except Unreadable as error:
                problems.append(Problem(answer_place, error.code, error.values))
                continue
        reason = {"zh": form.reason.zh, "en": form.reason.en} if form.reason else None
        at = form.at
        evidence = Evidence(at.document, at.page or "", at.line or "", at.section or "", at.index or "", at.by or "") if at else None
        found.append(Answer(party, form.path, value, form.answer, reason, evidence))
    return found, problems
