"""Jobs: asked for, watched, cancelled, refused; their files are those of the same plan anywhere."""

from __future__ import annotations

import io
import time
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from tests.server.conftest import Serve
from tests.server.served import SMALL, Served, large

from hotfixture.plans.seed import read
from hotfixture.plans.seed.files import Filing, write_files


def archive(served: Served, job_id: str) -> dict[str, bytes]:
    """The members of a job's file."""
    answer = served.get(f"/api/download/{job_id}")
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def expected(schema: str, folder: Path, filing: Filing, seed: int | None = None) -> dict[str, bytes]:
    """What the same schema gives without a server."""
    write_files(read(schema, seed=seed), folder / "expected", filing)
    return {path.name: path.read_bytes() for path in (folder / "expected").iterdir()}


@pytest.mark.parametrize(
    ("query", "filing"),
    [
        ("", Filing()),
        ("?format=ndjson&compress=gzip", Filing("ndjson", "gzip")),
        ("?format=parquet&shards=3", Filing("parquet", shards=3)),
        ("?format=sql&dialect=mysql", Filing("sql", dialect="mysql")),
    ],
)
def test_a_job_s_files_are_those_of_the_plan(served: Served, tmp_path: Path, query: str, filing: Filing) -> None:
    done = served.until(served.begun(SMALL, query))
    assert (done["state"], done["rows"], done["rows_done"], done["progress"]) == ("done", 2500, 2500, 1)
    assert archive(served, done["id"]) == expected(SMALL, tmp_path, filing)
    assert done["problems"] == []


def test_the_seed_of_the_request_stands_in_for_the_schema_s(served: Served, tmp_path: Path) -> None:
    one, other = (served.until(served.begun(SMALL, f"?seed={seed}"))["id"] for seed in (5, 6))
    assert archive(served, one) == expected(SMALL, tmp_path, Filing(), 5)
    assert archive(served, one) != archive(served, other)


def test_a_form_with_the_field_schema_is_read_too(served: Served) -> None:
    answer = served.client.post("/api/seed", files={"schema": ("s.yaml", SMALL, "application/yaml")})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/api/jobs/{answer.json()['id']}"
    assert served.client.post("/api/seed", data={"schema": SMALL}, files={"a": b""}).status_code in (202, 400)
    assert served.client.post("/api/seed", files={"other": b"x"}).status_code == 422


def test_all_problems_of_a_schema_come_back_with_line_and_column(served: Served) -> None:
    answer = served.seed("tables:\n  users:\n    count: ten\n    columns:\n      id: {type: integr}\n")
    problems = answer.json()["problems"]
    assert answer.status_code == 422
    assert {(one["line"], one["column"]) for one in problems} >= {(3, 12), (5, 18)}


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/yaml", 422),
        (b"\xff\xfe\x00", "application/yaml", 422),
        (b"tables: [", "application/yaml", 422),
        (SMALL.encode(), "application/x-www-form-urlencoded", 415),
        (b"--x\r\nnot a form", "multipart/form-data", 400),
        (b"a: b\n" * 300_000, "application/yaml", 413),
    ],
)
def test_a_body_that_is_no_schema_is_refused(served: Served, content: bytes, kind: str, status: int) -> None:
    answer = served.client.post("/api/seed", content=content, headers={"content-type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_body_without_a_length_is_cut_at_the_bound_too(served: Served) -> None:
    pieces = (b"a: b\n" * 20_000 for _ in range(20))
    answer = served.client.post("/api/seed", content=pieces, headers={"content-type": "application/yaml"})
    assert answer.status_code == 413


@pytest.mark.parametrize("query", ["?format=xml", "?shards=0", "?shards=1001", "?compress=rar", "?colour=1", "?seed=x"])
def test_a_wrong_parameter_is_refused(served: Served, query: str) -> None:
    assert served.seed(SMALL, query).status_code == 400


@pytest.mark.parametrize("section", ["generators", "custom_generators", "customGenerators"])
@pytest.mark.parametrize(
    "definition", ["leak: {file: secret}", "leak: {File: ../secret.txt}", "- {name: leak, file: x}"]
)
def test_an_uploaded_schema_reads_no_files(served: Served, section: str, definition: str) -> None:
    column = "tables:\n  t: {count: 1, columns: {a: {type: text, generator: leak}}}\n"
    answer = served.seed(f"{section}:\n  {definition}\n{column}")
    assert answer.status_code == 422
    assert "may not read files" in answer.text


def test_a_column_may_be_called_file(served: Served) -> None:
    assert served.seed("tables:\n  t: {count: 1, columns: {file: {type: text, generator: uuid}}}\n").status_code == 202


def test_an_expression_of_an_uploaded_schema_reads_no_files_and_no_environment(served: Served) -> None:
    for expression in ("getenv('HOME')", "read_text('/etc/hostname')", "(SELECT 1)"):
        schema = f'tables:\n  t: {{count: 1, columns: {{a: {{type: text, expression: "{expression}"}}}}}}\n'
        assert served.seed(schema).status_code == 422


# ---- idempotency


def test_the_same_key_and_request_give_the_same_job(served: Served) -> None:
    first = served.seed(SMALL, idempotency_key="order-17")
    again = served.seed(SMALL, idempotency_key="order-17")
    assert first.json()["id"] == again.json()["id"]
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    assert served.seed(SMALL).json()["id"] != first.json()["id"]


def test_a_key_stands_for_one_request_alone(served: Served) -> None:
    served.seed(SMALL, idempotency_key="order-18")
    assert served.seed(SMALL, "?format=json", idempotency_key="order-18").status_code == 422
    assert served.seed(SMALL + "\n", idempotency_key="order-18").status_code == 422
    assert served.seed(SMALL, idempotency_key="x" * 201).status_code == 400


# ---- watching and cancelling


def test_progress_is_told_while_a_job_runs_and_cancelling_takes_effect_within_two_seconds(served: Served) -> None:
    """In the best of three tries, for others use this machine too."""
    assert any(_seconds_until_cancelled(served) < 2 for _ in range(3))


def _seconds_until_cancelled(served: Served) -> float:
    job_id = served.begun(large(30_000_000, 1))
    seen = set()
    while len(seen) < 3:
        found = served.until(job_id, "running")
        seen.add(found["rows_done"])
        assert found["rows_done"] < found["rows"] == 30_000_000
        time.sleep(0.1)
    asked = time.monotonic()
    answer = served.client.delete(f"/api/jobs/{job_id}")
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelling")
    done = served.until(job_id)
    assert done["state"] == "cancelled"
    seconds = time.monotonic() - asked
    assert served.get(f"/api/download/{job_id}").status_code == 409
    assert served.client.delete(f"/api/jobs/{job_id}").status_code == 200
    assert not list((served.data / "jobs" / job_id).iterdir())
    return seconds


def test_a_job_that_waits_is_cancelled_at_once(idle: Served) -> None:
    job_id = idle.begun(SMALL)
    assert idle.client.delete(f"/api/jobs/{job_id}").json()["state"] == "cancelled"


def test_the_newest_jobs_are_listed_first(served: Served) -> None:
    ids = [served.begun(SMALL) for _ in range(3)]
    listed = [job["id"] for job in served.get("/api/jobs?limit=3").json()["jobs"]]
    assert listed == ids[::-1]
    assert served.get("/api/jobs?limit=0").status_code == 400


def test_an_unknown_job_is_not_found(served: Served) -> None:
    for path in ("/api/jobs/" + "0" * 32, "/api/jobs/x", "/api/download/" + "0" * 32):
        assert served.get(path).status_code == 404


# ---- bounds


def test_a_job_of_too_many_rows_is_refused(idle: Served) -> None:
    assert idle.seed(SMALL).status_code == 202
    answer = idle.seed(SMALL.replace("count: 500", "count: 501"))
    assert (answer.status_code, "2,501 rows" in answer.text) == (422, True)


def test_no_more_jobs_wait_than_may(serve: Serve) -> None:
    server = serve("--workers", "0", "--max-queued", "2")
    assert [server.seed(SMALL).status_code for _ in range(3)] == [202, 202, 503]


def test_a_job_that_takes_too_long_fails_and_says_so(serve: Serve) -> None:
    server = serve("--job-timeout", "1s")
    done = server.until(server.begun(large(50_000_000, 1)))
    assert (done["state"], done["problems"][0]["message"]) == ("failed", "longer than 1 s")


def test_a_job_that_fills_its_disk_quota_fails_and_leaves_nothing(serve: Serve) -> None:
    server = serve("--job-disk", "2 MiB")
    done = server.until(server.begun(large(5_000_000, 1)))
    assert (done["state"], "disk" in done["problems"][0]["message"]) == ("failed", True)
    assert sum(path.stat().st_size for path in (server.data / "jobs").rglob("*") if path.is_file()) == 0


def test_two_jobs_run_at_once_and_the_third_waits(serve: Serve) -> None:
    server = serve("--workers", "2")
    ids = [server.begun(large(20_000_000, 1)) for _ in range(3)]
    for job_id in ids[:2]:
        server.until(job_id, "running")
    assert server.job(ids[2])["state"] == "queued"
    server.client.delete(f"/api/jobs/{ids[0]}")
    server.until(ids[2], "running")


def test_a_server_whose_disk_is_full_takes_no_more_jobs(serve: Serve) -> None:
    server = serve("--disk", "1", "--workers", "0")
    deadline = time.monotonic() + 20
    while (status := server.seed(SMALL).status_code) == 202:  # the disk is looked at now and then
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert status == 507


# ---- into databases


def test_a_job_fills_a_database_of_the_administrator_s_list(serve: Serve, tmp_path: Path) -> None:
    import sqlite3

    url = f"sqlite:///{tmp_path / 'filled.db'}"
    server = serve(MOCKCRAFT_SEED_TARGET_SHOP=url)
    done = server.until(server.begun(SMALL, "?target=shop"))
    assert (done["state"], done["target"], done["download"]) == ("done", "shop", None), done
    with sqlite3.connect(tmp_path / "filled.db") as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT id) FROM orders").fetchone() == (2000, 2000)
    connection.close()
    again = server.until(server.begun(SMALL, "?target=shop"))
    assert (again["state"], again["rows_done"]) == ("done", 2500)
    with sqlite3.connect(tmp_path / "filled.db") as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (2000,)
    connection.close()


@pytest.mark.parametrize("target", ["other", "sqlite:///tmp/x.db", "postgresql://127.0.0.1/x"])
def test_a_target_outside_the_list_is_refused(served: Served, target: str) -> None:
    answer = served.client.post(
        "/api/seed", params={"target": target}, content=SMALL, headers={"content-type": "application/yaml"}
    )
    assert answer.status_code == 403


def test_a_target_that_cannot_be_reached_fails_the_job_without_its_password(serve: Serve) -> None:
    server = serve(MOCKCRAFT_SEED_TARGET_GONE="postgresql://u:hunter2@127.0.0.1:1/x")
    done = server.until(server.begun(SMALL, "?target=gone"))
    assert done["state"] == "failed"
    assert done["problems"]
    assert "hunter2" not in server.get("/api/jobs").text + server.log.read_text()


def test_the_file_s_digest_is_told(served: Served) -> None:
    done = served.until(served.begun(SMALL))
    content = served.get(f"/api/download/{done['id']}").content
    assert (done["sha256"], done["size"]) == (sha256(content).hexdigest(), len(content))
