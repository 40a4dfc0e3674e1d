"""``compliance facts``: the mistakes in a filing, the form of one, and what is missing from one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from compliance.cli.convert import convert
from compliance.cli.evidence import locate, verify
from compliance.cli.verbs import PATH, Verbs, filing_options, lang_option, out_option, pack_option


@click.group(cls=Verbs, no_args_is_help=True)
def facts() -> None:
    """申报文件：查错、格式、缺项。The filing: its mistakes, its form, what is missing.

    例 Example: compliance facts missing cases/688327/filing.yaml
    """


@facts.command(short_help="只查错，不作结论。Mistakes only.")
@click.argument("filings", metavar="FILING...", type=PATH, nargs=-1, required=True)
@lang_option
@pack_option
def lint(filings: tuple[Path, ...], lang: str, pack: Path | None) -> None:
    """列出申报事实文件中的所有错误，不作结论。Every mistake in the files, without judging them.

    例 Example: compliance facts lint cases/*/filing.yaml
    """
    from compliance.cli import output
    from compliance.cli.inputs import load_filing, load_pack, noted, readable
    from compliance.cli.words import say
    from compliance.source import Problem, SourceError

    problems: list[Problem] = []
    book = noted(problems, lambda: load_pack(pack))
    for path in filings:
        filing = noted(problems, partial(readable, path) if book is None else partial(load_filing, path, book))
        if filing is None:
            continue
        items = sum(1 for name in filing.items if name)
        output.show(output.visible(say("lint-good", lang, name=path, facts=len(filing.facts), items=items)) + "\n")
    if problems:
        raise SourceError(problems)


@facts.command(short_help="申报事实文件的 JSON Schema。The JSON Schema of a filing.")
@lang_option
@pack_option
def schema(lang: str, pack: Path | None) -> None:
    """输出 JSON Schema，编辑器据此补全和解释字段。A JSON Schema, so that an editor completes and explains the fields.

    例 Example: compliance facts schema > filing.schema.json
    """
    import json

    from compliance.cli import output
    from compliance.cli.inputs import load_pack
    from compliance.facts.schema import json_schema

    book = load_pack(pack)
    output.show(json.dumps(json_schema(book.vocabulary, book.id), ensure_ascii=False, indent=1) + "\n")


@facts.command(short_help="还缺什么，由谁提供。What is missing, and who has it.")
@click.argument("filing", type=PATH)
@filing_options
@click.option("--format", "form", type=click.Choice(("text", "json", "xlsx")), default="text", help="输出格式。The form of the output.")
@out_option
def missing(
    filing: Path,
    as_of: str | None,
    answers: tuple[Path, ...],
    pack: Path | None,
    route: str | None,
    form: str,
    out: Path | None,
    lang: str,
) -> None:
    """得出结论还需要什么：由谁提供，通常在哪份文件，能确定哪些规则。What to bring before there is a verdict, and who has it.

    例 Example: compliance facts missing cases/688327/filing.yaml --as-of 2024-04-07 --format xlsx --out needed.xlsx
    """
    from compliance.cli import output
    from compliance.cli.inputs import load_case, pack_folder, together
    from compliance.reports import view, whole

    _, _, case = together(
        lambda: output.allow(out, (filing, *answers, pack_folder(pack)), lang),
        lambda: output.demand_file(out, form) if form == "xlsx" else None,
        lambda: load_case(filing, as_of, pack, answers, route),
    )
    with output.patience("working", lang):
        record = case.record()
    if form == "xlsx":
        from compliance.reports import request

        assert out is not None
        output.deliver_bytes(request.workbook(record, case.pack, lang), out, lang)
    elif form == "json":
        from compliance.engine.record import head, to_json
        from compliance.engine.todo import SCHEMA

        plain = {**head(case.machine, case.filing, case.as_of, SCHEMA), "needs": whole.missing(record, case.pack)}
        output.deliver(to_json(plain), out, lang)
    else:
        from compliance.reports import text

        output.deliver(text.render_todo(view.build(record, case.pack, lang), output.paper(out)), out, lang)


@facts.command(short_help="全部字段的说明页。Pages of all fields.")
@click.option("--out", type=PATH, metavar="DIR", required=True, help="写入的文件夹。The folder to write into.")
@pack_option
def reference(out: Path, pack: Path | None) -> None:
    """为申报材料的每一部分生成字段说明，中英对照。The fields of each part of a filing, in both languages.

    例 Example: compliance facts reference --out docs/facts
    """
    from compliance.cli.inputs import load_pack
    from compliance.proving import pages, reference

    pages.write(out, reference.of(load_pack(pack)), reference.is_page)


facts.add_command(convert)
facts.add_command(locate)
facts.add_command(verify)
