"""The commands `hfitd user`, `hfitd team` and `hfitd token`: who the daemon knows, at its own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hotfixture.cli import daemon, output

_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
_KEY = click.option("--key", "keys", type=click.Path(path_type=Path), multiple=True, metavar="FILE",
                    help="A public key, OpenSSH or PEM; may be given several times.")  # fmt: skip
_ROLES = ("developer", "author", "approver", "admin")


def _keys(paths: tuple[Path, ...]) -> list[Any]:
    from hotfixture.errors import InputError, Where
    from hotfixture.identity import keys as keys_module

    found = []
    for path in paths:
        try:
            found.append(keys_module.read(path.expanduser().read_text(encoding="utf-8"), str(path)))
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise InputError(f"cannot be read: {reason}", where=Where(str(path))) from None
    return found


def _split(words: tuple[str, ...]) -> tuple[str, ...]:
    """`--team a,b --team c` as three."""
    return tuple(part.strip() for word in words for part in word.split(",") if part.strip())


def _shown(things: list[Any], columns: tuple[str, ...], *, as_json: bool) -> None:
    import msgspec

    plain = [msgspec.to_builtins(thing) for thing in things]
    if as_json:
        output.write_json(plain)
        return
    rows = [[_cell(one[name]) for name in columns] for one in plain]
    output.table(rows, [name.replace("_", " ") for name in columns])


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(inner["fingerprint"] if isinstance(inner, dict) else str(inner) for inner in value)
    return "" if value is None else str(value)


@click.group()
def user() -> None:
    """Users, their keys and roles."""


@user.command("add")
@click.argument("name")
@_KEY
@click.option("--role", "roles", multiple=True, metavar="ROLE", help=f"{', '.join(_ROLES)}; default: developer.")
@click.option("--team", "teams", multiple=True, metavar="TEAM", help="A team; one that is not there is made.")
@daemon.config_option
def add_user(
    name: str, keys: tuple[Path, ...], roles: tuple[str, ...], teams: tuple[str, ...], config: Path | None
) -> None:
    """Let NAME (an address) log in with a key."""
    with daemon.state(config) as (_, state, actor):
        from hotfixture.server.gateway.identity import accounts

        found = _keys(keys)
        made = accounts.add_user(
            state, actor, name, roles=_split(roles) or ("developer",), teams=_split(teams), keys=found
        )
    click.echo(f"{made}: {', '.join(key.fingerprint for key in found) or 'no key yet'}")


@user.command("list")
@_JSON
@daemon.config_option
def list_users(config: Path | None, *, as_json: bool) -> None:
    """All users, with their roles, teams and keys."""
    with daemon.state(config) as (_, state, _actor):
        from hotfixture.server.gateway.identity import accounts

        found = accounts.users(state, limit=1_000_000)
    _shown(found, ("name", "roles", "teams", "disabled", "keys"), as_json=as_json)


@user.command("change")
@click.argument("name")
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="The roles from now on.")
@click.option("--disable/--enable", "disabled", default=None, help="Whether the user can log in.")
@daemon.config_option
def change_user(name: str, roles: tuple[str, ...], config: Path | None, *, disabled: bool | None) -> None:
    """Give NAME other roles, or shut them out; sessions of a disabled user end at once."""
    if not roles and disabled is None:
        raise click.UsageError("nothing to change: say --role, --disable or --enable")
    with daemon.state(config) as (_, state, actor):
        from hotfixture.server.gateway.identity import accounts

        accounts.change_user(state, actor, name, roles=_split(roles) or None, disabled=disabled)


@user.command("remove")
@click.argument("name")
@daemon.config_option
def remove_user(name: str, config: Path | None) -> None:
    """Forget NAME, the keys and sessions; at once."""
    with daemon.state(config) as (_, state, actor):
        from hotfixture.server.gateway.identity import accounts

        accounts.remove_user(state, actor, name)


@user.command("add-key")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@daemon.config_option
def add_key(name: str, file: Path, config: Path | None) -> None:
    """One more public key for NAME."""
    with daemon.state(config) as (_, state, actor):
        from hotfixture.server.gateway.identity import accounts

        (key,) = _keys((file,))
        click.echo(accounts.add_key(state, actor, name, key).fingerprint)


@user.command("remove-key")
@click.argument("name")
@click.argument("fingerprint")
@daemon.config_option
def remove_key(name: str, fingerprint: str, config: Path | None) -> None:
    """Take a key from NAME; the sessions that it began end at once."""
    with daemon.state(config) as (_, state, actor):
        from hotfixture.server.gateway.identity import accounts

        accounts.remove_key(state, actor, name, fingerprint)


@click.group()
def team() -> None:
    """Teams and who is in them."""


@team.command("list")
@_JSON
@daemon.config_option
def list_teams(config: Path | None, *, as_json: bool) -> None:
    """All teams, with their members."""
    with daemon.state(config) as (_, state, _actor):
        import sqlalchemy as sa

        from hotfixture.server.gateway.tables import TEAMS
        from hotfixture.server.gateway.templates import teams

        with state.read() as connection:
            names = connection.execute(sa.select(TEAMS.c.name).order_by(TEAMS.c.name)).scalars().all()
            found = [teams.told(connection, str(name)) for name in names]
    _shown(found, ("name", "members", "templates"), as_json=as_json)


@team.command("add")
@click.argument("name")
@click.argument("accounts", nargs=-1)
@daemon.config_option
def add_team(name: str, accounts: tuple[str, ...], config: Path | None) -> None:
    """Make the team NAME where it is missing, and put ACCOUNTS into it."""
    with daemon.state(config) as (_, state, actor):
        from hotfixture.server.gateway.templates import teams

        teams.enter(state, actor, name, accounts)


@team.command("remove")
@click.argument("name")
@click.argument("accounts", nargs=-1)
@daemon.config_option
def remove_team(name: str, accounts: tuple[str, ...], config: Path | None) -> None:
    """Take ACCOUNTS out of the team NAME; without any, remove the team."""
    with daemon.state(config) as (_, state, actor):
        from hotfixture.server.gateway.templates import teams

        if accounts:
            teams.quit_by(state, actor, name, accounts)
        else:
            teams.delete(state, actor, name)


@click.group()
def token() -> None:
    """Service tokens for CI."""


@token.command("create")
@click.option("--for", "name", required=True, metavar="NAME", help="Whom it is for.")
@click.option(
    "--templates", multiple=True, metavar="GLOB", help="Templates it may ask for; default: all of its teams'."
)
@click.option(
    "--address", "addresses", multiple=True, metavar="NETWORK", help="Where it may come from; default: anywhere."
)
@click.option("--team", "teams", multiple=True, metavar="TEAM", help="Teams that it is in.")
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="developer (default), author.")
@click.option("--ttl", default="90d", show_default=True, help="How long it holds.")
@_JSON
@daemon.config_option
def create_token(config: Path | None, *, as_json: bool, **given: Any) -> None:
    """Make a token and print it: this once, only its hash is kept."""
    with daemon.state(config) as (_, state, actor):
        import msgspec

        from hotfixture.server.gateway.identity import service_tokens
        from hotfixture.wire.identity import ServiceTokenAsked

        asked = {name: list(_split(value)) if isinstance(value, tuple) else value for name, value in given.items()}
        said = {name: value for name, value in asked.items() if value}
        made = service_tokens.make(state, actor, msgspec.convert(said, ServiceTokenAsked))
    if as_json:
        output.write_json(msgspec.to_builtins(made))
    else:
        click.echo(made.token)
        output.say(f"{made.name}: holds until {made.expires}; it is shown this once")
    if not given["teams"] and not given["templates"]:
        output.say("warning: it can ask for no package: name --templates 'ci-*', or a --team")


@token.command("list")
@_JSON
@daemon.config_option
def list_tokens(config: Path | None, *, as_json: bool) -> None:
    """All tokens, without the tokens themselves."""
    with daemon.state(config) as (_, state, _actor):
        from hotfixture.server.gateway.identity import service_tokens

        found = service_tokens.listed(state, limit=1_000_000)
    _shown(found, ("name", "roles", "teams", "templates", "addresses", "expires", "last_used", "revoked"),
           as_json=as_json)  # fmt: skip


@token.command("revoke")
@click.argument("name")
@daemon.config_option
def revoke_token(name: str, config: Path | None) -> None:
    """End a token, by its name or id; at once."""
    with daemon.state(config) as (_, state, actor):
        from hotfixture.server.gateway.identity import service_tokens

        service_tokens.revoke(state, actor, name)
