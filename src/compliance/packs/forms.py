"""The forms of a pack's files: every key that may stand in one, and the shape of what it holds.

What the parts mean to each other is checked once they are read (see ``loading``).
"""

from __future__ import annotations

from compliance.packs.book import FORCES, PARTIES
from compliance.packs.book import SOURCED as KNOWN
from compliance.packs.shapes import FileForm, anything, count, day, either, flag, form, line, list_of, matching, named, one_of, one_or_more

NAME = matching(r"[^\W\d]\w*", 61, "name-bad")
ID = matching(r"[a-z0-9]+(-[a-z0-9]+)*", 80, "id-bad")
LINES = one_or_more(line)
FIGURES = either(line, list_of(line))
SOURCED = one_of(*KNOWN)
FORCE = one_of(*FORCES)

# A text in both languages.
BOTH = form({"zh": line, "en": line})

# One field of an entity.
FIELD = form(
    {
        "type": line,
        "label": BOTH,
        "of": (line, None),
        "min": (line, None),
        "max": (line, None),
        "scale": (count, None),
        "unit": (line, None),
        "rounded": (flag, False),
        "open_ended": (flag, False),
        "required": (flag, False),
        "meaning": (BOTH, None),
        "open_when": (line, None),
        "settled_by": (one_of("filing", "judgement", "market"), "filing"),
        "question": (line, None),
        "shared": (flag, False),
        "alike": (LINES, []),
        "who": (BOTH, None),
        "document": (BOTH, None),
    }
)

# One entity and its fields.
ENTITY = form({"label": BOTH, "key": (line, None), "ends": (line, None), "fields": named(NAME, FIELD)})

# A part of the filing: an entity that stands once, or a list of them.
PART = form(
    {
        "entity": (line, None),
        "list": (line, None),
        "label": (BOTH, None),
        "totals": (named(line, line), None),
        "settled_by": (one_of("filing", "market"), "filing"),
        "who": (BOTH, None),
        "document": (BOTH, None),
    }
)

# A question to a person.
QUESTION = form({"text": BOTH, "bring": BOTH})

# One version of an instrument, in force from its day.
VERSION = form({"number": line, "from": day, "sourced": (SOURCED, None)})

# A law, rule or guideline, with the articles that may be cited and how many items each has.
INSTRUMENT = form(
    {
        "title": BOTH,
        "body": BOTH,
        "rank": BOTH,
        "short": (BOTH, None),
        "versions": list_of(VERSION),
        "articles": named(line, count),
        "confirmed": (flag, False),
    }
)

# One value of a parameter, in force from its day until the next.
VALUE = form({"from": day, "until": (day, None), "value": FIGURES, "cite": LINES})

# A number or set of the law, dated.
PARAMETER = form({"type": line, "label": BOTH, "values": list_of(VALUE)})

# A point on which the text admits more than one answer.
READING = form(
    {
        "text": BOTH,
        "options": named(NAME, BOTH),
        "default": line,
        "covers": (LINES, []),
        "taken_by": (BOTH, None),
        "note": (BOTH, None),
        "cite": LINES,
    }
)

# A named formula on an entity.
TERM = form({"label": BOTH, "formula": line, "cite": LINES, "settles": (BOTH, None)})

# A named formula on the filing.
MEASURE = form({"label": BOTH, "formula": line, "cite": LINES})

# A labelled exception to a rule: another limit or another requirement where ``when`` holds.
EXCEPTION = form(
    {
        "id": ID,
        "title": BOTH,
        "covers": (LINES, []),
        "from": (day, None),
        "until": (day, None),
        "when": line,
        "limit": (line, None),
        "require": (line, None),
        "verdict": (one_of("judgement"), None),
        "cite": LINES,
    }
)

# What a finding says, for each verdict that needs words of its own.
MESSAGE = form(
    {
        "pass": BOTH,
        "fail": BOTH,
        "judgement": BOTH,
        "missing": BOTH,
        "not_applicable": (BOTH, None),
    }
)

# What a test may expect of a finding. ``not_in_force`` is a verdict only here: the finding is absent.
RANGES = ("measure", "limit", "headroom", "ratio")
EXPECTED = (
    "verdict",
    *(f"{name}{end}" for name in RANGES for end in ("", "_low", "_high")),
    "robust",
    "on_the_line",
    "unmet",
    "fewest",
    "span_low",
    "span_high",
    "threshold",
    "exception",
    "needs",
)

# An inline test: facts in, finding out.
TEST = form(
    {
        "name": BOTH,
        "facts": named(line, anything),
        "answers": (named(line, line), None),
        "as_of": (day, None),
        "expect": named(one_of(*EXPECTED), line),
    }
)

# Vague facts put at one of their ends, under a name.
SCENARIO = form({"label": BOTH, "at": named(line, one_of("least", "most"))})

# A fact to solve for: how far it may go with the rule still met, shown also as a share of ``base``.
# ``variable`` is a fact of the filing itself, or ``list[].field`` for each item of a list whose field is vague.
MARGIN = form({"variable": line, "base": (line, None), "label": BOTH, "scenarios": (list_of(SCENARIO), [])})

# A fact that moves along with a variable: which, for which items, and how.
MOVE = form(
    {
        "path": line,
        "where": (line, None),
        "by": (one_of("same", "proportion", "shared", "each", "equal", "at_least", "at_most"), "same"),
        "against": (flag, False),
    }
)

# One way to move a variable: all that moves along with it, and what ``compliance routes`` asks of it.
WAY = form(
    {
        "label": BOTH,
        "asks": (list_of(one_of("most", "least", "earliest", "latest")), []),
        "with": (list_of(MOVE), []),
    }
)

# A figure or day that the issuer is free to choose, in which steps and directions, and the ways to move it.
VARIABLE = form(
    {
        "path": line,
        "label": BOTH,
        "step": (line, None),
        "may": list_of(one_of("less", "more", "earlier", "later")),
        "from": (line, None),
        "ways": named(ID, WAY),
    }
)

# What a conclusion asks for: a rule's verdict or what is said of it, a fact that is a word, or another conclusion.
PREMISE = form(
    {
        "verdict": (LINES, None),
        "robust": (LINES, None),
        "filing_says": (LINES, None),
        "fact": (LINES, None),
        "concluded": (LINES, None),
        "is": (LINES, []),
    }
)

# What follows, in words, where every premise is met; of an opinion, the parties that have to give it.
CONCLUSION = form(
    {
        "id": ID,
        "kind": one_of("article", "eligibility", "opinion", "request", "alternative"),
        "parties": (one_or_more(one_of(*PARTIES)), []),
        "when": list_of(PREMISE),
        "text": BOTH,
    }
)

# One rule.
RULE = form(
    {
        "id": ID,
        "covers": (LINES, []),
        "title": BOTH,
        "restated": BOTH,
        "force": FORCE,
        "fail_as": (one_of("fail", "judgement"), "fail"),
        "from": day,
        "until": (day, None),
        "law": LINES,
        "held_on": (LINES, []),
        "cite": LINES,
        "applies": (line, None),
        "limit": (line, None),
        "require": line,
        "unit": (BOTH, None),
        "margins": (list_of(MARGIN), []),
        "exceptions": (list_of(EXCEPTION), []),
        "message": MESSAGE,
        "tests": (list_of(TEST), []),
    }
)

# A file of tests: those of each rule, by its id.
TESTS = FileForm(form({"tests": named(ID, list_of(TEST))}))

# A row of the rule catalogue that the pack leaves out, and why.
SCOPE = form({"row": line, "reason": BOTH})

# A row of the catalogue of tests that a pack is held against, and how its text is known (nothing: it is no text).
ROW = form({"title": BOTH, "sourced": (SOURCED, None)})

# A change to the pack that changes no verdict, so that no test can notice it, and why.
EQUIVALENT = form({"mutant": line, "reason": BOTH})

# What a draft would change, and for which rules.
DRAFT_CHANGE = form({"rules": LINES, "text": BOTH})

# A draft that is not in force: shown beside the rules it would change, never applied.
DRAFT = form(
    {
        "title": BOTH,
        "published": day,
        "status": one_of("pending"),
        "sourced": one_of(*KNOWN[:-1]),  # one that was not found has nothing to show
        "changes": list_of(DRAFT_CHANGE),
    }
)

# Where the route stands.
ROUTES = form({"path": line})

# The days on which an exchange has sessions: every weekday from ``since`` to ``until`` but those that are ``closed``.
CALENDAR = form({"since": day, "until": day, "closed": list_of(day), "source": BOTH})

# A chapter of the book: the file that holds its rules (without its ending), and what readers call it.
CHAPTER = form({"id": line, "title": BOTH})

# One file of a pack; every section may stand in any file.
FILE = FileForm(
    form(
        {
            "id": (ID, None),
            "extends": (ID, None),
            "version": (line, None),
            "title": (BOTH, None),
            "disclaimer": (BOTH, None),
            "routes": (ROUTES, None),
            "forces": (named(FORCE, BOTH), None),
            "signatures": (named(one_of(*PARTIES), list_of(BOTH)), None),
            "chapters": (list_of(CHAPTER), None),
            "calendar": (CALENDAR, None),
            "days": (named(NAME, line), {}),
            "words": (named(NAME, line), {}),
            "kinds": (named(NAME, named(NAME, BOTH)), {}),
            "questions": (named(NAME, QUESTION), {}),
            "entities": (named(NAME, ENTITY), {}),
            "fields": (named(NAME, named(NAME, FIELD)), {}),
            "filing": (named(NAME, PART), {}),
            "instruments": (named(NAME, INSTRUMENT), {}),
            "parameters": (named(NAME, PARAMETER), {}),
            "readings": (named(NAME, READING), {}),
            "terms": (named(NAME, named(NAME, TERM)), {}),
            "measures": (named(NAME, MEASURE), {}),
            "drafts": (named(NAME, DRAFT), {}),
            "variables": (named(NAME, VARIABLE), {}),
            "rules": (list_of(RULE), []),
            "conclusions": (list_of(CONCLUSION), []),
            "out_of_scope": (list_of(SCOPE), []),
            "catalogue": (named(line, ROW), {}),
            "equivalent": (list_of(EQUIVALENT), []),
        }
    )
)

SECTIONS = (
    "days",
    "words",
    "kinds",
    "questions",
    "entities",
    "fields",
    "filing",
    "instruments",
    "parameters",
    "readings",
    "terms",
    "measures",
    "catalogue",
    "drafts",
    "variables",
)
SINGLE = ("id", "extends", "version", "title", "disclaimer", "routes", "forces", "signatures", "chapters", "calendar")
