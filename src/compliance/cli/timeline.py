"""``compliance timeline``: what of a filing runs out when, and on which day a verdict changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from compliance.cli.verbs import PATH, filing_options, out_option

if TYPE_CHECKING:
    from compliance.cli.inputs import Case


@click.command()
@click.argument("filing", type=PATH)
@filing_options
@click.option("--from", "start", metavar="DATE", help="从哪一天起。The first day.")
@click.option("--until", "end", metavar="DATE", help="到哪一天止。The last day.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="输出格式。The form of the output.")
@out_option
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
    from compliance.cli.inputs import load_case, pack_folder, together
    from compliance.engine.timeline import timeline as timeline_of

    _, given, case = together(
        lambda: output.allow(out, (filing, *answers, pack_folder(pack)), lang),
        lambda: asked(start, end),
        lambda: load_case(filing, as_of, pack, answers, route),
    )
    bounded(case, *given)
    with output.patience("working", lang):
        record = timeline_of(case.machine, case.filing, case.as_of, *given)
    if form == "json":
        from compliance.engine.record import to_json

        output.deliver(to_json(record), out, lang)
        return
    from compliance.reports import timeline as report

    output.deliver(report.render(record, case.pack, lang, output.paper(out)), out, lang)


def asked(start: str | None, end: str | None) -> tuple[int | None, int | None]:
    """The first and last day asked for, as day numbers. Raises ``SourceError``."""
    from compliance.cli.inputs import day_of
    from compliance.source import Place, Problem, SourceError

    found: list[int | None] = []
    problems: list[Problem] = []
    for option, text in (("--from", start), ("--until", end)):
        day = None
        try:
            day = day_of(text, option) if text is not None else None
        except SourceError as error:
            problems += error.problems
        found.append(day)
    first, last = found
    if first is not None and last is not None and first > last and not problems:
        problems.append(Problem(Place("--from"), "range-reversed", {"text": f"{start}..{end}"}))
    if problems:
        raise SourceError(problems)
    return first, last


def bounded(case: Case, start: int | None, end: int | None) -> None:
    """Raise ``SourceError`` where a timeline would be too long, from what was asked for to where it goes of itself."""
    from compliance import dates
    from compliance.engine.subject import subject
    from compliance.engine.timeline import MAX_DAYS, stretch
    from compliance.source import Place, Problem, SourceError

    if start is None and end is None:
        return
    first, last = stretch(subject(case.machine, case.filing, case.as_of), start, end)
    if last - first > MAX_DAYS:
        values = {"first": dates.iso(first), "last": dates.iso(last), "limit": MAX_DAYS // 366}
        raise SourceError([Problem(Place("--from" if end is None else "--until"), "timeline-long", values)])
