"""The proofs of a pack: what a mutant is and who notices it, made tests, coverage, dates, differences, pages."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from checked import book
from command import ROOT, run
from compliance import dates
from compliance.engine.decide import decide
from compliance.engine.machine import Machine
from compliance.packs import loading
from compliance.packs.book import Pack
from compliance.proving import boundaries, coverage, difference, inline, mutation, pages, probes, reference, render, sweep
from compliance.proving.mutants import Mutant, mutants
from compliance.source import SourceError

TOY = ROOT / "tests" / "books" / "toy"
LAW = ROOT / "rules" / "cn-refinancing"
CHAPTERS = ("financial-investment", "size-and-interval", "use-of-proceeds")  # that every run of the tests tries
GOAL = 97  # of a hundred mutants of the rule book, so many at least are noticed


@pytest.fixture(scope="module")
def toy() -> Pack:
    return loading.load(TOY, fine=True)


@pytest.fixture(scope="module")
def law() -> Pack:
    return book()


@pytest.fixture(scope="module")
def fine() -> Pack:
    return loading.load(LAW, fine=True)


@pytest.fixture(scope="module")
def changes(fine: Pack) -> list[Mutant]:
    """Every change of the rule book that is tried, looked for once."""
    return list(mutants(fine))


@pytest.fixture(scope="module")
def tested(fine: Pack) -> list[inline.Result]:
    """What every test beside a rule gives, run once for all that ask."""
    return list(inline.run(fine))


def fate(pack: Pack, name: str, tests: dict[str, list[boundaries.Made]] | None = None) -> str:
    """What becomes of the mutant whose id begins so."""
    found = [one for one in mutation.run(mutation.bench(pack, tests or {})) if one.mutant.id.startswith(name)]
    assert len(found) == 1, [one.mutant.id for one in mutation.run(mutation.bench(pack, {}))]
    return found[0].fate


# Mutants


def test_a_pack_held_finely_decides_the_same(tested: list[inline.Result]) -> None:
    """Its parameters have another scale, and every test that holds still holds."""
    assert len(tested) > 1000
    assert [result for result in tested if result.faults] == []


def test_mutants_of_the_toy(toy: Pack) -> None:
    found = [mutant.id for mutant in mutants(toy)]
    assert len(found) == len(set(found))
    for said in (
        "bound 2000-01-01: 10 -> 11",
        "bound 2000-01-01: 10 -> 9",
        "reading counted: noisy_only -> everything",
        "reading counted: noisy_only -> both",
        "noise: 2000-01-01 -> 2000-01-02",
        "noise-as-read: party.kind in {open} -> party.kind in {}",
        "noise-as-read: party.kind in {open} -> party.kind in {open, closed}",
    ):
        assert said in found
    # No rule is in force on the day before, so a limit a day earlier is the same in effect.
    assert "bound 2000-01-01 -> 1999-12-31" not in found


def test_a_test_at_the_limit_notices_what_one_beside_it_does_not(toy: Pack) -> None:
    rule = toy.rule("noise")
    assert fate(toy, "bound 2000-01-01: 10 -> 11") == mutation.INLINE  # the drum of eleven passes then
    assert fate(toy, "bound 2000-01-01: 10 -> 9") == mutation.SURVIVED
    made = boundaries.Made("noise", rule.tests[1]["name"]["en"], (), "instruments[drum].sound", (("10", "pass"), ("11", "fail")))
    assert fate(toy, "bound 2000-01-01: 10 -> 9", {"noise": [made]}) == mutation.MADE


def test_members_that_cannot_matter_are_no_mutants(changes: list[Mutant]) -> None:
    """Rights issues may go wholly to working capital, and nothing that a rule does not apply to is looked at."""
    said = [mutant.id for mutant in changes if mutant.id.startswith("issue-size: issuer.board")]
    assert len(said) == 5
    assert not any("issuer.board" in mutant.id for mutant in changes if "fixed, rights} ->" in mutant.id)


def test_an_excused_mutant_does_not_count(toy: Pack) -> None:
    excused = "bound 2000-01-01: 10 -> 9"
    score = mutation.Score(tuple(mutation.run(mutation.bench(toy, {}), [excused])))
    assert [one.mutant.id for one in score.fates if one.fate == mutation.EXCUSED] == [excused]
    assert score.counted == len(score.fates) - 1


def test_mutants_leave_the_built_filings_as_they_were(toy: Pack) -> None:
    bench = mutation.bench(toy, {})
    list(mutation.run(bench))
    for rule in toy.rules:
        assert [one.code(bench.machine, rule) for one in bench.situations[rule.id]] == bench.codes[rule.id]


@pytest.fixture(scope="module")
def score(fine: Pack) -> mutation.Score:
    """Some chapters only; `compliance rules test --mutate` tries the whole book."""
    rules = [rule.id for rule in fine.rules if Path(rule.place.partition(":")[0]).stem in CHAPTERS]
    assert len(rules) > 5
    return mutation.Score(tuple(mutation.run(mutation.bench(fine, boundaries.load(LAW), rules), fine.equivalent)))


def test_the_rule_book_notices_its_mutants(score: mutation.Score) -> None:
    """Where this fails: test what is listed, or `compliance rules test rules/cn-refinancing --write-boundaries`."""
    assert score.counted > 200
    assert score.noticed * 100 >= GOAL * score.counted, "\n".join(render.mutation_lines(score, "en"))


def test_the_table_of_mutants_is_of_this_book(law: Pack, changes: list[Mutant], score: mutation.Score) -> None:
    """Where this fails: `compliance rules test rules/cn-refinancing --mutate --out docs/mutants.md`."""
    text = (ROOT / "docs" / "mutants.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")][1:]
    table = {row[0].strip("`"): [int(cell) for cell in (*row[1:5], row[6])] for row in rows}
    counted = Counter(render.chapter(mutant) for mutant in changes)
    assert {name: table[name][0] + table[name][4] for name in counted} == counted
    tried, by_inline, by_made, left, excused = table["合计 / All"]
    assert (by_inline + by_made) * 100 >= GOAL * tried
    assert tried == by_inline + by_made + left
    assert excused == len(law.equivalent)
    for chapter in CHAPTERS:
        fates = [one for one in score.fates if render.chapter(one.mutant) == f"{chapter}.yaml"]
        found = [sum(one.fate == fate for one in fates) for fate in (mutation.INLINE, mutation.MADE, mutation.SURVIVED, mutation.EXCUSED)]
        assert table[f"{chapter}.yaml"] == [len(fates) - found[3], *found]


def test_every_excuse_is_of_a_mutant_that_there_is(law: Pack, changes: list[Mutant]) -> None:
    assert set(law.equivalent) <= {mutant.id for mutant in changes}


# Made tests


def test_the_made_tests_hold(law: Pack) -> None:
    """Where this fails and the rules were meant to change: `compliance rules test rules/cn-refinancing --write-boundaries`."""
    tried, missed = boundaries.run(law, boundaries.load(LAW))
    assert tried > 100
    assert missed == []


def test_made_tests_stand_at_the_limit_and_one_unit_to_either_side(law: Pack) -> None:
    made = next(one for one in boundaries.load(LAW)["working-capital-share"] if one.vary == "uses[a].proceeds" and not one.put)
    assert dict(made.gives) == {"29999999.99": "pass", "30000000": "pass", "30000000.01": "fail", "30000000.02": "fail"}


def test_made_tests_read_back_as_written(toy: Pack, tmp_path: Path) -> None:
    made = mutation.boundaries(toy)
    boundaries.write(tmp_path, made)
    assert boundaries.load(tmp_path) == {rule: tests for rule, tests in made.items() if tests}
    assert boundaries.run(toy, made)[1] == []


def test_a_changed_limit_shows_in_the_made_tests(toy: Pack) -> None:
    made = mutation.boundaries(toy)
    bound = toy.parameters["bound"]
    changed = toy._replace(parameters={"bound": bound._replace(values=(bound.values[0]._replace(value=12),))})
    assert {miss.made.rule for miss in boundaries.run(changed, made)[1]} >= {"noise"}


def test_a_made_test_of_what_is_gone_is_told(toy: Pack) -> None:
    made = boundaries.Made("noise", "no such test", (), "party.limit", (("1", "pass"),))
    tried, missed = boundaries.run(toy, {"noise": [made]})
    assert (tried, [miss.found for miss in missed]) == (1, [""])
    assert "can no longer be put" in render.boundary_lines(tried, missed, "en")[0]


def test_the_files_of_made_tests_are_those_of_rules(law: Pack) -> None:
    assert set(boundaries.load(LAW)) <= {rule.id for rule in law.rules}


# Dates


def test_every_rule_stands_on_one_version_on_every_day(law: Pack) -> None:
    assert list(sweep.holes(law)) == []
    assert all(sweep.days(law, rule) for rule in law.rules)


def test_a_hole_in_the_law_is_seen(law: Pack) -> None:
    cap = law.parameters["working_capital_cap"]
    start = cap.values[0].start
    late = cap._replace(values=(cap.values[0]._replace(start=start + 1),))
    twice = cap._replace(values=(cap.values[0], cap.values[0]._replace(start=start + 5)))
    for changed in (late, twice):
        found = list(sweep.holes(law._replace(parameters={**law.parameters, cap.name: changed})))
        assert {hole.what for hole in found} >= {cap.name}
        assert f" on {dates.iso(found[0].day)} " in render.sweep_lines(found, "en")[0]


def test_a_rule_decides_from_its_first_day_and_not_before(law: Pack) -> None:
    """For every rule, by its first test that is decided: the law's day put to the rule's start and to the day before."""
    machine = Machine(law)
    for rule in law.rules:
        situation = probes.situations(machine, rule, {rule.tests[0]["name"]["en"]})[0]
        name = situation.made.law_day(rule)[0]
        for by, there in ((0, True), (-1, False)):
            path = law.days.get(name, name)
            code = probes.decided(situation.made, rule, {path: rule.start + by})
            assert code is not None
            assert (probes.WORDS[code] != "not_in_force") == there, rule.id
        assert decide(situation.made, rule) == situation.code(machine, rule)


# Coverage


def test_the_table_of_the_catalogue_is_kept(law: Pack, tested: list[inline.Result]) -> None:
    """Where this fails: `compliance rules coverage --format md --out docs/coverage.md`."""
    assert (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8") == render.coverage(coverage.rows(law, tested), "md", "zh")


def test_the_catalogue_holds_every_row_that_a_rule_names(law: Pack) -> None:
    named = {row for rule in law.rules for row in coverage.claimed(rule, law)} | set(law.out_of_scope)
    assert named <= set(law.catalogue)


def test_a_row_counts_only_where_a_test_passes_through_it(toy: Pack) -> None:
    states = {row.row: row.state for row in coverage.rows(toy)}
    assert states == {"T1": "automated", "T2": "automated", "T3": "automated"}
    rules = tuple(rule._replace(tests_text="[]") if rule.id == "noise" else rule for rule in toy.rules)
    assert {row.row: row.state for row in coverage.rows(toy._replace(rules=rules))}["T1"] == "missing"


def test_a_requirement_left_to_people_is_asked(toy: Pack) -> None:
    rule = toy.rule("noise")
    expected = ("pass", "judgement", "missing")
    tests = [{**test, "expect": {"verdict": verdict}} for test, verdict in zip(rule.tests, expected, strict=True)]
    rules = (rule._replace(fail_as="judgement", tests_text=json.dumps(tests)),)
    assert [row.state for row in coverage.rows(toy._replace(rules=rules))] == ["asked"]


def test_a_row_left_out_says_why(toy: Pack) -> None:
    left = toy._replace(out_of_scope={"T9": {"zh": "另有安排", "en": "arranged elsewhere"}})
    row = coverage.rows(left)[0]
    assert (row.row, row.state) == ("T9", "out_of_scope")
    assert "arranged elsewhere" in render.coverage([row], "text", "en")
    assert render.coverage([], "text", "en").startswith("the pack has no catalogue")


def test_a_change_is_named_whole_as_equivalents_take_it(fine: Pack, changes: list[Mutant]) -> None:
    change = next(one for one in changes if one.kind == "value" and fine.parameters[one.id.split()[0]].quantity == "ratio")
    assert re.search(r": [\d.]+% -> [\d.]+%$", change.id)
    long = mutation.Fate(replace(change, id="x" * 999), mutation.SURVIVED)
    assert "x" * 999 in render.mutation_lines(mutation.Score((long,)), "en")[0]


# Differences


def test_two_days_of_law(toy: Pack) -> None:
    bound = toy.parameters["bound"]
    change = dates.parse("2010-01-01").low
    values = (bound.values[0]._replace(end=change), bound.values[0]._replace(start=change, value=12, shown="12"))
    rules = (toy.rules[0]._replace(end=change), *toy.rules[1:])
    pack = toy._replace(parameters={"bound": bound._replace(values=values)}, rules=rules)
    found = difference.between(pack, pack, change - 1, change)
    assert [(one.part, one.id, one.kind) for one in found] == [("rules", "noise", "removed"), ("parameters", "bound", "changed")]
    assert found[1].before == {"zh": "10", "en": "10"}
    assert difference.between(pack, pack, change, change + 1) == []


def test_two_books(tmp_path: Path) -> None:
    text = (TOY / "pack.yaml").read_text(encoding="utf-8")
    other = tmp_path / "other"
    other.mkdir()
    changed = (
        text.replace("zh: 不得过响", "zh: 不得太响")
        .replace("default: noisy_only", "default: everything")
        .replace("noise <= bound", "noise < bound")
    )
    (other / "pack.yaml").write_text(changed, encoding="utf-8")
    done = run("rules", "diff", str(TOY), str(other), "--format", "json")
    found = {(one["part"], one["id"], one.get("aspect")) for one in json.loads(done.out)["changes"]}
    assert found == {("rules", "noise", "restated"), ("rules", "noise", "formula"), ("readings", "counted", None)}
    assert "was: 不得过响" not in run("rules", "diff", str(TOY), str(other), "--lang", "zh").out
    assert "原：不得过响" in run("rules", "diff", str(TOY), str(other), "--lang", "zh").out


def test_the_law_of_two_days(law: Pack) -> None:
    text = run("rules", "diff", "2023-02-17", "2026-04-17", "--lang", "en").out
    assert "changed  LAO18" in text
    assert run("rules", "diff", "2026-04-17", "2026-04-17", "--lang", "en").out == "Nothing differs.\n"


# Pages


def test_the_pages_of_the_rules_are_kept(law: Pack) -> None:
    """Where this fails: `compliance rules pages --out docs/rules`."""
    made = pages.of(law, LAW, ROOT / "cases")
    folder = ROOT / "docs" / "rules"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")} == made
    assert [name for name, text in made.items() if not pages.is_page(name, text.splitlines()[2])] == []  # else none is written over


def test_the_reference_is_written_over_itself_and_nothing_else(law: Pack, tmp_path: Path) -> None:
    made = reference.of(law)
    (tmp_path / "notes.md").write_text("# Notes\n\nof my own\n", encoding="utf-8")
    for _ in range(2):
        pages.write(tmp_path, {**made, "gone.md": made["use.md"]}, reference.is_page)
        pages.write(tmp_path, made, reference.is_page)
    assert {path.name for path in tmp_path.iterdir()} == {*made, "notes.md"}
    (tmp_path / "use.md").write_text("# Notes\n\nof my own\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        pages.write(tmp_path, made, reference.is_page)
    assert [(problem.code, Path(problem.place.document).name) for problem in caught.value.problems] == [("page-foreign", "use.md")]


def test_the_reference_of_the_facts_is_kept(law: Pack) -> None:
    """Where this fails: `compliance facts reference --out docs/facts`."""
    made = reference.of(law)
    folder = ROOT / "docs" / "facts"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")} == made


def test_the_reference_names_every_field_and_kind(law: Pack) -> None:
    made = reference.of(law)
    for entity in law.vocabulary.entities.values():
        fields = re.findall(r"^\| `(\w+)` \|", made[f"{entity.name}.md"], re.MULTILINE)
        assert sorted(fields) == sorted(entity.fields)  # each once; a long page tells them chapter by chapter
    members = re.findall(r"^\| `(\w+)` \|", made["kinds.md"], re.MULTILINE)
    assert members == [name for kind in law.vocabulary.kinds.values() for name in kind]
    assert "`sanctions[id].parts[kind]`" in made["README.md"]
    assert "[working-capital-share](../rules/working-capital-share.md)" in made["use.md"]
    long = made["offering.md"]
    assert "- [融资规模与间隔 / Size and interval](#融资规模与间隔--size-and-interval) (2)\n" in long
    assert long.index("\n## 融资规模与间隔 / Size and interval\n") < long.index("\n| `shares_at_plan` |") < long.index("\n## 再融资的限制")
    assert re.search(r"^\| `plan_disclosed` \|.*issuer-violations", long, re.MULTILINE)  # no formula reads it: windows are held against it


# The command line


def test_the_command_tells_what_is_not_noticed(tmp_path: Path) -> None:
    done = run("rules", "test", str(TOY), "--mutate", "--lang", "en")
    assert done.status == 0
    assert "not noticed: parameters.bound: bound 2000-01-01: 10 -> 9" in done.out


def test_the_command_makes_the_boundary_tests_and_runs_them(tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    folder.mkdir()
    text = (TOY / "pack.yaml").read_text(encoding="utf-8")
    (folder / "pack.yaml").write_text(text, encoding="utf-8")
    assert "boundary tests were made" in run("rules", "test", str(folder), "--write-boundaries", "--lang", "en").out
    assert run("rules", "test", str(folder)).status == 0
    (folder / "pack.yaml").write_text(text.replace("noise <= bound", "noise < bound"), encoding="utf-8")
    done = run("rules", "test", str(folder), "--lang", "en")
    assert done.status == 1
    assert "at 10 was pass, is fail" in done.out


def test_a_test_that_fails_says_so_in_the_readers_language(tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    folder.mkdir()
    text = (TOY / "pack.yaml").read_text(encoding="utf-8")
    assert "expect: {verdict: missing}" in text
    (folder / "pack.yaml").write_text(
        text.replace("expect: {verdict: missing}", "expect: {verdict: missing, needs: 甲、乙}"), encoding="utf-8"
    )
    done = {lang: run("rules", "test", str(folder), "--lang", lang) for lang in ("zh", "en")}
    assert [one.status for one in done.values()] == [1, 1]
    assert "needs：应为甲、乙，实为" in done["zh"].out
    assert "needs: 甲, 乙 was expected, " in done["en"].out
    assert not set("，、；：（）") & set(done["en"].out)


def test_one_rule_by_itself(tmp_path: Path) -> None:
    """What belongs to other rules is left alone, run or made."""
    folder = tmp_path / "toy"
    shutil.copytree(TOY, folder)
    assert "boundary tests were made" in run("rules", "test", str(folder), "--write-boundaries", "--lang", "en").out
    before = {path.name: path.read_bytes() for path in (folder / boundaries.FOLDER).iterdir()}
    assert len(before) > 1
    (folder / boundaries.FOLDER / "noise.yaml").unlink()
    assert run("rules", "test", str(folder), "--write-boundaries", "--rule", "noise").status == 0
    assert {path.name: path.read_bytes() for path in (folder / boundaries.FOLDER).iterdir()} == before
    assert "not noticed: noise" not in run("rules", "test", str(folder), "--mutate", "--rule", "noise-as-read", "--lang", "en").out
    assert run("rules", "test", str(folder), "--rule", "no-such-rule").status == 2


def test_coverage_fails_where_a_row_is_missing() -> None:
    assert run("rules", "coverage", "--pack", str(TOY)).status == 0


def test_a_mutant_is_a_whole_pack(toy: Pack) -> None:
    assert all(isinstance(mutant, Mutant) and mutant.pack != toy for mutant in mutants(toy))
