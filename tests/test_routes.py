"""The routes side by side: one record, the same as the checks of each route, and readable in a terminal."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from checked import case
from command import CASES, ROOT, filing, run
from compliance.cli.inputs import load_case
from compliance.engine.machine import Machine
from compliance.engine.record import check, to_json
from compliance.engine.routes import Trial, routes
from compliance.engine.subject import subject
from compliance.reports import beside
from compliance.reports import routes as report
from compliance.reports.paper import COLUMNS, Paper
from compliance.reports.text import width
from declared import validator
from plan import SESSIONS, plan

ROUTES = ("auction", "fixed", "simplified", "rights", "follow_on", "convertible_public", "convertible_placed")


@cache
def record(code: str) -> dict[str, Any]:
    found = case(code)
    return routes(found.machine, found.filing, found.as_of)


def of(code: str, route: str) -> dict[str, Any]:
    return next(one for one in record(code)["routes"] if one["route"] == route)


def reach(code: str, route: str, variable: str, way: str) -> dict[str, Any]:
    return next(one for one in of(code, route)["reach"] if (one["variable"], one["way"]["id"]) == (variable, way))


def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "src/compliance/engine/routes.schema.json").read_text(encoding="utf-8"))
    return found


@cache
def form() -> Any:
    return validator(schema())


@pytest.mark.parametrize("code", CASES)
def test_the_record_keeps_to_its_schema(code: str) -> None:
    assert [f"{error.json_path}: {error.message}" for error in form().iter_errors(record(code))] == []
    assert [one["route"] for one in record(code)["routes"]] == list(ROUTES)
    text = to_json(record(code))
    json.loads(text, parse_float=lambda digits: pytest.fail(f"a bare decimal: {digits}"))
    assert str(ROOT) not in text


def test_the_schema_refuses_what_is_no_record() -> None:
    for key, value in (("found", "perhaps"), ("value", 1), ("colour", "red")):
        broken = json.loads(to_json(record("300766")))
        broken["routes"][0]["reach"][0][key] = value
        assert list(form().iter_errors(broken))


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_is_what_its_own_check_says(route: str) -> None:
    """The verdict, the counts, what fails and every need are those of ``check --route``."""
    tried = case("300766", route=route)
    conditions = [rule.id for rule in tried.pack.rules if rule.force == "condition"]
    alone = check(Machine(tried.pack), tried.filing, tried.as_of, conditions)
    found = of("300766", route)
    assert found["verdict"] == alone["verdict"]
    verdicts = [finding["verdict"] for finding in alone["findings"]]
    assert found["counts"] == {verdict: verdicts.count(verdict) for verdict in found["counts"]}
    assert sum(found["counts"].values()) == len(verdicts)
    assert [one["rule"] for one in found.get("bars", ())] == [one["rule"] for one in alone["findings"] if one["verdict"] == "fail"]
    lacking: dict[str, set[str]] = {}
    for finding in alone["findings"]:
        for need in finding.get("needs", ()) if finding["verdict"] in ("judgement", "missing") and not finding.get("unmet") else ():
            lacking.setdefault(need["path"], set()).add(finding["rule"])
    assert {one["path"]: set(one["rules"]) for one in found["needs"]} == lacking
    fewest = {one["rule"]: one["rests_on"]["fewest"] for one in alone["findings"] if one.get("flips")}
    assert {one["rule"]: len(one["change"]) for one in found["flips"]} == fewest


def test_what_a_route_does_not_need_is_not_asked_for() -> None:
    wanted = {route: {one["path"] for one in of("300766", route)["needs"]} for route in ROUTES}
    known = {one["path"] for one in record("300766")["needs"]}
    assert set().union(*wanted.values()) == known
    assert all(wanted[route] < known for route in ROUTES)
    assert "issuer.net_profit" not in wanted["auction"]


def test_the_figures_of_300766() -> None:
    least = reach("300766", "auction", "gross_proceeds", "non-capital-kept")
    assert (least["stated"], least["found"], least["value"]) == ("780678500.00", "value", "765164666.67")
    assert [(one["rule"], one["verdict"]) for one in least["binds"]] == [("working-capital-share", "fail")]
    assert least["change"][1]["path"] == "uses[p1-equipment].proceeds"
    shares = reach("300766", "auction", "new_shares", "proceeds-kept")
    assert shares["value"] == "118424927" and [one["rule"] for one in shares["binds"]] == ["issue-size"]
    assert 118424927 * 10 <= 394749757 * 3 < 118424928 * 10
    money = reach("300766", "auction", "gross_proceeds", "scaled")
    assert money["value"] == "1178712620.58" and [one["rule"] for one in money["binds"]] == ["issue-size"]
    day = reach("300766", "auction", "board_date", "days-follow")
    assert day["value"] == "2024-12-01" and day["binds"][0]["rule"] == "directors-officers-sanctions"
    assert reach("300766", "auction", "filing_date", "check-follows")["found"] == "vague"


def test_routes_differ_where_the_law_does() -> None:
    assert of("300766", "auction")["stated"] and not of("300766", "rights")["stated"]
    assert [one["rule"] for one in of("300766", "simplified")["bars"]] == ["simplified-amount"]
    assert reach("300766", "simplified", "gross_proceeds", "scaled")["value"] == "300000000.00"
    assert reach("300766", "simplified", "gross_proceeds", "non-capital-kept")["found"] == "none"
    # A rights issue may go to working capital altogether, and by half of the shares at most.
    assert reach("300766", "rights", "gross_proceeds", "non-capital-kept")["value"] == "229549400.00"
    assert reach("300766", "rights", "new_shares", "proceeds-kept")["value"] == "197374878"
    assert reach("300766", "follow_on", "new_shares", "proceeds-kept")["found"] == "unbound"


def test_an_exception_that_opens_a_route_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trial, "reached", lambda _: ())  # how far the routes go is not asked here
    path = tmp_path / "filing.yaml"
    text = Path(filing("300766")).read_text(encoding="utf-8")
    path.write_text(
        text.replace("investment: 11100.00万元, proceeds: 10640.00万元", "investment: 21100.00万元, proceeds: 20640.00万元"),
        encoding="utf-8",
    )
    changed = load_case(path, CASES["300766"])
    found = {one["route"]: one for one in routes(Machine(changed.pack), changed.filing, changed.as_of)["routes"]}
    assert [one["rule"] for one in found["auction"]["bars"]] == ["working-capital-share"]
    for route in ("fixed", "rights"):
        opened = [(one["rule"], one["exception"]["id"]) for one in found[route]["opened_by"]]
        assert opened == [("working-capital-share", "fixed-placees-or-rights")]
    assert "opened_by" not in of("300766", "fixed")  # there the base is met as well


def test_the_same_bytes_and_nothing_left_changed() -> None:
    done = run("routes", filing("300766"), "--as-of", CASES["300766"], "--format", "json")
    assert done.status == 0
    assert done.bytes == to_json(record("300766")).encode()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_terminal_and_the_table(lang: str) -> None:
    text = report.render(record("300766"), lang)
    assert all(width(line) <= COLUMNS for line in text.splitlines())
    assert "\x1b" not in text and "\x1b" in report.render(record("300766"), lang, Paper(colour=True))
    table = report.render_markdown(record("300766"), lang)
    rows = [line for line in table.splitlines() if line.startswith("|")]
    assert {line.count(" | ") for line in rows if "---" not in line} == {len(ROUTES)}
    for one in record("300766")["routes"]:
        assert one["label"][lang] in text and one["label"][lang] in table
    said = " ".join(text.split())  # a figure and its currency may stand on two lines
    assert said.count("76,516.466667万元" if lang == "zh" else "CNY 765,164,666.67") == 4


def test_what_is_open_is_not_told_as_no_bound() -> None:
    """Of 688327 next to nothing is stated: no decided rule bounds the shares, and seven that are open may."""
    found = reach("688327", "auction", "new_shares", "proceeds-kept")
    assert (found["found"], len(found["open"])) == ("unbound", 7)
    zh = "拟发行股份数量（募集资金总额、发行后社会公众持股不变，不计价格变动）："
    en = "shares to be issued (gross proceeds and public float kept, the price left aside): "
    assert beside.limit(found, "zh") == zh + "已能核定的规则都不限制，另有7项未定，可能限制"
    assert beside.limit(found, "en") == en + "no rule that can be decided bounds it; 7 still open may"
    assert beside.limit({**found, "open": []}, "zh") == zh + "没有规则限制"


# How far single rules let a variable go


def furthest(folder: Path, route: str, variable: str, way: str, rules: tuple[str, ...], price: str = "9.00") -> dict[str, Any]:
    """How far a variable of a made-up plan goes in one way where no other rules are asked."""
    found = plan(folder, route, price)
    trial = Trial(subject(Machine(found.pack), found.filing, found.as_of), found.pack.vocabulary.root.fields[found.pack.route])
    trial.rules = [rule for rule in trial.rules if rule.id in rules]
    asked = found.pack.variables[variable]
    chosen = next(one for one in asked.ways if one.id == way)
    return trial.extreme(asked, chosen, chosen.asks[0])


def test_the_contracts_of_named_placees_move_with_the_board(tmp_path: Path) -> None:
    """They are signed on the day of the meeting or the day before, whichever day that is: no bound on how early it may be."""
    found = furthest(tmp_path, "fixed", "board_date", "days-follow", ("contract-on-board-day",))
    assert (found["found"], found["binds"]) == ("unbound", [])


def test_market_days_are_looked_at_one_by_one(tmp_path: Path) -> None:
    """The first day before which twenty sessions are given, none below the price; what the tree does not show to move one way."""
    rules = ("issue-price-before-plan",)
    found = furthest(tmp_path, "auction", "board_date", "days-follow", rules)
    assert (found["found"], found["value"]) == ("value", "2025-11-06") and SESSIONS[20].isoformat() == found["value"]
    assert [(one["rule"], one["verdict"]) for one in found["binds"]] == [("issue-price-before-plan", "judgement")]
    none = furthest(tmp_path, "auction", "board_date", "days-follow", rules, price="9.20")
    assert (none["found"], none["value"], none["looked_until"]) == ("unproved", None, "2026-12-31")
    assert [(one["rule"], one["verdict"]) for one in none["binds"]] == [("issue-price-before-plan", "fail")]
    told = "董事会决议日（预案和认购合同随之改期，受理日和核查日不早于董事会决议日）：逐日核算至2026-12-31，没有一日全部符合，受限于"
    assert beside.limit(none, "zh") == told + "预案董事会前二十个交易日不得破发"
    assert ": looked at day by day until 2026-12-31, on none is everything met, bound by No close below" in beside.limit(none, "en")


def test_nothing_at_all_is_no_size(tmp_path: Path) -> None:
    """Where all goes to working capital the cap is met by raising nothing: that is told as met at no size."""
    found = furthest(tmp_path, "auction", "gross_proceeds", "scaled", ("working-capital-share", "issue-size"))
    assert (found["found"], found["value"]) == ("value", "1200000009.99")
    assert [one["rule"] for one in found["barred"]] == ["working-capital-share"]
    assert "；补充流动资金和偿还债务占募集资金总额的比例无论取何值都不符合" in beside.limit(found, "zh")
    assert "; Working capital and repayment of debt against gross proceeds not met at any value" in beside.limit(found, "en")


def test_the_public_float_that_is_kept_is_named(tmp_path: Path) -> None:
    found = furthest(tmp_path, "follow_on", "new_shares", "proceeds-kept", ("public-float",))
    assert found["value"] == "200000000" and [one["rule"] for one in found["binds"]] == ["public-float"]
    assert beside.limit(found, "zh").startswith("拟发行股份数量（募集资金总额、发行后社会公众持股不变，不计价格变动）至多200,000,000股")


def test_what_does_not_apply_bounds_no_day_before_it_was_in_force(tmp_path: Path) -> None:
    """The simplified procedure is free of the intervals of loss-makers, which are asked for from 2023-11-08 on."""
    found = furthest(tmp_path, "simplified", "filing_date", "check-follows", ("loss-making-interval",))
    assert (found["found"], found["binds"]) == ("unbound", [])


def test_into_a_file_and_bad_usage(tmp_path: Path) -> None:
    out = tmp_path / "routes.md"
    done = run("routes", filing("688327"), "--as-of", CASES["688327"], "--format", "md", "--out", str(out), "--lang", "en")
    assert (done.status, done.out) == (0, "")
    assert out.read_text(encoding="utf-8") == report.render_markdown(record("688327"), "en")
    assert run("routes", filing("688327"), "--route", "rights").status == 2
    assert run("routes", "none.yaml").status == 2
    assert run("routes", filing("688327"), "--as-of", "2024").status == 2
    done = run("schema", "routes")
    assert json.loads(done.out) == schema()
