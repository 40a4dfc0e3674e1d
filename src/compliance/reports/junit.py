"""The dossier as JUnit XML, for pipelines: a rule is a test, and it fails where the exit status of the check says so.

A rule that fails is a failure, an open one an error, one that does not apply is skipped. Rules that are no conditions never fail a
pipeline unless every rule counts.
"""

from __future__ import annotations

from xml.etree import ElementTree

from compliance.engine.verdict import UNSETTLED
from compliance.reports.dossier import Dossier
from compliance.reports.model import FindingView, View
from compliance.reports.view import viewed
from compliance.reports.words import say


def render(dossier: Dossier) -> str:
    """The document."""
    view = viewed(dossier)
    findings = (*view.findings(), *view.not_applicable)
    suite = ElementTree.Element("testsuite", name=f"{view.issuer} {view.as_of}", tests=str(len(findings)))
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in view.provenance:
        ElementTree.SubElement(properties, "property", name=name, value=value)
    counts = {"failure": 0, "error": 0, "skipped": 0}
    for found in findings:
        outcome = case(suite, found, view, dossier.strict)
        if outcome:
            counts[outcome] += 1
    suite.set("failures", str(counts["failure"]))
    suite.set("errors", str(counts["error"]))
    suite.set("skipped", str(counts["skipped"]))
    whole = ElementTree.Element("testsuites")
    whole.append(suite)
    ElementTree.indent(whole, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(whole, encoding="unicode") + "\n"


def case(suite: ElementTree.Element, found: FindingView, view: View, strict: bool) -> str:
    """One finding as a test; gives what became of it, nothing where it counts as passed."""
    test = ElementTree.SubElement(suite, "testcase", classname=found.chapter, name=f"{found.rule} {found.title}")
    detail = "\n".join(line for line in (found.message, found.rests, *found.flips, *found.needs, *found.citations) if line)
    outcome = ""
    if found.verdict == "not_applicable":
        outcome, detail = "skipped", say("join", view.lang).join(found.why)
    elif strict or found.force == "condition":
        outcome = "failure" if found.verdict == "fail" else "error" if found.verdict in UNSETTLED else ""
    if outcome:
        ElementTree.SubElement(test, outcome, message=f"{found.word}: {found.message}", type=found.verdict).text = detail
    else:
        ElementTree.SubElement(test, "system-out").text = f"{found.word}: {detail}"
    return outcome
