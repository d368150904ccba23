"""Runs a plan: every export in one snapshot, through the masks, into a package that is proven, then released."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from hotfixture import __version__
from hotfixture.databases.base import Ddl, Load
from hotfixture.databases.script import Script
from hotfixture.flow import Sink, Transform, move
from hotfixture.plans import package
from hotfixture.plans.extract import extract
from hotfixture.plans.leaks import leak
from hotfixture.plans.masked_files import FileMasks
from hotfixture.plans.plan import Plan, PlannedDdl, PlannedFiles, PlannedQuery, PlannedRows, PlannedSubset
from hotfixture.plans.sinks import Both, Files, Once, Progress, Sample, Through, copy_files
from hotfixture.plans.witness import Maskers, Witness
from hotfixture.transforms.graph import load_order
from hotfixture.transforms.masker import Masker
from hotfixture.transforms.policy import Policy
from hotfixture.transforms.scan import Originals

if TYPE_CHECKING:
    from hotfixture.databases.base import Database, Dialect
    from hotfixture.files.formats import FileFormat
    from hotfixture.files.volumes import Volume
    from hotfixture.schema import Reference, Table, TableName
    from hotfixture.transforms.masks import MaskingKey
    from hotfixture.transforms.subset import Reason


INSIDE = "inside"
"""The folder of what stands inside compressed and packed files, which the proof must see; no package holds it."""


class _Road(NamedTuple):
    """From an export's rows to where they go."""

    sink: Sink
    apart: Collection[str]
    """The columns that must arrive as fields of their own."""
    choosing: Sequence[Transform]
    """Those that let only some rows pass; they remember rows, so batches go through them one after the other."""
    masker: Masker

    def through(self) -> Sink:
        """The sink behind everything that stands before it."""
        return Through([*self.choosing, self.masker], self.sink)


@dataclass
class Build:
    """One package on its way."""

    plan: Plan
    databases: Mapping[str, Database]
    """Each inside its snapshot."""
    snapshots: Mapping[str, str]
    """The time of each database's snapshot."""
    key: MaskingKey
    folder: Path
    """Where the package is put together."""
    aside: Path
    """Where rows wait for their place in the script."""
    originals: Originals
    volumes: Mapping[str, str | Volume] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    """Its rules for files."""
    inserts: bool = False
    """Scripts of plain INSERT statements, whatever quicker form the engine has."""
    progress: Progress | None = None
    explain: Callable[[Reason], None] | None = None
    scripts: dict[str, Script] = field(default_factory=dict)
    """By dialect: tables of one dialect go into one script, whatever provider they come from."""
    loads: dict[str, Load] = field(default_factory=dict)
    orphans: list[str] = field(default_factory=list)
    once: dict[tuple[str, TableName], Once] = field(default_factory=dict)
    """By dialect and table: tables of one dialect go into one script."""
    files: Files = field(init=False)
    digests: dict[str, str] = field(default_factory=dict)
    """Of the scripts, by their names in the package."""

    def __post_init__(self) -> None:
        self.files = Files(self.folder)

    def run(self) -> dict[str, Any]:
        """Extract, write, prove; the manifest."""
        with ExitStack() as open_things:
            open_things.callback(self._close)
            dialects = list(dict.fromkeys(self.databases[name].dialect.name for name in self._providers()))
            files = {n: open_things.enter_context(package.Digested(self._path(n, dialects))) for n in dialects}
            self._export(files)
        self.digests = {file.name_in_package: file.digest for file in files.values()}
        return self._prove({**self._manifest(), "copied": self._copied()})

    def _copied(self) -> list[dict[str, Any]]:
        """Copy the files that exports name, as the policy lets them pass."""
        maskers, inside = Maskers(self.key, self.originals), self.folder / INSIDE
        named = [export for export in self.plan.exports if isinstance(export, PlannedFiles)]
        return [
            copy_files(export, self.volumes[export.volume], self.folder,
                       FileMasks(self.policy, maskers, self.aside, inside))
            for export in named
        ]  # fmt: skip

    def _path(self, dialect: str, dialects: Collection[str]) -> Path:
        """Where a dialect's script goes: its name says which it is only where there are several."""
        return self.folder / f"{self.plan.template.name}{f'.{dialect}' if len(dialects) > 1 else ''}.sql"

    def _export(self, files: Mapping[str, BinaryIO]) -> None:
        """The rows of every export, into the scripts and the files beside them."""
        streams = not any(isinstance(export, PlannedSubset) for export in self.plan.exports)
        for dialect, file in files.items():
            tables = {rows.table.name: rows.table for _, provider, rows in self.plan if self._speaks(provider, dialect)}
            self.scripts[dialect] = script = Script(self._dialect(dialect), self.aside)
            load, ddl = self._load(dialect, tables), self._ddl(dialect, tables)
            if streams:
                script.begin(file, load, ddl=ddl, heading=self._heading())
            for export in self._ordered(dialect, load):
                self._query(export) if isinstance(export, PlannedQuery) else self._subset(export)
            if not streams:
                tables = {name: relation.table for name, relation in script.relations.items()}
                load, ddl = self._load(dialect, tables), self._ddl(dialect, tables)
                script.begin(file, load, ddl=ddl, heading=self._heading())
            script.end(load, ddl=ddl)
            self.loads[dialect] = load
        self.files.close()

    def _heading(self) -> tuple[str, ...]:
        return f"{self.plan.template.name}, template {self.plan.digest[:12]}", f"hotfixture {__version__}"

    def _ordered(self, dialect: str, load: Load) -> list[PlannedQuery | PlannedSubset]:
        """The exports of rows for one dialect, by the load order of the tables they fill."""
        place = {table.name: number for number, table in enumerate(load.tables)}
        wanted = [e for e in self.plan.exports if isinstance(e, PlannedQuery | PlannedSubset)]
        own = [export for export in wanted if self._speaks(export.provider, dialect)]
        return sorted(own, key=lambda e: place[e.rows.table.name] if isinstance(e, PlannedQuery) else -1)

    def _dialect(self, name: str) -> Dialect:
        found = next(database.dialect for database in self.databases.values() if database.dialect.name == name)
        return found.portable() if self.inserts else found

    def _speaks(self, provider: str, dialect: str) -> bool:
        return self.databases[provider].dialect.name == dialect

    def _close(self) -> None:
        self.files.close()
        for script in self.scripts.values():
            script.close()

    def _providers(self) -> Collection[str]:
        asked = [export.provider for export in self.plan.exports if isinstance(export, PlannedDdl)]
        return [name for name in self.plan.sources if name in {*asked, *(provider for _, provider, _ in self.plan)}]

    def _query(self, export: PlannedQuery) -> None:
        road = self._road(export.provider, export.rows, export.formats, sampled=True)
        database = self.databases[export.provider]
        batches = database.read(export.sql, export.rows.read, apart=road.apart)
        for transform in road.choosing:
            batches = map(transform, batches)
        move(batches, [road.masker], road.sink, leave=database.interrupt)

    def _subset(self, export: PlannedSubset) -> None:
        roads = {name: self._road(export.provider, rows, export.formats) for name, rows in export.tables.items()}
        found = extract(
            self.databases[export.provider],
            export.subset,
            lambda table: roads[table.name].through(),
            columns=lambda table: export.tables[table.name].read,
            apart=lambda table: roads[table.name].apart,
            explain=self.explain,
        )
        self.orphans += (f"{orphan.references[0]}: {orphan.keys}" for orphan in found.orphans)

    def _road(self, provider: str, rows: PlannedRows, formats: Sequence[FileFormat], *, sampled: bool = False) -> _Road:
        """From the wire to the script: what must come apart, and the sink."""
        dialect = self.databases[provider].dialect
        masker = self._masker(provider, rows)
        choosing: list[Transform] = []
        apart = set(masker.reads())
        identity = [c for c in rows.read if c.name in rows.table.identity] or list(rows.read)
        share = self.plan.parameters.get("sample_rate")
        if sampled and isinstance(share, int | Decimal):
            choosing.append(Sample(dialect, identity, float(share)))
        whole_key = bool(rows.table.identity) and len(identity) == len(rows.table.identity)
        if whole_key and self._is_filled_twice(dialect.name, rows.table):
            choosing.append(self.once.setdefault((dialect.name, rows.table.name), Once(dialect, identity)))
        if choosing:
            apart |= {column.name for column in identity}
        if formats:
            apart |= {column.name for column in rows.read}
        return _Road(self._sink(dialect, rows, formats), apart, choosing, masker)

    def _is_filled_twice(self, dialect: str, table: Table) -> bool:
        filled = [rows.table.name for _, provider, rows in self.plan if self._speaks(provider, dialect)]
        return filled.count(table.name) > 1

    def _masker(self, provider: str, rows: PlannedRows) -> Masker:
        witness = Witness(rows.masks, self.originals)
        dialect = self.databases[provider].dialect
        return Masker(rows.read, rows.masks, dialect, self.key, observe=witness.observe, found=witness.found)

    def _sink(self, dialect: Dialect, rows: PlannedRows, formats: Sequence[FileFormat]) -> Sink:
        relation = self.scripts[dialect.name].relation(rows.table, rows.read)
        others = [self.files.sink(str(rows.table.name), form, dialect, rows.read) for form in formats]
        return Both(relation, others, self.progress)

    def _load(self, dialect: str, tables: Mapping[TableName, Table]) -> Load:
        """The tables of one script, parents first; those that only the template knows come last."""
        order: list[Table] = []
        late: list[Reference] = []
        for provider in self._of_dialect(dialect):
            schema = self.plan.sources[provider].schema
            found = load_order(schema, [name for name in tables if name in schema.tables])
            order += (tables[name] for name in found.tables if tables[name] not in order)
            late += found.late
        order += (table for table in tables.values() if table not in order)
        return Load(tuple(order), tuple(late), creates=bool(self._asked_ddl(dialect)))

    def _of_dialect(self, dialect: str) -> Iterator[str]:
        return (name for name in self._providers() if self._speaks(name, dialect))

    def _asked_ddl(self, dialect: str) -> list[PlannedDdl]:
        asked = [export for export in self.plan.exports if isinstance(export, PlannedDdl)]
        return [export for export in asked if self._speaks(export.provider, dialect)]

    def _ddl(self, dialect: str, tables: Mapping[TableName, Table]) -> Ddl | None:
        """What creates the tables, where the plan asks for it."""
        asked = self._asked_ddl(dialect)
        if not asked:
            return None
        parts = [self._ddl_of(export, tables) for export in asked]
        known = {name for export in asked for name in self.plan.sources[export.provider].schema.tables}
        own = [self._dialect(dialect).create(t, asked[0].option) for t in tables.values() if t.name not in known]
        return Ddl("".join([*(part.before for part in parts), *own]), "".join(part.after for part in parts))

    def _ddl_of(self, export: PlannedDdl, tables: Collection[TableName]) -> Ddl:
        schema = self.plan.sources[export.provider].schema
        named = {*(name for name in tables if name in schema.tables), *export.tables}
        stored = {table.name for table in schema if table.kind != "view"}
        wanted = load_order(schema, named if tables or named else stored).tables
        found = [schema.tables[name] for name in wanted]
        return self.databases[export.provider].ddl(found, option=export.option, indexes=export.indexes)

    def _manifest(self) -> dict[str, Any]:
        package_text = self.folder / package.TEMPLATE
        package_text.parent.mkdir(exist_ok=True)
        package_text.write_text(self.plan.text, encoding="utf-8", newline="\n")
        return {
            "tool": {"name": "hotfixture", "version": __version__},
            "template": {"name": self.plan.template.name, "sha256": self.plan.digest},
            "parameters": dict(self.plan.parameters),
            "today": self.plan.today.isoformat(),
            "providers": {
                name: {**source.plain(), "snapshot": self.snapshots.get(name)}
                for name, source in self.plan.sources.items()
            },
            "key": self.plan.key,
            "policy": self.plan.policy or None,
            "tables": [self._table(*planned) for planned in self.plan],
            "load_order": {name: [str(t.name) for t in load.tables] for name, load in self.loads.items()},
            "missing_in_source": self.orphans,
        }

    def _table(self, export: str, provider: str, rows: PlannedRows) -> dict[str, Any]:
        dialect = self.databases[provider].dialect.name
        relation = self.scripts[dialect].relations.get(rows.table.name)
        return {
            "export": export,
            "dialect": dialect,
            "table": str(rows.table.name),
            "columns": [column.name for column in rows.read],
            "rows": relation.rows if relation else 0,
            "bytes": relation.bytes if relation else 0,
            "masks": {planned.column.name: planned.shown for planned in rows.columns if planned.mask},
        }

    def _prove(self, facts: dict[str, Any]) -> dict[str, Any]:
        """The manifest, once no original stands in any file; LeakError with the places otherwise."""
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        findings = self.originals.scan(self.folder, files)
        if findings:
            raise leak(self.folder, findings, self.scripts.values())
        shutil.rmtree(self.folder / INSIDE, ignore_errors=True)
        scanned = {"originals": self.originals.values, "found": 0}
        return package.write_manifest(self.folder, {**facts, "scan": scanned}, self.digests)
