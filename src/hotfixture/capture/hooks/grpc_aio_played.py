"""gRPC with asyncio from recordings: in the place of gRPC's core stands what it told when it was recorded."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def attach(tape: Any, given: dict[str, Any], arity: str, asked: dict[str, Any]) -> None:
    raise NotImplementedError


def install(module: ModuleType) -> None:
    """Patch"""
