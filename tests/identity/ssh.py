"""The real OpenSSH, started by the tests: keys of every kind, `ssh-keygen -Y`, and an agent."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

import pytest

KINDS = {
    "ed25519": ("ed25519", ""), "ecdsa256": ("ecdsa", "256"), "ecdsa384": ("ecdsa", "384"),
    "ecdsa521": ("ecdsa", "521"), "rsa3072": ("rsa", "3072"),
}  # fmt: skip


def need(command: str) -> None:
    """Skip the test where OpenSSH is not installed; in CI that is a failure."""
    if not which(command):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{command} is not installed")


def run(*command: str, given: bytes = b"", environment: dict[str, str] | None = None) -> bytes:
    """What a command of OpenSSH wrote to its output; CalledProcessError where it failed."""
    need(command[0])
    done = subprocess.run(
        command, input=given, capture_output=True, check=False, timeout=60, env={**os.environ, **(environment or {})}
    )
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    return done.stdout


def make_key(path: Path, kind: str, bits: str = "", passphrase: str = "", *, pem: str = "") -> Path:
    """A fresh key file at a path, its public half beside it; `pem` is `PEM` or `PKCS8` for those forms."""
    size = ["-b", bits] if bits else []
    form = ["-m", pem] if pem else []
    run("ssh-keygen", "-q", "-t", kind, *size, *form, "-N", passphrase, "-C", f"{kind} of a test", "-f", str(path))
    return path


def make_all(folder: Path) -> dict[str, Path]:
    """One key file of every kind that is taken and can be made without hardware."""
    return {name: make_key(folder / name, *kind) for name, kind in KINDS.items()}


@contextmanager
def agent() -> Iterator[dict[str, str]]:
    """A running agent: the environment in which ssh-add and the client find it."""
    if sys.platform == "win32":
        pytest.skip("a private agent needs Unix sockets")
    need("ssh-agent")
    with TemporaryDirectory(prefix="hfa") as folder:  # short: the path of a socket has at most 104 bytes
        socket = Path(folder) / "s"
        process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 10
            while not socket.exists() and time.monotonic() < until:
                time.sleep(0.01)
            yield {"SSH_AUTH_SOCK": str(socket)}
        finally:
            process.terminate()
            process.wait(10)


def add(environment: dict[str, str], path: Path) -> None:
    """Give the agent a key."""
    run("ssh-add", "-q", str(path), environment=environment)
