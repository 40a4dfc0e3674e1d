"""Read a pack's folder, check it whole, type its formulas, and give the book or every mistake with its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compliance import vocabulary
from compliance.packs import declared
from compliance.packs.book import Pack, assemble
from compliance.packs.draft import Draft
from compliance.packs.folder import content_hash, read, read_tests
from compliance.packs.formulas import check_formulas
from compliance.source import Place, SourceError, Unreadable


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
    draft = Draft(name, fine, tests is not None)
    base = {file: data for file, data in files.items() if "/" in file}
    for file, data in base.items():
        draft.take(file, data)
    if base:
        draft.extended()
    for file, data in files.items():
        if file not in base:
            draft.take(f"{name}/{file}", data)
    for file, data in (tests or {}).items():
        draft.take_tests(file, data)
    if base and not draft.problems:
        draft.house()
    if not draft.problems:
        draft.order_chapters()
        _resolve(draft)
    if draft.problems:
        raise SourceError(sorted(draft.problems, key=lambda problem: problem.place))
    law = content_hash({file.partition("/")[2]: data for file, data in base.items()}) if base else ""
    return {**_checked(draft, content_hash(files)), "base_sha256": law}


def _resolve(draft: Draft) -> None:
    """Check the parts against each other and type every formula."""
    for name in ("id", "version", "title", "disclaimer", "routes"):
        if name not in draft.single:
            draft.wrong(Place(f"{draft.name}/pack.yaml"), "pack-without", name=name)
    declared.check_vocabulary(draft)
    if draft.problems:
        return
    plain = {name: draft.part(name) for name in ("kinds", "questions", "entities", "filing")}
    try:
        draft.words = vocabulary.build(plain)
    except Unreadable as error:
        draft.wrong(Place("facts.yaml"), error.code, **error.values)
        return
    declared.check_instruments(draft)
    declared.check_parameters(draft)
    declared.check_readings(draft)
    declared.check_days(draft)
    declared.check_calendar(draft)
    check_formulas(draft)


def _checked(draft: Draft, sha256: str) -> dict[str, Any]:
    """The pack as plain data that ``book.assemble`` takes."""
    terms = {f"{entity}.{name}": {**form, "tree": None} for entity, forms in draft.part("terms").items() for name, form in forms.items()}
    return {
        "id": draft.single["id"],
        "version": draft.single["version"],
        "sha256": sha256,
        "title": draft.single["title"],
        "disclaimer": draft.single["disclaimer"],
        "route": draft.single["routes"]["path"],
        "days": draft.part("days"),
        "words": draft.part("words"),
        "chapters": draft.titles(),
        "vocabulary": {
            "kinds": draft.part("kinds"),
            "questions": draft.part("questions"),
            "entities": {name: _slim(form, "fields") for name, form in draft.part("entities").items()},
            "filing": {name: _stated(form) for name, form in draft.part("filing").items()},
        },
        "instruments": draft.part("instruments"),
        "parameters": draft.part("parameters"),
        "readings": draft.part("readings"),
        "terms": terms,
        "measures": draft.part("measures"),
        "open_when": draft.single["open_when"],
        "trees": draft.forest.to_json(),
        "rules": draft.rules,
        "conclusions": draft.conclusions,
        "out_of_scope": draft.out_of_scope,
        "catalogue": draft.part("catalogue"),
        "equivalent": draft.equivalent,
        "drafts": draft.part("drafts"),
        "variables": draft.part("variables"),
    }


def _stated(form: Mapping[str, Any]) -> dict[str, Any]:
    """A form without what it leaves out."""
    return {name: value for name, value in form.items() if value not in (None, False, [])}


def _slim(form: Mapping[str, Any], inner: str) -> dict[str, Any]:
    """A form with named forms inside, all without what they leave out."""
    return {**_stated(form), inner: {name: _stated(part) for name, part in form[inner].items()}}


__all__ = ["check", "load", "read"]
