"""One finding of a record as lines: what it found, what it rests on, its law, working, facts and questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from compliance.engine.phrases import day, day_name, spread
from compliance.engine.plain import Plain
from compliance.engine.verdict import UNSETTLED
from compliance.facts.answers import BOTH, READING
from compliance.reports import remedies, sentences, working
from compliance.reports.articles import article, version_name
from compliance.reports.bars import bar, reaches, room
from compliance.reports.dossier import BRIEF, PAGE
from compliance.reports.making import Making, named
from compliance.reports.model import Cited, FactGroup, FactRow, FindingView, NeedRow, QuestionRow
from compliance.reports.words import say

if TYPE_CHECKING:
    from compliance.packs.book import Pack, Rule
    from compliance.vocabulary import Text

MAX_PATHS = 3  # items named in how a question is answered

# What stands for the details in a brief view.
_LISTED = (
    "figures",
    "lacks",
    "citations",
    "cited",
    "why",
    "days",
    "exceptions",
    "working",
    "facts",
    "questions",
    "taken",
    "reaches",
)

UNSEEN: Mapping[str, Any] = {**dict.fromkeys(_LISTED, ()), "filing_says": "", "bar": None}


def finding(found: Plain, making: Making) -> FindingView:
    """A finding as lines; in a brief view without its details, in the page's without what it does not draw."""
    pack, lang = making.pack, making.lang
    rule = making.common.rules[found["rule"]]
    applies = found["verdict"] != "not_applicable"
    return FindingView(
        rule=found["rule"],
        chapter=rule.chapter,
        parties=making.common.parties_of[found["rule"]],
        title=found["title"][lang],
        verdict=found["verdict"],
        word=say(found["verdict"], lang),
        force=found["force"],
        force_word=making.pack.force(found["force"])[lang],
        robust=found.get("robust") if applies else None,
        covers=tuple(found.get("covers", ())),
        message=found["message"][lang],
        restated=found["restated"][lang],
        rests=(sentences.rests(found, lang) + "".join(told(found, lang) for told in (unmet, anyway, on_the_line))).strip(),
        flips=tuple(sentences.flip(flip, found, pack, lang) for flip in found.get("flips", ()) if "change" in flip),
        needs=needs(found, making),
        opening=sentences.opening(found, lang) if making.kind != PAGE else "",
        margins=tuple(sentences.margin(margin, lang) for margin in found.get("margins", ())),
        remedies=remedies.lines(found, lang),
        cites=sentences.citations(found.get("citations", ()), lang) if making.kind != PAGE else "",
        fingerprint=found["fingerprint"],
        drafts=tuple(part["text"][lang] for part in found.get("drafts", ())),
        changed=making.changed.get(found["rule"], ""),
        **(UNSEEN if making.kind == BRIEF else details(found, rule, making)),
    )


def details(found: Plain, rule: Rule, making: Making) -> dict[str, Any]:
    """The parts of a finding that no summary shows; for the page those that it draws."""
    record, pack, lang = making.record, making.pack, making.lang
    articles = tuple(cited(cite, making) for cite in found.get("citations", ()))
    made: dict[str, Any] = {
        **UNSEEN,
        "cited": articles,
        "official": official(articles, lang),
        "why": why(rule, found, making),
        "days": days(found, pack, lang),
        "working": working.lines(found.get("steps", ()), making),
        "filing_says": filing_says(found, record, lang),
        "reaches": reaches(found.get("margins", ()), lang),
    }
    if making.kind != PAGE or found["verdict"] != "not_applicable":
        made |= {
            "lacks": tuple(lack(need, making) for need in found.get("needs", ())) if found["verdict"] in UNSETTLED else (),
            "exceptions": exceptions(found, rule, lang),
            "facts": facts(found, making),
            "questions": questions(found, making),
            "taken": taken(found, making),
            "bar": bar(comparable(found), rule.unit, lang),
        }
    if making.kind != PAGE:
        made |= {
            "figures": figures(comparable(found), rule.unit, lang),
            "citations": tuple(sentences.citation(cite, lang) for cite in found.get("citations", ())),
            "needed": tuple(need["path"] for need in found.get("needs", ())),
        }
    return made


def cited(cite: Plain, making: Making) -> Cited:
    """A citation in parts."""
    lang, confirmed = making.lang, sentences.confirmation(cite, making.lang)
    version = say("version-none", lang, confirmed=confirmed)
    if "version_from" in cite:
        version = say("version", lang, number=version_name(cite.get("number", ""), lang), day=cite["version_from"], confirmed=confirmed)
    wording = (line.strip() for line in making.texts.get(named(cite), "").splitlines())
    return Cited(cite["title"][lang], article(cite["article"], lang), version, tuple(line for line in wording if line))


def official(found: Iterable[Cited], lang: str) -> tuple[str, ...]:
    """The official wording of the articles cited, as far as the user brought it, each after the article's name."""
    lines: list[str] = []
    for one in found:
        if one.wording:
            first, *more = one.wording
            lines += [say("official", lang, title=one.title, article=one.article, text=first), *more]
    return tuple(lines)


def needs(found: Plain, making: Making) -> tuple[str, ...]:
    """What an open finding needs, or what a decided one would lack once its questions were open; the page shows the first in parts."""
    if making.kind == PAGE and found["verdict"] in UNSETTLED:
        return ()
    lines = (sentences.need(need, making.label(need["path"]), making.lang) for need in found.get("needs", ()))
    return tuple(lines if found["verdict"] in UNSETTLED else (say("need-beneath", making.lang, need=line) for line in lines))


def lack(need: Plain, making: Making) -> NeedRow:
    """A need in parts."""
    lang = making.lang
    settles = say("or", lang).join(say(verdict, lang) for verdict in need.get("decides", ()))
    who, where = need.get("who", {}).get(lang, ""), need.get("document", {}).get(lang, "")
    return NeedRow(making.label(need["path"]), need["settled_by"], who, where, settles)


def why(rule: Rule, found: Plain, making: Making) -> tuple[str, ...]:
    """The facts on which it hangs whether the rule applies, each with its value; that it does not, only known facts can prove."""
    applies = rule.formula.applies
    if applies is None:
        return (say("applies-always", making.lang),)
    stated = {fact["path"]: fact for fact in found.get("facts", ())}
    answered = {part["id"]: part.get("answer", BOTH) for part in found.get("questions", ())}
    lines: dict[str, str] = {}
    unknown = set()
    for node in applies.walk():
        if node.op != "field" or not node.args or node.args[0].op != "root" or node.value[1] in lines:
            continue
        entity, path = node.value[:2]
        reading = making.pack.readings[path] if f"{entity}." == READING else None
        if reading is None:
            known = path in stated
            code = "applies-fact" if known else "applies-unknown"
            value = making.row(stated[path])[1].value if known else ""
            lines[path] = say(code, making.lang, label=making.label(path), value=value)
        else:
            option = answered.get(READING + path, reading.default)
            known = option in reading.options
            value = reading.options[option][making.lang] if known else say("none", making.lang)
            lines[path] = say("applies-reading", making.lang, question=reading.text[making.lang], value=value)
        if not known:
            unknown.add(path)
    if found["verdict"] == "not_applicable" and len(unknown) < len(lines):
        return tuple(line for path, line in lines.items() if path not in unknown)
    return tuple(lines.values())


def comparable(found: Plain) -> Plain:
    """A finding whose figures can be told beside each other: days as far as they are known, a bare number in the unit of the measure."""
    parts = (name for name in found if name in ("measure", "limit", "headroom"))
    made = {name: working.near(found[name]) for name in parts}
    if "limit" in made and made["limit"]["unit"] == "count":
        made["limit"] = {**made["limit"], "unit": made["measure"]["unit"]}
    return {**found, **made}


def figures(found: Plain, unit: Text | None, lang: str) -> tuple[tuple[str, str], ...]:
    """Measure, ratio, limit and headroom with their labels; nothing where neither measure nor limit is known in the least."""
    if not any(working.known(found[name]) for name in ("measure", "ratio", "limit") if name in found):
        return ()
    rows = []
    for name in ("measure", "ratio", "limit", "headroom"):
        if name in found:
            if name == "headroom":
                value = room(found, unit, lang)
            elif name == "ratio":
                value = spread({**found[name], "unit": "ratio"}, lang)
            elif name == "measure" and found["verdict"] == "pass" and found[name]["unit"] == "date":
                value = spread(found[name], lang, met=True)
            else:
                value = sentences.counted(found[name], unit, lang)
            rows.append((say(f"l-{name}", lang), value))
    return tuple(rows)


def unmet(found: Plain, lang: str) -> str:
    """That the requirement is not met and what follows is left to people, if the rule itself says so."""
    left = found.get("unmet") and "verdict" not in found.get("exception", ())  # what an exception leaves to people its message says
    return (" " if lang == "en" else "") + say("unmet", lang) if left else ""


def anyway(found: Plain, lang: str) -> str:
    """That the requirement is met, whether or not the rule applies, where that is not known."""
    return (" " if lang == "en" else "") + say("applies-open", lang) if found.get("applies") == "open" else ""


def on_the_line(found: Plain, lang: str) -> str:
    """That the measure stands exactly on the limit, if it does."""
    return (" " if lang == "en" else "") + say("on-the-line", lang) if found.get("on_the_line") else ""


def days(found: Plain, pack: Pack, lang: str) -> tuple[str, ...]:
    """The day that picked the law, and the days the window was held against."""
    stated = found.get("days", {})
    lines = []
    if "law" in stated:
        lines.append(say("law-day", lang, label=day_name(pack, stated["law_day"], lang), day=day(stated["law"], lang)))
    for name, code in stated.get("held_on", {}).items():
        label, on = day_name(pack, name, lang), day(stated["dates"].get(name, ""), lang)
        lines.append(say("held-day", lang, label=label, day=on, verdict=say(code, lang)))
    return tuple(lines)


def exceptions(found: Plain, rule: Rule, lang: str) -> tuple[str, ...]:
    """The exceptions of the rule, each with whether it is in force."""
    if not rule.exceptions:
        return (say("exception-none", lang),)
    states = {part["id"]: part["state"] for part in found.get("exceptions", ())}
    words = {"in_force": "exception-in", "open": "exception-open", "not_in_force": "exception-not"}
    return tuple(say(words.get(states.get(exempt.id, ""), "exception-out"), lang, title=exempt.title[lang]) for exempt in rule.exceptions)


def facts(found: Plain, making: Making) -> tuple[FactGroup, ...]:
    """The facts that were read, item by item, in the order in which the record has the items."""
    groups: dict[str, list[FactRow]] = {}
    for part in found.get("facts", ()):
        owner, row = making.row(part)
        groups.setdefault(owner, []).append(row)
    return tuple(FactGroup(path, making.label(path), tuple(rows)) for path, rows in groups.items())


def questions(found: Plain, making: Making) -> tuple[QuestionRow, ...]:
    """The questions, those with the same words together."""
    alike: dict[tuple[str, ...], list[Plain]] = {}
    for part in found.get("questions", ()):
        bring = part.get("bring", {})
        alike.setdefault((*part["text"].values(), part["kind"], *bring.values()), []).append(part)
    return tuple(question(parts, making) for parts in alike.values())


def question(parts: list[Plain], making: Making) -> QuestionRow:
    """Questions with the same words as one row."""
    lang, first = making.lang, parts[0]
    silent = [part for part in parts if part.get("answer") is None and not part.get("answers")]
    if len(silent) > 1:  # of items for which nobody answered the same is told once
        together = {**silent[0], "facts": [path for part in silent for path in part.get("facts", ())]}
        parts = [together if part is silent[0] else part for part in parts if part is silent[0] or part not in silent]
    bring = first.get("bring", {}).get(lang, "")
    said = say("note" if first["kind"] == "reading" else "bring", lang, text=bring) if bring else ""
    lines = [line for part in parts for line in answers(part, making.record, making.pack, lang)]
    paths = [first["id"]] if first["kind"] == "reading" else [path for part in parts for path in part.get("facts", ())]
    offered = choices(first, making)
    return QuestionRow(first["text"][lang], tuple(lines), said, tuple(paths), offered, how(paths, offered, lang))


def how(paths: list[str], offered: tuple[tuple[str, str], ...], lang: str) -> str:
    """How a question is named in a file of answers, and what may stand there."""
    more = say("wk-more", lang, n=len(paths)) if len(paths) > MAX_PATHS else ""
    words = (code + (say("where", lang, items=means) if code and means else means) for code, means in offered)
    return say("answer-as", lang, paths=say("and", lang).join(paths[:MAX_PATHS]) + more, choices=say("and", lang).join(words))


def choices(part: Plain, making: Making) -> tuple[tuple[str, str], ...]:
    """What a file of answers may answer a question with, as it is written there, and what that stands for."""
    lang = making.lang
    if part["kind"] == "reading":
        options = making.pack.readings[part["id"].removeprefix(READING)].options
        return (*((code, text[lang]) for code, text in options.items()), (BOTH, say("answer-both", lang)))
    field = making.field(part["facts"][0])
    if field is not None and field.type == "flag":
        return ("true", say("yes", lang)), ("false", say("no", lang))
    return (("", say("answer-figure", lang)),)


def answers(part: Plain, record: Plain, pack: Pack, lang: str) -> list[str]:
    """The answer in force to one question, and who answered what."""
    facts = part.get("facts", ())
    given = [answer(one, part, record, pack, lang) for one in part.get("answers", ())]
    current = part.get("answer")
    if current is not None and given and all(one["answer"] == current for one in part["answers"]):
        return given
    named = list(dict.fromkeys(key for path in facts if (key := sentences.keys(path))))
    items = say("of-items", lang, items=say("and", lang).join(named)) if named else ""
    if current is None:
        return [say("answer-none", lang, items=items), *given]
    shown = sentences.answer(current, part["id"], facts, pack, lang)
    return [say("answer-now", lang, items=items, answer=shown), *given]


def answer(one: Plain, part: Plain, record: Plain, pack: Pack, lang: str) -> str:
    """One party's answer, with its reason and place."""
    party = say("party-filing", lang) if one["party"] == "filing" else one["party"]
    keys = sentences.keys(one["path"])
    reason = one.get("reason", {}).get(lang, "")
    place = sentences.place(record, one.get("place"), lang)
    return say(
        "answer-of",
        lang,
        party=(say("of-items", lang, items=keys) if keys else "") + party,
        answer=sentences.answer(one["answer"], part["id"], [one["path"]], pack, lang),
        reason=say("because", lang, reason=reason) if reason else "",
        place=say("where", lang, items=place) if place else "",
    )


def filing_says(found: Plain, record: Plain, lang: str) -> str:
    """What the filing itself concludes, and whether the finding agrees."""
    stated = found.get("filing_says")
    if stated is None:
        return ""
    agrees = say("agrees" if stated["agrees"] else "differs", lang)
    text = stated.get("text", {}).get(lang, "")
    place = sentences.place(record, stated.get("place"), lang)
    shown = say("filing-says", lang, verdict=say(stated["verdict"], lang), agrees=agrees)
    return shown + (say("colon", lang) + text if text else "") + (say("where", lang, items=place) if place else "")


def taken(found: Plain, making: Making) -> tuple[str, ...]:
    """What one finding takes for granted, each text once."""
    texts = [making.record["assumptions"][number]["text"] for number in making.common.bearing[found["rule"]]]
    return tuple(text[making.lang] for text in {tuple(text.values()): text for text in texts}.values())
