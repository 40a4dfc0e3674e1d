"""Check what a pack declares before its formulas: the vocabulary, instruments, parameters, readings, days and the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance import dates, vocabulary
from compliance.expressions.tree import Type
from compliance.packs import citations
from compliance.packs.manuscript import Manuscript
from compliance.quantities import parse as parse_figure
from compliance.source import Unreadable
from compliance.vocabulary import MAX_MEMBERS, MAX_SCALE, PLAIN_TYPES, SCALES, UNITS
from compliance.wording import listed

_TYPES = {"date": {"zh": "日期", "en": "date"}, "kind": {"zh": "类别", "en": "kind"}}


def check_vocabulary(manuscript: Manuscript) -> None:
    """References of the vocabulary: types, entities, questions, keys, kinds that are not too large."""
    kinds, entities, filing = manuscript.part("kinds"), manuscript.part("entities"), manuscript.part("filing")
    for entity, fields in manuscript.part("fields").items():
        if entity not in entities:
            manuscript.wrong(manuscript.place("fields", entity, *list(fields)[:1]), "entity-unknown", name=entity)
            continue
        for name, form in fields.items():
            if name in entities[entity]["fields"]:
                manuscript.wrong(manuscript.place("fields", entity, name), "pack-twice", name=f"{entity}.{name}")
            entities[entity]["fields"][name] = form
    lists = {name: form["list"] for name, form in filing.items() if form["list"]}
    for name, members in kinds.items():
        if len(members) > MAX_MEMBERS or name in PLAIN_TYPES:
            manuscript.wrong(manuscript.place("kinds", name), "kind-bad", name=name, limit=MAX_MEMBERS)
    for name, form in entities.items():
        if form["key"] is not None and form["key"] not in form["fields"]:
            manuscript.wrong(manuscript.place("entities", name, "key"), "field-unknown", name=form["key"], entity=name)
        if form["ends"] is not None and form["fields"].get(form["ends"], {}).get("type") != "date":
            manuscript.wrong(manuscript.place("entities", name, "ends"), "field-unknown", name=form["ends"], entity=name)
        for field_name, part in form["fields"].items():
            _field(manuscript, name, field_name, part, kinds, entities, lists)
    for name, form in filing.items():
        if (form["entity"] is None) == (form["list"] is None) or (form["list"] and form["label"] is None):
            manuscript.wrong(manuscript.place("filing", name), "part-one", name=name)
            continue
        target = form["entity"] or form["list"]
        if target not in entities:
            manuscript.wrong(manuscript.place("filing", name), "entity-unknown", name=target)


def _field(
    manuscript: Manuscript,
    entity: str,
    name: str,
    form: Mapping[str, Any],
    kinds: Mapping[str, Any],
    entities: Mapping[str, Any],
    lists: Mapping[str, str],
) -> None:
    """One field of the vocabulary."""
    path = ("fields", name)
    if form["type"] not in PLAIN_TYPES and form["type"] not in kinds:
        manuscript.wrong(manuscript.place("entities", entity, *path, "type"), "type-unknown", name=form["type"])
    if form["type"] == "list" and form["of"] not in entities:
        manuscript.wrong(manuscript.place("entities", entity, *path, "of"), "entity-unknown", name=form["of"])
    if form["type"] == "ref" and form["of"] not in lists:
        manuscript.wrong(manuscript.place("entities", entity, *path, "of"), "list-unknown", name=form["of"])
    if form["question"] is not None and form["question"] not in manuscript.part("questions"):
        manuscript.wrong(manuscript.place("entities", entity, *path, "question"), "question-unknown", name=form["question"])
    if form["settled_by"] == "judgement" and form["question"] is None:
        manuscript.wrong(manuscript.place("entities", entity, *path), "question-missing", name=name)
    for other in form["alike"]:
        if other not in entities[entity]["fields"]:
            manuscript.wrong(manuscript.place("entities", entity, *path, "alike"), "field-unknown", name=other, entity=entity)
    if form["scale"] is not None and (form["type"] not in SCALES or int(form["scale"]) > MAX_SCALE):
        manuscript.wrong(manuscript.place("entities", entity, *path, "scale"), "scale-bad", name=name, most=MAX_SCALE)
        return
    figures = {"min": form["min"], "max": form["max"], "unit": form["unit"] and f"1{form['unit']}"}
    for end, text in figures.items():
        if text is not None and form["type"] not in SCALES:
            manuscript.wrong(manuscript.place("entities", entity, *path, end), "bound-type", name=name)
        elif text is not None:
            try:
                vocabulary.bound(text, form["type"], int(form["scale"] or SCALES[form["type"]]))
            except Unreadable as error:
                manuscript.wrong(manuscript.place("entities", entity, *path, end), error.code, **error.values)
    if form["open_when"] is not None and form["settled_by"] != "judgement":
        manuscript.wrong(manuscript.place("entities", entity, *path, "open_when"), "open-when-settled", name=name)


def _dated(manuscript: Manuscript, section: str, key: str, forms: list[Any], *path: str | int) -> None:
    """Dated parts come in the order of their days, each on a day of its own."""
    days = [dates.parse(form["from"]).low for form in forms]
    for index in range(1, len(days)):
        if days[index] <= days[index - 1]:
            manuscript.wrong(manuscript.place(section, key, *path, index, "from"), "dates-order", day=forms[index]["from"])
    for index, form in enumerate(forms):
        until = form.get("until")
        if until and dates.parse(until).low <= days[index]:
            manuscript.wrong(manuscript.place(section, key, *path, index, "until"), "dates-order", day=until)
    if not forms:
        manuscript.wrong(manuscript.place(section, key, *path), "dates-none", name=key)


def check_instruments(manuscript: Manuscript) -> None:
    """The versions of each instrument."""
    for name, form in manuscript.part("instruments").items():
        _dated(manuscript, "instruments", name, form["versions"], "versions")


def check_parameters(manuscript: Manuscript) -> None:
    """The values of each parameter, as whole numbers at one scale, or as bits of a kind."""
    assert manuscript.words is not None
    for name, form in manuscript.part("parameters").items():
        _dated(manuscript, "parameters", name, form["values"], "values")
        quantity = form["type"]
        if quantity not in SCALES and quantity not in manuscript.words.kinds and quantity != "date":
            manuscript.wrong(manuscript.place("parameters", name, "type"), "type-unknown", name=quantity)
            continue
        held = []
        for index, value in enumerate(form["values"]):
            citations.resolve(manuscript, value, "parameters", name, "values", index)
            try:
                held.append(_held(manuscript, quantity, value["value"]))
            except Unreadable as error:
                manuscript.wrong(manuscript.place("parameters", name, "values", index, "value"), error.code, **error.values)
        scale = SCALES.get(quantity, 0)
        if quantity in SCALES:
            while scale and not manuscript.fine and all(number % 10 == 0 for number in held):
                held, scale = [number // 10 for number in held], scale - 1
            least, most = (min(held), max(held)) if held else (0, 0)
            if manuscript.fine:
                least, most = _room(least, most, quantity)
            kind = Type("number", scale, UNITS[quantity], least=least, most=most)
        else:
            kind = Type("date") if quantity == "date" else Type("enum", of=quantity)
        form["kind"], form["quantity"] = list(kind), quantity
        for value, number in zip(form["values"], held, strict=False):
            value["held"] = number
            value["shown"] = value["value"] if isinstance(value["value"], str) else "、".join(value["value"])


def _held(manuscript: Manuscript, quantity: str, value: Any) -> int:
    """A parameter's value as it is held. Raises ``Unreadable``."""
    assert manuscript.words is not None
    if quantity in manuscript.words.kinds:
        members = [value] if isinstance(value, str) else value
        for member in members:
            if member not in manuscript.words.kinds[quantity]:
                known = listed(manuscript.words.kinds[quantity])
                raise Unreadable("member-unknown", name=member, kind=quantity, members=known)
        return sum(manuscript.words.bit(quantity, member) for member in set(members))
    if not isinstance(value, str):
        raise Unreadable("shape-text")
    figure = dates.parse(value) if quantity == "date" else parse_figure(value, quantity, SCALES[quantity])  # type: ignore[arg-type]
    if not figure.exact:
        raise Unreadable("literal-unreadable", text=value)
    return figure.low


def check_readings(manuscript: Manuscript) -> None:
    """The readings: two options at least, and a default among them."""
    for name, form in manuscript.part("readings").items():
        citations.resolve(manuscript, form, "readings", name)
        if len(form["options"]) < 2:
            manuscript.wrong(manuscript.place("readings", name, "options"), "reading-options", name=name)
        if form["default"] != "both" and form["default"] not in form["options"]:
            manuscript.wrong(
                manuscript.place("readings", name, "default"), "reading-default", name=form["default"], options=listed(form["options"])
            )


def check_days(manuscript: Manuscript) -> None:
    """The days that rules name, and the path of the route."""
    assert manuscript.words is not None
    for name, path in [*manuscript.part("days").items(), ("routes", None)]:
        target = path if path is not None else manuscript.single["routes"]["path"]
        found = manuscript.words.root.fields.get(target)
        place = manuscript.place("days", name) if path is not None else manuscript.place("routes", "", "path")
        needed = "date" if path is not None else "kind"
        if found is None:
            manuscript.wrong(place, "path-unknown", path=target)
        elif found.type != needed:
            manuscript.wrong(place, "path-type", path=target, expected=_TYPES[needed])

    for name, path in manuscript.part("words").items():
        found = manuscript.words.root.fields.get(path)
        if found is None or found.type != "kind":
            manuscript.wrong(manuscript.place("words", name), "path-unknown", path=path)


def check_calendar(manuscript: Manuscript) -> None:
    """The calendar of trading days: its weekdays without a session, each once, in order and within what is known."""
    form = manuscript.single.get("calendar")
    if form is None:
        return
    since, until, *closed = (dates.parse(day).low for day in (form["since"], form["until"], *form["closed"]))
    if until < since:
        manuscript.wrong(manuscript.place("calendar", "", "until"), "dates-order", day=form["until"])
    before = 0
    for index, day in enumerate(closed):
        if not before < day:
            manuscript.wrong(manuscript.place("calendar", "", "closed", index), "dates-order", day=form["closed"][index])
        if not since <= day <= until or (day - 1) % 7 > 4:
            manuscript.wrong(manuscript.place("calendar", "", "closed", index), "calendar-day", day=form["closed"][index])
        before = day
    form["held"] = (since, until, *closed)


def _room(least: int, most: int, quantity: str) -> tuple[int, int]:
    """Bounds for values near those of a parameter: one percentage point, or one unit, to either side; any smaller amount."""
    step = 10 ** max(SCALES[quantity] - 2, 0) if quantity == "ratio" else 1
    low = 0 if quantity == "money" else least - step
    return (max(low, 0) if least >= 0 else least - step), most + step
