"""Whose verdicts change between two days, between two rule books, or as the day moves on, decided in columns block by block.

Both sides of a block are decided as arrays, and only the verdicts that differ are looked at one by one. As the day moves on a
rule is decided again where one of its comparisons of days may turn (see ``turning``), or where its law changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.engine import many
from compliance.engine.subject import Subject
from compliance.packs.book import AS_OF, Rule
from compliance.screen import deciding, turning
from compliance.screen.cases import Cases
from compliance.screen.found import NONE, whole
from compliance.screen.some import some_of
from compliance.screen.subjects import Subjects, on_day

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

PAIRS = 65_536  # filings on a day that are decided together
WHOLE = -1  # the place of the verdict as a whole among those of the rules


class Dated(Subjects):
    """Filings, each on a day of its own: ``of`` are their places among those that are there."""

    def __init__(self, made: Sequence[Subject], of: Array, days: Array) -> None:
        self.made = made
        self.of = of
        self.days = days

    def __len__(self) -> int:
        return len(self.of)

    def one(self, index: int) -> Subject:
        """The filing at a place, on its day."""
        return on_day(self.made[int(self.of[index])], int(self.days[index]))


class Block:
    """Filings of a block on one day or another, as columns that are made once."""

    def __init__(self, cases: Cases) -> None:
        self.cases = cases
        self.first = cases.batch if cases.batch is not None else many.of_filings(cases.made)

    def __len__(self) -> int:
        return len(self.cases)

    def on(self, day: int) -> tuple[many.Batch, Sequence[Subject]]:
        """All of them on a day, as columns and one by one. What does not hang on the day is computed once for all days."""
        import numpy as np

        if day == self.cases.day:
            return self.first, self.cases.made
        made = Dated(self.cases.made, np.arange(len(self)), np.full(len(self), day))
        return replace(self.first, as_of=day, subject=_one_of(made), _days={}, held=self.first.kept), made

    def each_on(self, of: Array, days: Array) -> tuple[many.Batch, Sequence[Subject]]:
        """Some of them, each on a day of its own, as columns and one by one."""
        vague, made = self.first.vague, Dated(self.cases.made, of, days)
        some = self.first.varied(of, {})
        return replace(some, as_of=days, subject=_one_of(made), vague=lambda names: vague(names)[of]), made


def _one_of(made: Sequence[Subject]) -> Callable[[int], Any]:
    @contextmanager
    def one(index: int) -> Iterator[Subject]:
        yield made[index]

    return one


class Changed(NamedTuple):
    """Verdicts that are others after than before, by case, day and rule: arrays of one length.

    ``case`` is the place in the block, ``rule`` that in the rules or ``WHOLE``; verdicts are places in ``GRAVEST`` or ``NONE``.
    """

    case: Array
    day: Array
    rule: Array
    before: Array
    after: Array


def verdicts_on(block: Block, rules: Sequence[Rule], day: int, scalar: Counter[str]) -> Array:
    """The verdict of each rule (first) on each filing on a day; ``scalar`` counts those that took the scalar form."""
    import numpy as np

    found = np.full((len(rules), len(block)), NONE, dtype=np.int8)
    batch, made = block.on(day)
    for number, rule in enumerate(rules):
        found[number] = _on_all(block, batch, made, rule, scalar)
    return found


def _on_all(block: Block, batch: many.Batch, made: Sequence[Subject], rule: Rule, scalar: Counter[str]) -> Array:
    """The verdict of a rule on all filings of a block, which are on one day: those of one class have the same."""
    division = deciding.division_of(block.cases, rule)
    if division is None:
        return _decided(batch, made, rule, scalar)
    words, alone = deciding.words(*some_of(batch, made, division.first), rule)
    if count := int(alone[division.of].sum()):
        scalar[rule.id] += count
    found: Array = words[division.of]
    return found


def _decided(batch: many.Batch, made: Sequence[Subject], rule: Rule, scalar: Counter[str]) -> Array:
    found, alone = deciding.words(batch, made, rule)
    if count := int(alone.sum()):
        scalar[rule.id] += count
    return found


def verdicts_later(block: Block, rules: Sequence[Rule], before: Array, first: int, last: int, scalar: Counter[str]) -> Array:
    """As ``verdicts_on`` the last day, where those of the first are known (``before``): only what moves is decided again."""
    found = before.copy()
    batch, made = block.on(last)
    names = {rule.id for rule in turning.moving(batch.machine, *sorted((first, last)))}
    for number, rule in enumerate(rules):
        if rule.id in names:
            found[number] = _on_all(block, batch, made, rule, scalar)
    return found


def between(before: Array, after: Array, wholes: tuple[Array, Array], day: int) -> Changed:
    """What differs between the verdicts of both sides, those of the whole (``wholes``) first. ``day`` is that of the side after."""
    import numpy as np

    old, new = (np.concatenate((of_whole[None], side)) for of_whole, side in zip(wholes, (before, after), strict=True))
    case, row = (old != new).T.nonzero()
    return Changed(case, np.full(len(case), day), row - 1, old[row, case], new[row, case])


def ahead(block: Block, rules: Sequence[Rule], base: Array, last: int, scalar: Counter[str]) -> Changed:
    """What changes after the block's own day (its verdicts: ``base``) up to the last, by case, day and rule."""
    import numpy as np

    first = block.cases.day
    names = {rule.id for rule in turning.moving(block.first.machine, first, last)}
    found = [_steps(block, number, rule, base[number], last, scalar) for number, rule in enumerate(rules) if rule.id in names]
    parts = [part for part in found if len(part.case)]
    if not parts:
        return Changed(*(np.zeros(0, dtype=np.int64) for _ in Changed._fields))
    each = Changed(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    return _with_whole(each, rules, base)


def _steps(block: Block, number: int, rule: Rule, base: Array, last: int, scalar: Counter[str]) -> Changed:
    """The days on which one rule changes. Only those are decided on which it may."""
    import numpy as np

    first, parts = block.cases.day, []
    turns = turning.may_turn(block.first, rule, first, last)
    days = np.arange(first + 1, last + 1)
    edges = np.array(turning.edges(block.first.machine, rule, first, last), dtype=np.int64)
    by_law = follows(block, rule) & ~turns if len(edges) else ~turns & False
    for rows, on in ((turns.nonzero()[0], days), (by_law.nonzero()[0], edges)):
        size = max(1, PAIRS // max(1, len(on)))
        for at in range(0, len(rows), size):
            some = rows[at : at + size]
            of, each = np.repeat(some, len(on)), np.tile(on, len(some))
            words = _decided(*block.each_on(of, each), rule, scalar).reshape(len(some), len(on))
            known = np.concatenate((base[some, None], words), axis=1)
            case, step = (known[:, 1:] != known[:, :-1]).nonzero()
            parts.append(Changed(some[case], on[step], np.full(len(case), number), known[case, step], known[case, step + 1]))
    if not parts:
        return Changed(*(np.zeros(0, dtype=np.int64) for _ in Changed._fields))
    return Changed(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def follows(block: Block, rule: Rule) -> Array:
    """The filings in which the day of the check picks the law of a rule: those that state none of the days named before it."""
    import numpy as np

    found = np.full(len(block), AS_OF in rule.law)
    for name in rule.law[: rule.law.index(AS_OF)] if AS_OF in rule.law else ():
        found &= ~block.first.day(name)[2]
    return found


def _with_whole(changed: Changed, rules: Sequence[Rule], base: Array) -> Changed:
    """Changes in their order, by case, day and rule, with those of the verdict as a whole ahead of each day's."""
    import numpy as np

    order = np.lexsort((changed.rule, changed.day, changed.case))
    changed = Changed(*(column[order] for column in changed))
    now = {case: base[:, case].copy() for case in np.unique(changed.case).tolist()}
    more: list[tuple[int, ...]] = []
    bounds = [0, *((np.diff(changed.case) != 0) | (np.diff(changed.day) != 0)).nonzero()[0] + 1, len(changed.case)]
    for at, end in pairwise(bounds):
        case = int(changed.case[at])
        held = now[case]
        before = int(whole(held[:, None], rules)[0])
        held[changed.rule[at:end]] = changed.after[at:end]
        after = int(whole(held[:, None], rules)[0])
        if before != after:
            more.append((case, int(changed.day[at]), WHOLE, before, after))
    both = [np.concatenate((column, [row[place] for row in more])).astype(np.int64) for place, column in enumerate(changed)]
    order = np.lexsort((both[2], both[1], both[0]))
    return Changed(*(column[order] for column in both))
