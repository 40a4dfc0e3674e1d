"""``compliance init``: a form that asks for the facts that a route and a board need, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from compliance.cli.verbs import PATH, as_of_option, lang_option, pack_option

if TYPE_CHECKING:
    from compliance.packs.book import Pack

SCHEMA_FILE = "filing.schema.json"


@click.command()
@click.argument("code", default="", metavar="CODE")
@click.option("--route", default="", metavar="KIND", help="路径，即规则库 routes 所指字段的值。The route.")
@click.option("--board", default="", metavar="BOARD", help="板块（规则库区分板块的）。The board, where the rule book knows any.")
@click.option("--format", "form", type=click.Choice(("yaml", "xlsx")), default="yaml", help="填报表的格式。The form's format.")
@click.option("--out", type=PATH, metavar="PATH", help="写到哪里。Where it goes.")
@as_of_option
@lang_option
@pack_option
def init(code: str, route: str, board: str, form: str, out: Path | None, as_of: str | None, lang: str, pack: Path | None) -> None:
    """生成填报表，只列出该路径和板块需要的事实，填好后直接核查。A form with the facts needed, to fill in and check.

    例 Example: compliance init 300766 --route auction --board chinext --format xlsx --out 300766.xlsx
    """
    from compliance.cli import output
    from compliance.cli.inputs import asking, bare, day_of, load_pack, pack_folder, together

    _, _, day, (book, known, filing) = together(
        lambda: named(out, form, lang),
        lambda: output.allow(out, (pack_folder(pack),), lang),
        lambda: day_of(as_of),
        lambda: bare(load_pack(pack), code, board, route),
    )
    wanted = asking(book, filing, day)
    if form == "yaml":
        from compliance.intake import blank

        text = blank.write(book.vocabulary, book.id, wanted, known, SCHEMA_FILE)
        output.deliver(text, out, lang)
        if out is not None:
            schema_beside(out, book, lang)
        return
    from compliance.intake import workbook
    from compliance.intake.rows import shown
    from compliance.intake.sheets import SINGLES

    assert out is not None
    words = book.vocabulary
    rows = {SINGLES: [{"path": path, "value": shown(text, words.root.fields[path], words)} for path, text in known.items()]}
    output.deliver_bytes(workbook.write(words, book.id, rows, wanted), out, lang)


def named(out: Path | None, form: str, lang: str) -> None:
    """Raise ``SourceError`` where a form would go into a file of another kind's name, or into one that is there."""
    from compliance.cli.words import say
    from compliance.source import Place, Problem, SourceError, is_file

    problems = []
    if form == "xlsx" and (out is None or out.suffix.lower() != ".xlsx"):
        problems.append(Problem(Place("--out"), "usage", {"reason": say("form-out", lang)}))
    if form == "yaml" and out is not None and out.suffix.lower() not in (".yaml", ".yml"):
        problems.append(Problem(Place("--out"), "usage", {"reason": say("form-yaml", lang)}))
    if out is not None and is_file(out):
        problems.append(Problem(Place(str(out)), "out-taken", {"reason": say("form-there", lang)}))
    if problems:
        raise SourceError(problems)


def schema_beside(out: Path, book: Pack, lang: str) -> None:
    """The JSON Schema beside the form, where its first line leads an editor; one that is there stays."""
    import json

    from compliance.cli import output
    from compliance.facts.schema import json_schema

    path = out.parent / SCHEMA_FILE
    if not path.exists():
        output.deliver(json.dumps(json_schema(book.vocabulary, book.id), ensure_ascii=False, indent=1) + "\n", path, lang)
