"""Citations as packs write them: ``LAO18 五(三)`` is an instrument, an article of it and an item of that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from compliance.packs.manuscript import Manuscript
from compliance.wording import Lang, likely, listed

_NUMERALS = "一二三四五六七八九"
_DIGITS = {numeral: number for number, numeral in enumerate(("", *_NUMERALS))}
_CITE = re.compile(rf"(\w+)\s+([^（(\s]+)(?:[（(]([{_NUMERALS}十]+)[)）])?(.*)")
_NUMERAL = re.compile(rf"(?:([{_NUMERALS}]?)十)?([{_NUMERALS}]?)")


class Cited(NamedTuple):
    """A citation taken apart: ``item`` is a Chinese numeral (none: the whole article), ``rest`` what stands after it."""

    instrument: str
    article: str
    item: str | None
    rest: str

    def among(self, articles: Mapping[str, int]) -> bool:
        """Whether an instrument that has these articles, each with so many items, has what is cited."""
        items = articles.get(self.article)
        return items is not None and (self.item is None or 0 < _number(self.item) <= items)

    def near(self, articles: Mapping[str, int]) -> Mapping[Lang, str]:
        """What there is in place of a citation that is not among these articles: other articles, or the items of its own."""
        items = articles.get(self.article)
        if items is None:
            return likely(self.article, articles)
        return {"zh": f"{self.article}（共{items}项）", "en": f"{self.article} ({items} items)"}


def parse(text: str) -> Cited | None:
    """A citation taken apart, None where the text is none."""
    match = _CITE.fullmatch(text)
    return Cited(*match.groups()) if match is not None else None


def resolve(manuscript: Manuscript, form: dict[str, Any], section: str, key: str, *path: str | int) -> None:
    """Resolve citations in place: ``LAO18 五(三)`` becomes its instrument and article."""
    found = []
    for index, text in enumerate(form["cite"]):
        cited = parse(text.strip())
        instrument = manuscript.part("instruments").get(cited.instrument) if cited is not None else None
        if cited is None or instrument is None:
            known = listed(manuscript.part("instruments"))
            manuscript.wrong(manuscript.place(section, key, *path, "cite", index), "cite-instrument", text=text, known=known)
        elif not cited.among(instrument["articles"]):
            place = manuscript.place(section, key, *path, "cite", index)
            known = cited.near(instrument["articles"])
            manuscript.wrong(place, "cite-article", text=text, instrument=cited.instrument, known=known)
        else:
            found.append((cited.instrument, cited.article + (f"({cited.item})" if cited.item else "") + cited.rest))
    if not form["cite"]:
        manuscript.wrong(manuscript.place(section, key, *path), "cite-none", name=key)
    form["cite"] = found


def _number(numeral: str) -> int:
    """A Chinese numeral up to ninety-nine as a number; 0 for what is none."""
    match = _NUMERAL.fullmatch(numeral)
    if match is None:
        return 0
    tens, ones = match.groups()
    return (0 if tens is None else 10 * (_DIGITS[tens] or 1)) + _DIGITS[ones]  # 十 alone is one ten
