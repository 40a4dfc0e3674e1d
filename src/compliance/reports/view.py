"""The view model: a record and its rule book as the lines that a report shows, in one language.

Every report is made from it, and none of them computes anything. All text in it is printable: control characters that an
input holds stand as escapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from compliance.engine.phrases import spread
from compliance.engine.record import overall
from compliance.facts.filing import split
from compliance.reports import sentences
from compliance.reports.words import say

if TYPE_CHECKING:
    from compliance.packs.book import Pack

Plain = Mapping[str, Any]
ORDER = ("fail", "missing", "judgement", "pass", "not_applicable")  # the gravest first
OPEN = ("judgement", "missing")
_Part = TypeVar("_Part")


class FactRow(NamedTuple):
    """A fact that a finding read: its path, what it is, its value as written, and where it stands."""

    path: str
    label: str
    value: str
    place: str


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


class FindingView(NamedTuple):
    """One finding as lines."""

    rule: str
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
    margins: tuple[str, ...]
    cites: str
    citations: tuple[str, ...]
    why: tuple[str, ...]
    days: tuple[str, ...]
    exceptions: tuple[str, ...]
    working: tuple[str, ...]
    terms: tuple[tuple[str, str], ...]
    facts: tuple[FactGroup, ...]
    questions: tuple[QuestionRow, ...]
    filing_says: str
    fingerprint: str


class TodoRow(NamedTuple):
    """Something that is missing or for people to judge: what, from whom, where it stands, and the rules it bears on."""

    path: str
    label: str
    settled_by: str
    who: str
    document: str
    settles: tuple[str, ...]
    bears: tuple[str, ...]


class Conclusion(NamedTuple):
    """What follows from several findings, and their rules."""

    text: str
    because: tuple[str, ...]


class View(NamedTuple):
    """A whole record as lines."""

    lang: str
    issuer: str
    as_of: str
    route: str
    verdict: str
    sentence: str
    counts: tuple[tuple[str, str, int], ...]
    fails: tuple[FindingView, ...]
    open: tuple[FindingView, ...]
    fragile: tuple[FindingView, ...]
    robust: tuple[FindingView, ...]
    not_applicable: tuple[FindingView, ...]
    upcoming: tuple[str, ...]
    drafts: tuple[str, ...]
    todo: tuple[TodoRow, ...]
    conclusions: tuple[Conclusion, ...]
    inconsistencies: tuple[str, ...]
    agreement: str
    disagreements: tuple[str, ...]
    ties: str
    tie_rows: tuple[tuple[str, ...], ...]
    mismatches: tuple[str, ...]
    assumptions: tuple[str, ...]
    documents: tuple[str, ...]
    basis: str
    disclaimer: str

    def findings(self) -> tuple[FindingView, ...]:
        """Every finding that applies or may, the gravest first."""
        return self.fails + self.open + self.fragile + self.robust


def build(record: Plain, pack: Pack, lang: str, strict: bool = False) -> View:
    """The view of a record in a language; with ``strict`` every rule counts for the sentence, not only conditions."""
    findings = [finding(found, record, pack, lang) for found in record.get("findings", ())]
    findings.sort(key=lambda found: found.force != "condition")
    says = [found for found in record.get("findings", ()) if "filing_says" in found]
    ties = record.get("ties", ())
    mismatched = [tie for tie in ties if tie["verdict"] == "mismatch"]
    verdict = overall(list(record.get("findings", ())), strict)
    made = View(
        lang=lang,
        issuer=issuer(record, lang),
        as_of=record["as_of"],
        route=route(record, pack, lang),
        verdict=verdict,
        sentence=sentence(record, verdict, lang, strict),
        counts=tuple((code, say(code, lang), sum(1 for found in findings if found.verdict == code)) for code in ORDER),
        fails=tuple(found for found in findings if found.verdict == "fail"),
        open=tuple(found for found in findings if found.verdict in OPEN),
        fragile=tuple(found for found in findings if found.verdict == "pass" and not found.robust),
        robust=tuple(found for found in findings if found.verdict == "pass" and found.robust),
        not_applicable=tuple(found for found in findings if found.verdict == "not_applicable"),
        upcoming=tuple(say("upcoming-one", lang, rule=rule["rule"], day=rule["from"]) for rule in record.get("upcoming", ())),
        drafts=tuple(
            say(
                "draft-one",
                lang,
                title=draft["title"][lang],
                day=draft["published"],
                rules=say("and", lang).join(_drafted(record, draft["draft"])),
            )
            for draft in record.get("drafts", ())
        ),
        todo=tuple(todo_row(row, lang) for row in missing(record, pack)),
        conclusions=tuple(conclusion(found, lang) for found in record.get("conclusions", ())),
        inconsistencies=tuple(inconsistency(found, pack, lang) for found in record.get("inconsistencies", ())),
        agreement=agreement(says, lang),
        disagreements=tuple(disagreement(found, lang) for found in says if not found["filing_says"]["agrees"]),
        ties=say("ties", lang, rounding=len(ties) - len(mismatched), mismatch=len(mismatched)) if ties else "",
        tie_rows=tuple(tie_row(tie, record, lang) for tie in ties),
        mismatches=tuple(say("tie-bad", lang, **tie_values(tie)) for tie in mismatched),
        assumptions=tuple(assumption(part, pack, lang) for part in record.get("assumptions", ())),
        documents=tuple(document(name, form) for name, form in record.get("documents", {}).items()),
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
    opened = sum(1 for found in counted if found["verdict"] in OPEN)
    fragile = sum(1 for found in counted if found["verdict"] == "pass" and not found.get("robust"))
    more = say("more-open", lang, open=opened) if verdict == "fail" and opened else ""
    if verdict != "fail" and fragile:
        more = say("more-fragile", lang, fragile=fragile)
    if strict:
        more += say("say-strict", lang)
    code = {"fail": "say-fail", "judgement": "say-open", "missing": "say-open"}.get(verdict, "say-pass")
    values = {"who": issuer(record, lang), "day": record["as_of"], "total": len(counted), "fail": fail, "open": opened}
    return say(code, lang, more=more, **values)


def agreement(says: list[Plain], lang: str) -> str:
    """How many of the filing's own conclusions the findings share."""
    same = sum(1 for found in says if found["filing_says"]["agrees"])
    return say("agreement", lang, same=same, other=len(says) - same) if says else ""


def disagreement(found: Plain, lang: str) -> str:
    """One conclusion of the filing that the finding does not share."""
    theirs, ours = say(found["filing_says"]["verdict"], lang), say(found["verdict"], lang)
    text = found["filing_says"].get("text", {}).get(lang, "")
    return say("disagrees", lang, rule=found["rule"], theirs=theirs, ours=ours, text=text).rstrip()


def conclusion(found: Plain, lang: str) -> Conclusion:
    """What follows from several findings, with the rules that it follows from."""
    text = say("conclusion", lang, kind=say(f"kind-{found['kind']}", lang), text=found["text"][lang])
    return Conclusion(text, tuple(found.get("because", ())))


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
    """What the open findings need, each once, those that settle most first; as plain data in both languages."""
    rows: dict[str, dict[str, Any]] = {}
    for found in record.get("findings", ()):
        if found["verdict"] not in OPEN:
            continue
        for need in found.get("needs", ()):
            row = rows.setdefault(need["path"], {**need, "settles": [], "bears": []})
            row["bears"].append(found["rule"])
            if need.get("decides"):
                row["settles"].append(found["rule"])
    for path, row in rows.items():
        row["label"] = {lang: sentences.label(path, pack, lang) for lang in ("zh", "en")}
        row.pop("decides", None)
    return sorted(rows.values(), key=lambda row: (-len(row["settles"]), -len(row["bears"])))


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


def assumption(part: Plain, pack: Pack, lang: str) -> str:
    """One thing that was taken for granted."""
    text = str(part["text"][lang])
    return f"{part['path']}{say('colon', lang)}{text}" if part["kind"] == "fact" else text


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


def finding(found: Plain, record: Plain, pack: Pack, lang: str) -> FindingView:
    """A finding as lines."""
    rule = pack.rule(found["rule"])
    applies = found["verdict"] != "not_applicable"
    return FindingView(
        rule=found["rule"],
        title=found["title"][lang],
        verdict=found["verdict"],
        word=say(found["verdict"], lang),
        force=found["force"],
        force_word=say(found["force"], lang),
        robust=found.get("robust") if applies else None,
        covers=tuple(found.get("covers", ())),
        message=found["message"][lang],
        restated=found["restated"][lang],
        figures=figures(found, lang),
        rests=(sentences.rests(found, lang) + unmet(found, lang) + on_the_line(found, lang)).strip(),
        flips=tuple(sentences.flip(flip, found, pack, lang) for flip in found.get("flips", ()) if "change" in flip),
        needs=needs(found, pack, lang),
        margins=tuple(sentences.margin(margin, lang) for margin in found.get("margins", ())),
        cites=sentences.citations(found.get("citations", ()), lang),
        citations=tuple(sentences.citation(cite, lang) for cite in found.get("citations", ())),
        why=sentences.why(rule, found, pack, lang),
        days=days(found, pack, lang),
        exceptions=exceptions(found, pack, lang),
        working=tuple(found.get("working", ())),
        terms=terms(found.get("working", ()), pack, lang),
        facts=facts(found, record, pack, lang),
        questions=questions(found, record, pack, lang),
        filing_says=filing_says(found, record, lang),
        fingerprint=found["fingerprint"],
    )


def needs(found: Plain, pack: Pack, lang: str) -> tuple[str, ...]:
    """What an open finding needs, or what a decided one would lack once its questions were open."""
    lines = (sentences.need(need, pack, lang) for need in found.get("needs", ()))
    return tuple(lines if found["verdict"] in OPEN else (say("need-beneath", lang, need=line) for line in lines))


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


def on_the_line(found: Plain, lang: str) -> str:
    """That the measure stands exactly on the limit, if it does."""
    return (" " if lang == "en" else "") + say("on-the-line", lang) if found.get("on_the_line") else ""


def days(found: Plain, pack: Pack, lang: str) -> tuple[str, ...]:
    """The day that picked the law, and the days the window was held against."""
    from compliance.engine.phrases import day_name

    stated = found.get("days", {})
    lines = []
    if "law" in stated:
        lines.append(say("law-day", lang, label=day_name(pack, stated["law_day"], lang), day=stated["law"]))
    for name, code in stated.get("held_on", {}).items():
        label, day = day_name(pack, name, lang), stated["dates"].get(name, "")
        lines.append(say("held-day", lang, label=label, day=day, verdict=say(code, lang)))
    return tuple(lines)


def exceptions(found: Plain, pack: Pack, lang: str) -> tuple[str, ...]:
    """The exceptions of the rule, each with whether it is in force."""
    exempts = pack.rule(found["rule"]).exceptions
    if not exempts:
        return (say("exception-none", lang),)
    states = {part["id"]: part["state"] for part in found.get("exceptions", ())}
    words = {"in_force": "exception-in", "open": "exception-open", "not_in_force": "exception-not"}
    return tuple(say(words.get(states.get(exempt.id, ""), "exception-out"), lang, title=exempt.title[lang]) for exempt in exempts)


def terms(working: Iterable[str], pack: Pack, lang: str) -> tuple[tuple[str, str], ...]:
    """What the names in the working mean."""
    import re

    used = {name for line in working for name in re.findall(r"\w+", line)}
    named = {**{name: measure.label for name, measure in pack.measures.items()}, **{n: p.label for n, p in pack.parameters.items()}}
    return tuple((name, label[lang]) for name, label in named.items() if name in used)


def facts(found: Plain, record: Plain, pack: Pack, lang: str) -> tuple[FactGroup, ...]:
    """The facts that were read, item by item, in the order in which the record has the items."""
    groups: dict[str, list[FactRow]] = {}
    for part in found.get("facts", ()):
        field = sentences.field_of(pack.vocabulary, part["path"])
        shown = sentences.value(field, part["value"], pack.vocabulary, lang)
        label = field.label[lang] if field is not None else part["path"]
        row = FactRow(part["path"], label, shown, sentences.place(record, part.get("place"), lang))
        groups.setdefault(split(part["path"])[0], []).append(row)
    root = pack.vocabulary.root.label[lang]
    return tuple(FactGroup(path, sentences.label(path, pack, lang) if path else root, tuple(rows)) for path, rows in groups.items())


def questions(found: Plain, record: Plain, pack: Pack, lang: str) -> tuple[QuestionRow, ...]:
    """The questions, those with the same words together."""
    alike: dict[tuple[str, str], list[str]] = {}
    for part in found.get("questions", ()):
        bring = part.get("bring", {}).get(lang, "")
        said = say("note" if part["kind"] == "reading" else "bring", lang, text=bring) if bring else ""
        alike.setdefault((part["text"][lang], said), []).extend(answers(part, record, pack, lang))
    return tuple(QuestionRow(text, tuple(lines), bring) for (text, bring), lines in alike.items())


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
    return "".join(char if char.isprintable() else char.encode("unicode_escape", "replace").decode("ascii") for char in spaced)


def printable(part: _Part) -> _Part:
    """A part of the view with every text in it made printable."""
    if isinstance(part, str):
        return visible(part)  # type: ignore[return-value]
    if isinstance(part, tuple):
        inner = [printable(one) for one in part]
        return type(part)(*inner) if hasattr(part, "_fields") else tuple(inner)  # type: ignore[return-value]
    return part


def _drafted(record: Mapping[str, Any], draft: str) -> list[str]:
    """The rules that a draft would change."""
    return [finding["rule"] for finding in record["findings"] if any(one["draft"] == draft for one in finding.get("drafts", ()))]
