"""A filing as facts by path with their evidence, and as rows of low and high cells, all that the engine sees."""

# Annotations are objects here, not texts: each text in a named tuple would be compiled when the module is imported.

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.quantities import Figure
from compliance.source import Place
from compliance.vocabulary import ROOT, Field, Text, Vocabulary
from compliance.wording import LANGUAGES

if TYPE_CHECKING:
    from compliance.expressions.marks import Marks

Row = list[Any]
NOWHERE = Place("")
DIFFERS = "differs"  # what a fact reads as where the parties that answered do not agree
_MARK = re.compile(r"[.\[\]]")  # what parts a path
_KEYED: Text = {"zh": "［{}］", "en": " [{}]"}  # an item's key after the label of its list
_BETWEEN: Text = {"zh": "·", "en": ", "}  # what parts the labels along a path
OWN = "filing"  # the party whose answers stand in the filing itself: the sponsor


class Evidence(NamedTuple):
    """Where a fact stands in the documents."""

    document: str
    page: str = ""
    line: str = ""
    section: str = ""
    index: str = ""  # type: ignore[assignment]
    by: str = ""


class Fact(NamedTuple):
    """One fact that the filing states: its path, field, value, text and places.

    The value is ``None`` for texts, references and lists; it stands in ``row[slot]`` and the cell after it.
    """

    path: str
    field: Field
    value: Figure | None
    text: str
    evidence: Evidence | None
    place: Place
    row: Row
    slot: int


class Answer(NamedTuple):
    """One party's answer to a question. ``value`` is a figure, or the name of a reading's option."""

    party: str
    path: str
    value: Figure | str
    text: str
    reason: Text | None = None
    evidence: Evidence | None = None
    place: Place = NOWHERE


class Stated(NamedTuple):
    """What the filing itself concludes on a rule."""

    rule: str
    verdict: str
    text: Text | None
    evidence: Evidence | None


class Tie(NamedTuple):
    """A printed total beside the sum of its parts, both at ``scale``; ``tolerance`` is what rounding explains.

    ``kind`` is the type of the figures; of what is counted ``printed`` is the unit that the table has (``人``).
    """

    name: str
    column: str
    computed: int
    stated: int
    tolerance: int
    scale: int
    kind: str
    printed: str
    evidence: Evidence | None

    @property
    def difference(self) -> int:
        """The sum less the printed total."""
        return self.computed - self.stated

    @property
    def verdict(self) -> str:
        """``exact``, ``rounding`` (a rounding tail) or ``mismatch``."""
        if not self.difference:
            return "exact"
        return "rounding" if abs(self.difference) <= self.tolerance else "mismatch"


@dataclass(slots=True, repr=False)  # to make what nobody asks for costs time whenever the program starts
class Filing:
    """A filing as loaded. ``row`` is the filing's row, lists hold rows of their own; ``items`` are all rows by path."""

    name: str
    words: Vocabulary
    row: Row
    facts: Mapping[str, Fact]
    items: Mapping[str, tuple[str, Row]]
    answers: Mapping[str, tuple[Answer, ...]]
    assumed: Mapping[str, Text]
    documents: Mapping[str, Mapping[str, str]]
    stated: tuple[Stated, ...]
    ties: tuple[Tie, ...]
    sha256: str
    as_of: str | None
    code: str
    issuer_name: str
    # Found when first asked for, from what stands above.
    _owners: dict[int, tuple[str, tuple[Field, ...]]] = field(default_factory=dict, init=False)
    _ranks: dict[str, int] = field(default_factory=dict, init=False)
    _entities: dict[int, str] = field(default_factory=dict, init=False)
    _of_entity: dict[str, list[tuple[int, str, Row]]] = field(default_factory=dict, init=False)
    _marks: "Marks | None" = field(default=None, init=False)
    _numbered: dict[int, int] = field(default_factory=dict, init=False)
    _listed: tuple[Fact, ...] = field(default=(), init=False)

    def entity_of(self, row: Sequence[Any]) -> str:
        """The entity of one of its rows; empty for a row that it does not have."""
        if not self._entities:
            self._entities = {id(item): entity for entity, item in self.items.values()}
        return self._entities.get(id(row), "")

    def rows_of(self, entity: str) -> list[tuple[int, str, Row]]:
        """Its rows of an entity, each with its number among all rows and its path."""
        if not self._of_entity:
            for number, (path, (owner, row)) in enumerate(self.items.items()):
                self._of_entity.setdefault(owner, []).append((number, path, row))
        return self._of_entity.get(entity, [])

    @property
    def marks(self) -> "Marks":
        """Each of its facts as a bit."""
        if self._marks is None:
            from compliance.expressions.marks import Marks

            self._marks = Marks([fact[-2:] for fact in self.facts.values()])
        return self._marks

    def marked(self, marks: int) -> list[Fact]:
        """The facts of these marks, in their order."""
        if not self._listed:
            self._listed = tuple(self.facts.values())
            self._numbered = {number: order for order, number in enumerate(self.marks.numbers)}
        order, bits = self._numbered, f"{marks:b}"[::-1]
        number, found = bits.find("1"), []
        while number >= 0:
            found.append(order[number])
            number = bits.find("1", number + 1)
        found.sort()
        listed = self._listed
        return [listed[number] for number in found]

    def path_of(self, row: Row, slot: int) -> str:
        """The path of the fact that stands in a cell of a row; empty where no field of the filing does."""
        path, fields = self._owner(row)
        number = slot // 2
        if number >= len(fields):
            return ""
        return f"{path}.{fields[number].name}" if path else fields[number].name

    def field_of(self, row: Row, slot: int) -> Field:
        """The field that stands in a cell of a row. Raises ``IndexError`` where none does."""
        return self._owner(row)[1][slot // 2]

    def item_of(self, row: Sequence[Any]) -> str:
        """The path of the item that a row is; empty for the filing's own row and for one that no item has."""
        return self._owner(row)[0]

    def _owner(self, row: Sequence[Any]) -> tuple[str, tuple[Field, ...]]:
        if not self._owners:
            fields = {entity: tuple(self.words.entity(entity).fields.values()) for entity in {entity for entity, _ in self.items.values()}}
            self._owners = {id(item): (path, fields[entity]) for path, (entity, item) in self.items.items()}
        return self._owners.get(id(row), ("", ()))

    def rank(self, path: str) -> int:
        """The position of a stated fact among all of them; what is not stated comes last."""
        if not self._ranks:
            self._ranks = {path: number for number, path in enumerate(self.facts)}
        return self._ranks.get(path, len(self.facts))

    def cell(self, path: str) -> tuple[Row, Field] | None:
        """The row and field that a path leads to, or None. A list is a field of the row it stands in."""
        return cell_of(self.words, self.items, path)

    def label(self, path: str) -> Text:
        """A path in words: the labels of its fields and the keys of its items."""
        return label_of(self.words, path)


def cell_of(words: Vocabulary, items: Mapping[str, tuple[str, Row]], path: str) -> tuple[Row, Field] | None:
    """The row and field that a path leads to, or None."""
    owner, name = split(path)
    if owner in words.singles:
        owner, name = "", path
    entity, row = items.get(owner, ("", []))
    part = words.entity(entity).fields.get(name) if entity else None
    return (row, part) if part is not None else None


def split(path: str) -> tuple[str, str]:
    """A path's owner and last field: ``uses[a].capital`` gives ``uses[a]`` and ``capital``."""
    last = path.rfind(".")
    if last > path.rfind("]"):  # in no item's key, as nearly always
        return path[:last], path[last + 1 :]
    depth = 0
    for index in range(len(path) - 1, -1, -1):
        char = path[index]
        depth += (char == "]") - (char == "[")
        if char == "." and depth == 0:
            return path[:index], path[index + 1 :]
    return "", path


def label_of(words: Vocabulary, path: str) -> dict[str, str]:
    """A path in words, in both languages: ``募集资金用途明细［p1-data］是否资本性支出``."""
    named: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
    entity, item = ROOT, ""
    for name, key in steps(path):
        part = words.entity(entity).fields.get(name)
        if part is None and entity == ROOT and name in words.singles:
            target = words.entities[words.singles[name]]
            label, entity = target.label, target.name
        elif part is None:
            return dict.fromkeys(LANGUAGES, path)
        else:
            label = part.label
            entity = part.of if part.type == "list" else entity
        for lang, parts in named.items():
            if parts and label[lang].startswith(parts[-1]):
                parts.pop()  # a label that begins with what it belongs to says it already
            elif parts and not item and parts[-1].startswith(label[lang]):
                parts[-1] = parts[-1].removeprefix(label[lang]).lstrip()  # and what it belongs to may begin with the label
            parts.append(label[lang] + (_KEYED[lang].format(key) if key else ""))
        item = key
    return {lang: _parted(parts, lang) for lang, parts in named.items()}


def _parted(parts: list[str], lang: str) -> str:
    """The labels along a path as one; in Chinese an item's key parts them by itself."""
    text = ""
    for part in parts:
        text += part if not text or (lang == "zh" and text.endswith(_KEYED[lang][-1])) else _BETWEEN[lang] + part
    return text


@lru_cache(maxsize=4096)  # labels are asked for path by path, in two languages and over and over
def steps(path: str) -> tuple[tuple[str, str], ...]:
    """The steps of a path: each field with the key of its item, where there is one."""
    found = []
    start = depth = 0
    for mark in _MARK.finditer(path):
        char = mark[0]
        if char != ".":
            depth += 1 if char == "[" else -1
        elif depth == 0:
            found.append(path[start : mark.start()])
            start = mark.end()
    if depth == 0:
        found.append(path[start:])
    parts = [part.partition("[") for part in found]
    return tuple([(name, key.removesuffix("]")) for name, _, key in parts])
