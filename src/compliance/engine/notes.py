"""What the findings of one filing say alike, written once: figures and days in words, labels, needs and questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance.engine.figures import Figures
from compliance.engine.phrases import spread
from compliance.engine.plain import Plain
from compliance.vocabulary import Field, Text
from compliance.wording import LANGUAGES

Held = tuple[tuple[str, int, tuple[int, int] | None], ...]  # the days that a window is held against: name, code and range of each
Law = tuple[str, tuple[int, int]]  # the day of the law: its name and range


@dataclass(slots=True)
class Notes:
    """What findings say of a filing as it stands, by what they say it of; what it gives is not to be changed."""

    figures: Figures = field(default_factory=dict)
    days: dict[tuple[Law, Held], Plain] = field(default_factory=dict)
    labels: dict[str, Text] = field(default_factory=dict)  # by path
    facts: dict[int, tuple[str, Field | None, Sequence[tuple[int, int]]]] = field(default_factory=dict)  # by the number of an open fact
    needs: dict[str, Plain] = field(default_factory=dict)  # by path
    questions: dict[tuple[str, tuple[str, ...]], Plain] = field(default_factory=dict)  # by id and paths
    spreads: dict[tuple[Any, ...], Text] = field(default_factory=dict)

    def spread(self, span: Mapping[str, str] | None, met: bool) -> Text:
        """A range of the record for a reader, in both languages (see ``phrases.spread``)."""
        key = (met, span.get("low"), span.get("high"), span.get("unit")) if span else ()
        found = self.spreads.get(key)
        if found is None:
            found = self.spreads[key] = {lang: spread(span, lang, met=met) for lang in LANGUAGES}
        return found
