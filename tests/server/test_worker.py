"""Jobs survive `kill -9`: of their worker, of the server, of one of two servers; nothing is lost, nothing twice."""

from __future__ import annotations

import io
import os
import random
import signal
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest
from tests.server.conftest import Serve
from tests.server.served import Served, large
from tests.server.serving import kill
from tests.servers import rows

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the processes of jobs in /proc")

TABLES = 4
MANY = "100"  # attempts: a run kills more often than a job of a user's


def whole(server: Served, job_id: str, rows: int, tables: int = TABLES) -> None:
    """The job is done once, and its file has every row of every table once."""
    done = server.until(job_id, seconds=120)
    assert (done["state"], done["rows_done"]) == ("done", rows * tables), done
    answer = server.get(f"/api/download/{job_id}")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        assert packed.namelist() == [f"t{number}.csv" for number in range(tables)]
        for name in packed.namelist():
            with packed.open(name) as file:
                ids = pyarrow.csv.read_csv(file)["id"].to_numpy()
            assert np.array_equal(ids, np.arange(ids[0], ids[0] + rows)), name
    folder = server.data / "jobs" / job_id
    # A worker that is killed in the moment after its job is done leaves it to the server to tidy up.
    deadline = time.monotonic() + 20
    while len(list(folder.iterdir())) != 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [path.name for path in folder.iterdir()] == [path.name for path in folder.glob("*.zip")]
    assert len(list(folder.iterdir())) == 1


def kill_worker(server: Served, chance: random.Random, job_id: str) -> bool:
    """Kill the process of the job at a random moment; False where the job was faster."""
    while server.until(job_id, "running", "done")["state"] == "running" and not server.workers(job_id):
        time.sleep(0.02)  # the first worker of a server begins a second after its job was claimed
    time.sleep(chance.uniform(0.0, 1.2))
    return bool([pid for pid in server.workers(job_id) if kill(pid)])


def killed(server: Served, run: int) -> int:
    """One run: a job whose worker is killed twice at random moments; how often it was hit."""
    chance = random.Random(run)
    job_id = server.begun(large(400_000, TABLES), f"?seed={run}")
    hits = 0
    for _ in range(2):
        hits += kill_worker(server, chance, job_id)
    whole(server, job_id, 400_000)
    return hits


def test_a_job_survives_its_worker_being_killed(serve: Serve) -> None:
    server = serve("--job-attempts", MANY)
    assert sum(killed(server, run) for run in range(3)) >= 3


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_twenty_jobs_survive_their_workers_being_killed(serve: Serve) -> None:
    server = serve("--job-attempts", MANY, "--rate-limit", "off", "--rate-limits", "seed=off")
    assert sum(killed(server, run) for run in range(20)) >= 20


def survives_the_server(serve: Serve, run: int, *flags: str) -> None:
    """The server is killed while it works; the next one on its folder finishes the job."""
    chance = random.Random(run)
    folder = f"killed{run}"
    server = serve(*flags, folder=folder)
    job_id = server.begun(large(250_000, TABLES), f"?seed={run}")
    server.until(job_id, "running", "done")
    time.sleep(chance.uniform(0.0, 1.5))
    server.kill()
    whole(serve(*flags, folder=folder), job_id, 250_000)


def test_a_job_survives_the_server_being_killed(serve: Serve) -> None:
    survives_the_server(serve, 1)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_twenty_jobs_survive_their_servers_being_killed(serve: Serve) -> None:
    for run in range(20):
        survives_the_server(serve, run)


def test_a_job_is_handed_back_when_the_server_is_told_to_stop(serve: Serve) -> None:
    server = serve(folder="stopped")
    job_id = server.begun(large(10_000_000, 2))
    server.until(job_id, "running")
    begun = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begun < 10
    assert any(line["event"] == "job handed back" for line in server.lines())
    again = serve(folder="stopped")
    found = again.until(job_id, "running")
    assert found["attempt"] == 1  # what was handed back was no attempt
    again.client.delete(f"/api/jobs/{job_id}")


@pytest.mark.soak
def test_a_worker_that_sleeps_loses_its_job_and_is_ended(serve: Serve) -> None:
    server = serve("--job-attempts", MANY)
    job_id = server.begun(large(400_000, TABLES))
    while not (workers := server.workers(job_id)):
        time.sleep(0.02)
    time.sleep(1)
    os.kill(workers[0], signal.SIGSTOP)
    whole(server, job_id, 400_000)
    assert workers[0] not in server.workers(job_id)


def test_a_job_whose_worker_always_dies_fails_in_the_end(serve: Serve) -> None:
    server = serve("--job-attempts", "2")
    job_id = server.begun(large(30_000_000, 1))
    for _ in range(2):
        server.until(job_id, "running")
        while not (workers := server.workers(job_id)):
            time.sleep(0.02)
        for pid in workers:
            kill(pid)
        time.sleep(1)
    done = server.until(job_id)
    assert (done["state"], done["problems"][0]["message"]) == ("failed", "its worker died 2 times")


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def test_a_database_is_filled_once_although_the_worker_is_killed(
    serve: Serve, request: pytest.FixtureRequest, engine: str
) -> None:
    url = request.getfixturevalue(f"{engine}_url")
    server = serve("--job-attempts", MANY, MOCKCRAFT_SEED_TARGET_SHOP=url)
    chance = random.Random(4)
    job_id = server.begun(large(400_000, 2), "?target=shop")
    hits = [kill_worker(server, chance, job_id) for _ in range(2)]
    assert any(hits)
    done = server.until(job_id, seconds=120)
    assert (done["state"], done["rows_done"]) == ("done", 800_000), done
    for table in ("t0", "t1"):
        assert rows(url, f"SELECT count(*), count(DISTINCT id) FROM {table}") == [(400_000, 400_000)]


@pytest.mark.servers
def test_the_jobs_of_a_dead_server_are_taken_over_by_another_within_a_minute(
    serve: Serve, postgresql_url: str, tmp_path: Path
) -> None:
    flags = ("--data", str(tmp_path / "shared"), "--workers", "1")
    store = {"MOCKCRAFT_STORE": postgresql_url}
    first, second = (serve(*flags, **store) for _ in range(2))
    second.data = tmp_path / "shared"
    ids = [first.begun(large(200_000, TABLES), f"?seed={seed}") for seed in range(3)]
    while not (workers := first.workers(*ids)):
        time.sleep(0.02)
    time.sleep(0.5)
    first.kill()
    for pid in workers:  # the whole machine dies: nobody is left to hand the job back
        kill(pid)
    begun = time.monotonic()
    for job_id in ids:
        whole(second, job_id, 200_000)
    assert time.monotonic() - begun < 60
