"""Backups on the real servers: what comes back is what was there, and what is not whole is refused."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.engines import SHOP, Anywhere, anywhere
from tests.plans import awkward
from tests.servers import PASSWORD, rows, run_script

from hotfixture.cli import output
from hotfixture.cli.mockcraft import mockcraft
from hotfixture.databases import open_backup
from hotfixture.errors import DatabaseError, HotFixtureError, InputError, PackageError, RefusedError
from hotfixture.files import compressed
from hotfixture.plans.backup import backup, before_seeding, restore
from hotfixture.plans.backup.manifest import file_of

__all__ = ["anywhere"]
WORK = {"postgresql": "database.pgdump", "mariadb": "database.sql", "sqlite": "database.sqlite"}


def databases_of(url: str) -> set[str]:
    """The names of all databases of the server."""
    found = rows(url, "SELECT datname FROM pg_database" if url.startswith("postgresql") else "SHOW DATABASES")
    return {str(row[0]) for row in found}


def state(url: str) -> list[Any]:
    """All that is compared."""
    with open_backup(url) as database:
        return [database.contents(), database.objects()]


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, str], Path]:
    """Puts a shell script in the place of a server's program; it finds the real one as `$REAL`."""

    def stand(name: str, script: str) -> Path:
        path = tmp_path / f"standing-{name}"
        path.write_text(f"#!/bin/sh\nREAL={shutil.which(name)}\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv(f"HOTFIXTURE_{name.upper().replace('-', '_')}", str(path))
        return path

    return stand


def test_an_awkward_database_comes_back_whole(anywhere: Anywhere, tmp_path: Path) -> None:
    url = anywhere.filled(awkward.OF[anywhere.name])
    made = backup(url, tmp_path / "backup")
    assert made.verified
    other = anywhere.fresh()
    assert restore(other, tmp_path / "backup") == made
    assert state(other) == state(url)


def test_what_stood_in_a_replaced_database_is_gone(anywhere: Anywhere, tmp_path: Path) -> None:
    url = anywhere.filled(SHOP)
    backup(url, tmp_path / "backup")
    other = anywhere.filled(awkward.OF[anywhere.name])
    before = state(other)
    with pytest.raises(RefusedError, match="not empty"):
        restore(other, tmp_path / "backup")
    assert state(other) == before
    restore(other, tmp_path / "backup", replace=True)
    assert state(other) == state(url)


def repacked(folder: Path, change: Callable[[bytes], bytes], begin: str = "") -> None:
    """Change what the backup's file holds and make its manifest agree: nothing but a comparison finds it."""
    manifest = json.loads((folder / "backup.json").read_text())
    (name,) = (name for name in manifest["files"] if name.startswith(begin))
    stem, opened = folder / Path(name).stem, compressed.opener(manifest["compression"])
    with opened(stem, "rb") as source:
        data = source.read()
    changed = change(data)
    assert changed != data
    with opened(stem, "wb") as out:
        out.write(changed)
    manifest["files"][name] = file_of(folder / name)
    (folder / "backup.json").write_text(json.dumps(manifest))


def test_a_tampered_row_is_found(anywhere: Anywhere, tmp_path: Path) -> None:
    backup(anywhere.filled(SHOP), tmp_path / "backup")
    repacked(tmp_path / "backup", lambda data: data.replace(b"Wilhelmine", b"Wilhelmina"))
    other = anywhere.fresh()
    with pytest.raises(PackageError, match="customers: 3 rows as expected, but not the same ones") as caught:
        restore(other, tmp_path / "backup")
    assert "Wilhel" not in str(caught.value)
    if anywhere.name == "sqlite":  # compared before it takes the place
        assert state(other)[0] == []


@pytest.mark.parametrize("damage", ["flipped", "cut", "missing", "more"])
def test_a_damaged_backup_is_refused_before_anything_is_written(tmp_path: Path, damage: str) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    run_script(url, SHOP)
    backup(url, tmp_path / "backup")
    (file,) = (tmp_path / "backup").glob("database.*")
    data = file.read_bytes()
    if damage == "missing":
        file.unlink()
    elif damage == "more":
        (tmp_path / "backup" / "more").touch()
    else:
        file.write_bytes(data[:-1] if damage == "cut" else data[:40] + bytes([data[40] ^ 1]) + data[41:])
    before = (tmp_path / "shop.db").read_bytes()
    with pytest.raises(PackageError, match=r"damaged: .*\n.*Nothing was restored"):
        restore(url, tmp_path / "backup", replace=True)
    assert (tmp_path / "shop.db").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"format": 2}, PackageError),
        ({"files": {"../out": {"bytes": 1, "sha256": ""}}}, PackageError),
        ({"tables": 3}, PackageError),
        ({"engine": "mysql"}, InputError),
    ],
)
def test_a_manifest_that_is_wrong_is_refused(tmp_path: Path, change: dict[str, Any], error: type[Exception]) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    run_script(url, SHOP)
    backup(url, tmp_path / "backup")
    path = tmp_path / "backup" / "backup.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(error):
        restore(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "backup")
    assert not (tmp_path / "other.db").exists() or "files" not in change


@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
def test_the_scratch_database_goes_whatever_happens(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, standing: Callable[[str, str], Path]
) -> None:
    anywhere = Anywhere(name, tmp_path, request)
    url = anywhere.filled(SHOP)
    before = databases_of(url)
    backup(url, tmp_path / "good")
    assert databases_of(url) == before
    standing("psql" if name == "postgresql" else "mariadb", '"$REAL" "$@" </dev/null; echo "ERROR 1: no" >&2; exit 3')
    with pytest.raises(DatabaseError, match=r"failed \(3\)"):
        backup(url, tmp_path / "bad")
    assert databases_of(url) == before
    assert not list(tmp_path.glob("*bad*"))


def test_no_program_is_told_the_password_where_others_see_it(
    anywhere: Anywhere, tmp_path: Path, standing: Callable[[str, str], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    """Arguments are for everybody to read; a file of options is for its owner alone, and gone afterwards."""
    if anywhere.name == "sqlite":
        pytest.skip("no program runs")
    log = tmp_path / "log"
    mode = f'stat -c "mode %a" "${{one#*=}}" >> {log}'
    noted = f'echo "$one" >> {log}; case "$one" in --defaults-file=*) {mode} ;; esac'
    script = f'for one in "$@"; do {noted}; done; exec "$REAL" "$@"'
    for name in ("pg_dump", "pg_restore", "psql", "mariadb-dump", "mariadb"):
        standing(name, script)
    url = anywhere.filled(SHOP)
    arguments = ["--db", url, "--path", str(tmp_path / "backup")]
    assert output.run(mockcraft, ["backup", *arguments, "--json"]) == 0
    assert output.run(mockcraft, ["restore", *arguments]) == 3
    assert output.run(mockcraft, ["restore", *arguments, "--replace"]) == 0
    said = log.read_text()
    assert said.count("\n") > 20
    assert PASSWORD not in said
    assert PASSWORD not in "".join(capfd.readouterr())
    assert PASSWORD not in (tmp_path / "backup" / "backup.json").read_text()
    for line in said.splitlines():
        if line.startswith("--defaults-file="):
            assert not Path(line.partition("=")[2]).exists()
        assert not line.startswith("mode") or line == "mode 600"


def test_a_restore_that_breaks_off_leaves_postgresql_as_it_was(
    postgresql_url: str, tmp_path: Path, standing: Callable[[str, str], Path]
) -> None:
    run_script(postgresql_url, SHOP)
    backup(postgresql_url, tmp_path / "backup")
    run_script(postgresql_url, "DELETE FROM logins; CREATE TABLE more (id int); INSERT INTO more VALUES (1)")
    before = state(postgresql_url)
    standing("pg_restore", '"$REAL" "$@" | head -n 120')
    with pytest.raises(PackageError):  # the script has lost its end: nothing of it stays, what is found is the old
        restore(postgresql_url, tmp_path / "backup", replace=True)
    assert state(postgresql_url) == before
    standing("pg_restore", '"$REAL" "$@" | sed "s/Wilhelmine/x\\ty\\tz/"')
    with pytest.raises(DatabaseError, match="psql failed") as caught:
        restore(postgresql_url, tmp_path / "backup", replace=True)
    assert "Conan" not in str(caught.value)
    assert state(postgresql_url) == before


def test_rows_that_come_while_postgresql_is_dumped_do_no_harm(
    postgresql_url: str, tmp_path: Path, standing: Callable[[str, str], Path]
) -> None:
    """Digests and dump see one snapshot."""
    run_script(postgresql_url, SHOP)
    added = "INSERT INTO logins SELECT max(id) + 1, 1 FROM logins"
    insert = f"PGPASSWORD={PASSWORD} psql -q -c '{added}' '{postgresql_url}'"
    standing("pg_dump", f"""case "$*" in *--snapshot*) {insert} ;; esac; exec "$REAL" "$@" """)
    made = backup(postgresql_url, tmp_path / "backup")
    assert made.verified
    assert next(table.rows for table in made.tables if table.name == "public.logins") == 3
    assert rows(postgresql_url, "SELECT count(*) FROM logins")[0][0] > 3


def test_rows_that_come_while_mariadb_is_dumped_are_said(
    mariadb_url: str, tmp_path: Path, standing: Callable[[str, str], Path]
) -> None:
    run_script(mariadb_url, SHOP)
    parts = urlsplit(mariadb_url)
    client = f"MYSQL_PWD={PASSWORD} mariadb -h127.0.0.1 -P{parts.port} -utester {parts.path[1:]}"
    standing("mariadb-dump", f"""{client} -e 'UPDATE logins SET customer_id = customer_id + 1'; exec "$REAL" "$@" """)
    with pytest.raises(DatabaseError, match="written to while it was backed up"):
        backup(mariadb_url, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
    assert not backup(mariadb_url, tmp_path / "backup", verify=False).verified


@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
def test_an_account_that_may_create_no_database_names_one(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server = request.getfixturevalue(f"{name}_server")
    url, scratch = server.fresh_database(plain=True), server.fresh_database(plain=True)
    run_script(url, SHOP)
    with pytest.raises(DatabaseError, match="--scratch"):
        backup(url, tmp_path / "backup")
    with pytest.raises(RefusedError, match="not empty"):
        backup(url, tmp_path / "backup", scratch=url)
    assert backup(url, tmp_path / "backup", scratch=scratch).verified
    with open_backup(scratch) as database:
        assert database.is_empty()
    assert restore(scratch, tmp_path / "backup").verified
    server.drop(url)
    server.drop(scratch)


def test_a_missing_program_is_named_with_what_to_install(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HotFixtureError, match=r"pg_dump is not installed\n.*postgresql-client.*HOTFIXTURE_PG_DUMP"):
        backup(postgresql_url, tmp_path / "backup")
    monkeypatch.setenv("HOTFIXTURE_PG_DUMP", "/no/where")
    with pytest.raises(HotFixtureError, match="HOTFIXTURE_PG_DUMP=/no/where"):
        backup(postgresql_url, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_the_same_file_at_the_same_time_gives_the_same_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    run_script(url, SHOP)
    assert backup(url, tmp_path / "one") == backup(url, tmp_path / "two")
    assert (tmp_path / "one" / "backup.json").read_bytes() == (tmp_path / "two" / "backup.json").read_bytes()
    assert json.loads((tmp_path / "one" / "backup.json").read_text())["created"] == "1970-01-02T00:00:00+00:00"


def test_a_place_that_is_taken_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    run_script(url, SHOP)
    (tmp_path / "backup").mkdir()
    with pytest.raises(InputError, match="exists already"):
        backup(url, tmp_path / "backup")
    with pytest.raises(InputError, match="no SQLite database"):
        backup(f"sqlite:///{tmp_path / 'no.db'}", tmp_path / "other")
    assert not (tmp_path / "no.db").exists()


def test_a_place_that_is_no_folder_of_this_machine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="a folder of this machine"):
        backup(f"sqlite:///{tmp_path}/shop.db", "s3://bucket/monday")
    assert list(tmp_path.iterdir()) == []


def test_what_looks_like_production_must_be_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    run_script(url, SHOP)
    backup(url, tmp_path / "backup")
    target = f"sqlite:///{tmp_path / 'shop-prod.db'}"
    with pytest.raises(RefusedError, match="looks like production"):
        restore(target, tmp_path / "backup")
    assert restore(target, tmp_path / "backup", production="shop-prod.db").verified


def test_a_database_in_use_is_copied_as_of_one_moment_and_not_written_over(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    run_script(url, "PRAGMA journal_mode = WAL;" + SHOP)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM logins")
        made = backup(url, tmp_path / "backup")
        writer.rollback()
    assert {table.name: table.rows for table in made.tables}["logins"] == 3


def test_pages_of_another_size_go_into_a_database_with_a_log(tmp_path: Path) -> None:
    url, other = (f"sqlite:///{tmp_path / name}" for name in ("small.db", "logged.db"))
    run_script(url, "PRAGMA page_size = 1024; VACUUM;" + SHOP)
    run_script(other, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; CREATE TABLE own (id INTEGER PRIMARY KEY);")
    backup(url, tmp_path / "backup")
    restore(other, tmp_path / "backup", replace=True)
    assert state(other) == state(url)


def test_a_locked_target_is_said_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotfixture.databases.sqlite_backup.PATIENCE", 0.1)
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    run_script(url, SHOP)
    backup(url, tmp_path / "backup")
    with closing(sqlite3.connect(tmp_path / "shop.db")) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        writer.execute("DELETE FROM audit")
        with pytest.raises(DatabaseError, match="locked"):
            restore(url, tmp_path / "backup", replace=True)
        writer.rollback()
    assert rows(url, "SELECT count(*) FROM audit")[0][0] == 3


def test_nothing_is_backed_up_before_there_is_anything(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    assert before_seeding(url, tmp_path / "backups") is None
    assert not (tmp_path / "shop.db").exists()
    run_script(url, SHOP)
    places = [before_seeding(url, tmp_path / "backups") for _ in range(2)]
    assert sorted((tmp_path / "backups").iterdir()) == places


SCHEMA = (
    "seed: 1\ntables:\n  - name: logins\n    count: 5\n    columns: [{name: id, type: integer, primary_key: true}]\n"
)


def test_seeding_backs_up_before_it_writes(
    anywhere: Anywhere, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    url = anywhere.filled("CREATE TABLE logins (id INTEGER PRIMARY KEY); INSERT INTO logins VALUES (77);")
    (tmp_path / "schema.yaml").write_text(SCHEMA)
    arguments = ["seed", "--config", str(tmp_path / "schema.yaml"), "--replace", "--backup"]
    places = ["--db", url, "--backup-path", f"{tmp_path}/backup/"]
    assert output.run(mockcraft, [*arguments, *places]) == 0
    assert "backed up into" in capfd.readouterr().err
    (made,) = (tmp_path / "backup").iterdir()
    other = anywhere.fresh()
    assert restore(other, made).rows == 1
    with open_backup(url) as seeded:
        assert {content.name.rpartition(".")[2]: content.rows for content in seeded.contents()}["logins"] == 5
    assert output.run(mockcraft, [*arguments, "--output", "csv"]) == 2


def test_seeding_stops_where_the_backup_fails(
    postgresql_url: str, tmp_path: Path, standing: Callable[[str, str], Path]
) -> None:
    run_script(postgresql_url, SHOP)
    standing("pg_dump", "exit 1")
    before = rows(postgresql_url, "SELECT * FROM logins")
    (tmp_path / "schema.yaml").write_text(SCHEMA)
    arguments = ["seed", "--config", str(tmp_path / "schema.yaml"), "--replace", "--backup", "--db", postgresql_url]
    assert output.run(mockcraft, [*arguments, "--backup-path", str(tmp_path / "backup")]) == 1
    assert rows(postgresql_url, "SELECT * FROM logins") == before


def test_rights_come_back_where_they_are_asked_for(postgresql_server: Any, postgresql_url: str, tmp_path: Path) -> None:
    run_script(postgresql_url, SHOP + "GRANT SELECT ON logins TO plain; ALTER TABLE audit OWNER TO plain;")
    backup(postgresql_url, tmp_path / "backup")
    granted = "SELECT has_table_privilege('plain', 'logins', 'SELECT'), has_table_privilege('plain', 'audit', 'DELETE')"
    for owners in (False, True):
        other = postgresql_server.fresh_database()
        restore(other, tmp_path / "backup", owners=owners)
        assert [tuple(row) for row in rows(other, granted)] == [(owners, owners)]
        postgresql_server.drop(other)
