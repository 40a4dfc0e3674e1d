"""Check what a pack declares before its formulas: the vocabulary, instruments, parameters, readings, days and the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compliance import dates, vocabulary
from compliance.expressions.tree import Type
from compliance.packs import citations
from compliance.packs.manuscript import Manuscript
from compliance.quantities import parse as parse_figure
from compliance.source import Unreadable
from compliance.vocabulary import MAX_MEMBERS, MAX_SCALE, PLAIN_TYPES, SCALES, UNITS
from compliance.wording import likely, listed

_TYPES = {"date": {"zh": "日期", "en": "date"}, "kind": {"zh": "类别", "en": "kind"}}


def check_vocabulary(manuscript: Manuscript) -> None:
    """References of the vocabulary: types, entities, questions, keys, kinds that are not too large.

    What has mistakes is left out, so that what stands beside it can be looked at.
    """
    kinds, entities, filing = manuscript.part("kinds"), manuscript.part("entities"), manuscript.part("filing")
    for entity, fields in manuscript.part("fields").items():
        if entity not in entities:
            place = manuscript.place("fields", entity, *list(fields)[:1])
            manuscript.wrong(place, "entity-unknown", name=entity, known=likely(entity, entities))
            continue
        for name, form in fields.items():
            if name in entities[entity]["fields"]:
                manuscript.twice(manuscript.place("fields", entity, name), f"{entity}.{name}")
            entities[entity]["fields"][name] = form
    faulty: list[tuple[dict[str, Any], str]] = []
    for name, members in kinds.items():
        if len(members) > MAX_MEMBERS or name in PLAIN_TYPES:
            manuscript.wrong(manuscript.place("kinds", name), "kind-bad", name=name, limit=MAX_MEMBERS)
            faulty.append((kinds, name))
    for name, form in filing.items():
        target = form["entity"] or form["list"]
        if (form["entity"] is None) == (form["list"] is None) or (form["list"] and form["label"] is None):
            manuscript.wrong(manuscript.place("filing", name), "part-one", name=name)
        elif target not in entities:
            part = "entity" if form["entity"] else "list"
            manuscript.wrong(manuscript.place("filing", name, part), "entity-unknown", name=target, known=likely(target, entities))
        else:
            continue
        faulty.append((filing, name))
    for name, form in entities.items():
        dates_of = [field for field, part in form["fields"].items() if part["type"] == "date"]
        for part, known in (("key", form["fields"]), ("ends", dates_of)):
            if form[part] is not None and form[part] not in known:
                place = manuscript.place("entities", name, part)
                manuscript.wrong(place, "field-unknown", name=form[part], entity=name, known=likely(form[part], known))
                manuscript.lost.add(name)
        for field_name in form["fields"]:
            found = list(_mistakes(manuscript, name, field_name))
            for step, code, values in found:
                manuscript.wrong(manuscript.place("entities", name, "fields", field_name, *step), code, **values)
            if found:
                faulty.append((form["fields"], field_name))
    for parts, name in faulty:
        del parts[name]
        manuscript.lost.add(name)


def _mistakes(manuscript: Manuscript, entity: str, name: str) -> Iterator[tuple[tuple[str, ...], str, dict[str, object]]]:
    """What is wrong with one field of an entity: where in it, the code of the mistake and what goes into its wording."""
    kinds, entities = manuscript.part("kinds"), manuscript.part("entities")
    fields = entities[entity]["fields"]
    form = fields[name]
    lists = [part for part, of in manuscript.part("filing").items() if of["list"]]
    questions = manuscript.part("questions")
    if form["type"] not in PLAIN_TYPES and form["type"] not in kinds:
        yield ("type",), "type-unknown", {"name": form["type"], "known": likely(form["type"], (*PLAIN_TYPES, *kinds))}
        return
    if form["type"] in ("list", "ref") and form["of"] is None:
        yield (), "field-missing", {"name": "of"}
    elif form["type"] == "list" and form["of"] not in entities:
        yield ("of",), "entity-unknown", {"name": form["of"], "known": likely(form["of"], entities)}
    elif form["type"] == "ref" and form["of"] not in lists:
        yield ("of",), "list-unknown", {"name": form["of"], "known": likely(form["of"], lists)}
    if form["question"] is not None and form["question"] not in questions:
        yield ("question",), "question-unknown", {"name": form["question"]}
    if form["settled_by"] == "judgement" and form["question"] is None:
        yield (), "question-missing", {"name": name}
    for other in form["alike"]:
        if other not in fields:
            yield ("alike",), "field-unknown", {"name": other, "entity": entity, "known": likely(other, fields)}
    if form["scale"] is not None and (form["type"] not in SCALES or int(form["scale"]) > MAX_SCALE):
        yield ("scale",), "scale-bad", {"name": name, "most": MAX_SCALE}
        return
    figures = {"min": form["min"], "max": form["max"], "unit": form["unit"] and f"1{form['unit']}"}
    for end, text in figures.items():
        if text is not None and form["type"] not in SCALES:
            yield (end,), "bound-type", {"name": name}
        elif text is not None:
            try:
                vocabulary.bound(text, form["type"], int(form["scale"] or SCALES[form["type"]]))
            except Unreadable as error:
                yield (end,), error.code, dict(error.values)
    if form["open_when"] is not None and form["settled_by"] != "judgement":
        yield ("open_when",), "open-when-settled", {"name": name}


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
    kinds = manuscript.words.kinds
    types = listed((*SCALES, "date", *kinds))
    for name, form in manuscript.part("parameters").items():
        _dated(manuscript, "parameters", name, form["values"], "values")
        quantity = form["type"]
        if quantity not in SCALES and quantity not in kinds and quantity != "date":
            manuscript.wrong(manuscript.place("parameters", name, "type"), "type-unknown", name=quantity, known=types)
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
    fields = manuscript.words.root.fields
    wanted: list[tuple[tuple[str, ...], str, str]] = [(("days", name), path, "date") for name, path in manuscript.part("days").items()]
    if "routes" in manuscript.single:
        wanted.append((("routes", "", "path"), manuscript.single["routes"]["path"], "kind"))
    wanted += [(("words", name), path, "kind") for name, path in manuscript.part("words").items()]
    for at, path, needed in wanted:
        if path not in fields:
            manuscript.wrong(manuscript.place(*at), "path-unknown", path=path)
        elif fields[path].type != needed:
            manuscript.wrong(manuscript.place(*at), "path-type", path=path, expected=_TYPES[needed])


def check_totals(manuscript: Manuscript) -> None:
    """The totals of each list: a figure of its items, and the fact that they add up to."""
    words = manuscript.words
    assert words is not None
    for part, form in manuscript.part("filing").items():
        for name, path in (form["totals"] or {}).items():
            of = form["list"] or form["entity"]
            place, fields = manuscript.place("filing", part, "totals", name), words.entities[of].fields
            if name not in fields:
                manuscript.wrong(place, "field-unknown", name=name, entity=of, known=likely(name, fields))
            if path not in words.root.fields:
                manuscript.wrong(place, "path-unknown", path=path)


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
