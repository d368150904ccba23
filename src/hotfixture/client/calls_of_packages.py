"""Calls about packages: requested, watched, listed, cancelled, downloaded; and the wait until one is ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import time
from typing import Any

from hotfixture.client import retries
from hotfixture.client.answers import problem
from hotfixture.client.calls import Call, body, path, query
from hotfixture.client.conversations import ask
from hotfixture.client.credentials import Credentials
from hotfixture.client.steps import Conversation, Pause
from hotfixture.errors import DatabaseError, HotFixtureError
from hotfixture.wire import Page
from hotfixture.wire.packages import ENDED, Form, PackageAsked, PackageTold

WAIT = 25.0
"""Seconds that the daemon may wait for news of a package before it answers."""
Watch = Callable[[PackageTold], None]


def request(
    template: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    revision: int = 0,
    form: Form = "auto",
    inserts: bool = False,
    fresh: bool = False,
) -> Call[PackageTold]:
    """A package of a template, queued; repeating the same call object asks for the same package."""
    from secrets import token_hex

    asked = PackageAsked(
        template=template, parameters=dict(parameters or {}), revision=revision, form=form, inserts=inserts, fresh=fresh
    )
    headers = {"Idempotency-Key": token_hex(16)}
    return Call(
        about=f"template {template}",
        method="POST",
        path="/api/packages",
        body=body(asked),
        headers=headers,
        returns=PackageTold,
        repeatable=True,
    )


def show(package: str, *, wait: float = 0.0, seen: str = "") -> Call[PackageTold]:
    """A package as it stands; with `wait`, once it differs from the version `seen`, or after so many seconds."""
    asked = query(wait=wait or None, seen=seen)
    return Call(
        about=f"package {package}",
        method="GET",
        path=path("api", "packages", package),
        query=asked,
        returns=PackageTold,
        wait=wait,
    )


def listed(
    *, state: str = "", template: str = "", owner: str = "", limit: int = 100, after: str = ""
) -> Call[Page[PackageTold]]:
    """Packages, the newest first."""
    asked = query(state=state, template=template, owner=owner, limit=limit, after=after)
    return Call(method="GET", path="/api/packages", query=asked, returns=Page[PackageTold])


def cancel(package: str) -> Call[PackageTold]:
    """Stop making a package, or remove one that is ready."""
    return Call(about=f"package {package}", method="DELETE", path=path("api", "packages", package), returns=PackageTold)


def manifest(package: str) -> Call[dict[str, Any]]:
    """The manifest of a package that is ready."""
    return Call(
        about=f"package {package}",
        method="GET",
        path=path("api", "packages", package, "manifest"),
        returns=dict[str, Any],
    )


def file(package: PackageTold) -> Call[None]:
    """The file of a package that is ready."""
    return Call(method="GET", path=path("api", "packages", package.id, "download"))


def made(asked: Call[PackageTold], credentials: Credentials, watch: Watch | None = None) -> Conversation[PackageTold]:
    """The package that a call asks for, once it is ready; `watch` is told each time it gets on.

    Raises HotFixtureError where it fails, is cancelled or has expired, with the problems that the daemon names;
    DatabaseError where the daemon has been away for more than `retries.PATIENCE` seconds.
    """
    told = yield from ask(asked, credentials)
    heard = time()
    while told.state not in ENDED:
        if watch:
            watch(told)
        try:
            told = yield from ask(show(told.id, wait=WAIT, seen=told.version), credentials)
            heard = time()
        except DatabaseError:  # the daemon may have been restarted; its packages go on
            if time() - heard > retries.PATIENCE:
                raise
            yield Pause(retries.PATIENT_PAUSE)
    if watch:
        watch(told)
    if told.state != "ready":
        raise failure(told)
    return told


def failure(told: PackageTold) -> HotFixtureError:
    """Why there is no file of a package."""
    listed = [problem(one.message, one.source, one.line, one.column, one.hint) for one in told.problems]
    if not listed:
        return HotFixtureError(f"the package of {told.template} is {told.state}", hint=f"Its id is {told.id}.")
    return HotFixtureError.of(listed)
