"""A filing as it is loaded: rows, facts, evidence, answers, ties, and a hash that order and format do not change."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bad_input import FOLDER
from checked import book
from compliance import source
from compliance.facts import answers, loading
from compliance.facts.filing import OWN, Answer, Evidence, Filing, label_of, split, steps
from compliance.packs import loading as packs
from compliance.packs.book import Pack
from compliance.quantities import BEYOND

ROOT = Path(__file__).parent.parent
CASES = ("300766", "688327")
FILING = """
schema: compliance.filing/1
pack: small
as_of: 2025-12-31
documents:
  plan: {title: 预案, date: 2024-12}
  reply: {title: 回复}
issuer: {code: "000001", name: 甲公司}
offering: {route: auction, board_date: 2024-12, gross_proceeds: 3万元, margin: 6.57%, listed: 否}
uses:
  complete: true
  at: {document: plan, page: 8}
  items:
    - {id: b, kind: staff, proceeds: 2万元, lead: 乙, at: {document: plan, page: 9}}
    - {id: a, kind: equipment, proceeds: ≈1万元}
people:
  - name: 乙
    posts: {complete: true, items: [{title: 总经理, until: 至今}, {title: 董事, until: ..2025}]}
judgements:
  - {path: "uses[b].share", answer: 60%, reason: 论证, at: {document: reply, page: 1}}
  - {path: reading.basis, answer: net}
evidence:
  - {facts: [offering, "people[乙]"], at: {document: plan, page: 1}}
  - {facts: [offering.board_date], at: {document: plan, page: 2, line: 5, by: 丙}}
  - {facts: [issuer.name], assumed: {zh: 推定, en: taken}}
filing_conclusions:
  - {rule: spending, verdict: pass, at: {document: plan}}
tables:
  - id: t
    title: 表
    unit: 万元
    columns: [甲, 乙, 丙]
    rows: [{name: 一, values: ["1.26", "1", "-"]}, {name: 二, values: ["1.26", "2", "1"]}]
    total: ["2.53", "5", "-"]
"""


@pytest.fixture(scope="module")
def small() -> Pack:
    return packs.load(FOLDER / "pack")


@pytest.fixture(scope="module")
def real() -> Pack:
    return book()


def readings(pack: Pack) -> dict[str, Any]:
    return {reading.id: reading.options for reading in pack.readings.values()}


def read(pack: Pack, text: str) -> Filing:
    return loading.read(source.parse(text, "f"), pack.vocabulary, pack.id, readings(pack))


def cell(filing: Filing, path: str) -> tuple[Any, Any]:
    found = filing.cell(path)
    assert found is not None, path
    row, field = found
    return row[field.slot], row[field.slot + 1]


# Rows and facts


def test_each_value_stands_in_its_cells(small: Pack) -> None:
    filing = read(small, FILING)
    words = small.vocabulary
    assert cell(filing, "offering.gross_proceeds") == (3000000, 3000000)
    assert cell(filing, "uses[a].proceeds") == (500000, 1500000)
    assert cell(filing, "offering.margin") == (6565000, 6575000)
    assert cell(filing, "offering.listed") == (0, 0)
    assert cell(filing, "offering.route") == (words.bit("route", "auction"),) * 2
    assert cell(filing, "uses[b].share") == (60000000, 60000000)
    assert cell(filing, "uses[a].share") == (0, 10**8)
    assert cell(filing, "offering.new_shares") == (0, BEYOND)
    uses, is_open = cell(filing, "uses")
    assert (uses, is_open) == ([filing.items["uses[a]"][1], filing.items["uses[b]"][1]], 0)
    assert cell(filing, "people")[1] == 1
    assert cell(filing, "uses[b].lead")[0] is cell(filing, "uses[b].lead")[1] is filing.items["people[乙]"][1]
    blank, end = cell(filing, "uses[a].lead")
    assert (blank, end) == (words.blank_row("person"), None)
    assert filing.path_of(filing.items["uses[b]"][1], words.entities["use"].fields["proceeds"].slot) == "uses[b].proceeds"
    assert (filing.code, filing.issuer_name, filing.as_of) == ("000001", "甲公司", "2025-12-31")
    assert filing.cell("uses[z].share") is filing.cell("nothing") is None


def test_a_part_left_out_is_unknown_and_a_list_given_empty_is_not(small: Pack) -> None:
    head = 'schema: compliance.filing/1\npack: small\nissuer: {code: "000001"}\n'
    absent = read(small, head)
    assert cell(absent, "uses") == ((), 1)
    assert cell(read(small, head + "uses: []\n"), "uses") == ([], 1)
    assert cell(read(small, head + "uses: {complete: true, items: []}\n"), "uses") == ([], 0)
    nulls = read(small, head + "uses: ~\noffering: {route: ~}\npeople: [{name: 甲, posts: ~}]\n")
    assert cell(nulls, "uses") == ((), 1)
    assert cell(nulls, "offering.route") == cell(absent, "offering.route")
    assert "offering.route" not in nulls.facts
    assert cell(nulls, "people[甲].posts") == ((), 1)


def test_a_fact_has_its_own_evidence_or_that_of_what_it_belongs_to(small: Pack) -> None:
    facts = read(small, FILING).facts
    assert facts["offering.board_date"].evidence == Evidence("plan", "2", "5", by="丙")
    assert facts["offering.route"].evidence == Evidence("plan", "1")
    assert facts["uses[b].kind"].evidence == Evidence("plan", "9")
    assert facts["uses[a].kind"].evidence == Evidence("plan", "8")
    assert facts["uses[b].share"].evidence == Evidence("reply", "1")
    assert facts["people[乙].posts[董事].until"].evidence == Evidence("plan", "1")
    assert facts["issuer.name"].evidence is None
    assert read(small, FILING).assumed == {"issuer.name": {"zh": "推定", "en": "taken"}}
    assert str(facts["uses[b].share"].place) == "f:20:12"
    assert str(facts["uses[b].proceeds"].place) == "f:14:38"


def test_printed_totals_are_compared_within_what_rounding_explains(small: Pack) -> None:
    found = {(tie.name, tie.column): (tie.difference, tie.tolerance, tie.verdict) for tie in read(small, FILING).ties}
    assert found == {
        ("表", "甲"): (-10000, 15000, "rounding"),
        ("表", "乙"): (-2000000, 1500000, "mismatch"),
    }
    exact = read(small, FILING.replace("≈1万元", "1.00万元"))
    assert next((tie.name, tie.column, tie.verdict) for tie in exact.ties) == ("uses.proceeds", "offering.gross_proceeds", "exact")
    assert not any(tie.name == "uses.proceeds" for tie in read(small, FILING.replace("complete: true\n  at", "at")).ties)


@pytest.mark.parametrize(
    ("unit", "values", "total", "verdict"),
    [
        ("股", ["1", "1"], "3", "mismatch"),
        ("人", ["1", "1"], "3", "mismatch"),
        ("万股", ["1.1", "1.1"], "2.3", "rounding"),
        ("元", ["1.01", "1.01"], "2.03", "mismatch"),
        ("元", ["1", "1"], "3", "rounding"),
        ("%", ["33.33", "33.33", "33.33"], "100.00", "rounding"),
        ("元/股", ["1.5", "1.5"], "3.0", "exact"),
        ("吨", ["1.5", "1.5"], "3.1", "rounding"),
        ("吨", ["1.5", "1.5"], "3.5", "mismatch"),
    ],
)
def test_what_cannot_be_divided_was_not_rounded(small: Pack, unit: str, values: list[str], total: str, verdict: str) -> None:
    rows = [{"name": str(index), "values": [value]} for index, value in enumerate(values)]
    table = {"id": "t", "title": "t", "unit": unit, "columns": ["c"], "rows": rows, "total": [total]}
    head = 'schema: compliance.filing/1\npack: small\nissuer: {code: "000001"}\n'
    (tie,) = read(small, head + "tables: " + json.dumps([table], ensure_ascii=False)).ties
    assert tie.verdict == verdict


# Paths


@given(st.lists(st.tuples(st.text("ab", min_size=1), st.none() | st.text("甲.一 ", min_size=1)), min_size=1, max_size=3))
def test_paths_come_apart_as_they_were_put_together(parts: list[tuple[str, str | None]]) -> None:
    path = ".".join(name + (f"[{key}]" if key else "") for name, key in parts)
    assert list(steps(path)) == [(name, key or "") for name, key in parts]
    owner, last = split(path)
    assert (f"{owner}.{last}" if owner else last) == path
    assert list(steps(last)) == [list(steps(path))[-1]]


def test_a_label_that_says_what_it_belongs_to_says_it_once(real: Pack) -> None:
    words = real.vocabulary
    assert label_of(words, "offering.board_date") == {"zh": "本次发行董事会决议日", "en": "the offering, date of the board resolution"}
    assert label_of(words, "offering.changes_control") == {
        "zh": "本次发行导致上市公司控制权变更",
        "en": "the offering brings a change of control",
    }
    assert label_of(words, "offering.issue_price") == {"zh": "本次发行·发行价格", "en": "the offering, issue price"}
    assert label_of(words, "balance_sheet.day")["zh"] == "合并资产负债表·最近一期末"
    assert label_of(words, "balance_sheet.day")["en"] == "consolidated balance sheet of the latest period, end of the latest period"


def test_paths_in_words(small: Pack) -> None:
    words = small.vocabulary
    assert label_of(words, "people[乙].posts[董事].until") == {"zh": "人员［乙］任职［董事］截止", "en": "people [乙], posts [董事], until"}
    assert label_of(words, "nothing.at.all") == {"zh": "nothing.at.all", "en": "nothing.at.all"}


# The hash


def shuffled(value: Any, random_: random.Random) -> Any:
    """The same facts in another order: of keys anywhere, and of items where a list's order says nothing."""
    if isinstance(value, dict):
        keys = list(value)
        random_.shuffle(keys)
        return {key: value[key] if key in ("columns", "values", "total") else shuffled(value[key], random_) for key in keys}
    if isinstance(value, list):
        items = [shuffled(item, random_) for item in value]
        random_.shuffle(items)
        return items
    return value


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", range(3))
def test_order_and_format_change_neither_hash_nor_rows(real: Pack, case: str, seed: int) -> None:
    path = ROOT / "cases" / case / "filing.yaml"
    filing = loading.load(path, real.vocabulary, real.id, readings(real))
    written = source.plain(source.load(path))
    other = read(real, json.dumps(shuffled(written, random.Random(seed)), ensure_ascii=seed == 0))
    assert other.sha256 == filing.sha256
    assert other.row == filing.row
    assert list(other.facts) == list(filing.facts)
    assert (other.ties, other.stated, other.assumed, list(other.items)) == (
        filing.ties,
        filing.stated,
        filing.assumed,
        list(filing.items),
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("3万元", "3.00万元"),
        ("3万元", "4万元"),
        ("route: auction", "route: fixed"),
        ("name: 甲公司", "name: 乙公司"),
        ("complete: true\n  at", "complete: false\n  at"),
        ("lead: 乙, ", ""),
        ("page: 9", "page: 10"),
        ("line: 5", "line: 6"),
        ("by: 丙", "by: 丁"),
        ("answer: 60%", "answer: 61%"),
        ("answer: net", "answer: gross"),
        ("reason: 论证", "reason: 另证"),
        ("document: reply, page: 1", "document: reply, page: 2"),
        ("zh: 推定", "zh: 假定"),
        ("title: 回复", "title: 复函"),
        ("verdict: pass", "verdict: fail"),
        ('["1.26", "2", "1"]', '["1.27", "2", "1"]'),
        ("至今", "2028"),
    ],
)
def test_anything_else_that_is_said_gives_another_hash(small: Pack, old: str, new: str) -> None:
    assert FILING.count(old) == 1
    assert read(small, FILING.replace(old, new)).sha256 != read(small, FILING).sha256


# Answers of other parties


def answer(tmp_path: Path, filing: Filing, party: str, *pairs: tuple[str, str]) -> tuple[Answer, ...]:
    judgements = [{"path": path, "answer": text} for path, text in pairs]
    form = {"schema": "compliance.answers/1", "party": party, "judgements": judgements}
    path = tmp_path / f"{party}.json"
    path.write_text(json.dumps(form), encoding="utf-8")
    return answers.load_several([path], filing, {"basis": ["gross", "net"]})


def test_no_answers_leave_the_filing_as_it_is(small: Pack) -> None:
    filing = read(small, FILING)
    assert answers.with_answers(filing, ()) is filing


def test_answers_stand_beside_the_sponsors_own_and_open_what_differs(small: Pack, tmp_path: Path) -> None:
    filing = read(small, FILING)
    before = json.dumps([repr(filing.row), repr(filing.facts)])
    given_ = answer(tmp_path, filing, "counsel", ("uses[b].share", "50%"), ("uses[a].share", "10%"), ("reading.basis", "net"))
    new = answers.with_answers(filing, given_)
    assert json.dumps([repr(filing.row), repr(filing.facts)]) == before
    assert [(a.party, a.text) for a in new.answers["uses[b].share"]] == [(OWN, "60%"), ("counsel", "50%")]
    assert [(a.party, a.text) for a in new.answers["reading.basis"]] == [(OWN, "net"), ("counsel", "net")]
    assert cell(new, "uses[b].share") == (0, 10**8)
    assert (new.facts["uses[b].share"].text, new.facts["uses[b].share"].value) == ("differs", None)
    assert cell(new, "uses[a].share") == (10000000, 10000000)
    assert new.facts["uses[a].share"].text == "10%"
    assert cell(filing, "uses[a].share") == (0, 10**8)
    assert new.sha256 != filing.sha256


def test_an_answer_that_agrees_keeps_the_value(small: Pack, tmp_path: Path) -> None:
    filing = read(small, FILING)
    new = answers.with_answers(filing, answer(tmp_path, filing, "counsel", ("uses[b].share", "60.0%")))
    assert cell(new, "uses[b].share") == cell(filing, "uses[b].share")
    assert new.sha256 != filing.sha256


def test_a_value_that_the_filing_states_itself_counts_as_the_sponsors_answer(small: Pack, tmp_path: Path) -> None:
    filing = read(small, FILING.replace("kind: equipment,", "kind: equipment, share: 5%,"))
    assert "uses[a].share" not in filing.answers
    new = answers.with_answers(filing, answer(tmp_path, filing, "counsel", ("uses[a].share", "10%")))
    assert [(a.party, a.text) for a in new.answers["uses[a].share"]] == [(OWN, "5%"), ("counsel", "10%")]
    assert cell(new, "uses[a].share") == (0, 10**8)


def test_the_new_rows_lead_to_each_other_as_the_old_ones_do(small: Pack, tmp_path: Path) -> None:
    filing = read(small, FILING)
    new = answers.with_answers(filing, answer(tmp_path, filing, "counsel", ("uses[a].share", "10%")))
    assert cell(new, "uses[b].lead")[0] is new.items["people[乙]"][1] is not filing.items["people[乙]"][1]
    assert new.facts["uses[b].kind"].row is new.items["uses[b]"][1] is cell(new, "uses")[0][1]
    assert new.path_of(new.items["uses[b]"][1], new.facts["uses[b].kind"].slot) == "uses[b].kind"
    assert filing.path_of(new.items["uses[b]"][1], 0) == ""


def test_the_order_of_the_files_changes_nothing(small: Pack, tmp_path: Path) -> None:
    filing = read(small, FILING)
    one = answer(tmp_path, filing, "counsel", ("uses[a].share", "10%"), ("uses[b].share", "1%"))
    two = answer(tmp_path, filing, "auditor", ("uses[a].share", "20%"))
    new, other = answers.with_answers(filing, (*one, *two)), answers.with_answers(filing, (*two, *one))
    assert (new.sha256, new.answers, new.row) == (other.sha256, other.answers, other.row)
    assert new.sha256 != answers.with_answers(filing, one).sha256
