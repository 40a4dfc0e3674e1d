"""Places proposed for facts, and figures held against their places, as text, as YAML to paste and as plain data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from compliance.evidence.locate import ITEM, Located, Proposal
from compliance.evidence.verify import STATUSES, WRONG, Verified
from compliance.reports.words import say

_IN_WORDS = ("flag", "kind", "ref", "list")  # what a document says in words of its own: the rest of the item is the clue
_SHOWN = 48  # characters of a line of a document that stand beside a proposal


def proposals_yaml(located: Iterable[Located], lang: str) -> str:
    """An ``evidence:`` list to paste into a filing: the likeliest place of each fact, the others as remarks beneath it.

    A figure, a day or a text that is printed nowhere has remarks alone, so that pasting states no place that does not show it.
    """
    listed = list(located)
    if not listed:
        return f"# {say('locate-all-placed', lang)}\n"
    lines = [f"# {say('locate-head', lang)}", f"# {say('locate-paste', lang)}", "evidence:"]
    for found in listed:
        taken = bool(found.proposals) and (found.proposals[0].how != ITEM or found.fact.field.type in _IN_WORDS)
        if not taken:
            code = "locate-beside" if found.proposals else "locate-none"
            lines.append(f"  # {_quoted(found.fact.path)}: {say(code, lang)}")
        for number, proposal in enumerate(found.proposals):
            entry = f"- {{facts: [{_quoted(found.fact.path)}], at: {_place(proposal)}}}"
            remark = f"{_how(proposal, lang)} | {_text(found.fact.text)} | {_text(proposal.text)}"
            lines.append(f"  {'# ' if number or not taken else ''}{entry}  # {remark}")
    return "\n".join(lines) + "\n"


def proposals_json(located: Iterable[Located]) -> str:
    """The same as plain data."""
    found: list[dict[str, Any]] = []
    for one in located:
        listed = [
            {"document": part.document, "page": part.page, "line": part.line, "text": part.text, "how": part.how, "sure": part.sure}
            for part in one.proposals
        ]
        found.append({"path": one.fact.path, "value": one.fact.text, "proposals": listed})
    return json.dumps({"schema": "compliance.proposals/1", "facts": found}, ensure_ascii=False, indent=1) + "\n"


def verified_text(verified: list[Verified], lang: str) -> Iterator[str]:
    """How many figures stand where they are said to stand, and each one that does not, or that a person should look at."""
    counts = Counter(found.status for found in verified)
    good, bad = counts["stands"] + counts["rounds"], sum(counts[code] for code in WRONG)
    yield say("verify-head", lang, total=len(verified), good=good, bad=bad, left=len(verified) - good - bad)
    for status in STATUSES:
        if not counts[status] or status == "stands":
            continue
        yield ""
        yield say(f"verify-{status}", lang, n=counts[status])
        for found in verified:
            if found.status == status:
                yield f"  {_line(found, lang)}"


def verified_json(verified: Iterable[Verified]) -> str:
    """The same as plain data."""
    found = []
    for one in verified:
        cited = one.fact.evidence
        assert cited is not None
        at = {"document": cited.document, "page": cited.page, "line": cited.line}
        elsewhere = [{"page": page, "line": line} for page, line in one.elsewhere]
        found.append({"path": one.fact.path, "value": one.fact.text, "at": at, "status": one.status, "elsewhere": elsewhere})
    return json.dumps({"schema": "compliance.verification/1", "facts": found}, ensure_ascii=False, indent=1) + "\n"


def _line(found: Verified, lang: str) -> str:
    """A figure with its place, and where else it is printed."""
    cited = found.fact.evidence
    assert cited is not None
    at = _spot(cited.document, cited.page, cited.line, lang)
    text = say("verify-line", lang, path=found.fact.path, value=found.fact.text, at=at)
    if found.elsewhere:
        places = say("and", lang).join(_spot("", str(page or ""), str(line), lang) for page, line in found.elsewhere)
        text += say("verify-elsewhere-at", lang, places=places)
    return text


def _spot(document: str, page: str, line: str, lang: str) -> str:
    parts = [document] if document else []
    parts += [say("at-page", lang, page=page)] if page else []
    parts += [say("at-line", lang, line=line)] if line else []
    return " ".join(parts)


def _place(proposal: Proposal) -> str:
    page = f", page: {proposal.page}" if proposal.page else ""
    return f"{{document: {_quoted(proposal.document)}{page}, line: {proposal.line}}}"


def _how(proposal: Proposal, lang: str) -> str:
    doubt = "" if proposal.sure or proposal.how == ITEM else say("locate-doubt", lang)
    return say(f"locate-{proposal.how}", lang) + doubt


def _quoted(text: str) -> str:
    """A text as JSON writes it, which YAML reads the same."""
    return json.dumps(text, ensure_ascii=False)


def _text(text: str) -> str:
    """The beginning of a text on one line, every character of it printable, marked where it is cut."""
    plain = "".join(char if char.isprintable() else " " for char in " ".join(text.split()))
    return plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "…"
