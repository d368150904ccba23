"""What is shipped works as shipped: the built wheel alone, without the project's tree and without any optional part."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OPTIONAL = ("asyncpg", "pymysql", "obstore", "zstandard", "hypothesis", "pytest", "faker", "mimesis", "babel", "moto")
PRELUDE = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {OPTIONAL!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
sys.path.insert(0, sys.argv.pop(1))
"""
CODE = PRELUDE + "from hotfixture.cli.COMMAND import main; main()"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what is here."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def shipped(wheel: Path, folder: Path, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the wheel, unpacked where nothing else of the project is."""
    place = folder / "site"
    if not place.exists():
        zipfile.ZipFile(wheel).extractall(place)
    words = [sys.executable, "-P", "-c", CODE.replace("COMMAND", command), str(place), *arguments]
    environment = {**os.environ, "HFIT_MASKING_KEY": bytes(range(32)).hex()}
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, env=environment, check=False)


def test_the_wheel_holds_the_package_its_data_and_its_licences_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"hotfixture"}
    assert "hotfixture/generators/data/LICENSE-mimesis.txt" in names
    assert "hotfixture/py.typed" in names
    assert {"LICENSE", "NOTICE"} <= {Path(name).name for name in names}
    assert not [name for name in names if name.endswith((".pyc", ".db"))]


def test_the_commands_run_from_the_wheel_without_optional_parts(wheel: Path, tmp_path: Path) -> None:
    assert shipped(wheel, tmp_path, "mockcraft", "generate", "firstname", "--seed", "1").stdout.strip()
    assert (
        shipped(wheel, tmp_path, "mockcraft", "generate", "person", "--count", "300", "--locale", "ja").returncode == 0
    )
    assert shipped(wheel, tmp_path, "hfit", "--version").stdout.startswith("hfit ")


def test_the_main_job_runs_from_the_wheel_without_optional_parts(wheel: Path, tmp_path: Path) -> None:
    from tests.plans.market import CUSTOMERS, SCHEMA, market, template

    path, url = template(tmp_path, SCHEMA + CUSTOMERS), market(tmp_path)
    done = shipped(wheel, tmp_path, "hfit", "run", str(path), "--provider", f"SHOP={url}", "-o", "out.sql")
    assert done.returncode == 0, done.stderr
    assert "INSERT INTO" in (tmp_path / "out.sql").read_text()


@pytest.mark.parametrize(("url", "extra"), [("postgresql://h/d", "postgresql"), ("mysql://h/d", "mysql")])
def test_a_missing_part_answers_with_the_line_that_installs_it(
    wheel: Path, tmp_path: Path, url: str, extra: str
) -> None:
    done = shipped(wheel, tmp_path, "hfit", "inspect", url)
    assert done.returncode == 2
    assert f"pip install 'hotfixture[{extra}]'" in done.stderr
