"""The view model: a record and its rule book as the lines that a report shows, in one language.

Every report is made from it, and none of them computes anything. All text in it is printable: control characters that an
input holds stand as escapes. The views of one record in two languages have the same shape, part for part.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance import source
from compliance.engine import todo
from compliance.engine.phrases import day_name, spread
from compliance.engine.plain import Plain
from compliance.engine.verdict import GRAVEST, UNSETTLED, overall
from compliance.facts.answers import READING
from compliance.facts.filing import split
from compliance.reports import beside, remedies, sentences
from compliance.reports.bars import Bar, Reach, bar, reaches
from compliance.reports.words import say
from compliance.wording import LANGUAGES

if TYPE_CHECKING:
    from compliance.packs.book import Pack, Rule
    from compliance.vocabulary import Field

PARTIES = ("sponsor", "lawyer", "accountant")  # who may have to give an opinion
_NAME = re.compile(r"\w+")


class FactRow(NamedTuple):
    """A fact that a finding read: its path, what it is, its value as written, where it stands, the working paper, and its type."""

    path: str
    label: str
    value: str
    place: str
    paper: str
    type: str


class FactGroup(NamedTuple):
    """The facts of one item: its path, what it is, and the facts."""

    path: str
    label: str
    rows: tuple[FactRow, ...]


class QuestionRow(NamedTuple):
    """A question that bears on a finding, once for all items it is asked of: who answered what, and what to bring."""

    text: str
    answers: tuple[str, ...]
    bring: str


class NeedRow(NamedTuple):
    """What an open finding lacks, in parts: what, who has it, where it usually stands, and the verdicts that it alone could give."""

    label: str
    settled_by: str
    who: str
    document: str
    settles: str


class Cited(NamedTuple):
    """A citation: the instrument's title, the article, the version in force with how it was confirmed, and the official wording,
    a paragraph a line, where the user brought it."""

    title: str
    article: str
    version: str
    wording: tuple[str, ...] = ()


class FindingView(NamedTuple):
    """One finding as lines. ``parties`` are positions in the view's parties: who could settle or turn it."""

    rule: str
    chapter: str
    parties: tuple[int, ...]
    title: str
    verdict: str
    word: str
    force: str
    force_word: str
    robust: bool | None
    covers: tuple[str, ...]
    message: str
    restated: str
    figures: tuple[tuple[str, str], ...]
    rests: str
    flips: tuple[str, ...]
    needs: tuple[str, ...]
    lacks: tuple[NeedRow, ...]
    margins: tuple[str, ...]
    remedies: tuple[str, ...]
    cites: str
    citations: tuple[str, ...]
    cited: tuple[Cited, ...]
    why: tuple[str, ...]
    days: tuple[str, ...]
    exceptions: tuple[str, ...]
    working: tuple[str, ...]
    terms: tuple[tuple[str, str], ...]
    facts: tuple[FactGroup, ...]
    questions: tuple[QuestionRow, ...]
    filing_says: str
    taken: tuple[str, ...]
    fingerprint: str
    bar: Bar | None
    reaches: tuple[Reach, ...]
    drafts: tuple[str, ...]
    changed: str
    official: tuple[str, ...] = ()


class TodoRow(NamedTuple):
    """Something that is missing or for people to judge: what, from whom, where it stands, and the rules it bears on."""

    path: str
    label: str
    settled_by: str
    who: str
    document: str
    settles: tuple[str, ...]
    bears: tuple[str, ...]


class Step(NamedTuple):
    """Something to bring or to judge, and how far it is from a verdict: ``distance`` items, it included, have to come together.

    ``settles`` are the open rules that it alone could decide, ``turns`` the decided ones that it could turn (with others, if the
    distance is above one), ``bears`` all it bears on.
    """

    path: str
    label: str
    settled_by: str
    who: str
    document: str
    distance: int
    settles: tuple[str, ...]
    turns: tuple[str, ...]
    bears: tuple[str, ...]


class Conclusion(NamedTuple):
    """What follows from several findings, their rules, and of an opinion the parties that have to give it."""

    text: str
    because: tuple[str, ...]
    opine: tuple[str, ...]


class Opinions(NamedTuple):
    """What several parties answered to one question of a rule; a party that said nothing is left empty."""

    rule: str
    question: str
    answers: tuple[str, ...]
    differ: bool


class Tally(NamedTuple):
    """A name and how many findings it is about, for a filter."""

    code: str
    label: str
    findings: int


class View(NamedTuple):
    """A whole record as lines."""

    lang: str
    issuer: str
    as_of: str
    route: str
    record_id: str
    cover: tuple[tuple[str, str], ...]
    verdict: str
    sentence: str
    counts: tuple[tuple[str, str, int], ...]
    passes: str
    coverage: tuple[str, ...]
    brought: str
    chapters: tuple[Tally, ...]
    parties: tuple[Tally, ...]
    fails: tuple[FindingView, ...]
    open: tuple[FindingView, ...]
    fragile: tuple[FindingView, ...]
    robust: tuple[FindingView, ...]
    not_applicable: tuple[FindingView, ...]
    upcoming: tuple[str, ...]
    drafts: tuple[str, ...]
    todo: tuple[TodoRow, ...]
    agenda: tuple[Step, ...]
    conclusions: tuple[Conclusion, ...]
    inconsistencies: tuple[str, ...]
    agreement: str
    disagreements: tuple[str, ...]
    opinions_of: tuple[str, ...]
    opinions: tuple[Opinions, ...]
    ties: str
    tie_rows: tuple[tuple[str, ...], ...]
    mismatches: tuple[str, ...]
    assumptions: tuple[str, ...]
    material: tuple[str, ...]
    documents: tuple[str, ...]
    routes: beside.Matrix | None
    timeline: beside.Timeline | None
    changes: tuple[beside.Change, ...]
    out_of_scope: tuple[tuple[str, str], ...]
    provenance: tuple[tuple[str, str], ...]
    absent: tuple[tuple[str, str], ...]
    basis: str
    disclaimer: str

    def findings(self) -> tuple[FindingView, ...]:
        """Every finding that applies or may, the gravest first."""
        return self.fails + self.open + self.fragile + self.robust


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that a report is made from: the record and its rule book, and the other records about the filing where there are any.

    ``places`` tells for a fact's path where it is written in the filing, for the formats that point into it. ``texts`` is the
    official wording that the user brought, by instrument, first day of the version and article.
    """

    record: Plain
    pack: Pack
    lang: str = "zh"
    strict: bool = False
    routes: Plain | None = None
    timeline: Plain | None = None
    difference: Plain | None = None
    places: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    _made: dict[tuple[str, bool], View] = field(default_factory=dict, init=False, repr=False, compare=False)

    def view(self, lang: str = "", brief: bool = False) -> View:
        """The view in a language, by default the dossier's own; a ``brief`` one leaves out what no summary shows of a finding.

        Each is made once, however many forms show it; where the whole one is made already it serves as the brief one.
        """
        key = (lang or self.lang, brief)
        if key not in self._made:
            whole = self._made.get((key[0], False))
            self._made[key] = whole if whole is not None else view_of(self, *key)
        return self._made[key]


def build(record: Plain, pack: Pack, lang: str, strict: bool = False) -> View:
    """The view of a record alone; with ``strict`` every rule counts for the sentence, not only conditions."""
    return view_of(Dossier(record, pack, lang, strict), lang)


class Making:
    """What the parts of one view have in common: the record, the book, the language, and texts that many findings repeat."""

    def __init__(self, dossier: Dossier, lang: str, brief: bool = False) -> None:
        self.brief = brief
        self.record: Plain = dossier.record
        self.pack = dossier.pack
        self.lang = lang
        self.texts = dossier.texts
        self.rules: Mapping[str, Rule] = {rule.id: rule for rule in self.pack.rules}
        self.places = [sentences.place(self.record, index, lang) for index in range(len(self.record.get("places", ())))]
        self.papers = [str(found.get("index", "")) for found in self.record.get("places", ())]
        labels = [(name, measure.label[lang]) for name, measure in self.pack.measures.items()]
        self.terms = dict(labels + [(name, parameter.label[lang]) for name, parameter in self.pack.parameters.items()])
        self.changed: dict[str, str] = {}
        for one in beside.changes(dossier.difference, lang):
            line = say("changed-one", lang, part=one.part, old=one.old, new=one.new, cause=one.cause)
            self.changed[one.rule] = say("join", lang).join(filter(None, (self.changed.get(one.rule), line)))
        self._fields: dict[str, Field | None] = {}
        self._labels: dict[str, str] = {}
        self.settlers = {found["rule"]: settlers(found, self) for found in self.record.get("findings", ())}
        self.bearing = bearing(self.record)
        self.parties = parties(self.settlers.values())
        self.party_of = {name: index for index, name in enumerate(self.parties)}
        self._rows: dict[tuple[str, str, int | None], tuple[str, FactRow]] = {}

    def place(self, index: int | None) -> str:
        """A place of the record in words."""
        return "" if index is None else self.places[index]

    def field(self, path: str) -> Field | None:
        """The field that a path leads to."""
        if path not in self._fields:
            self._fields[path] = sentences.field_of(self.pack.vocabulary, path)
        return self._fields[path]

    def label(self, path: str) -> str:
        """A path in words."""
        if path not in self._labels:
            self._labels[path] = sentences.label(path, self.pack, self.lang) if path else self.pack.vocabulary.root.label[self.lang]
        return self._labels[path]

    def row(self, part: Plain) -> tuple[str, FactRow]:
        """A fact as a row, and the path of its item; the same row wherever the same fact was read."""
        key = (part["path"], part["value"], part.get("place"))
        if key not in self._rows:
            found = self.field(part["path"])
            shown = sentences.value(found, part["value"], self.pack.vocabulary, self.lang)
            label = found.label[self.lang] if found is not None else part["path"]
            index = part.get("place")
            paper = "" if index is None else self.papers[index]
            type_of = found.type if found is not None else ""
            self._rows[key] = split(part["path"])[0], FactRow(part["path"], label, shown, self.place(index), paper, type_of)
        return self._rows[key]


def view_of(dossier: Dossier, lang: str, brief: bool = False) -> View:
    """The view of a dossier in a language, whole or ``brief`` (see ``Dossier.view``)."""
    record, pack, strict = dossier.record, dossier.pack, dossier.strict
    making = Making(dossier, lang, brief)
    listed = record.get("findings", ())
    findings = [finding(found, making) for found in listed]
    findings.sort(key=lambda found: found.force != "condition")
    says = [found for found in listed if "filing_says" in found]
    ties = record.get("ties", ())
    mismatched = [tie for tie in ties if tie["verdict"] == "mismatch"]
    verdict = overall(list(listed), strict)
    answering = answerers(record)
    made = View(
        lang=lang,
        issuer=issuer(record, lang),
        as_of=record["as_of"],
        route=route(record, pack, lang),
        record_id=record_id(record),
        cover=cover(record, pack, lang),
        verdict=verdict,
        sentence=sentence(record, verdict, lang, strict),
        counts=tuple((code, say(code, lang), sum(1 for found in findings if found.verdict == code)) for code in GRAVEST),
        passes=passes(findings, lang),
        coverage=coverage(record, pack, lang),
        brought=brought(dossier, lang),
        chapters=chapters(findings, pack, lang),
        parties=tuple(Tally(str(n), name[lang == "en"], count) for n, (name, count) in enumerate(making.parties.items())),
        fails=tuple(found for found in findings if found.verdict == "fail"),
        open=tuple(found for found in findings if found.verdict in UNSETTLED),
        fragile=tuple(found for found in findings if found.verdict == "pass" and not found.robust),
        robust=tuple(found for found in findings if found.verdict == "pass" and found.robust),
        not_applicable=tuple(found for found in findings if found.verdict == "not_applicable"),
        upcoming=tuple(say("upcoming-one", lang, rule=rule["rule"], day=rule["from"]) for rule in record.get("upcoming", ())),
        drafts=tuple(draft(found, record, lang) for found in record.get("drafts", ())),
        todo=tuple(todo_row(row, lang) for row in missing(record, pack)),
        agenda=tuple(step(row, making) for row in todo.agenda(record)),
        conclusions=tuple(conclusion(found, pack, lang) for found in record.get("conclusions", ())),
        inconsistencies=tuple(inconsistency(found, pack, lang) for found in record.get("inconsistencies", ())),
        agreement=agreement(says, lang),
        disagreements=tuple(disagreement(found, lang) for found in says if not found["filing_says"]["agrees"]),
        opinions_of=tuple(say("party-filing", lang) if name == "filing" else name for name in answering),
        opinions=opinions(record, answering, making),
        ties=say("ties", lang, rounding=len(ties) - len(mismatched), mismatch=len(mismatched)) if ties else "",
        tie_rows=tuple(tie_row(tie, record, lang) for tie in ties),
        mismatches=tuple(say("tie-bad", lang, **tie_values(tie)) for tie in mismatched),
        assumptions=tuple(assumption(part, lang) for part in record.get("assumptions", ())),
        material=material(making),
        documents=tuple(document(name, form) for name, form in record.get("documents", {}).items()),
        routes=beside.matrix(dossier.routes, lang),
        timeline=beside.timeline(dossier.timeline, lang, {rule.id: rule.title[lang] for rule in dossier.pack.rules}),
        changes=beside.changes(dossier.difference, lang),
        out_of_scope=out_of_scope(pack, lang),
        provenance=provenance(record, lang),
        absent=absent(dossier, lang),
        basis=basis(record, lang),
        disclaimer=record.get("disclaimer", {}).get(lang, ""),
    )
    return printable(made)


# The whole record


def issuer(record: Plain, lang: str) -> str:
    """The issuer's name and code."""
    found = record.get("issuer", {})
    name, code = found.get("name") or say("unnamed", lang), found.get("code")
    return say("issuer", lang, name=name, code=code) if code else name


def route(record: Plain, pack: Pack, lang: str) -> str:
    """The route, and the reason where it is taken for granted or tried."""
    text = record.get("offering", {}).get("route", "")
    if not text:
        return ""
    shown = sentences.value(sentences.field_of(pack.vocabulary, pack.route), text, pack.vocabulary, lang)
    for part in record.get("assumptions", ()):
        if part["kind"] == "fact" and part["path"] == pack.route:
            return say("route-assumed", lang, route=shown, reason=part["text"][lang])
    return say("route", lang, route=shown)


def sentence(record: Plain, verdict: str, lang: str, strict: bool) -> str:
    """The one sentence that comes first."""
    counted = [found for found in record.get("findings", ()) if strict or found["force"] == "condition"]
    counted = [found for found in counted if found["verdict"] != "not_applicable"]
    if not counted:
        return say("say-none", lang, who=issuer(record, lang), day=record["as_of"])
    fail = sum(1 for found in counted if found["verdict"] == "fail")
    opened = sum(1 for found in counted if found["verdict"] in UNSETTLED)
    fragile = sum(1 for found in counted if found["verdict"] == "pass" and not found.get("robust"))
    more = say("more-open", lang, open=opened) if verdict == "fail" and opened else ""
    if verdict != "fail" and fragile:
        more = say("more-fragile", lang, fragile=fragile)
    if strict:
        more += say("say-strict", lang)
    code = {"fail": "say-fail", "judgement": "say-open", "missing": "say-open"}.get(verdict, "say-pass")
    values = {"who": issuer(record, lang), "day": record["as_of"], "total": len(counted), "fail": fail, "open": opened}
    return say(code, lang, more=more, **values)


def record_id(record: Plain) -> str:
    """Sixteen hex digits that name the record: the same for the same program, rule book, facts, day and findings."""
    named = [record["engine"]["version"], record["pack"]["sha256"], record["facts_sha256"], record["as_of"]]
    named += [found["fingerprint"] for found in record.get("findings", ())]
    return hashlib.sha256("\n".join(named).encode()).hexdigest()[:16]


def cover(record: Plain, pack: Pack, lang: str) -> tuple[tuple[str, str], ...]:
    """What the first page says of the filing, as labels and values."""
    found = record.get("issuer", {})
    rows = [("l-issuer", found.get("name") or say("unnamed", lang)), ("l-code", found.get("code", ""))]
    path = pack.words.get("board", "")
    board = next((fact["value"] for part in record.get("findings", ()) for fact in part.get("facts", ()) if fact["path"] == path), "")
    rows.append(("l-board", sentences.value(sentences.field_of(pack.vocabulary, path), board, pack.vocabulary, lang) if board else ""))
    chosen = record.get("offering", {}).get("route", "")
    shown = sentences.value(sentences.field_of(pack.vocabulary, pack.route), chosen, pack.vocabulary, lang) if chosen else ""
    rows += [("l-route", shown), ("l-as-of", record["as_of"]), ("l-book", f"{pack.title[lang]} {record['pack']['version']}")]
    rows.append(("l-record", record_id(record)))
    return tuple((say(code, lang), value) for code, value in rows if value)


def passes(findings: Iterable[FindingView], lang: str) -> str:
    """How many of the passes are robust."""
    passed = [found for found in findings if found.verdict == "pass"]
    return say("passes", lang, n=len(passed), robust=sum(1 for found in passed if found.robust)) if passed else ""


def coverage(record: Plain, pack: Pack, lang: str) -> tuple[str, ...]:
    """How many rules facts alone decide, how many ask people, and how much of the catalogue is out of scope."""
    findings = record.get("findings", ())
    asked = sum(1 for found in findings if any(part["kind"] == "fact" for part in found.get("questions", ())))
    lines = [say("coverage", lang, n=len(findings), facts=len(findings) - asked, asked=asked)]
    if pack.out_of_scope:
        lines.append(say("coverage-out", lang, n=len(pack.out_of_scope)))
    return tuple(lines)


def brought(dossier: Dossier, lang: str) -> str:
    """For how many of the articles cited the user brought the official wording; nothing where none was brought."""
    if not dossier.texts:
        return ""
    cites = {named(cite) for found in dossier.record.get("findings", ()) for cite in found.get("citations", ())}
    return say("official-coverage", lang, n=len(cites), given=len(cites & dossier.texts.keys()))


def named(cite: Plain) -> tuple[str, str, str]:
    """What a citation is known by: the instrument, the first day of its version, the article."""
    return cite["instrument"], cite.get("version_from", ""), cite["article"]


def official(found: Iterable[Cited], lang: str) -> tuple[str, ...]:
    """The official wording of the articles cited, as far as the user brought it, each after the article's name."""
    lines: list[str] = []
    for one in found:
        if one.wording:
            first, *more = one.wording
            lines += [say("official", lang, title=one.title, article=one.article, text=first), *more]
    return tuple(lines)


def chapters(findings: Iterable[FindingView], pack: Pack, lang: str) -> tuple[Tally, ...]:
    """The chapters of the book, each with how many findings it has, in the order of the book."""
    counted: dict[str, int] = {}
    for found in findings:
        counted[found.chapter] = counted.get(found.chapter, 0) + 1
    return tuple(Tally(name, pack.chapters.get(name, {lang: name})[lang], count) for name, count in counted.items())


def parties(settled: Iterable[Iterable[tuple[str, str]]]) -> dict[tuple[str, str], int]:
    """Who could settle an open finding or turn a decided one, in both languages, with how many findings; those with most first."""
    counted: dict[tuple[str, str], int] = {}
    for named in settled:
        for name in named:
            counted[name] = counted.get(name, 0) + 1
    return dict(sorted(counted.items(), key=lambda one: -one[1]))


def settlers(found: Plain, making: Making) -> dict[tuple[str, str], None]:
    """The parties from which a finding's needs come; where it is decided but not robust, those of its questions."""
    named: dict[tuple[str, str], None] = {}
    sources = []
    if found["verdict"] in UNSETTLED:
        sources = [need["who"] for need in found.get("needs", ()) if "who" in need]
    elif found["verdict"] in ("pass", "fail") and not found.get("robust"):
        asked = (path for part in found.get("questions", ()) for path in part.get("facts", ()))
        sources = [one.who for one in map(making.field, asked) if one is not None and one.who]
    for who in sources:
        zh, en = (who[lang].split(say("and", lang)) for lang in ("zh", "en"))
        pairs = zip(zh, en, strict=True) if len(zh) == len(en) else [(who["zh"], who["en"])]
        named.update(dict.fromkeys(pairs))
    return named


def draft(found: Plain, record: Plain, lang: str) -> str:
    """A draft that is not in force, and the rules that it would change."""
    named = say("and", lang).join(_drafted(record, found["draft"]))
    return say("draft-one", lang, title=found["title"][lang], day=found["published"], rules=named)


def step(row: Plain, making: Making) -> Step:
    """A row of the agenda, in one language."""
    path, lang, known = row["path"], making.lang, row["known"]
    facts = known.get("facts") or (path,)
    found = None if path.startswith(READING) else making.field(facts[0])
    label = known["text"][lang] + sentences.places_of(facts, lang) if known.get("text") else making.label(path)
    who, where = known.get("who") or (found.who if found else None), known.get("document") or (found.document if found else None)
    return Step(
        path=path,
        label=label,
        settled_by=known["settled_by"],
        who=who[lang] if who else "",
        document=where[lang] if where else "",
        distance=row["distance"],
        settles=tuple(row["settles"]),
        turns=tuple(row["turns"]),
        bears=tuple(row["bears"]),
    )


def answerers(record: Plain) -> tuple[str, ...]:
    """The parties that answered questions, the filing itself first."""
    named = {"filing": None}
    for found in record.get("findings", ()):
        for part in found.get("questions", ()):
            named.update({one["party"]: None for one in part.get("answers", ())})
    return tuple(named)


def opinions(record: Plain, answering: tuple[str, ...], making: Making) -> tuple[Opinions, ...]:
    """The questions that several parties answered, side by side, each with its reasons; once for each question."""
    rows: dict[tuple[str, str], Opinions] = {}
    for found in record.get("findings", ()):
        for part in found.get("questions", ()):
            given: dict[str, dict[str, list[Plain]]] = {}
            for one in part.get("answers", ()):
                given.setdefault(one["path"], {}).setdefault(one["party"], []).append(one)
            for path, of in given.items():
                if len(of) > 1:
                    said = tuple("; ".join(_said(one, part, making) for one in of.get(party, ())) for party in answering)
                    differ = len({one["answer"] for listed in of.values() for one in listed}) > 1
                    text = part["text"][making.lang] + sentences.places_of([path], making.lang)
                    rows.setdefault((part["id"], path), Opinions(found["rule"], text, said, differ))
    return tuple(rows.values())


def _said(one: Plain, part: Plain, making: Making) -> str:
    shown = sentences.answer(one["answer"], part["id"], [one["path"]], making.pack, making.lang)
    reason = one.get("reason", {}).get(making.lang, "")
    return shown + (say("because", making.lang, reason=reason) if reason else "")


def out_of_scope(pack: Pack, lang: str) -> tuple[tuple[str, str], ...]:
    """The rows of the rule catalogue that the book leaves out, each with its reason."""
    return tuple((name, reason[lang]) for name, reason in pack.out_of_scope.items())


def provenance(record: Plain, lang: str) -> tuple[tuple[str, str], ...]:
    """From what the record was made, whole, as labels and values."""
    pack = record["pack"]
    rows = [
        ("l-record", record_id(record)),
        ("l-pack", f"{pack['id']} {pack['version']}"),
        ("l-pack-hash", pack["sha256"]),
        ("l-facts-hash", record["facts_sha256"]),
        ("l-engine", record["engine"]["version"]),
        ("l-as-of", record["as_of"]),
        ("l-schema", record["schema"]),
    ]
    return tuple((say(code, lang), value) for code, value in rows)


def absent(dossier: Dossier, lang: str) -> tuple[tuple[str, str], ...]:
    """The sections for which nothing was brought, each with a line that says so."""
    given = {"routes": dossier.routes, "timeline": dossier.timeline, "difference": dossier.difference}
    return tuple((name, say(f"absent-{name}", lang)) for name, found in given.items() if found is None)


def agreement(says: list[Plain], lang: str) -> str:
    """How many of the filing's own conclusions the findings share."""
    same = sum(1 for found in says if found["filing_says"]["agrees"])
    return say("agreement", lang, same=same, other=len(says) - same) if says else ""


def disagreement(found: Plain, lang: str) -> str:
    """One conclusion of the filing that the finding does not share."""
    theirs, ours = say(found["filing_says"]["verdict"], lang), say(found["verdict"], lang)
    text = found["filing_says"].get("text", {}).get(lang, "")
    named = found["title"][lang] + say("where", lang, items=found["rule"])
    return say("disagrees", lang, rule=named, theirs=theirs, ours=ours, text=text).rstrip()


def conclusion(found: Plain, pack: Pack, lang: str) -> Conclusion:
    """What follows from several findings, with the rules that it follows from and, as the book names them, who must opine."""
    text = say("conclusion", lang, kind=say(f"kind-{found['kind']}", lang), text=found["text"][lang])
    named = next((one.parties for one in pack.conclusions if one.id == found["id"]), ())
    return Conclusion(text, tuple(found.get("because", ())), named)


def inconsistency(found: Plain, pack: Pack, lang: str) -> str:
    """Items that are alike and were answered differently."""
    entity, _, name = found["field"].partition(".")
    words = pack.vocabulary
    alike = words.entity(entity).fields
    attributes = [f"{alike[key].label[lang]} {sentences.value(alike[key], text, words, lang)}" for key, text in found["attributes"].items()]
    answers = [
        say(
            "inconsistent-answer",
            lang,
            answer=sentences.value(alike[name], part.get("answer", ""), words, lang),
            items=say("and", lang).join(sentences.keys(path) for path in part["items"]),
        )
        for part in found["answers"]
    ]
    joined = say("join", lang)
    return say("inconsistent", lang, label=found["label"][lang], attributes=joined.join(attributes), answers=joined.join(answers))


def missing(record: Plain, pack: Pack) -> list[dict[str, Any]]:
    """What the open findings need (see ``engine.todo``), with what each is called, in both languages."""
    return [{**row, "label": {lang: sentences.label(row["path"], pack, lang) for lang in LANGUAGES}} for row in todo.needed(record)]


def todo_row(row: Plain, lang: str) -> TodoRow:
    """A row of what is missing, in one language."""
    who, document = row.get("who", {}).get(lang, ""), row.get("document", {}).get(lang, "")
    return TodoRow(row["path"], row["label"][lang], row["settled_by"], who, document, tuple(row["settles"]), tuple(row["bears"]))


def tie_values(tie: Plain) -> dict[str, str]:
    """The texts of a tie."""
    return {name: str(tie[name]) for name in ("name", "column", "computed", "stated", "difference")}


def tie_row(tie: Plain, record: Plain, lang: str) -> tuple[str, ...]:
    """A tie as a row of a table."""
    return (*tie_values(tie).values(), say(f"tie-verdict-{tie['verdict']}", lang), sentences.place(record, tie.get("place"), lang))


def assumption(part: Plain, lang: str) -> str:
    """One thing that was taken for granted."""
    text = str(part["text"][lang])
    return f"{part['path']}{say('colon', lang)}{text}" if part["kind"] == "fact" else text


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


def taken(found: Plain, making: Making) -> tuple[str, ...]:
    """What one finding takes for granted, each text once."""
    texts = [making.record["assumptions"][number]["text"] for number in making.bearing[found["rule"]]]
    return tuple(text[making.lang] for text in {tuple(text.values()): text for text in texts}.values())


def material(making: Making) -> tuple[str, ...]:
    """What the conditions that are decided take for granted, first what bears on most of them; lists declared complete aside."""
    rules: dict[tuple[str, ...], set[str]] = {}
    texts: dict[tuple[str, ...], Plain] = {}
    conditions = [
        one["rule"] for one in making.record.get("findings", ()) if one["force"] == "condition" and one["verdict"] in ("pass", "fail")
    ]
    for rule in conditions:
        for number in making.bearing[rule]:
            part = making.record["assumptions"][number]
            if part["kind"] != "complete":
                key = tuple(part["text"].values())
                texts[key] = part["text"]
                rules.setdefault(key, set()).add(rule)
    place = {tuple(part["text"].values()): number for number, part in reversed(list(enumerate(making.record.get("assumptions", ()))))}
    ordered = sorted(rules, key=lambda key: (-len(rules[key]), place[key]))
    return tuple(say("assumed-for", making.lang, text=texts[key][making.lang], n=len(rules[key])) for key in ordered)


def document(name: str, form: Plain) -> str:
    """A document of the filing."""
    return f"{name}: " + ", ".join(form[key] for key in ("title", "number", "date") if form.get(key))


def basis(record: Plain, lang: str) -> str:
    """What the record was made from."""
    pack = record["pack"]
    return say(
        "basis",
        lang,
        pack=pack["id"],
        version=pack["version"],
        pack_hash=pack["sha256"][:12],
        facts_hash=record["facts_sha256"][:12],
        engine=record["engine"]["version"],
    )


# One finding

# What stands for the details in a brief view.
_LISTED = (
    "figures",
    "lacks",
    "citations",
    "cited",
    "why",
    "days",
    "exceptions",
    "working",
    "terms",
    "facts",
    "questions",
    "taken",
    "reaches",
)
UNSEEN: Mapping[str, Any] = {**dict.fromkeys(_LISTED, ()), "filing_says": "", "bar": None}


def finding(found: Plain, making: Making) -> FindingView:
    """A finding as lines; in a brief view without its details."""
    pack, lang = making.pack, making.lang
    rule = making.rules[found["rule"]]
    applies = found["verdict"] != "not_applicable"
    return FindingView(
        rule=found["rule"],
        chapter=chapter(rule),
        parties=tuple(sorted(making.party_of[name] for name in making.settlers[found["rule"]])),
        title=found["title"][lang],
        verdict=found["verdict"],
        word=say(found["verdict"], lang),
        force=found["force"],
        force_word=say(found["force"], lang),
        robust=found.get("robust") if applies else None,
        covers=tuple(found.get("covers", ())),
        message=found["message"][lang],
        restated=found["restated"][lang],
        rests=(sentences.rests(found, lang) + "".join(told(found, lang) for told in (unmet, anyway, on_the_line))).strip(),
        flips=tuple(sentences.flip(flip, found, pack, lang) for flip in found.get("flips", ()) if "change" in flip),
        needs=needs(found, making),
        margins=tuple(sentences.margin(margin, lang) for margin in found.get("margins", ())),
        remedies=remedies.lines(found, lang),
        cites=sentences.citations(found.get("citations", ()), lang),
        fingerprint=found["fingerprint"],
        drafts=tuple(part["text"][lang] for part in found.get("drafts", ())),
        changed=making.changed.get(found["rule"], ""),
        **(UNSEEN if making.brief else details(found, rule, making)),
    )


def details(found: Plain, rule: Rule, making: Making) -> dict[str, Any]:
    """The parts of a finding that no summary shows."""
    record, pack, lang = making.record, making.pack, making.lang
    articles = tuple(cited(cite, making) for cite in found.get("citations", ()))
    return {
        "figures": figures(found, lang),
        "lacks": tuple(lack(need, making) for need in found.get("needs", ())) if found["verdict"] in UNSETTLED else (),
        "citations": tuple(sentences.citation(cite, lang) for cite in found.get("citations", ())),
        "cited": articles,
        "official": official(articles, lang),
        "why": why(rule, found, making),
        "days": days(found, pack, lang),
        "exceptions": exceptions(found, rule, lang),
        "working": tuple(found.get("working", ())),
        "terms": terms(found.get("working", ()), making),
        "facts": facts(found, making),
        "questions": questions(found, making),
        "filing_says": filing_says(found, record, lang),
        "taken": taken(found, making),
        "bar": bar(found, lang),
        "reaches": reaches(found.get("margins", ()), lang),
    }


def chapter(rule: Rule) -> str:
    """The chapter of the book that a rule stands in: its file, by name."""
    return rule.place.partition(":")[0].rpartition("/")[2].removesuffix(".yaml")


def cited(cite: Plain, making: Making) -> Cited:
    """A citation in parts."""
    lang, confirmed = making.lang, sentences.confirmation(cite, making.lang)
    version = say("version-none", lang, confirmed=confirmed)
    if "version_from" in cite:
        version = say("version", lang, number=cite.get("number", ""), day=cite["version_from"], confirmed=confirmed)
    wording = (line.strip() for line in making.texts.get(named(cite), "").splitlines())
    return Cited(cite["title"][lang], cite["article"], version, tuple(line for line in wording if line))


def needs(found: Plain, making: Making) -> tuple[str, ...]:
    """What an open finding needs, or what a decided one would lack once its questions were open."""
    lines = (sentences.need(need, making.label(need["path"]), making.lang) for need in found.get("needs", ()))
    return tuple(lines if found["verdict"] in UNSETTLED else (say("need-beneath", making.lang, need=line) for line in lines))


def lack(need: Plain, making: Making) -> NeedRow:
    """A need in parts."""
    lang = making.lang
    settles = say("or", lang).join(say(verdict, lang) for verdict in need.get("decides", ()))
    who, where = need.get("who", {}).get(lang, ""), need.get("document", {}).get(lang, "")
    return NeedRow(making.label(need["path"]), need["settled_by"], who, where, settles)


def why(rule: Rule, found: Plain, making: Making) -> tuple[str, ...]:
    """The facts on which it hangs whether the rule applies, each with its value; that it does not, only known facts can prove."""
    applies = rule.formula.applies
    if applies is None:
        return (say("applies-always", making.lang),)
    stated = {fact["path"]: fact for fact in found.get("facts", ())}
    lines: dict[str, str] = {}
    unknown = set()
    for node in applies.walk():
        if node.op == "field" and node.args and node.args[0].op == "root" and node.value[1] not in lines:
            path = node.value[1]
            fact = stated.get(path)
            code, value = ("applies-unknown", "") if fact is None else ("applies-fact", making.row(fact)[1].value)
            lines[path] = say(code, making.lang, label=making.label(path), value=value)
            if fact is None:
                unknown.add(path)
    if found["verdict"] == "not_applicable" and len(unknown) < len(lines):
        return tuple(line for path, line in lines.items() if path not in unknown)
    return tuple(lines.values())


def figures(found: Plain, lang: str) -> tuple[tuple[str, str], ...]:
    """Measure, ratio, limit and headroom with their labels."""
    rows = []
    for name in ("measure", "ratio", "limit", "headroom"):
        if name in found:
            value = {**found[name], "unit": "ratio"} if name == "ratio" else found[name]
            rows.append((say(f"l-{name}", lang), spread(value, lang)))
    return tuple(rows)


def unmet(found: Plain, lang: str) -> str:
    """That the requirement is not met and what follows is left to people, if it is so."""
    return (" " if lang == "en" else "") + say("unmet", lang) if found.get("unmet") else ""


def anyway(found: Plain, lang: str) -> str:
    """That the requirement is met, whether or not the rule applies, where that is not known."""
    return (" " if lang == "en" else "") + say("applies-open", lang) if found.get("applies") == "open" else ""


def on_the_line(found: Plain, lang: str) -> str:
    """That the measure stands exactly on the limit, if it does."""
    return (" " if lang == "en" else "") + say("on-the-line", lang) if found.get("on_the_line") else ""


def days(found: Plain, pack: Pack, lang: str) -> tuple[str, ...]:
    """The day that picked the law, and the days the window was held against."""
    stated = found.get("days", {})
    lines = []
    if "law" in stated:
        lines.append(say("law-day", lang, label=day_name(pack, stated["law_day"], lang), day=stated["law"]))
    for name, code in stated.get("held_on", {}).items():
        label, day = day_name(pack, name, lang), stated["dates"].get(name, "")
        lines.append(say("held-day", lang, label=label, day=day, verdict=say(code, lang)))
    return tuple(lines)


def exceptions(found: Plain, rule: Rule, lang: str) -> tuple[str, ...]:
    """The exceptions of the rule, each with whether it is in force."""
    if not rule.exceptions:
        return (say("exception-none", lang),)
    states = {part["id"]: part["state"] for part in found.get("exceptions", ())}
    words = {"in_force": "exception-in", "open": "exception-open", "not_in_force": "exception-not"}
    return tuple(say(words.get(states.get(exempt.id, ""), "exception-out"), lang, title=exempt.title[lang]) for exempt in rule.exceptions)


def terms(working: Iterable[str], making: Making) -> tuple[tuple[str, str], ...]:
    """What the names in the working mean, in the order of the book."""
    used = {name for line in working for name in _NAME.findall(line)}
    return tuple((name, making.terms[name]) for name in making.terms if name in used) if used else ()


def facts(found: Plain, making: Making) -> tuple[FactGroup, ...]:
    """The facts that were read, item by item, in the order in which the record has the items."""
    groups: dict[str, list[FactRow]] = {}
    for part in found.get("facts", ()):
        owner, row = making.row(part)
        groups.setdefault(owner, []).append(row)
    return tuple(FactGroup(path, making.label(path), tuple(rows)) for path, rows in groups.items())


def questions(found: Plain, making: Making) -> tuple[QuestionRow, ...]:
    """The questions, those with the same words together."""
    alike: dict[tuple[str, ...], list[Plain]] = {}
    for part in found.get("questions", ()):
        bring = part.get("bring", {})
        alike.setdefault((*part["text"].values(), part["kind"], *bring.values()), []).append(part)
    return tuple(question(parts, making) for parts in alike.values())


def question(parts: list[Plain], making: Making) -> QuestionRow:
    """Questions with the same words as one row."""
    lang, first = making.lang, parts[0]
    silent = [part for part in parts if part.get("answer") is None and not part.get("answers")]
    if len(silent) > 1:  # of items for which nobody answered the same is told once
        together = {**silent[0], "facts": [path for part in silent for path in part.get("facts", ())]}
        parts = [together if part is silent[0] else part for part in parts if part is silent[0] or part not in silent]
    bring = first.get("bring", {}).get(lang, "")
    said = say("note" if first["kind"] == "reading" else "bring", lang, text=bring) if bring else ""
    lines = [line for part in parts for line in answers(part, making.record, making.pack, lang)]
    return QuestionRow(first["text"][lang], tuple(lines), said)


def answers(part: Plain, record: Plain, pack: Pack, lang: str) -> list[str]:
    """The answer in force to one question, and who answered what."""
    facts = part.get("facts", ())
    given = [answer(one, part, record, pack, lang) for one in part.get("answers", ())]
    current = part.get("answer")
    if current is not None and given and all(one["answer"] == current for one in part["answers"]):
        return given
    named = list(dict.fromkeys(key for path in facts if (key := sentences.keys(path))))
    items = say("of-items", lang, items=say("and", lang).join(named)) if named else ""
    if current is None:
        return [say("answer-none", lang, items=items), *given]
    shown = sentences.answer(current, part["id"], facts, pack, lang)
    return [say("answer-now", lang, items=items, answer=shown), *given]


def answer(one: Plain, part: Plain, record: Plain, pack: Pack, lang: str) -> str:
    """One party's answer, with its reason and place."""
    party = say("party-filing", lang) if one["party"] == "filing" else one["party"]
    keys = sentences.keys(one["path"])
    reason = one.get("reason", {}).get(lang, "")
    place = sentences.place(record, one.get("place"), lang)
    return say(
        "answer-of",
        lang,
        party=(say("of-items", lang, items=keys) if keys else "") + party,
        answer=sentences.answer(one["answer"], part["id"], [one["path"]], pack, lang),
        reason=say("because", lang, reason=reason) if reason else "",
        place=say("where", lang, items=place) if place else "",
    )


def filing_says(found: Plain, record: Plain, lang: str) -> str:
    """What the filing itself concludes, and whether the finding agrees."""
    stated = found.get("filing_says")
    if stated is None:
        return ""
    agrees = say("agrees" if stated["agrees"] else "differs", lang)
    text = stated.get("text", {}).get(lang, "")
    place = sentences.place(record, stated.get("place"), lang)
    shown = say("filing-says", lang, verdict=say(stated["verdict"], lang), agrees=agrees, text=text)
    return shown.rstrip() + (say("where", lang, items=place) if place else "")


# Printable text


def visible(text: str) -> str:
    """Text on one line, with control and direction characters as escapes, so that no input can move a cursor."""
    if text.isprintable():
        return text
    spaced = (" " if char in "\t\n\r" or (char.isspace() and char > "\x85") else char for char in text)
    return source.visible("".join(spaced))


def printable(view: View) -> View:
    """A view with every text in it made printable; mostly all of it is, which one look at all texts together tells."""
    texts: list[str] = []
    seen: set[int] = set()
    parts: list[tuple[Any, ...]] = [view]
    while parts:
        for part in parts.pop():
            if type(part) is str:
                texts.append(part)
            elif isinstance(part, tuple) and part and id(part) not in seen:  # a row of facts stands in many findings
                seen.add(id(part))
                parts.append(part)
    if "".join(texts).isprintable():
        return view
    known: dict[int, Any] = {}
    return View(*(_printable(part, known) for part in view))


def _printable(part: Any, known: dict[int, Any]) -> Any:
    """A part of the view made printable; a part that stands in many places, and has an id in ``known``, is looked at once."""
    if isinstance(part, str):
        return visible(part)
    if not isinstance(part, tuple):
        return part
    if id(part) not in known:
        inner = [_printable(one, known) for one in part]
        same = all(one is other for one, other in zip(inner, part, strict=True))
        known[id(part)] = part if same else type(part)(*inner) if hasattr(part, "_fields") else tuple(inner)
    return known[id(part)]


def _drafted(record: Mapping[str, Any], draft: str) -> list[str]:
    """The rules that a draft would change."""
    return [finding["rule"] for finding in record["findings"] if any(one["draft"] == draft for one in finding.get("drafts", ()))]
