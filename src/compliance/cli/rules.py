"""``compliance rules``: what a rule book holds, its mistakes, and its own tests."""

from __future__ import annotations

from collections.abc import Set
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from compliance.cli.verbs import PATH, Verbs, lang_option, out_option, pack_option

if TYPE_CHECKING:
    from compliance.packs.book import Pack, Rule


@click.group(cls=Verbs, no_args_is_help=True)
def rules() -> None:
    """规则库：清单、查看、查错、测试。The rule book: list, show, lint, test.

    例 Example: compliance rules show working-capital-share
    """


@rules.command("list", short_help="规则清单。The rules.")
@lang_option
@pack_option
def listing(lang: str, pack: Path | None) -> None:
    """规则清单：编号、性质、名称。The rules: id, force and title.

    例 Example: compliance rules list
    """
    from compliance.cli import output
    from compliance.cli.inputs import load_pack
    from compliance.reports import book

    output.show(book.render_list(load_pack(pack), lang))


@rules.command(short_help="查看一条规则。One rule.")
@click.argument("rule")
@lang_option
@pack_option
def show(rule: str, lang: str, pack: Path | None) -> None:
    """一条规则的要求、限额、日期、例外、不同理解和引用。A rule's requirement, limits, dates, exceptions, readings, citations.

    例 Example: compliance rules show working-capital-share
    """
    from compliance.cli import output
    from compliance.cli.inputs import known_rule, load_pack, pack_folder
    from compliance.proving.pages import formulas
    from compliance.reports import book

    found = load_pack(pack, tests=True)
    output.show(book.render_rule(known_rule(found, rule), found, lang, formulas(pack_folder(pack))))


@rules.command(short_help="查错。Mistakes.")
@click.argument("folder", metavar="[DIR]", type=PATH, required=False)
@lang_option
def lint(folder: Path | None, lang: str) -> None:
    """列出规则库中的所有错误。Every mistake in a rule book.

    例 Example: compliance rules lint rules/cn-refinancing
    """
    from compliance.cli import output
    from compliance.cli.inputs import pack_folder
    from compliance.cli.words import say
    from compliance.packs.loading import load

    # Read afresh, not from the cache: whoever asks wants the files looked at.
    with output.patience("working", lang):
        found = load(pack_folder(folder))
    counts = {
        "rules": len(found.rules),
        "parameters": len(found.parameters),
        "readings": len(found.readings),
        "instruments": len(found.instruments),
    }
    output.show(output.visible(say("pack-good", lang, name=found.title[lang], **counts)) + "\n")


@rules.command(short_help="运行规则自带的测试。The tests beside each rule.")
@click.argument("folder", metavar="[DIR]", type=PATH, required=False)
@click.option("--rule", "names", multiple=True, metavar="RULE", help="只看这些规则。Only these rules.")
@click.option("--mutate", is_flag=True, help="逐一改动规则库，看测试能否发现。Change the book in one place at a time: do the tests notice?")
@click.option("--write-boundaries", "write", is_flag=True, help="重新生成临界测试。Make the boundary tests anew.")
@click.option("--out", type=PATH, metavar="PATH", help="改动结果写成表格。Write what --mutate finds as a table.")
@lang_option
def test(folder: Path | None, names: tuple[str, ...], mutate: bool, write: bool, out: Path | None, lang: str) -> int:
    """运行写在每条规则旁边的测试和生成的临界测试，并查每条规则在各日是否恰有一个版本；不符的，退出状态为 1。

    The tests beside each rule, those made of them, and whether every rule has one version on every day (else 1).

    例 Example: compliance rules test rules/cn-refinancing --mutate
    """
    from compliance.cli import FAILS, OK, output
    from compliance.cli.inputs import pack_folder, together
    from compliance.cli.words import say
    from compliance.packs.folder import folders
    from compliance.packs.loading import load
    from compliance.proving import boundaries, render, sweep
    from compliance.proving.inline import run
    from compliance.proving.words import said
    from compliance.source import Place

    where = pack_folder(folder)
    _, (pack, chosen) = together(lambda: output.allow(out, (where,), lang), lambda: _chosen(load(where), names))
    own, *base = folders(where)
    wanted = {rule.id for rule in chosen or pack.rules if chosen or not base or rule.place.startswith(f"{own.name}/")}
    with output.patience("working", lang):
        results = list(run(pack, wanted))
        bad = [result for result in results if result.faults]
        lines = []
        for one in bad:
            place, text = Place(*pack.rule(one.rule).tests[one.number - 1]["at"]), said(fault[lang] for fault in one.faults)[lang]
            lines.append(say("test-bad", lang, place=place, rule=one.rule, name=one.name[lang], text=text))
        lines.append(say("tests-bad" if bad else "tests-good", lang, count=len(results), bad=len(bad)))
        torn = [hole for hole in sweep.holes(pack) if hole.rule in wanted]
        lines += render.sweep_lines(torn, lang)
        missed: list[boundaries.Miss] = []
        if write and not bad:
            lines.append(_write_boundaries(where, wanted, lang))
        else:
            made = {rule: tests for rule, tests in boundaries.load(where).items() if not (names or base) or rule in wanted}
            tried, missed = boundaries.run(pack, made)
            lines += render.boundary_lines(tried, missed, lang)
    if base and not names:
        lines.append(say("tests-left", lang, count=len(pack.rules) - len(wanted), base=base[0]))
    if mutate and not bad:
        lines += _mutate(where, wanted, out, lang)
    output.show("".join(output.visible(line) + "\n" for line in lines))
    return FAILS if bad or torn or missed else OK


def _chosen(pack: Pack, names: tuple[str, ...]) -> tuple[Pack, list[Rule]]:
    """A rule book with those of its rules that are named. Raises ``SourceError``."""
    from compliance.cli.inputs import known_rules

    return pack, known_rules(pack, names)


def _write_boundaries(folder: Path, rules: Set[str], lang: str) -> str:
    from compliance.packs.loading import load
    from compliance.proving import boundaries, mutation, render

    fine = load(folder, fine=True)
    made = mutation.boundaries(fine, fine.equivalent, rules)
    boundaries.write(folder, made, others={rule.id for rule in fine.rules} - rules)
    return render.written_line(sum(len(tests) for tests in made.values()), lang)


def _mutate(folder: Path, rules: Set[str], out: Path | None, lang: str) -> list[str]:
    from compliance.cli import output
    from compliance.packs.loading import load
    from compliance.proving import boundaries, mutation, render

    with output.patience("working", lang):
        fine = load(folder, fine=True)
        score = mutation.Score(tuple(mutation.run(mutation.bench(fine, boundaries.load(folder), rules), fine.equivalent)))
    if out is not None:
        output.deliver(render.mutation_page(score, fine.equivalent), out, lang)
    return render.mutation_lines(score, lang)


@rules.command(short_help="规则目录的覆盖情况。Which rows of the catalogue are covered.")
@click.option("--format", "form", type=click.Choice(("text", "md", "json")), default="text", help="格式。The form.")
@out_option
@lang_option
@pack_option
def coverage(form: str, out: Path | None, lang: str, pack: Path | None) -> int:
    """规则目录每一行是否自动核查、提问或不在范围内；有遗漏的，退出状态为 1。Each row: automated, asked, out of scope, or missing (1).

    例 Example: compliance rules coverage --format md --out docs/coverage.md
    """
    from compliance.cli import FAILS, OK, output
    from compliance.cli.inputs import load_pack, pack_folder, together
    from compliance.proving import coverage, render

    _, book = together(lambda: output.allow(out, (pack_folder(pack),), lang), lambda: load_pack(pack, tests=True))
    with output.patience("working", lang):
        rows = coverage.rows(book)
    output.deliver(render.coverage(rows, form, lang), out, lang)
    return FAILS if any(row.state == coverage.MISSING for row in rows) else OK


@rules.command(short_help="两日或两版之间的差异。What differs between two days or two books.")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="格式。The form.")
@lang_option
@pack_option
def diff(before: str, after: str, form: str, lang: str, pack: Path | None) -> None:
    """两日之间条文的变化，或两个规则库文件夹的差异。What changed between two days of law, or between two folders of rule books.

    例 Example: compliance rules diff 2023-02-17 2026-04-17
    """
    from compliance.cli import output
    from compliance.cli.inputs import load_pack, together
    from compliance.proving import difference, render
    from compliance.source import is_folder

    folders = is_folder(Path(before)), is_folder(Path(after))
    given = list(zip((before, after), folders, strict=True))
    steps = [partial(load_pack, Path(name) if there else pack) for name, there in given]
    old, new, first, last = together(*steps, *(partial(_day_of, name, there) for name, there in given))
    output.show(render.difference(difference.between(old, new, first, last), form, lang))


def _day_of(name: str, folder: bool) -> int | None:
    """The day that an argument gives; None where it names a folder."""
    from compliance.cli.inputs import day_of

    return None if folder else day_of(name, name)


@rules.command(short_help="每条规则一页说明。A page for each rule.")
@click.option("--out", type=PATH, metavar="DIR", required=True, help="写入的文件夹。The folder to write into.")
@pack_option
def pages(out: Path, pack: Path | None) -> None:
    """为每条规则生成一页说明，中英对照。A page for each rule, in both languages.

    例 Example: compliance rules pages --out docs/rules
    """
    from compliance.cli.inputs import load_pack, pack_folder
    from compliance.proving import pages
    from compliance.shipped import folder

    pages.write(out, pages.of(load_pack(pack, tests=True), pack_folder(pack), folder("cases")))
