"""Parts of a finding in words: what its verdict rests on, what would turn it, what it needs, where its facts stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from compliance.engine.phrases import figure, needed, rounded, spread
from compliance.engine.plain import Plain
from compliance.engine.verdict import UNSETTLED
from compliance.facts.answers import READING
from compliance.facts.filing import label_of, steps
from compliance.facts.values import ANSWERS_SCHEMA
from compliance.reports import written
from compliance.reports.articles import article, version_name
from compliance.reports.words import say
from compliance.vocabulary import ROOT, Field, Text, Vocabulary

if TYPE_CHECKING:
    from compliance.packs.book import Pack

MAX_WHERE = 40  # items named in one changed answer; the record lists them all


def rests(finding: Plain, lang: str) -> str:
    """What a decided verdict rests on, in one sentence; empty where it was not decided."""
    found = finding.get("rests_on")
    if found is None or "robust" not in finding or not (found.get("questions") or finding["verdict"] in ("pass", "fail")):
        return ""
    if not found.get("questions"):
        return say("rests-none", lang)
    moved = moves(finding, lang)
    parts = [moved] if moved else []
    if finding["robust"]:
        stays = say("rests-robust", lang, n=found["questions"])
        return (moved + say("stop", lang) if moved else "") + (" " if moved and lang == "en" else "") + stays
    return _begun(say("join", lang).join([*parts, turned(finding, lang)]) + say("stop", lang))


def moves(finding: Plain, lang: str) -> str:
    """The measure now, and the span that it has whatever anybody answers; empty where it cannot move."""
    found = finding["rests_on"]
    if "span_ratio" in found and "ratio" in finding:
        span, now = found["span_ratio"], {**finding["ratio"], "unit": "ratio"}
    elif "span" in found and "measure" in finding:
        span, now = found["span"], finding["measure"]
    else:
        return ""
    if all(span.get(end) == now.get(end) for end in ("low", "high")):
        return ""
    return say("rests-span", lang, now=spread(now, lang), within=between(span, lang))


def counted(found: Plain, unit: Text | None, lang: str) -> str:
    """A range of the record; of a count with what is counted (``unit``: in English one of it, of which several take an s)."""
    shown = spread(found, lang)
    if unit is None or found.get("unit") != "count" or not found.keys() & {"low", "high"}:
        return shown
    one = lang == "en" and all(found.get(end) in ("1", "-1") for end in ("low", "high"))
    return shown + (unit["zh"] if lang == "zh" else f" {unit['en']}{'' if one else 's'}")


def between(span: Plain, lang: str) -> str:
    """The ends of a span, ratios as filings print them."""
    unit = span.get("unit", "ratio")
    ends = {end: rounded(span[end]) if unit == "ratio" else figure(span[end], unit, lang) for end in ("low", "high") if end in span}
    return say("within" if len(ends) == 2 else f"within-{next(iter(ends), 'none')}", lang, **ends)


def turned(finding: Plain, lang: str) -> str:
    """How many changed answers turn the verdict, and to what."""
    found = finding["rests_on"]
    fewest = found.get("fewest")
    verdicts = list(dict.fromkeys(flip["verdict"] for flip in finding.get("flips", ())))
    if not fewest:
        return say("flips-0" if fewest == 0 and found.get("complete") else "flips-unknown", lang)
    other = {"pass": "fail", "fail": "pass"}.get(finding["verdict"], "open")
    named = say("or", lang).join(say(verdict, lang) for verdict in verdicts or [other])
    code = "flips-some" if not found.get("complete", True) else "flips-1" if fewest == 1 else "flips-n"
    return say(code, lang, n=fewest, verdict=named)


def flip(found: Plain, finding: Plain, pack: Pack, lang: str) -> str:
    """One smallest set of changed answers and the verdict that it gives; the same change of many items is said once."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for part in found["change"]:
        alike.setdefault(change(part, finding, pack, lang), []).extend(part.get("facts", ()))
    said = []
    for (code, question, *values), paths in alike.items():
        names = ("share",) if code in ("change-below", "change-above") else ("before", "after")
        said.append(say(code, lang, question=question, where=places_of(paths, lang), **dict(zip(names, values, strict=True))))
    verdict = say(found["verdict"], lang)
    if "measure" in found:
        verdict = say("flip-measure", lang, verdict=verdict, measure=spread(found["measure"], lang))
    return say("flip-gives", lang, changes=say("change-and", lang).join(said), verdict=verdict)


def change(found: Plain, finding: Plain, pack: Pack, lang: str) -> tuple[str, ...]:
    """One changed answer, apart from the items it is about: the text to use, the question, and what it changes to."""
    name, facts = found["question"], found.get("facts", ())
    question = question_of(name, finding, pack, lang)
    for end in ("below", "above"):
        if end in found:
            return f"change-{end}", question, figure(found[end], "ratio", lang)
    before = answer(found.get("from", "open"), name, facts, pack, lang)
    code = "change-open" if found.get("from", "open") == "open" else "change-to"
    return code, question, before, answer(found["to"], name, facts, pack, lang)


def question_of(name: str, finding: Plain, pack: Pack, lang: str) -> str:
    """A question by its id: a reading's own text, or the text of the vocabulary."""
    reading = pack.readings.get(name.removeprefix(READING)) if name.startswith(READING) else None
    if reading is not None:
        return reading.text[lang]
    for question in finding.get("questions", ()):
        if question["id"] == name:
            return str(question["text"][lang])
    return name


def answer(text: str, name: str, facts: Sequence[str], pack: Pack, lang: str) -> str:
    """An answer in words: an option of a reading, yes or no, a member of a kind, an end without bound, or as it was written."""
    if text in ("open", ""):
        return say("none", lang)
    reading = pack.readings.get(name.removeprefix(READING)) if name.startswith(READING) else None
    if reading is not None:
        return reading.options[text][lang] if text in reading.options else text
    if text in ("stated", "least", "most"):
        return say(text, lang)
    field = field_of(pack.vocabulary, facts[0]) if facts else None
    return written.value(field, text, pack.vocabulary, lang)


def places_of(paths: Sequence[str], lang: str) -> str:
    """The items that a question is about, by their keys."""
    named = list(dict.fromkeys(key for path in paths if (key := keys(path))))
    if not named:
        return ""
    listed = say("and", lang).join(named[:MAX_WHERE])
    if len(named) > MAX_WHERE:
        return say("where-many", lang, items=listed, n=len(named))
    return say("where", lang, items=listed)


@lru_cache(maxsize=4096)  # a report asks for the same paths over and over
def keys(path: str) -> str:
    """The keys of the items on a path: ``people[a].posts[b].until`` gives ``a/b``."""
    return "/".join(key for _, key in steps(path) if key)


def field_of(words: Vocabulary, path: str) -> Field | None:
    """The field that a path leads to, by its declaration."""
    entity, found = ROOT, None
    for name, _ in steps(path):
        if entity == ROOT and name in words.singles:
            entity = words.singles[name]
            continue
        found = words.entity(entity).fields.get(name)
        if found is None:
            return None
        if found.type == "list":
            entity = found.of
    return found


def setting(name: str, text: str, pack: Pack, lang: str) -> str:
    """The value of a parameter as the record has it; members of a kind by their labels."""
    members = pack.vocabulary.kinds.get(pack.parameters[name].type.of, {}) if name in pack.parameters else {}
    return say("and", lang).join(members[one][lang] if one in members else one for one in text.split("、")) if members else text


def label(path: str, pack: Pack, lang: str) -> str:
    """A path in words; a reading by its question."""
    return labels(path, pack)[lang]


def labels(path: str, pack: Pack) -> Text:
    """The same in both languages."""
    reading = pack.readings.get(path.removeprefix(READING)) if path.startswith(READING) else None
    return reading.text if reading is not None else label_of(pack.vocabulary, path)


def answers_file(asked: Sequence[tuple[str, str]], lang: str) -> list[str]:
    """A file of answers to copy, with an answer to one of the questions asked: each the path and the word that it may begin with."""
    path, answer = next((one for one in asked if one[1]), (asked[0][0], "…"))
    judged = f'  - {{path: "{path}", answer: {answer}, reason: {say("answer-why", lang)}}}'
    return [f"schema: {ANSWERS_SCHEMA}", f"party: {say('answer-who', lang)}", "judgements:", judged]


def named(path: str, pack: Pack, lang: str) -> str:
    """What the book calls a fact of the filing, or a part of it that stands once (``issuer``), without what it belongs to."""
    words = pack.vocabulary
    form = words.entities[words.singles[path]] if path in words.singles else words.root.fields[path]
    return form.label[lang]


def headed(path: str, pack: Pack, lang: str) -> str:
    """As ``named``, for a heading."""
    return _begun(named(path, pack, lang))


def _begun(text: str) -> str:
    """A text as a sentence or a heading begins."""
    return text[:1].upper() + text[1:]


def place(record: Plain, index: int | None, lang: str) -> str:
    """Where something stands in the documents: document, page, line, section, working paper."""
    if index is None:
        return ""
    found = record["places"][index]
    parts = [str(found["document"])]
    for name in ("page", "line"):
        if name in found:
            typed = str(found[name])
            parts.append(typed if typed.startswith("第") else say(name, lang, n=typed))  # 第12页 says itself what it is
    for name in ("section", "index", "by"):
        if name in found:
            parts.append(say(name, lang, text=found[name]))
    return (" " if lang == "zh" else ", ").join(parts)


def confirmation(cite: Plain, lang: str) -> str:
    """Whether a citation was held against the official text, and else how its text is known."""
    return _confirmation(bool(cite.get("confirmed")), cite.get("sourced", ""), lang)


@lru_cache(maxsize=64)
def _confirmation(confirmed: bool, sourced: str, lang: str) -> str:
    """The same, worded once for the many citations that are known alike."""
    if confirmed:
        return say("confirmed", lang)
    unconfirmed = say("unconfirmed", lang)
    return say("known-as", lang, unconfirmed=unconfirmed, known=say(f"known-{sourced}", lang)) if sourced else unconfirmed


def citation(cite: Plain, lang: str) -> str:
    """A citation with the version in force and whether it was held against the official text."""
    title = cite["title"][lang]
    confirmed = confirmation(cite, lang)
    if "version_from" not in cite:
        return say("cite-bare", lang, title=title, article=article(cite["article"], lang), confirmed=confirmed)
    number = version_name(cite.get("number", ""), lang)
    return say(
        "cite-version",
        lang,
        title=title,
        article=article(cite["article"], lang),
        number=number,
        day=cite["version_from"],
        confirmed=confirmed,
    )


def citations(cites: Iterable[Plain], lang: str) -> str:
    """Citations in one line: each instrument once, its articles after it."""
    by_title: dict[str, list[str]] = {}
    for cite in cites:
        by_title.setdefault(cite["title"][lang], []).append(article(cite["article"], lang))
    parts = [say("cite", lang, title=title, article=say("and", lang).join(articles)) for title, articles in by_title.items()]
    return say("join", lang).join(parts)


def opening(found: Plain, lang: str) -> str:
    """The message where the needs stand below it: they are not named in it as well. The same message where it names something else."""
    message = str(found["message"][lang])
    if found["verdict"] not in UNSETTLED:
        return message
    asked = {path: part["text"] for part in found.get("questions", ()) for path in part.get("facts", (part["id"],))}
    named = needed([asked.get(part["path"], part["label"]) for part in found.get("needs", ())], lang)
    if not named or named not in message:
        return message
    stop = say("stop", lang) if named[-1] in "？?" else ""  # after a question asked a message has none
    before, _, after = message.rpartition(named)  # the sentence itself may speak of what is needed, ahead of naming it
    below, colon, after = say("needs-below", lang), say("colon", lang), stop + after
    if before.endswith(colon) and after == say("stop", lang):  # where it ends by naming them, they follow
        return f"{before.removesuffix(colon)}{' ' if lang == 'en' else ''}{below}{colon.strip()}"
    return before + below + after


def need(found: Plain, named: str, lang: str) -> str:
    """What an open finding needs: what, from whom, in which document, and what it would settle."""
    verdicts = say("or", lang).join(say(verdict, lang) for verdict in found.get("decides", ()))
    settles = say("settles", lang, verdicts=verdicts) if verdicts else ""
    who, document = found.get("who", {}).get(lang), found.get("document", {}).get(lang)
    if who and document:
        return say("need", lang, label=named, who=who, document=document, settles=settles)
    code = {"judgement": "need-judgement", "market": "need-market"}.get(found.get("settled_by", ""), "need-bare")
    return say(code, lang, label=named, settles=settles)


def margin(found: Plain, lang: str) -> str:
    """How far a fact may go with the rule still met: the last value proved, and the last one possible."""
    label = found["label"][lang]
    if "scenario" in found:
        label += say("where", lang, items=found["scenario"][lang])
    if "sure" not in found:
        return say("margin-maybe", lang, label=label, value=_shared(found, "possible", lang))
    code = "margin-at-most" if found["turns"] == "at most" else "margin-at-least"
    line = say(code, lang, label=label, value=_shared(found, "sure", lang))
    if found.get("possible", found["sure"]) != found["sure"]:
        line += say("margin-possible", lang, value=_shared(found, "possible", lang))
    return line


def _shared(found: Plain, end: str, lang: str) -> str:
    if end not in found:
        return say("none-at-all", lang)
    shown = figure(found[end], found["unit"], lang)
    share = found.get(f"{end}_share")
    return say("value-share", lang, value=shown, share=rounded(share)) if share else shown
