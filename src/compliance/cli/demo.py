"""``compliance demo``: the cases that come along, checked as of the days in their expectations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from compliance.cli.verbs import lang_option

FOLDER = Path("demo-reports")
FILES = (("html", "html"), ("docx", "docx"), ("xlsx", "xlsx"), ("txt", "text"), ("md", "md"), ("json", "json"))
WHOLE = ("html", "docx")  # the forms that show the routes and the timeline as well


@click.command()
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", default=FOLDER, help="报告写到哪里。Where the reports go.")
@lang_option
def demo(out: Path, lang: str) -> None:
    """核查随附的真实案例，与申报文件自身的结论比较，并写出完整报告。Check the real cases that come along, and write the reports.

    例 Example: compliance demo --out demo-reports
    """
    from compliance.cli import output
    from compliance.cli.check import FILES as OFFICE
    from compliance.cli.check import file_of, shown
    from compliance.cli.inputs import Case, load_case
    from compliance.cli.words import say
    from compliance.reports import text
    from compliance.reports.view import build
    from compliance.shipped import folder
    from compliance.source import make_folder, write_bytes, write_text

    make_folder(out)
    forms = [(ending, form) for ending, form in FILES if form not in OFFICE or has_office()]
    written, hints = [], []
    for case in sorted(path for path in folder("cases").iterdir() if (path / "expected.yaml").is_file()):
        loaded: Case = load_case(case / "filing.yaml", as_of(case / "expected.yaml"))
        record = loaded.record()
        output.show(say("demo-head", lang, code=case.name) + "\n")
        output.show(text.render_brief(build(record, loaded.pack, lang), output.coloured()) + "\n")
        others = loaded.beside()
        for ending, form in forms:
            path, beside = out / f"{case.name}.{ending}", others if form in WHOLE else None
            if form in OFFICE:
                write_bytes(path, file_of(record, loaded.pack, form, lang, beside=beside))
            else:
                write_text(path, shown(record, loaded.pack, form, lang, filing=loaded.filing, beside=beside))
            written.append(path.name)
        hints.append(hint(case / "filing.yaml", record))
    output.show(output.visible(say("demo-written", lang, folder=out.resolve())) + "\n")
    output.show("  " + ", ".join(written) + "\n")
    if len(forms) < len(FILES):
        output.show(say("demo-office", lang) + "\n")
    output.show(say("demo-next", lang) + "\n")
    output.show("".join(output.visible(f"  compliance {line}") + "\n" for line in hints))


def has_office() -> bool:
    """Whether the libraries for Word and Excel are installed."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("docx", "xlsxwriter"))


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
