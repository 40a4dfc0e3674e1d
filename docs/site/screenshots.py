"""Takes the pictures of the page that the documentation shows: `python docs/site/screenshots.py`.

Needs the extra `browser` and Chromium. Where Pillow is installed the pictures keep 128 colours, which makes them a third of the size.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
CASE = ("cases/300766/filing.yaml", "--as-of", "2025-12-31", "--full")
SIZE = {"width": 1120, "height": 720}


class Shot(NamedTuple):
    """A picture: where the page is scrolled to, and its language."""

    anchor: str
    lang: str = "zh"


SHOTS = {
    "verdict": Shot("#s:verdict"),
    "headroom": Shot("#s:headroom"),
    "finding": Shot("#working-capital-share"),
    "english": Shot("#s:todo", lang="en"),
}


def take(page: Page, report: Path, shot: Shot, out: Path) -> None:
    """Open the page where the shot says, and keep what the window shows."""
    page.goto(report.as_uri() + shot.anchor)
    page.reload()  # another anchor alone opens nothing anew
    page.wait_for_selector("html[data-ready]")
    page.evaluate("name => document.getElementById(name).scrollIntoView()", shot.anchor.removeprefix("#"))
    page.screenshot(path=out)


def shrink(picture: Path) -> None:
    """Keep of a picture what a page of text needs of colours; without Pillow it stays as it is."""
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(picture) as whole:
        fewer = whole.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    fewer.save(picture, optimize=True)


def main() -> None:
    """All pictures, each from a page in its language."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport=SIZE)
        for name, shot in SHOTS.items():
            report = Path(folder) / f"{shot.lang}.html"
            if not report.exists():
                made = [
                    sys.executable,
                    "-m",
                    "compliance",
                    "check",
                    *CASE,
                    "--lang",
                    shot.lang,
                    "--format",
                    "html",
                    "--out",
                    str(report),
                ]
                subprocess.run(made, cwd=ROOT, check=False, capture_output=True)
            picture = ROOT / "docs" / "images" / f"{name}.png"
            take(page, report, shot, picture)
            shrink(picture)
        browser.close()


if __name__ == "__main__":
    main()
