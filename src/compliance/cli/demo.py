"""``compliance demo``: the cases that come along, checked as of the days in their expectations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from compliance.cli.verbs import lang_option

FOLDER = Path("demo-reports")
WRITTEN = ("html", "docx", "xlsx", "text", "md", "json")  # the forms that are written


@click.command()
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", default=FOLDER, help="报告写到哪里。Where the reports go.")
@lang_option
def demo(out: Path, lang: str) -> None:
    """核查随附的真实案例，与申报文件自身的结论比较，并写出完整报告。Check the real cases that come along, and write the reports.

    例 Example: compliance demo --out demo-reports
    """
    from compliance.cli import output
    from compliance.cli.inputs import Case, load_case
    from compliance.cli.words import say
    from compliance.packs.book import PARTIES
    from compliance.reports import forms, text
    from compliance.reports.dossier import Dossier
    from compliance.shipped import folder
    from compliance.source import make_folder, write_several

    make_folder(out)
    able = [form for form in WRITTEN if not forms.lacking(form)]
    written: list[str] = []
    hints: list[str] = []
    for path in sorted(path for path in folder("cases").iterdir() if (path / "expected.yaml").is_file()):
        case: Case = load_case(path / "filing.yaml", as_of(path / "expected.yaml"))
        record = case.record()
        others = case.beside()
        dossier = Dossier(record, case.pack, lang, routes=others["routes"], timeline=others["timeline"])
        output.show(say("demo-head", lang, code=path.name) + "\n")
        output.show(text.render_brief(dossier.view(), output.paper()) + "\n")
        made = forms.files(dossier, able, PARTIES[:1], path.name)
        write_several({out / name: data for name, data in made.items()})
        written += made
        hints.append(hint(path / "filing.yaml", record))
    output.show(output.visible(say("demo-written", lang, folder=out.resolve())) + "\n")
    output.show("  " + ", ".join(written) + "\n")
    if len(able) < len(WRITTEN):
        output.show(say("demo-office", lang) + "\n")
    output.show(say("demo-next", lang) + "\n")
    output.show("".join(output.visible(f"  compliance {line}") + "\n" for line in hints))


def hint(filing: Path, record: dict[str, Any]) -> str:
    """The command that shows most about a case: its first fragile pass explained, else what it lacks."""
    shown = filing.relative_to(Path.cwd()) if filing.is_relative_to(Path.cwd()) else filing
    for found in record.get("findings", ()):
        if found["verdict"] == "pass" and not found.get("robust"):
            return f"explain {shown} {found['rule']} --as-of {record['as_of']}"
    return f"facts missing {shown} --as-of {record['as_of']}"


def as_of(expected: Path) -> str:
    """The day of a case. Raises ``SourceError``."""
    from compliance import source

    node = source.load(expected)
    assert isinstance(node, source.Table)
    day = node.entries["as_of"]
    assert isinstance(day, source.Scalar) and day.text is not None
    return day.text
