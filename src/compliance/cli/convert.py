"""``compliance facts convert``: a filing from YAML into a workbook, or from a workbook into YAML, the facts unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from compliance.cli.verbs import PATH, lang_option, pack_option

if TYPE_CHECKING:
    from compliance.packs.book import Pack


@click.command(short_help="在 YAML 与 Excel 之间转换。From YAML to Excel and back.")
@click.argument("filing", type=PATH)
@click.option("--out", type=PATH, metavar="PATH", required=True, help="写到哪里。Where it goes.")
@lang_option
@pack_option
def convert(filing: Path, out: Path, lang: str, pack: Path | None) -> None:
    """把申报事实在 YAML、JSON 和 Excel 填报表之间转换，事实及其指纹不变。The same facts in another form.

    例 Example: compliance facts convert cases/300766/filing.yaml --out 300766.xlsx
    """
    from compliance.cli import output
    from compliance.cli.inputs import load_filing, load_nodes, load_pack, noted, pack_folder, readable
    from compliance.cli.words import say
    from compliance.source import Place, Problem, SourceError, plain

    ending = out.suffix.lower()
    problems: list[Problem] = []
    if ending not in (".xlsx", ".yaml", ".yml", ".json"):
        problems.append(Problem(Place("--out"), "usage", {"reason": say("form-ending", lang)}))
    noted(problems, lambda: output.allow(out, (filing, pack_folder(pack)), lang))
    book = noted(problems, lambda: load_pack(pack))
    noted(problems, lambda: readable(filing) if book is None else load_filing(filing, book))  # told before anything is written
    if problems or book is None:
        raise SourceError(problems)
    node = load_nodes(filing, book)
    if ending == ".xlsx":
        from compliance.intake import rows, workbook

        found = plain(node)
        facts = rows.rows_of(found, book.vocabulary)
        made = workbook.write(book.vocabulary, book.id, facts, wanted(book, found), found.get("as_of") or "")
        output.deliver_bytes(made, out, lang)
        return
    from compliance.facts.writing import to_json, to_yaml

    output.deliver(to_json(node) if ending == ".json" else to_yaml(node), out, lang)


def wanted(book: Pack, found: dict[str, Any]) -> set[tuple[str, str]] | None:
    """What a workbook asks for beside what is stated: all that the route and the board need; None, for everything, where one is open."""
    from compliance.cli.inputs import asking, bare, day_of

    code, board, route = (_stated(found, path) for path in ("issuer.code", book.words.get("board", ""), book.route))
    if not (code and route and (board or "board" not in book.words)):
        return None
    _, _, filing = bare(book, code, board, route)
    return asking(book, filing, day_of(found.get("as_of")))


def _stated(found: dict[str, Any], path: str) -> str:
    part, _, name = path.partition(".")
    return str(found.get(part, {}).get(name) or "")
