"""What the daemon and its clients say to each other: one file a resource, read and written by both sides."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request says; a name that means nothing is refused."""


class Told(Struct, frozen=True, kw_only=True):
    """What an answer says; names that a newer daemon adds are passed over by an older client."""


class Page(Told, Generic[T], frozen=True, kw_only=True):
    """Some of a list; `next` is what `after=` takes for more, None at the end."""

    items: list[T]
    next: str | None = None


class Paging(Asked, frozen=True, kw_only=True):
    """Which part of a list."""

    limit: int = 100
    after: str = ""
