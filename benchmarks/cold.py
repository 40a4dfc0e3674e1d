"""How long a cold check takes, the pack cached, against a process that only imports what the program stands on.

    python benchmarks/cold.py [--n 15] [--profile]

Whole processes in turn, medians of wall and of processor time. The processor time is the steadier of the two where
other work runs beside. With ``--profile`` the stages of one check follow, each timed in fresh processes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from measure import machine, process, table

ROOT = Path(__file__).resolve().parent.parent
BASE = "import click, yaml, pydantic; pydantic.BaseModel"
CASES = ("300766", "688327")
DAY = "2025-12-31"

# What one process does, line by line; after each it writes down the processor time used so far.
STAGES: Mapping[str, str] = {
    "python itself": "",
    "import click": "import click",
    "import yaml": "import yaml",
    "import the pack's modules": "from compliance.packs import cache",
    "import the filing's modules": "from compliance.facts import loading",
    "import the engine": "from compliance.engine import machine, record",
    "the pack, from the cache": "pack = cache.load(Path({pack!r}))",
    "nodes of the filing": "node = loading.source.load(Path({filing!r}), {filing!r})",
    "the filing": "filing = loading.read(node, pack.vocabulary, pack.id, pack.options)",
    "the record": "found = record.check(machine.Machine(pack), filing, {day})",
    "JSON": "text = record.to_json(found)",
}


def environment(cache: str) -> dict[str, str]:
    """The environment of a measured process: byte code is kept and the pack's cache is our own."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "COMPLIANCE_CACHE": cache, "PYTHONPATH": str(ROOT / "src")}


def has_command() -> bool:
    """Whether the command line is there; without it the check is driven from a line of Python."""
    import importlib.util

    return importlib.util.find_spec("compliance.cli") is not None and (ROOT / "src/compliance/cli").exists()


def script(case: str, report: bool = False) -> str:
    """The stages of a check as a program; with ``report`` it writes the processor milliseconds of each."""
    from compliance import dates

    values = {
        "pack": str(ROOT / "rules" / "cn-refinancing"),
        "filing": str(ROOT / "cases" / case / "filing.yaml"),
        "day": dates.parse(DAY).low,
    }
    lines = ["import time; from pathlib import Path; at = []"]
    for text in STAGES.values():
        lines.append(text.format(**values))
        lines.append("at.append(time.process_time() * 1e3)")
    return "\n".join([*lines, "print(*at)" if report else ""])


def stages(case: str, env: Mapping[str, str], repeat: int) -> list[tuple[str, float]]:
    """The median processor milliseconds that each stage adds, each time in a fresh process."""
    text, taken = script(case, report=True), []
    for _ in range(repeat):
        found = subprocess.run([sys.executable, "-c", text], env=dict(env), capture_output=True, text=True, check=True)
        at = [0.0, *(float(part) for part in found.stdout.split())]
        taken.append([after - before for before, after in pairwise(at)])
    return [(name, statistics.median(column)) for name, column in zip(STAGES, zip(*taken, strict=True), strict=True)]


# The whole rule book, in a fresh process in which what the program stands on is imported already.
BOOK = (
    "import gc, time; gc.set_threshold(1_000_000, 50, 50); import click, yaml, pydantic; pydantic.BaseModel; from pathlib import Path; "
    "from compliance.packs import cache; at = time.process_time(); cache.load(Path({pack!r})); print((time.process_time() - at) * 1e3)"
)


def book(env: Mapping[str, str], repeat: int) -> list[tuple[str, float]]:
    """The median processor milliseconds of composing, checking and typing the rule book, and of finding it in the cache."""
    command = [sys.executable, "-c", BOOK.format(pack=str(ROOT / "rules" / "cn-refinancing"))]

    def taken(cache: str) -> float:
        made = {**env, "COMPLIANCE_CACHE": cache, "PYDANTIC_DISABLE_PLUGINS": "__all__"}
        return float(subprocess.run(command, env=made, capture_output=True, text=True, check=True).stdout)

    cold, cached = [], []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as folder:
            cold.append(taken(folder))
            cached.append(taken(folder))
    return [("nothing cached, to reach 150", statistics.median(cold)), ("from the cache, to reach 30", statistics.median(cached))]


def check(case: str) -> list[str]:
    """The command that checks a case."""
    if not has_command():
        return [sys.executable, "-c", script(case)]
    start = "import sys; from compliance.cli import main; sys.exit(main())"
    filing = str(ROOT / "cases" / case / "filing.yaml")
    return [sys.executable, "-c", start, "check", filing, "--as-of", DAY, "--format", "json"]


def timed(commands: Mapping[str, list[str]], env: Mapping[str, str], repeat: int) -> dict[str, tuple[float, float]]:
    """The median wall and processor milliseconds of each command, in turn, after one round that fills the caches."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for turn in range(repeat + 1):
        for name, command in commands.items():
            found = process(command, env)
            if turn:
                taken[name].append(found)
    return {
        name: (statistics.median(a * 1e3 for a, _ in all_), statistics.median(b * 1e3 for _, b in all_)) for name, all_ in taken.items()
    }


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--n", type=int, default=15, help="rounds")
    options.add_argument("--profile", action="store_true", help="the stages of a check as well")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        env = environment(cache)
        commands = {"base": [sys.executable, "-c", BASE], **{case: check(case) for case in CASES}}
        found = timed(commands, env, given.n)
        print(f"cold check, pack cached ({'compliance check' if has_command() else 'library calls'}), to reach 2.20\n")
        rows = [
            [name, f"{wall:.0f}", f"{wall / found['base'][0]:.2f}", f"{used:.0f}", f"{used / found['base'][1]:.2f}"]
            for name, (wall, used) in found.items()
        ]
        print(table(["process", "wall ms", "ratio", "cpu ms", "ratio"], rows))
        found_book = [[name, f"{used:.1f}"] for name, used in book(env, given.n)]
        print("\n" + table(["the whole rule book", "cpu ms"], found_book))
        if given.profile:
            for case in CASES:
                found_stages = stages(case, env, given.n)
                print(f"\nwhat one process spends on {case}, in cpu ms\n")
                print(table(["stage", "cpu ms"], [[name, f"{used:.1f}"] for name, used in found_stages]))
    print("\n" + machine(["click", "PyYAML", "pydantic"]))


if __name__ == "__main__":
    main()
