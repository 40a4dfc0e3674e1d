"""The work of one chunk: read its items, decide them, and write what was found whole, under names that only it uses."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.engine.machine import Machine
from compliance.screen import deciding, found
from compliance.screen.cases import Cases, cases_of
from compliance.screen.parts import Chunk, Input, Task
from compliance.source import Place, Problem, SourceError, write_bytes

if TYPE_CHECKING:
    from pyarrow import RecordBatch, Schema

    from compliance.packs.book import Rule

SHARDS = "shards"
Decide = Callable[[Cases, "Sequence[Rule]", bool], tuple["found.Found", Counter[str]]]
MANY = 100  # decisions of one rule from which on making its code first is quicker than going through it step by step


class Done(NamedTuple):
    """What came of a chunk: its line of the manifest, or why the run cannot go on."""

    line: dict[str, Any]
    problems: tuple[tuple[Place, str, dict[str, Any]], ...] = ()


@lru_cache(maxsize=2)
def machine_of(folder: str, sha256: str) -> Machine:
    """A rule book made ready. Raises ``SourceError`` where it is no longer the one that the run began with."""
    from compliance.packs.cache import load

    pack = load(Path(folder))
    if pack.sha256 != sha256:
        raise SourceError([Problem(Place(folder), "screen-changed", {})])
    return Machine(pack)


def do(task: Task, given: Input, chunk: Chunk, out: str, decide: Decide = deciding.decide_block) -> Done:
    """Decide a chunk and write it into ``out``. Mistakes of items are written beside; those that stop the run are given back."""
    return told(lambda: _done(task, given, chunk, Path(out), decide))


def told(step: Callable[[], dict[str, Any]]) -> Done:
    """What comes of a step on a chunk: its line, or the mistakes that stop the run."""
    try:
        return Done(step())
    except SourceError as error:
        return Done({}, tuple((problem.place, problem.code, dict(problem.values)) for problem in error.problems))


def book_of(task: Task) -> dict[str, bytes]:
    """The rule book as the files that it was read from, to be sent to other machines. Raises ``SourceError``."""
    from compliance.packs.folder import read

    return read(Path(task.pack))


def do_with(book: dict[str, bytes], do: Callable[..., Done], task: Task, given: Input, chunk: Chunk, out: str) -> Done:
    """What ``do`` gives with a rule book that was sent: it is kept in memory under its hash, and checked against that."""
    if task.sha256 not in _SENT:
        from compliance.packs.book import assemble
        from compliance.packs.loading import check

        pack = assemble(check(book, Path(task.pack).name))
        if pack.sha256 != task.sha256:
            return Done({}, ((Place(task.pack), "screen-changed", {}),))
        _SENT[task.sha256] = Machine(pack)
    return do(task, given, chunk, out)


_SENT: dict[str, Machine] = {}  # rule books that were sent to this process, by their hash


def machine_in_use(task: Task) -> Machine:
    """The rule book of a task, as it was sent to this process or else as it lies here. Raises as ``machine_of`` does."""
    return _SENT.get(task.sha256) or machine_of(task.pack, task.sha256)


def ready(task: Task, given: Input | None = None, chunk: Chunk | None = None) -> tuple[Machine, list[Rule]]:
    """The engine and rules of a task, with code where that pays for a chunk; for none, it does. Raises as ``machine_of`` does.

    Of rows of columns few are decided one by one: of a rule that is asked for more of them code is made when it comes to that.
    """
    machine = machine_in_use(task)
    lines = given is None or given.kind != "parquet"
    if chunk is None or (lines and chunk.size * len(task.days) * len(task.scenarios) > MANY):
        machine.generate(machine.pack.rules, own=True)
    return machine, [rule for rule in machine.pack.rules if rule.id in task.rules]


def _done(task: Task, given: Input, chunk: Chunk, out: Path, decide: Decide) -> dict[str, Any]:
    machine, rules = ready(task, given, chunk)
    shards = Shards(chunk, {"findings": found.findings_schema(), "issuers": found.issuers_schema()}, ("items", "cases", "findings"))
    for cases in cases_of(task, machine, given, chunk, shards.counts, shards.errors):
        held, more = decide(cases, rules, task.robust)
        shards.scalar.update(more)
        shards.counts["cases"] += len(cases)
        shards.add("findings", found.findings_batch(cases, rules, held))
        shards.add("issuers", found.issuers_batch(cases, rules, held.verdicts))
    return shards.written(given, out)


class Shards:
    """What a chunk gives, table by table, till it is written whole: batches, mistakes of items, and what is counted."""

    def __init__(self, chunk: Chunk, schemas: Mapping[str, Schema], counted: Sequence[str]) -> None:
        import pyarrow as pa

        self.chunk = chunk
        self.counted = counted
        self.errors: list[dict[str, Any]] = []
        self.scalar: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self._sinks = {name: pa.BufferOutputStream() for name in schemas}
        self._writers = {name: found.writer(self._sinks[name], schema) for name, schema in schemas.items()}

    def add(self, name: str, batch: RecordBatch) -> None:
        """More rows of a table, counted under its name."""
        self._writers[name].write_batch(batch)
        self.counts[name] += batch.num_rows

    def written(self, given: Input, out: Path) -> dict[str, Any]:
        """Write all of it; gives the chunk's line. Raises ``SourceError`` where the input is no longer what it was."""
        number = f"{self.chunk.number:06d}"
        for writer in self._writers.values():
            writer.close()
        files = {f"{name}-{number}.parquet": sink.getvalue().to_pybytes() for name, sink in self._sinks.items()}
        lines = "".join(json.dumps(error, ensure_ascii=False) + "\n" for error in self.errors)
        files[f"errors-{number}.jsonl"] = lines.encode()
        for name, data in files.items():
            write_bytes(out / SHARDS / name, data)
        if self.counts["items"] != self.chunk.size:
            raise SourceError([Problem(Place(given.path), "screen-changed", {})])
        return {
            "chunk": self.chunk.number,
            "first": self.chunk.first,
            **{name: self.counts[name] for name in self.counted},
            "errors": len({error["item"] for error in self.errors}),
            "scalar": dict(sorted(self.scalar.items())),
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        }
