"""What all commands share: exit codes, error lines, tables, JSON."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time

import click
import pytest

from hotfixture import errors
from hotfixture.cli import output


def group_raising(error):
    @click.group(name="tool")
    @output.debug_option
    @output.version_option
    def tool():
        """A tool."""

    @tool.command()
    def work():
        """Works."""
        raise error

    return tool


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.HotFixtureError("it broke"), 1),
        (errors.InputError("it broke"), 2),
        (errors.OptionError("count", -1, "1 or more"), 2),
        (errors.MissingExtraError("it", "postgresql"), 2),
        (errors.DatabaseError("it broke"), 1),
        (errors.RefusedError("it broke"), 3),
        (errors.CapacityError("it broke"), 1),
        (errors.PackageError("it broke"), 4),
        (click.UsageError("it broke"), 2),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(32, "Broken pipe"), 141),
        (RuntimeError("row 17 of Jane"), 70),
    ],
)
def test_every_kind_of_failure_has_its_exit_code_and_no_traceback(error, code, capfd, monkeypatch, tmp_path):
    with (tmp_path / "output").open("w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)  # it is turned elsewhere when its reader goes away
        assert output.run(group_raising(error), ["work"]) == code
    assert "Traceback" not in capfd.readouterr().err


def test_an_error_is_one_line_with_its_hint_on_standard_error(capfd):
    error = errors.UnknownNameError("generator", "frist", ["first", "last"])
    output.run(group_raising(error), ["work"])
    shown = capfd.readouterr()
    assert shown.out == ""
    assert shown.err == "tool: unknown generator 'frist'. Did you mean first?\n"


def test_all_problems_are_said_one_a_line_with_their_places(capfd):
    problems = [
        errors.Problem("no table", errors.Where("a.yaml", 9, 2)),
        errors.Problem("bad", errors.Where("a.yaml", 3)),
    ]
    output.run(group_raising(errors.InputError.of(problems)), ["work"])
    assert capfd.readouterr().err == "tool: a.yaml:3: bad\ntool: a.yaml:9:2: no table\n"


def test_an_unexpected_exception_does_not_show_its_message(capfd):
    """It could hold a row value."""
    output.run(group_raising(RuntimeError("row 17 of Jane")), ["work"])
    shown = capfd.readouterr().err
    assert "Jane" not in shown
    assert "internal error" in shown
    assert "--debug" in shown


@pytest.mark.parametrize("argv", [["--debug", "work"], ["work", "--debug"]])
def test_debug_shows_the_traceback_wherever_it_stands(argv, capfd):
    assert output.run(group_raising(errors.RefusedError("no")), argv) == 3
    shown = capfd.readouterr().err
    assert "Traceback" in shown
    assert shown.endswith("tool: no\n")


def test_debug_after_two_dashes_is_an_ordinary_argument():
    assert output._take_debug(["work", "--", "--debug"]) == (["work", "--", "--debug"], False)


def test_a_command_without_error_exits_with_zero_and_a_returned_number_is_the_code():
    @click.group(name="tool")
    def tool():
        """A tool."""

    tool.command("fine")(lambda: None)
    tool.command("seven")(lambda: 7)
    assert output.run(tool, ["fine"]) == 0
    assert output.run(tool, ["seven"]) == 7


def test_version_and_help_exit_with_zero(capfd):
    assert output.run(group_raising(ValueError()), ["--version"]) == 0
    assert output.run(group_raising(ValueError()), ["--help"]) == 0
    assert "--debug" in capfd.readouterr().out


def test_a_table_that_is_no_terminal_is_aligned_plain_text():
    stream = io.StringIO()
    output.table([("a", 1), ("long", 22)], ["name", "n"], file=stream)
    assert stream.getvalue() == "name  n\na     1\nlong  22\n"


def test_a_table_on_a_terminal_shows_every_cell_and_reads_no_markup():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    output.table([("[red]x", "ж")], ["name", "value"], file=stream)
    assert "[red]x" in stream.getvalue()
    assert "ж" in stream.getvalue()


def test_the_module_imports_nothing_heavy():
    program = "import sys, hotfixture.cli.output; print([m for m in ('numpy', 'pyarrow', 'rich') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_progress_is_silent_where_nobody_watches(capfd):
    with output.progress("rows", 10) as advance:
        advance(10)
    assert capfd.readouterr() == ("", "")


def test_progress_shows_its_label_on_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with output.progress("rows", 10) as advance:
        advance(10)
    assert "rows" in sys.stderr.getvalue()


def test_completion_answers_the_shell(capfd, monkeypatch):
    monkeypatch.setenv("_TOOL_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "tool w")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert output.run(group_raising(ValueError()), []) == 0
    assert capfd.readouterr().out == "plain,work\n"


def test_a_bar_tells_how_many_are_done_and_how_many_a_second(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    shown = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(sys, "stderr", shown)
    with output.progress("seeding", 1000) as advance:
        for _ in range(4):
            advance(200)
            time.sleep(0.15)
    assert "800 done" in shown.getvalue()
    assert re.search(r"[1-9][0-9,]*/s", shown.getvalue())


def test_one_reference_holds_and_several_hold() -> None:
    assert output.holding(1) == "1 reference holds"
    assert [output.holding(number) for number in (0, 2000)] == ["0 references hold", "2,000 references hold"]
