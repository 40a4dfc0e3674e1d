"""Where answers add up: a comparison of sums over lists, in which each answer moves the difference by an amount of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any

from compliance.engine.decide import Decision, plan
from compliance.engine.questions import Alternative, Question, erase
from compliance.engine.subject import Subject
from compliance.expressions.formula import FAIL, PASS
from compliance.expressions.linear import difference
from compliance.expressions.steps import Stepping
from compliance.expressions.tree import Node, free_items
from compliance.packs.book import Rule

MAX_WORLDS = 64  # combinations of answers under each of which the others are weighed

Weight = tuple[int, Question, Alternative]
Moves = Mapping[str, tuple[int, int]]  # by question what the low and the high end move by


def tying(made: Subject, rule: Rule, decision: Decision, questions: Sequence[Question]) -> tuple[Question, ...] | None:
    """The questions under each of whose answers all others are weights; None where they are not.

    These are the readings, and if need be the judgements that several facts share: one of these may decide whether another
    answer counts at all.
    """
    if decision.code not in (PASS, FAIL) or not decision.applies or not _one_evaluation(made, rule, questions):
        return None
    readings = [question for question in questions if question.reading is not None]
    shared = [question for question in questions if question.reading is None and len(question.erased) > 1]
    for tied in [readings, [*readings, *shared]] if shared else [readings]:
        known = all(any(one.name == question.current for one in question.alternatives) for question in tied)
        if known and prod(len(question.alternatives) for question in tied) <= MAX_WORLDS and _separable(rule, decision, questions, tied):
            return tuple(tied)
    return None


def _one_evaluation(made: Subject, rule: Rule, questions: Sequence[Question]) -> bool:
    """Whether the rule is evaluated once, on no day and under one law, whatever is answered."""
    ready = made.machine.ready(rule)
    return not rule.held_on and len(plan(made, ready)) == 1 and not made.touched(erase(questions)[0]) & ready.days


def _separable(rule: Rule, decision: Decision, questions: Sequence[Question], tied: Sequence[Question]) -> bool:
    """Whether each question beside the ``tied`` ones moves the difference by an amount that no other has a part in.

    Read from the typed tree: one clause is in force and it is one comparison; nothing else of the rule reads a question; and
    questions stand in sums over lists, each sum once and multiplied by nothing that a question moves, where an item's part
    depends on the questions of one row only (the item's own, or the one that it refers to), and no row has two questions.
    """
    clause = clause_in_force(decision)
    formula = rule.formula
    if clause is None or formula.clauses[clause].require.op != "cmp" or formula.clauses[clause].require.value not in _MET:
        return False
    conditions = [formula.applies, *(other.when for other in formula.clauses)]
    every = {name for question in questions for name in question.names}
    if any(_reads(top, every) for top in conditions if top is not None):
        return False
    weighed = [question for question in questions if question not in tied]
    rows = [row for question in weighed for row in {id(row) for row, _, _, _ in question.erased}]
    if len(set(rows)) < len(rows):
        return False
    asked = names_of(weighed)
    form = difference(*formula.clauses[clause].require.args)
    for _, atoms in form.terms:
        reading = [atom for atom in atoms if _reads(atom, asked)]
        if len(reading) > 1 or any(atom in form.repeated or not _one_row(atom, asked) for atom in reading):
            return False
    return True


def clause_in_force(decision: Decision) -> int | None:
    """The one clause that is in force, or None where several may be."""
    bits = decision.clauses
    return bits.bit_length() - 1 if bits and bits & (bits - 1) == 0 else None


def names_of(questions: Iterable[Question]) -> set[tuple[str, str]]:
    """The fields that questions are about."""
    return {name for question in questions for name in question.names}


def _reads(node: Node, asked: set[tuple[str, str]]) -> bool:
    return any(part.op == "field" and part.value[:2] in asked for part in node.walk())


def _owners(total: Node, asked: set[tuple[str, str]]) -> set[Node]:
    """The rows whose questions a sum reads, as seen from its item."""
    return {part.args[0] for part in total.walk() if part.op == "field" and part.value[:2] in asked}


def _one_row(atom: Node, asked: set[tuple[str, str]]) -> bool:
    """Whether an atom is a sum of which each item's part reads the questions of one row, reached from the item."""
    if atom.op == "closed" and any(_reads(arg, asked) for arg in atom.args[1:]):
        return False
    total = _listed(atom)
    owners = _owners(total, asked)
    return total.op in ("sum", "count") and len(owners) == 1 and all(free_items(owner) == {total.value} for owner in owners)


def _listed(atom: Node) -> Node:
    """The sum over what is listed: one that a stated total closes moves with this alone."""
    return atom.args[0] if atom.op == "closed" else atom


_MET = {"<=": int.__le__, "<": int.__lt__, ">=": int.__ge__, ">": int.__gt__}


def turned(symbol: str, code: int, value: int) -> bool:
    """Whether a difference whose end nearest to zero is ``value`` gives the other verdict than ``code``."""
    return _MET[symbol](value, 0) != (code == PASS)


class Scales:
    """What answers weigh in a comparison, under any answers to the questions that tie (see ``tying``).

    ``end`` (0 or 1) is the end of the difference that is looked at.
    """

    def __init__(self, made: Subject, rule: Rule, require: Node, questions: Sequence[Question], tied: Sequence[Question], end: int) -> None:
        self.made = made
        self.ready = made.machine.ready(rule)
        self.entry = plan(made, self.ready)[0]
        self.require = require
        self.terms = difference(*require.args).terms
        self.end = end
        weighed = [question for question in questions if question not in tied]
        self.asked = {id(row): question.id for question in weighed for row, _, _, _ in question.erased}
        names = names_of(weighed)
        # Each sum that reads what is asked, with the row that it reads there.
        self.sums = {atom: owner for _, atoms in self.terms for atom in atoms for owner in _owners(_listed(atom), names)}
        # No item hangs on two questions, so that all may be answered at once.
        most = max((len(question.others) for question in weighed), default=0)
        self.rounds = [[(question, question.others[n]) for question in weighed if n < len(question.others)] for n in range(most)]
        self.tied = names_of(tied)
        opened = {(entity, name) for entity, name, _ in self.ready.repeated if made.machine.steps.bit((entity, name)) & made.vague}
        self.doubted = {atom for _, atoms in self.terms for atom in atoms if opened and _reads(atom, opened)}
        self._steady: dict[Node, list[Moves]] = {}  # of the sums that read nothing tied

    def weigh(self) -> tuple[int, list[Weight]] | None:
        """The end of the difference as the facts are put, and by how much each other answer moves it.

        None where that does not add up: a sum is multiplied by what is not known exactly, so that its ends may come from
        either end of the sum, or hangs on an open flag that stands in several places (see ``decide``).
        """
        evaluation = self.evaluation()
        if any(low != high for low, high in map(evaluation.value, self.doubted)):
            return None
        start: int = evaluation.difference(self.require)[self.end]
        weights = {(question.id, answer.name): 0 for answered in self.rounds for question, answer in answered}
        for coefficient, atoms in self.terms:
            for atom in atoms:
                if atom not in self.sums:
                    continue
                others = [evaluation.value(other) for other in atoms if other is not atom]
                moves = self.moves(atom)
                if moves is None or any(low != high for low, high in others):
                    return None
                factor = coefficient * prod(low for low, _ in others)
                at = self.end if factor > 0 else 1 - self.end
                for answered, moved in zip(self.rounds, moves, strict=True):
                    for question, answer in answered:
                        if question.id in moved:
                            weights[question.id, answer.name] += factor * moved[question.id][at]
        return start, [(weights[question.id, answer.name], question, answer) for answered in self.rounds for question, answer in answered]

    def evaluation(self) -> Stepping:
        """The evaluation of the facts as they are put."""
        return self.made.stepping(self.entry.day, self.entry.on)

    def moves(self, atom: Node) -> list[Moves] | None:
        """By how much the answers of each round move the ends of a sum, by question; None where ranges do not tell."""
        if atom in self._steady:
            return self._steady[atom]
        evaluation = self.evaluation()
        rows = [(row, id(evaluation.rows_of(self.sums[atom], (row,)))) for row in evaluation.value(_listed(atom).args[0])[0]]
        items = [((row,), self.asked[owner]) for row, owner in rows if owner in self.asked]
        now = _parts(evaluation, _listed(atom), items)
        found: list[Moves] = []
        for answered in self.rounds:
            with self.made.put([put for _, answer in answered for put in answer.puts]):
                then = _parts(self.evaluation(), _listed(atom), items)
            if atom in self.doubted and any(low != high for low, high in then.values()):
                return None
            found.append({name: (low - now[name][0], high - now[name][1]) for name, (low, high) in then.items()})
        if not _reads(atom, self.tied):
            self._steady[atom] = found
        return found


def _parts(evaluation: Stepping, total: Node, items: Sequence[tuple[tuple[Sequence[Any], ...], str]]) -> Moves:
    """What items add to a sum, at the least and at the most, together for each question that they hang on."""
    _, body, *conditions = total.args
    found: dict[str, tuple[int, int]] = {}
    for item, name in items:
        sure, possible = evaluation.value(conditions[0], item) if conditions else (True, True)
        low, high = evaluation.value(body, item) if possible else (0, 0)
        if not sure:
            low, high = min(low, 0), max(high, 0)
        before = found.get(name, (0, 0))
        found[name] = before[0] + low, before[1] + high
    return found
