"""What a check took for granted: assumed facts, complete lists, readings by default, kinds that settle, days fallen back on."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.engine.decide import ABSENT, measure
from compliance.engine.finding import Finding
from compliance.engine.phrases import day_name
from compliance.engine.plain import Places, Plain
from compliance.engine.subject import Subject
from compliance.facts.answers import BOTH, READING
from compliance.facts.filing import label_of
from compliance.packs.book import Rule
from compliance.wording import LANGUAGES


def assumptions(made: Subject, findings: list[Plain]) -> list[Plain]:
    """What was taken for granted: assumed facts, complete lists, readings by default, kinds that settle, days fallen back on."""
    pack, filing = made.machine.pack, made.filing
    read = {fact["path"] for finding in findings for fact in finding.get("facts", ())}
    found: list[Plain] = []
    for path, reason in sorted(filing.assumed.items()):
        found.append({"kind": "fact", "path": path, "text": dict(reason)})
    for path in filing.facts:
        fact = filing.facts[path]
        if fact.field.type == "list" and fact.text == "complete" and path in read and "[" not in path:
            label = label_of(pack.vocabulary, path)
            text = {"zh": f"{label['zh']}已声明完整", "en": f"{label['en']}: declared complete"}
            found.append({"kind": "complete", "path": path, "text": text})
    used_readings = {question["id"] for finding in findings for question in finding.get("questions", ()) if question["kind"] == "reading"}
    for reading in pack.readings.values():
        name = READING + reading.id
        if name in used_readings and name not in filing.answers and reading.default != BOTH:
            option = reading.options[reading.default]
            text = {"zh": f"{reading.text['zh']}按默认理解：{option['zh']}", "en": f"{reading.text['en']} By default: {option['en']}"}
            found.append({"kind": "reading", "path": name, "text": text})
    rules = {finding["rule"] for finding in findings}
    settled = [name for rule in pack.rules if rule.id in rules for name in rule.terms]
    for name in dict.fromkeys(settled):
        found.append({"kind": "settled", "path": name, "text": dict(pack.terms[name].settles or {})})
    for rule in pack.rules:
        if rule.id in rules and made.law_day(rule)[0] != rule.law[0]:
            absent, taken = ({lang: day_name(pack, name, lang) for lang in LANGUAGES} for name in (rule.law[0], made.law_day(rule)[0]))
            text = {
                "zh": f"未提供{absent['zh']}，适用法律按{taken['zh']}确定",
                "en": f"{absent['en']} is not given; the law in force on {taken['en']} is applied",
            }
            found.append({"kind": "law_day", "path": rule.id, "text": text})
    return found


def taken(made: Subject, rules: Sequence[Rule]) -> list[Plain]:
    """What these rules take for granted: of the facts only those that they read."""
    briefs = [_brief(made, rule) for rule in rules]
    read = {fact["path"] for brief in briefs for fact in brief.get("facts", ())}
    return [part for part in assumptions(made, briefs) if part["kind"] != "fact" or part["path"] in read]


def _brief(made: Subject, rule: Rule) -> Plain:
    """What of a finding the list of assumptions is made from: the facts it read and the questions that bear on it."""
    decision = measure(made, rule)
    if decision.code == ABSENT:
        return {"rule": rule.id}
    found = Finding(made, rule, decision)
    places = Places()
    day = next(iter(decision.by_day), "")
    questions = [{"id": one.id, "kind": "reading" if one.reading is not None else "fact"} for one in found.questions]
    return {"rule": rule.id, "facts": found.facts(day, places), "questions": questions}
