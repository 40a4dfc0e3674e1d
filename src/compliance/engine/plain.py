"""Plain data as a record holds it: nothing empty in it, and each place written once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance.facts.filing import Evidence, Fact, Filing

Plain = dict[str, Any]
_NESTED = (dict, list, tuple)
_NUMBERED = ("page", "line")  # of a place, written as numbers where they are


def without_empty(plain: Any) -> Any:
    """Plain data without empty texts, lists and tables, and without None: an absent key means none."""
    if isinstance(plain, dict):
        found = {}
        for key, value in plain.items():
            kept = without_empty(value) if isinstance(value, _NESTED) else value
            if kept or kept == 0:  # False as well: it says something
                found[key] = kept
        return found
    if isinstance(plain, (list, tuple)):
        return [without_empty(value) if isinstance(value, _NESTED) else value for value in plain]
    return plain


def kept(plain: Mapping[str, Any]) -> Plain:
    """One table of a record without what is empty in it; what is nested holds nothing empty already."""
    return {key: value for key, value in plain.items() if value or value == 0}


class Places:
    """The places of a record, each written once and referred to by its position."""

    def __init__(self) -> None:
        self.listed: list[Plain] = []
        self._known: dict[Evidence, int] = {}
        self._seen: dict[int, int] = {}  # the same by identity: many facts share one evidence
        self._facts: dict[str, Plain] = {}
        self._read: dict[int, list[Plain]] = {}

    def of(self, evidence: Evidence | None) -> int | None:
        """The position of a place, entered if it is new."""
        if evidence is None:
            return None
        found = self._seen.get(id(evidence))
        if found is None:
            found = self._known.get(evidence)
            if found is None:
                found = self._known[evidence] = len(self.listed)
                self.listed.append(_place(evidence))
            self._seen[id(evidence)] = found
        return found

    def facts(self, filing: Filing, marks: int) -> list[Plain]:
        """The stated facts of these marks with their places; many findings read the same."""
        found = self._read.get(marks)
        if found is None:
            known = self._facts
            found = self._read[marks] = [known.get(fact.path) or self._fact(fact) for fact in filing.marked(marks)]
        return [*found]

    def _fact(self, fact: Fact) -> Plain:
        """A stated fact with its place, written once for all findings that read it."""
        path, _, _, text, evidence, *_ = fact
        found: Plain = {"path": path}
        self._facts[path] = found
        if text:
            found["value"] = text
        if evidence is not None:
            place = self._seen.get(id(evidence))
            found["place"] = self.of(evidence) if place is None else place
        return found


def _place(evidence: Evidence) -> Plain:
    place: Plain = {name: text for name, text in zip(Evidence._fields, evidence, strict=True) if text}
    for name in _NUMBERED:
        text = place.get(name)
        if text is not None and text.isdecimal():
            place[name] = int(text)
    return place
