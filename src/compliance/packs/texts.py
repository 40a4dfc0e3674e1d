"""The official wording of articles, which a user brings: read from YAML and held against what a rule book may cite.

The program ships restatements in its own words and no official text; a file here is the user's, and is never kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from compliance import dates, source
from compliance.packs import citations
from compliance.packs.book import Instrument, Pack
from compliance.source import Node, Place, Problem, Scalar, SourceError, Table
from compliance.wording import likely, listed

Texts = Mapping[tuple[str, str, str], str]  # by instrument, first day of the version, and article as it is cited

MAX_FILES = 200
MAX_TEXT = 20_000  # characters of one article
_PARTS = ("version_from", "articles")
_BRACKETS = str.maketrans("（）", "()")


def load(folder: Path, pack: Pack) -> Texts:
    """The texts in the ``.yaml`` files of a folder: ``{instrument: {version_from: DAY, articles: {article: text}}}``.

    Raises ``SourceError`` with every instrument, version or article that the pack does not know, and every text that is too long.
    """
    files = [path for path in source.listed(folder, "texts-folder") if path.suffix.lower() in (".yaml", ".yml")]
    if not 0 < len(files) <= MAX_FILES:
        raise SourceError([Problem(Place(str(folder)), "texts-files", {"found": len(files), "limit": MAX_FILES})])
    reader = _Reader(pack)
    for path in files:
        try:
            reader.file(source.load(path))
        except SourceError as error:
            reader.problems += error.problems
    if reader.problems:
        raise SourceError(reader.problems)
    return reader.texts


class _Reader:
    """Reads files one after the other and notes what is wrong in them."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.texts: dict[tuple[str, str, str], str] = {}
        self.problems: list[Problem] = []

    def wrong(self, place: Place, code: str, **values: object) -> None:
        """Note a mistake."""
        self.problems.append(Problem(place, code, values))

    def file(self, node: Node) -> None:
        """One file: instruments by their ids."""
        for name, (form, place) in self.entries(node).items():
            if name in self.pack.instruments:
                self.instrument(self.pack.instruments[name], form)
            else:
                self.wrong(place, "cite-instrument", text=name, known=listed(self.pack.instruments))

    def entries(self, node: Node | None) -> dict[str, tuple[Node, Place]]:
        """The entries of a mapping, each with the place of its key."""
        if isinstance(node, Table):
            return {name: (part, node.keys[name]) for name, part in node.entries.items()}
        if node is not None:
            self.wrong(node.place, "shape-other", reason={"zh": "这里应当是“键: 值”", "en": "this should be pairs of key and value"})
        return {}

    def instrument(self, known: Instrument, form: Node) -> None:
        """The texts of one version of an instrument."""
        parts = self.entries(form)
        for name, (_, place) in parts.items():
            if name not in _PARTS:
                self.wrong(place, "choice-bad", text=name, expected=listed(_PARTS))
        for name in _PARTS:
            if isinstance(form, Table) and name not in parts:
                self.wrong(form.place, "field-missing", name=name)
        versions = [dates.iso(version.start) for version in known.versions]
        day = parts["version_from"][0] if "version_from" in parts else None
        start = day.text if isinstance(day, Scalar) else None
        if day is not None and start not in versions:
            self.wrong(day.place, "choice-bad", text=start or "", expected=listed(versions))
        for article, (text, place) in self.entries(parts["articles"][0] if "articles" in parts else None).items():
            self.article(known, start or "", article.translate(_BRACKETS), text, place)

    def article(self, known: Instrument, start: str, article: str, text: Node, place: Place) -> None:
        """The text of one article."""
        cited = citations.parse(f"{known.id} {article}")
        if cited is None or not cited.among(known.articles):
            near = likely(article, known.articles) if cited is None else cited.near(known.articles)
            self.wrong(place, "cite-article", text=article, instrument=known.id, known=near)
        elif not isinstance(text, Scalar) or not text.text:
            self.wrong(place, "field-missing", name=article)
        elif len(text.text) > MAX_TEXT:
            self.wrong(text.place, "yaml-long-text", limit=MAX_TEXT)
        elif (known.id, start, article) in self.texts:
            self.wrong(place, "cell-twice", path=f"{known.id} {article}")
        else:
            self.texts[known.id, start, article] = text.text.strip()
