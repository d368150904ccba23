"""MongoDB's backup: the layout of `mongodump`, written and read by this library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from bson import json_util

from hotfixture import __version__
from hotfixture.databases import tools
from hotfixture.databases.backup import Backup, Content, Opener, Restoring, digest_of
from hotfixture.databases.mongodb import MongodbTarget
from hotfixture.databases.mongodb_wire import translated


class MongodbBackup(Backup):
    """A database of MongoDB."""

    engine: ClassVar[str] = "mongodb"
    undoes: ClassVar[bool] = False

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._target = MongodbTarget.open(url)

    def close(self) -> None:
        """End the connection."""
        self._target.close()

    def server(self) -> str:
        """The server's version."""
        with translated():
            return f"MongoDB {self._target.client.server_info()['version']}"

    def tool(self) -> str:
        """This library."""
        return f"hotfixture {__version__}"

    def contents(self) -> list[Content]:
        """Collections and views; the digests are the server's own (`dbHash`)."""
        digests = self._target.fingerprints()
        with translated():
            return [self._content(entry, digests) for entry in self._entries()]

    def _entries(self) -> list[dict[str, Any]]:
        found = [dict(entry) for entry in self._target.database.list_collections()]
        own = [entry for entry in found if not entry["name"].startswith("system.")]
        return sorted(own, key=lambda entry: str(entry["name"]))

    def _content(self, entry: dict[str, Any], digests: dict[str, str]) -> Content:
        name, view = entry["name"], entry.get("type") == "view"
        collection = self._target.database[name]
        indexes = [] if view else sorted(_plain(index) for index in collection.list_indexes())
        options = {key: value for key, value in entry.get("options", {}).items() if key != "uuid"}
        structure = digest_of(repr([entry.get("type", "collection"), _plain(options), indexes]))
        return Content(name, 0 if view else collection.count_documents({}), digests.get(name, ""), structure)

    def is_empty(self) -> bool:
        """Whether there is no collection."""
        with translated():
            return not self._entries()

    def dump(self, folder: Path, opener: Opener) -> None:
        """Documents as stored, options and indexes of every collection."""
        self._target.dump(folder, opener=opener)

    def restore(self, folder: Path, opener: Opener, options: Restoring) -> None:
        """Collection by collection; one that fails leaves those before it."""
        if options.replace:
            self.clear()
        self._target.restore(folder, opener=opener)
        options.check(self)

    def clear(self) -> None:
        """Drop every collection and view."""
        with translated():
            for entry in self._entries():
                self._target.database.drop_collection(entry["name"])

    @contextmanager
    def scratch(self) -> Iterator[Backup]:
        """Another database of the server."""
        other = type(self)(_beside(self.url, tools.scratch_name()))
        try:
            yield other
        finally:
            with other, translated():
                other._target.client.drop_database(other._target.database.name)


def _plain(found: Any) -> str:
    about = {key: value for key, value in dict(found).items() if key != "ns"}
    return json_util.dumps(about, json_options=json_util.CANONICAL_JSON_OPTIONS)


def _beside(url: str, name: str) -> str:
    """The URL of another database, for the same account: the first one knows it, where the URL does not say which."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if "@" in parts.netloc and "authsource" not in {key.lower() for key, _ in query}:
        query.append(("authSource", unquote(parts.path[1:])))
    return parts._replace(path=f"/{name}", query=urlencode(query)).geturl()
