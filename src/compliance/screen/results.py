"""Look into a sealed run: one issuer's filing again for its full findings, and SQL over its tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from compliance import dates
from compliance.facts.filing import Filing
from compliance.screen import inputs, run
from compliance.screen.cases import filing_of, scenario_of
from compliance.screen.explain import Explaining
from compliance.screen.lines import Wanted
from compliance.screen.parts import Input, Task
from compliance.screen.run import Plain
from compliance.screen.summary import rows
from compliance.screen.work import machine_of
from compliance.source import Place, Problem, SourceError
from compliance.wording import likely, listed

MAX_ROWS = 10_000  # rows that a query gives back at most


def task_of(asked: Plain) -> Task:
    """What a run was asked to do."""
    scenarios = tuple((name, tuple((path, text) for path, text in settings)) for name, settings in asked["scenarios"])
    days = tuple(dates.parse(day).low for day in asked["days"])
    return Task(asked["pack"]["folder"], asked["pack"]["sha256"], tuple(asked["rules"]), days, scenarios, asked["robust"])


def input_of(out: Path, asked: Plain) -> Input:
    """The input of a run, as it was when that began."""
    given = asked["input"]
    return Input(given["kind"], given["path"], given["sha256"], tuple(run.chunks_of(out)), asked["reading"])


def finished(out: Path) -> Plain:
    """What a sealed run was asked. Raises ``SourceError``."""
    asked = run.opened(out)
    if not run.sealed(out):
        raise SourceError([Problem(Place(str(out)), "screen-unsealed", {})])
    return asked


def item_of(out: Path, issuer: str) -> int:
    """The number of an issuer's item, by its code or as ``#number``. Raises ``SourceError``."""
    found = []
    for row in rows(out / "issuers.parquet", ["item", "issuer"]):
        if issuer in (row["issuer"], f"#{row['item']}") and row["item"] not in found:
            found.append(row["item"])
    if len(found) != 1:
        known = ", ".join(f"#{number}" for number in found[:20])
        code = "screen-issuer-many" if found else "screen-issuer-unknown"
        raise SourceError([Problem(Place("ISSUER"), code, {"name": issuer, "known": known})])
    number: int = found[0]
    return number


def asked_for(
    out: Path, issuers: Collection[str], rules: Collection[str], verdicts: Collection[str], scenario: str | None, day: int | None
) -> tuple[Explaining, list[Path]]:
    """What of a run is to be explained, where nothing named is all, and the files that it is read from.

    Raises ``SourceError`` with every issuer, rule, scenario and day that the run does not have.
    """
    asked = finished(out)
    task, given = task_of(asked), input_of(out, asked)
    problems = [
        Problem(Place("--rule"), "rule-unknown", {"name": name, "known": likely(name, task.rules)})
        for name in dict.fromkeys(rules)
        if name not in task.rules
    ]
    scenarios = [one for one in task.scenarios if scenario in (None, one[0])]
    days = [one for one in task.days if day in (None, one)]
    if not scenarios:
        problems.append(_choice("--scenario", str(scenario), [name for name, _ in task.scenarios if name]))
    if not days and day is not None:
        problems.append(_choice("--as-of", dates.iso(day) or "", asked["days"]))
    items = items_of(out, issuers, problems)
    if problems:
        raise SourceError(problems)
    chosen = tuple(rule for rule in task.rules if not rules or rule in rules)
    narrowed = task._replace(rules=chosen, days=tuple(days), scenarios=tuple(scenarios))
    wanted = Wanted(items, tuple(verdicts), str((out / "findings.parquet").resolve()))
    beside = [Path(part["path"]) for part in given.reading.get("files", {}).values()]
    files = [path for path in (Path(given.path), *out.iterdir(), *beside) if path.is_file()]
    return Explaining(narrowed, given, wanted), files


def _choice(place: str, text: str, known: Iterable[str]) -> Problem:
    return Problem(Place(place), "choice-bad", {"text": text, "expected": listed(known)})


def items_of(out: Path, issuers: Collection[str], problems: list[Problem]) -> frozenset[int]:
    """The numbers of the items of issuers, each a code or ``#number``; those that are not there are noted."""
    found: dict[str, set[int]] = {name: set() for name in issuers}
    for row in rows(out / "issuers.parquet", ["item", "issuer"]) if found else ():
        for name in (row["issuer"], f"#{row['item']}"):
            if name in found:
                found[name].add(row["item"])
    problems += [Problem(Place("--issuer"), "screen-issuer-unknown", {"name": name}) for name, numbers in found.items() if not numbers]
    return frozenset(number for numbers in found.values() for number in numbers)


def filing_again(out: Path, issuer: str, scenario: str = "") -> tuple[Task, Filing]:
    """The filing of an issuer, read again from the input. Raises ``SourceError`` where that is no longer what was decided."""
    asked = finished(out)
    task, given = task_of(asked), input_of(out, asked)
    number = item_of(out, issuer)
    machine = machine_of(task.pack, task.sha256)
    chunk = next(chunk for chunk in given.chunks if chunk.first <= number < chunk.first + chunk.size)
    item = inputs.item(given, chunk, number, machine.pack)
    errors: list[dict[str, Any]] = []
    filing = filing_of(item, machine.pack, errors)
    settings = dict(task.scenarios).get(scenario)
    if settings is None:
        known = listed([name for name, _ in task.scenarios if name])
        raise SourceError([Problem(Place("--scenario"), "choice-bad", {"text": scenario, "expected": known})])
    if filing is not None and settings:
        filing = scenario_of(item, filing, machine.pack, scenario, settings, errors)
    if filing is None:
        raise SourceError([Problem(Place(given.path), "screen-changed", {})])
    return task, filing


class Answer(NamedTuple):
    """What a query gives: the names of its columns, its rows as texts, and whether there were more."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: bool


def query(out: Path, sql: str) -> Answer:
    """The answer of one SQL statement over the tables of a run, read only. Raises ``SourceError``.

    Those are ``findings`` and ``issuers``, of a comparison ``changes`` and ``issuers``.
    """
    finished(out)
    try:
        import duckdb
        from pyarrow import dataset
    except ImportError:
        raise SourceError([Problem(Place("query"), "extra-needed", {"extra": "query"})]) from None
    with duckdb.connect(":memory:") as held:
        tables = {path.stem: dataset.dataset(path, format="parquet") for path in sorted(out.glob("*.parquet"))}
        for name, table in tables.items():
            held.register(name, table)
        # From here on no file can be read or written, and none of this be set back.
        held.execute("SET enable_external_access = false")
        held.execute("SET lock_configuration = true")
        try:
            found = held.execute(sql)
            names = tuple(str(part[0]) for part in found.description or ())
            given: Sequence[Any] = found.fetchmany(MAX_ROWS + 1) if names else ()
        except duckdb.Error as error:
            known = listed([f"{name} ({', '.join(table.schema.names)})" for name, table in tables.items()])
            raise SourceError([Problem(Place("SQL"), "screen-sql", {"reason": str(error).splitlines()[0], "known": known})]) from None
    shown = tuple(tuple("" if value is None else str(value) for value in row) for row in given[:MAX_ROWS])
    return Answer(names, shown, len(given) > MAX_ROWS)
