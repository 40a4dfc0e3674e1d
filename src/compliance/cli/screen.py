"""``compliance screen``: many issuers at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from compliance.cli.changes import impact, watch
from compliance.cli.runs import CHUNK, both, guarded, needed, progress, task_of
from compliance.cli.verbs import PATH, Verbs, day_option, lang_option, pack_option
from compliance.wording import VERDICTS

if TYPE_CHECKING:
    from compliance.packs.book import Pack
    from compliance.screen.parts import Task
    from compliance.screen.run import Run

MISTAKES = 3  # kinds of mistakes in an input that are told when a run is done


@click.group(cls=Verbs)
def screen() -> None:
    """批量核查很多发行人。Screen many issuers."""


@screen.command("run")
@click.argument("given", metavar="INPUT", type=PATH)
@click.option("--out", required=True, type=PATH, metavar="DIR", help="结果文件夹。The folder of the results.")
@click.option("--mapping", type=PATH, metavar="FILE", help="表格各列对应的事实。What a table's columns mean.")
@click.option("--match", default="**/*", metavar="GLOB", help="文件夹中的哪些文件。Which files of a folder.")
@click.option("--go-on", is_flag=True, help="对应关系有错时略过该列。Leave out what is wrong in the mapping.")
@click.option("--rules", "rules", metavar="RULE", multiple=True, help="只核查这条规则，可多次。This rule alone; several times.")
@click.option("--days", metavar="DATE,DATE…", help="逐日核查。Each of these days.")
@click.option("--set", "settings", metavar="PATH=VALUE", multiple=True, help="给每家换一个值。Put another value for each issuer.")
@click.option("--sweep", "sweeps", metavar="PATH=FROM:TO:STEP", multiple=True, help="逐个取值，也可写 甲|乙。One value after the other.")
@click.option("--robust", is_flag=True, help="同时核查结论是否稳固。Also whether each verdict is robust.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="进程数。Processes.")
@click.option("--chunk", type=click.IntRange(1, 1_000_000), default=CHUNK, show_default=True, help="每块的份数。Filings in a chunk.")
@click.option("--executor", default="local", metavar="local|dask://HOST:PORT", help="在哪里计算。Where the work is done.")
@day_option
@lang_option
@pack_option
def run_verb(
    given: Path,
    out: Path,
    mapping: Path | None,
    match: str,
    go_on: bool,
    rules: tuple[str, ...],
    days: str | None,
    settings: tuple[str, ...],
    sweeps: tuple[str, ...],
    robust: bool,
    workers: int,
    chunk: int,
    executor: str,
    as_of: str | None,
    lang: str,
    pack: Path | None,
) -> int:
    """核查全部申报文件；中断后用同样的命令接着做。Screen all; after a stop the same command goes on.

    例 Example: compliance screen run filings.jsonl --out results --as-of 2025-12-31
    """
    from compliance.cli.inputs import load_pack
    from compliance.screen.scenarios import scenarios

    numbers = days_of(as_of, days)
    book = load_pack(pack)
    task = task_of(book, pack, rules, numbers)._replace(scenarios=scenarios(book, settings, sweeps), robust=robust)
    how = How(mapping, match, go_on, chunk, workers, executor)
    return guarded(lambda: run_whole(given, out, task, book, how, lang), out, lang)


def run_whole(given: Path, out: Path, task: Task, book: Pack, how: How, lang: str) -> None:
    """Do what is left of a run, seal it, and say what it came to."""
    from compliance.cli import output
    from compliance.screen import run

    begun, lines = perform(given, out, task, book, how, lang)
    if not lines:
        output.say(lang, "screen-complete", path=out)
        return
    with output.patience("summing", lang):
        manifest = finish(begun, lines, book, lang)
    scalar, days = sum(manifest["scalar"].values()), manifest["days"]
    shown = days[0] if len(days) == 1 else f"{days[0]}…{days[-1]}"
    output.say(
        lang, "screen-done", path=out, days=shown, scalar=scalar, **{name: manifest[name] for name in ("items", "errors", "findings")}
    )
    for count, error in run.commonest(out, MISTAKES):
        output.say(lang, "screen-mistake", count=count, place=error["place"], text=error[lang])


class How(NamedTuple):
    """How an input is read, and where it is worked on."""

    mapping: Path | None
    match: str
    go_on: bool
    chunk: int
    workers: int
    executor: str


def perform(given: Path, out: Path, task: Task, book: Pack, how: How, lang: str) -> tuple[Run, list[dict[str, Any]]]:
    """Do what is left of a run; gives it with the lines of its chunks, none where it is sealed already. Raises ``SourceError``."""
    from compliance.cli import output
    from compliance.screen import inputs, run
    from compliance.screen.executors import executor
    from compliance.source import resolved

    with output.patience("looking", lang):
        found = inputs.look(resolved(given), how.chunk, book, how.mapping, how.match, how.go_on)
    begun = run.begin(out, task, found, book, how.match)
    if run.sealed(out):
        run.clear(out)
        return begun, []
    return begun, run.go(begun, executor(how.executor, how.workers), progress(lang))


def days_of(as_of: str | None, days: str | None) -> tuple[int, ...]:
    """The days of a run as day numbers: those listed, else the one of the check. Raises ``SourceError``."""
    from compliance.cli.inputs import day_of
    from compliance.source import Place, Problem, SourceError

    if days is None:
        return (day_of(as_of),)
    if as_of is not None:
        raise SourceError([Problem(Place("--days"), "usage", {"reason": both("screen-days")})])
    problems: list[Problem] = []
    found = set()
    for text in days.replace("，", ",").split(","):
        try:
            found.add(day_of(text.strip()))
        except SourceError as error:
            problems += [problem._replace(place=Place("--days")) for problem in error.problems]
    if problems:
        raise SourceError(problems)
    return tuple(sorted(found))


def finish(begun: Run, lines: list[dict[str, Any]], book: Pack, lang: str) -> dict[str, Any]:
    """Put the tables together, write the summary in its forms, and seal the run; gives the manifest."""
    from compliance.engine.record import to_json
    from compliance.engine.verdict import GRAVEST
    from compliance.reports import matrix, screening
    from compliance.screen import grids, run, summary

    run.join(begun, lines)
    asked = run.opened(begun.out)
    found = summary.summarise(begun.out, book, asked, lines)
    groups = [(group["scenario"], group["as_of"]) for group in found["groups"]]
    shown = {rule["rule"] for group in found["groups"] for rule in group["rules"] if set(rule["verdicts"]) != {"not_applicable"}}
    titles = {rule.id: rule.title[lang] for rule in book.rules if rule.id in shown}
    rules = [rule.id for rule in book.rules]
    cells = grids.grids(begun.out, groups[: matrix.MAX_SHEETS], rules, list(titles), matrix.MAX_ROWS)
    others = {
        "summary.json": to_json(found).encode(),
        "summary.html": screening.render(found, lang).encode(),
        "matrix.xlsx": matrix.render([matrix.Sheet(*grid) for grid in cells], titles, GRAVEST, lang),
    }
    return run.seal(begun, lines, others)


@screen.command("explain")
@click.argument("folder", metavar="DIR", type=PATH)
@click.argument("issuer", required=False)
@click.argument("rule", required=False)
@click.option("--all", "every", is_flag=True, help="写出每一格的全部内容，须有 --out。Every cell, into the file of --out.")
@click.option("--verdict", "verdicts", type=click.Choice(VERDICTS), multiple=True, help="只要这种结论，可多次。These verdicts alone.")
@click.option("--rule", "rules", metavar="RULE", multiple=True, help="只要这条规则，可多次。This rule alone; several times.")
@click.option("--issuer", "issuers", metavar="ISSUER", multiple=True, help="只要这家，可多次。This issuer alone; several times.")
@click.option("--scenario", metavar="NAME", help="哪种情形；--all 时默认全部。Which scenario; with --all every one if left out.")
@click.option(
    "--as-of", metavar="DATE", help="哪一天，默认第一天，--all 时默认每天。Which day; the first, or with --all each, if left out."
)
@click.option("--remedies", is_flag=True, help="--all 时也找补救办法，费时。With --all also what would mend a finding: slow.")
@click.option("--out", type=PATH, metavar="FILE", help="--all 写入的 .jsonl 或 .jsonl.gz。Where --all writes.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="进程数。Processes.")
@click.option("--executor", default="local", metavar="local|dask://HOST:PORT", help="在哪里计算。Where the work is done.")
@lang_option
def explain(
    folder: Path,
    issuer: str | None,
    rule: str | None,
    every: bool,
    verdicts: tuple[str, ...],
    rules: tuple[str, ...],
    issuers: tuple[str, ...],
    scenario: str | None,
    as_of: str | None,
    remedies: bool,
    out: Path | None,
    workers: int,
    executor: str,
    lang: str,
) -> None:
    """详解任意一格；不写规则就给出这家的全部结论；--all 写出所有格。The full finding of any cell; without a rule, all of the issuer's.

    例 Example: compliance screen explain results 300766 working-capital-share
    """
    others = {"--verdict": verdicts, "--rule": rules, "--issuer": issuers, "--remedies": remedies, "--out": out}
    if every:
        pick = Pick(issuers, rules, verdicts, scenario, as_of, remedies)
        explain_all(folder, [name for name in (issuer, rule) if name], pick, out, workers, executor, lang)
        return
    wrong = [name for name, given in others.items() if given]
    wrong_usage([("screen-alone", name) for name in wrong] + ([] if issuer else [("screen-needs", "ISSUER")]))
    explain_one(folder, str(issuer), rule, scenario or "", as_of, lang)


def wrong_usage(found: list[tuple[str, str]]) -> None:
    """Raise ``SourceError`` with each mistake in the usage, told by its code and what it is about."""
    from compliance.source import Place, Problem, SourceError

    if found:
        raise SourceError([Problem(Place(name), "usage", {"reason": both(code)}) for code, name in found])


def explain_one(folder: Path, issuer: str, rule: str | None, scenario: str, as_of: str | None, lang: str) -> None:
    """Show one finding of an issuer, or all of them; of a scenario under its name."""
    from compliance.cli import output
    from compliance.cli.inputs import Case, day_of, known_rule
    from compliance.cli.words import say
    from compliance.reports import text
    from compliance.reports.dossier import Dossier
    from compliance.reports.view import build
    from compliance.screen.results import filing_again
    from compliance.screen.work import machine_of

    task, filing = filing_again(folder, issuer, scenario)
    case = Case(machine_of(task.pack, task.sha256), filing, day_of(as_of) if as_of else task.days[0])
    if scenario:
        output.show(say("screen-scenario", lang, scenario=scenario) + "\n")
    if rule is None:
        output.show(text.render(Dossier(case.record(task.rules), case.pack, lang).view(brief=True), output.paper()))
        return
    view = build(case.record([known_rule(case.pack, rule).id]), case.pack, lang)
    found = next(iter((*view.findings(), *view.not_applicable)), None)
    if found is None:
        output.say(lang, "not-in-force", rule=rule)
        return
    output.show(text.render_finding(found, view, output.paper()))


class Pick(NamedTuple):
    """Which cells of a run are explained, as they are asked for; nothing named is all."""

    issuers: tuple[str, ...]
    rules: tuple[str, ...]
    verdicts: tuple[str, ...]
    scenario: str | None
    as_of: str | None
    remedies: bool


def explain_all(folder: Path, names: list[str], pick: Pick, out: Path | None, workers: int, executor: str, lang: str) -> None:
    """Write the full findings of a run into a file. Raises ``SourceError`` with all that is wrong with what is asked."""
    from compliance.cli import output
    from compliance.cli.inputs import day_of, together
    from compliance.screen import explain as explaining
    from compliance.screen.executors import executor as executor_of
    from compliance.screen.lines import ENDINGS
    from compliance.screen.results import asked_for

    needed("batch", "numpy", "pyarrow")
    suits = out is None or out.name.endswith(ENDINGS)
    usage = (
        [("screen-all", name) for name in names] + [("screen-needs", "--out")] * (out is None) + [("screen-lines", "--out")] * (not suits)
    )
    _, day, _ = together(
        lambda: wrong_usage(usage),
        lambda: day_of(pick.as_of) if pick.as_of else None,
        lambda: executor_of(executor, workers),
    )
    assert out is not None
    asked, inputs = asked_for(folder, pick.issuers, pick.rules, pick.verdicts, pick.scenario, day)
    asked = asked._replace(wanted=asked.wanted._replace(remedies=pick.remedies))
    output.allow(out, inputs, lang)
    counts = explaining.write(asked, out, lambda do: executor_of(executor, workers, do), progress(lang))
    output.say(lang, "screen-explained", path=out, **{name: counts[name] for name in ("findings", "read", "errors")})


@screen.command("query")
@click.argument("folder", metavar="DIR", type=PATH)
@click.argument("sql")
@click.option("--format", "form", type=click.Choice(("text", "csv")), default="text", help="输出格式。The form of the output.")
@lang_option
def query_verb(folder: Path, sql: str, form: str, lang: str) -> None:
    """用 SQL 查询结果（表 findings、issuers），只读。SQL over the results, read only.

    例 Example: compliance screen query results "select rule, count(*) from findings where verdict = 'fail' group by rule"
    """
    from compliance.cli import output
    from compliance.screen.results import query

    answer = query(folder, sql)
    output.show("".join(f"{line}\n" for line in table_lines(answer.names, answer.rows, form)))
    if answer.more:
        output.say(lang, "query-more", count=len(answer.rows))


def table_lines(names: tuple[str, ...], rows: tuple[tuple[str, ...], ...], form: str) -> Iterator[str]:
    """The lines of a table: as CSV, or set in columns."""
    if form == "csv":
        import csv
        import io

        for row in (names, *rows):
            stream = io.StringIO()
            csv.writer(stream, lineterminator="").writerow(row)
            yield stream.getvalue()
        return
    from compliance.cli.output import visible
    from compliance.reports.whatif import table

    for line in table([[visible(cell) for cell in row] for row in (names, *rows)], 0) if names else ():
        yield line[1]


@screen.command("template")
@click.option("--out", required=True, type=PATH, metavar="DIR", help="写到哪个文件夹。The folder to write into.")
@lang_option
@pack_option
def template_verb(out: Path, lang: str, pack: Path | None) -> None:
    """生成对应关系文件和一张样表，照着改成自己的表格。A mapping and an example table, to be changed into your own.

    例 Example: compliance screen template --out my-table
    """
    from compliance.cli import output
    from compliance.cli.inputs import load_pack
    from compliance.screen.template import write

    files = write(load_pack(pack))
    make(out)
    for name in files:
        output.allow(out / name, (), lang)
    for name, data in files.items():
        output.deliver_bytes(data, out / name, lang)


def make(folder: Path) -> None:
    """Make a folder. Raises ``SourceError`` where that cannot be."""
    from compliance.source import Place, Problem, SourceError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError([Problem(Place(str(folder)), "file-unwritable", {"reason": error.strerror or "?"})]) from None


@screen.command("sample")
@click.argument("size", metavar="N", type=click.IntRange(1, 50_000_000))
@click.option("--seed", type=int, default=0, show_default=True, help="随机数种子。The seed.")
@click.option("--out", required=True, type=PATH, metavar="FILE", help=".jsonl 或 .parquet。.jsonl or .parquet.")
@lang_option
@pack_option
def sample_verb(size: int, seed: int, out: Path, lang: str, pack: Path | None) -> None:
    """生成虚构的市场，含结论已知的发行人（另存 .truths.jsonl）。A made-up market, with issuers whose verdict is known.

    例 Example: compliance screen sample 1000 --seed 7 --out market.jsonl
    """
    from compliance.cli import output
    from compliance.cli.inputs import load_pack, pack_folder
    from compliance.screen import sample, writing
    from compliance.source import Place, Problem, SourceError

    if out.suffix not in (".jsonl", ".parquet"):
        raise SourceError([Problem(Place("--out"), "usage", {"reason": both("screen-ending")})])
    if out.suffix == ".parquet":
        needed("batch", "pyarrow")
    output.allow(out, (), lang)
    book = load_pack(pack, tests=True)
    writing.write(sample.market(book, pack_folder(pack), size, seed), out, book)
    output.say(lang, "written", path=out)


screen.add_command(impact)
screen.add_command(watch)
