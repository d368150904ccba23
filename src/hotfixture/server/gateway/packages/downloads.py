"""The file of a package, whole or in a range (RFC 9110, section 14), with its digest (RFC 9530).

Read a mebibyte ahead while the last one is sent; never compressed on the way, whatever a client accepts.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import quote

from anyio import to_thread
from starlette.responses import Response

from hotfixture.errors import HotFixtureError
from hotfixture.server.downloads import etag_matches
from hotfixture.server.front import Receive, Send
from hotfixture.server.gateway import audit
from hotfixture.server.gateway.operations import JSON, Ask
from hotfixture.server.gateway.packages import rights
from hotfixture.server.gateway.packages.package import Package
from hotfixture.server.gateway.packages.parts import parts_of
from hotfixture.server.logs import log
from hotfixture.server.problems import HTTPError
from hotfixture.server.visit import Scope

PIECE = 1 << 20
_RANGE = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE)
_MEDIA = {
    "sql": "application/sql",
    "tar.gz": "application/gzip",
    "tar.zst": "application/zstd",
    "zip": "application/zip",
}


class Part(NamedTuple):
    """Bytes of a file: from the first to before the end."""

    first: int
    end: int


async def answer(ask: Ask, package: Package) -> Response:
    """The file; 409 while there is none, 410 once it has expired, 416 for a range outside of it."""
    await to_thread.run_sync(rights.check_reach, ask.gateway, ask.actor, package)
    path = _path(ask, package)
    assert package.sha256 is not None
    tag = f'"{package.sha256}"'
    headers = {
        "etag": tag,
        "accept-ranges": "bytes",
        "cache-control": "private, no-store, no-transform",
        "repr-digest": f"sha-256=:{base64.b64encode(bytes.fromhex(package.sha256)).decode()}:",
        "content-disposition": f"attachment; filename*=utf-8''{quote(package.name, safe='')}",
        "content-type": _MEDIA[package.name.removeprefix(f"{package.template}.")],
    }
    given = ask.request.headers
    if etag_matches(given.get("if-none-match", ""), tag):
        return Response(status_code=304, headers={"etag": tag, "cache-control": headers["cache-control"]})
    size = package.size or 0
    part = None
    if "range" in given and given.get("if-range", tag).strip() == tag:
        part = _part(given["range"], size)
    status = 206 if part else 200
    first, end = part or Part(0, size)
    headers["content-length"] = str(end - first)
    if part:
        headers["content-range"] = f"bytes {first}-{end - 1}/{size}"
    if ask.request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    facts = {"owner": package.owner, "template": package.template, "sha256": package.sha256, "first": first, "end": end}
    file = await to_thread.run_sync(_opened, path)
    try:
        await to_thread.run_sync(
            lambda: audit.note(ask.gateway.state, ask.actor, "package.download", package.id, **facts)
        )
    except BaseException:
        file.close()
        raise
    return _Sent(ask, package.id, file, Part(first, end), status=status, headers=headers)


def _path(ask: Ask, package: Package) -> Path:
    is_over = package.state == "ready" and package.expires is not None and ask.gateway.state.now() > package.expires
    if package.state == "expired" or is_over:
        raise HTTPError(410, f"the package has expired: ask for {package.template} again")
    if package.state != "ready" or not package.file:
        raise HTTPError(409, f"the package is {package.state}; it has no file")
    return parts_of(ask.gateway).crew.folder / package.id / package.file


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb", buffering=0)
    except FileNotFoundError:
        raise HTTPError(410, "the file is no longer in this daemon's folder: ask for the package again") from None


def _part(header: str, size: int) -> Part | None:
    """The one range that is asked for; None where the whole is the answer. HTTPError 416 where it lies outside."""
    found = _RANGE.fullmatch(header)
    if not found or not (found[1] or found[2]) or max(len(found[1]), len(found[2])) > 18:
        return None  # what is not understood, and several ranges, may be answered with the whole
    if not found[1]:
        first, end = max(0, size - int(found[2])), size
    else:
        first, end = int(found[1]), min(size, int(found[2]) + 1 if found[2] else size)
        if found[2] and int(found[2]) < first:
            return None
    if first >= size or end <= first:
        raise HTTPError(416, f"the file has {size} bytes", {"content-range": f"bytes */{size}"})
    return Part(first, end)


def as_json(value: Mapping[str, Any]) -> Response:
    """A JSON answer."""
    return Response(json.dumps(value, ensure_ascii=False).encode(), 200, {"cache-control": "no-store"}, JSON)


class _Sent(Response):
    """A part of a file on its way; how much of it went out stands in the audit at the end."""

    def __init__(
        self, ask: Ask, package_id: str, file: BinaryIO, part: Part, *, status: int, headers: Mapping[str, str]
    ) -> None:
        super().__init__(None, status, headers)
        self.raw_headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        self._ask, self._id, self._file, self._part = ask, package_id, file, part
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI calls it
        """Send it, until the client leaves."""
        counters = parts_of(self._ask.gateway).counters
        counters.downloads.inc()
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            sending = asyncio.ensure_future(self._send(send))
            left = asyncio.ensure_future(_left(receive))
            try:
                await asyncio.wait([sending, left], return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (sending, left):
                    task.cancel()
                ended = await asyncio.gather(sending, left, return_exceptions=True)
            if isinstance(ended[0], Exception):
                raise ended[0]
        finally:
            self._file.close()
            counters.sent.inc(self._bytes)
            await asyncio.shield(asyncio.ensure_future(self._noted()))

    async def _send(self, send: Send) -> None:
        left = self._part.end - self._part.first
        self._file.seek(self._part.first)
        piece = await to_thread.run_sync(self._read, left)
        while left > 0:
            if not piece:
                raise HotFixtureError("a package's file is shorter than it was")
            left -= len(piece)
            ahead = asyncio.ensure_future(to_thread.run_sync(self._read, left)) if left else None
            try:
                await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
                self._bytes += len(piece)
            finally:
                piece = await ahead if ahead else b""
        if self._part.end == self._part.first:
            await send({"type": "http.response.body", "body": b""})

    def _read(self, most: int) -> bytes:
        return self._file.read(min(most, PIECE))

    async def _noted(self) -> None:
        try:
            await to_thread.run_sync(self._note)
        except HotFixtureError as error:  # that it began is in the audit
            log().error("a download's end is not in the audit", package=self._id, problem=error.problems[0].message)

    def _note(self) -> None:
        first, end = self._part
        facts = {"first": first, "end": end, "bytes": self._bytes, "whole": self._bytes == end - first}
        audit.note(self._ask.gateway.state, self._ask.actor, "package.downloaded", self._id, **facts)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
