"""Writes the oracle's plain filings as filing text, the way a person would: units, months, ranges, 至今."""

from __future__ import annotations

import calendar
import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

MONEY = frozenset(
    {
        *("gross_proceeds", "deduction", "deducted_for_earlier", "proceeds", "investment", "amount", "balance", "financial_part", "unpaid"),
        *("parent_equity", "total_assets", "total_liabilities", "gross", "net", "permanent_working_capital", "non_capital"),
    }
)
SHARES = frozenset(
    {
        "new_shares",
        "shares_before",
        "shares_at_plan",
        "subscriber_cap",
        "shares",
        "planned",
        "sold",
        "largest_other",
        "other_convertible",
        "convertible_shares",
    }
)
PRINTED = frozenset({"revenue_share", "profit_share", "stake"})  # a printed figure stands for all that rounds to it
JUDGED = frozenset(
    {
        *("uses.capital", "uses.capitalised_share", "sanctions.serious", "sanctions.minor", "sanctions.grave"),
        *("investments.financial", "commitments.counts", "earlier_raisings.used_up", "earlier_raisings.on_plan"),
    }
)


def written(facts: Mapping[str, Any], answers: Mapping[str, str] | None = None, judged: bool = False) -> bytes:
    """The text of a filing. ``judged``: write what is a judgement as the sponsor's answer, apart from the facts."""
    found: dict[str, Any] = {"schema": "compliance.filing/1", "pack": "cn-refinancing"}
    judgements = [{"path": f"reading.{name}", "answer": answer} for name, answer in (answers or {}).items()]
    for name, value in facts.items():
        if value is None:
            continue
        found[name] = _listed(name, value, judgements if judged else None) if "items" in value else _fields(name, value, None, "")
    found["issuer"] = {"code": "000001", **found.get("issuer", {})}
    if judgements:
        found["judgements"] = judgements
    return json.dumps(found, ensure_ascii=False).encode("utf-8")


def _listed(name: str, value: Mapping[str, Any], judgements: Any) -> dict[str, Any]:
    rows = []
    for entry in value["items"]:
        path = f"{name}[{entry.get('id') or entry.get('name') or ''}]"
        rows.append(_fields(name, entry, judgements, path))
    return {"complete": _text("complete", value["complete"]), "items": rows}


def _fields(part: str, entry: Mapping[str, Any], judgements: Any, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in entry.items():
        if value is None:
            continue
        if isinstance(value, Mapping):
            found[name] = _listed(name, value, None)
        elif judgements is not None and f"{part}.{name}" in JUDGED:
            judgements.append({"path": f"{path}.{name}", "answer": _text(name, value)})
        else:
            found[name] = _text(name, value)
    return found


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        if any(isinstance(end, date) for end in value):
            return _period(value)
        return "..".join("" if end is None else _plain(name, end) for end in value)
    return ("=" if name in PRINTED else "") + _plain(name, value)


def _plain(name: str, value: Any) -> str:
    if isinstance(value, date):
        return "至今" if value == date.max else value.isoformat()
    if isinstance(value, Fraction):
        return _decimal(value * 100) + "%"
    if isinstance(value, str):
        return value
    if name in MONEY:
        return _decimal(Fraction(value, 100)) + "元"
    return f"{value}股" if name in SHARES else str(value)


def _decimal(value: Fraction) -> str:
    """A fraction with a power of ten below, written out."""
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    whole = str(abs(int(value * 10**digits))).rjust(digits + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole)


def _period(value: tuple[date | None, date | None]) -> str:
    """A month or a year where it is one, else the first and the last day."""
    first, last = value
    if first and last and last != date.max and first.day == 1 and first.year == last.year:
        if (first.month, last.month, last.day) == (1, 12, 31):
            return f"{first.year:04}"
        if first.month == last.month and last.day == calendar.monthrange(last.year, last.month)[1]:
            return f"{first.year:04}-{first.month:02}"
    return "..".join("" if day is None else day.isoformat() for day in (first, last))
