"""Builds the documentation as a site that opens from disk: `python docs/site/build.py OUT`. Needs the extra `docs`.

Every Markdown page that can be reached from `nav.yaml` becomes a page in one template; a file that a page links to is copied.
A link that leads nowhere, or a page that cannot be reached, fails the build and nothing is written.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from os.path import relpath
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LANGUAGES = ("zh", "en")
FRONT = "README.zh-CN.md"
ENGLISH_ONLY = "（英文）"
_WIDE = re.compile("[\u3000-\u9fff\uff00-\uffef]")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Entry(NamedTuple):
    """A page of the sidebar: its path by language, whether one page is in both, and what one in English only is called in Chinese."""

    part: int
    paths: Mapping[str, str]
    both: bool
    title: str = ""


@cache
def navigation() -> tuple[list[dict[str, str]], list[Entry]]:
    """The titles of the sidebar's parts, and its pages in their order."""
    parts = yaml.safe_load((HERE / "nav.yaml").read_text(encoding="utf-8"))
    entries = [
        Entry(number, {lang: page.get(lang) or page.get("both") or page["en"] for lang in LANGUAGES}, "both" in page, page.get("title", ""))
        for number, part in enumerate(parts)
        for page in part["pages"]
    ]
    return [part["title"] for part in parts], entries


def slug(heading: str) -> str:
    """The anchor of a heading, as a forge makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(text: str) -> set[str]:
    """The anchors of a page."""
    return {slug(heading) for heading in _HEADING.findall(re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))}


def links(text: str) -> list[str]:
    """What a page links to or shows, but for addresses elsewhere."""
    return [target for target in _LINK.findall(_CODE.sub("`", text)) if "://" not in target and not target.startswith("mailto:")]


def target_of(page: str, link: str) -> tuple[str, str]:
    """The file that a link of a page means, from the root, and the anchor. A folder means the README in it, if there is one."""
    name, _, anchor = unquote(link).partition("#")
    path = relpath(ROOT / PurePosixPath(page).parent / name, ROOT).replace("\\", "/") if name else page
    index = f"{path}/README.md".removeprefix("./")
    return (index if (ROOT / path).is_dir() and (ROOT / index).is_file() else path), anchor


def reached() -> tuple[dict[str, str], list[str]]:
    """The pages that can be reached from the sidebar, with their texts, and every fault of their links."""
    queue = sorted({path for entry in navigation()[1] for path in entry.paths.values()})
    pages: dict[str, str] = {}
    faults: list[str] = []
    while queue:
        page = queue.pop()
        if page in pages:
            continue
        pages[page] = (ROOT / page).read_text(encoding="utf-8")
        for link in links(pages[page]):
            path, anchor = target_of(page, link)
            if path.startswith("..") or not (ROOT / path).exists():
                faults.append(f"{page}: {link} leads nowhere")
            elif path.endswith(".md"):
                queue.append(path)
                if anchor and anchor not in anchors((ROOT / path).read_text(encoding="utf-8")):
                    faults.append(f"{page}: {link} has no such heading")
    lost = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")} - pages.keys()
    return pages, sorted(faults) + [f"{page}: cannot be reached from the sidebar" for page in sorted(lost)]


def language_of(page: str) -> str:
    """The language whose sidebar a page bears: Chinese but for the pages that are in English only."""
    english = {entry.paths["en"] for entry in navigation()[1] if not entry.both}
    return "en" if page in english else "zh"


def address(page: str) -> str:
    """Where a page lies in the site."""
    return "index.html" if page == FRONT else str(PurePosixPath(page).with_suffix(".html"))


def title_of(text: str) -> str:
    """The first heading of a page, without marks."""
    found = _HEADING.search(text)
    return re.sub(r"[`*]", "", found[1]) if found else ""


def sidebar(page: str, lang: str, pages: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The parts of the sidebar as a page shows them."""
    titles, entries = navigation()
    start = PurePosixPath(address(page)).parent
    for number, title in enumerate(titles):
        shown = []
        for entry in (entry for entry in entries if entry.part == number):
            path = entry.paths[lang]
            text = entry.title + ENGLISH_ONLY if entry.title and lang == "zh" else title_of(pages[path])
            if entry.both and len(languages := text.split(" / ")) == len(LANGUAGES):
                text = languages[LANGUAGES.index(lang)]
            shown.append({"href": relpath(address(path), start), "title": text, "here": path == page})
        yield {"title": title[lang], "pages": shown}


def counterpart(page: str) -> str | None:
    """The same page in the other language, if there is one."""
    for entry in navigation()[1]:
        zh, en = entry.paths["zh"], entry.paths["en"]
        if zh != en and page in (zh, en):
            return en if page == zh else zh
    return None


def render(pages: Mapping[str, str], out: Path) -> None:
    """Write every page, and every file that a page links to."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    template = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined).get_template("page.html")
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    for page, text in pages.items():
        lang = language_of(page)
        where = out / address(page)
        where.parent.mkdir(parents=True, exist_ok=True)
        other = counterpart(page)
        start = PurePosixPath(address(page)).parent
        body = markdown.renderer.render(_tokens(markdown.parse(text), page, out), markdown.options, {})
        body = body.replace("<table>", '<div class="table"><table>').replace("</table>", "</table></div>")
        where.write_text(
            template.render(
                lang=lang,
                title=title_of(text),
                root=f"{relpath('.', start)}/",
                other=relpath(address(other), start) if other else None,
                nav=list(sidebar(page, lang, pages)),
                body=Markup(body),
            ),
            encoding="utf-8",
        )
    shutil.copy(HERE / "site.css", out / "site.css")


def _tokens(tokens: Sequence[Any], page: str, out: Path) -> list[Any]:
    """The tokens of a page with anchors on its headings, and its links leading to the site's own files."""
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slug(tokens[number + 1].content))
        parts = token.children or []
        for place, inner in enumerate(parts):
            if inner.type == "softbreak" and _WIDE.match(parts[place - 1].content[-1:]) and _WIDE.match(parts[place + 1].content[:1]):
                inner.type = "text"  # Chinese has no blanks: a line's end is none
            name = {"link_open": "href", "image": "src"}.get(inner.type)
            if name and "://" not in str(inner.attrGet(name)):
                inner.attrSet(name, _link(page, str(inner.attrGet(name)), out))
    return list(tokens)


def _link(page: str, link: str, out: Path) -> str:
    path, anchor = target_of(page, link)
    start = PurePosixPath(address(page)).parent
    if path.endswith(".md"):
        return relpath(address(path), start) + (f"#{anchor}" if anchor else "")
    files = [path] if (ROOT / path).is_file() else [f.relative_to(ROOT).as_posix() for f in sorted((ROOT / path).rglob("*")) if f.is_file()]
    for file in files:
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, out / file)
    return relpath(path, start)


def main(arguments: Sequence[str]) -> int:
    """Build the site into a folder that is not there yet, or is an earlier build."""
    if len(arguments) != 1:
        sys.stderr.write("python docs/site/build.py OUT\n")
        return 2
    out = Path(arguments[0])
    pages, faults = reached()
    if faults:
        sys.stderr.write("".join(f"{fault}\n" for fault in faults))
        return 1
    if out.exists() and not (out / "site.css").is_file() and any(out.iterdir()):
        sys.stderr.write(f"{out}: holds something else than a site\n")
        return 2
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        made = Path(folder) / "site"
        render(pages, made)
        if out.exists():
            shutil.rmtree(out)
        made.rename(out)
    sys.stdout.write(f"{out / 'index.html'}: {len(pages)} pages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
