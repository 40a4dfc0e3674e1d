"""The record of a check: every finding with its citations, facts, working and what would change it, as plain data.

The same facts, pack, day and version give the same bytes anywhere: nothing of clock, path, user or machine is in it. An
absent key means that there is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from compliance import __version__, dates
from compliance.engine.assumptions import assumptions
from compliance.engine.conclude import conclude
from compliance.engine.consistency import Inconsistency, inconsistencies
from compliance.engine.decide import ABSENT, measure
from compliance.engine.figures import shown, unit_of
from compliance.engine.finding import Finding
from compliance.engine.machine import Machine
from compliance.engine.plain import Places, Plain, kept, without_empty
from compliance.engine.remedy import Remedies
from compliance.engine.subject import subject
from compliance.engine.verdict import overall
from compliance.engine.whole import measure_all
from compliance.expressions.tree import Type
from compliance.facts.filing import Filing, Tie
from compliance.packs.book import Pack
from compliance.vocabulary import UNITS

SCHEMA = "compliance.findings/1"
_WRITTEN = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


def check(machine: Machine, filing: Filing, as_of: int, rules: Iterable[str] | None = None, concluder: str = "auto") -> Plain:
    """The record of a filing on a day (a day number), for all rules in force or those named.

    ``concluder`` picks the engine of the conclusions (see ``conclusions.engine``); the answer does not depend on it.
    """
    made = subject(machine, filing, as_of)
    places = Places()
    remedies = Remedies(made)
    findings = []
    upcoming = []
    chosen = machine.pack.rules if rules is None else [rule for rule in machine.pack.rules if rule.id in rules]
    decisions = measure_all(made) if rules is None else [measure(made, rule) for rule in chosen]
    for rule, decision in zip(chosen, decisions, strict=True):
        if decision.code == ABSENT:
            if rule.start > made.law_day(rule)[1][1]:
                upcoming.append({"rule": rule.id, "from": dates.iso(rule.start), "title": dict(rule.title)})
            continue
        findings.append(Finding(made, rule, decision, remedies).plain(places))
    verdict = overall(findings)
    record: Plain = {
        **head(machine, filing, as_of, SCHEMA),
        "verdict": verdict,
        "findings": findings,
        "upcoming": upcoming,
        "drafts": _drafts(machine.pack, as_of),
        "inconsistencies": [_inconsistency(machine.pack, found) for found in inconsistencies(made)],
        "conclusions": [],
        "ties": [_tie(tie, places) for tie in filing.ties if tie.verdict != "exact"],
        "assumptions": assumptions(made, findings),
        "places": places.listed,
        "documents": dict(filing.documents),
        "disclaimer": dict(machine.pack.disclaimer),
    }
    record["conclusions"] = conclude(machine.pack, filing, record, concluder)
    return kept({key: value if key == "findings" else without_empty(value) for key, value in record.items()})


def head(machine: Machine, filing: Filing, as_of: int, schema: str) -> Plain:
    """What a record of any form begins with: the form, the program, the pack, the facts, the day and the issuer."""
    route = filing.facts.get(machine.pack.route)
    return {
        "schema": schema,
        "engine": {"version": __version__},
        "pack": {"id": machine.pack.id, "version": machine.pack.version, "sha256": machine.pack.sha256},
        "facts_sha256": filing.sha256,
        "as_of": dates.iso(as_of),
        "issuer": {"code": filing.code, "name": filing.issuer_name},
        "offering": {"route": route.text if route is not None else ""},
    }


def to_json(record: Mapping[str, Any]) -> str:
    """A record as text: the same bytes anywhere. Each key stands on a line of its own, and of a list each item does."""
    return "{\n" + ",\n".join([f" {_WRITTEN(key)}: {_lines(part)}" for key, part in record.items()]) + "\n}\n"


def _lines(part: Any) -> str:
    """What stands under a key of a record; compact JSON is what the standard library writes in C."""
    if isinstance(part, list) and part:
        return "[\n  " + ",\n  ".join([_WRITTEN(item) for item in part]) + "\n ]"
    return _WRITTEN(part)


def _inconsistency(pack: Pack, found: Inconsistency) -> Plain:
    label = pack.vocabulary.entities[found.field.entity].label
    return {
        "field": f"{found.field.entity}.{found.field.name}",
        "label": {lang: f"{label[lang]} {found.field.label[lang]}" for lang in ("zh", "en")},
        "attributes": dict(zip(found.field.alike, found.attributes, strict=True)),
        "answers": [{"answer": answer, "items": list(paths)} for answer, paths in found.by_answer],
    }


def _drafts(pack: Pack, as_of: int) -> list[Plain]:
    """The drafts outstanding on a day: known, not in force, and not applied."""
    return [
        {
            "draft": draft.id,
            "title": dict(draft.title),
            "published": dates.iso(draft.published),
            "status": "pending",
            "sourced": draft.sourced,
        }
        for draft in pack.drafts.values()
        if draft.published <= as_of
    ]


def _tie(tie: Tie, places: Places) -> Plain:
    kind = Type("number", tie.scale, UNITS[tie.kind])
    return {
        "name": tie.name,
        "column": tie.column,
        "computed": shown(tie.computed, kind),
        "stated": shown(tie.stated, kind),
        "difference": shown(tie.difference, kind),
        "unit": tie.printed if tie.kind == "count" else unit_of(kind),
        "verdict": tie.verdict,
        "place": places.of(tie.evidence),
    }
