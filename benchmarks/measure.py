"""Time several callables in turn in one process, so that what the machine does meanwhile falls on all of them alike."""

from __future__ import annotations

import gc
import importlib.metadata
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any


def in_turn(
    calls: Mapping[str, Callable[[], Any]],
    repeat: int = 15,
    clock: Callable[[], float] = time.perf_counter,
    warm: int = 1,
) -> dict[str, float]:
    """The median seconds of each callable, called A B C A B C … ``repeat`` times after ``warm`` rounds that do not count.

    A callable that returns a float is taken to have timed itself (a process that was waited for, for example).
    """
    taken: dict[str, list[float]] = {name: [] for name in calls}
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for turn in range(repeat + warm):
            for name, call in calls.items():
                start = clock()
                own = call()
                seconds = clock() - start
                if turn >= warm:
                    taken[name].append(own if isinstance(own, float) else seconds)
    finally:
        if enabled:
            gc.enable()
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def process(command: Sequence[str], env: Mapping[str, str]) -> tuple[float, float]:
    """Wall and processor seconds of one whole process, its output thrown away. Raises ``OSError`` where it cannot be started."""
    with open(os.devnull, "wb") as nothing:
        to = [(os.POSIX_SPAWN_DUP2, nothing.fileno(), 1), (os.POSIX_SPAWN_DUP2, nothing.fileno(), 2)]
        start = time.perf_counter()
        pid = os.posix_spawn(command[0], list(command), dict(env), file_actions=to)
        _, _, used = os.wait4(pid, 0)
        return time.perf_counter() - start, used.ru_utime + used.ru_stime


def machine(packages: Iterable[str] = ()) -> str:
    """Python, processors and the versions of packages, as one line under a table."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = [f"Python {platform.python_version()}", platform.machine(), f"{count} CPU"]
    for name in packages:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} absent")
    return ", ".join(found)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows under a head as Markdown; Chinese is not expected in it."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(head), *texts]) for i in range(len(head))]
    lines = [head, ["-" * width for width in widths], *texts]
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines)
