"""What the daemon says of providers and volumes, and what is asked of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from hotfixture.wire import Asked, Told

Kind = Literal["file", "folder"]
Word = Annotated[str, Meta(max_length=1000)]
Fate = Literal["masked", "kept", "passed", "undecided", "unknown"]
"""What the policy makes of a column; `unknown` where the policy does not fit the database."""


class Listed(Struct, frozen=True, gc=False, omit_defaults=True):
    """One file or folder of a volume."""

    name: str
    """Below the volume, with `/`."""
    size: int
    """Bytes; 0 for a folder."""
    mtime: float
    """When it was last changed: seconds since 1970; 0 for a folder of object storage."""
    kind: Kind = "file"


class Unlisted(Struct, frozen=True, gc=False):
    """A place of a volume that could not be looked at, and why."""

    name: str
    problem: str


class ProviderTold(Told, frozen=True, kw_only=True):
    """A provider."""

    name: str
    reachable: bool
    engine: str | None = None
    """The dialect that it speaks; None where it cannot be reached, as with all that follows."""
    server: str | None = None
    version: str | None = None
    is_replica: bool | None = None
    lag: float | None = None
    """Seconds behind the database that it copies."""
    previews: bool
    """Whether masked rows may be looked at."""
    problem: str = ""


class ProviderTested(ProviderTold, frozen=True, kw_only=True):
    """A provider that was tried."""

    read_only: bool | None = None
    """Whether the server itself refuses writes in the daemon's sessions."""
    snapshot: str | None = None
    """The time of a consistent view, where one could be had."""
    account_writes: bool | None = None
    """Whether the account itself could write, if a session let it."""
    tables: int | None = None
    seconds: float
    """What the whole test took."""
    warnings: list[str]


class DatabaseTold(Told, frozen=True, kw_only=True):
    """A database of a provider's server, or a schema of the database that the provider reads."""

    name: str
    kind: Literal["database", "schema"]
    is_current: bool
    """Whether it is what the provider reads."""


class ColumnTold(Told, frozen=True, kw_only=True):
    """A column, and what the policy makes of it."""

    name: str
    type: str
    nullable: bool
    fate: Fate
    mask: Any = None
    """As a policy writes it."""
    suspected: str | None = None
    """The class of sensitive data that its name suggests."""


class TableTold(Told, frozen=True, kw_only=True):
    """A table; rows and bytes as the engine estimates them."""

    name: str
    kind: str
    rows: int
    bytes: int
    columns: list[ColumnTold]


class RowsAsked(Asked, frozen=True, kw_only=True):
    """How many rows of a preview."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class RowsTold(Told, frozen=True, kw_only=True):
    """Masked rows; values are texts, long ones cut."""

    table: str
    columns: list[str]
    rows: list[list[str | None]]
    masks: dict[str, Any]


class VolumeTold(Told, frozen=True, kw_only=True):
    """A volume."""

    name: str
    kind: Literal["folder", "s3", "gs", "az"]


class FilesAsked(Asked, frozen=True, kw_only=True):
    """Which files: words such as `name:*.log`, `mtime:7`, `size:>1024`, `sort:mtime:desc`, `limit:10`."""

    filter: list[Word] = field(default_factory=list)
    folder: Annotated[str, Meta(max_length=1024)] = ""


class FileAsked(Asked, frozen=True, kw_only=True):
    """Which file of a folder, where the path names one: the first by such words (`sort:mtime:desc`)."""

    filter: list[Word] = field(default_factory=list)
