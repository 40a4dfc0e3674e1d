"""How long many filings take in the columns form: against the scalar form, and against numpy by hand.

    python benchmarks/columns.py [filings]

By hand means what a developer would write in numpy for exactly these two rules over the same arrays, with low and high ends
and masks for what has no bound. The arrays stand ready for both, as they would from a Parquet file.
"""

from __future__ import annotations

import platform
import random
import sys
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from deciding import DAY, Names, made

from compliance.expressions import columns
from compliance.expressions.columns import Table
from compliance.expressions.emit import compile_rule
from compliance.expressions.formula import FAIL, NOT_APPLICABLE, OPEN, PASS
from compliance.expressions.tree import Type
from compliance.packs.loading import load

NUMBER, DATE, TRUTH, ENUM = Type("number"), Type("date"), Type("truth"), Type("enum")
Array = Any
Hand = Callable[[Table, Any], Array]


def summed(values: Array, starts: Array, full: Array) -> Array:
    """The sum of each segment."""
    if full.all():
        return np.add.reduceat(values, starts[:-1])
    out = np.zeros(len(full), dtype=values.dtype)
    out[full] = np.add.reduceat(values, starts[:-1][full])
    return out


def most(values: Array, starts: Array, full: Array, nothing: int) -> Array:
    """The greatest of each segment."""
    out = np.full(len(full), nothing, dtype=values.dtype)
    out[full] = np.maximum.reduceat(values, starts[:-1][full])
    return out


def some(values: Array, starts: Array, full: Array) -> Array:
    """Whether any of each segment holds."""
    out = np.zeros(len(full), dtype=bool)
    out[full] = np.logical_or.reduceat(values, starts[:-1][full])
    return out


def working_capital(names: Names, parameters: tuple[int, ...]) -> Hand:
    """The cap on working capital by hand, shares in units of 0.01%."""
    slots = names.pack.slots()
    cap, after = parameters[slots["working_capital_cap"]], parameters[slots["construction_capital_after"]]
    s = names.slot
    free, boards = names.bits("route", "rights", "fixed"), names.bits("board", "main_sh", "main_sz", "star", "chinext")
    whole = names.bits(
        "use_kind", "working_capital", "debt_repayment", "initial_working_capital", "contingency", "wages", "goods",
        "marketing", "running_cost", "other",
    )  # fmt: skip
    staff, data = names.bits("use_kind", "rd_staff"), names.bits("use_kind", "data_purchase")
    partly, auction = names.pack.readings["partly_fixed"], names.bits("route", "auction")
    barred, measured = parameters[slots["light_asset_barred"]], parameters[slots["light_asset_boards"]]
    building, bought = names.bits("use_kind", "construction"), names.bits("use_kind", "acquisition")

    recognised = s("filing", "issuer.light_asset_recognised")

    def decide(root: Table, on: Any) -> Array:
        listed = root.listing(s("filing", "uses"))
        uses, starts = listed.table, listed.offsets
        full = starts[:-1] < starts[1:]
        parents = listed.parents
        kind = uses.column(s("use", "kind"), ENUM)
        proceeds, share = uses.column(s("use", "proceeds"), NUMBER), uses.column(s("use", "capitalised_share"), NUMBER)
        capital, months = uses.column(s("use", "capital"), TRUTH), uses.column(s("use", "construction_months"), NUMBER)
        moved, met = uses.column(s("use", "transferred"), DATE), root.column(s("filing", "offering.board_date"), DATE)
        assert months.power == proceeds.power == 0
        gross = root.column(s("filing", "offering.gross_proceeds"), NUMBER)
        board, route = root.column(s("filing", "issuer.board"), ENUM), root.column(s("filing", "offering.route"), ENUM)
        bank = root.column(s("filing", "issuer.financial_institution"), TRUTH)
        one = 10 ** (8 - share.power)
        bits = kind.high
        if kind.low is kind.high and proceeds.low is proceeds.high:
            factor = np.where(bits & whole, one, 0)
            factor = np.where(bits & staff, one - share.low, factor)
            factor = np.where((bits & data != 0) & ~capital.low, one, factor)
            factor = np.where((bits & building != 0) & (months.low <= after) & ~capital.low, one, factor)
            factor = np.where((bits & bought != 0) & (moved.low < met.low[parents]), one, factor)
            low = high = summed(factor * proceeds.low, starts, full)
            unbounded = None
        else:
            is_whole, is_staff, is_data = bits & whole != 0, bits & staff != 0, bits & data != 0
            is_building, is_bought = bits & building != 0, bits & bought != 0
            short = months.low <= after
            surely_short = months.high <= after if months.above is None else (months.high <= after) & ~months.above
            before, surely = moved.low < met.high[parents], moved.high < met.low[parents]
            up = is_whole | (is_data & ~capital.low) | (is_building & short & ~capital.low) | (is_bought & before)
            top = np.where(up, one, np.where(is_staff, one - share.low, 0))
            # As the rule's formula has it: a kind that may be of two treatments may count for nothing.
            kept = ((bits & whole) == bits) | ((bits == bought) & surely)
            kept |= ((bits == data) | ((bits == building) & surely_short)) & ~capital.high
            bottom = np.where(kept, one, np.where(bits == staff, one - share.high, 0))
            low, high = summed(bottom * proceeds.low, starts, full), summed(top * proceeds.high, starts, full)
            unbounded = None
            if proceeds.above is not None:
                unbounded = some(proceeds.above & (top != 0), starts, full)
            if listed.open is not None:
                left = np.maximum(gross.high - summed(proceeds.low, starts, full), 0)
                high = high + np.where(listed.open, one * left, 0)
        tenth = one // 10
        exact = low is high and gross.low is gross.high
        allowed = (cap * tenth) * gross.low
        ok = (high <= allowed) if unbounded is None else (high <= allowed) & ~unbounded
        could = ok if exact else low <= (cap * tenth) * gross.high
        all_ok = (high <= one * gross.low) if unbounded is None else (high <= one * gross.low) & ~unbounded
        all_could = all_ok if exact else low <= one * gross.high
        fixed = root.column(s("filing", "offering.placees_partly_fixed"), TRUTH)
        claimed, known = root.column(s("filing", "offering.light_asset_claimed"), TRUTH), root.column(recognised, TRUTH)
        warned, read = root.column(s("filing", "issuer.risk_warning"), TRUTH), root.column(partly.slot, ENUM)
        assert not (board.high & measured).any()  # on these boards the standards would have to be met as well
        light, shut = claimed.high & known.high, board.high & barred != 0
        may = (route.high & free != 0) | bank.high | (light & ~(shut & warned.low))
        may |= (read.high & partly.bit("free") != 0) & (route.high & auction != 0) & fixed.high
        must = may
        if not all(fact.low is fact.high for fact in (route, bank, fixed, claimed, known, warned, read)):
            must = ((route.high & free) == route.high) | bank.low | (claimed.low & known.low & ~(shut & warned.high))
            must |= (read.high == partly.bit("free")) & (route.high == auction) & fixed.low
        passed = (~may | all_ok) & (must | ok)
        failed = ~((may & all_could) | (~must & could))
        failed &= (board.high & boards) == board.high
        out = np.where(passed, PASS, np.where(failed, FAIL, OPEN))
        return np.where(board.high & boards, out, NOT_APPLICABLE)

    return decide


def sanctions(names: Names, parameters: tuple[int, ...]) -> Hand:
    """The look-back on sanctions by hand."""
    slots = names.pack.slots()
    months, censure = parameters[slots["csrc_penalty_months"]], parameters[slots["public_censure_months"]]
    left_out = parameters[slots["supervisors_left_out_from"]]
    staying, leaving = names.bits("post_kind", "director", "officer"), names.bits("post_kind", "supervisor")
    s = names.slot
    boards = names.bits("board", "main_sh", "main_sz", "star", "chinext")
    routes = names.bits("route", "auction", "fixed", "simplified", "convertible_placed")
    penalty = names.bits("sanction_kind", "csrc_penalty")
    kinds = penalty | names.bits("sanction_kind", "public_censure")
    person, ban = names.bits("sanction_target", "person"), names.bits("sanction_part", "ban")
    start, bans = names.pack.readings["penalty_start"], names.pack.readings["ban_counts"]

    def held(people: Table, on: Any) -> tuple[Array, Array]:
        """Whether each person surely, and possibly, is in office on the day."""
        listed = people.listing(s("person", "posts"))
        posts = listed.table
        since, until = posts.column(s("post", "since"), DATE), posts.column(s("post", "until"), DATE)
        bits = posts.column(s("post", "kind"), ENUM).high
        full = listed.offsets[:-1] < listed.offsets[1:]
        low, high = on
        may_count, must_count = (staying | (leaving if day < left_out else 0) for day in on)
        may = some((since.low <= high) & (low <= until.high) & (bits & may_count != 0), listed.offsets, full)
        if since.low is since.high and until.low is until.high and listed.open is None:
            return may, may
        must = (since.high <= low) & (high <= until.low) & ((bits & must_count) == bits)
        return some(must, listed.offsets, full), may if listed.open is None else may | listed.open

    def decide(root: Table, on: Any) -> Array:
        listed = root.listing(s("filing", "sanctions"))
        table, starts, parents = listed.table, listed.offsets, listed.parents
        full = starts[:-1] < starts[1:]
        kind, target = table.column(s("sanction", "kind"), ENUM), table.column(s("sanction", "target"), ENUM)
        received, decided = table.column(s("sanction", "received"), DATE), table.column(s("sanction", "decided"), DATE)
        people, who = table.reference(s("sanction", "person"))
        must_hold, may_hold = held(people, on)
        parts = table.listing(s("sanction", "parts"))
        part_full = parts.offsets[:-1] < parts.offsets[1:]
        done = parts.table.column(s("sanction_part_item", "executed"), DATE)
        is_ban = parts.table.column(s("sanction_part_item", "kind"), ENUM).high & ban != 0
        only_ban = parts.table.column(s("sanction_part_item", "kind"), ENUM).high == ban
        starting, counting = root.column(start.slot, ENUM), root.column(bans.slot, ENUM)
        execution = (starting.high & start.bit("execution") != 0)[parents]
        counts = (counting.high & bans.bit("counts") != 0)[parents][parts.parents]
        board, route = root.column(s("filing", "issuer.board"), ENUM), root.column(s("filing", "offering.route"), ENUM)
        may = (kind.high & kinds != 0) & (target.high & person != 0) & may_hold[who]
        exact = received.low is received.high and starting.low is starting.high and done.low is done.high
        if exact and kind.low is kind.high and listed.open is None:
            complete = most(np.where(~is_ban | counts, done.low, 1), parts.offsets, part_full, 1)
            begun = np.where(execution, complete, received.low)
            end = np.ones(len(may), dtype=np.int64)
            of_penalty = (may & (kind.high & penalty != 0)).nonzero()[0]
            of_censure = (may & (kind.high & penalty == 0)).nonzero()[0]
            end[of_penalty] = columns.add_months(begun[of_penalty], months)
            end[of_censure] = columns.add_months(decided.low[of_censure], censure)
            last = most(end, starts, full, 1)
            out = np.where(last < on[0], PASS, FAIL)
        else:
            must = ((kind.high & kinds) == kind.high) & ((target.high & person) == target.high) & must_hold[who]
            apart = (counting.high & (bans.all_bits - bans.bit("counts")) != 0)[parents][parts.parents]
            other = (starting.high & (start.all_bits - start.bit("execution")) != 0)[parents]
            first = most(np.where(~is_ban | ~apart, done.low, 1), parts.offsets, part_full, 1)
            latest = most(np.where(~only_ban | counts, done.high, 1), parts.offsets, part_full, 1)
            if parts.open is not None:
                latest = np.where(parts.open, 3652059, latest)
            begun = np.where(execution, np.where(other, np.minimum(first, received.low), first), received.low)
            begun_last = np.where(execution, np.where(other, np.maximum(latest, received.high), latest), received.high)
            which = may.nonzero()[0]  # few: months are added for these alone
            bits = kind.high[which]
            a, b = columns.add_months(begun[which], months), columns.add_months(begun_last[which], months)
            c, d = columns.add_months(decided.low[which], censure), columns.add_months(decided.high[which], censure)
            some_penalty, all_penalty = bits & penalty != 0, bits == penalty
            first_end = np.where(all_penalty, a, np.where(some_penalty, np.minimum(a, c), c))
            last_end = np.where(all_penalty, b, np.where(some_penalty, np.maximum(b, d), d))
            low, high = np.ones(len(may), dtype=np.int64), np.ones(len(may), dtype=np.int64)
            low[which], high[which] = np.where(must[which], first_end, 1), last_end
            low, high = most(low, starts, full, 1), most(high, starts, full, 1)
            if listed.open is not None:
                high = np.where(listed.open, 3652059, high)
            sure = ((board.high & boards) == board.high) & ((route.high & routes) == route.high)
            out = np.where(high < on[0], PASS, np.where(sure & ~(low < on[1]), FAIL, OPEN))
        return np.where((board.high & boards != 0) & (route.high & routes != 0), out, NOT_APPLICABLE)

    return decide


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 8_000
    pack = load(Path(__file__).resolve().parent.parent / "rules" / "cn-refinancing")
    chance = random.Random(20241225)
    parameters = tuple(value.value if (value := p.on(DAY)) is not None else 0 for p in pack.parameters.values())
    slots, names, on = pack.slots(), Names(pack), (DAY, DAY)
    written = {
        "working-capital-share": working_capital(names, parameters),
        "directors-officers-sanctions": sanctions(names, parameters),
    }
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}, {count} filings")
    print(f"{'rule':29} {'facts':6} {'scalar':>9} {'columns':>9} {'by hand':>9} {'scalar/columns':>15} {'columns/hand':>13}")
    for exact in (True, False):
        rows = [made(pack, exact, chance) for _ in range(count)]
        table = columns.batch(rows)
        for rule in pack.rules:
            if rule.id not in written:
                continue
            scalar = compile_rule(rule.formula, slots, exact=exact, measures=False)
            found = columns.decide(rule.formula, slots, table, parameters, on)
            slowly = np.array([scalar(row, parameters, *on) for row in rows])
            hand = written[rule.id]
            if not found.fits.all() or (found.verdicts != slowly).any() or (hand(table, on) != slowly).any():
                sys.exit(f"{rule.id}: the forms differ, or {(~found.fits).sum()} filings do not fit")
            runs: list[Callable[[], Any]] = [
                lambda scalar=scalar, rows=rows: [scalar(row, parameters, *on) for row in rows],  # type: ignore[misc]
                lambda rule=rule, table=table: columns.decide(rule.formula, slots, table, parameters, on),  # type: ignore[misc]
                lambda hand=hand, table=table: hand(table, on),  # type: ignore[misc]
            ]
            best = [float("inf")] * 3
            for _ in range(15):
                for index, run in enumerate(runs):
                    best[index] = min(best[index], timeit.timeit(run, timer=time.process_time, number=1))
            shown = "".join(f" {time / count * 1e9:7.0f}ns" for time in best)
            kind = "exact" if exact else "vague"
            print(f"{rule.id:29} {kind:6}{shown} {best[0] / best[1]:15.1f} {best[1] / best[2]:13.2f}")


if __name__ == "__main__":
    main()
