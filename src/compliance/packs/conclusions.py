"""Check one conclusion of a pack: an opinion names who gives it, each premise asks for one thing and names what there is."""

from __future__ import annotations

from typing import Any

from compliance.packs.manuscript import Manuscript
from compliance.wording import listed


def check_conclusion(manuscript: Manuscript, form: dict[str, Any]) -> None:
    """A conclusion's premises, as kind, subjects and values; each names what there is. Only an opinion has parties, and has to."""
    assert manuscript.words is not None
    name = form["id"]
    if (form["kind"] == "opinion") != bool(form["parties"]):
        manuscript.wrong(manuscript.place("conclusions", name), "opinion-parties")
    known = {
        "verdict": {rule["id"] for rule in manuscript.rules},
        "robust": {rule["id"] for rule in manuscript.rules},
        "filing_says": {rule["id"] for rule in manuscript.rules},
        "fact": set(manuscript.part("words")),
        "concluded": {conclusion["id"] for conclusion in manuscript.conclusions},
    }
    premises = []
    for index, premise in enumerate(form["when"]):
        given = [kind for kind in known if premise[kind] is not None]
        if len(given) != 1:
            manuscript.wrong(manuscript.place("conclusions", name, "when", index), "premise-one", known=listed(known))
            continue
        kind = given[0]
        subjects = [] if premise[kind] == ["any"] else premise[kind]
        for subject in subjects:
            if subject not in known[kind]:
                place = manuscript.place("conclusions", name, "when", index, kind)
                manuscript.wrong(place, "premise-unknown", name=subject, kind=kind, known=listed(sorted(known[kind]) or ["-"]))
        premises.append([kind, subjects, premise["is"]])
    form["when"] = premises
