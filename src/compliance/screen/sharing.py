"""One chunk on several processes: where there is no other chunk to work on, they share its rules.

Every process reads the chunk. The helpers take groups of rules from the first on, this process from the last, until they meet. What
comes out is the same: findings stand case by case and rule by rule, whoever decided them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from compliance.screen import cases, deciding
from compliance.screen.cases import Cases
from compliance.screen.found import Found
from compliance.screen.parts import Chunk, Input, Task
from compliance.screen.work import Decide, ready

if TYPE_CHECKING:
    from compliance.packs.book import Rule

GROUP = 3  # rules that are decided at a time
LEAST = 1000  # rows from which on a second process pays for its start
Part = tuple[Found, Counter[str]]


def worth(task: Task, given: Input, chunk: Chunk) -> bool:
    """Whether a chunk is one block of columns that is decided once, large enough to be shared by its rules.

    Lines and tables take their time to be read, which cannot be shared so.
    """
    from compliance.screen.parquet import BLOCK

    one = len(task.days) == len(task.scenarios) == 1
    return given.kind == "parquet" and one and LEAST <= chunk.size <= BLOCK and len(task.rules) > 2 * GROUP


_READ: list[tuple[Cases, Sequence[Rule], bool]] = []  # what this process, a helper, has read


def read(task: Task, given: Input, chunk: Chunk) -> None:
    """Make a process ready to help with a chunk."""
    machine, rules = ready(task, given, chunk)
    _READ[:] = [(one, rules, task.robust) for one in cases.cases_of(task, machine, given, chunk, Counter(), [])]


def group(block: int, first: int) -> Part:
    """Decide a group of rules on a block that has been read."""
    held, rules, robust = _READ[block]
    return deciding.decide_block(held, rules[first : first + GROUP], robust)


def shared(helpers: Executor) -> Decide:
    """Decides a block of cases together with helpers that have read it. Where these fail, all is done here."""
    blocks = 0

    def decide(held: Cases, rules: Sequence[Rule], robust: bool) -> Part:
        nonlocal blocks
        firsts = range(0, len(rules), GROUP)
        found, scalar = Found(len(rules), len(held)), Counter[str]()
        given = [(first, _submitted(helpers, blocks, first)) for first in firsts]
        others = []

        def put(first: int, part: Part | None) -> None:
            rest, counts = part or deciding.decide_block(held, rules[first : first + GROUP], robust)
            found.put(first, rest)
            scalar.update(counts)

        for first, future in reversed(given):
            if future is None or future.cancel():
                put(first, None)
            else:
                others.append((first, future))
        for first, future in others:
            put(first, _result(future))
        blocks += 1
        return found, scalar

    return decide


def _submitted(helpers: Executor, block: int, first: int) -> Future[Part] | None:
    try:
        return helpers.submit(group, block, first)
    except BrokenProcessPool:
        return None


def _result(future: Future[Part]) -> Part | None:
    """What a helper found; None where it was killed, or could not read what is read here."""
    try:
        return future.result()
    except (BrokenProcessPool, IndexError):
        return None
