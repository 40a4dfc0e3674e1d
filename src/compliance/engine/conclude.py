"""From decided findings to words, and from words to conclusions: what follows, who must opine, what to ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance.engine.conclusions import ConclusionRule, Premise, Word, engine
from compliance.facts.filing import Filing
from compliance.packs.book import Concluding, Pack


def words_of(record: Mapping[str, Any], facts: Mapping[str, str]) -> list[Word]:
    """The words of a record: verdicts, whether they are robust, whether the filing agrees, and the facts that are words."""
    words = []
    for finding in record.get("findings", ()):
        rule = finding["rule"]
        words.append(Word("verdict", rule, finding["verdict"]))
        if "robust" in finding:
            words.append(Word("robust", rule, "yes" if finding["robust"] else "no"))
        says = finding.get("filing_says")
        if says:
            words.append(Word("filing_says", rule, "agrees" if says["agrees"] else "differs"))
    words += [Word("fact", name, value) for name, value in facts.items()]
    return words


def conclude(pack: Pack, filing: Filing, record: Mapping[str, Any], name: str = "auto") -> list[dict[str, Any]]:
    """The conclusions of a record, in the pack's order, as the record holds them. ``name`` picks the engine."""
    if not pack.conclusions:
        return []
    facts = {name: filing.facts[path].text for name, path in pack.words.items() if path in filing.facts}
    rules = tuple(_rule(conclusion) for conclusion in pack.conclusions)
    by_id = {conclusion.id: conclusion for conclusion in pack.conclusions}
    order = [finding["rule"] for finding in record.get("findings", ())]
    found = []
    for conclusion in engine(name).conclude(rules, words_of(record, facts)):
        said = by_id[conclusion.id]
        because = {word.subject for word in conclusion.because}
        found.append({"id": said.id, "kind": said.kind, "because": [rule for rule in order if rule in because], "text": dict(said.text)})
    return found


def _rule(conclusion: Concluding) -> ConclusionRule:
    premises = tuple(Premise(kind, frozenset(subjects), frozenset(values)) for kind, subjects, values in conclusion.when)
    return ConclusionRule(conclusion.id, premises, Word("concluded", conclusion.id, "yes"))
