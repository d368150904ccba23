"""`hfit pkg-tmpl`: the templates of a daemon, their revisions and approvals."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotfixture.cli import output
from hotfixture.cli.hfit import pairs
from hotfixture.cli.hfit_daemon import ago, daemon_options, opened, plain, table
from hotfixture.cli.lazy import LazyGroup

if TYPE_CHECKING:
    from hotfixture.wire.templates import TemplateChange

_APPROVALS = "hotfixture.cli.hfit_approvals"
LATER = {
    "approve": (f"{_APPROVALS}:approve", "Approve a revision that somebody else wrote."),
    "revoke": (f"{_APPROVALS}:revoke", "Take an approval back."),
    "sample": (f"{_APPROVALS}:sample", "Show masked rows that a package would hold."),
    "show": (f"{_APPROVALS}:show", "Show a template; with --debug what a package of it would be made of."),
}
MESSAGE = click.option("-m", "--message", default="", metavar="TEXT", help="Why; stands in the history.")
TEAM = click.option("--team", default="", metavar="TEAM", help="The team that owns it; one's own where there is one.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Only show what would change.")
FILE = click.argument("file", type=click.Path(path_type=Path))
LONGEST = 4 << 20
SENT = "template.yaml"
"""What the daemon calls a text that was sent to it."""


@click.group(
    cls=LazyGroup, later=LATER, name="pkg-tmpl", short_help="Templates: create, show, change, approve, compare."
)
def templates() -> None:
    """Templates: what packages are made of. Every change is a new revision; packages are made of approved ones."""


def read(file: Path) -> str:
    """The text of a template's file, or of standard input (-); InputError where it cannot be read."""
    from hotfixture.errors import InputError, Where

    try:
        data = sys.stdin.buffer.read(LONGEST) if str(file) == "-" else file.read_bytes()
        return data.decode()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=Where(str(file))) from None
    except UnicodeDecodeError:
        raise InputError("expected UTF-8", where=Where(str(file))) from None


@contextmanager
def placed(file: Path) -> Iterator[None]:
    """Places that the daemon finds in a text are told as those of the file that it came from."""
    from hotfixture.errors import InputError

    try:
        yield
    except InputError as error:
        error.problems = tuple(
            one._replace(where=one.where._replace(source=str(file))) if one.where and one.where.source == SENT else one
            for one in error.problems
        )
        raise


@templates.command()
@FILE
@TEAM
@MESSAGE
@DRY_RUN
@daemon_options
def create(file: Path, *, team: str, message: str, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Create a template from a YAML file; its name stands in it."""
    from hotfixture.client import calls_of_templates as calls

    with opened(**given) as client, placed(file):
        made = client.do(calls.create(read(file), team=team, message=message, dry_run=dry_run))
    tell(made, as_json=as_json, dry_run=dry_run)


@templates.command()
@click.argument("words", nargs=-1, required=True, metavar="[NAME] FILE")
@MESSAGE
@DRY_RUN
@daemon_options
def update(words: tuple[str, ...], *, message: str, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Give a template a new revision from a YAML file, and show the difference."""
    from hotfixture.client import calls_of_templates as calls

    if len(words) > 2:
        raise click.UsageError("expected [NAME] FILE")
    text = read(Path(words[-1]))
    name = words[0] if len(words) == 2 else _name_in(text, words[-1])
    with opened(**given) as client, placed(Path(words[-1])):
        made = client.do(calls.update(name, text, message=message, dry_run=dry_run))
    tell(made, as_json=as_json, dry_run=dry_run)


def _name_in(text: str, source: str) -> str:
    """The name that a template's text gives it."""
    import yaml

    from hotfixture.errors import InputError, Where

    try:
        found = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except yaml.YAMLError:
        found = None
    name = found.get("templateName") if isinstance(found, dict) else None
    if not isinstance(name, str):
        raise InputError("expected templateName: NAME", where=Where(source))
    return name


@templates.command()
@click.argument("name")
@click.argument("defaults", nargs=-1, metavar="[PARAMETER=DEFAULT]...", callback=pairs)
@click.option("--description", metavar="TEXT", help="What it says of itself.")
@click.option("--share", multiple=True, metavar="TEAM", help="Teams that may ask for it; * is everybody.")
@click.option("--unshare", is_flag=True, help="Nobody but its own team may ask for it, or who --share names.")
@click.option("--team", metavar="TEAM", help="The team that shall own it.")
@click.option("--text", type=click.Path(path_type=Path), metavar="FILE", help="A whole new text.")
@MESSAGE
@DRY_RUN
@daemon_options
def patch(name: str, defaults: dict[str, str], *, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Change single things of a template, and show the difference.

    PARAMETER=DEFAULT sets the default of a parameter; numbers, true, false, null and lists are written as in JSON.
    """
    from hotfixture.client import calls_of_templates as calls
    from hotfixture.wire.templates import TemplatePatch

    changes: dict[str, Any] = {"message": given.pop("message")}
    share, unshare, text = given.pop("share"), given.pop("unshare"), given.pop("text")
    changes |= {key: value for key in ("description", "team") if (value := given.pop(key)) is not None}
    if share or unshare:
        changes["shared"] = list(share)
    if text:
        changes["text"] = read(text)
    if defaults:
        changes["defaults"] = {key: _value(word) for key, word in defaults.items()}
    if set(changes) == {"message"}:
        raise click.UsageError("say what to change: PARAMETER=DEFAULT, --description, --share, --team or --text")
    with opened(**given) as client:
        made = client.do(calls.patch(name, TemplatePatch(**changes), dry_run=dry_run))
    tell(made, as_json=as_json, dry_run=dry_run)


def _value(word: str) -> Any:
    import json

    try:
        return json.loads(word)
    except ValueError:
        return word


@templates.command("list")
@click.option("--team", default="", metavar="TEAM", help="Only those of this team.")
@click.option("--owner", default="", metavar="ACCOUNT", help="Only those that this account made.")
@click.option(
    "--state",
    default="",
    type=click.Choice(["", "approved", "needs approval", "off"]),
    help="Only those in this state.",
)
@click.option("--search", default="", metavar="TEXT", help="Only those whose name or description has this in it.")
@daemon_options
def listed(*, team: str, owner: str, state: str, search: str, as_json: bool, **given: Any) -> None:
    """List the templates that one may see."""
    from hotfixture.client import calls_of_templates as calls

    found, after = [], ""
    with opened(**given) as client:
        while True:
            page = client.do(calls.listed(team=team, owner=owner, state=state, part=search, limit=1000, after=after))
            found += page.items
            if not page.next:
                break
            after = page.next
    if as_json:
        output.write_json(plain(found))
        return
    rows = ((one.name, one.team, one.revision, one.approval.state, ago(one.updated), one.description) for one in found)
    table(rows, ("name", "team", "revision", "state", "changed", "description"))


@templates.command()
@click.argument("name")
@daemon_options
def delete(name: str, *, as_json: bool, **given: Any) -> None:
    """Take a template out of use; its name stays taken and its history stays."""
    from hotfixture.client import calls_of_templates as calls

    with opened(**given) as client:
        client.do(calls.delete(name))
    if as_json:
        output.write_json({"name": name, "done": "deleted"})
    else:
        output.say(f"{name}: deleted")


@templates.command()
@click.argument("name")
@daemon_options
def history(name: str, *, as_json: bool, **given: Any) -> None:
    """List the revisions of a template, the newest first."""
    from hotfixture.client import calls_of_templates as calls

    with opened(**given) as client:
        found = client.do(calls.history(name))
    if as_json:
        output.write_json(plain(found))
        return
    rows = (
        (one.number, one.digest[:12], ago(one.created), one.author, one.approval.state, one.message) for one in found
    )
    table(rows, ("revision", "digest", "made", "author", "state", "message"))


@templates.command()
@click.argument("name")
@click.argument("before", type=click.IntRange(1), required=False, metavar="[REVISION]")
@click.argument("after", type=click.IntRange(1), required=False, metavar="[REVISION]")
@daemon_options
def diff(name: str, before: int | None, after: int | None, *, as_json: bool, **given: Any) -> None:
    """Show how one revision became another: by default the newest the one before it."""
    from hotfixture.client import calls_of_templates as calls

    with opened(**given) as client:
        found = client.do(calls.diff(name, before or 0, after or 0))
    if as_json:
        output.write_json(plain(found))
    else:
        show_diff(found.diff)


@templates.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@TEAM
@MESSAGE
@DRY_RUN
@daemon_options
def push(folder: Path, *, team: str, message: str, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Create or revise every template of a folder (*.yaml, *.yml): all of them, or none."""
    from hotfixture.client import calls_of_templates as calls
    from hotfixture.errors import InputError
    from hotfixture.wire.templates import PushedFile

    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file())
    if not paths:
        raise InputError(f"{folder} holds no *.yaml")
    files = [PushedFile(path=path.relative_to(folder).as_posix(), text=read(path)) for path in paths]
    with opened(**given) as client:
        made = client.do(calls.push(files, team=team, message=message, dry_run=dry_run))
    if as_json:
        output.write_json(plain(made))
        return
    for change in made.changes:
        tell(change, as_json=False, dry_run=dry_run)


def tell(change: TemplateChange, *, as_json: bool, dry_run: bool) -> None:
    """What was done: the difference on standard output, one sentence on standard error."""
    if as_json:
        output.write_json(plain(change))
        return
    show_diff(change.diff)
    would = "would be " if dry_run else ""
    output.say(f"{change.name}: {would}{change.done}, revision {change.revision} ({change.digest[:12]})")


def show_diff(text: str) -> None:
    """A unified diff, coloured at a terminal."""
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in text.splitlines():
        click.secho(line, fg=colours.get(line[:1]))
