"""What is put for every issuer: facts set otherwise once, or swept as a grid, each point a scenario with a name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from compliance.engine.axes import Axis, axes
from compliance.facts import loading
from compliance.facts.answers import READING
from compliance.facts.filing import Filing
from compliance.facts.trial import Setting, settings_of
from compliance.facts.values import SCHEMA, figure_text
from compliance.packs.book import Pack
from compliance.screen.inputs import node_of
from compliance.source import Place, Problem, SourceError
from compliance.vocabulary import Field

Scenario = tuple[str, tuple[tuple[str, str], ...]]
AS_FILED: Scenario = ("", ())
MAX_SCENARIOS = 1_000
_TAKES = {  # each option: the form of what it takes, and an example
    "--set": ({"zh": "路径=值", "en": "path=value"}, "a.b=3000万元"),
    "--sweep": ({"zh": "路径=起:止:步长", "en": "path=from:to:step"}, "a.b=1000万元:3000万元:500万元"),
}


def scenarios(pack: Pack, settings: Sequence[str], sweeps: Sequence[str]) -> tuple[Scenario, ...]:
    """The scenarios of a run, that of the filings as they stand first. ``settings`` are ``PATH=VALUE``, ``sweeps`` as in a what-if.

    Raises ``SourceError`` with every mistake. Paths of items are held against each filing when it is read.
    """
    if not settings and not sweeps:
        return (AS_FILED,)
    problems: list[Problem] = []
    put = settings_of("--set", settings, _TAKES["--set"], problems)
    swept = settings_of("--sweep", sweeps, _TAKES["--sweep"], problems)
    filing = _blank(pack)
    seen: set[str] = set()
    for one in (*put, *swept):
        if one.path in seen:
            problems.append(Problem(one.place, "setting-twice", {"path": one.path}))
        elif "[" not in one.path and not _known(pack, filing, one.path):
            problems.append(Problem(one.place, "path-unknown", {"path": one.path}))
        seen.add(one.path)
    if problems:
        raise SourceError(problems)
    choices = [[(one.path, text) for text in _texts(pack, filing, one)] for one in swept]
    size = 1
    for choice in choices:
        size *= len(choice)
    if size > MAX_SCENARIOS:
        raise SourceError([Problem(Place("--sweep"), "sweep-many", {"limit": f"{MAX_SCENARIOS:,}", "found": f"{size:,}"})])
    fixed = tuple((one.path, one.text) for one in put)
    return (AS_FILED, *(_scenario((*fixed, *point)) for point in product(*choices)))


def _scenario(puts: tuple[tuple[str, str], ...]) -> Scenario:
    return "; ".join(f"{path}={text}" for path, text in puts), puts


def _blank(pack: Pack) -> Filing:
    """A filing of which nothing is known, to read paths and values by."""
    place = Place("--set")
    plain: dict[str, Any] = {"schema": SCHEMA, "pack": pack.id, "issuer": {"code": "000000"}}
    return loading.read(node_of(plain, place), pack.vocabulary, pack.id, pack.options)


def _known(pack: Pack, filing: Filing, path: str) -> bool:
    if path.startswith(READING):
        return path.removeprefix(READING) in pack.readings
    return path in filing.words.root.fields


def _texts(pack: Pack, filing: Filing, sweep: Setting) -> list[str]:
    """The values of a sweep, as they would be written."""
    if "[" in sweep.path:
        return sweep.text.split("|")
    (axis,) = axes(pack, filing, [sweep])
    return [text or figure_text(_field(axis), low) for low, _, text in axis.points]


def _field(axis: Axis) -> Field:
    assert axis.field is not None  # the options of a reading have texts
    return axis.field
