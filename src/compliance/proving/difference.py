"""What differs between two rule books, or between two days of law in one: rules, limits, citations, readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from compliance import dates
from compliance.packs.book import Citation, Pack, Rule
from compliance.proving.mutants import text_of
from compliance.proving.words import said
from compliance.vocabulary import Text
from compliance.wording import LANGUAGES

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: in which part of the book, of what, which aspect of it, and what stood before and stands after.

    ``before`` and ``after`` are texts in both languages, None where there is nothing to show.
    """

    part: str
    id: str
    title: Text
    kind: str
    aspect: str = ""
    before: Text | None = None
    after: Text | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A book on a day (a day number), or whole where ``day`` is None."""

    pack: Pack
    day: int | None

    def rules(self) -> dict[str, Rule]:
        """The rules in force on the day."""
        found = {rule.id: rule for rule in self.pack.rules}
        return found if self.day is None else {name: rule for name, rule in found.items() if rule.start <= self.day < rule.end}

    def limits(self) -> dict[str, Text]:
        """Each parameter's value on the day, or all of its values with their days."""
        found: dict[str, Text] = {}
        for name, parameter in self.pack.parameters.items():
            if self.day is None:
                shown = "; ".join(f"{value.shown} [{dates.iso(value.start)}, {_end(value.end)})" for value in parameter.values)
            else:
                value = parameter.on(self.day)
                shown = value.shown if value is not None else ""
            if shown:
                found[name] = {"zh": shown, "en": shown}
        return found

    def instruments(self) -> dict[str, Text]:
        """Each instrument's version on the day, or all of them."""
        found: dict[str, Text] = {}
        for name, instrument in self.pack.instruments.items():
            if self.day is None:
                shown = [f"{version.number} [{dates.iso(version.start)}, {_end(version.end)})" for version in instrument.versions]
            else:
                version = instrument.version_on(self.day)
                shown = [f"{version.number} [{dates.iso(version.start)}, {_end(version.end)})"] if version is not None else []
            if shown:
                found[name] = said(shown)
        return found


def between(before: Pack, after: Pack, day_before: int | None = None, day_after: int | None = None) -> list[Change]:
    """Everything that differs, rules first. A day limits a book to its law of that day."""
    old, new = View(before, day_before), View(after, day_after)
    found = [*_rules(old, new)]
    found += _values("parameters", old.limits(), new.limits(), {n: p.label for book in (before, after) for n, p in book.parameters.items()})
    titles = {name: one.title for book in (before, after) for name, one in book.instruments.items()}
    found += _values("instruments", old.instruments(), new.instruments(), titles)
    if before is not after:
        found += _values(
            "readings", _readings(before), _readings(after), {n: r.text for b in (before, after) for n, r in b.readings.items()}
        )
    return found


def _rules(old: View, new: View) -> Iterator[Change]:
    before, after = old.rules(), new.rules()
    for name in dict.fromkeys((*before, *after)):
        if name not in after:
            yield Change("rules", name, before[name].title, REMOVED)
        elif name not in before:
            yield Change("rules", name, after[name].title, ADDED)
        else:
            yield from _rule(before[name], after[name], old, new)


def _rule(before: Rule, after: Rule, old: View, new: View) -> Iterator[Change]:
    """The aspects of a rule that differ. What it reads of dated parameters is shown with the parameters."""
    first, second = _aspects(before), _aspects(after)
    for aspect in first:
        if first[aspect] != second[aspect]:
            yield Change("rules", after.id, after.title, CHANGED, aspect, first[aspect], second[aspect])
    old_cites, new_cites = [_cited(cite, old) for cite in before.cite], [_cited(cite, new) for cite in after.cite]
    if old_cites != new_cites:
        gone = said(cite for cite in old_cites if cite not in new_cites)
        come = said(cite for cite in new_cites if cite not in old_cites)
        yield Change("rules", after.id, after.title, CHANGED, "citations", gone, come)
    if _formula(before, old.pack) != _formula(after, new.pack):
        yield Change("rules", after.id, after.title, CHANGED, "formula")


def _formula(rule: Rule, pack: Pack) -> list[str]:
    """What a rule computes, in names rather than positions, which differ from book to book."""
    return [text_of(pack, node) for node in rule.formula.nodes()]


def _aspects(rule: Rule) -> Mapping[str, Text]:
    exceptions: Text = {lang: said(exempt.title[lang] for exempt in rule.exceptions)[lang] for lang in LANGUAGES}
    days = f"[{dates.iso(rule.start)}, {_end(rule.end)})"
    return {
        "restated": rule.restated,
        "force": _same(f"{rule.force} / {rule.fail_as}"),
        "days": _same(days),
        "covers": said(rule.covers),
        "exceptions": exceptions,
    }


def _cited(cite: Citation, view: View) -> str:
    """A citation, with the version of the instrument on the day where there is one."""
    version = view.pack.instruments[cite.instrument].version_on(view.day) if view.day is not None else None
    return f"{cite.instrument} {cite.article}" + (f" ({version.number})" if version is not None else "")


def _readings(pack: Pack) -> dict[str, Text]:
    found: dict[str, Text] = {}
    for name, reading in pack.readings.items():
        default = reading.options.get(reading.default)
        found[name] = {
            lang: f"{' / '.join(option[lang] for option in reading.options.values())} [{default[lang] if default else reading.default}]"
            for lang in LANGUAGES
        }
    return found


def _values(part: str, before: Mapping[str, Text], after: Mapping[str, Text], titles: Mapping[str, Text]) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old != new:
            kind = CHANGED if old is not None and new is not None else ADDED if old is None else REMOVED
            yield Change(part, name, titles[name], kind, "", old, new)


def _same(text: str) -> Text:
    return {"zh": text, "en": text}


def _end(day: int) -> str:
    return dates.iso(day) if day < dates.LAST_DAY else "…"
