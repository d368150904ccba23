"""`hfitd check`: everything that would stop the daemon or a package, said at once and before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from hotfixture import settings as settings_module
from hotfixture.documents import read
from hotfixture.errors import HotFixtureError, Problem, UnsupportedError
from hotfixture.server.gateway.places import Provider
from hotfixture.server.gateway.run import check as check_listening
from hotfixture.server.gateway.seals import path_of
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.state import State


def problems(settings: DaemonSettings, *, providers: bool = True) -> list[Problem]:
    """What is wrong; `providers` are also connected to."""
    steps: list[Callable[[], object]] = [
        lambda: check_listening(settings),
        lambda: settings_module.read_key(path_of(settings), what="seal key", closed_to=0o077),
        lambda: _masking_key(settings.masking_key),
        lambda: _policy(settings.policy),
        lambda: State(settings.store, settings.folder).close(),
        *(
            partial(_of, f"volume {name}", partial(_volume, place.place, dict(place.options)))
            for name, place in settings.volumes.items()
        ),
    ]
    if providers:
        steps += [partial(_of, f"provider {name}", partial(_provider, one)) for name, one in settings.providers.items()]
    return [problem for step in steps for problem in _tried(step)]


def _tried(step: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        step()
    except HotFixtureError as error:
        return error.problems
    return ()


def _of(what: str, step: Callable[[], object]) -> None:
    """Its problems, told with what they are of."""
    try:
        step()
    except HotFixtureError as error:
        error.problems = tuple(one._replace(message=f"{what}: {one.message}") for one in error.problems)
        raise


def _masking_key(path: Path | None) -> None:
    if path is None:
        raise HotFixtureError("masking_key: no file is named", hint="hfitd init makes one.")
    settings_module.read_key(path, closed_to=0o077)


def _policy(path: Path | None) -> None:
    from hotfixture.transforms.policy import Policy

    if path is None:
        raise HotFixtureError("policy: no file is named: every package would be refused")
    Policy.read(read(path))


def _volume(place: str, options: dict[str, str]) -> None:
    from hotfixture.files.volumes import open_volume

    open_volume(place, options=options)


def _provider(provider: Provider) -> None:
    from hotfixture.databases import open_database

    with open_database(provider.resolved()) as database, database.snapshot():
        if not database.version:
            raise UnsupportedError("the server does not say its version")
