"""The commands of hfitd about production: provider test, classify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotfixture.cli import daemon, output

if TYPE_CHECKING:
    from hotfixture.server.gateway.places import Provider
    from hotfixture.server.gateway.settings import DaemonSettings


@click.group()
def provider() -> None:
    """Try a provider: reachable, read-only, snapshot, version, lag."""


def _provider(settings: DaemonSettings, name: str) -> Provider:
    from hotfixture.errors import UnknownNameError

    found = settings.providers.get(name)
    if found is None:
        hint = "Name it under providers: in hfitd.yaml."
        raise UnknownNameError("provider", name, list(settings.providers), hint=hint)
    found.resolved()  # a password that is nowhere is said here with its place, and not to the log
    return found


@provider.command("test")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@daemon.config_option
def test_provider(name: str, config: Path | None, *, as_json: bool) -> int:
    """Connect to the provider NAME as packages would, and say what it allows."""
    import msgspec

    settings = daemon.settings(config)
    from hotfixture.server.gateway.sources import trying

    told = trying.test_provider(_provider(settings, name))
    if as_json:
        output.write_json(msgspec.to_builtins(told))
        return 0 if told.reachable else 1
    if not told.reachable:
        output.say(f"hfitd: {name}: {told.problem}")
        return 1
    lag = "no replica" if not told.is_replica else "lag unknown" if told.lag is None else f"{told.lag:.1f} s behind"
    facts = {
        "server": f"{told.server} {told.version}",
        "sessions are read-only": _spoken(told.read_only),
        "the account could write": _spoken(told.account_writes),
        "snapshot": told.snapshot or "none",
        "replica": lag,
        "tables": told.tables,
        "took": f"{told.seconds:.2f} s",
    }
    output.table(facts.items(), (name, ""))
    for warning in told.warnings:
        output.say(f"warning: {warning}")
    return 0


def _spoken(truth: bool | None) -> str:
    return {True: "yes", False: "no", None: "unknown"}[truth]


@provider.command("list")
@daemon.config_option
def list_providers(config: Path | None) -> None:
    """The providers that hfitd.yaml names, and their limits; connects to none."""
    settings = daemon.settings(config)
    rows = [
        (one.name, ", ".join(one.teams), one.connections, one.exports, "yes" if one.previews else "no")
        for one in settings.providers.values()
    ]
    output.table(rows, ("name", "teams", "connections", "exports", "previews"))


@click.command(short_help="Draft a masking policy from what a provider holds, with evidence.")
@click.argument("name")
@click.option("--names-only", is_flag=True, help="Suspect columns by their names, without looking at any row.")
@daemon.config_option
def classify(name: str, config: Path | None, *, names_only: bool) -> None:
    """Draft a masking policy from what the provider NAME holds: hfitd classify PROD > masking.yaml

    Every column is decided about or listed as undecided, with the evidence; a person edits it. No value of a row
    stands in it.
    """
    settings = daemon.settings(config)
    from hotfixture.server.gateway.sources import classifying

    click.echo(classifying.classify(_provider(settings, name), samples=not names_only), nl=False)
