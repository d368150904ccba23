"""SQLAlchemy, which uses the drivers to the full, sees the same bare, recorded, and played back without a server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hotfixture.capture import hooks, tapes
from hotfixture.capture.playing.playback import replay
from hotfixture.capture.session import Session

sa = pytest.importorskip("sqlalchemy")

hooks.install()


def _work(url: str) -> list[Any]:
    """Tables, rows, a change, an error, and what a database says of itself."""
    engine = sa.create_engine(url)
    tables = sa.MetaData()
    orders = sa.Table(
        "orders", tables, sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.String(50)),
        sa.Column("extra", sa.JSON), sa.Column("total", sa.Numeric(9, 2)),
    )  # fmt: skip
    tables.drop_all(engine)
    tables.create_all(engine)
    seen: list[Any] = []
    with engine.begin() as connection:
        connection.execute(
            orders.insert(), [{"note": f"n{number}", "extra": {"a": [number]}, "total": number} for number in range(5)]
        )
        key = connection.execute(orders.insert().values(note="last", total="1.25")).inserted_primary_key
        seen.append(tuple(key))
    with engine.connect() as connection:
        seen += [tuple(row) for row in connection.execute(sa.select(orders).order_by(orders.c.id))]
        changed = connection.execute(orders.update().where(orders.c.id > 2).values(note="x"))
        seen.append(changed.rowcount)
        connection.commit()
        try:
            connection.execute(sa.text("SELECT nope FROM orders"))
        except sa.exc.DBAPIError as error:
            seen += [type(error).__name__, type(error.orig).__name__, str(error.orig)]
        connection.rollback()
        streamed = connection.execution_options(stream_results=True).execute(sa.select(orders.c.id).order_by("id"))
        seen += streamed.scalars().all()
    seen.append(sa.inspect(engine).get_table_names())
    engine.dispose()
    return seen


def _same(live: str, dead: str, folder: Path) -> None:
    bare = _work(live)
    session = Session(directory=folder, within=True)
    with tapes.under(session):
        recorded = _work(live)
    outcome = session.close()
    assert recorded == bare
    assert (outcome.lost, outcome.problems) == (0, [])
    with replay(session.folder):
        assert _work(dead) == bare


def test_over_sqlite3(tmp_path: Path) -> None:
    _same(f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/a.db", tmp_path / "captures")


def test_over_psycopg(tmp_path: Path, postgresql_url: str) -> None:
    pytest.importorskip("psycopg")
    live = postgresql_url.replace("postgresql://", "postgresql+psycopg://")
    _same(live, re.sub(r":\d+/", ":1/", live), tmp_path)


def test_over_pymysql(tmp_path: Path, mariadb_url: str) -> None:
    live = "mysql+pymysql://" + mariadb_url.partition("://")[2]
    _same(live, re.sub(r":\d+/", ":1/", live), tmp_path)
