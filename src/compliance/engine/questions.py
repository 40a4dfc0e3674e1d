"""What a verdict rests on: its questions erased all at once, the span of its measure, and the answers that flip it.

A question is a judgement on facts or a reading of the law. Everything here is *put some answers, decide again*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import NamedTuple

from compliance.engine.decide import Decision, Put, Subject, decide, measure
from compliance.expressions.emit import FAIL, NOT_APPLICABLE, PASS
from compliance.expressions.interpret import Evaluation
from compliance.expressions.linear import difference
from compliance.expressions.monotone import STILL, UP, direction
from compliance.expressions.tree import Node, free_items
from compliance.facts.filing import Answer, Row
from compliance.packs.book import Pack, Reading, Rule
from compliance.quantities import BEYOND
from compliance.vocabulary import Field, Text

MAX_SET = 3  # sets of answers that flip a verdict are listed completely up to this size
MAX_TRIED = 40_000  # evaluations spent on one rule before a search is reported as incomplete
MAX_SETTLED = 256  # combinations of answers tried to tell judgement from a missing fact; each may open worlds of its own
DECIDED = (PASS, FAIL, NOT_APPLICABLE)


class Alternative(NamedTuple):
    """One way to answer a question: what it is called, and what it puts into which cells."""

    name: str
    puts: tuple[Put, ...]


class Question(NamedTuple):
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


def questions_of(made: Subject, rule: Rule) -> tuple[Question, ...]:
    """The questions on which a rule depends, read from its typed tree: readings first, then facts in pack order."""
    ready = made.machine.ready(rule)
    found: list[Question] = [reading_question(made, reading) for reading in ready.readings]
    shared: dict[str, list[tuple[str, Row, Field]]] = {}
    evaluation = Evaluation(made.row, made.machine.values(made.law_day(rule)[1][0]))
    for path, (entity, row) in made.filing.items.items() if ready.judged else ():
        for part, condition in ready.judged.get(entity, ()):
            if condition is not None and not evaluation.value(condition, (row,))[1]:
                continue
            full = f"{path}.{part.name}" if path else part.name
            key = part.question if part.shared and part.question else full
            shared.setdefault(key, []).append((full, row, part))
    found += [fact_question(made, key, cells) for key, cells in shared.items()]
    return tuple(found)


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


def question_text(pack: Pack, question: Question) -> tuple[Text, Text]:
    """A question in words, and what to bring to answer it."""
    reading = question.reading
    if reading is not None:
        zh, en = (" / ".join(option[lang] for option in reading.options.values()) for lang in ("zh", "en"))
        return {"zh": f"{reading.text['zh']}（{zh}）", "en": f"{reading.text['en']} ({en})"}, reading.note or {}
    assert question.field is not None and question.field.question is not None
    asked = pack.vocabulary.questions[question.field.question]
    return asked.text, asked.bring


def erase(questions: Iterable[Question]) -> tuple[list[Put], list[tuple[str, str]]]:
    """What to put so that the questions are open, and the fields that become vague by it."""
    listed = list(questions)
    return [put for question in listed for put in question.erased], [name for question in listed for name in question.names]


def open_verdict(made: Subject, rule: Rule, questions: Sequence[Question]) -> str:
    """``judgement`` where answers to open questions, or what only the market settles, would decide it, else ``missing``."""
    opened = [question for question in questions if not question.current]
    # A figure without bound is no answer that anybody gives: what it alone would decide waits for facts.
    given = [[alternative.puts for alternative in question.alternatives if _bounded(alternative.puts)] for question in opened]
    choices = [choice for choice in given if choice]
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


def _bounded(puts: Iterable[Put]) -> bool:
    return all(not isinstance(end, int) or abs(end) < BEYOND for _, _, low, high in puts for end in (low, high))


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
            if owner != entity:
                continue
            low, high = row[part.slot], row[part.slot + 1]
            if low == high or (part.type == "list" and not high):
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

    def verdict(self, puts: Iterable[Put], names: Iterable[tuple[str, str]]) -> int:
        """The code with some answers put."""
        self.tried += 1
        with self.made.put(puts, names):
            return decide(self.made, self.rule)

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
                with self.made.put(alternative.puts, question.names):
                    sides = measure(self.made, self.rule).sides[0]
                if sides is not None and start is not None:
                    reach = max(reach, *(abs(a - b) for a, b in zip(sides.difference, start.difference, strict=True)))
            if question.others:
                sized.append((reach, question))
        return [question for _, question in sorted(sized, key=lambda entry: (-entry[0], entry[1].id))]

    def branch_and_bound(self) -> Flip | None:
        """Some answers flipped, some kept, the rest open: still the same verdict means that nothing below flips."""
        best: list[list[tuple[Question, Alternative]]] = []
        questions = self.by_effect()

        def search(index: int, chosen: list[tuple[Question, Alternative]]) -> None:
            if self.tried > MAX_TRIED:
                self.complete = False
                return
            if best and len(chosen) >= len(best[0]):
                return
            flipped = [put for _, a in chosen for put in a.puts]
            names = [name for q, _ in chosen for name in q.names]
            code = self.verdict(flipped, names)
            if chosen and self.flips(code):
                best[:] = [chosen]
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
        return self.shown(best[0])


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
