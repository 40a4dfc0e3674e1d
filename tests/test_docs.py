"""The documentation says what the code does: its examples run, its links lead somewhere, and nothing public goes unmentioned."""

from __future__ import annotations

import doctest
import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest

from checked import book
from compliance import dates, source
from compliance.cli.verbs import program
from compliance.engine.machine import Machine
from compliance.engine.record import check
from compliance.expressions.parse import Source
from compliance.expressions.types import FUNCTIONS, Scope, typed
from compliance.facts import loading
from compliance.facts.answers import load_answers, with_answers
from compliance.facts.filing import Filing
from compliance.packs import forms
from compliance.packs import loading as pack_loading
from compliance.packs.book import Pack, reading_names
from compliance.packs.rules import PLACEHOLDERS
from compliance.proving import sweep
from compliance.proving.inline import run
from compliance.quantities import SHOWN_AS_OPEN, decimal
from compliance.quantities import parse as parse_figure
from compliance.source import Place, Problem
from compliance.vocabulary import PLAIN_TYPES, ROOT, SCALES

ROOT_FOLDER = Path(__file__).resolve().parent.parent
DOCS = ROOT_FOLDER / "docs"
GENERATED = ("rules", "facts")  # folders whose pages are made from the pack, and listed by an index of their own
PAGES = sorted(path for path in DOCS.rglob("*.md") if path.parent.name not in GENERATED or path.name == "README.md")
FILINGS = ("filings.md", "zh/filings.md")
TWINS = tuple(f"{name}.md" for name in ("api", "language", "packs", "record", "reports", "screening", "solving", "what-if"))
ANY = "…"  # in an example: whatever stands there

BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")


def text_of(page: str) -> str:
    """A page of the documentation."""
    return (DOCS / page).read_text(encoding="utf-8")


def blocks(page: str, mark: str) -> list[str]:
    """The blocks of a page whose opening line bears a mark; there is at least one."""
    found = [body for head, body in BLOCK.findall(text_of(page)) if head == mark]
    assert found, f"{page} has no block marked {mark!r}"
    return found


def prose(page: str) -> str:
    """A page without its blocks."""
    return BLOCK.sub("", text_of(page))


@pytest.fixture(scope="module")
def pack() -> Pack:
    """The pack that comes along."""
    return book()


def filing_on(page: str, pack: Pack) -> Filing:
    """The filing that a page writes block by block."""
    node = source.parse("\n".join(blocks(page, "yaml filing")), page)
    return loading.read(node, pack.vocabulary, pack.id, pack.options)


# In two languages


@pytest.mark.parametrize("page", TWINS)
def test_both_languages_show_the_same_blocks_and_explain_the_same_words(page: str) -> None:
    """What is run, loaded or compared below is taken from the English page; the Chinese one may not differ in it."""
    assert BLOCK.findall(text_of(page)) == BLOCK.findall(text_of(f"zh/{page}"))
    english, chinese = (set(CODE.findall(prose(name))) for name in (page, f"zh/{page}"))
    assert sorted(english ^ chinese) == []
    rows = [[CODE.findall(line.split(" | ")[0]) for line in prose(name).splitlines() if line[:1] == "|"] for name in (page, f"zh/{page}")]
    assert rows[0] == rows[1]


def tables(page: str) -> list[list[list[str]]]:
    """The figures of each table of a page, row by row."""
    found = re.findall(r"(?:^\|.*\n)+", prose(page), re.MULTILINE)
    return [[sorted(re.findall(r"\d(?:[\d.,]*\d)?", row)) for row in table.splitlines()] for table in found]


@pytest.mark.parametrize("page", ["benchmarks.md", "evidence.md"])
def test_a_table_shows_the_same_figures_in_both_languages(page: str) -> None:
    """The Chinese page may leave a table out; what it shows stands in the English one, row by row and in the same order."""
    left = iter(tables(page))
    assert [table for table in tables(f"zh/{page}") if table not in left] == []


# The rule book


def test_the_pack_on_the_page_loads_and_its_tests_hold(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    for head, body in BLOCK.findall(text_of("packs.md")):
        if head.startswith("yaml pack="):
            (folder / head.removeprefix("yaml pack=")).write_text(body, encoding="utf-8")
    library = pack_loading.load(folder)
    results = list(run(library))
    assert len(results) >= 10
    assert [result for result in results if result.faults] == []
    assert list(sweep.holes(library)) == []
    # The cap of the summer has a value in the summer alone. Without one on a day of it, there is a hole.
    cap = library.parameters["summer_cap"]
    short = cap._replace(values=(cap.values[0]._replace(start=cap.values[0].start + 1),))
    assert [(hole.what, hole.day) for hole in sweep.holes(library._replace(parameters={**library.parameters, cap.name: short}))] == [
        (cap.name, cap.values[0].start)
    ]


def form_keys() -> Iterator[tuple[str, str]]:
    for name, part in inspect.getmembers(forms):
        shape = part.shape if isinstance(part, forms.FileForm) else part
        if isinstance(shape, dict) and shape.get("type") == "typed-dict":
            yield from ((name, key) for key in shape["fields"])


@pytest.mark.parametrize(("form", "key"), sorted(form_keys()))
def test_every_key_of_a_pack_is_explained(form: str, key: str) -> None:
    words = {word for code in CODE.findall(prose("packs.md")) for word in re.findall(r"\w+", code)}
    assert key in words, f"docs/packs.md does not mention `{key}` of {form}"


@pytest.mark.parametrize("word", sorted({*PLAIN_TYPES, *PLACEHOLDERS}))
def test_every_type_and_placeholder_is_named(word: str) -> None:
    assert f"`{word}`" in prose("packs.md") or f"`{{{word}}}`" in prose("packs.md")


# The language


def scope(pack: Pack, entity: str) -> Scope:
    """All that a formula of the pack may name, on the filing or on an entity."""
    terms = {tuple(name.split(".")): Source(form["formula"], Place(name, 1, 1)) for name, form in pack.plain["terms"].items()}
    measures = {name: measure.node for name, measure in pack.measures.items() if measure.node is not None}
    parameters = {name: parameter.type for name, parameter in pack.parameters.items()}
    readings = reading_names(pack.plain["readings"], pack.vocabulary)
    whole = Scope(pack.vocabulary, parameters, measures, terms, readings, calendar=(1, 2))  # type: ignore[arg-type]
    return replace(whole, entity=entity)


@pytest.mark.parametrize(("mark", "entity", "good"), [("formula", ROOT, True), ("formula=use", "use", True), ("refused", ROOT, False)])
def test_formulas_are_taken_or_refused_as_the_page_says(pack: Pack, mark: str, entity: str, good: bool) -> None:
    for line in "".join(blocks("language.md", f"text {mark}")).splitlines():
        found = typed(Source(line, Place("page", 1, 1)), scope(pack, entity))
        assert isinstance(found, Problem) != good, f"{line}: {found}"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_explained(function: str) -> None:
    assert f"`{function}(" in prose("language.md")


# Filings


def shown(value: int, kind: str, scale: int) -> str:
    """An end of a value as the tables write it."""
    if kind == "date":
        return dates.iso(value) or ANY
    if abs(value) >= SHOWN_AS_OPEN:
        return ANY
    return decimal(value, scale, 2 if kind == "money" else 0)


@pytest.mark.parametrize("page", FILINGS)
def test_values_are_read_as_the_table_says(page: str) -> None:
    rows = re.findall(r"^\| (\w+) \| `([^`]+)` \| (\S+) \| (\S+) \|$", text_of(page), re.MULTILINE)
    assert len(rows) >= 12
    for kind, text, low, high in rows:
        scale = SCALES.get(kind, 0)
        figure = dates.parse(text) if kind == "date" else parse_figure(text, kind, scale)  # type: ignore[arg-type]
        assert (shown(figure.low, kind, scale), shown(figure.high, kind, scale)) == (low, high), text


@pytest.mark.parametrize("page", FILINGS)
def test_the_filing_on_the_page_is_checked_and_answers_lie_over_it(pack: Pack, page: str, tmp_path: Path) -> None:
    filing = filing_on(page, pack)
    machine, day, rules = Machine(pack), dates.parse("2025-12-31").low, {"working-capital-share"}
    record = check(machine, filing, day, rules)
    assert [(found["verdict"], found["filing_says"]["agrees"]) for found in record["findings"]] == [("pass", True)]
    assert "ties" not in record
    file = tmp_path / "answers.yaml"
    file.write_text(blocks(page, "yaml answers")[0], encoding="utf-8")
    answered = with_answers(filing, load_answers(file, filing, pack.options))
    assert [found["verdict"] for found in check(machine, answered, day, rules)["findings"]] == ["judgement"]


@pytest.mark.parametrize("page", FILINGS)
def test_the_revision_on_the_page_lies_over_its_filing(pack: Pack, page: str, tmp_path: Path) -> None:
    (tmp_path / "plan-1.yaml").write_text("\n".join(blocks(page, "yaml filing")), encoding="utf-8")
    (tmp_path / "plan-2.yaml").write_text(blocks(page, "yaml revision")[0], encoding="utf-8")
    before, after = filing_on(page, pack), loading.load(tmp_path / "plan-2.yaml", pack.vocabulary, pack.id, pack.options)
    assert before.facts["offering.gross_proceeds"].text != after.facts["offering.gross_proceeds"].text == "9500.00万元"
    assert len(before.items) - len(after.items) == 1
    assert "reading.equity_base" in before.answers and "reading.equity_base" not in after.answers
    assert after.facts["issuer.code"] == before.facts["issuer.code"]._replace(row=after.row, place=after.facts["issuer.code"].place)


# The record


def schema_keys(part: Any) -> Iterator[str]:
    """Every key that a JSON Schema names, at any depth."""
    if isinstance(part, dict):
        for name, inner in part.items():
            if name == "properties":
                yield from inner
            yield from schema_keys(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from schema_keys(inner)


def record_keys(part: Any) -> Iterator[str]:
    """Every key of a record, but the names that the pack or the filing gives: of days, documents and attributes."""
    if isinstance(part, dict):
        for name, inner in part.items():
            yield name
            if name not in ("held_on", "dates", "documents", "attributes"):
                yield from record_keys(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from record_keys(inner)


@pytest.fixture(scope="module")
def record(pack: Pack) -> dict[str, Any]:
    """The record of the case that the page quotes."""
    filing = loading.load(ROOT_FOLDER / "cases" / "300766" / "filing.yaml", pack.vocabulary, pack.id, pack.options)
    return check(Machine(pack), filing, dates.parse("2025-12-31").low)


def test_every_key_of_the_record_is_explained(record: dict[str, Any]) -> None:
    schema = json.loads((ROOT_FOLDER / "src/compliance/engine/findings.schema.json").read_text(encoding="utf-8"))
    keys = {*schema_keys(schema), *record_keys(record)}
    assert len(keys) > 80
    words = {word for code in CODE.findall(prose("record.md")) for word in re.findall(r"\w+", code)}
    assert sorted(keys - words) == []


def differences(said: Any, found: Any, path: str = "") -> Iterator[str]:
    """What an excerpt says that is not so: a part of a table, or of a list in its order."""
    if said == ANY:
        return
    if isinstance(said, dict) and isinstance(found, dict):
        for name, part in said.items():
            yield from differences(part, found.get(name), f"{path}.{name}")
    elif isinstance(said, list) and isinstance(found, list):
        left = iter(found)
        for index, part in enumerate(said):
            if not any(not list(differences(part, other)) for other in left):
                yield f"{path}[{index}]"
    elif said != found:
        yield f"{path}: {said!r} / {found!r}"


def test_the_excerpt_is_in_the_record(record: dict[str, Any]) -> None:
    assert list(differences(json.loads(blocks("record.md", "json record")[0]), record)) == []


def test_an_excerpt_that_is_wrong_is_told() -> None:
    found = {"a": [{"b": 1, "c": 2}, {"b": 3}]}
    assert list(differences({"a": [{"b": 3}, {"b": 1}]}, found)) == [".a[1]"]
    assert list(differences({"a": ANY, "d": 1}, found)) == [".d: 1 / None"]


# Python


def test_the_python_on_the_page_gives_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT_FOLDER)
    text = "\n".join(blocks("api.md", "python"))
    example = doctest.DocTestParser().get_doctest(text, {}, "api.md", "docs/api.md", 0)
    assert len(example.examples) > 20
    said: list[str] = []
    results = doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert results.failed == 0, "".join(said)


# The whole


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as a forge makes them."""
    heads = re.findall(r"^#+ (.+)$", BLOCK.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in anchors(path), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_the_index_leads_to_every_page(page: Path) -> None:
    lists = (DOCS / "README.md", *(DOCS / folder / "README.md" for folder in GENERATED))
    linked = {(where.parent / target.partition("#")[0]).resolve() for where in lists for target in LINK.findall(where.read_text("utf-8"))}
    assert page == DOCS / "README.md" or page in linked


def test_the_files_that_a_check_goes_through_are_there() -> None:
    named = [code for code in CODE.findall(text_of("design.md")) if re.fullmatch(r"[\w/]+\.py", code)]
    assert len(named) > 20 and [code for code in named if not (ROOT_FOLDER / "src" / "compliance" / code).is_file()] == []


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_limits_that_a_readme_names_are_those_of_the_coverage(readme: str) -> None:
    found = re.search(r"共(\d+)行：.*提问(\d+)行；不在范围内(\d+)行", text_of("coverage.md"))
    assert found is not None
    rows, asked, out = found.groups()
    line = next(line for line in (ROOT_FOLDER / readme).read_text(encoding="utf-8").splitlines() if "docs/coverage.md" in line)
    assert re.findall(r"\d+", line) == [rows, out, asked]


def verbs(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every verb below a command, by what is typed."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for part in command.list_commands(context):
            found = command.get_command(context, part)
            assert found is not None
            yield from verbs(found, f"{name} {part}")
    else:
        yield name, command


@pytest.mark.parametrize("page", ["README.md", "zh/README.md"])
def test_the_index_names_every_verb_and_which_options_it_has(page: str) -> None:
    text = prose(page)
    there = {name.removeprefix("compliance "): verb for name, verb in verbs(program, "compliance")}
    assert [name for name in there if not re.search(rf"`compliance {name}[ `]", text)] == []
    said: dict[str, set[str]] = {}
    for options, of in re.findall(r"^\| (`--.*?) \| (.*?) \|", text, re.MULTILINE):
        named = set(re.split(r"[,、] ?", re.sub(r"^(all but|除) | 外$", "", of)))
        assert named <= set(there), f"{options}: {sorted(named - set(there))}"
        for option in CODE.findall(options):
            said.setdefault(option, set()).update(set(there) - named if of.startswith(("all but ", "除 ")) else named)
    found: dict[str, set[str]] = {}
    for name, verb in there.items():
        for part in (part for part in verb.params if isinstance(part, click.Option)):
            found.setdefault(part.opts[0], set()).add(name)
    assert said == found
