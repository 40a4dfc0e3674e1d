"""The questions that a rule hangs on, the answers in force, and whether answers would decide what is open.

A question is a judgement on facts or a reading of the law.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from compliance.engine.decide import some_decide
from compliance.engine.machine import Ready
from compliance.engine.subject import Put, Subject
from compliance.expressions.tree import Node
from compliance.facts.answers import READING
from compliance.facts.filing import Answer, Row
from compliance.packs.book import Pack, Reading, Rule
from compliance.quantities import BEYOND
from compliance.vocabulary import Field, Text, Vocabulary

MAX_SETTLED = 256  # combinations of answers tried to tell judgement from a missing fact; each may open worlds of its own


OpenFact = tuple[str, Row, Field]  # the path of a fact that is open to judgement, the row it stands in, and its field


class Alternative(NamedTuple):
    """One way to answer a question: what it is called, and what it puts into which cells.

    A figure that is not ``bounded`` is none that anybody answers.
    """

    name: str
    puts: tuple[Put, ...]
    bounded: bool = True


class Question(NamedTuple):
    """A question on which a rule depends.

    ``id`` is the fact's path, the shared question's id, or ``reading.<id>``; ``erased`` leaves it open; ``current`` names
    the answer in force (empty where there is none); ``others`` are the ends or members that it could be instead;
    ``most`` is the upper end of a figure or day, at the field's scale (0: the answers are words).
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


def questions_of(made: Subject, rule: Rule) -> tuple[Question, ...]:
    """The questions on which a rule depends, read from its typed tree: readings first, then facts in pack order."""
    return questions_under(made, made.machine.ready(rule), made.law_day(rule)[1][0])


def questions_under(made: Subject, ready: Ready, day: int) -> tuple[Question, ...]:
    """The same under the law of a day."""
    if not ready.readings and not ready.judged:
        return ()
    names, mask = ready.asks
    known = made.known(mask)
    key = ("questions", names, made.machine.world(day))
    found: tuple[Question, ...] | None = known.get(key)
    if found is None:
        found = known[key] = tuple(_questions(made, ready, day))
    return found


def _questions(made: Subject, ready: Ready, day: int) -> Iterator[Question]:
    for reading in ready.readings:
        yield _reading_question(made, reading)
    asked = []
    for entity, parts in ready.judged.items():
        for order, (part, condition) in enumerate(parts):
            asked += [(number, order, what) for number, what in _asked(made, entity, part, condition, day)]
    asked.sort(key=itemgetter(0, 1))
    found: dict[str, Question | None] = {}
    shared: dict[str, list[OpenFact]] = {}
    for _, _, what in asked:
        if isinstance(what, Question):
            found[what.id] = what
        else:
            key, cell = what
            found[key] = None
            shared.setdefault(key, []).append(cell)
    for key, question in found.items():
        yield question or _shared_question(made, key, shared[key])


def _asked(made: Subject, entity: str, part: Field, condition: Node | None, day: int) -> list[tuple[int, Question | tuple[str, OpenFact]]]:
    """Where a field is open to judgement, by the number of the item: its question, or which one it shares with others."""
    stepping, steps = made.stepping(day), made.machine.steps
    known = made.known(steps.bit((entity, part.name)) | (steps.mask(condition) if condition is not None else 0))
    key = ("asked", entity, part.name, stepping.world)
    found: list[tuple[int, Question | tuple[str, OpenFact]]] | None = known.get(key)
    if found is None:
        found = []
        for number, path, row in made.items(entity):
            if condition is None or stepping.value(condition, (row,))[1]:
                cell = f"{path}.{part.name}" if path else part.name, row, part
                found.append((number, (part.question, cell) if part.shared and part.question else fact_question(made, cell[0], [cell])))
        known[key] = found
    return found


def _reading_question(made: Subject, reading: Reading) -> Question:
    """``reading_question``, made once for all rules that hang on it."""
    known = made.known(made.machine.steps.bit(("reading", reading.id)))
    key = "question", reading.id
    found: Question | None = known.get(key)
    if found is None:
        found = known[key] = reading_question(made, reading)
    return found


def _shared_question(made: Subject, key: str, cells: list[OpenFact]) -> Question:
    """``fact_question``, made once for all rules that ask alike."""
    part = cells[0][2]
    known = made.known(made.machine.steps.bit((part.entity, part.name)))
    about = ("question", key, *[path for path, _, _ in cells])
    found: Question | None = known.get(about)
    if found is None:
        found = known[about] = fact_question(made, key, cells)
    return found


def reading_question(made: Subject, reading: Reading) -> Question:
    """A reading of the law as a question."""
    bits = made.row[reading.slot + 1]
    of_option = {option: reading.bit(option) for option in reading.options}
    alternatives = tuple([Alternative(option, ((made.row, reading.slot, bit, bit),)) for option, bit in of_option.items()])
    current = next((option for option, bit in of_option.items() if bit == bits), "")
    erased = ((made.row, reading.slot, 0, reading.all_bits),)
    path = READING + reading.id
    return Question(
        path, (path,), None, reading, (("reading", reading.id),), erased, current, alternatives, made.filing.answers.get(path, ())
    )


class Ways(NamedTuple):
    """The answers that a judgement on a field may have: each by name with the ends it puts and whether it is bounded; the name by the ends.

    ``blank`` leaves it open; ``most`` is the upper end of a figure or day (0: its answers are words).
    """

    named: tuple[tuple[str, int, int, bool], ...]
    names: Mapping[tuple[int, int], str]
    blank: tuple[int, int]
    most: int


def _ways(words: Vocabulary, part: Field) -> Ways:
    low, high = words.blank(part)
    if part.type == "flag":
        values = [("true", 1, 1), ("false", 0, 0)]
    elif part.type == "kind":
        values = [(name, words.bit(part.of, name), words.bit(part.of, name)) for name in words.kinds[part.of]]
    else:
        values = [("least", low, low), ("most", high, high)]
    most = high if part.type not in ("flag", "kind") else 0
    named = tuple([(name, a, b, _bounded(a, b)) for name, a, b in values])
    return Ways(named, {(a, b): name for name, a, b in reversed(values)}, (low, high), most)


def fact_question(made: Subject, key: str, cells: list[OpenFact]) -> Question:
    """A judgement on one fact, or on several that share it."""
    part, slot = cells[0][2], cells[0][2].slot
    known: dict[tuple[str, str], Ways] = made.machine.kept("ways")
    ways = known.get((part.entity, part.name))
    if ways is None:
        ways = known[part.entity, part.name] = _ways(made.machine.pack.vocabulary, part)
    rows = [row for _, row, _ in cells]
    alternatives = tuple([Alternative(name, tuple([(row, slot, a, b) for row in rows]), bounded) for name, a, b, bounded in ways.named])
    standing = {(row[slot], row[slot + 1]) for row in rows}
    if len(standing) == 1:
        a, b = stands = standing.pop()
        current = ways.names.get(stands) or ("" if a != b else "stated")
    else:
        current = "" if any(a != b for a, b in standing) else "stated"
    paths = tuple([path for path, _, _ in cells])
    given = made.filing.answers
    answers = tuple([answer for path in paths for answer in given.get(path, ())]) if given else ()
    low, high = ways.blank
    erased = tuple([(row, slot, low, high) for row in rows])
    return Question(key, paths, part, None, ((part.entity, part.name),), erased, current, alternatives, answers, ways.most)


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
    # A figure without bound is none that anybody answers or the market comes to: what it alone would decide waits for facts.
    given: list[list[Sequence[Put]]] = [[one.puts for one in question.alternatives if one.bounded] for question in opened]
    choices = [choice for choice in given if choice]
    settled = market(made, rule)
    if not choices and not settled:
        return "missing"
    for puts in settled:
        ends: list[Sequence[Put]] = [one for one in puts if all(_bounded(low, high) for _, _, low, high in one)]
        choices += [ends] if ends else []
    size = 1
    for choice in choices:
        size *= len(choice)
    if size > MAX_SETTLED:
        # Too many to try one by one: the ends of all of them at once are a fair witness.
        choices = [[[put for choice in choices for put in choice[end]] for end in (0, -1)]]
    return "judgement" if some_decide(made, rule, choices) else "missing"


def _bounded(*ends: object) -> bool:
    """Whether the ends of a fact are such as somebody may state."""
    return not any(isinstance(end, int) and abs(end) >= BEYOND for end in ends)


def market(made: Subject, rule: Rule) -> list[list[tuple[Put, ...]]]:
    """For each vague fact of the rule that only the market settles the ends that it may take."""
    found: list[list[tuple[Put, ...]]] = []
    wanted = made.machine.ready(rule).market
    if not wanted:
        return found
    ends: list[tuple[Put, ...]]
    cells = [(number, order, row, part) for order, part in enumerate(wanted) for number, _, row in made.items(part.entity)]
    for _, _, row, part in sorted(cells, key=itemgetter(0, 1)):
        low, high = row[part.slot], row[part.slot + 1]
        if low == high or (part.type == "list" and not high):
            continue
        if part.type == "list":
            ends = [((row, part.slot, low, 0),)]
        elif part.type == "kind":
            ends = [((row, part.slot, bit, bit),) for i in range(high.bit_length()) if (bit := 1 << i) & high]
        else:
            ends = [((row, part.slot, low, low),), ((row, part.slot, high, high),)]
        found.append(ends)
    return found
