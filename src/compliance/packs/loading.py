"""Read a pack's folder, check it whole, type its formulas, and give the book or every mistake with its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compliance import vocabulary
from compliance.packs import declared
from compliance.packs.book import Pack, assemble
from compliance.packs.folder import content_hash, read, read_tests
from compliance.packs.formulas import check_formulas
from compliance.packs.manuscript import Manuscript
from compliance.source import Place, SourceError


def load(folder: Path, fine: bool = False) -> Pack:
    """The book in a folder, with the tests of its rules. Raises ``SourceError`` with every mistake found.

    With ``fine`` a parameter is held at the whole scale of its type, within bounds a little wider than its values: whoever
    tries others in their place needs the room. The verdicts are the same.
    """
    return assemble(check(read(folder), folder.name, fine, read_tests(folder)))


def check(files: Mapping[str, bytes], name: str, fine: bool = False, tests: Mapping[str, bytes] | None = None) -> dict[str, Any]:
    """A pack's files as checked plain data (see ``book.assemble``). Raises ``SourceError`` with every mistake found.

    ``tests`` are the files of tests that stand beside; where there are none given, the book is one without tests.
    """
    manuscript = Manuscript(name, fine, tests is not None)
    base = {file: data for file, data in files.items() if "/" in file}
    for file, data in base.items():
        manuscript.take(file, data)
    if base:
        manuscript.extended()
    for file, data in files.items():
        if file not in base:
            manuscript.take(f"{name}/{file}", data)
    for file, data in (tests or {}).items():
        manuscript.take_tests(file, data)
    if not manuscript.torn:
        if base:
            manuscript.house()
        manuscript.order_chapters()
        _resolve(manuscript)
    if manuscript.problems:
        raise SourceError(sorted(manuscript.problems, key=lambda problem: problem.place))
    law = content_hash({file.partition("/")[2]: data for file, data in base.items()}) if base else ""
    return {**_checked(manuscript, content_hash(files)), "base_sha256": law}


def _resolve(manuscript: Manuscript) -> None:
    """Check the parts against each other and type every formula."""
    for name in ("id", "version", "title", "disclaimer", "routes"):
        if name not in manuscript.single:
            manuscript.wrong(Place(f"{manuscript.name}/pack.yaml"), "pack-without", name=name)
    declared.check_vocabulary(manuscript)
    manuscript.words = vocabulary.build({name: manuscript.part(name) for name in ("kinds", "questions", "entities", "filing")})
    declared.check_instruments(manuscript)
    declared.check_parameters(manuscript)
    declared.check_readings(manuscript)
    declared.check_days(manuscript)
    declared.check_totals(manuscript)
    declared.check_calendar(manuscript)
    check_formulas(manuscript)


def _checked(manuscript: Manuscript, sha256: str) -> dict[str, Any]:
    """The pack as plain data that ``book.assemble`` takes."""
    terms = {
        f"{entity}.{name}": {**form, "tree": None} for entity, forms in manuscript.part("terms").items() for name, form in forms.items()
    }
    return {
        "id": manuscript.single["id"],
        "version": manuscript.single["version"],
        "sha256": sha256,
        "title": manuscript.single["title"],
        "disclaimer": manuscript.single["disclaimer"],
        "route": manuscript.single["routes"]["path"],
        "days": manuscript.part("days"),
        "words": manuscript.part("words"),
        "forces": manuscript.single.get("forces") or {},
        "signatures": manuscript.single.get("signatures") or {},
        "chapters": manuscript.titles(),
        "vocabulary": {
            "kinds": manuscript.part("kinds"),
            "questions": manuscript.part("questions"),
            "entities": {name: _slim(form, "fields") for name, form in manuscript.part("entities").items()},
            "filing": {name: _stated(form) for name, form in manuscript.part("filing").items()},
        },
        "instruments": manuscript.part("instruments"),
        "parameters": manuscript.part("parameters"),
        "readings": manuscript.part("readings"),
        "terms": terms,
        "measures": manuscript.part("measures"),
        "open_when": manuscript.single["open_when"],
        "trees": manuscript.forest.to_json(),
        "rules": manuscript.rules,
        "conclusions": manuscript.conclusions,
        "out_of_scope": manuscript.out_of_scope,
        "catalogue": manuscript.part("catalogue"),
        "equivalent": manuscript.equivalent,
        "drafts": manuscript.part("drafts"),
        "variables": manuscript.part("variables"),
    }


def _stated(form: Mapping[str, Any]) -> dict[str, Any]:
    """A form without what it leaves out."""
    return {name: value for name, value in form.items() if value not in (None, False, [])}


def _slim(form: Mapping[str, Any], inner: str) -> dict[str, Any]:
    """A form with named forms inside, all without what they leave out."""
    return {**_stated(form), inner: {name: _stated(part) for name, part in form[inner].items()}}
