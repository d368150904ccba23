"""The command `hfitd key`: the keys that sign sessions."""

from __future__ import annotations

from pathlib import Path

import click

from hotfixture.cli import daemon, output


@click.group()
def key() -> None:
    """Replace the key that signs sessions."""


@key.command()
@click.option("--at-once", is_flag=True, help="The old keys are worth nothing any more: everybody logs in again.")
@daemon.config_option
def rotate(config: Path | None, *, at_once: bool) -> None:
    """Make a new signing key; print its id.

    It is published now and signs in ten minutes; the old one counts until its last session has expired. Where somebody
    may have seen the old one, say --at-once.
    """
    with daemon.state(config) as (settings, state, actor):
        from hotfixture.server.gateway.identity import signing
        from hotfixture.server.gateway.seals import Seal

        made = signing.rotate(state, Seal.of(settings), actor, longest=settings.session, at_once=at_once)
    click.echo(made)
    output.say("it signs from now on: every session has ended" if at_once else "it signs in ten minutes")
