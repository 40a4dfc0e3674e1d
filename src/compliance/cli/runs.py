"""What the verbs on many issuers share: what a run asks, how far it is, and how it ends when it is interrupted."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compliance.packs.book import Pack
    from compliance.screen.parts import Task
    from compliance.screen.run import Tell

CHUNK = 16384  # filings in a chunk


def guarded(step: Callable[[], None], out: Path, lang: str) -> int:
    """The exit status of a step of which what is done is kept when it is interrupted."""
    from compliance.cli import FAULT, OK, Interrupted, output

    try:
        step()
    except (Interrupted, KeyboardInterrupt) as error:
        output.say(lang, "screen-stopped", signal=str(error) or "SIGINT", path=out)
        return FAULT
    return OK


def task_of(book: Pack, folder: Path | None, rules: tuple[str, ...], days: tuple[int, ...]) -> Task:
    """What a run asks: these rules (none: all) on these days. Raises ``SourceError`` for a rule that is not there."""
    from compliance.cli.inputs import known_rule, pack_folder
    from compliance.screen.parts import Task
    from compliance.screen.scenarios import AS_FILED

    needed("batch", "numpy", "pyarrow")
    needed("office", "xlsxwriter")
    wanted = {known_rule(book, name).id for name in rules}
    chosen = tuple(rule.id for rule in book.rules if not rules or rule.id in wanted)
    return Task(str(pack_folder(folder).resolve()), book.sha256, chosen, days, (AS_FILED,), False)


def needed(extra: str, *modules: str) -> None:
    """Raise ``SourceError`` where what an extra brings is not installed."""
    from importlib.util import find_spec

    from compliance.source import Place, Problem, SourceError

    if any(find_spec(module) is None for module in modules):
        raise SourceError([Problem(Place("screen"), "extra-needed", {"extra": extra})])


def both(code: str, **values: object) -> dict[str, str]:
    """A text in both languages, for a mistake."""
    from compliance.cli.words import say

    return {lang: say(code, lang, **values) for lang in ("zh", "en")}


def progress(lang: str) -> Tell | None:
    """What tells on a terminal how far a run is, how fast, and how long it will take; None elsewhere."""
    from compliance.cli import output
    from compliance.cli.words import say

    if not sys.stderr.isatty():
        return None
    began: list[tuple[int, int]] = []

    def tell(done: int, items: int) -> None:
        now = time.monotonic_ns()
        if not began:
            began.append((now, done))
        spent, more = (now - began[0][0]) // 10**6, done - began[0][1]
        rate = more * 1000 // spent if spent else 0
        left = "" if not rate else f"{(items - done) // rate // 60}:{(items - done) // rate % 60:02d}"
        line = say("screen-progress", lang, done=done, items=items, rate=rate or "…", left=left or "…")
        output.show("\r" + line + " " * 8 + ("\n" if done >= items else ""), sys.stderr)

    return tell
