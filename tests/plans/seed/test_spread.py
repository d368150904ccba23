"""Files written by several processes: the same bytes for any number of them, and after one is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from unittest import mock

import psutil
import pyarrow.parquet as pq
import pytest
from tests.plans.seed.test_kinds import RICH
from tests.plans.seed.test_plan import SHOP

from hotfixture.errors import HotFixtureError
from hotfixture.files.volumes import Volume, open_volume
from hotfixture.plans.seed import read
from hotfixture.plans.seed.files import Filing, shards, write_files
from hotfixture.plans.seed.spread import spread

PLAN = read(SHOP)
BIG = SHOP.replace("count: 3000", "count: 120000")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "parquet", "sql"])
@pytest.mark.parametrize("compress", ["", "gzip", "zstd"])
def test_files_are_the_same_bytes_every_time(form: str, compress: str, tmp_path: Path) -> None:
    filing = Filing(form, compress, shards=2)
    for name in ("one", "other"):
        write_files(PLAN, tmp_path / name, filing)
    assert contents(tmp_path / "one") == contents(tmp_path / "other")
    assert len(contents(tmp_path / "one")) == 6


@pytest.mark.parametrize("compress", ["", "gzip", "zstd"])
def test_parquet_is_compressed_inside_so_that_every_reader_reads_it(compress: str, tmp_path: Path) -> None:
    names = write_files(PLAN, tmp_path, Filing("parquet", compress))
    assert all(name.endswith(".parquet") for name in names)
    for name in names:
        column = pq.ParquetFile(tmp_path / name).metadata.row_group(0).column(0)
        assert column.compression == (compress or "zstd").upper()


def test_batches_of_any_size_give_the_same_files(tmp_path: Path) -> None:
    for size in (100, 7777):
        write_files(PLAN, tmp_path / str(size), Filing("parquet", batch_size=size))
    assert contents(tmp_path / "100") == contents(tmp_path / "7777")


def test_any_number_of_workers_writes_the_same_bytes(tmp_path: Path) -> None:
    filing = Filing("parquet", shards=4)
    plan = read(RICH)
    write_files(plan, tmp_path / "alone", filing)
    for workers in (1, 3):
        assert spread(plan, tmp_path / str(workers), filing, workers=workers) == [
            one.name for one in shards(plan, filing)
        ]
        assert contents(tmp_path / str(workers)) == contents(tmp_path / "alone")


def test_how_a_table_is_cut_hangs_on_its_size_alone() -> None:
    plan = read("tables:\n  - {name: t, count: 2500000, columns: [{name: id, primary_key: true}]}\n")
    found = shards(plan, Filing("csv", shards=0))
    assert [(one.first, one.end) for one in found] == [(0, 833_333), (833_333, 1_666_666), (1_666_666, 2_500_000)]


def test_a_worker_that_is_killed_costs_nothing_but_time(tmp_path: Path) -> None:
    plan, filing = read(BIG), Filing("csv", shards=6)
    write_files(plan, tmp_path / "alone", filing)
    killed: list[int] = []

    def kill() -> None:
        until = monotonic() + 30
        while not killed and monotonic() < until:
            if (tmp_path / "killed").is_dir() and any((tmp_path / "killed").iterdir()):
                for child in psutil.Process().children(recursive=True):
                    if "spawn_main" in " ".join(child.cmdline()):
                        os.kill(child.pid, signal.SIGKILL)
                        killed.append(child.pid)
                        return
            sleep(0.005)

    killer = Thread(target=kill)
    killer.start()
    spread(plan, tmp_path / "killed", filing, workers=2)
    killer.join()
    assert killed
    assert contents(tmp_path / "killed") == contents(tmp_path / "alone")


def test_a_dask_cluster_writes_the_same_bytes(tmp_path: Path) -> None:
    from distributed import LocalCluster

    filing = Filing("ndjson", shards=3)
    write_files(PLAN, tmp_path / "alone", filing)
    quiet = {"dashboard_address": None, "host": "127.0.0.1", "worker_dashboard_address": None}
    # It sets variables of this process for those that it begins.
    with mock.patch.dict(os.environ), LocalCluster(n_workers=1, threads_per_worker=1, **quiet) as cluster:
        spread(PLAN, tmp_path / "dask", filing, dask=cluster.scheduler_address)
    assert contents(tmp_path / "dask") == contents(tmp_path / "alone")


def test_a_scheduler_that_does_not_answer_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(HotFixtureError, match="no dask scheduler answers"):
        spread(PLAN, tmp_path, Filing(), dask="tcp://127.0.0.1:1")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket on a local S3 server."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    for name, value in (
        ("AWS_ENDPOINT", endpoint), ("AWS_ALLOW_HTTP", "true"), ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    client.create_bucket(Bucket="fixtures")
    yield "s3://fixtures/seeded"
    server.stop()


def test_object_storage_takes_the_same_bytes_as_a_folder(bucket: str, tmp_path: Path) -> None:
    filing = Filing("parquet", shards=2)
    write_files(PLAN, tmp_path, filing)
    names = spread(PLAN, bucket, filing, workers=2)
    volume = open_volume(bucket)
    assert {name: b"".join(volume.read(name)) for name in names} == contents(tmp_path)


def break_off(volume: Volume) -> None:
    with volume.write("half.csv") as stream:
        stream.write(b"a,b\n" * 1000)
        raise HotFixtureError("broke off")


def test_an_upload_that_breaks_leaves_nothing(bucket: str) -> None:
    volume = open_volume(bucket)
    with pytest.raises(HotFixtureError, match="broke off"):
        break_off(volume)
    assert list(volume.find("half*")) == []
