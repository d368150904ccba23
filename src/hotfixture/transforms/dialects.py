"""The three SQL dialects as the guard reads and writes them: nothing a user wrote is rewritten on the way.

Two changes to the parser's own dialects. Function calls stay calls by the name the user wrote (the stock dialects
translate hundreds of them), so that the guard can allow functions by name. And what the generator would spell
otherwise for the same engine (types and casts of SQLite, REGEXP of MariaDB, JSON paths) is spelled as it was.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.mysql import MySQL
from sqlglot.dialects.postgres import Postgres
from sqlglot.dialects.sqlite import SQLite
from sqlglot.generator import Generator
from sqlglot.generators.mysql import MySQLGenerator
from sqlglot.generators.postgres import PostgresGenerator
from sqlglot.generators.sqlite import SQLiteGenerator
from sqlglot.parser import Parser
from sqlglot.parsers.mysql import MySQLParser
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.parsers.sqlite import SQLiteParser

from hotfixture.errors import HotFixtureError, UnknownNameError, Where

_SPECIAL_SYNTAX = frozenset(
    ["CAST", "CONVERT", "EXTRACT", "GROUP_CONCAT", "MATCH", "OVERLAY", "POSITION", "STRING_AGG", "SUBSTRING", "TRIM"]
)
"""Calls whose arguments have a grammar of their own (`x FROM y`, `AS type`, `SEPARATOR ','`)."""


def _special(parser: type[Parser]) -> dict[str, Any]:
    return {name: parse for name, parse in parser.FUNCTION_PARSERS.items() if name in _SPECIAL_SYNTAX}


def _path_as_written(_: Dialect, path: exp.Expr | None) -> exp.Expr | None:
    return path


def _clock(generator: Any, node: exp.Expr, name: str) -> str:
    digits = generator.sql(node, "this")
    return f"{name}({digits})" if digits else name


class HotPostgreSQL(Postgres):
    """PostgreSQL; string literals mean the same whatever `standard_conforming_strings` says."""

    to_json_path = _path_as_written

    class Parser(PostgresParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = _special(PostgresParser)

    class Generator(PostgresGenerator):
        TRANSFORMS: ClassVar[dict[Any, Any]] = {
            **PostgresGenerator.TRANSFORMS,
            exp.Pow: lambda self, node: self.binary(node, "^"),
        }

        def literal_sql(self, expression: exp.Literal) -> str:
            text = str(expression.this)
            if not expression.is_string or "\\" not in text:
                return super().literal_sql(expression)
            return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


class HotMySQL(MySQL):
    """MySQL and MariaDB; string literals mean the same with and without NO_BACKSLASH_ESCAPES."""

    to_json_path = _path_as_written

    class Parser(MySQLParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = _special(MySQLParser)

    class Generator(MySQLGenerator):
        TRANSFORMS: ClassVar[dict[Any, Any]] = {
            **MySQLGenerator.TRANSFORMS,
            exp.RegexpLike: lambda self, node: self.binary(node, "REGEXP"),  # MariaDB has no REGEXP_LIKE
            exp.CurrentTime: lambda self, node: _clock(self, node, "CURRENT_TIME"),
            exp.CurrentTimestamp: lambda self, node: _clock(self, node, "CURRENT_TIMESTAMP"),
            exp.JSONExtract: lambda self, node: self.binary(node, "->"),
            exp.StrPosition: lambda self, node: f"POSITION({self.sql(node, 'substr')} IN {self.sql(node, 'this')})",
        }

        def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
            if expression.is_type("timestamp", "timestamptz") and isinstance(expression.this, exp.Literal):
                return f"TIMESTAMP {self.sql(expression, 'this')}"
            return super().cast_sql(expression, safe_prefix)

        def literal_sql(self, expression: exp.Literal) -> str:
            text = str(expression.this)
            if not expression.is_string or (text.isprintable() and "\\" not in text):
                return super().literal_sql(expression)
            return f"_utf8mb4 x'{text.encode().hex()}'"


class HotSQLite(SQLite):
    """SQLite; types decide the affinity of a cast by their spelling, so they keep it."""

    to_json_path = _path_as_written

    class Parser(SQLiteParser):
        JOINS_HAVE_EQUAL_PRECEDENCE = False  # True writes a comma as CROSS JOIN, which fixes the planner's order
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = _special(SQLiteParser)

    class Generator(SQLiteGenerator):
        TYPE_MAPPING: ClassVar[dict[Any, str]] = {exp.DType.VARBINARY: "BLOB"}  # as the parser reads BLOB

        def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
            return Generator.cast_sql(self, expression, safe_prefix)


_DIALECTS: dict[str, type[Dialect]] = {
    "mariadb": HotMySQL,
    "mysql": HotMySQL,
    "postgresql": HotPostgreSQL,
    "sqlite": HotSQLite,
}


@cache
def dialect(name: str) -> Dialect:
    """The dialect of an engine: `postgresql`, `mysql` (or `mariadb`), `sqlite`; UnknownNameError for another."""
    if name not in _DIALECTS:
        raise UnknownNameError("SQL dialect", name, sorted(_DIALECTS))
    found = _DIALECTS[name]()
    try:
        found.parser()
    except TypeError as error:  # mypyc: "interpreted classes cannot inherit from compiled"
        hint = "pip uninstall sqlglotc"
        raise HotFixtureError("queries cannot be read beside the compiled part of sqlglot", hint=hint) from error
    return found


def regenerate(tree: exp.Expr, dialect_name: str, *, copy: bool = True) -> str:
    """The SQL of a tree on one line, without comments: the only text that is ever sent to a server.

    Without `copy` the tree may be changed by the spelling, and it is several times faster.
    """
    return dialect(dialect_name).generate(tree, comments=False, normalize_functions=False, copy=copy)


def place(where: Where | None, line: int, column: int) -> Where:
    """The place in the user's file of a line and column (from 1) of a SQL text that begins at `where`."""
    start = where or Where("query", 1, 1)
    first = line <= 1
    return Where(
        start.source, max(start.line, 1) + line - 1, max((start.column or 1) + column - 1, 1) if first else column
    )


def whole(where: Where | None) -> Where:
    """The place where the SQL text begins, for what concerns all of it."""
    return place(where, 1, 1)
