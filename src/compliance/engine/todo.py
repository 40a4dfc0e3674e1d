"""What would settle an open finding or turn a decided one, from the record of a check, the nearest to a verdict first.

Plain data in both languages; how it is worded is for the reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance.engine.plain import Plain
from compliance.engine.verdict import UNSETTLED

SCHEMA = "compliance.missing/1"


def needed(record: Mapping[str, Any]) -> list[Plain]:
    """What the open findings need, each once, those that settle most first.

    ``settles`` are the rules that it alone could settle, ``decides`` the verdicts that it could give each of them, ``bears`` all.
    """
    rows: dict[str, Plain] = {}
    for found in record.get("findings", ()):
        if found["verdict"] not in UNSETTLED:
            continue
        for need in found.get("needs", ()):
            row = rows.setdefault(need["path"], {**need, "settles": [], "bears": [], "decides": {}})
            row["bears"].append(found["rule"])
            if need.get("decides"):
                row["settles"].append(found["rule"])
                row["decides"][found["rule"]] = list(need["decides"])
    return sorted(rows.values(), key=lambda row: (-len(row["settles"]), -len(row["bears"])))


def agenda(record: Mapping[str, Any]) -> list[Plain]:
    """Everything to bring or to judge, with how far it is from a verdict: ``distance`` items, it included, have to come together.

    ``known`` is the need or the question as the record holds it; ``settles`` are the open rules that it alone could decide,
    ``turns`` the decided ones that it could turn (with others, if the distance is above one), ``bears`` all it bears on.
    """
    rows: dict[str, Plain] = {}

    def enter(path: str, rule: str, distance: int, known: Plain, kind: str = "") -> None:
        row = rows.setdefault(path, {"path": path, "distance": distance, "known": known, "settles": {}, "turns": {}, "bears": {}})
        row["distance"] = min(row["distance"], distance)
        row["bears"][rule] = None
        if kind:
            row[kind][rule] = None

    for found in record.get("findings", ()):
        needs = found.get("needs", ())
        if found["verdict"] in UNSETTLED:
            for need in needs:
                alone = bool(need.get("decides"))
                enter(need["path"], found["rule"], 1 if alone else max(2, len(needs)), need, "settles" if alone else "")
        elif found["verdict"] in ("pass", "fail"):
            for flip in found.get("flips", ()):
                for part in flip.get("change", ()):
                    enter(part["question"], found["rule"], len(flip["change"]), _asked(part, found), "turns")
    made = [{**row, **{kind: list(row[kind]) for kind in ("settles", "turns", "bears")}} for row in rows.values()]
    return sorted(made, key=lambda row: (row["distance"], -len(row["settles"]) - len(row["turns"]), -len(row["bears"])))


def _asked(part: Plain, found: Mapping[str, Any]) -> Plain:
    """What is known of a question in a flip: its words and the facts it is about."""
    question: Plain = next((one for one in found.get("questions", ()) if one["id"] == part["question"]), {})
    return {"settled_by": "judgement", "facts": part.get("facts", ()), "text": question.get("text")}
