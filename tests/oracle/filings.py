"""Random filings that stand at, just under and just over what the rules draw a line at, exact or vague.

Every filing comes from one ``random.Random``: the same seed makes the same filings. First an exact filing is made at some
line, then facts are blurred: a day to its month or year, a figure to a range, or taken away.

What a run is made of, a hundred filings of each of the eight families being some 800:

* Two fifths are not blurred; of the others a third each has 3, 10 and 30 per cent of its facts made vague. With the blurred
  ones in which the lot fell on no fact some 46 in 100 are exact, 24 have one or two vague facts, 30 have more (up to 20 and above).
* A figure that is aimed at a line stands on it in two cases of ten, one unit to either side in four, two units above in one, and
  elsewhere in three. A day stands on the last or first day of its window in two of ten, a day off in four, up to three in three.
* So the filings tell limits apart: thirty per cent drawn a hair lower changes the verdict of two filings in a hundred, a
  period a day longer or shorter that of three in two hundred.
* Amounts are aimed up to the proceeds and the assets of a bank (``SIZES``); of balance sheets one fifth has equity below nought
  and one tenth equity of nought.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from .oracle import (
    ALWAYS_COUNTED,
    BOARDS,
    DOMAINS,
    INVESTIGATION_KINDS,
    INVESTMENT_KINDS,
    MANDATES,
    POSTS,
    PRESENT,
    RAISING_KINDS,
    ROUTES,
    SANCTION_KINDS,
    STAGES,
    TARGETS,
    USE_KINDS,
    add_months,
)

Table = dict[str, Any]

TURNS = (
    date(2023, 2, 17),
    date(2025, 3, 27),
    date(2025, 3, 26),
    date(2024, 2, 29),
    date(2024, 11, 30),
    date(2024, 8, 31),
    date(2025, 2, 28),
)
SIZES = (1, 100, 10_000_00, 3_0000_0000_00, 78_067_85_00_00, 100_0000_0000_00, 9_999_0000_0000_00, 48_0000_0000_0000_00)
PARTS = ("warning", "fine", "correction", "confiscation", "ban")


@dataclass(frozen=True)
class Sample:
    """A filing to try: its facts, the day it is checked, the answers to readings, and whether every fact is exact."""

    family: str
    facts: Table
    as_of: date
    answers: dict[str, str]
    exact: bool


def sample(random: Random, known: Collection[str]) -> Sample:
    """A random filing of a random family; only the readings known to the book are answered."""
    family = random.choice(tuple(FAMILIES))
    board_date = random.choice(TURNS) + timedelta(days=random.choice((0, 0, 0, -1, 1, random.randint(-400, 400))))
    facts: Table = {
        "issuer": {"board": random.choice(BOARDS[: random.choice((4, 4, 5))]), "financial_institution": random.random() < 0.1},
        "offering": {"route": random.choice(ROUTES), "board_date": board_date},
    }
    as_of = board_date + timedelta(days=random.choice((0, 1, 30, 200, 500, -3)))
    FAMILIES[family](random, facts, board_date, as_of)
    if facts["offering"]["route"].startswith("convertible"):
        facts["offering"]["into_repurchased"] = random.random() < 0.2
    vague = random.choice((0.0, 0.0, 0.03, 0.1, 0.3))
    before = repr(facts)
    if vague:
        blur(random, facts, vague)
    answers = {name: random.choice(options) for name, options in ANSWERS.items() if name in known and random.random() < 0.4}
    exact = repr(facts) == before and "'complete': False" not in before
    return Sample(family, facts, as_of, answers, exact)


ANSWERS: dict[str, tuple[str, ...]] = {
    "penalty_start": ("execution", "delivery", "both"),
    "ban_counts": ("counts", "apart"),
    "violation_start": ("execution", "compensation", "conduct", "both"),
    "negative_share": ("within", "unsettled"),
    "crimes_left_aside": ("may", "may_not", "both"),
    "controller_public_harm": ("bars", "no_bar"),
    "equity_base": ("parent", "total", "both"),
    "withdrawn_investment": ("counts", "left_out"),
    "share_base": ("published", "at_plan", "both"),
    "corresponding_day": ("enough", "beyond"),
    "interval_board": ("first", "reset", "reset", "both"),
    "simplified_raisings": ("counts", "left_out"),
    "ipo_history": ("outside", "inside", "both"),
    "transferred_on_board_day": ("before", "not_before"),
}


# --- Values near a line ------------------------------------------------------------------------------------------------


def near(random: Random, value: int, least: int = 0) -> int:
    """A figure at a line, one unit to either side of it, or somewhere else."""
    step = random.choice((0, 0, 1, -1, 1, -1, 2, random.randint(-1000, 1000), value // 3, -(value // 3)))
    return max(least, value + step)


def near_day(random: Random, day: date) -> date:
    """A day at a line, one day to either side, or somewhere else."""
    return day + timedelta(days=random.choice((0, 0, 1, -1, 1, -1, 2, -2, 3, random.randint(-900, 900))))


def tens(random: Random, value: int) -> int:
    """A number of shares or fen, mostly one of which three tenths are whole."""
    return value // 10 * 10 if random.random() < 0.7 and value >= 10 else value


def split(random: Random, total: int, count: int) -> list[int]:
    """A total in so many parts, none negative."""
    cuts = sorted(random.randint(0, total) for _ in range(count - 1))
    return [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]


def listed(random: Random, entries: Sequence[Table], complete: float = 0.93) -> Table:
    """A list, mostly complete."""
    return {"complete": random.random() < complete, "items": list(entries)}


# --- Vague facts -------------------------------------------------------------------------------------------------------

KEYS = frozenset({"id", "name", "title"})
REFERRED = frozenset({"people", "investments", "accounts", "control_group"})  # other parts lead to their items
FIXED = frozenset({("parts", "kind"), ("commitments", "investment"), ("contributions", "investment"), ("reductions", "holder")})


def blur(random: Random, facts: Table, share: float, inside: str = "") -> None:
    """Make a share of the facts vague, in place."""
    for name, value in list(facts.items()):
        if isinstance(value, dict) and "items" in value:
            for entry in value["items"]:
                blur(random, entry, share, name)
            if random.random() < share / 3:
                facts[name] = None if name not in REFERRED and random.random() < 0.3 else {**value, "complete": False}
        elif isinstance(value, dict):
            blur(random, value, share, name)
        elif value is not None and name not in KEYS and (inside, name) not in FIXED and random.random() < share:
            facts[name] = blurred(random, name, value)


def blurred(random: Random, name: str, value: Any) -> Any:
    """A fact made vague: not said, or a range around it."""
    if isinstance(value, (bool, str)) or random.random() < 0.25:
        return None
    if isinstance(value, date):
        if value == PRESENT:
            return None
        return random.choice((_month, _month, _year, _around, _before, _after))(random, value)
    if isinstance(value, Fraction):
        step = Fraction(random.choice((0, 1, 500, 100_000)), 100_000)
        return max(Fraction(0), value - step), min(Fraction(1), value + step)
    low = value - random.choice((0, 1, 100, abs(value) // 100, abs(value)))
    high = value + random.choice((0, 1, 100, abs(value) // 100, abs(value)))
    if value >= 0:
        low = max(0, low)
    return random.choice(((low, high), (low, high), (low, high), (low, None), (None, high)))


def _month(_: Random, day: date) -> Any:
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _year(_: Random, day: date) -> Any:
    return date(day.year, 1, 1), date(day.year, 12, 31)


def _around(random: Random, day: date) -> Any:
    return day - timedelta(days=random.randint(0, 3)), day + timedelta(days=random.randint(0, 3))


def _before(random: Random, day: date) -> Any:
    return None, day + timedelta(days=random.randint(0, 3))


def _after(random: Random, day: date) -> Any:
    return day - timedelta(days=random.randint(0, 3)), None


# --- The families ------------------------------------------------------------------------------------------------------


def uses_of_proceeds(random: Random, facts: Table, board: date, as_of: date) -> None:
    """D1 to D4."""
    gross = tens(random, random.choice((0, random.choice(SIZES), random.randint(1, random.choice(SIZES)))))
    facts["offering"]["gross_proceeds"] = gross
    facts["offering"]["light_asset_claimed"] = False
    cap = gross * 3 // 10 if random.random() < 0.7 else gross
    goal = Fraction(near(random, cap))
    entries: list[Table] = []
    for number, amount in enumerate(split(random, gross or 5, random.randint(1, 4))):
        kind = random.choice(USE_KINDS)
        entry: Table = {"id": f"u{number}", "kind": kind, "proceeds": amount}
        counts = Fraction(kind in ALWAYS_COUNTED)
        if kind == "rd_staff" and random.random() < 0.9:
            entry["capitalised_share"] = Fraction(random.choice((0, 10**8, 97_500_000, random.randint(0, 10**8))), 10**8)
            counts = 1 - entry["capitalised_share"]
        elif kind in ("data_purchase", "construction"):
            entry["capital"] = random.random() < 0.5
            counts = Fraction(not entry["capital"])
            if kind == "construction":
                entry["construction_months"] = random.choice((11, 12, 13, 36))
                counts *= entry["construction_months"] <= 12
        elif kind == "acquisition":
            entry["transferred"] = random.choice((PRESENT, board, board + timedelta(days=1), board - timedelta(days=1)))
            counts = Fraction(entry["transferred"] < board)
        entries.append(entry)
        goal -= amount * counts
    if goal > 0:
        entries.append({"id": "rest", "kind": random.choice(tuple(ALWAYS_COUNTED)), "proceeds": int(goal)})
    facts["uses"] = listed(random, entries)


def people_of(random: Random, board: date, as_of: date) -> list[Table]:
    """A few people with posts that begin or end near the days that count."""
    found = []
    for name in ("甲", "乙", "丙")[: random.randint(1, 3)]:
        posts = []
        for number in range(random.choice((0, 1, 1, 2))):
            until = random.choice((PRESENT, near_day(random, board), near_day(random, as_of)))
            since = random.choice((date(2010, 1, 1), date(2020, 1, 1), near_day(random, board)))
            posts.append({"title": f"{name}{number}", "kind": random.choice(POSTS), "since": since, "until": until})
        found.append({"name": name, "controller": random.random() < 0.4, "posts": listed(random, posts, 0.95)})
    return found


def parts_of(random: Random, last: date) -> Table:
    """The parts of a sanction, the last of them executed on a day."""
    kinds = random.sample(PARTS, random.randint(1, 3))
    if kinds == ["ban"]:
        kinds = ["fine"]
    parts = [{"kind": kind, "executed": last - timedelta(days=random.choice((0, 0, 1, 40)))} for kind in kinds]
    for entry in parts:
        if entry["kind"] == "ban" and random.random() < 0.7:
            entry["executed"] = random.choice((PRESENT, last + timedelta(days=700), last - timedelta(days=10)))
    return listed(random, parts, 0.97)


def other_days(random: Random, facts: Table, board: date) -> None:
    """The other days that a window is held against."""
    if random.random() < 0.4:
        facts["offering"]["plan_disclosed"] = board + timedelta(days=random.choice((0, 1, 2)))
    if random.random() < 0.4:
        facts["offering"]["filing_date"] = board + timedelta(days=random.choice((30, 90, 200)))


def sanctions(random: Random, facts: Table, board: date, as_of: date) -> None:
    """A7, A8: penalties and censure near the end of their look-back."""
    other_days(random, facts, board)
    people = people_of(random, board, as_of)
    facts["people"] = listed(random, people)
    entries = []
    for number in range(random.choice((0, 1, 1, 2, 3))):
        kind = random.choice((*SANCTION_KINDS, "csrc_penalty", "csrc_penalty", "csrc_penalty", "public_censure"))
        target = random.choice((*TARGETS, "person", "person", "person"))
        held = random.choice((board, as_of))
        last = near_day(random, add_months(held, -12 if kind == "public_censure" else -36))
        entry: Table = {"id": f"s{number}", "kind": kind, "target": target, "decided": last - timedelta(days=random.choice((0, 5)))}
        entry["received"] = last - timedelta(days=random.choice((0, 0, 1, 45)))
        entry["parts"] = parts_of(random, last)
        if target == "person":
            entry["person"] = random.choice(people)["name"]
        entries.append(entry)
    facts["sanctions"] = listed(random, entries)


FLAGS = ("serious", "minor", "basis_serious", "cleared", "opined", "grave", "main_source")


def violations(random: Random, facts: Table, board: date, as_of: date) -> None:
    """A12 to A17: major violations, with what may excuse them at its line."""
    sanctions(random, facts, board, as_of)
    for entry in facts["sanctions"]["items"]:
        entry["kind"] = random.choice((*SANCTION_KINDS[:3], "csrc_penalty", "other_penalty", "public_censure"))
        entry["target"] = target = random.choice((*TARGETS, "issuer", "subsidiary"))
        if target != "person":
            entry.pop("person", None)
        elif "person" not in entry:
            entry["person"] = facts["people"]["items"][0]["name"]
        entry["domain"] = random.choice((*DOMAINS, "market_fraud", "other", "ecology"))
        likely = random.choice((0.1, 0.5))
        for name in FLAGS:
            entry[name] = random.random() < (likely if name in ("minor", "cleared", "opined", "grave") else 0.7)
        last = max(p["executed"] for p in entry["parts"]["items"])
        if target == "subsidiary":
            for name in ("revenue_share", "profit_share"):
                entry[name] = Fraction(near(random, 5_000), 100_000)
            entry["acquired"] = near_day(random, last) if last < PRESENT else board
        entry["conduct_ended"] = entry["decided"] - timedelta(days=300)
        entry["last_compensation"] = random.choice((entry["conduct_ended"], near_day(random, add_months(board, -36)), PRESENT))


def investigations(random: Random, facts: Table, board: date, as_of: date) -> None:
    """A9: investigations that open or close near the days they are looked for."""
    other_days(random, facts, board)
    people = people_of(random, board, as_of)
    facts["people"] = listed(random, people)
    entries = []
    for number in range(random.choice((0, 1, 1, 2))):
        target = random.choice((*TARGETS, "person", "person", "issuer"))
        opened = random.choice((near_day(random, board), near_day(random, as_of), board - timedelta(days=900)))
        closed = random.choice((PRESENT, near_day(random, board), near_day(random, as_of)))
        entry = {"id": f"v{number}", "kind": random.choice(INVESTIGATION_KINDS), "target": target, "opened": opened, "closed": closed}
        if target == "person":
            entry["person"] = random.choice(people)["name"]
        entries.append(entry)
    facts["investigations"] = listed(random, entries)


def investments(random: Random, facts: Table, board: date, as_of: date) -> None:
    """B1 to B3: holdings at thirty per cent of equity, contributions at the edge of the six months."""
    names = ("基金", "甲公司", "乙公司", "丙公司")[: random.randint(0, 4)]
    entries: list[Table] = []
    counted = 0
    for name in names:
        entry: Table = {"name": name, "kind": random.choice((*INVESTMENT_KINDS, "equity", "fund", "fund"))}
        entry["amount"] = random.randint(0, random.choice(SIZES))
        entry["financial"], entry["related"] = random.random() < 0.5, random.random() < 0.7
        entry["mandate"] = random.choice(MANDATES) if entry["kind"] == "fund" else None
        entry["stake_increased"] = random.random() < 0.5
        entry["counted"] = random.random() < 0.5
        counted += entry["amount"] * entry["counted"]
        entries.append(entry)
    facts["investments"] = listed(random, entries)
    commitments = [
        {
            "id": f"c{number}",
            "investment": random.choice(names),
            "unpaid": random.choice((0, 1, 800_0000_00)),
            "counts": random.random() < 0.5,
        }
        for number in range(random.choice((0, 0, 1, 2)) if names else 0)
    ]
    facts["commitments"] = listed(random, commitments)
    facts["accounts"] = listed(random, [{"name": "长期股权投资", "financial_part": near(random, counted)}])
    held = financial_total(facts)
    if random.random() < 0.7:  # three tenths of whole fen
        facts["accounts"]["items"][0]["financial_part"] += -held % 3
        held += -held % 3
    equity = random.choice((held * 10 // 3, held * 10 // 3, held * 10 // 3 + 1, 0, -held, random.choice(SIZES)))
    debts = random.choice(SIZES)
    facts["balance_sheet"] = {
        "parent_equity": equity + random.choice((0, 0, 1, -1, -3, 4)),
        "total_assets": max(0, debts + equity + random.choice((0, 1, -1, 4))),
        "total_liabilities": debts,
    }
    contributions(random, facts, board, list(names))


def financial_total(facts: Table) -> int:
    """What the generator aims the equity at; being out by an item only makes a filing less close to the line."""
    total: int = facts["accounts"]["items"][0]["financial_part"]
    financial: dict[str, bool] = {}
    for entry in facts["investments"]["items"]:
        kind = entry["kind"]
        judged: bool = kind in ("equity", "fund", "lending") and entry["financial"]
        financial[entry["name"]] = judged or kind in ("quasi_financial", "financial_business", "volatile_product")
        total += entry["amount"] * (financial[entry["name"]] - entry["counted"]) * (financial[entry["name"]] != entry["counted"])
    return int(total) + sum(int(c["unpaid"]) for c in facts["commitments"]["items"] if c["counts"] and financial[c["investment"]])


def contributions(random: Random, facts: Table, board: date, names: list[str]) -> None:
    """Contributions around the first day that counts, and a deduction around their sum."""
    first = add_months(board, -6)
    entries: list[Table] = []
    for number in range(random.choice((0, 1, 2, 3)) if names else 0):
        stage = random.choice((*STAGES, "paid", "signed"))
        entry: Table = {"id": f"k{number}", "investment": random.choice(names), "amount": random.randint(0, 10**9), "stage": stage}
        if stage != "planned" or random.random() < 0.3:
            entry["day"] = random.choice((near_day(random, first), board))
        entries.append(entry)
    facts["contributions"] = listed(random, entries)
    some = sum(entry["amount"] for entry in entries if random.random() < 0.7)
    facts["offering"]["deduction"] = near(random, some)


def raisings(random: Random, facts: Table, board: date, as_of: date) -> None:
    """C4, D17: earlier raisings at six and eighteen months, and at thirty per cent of their proceeds; nothing has come off yet."""
    facts["offering"]["deducted_for_earlier"] = 0
    entries = []
    for number in range(random.choice((0, 1, 1, 2, 3))):
        received = near_day(random, add_months(board, random.choice((-18, -18, -6))))
        gross = tens(random, random.choice((0, random.choice(SIZES), random.randint(1, random.choice(SIZES)))))
        moved = random.randint(0, max(0, gross * 3 // 10))
        entry: Table = {
            "id": f"r{number}",
            "kind": random.choice((*RAISING_KINDS, "placement", "ipo")),
            "received": received,
            "gross": gross,
        }
        entry["permanent_working_capital"] = moved
        entry["non_capital"] = near(random, gross * 3 // 10 - moved)
        for name in ("used_up", "use_changed", "on_plan", "placees_fixed"):
            entry[name] = random.random() < 0.5
        entries.append(entry)
    facts["earlier_raisings"] = listed(random, entries)
    if facts["offering"]["route"] == "fixed":
        facts["offering"] |= {"base_date_reset": random.random() < 0.6, "base_date_board": near_day(random, board + timedelta(days=20))}


def size(random: Random, facts: Table, board: date, as_of: date) -> None:
    """C1: new shares at thirty per cent of the shares before."""
    before = tens(random, random.choice((0, 1, 10, 400_000_000, 392_000_007, random.randint(1, 10**11))))
    facts["offering"]["shares_before"] = before
    facts["offering"]["shares_at_plan"] = near(random, before)
    facts["offering"]["new_shares"] = near(random, before * 3 // 10)


def control(random: Random, facts: Table, board: date, as_of: date) -> None:
    """H1 to H5, E11, E12: blocks, subscribers and seats at the lines between them."""
    before = tens(random, random.choice((10, 1_000, 392_000_007, random.randint(10, 10**10))))
    least, most = random.choice(((0, before), (0, before * 3 // 10), (before * 3 // 7, before)))  # from 3/7 on one may reach 30%
    new = tens(random, random.randint(least, most))
    share = random.choice((3, 3, 3, 5, 2))
    block = min(before, near(random, random.choice((before, before, before + new)) * share // 10, least=1))
    held = split(random, block, random.randint(1, 3))
    facts["control_group"] = listed(random, [{"name": f"h{n}", "shares": shares} for n, shares in enumerate(held)], 0.96)
    reductions = [{"id": "d", "holder": "h0", "sold": random.choice((0, 1, held[0]))}] if random.random() < 0.4 else []
    facts["reductions"] = listed(random, reductions, 0.96)
    left = block - sum(int(str(entry["sold"])) for entry in reductions)
    other = min(before - block, random.choice((0, near(random, before // 20), near(random, left // 2))))
    line = random.choice((left, left - other, (before + new) * 3 // 10 - other))
    subscribers = [
        {"name": f"s{n}", "with_controller": random.random() < 0.3, "shares": min(new, near(random, max(0, line)))}
        for n in range(random.choice((0, 1, 1, 1, 2)))
    ]
    facts["subscribers"] = listed(random, subscribers, 0.8)
    facts["offering"] |= {
        "shares_before": before,
        "new_shares": new,
        "subscriber_cap": random.choice((new, new, near(random, max(0, line)))),
    }
    facts["offering"]["route"] = random.choice((*ROUTES[:3], *ROUTES[:3], *ROUTES))
    convertible = random.choice((0, 0, 1, before // 10))
    facts["offering"]["convertible_shares"] = convertible
    facts["control"] = {
        "has_controller": random.random() < 0.9,
        "largest_other": other,
        "other_convertible": random.choice((0, convertible, convertible // 3)),
        "offer_exempted": random.random() < 0.4,
        "acquirer_lock_months": random.choice((0, 6, 17, 18, 19, 35, 36, 37)),
    }
    seats: int = random.randint(0, 9)
    mine = random.choice((0, seats // 2, seats // 2 + 1, (seats + 1) // 2))
    facts["directors"] = listed(random, [{"name": f"b{n}", "by_controller": n < mine} for n in range(seats)])


FAMILIES: dict[str, Callable[[Random, Table, date, date], None]] = {
    "uses": uses_of_proceeds,
    "sanctions": sanctions,
    "violations": violations,
    "investigations": investigations,
    "investments": investments,
    "raisings": raisings,
    "size": size,
    "control": control,
}
