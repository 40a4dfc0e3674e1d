"""A document as numbered lines with their pages, read from plain text, Word or PDF.

A line of a text file is a line of that file, of a Word file a paragraph or a table's row, of a PDF a line of its page. A
text taken out of a printed document often keeps the page numbers, glued to the first line of the next page; they are found
as the longest run of numbers that count on from page to page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from compliance import packed, wording
from compliance.source import Place, Problem, SourceError, listed, read_bytes

ENDINGS = (".txt", ".md", ".docx", ".pdf")
MAX_BYTES = 256 * 1024 * 1024
MAX_PAGES = 5_000
MAX_LINES = 500_000
MAX_LINE = 200_000  # characters of a line

# A number with decimals or a unit at the front of a line is a figure, and no page number with something glued to it.
_FRONT = re.compile(r"\s*([0-9]{1,8})(?![0-9,]*(?:\.[0-9]|\s*[%‰万亿元月日股个家人名项]))")
_PAGE_DIGITS = 4
_LOST = 8  # pages in a row, less one, whose number may be lost
_LEAST_PAGES = 3  # numbers that count on before they are taken for page numbers
_LEAST_LINES = 3  # lines from one page number to the next: numbers closer than that are those of a table's rows


class Line(NamedTuple):
    """One line: its number from 1 (in a PDF, on its page), the page it stands on (0: not known), and its text.

    ``front`` are the characters before its text that are the number of the page that ends there.
    """

    number: int
    page: int
    text: str
    front: int = 0


class Document(NamedTuple):
    """A document of a filing: the id under which facts cite it, its file's name, and its lines.

    ``by_page`` tells whether lines are numbered afresh on each page.
    """

    id: str
    file: str
    lines: tuple[Line, ...]
    by_page: bool

    def at(self, page: int, number: int) -> list[int]:
        """The positions in ``lines`` that a page and a line number lead to; 0 stands for what is not given."""
        found = [index for index, line in enumerate(self.lines) if not number or line.number == number]
        if page and (self.by_page or not number):
            found = [index for index in found if self.lines[index].page == page]
        return found


def find(folder: Path, documents: Mapping[str, Mapping[str, str]]) -> dict[str, Path]:
    """The file of each document in a folder: named like its id, or like its title.

    Raises ``SourceError`` where the filing names no document, the folder cannot be read, holds none of them, or two files answer to
    one document.
    """
    found: dict[str, Path] = {}
    problems: list[Problem] = []
    if not documents:
        raise SourceError([Problem(Place(str(folder)), "documents-unnamed", {})])
    files = [path for path in listed(folder, "documents-folder") if path.suffix.lower() in ENDINGS and path.is_file()]
    for name, form in documents.items():
        wanted = {_plain(name), _plain(form.get("title", ""))} - {""}
        matching = [path for path in files if _plain(path.stem) in wanted]
        if len(matching) > 1:
            names = wording.listed(path.name for path in matching)
            problems.append(Problem(Place(str(folder)), "document-twice", {"name": name, "files": names}))
        elif matching:
            found[name] = matching[0]
    if not found and not problems:
        names = wording.listed(f"{name}.txt" for name in documents)
        problems.append(Problem(Place(str(folder)), "documents-none", {"names": names, "known": " ".join(ENDINGS)}))
    if problems:
        raise SourceError(problems)
    return found


def read(name: str, path: Path) -> Document:
    """A document's lines. Raises ``SourceError`` where it is encrypted, broken, too large or holds no text."""
    place = Place(str(path))
    data = read_bytes(path, limit=MAX_BYTES)
    ending = path.suffix.lower()
    if ending == ".pdf":
        lines, by_page = tuple(_pdf(data, place)), True
    elif ending == ".docx":
        lines, by_page = tuple(_numbered(_word(data, place))), False
    else:
        lines, by_page = _paged(_text(data, place)), False
    if not any(line.text.strip() for line in lines):
        raise SourceError([Problem(place, "document-no-text", {})])
    return Document(name, path.name, lines, by_page)


def _plain(text: str) -> str:
    return "".join(char for char in text if char.isalnum()).casefold()


def _numbered(texts: Iterable[str]) -> Iterator[Line]:
    for number, text in enumerate(texts, 1):
        yield Line(number, 0, text[:MAX_LINE])


def _text(data: bytes, place: Place) -> list[str]:
    """The lines of a text in UTF-8 or, as much Chinese text still is, in GB 18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            texts = data.decode(encoding).splitlines() if b"\x00" not in data else None
        except UnicodeDecodeError:
            continue
        if texts is not None and len(texts) <= MAX_LINES:
            return texts
        break
    raise SourceError([Problem(place, "document-unreadable", {})])


def _paged(texts: list[str]) -> tuple[Line, ...]:
    """Lines with their pages, by the numbers that count on at the beginnings of lines.

    A number stands where its page has ended: what follows it belongs to the next.
    """
    ends = _counting(list(_marks(texts)))
    lines, page = [], min(ends.values(), default=0)
    for index, text in enumerate(texts):
        front = 0
        if index in ends:
            page, front = ends[index] + 1, len(text) - len(text.lstrip()) + len(str(ends[index]))
        lines.append(Line(index + 1, page, text[:MAX_LINE], front))
    return tuple(lines)


def _marks(texts: list[str]) -> Iterator[tuple[int, int]]:
    """The lines that may begin with a page number, each with what the number may be: other digits may be glued to it."""
    for index, text in enumerate(texts):
        match = _FRONT.match(text)
        for length in range(min(len(match[1]), _PAGE_DIGITS) if match else 0, 0, -1):
            if match and match[1][0] != "0":
                yield index, int(match[1][:length])


def _counting(marks: list[tuple[int, int]]) -> dict[int, int]:
    """The longest run of marks that count on, by the place of each; a few pages may have lost their number."""
    best: dict[int, tuple[int, tuple[int, int]]] = {}  # by number: how long the longest run is that ends with it, and where it ends
    before: dict[tuple[int, int], tuple[int, int]] = {}
    for mark in marks:
        longest = max(
            (best[number] for number in range(mark[1] - _LOST, mark[1]) if number in best and _apart(best[number][1], mark)), default=None
        )
        length = longest[0] + 1 if longest else 1
        if length > best.get(mark[1], (0, mark))[0]:
            best[mark[1]] = length, mark
            if longest:
                before[mark] = longest[1]
    length, last = max(best.values(), default=(0, None))
    found: dict[int, int] = {}
    while last is not None:
        found[last[0]] = last[1]
        last = before.get(last)
    return found if length >= _LEAST_PAGES else {}


def _apart(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether the pages between two marks have lines enough to be pages."""
    return second[0] - first[0] >= _LEAST_LINES * (second[1] - first[1])


def _word(data: bytes, place: Place) -> Iterator[str]:
    """The paragraphs and table rows of a Word file in their order; the cells of a row are kept apart by tabs."""
    packed.parts(data, place, "document-unreadable", "document-encrypted")
    try:
        from docx import Document as Word
        from docx.table import Table
    except ImportError:
        raise SourceError([Problem(place, "extra-needed", {"extra": "office"})]) from None
    try:
        content = list(Word(io.BytesIO(data)).iter_inner_content())
    except Exception:  # the library raises whatever its XML parser meets
        raise SourceError([Problem(place, "document-unreadable", {})]) from None
    for part in content:
        if not isinstance(part, Table):
            yield part.text
            continue
        for row in part.rows:
            yield "\t".join(cell.text.replace("\n", " ") for cell in row.cells)


def _pdf(data: bytes, place: Place) -> Iterator[Line]:
    """The lines of a PDF, page by page."""
    try:
        import pypdfium2
    except ImportError:
        raise SourceError([Problem(place, "extra-needed", {"extra": "pdf"})]) from None
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        code = "document-encrypted" if "password" in str(error).lower() else "document-unreadable"
        raise SourceError([Problem(place, code, {})]) from None
    try:
        if len(document) > MAX_PAGES:
            raise SourceError([Problem(place, "document-pages", {"limit": MAX_PAGES})])
        for page in range(len(document)):
            text = document[page].get_textpage().get_text_bounded()
            for number, line in enumerate(text.splitlines(), 1):
                yield Line(number, page + 1, line[:MAX_LINE])
    except pypdfium2.PdfiumError:
        raise SourceError([Problem(place, "document-unreadable", {})]) from None
    finally:
        document.close()
