"""A leak is said with file, table and column, and never with what leaked."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest
from tests.engines import SHOP, Anywhere, anywhere
from tests.plans.market import KEY

import hotfixture
from hotfixture.databases.base import Load
from hotfixture.databases.script import Script
from hotfixture.databases.sqlite import SqliteDialect
from hotfixture.errors import LeakError
from hotfixture.plans.leaks import SHOWN, leak
from hotfixture.schema import Column, Table, TableName

__all__ = ["anywhere"]


class Finding(NamedTuple):
    """Where an original stands."""

    file: str
    offset: int


def scripted(folder: Path, rows: dict[str, list[str]]) -> Script:
    table = Table(TableName("", "t"), tuple(Column(name, pa.string()) for name in rows))
    script = Script(SqliteDialect(), folder)
    script.relation(table, table.columns).write(pa.record_batch(rows))
    load = Load((table,))
    with (folder / "x.sql").open("wb") as out:
        script.begin(out, load)
        script.end(load)
    script.close()
    return script


@pytest.mark.parametrize("before", ["plain", "a, b, c", "it''s, isn''t it", "(1,2),(3,4)", ""])
def test_the_column_is_found_whatever_stands_before_it(tmp_path: Path, before: str) -> None:
    script = scripted(tmp_path, {"a": ["1", "2"], "b": ["'x'", f"'{before}'"], "c": ["NULL", "'ORIGINAL'"]})
    offset = (tmp_path / "x.sql").read_bytes().index(b"ORIGINAL")
    error = leak(tmp_path, [Finding("x.sql", offset)], [script])
    assert [problem.message for problem in error.problems] == ["x.sql: t.c holds original values of masked columns"]
    assert "ORIGINAL" not in str(error)


def test_one_place_is_said_once_and_many_are_counted(tmp_path: Path) -> None:
    findings = [Finding("a.csv", 7)] * 3 + [Finding("b.csv", number) for number in range(SHOWN + 5)]
    error = leak(tmp_path, findings, [])
    assert len(error.problems) == SHOWN + 1
    assert error.problems[0].message.startswith("a.csv: byte 7 ")
    assert error.problems[-1].message == "6 more places hold original values"
    assert error.problems[-1].hint


def test_an_original_in_another_column_is_found_on_every_engine(anywhere: Anywhere) -> None:
    mail = "UPDATE order_lines SET item = 'for w.oberhuber@realmail.com' WHERE order_id = 11 AND line_no = 2;"
    url = anywhere.filled(SHOP + mail)
    template = anywhere.folder / "t.yaml"
    template.write_text(
        "templateName: t\nexports:\n  s: {type: subset, provider: P, root: customers, include: all}\n"
        "masks: {customers.email: email}\n"
    )
    with pytest.raises(LeakError, match=r"order_lines\.item") as caught:
        hotfixture.run(template, providers={"P": url}, output=anywhere.folder / "package", key=KEY)
    assert "oberhuber" not in str(caught.value)
    assert not [path for path in anywhere.folder.iterdir() if "package" in path.name]
