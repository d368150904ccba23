"""The commands of hfitd that begin things: init, check, serve, worker."""

from __future__ import annotations

from pathlib import Path

import click

from hotfixture.cli import daemon, output


@click.command(short_help="Make settings, policy, keys and store in a folder.")
@click.argument("folder", type=click.Path(path_type=Path), default=".")
def init(folder: Path) -> None:
    """Make settings, policy, keys and store in FOLDER (default: here).

    Nothing is made where any of it stands already. Keys are readable for you alone.
    """
    from hotfixture.server.run import check_installed

    check_installed("hfitd")
    from hotfixture.server.gateway.setup import SETTINGS
    from hotfixture.server.gateway.setup import init as make

    for path in make(folder):
        click.echo(path)
    output.say(
        f"next: name a provider in {folder / SETTINGS}, then\n"
        "  hfitd provider test NAME\n"
        "  hfitd classify NAME > masking.yaml\n"
        "  hfitd user add you@example.com --key ~/.ssh/id_ed25519.pub --role admin\n"
        "  hfitd serve"
    )


@click.command()
@daemon.config_option
@click.option("--offline", is_flag=True, help="Connect to no provider.")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def check(config: Path | None, *, offline: bool, as_json: bool) -> int:
    """Check settings, keys, policy, store, volumes and providers; every problem at once."""
    found = daemon.settings(config)
    from hotfixture.server.gateway.checking import problems
    from hotfixture.server.problems import described

    wrong = problems(found, providers=not offline)
    if as_json:
        output.write_json({"problems": [described(problem) for problem in wrong]})
    else:
        for problem in wrong:
            output.say(f"hfitd: {problem}")
        if not wrong:
            click.echo(f"nothing is wrong; providers: {len(found.providers)}, volumes: {len(found.volumes)}")
    return 2 if wrong else 0


def _serve(config: str | None, **given: str | None) -> None:
    """Serve packages to those who may have them.

    Every setting is a flag, a variable (HFITD_PORT) and a key of hfitd.yaml (port:); a flag wins over the variable, the
    variable over the file. What may hold a password has no flag, because other users of the machine can read flags.
    Listening beyond this machine without TLS is refused unless a proxy in front does it (--behind-proxy true).
    """
    found = daemon.settings(Path(config) if config else None, given)
    from hotfixture.server.gateway.run import serve as run

    run(found)


class _Serve(click.Command):
    """The command with one flag for each setting, made when its parameters are asked for: settings need imports."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The flags of all settings."""
        if len(self.params) == 1:
            from hotfixture.cli.mockcraft_server import flags
            from hotfixture.server.gateway.settings import DaemonSettings

            self.params += flags(DaemonSettings)
        return super().get_params(ctx)


serve = _Serve(
    "serve",
    params=[click.Option(["--config"], metavar="FILE", help="The daemon's settings; also HFITD_CONFIG.")],
    callback=_serve,
    help=_serve.__doc__,
    short_help="Serve packages to those who may have them.",
)


@click.command(short_help="Build packages beside a daemon that serves, without serving.")
@daemon.config_option
def worker(config: Path | None) -> None:
    """Build packages beside a daemon that serves, without serving: more machines, the same store and data folder."""
    found = daemon.settings(config)
    from hotfixture.server.gateway.packages import work

    work(found)
