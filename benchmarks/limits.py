"""Six tests of the refinancing book as plain facts: filings at and around every limit, the truth of each, and our own answer.

A fact is a pair of whole numbers, low and high (fen, shares or day numbers), or None where nothing is known. The truth is
computed with exact fractions and a calendar of its own, so that it shares nothing with what it judges.
"""

from __future__ import annotations

import calendar
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

Fact = tuple[int, int] | None
PASS, FAIL, OPEN = "pass", "fail", "open"
TESTS = ("financial investment", "working capital", "36 months", "issue size", "interval", "control after")
SPINE = (1, 2)  # the two tests of the working-capital cap and of the window
CAP = Fraction(3, 10)
LATE = date(2025, 6, 30).toordinal()


@dataclass(frozen=True, slots=True)
class Plain:
    """What one filing says that the six tests read."""

    held: tuple[Fact, ...]
    equity: Fact
    spent: tuple[tuple[bool, Fact], ...]  # whether it counts as working capital, and how much
    gross: Fact
    prior_spent: Fact
    prior_gross: Fact
    penalties: tuple[Fact, ...]  # days on which the penalties of a director in office were executed
    on: int
    new: Fact
    before: Fact
    received: Fact
    used_up: bool | None
    block: Fact


# Filings

AMOUNTS = (100_00, 10_000_000_00, 78_067_850_000, 4_503_599_627_370_497 * 2 + 1, 1_000_000_000_000_007, 9_999_999_999_999_999)


SHARES = (10_003, 400_100, 394_713_245, 9_007_199_254_740_993)
BANKS = 3  # so many amounts, and the last number of shares, are of the size of a bank


def filings(count: int, ordinary: bool = False) -> list[Plain]:
    """Filings that are always the same: every limit with one fen, share or day on either side, then near and far, some vague.

    ``ordinary``: without amounts of the size of a bank's, which do not fit where a table multiplies 64-bit integers.
    """
    chance = random.Random(20241225)
    amounts, shares = (AMOUNTS[:-BANKS], SHARES[:-1]) if ordinary else (AMOUNTS, SHARES)
    return [one(chance, index, amounts, shares) for index in range(count)]


def one(chance: random.Random, index: int, amounts: Sequence[int], shares: Sequence[int]) -> Plain:
    """One filing; three in ten are exact throughout."""
    exact = chance.random() < 0.3
    equity = chance.choice(amounts) if chance.random() < 0.95 else -chance.choice(amounts)
    gross, prior = chance.choice(amounts), chance.choice(amounts)
    before = chance.choice(shares)
    new = near(chance, before, CAP, index)
    block = near(chance, before + new, CAP, index + 1)
    on = LATE - chance.randrange(700)
    penalties = tuple(months(on, -36) + chance.choice((-40, -31, -2, -1, 0, 1, 2, 31)) for _ in range(chance.randrange(3)))
    used_up = chance.random() < 0.5
    received = months(on, -6 if used_up else -18) + chance.choice((-40, -2, -1, 0, 1, 2, 31))
    vague = (lambda value, least=0: (value, value)) if exact else (lambda value, least=0: blur(chance, value, least))
    days = (lambda day: (day, day)) if exact else (lambda day: blur_day(chance, day))
    capital = split(chance, max(0, gross - near(chance, gross, CAP, index)), 2)
    return Plain(
        held=tuple(vague(part) for part in split(chance, max(0, near(chance, equity, CAP, index)), 3)),
        equity=vague(equity, None),
        spent=(
            *((True, vague(part)) for part in split(chance, near(chance, gross, CAP, index), 2)),
            *((False, vague(part)) for part in capital),
        ),
        gross=vague(gross),
        prior_spent=vague(near(chance, prior, CAP, index + 2) if chance.random() < 0.5 else prior // 5),
        prior_gross=vague(prior),
        penalties=tuple(days(day) for day in penalties),
        on=on,
        new=vague(new),
        before=vague(before),
        received=days(received),
        used_up=used_up if exact or chance.random() < 0.95 else None,
        block=vague(block),
    )


def near(chance: random.Random, base: int, cap: Fraction, index: int) -> int:
    """A figure against a base: on the limit, one beside it, at 29.996 or 30.004%, or anywhere."""
    limit = int(base * cap)
    shares = (Fraction(29996, 100000), Fraction(30004, 100000), Fraction(30000001, 100000000))
    kinds = [limit - 1, limit, limit + 1, *(int(base * share) for share in shares), int(base * Fraction(chance.randrange(100), 100))]
    return max(0, kinds[index % len(kinds)])


def split(chance: random.Random, total: int, parts: int) -> list[int]:
    """A total in whole parts."""
    cuts = sorted(chance.randrange(total + 1) for _ in range(parts - 1))
    return [high - low for low, high in zip([0, *cuts], [*cuts, total], strict=True)]


def blur(chance: random.Random, value: int, least: int | None) -> Fact:
    """A figure as it is, as a range around it, or missing."""
    draw = chance.random()
    if draw < 0.04:
        return None
    if draw < 0.16:
        width = chance.choice((50, 5_000, 500_000))
        return (value - width if least is None else max(least, value - width), value + width)
    return value, value


def blur_day(chance: random.Random, day: int) -> Fact:
    """A day as it is, its month only, or missing."""
    draw = chance.random()
    if draw < 0.05:
        return None
    if draw < 0.3:
        found = date.fromordinal(day)
        first = found.replace(day=1).toordinal()
        return first, first + calendar.monthrange(found.year, found.month)[1] - 1
    return day, day


# The truth


def months(day: int, count: int) -> int:
    """A day number some months later: the corresponding day, or the month's last where there is none."""
    found = date.fromordinal(day)
    year, month = divmod(found.year * 12 + found.month - 1 + count, 12)
    return date(year, month + 1, min(found.day, calendar.monthrange(year, month + 1)[1])).toordinal()


def truth(found: Plain) -> tuple[str, ...]:
    """The six answers: proved, refuted, or open on what the filing says."""
    size = within([found.new], [found.before], CAP)
    spent = within([fact for counts, fact in found.spent if counts], [found.gross], CAP)
    prior = within([found.prior_spent], [found.prior_gross], CAP)
    control = within([found.block], [found.before, found.new], CAP)
    return (
        within(list(found.held), [positive(found.equity)], CAP),
        both(spent, prior),
        window(found),
        size,
        interval(found),
        {PASS: FAIL, FAIL: PASS, OPEN: OPEN}[control],  # above the share, where the others are at most
    )


def both(a: str, b: str) -> str:
    """Two tests that must both pass."""
    if FAIL in (a, b):
        return FAIL
    return PASS if (a, b) == (PASS, PASS) else OPEN


def positive(fact: Fact) -> Fact:
    """A figure, nought where it is below."""
    return None if fact is None else (max(0, fact[0]), max(0, fact[1]))


def within(left: Sequence[Fact], right: Sequence[Fact], cap: Fraction) -> str:
    """Whether a sum is at most a share of another; what is missing is anything from nought."""
    left_high = None if None in left else sum(fact[1] for fact in left if fact)
    left_low = sum(fact[0] for fact in left if fact)
    right_high = None if None in right else sum(fact[1] for fact in right if fact)
    right_low = sum(fact[0] for fact in right if fact)
    if left_high is not None and right_low is not None and Fraction(left_high) <= cap * right_low:
        return PASS
    return FAIL if right_high is not None and Fraction(left_low) > cap * right_high else OPEN


def window(found: Plain) -> str:
    """Whether every penalty's thirty-six months have ended before the day."""
    if all(fact is not None and months(fact[1], 36) < found.on for fact in found.penalties):
        return PASS
    return FAIL if any(fact is not None and months(fact[0], 36) >= found.on for fact in found.penalties) else OPEN


def interval(found: Plain) -> str:
    """Whether eighteen months, or six where the money is used up, lie before the day."""
    if found.received is None:
        return OPEN
    lengths = [18, 6] if found.used_up is None else [6] if found.used_up else [18]
    answers = {months(day, length) <= found.on for day in found.received for length in lengths}
    return OPEN if len(answers) > 1 else PASS if answers.pop() else FAIL


# The same filing as a user of floats and tables has it


def figure(fact: Fact) -> float | None:
    """Yuan, as a JSON number: of a range its middle, as printed."""
    return None if fact is None else (fact[0] + fact[1]) / 2 / 100


def share(fact: Fact) -> int | None:
    """A count of shares: of a range its middle."""
    return None if fact is None else (fact[0] + fact[1]) // 2


def day(fact: Fact) -> str | None:
    """A day as text: of a month its first, as parsers of dates read it."""
    return None if fact is None else date.fromordinal(fact[0]).isoformat()


def json_of(found: Plain) -> dict[str, Any]:
    """The filing as JSON."""
    return {
        "held": [figure(fact) for fact in found.held],
        "equity": figure(found.equity),
        "uses": [{"kind": "working_capital" if counts else "equipment", "proceeds": figure(fact)} for counts, fact in found.spent],
        "gross": figure(found.gross),
        "prior_spent": figure(found.prior_spent),
        "prior_gross": figure(found.prior_gross),
        "penalties": [{"executed": day(fact)} for fact in found.penalties],
        "board_date": date.fromordinal(found.on).isoformat(),
        "new": share(found.new),
        "before": share(found.before),
        "received": day(found.received),
        "used_up": found.used_up,
        "block": share(found.block),
    }


# Ours

OURS = (
    ("financial-investment-share",),
    ("working-capital-share", "earlier-working-capital"),
    ("directors-officers-sanctions",),
    ("issue-size",),
    ("financing-interval",),
    ("control-dilution",),
)
TAKEN: Mapping[str, str] = {
    "penalty_start": "execution",
    "ban_counts": "counts",
    "corresponding_day": "enough",
    "simplified_raisings": "left_out",
    "ipo_history": "outside",
    "share_base": "published",
    "equity_base": "parent",
}
NOT_SO = (
    "issuer.financial_institution",
    "issuer.risk_warning",
    "offering.deducted_for_earlier",
    "offering.into_repurchased",
    "offering.key_technology",
    "offering.light_asset_claimed",
    "offering.placees_partly_fixed",
)
Decide = Callable[[Any, Any, int, int], int]


class Ours:
    """The refinancing book as the six tests use it."""

    def __init__(self) -> None:
        from compliance.engine.machine import Machine
        from compliance.packs import cache

        self.pack = cache.load(Path(__file__).resolve().parent.parent / "rules" / "cn-refinancing")
        self.machine = Machine(self.pack)
        self.words = self.pack.vocabulary
        self.rules = {rule.id: rule for rule in self.pack.rules}

    def row(self, found: Plain, stated: bool = False) -> list[Any]:
        """A filing as the row that the engine reads; ``stated``: also what only a branch not taken would read."""
        root = self.words.blank_row("filing")
        for reading in self.pack.readings.values():
            bit = reading.bit(TAKEN.get(reading.id, next(iter(reading.options))))
            root += [bit, bit]
        put = self.put
        put(root, "filing", "issuer.board", self.bit("board", "main_sz"))
        put(root, "filing", "offering.route", self.bit("route", "auction"))
        for name in NOT_SO:
            put(root, "filing", name, (0, 0))
        put(root, "filing", "control.has_controller", (1, 1))
        put(root, "filing", "offering.board_date", (found.on, found.on))
        put(root, "filing", "offering.gross_proceeds", found.gross)
        put(root, "filing", "offering.new_shares", found.new)
        put(root, "filing", "offering.shares_before", found.before)
        put(root, "filing", "balance_sheet.parent_equity", found.equity)
        self.items(root, "accounts", [{"financial_part": fact} for fact in found.held])
        uses = [
            {"kind": self.bit("use_kind", "working_capital" if counts else "equipment"), "proceeds": fact} for counts, fact in found.spent
        ]
        self.items(root, "uses", uses)
        used_up = None if found.used_up is None else (int(found.used_up),) * 2
        raising = {
            "kind": self.bit("raising_kind", "placement"),
            "gross": found.prior_gross,
            "permanent_working_capital": (0, 0),
            "non_capital": found.prior_spent,
            "placees_fixed": (0, 0),
            "received": found.received,
            "used_up": used_up,
            "use_changed": (1, 1),
            "on_plan": (0, 0),
        }
        self.items(root, "earlier_raisings", [raising])
        self.items(root, "control_group", [{"shares": found.block}])
        for name in ("investments", "commitments", "reductions", "subscribers"):
            self.items(root, name, [])
        self.sanctions(root, found)
        if stated:
            self.untaken(root, found)
        return root

    def untaken(self, root: list[Any], found: Plain) -> None:
        """State what no answer here depends on, but what a rule reads under another reading or for another kind."""
        self.put(root, "filing", "offering.shares_at_plan", found.before)
        self.put(root, "filing", "balance_sheet.total_assets", found.equity)
        self.put(root, "filing", "balance_sheet.total_liabilities", (0, 0))
        for row in root[self.words.root.fields["uses"].slot]:
            for name in ("capitalised_share", "capital", "construction_months"):
                self.put(row, "use", name, (0, 0))
            self.put(row, "use", "transferred", (found.on, found.on))

    def sanctions(self, root: list[Any], found: Plain) -> None:
        """A director in office, and the penalties on that person."""
        post: dict[str, Fact] = {
            "kind": self.bit("post_kind", "director"),
            "since": (found.on - 4000,) * 2,
            "until": (found.on + 4000,) * 2,
        }
        person = self.words.blank_row("person")
        self.items(person, "posts", [post], "person")
        self.listed(root, "filing", "people", [person])
        rows = []
        for fact in found.penalties:
            row = self.words.blank_row("sanction")
            self.put(row, "sanction", "kind", self.bit("sanction_kind", "csrc_penalty"))
            self.put(row, "sanction", "target", self.bit("sanction_target", "person"))
            self.put(row, "sanction", "received", (1, 1))
            slot = self.words.entity("sanction").fields["person"].slot
            row[slot] = row[slot + 1] = person
            self.items(row, "parts", [{"kind": self.bit("sanction_part", "fine"), "executed": fact}], "sanction")
            rows.append(row)
        self.listed(root, "filing", "sanctions", rows)

    def bit(self, kind: str, member: str) -> tuple[int, int]:
        """A member of a kind."""
        bit = self.words.bit(kind, member)
        return bit, bit

    def put(self, row: list[Any], entity: str, name: str, fact: Fact) -> None:
        """A fact into its cells; what is missing stays blank."""
        part = self.words.entity(entity).fields[name]
        if fact is not None:
            row[part.slot], row[part.slot + 1] = fact

    def listed(self, row: list[Any], entity: str, name: str, rows: list[Any]) -> None:
        """A complete list."""
        slot = self.words.entity(entity).fields[name].slot
        row[slot], row[slot + 1] = rows, 0

    def items(self, row: list[Any], name: str, items: list[dict[str, Fact]], entity: str = "filing") -> None:
        """A complete list of items, each given by its facts."""
        of = self.words.entity(entity).fields[name].of
        rows = []
        for item in items:
            new = self.words.blank_row(of)
            for field, fact in item.items():
                self.put(new, of, field, fact)
            rows.append(new)
        self.listed(row, entity, name, rows)

    def parameters(self, rule: Any, on: int) -> tuple[int, ...]:
        """The parameters of a rule in force on a day."""
        return next(part.parameters for part in self.machine.segments(rule) if part.start <= on < part.end)

    def answers(self, tests: Sequence[int], all_filings: Sequence[Plain]) -> Callable[[], list[tuple[str, ...]]]:
        """A callable that decides the tests on every filing, on rows made beforehand."""
        from compliance.expressions import emit

        said = {emit.PASS: PASS, emit.FAIL: FAIL, emit.NOT_APPLICABLE: PASS}
        ready = [(self.row(found), found.on, is_exact(found)) for found in all_filings]
        codes = [
            [
                (self.machine.code(rule, False, False), self.machine.code(rule, True, False), self.parameters(rule, LATE))
                for rule in (self.rules[name] for name in OURS[test])
            ]
            for test in tests
        ]

        def run() -> list[tuple[str, ...]]:
            answers = []
            for row, on, exact in ready:
                line = []
                for forms in codes:
                    answer = PASS
                    for vague_form, exact_form, parameters in forms:
                        code = (exact_form if exact else vague_form)(row, parameters, on, on)
                        answer = both(answer, said.get(code, OPEN))
                    line.append(answer)
                answers.append(tuple(line))
            return answers

        return run


def is_exact(found: Plain) -> bool:
    """Whether the filing leaves nothing open."""
    spent = [fact for _, fact in found.spent]
    facts = [
        *found.held,
        *spent,
        *found.penalties,
        found.equity,
        found.gross,
        found.prior_spent,
        found.prior_gross,
        found.new,
        found.before,
        found.received,
        found.block,
    ]
    return found.used_up is not None and all(fact is not None and fact[0] == fact[1] for fact in facts)


def wrong(given: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> tuple[int, int, int]:
    """Answers that differ: a pass that is none, a fail that is none, and a decided one left open."""
    pairs = [(a, b) for line, truths in zip(given, right, strict=True) for a, b in zip(line, truths, strict=True) if a != b]
    return sum(a == PASS for a, _ in pairs), sum(a == FAIL for a, _ in pairs), sum(a == OPEN for a, _ in pairs)
