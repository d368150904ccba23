"""The packages in the store: requested, leased, ended, expired; every deed in one transaction with its audit event."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import Actor, system
from hotfixture.server.gateway.packages.package import BUSY, Package
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import PACKAGES
from hotfixture.server.jobs import Outcome
from hotfixture.server.leases import Leases, Living, Told
from hotfixture.server.problems import described

_C = PACKAGES.c
_LEASES = Leases(PACKAGES, working=BUSY, finished="ready")
_SHOWN = [column for column in _C if column.name != "manifest"]
"""A manifest may be long, and lists do not show it."""


class Shelf:
    """What the routes, the crew and the workers do with packages. Safe in any thread."""

    def __init__(self, state: State) -> None:
        self.state = state

    @contextmanager
    def in_turn(self) -> Iterator[sa.Connection]:
        """A transaction that will append to the audit, and waits for its turn at once.

        Who asks, claims, cancels and ends takes the same locks in the same order then, and counts what nobody changes.
        """
        with self.state.change() as connection:
            self.state.chain(connection)
            yield connection

    # ---- what routes ask

    def same(self, connection: sa.Connection, owner: str, idempotency: str) -> Package | None:
        """What was asked for under an idempotency key."""
        if not idempotency:
            return None
        return self._one(connection, (_C.owner == owner) & (_C.idempotency == idempotency))

    def waiting(self, connection: sa.Connection, owner: str) -> int:
        """How many packages of an owner wait."""
        mine = (_C.owner == owner) & (_C.state == "queued")
        return int(connection.execute(sa.select(sa.func.count()).select_from(PACKAGES).where(mine)).scalar() or 0)

    def held(self, connection: sa.Connection, owner: str) -> int:
        """Bytes of the files of an owner."""
        mine = (_C.owner == owner) & (_C.state == "ready") & _C.file.is_not(None)
        return int(connection.execute(sa.select(sa.func.sum(_C.size)).where(mine)).scalar() or 0)

    def add(self, connection: sa.Connection, package: Package, **values: Any) -> None:
        """A new row."""
        row = {
            "id": package.id, "state": package.state, "owner": package.owner, "template": package.template,
            "revision": package.revision, "digest": package.asked, "reuse": package.reuse,
            "idempotency": package.idempotency or None, "wanted": json.dumps(package.wanted, ensure_ascii=False),
            "providers": json.dumps(package.providers), "created": self.state.now(),
        }  # fmt: skip
        connection.execute(PACKAGES.insert().values(**(row | values)))

    def alike(self, connection: sa.Connection, reuse: str, *, since: float, until: float) -> list[Package]:
        """Packages that are ready and the same, begun since a time and there until another; the newest first."""
        fit = (_C.reuse == reuse) & (_C.state == "ready") & _C.file.is_not(None)
        fit &= (_C.started >= since) & (_C.expires > until)
        query = sa.select(*_SHOWN).where(fit).order_by(_C.started.desc()).limit(5)
        return [Package.of(row) for row in connection.execute(query).mappings()]

    def add_ready(self, connection: sa.Connection, package: Package, source: Package, *, file: str) -> None:
        """A new row that says of another's file what that one's says; as old as that one is."""
        manifest = connection.execute(sa.select(_C.manifest).where(_C.id == source.id)).scalar()
        self.add(
            connection, package,
            started=source.started, begun=None, ended=self.state.now(), expires=source.expires, attempt=0,
            progress=json.dumps(source.progress, ensure_ascii=False), file=file, size=source.size,
            sha256=source.sha256, manifest=manifest,
        )  # fmt: skip

    def within(self, connection: sa.Connection, package_id: str) -> Package | None:
        """One package, in the caller's transaction."""
        return self._one(connection, _C.id == package_id)

    def get(self, package_id: str) -> Package | None:
        """One package."""
        with self.state.read() as connection:
            return self._one(connection, _C.id == package_id)

    def manifest(self, package_id: str) -> dict[str, Any]:
        """The manifest of a package that was once ready; empty otherwise."""
        with self.state.read() as connection:
            found = connection.execute(sa.select(_C.manifest).where(_C.id == package_id)).scalar()
        return dict(json.loads(found or "{}"))

    def _one(self, connection: sa.Connection, condition: sa.ColumnElement[bool]) -> Package | None:
        row = connection.execute(sa.select(*_SHOWN).where(condition)).mappings().first()
        return Package.of(row) if row else None

    def listed(self, condition: sa.ColumnElement[bool], *, most: int, after: str = "") -> list[Package]:
        """The newest first; those after the package `after`."""
        query = sa.select(*_SHOWN).where(condition).order_by(_C.created.desc(), _C.id).limit(most)
        with self.state.read() as connection:
            if after:
                last = connection.execute(sa.select(_C.created).where(_C.id == after)).scalar()
                if last is None:
                    return []
                query = query.where((_C.created < last) | ((_C.created == last) & (_C.id > after)))
            return [Package.of(row) for row in connection.execute(query).mappings()]

    def versions(self, ids: Collection[str]) -> list[Any]:
        """What versions are made of: id, state, attempt, cancel, progress."""
        query = sa.select(_C.id, _C.state, _C.attempt, _C.cancel, _C.progress).where(_C.id.in_(ids))
        with self.state.read() as connection:
            return list(connection.execute(query))

    def cancel(self, actor: Actor, package: Package) -> None:
        """Ask for the end of a package; the file of one that is ready goes with the next sweep.

        The audit says `package.cancel` where a worker is to stop, whose end is the `package.cancelled` then.
        """
        with self.in_turn() as connection:
            now = self.state.now()
            if package.state == "ready":
                gone = _C.id == package.id, _C.state == "ready"
                connection.execute(PACKAGES.update().where(*gone).values(expires=now - 1))
                kind = "package.removed"
            else:
                kind = "package.cancelled" if _LEASES.cancel(connection, package.id, now) else "package.cancel"
            audit.record(self.state, connection, actor, kind, package.id, template=package.template)

    # ---- what a crew does

    def claim(self, daemon: str, exports: Mapping[str, int]) -> Package | None:
        """The package to build next, now leased to `daemon`; None where none waits, or no provider has room.

        `exports` are the most packages that read each provider at once, over all daemons.
        """
        if not self.state.is_settled or not self._is_any_free():
            return None
        with self.in_turn() as connection:  # two daemons that choose at once would both take the last place
            now = self.state.now()
            chosen = _chosen(self._free(connection, now), self._busy(connection, now), exports)
            if chosen is None or not _LEASES.claim(connection, chosen, now, daemon=daemon, progress="{}"):
                return None
            found = self._one(connection, _C.id == chosen.id)
            assert found
            facts = {"owner": found.owner, "template": found.template, "attempt": found.attempt}
            audit.record(self.state, connection, system(), "package.begun", found.id, **facts)
            return found

    def _is_any_free(self) -> bool:
        with self.state.read() as connection:
            query = sa.select(_C.id).where(_LEASES.free(self.state.now())).limit(1)
            return connection.execute(query).first() is not None

    def _free(self, connection: sa.Connection, now: float) -> list[Any]:
        columns = _C.id, _C.attempt, _C.owner, _C.providers
        return list(connection.execute(sa.select(*columns).where(_LEASES.free(now)).order_by(_C.created, _C.id)))

    def _busy(self, connection: sa.Connection, now: float) -> _Load:
        at_work = _C.state.in_(BUSY) & (_C.lease_until >= now)
        rows = list(connection.execute(sa.select(_C.owner, _C.providers).where(at_work)))
        latest = sa.select(_C.owner, sa.func.max(_C.begun)).where(_C.begun.is_not(None)).group_by(_C.owner)
        begun = {row[0]: row[1] for row in connection.execute(latest)}
        return _Load(rows, begun)

    def hand_back(self, package: Package, *, counted: bool) -> bool:
        """It waits again."""
        with self.state.change() as connection:
            return _LEASES.hand_back(connection, package.id, package.lease, counted=counted)

    def living(self, ids: Iterable[str]) -> dict[str, Living]:
        """What is said of those of the packages that are known."""
        with self.state.read() as connection:
            return _LEASES.living(connection, ids)

    def expire(self, keep_records: float) -> list[str]:
        """Expire what is due, forget what is long over; the packages whose files may go."""
        with self.in_turn() as connection:
            now = self.state.now()
            rows = _LEASES.expire(connection, now, 100)
            _LEASES.forget(connection, now - keep_records)
            for row in rows:
                facts = {"owner": row["owner"], "template": row["template"]}
                audit.record(self.state, connection, system(), "package.expired", row["id"], **facts)
        return [row["id"] for row in rows]

    def counts(self) -> dict[str, int]:
        """Packages by state."""
        with self.state.read() as connection:
            return _LEASES.counts(connection)

    # ---- what the holder of a lease does

    def beat(self, package: Package, progress: Mapping[str, Any]) -> Told:
        """A sign of life with the progress."""
        with self.state.change() as connection:
            text = json.dumps(progress, ensure_ascii=False)
            return _LEASES.beat(connection, package.id, package.lease, self.state.now(), progress=text)

    def scanned(self, package: Package) -> Told:
        """No original was found in it."""
        with self.state.change() as connection:
            return _LEASES.beat(connection, package.id, package.lease, self.state.now(), state="scanned")

    def finish(
        self,
        package: Package,
        outcome: Outcome,
        *,
        keep: float = 0.0,
        progress: Mapping[str, Any] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> bool:
        """The end of a package, with its audit event; False where it is no longer this worker's."""
        problems = [described(problem) for problem in outcome.problems]
        values: dict[str, Any] = {"progress": json.dumps(progress, ensure_ascii=False)} if progress else {}
        if outcome.manifest is not None:
            values["manifest"] = json.dumps(outcome.manifest, ensure_ascii=False, default=str)
        with self.in_turn() as connection:
            now = self.state.now()
            if outcome.state == "ready" and self._is_cancelled(connection, package):
                outcome, problems = Outcome("cancelled", outcome.rows_done), []
            mine = _LEASES.end(
                connection, package.id, package.lease, now,
                state=outcome.state, expires=now + keep, file=outcome.file, size=outcome.size, sha256=outcome.sha256,
                problems=json.dumps(problems, ensure_ascii=False), **values,
            )  # fmt: skip
            if mine:
                self._note_end(connection, package, outcome, {**(facts or {}), "problems": problems})
            return mine

    def _is_cancelled(self, connection: sa.Connection, package: Package) -> bool:
        """Whether its cancellation was asked for; nobody can ask between this and the end of the transaction."""
        query = sa.select(_C.cancel).where(_LEASES.held(package.id, package.lease)).with_for_update()
        return bool(connection.execute(query).scalar())

    def _note_end(
        self, connection: sa.Connection, package: Package, outcome: Outcome, facts: Mapping[str, Any]
    ) -> None:
        kind = "package.built" if outcome.state == "ready" else f"package.{outcome.state}"
        known = {"owner": package.owner, "template": package.template, "revision": package.revision}
        said = {**known, **facts, "attempt": package.attempt}
        said["problems"] = [problem["message"][:500] for problem in facts["problems"][:10]]
        audit.record(self.state, connection, system(), kind, package.id, **said)


class _Load:
    """What is at work, by provider and owner."""

    def __init__(self, rows: Iterable[Any], begun: Mapping[str, float]) -> None:
        self.providers: Counter[str] = Counter()
        self.owners: Counter[str] = Counter()
        self.begun = begun
        for row in rows:
            self.owners[row.owner] += 1
            self.providers.update(json.loads(row.providers))


def _chosen(free: Iterable[Any], load: _Load, exports: Mapping[str, int]) -> Any:
    """The oldest package of the owner who has least at work, and among those of who was served longest ago.

    So nobody's twenty packages stand before somebody's first.
    """
    best: Any = None
    least: tuple[int, float] | None = None
    for row in free:
        names = json.loads(row.providers)
        if any(name in exports and load.providers[name] >= exports[name] for name in names):
            continue
        rank = load.owners[row.owner], load.begun.get(row.owner) or 0.0
        if least is None or rank < least:
            best, least = row, rank
    return best
