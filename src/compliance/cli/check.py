"""``compliance check``: a filing against the rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from compliance.cli.verbs import filing_options, out_option

if TYPE_CHECKING:
    from compliance.facts.filing import Filing
    from compliance.packs.book import Pack

FORMATS = ("text", "json", "md", "html", "docx", "xlsx", "csv", "junit", "sarif")
FILES = ("docx", "xlsx")  # forms that are no text and go into a file only
WORDED = ("md", "html")  # forms that set the official wording beside the restatement
COPIES = ("sponsor", "lawyer", "accountant")
RENDERERS = {"md": "markdown", "html": "html", "csv": "csv", "junit": "junit", "sarif": "sarif"}
WHOLE = ("html", "junit", "sarif")  # forms that need more than the view in one language
BESIDE = ("routes", "timeline", "difference")  # the records that are shown beside the findings


@click.command()
@click.argument("filing", type=click.Path(path_type=Path))
@filing_options
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="输出格式。The form of the output.")
@out_option
@click.option(
    "--with",
    "beside",
    type=click.Path(path_type=Path),
    metavar="RECORD",
    multiple=True,
    help="一并展示的记录：发行方式、时间轴、变化。Records to show beside: routes, timeline, difference.",
)
@click.option("--party", type=click.Choice(COPIES), help="Word 文件给谁用，默认保荐人。Whose copy, of docx; the sponsor's if left out.")
@click.option("--full", is_flag=True, help="一并计算并展示各发行方式和时间轴。Work out the routes and the timeline too, and show them.")
@click.option("--texts", type=click.Path(path_type=Path), metavar="DIR", help="条文原文所在的文件夹。The official wording, brought by you.")
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
    beside: tuple[Path, ...],
    party: str | None,
    full: bool,
    texts: Path | None,
    strict: bool,
) -> int:
    """核查一份申报文件，逐条给出结论。Check a filing and give a finding for each rule.

    退出状态 Exit status: 0 符合 pass, 1 不符合 fail, 2 输入有误 mistakes, 3 未定 open, 4 程序错误或中断 fault.

    例 Example: compliance check cases/300766/filing.yaml --as-of 2025-12-31 --format md --out report.md
    """
    from compliance.cli import output
    from compliance.cli.inputs import load_case, load_pack, noted
    from compliance.engine.record import head
    from compliance.source import Problem, SourceError

    problems: list[Problem] = []
    noted(problems, lambda: output.allow(out, (filing, *answers, *beside), lang))
    noted(problems, lambda: demand(form, out, party, texts, lang))
    with output.patience("checking", lang):
        case = noted(problems, lambda: load_case(filing, as_of, pack, answers, route))
        given = noted(problems, lambda: beside_of(beside, case and head(case.machine, case.filing, case.as_of, "")))
        wording = noted(problems, lambda: texts_of(texts, load_pack(pack) if case is None else case.pack))
        if problems or case is None:
            raise SourceError(problems)
        record = case.record()
        others = {**(case.beside() if full else {}), **(given or {}), **(wording or {})}
        if form in FILES:
            data = file_of(record, case.pack, form, lang, strict, others, party)
        else:
            text = shown(record, case.pack, form, lang, strict, output.coloured(out), case.filing, others)
    if form in FILES:
        assert out is not None
        output.deliver_bytes(data, out, lang)
    else:
        output.deliver(text, out, lang)
    return status(record, strict)


def demand(form: str, out: Path | None, party: str | None, texts: Path | None, lang: str) -> None:
    """Raise ``SourceError`` for a form that needs a file and has none, and a usage error for what a form does not have."""
    from compliance.cli.words import say
    from compliance.source import Place, Problem, SourceError

    if party is not None and form != "docx":
        raise click.UsageError(say("party-docx", lang), click.get_current_context(silent=True))
    if texts is not None and form not in WORDED:
        raise click.UsageError(say("texts-forms", lang), click.get_current_context(silent=True))
    if form in FILES and out is None:
        raise SourceError([Problem(Place(f"--format {form}"), "out-needed")])


def file_of(
    record: dict[str, Any],
    pack: Pack,
    form: str,
    lang: str,
    strict: bool = False,
    beside: Mapping[str, Any] | None = None,
    party: str | None = None,
) -> bytes:
    """A record as a Word document, a party's copy of it, or as a workbook. Raises ``SourceError`` where a library is absent."""
    from compliance.reports.view import Dossier

    dossier = Dossier(record, pack, lang, strict, **(beside or {}))
    if form == "docx":
        from compliance.reports import docx

        return docx.render(dossier, party or COPIES[0])
    from compliance.reports import xlsx

    return xlsx.render(dossier)


def shown(
    record: dict[str, Any],
    pack: Pack,
    form: str,
    lang: str,
    strict: bool = False,
    colour: bool = False,
    filing: Filing | None = None,
    beside: Mapping[str, Any] | None = None,
) -> str:
    """A record in one of the forms, with the records beside it by name; the filing tells where facts are written."""
    if form == "json":
        from compliance.engine.record import to_json

        return to_json(record)
    import importlib

    from compliance.reports.view import Dossier

    places = {path: fact.place for path, fact in filing.facts.items()} if filing is not None else {}
    dossier = Dossier(record, pack, lang, strict, places=places, **(beside or {}))
    if form == "text":
        from compliance.reports import text

        return text.render(dossier.view(brief=True), colour)
    render = importlib.import_module(f"compliance.reports.{RENDERERS[form]}").render
    return str(render(dossier if form in WHOLE else dossier.view()))


def texts_of(folder: Path | None, pack: Pack) -> dict[str, Any]:
    """The official wording that the user brings, if any. Raises ``SourceError``."""
    if folder is None:
        return {}
    from compliance.packs.texts import load

    return {"texts": load(folder, pack)}


def beside_of(paths: tuple[Path, ...], record: Mapping[str, Any] | None) -> dict[str, Any]:
    """The records to show beside the findings, by name.

    Raises ``SourceError`` for what is none, or of another check than that of ``record``, of which the head will do.
    """
    from compliance import records
    from compliance.source import Place, Problem, SourceError

    found: dict[str, Any] = {}
    given: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            name, plain = records.read(path, BESIDE)
        except SourceError as error:
            problems += error.problems
            continue
        if name in given:
            problems.append(Problem(Place(str(path)), "beside-twice", {"other": str(given[name])}))
        elif record is not None and not fits(plain, record):
            problems.append(Problem(Place(str(path)), "beside-other"))
        given.setdefault(name, path)
        found[name] = plain
    if problems:
        raise SourceError(problems)
    return found


def fits(plain: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Whether a record was made from the same facts, rule book and day."""

    def now(value: Any) -> Any:
        return value["new"] if isinstance(value, dict) and "new" in value else value

    pack = plain.get("pack")
    book = pack.get("new", pack.get("sha256")) if isinstance(pack, dict) else None
    same = [now(plain.get(name)) == record[name] for name in ("facts_sha256", "as_of")]
    return all(same) and book == record["pack"]["sha256"]


def status(record: dict[str, Any], strict: bool = False) -> int:
    """The exit status that a record asks for."""
    from compliance.cli import FAILS, OK, STATUS_OPEN
    from compliance.engine.verdict import overall

    return {"fail": FAILS, "judgement": STATUS_OPEN, "missing": STATUS_OPEN}.get(overall(record.get("findings", []), strict), OK)
