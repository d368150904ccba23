"""A group whose commands stand in modules of their own, each imported when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import click

from hotfixture.cli import output

Later = Mapping[str, tuple[str, str]]
"""Commands by name: `module:attribute`, and the line that `--help` shows."""


class LazyGroup(click.Group):
    """A group with more commands than are imported."""

    def __init__(self, *args: Any, later: Later | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.later = dict(later or {})

    def list_commands(self, context: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted({*super().list_commands(context), *self.later})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of that name, imported now."""
        found = super().get_command(context, name)
        if found is None and name in self.later:
            module, _, attribute = self.later[name][0].partition(":")
            found = getattr(import_module(module), attribute)
            self.add_command(found, name)
        return found

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing those that come later."""
        rows = []
        for name in self.list_commands(context):
            known = self.commands.get(name)
            rows.append((name, known.get_short_help_str(100) if known else self.later[name][1]))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def program(name: str, later: Later) -> Callable[[Callable[..., Any]], LazyGroup]:
    """Makes a function the group that a shell knows by `name`, with the options that every program of ours has."""
    settings = {"help_option_names": ["-h", "--help"]}

    def made(function: Callable[..., Any]) -> LazyGroup:
        with_options = output.version_option(output.debug_option(function))
        return click.group(name=name, cls=LazyGroup, later=later, context_settings=settings)(with_options)

    return made
