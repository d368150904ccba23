"""What PyInstaller cannot see in the code: names that registries, lazy commands and libraries import by text.

Asked of the program itself wherever it has a table, so that a new generator, engine, format or command needs no line
here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import hotfixture
from hotfixture.registry import Registry

LIBRARIES = (
    "limits.aio.storage.redis",  # named by the scheme of a URL
    "redis.asyncio",  # what daemons share
    "pg8000.dbapi",  # SQLAlchemy's driver, named by a URL
    "sqlalchemy.dialects.postgresql.pg8000",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
)
"""Modules that libraries import by a text."""
PACKAGES = ("sqlglot", "limits")
"""Libraries that import modules of their own by texts."""
WITH_FILES = ("adbc_driver_manager", "adbc_driver_sqlite", "limits", "rich")
"""Libraries that read files of theirs: a driver and its version (a source file), scripts for Redis, characters."""
UNFREE = ("_gdbm", "dbm.gnu", "readline", "rlcompleter")
"""Modules of Python over libraries under the GPL: a person's Python may use them, a folder to give away may not."""
LEFT_OUT = (
    *UNFREE,
    "IPython",
    "PIL",
    "hypothesis",
    "matplotlib",
    "mypy",
    "numpy.f2py",
    "numpy.testing",
    "pandas",
    "pip",
    "pyarrow._azurefs",
    "pyarrow._flight",
    "pyarrow._gcsfs",
    "pyarrow._hdfs",
    "pyarrow._orc",
    "pyarrow._s3fs",
    "pyarrow.flight",
    "pyarrow.orc",
    "pyarrow.tests",
    "pytest",
    "setuptools",
    "tkinter",
    "wheel",
)
"""What libraries import where it is installed, and no command of ours uses."""
FILES_LEFT_OUT = re.compile(
    r"arrow_(python_)?flight|arrow_s3|^pyarrow/(include|tests|src)/|^pyarrow/.*\.(pxi|pyx|pxd|h|cc)$"
)
"""Files of Arrow for what is left out, 50 MB, and its sources."""


def is_wanted(place: str) -> bool:
    """Whether a file belongs into the folder, by its place there."""
    return not FILES_LEFT_OUT.search(place.replace("\\", "/"))


def modules() -> list[str]:
    """Every module of the package; import errors of optional parts do not matter, nothing but packages is imported."""
    found = walk_packages(hotfixture.__path__, "hotfixture.")
    return ["hotfixture", *(module.name for module in found)]


def registered() -> dict[str, set[str]]:
    """The modules that each registry, table of lazy commands and the package's own list of calls names."""
    found = {f"{hotfixture.__name__}._PLACES": set(hotfixture._PLACES.values())}
    for module in map(import_module, _with_tables()):
        for name, value in vars(module).items():
            if isinstance(value, Registry):
                found[f"{module.__name__}.{name}"] = {path.partition(":")[0] for path in value.table.values()}
            elif name == "LATER":
                found[f"{module.__name__}.{name}"] = {path.partition(":")[0] for path, _ in value.values()}
    return found


def _with_tables() -> Iterator[str]:
    """Modules whose own code makes a registry or a table `LATER`; others need not be imported to know."""
    for name in modules():
        path = _file(name)
        if path and name != "hotfixture.registry":
            made = (node for node in ast.parse(path.read_text(encoding="utf-8")).body)
            if any(_is_table(node) for node in made):
                yield name


def _is_table(node: ast.stmt) -> bool:
    target = node.target if isinstance(node, ast.AnnAssign) else None
    if isinstance(node, ast.Assign):
        target = node.targets[0]
    called = getattr(node, "value", None)
    makes = isinstance(called, ast.Call) and getattr(called.func, "id", "") == "Registry"
    return makes or (isinstance(target, ast.Name) and target.id == "LATER")


def _file(name: str) -> Path | None:
    base = Path(hotfixture.__path__[0]).joinpath(*name.split(".")[1:])
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.exists()), None)
