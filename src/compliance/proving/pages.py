"""A page for each rule of a pack, in both languages: what it asks, where it stands, what it reads, how it is tested."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from compliance import dates, source
from compliance.packs.book import Citation, Pack, Rule
from compliance.packs.folder import folders
from compliance.proving.words import say
from compliance.source import Node, Scalar, Sequence, SourceError, Table
from compliance.vocabulary import ROOT, Field, Text
from compliance.wording import LANGUAGES

Written = Mapping[tuple[str, str], Mapping[str, str]]  # of a rule ("" beside its id) and of each exception: its formulas, by key


def of(pack: Pack, folder: Path, cases: Path | None = None) -> dict[str, str]:
    """The pages of a pack by file name, the index among them. ``folder`` is the pack's, where its formulas are as written.

    ``cases`` is a folder of cases; each whose expected findings name a rule is listed on the rule's page.
    """
    written = formulas(folder)
    used = _cases(pack, cases) if cases is not None else {}
    pages = {f"{rule.id}.md": page(_page(pack, rule, written, used.get(rule.id, ()))) for rule in pack.rules}
    return {"README.md": page(_index(pack)), **pages}


def is_page(name: str, line: str) -> bool:
    """Whether a file of this name is a page of a rule or their index: by its third line, which names the rule, or this verb."""
    return line.startswith(f"`{name.removesuffix('.md')}` · ") or (name == "README.md" and "`compliance rules pages`" in line)


def write(folder: Path, pages: Mapping[str, str], ours: Callable[[str, str], bool] = is_page) -> None:
    """Write the pages into a folder and remove those of what is gone; no other file is touched.

    ``ours`` tells by its name and third line whether a file is such a page. Raises ``SourceError`` where the folder cannot
    be written, or holds a file of a page's name that is no page.
    """
    source.make_folder(folder)
    there = {path.name: ours(path.name, _third_line(path)) for path in source.listed(folder, "file-absent") if path.suffix == ".md"}
    foreign = [name for name in pages if there.get(name) is False]
    if foreign:
        raise source.SourceError([source.Problem(source.Place(str(folder / name)), "page-foreign") for name in foreign])
    for name, text in pages.items():
        source.write_text(folder / name, text)
    for name, found in there.items():
        if found and name not in pages:
            (folder / name).unlink()


def _third_line(path: Path) -> str:
    try:
        return [*source.read_bytes(path).decode("utf-8", "replace").split("\n")[:3], "", "", ""][2]
    except source.SourceError:
        return ""


def page(lines: Iterable[str]) -> str:
    """A page of its lines."""
    return "".join(f"{line}\n" for line in lines)


def _index(pack: Pack) -> Iterator[str]:
    yield f"# {both(pack.title)}"
    yield ""
    yield from (say("pages-how", lang) for lang in LANGUAGES)
    for chapter in dict.fromkeys(rule.chapter for rule in pack.rules):
        yield from ("", f"## {titled(pack, chapter)}", "", f"| {said('rule')} | {said('force')} | {said('covers')} |", "|---|---|---|")
        for rule in pack.rules:
            if rule.chapter == chapter:
                yield f"| [{both(rule.title)}]({rule.id}.md) | {both(pack.force(rule.force))} | {', '.join(rule.covers)} |"


def titled(pack: Pack, chapter: str) -> str:
    """The title of a chapter; one that the book does not name goes by its file."""
    return both(pack.chapters.get(chapter, dict.fromkeys(LANGUAGES, chapter)))


def _page(pack: Pack, rule: Rule, written: Written, cases: Iterable[str]) -> Iterator[str]:
    yield f"# {both(rule.title)}"
    yield ""
    covers = f" · {', '.join(rule.covers)}" if rule.covers else ""
    yield f"`{rule.id}` · {both(pack.force(rule.force))} · {_days(rule.start, rule.end)}{covers}"
    yield from ("", rule.restated["zh"], "", rule.restated["en"])
    yield from _part("citations", _citations(pack, rule))
    yield from _part("formula", _written(written.get((rule.id, ""), {})))
    yield from _part("facts", _facts(pack, rule))
    yield from _part("limits", _limits(pack, rule))
    yield from _part("law-days", _law_days(pack, rule))
    yield from _part("exceptions", _exceptions(pack, rule, written))
    yield from _part("readings", _readings(pack, rule))
    yield from _part("tests", (f"- {both(test['name'])}: {test['expect'].get('verdict', '')}" for test in rule.tests))
    yield from _part("cases", (f"- [{name}](../../cases/{name}/README.md)" for name in cases))


def _part(code: str, lines: Iterable[str]) -> Iterator[str]:
    listed = list(lines)
    if listed:
        yield from ("", f"## {said(code)}", "", *listed)


def _citations(pack: Pack, rule: Rule) -> Iterator[str]:
    """Each instrument once: the articles, every version of it, and whether its text was held against the official one."""
    for name in dict.fromkeys(cite.instrument for cite in rule.cite):
        instrument = pack.instruments[name]
        articles = ", ".join(cite.article for cite in rule.cite if cite.instrument == name)
        yield f"- {both(instrument.title)}: {articles}"
        for version in instrument.versions:
            yield f"  - {version.number}, {_days(version.start, version.end)}"
        yield f"  - {said('confirmed' if instrument.confirmed else 'unconfirmed')}"


def _cited(pack: Pack, cite: Citation) -> str:
    return f"{both(pack.instruments[cite.instrument].short)}, {cite.article}"


def _written(formula: Mapping[str, str]) -> Iterator[str]:
    if formula:
        yield "```"
        yield from (f"{name}: {text}" for name, text in formula.items())
        yield "```"


def _facts(pack: Pack, rule: Rule) -> Iterator[str]:
    rows = [form for form in _fields(pack, rule) if form.type != "list"]
    if rows:
        yield f"| {said('fact')} | {said('what')} | {said('who')} | {said('document')} |"
        yield "|---|---|---|---|"
    for form in rows:
        name = form.name if form.entity == ROOT else f"{form.entity}.{form.name}"
        yield f"| `{name}` | {both(form.label)} | {both(form.who)} | {both(form.document)} |"


def _fields(pack: Pack, rule: Rule) -> Iterator[Field]:
    for entity, name in rule.fields():
        if entity != "reading":
            yield pack.vocabulary.entity(entity).fields[name]


def _limits(pack: Pack, rule: Rule) -> Iterator[str]:
    for name in sorted(rule.parameters()):
        parameter = pack.parameters[name]
        values = "; ".join(f"{value.shown} {_days(value.start, value.end)}" for value in parameter.values)
        yield f"- `{name}` {both(parameter.label)}: {values}"


def _law_days(pack: Pack, rule: Rule) -> Iterator[str]:
    for code, days in (("law-by", rule.law), ("held-on", rule.held_on)):
        if days:
            yield f"- {said(code)}: {', '.join(f'`{pack.days.get(day, day)}`' for day in days)}"


def _exceptions(pack: Pack, rule: Rule, written: Written) -> Iterator[str]:
    for exempt in rule.exceptions:
        covers = f" [{', '.join(exempt.covers)}]" if exempt.covers else ""
        yield f"- `{exempt.id}` {both(exempt.title)}{covers}: {'; '.join(_cited(pack, cite) for cite in exempt.cite)}"
        yield from (f"  - {name}: `{text}`" for name, text in written.get((rule.id, exempt.id), {}).items())


def _readings(pack: Pack, rule: Rule) -> Iterator[str]:
    fields = set(rule.fields())
    for reading in pack.readings.values():
        if ("reading", reading.id) in fields:
            default = reading.options.get(reading.default)
            covers = f" [{', '.join(reading.covers)}]" if reading.covers else ""
            yield f"- `{reading.id}` {both(reading.text)}{covers}"
            yield from (f"  - `{name}` {both(option)}" for name, option in reading.options.items())
            yield f"  - {said('default')}: {both(default) if default is not None else said('both')}"


def formulas(folder: Path) -> Written:
    """What each rule and each exception asks for, as the files of a pack and of one that it extends have it."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for path in (path for where in folders(folder) for path in sorted(where.glob("*.y*ml"))):
        try:
            node = source.load(path)
        except SourceError:
            continue
        for rule, entries in _named(node, "rules"):
            found[rule, ""] = _texts(entries, ("applies", "limit", "require"))
            for exempt, parts in _named(entries, "exceptions"):
                found[rule, exempt] = _texts(parts, ("when", "limit", "require", "verdict"))
    return found


def _named(node: Node, section: str) -> Iterator[tuple[str, Table]]:
    """The parts of a section that have an id, each by it."""
    listed = node.entries.get(section) if isinstance(node, Table) else None
    for part in listed.items if isinstance(listed, Sequence) else ():
        if isinstance(part, Table) and isinstance(name := part.entries.get("id"), Scalar) and name.text is not None:
            yield name.text, part


def _texts(node: Table, keys: Iterable[str]) -> dict[str, str]:
    """What stands under some keys, each on one line."""
    parts = {key: node.entries.get(key) for key in keys}
    return {key: " ".join(part.text.split()) for key, part in parts.items() if isinstance(part, Scalar) and part.text}


def _cases(pack: Pack, folder: Path) -> dict[str, list[str]]:
    """The cases whose expected findings name a rule, by rule."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*/expected.yaml")):
        words = {part.strip(" :-{},'\"") for part in path.read_text(encoding="utf-8").replace("\n", " ").split(" ")}
        for rule in pack.rules:
            if rule.id in words:
                found.setdefault(rule.id, []).append(path.parent.name)
    return found


def _days(start: int, end: int) -> str:
    return f"{dates.iso(start)} → {dates.iso(end) if end < dates.LAST_DAY else '…'}"


def both(text: Text | None) -> str:
    """A text in both languages, Chinese first, as a cell of a table takes it; a dash for none."""
    if not text:
        return "—"
    return (text["zh"] if text["zh"] == text["en"] else f"{text['zh']} / {text['en']}").replace("|", "\\|")


def said(code: str) -> str:
    """A phrase of the pages in both languages."""
    return both({lang: say(code, lang) for lang in LANGUAGES})
