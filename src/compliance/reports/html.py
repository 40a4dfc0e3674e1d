"""The dossier as one HTML page: it opens from disk, reaches nowhere, and holds every text once, in both languages.

What has to be read stands in the page as markup. Details of the findings, and what is to be done, are packed behind it (JSON, compressed)
and drawn by the page's script when they are unfolded. A Content-Security-Policy names the one script and the one style by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from compliance.engine.verdict import GRAVEST
from compliance.reports.bars import SCALE, Bar, Reach
from compliance.reports.beside import Lane
from compliance.reports.dossier import Dossier
from compliance.reports.markup import Child, Markup, element, joined
from compliance.reports.model import FindingView, View
from compliance.reports.packing import AGENDA, Details, Pair, Texts, packed
from compliance.reports.pictures import axis, box, draw_bar, draw_reach, drawn_once, picture, sample, stretch
from compliance.reports.printable import visible
from compliance.reports.words import say

ASSETS = Path(__file__).with_name("assets")
ROLES = ("team", "quality", "internal", "lawyer", "accountant")
KEYS = (
    ("j", "k-next"), ("k", "k-previous"), ("o", "k-open"), ("c", "k-comment"), ("e", "k-unfold"), ("x", "k-fold"), ("/", "k-search"),
    ("0", "k-clear"), ("l", "k-language"), ("p", "k-print"), ("?", "k-help"),
)  # fmt: skip


def render(dossier: Dossier) -> str:
    """The page."""
    other = "en" if dossier.lang == "zh" else "zh"
    return _Page(dossier.page(dossier.lang), dossier.page(other), dossier).whole()


class _Page:
    """One page: the view in its own language and in the other, part for part of the same shape."""

    def __init__(self, own: View, other: View, dossier: Dossier) -> None:
        self.own = own
        self.other = other
        self.dossier = dossier
        self.texts = Texts()
        self.findings = tuple(zip(own.findings(), other.findings(), strict=True))
        self.titles = {one.rule: (one.title, two.title) for one, two in zip(own.findings(), other.findings(), strict=True)}
        self.titles |= {one.rule: (one.title, two.title) for one, two in zip(own.not_applicable, other.not_applicable, strict=True)}
        self.chapters = {tally.code: number for number, tally in enumerate(own.chapters)}
        self.reasons: dict[Pair, list[tuple[FindingView, FindingView]]] = {}  # why rules do not apply, each with these rules
        for one, two in zip(own.not_applicable, other.not_applicable, strict=True):
            reason = say("join", own.lang).join(one.why), say("join", other.lang).join(two.why)
            self.reasons.setdefault(reason, []).append((one, two))
        self.silent = tuple(chain.from_iterable(self.reasons.values()))

    # Texts

    def say(self, code: str, **values: object) -> Pair:
        """A text of the page in both languages."""
        return say(code, self.own.lang, **values), say(code, self.other.lang, **values)

    def text(self, name: str, pair: Pair, /, **attributes: object) -> Markup:
        """An element that holds a text; ``data-t`` leads to it in both languages."""
        at = self.both(pair)
        if at is not None:
            self.texts.shown.add(at)
        return element(name, pair[0], data_t=at, **attributes)

    def named(self, name: str, code: str, /, *children: Child, **attributes: object) -> Markup:
        """An element with a name for screen readers; ``data-l`` leads to it in both languages."""
        return element(name, *children, aria_label=self.say(code)[0], data_l=self.both(self.say(code)), **attributes)

    def both(self, pair: Pair) -> int | None:
        """Where a text stands in both languages; nowhere, if it is the same in both."""
        return self.texts.put(pair) if pair[0] != pair[1] else None

    def lines(self, own: Sequence[str], other: Sequence[str], name: str = "lines") -> Markup:
        """A list of texts."""
        return element("ul", [self.text("li", pair) for pair in zip(own, other, strict=True)], class_=name)

    # The page

    def whole(self) -> str:
        """The page from its first byte to its last."""
        style, script = asset("page.css"), asset("page.js")
        policy = f"default-src 'none'; script-src {digest(script)}; style-src {digest(style)}; base-uri 'none'; form-action 'none'"
        head = joined([
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=policy),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="referrer", content="no-referrer"),
            self.text("title", self.say("page-title", who=self.own.issuer)),
            element("style", Markup(style)),
        ])  # fmt: skip
        details = Details(self.own, self.other, (*self.findings, *self.silent), self.texts)
        body = joined([
            self.text("a", self.say("skip"), class_="skip", href="#main"),
            drawn_once(),
            self.top(),
            element("div", [self.contents(), element("main", self.sections(), id="main")], class_="frame"),
            self.help(),
            self.templates(),
            island("meta", self.meta()),
            element("script", Markup(packed(details.whole())), type="text/plain", id="packed"),
            element("script", Markup(script)),
        ])  # fmt: skip
        page = element("html", element("head", head), element("body", body), lang="zh-CN" if self.own.lang == "zh" else "en")
        return f"<!doctype html>\n{page}\n"

    def meta(self) -> dict[str, str]:
        """What the script needs to know of the record."""
        record = self.dossier.record
        return {
            "lang": self.own.lang,
            "record": self.own.record_id,
            "facts": record["facts_sha256"],
            "pack": record["pack"]["sha256"],
            "day": record["as_of"],
            "issuer": visible(self.own.issuer),
            "code": visible(record.get("issuer", {}).get("code", "")),
        }

    def top(self) -> Markup:
        """The bar that stays on top: who it is about, and the page's own buttons."""
        saved = joined([self.text("span", self.say("b-save")), " (", element("span", "0", id="comment-count"), ")"])
        return element("div", [
            self.text("span", (self.own.issuer, self.other.issuer), class_="who"),
            self.text("button", (self.say("b-switch")[1], self.say("b-switch")[0]), id="switch", type="button", hidden=True),
            element("button", saved, id="save", type="button"),
            self.text("button", self.say("b-print"), id="print", type="button"),
            self.text("button", self.say("b-keys"), id="keys", type="button"),
        ], class_="bar-top", role="banner")  # fmt: skip

    def contents(self) -> Markup:
        """The list of the sections, with how much is in each."""
        view = self.own
        numbers = {
            "routes": len(view.routes.columns) if view.routes else None, "headroom": sum(1 for one, _ in self.findings if one.bar),
            "todo": len(view.agenda), "findings": len(self.findings), "changes": len(view.changes) or None,
            "silent": len(self.silent) + len(view.out_of_scope), "differences": len(view.disagreements) + len(view.opinions) or None,
        }  # fmt: skip
        rows = []
        for name in SECTIONS:
            number = numbers.get(name)
            shown = element("span", str(number), class_="n") if number is not None else None
            rows.append(element("li", element("a", [self.text("span", self.say(f"h-{name}")), shown], href=f"#s:{name}")))
        return self.named("nav", "contents", element("ol", rows), class_="toc")

    def sections(self) -> Iterator[Markup]:
        """The cover and the sections in order."""
        yield self.cover()
        for name, make in SECTIONS.items():
            yield element("section", [self.text("h2", self.say(f"h-{name}")), make(self)], id=f"s:{name}")

    def cover(self) -> Markup:
        """The first page."""
        rows = zip(self.own.cover, self.other.cover, strict=True)
        pairs = [element("div", [self.text("dt", (a[0], b[0])), self.text("dd", (a[1], b[1]))]) for a, b in rows]
        notes = [self.text("p", pair, class_="disclaimer") for pair in [(self.own.disclaimer, self.other.disclaimer)] if pair[0]]
        return element("header", [
            self.text("p", self.say("title"), class_="kind"),
            self.text("h1", (self.own.issuer, self.other.issuer)),
            element("dl", pairs),
            notes,
            self.text("noscript", self.say("no-script")),
            self.text("p", self.say("old-browser"), id="old-browser", class_="disclaimer", hidden=True),
            self.text("p", self.say("not-kept"), id="not-kept", class_="note", hidden=True),
        ], class_="cover")  # fmt: skip

    # One: the verdict

    def verdict(self) -> Iterator[Markup]:
        """The sentence, the counts, coverage, conclusions."""
        own, other = self.own, self.other
        yield self.text("p", (own.sentence, other.sentence), class_="sentence", data_v=own.verdict)
        counts = []
        for (code, word, number), (_, theirs, _) in zip(own.counts, other.counts, strict=True):
            shown = [element("b", str(number)), self.text("span", (word, theirs))]
            at = "#s:silent" if code == "not_applicable" else "#s:findings"
            counts.append(element("li", element("a", shown, href=at, data_want=code) if number else shown, data_v=code))
        yield element("ul", counts, class_="counts")
        yield self.glance()
        said, said_too = ([line for line in (view.passes, *view.coverage, view.brought, view.route) if line] for view in (own, other))
        yield self.lines(said, said_too)
        if own.conclusions:
            yield self.text("h3", self.say("sec-conclusions"))
            rows = []
            for one, two in zip(own.conclusions, other.conclusions, strict=True):
                links = joined([Markup(" "), *self.links(one.because)])
                rows.append(element("li", [self.text("span", (one.text, two.text)), links]))
            yield element("ul", rows, class_="lines")
        for code, mine, others in (
            ("sec-inconsistent", own.inconsistencies, other.inconsistencies),
            ("sec-drafts", own.drafts, other.drafts),
            ("sec-ties", own.mismatches, other.mismatches),
        ):
            if mine:
                yield self.text("h3", self.say(code))
                yield self.lines(mine, others)

    def glance(self) -> Markup:
        """What is looked for first; a line leads to its finding, or shows what is open with a party."""
        rows = []
        for one, two in zip(self.own.glance, self.other.glance, strict=True):
            lines = []
            for mine, theirs in zip(one.lines, two.lines, strict=True):
                lead, text = (mine.lead, theirs.lead), self.text("span", (mine.text, theirs.text))
                if mine.rule:
                    text = joined([self.text("a", lead, href=f"#{mine.rule}"), " ", text])
                elif mine.party:
                    text = joined([self.text("a", lead, href="#s:findings", data_want=f"party {mine.party}"), " ", text])
                elif mine.lead:
                    text = joined([self.text("b", lead), " ", text])
                lines.append(element("li", text))
            rows.append(element("div", [self.text("dt", (one.label, two.label)), element("dd", element("ul", lines))], data_g=one.code))
        return joined([self.text("h3", self.say("gl-head")), element("dl", rows, class_="glance")])

    def chip(self, code: str, pair: Pair) -> Markup:
        """A verdict as a word; the style sheet puts a sign before it."""
        return self.text("b", pair, class_="chip", data_v=code)

    def links(self, rules: Iterable[str]) -> Iterator[Markup]:
        """Links to findings."""
        for number, rule in enumerate(rules):
            named = self.text("a", self.titles[rule], href=f"#{rule}") if rule in self.titles else element("span", rule)
            yield joined([Markup(" · ") if number else None, named])

    # Two: headroom

    def headroom(self) -> Iterator[Markup]:
        """A bar for each rule that measures, then how far single facts may go."""
        drawn = [(one, two) for one, two in self.findings if one.bar and two.bar]
        if drawn:
            yield self.legend(("part-measure", "bar-range", "bar-span", "part-limit", "bar-barred"))
        for one, two in drawn:
            if one.bar and two.bar:
                yield element("div", [self.meter_name(one, two), draw_bar(one.bar), self.ends(one.bar, two.bar)], class_="meter")
        reaching = [(one, two) for one, two in self.findings if one.reaches]
        if reaching:
            yield self.text("h3", self.say("l-margins"))
            yield self.text("p", self.say("reach-note"), class_="note")
            yield self.legend(("bar-sure", "bar-maybe", "bar-not"))
        for one, two in reaching:
            lanes = [self.reach(a, b) for a, b in zip(one.reaches, two.reaches, strict=True)]
            yield element("div", [self.meter_name(one, two), lanes], class_="meter")
        if not drawn and not reaching:
            yield self.text("p", self.say("headroom-none"), class_="note")

    def meter_name(self, one: FindingView, two: FindingView) -> Markup:
        """What a bar is about."""
        return element(
            "p", [self.chip(one.verdict, (one.word, two.word)), self.text("a", (one.title, two.title), href=f"#{one.rule}")], class_="name"
        )

    def ends(self, own: Bar, other: Bar) -> Markup:
        """The ends of a bar's scale, and its figures in words."""
        values = []
        for (name, value), (their_name, their_value) in zip(own.labels, other.labels, strict=True):
            values.append(element("span", [self.text("span", (name, their_name)), " ", self.text("b", (value, their_value))]))
        first, last = self.text("span", (own.first, other.first)), self.text("span", (own.last, other.last))
        return joined([element("div", [first, last], class_="ends", aria_hidden="true"), element("div", values, class_="values")])

    def reach(self, own: Reach, other: Reach) -> Markup:
        """How far one fact may go."""
        label = self.text("span", (own.label, other.label))
        return element("div", [label, draw_reach(own), self.text("small", (own.sentence, other.sentence))], class_="lane")

    def legend(self, names: Iterable[str]) -> Markup:
        """What the parts of a bar mean."""
        made = [element("span", [picture(sample(name.rpartition("-")[2]), 60, 16), self.text("span", self.say(name))]) for name in names]
        return element("p", made, class_="legend")

    # Three, four: routes and days

    def routes(self) -> Iterator[Markup]:
        """The routes side by side."""
        own, other = self.own.routes, self.other.routes
        if own is None or other is None:
            yield self.missing("routes")
            return
        heads = [element("td")]
        for one, two in zip(own.columns, other.columns, strict=True):
            stated = self.text("span", self.say("stated-route"), class_="tag") if one.stated else None
            chip = self.chip(one.verdict, (one.word, two.word))
            named = [self.text("span", (one.label, two.label)), element("br"), chip, stated]
            heads.append(element("th", named, scope="col", class_="stated" if one.stated else None))
        rows = []
        for one_row, two_row in zip(own.rows, other.rows, strict=True):
            cells = []
            for column, mine, theirs in zip(own.columns, one_row.cells, two_row.cells, strict=True):
                lines = [self.text("p", pair) for pair in zip(mine, theirs, strict=True)]
                cells.append(element("td", lines or "—", class_="stated" if column.stated else None))
            rows.append(element("tr", [self.text("th", (one_row.label, two_row.label), scope="row"), cells]))
        table = element("table", [element("thead", element("tr", heads)), element("tbody", rows)], class_="matrix")
        yield self.named("div", "h-routes", table, class_="scroll", tabindex="0", role="region")

    def timeline(self) -> Iterator[Markup]:
        """Days, windows and rules along one scale."""
        own, other = self.own.timeline, self.other.timeline
        if own is None or other is None:
            yield self.missing("timeline")
            return
        yield self.legend(("bar-runs", "bar-ends", "bar-day"))
        yield element("div", [element("span"), axis(own)], class_="lane", aria_hidden="true")
        for mark, their_mark in zip(own.marks, other.marks, strict=True):
            picture_of = picture([box(mark.span, 4, 16, "#12294d", 5)], SCALE, 24)
            yield element("div", [self.text("span", (mark.label, their_mark.label)), picture_of, element("small", mark.day)], class_="lane")
        for code, lanes, their_lanes in (("days-windows", own.windows, other.windows), ("days-courses", own.courses, other.courses)):
            if lanes:
                yield self.text("h3", self.say(code))
                if code == "days-courses":
                    yield self.legend(GRAVEST)
            for lane, theirs in zip(lanes, their_lanes, strict=True):
                yield self.lane(lane, theirs)
        for code, mine, other_lines in (("days-stale", own.stale, other.stale), ("days-law", own.law, other.law),
                                        ("days-calendars", own.calendars, other.calendars)):  # fmt: skip
            if mine:
                yield self.text("h3", self.say(code))
                yield self.lines(mine, other_lines)

    def lane(self, own: Lane, other: Lane) -> Markup:
        """One line of the timeline."""
        boxes = [stretch(one.code, one.span) for one in own.stretches]
        drawn = picture(boxes, SCALE, 24)
        return element("div", [self.text("span", (own.label, other.label)), drawn, self.text("small", (own.sentence, other.sentence))],
                       class_="lane")  # fmt: skip

    # Five: to do

    def todo(self) -> Iterator[Markup]:
        """What is missing or for people to judge; the rows are drawn by the script."""
        if not self.own.agenda:
            yield self.text("p", self.say("todo-none"))
            return
        yield self.text("p", self.say("agenda-note"), class_="note")
        heads = element("tr", [self.text("th", self.say(code), scope="col") for code in AGENDA])
        yield element("div", element("table", [element("thead", heads), element("tbody")], id="agenda", class_="agenda stack"),
                      class_="scroll")  # fmt: skip
        yield self.text(
            "button", self.say("agenda-all", n=len(self.own.agenda)), id="agenda-all", type="button", class_="controls", hidden=True
        )

    # Six: the findings

    def listed(self) -> Iterator[Markup]:
        """The filters, then every finding that applies or may."""
        yield self.filters()
        for one, two in self.findings:
            yield self.finding(one, two)

    def filters(self) -> Markup:
        """Filters by verdict, chapter, party and change, and a search."""
        buttons = [
            self.text("button", (word, theirs), type="button", value=code, aria_pressed="false")
            for (code, word, number), (_, theirs, _) in zip(self.own.counts, self.other.counts, strict=True)
            if number
        ]
        search = self.say("f-search")
        return self.named("div", "f-name", [
            self.named("span", "f-verdict", buttons, id="by-verdict", role="group"),
            self.choice("by-chapter", "f-chapter", zip(self.own.chapters, self.other.chapters, strict=True)),
            self.choice("by-party", "f-party", zip(self.own.parties, self.other.parties, strict=True)),
            element("label", [element("input", type="checkbox", id="by-changed"), self.text("span", self.say("f-changed"))])
            if self.own.changes else None,
            element("input", type="search", id="by-text", placeholder=search[0], aria_label=search[0], data_l=self.both(search)),
            self.text("button", self.say("f-clear"), id="clear", type="button"),
            self.text("button", self.say("b-unfold"), id="unfold", type="button"),
            self.text("button", self.say("b-fold"), id="fold", type="button"),
            element("output", id="shown", aria_live="polite"),
        ], class_="filters", role="search")  # fmt: skip

    def choice(self, name: str, code: str, tallies: Iterable[tuple[Any, Any]]) -> Markup:
        """A filter with one choice of several."""
        options = [self.text("option", self.say(code), value="")]
        for number, (one, two) in enumerate(tallies):
            options.append(self.text("option", (f"{one.label} ({one.findings})", f"{two.label} ({two.findings})"), value=number))
        return self.named("select", code, options, id=name)

    def finding(self, one: FindingView, two: FindingView) -> Markup:
        """One finding; its details are packed."""
        tags = []
        if one.force != "condition":
            tags.append(self.text("span", (one.force_word, two.force_word), class_="tag"))
        if one.verdict == "pass":
            tags.append(self.text("span", self.say("robust" if one.robust else "fragile"), class_="tag" if one.robust else "tag fragile"))
        if one.changed:
            tags.append(self.text("span", self.say("f-changed"), class_="tag changed"))
        applies = one.verdict != "not_applicable"  # what does not apply stands below its reason
        return element(
            "article",
            [self.text("b", (one.word, two.word)), self.text("h3", (one.title, two.title)), tags],
            self.text("p", (one.message, two.message)) if applies else None,
            self.text("p", (one.rests, two.rests)) if one.rests and one.verdict in ("pass", "fail") else None,
            id=one.rule,
            data_v=one.verdict,
            data_c=self.chapters[one.chapter],
            data_p=" ".join(map(str, one.parties)) or None,
            data_f=one.fingerprint,
            data_x=bool(one.changed),
        )

    # Seven to eleven

    def changes(self) -> Iterator[Markup]:
        """What changed since an earlier record."""
        if self.dossier.difference is None:
            yield self.missing("difference")
            return
        if not self.own.changes:
            yield self.text("p", self.say("changes-none"))
            return
        rows = []
        for one, two in zip(self.own.changes, self.other.changes, strict=True):
            cells = [(one.part, two.part), (one.old, two.old), (one.new, two.new), (one.cause, two.cause)]
            rows.append([self.text("a", (one.title, two.title), href=f"#{one.rule}"), *(self.text("span", pair) for pair in cells)])
        yield self.table(("l-rule", "l-what", "l-old", "l-new", "l-cause"), rows)

    def out(self) -> Iterator[Markup]:
        """What does not apply, by its reasons; what is not yet in force, what the book leaves out, each with its reason."""
        own, other = self.own, self.other
        for reason, found in self.reasons.items():
            yield element("div", self.text("p", reason, class_="note"), (self.finding(one, two) for one, two in found), class_="silent")
        if own.upcoming:
            yield self.text("h3", self.say("sec-upcoming"))
            yield self.lines(own.upcoming, other.upcoming)
        if own.out_of_scope:
            yield self.text("h3", self.say("sec-out"))
            rows = zip(own.out_of_scope, other.out_of_scope, strict=True)
            yield element("dl", [(element("dt", a[0]), self.text("dd", (a[1], b[1]))) for a, b in rows], class_="plain")

    def differences(self) -> Iterator[Markup]:
        """The filing's own conclusions and the answers of several parties, side by side."""
        own, other = self.own, self.other
        if own.agreement:
            yield self.text("p", (own.agreement, other.agreement))
            yield self.lines(own.disagreements, other.disagreements)
        if own.opinions:
            heads = [self.text("th", self.say("l-questions"), scope="col")]
            heads += [self.text("th", pair, scope="col") for pair in zip(own.opinions_of, other.opinions_of, strict=True)]
            rows = []
            for one, two in zip(own.opinions, other.opinions, strict=True):
                mark = self.text("span", self.say("parties-differ"), class_="tag fragile") if one.differ else None
                cells = [element("td", self.text("span", pair)) for pair in zip(one.answers, two.answers, strict=True)]
                rows.append(
                    element("tr", [element("td", [self.text("a", (one.question, two.question), href=f"#{one.rule}"), mark]), cells])
                )
            table = element("table", [element("thead", element("tr", heads)), element("tbody", rows)])
            yield self.named("div", "h-differences", table, class_="scroll", tabindex="0", role="region")
        elif not own.agreement:
            yield self.text("p", self.say("differences-none"))
        else:
            yield self.text("p", self.say("opinions-none"), class_="note")
        if own.tie_rows:
            yield self.text("h3", self.say("sec-ties"))
            rows_of = zip(own.tie_rows, other.tie_rows, strict=True)
            names = ("l-what", "l-fact", "computed", "stated-total", "difference", "l-finding", "l-place")
            yield self.table(names, [[self.text("span", pair) for pair in zip(a, b, strict=True)] for a, b in rows_of])

    def provenance(self) -> Iterator[Markup]:
        """From what it was made, and what was taken for granted."""
        own, other = self.own, self.other
        rows = zip(own.provenance, other.provenance, strict=True)
        yield element("dl", [(self.text("dt", (a[0], b[0])), element("dd", a[1], class_="hash")) for a, b in rows], class_="plain")
        yield self.text("p", self.say("same-bytes"), class_="note")
        for code, mine, theirs in (
            ("l-documents", own.documents, other.documents),
            ("sec-assumptions", own.assumptions, other.assumptions),
        ):
            if mine:
                yield self.text("h3", self.say(code))
                yield self.lines(mine, theirs)

    def missing(self, name: str) -> Markup:
        """The line of a section for which nothing was brought."""
        own, other = (dict(view.absent)[name] for view in (self.own, self.other))
        return self.text("p", (own, other), class_="note")

    def table(self, names: Iterable[str], rows: Iterable[Iterable[Child]]) -> Markup:
        """A table with headed columns, whose rows stand as cards on a narrow screen."""
        heads = [self.say(code) for code in names]
        made = []
        for row in rows:
            cells = zip(heads, row, strict=True)
            made.append(element("tr", [element("td", cell, data_h=head[0], data_k=self.both(head)) for head, cell in cells]))
        top = element("tr", [self.text("th", pair, scope="col") for pair in heads])
        return element("div", element("table", [element("thead", top), element("tbody", made)], class_="stack"), class_="scroll")

    # What the script copies, and what it draws

    def help(self) -> Markup:
        """The keys."""
        rows = [(element("dt", element("kbd", key)), self.text("dd", self.say(code))) for key, code in KEYS]
        close = self.text("button", self.say("b-close"), id="close", type="button")
        return self.named("dialog", "b-keys", [self.text("h2", self.say("b-keys")), element("dl", rows, class_="keys"), close], id="help")

    def templates(self) -> Markup:
        """What every finding gets: its details and its comments."""
        detail = element("details", [self.text("summary", self.say("l-details")), element("div", class_="detail")], class_="more")
        said = element("details", self.text("summary", self.say("l-comments"), class_="ask"), class_="say")
        areas = [element("label", [self.text("span", self.say(f"role-{role}")), element("textarea", name=role)]) for role in ROLES]
        form = element("div", areas, class_="comment")
        return joined([element("template", [detail, said], id="tools"), element("template", form, id="comment")])


SECTIONS = {
    "verdict": _Page.verdict, "headroom": _Page.headroom, "routes": _Page.routes, "timeline": _Page.timeline, "todo": _Page.todo,
    "findings": _Page.listed, "changes": _Page.changes, "silent": _Page.out,
    "differences": _Page.differences, "provenance": _Page.provenance,
}  # fmt: skip


def asset(name: str) -> str:
    """A file of the page without its comments and the indents of its lines."""
    lines = map(str.strip, (ASSETS / name).read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if not line.startswith("//"))


def digest(text: str) -> str:
    """The source of a policy that names one script or style by its hash."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def island(name: str, plain: Any) -> Markup:
    """Plain data for the script, in which no text can end the element."""
    text = json.dumps(plain, ensure_ascii=False).replace("<", "\\u003c")
    return element("script", Markup(text), type="application/json", id=name)
