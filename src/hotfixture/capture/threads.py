"""A session goes along into threads and pools: what a thread or a pool does for somebody, it does under their tape.

Tasks inherit by themselves, and so does what goes through `asyncio.to_thread`. A pool that was started before the
session carries the tape of whoever submits; what else runs in such threads is counted as seen elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any

import wrapt

from hotfixture.capture import tapes

_MARK = "_hotfixture_attached"
_lock = threading.Lock()
_installed = False


def install() -> None:
    """Patch `threading.Thread` and `ThreadPoolExecutor.submit`; a second time does nothing."""
    global _installed  # noqa: PLW0603 - one process has one such patch
    with _lock:
        if _installed:
            return
        _installed = True
    wrapt.wrap_function_wrapper(threading.Thread, "start", _start)
    wrapt.wrap_function_wrapper(threading.Thread, "_bootstrap_inner", _run)
    wrapt.wrap_function_wrapper(futures.ThreadPoolExecutor, "submit", _submit)


def _start(original: Any, thread: threading.Thread, args: Any, kwargs: Any) -> Any:
    tape = tapes.attached()
    if tape is not None and not _of_pool(thread):
        thread.__dict__[_MARK] = tape, tapes.parent.get()
    return original(*args, **kwargs)


def _of_pool(thread: threading.Thread) -> bool:
    """Threads of a pool work for many: each piece of work brings its own tape."""
    target = getattr(thread, "_target", None)
    return getattr(target, "__module__", "") in {"concurrent.futures.thread", "multiprocessing.pool"}


def _run(original: Any, thread: threading.Thread, args: Any, kwargs: Any) -> Any:
    """In the new thread, before anything of the program runs there."""
    given = thread.__dict__.pop(_MARK, None)
    if given is not None:
        tapes.attach(given[0])
        tapes.parent.set(given[1])
    return original(*args, **kwargs)


def _submit(original: Any, _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    tape = tapes.attached()
    if tape is None or not args:
        return original(*args, **kwargs)
    work, *rest = args
    return original(_carrying(work, tape), *rest, **kwargs)


def _carrying(work: Callable[..., Any], tape: tapes.Attached) -> Callable[..., Any]:
    call = tapes.parent.get()

    def carried(*args: Any, **kwargs: Any) -> Any:
        with tapes.carried(tape, call):
            return work(*args, **kwargs)

    return carried
