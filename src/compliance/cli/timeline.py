"""``compliance timeline``: what of a filing runs out when, and on which day a verdict changes."""

from __future__ import annotations

from pathlib import Path

import click

from compliance.cli.verbs import filing_options


@click.command(short_help="什么何时到期。The days of a filing.")
@click.argument("filing", type=click.Path(path_type=Path))
@filing_options
@click.option("--from", "start", metavar="DATE", help="从哪一天起。The first day.")
@click.option("--until", "end", metavar="DATE", help="到哪一天止。The last day.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="输出格式。The form of the output.")
@click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help="写入文件。Write to a file.")
def timeline(
    filing: Path,
    as_of: str | None,
    answers: tuple[Path, ...],
    pack: Path | None,
    route: str | None,
    start: str | None,
    end: str | None,
    form: str,
    out: Path | None,
    lang: str,
) -> None:
    """各期间的起止、各规则随日期变化的结论、资料的有效期和法律的变化。Windows, each rule as the day moves, what goes stale, the law.

    例 Example: compliance timeline cases/300766/filing.yaml --as-of 2025-12-31
    """
    from compliance.cli import output
    from compliance.cli.inputs import load_case
    from compliance.engine.timeline import timeline as timeline_of
    from compliance.source import Place, Problem, SourceError, Unreadable

    output.allow(out, (filing, *answers), lang)
    first, last = stretch(start, end)
    case = load_case(filing, as_of, pack, answers, route)
    try:
        record = timeline_of(case.machine, case.filing, case.as_of, first, last)
    except Unreadable as error:
        raise SourceError([Problem(Place("--from" if last is None else "--until"), error.code, error.values)]) from None
    if form == "json":
        from compliance.engine.record import to_json

        output.deliver(to_json(record), out, lang)
        return
    from compliance.reports import timeline as report

    output.deliver(report.render(record, case.pack, lang, output.coloured(out)), out, lang)


def stretch(start: str | None, end: str | None) -> tuple[int | None, int | None]:
    """The first and last day asked for, as day numbers. Raises ``SourceError``."""
    from compliance.cli.inputs import day_of
    from compliance.source import Problem, SourceError

    found: list[int | None] = []
    problems: list[Problem] = []
    for option, text in (("--from", start), ("--until", end)):
        day = None
        try:
            day = day_of(text, option) if text is not None else None
        except SourceError as error:
            problems += error.problems
        found.append(day)
    if problems:
        raise SourceError(problems)
    return found[0], found[1]
