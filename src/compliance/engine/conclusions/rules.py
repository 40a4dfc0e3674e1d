"""Conclusion rules and the words that they are made of, what runs them, and which input words stand behind each that is met."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

# Figures, dates and what stands for "no figure": the rule engine would compare them as floats, or match nothing.
_FIGURE = r"[+-]?[\d.,:/%\s-]*(e[+-]?\d+)?|nan|[+-]?inf(inity)?"
_BEGINS_FIGURE = frozenset("eEnNiIıİ")  # the only letters that one begins with: most words are known by their first
_LONGEST = 200


class ConclusionError(Exception):
    """A set of conclusion rules cannot be run; the message says why and how to mend it."""


class DurableMissing(ConclusionError):
    """The durable engine was asked for by name and durable-rules cannot be imported."""


class TooManyConditions(ConclusionError):
    """A rule set is larger than durable-rules can hold."""


@lru_cache(maxsize=10_000)
def _check_part(part: object, what: str) -> None:
    """Raise ``ValueError`` unless ``part`` is a plain word: text, printable, unquoted and no figure or date."""
    if not isinstance(part, str):
        raise ValueError(f"{what} {part!r} is no text: only words go into conclusions, never a figure or a fact")
    first = part[:1]
    if (not first.isalpha() or first in _BEGINS_FIGURE) and re.fullmatch(_FIGURE, part, re.IGNORECASE):
        raise ValueError(f"{what} {part!r} is empty, a figure or a date: decide it in a rule and pass on the verdict")
    if len(part) > _LONGEST or not part.isprintable() or '"' in part or "\\" in part:
        raise ValueError(f'{what} {part!r} is no plain word: at most {_LONGEST} printable characters, no " and no \\')


class _Word(NamedTuple):
    kind: str
    subject: str
    value: str


class Word(_Word):
    """One thing already decided, such as ``verdict / working-capital-share / fail``.

    Raises ``ValueError`` where a part is no word (a figure, a date, blank, quoted or unprintable text).
    """

    __slots__ = ()

    def __new__(cls, kind: str, subject: str, value: str) -> Word:
        _check_part(kind, "the kind")
        _check_part(subject, "the subject")
        _check_part(value, "the value")
        return super().__new__(cls, kind, subject, value)


class _Premise(NamedTuple):
    kind: str
    subjects: frozenset[str]
    values: frozenset[str]


class Premise(_Premise):
    """What a rule asks for: a word of this kind, about one of these subjects, with one of these values.

    An empty set stands for any. Raises ``ValueError`` as ``Word`` does.
    """

    __slots__ = ()

    def __new__(cls, kind: str, subjects: frozenset[str] = frozenset(), values: frozenset[str] = frozenset()) -> Premise:
        _check_part(kind, "the kind")
        for subject in subjects:
            _check_part(subject, "the subject")
        for value in values:
            _check_part(value, "the value")
        return super().__new__(cls, kind, subjects, values)

    def met_by(self, word: Word) -> bool:
        """Tell whether ``word`` meets this premise."""
        return (
            word.kind == self.kind
            and (not self.subjects or word.subject in self.subjects)
            and (not self.values or word.value in self.values)
        )


class _ConclusionRule(NamedTuple):
    id: str
    premises: tuple[Premise, ...]
    concludes: Word


class ConclusionRule(_ConclusionRule):
    """Where every premise is met, ``concludes`` holds.

    Raises ``ValueError`` without a premise: that would conclude from silence.
    """

    __slots__ = ()

    def __new__(cls, id: str, premises: tuple[Premise, ...], concludes: Word) -> ConclusionRule:
        if not premises:
            raise ValueError(f"conclusion rule {id!r} has no premise: name at least one word it follows from")
        return super().__new__(cls, id, premises, concludes)


class Conclusion(NamedTuple):
    """A rule that is met: its id, its word, and every input word behind it, sorted."""

    id: str
    word: Word
    because: tuple[Word, ...]


class ConclusionEngine(Protocol):
    """Runs conclusion rules over words to the fixed point."""

    @property
    def name(self) -> str:
        """``reference`` or ``durable``."""

    def conclude(self, rules: tuple[ConclusionRule, ...], words: Iterable[Word]) -> tuple[Conclusion, ...]:
        """Return one conclusion for each rule that is met, in the order of ``rules``.

        Repeated words and the order of ``words`` change nothing. Raises ``ConclusionError`` where two rules share
        an id, or where this engine cannot hold the set.
        """


def check_rules(rules: tuple[ConclusionRule, ...]) -> None:
    """Raise ``ConclusionError`` where two rules share an id: the record could not tell their conclusions apart."""
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise ConclusionError(f"two conclusion rules are called {rule.id!r}: give one of them another id")
        seen.add(rule.id)


def supported(rules: tuple[ConclusionRule, ...], words: frozenset[Word], met: Iterable[int]) -> tuple[Conclusion, ...]:
    """Say which input words stand behind each rule that an engine found met.

    ``met`` holds positions in ``rules`` and is taken as the engine gave it: nothing is added to it and nothing
    dropped, so that two engines which disagree are seen to disagree. The support of a concluded word is the support
    of every met rule that concludes it; it grows to the least fixed point, so a circle of rules ends.
    """
    positions = sorted(set(met))
    behind: dict[Word, frozenset[Word]] = {word: frozenset((word,)) for word in words}
    for position in positions:
        behind.setdefault(rules[position].concludes, frozenset())
    index = _by_subject(behind)
    sources = {position: {word for premise in rules[position].premises for word in _meeting(premise, index)} for position in positions}
    growing = True
    while growing:
        growing = False
        for position in positions:
            concluded = rules[position].concludes
            support = behind[concluded].union(*(behind[word] for word in sources[position]))
            if len(support) > len(behind[concluded]):
                behind[concluded] = support
                growing = True
    return tuple(
        Conclusion(
            rules[position].id,
            rules[position].concludes,
            tuple(sorted(frozenset[Word]().union(*(behind[word] for word in sources[position])))),
        )
        for position in positions
    )


def _by_subject(words: Iterable[Word]) -> dict[str, dict[str, list[Word]]]:
    """Sort words by kind and subject, so that a premise looks only where it can find something."""
    index: dict[str, dict[str, list[Word]]] = {}
    for word in words:
        index.setdefault(word.kind, {}).setdefault(word.subject, []).append(word)
    return index


def _meeting(premise: Premise, index: Mapping[str, Mapping[str, list[Word]]]) -> Iterator[Word]:
    """Yield the words that meet ``premise``."""
    subjects = index.get(premise.kind, {})
    for subject in premise.subjects or subjects:
        for word in subjects.get(subject, ()):
            if premise.met_by(word):
                yield word
