"""Parquet rows read as columns: cell by cell what the filings of the same rows hold, and no row that a filing refuses."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from checked import book as pack

pytest.importorskip("numpy", reason="the extra batch is not installed")
pa = pytest.importorskip("pyarrow", reason="the extra batch is not installed")

import numpy as np  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

from compliance import dates  # noqa: E402
from compliance.engine import many  # noqa: E402
from compliance.engine.machine import Machine  # noqa: E402
from compliance.engine.subject import subject  # noqa: E402
from compliance.facts import loading  # noqa: E402
from compliance.facts.filing import Filing  # noqa: E402
from compliance.facts.values import figure_text  # noqa: E402
from compliance.quantities import BEYOND  # noqa: E402
from compliance.screen import blocks, cases, deciding, inputs, parquet, parts, reading, run, sample, writing  # noqa: E402
from compliance.screen.cells import Cells, parted  # noqa: E402
from compliance.screen.executors import local  # noqa: E402
from compliance.screen.rows import Rows  # noqa: E402
from compliance.screen.scenarios import AS_FILED  # noqa: E402
from compliance.shipped import folder  # noqa: E402
from compliance.source import SourceError  # noqa: E402
from compliance.vocabulary import Entity  # noqa: E402

BOOK = folder("rules") / "cn-refinancing"
DAY = dates.parse("2025-12-31").low
Plain = dict[str, Any]


@cache
def market(size: int, seed: int) -> tuple[Plain, ...]:
    """Issuers as rows of columns."""
    issuers = sample.market(pack(), BOOK, size, seed)
    return tuple(writing.row_of(sample.named(pack(), issuer.facts, issuer.code), pack().vocabulary) for issuer in issuers)


def block(rows: list[Plain], schema: Any, where: Path) -> parquet.Block:
    """Rows as they come out of a file."""
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), where / "m.parquet")
    given = inputs.look(where / "m.parquet", 100_000, pack())
    (found,) = parquet.blocks(Path(given.path), given.chunks[0], pack())
    assert isinstance(found, parquet.Block)
    return found


def filing(of: parquet.Block, index: int) -> Filing | None:
    """The filing of a row, None where it is refused."""
    return cases.filing_of(of.item(index), pack(), [])


def end(cells: Cells, index: int) -> tuple[Any, Any]:
    low, high = cells.low[index].item(), cells.high[index].item()
    return (-BEYOND if cells.below is not None and cells.below[index] else low), (
        BEYOND if cells.above is not None and cells.above[index] else high
    )


def differences(rows: Rows, index: int, row: list[Any], filings: blocks.Filings, whole: Filing, path: str = "") -> Iterator[str]:
    """Where the columns say another thing of a row than its filing does."""
    for field in rows.fields:
        low, high, at = row[field.slot], row[field.slot + 1], f"{path}.{field.name}"
        if field.type == "list":
            items = rows.items(field)
            first, count = int(items.counts[:index].sum()), int(items.counts[index])
            if (count, bool(items.complete[index])) != (len(low), not high):
                yield f"{at}: {count} items, {len(low)} in the filing"
                continue
            for number, inner in enumerate(low):
                yield from differences(items.rows, first + number, inner, filings, whole, f"{at}[{number}]")
        elif field.type == "ref":
            target, leads = rows.lead(field)
            place = int(leads[index])
            if (place == target.size) != (high is None):
                yield f"{at}: leads nowhere"
            elif high is not None:
                listed = filings.items(filings.entity.fields[field.of])
                there = place - int(listed.counts[: rows.filing[index]].sum())
                if whole.row[filings.entity.fields[field.of].slot][there] is not low:
                    yield f"{at}: leads to another"
        elif field.type not in ("text", "code") and end(rows.cells(field), index) != (low, high):
            yield f"{at}: {end(rows.cells(field), index)}, {(low, high)} in the filing"


def plain(whole: Filing) -> list[list[Any]]:
    """The cells of all rows of a filing, with the number of the row in place of each row."""
    rows = [row for _, row in whole.items.values()]
    number = {id(row): place for place, row in enumerate(rows)}

    def cell(value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            return value
        return number.get(id(value), [number.get(id(item), "blank") for item in value])

    return [[cell(value) for value in row] for row in rows]


def checked(of: parquet.Block) -> tuple[int, int]:
    """How many rows are in doubt, and how many of them are refused. What is in no doubt is as its filing has it."""
    filings, doubt = reading.read(of.rows, pack())
    refused = 0
    for index in range(len(of.numbers)):
        found = filing(of, index)
        refused += found is None
        if doubt[index]:
            continue
        assert found is not None, (index, of.rows.slice(index, 1).to_pylist())
        assert not list(differences(filings, index, found.row, filings, found))
        bare = filings.one(index)
        assert list(bare.items) == list(found.items)
        assert plain(bare) == plain(found)
        assert (filings.text("issuer.code")[index], filings.text("issuer.name")[index]) == (found.code, found.issuer_name)
    return int(doubt.sum()), refused


# The forms that columns may take


def texts_of(entity: Entity, row: Plain, words: Any) -> Plain:
    """A row whose figures and days are texts, as a filing writes them."""
    found: Plain = {}
    for name, value in row.items():
        base, end = parted(name)
        field = entity.fields[base]
        if field.type == "list" and not end:
            found[name] = [texts_of(words.entities[field.of], item, words) for item in value]
        elif end == ".low":
            low, high = value, row[f"{base}.high"]
            if (low, high) == (None, None):
                continue
            ends = [None if each is None else written(field, each) for each in (low, high)]
            found[base] = ends[0] if low == high else "..".join((each or "").removeprefix("=") for each in ends)
        elif end != ".high":
            found[name] = value if field.type != "flag" else str(value).lower()
    return found


def written(field: Any, value: Any) -> str:
    if field.type != "date":
        return figure_text(field, value)
    return "至今" if value.year == 9999 else value.isoformat()


def as_texts(schema: Any) -> Any:
    """A schema with texts in place of all but lists."""
    found: dict[str, Any] = {}
    for part in schema:
        if pa.types.is_list(part.type):
            found[part.name] = pa.list_(pa.struct(list(as_texts(part.type.value_type))))
        else:
            base, end = parted(part.name)
            found[base if end in (".low", ".high") else part.name] = part.type if end == ".complete" else pa.string()
    return pa.schema(list(found.items()))


def as_decimals(entity: Entity, words: Any) -> Any:
    """A schema with decimals of a digit more than a fact has, in its base unit, and dictionaries of texts."""
    for part in writing._fields(entity, words):
        name, kind = part
        base, _ = parted(name)
        field = entity.fields[base]
        if pa.types.is_list(kind):
            yield name, pa.large_list(pa.struct(list(as_decimals(words.entities[field.of], words))))
        elif field.numeric:
            yield name, pa.decimal128(38, field.scale + 1)
        elif pa.types.is_string(kind):
            yield name, pa.dictionary(pa.int32(), pa.string())
        else:
            yield name, kind


def decimals_of(entity: Entity, row: Plain, words: Any) -> Plain:
    found: Plain = {}
    for name, value in row.items():
        field = entity.fields[parted(name)[0]]
        if field.type == "list" and isinstance(value, list):
            found[name] = [decimals_of(words.entities[field.of], item, words) for item in value]
        elif field.numeric and value is not None:
            found[name] = Decimal(value).scaleb(-field.scale)
        else:
            found[name] = value
    return found


@pytest.mark.parametrize("form", ["numbers", "texts", "decimals"])
def test_every_form_of_columns_says_what_the_filings_say(form: str, tmp_path: Path) -> None:
    words = pack().vocabulary
    rows, schema = list(market(80, 5)), writing.schema_of(words)
    if form == "texts":
        rows, schema = [texts_of(words.root, row, words) for row in rows], as_texts(schema)
    elif form == "decimals":
        rows = [decimals_of(words.root, row, words) for row in rows]
        schema = pa.schema(list(as_decimals(words.root, words)))
    assert checked(block(rows, schema, tmp_path)) == (0, 0)


def test_decisions_are_those_of_the_filings(tmp_path: Path) -> None:
    found = block(list(market(80, 5)), writing.schema_of(pack().vocabulary), tmp_path)
    machine = Machine(pack())
    filings, _ = reading.read(found.rows, pack())
    made = cases.Made(machine, filings, filings.table, {}, DAY)
    columns, together = (
        many.of_table(machine, filings.table, DAY, made.__getitem__, filings.vague_in),
        many.of_filings([subject(machine, whole, DAY) for index in range(len(made)) if (whole := filing(found, index)) is not None]),
    )
    for rule in islice(pack().rules, 0, None, 4):
        one, two = many.measure(columns, rule), many.measure(together, rule)
        for a, b in ((one.codes, two.codes), (one.clauses, two.clauses), (one.scalar, two.scalar)):
            assert np.array_equal(a, b), rule.id


def test_what_is_decided_for_a_class_is_what_each_of_its_filings_gives(tmp_path: Path) -> None:
    issuers = list(market(80, 5)[:16])
    schema = writing.schema_of(pack().vocabulary)
    pq.write_table(pa.concat_tables([pa.Table.from_pylist(issuers, schema=schema)] * 3), tmp_path / "m.parquet")
    given = inputs.look(tmp_path / "m.parquet", 1000, pack())
    task = parts.Task(str(BOOK), pack().sha256, (), (DAY,), (AS_FILED,), False)
    (found,) = cases.cases_of(task, Machine(pack()), given, given.chunks[0], Counter(), [])
    assert found.classes is not None
    rules = list(islice(pack().rules, 3, None, 19))
    assert all(len(found.classes.of(rule).first) <= len(issuers) for rule in rules)
    some, alone = deciding.decide_block(found, rules, True)
    each, singly = deciding.decide_block(replace(found, classes=None), rules, True)
    assert alone == singly
    assert np.array_equal(some.verdicts, each.verdicts) and np.array_equal(some.robust, each.robust)
    for name in some.parts:
        told, other = ([[*of.texts, None][place] for place in of.parts[name].ravel()] for of in (some, each))
        assert told == other


# What is wrong with rows

Spoil = Callable[[Plain, random.Random], None]


def items_in(row: Plain) -> list[tuple[str, list[Plain]]]:
    """The lists of a row that have items, those in items among them."""
    found = []
    for name, value in row.items():
        if isinstance(value, list) and value:
            found.append((name, value))
            for item in value:
                found += items_in(item or {})
    return found


def put(kind: str, *values: Any) -> Spoil:
    """Put one of some values at the ends of a fact of a kind, in the filing or in an item, whether they are stated or not."""

    def spoil(row: Plain, draw: random.Random) -> None:
        words = pack().vocabulary
        places: list[tuple[Plain, Entity]] = [(row, words.root)]
        for name, listed in items_in(row):
            owner = next(
                (
                    entity
                    for entity in (words.root, *words.entities.values())
                    if entity.fields.get(name, words.root.fields["issuer.code"]).type == "list"
                ),
                None,
            )
            if owner is not None and name in words.lists:
                places += [(item, words.entities[words.lists[name]]) for item in listed]
        target, entity = draw.choice(places)
        fields = [field for field in entity.fields.values() if field.type == kind]
        if not fields:
            return
        field = draw.choice(fields)
        if field.numeric or field.type == "date":
            target[f"{field.name}.low"], target[f"{field.name}.high"] = draw.choice(values), draw.choice(values)
        else:
            target[field.name] = draw.choice(values)

    return spoil


def of_an_item(change: Callable[[list[Plain], random.Random], None]) -> Spoil:
    def spoil(row: Plain, draw: random.Random) -> None:
        found = items_in(row)
        if found:
            change(draw.choice(found)[1], draw)

    return spoil


def key_of(item: Plain) -> str:
    return next((name for name in ("id", "name", "year", "title", "kind", "period", "day.low") if item.get(name) is not None), "id")


def twice(listed: list[Plain], draw: random.Random) -> None:
    listed.append(dict(draw.choice(listed)))


def shuffled(listed: list[Plain], draw: random.Random) -> None:
    draw.shuffle(listed)


def nothing(listed: list[Plain], draw: random.Random) -> None:
    listed.insert(draw.randint(0, len(listed)), None)  # type: ignore[arg-type]


def other_key(listed: list[Plain], draw: random.Random) -> None:
    item = draw.choice(listed)
    if key_of(item) != "day.low":
        item[key_of(item)] = draw.choice([None, "", "a[b]", "另一个", "]"])


def other_code(row: Plain, draw: random.Random) -> None:
    row["issuer.code"] = draw.choice([None, "", "12345", "1234567", "00000a", "000001\n", "０００００１"])


FAR = 10**18
SPOILS: dict[str, Spoil] = {
    "money": put("money", None, 0, -1, 5, FAR, FAR + 1, -FAR),
    "shares": put("shares", None, 0, -1, 5, FAR, FAR + 1),
    "price": put("price", None, 0, -1, 5, FAR),
    "ratio": put("ratio", None, 0, -1, 10**8, 10**8 + 1),
    "count": put("count", None, 0, -1, 5),
    "date": put(
        "date", None, date(1899, 12, 31), date(1900, 1, 1), date(2200, 12, 31), date(2201, 1, 1), date(9999, 12, 31), date(9999, 1, 1)
    ),
    "kind": put("kind", None, "", "main_sh", "auction", "no such"),
    "flag": put("flag", None, True, False),
    "ref": put("ref", None, "", "nobody"),
    "text": put("text", None, "", "x"),
    "code": other_code,
    "twice": of_an_item(twice),
    "shuffled": of_an_item(shuffled),
    "nothing": of_an_item(nothing),
    "other key": of_an_item(other_key),
}


def copied(row: Plain) -> Plain:
    return {name: [copied(item) if item else item for item in value] if isinstance(value, list) else value for name, value in row.items()}


@pytest.mark.parametrize("spoilt", SPOILS)
def test_what_a_filing_refuses_is_in_doubt(spoilt: str, tmp_path: Path) -> None:
    draw = random.Random(spoilt)
    rows = [copied(row) for row in market(80, 5)]
    for row in rows:
        for _ in range(draw.randint(0, 2)):
            SPOILS[spoilt](row, draw)
    doubtful, refused = checked(block(rows, writing.schema_of(pack().vocabulary), tmp_path))
    assert refused <= doubtful < len(rows)
    assert refused or spoilt in ("flag", "shuffled", "nothing", "text")
    # Nothing that is sound is doubted for nothing.
    assert doubtful == refused or spoilt in ("date", "text")


def test_what_is_refused_is_told_as_of_filings(tmp_path: Path) -> None:
    draw = random.Random(11)
    rows = [copied(row) for row in market(80, 5)]
    for row in rows:
        SPOILS[draw.choice(list(SPOILS))](row, draw)
    found = block(rows, writing.schema_of(pack().vocabulary), tmp_path)
    expected: list[Plain] = []
    for index in range(len(rows)):
        cases.filing_of(found.item(index), pack(), expected)
    errors: list[Plain] = []
    kept, _, alone = cases._sound(found, pack(), errors)
    assert errors == expected and errors
    assert set(kept.numbers.tolist()) == set(range(len(rows))) - {error["item"] for error in errors}
    for index in alone:
        assert isinstance(loading.read(kept.item(index).node, pack().vocabulary, pack().id, pack().options), Filing)


PUTS = (
    "offering.route=auction",
    "offering.new_shares=≈1.5亿股",
    "offering.board_date=2024-06",
    "balance_sheet.net_assets=100亿元",
    "issuer.board=star",
    "reading.quasi_line=both",
    "uses[].proceeds=1元",
)


def test_scenarios_of_columns_are_those_of_filings(tmp_path: Path) -> None:
    words, readings = pack().vocabulary, pack().readings
    judged = next(field for field in words.root.fields.values() if field.settled_by == "judgement" and field.type == "flag")
    option = next((reading.id, next(iter(reading.options))) for reading in readings.values())
    puts = [put for put in (*PUTS, f"{judged.name}=true", f"reading.{option[0]}={option[1]}") if known(put)]
    assert len(puts) > 6
    asked = (AS_FILED, *((put, (tuple(put.split("=", 1)),)) for put in puts), ("both", tuple(tuple(put.split("=", 1)) for put in puts[:3])))
    rules = tuple(rule.id for rule in pack().rules[::8])
    task = parts.Task(str(BOOK), pack().sha256, rules, (DAY, DAY + 400), asked, False)
    found = []
    for name in ("m.jsonl", "m.parquet"):
        writing.write(sample.market(pack(), BOOK, 24, 6), tmp_path / name, pack())
        begun = run.begin(tmp_path / name[2:], task, inputs.look(tmp_path / name, 100, pack()), pack())
        run.join(begun, run.go(begun, local(1)))
        out = tmp_path / name[2:]
        errors = [json.loads(line) for line in (out / "errors.jsonl").read_text(encoding="utf-8").splitlines()]
        found.append((pq.read_table(out / "findings.parquet").to_pylist(), [(error["item"], error["code"]) for error in errors]))
    assert found[0] == found[1]
    assert len({row["scenario"] for row in found[0][0]}) == len(asked)


def known(put: str) -> bool:
    path = put.partition("=")[0]
    return path in pack().vocabulary.root.fields or path.removeprefix("reading.") in pack().readings or "[]" in path


def test_a_day_that_no_calendar_has_costs_its_row(tmp_path: Path) -> None:
    days = pa.array([20_000, 2_000_000_000, None], pa.int32()).view(pa.date32())
    table = pa.table({"issuer.code": ["000001", "000002", "000003"], "offering.board_date": days})
    pq.write_table(table, tmp_path / "d.parquet")
    given = inputs.look(tmp_path / "d.parquet", 10, pack())
    items = list(inputs.read(given, given.chunks[0], pack()))
    assert [bool(item.problems) for item in items] == [False, True, False]
    assert inputs.item(given, given.chunks[0], 1, pack()).problems == items[1].problems
    (found,) = parquet.blocks(Path(given.path), given.chunks[0], pack())
    assert isinstance(found, parquet.Block)
    assert reading.read(found.rows, pack())[1].tolist() == [False, True, False]


def test_a_decimal_is_never_cut(tmp_path: Path) -> None:
    values = [Decimal("0.1234567800000000000000000000001"), Decimal("0.12345678"), Decimal("0.123456781")]
    name = next(field.name for field in pack().vocabulary.root.fields.values() if field.type == "ratio")
    table = pa.table({"issuer.code": ["000001"] * 3, name: pa.array(values, pa.decimal128(38, 31))})
    pq.write_table(table, tmp_path / "d.parquet")
    given = inputs.look(tmp_path / "d.parquet", 10, pack())
    (found,) = parquet.blocks(Path(given.path), given.chunks[0], pack())
    assert isinstance(found, parquet.Block)
    assert checked(found) == (2, 2)
    with pytest.raises(SourceError):
        loading.read(found.item(0).node, pack().vocabulary, pack().id, pack().options)
