"""The help of hfit and hfitd is what is committed: a change of a command line is seen in review, not by users."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pytest

from hotfixture.cli import output
from hotfixture.cli.hfit import hfit
from hotfixture.cli.hfitd import hfitd

GOLDEN = Path(__file__).parent / "golden"
GROUPS = {"hfit": hfit, "hfitd": hfitd}
COMMANDS = [
    (name, command) for name, group in GROUPS.items() for command in ("", *group.list_commands(click.Context(group)))
]


def file_of(group: str, command: str) -> Path:
    """Where the help of a command is committed."""
    return GOLDEN / f"{group}{'_' if command else ''}{command}.txt"


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")  # lines end at 80 in any terminal that is not narrower


@pytest.mark.parametrize(("group", "command"), COMMANDS)
def test_the_help_is_the_committed_one(group: str, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Set HFIT_WRITE_GOLDEN=1 to write it anew."""
    assert output.run(GROUPS[group], [*filter(None, [command]), "--help"]) == 0
    shown = capsys.readouterr().out
    if os.environ.get("HFIT_WRITE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        file_of(group, command).write_text(shown, encoding="utf-8", newline="\n")
    assert shown == file_of(group, command).read_text(encoding="utf-8")


def test_no_help_is_kept_of_a_command_that_has_gone() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {file_of(*command).name for command in COMMANDS}


@pytest.mark.parametrize("name", ["-h", "--help"])
@pytest.mark.parametrize("group", GROUPS)
def test_help_is_given_under_both_its_names(group: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert output.run(GROUPS[group], [name]) == 0
    assert capsys.readouterr().out == file_of(group, "").read_text(encoding="utf-8")


@pytest.mark.parametrize("group", GROUPS)
def test_the_version_is_the_package_s(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    import hotfixture

    assert output.run(GROUPS[group], ["--version"]) == 0
    assert capsys.readouterr().out == f"{group} {hotfixture.__version__}\n"


def test_every_option_and_command_has_a_help_text() -> None:
    found = [GROUPS[name].get_command(click.Context(GROUPS[name]), command) for name, command in COMMANDS if command]
    assert all(found)
    bare = [
        f"{command.name} {parameter.opts[0]}"
        for command in (*GROUPS.values(), *filter(None, found))
        for parameter in command.params
        if parameter.param_type_name == "option" and not getattr(parameter, "help", None)
    ]
    assert bare == []
    assert all(command.help for command in filter(None, found))
