"""Type every formula of a pack, in an order in which each may name those before it, and check what they stand in."""

from __future__ import annotations

from dataclasses import replace

from compliance.expressions.tree import Node, Type
from compliance.expressions.types import RESERVED, Scope
from compliance.packs import citations, variables
from compliance.packs.book import reading_names
from compliance.packs.conclusions import check_conclusion
from compliance.packs.draft import Draft
from compliance.packs.rules import check_rule
from compliance.wording import listed


def check_formulas(draft: Draft) -> None:
    """Terms, measures and rules, in this order: each may name those before it."""
    assert draft.words is not None
    parameters = {name: Type(*form["kind"]) for name, form in draft.part("parameters").items() if "kind" in form}
    for name in parameters:
        _check_name(draft, "parameters", name)
    terms = {}
    for entity, forms in draft.part("terms").items():
        if entity not in draft.words.entities:
            draft.wrong(draft.place("terms", entity, *list(forms)[:1]), "entity-unknown", name=entity)
            continue
        for name, form in forms.items():
            citations.resolve(draft, form, "terms", entity, name)
            if name in draft.words.entities[entity].fields or name in RESERVED:
                draft.wrong(draft.place("terms", entity, name), "name-taken", name=name)
            terms[entity, name] = draft.source_at("terms", entity, name, "formula")
    calendar = draft.single["calendar"]["held"] if draft.single.get("calendar") else None
    scope = Scope(draft.words, parameters, {}, terms, reading_names(draft.part("readings"), draft.words), calendar=calendar)
    for entity, name in terms:
        draft.typed(terms[entity, name], replace(scope, entity=entity), None)
    measures: dict[str, Node] = {}
    for name, form in draft.part("measures").items():
        citations.resolve(draft, form, "measures", name)
        _check_name(draft, "measures", name)
        node = draft.typed(draft.source_at("measures", name, "formula"), replace(scope, measures=dict(measures)), None)
        if node is not None:
            measures[name], form["tree"] = node, draft.forest.put(node)
    draft.scope = replace(scope, measures=measures)
    _open_when(draft)
    for rule in draft.rules:
        check_rule(draft, rule)
    for conclusion in draft.conclusions:
        check_conclusion(draft, conclusion)
    variables.resolve(draft)
    _pending(draft)


def _pending(draft: Draft) -> None:
    """Drafts that are not in force speak of rules that there are."""
    known = [rule["id"] for rule in draft.rules]
    for name, pending in draft.part("drafts").items():
        for index, change in enumerate(pending["changes"]):
            for rule in change["rules"]:
                if rule not in known:
                    draft.wrong(draft.place("drafts", name, "changes", index, "rules"), "rule-unknown", name=rule, known=listed(known))


def _check_name(draft: Draft, section: str, name: str) -> None:
    """A name of the pack that hides nothing else."""
    assert draft.words is not None
    others = [part for part in ("parameters", "measures") if part != section and name in draft.part(part)]
    if name in RESERVED or name in draft.words.root.fields or name in draft.words.singles or others:
        draft.wrong(draft.place(section, name), "name-taken", name=name)


def _open_when(draft: Draft) -> None:
    """For which items a field is a judgement."""
    assert draft.words is not None and draft.scope is not None
    draft.single["open_when"] = []
    for entity in draft.words.entities.values():
        for form in entity.fields.values():
            if form.open_when is not None:
                at = draft.source_at("entities", entity.name, "fields", form.name, "open_when")
                node = draft.typed(at, replace(draft.scope, entity=entity.name), "truth")
                if node is not None:
                    draft.single["open_when"].append([entity.name, form.name, draft.forest.put(node)])
