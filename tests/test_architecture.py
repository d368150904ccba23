"""The shape of the source: who may import whom, how large things grow, where tests stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest
from tests.bundles import bundled, by_beginning

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "hotfixture"
FILES = sorted(SOURCE.rglob("*.py"))

RUNGS = {
    "errors": 1, "prf": 1,
    "schema": 2, "draws": 2, "settings": 2, "registry": 2, "documents": 2, "identity": 2,
    "wire": 2,
    "generators": 3, "flow": 3,
    "transforms": 4, "databases": 4, "files": 4,
    "capture": 5,
    "plans": 6,
    "server": 7, "client": 7,
    "cli": 8, "pytest_plugin": 8,
}  # fmt: skip
"""The ladder of docs/concepts/design.md: a part imports only rungs below its own. `draws` hashes by `prf`."""

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50
VAGUE = {"utils", "util", "common", "helpers", "helper", "core", "manager", "misc"}


def part(path: Path) -> str:
    """The part of the ladder a file belongs to; what `python -m` runs is a command, wherever it stands."""
    if path.name == "__main__.py":
        return "cli"
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def module(path: Path) -> str:
    """The dotted name of a file."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path) for path in FILES}
every_file = bundled(
    "path", bundles=by_beginning([(module(path).partition(".")[2] or "hotfixture", (path,)) for path in FILES], ".")
)


@cache
def tree_of(path: Path) -> ast.Module:
    """A file as Python reads it."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path, *, types: bool) -> Iterator[str]:
    """The modules of this project that a file imports, inside functions too; `types` adds those for types only."""
    tree = tree_of(path)
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not types and id(node) in for_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("hotfixture"):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("hotfixture"))


@every_file
def test_a_part_imports_only_rungs_below_its_own(path: Path) -> None:
    own = part(path)
    if own == "__init__":
        return
    assert own in RUNGS, f"{own} stands on no rung of the ladder"
    for name in imports(path, types=True):
        other = [*name.split("."), ""][1]
        if other in {"", own}:
            continue
        assert RUNGS[other] < RUNGS[own], f"{module(path)} (rung {RUNGS[own]}) imports {name} (rung {RUNGS[other]})"


def test_no_imports_go_in_a_circle() -> None:
    graph = {module(path): {name for name in imports(path, types=False) if name != module(path)} for path in FILES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@every_file
def test_a_file_stays_short_and_so_do_its_functions(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MOST_LINES_OF_A_FILE
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert body_lines(node) <= MOST_LINES_OF_A_FUNCTION, f"{module(path)}.{node.name}"


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    docstring = ast.get_docstring(node, clean=False)
    return (node.end_lineno or 0) - node.lineno + 1 - (docstring.count("\n") + 1 if docstring else 0)


def test_functions_are_short_on_the_whole() -> None:
    nodes = [
        n for path in FILES for n in ast.walk(tree_of(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lengths = sorted(body_lines(node) for node in nodes)
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] <= 20


@every_file
def test_a_module_says_what_lives_there_and_has_a_name_that_says_it_too(path: Path) -> None:
    assert ast.get_docstring(tree_of(path)), "no docstring"
    assert path.stem not in VAGUE


@every_file
def test_public_functions_and_classes_have_docstrings(path: Path) -> None:
    bare = [name for name, node in public(tree_of(path)) if not ast.get_docstring(node)]
    assert not bare


def public(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    """The functions and classes of a module that others may use."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node


def test_tests_stand_where_their_source_stands() -> None:
    known = {path.relative_to(SOURCE).with_suffix("") for path in FILES}
    folders = {path.parent.relative_to(SOURCE) for path in FILES}
    for path in (ROOT / "tests").rglob("test_*.py"):
        place = path.relative_to(ROOT / "tests")
        assert place.parent in folders, f"{place} stands in no folder of the source"
    assert known  # the tree was found


def test_no_line_of_the_project_names_a_private_place() -> None:
    """The repository speaks of itself alone: no machine path of whoever wrote it."""
    secret = ["/wo" + "rk/", "/ro" + "ot/"]
    for path in [*FILES, *(ROOT / "docs").rglob("*.md"), ROOT / "README.md", *(ROOT / "tests").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        assert not [word for word in secret if word in text], path


def test_the_ladder_has_no_gaps() -> None:
    assert all(after - before <= 1 for before, after in pairwise(sorted(set(RUNGS.values()))))
