"""The forms of a report: how each is asked for, how its file is called, and which module makes it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from compliance.packs.book import PARTIES
from compliance.reports.dossier import Dossier
from compliance.reports.paper import PLAIN, Paper


class Form(NamedTuple):
    """A form: the ending of its files, the module that makes it, from the whole dossier or one view, and the libraries it needs."""

    ending: str
    module: str
    of: str
    libraries: tuple[str, ...] = ()


FORMS: Mapping[str, Form] = {
    "text": Form("txt", "text", "brief"),
    "json": Form("json", "", "record"),
    "md": Form("md", "markdown", "view"),
    "html": Form("html", "html", "dossier"),
    "docx": Form("docx", "docx", "party", ("docx",)),
    "xlsx": Form("xlsx", "xlsx", "dossier", ("xlsxwriter",)),
    "csv": Form("csv", "csv", "view"),
    "junit": Form("junit.xml", "junit", "dossier"),
    "sarif": Form("sarif", "sarif", "dossier"),
}
BINARY = ("docx", "xlsx")  # forms that are no text and go into a file only
WORDED = ("md", "html", "docx")  # forms that set the official wording beside the restatement
SHOWING = ("text", "md", "html", "docx")  # forms that show routes, days and changes beside the findings
_CODE = re.compile(r"[0-9A-Za-z]{1,20}")


def render(dossier: Dossier, form: str, party: str = PARTIES[0], paper: Paper = PLAIN) -> str | bytes:
    """The dossier in a form of ``FORMS``; a Word document is made for a party. Raises ``SourceError`` where a library is absent."""
    known = FORMS[form]
    if known.of == "record":
        from compliance.engine.record import to_json

        return to_json(dossier.record)
    from compliance.reports.view import viewed

    make = importlib.import_module(f"compliance.reports.{known.module}").render
    made: str | bytes
    match known.of:
        case "brief":
            made = make(viewed(dossier, brief=True), paper)
        case "view":
            made = make(viewed(dossier))
        case "party":
            made = make(dossier, party)
        case _:
            made = make(dossier)
    return made


def files(dossier: Dossier, forms: Iterable[str], parties: Sequence[str], stem: str) -> dict[str, bytes]:
    """The dossier in several forms, by the names of their files; a Word document for each of the parties."""
    made: dict[str, bytes] = {}
    for form in forms:
        for party in parties if FORMS[form].of == "party" else PARTIES[:1]:
            found = render(dossier, form, party)
            made[file_name(stem, form, party)] = found.encode("utf-8") if isinstance(found, str) else found
    return made


def file_name(stem: str, form: str, party: str = PARTIES[0]) -> str:
    """The name of a file: the copies of parties other than the first name them."""
    copy = "" if party == PARTIES[0] else f"-{party}"
    return f"{stem}{copy}.{FORMS[form].ending}"


def stem_of(dossier: Dossier, otherwise: str) -> str:
    """What the files of a dossier are called: by the issuer's code, or ``otherwise`` where it is none."""
    code = str(dossier.record.get("issuer", {}).get("code", ""))
    return code if _CODE.fullmatch(code) else otherwise


def lacking(form: str) -> bool:
    """Whether a library that a form needs is not installed."""
    from importlib.util import find_spec

    return any(find_spec(name) is None for name in FORMS[form].libraries)
