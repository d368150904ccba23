"""`mockcraft backup` and `restore`: a database into a folder and back, compared both times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotfixture.cli import output

if TYPE_CHECKING:
    from hotfixture.plans.backup.manifest import Manifest

_PATH = click.Path(path_type=Path, file_okay=False)


def _show(made: Manifest, done: str, *, as_json: bool) -> None:
    if as_json:
        output.write_json(made.plain())
    else:
        output.say(f"{output.counted(made.rows, 'row')} in {output.counted(len(made.tables), 'table')} {done}")


@click.command(short_help="Back up a database, and prove that the backup restores.")
@click.option("--db", "url", required=True, metavar="URL", envvar="MOCKCRAFT_DB", help="The database to back up.")
@click.option("--path", "place", required=True, type=_PATH, metavar="PLACE", help="The folder to make.")
@click.option(
    "--verify/--no-verify", default=True, show_default=True, help="Restore into a scratch database and compare."
)
@click.option(
    "--scratch", metavar="URL", default="", help="An empty database for the proof, where none may be created."
)
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
def backup(url: str, place: Path, *, verify: bool, scratch: str, as_json: bool) -> None:
    """Write a database into a new folder: compressed, checksummed, restored beside the original and compared."""
    from hotfixture.plans.backup import backup as make

    made = make(url, place, verify=verify, scratch=scratch)
    _show(made, "backed up, restored and found equal" if verify else "backed up, not verified", as_json=as_json)


@click.command(short_help="Restore a database from a backup, and compare.")
@click.option("--db", "url", required=True, metavar="URL", envvar="MOCKCRAFT_DB", help="The database to write.")
@click.option("--path", "place", required=True, type=_PATH, metavar="PLACE", help="The backup's folder.")
@click.option("--replace", is_flag=True, help="Remove what stands in the database first.")
@click.option("--owners", is_flag=True, help="Give objects their owners and rights back (PostgreSQL).")
@click.option(
    "--production", metavar="NAME", default="", help="Yes, this database: needed where it looks like production."
)
@click.option("--json", "as_json", is_flag=True, help="Print the backup's manifest as JSON.")
def restore(url: str, place: Path, *, replace: bool, owners: bool, production: str, as_json: bool) -> None:
    """Write a backup into a database, after a look at its checksums, and compare the result with it."""
    from hotfixture.plans.backup import restore as write

    made = write(url, place, replace=replace, production=production, owners=owners)
    _show(made, "restored and found equal", as_json=as_json)
