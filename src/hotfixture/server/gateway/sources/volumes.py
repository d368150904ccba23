"""Volumes as they are configured, opened when somebody needs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, Literal

from hotfixture.files.volumes import Found, Volume, open_volume

if TYPE_CHECKING:
    from hotfixture.files.listing import Entry, Filter
    from hotfixture.server.gateway.places import Place
    from hotfixture.wire.sources import Listed

_KINDS: dict[str, Literal["folder", "s3", "gs", "az"]] = {
    "": "folder", "file": "folder", "s3": "s3", "gs": "gs", "gcs": "gs", "az": "az", "azure": "az", "abfs": "az",
    "abfss": "az",
}  # fmt: skip
_TRUE = frozenset({"true", "yes", "1", "on"})


def kind_of(place: Place) -> Literal["folder", "s3", "gs", "az"]:
    """Where its files are."""
    scheme, mark, _ = place.place.partition("://")
    return _KINDS.get(scheme.lower() if mark else "", "folder")


def opened(place: Place) -> Volume:
    """The volume; InputError or MissingExtraError where it cannot be used."""
    given: dict[str, Any] = place.resolved_options()
    if given.pop("allow_http", "").lower() in _TRUE:
        given["client_options"] = {"allow_http": True}
    return open_volume(place.place, options=given)


class OnUse(Volume):
    """A volume that is opened when it is first asked for something: one that nobody uses need not be there."""

    def __init__(self, place: Place) -> None:
        self._place = place

    @cached_property
    def _volume(self) -> Volume:
        return opened(self._place)

    def find(self, pattern: str) -> Iterator[Found]:
        """As the volume does."""
        return self._volume.find(pattern)

    def walk(self, folder: str, wanted: Filter) -> Iterator[list[Entry]]:
        """As the volume does."""
        return self._volume.walk(folder, wanted)

    def stat(self, name: str) -> Listed:
        """As the volume does."""
        return self._volume.stat(name)

    def read(self, name: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """As the volume does."""
        return self._volume.read(name, start=start, length=length)

    def write(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """As the volume does."""
        return self._volume.write(name)
