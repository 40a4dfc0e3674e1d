"""Every verb tells all mistakes of one command at once: in its options, in the filing, in what is laid over it or beside it.

``together.yaml`` holds the commands, each with all that is told of it in both languages.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from command import ROOT, told

BOOK = str(ROOT / "tests" / "books" / "toy")
FILES = {  # what lies in the folder that a command runs in, beside an empty folder ``folder``
    "bad.yaml": "schema: compliance.filing/1\npack: toy\nissuer: {code: '000001'}\nparty: {limit: many}\n",
    "worse.yaml": "schema: compliance.filing/1\npack: toy\nissuer: {code: '000001'}\nparty: {held: soon}\n",
    "good.yaml": "schema: compliance.filing/1\npack: toy\nissuer: {code: '000001'}\nparty: {kind: open, held: 2024-01-01}\n",
    "mute.yaml": "schema: compliance.answers/1\nparty: lawyer\n",
    "twice.yaml": "schema: compliance.filing/1\nschema: compliance.filing/1\n",
    "record.json": '{"schema": "another"}',
}
CASES = yaml.safe_load((ROOT / "tests" / "together.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["given"] for case in CASES])
def test_all_mistakes_of_a_command_come_together(case: dict[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    given = [BOOK if part == "BOOK" else part for part in str(case["given"]).split(" ")]
    chinese, english = told(*given)
    assert (chinese.splitlines(), english.splitlines()) == (case["zh"], case["en"])
    assert sorted(tmp_path.rglob("*")) == before
