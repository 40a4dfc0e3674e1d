"""A form read straight from its nodes is the form that the models would give, and never one that they would refuse."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from bad_input import pairs, read, small
from checked import book
from compliance import source
from compliance.facts import loading, models, revising, sound
from compliance.facts.filing import Filing
from compliance.packs.book import Pack
from compliance.shape import problems_of
from compliance.source import Node, Scalar, Sequence, SourceError, Table
from test_facts import FILING

ROOT = Path(__file__).parent.parent
CASES = sorted(path.parent.name for path in (ROOT / "cases").glob("*/filing.yaml"))
TEXTS = ("", "true", "否", "1", "1元", "30%", "2024", "2024-02-30", "甲", "000001", "auction", "至今", "1..2元", "≈3万元")


@pytest.fixture(scope="module")
def law() -> Pack:
    return book()


def by_models(node: Node, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> Filing:
    with monkeypatch.context() as patch:
        patch.setattr(loading, "form_of", lambda node, words: None)
        return loading.read(node, pack.vocabulary, pack.id, pack.options)


def same(a: Filing, b: Filing) -> bool:
    return a == b and list(a.facts) == list(b.facts) and a.sha256 == b.sha256


@pytest.mark.parametrize("case", CASES)
def test_the_cases_are_plainly_sound_and_read_alike(case: str, law: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ROOT / "cases" / case / "filing.yaml"
    node = revising.load(path, str(path), law.vocabulary)
    assert sound.form_of(node, law.vocabulary) is not None
    assert same(loading.read(node, law.vocabulary, law.id, law.options), by_models(node, law, monkeypatch))


def test_every_part_of_a_filing_is_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    node = source.parse(FILING, "f")
    assert sound.form_of(node, small().vocabulary) is not None
    assert same(read(FILING, "f"), by_models(node, small(), monkeypatch))


def taken(node: Node, pack: Pack) -> bool:
    """Whether the models take a filing."""
    present = set(node.entries) if isinstance(node, Table) else set()
    return problems_of(models.models(pack.vocabulary, present), node)[0] is not None


@pytest.mark.parametrize("title", pairs("filings.txt"))
def test_what_the_models_refuse_is_doubted(title: str) -> None:
    text = pairs("filings.txt")[title][0]
    try:
        node = source.parse(text, "f")
    except SourceError:
        pytest.skip("no tree to read")
    assert sound.form_of(node, small().vocabulary) is None or taken(node, small())


def nodes(node: Node, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all nodes of a tree."""
    found = [path]
    if isinstance(node, Table):
        for name, part in node.entries.items():
            found += nodes(part, (*path, name))
    elif isinstance(node, Sequence):
        for number, part in enumerate(node.items):
            found += nodes(part, (*path, number))
    return found


def changed(node: Node, path: tuple[Any, ...], pick: random.Random) -> Node:
    """The tree with something else at a path: another text, null, another shape, a part less or more."""
    if path:
        step, rest = path[0], path[1:]
        if isinstance(node, Table):
            return node._replace(entries={**node.entries, step: changed(node.entries[step], rest, pick)})
        assert isinstance(node, Sequence)
        return node._replace(items=tuple(changed(part, rest, pick) if at == step else part for at, part in enumerate(node.items)))
    choice = pick.randrange(6)
    at = node.place
    if choice == 0 and isinstance(node, Table) and node.entries:
        gone = pick.choice(list(node.entries))
        return node._replace(entries={name: part for name, part in node.entries.items() if name != gone})
    if choice == 1 and isinstance(node, Table):
        name = pick.choice(["at", "items", "complete", "zzz", "name", "kind", "schema_", "documents", "removed"])
        return Table({**node.entries, name: Scalar(pick.choice(TEXTS), at)}, {**node.keys, name: at}, at)
    if choice == 2:
        return Sequence((node,), at)
    if choice == 3:
        return Table({"items": node}, {"items": at}, at)
    return Scalar(None if choice == 4 else pick.choice(TEXTS), at)


def test_nothing_is_taken_that_the_models_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is changed in a filing: what is found sound the models take, and both read it alike."""
    pick, pack = random.Random(1), small()
    whole = source.parse(FILING, "f")
    paths = nodes(whole)
    found = 0
    for _ in range(3_000):
        node = changed(whole, pick.choice(paths), pick)
        if pick.random() < 0.3:
            node = changed(node, pick.choice(nodes(node)), pick)
        form = sound.form_of(node, pack.vocabulary)
        if form is None:
            continue
        found += 1
        assert taken(node, pack), source.plain(node)
        results = []
        for way in (loading.read, lambda node, *_: by_models(node, pack, monkeypatch)):
            try:
                results.append(way(node, pack.vocabulary, pack.id, pack.options))
            except SourceError as error:
                results.append(error.problems)
        assert results[0] == results[1]
    assert found > 300
