"""The page on OWASP's ASVS: every requirement of levels 1 and 2 stands in it once, and every test it names is there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "policies" / "asvs.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "hotfixture"
RUNS = {SOURCE / "databases" / "tools.py"}
"""Runs `pg_dump` and the like for `mockcraft backup`; the daemon has no use for it."""
RECORDS = SOURCE / "capture"
"""Starts a process that writes, and hands it values through memory: in programs under test, never in the daemon."""
FORBIDDEN = {"subprocess", "pickle", "marshal", "shelve", "xml", "ctypes"}


def levels() -> dict[str, str]:
    """The requirements of both levels."""
    lines = (ROOT / "tests" / "asvs.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines if not line.startswith("#"))  # type: ignore[misc]  # two words a line


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:3] == "| V"]


def spread(text: str) -> list[str]:
    """`V1.4.1 – V1.4.3` as three."""
    first, _, last = text.partition(" – ")
    if not last:
        return [first]
    section, _, begin = first.rpartition(".")
    assert last.rpartition(".")[0] == section
    return [f"{section}.{number}" for number in range(int(begin), int(last.rpartition(".")[2]) + 1)]


@cache
def functions_of(path: str) -> set[str]:
    """The test functions of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_requirement_stands_in_the_page_once() -> None:
    named = [row[0] for row in rows("Met") + rows("Not met")]
    named += [one for row in rows("Does not apply") for one in spread(row[0])]
    assert [one for one, times in Counter(named).items() if times > 1] == []
    assert set(named) == set(levels())
    assert len(levels()) == 253


def test_its_levels_are_those_of_the_standard() -> None:
    assert {row[0]: row[1] for row in rows("Met") + rows("Not met")}.items() <= levels().items()


def test_every_test_that_it_names_is_there() -> None:
    for row in rows("Met"):
        path, _, name = row[4].strip("`").partition("::")
        assert name in functions_of(path), f"{row[0]}: {row[4]}"
        assert name.startswith("test_")


def test_its_numbers_are_those_of_its_tables() -> None:
    met, not_met = len(rows("Met")), len(rows("Not met"))
    assert re.search(rf"\b{met} requirements are met", PAGE)
    assert re.search(rf"\b{not_met} are not", PAGE)
    assert re.search(rf"\b{253 - met - not_met} do not apply", PAGE)


def test_the_daemon_runs_no_command_and_evaluates_no_text() -> None:
    """Nor does it read what makes objects of any class, or XML."""
    found = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if path not in RUNS and RECORDS not in path.parents:
                found += [(str(path), name) for name in _dangerous(node)]
    assert found == []
    users = [
        path
        for part in ("server", "plans/run.py", "plans/calls.py", "files", "transforms")
        for path in ([SOURCE / part] if part.endswith(".py") else (SOURCE / part).rglob("*.py"))
        if "databases.tools" in path.read_text(encoding="utf-8")
    ]
    assert users == []
    parts = ("server", "plans", "files", "transforms", "databases", "generators", "identity", "wire", "client")
    recording = [path for part in parts for path in (SOURCE / part).rglob("*.py")
                 if "hotfixture.capture" in path.read_text(encoding="utf-8")]  # fmt: skip
    assert recording == [], "what the daemon is made of knows nothing of recordings"


def _dangerous(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names if name.name.partition(".")[0] in FORBIDDEN]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""] if (node.module or "").partition(".")[0] in FORBIDDEN else []
    if isinstance(node, ast.Call):
        called = node.func
        if isinstance(called, ast.Name) and called.id in ("eval", "exec", "compile", "__import__"):
            return [called.id]
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "os":
            return [called.attr] if called.attr in ("system", "popen", "execv", "execvp", "spawnv") else []
    return []
