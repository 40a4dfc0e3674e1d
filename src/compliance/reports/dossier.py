"""A dossier: all that reports are made from, and the views that were made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compliance.engine.plain import Plain
    from compliance.packs.book import Pack
    from compliance.reports.making import Common
    from compliance.reports.model import View

WHOLE, BRIEF, PAGE = "whole", "brief", "page"  # the kinds of a view


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
    _made: dict[tuple[str, str], View] = field(default_factory=dict, init=False, repr=False, compare=False)
    _common: list[Common] = field(default_factory=list, init=False, repr=False, compare=False)

    def view(self, lang: str = "", brief: bool = False) -> View:
        """The view in a language, by default the dossier's own; a ``brief`` one leaves out what no summary shows of a finding.

        Each is made once, however many forms show it; where the whole one is made already it serves as the brief one.
        """
        return self._view(lang or self.lang, BRIEF if brief else WHOLE)

    def page(self, lang: str) -> View:
        """The view in a language without what the page does not show of a finding; its texts are as they came."""
        return self._view(lang, PAGE)

    def common(self) -> Common:
        """What the views have in common whatever the language, made once."""
        if not self._common:
            from compliance.reports.making import Common

            self._common.append(Common(self.record, self.pack))
        return self._common[0]

    def _view(self, lang: str, kind: str) -> View:
        key = lang, kind
        if key not in self._made:
            whole = self._made.get((lang, WHOLE))
            from compliance.reports.view import view_of  # JSON is made without one

            self._made[key] = whole if whole is not None else view_of(self, *key)
        return self._made[key]
