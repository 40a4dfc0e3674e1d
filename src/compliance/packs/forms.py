"""The shapes of a pack's files. Pydantic checks them; what the parts mean to each other is checked in ``loading``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from compliance import dates


def _flag(value: Any) -> Any:
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("flag")


def _many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _day(value: Any) -> Any:
    day = dates.parse(value) if isinstance(value, str) else None
    if day is None or not day.exact:
        raise ValueError("day")
    return value


def _count(value: Any) -> Any:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 5:
        return int(value)
    raise ValueError("count")


Line = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[str, BeforeValidator(_day)]
Cites = Annotated[list[Line], BeforeValidator(_many)]
Lines = Annotated[list[Line], BeforeValidator(_many)]
Parties = Annotated[list[Literal["sponsor", "lawyer", "accountant"]], BeforeValidator(_many)]
Name = Annotated[str, StringConstraints(pattern=r"^[^\W\d]\w{0,60}$")]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+){0,9}$", max_length=80)]
Value = Line | list[Line]
Sourced = Literal["two_copies", "one_copy", "press", "not_found"]


class Form(BaseModel):
    """The base of every form: nothing unknown, nothing converted. What checks a form is built when it is first asked to."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class Both(Form):
    """A text in both languages."""

    zh: Line
    en: Line


class FieldForm(Form):
    """One field of an entity."""

    type: Line
    label: Both
    of: Line | None = None
    min: Line | None = None
    max: Line | None = None
    scale: Annotated[int, BeforeValidator(_count)] | None = None
    rounded: Flag = False
    open_ended: Flag = False
    required: Flag = False
    meaning: Both | None = None
    open_when: Line | None = None
    settled_by: Literal["filing", "judgement", "market"] = "filing"
    question: Line | None = None
    shared: Flag = False
    alike: Lines = []
    who: Both | None = None
    document: Both | None = None


class EntityForm(Form):
    """One entity and its fields."""

    label: Both
    key: Line | None = None
    ends: Line | None = None
    fields: dict[Name, FieldForm]


class PartForm(Form):
    """A part of the filing: an entity that stands once, or a list of them."""

    entity: Line | None = None
    list: Line | None = None
    label: Both | None = None
    totals: dict[Line, Line] | None = None
    settled_by: Literal["filing", "market"] = "filing"
    who: Both | None = None
    document: Both | None = None


class QuestionForm(Form):
    """A question to a person."""

    text: Both
    bring: Both


class VersionForm(Form):
    """One version of an instrument, in force from its day."""

    number: Line
    from_: Day
    sourced: Sourced | None = None
    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))


class InstrumentForm(Form):
    """A law, rule or guideline, with the articles that may be cited and how many items each has."""

    title: Both
    body: Both
    rank: Both
    short: Both | None = None
    versions: list[VersionForm]
    articles: dict[Line, Annotated[int, BeforeValidator(_count)]]
    confirmed: Flag = False


class ValueForm(Form):
    """One value of a parameter, in force from its day until the next."""

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))
    from_: Day
    until: Day | None = None
    value: Value
    cite: Cites


class ParameterForm(Form):
    """A number or set of the law, dated."""

    type: Line
    label: Both
    values: list[ValueForm]


class ReadingForm(Form):
    """A point on which the text admits more than one answer."""

    text: Both
    options: dict[Name, Both]
    default: Line
    covers: Lines = []
    taken_by: Both | None = None
    note: Both | None = None
    cite: Cites


class TermForm(Form):
    """A named formula on an entity."""

    label: Both
    formula: Line
    cite: Cites
    settles: Both | None = None


class MeasureForm(Form):
    """A named formula on the filing."""

    label: Both
    formula: Line
    cite: Cites


class ExceptionForm(Form):
    """A labelled exception to a rule: another limit or another requirement where ``when`` holds."""

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))
    id: Id
    title: Both
    covers: Lines = []
    from_: Day | None = None
    until: Day | None = None
    when: Line
    limit: Line | None = None
    require: Line | None = None
    verdict: Literal["judgement"] | None = None
    cite: Cites


class MessageForm(Form):
    """What a finding says, for each verdict that needs words of its own."""

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))
    pass_: Both
    fail: Both
    judgement: Both
    missing: Both
    not_applicable: Both | None = None


class TestForm(Form):
    """An inline test: facts in, finding out."""

    name: Both
    facts: dict[Line, Any]
    answers: dict[Line, Line] | None = None
    as_of: Day | None = None
    expect: dict[Line, Line]


class ScenarioForm(Form):
    """Vague facts put at one of their ends, under a name."""

    label: Both
    at: dict[Line, Literal["least", "most"]]


class MarginForm(Form):
    """A fact to solve for: how far it may go with the rule still met, shown also as a share of ``base``.

    ``variable`` is a fact of the filing itself, or ``list[].field`` for each item of a list whose field is vague.
    """

    variable: Line
    base: Line | None = None
    label: Both
    scenarios: list[ScenarioForm] = []


class MoveForm(Form):
    """A fact that moves along with a variable: which, for which items, and how."""

    path: Line
    where: Line | None = None
    by: Literal["same", "proportion", "shared", "each", "equal", "at_least", "at_most"] = "same"
    against: Flag = False


class WayForm(Form):
    """One way to move a variable: all that moves along with it, and what ``compliance routes`` asks of it."""

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))
    label: Both
    asks: list[Literal["most", "least", "earliest", "latest"]] = []
    with_: list[MoveForm] = []


class VariableForm(Form):
    """A figure or day that the issuer is free to choose, in which steps and directions, and the ways to move it."""

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))
    path: Line
    label: Both
    step: Line | None = None
    may: list[Literal["less", "more", "earlier", "later"]]
    from_: Line | None = None
    ways: dict[Id, WayForm]


class PremiseForm(Form):
    """What a conclusion asks for: a rule's verdict or what is said of it, a fact that is a word, or another conclusion."""

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))
    verdict: Lines | None = None
    robust: Lines | None = None
    filing_says: Lines | None = None
    fact: Lines | None = None
    concluded: Lines | None = None
    is_: Lines = []


class ConclusionForm(Form):
    """What follows, in words, where every premise is met; of an opinion, the parties that have to give it."""

    id: Id
    kind: Literal["article", "eligibility", "opinion", "request", "alternative"]
    parties: Parties = []
    when: list[PremiseForm]
    text: Both


class RuleForm(Form):
    """One rule."""

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))
    id: Id
    covers: Lines
    title: Both
    restated: Both
    force: Literal["condition", "examined", "disclosure", "house"]
    fail_as: Literal["fail", "judgement"] = "fail"
    from_: Day
    until: Day | None = None
    law: Lines
    held_on: Lines = []
    cite: Cites
    applies: Line | None = None
    limit: Line | None = None
    require: Line
    margins: list[MarginForm] = []
    exceptions: list[ExceptionForm] = []
    message: MessageForm
    tests: list[TestForm] = []


class TestsForm(Form):
    """A file of tests: those of each rule, by its id."""

    tests: dict[Id, list[TestForm]]


class ScopeForm(Form):
    """A row of the rule catalogue that the pack leaves out, and why."""

    row: Line
    reason: Both


class RowForm(Form):
    """A row of the catalogue of tests that a pack is held against, and how its text is known (nothing: it is no text)."""

    title: Both
    sourced: Sourced | None = None


class EquivalentForm(Form):
    """A change to the pack that changes no verdict, so that no test can notice it, and why."""

    mutant: Line
    reason: Both


class DraftChangeForm(Form):
    """What a draft would change, and for which rules."""

    rules: Lines
    text: Both


class DraftForm(Form):
    """A draft that is not in force: shown beside the rules it would change, never applied."""

    title: Both
    published: Day
    status: Literal["pending"]
    sourced: Literal["two_copies", "one_copy", "press"]
    changes: list[DraftChangeForm]


class RoutesForm(Form):
    """Where the route stands."""

    path: Line


class CalendarForm(Form):
    """The days on which an exchange has sessions: every weekday from ``since`` to ``until`` but those that are ``closed``."""

    since: Day
    until: Day
    closed: list[Day]
    source: Both


class ChapterForm(Form):
    """A chapter of the book: the file that holds its rules (without its ending), and what readers call it."""

    id: Line
    title: Both


class FileForm(Form):
    """One file of a pack; every section may stand in any file."""

    id: Id | None = None
    extends: Id | None = None
    version: Line | None = None
    title: Both | None = None
    disclaimer: Both | None = None
    routes: RoutesForm | None = None
    chapters: list[ChapterForm] | None = None
    calendar: CalendarForm | None = None
    days: dict[Name, Line] = {}
    words: dict[Name, Line] = {}
    kinds: dict[Name, dict[Name, Both]] = {}
    questions: dict[Name, QuestionForm] = {}
    entities: dict[Name, EntityForm] = {}
    fields: dict[Name, dict[Name, FieldForm]] = {}
    filing: dict[Name, PartForm] = {}
    instruments: dict[Name, InstrumentForm] = {}
    parameters: dict[Name, ParameterForm] = {}
    readings: dict[Name, ReadingForm] = {}
    terms: dict[Name, dict[Name, TermForm]] = {}
    measures: dict[Name, MeasureForm] = {}
    drafts: dict[Name, DraftForm] = {}
    variables: dict[Name, VariableForm] = {}
    rules: list[RuleForm] = []
    conclusions: list[ConclusionForm] = []
    out_of_scope: list[ScopeForm] = []
    catalogue: dict[Line, RowForm] = {}
    equivalent: list[EquivalentForm] = []


SECTIONS = (
    "days",
    "words",
    "kinds",
    "questions",
    "entities",
    "fields",
    "filing",
    "instruments",
    "parameters",
    "readings",
    "terms",
    "measures",
    "catalogue",
    "drafts",
    "variables",
)
SINGLE = ("id", "extends", "version", "title", "disclaimer", "routes", "chapters", "calendar")
