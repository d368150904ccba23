"""DDL of PostgreSQL tables, from the server's own definitions: what loads for a plain owner, and nothing more.

No owners, no grants, no functions, no triggers. What calls a function that would be missing (a default, a check, an
index, a generated column) is left out, and a comment in the script says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hotfixture.databases.base import Ddl, DdlOption
from hotfixture.databases.postgresql_needs import EXTENSION, Needs, sequence_options
from hotfixture.databases.postgresql_script import QUOTE
from hotfixture.schema import TableName

if TYPE_CHECKING:
    from hotfixture.databases.postgresql_catalogue import Catalogue
    from hotfixture.databases.postgresql_dialect import PostgresqlDialect
    from hotfixture.schema import Table

Row = Mapping[str, Any]

_TABLES = """\
WITH RECURSIVE wanted AS (
  SELECT c.oid, 0 AS depth FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN unnest($1::text[], $2::text[]) AS w(s, t) ON w.s = n.nspname AND w.t = c.relname
  UNION SELECT i.inhrelid, w.depth + 1 FROM wanted w JOIN pg_inherits i ON i.inhparent = w.oid
  JOIN pg_class c ON c.oid = i.inhrelid WHERE {relispartition})
SELECT c.oid, n.nspname, c.relname, c.relkind::text AS kind, {partition_key} AS key, {relispartition} AS partition,
  {partition_bound} AS bound, ARRAY(SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno)
  AS parents FROM (SELECT oid, max(depth) AS depth FROM wanted GROUP BY oid) AS w
JOIN pg_class c ON c.oid = w.oid JOIN pg_namespace n ON n.oid = c.relnamespace
ORDER BY w.depth, n.nspname, c.relname"""

_COLUMNS = """\
SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS native, a.atttypid AS type,
  a.attnotnull, {attidentity} AS identity, {attgenerated} AS generated, ad.oid AS default_oid,
  pg_get_expr(ad.adbin, ad.adrelid) AS default, CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation END
  AS collation, quote_ident(cn.nspname) || '.' || quote_ident(co.collname) AS collation_name
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = ANY($1::oid[]) ORDER BY a.attrelid, a.attnum"""

_CONSTRAINTS = """\
SELECT con.oid, con.conrelid, con.conname, con.contype::text AS kind, con.confrelid, con.convalidated AS valid,
  NOT con.conislocal AND con.contype = 'c' AS inherited,
  con.conindid, pg_get_constraintdef(con.oid) AS definition
FROM pg_constraint con WHERE con.conrelid = ANY($1::oid[]) AND con.contype IN ('p', 'u', 'x', 'c', 'f')
  AND {conparentid} = 0
ORDER BY con.conrelid, position(con.contype::text IN 'puxcf'), con.conname"""

_INDEXES = """\
SELECT i.indexrelid AS oid, i.indrelid, c.relname, i.indisunique, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY($1::oid[]) AND i.indisvalid
  AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
  AND NOT EXISTS (SELECT FROM pg_constraint con WHERE con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x'))
ORDER BY i.indrelid, c.relname"""

_USES = f"""\
SELECT d.objid, d.refclassid::regclass::text AS kind, d.refobjid,
  {EXTENSION.format(kind="pg_proc", oid="d.refobjid").replace("'pg_proc'::regclass", "d.refclassid")} AS extension,
  CASE WHEN d.refclassid = 'pg_proc'::regclass THEN d.refobjid::regprocedure::text ELSE d.refobjid::text END AS name
FROM pg_depend d WHERE d.objid = ANY($1::oid[]) AND d.deptype IN ('n', 'a') AND d.classid IN (
  'pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_class'::regclass) AND d.refclassid IN (
  'pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_type'::regclass, 'pg_collation'::regclass)
  AND d.refobjid >= 16384"""
"""What expressions look at beyond tables; below 16384 stand the system's own things."""

_SEQUENCES = """\
SELECT s.oid, n.nspname, s.relname, d.refobjid AS owner, d.refobjsubid AS number, d.deptype::text AS link, {sequence}
FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_namespace n ON n.oid = s.relnamespace
{sequence_source} WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
  AND d.refobjid = ANY($1::oid[]) AND d.deptype IN ('a', 'i')
UNION ALL SELECT s.oid, n.nspname, s.relname, ad.adrelid, ad.adnum, 'n', {sequence}
FROM pg_attrdef ad JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = ad.oid
JOIN pg_class s ON d.refclassid = 'pg_class'::regclass AND s.oid = d.refobjid AND s.relkind = 'S'
JOIN pg_namespace n ON n.oid = s.relnamespace {sequence_source} WHERE ad.adrelid = ANY($1::oid[])"""

_SINCE_10 = {
    "{partition_key}": "CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END",
    "{partition_bound}": "pg_get_expr(c.relpartbound, c.oid)",
    "{sequence_source}": "JOIN pg_sequence q ON q.seqrelid = s.oid",
    "{sequence}": "q.seqtypid AS kind, q.seqincrement AS increment, q.seqmin AS low, q.seqmax AS high, "
    "q.seqstart AS start, q.seqcycle AS cycle",
}
_BEFORE_10 = {
    "{partition_key}": "NULL::text",
    "{partition_bound}": "NULL::text",
    "{sequence_source}": ", pg_sequence_parameters(s.oid) q",
    "{sequence}": "NULL::oid AS kind, q.increment, q.minimum_value AS low, q.maximum_value AS high, "
    "q.start_value AS start, q.cycle_option AS cycle",
}


class Builder:
    """Puts the statements for some tables together."""

    def __init__(self, catalogue: Catalogue, dialect: PostgresqlDialect, option: DdlOption) -> None:
        self._catalogue = catalogue
        self._dialect = dialect
        self._option = option
        self._name = dialect.identifier
        self._notes: list[str] = []
        self._needs = Needs(catalogue, dialect.identifier)

    def ddl(self, tables: Sequence[Table], *, indexes: bool) -> Ddl:
        """What stands before the rows and after them."""
        self._gather(tables)
        created = [self._table(row) for row in self._ordered()]
        after = [*self._late_checks(), *self._indexes(everything=indexes), *self._references()]
        owned = list(self._owned())
        needed = [*self._needs.statements]
        before = [*self._dropped(), *needed, *created, *owned]
        notes = [f"-- {note}" for note in self._notes]
        ending = ["SET CONSTRAINTS ALL IMMEDIATE;", *after] if after else []
        return Ddl(_script([*notes, *before]), _script(ending))

    def _ask(self, statement: str, *arguments: object) -> list[Row]:
        since = _SINCE_10 if self._catalogue.version[0] >= 10 else _BEFORE_10
        for name, spelled in since.items():
            statement = statement.replace(name, spelled)
        return self._catalogue.ask(statement, *arguments)

    def _gather(self, tables: Sequence[Table]) -> None:
        schemas, names = [table.name.schema for table in tables], [table.name.name for table in tables]
        self._tables = {row["oid"]: row for row in self._ask(_TABLES, schemas, names)}
        oids = list(self._tables)
        self._columns = _grouped(self._ask(_COLUMNS, oids), "attrelid")
        constraints = self._ask(_CONSTRAINTS, oids)
        self._constraints = _grouped(constraints, "conrelid")
        self._index_rows = self._ask(_INDEXES, oids)
        self._sequences = {(r["owner"], r["number"], r["link"]): r for r in self._ask(_SEQUENCES, oids)}
        users = [row["oid"] for row in [*constraints, *self._index_rows]] + [row["conindid"] for row in constraints]
        users += [c["default_oid"] for columns in self._columns.values() for c in columns if c["default_oid"]]
        self._uses = _grouped(self._ask(_USES, users), "objid")

    def _ordered(self) -> list[Row]:
        """The tables, each after those it inherits from or is a partition of."""
        done: dict[int, Row] = {}

        def place(row: Row) -> None:
            for parent in row["parents"]:
                if parent in self._tables and parent not in done:
                    place(self._tables[parent])
            done.setdefault(row["oid"], row)

        for row in self._tables.values():
            place(row)
        return list(done.values())

    def _full(self, row: Row) -> str:
        return self._dialect.table(TableName(row["nspname"], row["relname"]))

    # ---- before the rows

    def _dropped(self) -> list[str]:
        if self._option != "drop-create" or not self._tables:
            return []
        # One statement, so that references among the tables do not matter; whatever else depends on them stops it.
        return [f"DROP TABLE IF EXISTS {', '.join(self._full(row) for row in self._tables.values())};"]

    def _table(self, row: Row) -> str:
        self._needs.schema(row["nspname"])
        parents = [self._full(self._tables[parent]) for parent in row["parents"] if parent in self._tables]
        key = f" PARTITION BY {row['key']}" if row["key"] else ""
        head = f"CREATE TABLE IF NOT EXISTS {self._full(row)}"
        constraints = list(self._inline(row, inherits=bool(parents)))
        if row["partition"] and parents:
            inner = f" (\n    {_lines(constraints)}\n)" if constraints else ""
            return f"{head} PARTITION OF {parents[0]}{inner} {row['bound']}{key};"
        parts = [self._column(row, column) for column in self._columns[row["oid"]]] + constraints
        inherits = f" INHERITS ({', '.join(parents)})" if parents else ""
        return f"{head} (\n    {_lines(parts)}\n){inherits}{key};"

    def _column(self, table: Row, column: Row) -> str:
        self._needs.type(column["type"])
        parts = [self._name(column["attname"]), column["native"]]
        if column["collation"]:
            self._needs.collation(column["collation"])
            parts.append(f"COLLATE {column['collation_name']}")
        if table["kind"] in "rp":
            parts += self._value(table, column)
            parts += ["NOT NULL"] if column["attnotnull"] else []
        return " ".join(parts)

    def _value(self, table: Row, column: Row) -> list[str]:
        """Where a column's value comes from when nobody gives one."""
        place = (table["oid"], column["attnum"])
        if column["identity"]:
            options = sequence_options({**self._sequences[*place, "i"], "kind": None}).strip()
            kind = "ALWAYS" if column["identity"] == "a" else "BY DEFAULT"
            return [f"GENERATED {kind} AS IDENTITY ({options})"]
        if column["default"] is None:
            return []
        what = f"{'generation' if column['generated'] else 'default'} of {self._full(table)}.{column['attname']}"
        if not self._kept(what, column["default_oid"]):
            return []
        for link in ("a", "n"):
            if (*place, link) in self._sequences:
                self._needs.sequence(self._sequences[*place, link])
        if column["generated"]:
            return [
                f"GENERATED ALWAYS AS ({column['default']}) {'VIRTUAL' if column['generated'] == 'v' else 'STORED'}"
            ]
        return [f"DEFAULT {column['default']}"]

    def _kept(self, what: str, *oids: int) -> bool:
        """Whether all that the expression looks at will be there; otherwise a note is left."""
        uses = [use for oid in oids for use in self._uses[oid]]
        for use in uses:
            if use["extension"]:
                self._needs.extension(use["extension"])
            elif use["kind"] == "pg_type":
                self._needs.type(use["refobjid"])
            elif use["kind"] == "pg_collation":
                self._needs.collation(use["refobjid"])
            else:
                note = f"left out: {what}, which uses {use['kind'].removeprefix('pg_')} {use['name']}"
                self._notes.append(" ".join(note.split()))
                return False
        return True

    def _inline(self, row: Row, *, inherits: bool) -> Iterable[str]:
        if row["kind"] not in "rp":
            return
        for constraint in self._constraints[row["oid"]]:
            if constraint["inherited"] and inherits:
                continue
            if constraint["kind"] != "f" and constraint["valid"] and self._constraint_kept(row, constraint):
                yield f"CONSTRAINT {self._name(constraint['conname'])} {constraint['definition']}"

    def _constraint_kept(self, row: Row, constraint: Row) -> bool:
        what = f"constraint {constraint['conname']} of {self._full(row)}"
        return self._kept(what, constraint["oid"], constraint["conindid"])

    def _owned(self) -> Iterable[str]:
        """Sequences tied to their columns, so that they go when the table goes."""
        for (owner, number, link), row in self._sequences.items():
            if link == "a" and f"CREATE SEQUENCE IF NOT EXISTS {self._full(row)}" in "".join(self._needs.statements):
                column = next(c["attname"] for c in self._columns[owner] if c["attnum"] == number)
                place = f"{self._full(self._tables[owner])}.{self._name(column)}"
                yield f"ALTER SEQUENCE {self._full(row)} OWNED BY {place};"

    # ---- after the rows

    def _late_checks(self) -> Iterable[str]:
        """Checks that older rows may break: added as the server has them, NOT VALID."""
        for row in self._tables.values():
            for constraint in self._constraints[row["oid"]]:
                if constraint["kind"] == "c" and not constraint["valid"] and self._constraint_kept(row, constraint):
                    yield self._added(row, constraint)

    def _added(self, row: Row, constraint: Row) -> str:
        name = self._name(constraint["conname"])
        statement = f"ALTER TABLE {self._full(row)} ADD CONSTRAINT {name} {constraint['definition']};"
        if self._option == "drop-create":
            return statement
        return f"DO {QUOTE} BEGIN {statement} EXCEPTION WHEN duplicate_object THEN NULL; END {QUOTE};"

    def _indexes(self, *, everything: bool) -> Iterable[str]:
        """Indexes; without `everything` those alone that references stand on."""
        needed = {c["conindid"] for cs in self._constraints.values() for c in cs if c["kind"] == "f"}
        for index in self._index_rows:
            table = self._tables[index["indrelid"]]
            wanted = everything or index["oid"] in needed
            if wanted and self._kept(f"index {index['relname']} of {self._full(table)}", index["oid"]):
                yield self._index(index)

    def _index(self, index: Row) -> str:
        head, on, rest = index["definition"].partition(" INDEX ")
        # For a partitioned table the definition says ONLY, which would leave its partitions without.
        name, _, rest = _past_name(rest)
        rest = rest.removeprefix("ONLY ")
        return f"{head}{on}IF NOT EXISTS {name} ON {rest};"

    def _references(self) -> Iterable[str]:
        for row in self._tables.values():
            for constraint in self._constraints[row["oid"]]:
                if constraint["kind"] == "f" and constraint["confrelid"] in self._tables:
                    yield self._added(row, constraint)


def _past_name(text: str) -> tuple[str, str, str]:
    """The quoted or plain index name, ` ON `, and what follows."""
    if not text.startswith('"'):
        return text.partition(" ON ")
    end = 1
    while text[end] != '"' or text[end : end + 2] == '""':
        end += 2 if text[end] == '"' else 1
    return text[: end + 1], " ON ", text[end + 1 :].removeprefix(" ON ")


def _lines(parts: Sequence[str]) -> str:
    return ",\n    ".join(parts)


def _script(statements: Sequence[str]) -> str:
    return "".join(f"{statement}\n" for statement in statements)


def _grouped(rows: Iterable[Row], key: str) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups
