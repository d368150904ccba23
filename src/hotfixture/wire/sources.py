"""What the daemon says of providers and volumes."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["file", "folder"]


class Listed(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One file or folder of a volume."""

    name: str
    """Below the volume, with `/`."""
    size: int
    """Bytes; 0 for a folder."""
    mtime: float
    """When it was last changed: seconds since 1970, UTC; 0 for a folder of object storage."""
    kind: Kind = "file"


class Unlisted(msgspec.Struct, frozen=True, gc=False):
    """A place of a volume that could not be looked at, and why."""

    name: str
    problem: str
