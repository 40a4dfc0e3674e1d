"""Read YAML and JSON into nodes that know where they stand, and carry mistakes as values until somebody shows them.

Nothing is guessed: every scalar stays the text that was written (``000001`` and ``no`` are text, digits keep their
digits), a repeated key is a mistake, and size, depth and aliases are bounded before anything is built from them.
"""

from __future__ import annotations

from compliance.source.files import (
    MAX_BYTES,
    is_file,
    is_folder,
    listed,
    make_folder,
    read_bytes,
    resolved,
    write_bytes,
    write_several,
    write_text,
)
from compliance.source.nodes import (
    MAX_DEPTH,
    MAX_NODES,
    MAX_PROBLEMS,
    MAX_SCALAR,
    NO_VALUES,
    Node,
    Place,
    Problem,
    Scalar,
    Sequence,
    SourceError,
    Table,
    Unreadable,
    cell_name,
    locate,
    plain,
    visible,
)
from compliance.source.reading import load, parse

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_NODES",
    "MAX_PROBLEMS",
    "MAX_SCALAR",
    "NO_VALUES",
    "Node",
    "Place",
    "Problem",
    "Scalar",
    "Sequence",
    "SourceError",
    "Table",
    "Unreadable",
    "cell_name",
    "is_file",
    "is_folder",
    "listed",
    "load",
    "locate",
    "make_folder",
    "parse",
    "plain",
    "read_bytes",
    "resolved",
    "visible",
    "write_bytes",
    "write_several",
    "write_text",
]
