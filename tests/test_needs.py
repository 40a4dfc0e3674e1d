"""What is missing: those that settle most come first, answering one never turns a verdict, and the workbook holds text alone."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import checked
from checked import machine
from command import filing, run, told
from compliance import dates, source
from compliance.cli.inputs import Case, load_case
from compliance.engine import explain
from compliance.engine.decide import varied
from compliance.engine.subject import Put, Subject, subject
from compliance.engine.verdict import verdict_of
from compliance.facts import loading
from compliance.facts.filing import NOWHERE
from compliance.intake import sheets
from compliance.intake.rows import Cell, flag
from compliance.packs.book import Rule
from compliance.reports import request
from compliance.reports.whole import missing
from compliance.vocabulary import Field

openpyxl = pytest.importorskip("openpyxl", reason="needs the extra 'office'")
CODE, DAY = "688327", "2024-04-07"
OPEN = ("judgement", "missing")
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1", "{=1}")


def case() -> Case:
    return checked.case(CODE)


@cache
def made() -> Subject:
    return subject(machine(), case().filing, case().as_of)


def record() -> dict[str, Any]:
    return checked.record(CODE)


@cache
def rows() -> list[dict[str, Any]]:
    return missing(record(), case().pack)


def settled(path: str, draw: st.DataObject) -> Put | None:
    """Some way to answer a need: a figure, a day, a flag, a member of a kind, or a list that is complete as it is."""
    found = case().filing.cell(path)
    if found is None:
        return None
    row, field = found
    low, high = row[field.slot], row[field.slot + 1]
    if field.type == "list":
        return row, field.slot, low, 0
    if field.type == "kind":
        bit = 1 << draw.draw(st.sampled_from([i for i in range(high.bit_length()) if high >> i & 1]))
        return row, field.slot, bit, bit
    if field.type == "flag":
        value = draw.draw(st.sampled_from([0, 1]))
        return row, field.slot, value, value
    if not field.numeric and field.type != "date":
        return None
    near = st.integers(max(low, -(10**14)), min(high, 10**14)) if field.numeric else st.integers(*_years(low, high))
    value = draw.draw(near)
    return row, field.slot, value, value


def _years(low: int, high: int) -> tuple[int, int]:
    return max(low, dates.parse("2015").low), min(high, dates.parse("2030").high)


@settings(max_examples=40)
@given(st.data())
def test_settling_a_need_never_reverses(data: st.DataObject) -> None:
    """What was decided stays so, but for a requirement proved before it was known whether the rule applies."""
    chosen = data.draw(st.lists(st.sampled_from([row["path"] for row in rows()]), min_size=1, max_size=3, unique=True))
    puts = [put for path in chosen if (put := settled(path, data)) is not None]
    touched = [rule for rule in case().pack.rules if _reads(rule, chosen)]
    before = {rule.id: verdict_of(made(), rule)[0] for rule in touched}
    with made().put(puts):
        after = {rule.id: verdict_of(made(), rule)[0] for rule in touched}
    for rule in touched:
        if before[rule.id] not in (*OPEN, "not_in_force"):
            allowed = {before[rule.id], "not_applicable"} if before[rule.id] == "pass" else {before[rule.id]}
            assert after[rule.id] in allowed, f"{rule.id}: {before[rule.id]} became {after[rule.id]} by {chosen}"


def _reads(rule: Rule, paths: list[str]) -> bool:
    """Whether a rule reads one of the facts; which law applies may hang on a day, so days of the law are left aside."""
    fields = {(field.entity, field.name) for path in paths if (field := _field(path)) is not None}
    return bool(fields & set(rule.fields())) and not {case().pack.days.get(name) for name in rule.law} & set(paths)


def _field(path: str) -> Field | None:
    found = case().filing.cell(path)
    return found[1] if found is not None else None


def test_those_that_settle_most_come_first_and_say_what() -> None:
    weights = [(len(row["settles"]), len(row["bears"])) for row in rows()]
    assert weights == sorted(weights, reverse=True)
    for row in rows():
        assert list(row["decides"]) == row["settles"]
        assert set(row["settles"]) <= set(row["bears"])
        assert all(row["decides"].values())


def test_what_a_need_decides_it_does() -> None:
    """A list that settles rules alone: declared complete as it stands, it gives a verdict that was announced."""
    row = next(one for one in rows() if one["path"] == "earlier_raisings")
    found = case().filing.cell("earlier_raisings")
    assert found is not None
    with made().put([(found[0], found[1].slot, found[0][found[1].slot], 0)]):
        for rule, verdicts in row["decides"].items():
            assert verdict_of(made(), case().pack.rule(rule))[0] in verdicts


def lines(count: int) -> tuple[Subject, Rule]:
    """A filing of so many lines of use of which nothing is known but their names, and a rule over them."""
    book = case().pack
    text = f"""
schema: compliance.filing/1
pack: {book.id}
issuer: {{code: "300766", name: 甲, board: chinext}}
offering: {{route: auction, board_date: 2024-12-25, gross_proceeds: 10000万元}}
uses: {{complete: true, items: [{", ".join(f"{{id: a{number}}}" for number in range(count))}]}}
"""
    filed = loading.read(source.parse(text, "filing.yaml"), book.vocabulary, book.id, book.options)
    return subject(made().machine, filed, case().as_of), book.rule("working-capital-share")


def test_a_long_list_of_which_nothing_is_known_is_not_tried_item_by_item(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def counted(of: Subject, rule: Rule, puts: list[Put]) -> Any:
        put, code = varied(of, rule, puts)

        def noted() -> int:
            tries.append(len(puts))
            return code()

        return put, noted

    monkeypatch.setattr(explain, "varied", counted)
    of, rule = lines(20)
    found = explain.needs(explain.Trace(of, of.machine.ready(rule), of.law_day(rule)[1][0], ""))
    assert len(found) > 100 and not any(need.decides for need in found)
    assert len(tries) < 50, "one of many open lines decides nothing, and that shows by putting them all"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_what_facts_decide_alone_is_the_same_tried_together_or_one_by_one(count: int) -> None:
    """What a fact gives among the others is what it gives on its own: on a real filing (0), and of a line or two."""
    pairs = [(made(), rule) for rule in case().pack.rules] if not count else [lines(count)]
    some = 0
    for of, rule in pairs:
        trace = explain.Trace(of, of.machine.ready(rule), of.law_day(rule)[1][0], "")
        found = explain.needs(trace)
        for need in found:
            others = {other.path for other in found} - {need.path}
            assert explain.needs(trace, others) == [need]
            some += bool(need.decides)
    assert some or count


# The workbook


def sheet_of(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data)).active


@pytest.mark.parametrize("code", ["300766", "688327"])
def test_the_record_is_of_its_form(code: str) -> None:
    from jsonschema import Draft202012Validator

    schema = json.loads(run("schema", "missing").out)
    Draft202012Validator.check_schema(schema)
    found = json.loads(run("facts", "missing", filing(code), "--as-of", "2025-12-31", "--format", "json").out)
    assert found["needs"] and [error.message for error in Draft202012Validator(schema).iter_errors(found)] == []
    assert list(Draft202012Validator(schema).iter_errors({**found, "stray": "1"}))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_workbook_holds_every_need_with_room_for_the_answer(lang: str) -> None:
    sheet = sheet_of(request.workbook(record(), case().pack, lang))
    listed = list(sheet.iter_rows(min_row=request.HEAD + 2, values_only=True))
    assert [line[-1] for line in listed] == [row["path"] for row in rows()]
    assert [line[0] for line in listed] == [str(number) for number in range(1, len(rows()) + 1)]
    for line, row in zip(listed, rows(), strict=True):
        assert line[1] == row["label"][lang]
        assert line[2] and line[6]
        assert line[7:10] == (None, None, None)
    locked = [[cell.protection.locked for cell in line] for line in sheet.iter_rows(min_row=request.HEAD + 2)]
    assert {tuple(line) for line in locked} == {tuple(name[2] is False for name in request.COLUMNS)}
    assert sheet.protection.sheet


def test_the_same_record_gives_the_same_bytes() -> None:
    assert request.workbook(record(), case().pack, "zh") == request.workbook(record(), case().pack, "zh")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula(text: str, tmp_path: Path) -> None:
    """A name that begins like a formula, as the issuer's and as the key of an item."""
    quoted, key = json.dumps(text), json.dumps(text.strip())  # a key has no blanks around it
    body = f"""schema: compliance.filing/1
pack: cn-refinancing
issuer: {{code: "000001", name: {quoted}, board: main_sh}}
offering: {{route: auction, board_date: 2024-12-25, gross_proceeds: 1亿元, new_shares: 100股, shares_before: 1000股}}
uses: {{complete: true, items: [{{id: {key}, kind: data_purchase, proceeds: 1亿元}}]}}
"""
    path = tmp_path / "filing.yaml"
    path.write_text(body, encoding="utf-8")
    found = load_case(path, "2025-01-01")
    data = request.workbook(found.record(), found.pack, "zh")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [archive.read(name).decode("utf-8") for name in archive.namelist() if "worksheets/sheet" in name]
    assert [part for part in sheets if "<f>" in part or "<hyperlink" in part] == []
    kinds = {cell.data_type for line in sheet_of(data).iter_rows() for cell in line if cell.value is not None}
    assert kinds == {"s"}


def test_the_command_writes_it(tmp_path: Path) -> None:
    out = tmp_path / "needed.xlsx"
    done = run("facts", "missing", filing(CODE), "--as-of", DAY, "--format", "xlsx", "--out", str(out))
    assert done.status == 0, done.err
    assert sheet_of(out.read_bytes()).max_row == len(rows()) + request.HEAD + 1


@pytest.mark.parametrize(
    ("verb", "form"), [(["facts", "missing"], "xlsx"), (["check"], "xlsx"), (["check"], "docx")], ids=lambda given: " ".join(given)
)
def test_what_no_terminal_shows_needs_a_file(verb: list[str], form: str) -> None:
    assert told(*verb, filing(CODE), "--as-of", DAY, "--format", form) == (
        f"--format {form}: 这种格式不能在终端显示；请用 --out 写明文件\n",
        f"--format {form}: this form cannot be shown on a terminal; name a file with --out\n",
    )


@pytest.mark.parametrize(
    ("verb", "form", "library"),
    [(["facts", "missing"], "xlsx", "xlsxwriter"), (["check"], "xlsx", "xlsxwriter"), (["check"], "docx", "docx")],
    ids=lambda given: " ".join(given) if isinstance(given, list) else given,
)
def test_without_the_library_it_says_what_to_install(
    verb: list[str], form: str, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    out = tmp_path / f"out.{form}"
    assert told(*verb, filing(CODE), "--as-of", DAY, "--format", form, "--out", str(out)) == (
        f"--format {form}: 缺少附加组件；请运行 pip install 'compliance[office]'\n",
        f"--format {form}: an extra is not installed; run pip install 'compliance[office]'\n",
    )
    assert not out.exists()


def test_a_value_read_for_an_answer_is_a_value_of_the_filing() -> None:
    """What the drop-downs offer are words that the intake form takes, in either language; nothing that they offer is lost by a comma."""
    kinds, stated = case().pack.vocabulary.kinds, {True: 0, False: 0}
    for row, lang in product(rows(), ("zh", "en")):
        words = request.choices(row["path"], case().pack, lang)
        field = _field(row["path"])
        if words and field is not None:
            stated[field.type == "kind"] += 1
            taken = {sheets.member(word, kinds[field.of]) if field.type == "kind" else flag(Cell(word, NOWHERE)).text for word in words}
            assert taken == (set(kinds[field.of]) if field.type == "kind" else {"true", "false"})
    assert all(stated.values())


# The workbook read back


def answered(tmp_path: Path, given: dict[str, tuple[object, ...]], lang: str = "zh") -> Path:
    """The workbook with answers (and their places, and who gave them) by path."""
    book = openpyxl.load_workbook(io.BytesIO(request.workbook(record(), case().pack, lang)))
    lines = {line[10].value: line for line in book.worksheets[0].iter_rows(min_row=request.HEAD + 2)}
    for path, texts in given.items():
        for cell, text in zip(lines[path][7:], texts, strict=False):
            cell.value = text
    book.save(tmp_path / "answered.xlsx")
    return tmp_path / "answered.xlsx"


def wanted(of: str) -> list[str]:
    """The paths that are needed whose values are of a type."""
    return [row["path"] for row in rows() if (field := _field(row["path"])) is not None and field.type == of]


@pytest.mark.parametrize(("lang", "yes"), [("zh", "是"), ("en", "yes")])
def test_what_is_answered_in_the_workbook_is_what_the_filing_says(lang: str, yes: str, tmp_path: Path) -> None:
    flags, day = wanted("flag")[:2], wanted("date")[0]
    reading = next(row["path"] for row in rows() if row["path"].startswith("reading."))
    option, label = next(iter(case().pack.readings[reading.removeprefix("reading.")].options.items()))
    given: dict[str, tuple[object, ...]] = {
        flags[0]: (yes, "年报第35页", "王 2026-07-02"),
        flags[1]: (yes,),
        day: ("2024/3/8",),
        "earlier_raisings": ("无",),
        reading: (label[lang],),
    }
    found = load_case(Path(filing(CODE)), DAY, answers=(answered(tmp_path, given, lang),)).filing
    assert [found.facts[path].text for path in (flags[0], flags[1], day, "earlier_raisings")] == ["true", "true", "2024-3-8", "complete"]
    assert found.answers[reading][0].text == option
    told_of = [found.facts[path].evidence for path in flags]
    assert [(one.document, one.by) for one in told_of if one is not None] == [("年报第35页", "王 2026-07-02"), ("资料清单", "")]
    assert found.documents["年报第35页"]["title"] == "年报第35页"
    assert load_case(Path(filing(CODE)), DAY).filing.sha256 == case().filing.sha256 != found.sha256  # the file itself stays


def test_what_cannot_be_an_answer_is_told_with_its_cell(tmp_path: Path) -> None:
    flag_path, day = wanted("flag")[0], wanted("date")[0]
    listed = ["earlier_raisings", *(row["path"] for row in rows())]
    row = {path: 5 + [one["path"] for one in rows()].index(path) for path in {flag_path, day, *listed}}
    file = answered(tmp_path, {"earlier_raisings": ("见附件",), flag_path: ("√",)})
    assert told("check", filing(CODE), "--as-of", DAY, "--answers", str(file))[0] == (
        f"{file} 资料清单!H{row['earlier_raisings']}: “earlier_raisings”是清单，这里只能填“无”；有内容的，请逐项填入申报文件后清空此格\n"
    )
    file = answered(tmp_path, {flag_path: ("√",), day: ("明天",)})
    said = told("check", filing(CODE), "--as-of", DAY, "--answers", str(file))[0]
    assert sorted(line.partition("!")[2].partition(":")[0] for line in said.splitlines()) == sorted(
        f"H{row[path]}" for path in (flag_path, day)
    )


def test_an_answer_does_not_overrule_what_the_filing_states(tmp_path: Path) -> None:
    """The list was written before the filing was filled in further: what both say alike is no mistake, what differs is."""
    path = wanted("flag")[0]
    file = answered(tmp_path, {path: ("是",)})
    with_answer = load_case(Path(filing(CODE)), DAY, answers=(file, file)).filing
    assert with_answer.facts[path].text == "true"
    other = tmp_path / "other.xlsx"
    other.write_bytes(answered(tmp_path, {path: ("否",)}).read_bytes())
    file = answered(tmp_path, {path: ("是",)})
    said = told("check", filing(CODE), "--as-of", DAY, "--answers", str(file), "--answers", str(other))[0]
    assert said.endswith(f"申报文件已将“{path}”写为“true”，与此处的答复不同；请只保留一处\n")


def test_another_workbook_is_no_list_of_needs(tmp_path: Path) -> None:
    file = tmp_path / "form.xlsx"
    run("init", CODE, "--route", "auction", "--board", "star", "--format", "xlsx", "--out", str(file))
    assert told("check", filing(CODE), "--as-of", DAY, "--answers", str(file)) == (
        f"{file}: 不是资料清单；请用 compliance facts missing --format xlsx 生成\n",
        f"{file}: not a list of what is needed; make one with compliance facts missing --format xlsx\n",
    )
