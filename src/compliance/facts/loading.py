"""Load a filing: every mistake at once, each with its place; then facts by path, evidence, answers, ties and rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from compliance import dates, source
from compliance.facts import revising
from compliance.facts.answers import NEVER_SETTLED, Judged, Readings, answers_of, evidence_of, fact_of, load_answers, plain
from compliance.facts.filing import OWN, Answer, Evidence, Fact, Filing, Row, Stated, Tie, cell_of, split
from compliance.facts.sound import form_of
from compliance.facts.ties import figure_of, list_ties, table_ties
from compliance.facts.values import SCHEMA
from compliance.quantities import Figure
from compliance.source import Node, Place, Problem, Sequence, SourceError, Table, Unreadable
from compliance.vocabulary import ROOT, Entity, Field, Vocabulary
from compliance.wording import VERDICTS, listed

MAX_ITEMS = 10_000  # of one list
NOTHING = source.Scalar(None, Place(""))


def load(
    path: Path, words: Vocabulary, pack: str, readings: Readings, rules: Collection[str] | None = None, judged: Judged = NEVER_SETTLED
) -> Filing:
    """The filing in a YAML or JSON file, laid over those that it revises. Raises ``SourceError`` with every mistake found."""
    try:
        node = revising.load(path, str(path), words)
    except SourceError as error:
        raise with_rest(error, lambda rest: read(rest, words, pack, readings, rules, judged)) from None
    return read(node, words, pack, readings, rules, judged)


def with_rest(error: SourceError, reading: Callable[[Node], object]) -> SourceError:
    """The mistakes in how a filing is written, with those in what it says as far as it could be read all the same."""
    if not isinstance(error.rest, Table) or revising.REVISES in error.rest.entries:
        return error
    try:
        reading(error.rest)
    except SourceError as more:
        return SourceError([*error.problems, *more.problems])
    return error


def read(
    node: Node, words: Vocabulary, pack: str, readings: Readings, rules: Collection[str] | None = None, judged: Judged = NEVER_SETTLED
) -> Filing:
    """The filing in a node tree. Raises ``SourceError`` with every mistake found.

    ``rules`` are those that the filing may conclude on (None: any), ``judged`` the conditions under which a field is a judgement.
    """
    reader = _Reader(words, node, pack, readings)
    reader.rules, reader.judged = rules, judged
    form, reader.problems = formed(node, words)
    reader.check_head()
    reader.check_keys()
    if form is None or reader.problems:
        raise SourceError([*reader.problems, *reader.further()])
    filing = reader.filing(form)
    if reader.problems:
        raise SourceError(reader.problems)
    return filing


def formed(node: Node, words: Vocabulary) -> tuple[Any, list[Problem]]:
    """The validated form of a filing and no mistake, or None and the mistakes of its form."""
    form = form_of(node, words)
    if form is not None:
        return form, []
    from compliance.facts.models import models
    from compliance.shape import problems_of

    present = set(node.entries) if isinstance(node, Table) else set()
    form, problems = problems_of(models(words, present), node)
    return form, list(problems)


class _Reader:
    """Turns one validated form into a filing."""

    def __init__(self, words: Vocabulary, node: Node, pack: str, readings: Readings) -> None:
        self.words = words
        self.node = node
        self.pack = pack
        self.readings = readings
        self.rules: Collection[str] | None = None
        self.judged: Judged = NEVER_SETTLED
        self.problems: list[Problem] = []
        self.row: Row = self.blank(words.root)
        for _ in readings:
            self.row += [0, 0]  # the engine sets the readings
        self.facts: dict[str, Fact] = {}
        self.items: dict[str, tuple[str, Row]] = {"": (ROOT, self.row)}
        self.places: dict[str, dict[str, Evidence]] = {}  # by path, then by the file that says so
        self.references: list[tuple[Row, Field, str, Place]] = []
        self.documents: Mapping[str, Any] = {}

    def wrong(self, place: Place, code: str, **values: object) -> None:
        """Note a mistake."""
        self.problems.append(Problem(place, code, values))

    def at(self, *path: str | int) -> Place:
        """The place of a part of the filing."""
        return source.locate(self.node, path)

    # The head and the keys, on the nodes, so that they are checked even where a value is wrong

    def check_head(self) -> None:
        """The form and the pack are the ones in use, and the filing stands on its own."""
        head = self.node.entries if isinstance(self.node, Table) else {}
        for name, code, expected in (("schema", "schema-unknown", SCHEMA), ("pack", "pack-other", self.pack)):
            found = head.get(name)
            if isinstance(found, source.Scalar) and found.text is not None and found.text != expected:
                self.wrong(found.place, code, text=found.text, expected=expected)
        if isinstance(self.node, Table):
            for name in (revising.REVISES, revising.REMOVED):
                if name in head:  # neither is left where a file was laid over another
                    self.wrong(self.node.keys[name], f"{name}-alone")

    def check_keys(self) -> None:
        """Every item of a list has a key of its own."""
        if not isinstance(self.node, Table):
            return
        for name, node in self.node.entries.items():
            if name in self.words.lists:
                self._keys_of(node, self.words.entities[self.words.lists[name]])
            elif name in self.words.singles and isinstance(node, Table):
                self._nested_keys(node, self.words.entities[self.words.singles[name]])

    def _nested_keys(self, node: Table, entity: Entity) -> None:
        for field in entity.fields.values():
            if field.type == "list" and field.name in node.entries:
                self._keys_of(node.entries[field.name], self.words.entities[field.of])

    def _keys_of(self, node: Node, entity: Entity) -> None:
        items = node.entries.get("items") if isinstance(node, Table) else node
        if not isinstance(items, Sequence):
            return
        if len(items.items) > MAX_ITEMS:
            self.wrong(items.place, "items-many", n=len(items.items), limit=MAX_ITEMS)
        seen: dict[str, int] = {}
        # The key has a message of its own below.
        required = [field.name for field in entity.fields.values() if field.required and field.name not in (entity.key, "name")]
        for item in items.items:
            if not isinstance(item, Table):
                continue
            scalars = _scalars(item)
            for part in required:
                given = item.entries.get(part, NOTHING)
                if isinstance(given, source.Scalar) and given.text is None:
                    self.wrong(item.place, "field-missing", name=part)
            name = key_field(entity, {part: scalar.text for part, scalar in scalars.items()})
            key = scalars[name].text if name else None
            if name is None or key is None:
                self.wrong(item.place, "key-missing", name=entity.key)
            elif key != key.strip():  # a workbook cannot keep them, and nobody sees them in a path
                self.wrong(scalars[name].place, "key-blanks", name=key)
            elif any(char in key for char in "[]"):
                self.wrong(scalars[name].place, "key-characters", name=key)
            elif key in seen:
                self.wrong(scalars[name].place, "key-repeated", name=key, line=seen[key])
            else:
                seen[key] = item.place.line
            self._nested_keys(item, entity)

    def further(self) -> list[Problem]:
        """What else is wrong in a filing whose form is not right: looked for in what is left of it without that."""
        from compliance.shape import sound_part

        left, lost = sound_part(self.node, self.problems)
        keys = _Reader(self.words, left, self.pack, self.readings)
        keys.check_keys()  # an item whose key was wrong has none left
        left, more = sound_part(left, keys.problems)
        issuer = left.entries.get("issuer") if isinstance(left, Table) else None
        if isinstance(left, Table) and isinstance(issuer, Table) and "code" not in issuer.entries:
            issuer = revising.put(issuer, "code", source.Scalar("0" * 6, issuer.place))  # in the place of one that is wrong
            left = revising.put(left, "issuer", issuer)
        form, wrong = formed(left, self.words)
        again = _Reader(self.words, left, self.pack, self.readings)
        again.check_keys()
        if form is None or wrong or again.problems:  # where places do not tell the parts of a filing apart, for one
            return []
        again.rules, again.judged = self.rules, self.judged
        again.filing(form)
        return [problem for problem in again.problems if not _follows(problem, lost | more)]

    # The filing

    def filing(self, form: Any) -> Filing:
        """The filing of a validated form."""
        self.documents = form.documents
        assumed = self.evidence(form.evidence)
        assert isinstance(self.node, Table)
        for name in self.words.singles:
            if getattr(form, name) is not None:
                self.fields(getattr(form, name), self.words.root, f"{name}.", self.row, self.node.entries[name])
        for name, entity in self.words.lists.items():
            if getattr(form, name) is not None:
                field, node = self.words.root.fields[name], self.node.entries[name]
                self.list_of(getattr(form, name), field, self.words.entities[entity], name, self.row, node)
        self.refer()
        self.check_paths(form)
        answers = self.judge(form)
        stated = self.stated(form.filing_conclusions)
        ties = (*list_ties(self.words, self.facts, self.items, self.row), *self.tables(form.tables))
        documents = {
            name: {"title": part.title, "date": part.date or "", "number": part.number or ""}
            for name, part in sorted(form.documents.items())
        }
        return Filing(
            name=self.node.place.document,
            words=self.words,
            row=self.row,
            facts=self.facts,
            items=self.items,
            answers=answers,
            assumed=assumed,
            documents=documents,
            stated=stated,
            ties=ties,
            sha256=self.hash(answers, assumed, documents, stated, _printed(form.tables)),
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
            self.wrong(self.at("as_of"), error.code, **error.values)
            return None
        if not figure.exact:
            self.wrong(self.at("as_of"), "day-bad", text=text)
        return dates.iso(figure.low)

    def fields(self, form: Any, entity: Entity, prefix: str, row: Row, node: Node) -> None:
        """The fields of one item or single part: into its row, and into the facts by path."""
        assert isinstance(node, Table)
        flat = prefix if entity.name == ROOT else ""
        given = vars(form)
        own = self.words.entities[self.words.singles[flat[:-1]]] if flat else entity
        for name in own.fields:
            value = given.get(name)
            if value is None:
                continue
            field = entity.fields[flat + name]
            path, part = prefix + name, node.entries[name]
            if field.type == "list":
                self.list_of(value, field, self.words.entities[field.of], path, row, part)
                continue
            figure = value if isinstance(value, Figure) else None
            if figure is not None:
                row[field.slot] = figure.low
                row[field.slot + 1] = figure.high
            elif field.type == "ref":
                self.references.append((row, field, value, part.place))
            text = figure.text if figure else value
            self.facts[path] = Fact(path, field, figure, text, self.place_of(path, part.place.document), part.place, row, field.slot)

    def list_of(self, form: Any, field: Field, entity: Entity, path: str, row: Row, node: Node) -> None:
        """A list: its items in the order of their keys, so that the order written does not matter."""
        if form.at is not None:
            self.check_document(form.at, node)
            self.put(path, form.at, node.place.document)
        listed_at = node.entries.get("items") if isinstance(node, Table) else node
        nodes = listed_at.items if isinstance(listed_at, Sequence) else ()
        items = {}
        for item, part in zip(form.items, nodes, strict=True):
            name = key_field(entity, {name: part.text for name, part in _scalars(part).items()})
            items[_scalars(part)[name or ""].text or ""] = (item, part)
        rows = []
        for key in sorted(items):
            item, part = items[key]
            inner = f"{path}[{key}]"
            if item.at is not None:
                self.check_document(item.at, part)
                self.put(inner, item.at, part.place.document)
            new = self.blank(entity)
            self.items[inner] = (entity.name, new)
            self.fields(item, entity, f"{inner}.", new, part)
            rows.append(new)
        row[field.slot], row[field.slot + 1] = rows, 0 if form.complete else 1
        text = "complete" if form.complete else "open"
        self.facts[path] = Fact(path, field, None, text, self.place_of(path, node.place.document), node.place, row, field.slot)

    def blank(self, entity: Entity) -> Row:
        """A row of which nothing is known. A reference in it leads to another such row."""
        row = self.words.blank_row(entity.name)
        for field in entity.fields.values():
            if field.type == "ref":
                row[field.slot] = self.words.blank_row(self.words.lists[field.of])
        return row

    def refer(self) -> None:
        """Resolve the references, now that all items are known."""
        for row, field, key, place in self.references:
            found = self.items.get(f"{field.of}[{key}]")
            if found is None:
                self.wrong(place, "reference-unknown", list=field.of, name=key)
            else:
                row[field.slot] = row[field.slot + 1] = found[1]

    def cell(self, path: str) -> tuple[Row, Field] | None:
        """The row and field that a path leads to."""
        return cell_of(self.words, self.items, path)

    def judge(self, form: Any) -> dict[str, tuple[Answer, ...]]:
        """The filing's own answers by path; those to questions of fact go into the rows and facts."""
        answers, problems = answers_of(form.judgements, OWN, self.node, self.words, self.cell, self.readings, self.documents, self.judged)
        self.problems += problems
        by_path: dict[str, tuple[Answer, ...]] = {}
        for answer in answers:
            if answer.path in self.facts and answer.path not in by_path:
                self.wrong(answer.place, "judgement-twice", path=answer.path)
            by_path[answer.path] = (answer,)
            if isinstance(answer.value, Figure):
                found = self.cell(answer.path)
                assert found is not None
                row, field = found
                row[field.slot], row[field.slot + 1] = answer.value.low, answer.value.high
                self.facts[answer.path] = fact_of(answer, row, field)
        return by_path

    # Evidence

    def evidence(self, forms: list[Any]) -> dict[str, Any]:
        """Places by path; gives the facts that are taken for granted, with the reason."""
        assumed: dict[str, Any] = {}
        for index, form in enumerate(forms):
            if form.at is None and form.assumed is None:
                self.wrong(self.at("evidence", index), "field-missing", name="at")
            if form.at is not None:
                self.check_document(form.at, _at(self.node, ("evidence", index)))
            for path in form.facts:
                if form.at is not None:
                    self.put(path, form.at, self.at("evidence", index, "at").document)
                if form.assumed is not None:
                    reason = {"zh": form.assumed.zh, "en": form.assumed.en}
                    assumed[path] = min(assumed.get(path, reason), reason, key=lambda text: (text["zh"], text["en"]))
        return dict(sorted(assumed.items()))

    def put(self, path: str, at: Any, file: str) -> None:
        """Note where a fact stands; of two places for one fact the lower counts, in whatever order they come."""
        evidence = evidence_of(at)
        assert evidence is not None
        places = self.places.setdefault(path, {})
        places[file] = min(places.get(file, evidence), evidence)

    def check_document(self, at: Any, node: Node | None) -> None:
        """A place is in a document that is listed."""
        if at.document not in self.documents and node is not None:
            self.wrong(source.locate(node, ("at", "document")), "document-unknown", name=at.document)

    def place_of(self, path: str, file: str) -> Evidence | None:
        """The evidence of a fact: its own, else that of what it belongs to, as far as the file that states it says so."""
        own = self.places.get(path)
        if own is not None:
            return own.get(file) or min(own.values())
        while path:
            if file in (places := self.places.get(path, {})):
                return places[file]
            path = path[: path.rindex("[")] if path.endswith("]") else split(path)[0]
        return None

    def check_paths(self, form: Any) -> None:
        """Evidence leads to facts that the filing states (or leaves open, where they are assumed)."""
        for index, entry in enumerate(form.evidence):
            for number, path in enumerate(entry.facts):
                known = path in self.words.singles or (path and path in self.items) or self.cell(path) is not None
                if not known:
                    self.wrong(self.at("evidence", index, "facts", number), "path-unknown", path=path)

    def stated(self, forms: list[Any]) -> tuple[Stated, ...]:
        """What the filing itself concludes."""
        found = []
        for index, form in enumerate(forms):
            at = ("filing_conclusions", index)
            if self.rules is not None and form.rule not in self.rules:
                from difflib import get_close_matches

                near = get_close_matches(form.rule, self.rules, 3)
                known = listed(near) if near else {"zh": "无", "en": "none"}
                self.wrong(self.at(*at, "rule"), "rule-stated", name=form.rule, known=known)
            if form.verdict not in VERDICTS:
                self.wrong(self.at(*at, "verdict"), "choice-bad", text=form.verdict, expected=listed(VERDICTS))
            if form.at is not None:
                self.check_document(form.at, _at(self.node, at))
            text = {"zh": form.text.zh, "en": form.text.en} if form.text else None
            found.append(Stated(form.rule, form.verdict, text, evidence_of(form.at)))
        return tuple(sorted(found, key=lambda stated: (stated.rule, repr(stated))))

    def tables(self, forms: list[Any]) -> list[Tie]:
        """The ties of the printed tables, in the order of their ids."""
        found: list[Tie] = []
        seen: dict[str, int] = {}
        for index, form in sorted(enumerate(forms), key=lambda entry: (entry[1].id, entry[0])):
            at = ("tables", index)
            if form.id in seen:
                self.wrong(self.at(*at, "id"), "key-repeated", name=form.id, line=seen[form.id])
            seen.setdefault(form.id, self.at(*at).line)
            if form.at is not None:
                self.check_document(form.at, _at(self.node, at))
            lines = [((*at, "rows", number, "values"), row.values) for number, row in enumerate(form.rows)]
            sound = [self.figures(path, values, form) for path, values in [*lines, ((*at, "total"), form.total)]]
            if all(sound):
                found += table_ties(form, evidence_of(form.at))
        return found

    def figures(self, path: tuple[str | int, ...], values: list[str], form: Any) -> bool:
        """Whether a row of a printed table has a readable figure for each column."""
        sound = len(values) == len(form.columns)
        if not sound:
            self.wrong(self.at(*path), "table-width", found=len(values), expected=len(form.columns))
        for index, text in enumerate(values):
            try:
                figure_of(text, form.unit)
            except Unreadable as error:
                self.wrong(self.at(*path, index), error.code, **error.values)
                sound = False
        return sound

    def hash(self, answers: Mapping[str, tuple[Answer, ...]], *others: Any) -> str:
        """The SHA-256 of what the filing says, whatever the order, format or file it was written in."""
        said: dict[str, Any] = {}
        for path, fact in self.facts.items():
            value = fact.value
            said[path] = [fact.text, fact.evidence, *([value.low, value.high, value.step] if value is not None else [])]
        given = {path: [plain(answer) for answer in parts] for path, parts in answers.items()}
        everything = [said, given, *others]
        text = json.dumps(everything, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _follows(problem: Problem, lost: Collection[str]) -> bool:
    """Whether a mistake may follow from another: what it does not find may stand in a part that was left out."""
    if problem.code not in ("path-unknown", "reference-unknown", "document-unknown"):
        return False
    named = str(problem.values.get("list") or problem.values.get("path") or "documents")
    return named.partition("[")[0].partition(".")[0] in lost


def _printed(tables: list[Any]) -> list[Any]:
    """The printed tables for the hash, in whatever order they and their rows were written."""
    found = []
    for table in tables:
        rows = sorted([row.name, *row.values] for row in table.rows)
        found.append([table.id, table.title, table.unit, table.columns, rows, table.total, evidence_of(table.at)])
    return sorted(found, key=lambda table: str(table[0]))


def _scalars(node: Node) -> dict[str, source.Scalar]:
    entries = node.entries if isinstance(node, Table) else {}
    return {name: part for name, part in entries.items() if isinstance(part, source.Scalar)}


def key_field(entity: Entity, texts: Mapping[str, Any]) -> str | None:
    """The field that holds an item's key: the entity's key field, else its name."""
    return next((name for name in (entity.key, "name") if name and texts.get(name)), None)


def _at(node: Node, path: tuple[str | int, ...]) -> Node | None:
    """The node at a path."""
    for step in path:
        if isinstance(node, Table) and isinstance(step, str) and step in node.entries:
            node = node.entries[step]
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
        else:
            return None
    return node


__all__ = ["load", "load_answers", "read"]
