"""``compliance facts locate`` and ``facts verify``: where a filing's figures stand in its documents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from compliance.cli.verbs import PATH, lang_option, pack_option

if TYPE_CHECKING:
    from compliance.evidence.index import Index
    from compliance.facts.filing import Filing

documents_option = click.option(
    "--documents",
    "folder",
    type=PATH,
    metavar="DIR",
    required=True,
    help="存放文件的文件夹，文件名为文件编号或标题。The folder of the documents, each named by its id or title.",
)


@click.command(short_help="在文件中查找各项事实的出处。Find where the facts stand.")
@click.argument("filing", type=PATH)
@documents_option
@click.option("--all", "every", is_flag=True, help="已有出处的事实也列出。Facts that already have a place as well.")
@click.option("--format", "form", type=click.Choice(("yaml", "json")), default="yaml", help="输出格式。The form of the output.")
@lang_option
@pack_option
def locate(filing: Path, folder: Path, every: bool, form: str, lang: str, pack: Path | None) -> None:
    """在文件文本中查找各项事实，提出文件、页、行的建议，由使用者取舍。Propose document, page and line for each fact.

    例 Example: compliance facts locate cases/300766/filing.yaml --documents texts
    """
    from compliance.cli import output
    from compliance.evidence.locate import locate as find
    from compliance.reports.evidence import proposals_json, proposals_yaml

    with output.patience("working", lang):
        loaded, indexes = load(filing, folder, pack)
        found = [one for one in find(loaded, indexes) if every or one.fact.evidence is None]
    output.show(proposals_json(found) if form == "json" else proposals_yaml(found, lang))


@click.command(short_help="核对数字是否在所注出处。Hold the figures against their places.")
@click.argument("filing", type=PATH)
@documents_option
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="输出格式。The form of the output.")
@lang_option
@pack_option
def verify(filing: Path, folder: Path, form: str, lang: str, pack: Path | None) -> int:
    """证明每个数字和日期确实在所注的文件、页、行，单位相符，并列出不符的。Prove that each figure stands where it is said to.

    有不符的，退出码为 1。Exit status 1 where one does not.

    例 Example: compliance facts verify cases/300766/filing.yaml --documents texts
    """
    from compliance.cli import FAILS, OK, output
    from compliance.evidence.verify import WRONG
    from compliance.evidence.verify import verify as check
    from compliance.reports.evidence import verified_json, verified_text

    with output.patience("working", lang):
        loaded, indexes = load(filing, folder, pack)
        found = list(check(loaded, indexes))
    if form == "json":
        output.show(verified_json(found))
    else:
        output.show("".join(output.visible(line) + "\n" for line in verified_text(found, lang)))
    return FAILS if any(one.status in WRONG for one in found) else OK


def load(filing: Path, folder: Path, pack: Path | None) -> tuple[Filing, Mapping[str, Index]]:
    """A filing, and its documents indexed by their ids. Raises ``SourceError`` with the mistakes of all of them."""
    from compliance.cli.inputs import load_filing, load_pack, noted, readable
    from compliance.evidence.documents import find, read
    from compliance.evidence.index import Index
    from compliance.source import Problem, SourceError, listed

    problems: list[Problem] = []
    book = noted(problems, lambda: load_pack(pack))
    loaded = noted(problems, lambda: readable(filing) if book is None else load_filing(filing, book))
    noted(problems, lambda: listed(folder, "documents-folder"))
    if loaded is None or problems:
        raise SourceError(problems)
    indexes: dict[str, Index] = {}
    for name, path in find(folder, loaded.documents).items():
        try:
            indexes[name] = Index(read(name, path))
        except SourceError as error:
            problems += error.problems
    if problems:
        raise SourceError(problems)
    return loaded, indexes
