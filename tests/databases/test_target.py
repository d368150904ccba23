"""How a URL finds the place that seeding writes to."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from hotfixture.databases import TARGETS, open_target
from hotfixture.databases.target import Target
from hotfixture.errors import DatabaseError, InputError, MissingExtraError, UnknownNameError, UnsupportedError
from hotfixture.registry import Registry
from hotfixture.schema import Column, Table, TableName


@pytest.mark.parametrize(
    ("url", "engine", "driver", "extra"),
    [
        ("mongodb://u:hunter2@127.0.0.1/db", "mongodb", "pymongo", "mongodb"),
        ("mongodb+srv://u:hunter2@nowhere.example/db", "mongodb", "pymongo", "mongodb"),
        ("redis://:hunter2@127.0.0.1/0", "redis", "redis", "redis"),
        ("rediss://:hunter2@127.0.0.1/0", "redis", "redis", "redis"),
    ],
)
def test_a_missing_driver_is_answered_with_what_to_install(
    url: str, engine: str, driver: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh: Registry[type[Target]] = Registry(TARGETS.kind, TARGETS.table)
    monkeypatch.setattr("hotfixture.databases.TARGETS", fresh)
    monkeypatch.setitem(sys.modules, driver, None)
    for name in [name for name in sys.modules if name.startswith(f"hotfixture.databases.{engine}")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingExtraError, match=rf"pip install 'hotfixture\[{extra}\]'") as raised:
        open_target(url)
    assert "hunter2" not in str(raised.value)


def test_a_scheme_that_no_engine_has_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown database to seed 'mongo'\n  Did you mean mongodb"):
        open_target("mongo://127.0.0.1/db")


def test_a_target_asks_for_the_identity_of_a_table_or_for_all_its_columns() -> None:
    columns = (Column("a", pa.int32()), Column("b", pa.int32()))
    table = Table(TableName("", "t"), columns)
    assert Target.identity(None, table) == ("a", "b")  # type: ignore[arg-type]  # it needs no target
    assert Target.identity(None, Table(table.name, columns, primary_key=("b",))) == ("b",)  # type: ignore[arg-type]  # as above


@pytest.mark.servers
@pytest.mark.parametrize("verb", ["fill", "put_part", "together"])
def test_an_engine_that_checks_no_references_says_so_where_it_is_asked_to(redis_url: str, verb: str) -> None:
    table = Table(TableName("", "t"), (Column("a", pa.int32()),))
    batch = pa.record_batch({"a": pa.array([1], pa.int32())})
    mark = {"mark": "m"} if verb == "put_part" else {}
    with open_target(redis_url) as target:
        call = partial(getattr(target, verb), "plan", table, batch, first=0, **mark)
        with pytest.raises(UnsupportedError, match="redis checks no references"):
            call() if verb != "together" else target.together()


@pytest.mark.parametrize("url", ["postgresql://u:hunter2@127.0.0.1:1/d", "mysql://u:hunter2@127.0.0.1:1/d",
                                 "redis://:hunter2@127.0.0.1:1/0"])  # fmt: skip
def test_a_server_that_does_not_answer_is_said_with_what_to_look_at(url: str) -> None:
    with pytest.raises(DatabaseError) as raised:
        open_target(url)
    assert "Check host and port" in raised.value.problems[0].hint
    assert "hunter2" not in str(raised.value)
    assert "Errno" not in raised.value.problems[0].message or url.startswith("mysql")


def test_a_folder_is_no_sqlite_database(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is a folder"):
        open_target(f"sqlite:///{tmp_path}")
