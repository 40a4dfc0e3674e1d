"""``compliance check``: a filing against the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from compliance.cli.verbs import PATH, filing_options
from compliance.packs.book import PARTIES
from compliance.reports.forms import FORMS

if TYPE_CHECKING:
    from compliance.cli.inputs import Case
    from compliance.packs.book import Pack
    from compliance.reports.dossier import Dossier
    from compliance.source import Problem

ALL = "all"  # every form, and every party's copy
BESIDE = ("routes", "timeline", "difference")  # the records that are shown beside the findings


@click.command()
@click.argument("filing", type=PATH)
@filing_options
@click.option(
    "--format",
    "forms",
    type=click.Choice((*FORMS, ALL)),
    multiple=True,
    default=("text",),
    help="输出格式，可给几个；all 为全部。The form of the output; may be given several times.",
)
@click.option(
    "--out",
    type=PATH,
    metavar="PATH",
    help="写入文件；给了几种格式时为文件夹。Write to a file; of several forms, into a folder.",
)
@click.option(
    "--with",
    "beside",
    type=PATH,
    metavar="RECORD",
    multiple=True,
    help="一并展示的记录：各路径、时间轴、变化。Records to show beside: routes, timeline, difference.",
)
@click.option(
    "--party",
    "parties",
    type=click.Choice(PARTIES),
    multiple=True,
    help="Word 文件给谁用，可给几个，默认保荐人。Whose copy, of docx; the sponsor's if left out.",
)
@click.option("--full", is_flag=True, help="一并计算并展示各路径和时间轴。Work out the routes and the timeline too, and show them.")
@click.option("--texts", type=PATH, metavar="DIR", help="条文原文所在的文件夹。The official wording, brought by you.")
@click.option("--strict", is_flag=True, help="条件以外的规则也计入结论。Rules other than conditions count as well.")
def check(
    filing: Path,
    as_of: str | None,
    answers: tuple[Path, ...],
    pack: Path | None,
    route: str | None,
    forms: tuple[str, ...],
    out: Path | None,
    lang: str,
    beside: tuple[Path, ...],
    parties: tuple[str, ...],
    full: bool,
    texts: Path | None,
    strict: bool,
) -> int:
    """核查一份申报文件，逐条给出结论。Check a filing and give a finding for each rule.

    退出状态 Exit status: 0 符合 pass, 1 不符合 fail, 2 输入有误 mistakes, 3 未定 open, 4 程序错误或中断 fault.

    例 Example: compliance check cases/300766/filing.yaml --as-of 2025-12-31 --format html --format docx --out reports
    """
    from compliance.cli import output
    from compliance.cli.inputs import load_case, noted, pack_folder
    from compliance.reports import forms as known
    from compliance.source import SourceError

    asked = tuple(FORMS if ALL in forms else dict.fromkeys(forms))
    copies = tuple(dict.fromkeys(parties)) or (PARTIES if ALL in forms else PARTIES[:1])
    several = len(asked) > 1 or len(copies) > 1
    inputs = (filing, *answers, *beside, pack_folder(pack), *([texts] if texts is not None else []))
    problems: list[Problem] = []
    noted(problems, lambda: demand(asked, copies if parties else (), out, texts, full or bool(beside), lang))
    noted(problems, lambda: output.allow(None if several else out, inputs, lang))
    with output.patience("checking", lang):
        case = noted(problems, lambda: load_case(filing, as_of, pack, answers, route))
        others = noted(problems, lambda: brought(case, pack, beside, texts))
        if problems or case is None or others is None:
            raise SourceError(problems)
        dossier = dossier_of(case, lang, strict, full, others)
        if several:
            assert out is not None
            made = known.files(dossier, asked, copies, known.stem_of(dossier, filing.stem))
            whole = {out / name: data for name, data in made.items()}
        else:
            one = known.render(dossier, asked[0], copies[0], output.paper(out))
    if several:
        output.deliver_several(whole, inputs, lang)
    elif isinstance(one, bytes):
        assert out is not None
        output.deliver_bytes(one, out, lang)
    else:
        output.deliver(one, out, lang)
    return status(dossier.record, strict)


def demand(forms: Sequence[str], parties: Sequence[str], out: Path | None, texts: Path | None, brings: bool, lang: str) -> None:
    """Raise ``SourceError`` for forms that need a file or a folder and have none, and a usage error for what no form has."""
    from os.path import exists

    from compliance.cli.words import say
    from compliance.reports.forms import BINARY, SHOWING, WORDED, lacking
    from compliance.source import Place, Problem, SourceError, is_folder

    if parties and "docx" not in forms:
        raise click.UsageError(say("party-docx", lang), click.get_current_context(silent=True))
    if brings and not set(forms) & set(SHOWING):
        raise click.UsageError(say("beside-forms", lang, forms=" / ".join(SHOWING)), click.get_current_context(silent=True))
    if texts is not None and not set(forms) & set(WORDED):
        raise click.UsageError(say("texts-forms", lang), click.get_current_context(silent=True))
    problems = [Problem(Place(f"--format {form}"), "extra-needed", {"extra": "office"}) for form in forms if lacking(form)]
    several = len(forms) > 1 or len(parties) > 1
    if several and (out is None or (exists(out) and not is_folder(out))):
        problems.append(Problem(Place("--out" if out is None else str(out)), "out-folder"))
    elif out is None:
        problems += [Problem(Place(f"--format {form}"), "out-needed") for form in forms if form in BINARY]
    if problems:
        raise SourceError(problems)


def dossier_of(case: Case, lang: str, strict: bool, full: bool, others: Mapping[str, Any]) -> Dossier:
    """All that the reports of a case show: the findings and the others beside them, by name."""
    from compliance.reports.dossier import Dossier

    places = {path: fact.place for path, fact in case.filing.facts.items()}
    return Dossier(case.record(), case.pack, lang, strict, places=places, **{**(case.beside() if full else {}), **others})


def brought(case: Case | None, pack: Path | None, beside: tuple[Path, ...], texts: Path | None) -> dict[str, Any]:
    """What the user brings to show beside the findings: records, by name, and the official wording.

    Raises ``SourceError`` with every mistake in it, as far as it shows where there is no case.
    """
    from compliance.cli.inputs import load_pack, together
    from compliance.engine.record import head

    own = None if case is None else head(case.machine, case.filing, case.as_of, "")
    records, wording = together(
        lambda: beside_of(beside, own),
        lambda: {} if texts is None else texts_of(texts, load_pack(pack) if case is None else case.pack),
    )
    return {**records, **wording}


def texts_of(folder: Path, pack: Pack) -> dict[str, Any]:
    """The official wording in a folder, by name. Raises ``SourceError``."""
    from compliance.packs.texts import load

    return {"texts": load(folder, pack)}


def beside_of(paths: Sequence[Path], record: Mapping[str, Any] | None) -> dict[str, Any]:
    """The records to show beside the findings, by name.

    Raises ``SourceError`` for what is none, or of another check than that of ``record``, of which the head will do.
    """
    if not paths:
        return {}
    from compliance import records
    from compliance.source import Place, Problem, SourceError

    found: dict[str, Any] = {}
    given: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            name, plain = records.read(path, BESIDE)
        except SourceError as error:
            from compliance.engine.record import SCHEMA  # of an earlier record, which has to be compared before it can be shown

            earlier = any(problem.values.get("text") == SCHEMA for problem in error.problems)
            problems += [Problem(Place(str(path)), "beside-record")] if earlier else error.problems
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
