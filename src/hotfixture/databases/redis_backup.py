"""Redis's backup: every key in the server's own form, and how long it has left to live."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import redis.exceptions

from hotfixture import __version__
from hotfixture.databases.backup import Backup, Content, Opener, Restoring
from hotfixture.databases.redis import RedisTarget
from hotfixture.databases.redis_dump import FILE, contents, entries, number_of, scanned
from hotfixture.databases.redis_wire import translated
from hotfixture.errors import DatabaseError, UnsupportedError

_KEYS = 500


class RedisBackup(Backup):
    """One numbered database of Redis, or a cluster."""

    engine: ClassVar[str] = "redis"
    undoes: ClassVar[bool] = False

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._target = RedisTarget.open(url)
        self._client: Any = self._target.client
        self._restored: tuple[Path, Opener] | None = None

    def close(self) -> None:
        """End the connection."""
        self._target.close()

    def server(self) -> str:
        """The server's version."""
        with translated():
            return f"Redis {self._client.info('server').get('redis_version', '')}".rstrip()

    def tool(self) -> str:
        """This library."""
        return f"hotfixture {__version__}"

    def contents(self) -> list[Content]:
        """A table for each type of value, keys that expire apart."""
        rows: dict[tuple[str, bool], int] = {}
        sums: dict[tuple[str, bool], int] = {}
        with translated():
            for keys in scanned(self._client, ""):
                for key, kind, expires, content in contents(self._client, keys):
                    place = (kind, expires)
                    rows[place] = rows.get(place, 0) + 1
                    sums[place] = (
                        sums.get(place, 0) + number_of(key, kind, expires, _canonical(kind, content))
                    ) % 2**128
        return [
            Content(f"{kind}{' that expires' if expires else ''}", count, f"{sums[kind, expires]:032x}", "", expires)
            for (kind, expires), count in sorted(rows.items())
        ]

    def is_empty(self) -> bool:
        """Whether there is no key."""
        with translated():
            return not self._client.dbsize()

    def dump(self, folder: Path, opener: Opener) -> None:
        """All keys."""
        self._target.dump(folder, opener=opener)

    def restore(self, folder: Path, opener: Opener, options: Restoring) -> None:
        """Key by key; a restore that fails leaves those before it."""
        if options.replace:
            self.clear()
        self._restored = folder, opener
        self._target.restore(folder, opener=opener)
        options.check(self)

    def clear(self) -> None:
        """Remove all keys of the database."""
        with translated():
            self._client.flushdb()

    @contextmanager
    def scratch(self) -> Iterator[Backup]:
        """An empty numbered database of the server; of what stands in it afterwards, only our keys are removed."""
        other = type(self)(self._free())
        try:
            yield other
        finally:
            with other:
                other._remove_restored()

    def _remove_restored(self) -> None:
        """Somebody may have begun to use the database meanwhile: what the dump does not have is theirs."""
        if not self._restored:
            return
        folder, opener = self._restored
        with translated(), opener(folder / FILE, "rb") as source:
            source.readline()
            keys = (key for key, _, _ in entries(source))
            while some := list(islice(keys, _KEYS)):
                self._client.unlink(*some)

    def _free(self) -> str:
        """The URL of the last numbered database without keys."""
        if self._target.cluster:
            raise UnsupportedError("a Redis Cluster has one database only, so none to restore into")
        own = self._client.connection_pool.connection_kwargs.get("db") or 0
        for number in range(self._databases() - 1, -1, -1):
            url = _numbered(self.url, number)
            if number != own:
                with type(self)(url) as other:
                    if other.is_empty():
                        return url
        raise DatabaseError("no numbered database of this Redis is empty, so there is none to restore into")

    def _databases(self) -> int:
        try:
            return int(self._client.config_get("databases")["databases"])
        except (redis.exceptions.RedisError, KeyError):
            return 16  # the server's default, where the account may not ask


def _canonical(kind: str, content: Any) -> Any:
    """The same for both of the server's protocols, of which the driver makes different values."""
    if kind == "zset":
        return [(member, float(score)) for member, score in _pairs(content)]
    if kind == "stream":
        return [(name, list(_pairs(fields))) for name, fields in content]
    if kind == "hash":
        return dict(_pairs(content))
    return list(content) if kind == "set" else content


def _pairs(content: Any) -> list[tuple[Any, Any]]:
    if isinstance(content, dict):
        return list(content.items())
    if content and isinstance(content[0], list | tuple):
        return [(name, value) for name, value in content]
    return list(zip(content[::2], content[1::2], strict=True))


def _numbered(url: str, number: int) -> str:
    parts = urlsplit(url)
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "db"])
    return parts._replace(path=f"/{number}", query=query).geturl()
