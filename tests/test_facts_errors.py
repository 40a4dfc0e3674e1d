"""Every mistake in a filing or in answers gives its whole message, with its place, in both languages; none crashes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bad_input import SOUND, pairs, read, said, says, small, take_answers
from compliance import source
from compliance.facts import answers, loading
from compliance.packs import loading as packs
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
    pack = real(root)
    try:
        filing = read(damaged, case, pack)
    except SourceError as error:
        assert error.problems
        for line in said(error).splitlines():
            assert line.startswith(f"{case}:") and line.isprintable()
    else:
        assert filing.facts and len(filing.sha256) == 64


CASES = ("cases/300766/filing.yaml", "cases/688327/filing.yaml")
PIECES = (b"[", b"{", b"}", b"'", b'"', b": ", b"- ", b"\n", b"\n  ", b"&a ", b"*a", b"!x ", b"# ", b"\xff", b"\x00", b"..", b"~")
_REAL: dict[Path, Pack] = {}


def real(root: Path) -> Pack:
    if root not in _REAL:
        _REAL[root] = packs.load(root / "rules" / "cn-refinancing")
    return _REAL[root]


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
        "filing.yaml: 无法读取（Permission denied）；请检查权限",
        "filing.yaml: cannot be read (Permission denied); check its permissions",
    ]
