"""What the page unfolds on demand, packed: the details of the findings and what is to be done, each text once in both languages."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from compliance.facts.filing import split
from compliance.reports.model import FactGroup, FactRow, FindingView, NeedRow, Step, View
from compliance.reports.printable import visible
from compliance.reports.words import say

Pair = tuple[str, str]  # a text in the page's own language and in the other

AGENDA = ("l-distance", "l-what", "l-from-whom", "l-findings")
SETTLED = {"filing": "party-filing", "judgement": "todo-person", "market": "todo-market"}


class Texts:
    """Texts and rows of facts, each once, referred to by their position."""

    def __init__(self) -> None:
        self.own: list[str] = []
        self.shown: set[int] = set()  # those that stand in the page's markup, from where the script takes them
        self.other: list[str | int] = []  # 0: the same as in the page's own language
        self.rows: list[list[int]] = []
        self.groups: list[list[Any]] = []
        self._text: dict[Pair, int] = {}
        self._row: dict[int, int] = {}  # by the row's id: wherever the same fact was read the view has the same row
        self._group: dict[tuple[int, ...], int] = {}

    def put(self, pair: Pair) -> int:
        """The position of a text."""
        found = self._text.get(pair)
        if found is None:
            found = self._text[pair] = len(self.own)
            self.own.append(visible(pair[0]))
            self.other.append(visible(pair[1]) if pair[1] != pair[0] else 0)
        return found

    def row(self, one: FactRow, two: FactRow) -> int:
        """The position of a fact's row: label, value, place, and the last part of its path."""
        found = self._row.get(id(one))
        if found is None:
            found = self._row[id(one)] = len(self.rows)
            place = self.put((one.place, two.place)) if one.place else -1
            name = split(one.path)[1]
            self.rows.append([self.put((one.label, two.label)), self.put((one.value, two.value)), place, self.put((name, name))])
        return found

    def group(self, one: FactGroup, two: FactGroup) -> int:
        """The position of an item's facts: its label, its path and the rows."""
        key = tuple(map(id, one.rows))
        found = self._group.get(key)
        if found is None:
            found = self._group[key] = len(self.groups)
            rows = [self.row(a, b) for a, b in zip(one.rows, two.rows, strict=True)]
            self.groups.append([self.put((one.label, two.label)), self.put((one.path, one.path)), rows])
        return found


class Details:
    """Everything that is unfolded on demand; see the page's script for how it is drawn."""

    def __init__(self, own: View, other: View, findings: Sequence[tuple[FindingView, FindingView]], texts: Texts) -> None:
        self.own = own
        self.other = other
        self.findings = findings  # in the order of the page
        self._at = {found.rule: at for at, (found, _) in enumerate(findings)}
        self.texts = texts
        self._heads: dict[str, int] = {}

    def say(self, code: str) -> Pair:
        """A text in both languages."""
        return say(code, self.own.lang), say(code, self.other.lang)

    def head(self, code: str) -> int:
        """The position of a heading."""
        found = self._heads.get(code)
        if found is None:
            found = self._heads[code] = self.texts.put(self.say(code))
        return found

    def whole(self) -> dict[str, Any]:
        """Everything that is unfolded on demand, with each text once."""
        table = self.texts
        cites, facts = ("l-instrument", "l-article", "l-version"), ("l-fact", "l-value", "l-place", "l-path")
        heads = {
            "cites": [self.head(code) for code in cites],
            "facts": [self.head(code) for code in facts],
            "needs": [self.head(code) for code in ("l-what", "l-who", "l-document", "l-decides")],
            "agenda": [self.head(code) for code in AGENDA],
        }
        labels = [self.head(code) for code in ("l-decides", "l-turns", "l-bears")]
        details = [list(self.parts(one, two)) for one, two in self.findings]
        steps = zip(self.own.agenda, self.other.agenda, strict=True)
        agenda = [self.step(one, two) for one, two in steps]
        return {
            "own": [0 if at in table.shown else text for at, text in enumerate(table.own)],
            "other": table.other,
            "labels": labels,
            "rows": table.rows,
            "groups": table.groups,
            "heads": heads,
            "details": details,
            "agenda": agenda,
        }

    def step(self, one: Step, two: Step) -> list[Any]:
        """A row of what is to be done."""
        who = (one.who, two.who) if one.who else self.say(SETTLED[one.settled_by])
        put = self.texts.put
        where = put((one.document, two.document)) if one.document else -1
        other = [rule for rule in one.bears if rule not in one.settles and rule not in one.turns]
        bears = [[self._at[rule] for rule in of] for of in (one.settles, one.turns, other)]
        return [one.distance, put((one.label, two.label)), put(who), where, *bears]

    def lack(self, one: NeedRow, two: NeedRow) -> list[int]:
        """What an open finding lacks, as a row."""
        put = self.texts.put
        who = (one.who, two.who) if one.who else self.say(SETTLED[one.settled_by])
        where = put((one.document, two.document)) if one.document else -1
        return [put((one.label, two.label)), put(who), where, put((one.settles, two.settles)) if one.settles else -1]

    def parts(self, one: FindingView, two: FindingView) -> Iterator[list[Any]]:
        """The parts of a finding's details: how each is drawn, its heading, and what is in it."""
        put = self.texts.put

        def lines(code: str, own: Sequence[str], other: Sequence[str], kind: str = "lines") -> Iterator[list[Any]]:
            if listed := [put(pair) for pair in zip(own, other, strict=True) if pair[0]]:
                yield [kind, self.head(code), listed]

        yield from lines("changed-since", (one.changed,), (two.changed,))
        applies = one.verdict != "not_applicable"
        if applies:
            yield from lines("l-requirement", (one.restated,), (two.restated,))
        if one.cited:
            rows = [[put(pair) for pair in zip(a[:3], b[:3], strict=True)] for a, b in zip(one.cited, two.cited, strict=True)]
            yield ["cites", self.head("l-citations"), rows]
        yield from lines("l-official", one.official, two.official)
        yield from lines("l-why" if applies else "l-why-not", one.why, two.why)
        yield from lines("l-days", one.days, two.days)
        if applies:
            yield from lines("l-exceptions", one.exceptions, two.exceptions)
        yield from lines("l-working", one.working, two.working, "working")
        yield from lines("l-rests", (one.rests,), (two.rests,))
        yield from lines("l-flips", one.flips, two.flips)
        if one.lacks:
            yield ["needs", self.head("l-needs"), [self.lack(a, b) for a, b in zip(one.lacks, two.lacks, strict=True)]]
        else:
            yield from lines("l-needs", one.needs, two.needs)
        yield from lines("l-margins", one.margins, two.margins)
        yield from lines("l-remedies", one.remedies, two.remedies)
        if one.questions and applies:
            asked = []
            for a, b in zip(one.questions, two.questions, strict=True):
                said = zip((*a.answers, a.bring, a.how), (*b.answers, b.bring, b.how), strict=True)
                asked.append([put((a.text, b.text)), [put(pair) for pair in said if pair[0]]])
            yield ["questions", self.head("l-questions"), asked]
        if one.facts and applies:
            groups = [self.texts.group(a, b) for a, b in zip(one.facts, two.facts, strict=True)]
            yield ["facts", self.head("l-facts"), groups]
        if applies:
            yield from lines("sec-assumptions", one.taken, two.taken)
        yield from lines("l-filing", (one.filing_says,), (two.filing_says,))
        yield from lines("sec-drafts", one.drafts, two.drafts)
        yield from lines("l-covers", (say("and", "zh").join(one.covers),), (say("and", "en").join(two.covers),))


def packed(plain: Any) -> str:
    """Plain data compressed, as text."""
    whole = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return base64.b64encode(zlib.compress(whole)).decode()
