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


def questions_of(made: Subject, rule: Rule) -> tuple[Question, ...]:
    """The questions on which a rule depends, read from its typed tree: readings first, then facts in pack order."""
    ready = made.machine.ready(rule)
    if not ready.readings and not ready.judged:
        return ()
    names, mask = ready.asks
    world = made.machine.world(made.law_day(rule)[1][0])
    known = made.known(mask)
    key = ("questions", names, world)
    found: tuple[Question, ...] | None = known.get(key)
    if found is None:
        found = known[key] = tuple(_questions(made, ready, made.law_day(rule)[1][0]))
    return found


def _questions(made: Subject, ready: Ready, day: int) -> Iterator[Question]:
    for reading in ready.readings:
        yield reading_question(made, reading)
    asked = []
    for entity, parts in ready.judged.items():
        for order, (part, condition) in enumerate(parts):
            asked += [(number, order, path, row, part) for number, path, row in _asked(made, entity, part, condition, day)]
    asked.sort(key=itemgetter(0, 1))
    shared: dict[str, list[tuple[str, Row, Field]]] = {}
    for _, _, path, row, part in asked:
        shared.setdefault(part.question if part.shared and part.question else path, []).append((path, row, part))
    for key, cells in shared.items():
        yield _fact_question(made, key, cells)


def _asked(made: Subject, entity: str, part: Field, condition: Node | None, day: int) -> list[tuple[int, str, Row]]:
    """The rows in which a field is open to judgement: each with its number among the filing's items and the fact's path."""
    stepping = made.stepping(day)
    mask = made.machine.steps.mask(condition) if condition is not None else 0
    known = made.known(mask)
    key = ("asked", entity, part.name, stepping.world)
    found: list[tuple[int, str, Row]] | None = known.get(key)
    if found is None:
        found = known[key] = [
            (number, f"{path}.{part.name}" if path else part.name, row)
            for number, path, row in made.items(entity)
            if condition is None or stepping.value(condition, (row,))[1]
        ]
    return found


def _fact_question(made: Subject, key: str, cells: list[tuple[str, Row, Field]]) -> Question:
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
    alternatives = tuple(
        Alternative(option, ((made.row, reading.slot, reading.bit(option), reading.bit(option)),)) for option in reading.options
    )
    current = next((option for option in reading.options if reading.bit(option) == bits), "")
    erased = ((made.row, reading.slot, 0, reading.all_bits),)
    path = READING + reading.id
    return Question(
        path, (path,), None, reading, (("reading", reading.id),), erased, current, alternatives, made.filing.answers.get(path, ())
    )


class Ways(NamedTuple):
    """The answers that a judgement on a field may have: each by name with the ends it puts, and the name by those ends.

    ``blank`` leaves it open; ``most`` is the upper end of a share (0: it is none).
    """

    named: tuple[tuple[str, int, int], ...]
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
    return Ways(tuple(values), {(a, b): name for name, a, b in reversed(values)}, (low, high), most)


def fact_question(made: Subject, key: str, cells: list[tuple[str, Row, Field]]) -> Question:
    """A judgement on one fact, or on several that share it."""
    part, slot = cells[0][2], cells[0][2].slot
    known = made.machine.ways
    ways = known.get((part.entity, part.name))
    if ways is None:
        ways = known[part.entity, part.name] = _ways(made.machine.pack.vocabulary, part)
    rows = [row for _, row, _ in cells]
    alternatives = tuple([Alternative(name, tuple([(row, slot, a, b) for row in rows])) for name, a, b in ways.named])
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
    given = [[alternative.puts for alternative in question.alternatives if _bounded(alternative.puts)] for question in opened]
    choices: list[list[Sequence[Put]]] = [[*choice] for choice in given if choice]
    settled = market(made, rule)
    if not choices and not settled:
        return "missing"
    names = [name for question in opened for name in question.names]
    for market_puts, market_names in settled:
        ends: list[Sequence[Put]] = [puts for puts in market_puts if _bounded(puts)]
        choices += [ends] if ends else []
        names += market_names
    size = 1
    for choice in choices:
        size *= len(choice)
    if size > MAX_SETTLED:
        # Too many to try one by one: the ends of all of them at once are a fair witness.
        choices = [[[put for choice in choices for put in choice[end]] for end in (0, -1)]]
    return "judgement" if some_decide(made, rule, choices, names) else "missing"


def _bounded(puts: Iterable[Put]) -> bool:
    for _, _, low, high in puts:
        if (isinstance(low, int) and abs(low) >= BEYOND) or (isinstance(high, int) and abs(high) >= BEYOND):
            return False
    return True


def market(made: Subject, rule: Rule) -> list[tuple[list[tuple[Put, ...]], list[tuple[str, str]]]]:
    """For each vague fact of the rule that only the market settles: the ends it may take, and its field."""
    found: list[tuple[list[tuple[Put, ...]], list[tuple[str, str]]]] = []
    if not made.machine.ready(rule).market:
        return found
    ends: list[tuple[Put, ...]]
    wanted = made.machine.ready(rule).market
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
        found.append((ends, [(part.entity, part.name)]))
    return found
