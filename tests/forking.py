"""Our commands as processes that are forked from one that has imported all they import already.

A command begun anew imports for half a second, a daemon for a second, and the suite begins hundreds. What is forked has
a process id, a folder, an environment, standard streams, signals and an exit code of its own, as if it had been begun
anew; only `/proc` still tells the arguments and the environment of the process that it came from. On Linux alone:
elsewhere, and where that matters, processes are begun anew.
"""

from __future__ import annotations

import atexit
import fcntl
import importlib
import io
import marshal
import multiprocessing.util
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import IO, Any, NoReturn

CAN_FORK = sys.platform == "linux"
COMMANDS = ("hfit", "hfitd", "mockcraft")
PREPARED = [
    *(f"hotfixture.cli.hfitd_{name}" for name in ("audit", "keys", "people", "sources", "start", "templates")),
    *(f"hotfixture.cli.hfit_{name}" for name in ("account", "approvals", "capture_kept", "capture_made", "packages")),
    *(f"hotfixture.cli.hfit_{name}" for name in ("capture_shown", "fetch", "local", "sources", "templates")),
    *(f"hotfixture.cli.{name}" for name in ("mockcraft_backup", "mockcraft_seed", "mockcraft_server", "shown")),
    *(f"hotfixture.plans.seed.{name}" for name in ("crew", "generated", "growth", "production", "unfill", "verify")),
    *(f"hotfixture.generators.{name}" for name in ("identifiers", "internet", "people")),
    *(f"hotfixture.databases.{name}" for name in ("drift", "postgresql", "sql_target", "sqlite", "target")),
    "hotfixture.capture.retention", "hotfixture.client.opening", "hotfixture.transforms.evidence",
    *(f"hotfixture.server.gateway.{name}" for name in ("app", "audits", "checking", "identity", "run", "setup")),
    *(f"hotfixture.server.gateway.{name}" for name in ("packages", "packages.building", "sources", "templates")),
    "hotfixture.server.app", "hotfixture.server.run", "adbc_driver_sqlite.dbapi", "pyarrow.parquet", "yaml",
    "anyio._backends._asyncio", "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite", "sqlite3",
    "uvicorn.lifespan.on", "uvicorn.loops.auto", "uvicorn.protocols.http.auto",
]  # fmt: skip
_MOST = 1 << 17
"""Bytes of a request."""
_NUMBER = 4
"""Bytes of a process id or an exit code."""


class Forked:
    """A process of ours; what subprocess.Popen knows of one, as far as tests ask."""

    def __init__(self, conversation: socket.socket) -> None:
        self._conversation = conversation
        told = conversation.recv(_NUMBER)
        if not told:
            raise RuntimeError("the process that forks has ended: a module that it imports cannot be imported")
        self.pid = int.from_bytes(told, signed=True)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""
        if self.returncode is None and select.select([self._conversation], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative where a signal ended it."""
        if self.returncode is None:
            if not select.select([self._conversation], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a forked command", timeout or 0.0)
            told = self._conversation.recv(_NUMBER)
            self.returncode = int.from_bytes(told, signed=True) if told else -signal.SIGKILL  # its watcher was killed
            self._conversation.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Nothing where it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """As `kill -9` does."""
        self.send_signal(signal.SIGKILL)


def begin(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, out: IO[Any], err: IO[Any]
) -> Forked:
    """`command`, whose first word is a name or path of one of ours, with nothing to read; it ends when we do."""
    conversation = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    conversation.connect(_origin())
    asked = ([str(word) for word in command], str(folder), dict(environment))
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device
        socket.send_fds(conversation, [marshal.dumps(asked)], [nothing.fileno(), out.fileno(), err.fileno()])
    return Forked(conversation)


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, timeout: float
) -> subprocess.CompletedProcess[str]:
    """What a command prints, and its exit code."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = begin(command, folder, environment, out=out, err=err)
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
        printed = []
        for file in (out, err):
            file.seek(0)
            printed.append(file.read().decode())
    return subprocess.CompletedProcess(list(command), code, *printed)


@cache
def stand_ins() -> Path:
    """A folder with a program for each of our commands that has the command forked and is it for whoever began it.

    It hands on its words, folder, environment, standard streams and the signals that ask it to end, and ends as the
    command does; the command is killed where it is.
    """
    folder = Path(_origin()).parent
    for name in COMMANDS:
        real = Path(sys.executable).parent / name
        program = folder / name
        program.write_text(f"#!{sys._base_executable} -ISE\n" + _STAND_IN.format(real=str(real), origin=_origin()))  # type: ignore[attr-defined]  # of CPython
        program.chmod(0o755)
    return folder


_STAND_IN = """\
import _signal, _socket, marshal, posix, sys  # no others: this is begun in the place of a process that costs nothing

conversation = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
conversation.connect({origin!r})
environment = {{name.decode(errors="surrogateescape"): value.decode(errors="surrogateescape")
               for name, value in posix.environ.items()}}
asked = marshal.dumps(([{real!r}, *sys.argv[1:]], posix.getcwd(), environment))
streams = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
conversation.sendmsg([asked], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
pid = int.from_bytes(conversation.recv(4), "big")
for number in (_signal.SIGHUP, _signal.SIGINT, _signal.SIGTERM):
    if _signal.getsignal(number) != _signal.SIG_IGN:
        _signal.signal(number, lambda number, frame: posix.kill(pid, number))
code = int.from_bytes(conversation.recv(4), "big", signed=True)
posix._exit(code if code >= 0 else 128 - code)
"""


@cache
def _origin() -> str:
    """The address of the process that forks, which is begun now and ends with this one."""
    folder = tempfile.TemporaryDirectory(prefix="hotfixture-origin-")
    address = f"{folder.name}/line"
    mine, theirs = socket.socketpair()
    with theirs, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(address)
        listening.listen(64)
        numbers = [listening.fileno(), theirs.fileno()]
        words = [sys.executable, "-c", "import sys; from tests.forking import serve; serve(*map(int, sys.argv[1:]))"]
        begun = subprocess.Popen(
            [*words, *map(str, numbers)], cwd=Path(__file__).parent.parent, pass_fds=numbers, stdin=subprocess.DEVNULL
        )
    atexit.register(_end, mine, begun, folder)
    return address


def _end(line: socket.socket, origin: subprocess.Popen[bytes], folder: tempfile.TemporaryDirectory[str]) -> None:
    line.close()
    origin.wait(30)
    folder.cleanup()


# ---- in the process that forks


def serve(listening: int, line: int) -> None:
    """Fork a process for each request, until nobody is at the other end of the line any more."""
    for name in PREPARED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the watchers
    door, owner = socket.socket(fileno=listening), socket.socket(fileno=line)
    while owner not in select.select([door, owner], [], [])[0]:
        conversation, _ = door.accept()
        if os.fork() == 0:
            door.close()
            owner.close()
            _watch(conversation)
        conversation.close()


def _watch(conversation: socket.socket) -> NoReturn:
    """Fork the process, tell its id, wait for it, tell its exit code; it is killed where nobody listens any more."""
    asked, streams, _, _ = socket.recv_fds(conversation, _MOST, 3)
    if not asked:
        os._exit(0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        conversation.close()
        _become(*marshal.loads(asked), streams)
    for one in streams:
        os.close(one)
    conversation.sendall(pid.to_bytes(_NUMBER, signed=True))
    over = os.pidfd_open(pid)
    if over not in select.select([over, conversation], [], [])[0]:
        os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        conversation.sendall(code.to_bytes(_NUMBER, signed=True))
    finally:
        os._exit(0)


def _become(words: list[str], folder: str, environment: dict[str, str], streams: list[int]) -> NoReturn:
    """Be the command."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = words
    sys.path = [place for place in sys.path if place not in ("", str(Path(__file__).parent.parent))]
    sys.modules["__main__"] = ModuleType("__main__")  # its own children are not to import this one
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(io.FileIO(0)))
    sys.stdout = sys.__stdout__ = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w")))
    errors = io.TextIOWrapper(io.BufferedWriter(io.FileIO(2, "w")), errors="backslashreplace", line_buffering=True)
    sys.stderr = sys.__stderr__ = errors
    if words[1:2] in (["serve"], ["server"], ["worker"]):
        _keep_a_fork_server()
    os._exit(_code_of(Path(sys.argv[0]).name))


def _keep_a_fork_server() -> None:
    """Have the fork server of `multiprocessing`, when it is asked for, be a fork that has waited for that.

    It is a child with the environment, the descriptors and the code that one begun anew would get; what that would
    import first, it has imported.
    """
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    waiting = [os.fork()]
    if waiting == [0]:
        mine.close()
        _become_a_fork_server(theirs)
    theirs.close()
    anew = multiprocessing.util.spawnv_passfds

    def begun(path: bytes, words: list[str], numbers: list[int]) -> int:
        if not waiting or "multiprocessing.forkserver" not in words[-1]:
            return anew(path, words, numbers)
        with mine:
            asked = (words[-1], dict(os.environ), str(Path.cwd()), numbers)
            socket.send_fds(mine, [marshal.dumps(asked)], numbers)
        return waiting.pop()

    multiprocessing.util.spawnv_passfds = begun


def _become_a_fork_server(line: socket.socket) -> NoReturn:
    """Wait until somebody asks, or nobody can any more."""
    asked, handed, _, _ = socket.recv_fds(line, _MOST, 8)
    line.close()
    if asked:
        code, environment, folder, numbers = marshal.loads(asked)
        aside = [fcntl.fcntl(one, fcntl.F_DUPFD, 200) for one in handed]
        for one in handed:
            os.close(one)
        for one, number in zip(aside, numbers, strict=True):
            os.dup2(one, number)
            os.close(one)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.argv = ["-c"]
        exec(code, {"__name__": "__main__"})
    os._exit(0)


def _code_of(name: str) -> int:
    """Run a command to its end, with all that Python does at the end of a process; its exit code."""
    try:
        importlib.import_module(f"hotfixture.cli.{name}").main()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:  # noqa: BLE001 - as Python itself does
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # Python calls it before what is to be done at exit
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code
