"""A Firestore emulator for the test lane, through npm: fetched once, run on loopback, never shipped.

The package `@firestore-emulator/server` (MIT) is pure JavaScript. It and all that it needs are pinned by digest in
`tests/emulator/package-lock.json`; no script of a package runs. `HOTFIXTURE_TEST_FIRESTORE` (`host:port`) stands for an
emulator that somebody else started.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from platformdirs import user_cache_path
from tests.servers import MissingServerError, Server, _launch, _ready

SOURCE = Path(__file__).parent / "emulator"


def cached() -> Path | None:
    """The folder with the fetched packages, if it is there."""
    path = _place()
    return path if path.is_dir() else None


def fetch() -> Path | None:
    """The folder with the packages, fetched unless it is there; None where npm is missing or fails."""
    found, npm = cached(), shutil.which("npm")
    if found or not npm:
        return found
    place = _place()
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as aside:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, aside)
        command = [npm, "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
        if subprocess.run(command, check=False, cwd=aside, stdout=subprocess.DEVNULL, timeout=600).returncode:
            return None
        Path(aside, "done").mkdir()
        for name in ("package.json", "node_modules"):
            Path(aside, name).rename(Path(aside, "done", name))
        Path(aside, "done").rename(place)
    return cached()


def _place() -> Path:
    digest = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()
    return user_cache_path("hotfixture-tests") / f"firestore-{digest[:16]}"


class Firestore(Server):
    """A Firestore emulator; its URL is `host:port`, as FIRESTORE_EMULATOR_HOST has it, its databases are projects."""

    variable = "HOTFIXTURE_TEST_FIRESTORE"
    account = "nobody"

    @classmethod
    def _start_in(cls, folder: Path) -> Self:
        node, packages = shutil.which("node"), cached()
        if not node:
            raise MissingServerError("no node on the PATH (the emulator of Firestore runs on it)")
        if not packages:
            raise MissingServerError("no Firestore emulator fetched (`make servers` fetches one where npm is there)")

        def launch(port: int) -> Self:  # type: ignore[type-var]  # Self of the class, no argument carries it
            command = [node, SOURCE / "serve.cjs", packages, port]
            return cls(f"127.0.0.1:{port}", folder, _launch(command, folder, {}, signal="KILL"))

        return _ready(launch, folder)

    def ping(self) -> None:
        """Any error while nobody listens yet."""
        host, _, port = self.url.rpartition(":")
        socket.create_connection((host, int(port)), 5).close()

    def fresh_database(self, *, plain: bool = False) -> str:
        """The name of a project in which there is nothing."""
        return f"{self._name()}x{os.urandom(3).hex()}".replace("_", "-")

    def drop(self, url: str) -> None:
        """Projects cost nothing: it stays until the emulator ends."""

    def stop(self) -> None:
        """End the emulator at once, with all that is in it."""
        if self._process:
            self._process.kill()
        super().stop()
