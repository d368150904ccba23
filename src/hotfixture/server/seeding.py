"""POST /api/seed and /api/jobs: seeding runs asked for, watched and cancelled."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from secrets import token_hex
from typing import Any

from anyio import CapacityLimiter, fail_after, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hotfixture.errors import InputError
from hotfixture.files.formats import FORMATS
from hotfixture.plans.seed.files import COMPRESSIONS, SQL
from hotfixture.server import jobs, problems, queries, uploads
from hotfixture.server.asked import SEEDS
from hotfixture.server.jobs import Job
from hotfixture.server.problems import HTTPError
from hotfixture.server.reading import Reading
from hotfixture.server.settings import ServerSettings
from hotfixture.server.store import Conflict, Full, Store, Written
from hotfixture.server.supervisor import Supervisor
from hotfixture.server.visit import Visit, root_of, visit_of
from hotfixture.server.witness import Witness

OF_FILES = ("format", "compress", "shards", "dialect")
PARAMETERS = (*OF_FILES, "seed", "target")
DIALECTS = ("postgresql", "mysql", "sqlite")
FORMS = (*FORMATS, SQL)
MOST_SHARDS = 1000
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_ID = re.compile(r"[0-9a-f]{32}")
_LISTED = 100


class Seeding:
    """The routes of jobs."""

    def __init__(
        self, settings: ServerSettings, store: Store, supervisor: Supervisor, witness: Witness | None = None
    ) -> None:
        self._settings, self._store, self.supervisor = settings, store, supervisor
        self.witness = witness or Witness()
        self._reading = Reading(settings.job_memory)
        self._one_by_one = CapacityLimiter(1)

    def close(self) -> None:
        """End the process that reads schemas."""
        self._reading.close()

    async def ask(self, request: Request) -> Response:
        """POST /api/seed: 202 and the job."""
        visit = visit_of(request.scope)
        wanted = self._wanted(request)
        key = request.headers.get("idempotency-key", "")
        if key and not _KEY.fullmatch(key):
            raise HTTPError(400, "Idempotency-Key: expected 1 … 200 visible ASCII characters")
        try:
            with fail_after(self._settings.request_timeout):
                text = await uploads.schema_text(request)
        except TimeoutError:
            raise HTTPError(408, "the body did not arrive in time") from None
        rows = await to_thread.run_sync(self._rows, text, wanted, limiter=self._one_by_one)
        digest = sha256(json.dumps([wanted, text], sort_keys=True).encode()).hexdigest()
        job = Job(token_hex(16), visit.owner, key, digest, text, wanted, rows)
        found, new = await to_thread.run_sync(self._add, job, visit)
        self.supervisor.wake()
        headers = {"location": f"{root_of(request.scope)}/api/jobs/{found.id}"} | (
            {} if new else {"idempotency-replayed": "true"}
        )
        return JSONResponse(jobs.described(found, root_of(request.scope)), 202, headers)

    def _wanted(self, request: Request) -> dict[str, Any]:
        given = queries.read(request.scope, PARAMETERS)
        target = given.get("target", "")
        if target and target not in self._settings.seed_targets:
            # The names of others are the administrator's own business.
            raise HTTPError(403, f"no target {target[:64]!r} is offered by this server")
        if target and set(given) & set(OF_FILES):
            raise InputError("target: a job fills a database or writes files, not both")
        return {
            "format": queries.choice(given, "format", "csv", FORMS),
            "compress": queries.choice(given, "compress", "", list(COMPRESSIONS)),
            "dialect": queries.choice(given, "dialect", "postgresql", DIALECTS),
            "shards": queries.integer(given, "shards", 1, 1, MOST_SHARDS),
            "seed": queries.integer(given, "seed", 0, *SEEDS) if "seed" in given else None,
            "target": target or None,
        }

    def _rows(self, text: str, wanted: dict[str, Any]) -> int:
        rows, found = self._reading.rows(text, wanted["seed"])
        if found:
            raise HTTPError(422, found)
        if rows > self._settings.max_rows:
            raise HTTPError(422, f"{rows:,} rows; a job of this server may have {self._settings.max_rows:,}")
        return rows

    def _add(self, job: Job, visit: Visit) -> tuple[Job, bool]:
        if self.supervisor.disk >= self._settings.disk:
            raise HTTPError(507, "the disk quota of this server is used up", {"retry-after": "600"})
        facts = {"rows": job.rows, "digest": job.digest, **job.wanted}
        written = self._written(visit, "job.requested", job.id, **facts)
        try:
            return self._store.add(job, most_queued=self._settings.max_queued, written=written)
        except Conflict:
            raise HTTPError(422, "this Idempotency-Key stands for another request") from None
        except Full:
            raise HTTPError(503, "as many jobs wait as may", {"retry-after": "10"}) from None

    async def one(self, request: Request) -> Response:
        """GET /api/jobs/{id}."""
        job = await self._found(request)
        headers = {"cache-control": "no-store"} | ({} if job.state in jobs.ENDED else {"retry-after": "1"})
        return JSONResponse(jobs.described(job, root_of(request.scope)), headers=headers)

    async def listed(self, request: Request) -> Response:
        """GET /api/jobs: the newest of whoever asks."""
        given = queries.read(request.scope, ("limit",))
        most = queries.integer(given, "limit", 20, 1, _LISTED)
        found = await to_thread.run_sync(lambda: self._store.listed(visit_of(request.scope).owner, most=most))
        return JSONResponse(
            {"jobs": [jobs.described(job, root_of(request.scope)) for job in found]}, headers=problems.NO_STORE
        )

    async def cancel(self, request: Request) -> Response:
        """DELETE /api/jobs/{id}: 202 while it stops, 200 where it has ended already."""
        found = await self._found(request)
        if found.state not in jobs.ENDED:
            found = await to_thread.run_sync(self._cancel, found, visit_of(request.scope))
        ended = found.state in jobs.ENDED
        return JSONResponse(jobs.described(found, root_of(request.scope)), 200 if ended else 202, problems.NO_STORE)

    def _cancel(self, job: Job, visit: Visit) -> Job:
        facts = {"target": job.wanted["target"]}
        at_once = self._written(visit, "job.cancelled", job.id, **facts)
        later = self._written(visit, "job.cancel", job.id, **facts)
        return self._store.cancel(job.id, at_once=at_once, later=later) or job

    def _written(self, visit: Visit, kind: str, job_id: str, **facts: object) -> Written:
        return lambda connection: self.witness.within(connection, visit, kind, job_id, **facts)

    async def _found(self, request: Request) -> Job:
        queries.read(request.scope, ())
        return await to_thread.run_sync(self.found, request)

    def found(self, request: Request) -> Job:
        """The job that a request names; HTTPError where there is none, or it is another's."""
        job_id = request.path_params["id"]
        job = self._store.get(job_id) if _ID.fullmatch(job_id) else None
        if job is None or job.owner != visit_of(request.scope).owner:
            raise HTTPError(404, "there is no such job")
        return job
