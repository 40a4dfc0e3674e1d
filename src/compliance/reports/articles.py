"""The names of articles: their numbers in order, and how English writes them."""

from __future__ import annotations

import re

from compliance.reports.words import say

_NUMERAL = re.compile(r"[零〇一二三四五六七八九十百]+|\d+")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0}
_N = "([零〇一二三四五六七八九十百]+|[0-9]+)"
_FORMS = (
    (re.compile(f"第{_N}条之{_N}"), "art-of"),
    (re.compile(f"第{_N}条"), "art-article"),
    (re.compile(f"第{_N}款"), "art-paragraph"),
    (re.compile(f"第{_N}项"), "art-item"),
    (re.compile(f"[（(]{_N}[)）]"), "art-point"),
    (re.compile(f"(?<![0-9.\\-]){_N}(?![0-9.\\-])"), "art-part"),
)
_WORDS = {"全文": "art-whole", "例外": "art-exceptions", "衔接": "art-transition"}


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
        shown = re.sub(r"\0[0-9]+\0|" + form.pattern, lambda found, code=code: found[0] if found[0][0] == "\0" else put(code, found), shown)  # type: ignore[misc]
    return re.sub(r"\0([0-9]+)\0", lambda found: made[int(found[1])], shown).strip()


def numerals(name: str) -> tuple[int, ...]:
    """The numbers in an article's name, Chinese or Arabic, so that the twentieth article comes after the third."""
    return tuple(numeral(part) for part in _NUMERAL.findall(name))


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
