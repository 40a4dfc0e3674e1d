"""The view of a dossier: a record, its rule book and the records beside it as the lines that a report shows, in one language.

All text in a whole view is printable: control characters that an input holds stand as escapes. Of the other kinds what draws them makes it
so, text by text. The views of one dossier in two languages have the same shape, part for part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.engine.plain import Plain
from compliance.engine.verdict import GRAVEST, UNSETTLED, overall
from compliance.reports import beside, whole
from compliance.reports.dossier import WHOLE, Dossier
from compliance.reports.finding import finding
from compliance.reports.glance import glance
from compliance.reports.making import Making
from compliance.reports.model import Tally, View
from compliance.reports.printable import printable
from compliance.reports.words import say

if TYPE_CHECKING:
    from compliance.packs.book import Pack


def build(record: Plain, pack: Pack, lang: str, strict: bool = False) -> View:
    """The view of a record alone; with ``strict`` every rule counts for the sentence, not only conditions."""
    return view_of(Dossier(record, pack, lang, strict), lang)


def view_of(dossier: Dossier, lang: str, kind: str = WHOLE) -> View:
    """The view of a dossier in a language, of a kind that ``dossier`` names."""
    record, pack, strict = dossier.record, dossier.pack, dossier.strict
    making = Making(dossier, lang, kind)
    listed = record.get("findings", ())
    findings = [finding(found, making) for found in listed]
    findings.sort(key=lambda found: found.force != "condition")
    says = [found for found in listed if "filing_says" in found]
    ties = record.get("ties", ())
    mismatched = [tie for tie in ties if tie["verdict"] == "mismatch"]
    verdict = overall(list(listed), strict)
    parties = tuple(Tally(str(n), name[lang == "en"], count) for n, (name, count) in enumerate(making.common.parties.items()))
    missing = tuple(whole.todo_row(row, lang) for row in making.common.missing)
    answering = whole.answerers(record)
    made = View(
        lang=lang,
        issuer=whole.issuer(record, lang),
        as_of=record["as_of"],
        route=whole.route(record, pack, lang),
        record_id=whole.record_id(record),
        cover=whole.cover(record, pack, lang),
        verdict=verdict,
        sentence=whole.sentence(record, verdict, pack, lang, strict),
        counts=tuple((code, say(code, lang), sum(1 for found in findings if found.verdict == code)) for code in GRAVEST),
        glance=glance(dossier, lang, findings, missing, parties),
        passes=whole.passes(findings, lang),
        coverage=whole.coverage(record, pack, lang),
        brought=whole.brought(dossier, lang),
        chapters=whole.chapters(findings, pack, lang),
        parties=parties,
        fails=tuple(found for found in findings if found.verdict == "fail"),
        open=tuple(found for found in findings if found.verdict in UNSETTLED),
        fragile=tuple(found for found in findings if found.verdict == "pass" and not found.robust),
        robust=tuple(found for found in findings if found.verdict == "pass" and found.robust),
        not_applicable=tuple(found for found in findings if found.verdict == "not_applicable"),
        upcoming=whole.upcoming(record, lang),
        drafts=tuple(whole.draft(found, record, lang) for found in record.get("drafts", ())),
        todo=missing,
        agenda=tuple(whole.step(row, making) for row in making.common.agenda),
        conclusions=tuple(whole.conclusion(found, pack, lang) for found in record.get("conclusions", ())),
        inconsistencies=tuple(whole.inconsistency(found, pack, lang) for found in record.get("inconsistencies", ())),
        agreement=whole.agreement(says, lang),
        disagreements=tuple(whole.disagreement(found, lang) for found in says if not found["filing_says"]["agrees"]),
        opinions_of=tuple(say("party-filing", lang) if name == "filing" else name for name in answering),
        opinions=whole.opinions(record, answering, making),
        ties=say("ties", lang, rounding=len(ties) - len(mismatched), mismatch=len(mismatched)) if ties else "",
        tie_rows=tuple(whole.tie_row(tie, record, dossier.pack, lang) for tie in ties),
        mismatches=tuple(say("tie-bad", lang, **whole.tie_values(tie, dossier.pack, lang)) for tie in mismatched),
        assumptions=whole.assumptions(record, making),
        material=whole.material(making),
        documents=tuple(whole.document(name, form) for name, form in record.get("documents", {}).items()),
        routes=beside.matrix(dossier.routes, lang),
        timeline=beside.timeline(dossier.timeline, lang, dossier.pack),
        changes=beside.changes(dossier.difference, lang, pack),
        out_of_scope=whole.out_of_scope(pack, lang),
        provenance=whole.provenance(record, lang),
        absent=whole.absent(dossier, lang),
        basis=whole.basis(record, lang),
        disclaimer=record.get("disclaimer", {}).get(lang, ""),
    )
    return printable(made) if kind == WHOLE else made
