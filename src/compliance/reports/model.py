"""The view model: the lines that a report shows of a record, in one language.

Every report is made from it, and none of them computes anything.
"""

from __future__ import annotations

from typing import NamedTuple

from compliance.reports import beside
from compliance.reports.bars import Bar, Reach


class FactRow(NamedTuple):
    """A fact that a finding read: its path, what it is, its value as written, where it stands, the working paper, and its type."""

    path: str
    label: str
    value: str
    place: str
    paper: str
    type: str


class FactGroup(NamedTuple):
    """The facts of one item: its path, what it is, and the facts."""

    path: str
    label: str
    rows: tuple[FactRow, ...]


class QuestionRow(NamedTuple):
    """A question that bears on a finding, once for all items it is asked of: who answered what, and what to bring.

    ``paths`` are those that a file of answers names it by, ``choices`` what may be answered: as it is written there (empty for any
    figure), and what that stands for. ``how`` says both in a line.
    """

    text: str
    answers: tuple[str, ...]
    bring: str
    paths: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    how: str = ""


class NeedRow(NamedTuple):
    """What an open finding lacks, in parts: what, who has it, where it usually stands, and the verdicts that it alone could give."""

    label: str
    settled_by: str
    who: str
    document: str
    settles: str


class Cited(NamedTuple):
    """A citation: the instrument's title, the article, the version in force with how it was confirmed, and the official wording,
    a paragraph a line, where the user brought it."""

    title: str
    article: str
    version: str
    wording: tuple[str, ...] = ()


class FindingView(NamedTuple):
    """One finding as lines.

    ``parties`` are positions in the view's parties: who could settle or turn it. ``opening`` is the message for where the needs stand
    below it: it does not name them as well. ``needed`` are the paths under which a filing states the needs.
    """

    rule: str
    chapter: str
    parties: tuple[int, ...]
    title: str
    verdict: str
    word: str
    force: str
    force_word: str
    robust: bool | None
    covers: tuple[str, ...]
    message: str
    restated: str
    figures: tuple[tuple[str, str], ...]
    rests: str
    flips: tuple[str, ...]
    needs: tuple[str, ...]
    opening: str
    lacks: tuple[NeedRow, ...]
    margins: tuple[str, ...]
    remedies: tuple[str, ...]
    cites: str
    citations: tuple[str, ...]
    cited: tuple[Cited, ...]
    why: tuple[str, ...]
    days: tuple[str, ...]
    exceptions: tuple[str, ...]
    working: tuple[str, ...]
    facts: tuple[FactGroup, ...]
    questions: tuple[QuestionRow, ...]
    filing_says: str
    taken: tuple[str, ...]
    fingerprint: str
    bar: Bar | None
    reaches: tuple[Reach, ...]
    drafts: tuple[str, ...]
    changed: str
    official: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()


class TodoRow(NamedTuple):
    """Something that is missing or for people to judge: what, from whom, where it stands, and the rules it bears on."""

    path: str
    label: str
    settled_by: str
    who: str
    document: str
    settles: tuple[str, ...]
    bears: tuple[str, ...]


class Step(NamedTuple):
    """Something to bring or to judge, and how far it is from a verdict: ``distance`` items, it included, have to come together.

    ``settles`` are the open rules that it alone could decide, ``turns`` the decided ones that it could turn (with others, if the
    distance is above one), ``bears`` all it bears on.
    """

    path: str
    label: str
    settled_by: str
    who: str
    document: str
    distance: int
    settles: tuple[str, ...]
    turns: tuple[str, ...]
    bears: tuple[str, ...]


class Conclusion(NamedTuple):
    """What follows from several findings, their rules, and of an opinion the parties that have to give it."""

    text: str
    because: tuple[str, ...]
    opine: tuple[str, ...]


class Opinions(NamedTuple):
    """What several parties answered to one question of a rule; a party that said nothing is left empty."""

    rule: str
    question: str
    answers: tuple[str, ...]
    differ: bool


class Tally(NamedTuple):
    """A name and how many findings it is about, for a filter."""

    code: str
    label: str
    findings: int


class Line(NamedTuple):
    """A line of what comes first: what it is about, which may lead to a finding or a party (by its code in the view), and what is said."""

    lead: str
    text: str
    rule: str = ""
    party: str = ""


class Glance(NamedTuple):
    """One thing that a reader looks for first, with what there is to say."""

    code: str
    label: str
    lines: tuple[Line, ...]


class View(NamedTuple):
    """A whole record as lines."""

    lang: str
    issuer: str
    as_of: str
    route: str
    record_id: str
    cover: tuple[tuple[str, str], ...]
    verdict: str
    sentence: str
    counts: tuple[tuple[str, str, int], ...]
    glance: tuple[Glance, ...]
    passes: str
    coverage: tuple[str, ...]
    brought: str
    chapters: tuple[Tally, ...]
    parties: tuple[Tally, ...]
    fails: tuple[FindingView, ...]
    open: tuple[FindingView, ...]
    fragile: tuple[FindingView, ...]
    robust: tuple[FindingView, ...]
    not_applicable: tuple[FindingView, ...]
    upcoming: tuple[str, ...]
    drafts: tuple[str, ...]
    todo: tuple[TodoRow, ...]
    agenda: tuple[Step, ...]
    conclusions: tuple[Conclusion, ...]
    inconsistencies: tuple[str, ...]
    agreement: str
    disagreements: tuple[str, ...]
    opinions_of: tuple[str, ...]
    opinions: tuple[Opinions, ...]
    ties: str
    tie_rows: tuple[tuple[str, ...], ...]
    mismatches: tuple[str, ...]
    assumptions: tuple[str, ...]
    material: tuple[str, ...]
    documents: tuple[str, ...]
    routes: beside.Matrix | None
    timeline: beside.Timeline | None
    changes: tuple[beside.Change, ...]
    out_of_scope: tuple[tuple[str, str], ...]
    provenance: tuple[tuple[str, str], ...]
    absent: tuple[tuple[str, str], ...]
    basis: str
    disclaimer: str

    def findings(self) -> tuple[FindingView, ...]:
        """Every finding that applies or may, the gravest first."""
        return self.fails + self.open + self.fragile + self.robust
