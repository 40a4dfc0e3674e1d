"""Where the rule books and the worked cases are: at the root of a checkout, or inside an installed package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `name` ("rules" or "cases") that comes with the project, as an absolute path.

    A checkout wins over a packed copy: whoever edits a rule there means that rule. A checkout is known by the
    `pyproject.toml` beside `src/`, so that a folder called `rules` next to an installation is never taken for ours.

    Raises FileNotFoundError, naming the places looked at, if neither is there.
    """
    checkout = _PACKAGE.parent.parent
    packed = _PACKAGE / "_shipped" / name
    places = [packed]
    if _PACKAGE.parent.name == "src" and (checkout / "pyproject.toml").is_file():
        places.insert(0, checkout / name)
    for place in places:
        if place.is_dir():
            return place
    looked_at = ", ".join(map(str, places))
    raise FileNotFoundError(f"no folder {name!r} came with this installation; looked at: {looked_at}")
