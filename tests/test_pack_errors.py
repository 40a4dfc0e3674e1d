"""Every mistake in a pack gives its whole message, with its place, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from bad_input import check, pairs, said, says, sound, take_pack
from compliance.packs import folder, loading
from compliance.source import SourceError

PATCHES = pairs("packs.txt")


def test_the_pack_that_the_fixtures_change_is_sound() -> None:
    check(sound())


@pytest.mark.parametrize("title", PATCHES)
def test_a_bad_pack_says_what_is_wrong(title: str) -> None:
    patch, expected = PATCHES[title]
    assert expected
    assert says(take_pack, patch) == expected


def test_no_pack_and_one_of_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("many").mkdir()
    for number in range(folder.MAX_FILES + 1):
        Path(f"many/{number}.yaml").touch()
    lines = []
    for name in ("none", "many"):
        with pytest.raises(SourceError) as caught:
            loading.load(Path(name))
        lines += said(caught.value).splitlines()
    assert lines == [
        "none: 没有这个规则库文件夹；请核对路径",
        "none: there is no such pack folder; check the path",
        "many: 规则库超过 200 个文件；请合并",
        "many: the pack has more than 200 files; join some",
    ]


def test_mistakes_of_all_files_come_at_once() -> None:
    files = sound()
    files["facts.yaml"] = files["facts.yaml"].replace("type: flag", "type: bool")
    files["rules.yaml"] += "surplus: 1\n"
    files["pack.yaml"] = files["pack.yaml"].replace("body: {zh: 某机关, en: some authority}", "body: 某机关")
    with pytest.raises(SourceError) as caught:
        check(files)
    assert [(str(p.place).partition(":")[0], p.code) for p in caught.value.problems] == [
        ("pack/pack.yaml", "shape-table"),
        ("pack/rules.yaml", "field-extra"),
    ]
