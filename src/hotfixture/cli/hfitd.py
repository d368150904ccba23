"""The command `hfitd`: the daemon beside the production databases."""

from __future__ import annotations

import sys

import click

from hotfixture.cli import output


@click.group(name="hfitd", context_settings={"help_option_names": ["-h", "--help"]})
@output.version_option
@output.debug_option
def hfitd() -> None:
    """Stand beside production databases and serve approved, masked packages of them.

    This version has no daemon yet; `hfit run` applies a template to a database directly.
    """


def main() -> None:
    """The entry point of the command."""
    sys.exit(output.run(hfitd))
