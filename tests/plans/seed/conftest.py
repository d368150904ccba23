"""The fixtures of this folder."""

from __future__ import annotations

from tests.engines import anywhere
from tests.plans.test_chinook import chinook

__all__ = ["anywhere", "chinook"]
