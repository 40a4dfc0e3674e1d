"""Reports: the same words everywhere, nothing but text from a filing, within the width, readable without colour."""

from __future__ import annotations

import os
import re
import string
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from checked import book, case, record
from command import CASES, ROOT, filing
from compliance.cli.words import WORDS as CLI_WORDS
from compliance.engine.phrases import figure, rounded, spread
from compliance.proving.words import WORDS as PROOF_WORDS
from compliance.reports import markdown, model, printable, sentences, text, view
from compliance.reports.paper import Paper, fitting
from compliance.reports.words import WORDS

GOLDEN = ROOT / "tests" / "golden"
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))  # write the golden files anew, to be read before they are committed
LANGUAGES = ("zh", "en")
ALL_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {"reports": WORDS, "command line": CLI_WORDS, "proofs": PROOF_WORDS}


@cache
def made(code: str, lang: str) -> model.View:
    return view.build(record(code), case(code).pack, lang)


# Words


@pytest.mark.parametrize("words", ALL_WORDS.values(), ids=ALL_WORDS)
def test_both_languages_have_the_same_placeholders(words: Mapping[str, tuple[str, str]]) -> None:
    def names(shown: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(shown) if name is not None}

    differ = {code: said for code, said in words.items() if names(said[0]) != names(said[1])}
    assert differ == {}


@pytest.mark.parametrize("words", ALL_WORDS.values(), ids=ALL_WORDS)
def test_english_words_hold_no_chinese(words: Mapping[str, tuple[str, str]]) -> None:
    assert [code for code, (_, en) in words.items() if chinese(en)] == []


def chinese(shown: str) -> list[str]:
    return re.findall(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+", shown)


# Golden reports


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", CASES)
@pytest.mark.parametrize("form", ["txt", "md"])
def test_reports_are_as_they_were_read(code: str, lang: str, form: str) -> None:
    """The golden files were read by people. After a change that is meant: UPDATE_GOLDEN=1, and read the difference."""
    render = {"txt": text.render, "md": markdown.render}[form]
    shown = render(view.build(without_hashes(record(code)), case(code).pack, lang))
    path = GOLDEN / f"{code}.{lang}.{form}"
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


def without_hashes(found: Mapping[str, Any]) -> dict[str, Any]:
    """A record with its hashes blanked, for they change with every comment in the rule book."""
    findings = [{**finding, "fingerprint": "0" * 16} for finding in found["findings"]]
    return {**found, "pack": {**found["pack"], "sha256": "0" * 64}, "facts_sha256": "0" * 64, "findings": findings}


# The terminal


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", CASES)
def test_lines_keep_within_the_width(code: str, lang: str) -> None:
    shown = [text.render(made(code, lang)), text.render_todo(made(code, lang))]
    shown += [text.render_finding(found, made(code, lang)) for found in made(code, lang).findings()]
    too_wide = [line for part in shown for line in part.splitlines() if columns(line) > 100]
    assert too_wide == []


def columns(line: str) -> int:
    """The width counted independently: wide, full-width and ambiguous characters as two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in line if not unicodedata.combining(char))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_colour_adds_nothing_but_colour(lang: str) -> None:
    plain, coloured = text.render(made("300766", lang)), text.render(made("300766", lang), Paper(colour=True))
    assert "\x1b" not in plain and "\x1b" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lines_fit_the_terminal(lang: str) -> None:
    wide, narrow = text.render(made("300766", lang)), text.render(made("300766", lang), fitting(80, colour=False))
    assert max(map(text.width, narrow.splitlines())) <= 80 < max(map(text.width, wide.splitlines())) <= 100
    assert re.sub(r"\s+", "", narrow) == re.sub(r"\s+", "", wide)
    assert [fitting(columns, colour=False).columns for columns in (0, 20, 80, 100, 300)] == [100, 40, 80, 100, 100]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", CASES)
def test_no_signs_that_some_terminals_lack(code: str, lang: str) -> None:
    shown = text.render(made(code, lang)) + "".join(text.render_finding(found, made(code, lang)) for found in made(code, lang).findings())
    assert set("✓✔✗✘⚠¥￥│─┌└├●■").isdisjoint(shown)


@pytest.mark.parametrize(
    ("shown", "room", "lines"),
    [
        ("合计22,954.94万元，占比", 15, ["合计", "22,954.94万元，", "占比"]),
        ("合计（2024-12-01..2024-12-31）之间", 26, ["合计", "（2024-12-01..2024-12-31）", "之间"]),
        ("a b c", 5, ["a b c"]),
        ("a b c", 4, ["a b", "c"]),
        ("一二三四五六七，八", 14, ["一二三四五六", "七，八"]),
        ("一二三四五（六）", 12, ["一二三四五", "（六）"]),
        ("“一”二", 6, ["“一”", "二"]),
        ("see (数安服)", 6, ["see", "(数安", "服)"]),
        ("abcdefghijklmnopqrst", 12, ["abcdefghijkl", "mnopqrst"]),
        ("不低于11.00元/股。", 12, ["不低于", "11.00元/股。"]),
        ("", 12, []),
    ],
)
def test_wrapping_keeps_figures_and_punctuation_together(shown: str, room: int, lines: list[str]) -> None:
    assert list(text.wrapped(shown, room)) == lines


@pytest.mark.parametrize(
    ("given", "unit", "zh", "en"),
    [
        ("11.00", "CNY/share", "11.00元/股", "CNY 11.00 a share"),
        ("-0.05", "CNY/share", "-0.05元/股", "CNY -0.05 a share"),
        ("1234.5", "CNY/share", "1,234.5元/股", "CNY 1,234.5 a share"),
        ("-1234", "shares", "-1,234股", "-1,234 shares"),
        ("-12", "count", "-12", "-12"),
    ],
)
def test_figures_have_their_unit_and_sign(given: str, unit: str, zh: str, en: str) -> None:
    assert (figure(given, unit, "zh"), figure(given, unit, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("found", "zh", "en"),
    [
        ({"low": "2024-03-08", "unit": "date"}, "2024-03-08或以后", "2024-03-08 or later"),
        ({"high": "2024-03-08", "unit": "date"}, "2024-03-08或以前", "2024-03-08 or earlier"),
        ({"low": "9.95", "unit": "CNY/share"}, "至少9.95元/股", "at least CNY 9.95 a share"),
        ({"low": "0.299999999996", "high": "0.299999999997", "exact": ["1", "4"]}, "29.9999999996%", "29.9999999996%"),
        ({"low": "0.299999999996", "high": "0.299999999997"}, "29.9999999996%至29.9999999997%", "29.9999999996% to 29.9999999997%"),
    ],
)
def test_open_ranges_in_words(found: dict[str, str], zh: str, en: str) -> None:
    assert (spread(found, "zh"), spread(found, "en")) == (zh, en)


@pytest.mark.parametrize(("met", "zh", "en"), [(True, "没有", "none"), (False, "无法确定", "unknown")])
def test_a_day_of_nothing_is_none_where_the_requirement_is_met(met: bool, zh: str, en: str) -> None:
    found = {"unit": "date"}
    assert (spread(found, "zh", met=met), spread(found, "en", met=met)) == (zh, en)


def test_an_amount_that_is_not_known_is_not_none() -> None:
    assert spread({"unit": "CNY"}, "zh", met=True) == "无法确定"


def test_what_is_needed_is_told_once() -> None:
    """In a summary the needs stand below the message, which does not name them as well; elsewhere it does."""
    found = next(one for one in view.build(record("300766"), case("300766").pack, "zh").open if one.rule == "projects-lawful")
    assert "法律、" not in found.opening and found.opening.endswith("取决于下列事项：")
    assert found.message.endswith("取决于：募集资金使用是否符合国家产业政策和环境保护、土地管理等规定？")
    assert all(one.opening == one.message for one in view.build(record("300766"), case("300766").pack, "en").robust)


def test_a_message_that_speaks_of_what_is_needed_keeps_its_subject() -> None:
    """What is needed is left out where it is listed, not where the sentence has it as its subject."""
    need = {"path": "subscribers", "label": {"zh": "认购人", "en": "subscribers"}}
    message = {"zh": "该等认购人的限售期取决于：认购人。", "en": "How long subscribers are locked in hangs on: subscribers."}
    found = {"verdict": "judgement", "message": message, "needs": [need]}
    assert sentences.opening(found, "zh") == "该等认购人的限售期取决于下列事项："
    assert sentences.opening(found, "en") == "How long subscribers are locked in hangs on what follows:"


def test_a_reading_that_is_needed_is_not_told_twice() -> None:
    need = {"path": "reading.day", "label": {"zh": "哪一天？", "en": "Which day?"}}
    asked = {"id": "reading.day", "text": {"zh": "哪一天？（甲 / 乙）", "en": "Which day? (a / b)"}}
    found = {"verdict": "missing", "message": {"zh": "需补充：哪一天？（甲 / 乙）。"}, "needs": [need], "questions": [asked]}
    assert sentences.opening(found, "zh") == "需补充下列事项："


def test_the_verdict_is_not_said_twice() -> None:
    found = next(one for one in made("300766", "zh").open if one.message.startswith("资料不足"))
    assert text.render_finding(found, made("300766", "zh")).splitlines()[2].startswith("资料不足，")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_why_a_rule_applies_is_told_in_words(lang: str) -> None:
    lines = [line for one in made("300766", lang).findings() for line in one.why]
    assert [line for line in lines if re.search(r"[a-z]_[a-z]", line)] == []
    question = case("300766").pack.readings["convertibles_bound"].text[lang]
    assert any(question in line for line in lines)


def test_later_lines_hang() -> None:
    assert text.finish([(2, "- " + "字" * 60, "")]).splitlines()[1].startswith("    字")


# English


@pytest.mark.parametrize("code", CASES)
def test_english_is_whole(code: str) -> None:
    """What is left of Chinese in an English report is names, titles, article labels and quotations from the filing."""
    known = quoted(code)
    reports = [text.render(made(code, "en")), text.render_todo(made(code, "en")), markdown.render(made(code, "en"))]
    reports += [text.render_finding(found, made(code, "en")) for found in made(code, "en").findings()]
    left = {run for shown in reports for run in chinese(re.sub(r"\s+", "", shown)) if run not in known}
    assert left == set()


def quoted(code: str) -> str:
    """Everything Chinese that an English report may quote: the filing, and the citations of the rule book."""
    pack = case(code).pack
    cited = [cite.article for rule in pack.rules for cite in rule.cite]
    numbers = [version.number for instrument in pack.instruments.values() for version in instrument.versions]
    whole = Path(filing(code)).read_text(encoding="utf-8") + " ".join([*cited, *numbers])
    return re.sub(r"\s+", "", whole)


# Markdown


@pytest.mark.parametrize(
    ("shown", "escaped"),
    [
        ("a | b", r"a \| b"),
        ("<script>", r"\<script\>"),
        ("[x](http://a.b)", r"\[x\](http\://a.b)"),
        ("www.example.com", r"www\.example.com"),
        ("a@b.c", r"a\@b.c"),
        ("*x* _y_ `z` ~~w~~", r"\*x\* \_y\_ \`z\` \~\~w\~\~"),
        ("# not a heading", r"\# not a heading"),
        ("- not a list", r"\- not a list"),
        ("1. not a list", r"1\. not a list"),
        ("1) not a list", r"1\) not a list"),
        ("&lt;", r"\&lt;"),
        ("    not code", "not code"),
        ("$x$ ![y]", r"\$x\$ \!\[y\]"),
        ("back\\slash", "back\\\\slash"),
        ("研发投入（2024-12）", "研发投入（2024-12）"),
    ],
)
def test_text_of_a_filing_stays_text(shown: str, escaped: str) -> None:
    assert markdown.escape(shown) == escaped


def test_tables_keep_their_columns() -> None:
    """However many bars a cell holds, every row of a table has the columns of its head."""
    hostile = {**record("300766"), "issuer": {"code": "1", "name": "a|b\n|c|<b>"}}
    shown = markdown.render(view.build(hostile, case("300766").pack, "zh"))
    assert "\\<b\\>" in shown and "<b>" not in shown
    head = 0
    for line in shown.splitlines():
        if line.startswith("|"):
            cells = len(re.findall(r"(?<!\\)\|", line))
            assert head in (0, cells), line
            head = cells
        else:
            head = 0


# Figures


@pytest.mark.parametrize(
    ("ratio", "percent"),
    [
        ("0.294038326916", "29.40%"),
        ("0.605714900565", "60.57%"),
        ("0.00005", "0.01%"),
        ("0.00004999", "0.00%"),
        ("1", "100.00%"),
        ("-0.12345", "-12.35%"),
        ("-0.00001", "0.00%"),
        ("12.5", "1,250.00%"),
    ],
)
def test_percentages_round_half_up(ratio: str, percent: str) -> None:
    assert rounded(ratio) == percent


# Control characters


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("一\u3000二", "一 二"),
        ("a\nb\tc", "a b c"),
        ("\x9b", "\\x9b"),
        ("\x85", "\\x85"),
        ("\ud800", "\\ud800"),
    ],
)
def test_control_characters_are_made_visible(given: str, shown: str) -> None:
    assert printable.visible(given) == shown


def test_a_view_needs_nothing_but_the_record(tmp_path: Path) -> None:
    """A record with every optional key left out shows as well as a full one."""
    whole = record("300766")
    bare = {key: whole[key] for key in ("schema", "engine", "pack", "facts_sha256", "as_of", "verdict")}
    for lang in LANGUAGES:
        shown = view.build(bare, book(), lang)
        assert text.render(shown) and markdown.render(shown) and text.render_todo(shown)


# The readme


@pytest.mark.parametrize(("readme", "lang"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_the_readme_shows_what_is_printed(readme: str, lang: str) -> None:
    samples = re.findall(r"```text\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)
    assert samples
    assert [sample for sample in samples if sample not in text.render(made("300766", lang))] == []
