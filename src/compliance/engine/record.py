"""The record of a check: every finding with its citations, facts, working and what would change it, as plain data.

The same facts, pack, day and version give the same bytes anywhere: nothing of clock, path, user or machine is in it. An
absent key means that there is none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring
from typing import Any

from compliance import __version__, dates
from compliance.engine.conclude import conclude
from compliance.engine.consistency import Inconsistency, inconsistencies
from compliance.engine.decide import ABSENT, SPLIT, VERDICTS, Decision, Machine, Sides, Subject, measure, subject
from compliance.engine.explain import Need, Trace, needs, shown, span, text_of, unit_of, working
from compliance.engine.phrases import day_name, message
from compliance.engine.questions import Basis, Change, Flip, Question, basis, erase, open_verdict, question_text, questions_of
from compliance.engine.remedy import Remedies
from compliance.engine.solve import Turn, turns
from compliance.expressions.emit import CONFLICT, FAIL, NOT_APPLICABLE, OPEN
from compliance.expressions.tree import Node, Type
from compliance.facts.filing import Answer, Evidence, Filing, Stated, label_of
from compliance.packs.book import Citation, Pack, Rule
from compliance.quantities import SHOWN_AS_OPEN, cut_ratio
from compliance.vocabulary import UNITS
from compliance.wording import LANGUAGES

SCHEMA = "compliance.findings/1"
Plain = dict[str, Any]
_NESTED = (dict, list, tuple)


def check(machine: Machine, filing: Filing, as_of: int, rules: Iterable[str] | None = None, concluder: str = "auto") -> Plain:
    """The record of a filing on a day (a day number), for all rules in force or those named.

    ``concluder`` picks the engine of the conclusions (see ``conclusions.engine``); the answer does not depend on it.
    """
    made = subject(machine, filing, as_of)
    places = Places()
    remedies = Remedies(made)
    findings = []
    upcoming = []
    for rule in machine.pack.rules:
        if rules is not None and rule.id not in rules:
            continue
        decision = measure(made, rule)
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
    plain: Plain = without_empty(record)
    return plain


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


def overall(findings: list[Plain], strict: bool = False) -> str:
    """The verdict of a whole record: of the conditions in force (with ``strict`` of every rule), the gravest."""
    found = {finding["verdict"] for finding in findings if strict or finding["force"] == "condition"}
    if "fail" in found:
        return "fail"
    if "judgement" in found:
        return "judgement"
    if "missing" in found:
        return "missing"
    return "pass" if "pass" in found else "not_applicable"


def to_json(record: Mapping[str, Any]) -> str:
    """A record as text: the same bytes anywhere."""
    return _written(record, "\n") + "\n"


def _written(plain: Any, margin: str) -> str:
    """Plain data as JSON, a part to a line; ``margin`` is the line end and the indentation of the line that it ends on.

    As ``json.dumps`` with an indent of one, which leaves the fast encoder aside.
    """
    if isinstance(plain, str):
        return encode_basestring(plain)
    inner = margin + " "
    if isinstance(plain, dict) and plain:
        parts = [f"{inner}{encode_basestring(key)}: {_written(value, inner)}" for key, value in plain.items()]
        return f"{{{','.join(parts)}{margin}}}"
    if isinstance(plain, list) and plain:
        return f"[{','.join([inner + _written(value, inner) for value in plain])}{margin}]"
    return json.dumps(plain)


def without_empty(plain: Any) -> Any:
    """Plain data without empty texts, lists and tables, and without None: an absent key means none."""
    if isinstance(plain, dict):
        found = {}
        for key, value in plain.items():
            kept = without_empty(value) if isinstance(value, _NESTED) else value
            if kept or kept == 0:  # False as well: it says something
                found[key] = kept
        return found
    if isinstance(plain, (list, tuple)):
        return [without_empty(value) if isinstance(value, _NESTED) else value for value in plain]
    return plain


class Places:
    """The places of a record, each written once and referred to by its position."""

    def __init__(self) -> None:
        self.listed: list[Plain] = []
        self._known: dict[Evidence, int] = {}

    def of(self, evidence: Evidence | None) -> int | None:
        """The position of a place, entered if it is new."""
        if evidence is None:
            return None
        if evidence not in self._known:
            self._known[evidence] = len(self.listed)
            place: Plain = {"document": evidence.document}
            for name in ("page", "line"):
                text = getattr(evidence, name)
                if text:
                    place[name] = int(text) if text.isdecimal() else text
            for name in ("section", "index", "by"):
                if getattr(evidence, name):
                    place[name] = getattr(evidence, name)
            self.listed.append(place)
        return self._known[evidence]


def clause_of(decision: Decision) -> int:
    """The clause that a finding speaks of: the base while it may be in force, else the exception that is."""
    bits = decision.clauses
    if not bits or bits & 1:
        return 0
    return (bits & -bits).bit_length() - 1  # of several exceptions in force the first


def reported(rule: Rule, decision: Decision, code: int) -> str:
    """The verdict that a code that is not open is reported as.

    What an unmet requirement is reported as, where the law leaves it to people: the rule's word, or the exception's.
    """
    if code == FAIL:
        clause = clause_of(decision)
        exempt = rule.exceptions[clause - 1] if clause else None
        return exempt.verdict if exempt is not None and exempt.verdict is not None else rule.fail_as
    return "judgement" if code in (SPLIT, CONFLICT) else VERDICTS[code]


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
        """The finding as the record holds it."""
        rule, decision = self.rule, self.decision
        day = next(iter(decision.by_day), "") if decision.by_day else ""
        found: Plain = {
            "rule": rule.id,
            "fingerprint": "",
            "covers": self.covers(),
            "force": rule.force,
            "verdict": self.verdict,
            "unmet": True if decision.code == FAIL and self.verdict != "fail" else None,
        }
        if decision.code != NOT_APPLICABLE:
            self.measures(found)
        rests = basis(self.made, rule, decision, self.questions) if decision.decided and self.questions else None
        if decision.decided and not self.questions and decision.code != NOT_APPLICABLE:
            rests = Basis(True, decision, 0, True, ())
        if rests is not None:
            found["robust"] = rests.robust
            found["rests_on"] = self.rests_on(rests)
        wanted = self.wanted() if not decision.decided else self.wanted_beneath(rests)
        found |= {
            "title": dict(rule.title),
            "restated": dict(rule.restated),
            "message": self.message(found, wanted),
            "citations": self.citations(),
            "days": self.days(),
            "exception": self.exception(),
            "exceptions": self.exceptions(),
            "working": working(self.trace(day), self.clause) if decision.code != NOT_APPLICABLE else [],
            "facts": self.facts(day, places),
            "needs": [self.need(need) for need in wanted],
            "questions": [self.question(question, places) for question in self.questions],
            "flips": [self.flip(flip) for flip in rests.flips] if rests is not None else [],
            "margins": self.margins() if decision.code != NOT_APPLICABLE else [],
            **self.mended(),
            "drafts": self.drafts(),
            "filing_says": self.filing_says(places),
        }
        # The key keeps its place; the text covers what the finding claims, not where the facts stand.
        found["fingerprint"] = fingerprint(found, self.made.filing.sha256, self.pack.sha256_of(self.rule), self.made.as_of)
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
        return {"id": exempt.id, "title": dict(exempt.title), "citations": [self.citation(cite, exempt.covers) for cite in exempt.cite]}

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
        found: Plain = {"fewest": rests.fewest, "complete": rests.complete, "questions": len(self.questions)}
        sides = rests.erased.sides[self.clause] if rests.erased.sides else None
        if sides is not None and self.require.op == "cmp":
            found["span"] = span(*sides.left, self.require.args[0].type)
            ratio = self.ratio(sides)
            if ratio:
                found["span_ratio"] = {"low": ratio["low"], "high": ratio["high"]}
        return found

    def citations(self) -> list[Plain]:
        """The rule's citations, each with the version of the instrument in force."""
        return [self.citation(cite) for cite in self.rule.cite]

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
            shown_days[day] = text_of(*span_of_day, Type("date"))
        return {"law": text_of(low, high, Type("date")), "law_day": name, "held_on": held, "dates": shown_days}

    def facts(self, day: str, places: Places) -> list[Plain]:
        """The facts that were read, with their places."""
        paths = self.trace(day).paths()
        stated = self.made.filing.facts
        found = [{"path": path, "value": stated[path].text, "place": places.of(stated[path].evidence)} for path in paths]
        return [without_empty(fact) for fact in found]

    def wanted(self) -> list[Need]:
        """What an open verdict needs, over all days on which it is open."""
        return self.needs_on(self.decision)

    def needs_on(self, decision: Decision) -> list[Need]:
        """The facts that keep a decision open, on each day on which it is."""
        found: dict[str, Need] = {}
        opened = [day for day, code in decision.by_day.items() if code in (OPEN, CONFLICT)]
        if not decision.by_day:
            opened = [""]
        for day in opened:
            # With questions erased the facts are others than those of the finding's own trace.
            for need in needs(self.trace(day) if decision is self.decision else Trace(self.made, self.rule, day)):
                found.setdefault(need.path, need)
        return list(found.values())

    def wanted_beneath(self, rests: Basis | None) -> list[Need]:
        """The facts that leave a decided verdict open once its questions are: what the span cannot be closed without."""
        if rests is None or rests.robust:
            return []
        asked = {path for question in self.questions for path in question.paths}
        puts, names = erase(self.questions)
        with self.made.put(puts, names):
            found = self.needs_on(rests.erased)
        return [need for need in found if need.path not in asked]

    def need(self, need: Need) -> Plain:
        """A need as the record holds it."""
        part = need.field
        if part is None:
            reading = self.pack.readings[need.path.removeprefix("reading.")]
            return {"path": need.path, "label": dict(reading.text), "settled_by": "judgement", "decides": list(need.decides)}
        return {
            "path": need.path,
            "label": dict(label_of(self.pack.vocabulary, need.path)),
            "settled_by": part.settled_by,
            "who": dict(part.who or {}),
            "document": dict(part.document or {}),
            "decides": list(need.decides),
        }

    def open_questions(self) -> list[Question]:
        """The questions without an answer in force."""
        return [question for question in self.questions if not question.current]

    def question(self, question: Question, places: Places) -> Plain:
        """A question as the record holds it: its text, the answer in force and who gave which."""
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
        return {"party": answer.party, "path": answer.path, "answer": answer.text, "reason": reason, "place": places.of(answer.evidence)}

    def flip(self, flip: Flip) -> Plain:
        """A smallest set of changed answers, and the verdict it gives."""
        found: Plain = {"change": [self.change(change) for change in flip.changes], "verdict": self.word(flip.code)}
        sides: Sides | None = flip.decision.sides[self.clause] if flip.decision.sides else None
        if sides is not None and self.require.op == "cmp" and not any(change.below or change.above for change in flip.changes):
            found["measure"] = span(*sides.left, self.require.args[0].type)
        return found

    def change(self, change: Change) -> Plain:
        """One changed answer."""
        question = change.question
        found: Plain = {"question": question.id, "facts": list(question.paths) if question.reading is None else []}
        for name in ("below", "above"):
            share = getattr(change, name)
            if share is not None:
                found[name] = cut_ratio(share.numerator, share.denominator, upwards=name == "above")
                found["exact"] = [str(share.numerator), str(share.denominator)]
                return found
        to = change.to
        if question.most:
            assert question.field is not None
            to = {"least": "0%", "most": "100%"}[change.to] if question.field.type == "ratio" else change.to
        return {**found, "from": self.answer_in_force(question) or "open", "to": to}

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
        return plain

    def mended(self) -> Plain:
        """What would turn a failing rule, or one left to judgement, into a pass; and what is not offered."""
        return self.remedies.of(self.rule) if self.verdict in ("fail", "judgement") else {}

    def drafts(self) -> list[Plain]:
        """What drafts that are not in force would change in the rule."""
        day = self.made.as_of
        return [
            {"draft": draft.id, "text": dict(draft.changes[self.rule.id])}
            for draft in self.pack.drafts.values()
            if self.rule.id in draft.changes and draft.published <= day
        ]

    def filing_says(self, places: Places) -> Plain:
        """What the filing itself concludes, and whether the finding agrees."""
        stated: Stated | None = next((stated for stated in self.made.filing.stated if stated.rule == self.rule.id), None)
        if stated is None:
            return {}
        text = dict(stated.text) if stated.text else {}
        return {"verdict": stated.verdict, "agrees": stated.verdict == self.verdict, "text": text, "place": places.of(stated.evidence)}

    def message(self, found: Plain, wanted: list[Need]) -> Plain:
        """What the finding says, in both languages."""
        return message(self, found, wanted)


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
        name = f"reading.{reading.id}"
        if name in used_readings and name not in filing.answers and reading.default != "both":
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


def _tie(tie: Any, places: Places) -> Plain:
    kind = Type("number", tie.scale, (("CNY", 1),) if tie.scale == 2 else ())
    return {
        "name": tie.name,
        "column": tie.column,
        "computed": shown(tie.computed, kind),
        "stated": shown(tie.stated, kind),
        "difference": shown(tie.difference, kind),
        "verdict": tie.verdict,
        "place": places.of(tie.evidence),
    }


def fingerprint(found: Plain, facts: str, pack: str, as_of: int) -> str:
    """Sixteen hex digits that stay while the finding claims the same on the same facts, pack and day."""
    claim = [found["rule"], found["verdict"], found.get("measure"), found.get("limit"), found.get("robust"), facts, pack, as_of]
    return hashlib.sha256(json.dumps(claim, sort_keys=True).encode()).hexdigest()[:16]


def _trailing_zeros(texts: list[str]) -> int:
    return min(len(text) - len(text.rstrip("0")) if text.strip("-0") else len(text) for text in texts)
