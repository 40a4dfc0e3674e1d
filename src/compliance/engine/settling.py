"""Of a whole batch: which open verdicts answers would settle, and which decided ones stand with every question open.

What ``questions.open_verdict`` and ``questions.erase`` ask of one filing, put into all of them at once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.engine import many, worlds
from compliance.engine.evaluating import evaluated, law_days
from compliance.engine.machine import Ready
from compliance.engine.questions import MAX_SETTLED
from compliance.engine.worlds import READING, Group, constant, fact_of, members, reading_fact, several, ways
from compliance.expressions import columns
from compliance.expressions.formula import FAIL, NOT_APPLICABLE, PASS
from compliance.expressions.tree import Node
from compliance.packs.book import Rule
from compliance.quantities import BEYOND
from compliance.vocabulary import Field

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


class Told(NamedTuple):
    """An answer for each filing that was asked about, and those that only the scalar form can tell it of."""

    holds: Array
    left: Array


def settled_by_answers(batch: many.Batch, rule: Rule, rows: Array) -> Told:
    """Whether answers, or what only the market settles, would decide a rule that is open in these filings of a batch."""
    import numpy as np

    holds, left = np.zeros(batch.size, dtype=bool), np.zeros(batch.size, dtype=bool)
    groups = list(_choices(batch, batch.machine.ready(rule), rows, left))
    for piece in worlds.ends_first([group.only(~left[group.place]) for group in groups], MAX_SETTLED, holds):
        for put, part in worlds.by_reading(piece):
            codes, unfit = evaluated(batch.varied(part.of, part.cells, put), rule, columns.decide)
            decided = (codes == PASS) | (codes == FAIL) | (codes == NOT_APPLICABLE)
            holds[part.places] |= part.any(decided & ~unfit)
            left[part.places] |= part.any(unfit)
    return Told(holds[rows], (left & ~holds)[rows])


def stands_alone(batch: many.Batch, rule: Rule, rows: Array, codes: Array) -> Told:
    """Whether the verdict of a rule on these filings of a batch (their ``codes``) stands with every question open at once."""
    import numpy as np

    ready = batch.machine.ready(rule)
    left, changed = np.zeros(batch.size, dtype=bool), np.zeros(batch.size, dtype=bool)
    place = np.zeros(batch.size, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    cells: dict[tuple[str, str], columns.Cells] = {}
    put = {(READING, reading.id): reading.all_bits for reading in ready.readings}
    changed[rows] = bool(put)
    for part, condition in _judged(ready):
        fact = fact_of(part)
        found = _asked(batch, ready, part, condition, rows, left)
        cells[fact.entity, fact.name] = _blanks(found, found.counts, place, ready.pack.vocabulary.blank(part), fact)
        changed[found.place[found.counts]] = True
    holds = ~changed[rows]
    if not holds.all():
        over = batch.varied(rows, {name: each for name, each in cells.items() if len(each.scenario)}, put)
        erased, unfit = evaluated(over, rule, columns.decide)
        holds |= erased == codes
        left[rows] |= unfit & changed[rows]
    return Told(holds, left[rows])


def _blanks(found: columns.Stated, chosen: Array, place: Array, blank: tuple[Any, Any], fact: columns.Fact) -> columns.Cells:
    """Some cells of a fact as ones of which nothing is known."""
    import numpy as np

    scenario = place[found.place[chosen]]
    column = columns.column([blank[0]], [blank[1]], fact.type)
    return columns.Cells(scenario, found.token[chosen], columns.part(column, np.zeros(len(scenario), dtype=np.int64)))


def _judged(ready: Ready) -> Iterator[tuple[Field, Node | None]]:
    for parts in ready.judged.values():
        yield from parts


def _asked(batch: many.Batch, ready: Ready, part: Field, condition: Node | None, rows: Array, left: Array) -> columns.Stated:
    """The cells in which a fact is open to judgement, under the law of each filing's day."""
    import numpy as np

    machine, fact = batch.machine, fact_of(part)
    lead = ways(batch, part.entity)
    if condition is None or not any(node.op in ("param", "isin") for node in condition.walk()):
        parts = [(0, rows)]
    else:
        days = law_days(batch, ready.rule)[0][rows]
        world = np.array([bisect_right(machine.turns, day) for day in days.tolist()])
        parts = [(int(days[world == number][0]), rows[world == number]) for number in np.unique(world)]
    found = []
    for day, mine in parts:
        values = machine.values(day) if day else {}
        parameters = [values.get(name, 0) for name in machine.slots]
        run = batch.asked(parameters)
        found.append(columns.stated(run, fact, lead, mine, condition))
        if run.fit.unfit is not False:
            left |= run.fit.unfit
        if run.doubted is not False:
            left |= run.doubted
    return columns.Stated(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _choices(batch: many.Batch, ready: Ready, rows: Array, left: Array) -> Iterator[Group]:
    """What the open questions of a rule, and the facts that the market settles, may be in each filing; ``left``: not told here."""
    import numpy as np

    words, run = ready.pack.vocabulary, batch.asked()
    for reading in ready.readings:
        fact = reading_fact(reading)
        cells = columns.stated(run, fact, ((),), rows)
        yield constant(fact, cells, several(cells.high), [(1 << number, 1 << number) for number in range(len(reading.options))])
    shared: set[str] = set()
    for part, condition in _judged(ready):
        fact, cells = fact_of(part), _asked(batch, ready, part, condition, rows, left)
        vague = (several(cells.high) if part.type == "kind" else (cells.low != cells.high) | cells.unbounded) & cells.counts
        options = [(one, one) for one in _answers(part, ready)]
        if not options:
            continue
        if part.shared and part.question:
            if part.question in shared:
                left[cells.place[cells.counts]] = True  # one question about two facts
            shared.add(part.question)
            asked = np.zeros(batch.size, dtype=bool)
            asked[cells.place[vague]] = True
            together = cells.counts & asked[cells.place]
            yield constant(fact, cells, together, options, cells.place[together])
        else:
            yield constant(fact, cells, vague, options)
    for entity, name in sorted(ready.fields):
        if entity == "reading" or words.entity(entity).fields[name].settled_by != "market":
            continue
        part = words.entity(entity).fields[name]
        fact = fact_of(part)
        cells = columns.stated(run, fact, ways(batch, entity), rows)
        if part.type == "kind":
            yield members(fact, cells, several(cells.high))
        elif part.type == "list":
            yield constant(fact, cells, cells.high != 0, [(0, 0)])
        else:
            yield _ends(fact, cells, part, left)


def _answers(part: Field, ready: Ready) -> list[int]:
    """The answers to a judgement as cells; a figure without bound is none that anybody gives."""
    words = ready.pack.vocabulary
    if part.type == "flag":
        return [1, 0]
    if part.type == "kind":
        return [words.bit(part.of, name) for name in words.kinds[part.of]]
    return [end for end in words.blank(part) if abs(end) < BEYOND]


def _ends(fact: columns.Fact, cells: columns.Stated, part: Field, left: Array) -> Group:
    """The vague cells of a number, each of which may be at either of its ends."""
    import numpy as np

    if part.least is None:
        left[cells.place[cells.unbounded]] = True
    chosen = (cells.low != cells.high) | cells.unbounded
    # A figure without bound is none that the market comes to.
    values = np.stack((cells.low, np.where(cells.unbounded, cells.low, cells.high)), axis=1)[chosen]
    counts = np.where(cells.unbounded[chosen], 1, 2)
    name = (fact.entity, fact.name)
    return Group(name, fact.type.kind, cells.place[chosen], cells.token[chosen], None, values, values, counts)
