"""What PostgreSQL's own catalogue says of tables, as a Schema; what a version lacks is asked by version.

Everything is read from pg_catalog by object identity, never through information_schema, whose joins by constraint name
mix up constraints of the same name. The search path is empty meanwhile, so that every name in an expression is full.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from hotfixture.databases.postgresql_types import arrow_type, length_of
from hotfixture.schema import Check, Column, Kind, Reference, Schema, Table, TableName, Unique

if TYPE_CHECKING:
    from hotfixture.databases.postgresql_session import Session

Rows = list[Mapping[str, Any]]

BY_VERSION: tuple[tuple[int, str, str, str], ...] = (
    (10, "relispartition", "c.relispartition", "false"),
    (10, "attidentity", "a.attidentity::text", "''"),
    (11, "conparentid", "con.conparentid", "0::oid"),
    (11, "indnkeyatts", "i.indnkeyatts", "i.indnatts"),
    (12, "attgenerated", "a.attgenerated::text", "''"),
    (12, "collisdeterministic", "co.collisdeterministic", "true"),
    (15, "indnullsnotdistinct", "i.indnullsnotdistinct", "false"),
    (18, "conenforced", "con.conenforced", "true"),
)
"""First version that has it, its name in the statements below, its spelling there, what stands for it before."""

_OURS = """\
n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND c.relpersistence <> 't' AND NOT EXISTS (
  SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"""
"""Not the system's, not a session's own, not an extension's."""

_TABLES = f"""\
SELECT c.oid, n.nspname, c.relname, c.relkind::text AS kind, {{relispartition}} AS partition,
  c.reltuples::float8 AS rows, CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid) ELSE 0 END AS bytes,
  obj_description(c.oid, 'pg_class') AS comment,
  CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_OURS} ORDER BY n.nspname, c.relname"""

_COLUMNS = """\
SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS native, a.atttypid AS type,
  a.atttypmod AS modifier, a.attnotnull, {attidentity} AS identity, {attgenerated} AS generated,
  pg_get_expr(ad.adbin, ad.adrelid) AS default, col_description(a.attrelid, a.attnum) AS comment,
  CASE WHEN a.attcollation <> t.typcollation THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END
    AS collation, {collisdeterministic} AS deterministic
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = ANY($1::oid[]) ORDER BY a.attrelid, a.attnum"""

TYPES = """\
SELECT t.oid, n.nspname, t.typname, t.typtype::text AS kind, t.typbasetype, t.typtypmod, t.typnotnull
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"""

LABELS = "SELECT enumtypid, enumlabel FROM pg_enum ORDER BY enumtypid, enumsortorder"

_CONSTRAINTS = """\
SELECT con.conrelid, con.conname, con.contype::text AS kind, con.conkey, con.confrelid, con.confkey, con.condeferrable,
  con.convalidated AND {conenforced} AS enforced, pg_get_expr(con.conbin, con.conrelid) AS expression,
  CASE WHEN con.contype = 'x' THEN pg_get_constraintdef(con.oid) END AS exclusion
FROM pg_constraint con WHERE con.conrelid = ANY($1::oid[]) AND con.contype IN ('p', 'f', 'c', 'x')
  AND (con.contype <> 'f' OR {conparentid} = 0) ORDER BY con.conrelid, con.conname"""

_UNIQUES = """\
SELECT i.indrelid, c.relname, i.indkey::text AS keys, {indnkeyatts} AS count,
  pg_get_expr(i.indexprs, i.indrelid) AS expression, pg_get_expr(i.indpred, i.indrelid) AS condition,
  NOT {indnullsnotdistinct} AS distinct_nulls, ARRAY(
    SELECT d.refobjsubid FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
    AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0 ORDER BY 1) AS used
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indisunique AND NOT i.indisprimary AND i.indisvalid AND i.indrelid = ANY($1::oid[])
ORDER BY i.indrelid, c.relname"""

_PARENTS = "SELECT inhrelid, inhparent FROM pg_inherits"

_PATH = "SELECT coalesce(current_schema(), '') AS first, current_schemas(false)::text[] AS path"


class TypeFact(NamedTuple):
    """A type behind all its domains: its name in pg_type, its modifier, whether a domain on the way refuses null."""

    oid: int
    name: str
    modifier: int
    not_null: bool


class Types:
    """The types of a database, resolved through domains."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], labels: Iterable[Mapping[str, Any]]) -> None:
        self._rows = {row["oid"]: row for row in rows}
        self._labels: dict[int, list[str]] = defaultdict(list)
        for row in labels:
            self._labels[row["enumtypid"]].append(row["enumlabel"])

    def base(self, oid: int, modifier: int) -> TypeFact:
        """The type below every domain."""
        not_null = False
        row = self._rows[oid]
        while row["kind"] == "d":
            not_null |= row["typnotnull"]
            oid, modifier = row["typbasetype"], row["typtypmod"]
            row = self._rows[oid]
        name = row["typname"] if row["nspname"] == "pg_catalog" or row["typname"] == "citext" else ""
        return TypeFact(oid, name, modifier, not_null)

    def column(self, name: str, native: str, oid: int, modifier: int, **more: Any) -> Column:
        """A column of that type; `more` as in Column."""
        base = self.base(oid, modifier)
        return Column(
            name,
            arrow_type(base.name, base.modifier),
            native,
            length=length_of(base.name, base.modifier),
            choices=tuple(self._labels.get(base.oid, ())),
            nullable=more.pop("nullable", True) and not base.not_null,
            ignores_case=more.pop("ignores_case", False) or base.name == "citext",
            **more,
        )


def by_version(statement: str, version: Sequence[int]) -> str:
    """The statement with what this version has, and what stands for what it lacks."""
    for first, name, spelled, instead in BY_VERSION:
        statement = statement.replace("{" + name + "}", spelled if version[0] >= first else instead)
    return statement


class Catalogue:
    """Reads the catalogue through a session and puts tables together."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.version = session.version

    def ask(self, statement: str, *arguments: object) -> Rows:
        """The rows of a statement, spelled for the server's version, under an empty search path."""
        return self._session.fetch(by_version(statement, self.version), *arguments, path="''")

    def types(self) -> Types:
        """All types."""
        return Types(self.ask(TYPES), self.ask(LABELS))

    def schema(self) -> Schema:
        """Every table, view and partition that the system and its extensions did not make."""
        found = self._session.fetch(_PATH)[0]
        rows = self.ask(_TABLES)
        oids = [row["oid"] for row in rows]
        reader = _Reader(rows, self.ask(_PARENTS))
        reader.columns(self.ask(_COLUMNS, oids), self.types(), self._caseless)
        reader.constraints(self.ask(_CONSTRAINTS, oids))
        reader.uniques(self.ask(_UNIQUES, oids))
        return Schema({t.name: t for t in reader.tables()}, found["first"], tuple(found["path"][1:]))

    def _caseless(self, collations: Sequence[str]) -> set[str]:
        """Those of the collations under which `a` equals `A`."""
        return {name for name in collations if self.ask(f"SELECT 'a' = 'A' COLLATE {name} AS same")[0]["same"]}


class _Reader:
    """Collects the parts of each table by its oid."""

    def __init__(self, rows: Rows, parents: Rows) -> None:
        self._rows = {row["oid"]: row for row in rows}
        self._names = {row["oid"]: TableName(row["nspname"], row["relname"]) for row in rows}
        self._parents = {row["inhrelid"]: row["inhparent"] for row in parents}
        self._columns: dict[int, list[Column]] = defaultdict(list)
        self._by_number: dict[tuple[int, int], str] = {}
        self._keys: dict[int, tuple[str, ...]] = {}
        self._references: dict[int, list[Reference]] = defaultdict(list)
        self._checks: dict[int, list[Check]] = defaultdict(list)
        self._uniques: dict[int, list[Unique]] = defaultdict(list)

    def columns(self, rows: Rows, types: Types, caseless: Any) -> None:
        """Take the columns; `caseless` finds the collations that ignore case among the nondeterministic ones."""
        ignoring = caseless(sorted({row["collation"] for row in rows if row["collation"] and not row["deterministic"]}))
        for row in rows:
            self._by_number[row["attrelid"], row["attnum"]] = row["attname"]
            self._columns[row["attrelid"]].append(_column(row, types, ignores_case=row["collation"] in ignoring))

    def constraints(self, rows: Rows) -> None:
        """Take primary keys, references, checks and exclusions."""
        for row in rows:
            oid, columns = row["conrelid"], self._named(row["conrelid"], row["conkey"] or ())
            if row["kind"] == "p":
                self._keys[oid] = columns
            elif row["kind"] == "f" and row["confrelid"] in self._names:
                self._references[oid].append(self._reference(row, columns))
            elif row["kind"] in "cx":
                self._checks[oid].append(Check(row["conname"], row["exclusion"] or row["expression"]))

    def _reference(self, row: Mapping[str, Any], columns: tuple[str, ...]) -> Reference:
        target = row["confrelid"]
        return Reference(
            row["conname"],
            self._names[row["conrelid"]],
            columns,
            self._names[target],
            self._named(target, row["confkey"]),
            deferrable=row["condeferrable"],
            enforced=row["enforced"],
        )

    def uniques(self, rows: Rows) -> None:
        """Take unique constraints and indexes."""
        for row in rows:
            oid = row["indrelid"]
            keys = [int(number) for number in row["keys"].split()[: row["count"]]]
            # What an expression or a condition looks at takes part; for plain columns the keys say it all.
            within = row["used"] if row["expression"] or row["condition"] else ()
            columns = self._named(oid, dict.fromkeys([*(key for key in keys if key > 0), *within]))
            expression, where = row["expression"] or "", row["condition"] or ""
            self._uniques[oid].append(Unique(row["relname"], columns, expression, where, row["distinct_nulls"]))

    def _named(self, oid: int, numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(self._by_number[oid, number] for number in numbers)

    def tables(self) -> Iterable[Table]:
        """The tables, put together."""
        rows, sizes = self._sizes()
        for oid, name in self._names.items():
            row = self._rows[oid]
            kind = _kind(row)
            columns = tuple(self._columns[oid])
            if not columns:
                continue  # nothing to export, and COPY has no form for it
            yield Table(
                name,
                columns,
                self._keys.get(oid, ()),
                tuple(self._uniques[oid]),
                tuple(self._references[oid]),
                tuple(self._checks[oid]),
                kind,
                rows[oid],
                sizes[oid],
                row["comment"] or "",
                "ctid" if kind == "table" and row["kind"] == "r" else "",
                row["definition"] or "",
            )

    def _sizes(self) -> tuple[dict[int, int], dict[int, int]]:
        """Rows and bytes of each table; those of partitions count for their parents too."""
        rows: dict[int, int] = defaultdict(int)
        sizes: dict[int, int] = defaultdict(int)
        for oid, row in self._rows.items():
            count = _estimated(row, len(self._columns[oid])) if row["kind"] in "rm" else 0
            place: int | None = oid
            while place is not None:
                rows[place] += count
                sizes[place] += row["bytes"] or 0
                inside = place in self._rows and self._rows[place]["partition"]
                place = self._parents.get(place) if inside else None
        return rows, sizes


def _estimated(row: Mapping[str, Any], columns: int) -> int:
    """The last analysis' count; for a table never analysed, its bytes over a row of eight bytes a column."""
    analysed = float(row["rows"])
    return round(analysed) if analysed > 0 else int(row["bytes"] or 0) // (28 + 8 * max(1, columns))


def _kind(row: Mapping[str, Any]) -> Kind:
    if row["partition"]:
        return "partition"
    kinds: dict[str, Kind] = {"r": "table", "p": "partitioned", "v": "view", "m": "view"}
    return kinds.get(row["kind"], "virtual")


def _column(row: Mapping[str, Any], types: Types, *, ignores_case: bool) -> Column:
    default = row["default"]
    numbered = {"a": "always", "d": "default"}.get(row["identity"], "")
    if not numbered and default and re.match(r"nextval\(", default):
        numbered = "default"
    return types.column(
        row["attname"],
        row["native"],
        row["type"],
        row["modifier"],
        nullable=not row["attnotnull"],
        generated=bool(row["generated"]),
        identity=numbered,
        default=default,
        collation=row["collation"] or "",
        ignores_case=ignores_case,
        comment=row["comment"] or "",
    )
