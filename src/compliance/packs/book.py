"""The rule book as frozen objects: what the engine decides with. It is assembled from checked plain data (see ``loading``)."""

# Annotations are objects here, not texts: each text in a named tuple would be compiled when the module is imported.

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance import dates, vocabulary
from compliance.expressions.formula import Clause, Formula
from compliance.expressions.tree import Node, Type, from_json, parameters_of, type_of
from compliance.vocabulary import Text, Vocabulary
from compliance.wording import LANGUAGES, TEXTS

if TYPE_CHECKING:
    from compliance.expressions.types import Reading as ReadingName

SOURCED = ("two_copies", "one_copy", "press", "not_found")  # how a text is known, best first; never from the gazette so far
AS_OF = "as_of"  # the day of the check, which a rule may name beside the days of the filing


class Citation(NamedTuple):
    """An article of an instrument, with item, as cited (``五(一)``)."""

    instrument: str
    article: str


class Version(NamedTuple):
    """A version of an instrument: its number, its days ``[start, end)``, and how it is known where that is less than its rows are."""

    number: str
    start: int
    end: int
    sourced: str = ""


class Instrument(NamedTuple):
    """A law, rule or guideline."""

    id: str
    title: Text
    short: Text
    body: Text
    rank: Text
    versions: tuple[Version, ...]
    articles: Mapping[str, int]
    confirmed: bool

    def version_on(self, day: int) -> Version | None:
        """The version in force on a day."""
        return next((version for version in self.versions if version.start <= day < version.end), None)


class Value(NamedTuple):
    """A parameter's value on the days ``[start, end)``; ``value`` is a whole number at the parameter's scale, or bits."""

    start: int
    end: int
    value: int
    shown: str
    cite: tuple[Citation, ...]


class Parameter(NamedTuple):
    """A number or set of the law, dated."""

    name: str
    label: Text
    type: Type
    quantity: str
    values: tuple[Value, ...]

    def on(self, day: int) -> Value | None:
        """The value in force on a day."""
        return next((value for value in self.values if value.start <= day < value.end), None)


class Reading(NamedTuple):
    """A point on which the law's text admits more than one answer. ``default`` is an option, or ``both``."""

    id: str
    text: Text
    options: Mapping[str, Text]
    default: str
    covers: tuple[str, ...]
    note: Text | None
    taken_by: Text | None
    cite: tuple[Citation, ...]
    slot: int

    @property
    def all_bits(self) -> int:
        """Every option."""
        return (1 << len(self.options)) - 1

    def bit(self, option: str) -> int:
        """The bit of an option. Raises ``ValueError``."""
        return 1 << list(self.options).index(option)


class Exempt(NamedTuple):
    """A labelled exception of a rule (its conditions and requirement are in the rule's formula).

    ``verdict`` is what the finding says where the exception is in force and not met (None: that it fails). ``flag`` names the
    parameter that is 1 on its days, where it has days of its own.
    """

    id: str
    title: Text
    covers: tuple[str, ...]
    cite: tuple[Citation, ...]
    verdict: str | None
    flag: str | None = None


class Scenario(NamedTuple):
    """Vague facts put at one of their ends (``least`` or ``most``), by path (``list[].field`` for every item of a list)."""

    label: Text
    at: Mapping[str, str]


class Margin(NamedTuple):
    """A fact to solve for: how far it may go with the rule still met; ``base`` is what it is shown as a share of."""

    variable: str
    base: str | None
    label: Text
    scenarios: tuple[Scenario, ...]


class Move(NamedTuple):
    """A fact that moves along with a variable (see ``docs/packs.md`` for ``by``).

    ``path`` is a fact of the filing itself, ``list[].field`` for items of a list, or ``as_of``; ``where`` says for which
    items; ``against`` that it moves the other way.
    """

    path: str
    where: Node | None
    by: str
    against: bool


class Way(NamedTuple):
    """A way to move a variable: what moves along, and which of its extremes are asked for route by route."""

    id: str
    label: Text
    asks: tuple[str, ...]
    moves: tuple[Move, ...]


class Variable(NamedTuple):
    """A figure or day that the issuer is free to choose.

    ``path`` is a fact of the filing itself or ``as_of``; ``step`` the least change, in units of the field (days for a
    day); ``may`` the directions in which a remedy moves it; ``start`` the first day it can be: a day number, the name of a
    day of the pack, or None.
    """

    id: str
    label: Text
    path: str
    step: int
    may: tuple[str, ...]
    start: int | str | None
    ways: tuple[Way, ...]


PARTIES = ("sponsor", "lawyer", "accountant")  # who may have to give an opinion
FORCES = ("condition", "examined", "disclosure", "house")  # what a rule that is not met means for the filing


class Concluding(NamedTuple):
    """A conclusion of the pack: its premises as ``(kind, subjects, values)``, what it says, and who has to give the opinion."""

    id: str
    kind: str
    when: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    text: Text
    parties: tuple[str, ...] = ()


class Draft(NamedTuple):
    """A draft that is not in force: what it would change in each rule. It is shown and never applied."""

    id: str
    title: Text
    published: int
    sourced: str
    changes: Mapping[str, Text]


class Named(NamedTuple):
    """A term or measure: its label, what it settles by kind, its citations, its typed formula (measures only)."""

    name: str
    label: Text
    cite: tuple[Citation, ...]
    node: Node | None
    settles: Text | None


class Row(NamedTuple):
    """A row of the catalogue that the pack is held against: its title, and how its text is known ("": it is no text)."""

    id: str
    title: Text
    sourced: str


class Rule(NamedTuple):
    """One rule of the book.

    ``fail_as``: what a requirement that is not met is reported as, ``fail`` or ``judgement``. ``unit``: what its counts count.
    """

    id: str
    covers: tuple[str, ...]
    title: Text
    restated: Text
    force: str
    fail_as: str
    start: int
    end: int
    law: tuple[str, ...]
    held_on: tuple[str, ...]
    cite: tuple[Citation, ...]
    formula: Formula
    exceptions: tuple[Exempt, ...]
    margins: tuple[Margin, ...]
    message: Mapping[str, Text]
    unit: Text | None
    terms: tuple[str, ...]
    tests_text: str | None
    place: str

    @property
    def chapter(self) -> str:
        """The chapter of the book that it stands in: its file, by name."""
        return self.place.partition(":")[0].rpartition("/")[2].removesuffix(".yaml")

    @property
    def tests(self) -> tuple[Mapping[str, Any], ...]:
        """Its tests, taken out of their JSON. Raises ``LookupError`` in a book that was loaded without them."""
        if self.tests_text is None:
            raise LookupError(f"the book was loaded without its tests: {self.id}")
        return tuple(json.loads(self.tests_text))

    def fields(self) -> Iterator[tuple[str, str]]:
        """The (entity, field) pairs that the rule reads; a reading stands under the entity ``reading``."""
        seen = set()
        for top in self.formula.nodes():
            for node in top.walk():
                if node.op == "field" and (node.value[0], node.value[1]) not in seen:
                    seen.add((node.value[0], node.value[1]))
                    yield node.value[0], node.value[1]

    def parameters(self) -> frozenset[str]:
        """The parameters that the rule reads."""
        return _parameters(self.formula.nodes())

    def standing(self) -> frozenset[str]:
        """The parameters without which the rule is not in force: all but those that exceptions with days of their own alone read."""
        kept = [clause for clause, own in zip(self.formula.clauses, (None, *self.exceptions), strict=True) if own is None or not own.flag]
        return _parameters(Formula(self.formula.applies, tuple(kept)).nodes())


def _parameters(tops: Iterable[Node]) -> frozenset[str]:
    return frozenset().union(*[parameters_of(top) for top in tops])


class Pack(NamedTuple):
    """A whole rule book."""

    id: str
    version: str
    sha256: str
    base_sha256: str
    title: Text
    disclaimer: Text
    route: str
    days: Mapping[str, str]
    words: Mapping[str, str]
    forces: Mapping[str, Text]
    signatures: Mapping[str, Sequence[Text]]
    chapters: Mapping[str, Text]
    vocabulary: Vocabulary
    instruments: Mapping[str, Instrument]
    parameters: Mapping[str, Parameter]
    readings: Mapping[str, Reading]
    terms: Mapping[str, Named]
    measures: Mapping[str, Named]
    open_when: Mapping[tuple[str, str], Node]
    rules: tuple[Rule, ...]
    conclusions: tuple[Concluding, ...]
    out_of_scope: Mapping[str, Text]
    catalogue: Mapping[str, Row]
    equivalent: Mapping[str, Text]
    drafts: Mapping[str, Draft]
    variables: Mapping[str, Variable]
    plain: Mapping[str, Any]

    def rule(self, name: str) -> Rule:
        """A rule by its id. Raises ``KeyError``."""
        for rule in self.rules:
            if rule.id == name:
                return rule
        raise KeyError(name)

    def force(self, name: str) -> Text:
        """What rules of a force are called: as the book says, else by the plain word."""
        return self.forces.get(name) or {lang: TEXTS[name][lang] for lang in LANGUAGES}

    def sha256_of(self, rule: Rule) -> str:
        """The content hash of the pack that a rule belongs to: of the one extended, unless the rule is the house's own."""
        return self.base_sha256 if self.base_sha256 and rule.force != "house" else self.sha256

    @property
    def options(self) -> dict[str, tuple[str, ...]]:
        """The options of each reading: what an answer to a question of law may say."""
        return {name: tuple(reading.options) for name, reading in self.readings.items()}

    def sourced(self, covers: Iterable[str], version: Version | None) -> str:
        """How the text behind some rows is known: as the least known of them that was found at all ("": none is a text).

        A version of an instrument that is known less well than that counts as it is known.
        """
        known = {row.sourced for name in covers if (row := self.catalogue.get(name)) is not None and row.sourced}
        found = known - {SOURCED[-1]} or known
        if version is not None and version.sourced:
            found = found | {version.sourced}
        return max(found, key=SOURCED.index, default="")

    def slots(self) -> dict[str, int]:
        """The position of each parameter in the tuple that generated code takes."""
        return {name: index for index, name in enumerate(self.parameters)}

    def boundaries(self, rule: Rule) -> tuple[int, ...]:
        """The days on which something that the rule reads changes: a value, or the rule itself."""
        days = {rule.start, rule.end}
        for name in rule.parameters():
            for value in self.parameters[name].values:
                days |= {value.start, value.end}
        return tuple(sorted(day for day in days if rule.start <= day <= rule.end))


def assemble(checked: Mapping[str, Any]) -> Pack:
    """The book from checked plain data: everything is resolved, so nothing here can fail."""
    words = vocabulary.build(checked["vocabulary"])
    trees = from_json(checked["trees"])
    readings: dict[str, Reading] = {}
    for name, form in checked["readings"].items():
        slot = words.root.width + 2 * len(readings)
        readings[name] = Reading(
            name, form["text"], form["options"], form["default"], tuple(form["covers"]), form["note"], form["taken_by"], _cites(form), slot
        )
    return Pack(
        id=checked["id"],
        version=checked["version"],
        sha256=checked["sha256"],
        base_sha256=checked["base_sha256"],
        title=checked["title"],
        disclaimer=checked["disclaimer"],
        route=checked["route"],
        days=checked["days"],
        words=checked["words"],
        forces=checked["forces"],
        signatures=checked["signatures"],
        chapters=checked["chapters"],
        vocabulary=words,
        instruments={name: _instrument(name, form) for name, form in checked["instruments"].items()},
        parameters={name: _parameter(name, form) for name, form in checked["parameters"].items()},
        readings=readings,
        terms={name: _named(name, form, trees) for name, form in checked["terms"].items()},
        measures={name: _named(name, form, trees) for name, form in checked["measures"].items()},
        open_when={(entity, field): trees[tree] for entity, field, tree in checked["open_when"]},
        rules=tuple(_rule(form, trees) for form in checked["rules"]),
        drafts={name: _draft(name, form) for name, form in checked["drafts"].items()},
        variables={name: _variable(name, form, trees) for name, form in checked["variables"].items()},
        out_of_scope={part["row"]: part["reason"] for part in checked["out_of_scope"]},
        catalogue={name: Row(name, form["title"], form["sourced"] or "") for name, form in checked["catalogue"].items()},
        equivalent={part["mutant"]: part["reason"] for part in checked["equivalent"]},
        conclusions=tuple(_concluding(form) for form in checked["conclusions"]),
        plain=checked,
    )


def reading_names(readings: Mapping[str, Any], words: Vocabulary) -> "dict[str, ReadingName]":
    """The readings as the expressions name them."""
    from compliance.expressions.types import Reading as ReadingName

    return {
        name: ReadingName(name, tuple(form["options"]), words.root.width + 2 * index) for index, (name, form) in enumerate(readings.items())
    }


@lru_cache(maxsize=4_096)
def _day(text: str) -> int:
    """A day that has been checked, as its number. A book names few days, and each of them often."""
    return dates.parse(text).low


def _cites(form: Mapping[str, Any]) -> tuple[Citation, ...]:
    return tuple([Citation(instrument, article) for instrument, article in form["cite"]])


def _spans(forms: list[Any]) -> Iterator[tuple[Any, int, int]]:
    """Dated forms with the half-open days on which each is in force: until its own end, or until the next begins."""
    if len(forms) == 1 and not forms[0].get("until"):  # as most are
        yield forms[0], _day(forms[0]["from"]), dates.NEVER
        return
    starts = [_day(form["from"]) for form in forms]
    for index, form in enumerate(forms):
        end = starts[index + 1] if index + 1 < len(starts) else dates.NEVER
        if form.get("until"):
            end = min(end, _day(form["until"]))
        yield form, starts[index], end


def _instrument(name: str, form: Mapping[str, Any]) -> Instrument:
    versions = tuple([Version(version["number"], start, end, version["sourced"] or "") for version, start, end in _spans(form["versions"])])
    short = form.get("short") or form["title"]
    return Instrument(name, form["title"], short, form["body"], form["rank"], versions, form["articles"], bool(form.get("confirmed")))


def _parameter(name: str, form: Mapping[str, Any]) -> Parameter:
    values = tuple([Value(start, end, value["held"], value["shown"], _cites(value)) for value, start, end in _spans(form["values"])])
    return Parameter(name, form["label"], type_of(form["kind"]), form["quantity"], values)


def _named(name: str, form: Mapping[str, Any], trees: Sequence[Node]) -> Named:
    tree = form.get("tree")
    return Named(name, form["label"], _cites(form), trees[tree] if tree is not None else None, form.get("settles"))


def _rule(form: Mapping[str, Any], trees: Sequence[Node]) -> Rule:
    clauses = tuple([Clause(trees[when] if when is not None else None, trees[require]) for when, require in form["clauses"]])
    exceptions = tuple(Exempt(e["id"], e["title"], tuple(e["covers"]), _cites(e), e["verdict"], e.get("flag")) for e in form["exceptions"])
    return Rule(
        id=form["id"],
        covers=tuple(form["covers"]),
        title=form["title"],
        restated=form["restated"],
        force=form["force"],
        fail_as=form["fail_as"],
        start=_day(form["from"]),
        end=_day(form["until"]) if form["until"] else dates.NEVER,
        law=tuple(form["law"]),
        held_on=tuple(form["held_on"]),
        cite=_cites(form),
        formula=Formula(trees[form["applies"]] if form["applies"] is not None else None, clauses),
        exceptions=exceptions,
        margins=tuple(_margin(margin) for margin in form["margins"]),
        message=form["message"],
        unit=form["unit"],
        terms=tuple(form["terms"]),
        tests_text=form["tests"],
        place=form["place"],
    )


def _concluding(form: Mapping[str, Any]) -> Concluding:
    when = tuple((kind, tuple(subjects), tuple(values)) for kind, subjects, values in form["when"])
    return Concluding(form["id"], form["kind"], when, form["text"], tuple(form["parties"]))


def _margin(form: Mapping[str, Any]) -> Margin:
    scenarios = tuple(Scenario(scenario["label"], scenario["at"]) for scenario in form["scenarios"])
    return Margin(form["variable"], form["base"], form["label"], scenarios)


def _variable(name: str, form: Mapping[str, Any], trees: Sequence[Node]) -> Variable:
    ways = []
    for way, part in form["ways"].items():
        moves = [Move(m["path"], trees[m["where"]] if m["where"] is not None else None, m["by"], m["against"]) for m in part["with"]]
        ways.append(Way(way, part["label"], tuple(part["asks"]), tuple(moves)))
    return Variable(name, form["label"], form["path"], form["step"], tuple(form["may"]), form["from"], tuple(ways))


def _draft(name: str, form: Mapping[str, Any]) -> Draft:
    changes = {rule: change["text"] for change in form["changes"] for rule in change["rules"]}
    return Draft(name, form["title"], _day(form["published"]), form["sourced"], changes)
