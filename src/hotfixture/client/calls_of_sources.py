"""Calls about providers and volumes: what is there, masked previews, listings and files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hotfixture.client.calls import Call, asked, path
from hotfixture.errors import DatabaseError, InputError
from hotfixture.wire.sources import (
    DatabaseTold,
    FileAsked,
    FilesAsked,
    Listed,
    ProviderTold,
    RowsAsked,
    RowsTold,
    TableTold,
    VolumeTold,
)


def providers() -> Call[list[ProviderTold]]:
    """The providers that one may read."""
    return Call(method="GET", path="/api/providers", returns=list[ProviderTold])


def databases(provider: str) -> Call[list[DatabaseTold]]:
    """The databases and schemas of a provider."""
    return Call(
        about=f"provider {provider}",
        method="GET",
        path=path("api", "providers", provider, "databases"),
        returns=list[DatabaseTold],
    )


def tables(provider: str) -> Call[list[TableTold]]:
    """The tables of a provider, and what the policy makes of their columns."""
    return Call(
        about=f"provider {provider}",
        method="GET",
        path=path("api", "providers", provider, "tables"),
        returns=list[TableTold],
    )


def rows(provider: str, table: str, *, limit: int = 20) -> Call[RowsTold]:
    """Some rows of a table, masked; at most 100."""
    where = path("api", "providers", provider, "tables", table, "rows")
    return Call(
        about=f"provider {provider}", method="GET", path=where, query=asked(RowsAsked(limit=limit)), returns=RowsTold
    )


def volumes() -> Call[list[VolumeTold]]:
    """The volumes that one may read."""
    return Call(method="GET", path="/api/volumes", returns=list[VolumeTold])


def files(volume: str, words: Sequence[str] = (), *, folder: str = "") -> Call[None]:
    """The files of a volume, streamed as NDJSON: see `entries`."""
    wanted = asked(FilesAsked(filter=list(words), folder=folder))
    return Call(about=f"volume {volume}", method="GET", path=path("api", "volumes", volume, "files"), query=wanted)


def file(volume: str, name: str, words: Sequence[str] = ()) -> Call[None]:
    """A file as the policy lets it pass; with words the first that they find in the folder `name`."""
    parts = [part for part in name.split("/") if part]
    if not parts and not words:
        raise InputError(f"{volume}:{name}: expected the path of a file")
    where = path("api", "volumes", volume, "files", *parts) + ("" if parts else "/")
    return Call(about=f"volume {volume}", method="GET", path=where, query=asked(FileAsked(filter=list(words))))


class Entries:
    """Reads a listing piece by piece: fed bytes as they come, gives the files whose lines are whole."""

    def __init__(self) -> None:
        import msgspec

        self._decode = msgspec.json.Decoder(_Line).decode_lines
        self._rest = b""
        self.unlisted: list[tuple[str, str]] = []
        """Places that could not be looked at, and why."""

    def feed(self, piece: bytes | memoryview) -> Iterator[Listed]:
        """The files of the lines that are whole now. DatabaseError where the daemon broke off and said so."""
        for line in self._decode(self._whole(piece)):
            if line.problem is None:
                yield line
            else:
                self._note(line)

    def raw(self, piece: bytes | memoryview) -> bytes:
        """As `feed`: the lines themselves, as the daemon wrote them."""
        whole = self._whole(piece)
        if b'"problem":' not in whole:  # within a name, the quotes would be escaped
            return whole
        kept = []
        for line in whole.splitlines(keepends=True):
            if b'"problem":' not in line:
                kept.append(line)
            else:
                self._note(self._decode(line)[0])
        return b"".join(kept)

    def _whole(self, piece: bytes | memoryview) -> bytes:
        whole, end, self._rest = (self._rest + bytes(piece)).rpartition(b"\n")
        return whole + end

    def _note(self, line: _Line) -> None:
        if not line.name:
            raise DatabaseError(line.problem or "")
        self.unlisted.append((line.name, line.problem or ""))


class _Line(Listed, frozen=True, gc=False):
    """A line: a file, or a place with a problem."""

    size: int = 0
    mtime: float = 0.0
    problem: str | None = None
