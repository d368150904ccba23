"""How tables hang together: components, load order, cycles, reach, a picture; one code for plan, run and inspect."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hotfixture.schema import Reference, Schema, TableName

Edges = Mapping["TableName", Collection["TableName"]]


class LoadOrder(NamedTuple):
    """Tables, parents first, and the references that no order of tables can satisfy (self references among them)."""

    tables: tuple[TableName, ...]
    late: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Cycle:
    """Tables that refer to each other in a ring (or in rings that share tables), or one that refers to itself."""

    tables: tuple[TableName, ...]
    references: tuple[Reference, ...]
    """Those inside the cycle."""
    rigid: bool
    """A ring of references stays that are all NOT NULL and not deferrable: no order of plain inserts can fill it."""

    def __str__(self) -> str:
        return ", ".join(map(str, self.tables)) + (" (NOT NULL all the way round)" if self.rigid else "")


def strong(edges: Edges) -> list[tuple[TableName, ...]]:
    """Strongly connected components, those that edges lead to first (Tarjan 1972, with a stack instead of recursion).

    The result depends on the graph alone, not on how it is listed. Targets that are no nodes themselves are left out.
    """
    index: dict[TableName, int] = {}
    low: dict[TableName, int] = {}
    open_nodes: list[TableName] = []
    found: list[tuple[TableName, ...]] = []
    for start in sorted(edges):
        work = [] if start in index else [start]
        todo: dict[TableName, list[TableName]] = {}
        while work:
            node = work[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                open_nodes.append(node)
                todo[node] = sorted({target for target in edges[node] if target in edges}, reverse=True)
            if todo[node]:
                target = todo[node].pop()
                if target not in index:
                    work.append(target)
                elif target in low:
                    low[node] = min(low[node], index[target])
                continue
            work.pop()
            if work:
                low[work[-1]] = min(low[work[-1]], low[node])
            if low[node] == index[node]:
                found.append(_close(node, open_nodes, low))
    return found


def _close(root: TableName, open_nodes: list[TableName], low: dict[TableName, int]) -> tuple[TableName, ...]:
    """Take the finished component of `root` off the stack; a node without `low` is closed."""
    members: list[TableName] = []
    while not members or members[-1] != root:
        members.append(open_nodes.pop())
        del low[members[-1]]
    return tuple(sorted(members))


def components(schema: Schema, *, virtual: bool = True) -> list[tuple[TableName, ...]]:
    """The schema's strongly connected components, parents first; `virtual` references count unless told otherwise."""
    return strong(targets(schema.tables, (r for r in schema.references() if virtual or not r.virtual)))


def targets(tables: Iterable[TableName], references: Iterable[Reference]) -> Edges:
    """Each table's parents along `references`; references that leave the tables are left out."""
    edges: dict[TableName, set[TableName]] = {table: set() for table in tables}
    for reference in references:
        if reference.table in edges and reference.target in edges:
            edges[reference.table].add(reference.target)
    return edges


def load_order(schema: Schema, tables: Collection[TableName] | None = None) -> LoadOrder:
    """An order in which declared references hold as early as they can, parents first; the same for the same tables.

    Inside a cycle the table goes first that leaves the fewest references late, NOT NULL ones above all. Virtual
    references bind no load and are ignored.
    """
    chosen = schema.tables if tables is None else tables
    binding = [r for r in schema.references() if not r.virtual and r.table in chosen and r.target in chosen]
    inside = _inside(strong(targets(chosen, binding)), binding)
    order = [table for members, own in inside for table in _unwind(schema, members, own)]
    place = {table: position for position, table in enumerate(order)}
    return LoadOrder(tuple(order), tuple(r for r in binding if place[r.target] >= place[r.table]))


def _inside(
    found: Iterable[tuple[TableName, ...]], references: Iterable[Reference]
) -> list[tuple[tuple[TableName, ...], list[Reference]]]:
    """Each component with the references that stay inside it."""
    groups = list(found)
    number = {table: position for position, members in enumerate(groups) for table in members}
    inside: list[list[Reference]] = [[] for _ in groups]
    for reference in references:
        if number[reference.table] == number[reference.target]:
            inside[number[reference.table]].append(reference)
    return list(zip(groups, inside, strict=True))


def _unwind(schema: Schema, members: tuple[TableName, ...], references: list[Reference]) -> list[TableName]:
    """The members of one component, each time the one next that leaves the least behind it late."""
    hard = len(references) + 1
    cost = dict.fromkeys(members, 0)
    waiting: dict[TableName, list[tuple[TableName, int]]] = {table: [] for table in members}
    for reference in references:
        if reference.table != reference.target:
            weight = hard if _rigid(schema, reference) else 1
            cost[reference.table] += weight
            waiting[reference.target].append((reference.table, weight))
    heap = sorted((price, table) for table, price in cost.items())
    order: list[TableName] = []
    while heap:
        price, table = heappop(heap)
        if cost.get(table) != price:
            continue  # placed already, or an older price
        order.append(table)
        del cost[table]
        for child, weight in waiting[table]:
            if child in cost:
                cost[child] -= weight
                heappush(heap, (cost[child], child))
    return order


def _rigid(schema: Schema, reference: Reference) -> bool:
    """Neither a NULL nor a deferred check can put the reference off (MATCH SIMPLE: one nullable column is enough)."""
    table = schema.tables[reference.table]
    return not reference.deferrable and not any(table.column(name).nullable for name in reference.columns)


def cycles(schema: Schema) -> list[Cycle]:
    """Every cycle of the declared and virtual references, self references among them, parents first."""
    known = [r for r in schema.references() if r.target in schema.tables]
    return [
        Cycle(members, tuple(own), _stays_closed(schema, members, own))
        for members, own in _inside(components(schema), known)
        if own
    ]


def _stays_closed(schema: Schema, members: tuple[TableName, ...], references: list[Reference]) -> bool:
    hard = [r for r in references if r.table != r.target and not r.virtual and _rigid(schema, r)]
    return any(len(ring) > 1 for ring in strong(targets(members, hard)))


def closure(starts: Iterable[TableName], edges: Edges) -> set[TableName]:
    """The starts and everything that edges lead to from them."""
    reached = set(starts)
    work = list(reached)
    while work:
        for target in edges.get(work.pop(), ()):
            if target not in reached:
                reached.add(target)
                work.append(target)
    return reached


def below(references: Iterable[Reference]) -> Edges:
    """Each target with the tables whose rows may hang below a row of it: `targets`, read the other way."""
    found: dict[TableName, set[TableName]] = {}
    for reference in references:
        found.setdefault(reference.target, set()).add(reference.table)
    return found


def dot(schema: Schema) -> str:
    """The tables as a Graphviz digraph: child to parent; cycles red, virtual references dashed."""
    inside = {reference for cycle in cycles(schema) for reference in cycle.references}
    lines = [f"  {_dot_text(str(table.name))};" for table in sorted(schema, key=lambda table: table.name)]
    for reference in sorted(schema.references(), key=lambda r: (r.table, r.columns, r.target, r.name)):
        marks = {"label": ", ".join(reference.columns) + reference.path.removeprefix("$")}
        marks |= {"color": "red"} if reference in inside else {}
        marks |= {"style": "dashed"} if reference.virtual else {}
        shown = ", ".join(f"{name}={_dot_text(value)}" for name, value in marks.items())
        lines.append(f"  {_dot_text(str(reference.table))} -> {_dot_text(str(reference.target))} [{shown}];")
    return "\n".join(["digraph tables {", "  rankdir=LR;", "  node [shape=box];", *lines, "}", ""])


def _dot_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
