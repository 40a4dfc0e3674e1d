"""How values, workings and articles are told to a reader: no code, no raw range, each in the reader's language."""

from __future__ import annotations

import re
from typing import Any

import pytest

from checked import book, case, machine, record
from compliance import dates
from compliance.engine import phrases
from compliance.engine.figures import unit_of
from compliance.engine.record import check
from compliance.engine.working import line as raw
from compliance.facts.filing import DIFFERS
from compliance.proving.inline import filing_of
from compliance.reports import articles, filed, markdown, sentences, view, working, written
from compliance.reports.dossier import Dossier
from compliance.reports.making import Making
from compliance.vocabulary import Text


def making(lang: str) -> Making:
    return Making(Dossier(record("300766"), case("300766").pack, lang), lang)


def money(low: str = "", high: str = "") -> dict[str, str]:
    ends = {"low": low, "high": high}
    return {**{name: end for name, end in ends.items() if end}, "unit": "CNY"}


COUNT = {"low": "6", "high": "6", "unit": "count"}
DAY = {"low": "2024-12-25", "high": "2024-12-25", "unit": "date"}
SIX_ON = {"low": "2025-06-25", "high": "2025-06-25", "unit": "date"}


@pytest.mark.parametrize(
    ("step", "line", "zh", "en"),
    [
        ({"op": "any", "value": "false"}, "any = any(-) = false", "任一（无） = 否", "any (none) = no"),
        (
            {"op": "all", "unlisted": True, "value": "open"},
            "all = all(- + …) = ?",
            "全部（尚未填列） = 未定",
            "all (not listed yet) = open",
        ),
        (
            {"op": ">=", "parts": [{"value": {"low": "0", "unit": "count"}}, {"value": COUNT}], "value": "open"},
            "0..… >= 6: ?",
            "至少0 ≥ 6：未定",
            "at least 0 ≥ 6: open",
        ),
        (
            {
                "op": "sum",
                "parts": [
                    {"item": "uses[p-1]", "value": money("23158100.00", "23158100.00")},
                    {"item": "uses[p-2]", "value": money("0.00", "12345.00"), "perhaps": True},
                ],
                "unlisted": True,
                "value": money("23158100.00"),
            },
            "sum = sum(uses[p-1] 23158100.00 + uses[p-2] 0.00..12345.00 (?) + …) = 23158100.00..…",
            "合计（募集资金用途明细［p-1］2,315.81万元 + ［p-2］0.00元至1.2345万元（或不计入），其余尚未填列） = 至少2,315.81万元",
            "sum (use of proceeds [p-1] CNY 23,158,100.00 + [p-2] CNY 0.00 to CNY 12,345.00 (or not counted), the rest not listed yet)"
            " = at least CNY 23,158,100.00",
        ),
        (
            {
                "op": "any",
                "parts": [{"item": f"uses[{key}]", "value": "false"} for key in "ab"] + [{"item": "uses[c]", "value": "true"}],
                "count": 70,
                "value": "true",
            },
            "any = any(uses[a] false, uses[b] false, uses[c] true … (70)) = true",
            "任一（募集资金用途明细［a、b］否；［c］是等，共70项） = 是",
            "any (use of proceeds [a, b] no; [c] yes, 70 in all) = yes",
        ),
        (
            {
                "op": "add_months",
                "parts": [{"path": "offering.board_date", "value": DAY}, {"parameter": "placement_lock", "value": COUNT}],
                "value": SIX_ON,
            },
            "add_months(offering.board_date 2024-12-25, placement_lock 6) = 2025-06-25",
            "本次发行董事会决议日 2024-12-25 + 一般认购人限售月数 6 = 2025-06-25",
            "the offering, date of the board resolution 2024-12-25 + months of lock-up for ordinary placees 6 = 2025-06-25",
        ),
    ],
)
def test_a_step_in_words(step: dict[str, Any], line: str, zh: str, en: str) -> None:
    assert raw(step) == line
    assert [working.line(step, making(lang)) for lang in ("zh", "en")] == [zh, en]


def test_steps_that_tell_nothing_are_left_out() -> None:
    nothing = {"op": "<=", "parts": [{"value": {"unit": "date"}}, {"value": money("0.00")}], "value": "open"}
    item = {"op": "any", "parts": [{"item": "uses[a]", "value": "open"}], "value": "open"}
    again = {"op": "is", "name": "working_capital", "value": money("1.00", "1.00")}
    assert working.lines([nothing, {"op": "all", "unlisted": True, "value": "open"}, item, again], making("zh")) == (
        "任一（募集资金用途明细［a］未定） = 未定",
    )


def test_the_steps_of_a_record_are_its_lines() -> None:
    for found in record("300766")["findings"]:
        assert [raw(step) for step in found.get("steps", ())] == found.get("working", [])


@pytest.mark.parametrize(
    ("path", "text", "zh", "en"),
    [
        ("offering.gross_proceeds", "78067.85万元", "78,067.85万元", "CNY 780,678,500.00"),
        ("offering.gross_proceeds", "≈1.14亿元", "约1.14亿元", "about CNY 114,000,000.00"),
        (
            "offering.gross_proceeds",
            "156917.70..157125.64万元",
            "156,917.70至157,125.64万元",
            "CNY 1,569,177,000.00 to CNY 1,571,256,400.00",
        ),
        ("offering.gross_proceeds", "1万元..", "至少1万元", "at least CNY 10,000.00"),
        ("offering.gross_proceeds", "不详", "不详", "不详"),
        ("offering.new_shares", "0股..78434551股", "0股至78,434,551股", "0 shares to 78,434,551 shares"),
        ("offering.issue_price", "14.61元/股", "14.61元/股", "CNY 14.61 a share"),
        ("uses[a].capitalised_share", "..29.40%", "至多29.40%", "at most 29.40%"),
        ("offering.board_date", "2020..2025-12", "2020至2025-12", "2020 to 2025-12"),
        ("issuer.board", "chinext", "创业板", "ChiNext"),
        ("issuer.board", "nowhere", "nowhere", "nowhere"),
        ("issuer.board", DIFFERS, "各方回答不一", "the parties differ"),
    ],
)
def test_a_value_as_a_reader_sees_it(path: str, text: str, zh: str, en: str) -> None:
    words = case("300766").pack.vocabulary
    field = sentences.field_of(words, path)
    assert field is not None
    assert [written.value(field, text, words, lang) for lang in ("zh", "en")] == [zh, en]


def test_articles_in_english() -> None:
    told = {
        "第十一条(二)": "art. 11(2)", "五(一)": "part 5(1)", "1-15(三)": "1-15(3)", "第二百零一条": "art. 201", "7-2": "7-2",
        "第三条之一": "art. 3-1", "第五条第二款第一项": "art. 5 para. 2 item 1", "全文": "the whole", "13.1": "13.1",
    }  # fmt: skip
    assert {name: articles.article(name, "en") for name in told} == told
    assert articles.article("第十一条(二)", "zh") == "第十一条(二)"


def test_versions_have_english_names_that_lead_to_them() -> None:
    told = {
        "证监会令第227号": "Order No. 227",
        "商务部等令2024年第3号": "Order No. 3 of 2024",
        "证监会公告〔2026〕6号": "Announcement No. 6 of 2026",
        "深证上〔2023〕95号": "Document No. 95 of 2023",
        "上证发〔2024〕130号（试行）": "Document No. 130 of 2024 (on trial)",
        "2025年3月27日修正": "amended 2025-03-27",
        "2019年修订": "revised 2019",
        "现行文本及此前文本": "现行文本及此前文本",  # no name of a known form: as it is
    }
    assert {name: articles.version_name(name, "en") for name in told} == told
    assert all(articles.version_name(name, "zh") == name for name in told)


@pytest.mark.parametrize("code", ["300766", "688327"])
def test_no_reader_is_shown_a_raw_range_or_a_code(code: str) -> None:
    for lang in ("zh", "en"):
        made = view.build(record(code), case(code).pack, lang)
        for found in made.findings():
            rows = [row for group in found.facts for row in group.rows]
            shown = [*found.working, *found.why, *found.days, found.message, *(row.value for row in rows)]
            for text in shown:
                assert ".." not in text and "…" not in text, text
                assert not re.search(r"[（(][a-z]+_?[a-z]*[)）]$", text), text
            assert lang == "zh" or not re.search("[一-鿿]元|第.+条", " ".join((found.cites, *(row.value for row in rows)))), found.rule


@pytest.mark.parametrize(
    ("found", "zh", "en"),
    [
        ({"low": "1", "high": "1", "unit": "count"}, "1名", "1 placee"),
        ({"low": "-1", "high": "0", "unit": "count"}, "-1至0名", "-1 to 0 placees"),
        ({"high": "35", "unit": "count"}, "至多35名", "at most 35 placees"),
        ({"unit": "count"}, "无法确定", "unknown"),
        ({"low": "3", "high": "3", "unit": "days"}, "3天", "3 days"),
    ],
)
def test_a_count_is_told_with_what_is_counted(found: dict[str, str], zh: str, en: str) -> None:
    unit: Text = {"zh": "名", "en": "placee"}
    assert (sentences.counted(found, unit, "zh"), sentences.counted(found, unit, "en")) == (zh, en)


def test_every_rule_that_measures_a_count_says_what_it_counts() -> None:
    """Not those whose sides are a number of the law and one without unit alone."""
    pack = book()
    silent = []
    for rule in pack.rules:
        require = rule.formula.clauses[0].require
        if require.op == "cmp" and require.args[0].type.kind == "number" and unit_of(require.args[0].type) == "count" and rule.unit is None:
            silent.append(rule.id)
    assert silent == []


def shown(code: str, rule: str, lang: str) -> dict[str, str]:
    """The figures of a finding as a reader sees them."""
    made = view.build(record(code), case(code).pack, lang)
    return dict(next(found for found in made.findings() if found.rule == rule).figures)


def test_figures_stand_beside_each_other_in_one_unit() -> None:
    assert shown("300766", "net-assets-before-plan", "zh")["限额"] == "0元/股"
    assert shown("300766", "placement-lock-up", "en")["Limit"] == "6 months"
    assert shown("300766", "sale-period", "zh") == {"测算值": "无法确定", "限额": "90天", "余量": "无法确定"}  # no thousands of years


def test_a_sum_of_the_working_is_called_by_its_measure() -> None:
    found = next(found for found in record("300766")["findings"] if found["rule"] == "working-capital-share")
    assert [step.get("name") for step in found["steps"] if step["op"] == "sum"] == ["working_capital", None]


def test_days_are_taken_from_days() -> None:
    step = {"op": "add", "parts": [{"value": SIX_ON}, {"op": "neg", "parts": [{"value": DAY}]}, {"value": COUNT}], "value": COUNT}
    assert working.line(step, making("en")) == "2025-06-25 - 2024-12-25 + 6 = 6"


def test_what_passes_by_an_exception_alone_does_not_claim_that_its_figures_do() -> None:
    """A return of five per cent is not said to reach six where the rule is met because an exception frees from it."""
    rule = book().rule("return-on-equity")
    test = next(one for one in rule.tests if one["expect"].get("exception") == "freed-by-proviso")
    filed = filing_of(book(), test["facts"], test.get("answers") or {})
    found = check(machine(), filed, dates.parse("2025-12-31").low, {rule.id}, "reference")["findings"][0]
    assert found["message"] == {
        "zh": "例外“按但书豁免第十三条全部条件”适用，符合要求。",
        "en": "The exception “freed from all of article thirteen by the proviso” applies: met.",
    }


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("1333333.333333333333", "133.33333333万元", "CNY 1,333,333.3333"),
        ("999999.996666666667", "99.99999967万元", "CNY 999,999.9967"),  # an average one fen short in three years
        ("-0.003333333334", "-0.0033元", "-CNY 0.0033"),
        ("765164666.67", "76,516.466667万元", "CNY 765,164,666.67"),
    ],
)
def test_an_average_of_amounts_is_rounded_so_far_that_a_fen_still_shows(text: str, zh: str, en: str) -> None:
    assert (phrases.money(text, "zh"), phrases.money(text, "en")) == (zh, en)


def test_what_is_looked_for_first() -> None:
    for lang in ("zh", "en"):
        made = view.build(record("300766"), case("300766").pack, lang)
        rows = {row.code: row.lines for row in made.glance}
        assert list(rows) == ["fails", "open", "who", "fragile", "reach"]
        assert {line.rule for line in rows["fragile"]} <= {found.rule for found in made.fragile} | {""}
        assert str(len(made.todo)) in rows["open"][0].text
        known = {one.code: one.label for one in made.parties}
        assert all(not line.party or known[line.party] == line.lead for line in rows["who"])
    full = case("300766")
    routes = full.beside()["routes"]
    rows = {row.code: row.lines for row in Dossier(record("300766"), full.pack, "zh", routes=routes).view().glance}
    assert "117,871.262058万元" in rows["size"][0].text and "2024-12-01" in rows["early"][0].text


def test_of_a_verdict_that_answers_only_leave_open_nobody_says_that_it_may_be_turned() -> None:
    found = {"verdict": "pass", "robust": False, "rests_on": {"fewest": 0, "complete": True, "questions": 1}}
    assert sentences.rests(found, "zh") == "没有回答能使结论反转，但换一种回答，结论将不能确定。"
    assert sentences.rests(found, "en") == "No answers turn it, but other answers would leave it open."


def test_a_sentence_that_ends_by_naming_what_is_needed_leads_to_the_list_below_it() -> None:
    made = {lang: view.build(record("300766"), case("300766").pack, lang) for lang in ("zh", "en")}
    told = {lang: next(one.opening for one in of.open if one.rule == "projects-lawful") for lang, of in made.items()}
    assert told == {
        "zh": "募集资金使用是否符合产业政策和环保、土地规定取决于下列事项：",
        "en": "Whether the use of proceeds is in line with policy and law hangs on what follows:",
    }


def test_the_tables_that_are_filed_say_nothing_twice() -> None:
    made = view.build(record("300766"), case("300766").pack, "zh")
    found = next(one for one in made.open if one.rule == "resolution-contents")
    said = filed.sentence(found, "zh")
    assert said.count("资料不足") == 0  # the word stands before the sentence
    assert said.count("《注册管理办法》") == 1
    assert "《注册管理办法》第十六条、第十七条" in said


def test_markdown_tells_how_each_question_is_answered() -> None:
    made = markdown.render(view.build(record("300766"), case("300766").pack, "zh"))
    assert "  - 答复时写 uses\\[p1-data\\].capital：true（是）、false（否）" in made
    assert "schema: compliance.answers/1" in made
