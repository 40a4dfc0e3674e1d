"""Read one value of a filing from its text, as the vocabulary says what it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from compliance import dates, quantities
from compliance.quantities import Figure
from compliance.source import Unreadable
from compliance.vocabulary import Field, Text, Vocabulary
from compliance.wording import Lang

SCHEMA = "compliance.filing/1"
ANSWERS_SCHEMA = "compliance.answers/1"
WRITTEN_UNITS = {"money": "元", "shares": "股", "price": "元/股"}
YES, NO = ("true", "是"), ("false", "否")
_CODE = re.compile(r"[0-9]{6}")


def value_of(field: Field, words: Vocabulary, text: Any) -> Any:
    """A field's value from its text: a ``Figure`` (flags and members of kinds too), or text. Raises ``Unreadable``."""
    if not isinstance(text, str):
        raise Unreadable("shape-text")
    if field.numeric:
        kind: quantities.QuantityKind = field.type  # type: ignore[assignment]
        return quantities.parse(text, kind, field.scale, field.rounded, field.least, field.most)
    if field.type == "date":
        return dates.parse(text, field.open_ended)
    if field.type == "flag":
        if text in YES or text in NO:
            # However it was written, so that the same facts are the same.
            return Figure(int(text in YES), int(text in YES), 1, YES[0] if text in YES else NO[0])
        raise Unreadable("flag-bad", text=text)
    if field.type == "kind":
        members = words.kinds[field.of]
        if text not in members:
            raise Unreadable("kind-value", text=text, members=labelled(members))
        bit = words.bit(field.of, text)
        return Figure(bit, bit, 1, text)
    if field.type == "code" and not _CODE.fullmatch(text):
        raise Unreadable("code-bad", text=text)
    return text


def stateable(field: Field, end: Any) -> Any:
    """The value nearest to an end of a field's domain that a filing may hold: what has no bound has one in practice."""
    if field.type == "date":
        return end if field.open_ended and end == dates.LAST_DAY else min(max(end, dates.EARLIEST), dates.LATEST)
    return min(max(end, -quantities.MAX_FIGURE), quantities.MAX_FIGURE) if field.numeric else end


def figure_text(field: Field, value: int) -> str:
    """An exact figure or day as a filing writes it."""
    if field.type == "date":
        return str(dates.iso(value))
    if field.type == "ratio":
        return f"={quantities.decimal(value * 10 ** max(0, 2 - field.scale), max(0, field.scale - 2))}%"
    return quantities.decimal(value, field.scale) + WRITTEN_UNITS.get(field.type, "")


def labelled(members: Mapping[str, Text]) -> Mapping[Lang, str]:
    """The members of a kind with their labels, in each language."""
    zh = "、".join(f"{name}（{label['zh']}）" for name, label in members.items())
    return {"zh": zh, "en": ", ".join(f"{name} ({label['en']})" for name, label in members.items())}
