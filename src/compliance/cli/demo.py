"""``compliance demo``: the cases that come along, checked as of the days in their expectations."""

from __future__ import annotations

from pathlib import Path

import click

from compliance.cli.verbs import lang_option

FOLDER = Path("demo-reports")
FILES = (("txt", "text"), ("md", "md"), ("json", "json"))


@click.command(short_help="核查随附的案例。Check the cases that come along.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", default=FOLDER, help="报告写到哪里。Where the reports go.")
@lang_option
def demo(out: Path, lang: str) -> None:
    """核查随附的真实案例，与申报文件自身的结论比较，并写出完整报告。Check the real cases that come along, and write the reports.

    例 Example: compliance demo --out demo-reports
    """
    from compliance.cli import output
    from compliance.cli.check import shown
    from compliance.cli.inputs import Case, load_case
    from compliance.cli.words import say
    from compliance.shipped import folder
    from compliance.source import write_text

    make_folder(out)
    written = []
    for case in sorted(path for path in folder("cases").iterdir() if (path / "expected.yaml").is_file()):
        loaded: Case = load_case(case / "filing.yaml", as_of(case / "expected.yaml"))
        record = loaded.record()
        output.show(say("demo-head", lang, code=case.name) + "\n")
        output.show(shown(record, loaded.pack, "text", lang, colour=output.coloured()) + "\n")
        for ending, form in FILES:
            path = out / f"{case.name}.{ending}"
            write_text(path, shown(record, loaded.pack, form, lang))
            written.append(path.name)
    output.show(output.visible(say("demo-written", lang, folder=out.resolve())) + "\n")
    output.show("  " + ", ".join(written) + "\n")
    output.show(say("demo-next", lang) + "\n")
    for line in ("explain cases/300766/filing.yaml working-capital-share --as-of 2025-12-31", "facts missing cases/688327/filing.yaml"):
        output.show(f"  compliance {line}\n")


def as_of(expected: Path) -> str:
    """The day of a case. Raises ``SourceError``."""
    from compliance import source

    node = source.load(expected)
    assert isinstance(node, source.Table)
    day = node.entries["as_of"]
    assert isinstance(day, source.Scalar) and day.text is not None
    return day.text


def make_folder(out: Path) -> None:
    """The folder of the reports, made if it is not there. Raises ``SourceError``."""
    from compliance.source import Place, Problem, SourceError

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError([Problem(Place(str(out)), "file-unwritable", {"reason": error.strerror or "?"})]) from None
