"""What the supervisor leaves of jobs that are over: the file of each, and nothing else."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from hotfixture.server.jobs import Job, Outcome
from hotfixture.server.metrics import Metrics
from hotfixture.server.settings import ServerSettings
from hotfixture.server.store import Store
from hotfixture.server.supervisor import Supervisor


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store("", tmp_path)
    yield made
    made.close()


@pytest.fixture
def supervisor(store: Store, tmp_path: Path) -> Supervisor:
    return Supervisor(ServerSettings(data=tmp_path), store, Metrics())


def ended(store: Store, folder: Path, file: str | None) -> Job:
    """A job whose worker was killed in the moment after it had said how the job ended."""
    wanted = {"target": None}
    store.add(Job(token_hex(16), "", "", "d", "x", wanted, 10), most_queued=9)
    job = store.claim("somebody")
    assert job
    state = "done" if file else "cancelled"
    assert store.finish(job, Outcome(state, 10, file=file, size=3, sha256="0"), keep=1000)
    packed = folder / "jobs" / job.id / "files" / "t.csv"
    packed.parent.mkdir(parents=True)
    packed.write_text("id\n")
    (packed.parent.parent / "now.zip").write_text("zip")
    (packed.parent.parent / "before.zip").write_text("zip")
    return job


def left(folder: Path, job: Job) -> list[str]:
    place = folder / "jobs" / job.id
    return sorted(path.name for path in place.iterdir()) if place.exists() else []


@pytest.mark.parametrize("file", ["now.zip", None])
def test_a_sweep_leaves_of_a_job_that_is_over_its_file_alone(
    supervisor: Supervisor, store: Store, tmp_path: Path, file: str | None
) -> None:
    job = ended(store, tmp_path, file)
    supervisor._sweep()
    assert left(tmp_path, job) == ([file] if file else [])


@pytest.mark.parametrize("file", ["now.zip", None])
def test_so_does_the_end_of_its_worker(supervisor: Supervisor, store: Store, tmp_path: Path, file: str | None) -> None:
    job = ended(store, tmp_path, file)
    process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(0,))
    process.start()
    process.join()
    supervisor._running[job.id] = (job, process, time.monotonic())
    supervisor._reap()
    assert left(tmp_path, job) == ([file] if file else [])


def test_a_sweep_leaves_a_job_in_work_alone(supervisor: Supervisor, store: Store, tmp_path: Path) -> None:
    store.add(Job(token_hex(16), "", "", "d", "x", {"target": None}, 10), most_queued=9)
    job = store.claim("somebody")
    assert job
    packed = tmp_path / "jobs" / job.id / "files"
    packed.mkdir(parents=True)
    supervisor._sweep()
    assert left(tmp_path, job) == ["files"]
