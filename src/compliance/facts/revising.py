"""A filing written as changes to another: the tree of what both say, each value with the place in its own file.

Only what changed is written. Items are matched by key and facts by name; what the later file says takes the place of what
the earlier one said, and the earlier places, assumptions and judgements of a fact that is said again are gone with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from compliance import source
from compliance.facts.filing import steps
from compliance.source import Node, Place, Problem, Scalar, Sequence, SourceError, Table
from compliance.vocabulary import ROOT, Entity, Vocabulary

MAX_REVISIONS = 8  # files that a filing may stand on, one upon the other
REVISES, REMOVED = "revises", "removed"
HEAD = ("schema", "pack")  # what every file of a filing says, and all alike
# The parts that are matched by a key of their own, and what it is called; their path is ``part[key]``.
KEYED: Mapping[str, str] = {"tables": "id", "filing_conclusions": "rule", "judgements": "path"}


def load(path: Path, name: str, words: Vocabulary) -> Node:
    """The node tree of a filing, with those that it revises underneath. Raises ``SourceError``.

    A path under ``revises`` is relative to the file that holds it; what it leads to lies in the folder of the filing that
    is loaded or below it, links followed.
    """
    node = source.load(path, name)
    below = _below(path, name, node)
    if not below:
        return node
    merged = below[-1]
    problems: list[Problem] = []
    for newer in reversed([node, *below[:-1]]):
        assert isinstance(newer, Table) and isinstance(merged, Table)
        revision = _Revision(words, merged, newer)
        merged = revision.merged()
        problems += revision.problems
    if problems:
        raise SourceError(problems)
    return merged


def files_below(path: Path) -> list[Path]:
    """The files that a filing stands on, the nearest first; none where it revises nothing, or is no filing."""
    try:
        if path.suffix.lower() not in (".yaml", ".yml", ".json"):
            return []
        node = source.load(path)
        return [file for file, _ in _chain(path, str(path), node)]
    except SourceError:
        return []


def _below(path: Path, name: str, node: Node) -> list[Node]:
    """The filings that one revises, the nearest first. Raises ``SourceError`` as ``_chain``."""
    return [older for _, older in _chain(path, name, node)]


def _chain(path: Path, name: str, node: Node) -> Iterator[tuple[Path, Node]]:
    """The filings that one revises, the nearest first. Raises ``SourceError`` at the ``revises`` that leads nowhere good."""
    top, seen = source.resolved(path.parent), [source.resolved(path)]
    while isinstance(node, Table) and REVISES in node.entries:
        said = node.entries[REVISES]
        if not isinstance(said, Scalar) or not said.text:
            raise SourceError([Problem(said.place, "shape-text")])
        base = path.parent / said.text
        target = source.resolved(base)
        code = ""
        if Path(said.text).is_absolute() or "\\" in said.text or not target.is_relative_to(top):
            code = "revises-outside"
        elif target in seen:
            code = "revises-circular"
        elif len(seen) > MAX_REVISIONS:
            code = "revises-deep"
        elif not source.is_file(target):
            code = "revises-absent"
        if code:
            raise SourceError([Problem(said.place, code, {"path": said.text, "limit": MAX_REVISIONS})])
        path, name = base, str(Path(name).parent / said.text)
        seen.append(target)
        node = source.load(path, name)
        if not isinstance(node, Table):
            raise SourceError([Problem(node.place, "shape-table")])
        yield path, node


def without(entries: Iterable[Node], gone: Callable[[str], bool]) -> tuple[Node, ...]:
    """Entries of ``evidence`` without the facts for which ``gone`` holds; one that is left with none is left out."""
    kept = []
    for entry in entries:
        facts = entry.entries.get("facts") if isinstance(entry, Table) else None
        if isinstance(entry, Table) and isinstance(facts, Sequence):
            left = tuple(fact for fact in facts.items if not (isinstance(fact, Scalar) and fact.text is not None and gone(fact.text)))
            if facts.items and not left:
                continue
            entry = put(entry, "facts", facts._replace(items=left))
        kept.append(entry)
    return tuple(kept)


def put(table: Table, key: str, value: Node, place: Place | None = None) -> Table:
    """A table with one more entry, or with another value for one; the key stands at ``place``, else where its value does."""
    return table._replace(entries={**table.entries, key: value}, keys={**table.keys, key: place or value.place})


class _Revision:
    """One filing laid over another."""

    def __init__(self, words: Vocabulary, older: Table, newer: Table) -> None:
        self.words = words
        self.problems: list[Problem] = []
        self.again: set[str] = set()  # the paths of the facts that the newer filing says again
        self.newer = _lifted(words, newer)
        self.older = _lifted(words, older)

    def merged(self) -> Table:
        """What both say."""
        self.check_head()
        said = set(_answered(self.newer))
        for path in _texts(self.newer.entries.get(REMOVED), self.problems):
            self.remove(path)
        table = self.older._replace(place=self.newer.place)
        for judged in said:  # a judgement takes the place of a fact that stands in its item
            table = _taken(self.words, table, list(steps(judged)), ROOT) or table
        for name, part in self.newer.entries.items():
            if isinstance(part, Scalar) and part.text is None and name in table.entries:
                self.problems.append(Problem(self.newer.keys[name], "revises-null", {"path": name}))
            elif name not in (REVISES, REMOVED, "evidence", *KEYED):
                table = put(table, name, self.part(name, table.entries.get(name), part), self.newer.keys[name])
        for name, key in KEYED.items():
            table = self.keyed(table, name, key)
        return self.evidence(table, said)

    def check_head(self) -> None:
        """Both are of one form and written for one pack."""
        for name, code in zip(HEAD, ("schema-unknown", "pack-other"), strict=True):
            old, new = (table.entries.get(name) for table in (self.older, self.newer))
            if isinstance(old, Scalar) and isinstance(new, Scalar) and old.text != new.text:
                self.problems.append(Problem(old.place, code, {"text": old.text or "", "expected": new.text or ""}))
            if new is None:
                self.problems.append(Problem(self.newer.place, "field-missing", {"name": name}))

    # Parts

    def part(self, name: str, old: Node | None, new: Node) -> Node:
        """One part of the filing."""
        if name in self.words.singles:
            return self.table(old, new, self.words.entities[self.words.singles[name]], name)
        if name in self.words.lists:
            return self.listed(old, new, self.words.entities[self.words.lists[name]], name)
        if name == "documents" and isinstance(old, Table) and isinstance(new, Table):
            for key, form in new.entries.items():
                before = old.entries.get(key)
                if isinstance(before, Table) and isinstance(form, Table):
                    form = Table({**before.entries, **form.entries}, {**before.keys, **form.keys}, form.place)
                old = put(old, key, form, new.keys[key])
            return old
        return new

    def table(self, old: Node | None, new: Node, entity: Entity, path: str, key: str | None = None) -> Node:
        """The fields of a part that stands once, or of an item whose ``key`` field, by which they were matched, stays."""
        if not isinstance(new, Table):
            return new
        found = old._replace(place=new.place) if isinstance(old, Table) else Table({}, {}, new.place)
        for name, value in new.entries.items():
            field = entity.fields.get(name)
            if name == key:
                continue
            if field is not None and field.type == "list":
                value = self.listed(found.entries.get(name), value, self.words.entities[field.of], f"{path}.{name}")
            elif isinstance(value, Scalar) and value.text is None and name in found.entries:
                self.problems.append(Problem(new.keys[name], "revises-null", {"path": f"{path}.{name}"}))
            else:
                self.again.add(f"{path}.{name}")
            found = put(found, name, value, new.keys[name])
        return found

    def listed(self, old: Node | None, new: Node, entity: Entity, path: str) -> Node:
        """A list: items that both have are joined, new ones come behind; whether it is complete stays unless said again."""
        inner = new.entries.get("items", Sequence((), new.place)) if isinstance(new, Table) else new
        if not isinstance(inner, Sequence):
            return new
        before = old.entries.get("items") if isinstance(old, Table) else old
        items = list(before.items) if isinstance(before, Sequence) else []
        at = {_key(entity, item): index for index, item in enumerate(items)}
        for item in inner.items:
            key = _key(entity, item)
            index = at.pop(key, None) if key else None  # said twice in one file: the second stays for the loader to refuse
            if index is None:
                items.append(self.table(None, item, entity, f"{path}[{key}]") if key else item)
            else:
                same = items[index]
                matched = _key_field(entity, same) if isinstance(same, Table) else None
                items[index] = self.table(same, item, entity, f"{path}[{key}]", matched)
        found = old if isinstance(old, Table) else Table({}, {}, new.place)
        if isinstance(new, Table):
            if "complete" in new.entries:
                self.again.add(path)
            for name, value in new.entries.items():
                found = put(found, name, value, new.keys[name])
        return put(found, "items", Sequence(tuple(items), inner.place))

    def keyed(self, table: Table, name: str, key: str) -> Table:
        """Judgements, tables and conclusions: what the newer filing gives for one takes the place of the older's."""
        old, new = table.entries.get(name), self.newer.entries.get(name)
        if new is not None and not isinstance(new, Sequence):
            return put(table, name, new, self.newer.keys[name])
        given = {_text(item, key) for item in new.items} if new is not None else set()
        if name == "judgements":
            given |= self.again
        kept = tuple(item for item in old.items if _text(item, key) not in given) if isinstance(old, Sequence) else ()
        if old is None and new is None:
            return table
        place = new.place if new is not None else old.place if old is not None else table.place
        return put(table, name, Sequence((*kept, *(new.items if new is not None else ())), place))

    def evidence(self, table: Table, said: set[str]) -> Table:
        """The places and assumptions of both; a fact that the newer filing says again, or places itself, has only its own."""
        old, new = table.entries.get("evidence"), self.newer.entries.get("evidence")
        if new is not None and not isinstance(new, Sequence):
            return put(table, "evidence", new, self.newer.keys["evidence"])
        placed = {path for entry in (new.items if new is not None else ()) for path in _facts(entry)}
        gone = self.again | said | placed
        # A list or item that is said again: its places still hold for what was not, what was assumed of it does not.
        facts = {path for path in gone if _is_fact(self.words, path)}
        kept: tuple[Node, ...] = ()
        if isinstance(old, Sequence):
            kept = (*without(_each(old, "at", "assumed"), facts.__contains__), *without(_each(old, "assumed", "at"), gone.__contains__))
        place = new.place if new is not None else old.place if old is not None else table.place
        return put(table, "evidence", Sequence((*kept, *(new.items if new is not None else ())), place))

    # What is removed

    def remove(self, said: Scalar) -> None:
        """Take out of the older filing what a path leads to, with the judgements and evidence on it and below it."""
        path = said.text or ""

        def gone(text: str) -> bool:
            return text == path or text.startswith((f"{path}.", f"{path}["))

        taken = _taken(self.words, self.older, list(steps(path)), ROOT)
        table, found = taken or self.older, taken is not None
        judged, evident = (table.entries.get(name) for name in ("judgements", "evidence"))
        if isinstance(judged, Sequence):
            left = tuple(item for item in judged.items if not gone(_text(item, "path") or ""))
            found = found or len(left) < len(judged.items)
            table = put(table, "judgements", judged._replace(items=left), table.keys["judgements"])
        if isinstance(evident, Sequence):
            table = put(table, "evidence", evident._replace(items=without(evident.items, gone)), table.keys["evidence"])
        if not found:
            self.problems.append(Problem(said.place, "removed-unknown", {"path": path}))
        self.older = table


def _taken(words: Vocabulary, table: Table, parts: list[tuple[str, str]], entity: str) -> Table | None:
    """A table without what a path leads to; None where the path leads to nothing."""
    (name, key), *rest = parts
    part = table.entries.get(name)
    left: Node | None = None
    if part is None:
        return None
    if key:
        left = _taken_item(words, part, parts, entity)
    elif not rest:
        return _less(table, name)
    elif isinstance(part, Table) and entity == ROOT and name in words.singles:
        left = _taken(words, part, rest, words.singles[name])
    return put(table, name, left, table.keys[name]) if left is not None else None


def _taken_item(words: Vocabulary, part: Node, parts: list[tuple[str, str]], entity: str) -> Node | None:
    """A list or a table of named things without what the rest of a path leads to; None where it leads to nothing."""
    (name, key), *rest = parts
    if isinstance(part, Table) and entity == ROOT and name == "documents":
        return _less(part, key) if key in part.entries and not rest else None
    items = part.entries.get("items") if isinstance(part, Table) else part
    field = words.entity(entity).fields.get(name)
    of = words.entities[field.of] if field is not None and field.type == "list" else None
    if not isinstance(items, Sequence) or (of is None and name not in KEYED):
        return None
    keys = [_key(of, item) if of is not None else _text(item, KEYED[name]) for item in items.items]
    if key not in keys:
        return None
    number = keys.index(key)
    item = items.items[number]
    inner = _taken(words, item, rest, of.name) if rest and of is not None and isinstance(item, Table) else None
    if rest and inner is None:
        return None
    kept = (*items.items[:number], *([inner] if inner is not None else ()), *items.items[number + 1 :])
    listed = items._replace(items=kept)
    return put(part, "items", listed, part.keys["items"]) if isinstance(part, Table) else listed


def _lifted(words: Vocabulary, table: Table) -> Table:
    """A filing whose places at lists and items stand under ``evidence``, so that both files' may stand beside each other."""
    lifted: list[Node] = []
    for name, value in table.entries.items():
        if name in words.lists:
            table = put(table, name, _bare(words, value, words.entities[words.lists[name]], name, lifted), table.keys[name])
        elif name in words.singles and isinstance(value, Table):
            table = put(table, name, _bare_fields(words, value, words.entities[words.singles[name]], name, lifted), table.keys[name])
    evidence = table.entries.get("evidence")
    if not lifted or not (evidence is None or isinstance(evidence, Sequence)):
        return table
    before = evidence.items if evidence is not None else ()
    place = evidence.place if evidence is not None else lifted[0].place
    return put(table, "evidence", Sequence((*before, *lifted), place), table.keys.get("evidence"))


def _bare(words: Vocabulary, node: Node, entity: Entity, path: str, lifted: list[Node]) -> Node:
    """A list without places of its own or of its items, which go into ``lifted`` as entries of evidence."""
    if isinstance(node, Table):
        node = _placed(node, path, lifted)
        items = node.entries.get("items")
        return put(node, "items", _bare(words, items, entity, path, lifted), node.keys["items"]) if isinstance(items, Sequence) else node
    if not isinstance(node, Sequence):
        return node
    found: list[Node] = []
    for item in node.items:
        key = _key(entity, item)
        if key and isinstance(item, Table):
            inner = f"{path}[{key}]"
            item = _bare_fields(words, _placed(item, inner, lifted), entity, inner, lifted)
        found.append(item)
    return node._replace(items=tuple(found))


def _bare_fields(words: Vocabulary, node: Table, entity: Entity, path: str, lifted: list[Node]) -> Table:
    """The fields of an item or single part, the lists among them without places."""
    for name, value in node.entries.items():
        field = entity.fields.get(name)
        if field is not None and field.type == "list":
            node = put(node, name, _bare(words, value, words.entities[field.of], f"{path}.{name}", lifted), node.keys[name])
    return node


def _placed(node: Table, path: str, lifted: list[Node]) -> Table:
    """A list or item without the place that stands in it, which goes into ``lifted``."""
    at = node.entries.get("at")
    if not isinstance(at, Table):
        return node
    where = node.keys["at"]
    entry = put(Table({}, {}, where), "facts", Sequence((Scalar(path, where),), where))
    lifted.append(put(entry, "at", at, where))
    return _less(node, "at")


def _key_field(entity: Entity, item: Table) -> str | None:
    """The field that holds an item's key: the entity's key field, else its name."""
    return next((name for name in (entity.key, "name") if name and _text(item, name)), None)


def _key(entity: Entity, item: Node) -> str | None:
    name = _key_field(entity, item) if isinstance(item, Table) else None
    return _text(item, name) if name else None


def _text(node: Node, name: str) -> str | None:
    """The text of an entry of a table, or None."""
    part = node.entries.get(name) if isinstance(node, Table) else None
    return part.text if isinstance(part, Scalar) else None


def _each(entries: Sequence, kept: str, other: str) -> list[Node]:
    """The entries of evidence that give a place (or an assumption), with that alone; what is neither comes with the places."""
    found: list[Node] = []
    for entry in entries.items:
        if isinstance(entry, Table) and kept in entry.entries:
            found.append(_less(entry, other))
        elif kept == "at" and not (isinstance(entry, Table) and other in entry.entries):
            found.append(entry)
    return found


def _less(table: Table, name: str) -> Table:
    """A table without one of its entries."""
    entries = {key: part for key, part in table.entries.items() if key != name}
    return Table(entries, {key: table.keys[key] for key in entries}, table.place)


def _facts(entry: Node) -> list[str]:
    """The paths that an entry of evidence is about."""
    facts = entry.entries.get("facts") if isinstance(entry, Table) else None
    return [fact.text for fact in facts.items if isinstance(fact, Scalar) and fact.text] if isinstance(facts, Sequence) else []


def _is_fact(words: Vocabulary, path: str) -> bool:
    """Whether a path leads to one fact rather than to a list, an item or a part of the filing."""
    return not path.endswith("]") and path not in words.singles and path not in words.lists


def _answered(table: Table) -> list[str]:
    """The paths of the facts that a filing judges."""
    judgements = table.entries.get("judgements")
    return [path for item in judgements.items if (path := _text(item, "path"))] if isinstance(judgements, Sequence) else []


def _texts(node: Node | None, problems: list[Problem]) -> list[Scalar]:
    """The texts of a list; what is none is noted."""
    if node is None:
        return []
    if not isinstance(node, Sequence):
        problems.append(Problem(node.place, "shape-list"))
        return []
    problems += [Problem(item.place, "shape-text") for item in node.items if not isinstance(item, Scalar) or not item.text]
    return [item for item in node.items if isinstance(item, Scalar) and item.text]
