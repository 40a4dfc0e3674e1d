"""Pictures of the page: bars, reaches and days as inline SVG, on a scale of a thousand stretched to the width that there is.

Nothing is told by colour alone: what differs has stripes, an outline or a height of its own, and words beside it.
"""

from __future__ import annotations

from collections.abc import Iterable

from compliance.reports.bars import SCALE, Bar, Reach, Span
from compliance.reports.beside import Timeline
from compliance.reports.markup import Markup, element


def picture(parts: Iterable[Markup | None], width: int, height: int) -> Markup:
    """A picture that fills its place. It says nothing that the words beside it do not, so it is not read out."""
    return element("svg", [parts], viewBox=f"0 0 {width} {height}", preserveAspectRatio="none", aria_hidden="true")


def rect(x: int, y: int, width: int, height: int, fill: str, **attributes: object) -> Markup:
    """A filled box."""
    return element("rect", x=x, y=y, width=width, height=height, fill=fill, **attributes)


def box(span: Span, y: int, height: int, fill: str, least: int = 3, **attributes: object) -> Markup:
    """A box over a range, wide enough to be seen."""
    wide = max(least, span.high - span.low)
    return rect(max(0, min(span.low, SCALE - wide)), y, wide, height, fill, **attributes)


STRIPES = {"barred": "#d99aa0", "maybe": "#b07a18"}


def drawn_once() -> Markup:
    """What many pictures use: the patterns of striped boxes, the track of a bar, and the scale of a reach in quarters."""
    outline = rect(0, 4, SCALE, 16, "none", stroke="#515b69", class_="o")
    quarters = [rect(at - 1, 2, 2, 20, "#515b69") for at in (SCALE // 4, SCALE // 2, 3 * SCALE // 4)]
    made = [element("g", outline, quarters, id="scale"), element("g", rect(0, 14, SCALE, 12, "#e6eaf0"), id="track")]
    for name, colour in STRIPES.items():
        line = rect(0, 0, 4, 40, colour)
        made.append(element("pattern", line, id=f"stripes:{name}", width=12, height=40, patternUnits="userSpaceOnUse"))
    return element("svg", element("defs", made), width=0, height=0, aria_hidden="true", class_="defs")


def striped(x: int, y: int, width: int, height: int, name: str) -> Markup | None:
    """A box with stripes, so that it differs by more than its colour; none where it has no width."""
    return rect(x, y, width, height, f"url(#stripes:{name})") if width > 0 else None


def draw_bar(bar: Bar) -> Markup:
    """A bar: what is not allowed, the span, the measure, and the limit as a line or a band."""
    parts: list[Markup | None] = [element("use", href="#track")]
    if bar.allowed == "at most":
        parts.append(striped(bar.limit.high, 14, SCALE - bar.limit.high, 12, "barred"))
    elif bar.allowed == "at least":
        parts.append(striped(0, 14, bar.limit.low, 12, "barred"))
    if bar.span:
        parts.append(box(bar.span, 9, 22, "none", 6, stroke="#7a4300", stroke_dasharray="6 4", class_="o"))
    if bar.base is not None:
        near, far = sorted((bar.base, bar.measure.low if bar.measure.low >= bar.base else bar.measure.high))
        parts.append(rect(near, 14, far - near, 12, "#27538f") if far > near else None)
    parts.append(
        box(
            bar.measure,
            14,
            12,
            "#7fa3d6",
            6 if bar.base is None else 3,
            stroke="#12294d",
            stroke_width="1.5",
            class_="o",
        )
    )
    exact = bar.limit.low == bar.limit.high
    parts.append(
        box(bar.limit, 3, 34, "#9b1420", 4, fill_opacity=None if exact else ".15", stroke=None if exact else "#9b1420", class_="o")
    )
    return picture(parts, SCALE, 40)


def draw_reach(reach: Reach) -> Markup:
    """A share of the base: met for sure, possibly met, not met."""
    sure, possible = reach.sure, reach.possible
    if reach.turns == "at most":
        parts = [rect(0, 4, sure, 16, "#2f7d54") if sure else None, striped(sure or 0, 4, possible - (sure or 0), 16, "maybe")]
    else:
        at = SCALE if sure is None else sure
        parts = [rect(at, 4, SCALE - at, 16, "#2f7d54"), striped(possible, 4, at - possible, 16, "maybe")]
    return picture([*parts, element("use", href="#scale")], SCALE, 24)


def axis(found: Timeline) -> Markup:
    """The years of a timeline."""
    parts = [element("text", year, x=at, y=18, font_size=20, fill="#4a5668") for at, year in found.years if at < SCALE - 45]
    return element("svg", [parts, [rect(at, 22, 2, 8, "#4a5668") for at, _ in found.years]], viewBox=f"0 0 {SCALE} 30", aria_hidden="true")


COLOURS = {"fail": "#c8505a", "missing": "#8c9bb2", "judgement": "#d39a3a", "pass": "#4d9a6f", "not_applicable": "#dfe3e9"}
HEIGHTS = {"fail": 20, "missing": 10, "judgement": 15, "pass": 6, "not_applicable": 3}  # so that a stretch is known by its height as well


def stretch(code: str, span: Span) -> Markup:
    """A stretch of the timeline: a verdict by colour and height, or a part of a window."""
    if code in COLOURS:
        return box(span, 22 - HEIGHTS[code], HEIGHTS[code], COLOURS[code])
    if code == "runs":
        return box(span, 9, 6, "#7fa3d6")
    return box(span, 4, 16, "#27538f", 4)


def sample(name: str) -> list[Markup | None]:
    """A part of a bar for the legend."""
    if name in COLOURS:
        return [rect(0, 16 - HEIGHTS[name] * 16 // 22, 60, HEIGHTS[name] * 16 // 22, COLOURS[name])]
    drawn: dict[str, list[Markup | None]] = {
        "measure": [rect(0, 4, 60, 8, "#27538f")], "range": [rect(1, 4, 58, 8, "#7fa3d6", stroke="#12294d", class_="o")],
        "span": [rect(1, 1, 58, 14, "none", stroke="#7a4300", stroke_dasharray="6 4", class_="o")],
        "limit": [rect(28, 0, 4, 16, "#9b1420")], "barred": [striped(0, 4, 60, 8, "barred")], "sure": [rect(0, 2, 60, 12, "#2f7d54")],
        "maybe": [striped(0, 2, 60, 12, "maybe")], "not": [rect(1, 2, 58, 12, "none", stroke="#515b69", class_="o")],
        "runs": [rect(0, 5, 60, 6, "#7fa3d6")], "ends": [rect(25, 1, 10, 14, "#27538f")], "day": [box(Span(0, 6), 1, 14, "#12294d")],
    }  # fmt: skip
    return drawn[name]
