"""Downloads: resumed where they break off, proven by their digest, kept from nobody's half."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from socket import create_server, socket
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from tests.client.daemon import Daemon, problem

from hotfixture.client import AsyncClient, Client
from hotfixture.client.calls import Call
from hotfixture.client.downloads import Downloaded, claimed, download, file_name
from hotfixture.errors import DatabaseError, HotFixtureError, InputError, PackageError

CALL: Call[None] = Call(method="GET", path="/api/packages/p/download")
CONTENT = random.Random(7).randbytes(3_000_000)
DIGEST = sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotfixture.client.retries._growing", lambda _: 0.0)
    monkeypatch.setattr("hotfixture.client.retries.PATIENCE", 0.0)


def fetch(client: Client, part: Path, sha: str = DIGEST, **options: Any) -> Downloaded:
    return client.carry(download(CALL, client.credentials, part, sha256=sha, **options))


class Breaking:
    """A server of one file that breaks off after so many bytes of each answer, and knows ranges if it shall."""

    def __init__(self, *most: int, ranges: bool = True, content: bytes = CONTENT) -> None:
        self.most, self.ranges, self.content = list(most), ranges, content
        self.asked: list[dict[str, str]] = []
        self._listening = create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with closing(connection):
                self._answer(connection)

    def _answer(self, connection: socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        lines = head.decode().split("\r\n")[1:-2]
        asked = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        self.asked.append(asked)
        tag = f'"{sha256(self.content).hexdigest()}"'
        first = 0
        if self.ranges and "range" in asked and asked.get("if-range") == tag:
            first = int(asked["range"].removeprefix("bytes=").rstrip("-"))
        body = self.content[first:]
        status = f"206 Partial\r\ncontent-range: bytes {first}-{len(self.content) - 1}/{len(self.content)}"
        said = f"HTTP/1.1 {status if first else '200 OK'}\r\netag: {tag}\r\ncontent-length: {len(body)}\r\n\r\n"
        most = self.most.pop(0) if self.most else len(body)
        try:
            connection.sendall(said.encode() + body[:most])
        except OSError:
            return


@pytest.fixture
def breaking() -> Iterator[list[Breaking]]:
    """Servers to close."""
    made: list[Breaking] = []
    yield made
    for one in made:
        one.close()


def served(breaking: list[Breaking], *most: int, **options: Any) -> Breaking:
    breaking.append(Breaking(*most, **options))
    return breaking[-1]


@pytest.mark.parametrize("driver", ["waiting", "awaited"])
def test_a_download_that_breaks_off_goes_on_where_it_broke_off(breaking: list[Breaking], tmp_path: Path, driver: str):
    server = served(breaking, 1_000_000, 700_000, 0, 10)
    part = tmp_path / "part"

    async def awaited() -> Downloaded:
        async with AsyncClient(server.url, token="t") as client:
            return await client.carry(download(CALL, client.credentials, part, sha256=DIGEST))

    if driver == "waiting":
        with Client(server.url, token="t") as client:
            got = fetch(client, part)
    else:
        got = asyncio.run(awaited())
    assert (got.size, got.sha256) == (len(CONTENT), DIGEST)
    assert part.read_bytes() == CONTENT
    asked = [one.get("range") for one in server.asked]
    assert asked[0] is None
    assert all(
        found and one["if-range"] == f'"{DIGEST}"' for found, one in zip(asked[1:], server.asked[1:], strict=True)
    )
    starts = [int(found.removeprefix("bytes=").rstrip("-")) for found in asked[1:] if found]
    assert starts == sorted(starts)
    assert starts[-1] > 1_000_000


def test_a_later_run_goes_on_where_an_earlier_one_ended(breaking: list[Breaking], tmp_path: Path):
    server = served(breaking, 1_000_000, *[0] * 4)
    part = tmp_path / "part"
    with Client(server.url, token="t") as client:
        with pytest.raises(DatabaseError, match="broke off"):
            fetch(client, part)
        assert 0 < part.stat().st_size <= 1_000_000
        begun = part.stat().st_size
        server.asked.clear()
        fetch(client, part)
    assert server.asked[0]["range"] == f"bytes={begun}-"
    assert part.read_bytes() == CONTENT


def test_a_daemon_that_goes_away_for_a_while_is_waited_for(
    breaking: list[Breaking], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("hotfixture.client.retries.PATIENCE", 60.0)
    monkeypatch.setattr("hotfixture.client.retries.PATIENT_PAUSE", 0.01)
    server = served(breaking, 1_000_000, *[0] * 20)
    with Client(server.url, token="t") as client:
        assert fetch(client, tmp_path / "part").sha256 == DIGEST
    assert len(server.asked) == 22


def test_what_has_arrived_whole_is_not_fetched_again(breaking: list[Breaking], tmp_path: Path):
    server, part = served(breaking), tmp_path / "part"
    part.write_bytes(CONTENT)
    with Client(server.url, token="t") as client:
        assert fetch(client, part).sha256 == DIGEST
    assert not server.asked


def test_a_server_that_knows_no_ranges_begins_anew(breaking: list[Breaking], tmp_path: Path):
    server, part = served(breaking, 1_000_000, ranges=False), tmp_path / "part"
    with Client(server.url, token="t") as client:
        assert fetch(client, part).sha256 == DIGEST
    assert part.read_bytes() == CONTENT
    assert len(server.asked) == 2


def test_another_file_in_its_place_is_begun_anew_and_refused_by_its_digest(breaking: list[Breaking], tmp_path: Path):
    server, part = served(breaking, content=CONTENT[::-1]), tmp_path / "part"
    part.write_bytes(CONTENT[:1000])
    with Client(server.url, token="t") as client, pytest.raises(PackageError, match="digest"):
        fetch(client, part)
    assert not part.exists()


def test_what_an_earlier_run_left_of_something_else_is_found_out(breaking: list[Breaking], tmp_path: Path):
    server, part = served(breaking), tmp_path / "part"
    part.write_bytes(b"x" * 1000)
    with Client(server.url, token="t") as client, pytest.raises(PackageError):
        fetch(client, part)
    assert not part.exists()
    with Client(server.url, token="t") as client:
        assert fetch(client, part).sha256 == DIGEST


def test_more_than_the_file_has_is_begun_anew(daemon: Daemon, client: Client, tmp_path: Path):
    part = tmp_path / "part"
    part.write_bytes(CONTENT + b"more")
    daemon.answers["GET /api/packages/p/download"] = lambda request: (
        problem(416, "the file has less") if "range" in request.headers else Response(CONTENT)
    )
    assert fetch(client, part).sha256 == DIGEST
    assert part.read_bytes() == CONTENT


def test_the_wrong_part_is_never_appended(daemon: Daemon, client: Client, tmp_path: Path):
    part = tmp_path / "part"
    part.write_bytes(CONTENT[:1000])
    wrong = {"content-range": f"bytes 999-{len(CONTENT) - 1}/{len(CONTENT)}"}
    daemon.answers["GET /api/packages/p/download"] = Response(CONTENT[999:], 206, wrong)
    with pytest.raises(HotFixtureError, match="another part"):
        fetch(client, part)


def test_a_file_without_a_known_digest_is_resumed_by_its_tag_alone(breaking: list[Breaking], tmp_path: Path):
    server, part = served(breaking, 1_000_000), tmp_path / "part"
    part.write_bytes(b"of something else")
    with Client(server.url, token="t") as client:
        assert fetch(client, part, "").sha256 == DIGEST
    assert "range" not in server.asked[0]
    assert server.asked[1]["if-range"] == f'"{DIGEST}"'


def test_a_refusal_is_the_error_that_it_is_and_leaves_the_beginning(daemon: Daemon, client: Client, tmp_path: Path):
    part = tmp_path / "part"
    part.write_bytes(CONTENT[:1000])
    daemon.answers["GET /api/packages/p/download"] = lambda _: problem(410, "the package has expired")
    with pytest.raises(HotFixtureError, match="expired"):
        fetch(client, part)
    assert part.read_bytes() == CONTENT[:1000]


def test_an_empty_file_arrives(daemon: Daemon, client: Client, tmp_path: Path):
    daemon.answers["GET /api/packages/p/download"] = Response(b"")
    assert fetch(client, tmp_path / "part", sha256().hexdigest()).size == 0


def test_the_progress_is_told(daemon: Daemon, client: Client, tmp_path: Path):
    told: list[tuple[int, int | None]] = []
    daemon.answers["GET /api/packages/p/download"] = Response(CONTENT)
    fetch(client, tmp_path / "part", progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.skipif(os.name == "nt", reason="needs a bound on the size of files")
def test_a_disk_that_takes_no_more_is_one_clear_error(daemon: Daemon, client: Client, tmp_path: Path):
    import resource

    daemon.answers["GET /api/packages/p/download"] = Response(CONTENT)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(HotFixtureError, match="cannot write"):
            fetch(client, tmp_path / "part")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no O_NOFOLLOW")
def test_a_link_in_the_place_of_the_part_is_not_followed(client: Client, tmp_path: Path):
    (tmp_path / "part").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HotFixtureError, match="cannot write"):
        fetch(client, tmp_path / "part")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows itself refuses a second writer")
def test_two_runs_never_write_one_part(breaking: list[Breaking], tmp_path: Path):
    part, begun, go = tmp_path / "part", threading.Event(), threading.Event()

    def slowly(done: int, _: int | None) -> None:
        begun.set()
        go.wait(20)

    server = served(breaking)
    found: list[Downloaded] = []
    with Client(server.url, token="t") as client:
        first = threading.Thread(target=lambda: found.append(fetch(client, part, progress=slowly)))
        first.start()
        assert begun.wait(20)
        other = claimed(part)
        assert other != part
        go.set()
        first.join(20)
    assert [got.sha256 for got in found] == [DIGEST]
    assert claimed(part) == part


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_a_name_that_somebody_else_has_taken_is_not_written_to(tmp_path: Path):
    (tmp_path / "mine").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    os.link(tmp_path / "mine", tmp_path / "second name")
    assert claimed(tmp_path / "none") == tmp_path / "none"
    assert claimed(tmp_path / "link") != tmp_path / "link"
    assert claimed(tmp_path / "mine") != tmp_path / "mine"
    if os.geteuid() == 0:
        (tmp_path / "theirs").write_bytes(b"x")
        os.chown(tmp_path / "theirs", 54321, -1)
        assert claimed(tmp_path / "theirs") != tmp_path / "theirs"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename*=utf-8''daily%20one.sql", "daily one.sql"),
        ('attachment; filename="daily.sql"', "daily.sql"),
        ("attachment; filename*=utf-8''..%2F..%2Fetc%2Fpasswd", ""),
        ('attachment; filename="../x"', ""),
        ('attachment; filename=".bashrc"', ""),
        ("attachment; filename*=utf-8''a%0Ab", ""),
        ("attachment", ""),
    ],
)
def test_a_daemon_names_a_file_but_never_a_place(header: str, name: str):
    assert file_name(header) == name


def test_a_session_that_ends_in_between_is_an_error_with_what_to_do(daemon: Daemon, client: Client, tmp_path: Path):
    def answer(_: Request) -> Response:
        return problem(401, "log in first")

    daemon.answers["GET /api/packages/p/download"] = answer
    with pytest.raises(HotFixtureError, match="hfit login") as caught:
        fetch(client, tmp_path / "part")
    assert not isinstance(caught.value, InputError)
