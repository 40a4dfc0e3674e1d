"""A dossier: all that reports are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compliance.engine.plain import Plain
    from compliance.packs.book import Pack


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that a report is made from: the record and its rule book, and the other records about the filing where there are any.

    ``places`` tells for a fact's path where it is written in the filing, for the formats that point into it. ``texts`` is the
    official wording that the user brought, by instrument, first day of the version and article.
    """

    record: Plain
    pack: Pack
    lang: str = "zh"
    strict: bool = False
    routes: Plain | None = None
    timeline: Plain | None = None
    difference: Plain | None = None
    places: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)  # by those who make it, once for all forms
