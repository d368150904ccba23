"""Volumes over HTTP: listings, downloads by the policy, ranges, and nothing outside the volume."""

from __future__ import annotations

import gzip
import json
import os
import socket
import time
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from tests.server.gateway.daemons import Daemon, set_up

FILES_POLICY = """
files:
  - {match: "logs:raw/**", keep: fixtures of our own}
  - {match: "logs:**/*.csv*", columns: {email: email, id: keep}}
  - {match: ["logs:**/*.log*", "bucket:**"], text: scrub}
  - {match: "logs:pictures/*", binary: [png]}
"""
RAW = bytes(range(256)) * 1000
PNG = b"\x89PNG\r\n\x1a\n" + bytes(5000)


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, str]]:
    moto = pytest.importorskip("moto.server", reason="moto[server] is not installed")
    server = moto.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    for name, data in (("", None), ("/app/a.log", b"from anna.kern@firm.test\n"), ("/secret", b"outside")):
        put = urllib.request.Request(f"{endpoint}/bucket{name}", data, {"content-type": "text/plain"}, method="PUT")
        urllib.request.urlopen(put).close()
    yield {"endpoint": endpoint}
    server.stop()


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory, bucket: dict[str, str]) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("volumes")
    set_up(folder)
    logs = folder / "logs"
    for name, data in {
        "app/today.log": b"anna.kern@firm.test logged in\n" * 3, "app/old.log": b"nothing\n", "raw/data.bin": RAW,
        "people.csv": b"id,email\n1,anna.kern@firm.test\n", "bad.csv": b"id,phone\n1,+49 30 1234567\n",
        "pictures/a.png": PNG, "pictures/a.gif": b"GIF89a", "a b/\xc3\xa9.log".encode("latin-1").decode(): b"x\n",
        "late.csv": b"id,email\n" + (b"1" * 100_000 + b",anna.kern@firm.test\n") * 700 + b"1,2,3\n",
        "some.html": b"<p>",
        "soon.csv": b"id,email\n" + b"1,anna.kern@firm.test\n" * 3_000 + b"1,2,3\n",
        "leaks.csv": b"id,email\nw.oberhuber@realmail.com,w.oberhuber@realmail.com\n",
        "leaks.csv.gz": gzip.compress(b"id,email\nw.oberhuber@realmail.com,w.oberhuber@realmail.com\n"),
        "app/z.log.gz": gzip.compress(b"anna.kern@firm.test\n"), "empty.log": b"",
    }.items():  # fmt: skip
        path = logs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    os.utime(logs / "app/old.log", (time.time() - 30 * 86400,) * 2)
    os.utime(logs / "app/z.log.gz", (time.time() - 20 * 86400,) * 2)
    (folder / "secret.log").write_text("outside")
    (logs / "link.log").symlink_to(folder / "secret.log")
    (logs / "up").symlink_to(folder)
    config = folder / "hfitd.yaml"
    options = f"{{endpoint: '{bucket['endpoint']}', region: us-east-1, access_key_id: 'env:HF_TEST_KEY'"
    options += ", secret_access_key: 'env:HF_TEST_SECRET', allow_http: 'true'}"
    more = f"  bucket: {{place: 's3://bucket/app', teams: [payments], options: {options}}}\n"
    more += "  hidden: {place: '/srv', teams: [billing]}\n  broken: {place: '/no/such', teams: [payments]}\n"
    config.write_text(config.read_text().replace("volumes:\n", f"volumes:\n{more}"))
    policy = folder / "masking.yaml"
    policy.write_text(policy.read_text().partition("files:")[0] + FILES_POLICY)
    made = Daemon(folder, environment={"HF_TEST_KEY": "k", "HF_TEST_SECRET": "hunter2"})
    yield made
    made.stop()


@pytest.fixture(scope="module")
def somebody(daemon: Daemon) -> dict[str, str]:
    return daemon.somebody("dev@example.com")


def files(daemon: Daemon, who: dict[str, str], volume: str, *words: str, folder: str = "") -> list[str]:
    asked = [("filter", word) for word in words] + [("folder", folder)] * bool(folder)
    answer = daemon.client.get(f"/api/volumes/{volume}/files", params=asked, headers=who)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line)["name"] for line in answer.text.splitlines()]


def get(daemon: Daemon, who: dict[str, str], name: str, status: int = 200, **more: str) -> httpx.Response:
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    answer = daemon.client.get(f"/api/volumes/{name}", headers={**who, **headers})
    assert answer.status_code == status, answer.text[:500]
    return answer


def test_somebody_sees_the_volumes_granted_to_their_teams(daemon: Daemon, somebody: dict[str, str]):
    found = daemon.client.get("/api/volumes", headers=somebody).json()
    assert found == [
        {"name": "broken", "kind": "folder"}, {"name": "bucket", "kind": "s3"}, {"name": "logs", "kind": "folder"},
    ]  # fmt: skip
    assert "hunter2" not in str(found)


def test_a_listing_has_what_the_words_say(daemon: Daemon, somebody: dict[str, str]):
    assert set(files(daemon, somebody, "logs", "name:*.log", "mtime:7")) == {
        "app.log", "app/today.log", "a b/é.log", "empty.log",
    }  # fmt: skip
    assert files(daemon, somebody, "logs", "sort:size:desc", "limit:1") == ["late.csv"]
    assert files(daemon, somebody, "logs", "sort:mtime", folder="app/") == [
        "app/old.log", "app/z.log.gz", "app/today.log",
    ]  # fmt: skip
    assert files(daemon, somebody, "bucket") == ["a.log"]


@pytest.mark.parametrize("words", ["colour:red", "mtime:soon", "name:../*", "limit:1&filter=limit:2"])
def test_a_wrong_filter_is_refused(daemon: Daemon, somebody: dict[str, str], words: str):
    get(daemon, somebody, f"logs/files?filter={words}", 400)


@pytest.mark.parametrize(
    "path",
    [
        "hidden/files", "absent/files", "hidden/files/etc/passwd", "logs/files/absent.log", "logs/files/link.log",
        "logs/files/up/secret.log", "logs/files?folder=up", "logs/files?folder=absent", "logs/files/app",
    ],
)  # fmt: skip
def test_what_is_not_in_the_volume_is_not_found(daemon: Daemon, somebody: dict[str, str], path: str):
    get(daemon, somebody, path, 404)


@pytest.mark.parametrize(
    "path", ["..%2Fsecret.log", "app%2F..%2F..%2Fsecret.log", "%2e%2e/secret.log", "a%00b", "C:%5Cx",
             "%ef%bc%8e%ef%bc%8e/x", "%E2%80%A5/secret.log"],
)  # fmt: skip
def test_nothing_outside_a_volume_is_reachable(daemon: Daemon, somebody: dict[str, str], path: str):
    answer = daemon.client.get(f"/api/volumes/logs/files/{path}", headers=somebody)
    assert answer.status_code in (400, 404)
    assert "outside" not in answer.text


def test_a_volume_that_cannot_be_used_is_said_without_its_place(daemon: Daemon, somebody: dict[str, str]):
    assert "/no/such" not in get(daemon, somebody, "broken/files", 503).text


def test_a_log_is_scrubbed_and_a_table_masked(daemon: Daemon, somebody: dict[str, str]):
    log = get(daemon, somebody, "logs/files/app/today.log")
    assert b"anna.kern" not in log.content
    assert log.headers["content-length"] == str(len(log.content))
    assert log.content.count(b"logged in\n") == 3
    assert log.headers["accept-ranges"] == "none"
    table = get(daemon, somebody, "logs/files/people.csv").text
    surrogate = table.splitlines()[1].removeprefix("1,")
    assert log.text.startswith(f"{surrogate} logged in")
    assert get(daemon, somebody, "bucket/files/a.log").text == f"from {surrogate}\n"
    assert gzip.decompress(get(daemon, somebody, "logs/files/app/z.log.gz").content).decode() == f"{surrogate}\n"
    assert get(daemon, somebody, "logs/files/empty.log").content == b""
    shop = daemon.client.get("/api/providers/SHOP/tables/customers/rows", headers=somebody).json()
    assert surrogate in str(shop["rows"])  # one key: the same person in the table, the log, the CSV and the bucket


@pytest.mark.parametrize(
    ("name", "why"),
    [("bad.csv", "'phone'"), ("some.html", "nobody has decided"), ("pictures/a.gif", "gif")],
)
def test_what_the_policy_does_not_decide_is_refused(daemon: Daemon, somebody: dict[str, str], name: str, why: str):
    answer = get(daemon, somebody, f"logs/files/{name}", 403)
    assert why in answer.text
    assert "1234567" not in answer.text


def test_a_file_that_is_refused_in_its_middle_is_not_begun(daemon: Daemon, somebody: dict[str, str]):
    answer = get(daemon, somebody, "logs/files/soon.csv", 403)
    assert "record 3002 has 3 fields" in answer.text


@pytest.mark.parametrize("name", ["leaks.csv", "leaks.csv.gz"])
def test_a_file_that_still_holds_what_was_masked_is_not_sent(daemon: Daemon, somebody: dict[str, str], name: str):
    answer = get(daemon, somebody, f"logs/files/{name}", 403)
    assert "originals of what is masked stand elsewhere" in answer.text
    assert "oberhuber" not in answer.text


def test_a_large_file_that_is_refused_in_its_middle_ends_the_connection(daemon: Daemon, somebody: dict[str, str]):
    """Nobody takes what came so far for the whole."""
    with pytest.raises(httpx.RemoteProtocolError):
        daemon.client.get("/api/volumes/logs/files/late.csv", headers=somebody)
    assert daemon.client.get("/api/volumes", headers=somebody).status_code == 200


def test_files_that_pass_come_whole_or_in_ranges(daemon: Daemon, somebody: dict[str, str]):
    whole = get(daemon, somebody, "logs/files/raw/data.bin")
    assert whole.content == RAW
    assert whole.headers["content-length"] == str(len(RAW))
    assert whole.headers["accept-ranges"] == "bytes"
    tag = whole.headers["etag"]
    part = get(daemon, somebody, "logs/files/raw/data.bin", 206, range="bytes=1000-1999", if_range=tag)
    assert part.content == RAW[1000:2000]
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(RAW)}"
    assert get(daemon, somebody, "logs/files/raw/data.bin", 206, range="bytes=-5").content == RAW[-5:]
    assert get(daemon, somebody, "logs/files/raw/data.bin", 200, range="bytes=5-", if_range='"old"').content == RAW
    outside = get(daemon, somebody, "logs/files/raw/data.bin", 416, range=f"bytes={len(RAW)}-")
    assert outside.headers["content-range"] == f"bytes */{len(RAW)}"
    assert get(daemon, somebody, "logs/files/pictures/a.png").content == PNG


def test_a_masked_file_knows_no_ranges(daemon: Daemon, somebody: dict[str, str]):
    whole = get(daemon, somebody, "logs/files/app/today.log").content
    assert get(daemon, somebody, "logs/files/app/today.log", 200, range="bytes=0-5").content == whole


def test_a_head_says_what_a_download_would_be(daemon: Daemon, somebody: dict[str, str]):
    raw = daemon.client.head("/api/volumes/logs/files/raw/data.bin", headers=somebody)
    assert (raw.status_code, raw.headers["content-length"]) == (200, str(len(RAW)))
    masked = daemon.client.head("/api/volumes/logs/files/app/today.log", headers=somebody)
    assert masked.status_code == 200
    assert "content-length" not in masked.headers or masked.headers["content-length"] == "0"
    assert daemon.client.head("/api/volumes/logs/files/absent", headers=somebody).status_code == 404


def test_the_newest_file_of_a_folder(daemon: Daemon, somebody: dict[str, str]):
    answer = get(daemon, somebody, "logs/files/app/?filter=sort:mtime:desc&filter=name:*.log*")
    assert answer.headers["content-location"] == "/api/volumes/logs/files/app/today.log"
    get(daemon, somebody, "logs/files/app/?filter=name:*.absent", 404)


def events(daemon: Daemon, subject: str) -> list[tuple[str, str, dict[str, object]]]:
    """What the audit says of a volume's files, oldest first."""
    from hotfixture.server.gateway.tables import AUDIT

    state = daemon.state()
    try:
        with state.read() as connection:
            found = AUDIT.select().where(AUDIT.c.subject.startswith(subject)).order_by(AUDIT.c.seq)
            return [(row.kind, row.subject, json.loads(row.facts)) for row in connection.execute(found)]
    finally:
        state.close()


def test_every_read_is_audited_with_its_bytes(daemon: Daemon, somebody: dict[str, str]):
    get(daemon, somebody, "logs/files/raw/data.bin", 206, range="bytes=0-99")
    sent = get(daemon, somebody, "logs/files/app/today.log").content
    assert ("file.read", "logs:raw/data.bin", {"bytes": 100, "masked": False, "start": 0}) in events(daemon, "logs:")
    wanted = ("file.sent", "logs:app/today.log", {"bytes": len(sent), "whole": True})
    deadline = time.monotonic() + 10  # it is said when the last byte has gone, which the client need not wait for
    while wanted not in (found := events(daemon, "logs:")):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    assert not [
        facts for kind, name, facts in found if (kind, name) == ("file.sent", "logs:late.csv") and facts["whole"]
    ]


def test_a_listing_is_audited_with_its_words(daemon: Daemon, somebody: dict[str, str]):
    files(daemon, somebody, "logs", "name:*.absent", folder="app")
    found = [facts for kind, subject, facts in events(daemon, "logs") if (kind, subject) == ("volume.listed", "logs")]
    assert found[-1] == {"filter": ["name:*.absent"], "folder": "app"}


def test_a_client_that_hangs_up_leaves_nothing_open(daemon: Daemon, somebody: dict[str, str]):
    host = urlsplit(daemon.url)
    folder = f"/proc/{daemon.process.pid}/fd"
    if not os.path.isdir(folder):  # noqa: PTH112 - of another process
        pytest.skip("counts descriptors in /proc")
    for _ in range(5):
        with socket.create_connection((host.hostname or "", host.port or 0)) as connection:
            asked = f"GET /api/volumes/logs/files/late.csv HTTP/1.1\r\nhost: {host.netloc}\r\n"
            connection.sendall(f"{asked}authorization: {somebody['authorization']}\r\n\r\n".encode())
            connection.recv(1000)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        held = [os.readlink(f"{folder}/{name}") for name in os.listdir(folder) if os.path.lexists(f"{folder}/{name}")]  # noqa: PTH115, PTH208 - as above
        if not [path for path in held if "late.csv" in path]:
            return
        time.sleep(0.1)
    pytest.fail("a file is still open")
