"""One rule's finding, as plain data: what it says, what it cites, what it was worked out from, and what would change it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Container, Mapping
from typing import Any

from compliance import dates
from compliance.engine.decide import VERDICTS, Decision, Sides, measure
from compliance.engine.explain import Need, Trace, needs, shown, span, text_of, unit_of, working
from compliance.engine.flips import Basis, Change, Flip, basis
from compliance.engine.phrases import message
from compliance.engine.plain import Places, Plain, kept, without_empty
from compliance.engine.questions import Question, erase, open_verdict, question_text, questions_of
from compliance.engine.remedy import Remedies
from compliance.engine.solve import Turn, turns
from compliance.engine.subject import Subject
from compliance.engine.verdict import clause_of, reported
from compliance.expressions.emit import CONFLICT, FAIL, NOT_APPLICABLE, OPEN
from compliance.expressions.tree import DATE, Node, Type
from compliance.facts.answers import READING
from compliance.facts.filing import Answer, Stated, label_of
from compliance.packs.book import Citation, Pack, Rule
from compliance.quantities import SHOWN_AS_OPEN, cut_ratio
from compliance.vocabulary import UNITS

_ENCODE = json.JSONEncoder(sort_keys=True).encode


class Finding:
    """One rule's finding, as plain data."""

    def __init__(self, made: Subject, rule: Rule, decision: Decision, remedies: Remedies | None = None) -> None:
        self.made = made
        self.remedies = remedies or Remedies(made)
        self.pack: Pack = made.machine.pack
        self.rule = rule
        self.decision = decision
        self.questions = questions_of(made, rule)
        self._traces: dict[str, Trace] = {}
        self.verdict = self._verdict()
        self.clause = self._clause()
        # An exception that asks for nothing measurable is shown with the measure of the base.
        measured = self.clause if decision.sides and decision.sides[self.clause] is not None else 0
        self.sides = decision.sides[measured] if decision.sides else None
        self.require: Node = rule.formula.clauses[measured].require

    def _verdict(self) -> str:
        code = self.decision.code
        if code == OPEN:
            return open_verdict(self.made, self.rule, self.questions)
        return self.word(code)

    def word(self, code: int) -> str:
        """The verdict of a code that is not open."""
        return reported(self.rule, self.decision, code)

    def _clause(self) -> int:
        """The clause that the finding speaks of."""
        return clause_of(self.decision)

    def plain(self, places: Places) -> Plain:
        """The finding as the record holds it. What hangs on the pack alone is one object in all records: it is not to be changed."""
        rule, decision = self.rule, self.decision
        day = next(iter(decision.by_day), "") if decision.by_day else ""
        applies = decision.code != NOT_APPLICABLE
        found: Plain = {
            "rule": rule.id,
            "fingerprint": "",
            "covers": self.covers(),
            "force": rule.force,
            "verdict": self.verdict,
            "unmet": True if decision.code == FAIL and self.verdict != "fail" else None,
        }
        if applies:
            self.measures(found)
        rests, wanted = self.basis_and_needs()
        if rests is not None:
            found["robust"] = rests.robust
            found["rests_on"] = self.rests_on(rests)
        found["title"] = self.once("title", lambda: dict(rule.title))
        found["restated"] = self.once("restated", lambda: dict(rule.restated))
        found["message"] = self.message(found, wanted)
        found["citations"] = self.citations()
        found["days"] = self.days()
        if applies:
            found["exception"] = self.exception()
            found["exceptions"] = self.exceptions()
            found["working"] = working(self.trace(day), self.clause)
        found["facts"] = self.facts(day, places)
        found["needs"] = [self.need(need) for need in wanted]
        found["questions"] = [self.question(question, places) for question in self.questions]
        if rests is not None:
            found["flips"] = [self.flip(flip) for flip in rests.flips]
        if applies:
            found["margins"] = self.margins()
        found |= without_empty(self.mended())
        found["drafts"] = self.drafts()
        found["filing_says"] = self.filing_says(places)
        # The key keeps its place; the text covers what the finding claims, not where the facts stand.
        found["fingerprint"] = fingerprint(found, self.made.filing.sha256, self.pack.sha256_of(self.rule), self.made.as_of)
        return kept(found)

    def basis_and_needs(self) -> tuple[Basis | None, list[Need]]:
        """What a decided verdict rests on, and the facts that an open one needs or that lie beneath the questions of a decided one."""
        made, decision = self.made, self.decision
        if not decision.decided:
            return None, self.wanted()
        if not self.questions:
            return (Basis(True, decision, 0, True, ()) if decision.code != NOT_APPLICABLE else None), []
        puts, names = erase(self.questions)
        beneath: list[Need] = []
        with made.put(puts, names):
            erased = measure(made, self.rule)
            if erased.code != decision.code:
                beneath = self.needs_on(erased, {path for question in self.questions for path in question.paths})
        return basis(made, self.rule, decision, self.questions, erased), beneath

    def once(self, name: str, make: Callable[[], Any], *more: Any) -> Any:
        """What hangs on the pack alone (and on what ``more`` tells apart), made once for all filings."""
        texts = self.made.machine.texts
        key = (name, self.rule.id, *more)
        found = texts.get(key)
        if found is None:
            found = texts[key] = without_empty(make())
        return found

    def trace(self, day: str) -> Trace:
        """The rule step by step on one of its days, on the facts as the filing gives them."""
        found = self._traces.get(day)
        if found is None:
            found = self._traces[day] = Trace(self.made, self.rule, day)
        return found

    def covers(self) -> list[str]:
        """The ids that were passed on the way: the rule's, those of the exception in force, those of the readings."""
        found = list(self.rule.covers)
        if self.clause:
            found += self.rule.exceptions[self.clause - 1].covers
        for question in self.questions:
            if question.reading is not None:
                found += question.reading.covers
        return list(dict.fromkeys(found))

    def exception(self) -> Plain:
        """The exception in force, with its own citations."""
        if not self.clause or self.decision.code == NOT_APPLICABLE:
            return {}
        exempt = self.rule.exceptions[self.clause - 1]

        def make() -> Plain:
            cited = [self.citation(cite, exempt.covers) for cite in exempt.cite]
            return {"id": exempt.id, "title": dict(exempt.title), "citations": cited}

        plain: Plain = self.once("exception", make, self.clause, self.made.law_day(self.rule)[1][0])
        return plain

    def exceptions(self) -> list[Plain]:
        """Whether each exception is in force, on all the days that a window is held against."""
        if self.decision.code == NOT_APPLICABLE:
            return []
        found = []
        for number, (exempt, clause) in enumerate(zip(self.rule.exceptions, self.rule.formula.clauses[1:], strict=True), 1):
            assert clause.when is not None
            sure = all(self.trace(day).value(clause.when)[0] for day in self.decision.by_day or [""])
            possible = self.decision.clauses >> number & 1
            found.append({"id": exempt.id, "state": "not_in_force" if not possible else "in_force" if sure else "open"})
        return found

    def measures(self, found: Plain) -> None:
        """Measure, limit, ratio and headroom, where the requirement is a comparison."""
        if self.sides is None or self.require.op != "cmp":
            return
        left, right = self.require.args
        sides: Sides = self.sides
        kind = left.type
        found["measure"] = span(*sides.left, kind)
        found["limit"] = span(*sides.right, right.type)
        ratio = self.ratio(sides)
        if ratio:
            found["ratio"] = ratio
        found["headroom"] = self.headroom(sides)
        if sides.difference == (0, 0):
            found["on_the_line"] = True

    def headroom(self, sides: Sides) -> Plain:
        """How far the measure is from the limit, on the side that is allowed."""
        left, right = self.require.args
        scale = max(left.type.scale, right.type.scale)
        a = [end * 10 ** (scale - left.type.scale) for end in sides.left]
        b = [end * 10 ** (scale - right.type.scale) for end in sides.right]
        if left.type.kind == "date":
            if {dates.FIRST_DAY, dates.LAST_DAY} & {*sides.left, *sides.right}:
                return {}
            kind = Type("number", unit=(("day", 1),))
        else:
            kind = Type("number", scale, left.type.unit or right.type.unit, fraction=left.type.fraction or right.type.fraction)
        low, high = (b[0] - a[1], b[1] - a[0]) if self.require.value in ("<", "<=") else (a[0] - b[1], a[1] - b[0])
        return span(low, high, kind)

    def ratio(self, sides: Sides) -> Plain:
        """``left / base`` where the limit is a parameter or constant times a base."""
        left, right = self.require.args
        if right.op != "mul" or left.type.unit != right.type.unit:
            return {}
        rates = [arg for arg in right.args if arg.op in ("param", "const") and not arg.type.unit]
        bases = [arg for arg in right.args if arg not in rates]
        if len(rates) != 1 or len(bases) != 1:
            return {}
        base = bases[0]
        day = next(iter(self.decision.by_day), "")
        low, high = self.trace(day).value(base)
        if low <= 0 or any(abs(end) >= SHOWN_AS_OPEN for end in (high, *sides.left)):
            return {}
        up, down = 10**base.type.scale, 10**left.type.scale
        a, b = sides.left
        ends = [(a * up, (high if a >= 0 else low) * down), (b * up, (low if b >= 0 else high) * down)]
        found: Plain = {"low": cut_ratio(*ends[0], upwards=False), "high": cut_ratio(*ends[1], upwards=True)}
        if a == b and low == high:
            scale = max(left.type.scale, base.type.scale)
            found["exact"] = [str(a * 10 ** (scale - left.type.scale)), str(low * 10 ** (scale - base.type.scale))]
            shared = _trailing_zeros(found["exact"])
            found["exact"] = [text[: len(text) - shared] or "0" for text in found["exact"]]
        return found

    def rests_on(self, rests: Basis) -> Plain:
        """What a decided verdict rests on."""
        found: Plain = kept({"fewest": rests.fewest, "complete": rests.complete, "questions": len(self.questions)})
        sides = rests.erased.sides[self.clause] if rests.erased.sides else None
        if sides is not None and self.require.op == "cmp":
            found["span"] = span(*sides.left, self.require.args[0].type)
            ratio = self.ratio(sides)
            if ratio:
                found["span_ratio"] = {"low": ratio["low"], "high": ratio["high"]}
        return found

    def citations(self) -> list[Plain]:
        """The rule's citations, each with the version of the instrument in force."""
        day = self.made.law_day(self.rule)[1][0]
        found: list[Plain] = self.once("citations", lambda: [self.citation(cite) for cite in self.rule.cite], day)
        return found

    def citation(self, cite: Citation, covers: tuple[str, ...] = ()) -> Plain:
        """One citation; ``covers`` are the rows of what cites it (none: those of the rule)."""
        instrument = self.pack.instruments[cite.instrument]
        version = instrument.version_on(self.made.law_day(self.rule)[1][0])
        return {
            "instrument": cite.instrument,
            "title": dict(instrument.short),
            "article": cite.article,
            "version_from": dates.iso(version.start) if version is not None else None,
            "number": version.number if version is not None else None,
            "confirmed": instrument.confirmed,
            "sourced": self.pack.sourced(covers or self.rule.covers, version) or None,
        }

    def days(self) -> Plain:
        """The day of the law, and the verdict on each day that the window was held against."""
        name, (low, high) = self.made.law_day(self.rule)
        held, shown_days = {}, {}
        for day, code in self.decision.by_day.items():
            span_of_day = self.made.day(day)
            assert span_of_day is not None
            held[day] = "open" if code in (OPEN, CONFLICT) else VERDICTS[code]
            shown_days[day] = text_of(*span_of_day, DATE)
        return kept({"law": text_of(low, high, DATE), "law_day": name, "held_on": held, "dates": shown_days})

    def facts(self, day: str, places: Places) -> list[Plain]:
        """The facts that were read, with their places."""
        stated = self.made.filing.facts
        return [places.fact(stated[path]) for path in self.trace(day).paths()]

    def wanted(self) -> list[Need]:
        """What an open verdict needs, over all days on which it is open."""
        return self.needs_on(self.decision)

    def needs_on(self, decision: Decision, left: Container[str] = ()) -> list[Need]:
        """The facts that keep a decision open, on each day on which it is, without those ``left`` out."""
        found: dict[str, Need] = {}
        opened = [day for day, code in decision.by_day.items() if code in (OPEN, CONFLICT)]
        if not decision.by_day:
            opened = [""]
        for day in opened:
            for need in needs(self.trace(day), left):
                found.setdefault(need.path, need)
        return list(found.values())

    def need(self, need: Need) -> Plain:
        """A need as the record holds it."""
        decides = list(need.decides)
        plain: Plain = self.noted("need", need.path, lambda: self._need(need))
        return {**plain, "decides": decides} if decides else plain

    def _need(self, need: Need) -> Plain:
        part = need.field
        if part is None:
            reading = self.pack.readings[need.path.removeprefix(READING)]
            return {"path": need.path, "label": dict(reading.text), "settled_by": "judgement"}
        return {
            "path": need.path,
            "label": self.label(need.path),
            "settled_by": part.settled_by,
            "who": dict(part.who or {}),
            "document": dict(part.document or {}),
        }

    def label(self, path: str) -> Mapping[str, str]:
        """A path in words."""
        found: Mapping[str, str] = self.noted("label", path, lambda: label_of(self.pack.vocabulary, path))
        return found

    def noted(self, name: str, about: Any, make: Callable[[], Any]) -> Any:
        """What hangs on the filing as it stands, made once for all its findings."""
        notes = self.made.notes
        found = notes.get((name, about))
        if found is None:
            found = notes[name, about] = without_empty(make())
        return found

    def question(self, question: Question, places: Places) -> Plain:
        """A question as the record holds it: its text, the answer in force and who gave which."""
        plain: Plain = self.noted("question", (question.id, question.paths), lambda: self._question(question, places))
        return plain

    def _question(self, question: Question, places: Places) -> Plain:
        text, bring = question_text(self.pack, question)
        return {
            "id": question.id,
            "kind": "reading" if question.reading is not None else "fact",
            "facts": list(question.paths) if question.reading is None else [],
            "text": dict(text),
            "bring": dict(bring),
            "answer": self.answer_in_force(question),
            "answers": [self.answer(answer, places) for answer in question.answers],
        }

    def answer_in_force(self, question: Question) -> str | None:
        """The answer as it was written, or the option of a reading."""
        if not question.current:
            return None
        if question.reading is not None:
            return question.current
        texts = [fact.text for path in question.paths if (fact := self.made.filing.facts.get(path)) is not None]
        return texts[0] if texts else question.current

    def answer(self, answer: Answer, places: Places) -> Plain:
        """One party's answer."""
        reason = dict(answer.reason) if answer.reason else {}
        return kept(
            {"party": answer.party, "path": answer.path, "answer": answer.text, "reason": reason, "place": places.of(answer.evidence)}
        )

    def flip(self, flip: Flip) -> Plain:
        """A smallest set of changed answers, and the verdict it gives."""
        found: Plain = {"change": [self.change(change) for change in flip.changes], "verdict": self.word(flip.code)}
        sides: Sides | None = flip.decision.sides[self.clause] if flip.decision.sides else None
        if sides is not None and self.require.op == "cmp" and not any(change.below or change.above for change in flip.changes):
            found["measure"] = span(*sides.left, self.require.args[0].type)
        return kept(found)

    def change(self, change: Change) -> Plain:
        """One changed answer."""
        question = change.question
        found: Plain = {"question": question.id, "facts": list(question.paths) if question.reading is None else []}
        for name in ("below", "above"):
            share = getattr(change, name)
            if share is not None:
                found[name] = cut_ratio(share.numerator, share.denominator, upwards=name == "above")
                found["exact"] = [str(share.numerator), str(share.denominator)]
                return kept(found)
        to = change.to
        if question.most:
            assert question.field is not None
            to = {"least": "0%", "most": "100%"}[change.to] if question.field.type == "ratio" else change.to
        return kept({**found, "from": self.answer_in_force(question) or "open", "to": to})

    def margins(self) -> list[Plain]:
        """How far the facts that the pack solves for may go with the rule still met."""
        return [self.margin(found) for margin in self.rule.margins for found in turns(self.made, self.rule, margin)]

    def margin(self, found: Turn) -> Plain:
        """One fact solved for: the last value proved, the last one possible, each also as a share of the base."""
        kind = Type("number", found.field.scale, UNITS[found.field.type])
        plain: Plain = {
            "variable": found.path,
            "scenario": dict(found.scenario.label) if found.scenario is not None else {},
            "label": dict(found.margin.label),
            "turns": "at most" if found.upwards else "at least",
            "unit": unit_of(kind),
        }
        for name, value in (("sure", found.sure), ("possible", found.possible)):
            if value is not None:
                plain[name] = shown(value, kind)
                if found.base is not None and found.base[0] == found.base[1] > 0:
                    plain[f"{name}_share"] = cut_ratio(value, found.base[0], upwards=not found.upwards)
        return kept(plain)

    def mended(self) -> Plain:
        """What would turn a failing rule, or one left to judgement, into a pass; and what is not offered."""
        return self.remedies.of(self.rule) if self.verdict in ("fail", "judgement") else {}

    def drafts(self) -> list[Plain]:
        """What drafts that are not in force would change in the rule."""
        day = self.made.as_of
        return [
            self.once("draft", lambda draft=draft: {"draft": draft.id, "text": dict(draft.changes[self.rule.id])}, draft.id)  # type: ignore[misc]
            for draft in self.pack.drafts.values()
            if self.rule.id in draft.changes and draft.published <= day
        ]

    def filing_says(self, places: Places) -> Plain:
        """What the filing itself concludes, and whether the finding agrees."""
        stated: Stated | None = next((stated for stated in self.made.filing.stated if stated.rule == self.rule.id), None)
        if stated is None:
            return {}
        text = dict(stated.text) if stated.text else {}
        agrees = stated.verdict == self.verdict
        return kept({"verdict": stated.verdict, "agrees": agrees, "text": text, "place": places.of(stated.evidence)})

    def message(self, found: Plain, wanted: list[Need]) -> Plain:
        """What the finding says, in both languages."""
        return message(self, found, wanted)


def fingerprint(found: Plain, facts: str, pack: str, as_of: int) -> str:
    """Sixteen hex digits that stay while the finding claims the same on the same facts, pack and day."""
    claim = [found["rule"], found["verdict"], found.get("measure"), found.get("limit"), found.get("robust"), facts, pack, as_of]
    return hashlib.sha256(_ENCODE(claim).encode()).hexdigest()[:16]


def _trailing_zeros(texts: list[str]) -> int:
    return min(len(text) - len(text.rstrip("0")) if text.strip("-0") else len(text) for text in texts)
