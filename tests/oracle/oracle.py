"""The oracle: what the law says of a filing, decided slowly from fractions and calendar days.

It shares nothing with the engine: no code, no rule book, no ranges that are computed with. A vague fact is tried at the
values that can matter, the outcome of every try is collected, and a verdict is what all of them have in common. Where the
tries would be too many, the worst and the best of them are picked by hand, with the reason why nothing lies beyond.

A filing is a plain table of parts, each a table of fields or a list ``{"complete": bool, "items": [...]}``:

* ``None`` or no entry: the filing does not say; ``(low, high)``: somewhere between the two, either end None for no bound;
* money in fen, shares and counts as ``int``; shares of a whole as ``Fraction``; days as ``date`` (``PRESENT``: no end in
  sight); kinds as ``str``; flags as ``bool``; a reference as the key of the item it leads to.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any

Facts = Mapping[str, Any]
Outcome = tuple[bool, bool]  # whether the rule applies, whether what it asks for is met
Outcomes = set[Outcome]

PRESENT = date.max
HUGE = 10**60  # stands for "as much as you like"
THIRTY = Fraction(30, 100)
FIVE = Fraction(5, 100)

BOARDS = ("main_sh", "main_sz", "star", "chinext", "bse")
THREE_BOARDS = frozenset({"main_sh", "main_sz", "star", "chinext"})
ROUTES = ("auction", "fixed", "simplified", "rights", "follow_on", "convertible_public", "convertible_placed")
PLACED = frozenset({"auction", "fixed", "simplified", "convertible_placed"})
PUBLIC = frozenset({"rights", "follow_on", "convertible_public"})
USE_KINDS = (
    *("working_capital", "debt_repayment", "initial_working_capital", "contingency", "wages", "goods", "marketing"),
    *("running_cost", "other", "equipment", "software", "construction", "land", "rd_staff", "data_purchase", "acquisition"),
)
SANCTION_KINDS = (
    *("csrc_penalty", "other_penalty", "criminal_penalty", "public_censure", "notice_of_criticism"),
    *("supervisory_measure", "self_regulatory_measure"),
)
TARGETS = ("issuer", "subsidiary", "person", "controller")
POSTS = ("director", "supervisor", "officer")
DOMAINS = (
    *("market_fraud", "economic_crime", "national_security", "public_safety", "ecology", "production_safety"),
    *("public_health", "other"),
)
INVESTIGATION_KINDS = ("criminal", "csrc", "other")
INVESTMENT_KINDS = (
    *("equity", "fund", "lending", "quasi_financial", "quasi_financial_consolidated", "financial_business"),
    *("finance_company", "volatile_product", "legacy"),
)
MANDATES = ("chain", "broad")
STAGES = ("paid", "signed", "announced", "planned", "withdrawn")
RAISING_KINDS = ("ipo", "follow_on", "rights", "placement", "simplified", "merger_financing", "convertible", "preference")


# --- Facts that are not known exactly ---------------------------------------------------------------------------------


@lru_cache(maxsize=100_000)
def add_months(day: date, months: int) -> date:
    """The last day of a period of months (G1): the same day of the month, else that month's last; ``PRESENT`` stays."""
    if day in (date.min, date.max):
        return day
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        return date.min if year < date.min.year else date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def ends(value: Any, low: Any = 0, high: Any = HUGE) -> tuple[Any, Any]:
    """The least and the greatest that a number or day can be; ``low`` and ``high`` bound what is not said."""
    if value is None:
        return low, high
    if isinstance(value, tuple):
        return (low if value[0] is None else value[0]), (high if value[1] is None else value[1])
    return value, value


def day_ends(value: Any) -> tuple[date, date]:
    """The first and the last day that a day can be."""
    first, last = ends(value, date.min, date.max)
    return first, last


def flags(value: bool | None) -> tuple[bool, ...]:
    """Yes, no, or both where the filing does not say."""
    return (True, False) if value is None else (value,)


def kinds(value: str | None, members: Sequence[str]) -> Sequence[str]:
    """The kind, or every kind where the filing does not say."""
    return members if value is None else (value,)


def items(facts: Facts, name: str) -> tuple[Sequence[Facts], bool]:
    """A list's items, and whether there may be more that nobody listed."""
    found = facts.get(name)
    return ([], True) if found is None else (found["items"], not found["complete"])


def part(facts: Facts, name: str) -> Facts:
    """A part of the filing; empty where it is not there."""
    found: Facts = facts.get(name) or {}
    return found


def item(facts: Facts, name: str, key: str | None) -> Facts:
    """What a reference leads to. Nobody named: somebody of whom nothing is known."""
    for found in items(facts, name)[0]:
        if key is not None and key in (found.get("id"), found.get("name")):
            return found
    return {}


# --- One case: days and readings fixed, every other fact still as vague as the filing leaves it ------------------------


@dataclass(frozen=True)
class Case:
    """A filing under one reading of the law: the day of the law, the day held against, and the day the board met."""

    facts: Facts
    law: date
    on: date
    board: date
    readings: Mapping[str, str]

    def offering(self, name: str) -> Any:
        """A fact of the offering."""
        return part(self.facts, "offering").get(name)

    def boards(self) -> Sequence[str]:
        """The boards on which the issuer may be listed."""
        return kinds(part(self.facts, "issuer").get("board"), BOARDS)

    def routes(self) -> Sequence[str]:
        """The routes that the offering may take."""
        return kinds(self.offering("route"), ROUTES)

    def institution(self) -> Sequence[bool]:
        """Whether the issuer is a financial institution."""
        return flags(part(self.facts, "issuer").get("financial_institution"))


def either(can_be_met: bool, can_be_broken: bool) -> Iterator[bool]:
    """What a requirement can turn out to be."""
    if can_be_met:
        yield True
    if can_be_broken:
        yield False


def at_most(low: Any, high: Any, limit_low: Any, limit_high: Any) -> set[bool]:
    """``amount <= limit`` for an amount and a limit that vary apart: the extremes tell."""
    return set(either(low <= limit_high, high > limit_low))


def covering(case: Case, routes: Iterable[str], met: Callable[[], Iterable[bool]]) -> Outcomes:
    """Outcomes of a rule for some routes on the three boards; bonds that convert into repurchased shares are exempt (A5).

    Whether what it asks for is met is not worked out for those of whom it surely asks nothing.
    """
    applies = {
        board in THREE_BOARDS and route in routes and not (route.startswith("convertible") and exempt)
        for board, route, exempt in product(case.boards(), case.routes(), flags(case.offering("into_repurchased")))
    }
    return set(product(applies, met())) if True in applies else {(False, True)}


def none_of(possible: Iterable[set[bool]], more: bool) -> set[bool]:
    """Whether none of several things is so; each may be so or not, and more of them may exist.

    The things must not pull against each other: it must be possible that each is so at its likeliest, and at its least.
    """
    found = list(possible)
    return set(either(all(False in truth for truth in found), more or any(True in truth for truth in found)))


# --- D1 to D4: working capital and repayment of debt ------------------------------------------------------------------

ALWAYS_COUNTED = frozenset(USE_KINDS[:9])


def counted_parts(use: Facts, kind: str, case: Case) -> Iterator[Fraction]:
    """The shares of one line that can count as working capital (D3, D4), the extremes among them."""
    if kind in ALWAYS_COUNTED:
        yield Fraction(1)
    elif kind == "rd_staff":
        low, high = ends(use.get("capitalised_share"), Fraction(0), Fraction(1))
        yield from (1 - low, 1 - high)
    elif kind == "data_purchase":
        yield from (Fraction(0 if capital else 1) for capital in flags(use.get("capital")))
    elif kind == "construction":
        for months in ends(use.get("construction_months")):
            for capital in flags(use.get("capital")):
                yield Fraction(0 if months > 12 or capital else 1)
    elif kind == "acquisition":
        # The very day the board met is no day before it, or as good as one: the opinion does not say.
        last = case.board if case.readings["transferred_on_board_day"] == "before" else case.board - timedelta(days=1)
        yield from (Fraction(1 if day <= last else 0) for day in day_ends(use.get("transferred")))
    else:
        yield Fraction(0)


def working_capital_share(case: Case) -> Outcomes:
    """D1, D2: at most thirty per cent of gross proceeds, except in rights issues, fixed placements, financial institutions."""
    uses, more = items(case.facts, "uses")
    low = Fraction(0)
    high, listed = [Fraction(0), Fraction(0)], [0, 0]  # with every line at its least, and at its most
    for use in uses:
        shares = [s for kind in kinds(use.get("kind"), USE_KINDS) for s in counted_parts(use, kind, case)]
        amounts = ends(use.get("proceeds"))
        low += amounts[0] * min(shares)
        for end in (0, 1):
            high[end] += amounts[end] * max(shares)
            listed[end] += amounts[end]
    found: Outcomes = set()
    for gross in ends(case.offering("gross_proceeds")):
        # The lines add up to the proceeds: what nobody listed is what is left of them.
        rest = [max(0, gross - amount) for amount in listed] if more else [0, 0]
        most = max(high[end] + rest[end] for end in (0, 1))
        for board, route, institution in product(case.boards(), case.routes(), case.institution()):
            cap = Fraction(1) if route in ("rights", "fixed") or institution else THIRTY
            found |= {(board in THREE_BOARDS, met) for met in at_most(low, most, cap * gross, cap * gross)}
    return found


# --- A7, A8, A9: penalties, censure and investigations ----------------------------------------------------------------


def covered_posts(case: Case) -> frozenset[str]:
    """The posts that count on the day held against: supervisors until the day before the amendment of 27 March 2025."""
    return frozenset({"director", "officer"} if case.on >= date(2025, 3, 27) else {"director", "officer", "supervisor"})


def in_office(case: Case, person: Facts) -> set[bool]:
    """Whether a person is in office on the day held against."""
    posts, more = items(person, "posts")
    able, sure = more, False
    for post in posts:
        since, until = day_ends(post.get("since")), day_ends(post.get("until"))
        covered = {kind in covered_posts(case) for kind in kinds(post.get("kind"), POSTS)}
        able |= True in covered and since[0] <= case.on <= until[1]
        sure |= False not in covered and since[1] <= case.on <= until[0]
    return set(either(able, not sure))


def executed(case: Case, sanction: Facts) -> tuple[date, date]:
    """The first and the last day on which execution can have been complete (G2): the latest of the parts."""
    parts, more = items(sanction, "parts")
    counted = [p for p in parts if p["kind"] != "ban" or case.readings["ban_counts"] == "counts"]
    days = [day_ends(p.get("executed")) for p in counted]
    first = max((day[0] for day in days), default=date.min)
    return first, date.max if more else max((day[1] for day in days), default=date.min)


def recent(case: Case, sanction: Facts, kind: str) -> set[bool]:
    """Whether a sanction of a kind still lies within its look-back: three years for a penalty, one for a censure."""
    if kind == "csrc_penalty":
        by_execution = case.readings["penalty_start"] == "execution"
        days, months = executed(case, sanction) if by_execution else day_ends(sanction.get("received")), 36
    elif kind == "public_censure":
        days, months = day_ends(sanction.get("decided")), 12
    else:
        return {False}
    return {add_months(day, months) >= case.on for day in days}


def sanctioned(case: Case, issuer_too: bool) -> set[bool]:
    """Whether nobody who counts was penalised or censured of late."""
    truths = []
    sanctions, more = items(case.facts, "sanctions")
    for sanction in sanctions:
        truth = set()
        for kind, target in product(kinds(sanction.get("kind"), SANCTION_KINDS), kinds(sanction.get("target"), TARGETS)):
            who = {issuer_too} if target == "issuer" else {False}
            if target == "person":
                who = in_office(case, item(case.facts, "people", sanction.get("person")))
            truth |= {a and b for a, b in product(who, recent(case, sanction, kind))}
        truths.append(truth)
    return none_of(truths, more)


def directors_officers_sanctions(case: Case) -> Outcomes:
    """A8: people in office, in placements."""
    return covering(case, PLACED, lambda: sanctioned(case, issuer_too=False))


def public_offering_sanctions(case: Case) -> Outcomes:
    """A7: the issuer and people in office, in offerings to the public and rights issues."""
    return covering(case, PUBLIC, lambda: sanctioned(case, issuer_too=True))


def investigated(case: Case) -> set[bool]:
    """Whether no criminal or CSRC investigation of the issuer or of people in office is open on the day."""
    truths = []
    investigations, more = items(case.facts, "investigations")
    for found in investigations:
        opened, closed = day_ends(found.get("opened")), day_ends(found.get("closed"))
        truth = set()
        for kind, target in product(kinds(found.get("kind"), INVESTIGATION_KINDS), kinds(found.get("target"), TARGETS)):
            who = {target == "issuer"}
            if target == "person":
                who = in_office(case, item(case.facts, "people", found.get("person")))
            state = set(either(opened[0] <= case.on < closed[1], not opened[1] <= case.on < closed[0]))
            truth |= {kind != "other" and a and b for a, b in product(who, state)}
        truths.append(truth)
    return none_of(truths, more)


def no_open_investigation(case: Case) -> Outcomes:
    """A9: investigations, in placements."""
    return covering(case, PLACED, lambda: investigated(case))


def public_offering_investigations(case: Case) -> Outcomes:
    """A7: investigations, in offerings to the public and rights issues."""
    return covering(case, PUBLIC, lambda: investigated(case))


# --- A12 to A17: major violations -------------------------------------------------------------------------------------

PENALTIES = frozenset({"csrc_penalty", "other_penalty", "criminal_penalty"})
PUBLIC_INTEREST = frozenset(DOMAINS[2:7])
WORST_YES = ("basis_serious", "grave", "serious", "main_source")  # where these are so, a violation is the more likely to count
WORST_NO = ("minor", "cleared", "opined")


@dataclass(frozen=True)
class Violation:
    """What one sanction amounts to: who answers for it, and whom it harmed."""

    by_issuer: bool
    by_controller: bool
    investors: bool
    public: bool
    crime: bool


def extreme(case: Case, sanction: Facts, worst: bool) -> dict[str, Any]:
    """A sanction's vague facts all at their worst, or all at their best, and whether it is then still within the three years.

    Each of them can only make it more or only less likely to count, whatever the others are, so nothing lies beyond these
    two: shares of the subsidiary and later execution make it worse, a later acquisition better.
    """
    found: dict[str, Any] = {}
    for name in (*WORST_YES, *WORST_NO):
        stated = sanction.get(name)
        found[name] = stated if stated is not None else (name in WORST_YES) == worst
    for name in ("revenue_share", "profit_share"):
        low, high = ends(sanction.get(name), -HUGE, HUGE)
        found[name] = high if worst else max(low, min(high, 0))  # best: nothing at all, where it can be
    found["executed"] = executed(case, sanction)[worst]
    found["acquired"] = day_ends(sanction.get("acquired"))[not worst]
    start = {
        "execution": found["executed"],
        "compensation": max(found["executed"], day_ends(sanction.get("last_compensation"))[worst]),
        "conduct": day_ends(sanction.get("conduct_ended"))[worst],
    }[case.readings["violation_start"]]
    found["recent"] = add_months(start, 36) >= case.on
    return found


def violation(case: Case, kind: str, target: str, domain: str, controller: bool, facts: Facts) -> Violation:
    """What a sanction amounts to, all its facts known (A14 to A17)."""
    left_aside = (facts["minor"] or not facts["basis_serious"] or facts["cleared"]) and facts["opined"]
    left_aside = left_aside and (kind != "criminal_penalty" or case.readings["crimes_left_aside"] == "may")
    shares = facts["revenue_share"], facts["profit_share"]
    small = max(shares) <= FIVE and (min(shares) >= 0 or case.readings["negative_share"] == "within")
    bought = facts["executed"] < facts["acquired"] and not facts["main_source"]
    excused = (left_aside or (target == "subsidiary" and (small or bought))) and not facts["grave"]
    counts = kind in PENALTIES and not excused
    return Violation(
        by_issuer=target in ("issuer", "subsidiary"),
        by_controller=target == "controller" or (target == "person" and controller),
        investors=counts and (domain == "market_fraud" or (domain in ("economic_crime", "other") and facts["serious"])),
        public=counts and domain in PUBLIC_INTEREST,
        crime=kind == "criminal_penalty" and domain in ("economic_crime", "market_fraud") and target != "subsidiary",
    )


def violations(case: Case, barred: Callable[[Violation], bool]) -> set[bool]:
    """Whether no violation of a sort is still within its three years."""
    truths = []
    sanctions, more = items(case.facts, "sanctions")
    for sanction in sanctions:
        person = item(case.facts, "people", sanction.get("person"))
        truth = set()
        for known in (extreme(case, sanction, worst=True), extreme(case, sanction, worst=False)):
            if not known["recent"]:
                truth.add(False)
                continue
            for kind, target, domain, controller in product(
                kinds(sanction.get("kind"), SANCTION_KINDS),
                kinds(sanction.get("target"), TARGETS),
                kinds(sanction.get("domain"), DOMAINS),
                flags(person.get("controller")),
            ):
                truth.add(barred(violation(case, kind, target, domain, controller, known)))
        truths.append(truth)
    return none_of(truths, more)


def issuer_violations(case: Case) -> Outcomes:
    """A13, sixth item: the issuer's own, against investors or the public."""
    return covering(case, PLACED, lambda: violations(case, lambda v: v.by_issuer and (v.investors or v.public)))


def controller_violations(case: Case) -> Outcomes:
    """A13, fifth item: the controller's, against the company or investors; against the public alone is unsettled."""
    public = case.readings["controller_public_harm"] == "bars"
    return covering(case, PLACED, lambda: violations(case, lambda v: v.by_controller and (v.investors or (public and v.public))))


def public_offering_violations(case: Case) -> Outcomes:
    """A12: crimes against the market order and major violations, by the issuer or the controller."""
    return covering(
        case, PUBLIC, lambda: violations(case, lambda v: (v.by_issuer or v.by_controller) and (v.investors or v.public or v.crime))
    )


# --- B1 to B3: financial investment -----------------------------------------------------------------------------------


def natures(investment: Facts) -> Iterator[tuple[str, bool]]:
    """The kinds that an investment can be, each with whether it is financial."""
    for kind in kinds(investment.get("kind"), INVESTMENT_KINDS):
        if kind in ("equity", "fund", "lending"):
            yield from ((kind, judged) for judged in flags(investment.get("financial")))
        elif kind == "finance_company":
            yield from ((kind, increased) for increased in flags(investment.get("stake_increased")))
        else:
            yield kind, kind in ("quasi_financial", "financial_business", "volatile_product")


def led_to(case: Case, name: str, investment: Facts) -> Iterator[Facts]:
    """The commitments or contributions to one investment."""
    yield from (entry for entry in items(case.facts, name)[0] if entry["investment"] == investment["name"])


def holdings(case: Case, investment: Facts) -> Iterator[int]:
    """What one investment with its commitments can add beyond the accounts, the extremes among it."""
    for (_, financial), counted, end in product(natures(investment), flags(investment.get("counted")), (0, 1)):
        amount = ends(investment.get("amount"))[end]
        beyond = amount * (financial and not counted) - amount * (counted and not financial)
        unpaid = [
            sorted(ends(entry.get("unpaid"))[side] * counts for counts in flags(entry.get("counts")) for side in (0, 1))
            for entry in led_to(case, "commitments", investment)
        ]
        for side in (0, -1):
            yield beyond + financial * sum(amounts[side] for amounts in unpaid)


def financial_investment_share(case: Case) -> Outcomes:
    """B1: at most thirty per cent of the equity of the parent (READ-3: or of total equity)."""
    low = high = 0
    accounts, more_accounts = items(case.facts, "accounts")
    for account in accounts:
        amounts = ends(account.get("financial_part"))
        low, high = low + amounts[0], high + amounts[1]
    investments, more = items(case.facts, "investments")
    for investment in investments:
        found = list(holdings(case, investment))
        low, high = low + min(found), high + max(found)
    if more:
        low -= HUGE  # one that its account counts, and that is not financial
    if (
        more
        or more_accounts
        or (items(case.facts, "commitments")[1] and any(financial for investment in investments for _, financial in natures(investment)))
    ):
        high += HUGE
    sheet = part(case.facts, "balance_sheet")
    equity = ends(sheet.get("parent_equity"), -HUGE)
    if case.readings["equity_base"] == "total":
        assets, debts = ends(sheet.get("total_assets")), ends(sheet.get("total_liabilities"))
        equity = assets[0] - debts[1], assets[1] - debts[0]
    # Negative equity bears nothing: who holds nothing holds no large amount even so.
    met = at_most(low, high, THIRTY * max(0, equity[0]), THIRTY * max(0, equity[1]))
    applies = {
        board in THREE_BOARDS and not institution and not (route.startswith("convertible") and bought_back)
        for board, institution, route, bought_back in product(
            case.boards(), case.institution(), case.routes(), flags(case.offering("into_repurchased"))
        )
    }
    return set(product(applies, met))


def financial_investment_classification(case: Case) -> Outcomes:
    """B2: a stake or fund that is held not to be financial is related to the business, and no fund of broad mandate."""
    truths = []
    investments, more = items(case.facts, "investments")
    for investment in investments:
        truth = set()
        for (kind, financial), related, mandate in product(
            natures(investment), flags(investment.get("related")), kinds(investment.get("mandate"), MANDATES)
        ):
            sound = financial or (related and not (kind == "fund" and mandate == "broad"))
            truth.add(kind in ("equity", "fund") and not sound)
        truths.append(truth)
    return _not_for_institutions(case, none_of(truths, more))


def _not_for_institutions(case: Case, met: Iterable[bool]) -> Outcomes:
    applies = {board in THREE_BOARDS and not itself for board in case.boards() for itself in case.institution()}
    return set(product(applies, met))


def financial_investment_deduction(case: Case) -> Outcomes:
    """B3 with G4: what went into financial investments since six months before the board met comes off the proceeds."""
    first = add_months(case.board, -6)
    low = high = 0
    investments, more = items(case.facts, "investments")
    any_financial = False
    for investment in investments:
        least, most = [], []
        for _, financial in natures(investment):
            any_financial |= financial
            taken = [
                [
                    amount * financial * (stage == "planned" or (day >= first and (stage != "withdrawn" or withdrawn_counts(case))))
                    for amount in ends(entry.get("amount"))
                    for stage in kinds(entry.get("stage"), STAGES)
                    for day in day_ends(entry.get("day"))
                ]
                for entry in led_to(case, "contributions", investment)
            ]
            least.append(sum(min(amounts) for amounts in taken))
            most.append(sum(max(amounts) for amounts in taken))
        low, high = low + min(least), high + max(most)
    if items(case.facts, "contributions")[1] and (any_financial or more):
        high += HUGE
    met = at_most(low, high, *ends(case.offering("deduction")))
    return _not_for_institutions(case, met)


def withdrawn_counts(case: Case) -> bool:
    """READ-18: whether what was withdrawn still comes off."""
    return case.readings["withdrawn_investment"] == "counts"


# --- C1, C4, D17: size, interval, earlier raisings --------------------------------------------------------------------


def issue_size(case: Case) -> Outcomes:
    """C1: new shares at most thirty per cent of the shares before (READ-13: as last published, or on the day of the plan)."""
    base = "shares_at_plan" if case.readings["share_base"] == "at_plan" else "shares_before"
    before = ends(case.offering(base))
    new = ends(case.offering("new_shares"))
    met = at_most(new[0], new[1], THIRTY * before[0], THIRTY * before[1])
    return covering(case, {"auction", "fixed", "simplified"}, lambda: met)


INTERVALS = (6, 18)


def resolutions(case: Case) -> set[date]:
    """The days that the board resolution can be to which an interval runs (READ-5): the first, or the one that set a new base date."""
    found = {case.board}
    if case.readings["interval_board"] == "reset" and "fixed" in case.routes():
        anew = flags(case.offering("base_date_reset"))
        later = {max(case.board, day) for day in days_to_try(case.facts, case.offering("base_date_board"), INTERVALS)}
        found = (later if True in anew else set()) | (found if False in anew or set(case.routes()) != {"fixed"} else set())
    return found


def waited(case: Case, raising: Facts, received: date, resolved: date) -> set[bool]:
    """Whether enough time has passed since earlier proceeds arrived (C4)."""
    on_the_day = case.readings["corresponding_day"] == "enough"  # READ-5: the very day, or only later
    long, short = add_months(received, 18), add_months(received, 6)
    if resolved > long or (resolved == long and on_the_day):
        return {True}
    if resolved < short or (resolved == short and not on_the_day):
        return {False}
    return {
        used or (not changed and on_plan)
        for used, changed, on_plan in product(*(flags(raising.get(name)) for name in ("used_up", "use_changed", "on_plan")))
    }


def waits(case: Case, raising: Facts, boards: Iterable[date]) -> set[bool]:
    """The same for every day on which the proceeds can have arrived, and every day of the resolution."""
    first, last = day_ends(raising.get("received"))
    met: set[bool] = set()
    for resolved in boards:
        # Between the ends lie days of the shorter interval, too.
        for day in {first, last, *(_middle(resolved, first, last) if first != last else ())}:
            met |= waited(case, raising, day, resolved)
        if len(met) > 1:  # and no more can come of it
            break
    return met


def financing_interval(case: Case) -> Outcomes:
    """C4: eighteen months since earlier proceeds arrived, six where they are used up or go on plan where they were meant to."""
    triggers = {"ipo", "follow_on", "rights", "placement"}
    if case.readings["simplified_raisings"] == "counts":
        triggers |= {"simplified", "merger_financing"}

    def long_enough() -> set[bool]:
        raisings, more = items(case.facts, "earlier_raisings")
        boards = resolutions(case)
        truths = []
        for raising in raisings:
            triggering = {kind in triggers for kind in kinds(raising.get("kind"), RAISING_KINDS)}
            met = waits(case, raising, boards) if True in triggering else {True}
            truths.append({itself and not truth for itself, truth in product(triggering, met)})
        return none_of(truths, more)

    return covering(case, {"auction", "fixed", "rights", "follow_on"}, long_enough)


def _middle(resolved: date, first: date, last: date) -> Iterator[date]:
    """The days around those on which an interval of six or eighteen months to a resolution begins, if proceeds can have arrived on them."""
    for months in (-18, -6):
        begins = add_months(resolved, months)
        yield from (day for near in range(-4, 5) if first <= (day := begins + timedelta(days=near)) <= last)


def earlier_working_capital(case: Case) -> Outcomes:
    """D17: of an earlier refinancing at most thirty per cent went to working capital; the IPO lies outside (READ-8).

    Outside are those that could go to it whole: rights issues, preference shares and placements to placees whom the board fixed.
    """
    capped = {"follow_on", "simplified", "convertible", *(["ipo"] if case.readings["ipo_history"] == "inside" else [])}
    found: Outcomes = {(False, True)}
    raisings, more = items(case.facts, "earlier_raisings")
    for raising in raisings:
        moved, other, gross = (ends(raising.get(name)) for name in ("permanent_working_capital", "non_capital", "gross"))
        met = at_most(moved[0] + other[0], moved[1] + other[1], THIRTY * gross[0], THIRTY * gross[1])
        fixed = flags(raising.get("placees_fixed"))
        inside = {
            kind in capped or (kind == "placement" and not all_fixed)
            for kind, all_fixed in product(kinds(raising.get("kind"), RAISING_KINDS), fixed)
        }
        found = {(a or b, m and (not b or n)) for (a, m), b, n in product(found, inside, met)}
    if more:
        found |= {(True, False), *((True, m) for _, m in found)}
    return {(applies and board in THREE_BOARDS, met) for board in case.boards() for applies, met in found}


# --- H1 to H5, E11, E12: control --------------------------------------------------------------------------------------

PLACEMENTS = frozenset({"auction", "fixed", "simplified"})


def summed(facts: Facts, name: str, amount: str) -> tuple[int, int]:
    """The least and the most that a list adds up to."""
    found, more = items(facts, name)
    amounts = [ends(entry.get(amount)) for entry in found]
    return sum(low for low, _ in amounts), sum(high for _, high in amounts) + (HUGE if more else 0)


def largest_placee(case: Case) -> tuple[int, int]:
    """The least and the most that one subscriber can take: the cap bounds it."""
    low, high = 0, 0
    subscribers, more = items(case.facts, "subscribers")
    for subscriber in subscribers:
        amounts = ends(subscriber.get("shares"))
        sides = flags(subscriber.get("with_controller"))
        low = max(low, amounts[0] if sides == (False,) else 0)
        high = max(high, amounts[1] if False in sides else 0)
    cap = ends(case.offering("subscriber_cap"))
    return min(low, cap[0]), min(HUGE if more else high, cap[1])


def left(case: Case) -> tuple[int, int]:
    """What the controller is left with after the reductions, and with what its own side subscribes: least and most."""
    held, sold = summed(case.facts, "control_group", "shares"), summed(case.facts, "reductions", "sold")
    low, high = held[0] - sold[1], held[1] - sold[0]
    subscribers, more = items(case.facts, "subscribers")
    for subscriber in subscribers:
        amounts, sides = ends(subscriber.get("shares")), flags(subscriber.get("with_controller"))
        low += amounts[0] if sides == (True,) else 0
        high += amounts[1] if True in sides else 0
    return low, high + (HUGE if more else 0)


def after(case: Case) -> tuple[int, int]:
    """All shares once the new ones are issued."""
    before, new = ends(case.offering("shares_before")), ends(case.offering("new_shares"))
    return before[0] + new[0], before[1] + new[1]


def joined(case: Case) -> tuple[int, int]:
    """A subscriber who takes the most it can, with the largest other holder."""
    placee, other = largest_placee(case), ends(part(case.facts, "control").get("largest_other"))
    return placee[0] + other[0], placee[1] + other[1]


def seats(case: Case) -> Iterator[tuple[int, int]]:
    """The controller's seats and all seats, as they can be."""
    directors, more = items(case.facts, "directors")
    stated = [flags(director.get("by_controller")) for director in directors]
    for count in range(sum(flag == (True,) for flag in stated), sum(True in flag for flag in stated) + 1):
        yield count, len(directors)
        if more:
            yield count + 1000, len(directors) + 1000
            yield count, len(directors) + 1000


def placing(case: Case, controlled: bool) -> set[bool]:
    """Whether a rule on placements of shares applies; ``controlled``: only where there is a controller."""
    there = flags(part(case.facts, "control").get("has_controller")) if controlled else (True,)
    return {route in PLACEMENTS and (has or not controlled) for route in case.routes() for has in there}


def control_basis(case: Case) -> Outcomes:
    """H1 to H3: over thirty per cent of the votes, or votes that fill over half of the board, on ChiNext half or more."""
    met = set()
    for board, (mine, every) in product(case.boards(), seats(case)):
        elects = mine * 2 >= every > 0 if board == "chinext" else mine * 2 > every
        group, before = summed(case.facts, "control_group", "shares"), ends(case.offering("shares_before"))
        met |= {(elects and held > 0) or held > THIRTY * total for held in group for total in before}
    return set(product(placing(case, controlled=True), met))


def control_dilution(case: Case) -> Outcomes:
    """H4: whether thirty per cent of the votes are left after the issue and the reductions."""
    met = {rest > THIRTY * total for rest, total in product(left(case), after(case))}
    return set(product(placing(case, controlled=True), met))


def control_against_newcomer(case: Case) -> Outcomes:
    """H5: the controller stays ahead of a subscriber without shares."""
    met = {taken < rest for taken, rest in product(largest_placee(case), left(case))}
    return set(product(placing(case, controlled=True), met))


def control_against_holder(case: Case) -> Outcomes:
    """H5: the controller stays ahead of the largest other holder who subscribes."""
    met = {together < rest for together, rest in product(joined(case), left(case))}
    return set(product(placing(case, controlled=True), met))


def locks(case: Case) -> Iterator[tuple[bool, int]]:
    """Whether the offer is waived, and for how many months the acquirer's shares are locked."""
    control = part(case.facts, "control")
    months = ends(control.get("acquirer_lock_months"))
    tries = {months[0], months[1], *(n for n in (17, 18, 35, 36) if months[0] <= n <= months[1])}
    yield from product(flags(control.get("offer_exempted")), sorted(tries))


def placee_mandatory_offer(case: Case) -> Outcomes:
    """E11 with H4: at most thirty per cent, directly and as converted, or the offer waived and three years' lock-up."""
    own = ends(part(case.facts, "control").get("other_convertible"))
    met = set()
    for together, mine, total, every in product(joined(case), own, after(case), ends(case.offering("convertible_shares"))):
        within = together <= THIRTY * total and together + min(mine, every) <= THIRTY * (total + every)
        met |= {within or (waived and months >= 36) for waived, months in locks(case)}
    return set(product(placing(case, controlled=False), met))


def acquirer_lockup(case: Case) -> Outcomes:
    """E12: whoever comes level with the controller is locked for eighteen months, three years where the offer was waived.

    Where nobody controls the issuer it is whoever comes first among the holders, or passes thirty per cent.
    """
    found: Outcomes = set()
    control = part(case.facts, "control")
    others = ends(control.get("largest_other"))
    for taken, other, rest, total in product(largest_placee(case), others, left(case), after(case)):
        together = taken + other
        above = together > THIRTY * total
        for controlled in flags(control.get("has_controller")):
            gains = together >= rest if controlled else taken > other or above
            for placed, (waived, months) in product(placing(case, controlled=False), locks(case)):
                found.add((placed and gains, months >= (36 if waived and above else 18)))
    return found


# --- The rules, and what all tries have in common ----------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """A rule of the book by its id: how it is decided, the days it is held against, and the readings it hangs on."""

    ask: Callable[[Case], Outcomes]
    held: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    since: date = date(2023, 2, 17)
    on_board: bool = False  # whether the day the board met is part of what it asks, beyond picking the law
    months: tuple[int, ...] = ()  # the periods that it counts with
    by_check: bool = False  # whether the day of the check picks the law, and not that of the board


READINGS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "penalty_start": (("execution", "delivery"), "both"),
    "ban_counts": (("counts", "apart"), "both"),
    "violation_start": (("execution", "compensation", "conduct"), "execution"),
    "negative_share": (("within", "unsettled"), "both"),
    "crimes_left_aside": (("may", "may_not"), "both"),
    "controller_public_harm": (("bars", "no_bar"), "both"),
    "equity_base": (("parent", "total"), "parent"),
    "withdrawn_investment": (("counts", "left_out"), "both"),
    "ipo_history": (("outside", "inside"), "outside"),
    "share_base": (("published", "at_plan"), "published"),
    "corresponding_day": (("enough", "beyond"), "both"),
    "interval_board": (("first", "reset"), "first"),
    "simplified_raisings": (("counts", "left_out"), "both"),
    "transferred_on_board_day": (("before", "not_before"), "both"),
}

VIOLATION_READINGS = ("ban_counts", "violation_start", "negative_share", "crimes_left_aside")
WINDOW = ("plan_disclosed", "board_date", "filing_date", "as_of")
RULES: dict[str, Rule] = {
    "working-capital-share": Rule(working_capital_share, readings=("transferred_on_board_day",), on_board=True),
    "directors-officers-sanctions": Rule(directors_officers_sanctions, WINDOW, ("penalty_start", "ban_counts"), months=(12, 36)),
    "public-offering-sanctions": Rule(public_offering_sanctions, WINDOW, ("penalty_start", "ban_counts"), months=(12, 36)),
    "no-open-investigation": Rule(no_open_investigation, ("as_of",), by_check=True),
    "public-offering-investigations": Rule(public_offering_investigations, ("as_of",), by_check=True),
    "issuer-violations": Rule(issuer_violations, WINDOW, VIOLATION_READINGS, months=(36,)),
    "controller-violations": Rule(controller_violations, WINDOW, (*VIOLATION_READINGS, "controller_public_harm"), months=(36,)),
    "public-offering-violations": Rule(public_offering_violations, WINDOW, VIOLATION_READINGS, months=(36,)),
    "financial-investment-share": Rule(financial_investment_share, readings=("equity_base",)),
    "financial-investment-classification": Rule(financial_investment_classification),
    "financial-investment-deduction": Rule(financial_investment_deduction, readings=("withdrawn_investment",), on_board=True, months=(6,)),
    "control-basis": Rule(control_basis),
    "control-dilution": Rule(control_dilution),
    "control-against-newcomer": Rule(control_against_newcomer),
    "control-against-holder": Rule(control_against_holder),
    "placee-mandatory-offer": Rule(placee_mandatory_offer),
    "acquirer-lockup": Rule(acquirer_lockup),
    "issue-size": Rule(issue_size, readings=("share_base",)),
    "financing-interval": Rule(
        financing_interval, readings=("corresponding_day", "simplified_raisings", "interval_board"), on_board=True, months=INTERVALS
    ),
    "earlier-working-capital": Rule(earlier_working_capital, readings=("ipo_history",)),
}


def verdict(facts: Facts, name: str, as_of: date, answers: Mapping[str, str] | None = None) -> str:
    """What a rule must give: ``pass``, ``fail``, ``not_applicable``, ``absent`` (no such law yet) or ``open``.

    ``answers`` are the filing's answers to readings. Every day the rule is held against counts, and so does every
    reading that nobody settled: where they differ the rule is open.
    """
    rule = RULES[name]
    held = [day for day in rule.held if day == "as_of" or part(facts, "offering").get(day) is not None]
    found: set[str] = set()
    for day in held or ["as_of"]:
        found.add(_common(_outcomes(facts, rule, day, as_of, answers or {})))
        if len(found) > 1 or found == {"open"}:  # whatever the other days give
            return "open"
    return found.pop()


def _common(outcomes: set[Outcome | None]) -> str:
    """The verdict that all outcomes share; a requirement that is met whatever happens passes even if it may not apply.

    Once open it stays open with every further outcome: what contradicts does not go away.
    """
    if outcomes == {None}:
        return "absent"
    if None in outcomes:
        return "open"
    applies, met = {o[0] for o in outcomes if o}, {o[1] for o in outcomes if o}
    if applies == {False}:
        return "not_applicable"
    if met == {True}:
        return "pass"
    return "fail" if applies == {True} and met == {False} else "open"


def _outcomes(facts: Facts, rule: Rule, day: str, as_of: date, answers: Mapping[str, str]) -> set[Outcome | None]:
    """Every outcome on one day held against; None where the rule is not yet law."""
    stated = None if rule.by_check else part(facts, "offering").get("board_date")
    boards = [as_of] if stated is None and not rule.on_board else days_to_try(facts, stated, rule.months)
    found: set[Outcome | None] = set()
    asked = set()
    for board in boards:
        law = as_of if stated is None else board
        if law < rule.since:
            found.add(None)
            continue
        days = (
            [as_of] if day == "as_of" else [board] if day == "board_date" else days_to_try(facts, part(facts, "offering")[day], rule.months)
        )
        options = [_options(reading, answers) for reading in rule.readings]
        for on, chosen in product(days, product(*options)):
            version = max(turn for turn in TURNS if turn <= law)
            key = version, on if rule.held else None, board if rule.on_board else None, chosen
            if key not in asked:  # what the rule does not look at makes no difference
                asked.add(key)
                found |= rule.ask(Case(facts, version, on, board, dict(zip(rule.readings, chosen, strict=True))))
                if _common(found) == "open":  # more outcomes leave it so: see ``_common``
                    return found
    return found


def _options(reading: str, answers: Mapping[str, str]) -> Sequence[str]:
    options, default = READINGS[reading]
    answer = answers.get(reading, default)
    return options if answer == "both" else (answer,)


TURNS = (date(2023, 2, 17), date(2025, 3, 27), date(2026, 3, 27), date(2026, 4, 17))


def days_to_try(facts: Facts, value: Any, months: tuple[int, ...]) -> list[date]:
    """The days to try for one that is vague: all of two months, else the ends and all days near which something turns.

    ``months`` are the periods that the rule counts with.
    """
    first, last = day_ends(value)
    first, last = max(first, date(1900, 1, 1)), min(last, date(2300, 1, 1))  # further out nothing turns any more
    if (last - first).days <= 62:
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]
    near = _turning(frozenset(day for day in (*_days_in(facts), *TURNS) if date(1900, 1, 1) <= day <= date(2300, 1, 1)), months)
    return sorted({first, last, *(day for day in near if first <= day <= last)})


@lru_cache(maxsize=16)
def _turning(days: frozenset[date], months: tuple[int, ...]) -> frozenset[date]:
    """All days a few days around any of these, and around so many months before and after them."""
    corresponding = {add_months(day, shift) for day in days for shift in (0, *months, *(-period for period in months))}
    return frozenset(day + timedelta(days=n) for day in corresponding for n in range(-3, 4))


def _days_in(value: Any) -> Iterator[date]:
    """Every day that a filing holds."""
    if isinstance(value, date):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _days_in(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _days_in(inner)
