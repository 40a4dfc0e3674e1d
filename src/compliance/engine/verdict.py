"""What a rule's decision is reported as, and which verdict of several is the gravest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from compliance.engine.decide import ABSENT, SPLIT, VERDICTS, Decision, measure
from compliance.engine.questions import open_verdict, questions_of
from compliance.engine.subject import Subject
from compliance.expressions.formula import CONFLICT, FAIL, OPEN
from compliance.packs.book import Rule

GRAVEST = ("fail", "judgement", "missing", "pass", "not_applicable")  # the gravest first
UNSETTLED = ("judgement", "missing")
NOT_IN_FORCE = "not_in_force"


def clause_of(decision: Decision) -> int:
    """The clause that a finding speaks of: the base while it may be in force, else the exception that is."""
    bits = decision.clauses
    if not bits or bits & 1:
        return 0
    return (bits & -bits).bit_length() - 1  # of several exceptions in force the first


def reported(rule: Rule, decision: Decision, code: int) -> str:
    """The verdict that a code is reported as; ``open`` where nothing is proved.

    Where the law leaves an unmet requirement to people (the rule's word, or an exception's), it is no fail; nor is it one
    while such an exception may be in force: only what every clause that may be calls a fail is proved to be one.
    """
    if code == FAIL:
        return "judgement" if (decision.clauses or 1) & left_to_people(rule) else "fail"
    return "judgement" if code in (SPLIT, CONFLICT) else VERDICTS[code]


def left_to_people(rule: Rule) -> int:
    """The bits of the clauses whose unmet requirement people judge: the base, then the exceptions."""
    words = (rule.fail_as, *(exempt.verdict or rule.fail_as for exempt in rule.exceptions))
    return sum(1 << clause for clause, word in enumerate(words) if word == "judgement")


def past_limit(found: Mapping[str, Any]) -> bool:
    """Whether a finding, as the record holds it, passes although what it measures is past the limit: by an exception alone."""
    return bool(found["verdict"] == "pass" and found.get("headroom", {}).get("high", "").startswith("-"))


def verdict_of(made: Subject, rule: Rule) -> tuple[str, Decision]:
    """The verdict of a rule as a check gives it, and the decision; ``NOT_IN_FORCE`` where it has no law on its day."""
    decision = measure(made, rule)
    if decision.code == ABSENT:
        return NOT_IN_FORCE, decision
    if decision.code == OPEN:
        return open_verdict(made, rule, questions_of(made, rule)), decision
    return reported(rule, decision, decision.code), decision


def overall(findings: Iterable[Mapping[str, Any]], strict: bool = False) -> str:
    """The verdict of a whole record: of the conditions in force (with ``strict`` of every rule), the gravest."""
    found = {finding["verdict"] for finding in findings if strict or finding["force"] == "condition"}
    return next((verdict for verdict in GRAVEST if verdict in found), "not_applicable")
