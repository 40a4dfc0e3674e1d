"""Every mistake in a filing or in answers gives its whole message, with its place, in both languages; none crashes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bad_input import SOUND, pairs, read, said, says, small, take_answers
from checked import book
from compliance import source
from compliance.facts import answers, loading
from compliance.packs.book import Pack
from compliance.source import SourceError

FILINGS, ANSWERS = pairs("filings.txt"), pairs("answers.txt")


@pytest.mark.parametrize("title", FILINGS)
def test_a_bad_filing_says_what_is_wrong(title: str) -> None:
    text, expected = FILINGS[title]
    assert expected
    assert says(read, text) == expected


@pytest.mark.parametrize("title", ANSWERS)
def test_bad_answers_say_what_is_wrong(title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, expected = ANSWERS[title]
    monkeypatch.chdir(tmp_path)
    assert expected
    assert says(take_answers, text) == expected


def test_a_party_that_answers_twice_in_two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = 'schema: compliance.answers/1\nparty: 律师\njudgements: [{path: "uses[a].share", answer: 1%}]\n'
    for name in ("one.yaml", "two.yaml"):
        Path(name).write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        answers.load_several([Path("one.yaml"), Path("none.yaml"), Path("two.yaml")], read(SOUND), {})
    assert said(caught.value).splitlines() == [
        "none.yaml: 文件不存在；请核对路径",
        "none.yaml: there is no such file; check the path",
        "two.yaml:3:21: “uses[a].share”已经作过判断；请只保留一处",
        "two.yaml:3:21: 'uses[a].share' is judged already; keep one",
    ]


# What the real filings become when bytes of them are lost, doubled or changed


@given(st.data())
@settings(max_examples=150)
def test_a_damaged_filing_gives_a_filing_or_says_why_not(data: st.DataObject) -> None:
    root = Path(__file__).parent.parent
    case = data.draw(st.sampled_from(CASES))
    good = (root / case).read_bytes()
    start = data.draw(st.integers(0, len(good)))
    length = data.draw(st.integers(0, 200))
    pieces = st.one_of(st.binary(max_size=8), st.sampled_from(PIECES))
    damaged = good[:start] + data.draw(pieces) + good[start + length :]
    try:
        filing = read(damaged, case, book())
    except SourceError as error:
        assert error.problems
        for line in said(error).splitlines():
            assert line.startswith(f"{case}:") and line.isprintable()
    else:
        assert filing.facts and len(filing.sha256) == 64


CASES = ("cases/300766/filing.yaml", "cases/688327/filing.yaml")
PIECES = (b"[", b"{", b"}", b"'", b'"', b": ", b"- ", b"\n", b"\n  ", b"&a ", b"*a", b"!x ", b"# ", b"\xff", b"\x00", b"..", b"~")


# Files


def test_no_file_a_folder_and_one_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("large.yaml").write_bytes(b"#" * (source.MAX_BYTES + 1))
    said_of = []
    for name in ("none.yaml", "folder", "large.yaml"):
        with pytest.raises(SourceError) as caught:
            loading.load(Path(name), small().vocabulary, small().id, {})
        said_of += said(caught.value).splitlines()
    assert said_of == [
        "none.yaml: 文件不存在；请核对路径",
        "none.yaml: there is no such file; check the path",
        "folder: 这是文件夹，不是文件；请给出文件",
        "folder: this is a folder; give a file",
        "large.yaml: 文件超过 8 MiB；请拆分或删去无关内容",
        "large.yaml: the file is larger than 8 MiB; split it or leave out what is not needed",
    ]


def test_a_file_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError) as caught:
        loading.load(Path("filing.yaml"), small().vocabulary, small().id, {})
    assert said(caught.value).splitlines() == [
        "filing.yaml: 无法读取（没有权限）；请检查路径和权限",
        "filing.yaml: cannot be read (Permission denied); check its path and permissions",
    ]


# What only a whole rule book can tell

WHOLE = """
schema: compliance.filing/1
pack: cn-refinancing
issuer: {code: "000001"}
uses: [{id: a, kind: equipment}, {id: b, kind: data_purchase}, {id: c}]
investments: [{name: 甲, kind: equity}]
commitments: [{id: x}, {id: y, investment: }, {id: z, investment: 甲}]
judgements: [{path: "uses[a].capital", answer: true}, {path: "uses[b].capital", answer: true}, {path: "uses[c].capital", answer: true}]
filing_conclusions: [{rule: working-capital-shar, verdict: pass}, {rule: zzz, verdict: pass}, {rule: issue-size, verdict: pass}]
"""


@pytest.fixture(scope="module")
def whole_book() -> Pack:
    return book()


def test_an_item_says_what_is_required_of_it(whole_book: Pack) -> None:
    with pytest.raises(SourceError) as caught:
        loading.read(source.parse(WHOLE, "f"), whole_book.vocabulary, whole_book.id, whole_book.options)
    assert [problem.text("en") for problem in caught.value.problems] == [
        "f:7:15: 'investment' is missing; add it",
        "f:7:24: 'investment' is missing; add it",
    ]


def test_a_judgement_that_the_item_settles_and_a_rule_that_is_not_there(whole_book: Pack) -> None:
    text = WHOLE.replace("{id: x}, {id: y, investment: }, ", "")
    rules = {rule.id for rule in whole_book.rules}
    with pytest.raises(SourceError) as caught:
        loading.read(source.parse(text, "f"), whole_book.vocabulary, whole_book.id, whole_book.options, rules, whole_book.open_when)
    assert said(caught.value).splitlines() == [
        "f:8:21: “uses[a].capital”在这一项上由其他事实确定，不需要判断；请删去，或核对该项的类别",
        "f:8:21: 'uses[a].capital' follows from the other facts of its item and is no judgement there;"
        " remove it, or check what the item is",
        "f:9:29: 规则库中没有“working-capital-shar”这条规则；请核对，名称相近的有：working-capital-share、earlier-working-capital",
        "f:9:29: the pack has no rule 'working-capital-shar'; check it, of a similar name: working-capital-share, earlier-working-capital",
        "f:9:74: 规则库中没有“zzz”这条规则；请核对，名称相近的有：无",
        "f:9:74: the pack has no rule 'zzz'; check it, of a similar name: none",
    ]
    assert loading.read(source.parse(text, "f"), whole_book.vocabulary, whole_book.id, whole_book.options).answers


def test_answers_of_others_to_what_the_item_settles(whole_book: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("answers.yaml").write_text(
        'schema: compliance.answers/1\nparty: 律师\njudgements: [{path: "uses[p1-equipment].capital", answer: true}]\n', encoding="utf-8"
    )
    filing = loading.load(
        Path(__file__).parent.parent / "cases" / "300766" / "filing.yaml", whole_book.vocabulary, whole_book.id, whole_book.options
    )
    with pytest.raises(SourceError) as caught:
        answers.load_answers(Path("answers.yaml"), filing, whole_book.options, whole_book.open_when)
    assert [problem.code for problem in caught.value.problems] == ["judgement-settled"]
