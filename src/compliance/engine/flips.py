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
from compliance.engine.weights import Scales, Weight, clause_in_force, turned, tying
from compliance.expressions.formula import PASS
from compliance.expressions.monotone import STILL, UP, direction
from compliance.facts.values import stateable
from compliance.packs.book import Rule

MAX_SET = 3  # sets of answers that flip a verdict are listed completely up to this size
MAX_TRIED = 40_000  # evaluations spent on one rule before a search is reported as incomplete

Answers = list[tuple[Question, Alternative]]


class Change(NamedTuple):
    """One changed answer of a flip: another answer, a share below or above a threshold (exact), or the ``within`` of an amount."""

    question: Question
    to: str = ""
    below: Fraction | None = None
    above: Fraction | None = None
    within: tuple[int | None, int | None] | None = None


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
    # A figure can turn a verdict between its ends; without a proof by erasing, its ends alone prove nothing.
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
        # The answers to what is left open, where knowing more cannot change the verdict: among themselves they flip nothing.
        self.settling = {(q.id, a.name) for q in questions for a in q.others if _narrows(q, a)} if self.stays() else set()

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

    def stays(self) -> bool:
        """Whether more knowledge cannot change the verdict: it can a pass where the rule may not apply, and days pick the law."""
        days = self.made.machine.ready(self.rule).days
        return (self.decision.applies or self.code != PASS) and not self.made.touched(erase(self.questions)[0]) & days

    def small_sets(self, sizes: Iterable[int], found: list[Flip]) -> list[Flip]:
        """Every set of answers of the given sizes that flips and holds no smaller one that does; ``found`` holds those."""
        taken = [frozenset((change.question.id, change.to) for change in flip.changes) for flip in found]
        for size in sizes:
            for chosen in combinations(self.questions, size):
                if self.tried > MAX_TRIED:
                    self.complete = False
                    return found
                if all((q.id, a.name) in self.settling for q in chosen for a in q.others):
                    continue
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
        """Whether the questions that do not flip alone cannot flip together.

        Some answered, the rest erased at once: where the verdict stands, nothing below flips. What is left in the end are
        facts, each at its worst.
        """
        alone = {(change.question.id, change.to) for flip in found for change in flip.changes}
        left = {q.id: tuple(a for a in q.others if (q.id, a.name) not in alone) for q in self.questions}
        free = [question for question in self.questions if question.others and len(left[question.id]) == len(question.others)]
        tied = [question for question in self.questions if 0 < len(left[question.id]) < len(question.others)]
        readings = [question for question in free if question.reading is not None]
        ends = [self.worst(question) for question in free if question.reading is None]
        worst = [put for end in ends if end is not None for put in end]
        options = [[_standing(q), *(a.puts for a in left[q.id])] for q in (*tied, *readings)]
        puts, names = erase(free)
        put, code = varied(self.made, self.rule, [*puts, *(one for option in options for puts in option for one in puts)])

        def stands(index: int) -> bool:
            """Whether nothing flips with the questions from ``index`` on as yet unanswered."""
            self.tried += 1
            if index >= len(tied) and code() == self.code:
                return True
            if self.tried > MAX_TRIED or (index == len(options) and None in ends):
                return False
            if index == len(options):
                with put(worst):
                    return not self.flips(code())
            for option in options[index]:
                with put(option):
                    if not stands(index + 1):
                        return False
            return True

        with put(puts, names):
            return stands(0)

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
        if len(chosen) == 1 and chosen[0].field is not None and chosen[0].field.numeric:
            if chosen[0].field.type != "ratio":
                return self.amounts(chosen[0], alternatives[0], Flip((Change(chosen[0], to=alternatives[0].name),), code, decision))
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
        assert question.field is not None
        share = root / 10**question.field.scale
        if end == "least" and self.flips(below) and above == self.code:
            return Change(question, to=end, below=share)
        if end == "most" and self.flips(above) and below == self.code:
            return Change(question, to=end, above=share)
        return None

    def amounts(self, question: Question, end: Alternative, found: Flip) -> Flip:
        """A flip by one amount with all amounts that give it, from its end on; as it was found where those are not shown.

        Halving finds an amount that flips beside one that does not; that all from the end to it flip is proved at once.
        """
        assert question.field is not None
        _, _, least, most = question.erased[0]
        low, high = stateable(question.field, least), stateable(question.field, most)
        flips, stands = (low, high) if end.name == "least" else (high, low)
        present = {row[slot + half] for row, slot, _, _ in question.erased for half in (0, 1)}
        stands = present.pop() if len(present) == 1 else stands
        turns = (self.flips(self.verdict(self.all_at(question, value), question.names)) for value in (flips, stands))
        if list(turns) != [True, False]:
            return found
        while abs(flips - stands) > 1:
            half = (flips + stands) // 2
            if self.flips(self.verdict(self.all_at(question, half), question.names)):
                flips = half
            else:
                stands = half
        within = (least, flips) if end.name == "least" else (flips, most)
        with self.made.put([(row, slot, *within) for row, slot, _, _ in question.erased], question.names):
            decision = measure(self.made, self.rule)
        if decision.code != found.code:
            return found
        shown = (None, flips) if end.name == "least" else (flips, None)
        return Flip((Change(question, to=end.name, within=shown),), found.code, decision)

    def all_at(self, question: Question, value: int) -> list[Put]:
        """A share or an amount put at one value for every fact of the question."""
        return [(row, slot, value, value) for row, slot, _, _ in question.erased]

    # The fewest answers

    def fewest(self) -> tuple[int | None, list[Flip]]:
        """The least number of answers that flip (0: none do, None: not known), and the flips that are shown."""
        tied = tying(self.made, self.rule, self.decision, self.questions)
        weighed = self.by_worlds(tied) if tied is not None else None
        if weighed is not None:
            return weighed
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

    def by_worlds(self, tied: Sequence[Question]) -> tuple[int, list[Flip]] | None:
        """The fewest answers where the others' amounts add up, under each combination of answers to the ``tied`` questions.

        To flip, one end of the difference has to cross zero; the ends of a sum of ranges are the sums of their ends.
        None: it is not known what the others weigh.
        """
        clause = clause_in_force(self.decision)
        assert clause is not None
        require = self.rule.formula.clauses[clause].require
        rising = (require.value in ("<", "<=")) == (self.code == PASS)
        scales = Scales(self.made, self.rule, require, self.questions, tied, 0 if rising else 1)
        sets: list[Answers] = []
        starts: dict[tuple[tuple[str, str], ...], int] = {}  # by the tied answers that are changed
        alone: dict[tuple[str, str], int] = {}  # how far each answer moves the difference alone
        for options in product(*(question.alternatives for question in tied)):
            changed = [(q, a) for q, a in zip(tied, options, strict=True) if a.name != q.current]
            with self.made.put([put for _, a in changed for put in a.puts]):
                weighed = scales.weigh()
            if weighed is None:
                return None
            start, weights = weighed
            starts[tuple((q.id, a.name) for q, a in changed)] = start
            if not changed:
                alone |= {(q.id, a.name): abs(weight) for weight, q, a in weights}
            sets += [[*changed, *found] for found in self.by_weight(require.value, start, weights, 1 if rising else -1)]
        alone |= {key[0]: abs(start - starts[()]) for key, start in starts.items() if len(key) == 1}
        for chosen in sets:
            chosen.sort(key=lambda entry: (0, 0, "") if entry[0].reading else (1, -alone[entry[0].id, entry[1].name], entry[0].id))
        keys = {frozenset((q.id, a.name) for q, a in chosen): chosen for chosen in sets}
        smallest = [chosen for key, chosen in keys.items() if not any(other < key for other in keys)]
        fewest = min(map(len, sets), default=0)
        if fewest > MAX_SET:
            return fewest, [self.shown(next(chosen for chosen in smallest if len(chosen) == fewest))]
        smallest = sorted((chosen for chosen in smallest if len(chosen) <= MAX_SET), key=len)
        return fewest, [self.shown(chosen) for chosen in smallest]

    def by_weight(self, symbol: str, start: int, moved: Iterable[Weight], sign: int) -> list[Answers]:
        """Sets of answers that bring the difference from ``start`` past zero, upwards (``sign`` 1) or downwards (-1).

        Of all sets of one size the heaviest moves furthest, so the fewest answers are the heaviest ones. Given are every
        smallest set of up to ``MAX_SET`` answers, or where there is none, the heaviest that suffice.
        """
        if turned(symbol, self.code, start):
            return [[]]
        weights = [(amount * sign, question, answer) for amount, question, answer in moved if amount * sign > 0]
        weights.sort(key=lambda entry: (-entry[0], entry[1].id, entry[2].name))
        heaviest: dict[str, Weight] = {}
        for entry in weights:
            heaviest.setdefault(entry[1].id, entry)
        total = 0
        for number, (weight, _, _) in enumerate(heaviest.values(), 1):
            total += weight
            if turned(symbol, self.code, start + sign * total):
                if number > MAX_SET:
                    return [[(q, a) for _, q, a in list(heaviest.values())[:number]]]
                return self.light_sets(weights, lambda moved: turned(symbol, self.code, start + sign * moved))
        return []

    def light_sets(self, weights: list[Weight], flips: Callable[[int], bool]) -> list[Answers]:
        """Every set of up to ``MAX_SET`` answers that flips and holds no smaller one that does."""
        found: list[Answers] = []
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

    def shown(self, chosen: Answers) -> Flip:
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
        best: list[Answers] = []
        questions = self.by_effect()
        erased, names = erase(questions)
        stands = [_standing(question) for question in questions]
        kept = [[put for puts in stands[index:] for put in puts] for index in range(len(questions) + 1)]
        put, code = varied(self.made, self.rule, erased)

        def tried() -> int:
            self.tried += 1
            return code()

        def search(index: int, chosen: Answers) -> None:
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


def _standing(question: Question) -> tuple[Put, ...]:
    """What stands in the cells of a question, to be put again."""
    return tuple((row, slot, row[slot], row[slot + 1]) for row, slot, _, _ in question.erased)


def _narrows(question: Question, answer: Alternative) -> bool:
    """Whether an answer is one of those that are left open, so that it only adds to what is known."""
    if question.reading is not None or (question.field is not None and question.field.type == "kind"):
        return all(row[slot + 1] & high == high for row, slot, _, high in answer.puts)
    return all(row[slot] <= low and high <= row[slot + 1] for row, slot, low, high in answer.puts)
