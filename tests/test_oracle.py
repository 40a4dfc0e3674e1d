"""The engine against the oracle: random filings, exact and vague, at every line that the rules draw."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction
from random import Random

import pytest

from oracle import oracle
from oracle.comparison import Difference, Tally, blocks, tried
from oracle.deciders import DECIDERS, ids, pack, read
from oracle.filings import sample
from oracle.text import written

COUNT = 450


@pytest.fixture(scope="module")
def tally() -> Tally:
    return tried(COUNT, 20_260_905)


def test_no_decider_is_wrong(tally: Tally) -> None:
    assert not tally.wrong, "\n".join(f"{found}\n{found.tried}" for found in tally.wrong[:3])


def test_the_conclusion_engines_agree(tally: Tally) -> None:
    assert tally.concluded > COUNT // 10
    assert not tally.disputed


def test_hardly_ever_is_it_unsure_of_what_is_decided(tally: Tally) -> None:
    """Ranges forget that one vague fact is the same wherever it stands: that costs an answer, never a wrong one."""
    unsure = Counter((found.decider, found.rule) for found in tally.unsure)
    assert sum(unsure.values()) <= len(DECIDERS) * COUNT // 10, unsure.most_common()


def test_the_filings_reach_every_verdict(tally: Tally) -> None:
    """Each rule of the book that the oracle knows is seen to pass, to fail, not to apply and to stay open."""
    for name in set(oracle.RULES) & set(ids()):
        for word in ("pass", "fail", "not_applicable", "open"):
            assert tally.verdicts[name, word], f"no filing shows {name} {word}"
    assert tally.exact > COUNT // 4


def test_seats_without_votes_are_no_control() -> None:
    """Art. 84 speaks of who fills the board by the votes it commands: seats alone, with no share, do not pass."""
    day = date(2025, 3, 27)
    for shares, expected in ((0, "fail"), (1, "pass")):
        facts = {
            "issuer": {"board": "main_sz"},
            "offering": {"route": "auction", "board_date": day, "shares_before": 1000},
            "control": {"has_controller": True},
            "control_group": {"complete": True, "items": [{"name": "h", "shares": shares}]},
            "directors": {"complete": True, "items": [{"name": "b", "by_controller": True}]},
        }
        for decide in DECIDERS.values():
            assert decide([read(written(facts), day)], ["control-basis"]) == {"control-basis": [expected]}
        assert oracle.verdict(facts, "control-basis", day) == expected


def test_the_same_seed_makes_the_same_filings() -> None:
    known = pack().readings
    first, second = (written(sample(Random("7/7"), known).facts) for _ in range(2))
    assert first == second


def test_a_wrong_decider_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """An oracle that draws the line a hair lower disagrees: the filings stand close enough to tell."""
    monkeypatch.setattr(oracle, "THIRTY", Fraction(299_999, 1_000_000))
    assert any((found.given, found.expected) == ("pass", "fail") for found in tried(120, 1).wrong)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2021, 11, 30), 36, date(2024, 11, 30)),
        (date(2024, 8, 31), -6, date(2024, 2, 29)),
        (date.max, 36, date.max),
    ],
)
def test_months_by_the_civil_code(day: date, months: int, end: date) -> None:
    assert oracle.add_months(day, months) == end


USES = {
    "issuer": {"board": "main_sz", "financial_institution": False},
    "offering": {"route": "auction", "board_date": date(2024, 12, 25), "gross_proceeds": 100},
}


@pytest.mark.parametrize(
    ("proceeds", "complete", "verdict"),
    [
        (30, True, "pass"),
        (31, True, "fail"),
        ((29, 31), True, "open"),
        ((29, 30), True, "pass"),
        (None, True, "open"),
        (30, False, "open"),
        (31, False, "fail"),
    ],
)
def test_the_oracle_on_filings_that_can_be_checked_by_hand(proceeds: object, complete: bool, verdict: str) -> None:
    uses = {"complete": complete, "items": [{"id": "u", "kind": "working_capital", "proceeds": proceeds}]}
    assert oracle.verdict({**USES, "uses": uses}, "working-capital-share", date(2025, 1, 1)) == verdict


def test_a_difference_is_judged_by_its_direction(tally: Tally) -> None:
    """Sure of what is open is wrong whatever the facts; unsure of what is decided only where every fact is exact."""
    made = replace(sample(Random("0"), ()), family="size", exact=False)
    unsure = Difference("scalar", "issue-size", "open", "pass", made, 0)
    assert not unsure.wrong
    assert replace(unsure, tried=replace(made, exact=True)).wrong
    assert replace(unsure, given="fail", expected="open").wrong


def test_the_columns_were_asked(tally: Tally) -> None:
    """Most verdicts of the columns deciders fit; otherwise these would only be the scalar form again."""
    assert tally.fitted[True] > 10 * tally.fitted[False] > 0


def test_the_work_may_be_shared() -> None:
    """Blocks of any size add up to the same, but for what fits the 64 bits of a batch."""
    found = []
    for of in (12, 5):
        whole = Tally()
        for part in blocks(12, 5, of=of):
            whole.add(part)
        found.append(replace(whole, fitted=Counter()))
    assert found[0] == found[1]
    assert found[0].filings == 12
