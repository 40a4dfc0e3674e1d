"""``compliance schema``: the JSON Schemas of what the program writes."""

from __future__ import annotations

from collections.abc import Mapping

import click

# Each schema by the name it is asked for, and the package that holds it.
SCHEMAS: Mapping[str, str] = {
    "findings": "compliance.engine",
    "routes": "compliance.engine",
    "whatif": "compliance.engine",
    "timeline": "compliance.engine",
    "difference": "compliance.review",
}


@click.command(short_help="输出格式的 JSON Schema。The JSON Schemas of what is written.")
@click.argument("name", type=click.Choice(tuple(SCHEMAS)))
def schema(name: str) -> None:
    """输出一种格式的 JSON Schema：核查记录、路径、假设、时间轴、比较。Print the JSON Schema of a form that the program writes.

    例 Example: compliance schema findings > findings.schema.json
    """
    from importlib.resources import files

    from compliance.cli import output

    output.show((files(SCHEMAS[name]) / f"{name}.schema.json").read_text(encoding="utf-8"))
