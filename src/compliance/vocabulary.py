"""The entities and fields of a rule book: what a filing can say, with types, units, labels, questions and who settles them.

A vocabulary is data (a pack's ``facts.yaml``). Here it becomes frozen objects, and every field gets its slots: in a row, a
field stands in two neighbouring cells, its lowest and its highest possible value. Rows are all that the engine sees.
"""

# Annotations are objects here, not texts: each text in a named tuple would be compiled when the module is imported.

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from compliance import dates
from compliance.quantities import BEYOND, QuantityKind
from compliance.quantities import parse as parse_figure

Text = Mapping[str, str]  # {"zh": …, "en": …}
SettledBy = Literal["filing", "judgement", "market"]

SCALES: Mapping[str, int] = {"money": 2, "shares": 0, "price": 6, "ratio": 8, "count": 0}
UNITS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "money": (("CNY", 1),),
    "shares": (("share", 1),),
    "price": (("CNY", 1), ("share", -1)),
    "ratio": (),
    "count": (),
}
MAX_SCALE = 12  # decimals that a field may be held at: finer than any price or share is printed, and far below what 64 bits lose
MAX_MEMBERS = 60  # a kind is held as a set of bits in one 64-bit number
PLAIN_TYPES = ("text", "code", "flag", "date", "list", "ref", *SCALES)
ROOT = "filing"


class Field(NamedTuple):
    """One field of an entity.

    ``type`` is one of ``PLAIN_TYPES`` or ``kind`` (then ``of`` names the kind). ``least``/``most`` bound a figure, at its
    scale. ``open_when`` says for which items the value is a judgement (an expression over the item's fields); ``shared``
    that one answer settles it for all items; ``alike`` names the fields on which items that agree should be answered alike.
    ``slot`` is the first of its two cells in the row, ``unit`` the one in which filings mostly print it, where that is not the usual one.
    """

    entity: str
    name: str
    type: str
    slot: int
    label: Text
    of: str = ""
    scale: int = 0
    least: int | None = None
    most: int | None = None
    rounded: bool = False
    open_ended: bool = False
    required: bool = False
    meaning: Text | None = None
    open_when: str | None = None
    settled_by: SettledBy = "filing"
    question: str | None = None
    shared: bool = False
    alike: tuple[str, ...] = ()
    who: Text | None = None
    document: Text | None = None
    totals: Mapping[str, str] | None = None
    unit: str = ""

    @property
    def numeric(self) -> bool:
        """Whether the value is a figure at ``10**-scale`` of its unit."""
        return self.type in SCALES


class Entity(NamedTuple):
    """One thing a filing speaks of: its fields by name, the field that identifies an item of it in a list, and the day it ends."""

    name: str
    label: Text
    key: str
    fields: Mapping[str, Field]
    ends: str = ""

    @property
    def width(self) -> int:
        """How many cells a row of it has."""
        return 2 * len(self.fields)


class Question(NamedTuple):
    """What a person has to judge: the question and what to bring to answer it, in both languages."""

    id: str
    text: Text
    bring: Text


class Vocabulary(NamedTuple):
    """Everything a filing can say. ``root`` is the filing itself, its single entities flattened (``offering.route``).

    ``blanks`` are the rows of which nothing is known, by entity: each is made when first asked for, and copied from then on.
    """

    kinds: Mapping[str, Mapping[str, Text]]
    questions: Mapping[str, Question]
    entities: Mapping[str, Entity]
    root: Entity
    singles: Mapping[str, str]
    lists: Mapping[str, str]
    blanks: dict[str, list[Any]]

    def entity(self, name: str) -> Entity:
        """An entity by name; the filing itself under ``ROOT``."""
        return self.root if name == ROOT else self.entities[name]

    def along(self, path: str) -> tuple[Field, ...]:
        """The fields on a path of a pack: one of the filing, or a list and then a field of its items (``list[].field``).

        None where it leads nowhere.
        """
        name, marker, inner = path.partition("[].")
        first = self.root.fields.get(name)
        if first is None or not marker:
            return () if first is None else (first,)
        part = self.entities[self.lists[name]].fields.get(inner) if name in self.lists else None
        return () if part is None else (first, part)

    def bit(self, kind: str, member: str) -> int:
        """The bit that stands for a member of a kind. Raises ``KeyError``."""
        return 1 << list(self.kinds[kind]).index(member)

    def all_bits(self, kind: str) -> int:
        """Every member of a kind: what an unknown value may be."""
        return (1 << len(self.kinds[kind])) - 1

    def members(self, kind: str, bits: int) -> list[str]:
        """The members that a set of bits stands for, in the order declared."""
        return [name for index, name in enumerate(self.kinds[kind]) if bits >> index & 1]

    def blank(self, field: Field) -> tuple[Any, Any]:
        """The two cells of a field about which nothing is known: its whole domain."""
        if field.numeric:
            return (-BEYOND if field.least is None else field.least), (BEYOND if field.most is None else field.most)
        if field.type == "date":
            return dates.FIRST_DAY, dates.LAST_DAY
        if field.type == "flag":
            return 0, 1
        if field.type == "kind":
            return 0, self.all_bits(field.of)
        if field.type == "list":
            return (), 1
        return None, None

    def blank_row(self, entity: str) -> list[Any]:
        """A row of an entity of which nothing is known. A reference in it leads nowhere (``None``)."""
        row = self.blanks.get(entity)
        if row is None:
            row = self.blanks[entity] = [end for field in self.entity(entity).fields.values() for end in self.blank(field)]
        return row.copy()

    def fields(self) -> Iterator[Field]:
        """Every field, those of the filing itself first."""
        yield from self.root.fields.values()
        for entity in self.entities.values():
            yield from entity.fields.values()


def build(plain: Mapping[str, Any]) -> Vocabulary:
    """The vocabulary of a ``facts.yaml`` whose shape has been checked (see ``packs``), as plain dicts and texts."""
    kinds = {name: dict(members) for name, members in plain.get("kinds", {}).items()}
    questions = {name: Question(name, q["text"], q["bring"]) for name, q in plain.get("questions", {}).items()}
    entities = {}
    for name, form in plain["entities"].items():
        fields: dict[str, Field] = {}
        for field_name, field in form["fields"].items():
            fields[field_name] = _field(name, field_name, field, 2 * len(fields), kinds)
        entities[name] = Entity(name, form["label"], form.get("key") or "", fields, form.get("ends") or "")
    flat: dict[str, Field] = {}
    singles, lists = {}, {}
    for name, part in plain["filing"].items():
        if part.get("entity"):
            singles[name] = part["entity"]
            for field_name, form in plain["entities"][part["entity"]]["fields"].items():
                full = f"{name}.{field_name}"
                flat[full] = _field(ROOT, full, form, 2 * len(flat), kinds)
        else:
            lists[name] = part["list"]
            form = {**part, "type": "list", "of": part["list"]}
            flat[name] = _field(ROOT, name, form, 2 * len(flat), kinds)
    label = {"zh": "申报材料", "en": "filing"}
    return Vocabulary(kinds, questions, entities, Entity(ROOT, label, "", flat), singles, lists, {})


def _field(entity: str, name: str, form: Mapping[str, Any], slot: int, kinds: Mapping[str, Any]) -> Field:
    given = form.get
    kind = form["type"]
    of = given("of", "")
    if kind in kinds:
        kind, of = "kind", kind
    scale = int(given("scale") or SCALES.get(kind, 0))
    least, most = given("min"), given("max")
    # In the order of ``Field``: by name it takes twice the time, and a rule book has hundreds.
    return Field(
        entity,
        name,
        kind,
        slot,
        form["label"],
        of,
        scale,
        bound(least, kind, scale) if least is not None else None,
        bound(most, kind, scale) if most is not None else None,
        bool(given("rounded")),
        bool(given("open_ended")),
        bool(given("required")),
        given("meaning"),
        given("open_when"),
        given("settled_by", "filing"),
        given("question"),
        bool(given("shared")),
        tuple(given("alike") or ()),
        given("who"),
        given("document"),
        given("totals"),
        given("unit") or "",
    )


def bound(text: str, kind: str, scale: int) -> int:
    """A bound of a figure as declared; a bare ``0`` needs no unit. Raises ``Unreadable``."""
    if text.strip() == "0":
        return 0
    quantity: QuantityKind = kind  # type: ignore[assignment]
    return parse_figure(text, quantity, scale).low
