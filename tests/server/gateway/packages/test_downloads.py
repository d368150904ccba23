"""The file of a package over HTTP: whole, in ranges, conditionally, cut off; what goes out is what was proven."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.server.gateway.packages.production import Desk
from tests.server.gateway.served import Served

from hotfixture.server.gateway.tables import AUDIT, PACKAGES

Desks = Callable[[Served, str], Desk]


@pytest.fixture(scope="module")
def whole(served: Served) -> Iterator[tuple[str, bytes]]:
    """The id of a package, and its bytes."""
    with served.as_("dev") as client:
        desk = Desk(client)
        found = desk.ready()
        yield found["id"], desk.download(found["id"]).content


@pytest.fixture
def large(served: Served, dev: Desk) -> str:
    """A package whose file is made large and known."""
    found = dev.ready()
    folder: Path = served.gateway.settings.folder / "packages" / found["id"]
    (path,) = folder.iterdir()
    os.truncate(path, 64 << 20)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with served.gateway.state.change() as connection:
        row = PACKAGES.update().where(PACKAGES.c.id == found["id"])
        connection.execute(row.values(size=64 << 20, sha256=digest))
    return str(found["id"])


def test_its_headers_say_what_it_is(dev: Desk, whole: tuple[str, bytes]) -> None:
    package_id, content = whole
    answer = dev.download(package_id)
    digest = hashlib.sha256(content)
    assert answer.headers["etag"] == f'"{digest.hexdigest()}"'
    assert answer.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''daily.sql"
    assert answer.headers["content-type"] == "application/sql"
    assert answer.headers["accept-ranges"] == "bytes"
    assert "no-store" in answer.headers["cache-control"]


def test_head_says_the_same_and_sends_nothing(dev: Desk, whole: tuple[str, bytes]) -> None:
    package_id, content = whole
    answer = dev.client.head(f"/api/packages/{package_id}/download")
    got = dev.download(package_id)
    volatile = {"date", "x-request-id"}
    assert {k: v for k, v in answer.headers.items() if k not in volatile} == {
        k: v for k, v in got.headers.items() if k not in volatile
    }
    assert (answer.content, answer.headers["content-length"]) == (b"", str(len(content)))


@pytest.mark.parametrize(
    ("header", "first", "end"),
    [("bytes=0-0", 0, 1), ("bytes=100-199", 100, 200), ("bytes=100-", 100, None), ("bytes=-50", -50, None),
     ("bytes=0-999999999", 0, None), ("BYTES = 5-6", 5, 7), ("bytes=-999999999", 0, None)],
)  # fmt: skip
def test_a_range_is_that_part(dev: Desk, whole: tuple[str, bytes], header: str, first: int, end: int | None) -> None:
    package_id, content = whole
    answer = dev.download(package_id, range=header)
    part = content[first:end]
    start = first if first >= 0 else len(content) + first
    assert (answer.status_code, answer.content) == (206, part)
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(part) - 1}/{len(content)}"
    assert answer.headers["content-length"] == str(len(part))


@pytest.mark.parametrize(
    "header", ["bytes=0-1,5-6", "bytes=9-3", "lines=1-2", "bytes=a-b", "bytes=-", "bytes=0-" + "9" * 30]
)
def test_what_is_no_range_gives_the_whole(dev: Desk, whole: tuple[str, bytes], header: str) -> None:
    assert dev.download(whole[0], range=header).content == whole[1]


@pytest.mark.parametrize("header", ["bytes=999999999-", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(dev: Desk, whole: tuple[str, bytes], header: str) -> None:
    answer = dev.download(whole[0], range=header)
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(whole[1])}")


def test_a_range_of_another_file_gives_the_whole(dev: Desk, whole: tuple[str, bytes]) -> None:
    package_id, content = whole
    tag = f'"{hashlib.sha256(content).hexdigest()}"'
    assert dev.download(package_id, range="bytes=5-", if_range=tag).status_code == 206
    assert dev.download(package_id, range="bytes=5-", if_range='"another"').content == content
    assert dev.download(package_id, range="bytes=5-", if_range=f"W/{tag}").content == content


def test_who_has_it_already_is_told_so(dev: Desk, whole: tuple[str, bytes]) -> None:
    package_id, content = whole
    tag = f'"{hashlib.sha256(content).hexdigest()}"'
    answer = dev.download(package_id, if_none_match=tag)
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)


def test_it_is_never_compressed_on_the_way(dev: Desk, whole: tuple[str, bytes]) -> None:
    answer = dev.download(whole[0], accept_encoding="gzip, br, zstd")
    assert "content-encoding" not in answer.headers
    assert answer.content == whole[1]


def test_a_large_file_goes_out_whole_in_parts_and_together(dev: Desk, large: str) -> None:
    size = 64 << 20
    sha = hashlib.sha256()
    for first in range(0, size, 10 << 20):
        sha.update(dev.download(large, range=f"bytes={first}-{first + (10 << 20) - 1}").content)
    together = dev.download(large)
    assert f'"{sha.hexdigest()}"' == together.headers["etag"] == f'"{hashlib.sha256(together.content).hexdigest()}"'


def downloaded(served: Served, package_id: str) -> list[dict[str, Any]]:
    """What the audit says of the ends of downloads."""
    with served.gateway.state.read() as connection:
        mine = AUDIT.c.subject == package_id, AUDIT.c.kind == "package.downloaded"
        return [json.loads(facts) for facts in connection.execute(sa.select(AUDIT.c.facts).where(*mine)).scalars()]


def test_a_client_that_leaves_leaves_nothing_open_and_the_audit_knows_how_far_it_came(
    served: Served, large: str
) -> None:
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        request = f"GET /api/packages/{large}/download HTTP/1.1\r\nhost: x\r\nauthorization: Bearer dev\r\n\r\n"
        raw.sendall(request.encode())
        assert raw.recv(1000).startswith(b"HTTP/1.1 200")
        assert open_files(large)
    deadline = time.monotonic() + 10
    while open_files(large) or not downloaded(served, large):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    (facts,) = downloaded(served, large)
    assert not facts["whole"]
    assert facts["bytes"] < 64 << 20


def open_files(name: str) -> list[str]:
    """Files that this process holds open and whose path names something."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            path = str(link.readlink())
        except OSError:
            continue
        if name in path:
            found.append(path)
    return found


def test_a_download_that_cannot_be_audited_does_not_happen(
    served: Served, dev: Desk, large: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hotfixture.errors import DatabaseError
    from hotfixture.server.gateway import audit

    def away(*_: object, **__: object) -> None:
        raise DatabaseError("the store is away")

    monkeypatch.setattr(audit, "note", away)
    assert dev.download(large).status_code == 503
    assert not open_files(large)


def test_a_file_that_was_cut_short_is_not_taken_for_whole(served: Served, dev: Desk, large: str) -> None:
    folder = served.gateway.settings.folder / "packages" / large
    (path,) = folder.iterdir()
    os.truncate(path, 1000)
    with pytest.raises(Exception, match=r"incomplete|peer closed|without sending"):
        dev.download(large)
