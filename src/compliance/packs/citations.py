"""Citations as packs write them: ``LAO18 五(三)`` is an instrument, an article of it and an item of that."""

from __future__ import annotations

import re
from typing import Any

from compliance.packs.draft import Draft
from compliance.wording import listed

_NUMERALS = "一二三四五六七八九十"
CITE = re.compile(r"(\w+)\s+([^（(\s]+)(?:[（(]([一二三四五六七八九十]+)[)）])?(.*)")


def resolve(draft: Draft, form: dict[str, Any], section: str, key: str, *path: str | int) -> None:
    """Resolve citations in place: ``LAO18 五(三)`` becomes its instrument and article."""
    found = []
    for index, text in enumerate(form["cite"]):
        match = CITE.fullmatch(text.strip())
        instrument = draft.part("instruments").get(match[1]) if match else None
        if match is None or instrument is None:
            known = listed(draft.part("instruments"))
            draft.wrong(draft.place(section, key, *path, "cite", index), "cite-instrument", text=text, known=known)
            continue
        items = instrument["articles"].get(match[2])
        if items is None or (match[3] and numeral(match[3]) > items):
            draft.wrong(draft.place(section, key, *path, "cite", index), "cite-article", text=text, instrument=match[1])
            continue
        found.append((match[1], match[2] + (f"({match[3]})" if match[3] else "") + match[4]))
    if not form["cite"]:
        draft.wrong(draft.place(section, key, *path), "cite-none", name=key)
    form["cite"] = found


def numeral(text: str) -> int:
    """A Chinese numeral up to ninety-nine."""
    if "十" not in text:
        return _NUMERALS.index(text) + 1 if len(text) == 1 else 99
    tens, _, ones = text.partition("十")
    return (10 * (_NUMERALS.index(tens) + 1) if tens else 10) + (_NUMERALS.index(ones) + 1 if ones else 0)
