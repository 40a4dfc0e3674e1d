"""How many items at once the loops of a book's formulas would look at: loops that stand in each other are held to a bound."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from compliance.expressions.tree import LOOPS, Node
from compliance.facts.filing import Filing
from compliance.packs.book import Pack
from compliance.source import Place, Problem
from compliance.vocabulary import ROOT

MOST = 250_000  # combinations of items, as of two lists of five hundred each
FEW = 20  # items of a list: so short a list needs no count
List = tuple[str, str]  # the entity and the field that hold it


def crowded(pack: Pack, filing: Filing, file: str) -> Iterator[Problem]:
    """The nests of loops that would look at too many items of a filing, each with the rule at which it was found."""
    longest: dict[List, int] = {}
    for path, (entity, row) in filing.items.items():
        for field in pack.vocabulary.entities[entity].fields.values() if path else pack.vocabulary.root.fields.values():
            if field.type == "list":
                key = (entity if path else ROOT, field.name)
                longest[key] = max(longest.get(key, 0), len(row[field.slot]))
    if max(longest.values(), default=0) <= FEW:
        return
    told: set[tuple[List, ...]] = set()
    for rule in pack.rules:
        for nest in {nest for top in rule.formula.nodes() for nest in nests(top)}:
            count = prod(longest.get(one, 0) for one in nest)
            if count > MOST and nest not in told:
                told.add(nest)
                names = {"rule": rule.id, "lists": " × ".join(name for _, name in nest), "n": count, "limit": MOST}
                yield Problem(Place(file), "items-crowded", names)


def nests(top: Node) -> Iterator[tuple[List, ...]]:
    """The lists of loops that stand in each other in a tree, the outermost first; two at least."""
    seen: set[tuple[Node, tuple[List, ...]]] = set()
    left: list[tuple[Node, tuple[List, ...]]] = [(top, ())]
    while left:
        node, around = left.pop()
        if (node, around) in seen:
            continue
        seen.add((node, around))
        inner = around
        if node.op in LOOPS:
            source = next(part for part in node.args[0].walk() if part.op == "field" and part.type.kind == "list")
            inner = (*around, source.value[:2])
            if len(inner) > 1:
                yield inner
        left += [(arg, around if number == 0 else inner) for number, arg in enumerate(node.args)]
