"""What differs between two records of one issuer, each difference with one cause: a fact, the law, the day, or the program.

Where only the records are at hand, the cause is told from what a finding read, in the order of ``CAUSES``. Where the filings
are at hand as well, everything is decided again with one thing changed at a time, and the cause is the last step that
changed the value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from compliance import records
from compliance.engine.plain import Plain, without_empty
from compliance.source import Place, Problem, SourceError

SCHEMA = "compliance.difference/1"
PARTS = ("finding", "verdict", "robust", "measure", "limit", "headroom", "flips", "needs")
CAUSES = ("fact", "law", "day", "engine")
Record = Mapping[str, Any]


class Step(NamedTuple):
    """A record on the way from the old to the new one, and what was changed to come to it."""

    cause: str
    record: Record


def read(path: Path) -> Plain:
    """A record of findings from its file. Raises ``SourceError`` where it is none."""
    _, plain = records.read(path, ("findings",))
    rules = [found["rule"] for found in plain.get("findings", ())]
    if len(set(rules)) != len(rules):
        raise SourceError([Problem(Place(str(path)), "record-broken", {"path": "findings"})])
    return plain


def difference(old: Record, new: Record, steps: Sequence[Step] = (), names: tuple[str, str] = ("OLD", "NEW")) -> Plain:
    """What differs between two records. ``steps`` are records decided again in between, the last one being the new record.

    Raises ``SourceError`` where the records are of two issuers or packs, or where one was altered: the same facts, law, day
    and program, and yet another result.
    """
    problems = []
    for name, code in (("issuer", "diff-issuer"), ("pack", "diff-pack")):
        ids = [one[name].get("code" if name == "issuer" else "id", "") for one in (old, new)]
        if ids[0] != ids[1]:
            problems.append(Problem(Place(names[1]), code, {"old": ids[0] or "…", "new": ids[1] or "…"}))
    if problems:
        raise SourceError(problems)
    before, after = ({found["rule"]: found for found in record.get("findings", ())} for record in (old, new))
    rules = [*after, *(rule for rule in before if rule not in after)]
    told = _Again(steps, old) if steps else _Compared(old, new)
    found = []
    for rule in rules:
        for part, values in _parts(before.get(rule), after.get(rule)):
            cause = told.cause(rule, part)
            if cause is None:
                raise SourceError([Problem(Place(names[1]), "record-altered", {"name": rule})])
            title = (after.get(rule) or before[rule])["title"]
            found.append({"rule": rule, "title": dict(title), "part": part, **values, "cause": cause})
    record: Plain = {"schema": SCHEMA, "issuer": dict(new["issuer"])}
    for name in ("engine", "facts_sha256", "as_of"):
        record[name] = {"old": _head(old, name), "new": _head(new, name)}
    record["pack"] = {"id": new["pack"]["id"], "old": old["pack"]["sha256"], "new": new["pack"]["sha256"]}
    record["verdict"] = {"old": old["verdict"], "new": new["verdict"]}
    record["method"] = "decided_again" if steps else "compared"
    record["differences"] = found
    plain: Plain = without_empty(record)
    return plain


def _head(record: Record, name: str) -> str:
    """What a record says of the program, the rule book, the facts or the day."""
    inner = {"engine": "version", "pack": "sha256"}.get(name)
    return str(record[name][inner] if inner else record[name])


HEADS: Mapping[str, str] = {"law": "pack", "day": "as_of", "engine": "engine"}  # where a cause stands in the head of a record


# What differs


def _parts(old: Record | None, new: Record | None) -> Iterator[tuple[str, Plain]]:
    """The parts in which two findings of a rule differ, each with what it was and what it is."""
    if old is None or new is None:
        yield "finding", {name: one["verdict"] for name, one in (("old", old), ("new", new)) if one is not None}
        return
    for part in PARTS[1:]:
        a, b = value_of(old, part), value_of(new, part)
        if a == b:
            continue
        if part in ("flips", "needs"):
            a, b = [one for one in a if one not in b], [one for one in b if one not in a]
        yield part, {name: value for name, value in (("old", a), ("new", b)) if value not in (None, [])}


def value_of(found: Record | None, part: str) -> Any:
    """A part of a finding as it is compared: places count for nothing, and the order of sets neither."""
    if found is None:
        return None
    if part == "finding":
        return True
    if part in ("flips", "needs"):
        return sorted(found.get(part, ()), key=lambda one: json.dumps(one, sort_keys=True))
    return found.get(part)


# Why


class _Compared:
    """Causes told from the two records alone."""

    def __init__(self, old: Record, new: Record) -> None:
        self.old = {found["rule"]: found for found in old.get("findings", ())}
        self.new = {found["rule"]: found for found in new.get("findings", ())}
        pairs = {kind: {"old": _head(old, name), "new": _head(new, name)} for kind, name in HEADS.items()}
        self.heads = {kind: pair for kind, pair in pairs.items() if pair["old"] != pair["new"]}
        self.facts_differ = old["facts_sha256"] != new["facts_sha256"]

    def cause(self, rule: str, part: str) -> Plain | None:
        """The one cause of a difference, the nearest first; None where nothing can be.

        A fact or answer that the finding read; the requirement and what it cites; the days of the finding; then what
        differs between the records at all: law, day, program, and last a fact that the finding does not name.
        """
        a, b = self.old.get(rule), self.new.get(rule)
        facts = facts_between(a, b)
        if self.facts_differ and facts:
            return {"kind": "fact", "facts": facts}
        if a is not None and b is not None:
            if "law" in self.heads and _law_of(a) != _law_of(b):
                return {"kind": "law", **self.heads["law"]}
            if "day" in self.heads and a.get("days") != b.get("days"):
                return {"kind": "day", **self.heads["day"]}
        for kind in CAUSES[1:]:
            if kind in self.heads:
                return {"kind": kind, **self.heads[kind]}
        return {"kind": "fact"} if self.facts_differ else None


class _Again:
    """Causes told by what was decided again, one thing changed at a time."""

    def __init__(self, steps: Sequence[Step], old: Record) -> None:
        self.steps = [Step("", old), *steps]
        self.findings = [{found["rule"]: found for found in step.record.get("findings", ())} for step in self.steps]

    def cause(self, rule: str, part: str) -> Plain | None:
        """The last step that changed the value: with it the difference came to what it is."""
        values = [value_of(found.get(rule), part) for found in self.findings]
        for index in range(len(values) - 1, 0, -1):
            if values[index] != values[index - 1]:
                return self.told(index, rule)
        return None

    def told(self, index: int, rule: str) -> Plain | None:
        """A step as a cause; None where nothing was changed in it, and yet something came out otherwise."""
        kind, old, new = self.steps[index].cause, self.steps[index - 1].record, self.steps[index].record
        if kind == "fact":
            return {"kind": kind, "facts": facts_between(self.findings[index - 1].get(rule), self.findings[index].get(rule))}
        pair = {"old": _head(old, HEADS[kind]), "new": _head(new, HEADS[kind])}
        return {"kind": kind, **pair} if pair["old"] != pair["new"] else None


def facts_between(old: Record | None, new: Record | None) -> list[Plain]:
    """The facts and answers that two findings read differently, by path; nothing where one finding is not there."""
    if old is None or new is None:
        return []
    a, b = _said(old), _said(new)
    return [{"path": path, "old": a.get(path), "new": b.get(path)} for path in {**a, **b} if a.get(path) != b.get(path)]


def _said(found: Record) -> dict[str, str]:
    """What a finding read: facts by path, and what was answered to questions of law and by whom."""
    said = {fact["path"]: str(fact["value"]) for fact in found.get("facts", ())}
    for question in found.get("questions", ()):
        if question["kind"] == "reading":
            said[question["id"]] = str(question.get("answer", "both"))
    return said


def _law_of(found: Record) -> Any:
    """What of a finding comes from the pack alone: the requirement and what it cites, whatever the version."""
    cited = [(cite.get("instrument"), cite.get("article")) for cite in found.get("citations", ())]
    return found.get("restated"), found.get("title"), found.get("force"), found.get("covers"), cited
