"""The commands `hfitd audit`: verify, export, head."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotfixture.cli import daemon, output

if TYPE_CHECKING:
    from hotfixture.server.gateway.audits.heads import HeadKey
    from hotfixture.server.gateway.settings import DaemonSettings


@click.group()
def audit() -> None:
    """Prove, export and sign the audit."""


def _key(settings: DaemonSettings) -> HeadKey:
    from hotfixture.server.gateway.audits.heads import HeadKey
    from hotfixture.server.gateway.seals import Seal

    return HeadKey(Seal.of(settings))


@audit.command()
@daemon.config_option
@click.option("--head", "heads", type=click.Path(path_type=Path), multiple=True, metavar="FILE",
              help="A head that was exported earlier (hfitd audit head); the chain must hold it.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def verify(config: Path | None, heads: tuple[Path, ...], *, as_json: bool) -> int:
    """Prove that no event was changed, removed, added or reordered; else exit with 4 and say where."""
    with daemon.state(config) as (settings, state, _):
        from hotfixture.server.gateway.audits import chain
        from hotfixture.server.gateway.audits import heads as heads_module

        found = chain.verify(state, _key(settings), heads=[heads_module.read(path) for path in heads])
    if as_json:
        import msgspec

        output.write_json(msgspec.to_builtins(found))
    elif found.whole:
        click.echo(f"whole: {found.events:,} events; signed heads: {found.heads:,}")
    for problem in () if as_json else found.problems:
        output.say(f"hfitd: {problem}")
    return 0 if found.whole else 4


@audit.command()
@daemon.config_option
@click.option("-o", "--output", "place", metavar="FILE", help="Where to; without it, standard output.")
@click.option("--after", type=click.IntRange(0), default=0, help="Only events behind this number.")
def export(config: Path | None, place: str | None, after: int) -> None:
    """Write all events as JSON lines, oldest first."""
    import msgspec

    encoder = msgspec.json.Encoder()
    with daemon.state(config) as (_, state, actor):
        from hotfixture.server.gateway import audit as audit_module
        from hotfixture.server.gateway.audits import chain

        audit_module.note(state, actor, "audit.exported", "audit", after=after)
        with output.binary_destination(place, private=True) as file:
            for event in chain.events(state, after=after):
                file.write(encoder.encode(event) + b"\n")


@audit.command()
@daemon.config_option
def head(config: Path | None) -> None:
    """Sign the chain as it stands, and print the head: keep it elsewhere, it shows any later cut."""
    import json
    from dataclasses import asdict

    with daemon.state(config) as (settings, state, _):
        from hotfixture.server.gateway.audits.heads import sign_newest

        found = sign_newest(state, _key(settings))
    if found is None:
        output.say("hfitd: nothing was audited yet")
        sys.exit(1)
    click.echo(json.dumps(asdict(found)))
