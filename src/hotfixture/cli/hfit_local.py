"""`hfit cleanup` and `init`: what stands on this machine."""

from __future__ import annotations

import dataclasses
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotfixture.cli import output
from hotfixture.cli.hfit_daemon import json_option

if TYPE_CHECKING:
    from hotfixture.client.ledger import Cleaned

FOLDER = Path("hfit-data")
IGNORED = "# Downloaded data is not for the repository.\n*\n!.gitignore\n"


@click.command(short_help="Delete downloads that are due, or all of them.")
@click.option("--all", "everything", is_flag=True, help="Delete every download that hfit made on this machine.")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted, and when the rest is due.")
@json_option
def cleanup(*, everything: bool, dry_run: bool, as_json: bool) -> None:
    """Delete downloads that are due (pkg-download --auto-cleanup), or all of them.

    Every command of hfit does so for what is due. A file is overwritten before it is deleted. What has changed since
    it was downloaded, or is a link, is kept: then the exit code is 3.
    """
    from hotfixture.client.ledger import Ledger

    ledger, now = Ledger(), time.time()
    if dry_run:
        _list(ledger, now, everything=everything, as_json=as_json)
        return
    done = list(ledger.clean(now, everything=everything))
    if as_json:
        output.write_json([dataclasses.asdict(one) for one in done])
    else:
        for one in done:
            output.say(_said(one))
        if not done:
            output.say("nothing is due")
    if any(one.done == "kept" for one in done):
        raise click.exceptions.Exit(3)


def _said(one: Cleaned) -> str:
    return {
        "deleted": f"{one.path}: deleted",
        "gone": f"{one.path}: was gone already",
        "kept": f"{one.path}: kept: {one.why}",
    }[one.done]


def _list(ledger: Any, now: float, *, everything: bool, as_json: bool) -> None:
    found = [dataclasses.asdict(entry) for entry in ledger.entries()]
    for entry in found:
        entry["delete"] = everything or 0 < entry["due"] <= now
    if as_json:
        output.write_json(found)
        return
    rows = ((entry["path"], entry["source"], _due(entry["due"], now), "yes" * entry["delete"]) for entry in found)
    output.table(rows, ("file", "of", "due", "would be deleted"))


def _due(due: int, now: float) -> str:
    if not due:
        return "by --all"
    return "now" if due <= now else time.strftime("%Y-%m-%d %H:%M", time.localtime(due))


def clean_due() -> None:
    """Delete what is due, in passing: it never stops the command that was asked for."""
    from hotfixture.errors import HotFixtureError

    with suppress(HotFixtureError, OSError):
        from hotfixture.client.ledger import Ledger

        ledger, now = Ledger(), time.time()
        if ledger.has_due(now):
            for one in ledger.clean(now):
                if one.done != "gone":
                    output.say(_said(one))


@click.command(short_help="Make a folder for downloads that git ignores.")
@click.argument("folder", type=click.Path(path_type=Path), default=FOLDER)
@json_option
def init(folder: Path, *, as_json: bool) -> None:
    """Make a folder for downloads (default: hfit-data) with a .gitignore, so that none of them is committed."""
    from hotfixture.errors import HotFixtureError

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        ignored = folder / ".gitignore"
        made = not ignored.exists()
        if made:
            ignored.write_text(IGNORED, encoding="utf-8", newline="\n")
    except OSError as error:
        raise HotFixtureError(f"cannot make {folder}: {error.strerror}") from None
    if as_json:
        output.write_json({"folder": str(folder), "made": made})
    elif made:
        output.say(f"{folder}/ is for downloads; git ignores what is in it")
    else:
        output.say(f"{ignored} is there already; nothing was changed")
