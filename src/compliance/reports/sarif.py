"""The dossier as SARIF 2.1.0, for code hosts and editors: each finding at the lines of the filing that it read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from compliance.reports.dossier import Dossier
from compliance.reports.model import FindingView
from compliance.reports.view import viewed
from compliance.source import Place

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
KINDS = {"pass": "pass", "fail": "fail", "judgement": "review", "missing": "open", "not_applicable": "notApplicable"}
MAX_PLACES = 10  # lines shown for one finding; the record names every fact


def render(dossier: Dossier) -> str:
    """The log."""
    view = viewed(dossier)
    findings = (*view.findings(), *view.not_applicable)
    driver = {
        "name": "compliance",
        "version": dossier.record["engine"]["version"],
        "rules": [rule(found) for found in findings],
        "properties": {"pack": dossier.record["pack"]},
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "language": "zh-CN" if view.lang == "zh" else "en-US",
        "results": [result(found, index, dossier) for index, found in enumerate(findings)],
        "properties": {"record": view.record_id, "as_of": view.as_of, "facts_sha256": dossier.record["facts_sha256"]},
    }
    # On one line: to indent it takes longer than to make it, and nobody reads it.
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False) + "\n"


def rule(found: FindingView) -> dict[str, Any]:
    """A rule as SARIF describes one."""
    return {
        "id": found.rule,
        "shortDescription": {"text": found.title},
        "fullDescription": {"text": found.restated},
        "help": {"text": "\n".join(found.citations) or found.restated},
        "properties": {"force": found.force, "chapter": found.chapter, "covers": list(found.covers)},
    }


def result(found: FindingView, index: int, dossier: Dossier) -> dict[str, Any]:
    """A finding. Only what fails has a level, an error where it is a condition or every rule counts."""
    grave = dossier.strict or found.force == "condition"
    places = locations(found, dossier.places)
    made: dict[str, Any] = {
        "ruleId": found.rule,
        "ruleIndex": index,
        "kind": KINDS[found.verdict],
        "level": "none" if found.verdict != "fail" else "error" if grave else "warning",
        "message": {"text": unlinked(" ".join(filter(None, (found.message, found.rests))))},
        "locations": places[:1],
        "relatedLocations": [{"id": number, **place} for number, place in enumerate(places[1:MAX_PLACES], 1)],
        "partialFingerprints": {"compliance/1": found.fingerprint},
        "properties": {"verdict": found.verdict, "robust": found.robust},
    }
    return {key: value for key, value in made.items() if value != []}


def unlinked(text: str) -> str:
    """A message in which nothing is a link: in SARIF ``[…](…)`` is one, in a plain text too."""
    return text.replace("](", "] (")


def locations(found: FindingView, places: Mapping[str, Place]) -> list[dict[str, Any]]:
    """Where the facts that were read stand in the filing, each line once, in its order; else the filing as a whole."""
    read = [places[row.path] for group in found.facts for row in group.rows if row.path in places]
    lines = sorted({(place.document, place.line): place for place in read if place.line}.values())
    if not lines and places:
        lines = [Place(next(iter(places.values())).document)]
    return [location(place) for place in lines]


def location(place: Place) -> dict[str, Any]:
    """A place as SARIF writes it: the file as a URI, the line and column from 1."""
    path = PurePath(place.document)
    where: dict[str, Any] = {"artifactLocation": {"uri": path.as_uri() if path.is_absolute() else quote(path.as_posix())}}
    if place.line:
        where["region"] = {"startLine": place.line, "startColumn": max(1, place.column)}
    return {"physicalLocation": where}
