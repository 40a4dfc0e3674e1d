"""The page in a browser: filters, languages, keys, comments, print, and what a reader with other eyes or a small screen gets.

Needs Playwright and Chromium (Debian's, or the one that CHROMIUM names); skipped where they are not there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import hostile
from command import CASES, filing
from compliance.cli.inputs import load_case
from compliance.reports import html, view
from test_formats import difference, routes, timeline

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
pytestmark = pytest.mark.browser

if CHROMIUM is None:
    pytest.skip("no Chromium on this machine; set CHROMIUM to its path", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install '.[browser]'")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of one case, with all that can lie beside it."""
    found = load_case(Path(filing("300766")), CASES["300766"])
    beside = {"routes": routes(), "timeline": timeline(), "difference": difference()}
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(html.render(view.Dossier(found.record(), found.pack, **beside)), encoding="utf-8")
    return path


class Visit:
    """A page that was opened, with everything that it said or asked for."""

    def __init__(self, browser: Any, path: Path, anchor: str = "", script: str = "", **options: Any) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True, **options)
        if script:
            self.context.add_init_script(script)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri() + anchor)
        self.page.wait_for_selector("html[data-ready]")

    def shown(self) -> list[str]:
        """The findings that are shown."""
        found: list[str] = self.page.eval_on_selector_all("article:not([hidden])", "all => all.map(one => one.id)")
        return found


@pytest.fixture
def visit(browser: Any, report: Path) -> Iterator[Visit]:
    opened = Visit(browser, report)
    yield opened
    opened.context.close()


def test_nothing_is_asked_for_and_nothing_goes_wrong(visit: Visit) -> None:
    page = visit.page
    page.click("#unfold")
    page.click("#switch")
    page.click("#keys")
    page.click("#close")
    page.click("#agenda-all")
    assert visit.said == []
    assert visit.asked == [page.url]


# Filters


def test_filters_by_verdict(visit: Visit) -> None:
    everything = visit.shown()
    visit.page.click("#by-verdict button[value=pass]")
    passes = visit.shown()
    assert 0 < len(passes) < len(everything)
    assert set(visit.page.eval_on_selector_all("article:not([hidden])", "all => all.map(one => one.dataset.v)")) == {"pass"}
    assert visit.page.text_content("#shown") == f"{len(passes)} / {len(everything)}"
    visit.page.click("#by-verdict button[value=judgement]")
    assert len(visit.shown()) > len(passes)
    visit.page.click("#clear")
    assert visit.shown() == everything
    assert visit.page.get_attribute("#by-verdict button[value=pass]", "aria-pressed") == "false"


def test_filters_by_chapter_party_change_and_text(visit: Visit) -> None:
    chapter = visit.page.eval_on_selector("#by-chapter option:nth-child(2)", "one => one.value")
    visit.page.select_option("#by-chapter", chapter)
    assert set(visit.page.eval_on_selector_all("article:not([hidden])", "all => all.map(one => one.dataset.c)")) == {chapter}
    visit.page.click("#clear")
    visit.page.select_option("#by-party", index=1)
    named = visit.page.eval_on_selector("#by-party option:nth-child(2)", "one => one.textContent")
    assert named.endswith(f"({len(visit.shown())})")
    visit.page.click("#clear")
    visit.page.check("#by-changed")
    assert visit.shown() == ["issue-size"]
    visit.page.click("#clear")
    visit.page.fill("#by-text", "working-capital-share")
    assert visit.shown() == ["working-capital-share"]
    visit.page.fill("#by-text", "拟发行股份数量")
    assert "issue-size" in visit.shown()


# Languages


def test_the_language_switches_and_comes_back(visit: Visit) -> None:
    page = visit.page
    page.click("#unfold")
    before = page.inner_text("body")
    page.click("#switch")
    assert page.get_attribute("html", "lang") == "en"
    english = page.inner_text("#s\\:verdict")
    assert "no condition fails" in english and "1. Verdict" in english
    assert page.get_attribute("#by-text", "placeholder") == "Search titles, ids, text"
    assert page.get_attribute("nav.toc", "aria-label") == "Contents"
    heads = " ".join(page.locator("h2, h4, th, dt, summary, button, nav a, label").all_inner_texts())
    assert re.findall(r"[\u3400-\u9fff]+", heads.replace("中文", "")) == []
    page.keyboard.press("l")
    assert page.get_attribute("html", "lang") == "zh-CN"
    assert page.inner_text("body") == before


def test_the_language_is_kept(visit: Visit) -> None:
    visit.page.click("#switch")
    visit.page.reload()
    visit.page.wait_for_selector("html[data-ready]")
    assert visit.page.get_attribute("html", "lang") == "en"
    assert visit.page.title().endswith("findings report")


# Findings


def test_a_link_leads_to_its_finding(browser: Any, report: Path) -> None:
    opened = Visit(browser, report, "#working-capital-share")
    page = opened.page
    assert page.eval_on_selector("#working-capital-share .more", "one => one.open")
    detail = page.inner_text("#working-capital-share .detail")
    assert "补充流动资金和偿还债务比例上限 30%" in detail  # the working
    assert "78,067.85万元" in detail and "reply" in detail  # a fact and its place
    assert "2023-02-17起施行" in detail
    assert page.evaluate("document.activeElement.id") == "working-capital-share"
    top = page.eval_on_selector("#working-capital-share", "one => one.getBoundingClientRect().top")
    assert 0 <= top < 900
    page.click("#by-verdict button[value=judgement]")
    assert "working-capital-share" not in opened.shown()
    page.evaluate("location.hash = '#issue-size'")
    page.wait_for_function("document.activeElement.id === 'issue-size'")
    assert "issue-size" in opened.shown()
    opened.context.close()


def test_what_stands_first_leads_to_its_findings(visit: Visit) -> None:
    page = visit.page
    page.click(".counts a[data-want=pass]")
    passes = visit.shown()
    assert "working-capital-share" in passes and len(passes) == int(page.inner_text(".counts a[data-want=pass] b"))
    link = page.locator(".glance a[data-want^=party]").first
    party = link.inner_text()
    link.click()
    assert page.eval_on_selector("#by-party", "one => one.selectedOptions[0].textContent").startswith(f"{party} (")
    shown = visit.shown()
    assert shown and not set(shown) & set(passes)
    page.click(".glance [data-g=fragile] a")
    page.wait_for_function("document.activeElement.matches('article')")
    page.click("#clear")


def test_every_link_leads_somewhere(visit: Visit) -> None:
    visit.page.click("#agenda-all")
    lost = visit.page.eval_on_selector_all(
        "a[href^='#']", "all => all.map(one => one.getAttribute('href').slice(1)).filter(id => !document.getElementById(id))"
    )
    assert lost == []


def test_keys_do_what_the_help_says(visit: Visit) -> None:
    page = visit.page
    press = page.keyboard.press

    def now() -> str:
        return str(page.evaluate("document.querySelector('.now')?.id || ''"))

    first, second, *_ = visit.shown()
    press("j")
    assert now() == first
    press("j")
    assert now() == second
    press("k")
    assert now() == first
    press("o")
    assert page.eval_on_selector(f"#{first} .more", "one => one.open")
    press("o")
    assert not page.eval_on_selector(f"#{first} .more", "one => one.open")
    press("c")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    press("j")  # a letter of the comment, not a command
    assert page.evaluate("document.activeElement.value") == "j"
    press("Escape")
    press("/")
    assert page.evaluate("document.activeElement.id") == "by-text"
    page.keyboard.type("working-capital-share")
    press("Escape")
    press("e")
    assert page.eval_on_selector("#working-capital-share .more", "one => one.open")
    assert not page.eval_on_selector("#issue-size .more", "one => one.open")
    press("x")
    assert not page.eval_on_selector("#working-capital-share .more", "one => one.open")
    press("0")
    assert len(visit.shown()) > 100
    press("?")
    assert page.eval_on_selector("#help", "one => one.open")
    keys = page.locator("#help kbd").all_inner_texts()
    assert keys == [key for key, _ in html.KEYS]
    press("Escape")
    assert not page.eval_on_selector("#help", "one => one.open")


# Comments


def test_comments_are_kept_and_downloaded(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.click("#issue-size .say summary")
    page.fill("#issue-size textarea[name=quality]", "请核对 <b>股本</b>")
    page.click("#working-capital-share .say summary")
    page.fill("#working-capital-share textarea[name=lawyer]", "同意")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.text_content("#comment-count") == "2"
    page.click("#issue-size .say summary")
    assert page.input_value("#issue-size textarea[name=quality]") == "请核对 <b>股本</b>"
    with page.expect_download() as waited:
        page.click("#save")
    path = tmp_path / "comments.json"
    waited.value.save_as(path)
    assert re.fullmatch(r"comments-300766-[0-9a-f]{16}\.json", waited.value.suggested_filename)
    made = json.loads(path.read_text(encoding="utf-8"))
    assert made["schema"] == "compliance.comments/1" and len(made["facts_sha256"]) == len(made["pack_sha256"]) == 64
    by_rule = {one["rule"]: one for one in made["comments"]}
    assert by_rule["issue-size"]["role"] == "quality" and by_rule["issue-size"]["text"] == "请核对 <b>股本</b>"
    assert by_rule["issue-size"]["fingerprint"] == page.get_attribute("#issue-size", "data-f")
    page.fill("#issue-size textarea[name=quality]", " ")
    assert page.text_content("#comment-count") == "1"
    assert visit.said == []


def test_where_nothing_is_kept_comments_last_as_long_as_the_page(browser: Any, report: Path) -> None:
    refuse = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });"
    opened = Visit(browser, report, script=refuse)
    opened.page.click("#issue-size .say summary")
    opened.page.fill("#issue-size textarea[name=team]", "x")
    assert opened.page.text_content("#comment-count") == "1"
    assert opened.page.is_visible("#not-kept")
    opened.page.click("#switch")
    assert opened.page.get_attribute("html", "lang") == "en"
    assert opened.said == []
    opened.context.close()


def test_a_browser_too_old_still_shows_every_finding(browser: Any, report: Path) -> None:
    opened = Visit(browser, report, script="delete window.DecompressionStream;")
    assert opened.page.is_visible("#old-browser")
    assert len(opened.shown()) > 100
    assert not opened.page.is_visible("#switch")
    opened.context.close()


def test_without_scripts_every_finding_can_be_read(browser: Any, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert page.locator("article").count() > 100
    assert page.locator("#issue-size").inner_text().startswith("符合")
    assert "未启用脚本" in page.inner_text("noscript")
    context.close()


# Print


def test_it_prints_on_a4(visit: Visit) -> None:
    page = visit.page
    page.click("#issue-size .say summary")
    page.fill("#issue-size textarea[name=internal]", "内核意见在此")
    page.evaluate("location.hash = '#working-capital-share'")
    page.wait_for_selector("#working-capital-share .detail h4")
    whole = page.pdf(prefer_css_page_size=True)
    boxes = {tuple(round(float(part)) for part in found.split()) for found in re.findall(rb"/MediaBox \[([^\]]*)\]", whole)}
    assert boxes == {(0, 0, 595, 842)} or boxes == {(0, 0, 596, 842)} or boxes == {(0, 0, 595, 841)}
    page.emulate_media(media="print")
    for hidden in (".bar-top", "nav.toc", ".filters", "#issue-size .more"):
        assert not page.is_visible(hidden), hidden
    assert page.is_visible("#working-capital-share .detail")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert "内核: 内核意见在此" in page.inner_text("#issue-size")
    listed = page.locator("#agenda tbody tr").count()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert "内核意见在此" not in page.inner_text("#issue-size")
    assert listed > page.locator("#agenda tbody tr").count() == 25  # on paper the whole list, for no button can be pressed there
    pdfium = pytest.importorskip("pypdfium2")
    document = pdfium.PdfDocument(whole)
    text = "".join(document[number].get_textpage().get_text_range() for number in range(len(document)))
    assert "23,420.355万元" in text and "不构成法律意见" in text and 5 < len(document) < 60
    document.close()


# Other eyes, small screens


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_never_scrolls_sideways(visit: Visit, lang: str) -> None:
    if lang == "en":
        visit.page.click("#switch")
    visit.page.click("#unfold")
    visit.page.click("#issue-size .say summary")
    visit.page.click("#agenda-all")
    for width in (1280, 768, 360):
        visit.page.set_viewport_size({"width": width, "height": 740})
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


CONTRAST = """() => {
  const channel = (value) => { value /= 255; return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; };
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (at) => {
    for (; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const bad = {};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const at = text.parentElement;
    if (!text.data.trim() || !at.getClientRects().length || at.closest("script,style,noscript")) continue;
    const style = getComputedStyle(at);
    const [front, back] = [light(parse(at.closest("svg") ? style.fill : style.color)), light(behind(at))];
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) bad[`${at.tagName}.${at.className?.baseVal ?? at.className} ${style.color}`] = ratio;
  }
  return bad;
}"""


def test_every_text_has_contrast(visit: Visit) -> None:
    visit.page.click("#unfold")
    visit.page.click("#issue-size .say summary")
    visit.page.click("#by-verdict button[value=pass]")
    assert visit.page.evaluate(CONTRAST) == {}
    visit.page.click("#clear")
    visit.page.click("#keys")
    assert visit.page.evaluate(CONTRAST) == {}


def test_everything_that_can_be_used_has_a_name(visit: Visit) -> None:
    visit.page.click("#issue-size .say summary")
    session = visit.context.new_cdp_session(visit.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    used = {
        "button",
        "link",
        "combobox",
        "searchbox",
        "textbox",
        "checkbox",
        "region",
        "navigation",
        "search",
        "group",
        "dialog",
        "heading",
    }
    nameless = []
    seen = set()
    for node in nodes:
        role = node.get("role", {}).get("value")
        if node.get("ignored") or role not in used:
            continue
        seen.add(role)
        if not node.get("name", {}).get("value", "").strip() and role != "group":
            nameless.append((role, node.get("backendDOMNodeId")))
    assert nameless == []
    assert {"button", "link", "combobox", "searchbox", "textbox", "navigation", "heading", "region"} <= seen


def test_headings_descend_one_by_one(visit: Visit) -> None:
    visit.page.click("#unfold")
    levels = visit.page.eval_on_selector_all("h1,h2,h3,h4", "all => all.filter(one => one.checkVisibility()).map(one => +one.tagName[1])")
    assert levels[0] == 1 and levels.count(1) == 1
    assert [two for one, two in pairwise(levels) if two > one + 1] == []


# Bad input


def test_a_filing_cannot_reach_into_the_page(browser: Any, tmp_path: Path) -> None:
    found = load_case(hostile.write(tmp_path, hostile.hostile()), "2025-12-31")
    path = tmp_path / "evil.html"
    path.write_text(html.render(view.Dossier(found.record(), found.pack)), encoding="utf-8")
    opened = Visit(browser, path)
    page = opened.page
    page.click("#unfold")
    page.click("#switch")
    page.click("#agenda-all")
    assert page.evaluate("window.evil") is None
    assert page.locator("main img, main script, main iframe, main [onerror]").count() == 0
    assert "onerror=" in page.inner_text("h1") and "\\u202e" in page.inner_text("h1")  # shown as the text that it is
    assert opened.said == [] and opened.asked == [page.url]
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    opened.context.close()
