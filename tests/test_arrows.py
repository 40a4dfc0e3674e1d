"""Imports run downwards only, and what may not be anywhere below the command line is not there.

The checks read source text, so they see lazy imports and imports for types as well, and need nothing to be importable.
A new top-level module fails here until it is given a layer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = "compliance"
SOURCE = Path(__file__).resolve().parent.parent / "src" / PACKAGE

# From the bottom up. A module may import what lies in a lower layer, and its own package; never its neighbours.
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"__init__", "shipped", "wording"}),
    frozenset({"source"}),
    frozenset({"quantities", "shape", "packed", "records"}),
    frozenset({"dates"}),
    frozenset({"vocabulary"}),
    frozenset({"expressions"}),
    frozenset({"packs", "facts"}),
    frozenset({"engine", "evidence", "intake"}),
    frozenset({"reports", "review", "screen", "proving"}),
    frozenset({"__main__", "cli"}),
)
HEIGHT = {name: height for height, layer in enumerate(LAYERS) for name in layer}
TOP = len(LAYERS) - 1

# Arrows between neighbours, as (from, to), each with the reason beside it.
SIDEWAYS: frozenset[tuple[str, str]] = frozenset({("__main__", "cli")})  # the same command by another name

# Files (relative to src/compliance) that may hold a binary float, each with the reason beside it.
FLOATS_ALLOWED: frozenset[str] = frozenset(
    {
        "expressions/columns/bounds.py",  # sizes only, with a margin: which rows could pass 64 bits; no value is ever held in one
    }
)

NEVER_IMPORTED = {
    "pickle": "a cache is read as data, never as code",
    "marshal": "a cache is read as data, never as code",
    "shelve": "it is pickle underneath",
    "durable.lang": "it shadows names; use the engine's JSON rules",
}
ONLY_IN_CLI = {"click", "argparse"}
SPEAKING_CALLS = {"print", "input", "exit", "quit"}
SPEAKING_SYS = {"argv", "exit", "stdin", "stdout", "stderr"}
ARTICLE_NUMBER = re.compile(r"第[零〇一二三四五六七八九十百千\d]+条")


def imported(tree: ast.AST, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of everything that `module` imports, wherever in the file it does so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                parts = module.split(".")
                kept = len(parts) - node.level + (1 if is_package else 0)
                origin = ".".join([*parts[: max(kept, 0)], *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if name in ("import_module", "__import__") and isinstance(first, ast.Constant):
                yield node.lineno, str(first.value)


def top_level(dotted: str) -> str | None:
    """The top-level module of ours that an imported name lies in; None for the modules of others."""
    package, _, rest = dotted.partition(".")
    if package != PACKAGE:
        return None
    first = rest.partition(".")[0]
    # `from compliance import __version__` names no module, and so means the package itself.
    return first if first and not first.startswith("__") else "__init__"


def module_of(path: str) -> str:
    """The dotted name of the file at `path`, relative to src/compliance."""
    parts = path.removesuffix(".py").split("/")
    return ".".join([PACKAGE, *(parts[:-1] if parts[-1] == "__init__" else parts)])


def circle(texts: Mapping[str, str]) -> list[str]:
    """Modules of which each imports the one before it and the first the last, among files by their paths; none where there is no circle."""
    modules = {module_of(path): path for path in texts}
    imports: dict[str, set[str]] = {}
    for module, path in modules.items():
        names = [dotted for _, dotted in imported(ast.parse(texts[path]), module, path.endswith("__init__.py"))]
        imports[module] = {name if name in modules else name.rpartition(".")[0] for name in names} & modules.keys() - {module}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return [*error.args[1]]
    return []


def lies_in(dotted: str, module: str) -> bool:
    return dotted == module or dotted.startswith(module + ".")


def import_faults(tree: ast.AST, path: str) -> Iterator[tuple[int, str]]:
    parts = path.removesuffix(".py").split("/")
    here = parts[0]
    if here not in HEIGHT:
        yield 1, f"{here} has no layer: give it one in LAYERS"
        return
    for line, dotted in imported(tree, module_of(path), parts[-1] == "__init__"):
        for banned, reason in NEVER_IMPORTED.items():
            if lies_in(dotted, banned):
                yield line, f"imports {banned}: {reason}"
        if HEIGHT[here] < TOP and dotted.partition(".")[0] in ONLY_IN_CLI:
            yield line, f"imports {dotted}: only cli reads arguments"
        there = top_level(dotted)
        if there is None or there == here or (here, there) in SIDEWAYS:
            continue
        if there not in HEIGHT:
            yield line, f"imports {dotted}, which has no layer"
        elif HEIGHT[there] == HEIGHT[here]:
            yield line, f"{here} imports its neighbour {there}"
        elif HEIGHT[there] > HEIGHT[here]:
            yield line, f"{here} imports {there}, which lies above it"


def speech_faults(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Printing, reading arguments and ending the process, which only the command line may do."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKING_CALLS:
            yield node.lineno, f"calls {node.func.id}()"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id == "sys" and node.attr in SPEAKING_SYS) or (node.value.id, node.attr) == ("os", "_exit"):
                yield node.lineno, f"uses {node.value.id}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module == "sys":
            for alias in node.names:
                if alias.name in SPEAKING_SYS:
                    yield node.lineno, f"uses sys.{alias.name}"
        elif isinstance(node, ast.Name) and node.id == "SystemExit":
            yield node.lineno, "uses SystemExit"


def value_faults(tree: ast.AST, floats_allowed: bool) -> Iterator[tuple[int, str]]:
    """Evaluated text and binary floats. Naming the type, as in isinstance(x, float), is no fault: it refuses them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "eval":
            yield node.lineno, "calls eval()"
        if floats_allowed:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, (float, complex)):
            yield node.lineno, f"holds the binary float {node.value!r}"
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id == "float":
                yield node.lineno, "calls float()"
            elif (
                isinstance(node.func, ast.Name)
                and node.func.id == "map"
                and any(isinstance(argument, ast.Name) and argument.id == "float" for argument in node.args)
            ):
                yield node.lineno, "maps to float"


def faults(path: str, text: str) -> list[str]:
    """What is wrong with the source `text` of the file at `path`, relative to src/compliance: "path:line: what"."""
    tree = ast.parse(text, path)
    found = [*import_faults(tree, path), *value_faults(tree, path in FLOATS_ALLOWED)]
    if HEIGHT.get(path.removesuffix(".py").split("/")[0], 0) < TOP:
        found += speech_faults(tree)
    for line, written in enumerate(text.splitlines(), 1):
        if number := ARTICLE_NUMBER.search(written):
            found.append((line, f"holds the article number {number[0]}: articles stand in rules/"))
    return [f"{path}:{line}: {what}" for line, what in sorted(found)]


def test_source_holds_the_arrows() -> None:
    """Every file at once, so that one run shows everything there is to mend."""
    files = sorted(SOURCE.rglob("*.py"))
    assert files, f"nothing to check in {SOURCE}"
    found = [fault for file in files for fault in faults(file.relative_to(SOURCE).as_posix(), file.read_text(encoding="utf-8"))]
    assert not found, "\n".join(["", *found])


def test_no_module_imports_what_imports_it() -> None:
    """So each can be read after those that it stands on; imports for types and those within functions count as well."""
    found = circle({file.relative_to(SOURCE).as_posix(): file.read_text(encoding="utf-8") for file in SOURCE.rglob("*.py")})
    assert not found, " <- ".join(found)


def test_a_planted_circle_is_found() -> None:
    lazy = {"a/b.py": "from compliance.a import c", "a/c.py": "def f():\n    from ..d import g", "d.py": "import compliance.a.b"}
    assert sorted(set(circle(lazy))) == ["compliance.a.b", "compliance.a.c", "compliance.d"]
    assert circle({**lazy, "d.py": "import compliance.a.e"}) == []


def test_layers_and_exceptions_name_what_is_there() -> None:
    """A name that outlives its file would let the next file of that name through."""
    there = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert sorted(HEIGHT.keys() - there) == []
    assert [name for name in FLOATS_ALLOWED if not (SOURCE / name).is_file()] == []
    assert [pair for pair in SIDEWAYS if HEIGHT[pair[0]] != HEIGHT[pair[1]]] == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("engine/decide.py", "from compliance.cli import main", "engine imports cli, which lies above it"),
        ("dates.py", "from compliance import vocabulary", "dates imports vocabulary, which lies above it"),
        ("dates.py", "from . import vocabulary", "dates imports vocabulary, which lies above it"),
        ("quantities.py", "from .dates import Day", "quantities imports dates, which lies above it"),
        ("review/diff.py", "from compliance.reports import view", "review imports its neighbour reports"),
        ("facts/load.py", "from ..packs.load import load", "facts imports its neighbour packs"),
        ("facts/__init__.py", "from ..packs import load", "facts imports its neighbour packs"),
        ("packs/load.py", "def f():\n    import compliance.engine.vary", "packs imports engine, which lies above it"),
        (
            "packs/load.py",
            "import importlib\nimportlib.import_module('compliance.cli')",
            "packs imports cli, which lies above it",
        ),
        ("shipped.py", "import compliance.source", "shipped imports source, which lies above it"),
        ("__init__.py", "from .shipped import folder", "__init__ imports its neighbour shipped"),
        ("extra.py", "", "extra has no layer: give it one in LAYERS"),
        ("engine/decide.py", "import compliance.extra", "imports compliance.extra, which has no layer"),
        ("engine/decide.py", "import click", "imports click: only cli reads arguments"),
        ("engine/decide.py", "from click import echo", "imports click.echo: only cli reads arguments"),
        ("engine/decide.py", "print(1)", "calls print()"),
        ("engine/decide.py", "import sys\nsys.exit(2)", "uses sys.exit"),
        ("engine/decide.py", "from sys import argv", "uses sys.argv"),
        ("engine/decide.py", "raise SystemExit(1)", "uses SystemExit"),
        ("cli/check.py", "from durable.lang import *", "imports durable.lang: it shadows names"),
        ("engine/conclusions.py", "from durable import lang", "imports durable.lang: it shadows names"),
        ("packs/cache.py", "from pickle import loads", "imports pickle: a cache is read as data"),
        ("packs/cache.py", "eval('1')", "calls eval()"),
        ("quantities.py", "LIMIT = 0.3", "holds the binary float 0.3"),
        ("quantities.py", "x = 1e3", "holds the binary float 1000.0"),
        ("quantities.py", "x = float('1')", "calls float()"),
        ("quantities.py", "x = list(map(float, y))", "maps to float"),
        ("packs/load.py", '"""第十一条"""', "holds the article number 第十一条"),
        ("cli/check.py", "# 第11条", "holds the article number 第11条"),
    ],
)
def test_a_planted_fault_is_found(path: str, text: str, expected: str) -> None:
    found = faults(path, text)
    assert len(found) == 1, found
    assert found[0].startswith(f"{path}:{len(text.splitlines()) or 1}: ")
    assert expected in found[0]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("cli/check.py", "import sys, click\nfrom compliance.reports import text\nprint(sys.argv)\nsys.exit(1)"),
        ("cli/__init__.py", "from compliance import __version__\nfrom .check import check"),
        ("engine/vary.py", "from .decide import decide\nfrom ..facts.rows import Rows\nfrom ..dates import Day"),
        (
            "engine/conclusions/durable.py",
            "from durable import engine\nfrom .. import decide\nfrom ...packs import rules",
        ),
        ("facts/load.py", "from compliance.source import read\nfrom compliance import shipped"),
        ("facts/load.py", "assert not isinstance(x, float)"),
        ("expressions/emit.py", "exec(compile(tree, name, 'exec'), space)"),
    ],
)
def test_what_is_allowed_is_not_reported(path: str, text: str) -> None:
    assert faults(path, text) == []
