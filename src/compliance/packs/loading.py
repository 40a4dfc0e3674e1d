"""Read a pack's folder, check it whole, type its formulas, and give the book or every mistake with its place."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from compliance import dates, source, vocabulary
from compliance.expressions.parse import Source
from compliance.expressions.tree import TRUTH, Forest, Node, Type
from compliance.expressions.types import RESERVED, Scope, typed
from compliance.packs.book import AS_OF, Pack, assemble, reading_names
from compliance.packs.folder import content_hash, read, read_tests
from compliance.quantities import parse as parse_figure
from compliance.source import Node as SourceNode
from compliance.source import Place, Problem, Scalar, SourceError, Unreadable
from compliance.vocabulary import MAX_MEMBERS, PLAIN_TYPES, ROOT, SCALES, UNITS, Field
from compliance.wording import listed

EVER = "1900-01-01"  # before every day of a law
NESTED = ("terms", "fields")
_TYPES = {"date": {"zh": "日期", "en": "date"}, "kind": {"zh": "类别", "en": "kind"}}
PLACEHOLDERS = frozenset({"measure", "limit", "headroom", "ratio", "needs", "days"})
_NUMERALS = "一二三四五六七八九十"
CITE = re.compile(r"(\w+)\s+([^（(\s]+)(?:[（(]([一二三四五六七八九十]+)[)）])?(.*)")


def load(folder: Path, fine: bool = False) -> Pack:
    """The book in a folder, with the tests of its rules. Raises ``SourceError`` with every mistake found.

    With ``fine`` a parameter is held at the whole scale of its type, within bounds a little wider than its values: whoever
    tries others in their place needs the room. The verdicts are the same.
    """
    return assemble(check(read(folder), folder.name, fine, read_tests(folder)))


def check(files: Mapping[str, bytes], name: str, fine: bool = False, tests: Mapping[str, bytes] | None = None) -> dict[str, Any]:
    """A pack's files as checked plain data (see ``book.assemble``). Raises ``SourceError`` with every mistake found.

    ``tests`` are the files of tests that stand beside; where there are none given, the book is one without tests.
    """
    draft = _Draft(name, fine, tests is not None)
    base = {file: data for file, data in files.items() if "/" in file}
    for file, data in base.items():
        draft.take(file, data)
    if base:
        draft.extended()
    for file, data in files.items():
        if file not in base:
            draft.take(f"{name}/{file}", data)
    for file, data in (tests or {}).items():
        draft.take_tests(file, data)
    if base and not draft.problems:
        draft.house()
    if not draft.problems:
        draft.order_chapters()
        draft.resolve()
    if draft.problems:
        raise SourceError(sorted(draft.problems, key=lambda problem: problem.place))
    law = content_hash({file.partition("/")[2]: data for file, data in base.items()}) if base else ""
    return {**draft.checked(content_hash(files)), "base_sha256": law}


@dataclass(slots=True)
class _Draft:
    """A pack being put together: its sections, where each part stands, and the mistakes found so far."""

    name: str
    fine: bool = False
    tested: bool = False
    base: dict[str, Any] | None = None
    law: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
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

    # Reading

    def take(self, name: str, data: bytes) -> None:
        """Take one file: its shape first, then each part into its section."""
        from compliance.packs.forms import SECTIONS, SINGLE, FileForm
        from compliance.shape import problems_of

        try:
            node = source.parse(data, name)
        except SourceError as error:
            self.problems += error.problems
            return
        form, problems = problems_of(FileForm, node)
        self.problems += problems
        if form is None or not isinstance(node, source.Table):
            return
        plain = form.model_dump(by_alias=True, exclude_none=False)
        for part in SINGLE:
            if plain[part] is not None:
                if part in self.single:
                    self.wrong(node.keys[part], "pack-twice", name=part)
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
                    self.wrong(table.keys[key], "pack-twice", name=key)
                self.sections[section][key] = value
                self.nodes[section, key] = table.entries[key]
        for index, part in enumerate(plain["out_of_scope"]):
            if any(part["row"] == other["row"] for other in self.out_of_scope):
                self.wrong(source.locate(node, ("out_of_scope", index, "row")), "pack-twice", name=part["row"])
            self.out_of_scope.append(part)
        self.equivalent += plain["equivalent"]
        for section, kept in (("rules", self.rules), ("conclusions", self.conclusions)):
            for index, part in enumerate(plain[section]):
                listed = node.entries[section]
                assert isinstance(listed, source.Sequence)
                if any(part["id"] == other["id"] for other in kept):
                    self.wrong(source.locate(listed, (index, "id")), "pack-twice", name=part["id"])
                kept.append(part)
                self.nodes[section, part["id"]] = listed.items[index]

    def take_tests(self, name: str, data: bytes) -> None:
        """Take one file of tests: those of each rule into the rule."""
        from compliance.packs.forms import TestsForm
        from compliance.shape import problems_of

        try:
            node = source.parse(data, name)
        except SourceError as error:
            self.problems += error.problems
            return
        form, problems = problems_of(TestsForm, node)
        self.problems += problems
        if form is None or not isinstance(node, source.Table):
            return
        table = node.entries["tests"]
        assert isinstance(table, source.Table)
        rules = {rule["id"]: rule for rule in self.rules}
        for rule, tests in form.model_dump()["tests"].items():
            if rule not in rules:
                self.wrong(table.keys[rule], "rule-unknown", name=rule, known=listed(rules))
            elif rules[rule]["tests"]:
                self.wrong(table.keys[rule], "pack-twice", name=rule)
            else:
                rules[rule]["tests"] = tests
                self.nodes["tests", rule] = table.entries[rule]

    def titles(self) -> dict[str, Any]:
        """The titles of the pack's chapters, in the order in which a reader meets them."""
        return {part["id"]: part["title"] for part in self.single.get("chapters") or ()}

    def order_chapters(self) -> None:
        """Put the rules in the order of the pack's chapters (its files); files that it does not name come last, by name."""
        order = {name: index for index, name in enumerate(self.titles())}

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
                self.wrong(node.keys[name], "pack-twice", name=f"{entity}.{name}")
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
        """Note a mistake."""
        self.problems.append(Problem(place, code, values))

    def place(self, section: str, key: str, *path: str | int) -> Place:
        """Where a part of the pack stands."""
        node, rest = self.node_of(section, key, path)
        return source.locate(node, rest) if node is not None else Place("pack")

    def part(self, name: str) -> dict[str, Any]:
        """A section, empty where no file has it."""
        return self.sections.setdefault(name, {})

    def extended(self) -> None:
        """What has been read is the pack that is extended: its single parts are set aside, its rules are the law's."""
        self.base = self.single
        self.single = {}
        self.law = {rule["id"] for rule in self.rules}

    def house(self) -> None:
        """What extends a pack has a version and rules of force ``house``; filings are written for the pack extended."""
        assert self.base is not None
        for name in ("disclaimer", "routes", "calendar"):
            if name in self.single:
                self.wrong(self.place(name, ""), "pack-base-part", name=name)
        for rule in self.rules:
            if rule["id"] not in self.law and rule["force"] != "house":
                self.wrong(self.place("rules", rule["id"], "force"), "pack-house", name=rule["id"])
        for name in ("id", "version"):
            if name not in self.single:
                self.wrong(Place(f"{self.name}/pack.yaml"), "pack-without", name=name)
        if not self.problems:
            version = f"{self.base['version']}+{self.single['id']}.{self.single['version']}"
            self.single = {**self.base, "title": self.single.get("title") or self.base["title"], "version": version}

    # Checking

    def resolve(self) -> None:
        """Check the parts against each other and type every formula."""
        for name in ("id", "version", "title", "disclaimer", "routes"):
            if name not in self.single:
                self.wrong(Place(f"{self.name}/pack.yaml"), "pack-without", name=name)
        self.vocabulary()
        if self.problems:
            return
        plain = {name: self.part(name) for name in ("kinds", "questions", "entities", "filing")}
        try:
            self.words = vocabulary.build(plain)
        except Unreadable as error:
            self.wrong(Place("facts.yaml"), error.code, **error.values)
            return
        self.instruments()
        self.parameters()
        self.readings()
        self.days()
        self.calendar()
        self.formulas()

    def vocabulary(self) -> None:
        """References of the vocabulary: types, entities, questions, keys, kinds that are not too large."""
        kinds, entities, filing = self.part("kinds"), self.part("entities"), self.part("filing")
        for entity, fields in self.part("fields").items():
            if entity not in entities:
                self.wrong(self.place("fields", entity, *list(fields)[:1]), "entity-unknown", name=entity)
                continue
            for name, form in fields.items():
                if name in entities[entity]["fields"]:
                    self.wrong(self.place("fields", entity, name), "pack-twice", name=f"{entity}.{name}")
                entities[entity]["fields"][name] = form
        lists = {name: form["list"] for name, form in filing.items() if form["list"]}
        for name, members in kinds.items():
            if len(members) > MAX_MEMBERS or name in PLAIN_TYPES:
                self.wrong(self.place("kinds", name), "kind-bad", name=name, limit=MAX_MEMBERS)
        for name, form in entities.items():
            if form["key"] is not None and form["key"] not in form["fields"]:
                self.wrong(self.place("entities", name, "key"), "field-unknown", name=form["key"], entity=name)
            if form["ends"] is not None and form["fields"].get(form["ends"], {}).get("type") != "date":
                self.wrong(self.place("entities", name, "ends"), "field-unknown", name=form["ends"], entity=name)
            for field_name, part in form["fields"].items():
                self.field(name, field_name, part, kinds, entities, lists)
        for name, form in filing.items():
            if (form["entity"] is None) == (form["list"] is None) or (form["list"] and form["label"] is None):
                self.wrong(self.place("filing", name), "part-one", name=name)
                continue
            target = form["entity"] or form["list"]
            if target not in entities:
                self.wrong(self.place("filing", name), "entity-unknown", name=target)

    def field(self, entity: str, name: str, form: Mapping[str, Any], kinds: Any, entities: Any, lists: Any) -> None:
        """One field of the vocabulary."""
        path = ("fields", name)
        if form["type"] not in PLAIN_TYPES and form["type"] not in kinds:
            self.wrong(self.place("entities", entity, *path, "type"), "type-unknown", name=form["type"])
        if form["type"] == "list" and form["of"] not in entities:
            self.wrong(self.place("entities", entity, *path, "of"), "entity-unknown", name=form["of"])
        if form["type"] == "ref" and form["of"] not in lists:
            self.wrong(self.place("entities", entity, *path, "of"), "list-unknown", name=form["of"])
        if form["question"] is not None and form["question"] not in self.part("questions"):
            self.wrong(self.place("entities", entity, *path, "question"), "question-unknown", name=form["question"])
        if form["settled_by"] == "judgement" and form["question"] is None:
            self.wrong(self.place("entities", entity, *path), "question-missing", name=name)
        for other in form["alike"]:
            if other not in entities[entity]["fields"]:
                self.wrong(self.place("entities", entity, *path, "alike"), "field-unknown", name=other, entity=entity)
        for end in ("min", "max"):
            self.bound(form, end, self.place("entities", entity, *path, end))
        if form["open_when"] is not None and form["settled_by"] != "judgement":
            self.wrong(self.place("entities", entity, *path, "open_when"), "open-when-settled", name=name)

    def bound(self, form: Mapping[str, Any], end: str, place: Place) -> None:
        """A bound of a figure reads as one."""
        if form[end] is None or form["type"] not in SCALES:
            return
        try:
            vocabulary.bound(form[end], form["type"], int(form["scale"] or SCALES[form["type"]]))
        except Unreadable as error:
            self.wrong(place, error.code, **error.values)

    def dated(self, section: str, key: str, forms: list[Any], *path: str | int) -> None:
        """Dated parts come in the order of their days, each on a day of its own."""
        days = [dates.parse(form["from"]).low for form in forms]
        for index in range(1, len(days)):
            if days[index] <= days[index - 1]:
                self.wrong(self.place(section, key, *path, index, "from"), "dates-order", day=forms[index]["from"])
        for index, form in enumerate(forms):
            until = form.get("until")
            if until and dates.parse(until).low <= days[index]:
                self.wrong(self.place(section, key, *path, index, "until"), "dates-order", day=until)
        if not forms:
            self.wrong(self.place(section, key, *path), "dates-none", name=key)

    def instruments(self) -> None:
        """The versions of each instrument."""
        for name, form in self.part("instruments").items():
            self.dated("instruments", name, form["versions"], "versions")

    def cites(self, form: dict[str, Any], section: str, key: str, *path: str | int) -> None:
        """Resolve citations in place: ``LAO18 五(三)`` becomes its instrument and article."""
        found = []
        for index, text in enumerate(form["cite"]):
            place = self.place(section, key, *path, "cite", index)
            match = CITE.fullmatch(text.strip())
            instrument = self.part("instruments").get(match[1]) if match else None
            if match is None or instrument is None:
                known = listed(self.part("instruments"))
                self.wrong(place, "cite-instrument", text=text, known=known)
                continue
            items = instrument["articles"].get(match[2])
            if items is None or (match[3] and numeral(match[3]) > items):
                self.wrong(place, "cite-article", text=text, instrument=match[1])
                continue
            found.append((match[1], match[2] + (f"({match[3]})" if match[3] else "") + match[4]))
        if not form["cite"]:
            self.wrong(self.place(section, key, *path), "cite-none", name=key)
        form["cite"] = found

    def parameters(self) -> None:
        """The values of each parameter, as whole numbers at one scale, or as bits of a kind."""
        assert self.words is not None
        for name, form in self.part("parameters").items():
            self.dated("parameters", name, form["values"], "values")
            quantity = form["type"]
            if quantity not in SCALES and quantity not in self.words.kinds and quantity != "date":
                self.wrong(self.place("parameters", name, "type"), "type-unknown", name=quantity)
                continue
            held = []
            for index, value in enumerate(form["values"]):
                self.cites(value, "parameters", name, "values", index)
                try:
                    held.append(self.held(quantity, value["value"]))
                except Unreadable as error:
                    self.wrong(self.place("parameters", name, "values", index, "value"), error.code, **error.values)
            scale = SCALES.get(quantity, 0)
            if quantity in SCALES:
                while scale and not self.fine and all(number % 10 == 0 for number in held):
                    held, scale = [number // 10 for number in held], scale - 1
                least, most = (min(held), max(held)) if held else (0, 0)
                if self.fine:
                    least, most = _room(least, most, quantity)
                kind = Type("number", scale, UNITS[quantity], least=least, most=most)
            else:
                kind = Type("date") if quantity == "date" else Type("enum", of=quantity)
            form["kind"], form["quantity"] = list(kind), quantity
            for value, number in zip(form["values"], held, strict=False):
                value["held"] = number
                value["shown"] = value["value"] if isinstance(value["value"], str) else "、".join(value["value"])

    def held(self, quantity: str, value: Any) -> int:
        """A parameter's value as it is held. Raises ``Unreadable``."""
        assert self.words is not None
        if quantity in self.words.kinds:
            members = [value] if isinstance(value, str) else value
            for member in members:
                if member not in self.words.kinds[quantity]:
                    known = listed(self.words.kinds[quantity])
                    raise Unreadable("member-unknown", name=member, kind=quantity, members=known)
            return sum(self.words.bit(quantity, member) for member in set(members))
        if not isinstance(value, str):
            raise Unreadable("shape-text")
        figure = dates.parse(value) if quantity == "date" else parse_figure(value, quantity, SCALES[quantity])  # type: ignore[arg-type]
        if not figure.exact:
            raise Unreadable("literal-unreadable", text=value)
        return figure.low

    def readings(self) -> None:
        """The readings: two options at least, and a default among them."""
        for name, form in self.part("readings").items():
            self.cites(form, "readings", name)
            if len(form["options"]) < 2:
                self.wrong(self.place("readings", name, "options"), "reading-options", name=name)
            if form["default"] != "both" and form["default"] not in form["options"]:
                self.wrong(
                    self.place("readings", name, "default"), "reading-default", name=form["default"], options=listed(form["options"])
                )

    def days(self) -> None:
        """The days that rules name, and the path of the route."""
        assert self.words is not None
        for name, path in [*self.part("days").items(), ("routes", None)]:
            target = path if path is not None else self.single["routes"]["path"]
            found = self.words.root.fields.get(target)
            place = self.place("days", name) if path is not None else self.place("routes", "", "path")
            needed = "date" if path is not None else "kind"
            if found is None:
                self.wrong(place, "path-unknown", path=target)
            elif found.type != needed:
                self.wrong(place, "path-type", path=target, expected=_TYPES[needed])

        for name, path in self.part("words").items():
            found = self.words.root.fields.get(path)
            if found is None or found.type != "kind":
                self.wrong(self.place("words", name), "path-unknown", path=path)

    # Formulas

    def expression(self, text: str, place: Place, node: SourceNode | None) -> Source:
        """An expression with its place; one in quotes begins a column later."""
        if isinstance(node, Scalar) and not node.plain and place.line:
            place = place._replace(column=place.column + 1)
        return Source(text, place)

    def source_at(self, section: str, key: str, *path: str | int) -> Source:
        """The expression that stands at a path."""
        node, rest = self.node_of(section, key, path)
        for step in rest:
            if isinstance(node, source.Table):
                node = node.entries.get(str(step))
            elif isinstance(node, source.Sequence) and isinstance(step, int):
                node = node.items[step]
        text = node.text if isinstance(node, Scalar) and node.text is not None else ""
        return self.expression(text, self.place(section, key, *path), node)

    def typed(self, at: Source, scope: Scope, expect: str | None) -> Node | None:
        """The typed tree, or None with the mistake noted."""
        node = typed(at, scope, expect)
        if isinstance(node, Problem):
            self.problems.append(node)
            return None
        return node

    def calendar(self) -> None:
        """The calendar of trading days: its weekdays without a session, each once, in order and within what is known."""
        form = self.single.get("calendar")
        if form is None:
            return
        since, until, *closed = (dates.parse(day).low for day in (form["since"], form["until"], *form["closed"]))
        if until < since:
            self.wrong(self.place("calendar", "", "until"), "dates-order", day=form["until"])
        before = 0
        for index, day in enumerate(closed):
            if not before < day:
                self.wrong(self.place("calendar", "", "closed", index), "dates-order", day=form["closed"][index])
            if not since <= day <= until or (day - 1) % 7 > 4:
                self.wrong(self.place("calendar", "", "closed", index), "calendar-day", day=form["closed"][index])
            before = day
        form["held"] = (since, until, *closed)

    def formulas(self) -> None:
        """Terms, measures and rules, in this order: each may name those before it."""
        assert self.words is not None
        parameters = {name: Type(*form["kind"]) for name, form in self.part("parameters").items() if "kind" in form}
        for name in parameters:
            self.check_name("parameters", name)
        terms = {}
        for entity, forms in self.part("terms").items():
            if entity not in self.words.entities:
                self.wrong(self.place("terms", entity, *list(forms)[:1]), "entity-unknown", name=entity)
                continue
            for name, form in forms.items():
                self.cites(form, "terms", entity, name)
                if name in self.words.entities[entity].fields or name in RESERVED:
                    self.wrong(self.place("terms", entity, name), "name-taken", name=name)
                terms[entity, name] = self.source_at("terms", entity, name, "formula")
        calendar = self.single["calendar"]["held"] if self.single.get("calendar") else None
        scope = Scope(self.words, parameters, {}, terms, reading_names(self.part("readings"), self.words), calendar=calendar)
        for entity, name in terms:
            self.typed(terms[entity, name], replace(scope, entity=entity), None)
        measures: dict[str, Node] = {}
        for name, form in self.part("measures").items():
            self.cites(form, "measures", name)
            self.check_name("measures", name)
            node = self.typed(self.source_at("measures", name, "formula"), replace(scope, measures=dict(measures)), None)
            if node is not None:
                measures[name], form["tree"] = node, self.forest.put(node)
        self.scope = replace(scope, measures=measures)
        self.open_when()
        for rule in self.rules:
            self.rule(rule)
        for conclusion in self.conclusions:
            self.conclusion(conclusion)
        from compliance.packs.variables import resolve

        resolve(self)
        for name, draft in self.part("drafts").items():
            for index, change in enumerate(draft["changes"]):
                for rule_id in change["rules"]:
                    if all(rule["id"] != rule_id for rule in self.rules):
                        place = self.place("drafts", name, "changes", index, "rules")
                        self.wrong(place, "rule-unknown", name=rule_id, known=listed(rule["id"] for rule in self.rules))

    def check_name(self, section: str, name: str) -> None:
        """A name of the pack that hides nothing else."""
        assert self.words is not None
        others = [part for part in ("parameters", "measures") if part != section and name in self.part(part)]
        if name in RESERVED or name in self.words.root.fields or name in self.words.singles or others:
            self.wrong(self.place(section, name), "name-taken", name=name)

    def open_when(self) -> None:
        """For which items a field is a judgement."""
        assert self.words is not None and self.scope is not None
        self.single["open_when"] = []
        for entity in self.words.entities.values():
            for form in entity.fields.values():
                if form.open_when is not None:
                    at = self.source_at("entities", entity.name, "fields", form.name, "open_when")
                    node = self.typed(at, replace(self.scope, entity=entity.name), "truth")
                    if node is not None:
                        self.single["open_when"].append([entity.name, form.name, self.forest.put(node)])

    def rule(self, rule: dict[str, Any]) -> None:
        """One rule: its citations, days, formulas, exceptions, messages and tests."""
        assert self.scope is not None
        name = rule["id"]
        self.cites(rule, "rules", name)
        days = {*self.part("days"), AS_OF}
        for part in ("law", "held_on"):
            for index, day in enumerate(rule[part]):
                if day not in days:
                    self.wrong(self.place("rules", name, part, index), "day-unknown", name=day, known=listed(sorted(days)))
        scope = self.scope
        if rule["limit"] is not None:
            limit = self.typed(self.source_at("rules", name, "limit"), scope, "number")
            scope = replace(scope, limit=limit)
        applies = self.typed(self.source_at("rules", name, "applies"), scope, "truth") if rule["applies"] is not None else None
        require = self.typed(self.source_at("rules", name, "require"), scope, "truth")
        clauses: list[tuple[Node | None, Node | None]] = [(None, require)]
        for index, form in enumerate(rule["exceptions"]):
            clauses.append(self.exception(name, index, form, scope))
        put = self.forest.put
        rule["applies"] = put(applies) if applies is not None else None
        rule["clauses"] = [(put(when) if when is not None else None, put(asks)) for when, asks in clauses if asks is not None]
        if require is not None and not rule["held_on"] and any(n.op == "day" for _, asks in clauses if asks for n in asks.walk()):
            self.wrong(self.place("rules", name, "require"), "day-needed")
        rule["terms"] = self.terms_named([require, *(asks for _, asks in clauses)])
        rule["place"] = str(self.place("rules", name, "id"))
        for index, margin in enumerate(rule["margins"]):
            self.margin(name, index, margin)
        self.messages(name, rule["message"])
        self.tests(rule)

    def exception(self, name: str, index: int, form: dict[str, Any], scope: Scope) -> tuple[Node | None, Node | None]:
        """A labelled exception: when it holds, and what is then required."""
        path = ("exceptions", index)
        self.cites(form, "rules", name, *path)
        when = self.typed(self.source_at("rules", name, *path, "when"), scope, "truth")
        if when is not None and (form["from"] or form["until"]):
            when = Node("and", TRUTH, (self.dated_exception(name, index, form), when))
        if (form["limit"] is None) == (form["require"] is None):
            self.wrong(self.place("rules", name, *path), "exception-one")
            return when, None
        if form["require"] is not None:
            return when, self.typed(self.source_at("rules", name, *path, "require"), scope, "truth")
        if _is_literal(form["limit"]):
            limit = self.literal(form["limit"], self.place("rules", name, *path, "limit"))
        else:
            limit = self.typed(self.source_at("rules", name, *path, "limit"), replace(scope, limit=None), "number")
        if limit is None:
            return when, None
        return when, self.typed(self.source_at("rules", name, "require"), replace(scope, limit=limit), "truth")

    def dated_exception(self, name: str, index: int, form: dict[str, Any]) -> Node:
        """Whether an exception with days of its own is in force, as a parameter that the day of the law picks like any other."""
        start, end = form["from"] or EVER, form["until"]
        if end and dates.parse(end).low <= dates.parse(start).low:
            self.wrong(self.place("rules", name, "exceptions", index, "until"), "dates-order", day=end)
        kind = Type("number", least=0, most=1)
        days = [(EVER, 0)] if form["from"] else []
        days += [(start, 1), *([(end, 0)] if end else [])]
        values = [{"from": day, "until": None, "held": held, "shown": str(held), "cite": form["cite"]} for day, held in days]
        flag = f"{name}.{form['id']}"
        label = {"zh": f"例外“{form['title']['zh']}”是否施行", "en": f"whether the exception is in force: {form['title']['en']}"}
        self.part("parameters")[flag] = {"label": label, "kind": list(kind), "quantity": "count", "values": values}
        form["flag"] = flag
        return Node("cmp", TRUTH, (Node("param", kind, value=flag), Node("const", Type("number", least=1, most=1), value=1)), "==")

    def margin(self, name: str, index: int, margin: Mapping[str, Any]) -> None:
        """A fact to solve for, its base in the same unit, and the scenarios: all of them figures."""
        variable = self.figure_at(margin["variable"])
        base = self.figure_at(margin["base"]) if margin["base"] is not None else variable
        if variable is None:
            self.wrong(self.place("rules", name, "margins", index, "variable"), "path-unknown", path=margin["variable"])
        elif base is None or base.type != variable.type:
            self.wrong(self.place("rules", name, "margins", index, "base"), "path-unknown", path=margin["base"])
        for number, scenario in enumerate(margin["scenarios"]):
            for path in scenario["at"]:
                if self.figure_at(path) is None:
                    place = self.place("rules", name, "margins", index, "scenarios", number, "at", path)
                    self.wrong(place, "path-unknown", path=path)

    def figure_at(self, path: str) -> Field | None:
        """The figure that a path leads to: of the filing itself, or of every item of a list (``list[].field``)."""
        assert self.words is not None
        listed, marker, name = path.partition("[].")
        if not marker:
            part = self.words.root.fields.get(path)
        else:
            entity = self.words.lists.get(listed)
            part = self.words.entities[entity].fields.get(name) if entity is not None else None
        return part if part is not None and part.numeric else None

    def conclusion(self, form: dict[str, Any]) -> None:
        """A conclusion's premises, as kind, subjects and values; each names what there is."""
        assert self.words is not None
        name = form["id"]
        if (form["kind"] == "opinion") != bool(form["parties"]):
            self.wrong(self.place("conclusions", name), "opinion-parties")
        known = {
            "verdict": {rule["id"] for rule in self.rules},
            "robust": {rule["id"] for rule in self.rules},
            "filing_says": {rule["id"] for rule in self.rules},
            "fact": set(self.part("words")),
            "concluded": {conclusion["id"] for conclusion in self.conclusions},
        }
        premises = []
        for index, premise in enumerate(form["when"]):
            given = [kind for kind in known if premise[kind] is not None]
            if len(given) != 1:
                self.wrong(self.place("conclusions", name, "when", index), "premise-one", known=listed(known))
                continue
            kind = given[0]
            subjects = [] if premise[kind] == ["any"] else premise[kind]
            for subject in subjects:
                if subject not in known[kind]:
                    place = self.place("conclusions", name, "when", index, kind)
                    self.wrong(place, "premise-unknown", name=subject, kind=kind, known=listed(sorted(known[kind]) or ["-"]))
            premises.append([kind, subjects, premise["is"]])
        form["when"] = premises

    def literal(self, text: str, place: Place) -> Node | None:
        """A percentage or amount as a node."""
        assert self.scope is not None
        return self.typed(Source(repr(text), place), self.scope, "number")

    def terms_named(self, nodes: Iterable[Node | None]) -> list[str]:
        """The terms that settle a treatment and whose kinds the nodes read, for the list of assumptions."""
        read = {node.value[0] for top in nodes if top is not None for node in top.walk() if node.op == "field"}
        found = []
        for entity, forms in self.part("terms").items():
            for name, form in forms.items():
                if form["settles"] is not None and entity in read:
                    found.append(f"{entity}.{name}")
        return found

    def messages(self, name: str, message: Mapping[str, Any]) -> None:
        """Both languages of a message have the same placeholders, all of them known."""
        for verdict, text in message.items():
            if text is None:
                continue
            names = {}
            for lang in ("zh", "en"):
                try:
                    names[lang] = {part[1] for part in string.Formatter().parse(text[lang]) if part[1] is not None}
                except ValueError:
                    self.wrong(self.place("rules", name, "message", verdict, lang), "message-broken")
                    names[lang] = set()
                for unknown in sorted(names[lang] - PLACEHOLDERS):
                    place = self.place("rules", name, "message", verdict, lang)
                    self.wrong(place, "placeholder-unknown", name=unknown, known=listed(sorted(PLACEHOLDERS)))
            for lang, other in (("zh", "en"), ("en", "zh")):
                for missing in sorted((names[lang] - names[other]) & PLACEHOLDERS):
                    place = self.place("rules", name, "message", verdict, other)
                    self.wrong(place, "placeholder-missing", name=missing, lang=lang, other=other)

    def tests(self, rule: dict[str, Any]) -> None:
        """At least one test that passes, one that fails (as ``fail_as`` says) and one that lacks a fact.

        A book without tests has none to look at, not even those that stand in the rules.
        """
        name = rule["id"]
        verdicts = {test["expect"].get("verdict") for test in rule["tests"]}
        for needed in ("pass", rule["fail_as"], "missing"):
            if self.tested and needed not in verdicts:
                place = self.place("tests", name) if ("tests", name) in self.nodes else self.place("rules", name, "tests")
                self.wrong(place, "tests-without", verdict=needed)
        rule["tests"] = json.dumps(rule["tests"], ensure_ascii=False) if self.tested else None

    # The result

    def checked(self, sha256: str) -> dict[str, Any]:
        """The pack as plain data that ``book.assemble`` takes."""
        terms = {f"{entity}.{name}": {**form, "tree": None} for entity, forms in self.part("terms").items() for name, form in forms.items()}
        return {
            "id": self.single["id"],
            "version": self.single["version"],
            "sha256": sha256,
            "title": self.single["title"],
            "disclaimer": self.single["disclaimer"],
            "route": self.single["routes"]["path"],
            "days": self.part("days"),
            "words": self.part("words"),
            "chapters": self.titles(),
            "vocabulary": {
                "kinds": self.part("kinds"),
                "questions": self.part("questions"),
                "entities": {name: _slim(form, "fields") for name, form in self.part("entities").items()},
                "filing": {name: _stated(form) for name, form in self.part("filing").items()},
            },
            "instruments": self.part("instruments"),
            "parameters": self.part("parameters"),
            "readings": self.part("readings"),
            "terms": terms,
            "measures": self.part("measures"),
            "open_when": self.single["open_when"],
            "trees": self.forest.to_json(),
            "rules": self.rules,
            "conclusions": self.conclusions,
            "out_of_scope": self.out_of_scope,
            "catalogue": self.part("catalogue"),
            "equivalent": self.equivalent,
            "drafts": self.part("drafts"),
            "variables": self.part("variables"),
        }


def _stated(form: Mapping[str, Any]) -> dict[str, Any]:
    """A form without what it leaves out."""
    return {name: value for name, value in form.items() if value not in (None, False, [])}


def _slim(form: Mapping[str, Any], inner: str) -> dict[str, Any]:
    """A form with named forms inside, all without what they leave out."""
    return {**_stated(form), inner: {name: _stated(part) for name, part in form[inner].items()}}


def _room(least: int, most: int, quantity: str) -> tuple[int, int]:
    """Bounds for values near those of a parameter: one percentage point, or one unit, to either side; any smaller amount."""
    step = 10 ** max(SCALES[quantity] - 2, 0) if quantity == "ratio" else 1
    low = 0 if quantity == "money" else least - step
    return (max(low, 0) if least >= 0 else least - step), most + step


def _is_literal(text: str) -> bool:
    return text.rstrip("%‰元股").replace(".", "").isdigit()


def numeral(text: str) -> int:
    """A Chinese numeral up to ninety-nine."""
    if "十" not in text:
        return _NUMERALS.index(text) + 1 if len(text) == 1 else 99
    tens, _, ones = text.partition("十")
    return (10 * (_NUMERALS.index(tens) + 1) if tens else 10) + (_NUMERALS.index(ones) + 1 if ones else 0)


__all__ = ["ROOT", "check", "content_hash", "load", "read"]
