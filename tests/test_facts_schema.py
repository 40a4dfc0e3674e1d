"""The generated schema and stub are fresh, take the real cases, and refuse what the loader refuses."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bad_input import FOLDER, pairs
from checked import book
from compliance import source
from compliance.facts import models, schema
from compliance.packs import loading as packs
from compliance.packs.book import Pack

ROOT = Path(__file__).parent.parent
PACK = ROOT / "rules" / "cn-refinancing"
CASES = ("300766", "688327")


@pytest.fixture(scope="module")
def real() -> Pack:
    return book()


@pytest.fixture(scope="module")
def small() -> Pack:
    return packs.load(FOLDER / "pack")


def validator(pack: Pack) -> jsonschema.Draft202012Validator:
    form = schema.json_schema(pack.vocabulary, pack.id)
    jsonschema.Draft202012Validator.check_schema(form)
    return jsonschema.Draft202012Validator(form)


@pytest.fixture(scope="module")
def real_form(real: Pack) -> jsonschema.Draft202012Validator:
    return validator(real)


@pytest.fixture(scope="module")
def small_form(small: Pack) -> jsonschema.Draft202012Validator:
    return validator(small)


def test_generated_files_are_fresh(real: Pack) -> None:
    """If this fails: ``python tests/fresh.py``."""
    for name, text in schema.files(real.vocabulary, real.id).items():
        assert (PACK / name).read_text(encoding="utf-8") == text, f"{name} is not what the vocabulary gives"


@pytest.mark.parametrize("case", CASES)
def test_the_real_cases_are_valid(real_form: jsonschema.Draft202012Validator, case: str) -> None:
    filing = source.plain(source.load(ROOT / "cases" / case / "filing.yaml"))
    assert [error.message for error in real_form.iter_errors(filing)] == []


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    changed = copy.deepcopy(value)
    part = changed
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = new
    return changed


def test_a_changed_case_is_not_valid(real_form: jsonschema.Draft202012Validator) -> None:
    filing = source.plain(source.load(ROOT / "cases" / "688327" / "filing.yaml"))
    check = real_form
    for path in leaves(filing):
        assert not check.is_valid(put(filing, path, {"zzz": "1"})), path
        if isinstance(path[-1], str):
            assert not check.is_valid(put(filing, (*path[:-1], "zzz"), "1")), path
    for part in ("schema", "pack", "issuer"):
        assert not check.is_valid({key: value for key, value in filing.items() if key != part})


# Shapes can say these things; what stands elsewhere (a document, an item, another key) only the loader knows.
SAYS_IT = (
    "an unknown field",
    "an unknown part of the filing",
    "an unknown field in an item of a bare list",
    "a wrong value in an item of a list with a head",
    "an amount without unit",
    "shares in money",
    "not a number",
    "infinity",
    "a footnote mark in a figure",
    "a date that is none",
    "a negative amount where none can be",
    "a ratio without percent",
    "a count of money",
    "a flag that is neither",
    "a member that is none",
    "a stock code that lost its zeros",
    "no stock code",
    "no issuer",
    "the wrong schema",
    "the wrong pack",
    "a list where a value belongs",
    "a value where a list belongs",
    "a value where pairs belong",
    "a list neither complete nor not",
    "an item without key",
    "evidence without a place",
    "an unknown verdict of the filing",
    "JSON with a mistake",
)


@pytest.mark.parametrize("title", SAYS_IT)
def test_what_the_loader_refuses_the_schema_refuses(small_form: jsonschema.Draft202012Validator, title: str) -> None:
    node = source.parse(pairs("filings.txt")[title][0], "f")
    assert not small_form.is_valid(source.plain(node))


@pytest.mark.parametrize(
    ("name", "value", "is_valid"),
    [
        ("gross_proceeds", "78,067.85万元", True),
        ("gross_proceeds", "≈1.14亿元", True),
        ("gross_proceeds", "156917.70..157125.64万元", True),
        ("gross_proceeds", "1亿元..2亿元", True),
        ("gross_proceeds", "900万元..", True),
        ("gross_proceeds", "..5万元", True),
        ("gross_proceeds", "..", False),
        ("gross_proceeds", 5, False),
        ("new_shares", "78434551股", True),
        ("margin", "-6.57%", True),
        ("margin", "=6.57%", True),
        ("margin", "0.0657", True),
        ("margin", "1", False),
        ("months", 9, True),
        ("months", "9个月", True),
        ("listed", True, True),
        ("listed", "是", True),
        ("listed", 1, False),
        ("board_date", 2024, True),
        ("board_date", "2024年12月", True),
        ("board_date", "2024-12..", True),
        ("board_date", "至今", False),
        ("board_date", "2024-12-25x", False),
    ],
)
def test_how_values_are_written(small_form: jsonschema.Draft202012Validator, name: str, value: Any, is_valid: bool) -> None:
    filing = {"schema": "compliance.filing/1", "pack": "small", "issuer": {"code": "000001"}, "offering": {name: value}}
    assert small_form.is_valid(filing) is is_valid


def test_answers_have_a_schema() -> None:
    form = schema.answers_schema("small")
    jsonschema.Draft202012Validator.check_schema(form)
    check = jsonschema.Draft202012Validator(form)
    good: dict[str, Any] = {"schema": "compliance.answers/1", "party": "律师", "judgements": [{"path": "a.b", "answer": True}]}
    assert check.is_valid(good)
    for bad in ({**good, "party": ""}, {**good, "x": 1}, {**good, "judgements": [{"path": "a"}]}, {**good, "schema": "2"}):
        assert not check.is_valid(bad)


def test_an_editor_shows_labels_meanings_and_members(small: Pack) -> None:
    form = schema.json_schema(small.vocabulary, small.id)
    offering = form["$defs"]["entity.offering"]
    assert offering["title"] == "发行 / offering"
    assert offering["properties"]["board_date"]["title"] == "决议日 / board date"
    members = form["$defs"]["kind.route"]
    assert (members["enum"][0], members["enumDescriptions"][0]) == ("auction", "竞价 / auction")
    assert form["$defs"]["entity.use"]["properties"]["share"]["description"] == "资本化多少\nhow much is capitalised"


def test_the_stub_names_the_fields_that_the_models_have(real: Pack) -> None:
    words = real.vocabulary
    tree = ast.parse(schema.stub(words))
    fields = {
        node.name: [part.target.id for part in node.body if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)]
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    model = models.models(words, {*words.singles, *words.lists})
    assert set(fields["Filing"]) == set(model.model_fields) - {"revises", "removed"}
    for name, entity in words.entities.items():
        stubbed = fields["".join(part.capitalize() for part in name.split("_"))]
        assert [field for field in stubbed if field != "at"] == list(entity.fields)
