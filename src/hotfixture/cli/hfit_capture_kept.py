"""`hfit capture list`, `show`, `cleanup`, `recover`, `scan`: the sessions that are kept."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotfixture.cli import output
from hotfixture.cli.hfit_capture import JSON, Amount, found
from hotfixture.cli.hfit_capture_shown import named
from hotfixture.cli.shown import size

if TYPE_CHECKING:
    from hotfixture.capture.records import Interaction


@click.command("list", short_help="List the sessions that were recorded.")
@JSON
@click.pass_obj
def listed(directory: Path, *, as_json: bool) -> None:
    """List the sessions that were recorded, the newest last."""
    from hotfixture.capture import retention

    sessions = retention.sessions(directory)
    if as_json:
        output.write_json([asdict(one) | {"path": str(one.path)} for one in sessions])
        return
    if not sessions:
        output.say(f"hfit: no sessions in {directory}")
    rows = (
        (one.id, named(one.name), _moment(one.started), f"{one.count:,}", size(one.bytes), one.state)
        for one in sessions
    )
    output.table(rows, ("session", "name", "started (UTC)", "interactions", "size", "state"))


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


@click.command(short_help="Show a session, or one interaction of it.")
@click.argument("session", default="latest")
@click.argument("interaction", required=False)
@JSON
@click.pass_obj
def show(directory: Path, session: str, interaction: str | None, *, as_json: bool) -> None:
    """Show the interactions of SESSION (a path, an id, `latest`), or one of them whole by its id."""
    import msgspec

    from hotfixture.capture import journal
    from hotfixture.errors import UnknownNameError

    interactions = list(journal.read(journal.session(found(session, directory))))
    if interaction is not None:
        chosen = next((one for one in interactions if one.id == interaction), None)
        if chosen is None:
            raise UnknownNameError("interaction", interaction, [one.id for one in interactions])
        output.write_json(msgspec.to_builtins(chosen))
    elif as_json:
        output.write_json([msgspec.to_builtins(one) for one in interactions])
    else:
        header = ("id", "after ms", "ms", "status", "service", "operation")
        begin = interactions[0].start_time if interactions else 0.0
        output.table((_row(one, begin) for one in interactions), header)


def _row(one: Interaction, begin: float) -> tuple[str, ...]:
    code = one.response.get("status") if one.kind == "http" and isinstance(one.response, dict) else None
    ended = one.error_type or (str(code) if code else one.status)
    taken = "" if one.duration_ms is None else f"{one.duration_ms:.1f}"
    names = map(named, (ended, one.service, one.operation))
    return named(one.id), f"{(one.start_time - begin) * 1000:.0f}", taken, *names


@click.command(short_help="Remove old sessions.")
@click.option("--days", type=Amount(), default=7, show_default=True, help="Keep those that are younger.")
@click.option("--megabytes", type=Amount(), help="Of the rest keep the newest, up to so many MB in all.")
@click.pass_obj
def cleanup(directory: Path, days: float, megabytes: float | None) -> None:
    """Remove sessions that are older than DAYS, and what is more than may be kept; never one that runs."""
    from hotfixture.capture import retention

    most = None if megabytes is None else int(megabytes * 1e6)
    removed = retention.cleanup(directory, days=days, bytes=most)
    for one in removed:
        output.say(f"removed {one.path}")
    output.say(f"{output.counted(len(removed), 'session')} removed")


@click.command(short_help="Finish sessions whose program was killed.")
@click.argument("sessions", nargs=-1)
@click.pass_obj
def recover(directory: Path, sessions: tuple[str, ...]) -> None:
    """Finish SESSIONS whose program was killed, or all such: a torn last record is left out, the rest is whole."""
    from hotfixture.capture import recovery, retention

    chosen = [found(one, directory) for one in sessions] or retention.paths(directory)
    recovered = [one for path in chosen if path.is_dir() and (one := recovery.recover(path))]
    for one in recovered:
        torn = f", {one.torn} bytes of a torn record taken away" if one.torn else ""
        output.say(f"{one.folder}: {output.counted(one.count, 'interaction')}{torn}")
    if not recovered:
        output.say(f"hfit: nothing to recover in {directory}")


@click.command(short_help="Prove that no secret is left in recordings.")
@click.argument("places", nargs=-1, metavar="[SESSION | FILE]...")
@click.option("--secrets", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
              help="Values that must not be there, one a line; beside those of this environment.")  # fmt: skip
@JSON
@click.pass_obj
def scan(directory: Path, places: tuple[str, ...], secrets: Path | None, *, as_json: bool) -> int:
    """Look for secrets in recordings (of the whole directory, or those that are named); exit with 3 where one is left.

    What is found is said by its place, never by its value.
    """
    from hotfixture.capture.sanitising.scan import scan as looked_through

    chosen = [found(one, directory) for one in places] or [directory]
    known = _lines(secrets) if secrets else []
    findings = [one for place in chosen for one in looked_through(place, secrets=known)]
    if as_json:
        output.write_json([one.told() for one in findings])
    else:
        for one in findings:
            click.echo(str(one))
        output.say(f"{output.counted(len(findings), 'secret')} left" if findings else _clean(chosen))
    return 3 if findings else 0


def _clean(chosen: list[Path]) -> str:
    """What is said where nothing was found: that there was nothing to look through is no proof."""
    looked = any(one.is_file() for place in chosen for one in (place, *place.rglob("*")))
    return "no secret is left" if looked else f"hfit: nothing is recorded in {', '.join(map(str, chosen))}"


def _lines(path: Path) -> list[str]:
    from hotfixture.errors import InputError, Where

    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InputError("cannot be read, or no text in UTF-8", where=Where(str(path))) from None
