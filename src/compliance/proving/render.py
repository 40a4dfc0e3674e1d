"""The proofs of a pack as text, Markdown or JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from compliance import dates
from compliance.proving.boundaries import Miss
from compliance.proving.coverage import ASKED, AUTOMATED, MISSING, SCOPE, Covered
from compliance.proving.difference import Change
from compliance.proving.mutants import Mutant
from compliance.proving.mutation import EXCUSED, INLINE, MADE, SURVIVED, Fate, Score
from compliance.proving.sweep import Hole
from compliance.proving.words import said, say
from compliance.quantities import cut_ratio
from compliance.vocabulary import Text
from compliance.wording import LANGUAGES

MAX_ID = 240  # characters of a mutant's id that a line shows


def boundary_lines(tried: int, missed: Sequence[Miss], lang: str) -> list[str]:
    """What the made tests gave; nothing where there are none."""
    if not tried:
        return []
    lines = []
    for miss in missed:
        values = {"rule": miss.made.rule, "test": miss.made.test, "path": miss.made.vary}
        if miss.found:
            lines.append(say("made-miss", lang, **values, value=miss.value, expected=miss.expected, found=miss.found))
        else:
            lines.append(say("made-gone", lang, **values))
    return [*lines, say("made-bad" if missed else "made-good", lang, count=tried, bad=len(missed))]


def sweep_lines(found: Sequence[Hole], lang: str) -> list[str]:
    """The days on which a rule does not stand on one version of the law."""
    return [say("hole", lang, rule=hole.rule, day=dates.iso(hole.day), what=hole.what, count=hole.versions) for hole in found]


def written_line(count: int, lang: str) -> str:
    """That made tests were written."""
    return say("made-written", lang, count=count)


def mutation_lines(score: Score, lang: str) -> list[str]:
    """The mutants that no test noticed, then the score."""
    left = [fate.mutant for fate in score.fates if fate.fate == SURVIVED]
    lines = [say("survived", lang, place=mutant.place, id=mutant.id) for mutant in left]  # whole, as `equivalent` names it
    counts = {name: score.count(name) for name in (INLINE, MADE, SURVIVED, EXCUSED)}
    return [*lines, say("score", lang, counted=score.counted, noticed=score.noticed, share=_share(score), **counts)]


def _short(text: str) -> str:
    return text if len(text) <= MAX_ID else text[: MAX_ID - 1] + "…"


def mutation_page(score: Score, reasons: Mapping[str, Text]) -> str:
    """What the tests notice, file by file, then what they do not, and what needs no notice and why; as Markdown."""
    by_chapter: dict[str, list[Fate]] = {}
    for fate in score.fates:
        by_chapter.setdefault(chapter(fate.mutant), []).append(fate)
    lines = [f"# {_both('mutants')}", ""]
    for lang in LANGUAGES:
        lines += [say("mutants-how", lang), ""]
    names = ("chapter", "changes", "by-inline", "by-made", "mutants-left", "share", "mutants-excused")
    lines += ["| " + " | ".join(_both(name) for name in names) + " |", "|---|--:|--:|--:|--:|--:|--:|"]
    lines += [_score_row(f"`{name}`", Score(tuple(fates))) for name, fates in sorted(by_chapter.items())]
    lines += [_score_row(_both("all"), score), "", f"## {_both('mutants-left')}", ""]
    left = [f"- `{fate.mutant.place}`: `{_short(fate.mutant.id)}`" for fate in score.fates if fate.fate == SURVIVED]
    lines += [*(left or [_both("mutants-none")]), "", f"## {_both('mutants-excused')}", ""]
    excused = [f"- `{_short(fate.mutant.id)}`: {_texts(reasons[fate.mutant.id])}" for fate in score.fates if fate.fate == EXCUSED]
    lines += excused or [_both("mutants-none")]
    return "".join(f"{line}\n" for line in lines)


def chapter(mutant: Mutant) -> str:
    """The file that a mutant changes; limits and readings, which several files may read, are counted by themselves."""
    return mutant.place.partition(":")[0].rpartition("/")[2] if ":" in mutant.place else mutant.place.partition(".")[0]


def _score_row(name: str, score: Score) -> str:
    counts = [score.count(fate) for fate in (INLINE, MADE, SURVIVED)]
    return "| " + " | ".join(map(str, (name, score.counted, *counts, _share(score), score.count(EXCUSED)))) + " |"


def _share(score: Score) -> str:
    return cut_ratio(score.noticed * 100, max(score.counted, 1), upwards=False, digits=2) + "%"


# Coverage


def coverage(rows: Sequence[Covered], form: str, lang: str) -> str:
    """The table of the catalogue as ``text`` (in one language), ``md`` (in both) or ``json``."""
    if form == "json":
        plain = [_covered(row) for row in rows]
        return json.dumps({"rows": plain, "totals": _counts(rows)}, ensure_ascii=False, indent=1) + "\n"
    if form == "md":
        return "".join(f"{line}\n" for line in _coverage_page(rows))
    return "".join(f"{line}\n" for line in (*(_coverage_line(row, lang) for row in rows), totals(rows, lang)))


def totals(rows: Sequence[Covered], lang: str) -> str:
    """How many rows came to what."""
    if not rows:
        return say("no-rows", lang)
    parts = [say("total", lang, state=say(state, lang), n=n) for state, n in _counts(rows).items()]
    return say("totals", lang, count=len(rows), parts=said(parts)[lang])


def _counts(rows: Iterable[Covered]) -> dict[str, int]:
    counted = Counter(row.state for row in rows)
    return {state: counted[state] for state in (AUTOMATED, ASKED, SCOPE, MISSING)}


def _covered(row: Covered) -> dict[str, Any]:
    plain = {"row": row.row, "title": row.title, "sourced": row.sourced, "state": row.state, "rules": row.rules, "tests": row.tests}
    return {name: value for name, value in {**plain, "reason": row.reason}.items() if value not in (None, "", (), 0)}


def _coverage_line(row: Covered, lang: str) -> str:
    title = row.title[lang] if row.title is not None else say("no-title", lang)
    about = row.reason[lang] if row.state == SCOPE and row.reason is not None else ", ".join(row.rules)
    return "  ".join(part for part in (row.row, say(row.state, lang), title, about) if part)


def _coverage_page(rows: Sequence[Covered]) -> Iterator[str]:
    yield f"# {_both('coverage')}"
    yield ""
    for lang in LANGUAGES:
        yield say("coverage-how", lang)
        yield ""
    for lang in LANGUAGES:
        yield totals(rows, lang)
        yield ""
    yield "| " + " | ".join(_both(name) for name in ("row", "content", "sourced", "state", "rules", "tests")) + " |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        title = _texts(row.title) if row.title is not None else _both("no-title")
        about = _texts(row.reason) if row.state == SCOPE and row.reason is not None else ", ".join(f"`{rule}`" for rule in row.rules)
        yield f"| {row.row} | {title} | {_both(row.sourced)} | {_both(row.state)} | {about} | {row.tests or ''} |"


def _both(code: str) -> str:
    texts = [say(code, lang) for lang in LANGUAGES]
    return texts[0] if texts[0] == texts[1] else " / ".join(texts)


def _texts(text: Text) -> str:
    return f"{text['zh']} / {text['en']}".replace("|", "\\|")


# Differences


def difference(changes: Sequence[Change], form: str, lang: str) -> str:
    """What differs, as ``text`` in one language or ``json`` in both."""
    if form == "json":
        return json.dumps({"changes": [_change(change) for change in changes]}, ensure_ascii=False, indent=1) + "\n"
    lines: list[str] = []
    part = ""
    for change in changes:
        if change.part != part:
            part = change.part
            lines += ([""] if lines else []) + [say(f"part-{part}", lang)]
        lines += [f"  {line}" for line in _change_lines(change, lang)]
    return "".join(f"{line}\n" for line in lines or [say("diff-none", lang)])


def _change_lines(change: Change, lang: str) -> Iterator[str]:
    values = {"kind": say(change.kind, lang), "id": change.id, "title": change.title[lang]}
    yield say("diff-aspect", lang, **values, aspect=say(change.aspect, lang)) if change.aspect else say("diff-line", lang, **values)
    for code, text in (("diff-before", change.before), ("diff-after", change.after)):
        if text is not None:
            yield "  " + say(code, lang, text=text[lang] or "—")


def _change(change: Change) -> dict[str, Any]:
    plain = {"part": change.part, "id": change.id, "title": change.title, "kind": change.kind, "aspect": change.aspect}
    found = {**plain, "before": change.before, "after": change.after}
    return {name: value for name, value in found.items() if value not in (None, "")}
