"""The command `mockcraft server`: invented values and seeding runs over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hotfixture.server.settings import ServerSettings


def flags(form: type[ServerSettings] | None = None) -> list[click.Parameter]:
    """One flag for each setting that holds no secret, and that a flag can say."""
    from hotfixture.server.settings import ServerSettings, default_of, described

    made: list[click.Parameter] = []
    for setting in described(form or ServerSettings):
        kind = setting.metadata["kind"]
        if setting.metadata["secret"] or kind.nested:
            continue
        shown = kind.shown(default_of(setting))
        text = f"{setting.metadata['help'].replace('`', '')}{f'  [default: {shown}]' if shown else ''}"
        made.append(click.Option([f"--{setting.name.replace('_', '-')}"], metavar="VALUE", help=text))
    return made


_OWN: list[click.Parameter] = [
    click.Option(["--config"], metavar="FILE", help="Settings in YAML; flags and MOCKCRAFT_… variables win over them."),
    click.Option(["--make-token"], metavar="NAME", help="Print a new access token and its line for the token file."),
]


def _server(config: str | None, make_token: str | None, **given: str | None) -> None:
    """Serve invented values and seeding runs over HTTP.

    Every setting is a flag, a variable (MOCKCRAFT_PORT) and a key of the settings file (port:); a flag wins over the
    variable, the variable over the file. What may hold a password (store, rate_store, seed_targets, sentry_dsn) has no
    flag, because other users of the machine can read flags.
    """
    from hotfixture.server.settings import load

    if make_token:
        _make_token(make_token)
        return
    settings: ServerSettings = load(given, config=Path(config) if config else None)
    from hotfixture.server.run import serve

    serve(settings)


def _make_token(name: str) -> None:
    from hotfixture.server import tokens

    token, line = tokens.make(name)
    click.echo(f"token (shown once): {token}")
    click.echo(f"line of the token file: {line}")


server = click.Command(
    "server",
    params=[*_OWN, *flags()],
    callback=_server,
    help=_server.__doc__,
    short_help="Serve values and seeding runs over HTTP.",
)
