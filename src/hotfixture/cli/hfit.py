"""The command `hfit`: masked, referentially complete fixtures out of real databases."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from hotfixture.cli import output
from hotfixture.cli.lazy import program
from hotfixture.files.plain import json_text

if TYPE_CHECKING:
    from hotfixture.plans.calls import Package
    from hotfixture.plans.plan import Plan

Command = TypeVar("Command", bound=Callable[..., Any])
COPY_BYTES = 1 << 20
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


_ACCOUNT, _PACKAGES, _SOURCES, _LOCAL = (
    f"hotfixture.cli.hfit_{name}" for name in ("account", "packages", "sources", "local")
)
LATER = {
    "capture": ("hotfixture.cli.hfit_capture:capture", "What real services answered: analyse, compare, play back."),
    "cleanup": (f"{_LOCAL}:cleanup", "Delete downloads that are due, or all of them."),
    "completion": ("hotfixture.cli.completion:completion", "Print the script by which a shell completes commands."),
    "config": (f"{_ACCOUNT}:config", "Name a daemon, an account there and its key; or show what is configured."),
    "dbs": (f"{_SOURCES}:dbs", "List the databases of a provider."),
    "download": (f"{_SOURCES}:download", "Download a file of a volume."),
    "files": (f"{_SOURCES}:files", "List the files of a volume."),
    "init": (f"{_LOCAL}:init", "Make a folder for downloads that git ignores."),
    "login": (f"{_ACCOUNT}:login", "Log in with an SSH key, or with a service token."),
    "logout": (f"{_ACCOUNT}:logout", "End the session."),
    "pkg-cancel": (f"{_PACKAGES}:cancel", "Stop making a package."),
    "pkg-download": (f"{_PACKAGES}:download", "Have a package made, wait for it and download it."),
    "pkg-list": (f"{_PACKAGES}:listed", "List packages."),
    "pkg-tmpl": ("hotfixture.cli.hfit_templates:templates", "Templates: create, show, change, approve, compare."),
    "pkg-verify": (f"{_PACKAGES}:verify", "Check a downloaded package."),
    "providers": (f"{_SOURCES}:providers", "List the databases that packages can be made of."),
    "rows": (f"{_SOURCES}:rows", "Show some masked rows of a table."),
    "tables": (f"{_SOURCES}:tables", "List the tables of a provider."),
    "volumes": (f"{_SOURCES}:volumes", "List the volumes that files can be read from."),
    "whoami": (f"{_ACCOUNT}:whoami", "Show whom the daemon takes one for."),
}
"""Commands that stand elsewhere and are imported when they are asked for."""


@program("hfit", LATER)
def hfit() -> None:
    """Test data that behaves like production and exposes nobody."""
    from hotfixture.cli.hfit_local import clean_due

    if click.get_current_context().invoked_subcommand not in ("cleanup", "completion"):
        clean_due()


def main() -> None:
    """The entry point of the command."""
    # Arrow's own allocator keeps a third more memory than it uses here; the system's gives it back at the same speed.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    sys.exit(output.run(hfit))


def pairs(_: click.Context, parameter: click.Parameter, words: tuple[str, ...]) -> dict[str, str]:
    """`NAME=VALUE` words as a mapping."""
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not _NAME.fullmatch(name):
            # The word itself is not repeated: it may be a URL with its password.
            raise click.BadParameter("expected NAME=VALUE, the name of letters, digits, _ and -", param=parameter)
        if name in found:
            raise click.BadParameter(f"{name} is given twice", param=parameter)
        found[name] = value
    return found


def template_options(command: Command) -> Command:
    """The arguments that `run` and `plan` share."""
    for decorate in reversed((
        click.argument("template", type=click.Path(path_type=Path)),
        click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...", callback=pairs),
        click.option("--provider", "providers", multiple=True, metavar="NAME=URL", callback=pairs,
                     help="A database that the template names; also HFIT_PROVIDER_NAME in the environment."),
        click.option("--volume", "volumes", multiple=True, metavar="NAME=PLACE", callback=pairs,
                     help="A folder or bucket that the template names; also HFIT_VOLUME_NAME in the environment."),
        click.option("--policy", type=click.Path(path_type=Path), help="The masking policy to apply."),
        click.option("--key-file", type=click.Path(path_type=Path),
                     help="A file with the masking key; else HFIT_MASKING_KEY, else a key of your own."),
    )):  # fmt: skip
        command = decorate(command)
    return command


@hfit.command()
@template_options
@click.option(
    "-o", "--output", "place", metavar="PATH", help="A folder, FILE.sql, an archive (.tar.gz, .tar.zst, .zip), or -."
)
@click.option(
    "--explain-rows", type=click.Path(path_type=Path), help="Write why each row of a subset is there; holds real keys."
)
@click.option("--inserts", is_flag=True, help="Plain INSERT statements, for clients that know no COPY.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest instead of a summary (needs -o).")
def run(place: str | None, *, as_json: bool, explain_rows: Path | None, **given: Any) -> None:
    """Extract, mask and prove what a template describes.

    Writes TEMPLATE's name with .sql, and a folder of that name when there is more than SQL. When standard output is
    not a terminal, the SQL goes there too: hfit run ... | mysql test_db
    """
    from hotfixture.plans import calls

    if as_json and place in (None, calls.STREAM):
        raise click.UsageError("--json prints the manifest where the SQL would go: name a place with -o")
    with _progress() as progress, _reasons(explain_rows) as explain, _kept(place) as kept:
        made = calls.run(**given, output=kept, progress=progress, explain=explain, planned=_warn, say=output.say)
        if place == calls.STREAM or (place is None and not sys.stdout.isatty()):
            _stream(made)
        elif as_json:
            output.write_json(dict(made.manifest))
    _summary(made, told=place != calls.STREAM)


@hfit.command()
@template_options
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(*, as_json: bool, **given: Any) -> None:
    """Show what a template would do; extract nothing.

    Bound SQL, the mask of every column and who decided it, rows and bytes per relation.
    """
    from hotfixture.plans import calls

    made = calls.plan(**given, say=output.say)
    if as_json:
        output.write_json(made.plain())
    else:
        from hotfixture.cli.shown import show_plan

        show_plan(made)


@hfit.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--dot", "as_dot", is_flag=True, help="Print the tables and references as a Graphviz picture.")
@click.option("--names-only", is_flag=True, help="Suspect columns by their names, without looking at any row.")
def inspect(url: str, *, as_json: bool, as_dot: bool, names_only: bool) -> None:
    """Show a database: tables, references, what looks sensitive."""
    from hotfixture.plans.inspection import inspect as look

    found = look(url, samples=not names_only and not as_dot)
    if as_dot:
        click.echo(found.dot(), nl=False)
    elif as_json:
        output.write_json(found.plain())
    else:
        from hotfixture.cli.shown import show_inspection

        show_inspection(found)


@hfit.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--load", metavar="URL", help="Load it into the empty database at URL and check every constraint there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(package: Path, load: str | None, *, as_json: bool) -> None:
    """Check a package; --load also loads it.

    Digests, counts and manifest; loaded into an empty database, that every reference holds there.
    """
    from hotfixture.plans.verification import verify as check

    found = check(package, load=load)
    if as_json:
        facts = {"files": found.files, "rows": found.rows, "references": found.references}
        output.write_json({"path": str(package), **facts})
        return
    loaded = f"; loaded, {output.holding(found.references)}" if load else ""
    files, rows = output.counted(found.files, "file"), output.counted(found.rows, "row")
    click.echo(f"{package}: {files} as the manifest says, {rows}{loaded}")


def _warn(made: Plan) -> None:
    for warning in made.warnings:
        output.say(f"warning: {warning}")
    if made.parameters.get("debug_mode"):
        output.say(json_text(made.plain(), indent=2))


@contextmanager
def _kept(place: str | None) -> Iterator[str | None]:
    """Where the package is put; for `-`, a file that is gone afterwards."""
    if place != "-":
        yield place
        return
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="hotfixture-") as folder:
        yield str(Path(folder, "package.sql"))


def _stream(made: Package) -> None:
    """The script on standard output."""
    import shutil

    from hotfixture.errors import InputError

    scripts = [path for path in made.paths if path.suffix == ".sql"]
    if len(scripts) != 1:
        raise InputError(f"{len(scripts)} scripts cannot share standard output", hint="Name a folder: -o FOLDER/")
    with scripts[0].open("rb") as script:
        shutil.copyfileobj(script, sys.stdout.buffer, COPY_BYTES)


def _summary(made: Package, *, told: bool) -> None:
    """What was written, in one line for each path."""
    rows = sum(made.rows.values())
    scan = made.manifest["scan"]
    where = ", ".join(str(path) for path in made.paths) if told else "standard output"
    counted = f"{output.counted(rows, 'row')} of {output.counted(len(made.rows), 'table')}"
    output.say(f"{where}: {counted}; none of {output.counted(scan['originals'], 'original')} left in it")


@contextmanager
def _progress() -> Iterator[Callable[[str, int], None] | None]:
    """A line a table on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,.0f} rows"),
                  console=Console(stderr=True), transient=True) as shown:  # fmt: skip
        tasks: dict[str, Any] = {}

        def step(table: str, rows: int) -> None:
            if table not in tasks:
                tasks[table] = shown.add_task(table, total=None)
            shown.update(tasks[table], completed=rows)

        yield step


@contextmanager
def _reasons(path: Path | None) -> Iterator[Callable[[Any], None] | None]:
    """Writes one line for each row's reason."""
    if path is None:
        yield None
        return
    with output.destination(str(path)) as file:
        yield _liner(file)


def _liner(file: IO[str]) -> Callable[[object], None]:
    return lambda reason: print(reason, file=file)
