"""What the rule book concludes: no condition that fails goes unsaid, and an article is named on the routes that it is for."""

from __future__ import annotations

from typing import Any

import pytest

from checked import book
from compliance import source
from compliance.engine.conclude import conclude
from compliance.facts import loading

FAILING = [rule.id for rule in book().rules if rule.force == "condition" and rule.fail_as == "fail"]


def concluded(route: str, **verdicts: str) -> dict[str, str]:
    """The conclusions on a route from the verdicts of some rules, by id, in Chinese. ``_`` stands for ``-`` in a rule's name."""
    text = f"schema: compliance.filing/1\npack: cn-refinancing\nissuer: {{code: '600001', board: main_sh}}\noffering: {{route: {route}}}\n"
    filing = loading.read(source.parse(text, "filing.yaml"), book().vocabulary, book().id, book().options)
    record: dict[str, Any] = {"findings": [{"rule": name.replace("_", "-"), "verdict": verdict} for name, verdict in verdicts.items()]}
    return {one["id"]: one["text"]["zh"] for one in conclude(book(), filing, record, "reference")}


def test_every_condition_that_can_fail_is_asked_about() -> None:
    asked = next(one for one in book().conclusions if one.id == "condition-not-met")
    ((kind, subjects, values),) = asked.when
    assert (kind, values) == ("verdict", ("fail",))
    assert sorted(subjects) == sorted(FAILING)


@pytest.mark.parametrize("rule", ["issue_price_before_plan", "simplified_amount", "controller_mandatory_offer"])
def test_a_condition_that_fails_is_said(rule: str) -> None:
    assert "condition-not-met" in concluded("auction", **{rule: "fail"})
    assert "condition-not-met" not in concluded("auction", **{rule: "pass"})


@pytest.mark.parametrize(("verdict", "end"), [("pass", "absent"), ("fail", "present"), ("judgement", "open")])
def test_the_article_is_that_of_the_route(verdict: str, end: str) -> None:
    assert next(iter(concluded("rights", earlier_use_changed=verdict))) == f"article-10-one-{end}"
    assert next(iter(concluded("auction", earlier_use_changed=verdict))) == f"article-11-one-{end}"
