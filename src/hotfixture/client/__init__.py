"""The client of hfitd, typed: `Client` waits, `AsyncClient` is awaited; the command `hfit` stands on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotfixture.client.asynchronous import AsyncClient
    from hotfixture.client.client import Client

__all__ = ["AsyncClient", "Client"]
_PLACES = {"AsyncClient": "hotfixture.client.asynchronous", "Client": "hotfixture.client.client"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)
