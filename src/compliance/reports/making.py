"""What the parts of one view have in common, and what both languages have: the record, the book, and texts that many findings repeat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from compliance.engine import todo
from compliance.engine.plain import Plain
from compliance.engine.verdict import UNSETTLED
from compliance.facts.filing import split
from compliance.reports import beside, sentences, written
from compliance.reports.dossier import WHOLE
from compliance.reports.model import FactRow
from compliance.reports.words import say

if TYPE_CHECKING:
    from compliance.packs.book import Pack, Rule
    from compliance.reports.dossier import Dossier
    from compliance.vocabulary import Field, Text


class Common:
    """What the views of one record have in common in every language, each part made when it is first asked for."""

    def __init__(self, record: Plain, pack: Pack) -> None:
        self.record = record
        self.pack = pack
        self._fields: dict[str, Field | None] = {}
        self._labels: dict[str, Text] = {"": pack.vocabulary.root.label}

    def field(self, path: str) -> Field | None:
        """The field that a path leads to."""
        if path not in self._fields:
            self._fields[path] = sentences.field_of(self.pack.vocabulary, path)
        return self._fields[path]

    def label(self, path: str) -> Text:
        """A path in words."""
        if path not in self._labels:
            self._labels[path] = sentences.labels(path, self.pack)
        return self._labels[path]

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The rules of the book by their ids."""
        return {rule.id: rule for rule in self.pack.rules}

    @cached_property
    def settlers(self) -> Mapping[str, dict[tuple[str, str], None]]:
        """For each rule, who could settle its finding or turn it."""
        return {found["rule"]: settlers(found, self) for found in self.record.get("findings", ())}

    @cached_property
    def parties(self) -> Mapping[tuple[str, str], int]:
        """Who could settle or turn anything, with how many findings."""
        return parties(self.settlers.values())

    @cached_property
    def parties_of(self) -> Mapping[str, tuple[int, ...]]:
        """For each rule, the places in ``parties`` of who could settle its finding or turn it."""
        at = {name: index for index, name in enumerate(self.parties)}
        return {rule: tuple(sorted(at[name] for name in named)) for rule, named in self.settlers.items()}

    @cached_property
    def bearing(self) -> Mapping[str, list[int]]:
        """For each rule, the positions of what was taken for granted and bears on it."""
        return bearing(self.record)

    @cached_property
    def missing(self) -> list[dict[str, Any]]:
        """What the open findings need (see ``engine.todo``), with what each is called, in both languages."""
        return [{**row, "label": self.label(row["path"])} for row in todo.needed(self.record)]

    @cached_property
    def agenda(self) -> list[Plain]:
        """Everything to bring or to judge (see ``engine.todo``)."""
        return todo.agenda(self.record)


class Making:
    """What the parts of one view have in common: the record, the book, the language, and texts that many findings repeat."""

    def __init__(self, dossier: Dossier, lang: str, kind: str = WHOLE) -> None:
        self.kind = kind
        self.common = dossier.common()
        self.record: Plain = dossier.record
        self.pack = dossier.pack
        self.lang = lang
        self.texts = dossier.texts
        self.places = [sentences.place(self.record, index, lang) for index in range(len(self.record.get("places", ())))]
        self.papers = [str(found.get("index", "")) for found in self.record.get("places", ())]
        labels = [(name, measure.label[lang]) for name, measure in self.pack.measures.items()]
        self.lists = {name: self.pack.vocabulary.entities[entity].label[lang] for name, entity in self.pack.vocabulary.lists.items()}
        self.terms = dict(labels + [(name, parameter.label[lang]) for name, parameter in self.pack.parameters.items()])
        self.changed: dict[str, str] = {}
        for one in beside.changes(dossier.difference, lang, dossier.pack):
            line = say("changed-one", lang, part=one.part, old=one.old, new=one.new, cause=one.cause)
            self.changed[one.rule] = say("join", lang).join(filter(None, (self.changed.get(one.rule), line)))
        self._rows: dict[tuple[str, str, int | None], tuple[str, FactRow]] = {}

    def place(self, index: int | None) -> str:
        """A place of the record in words."""
        return "" if index is None else self.places[index]

    def field(self, path: str) -> Field | None:
        """The field that a path leads to."""
        return self.common.field(path)

    def label(self, path: str) -> str:
        """A path in words."""
        return self.common.label(path)[self.lang]

    def row(self, part: Plain) -> tuple[str, FactRow]:
        """A fact as a row, and the path of its item; the same row wherever the same fact was read."""
        key = (part["path"], part["value"], part.get("place"))
        if key not in self._rows:
            found = self.field(part["path"])
            shown = written.value(found, part["value"], self.pack.vocabulary, self.lang)
            label = found.label[self.lang] if found is not None else part["path"]
            index = part.get("place")
            paper = "" if index is None else self.papers[index]
            type_of = found.type if found is not None else ""
            self._rows[key] = split(part["path"])[0], FactRow(part["path"], label, shown, self.place(index), paper, type_of)
        return self._rows[key]


def parties(settled: Iterable[Iterable[tuple[str, str]]]) -> dict[tuple[str, str], int]:
    """Who could settle an open finding or turn a decided one, in both languages, with how many findings; those with most first."""
    counted: dict[tuple[str, str], int] = {}
    for named in settled:
        for name in named:
            counted[name] = counted.get(name, 0) + 1
    return dict(sorted(counted.items(), key=lambda one: -one[1]))


def settlers(found: Plain, common: Common) -> dict[tuple[str, str], None]:
    """The parties from which a finding's needs come; where it is decided but not robust, those of its questions."""
    named: dict[tuple[str, str], None] = {}
    sources = []
    if found["verdict"] in UNSETTLED:
        sources = [need["who"] for need in found.get("needs", ()) if "who" in need]
    elif found["verdict"] in ("pass", "fail") and not found.get("robust"):
        asked = (path for part in found.get("questions", ()) for path in part.get("facts", ()))
        sources = [one.who for one in map(common.field, asked) if one is not None and one.who]
    for who in sources:
        zh, en = (who[lang].split(say("and", lang)) for lang in ("zh", "en"))
        pairs = zip(zh, en, strict=True) if len(zh) == len(en) else [(who["zh"], who["en"])]
        named.update(dict.fromkeys(pairs))
    return named


def bearing(record: Plain) -> dict[str, list[int]]:
    """For each rule, the positions of what was taken for granted and bears on it: a fact that it read, a reading that it hangs on,
    the law of another day."""
    facts: dict[str, list[int]] = {}
    readings: dict[str, list[int]] = {}
    days: dict[str, list[int]] = {}
    for number, part in enumerate(record.get("assumptions", ())):
        kind = {"reading": readings, "law_day": days}.get(part["kind"], facts)
        kind.setdefault(part["path"], []).append(number)
    found = {}
    for one in record.get("findings", ()):
        on = set(days.get(one["rule"], ()))
        on.update(number for fact in one.get("facts", ()) for number in facts.get(fact["path"], ()))
        on.update(number for question in one.get("questions", ()) for number in readings.get(question["id"], ()))
        found[one["rule"]] = sorted(on)
    return found


def named(cite: Plain) -> tuple[str, str, str]:
    """What a citation is known by: the instrument, the first day of its version, the article."""
    return cite["instrument"], cite.get("version_from", ""), cite["article"]
