"""``compliance demo``: the cases that come along, checked as of the days in their expectations."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from compliance.cli.verbs import PATH, lang_option

FOLDER = Path("demo-reports")
WRITTEN = ("html", "docx", "xlsx", "text", "md", "json")  # the forms that are written


@click.command()
@click.option("--out", type=PATH, metavar="DIR", default=FOLDER, help="报告写到哪里。Where the reports go.")
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
    from compliance.reports.view import viewed
    from compliance.shipped import folder
    from compliance.source import make_folder, write_several

    make_folder(out)
    able = [form for form in WRITTEN if not forms.lacking(form)]
    shown: list[tuple[Path, dict[str, Any]]] = []
    output.show(text.finish([(0, say("demo-what", lang), "")], output.paper()))
    for path in sorted(path for path in folder("cases").iterdir() if (path / "expected.yaml").is_file()):
        case: Case = load_case(path / "filing.yaml", as_of(path / "expected.yaml"))
        record = case.record()
        others = case.beside()
        dossier = Dossier(record, case.pack, lang, routes=others["routes"], timeline=others["timeline"])
        output.show(f"\n{title(path, lang)}\n")
        output.show(text.render_brief(viewed(dossier), output.paper()))
        made = forms.files(dossier, able, PARTIES[:1], path.name)
        write_several({out / name: data for name, data in made.items()})
        shown.append((near(path / "filing.yaml"), record))
    output.show("\n" + output.visible(say("demo-written", lang, folder=out.resolve())) + "\n")
    output.show("".join(f"  .{forms.FORMS[form].ending:<5} {say(f'demo-{form}', lang)}\n" for form in able))
    if len(able) < len(WRITTEN):
        output.show(say("demo-office", lang) + "\n")
    output.show("\n" + "".join(output.visible(line) + "\n" for line in hints(shown, lang)))


def hints(shown: list[tuple[Path, dict[str, Any]]], lang: str) -> Iterator[str]:
    """The commands to go on with: one finding taken apart, the routes of its filing, what another lacks, and a filing of one's own."""
    from compliance.cli.words import say

    called = command()
    path, record, rule = telling(shown)
    yield say("demo-next", lang)
    yield f"  {called} explain {path} {rule} --as-of {record['as_of']}"
    yield f"  {called} routes {path} --as-of {record['as_of']}"
    yield f"  {called} facts missing {path} --as-of {record['as_of']}"
    yield say("demo-own", lang)
    yield f"  {called} init 300999 --route auction --board chinext --out form.yaml"
    yield f"  {called} check form.yaml"


def telling(shown: list[tuple[Path, dict[str, Any]]]) -> tuple[Path, dict[str, Any], str]:
    """The case and the rule that show most: of the passes that hang on judgement the one that most sets of answers turn."""
    found = [(path, record, one) for path, record in shown for one in record.get("findings", ())]
    fragile = [entry for entry in found if entry[2]["verdict"] == "pass" and not entry[2].get("robust")]
    path, record, one = max(fragile or found, key=lambda entry: ("ratio" in entry[2], len(entry[2].get("flips", ()))))
    return path, record, one["rule"]


def title(case: Path, lang: str) -> str:
    """A case by the heading of its page in a language, which says what it teaches."""
    lines = (case / "README.md").read_text(encoding="utf-8").splitlines()
    zh, en = [line.removeprefix("# ") for line in lines if line.startswith("# ")]
    return en if lang == "en" else zh


def near(path: Path) -> Path:
    """A path as it is typed from here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def command() -> str:
    """How the program is called from here: by its name where the shell finds it, else by the path under which it was called."""
    called = Path(sys.argv[0])
    found = shutil.which("compliance")
    if called.name != "compliance" or (found and called.exists() and Path(found).samefile(called)):
        return "compliance"
    return str(near(called.absolute()))


def as_of(expected: Path) -> str:
    """The day of a case. Raises ``SourceError``."""
    from compliance import source

    node = source.load(expected)
    assert isinstance(node, source.Table)
    day = node.entries["as_of"]
    assert isinstance(day, source.Scalar) and day.text is not None
    return day.text
