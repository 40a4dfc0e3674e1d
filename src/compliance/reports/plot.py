"""A sweep or a grid as a small map in SVG: a cell for each point, its verdict told by colour and by letter alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from xml.sax.saxutils import escape

from compliance.engine.plain import Plain
from compliance.reports.printable import visible
from compliance.reports.text import width
from compliance.reports.whatif import each_point, value_of
from compliance.reports.whole import issuer
from compliance.reports.words import say

MAX_CELLS = 20_000  # of one picture; more are no picture any more
CELL, GAP, LINE, MARGIN = 26, 18, 18, 16  # pixels
# Colours that people with any colour vision tell apart (Okabe and Ito); the letter says the same.
_COLOURS = {
    "pass": "#009e73",
    "fail": "#d55e00",
    "judgement": "#f0e442",
    "missing": "#e69f00",
    "not_applicable": "#cccccc",
    "not_in_force": "#ffffff",
}
_DARK = ("fail", "pass")  # cells whose letter is white


def render(record: Plain, lang: str) -> str:
    """The maps of all rules whose verdict differs between the points; where none does, those of every rule."""
    axes = record.get("axes", [])
    found = [one for one in record.get("rules", ()) if "runs" in one]
    shown = [one for one in found if len(one["runs"]) > 1] or found
    wide, top = 0, MARGIN + LINE
    body: list[str] = []
    head = say("wi-head", lang, who=issuer(record, lang), day=record["as_of"])
    body.append(_text(MARGIN, top, head, bold=True))
    wide = max(wide, _pixels(head))
    cells = prod(len(axis["points"]) for axis in axes) if axes else 0
    if cells * len(shown) > MAX_CELLS or not axes:
        body.append(_text(MARGIN, top + LINE, say("plot-none" if not axes else "plot-many", lang, limit=f"{MAX_CELLS:,}")))
        return _picture(max(wide, 600), top + 2 * LINE, body)
    for one in shown:
        parts, right, top = _maps(axes, one, lang, top + GAP)
        body += parts
        wide = max(wide, right)
    top += GAP
    body += _legend([one for one in _COLOURS if any(one == run["verdict"] for part in shown for run in part["runs"])], top, lang)
    return _picture(wide + 2 * MARGIN, top + LINE, body)


def _maps(axes: Sequence[Plain], found: Plain, lang: str, top: int) -> tuple[list[str], int, int]:
    """The maps of one rule, one for each value of all but the last two axes: their parts, right edge and bottom."""
    body = [_text(MARGIN, top + LINE, f"{found['title'][lang]} ({found['rule']})", bold=True)]
    right, top = MARGIN + _pixels(found["title"][lang] + found["rule"]), top + LINE + 6
    *outer, across = axes
    down = outer.pop() if outer else None
    every = list(each_point(found))
    size = len(across["points"]) * (len(down["points"]) if down is not None else 1)
    for number, at in enumerate(product(*(range(len(axis["points"])) for axis in outer))):
        for axis, index in zip(outer, at, strict=True):
            top += LINE
            body.append(_text(MARGIN, top, say("wi-at", lang, label=axis["label"][lang], value=value_of(axis, index, lang))))
        parts, edge, top = _map(down, across, every[number * size : (number + 1) * size], lang, top)
        body += parts
        right = max(right, edge)
    return body, right, top


def _map(down: Plain | None, across: Plain, verdicts: Sequence[str], lang: str, top: int) -> tuple[list[str], int, int]:
    """One map: its parts, right edge and bottom."""
    sides = [value_of(down, index, lang) for index in range(len(down["points"]))] if down is not None else [""]
    heads = [value_of(across, index, lang) for index in range(len(across["points"]))]
    left = MARGIN + max(map(_pixels, sides)) + 8
    head = max(map(_pixels, heads)) + 6
    label = say("wi-cross", lang, down=down["label"][lang], across=across["label"][lang]) if down is not None else across["label"][lang]
    body = [_text(MARGIN, top + LINE, label)]
    top += LINE + head
    for column, name in enumerate(heads):
        x = left + column * CELL + CELL // 2 + 4
        body.append(f'<text x="{x}" y="{top - 4}" transform="rotate(-90 {x} {top - 4})">{escape(visible(name))}</text>')
    for row, name in enumerate(sides):
        y = top + row * CELL
        body.append(_text(MARGIN, y + 18, name))
        for column in range(len(heads)):
            verdict = verdicts[row * len(heads) + column]
            body += _cell(left + column * CELL, y, verdict, lang, f"{name} {heads[column]}: {say(verdict, lang)}".strip())
    return body, left + len(heads) * CELL, top + len(sides) * CELL


def _cell(x: int, y: int, verdict: str, lang: str, title: str) -> Iterator[str]:
    """One point: a square, its letter, and what it is when pointed at."""
    yield f"<g><title>{escape(visible(title))}</title>"
    yield f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="{_COLOURS[verdict]}" stroke="#555"/>'
    ink = "#fff" if verdict in _DARK else "#000"
    yield f'<text x="{x + CELL // 2}" y="{y + 18}" text-anchor="middle" fill="{ink}">{say(f"letter-{verdict}", lang)}</text></g>'


def _legend(verdicts: Sequence[str], top: int, lang: str) -> list[str]:
    """What the letters mean."""
    body: list[str] = []
    x = MARGIN
    for verdict in verdicts:
        body += _cell(x, top - CELL + 8, verdict, lang, say(verdict, lang))
        body.append(_text(x + CELL + 6, top, say(verdict, lang)))
        x += CELL + 6 + _pixels(say(verdict, lang)) + GAP
    return body


def _text(x: int, y: int, text: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}"{weight}>{escape(visible(text))}</text>'


def _pixels(text: str) -> int:
    """About how wide a text is."""
    return width(text) * 7


def _picture(wide: int, high: int, body: Sequence[str]) -> str:
    high += MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        f'font-family="sans-serif" font-size="13">\n<rect width="{wide}" height="{high}" fill="#fff"/>\n'
    )
    return head + "\n".join(body) + "\n</svg>\n"
