"""What PostgreSQL tables need around them: schemas, extensions, types, collations and sequences, spelled as DDL."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hotfixture.databases.postgresql_script import QUOTE

if TYPE_CHECKING:
    from hotfixture.databases.postgresql_catalogue import Catalogue

Row = Mapping[str, Any]

EXTENSION = """\
(SELECT e.extname FROM pg_depend x JOIN pg_extension e ON e.oid = x.refobjid
  WHERE x.classid = '{kind}'::regclass AND x.objid = {oid} AND x.deptype = 'e')"""

_TYPES = f"""\
SELECT t.oid, n.nspname, t.typname, t.typtype::text AS kind, t.typbasetype, t.typnotnull, t.typdefault, t.typelem,
  t.typcategory::text AS category, t.typrelid, format_type(t.typbasetype, t.typtypmod) AS base,
  CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN t.typcollation ELSE 0 END AS collation,
  {EXTENSION.format(kind="pg_type", oid="t.oid")} AS extension
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_type b ON b.oid = t.typbasetype
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')"""

_ATTRIBUTES = """\
SELECT a.attrelid, a.attname, a.atttypid, format_type(a.atttypid, a.atttypmod) AS native,
  CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation ELSE 0 END AS collation
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'c' JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum"""

_CHECKS = f"""\
SELECT con.contypid, con.conname, pg_get_constraintdef(con.oid) AS definition, EXISTS (
  SELECT FROM pg_depend d WHERE d.classid = 'pg_constraint'::regclass AND d.objid = con.oid
  AND d.refclassid = 'pg_proc'::regclass AND {EXTENSION.format(kind="pg_proc", oid="d.refobjid")} IS NULL) AS calls
FROM pg_constraint con WHERE con.contypid <> 0 AND con.contype = 'c' ORDER BY con.contypid, con.conname"""

_RANGES = """\
SELECT to_jsonb(r)::text AS facts, format_type(r.rngsubtype, NULL) AS subtype, r.rngsubtype::oid AS inner_type,
  r.rngcollation AS collation, r.rngtypid AS oid, quote_ident(on_.nspname) || '.' || quote_ident(o.opcname) AS opclass,
  o.opcdefault, CASE WHEN dn.nspname = 'pg_catalog' THEN r.rngsubdiff::text END AS difference
FROM pg_range r JOIN pg_opclass o ON o.oid = r.rngsubopc JOIN pg_namespace on_ ON on_.oid = o.opcnamespace
LEFT JOIN pg_proc d ON d.oid = r.rngsubdiff LEFT JOIN pg_namespace dn ON dn.oid = d.pronamespace"""

_COLLATIONS = f"""\
SELECT co.oid, n.nspname, co.collname, to_jsonb(co)::text AS facts,
  {EXTENSION.format(kind="pg_collation", oid="co.oid")} AS extension
FROM pg_collation co JOIN pg_namespace n ON n.oid = co.collnamespace WHERE n.nspname <> 'pg_catalog'"""

_EXTENSIONS = "SELECT e.extname, n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"

_PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}


class Needs:
    """Collects statements, each once, whatever stands on something else after it."""

    def __init__(self, catalogue: Catalogue, identifier: Callable[[str], str]) -> None:
        self.statements: dict[str, None] = {}
        self._name = identifier
        self._types = {row["oid"]: row for row in catalogue.ask(_TYPES)}
        self._attributes = _grouped(catalogue.ask(_ATTRIBUTES), "attrelid")
        self._checks = _grouped(catalogue.ask(_CHECKS), "contypid")
        self._ranges = {row["oid"]: row for row in catalogue.ask(_RANGES)}
        self._by_multirange = {_multirange(row): oid for oid, row in self._ranges.items()}
        self._collations = {row["oid"]: row for row in catalogue.ask(_COLLATIONS)}
        self._extensions = {row["extname"]: row["nspname"] for row in catalogue.ask(_EXTENSIONS)}
        self._labels = _grouped(
            catalogue.ask("SELECT enumtypid, enumlabel FROM pg_enum ORDER BY enumtypid, enumsortorder"), "enumtypid"
        )

    def schema(self, name: str) -> None:
        """The schema; `public` stands in every new database, and not everyone may ask for it."""
        if name not in ("public", "pg_catalog"):
            self._add(f"CREATE SCHEMA IF NOT EXISTS {self._name(name)};")

    def extension(self, name: str) -> None:
        """The extension, in the schema it has here."""
        if self._extensions[name] != "pg_catalog":
            self.schema(self._extensions[name])
        self._add(f"CREATE EXTENSION IF NOT EXISTS {self._name(name)} SCHEMA {self._name(self._extensions[name])};")

    def collation(self, oid: int) -> None:
        """The collation, where it is not the system's."""
        row = self._collations.get(oid)
        if not row:
            return None
        if row["extension"]:
            return self.extension(row["extension"])
        self.schema(row["nspname"])
        facts = json.loads(row["facts"])
        options = [f"provider = {_PROVIDERS[facts['collprovider']]}"] if facts["collprovider"] in _PROVIDERS else []
        locale = facts.get("colllocale") or facts.get("colliculocale")
        if locale or facts["collcollate"] == facts["collctype"]:
            options.append(f"locale = {_text(locale or facts['collcollate'])}")
        else:
            options += [f"lc_collate = {_text(facts['collcollate'])}", f"lc_ctype = {_text(facts['collctype'])}"]
        if facts.get("collicurules"):
            options.append(f"rules = {_text(facts['collicurules'])}")
        if not facts.get("collisdeterministic", True):
            options.append("deterministic = false")
        self._add(f"CREATE COLLATION IF NOT EXISTS {self._full(row, 'collname')} ({', '.join(options)});")
        return None

    def type(self, oid: int) -> None:
        """The type, where it is not the system's, after the types it is made of."""
        row = self._types.get(oid)
        if not row:
            return None
        if row["extension"]:
            return self.extension(row["extension"])
        if row["typelem"] and row["category"] == "A":
            return self.type(row["typelem"])
        if row["kind"] == "m":
            return self.type(self._by_multirange[oid])
        makers = {"e": self._enum, "d": self._domain, "c": self._composite, "r": self._range}
        maker = makers.get(row["kind"])
        if maker:
            definition = maker(row)
            self.schema(row["nspname"])
            self._add(_once(definition))
        return None

    def _enum(self, row: Row) -> str:
        labels = ", ".join(_text(label["enumlabel"]) for label in self._labels[row["oid"]])
        return f"CREATE TYPE {self._full(row, 'typname')} AS ENUM ({labels});"

    def _domain(self, row: Row) -> str:
        self.type(row["typbasetype"])
        parts = [f"CREATE DOMAIN {self._full(row, 'typname')} AS {row['base']}{self._collate(row['collation'])}"]
        parts += [f"DEFAULT {row['typdefault']}"] if row["typdefault"] is not None else []
        parts += ["NOT NULL"] if row["typnotnull"] else []
        checks = [check for check in self._checks[row["oid"]] if not check["calls"]]
        parts += [f"CONSTRAINT {self._name(check['conname'])} {check['definition']}" for check in checks]
        return " ".join(parts) + ";"

    def _composite(self, row: Row) -> str:
        attributes = self._attributes[row["typrelid"]]
        for attribute in attributes:
            self.type(attribute["atttypid"])
        spelled = (f"{self._name(a['attname'])} {a['native']}{self._collate(a['collation'])}" for a in attributes)
        return f"CREATE TYPE {self._full(row, 'typname')} AS ({', '.join(spelled)});"

    def _range(self, row: Row) -> str:
        found = self._ranges[row["oid"]]
        self.type(found["inner_type"])
        options = [f"SUBTYPE = {found['subtype']}"]
        if not found["opcdefault"]:
            options.append(f"SUBTYPE_OPCLASS = {found['opclass']}")
        if found["difference"]:
            options.append(f"SUBTYPE_DIFF = {found['difference']}")
        multi = self._types.get(_multirange(found))
        if multi:
            options.append(f"MULTIRANGE_TYPE_NAME = {self._full(multi, 'typname')}")
        return f"CREATE TYPE {self._full(row, 'typname')} AS RANGE ({', '.join(options)});"

    def _collate(self, oid: int) -> str:
        row = self._collations.get(oid)
        self.collation(oid)
        return f" COLLATE {self._full(row, 'collname')}" if row else ""

    def sequence(self, row: Row) -> None:
        """A sequence that a default draws from."""
        self.schema(row["nspname"])
        self._add(f"CREATE SEQUENCE IF NOT EXISTS {self._full(row, 'relname')}{sequence_options(row)};")

    def _full(self, row: Row, name: str) -> str:
        return f"{self._name(row['nspname'])}.{self._name(row[name])}"

    def _add(self, statement: str) -> None:
        self.statements.setdefault(statement)


def sequence_options(row: Row) -> str:
    """The options of a sequence, those of an identity column among them."""
    kind = {20: " AS bigint", 21: " AS smallint", 23: " AS integer"}.get(row["kind"] or 0, "")
    bounds = f" MINVALUE {row['low']} MAXVALUE {row['high']} START WITH {row['start']}"
    return f"{kind} INCREMENT BY {row['increment']}{bounds}{' CYCLE' if row['cycle'] else ''}"


def _multirange(row: Row) -> int:
    """The oid of the range's multirange, which is text in JSON; 0 before version 14."""
    return int(json.loads(row["facts"]).get("rngmultitypid") or 0)


def _once(statement: str) -> str:
    """The statement, without effect where the thing exists; CREATE TYPE has no IF NOT EXISTS of its own."""
    return f"DO {QUOTE} BEGIN {statement} EXCEPTION WHEN duplicate_object THEN NULL; END {QUOTE};"


def _text(value: str) -> str:
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


def _grouped(rows: Iterable[Row], key: str) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups
