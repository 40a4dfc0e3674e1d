"""The filings of a block in the form that the engine decides, none made before it is needed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import overload

from compliance.engine.subject import Subject


class Subjects(Sequence[Subject]):
    """Filings as the engine sees them on a day, each made by ``one`` when it is asked for."""

    @abstractmethod
    def one(self, index: int) -> Subject:
        """The filing at a place."""

    @overload
    def __getitem__(self, index: int) -> Subject: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Subject]: ...
    def __getitem__(self, index: int | slice) -> Subject | Sequence[Subject]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        return self.one(index)


def on_day(made: Subject, day: int) -> Subject:
    """A filing on a day (a day number)."""
    return made if made.as_of == day else replace(made, as_of=day)
