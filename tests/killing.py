"""Runs the command line in a process that kills itself on its way: at the n-th file that it opens, renames or removes in a folder.

``python killing.py FOLDER N WORD …``; with 0 it comes to its end, and tells on its last line how many such places there are.
"""

from __future__ import annotations

import os
import signal
import sys

from compliance.cli import run

TOUCHES = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir")


def main(folder: str, at: int, words: list[str]) -> int:
    """Run the command until the place is reached."""
    seen = 0

    def touched(event: str, given: tuple[object, ...]) -> None:
        nonlocal seen
        if event in TOUCHES and isinstance(given[0], str | os.PathLike) and str(given[0]).startswith(folder):
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(touched)
    status = run(words)
    sys.stderr.write(f"{seen}\n")
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
