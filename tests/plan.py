"""A plan made up for tests: where prices are given for every session from 9 October to 24 November 2025."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from compliance.cli.inputs import Case, load_case

PLAN = """schema: compliance.filing/1
pack: cn-refinancing
issuer: {financial_institution: false, code: "600999", name: 某公司, board: main_sh, ipo_price: PRICE元/股, real_estate: false}
offering:
  route: ROUTE
  national_strategy: false
  light_asset_claimed: false
  board_date: 2025-11-20
  gross_proceeds: 50000万元
  new_shares: 50000000股
  shares_before: 400000000股
  share_capital_after: 45000万元
  public_shares_after: 60000000股
uses: {complete: true, items: [{id: wc, name: 补流, kind: working_capital, proceeds: 50000万元}]}
subscribers: {complete: true, items: [{name: 甲, contract_signed: 2025-11-19}]}
trading_days:
  complete: true
  items:
"""
SESSIONS = [on for on in (date(2025, 10, 9) + timedelta(n) for n in range(47)) if on.weekday() < 5]  # to 24 November


def plan(folder: Path, route: str, price: str = "9.00") -> Case:
    """The plan as read from a file in a folder, on the last day of 2025; ``price`` is that of the initial offering in yuan."""
    path = folder / "plan.yaml"
    days = "".join(f"    - {{day: {on}, volume: 100股, close_from_ipo: 9.10元/股}}\n" for on in SESSIONS)
    path.write_text(PLAN.replace("ROUTE", route).replace("PRICE", price) + days, encoding="utf-8")
    return load_case(path, "2025-12-31")
