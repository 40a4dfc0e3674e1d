"""How long the generated code takes against integers by hand, on two rules of the refinancing book.

    python benchmarks/deciding.py

By hand means what a developer would write for exactly these two rules over the same rows: plain integers where every fact is
exact, and low and high ends where some are vague. The filings are of a board whose exchange has no standards of few assets and
heavy research on that day: what is written by hand knows it and leaves them out, the rule works them out for every board.
All times come from one run, and only their ratios are of interest.
"""

from __future__ import annotations

import platform
import random
import sys
import timeit
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from compliance import dates
from compliance.dates import add_months
from compliance.expressions.emit import compile_rule
from compliance.expressions.formula import FAIL, NOT_APPLICABLE, OPEN, PASS
from compliance.packs.book import Pack
from compliance.packs.loading import load
from compliance.quantities import BEYOND

Row = list[Any]
Decide = Callable[[Sequence[Any], Sequence[Any], int, int], int]
DAY = dates.parse("2024-12-25").low


class Names:
    """Slots and bits by name, so that what is written by hand stays readable and the functions take constants from here."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.words = pack.vocabulary

    def slot(self, entity: str, field: str) -> int:
        """The first cell of a field."""
        return self.words.entity(entity).fields[field].slot

    def bits(self, kind: str, *members: str) -> int:
        """The bits of some members of a kind."""
        return sum(self.words.bit(kind, member) for member in members)


def by_hand(names: Names) -> dict[str, tuple[Decide, Decide]]:
    """The two rules by hand: on exact facts, and on low and high ends."""
    return {"working-capital-share": working_capital(names), "directors-officers-sanctions": sanctions(names)}


WORKING_CAPITAL = """
def exact(F, P, on, _):
    if not F[BOARD] & BOARDS:
        return NOT_APPLICABLE
    total = 0
    for use in F[USES]:
        kind = use[KIND]
        if kind & WHOLE:
            total += use[PROCEEDS] * 100000000
        elif kind & STAFF:
            total += use[PROCEEDS] * (100000000 - use[SHARE])
        elif kind & DATA:
            if not use[CAPITAL]:
                total += use[PROCEEDS] * 100000000
        elif kind & CONSTRUCTION:
            if use[MONTHS] <= P[AFTER] and not use[CAPITAL]:
                total += use[PROCEEDS] * 100000000
        elif kind & ACQUISITION:
            if use[MOVED] < F[MET]:
                total += use[PROCEEDS] * 100000000
    if (
        F[ROUTE] & FREE
        or F[BANK]
        or (F[CLAIMED] and F[RECOGNISED] and not (F[WARNED] and F[BOARD] & P[BARRED]))
        or (F[PARTLY] and F[ROUTE] & AUCTION and F[READ] & FREELY)
    ):
        return PASS if total <= 100000000 * F[GROSS] else FAIL
    return PASS if total <= 10000000 * P[CAP] * F[GROSS] else FAIL

def vague(F, P, on, _):
    board = F[BOARD]
    if not board & BOARDS:
        return NOT_APPLICABLE
    low = high = 0
    for use in F[USES]:
        kind, l, h = use[KIND], use[PROCEEDS], use[PROCEEDS + 1]
        if kind & (kind - 1):
            a, b = share_of(use, kind, F, P)
            low += a * l
            high += b * h
        elif kind & WHOLE:
            low += 100000000 * l
            high += 100000000 * h
        elif kind & STAFF:
            low += l * (100000000 - use[SHARE + 1])
            high += h * (100000000 - use[SHARE])
        elif kind & DATA:
            if not use[CAPITAL]:
                high += 100000000 * h
                if not use[CAPITAL + 1]:
                    low += 100000000 * l
        elif kind & CONSTRUCTION:
            if use[MONTHS] <= P[AFTER] and not use[CAPITAL]:
                high += 100000000 * h
                if use[MONTHS + 1] <= P[AFTER] and not use[CAPITAL + 1]:
                    low += 100000000 * l
        elif kind & ACQUISITION:
            if use[MOVED] < F[MET + 1]:
                high += 100000000 * h
                if use[MOVED + 1] < F[MET]:
                    low += 100000000 * l
    if F[USES + 1]:
        known = 0
        for use in F[USES]:
            known += use[PROCEEDS]
        if F[GROSS + 1] > known:
            high += 100000000 * (F[GROSS + 1] - known)
    route, barred = F[ROUTE], board & P[BARRED]
    sure = (
        not route & ~FREE
        or F[BANK]
        or (F[CLAIMED] and F[RECOGNISED] and not (barred and F[WARNED + 1]))
        or (F[PARTLY] and route == AUCTION and not F[READ] & ~FREELY)
    )
    possible = (
        route & FREE
        or F[BANK + 1]
        or (F[CLAIMED + 1] and F[RECOGNISED + 1] and not (barred and not board & ~P[BARRED] and F[WARNED]))
        or (F[PARTLY + 1] and route & AUCTION and F[READ] & FREELY)
    )
    ok = could = None
    if possible:
        ok, could = high <= 100000000 * F[GROSS], low <= 100000000 * F[GROSS + 1]
    if not sure:
        cap = 10000000 * P[CAP]
        base_ok, base_could = high <= cap * F[GROSS], low <= cap * F[GROSS + 1]
        ok, could = (ok and base_ok, could or base_could) if possible else (base_ok, base_could)
    if ok:
        return PASS
    return FAIL if not could and not board & ~BOARDS else OPEN

def share_of(use, kind, F, P):
    # A kind that may be of two treatments may count for nothing, as the rule's chain of kinds has it.
    if not kind & ~WHOLE:
        return 100000000, 100000000
    if (
        kind & WHOLE
        or (kind & DATA and not use[CAPITAL])
        or (kind & CONSTRUCTION and use[MONTHS] <= P[AFTER] and not use[CAPITAL])
        or (kind & ACQUISITION and use[MOVED] < F[MET + 1])
    ):
        return 0, 100000000
    return 0, 100000000 - use[SHARE] if kind & STAFF else 0
"""

SANCTIONS = """
def exact(F, P, on, _):
    if not (F[BOARD] & BOARDS and F[ROUTE] & ROUTES):
        return NOT_APPLICABLE
    from_execution = F[START] & EXECUTION
    bans = F[BANS] & COUNTS
    months, censure = P[MONTHS], P[CENSURE]
    posts = STAYING | LEAVING if on < P[LEFT_OUT] else STAYING
    last = 1
    for sanction in F[SANCTIONS]:
        kind = sanction[KIND]
        if not (kind & KINDS and sanction[TARGET] & PERSON):
            continue
        for post in sanction[WHO][HELD]:
            if post[SINCE] <= on <= post[UNTIL] and post[POST] & posts:
                break
        else:
            continue
        if kind & PENALTY:
            if from_execution:
                start = 1
                for part in sanction[PARTS]:
                    if (bans or not part[PART] & BAN) and part[EXECUTED] > start:
                        start = part[EXECUTED]
            else:
                start = sanction[RECEIVED]
            end = add_months(start, months)
        else:
            end = add_months(sanction[DECIDED], censure)
        if end > last:
            last = end
    return PASS if last < on else FAIL

def vague(F, P, on, on_high):
    board, route = F[BOARD], F[ROUTE]
    if not (board & BOARDS and route & ROUTES):
        return NOT_APPLICABLE
    execution, delivery = F[START] & EXECUTION, F[START] & ~EXECUTION
    bans, no_bans = F[BANS] & COUNTS, F[BANS] & ~COUNTS
    months, censure = P[MONTHS], P[CENSURE]
    may_count = STAYING | LEAVING if on < P[LEFT_OUT] else STAYING
    must_count = STAYING | LEAVING if on_high < P[LEFT_OUT] else STAYING
    low = high = 1
    for sanction in F[SANCTIONS]:
        kind = sanction[KIND]
        if not (kind & KINDS and sanction[TARGET] & PERSON):
            continue
        person = sanction[WHO]
        sure = could = False
        for post in person[HELD]:
            if post[SINCE] <= on_high and on <= post[UNTIL + 1] and post[POST] & may_count:
                could = True
                if post[SINCE + 1] <= on and on_high <= post[UNTIL] and not post[POST] & ~must_count:
                    sure = True
                    break
        if not could and not person[HELD + 1]:
            continue
        sure = sure and not kind & ~KINDS and not sanction[TARGET] & ~PERSON
        a, b = 3652059, 1
        if kind & PENALTY:
            if execution:
                c = d = 1
                for part in sanction[PARTS]:
                    if bans or part[PART] & ~BAN:
                        if part[EXECUTED + 1] > d:
                            d = part[EXECUTED + 1]
                        if part[EXECUTED] > c and (not no_bans or not part[PART] & BAN):
                            c = part[EXECUTED]
                if sanction[PARTS + 1]:
                    d = 3652059
                a, b = c, d
            if delivery:
                if sanction[RECEIVED] < a:
                    a = sanction[RECEIVED]
                if sanction[RECEIVED + 1] > b:
                    b = sanction[RECEIVED + 1]
            a, b = add_months(a, months), add_months(b, months)
        if kind & ~PENALTY:
            c, d = add_months(sanction[DECIDED], censure), add_months(sanction[DECIDED + 1], censure)
            a, b = (min(a, c), max(b, d)) if kind & PENALTY else (c, d)
        if sure and a > low:
            low = a
        if b > high:
            high = b
    if F[SANCTIONS + 1]:
        high = 3652059
    if high < on:
        return PASS
    return FAIL if not low < on_high and not board & ~BOARDS and not route & ~ROUTES else OPEN
"""


def with_constants(text: str, constants: dict[str, Any]) -> tuple[Decide, Decide]:
    """The two functions of a text, the names in it replaced by constants as a developer's own constants would be folded."""
    import re

    numbers = {name: value for name, value in constants.items() if isinstance(value, int)}
    verdicts = {"PASS": PASS, "FAIL": FAIL, "OPEN": OPEN, "NOT_APPLICABLE": NOT_APPLICABLE}
    text = re.sub(r"\b[A-Z_]{3,}\b", lambda match: str({**numbers, **verdicts}.get(match[0], match[0])), text)
    namespace: dict[str, Any] = {"add_months": add_months}
    exec(text, namespace)
    return namespace["exact"], namespace["vague"]


def working_capital(names: Names) -> tuple[Decide, Decide]:
    """The cap on working capital, and who may exceed it on a board without standards of its own for few assets and heavy research."""
    slots = names.pack.slots()
    partly = names.pack.readings["partly_fixed"]
    whole = (
        "working_capital",
        "debt_repayment",
        "initial_working_capital",
        "contingency",
        "wages",
        "goods",
        "marketing",
        "running_cost",
        "other",
    )
    constants = {
        "BOARD": names.slot("filing", "issuer.board") + 1,
        "BOARDS": names.bits("board", "main_sh", "main_sz", "star", "chinext"),
        "USES": names.slot("filing", "uses"),
        "KIND": names.slot("use", "kind") + 1,
        "WHOLE": names.bits("use_kind", *whole),
        "STAFF": names.bits("use_kind", "rd_staff"),
        "DATA": names.bits("use_kind", "data_purchase"),
        "CONSTRUCTION": names.bits("use_kind", "construction"),
        "ACQUISITION": names.bits("use_kind", "acquisition"),
        "PROCEEDS": names.slot("use", "proceeds"),
        "SHARE": names.slot("use", "capitalised_share"),
        "CAPITAL": names.slot("use", "capital"),
        "MONTHS": names.slot("use", "construction_months"),
        "MOVED": names.slot("use", "transferred"),
        "MET": names.slot("filing", "offering.board_date"),
        "ROUTE": names.slot("filing", "offering.route") + 1,
        "FREE": names.bits("route", "rights", "fixed"),
        "BANK": names.slot("filing", "issuer.financial_institution"),
        "GROSS": names.slot("filing", "offering.gross_proceeds"),
        "CLAIMED": names.slot("filing", "offering.light_asset_claimed"),
        "RECOGNISED": names.slot("filing", "issuer.light_asset_recognised"),
        "WARNED": names.slot("filing", "issuer.risk_warning"),
        "PARTLY": names.slot("filing", "offering.placees_partly_fixed"),
        "AUCTION": names.bits("route", "auction"),
        "READ": partly.slot + 1,
        "FREELY": partly.bit("free"),
        "BARRED": slots["light_asset_barred"],
        "AFTER": slots["construction_capital_after"],
        "CAP": slots["working_capital_cap"],
    }
    return with_constants(WORKING_CAPITAL, constants)


def sanctions(names: Names) -> tuple[Decide, Decide]:
    """The look-back on sanctions of people in office."""
    slots = names.pack.slots()
    start, bans = names.pack.readings["penalty_start"], names.pack.readings["ban_counts"]
    constants = {
        "BOARD": names.slot("filing", "issuer.board") + 1,
        "BOARDS": names.bits("board", "main_sh", "main_sz", "star", "chinext"),
        "ROUTE": names.slot("filing", "offering.route") + 1,
        "ROUTES": names.bits("route", "auction", "fixed", "simplified", "convertible_placed"),
        "START": start.slot + 1,
        "EXECUTION": start.bit("execution"),
        "BANS": bans.slot + 1,
        "COUNTS": bans.bit("counts"),
        "SANCTIONS": names.slot("filing", "sanctions"),
        "KIND": names.slot("sanction", "kind") + 1,
        "KINDS": names.bits("sanction_kind", "csrc_penalty", "public_censure"),
        "PENALTY": names.bits("sanction_kind", "csrc_penalty"),
        "TARGET": names.slot("sanction", "target") + 1,
        "PERSON": names.bits("sanction_target", "person"),
        "WHO": names.slot("sanction", "person"),
        "HELD": names.slot("person", "posts"),
        "SINCE": names.slot("post", "since"),
        "UNTIL": names.slot("post", "until"),
        "POST": names.slot("post", "kind") + 1,
        "PARTS": names.slot("sanction", "parts"),
        "PART": names.slot("sanction_part_item", "kind") + 1,
        "BAN": names.bits("sanction_part", "ban"),
        "EXECUTED": names.slot("sanction_part_item", "executed"),
        "RECEIVED": names.slot("sanction", "received"),
        "DECIDED": names.slot("sanction", "decided"),
        "MONTHS": slots["csrc_penalty_months"],
        "CENSURE": slots["public_censure_months"],
        "STAYING": names.bits("post_kind", "director", "officer"),
        "LEAVING": names.bits("post_kind", "supervisor"),
        "LEFT_OUT": slots["supervisors_left_out_from"],
    }
    return with_constants(SANCTIONS, constants)


# Filings


def made(pack: Pack, exact: bool, chance: random.Random) -> Row:
    """A filing with some fourteen lines of use and a handful of sanctions; about a fifth of its facts vague unless ``exact``."""
    words = pack.vocabulary

    def cells(form: Any) -> tuple[Any, Any]:
        vague = not exact and chance.random() < 0.2
        if form.type == "kind":
            bit = 1 << chance.randrange(len(words.kinds[form.of]))
            other = 1 << chance.randrange(len(words.kinds[form.of]))
            return (0, bit | other) if vague and bit != other else (bit, bit)
        if form.type == "flag":
            value = chance.randrange(2)
            return (0, 1) if vague else (value, value)
        if form.type == "date":
            low = chance.randrange(DAY - 3000, DAY)
            return low, low + chance.randrange(31) if vague else low
        if vague and chance.random() < 0.3:
            low, high = words.blank(form)
            return low, high
        if form.type == "ratio":  # as printed, with two decimals
            low = chance.randrange(0, 9_900) * 10**4
            return low, low + (chance.randrange(100) * 10**4 if vague else 0)
        low = chance.randrange(0, 36 if form.type == "count" else 10**11)
        width = 0 if not vague else 1 if form.type == "count" else 10**6
        return low, low + width if form.most is None else min(low + width, form.most)

    def row(entity: str, people: list[Row]) -> Row:
        new: Row = []
        for form in words.entity(entity).fields.values():
            if form.type == "list":
                count = {"use": 14, "sanction": 6, "person": 9}.get(form.of, chance.randrange(1, 4))
                items = people if form.of == "person" else [row(form.of, people) for _ in range(count)]
                new += [items, 0 if exact or chance.random() < 0.9 else 1]
            elif form.type == "ref":
                new += [chance.choice(people), "name"] if form.of == "people" else [None, None]
            elif form.type in ("text", "code"):
                new += [None, None]
            else:
                new += cells(form)
        return new

    people = [row("person", []) for _ in range(9)]
    filing = row("filing", people)
    for name, value in (("issuer.board", 1), ("offering.route", 1)):
        slot = words.root.fields[name].slot
        filing[slot : slot + 2] = [value, value]
    slot = words.root.fields["offering.gross_proceeds"].slot
    filing[slot : slot + 2] = [chance.randrange(10**11, 10**13)] * 2
    for reading in pack.readings.values():
        bits = reading.bit(next(iter(reading.options))) if exact else reading.all_bits
        filing += [bits if exact else 0, bits]
    return filing


def fastest(functions: Sequence[Callable[..., Any]], filings: list[Row], parameters: tuple[int, ...]) -> list[float]:
    """Microseconds a filing for each function, the best of many rounds; all take turns, so that a busy machine hits them alike."""

    def run(function: Callable[..., Any]) -> None:
        for filing in filings:
            function(filing, parameters, DAY, DAY)

    best = [float("inf")] * len(functions)
    for _ in range(60):
        for index, function in enumerate(functions):
            best[index] = min(best[index], timeit.timeit(lambda function=function: run(function), number=1))  # type: ignore[misc]
    return [time / len(filings) * 1e6 for time in best]


def main() -> None:
    """Print the table."""
    pack = load(Path(__file__).resolve().parent.parent / "rules" / "cn-refinancing")
    chance = random.Random(20241225)
    parameters = tuple(value.value if (value := p.on(DAY)) is not None else 0 for p in pack.parameters.values())
    slots = pack.slots()
    written = by_hand(Names(pack))
    print(f"Python {platform.python_version()}, {platform.machine()}, BEYOND = 10**{len(str(BEYOND)) - 1}")
    print(f"{'rule':32} {'facts':6} {'by hand':>10} {'deciding':>10} {'measuring':>10} {'deciding/hand':>14} {'measuring/deciding':>19}")
    for rule in pack.rules:
        if rule.id not in written:
            continue
        for exact in (True, False):
            filings = [made(pack, exact, chance) for _ in range(200)]
            hand = written[rule.id][0 if exact else 1]
            decide = compile_rule(rule.formula, slots, exact=exact, measures=False)
            measure = compile_rule(rule.formula, slots, exact=exact, measures=True)
            for filing in filings:
                found = [
                    hand(filing, parameters, DAY, DAY),
                    decide(filing, parameters, DAY, DAY),
                    measure(filing, parameters, DAY, DAY)[0],
                ]
                if len(set(found)) > 1:
                    sys.exit(f"{rule.id}: the three forms differ: {found}")
            times = fastest((hand, decide, measure), filings, parameters)
            kind = "exact" if exact else "vague"
            shown = "".join(f" {time:8.2f}µs" for time in times)
            print(f"{rule.id:32} {kind:6}{shown} {times[1] / times[0]:14.2f} {times[2] / times[1]:19.2f}")


if __name__ == "__main__":
    main()
