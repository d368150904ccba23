"""Verification finds whatever happened to a package, says all of it, and changes nothing."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.engines import SHOP, Anywhere, anywhere
from tests.plans.market import CUSTOMERS, KEY, SCHEMA, run
from tests.servers import rows

import hotfixture
from hotfixture.errors import HotFixtureError, InputError, PackageError

__all__ = ["anywhere"]
MARKET = SCHEMA + CUSTOMERS


def _change(folder: Path) -> None:
    script = folder / "incident.sql"
    script.write_bytes(script.read_bytes().replace(b"cup", b"mug"))


def _lose(folder: Path) -> None:
    (folder / "incident.sql").unlink()


def _add(folder: Path) -> None:
    (folder / "more.sql").write_text("DROP TABLE x;")


def _lie(folder: Path) -> None:
    path = folder / "METADATA" / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["files"]["METADATA/template.yaml"]
    path.write_text(json.dumps(manifest))


def _break(folder: Path) -> None:
    (folder / "METADATA" / "manifest.json").write_text("{")


def _forget(folder: Path) -> None:
    shutil.rmtree(folder / "METADATA")


def _age(folder: Path) -> None:
    path = folder / "METADATA" / "manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_change, "incident.sql: changed"),
        (_lose, "incident.sql: missing"),
        (_add, "more.sql: not in the manifest"),
        (_lie, "template.yaml: not in the manifest"),
        (_break, "manifest.json is missing or damaged"),
        (_forget, "manifest.json is missing or damaged"),
        (_age, "format 2"),
    ],
)
def test_damage_is_found_and_named(tmp_path: Path, damage: Callable[[Path], None], said: str) -> None:
    run(tmp_path, MARKET)
    damage(tmp_path / "package")
    with pytest.raises(PackageError, match=re.escape(said)):
        hotfixture.verify(tmp_path / "package")


def test_all_damage_is_said_at_once(tmp_path: Path) -> None:
    run(tmp_path, MARKET, rest="formats: [csv]\n")
    _change(tmp_path / "package")
    _add(tmp_path / "package")
    (tmp_path / "package" / "lines.csv").unlink()
    with pytest.raises(PackageError) as caught:
        hotfixture.verify(tmp_path / "package")
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar.zst", ".zip"])
def test_an_archive_is_verified_as_its_folder_and_a_cut_one_is_refused(tmp_path: Path, suffix: str) -> None:
    archive = tmp_path / f"package{suffix}"
    run(tmp_path, MARKET, output=archive)
    assert hotfixture.verify(archive).rows == 6
    archive.write_bytes(archive.read_bytes()[:-100])
    with pytest.raises(PackageError, match="damaged"):
        hotfixture.verify(archive)


def test_a_script_alone_is_told_apart_from_a_damaged_package(tmp_path: Path) -> None:
    run(tmp_path, MARKET, output=tmp_path / "x.sql")
    with pytest.raises(InputError, match="no manifest"):
        hotfixture.verify(tmp_path / "x.sql")
    with pytest.raises(InputError, match="does not exist"):
        hotfixture.verify(tmp_path / "nothing")


def test_rows_that_two_exports_share_are_counted_once(tmp_path: Path) -> None:
    again = "  again: {provider: SHOP, table: customers, query: SELECT * FROM customers WHERE id < 3}\n"
    run(tmp_path, MARKET + again)
    found = hotfixture.verify(tmp_path / "package", load=f"sqlite:///{tmp_path / 'new.db'}")
    assert found.rows == 7


def test_tables_with_dots_and_quotes_in_their_names_are_counted(tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "market.db")) as connection:
        connection.executescript('CREATE TABLE "a.b ""c" (x INT); INSERT INTO "a.b ""c" VALUES (1), (2)')
    exports = "  s: {type: subset, provider: SHOP, root: 'a.b \"c'}\n"
    run(tmp_path, exports + SCHEMA, masks={})
    assert hotfixture.verify(tmp_path / "package", load=f"sqlite:///{tmp_path / 'new.db'}").rows == 2


def packaged(anywhere: Anywhere, more: str = "  schema: {type: ddl, provider: P}\n") -> Path:
    template = anywhere.folder / "t.yaml"
    exports = "  s: {type: subset, provider: P, root: customers, include: {orders: {}, order_lines: {}}}\n"
    template.write_text(f"templateName: t\nexports:\n{exports}{more}masks: {{customers.email: email}}\n")
    output = anywhere.folder / "package"
    hotfixture.run(template, providers={"P": anywhere.shared(SHOP)}, output=output, key=KEY)
    return output


def test_a_package_loads_into_an_empty_database_and_never_into_a_filled_one(anywhere: Anywhere) -> None:
    package, target = packaged(anywhere), anywhere.fresh()
    assert hotfixture.verify(package, load=target).references == 2
    query = "SELECT id, email FROM customers ORDER BY id"
    before = rows(target, query)
    with pytest.raises(InputError, match=r"not empty.*order_lines") as caught:
        hotfixture.verify(package, load=target)
    assert "s3cret" not in str(caught.value)
    assert rows(target, query) == before


def test_a_script_that_does_not_load_leaves_nothing(anywhere: Anywhere) -> None:
    package, target = packaged(anywhere, more=""), anywhere.fresh()
    with pytest.raises(PackageError, match="does not load") as caught:
        hotfixture.verify(package, load=target)
    assert "realmail" not in str(caught.value)
    with hotfixture.databases.open_database(target) as database:
        assert not database.inspect().tables


def test_a_package_for_another_engine_is_said_to_be_one(anywhere: Anywhere) -> None:
    package = packaged(anywhere)
    other = Anywhere("postgresql" if anywhere.name == "sqlite" else "sqlite", anywhere.folder, anywhere.request)
    with pytest.raises(InputError, match="the package holds a script for"):
        hotfixture.verify(package, load=other.fresh())


def test_counts_that_differ_from_the_manifest_are_found_by_loading(tmp_path: Path) -> None:
    from hotfixture.plans.package import read_manifest, write_manifest

    run(tmp_path, MARKET)
    folder = tmp_path / "package"
    manifest = read_manifest(folder)
    for table in manifest["tables"]:
        table["rows"] += table["table"] == "lines"
    write_manifest(folder, {name: value for name, value in manifest.items() if name not in ("files", "format")})
    hotfixture.verify(folder)
    with pytest.raises(HotFixtureError, match="lines: 3 rows loaded, 4 in the manifest"):
        hotfixture.verify(folder, load=f"sqlite:///{tmp_path / 'new.db'}")
