"""``compliance rules``: what a rule book holds, its mistakes, and its own tests."""

from __future__ import annotations

from pathlib import Path

import click

from compliance.cli.verbs import Verbs, lang_option, pack_option


@click.group(cls=Verbs, no_args_is_help=True, short_help="规则库。The rule book.")
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
    from compliance.cli.inputs import known_rule, load_pack
    from compliance.reports import book

    found = load_pack(pack)
    output.show(book.render_rule(known_rule(found, rule), found, lang))


@rules.command(short_help="查错。Mistakes.")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), required=False)
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
    found = load(pack_folder(folder))
    counts = {
        "rules": len(found.rules),
        "parameters": len(found.parameters),
        "readings": len(found.readings),
        "instruments": len(found.instruments),
    }
    output.show(output.visible(say("pack-good", lang, name=found.id, **counts)) + "\n")


@rules.command(short_help="运行规则自带的测试。The tests beside each rule.")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), required=False)
@lang_option
def test(folder: Path | None, lang: str) -> int:
    """运行写在每条规则旁边的测试；有不符合预期的，退出状态为 1。Run the tests that stand beside each rule; 1 if any is off.

    例 Example: compliance rules test rules/cn-refinancing
    """
    from compliance.cli import FAILS, OK, output
    from compliance.cli.inputs import pack_folder
    from compliance.cli.words import say
    from compliance.packs.loading import load
    from compliance.proving.inline import run

    results = list(run(load(pack_folder(folder))))
    bad = [result for result in results if result.faults]
    lines = [say("test-bad", lang, rule=one.rule, name=one.name[lang], text="; ".join(one.faults)) for one in bad]
    lines.append(say("tests-bad" if bad else "tests-good", lang, count=len(results), bad=len(bad)))
    output.show("".join(output.visible(line) + "\n" for line in lines))
    return FAILS if bad else OK
