"""From what a schema says to the finished plan: sizes, links and makers, each resolved when another needs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING

from hotfixture.documents import Reader, parse
from hotfixture.draws import address_key, mix
from hotfixture.errors import Where
from hotfixture.plans.seed.columns import Maker, Nothing, Site
from hotfixture.plans.seed.combining import Places, grids
from hotfixture.plans.seed.custom import folder_of
from hotfixture.plans.seed.declarations import (
    ColumnDeclaration,
    ReferenceDeclaration,
    SchemaDeclaration,
    Size,
    TableDeclaration,
)
from hotfixture.plans.seed.existing import Taken
from hotfixture.plans.seed.families import family
from hotfixture.plans.seed.frame import NullMask
from hotfixture.plans.seed.linking import lay, link, mean_of
from hotfixture.plans.seed.plan import Made, SeedPlan, TablePlan
from hotfixture.plans.seed.promises import check_promises
from hotfixture.plans.seed.stored import check_stored
from hotfixture.plans.seed.tables import described, ordered
from hotfixture.plans.seed.types import DeclaredType, declared_type, known_words

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 1 << 62
"""Rows of one table: their numbers stay below 2^63 in every sum."""


class Build:
    """A plan in the making."""

    def __init__(
        self,
        declared: SchemaDeclaration,
        reader: Reader,
        seed: int,
        *,
        sizes: Mapping[str, int] | None = None,
        earlier: SeedPlan | None = None,
        existing: Mapping[str, pa.Table] | None = None,
    ) -> None:
        self.folder = folder_of(declared.source)
        """Where files that the schema names may stand."""
        self.composing: list[str] = []
        """Generators of the schema that are being composed, outermost first."""
        self.existing = existing or {}
        """Rows of tables that are filled already, in a fixed order."""
        self.declared = declared
        self.reader = reader
        self.seed = seed
        self.earlier = earlier
        before = earlier.by_name if earlier else {}
        self.tables = {
            name: TablePlan(name, table, seed, earlier=before.get(name)) for name, table in declared.tables.items()
        }
        self._sizes = dict(sizes or {})
        self._makers: dict[tuple[str, str], Maker] = {}
        self._counts: dict[str, int] = {}
        self._grids: dict[str, Places] = {}
        self._open: list[str] = []
        """What is being resolved, outermost first: a name that stands here twice is a ring."""

    # ---- sizes

    def count(self, table: str) -> int:
        """How many rows a table has."""
        if table not in self._counts:
            size = self.declared.tables[table].size
            rows = 0 if self._ring(f"the size of {table}", size.where) else self._sized(table, size)
            if rows > MOST:
                self.reader.problem(f"{table}: {rows:,} rows are more than {MOST:,}", size.where)
            self._counts[table] = min(rows, MOST)
        return self._counts[table]

    def _sized(self, table: str, size: Size) -> int:
        if table in self.existing:
            return len(self.existing[table])
        if table in self._sizes:
            return self._sizes[table]
        if size.count is not None or not size.per:
            return size.count or 0
        if size.per not in self.tables:
            self.reader.unknown(f"table in the size of {table}:", size.per, list(self.tables), size.where)
            return 0
        with_parent = f"the size of {table}"
        self._open.append(with_parent)
        parents = self.count(size.per)
        self._open.remove(with_parent)
        return int(parents * mean_of(size))

    def _ring(self, what: str, where: Where) -> bool:
        """Whether something needs itself; the ring is a problem."""
        if what not in self._open:
            return False
        ring = " → ".join([*self._open[self._open.index(what) :], what])
        self.reader.problem(f"{ring}: each of these needs the next", where)
        return True

    # ---- columns

    def maker(self, table: str, column: str, where: Where) -> Maker:
        """The maker of a column; Nothing, and a problem, where there is none or it needs itself."""
        declared = self.declared.tables.get(table)
        if declared is None:
            self.reader.unknown("table", table, list(self.tables), where)
            return Nothing()
        if column not in declared.columns:
            self.reader.unknown(f"column of {table}", column, list(declared.columns), where)
            return Nothing()
        if (table, column) not in self._makers:
            self._makers[table, column] = self._make(declared, declared.columns[column], where)
        return self._makers[table, column]

    def _make(self, table: TableDeclaration, column: ColumnDeclaration, where: Where) -> Maker:
        what = f"{table.name}.{column.name}"
        if self._ring(what, where):
            return Nothing()
        if table.name in self.existing:
            return Taken(self.existing[table.name][column.name].combine_chunks())
        self._open.append(what)
        try:
            return column.kind.make(self.site(table, column))
        finally:
            self._open.remove(what)

    def site(self, table: TableDeclaration, column: ColumnDeclaration) -> Site:
        """A column as its kind sees it; also one that stands inside another."""
        return Site(self, table, column, self._type(table, column))

    def _type(self, table: TableDeclaration, column: ColumnDeclaration) -> DeclaredType | None:
        if not column.type or column.type in ("object", "array"):
            return None
        try:
            return declared_type(column.type)
        except KeyError:
            self.reader.unknown(f"type of {table.name}.{column.name}:", column.type, known_words(), column.type_where)
            return None

    def key(self, address: str) -> int:
        """The key of permutations that belong to an address under this seed."""
        return mix(self.seed ^ address_key(address)) >> 1

    def family_of(self, table: str, column: str, generator: str) -> str:
        """The family whose draws a column shares: none where an earlier column has the same generator already."""
        group = family(generator)
        if not group:
            return ""
        for other in self.declared.tables[table].columns.values():
            if other.name == column:
                return group
            node = other.fields.get("generator")
            if not other.group and _same_generator(node.text if node else other.name, generator):
                return ""
        return group

    def grids(self, table: str) -> Places:
        """The combinations of columns of a table that may not repeat, by column."""
        if table not in self._grids:
            self._grids[table] = {}  # what is asked for meanwhile stands in none
            self._grids[table] = grids(self, self.declared.tables[table])
        return self._grids[table]

    # ---- references

    def target_columns(self, reference: ReferenceDeclaration) -> tuple[str, ...]:
        """The columns that a reference points at: those it names, else the target's primary key."""
        if reference.target_columns:
            return reference.target_columns
        target = self.declared.tables.get(reference.target)
        return target.primary_key if target else ()

    def laid(self, table: str) -> str | None:
        """The name of the link by which the table's rows stand under their parents."""
        declared = self.declared.tables[table]
        found = [one for one in declared.references if one.target == declared.size.per]
        return found[0].name if found else None

    # ---- the whole

    def finish(self, text: str) -> SeedPlan:
        """The plan; InputError with all problems of the schema."""
        for name, table in self.tables.items():
            table.count = self.count(name)
        for table in self.tables.values():
            self._link(table)
        for table in self.tables.values():
            for column in table.declaration.columns.values():
                self._add(table, column)
        check_promises(self)
        self.reader.finish()
        for table in self.tables.values():
            table.table = described(table, self)
        check_stored(self)
        self.reader.finish()
        digest = self.earlier.digest if self.earlier else self._digest(text)
        return SeedPlan(ordered(list(self.tables.values())), self.seed, digest, self.declared, text)

    def _link(self, table: TablePlan) -> None:
        table.children = {name: one for name, one in self.tables.items() if one.declaration.size.per == table.name}
        laid = self.laid(table.name)
        for reference in table.declaration.references:
            if reference.target in self.tables:
                made = lay(self, table, reference) if reference.name == laid else link(self, table, reference)
                made.null_mask = self._left_null(table, reference)
                table.links[reference.name] = made
            else:
                self.reader.unknown("table", reference.target, list(self.tables), reference.where)

    def _add(self, table: TablePlan, column: ColumnDeclaration) -> None:
        maker = self.maker(table.name, column.name, column.where)
        table.makers[column.name] = Made(column.name, maker, _mask(table, column), column.hidden)

    def _left_null(self, table: TablePlan, reference: ReferenceDeclaration) -> NullMask | None:
        """The nulls of a reference of one column: a row that has none has no parent to compute with either."""
        column = table.declaration.columns.get(reference.columns[0]) if len(reference.columns) == 1 else None
        return _mask(table, column) if column else None

    def _digest(self, text: str) -> str:
        """Of what the schema says, not of how it is written: comments and layout make no other plan."""
        said = json.dumps(parse(text, self.declared.source).plain(), sort_keys=True, default=str)
        return blake2b(repr((said, self.seed)).encode(), digest_size=16).hexdigest()


def _mask(table: TablePlan, column: ColumnDeclaration) -> NullMask | None:
    """Which rows of a column are null; None where none is."""
    group = column.nulls.group or column.seed_key
    return NullMask(column.nulls.share, f"{table.declaration.seed_key}.{group}#null") if column.nulls.share else None


def _same_generator(name: str, generator: str) -> bool:
    from hotfixture.generators import meant

    return meant(name) == generator
