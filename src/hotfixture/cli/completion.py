"""The command `completion` of every program: the script by which a shell completes its words, and what it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SHELLS = ("bash", "zsh", "fish")


@click.command(short_help="Print the script by which a shell completes commands.")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script by which a shell completes the words of this command; the shell reads it when it starts.

    \b
    bash, zsh   eval "$(COMMAND completion SHELL)", in ~/.bashrc, or in ~/.zshrc after compinit
    fish        COMMAND completion fish | source, in ~/.config/fish/config.fish
    """
    root = context.find_root()
    click.echo(script(root.command, shell).strip())


def script(group: click.Command, shell: str) -> str:
    """The script for one program and one of SHELLS."""
    from click.shell_completion import get_completion_class

    name = group.name or "hotfixture"
    found = get_completion_class(shell)
    assert found, shell
    # click's own `source()` also starts bash to learn its version, and speaks of it on standard error.
    made = found(group, {}, name, f"_{name.upper()}_COMPLETE")
    return made.source_template % made.source_vars()


def tables(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - click's signature
    """The tables of the schema that stands before on the line, with their sizes; nothing where it cannot be read."""
    from click.shell_completion import CompletionItem

    from hotfixture.errors import HotFixtureError
    from hotfixture.plans.seed import read

    place = context.params.get("schema") or context.params.get("config")
    try:
        found = read(place.expanduser()).tables if place else ()
    except (HotFixtureError, OSError):
        return []  # a person who is typing wants no error in the middle of the line
    return [
        CompletionItem(table.name, help=f"{table.count:,} rows") for table in found if table.name.startswith(incomplete)
    ]
