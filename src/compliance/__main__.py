"""Run as ``python -m compliance``."""

from __future__ import annotations

from compliance.cli import main

main()
