"""Write filings as lines of JSON or as Parquet columns, and beside them what is known of the planted ones."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from compliance import dates
from compliance.facts.values import value_of
from compliance.packs.book import Pack
from compliance.quantities import BEYOND
from compliance.screen.cells import LAST_YEAR
from compliance.screen.run import fresh
from compliance.screen.sample import Issuer, name_of, named, texts, truth_line
from compliance.source import Unreadable
from compliance.vocabulary import Entity, Field, Vocabulary

if TYPE_CHECKING:
    from pyarrow import DataType

Plain = dict[str, Any]
BLOCK = 16_384  # filings in a row group
TRUTHS = ".truths.jsonl"


def write(issuers: Iterable[Issuer], out: Path, pack: Pack) -> None:
    """Issuers as filings into a file, as its ending says, each file whole or not at all. Raises ``SourceError``."""
    with fresh(out) as stream, fresh(out.with_suffix(TRUTHS)) as truths:
        given = _noting(issuers, truths)
        if out.suffix == ".parquet":
            _columns(given, stream, pack)
            return
        for issuer in given:
            plain = texts(named(pack, issuer.facts, issuer.code))
            stream.write(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _noting(issuers: Iterable[Issuer], truths: IO[bytes]) -> Iterator[Issuer]:
    for issuer in issuers:
        if issuer.truth is not None:
            truths.write(truth_line(issuer.truth))
        yield issuer


def _columns(issuers: Iterator[Issuer], stream: IO[bytes], pack: Pack) -> None:
    """Issuers as columns, a row group at a time. What is of one kind is made into a row once."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = schema_of(pack.vocabulary)
    rows = schema.empty_table()
    places: dict[int, int] = {}
    with contextlib.closing(pq.ParquetWriter(stream, schema, compression="zstd")) as writer:
        while block := list(islice(issuers, BLOCK)):
            more = {issuer.kind: issuer for issuer in block if issuer.kind not in places}
            if more:
                made = [row_of(named(pack, issuer.facts, issuer.code), pack.vocabulary) for issuer in more.values()]
                places |= {kind: len(places) + number for number, kind in enumerate(more)}
                rows = pa.concat_tables([rows, pa.Table.from_pylist(made, schema=schema)]).combine_chunks()
            whole = rows.take(pa.array([places[issuer.kind] for issuer in block]))
            for name, value in (("issuer.code", lambda code: code), ("issuer.name", name_of)):
                if name in schema.names:
                    column = pa.array([value(issuer.code) for issuer in block], schema.field(name).type)
                    whole = whole.set_column(schema.get_field_index(name), schema.field(name), column)
            writer.write_table(whole)


def schema_of(words: Vocabulary) -> Any:
    """The columns of a vocabulary: every figure and day as ``.low`` and ``.high``."""
    import pyarrow as pa

    return pa.schema(list(_fields(words.root, words)))


def _fields(entity: Entity, words: Vocabulary) -> Iterator[tuple[str, DataType]]:
    import pyarrow as pa

    for field in entity.fields.values():
        if field.type == "list":
            yield field.name, pa.list_(pa.struct(list(_fields(words.entities[field.of], words))))
            yield f"{field.name}.complete", pa.bool_()
        elif field.numeric or field.type == "date":
            kind = pa.date32() if field.type == "date" else pa.int64()
            yield from ((f"{field.name}.{end}", kind) for end in ("low", "high"))
        else:
            yield field.name, pa.bool_() if field.type == "flag" else pa.string()


def row_of(plain: Plain, words: Vocabulary) -> Plain:
    """A filing as a row of columns. What the columns do not hold (judgements, evidence, tables) is left out."""
    flat: Plain = {}
    for name, part in plain.items():
        if name in words.singles and isinstance(part, dict):
            flat.update({f"{name}.{field}": value for field, value in part.items()})
        elif name in words.lists:
            flat[name] = part
    return dict(_values(flat, words.root, words))


def _values(given: Plain, entity: Entity, words: Vocabulary) -> Iterator[tuple[str, Any]]:
    for field in entity.fields.values():
        value = given.get(field.name)
        if value is None:
            continue
        if field.type == "list":
            whole = isinstance(value, dict)
            items = value.get("items") or [] if whole else value
            yield field.name, [dict(_values(item, words.entities[field.of], words)) for item in items]
            yield f"{field.name}.complete", whole and str(value.get("complete", "")).lower() == "true"
        elif field.numeric or field.type == "date":
            low, high = _ends(field, words, str(value))
            yield f"{field.name}.low", low
            yield f"{field.name}.high", high
        elif field.type == "flag":
            yield field.name, str(value).lower() in ("true", "是")
        else:
            yield field.name, str(value)


def _ends(field: Field, words: Vocabulary, text: str) -> tuple[Any, Any]:
    """The ends of a figure or day, None for one that is open."""
    from datetime import date

    try:
        figure = value_of(field, words, text)
    except Unreadable:
        return None, None
    if field.type == "date":
        if figure.low == dates.LAST_DAY:
            return date(LAST_YEAR, 12, 31), date(LAST_YEAR, 12, 31)
        low, high = dates.iso(figure.low), dates.iso(figure.high)
        return (date.fromisoformat(low) if low else None), (date.fromisoformat(high) if high else None)
    return (None if abs(figure.low) >= BEYOND else figure.low), (None if abs(figure.high) >= BEYOND else figure.high)
