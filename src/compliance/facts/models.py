"""Strict, frozen pydantic models made from a vocabulary: values are read from their texts as a filing is validated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, create_model

from compliance.facts.values import NO, YES, value_of
from compliance.source import Unreadable
from compliance.vocabulary import Entity, Field, Vocabulary


class Form(BaseModel):
    """The base of every model: nothing unknown, nothing converted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


def _validator(field: Field, words: Vocabulary, needed: bool) -> Callable[[Any], Any]:
    """As ``value_of``; an explicit null is a fact left out, where it may be."""

    # A function of its own rather than a partial: pydantic writes out what it is given, and that would be all words.
    def validate(text: Any) -> Any:
        if text is not None:
            return value_of(field, words, text)
        if needed:
            raise Unreadable("field-missing", name=field.name)
        return None

    return validate


def _flag(value: Any) -> Any:
    if value in (*YES, *NO):
        return value in YES
    raise Unreadable("flag-bad", text=value if isinstance(value, str) else "…")


Flag = Annotated[bool, BeforeValidator(_flag)]


class Both(Form):
    """A text in both languages."""

    zh: str
    en: str


def _both(value: Any) -> Any:
    return {"zh": value, "en": value} if isinstance(value, str) else value


Either = Annotated[Both, BeforeValidator(_both)]


class At(Form):
    """Where a fact stands: document, page, line or section, working-paper index, and who entered it."""

    document: str
    page: str | None = None
    line: str | None = None
    section: str | None = None
    index: str | None = None
    by: str | None = None


class DocumentForm(Form):
    """A document that evidence refers to."""

    title: str
    date: str | None = None
    number: str | None = None


class EvidenceForm(Form):
    """Where facts stand, or that they are taken for granted and why."""

    facts: list[str]
    at: At | None = None
    assumed: Either | None = None


class JudgementForm(Form):
    """An answer to a question: of fact (``path``) or of law (``path: reading.<id>``)."""

    path: str
    answer: str
    reason: Either | None = None
    at: At | None = None


class StatedForm(Form):
    """What the filing itself concludes on a rule."""

    rule: str
    verdict: str
    text: Either | None = None
    at: At | None = None


class TableRow(Form):
    """A row of a printed table."""

    name: str
    values: list[str]


class TableForm(Form):
    """A printed table whose total should be the sum of its rows."""

    id: str
    title: str
    unit: str
    columns: list[str]
    rows: list[TableRow]
    total: list[str]
    at: At | None = None


class AnswersForm(Form):
    """A file of one party's answers."""

    schema_: str
    party: str
    judgements: list[JudgementForm]
    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))


def models(words: Vocabulary, present: Collection[str]) -> type[BaseModel]:
    """The model of a filing, with models of its own for the parts that occur (``present``); made once for each such set."""
    key = (id(words), frozenset(present))
    found = _MADE.get(key)
    if found is None:
        if len(_MADE) >= MAX_MADE:
            _MADE.clear()
        found = _MADE[key] = (words, _Maker(words).filing(present))
    return found[1]


MAX_MADE = 256
_MADE: dict[tuple[int, frozenset[str]], tuple[Vocabulary, type[BaseModel]]] = {}  # the vocabulary is kept, so that its id stays its own


class _Maker:
    """Makes each entity's model once."""

    def __init__(self, words: Vocabulary) -> None:
        self.words = words
        self.made: dict[str, type[BaseModel]] = {}

    def entity(self, entity: Entity, single: bool = False) -> type[BaseModel]:
        """The model of an entity."""
        if entity.name in self.made:
            return self.made[entity.name]
        fields: dict[str, Any] = {}
        for field in entity.fields.values():
            kind: Any
            needed = field.required and single
            if field.type == "list":
                kind = self.listed(self.words.entities[field.of])
            else:
                kind = Annotated[Any, BeforeValidator(_validator(field, self.words, needed))]
            fields[field.name] = (kind, ... if needed else None)
        if not single:
            fields["at"] = (At | None, None)
        model: type[BaseModel] = create_model(entity.name, __base__=Form, **fields)
        self.made[entity.name] = model
        return model

    def listed(self, entity: Entity) -> Any:
        """The type of a list of an entity: complete or not, and its items."""
        item = self.entity(entity)
        # Whoever writes that a list is complete and no items has forgotten them, or has to say so with ``items: []``.
        fields: dict[str, Any] = {"complete": (Flag, False), "items": (list[item], ...), "at": (At | None, None)}  # type: ignore[valid-type]
        form = create_model(f"{entity.name}_list", __base__=Form, **fields)

        def bare(value: Any) -> Any:
            if isinstance(value, str):
                raise Unreadable("shape-list")
            return {"items": value} if isinstance(value, list) else value

        return Annotated[form | None, BeforeValidator(bare)]

    def filing(self, present: Collection[str]) -> type[BaseModel]:
        """The model of the whole filing."""
        fields: dict[str, Any] = {
            "schema_": (str, ...),
            "pack": (str, ...),
            "as_of": (str | None, None),
            "revises": (Any, None),
            "removed": (Any, None),
            "documents": (dict[str, DocumentForm], {}),
            "evidence": (list[EvidenceForm], []),
            "judgements": (list[JudgementForm], []),
            "filing_conclusions": (list[StatedForm], []),
            "tables": (list[TableForm], []),
        }
        parts: Mapping[str, str] = {**self.words.singles, **self.words.lists}
        for name, entity in parts.items():
            if name not in present:
                fields[name] = (Any, None)
            elif name in self.words.singles:
                fields[name] = (self.entity(self.words.entities[entity], single=True) | None, None)
            else:
                fields[name] = (self.listed(self.words.entities[entity]), None)
        fields["issuer"] = (fields["issuer"][0], ...) if "issuer" in fields else (Any, None)
        base = type("FilingForm", (Form,), {"model_config": ConfigDict(alias_generator=lambda name: name.rstrip("_"))})
        model: type[BaseModel] = create_model("filing", __base__=base, **fields)
        return model
