"""What hfit does on this machine alone, and what it costs to start."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from hashlib import sha256
from pathlib import Path

import psutil
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from tests.client.daemon import running
from tests.client.test_calls_of_packages import TOLD

from hotfixture.cli import output
from hotfixture.cli.hfit import hfit
from hotfixture.client.ledger import Ledger

HEAVY = (
    "numpy",
    "pyarrow",
    "sqlglot",
    "urllib3",
    "httpx",
    "cryptography",
    "rich",
    "yaml",
    "sqlite3",
    "asyncio",
    "tempfile",
)
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


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_whoever_is_interrupted_is_told_how_to_come_back(home: Path, number: signal.Signals, code: int):
    asked, over = threading.Event(), threading.Event()

    async def building(_: Request) -> Response:
        asked.set()
        while not over.is_set():
            await asyncio.sleep(0.02)
        return JSONResponse(TOLD)

    with running() as daemon:
        daemon.answers |= {"POST /api/packages": JSONResponse(TOLD, 202), "GET /api/packages/p1": building}
        given = {**os.environ, "HFIT_URL": daemon.url, "HFIT_TOKEN": "hft_a"}
        # Whoever began the tests may have had interrupts ignored, as a shell does for what runs in its background.
        program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        command = [
            sys.executable,
            "-c",
            f"{program}from hotfixture.cli.hfit import main; main()",
            "pkg-download",
            "daily",
        ]
        process = subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert asked.wait(30)
            # A signal between Python's look for one and its call of the system would be seen after that call alone.
            while process.poll() is None and psutil.Process(process.pid).status() != psutil.STATUS_SLEEPING:
                time.sleep(0.01)
            process.send_signal(number)
            said, err = process.communicate(timeout=30)
        finally:
            over.set()
    assert (process.returncode, said) == (code, "")
    assert "hfit pkg-download --package p1" in err


@pytest.mark.parametrize("kept", [0.5, 0.999])
def test_what_breaks_off_never_reaches_the_reader_of_a_pipe(home: Path, kept: float):
    """A daemon that sends other bytes than it promised: nothing comes out, and the exit code says damaged."""
    content = b"INSERT INTO t VALUES (1);\n" * 10_000
    told = TOLD | {"state": "ready", "sha256": sha256(content).hexdigest(), "size": len(content), "file": "daily.sql"}
    with running() as daemon:
        daemon.answers |= {
            "POST /api/packages": JSONResponse(told),
            "GET /api/packages/p1/download": Response(content[: int(len(content) * kept)]),
        }
        given = {**os.environ, "HFIT_URL": daemon.url, "HFIT_TOKEN": "hft_a"}
        # Whoever began the tests may have had interrupts ignored, as a shell does for what runs in its background.
        program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        command = [
            sys.executable,
            "-c",
            f"{program}from hotfixture.cli.hfit import main; main()",
            "pkg-download",
            "daily",
        ]
        done = subprocess.run(command, env=given, capture_output=True, check=False, timeout=60)
        again = subprocess.run([*command, "-o", "x.sql"], env=given, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (4, b"")
    assert b"digest" in done.stderr
    assert again.returncode == 4
    assert not list(home.glob("*.sql"))
    assert not list(home.glob(".*.part"))


def test_the_same_command_again_goes_on_where_it_was_killed(home: Path):
    content = b"INSERT INTO t VALUES (1);\n" * 100_000
    digest = sha256(content).hexdigest()
    told = TOLD | {"state": "ready", "sha256": digest, "size": len(content), "file": "daily.sql"}
    begun, over = threading.Event(), threading.Event()

    async def slowly(request: Request) -> Response:
        first = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        headers = {"etag": f'"{digest}"', "content-length": str(len(content) - first)}
        if first:
            headers["content-range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"

        async def body():
            yield content[first : first + 1_500_000]
            begun.set()
            while not first and not over.is_set():
                await asyncio.sleep(0.02)
            yield content[first + 1_500_000 :]

        return StreamingResponse(body(), 206 if first else 200, headers)

    with running() as daemon:
        daemon.answers |= {"POST /api/packages": JSONResponse(told), "GET /api/packages/p1/download": slowly}
        given = {**os.environ, "HFIT_URL": daemon.url, "HFIT_TOKEN": "hft_a"}
        command = [
            sys.executable,
            "-c",
            "from hotfixture.cli.hfit import main; main()",
            "pkg-download",
            "daily",
            "-o",
            ".",
        ]
        process = subprocess.Popen(command, env=given)
        assert begun.wait(30)
        part = home / f".daily.sql.{digest[:16]}.part"
        until = time.monotonic() + 30
        while not (part.exists() and part.stat().st_size) and time.monotonic() < until:
            time.sleep(0.01)
        process.kill()
        process.wait()
        over.set()
        kept = part.stat().st_size
        assert [Path(entry.path).name for entry in Ledger().entries()] == [
            part.name
        ]  # nobody comes back: it goes in a day
        subprocess.run(command, env=given, check=True, timeout=60)
        asked = [request.headers.get("range") for request in daemon.seen if request.url.path.endswith("download")]
    assert asked == [None, f"bytes={kept}-"]
    assert (home / "daily.sql").read_bytes() == content
    assert not part.exists()
    assert [Path(entry.path).name for entry in Ledger().entries()] == ["daily.sql"]


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


@pytest.mark.parametrize(
    ("words", "offered"),
    [("hfit pkg-", {"pkg-list", "pkg-download", "pkg-tmpl"}), ("hfit pkg-tmpl app", {"approve"}),
     ("hfit pkg-download x --au", {"--auto-cleanup"}), ("hfit pkg-download x --form t", {"tar.gz", "tar.zst"})],
)  # fmt: skip
def test_the_shell_completes_the_commands_that_are_imported_late(home: Path, words: str, offered: set[str]):
    given = {
        **os.environ, "_HFIT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)
    }  # fmt: skip
    command = [sys.executable, "-c", "from hotfixture.cli.hfit import main; main()"]
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=True)
    assert offered <= {line.partition(",")[2] for line in done.stdout.splitlines()}


def test_what_a_colleague_wrote_moves_no_cursor(capsys: pytest.CaptureFixture[str]):
    from hotfixture.cli.hfit_daemon import echo, table

    table([("daily\x1b[2J", "\x9b1A")], ("name", "description"))
    echo("a\x1b]0;title\x07")
    assert not {"\x1b", "\x9b", "\x07"} & set(capsys.readouterr().out)


def test_every_command_that_says_something_says_it_as_json_too():
    import click

    from hotfixture.cli.hfit_templates import templates

    silent = {"capture", "completion", "pkg-tmpl"}
    groups = ((hfit, "hfit"), (templates, "pkg-tmpl"))
    commands = {
        f"{prefix} {name}": group.get_command(click.Context(group), name)
        for group, prefix in groups
        for name in group.list_commands(click.Context(group))
        if name not in silent
    }
    without = [
        name for name, one in commands.items() if one and "--json" not in {o for p in one.params for o in p.opts}
    ]
    assert without == []
    assert len(commands) > 30
