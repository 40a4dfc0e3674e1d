"""A screening as one HTML page: what stops most, who is nearly there, what stands closest to a limit.

It reaches nowhere, and needs no script.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from compliance.engine.phrases import spread
from compliance.quantities import percentage
from compliance.reports.html import ASSETS, digest
from compliance.reports.markup import Child, Markup, element, joined
from compliance.reports.printable import visible
from compliance.reports.words import say

Plain = dict[str, Any]
STOPPING = ("fail", "judgement", "missing")
OWN_STYLE = ".frame.whole{display:block}h3{margin:1.1rem 0 .4rem}"  # no list of contents stands beside
LISTED = 15  # rules that a list names at most


def render(summary: Plain, lang: str) -> str:
    """The page of a summary."""
    style = (ASSETS / "page.css").read_text(encoding="utf-8") + OWN_STYLE
    policy = f"default-src 'none'; style-src {digest(style)}; base-uri 'none'; form-action 'none'"
    head = joined([
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", say("screen-title", lang)),
        element("style", Markup(style)),
    ])  # fmt: skip
    titles = {rule["rule"]: rule["title"][lang] for group in summary["groups"] for rule in group["rules"]}
    main = [
        element("header", [
            element("h1", say("screen-title", lang)),
            element("p", say("screen-read", lang, items=summary["items"], errors=summary["errors"])),
            element("p", f"{summary['pack']['id']} {summary['pack']['version']} · {summary['pack']['sha256'][:16]}", class_="note"),
            element("p", say("screen-note", lang), class_="note"),
        ], class_="cover"),
        *(_months(found, lang) for found in summary.get("earliest", ())),
        *(_group(group, titles, summary["robust"], lang) for group in summary["groups"]),
    ]  # fmt: skip
    body = element("div", element("main", main, id="main"), class_="frame whole")
    page = element("html", element("head", head), element("body", body), lang="zh-CN" if lang == "zh" else "en")
    return f"<!doctype html>\n{page}\n"


def _group(group: Plain, titles: dict[str, str], robust: bool, lang: str) -> Markup:
    """One scenario on one day."""
    head = say("screen-head", lang, day=group["as_of"], scenario=name_of(group["scenario"], lang), issuers=group["issuers"])
    return element("section", [element("h2", head), *_parts(group, titles, robust, lang)])


def name_of(scenario: str, lang: str) -> str:
    """A scenario's name; what stands for the filings as they are has none of its own."""
    return visible(scenario) if scenario else say("screen-as-filed", lang)


def _parts(group: Plain, titles: dict[str, str], robust: bool, lang: str) -> Iterator[Markup]:
    counted = [
        element("li", [element("b", str(count)), element("span", say(word, lang))], data_v=word)
        for word, count in group["verdicts"].items()
    ]
    yield element("h3", say("screen-verdicts", lang))
    yield element("ul", counted, class_="counts")

    def stopped(rule: Plain) -> tuple[int, int]:
        return rule["verdicts"].get("fail", 0), sum(rule["verdicts"].get(word, 0) for word in STOPPING)

    rules = sorted((rule for rule in group["rules"] if rule["force"] == "condition" and stopped(rule)[1]), key=stopped, reverse=True)
    yield element("h3", say("screen-stops", lang))
    yield _table(
        [say("screen-rule", lang), *(say(word, lang) for word in STOPPING), say("screen-alone", lang)],
        (
            [_rule(rule["rule"], titles), *(str(rule["verdicts"].get(word, 0)) for word in STOPPING), str(rule["alone"])]
            for rule in rules[:LISTED]
        ),
        lang,
    )
    yield element("h3", say("screen-nearly", lang))
    yield _table(
        [say("screen-issuer", lang), say("screen-verdict", lang), say("screen-between", lang)],
        ([_issuer(one), chip(one["verdict"], lang), [_rule(rule, titles) for rule in one["rules"]]] for one in group["nearly"]),
        lang,
    )
    yield element("h3", say("screen-close", lang))
    yield _table(
        [say(f"screen-{name}", lang) for name in ("issuer", "rule", "measure", "limit", "off")],
        (
            [_issuer(one), _rule(one["rule"], titles), _span(one, "measure", lang), _span(one, "limit", lang), _off(one["off"])]
            for one in group["close"]
        ),
        lang,
    )
    yield element("h3", say("screen-frail", lang))
    if not robust:
        yield element("p", say("screen-frail-off", lang), class_="note")
        return
    frail = sorted((rule for rule in group["rules"] if rule["not_robust"]), key=lambda rule: -rule["not_robust"])
    yield _table(
        [say("screen-rule", lang), say("screen-force", lang), say("screen-hangs", lang)],
        ([_rule(rule["rule"], titles), say(rule["force"], lang), str(rule["not_robust"])] for rule in frail[:LISTED]),
        lang,
    )


def chip(verdict: str, lang: str) -> Markup:
    """A verdict as a word with its mark."""
    return element("span", say(verdict, lang), class_="chip", data_v=verdict)


def _months(found: Plain, lang: str) -> Markup:
    rows = [[month, str(count)] for month, count in found["months"].items()]
    rows.append([say("screen-never", lang), str(found["never"])])
    title = f"{say('screen-earliest', lang)} · {name_of(found['scenario'], lang)}"
    return element("section", [element("h2", title), _table([say("screen-month", lang), say("screen-count", lang)], rows, lang)])


def _issuer(one: Plain) -> str:
    return visible(f"{one['issuer']} {one['name']}".strip())


def _rule(rule: str, titles: dict[str, str]) -> Markup:
    return element("div", [titles[rule], " ", element("code", rule)])


def _span(one: Plain, name: str, lang: str) -> str:
    return spread({"low": one[f"{name}_low"], "high": one[f"{name}_high"], "unit": one["unit"]}, lang)


def _off(share: Plain) -> str:
    exact = Fraction(int(share["numerator"]), int(share["denominator"]))
    return percentage(exact.numerator, exact.denominator)


def _table(heads: Iterable[str], rows: Iterable[Iterable[Child]], lang: str) -> Markup:
    titles = list(heads)
    made = [element("tr", [element("td", cell, data_h=head) for head, cell in zip(titles, row, strict=True)]) for row in rows]
    if not made:
        return element("p", say("screen-none", lang), class_="note")
    top = element("thead", element("tr", [element("th", title, scope="col") for title in titles]))
    return element("div", element("table", [top, element("tbody", made)], class_="stack"), class_="scroll")
