"""The conclusion engine on durable-rules, which matches the words and joins them.

durable-rules is good at chaining short words and at nothing else that is wanted here, so the shape of what it is
given is narrow, and each part of the shape answers a limit of its C code (2.0.28):

* A word is a fact of three text fields. A condition that a word can meet ("atom") is an equality on kind, then
  subject, then value, always in that order. Equal conditions share a node, so one fact can stand on at most four
  nodes at a time: the stack of 64, which overflows (error 303) where rules match a fact by conditions of their
  own or by ``$or``, cannot fill.
* A premise that exactly one word can meet is joined as it stands. Any other becomes a *token*, a fact that its
  atoms bring about and that is asserted once: so a rule over "any failing test" is joined once and not once for
  each pair of failures, and two premises of a rule may be met by the same word (durable-rules wants two facts).
* A rule is joined at most ``_WIDTH`` facts at a time (a frame holds 16), through tokens in between.
* A condition serves at most ``_USES`` joins, then its premise gets another token (a node lists 255 rules and no
  more; beyond them it writes into its neighbour's memory without a word).
* A node holds at most 511 conditions side by side; with the 512th the build never returns. Tokens are spread over
  groups; what remains is counted before anything is built, and refused.

* A session in which nothing fires is deleted through pointers that were never set (``deleteStateNode`` frees the
  ``context`` that only a started action fills), which can end the process. The slot of a session is used again by
  the next one, with the pointers cleared; so each set fires one rule of its own, once, when it is built.

Its C module is called as its own Python layer calls it, without that layer: nothing is left to actions, which swallow
their exceptions, no timer threads are started, and half of the time it takes to import is saved. A call tells which rules
fire. One session lives at a time, under one lock, and is deleted in the end.
"""

from __future__ import annotations

import hashlib
import importlib
import itertools
import json
import threading
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from compliance.engine.conclusions.rules import (
    Conclusion,
    ConclusionEngine,
    ConclusionError,
    ConclusionRule,
    DurableMissing,
    Premise,
    TooManyConditions,
    Word,
    check_rules,
    supported,
)

SIDE_BY_SIDE = 511  # conditions under one node: NEXT_BUCKET_LENGTH is 512, and a full table is searched for ever
MOST_RULES = 4096  # MAX_ACTIONS
_USES = 200  # joins on one token; BETA_LIST_LENGTH is 256, of which one must stay empty
_WIDTH = 8  # tokens in one join; MAX_MESSAGE_FRAMES is 16
_GROUP = 128  # tokens under one group

# The whole set of field names that ever reach durable-rules, ours and its own. It knows a field by a 32-bit hash of
# its name alone, so two of these that met would be one field.
FIELDS = frozenset({"id", "sid", "kind", "subject", "value", "group", "token"})
RESERVED = frozenset(
    {
        *("$s", "$m", "$i", "$forward", "$time", "$baseTime", "$timerName", "$l", "$r", "$add", "$sub", "$mul", "$div"),
        *("$lt", "$lte", "$gt", "$gte", "$eq", "$neq", "$mt", "$imt", "$iall", "$iany", "$ex", "$nex", "$or", "$and"),
        *("all", "any", "pri", "count", "cap", "dist", "name", "exception"),
    }
)
FRAMES = tuple(f"m_{number}" for number in range(_WIDTH))
_SESSION = "s"
_START = {"group": "start"}
_FIRST = "start"  # the rule that each set fires when it is built
_UNASKED, _REPEATED = 1, 2  # what the engine answers of a fact that meets nothing, and of one that it has already

_Atom = tuple[str, str | None, str | None]
_Field = dict[str, str]


class Library(Protocol):
    """What is used of durable-rules' engine: its C module, which knows a rule set and a state by handles of its own."""

    def create_ruleset(self, name: str, definition: str) -> int: ...
    def assert_fact(self, rules: int, fact: str) -> tuple[int, int]: ...
    def start_action_for_state(self, rules: int, state: int) -> tuple[str, str] | None: ...
    def update_state(self, rules: int, state: str) -> Any: ...
    def complete_and_start_action(self, rules: int, state: int) -> str | None: ...
    def delete_state(self, rules: int, sid: str) -> None: ...


class Token(NamedTuple):
    """A fact of our own: that one of the words a premise allows is there, or that part of a wide rule is met."""

    number: int


class Join(NamedTuple):
    """One rule as durable-rules gets it: where all of ``asked`` are there, all of ``follows`` holds.

    What follows is a token, or a conclusion rule by its position.
    """

    asked: tuple[_Atom | Token, ...]
    follows: tuple[Token | int, ...]


class _Built(NamedTuple):
    """A rule set inside durable-rules: its handle there, its joins by number, and what they ask for."""

    handle: int
    joins: tuple[Join, ...]
    asked: frozenset[_Atom | Token]

    def asks(self, fact: Word | Token) -> bool:
        """Whether a fact can meet a condition; one that cannot need not be asserted."""
        if isinstance(fact, Token):
            return fact in self.asked
        return any((fact.kind, subject, value) in self.asked for subject in (fact.subject, None) for value in (fact.value, None))


def fnv1a(name: str) -> int:
    """Return the 32-bit FNV-1a hash of ``name``, by which durable-rules knows a field (fnv1Hash32 in its state.c)."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def check_fields(names: Iterable[str] = (*FIELDS, *RESERVED, *FRAMES)) -> None:
    """Raise ``ConclusionError`` where durable-rules could not tell two field names apart."""
    seen: dict[int, str] = {}
    for name in names:
        other = seen.setdefault(fnv1a(name), name)
        if other != name:
            raise ConclusionError(f"durable-rules cannot tell the fields {other!r} and {name!r} apart: rename one")


def plan(rules: tuple[ConclusionRule, ...]) -> tuple[Join, ...]:
    """Lay ``rules`` out within the widths of durable-rules; nothing is built."""
    numbers = itertools.count()
    brings: dict[_Atom, list[Token | int]] = {}
    uses: Counter[Premise] = Counter()
    tokens: dict[Premise, Token] = {}

    def ask(premise: Premise) -> _Atom | Token:
        atoms = _atoms(premise)
        direct = premise.subjects and premise.values and len(atoms) == 1
        used = uses[premise]
        uses[premise] += 1
        if direct and used < _USES:
            return atoms[0]
        if used % _USES == 0:
            tokens[premise] = Token(next(numbers))
            for atom in atoms:
                brings.setdefault(atom, []).append(tokens[premise])
        return tokens[premise]

    joins: list[Join] = []
    for position, rule in enumerate(rules):
        premises = tuple(dict.fromkeys(rule.premises))
        if len(premises) == 1:
            for atom in _atoms(premises[0]):
                brings.setdefault(atom, []).append(position)
            continue
        asked = [ask(premise) for premise in premises]
        while len(asked) > _WIDTH:
            part = Token(next(numbers))
            joins.append(Join(tuple(asked[:_WIDTH]), (part,)))
            asked = [part, *asked[_WIDTH:]]
        joins.append(Join(tuple(asked), (position,)))
    return (*(Join((atom,), tuple(follows)) for atom, follows in brings.items()), *joins)


def _atoms(premise: Premise) -> list[_Atom]:
    """Return the single equalities that a premise is made of; ``None`` asks for nothing."""
    subjects = sorted(premise.subjects) or (None,)
    values = sorted(premise.values) or (None,)
    return [(premise.kind, subject, value) for subject in subjects for value in values]


def refusal(joins: tuple[Join, ...]) -> str | None:
    """Say why durable-rules cannot hold ``joins``, or return ``None``. Needs no durable-rules, so lint can ask."""
    if len(joins) > MOST_RULES:
        return f"the conclusion rules come to {len(joins)} rules of one step; durable-rules holds {MOST_RULES}"
    under: dict[tuple[tuple[str, str], ...], set[tuple[str, str]]] = {(): set(_START.items())}
    for condition in {condition for join in joins for condition in join.asked}:
        path = tuple(_fields(condition).items())
        for depth, field in enumerate(path):
            under.setdefault(path[:depth], set()).add(field)
    for path, beside in sorted(under.items()):
        if len(beside) > SIDE_BY_SIDE:
            where = " and ".join(f"{field} {text!r}" for field, text in path) or "the rule set"
            return f"{where} has {len(beside)} conditions side by side; durable-rules hangs beyond {SIDE_BY_SIDE}"
    return None


def _fields(fact: _Atom | Token | Word) -> _Field:
    """Return the fields of a fact or of a condition, in the order in which durable-rules shares them."""
    if isinstance(fact, Token):
        return {"group": f"g{fact.number // _GROUP}", "token": f"t{fact.number % _GROUP}"}
    parts = (fact.kind, fact.subject, fact.value) if isinstance(fact, Word) else fact
    return {field: text for field, text in zip(("kind", "subject", "value"), parts, strict=True) if text is not None}


class DurableEngine:
    """Runs conclusion rules through durable-rules; see ``ConclusionEngine``.

    ``too_large`` takes the sets that durable-rules cannot hold; without it they raise ``TooManyConditions``.
    Raises ``DurableMissing`` where durable-rules cannot be imported.
    """

    def __init__(self, too_large: ConclusionEngine | None = None) -> None:
        check_fields()
        self._library = _library()
        self._too_large = too_large

    @property
    def name(self) -> str:
        """The name of this engine."""
        return "durable"

    def conclude(self, rules: tuple[ConclusionRule, ...], words: Iterable[Word]) -> tuple[Conclusion, ...]:
        """Return the conclusions of ``rules`` over ``words``, in the order of ``rules``.

        Raises ``ConclusionError`` where two rules share an id or durable-rules reports a failure, and
        ``TooManyConditions`` where the set is larger than it can hold.
        """
        check_rules(rules)
        given = frozenset(words)
        with _LOCK:
            built = _BUILT.get(rules)
            if built is None:
                joins = plan(rules)
                reason = refusal(joins)
                if reason is None:
                    built = _BUILT[rules] = _build(self._library, f"conclusions-{_digest(rules)}", joins)
            met = None if built is None else _session(self._library, built, rules, given)
        if met is not None:
            return supported(rules, given, met)
        if self._too_large is None:
            raise TooManyConditions(f"{reason}: use the reference engine, which gives the same conclusions")
        return self._too_large.conclude(rules, given)


# durable-rules knows a rule set by a name that is unique for the life of the process, keeps one table of sessions,
# and is not written for threads: hence one lock and one memory of what was built, for the process.
_LOCK = threading.Lock()
_BUILT: dict[tuple[ConclusionRule, ...], _Built] = {}


def _library() -> Library:
    """Import durable-rules' engine. Raises ``DurableMissing`` where it cannot be imported."""
    try:
        library: Library = importlib.import_module("durable_rules_engine")
    except Exception as error:  # without a compiler it is absent; on Python 3.13 its import fails in several ways
        raise DurableMissing(
            f"durable-rules cannot be imported ({type(error).__name__}: {error}). Install the extra 'durable' "
            "(Python below 3.13 and a C compiler), or ask for the engine 'reference', which gives the same conclusions"
        ) from error
    return library


def _build(library: Library, name: str, joins: tuple[Join, ...]) -> _Built:
    """Give durable-rules the rule set and fire its first rule. Raises ``ConclusionError`` where it refuses it."""
    definition = {
        f"r{number}": {"all": [{frame: _condition(asked)} for frame, asked in zip(FRAMES, join.asked, strict=False)]}
        for number, join in enumerate(joins)
    }
    definition[_FIRST] = {"all": [{FRAMES[0]: dict(_START)}]}
    try:
        handle = library.create_ruleset(name, json.dumps(definition, ensure_ascii=False))
        fired = _fired(library, handle, {"id": "start", "sid": _SESSION, **_START})
        library.delete_state(handle, _SESSION)
    except Exception as error:
        raise ConclusionError(f"durable-rules refuses the rules ({error}): use the engine 'reference'") from error
    if fired != [_FIRST]:
        raise ConclusionError("durable-rules fires no rule on this machine: use the engine 'reference'")
    return _Built(handle, joins, frozenset(asked for join in joins for asked in join.asked))


def _fired(library: Library, handle: int, fact: _Field) -> list[str]:
    """Assert one fact and give the names of the rules that it fires. Raises ``ValueError`` where it is taken for a repetition."""
    answer, state = library.assert_fact(handle, json.dumps(fact, ensure_ascii=False))
    if answer == _UNASKED:
        return []
    if answer == _REPEATED:
        raise ValueError("the fact was taken for a repetition of another")
    started = library.start_action_for_state(handle, state)
    found: list[str] = []
    if started is None:
        return found
    kept, firing = started
    while firing:
        found += json.loads(firing)
        library.update_state(handle, kept)
        firing = library.complete_and_start_action(handle, state) or ""
    return found


def _condition(asked: _Atom | Token) -> dict[str, Any]:
    """Return the condition in the JSON of durable-rules: equalities, all of which must hold."""
    fields = [{field: text} for field, text in _fields(asked).items()]
    return {"$and": fields} if len(fields) > 1 else dict(fields[0])


def _digest(rules: tuple[ConclusionRule, ...]) -> str:
    """Return the SHA-256 of what the rules say, the same in every run."""
    content = [
        [
            rule.id,
            [[premise.kind, sorted(premise.subjects), sorted(premise.values)] for premise in rule.premises],
            [rule.concludes.kind, rule.concludes.subject, rule.concludes.value],
        ]
        for rule in rules
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _session(library: Library, built: _Built, rules: tuple[ConclusionRule, ...], words: frozenset[Word]) -> set[int]:
    """Assert ``words``, and what follows from them, until nothing new follows; return the positions of rules met.

    Every fact is asserted once and gets an id of its own, for durable-rules takes equal ids for the same fact.
    """
    met: set[int] = set()
    facts: list[Word | Token] = [*sorted(word for word in words if built.asks(word))]
    if not facts:
        return met  # and no session: one without a fact cannot be deleted
    known: set[Word | Token] = set(facts)
    try:
        for number, fact in enumerate(facts):  # the list grows while it is read
            for follows in itertools.chain.from_iterable(built.joins[firing].follows for firing in _assert(library, built, number, fact)):
                if isinstance(follows, int):
                    met.add(follows)
                new = rules[follows].concludes if isinstance(follows, int) else follows
                if new not in known and built.asks(new):
                    known.add(new)
                    facts.append(new)
    finally:
        library.delete_state(built.handle, _SESSION)
    return met


def _assert(library: Library, built: _Built, number: int, fact: Word | Token) -> list[int]:
    """Assert one fact; the numbers of the joins that it fires. Raises ``ConclusionError`` where anything went wrong on the way."""
    fields = _fields(fact)
    try:
        return [int(name.removeprefix("r")) for name in _fired(library, built.handle, {"id": f"f{number}", "sid": _SESSION, **fields})]
    except Exception as error:
        raise ConclusionError(f"durable-rules failed on {fields}: {error!r}. Use the engine 'reference'") from error
