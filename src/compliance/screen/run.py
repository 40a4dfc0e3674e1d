"""A run: begun, gone on with after any stop, and sealed.

While it runs, its folder holds ``run.json`` (what was asked, of what), ``plan.jsonl`` (a line for each chunk), ``manifest.jsonl``
(a line for each chunk that is done) and the chunks' own files under ``shards/``. Each file is written whole under another
name and renamed; a chunk counts once its line stands in the manifest, and is done again, with the same bytes, where it does
not. A sealed run has ``manifest.json``, and nothing of its chunks.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from compliance import __version__, dates
from compliance.screen.executors import Executor
from compliance.screen.found import writer
from compliance.screen.inputs import Chunk, unchanged
from compliance.screen.parts import Input, Task, file_hash, plain_problems
from compliance.screen.stretches import reader
from compliance.screen.work import SHARDS
from compliance.source import Place, Problem, SourceError, write_bytes, write_text

if TYPE_CHECKING:
    from compliance.packs.book import Pack

SCHEMA = "compliance.screen/1"
RUN, PLAN, LINES, MANIFEST = "run.json", "plan.jsonl", "manifest.jsonl", "manifest.json"
TABLES = ("findings", "issuers")
MANY = 10_000  # texts of errors that are told apart
COUNTED = ("items", "cases", "findings", "changes", "errors")
_TEMPORARY = re.compile(r"\.[-.\w]+\.(new|[0-9a-f]{16})")  # a file on its way to its name: see ``fresh`` and ``write_several``
Tell = Callable[[int, int], None]  # items done, items in all
Plain = dict[str, Any]


class Run(NamedTuple):
    """A run that has begun: its folder, what it does, on what, how its input was chosen, and the tables that it makes."""

    out: Path
    task: Any
    given: Input
    match: str
    tables: tuple[str, ...] = TABLES


def begin(out: Path, task: Task, given: Input, pack: Pack, match: str = "**/*", more: Mapping[str, Any] | None = None) -> Run:
    """The run of a folder: a new one, or the same one begun before. Raises ``SourceError`` where it holds another.

    ``more`` is what it is asked beside the task.
    """
    asked = {**_asked(task, given, pack, match), **(more or {})}
    _make(out)
    before = _held(out / RUN)
    if before is not None and before != asked:
        names = [name for name in asked if before.get(name) != asked[name]]
        raise SourceError([Problem(Place(str(out)), "screen-other", {"name": ", ".join(names)})])
    if before is None:
        plan = "".join(json.dumps(chunk._asdict(), ensure_ascii=False) + "\n" for chunk in given.chunks).encode()
        strange = [entry.name for entry in out.iterdir() if not entry.name.startswith(".") and not _ours(entry, plan)]
        if strange:
            raise SourceError([Problem(Place(str(out)), "screen-not-empty", {"name": min(strange)})])
        write_bytes(out / PLAN, plan)
        write_text(out / RUN, _json(asked))
    if not sealed(out):
        _make(out / SHARDS)
    return Run(out, task, given, match)


def _ours(entry: Path, plan: bytes) -> bool:
    """Whether a run that was stopped before it had begun left this: the folder of its chunks, or this very plan."""
    return entry.name == SHARDS or (entry.name == PLAN and entry.is_file() and entry.read_bytes() == plan)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None


def _asked(task: Task, given: Input, pack: Pack, match: str) -> Plain:
    """What tells one run from another, and where its input and rule book lie."""
    asked = {
        "schema": SCHEMA,
        "engine": {"version": __version__},
        "pack": {"id": pack.id, "version": pack.version, "sha256": pack.sha256, "folder": task.pack},
        "input": {"kind": given.kind, "path": given.path, "match": match, "sha256": given.sha256, "items": given.items},
        "chunks": len(given.chunks),
        "reading": dict(given.reading),
        "days": [dates.iso(day) for day in task.days],
        "scenarios": [[name, [list(setting) for setting in settings]] for name, settings in task.scenarios],
        "rules": list(task.rules),
        "robust": task.robust,
    }
    plain: Plain = json.loads(_json(asked))
    return plain


def _held(path: Path) -> Plain | None:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        plain = None
    return plain if isinstance(plain, dict) else {}


def opened(out: Path) -> Plain:
    """What a run in a folder was asked. Raises ``SourceError`` where there is none."""
    held = _held(out / RUN)
    if not held or held.get("schema") != SCHEMA:
        raise SourceError([Problem(Place(str(out)), "screen-none", {})])
    return held


def manifest(out: Path) -> Plain:
    """The manifest of a sealed run."""
    found: Plain = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    return found


def chunks_of(out: Path) -> list[Chunk]:
    """The chunks that a run was cut into."""
    return [Chunk(**json.loads(line)) for line in (out / PLAN).read_text(encoding="utf-8").splitlines()]


def sealed(out: Path) -> bool:
    """Whether a run has come to its end."""
    return (out / MANIFEST).is_file()


def go(run: Run, executor: Executor, tell: Tell | None = None) -> list[Plain]:
    """Do what is left of a run; gives the lines of all its chunks. Raises ``SourceError`` where it cannot go on.

    However it ends, what is done stays done.
    """
    out = run.out
    with _locked(out):
        lines = _kept(out, len(run.given.chunks))
        left = run.given.chunks[len(lines) :]
        for stale in (*out.glob(".*"), *(out / SHARDS).glob(".*")):
            if _TEMPORARY.fullmatch(stale.name) and stale.is_file():
                stale.unlink(missing_ok=True)
        done = sum(line["items"] for line in lines)
        if tell is not None:
            tell(done, run.given.items)
        for found in executor(run.task, run.given, left, str(out)):
            if found.problems:
                raise SourceError([Problem(*problem) for problem in found.problems])
            _append(out / LINES, found.line)
            lines.append(found.line)
            done += found.line["items"]
            if tell is not None:
                tell(done, run.given.items)
        unchanged(run.given, run.match)
    return lines


LOCK = ".lock"


@contextlib.contextmanager
def _locked(out: Path) -> Iterator[None]:
    """One process at a time works on a folder. The lock goes with the process, however it ends."""
    try:
        import fcntl
    except ImportError:  # a system without such locks
        yield
        return
    try:
        held = (out / LOCK).open("w")
    except OSError as error:
        raise _unwritable(out, error) from None
    with held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SourceError([Problem(Place(str(out)), "screen-busy", {})]) from None
        yield


def _kept(out: Path, chunks: int) -> list[Plain]:
    """The chunks that are done: their lines in order, as far as they and their files are whole. What comes after is cut off."""
    path = out / LINES
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    kept: list[Plain] = []
    length = 0
    for text in data.splitlines(keepends=True):
        try:
            line = json.loads(text)
        except ValueError:
            break
        if not text.endswith(b"\n") or line.get("chunk") != len(kept) or not _whole(out, line) or len(kept) >= chunks:
            break
        kept.append(line)
        length += len(text)
    if length < len(data):
        write_bytes(path, data[:length])
    return kept


def _whole(out: Path, line: Mapping[str, Any]) -> bool:
    for name, sha256 in line["files"].items():
        try:
            data = (out / SHARDS / name).read_bytes()
        except OSError:
            return False
        if hashlib.sha256(data).hexdigest() != sha256:
            return False
    return True


def _append(path: Path, line: Plain) -> None:
    try:
        with path.open("ab") as stream:
            stream.write((json.dumps(line, ensure_ascii=False) + "\n").encode())
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise _unwritable(path, error) from None


# The end


def seal(run: Run, lines: list[Plain], others: Mapping[str, bytes], beside: Sequence[str] = ()) -> Plain:
    """Write what the run gives as a whole, ``others`` (by name) among it, then the manifest, and clear its chunks away.

    ``beside`` are files of the run that stand there already. Gives the manifest. A stop on the way leaves a run that is sealed the
    same way when it is begun again.
    """
    out = run.out
    asked = opened(out)
    files = {name: hashlib.sha256(data).hexdigest() for name, data in others.items()}
    for name, data in others.items():
        write_bytes(out / name, data)
    for name in (*(f"{table}.parquet" for table in run.tables), "errors.jsonl", "errors.csv", *beside):
        files[name] = file_hash(out / name)
    scalar: Counter[str] = Counter()
    for line in lines:
        scalar.update(line["scalar"])
    totals = {name: sum(line[name] for line in lines) for name in COUNTED if name in lines[0]}
    pack = {name: asked["pack"][name] for name in ("id", "version", "sha256")}
    manifest: Plain = {
        "schema": SCHEMA,
        "engine": asked["engine"],
        "pack": pack,
        "input": {name: asked["input"][name] for name in ("kind", "match", "sha256", "items")},
        **{name: asked[name] for name in ("days", "scenarios", "rules", "robust", "reading", "compared") if name in asked},
        **totals,
        "scalar": dict(sorted(scalar.items())),
        "chunks": [{name: line[name] for name in ("chunk", "first", "items", "errors")} for line in lines],
        "files": dict(sorted(files.items())),
    }
    write_text(out / MANIFEST, _json(manifest))
    clear(out)
    return manifest


def clear(out: Path) -> None:
    """Take a sealed run's chunks away."""
    for path in (out / SHARDS).glob("*"):
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        (out / SHARDS).rmdir()
    for name in (LINES, LOCK):
        (out / name).unlink(missing_ok=True)


def join(run: Run, lines: list[Plain]) -> None:
    """Put the chunks' tables and errors together, each whole or not at all. Raises ``SourceError``."""
    shards = run.out / SHARDS
    for table in run.tables:
        with fresh(run.out / f"{table}.parquet") as stream:
            _joined([shards / f"{table}-{line['chunk']:06d}.parquet" for line in lines], stream)
    with fresh(run.out / "errors.jsonl") as plain, fresh(run.out / "errors.csv") as table_of:
        text = io.TextIOWrapper(table_of, encoding="utf-8", newline="", write_through=True)
        text.write("\N{BYTE ORDER MARK}")  # else Excel takes the Chinese for something else
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(COLUMNS)
        for problem in problems_of(run):
            plain.write((json.dumps(problem, ensure_ascii=False) + "\n").encode())
            rows.writerow([harmless(str(problem[name])) for name in COLUMNS])
        for line in lines:
            for record in (shards / f"errors-{line['chunk']:06d}.jsonl").read_text(encoding="utf-8").splitlines():
                plain.write(record.encode() + b"\n")
                held = json.loads(record)
                rows.writerow([harmless(str(held[name])) for name in COLUMNS])
        text.detach()


def _joined(parts: Sequence[Path], stream: IO[bytes]) -> None:
    """Tables as one, a row group at a time; one alone is the whole."""
    if len(parts) == 1:
        with parts[0].open("rb") as part:
            shutil.copyfileobj(part, stream)
        return
    with reader(parts[0]) as first:
        schema = first.schema_arrow
    with writer(stream, schema) as joined:
        for path in parts:
            with reader(path) as part:
                for number in range(part.num_row_groups):
                    joined.write_table(part.read_row_group(number))


COLUMNS = ("item", "issuer", "place", "code", "zh", "en")


def problems_of(run: Run) -> list[Plain]:
    """What was left out before any item was read: entries of a mapping, files that no item comes from."""
    return [{**problem, "item": ""} for problem in plain_problems(run.given.problems, 0)]


def commonest(out: Path, most: int) -> list[tuple[int, Plain]]:
    """Of the errors of a run, those that there are most of, commonest first: how many of each, and the first.

    One error is another with the same text, as where a column has a word that is not known; those whose text stands once go by their
    kind.
    """
    counts, first = Counter[tuple[str, str]](), dict[tuple[str, str], Plain]()
    with (out / "errors.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            error = json.loads(line)
            name = error["code"], error["zh"]
            if name not in counts and len(counts) >= MANY:
                name = error["code"], ""
            counts[name] += 1
            first.setdefault(name, error)
    for code, text in [name for name, count in counts.items() if count == 1 and name[1]]:
        counts[code, ""] += counts.pop((code, text))
        first.setdefault((code, ""), first[code, text])
    return [(count, first[name]) for name, count in counts.most_common(most)]


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


@contextlib.contextmanager
def fresh(path: Path) -> Iterator[IO[bytes]]:
    """A stream into a file that takes its name only when it is whole. Raises ``SourceError`` where it cannot be written."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        with temporary.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> SourceError:
    return SourceError([Problem(Place(str(path)), "file-unwritable", {"reason": error.strerror or str(error) or "?"})])


def _json(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"
