"""What the commands of hfitd share: the daemon's settings, its store, and who acts at its own command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hotfixture.errors import InputError, RefusedError

if TYPE_CHECKING:
    from hotfixture.server.gateway.actors import Actor
    from hotfixture.server.gateway.settings import DaemonSettings
    from hotfixture.server.gateway.state import State

Command = TypeVar("Command", bound=Callable[..., Any])
CONFIG = "hfitd.yaml"


def config_option(command: Command) -> Command:
    """Adds `--config`."""
    text = f"The daemon's settings; also HFITD_CONFIG. Without both, {CONFIG} of this folder."
    return click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help=text)(command)


def settings(config: Path | None, flags: dict[str, str | None] | None = None) -> DaemonSettings:
    """The daemon's settings; MissingExtraError where serving is not installed, InputError with all problems."""
    import os

    from hotfixture.server.run import check_installed

    check_installed("hfitd")
    from hotfixture.server.gateway.settings import DaemonSettings
    from hotfixture.server.settings import load

    here = Path(CONFIG)
    if config is None and "HFITD_CONFIG" not in os.environ and here.is_file():
        config = here
    found: DaemonSettings = load(flags, config=config, form=DaemonSettings)
    return found


@contextmanager
def state(config: Path | None) -> Iterator[tuple[DaemonSettings, State, Actor]]:
    """Settings and store, and the administrator who acts on them here."""
    import getpass

    found = settings(config)
    from hotfixture.server.gateway.actors import system
    from hotfixture.server.gateway.state import State
    from hotfixture.server.problems import HTTPError

    opened = State(found.store, found.folder)
    if found.rate_store:  # running daemons are told at once who lost a right
        from hotfixture.server.gateway.shared import Shared

        if shared := Shared.of(found, opened):
            opened.listeners.append(shared.tell)
    try:
        yield found, opened, system(f"local:{getpass.getuser()}")
    except HTTPError as error:  # what routes and commands share says it in their way
        kind = InputError if error.status in (400, 404, 422) else RefusedError
        raise kind.of(error.problems) from None
    finally:
        opened.close()
