"""``compliance check``: a filing against the rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from compliance.cli.verbs import filing_options

if TYPE_CHECKING:
    from compliance.packs.book import Pack

FORMATS = ("text", "json", "md", "html")


@click.command(short_help="核查一份申报文件。Check a filing.")
@click.argument("filing", type=click.Path(path_type=Path))
@filing_options
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="输出格式。The form of the output.")
@click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help="写入文件。Write to a file.")
@click.option("--strict", is_flag=True, help="发行条件以外的规则也计入结论。Rules other than conditions count as well.")
def check(
    filing: Path,
    as_of: str | None,
    answers: tuple[Path, ...],
    pack: Path | None,
    route: str | None,
    form: str,
    out: Path | None,
    lang: str,
    strict: bool,
) -> int:
    """核查一份申报文件，逐条给出结论。Check a filing and give a finding for each rule.

    退出状态 Exit status: 0 符合 pass, 1 不符合 fail, 2 输入有误 mistakes, 3 未定 open, 4 程序错误或中断 fault.

    例 Example: compliance check cases/300766/filing.yaml --as-of 2025-12-31 --format md --out report.md
    """
    from compliance.cli import output
    from compliance.cli.inputs import load_case

    output.allow(out, (filing, *answers), lang)
    case = load_case(filing, as_of, pack, answers, route)
    record = case.record()
    output.deliver(shown(record, case.pack, form, lang, strict, output.coloured(out)), out, lang)
    return status(record, strict)


def shown(record: dict[str, Any], pack: Pack, form: str, lang: str, strict: bool = False, colour: bool = False) -> str:
    """A record in one of the forms."""
    if form == "json":
        from compliance.engine.record import to_json

        return to_json(record)
    from compliance.reports.view import Dossier

    dossier = Dossier(record, pack, lang, strict)
    if form == "html":
        from compliance.reports import html

        return html.render(dossier)
    view = dossier.view()
    if form == "md":
        from compliance.reports import markdown

        return markdown.render(view)
    from compliance.reports import text

    return text.render(view, colour)


def status(record: dict[str, Any], strict: bool = False) -> int:
    """The exit status that a record asks for."""
    from compliance.cli import FAILS, OK, OPEN
    from compliance.engine.record import overall

    return {"fail": FAILS, "judgement": OPEN, "missing": OPEN}.get(overall(record.get("findings", []), strict), OK)
