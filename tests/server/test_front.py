"""What every request passes: ids, headers, access tokens, rate limits, CORS, proxies, logs."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from tests.server.conftest import Serve
from tests.server.served import SMALL, Served

from hotfixture.server import tokens

SAFE = {"x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer"}


@pytest.mark.parametrize("path", ["/api/generate/uuid", "/nowhere", "/health", "/api/generate/nothing", "/api/seed"])
def test_every_answer_has_security_headers_and_an_id(served: Served, path: str) -> None:
    answer = served.get(path)
    assert SAFE.items() <= dict(answer.headers).items()
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert re.fullmatch(r"[0-9a-f]{20,}", answer.headers["x-request-id"])
    assert "server" not in answer.headers


def test_a_sensible_request_id_is_kept_and_another_is_not(served: Served) -> None:
    assert served.get("/health", headers={"x-request-id": "trace-1.2_3"}).headers["x-request-id"] == "trace-1.2_3"
    for strange in ("a b", "x" * 65, 'a"b'):
        assert served.get("/health", headers={"x-request-id": strange}).headers["x-request-id"] != strange


def test_each_request_is_one_line_of_the_log_without_its_query(served: Served) -> None:
    served.get("/api/generate/pattern?pattern=s3cret", headers={"x-request-id": "logged-1"})
    line = served.logged("logged-1")
    assert (line["event"], line["method"], line["path"], line["status"]) == (
        "request", "GET", "/api/generate/pattern", 200,
    )  # fmt: skip
    assert line["ms"] > 0
    assert line["address"] == "127.0.0.1"
    assert "s3cret" not in served.log.read_text()


def test_a_path_cannot_break_out_of_its_log_line(served: Served) -> None:
    served.get('/nowhere/%0A{"event":"forged"}%22', headers={"x-request-id": "logged-2"})
    assert served.logged("logged-2")["path"] == '/nowhere/\n{"event":"forged"}"'
    assert not [line for line in served.lines() if line.get("event") == "forged"]


def test_what_is_not_there_is_a_problem_document(served: Served) -> None:
    for method, path, status in (("GET", "/nowhere", 404), ("PUT", "/api/seed", 405), ("DELETE", "/health", 405)):
        answer = served.client.request(method, path)
        assert (answer.status_code, answer.json()["type"].rpartition(":")[0]) == (status, "urn:hotfixture:problem")


def test_a_request_that_is_no_http_does_not_end_the_server(served: Served) -> None:
    for sent in (b"\x16\x03\x01", b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000, b"POST /api/seed HTTP/1.1\r\n\r\n\xff"):
        with socket.create_connection((served.client.base_url.host, served.client.base_url.port)) as raw:
            raw.sendall(sent)
    assert served.get("/health").status_code == 200


# ---- tokens


def test_a_token_opens_what_is_closed_and_sees_its_own_jobs_alone(serve: Serve, tmp_path: Path) -> None:
    made = {name: tokens.make(name) for name in ("ann", "bob")}
    file = tmp_path / "tokens"
    file.write_text("# people\n" + "".join(f"{line}\n" for _, line in made.values()))
    server = serve("--token-file", str(file))
    ann, bob = ({"authorization": f"Bearer {made[name][0]}"} for name in ("ann", "bob"))
    for path in ("/api/generate/uuid", "/metrics", "/api/jobs"):
        refused = server.get(path)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert server.get(path, headers=ann).status_code == 200
    for path in ("/health", "/health/ready", "/openapi.json"):
        assert server.get(path).status_code == 200
    assert server.seed(SMALL).status_code == 401
    job_id = server.begun(SMALL, **ann)
    for path in (f"/api/jobs/{job_id}", f"/api/download/{job_id}"):
        assert server.get(path, headers=bob).status_code == 404
    assert server.client.delete(f"/api/jobs/{job_id}", headers=bob).status_code == 404
    assert server.get("/api/jobs", headers=bob).json() == {"jobs": []}
    assert server.get(f"/api/jobs/{job_id}", headers=ann).status_code == 200
    for wrong in ("Bearer x" * 40, f"Basic {made['ann'][0]}", f"Bearer {made['ann'][1]}", "Bearer"):
        assert server.get("/api/jobs", headers={"authorization": wrong}).status_code == 401
    logged = server.log.read_text()
    assert '"owner":"ann"' in logged
    assert not [token for token, _ in made.values() if token in logged]


# ---- rates


def test_wrong_tokens_are_counted_by_address(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text(tokens.make("ann")[1])
    server = serve("--token-file", str(tmp_path / "tokens"), "--rate-limit", "5/hour")
    assert [server.get("/api/jobs").status_code for _ in range(7)] == [401] * 5 + [429] * 2


def test_one_address_gets_what_the_limit_says_and_no_more(serve: Serve) -> None:
    server = serve("--rate-limit", "250/hour", "--rate-limits", "generators=3/hour,jobs=off")
    statuses = [server.get("/api/generate/uuid").status_code for _ in range(255)]
    assert statuses == [200] * 250 + [429] * 5
    assert [server.get("/api/generators/uuid").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = server.get("/api/generate/uuid")
    assert 1 <= int(refused.headers["retry-after"]) <= 3600
    assert "250 per 1 hour" in refused.json()["detail"]
    assert {server.get("/api/jobs").status_code for _ in range(300)} == {200}
    assert {server.get("/health").status_code for _ in range(300)} == {200}
    assert 'mockcraft_rate_limited_total{endpoint="generate"} 6.0' in server.get("/metrics").text


# ---- browsers and proxies


def test_pages_of_listed_origins_alone_may_read_answers(serve: Serve) -> None:
    server = serve("--cors-origins", "https://app.example")
    listed = server.get("/api/generate/uuid", headers={"origin": "https://app.example"})
    other = server.get("/api/generate/uuid", headers={"origin": "https://evil.example"})
    assert listed.headers["access-control-allow-origin"] == "https://app.example"
    assert "access-control-allow-origin" not in other.headers
    asked = {"origin": "https://app.example", "access-control-request-method": "DELETE"}
    assert server.client.options("/api/jobs/x", headers=asked).status_code == 200
    assert server.client.options("/api/jobs/x", headers={**asked, "origin": "https://evil.example"}).status_code == 400
    assert "access-control-allow-origin" in server.get("/nowhere", headers={"origin": "https://app.example"}).headers


def test_the_client_s_address_is_believed_of_listed_proxies_alone(serve: Serve, served: Served) -> None:
    behind = serve("--trusted-proxies", "127.0.0.1,10.0.0.0/8")
    for server, address in ((behind, "203.0.113.7"), (served, "127.0.0.1")):
        headers = {"x-request-id": "via", "x-forwarded-for": "198.51.100.1, 203.0.113.7, 10.1.2.3"}
        server.get("/health", headers=headers)
        assert server.logged("via")["address"] == address


def test_a_server_that_a_proxy_shows_below_a_path_answers_as_one_that_stands_alone(
    serve: Serve, tmp_path: Path
) -> None:
    token, line = tokens.make("one")
    (tmp_path / "tokens").write_text(f"{line}\n")
    limit = tmp_path / "server.yaml"
    limit.write_text("rate_limits: {generate: 2/minute}\n")
    flags = ("--token-file", str(tmp_path / "tokens"), "--root-path", "/mockcraft", "--config", str(limit))
    served = serve(*flags)
    for path in ("/health", "/ready", "/openapi.json"):
        assert served.get(path).status_code == 200, path
    served.client.headers["authorization"] = f"Bearer {token}"
    begun = served.seed(SMALL)
    assert begun.headers["location"] == f"/mockcraft/api/jobs/{begun.json()['id']}"
    assert served.get("/api/v1/jobs").json()["jobs"][0]["id"] == begun.json()["id"]
    answers = [served.get(f"/api/{version}generate/integer?low=3&high=3") for version in ("", "v1/", "")]
    assert [(answer.status_code, answer.text[:1]) for answer in answers] == [(200, "3"), (200, "3"), (429, "{")]
    served.get("/api/generators", headers={"x-request-id": "below-1"})
    assert served.logged("below-1")["path"] == "/api/generators"


def test_metrics_count_what_was_answered(serve: Serve) -> None:
    server = serve("--open-metrics", "true")
    for _ in range(5):
        server.get("/api/generate/uuid?count=10")
    server.get("/api/generate/uuit")
    text = server.get("/metrics").text
    assert 'mockcraft_requests_total{endpoint="generate",status="200"} 5.0' in text
    assert 'mockcraft_requests_total{endpoint="generate",status="404"} 1.0' in text
    assert "mockcraft_values_total 50.0" in text


def test_more_requests_than_may_be_in_work_are_told_to_come_back(serve: Serve) -> None:
    server = serve("--max-concurrent", "1")
    slow = socket.create_connection((server.client.base_url.host, server.client.base_url.port))
    head = b"POST /api/seed HTTP/1.1\r\nhost: x\r\ncontent-type: application/yaml\r\ncontent-length: 1000\r\n\r\n"
    slow.sendall(head + b"tables:")
    for _ in range(100):
        busy = server.get("/api/generate/uuid")
        if busy.status_code == 503:
            break
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "1")
    assert server.get("/health").status_code == 200
    slow.close()
