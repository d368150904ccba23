"""Packages as the API says them: requested, built, downloaded. Times are ISO 8601, UTC."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import field

from hotfixture.wire import Asked, Paging, Told

PackageState = Literal["queued", "building", "scanned", "ready", "failed", "cancelled", "expired"]
ENDED: tuple[PackageState, ...] = ("ready", "failed", "cancelled", "expired")
"""States in which nothing more happens by itself, but that what is ready expires."""
Form = Literal["auto", "sql", "tar.gz", "tar.zst", "zip"]
"""`auto` is a script where the package holds one and nothing else, `tar.gz` otherwise."""


class PackageAsked(Asked, frozen=True, kw_only=True):
    """A request for a package of a template."""

    template: str
    parameters: dict[str, Any] = field(default_factory=dict)
    """By name; words as on a command line, or values."""
    revision: int = 0
    """0 is the one that packages are made of now: the newest that is approved."""
    form: Form = "auto"
    inserts: bool = False
    """Scripts of plain INSERT statements, whatever quicker form the engine has."""
    fresh: bool = False
    """Never answered by a package that exists, whatever the template's `cache` says."""


class RelationTold(Told, frozen=True, kw_only=True):
    """Rows of one table in a package."""

    table: str
    rows: int
    """Written so far."""
    bytes: int
    expected: int | None = None
    """The engine's estimate of rows."""


class ProblemTold(Told, frozen=True, kw_only=True):
    """One thing that is wrong, and what to do."""

    message: str
    source: str = ""
    line: int | None = None
    column: int | None = None
    hint: str = ""


class ManifestSummary(Told, frozen=True, kw_only=True):
    """What a finished package is made of; its manifest says it all."""

    digest: str
    """Of the template's text."""
    policy: str
    key: str
    """The identifier of the masking key."""
    snapshots: dict[str, str | None]
    """By provider: the moment whose rows these are."""
    masks: dict[str, dict[str, str]]
    """By table and column."""
    originals: int
    """Original values that the finished package was searched for; none was found."""
    files: int


class PackageTold(Told, frozen=True, kw_only=True):
    """A package on its way, or what became of it."""

    id: str
    state: PackageState
    cancelling: bool
    """Its cancellation was asked for, and its worker has not stopped yet."""
    owner: str
    template: str
    revision: int
    digest: str
    """Of the revision's text."""
    parameters: dict[str, Any]
    """As given."""
    form: Form
    inserts: bool
    created: str
    started: str | None
    ended: str | None
    expires: str | None
    """When its file is removed."""
    attempt: int
    rows: int
    bytes: int
    expected: int | None
    """Rows of all tables, by the engines' estimates."""
    tables: list[RelationTold]
    problems: list[ProblemTold]
    warnings: list[str]
    size: int | None
    """Bytes of the file, as for `sha256` and `file`."""
    sha256: str | None
    file: str | None
    """What the file is called when it is downloaded."""
    download: str | None
    """The path of the download, once it is ready."""
    reused: str | None
    """The id of the package that had all this already."""
    version: str
    """Changes with state and progress; given as `seen`, only a change is waited for."""
    manifest: ManifestSummary | None = None
    """Of a single package that is ready."""


class PackageQuery(Asked, frozen=True, kw_only=True):
    """How to look at a package."""

    wait: float = 0.0
    """Seconds to wait for a change of state or progress, at most 30."""
    seen: str = ""
    """The `version` that is known already."""


class PackagesQuery(Paging, frozen=True, kw_only=True):
    """Which packages to list."""

    state: PackageState | Literal[""] = ""
    template: str = ""
    owner: str = ""
    """One's own where empty; an administrator may name somebody, or `*` for everybody."""
