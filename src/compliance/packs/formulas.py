"""Type every formula of a pack, in an order in which each may name those before it, and check what they stand in."""

from __future__ import annotations

from dataclasses import replace

from compliance.expressions.tree import Node, Type
from compliance.expressions.types import RESERVED, Scope
from compliance.packs import citations, variables
from compliance.packs.book import reading_names
from compliance.packs.conclusions import check_conclusion
from compliance.packs.manuscript import Manuscript
from compliance.packs.rules import check_rule
from compliance.wording import likely


def check_formulas(manuscript: Manuscript) -> None:
    """Terms, measures and rules, in this order: each may name those before it."""
    assert manuscript.words is not None
    parameters = {name: Type(*form["kind"]) for name, form in manuscript.part("parameters").items() if "kind" in form}
    for name in parameters:
        _check_name(manuscript, "parameters", name)
    manuscript.lost |= set(manuscript.part("parameters")) - set(parameters)
    terms = {}
    for entity, forms in manuscript.part("terms").items():
        if entity not in manuscript.words.entities:
            known = likely(entity, manuscript.words.entities)
            manuscript.wrong(manuscript.place("terms", entity, *list(forms)[:1]), "entity-unknown", name=entity, known=known)
            continue
        for name, form in forms.items():
            citations.resolve(manuscript, form, "terms", entity, name)
            if name in manuscript.words.entities[entity].fields or name in RESERVED:
                manuscript.wrong(manuscript.place("terms", entity, name), "name-taken", name=name)
            terms[entity, name] = manuscript.source_at("terms", entity, name, "formula")
    calendar = manuscript.single["calendar"]["held"] if manuscript.single.get("calendar") else None
    readings = reading_names(manuscript.part("readings"), manuscript.words)
    scope = Scope(manuscript.words, parameters, {}, terms, readings, calendar=calendar)
    for entity, name in terms:
        manuscript.typed(terms[entity, name], replace(scope, entity=entity), None)
    measures: dict[str, Node] = {}
    for name, form in manuscript.part("measures").items():
        citations.resolve(manuscript, form, "measures", name)
        _check_name(manuscript, "measures", name)
        scope = replace(scope, measures=dict(measures))
        node = manuscript.typed(manuscript.source_at("measures", name, "formula"), scope, None)
        if node is None:
            manuscript.lost.add(name)
        else:
            measures[name], form["tree"] = node, manuscript.forest.put(node)
    manuscript.scope = replace(scope, measures=measures)
    _open_when(manuscript)
    for rule in manuscript.rules:
        check_rule(manuscript, rule)
    for conclusion in manuscript.conclusions:
        check_conclusion(manuscript, conclusion)
    variables.resolve(manuscript)
    _pending(manuscript)
    if not manuscript.problems:  # what has mistakes may be what uses it
        used = manuscript.forest.named()
        for section in ("parameters", "readings"):
            for name in manuscript.part(section):
                if name not in used:
                    manuscript.wrong(manuscript.place(section, name), "name-idle", name=name)


def _pending(manuscript: Manuscript) -> None:
    """Drafts that are not in force speak of rules that there are."""
    known = [rule["id"] for rule in manuscript.rules]
    for name, pending in manuscript.part("drafts").items():
        for index, change in enumerate(pending["changes"]):
            for rule in change["rules"]:
                if rule not in known:
                    manuscript.wrong(
                        manuscript.place("drafts", name, "changes", index, "rules"), "rule-unknown", name=rule, known=likely(rule, known)
                    )


def _check_name(manuscript: Manuscript, section: str, name: str) -> None:
    """A name of the pack that hides nothing else."""
    assert manuscript.words is not None
    others = [part for part in ("parameters", "measures") if part != section and name in manuscript.part(part)]
    if name in RESERVED or name in manuscript.words.root.fields or name in manuscript.words.singles or others:
        manuscript.wrong(manuscript.place(section, name), "name-taken", name=name)


def _open_when(manuscript: Manuscript) -> None:
    """For which items a field is a judgement."""
    assert manuscript.words is not None and manuscript.scope is not None
    manuscript.single["open_when"] = []
    for entity in manuscript.words.entities.values():
        for form in entity.fields.values():
            if form.open_when is not None:
                at = manuscript.source_at("entities", entity.name, "fields", form.name, "open_when")
                node = manuscript.typed(at, replace(manuscript.scope, entity=entity.name), "truth")
                if node is not None:
                    manuscript.single["open_when"].append([entity.name, form.name, manuscript.forest.put(node)])
