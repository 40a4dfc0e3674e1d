"""``compliance diff``: what differs between two records, and why."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from compliance.cli.verbs import PATH, lang_option, out_option

if TYPE_CHECKING:
    from compliance.facts.filing import Filing
    from compliance.packs.book import Pack
    from compliance.review.diff import Step


@click.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option("--filings", nargs=2, type=PATH, metavar="OLD NEW", help="两份申报文件，逐项重新核查。Decide again from these.")
@click.option("--packs", nargs=2, type=PATH, metavar="OLD NEW", help="两个规则库文件夹。The folders of both rule books.")
@lang_option
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="输出格式。The form of the output.")
@out_option
def diff(
    old: Path, new: Path, filings: tuple[Path, Path] | None, packs: tuple[Path, Path] | None, lang: str, form: str, out: Path | None
) -> None:
    """比较两份核查记录：哪些结论、测算值、反转条件和所需资料变了，各因何而变。What changed between two records, each with its one cause.

    例 Example: compliance diff v1.json v2.json --filings v1.yaml v2.yaml
    """
    from compliance.cli import output
    from compliance.cli.inputs import pack_folder, together
    from compliance.review.diff import difference, read

    _, _, before, after, cases = together(
        lambda: output.allow(out, (old, new, *(filings or ()), *(packs or (pack_folder(None),))), lang),
        lambda: alone(filings, packs),
        lambda: read(old),
        lambda: read(new),
        lambda: cases_of(filings, packs) if filings is not None else None,
    )
    names = (str(old), str(new))
    with output.patience("working", lang):
        plain, steps = together(
            lambda: difference(before, after, (), names),
            lambda: again([before, after], cases, filings, packs) if filings is not None else None,
        )
    if steps is not None:
        plain = difference(before, after, steps, names)
    if form == "json":
        from compliance.engine.record import to_json

        output.deliver(to_json(plain), out, lang)
        return
    from compliance.cli.inputs import load_pack
    from compliance.reports import difference as report

    pack = cases[0][1] if cases is not None else load_pack(None)  # only its words: what it does not know stays a path
    output.deliver(report.render(plain, pack, lang, output.paper(out)), out, lang)


def alone(filings: tuple[Path, Path] | None, packs: tuple[Path, Path] | None) -> None:
    """Raise ``SourceError`` where rule books are given and no filings to decide again with them."""
    from compliance.source import Place, Problem, SourceError

    if packs is not None and filings is None:
        raise SourceError([Problem(Place("--packs"), "diff-packs")])


def cases_of(filings: tuple[Path, Path], packs: tuple[Path, Path] | None) -> tuple[tuple[Pack, Pack], tuple[Filing, Filing]]:
    """Both rule books, and both filings read with their own. Raises ``SourceError`` with the mistakes of all of them."""
    from compliance.cli.inputs import load_filing, load_pack, noted, readable
    from compliance.source import Problem, SourceError

    problems: list[Problem] = []
    books, found = [], []
    for path, folder in zip(filings, packs or (None, None), strict=True):
        book = noted(problems, partial(load_pack, folder))
        books.append(book)
        found.append(noted(problems, partial(readable, path) if book is None else partial(load_filing, path, book)))
    if problems:
        raise SourceError(problems)
    return (books[0], books[1]), (found[0], found[1])  # type: ignore[return-value]


def again(
    records: list[dict[str, Any]],
    cases: tuple[tuple[Pack, Pack], tuple[Filing, Filing]],
    filings: tuple[Path, Path],
    packs: tuple[Path, Path] | None,
) -> list[Step]:
    """The records on the way from the old to the new: facts first, then the law, then the day; what is left is the program.

    Raises ``SourceError`` where a filing or a pack is not the one that its record was made from.
    """
    from compliance import dates
    from compliance.cli.inputs import load_filing
    from compliance.engine.machine import Machine
    from compliance.engine.record import check
    from compliance.review.diff import Step
    from compliance.source import Place, Problem, SourceError

    books, loaded = cases
    problems = []
    for record, book, folder in zip(records, books, packs or (Path("--packs"), Path("--packs")), strict=True):
        if record["pack"]["sha256"] != book.sha256:
            problems.append(
                Problem(Place(str(folder)), "diff-other-pack", {"found": book.sha256[:12], "expected": record["pack"]["sha256"][:12]})
            )
    for record, filing, path in zip(records, loaded, filings, strict=True):
        if record["facts_sha256"] != filing.sha256:
            problems.append(
                Problem(Place(str(path)), "diff-other-facts", {"found": filing.sha256[:12], "expected": record["facts_sha256"][:12]})
            )
    if problems:
        raise SourceError(problems)
    old_book, new_book = (Machine(book) for book in books)
    days = [dates.parse(record["as_of"]).low for record in records]
    with_old_law = load_filing(filings[1], books[0])
    return [
        Step("engine", check(old_book, loaded[0], days[0])),
        Step("fact", check(old_book, with_old_law, days[0])),
        Step("law", check(new_book, loaded[1], days[0])),
        Step("day", check(new_book, loaded[1], days[1])),
        Step("engine", records[1]),
    ]
