"""A filing that revises another says what a filing written whole would say: the same facts, places and hash."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bad_input import pairs, readings, says, small, take_revision
from compliance import source
from compliance.cli.inputs import load_filing
from compliance.facts import loading, schema
from compliance.facts.filing import Evidence, Filing
from compliance.source import SourceError
from edits import remove, set_value
from test_facts import FILING

REVISIONS = pairs("revisions.txt")
HEAD: dict[str, Any] = {"schema": "compliance.filing/1", "pack": "small"}


def loaded(folder: Path, name: str = "new.yaml") -> Filing:
    book = small()
    return loading.load(folder / name, book.vocabulary, book.id, readings(book))


def whole() -> Filing:
    book = small()
    return loading.read(source.parse(FILING, "f"), book.vocabulary, book.id, readings(book))


def revised(folder: Path, old: Any, new: dict[str, Any], text: str = FILING) -> Filing:
    """A filing (``text``, or ``old``) with another one laid over it."""
    base = text if old is None else json.dumps(old, ensure_ascii=False)
    (folder / "old.yaml").write_text(base, encoding="utf-8")
    (folder / "new.yaml").write_text(json.dumps({**HEAD, "revises": "old.yaml", **new}, ensure_ascii=False), encoding="utf-8")
    return loaded(folder)


@pytest.mark.parametrize("title", REVISIONS)
def test_a_bad_revision_says_what_is_wrong(title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, expected = REVISIONS[title]
    monkeypatch.chdir(tmp_path)
    assert expected
    assert says(take_revision, text) == expected


def test_a_revision_without_a_change_is_the_same_filing(tmp_path: Path) -> None:
    assert revised(tmp_path, None, {}).sha256 == whole().sha256


def test_only_what_is_said_again_changes(tmp_path: Path) -> None:
    filing = revised(
        tmp_path,
        None,
        {
            "offering": {"gross_proceeds": "2万元"},
            "uses": [{"id": "a", "proceeds": "1万元", "at": {"document": "reply", "page": "3"}}, {"id": "c", "kind": "staff"}],
            "documents": {"reply": {"title": "第二次回复"}, "third": {"title": "三"}},
        },
    )
    assert (filing.facts["offering.gross_proceeds"].text, filing.facts["offering.route"].text) == ("2万元", "auction")
    # The place that the earlier filing gave belongs to what it said, not to what is said now; and the other way round.
    assert filing.facts["offering.gross_proceeds"].evidence is None
    assert filing.facts["offering.route"].evidence == Evidence("plan", "1")
    assert filing.facts["uses[a].proceeds"].evidence == Evidence("reply", "3")
    assert filing.facts["uses[a].kind"].evidence == Evidence("plan", "8")
    assert filing.facts["uses[b].kind"].evidence == Evidence("plan", "9")
    assert filing.facts["uses[c].kind"].evidence is None
    assert filing.facts["uses"].text == "complete"
    assert filing.documents["reply"]["title"] == "第二次回复"
    assert set(filing.documents) == {"plan", "reply", "third"}


def test_what_is_said_again_has_lost_what_was_assumed_and_judged(tmp_path: Path) -> None:
    filing = revised(tmp_path, None, {"issuer": {"name": "乙公司"}, "uses": [{"id": "b", "share": "50%"}]})
    assert not filing.assumed
    assert list(filing.answers) == ["reading.basis"]
    assert filing.facts["uses[b].share"].text == "50%"
    back = revised(tmp_path, {**HEAD, "issuer": {"code": "000001"}, "uses": [{"id": "b", "share": "50%"}]}, {"judgements": [JUDGED]})
    assert back.facts["uses[b].share"].text == "60%"


JUDGED = {"path": "uses[b].share", "answer": "60%"}


def test_what_was_assumed_of_a_list_goes_with_the_list_and_its_places_stay(tmp_path: Path) -> None:
    plain = yaml.load(FILING, Loader=yaml.BaseLoader)
    plain["evidence"].append({"facts": ["uses"], "assumed": "没有别的"})
    filing = revised(tmp_path, plain, {"uses": {"complete": False, "items": []}})
    assert set(filing.assumed) == {"issuer.name"}
    assert filing.facts["uses[a].kind"].evidence == Evidence("plan", "8")
    assert filing.facts["uses"].text == "open"


def test_tables_conclusions_and_judgements_are_replaced_by_their_key(tmp_path: Path) -> None:
    table = {"id": "t", "title": "新表", "unit": "万元", "columns": ["甲"], "rows": [{"name": "一", "values": ["1"]}], "total": ["1"]}
    filing = revised(
        tmp_path,
        None,
        {"tables": [table], "filing_conclusions": [{"rule": "spending", "verdict": "fail"}], "judgements": [{**JUDGED, "answer": "10%"}]},
    )
    assert [(tie.name, tie.column) for tie in filing.ties if tie.name != "uses.proceeds"] == [("新表", "甲")]
    assert [stated.verdict for stated in filing.stated] == ["fail"]
    assert filing.answers["uses[b].share"][0].text == "10%"
    assert filing.answers["reading.basis"][0].value == "net"


def test_what_is_removed_is_gone_with_all_that_is_said_of_it(tmp_path: Path) -> None:
    gone = ["uses[b]", "offering.board_date", "people[乙].posts[董事]", "tables[t]", "filing_conclusions[spending]", "reading.basis"]
    filing = revised(tmp_path, None, {"removed": gone})
    assert [path for path in filing.facts if path.startswith(("uses[b]", "offering.board_date", "people[乙].posts[董事]"))] == []
    assert "people[乙].posts[总经理].until" in filing.facts
    assert (filing.answers, filing.stated) == ({}, ())
    fewer = revised(tmp_path, None, {"removed": ["uses"], "uses": {"complete": True, "items": [{"id": "z", "kind": "staff"}]}})
    assert [path for path in fewer.items if path.startswith("uses")] == ["uses[z]"]


def test_a_revision_may_be_revised(tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "one.yaml").write_text(FILING, encoding="utf-8")
    for name, under, change in (("versions/two.yaml", "one.yaml", "route: fixed"), ("new.yaml", "versions/two.yaml", "listed: 是")):
        text = f"schema: compliance.filing/1\npack: small\nrevises: {under}\noffering: {{{change}}}\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
    filing = loaded(tmp_path)
    assert (filing.facts["offering.route"].text, filing.facts["offering.listed"].text) == ("fixed", "true")


def test_a_file_outside_the_folder_is_refused_through_a_link_too(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "old.yaml").write_text(FILING, encoding="utf-8")
    os.symlink(tmp_path / "old.yaml", inside / "old.yaml")
    (inside / "new.yaml").write_text("schema: compliance.filing/1\npack: small\nrevises: old.yaml\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        loaded(inside)
    assert [problem.code for problem in caught.value.problems] == ["revises-outside"]


def test_the_schema_takes_a_revision_and_asks_a_whole_filing_for_its_issuer() -> None:
    check = jsonschema.Draft202012Validator(schema.json_schema(small().vocabulary, "small"))
    assert check.is_valid({**HEAD, "revises": "old.yaml", "removed": ["uses[a]"], "issuer": {"name": "乙"}})
    for bad in ({}, {"issuer": {"name": "乙"}}, {"issuer": {"code": "000001"}, "removed": ["uses[a]"]}, {"revises": ""}):
        assert not check.is_valid({**HEAD, **bad})


def test_a_route_is_tried_on_the_filing_with_what_it_revises(tmp_path: Path) -> None:
    revised(tmp_path, None, {"offering": {"listed": "是"}})
    filing = load_filing(tmp_path / "new.yaml", small(), route="fixed")
    assert (filing.facts["offering.route"].text, filing.facts["offering.listed"].text) == ("fixed", "true")
    assert filing.facts["offering.route"].evidence is None


# Any filing, taken apart and put together again

LEAVES = [path for path, fact in whole().facts.items() if fact.field.type != "list" and not path.endswith((".id", ".title"))]
OTHER = {"money": "7万元", "date": "2001", "flag": "是", "ratio": "1%", "text": "别的", "code": "999999", "shares": "7股"}
MORE = ("offering.months", "uses[extra]", "people[丁].posts[监事]")


@given(st.sets(st.sampled_from(LEAVES)), st.sets(st.sampled_from(LEAVES)), st.sets(st.sampled_from(MORE)))
@settings(max_examples=120)
def test_taken_apart_and_put_together(tmp_path_factory: pytest.TempPathFactory, other: set[str], absent: set[str], more: set[str]) -> None:
    full, words = whole(), small().vocabulary
    base: dict[str, Any] = yaml.load(FILING, Loader=yaml.BaseLoader)
    new: dict[str, Any] = {"evidence": [], "judgements": []}
    judged = {one["path"]: one for one in copy.deepcopy(base["judgements"])}
    absent.discard("people[乙].name")
    for path in sorted(absent | other):
        fact = full.facts[path]
        if path in absent:
            remove(base, words, path)
        elif fact.field.type in OTHER and not path.endswith("[乙].name"):
            set_value(base, words, path, OTHER[fact.field.type])
        if path in judged:
            new["judgements"].append(judged[path])
        else:
            put(new, path, fact.text)
            if fact.evidence is not None:
                at = {name: text for name in fact.evidence._fields if (text := getattr(fact.evidence, name))}
                new["evidence"].append({"facts": [path], "at": at})
            if path in full.assumed:
                new["evidence"].append({"facts": [path], "assumed": dict(full.assumed[path])})
    for path in sorted(more):
        if path == "offering.months":
            base["offering"]["months"] = "3"
        elif path == "uses[extra]":
            base["uses"]["items"].insert(1, {"id": "extra", "share": "3%", "at": {"document": "plan"}})
        else:
            base["people"].append({"name": "丁", "posts": [{"title": "监事"}]})
            path = "people[丁]"
        base["evidence"].append({"facts": [path], "at": {"document": "reply"}, "assumed": "多余"})
        new.setdefault("removed", []).append(path)
    assert revised(tmp_path_factory.mktemp("apart"), base, copy.deepcopy(new)).sha256 == full.sha256


def put(plain: dict[str, Any], path: str, value: str) -> None:
    """A fact where a filing that says nothing else has it."""
    owner, _, name = path.rpartition(".")
    if owner.startswith("people[乙].posts"):
        people = plain.setdefault("people", [{"name": "乙", "posts": []}])
        posts = people[0].setdefault("posts", [])
        item = next((post for post in posts if f"[{post['title']}]" in owner), None)
        if item is None:
            item = {"title": owner.rpartition("[")[2][:-1]}
            posts.append(item)
    elif owner.startswith("people"):
        item = plain.setdefault("people", [{"name": "乙"}])[0]
    elif owner.startswith("uses"):
        key = owner[5:-1]
        uses = plain.setdefault("uses", [])
        item = next((use for use in uses if use["id"] == key), None)
        if item is None:
            item = {"id": key}
            uses.append(item)
    else:
        item = plain.setdefault(owner, {})
    item[name] = value
