"""A package as it stands in the store, and as the API tells it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from hotfixture.wire.packages import ENDED, ManifestSummary, PackageTold, ProblemTold, RelationTold

BUSY = ("building", "scanned")
"""The states in which a worker holds the package."""


@dataclass(frozen=True, slots=True)
class Package:
    """One row; times are seconds since 1970."""

    id: str
    owner: str
    template: str
    revision: int
    digest: str
    """Of the revision's text."""
    asked: str
    """The digest of the whole request: what an idempotency key is bound to."""
    reuse: str
    wanted: Mapping[str, Any]
    """`parameters`, `form`, `inserts`, `today`, `team`, `address`, `keep`; `reused`, `name`, `warnings` where known."""
    providers: Sequence[str]
    idempotency: str = ""
    state: str = "queued"
    progress: Mapping[str, Any] = field(default_factory=dict)
    """`tables`: of each its name, rows, bytes and the rows expected."""
    created: float = 0.0
    begun: float | None = None
    """When the present attempt began."""
    started: float | None = None
    ended: float | None = None
    expires: float | None = None
    attempt: int = 0
    lease: str | None = None
    cancel: bool = False
    problems: Sequence[Mapping[str, Any]] = ()
    file: str | None = None
    size: int | None = None
    sha256: str | None = None

    @classmethod
    def of(cls, row: Any) -> Self:
        """Of a row, with or without its manifest."""
        wanted = json.loads(row["wanted"])
        return cls(
            id=row["id"], owner=row["owner"], template=row["template"], revision=row["revision"],
            digest=wanted["digest"], asked=row["digest"], reuse=row["reuse"], wanted=wanted,
            providers=json.loads(row["providers"]), idempotency=row["idempotency"] or "", state=row["state"],
            progress=json.loads(row["progress"]), created=row["created"], begun=row["begun"], started=row["started"],
            ended=row["ended"], expires=row["expires"], attempt=row["attempt"], lease=row["lease"],
            cancel=bool(row["cancel"]), problems=json.loads(row["problems"]), file=row["file"], size=row["size"],
            sha256=row["sha256"],
        )  # fmt: skip

    @property
    def version(self) -> str:
        """What changes with state and progress."""
        return version_of(self.state, self.attempt, self.cancel, json.dumps(self.progress))

    @property
    def name(self) -> str:
        """What the file is called when it is downloaded."""
        suffix = (self.file or "").partition(".")[2]
        return f"{self.template}.{suffix}"


def version_of(state: str, attempt: int, cancel: object, progress: str) -> str:
    """The version of a row: short, and another one after every change that somebody may wait for."""
    text = f"{state} {attempt} {bool(cancel)} {json.dumps(json.loads(progress))}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def told(package: Package, *, root: str = "", manifest: Mapping[str, Any] | None = None) -> PackageTold:
    """A package as the API tells it; `root` is the path below which a proxy shows the daemon."""
    tables = [RelationTold(**found) for found in package.progress.get("tables", ())]
    expected = [table.expected for table in tables]
    is_ready = package.state == "ready"
    return PackageTold(
        id=package.id,
        state=package.state,  # type: ignore[arg-type]  # the store holds no other
        cancelling=package.cancel and package.state not in ENDED,
        owner=package.owner,
        template=package.template,
        revision=package.revision,
        digest=package.digest,
        parameters=dict(package.wanted["parameters"]),
        form=package.wanted["form"],
        inserts=package.wanted["inserts"],
        created=moment(package.created) or "",
        started=moment(package.started),
        ended=moment(package.ended),
        expires=moment(package.expires) if package.file else None,
        attempt=package.attempt,
        rows=sum(table.rows for table in tables),
        bytes=sum(table.bytes for table in tables),
        expected=sum(rows or 0 for rows in expected) if tables and None not in expected else None,
        tables=tables,
        problems=[ProblemTold(**problem) for problem in package.problems],
        warnings=list(package.progress.get("warnings", ())),
        size=package.size,
        sha256=package.sha256,
        file=package.name if package.file else None,
        download=f"{root}/api/packages/{package.id}/download" if is_ready and package.file else None,
        reused=package.wanted.get("reused"),
        version=package.version,
        manifest=summary(manifest) if manifest else None,
    )


def summary(manifest: Mapping[str, Any]) -> ManifestSummary:
    """The gist of a manifest."""
    masks: dict[str, dict[str, str]] = {}
    for table in manifest["tables"]:
        if table["masks"]:
            masks.setdefault(table["table"], {}).update(table["masks"])
    return ManifestSummary(
        digest=manifest["template"]["sha256"],
        policy=manifest["policy"] or "",
        key=manifest["key"],
        snapshots={name: provider["snapshot"] for name, provider in manifest["providers"].items()},
        masks=masks,
        originals=manifest["scan"]["originals"],
        files=len(manifest["files"]),
    )


def moment(seconds: float | None) -> str | None:
    """ISO 8601 in UTC, to the millisecond."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
