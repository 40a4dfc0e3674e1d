"""Run the inline tests of a pack: facts in, finding out, compared key by key with what the test expects."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from compliance import dates, source
from compliance.engine.decide import ABSENT, measure
from compliance.engine.finding import Finding
from compliance.engine.machine import Machine
from compliance.engine.plain import Places
from compliance.engine.subject import subject
from compliance.facts import loading
from compliance.facts.filing import Filing
from compliance.facts.values import SCHEMA
from compliance.packs.book import Pack, Rule
from compliance.proving.words import say
from compliance.source import SourceError
from compliance.vocabulary import Text
from compliance.wording import LANGUAGES, listed

CODE = "000000"  # the issuer of a test that names none
TODAY = "2025-12-31"  # the day of a test that names none
_BETWEEN = "、"  # between the paths of what is needed, as a test writes them


@dataclass(frozen=True, slots=True)
class Result:
    """What one inline test gave: ``faults`` lists what differs (nothing: it holds), ``covers`` what it passed through."""

    rule: str
    number: int
    name: Text
    verdict: str
    covers: tuple[str, ...]
    faults: tuple[Text, ...]


def machine_of(pack: Pack, rules: Iterable[Rule]) -> Machine:
    """A pack ready to decide these rules often.

    What follows from a finding is no part of a test, so conclusions are left out.
    """
    machine = Machine(pack._replace(conclusions=()))
    machine.generate(rules)
    return machine


def run(pack: Pack, rules: Container[str] | None = None) -> Iterator[Result]:
    """Run every inline test of a pack, or of the rules named."""
    wanted = [rule for rule in pack.rules if rules is None or rule.id in rules]
    machine = machine_of(pack, wanted)
    for rule in wanted:
        for number, test in enumerate(rule.tests, 1):
            yield run_one(machine, rule, number, test)


def run_one(machine: Machine, rule: Rule, number: int, test: Mapping[str, Any]) -> Result:
    """Run one inline test."""
    try:
        filing = filing_of(machine.pack, test["facts"], test.get("answers") or {})
    except SourceError as error:
        faults: tuple[Text, ...] = tuple({lang: problem.said(lang) for lang in LANGUAGES} for problem in error.problems)
        return Result(rule.id, number, test["name"], "", (), faults)
    return result_of(machine, rule, number, test, filing)


def result_of(machine: Machine, rule: Rule, number: int, test: Mapping[str, Any], filing: Filing) -> Result:
    """What an inline test gives on the filing that it describes."""
    expected = test["expect"]
    as_of = dates.parse(test.get("as_of") or TODAY).low
    made = subject(machine, filing, as_of)
    decision = measure(made, rule)
    if decision.code == ABSENT:
        return _absent(rule, number, test, expected)
    found = Finding(made, rule, decision)
    # Most tests name a verdict and nothing else: what it hangs on, what is needed and what would mend it is not looked for then.
    finding = {"verdict": found.verdict} if expected.keys() <= {"verdict"} else found.plain(Places())
    return Result(rule.id, number, test["name"], found.verdict, tuple(found.covers()), tuple(_faults(finding, expected)))


def _absent(rule: Rule, number: int, test: Mapping[str, Any], expected: Mapping[str, str]) -> Result:
    wanted = expected.get("verdict")
    faults = () if wanted == "not_in_force" else (_fault("verdict", wanted, "not_in_force"),)
    return Result(rule.id, number, test["name"], "not_in_force", (), faults)


def filing_of(pack: Pack, facts: Mapping[str, Any], answers: Mapping[str, str]) -> Filing:
    """The filing that a test describes. Raises ``SourceError``."""
    whole = {"schema": SCHEMA, "pack": pack.id, **facts}
    issuer = whole.setdefault("issuer", {})
    if isinstance(issuer, dict):
        whole["issuer"] = {"code": CODE, **issuer}
    judged = [{"path": path, "answer": answer} for path, answer in answers.items()]
    whole["judgements"] = [*whole.get("judgements", []), *judged]
    node = node_of(whole, source.Place("test", 1, 1))
    return loading.read(node, pack.vocabulary, pack.id, pack.options)


def node_of(value: Any, place: source.Place) -> source.Node:
    """Plain data as a node tree, all of it at one place."""
    if isinstance(value, Mapping):
        entries = {str(key): node_of(part, place) for key, part in value.items()}
        return source.Table(entries, dict.fromkeys(entries, place), place)
    if isinstance(value, (list, tuple)):
        return source.Sequence(tuple(node_of(part, place) for part in value), place)
    return source.Scalar(None if value is None else str(value), place)


def _faults(finding: Mapping[str, Any], expected: Mapping[str, str]) -> Iterator[Text]:
    """What of a finding differs from what is expected."""
    for key, wanted in expected.items():
        found = value_at(finding, key)
        if found != wanted:
            yield _fault(key, wanted, found)


def _fault(key: str, wanted: str | None, found: str) -> Text:
    parts = [listed((part or "—").split(_BETWEEN)) for part in (wanted, found)]
    return {lang: say("fault", lang, key=key, wanted=parts[0][lang], found=parts[1][lang]) for lang in LANGUAGES}


def value_at(finding: Mapping[str, Any], key: str) -> str:
    """The value of a finding that a test names: ``measure``, ``measure_low``, ``exception``, ``fewest``, ``threshold`` …"""
    if key == "exception":
        return str(finding.get("exception", {}).get("id", ""))
    if key in ("robust", "on_the_line", "unmet"):
        return str(bool(finding.get(key))).lower()
    if key == "fewest":
        return str(finding.get("rests_on", {}).get("fewest", ""))
    if key in ("span_low", "span_high"):
        return str(finding.get("rests_on", {}).get("span", {}).get(key.removeprefix("span_"), ""))
    if key == "threshold":
        shares = [change.get("below") or change.get("above") for flip in finding.get("flips", ()) for change in flip["change"]]
        return next((share for share in shares if share), "")
    if key == "needs":
        return _BETWEEN.join(need["path"] for need in finding.get("needs", ()))
    for end in ("low", "high"):
        if key.endswith(f"_{end}"):
            return str(finding.get(key.removesuffix(f"_{end}"), {}).get(end, ""))
    value = finding.get(key, "")
    if isinstance(value, dict):
        low, high = value.get("low", ""), value.get("high", "")
        return str(low if low == high else f"{low}..{high}")
    return str(value)
