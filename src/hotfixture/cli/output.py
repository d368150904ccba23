"""What all commands share: exit codes, one clear line for an error, tables and JSON.

Exit codes: 0 done · 1 could not be done · 2 what the user wrote is wrong · 3 refused by the rules · 4 a damaged package
· 70 a defect of ours · 129 the terminal went away · 130 interrupted · 141 the reader of the output went away
· 143 told to end. See `hotfixture.errors` for 1 to 4.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import IO, Any, TypeVar

import click

from hotfixture.errors import HotFixtureError, Problem
from hotfixture.files.plain import json_text

INTERNAL = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130  # 128 + SIGINT, as shells report it
BROKEN_PIPE = 141  # 128 + SIGPIPE

Command = TypeVar("Command", bound=Callable[..., Any])


def debug_option(command: Command) -> Command:
    """Adds `--debug` to a group; `run` accepts it anywhere on the command line."""
    text = "Show the whole traceback of an error."
    return click.option("--debug", is_flag=True, expose_value=False, help=text)(command)


def version_option(command: Command) -> Command:
    """Adds `--version`, without asking the installed metadata (which costs more than the answer)."""
    from hotfixture import __version__

    return click.version_option(__version__, message="%(prog)s %(version)s")(command)


def run(group: click.Command, argv: Sequence[str] | None = None) -> int:
    """The exit code of `group` on `argv` (default: the process's own arguments); no exception leaves it.

    A HotFixtureError becomes one line per problem on standard error and its own exit code; a wrong usage exits with 2.
    With `--debug`, wherever it stands before a `--`, every error shows its traceback as well.
    """
    arguments, debug = _take_debug(list(sys.argv[1:] if argv is None else argv))
    program = group.name or "hotfixture"
    try:
        with _told_to_end():
            return _invoke(group, arguments, program)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else bool(stop.code)
    except BrokenPipeError:
        return _reader_gone()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the last catch of a command: whatever it is, the user gets one line
        return _report(program, error, debug=debug)


@contextmanager
def _told_to_end() -> Iterator[None]:
    """A request to end (SIGTERM, a terminal that went away) ends by way of every clean-up, as an interrupt does.

    What is to be ignored (`nohup`) stays so. Only the main thread may have handlers; elsewhere nothing changes.
    """
    import signal

    before: dict[int, Any] = {}
    for number in (getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")):
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            with suppress(ValueError):  # not the main thread
                before[number] = signal.signal(number, _end)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _invoke(group: click.Command, arguments: list[str], program: str) -> int:
    """`group.main` without its own way of catching: it would answer a broken pipe with exit code 1."""
    variable = f"_{program.replace('-', '_').upper()}_COMPLETE"
    if variable in os.environ:
        from click.shell_completion import shell_complete

        return shell_complete(group, {}, program, variable, os.environ[variable])
    with group.make_context(program, arguments) as context:
        result = group.invoke(context)
    sys.stdout.flush()
    # A command that returns a number means an exit code; `None` is success.
    return result if isinstance(result, int) else 0


def say(message: str, *, file: IO[str] | None = None) -> None:
    """One line on standard error, so that standard output stays what was asked for."""
    click.echo(message, file=file, err=file is None)


def table(rows: Iterable[Sequence[object]], header: Sequence[str], *, file: IO[str] | None = None) -> None:
    """Rows under a header: aligned plain text, coloured where `file` (default: standard output) is a terminal."""
    stream = file or sys.stdout
    cells = [[str(cell) for cell in row] for row in rows]
    if stream.isatty():
        _rich_table(cells, header, stream)
    else:
        stream.writelines(line + "\n" for line in _aligned([list(header), *cells]))


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A function that moves a bar on standard error forward by so many; it does nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, Task
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many a second, over the last half minute."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.completed:,.0f} done, {task.speed or 0:,.0f}/s")

    columns = (*Progress.get_default_columns(), Rate())  # the last of the usual ones is the time that remains
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(label, total=total)
        yield lambda steps: bars.advance(bar, steps)


def counted(number: int, noun: str) -> str:
    """`1 table`, `2,000 tables`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def holding(references: int) -> str:
    """`1 reference holds`, `2 references hold`."""
    return f"{counted(references, 'reference')} {'holds' if references == 1 else 'hold'}"


def write_json(value: object, *, file: IO[str] | None = None) -> None:
    """`value` as indented JSON, and a line end."""
    (file or sys.stdout).write(json_text(value, indent=2) + "\n")


@contextmanager
def destination(path: str | None) -> Iterator[IO[str]]:
    """Where output goes, in UTF-8 with bare line feeds on every system: standard output, or the file at `path`.

    A file appears under its name only when it is complete. HotFixtureError where it cannot be written.
    """
    if path is None or path == "-":
        if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.isatty():
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        yield sys.stdout
        return
    with _aside(path) as aside, open(aside, "w", encoding="utf-8", newline="\n") as stream:  # noqa: PTH123 - pathlib costs 4 ms of a cold start
        yield stream


@contextmanager
def binary_destination(path: str | None, *, private: bool = False) -> Iterator[IO[bytes]]:
    """As `destination`, for bytes; a terminal gets none: a usage error says to name a file.

    A `private` file is the owner's alone.
    """
    if path is None or path == "-":
        if sys.stdout.isatty():
            raise click.UsageError("this form is no text for a terminal: name a file with -o, or redirect the output")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    opener = _open_privately if private else None
    with _aside(path) as aside, open(aside, "wb", opener=opener) as stream:
        yield stream


def _open_privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def _aside(path: str) -> Iterator[str]:
    """A name to write to that takes the place of `path` at the end; a pipe or a device is written as it stands."""
    whole = not os.path.lexists(path) or os.path.isfile(path)  # noqa: PTH113 - pathlib costs 4 ms of a cold start
    aside = f"{path}.part" if whole else path
    try:
        yield aside
        if whole:
            os.replace(aside, path)  # noqa: PTH105 - as above
    except OSError as error:
        raise HotFixtureError(f"cannot write {path}: {error.strerror}") from error
    finally:
        if whole:
            with suppress(OSError):
                os.remove(aside)  # noqa: PTH107 - as above


def _take_debug(arguments: list[str]) -> tuple[list[str], bool]:
    """`--debug` moved to the front, where the group knows it."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    if "--debug" not in arguments[:end]:
        return arguments, False
    rest = [argument for argument in arguments[:end] if argument != "--debug"]
    return ["--debug", *rest, *arguments[end:]], True


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What is said of a disk or device that takes no more."""


def _report(program: str, error: Exception, *, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, HotFixtureError):
        for problem in error.problems:
            say(f"{program}: {_line(problem)}")
        return error.exit_code
    if isinstance(error, OSError) and error.strerror and error.errno in _FULL:
        say(f"{program}: cannot write: {error.strerror}")
        return HotFixtureError.exit_code
    say(f"{program}: internal error: {type(error).__name__}; run with --debug to see where, and please report it")
    return INTERNAL


def _line(problem: Problem) -> str:
    place = f"{problem.where}: " if problem.where else ""
    hint = f". {problem.hint}" if problem.hint else ""
    return " ".join(f"{place}{problem.message}{hint}".split())


def _reader_gone() -> int:
    """Quietly: what Python would still flush at its end goes nowhere."""
    with suppress(OSError, ValueError):  # a stream without a file below it has nothing to silence
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE


def _aligned(rows: list[list[str]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _rich_table(rows: list[list[str]], header: Sequence[str], stream: IO[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        shown.add_column(name, overflow="fold")
    for row in rows:
        shown.add_row(*map(Text, row))
    Console(file=stream).print(shown)
