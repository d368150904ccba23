"""Fresh processes beside the server: forked from one that has only imported what they need, where that is safe.

A process that is made anew imports for more than a second before it begins; a fork of the server itself would take
along its threads, connections and locks.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

_KIND = "forkserver" if sys.platform == "linux" else "spawn"
"""Libraries of macOS may not be used in a fork, and Windows knows none."""
_imported: list[str] = []


def prepare(module: str) -> None:
    """Have the processes that are made from now on import a module beforehand; nothing where one was made already."""
    if module not in _imported:
        _imported.append(module)
        multiprocessing.set_forkserver_preload(_imported)


def warm() -> None:
    """Begin to import now, so that the first process need not wait for it."""
    if _KIND == "forkserver":
        from multiprocessing import forkserver

        forkserver.ensure_running()


def process(target: Callable[..., None], args: tuple[Any, ...], *, name: str) -> BaseProcess:
    """A process that will call `target`, not started; it ends when this one does, and gets `args` through a pipe."""
    context: Any = multiprocessing.get_context(_KIND)
    made: BaseProcess = context.Process(target=target, args=args, name=name, daemon=True)
    return made
