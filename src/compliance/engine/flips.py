"""What a verdict rests on: its questions erased all at once, the span of its measure, and the fewest answers that flip it.

Everything here is *put some answers, decide again* (see ``questions`` for what is asked).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import NamedTuple

from compliance.engine.decide import DECIDED, Decision, decide_with, measure, measure_with, varied
from compliance.engine.questions import Alternative, Question, erase
from compliance.engine.subject import Put, Subject
from compliance.expressions.formula import FAIL, PASS
from compliance.expressions.linear import difference
from compliance.expressions.monotone import STILL, UP, direction
from compliance.expressions.tree import Node, free_items
from compliance.packs.book import Rule

MAX_SET = 3  # sets of answers that flip a verdict are listed completely up to this size
MAX_TRIED = 40_000  # evaluations spent on one rule before a search is reported as incomplete


class Change(NamedTuple):
    """One changed answer of a flip: another answer, or a share below or above a threshold (exact)."""

    question: Question
    to: str = ""
    below: Fraction | None = None
    above: Fraction | None = None


class Flip(NamedTuple):
    """A smallest set of changed answers that gives another verdict, with the measures it then has."""

    changes: tuple[Change, ...]
    code: int
    decision: Decision


class Basis(NamedTuple):
    """What a decided verdict rests on.

    ``erased`` is the decision with every question open: robust is what still gives the same verdict. ``fewest`` is the
    least number of answers that give another verdict (0: none do, though without ``robust`` some leave it open; None: not
    known), ``complete`` whether the search saw everything; ``flips`` every set of up to ``MAX_SET`` answers that flips and
    holds no smaller one, or where the fewest are more, one such set.
    """

    robust: bool
    erased: Decision
    fewest: int | None
    complete: bool
    flips: tuple[Flip, ...]


def basis(made: Subject, rule: Rule, decision: Decision, questions: Sequence[Question], erased: Decision | None = None) -> Basis:
    """What a decided verdict rests on; ``erased`` is the decision with the questions open, where it is known."""
    if erased is None:
        puts, names = erase(questions)
        with made.put(puts, names):
            erased = measure(made, rule)
    if erased.code == decision.code:
        return Basis(True, erased, 0, True, ())
    search = _Search(made, rule, decision, questions)
    fewest, flips = search.fewest()
    complete = search.complete
    # A share can turn a verdict between its ends; without a proof by erasing, its ends alone prove nothing.
    if fewest == 0 and any(question.most for question in questions):
        fewest, complete = None, False
    order = {question.id: number for number, question in enumerate(questions)}
    flips.sort(key=lambda flip: (len(flip.changes), [order[change.question.id] for change in flip.changes]))
    return Basis(False, erased, fewest, complete, tuple(flips))


class _Search:
    """The search for answers that flip one verdict, within a budget of evaluations."""

    def __init__(self, made: Subject, rule: Rule, decision: Decision, questions: Sequence[Question]) -> None:
        self.made = made
        self.rule = rule
        self.decision = decision
        self.code = decision.code
        self.questions = questions
        self.tried = 0
        self.complete = True
        self.alone: dict[tuple[str, str], Decision] = {}  # what one answer gives, where it has been looked at with its measures

    def verdict(self, puts: Iterable[Put], names: Iterable[tuple[str, str]]) -> int:
        """The code with some answers put."""
        self.tried += 1
        return decide_with(self.made, self.rule, puts if isinstance(puts, (list, tuple)) else list(puts), names)

    def by(self, question: Question, alternative: Alternative) -> Decision:
        """What one other answer gives; ``by_effect`` asks for it again."""
        key = question.id, alternative.name
        found = self.alone.get(key)
        if found is None:
            self.tried += 1
            found = self.alone[key] = measure_with(self.made, self.rule, alternative.puts, question.names)
        return found

    def flips(self, code: int) -> bool:
        """Whether a code is a decided verdict other than the one at hand."""
        return code in DECIDED and code != self.code

    def small_sets(self, sizes: Iterable[int], found: list[Flip]) -> list[Flip]:
        """Every set of answers of the given sizes that flips and holds no smaller one that does; ``found`` holds those."""
        taken = [frozenset((change.question.id, change.to) for change in flip.changes) for flip in found]
        for size in sizes:
            for chosen in combinations(self.questions, size):
                if self.tried > MAX_TRIED:
                    self.complete = False
                    return found
                if any(len(q.others) > 1 for q in chosen) and not self.can_flip(chosen):
                    continue
                for alternatives in product(*(question.others for question in chosen)):
                    key = frozenset((q.id, a.name) for q, a in zip(chosen, alternatives, strict=True))
                    if any(smaller <= key for smaller in taken):
                        continue
                    if size == 1 and len(self.rule.formula.clauses) == 1:
                        code = self.by(chosen[0], alternatives[0]).code
                    else:
                        code = self.verdict([put for a in alternatives for put in a.puts], [name for q in chosen for name in q.names])
                    if self.flips(code):
                        taken.append(key)
                        found.append(self.flip(chosen, alternatives, code))
        return found

    def rest_decided(self, found: list[Flip]) -> bool:
        """Whether the questions that do not flip alone cannot flip together: erased at once, the verdict stands."""
        alone = {(change.question.id, change.to) for flip in found for change in flip.changes}
        left = {q.id: tuple(a for a in q.others if (q.id, a.name) not in alone) for q in self.questions}
        rest = [question for question in self.questions if left[question.id]]
        free = [question for question in rest if len(left[question.id]) == len(question.others)]
        tied = [question for question in rest if len(left[question.id]) < len(question.others)]
        puts, names = erase(free)
        if not tied and self.verdict(puts, names) == self.code:
            return True
        facts = [question for question in free if question.reading is None]
        ends = [self.worst(question) for question in facts]
        if any(end is None for end in ends):
            return False
        worst = [put for end in ends if end is not None for put in end]
        choices = [[(), *(alternative.puts for alternative in left[q.id])] for q in rest if q not in facts]
        for options in product(*choices):
            if self.flips(self.verdict([*worst, *(put for option in options for put in option)], names)):
                return False
        return True

    def worst(self, question: Question) -> tuple[Put, ...] | None:
        """The answer that moves the rule furthest towards the other verdict, if the typed tree shows which; else None."""
        formula = self.rule.formula
        conditions = [top for top in (formula.applies, *(clause.when for clause in formula.clauses)) if top is not None]
        name = question.names[0]
        if any(direction(top, name) != STILL for top in conditions) or question.field is None or question.field.type == "kind":
            return None
        ways = {direction(clause.require, name) for clause in formula.clauses} - {STILL}
        if not ways:
            return question.alternatives[0].puts
        if len(ways) > 1 or None in ways:
            return None
        low = min(alternative.puts[0][2] for alternative in question.alternatives)
        falls = (ways.pop() == UP) == (self.code == PASS)  # what lowers a truth that is met, or raises one that is not
        return next(a.puts for a in question.alternatives if (a.puts[0][2] == low) == falls)

    def can_flip(self, chosen: Sequence[Question]) -> bool:
        """Whether any answers to these questions alone could flip: with them open the verdict is no longer decided."""
        puts, names = erase(chosen)
        return self.verdict(puts, names) != self.code

    def flip(self, chosen: Sequence[Question], alternatives: Sequence[Alternative], code: int) -> Flip:
        """A flip; alone, a share is given as a threshold."""
        with self.made.put([put for a in alternatives for put in a.puts], [name for q in chosen for name in q.names]):
            decision = measure(self.made, self.rule)
        if len(chosen) == 1 and chosen[0].most:
            change = self.threshold(chosen[0], alternatives[0].name)
            if change is not None:
                return Flip((change,), code, decision)
        return Flip(tuple(Change(q, to=a.name) for q, a in zip(chosen, alternatives, strict=True)), code, decision)

    def threshold(self, question: Question, end: str) -> Change | None:
        """The share at which the verdict turns on its way to an end, where the difference is linear in it; proved at both sides."""
        at = {}
        for value in (0, question.most):
            with self.made.put([(row, slot, value, value) for row, slot, _, _ in question.erased], question.names):
                sides = measure(self.made, self.rule).sides[0]
            if sides is None or sides.difference[0] != sides.difference[1]:
                return None
            at[value] = sides.difference[0]
        if at[0] == at[question.most]:
            return None
        root = Fraction(at[0]) * question.most / (at[0] - at[question.most])
        near = root.numerator // root.denominator
        below = self.verdict(self.all_at(question, near if near < root else near - 1), question.names)
        above = self.verdict(self.all_at(question, near + 1), question.names)
        share = root / question.most
        if end == "least" and self.flips(below) and above == self.code:
            return Change(question, to=end, below=share)
        if end == "most" and self.flips(above) and below == self.code:
            return Change(question, to=end, above=share)
        return None

    def all_at(self, question: Question, value: int) -> list[Put]:
        """A share put at one value for every fact of the question."""
        return [(row, slot, value, value) for row, slot, _, _ in question.erased]

    # The fewest answers

    def fewest(self) -> tuple[int | None, list[Flip]]:
        """The least number of answers that flip (0: none do, None: not known), and the flips that are shown."""
        if separable(self.rule, self.decision, self.questions):
            return self.by_worlds()
        flips = self.small_sets((1,), [])
        if self.rest_decided(flips):
            return (1 if flips else 0), flips
        if not flips:
            found = self.branch_and_bound()
            if found is None:
                return (0 if self.complete else None), []
            if len(found.changes) > MAX_SET:
                return len(found.changes), [found]
        flips = self.small_sets(range(2, MAX_SET + 1), flips)
        return min(len(flip.changes) for flip in flips), flips

    def by_worlds(self) -> tuple[int, list[Flip]]:
        """The fewest answers where the facts' amounts add up: under each combination of the readings, by weight."""
        readings = [question for question in self.questions if question.reading is not None]
        sets: list[list[tuple[Question, Alternative]]] = []
        fewest = 0
        for options in product(*(question.alternatives for question in readings)):
            changed = [(q, a) for q, a in zip(readings, options, strict=True) if a.name != q.current]
            with self.made.put([put for _, a in changed for put in a.puts]):
                for found in self.by_weight():
                    sets.append([*changed, *found])
                    fewest = min(fewest or len(sets[-1]), len(sets[-1]))
        keys = {frozenset((q.id, a.name) for q, a in chosen): chosen for chosen in sets}
        smallest = [chosen for key, chosen in keys.items() if not any(other < key for other in keys)]
        if fewest > MAX_SET:
            return fewest, [self.shown(next(chosen for chosen in smallest if len(chosen) == fewest))]
        smallest = sorted((chosen for chosen in smallest if len(chosen) <= MAX_SET), key=len)
        return fewest, [self.shown(chosen) for chosen in smallest]

    def by_weight(self) -> list[list[tuple[Question, Alternative]]]:
        """Sets of answers on facts that give the other verdict, where every answer moves the difference by its own amount.

        To flip, one end of the difference has to cross zero; the ends of a sum of ranges are the sums of their ends. Of
        all sets of one size the heaviest moves furthest, so the fewest answers are the heaviest ones. Given are every
        smallest set of up to ``MAX_SET`` answers, or where there is none, the heaviest that suffice.
        """
        clause = clause_in_force(self.decision)
        assert clause is not None
        symbol = self.rule.formula.clauses[clause].require.value
        rising = (symbol in ("<", "<=")) == (self.code == PASS)
        end, sign = (0, 1) if rising else (1, -1)
        start = self.end_of_difference(clause, end)
        if self.crossed(symbol, start):
            return [[]]
        weights: list[tuple[int, Question, Alternative]] = []
        for question in self.questions:
            for alternative in question.others if question.reading is None else ():
                with self.made.put(alternative.puts, question.names):
                    weight = (self.end_of_difference(clause, end) - start) * sign
                if weight > 0:
                    weights.append((weight, question, alternative))
        weights.sort(key=lambda entry: (-entry[0], entry[1].id, entry[2].name))
        heaviest: dict[str, tuple[int, Question, Alternative]] = {}
        for entry in weights:
            heaviest.setdefault(entry[1].id, entry)
        total = 0
        for number, (weight, _, _) in enumerate(heaviest.values(), 1):
            total += weight
            if self.crossed(symbol, start + sign * total):
                if number > MAX_SET:
                    return [[(q, a) for _, q, a in list(heaviest.values())[:number]]]
                return self.light_sets(weights, lambda moved: self.crossed(symbol, start + sign * moved))
        return []

    def end_of_difference(self, clause: int, end: int) -> int:
        """One end of the difference of a clause, on the facts as they are put."""
        sides = measure(self.made, self.rule).sides[clause]
        assert sides is not None
        value: int = sides.difference[end]
        return value

    def crossed(self, symbol: str, value: int) -> bool:
        """Whether a difference whose near end stands at ``value`` gives the other verdict."""
        met = {"<=": value <= 0, "<": value < 0, ">=": value >= 0, ">": value > 0}[symbol]
        return met != (self.code == PASS)

    def light_sets(
        self, weights: list[tuple[int, Question, Alternative]], flips: Callable[[int], bool]
    ) -> list[list[tuple[Question, Alternative]]]:
        """Every set of up to ``MAX_SET`` answers that flips and holds no smaller one that does."""
        found: list[list[tuple[Question, Alternative]]] = []
        taken: list[frozenset[tuple[str, str]]] = []
        for size in range(1, MAX_SET + 1):
            for chosen in combinations(weights, size):
                ids = {question.id for _, question, _ in chosen}
                if len(ids) < size or not flips(sum(weight for weight, _, _ in chosen)):
                    continue
                key = frozenset((question.id, alternative.name) for _, question, alternative in chosen)
                if not any(smaller <= key for smaller in taken):
                    taken.append(key)
                    found.append([(question, alternative) for _, question, alternative in chosen])
        return found

    def shown(self, chosen: list[tuple[Question, Alternative]]) -> Flip:
        """A set of answers as a flip, its verdict evaluated."""
        code = self.verdict([put for _, a in chosen for put in a.puts], [name for q, _ in chosen for name in q.names])
        return self.flip([q for q, _ in chosen], [a for _, a in chosen], code)

    def by_effect(self) -> list[Question]:
        """The questions with another answer, those first that move the difference furthest alone."""
        start = measure(self.made, self.rule).sides[0]
        sized = []
        for question in self.questions:
            reach = 0
            for alternative in question.others:
                sides = self.by(question, alternative).sides[0]
                if sides is not None and start is not None:
                    reach = max(reach, *(abs(a - b) for a, b in zip(sides.difference, start.difference, strict=True)))
            if question.others:
                sized.append((reach, question))
        return [question for _, question in sorted(sized, key=lambda entry: (-entry[0], entry[1].id))]

    def branch_and_bound(self) -> Flip | None:
        """Some answers flipped, some kept, the rest open: still the same verdict means that nothing below flips."""
        best: list[list[tuple[Question, Alternative]]] = []
        questions = self.by_effect()
        erased, names = erase(questions)
        stands = [[(row, slot, row[slot], row[slot + 1]) for row, slot, _, _ in question.erased] for question in questions]
        kept = [[put for puts in stands[index:] for put in puts] for index in range(len(questions) + 1)]
        put, code = varied(self.made, self.rule, erased)

        def tried() -> int:
            self.tried += 1
            return code()

        def search(index: int, chosen: list[tuple[Question, Alternative]]) -> None:
            """``chosen`` do not flip, and the questions from ``index`` on are open."""
            if self.tried > MAX_TRIED:
                self.complete = False
                return
            if index == len(questions) or (best and len(chosen) >= len(best[0])) or tried() == self.code:
                return
            for alternative in questions[index].others:
                if not best or len(chosen) + 1 < len(best[0]):
                    more = [*chosen, (questions[index], alternative)]
                    with put(alternative.puts):
                        with put(kept[index + 1]):
                            flips = self.flips(tried())
                        if flips:
                            best[:] = [more]
                        else:
                            search(index + 1, more)
            with put(stands[index]):
                search(index + 1, chosen)

        with put(erased, names):
            search(0, [])
        return self.shown(best[0]) if best else None


def separable(rule: Rule, decision: Decision, questions: Sequence[Question]) -> bool:
    """Whether each question of fact moves the difference by an amount that no other question of fact has a part in.

    Read from the typed tree: one clause is in force and it is one comparison, held against no day; nothing else of the
    rule reads a question; and questions stand in sums over lists, each sum once and multiplied by nothing that a question
    moves, where an item's part depends on the questions of one row only (the item's own, or the one that it refers to),
    and no row has two questions.
    """
    clause = clause_in_force(decision)
    if clause is None or decision.code not in (PASS, FAIL) or rule.held_on:
        return False
    if any(q.reading is not None and not q.current for q in questions):
        return False
    formula = rule.formula
    facts = [question for question in questions if question.reading is None]
    asked = {name for question in facts for name in question.names}
    conditions = [formula.applies, *(other.when for other in formula.clauses)]
    every = {name for question in questions for name in question.names}
    if formula.clauses[clause].require.op != "cmp" or any(_reads(top, every) for top in conditions if top is not None):
        return False
    rows = [row for question in facts for row in {id(row) for row, _, _, _ in question.erased}]
    if len(set(rows)) < len(rows):
        return False
    form = difference(*formula.clauses[clause].require.args)
    if form.squares:
        return False
    for _, atoms in form.terms:
        # A sum that a stated total closes moves with its listed part alone.
        reading = [atom.args[0] if atom.op == "closed" else atom for atom in atoms if _reads(atom, asked)]
        if len(reading) > 1 or any(atom.op not in ("sum", "count") or not _one_row(atom, asked) for atom in reading):
            return False
    return True


def clause_in_force(decision: Decision) -> int | None:
    """The one clause that is in force, or None where several may be."""
    bits = decision.clauses
    return bits.bit_length() - 1 if bits and bits & (bits - 1) == 0 else None


def _reads(node: Node, asked: set[tuple[str, str]]) -> bool:
    return any(part.op == "field" and part.value[:2] in asked for part in node.walk())


def _one_row(total: Node, asked: set[tuple[str, str]]) -> bool:
    """Whether each item's part of a sum reads the questions of one row, reached from the item."""
    owners = {part.args[0] for part in total.walk() if part.op == "field" and part.value[:2] in asked}
    return len(owners) == 1 and all(free_items(owner) == {total.value} for owner in owners)
