"""`hfit pkg-tmpl show`, `sample`, `approve`, `revoke`: what a template does, and who stands for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from hotfixture.cli import output
from hotfixture.cli.hfit import pairs
from hotfixture.cli.hfit_daemon import ago, daemon_options, echo, opened, plain, table
from hotfixture.cli.shown import size
from hotfixture.files.plain import plain_text

if TYPE_CHECKING:
    from hotfixture.wire.templates import (
        ApprovalTold,
        PlannedExportTold,
        PlannedTableTold,
        PlanTold,
        SampledTable,
        TemplateTold,
    )

PARAMETERS = click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...", callback=pairs)
REVISION = click.option("--revision", type=click.IntRange(1), help="This revision; by default the newest.")


@click.command(short_help="Show a template; with --debug what a package of it would be made of.")
@click.argument("name")
@PARAMETERS
@REVISION
@click.option("--text", "as_text", is_flag=True, help="Print its YAML and nothing else.")
@click.option("--debug", "debug", is_flag=True, help="Bound SQL, masks, lineage, estimates, approval.")
@daemon_options
@click.pass_context
def show(
    context: click.Context, /, name: str, parameters: dict[str, str], *, revision: int | None, as_text: bool,
    debug: bool, as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Show a template; with --debug what a package of it would be made of.

    Nothing of production is shown: parameters that are not given as NAME=VALUE are invented.
    """
    from hotfixture.client import calls_of_templates as calls

    # `--debug` is taken to the front of every command line of ours.
    asked = context.find_root().get_parameter_source("debug") is ParameterSource.COMMANDLINE
    with opened(**given) as client:
        if debug or asked or parameters:
            plan = client.do(calls.plan(name, parameters, revision=revision or 0))
            output.write_json(plain(plan)) if as_json else show_plan(plan)
            return
        found = client.do(calls.show(name, revision=revision or 0))
    if as_text:
        click.echo(found.text, nl=not found.text.endswith("\n"))
    elif as_json:
        output.write_json(plain(found))
    else:
        _show_template(found)


def _show_template(found: TemplateTold) -> None:
    echo(f"{found.name}  revision {found.revision} of {found.newest}, digest {found.digest[:12]}")
    if found.description:
        echo(f"  {found.description}")
    echo(f"  team {found.team}; made by {found.owner}; this revision by {found.author}, {ago(found.created)}")
    if found.shared:
        echo(f"  shared with {'everybody' if '*' in found.shared else ', '.join(found.shared)}")
    for line in _approval(found.approval):
        echo(f"  {line}")
    if found.served is not None and found.served != found.revision:
        echo(f"  packages are made of revision {found.served}")
    reads = [*found.providers, *found.volumes]
    echo(f"  reads {', '.join(reads) or 'nothing'}")
    if found.parameters:
        click.echo()
        rows = (
            (one.name, one.type, "required" if one.required else plain_text(one.default), one.description)
            for one in found.parameters
        )
        table(rows, ("parameter", "type", "default", "description"))


def _approval(approval: ApprovalTold) -> Iterator[str]:
    until = f", until {ago(approval.expires)}" if approval.expires else ""
    by = f" by {approval.approver}{until}" if approval.approver and approval.state == "approved" else ""
    yield {"off": "no approval is needed here"}.get(approval.state, f"{approval.state}{by}")
    for reason in approval.reasons:
        yield f"  {reason}"


def show_plan(plan: PlanTold) -> None:
    """What a package would be made of, for people."""
    echo(f"{plan.template}  revision {plan.revision}, digest {plan.digest[:12]}, masking key {plan.key}")
    for line in _approval(plan.approval):
        echo(f"  {line}")
    for name, value in plan.parameters.items():
        invented = "  (invented)" if name in plan.stand_ins else ""
        echo(f"  {name} = {plain_text(value)}{invented}")
    for name, server in plan.providers.items():
        echo(f"  {name}: {server}")
    for export in plan.exports:
        echo(f"\n{export.name}")
        for line in _export(export):
            echo(f"  {line}")
    echo(f"\nthis plan: {plan.seen}")
    for warning in plan.warnings:
        output.say(f"warning: {warning}")


def _export(export: PlannedExportTold) -> Iterator[str]:
    if export.sql:
        yield export.sql
    yield from export.steps
    if export.sample_rate is not None:
        yield f"a sample, {export.sample_rate:g} of these rows"
    if export.definitions:
        yield f"definitions of the tables above, {export.definitions}"
    yield from (f"also as {form}" for form in export.formats)
    yield from (f"{export.volume}:{path}" for path in export.paths)
    for planned in export.tables:
        yield from _table(planned)


def _table(planned: PlannedTableTold) -> Iterator[str]:
    estimate = "" if planned.rows is None else f"  about {planned.rows:,} rows, {size(planned.bytes or 0)}"
    yield f"{planned.table}{estimate}"
    for column in planned.columns:
        if column.mask:
            origin = f"  <- {', '.join(column.comes_from)}" if column.comes_from else ""
            yield f"  {column.name}: {column.mask}  ({column.why}){origin}"
    passing = [column.name for column in planned.columns if not column.mask]
    if passing:
        yield f"  as they are: {', '.join(passing)}"


@click.command(short_help="Show masked rows that a package would hold.")
@click.argument("name")
@PARAMETERS
@REVISION
@daemon_options
def sample(name: str, parameters: dict[str, str], *, revision: int | None, as_json: bool, **given: Any) -> None:
    """Show masked rows that a package would hold: made, masked and scanned as a package is. For approvers."""
    from hotfixture.client import calls_of_templates as calls

    with opened(**given) as client:
        found = client.do(calls.sample(name, parameters, revision=revision or 0))
    if as_json:
        output.write_json(plain(found))
        return
    for one in found.tables:
        _show_rows(one)


def _show_rows(sampled: SampledTable) -> None:
    echo(f"{sampled.table}{'  (first rows)' if sampled.more else ''}")
    table(([plain_text(value) for value in row] for row in sampled.rows), sampled.columns)
    click.echo()


@click.command(short_help="Approve a revision that somebody else wrote.")
@click.argument("name")
@PARAMETERS
@REVISION
@click.option("--digest", metavar="DIGEST", help="Only if the text still has this digest (or its beginning).")
@click.option("--seen", default="", metavar="PLAN", help="Only if the plan is still the one that was looked at.")
@click.option("--ttl", default="", metavar="TIME", help="How long it holds, as 30d; at most what the daemon allows.")
@click.option("-m", "--message", default="", metavar="TEXT", help="What was looked at.")
@daemon_options
def approve(
    name: str, parameters: dict[str, str], *, revision: int | None, digest: str | None, seen: str, ttl: str,
    message: str, as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Approve a revision that somebody else wrote.

    Look first: hfit pkg-tmpl show NAME --debug, and hfit pkg-tmpl sample NAME. The approval is of the text with this
    digest, under the policy and for the columns of now; --seen binds it to the plan that was shown.
    """
    from hotfixture.client import calls_of_templates as calls
    from hotfixture.errors import RefusedError
    from hotfixture.wire.templates import ApprovalAsked

    with opened(**given) as client:
        found = client.do(calls.show(name, revision=revision or 0))
        if digest and not found.digest.startswith(digest.lower()):
            raise RefusedError(f"{name}: revision {found.revision} has the digest {found.digest[:12]}, another one")
        wanted = ApprovalAsked(digest=found.digest, seen=seen, ttl=ttl, message=message, parameters=dict(parameters))
        told = client.do(calls.approve(name, found.revision, wanted))
    if as_json:
        output.write_json(plain(told))
    else:
        until = f" until {ago(told.expires)}" if told.expires else ""
        output.say(f"{name}: revision {found.revision} ({found.digest[:12]}) is {told.state}{until}")


@click.command(short_help="Take an approval back.")
@click.argument("name")
@REVISION
@click.option("-m", "--message", default="", metavar="TEXT", help="Why.")
@daemon_options
def revoke(name: str, *, revision: int | None, message: str, as_json: bool, **given: Any) -> None:
    """Take the approval of a revision back: no package is made of it any more."""
    from hotfixture.client import calls_of_templates as calls

    with opened(**given) as client:
        number = revision or client.do(calls.show(name)).revision
        client.do(calls.revoke(name, number, message=message))
    if as_json:
        output.write_json({"name": name, "revision": number, "done": "revoked"})
    else:
        output.say(f"{name}: revision {number} is approved no more")
