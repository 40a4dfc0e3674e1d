"""Reads the fixtures in ``bad/``: pairs of an input and every message it must give, in both languages.

``python tests/fresh.py`` writes the messages anew from what the code says now; read the difference before keeping it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from compliance import source
from compliance.facts import answers, loading
from compliance.facts.filing import Filing
from compliance.packs import loading as packs
from compliance.packs.book import Pack
from compliance.source import Node, SourceError

FOLDER = Path(__file__).parent / "bad"
TITLE, SAYS = "=== ", "--- says"
# What the answers of the fixtures are given to.
SOUND = """
schema: compliance.filing/1
pack: small
documents: {d: {title: 文件}}
issuer: {code: "000001", name: 甲}
uses: [{id: a}, {id: b, share: 40%}]
judgements: [{path: "uses[a].share", answer: 50%}]
"""


def pairs(name: str) -> dict[str, tuple[str, str]]:
    """The inputs in a file by their titles, each with its messages: for each mistake a line in Chinese, then English."""
    found = {}
    for part in ("\n" + (FOLDER / name).read_text(encoding="utf-8")).split("\n" + TITLE)[1:]:
        title, _, rest = part.partition("\n")
        text, _, says = rest.partition(SAYS + "\n")
        assert title not in found, f"two fixtures are called {title!r}"
        found[title] = (text, says.strip("\n"))
    return found


def said(error: SourceError) -> str:
    """What an error says, as the fixtures write it."""
    return "\n".join(problem.text(lang) for problem in error.problems for lang in ("zh", "en"))


def says(take: Callable[[str], object], text: str) -> str:
    """What is said of an input; nothing where it is taken."""
    try:
        take(text)
    except SourceError as error:
        return said(error)
    return ""


@cache
def small() -> Pack:
    """The pack that the fixtures of filings and answers are read with."""
    return packs.load(FOLDER / "pack")


def readings(pack: Pack) -> dict[str, list[str]]:
    """The options of a pack's readings."""
    return {reading.id: list(reading.options) for reading in pack.readings.values()}


def read(text: str | bytes, name: str = "filing.yaml", pack: Pack | None = None) -> Filing:
    """A filing from its text."""
    book = pack or small()

    def made(node: source.Node) -> Filing:
        return loading.read(node, book.vocabulary, book.id, readings(book))

    try:
        node = source.parse(text, name)
    except SourceError as error:
        raise loading.with_rest(error, made) from None
    return made(node)


def take_answers(text: str) -> object:
    """Answers from their text; they are read from a file of the folder at hand."""
    Path("answers.yaml").write_text(text, encoding="utf-8")
    return answers.load_answers(Path("answers.yaml"), read(SOUND), readings(small()))


def take_revision(text: str) -> object:
    """A filing that revises others from their texts, each under its name; the first is the one that is read."""
    names = []
    for part in ("\n" + text).split("\n+++ ")[1:]:
        name, _, content = part.partition("\n")
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(content, encoding="utf-8")
        names.append(name)
    book = small()
    return loading.load(Path(names[0]), book.vocabulary, book.id, readings(book))


@cache
def small_form() -> bytes:
    """The intake workbook of the pack that the fixtures are read with, in which the code of the issuer is filled in."""
    from compliance.intake import sheets, workbook

    return workbook.write(small().vocabulary, "small", {sheets.SINGLES: [{"path": "issuer.code", "value": "000001"}]}, None)


def take_workbook(text: str) -> object:
    """A filing from that form after changes: ``用途!A5 = text`` a line, cells merged, a sheet removed, copied or beheaded."""
    import io

    import openpyxl

    from compliance.intake import reading

    book = openpyxl.load_workbook(io.BytesIO(small_form()))
    for line in text.strip("\n").split("\n"):
        at, _, value = line.partition(" = ")
        verb, _, sheet = at.partition(" ")
        if verb == "remove":
            del book[sheet]
        elif verb == "behead":
            book[sheet].delete_rows(1)
        elif verb == "merge":
            title, _, cells = sheet.partition("!")
            book[title].merge_cells(cells)
        elif verb == "copy":
            book.copy_worksheet(book[sheet]).title = f"{sheet} (2)"
        else:
            title, _, cell = at.partition("!")
            book[title][cell] = value
    book.save("form.xlsx")
    pack = small()

    def read(node: Node) -> object:
        return loading.read(node, pack.vocabulary, pack.id, readings(pack))

    try:
        node = reading.load(Path("form.xlsx"), "form.xlsx", pack.vocabulary)
    except SourceError as error:
        raise loading.with_rest(error, read) from None
    return read(node)


def take_pack(patch: str) -> object:
    """A pack with one piece of text replaced."""
    return check(patched(sound(), patch))


def sound() -> dict[str, str]:
    """The files of the pack that the fixtures of packs change."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((FOLDER / "pack").iterdir())}


def patched(files: dict[str, str], patch: str) -> dict[str, str]:
    """Files with one piece of text replaced: the file's name, the old text, ``====``, the new text."""
    file, _, rest = patch.partition("\n")
    old, _, new = rest.partition("\n====\n")
    new = new.removesuffix("\n")
    assert files[file].count(old) == 1, f"{file} holds {files[file].count(old)} times: {old}"
    return {**files, file: files[file].replace(old, new)}


def check(files: dict[str, str]) -> object:
    """A pack from the texts of its files."""
    return packs.check({name: text.encode() for name, text in files.items()}, "pack", tests={})


TAKEN: dict[str, Callable[[str], object]] = {
    "filings.txt": read,
    "answers.txt": take_answers,
    "packs.txt": take_pack,
    "revisions.txt": take_revision,
    "workbooks.txt": take_workbook,
}


def rewrite(name: str) -> None:
    """Write the messages of a file of fixtures anew."""
    parts = [f"{TITLE}{title}\n{text}{SAYS}\n{says(TAKEN[name], text)}\n" for title, (text, _) in pairs(name).items()]
    (FOLDER / name).write_text("\n".join(parts), encoding="utf-8")
