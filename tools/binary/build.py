"""Builds the one-folder binary of this system: the wheel, what it needs, an interpreter, and three commands.

`make binary` runs it; `dist/` then holds `hotfixture-VERSION-SYSTEM-MACHINE`, the same as an archive, and its digest.
Everything is built from the wheel, in a virtual environment of its own, so that nothing of the developer's comes along.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build" / "binary"
DIST = ROOT / "dist"
EXTRAS = "all"
"""What the binary can do without pip; dask and the bridges to faker and mimesis stay with the wheel."""
LICENCE = re.compile(r"LICEN[CS]E|COPYING|NOTICE|COPYRIGHT", re.IGNORECASE)
PYINSTALLER = "pyinstaller>=6.15"


def build() -> Path:
    """The folder; an archive and its digest stand beside it."""
    python = environment()
    wheel = wheel_of(python)
    pip(python, "--force-reinstall", "--no-deps", str(wheel))
    pip(python, f"hotfixture[{EXTRAS}] @ {wheel.as_uri()}")
    shutil.rmtree(BUILD / "made", ignore_errors=True)
    spec = [str(HERE / "hotfixture.spec"), "--noconfirm", "--log-level", "ERROR"]
    places = ["--distpath", str(BUILD / "made"), "--workpath", str(BUILD / "work")]
    run(python, "PyInstaller", *spec, *places)
    folder = DIST / name(wheel)
    shutil.rmtree(folder, ignore_errors=True)
    DIST.mkdir(exist_ok=True)
    shutil.copytree(BUILD / "made" / "hotfixture", folder, symlinks=True)
    for licence in ("LICENSE", "NOTICE"):
        shutil.copyfile(ROOT / licence, folder / licence)
    copy_licences(place_of_packages(python), folder / "licences")
    if sys.platform == "linux":
        drop_debug_sections(folder)
    return folder


def environment() -> str:
    """The interpreter of a virtual environment with PyInstaller and a builder of wheels."""
    place = BUILD / "environment"
    if not place.exists():
        venv.create(place, with_pip=True, symlinks=os.name != "nt")
    python = str(place / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    pip(python, PYINSTALLER, "hatchling>=1.25")
    return python


def pip(python: str, *words: str) -> None:
    run(python, "pip", "install", "--quiet", "--disable-pip-version-check", *words)


def run(python: str, module: str, *words: str) -> None:
    """A module of that interpreter's environment, with the project as its folder."""
    subprocess.run([python, "-m", module, *words], cwd=ROOT, check=True)  # noqa: S603 - words of this file alone


def wheel_of(python: str) -> Path:
    """The wheel, built from what is here."""
    place = BUILD / "wheel"
    shutil.rmtree(place, ignore_errors=True)
    run(python, "hatchling", "build", "-t", "wheel", "-d", str(place))
    (wheel,) = place.glob("*.whl")
    return wheel


def place_of_packages(python: str) -> Path:
    """Where that interpreter's packages are."""
    words = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return Path(subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip())  # noqa: S603 - as above


def copy_licences(packages: Path, folder: Path) -> None:
    """The notices of all that is in the binary, Python's and PyInstaller's included: their licences ask for it."""
    for one in metadata.distributions(path=[str(packages)]):
        for file in one.files or ():
            if LICENCE.match(file.name) and file.suffix not in (".py", ".pyc"):
                place = folder / f"{one.name}-{one.version}" / file.name
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(one.locate_file(file)), place)
    for place in (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix)):
        if (place / "LICENSE.txt").exists():
            shutil.copyfile(place / "LICENSE.txt", folder / "LICENSE-python.txt")


def drop_debug_sections(folder: Path) -> None:
    """Takes 80 MB off: some wheels, and most builds of Python, carry what only a debugger reads.

    Libraries in folders `NAME.libs` were renamed by auditwheel, and strip would leave them where they cannot be loaded.
    """
    strip = shutil.which("strip")
    for path in folder.rglob("*.so*") if strip else ():
        renamed = path.parent.name.endswith(".libs")
        if not renamed and not path.is_symlink() and b".debug_info" in path.read_bytes():
            subprocess.run([str(strip), "--strip-debug", str(path)], check=True)  # noqa: S603 - files that were just built


def name(wheel: Path) -> str:
    """The folder's name: version, system and machine, in the words of the systems' own users."""
    version = wheel.name.split("-")[1]
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return f"hotfixture-{version}-{system}-{machine}"


def archive(folder: Path) -> Path:
    """The folder as one file: zip on Windows, tar.gz elsewhere, for it keeps what may be executed."""
    form = "zip" if os.name == "nt" else "gztar"
    return Path(shutil.make_archive(str(folder), form, folder.parent, folder.name))


def digest(path: Path) -> Path:
    """A file beside `path` that `sha256sum --check` reads."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    beside = path.with_name(f"{path.name}.sha256")
    beside.write_text(f"{found}  {path.name}\n", encoding="utf-8", newline="\n")
    return beside


def size(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


if __name__ == "__main__":
    made = build()
    packed = archive(made)
    digest(packed)
    print(f"{made.relative_to(ROOT)}: {size(made) / 1e6:,.0f} MB; {packed.name}: {packed.stat().st_size / 1e6:,.0f} MB")
