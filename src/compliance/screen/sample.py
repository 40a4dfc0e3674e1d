"""A made-up market: issuers put together out of the tests of a rule book, some of them planted with a verdict that is known.

A planted issuer is a test of the book as it stands, or a test with one fact moved to a limit, one unit under or one over it. The
others take parts of several tests, with amounts scaled up to those of the largest banks. Nothing here knows what the facts mean.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from compliance import source
from compliance.facts import loading
from compliance.facts.values import SCHEMA, value_of
from compliance.packs.book import Pack
from compliance.quantities import MAX_FIGURE, decimal
from compliance.screen.inputs import node_of
from compliance.source import Place, SourceError, Unreadable
from compliance.vocabulary import Entity, Field, Vocabulary

DAY = "2025-12-31"  # the day on which the planted verdicts hold: that of a test that names none
TYPES = 100  # issuers that are put together before they are scaled and repeated
PLANTED = 4  # one issuer in so many is planted
SCALES = (1, 1, 1, 3, 10, 100, 1_000, 100_000)  # what amounts are multiplied by; the last makes a bank
BOUNDARIES = "boundaries"
Plain = dict[str, Any]


class Truth(NamedTuple):
    """What is known of a planted issuer: a rule's verdict on ``DAY`` (``open``: judgement or missing)."""

    item: int
    issuer: str
    rule: str
    verdict: str


class Planted(NamedTuple):
    """Facts with the verdict that a rule gives on them."""

    facts: Plain
    rule: str
    verdict: str


class Issuer(NamedTuple):
    """An issuer of a market: its code, its facts, which it shares with all of the same ``kind``, and what is known of it."""

    code: str
    kind: int
    facts: Plain
    truth: Truth | None


def market(pack: Pack, folder: Path, size: int, seed: int) -> Iterator[Issuer]:
    """The issuers of a market. ``pack`` holds its tests; ``folder`` is where it lies.

    The same pack, size and seed give the same market.
    """
    draw = random.Random(seed)
    planted = list(planted_in(pack, folder))
    kinds = list(enumerate(_put_together(pack, [one.facts for one in planted], draw, min(TYPES, max(8, size)))))
    draw.shuffle(planted)
    scaled: dict[int, Plain] = {}
    for item in range(size):
        code = f"{(item + 1) % 1_000_000:06d}"
        if item % PLANTED == 0:
            kind = item // PLANTED % len(planted)
            one = planted[kind]
            yield Issuer(code, kind, one.facts, Truth(item, code, one.rule, one.verdict))
            continue
        (number, facts), by = draw.choice(kinds), draw.choice(SCALES)
        kind = len(planted) + number * len(SCALES) + SCALES.index(by)
        if kind not in scaled:
            scaled[kind] = _scaled(pack, facts, by)
        yield Issuer(code, kind, scaled[kind], None)


def planted_in(pack: Pack, folder: Path) -> Iterator[Planted]:
    """The tests of a pack that hold without answers on the day of the market, and those with one fact moved to a limit."""
    for rule in pack.rules:
        made = _moved(folder / BOUNDARIES / f"{rule.id}.yaml")
        for test in rule.tests:
            if (
                test.get("answers")
                or test.get("as_of") not in (None, DAY)
                or "judgements" in test["facts"]
                or "verdict" not in test["expect"]
            ):
                continue
            yield Planted(test["facts"], rule.id, test["expect"]["verdict"])
            # What an unmet requirement is reported as is the rule's to say: made tests tell only that it is unmet.
            words = {rule.fail_as, *(exempt.verdict for exempt in rule.exceptions if exempt.verdict is not None)}
            for path, text, verdict in made.get(test["name"]["en"], ()):
                if verdict == "fail" and words != {"fail"}:
                    continue
                facts = _with(test["facts"], pack.vocabulary, path, text)
                if facts is not None:
                    yield Planted(facts, rule.id, verdict)


def _moved(path: Path) -> dict[str, list[tuple[str, str, str]]]:
    """The made tests of a rule by the test that they start from: the fact, its text and the verdict."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    if not path.is_file():
        return found
    for part in source.plain(source.load(path)).get("tests", ()):
        if not part.get("put"):
            found.setdefault(part["test"], []).extend((part["vary"], text, verdict) for text, verdict in part["gives"].items())
    return found


def _with(facts: Plain, words: Vocabulary, path: str, text: str) -> Plain | None:
    """Facts with one of the filing's own put otherwise; None where it is not one that they state once."""
    field = words.root.fields.get(path)
    head, _, name = path.partition(".")
    if field is None or field.type == "list" or not isinstance(facts.get(head), dict) or name not in facts[head]:
        return None
    unit = {"money": "元", "shares": "股", "price": "元/股"}.get(field.type, "")
    if unit and text.replace(".", "").replace("-", "").isdigit():
        text += unit
    try:
        value_of(field, words, text)
    except Unreadable:
        return None
    return {**facts, head: {**facts[head], name: text}}


def _put_together(pack: Pack, facts: Sequence[Plain], draw: random.Random, size: int) -> Iterator[Plain]:
    """Issuers that take whole parts from several tests, as long as they still can be read."""
    for _ in range(size):
        whole: Plain = {}
        for _ in range(draw.randint(4, 12)):
            more = draw.choice(facts)
            tried = {**whole}
            for name, part in more.items():
                single = isinstance(part, dict) and name in pack.vocabulary.singles
                tried[name] = {**part, **tried.get(name, {})} if single else tried.get(name, part)
            if _reads(pack, tried):
                whole = tried
        yield whole


def named(pack: Pack, facts: Plain, code: str) -> Plain:
    """Facts as the filing of an issuer with this code."""
    issuer = {**facts.get("issuer", {}), "code": code, "name": name_of(code)}
    return {"schema": SCHEMA, "pack": pack.id, **facts, "issuer": issuer}


def name_of(code: str) -> str:
    """The name of an issuer."""
    return f"样本{code}"


def _reads(pack: Pack, facts: Plain) -> bool:
    try:
        loading.read(node_of(texts(named(pack, facts, "000001")), Place("sample", 1, 1)), pack.vocabulary, pack.id, pack.options)
    except SourceError:
        return False
    return True


def texts(value: Any) -> Any:
    """Plain data with every scalar as a text."""
    if isinstance(value, Mapping):
        return {str(name): texts(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [texts(part) for part in value]
    return value if value is None or isinstance(value, (str, bool)) else str(value)


def _scaled(pack: Pack, facts: Plain, by: int) -> Plain:
    """Facts with every amount of money multiplied, as far as it stays one that a filing may hold."""
    if by == 1:
        return facts
    found = dict(facts)
    for name, part in facts.items():
        if name in pack.vocabulary.singles and isinstance(part, dict):
            found[name] = _scaled_part(part, pack.vocabulary.entities[pack.vocabulary.singles[name]], pack.vocabulary, by)
        elif name in pack.vocabulary.lists:
            found[name] = _scaled_list(part, pack.vocabulary.entities[pack.vocabulary.lists[name]], pack.vocabulary, by)
    return found


def _scaled_list(part: Any, entity: Entity, words: Vocabulary, by: int) -> Any:
    if isinstance(part, dict):
        return {**part, "items": _scaled_list(part.get("items", []), entity, words, by)}
    return [_scaled_part(item, entity, words, by) for item in part] if isinstance(part, list) else part


def _scaled_part(part: Any, entity: Entity, words: Vocabulary, by: int) -> Any:
    if not isinstance(part, dict):
        return part
    found = dict(part)
    for name, value in part.items():
        field = entity.fields.get(name)
        if field is None:
            continue
        if field.type == "list":
            found[name] = _scaled_list(value, words.entities[field.of], words, by)
        elif field.type == "money" and isinstance(value, str):
            found[name] = _times(field, words, value, by)
    return found


def _times(field: Field, words: Vocabulary, text: str, by: int) -> str:
    try:
        figure = value_of(field, words, text)
    except Unreadable:
        return text
    if max(abs(figure.low), abs(figure.high)) * by > MAX_FIGURE:
        return text
    ends = [f"{decimal(end * by, field.scale)}元" for end in (figure.low, figure.high)]
    return ends[0] if figure.exact else "..".join(ends)


# Written


def truth_line(truth: Truth) -> bytes:
    """What is known of a planted issuer, as a line of JSON."""
    return json.dumps({**truth._asdict(), "as_of": DAY}, ensure_ascii=False).encode() + b"\n"
