"""The one-folder binary does what the package does, on a machine without Python: `make binary-test`.

HOTFIXTURE_BINARY names a folder that is built already; without it, `dist` is looked into, and built where it is empty.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType

import click
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hotfixture import generators
from hotfixture.cli.hfit import hfit
from hotfixture.cli.hfitd import hfitd
from hotfixture.cli.mockcraft import LATER

pytestmark = pytest.mark.soak

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / "tools" / "binary"
SUFFIX = ".exe" if os.name == "nt" else ""
SLOWEST_START = 0.5
"""Seconds, best of five; 0.2 where nothing else runs."""
LARGEST = 400e6
SCHEMA = """
seed: 7
tables:
  users:
    count: 1000
    columns:
      id: {type: integer, primary_key: true, generator: sequence}
      email: {type: text, generator: email, unique: true}
      born: {type: date, generator: birthdate}
  orders:
    count: 5000
    columns:
      id: {type: integer, primary_key: true, generator: sequence}
      user_id: {references: users.id}
      price: {type: "decimal(10,2)", generator: price}
"""
EXPRESSION = """
tables:
  lines:
    count: 10
    columns:
      id: {type: integer, primary_key: true, generator: sequence}
      twice: {type: integer, expression: "id * 2"}
"""


def tool(name: str) -> ModuleType:
    """A file of tools/binary as a module."""
    spec = importlib.util.spec_from_file_location(f"binary_{name}", TOOLS / f"{name}.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="session")
def binary() -> Path:
    """The folder."""
    if named := os.environ.get("HOTFIXTURE_BINARY"):
        return Path(named)
    found = [path for path in (ROOT / "dist").glob("hotfixture-*") if path.is_dir()]
    return max(found, key=lambda path: path.stat().st_mtime) if found else tool("build").build()


def run(binary: Path, folder: Path, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """One of its commands where neither a path nor an environment leads to any Python."""
    done = subprocess.run(
        [str(binary / f"{words[0]}{SUFFIX}"), *words[1:]],
        cwd=folder, env=bare(folder), capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done


def bare(folder: Path) -> dict[str, str]:
    """The least a process needs."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
    return {**kept, "HOME": str(folder), "USERPROFILE": str(folder), "LC_ALL": "C.UTF-8", "PATH": ""}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(SCHEMA)
    (tmp_path / "lines.yaml").write_text(EXPRESSION)
    return tmp_path


def test_three_commands_share_one_folder(binary, folder):
    assert {path.name for path in binary.iterdir()} >= {"_internal", "LICENSE", "NOTICE"}
    for command in ("mockcraft", "hfit", "hfitd"):
        assert run(binary, folder, command, "--version").stdout.startswith(f"{command} ")
        assert (binary / f"{command}{SUFFIX}").stat().st_size < 20e6
    size = tool("build").size(binary)
    print(f"{size / 1e6:,.0f} MB")
    assert size < LARGEST


def test_what_is_given_away_may_be_and_says_whose_it_is(binary):
    """Python's own build may lean on libraries under the GPL; numpy's and GCC's have the exception for runtimes."""
    files = [path.name for path in binary.rglob("*")]
    assert [name for name in files if re.match(r"(lib)?(readline|gdbm|db-)", name)] == []
    noticed = {path.name.rpartition("-")[0].lower().replace("_", "-") for path in (binary / "licences").iterdir()}
    inside = {path.name.lower() for path in (binary / "_internal").iterdir() if path.is_dir()}
    assert {"numpy", "pyarrow", "sqlglot", "duckdb", "click", "rich"} <= noticed & inside
    assert list((binary / "licences").glob("LICENSE-python.txt"))


def test_it_starts_at_once(binary, folder):
    run(binary, folder, "mockcraft", "generate", "firstname")  # the files are in memory afterwards
    taken = []
    for _ in range(5):
        begin = time.perf_counter()
        run(binary, folder, "mockcraft", "generate", "firstname")
        taken.append(time.perf_counter() - begin)
    print(f"{min(taken):.2f} s")
    assert min(taken) < SLOWEST_START


def test_every_generator_gives_the_value_that_the_package_gives(binary, folder):
    described = json.loads(run(binary, folder, "mockcraft", "generators", "--json").stdout)
    shown = {entry["name"]: entry["example"] for entry in described}
    from hotfixture.files.plain import json_text

    own = {name: generators.generate(name, seed=1) for name in generators.names()}
    assert shown == json.loads(json_text(own))


def test_every_command_is_in_it(binary, folder):
    for command in ("generate", "generators", *LATER):
        assert "Usage: mockcraft" in run(binary, folder, "mockcraft", command, "--help").stdout


def test_files_hold_the_same_bytes_as_those_of_the_package_with_one_process_and_with_two(binary, folder):
    for form in ("csv", "parquet", "ndjson", "sql"):
        words = ("seed", "--config", "shop.yaml", "--output", form, "--dir")
        run(binary, folder, "mockcraft", *words, "theirs")
        run(binary, folder, "mockcraft", *words, "spread", "--workers", "2", "--shards", "1")
        package = [sys.executable, "-c", "from hotfixture.cli.mockcraft import main; main()", *words, "ours"]
        subprocess.run(package, cwd=folder, check=True, capture_output=True)
    made = {path.name: path.read_bytes() for path in (folder / "ours").iterdir()}
    assert len(made) >= 8
    for place in ("theirs", "spread"):
        assert {path.name: path.read_bytes() for path in (folder / place).iterdir()} == made


def test_it_seeds_verifies_and_unseeds_sqlite(binary, folder):
    target = ("--db", "sqlite:///shop.db")
    run(binary, folder, "mockcraft", "seed", "--config", "shop.yaml", *target)
    with closing(sqlite3.connect(folder / "shop.db")) as shop:
        assert shop.execute("SELECT count(*), count(DISTINCT user_id) > 500 FROM orders").fetchone() == (5000, 1)
        assert shop.execute("PRAGMA foreign_key_check").fetchall() == []
    run(binary, folder, "mockcraft", "verify", "shop.yaml", *target)
    run(binary, folder, "mockcraft", "unseed", "shop.yaml", *target)


def test_expressions_are_computed(binary, folder):
    assert json.loads(run(binary, folder, "mockcraft", "row", "lines.yaml", "lines", "3").stdout)["twice"] == 8


@pytest.mark.parametrize("url", ["postgresql", "mysql", "mongodb", "redis"])
def test_every_driver_is_in_it(url, binary, folder):
    """Nothing listens there: what is refused is the connection, not a driver that is missing."""
    words = ("mockcraft", "seed", "--config", "shop.yaml", "--db", f"{url}://127.0.0.1:1/dev")
    said = run(binary, folder, *words, code=1).stderr
    assert "Traceback" not in said
    assert "pip install" not in said


@contextmanager
def server(
    binary: Path, folder: Path, command: str = "mockcraft", *words: str, place: Path | None = None
) -> Iterator[str]:
    """The address of a running `mockcraft server`, or of another command."""
    options = words or ("server", "--data", str(folder / "jobs"))
    with (folder / "log").open("wb") as log:
        line = [str(binary / f"{command}{SUFFIX}"), *options, "--port", "0"]
        process = subprocess.Popen(line, cwd=place or folder, env=bare(folder), stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port(process, folder / 'log')}"
    finally:
        process.terminate()
        process.wait(60)


def port(process: subprocess.Popen[bytes], log: Path) -> int:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        for line in log.read_text(encoding="utf-8").splitlines():
            if '"event":"serving"' in line.replace(" ", ""):
                return json.loads(line)["port"]
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8"))


def ask(url: str, body: bytes | None = None) -> bytes:
    request = urllib.request.Request(url, body, {"content-type": "application/yaml"} if body else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def test_the_server_answers_and_its_workers_do_jobs(binary, folder):
    with server(binary, folder) as address:
        ask(f"{address}/health")
        printed = run(binary, folder, "mockcraft", "generate", "firstname", "--seed", "7", "--format", "json").stdout
        assert json.loads(ask(f"{address}/api/generate/firstname?seed=7")) == json.loads(printed)
        job = json.loads(ask(f"{address}/api/seed?format=csv", SCHEMA.encode()))
        end = time.monotonic() + 60
        while job["state"] in ("queued", "running") and time.monotonic() < end:
            time.sleep(0.1)
            job = json.loads(ask(f"{address}/api/jobs/{job['id']}"))
        assert (job["state"], job["rows_done"]) == ("done", 6000), job
        assert ask(address + job["download"]).startswith(b"PK")


TEMPLATE = """
templateName: people
exports:
  schema: {type: ddl, provider: SHOP}
  users: {type: subset, provider: SHOP, root: users, where: "id <= 3"}
"""


def test_the_daemon_gives_a_masked_package_to_who_logs_in_with_a_key(binary, folder):
    run(binary, folder, "mockcraft", "seed", "--config", "shop.yaml", "--db", "sqlite:///shop.db")
    with closing(sqlite3.connect(folder / "shop.db")) as shop:
        (original,) = shop.execute("SELECT email FROM users WHERE id = 1").fetchone()
    gateway = folder / "gateway"
    run(binary, folder, "hfitd", "init", str(gateway))
    settings = gateway / "hfitd.yaml"
    provider = f'providers: {{SHOP: {{url: "sqlite:///{(folder / "shop.db").as_posix()}", teams: [payments]}}}}'
    settings.write_text(settings.read_text(encoding="utf-8").replace("providers: {}", provider), encoding="utf-8")
    policy = run(binary, gateway, "hfitd", "classify", "SHOP").stdout
    (gateway / "masking.yaml").write_text(policy, encoding="utf-8")
    (folder / "people.yaml").write_text(TEMPLATE, encoding="utf-8")
    key = written_key(folder / "id")
    run(binary, gateway, "hfitd", "user", "add", "dev@example.com", "--key", f"{key}.pub", "--team", "payments")
    with server(binary, folder, "hfitd", "serve", place=gateway) as address:
        run(binary, folder, "hfit", "config", address, "dev@example.com", str(key))
        run(binary, folder, "hfit", "login")
        run(binary, folder, "hfit", "pkg-tmpl", "create", "people.yaml")
        run(binary, gateway, "hfitd", "template", "approve", "people", "--yes")
        run(binary, folder, "hfit", "pkg-download", "people", "-o", "people.sql")
    script = (folder / "people.sql").read_text(encoding="utf-8")
    assert original not in script
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(script)
        assert made.execute("SELECT count(*), count(email) FROM users").fetchone() == (3, 3)
    assert run(binary, gateway, "hfitd", "audit", "verify").stdout.startswith("whole: ")


def written_key(path: Path) -> Path:
    """A fresh Ed25519 key; its public half stands beside it."""
    key = Ed25519PrivateKey.generate()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(*form))
    line = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    path.with_name(f"{path.name}.pub").write_bytes(line + b"\n")
    return path


def test_every_command_of_hfit_and_hfitd_is_in_it(binary, folder):
    for group in (hfit, hfitd):
        for command in group.list_commands(click.Context(group)):
            assert f"Usage: {group.name}" in run(binary, folder, group.name, command, "--help").stdout
