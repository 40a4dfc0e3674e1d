"""The whole record as lines: whom it is about, the sentence, what follows, what is to be done, and from what it was made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from compliance.engine.figures import UNIT_NAMES
from compliance.engine.phrases import figure
from compliance.engine.plain import Plain
from compliance.engine.verdict import UNSETTLED
from compliance.facts.answers import READING
from compliance.reports import sentences, written
from compliance.reports.making import Common, Making, named
from compliance.reports.model import Conclusion, FindingView, Opinions, Step, Tally, TodoRow
from compliance.reports.words import say

if TYPE_CHECKING:
    from compliance.packs.book import Pack
    from compliance.reports.dossier import Dossier


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
    label = sentences.headed(pack.route, pack, lang)
    shown = written.value(sentences.field_of(pack.vocabulary, pack.route), text, pack.vocabulary, lang)
    for part in record.get("assumptions", ()):
        if part["kind"] == "fact" and part["path"] == pack.route:
            return say("route-assumed", lang, label=label, route=shown, reason=part["text"][lang])
    return say("route", lang, label=label, route=shown)


def sentence(record: Plain, verdict: str, pack: Pack, lang: str, strict: bool) -> str:
    """The one sentence that comes first."""
    counted = [found for found in record.get("findings", ()) if strict or found["force"] == "condition"]
    counted = [found for found in counted if found["verdict"] != "not_applicable"]
    values = {"who": issuer(record, lang), "day": record["as_of"], "condition": pack.force("condition")[lang], "total": len(counted)}
    if not counted:
        return say("say-none", lang, **values)
    fail = sum(1 for found in counted if found["verdict"] == "fail")
    opened = sum(1 for found in counted if found["verdict"] in UNSETTLED)
    fragile = sum(1 for found in counted if found["verdict"] == "pass" and not found.get("robust"))
    more = say("more-open", lang, open=opened) if verdict == "fail" and opened else ""
    if verdict != "fail" and fragile:
        more = say("more-fragile", lang, fragile=fragile)
    if strict:
        more += say("say-strict", lang)
    code = {"fail": "say-fail", "judgement": "say-open", "missing": "say-open"}.get(verdict, "say-pass")
    return say(code, lang, more=more, fail=fail, open=opened, **values)


def record_id(record: Plain) -> str:
    """Sixteen hex digits that name the record: the same for the same program, rule book, facts, day and findings."""
    named = [record["engine"]["version"], record["pack"]["sha256"], record["facts_sha256"], record["as_of"]]
    named += [found["fingerprint"] for found in record.get("findings", ())]
    return hashlib.sha256("\n".join(named).encode()).hexdigest()[:16]


def cover(record: Plain, pack: Pack, lang: str) -> tuple[tuple[str, str], ...]:
    """What the first page says of the filing, as labels and values."""
    found = record.get("issuer", {})
    board = pack.words.get("board", "")
    stated = {"issuer": found.get("name") or say("unnamed", lang), "issuer.code": found.get("code", "")}
    read = (fact["value"] for part in record.get("findings", ()) for fact in part.get("facts", ()) if fact["path"] == board)
    for path, value in ((board, next(read, "")), (pack.route, record.get("offering", {}).get("route", ""))):
        stated[path] = written.value(sentences.field_of(pack.vocabulary, path), value, pack.vocabulary, lang) if value else ""
    rows = [("l-as-of", record["as_of"]), ("l-book", f"{pack.title[lang]} {record['pack']['version']}"), ("l-record", record_id(record))]
    named = ((sentences.headed(path, pack, lang), value) for path, value in stated.items() if value)
    return (*named, *((say(code, lang), value) for code, value in rows))


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


def chapters(findings: Iterable[FindingView], pack: Pack, lang: str) -> tuple[Tally, ...]:
    """The chapters of the book, each with how many findings it has, in the order of the book."""
    counted: dict[str, int] = {}
    for found in findings:
        counted[found.chapter] = counted.get(found.chapter, 0) + 1
    return tuple(Tally(name, pack.chapters.get(name, {lang: name})[lang], count) for name, count in counted.items())


def draft(found: Plain, record: Plain, lang: str) -> str:
    """A draft that is not in force, and the rules that it would change."""
    named = say("join", lang).join(_drafted(record, found["draft"], lang))
    return say("draft-one", lang, title=found["title"][lang], day=found["published"], rules=named)


def upcoming(record: Plain, lang: str) -> tuple[str, ...]:
    """The rules that were not in force on the day whose law is applied, each with its first day."""
    return tuple(say("upcoming-one", lang, rule=one["title"][lang], day=one["from"]) for one in record.get("upcoming", ()))


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
    attributes = [f"{alike[key].label[lang]} {written.value(alike[key], text, words, lang)}" for key, text in found["attributes"].items()]
    answers = [
        say(
            "inconsistent-answer",
            lang,
            answer=written.value(alike[name], part.get("answer", ""), words, lang),
            items=say("and", lang).join(sentences.keys(path) for path in part["items"]),
        )
        for part in found["answers"]
    ]
    joined = say("join", lang)
    return say("inconsistent", lang, label=found["label"][lang], attributes=joined.join(attributes), answers=joined.join(answers))


def missing(record: Plain, pack: Pack) -> list[dict[str, Any]]:
    """What the open findings need (see ``engine.todo``), with what each is called, in both languages."""
    return Common(record, pack).missing


def todo_row(row: Plain, lang: str) -> TodoRow:
    """A row of what is missing, in one language."""
    who, document = row.get("who", {}).get(lang, ""), row.get("document", {}).get(lang, "")
    return TodoRow(row["path"], row["label"][lang], row["settled_by"], who, document, tuple(row["settles"]), tuple(row["bears"]))


def tie_values(tie: Plain, pack: Pack, lang: str) -> dict[str, str]:
    """The texts of a tie: of facts by what they are called, its figures with their unit."""
    named = {name: sentences.label(tie[name], pack, lang) for name in ("name", "column")}
    unit = tie.get("unit", "")
    after = "" if unit in UNIT_NAMES.values() or unit == "ratio" else unit  # what is counted has the unit that its table prints
    return named | {name: figure(tie[name], unit, lang) + after for name in ("computed", "stated", "difference")}


def tie_row(tie: Plain, record: Plain, pack: Pack, lang: str) -> tuple[str, ...]:
    """A tie as a row of a table."""
    return (
        *tie_values(tie, pack, lang).values(),
        say(f"tie-verdict-{tie['verdict']}", lang),
        sentences.place(record, tie.get("place"), lang),
    )


def assumptions(record: Plain, making: Making) -> tuple[str, ...]:
    """What was taken for granted; the law of another day once, with the rules that go by it."""
    lang = making.lang
    days: dict[str, list[str]] = {}
    for part in record.get("assumptions", ()):
        if part["kind"] == "law_day":
            days.setdefault(part["text"][lang], []).append(making.common.rules[part["path"]].title[lang])
    lines = dict.fromkeys(assumption(part, making) for part in record.get("assumptions", ()))
    return tuple(line + (say("where", lang, items=say("join", lang).join(days[line])) if line in days else "") for line in lines)


def assumption(part: Plain, making: Making) -> str:
    """One thing that was taken for granted; of a fact, what it is."""
    text = str(part["text"][making.lang])
    return f"{making.label(part['path'])}{say('colon', making.lang)}{text}" if part["kind"] == "fact" else text


def material(making: Making) -> tuple[str, ...]:
    """What the conditions that are decided take for granted, first what bears on most of them; lists declared complete aside."""
    rules: dict[tuple[str, ...], set[str]] = {}
    texts: dict[tuple[str, ...], Plain] = {}
    conditions = [
        one["rule"] for one in making.record.get("findings", ()) if one["force"] == "condition" and one["verdict"] in ("pass", "fail")
    ]
    for rule in conditions:
        for number in making.common.bearing[rule]:
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


def _drafted(record: Mapping[str, Any], draft: str, lang: str) -> list[str]:
    """The rules that a draft would change, by their titles."""
    return [finding["title"][lang] for finding in record["findings"] if any(one["draft"] == draft for one in finding.get("drafts", ()))]
