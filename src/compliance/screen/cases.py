"""The filings of a chunk as cases: each read whole, or as rows of columns with a filing made of those alone that need one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compliance.engine import many
from compliance.engine.machine import Machine
from compliance.engine.subject import Subject, subject
from compliance.facts import loading
from compliance.facts.filing import Filing
from compliance.facts.trial import Setting, trial, wrong_paths
from compliance.screen import inputs
from compliance.screen.classes import Classes
from compliance.screen.parts import Chunk, Input, Item, Task, plain_problems
from compliance.screen.subjects import Subjects, on_day
from compliance.source import Node, Place, Scalar, SourceError, Table

if TYPE_CHECKING:
    from compliance.expressions import columns
    from compliance.packs.book import Pack
    from compliance.screen.blocks import Filings
    from compliance.screen.parquet import Block

BLOCK = 2048  # filings decided together: what stands in memory at one time, some 50 KiB each
KEPT = 4096  # filings made of the rows of one block that are kept at a time


@dataclass(frozen=True, slots=True)
class Cases:
    """Filings on one day in one scenario, decided together: what tables say of each, and each as the engine sees it (``made``).

    ``items`` are their numbers in the input, ``hashes`` those of their facts (None: not known). Where ``batch`` holds them as
    columns already, ``made`` makes a filing only when it is asked for, and ``classes`` tells which of them a rule finds alike.
    """

    items: Sequence[int]
    issuers: Sequence[str]
    names: Sequence[str]
    places: Sequence[str]
    hashes: Sequence[str | None]
    scenario: str
    day: int
    made: Sequence[Subject]
    batch: many.Batch | None = None
    classes: Classes | None = None

    def __len__(self) -> int:
        return len(self.items)


def cases_of(
    task: Task, machine: Machine, given: Input, chunk: Chunk, counts: Counter[str], errors: list[dict[str, Any]]
) -> Iterator[Cases]:
    """The cases of a chunk, block by block, scenario by scenario and day by day, with the items counted.

    What cannot be read goes to the errors. Raises ``SourceError`` where the input is no longer what it was.
    """
    if given.kind == "parquet":
        yield from _of_columns(task, machine, Path(given.path), chunk, counts, errors)
        return
    items = inputs.read(given, chunk, machine.pack)
    while block := list(islice(items, BLOCK)):
        counts["items"] += len(block)
        read = [(item, filing) for item in block if (filing := filing_of(item, machine.pack, errors)) is not None]
        for name, settings in task.scenarios:
            yield from _of_filings(task, machine, read, name, settings, errors)


def _of_filings(
    task: Task,
    machine: Machine,
    read: Sequence[tuple[Item, Filing]],
    name: str,
    settings: Sequence[tuple[str, str]],
    errors: list[dict[str, Any]],
) -> Iterator[Cases]:
    """Filings that have been read, in a scenario, day by day."""
    made = []
    for item, filing in read:
        put = filing if not settings else scenario_of(item, filing, machine.pack, name, settings, errors)
        if put is not None:
            made.append((item, subject(machine, put, task.days[0])))
    for day in task.days if made else ():
        yield cases_read(made, name, day)


def cases_read(made: Sequence[tuple[Item, Subject]], scenario: str, day: int) -> Cases:
    """Items that have been read, with their filings, as cases of a scenario on a day."""
    items = [item for item, _ in made]
    filings = [one.filing for _, one in made]
    return Cases(
        items=[item.number for item in items],
        issuers=[filing.code for filing in filings],
        names=[filing.issuer_name for filing in filings],
        places=[str(item.place) for item in items],
        hashes=[filing.sha256 for filing in filings],
        scenario=scenario,
        day=day,
        made=[one if one.as_of == day else replace(one, as_of=day) for _, one in made],
    )


def filing_of(item: Item, pack: Pack, errors: list[dict[str, Any]]) -> Filing | None:
    """The filing of an item; None where it is wrong, which is noted with its place."""
    problems = item.problems
    if item.node is not None and not problems:
        try:
            return loading.read(item.node, pack.vocabulary, pack.id, pack.options)
        except SourceError as error:
            problems = error.problems
        if item.text:
            try:  # once more, to tell the columns
                loading.read(inputs.slowly(item.text, item.place), pack.vocabulary, pack.id, pack.options)
            except SourceError as error:
                problems = error.problems
    errors += plain_problems(problems, item.number, _code(item.node))
    return None


def _code(node: Node | None) -> str:
    """The code of the issuer as the nodes of a filing state it, empty where they do not."""
    for name in ("issuer", "code"):
        node = node.entries.get(name) if isinstance(node, Table) else None
    return (node.text or "") if isinstance(node, Scalar) else ""


def scenario_of(
    item: Item, filing: Filing, pack: Pack, name: str, settings: Sequence[tuple[str, str]], errors: list[dict[str, Any]]
) -> Filing | None:
    """A filing with facts put otherwise; None where that cannot be, which is noted."""
    put = [Setting(path, text, Place(f"{item.place} {path}")) for path, text in settings]
    problems = tuple(wrong_paths(filing, put, pack.options))
    if not problems:
        assert item.node is not None
        try:
            return loading.read(trial(item.node, filing, put), pack.vocabulary, pack.id, pack.options)
        except SourceError as error:
            problems = error.problems
    errors += plain_problems(problems, item.number, filing.code)
    return None


# Rows of columns


def _of_columns(
    task: Task, machine: Machine, path: Path, chunk: Chunk, counts: Counter[str], errors: list[dict[str, Any]]
) -> Iterator[Cases]:
    """The cases of a chunk of Parquet columns."""
    from compliance.screen import parquet

    for part in parquet.blocks(path, chunk, machine.pack):
        if isinstance(part, parquet.Lost):
            counts["items"] += len(part.items)
            for item in part.items:
                filing_of(item, machine.pack, errors)
            continue
        counts["items"] += len(part.numbers)
        sound, filings, alone = _sound(part, machine.pack, errors)
        if not filings.size:
            continue
        table = filings.table
        for name, settings in task.scenarios:
            made = (
                _put(machine, sound, filings, alone, name, settings, task.days[0])
                if settings
                else Made(machine, filings, table, alone, task.days[0])
            )
            if made is not None:
                yield from (_standing(sound, made, name, day) for day in task.days)
                continue
            for at in range(0, filings.size, BLOCK):  # put into each filing by itself
                items = [sound.item(index) for index in range(at, min(at + BLOCK, filings.size))]
                read = [(item, filing) for item in items if (filing := filing_of(item, machine.pack, errors)) is not None]
                for cases in _of_filings(task, machine, read, name, settings, errors):
                    yield replace(cases, hashes=[None] * len(cases))


def _put(
    machine: Machine, block: Block, filings: Filings, alone: dict[int, Filing], name: str, settings: Sequence[tuple[str, str]], day: int
) -> Made | None:
    """The filings of a block in a scenario; None where it is not plainly one that can be put into all of them."""
    found = filings.put(settings, machine.pack)
    if found is None:
        return None
    held: dict[int, Filing] = {}
    put_into, table, doubt = found
    for index in sorted({*alone, *doubt.nonzero()[0].tolist()}):
        item = block.item(index)
        filing = filing_of(item, machine.pack, [])
        put = None if filing is None else scenario_of(item, filing, machine.pack, name, settings, [])
        if put is None:
            return None
        held[index] = put
    return Made(machine, put_into, table, held, day)


def _sound(part: Block, pack: Pack, errors: list[dict[str, Any]]) -> tuple[Block, Filings, dict[int, Filing]]:
    """The rows of a block that can be read, as columns, and the filings of those of them that were in doubt."""
    import numpy as np

    from compliance.screen import reading

    filings, doubt = reading.read(part.rows, pack)
    kept = np.ones(filings.size, dtype=bool)
    found = {}
    for index in doubt.nonzero()[0].tolist():
        filing = filing_of(part.item(index), pack, errors)
        if filing is None:
            kept[index] = False
        else:
            found[index] = filing
    if kept.all():
        return part, filings, found
    sound, places = part.only(kept), kept.cumsum() - 1
    return sound, reading.read(sound.rows, pack)[0], {int(places[index]): filing for index, filing in found.items()}


def _standing(block: Block, made: Made, name: str, day: int) -> Cases:
    """The filings of a block in a scenario, on a day."""
    import numpy as np

    filings = made.filings
    alone = np.zeros(len(made), dtype=bool)
    alone[list(made.alone)] = True
    moved = made.on(day)
    return Cases(
        items=block.numbers.tolist(),
        issuers=filings.text("issuer.code"),
        names=filings.text("issuer.name"),
        places=[str(block.place(index)) for index in range(len(made))],
        hashes=[None] * len(made),
        scenario=name,
        day=day,
        made=moved,
        batch=many.of_table(made.machine, made.table, day, moved.__getitem__, filings.vague_in, alone if made.alone else None),
        classes=made.classes,
    )


class Made(Subjects):
    """The filings of a block as the engine sees them on a day, each made when it is asked for and kept for a while.

    ``alone`` are those that were read one by one, by their places; ``table`` are all as columns.
    """

    def __init__(
        self,
        machine: Machine,
        filings: Filings,
        table: columns.Table,
        alone: dict[int, Filing],
        day: int,
        kept: dict[int, Subject] | None = None,
        classes: Classes | None = None,
    ) -> None:
        self.machine = machine
        self.filings = filings
        self.table = table
        self.alone = alone
        self.day = day
        self.kept: dict[int, Subject] = {} if kept is None else kept
        self.classes = classes or Classes(machine, filings, list(alone))

    def __len__(self) -> int:
        return self.filings.size

    def one(self, index: int) -> Subject:
        """The filing at a place, of those kept or made now."""
        found = self.kept.get(index)
        if found is None:
            if len(self.kept) >= KEPT:
                del self.kept[next(iter(self.kept))]
            filing = self.alone.get(index) or self.filings.one(index)
            found = self.kept[index] = subject(self.machine, filing, self.day)
        return on_day(found, self.day)

    def on(self, day: int) -> Made:
        """The same on another day."""
        return Made(self.machine, self.filings, self.table, self.alone, day, self.kept, self.classes)
