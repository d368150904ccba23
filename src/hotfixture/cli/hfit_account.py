"""`hfit config`, `login`, `logout`, `whoami`: which daemon, and who one is there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotfixture.cli import output
from hotfixture.cli.hfit_daemon import (
    ago,
    chosen,
    daemon_options,
    echo,
    json_option,
    opened,
    plain,
    table,
)

if TYPE_CHECKING:
    from hotfixture.client.profiles import Profile
    from hotfixture.wire.identity import Whoami


@click.command(short_help="Name a daemon, an account there and its key; or show what is configured.")
@click.argument("url", required=False)
@click.argument("account", required=False)
@click.argument("keyfile", required=False)
@click.option("--profile", "name", default="default", show_default=True, metavar="NAME", help="Under which name.")
@click.option("--default", is_flag=True, help="Use this daemon where a command names none.")
@click.option("--ca", type=click.Path(path_type=Path), metavar="FILE", help="Certificates to trust for it.")
@click.option("--keyring", is_flag=True, help="Keep its sessions in the system's keyring.")
@click.option("--insecure-http", is_flag=True, help="Speak plain http to another machine, token and all.")
@json_option
def config(
    url: str | None, account: str | None, keyfile: str | None, name: str, *, as_json: bool, **given: Any
) -> None:
    """Name a daemon, an account there and its key; or show what is configured.

    KEYFILE is a private SSH key, its public half (.pub) where an agent holds the rest, or a fingerprint (SHA256:…) of a
    key in the agent. Service tokens need neither account nor key.
    """
    from hotfixture.client import profiles

    if url is None:
        _show(as_json=as_json)
        return
    profile = _made(name, url, account, keyfile, **given)
    path = profiles.save(profile, default=given["default"])
    if as_json:
        output.write_json({"file": str(path), "profile": name})
    else:
        output.say(f"{path}: profile {name} is {profile.url}. Log in: hfit login" + _named(name, "default"))


def _named(name: str, default: str) -> str:
    return "" if name == default else f" --profile {name}"


def _made(name: str, url: str, account: str | None, keyfile: str | None, **given: Any) -> Profile:
    from hotfixture.client import origins, profiles
    from hotfixture.errors import InputError

    if not profiles.NAME.fullmatch(name):
        raise InputError(f"profile {name[:80]!r}: expected a name of letters, digits, _ and -")
    origin = origins.read(url, insecure_http=given["insecure_http"])
    ca = given["ca"]
    if account:
        from hotfixture.identity.challenges import account_of

        account = account_of(account)
    return profiles.Profile(
        name, origin.url, account or "", _key(keyfile), ca.expanduser().absolute() if ca else None,
        given["keyring"], given["insecure_http"],
    )  # fmt: skip


def _key(text: str | None) -> str:
    """The key's place, whole; InputError where nothing is there."""
    from hotfixture.identity import signers

    if not text or text.startswith("SHA256:"):
        return text or ""
    path = Path(text).expanduser().absolute()
    signers.public_of(path)  # raises where it cannot be read, or others may read it too
    return str(path)


def _show(*, as_json: bool) -> None:
    from hotfixture.client import profiles

    found = profiles.read()
    if as_json:
        output.write_json({"file": str(found.path), "default": found.default, "profiles": found.profiles})
        return
    if not found.profiles:
        output.say(f"{found.path}: no daemon is configured. Configure one: hfit config URL ACCOUNT KEYFILE")
        return
    rows = (
        (name, facts["url"], facts.get("account", ""), facts.get("key", ""), "default" * (name == found.default))
        for name, facts in found.profiles.items()
    )
    table(rows, ("profile", "url", "account", "key", ""))


@click.command(short_help="Log in with an SSH key, or with a service token.")
@click.option("--token", metavar="TOKEN", help="A service token in place of a key; - reads it from standard input.")
@daemon_options
def login(token: str | None, *, as_json: bool, **given: Any) -> None:
    """Log in with an SSH key, or with a service token.

    The key signs a challenge of the daemon: the one in the SSH agent, else the key file, whose passphrase is asked for.
    The session is kept for the user alone, and renewed by itself. With HFIT_TOKEN in the environment no login is
    needed: every command uses it, and nothing is kept.
    """
    from hotfixture.client.calls_of_identity import whoami as call

    profile = chosen(**given)
    with opened(**given) as client:
        if token is not None or profile.token:
            _log_in_by_token(client, profile, _token(token) if token is not None else profile.token)
        else:
            _log_in_by_key(client, profile)
        found = client.do(call())
    _tell(found, profile, as_json=as_json)


def _token(given: str) -> str:
    from hotfixture.identity.tokens import read

    return read(sys.stdin.readline() if given == "-" else given)


def _log_in_by_token(client: Any, profile: Profile, token: str) -> None:
    """The token is kept once the daemon has taken it."""
    from hotfixture.client import sessions
    from hotfixture.client.calls_of_identity import whoami as call
    from hotfixture.client.credentials import Session

    client.credentials.session, client.credentials.signer = Session(token), None
    found = client.do(call())
    sessions.save(profile, Session(token, profile.account or found.name))


def _log_in_by_key(client: Any, profile: Profile) -> None:
    from hotfixture.client import conversations, sessions
    from hotfixture.client.opening import signer
    from hotfixture.errors import InputError

    if not profile.account:
        raise InputError("no account is configured", hint="hfit config URL ACCOUNT KEYFILE, or set HFIT_ACCOUNT.")
    client.credentials.account = profile.account
    client.credentials.changed = lambda session: sessions.save(profile, session)
    by = signer(profile, _passphrase if sys.stdin.isatty() else None)
    client.carry(client.credentials.log_in(by, conversations.sent))


def _passphrase(question: str) -> str:
    from getpass import getpass

    return getpass(question)


@click.command(short_help="End the session.")
@daemon_options
def logout(*, as_json: bool, **given: Any) -> None:
    """End the session, at the daemon and on this machine.

    Until the next `hfit login` no command logs in by itself, although the key would answer.
    """
    from hotfixture.client import conversations, sessions

    profile = chosen(**given)
    sessions.shut(profile)
    with opened(**given) as client:
        known = client.credentials.session is not None and not profile.token
        if not profile.token:  # first here: the daemon may not answer
            sessions.end(profile)
        if known:
            client.carry(client.credentials.end(conversations.sent))
    if as_json:
        output.write_json({"url": profile.url, "done": "logged out" if known else "nobody was logged in"})
        return
    output.say(f"logged out of {profile.url}" if known else f"nobody was logged in at {profile.url}")
    if profile.token:
        output.say("HFIT_TOKEN is set: an administrator revokes it")


@click.command(short_help="Show whom the daemon takes one for.")
@daemon_options
def whoami(*, as_json: bool, **given: Any) -> None:
    """Show whom the daemon takes one for: name, roles, teams, and how long the session holds."""
    from hotfixture.client.calls_of_identity import whoami as call

    with opened(**given) as client:
        found = client.do(call())
        where = client.origin.url
    if as_json:
        output.write_json(plain(found) | {"url": where})
    else:
        echo(_line(found, where))


def _tell(found: Whoami, profile: Profile, *, as_json: bool) -> None:
    if as_json:
        output.write_json(plain(found) | {"url": profile.url})
    else:
        output.say(f"logged in: {_line(found, profile.url)}")


def _line(found: Whoami, where: str) -> str:
    facts = [f"{found.name} at {where}", ", ".join(found.roles) or "no role"]
    facts += [f"teams {', '.join(found.teams)}"] if found.teams else []
    facts += [f"templates {', '.join(found.templates)}"] if found.templates != ["*"] else []
    return "; ".join([*facts, f"until {ago(found.expires)}"])
