"""The routes of a filing side by side: what each comes to, how far it reaches, and what it hangs on, as plain data.

A route is tried by putting it into the filing; every other fact stays as the filing states it. The same facts, pack, day and
version give the same bytes anywhere, as in ``record``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from compliance import __version__, dates
from compliance.engine.assumptions import assumptions
from compliance.engine.decide import ABSENT, measure
from compliance.engine.explain import Need
from compliance.engine.figures import text_of, unit_of
from compliance.engine.finding import Finding
from compliance.engine.flips import basis
from compliance.engine.machine import Machine
from compliance.engine.moves import Journey, Stuck, journeys
from compliance.engine.plain import Plain, without_empty
from compliance.engine.reach import Extreme, Reach
from compliance.engine.remedy import changes, kind_of, named
from compliance.engine.subject import Subject, subject
from compliance.engine.verdict import GRAVEST, overall
from compliance.expressions.formula import NOT_APPLICABLE, PASS
from compliance.facts.filing import Filing
from compliance.packs.book import AS_OF, Rule, Variable, Way
from compliance.vocabulary import ROOT, Field

SCHEMA = "compliance.routes/1"
GREATEST = ("most", "latest")


class Told(NamedTuple):
    """What one rule tells of a route: its verdict, and where it is open, rests on answers or is met by an exception, by what."""

    rule: Rule
    verdict: str
    needs: tuple[tuple[Need, Plain], ...]
    flips: tuple[Plain, ...]
    opened: Plain
    basis: Plain


def routes(machine: Machine, filing: Filing, as_of: int) -> Plain:
    """The record of the routes of a filing on a day (a day number)."""
    made = subject(machine, filing, as_of)
    pack = machine.pack
    part = pack.vocabulary.root.fields[pack.route]
    stated = filing.facts.get(pack.route)
    trial = Trial(made, part)
    found = [trial.route(route) for route in pack.vocabulary.kinds[part.of]]
    record: Plain = {
        "schema": SCHEMA,
        "engine": {"version": __version__},
        "pack": {"id": pack.id, "version": pack.version, "sha256": pack.sha256},
        "facts_sha256": filing.sha256,
        "as_of": dates.iso(as_of),
        "issuer": {"code": filing.code, "name": filing.issuer_name},
        "offering": {"route": stated.text if stated is not None else ""},
        "routes": found,
        "needs": [trial.needed[path] for path in sorted(trial.needed, key=lambda path: (filing.rank(path), path))],
        "assumptions": [*trial.ways(), *assumptions(made, list(trial.bases.values()))],
        "disclaimer": dict(pack.disclaimer),
    }
    plain: Plain = without_empty(record)
    return plain


class Trial:
    """One filing, tried on route after route; what does not hang on the route is found once."""

    def __init__(self, made: Subject, part: Field) -> None:
        self.made = made
        self.part = part
        self.pack = made.machine.pack
        self.reach = Reach(made)
        self.rules = [rule for rule in self.pack.rules if rule.force == "condition"]
        self.tied = [rule for rule in self.rules if (ROOT, part.name) in made.machine.fields(rule)]
        self.free: dict[str, Told] = {}
        self.bases: dict[str, Plain] = {}
        self.needed: dict[str, Plain] = {}

    def route(self, route: str) -> Plain:
        """One route as the record holds it."""
        bit = self.pack.vocabulary.bit(self.part.of, route)
        slot = self.part.slot
        stated = self.made.row[slot : slot + 2] == [bit, bit]
        self.reach.forget(self.tied)
        with self.made.put([(self.made.row, slot, bit, bit)]):
            told = list(self.told())
            reached = list(self.reached())
        counts = Counter(one.verdict for one in told)
        return {
            "route": route,
            "label": dict(self.pack.vocabulary.kinds[self.part.of][route]),
            "stated": stated,
            "verdict": overall([{"verdict": one.verdict, "force": one.rule.force} for one in told]),
            "counts": {verdict: counts[verdict] for verdict in GRAVEST if counts[verdict]},
            "bars": [named(one.rule, one.verdict) for one in told if one.verdict == "fail"],
            "reach": reached,
            "opened_by": [one.opened for one in told if one.opened],
            "needs": self.needs_of(told),
            "flips": [flip for one in told for flip in one.flips],
            "assumptions": [] if stated else [self.assumed(route)],
        }

    def told(self) -> Iterator[Told]:
        """What each condition in force tells of the route at hand."""
        tied = {rule.id for rule in self.tied}
        for rule in self.rules:
            if rule.id in self.free:
                yield self.free[rule.id]
                continue
            found = self.tell(rule)
            if found is None:
                continue
            if rule.id not in tied:
                self.free[rule.id] = found
            self.bases.setdefault(rule.id, found.basis)
            yield found

    def tell(self, rule: Rule) -> Told | None:
        """What one rule tells; None where it is not in force."""
        decision = measure(self.made, rule)
        if decision.code == ABSENT:
            return None
        if decision.code == NOT_APPLICABLE:
            return Told(rule, "not_applicable", (), (), {}, {"rule": rule.id})
        finding = Finding(self.made, rule, decision)
        facts = [{"path": path} for day in decision.by_day or [""] for path in finding.trace(day).paths()]
        questions = [{"id": one.id, "kind": "reading" if one.reading is not None else "fact"} for one in finding.questions]
        basis_of = {"rule": rule.id, "facts": facts, "questions": questions}
        needs = () if decision.decided else tuple((need, finding.need(need)) for need in finding.wanted())
        opened = _opened(finding) if decision.code == PASS else {}
        return Told(rule, finding.verdict, needs, tuple(self.flips(finding)), opened, basis_of)

    def flips(self, finding: Finding) -> Iterator[Plain]:
        """The fewest answers that give a decided rule another verdict."""
        if not finding.decision.decided or not finding.questions:
            return
        rests = basis(self.made, finding.rule, finding.decision, finding.questions)
        for flip in rests.flips:
            if len(flip.changes) == rests.fewest:
                plain = finding.flip(flip)
                yield {
                    "rule": finding.rule.id,
                    "title": dict(finding.rule.title),
                    "verdict": finding.verdict,
                    "to": plain["verdict"],
                    "change": plain["change"],
                }

    def needs_of(self, told: Iterable[Told]) -> list[Plain]:
        """What open rules lack, each fact once with the rules that it keeps open, those first that alone decide most."""
        found: dict[str, Plain] = {}
        for one in told:
            for need, plain in one.needs:
                self.needed.setdefault(need.path, {key: value for key, value in plain.items() if key != "decides"})
                entry = found.setdefault(need.path, {"path": need.path, "label": plain["label"], "rules": [], "decides": []})
                entry["rules"].append(one.rule.id)
                entry["decides"] += [one.rule.id] if need.decides else []
        return sorted(found.values(), key=lambda entry: (-len(entry["decides"]), -len(entry["rules"])))

    # How far

    def reached(self) -> Iterator[Plain]:
        """Every extreme that the pack asks for, on the route at hand."""
        for variable in self.pack.variables.values():
            for way in variable.ways:
                for ask in way.asks:
                    yield self.extreme(variable, way, ask)

    def extreme(self, variable: Variable, way: Way, ask: str) -> Plain:
        """One extreme as the record holds it."""
        part = self.pack.vocabulary.root.fields.get(variable.path)
        day = (self.made.as_of, self.made.as_of)
        start = (self.made.row[part.slot], self.made.row[part.slot + 1]) if part is not None else day
        kind = kind_of(part) if part is not None else kind_of(Field(ROOT, AS_OF, "date", -1, variable.label))
        text = text_of(start[0], start[1], kind)
        plain: Plain = {
            "variable": variable.id,
            "label": dict(variable.label),
            "ask": ask,
            "way": {"id": way.id, "label": dict(way.label)},
            "stated": text if "…" not in text else None,
            "unit": unit_of(kind),
        }
        going = journeys(self.made, variable, way, asked=True)
        if isinstance(going, Stuck):
            return {**plain, "found": going.reason}
        journey, best = self.best(going, ask in GREATEST)
        value = journey.value(best.steps) if best.steps is not None else None
        return {
            **plain,
            "found": best.found,
            "value": text_of(value, value, kind) if value is not None else None,
            "change": changes(self.made, journey, best.steps) if best.steps is not None else [],
            "binds": [named(*one) for one in best.binds],
            "barred": [named(*one) for one in best.barred],
            "open": [named(*one) for one in best.open],
            "looked_until": dates.iso(journey.value(best.looked)) if best.looked is not None else None,
        }

    def best(self, going: Sequence[Journey], greatest: bool) -> tuple[Journey, Extreme]:
        """The furthest of the journeys of a way, one for each item that may move along."""
        found = [(journey, self.reach.extreme(journey, self.rules, greatest)) for journey in going]
        for word in ("unbound", "value"):
            named_so = [(journey, extreme) for journey, extreme in found if extreme.found == word]
            if named_so:
                return max(named_so, key=lambda one: (one[1].steps or 0) * (1 if greatest else -1))
        return found[0]

    # What was taken for granted

    def assumed(self, route: str) -> Plain:
        """That a route other than the stated one is tried on facts that were stated for that one."""
        label = self.pack.vocabulary.kinds[self.part.of][route]
        text = {
            "zh": f"按“{label['zh']}”试算，其余事实均按申报文件所写，没有为这一路径另作安排",
            "en": f"tried as {label['en']}; all other facts as the filing states them, none arranged for this route",
        }
        return {"kind": "route", "path": self.pack.route, "text": text}

    def ways(self) -> Iterator[Plain]:
        """What moves along where an extreme is looked for."""
        for variable in self.pack.variables.values():
            for way in variable.ways:
                if way.asks:
                    text = {
                        "zh": f"推算{variable.label['zh']}的界限时：{way.label['zh']}",
                        "en": f"how far {variable.label['en']} may go: {way.label['en']}",
                    }
                    yield {"kind": "reach", "path": variable.path, "text": text}


def _opened(finding: Finding) -> Plain:
    """The exception by which a rule is met, where its base is not proved met on every day."""
    if not finding.clause:
        return {}
    base = finding.rule.formula.clauses[0].require
    days = finding.decision.by_day or {"": PASS}
    if all(finding.trace(day).value(base)[0] for day in days):
        return {}
    return {"rule": finding.rule.id, "title": dict(finding.rule.title), "exception": finding.exception()}
