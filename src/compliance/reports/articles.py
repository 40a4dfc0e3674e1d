"""The names of articles and of versions: their numbers in order, and how English writes them."""

from __future__ import annotations

import re
from functools import lru_cache

from compliance.reports.words import say

_NUMERAL = r"[零〇一二三四五六七八九十百]+|\d+"
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0}
_N = "([零〇一二三四五六七八九十百]+|[0-9]+)"
_FORMS = (
    (f"第{_N}条之{_N}", "art-of"),
    (f"第{_N}条", "art-article"),
    (f"第{_N}款", "art-paragraph"),
    (f"第{_N}项", "art-item"),
    (f"[（(]{_N}[)）]", "art-point"),
    (f"(?<![0-9.\\-]){_N}(?![0-9.\\-])", "art-part"),
)
_HOW = {"公布": "made", "发布": "issued", "修正": "amended", "修订": "revised"}
_BY = {"令": "order", "公告": "announcement"}
_VERSIONS = (
    re.compile(r"(?P<year>[0-9]{4})年(?:(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日)?(?P<how>公布|发布|修正|修订)"),
    re.compile(r"[^0-9]*?(?P<by>令)(?:(?P<year>[0-9]{4})年)?第(?P<n>[0-9]+)号(?P<trial>（试行）)?"),
    re.compile(r"[^0-9]*?(?P<by>公告)?〔(?P<year>[0-9]{4})〕(?P<n>[0-9]+)号(?P<trial>（试行）)?"),
)
_WORDS = {"全文": "art-whole", "例外": "art-exceptions", "衔接": "art-transition"}


@lru_cache(maxsize=4096)  # a book cites the same articles over and over
def article(name: str, lang: str) -> str:
    """An article as a reader of the language writes it: an article and a point of it, or a part and a point of it."""
    if lang == "zh":
        return name
    if name in _WORDS:
        return say(_WORDS[name], lang)
    made: list[str] = []

    def put(code: str, found: re.Match[str]) -> str:
        """A mark where the text stands, so that no later form looks at its digits."""
        made.append(say(code, lang, **{key: numeral(text) for key, text in zip("nm", found.groups(), strict=False)}))
        return f"\0{len(made) - 1}\0"

    shown = name
    for form, code in _FORMS if not name.isascii() else ():
        shown = re.sub(r"\0[0-9]+\0|" + form, lambda found, code=code: found[0] if found[0][0] == "\0" else put(code, found), shown)  # type: ignore[misc]
    return re.sub(r"\0([0-9]+)\0", lambda found: made[int(found[1])], shown).strip()


@lru_cache(maxsize=256)
def version_name(name: str, lang: str) -> str:
    """A version as a reader of the language writes it: an order, an announcement or another document by its number, or by its day.

    Who gave it stands in the title of the instrument; a name of another form stays as it is.
    """
    found = next((match for form in _VERSIONS if (match := form.fullmatch(name))), None)
    if lang == "zh" or found is None:
        return name
    parts = found.groupdict("")
    if "how" in parts:
        day = "-".join(parts[key].zfill(2) for key in ("year", "month", "day") if parts[key])
        return say(f"ver-{_HOW[parts['how']]}", lang, day=day)
    code = f"ver-{_BY.get(parts['by'], 'document')}" + ("-year" if parts["year"] else "")
    return say(code, lang, n=parts["n"], year=parts["year"]) + (say("ver-trial", lang) if parts["trial"] else "")


def numerals(name: str) -> tuple[int, ...]:
    """The numbers in an article's name, Chinese or Arabic, so that the twentieth article comes after the third."""
    return tuple(numeral(part) for part in re.findall(_NUMERAL, name))


def numeral(text: str) -> int:
    """A whole number below a thousand in Chinese or Arabic digits."""
    if text.isdigit() and text.isascii():
        return int(text)
    total, digit = 0, 0
    for char in text:
        if char in "百十":
            total, digit = total + (digit or 1) * (100 if char == "百" else 10), 0
        else:
            digit = _DIGITS[char]
    return total + digit
