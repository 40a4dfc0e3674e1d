"""How far a variable may go and what mends a rule, held against every value tried one by one, on made-up rules and on real ones."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import checked
from command import CASES, ROOT
from compliance import dates, source
from compliance.cli.inputs import load_case
from compliance.engine.decide import ABSENT, decide
from compliance.engine.machine import Machine
from compliance.engine.moves import Journey, Stuck, journeys
from compliance.engine.reach import MET, Reach
from compliance.engine.record import check
from compliance.engine.remedy import Remedies, changes
from compliance.engine.subject import Subject, subject
from compliance.expressions.formula import FAIL, PASS
from compliance.packs import loading
from compliance.packs.book import Pack, Rule, Variable, Way, assemble
from compliance.proving.inline import filing_of, run
from edits import edited

BOOK = Path(__file__).parent / "books" / "harvest"
TODAY = dates.parse("2024-04-01").low
WINDOW = 130  # days tried one by one on either side
Facts = dict[str, Any]

# Made-up rules

NUMBERS = (
    "plan.size",
    "plan.carts",
    "plan.rest",
    "bound",
    "7",
    "sum(b.weight for b in baskets)",
    "sum(b.weight for b in baskets if b.crop == wheat)",
    "sum(b.weight for b in baskets if b.crop == herb)",
    "sum(b.weight for b in baskets if b.ripe)",
    "count(b for b in baskets if b.weight > plan.size)",
    "max(b.weight for b in baskets)",
)
numbers = st.recursive(
    st.sampled_from(["plan.size", *NUMBERS]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-"]), inner).map(lambda part: f"({part[0]} {part[1]} {part[2]})"),
        st.tuples(st.sampled_from(["2", "3", "plan.size"]), inner).map(lambda part: f"{part[0]} * {part[1]}"),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda part: f"{part[0]}({part[1]}, {part[2]})"),
    ),
    max_leaves=4,
)
symbols = st.sampled_from(["<=", "<", ">=", ">", "=="])
compared = st.tuples(numbers, symbols, numbers).map(" ".join)
dated = st.sampled_from(
    [
        "on >= add_months(plan.sown, 2)",
        "on <= add_months(plan.sown, 3)",
        "plan.sown >= '2024-02-10'",
        "plan.reaped - plan.sown >= 0",
        "plan.reaped >= add_months(plan.sown, 1)",
        "add_months(plan.sown, bound) <= plan.reaped",
        "plan.sown <= plan.reaped",
    ]
)
truths = st.one_of(
    compared,
    dated,
    st.tuples(compared, st.sampled_from(["and", "or"]), st.one_of(compared, dated)).map(lambda part: f"({part[0]}) {part[1]} ({part[2]})"),
    compared.map(lambda text: f"not ({text})"),
    compared.map(lambda text: f"all(b.weight <= plan.size for b in baskets) or {text}"),
)
applies = st.sampled_from([None, None, None, "plan.kind == early", "plan.size > 4", "plan.carts > 10"])
exceptions = st.one_of(st.none(), st.none(), st.tuples(st.sampled_from(["plan.kind == late", "plan.rest > 2", "plan.size > 8"]), truths))


@cache
def plain_book() -> dict[str, Any]:
    return dict(source.plain(source.parse((BOOK / "pack.yaml").read_bytes(), "pack.yaml")))


def book(require: str, applies: str | None, exception: tuple[str, str] | None, held: bool) -> Pack:
    """The made-up book with one more rule."""
    plain = copy.deepcopy(plain_book())
    rule = {**plain["rules"][0], "id": "made", "require": require}
    rule |= {"applies": applies} if applies else {}
    rule |= {"held_on": ["reaped", "as_of"]} if held or "on " in require or (exception and "on " in exception[1]) else {}
    if exception:
        title = {"zh": "例外", "en": "an exception"}
        rule["exceptions"] = [{"id": "but", "title": title, "when": exception[0], "require": exception[1], "cite": "CUSTOM 一"}]
    plain["rules"].append(rule)
    return assemble(loading.check({"pack.yaml": json.dumps(plain, ensure_ascii=False).encode()}, "harvest"))


basket = st.fixed_dictionaries(
    {"crop": st.sampled_from(["wheat", "herb"]), "weight": st.integers(0, 12)}, optional={"ripe": st.sampled_from(["true", "false"])}
)
plans = st.fixed_dictionaries(
    {"kind": st.sampled_from(["early", "late"]), "sown": st.sampled_from(["2024-01-31", "2024-02-20", "2024-03-05", "2024-05-05"])},
    optional={
        "size": st.integers(0, 30).map(str),
        "carts": st.one_of(st.integers(0, 40).map(str), st.just("3..6")),
        "rest": st.one_of(st.integers(-3, 5).map(str), st.just("0..4")),
        "reaped": st.sampled_from(["2024-03-01", "2024-04-30", "2024-05", "2024"]),
    },
)


@st.composite
def filings(draw: Any) -> Facts:
    items = [{**one, "name": f"b{number}", "weight": str(one["weight"])} for number, one in enumerate(draw(st.lists(basket, max_size=3)))]
    return {"plan": draw(plans), "baskets": {"complete": draw(st.sampled_from(["true", "true", "false"])), "items": items}}


class Made(NamedTuple):
    """A rule and a filing."""

    require: str
    applies: str | None
    exception: tuple[str, str] | None
    held: bool
    facts: Facts

    def subject(self) -> Subject:
        """The filing, to be held against the rule."""
        pack = book(self.require, self.applies, self.exception, self.held)
        return subject(Machine(pack), filing_of(pack, copy.deepcopy(self.facts), {}), TODAY)


cases = st.builds(Made, truths, applies, exceptions, st.booleans(), filings())


def picked(made: Subject, pick: int, asked: bool = False) -> Journey | None:
    """One of the journeys of a book's variables."""
    found: list[Journey] = []
    for variable in made.machine.pack.variables.values():
        for way in variable.ways:
            going = journeys(made, variable, way, asked)
            found += [] if isinstance(going, Stuck) else going
    return found[pick % len(found)] if found else None


def window(journey: Journey) -> range:
    """The steps that are tried one by one: all, or those of the days around."""
    return range(max(journey.least, -WINDOW), min(journey.most, WINDOW) + 1)


def test_the_made_up_book_holds_its_own_tests() -> None:
    assert [result for result in run(loading.load(BOOK)) if result.faults] == []


@settings(max_examples=60, deadline=None)
@given(case=cases, pick=st.integers(0, 10_000))
def test_the_fewest_steps_to_a_pass_are_the_fewest_there_are(case: Made, pick: int) -> None:
    made = case.subject()
    reach, rule = Reach(made), made.machine.pack.rule("made")
    journey = picked(made, pick)
    if journey is None or not reach.touched(rule, journey):
        return
    for end in (journey.most, journey.least):
        steps = reach.first(rule, journey, end) if end else "none"
        if steps == "unproved":
            continue
        codes = {k: reach.at(rule, journey, k) for k in window(journey) if k * end > 0}
        met = min((k for k, code in codes.items() if code in MET), key=abs, default=None)
        if isinstance(steps, int):
            assert reach.at(rule, journey, steps) == PASS
            assert met == steps if met is not None else abs(steps) > WINDOW
        else:
            assert met is None or codes[met] != PASS  # nothing, or it ceases to apply before it would pass


@settings(max_examples=60, deadline=None)
@given(case=cases, pick=st.integers(0, 10_000))
def test_what_is_allowed_is_what_is_allowed_step_by_step(case: Made, pick: int) -> None:
    made = case.subject()
    reach, rules = Reach(made), made.machine.pack.rules
    journey = picked(made, pick, asked=True)
    if journey is None:
        return
    tried = window(journey)
    whole = len(tried) == journey.most - journey.least + 1
    good: dict[str, set[int]] = {}
    for rule in rules:
        codes = {k: reach.at(rule, journey, k) for k in tried}
        if not reach.touched(rule, journey):
            assert len(set(codes.values())) == 1
            good[rule.id] = set(tried)
            continue
        strict = {k for k, code in codes.items() if reach.holds(rule, code)}
        lenient = {k for k, code in codes.items() if code != FAIL}
        found = reach.allowed(rule, journey)
        allowed = strict if found is None else {k for k in tried if any(first <= k <= last for first, last in found)}
        assert allowed == strict or (reach.code(rule) == FAIL and allowed == lenient and not (whole and strict))
        good[rule.id] = allowed
    for greatest in (True, False):
        extreme = reach.extreme(journey, rules, greatest)
        barred = {rule.id for rule, _ in extreme.barred}
        common = [k for k in tried if all(k in good[rule.id] for rule in rules if rule.id not in barred)]
        end = journey.most if greatest else journey.least
        if extreme.found == "none":
            assert not common
        elif extreme.found == "unbound":
            assert end in common or end not in tried
        elif extreme.steps in tried:
            assert (max(common) if greatest else min(common)) == extreme.steps
            assert extreme.binds


@settings(max_examples=60, deadline=None)
@given(case=cases, pick=st.integers(0, 10_000), far=st.integers(0, 10_000))
def test_the_changed_filing_written_down_is_the_one_that_was_tried(case: Made, pick: int, far: int) -> None:
    """A way after some steps, against a filing that says so from the start."""
    made, changed, as_of = case.subject(), copy.deepcopy(case.facts), TODAY
    rule = made.machine.pack.rule("made")
    journey = picked(made, pick)
    if journey is None:
        return
    steps = window(journey)[far % len(window(journey))]
    for change in changes(made, journey, steps):
        if change["path"] == "as_of":
            as_of = dates.parse(change["to"]).low
        elif change["path"].startswith("plan."):
            changed["plan"][change["path"].removeprefix("plan.")] = change["to"]
        else:
            name = change["path"].partition("[")[2].partition("]")[0]
            next(item for item in changed["baskets"]["items"] if item["name"] == name)["weight"] = change["to"]
    again = subject(Machine(made.machine.pack), filing_of(made.machine.pack, changed, {}), as_of)
    assert decide(again, rule) == Reach(made).at(rule, journey, steps)
    assert made.as_of == TODAY


def test_what_an_exception_leaves_to_people_is_told_so() -> None:
    """One step short of a remedy the verdict is that of a finding there, and so is that of a rule that bounds a route."""
    plain = copy.deepcopy(plain_book())
    exempt = {"id": "but", "title": {"zh": "例外", "en": "an exception"}, "when": "plan.kind == early", "require": "plan.size <= 5"}
    exceptions = [{**exempt, "cite": "CUSTOM 一", "verdict": "judgement"}]
    plain["rules"].append({**plain["rules"][0], "id": "made", "require": "plan.size <= 3", "exceptions": exceptions})
    pack = assemble(loading.check({"pack.yaml": json.dumps(plain, ensure_ascii=False).encode()}, "harvest"))
    made = subject(Machine(pack), filing_of(pack, {"plan": {"kind": "early", "size": "12"}}, {}), TODAY)
    remedies = Remedies(made)
    mended = remedies.of(pack.rule("made"))["remedies"]
    assert [one["one_less"] for one in mended if one["way"]["id"] == "alone"] == ["judgement", "judgement"]
    journey = next(one for one in remedies.journeys(pack.variables["size"], pack.variables["size"].ways[0]) if isinstance(one, Journey))
    assert Reach(made).extreme(journey, [pack.rule("made")], greatest=True).binds == ((pack.rule("made"), "judgement"),)


@settings(max_examples=25, deadline=None)
@given(size=st.integers(0, 30), rest=st.integers(-3, 5), symbol=st.sampled_from(["<=", "<", ">=", ">"]))
def test_headroom_is_the_distance_to_the_flip(size: int, rest: int, symbol: str) -> None:
    pack = book(f"plan.size {symbol} plan.rest + 10", None, None, held=False)
    facts = {
        "plan": {"kind": "early", "sown": "2024-03-05", "size": str(size), "rest": str(rest)},
        "baskets": {"complete": "true", "items": []},
    }
    filing = filing_of(pack, facts, {})
    finding = check(Machine(pack), filing, TODAY, {"made"}, "reference")["findings"][0]
    headroom = int(finding["headroom"]["low"])
    upper = symbol in ("<=", "<")
    edge = size + headroom if upper else size - headroom  # the value on the limit itself
    assert edge == rest + 10
    made = subject(Machine(pack), filing, TODAY)
    rule = pack.rule("made")
    slot = pack.vocabulary.root.fields["plan.size"].slot
    for value, met in ((edge, "=" in symbol), (edge - 1, upper), (edge + 1, not upper)):
        with made.put([(made.row, slot, value, value)]):
            assert (decide(made, rule) == PASS) is met


# Remedies, as the record tells them

STATED: Facts = {"plan": {"kind": "early", "sown": "2024-02-20", "reaped": "2024-05-01", "size": "15", "carts": "20", "rest": "1"}}
BASKETS = [
    {"name": "a", "crop": "wheat", "weight": "5"},
    {"name": "b", "crop": "herb", "weight": "9"},
    {"name": "c", "crop": "wheat", "weight": "2"},
]


def mended(pack: Pack, facts: Mapping[str, Any] = STATED, items: Any = BASKETS, rule: str = "made") -> dict[str, Any]:
    filing = filing_of(pack, copy.deepcopy({**facts, "baskets": {"complete": "true", "items": items}}), {})
    record = check(Machine(pack), filing, TODAY, {rule}, "reference")
    return dict(record["findings"][0])


def brief(finding: Mapping[str, Any]) -> dict[tuple[str, str, str], list[str]]:
    """Each remedy by variable, way and direction: what every changed fact becomes."""
    return {
        (one["variable"], one["way"]["id"], one["direction"]): [f"{c['path']} {c['to']}" for c in one["change"]]
        for one in finding.get("remedies", ())
    }


def test_remedies_in_every_way() -> None:
    found = brief(mended(book("sum(b.weight for b in baskets if b.crop == wheat) + plan.size <= 18", None, None, held=False)))
    assert found == {
        ("size", "alone", "less"): ["plan.size 11"],
        ("size", "wheat-along", "less"): ["plan.size 13", "baskets[a].weight 3"],
        ("size", "herb-against", "less"): ["plan.size 11", "baskets[b].weight 13"],
        ("size", "one-basket", "less"): ["plan.size 13", "baskets[a].weight 3"],
        ("size", "in-proportion", "less"): ["plan.size 11", "plan.carts 14"],
        ("size", "carts-above", "less"): ["plan.size 11"],
        ("size", "carts-below", "less"): ["plan.size 11", "plan.carts 11"],
        ("size", "carts-equal", "less"): ["plan.size 11", "plan.carts 11"],
        ("acres", "alone", "less"): ["plan.size 9"],
        ("acres", "wheat-along", "less"): ["plan.size 12", "baskets[a].weight 2"],
    }


def test_the_greatest_line_is_used_up_before_the_next() -> None:
    finding = mended(book("sum(b.weight for b in baskets if b.crop == wheat) + plan.size <= 10", None, None, held=False))
    assert brief(finding)["size", "wheat-along", "less"] == ["plan.size 9", "baskets[a].weight 0", "baskets[c].weight 1"]
    assert ("size", "one-basket", "less") not in brief(finding)  # no basket alone holds enough


def test_what_a_remedy_breaks_is_named() -> None:
    found = mended(book("plan.size >= 16", None, None, held=False), {"plan": {**STATED["plan"], "size": "10", "sown": "2024-02-20"}})
    remedy = next(one for one in found["remedies"] if one["way"]["id"] == "alone")
    assert remedy["one_less"] == "fail"
    assert [(one["rule"], one["verdict"]) for one in remedy["breaks"]] == [("rule", "fail")]
    kept = mended(book("plan.size >= 10", None, None, held=False), {"plan": {**STATED["plan"], "size": "9"}})
    assert all("breaks" not in one for one in kept["remedies"] if one["variable"] == "size")


def test_items_to_which_the_same_could_be_done() -> None:
    items = [{"name": name, "crop": "wheat", "weight": "5"} for name in "abc"]
    found = mended(book("sum(b.weight for b in baskets) <= 12", None, None, held=False), items=items)
    remedy = next(one for one in found["remedies"] if one["way"]["id"] == "one-basket")
    assert [c["path"] for c in remedy["change"]] == ["plan.size", "baskets[a].weight"]
    assert remedy["also"] == ["baskets[b]", "baskets[c]"]


def test_waiting_and_moving_a_day() -> None:
    pack = book("on >= add_months(plan.sown, 2)", None, None, held=True)
    found = mended(pack, {"plan": {**STATED["plan"], "sown": "2024-02-20"}})
    assert found["verdict"] == "judgement"  # the days disagree: reaped in May, looked at in April
    assert brief(found)["waiting", "waiting", "later"] == ["as_of 2024-04-20"]
    assert brief(found)["sowing", "follow", "earlier"] == ["plan.sown 2024-02-01"]
    # Two days that move together, months apart, have no direction that could be shown.
    assert ("shift", "earlier", "unproved") in {(one["way"]["id"], one["direction"], one["reason"]) for one in found["unsolved"]}


def test_a_change_of_the_law_on_the_way_is_seen() -> None:
    """Thirteen are too many until March, when the bound rises; nobody has to sow a smaller field."""
    found = mended(book("plan.size <= bound", None, None, held=False), {"plan": {**STATED["plan"], "size": "13", "sown": "2024-02-20"}})
    assert brief(found)["sowing", "follow", "later"] == ["plan.sown 2024-03-01"]


def test_what_is_not_shown_to_move_one_way_is_said() -> None:
    found = mended(book("plan.size * plan.size - 9 * plan.size == 0 - 20", None, None, held=False))
    assert "remedies" not in found or ("size", "alone", "less") not in brief(found)
    assert ("size", "alone", "less", "unproved") in {
        (one["variable"], one["way"]["id"], one["direction"], one["reason"]) for one in found["unsolved"]
    }
    vague = mended(book("plan.rest > 3", None, None, held=False), {"plan": {**STATED["plan"], "size": "3..4"}})
    assert "unsolved" not in vague  # the rule does not read the size
    vague = mended(book("plan.size > 5", None, None, held=False), {"plan": {**STATED["plan"], "size": "3..4"}})
    assert {one["reason"] for one in vague["unsolved"]} == {"vague"}
    # A proportion of what is not there, lines that do not cover the cut: nothing is made up.
    none = mended(book("plan.size > 5", None, None, held=False), {"plan": {**STATED["plan"], "size": "0"}})
    assert ("size", "in-proportion", "unstated") in {(one["variable"], one["way"]["id"], one["reason"]) for one in none["unsolved"]}


def test_a_judgement_is_mended_for_every_answer() -> None:
    pack = book("sum(b.weight for b in baskets if b.ripe) <= plan.size", None, None, held=False)
    found = mended(pack, {"plan": {**STATED["plan"], "size": "10"}})
    assert found["verdict"] == "judgement"
    assert brief(found)["size", "alone", "more"] == ["plan.size 16"]  # all three baskets may be ripe
    remedy = next(one for one in found["remedies"] if (one["variable"], one["way"]["id"]) == ("size", "alone"))
    assert remedy["one_less"] == "open"


def test_a_pass_and_what_only_lacks_facts_are_not_mended() -> None:
    passing = mended(book("plan.size <= 20", None, None, held=False))
    assert "remedies" not in passing and "unsolved" not in passing
    lacking = mended(
        book("plan.size <= plan.rest", None, None, held=False), {"plan": {"kind": "early", "sown": "2024-02-20", "size": "15"}}
    )
    assert lacking["verdict"] == "missing" and "remedies" not in lacking


# The real book

CHANGED: dict[str, tuple[dict[str, str], str]] = {
    "data bought is no capital": ({"uses[p1-data].capital": "false"}, "2025-12-31"),
    "the board meets in June": (
        {"offering.board_date": "2024-06-25", "offering.plan_disclosed": "2024-06-25", "offering.filing_date": "2024-07-10"},
        "2024-07-15",
    ),
    "too many shares, too small a deduction": (
        {"offering.new_shares": "130000000股", "offering.subscriber_cap": "130000000股", "offering.deduction": "400万元"},
        "2025-12-31",
    ),
}
UNITS = {"CNY": "元", "shares": "股", "date": ""}


@cache
def real(name: str, folder: Path) -> tuple[Path, dict[str, Any], Subject]:
    puts, as_of = CHANGED[name]
    path = folder / f"{name}.yaml"
    path.write_text(edited(ROOT / "cases/300766/filing.yaml", checked.book().vocabulary, puts), encoding="utf-8")
    case = load_case(path, as_of)
    return path, case.record(), subject(Machine(case.pack), case.filing, case.as_of)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("filings")


@pytest.mark.parametrize("name", CHANGED)
def test_a_real_remedy_written_into_the_filing_mends_it(name: str, folder: Path) -> None:
    path, record, made = real(name, folder)
    reach, tried = Reach(made), 0
    for finding in record["findings"]:
        for remedy in finding.get("remedies", ())[: 9 if finding["verdict"] == "fail" else 1]:
            values = {c["path"]: c["to"] + UNITS[c["unit"]] for c in remedy["change"]}
            as_of = values.pop("as_of", record["as_of"])
            changed = path.with_suffix(".changed.yaml")
            changed.write_text(edited(path, checked.book().vocabulary, values), encoding="utf-8")
            case = load_case(changed, as_of)
            now = {
                one["rule"]: one["verdict"]
                for one in case.record([finding["rule"], *(b["rule"] for b in remedy.get("breaks", ()))])["findings"]
            }
            assert now.pop(finding["rule"]) == "pass"
            assert "pass" not in now.values()
            # And with one step less it does not pass.
            variable = checked.book().variables[remedy["variable"]]
            way = next(way for way in variable.ways if way.id == remedy["way"]["id"])
            assert not any(passes_short(reach, made, finding["rule"], variable, way, remedy))
            tried += 1
    assert tried >= 3


def passes_short(reach: Reach, made: Subject, name: str, variable: Variable, way: Way, remedy: dict[str, Any]) -> Iterator[bool]:
    rule: Rule = made.machine.pack.rule(name)
    going = journeys(made, variable, way)
    assert not isinstance(going, Stuck)
    for journey in going:
        sign = -1 if remedy["direction"] in ("less", "earlier") else 1
        if journey.item and not any(change["path"].startswith(journey.item) for change in remedy["change"]):
            continue
        steps = reach.first(rule, journey, journey.most if sign > 0 else journey.least)
        assert isinstance(steps, int)
        yield reach.at(rule, journey, steps - sign) == PASS


def test_the_figures_of_300766(folder: Path) -> None:
    _, record, _ = real("data bought is no capital", folder)
    found = {finding["rule"]: brief(finding) for finding in record["findings"]}
    assert found["working-capital-share"] == {
        ("gross_proceeds", "line-cut", "less"): ["offering.gross_proceeds 757327285.71", "uses[p1-idc].proceeds 6898785.71"],
        ("deduction", "from-working-capital", "more"): [
            "offering.deduction 27951214.29",
            "offering.gross_proceeds 757327285.71",
            "uses[working-capital].proceeds 83048785.71",
        ],
    }
    assert found["control-against-newcomer"]["subscriber_cap", "alone", "less"] == ["offering.subscriber_cap 62797868"]
    _, june, _ = real("the board meets in June", folder)
    found = {finding["rule"]: brief(finding) for finding in june["findings"]}
    assert found["directors-officers-sanctions"] == {
        ("board_date", "days-follow", "later"): [
            "offering.board_date 2024-12-01",
            "offering.plan_disclosed 2024-12-01",
            "offering.filing_date 2024-12-01",
            "as_of 2024-12-01",
        ]
    }


def test_one_fen_below_the_least_raise_breaks_the_cap(folder: Path) -> None:
    """By hand: the capital lines fall as far as the proceeds do, the others stay."""
    words = checked.book().vocabulary
    for gross, line, verdict in (("765164666.67", "211396166.67", "pass"), ("765164666.66", "211396166.66", "fail")):
        path = folder / f"{verdict}.yaml"
        puts = {"offering.gross_proceeds": f"{gross}元", "uses[p1-equipment].proceeds": f"{line}元"}
        path.write_text(edited(ROOT / "cases/300766/filing.yaml", words, puts), encoding="utf-8")
        finding = load_case(path, CASES["300766"]).record(["working-capital-share"])["findings"][0]
        assert (finding["verdict"], finding["measure"]["low"]) == (verdict, "229549400.00")


def test_nothing_moves_for_good(folder: Path) -> None:
    _, _, made = real("data bought is no capital", folder)
    before = [cell for _, row in made.filing.items.values() for cell in row if isinstance(cell, int)]
    remedies = Remedies(made)
    for rule in made.machine.pack.rules[:40]:
        remedies.of(rule)
    assert [cell for _, row in made.filing.items.values() for cell in row if isinstance(cell, int)] == before
    assert ABSENT not in MET


@pytest.mark.parametrize(
    ("rule", "path", "towards"),
    [
        ("issue-size", "offering.new_shares", 1),
        ("financial-investment-deduction", "offering.deduction", -1),
    ],
)
def test_headroom_of_a_real_rule_is_the_distance_to_the_flip(rule: str, path: str, towards: int) -> None:
    """What the fact may still give up: on the line the rule is as it was, one unit further it is not."""
    case = load_case(ROOT / "cases/300766/filing.yaml", CASES["300766"])
    made, asked = subject(Machine(case.pack), case.filing, case.as_of), case.pack.rule(rule)
    finding = case.record([rule])["findings"][0]
    part = case.pack.vocabulary.root.fields[path]
    start, before = made.row[part.slot], decide(made, asked)
    headroom = int(Fraction(finding["headroom"]["low"]) * 10**part.scale)  # three tenths of the shares are no whole number
    assert before == PASS and finding["headroom"]["low"] == finding["headroom"]["high"]
    for further, code in ((headroom, PASS), (headroom + 1, FAIL)):
        value = start + towards * further
        with made.put([(made.row, part.slot, value, value)]):
            assert decide(made, asked) == code
