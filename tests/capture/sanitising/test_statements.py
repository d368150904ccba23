"""Statements: parameters and rows are cleaned by their columns."""

from __future__ import annotations

import json
import time

import pytest
from tests.capture.sanitising.planted import PASSWORD, sanitiser

from hotfixture.capture.sanitising.statements import columns_of, request, response


@pytest.mark.parametrize(
    ("statement", "columns"),
    [
        ('INSERT INTO users (id, email, "password") VALUES (?, ?, ?)', ("id", "email", "password")),
        ("insert into u(a, b) values (%s, %s), (%s, %s)", ("a", "b", "a", "b")),
        ("SELECT * FROM u WHERE email = ? AND password=$2 AND n > 3", ("email", "password")),
        ("UPDATE u SET api_key = %s WHERE id IN (%s, %s)", ("api_key", "id", "id")),
        ("SELECT '?' FROM u WHERE lower(email) LIKE ?", ("email",)),
        (
            "INSERT INTO t (id, made, password) VALUES (?, now(), ?), (?, lower('a, b'), upper(?))",
            ("id", "password") * 2,
        ),
        ("insert into t(a, password) select ?, ? from u where c = ?", ("a", "password", "c")),
        ("insert into t(a) values (?) on conflict (a) do update set password = ?, b = ?", ("a", "password", "b")),
        (
            "UPDATE u SET (login, password) = (?, ?), n = n + ? WHERE (a, token) IN ((?, ?), (?, ?))",
            ("login", "password", "n", "a", "token", "a", "token"),
        ),
        (
            "SELECT ? AS secret, '?' FROM u WHERE ? = password AND token BETWEEN ? AND ? AND x <> ?",
            ("secret", "password", "token", "token", "x"),
        ),
        (
            "SELECT 1 FROM u WHERE u.\"password\" in (:a, :b) -- token = ?\n AND data->>'api_key' = $3 /* ? */",
            ("password", "password", "api_key"),
        ),
        ("SELECT x::text, t.y FROM t WHERE t.pin = any(%s) LIMIT ?", ("pin", "")),
        ("update a set password = ?; select ?, b", ("password", "")),
        ("SELECT 1", ()),
    ],
)
def test_holes_are_given_the_columns_that_they_belong_to(statement: str, columns: tuple[str, ...]) -> None:
    assert columns_of(statement) == columns


def test_parameters_are_cleaned_by_position_and_by_name() -> None:
    one = sanitiser()
    made = request({"statement": "insert into u (id, password) values (?, ?)", "parameters": [7, PASSWORD]}, one)
    assert made["parameters"][0] == 7
    assert made["parameters"][1] != PASSWORD
    named = request({"statement": "select :password", "parameters": {"password": PASSWORD}}, one)
    assert named["parameters"] == {"password": made["parameters"][1]}
    many = request(
        {"statement": "insert into u (pwd) values (?)", "parameters": [[PASSWORD], ["x" * 9]], "many": True}, one
    )
    assert PASSWORD not in json.dumps(many)
    literal = request({"statement": f"select 1 from u where password = '{PASSWORD}'", "parameters": None}, one)
    assert PASSWORD not in json.dumps(literal)


def test_rows_are_cleaned_by_their_columns_and_names_of_people_by_their_table() -> None:
    parts = {
        "columns": ["id", "name", "api_key"],
        "rows": [[1, "Anna Schmidt", PASSWORD], [2, None, None]],
        "rowcount": 2,
    }
    made = response(parts, "SELECT customers", sanitiser())
    assert made["columns"] == parts["columns"]
    assert made["rows"][1] == [2, None, None]
    assert made["rows"][0][0] == 1
    assert made["rows"][0][1] != "Anna Schmidt"
    assert made["rows"][0][2] != PASSWORD
    assert response(parts, "SELECT products", sanitiser())["rows"][0][1] == "Anna Schmidt"
    twice = response({"columns": ["token", "token"], "rows": [[PASSWORD, PASSWORD]]}, "SELECT x", sanitiser())
    assert PASSWORD not in json.dumps(twice)


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        (f"INSERT INTO users (state, password) VALUES ('a''b, c', '{PASSWORD}'), ('d', '{PASSWORD}')", "('a''b, c', '"),
        (f"insert into t (id, api_key, n) values (lower('X'), '{PASSWORD}', (1)); values (1)", "lower('X')"),
        (f"UPDATE users SET password = '{PASSWORD}' WHERE state = 'on'", "WHERE state = 'on'"),
        (f'INSERT INTO users (state, password) VALUES ("on", "{PASSWORD}")', '("on", "'),
        (f"SELECT 'x' AS kind, '{PASSWORD}' AS password", "SELECT 'x' AS kind"),
        (f"SELECT 1 FROM s WHERE token in ('{PASSWORD}')", "SELECT 1 FROM s WHERE token in ('"),
        (f"CREATE TABLE a (b int); ALTER USER x PASSWORD '{PASSWORD}'; SELECT 'y'", "SELECT 'y'"),
    ],
)  # fmt: skip
def test_literals_are_cleaned_by_the_columns_that_they_belong_to(statement: str, kept: str) -> None:
    one = sanitiser()
    made = request({"statement": statement, "parameters": None}, one)["statement"]
    assert PASSWORD not in made
    assert kept in made
    assert request({"statement": made, "parameters": None}, one)["statement"] == made


@pytest.mark.parametrize("statement", [
    "INSERT INTO u (id, password) VALUES (%(id)s, %(p)s)", "UPDATE u SET password = :p WHERE id = :id",
    "SELECT id FROM u WHERE id = @id AND password = @p",
])  # fmt: skip
def test_parameters_with_names_are_cleaned_by_their_columns_too(statement: str) -> None:
    made = request({"statement": statement, "parameters": {"id": 7, "p": PASSWORD}}, sanitiser())["parameters"]
    assert made["id"] == 7
    assert made["p"] != PASSWORD


@pytest.mark.parametrize("piece", ["(", "[a", "/*", "'", '"', "--", "a = ", "?,", "in (", "''", "->"])
def test_no_statement_takes_minutes(piece: str) -> None:
    start = time.process_time()
    columns_of(piece * (100_000 // len(piece)))
    assert time.process_time() - start < 5


def test_a_statement_without_secrets_stays() -> None:
    plain = "INSERT INTO t (a, b) VALUES ('x, y', ';'); SELECT 'it''s' FROM u WHERE state = 'open' -- '"
    assert request({"statement": plain, "parameters": None}, sanitiser())["statement"] == plain
