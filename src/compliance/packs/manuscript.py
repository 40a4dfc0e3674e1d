"""A pack while it is put together: its files read into sections, where each part stands, and the mistakes found so far."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from compliance import source, vocabulary
from compliance.expressions.parse import Source
from compliance.expressions.tree import Forest, Node
from compliance.expressions.types import Scope, typed
from compliance.packs.forms import FILE, SECTIONS, SINGLE, TESTS
from compliance.packs.shapes import FileForm, Path
from compliance.source import Node as SourceNode
from compliance.source import Place, Problem, Scalar, SourceError
from compliance.wording import likely

NESTED = ("terms", "fields")
_NAMES = re.compile(r"[\w-]+")


@dataclass(slots=True)
class Manuscript:
    """A pack being put together: its sections, where each part stands, and the mistakes found so far."""

    name: str
    fine: bool = False
    tested: bool = False
    base: dict[str, Any] | None = None
    law: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)  # names of what has mistakes: what is wrong beside them may come of those
    torn: bool = False  # whether parts are lost of which not even the name is known
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    single: dict[str, Any] = field(default_factory=dict)
    rules: list[dict[str, Any]] = field(default_factory=list)
    conclusions: list[dict[str, Any]] = field(default_factory=list)
    out_of_scope: list[dict[str, Any]] = field(default_factory=list)
    equivalent: list[dict[str, Any]] = field(default_factory=list)
    nodes: dict[tuple[str, str], SourceNode] = field(default_factory=dict)
    words: vocabulary.Vocabulary | None = None
    scope: Scope | None = None
    forest: Forest = field(default_factory=Forest)

    def take(self, name: str, data: bytes) -> None:
        """Take one file: its shape first, then each sound part into its section."""
        node, plain = self.shaped(FILE, name, data)
        if not isinstance(node, source.Table):
            return
        for part in SINGLE:
            if plain[part] is not None:
                if part in self.single:
                    self.twice(node.keys[part], part)
                self.single[part] = plain[part]
                self.nodes[part, ""] = node.entries[part]
        for section in SECTIONS:
            for key, value in plain[section].items():
                table = node.entries[section]
                assert isinstance(table, source.Table)
                if section in NESTED:
                    self.take_nested(section, key, value, table.entries[key])
                    continue
                if key in self.sections.setdefault(section, {}):
                    self.twice(table.keys[key], key)
                self.sections[section][key] = value
                self.nodes[section, key] = table.entries[key]
        rows = {part["row"] for part in self.out_of_scope}
        for index, part in enumerate(plain["out_of_scope"]):
            if part["row"] in rows:
                self.twice(source.locate(node, ("out_of_scope", index, "row")), part["row"])
            rows.add(part["row"])
            self.out_of_scope.append(part)
        self.equivalent += plain["equivalent"]
        for section, kept in (("rules", self.rules), ("conclusions", self.conclusions)):
            for index, part in enumerate(plain[section]):
                listed = node.entries[section]
                assert isinstance(listed, source.Sequence)
                if (section, part["id"]) in self.nodes:
                    self.twice(source.locate(listed, (index, "id")), part["id"])
                kept.append(part)
                self.nodes[section, part["id"]] = listed.items[index]

    def shaped(self, form: FileForm, name: str, data: bytes) -> tuple[SourceNode | None, Any]:
        """A file's nodes and what they hold, both without what has mistakes; None where nothing of it can be taken."""
        rest: SourceNode | None
        try:
            rest = source.parse(data, name)
        except SourceError as error:
            self.problems += error.problems
            rest, self.torn = error.rest, True
        if rest is None:
            return None, None
        plain, node, problems, lost = form.read(rest)
        self.problems += problems
        for path in lost:
            named = _name_at(rest, path)
            self.torn |= named is None
            self.lost.add(named or "")
        return (None if plain is None else node), plain

    def take_tests(self, name: str, data: bytes) -> None:
        """Take one file of tests: those of each rule into the rule."""
        before = len(self.problems)
        node, form = self.shaped(TESTS, name, data)
        self.tested &= len(self.problems) == before  # of tests that are not all read nobody can say which are missing
        if not isinstance(node, source.Table):
            return
        table = node.entries["tests"]
        assert isinstance(table, source.Table)
        rules = {rule["id"]: rule for rule in self.rules}
        for rule, tests in form["tests"].items():
            if rule not in rules:
                self.wrong(table.keys[rule], "rule-unknown", name=rule, known=likely(rule, rules))
            elif rules[rule]["tests"]:
                self.twice(table.keys[rule], rule)
            else:
                rules[rule]["tests"] = tests
                self.nodes["tests", rule] = table.entries[rule]

    def titles(self) -> dict[str, Any]:
        """The titles of the pack's chapters, in the order in which a reader meets them."""
        return {part["id"]: part["title"] for part in self.single.get("chapters") or ()}

    def order_chapters(self) -> None:
        """Put the rules in the order of the pack's chapters (its files); files that it does not name come last, by name."""
        order = {name: index for index, name in enumerate(self.titles())}
        files = {node.place.document.rpartition("/")[2].rpartition(".")[0] for node in self.nodes.values()}
        for index, name in enumerate(order):
            if name not in files and self.base is None:
                self.wrong(self.place("chapters", "", index, "id"), "chapter-unknown", name=name, known=likely(name, sorted(files)))

        def chapter(rule: dict[str, Any]) -> tuple[int, str]:
            file = self.place("rules", rule["id"]).document.rpartition("/")[2].rpartition(".")[0]
            return order.get(file, len(order)), file

        self.rules.sort(key=chapter)

    def take_nested(self, section: str, entity: str, parts: dict[str, Any], node: SourceNode) -> None:
        """Take parts that several files may give for one entity: its terms, and fields beside those it was declared with."""
        assert isinstance(node, source.Table)
        kept = self.sections.setdefault(section, {}).setdefault(entity, {})
        for name, part in parts.items():
            if name in kept:
                self.twice(node.keys[name], f"{entity}.{name}")
            kept[name] = part
            self.nodes[section, f"{entity}.{name}"] = node.entries[name]

    def node_of(self, section: str, key: str, path: tuple[str | int, ...]) -> tuple[SourceNode | None, tuple[str | int, ...]]:
        """The node that a part of the pack begins at, and the rest of the path from there."""
        if section == "entities" and len(path) > 1 and path[1] in self.part("fields").get(key, {}):
            section, path = "fields", path[1:]
        if section in NESTED and path:
            return self.nodes.get((section, f"{key}.{path[0]}")), path[1:]
        return self.nodes.get((section, key)), path

    def wrong(self, place: Place, code: str, **values: object) -> None:
        """Note a mistake; not one that names what has mistakes of its own, for it may go away with those."""
        self.note(Problem(place, code, values))

    def twice(self, place: Place, name: str) -> None:
        """Note that a name is given twice: nobody knows what the second was to be called."""
        self.wrong(place, "pack-twice", name=name)
        self.torn = True

    def note(self, problem: Problem) -> None:
        """As ``wrong``, for a mistake that somebody else has put into words."""
        texts = (value for value in problem.values.values() if isinstance(value, str))
        if self.lost.isdisjoint(name for text in texts for name in _NAMES.findall(text)):
            self.problems.append(problem)

    def place(self, section: str, key: str, *path: str | int) -> Place:
        """Where a part of the pack stands."""
        node, rest = self.node_of(section, key, path)
        return source.locate(node, rest) if node is not None else Place("pack")

    def part(self, name: str) -> dict[str, Any]:
        """A section, empty where no file has it."""
        return self.sections.setdefault(name, {})

    def field_at(self, path: str) -> vocabulary.Field | None:
        """The field that a path leads to: of the filing itself, or of every item of a list (``list[].field``)."""
        assert self.words is not None
        found = self.words.along(path)
        return found[-1] if found else None

    def extended(self) -> None:
        """What has been read is the pack that is extended: its single parts are set aside, its rules are the law's."""
        self.base = self.single
        self.single = {}
        self.law = {rule["id"] for rule in self.rules}

    def house(self) -> None:
        """What extends a pack has a version and rules of force ``house``; filings are written for the pack extended."""
        assert self.base is not None
        for name in ("disclaimer", "routes", "forces", "signatures", "calendar"):
            if name in self.single:
                self.wrong(self.place(name, ""), "pack-base-part", name=name)
        for rule in self.rules:
            if rule["id"] not in self.law and rule["force"] != "house":
                self.wrong(self.place("rules", rule["id"], "force"), "pack-house", name=rule["id"])
        for name in ("id", "version"):
            if name not in self.single:
                self.wrong(Place(f"{self.name}/pack.yaml"), "pack-without", name=name)
        own = {"id": "", "version": "", **self.single}
        version = f"{self.base.get('version')}+{own['id']}.{own['version']}"
        self.single = {**self.base, **({"title": own["title"]} if "title" in own else {}), "version": version}

    def source_at(self, section: str, key: str, *path: str | int) -> Source:
        """The expression that stands at a path."""
        node, rest = self.node_of(section, key, path)
        for step in rest:
            if isinstance(node, source.Table):
                node = node.entries.get(str(step))
            elif isinstance(node, source.Sequence) and isinstance(step, int):
                node = node.items[step]
        if not isinstance(node, Scalar) or node.text is None:
            return Source("", self.place(section, key, *path))
        place = node.place
        if not node.plain and place.line:
            place = place._replace(column=place.column + 1)  # one in quotes begins a column later
        return Source(node.text, place)

    def typed(self, at: Source, scope: Scope, expect: str | None) -> Node | None:
        """The typed tree, or None with the mistake noted."""
        node = typed(at, scope, expect)
        if not isinstance(node, Problem):
            return node
        if node.code == "name-unknown" and node.values["name"] in self.part("measures"):
            node = Problem(node.place, "name-later", {"name": node.values["name"]})
        self.note(node)
        return None


def _name_at(node: SourceNode, path: Path) -> str | None:
    """The name of a part; empty for one that nothing can name, None where it should have one and has not."""
    if not path or isinstance(path[-1], str):
        return str(path[-1]) if path else None
    for step in path:
        node = node.entries[str(step)] if isinstance(node, source.Table) else node.items[int(step)]  # type: ignore[union-attr]
    name = node.entries.get("id") if isinstance(node, source.Table) else None
    if isinstance(name, Scalar) and name.text:
        return name.text
    return None if path[0] in ("rules", "conclusions") else ""
