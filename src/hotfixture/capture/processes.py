"""A tape goes along into the processes that `multiprocessing` starts, whatever the method: fork, spawn, forkserver.

A fork has all that its parent had. A process that is started anew is told by what multiprocessing itself tells it at
its start, through the same pipe: what it is told holds the key, so it never stands among arguments or in an
environment. Processes of a pool work for many: each piece of work brings the tape of whoever fed it, as with threads.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

import wrapt

from hotfixture.capture import leaving, tapes, threads
from hotfixture.capture.once import once

if TYPE_CHECKING:
    from hotfixture.capture.tapes import Tape

_KEY = "hotfixture"
_POOLS = frozenset({"concurrent.futures.process", "multiprocessing.pool"})
_JOIN = """
import sys
before = list(sys.path)
sys.path += [one for one in path if one not in before]
try:
    from hotfixture.capture.processes import join
    join(handed)
except Exception as error:
    print(f"hotfixture: a process is not followed: {type(error).__name__}", file=sys.stderr)
finally:
    sys.path[:] = before
"""
"""What a new process does before it has the paths of its parent; nothing of it may reach the program there."""
_joined: list[Tape] = []
"""The tape of another process that this one works for, if it does."""
_closed = ExitStack()
"""The network of this process, where it plays."""


@once
def install() -> None:
    """Patch threads and pools, and what of multiprocessing is imported or will be; a second time does nothing."""
    threads.install()
    for name in _PATCHES:
        if name in sys.modules:
            _patch(sys.modules[name])
        else:
            wrapt.register_post_import_hook(_patch, name)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before_fork, after_in_child=_in_child)


def _patch(module: ModuleType) -> None:
    for name, wrapper in _PATCHES[module.__name__].items():
        wrapt.wrap_function_wrapper(module, name, wrapper)


def _playbacks() -> list[Any]:
    return [tape for tape in tapes.opened if tape.playing]


def _before_fork() -> None:
    """What a playback has given is to be known on both sides."""
    for playback in _playbacks():
        try:
            playback.share()
        except Exception as error:  # noqa: BLE001 - the program under test goes on, whatever it is
            playback.trouble(error)


def _in_child() -> None:
    for playback in _playbacks():
        playback.forked()


# Processes that are started anew.


class _Joining:
    """Stands among what a new process is told; to read it is to join."""

    def __init__(self, handed: bytes) -> None:
        self._handed = handed

    def __reduce__(self) -> Any:
        return exec, (_JOIN, {"handed": self._handed, "path": [entry for entry in sys.path if entry]})


def _prepared(original: Any, _: Any, args: Any, kwargs: Any) -> Any:
    told = original(*args, **kwargs)
    if (handed := _handed()) is not None:
        told[_KEY] = _Joining(handed)
    return told


def _handed() -> bytes | None:
    """What another process needs to go on with the tape of this context; None where there is none, or where (and this
    is said) it cannot be handed on."""
    tape = tapes.peek()
    if tape is None:
        return None
    try:
        return pickle.dumps(tape.onward())
    except Exception as error:  # noqa: BLE001 - the program under test goes on, whatever it is
        tape.trouble(error)
        return None


def join(handed: bytes) -> None:
    """Everything that runs in this process runs under that tape."""
    tapes.everywhere(_tape(handed))


def _tape(handed: bytes) -> Tape:
    """The tape in this process: the one that is open, else it is opened, and the one before it is left: processes of a
    pool work for one at a time, and for many in their lives."""
    from hotfixture.capture import hooks

    hooks.install()
    install()
    onward = pickle.loads(handed)  # noqa: S301 - of the process that started this one, through its own pipe
    for one in tapes.opened:
        if one.place == onward.place:
            one.scope = onward.scope
            return one
    while _joined:
        _joined.pop().close()
    made: Any = onward.open()
    _joined.append(made)
    if made.playing:
        from hotfixture.capture.playing import blocking

        _closed.enter_context(blocking.closed(made.gate))
    return made  # type: ignore[no-any-return]  # a session or a playback, as it was handed on


def _run(original: Any, process: Any, args: Any, kwargs: Any) -> Any:
    """All that a process does which multiprocessing started, in that process."""
    if getattr(getattr(process, "_target", None), "__module__", "") in _POOLS:
        tapes.attach(None)
        tapes.everywhere(None)
    code = original(*args, **kwargs)
    return 1 if leaving.leave() else code


# Roads between processes of one program, which are no network.


def _aside(original: Any, _: Any, args: Any, kwargs: Any) -> Any:
    with tapes.paused():
        return original(*args, **kwargs)


def _connecting(original: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    """Managers talk through sockets of the file system; what has another address may be anywhere."""
    if args and isinstance(args[0], str):
        return _aside(original, instance, args, kwargs)
    return original(*args, **kwargs)


# Pools.


class Carried:
    """A piece of work for another process, with the tape of whoever fed it."""

    def __init__(self, work: Callable[..., Any], handed: bytes) -> None:
        self.work, self._handed = work, handed

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with _carrying(self._handed):
            return self.work(*args, **kwargs)

    def __repr__(self) -> str:
        return repr(self.work)


@contextmanager
def _carrying(handed: bytes) -> Iterator[None]:
    """Under that tape; when it is over, all that was recorded is written: the feeder may close its session then."""
    try:
        tape = _tape(handed)
    except Exception as error:  # noqa: BLE001 - the program under test goes on, whatever it is
        print(f"hotfixture: a process is not followed: {type(error).__name__}", file=sys.stderr)
        yield
        return
    with tapes.under(tape):
        try:
            yield
        finally:
            tape.settle()


def _carried(work: Any) -> Any:
    """Work to be fed to another process."""
    handed = _handed() if callable(work) else None
    return work if handed is None else Carried(work, handed)


def _submit(original: Any, _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if args:
        args = (_carried(args[0]), *args[1:])
    return original(*args, **kwargs)


def _initialised(original: Any, _: Any, args: Any, kwargs: Any) -> Any:
    """What begins the processes of an executor is the work of whoever makes it."""
    return original(*_changed(args, 2, _carried), **_named(kwargs, "initializer", _carried))


def _begun(original: Any, pool: Any, args: Any, kwargs: Any) -> Any:
    change = _change(pool)
    return original(*_changed(args, 1, change), **_named(kwargs, "initializer", change))


def _apply(original: Any, pool: Any, args: Any, kwargs: Any) -> Any:
    return _fed(original, pool, args, kwargs, (3, 4))


def _map(original: Any, pool: Any, args: Any, kwargs: Any) -> Any:
    return _fed(original, pool, args, kwargs, (4, 5))


def _fed(original: Any, pool: Any, args: Any, kwargs: Any, callbacks: tuple[int, int]) -> Any:
    """The work goes to the pool; what is called with its results is called in a thread of this process."""
    args, kwargs = _changed(args, 0, _change(pool)), _named(kwargs, "func", _change(pool))
    for position, name in zip(callbacks, ("callback", "error_callback"), strict=True):
        args, kwargs = _changed(args, position, threads.carrying), _named(kwargs, name, threads.carrying)
    return original(*args, **kwargs)


def _imap(original: Any, pool: Any, args: Any, kwargs: Any) -> Any:
    """What it is fed is pulled by a thread of the pool."""
    args, kwargs = _changed(args, 0, _change(pool)), _named(kwargs, "func", _change(pool))
    return original(*_changed(args, 1, threads.pulled), **_named(kwargs, "iterable", threads.pulled))


def _change(pool: Any) -> Callable[[Any], Any]:
    """What becomes of work for a pool of threads, or of processes."""
    return threads.carrying if isinstance(pool, sys.modules["multiprocessing.pool"].ThreadPool) else _carried


def _changed(args: tuple[Any, ...], position: int, change: Callable[[Any], Any]) -> tuple[Any, ...]:
    return tuple(change(one) if number == position else one for number, one in enumerate(args))


def _named(kwargs: dict[str, Any], name: str, change: Callable[[Any], Any]) -> dict[str, Any]:
    return {key: change(one) if key == name else one for key, one in kwargs.items()}


_PATCHES: dict[str, dict[str, Any]] = {
    "multiprocessing.spawn": {"get_preparation_data": _prepared},
    "multiprocessing.process": {"BaseProcess._bootstrap": _run},
    "multiprocessing.forkserver": {"connect_to_new_process": _aside},
    "multiprocessing.connection": {"SocketClient": _connecting},
    "concurrent.futures.process": {"ProcessPoolExecutor.submit": _submit, "ProcessPoolExecutor.__init__": _initialised},
    "multiprocessing.pool": {
        "Pool.__init__": _begun, "Pool.apply_async": _apply, "Pool._map_async": _map, "Pool.imap": _imap,
        "Pool.imap_unordered": _imap,
    },
}  # fmt: skip
"""What is patched, by module: nothing of it is imported before the program does."""
