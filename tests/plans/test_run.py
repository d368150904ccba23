"""A run leaves a package that loads, holds together, and tells nothing; or it leaves nothing."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from tests.plans.market import CUSTOMERS, MASKS, SCHEMA, loaded, market, run

import hotfixture
from hotfixture.errors import InputError, LeakError


def test_a_slice_holds_the_root_its_children_and_all_their_parents(tmp_path: Path) -> None:
    made = run(tmp_path, SCHEMA + CUSTOMERS)
    assert made.rows == {"customers": 1, "orders": 2, "lines": 3}
    with closing(loaded(tmp_path / "package" / "incident.sql")) as copy:
        assert copy.execute("SELECT count(*) FROM lines").fetchone() == (3,)
        assert not copy.execute("PRAGMA foreign_key_check").fetchall()


def test_what_no_mask_touches_arrives_as_it_was(tmp_path: Path) -> None:
    run(tmp_path, SCHEMA + CUSTOMERS)
    with closing(loaded(tmp_path / "package" / "incident.sql")) as copy:
        assert copy.execute("SELECT item FROM lines ORDER BY order_id, line_no").fetchall() == [
            ("cup",), ("tab\there",), ("line\nend",),
        ]  # fmt: skip
        assert copy.execute("SELECT total, typeof(total) FROM orders").fetchall() == [(10.5, "real"), (1.25, "real")]
        assert copy.execute("SELECT status, settings FROM customers").fetchone() == ("active", '{"a": 1}')


def test_no_original_of_a_masked_column_stands_in_any_file(tmp_path: Path) -> None:
    run(tmp_path, SCHEMA + CUSTOMERS, rest="formats: [csv, ndjson]\n")
    text = "".join(path.read_text() for path in (tmp_path / "package").rglob("*") if path.is_file())
    for original in ("w.oberhuber@realmail.com", "Wilhelmine", "Oberhuber", "555666777"):
        assert original not in text


def test_null_and_empty_text_stay_apart_under_masks(tmp_path: Path) -> None:
    columns = "id, first_name, last_name, email, phone, status"
    query = f"  customers: {{provider: SHOP, query: 'SELECT {columns} FROM customers'}}\n"
    run(
        tmp_path,
        SCHEMA + query,
        masks={"customers.email": "email", "customers.phone": "phone", "customers.status": "redact"},
    )
    with closing(loaded(tmp_path / "package" / "incident.sql")) as copy:
        found = copy.execute("SELECT email IS NULL, phone IS NULL, status FROM customers ORDER BY id").fetchall()
    assert found == [(0, 0, "******"), (0, 1, ""), (1, 0, None)]


def test_a_name_in_prose_stops_the_package_and_nothing_is_left(tmp_path: Path) -> None:
    exports = SCHEMA + CUSTOMERS.replace("lines: {}", "notes: {}").replace("id = 1", "id = 1 OR id = 2")
    url = market(tmp_path)
    import sqlite3

    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as production, production:
        production.execute("UPDATE notes SET body = 'Spoke to Wilhelmine Oberhuber.' WHERE id = 1")
    with pytest.raises(LeakError, match=r"notes\.body") as caught:
        run(tmp_path, exports)
    assert "Oberhuber" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["incident.yaml", "market.db"]


def test_rows_of_two_exports_into_one_table_are_loaded_once(tmp_path: Path) -> None:
    more = "  again: {provider: SHOP, table: customers, query: SELECT * FROM customers WHERE id < 3}\n"
    run(tmp_path, SCHEMA + CUSTOMERS + more)
    with closing(loaded(tmp_path / "package" / "incident.sql")) as copy:
        assert copy.execute("SELECT count(*), count(DISTINCT id) FROM customers").fetchone() == (2, 2)


def test_a_row_limit_bounds_every_export(tmp_path: Path) -> None:
    query = "  customers: {provider: SHOP, query: SELECT * FROM customers}\n"
    assert run(tmp_path, SCHEMA + query, parameters={"row_limit": "2"}).rows == {"customers": 2}


def test_a_sample_of_a_query_is_the_same_each_time(tmp_path: Path) -> None:
    numbers = (
        "  n: {provider: SHOP, query: 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000)"
        " SELECT x FROM c'}\n"
    )
    once = run(tmp_path, numbers, masks={}, parameters={"sample_rate": "0.1"})
    first = (tmp_path / "package" / "incident.sql").read_bytes()
    run(tmp_path, numbers, masks={}, parameters={"sample_rate": "0.1"})
    assert (tmp_path / "package" / "incident.sql").read_bytes() == first
    assert 120 < once.rows["n"] < 280


def test_formats_stand_beside_the_script_with_the_same_rows(tmp_path: Path) -> None:
    run(tmp_path, SCHEMA + CUSTOMERS, rest="formats: [csv, json, ndjson, parquet]\n")
    import pyarrow.parquet as pq

    package = tmp_path / "package"
    assert pq.read_table(package / "orders.parquet").column("id").to_pylist() == [11, 13]
    assert [json.loads(line)["id"] for line in (package / "orders.ndjson").read_text().splitlines()] == [11, 13]
    assert len(json.loads((package / "lines.json").read_text())) == 3
    assert (package / "lines.csv").read_text().startswith("order_id,line_no,item\n11,1,cup\n")


def test_options_of_a_format_reach_its_files(tmp_path: Path) -> None:
    formats = "formats: {csv: {spreadsheet: true}, ndjson: {text_numbers: true}}"
    query = f"  q: {{provider: SHOP, query: \"SELECT '=1+1' AS f FROM customers\", {formats}}}\n"
    run(tmp_path, query, masks={})
    package = tmp_path / "package"
    assert "'=1+1" in (package / "q.csv").read_text()
    assert "'=1+1" not in (package / "q.ndjson").read_text()


def test_files_of_a_volume_come_along_and_only_those_that_are_named(tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    for name in ("1/a.txt", "1/b.pdf", "2/a.txt"):
        (volume / name).parent.mkdir(parents=True, exist_ok=True)
        (volume / name).write_text(name)
    files = '  docs: {type: files, volume: docs, path: "${id}/*.txt"}\n'
    run(tmp_path, SCHEMA + CUSTOMERS + files, parameters={"id": "1"}, volumes={"docs": str(volume)})
    copied = tmp_path / "package" / "files" / "docs"
    assert [path.relative_to(copied).as_posix() for path in copied.rglob("*.*")] == ["1/a.txt"]


def test_an_original_in_a_copied_file_stops_the_package(tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    (volume / "log.txt").write_text("sent to W.Oberhuber@RealMail.com\n")
    files = "  logs: {type: files, volume: logs, path: '*.txt'}\n"
    with pytest.raises(LeakError, match=r"log\.txt: byte"):
        run(tmp_path, SCHEMA + CUSTOMERS + files, volumes={"logs": str(volume)})


def test_another_key_gives_other_masks_and_the_same_key_the_same(tmp_path: Path) -> None:
    run(tmp_path, SCHEMA + CUSTOMERS, output=tmp_path / "a.sql")
    run(tmp_path, SCHEMA + CUSTOMERS, output=tmp_path / "b.sql")
    run(tmp_path, SCHEMA + CUSTOMERS, output=tmp_path / "c.sql", key=bytes(range(1, 33)))
    assert (tmp_path / "a.sql").read_bytes() == (tmp_path / "b.sql").read_bytes()
    assert (tmp_path / "a.sql").read_bytes() != (tmp_path / "c.sql").read_bytes()


def test_the_manifest_names_masks_rows_and_digests_and_no_secret(tmp_path: Path) -> None:
    made = run(tmp_path, SCHEMA + CUSTOMERS)
    text = json.dumps(dict(made.manifest), default=str)
    assert KEY_HEX not in text
    assert "market.db" not in text
    assert made.manifest["scan"]["found"] == 0
    assert made.manifest["scan"]["originals"] >= 2
    customers = next(entry for entry in made.manifest["tables"] if entry["table"] == "customers")
    assert set(customers["masks"]) == {name.partition(".")[2] for name in MASKS}


KEY_HEX = bytes(range(32)).hex()


def test_a_template_that_needs_a_masked_expression_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    query = "  customers: {provider: SHOP, query: 'SELECT upper(email) AS e FROM customers'}\n"
    with pytest.raises(hotfixture.errors.RefusedError, match=r"incident\.yaml:3:"):  # type: ignore[attr-defined]
        run(tmp_path, query)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["incident.yaml", "market.db"]


def test_a_folder_that_is_no_package_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="no package"):
        run(tmp_path, SCHEMA + CUSTOMERS)
    assert (tmp_path / "package" / "thesis.txt").read_text() == "years of work"


def test_reasons_name_every_row_once(tmp_path: Path) -> None:
    reasons: list[object] = []
    made = run(tmp_path, SCHEMA + CUSTOMERS, explain=reasons.append)
    assert len(reasons) == sum(made.rows.values())
    assert "customers(1): root" in map(str, reasons)


def test_rows_of_a_query_that_belong_to_no_table_get_one_of_their_own(tmp_path: Path) -> None:
    query = "  totals: {provider: SHOP, query: 'SELECT customer_id, count(*) AS orders FROM orders GROUP BY 1'}\n"
    run(tmp_path, SCHEMA + query, masks={})
    with closing(loaded(tmp_path / "package" / "incident.sql")) as copy:
        assert copy.execute("SELECT customer_id, orders + 0 FROM totals ORDER BY 1").fetchall() == [(1, 2), (3, 1)]


def test_a_view_is_seen_through_to_the_columns_it_shows(tmp_path: Path) -> None:
    import sqlite3

    with closing(sqlite3.connect(market(tmp_path).removeprefix("sqlite:///"))) as production, production:
        production.execute("CREATE VIEW contacts AS SELECT id, email AS reach_at, upper(phone) AS p FROM customers")
    good = "  contacts: {provider: SHOP, query: 'SELECT id, reach_at FROM contacts'}\n"
    run(tmp_path, good)
    assert "realmail.com" not in (tmp_path / "package" / "incident.sql").read_text()
    with pytest.raises(hotfixture.errors.RefusedError, match=r"customers\.phone"):  # type: ignore[attr-defined]
        run(tmp_path, "  contacts: {provider: SHOP, query: SELECT p FROM contacts}\n")


def test_rows_that_show_only_a_part_of_their_key_are_all_kept(tmp_path: Path) -> None:
    one = "  a: {provider: SHOP, table: lines, query: SELECT order_id FROM lines}\n"
    made = run(tmp_path, one + one.replace("a:", "b:"), masks={})
    assert made.rows == {"lines": 8}


def test_a_template_of_definitions_alone_creates_every_table(tmp_path: Path) -> None:
    run(tmp_path, SCHEMA, masks={})
    with closing(loaded(tmp_path / "package" / "incident.sql")) as copy:
        names = {name for (name,) in copy.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert names == {"customers", "orders", "lines", "notes"}
