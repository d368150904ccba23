"""The fixtures of this folder."""

from __future__ import annotations

from tests.engines import anywhere

__all__ = ["anywhere"]
