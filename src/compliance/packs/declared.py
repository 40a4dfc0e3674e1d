"""Check what a pack declares before its formulas: the vocabulary, instruments, parameters, readings, days and the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance import dates, vocabulary
from compliance.expressions.tree import Type
from compliance.packs import citations
from compliance.packs.draft import Draft
from compliance.quantities import parse as parse_figure
from compliance.source import Unreadable
from compliance.vocabulary import MAX_MEMBERS, PLAIN_TYPES, SCALES, UNITS
from compliance.wording import listed

_TYPES = {"date": {"zh": "日期", "en": "date"}, "kind": {"zh": "类别", "en": "kind"}}


def check_vocabulary(draft: Draft) -> None:
    """References of the vocabulary: types, entities, questions, keys, kinds that are not too large."""
    kinds, entities, filing = draft.part("kinds"), draft.part("entities"), draft.part("filing")
    for entity, fields in draft.part("fields").items():
        if entity not in entities:
            draft.wrong(draft.place("fields", entity, *list(fields)[:1]), "entity-unknown", name=entity)
            continue
        for name, form in fields.items():
            if name in entities[entity]["fields"]:
                draft.wrong(draft.place("fields", entity, name), "pack-twice", name=f"{entity}.{name}")
            entities[entity]["fields"][name] = form
    lists = {name: form["list"] for name, form in filing.items() if form["list"]}
    for name, members in kinds.items():
        if len(members) > MAX_MEMBERS or name in PLAIN_TYPES:
            draft.wrong(draft.place("kinds", name), "kind-bad", name=name, limit=MAX_MEMBERS)
    for name, form in entities.items():
        if form["key"] is not None and form["key"] not in form["fields"]:
            draft.wrong(draft.place("entities", name, "key"), "field-unknown", name=form["key"], entity=name)
        if form["ends"] is not None and form["fields"].get(form["ends"], {}).get("type") != "date":
            draft.wrong(draft.place("entities", name, "ends"), "field-unknown", name=form["ends"], entity=name)
        for field_name, part in form["fields"].items():
            _field(draft, name, field_name, part, kinds, entities, lists)
    for name, form in filing.items():
        if (form["entity"] is None) == (form["list"] is None) or (form["list"] and form["label"] is None):
            draft.wrong(draft.place("filing", name), "part-one", name=name)
            continue
        target = form["entity"] or form["list"]
        if target not in entities:
            draft.wrong(draft.place("filing", name), "entity-unknown", name=target)


def _field(draft: Draft, entity: str, name: str, form: Mapping[str, Any], kinds: Any, entities: Any, lists: Any) -> None:
    """One field of the vocabulary."""
    path = ("fields", name)
    if form["type"] not in PLAIN_TYPES and form["type"] not in kinds:
        draft.wrong(draft.place("entities", entity, *path, "type"), "type-unknown", name=form["type"])
    if form["type"] == "list" and form["of"] not in entities:
        draft.wrong(draft.place("entities", entity, *path, "of"), "entity-unknown", name=form["of"])
    if form["type"] == "ref" and form["of"] not in lists:
        draft.wrong(draft.place("entities", entity, *path, "of"), "list-unknown", name=form["of"])
    if form["question"] is not None and form["question"] not in draft.part("questions"):
        draft.wrong(draft.place("entities", entity, *path, "question"), "question-unknown", name=form["question"])
    if form["settled_by"] == "judgement" and form["question"] is None:
        draft.wrong(draft.place("entities", entity, *path), "question-missing", name=name)
    for other in form["alike"]:
        if other not in entities[entity]["fields"]:
            draft.wrong(draft.place("entities", entity, *path, "alike"), "field-unknown", name=other, entity=entity)
    for end in ("min", "max"):
        try:
            if form[end] is not None and form["type"] in SCALES:
                vocabulary.bound(form[end], form["type"], int(form["scale"] or SCALES[form["type"]]))
        except Unreadable as error:
            draft.wrong(draft.place("entities", entity, *path, end), error.code, **error.values)
    if form["open_when"] is not None and form["settled_by"] != "judgement":
        draft.wrong(draft.place("entities", entity, *path, "open_when"), "open-when-settled", name=name)


def _dated(draft: Draft, section: str, key: str, forms: list[Any], *path: str | int) -> None:
    """Dated parts come in the order of their days, each on a day of its own."""
    days = [dates.parse(form["from"]).low for form in forms]
    for index in range(1, len(days)):
        if days[index] <= days[index - 1]:
            draft.wrong(draft.place(section, key, *path, index, "from"), "dates-order", day=forms[index]["from"])
    for index, form in enumerate(forms):
        until = form.get("until")
        if until and dates.parse(until).low <= days[index]:
            draft.wrong(draft.place(section, key, *path, index, "until"), "dates-order", day=until)
    if not forms:
        draft.wrong(draft.place(section, key, *path), "dates-none", name=key)


def check_instruments(draft: Draft) -> None:
    """The versions of each instrument."""
    for name, form in draft.part("instruments").items():
        _dated(draft, "instruments", name, form["versions"], "versions")


def check_parameters(draft: Draft) -> None:
    """The values of each parameter, as whole numbers at one scale, or as bits of a kind."""
    assert draft.words is not None
    for name, form in draft.part("parameters").items():
        _dated(draft, "parameters", name, form["values"], "values")
        quantity = form["type"]
        if quantity not in SCALES and quantity not in draft.words.kinds and quantity != "date":
            draft.wrong(draft.place("parameters", name, "type"), "type-unknown", name=quantity)
            continue
        held = []
        for index, value in enumerate(form["values"]):
            citations.resolve(draft, value, "parameters", name, "values", index)
            try:
                held.append(_held(draft, quantity, value["value"]))
            except Unreadable as error:
                draft.wrong(draft.place("parameters", name, "values", index, "value"), error.code, **error.values)
        scale = SCALES.get(quantity, 0)
        if quantity in SCALES:
            while scale and not draft.fine and all(number % 10 == 0 for number in held):
                held, scale = [number // 10 for number in held], scale - 1
            least, most = (min(held), max(held)) if held else (0, 0)
            if draft.fine:
                least, most = _room(least, most, quantity)
            kind = Type("number", scale, UNITS[quantity], least=least, most=most)
        else:
            kind = Type("date") if quantity == "date" else Type("enum", of=quantity)
        form["kind"], form["quantity"] = list(kind), quantity
        for value, number in zip(form["values"], held, strict=False):
            value["held"] = number
            value["shown"] = value["value"] if isinstance(value["value"], str) else "、".join(value["value"])


def _held(draft: Draft, quantity: str, value: Any) -> int:
    """A parameter's value as it is held. Raises ``Unreadable``."""
    assert draft.words is not None
    if quantity in draft.words.kinds:
        members = [value] if isinstance(value, str) else value
        for member in members:
            if member not in draft.words.kinds[quantity]:
                known = listed(draft.words.kinds[quantity])
                raise Unreadable("member-unknown", name=member, kind=quantity, members=known)
        return sum(draft.words.bit(quantity, member) for member in set(members))
    if not isinstance(value, str):
        raise Unreadable("shape-text")
    figure = dates.parse(value) if quantity == "date" else parse_figure(value, quantity, SCALES[quantity])  # type: ignore[arg-type]
    if not figure.exact:
        raise Unreadable("literal-unreadable", text=value)
    return figure.low


def check_readings(draft: Draft) -> None:
    """The readings: two options at least, and a default among them."""
    for name, form in draft.part("readings").items():
        citations.resolve(draft, form, "readings", name)
        if len(form["options"]) < 2:
            draft.wrong(draft.place("readings", name, "options"), "reading-options", name=name)
        if form["default"] != "both" and form["default"] not in form["options"]:
            draft.wrong(draft.place("readings", name, "default"), "reading-default", name=form["default"], options=listed(form["options"]))


def check_days(draft: Draft) -> None:
    """The days that rules name, and the path of the route."""
    assert draft.words is not None
    for name, path in [*draft.part("days").items(), ("routes", None)]:
        target = path if path is not None else draft.single["routes"]["path"]
        found = draft.words.root.fields.get(target)
        place = draft.place("days", name) if path is not None else draft.place("routes", "", "path")
        needed = "date" if path is not None else "kind"
        if found is None:
            draft.wrong(place, "path-unknown", path=target)
        elif found.type != needed:
            draft.wrong(place, "path-type", path=target, expected=_TYPES[needed])

    for name, path in draft.part("words").items():
        found = draft.words.root.fields.get(path)
        if found is None or found.type != "kind":
            draft.wrong(draft.place("words", name), "path-unknown", path=path)


def check_calendar(draft: Draft) -> None:
    """The calendar of trading days: its weekdays without a session, each once, in order and within what is known."""
    form = draft.single.get("calendar")
    if form is None:
        return
    since, until, *closed = (dates.parse(day).low for day in (form["since"], form["until"], *form["closed"]))
    if until < since:
        draft.wrong(draft.place("calendar", "", "until"), "dates-order", day=form["until"])
    before = 0
    for index, day in enumerate(closed):
        if not before < day:
            draft.wrong(draft.place("calendar", "", "closed", index), "dates-order", day=form["closed"][index])
        if not since <= day <= until or (day - 1) % 7 > 4:
            draft.wrong(draft.place("calendar", "", "closed", index), "calendar-day", day=form["closed"][index])
        before = day
    form["held"] = (since, until, *closed)


def _room(least: int, most: int, quantity: str) -> tuple[int, int]:
    """Bounds for values near those of a parameter: one percentage point, or one unit, to either side; any smaller amount."""
    step = 10 ** max(SCALES[quantity] - 2, 0) if quantity == "ratio" else 1
    low = 0 if quantity == "money" else least - step
    return (max(low, 0) if least >= 0 else least - step), most + step
