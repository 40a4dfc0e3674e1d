"""Check the decision variables of a pack: where each leads, how it steps, and what moves along with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from compliance import dates
from compliance.packs.book import AS_OF
from compliance.packs.manuscript import Manuscript
from compliance.quantities import parse
from compliance.source import Unreadable
from compliance.wording import listed

WORDS: Mapping[str, tuple[str, ...]] = {"date": ("earlier", "later"), "figure": ("less", "more")}
ASKS: Mapping[str, tuple[str, ...]] = {"date": ("earliest", "latest"), "figure": ("most", "least")}
_EXAMPLES: Mapping[str, str] = {"money": "0.01元", "shares": "100股", "price": "0.01元/股", "ratio": "0.01%", "count": "1", "date": "1日"}


def resolve(manuscript: Manuscript) -> None:
    """Check every variable of a pack and resolve its steps, days and formulas in place, noting each mistake."""
    read = frozenset(_paths_read(manuscript)) if manuscript.part("variables") else frozenset()
    for name, form in manuscript.part("variables").items():
        _Variable(manuscript, name, form, read).check()


def _paths_read(manuscript: Manuscript) -> Iterator[str]:
    """The paths that the rules read, items as ``list[].field``; the days that pick the law or that windows are held on."""
    assert manuscript.words is not None
    days = {**manuscript.part("days"), AS_OF: AS_OF}
    for rule in manuscript.rules:
        yield from (days[day] for day in (*rule["law"], *rule["held_on"]) if day in days)
    tops = [top for rule in manuscript.rules for top in (rule["applies"], *(part for clause in rule["clauses"] for part in clause))]
    for entity, name in manuscript.forest.fields(top for top in tops if top is not None):
        yield name
        yield from (f"{part}[].{name}" for part, of in manuscript.words.lists.items() if of == entity)


class _Variable:
    """One variable being checked."""

    def __init__(self, manuscript: Manuscript, name: str, form: dict[str, Any], paths_read: frozenset[str]) -> None:
        self.manuscript = manuscript
        self.name = name
        self.form = form
        self.paths_read = paths_read
        self.type = ""

    def wrong(self, *path: str | int, code: str, **values: object) -> None:
        """Note a mistake at a path of the variable."""
        self.manuscript.wrong(self.manuscript.place("variables", self.name, *path), code, **values)

    def check(self) -> None:
        """The variable itself, then each of its ways; a way is only looked at where it is known what it moves with."""
        form = self.form
        target = self.target(form["path"], "path")
        if target is None:
            return
        self.type = target
        kind = "date" if target == "date" else "figure"
        for part, known in (("may", WORDS), *((("ways", way, "asks"), ASKS) for way in form["ways"])):
            steps = (part,) if isinstance(part, str) else part
            given = form["may"] if part == "may" else form["ways"][steps[1]]["asks"]
            for index, word in enumerate(given):
                if word not in known[kind]:
                    self.wrong(*steps, index, code="variable-words", path=form["path"], known=listed(known[kind]))
        form["step"] = self.step()
        form["from"] = self.start()
        if not form["ways"]:
            self.wrong("ways", code="ways-none", name=self.name)
        for way, part in form["ways"].items():
            self.way(way, part["with"])
        if not self.manuscript.problems and not self.read():  # what hangs on it may be what has mistakes
            self.wrong("path", code="variable-idle", path=form["path"])

    def target(self, path: str, *place: str | int) -> str | None:
        """The type of the figure or day that a path leads to: of the filing, of the items of a list, or the day of the check."""
        if path == AS_OF:
            return "date"
        found = self.manuscript.field_at(path)
        if found is None or ("[]" in path and place == ("path",)):
            self.wrong(*place, code="path-unknown", path=path)
            return None
        if not found.numeric and found.type != "date":
            self.wrong(*place, code="path-type", path=path, expected={"zh": "数字或日期", "en": "figure or date"})
            return None
        return found.type

    def step(self) -> int:
        """The least change, in units of the field (a day for a day); one unit where none is given."""
        text = self.form["step"]
        if text is None:
            return 1
        found = self.manuscript.field_at(self.form["path"])
        try:
            kind, scale = ("count", 0) if self.type == "date" or found is None else (found.type, found.scale)
            figure = parse(text, kind, scale)  # type: ignore[arg-type]
            if figure.exact and figure.low > 0:
                return figure.low
        except Unreadable:
            pass
        self.wrong("step", code="variable-step", text=text, path=self.form["path"], example=_EXAMPLES[self.type])
        return 1

    def start(self) -> int | str | None:
        """The first day that a day can be: a day, or the name of a day of the pack."""
        text = self.form["from"]
        if text is None:
            return None
        if self.type != "date":
            self.wrong("from", code="variable-from")
            return None
        days = {*self.manuscript.part("days"), AS_OF}
        if text in days:
            return str(text)
        try:
            day = dates.parse(text)
            if day.exact:
                return day.low
        except Unreadable:
            pass
        self.wrong("from", code="day-unknown", name=text, known=listed(sorted(days)))
        return None

    def way(self, way: str, moves: list[dict[str, Any]]) -> None:
        """What moves along: each leads to a fact of a fitting type, once, and the condition is a truth about the item."""
        seen = set()
        for index, move in enumerate(moves):
            place = ("ways", way, "with", index)
            path, by = move["path"], move["by"]
            if path == self.form["path"]:
                self.wrong(*place, "path", code="move-itself", path=path)
            elif path in seen:
                self.wrong(*place, "path", code="move-twice", path=path)
            seen.add(path)
            target = self.target(path, *place, "path")
            if target is None:
                continue
            fits = target == self.type if by != "proportion" else "date" not in (target, self.type)
            if not fits:
                self.wrong(*place, "path", code="move-unit", path=path, found=target, by=by, expected=self.type)
            if move["against"] and by not in ("same", "shared", "each"):
                self.wrong(*place, "against", code="move-against", by=by)
            if "[]" not in path and (by in ("shared", "each") or move["where"] is not None):
                self.wrong(*place, "by" if by in ("shared", "each") else "where", code="move-list", by=by)
                continue
            move["where"] = self.where(path, *place) if move["where"] is not None else None

    def where(self, path: str, *place: str | int) -> int | None:
        """The condition on an item, typed."""
        manuscript = self.manuscript
        assert manuscript.words is not None and manuscript.scope is not None
        entity = manuscript.words.lists[path.partition("[].")[0]]
        node = manuscript.typed(
            manuscript.source_at("variables", self.name, *place, "where"), replace(manuscript.scope, entity=entity), "truth"
        )
        return manuscript.forest.put(node) if node is not None else None

    def read(self) -> bool:
        """Whether a rule reads the variable or something that moves along with it."""
        paths = {self.form["path"], *(move["path"] for way in self.form["ways"].values() for move in way["with"])}
        return not paths.isdisjoint(self.paths_read)
