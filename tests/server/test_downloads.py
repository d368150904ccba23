"""The files of jobs: whole, in ranges, once, for a while."""

from __future__ import annotations

import time

from tests.server.conftest import Serve
from tests.server.served import SMALL, Served


def test_ranges_put_together_are_the_file(served: Served) -> None:
    path = f"/api/download/{served.until(served.begun(SMALL))['id']}"
    whole = served.get(path)
    half = len(whole.content) // 2
    first = served.get(path, headers={"range": f"bytes=0-{half - 1}"})
    rest = served.get(path, headers={"range": f"bytes={half}-", "if-range": whole.headers["etag"]})
    assert (first.status_code, rest.status_code) == (206, 206)
    assert first.content + rest.content == whole.content
    assert rest.headers["content-range"] == f"bytes {half}-{len(whole.content) - 1}/{len(whole.content)}"
    assert served.get(path, headers={"range": "bytes=-4"}).content == whole.content[-4:]
    assert served.get(path, headers={"range": f"bytes={len(whole.content)}-"}).status_code == 416


def test_a_range_of_another_file_gives_the_whole(served: Served) -> None:
    path = f"/api/download/{served.until(served.begun(SMALL))['id']}"
    answer = served.get(path, headers={"range": "bytes=0-3", "if-range": '"other"'})
    assert (answer.status_code, answer.content[:2]) == (200, b"PK")


def test_a_file_that_is_known_is_not_sent_again(served: Served) -> None:
    path = f"/api/download/{served.until(served.begun(SMALL))['id']}"
    tag = served.get(path).headers["etag"]
    assert served.get(path, headers={"if-none-match": f'"x", {tag}'}).status_code == 304
    assert served.get(path, headers={"if-none-match": '"x"'}).status_code == 200


def test_a_job_that_is_not_done_has_no_file(idle: Served) -> None:
    assert idle.get(f"/api/download/{idle.begun(SMALL)}").status_code == 409


def test_a_file_goes_when_it_was_fetched_whole_where_that_is_configured(serve: Serve) -> None:
    server = serve("--remove-after-download", "true")
    path = f"/api/download/{server.until(server.begun(SMALL))['id']}"
    for _ in range(2):
        assert server.get(path, headers={"range": "bytes=0-3"}).status_code == 206
        assert server.client.head(path).status_code == 200
    assert server.get(path).status_code == 200
    server.until(path.rpartition("/")[2], "expired", seconds=30)
    assert server.get(path).status_code == 410


def test_an_expired_file_is_gone_from_the_disk_too(serve: Serve) -> None:
    server = serve("--keep", "500ms")
    job_id = server.until(server.begun(SMALL))["id"]
    time.sleep(0.6)
    assert server.get(f"/api/download/{job_id}").status_code == 410
    server.stop()
    again = serve("--keep", "500ms", folder="server0")  # a server sweeps when it starts
    assert again.until(job_id, "expired")["download"] is None
    assert not list((again.data / "jobs").iterdir())
