"""The steps of a finding's working in words: measures, parameters, facts and lists by what they are called, figures in their units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

from compliance.engine.phrases import spread
from compliance.expressions.tree import LOOPS
from compliance.reports import sentences
from compliance.reports.words import say

if TYPE_CHECKING:
    from compliance.reports.making import Making

Part = Mapping[str, Any]

SIGNS = {"<": "＜", "<=": "≤", ">": "＞", ">=": "≥", "==": "＝", "!=": "≠"}
_PLAIN_SIGNS = {"＜": "<", "＞": ">", "＝": "="}  # as English writes them
_BETWEEN = {"add": " + ", "mul": " × ", "div": " ÷ ", "sum": " + "}
FAR = 365_000  # days: no two days that a filing states lie a thousand years apart
_NOUGHT = frozenset("0.")  # of a figure that cannot be negative, an end of nought tells nothing


def lines(steps: Iterable[Part], making: Making) -> tuple[str, ...]:
    """The steps in words; those in which nothing is known yet tell nobody anything, nor does a measure said again as it stands."""
    return tuple(line(step, making) for step in steps if step["op"] != "is" and telling(step))


def line(step: Part, making: Making) -> str:
    """One step: what was worked out, from what, and what came of it."""
    lang, op, value = making.lang, step["op"], step["value"]
    if op in SIGNS:
        left, right = (part_in(part, making) for part in step["parts"])
        sign = SIGNS[op] if lang == "zh" else _PLAIN_SIGNS.get(SIGNS[op], SIGNS[op])
        return f"{left} {sign} {right}{say('colon', lang)}{say(f'fl-is-{value}', lang)}"
    name = f"{making.terms.get(step['name'], step['name'])} = " if "name" in step else ""
    made = went_through(step, making) if op in LOOPS else formula(step, making)
    return f"{name}{made} = {value_in(value, lang)}"


def went_through(step: Part, making: Making) -> str:
    """A list gone through, item by item; items of one list in a row, and those of which the same is told, are named together."""
    lang, op, parts = making.lang, step["op"], step.get("parts", ())
    if not parts:
        return say(f"wk-{op}", lang) + say("wk-open" if "unlisted" in step else "wk-none", lang)
    told, before = [], ""
    for (listed, value, perhaps, _, because), same in groupby(parts, key=lambda part: grouped(part, op)):
        keys = say("and", lang).join(sentences.keys(part["item"]) for part in same)
        label, before = "" if listed == before else making.lists.get(listed, listed), listed
        item = say("wk-item", lang, label=label, key=keys).lstrip() + (" " if lang == "en" else "")
        told.append(f"{item}{came(value, because, making)}{say('wk-perhaps', lang) if perhaps else ''}")
    rest = say("wk-more", lang, n=step["count"]) if "count" in step else ""
    rest += say("wk-rest", lang) if "unlisted" in step else ""
    return say(f"wk-{op}", lang) + say("where", lang, items=_BETWEEN.get(op, say("join", lang)).join(told) + rest)


def came(value: Part | str, because: Sequence[Part] | None, making: Making) -> str:
    """An item's value and how it came by it: a day as it was counted, a truth with the comparisons on which it hangs."""
    if not because:
        return value_in(value, making.lang)
    told = say("join", making.lang).join([line(step, making) for step in because])
    return told if because[-1]["op"] not in SIGNS else say("wk-because", making.lang, value=value_in(value, making.lang), steps=told)


def grouped(part: Part, op: str) -> tuple[Any, ...]:
    """By what items are told together: of a sum each stands for itself."""
    alone = part["item"] if op == "sum" else ""
    return part["item"].partition("[")[0], part["value"], "perhaps" in part, alone, part.get("because")


def formula(step: Part, making: Making) -> str:
    """A value as its parts, each with what it is called."""
    lang, op = making.lang, step["op"]
    told = [part_in(part, making) for part in step["parts"]]
    if op == "add":
        return "".join(told[:1] + [taken_off(part, text, making) for part, text in zip(step["parts"][1:], told[1:], strict=True)])
    if op in _BETWEEN:
        return _BETWEEN[op].join(told)
    if op == "neg":
        return f"-{told[0]}"
    if op == "period_end":
        return say("wk-period_end", lang, day=told[0], n=step["months"])
    if op in ("add_months", "add_trading_days"):  # a number that is called something is called months or days
        named = step["parts"][1].keys() & {"name", "parameter", "path"}
        return " + ".join(told) if named else say(f"wk-{op}", lang, day=told[0], n=told[1])
    return say(f"wk-{op}", lang) + say("where", lang, items=say("join", lang).join(told))


def taken_off(part: Part, told: str, making: Making) -> str:
    """A further part of an addition, with its sign."""
    return f" - {part_in(part['parts'][0], making)}" if part.get("op") == "neg" else f" + {told}"


def part_in(part: Part, making: Making) -> str:
    """One part: a step of its own in brackets, or what it is called and its value."""
    if "op" in part:
        return f"({formula(part, making)})"
    name = making.terms.get(part.get("name") or part.get("parameter", ""), "") or (making.label(part["path"]) if "path" in part else "")
    value = value_in(part["value"], making.lang)
    return f"{name} {value}" if name else value


def value_in(value: Part | str, lang: str) -> str:
    """A value in words: a range in its unit, or a truth."""
    if isinstance(value, str):
        return say("wk-open-truth" if value == "open" else f"wk-{value}", lang)
    return spread(near(value), lang)


def near(value: Part) -> Part:
    """A range; days between two days without an end that only comes of a day that is not known."""
    if value.get("unit") != "days":
        return value
    return {name: end for name, end in value.items() if name not in ("low", "high") or abs(Decimal(end)) < FAR}


def telling(step: Part) -> bool:
    """Whether a step tells anything: an item, or a figure that is not merely from nought up."""
    return any("item" in part or known(part["value"]) for part in each(step))


def known(value: Part | str) -> bool:
    """Whether a value is known in the least."""
    return isinstance(value, str) or "high" in value or not _NOUGHT.issuperset(value.get("low", ""))


def each(step: Part) -> Iterator[Part]:
    """The parts of a step, and theirs."""
    for part in step.get("parts", ()):
        yield part
        yield from each(part)
