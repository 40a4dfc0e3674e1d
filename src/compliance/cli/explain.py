"""``compliance explain``: everything about one finding."""

from __future__ import annotations

from pathlib import Path

import click

from compliance.cli.verbs import PATH, filing_options


@click.command()
@click.argument("filing", type=PATH)
@click.argument("rule")
@filing_options
@click.option("--format", "form", type=click.Choice(("text", "json", "md")), default="text", help="输出格式。The form of the output.")
def explain(
    filing: Path,
    rule: str,
    as_of: str | None,
    answers: tuple[Path, ...],
    pack: Path | None,
    route: str | None,
    form: str,
    lang: str,
) -> None:
    """详解一条结论：要求、依据、事实及出处、计算过程、取决于什么。Take one finding apart.

    例 Example: compliance explain cases/300766/filing.yaml working-capital-share --as-of 2025-12-31
    """
    from compliance.cli import output
    from compliance.cli.inputs import known_rule, load_case, load_pack, together

    case, _ = together(lambda: load_case(filing, as_of, pack, answers, route), lambda: known_rule(load_pack(pack), rule))
    with output.patience("working", lang):
        record = case.record([rule])
    if form == "json":
        from compliance.engine.record import to_json

        output.show(to_json(record))
        return
    from compliance.reports.view import build

    view = build(record, case.pack, lang)
    found = next(iter((*view.findings(), *view.not_applicable)), None)
    if found is None:
        days = {one["rule"]: one["from"] for one in record.get("upcoming", ())}
        output.say(lang, "upcoming" if rule in days else "not-in-force", rule=rule, day=days.get(rule, ""))
        return
    if form == "md":
        from compliance.reports import markdown

        output.show(markdown.render_finding(found, view))
        return
    from compliance.reports import text

    output.show(text.render_finding(found, view, output.paper()))
