"""What the verdicts would be, as text for a terminal or a pipe: what changed, a table of a sweep, a grid of two or three."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from compliance.engine.phrases import figure, spread
from compliance.engine.plain import Plain
from compliance.reports.paper import COLUMNS, PLAIN, Paper
from compliance.reports.printable import visible
from compliance.reports.text import Line, finish, width
from compliance.reports.whole import issuer
from compliance.reports.words import say

MAX_ROWS = 40  # points of a sweep shown one by one; of more only where the verdict turns
MAX_BESIDE = 5  # rules of a sweep shown beside each other
MAX_TABLES = 12  # grids of one rule; of more only the worst case
MAX_TITLES = 8  # rules whose verdict stays, named
MAX_ASSUMED = 8  # things taken for granted, written out
INDENT = 2


def render(record: Plain, lang: str, paper: Paper = PLAIN) -> str:
    """The record of what would be, within the columns there are."""
    lines = ((indent, visible(text), style) for indent, text, style in _lines(record, lang, paper.columns))
    return finish(lines, paper)


def _lines(record: Plain, lang: str, columns: int = COLUMNS) -> Iterator[Line]:
    yield 0, say("wi-head", lang, who=issuer(record, lang), day=record["as_of"]), "head"
    for one in record.get("set", ()):
        before = one.get("from") or say("wi-nothing", lang)
        yield INDENT, say("wi-set", lang, label=one["label"][lang], path=one["path"], before=before, after=one["to"]), ""
    for one in record.get("axes", ()):
        first, last = (value_of(one, end, lang) for end in (0, -1))
        yield INDENT, say("wi-axis", lang, label=one["label"][lang], path=one["path"], first=first, last=last, n=len(one["points"])), ""
    for one in record.get("follows", ()):
        yield INDENT, say("wi-follows", lang, label=one["label"][lang], path=one["path"], formula=one["formula"]), ""
    axes = record.get("axes", [])
    found = record.get("rules", [])
    turning = [one for one in found if (len(one["runs"]) > 1 if axes else one["changed"])]
    yield 0, "", ""
    yield 0, say("wi-turning" if axes else "wi-changed", lang, n=len(turning), all=len(found)), "head"
    if not axes:
        yield from _moved(turning, lang)
    elif len(axes) == 1:
        yield from _sweep(axes[0], turning, lang)
    else:
        for one in turning:
            yield from _grids(axes, one, lang, columns)
    yield from _rest([one for one in found if one not in turning], lang)
    yield from assumed(record, lang)


def _moved(found: Sequence[Plain], lang: str) -> Iterator[Line]:
    """The rules with another verdict, with their figures before and after."""
    for one in found:
        before, after = one.get("before", {}), one.get("after", {})
        yield INDENT, f"{one['rule']}  {one['title'][lang]}", "head"
        yield 4, say("wi-to", lang, before=word(before, lang), after=word(after, lang)), ""
        for name in ("measure", "ratio", "limit", "headroom"):
            if name in before or name in after:
                texts = [_shown(part, name, lang) for part in (before, after)]
                code = "wi-figure" if texts[0] != texts[1] else "wi-figure-same"
                yield 4, say(code, lang, label=say(f"l-{name}", lang), before=texts[0], after=texts[1]), ""


def _sweep(axis: Plain, found: Sequence[Plain], lang: str) -> Iterator[Line]:
    """A sweep: verdicts point by point, then where each turns."""
    points = len(axis["points"])
    for start in range(0, len(found), MAX_BESIDE) if points <= MAX_ROWS else ():
        beside = found[start : start + MAX_BESIDE]
        rows = [[axis["label"][lang], *(f"[{start + number}]" for number in range(1, len(beside) + 1))]]
        columns = [list(each_point(one)) for one in beside]
        rows += [[value_of(axis, index, lang), *(short(column[index], lang) for column in columns)] for index in range(points)]
        yield from table(rows)
        yield 0, "", ""
    for number, one in enumerate(found, 1):
        yield INDENT, f"[{number}] {one['rule']}  {one['title'][lang]}", "head"
        for first, last, verdict in stretches(axis, one):
            ends = [figure(text, axis["unit"], lang) if axis["unit"] != "choice" else text for text in (first, last)]
            code = "wi-one" if ends[0] == ends[1] else "wi-stretch"
            yield 4, say(code, lang, first=ends[0], last=ends[1], verdict=say(verdict, lang)), ""
        yield from _worst([axis], one, lang)


def stretches(axis: Plain, found: Plain) -> Iterator[tuple[str, str, str]]:
    """A sweep as stretches with one verdict: first and last value, to the unit where turns are known, and the verdict."""
    points, turns = axis["points"], found.get("turns")
    if turns:
        first = points[0]
        for turn in turns:
            yield first, turn["before"], turn["from"]
            first = turn["after"]
        yield first, points[-1], turns[-1]["to"]
        return
    index = 0
    for run in found["runs"]:
        yield points[index], points[index + run["points"] - 1], run["verdict"]
        index += run["points"]


def _grids(axes: Sequence[Plain], found: Plain, lang: str, columns: int) -> Iterator[Line]:
    """A grid of two axes, or one for each value of the first of three; then the worst case."""
    yield 0, "", ""
    yield INDENT, f"{found['rule']}  {found['title'][lang]}", "head"
    *outer, down, across = axes
    size = len(down["points"]) * len(across["points"])
    every = list(each_point(found))
    if prod(len(axis["points"]) for axis in outer) * len(down["points"]) <= MAX_TABLES * MAX_ROWS:
        for number, at in enumerate(product(*(range(len(axis["points"])) for axis in outer))):
            for axis, index in zip(outer, at, strict=True):
                yield 4, say("wi-at", lang, label=axis["label"][lang], value=value_of(axis, index, lang)), ""
            yield from _grid(down, across, every[number * size : (number + 1) * size], lang, columns)
    yield from _worst(axes, found, lang)


def _grid(down: Plain, across: Plain, verdicts: Sequence[str], lang: str, columns: int) -> Iterator[Line]:
    """One grid, in as many blocks beside each other as the width asks for."""
    heads = [value_of(across, index, lang) for index in range(len(across["points"]))]
    sides = [value_of(down, index, lang) for index in range(len(down["points"]))]
    side = max(width(text) for text in sides)
    cell = max(width(text) for text in (*heads, *(short(verdict, lang) for verdict in set(verdicts)))) + 2
    beside = max(1, (columns - 4 - side) // cell)
    yield 4, say("wi-cross", lang, down=down["label"][lang], across=across["label"][lang]), ""
    for start in range(0, len(heads), beside):
        rows = [["↓ →", *heads[start : start + beside]]]
        for row, name in enumerate(sides):
            cells = verdicts[row * len(heads) + start : row * len(heads) + min(start + beside, len(heads))]
            rows.append([name, *(short(verdict, lang) for verdict in cells)])
        yield from table(rows, 4)


def _worst(axes: Sequence[Plain], found: Plain, lang: str) -> Iterator[Line]:
    """The worst case of a rule, named."""
    if "worst" not in found:
        return
    at = [
        say("wi-value", lang, label=axis["label"][lang], value=_value(axis, text, lang))
        for axis, text in zip(axes, found["worst"]["at"], strict=True)
    ]
    state = found["worst"]["state"]
    figures = [
        say("wi-value", lang, label=say(f"l-{name}", lang), value=_shown(state, name, lang))
        for name in ("measure", "limit", "headroom")
        if name in state
    ]
    shown = say("where", lang, items=say("join", lang).join(figures)) if figures else ""
    yield 4, say("wi-worst", lang, at=say("join", lang).join(at), verdict=word(state, lang), figures=shown), ""


def _rest(found: Sequence[Plain], lang: str) -> Iterator[Line]:
    """The rules whose verdict stays, first those whose margin moves."""
    if not found:
        return
    yield 0, "", ""
    moved = [one for one in found if one.get("after", {}).get("headroom") != one.get("before", {}).get("headroom") and "after" in one]
    for one in moved:
        texts = [_shown(one.get(name, {}), "headroom", lang) for name in ("before", "after")]
        yield (
            0,
            say("wi-margin", lang, title=one["title"][lang], verdict=word(one.get("after", {}), lang), before=texts[0], after=texts[1]),
            "",
        )
    still = [one for one in found if one not in moved]
    by_word: dict[str, list[str]] = {}
    for one in still:
        verdict = one["runs"][0]["verdict"] if "runs" in one else one.get("before", {}).get("verdict", "not_in_force")
        by_word.setdefault(verdict, []).append(one["title"][lang])
    for verdict, titles in by_word.items():
        shown = titles if verdict != "not_applicable" and len(titles) <= MAX_TITLES else []
        code = "wi-still" if shown else "wi-still-count"
        yield 0, say(code, lang, verdict=say(verdict, lang), n=len(titles), titles=say("join", lang).join(shown)), ""


def assumed(record: Plain, lang: str) -> Iterator[Line]:
    """What was taken for granted, each text once."""
    texts = list(dict.fromkeys(part["text"][lang] for part in record.get("assumptions", ())))
    if texts:
        yield 0, "", ""
        yield 0, say("assumed-these", lang, n=len(texts)), ""
    for text in texts[:MAX_ASSUMED]:
        yield INDENT, f"- {text}", ""
    if len(texts) > MAX_ASSUMED:
        yield INDENT, "- " + say("and-more", lang, n=len(texts) - MAX_ASSUMED), ""


def each_point(found: Plain) -> Iterator[str]:
    """The verdict at every point."""
    for run in found["runs"]:
        yield from [run["verdict"]] * run["points"]


def value_of(axis: Plain, index: int, lang: str) -> str:
    """One value of an axis for a reader."""
    return _value(axis, axis["points"][index], lang)


def _value(axis: Plain, text: str, lang: str) -> str:
    return text if axis["unit"] == "choice" else figure(text, axis["unit"], lang)


def _shown(state: Plain, name: str, lang: str) -> str:
    found = state.get(name)
    return spread({**found, "unit": "ratio"} if found and name == "ratio" else found, lang)


def word(state: Plain, lang: str) -> str:
    """A state's verdict in words."""
    return say(state.get("verdict", "not_in_force"), lang)


def short(verdict: str, lang: str) -> str:
    """A verdict in one short word, for a table."""
    return say(f"short-{verdict}", lang)


def table(rows: Sequence[Sequence[str]], indent: int = INDENT) -> Iterator[Line]:
    """Rows with their columns under each other, by the width that a terminal gives each character."""
    sizes = [max(width(row[index]) for row in rows if index < len(row)) for index in range(max(map(len, rows)))]
    for number, row in enumerate(rows):
        cells = [cell + " " * (size - width(cell)) for cell, size in zip(row, sizes, strict=False)]
        yield indent, "  ".join(cells).rstrip(), "" if number else "dim"
