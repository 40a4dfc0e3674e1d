"""``compliance routes``: the routes of a filing side by side."""

from __future__ import annotations

from pathlib import Path

import click

from compliance.cli.verbs import PATH, case_options, out_option


@click.command()
@click.argument("filing", type=PATH)
@case_options
@click.option("--format", "form", type=click.Choice(("text", "json", "md")), default="text", help="输出格式。The form of the output.")
@out_option
def routes(
    filing: Path,
    as_of: str | None,
    answers: tuple[Path, ...],
    pack: Path | None,
    form: str,
    out: Path | None,
    lang: str,
) -> None:
    """各路径并排：结论、最大规模、最早日期、受什么限制、取决于什么。The routes side by side.

    例 Example: compliance routes cases/300766/filing.yaml --as-of 2025-12-31
    """
    from compliance.cli import output
    from compliance.cli.inputs import load_case, pack_folder, together
    from compliance.engine.record import to_json
    from compliance.engine.routes import routes as compare
    from compliance.reports import routes as report

    _, case = together(
        lambda: output.allow(out, (filing, *answers, pack_folder(pack)), lang), lambda: load_case(filing, as_of, pack, answers)
    )
    with output.patience("working", lang):
        record = compare(case.machine, case.filing, case.as_of)
    if form == "json":
        shown = to_json(record)
    elif form == "md":
        shown = report.render_markdown(record, lang)
    else:
        shown = report.render(record, lang, output.paper(out))
    output.deliver(shown, out, lang)
