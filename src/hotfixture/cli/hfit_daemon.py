"""What the commands of hfit that speak to a daemon share: which daemon, as whom, and JSON."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hotfixture.cli import output
from hotfixture.errors import RefusedError

if TYPE_CHECKING:
    from hotfixture.client.client import Client
    from hotfixture.client.profiles import Profile

Command = TypeVar("Command", bound=Callable[..., Any])


def profile_options(command: Command) -> Command:
    """Adds `--profile`, `--url` and `--insecure-http`: the arguments of `chosen` and `opened`."""
    for decorate in (
        click.option("--insecure-http", is_flag=True, help="Speak plain http to another machine, token and all."),
        click.option("--url", metavar="URL", help="The daemon; also HFIT_URL."),
        click.option(
            "--profile", metavar="NAME", help="The daemon of `hfit config --profile NAME`; also HFIT_PROFILE."
        ),
    ):
        command = decorate(command)
    return command


def json_option(command: Command) -> Command:
    """Adds `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def daemon_options(command: Command) -> Command:
    """Adds `--json` and the options of `profile_options`, in this order."""
    return json_option(profile_options(command))


def chosen(profile: str | None, url: str | None, *, insecure_http: bool) -> Profile:
    """The profile that flags, environment and file name."""
    from hotfixture.client import profiles

    return profiles.load(profile, url=url, insecure_http=insecure_http)


@contextmanager
def opened(profile: str | None, url: str | None, *, insecure_http: bool) -> Iterator[Client]:
    """A client of the daemon that flags, environment and file name."""
    from hotfixture.client.opening import open_client

    with open_client(chosen(profile, url, insecure_http=insecure_http)) as client:
        try:
            yield client
        except RefusedError as error:
            _blame_token(error)
            raise


def _blame_token(error: RefusedError) -> None:
    """Where a token of the environment was refused no login helps."""
    from hotfixture.client.answers import LOG_IN

    if os.environ.get("HFIT_TOKEN"):
        hint = "HFIT_TOKEN holds no token that this daemon takes: it has expired, was revoked, or is of another daemon."
        problems = (one._replace(hint=hint) if one.hint == LOG_IN else one for one in error.problems)
        error.problems = tuple(problems)


def plain(value: Any) -> Any:
    """A Struct, or a list of them, as JSON knows it."""
    import msgspec

    return msgspec.to_builtins(value)


def visible(value: object) -> str:
    """A daemon's or colleague's text for a terminal, whose cursor and colours it cannot move: one line for a line."""
    text = str(value)
    return (
        text if text.isprintable() else "".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in text)
    )


def table(rows: Iterable[Sequence[object]], header: Sequence[str]) -> None:
    """As `output.table`, of what a daemon says."""
    output.table(([visible(cell) for cell in row] for row in rows), header)


def echo(text: str) -> None:
    """A line of what a daemon says, on standard output."""
    click.echo(visible(text))


def ago(moment: str) -> str:
    """An ISO 8601 time for people, to the minute, in the machine's own zone: `2024-10-15 14:30`."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment
