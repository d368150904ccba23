"""Where recordings and playbacks reach into libraries: one module a library, patched when it is (or was) imported.

A hook replaces functions of a library by its own, which ask `tapes.current()` first and call the original where
there is no tape. It stays in place once installed: without a tape it costs one look.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

import wrapt

HOOKS: Mapping[str, str] = {
    "grpc._channel": "hotfixture.capture.hooks.grpc",
    "grpc.aio._call": "hotfixture.capture.hooks.grpc_aio",
    "aiohttp.connector": "hotfixture.capture.hooks.aiohttp",
    "http.client": "hotfixture.capture.hooks.http_client",
    "httpcore": "hotfixture.capture.hooks.httpcore",
    "httpcore2": "hotfixture.capture.hooks.httpcore",
    "urllib3.connection": "hotfixture.capture.hooks.urllib3",
    "urllib3.connectionpool": "hotfixture.capture.hooks.urllib3",
    "psycopg": "hotfixture.capture.hooks.psycopg",
    "pymysql": "hotfixture.capture.hooks.pymysql",
    "sqlite3": "hotfixture.capture.hooks.sqlite3",
}
"""A module that programs import -> the module here whose `install(module)` patches it."""
_installed: set[str] = set()


def install() -> None:
    """Patch what is imported, and what will be; a second time does nothing."""
    for name in HOOKS:
        if name in _installed:
            continue
        _installed.add(name)
        if name in sys.modules:
            _patch(sys.modules[name])
        else:
            wrapt.register_post_import_hook(_patch, name)


def _patch(module: ModuleType) -> None:
    hook = import_module(HOOKS[module.__name__])
    hook.install(module)
