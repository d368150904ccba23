"""The commands `hfitd template`: approvals at the daemon's own machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotfixture.cli import daemon, output

if TYPE_CHECKING:
    from hotfixture.server.gateway.actors import Actor
    from hotfixture.server.gateway.gateway import Gateway
    from hotfixture.server.gateway.templates.revisions import Revision


@click.group()
def template() -> None:
    """Approve templates, or take an approval back."""


@contextmanager
def _gateway(config: Path | None) -> Iterator[tuple[Gateway, Actor]]:
    with daemon.state(config) as (settings, state, actor):
        from hotfixture.server.gateway.gateway import Gateway
        from hotfixture.server.metrics import Metrics

        yield Gateway(settings, state, Metrics()), actor


def _revision(gateway: Gateway, actor: Actor, name: str, number: int) -> Revision:
    from hotfixture.errors import InputError
    from hotfixture.server.gateway.templates import revisions
    from hotfixture.server.problems import HTTPError

    with gateway.state.read() as connection:
        try:
            found = revisions.find(connection, actor, name, "template.approve")
        except HTTPError as error:
            if error.status != 404:
                raise
            raise InputError(f"unknown template {name!r}", hint="See: hfitd template list") from None
        return revisions.revision(connection, found, number)


@template.command()
@click.argument("name")
@click.option("--revision", type=click.IntRange(1), help="Which revision; the newest unless said.")
@click.option("--ttl", default="", metavar="TIME", help="How long it holds; at most, and without it, approval_ttl.")
@click.option("--message", default="", help="Why.")
@click.option("--yes", is_flag=True, help="Approve without showing the plan and asking.")
@daemon.config_option
def approve(name: str, revision: int | None, config: Path | None, *, ttl: str, message: str, yes: bool) -> None:
    """Approve a template's revision: its text, the policy of now, and what it reads as it is now.

    Shows the plan first (SQL, masks, estimates), made with invented parameters, and asks.
    """
    from hotfixture.cli.hfit_approvals import show_plan

    seen = ""
    with _gateway(config) as (gateway, actor):
        from hotfixture.server.gateway.templates import approvals, planning, revisions, shown

        chosen = _revision(gateway, actor, name, revision or 0)
        output.say(f"{name}, revision {chosen.number} of {chosen.author}, digest {chosen.digest}")
        if not yes:
            with gateway.state.read() as connection:
                owned = revisions.find(connection, actor, name, "template.approve")
            with planning.planned(gateway, actor, owned, chosen, {}, inspects=True, invents=True) as made:
                plan = shown.told(made, chosen, approvals.look(gateway, actor, chosen, made.plan))
            show_plan(plan)
            seen = plan.seen
            click.confirm("Approve this?", abort=True, err=True)
        told = approvals.approve(
            gateway, actor, name, chosen.number, digest=chosen.digest, seen=seen, ttl=ttl, message=message
        )
    click.echo(f"{name}, revision {chosen.number}: {told.state} until {told.expires}")


@template.command()
@click.argument("name")
@click.option("--revision", type=click.IntRange(1), help="Which revision; the newest unless said.")
@click.option("--message", default="", help="Why.")
@daemon.config_option
def revoke(name: str, revision: int | None, config: Path | None, *, message: str) -> None:
    """Take an approval back: no package is made of that revision any more."""
    with _gateway(config) as (gateway, actor):
        from hotfixture.server.gateway.templates import approvals

        chosen = _revision(gateway, actor, name, revision or 0)
        approvals.revoke(gateway, actor, name, chosen.number, message=message)
    click.echo(f"{name}, revision {chosen.number}: not approved any more")


@template.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@daemon.config_option
def list_templates(config: Path | None, *, as_json: bool) -> None:
    """All templates, and whether each is approved."""
    with _gateway(config) as (gateway, actor):
        import msgspec

        from hotfixture.server.gateway.templates import telling
        from hotfixture.wire.templates import TemplateQuery

        found = []
        after = ""
        while True:
            page = telling.listed(gateway, actor, TemplateQuery(after=after))
            found += page.items
            if page.next is None:
                break
            after = page.next
    if as_json:
        output.write_json([msgspec.to_builtins(one) for one in found])
        return
    rows = [(one.name, one.team, one.owner, one.revision, one.approval.state) for one in found]
    output.table(rows, ("name", "team", "owner", "revision", "approval"))
