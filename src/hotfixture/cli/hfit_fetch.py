"""How the commands of hfit bring a file to this machine: beside its place, proven, then under its name."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from hotfixture.cli.hfit import COPY_BYTES

if TYPE_CHECKING:
    from hotfixture.client.calls import Call
    from hotfixture.client.client import Client
    from hotfixture.client.downloads import Downloaded, Progress
    from hotfixture.client.ledger import Ledger

STANDARD_OUTPUT = "-"
DATA = Path("hfit-data")
"""Where files go when no place is named, if it is there: `hfit init` makes it."""
PART_KEPT = 86_400
"""Seconds after which what a broken download left is deleted."""


class Thing(NamedTuple):
    """What is fetched, and what the ledger says of it."""

    call: Call[Any]
    source: str
    """A template, or a volume and path."""
    package: str = ""
    sha256: str = ""


def due(_: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    """A length of time on the command line, in seconds."""
    from hotfixture.client.ledger import seconds
    from hotfixture.errors import InputError

    try:
        return None if text is None else seconds(text)
    except InputError as error:
        raise click.BadParameter(error.problems[0].message, param=parameter) from None


def target_of(place: str | None, own: str) -> Path:
    """Where a file goes whose own name is `own`; InputError where no file can be."""
    from hotfixture.errors import InputError

    if place is None:
        return (DATA / own if DATA.is_dir() else Path(own)).absolute()
    path = Path(place).expanduser().absolute()
    if place.endswith(("/", "\\")) or path.is_dir():
        return path / own
    if path.exists() and not path.is_file():
        raise InputError(f"{place} is no file", hint="Name a file or a folder, or - for standard output.")
    return path


def passing(stack: ExitStack) -> Path:
    """A place that is gone afterwards."""
    from tempfile import TemporaryDirectory

    return Path(stack.enter_context(TemporaryDirectory(prefix="hotfixture-")), "download")


def fetched(client: Client, thing: Thing, target: Path, after: int | None, *, keeps: bool = True) -> Downloaded:
    """Download to a name beside the target, which it gets when the digest agrees; both stand in the ledger.

    `after` is the number of seconds after which the file is due to be deleted.
    """
    from hotfixture.client.downloads import claimed, download
    from hotfixture.errors import HotFixtureError

    ledger = ledger_of(needed=after is not None) if keeps else None
    now = int(time.time())
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = claimed(target.with_name(f".{target.name[:150]}.{(thing.sha256 or 'unproven')[:16]}.part"))
        _note(ledger, part, thing, due=now + PART_KEPT)
        with _arriving(target.name) as progress, _nothing_left(part, ledger):
            steps = download(thing.call, client.credentials, part, sha256=thing.sha256, progress=progress)
            got = client.carry(steps)
        part.replace(target)
    except OSError as error:
        raise HotFixtureError(f"cannot write {target}: {error.strerror}") from None
    if ledger:
        ledger.forget(part)
        _note(ledger, target, thing, due=now + after if after else 0, got=got)
    return got


@contextmanager
def _nothing_left(part: Path, ledger: Ledger | None) -> Iterator[None]:
    """What was refused before a byte of it arrived leaves no file and no entry."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            if part.lstat().st_size == 0:
                part.unlink()
                if ledger:
                    ledger.forget(part)
        raise


def ledger_of(*, needed: bool) -> Ledger | None:
    """The ledger of downloads; None where the machine has no place for it and nobody counts on it."""
    from hotfixture.client.ledger import Ledger
    from hotfixture.errors import HotFixtureError

    try:
        return Ledger()
    except HotFixtureError:
        if needed:
            raise
        return None


def _note(ledger: Ledger | None, path: Path, thing: Thing, *, due: int, got: Downloaded | None = None) -> None:
    from hotfixture.client.ledger import Entry

    if ledger:
        digest, length = (got.sha256, got.size) if got else ("", 0)
        ledger.add(Entry(str(path), thing.source, thing.package, digest, length, due, int(time.time())))


@contextmanager
def _arriving(name: str) -> Iterator[Progress | None]:
    """A bar of bytes on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        bar = shown.add_task(name, total=None)
        yield lambda done, total: shown.update(bar, completed=done, total=total)


def stream(path: Path) -> None:
    """A whole file on standard output."""
    import shutil

    with path.open("rb") as file:
        shutil.copyfileobj(file, sys.stdout.buffer, COPY_BYTES)


def short(path: Path) -> str:
    """A path for people: below this folder where it is."""
    with suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)
