"""What is shipped works as shipped: the wheel in an environment with what it requires and nothing else."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from contextlib import closing
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
SCHEMA = """
seed: 7
tables:
  users:
    count: 300
    columns:
      id: {type: integer, primary_key: true, generator: sequence}
      email: {type: text, generator: email, unique: true}
  orders:
    count: 900
    columns:
      id: {type: integer, primary_key: true, generator: sequence}
      user_id: {references: users.id}
"""
EXPRESSION = """
tables:
  lines:
    count: 10
    columns:
      id: {type: integer, primary_key: true, generator: sequence}
      twice: {type: integer, expression: "id * 2"}
"""


def build(target: str, source: Path, folder: Path) -> Path:
    """A wheel or sdist, built from what is in `source`."""
    words = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(words, cwd=source, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of a virtual environment with the wheel and what it requires, in the versions that are here."""
    place = tmp_path_factory.mktemp("installed") / "environment"
    venv.create(place, symlinks=os.name != "nt")
    python = place / SCRIPTS / Path(sys.executable).name
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    for name in required(PROJECT["dependencies"]):
        lay(metadata.distribution(name), site)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    return python.parent


def required(lines: list[str]) -> set[str]:
    """The distributions that these lines require, and what those require without any extra."""
    found: set[str] = set()
    waiting = list(lines)
    while waiting:
        one = Requirement(waiting.pop())
        if one.name not in found and (one.marker is None or one.marker.evaluate({"extra": ""})):
            found.add(one.name)
            waiting += metadata.requires(one.name) or ()
    return found


def lay(distribution: metadata.Distribution, site: Path) -> None:
    """A distribution of this environment into another one: links where links need no rights, else copies."""
    tops = {path.parts[0] for path in distribution.files or () if path.parts[0] not in ("..", "__pycache__")}
    for top in tops - {entry.name for entry in site.iterdir()}:
        origin = Path(str(distribution.locate_file(top)))
        if os.name != "nt":
            (site / top).symlink_to(origin)
        elif origin.is_dir():
            shutil.copytree(origin, site / top)
        else:
            shutil.copyfile(origin, site / top)


def shipped(installed: Path, folder: Path, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the wheel, in a folder where nothing else of the project is."""
    environment = {
        **{name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP") if name in os.environ},
        "PATH": str(installed), "HOME": str(folder), "USERPROFILE": str(folder), "PYTHONUTF8": "1",
        "HFIT_MASKING_KEY": bytes(range(32)).hex(),
    }  # fmt: skip
    words = [str(installed / command), *arguments]
    return subprocess.run(
        words, cwd=folder, capture_output=True, text=True, encoding="utf-8", env=environment, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(SCHEMA)
    (tmp_path / "lines.yaml").write_text(EXPRESSION)
    return tmp_path


def test_the_wheel_holds_the_package_its_data_and_its_licences_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"hotfixture"}
    assert "hotfixture/generators/data/LICENSE-mimesis.txt" in names
    assert "hotfixture/py.typed" in names
    assert {"LICENSE", "NOTICE"} <= {Path(name).name for name in names}
    assert not [name for name in names if name.endswith((".pyc", ".db"))]


def test_the_sdist_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    packed = build("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    assert contents(build("wheel", source, tmp_path / "again")) == contents(wheel)


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_environment_of_these_tests_has_no_optional_part(installed: Path, tmp_path: Path) -> None:
    extras = {Requirement(line).name for lines in PROJECT["optional-dependencies"].values() for line in lines}
    optional = extras - required(PROJECT["dependencies"]) - {"hotfixture"}
    assert {"duckdb", "pymongo", "starlette", "asyncpg"} <= optional
    code = "from importlib.metadata import distributions; print(*{d.name.lower() for d in distributions()})"
    there = set(shipped(installed, tmp_path, "python", "-c", code).stdout.split())
    assert "hotfixture" in there
    assert there & {re.sub(r"[-_.]+", "-", name).lower() for name in optional} == set()


def test_the_commands_run_from_the_wheel_without_optional_parts(installed: Path, tmp_path: Path) -> None:
    assert shipped(installed, tmp_path, "mockcraft", "generate", "firstname", "--seed", "1").stdout.strip()
    people = ("generate", "person", "--count", "300", "--locale", "ja")
    assert shipped(installed, tmp_path, "mockcraft", *people).returncode == 0
    for command in ("hfit", "hfitd", "mockcraft"):
        assert shipped(installed, tmp_path, command, "--version").stdout.startswith(f"{command} ")


def test_the_main_job_runs_from_the_wheel_without_optional_parts(installed: Path, tmp_path: Path) -> None:
    from tests.plans.market import CUSTOMERS, SCHEMA, market, template

    path, url = template(tmp_path, SCHEMA + CUSTOMERS), market(tmp_path)
    done = shipped(installed, tmp_path, "hfit", "run", str(path), "--provider", f"SHOP={url}", "-o", "out.sql")
    assert done.returncode == 0, done.stderr
    assert "INSERT INTO" in (tmp_path / "out.sql").read_text()


def test_files_are_seeded_from_the_wheel_without_optional_parts(installed: Path, folder: Path) -> None:
    done = shipped(installed, folder, "mockcraft", "seed", "--config", "shop.yaml", "--output", "csv", "--dir", "out")
    assert done.returncode == 0, done.stderr
    with (folder / "out" / "orders.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 900


def test_sqlite_is_seeded_from_the_wheel_without_optional_parts(installed: Path, folder: Path) -> None:
    done = shipped(installed, folder, "mockcraft", "seed", "--config", "shop.yaml", "--db", "sqlite:///shop.db")
    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(folder / "shop.db")) as shop:
        joined = "SELECT count(*) FROM orders JOIN users ON users.id = orders.user_id"
        assert shop.execute(joined).fetchone() == (900,)


def test_a_row_of_the_wheel_is_that_of_the_tree(installed: Path, folder: Path) -> None:
    import hotfixture

    done = shipped(installed, folder, "mockcraft", "row", "shop.yaml", "users", "123")
    assert json.loads(done.stdout) == hotfixture.row(folder / "shop.yaml", "users", 123)


SEED = ("mockcraft", "seed", "--config", "shop.yaml", "--db")


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (("hfit", "inspect", "postgresql://h/d"), "postgresql"),
        (("hfit", "inspect", "mysql://h/d"), "mysql"),
        ((*SEED, "postgres://h/dev"), "postgresql"),
        ((*SEED, "mysql://h/dev"), "mysql"),
        ((*SEED, "mongodb://h/dev"), "mongodb"),
        ((*SEED, "redis://h/0"), "redis"),
        (("mockcraft", "server", "--port", "0"), "server"),
        (("mockcraft", "row", "lines.yaml", "lines", "1"), "expressions"),
        (("mockcraft", "seed", "--config", "lines.yaml", "--output", "csv"), "expressions"),
        (("mockcraft", "seed", "--config", "shop.yaml", "--output", "csv", "--dask", "tcp://h:1"), "dask"),
        (("mockcraft", "seed", "--config", "shop.yaml", "--output", "csv", "--dir", "s3://bucket/x"), "volumes"),
        (("mockcraft", "seed", "--config", "shop.yaml", "--output", "csv", "--compress", "zstd"), "zstd"),
        (("mockcraft", "generate", "faker:name"), "faker"),
        (("mockcraft", "generate", "mimesis:person.name"), "mimesis"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:60],
)
def test_a_missing_part_answers_with_the_line_that_installs_it(
    installed: Path, folder: Path, words: tuple[str, ...], extra: str
) -> None:
    done = shipped(installed, folder, *words)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert f"pip install 'hotfixture[{extra}]'" in done.stderr
