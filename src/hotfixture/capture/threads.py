"""A session goes along into threads and pools: what a thread or a pool does for somebody, it does under their tape.

Tasks inherit by themselves, and so does what goes through `asyncio.to_thread`. A pool that was started before the
session carries the tape of whoever submits; what else runs in such threads is counted as seen elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from typing import Any

import wrapt

from hotfixture.capture import tapes
from hotfixture.capture.once import once

_MARK = "_hotfixture_attached"


@once
def install() -> None:
    """Patch `threading.Thread` and `ThreadPoolExecutor`; a second time does nothing."""
    wrapt.wrap_function_wrapper(threading.Thread, "start", _start)
    wrapt.wrap_function_wrapper(threading.Thread, "_bootstrap_inner", _run)
    wrapt.wrap_function_wrapper(futures.ThreadPoolExecutor, "submit", _submit)
    wrapt.wrap_function_wrapper(futures.ThreadPoolExecutor, "__init__", _begun)
    wrapt.wrap_function_wrapper(futures.Future, "add_done_callback", _submit)


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
    if args and tapes.attached() is not None:
        args = (carrying(args[0]), *args[1:])
    return original(*args, **kwargs)


def _begun(original: Any, _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What begins the threads of a pool is the work of whoever makes it."""
    if len(args) > 2:
        args = (*args[:2], carrying(args[2]), *args[3:])
    elif "initializer" in kwargs:
        kwargs = {**kwargs, "initializer": carrying(kwargs["initializer"])}
    return original(*args, **kwargs)


def carrying(work: Any) -> Any:
    """Work for another thread, with the tape and the call of this context; as it is where there is nothing to carry."""
    tape, call = tapes.attached(), tapes.parent.get()
    if tape is None or not callable(work):
        return work

    def carried(*args: Any, **kwargs: Any) -> Any:
        with tapes.carried(tape, call):
            return work(*args, **kwargs)

    return carried


def pulled(items: Iterable[Any]) -> Iterable[Any]:
    """The same items, each of which another thread pulls under the tape of this context."""
    return items if tapes.attached() is None or hasattr(items, "__len__") else _pulled(items, carrying(next))


def _pulled(items: Iterable[Any], pull: Callable[..., Any]) -> Iterator[Any]:
    end = object()
    left = iter(items)
    while (item := pull(left, end)) is not end:
        yield item
