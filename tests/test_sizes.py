"""What is too much for a filing is told, with its bound; what a real filing holds is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import told
from compliance.cli.inputs import load_pack
from compliance.engine import nests
from compliance.facts import loading
from plan import SESSIONS, plan

USES = """schema: compliance.filing/1
pack: cn-refinancing
uses: [{id: a, kind: land}, {id: b, kind: land}, {id: c, kind: land}]
"""


def test_a_list_of_too_many_items_is_told_at_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f.yaml"
    path.write_text(USES, encoding="utf-8")
    monkeypatch.setattr(loading, "MAX_ITEMS", 2)
    zh, en = told("facts", "lint", str(path))
    assert f"{path}:3:7: 清单有 3 项，最多 2 项；请把同类的合并成一项" in zh.splitlines()
    assert f"{path}:3:7: the list has 3 items, 2 at most; join those of one kind into one" in en.splitlines()


def test_lists_that_a_rule_sets_against_each_other_are_bounded_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each session is held against every other: the combinations are counted, and named with the rule."""
    made = plan(tmp_path, "auction")
    assert list(nests.crowded(made.pack, made.filing, "f")) == []
    monkeypatch.setattr(nests, "MOST", len(SESSIONS) ** 2 - 1)
    (found,) = nests.crowded(made.pack, made.filing, "f")
    assert found.code == "items-crowded"
    zh, en = told("check", str(tmp_path / "plan.yaml"), "--as-of", "2025-12-31")
    count = len(SESSIONS) ** 2
    assert f"要逐一对照 trading_days × trading_days，共 {count} 种组合，最多 {count - 1} 种" in zh
    assert f"sets trading_days × trading_days against each other, {count} combinations, {count - 1} at most" in en


def test_what_real_filings_hold_lies_within_the_bounds() -> None:
    """Five thousand uses, and five hundred items in each of two lists that stand in each other."""
    assert loading.MAX_ITEMS >= 5_000 and nests.MOST >= 500 * 500
    found = {nest for rule in load_pack(None).rules for top in rule.formula.nodes() for nest in nests.nests(top)}
    assert (("filing", "trading_days"),) * 2 in found and not any(("filing", "uses") in nest for nest in found)
