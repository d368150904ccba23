"""What a MySQL URL may say, which servers are known, and what an error keeps to itself."""

from __future__ import annotations

import pytest
from tests.servers import MariaDB, rows

from hotfixture.databases import open_database
from hotfixture.databases.mysql_connection import MARIADB, MYSQL, Flavour, arguments, recognised, without_values
from hotfixture.errors import DatabaseError, InputError, UnsupportedError


@pytest.mark.parametrize(
    ("text", "flavour", "version"),
    [
        ("8.0.36", MYSQL, (8, 0, 36)),
        ("8.4.2-commercial", MYSQL, (8, 4, 2)),
        ("9.1.0", MYSQL, (9, 1, 0)),
        ("10.6.18-MariaDB-log", MARIADB, (10, 6, 18)),
        ("5.5.5-10.11.6-MariaDB-1:10.11.6+maria~ubu2204", MARIADB, (10, 11, 6)),
        ("11.4.2-MariaDB", MARIADB, (11, 4, 2)),
    ],
)
def test_the_server_is_known_by_its_version_text(text: str, flavour: Flavour, version: tuple[int, ...]) -> None:
    assert recognised(text) == (flavour, version)


@pytest.mark.parametrize("text", ["5.7.44", "8.0.15", "5.5.5-10.5.9-MariaDB", "nonsense"])
def test_a_server_that_is_too_old_is_refused_with_what_is_wanted(text: str) -> None:
    with pytest.raises(UnsupportedError, match="or newer"):
        recognised(text)


def test_a_url_says_everything_percent_encoded() -> None:
    found = arguments("mysql://a%40b:p%2F%C3%A9@db.example:3307/my%20shop?ssl-mode=VERIFY_IDENTITY&ssl-ca=/ca.pem")
    expected = {"host": "db.example", "port": 3307, "user": "a@b", "password": "p/é".encode(), "database": "my shop"}
    assert {name: found[name] for name in expected} == expected
    assert (found["ssl_verify_cert"], found["ssl_verify_identity"], found["ssl_ca"]) == (True, True, "/ca.pem")
    assert found["local_infile"] is False


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("ssl=false", {"ssl_disabled": True}),
        ("ssl_mode=disabled", {"ssl_disabled": True}),
        ("ssl_ca=/ca.pem", {"ssl_ca": "/ca.pem", "ssl_verify_cert": True}),
        ("socket=/run/mysqld.sock", {"unix_socket": "/run/mysqld.sock"}),
    ],
)
def test_options_reach_the_driver(query: str, expected: dict[str, object]) -> None:
    found = arguments(f"mysql://u@h/d?{query}")
    names = ("ssl_disabled", "ssl_ca", "ssl_verify_cert", "unix_socket")
    assert {name: found[name] for name in names if name in found} == expected


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u@h/",
        "mysql://u@h/d?sslmode=x",
        "mysql://u@h/d?ssl_mode=maybe",
        "mysql://u@h:99999/d",
        "mysql://u@h/d?charset=latin1",
        "mysql://u@h/d?connect_timeout=soon",
    ],
)
def test_a_wrong_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InputError) as caught:
        arguments(url.replace("u@", "u:s3cret@"))
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("number", "text", "kept"),
    [
        (1062, "Duplicate entry 'sec'ret' for key 'x'-1' for key 't.email'", "t.email"),
        (1062, "Duplicate entry 'secret-' for key 'secret", ""),
        (1366, "Incorrect integer value: 'secret' for column `d`.`t`.`n` at row 1", "`n` at row 1"),
        (1366, "Incorrect string value: '\\xF0secret' for column 'n' at row 1", "'n' at row 1"),
        (1292, "Truncated incorrect DOUBLE value: 'secret'", "DOUBLE"),
        (1064, "You have an error in your SQL syntax; check the manual … to use near 'secret' at line 1", "at line 1"),
        (1411, "Incorrect datetime value: 'secret' for function str_to_date", "str_to_date"),
        (3140, "Invalid JSON text: \"Invalid value.\" at position 0 in value for column 't.j'.", "t.j"),
        (1406, "Data too long for column 'email' at row 1", "'email' at row 1"),
        (1045, "Access denied for user 'secret'@'h' (using password: YES)", "access denied"),
    ],
)
def test_messages_lose_values_and_keep_names(number: int, text: str, kept: str) -> None:
    found = without_values(number, text)
    assert "secret" not in found
    assert kept in found


def test_an_unreachable_server_is_named_without_credentials() -> None:
    with pytest.raises(DatabaseError) as caught, open_database("mysql://u:s3cret@127.0.0.1:1/d?connect_timeout=1"):
        pass
    assert "s3cret" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_tls_that_is_required_is_not_done_without(mariadb_url: str) -> None:
    if dict(rows(mariadb_url, "SHOW VARIABLES LIKE 'have_ssl'")).get("have_ssl", "YES") == "YES":
        pytest.skip("this server has TLS, as every MySQL 8.4 has")
    with pytest.raises(DatabaseError, match="SSL"), open_database(f"{mariadb_url}?ssl_mode=required"):
        pass


def test_the_database_goes_by_the_name_that_the_server_gives(mariadb_url: str) -> None:
    said = str(rows(mariadb_url, "SELECT VERSION()")[0][0])
    with open_database(mariadb_url) as database:
        assert database.server == ("MariaDB" if "MariaDB" in said else "MySQL")
        assert said.startswith(".".join(map(str, database.version)))


def test_a_timeout_holds_for_each_statement_of_the_session(mariadb_server: MariaDB) -> None:
    with open_database(mariadb_server.fresh_database(), timeout=0.2) as database:
        with pytest.raises(DatabaseError, match="timeout"):
            database.fetch(f"SELECT COUNT(*) FROM {', '.join(f'information_schema.COLUMNS {name}' for name in 'abc')}")
        assert database.fetch("SELECT 1") == [(1,)]
