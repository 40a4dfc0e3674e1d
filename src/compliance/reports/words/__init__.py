"""What reports say beside the words that all of the program shares, in Chinese and in English, with the same placeholders in both.

The words of each part of a report are a module of their own; a code stands in one of them alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from compliance.reports.words import beside, elsewhere, finding, page, summary, tables
from compliance.wording import WORDS as SHARED

PARTS = (summary, finding, beside, page, tables, elsewhere)
WORDS: Mapping[str, tuple[str, str]] = {code: text for part in PARTS for code, text in part.WORDS.items()}


def say(code: str, lang: str, /, **values: object) -> str:
    """A text in a language, its placeholders filled: one of the reports, or one that all of the program shares."""
    text = (WORDS.get(code) or SHARED[code])[lang == "en"]
    return text.format(**values) if values else text  # none of these texts writes a brace for itself
