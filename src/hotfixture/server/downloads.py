"""GET /api/download/{id}: the ZIP file of a job, whole or in ranges (RFC 9110, section 14)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from anyio import CancelScope, to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from hotfixture.errors import HotFixtureError
from hotfixture.server import queries
from hotfixture.server.front import Receive, Send
from hotfixture.server.jobs import Job
from hotfixture.server.logs import log
from hotfixture.server.problems import HTTPError
from hotfixture.server.seeding import Seeding
from hotfixture.server.settings import ServerSettings
from hotfixture.server.store import Store
from hotfixture.server.visit import Scope, Visit, visit_of

Ended = Callable[[int, bool], Awaitable[None]]
"""Told at the end of a download how many bytes went out, and whether they were the whole file."""


class Downloads:
    """The route of downloads."""

    def __init__(self, settings: ServerSettings, store: Store, seeding: Seeding) -> None:
        self._settings, self._store, self._seeding = settings, store, seeding

    async def one(self, request: Request) -> Response:
        """The file; 409 while the job is not done, 410 once it has expired."""
        queries.read(request.scope, ())
        job = await to_thread.run_sync(self._seeding.found, request)
        path = self._path(job)
        tag = f'"{job.sha256}"'
        if etag_matches(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers={"etag": tag})
        headers = {"etag": tag, "cache-control": "private, no-store", "accept-ranges": "bytes"}
        stat = await to_thread.run_sync(path.stat)
        ended = None
        if request.method == "GET":
            visit = visit_of(request.scope)
            facts = {"sha256": job.sha256, "size": job.size, "range": request.headers.get("range", "")[:100]}
            await to_thread.run_sync(lambda: self._seeding.witness.note(visit, "job.download", job.id, **facts))
            ended = self._ended(job, visit)
        return _File(path, f"{job.id}.zip", headers, stat=stat, ended=ended)

    def _path(self, job: Job) -> Path:
        if job.state == "expired" or (job.state == "done" and job.expires and self._store.now() > job.expires):
            raise HTTPError(410, "the file has expired; the same schema and seed make it again")
        if job.state != "done":
            raise HTTPError(409, f"the job is {job.state}; it has no file")
        if not job.file:
            raise HTTPError(409, "the job filled a database; it has no file")
        path = self._settings.folder / "jobs" / job.id / job.file
        if not path.exists():
            raise HTTPError(410, "the file is not in this server's data folder")
        return path

    def _ended(self, job: Job, visit: Visit) -> Ended:
        async def ended(sent: int, whole: bool) -> None:
            await to_thread.run_sync(self._note_end, job, visit, sent, whole)
            if whole and self._settings.remove_after_download:
                await to_thread.run_sync(self._store.downloaded, job.id)
                self._seeding.supervisor.wake(sweep=True)

        return ended

    def _note_end(self, job: Job, visit: Visit, sent: int, whole: bool) -> None:
        try:
            self._seeding.witness.note(visit, "job.downloaded", job.id, bytes=sent, whole=whole)
        except HotFixtureError as error:  # that it began is in the audit
            log().error("a download's end is not in the audit", job=job.id, problem=error.problems[0].message)


def etag_matches(header: str, tag: str) -> bool:
    """Whether an `If-None-Match` header names the tag."""
    return header.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in header.split(","))


class _File(FileResponse):
    """A file on its way, of which it is told how far it came."""

    def __init__(
        self,
        path: Path,
        name: str,
        headers: dict[str, str],
        *,
        stat: Any,
        ended: Ended | None,
    ) -> None:
        super().__init__(path, 200, headers, "application/zip", filename=name, stat_result=stat)
        self._size = stat.st_size
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, and tell its end, be it that the client left."""
        sent = status = 0

        async def counted(message: Any) -> None:
            nonlocal sent, status
            status = message.get("status", status)
            await send(message)
            sent += len(message.get("body", b""))

        try:
            await super().__call__(scope, receive, counted)
        finally:
            if self._ended:
                with CancelScope(shield=True):
                    await self._ended(sent if status in (200, 206) else 0, status == 200 and sent == self._size)
