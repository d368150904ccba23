"""Providers and volumes: what is there, masked previews, listings and downloads of files; opening them within limits."""

from __future__ import annotations

from hotfixture.server.gateway.operations import Operation

OPERATIONS: tuple[Operation, ...] = ()
