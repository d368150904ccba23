"""`hfit providers`, `dbs`, `tables`, `rows`, `volumes`, `files`, `download`: what a daemon reads."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from hotfixture.cli import output
from hotfixture.cli.hfit_daemon import daemon_options, opened, plain, table, visible
from hotfixture.cli.hfit_fetch import STANDARD_OUTPUT, Thing, due, fetched, passing, short, stream, target_of
from hotfixture.cli.shown import size
from hotfixture.files.plain import plain_text

if TYPE_CHECKING:
    from hotfixture.client.client import Client
    from hotfixture.wire.sources import ColumnTold, Listed, ProviderTold

PROVIDER = click.argument("provider", required=False)


@click.command(short_help="List the databases that packages can be made of.")
@daemon_options
def providers(*, as_json: bool, **given: Any) -> None:
    """List the databases that packages can be made of: whether they answer, what they are, how far behind."""
    from hotfixture.client import calls_of_sources as calls

    with opened(**given) as client:
        found = client.do(calls.providers())
    if as_json:
        output.write_json(plain(found))
        return
    rows = ((one.name, _server(one), _lag(one), "yes" if one.previews else "no") for one in found)
    table(rows, ("provider", "server", "behind", "previews"))


def _server(one: ProviderTold) -> str:
    return f"{one.server} {one.version}" if one.reachable else f"does not answer: {one.problem}"


def _lag(one: ProviderTold) -> str:
    return "" if one.lag is None else f"{one.lag:.0f} s"


def _named(client: Client, provider: str | None) -> list[str]:
    """The provider, or every one that answers."""
    from hotfixture.client import calls_of_sources as calls

    return [provider] if provider else [one.name for one in client.do(calls.providers()) if one.reachable]


@click.command(short_help="List the databases of a provider.")
@PROVIDER
@daemon_options
def dbs(provider: str | None, *, as_json: bool, **given: Any) -> None:
    """List the databases and schemas of a provider, or of all; * marks what packages are made of."""
    from hotfixture.client import calls_of_sources as calls

    with opened(**given) as client:
        found = {name: client.do(calls.databases(name)) for name in _named(client, provider)}
    if as_json:
        output.write_json(plain(found))
        return
    rows = ((name, one.name, one.kind, "*" * one.is_current) for name, listed in found.items() for one in listed)
    table(rows, ("provider", "name", "kind", "read"))


@click.command(short_help="List the tables of a provider.")
@PROVIDER
@click.option("--columns", is_flag=True, help="Their columns too, and what the policy makes of each.")
@daemon_options
def tables(provider: str | None, *, columns: bool, as_json: bool, **given: Any) -> None:
    """List the tables of a provider, or of all."""
    from hotfixture.client import calls_of_sources as calls

    with opened(**given) as client:
        found = {name: client.do(calls.tables(name)) for name in _named(client, provider)}
    if as_json:
        output.write_json(plain(found))
    elif columns:
        rows = (
            (name, table.name, column.name, column.type, _fate(column))
            for name, listed in found.items()
            for table in listed
            for column in table.columns
        )
        table(rows, ("provider", "table", "column", "type", "policy"))
    else:
        lines = (
            (name, one.name, one.kind, f"{one.rows:,}", size(one.bytes), len(one.columns))
            for name, listed in found.items()
            for one in listed
        )
        table(lines, ("provider", "table", "kind", "rows", "size", "columns"))


def _fate(column: ColumnTold) -> str:
    mask = f" {plain_text(column.mask)}" if column.mask else ""
    suspected = f" (looks like {column.suspected})" if column.suspected and column.fate == "undecided" else ""
    return f"{column.fate}{mask}{suspected}"


@click.command(short_help="Show some masked rows of a table.")
@click.argument("words", nargs=-1, required=True, metavar="[PROVIDER] TABLE")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True, help="At most so many rows.")
@daemon_options
def rows(words: tuple[str, ...], *, limit: int, as_json: bool, **given: Any) -> None:
    """Show some masked rows of a table, where the provider allows previews.

    PROVIDER may be left out where there is only one.
    """
    from hotfixture.client import calls_of_sources as calls

    if len(words) > 2:
        raise click.UsageError("expected [PROVIDER] TABLE")
    with opened(**given) as client:
        names = [words[0]] if len(words) == 2 else [one.name for one in client.do(calls.providers())]
        if len(names) != 1:
            raise click.UsageError(f"expected PROVIDER TABLE; the providers are {', '.join(names) or 'none'}")
        found = client.do(calls.rows(names[0], words[-1], limit=limit))
    if as_json:
        output.write_json(plain(found))
        return
    shown = (["NULL" if value is None else visible(value) for value in row] for row in found.rows)
    table(shown, found.columns)
    masked = ", ".join(f"{name} {plain_text(mask)}" for name, mask in found.masks.items())
    output.say(f"masked: {masked}" if masked else "no column of this table is masked")


@click.command(short_help="List the volumes that files can be read from.")
@daemon_options
def volumes(*, as_json: bool, **given: Any) -> None:
    """List the volumes that files can be read from."""
    from hotfixture.client import calls_of_sources as calls

    with opened(**given) as client:
        found = client.do(calls.volumes())
    if as_json:
        output.write_json(plain(found))
    else:
        table(((one.name, one.kind) for one in found), ("volume", "kind"))


@click.command(short_help="List the files of a volume.")
@click.argument("place", metavar="VOLUME[:FOLDER]")
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@daemon_options
def files(place: str, words: tuple[str, ...], *, as_json: bool, **given: Any) -> None:
    """List the files of a volume as they are found: size, time of change (UTC), name. --json prints NDJSON.

    \b
    FILTER  name:*.log         by a pattern of the name
            mtime:7            changed within 7 days
            size:>1024         larger than so many bytes
            sort:mtime:desc    sorted, by name, mtime or size
            limit:10           at most so many
    """
    from hotfixture.client import calls_of_sources as calls

    volume, _, folder = place.partition(":")
    entries = calls.Entries()
    show = _text_lines()
    with opened(**given) as client, client.pieces(calls.files(volume, words, folder=folder.strip("/"))) as pieces:
        for piece in pieces:
            text = entries.raw(piece) if as_json else "".join(map(show, entries.feed(piece))).encode()
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
    for name, problem in entries.unlisted:
        output.say(f"warning: {visible(name)}: {problem}")


def _text_lines() -> Callable[[Listed], str]:
    """Lines for people; the date is spelled once a day, for a listing may have a million lines."""
    from functools import lru_cache
    from time import gmtime, strftime

    @lru_cache(maxsize=4096)
    def day(number: int) -> str:
        return strftime("%Y-%m-%d", gmtime(number * 86_400))

    def line(one: Listed) -> str:
        number, second = divmod(int(one.mtime), 86_400)
        name = one.name if one.name.isprintable() else visible(one.name)
        when = f"{day(number)} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        return f"{one.size:>12}  {when}  {name}{'/' * (one.kind == 'folder')}\n"

    return line


@click.command(short_help="Download a file of a volume.")
@click.argument("place", metavar="VOLUME:/PATH")
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option("-o", "--output", "target", metavar="PLACE", help="A file, a folder, or - for standard output.")
@click.option("--auto-cleanup", callback=due, metavar="TIME", help="Delete it after 7d, 12h, 30m; any later run does.")
@daemon_options
def download(
    place: str, words: tuple[str, ...], *, target: str | None, auto_cleanup: int | None, as_json: bool, **given: Any
) -> None:
    """Download a file of a volume, as the policy lets it pass.

    With FILTER, PATH is a folder, and the first file that the words find is meant: sort:mtime:desc is its newest.
    It is written under its own name, in hfit-data/ where that folder exists.
    """
    from hotfixture.client import calls_of_sources as calls
    from hotfixture.client.downloads import safe_name

    volume, colon, path = place.partition(":")
    if not colon:
        raise click.UsageError("expected VOLUME:/PATH")
    if target == STANDARD_OUTPUT and as_json:
        raise click.UsageError("--json prints what was downloaded where the file would go: name a place with -o")
    name = path.rstrip("/").rpartition("/")[2]
    with opened(**given) as client, ExitStack() as stack:
        thing = Thing(calls.file(volume, path, words), place)
        if target == STANDARD_OUTPUT:
            kept = passing(stack)
            fetched(client, thing, kept, None, keeps=False)
            stream(kept)
            return
        if words:
            picked = _picked(client, volume, path, words)
            thing = Thing(calls.file(volume, picked), f"{volume}:/{picked}")
            name = safe_name(picked.rpartition("/")[2]) or "download"
        kept = target_of(target, name)
        got = fetched(client, thing, kept, auto_cleanup)
    if as_json:
        output.write_json({"source": thing.source, "path": str(kept), "bytes": got.size, "sha256": got.sha256})
    else:
        output.say(f"{short(kept)}: {size(got.size)} of {thing.source}, digest {got.sha256[:12]}")


def _picked(client: Client, volume: str, folder: str, words: tuple[str, ...]) -> str:
    """The first file that the words find, so that it has a name before it is downloaded."""
    from hotfixture.client import calls_of_sources as calls
    from hotfixture.errors import InputError

    entries = calls.Entries()
    with client.pieces(calls.files(volume, words, folder=folder.strip("/"))) as pieces:
        found = next((one.name for one in _listed(entries, pieces) if one.kind == "file"), None)
    if found is None:
        raise InputError(f"{volume}:{folder}: no file is found by {' '.join(words)}")
    return found


def _listed(entries: Any, pieces: Iterator[memoryview]) -> Iterator[Listed]:
    for piece in pieces:
        yield from entries.feed(piece)
