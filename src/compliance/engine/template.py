"""What the findings of a rule say that hangs on the rule book alone, laid out once for all filings.

What it gives is one object in all records, and is not to be changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from compliance import dates
from compliance.engine.machine import Machine, Ready
from compliance.engine.measures import Comparison
from compliance.engine.phrases import Piece, filled, pieces
from compliance.engine.plain import Plain, kept, without_empty
from compliance.engine.working import Fill, layout
from compliance.packs.book import Citation, Draft, Instrument, Rule, Version
from compliance.vocabulary import Text
from compliance.wording import LANGUAGES

_NOT_CONCERNED: Plain = {"zh": "本条不适用于本次申报。", "en": "This rule does not apply to the filing."}


class Message(NamedTuple):
    """A message in its languages as plain texts and placeholders.

    ``names`` are the placeholders, each once; ``said`` is the whole message where it has none.
    """

    names: tuple[str, ...]
    parts: Mapping[str, list[Piece]]
    said: Plain

    def filled(self, words: Mapping[str, Text]) -> Plain:
        """The message with words for each of its placeholders."""
        if not self.names:
            return self.said
        return {lang: filled(parts, words, lang) for lang, parts in self.parts.items()}


class Cited(NamedTuple):
    """An instrument on a day: its version, and what a citation of it says before and after the article."""

    version: Version | None
    before: Plain
    after: Plain


class Template:
    """What the findings of one rule say that hangs on the rule book alone; each part is laid out when first needed."""

    def __init__(self, machine: Machine, rule: Rule) -> None:
        self.machine = machine
        self.pack = machine.pack
        self.rule = rule
        self._messages: dict[str, Message] = {}
        self._comparisons: dict[int, Comparison | None] = {}
        self._working: dict[int, list[Fill]] = {}
        self._citations: dict[int, list[Plain]] = {}
        self._exceptions: dict[tuple[int, int], Plain] = {}
        self._drafts: dict[str, Plain] = {}

    @cached_property
    def title(self) -> Plain:
        """The rule's title."""
        found: Plain = without_empty(dict(self.rule.title))
        return found

    @cached_property
    def restated(self) -> Plain:
        """What the rule asks for in the pack's own words."""
        found: Plain = without_empty(dict(self.rule.restated))
        return found

    def message(self, verdict: str) -> Message:
        """What a finding of this verdict says."""
        found = self._messages.get(verdict)
        if found is None:
            text = self.rule.message.get(verdict) or _NOT_CONCERNED
            parts: dict[str, list[Piece]] = {lang: pieces(text[lang]) for lang in LANGUAGES}
            names = tuple(dict.fromkeys(name for listed in parts.values() for _, name in listed if name is not None))
            said: Plain = {} if names else {lang: filled(listed, {}, lang) for lang, listed in parts.items()}
            found = self._messages[verdict] = Message(names, parts, said)
        return found

    def left_by(self, clause: int) -> Plain:
        """What a finding says where an exception in force leaves what is not met to people."""
        title = self.rule.exceptions[clause - 1].title
        return {
            "zh": f"例外“{title['zh']}”适用，是否符合要求由人判断。",
            "en": f"The exception “{title['en']}” applies; whether the rule is met is for people to judge.",
        }

    def met_by(self, clause: int) -> Plain:
        """What a finding says where an exception in force frees it from what its figures do not meet."""
        title = self.rule.exceptions[clause - 1].title
        return {"zh": f"例外“{title['zh']}”适用，符合要求。", "en": f"The exception “{title['en']}” applies: met."}

    def comparison(self, clause: int) -> Comparison | None:
        """How the sides of what a clause requires are shown; None where it compares nothing."""
        try:
            return self._comparisons[clause]
        except KeyError:
            require = self.rule.formula.clauses[clause].require
            found = self._comparisons[clause] = Comparison(require) if require.op == "cmp" else None
            return found

    def working(self, clause: int) -> list[Fill]:
        """The steps of the working of a clause."""
        found = self._working.get(clause)
        if found is None:
            found = self._working[clause] = layout(self.machine, self.rule.formula.clauses[clause].require)
        return found

    def edition(self, day: int) -> int:
        """The number of the days around a day on which no instrument changes."""
        return bisect_right(self.machine.editions, day)

    def citations(self, day: int) -> list[Plain]:
        """The rule's citations, each with the version of the instrument in force on a day."""
        edition = self.edition(day)
        found = self._citations.get(edition)
        if found is None:
            found = self._citations[edition] = [self._citation(cite, self.rule.covers, day) for cite in self.rule.cite]
        return found

    def exception(self, clause: int, day: int) -> Plain:
        """The exception that a clause is, with its own citations."""
        key = clause, self.edition(day)
        found = self._exceptions.get(key)
        if found is None:
            exempt = self.rule.exceptions[clause - 1]
            cited = [self._citation(cite, exempt.covers or self.rule.covers, day) for cite in exempt.cite]
            found = self._exceptions[key] = kept(
                {"id": exempt.id, "title": without_empty(exempt.title), "verdict": exempt.verdict, "citations": cited}
            )
        return found

    def _citation(self, cite: Citation, covers: tuple[str, ...], day: int) -> Plain:
        """One citation of what covers these rows."""
        known: dict[tuple[str, int], Cited] = self.machine.kept("cited")
        key = cite.instrument, self.edition(day)
        about = known.get(key)
        if about is None:
            about = known[key] = _cited(self.pack.instruments[cite.instrument], day)
        version, start, end = about
        sourced = self.pack.sourced(covers, version)
        found = {**start, "article": cite.article, **end}
        return {**found, "sourced": sourced} if sourced else found

    def draft(self, draft: Draft) -> Plain:
        """What a draft would change in the rule."""
        found = self._drafts.get(draft.id)
        if found is None:
            found = self._drafts[draft.id] = {"draft": draft.id, "text": dict(draft.changes[self.rule.id])}
        return found


def template_of(ready: Ready) -> Template:
    """What the findings of a rule say that hangs on the rule book alone."""
    known: dict[str, Template] = ready.machine.kept("templates")
    found = known.get(ready.rule.id)
    if found is None:
        found = known[ready.rule.id] = Template(ready.machine, ready.rule)
    return found


def _cited(instrument: Instrument, day: int) -> Cited:
    """What citations of an instrument say alike on a day."""
    version = instrument.version_on(day)
    number, start = (version.number, dates.iso(version.start)) if version is not None else (None, None)
    title = without_empty(instrument.short)
    return Cited(
        version,
        {"instrument": instrument.id, "title": title},
        kept({"version_from": start, "number": number, "confirmed": instrument.confirmed}),
    )
