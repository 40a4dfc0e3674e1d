"""What a verdict rests on: its questions erased all at once, the span of its measure, and the answers that flip it.

A question is a judgement on facts or a reading of the law. Everything here is *put some answers, decide again*.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

from compliance.engine.decide import Decision, Put, Subject, decide, measure
from compliance.expressions.emit import FAIL, NOT_APPLICABLE, PASS, Formula
from compliance.expressions.interpret import Evaluation
from compliance.expressions.linear import difference
from compliance.expressions.tree import Node
from compliance.facts.filing import Answer, Row
from compliance.packs.book import Reading, Rule
from compliance.vocabulary import Field

MAX_SET = 3  # sets of answers that flip a verdict are listed completely up to this size
MAX_TRIED = 40_000  # evaluations spent on one rule before a search is reported as incomplete
MAX_SETTLED = 4_096  # combinations of answers tried to tell judgement from a missing fact
DECIDED = (PASS, FAIL, NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to answer a question: what it is called, and what it puts into which cells."""

    name: str
    puts: tuple[Put, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question on which a rule depends.

    ``id`` is the fact's path, the shared question's id, or ``reading.<id>``; ``erased`` leaves it open; ``current`` names
    the answer in force (empty where there is none); ``others`` are the ends or members that it could be instead;
    ``most`` is the upper end of a share, at the field's scale (0: the question is not about a share).
    """

    id: str
    paths: tuple[str, ...]
    field: Field | None
    reading: Reading | None
    names: tuple[tuple[str, str], ...]
    erased: tuple[Put, ...]
    current: str
    alternatives: tuple[Alternative, ...]
    answers: tuple[Answer, ...]
    most: int = 0

    @property
    def others(self) -> tuple[Alternative, ...]:
        """The answers other than the one in force."""
        return tuple(alternative for alternative in self.alternatives if alternative.name != self.current)


@dataclass(frozen=True, slots=True)
class Change:
    """One changed answer of a flip: another answer, or a share below or above a threshold (exact)."""

    question: Question
    to: str = ""
    below: Fraction | None = None
    above: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Flip:
    """A smallest set of changed answers that gives another verdict."""

    changes: tuple[Change, ...]
    code: int


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decided verdict rests on.

    ``erased`` is the decision with every question open; ``fewest`` the least number of answers that give another verdict
    (0: none do, the verdict is robust; None: not known), ``complete`` whether the search saw everything; ``flips`` every
    set of up to ``MAX_SET`` answers that flips and holds no smaller one, or where the fewest are more, one such set.
    """

    robust: bool
    erased: Decision
    fewest: int | None
    complete: bool
    flips: tuple[Flip, ...]


def questions_of(made: Subject, rule: Rule) -> tuple[Question, ...]:
    """The questions on which a rule depends, read from its typed tree: readings first, then facts in pack order."""
    pack, filing = made.machine.pack, made.filing
    fields = made.machine.fields(rule)
    found: list[Question] = [reading_question(made, reading) for reading in pack.readings.values() if ("reading", reading.id) in fields]
    shared: dict[str, list[tuple[str, Row, Field]]] = {}
    by_entity: dict[str, list[Field]] = {}
    for entity, name in fields:
        if entity != "reading":
            part = pack.vocabulary.entity(entity).fields[name]
            if part.settled_by == "judgement":
                by_entity.setdefault(entity, []).append(part)
    evaluation = Evaluation(made.row, _parameters(made, rule))
    for path, (entity, row) in filing.items.items():
        for part in sorted(by_entity.get(entity, ()), key=lambda part: part.slot):
            condition = pack.open_when.get((entity, part.name))
            if condition is not None and not evaluation.value(condition, (row,))[1]:
                continue
            full = f"{path}.{part.name}" if path else part.name
            key = part.question if part.shared and part.question else full
            shared.setdefault(key, []).append((full, row, part))
    found += [fact_question(made, key, cells) for key, cells in shared.items()]
    return tuple(found)


def _parameters(made: Subject, rule: Rule) -> dict[str, int]:
    """The parameters in force for a rule, by name, on the first day of its law."""
    day = made.law_day(rule)[1][0]
    return {name: value.value for name, parameter in made.machine.pack.parameters.items() if (value := parameter.on(day)) is not None}


def reading_question(made: Subject, reading: Reading) -> Question:
    """A reading of the law as a question."""
    bits = made.row[reading.slot + 1]
    alternatives = tuple(
        Alternative(option, ((made.row, reading.slot, reading.bit(option), reading.bit(option)),)) for option in reading.options
    )
    current = next((option for option in reading.options if reading.bit(option) == bits), "")
    erased = ((made.row, reading.slot, 0, reading.all_bits),)
    path = f"reading.{reading.id}"
    return Question(
        path, (path,), None, reading, (("reading", reading.id),), erased, current, alternatives, made.filing.answers.get(path, ())
    )


def fact_question(made: Subject, key: str, cells: list[tuple[str, Row, Field]]) -> Question:
    """A judgement on one fact, or on several that share it."""
    part = cells[0][2]
    words = made.machine.pack.vocabulary
    low, high = words.blank(part)
    most = 0
    if part.type == "flag":
        values = [("true", 1, 1), ("false", 0, 0)]
    elif part.type == "kind":
        values = [(name, words.bit(part.of, name), words.bit(part.of, name)) for name in words.kinds[part.of]]
    else:
        values, most = [("least", low, low), ("most", high, high)], high
    alternatives = tuple(Alternative(name, tuple((row, part.slot, a, b) for _, row, _ in cells)) for name, a, b in values)
    standing = {(row[part.slot], row[part.slot + 1]) for _, row, _ in cells}
    current = ""
    if len(standing) == 1:
        a, b = standing.pop()
        current = next((name for name, x, y in values if (x, y) == (a, b)), "" if a != b else "stated")
    else:
        current = "" if any(a != b for a, b in standing) else "stated"
    answers = tuple(answer for path, _, _ in cells for answer in made.filing.answers.get(path, ()))
    erased = tuple((row, part.slot, low, high) for _, row, _ in cells)
    paths = tuple(path for path, _, _ in cells)
    return Question(key, paths, part, None, ((part.entity, part.name),), erased, current, alternatives, answers, most)


def erase(questions: Iterable[Question]) -> tuple[list[Put], list[tuple[str, str]]]:
    """What to put so that the questions are open, and the fields that become vague by it."""
    listed = list(questions)
    return [put for question in listed for put in question.erased], [name for question in listed for name in question.names]


def open_verdict(made: Subject, rule: Rule, questions: Sequence[Question]) -> str:
    """``judgement`` where answers to open questions, or what only the market settles, would decide it, else ``missing``."""
    opened = [question for question in questions if not question.current]
    choices = [[alternative.puts for alternative in question.alternatives] for question in opened]
    names = [name for question in opened for name in question.names]
    for market_puts, market_names in market(made, rule):
        choices.append(market_puts)
        names += market_names
    if not choices:
        return "missing"
    size = 1
    for choice in choices:
        size *= len(choice)
    if size > MAX_SETTLED:
        # Too many to try one by one: the ends of all of them at once are a fair witness.
        tried: Iterable[tuple[tuple[Put, ...], ...]] = [tuple(choice[0] for choice in choices), tuple(choice[-1] for choice in choices)]
    else:
        tried = product(*choices)
    for combination in tried:
        with made.put([put for puts in combination for put in puts], names):
            if decide(made, rule) in DECIDED:
                return "judgement"
    return "missing"


def market(made: Subject, rule: Rule) -> list[tuple[list[tuple[Put, ...]], list[tuple[str, str]]]]:
    """For each vague fact of the rule that only the market settles: the ends it may take, and its field."""
    words = made.machine.pack.vocabulary
    found: list[tuple[list[tuple[Put, ...]], list[tuple[str, str]]]] = []
    ends: list[tuple[Put, ...]]
    wanted = {
        name: part
        for name in made.machine.fields(rule)
        if name[0] != "reading" and (part := words.entity(name[0]).fields[name[1]]).settled_by == "market"
    }
    for entity, row in made.filing.items.values():
        for (owner, _), part in wanted.items():
            low, high = row[part.slot], row[part.slot + 1]
            if owner != entity or low == high or (part.type == "list" and not high):
                continue
            if part.type == "list":
                ends = [((row, part.slot, low, 0),)]
            elif part.type == "kind":
                ends = [((row, part.slot, bit, bit),) for i in range(high.bit_length()) if (bit := 1 << i) & high]
            else:
                ends = [((row, part.slot, low, low),), ((row, part.slot, high, high),)]
            found.append((ends, [(part.entity, part.name)]))
    return found


def basis(made: Subject, rule: Rule, decision: Decision, questions: Sequence[Question]) -> Basis:
    """What a decided verdict rests on."""
    puts, names = erase(questions)
    with made.put(puts, names):
        erased = measure(made, rule)
    if erased.code == decision.code:
        return Basis(True, erased, 0, True, ())
    search = _Search(made, rule, decision.code, questions)
    fewest, flips = search.fewest()
    complete = search.complete
    # A share can turn a verdict between its ends; without a proof by erasing, its ends alone prove nothing.
    if fewest == 0 and any(question.most for question in questions):
        fewest, complete = None, False
    return Basis(fewest == 0 and complete, erased, fewest, complete, tuple(flips))


class _Search:
    """The search for answers that flip one verdict, within a budget of evaluations."""

    def __init__(self, made: Subject, rule: Rule, code: int, questions: Sequence[Question]) -> None:
        self.made = made
        self.rule = rule
        self.code = code
        self.questions = questions
        self.tried = 0
        self.complete = True

    def verdict(self, puts: Iterable[Put], names: Iterable[tuple[str, str]]) -> int:
        """The code with some answers put."""
        self.tried += 1
        with self.made.put(puts, names):
            return decide(self.made, self.rule)

    def flips(self, code: int) -> bool:
        """Whether a code is a decided verdict other than the one at hand."""
        return code in DECIDED and code != self.code

    def small_sets(self) -> list[Flip]:
        """Every set of up to ``MAX_SET`` answers that flips and holds no smaller one that does."""
        found: list[Flip] = []
        taken: list[frozenset[tuple[str, str]]] = []
        for size in range(1, MAX_SET + 1):
            for chosen in combinations(self.questions, size):
                if self.tried > MAX_TRIED:
                    self.complete = False
                    return found
                if size > 1 and not self.can_flip(chosen):
                    continue
                for alternatives in product(*(question.others for question in chosen)):
                    key = frozenset((q.id, a.name) for q, a in zip(chosen, alternatives, strict=True))
                    if any(smaller <= key for smaller in taken):
                        continue
                    code = self.verdict([put for a in alternatives for put in a.puts], [name for q in chosen for name in q.names])
                    if self.flips(code):
                        taken.append(key)
                        found.append(self.flip(chosen, alternatives, code))
        return found

    def can_flip(self, chosen: Sequence[Question]) -> bool:
        """Whether any answers to these questions alone could flip: with them open the verdict is no longer decided."""
        puts, names = erase(chosen)
        return self.verdict(puts, names) != self.code

    def flip(self, chosen: Sequence[Question], alternatives: Sequence[Alternative], code: int) -> Flip:
        """A flip; alone, a share is given as a threshold."""
        if len(chosen) == 1 and chosen[0].most:
            change = self.threshold(chosen[0], alternatives[0].name)
            if change is not None:
                return Flip((change,), code)
        return Flip(tuple(Change(q, to=a.name) for q, a in zip(chosen, alternatives, strict=True)), code)

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
        if separable(self.rule, self.questions):
            weights = self.weights()
            if weights is not None:
                flip = self.heaviest(weights)
                if flip is None:
                    return 0, []
                if len(flip.changes) > MAX_SET:
                    return len(flip.changes), [flip]
        flips = self.small_sets()
        if flips:
            return min(len(flip.changes) for flip in flips), flips
        found = self.branch_and_bound()
        if found is None:
            return (0 if self.complete else None), []
        return len(found.changes), [found]

    def weights(self) -> list[tuple[Fraction, Question, Alternative]] | None:
        """How far each question's heaviest answer moves the difference towards the other verdict, heaviest first.

        None where the amounts are not known exactly.
        """
        found: list[tuple[Fraction, Question, Alternative]] = []
        start = measure(self.made, self.rule).sides[0]
        if start is None:
            return None
        for question in self.questions:
            heaviest: tuple[Fraction, Question, Alternative] | None = None
            for alternative in question.others:
                with self.made.put(alternative.puts, question.names):
                    sides = measure(self.made, self.rule).sides[0]
                if sides is None:
                    return None
                low, high = sides.difference[0] - start.difference[0], sides.difference[1] - start.difference[1]
                if low != high:
                    return None
                weight = Fraction(low) * self.direction()
                if weight > 0 and (heaviest is None or weight > heaviest[0]):
                    heaviest = (weight, question, alternative)
            if heaviest is not None:
                found.append(heaviest)
        return sorted(found, key=lambda entry: (-entry[0], entry[1].id))

    def heaviest(self, weights: list[tuple[Fraction, Question, Alternative]]) -> Flip | None:
        """The smallest number of answers that flips, where every answer moves the difference by an amount of its own.

        The verdict depends on the difference alone and each amount on no other answer, so of all sets of one size the
        heaviest moves furthest: one set of each size is enough.
        """
        for size in range(1, len(weights) + 1):
            chosen = [question for _, question, _ in weights[:size]]
            alternatives = [alternative for _, _, alternative in weights[:size]]
            code = self.verdict([put for a in alternatives for put in a.puts], [name for q in chosen for name in q.names])
            if self.flips(code):
                return self.flip(chosen, alternatives, code)
        return None

    def direction(self) -> int:
        """Which way the difference has to move to flip: up where less is required, else down; the other way for a fail."""
        symbol = self.rule.formula.clauses[0].require.value
        up = 1 if symbol in ("<", "<=") else -1
        return up if self.code == PASS else -up

    def branch_and_bound(self) -> Flip | None:
        """Some answers flipped, some kept, the rest open: still the same verdict means that nothing below flips."""
        best: list[tuple[list[tuple[Question, Alternative]], int]] = []
        questions = [question for question in self.questions if question.others]

        def search(index: int, chosen: list[tuple[Question, Alternative]]) -> None:
            if self.tried > MAX_TRIED:
                self.complete = False
                return
            if best and len(chosen) >= len(best[0][0]):
                return
            flipped = [put for _, a in chosen for put in a.puts]
            names = [name for q, _ in chosen for name in q.names]
            code = self.verdict(flipped, names)
            if chosen and self.flips(code):
                best[:] = [(chosen, code)]
                return
            if index == len(questions):
                return
            free, free_names = erase(questions[index:])
            if self.verdict([*free, *flipped], [*free_names, *names]) == self.code:
                return
            for alternative in questions[index].others:
                search(index + 1, [*chosen, (questions[index], alternative)])
            search(index + 1, chosen)

        search(0, [])
        if not best:
            return None
        chosen, code = best[0]
        return self.flip([q for q, _ in chosen], [a for _, a in chosen], code)


def separable(rule: Rule, questions: Sequence[Question]) -> bool:
    """Whether each question moves the difference by an amount that does not depend on the other questions' answers.

    Read from the typed tree: the requirement is one comparison, nothing else of the rule reads a question, and each
    question stands in sums over lists, each sum once and multiplied by nothing that a question can move; an item's part of
    a sum depends on that item's own facts, and no item has two questions.
    """
    formula = rule.formula
    asked = {name for question in questions for name in question.names}
    if formula.clauses[0].require.op != "cmp" or any(question.reading is not None for question in questions):
        return False
    tops = [formula.applies, *(clause.when for clause in formula.clauses)]
    if any(_reads(top, asked) for top in tops if top is not None):
        return False
    if any(_reads(clause.require, asked) for clause in formula.clauses[1:]) and not _same_left(formula):
        return False
    rows: set[int] = set()
    for question in questions:
        for row in {id(row) for row, _, _, _ in question.erased}:
            if row in rows:
                return False
            rows.add(row)
    form = difference(*formula.clauses[0].require.args)
    if form.squares:
        return False
    for _, atoms in form.terms:
        reading = [atom for atom in atoms if _reads(atom, asked)]
        if len(reading) > 1 or any(atom.op not in ("sum", "count") or not _own_items(atom, asked) for atom in reading):
            return False
    return True


def _same_left(formula: Formula) -> bool:
    """Whether the exceptions ask for the same measure as the base."""
    clauses = formula.clauses
    return all(clause.require.op == "cmp" and clause.require.args[0] == clauses[0].require.args[0] for clause in clauses)


def _reads(node: Node, asked: set[tuple[str, str]]) -> bool:
    return any(part.op == "field" and part.value[:2] in asked for part in node.walk())


def _own_items(total: Node, asked: set[tuple[str, str]]) -> bool:
    """Whether a sum reads questions of its own items only: not through references, and not of the filing as a whole."""
    for part in total.walk():
        if part.op == "field" and part.value[:2] in asked:
            owner = part.args[0]
            if owner.op != "item" or owner.value != total.value:
                return False
    return True
