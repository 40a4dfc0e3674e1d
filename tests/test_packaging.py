"""The wheel holds the code, the rule books and the cases, and nothing else; what it holds is found once installed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import compliance
from compliance import shipped

TREES = ("rules", "cases")


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the backend itself: pip would fetch one from the network first."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed (pip install -e '.[test]')")
    folder = tmp_path_factory.mktemp("wheel")
    code = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=root, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("tree", TREES)
def test_every_file_of_the_tree_is_in_the_wheel(root: Path, names: set[str], tree: str) -> None:
    here = {
        f"compliance/_shipped/{file.relative_to(root).as_posix()}"
        for file in (root / tree).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert here, f"{tree}/ holds nothing to ship"
    assert here <= names


def test_the_wheel_holds_the_package_and_nothing_else(names: set[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"compliance", f"compliance-{compliance.__version__}.dist-info"}
    assert "compliance/py.typed" in names
    own = [name for name in names if not name.startswith("compliance/_shipped/")]
    assert [name for name in own if "tests" in name.split("/") or Path(name).name.startswith("test_")] == []


def test_the_version_stands_in_one_place(root: Path, wheel: Path) -> None:
    assert compliance.__version__ in wheel.name
    assert compliance.__version__ not in (root / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("tree", TREES)
def test_a_checkout_finds_its_own_trees(root: Path, tree: str) -> None:
    assert shipped.folder(tree) == root / tree


@pytest.mark.parametrize("tree", TREES)
def test_an_installation_finds_what_came_with_it(wheel: Path, tmp_path: Path, tree: str) -> None:
    """Also where a folder of that name, even a whole other project, happens to lie around the installation."""
    site = tmp_path / "lib" / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for decoy in (site / tree, site.parent / tree, tmp_path / tree):
        decoy.mkdir()
    (site.parent / "pyproject.toml").touch()
    code = "import sys; sys.path.insert(0, sys.argv[1]); from compliance.shipped import folder; print(folder(sys.argv[2]))"
    done = subprocess.run([sys.executable, "-I", "-c", code, str(site), tree], cwd=tmp_path, check=True, stdout=subprocess.PIPE, text=True)
    assert Path(done.stdout.strip()) == site / "compliance" / "_shipped" / tree


def test_a_tree_that_is_not_there_names_the_places_looked_at() -> None:
    with pytest.raises(FileNotFoundError, match=r"no folder 'laws' came with this installation; looked at: .*laws"):
        shipped.folder("laws")
