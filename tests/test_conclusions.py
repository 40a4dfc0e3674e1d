"""The conclusion engines: cases a lawyer can read, the same answer from both, and every refusal."""

from __future__ import annotations

import importlib.util
import itertools
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.engine import conclusions
from compliance.engine.conclusions import (
    Conclusion,
    ConclusionEngine,
    ConclusionError,
    ConclusionRule,
    DurableMissing,
    Premise,
    TooManyConditions,
    Word,
    durable,
    engine,
)
from compliance.engine.conclusions.rules import supported

CASES = Path(__file__).parent / "conclusions"


def _durable_here() -> str:
    """Say why the durable engine cannot be tried, or nothing."""
    try:
        engine("durable")
    except DurableMissing as error:
        return str(error)
    return ""


NOT_HERE = _durable_here()
needs_durable = pytest.mark.skipif(bool(NOT_HERE), reason=NOT_HERE or "durable-rules is installed")


@pytest.fixture(params=["reference", pytest.param("durable", marks=needs_durable)])
def each(request: pytest.FixtureRequest) -> ConclusionEngine:
    return engine(request.param)


# --- cases in YAML ---------------------------------------------------------------------------------------------


def _word(text: str) -> Word:
    kind, subject, value = text.split(" / ")
    return Word(kind, subject, value)


def _premise(text: str) -> Premise:
    kind, subjects, values = text.split(" / ")
    return Premise(kind, _set(subjects), _set(values))


def _set(text: str) -> frozenset[str]:
    return frozenset() if text == "any" else frozenset(text.split(" or "))


def _read(path: Path) -> tuple[tuple[ConclusionRule, ...], list[dict[str, Any]]]:
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # text stays text: no "no" is False
    rules = tuple(
        ConclusionRule(rule["id"], tuple(_premise(text) for text in rule["when"]), _word(rule["then"])) for rule in content["rules"]
    )
    return rules, content["cases"]


def _cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yaml")):
        rules, cases = _read(path)
        for case in cases:
            yield pytest.param(rules, case, id=f"{path.stem}: {case['name']}")


@pytest.mark.parametrize(("rules", "case"), list(_cases()))
def test_case(each: ConclusionEngine, rules: tuple[ConclusionRule, ...], case: dict[str, Any]) -> None:
    words = [_word(text) for text in case["words"]]
    expected = tuple(
        Conclusion(one["id"], _word(one["word"]), tuple(_word(text) for text in one["because"])) for one in case["conclusions"]
    )
    assert each.conclude(rules, words) == expected
    assert each.conclude(rules, reversed(words)) == expected
    assert each.conclude(rules, words * 3) == expected


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_rule_of_a_case_file_is_concluded_somewhere_and_not_everywhere(path: Path) -> None:
    rules, cases = _read(path)
    told = [{one["id"] for one in case["conclusions"]} for case in cases]
    for rule in rules:
        assert any(rule.id in ids for ids in told), f"{rule.id} is never concluded"
        assert any(rule.id not in ids for ids in told), f"{rule.id} is always concluded"


# --- both engines, any order -----------------------------------------------------------------------------------

KINDS = ("verdict", "robust", "步骤")
SUBJECTS = ("a", "ab", "募集资金", "x{y}", "x]", "x':'y", "$and", "id")
VALUES = ("pass", "fail", "failed", "缺", "$s", "null", "true", "a,b")

a_word = st.builds(Word, st.sampled_from(KINDS), st.sampled_from(SUBJECTS), st.sampled_from(VALUES))
a_premise = st.builds(
    Premise,
    st.sampled_from(KINDS),
    st.frozensets(st.sampled_from(SUBJECTS), max_size=3),
    st.frozensets(st.sampled_from(VALUES), max_size=3),
)
some_rules = st.lists(
    st.tuples(st.lists(a_premise, min_size=1, max_size=4), a_word) | st.tuples(st.lists(a_premise, min_size=9, max_size=20), a_word),
    max_size=8,
).map(lambda pairs: tuple(ConclusionRule(f"rule-{number}", tuple(premises), word) for number, (premises, word) in enumerate(pairs)))


def _naive(rules: tuple[ConclusionRule, ...], words: list[Word]) -> list[str]:
    """Say which rules are met by trying them all again and again: slow, plain, no code shared with the engines."""
    known = list(words)
    while True:
        met = [
            rule
            for rule in rules
            if all(
                any(
                    word.kind == premise.kind
                    and word.subject in (premise.subjects or {word.subject})
                    and word.value in (premise.values or {word.value})
                    for word in known
                )
                for premise in rule.premises
            )
        ]
        new = [rule.concludes for rule in met if rule.concludes not in known]
        if not new:
            return [rule.id for rule in met]
        known += new


@given(rules=some_rules, words=st.lists(a_word, max_size=20), data=st.data())
def test_reference_finds_the_fixed_point_in_any_order(rules: tuple[ConclusionRule, ...], words: list[Word], data: st.DataObject) -> None:
    found = engine("reference").conclude(rules, words)
    assert [one.id for one in found] == _naive(rules, words)
    assert engine("reference").conclude(rules, data.draw(st.permutations(words))) == found


@given(rules=some_rules, words=st.lists(a_word, max_size=12), data=st.data())
def test_because_is_enough_and_nothing_foreign(rules: tuple[ConclusionRule, ...], words: list[Word], data: st.DataObject) -> None:
    for one in engine("reference").conclude(rules, words):
        assert set(one.because) <= set(words)
        assert list(one.because) == sorted(set(one.because))
        assert one.id in _naive(rules, list(one.because))


@needs_durable
@settings(max_examples=150, deadline=None)
@given(rules=some_rules, words=st.lists(a_word, max_size=20), data=st.data())
def test_both_engines_agree_in_any_order(rules: tuple[ConclusionRule, ...], words: list[Word], data: st.DataObject) -> None:
    expected = engine("reference").conclude(rules, words)
    assert engine("durable").conclude(rules, words) == expected
    assert engine("durable").conclude(rules, data.draw(st.permutations(words))) == expected


def test_what_stands_behind_is_read_off_and_never_adds_or_drops_a_conclusion() -> None:
    """The comparison of the engines would prove nothing if the shared function mended what one of them missed."""
    word, other = Word("verdict", "a", "fail"), Word("verdict", "b", "fail")
    rules = (
        ConclusionRule("one", (Premise("verdict", frozenset({"a"})),), Word("ask", "a", "why")),
        ConclusionRule("two", (Premise("verdict", frozenset({"b"})),), Word("ask", "b", "why")),
    )
    assert supported(rules, frozenset({word, other}), [1]) == (Conclusion("two", Word("ask", "b", "why"), (other,)),)
    assert supported(rules, frozenset({word}), [1]) == (Conclusion("two", Word("ask", "b", "why"), ()),)


# --- large sets ------------------------------------------------------------------------------------------------


def _about(number: int, *values: str) -> Premise:
    return Premise("verdict", frozenset({f"rule-{number}"}), frozenset(values))


def _failing(count: int) -> list[Word]:
    return [Word("verdict", f"rule-{number}", "fail") for number in range(count)]


def test_hundreds_of_rules_over_one_word(each: ConclusionEngine) -> None:
    """65 rules on one fact stop durable-rules when written naively, and 256 on one condition spoil its memory."""
    rules = tuple(
        ConclusionRule(f"r{number}", premises, Word("ask", f"r{number}", "why"))
        for number, premises in enumerate(
            itertools.chain.from_iterable(
                [(_about(0, "fail"),), (_about(0, "fail"), _about(1)), (_about(0), Premise("verdict")), (_about(0),)] for _ in range(300)
            )
        )
    )
    assert len(each.conclude(rules, _failing(2))) == 1200
    assert len(each.conclude(rules, _failing(1))) == 900
    assert each.conclude(rules, [Word("verdict", "rule-1", "fail")]) == ()


def test_any_with_any_does_not_multiply(each: ConclusionEngine) -> None:
    rule = ConclusionRule("r", (Premise("verdict"), Premise("verdict", values=frozenset({"fail"}))), Word("a", "b", "c"))
    (found,) = each.conclude((rule,), _failing(400))
    assert len(found.because) == 400


def test_a_rule_wider_than_a_frame_needs_every_premise(each: ConclusionEngine) -> None:
    rule = ConclusionRule("wide", tuple(_about(number, "fail") for number in range(40)), Word("a", "b", "c"))
    words = _failing(40)
    assert len(each.conclude((rule,), words)) == 1
    for left_out in range(40):
        assert each.conclude((rule,), words[:left_out] + words[left_out + 1 :]) == ()


def test_as_many_conditions_side_by_side_as_can_be(each: ConclusionEngine) -> None:
    rules = tuple(
        ConclusionRule(f"r{number}", (_about(number),), Word("ask", f"r{number}", "why")) for number in range(durable.SIDE_BY_SIDE)
    )
    assert len(each.conclude(rules, _failing(durable.SIDE_BY_SIDE))) == durable.SIDE_BY_SIDE


def _too_many() -> tuple[ConclusionRule, ...]:
    return tuple(
        ConclusionRule(f"r{number}", (_about(number),), Word("ask", f"r{number}", "why")) for number in range(durable.SIDE_BY_SIDE + 1)
    )


def test_a_set_that_would_hang_is_refused_in_words() -> None:
    assert durable.refusal(durable.plan(_too_many())) == ("kind 'verdict' has 512 conditions side by side; durable-rules hangs beyond 511")
    assert durable.refusal(durable.plan(_too_many()[:-1])) is None


def test_a_set_with_more_steps_than_it_holds_is_refused_in_words() -> None:
    premises = (_about(0), _about(1))
    rules = tuple(ConclusionRule(f"r{number}", premises, Word("a", "b", "c")) for number in range(durable.MOST_RULES + 1))
    assert "durable-rules holds 4096" in str(durable.refusal(durable.plan(rules)))


@needs_durable
def test_refused_before_anything_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "_build", lambda *_: pytest.fail("it was built"))
    with pytest.raises(TooManyConditions, match="use the reference engine, which gives the same conclusions"):
        engine("durable").conclude(_too_many(), _failing(1))


@needs_durable
def test_auto_hands_a_large_set_to_the_reference() -> None:
    assert engine("auto").name == "durable"
    assert [one.id for one in engine("auto").conclude(_too_many(), _failing(2))] == ["r0", "r1"]


# --- choosing and refusing -------------------------------------------------------------------------------------


def test_an_engine_by_another_name() -> None:
    with pytest.raises(ConclusionError, match="no conclusion engine is called 'prolog': choose auto, durable or ref"):
        engine("prolog")


def test_without_the_library_auto_is_the_reference_and_durable_says_how_to_mend_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    assert engine("auto").name == "reference"
    with pytest.raises(DurableMissing, match=r"Install the extra 'durable' .* or ask for the engine 'reference'"):
        engine("durable")


def test_the_library_is_not_imported_before_it_is_used() -> None:
    code = (
        "import sys; from compliance.engine.conclusions import engine; engine('reference'); "
        "sys.exit(any(name.split('.')[0] in ('durable', 'durable_rules_engine') for name in sys.modules))"
    )
    spec = importlib.util.find_spec("compliance.engine.conclusions")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).parents[3]
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(source)})


@pytest.mark.parametrize(
    "part",
    ["", " ", "0.2", "30%", "2024-12-25", "1e-07", "-5", "12:30", "nan", "-inf", 'say "so"', "a\\b", "a\nb", "\ud800"],
)
def test_figures_dates_and_unprintable_text_are_no_words(part: str) -> None:
    for make in (
        lambda: Word(part, "a", "b"),
        lambda: Word("a", part, "b"),
        lambda: Word("a", "b", part),
        lambda: Premise(part),
        lambda: Premise("a", frozenset({part})),
        lambda: Premise("a", frozenset(), frozenset({part})),
    ):
        with pytest.raises(ValueError, match=r"decide it in a rule and pass on the verdict|no plain word"):
            make()


@pytest.mark.parametrize("part", [1, 0.5, True, None])
def test_what_is_no_text_is_no_word(part: Any) -> None:
    with pytest.raises(ValueError, match="only words go into conclusions"):
        Word("verdict", "a", part)


@pytest.mark.parametrize("part", ["36-month-window", "第十一条", "LAO18 五(一)", "A8", "info", "数安数智"])
def test_words_that_hold_digits_are_words(part: str) -> None:
    assert Word("verdict", part, "pass").subject == part


def test_a_rule_without_a_premise_is_refused() -> None:
    with pytest.raises(ValueError, match="'silent' has no premise: name at least one word it follows from"):
        ConclusionRule("silent", (), Word("a", "b", "c"))


def test_two_rules_of_one_id_are_refused(each: ConclusionEngine) -> None:
    rule = ConclusionRule("twice", (Premise("verdict"),), Word("a", "b", "c"))
    with pytest.raises(ConclusionError, match="two conclusion rules are called 'twice': give one of them another id"):
        each.conclude((rule, rule), [])


# --- what durable-rules must be kept from ----------------------------------------------------------------------


def test_field_names_that_hash_alike_are_refused() -> None:
    assert durable.fnv1a("id") == 926444256  # as written in durable-rules' state.h
    assert durable.fnv1a("sid") == 3593476751
    durable.check_fields()
    assert durable.fnv1a("costarring") == durable.fnv1a("liquid")
    with pytest.raises(ConclusionError, match="cannot tell the fields 'costarring' and 'liquid' apart: rename one"):
        durable.check_fields(["kind", "costarring", "liquid"])


@needs_durable
def test_field_names_are_checked_when_the_engine_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "fnv1a", lambda _name: 7)
    with pytest.raises(ConclusionError, match="apart"):
        engine("auto")


def test_every_field_that_is_sent_is_among_those_checked() -> None:
    sent = [*durable._fields(Word("a", "b", "c")), *durable._fields(durable.Token(1)), "id", "sid"]
    assert set(sent) == durable.FIELDS


def test_ids_of_facts_do_not_hash_alike() -> None:
    """Two ids of one hash would be one fact to durable-rules, and the second would be lost."""
    ids = [*(f"f{number}" for number in range(30_000)), "s", "sid-s"]
    assert len({durable.fnv1a(name) for name in ids}) == len(ids)


RULE = ConclusionRule("broken", (Premise("verdict"),), Word("a", "b", "c"))


class _Changed:
    """durable-rules' engine with some of its functions changed."""

    def __init__(self, **changed: Any) -> None:
        self._real = durable._library()
        self._changed = changed

    def __getattr__(self, name: str) -> Any:
        return self._changed.get(name) or getattr(self._real, name)


def _fail(*_: object) -> Any:
    raise RuntimeError("error code: 303")


@needs_durable
def test_a_failure_of_the_library_is_heard_of() -> None:
    built = durable._build(durable._library(), "whole", durable.plan((RULE,)))
    for name in ("assert_fact", "start_action_for_state", "update_state", "complete_and_start_action"):
        with pytest.raises(ConclusionError, match=r"durable-rules refuses the rules \(error code: 303\): use the engine 'reference'"):
            durable._build(_Changed(**{name: _fail}), f"broken-{name}", durable.plan((RULE,)))
    for _ in range(3):  # and the session is gone each time, or the next would fail on a repeated fact
        with pytest.raises(ConclusionError, match=r"durable-rules failed on .*303.* Use the engine 'reference'"):
            durable._session(_Changed(complete_and_start_action=_fail), built, (RULE,), frozenset(_failing(1)))
    assert durable._session(durable._library(), built, (RULE,), frozenset(_failing(1))) == {0}


@needs_durable
def test_a_fact_taken_for_a_repetition_is_heard_of(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConclusionError, match=r"durable-rules failed on .*repetition"):
        monkeypatch.setattr(durable, "_assert", lambda library, built, _number, fact, real=durable._assert: real(library, built, 0, fact))
        engine("durable").conclude((RULE,), _failing(2))
    monkeypatch.undo()
    assert len(engine("durable").conclude((RULE,), _failing(2))) == 1


@needs_durable
def test_a_set_that_fires_nothing_when_it_is_built_is_refused() -> None:
    """Otherwise its first session might be one in which nothing fires, and deleting that can end the process."""
    silent = _Changed(start_action_for_state=lambda *_: None, delete_state=lambda *_: None)
    with pytest.raises(ConclusionError, match="fires no rule on this machine: use the engine 'reference'"):
        durable._build(silent, "silent-on-purpose", durable.plan((RULE,)))


@needs_durable
def test_many_sets_whose_first_session_fires_nothing() -> None:
    one = engine("durable")
    for number in range(200):
        rules = (ConclusionRule(f"first-session-{number}", (_about(0), _about(1)), Word("a", "b", "c")),)
        assert one.conclude(rules, _failing(1)) == ()
        assert len(one.conclude(rules, _failing(2))) == 1


@needs_durable
def test_more_sessions_than_durable_rules_can_keep_at_once() -> None:
    """It keeps 1,024 that were not deleted, then raises MemoryError."""
    one = engine("durable")
    rules = (RULE._replace(id="many-sessions"),)
    for _ in range(1_100):
        assert len(one.conclude(rules, _failing(1))) == 1
    assert one.conclude(rules, [Word("other", "a", "b")]) == ()
    assert one.conclude(rules, []) == ()


@needs_durable
def test_no_thread_is_started_and_a_set_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(threading.enumerate())
    rules = (RULE._replace(id="built-once"),)
    first = engine("durable")
    first.conclude(rules, _failing(1))
    monkeypatch.setattr(durable, "_build", lambda *_: pytest.fail("it was built again"))
    assert len(engine("durable").conclude(rules, _failing(1))) == 1
    assert set(threading.enumerate()) == before


@needs_durable
def test_several_threads_get_the_same_answer() -> None:
    rules = (RULE._replace(id="threads"),)
    expected = engine("reference").conclude(rules, _failing(5))
    wrong: list[object] = []

    def work() -> None:
        try:
            for _ in range(50):
                if engine("durable").conclude(rules, _failing(5)) != expected:
                    wrong.append("another answer")
        except Exception as error:  # whatever it is, the test must see it
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_package_names_what_it_offers() -> None:
    assert all(hasattr(conclusions, name) for name in conclusions.__all__)
