"""Providers and volumes as the daemon's settings name them; credentials stand elsewhere and are only referred to.

A reference is `env:NAME`, `file:/run/secrets/name` or `keyring:service/account`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from hotfixture.documents import Node, Reader
from hotfixture.errors import InputError, MissingExtraError, Where
from hotfixture.server import units
from hotfixture.server.kinds import Kind

_KINDS = ("env", "file", "keyring")
_LONGEST = 1 << 16
EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Provider:
    """A production database."""

    name: str
    url: str
    """A URL without password, or a reference to a whole one."""
    password: str = ""
    """A reference; empty where none is needed."""
    teams: tuple[str, ...] = ()
    """Teams that may read it; `*` is everybody. Nobody where empty."""
    connections: int = 4
    """Most connections of all daemons together."""
    exports: int = 2
    """Most packages that read it at once."""
    statement_timeout: float = 300.0
    wait: float = 30.0
    """Seconds a request waits for a free connection."""
    max_lag: float | None = None
    """Most seconds that a replica may be behind."""
    previews: bool = False
    """Whether masked rows may be looked at."""
    where: Where | None = field(default=None, compare=False)

    def resolved(self, environment: Mapping[str, str] | None = None) -> str:
        """The whole URL; InputError that names the reference (never what it holds) where it cannot be read."""
        url = _secret(self.url, self.where, environment) if _is_reference(self.url) else self.url
        if not self.password:
            return url
        parts = urlsplit(url)
        user, _, host = parts.netloc.rpartition("@")
        held = f"{user.partition(':')[0]}:{quote(_secret(self.password, self.where, environment), safe='')}@{host}"
        return urlunsplit(parts._replace(netloc=held))


@dataclass(frozen=True, slots=True)
class Place:
    """A volume: a folder or bucket that files are read from."""

    name: str
    place: str
    teams: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    """What the object store is told: endpoint, region, credentials by reference."""
    where: Where | None = field(default=None, compare=False)

    def resolved_options(self, environment: Mapping[str, str] | None = None) -> dict[str, str]:
        """The options, references replaced by what they refer to; InputError where one cannot be read."""
        return {
            name: _secret(value, self.where, environment) if _is_reference(value) else value
            for name, value in self.options.items()
        }


def granted(teams: tuple[str, ...], own: frozenset[str]) -> bool:
    """Whether somebody of the teams `own` may read what is granted to `teams`."""
    return EVERYBODY in teams or bool(own & set(teams))


def _is_reference(text: str) -> bool:
    kind, colon, rest = text.partition(":")
    return bool(colon) and kind in _KINDS and not rest.startswith("//")


def _secret(reference: str, where: Where | None, environment: Mapping[str, str] | None) -> str:
    kind, _, name = reference.partition(":")
    found: str | None
    if kind == "env":
        found = (os.environ if environment is None else environment).get(name)
    elif kind == "file":
        found = _file(name, where)
    else:
        found = _keyring(name)
    if not found:
        raise InputError(f"{reference}: nothing is there", where=where)
    return found


def _file(name: str, where: Where | None) -> str:
    try:
        with Path(name).expanduser().open("rb") as file:
            return file.read(_LONGEST).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"file:{name} cannot be read: {reason}", where=where) from None


def _keyring(name: str) -> str | None:
    try:
        import keyring
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"the reference keyring:{name}", "keyring") from error
    service, _, account = name.partition("/")
    found: str | None = keyring.get_password(service, account)
    return found


class _Providers(Kind):
    """`providers:` of the file."""

    def read(self, node: Node) -> Any:
        """By name; InputError with all problems."""
        reader = Reader()
        found = {name: _provider(reader, name, inner) for name, inner in reader.names(node, "providers").items()}
        reader.finish()
        return found


class _Volumes(Kind):
    """`volumes:` of the file."""

    def read(self, node: Node) -> Any:
        """By name; InputError with all problems."""
        reader = Reader()
        found = {name: _place(reader, name, inner) for name, inner in reader.names(node, "volumes").items()}
        reader.finish()
        return found


_PROVIDER = (
    "url", "password", "teams", "connections", "exports", "statement_timeout", "wait", "max_lag", "previews",
)  # fmt: skip


def _provider(reader: Reader, name: str, node: Node) -> Provider:
    what = f"provider {name}"
    fields = reader.mapping(node, what, _PROVIDER, required=("url",))
    url = reader.text(fields["url"], f"{what}: url") if "url" in fields else ""
    if "url" in fields and not _is_reference(url) and urlsplit(url).password:
        reader.problem(f"{what}: the URL holds a password", fields["url"].where, "Say password: env:NAME instead.")
    password = reader.text(fields["password"], f"{what}: password") if "password" in fields else ""
    if password and not _is_reference(password):
        reader.problem(f"{what}: password: expected env:NAME, file:PATH or keyring:SERVICE/ACCOUNT",
                       fields["password"].where)  # fmt: skip
    made: dict[str, Any] = {}
    for key in ("connections", "exports"):
        if key in fields:
            made[key] = reader.integer(fields[key], f"{what}: {key}", low=1, high=1000)
    for key in ("statement_timeout", "wait", "max_lag"):
        if key in fields:
            made[key] = _seconds(reader, fields[key], f"{what}: {key}")
    if "previews" in fields:
        made["previews"] = reader.boolean(fields["previews"], f"{what}: previews")
    if "teams" in fields:
        made["teams"] = tuple(reader.texts(fields["teams"], f"{what}: teams"))
    return Provider(name, url, password, where=node.where, **made)


def _place(reader: Reader, name: str, node: Node) -> Place:
    what = f"volume {name}"
    if isinstance(node.value, str):
        return Place(name, node.value, where=node.where)
    fields = reader.mapping(node, what, ("place", "teams", "options"), required=("place",))
    place = reader.text(fields["place"], f"{what}: place") if "place" in fields else ""
    teams = tuple(reader.texts(fields["teams"], f"{what}: teams")) if "teams" in fields else ()
    options = reader.names(fields["options"], f"{what}: options") if "options" in fields else {}
    return Place(name, place, teams, {key: inner.text for key, inner in options.items()}, node.where)


def _seconds(reader: Reader, node: Node, what: str) -> float:
    try:
        return units.seconds(node.text)
    except ValueError:
        reader.expected("a length of time such as 90s or 5m", node, what)
        return 0.0


PROVIDERS = _Providers("providers by name", str, lambda _: "", nested=True)
VOLUMES = _Volumes("volumes by name", str, lambda _: "", nested=True)
