"""The work of one chunk: read its items, decide them, and write what was found whole, under names that only it uses."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.engine.machine import Machine
from compliance.screen import deciding, found, inputs
from compliance.screen.cases import cases_of
from compliance.screen.parts import Chunk
from compliance.source import Place, Problem, SourceError, write_bytes

if TYPE_CHECKING:
    from compliance.packs.book import Rule

SHARDS = "shards"
Decide = Callable[["deciding.Cases", "Sequence[Rule]", bool], tuple["found.Found", Counter[str]]]
MANY = 100  # decisions of one rule from which on making its code first is quicker than going through it step by step


class Task(NamedTuple):
    """What a run asks of each item: the rule book by its folder and hash, the rules, days (as numbers) and scenarios.

    A scenario is a name and what is put for it, as texts; that of the filing as it stands has no name and puts nothing.
    """

    pack: str
    sha256: str
    rules: tuple[str, ...]
    days: tuple[int, ...]
    scenarios: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    robust: bool


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


def do(task: Task, given: inputs.Input, chunk: Chunk, out: str, decide: Decide = deciding.decide_block) -> Done:
    """Decide a chunk and write it into ``out``. Mistakes of items are written beside; those that stop the run are given back."""
    try:
        return Done(_done(task, given, chunk, Path(out), decide))
    except SourceError as error:
        return Done({}, tuple((problem.place, problem.code, dict(problem.values)) for problem in error.problems))


def book_of(task: Task) -> dict[str, bytes]:
    """The rule book as the files that it was read from, to be sent to other machines. Raises ``SourceError``."""
    from compliance.packs.folder import read

    return read(Path(task.pack))


def do_with(book: dict[str, bytes], task: Task, given: inputs.Input, chunk: Chunk, out: str) -> Done:
    """As ``do``, with a rule book that was sent: it is kept in memory under its hash, and checked against that."""
    if task.sha256 not in _SENT:
        from compliance.packs.book import assemble
        from compliance.packs.loading import check

        pack = assemble(check(book, Path(task.pack).name))
        if pack.sha256 != task.sha256:
            return Done({}, ((Place(task.pack), "screen-changed", {}),))
        _SENT[task.sha256] = Machine(pack)
    return do(task, given, chunk, out)


_SENT: dict[str, Machine] = {}  # rule books that were sent to this process, by their hash


def ready(task: Task, chunk: Chunk) -> tuple[Machine, list[Rule]]:
    """The engine and rules of a task, with code where that pays for a chunk. Raises as ``machine_of`` does."""
    machine = _SENT.get(task.sha256) or machine_of(task.pack, task.sha256)
    if chunk.size * len(task.days) * len(task.scenarios) > MANY:
        machine.generate(machine.pack.rules, own=True)
    return machine, [rule for rule in machine.pack.rules if rule.id in task.rules]


def _done(task: Task, given: inputs.Input, chunk: Chunk, out: Path, decide: Decide) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    machine, rules = ready(task, chunk)
    errors: list[dict[str, Any]] = []
    scalar: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    sinks = {"findings": pa.BufferOutputStream(), "issuers": pa.BufferOutputStream()}
    schemas = {"findings": found.findings_schema(), "issuers": found.issuers_schema()}
    writers = {name: pq.ParquetWriter(sinks[name], schemas[name], compression="zstd") for name in sinks}
    for cases in cases_of(task, machine, given, chunk, counts, errors):
        held, more = decide(cases, rules, task.robust)
        scalar += more
        counts["cases"] += len(cases)
        batches = {
            "findings": found.findings_batch(cases, rules, held),
            "issuers": found.issuers_batch(cases, rules, held),
        }
        counts["findings"] += batches["findings"].num_rows
        for name, batch in batches.items():
            writers[name].write_batch(batch)
    for writer in writers.values():
        writer.close()
    written = {f"{name}-{chunk.number:06d}.parquet": sink.getvalue().to_pybytes() for name, sink in sinks.items()}
    lines = "".join(json.dumps(error, ensure_ascii=False) + "\n" for error in errors)
    written[f"errors-{chunk.number:06d}.jsonl"] = lines.encode()
    for name, data in written.items():
        write_bytes(out / SHARDS / name, data)
    if counts["items"] != chunk.size:
        raise SourceError([Problem(Place(given.path), "screen-changed", {})])
    return {
        "chunk": chunk.number,
        "first": chunk.first,
        **{name: counts[name] for name in ("items", "cases", "findings")},
        "errors": len({error["item"] for error in errors}),
        "scalar": dict(sorted(scalar.items())),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in written.items()},
    }
