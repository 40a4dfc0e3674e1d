"""One rule's finding, as plain data: what it says, what it cites, what it was worked out from, and what would change it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from compliance.engine.decide import VERDICTS, Decision, Sides, measure_with
from compliance.engine.explain import Need, Trace, needs
from compliance.engine.figures import shown, text_of, unit_of
from compliance.engine.flips import Basis, Change, Flip, basis
from compliance.engine.notes import Held, Law
from compliance.engine.phrases import day_name, days, needed
from compliance.engine.plain import Places, Plain, kept, without_empty
from compliance.engine.questions import Question, erase, open_verdict, question_text, questions_under
from compliance.engine.remedy import Remedies
from compliance.engine.solve import Turn, turns
from compliance.engine.subject import Subject
from compliance.engine.template import template_of
from compliance.engine.verdict import clause_of, left_to_people, past_limit, reported
from compliance.expressions.formula import CONFLICT, FAIL, NOT_APPLICABLE, OPEN
from compliance.expressions.tree import DATE, Node, Type
from compliance.facts.answers import READING
from compliance.facts.filing import Answer, Stated, label_of
from compliance.facts.values import figure_text, stateable
from compliance.packs.book import Pack, Rule
from compliance.quantities import cut_ratio
from compliance.vocabulary import UNITS, Text
from compliance.wording import LANGUAGES

_TEXT = json.encoder.encode_basestring_ascii
_TRUTHS = {True: "true", False: "false", None: "null"}
_WEIGHED: Text = {"zh": "对上述情形的评价", "en": "how this is weighed"}


class Finding:
    """One rule's finding, as plain data."""

    def __init__(self, made: Subject, rule: Rule, decision: Decision, remedies: Remedies | None = None) -> None:
        self.made = made
        self.remedies = remedies
        self.pack: Pack = made.machine.pack
        self.rule = rule
        self.ready = made.machine.ready(rule)
        self.template = template_of(self.ready)
        self.decision = decision
        self.law = made.law_day(rule)
        self.questions = questions_under(made, self.ready, self.law[1][0])
        self._traces: dict[str, Trace] = {}
        self.verdict = self._verdict()
        self.clause = clause_of(decision)
        # An exception that asks for nothing measurable is shown with the measure of the base.
        measured = self.clause if decision.sides and decision.sides[self.clause] is not None else 0
        self.sides = decision.sides[measured] if decision.sides else None
        self.comparison = self.template.comparison(measured)

    def _verdict(self) -> str:
        code = self.decision.code
        if code == OPEN:
            return open_verdict(self.made, self.rule, self.questions)
        return self.word(code)

    def word(self, code: int) -> str:
        """The verdict of a code that is not open."""
        return reported(self.rule, self.decision, code)

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
            "applies": "open" if self.verdict == "pass" and not decision.applies else None,
        }
        if applies:
            self.measures(found)
        rests, wanted = self.basis_and_needs()
        if rests is not None:
            found["robust"] = rests.robust
            found["rests_on"] = self.rests_on(rests)
        found["title"] = self.template.title
        found["restated"] = self.template.restated
        found["message"] = self.message(found, wanted)
        found["citations"] = self.citations()
        found["days"] = self.days()
        if applies:
            found["exception"] = self.exception()
            found["exceptions"] = self.exceptions()
            steps = self.trace(day).working(self.clause)
            found["working"], found["steps"] = list(steps), list(steps.values())
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
        erased = measure_with(made, self.rule, puts, names)
        if erased.code != decision.code:
            with made.put(puts, names):
                beneath = self.needs_on(erased, {path for question in self.questions for path in question.paths})
        return basis(made, self.rule, decision, self.questions, erased), beneath

    def trace(self, day: str) -> Trace:
        """The rule step by step on one of its days, on the facts as the filing gives them."""
        found = self._traces.get(day)
        if found is None:
            found = self._traces[day] = Trace(self.made, self.ready, self.law[1][0], day)
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
        return self.template.exception(self.clause, self.law[1][0])

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
        if self.sides is not None and self.comparison is not None:
            self.comparison.enter(found, self.sides, self.value, self.made.notes.figures)

    def value(self, node: Node) -> Any:
        """The range of a node on the first day that the rule is held against."""
        return self.trace(next(iter(self.decision.by_day), "")).value(node)

    def rests_on(self, rests: Basis) -> Plain:
        """What a decided verdict rests on."""
        sides = rests.erased.sides[self.clause] if rests.erased.sides else None
        found: Plain = {"fewest": rests.fewest, "complete": rests.complete, "questions": len(self.questions)}
        if sides is not None and self.comparison is not None:
            found["span"] = self.comparison.measure(sides)
            ratio = self.comparison.ratio(sides, self.value)
            if ratio:
                found["span_ratio"] = {"low": ratio["low"], "high": ratio["high"]}
        return kept(found)

    def citations(self) -> list[Plain]:
        """The rule's citations, each with the version of the instrument in force on the day of the law."""
        return self.template.citations(self.law[1][0])

    def days(self) -> Plain:
        """The day of the law, and the verdict on each day that the window was held against."""
        by_day = self.decision.by_day
        held = tuple([(day, code, self.made.day(day)) for day, code in by_day.items()]) if by_day else ()
        known = self.made.notes.days
        key = self.law, held
        found = known.get(key)
        if found is None:
            found = known[key] = without_empty(_days(self.law, held))
        return found

    def facts(self, day: str, places: Places) -> list[Plain]:
        """The facts that were read, with their places."""
        return places.facts(self.made.filing, self.trace(day).facts())

    def wanted(self) -> list[Need]:
        """What an open verdict needs, over all days on which it is open."""
        return self.needs_on(self.decision)

    def needs_on(self, decision: Decision, left: AbstractSet[str] = frozenset()) -> list[Need]:
        """The facts that keep a decision open, on each day on which it is, without those ``left`` out."""
        found: dict[str, Need] = {}
        opened = [day for day, code in decision.by_day.items() if code in (OPEN, CONFLICT)]
        if not decision.by_day:
            opened = [""]
        for day in opened:
            for need in needs(self.trace(day), left | found.keys()):
                found[need.path] = need
        return list(found.values())

    def need(self, need: Need) -> Plain:
        """A need as the record holds it."""
        known = self.made.notes.needs
        plain = known.get(need.path)
        if plain is None:
            plain = known[need.path] = without_empty(self._need(need))
        return {**plain, "decides": list(need.decides)} if need.decides else plain

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

    def label(self, path: str) -> Text:
        """A path in words."""
        known = self.made.notes.labels
        found = known.get(path)
        if found is None:
            found = known[path] = label_of(self.pack.vocabulary, path)
        return found

    def words(self, name: str, found: Plain, wanted: list[Need]) -> Text:
        """What stands for a placeholder of a message, in both languages."""
        if name == "needs":
            names = self.named(wanted)
            return {lang: needed(names, lang) for lang in LANGUAGES}
        if name == "days":
            held = self.days()
            return {lang: days(self.pack, held, lang) for lang in LANGUAGES}
        return self.made.notes.spread(found.get(name), met=name == "measure" and self.verdict == "pass")

    def named(self, wanted: list[Need]) -> list[Text]:
        """What an open finding needs in words, questions as they are asked; where there is nothing, the days that differ."""
        asked = {path: question for question in self.questions for path in question.paths}
        names: list[Text] = [
            question_text(self.pack, question)[0] if (question := asked.get(need.path)) else self.label(need.path) for need in wanted
        ]
        if self.doubtful:
            names = [*self.in_doubt(), *names]
        if self.verdict == "judgement" and not names:
            # Decided, but left to people: by the days that give different answers, or by answers that were given.
            names = [{lang: day_name(self.pack, day, lang) for lang in LANGUAGES} for day in self.decision.by_day]
            names = names or [question_text(self.pack, question)[0] for question in self.questions]
            names = names or [_WEIGHED]
        return names

    @property
    def doubtful(self) -> bool:
        """Whether the requirement is not met whichever clause is in force, and which of them is decides if that is a fail."""
        return self.decision.code == FAIL and self.verdict != "fail" and bool(self.decision.clauses & ~left_to_people(self.rule))

    def in_doubt(self) -> list[Text]:
        """The exceptions of which it is not known whether they are in force, as something that an answer hangs on."""
        bits = self.decision.clauses
        return [
            {"zh": f"例外“{exempt.title['zh']}”是否适用", "en": f"whether the exception “{exempt.title['en']}” applies"}
            for number, exempt in enumerate(self.rule.exceptions, 1)
            if bits >> number & 1
        ]

    def question(self, question: Question, places: Places) -> Plain:
        """A question as the record holds it: its text, the answer in force and who gave which."""
        known = self.made.notes.questions
        key = question.id, question.paths
        plain = known.get(key)
        if plain is None:
            plain = known[key] = without_empty(self._question(question, places))
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
        if sides is not None and self.comparison is not None and not any(change.below or change.above for change in flip.changes):
            found["measure"] = self.comparison.measure(sides)
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
        return kept({**found, "from": self.answer_in_force(question) or "open", "to": self.answered(change)})

    def answered(self, change: Change) -> str:
        """The other answer of a flip as a filing would hold it: a word, an end of a scale, or all amounts from one on."""
        field = change.question.field
        if field is None or field.type in ("flag", "kind") or change.to not in ("least", "most"):
            return change.to
        if change.within is not None:
            low, high = ("" if end is None else figure_text(field, end) for end in change.within)
            return f"{low}..{high}"
        ends = self.pack.vocabulary.blank(field)
        end = ends[0] if change.to == "least" else ends[1]
        text = figure_text(field, end) if stateable(field, end) == end else change.to
        return text if field.rounded else text.removeprefix("=")

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
        if self.verdict not in ("fail", "judgement"):
            return {}
        return (self.remedies or Remedies(self.made)).of(self.rule)

    def drafts(self) -> list[Plain]:
        """What drafts that are not in force would change in the rule."""
        day = self.made.as_of
        return [
            self.template.draft(draft) for draft in self.pack.drafts.values() if self.rule.id in draft.changes and draft.published <= day
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
        """What the finding says, in both languages. A requirement that is not met says so, whatever it is reported as.

        An exception that itself leaves that to people asks for something of its own, of which the rule's words say nothing.
        """
        unmet = self.decision.code == FAIL and not self.doubtful
        if unmet and self.clause and self.rule.exceptions[self.clause - 1].verdict:
            return self.template.left_by(self.clause)
        if self.clause and past_limit(found):
            return self.template.met_by(self.clause)
        verdict = "fail" if unmet else self.verdict
        message = self.template.message(verdict)
        return message.filled({name: self.words(name, found, wanted) for name in message.names})


def _days(law: Law, held: Held) -> Plain:
    name, (low, high) = law
    verdicts = {day: "open" if code in (OPEN, CONFLICT) else VERDICTS[code] for day, code, _ in held}
    shown_days = {day: text_of(*on, DATE) for day, _, on in held if on is not None}
    return {"law": text_of(low, high, DATE), "law_day": name, "held_on": verdicts, "dates": shown_days}


def fingerprint(found: Plain, facts: str, pack: str, as_of: int) -> str:
    """Sixteen hex digits that stay while the finding claims the same on the same facts, pack and day."""
    measure = _claimed(found["measure"]) if "measure" in found else "null"
    limit = _claimed(found["limit"]) if "limit" in found else "null"
    robust = _TRUTHS[found.get("robust")]
    claim = f"[{_TEXT(found['rule'])}, {_TEXT(found['verdict'])}, {measure}, {limit}, {robust}, {_TEXT(facts)}, {_TEXT(pack)}, {as_of}]"
    return hashlib.sha256(claim.encode()).hexdigest()[:16]


def _claimed(span: Mapping[str, str]) -> str:
    return f"{{{', '.join([f'{_TEXT(key)}: {_TEXT(span[key])}' for key in sorted(span)])}}}"
