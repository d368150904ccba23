"""Test data that behaves like production and exposes nobody."""

from __future__ import annotations

__version__ = "0.1.0"
