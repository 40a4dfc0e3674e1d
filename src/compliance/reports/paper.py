"""What a text is written on: how many columns it has, and whether it shows colour."""

from __future__ import annotations

from typing import NamedTuple

COLUMNS = 100  # of a file, a pipe and a wide terminal
FEWEST = 40  # columns of the narrowest terminal that lines are fitted to


class Paper(NamedTuple):
    """Columns and colour; a file or a pipe shows none."""

    columns: int = COLUMNS
    colour: bool = False


PLAIN = Paper()


def fitting(columns: int, colour: bool) -> Paper:
    """The paper of a terminal of so many columns (0: not known): no wider than others, for long lines are hard to read."""
    return Paper(min(COLUMNS, max(FEWEST, columns)) if columns else COLUMNS, colour)
