"""`hfit pkg-download`, `pkg-list`, `pkg-cancel`, `pkg-verify`: packages that a daemon makes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotfixture.cli import output
from hotfixture.cli.hfit import pairs
from hotfixture.cli.hfit_daemon import ago, daemon_options, opened, plain, table
from hotfixture.cli.hfit_fetch import STANDARD_OUTPUT, Thing, due, fetched, ledger_of, passing, short, stream, target_of
from hotfixture.cli.shown import size

if TYPE_CHECKING:
    from hotfixture.client.client import Client
    from hotfixture.client.downloads import Downloaded
    from hotfixture.wire.packages import PackageTold

FORMS = ("auto", "sql", "tar.gz", "tar.zst", "zip")
STATES = ("queued", "building", "scanned", "ready", "failed", "cancelled", "expired")


@click.command("pkg-download", short_help="Have a package made, wait for it and download it.")
@click.argument("name", required=False)
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...", callback=pairs)
@click.option("-o", "--output", "place", metavar="PLACE", help="A file, a folder, or - for standard output.")
@click.option("--form", type=click.Choice(FORMS), help="A script alone, or an archive of all; auto by what it holds.")
@click.option("--revision", type=click.IntRange(1), help="Another revision of the template than the one in use.")
@click.option("--inserts", is_flag=True, help="Plain INSERT statements, for clients that know no COPY.")
@click.option("--fresh", is_flag=True, help="Make it anew even where the template allows one that exists.")
@click.option("--auto-cleanup", callback=due, metavar="TIME", help="Delete it after 7d, 12h, 30m; any later run does.")
@click.option("--no-wait", is_flag=True, help="Only ask for it: print its id and end.")
@click.option("--package", metavar="ID", help="Download a package that was asked for, in place of NAME.")
@daemon_options
def download(name: str | None, parameters: dict[str, str], *, package: str | None, **given: Any) -> None:
    """Have a package made, wait for it and download it.

    NAME is the template, NAME=VALUE its parameters. When standard output is not a terminal, the SQL goes there once it
    has arrived whole and its digest is right: hfit pkg-download NAME | mysql test_db. Otherwise, and with -o or
    --auto-cleanup, it is written to a file: NAME.sql, in hfit-data/ where that folder exists.

    A download that breaks off is resumed, by itself or when the command is given again.
    """
    if (name is None) == (package is None):
        raise click.UsageError("name a template, or a package with --package ID")
    if given["place"] == STANDARD_OUTPUT and given["as_json"]:
        raise click.UsageError("--json prints what was made where the SQL would go: name a place with -o")
    if package and (parameters or given["revision"] or given["inserts"] or given["fresh"]):
        raise click.UsageError("--package is one that was made already: parameters and what it is made of mean nothing")
    own = ("place", "form", "auto_cleanup", "no_wait", "as_json", "revision", "inserts", "fresh")
    options = {option: given.pop(option) for option in own}
    with opened(**given) as client:
        _download(client, name, parameters, package, **options)


def _download(client: Client, name: str | None, parameters: dict[str, str], package: str | None, **given: Any) -> None:
    from hotfixture.client import calls_of_packages as calls
    from hotfixture.client.downloads import safe_name

    place, as_json = given["place"], given["as_json"]
    form = given["form"] or _form_of(place)
    streams = place == STANDARD_OUTPUT or (place is None and not as_json and not sys.stdout.isatty())
    keeps = not streams or given["auto_cleanup"] is not None
    asked = (
        calls.show(package) if package else
        calls.request(name or "", parameters, form=form or ("sql" if streams else "auto"),
                      revision=given["revision"] or 0, inserts=given["inserts"], fresh=given["fresh"])
    )  # fmt: skip
    if given["no_wait"]:
        _tell_asked(client.do(asked), as_json=as_json)
        return
    with _watching() as watch:
        told = client.carry(calls.made(asked, client.credentials, watch))
    if package and form:
        _check_form(told, form)
    with ExitStack() as stack:
        own = safe_name(told.file or "") or f"{told.id}.package"
        target = target_of(None if streams else place, own) if keeps else passing(stack)
        thing = Thing(calls.file(told), told.template, told.id, told.sha256 or "")
        got = fetched(client, thing, target, given["auto_cleanup"], keeps=keeps)
        if streams:
            stream(target)
    _tell(told, got, target if keeps else None, given["auto_cleanup"], as_json=as_json)


_ARCHIVES = ("tar.gz", "tar.zst", "zip")


def _form_of(place: str | None) -> Any:
    """The archive that the name of a place says; None where it says none."""
    return next((form for form in _ARCHIVES if (place or "").lower().endswith(f".{form}")), None)


def _check_form(told: PackageTold, form: str) -> None:
    """InputError where a package that was made already has another form: it is no archive by being called one."""
    from hotfixture.errors import InputError

    made = _form_of(told.file) or "sql"
    if form not in ("auto", made):
        hint = f"Ask for it anew: hfit pkg-download {told.template} … --form {form}"
        raise InputError(f"package {told.id} was made as {made}, not as {form}", hint=hint)


def _tell_asked(told: PackageTold, *, as_json: bool) -> None:
    if as_json:
        output.write_json(plain(told))
    else:
        click.echo(told.id)
        output.say(f"{told.template}: {told.state}; download it: hfit pkg-download --package {told.id}")


@contextmanager
def _watching() -> Iterator[Callable[[PackageTold], None]]:
    """Shows how a package gets on; whoever is interrupted is told that it goes on without them."""
    known: list[PackageTold] = []
    with _bars() as show:

        def watch(told: PackageTold) -> None:
            known[:] = [told]
            show(told)

        try:
            yield watch
        except (KeyboardInterrupt, SystemExit):
            if known and known[0].state in ("queued", "building", "scanned"):
                name = known[0].id
                output.say(f"it goes on being made; download it: hfit pkg-download --package {name}; stop it: "
                           f"hfit pkg-cancel {name}")  # fmt: skip
            raise


@contextmanager
def _bars() -> Iterator[Callable[[PackageTold], None]]:
    """A bar for each table on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f} rows"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        whole = shown.add_task("asking", total=None)
        tasks: dict[str, Any] = {}

        def step(told: PackageTold) -> None:
            shown.update(whole, description=f"{told.template}: {told.state}", completed=told.rows, total=told.expected)
            for table in told.tables:
                if table.table not in tasks:
                    tasks[table.table] = shown.add_task(f"  {table.table}", total=table.expected)
                shown.update(tasks[table.table], completed=table.rows, total=table.expected)

        yield step


def _tell(told: PackageTold, got: Downloaded, target: Path | None, after: int | None, *, as_json: bool) -> None:
    for warning in told.warnings:
        output.say(f"warning: {warning}")
    if as_json:
        output.write_json(plain(told) | {"path": str(target)})
        return
    tables = "1 table" if len(told.tables) == 1 else f"{len(told.tables)} tables"
    until = time.strftime("; deleted after %Y-%m-%d %H:%M", time.localtime(time.time() + after)) if after else ""
    where = short(target) if target else "standard output"
    output.say(f"{where}: {told.rows:,} rows of {tables}, {size(got.size)}, digest {got.sha256[:12]}{until}")


@click.command("pkg-list", short_help="List packages.")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--template", metavar="NAME", help="Only those of this template.")
@click.option("--owner", metavar="ACCOUNT", help="For administrators: somebody else's, or * for everybody's.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many.")
@daemon_options
def listed(
    *, state: str | None, template: str | None, owner: str | None, limit: int, as_json: bool, **given: Any
) -> None:
    """List one's packages, the newest first."""
    from hotfixture.client import calls_of_packages as calls

    with opened(**given) as client:
        asked = calls.listed(state=state or "", template=template or "", owner=owner or "", limit=limit)
        found = client.do(asked).items
    if as_json:
        output.write_json(plain(found))
        return
    rows = (
        (one.id, one.template, one.revision, one.state, f"{one.rows:,}", size(one.size) if one.size else "",
         ago(one.created), ago(one.expires or ""))
        for one in found
    )  # fmt: skip
    table(rows, ("id", "template", "revision", "state", "rows", "size", "created", "expires"))


@click.command("pkg-cancel", short_help="Stop making a package.")
@click.argument("package", metavar="ID")
@daemon_options
def cancel(package: str, *, as_json: bool, **given: Any) -> None:
    """Stop making a package; its id is in hfit pkg-list."""
    from hotfixture.client import calls_of_packages as calls

    with opened(**given) as client:
        told = client.do(calls.cancel(package))
    if as_json:
        output.write_json(plain(told))
    else:
        output.say(f"{told.id}: {'being cancelled' if told.cancelling else told.state}")


@click.command("pkg-verify", short_help="Check a downloaded package.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--load", metavar="URL", help="Load it into the empty database at URL and check every constraint there.")
@click.option("--package", metavar="ID", help="The package it is of, where this machine does not know.")
@daemon_options
def verify(path: Path, *, load: str | None, package: str | None, as_json: bool, **given: Any) -> None:
    """Check a downloaded package.

    An archive or folder against its own manifest; a script alone against the manifest that the daemon keeps.
    """
    from hotfixture.errors import PackageError
    from hotfixture.plans.verification import verify as check

    with ExitStack() as stack:
        place = _with_manifest(stack, path, package, given) if path.suffix == ".sql" else path
        try:
            found = check(place, load=load)
        except PackageError as error:  # it speaks of a folder that nobody has seen
            problems = (one._replace(message=one.message.replace(str(place), str(path))) for one in error.problems)
            raise PackageError.of(problems) from None
    if as_json:
        output.write_json({"path": str(path), "files": found.files, "rows": found.rows, "references": found.references})
    else:
        loaded = f"; loaded, {output.holding(found.references)}" if load else ""
        files = "1 file" if found.files == 1 else f"{found.files} files"
        click.echo(f"{path}: {files} as the manifest says, {found.rows:,} rows{loaded}")


def _with_manifest(stack: ExitStack, script: Path, package: str | None, given: dict[str, Any]) -> Path:
    """A folder with the script and what the daemon's manifest says of it."""
    from tempfile import TemporaryDirectory

    from hotfixture.client import calls_of_packages as calls
    from hotfixture.errors import InputError

    entry = ledger.find(script) if (ledger := ledger_of(needed=False)) else None
    package = package or (entry.package if entry else None)
    if package is None:
        hint = "Name it: --package ID; see: hfit pkg-list"
        raise InputError(f"{script}: this machine does not know which package it is", hint=hint)
    client = stack.enter_context(opened(**given))
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="hotfixture-")))
    _lay_out(folder, script, client.do(calls.manifest(package)))
    return folder


def _lay_out(folder: Path, script: Path, manifest: dict[str, Any]) -> None:
    import json
    import shutil

    from hotfixture.errors import InputError
    from hotfixture.plans.package import MANIFEST

    scripts = {name: facts for name, facts in manifest["files"].items() if name.endswith(".sql")}
    if len(scripts) != 1:
        raise InputError(f"the package has {len(scripts)} scripts", hint="Download it whole: --form tar.gz")
    name = next(iter(scripts))
    try:
        shutil.copyfile(script, folder / Path(name).name)
    except OSError as error:
        raise InputError(f"{script} cannot be read: {error.strerror}") from None
    (folder / MANIFEST).parent.mkdir()
    (folder / MANIFEST).write_text(json.dumps(manifest | {"files": scripts}), encoding="utf-8")
