"""The engines' own programs: found, run without a shell, their output streamed, their errors cleaned of values."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from secrets import token_hex
from typing import IO, Any

from hotfixture.errors import DatabaseError, HotFixtureError

Clean = Callable[[str], str]
"""Takes what a program wrote to standard error, gives what may be shown of it."""

_PIECE = 1 << 20


def scratch_name() -> str:
    """A name for a database of our own that nobody else has."""
    return f"hotfixture_scratch_{token_hex(6)}"


def found(names: Sequence[str], package: str) -> str:
    """The place of the first of the programs that is there: `HOTFIXTURE_PG_DUMP` names another place for `pg_dump`.

    HotFixtureError where none is installed; `package` says what to install.
    """
    variables = [f"HOTFIXTURE_{re.sub('[^A-Z]', '_', name.upper())}" for name in names]
    for name, variable in zip(names, variables, strict=True):
        place = os.environ.get(variable)
        if place and not shutil.which(place):
            raise HotFixtureError(f"{variable}={place}: there is no program {name}")
        if path := shutil.which(place or name):
            return path
    hint = f"Install {package}, or set {variables[0]} to its place."
    raise HotFixtureError(f"the program {' or '.join(names)} is not installed", hint=hint)


def version(path: str) -> str:
    """What the program says of its version, without its own name: `15.4 (Debian 15.4-1)`."""
    with _running([path, "--version"], {}, str.strip, stdout=subprocess.PIPE) as process:
        said = process.stdout.read().decode(errors="replace").strip()
    match = re.search(r"\d[\w.-]*(?: Distrib [\w.-]+)?", said)
    return match[0].rstrip(",") if match else said


def write_out(command: Sequence[str], environment: Mapping[str, str], sink: IO[bytes], clean: Clean) -> None:
    """Run a program and copy what it prints to `sink`; DatabaseError with its own words where it fails."""
    with _running(command, environment, clean, stdout=subprocess.PIPE) as process:
        shutil.copyfileobj(process.stdout, sink, _PIECE)


def read_in(commands: Sequence[Sequence[str]], environment: Mapping[str, str], source: IO[bytes], clean: Clean) -> None:
    """Give `source` to a program, what that prints to the next one; DatabaseError where one of them fails."""
    first, *rest = commands
    if not rest:
        with _running(first, environment, clean, stdin=subprocess.PIPE) as process:
            _feed(process, source)
        return
    (second,) = rest
    failed = None
    with _running(second, environment, clean, stdin=subprocess.PIPE) as receiver:
        try:
            with _running(first, environment, clean, stdin=subprocess.PIPE, stdout=receiver.stdin) as process:
                receiver.stdin.close()  # the first program's alone now: it ends where that ends
                _feed(process, source)
        except DatabaseError as error:  # perhaps only because the second has ended, which then says why
            failed = error
    if failed:
        raise failed


def _feed(process: Any, source: IO[bytes]) -> None:
    try:
        with process.stdin:
            shutil.copyfileobj(source, process.stdin, _PIECE)
    except BrokenPipeError:  # the program has ended early, and says itself why
        return


@contextmanager
def _running(command: Sequence[str], environment: Mapping[str, str], clean: Clean, **pipes: Any) -> Iterator[Any]:
    """The process; killed where its user fails, and an error where it fails itself."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stderr=errors, **pipes)  # noqa: S603 - a program found by its name, no shell
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            for pipe in (process.stdin, process.stdout):
                if pipe and not pipe.closed:
                    pipe.close()
            code = process.wait()
        if code:
            errors.seek(0)
            said = clean(errors.read(1 << 20).decode(errors="replace"))
            name = os.path.basename(command[0])  # noqa: PTH119 - a command, not a path to open
            raise DatabaseError(f"{name} failed ({code}): {said or 'without a word'}")
