"""What hfit does on this machine alone, and what it costs to start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.responses import JSONResponse
from tests.client.daemon import running

from hotfixture.cli import output
from hotfixture.cli.hfit import hfit

HEAVY = ("numpy", "pyarrow", "sqlglot", "urllib3", "httpx", "cryptography", "rich", "yaml", "sqlite3", "asyncio")
WHO = {
    "name": "dev",
    "kind": "user",
    "roles": ["developer"],
    "teams": [],
    "templates": ["*"],
    "expires": "2030-01-01T00:00:00Z",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("HFIT_")]:
        monkeypatch.delenv(name)
    for kind in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_whoami_imports_nothing_that_it_does_not_need(home: Path):
    """A cold `hfit whoami` may cost 120 ms; each of these alone takes a good part of that."""
    program = (
        "import sys; from hotfixture.cli import output; from hotfixture.cli.hfit import hfit\n"
        "code = output.run(hfit, ['whoami', '--json'])\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    with running() as daemon:
        daemon.answers["GET /api/whoami"] = JSONResponse(WHO)
        given = {**os.environ, "HFIT_URL": daemon.url, "HFIT_TOKEN": "hft_a"}
        done = subprocess.run([sys.executable, "-c", program], env=given, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["name"] == "dev"
    assert done.stderr.strip() == "[]"


def test_a_ledger_that_cannot_be_read_never_stops_a_command(home: Path, capsys: pytest.CaptureFixture[str]):
    (home / "state" / "hotfixture").mkdir(parents=True)
    (home / "state" / "hotfixture" / "downloads").write_text("no folder")
    assert output.run(hfit, ["init"]) == 0
    assert "hfit-data/" in capsys.readouterr().err


def test_init_says_what_hinders_it(home: Path, capsys: pytest.CaptureFixture[str]):
    (home / "hfit-data").write_text("a file")
    assert output.run(hfit, ["init"]) == 1
    assert "cannot make hfit-data" in capsys.readouterr().err


def test_the_folder_of_init_is_for_the_user_alone(home: Path):
    assert output.run(hfit, ["init", "elsewhere"]) == 0
    assert (home / "elsewhere" / ".gitignore").read_text().splitlines()[-2:] == ["*", "!.gitignore"]
    if os.name == "posix":
        assert (home / "elsewhere").stat().st_mode & 0o777 == 0o700
