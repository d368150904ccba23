"""Record what services really answer, compare the mocks with it, and play it back.

::

    from hotfixture.capture import capture, wrap

    with capture("checkout") as session:                # everything under it is recorded
        ...
    client = wrap(any_client, service="billing")        # any Python object
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

_PLACES: Mapping[str, str] = {
    "capture": "hotfixture.capture.session",
    "replay": "hotfixture.capture.replay.playback",
}
"""Each public name is imported when it is first used."""
__all__ = ["capture", "replay"]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
