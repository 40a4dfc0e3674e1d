"""The work of one chunk where two sides are compared, and the table that all of them make: what changes for whom, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.engine.evaluating import law_days
from compliance.engine.verdict import GRAVEST, NOT_IN_FORCE
from compliance.packs.book import Rule
from compliance.screen import causes, changes, found, work
from compliance.screen.cases import Cases, cases_of
from compliance.screen.changes import WHOLE, Block, Changed
from compliance.screen.found import EPOCH, NONE, whole
from compliance.screen.parts import Chunk, Input, Task
from compliance.screen.work import Done, Shards

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyarrow import RecordBatch, Schema

    Array = NDArray[Any]

TABLES = ("changes", "issuers")
COUNTED = ("items", "changes")
WORDS = (*GRAVEST, NOT_IN_FORCE)
Causes = Sequence[dict[str, Any]]
Why = Callable[[int, int, int], Causes]  # of a case, a rule by its place, and a day


class Impact(NamedTuple):
    """Two sides, each a rule book on a day. ``given`` is the input as the book after reads it, where that is another book."""

    before: Task
    after: Task
    given: Input | None = None


class Watch(NamedTuple):
    """A rule book on a day, and the last of the days after it that are looked at."""

    task: Task
    last: int


class Side(NamedTuple):
    """Some filings under a rule book on a day: its rules, and what each of them gives (rules first)."""

    cases: Cases
    rules: Sequence[Rule]
    verdicts: Array


class Told(NamedTuple):
    """What changes for the filings of a block, by which of the rules, and why. ``side`` is what the issuers are told of."""

    side: Side
    rules: Sequence[Rule]
    changed: Changed
    why: Why


class Filed:
    """The rules on the filings of a block, each by its place, as causes ask for them. A filing is made where one is looked at."""

    def __init__(self, block: Block, rules: Sequence[Rule]) -> None:
        self.block = block
        self.rules = rules
        self._follows: dict[int, Array] = {}
        self._laws: dict[int, Array] = {}

    def __call__(self, case: int, rule: int) -> causes.Case:
        """A rule on a filing."""
        if rule not in self._follows:
            self._follows[rule] = changes.follows(self.block, self.rules[rule])
        made, ready = self.block.cases.made, self.block.first.machine.ready(self.rules[rule])
        return causes.Case(lambda: made[case], ready, bool(self._follows[rule][case]))

    def law(self, case: int, rule: int) -> int:
        """The day that picks the law of a rule on a filing, the first of those that it may be."""
        if rule not in self._laws:
            self._laws[rule] = law_days(self.block.first, self.rules[rule])[0]
        return int(self._laws[rule][case])


def do(asked: Impact | Watch, given: Input, chunk: Chunk, out: str) -> Done:
    """Compare a chunk and write it into ``out``: see ``work.do``."""
    return work.told(lambda: _done(asked, given, chunk, Path(out)))


def _done(asked: Impact | Watch, given: Input, chunk: Chunk, out: Path) -> dict[str, Any]:
    shards = Shards(chunk, {"changes": changes_schema(), "issuers": found.issuers_schema()}, COUNTED)
    for told in _told(asked, given, shards):
        shards.add("changes", _batch(told))
        shards.add("issuers", found.issuers_batch(*told.side))
    return shards.written(given, out)


def _told(asked: Impact | Watch, given: Input, shards: Shards) -> Iterator[Told]:
    """What changes, block by block."""
    if isinstance(asked, Watch):
        return _watched(asked, given, shards)
    if asked.before.sha256 == asked.after.sha256:
        return _of_days(asked, given, shards)
    return _of_books(asked, given, shards)


def _watched(asked: Watch, given: Input, shards: Shards) -> Iterator[Told]:
    """The days to come of one book."""
    machine, rules = work.ready(asked.task)
    for cases in cases_of(asked.task, machine, given, shards.chunk, shards.counts, shards.errors):
        block = Block(cases)
        base = changes.verdicts_on(block, rules, cases.day, shards.scalar)
        moved = changes.ahead(block, rules, base, asked.last, shards.scalar)
        yield Told(Side(cases, rules, base), rules, moved, partial(_why_on, Filed(block, rules)))


def _why_on(of: Filed, case: int, rule: int, day: int) -> Causes:
    return causes.on_day(of(case, rule), day)


def _why_between(of: Filed, first: int, case: int, rule: int, last: int) -> Causes:
    return causes.of_days(of(case, rule), first, last)


def _of_days(asked: Impact, given: Input, shards: Shards) -> Iterator[Told]:
    """Two days of one book: each filing is read once."""
    machine, rules = work.ready(asked.before)
    (first,), (last,) = asked.before.days, asked.after.days
    for cases in cases_of(asked.before, machine, given, shards.chunk, shards.counts, shards.errors):
        block = Block(cases)
        before = changes.verdicts_on(block, rules, first, shards.scalar)
        after = changes.verdicts_later(block, rules, before, first, last, shards.scalar)
        moved = changes.between(before, after, (whole(before, rules), whole(after, rules)), last)
        why = partial(_why_between, Filed(block, rules), first)
        yield Told(Side(replace(cases, day=last), rules, after), rules, moved, why)


def _of_books(asked: Impact, given: Input, shards: Shards) -> Iterator[Told]:
    """Two books, each of which reads the filings for itself. What one of them cannot read stands among the errors alone."""
    tasks, ready = (asked.before, asked.after), [work.ready(task) for task in (asked.before, asked.after)]
    (old_machine, old), (new_machine, new) = ready
    counts: Counter[str] = Counter()
    errors: tuple[list[dict[str, Any]], ...] = ([], [])
    blocks = _pairs(
        cases_of(asked.before, old_machine, given, shards.chunk, shards.counts, errors[0]),
        cases_of(asked.after, new_machine, asked.given or given, shards.chunk, counts, errors[1]),
    )
    known = {rule.id for rule in new}
    either = [*new, *(rule for rule in old if rule.id not in known)]
    for pair in blocks:
        sides = [
            Side(block.cases, rules, changes.verdicts_on(block, rules, task.days[0], shards.scalar))
            for block, rules, task in zip(pair, (old, new), tasks, strict=True)
        ]
        yield _of_pair(pair, sides, either)
    noted = {(error["item"], error["code"], error["place"]) for error in errors[0]}
    shards.errors += [*errors[0], *(error for error in errors[1] if (error["item"], error["code"], error["place"]) not in noted)]


def _of_pair(pair: tuple[Block, Block], sides: Sequence[Side], either: Sequence[Rule]) -> Told:
    """What differs between the sides of a block, for the filings that both could read."""
    import numpy as np

    days = pair[0].cases.day, pair[1].cases.day
    _, *places = np.intersect1d(pair[0].cases.items, pair[1].cases.items, return_indices=True)
    laid = [_laid(side, either, place) for side, place in zip(sides, places, strict=True)]
    wholes = [whole(side.verdicts, side.rules)[place] for side, place in zip(sides, places, strict=True)]
    moved = changes.between(laid[0], laid[1], (wholes[0], wholes[1]), days[1])
    before = dict(zip(places[1].tolist(), places[0].tolist(), strict=True))
    at = [{rule.id: number for number, rule in enumerate(side.rules)} for side in sides]
    filed = [Filed(block, side.rules) for block, side in zip(pair, sides, strict=True)]

    def why(case: int, rule: int, day: int) -> Causes:
        numbers = [places_of.get(either[rule].id) for places_of in at]
        if numbers[0] is None or numbers[1] is None:
            return causes.of_one_book(numbers[0] is None)
        asked = (filed[0], before[case], numbers[0]), (filed[1], case, numbers[1])
        one, other = ((of(place, number), of.law(place, number)) for of, place, number in asked)
        return causes.of_books((one[0], other[0]), (one[1], other[1]), days)

    return Told(sides[1], either, moved._replace(case=places[1][moved.case]), why)


def _laid(side: Side, rules: Sequence[Rule], cases: Array) -> Array:
    """The verdicts of a side on some of its filings, of these rules: one that it does not have is not in force."""
    import numpy as np

    own = {rule.id: number for number, rule in enumerate(side.rules)}
    found = np.full((len(rules), len(cases)), NONE, dtype=np.int8)
    for number, rule in enumerate(rules):
        if rule.id in own:
            found[number] = side.verdicts[own[rule.id]][cases]
    return found


def _pairs(before: Iterator[Any], after: Iterator[Any]) -> Iterator[tuple[Block, Block]]:
    """The blocks of both sides that are of the same items; one of which a side could read nothing has no other."""
    one, other = next(before, None), next(after, None)
    while one is not None and other is not None:
        if one.items[-1] < other.items[0]:
            one = next(before, None)
        elif other.items[-1] < one.items[0]:
            other = next(after, None)
        else:
            yield Block(one), Block(other)
            one, other = next(before, None), next(after, None)
    for rest in (before, after):  # what is left is read all the same, for its errors
        for _ in rest:
            pass


# The table


def changes_schema() -> Schema:
    """The columns of ``changes.parquet``: a row for each verdict that changes, that of the whole under an empty rule."""
    import pyarrow as pa

    word = pa.dictionary(pa.int32(), pa.string())
    return pa.schema([
        ("item", pa.int64()), ("issuer", pa.string()), ("name", pa.string()), ("day", pa.date32()), ("rule", word), ("before", word),
        ("after", word), ("causes", pa.string()),
    ])  # fmt: skip


def _batch(told: Told) -> RecordBatch:
    """The changes of a block, case by case, day by day and rule by rule."""
    import numpy as np
    import pyarrow as pa

    cases, changed = told.side.cases, told.changed
    case = changed.case.tolist()
    arrays = {
        "item": pa.array(np.asarray(cases.items, dtype=np.int64)[changed.case]),
        **{name: pa.array([of[place] for place in case], pa.string()) for name, of in (("issuer", cases.issuers), ("name", cases.names))},
        "day": pa.array((changed.day - EPOCH).astype(np.int32)).view(pa.date32()),
        "rule": _words(changed.rule + 1, ["", *(rule.id for rule in told.rules)]),
        **{
            name: _words(np.where(end == NONE, len(GRAVEST), end), WORDS)
            for name, end in (("before", changed.before), ("after", changed.after))
        },
        "causes": pa.array(_causes(told), pa.string()),
    }
    schema = changes_schema()
    return pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)


def _words(places: Array, listed: Sequence[str]) -> Any:
    import numpy as np
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(listed, pa.string()))


def _causes(told: Told) -> list[str]:
    """Why each verdict changes. That of the whole does by the conditions behind it, which stand after it."""
    rows = list(zip(*(column.tolist() for column in told.changed), strict=True))
    found = []
    for at, (case, day, rule, before, after) in enumerate(rows):
        if rule != WHOLE:
            found.append(causes.written(told.why(case, rule, day)))
            continue
        behind = _behind(_following(rows, at), told.rules, before, after)
        found.append(causes.written(causes.of_rules(behind)))
    return found


def _following(rows: Sequence[Any], at: int) -> Iterator[Any]:
    """The changes of rules that come with one of the whole."""
    for index in range(at + 1, len(rows)):
        if rows[index][:2] != rows[at][:2]:
            return
        yield rows[index]


def _behind(rows: Iterable[Any], rules: Sequence[Rule], before: int, after: int) -> list[str]:
    """The conditions that were as the whole was, or have become what it is."""
    return [rules[rule].id for _, _, rule, old, new in rows if rules[rule].force == "condition" and (old == before or new == after)]
