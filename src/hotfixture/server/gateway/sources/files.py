"""The routes of volumes: listings as they are found, and files as the policy lets them pass."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import anyio
from anyio import to_thread
from starlette.responses import Response, StreamingResponse

from hotfixture.errors import HotFixtureError, InputError, OptionError, UnknownNameError
from hotfixture.files import ranges, signatures
from hotfixture.files.listing import Filter, lines
from hotfixture.plans.masked_files import FileMasks
from hotfixture.plans.witness import Maskers
from hotfixture.server.front import Receive, Send
from hotfixture.server.gateway import access, audit
from hotfixture.server.gateway.operations import Ask, Operation
from hotfixture.server.gateway.sources import proving, volumes
from hotfixture.server.gateway.sources.opening import doors
from hotfixture.server.gateway.templates import planning, policies
from hotfixture.server.logs import log
from hotfixture.server.problems import NO_STORE, HTTPError
from hotfixture.server.visit import Scope
from hotfixture.wire.sources import FileAsked, FilesAsked, Listed, Unlisted, VolumeTold

if TYPE_CHECKING:
    from hotfixture.files.listing import Entry
    from hotfixture.files.volumes import Volume
    from hotfixture.server.gateway.places import Place

T = TypeVar("T")
NDJSON = "application/x-ndjson"
BINARY = "application/octet-stream"
_TAGS = ("volumes",)


def _place(ask: Ask) -> Place:
    found = ask.gateway.settings.volumes.get(ask.path["name"])
    if found is None:
        raise HTTPError(404, access.NOT_HERE)
    access.check(ask.actor, "volume.read", shared=found.teams)
    return found


def _volumes(ask: Ask) -> list[VolumeTold]:
    known = sorted(ask.gateway.settings.volumes.items())
    visible = [place for _, place in known if access.sees(ask.actor, shared=place.teams)]
    return [VolumeTold(name=place.name, kind=volumes.kind_of(place)) for place in visible]


def _opened(place: Place) -> Volume:
    """The volume; what is wrong with it is said to the log."""
    try:
        return volumes.opened(place)
    except InputError as error:
        log().error("a volume cannot be used", volume=place.name, problems=[str(p) for p in error.problems])
        raise HTTPError(503, f"the volume {place.name} of this daemon cannot be used; its log says why") from None


def _filter(ask: Ask, words: Sequence[str]) -> Filter:
    return Filter.parse(words, now=ask.gateway.state.now())


# ---- listings


async def _list(ask: Ask) -> Response:
    place, wanted = _place(ask), _filter(ask, ask.query.filter)

    def begin() -> tuple[bytes, Iterator[bytes]]:
        folder = ask.query.folder.strip("/")
        with _missing():
            parts = _opened(place).list(folder, wanted)
            found = lines(_said(parts))
            return next(found, b""), found

    # Names of files may be somebody's: that they were looked at is said before it happens.
    facts = {"filter": list(ask.query.filter), "folder": ask.query.folder}
    await _threaded(ask, lambda: audit.note(ask.gateway.state, ask.actor, "volume.listed", place.name, **facts))
    first, rest = await _threaded(ask, begin)
    return _Closing(_stream(ask, first, rest), 200, NO_STORE, NDJSON)


def _said(parts: Iterator[Sequence[Entry]]) -> Iterator[list[Entry]]:
    """The parts; what fails when some have been sent is the last of them."""
    begun = False
    try:
        for part in parts:
            yield list(part)
            begun = True
    except HotFixtureError as error:
        if not begun:
            raise
        yield [Unlisted("", error.problems[0].message)]


class _Closing(StreamingResponse):
    """Closes what it streams however it ends, a client that hangs up included."""

    body_iterator: AsyncGenerator[bytes, None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await self.body_iterator.aclose()


async def _stream(ask: Ask, first: bytes, rest: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The pieces, each made in a thread; what stood open is closed however it ends."""
    try:
        piece: bytes | None = first
        while piece is not None:
            if piece:
                yield piece
            piece = await _threaded(ask, lambda: next(rest, None))
    finally:
        with anyio.CancelScope(shield=True):
            await _threaded(ask, getattr(rest, "close", lambda: None))


async def _threaded(ask: Ask, work: Callable[[], T]) -> T:
    return await to_thread.run_sync(work, limiter=doors(ask.gateway).threads)


# ---- downloads


async def _download(ask: Ask) -> Response:
    return await _threaded(ask, lambda: _file(ask))


def _file(ask: Ask) -> Response:
    """One file: in any part where it passes as it is, from its beginning to its end where it is masked."""
    place = _place(ask)
    with _missing():
        volume = _opened(place)
        file = _chosen(ask, volume)
        masks = _masks(ask)
        raw = masks.is_kept(place.name, file.name) or masks.passes(place.name, file.name, _head(volume, file))
    part = _part(ask, file) if raw else None
    _audited(ask, place, file, part=part, raw=raw)
    headers = _headers(place, file, raw=raw)
    if ask.request.method == "HEAD":
        return Response(None, 200, headers | ({"content-length": str(file.size)} if raw else {}), BINARY)
    if raw:
        return _raw(ask, volume, file, part, headers)
    if file.size <= proving.MOST:
        size, made = proving.proven(masks.policy, masks.maskers.key, place.name, file, volume)
        return _Closing(_sent(ask, place, file, made), 200, {**headers, "content-length": str(size)}, BINARY)
    pieces = masks.masked(place.name, file.name, volume.read(file.name))
    first = next((piece for piece in pieces if piece), b"")  # what is refused at once is refused before the answer
    return _Closing(_sent(ask, place, file, _joined(first, pieces)), 200, headers, BINARY)


def _chosen(ask: Ask, volume: Volume) -> Listed:
    """The file that the path names; with words, the first that they find in the folder that it names."""
    name = ask.path["path"].strip("/")
    if not ask.query.filter:
        return volume.stat(name)
    wanted = _filter(ask, ask.query.filter).newest()
    found = (entry for part in volume.list(name, wanted) for entry in part if isinstance(entry, Listed))
    file = next((entry for entry in found if entry.kind == "file"), None)
    if file is None:
        raise HTTPError(404, access.NOT_HERE)
    return file


def _masks(ask: Ask) -> FileMasks:
    return FileMasks(policies.current(ask.gateway).policy, Maskers(planning.masking_key(ask.gateway)))


def _head(volume: Volume, file: Listed) -> bytes:
    length = min(signatures.LOOKED_AT, file.size)
    return b"".join(volume.read(file.name, length=length)) if length else b""


def _part(ask: Ask, file: Listed) -> ranges.Part | None:
    headers = ask.request.headers
    if not ranges.still_holds(headers.get("if-range", ""), ranges.tag(file)):
        return None
    try:
        return ranges.parse(headers.get("range", ""), file.size)
    except OptionError as error:
        raise HTTPError(416, error.problems, {"content-range": f"bytes */{file.size}"}) from None


def _audited(ask: Ask, place: Place, file: Listed, *, part: ranges.Part | None, raw: bool) -> None:
    """Say it before it happens: what cannot be audited does not happen."""
    facts = {"bytes": part.length if part else file.size, "masked": not raw}
    facts |= {"start": part.start} if part else {}
    kind = "file.looked_at" if ask.request.method == "HEAD" else "file.read"
    audit.note(ask.gateway.state, ask.actor, kind, f"{place.name}:{file.name}", **facts)


def _headers(place: Place, file: Listed, *, raw: bool) -> dict[str, str]:
    last = file.name.rpartition("/")[2]
    where = f"/api/volumes/{quote(place.name)}/files/{quote(file.name)}"
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(last)}", "content-location": where}
    headers |= {"cache-control": "private, no-store", "accept-ranges": "bytes" if raw else "none"}
    return headers | ({"etag": ranges.tag(file)} if raw else {})


def _raw(ask: Ask, volume: Volume, file: Listed, part: ranges.Part | None, headers: dict[str, str]) -> Response:
    start, length = part or (0, file.size)
    headers["content-length"] = str(length)
    if part:
        headers["content-range"] = part.content_range(file.size)
    pieces = _exactly(volume.read(file.name, start=start, length=length), length)
    return _Closing(_stream(ask, b"", pieces), 206 if part else 200, headers, BINARY)


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Both, as one that can be closed."""
    yield first
    yield from rest


def _exactly(pieces: Iterator[bytes], length: int) -> Iterator[bytes]:
    """So many bytes and no more: the length was promised, and a file may grow or shrink."""
    left = length
    for piece in pieces:
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return
    if left > 0:
        raise HotFixtureError("the file became shorter while it was read")


async def _sent(ask: Ask, place: Place, file: Listed, pieces: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The masked bytes; a file that is refused in its middle ends the connection, so that nobody takes it for whole."""
    sent, whole = 0, False
    try:
        async with aclosing(_stream(ask, b"", pieces)) as stream:
            async for piece in stream:
                sent += len(piece)
                yield piece
        whole = True
    finally:
        subject = f"{place.name}:{file.name}"
        with anyio.CancelScope(shield=True):
            await _threaded(
                ask,
                lambda: audit.note(ask.gateway.state, ask.actor, "file.sent", subject, bytes=sent, whole=whole),
            )


class _missing:  # noqa: N801 - a context manager, used like a function
    """What a volume does not have, as 404; a link or folder in its place as well."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UnknownNameError) and error.problems[0].message.startswith("unknown file"):
            raise HTTPError(404, access.NOT_HERE) from None
        if type(error) is HotFixtureError:
            raise HTTPError(404, error.problems) from None


OPERATIONS = (
    Operation(
        method="GET", path="/api/volumes", summary="The volumes that the caller's teams may read.",
        action="volume.read", answer=_volumes, returns=list[VolumeTold], tags=_TAGS,
    ),
    Operation(
        method="GET", path="/api/volumes/{name}/files", summary="The files of a volume, one JSON object a line.",
        action="volume.read", answer=_list, query=FilesAsked, media=NDJSON, tags=_TAGS,
        notes="Lines come while the volume is walked; a line with `problem` is a place that could not be looked at.",
    ),
    Operation(
        method="GET", path="/api/volumes/{name}/files/{path:path}", summary="A file, as the policy lets it pass.",
        action="volume.read", answer=_download, query=FileAsked, media=BINARY, problems=(416,), tags=_TAGS,
        notes=(
            "Files that pass as they are can be asked for in ranges. With `filter`, the path is a folder and the first"
            " file that the words find is meant: `sort:mtime:desc` is its newest."
        ),
    ),
)  # fmt: skip
