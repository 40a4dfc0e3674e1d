"""``compliance schema``: the JSON Schemas of what the program writes."""

from __future__ import annotations

import click

from compliance.records import FORMS


@click.command()
@click.argument("name", type=click.Choice(tuple(FORMS)))
def schema(name: str) -> None:
    """输出一种格式的 JSON Schema：核查记录、路径、假设、时间轴、比较。Print the JSON Schema of a form that the program writes.

    例 Example: compliance schema findings > findings.schema.json
    """
    from compliance.cli import output
    from compliance.records import form_text

    output.show(form_text(name))
