"""Run as ``python -m compliance.cli``."""

from __future__ import annotations

from compliance.cli import main

main()
