"""``compliance schema``: the JSON Schema of what the program writes."""

from __future__ import annotations

import click

from compliance.cli.verbs import Verbs


@click.group(cls=Verbs, no_args_is_help=True, short_help="核查记录的格式。The form of the record.")
def schema() -> None:
    """核查记录的格式。The form of the record.

    例 Example: compliance schema findings > findings.schema.json
    """


@schema.command(short_help="核查记录的 JSON Schema。The JSON Schema of the record.")
def findings() -> None:
    """输出核查记录的 JSON Schema。Print the JSON Schema of the record."""
    from importlib.resources import files

    from compliance.cli import output

    output.show((files("compliance.engine") / "findings.schema.json").read_text(encoding="utf-8"))
