"""What the engines' programs say is shown without what stood in a row."""

from __future__ import annotations

import io
import sys

import pytest

from hotfixture.databases import mysql_backup, postgresql_backup, tools
from hotfixture.errors import DatabaseError, InputError

DUPLICATE = """psql:<stdin>:9: ERROR:  23505: duplicate key value violates unique constraint "k"
DETAIL:  Key (id)=(secret) already exists.
TABLE NAME:  people
CONSTRAINT NAME:  k
"""
REFUSED = """pg_dump: error: query failed: ERROR:  permission denied for table people
pg_dump: detail: Query was: LOCK TABLE people
"""


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (DUPLICATE, "SQLSTATE 23505; table people; constraint k"),
        ('ERROR:  22P02: invalid input syntax for type integer: "secret"\n', "SQLSTATE 22P02"),
        ("ERROR:  42501: permission denied for table people\n", "permission denied for table people"),
        (REFUSED, "query failed: ERROR:  permission denied for table people"),
    ],
)
def test_postgresql_s_errors_keep_names_and_lose_values(said: str, shown: str) -> None:
    assert postgresql_backup.told(said) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "ERROR 1062 (23000) at line 4: Duplicate entry 'secret' for key 'mail'",
            "(1062) duplicate entry for key 'mail'",
        ),
        (
            "ERROR 1366 (22007) at line 3: Incorrect value: 'secret' for column `a`",
            "(1366) Incorrect value: … for column `a`",
        ),
        ("mariadb-dump: Got error: 1045: \"Access denied for user 'x'@'y'\" when trying", "(1045) access denied"),
        (
            "mysqldump: Couldn't execute 'SHOW EVENTS': Access denied to database (1044)",
            "(1044) Access denied to database",
        ),
        ("a line that is none of theirs: 'secret'", ""),
    ],
)
def test_mysql_s_errors_keep_names_and_lose_values(said: str, shown: str) -> None:
    assert mysql_backup.told(said) == shown


def test_a_url_is_told_without_its_password() -> None:
    place, environment = postgresql_backup.connection(
        "postgresql+asyncpg://me:p%40ss@h1:1,h2:2/shop?sslmode=require&password=other"
    )
    assert place == "postgresql://me@h1:1,h2:2/shop?sslmode=require"
    assert environment["PGPASSWORD"] == "p@ss"
    assert "PGPASSWORD" not in postgresql_backup.connection("postgresql:///shop")[1]


def test_a_file_of_options_quotes_what_it_says_and_goes() -> None:
    url = "mysql://me:a%22b%5C%23c@h/shop?ssl_mode=required"
    with mysql_backup.options_file(url, mariadb=True) as file:
        text = file.read_text()
        assert file.stat().st_mode & 0o777 == 0o600
    assert 'password="a\\"b\\\\#c"\n' in text
    assert "ssl\nskip-ssl-verify-server-cert\n" in text
    assert not file.exists()
    assert not file.parent.exists()
    with (
        pytest.raises(InputError, match="control character"),
        mysql_backup.options_file("mysql://me:a%0Ab@h/x", mariadb=True),
    ):
        pass


def test_the_program_that_fails_first_is_the_one_that_is_named() -> None:
    """Where the receiver ends early, the sender only breaks its pipe."""
    sender = [sys.executable, "-c", "import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"]
    receiver = [sys.executable, "-c", "import sys; sys.exit('ERROR: the receiver')"]
    with pytest.raises(DatabaseError, match="the receiver"):
        tools.read_in([sender, receiver], {}, io.BytesIO(b"x" * 10_000_000), str)
    failing = [sys.executable, "-c", "import sys; sys.exit('ERROR: the sender')"]
    patient = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with pytest.raises(DatabaseError, match="the sender"):
        tools.read_in([failing, patient], {}, io.BytesIO(b"x"), str)
