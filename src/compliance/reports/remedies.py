"""Remedies in words: what to change, what moves along, and what else would come of it."""

from __future__ import annotations

from compliance.engine.phrases import spread
from compliance.engine.plain import Plain
from compliance.reports.words import say

MAX_ALONG = 2  # facts named that move along; the record lists them all
MAX_ALSO = 4  # items named to which the same could be done


def lines(finding: Plain, lang: str) -> tuple[str, ...]:
    """The remedies of a finding, a sentence each, then what is not offered and why."""
    offered = [remedy(found, lang) for found in finding.get("remedies", ())]
    return (*offered, *(unsolved(found, lang) for found in finding.get("unsolved", ())))


def remedy(found: Plain, lang: str) -> str:
    """One remedy in a sentence."""
    first, *along = found["change"]
    line = say("remedy", lang, label=first["label"][lang], way=found["way"]["label"][lang], **ends(first, lang))
    if along:
        items = [say("remedy-moved", lang, label=one["label"][lang], after=ends(one, lang)["after"]) for one in along[:MAX_ALONG]]
        more = say("remedy-more", lang, n=len(along)) if len(along) > MAX_ALONG else ""
        line += say("remedy-along", lang, items=say("and", lang).join(items) + more)
    if found.get("also"):
        line += say("remedy-also", lang, items=say("and", lang).join(found["also"][:MAX_ALSO]))
    short = found["one_less"]
    step = say(f"step-{first['unit']}" if first["unit"] in ("date", "shares") else "step-other", lang)
    line += say("remedy-short", lang, step=step, verdict=say("remedy-not-proved" if short == "open" else short, lang))
    breaks = [one["title"][lang] for one in found.get("breaks", ())]
    return line + (say("remedy-breaks", lang, rules=say("and", lang).join(breaks)) if breaks else "")


def ends(found: Plain, lang: str) -> dict[str, str]:
    """A changed fact before and after; a range as its two ends."""
    words = {}
    for name, key in (("before", "from"), ("after", "to")):
        low, _, high = found.get(key, "").partition("..")
        words[name] = spread({"low": low, "high": high or low, "unit": found["unit"]}, lang) if low else say("none", lang)
    return words


def unsolved(found: Plain, lang: str) -> str:
    """A variable for which nothing is offered, and why."""
    reason = say(f"remedy-{found['reason']}", lang)
    return say("remedy-none", lang, label=found["label"][lang], way=found["way"]["label"][lang], reason=reason)
