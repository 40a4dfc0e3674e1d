"""``compliance screen impact`` and ``compliance screen watch``: whose verdicts change, from one side to another or as days go by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from compliance.cli.runs import CHUNK, both, guarded, progress, task_of
from compliance.cli.verbs import PATH, day_option, lang_option, pack_option

if TYPE_CHECKING:
    from compliance.packs.book import Pack
    from compliance.reports.changes import Books, Row, Tally
    from compliance.screen.comparing import Impact, Watch
    from compliance.screen.parts import Input, Task
    from compliance.screen.run import Run

CSV_COLUMNS = ("item", "issuer", "name", "day", "rule", "title", "before", "after", "why")


class Given(NamedTuple):
    """What both verbs are given: an input and how it is read, where the results go, which rules, and on which day."""

    given: Path
    out: Path
    mapping: Path | None
    match: str
    go_on: bool
    rules: tuple[str, ...]
    workers: int
    chunk: int
    as_of: str | None
    lang: str
    pack: Path | None


_OPTIONS = (
    click.argument("given", metavar="INPUT", type=PATH),
    click.option("--out", required=True, type=PATH, metavar="DIR", help="结果文件夹。The folder of the results."),
    click.option("--mapping", type=PATH, metavar="FILE", help="表格各列对应的事实。What a table's columns mean."),
    click.option("--match", default="**/*", metavar="GLOB", help="文件夹中的哪些文件。Which files of a folder."),
    click.option("--go-on", is_flag=True, help="对应关系有错时略过该列。Leave out what is wrong in the mapping."),
    click.option("--rules", "rules", metavar="RULE", multiple=True, help="只核查这条规则，可多次。This rule alone; several times."),
    click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="进程数。Processes."),
    click.option("--chunk", type=click.IntRange(1, 1_000_000), default=CHUNK, show_default=True, help="每块的份数。Filings in a chunk."),
    day_option,
    lang_option,
    pack_option,
)


def given_options(function: Callable[..., int]) -> Callable[..., int]:
    """The options that both verbs have, handed over as one."""

    @wraps(function)
    def verb(**values: Any) -> int:
        given = Given(**{name: values.pop(name) for name in Given._fields})
        return function(given, **values)

    found: Callable[..., int] = verb
    for option in reversed(_OPTIONS):
        found = option(found)
    return found


@click.command("impact")
@click.option("--from", "old", required=True, metavar="DAY|PACK", help="原来的日期或规则库。The day or pack before.")
@click.option("--to", "new", required=True, metavar="DAY|PACK", help="新的日期或规则库。The day or pack after.")
@given_options
def impact(given: Given, old: str, new: str) -> int:
    """换一天的法律，或换一套规则库，谁的结论会变，因为什么。Whose verdict changes on another day or under another pack, and why.

    例 Example: compliance screen impact filings.jsonl --from 2023-12-31 --to 2025-12-31 --out impact
    """
    return guarded(lambda: run_impact(given, sides_of(given, old, new)), given.out, given.lang)


@click.command("watch")
@click.option("--days", "ahead", type=click.IntRange(1, 366), default=90, show_default=True, help="往后看多少天。Days to look ahead.")
@given_options
def watch(given: Given, ahead: int) -> int:
    """今后一段时间里谁会变得符合、谁不再符合、在哪一天。Who becomes eligible or ceases to be, and on which day.

    例 Example: compliance screen watch filings.jsonl --days 90 --as-of 2025-12-31 --out watch
    """
    from compliance.cli.inputs import day_of, load_pack

    day, book = day_of(given.as_of), load_pack(given.pack)
    return guarded(lambda: run_watch(given, Side(book, given.pack, day), ahead), given.out, given.lang)


class Side(NamedTuple):
    """A rule book, the folder that it was asked for by, and a day number."""

    book: Pack
    folder: Path | None
    day: int


def sides_of(given: Given, *texts: str) -> list[Side]:
    """Both sides, each a day or a pack. Raises ``SourceError`` with the mistakes of both, and where they are the same."""
    from compliance.cli.inputs import day_of, load_pack
    from compliance.source import Place, Problem, SourceError

    problems: list[Problem] = []
    found = []
    for name, text in zip(("--from", "--to"), texts, strict=True):
        folder = Path(text)
        try:
            if folder.is_dir():
                found.append(Side(load_pack(folder), folder, day_of(given.as_of)))
            else:
                found.append(Side(load_pack(given.pack), given.pack, _day_or_pack(text, name)))
        except SourceError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    idle = given.as_of is not None and not any(Path(text).is_dir() for text in texts)
    if idle:
        problems.append(Problem(Place("--as-of"), "usage", {"reason": both("screen-as-of-idle")}))
    if len(found) == len(texts) and (found[0].book.sha256, found[0].day) == (found[1].book.sha256, found[1].day):
        problems.append(Problem(Place("--to"), "usage", {"reason": both("screen-sides")}))
    if problems:
        raise SourceError(problems)
    return found


def _day_or_pack(text: str, name: str) -> int:
    from compliance.cli.inputs import day_of
    from compliance.source import Place, Problem, SourceError

    try:
        return day_of(text)
    except SourceError:
        raise SourceError([Problem(Place(name), "usage", {"reason": both("screen-side", text=text)})]) from None


def task_on(side: Side, rules: tuple[str, ...], known: set[str]) -> Task:
    """What a side is asked: those of the rules that its book has, and those that none has, which are mistakes."""
    here = {rule.id for rule in side.book.rules}
    asked = tuple(rule for rule in rules if rule in here or rule not in known)
    task = task_of(side.book, side.folder, asked, (side.day,))
    return task if asked or not rules else task._replace(rules=())


def run_impact(given: Given, sides: list[Side]) -> None:
    """Compare both sides, and tell whose verdicts differ with what is behind it."""
    from compliance import dates
    from compliance.screen.comparing import Impact

    before, after = sides
    known = {rule.id for side in sides for rule in side.book.rules}
    tasks = [task_on(side, given.rules, known) for side in sides]
    found = [looked(given, side) for side in (sides if before.book.sha256 != after.book.sha256 else sides[1:])]
    problems = tuple(dict.fromkeys(problem for one in found for problem in one.problems))
    pack = {"id": before.book.id, "version": before.book.version, "sha256": before.book.sha256}
    compared = {"kind": "impact", "pack": pack, "rules": list(tasks[0].rules), "day": dates.iso(before.day)}
    asked = Impact(tasks[0], tasks[1], found[-1] if len(found) > 1 else None)
    compare(given, found[0]._replace(problems=problems), asked, tasks[1], (after.book, before.book), compared)


def run_watch(given: Given, side: Side, ahead: int) -> None:
    """Look at the days to come, and tell who changes on which of them."""
    from compliance import dates
    from compliance.screen.comparing import Watch

    task = task_of(side.book, side.folder, given.rules, (side.day,))
    compared = {"kind": "watch", "until": dates.iso(side.day + ahead)}
    compare(given, looked(given, side), Watch(task, side.day + ahead), task, (side.book,), compared)


def looked(given: Given, side: Side) -> Input:
    """The input as a book reads it. Raises ``SourceError``."""
    from compliance.cli import output
    from compliance.screen import inputs
    from compliance.source import resolved

    with output.patience("looking", given.lang):
        return inputs.look(resolved(given.given), given.chunk, side.book, given.mapping, given.match, given.go_on)


def compare(given: Given, found: Input, asked: Impact | Watch, task: Task, books: Sequence[Pack], compared: dict[str, Any]) -> None:
    """Do what is left of a comparison, seal it, and tell what it came to. ``task`` is what its folder is told by."""
    from compliance.cli import output
    from compliance.reports import changes
    from compliance.screen import comparing, run
    from compliance.screen.executors import local

    lang = given.lang
    begun = run.begin(given.out, task, found, books[0], given.match, {"compared": compared})
    begun = begun._replace(task=asked, tables=comparing.TABLES)
    said = changes.Books(books, lang)
    if run.sealed(given.out):
        run.clear(given.out)
        output.say(lang, "screen-complete", path=given.out)
        with output.patience("summing", lang):
            tally = changes.Tally(rows_of(given.out))
    else:
        lines = run.go(begun, local(given.workers, comparing.do), progress(lang))
        with output.patience("summing", lang):
            tally = finish(begun, lines, said, compared["kind"])
    output.show(changes.render(tally, said, run.manifest(given.out), output.paper()))


def finish(begun: Run, lines: list[dict[str, Any]], said: Books, kind: str) -> Tally:
    """Put the tables together, write them for readers, and seal the run; gives what it came to."""
    from compliance.engine.record import to_json
    from compliance.reports import changes
    from compliance.screen import run

    run.join(begun, lines)
    write_table(begun.out, f"{kind}.csv", said)
    asked = run.opened(begun.out)
    about = {name: asked[name] for name in ("engine", "days", "compared")}
    about |= {"pack": {name: asked["pack"][name] for name in ("id", "version", "sha256")}, "input_sha256": asked["input"]["sha256"]}
    about |= {name: sum(line[name] for line in lines) for name in ("items", "errors")}
    tally = changes.Tally(rows_of(begun.out))
    others = {
        f"{kind}.xlsx": changes.workbook(rows_of(begun.out), said),
        "summary.json": to_json(changes.summary(tally, said, about)).encode(),
    }
    run.seal(begun, lines, others, (f"{kind}.csv",))
    return tally


def rows_of(out: Path) -> Iterator[Row]:
    """The changes of a comparison, a few at a time in memory."""
    from compliance.reports.changes import Row
    from compliance.screen.summary import rows

    for row in rows(out / "changes.parquet"):
        yield Row(**{**row, "day": row["day"].isoformat()})


def write_table(out: Path, name: str, said: Books) -> None:
    """The changes as a table that a spreadsheet opens. Raises ``SourceError`` where it cannot be written."""
    import csv
    import io

    from compliance.screen.run import fresh, harmless

    with fresh(out / name) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        text.write("\N{BYTE ORDER MARK}")  # else Excel takes the Chinese for something else
        table = csv.writer(text, lineterminator="\n")
        table.writerow(CSV_COLUMNS)
        for row in rows_of(out):
            cells = (*row[:5], said.title(row.rule), *row[5:7], said.why(row.causes))
            table.writerow([harmless(str(cell)) for cell in cells])
        text.detach()
