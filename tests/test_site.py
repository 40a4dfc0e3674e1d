"""The documentation holds together as a site: every page is reached, every link leads somewhere, and no page asks for anything."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from test_arrows import LAYERS

ROOT_FOLDER = Path(__file__).resolve().parent.parent
SITE = ROOT_FOLDER / "docs" / "site"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    """The builder, which is a script of the documentation and no part of the program."""
    form = importlib.util.spec_from_file_location("site_build", SITE / "build.py")
    assert form is not None and form.loader is not None
    module = importlib.util.module_from_spec(form)
    sys.modules["site_build"] = module
    form.loader.exec_module(module)
    return module


def test_every_page_is_reached_and_every_link_leads_somewhere(build: ModuleType) -> None:
    pages, faults = build.reached()
    assert faults == []
    assert len(pages) > 200


def test_the_sidebar_names_every_page_that_is_written_by_hand(build: ModuleType) -> None:
    named = {path for entry in build.navigation()[1] for path in entry.paths.values()}
    docs = {path.relative_to(ROOT_FOLDER).as_posix() for path in (ROOT_FOLDER / "docs").rglob("*.md")}
    generated = {path for path in docs if path.split("/")[1] in ("rules", "facts") and not path.endswith("README.md")}
    assert sorted(docs - generated - named) == [], "docs/site/nav.yaml does not list these pages"


def test_the_picture_of_the_layers_shows_every_package_at_its_height() -> None:
    picture = (ROOT_FOLDER / "docs" / "images" / "layers.svg").read_text(encoding="utf-8")
    shown = re.findall(r'<text x="\d+" y="(\d+)" font-weight="700"[^>]*>(\w+)</text>', picture)
    rows = sorted({int(y) for y, _ in shown}, reverse=True)  # y grows downwards, the layers are listed from the bottom
    assert [{name for y, name in shown if int(y) == row} for row in rows] == [
        {name for name in layer if not name.startswith("__")} for layer in LAYERS
    ]


def test_the_index_in_chinese_lists_every_page_in_chinese() -> None:
    folder = ROOT_FOLDER / "docs" / "zh"
    text = (folder / "README.md").read_text(encoding="utf-8")
    pages = {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")} - {"README.md"}
    assert sorted(page for page in pages if f"]({page})" not in text) == []


def test_a_link_that_leads_nowhere_is_told(build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("# A\n[b](b.md#there) [b](b.md#not) [c](c.md) [out](https://example.org) `[d](d.md)`\n", encoding="utf-8")
    (docs / "b.md").write_text("# There\n", encoding="utf-8")
    (docs / "lost.md").write_text("# Lost\n", encoding="utf-8")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "navigation", lambda: ([], [build.Entry(0, {"zh": "docs/a.md", "en": "docs/a.md"}, True)]))
    assert build.reached()[1] == [
        "docs/a.md: b.md#not has no such heading",
        "docs/a.md: c.md leads nowhere",
        "docs/lost.md: cannot be reached from the sidebar",
    ]


def test_a_page_asks_for_nothing_from_elsewhere(build: ModuleType, tmp_path: Path) -> None:
    pytest.importorskip("markdown_it")
    pytest.importorskip("jinja2")
    pages, _ = build.reached()
    shown = {page: pages[page] for entry in build.navigation()[1] for page in entry.paths.values()}
    build.render(shown, tmp_path)
    for file in tmp_path.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r'(?:src|<link[^>]*href)="(?:https?:)?//', text), file
        assert "<script" not in text
    front = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert '<a href="README.html" lang="en">English</a>' in front
    assert '<a href="docs/zh/tutorials/sponsor.html">' in front
    assert "url(" not in (tmp_path / "site.css").read_text(encoding="utf-8")
