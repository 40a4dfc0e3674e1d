"""A decision variable on one filing: its value, the facts that move along with it, and how each moves with a step.

Nothing is known here of what a variable means. A way is a path of filings, one for each whole number of steps: the variable
has moved by so many of its steps, and every fact of the way with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from compliance import dates
from compliance.engine.solve import cells
from compliance.engine.subject import Put, Subject
from compliance.expressions.interpret import Evaluation
from compliance.expressions.slope import ANY
from compliance.facts.filing import Row
from compliance.packs.book import AS_OF, Move, Variable, Way
from compliance.quantities import MAX_FIGURE, SHOWN_AS_OPEN
from compliance.vocabulary import ROOT, Field

DAY = Field(ROOT, AS_OF, "date", -1, {"zh": "核查基准日", "en": "day of the check"})  # the day of the check is no cell


Ends = tuple[int, int]  # the least and the greatest that something can be


class Moved(NamedTuple):
    """One fact that moves: where it stands (no row: the day of the check), its range at first, and how it moves.

    ``sign`` is what a unit of the variable adds to it, 1 or -1; ``share`` is, of a fact that moves with others, what these
    take before it and what it can take itself, in units.
    """

    path: str
    part: Field
    row: Row | None
    start: Ends
    by: str
    sign: int = 1
    share: Ends = (0, 0)

    def at(self, base: int, value: int) -> Ends:
        """The fact where the variable has gone from ``base`` to ``value``."""
        low, high = self.start
        if value == base:
            return self.start
        if self.by == "proportion":
            return low * value // base, high * value // base
        if self.by == "at_least":
            return max(low, value), max(high, value)
        if self.by == "at_most":
            return min(low, value), min(high, value)
        if self.by == "equal":
            return value, value
        moved = (value - base) * self.sign
        if self.by == "shared":
            before, own = self.share
            taken = min(max(-moved - before, 0), own) if moved < 0 else -moved if not before else 0
            return low - taken, high - taken
        return low + moved, high + moved

    def kinks(self, base: int) -> Iterator[int]:
        """Values of the variable at which the fact begins or ceases to move."""
        if self.by in ("at_least", "at_most", "equal"):
            yield from (*self.start, base - 1, base)  # as the filing stands the fact is what it says, whatever the variable is
        elif self.by == "shared":
            before, own = self.share
            yield base - self.sign * before
            yield base - self.sign * (before + own)


class Stretch(NamedTuple):
    """Whole numbers of steps ``first`` to ``last``, between which every fact moves evenly and no law changes."""

    first: int
    last: int


class Journey:
    """A variable on its way: from ``base``, by whole numbers of steps from ``least`` to ``most``.

    ``moved`` holds the variable itself first. ``stated`` is whether the filing gives it a value; else it is tried from the
    least that it can be. ``item`` is the item that moves along where one of several does. ``mask`` is what may be another.
    """

    def __init__(
        self, made: Subject, variable: Variable, way: Way, base: int, stated: bool, moved: tuple[Moved, ...], item: str = ""
    ) -> None:
        self.made = made
        self.variable = variable
        self.way = way
        self.base = base
        self.step = variable.step
        self.stated = stated
        self.moved = moved
        self.item = item
        self._bits = [made.machine.steps.bit((one.part.entity, one.part.name)) if one.row is not None else 0 for one in moved]
        self.mask = 0
        for bit in self._bits:
            self.mask |= bit
        self.checked_later = any(one.row is None for one in moved)  # the day of the check moves
        least, most = _domain(made, self)
        self.least, self.most = -((base - least) // self.step), (most - base) // self.step
        self._days: dict[str, tuple[Moved, ...]] = {}
        self._read: dict[int, tuple[Moved, ...]] = {}
        self._puts: dict[tuple[int, int], tuple[list[Put], int | None]] = {}  # the cells and the day of the check after so many steps

    def value(self, steps: int) -> int:
        """The variable after so many steps."""
        return self.base + steps * self.step

    def read(self, mask: int) -> tuple[Moved, ...]:
        """What moves of all that a mask holds, and the day of the check if it does."""
        mask &= self.mask
        found = self._read.get(mask)
        if found is None:
            kept = [one for one, bit in zip(self.moved, self._bits, strict=True) if bit & mask or one.row is None]
            found = self._read[mask] = tuple(kept)
        return found

    def put(self, steps: int, mask: int = -1) -> _Gone:
        """The filing after so many steps, for the time of a ``with`` block that looks at nothing but what the mask holds."""
        key = steps, mask & self.mask
        found = self._puts.get(key)
        if found is None:
            value = self.value(steps)
            ends = [(one, *one.at(self.base, value)) for one in self.read(mask)]
            found = self._puts[key] = _cells_of(ends), next((low for one, low, _ in ends if one.row is None), None)
        return _Gone(self.made, *found)

    def span(self, stretch: Stretch, mask: int = -1) -> _Gone:
        """All that the facts take on a stretch, as ranges; the day of the check stays (see ``on``)."""
        ends = [self.value(stretch.first), self.value(stretch.last)]
        puts = []
        for one in self.read(mask):
            ranges = [one.at(self.base, end) for end in ends]
            puts.append((one, min(low for low, _ in ranges), max(high for _, high in ranges)))
        return _Gone(self.made, _cells_of(puts), None)

    def change(self, one: Moved, stretch: Stretch) -> Ends:
        """What a step adds to a fact on a stretch, at least and at most."""
        if stretch.first == stretch.last:
            return 0, 0
        start, end = (one.at(self.base, self.value(steps)) for steps in (stretch.first, stretch.last))
        if start == end:
            return 0, 0
        if one.by == "proportion":
            return one.start[0] * self.step // self.base, -(-one.start[1] * self.step // self.base)
        if one.by == "equal":
            return (self.step, self.step) if one.start != start and one.start != end else (-ANY, ANY)
        full = one.sign * self.step
        steps = stretch.last - stretch.first
        if start[0] + full * steps == end[0] and start[1] + full * steps == end[1]:
            return full, full
        return min(full, 0), max(full, 0)

    def day(self, name: str) -> tuple[Moved, ...]:
        """The moved fact that a day of the pack is, if it moves."""
        found = self._days.get(name)
        if found is None:
            path = name if name == AS_OF else self.made.machine.pack.days[name]
            found = self._days[name] = tuple([one for one in self.moved if one.path == path])
        return found

    def stretches(self, days: Sequence[int], law: Sequence[Moved], first: int, last: int, kinks: bool = True) -> list[Stretch]:
        """The stretches from ``first`` to ``last`` steps: cut where the law changes (``days``) on a day that moves
        (``law``), and with ``kinks`` where a fact begins or ceases to move."""
        starts = {first}
        for one in self.moved if kinks else ():
            for value in one.kinks(self.base):
                starts.add((value - self.base) // self.step + 1)  # the step across a kink is in no stretch
        for one in law:
            for day in days:
                shifts = [day - end for end in one.start] if one.by == "same" else [day - self.base]
                for shift in shifts:
                    low = -(-one.sign * shift // self.step)
                    starts |= {low, low + 1} if one.sign < 0 else {low}
        cuts = sorted(cut for cut in starts if first <= cut <= last)
        return [Stretch(start, end - 1) for start, end in zip(cuts, [*cuts[1:], last + 1], strict=True)]


class _Gone:
    """The block in which the facts of a way stand as put; at its end all is as before."""

    def __init__(self, made: Subject, cells: Sequence[Put], day: int | None) -> None:
        self.made = made
        self.cells = made.put(cells)
        self.day = made.as_of if day is None else day
        self.before = made.as_of

    def __enter__(self) -> None:
        self.cells.__enter__()
        self.made.as_of = self.day

    def __exit__(self, *reason: object) -> None:
        self.made.as_of = self.before
        self.cells.__exit__(*reason)


def _cells_of(moved: Sequence[tuple[Moved, int, int]]) -> list[Put]:
    return [(one.row, one.part.slot, low, high) for one, low, high in moved if one.row is not None]


class Stuck(NamedTuple):
    """A variable that cannot be moved in a way, and why: ``unstated`` or ``vague``."""

    variable: Variable
    way: Way
    reason: str


def journeys(made: Subject, variable: Variable, way: Way, asked: bool = False) -> list[Journey] | Stuck:
    """The journeys of a variable in one way: one, or one for each item where one of several moves along.

    Where the filing does not state the variable and an extreme of it is asked for (``asked``), it is tried from the least
    that it can be, if nothing has to move along by as much as it does.
    """
    first = _cell(made, variable.path)
    low, high = first.start
    stated = _known(first)
    if not stated:
        bare = all(move.by in ("at_least", "at_most") for move in way.moves)
        if _blank(first) and asked and bare:
            low = (first.part.least or 0) if first.part.numeric else _floor(made, variable) or dates.FIRST_DAY
        else:
            return Stuck(variable, way, "unstated" if _blank(first) else "vague")
    elif low != high:
        return Stuck(variable, way, "vague")
    base = low
    first = first._replace(start=(base, base))
    along: list[Moved] = []
    each: list[Moved] = []
    for move in way.moves:
        moving = _moving(made, move)
        if isinstance(moving, str):
            return Stuck(variable, way, moving)
        (each if move.by == "each" else along).extend(moving)
    if any(one.by == "proportion" for one in along) and base <= 0:
        return Stuck(variable, way, "unstated")
    alone = not any(move.by == "each" for move in way.moves)
    made_ways = [()] if alone else [(one,) for one in each]
    going = [_journey(made, variable, way, base, stated, (first, *one, *along)) for one in made_ways]
    for journey in going if asked and first.part.numeric and first.part.least == 0 else ():
        journey.least = max(journey.least, -((base - journey.step) // journey.step))  # at nought there would be nothing left to ask of
    return going


def _journey(made: Subject, variable: Variable, way: Way, base: int, stated: bool, moved: tuple[Moved, ...]) -> Journey:
    item = made.filing.item_of(moved[1].row) if len(moved) > 1 and moved[1].by == "each" and moved[1].row is not None else ""
    return Journey(made, variable, way, base, stated, moved, item)


def _cell(made: Subject, path: str) -> Moved:
    if path == AS_OF:
        return Moved(path, DAY, None, (made.as_of, made.as_of), "same")
    part = made.machine.pack.vocabulary.root.fields[path]
    return Moved(path, part, made.row, (made.row[part.slot], made.row[part.slot + 1]), "same")


def _blank(one: Moved) -> bool:
    """Whether nothing is known of a fact: its range has an open end."""
    low, high = one.start
    if one.part.type == "date":
        return low <= dates.FIRST_DAY and high >= dates.LAST_DAY
    least, most = one.part.least, one.part.most
    return (low <= -SHOWN_AS_OPEN or low == least) and (high >= SHOWN_AS_OPEN or (high == most and low != high))


def _known(one: Moved) -> bool:
    """Whether a fact is known exactly."""
    return one.start[0] == one.start[1]


def _open_ended(one: Moved) -> bool:
    """Whether a fact has an end that no filing gives, or nothing is known of it: it cannot move."""
    low, high = one.start
    if one.part.type == "date":
        return low <= dates.FIRST_DAY or high >= dates.LAST_DAY
    return low <= -SHOWN_AS_OPEN or high >= SHOWN_AS_OPEN or _blank(one)


def _moving(made: Subject, move: Move) -> list[Moved] | str:
    """The facts that a move concerns; those of which nothing is known stay as they are. A word says why it cannot be."""
    sign = -1 if move.against else 1
    found = []
    for one in _cells(made, move):
        if _open_ended(one):
            if one.by in ("shared", "each"):
                return "unstated"
            continue
        found.append(one._replace(by=move.by, sign=sign))
    return _shares(found) if move.by == "shared" else found


def _cells(made: Subject, move: Move) -> Iterator[Moved]:
    if "[]" not in move.path:
        yield _cell(made, move.path)._replace(by=move.by)
        return
    evaluation = Evaluation(made.row, made.machine.values(made.as_of))
    for path, row, part in cells(made, move.path):
        if move.where is None or evaluation.value(move.where, (row,))[0]:
            yield Moved(path, part, row, (row[part.slot], row[part.slot + 1]), move.by)


def _shares(found: list[Moved]) -> list[Moved] | str:
    """Facts that move together: the greatest takes all that it can, then the next."""
    if any(not _known(one) for one in found):
        return "vague"
    if not found:
        return "unstated"
    ordered = sorted(found, key=lambda one: -one.start[0])
    before = 0
    shared: list[Moved] = []
    for one in ordered:
        own = one.start[0] - (one.part.least or 0)
        if shared and not own:
            continue
        shared.append(one._replace(share=(before, own)))
        before += own
    return shared


def _floor(made: Subject, variable: Variable) -> int | None:
    """The first day that a day can be."""
    if not isinstance(variable.start, str):
        return variable.start
    day = made.day(variable.start)
    return day[1] if day is not None else None


def _domain(made: Subject, journey: Journey) -> Ends:
    """The least and greatest value of the variable at which every fact of the way can still be."""
    first = journey.moved[0]
    if first.part.type == "date":
        floor = _floor(made, journey.variable)
        low, high = min(dates.FIRST_DAY + 1 if floor is None else floor, journey.base), dates.LATEST
    else:
        low = -MAX_FIGURE if first.part.least is None else first.part.least
        high = MAX_FIGURE if first.part.most is None else first.part.most
    together: dict[int, int] = {}
    for one in journey.moved[1:]:
        if one.by == "shared":
            together[one.sign] = max(together.get(one.sign, 0), sum(one.share))
        elif one.row is not None:
            first_value, last_value = _within(one, journey.base, low, high)
            low, high = max(low, min(first_value, journey.base)), min(high, max(last_value, journey.base))
    for sign, amount in together.items():
        low, high = (max(low, journey.base - amount), high) if sign > 0 else (low, min(high, journey.base + amount))
    return low, high


def _within(one: Moved, base: int, low: int, high: int) -> Ends:
    """The values of the variable at which a fact that moves along is still one that a filing may hold."""
    day = one.part.type == "date"
    least = one.part.least if one.part.least is not None else dates.FIRST_DAY + 1 if day else -MAX_FIGURE
    most = one.part.most if one.part.most is not None else dates.LATEST if day else MAX_FIGURE
    if one.by == "at_least":
        return low, most
    if one.by == "at_most":
        return least, high
    if one.by == "equal":
        return least, most
    if one.by == "proportion":
        return low, ((most + 1) * base - 1) // one.start[1] if one.start[1] > 0 else high
    down, up = one.start[0] - least, most - one.start[1]
    return (base - down, base + up) if one.sign > 0 else (base - up, base + down)
