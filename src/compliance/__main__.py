"""Run as ``python -m compliance``: the command where its own script is not on the path."""

from __future__ import annotations

from compliance.cli import main

main()
