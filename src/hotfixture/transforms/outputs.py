"""The decisions about columns, applied to what a query returns: copies get the mask, expressions are refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from hotfixture.errors import Problem, RefusedError, Where
from hotfixture.schema import Column, TableName
from hotfixture.transforms.coherence import cohere
from hotfixture.transforms.decisions import Decision, Decisions
from hotfixture.transforms.lineage import Lineage, Origin, Output
from hotfixture.transforms.masks import MaskSpec

_REDACT = MaskSpec("redact")
_SAME = "Select both from one column, or give both columns one mask."


def output_specs(
    decisions: Decisions, provider: str, lineage: Lineage, columns: Sequence[Column], *, where: Where | None = None
) -> dict[str, MaskSpec]:
    """The mask of each column that the query returns, by its name; `columns` are those the engine describes, in order.

    A plain copy gets the mask of its column; copies of a masked and of an unmasked column (a union) are all masked. An
    expression over a masked column is refused, or redacted where the policy says so. Raises RefusedError with all
    problems: undecided columns, expressions, different masks in one column, filters that the policy refuses.
    """
    court = _Outputs(decisions, provider, where)
    specs: dict[str, MaskSpec] = {}
    origins: dict[str, Output] = {}
    for output, column in zip(lineage.columns, columns, strict=True):
        spec = court.one(output, column.name)
        if column.name in origins and specs.get(column.name) != spec:
            court.problem(f"two columns are called {column.name!r} and get different masks", "Give one an alias.")
        origins[column.name] = output
        if spec is not None:
            specs[column.name] = spec
    court.filters(lineage.filters)
    specs = {name: court.translated(name, spec, origins) for name, spec in specs.items()}
    if court.problems:
        raise RefusedError.of(court.problems)
    return _coherent(specs, origins)


class _Outputs:
    """Judges the columns of one query."""

    def __init__(self, decisions: Decisions, provider: str, where: Where | None) -> None:
        self.decisions, self.provider, self.where = decisions, provider, where
        self.problems: list[Problem] = []

    def problem(self, message: str, hint: str) -> None:
        """Note what the query may not do."""
        self.problems.append(Problem(message, self.where, hint))

    def _of(self, origins: Iterable[Origin]) -> Iterator[Decision]:
        for origin in sorted(origins):
            try:
                yield self.decisions.of(self.provider, *origin)
            except KeyError:
                self.problem(f"{origin[0]}.{origin[1]} is no column that can be decided about", "Leave it out.")

    def one(self, output: Output, name: str) -> MaskSpec | None:
        """The mask of one output column."""
        for decision in self._of(output.origins):
            if decision.state == "undecided":
                self.problem(
                    f"nobody has decided about {decision.table}.{decision.column}, which {name!r} returns",
                    "Add a rule with a mask, or with 'keep', to the policy; or mask it in the template.",
                )
        inside = [decision for decision in self._of(output.derived_from) if decision.mask]
        if inside:
            return self._expression(name, inside)
        masks = [decision for decision in self._of(output.copies) if decision.mask]
        for other in masks[1:]:
            if other.mask != masks[0].mask:
                self.problem(f"{name!r} holds {_named(masks[0])} and {_named(other)}", _SAME)
        return masks[0].mask if masks else None

    def _expression(self, name: str, inside: list[Decision]) -> MaskSpec | None:
        if self.decisions.policy.expressions == "refuse":
            self.problem(
                f"{name!r} is an expression over {_named(inside[0])}",
                "Select the column itself: it is masked. The policy may say 'expressions: redact'.",
            )
        return _REDACT

    def filters(self, origins: Iterable[Origin]) -> None:
        """Masked columns that decide which rows come, where the policy forbids it."""
        if self.decisions.policy.filters == "allow":
            return
        for decision in self._of(origins):
            if decision.mask:
                self.problem(
                    f"the query filters, sorts or groups by {_named(decision)}",
                    "The policy says 'filters: refuse': which rows come would tell what they hold.",
                )

    def translated(self, name: str, spec: MaskSpec, origins: Mapping[str, Output]) -> MaskSpec:
        """The spec with the base columns it reads under the names that the query gives them."""
        table = next((table for table, _ in sorted(origins[name].copies)), None)
        if table is None:
            return spec
        for option in ("by", "column"):
            if isinstance(spec.options.get(option), str):
                spec = spec.with_options(**{option: self._returned(name, table, spec.options[option], origins)})
        if isinstance(spec.options.get("names"), list):
            found = (_returned(table, column, origins) for column in spec.options["names"])
            spec = spec.with_options(names=[column for column in found if column])
        return spec

    def _returned(self, name: str, table: TableName, column: str, origins: Mapping[str, Output]) -> str:
        found = _returned(table, column, origins)
        if found is None:
            self.problem(f"the mask of {name!r} reads {table}.{column}, which the query does not return",
                         f"Add {column} to what the query selects.")  # fmt: skip
        return found or column


def _named(decision: Decision) -> str:
    return f"{decision.table}.{decision.column}, masked with {decision.mask} ({decision.why})"


def _returned(table: TableName, column: str, origins: Mapping[str, Output]) -> str | None:
    """The output column that is a plain copy of a base column."""
    wanted = {(table, column)}
    return next((name for name, output in origins.items()
                 if output.is_plain_copy and wanted == output.copies), None)  # fmt: skip


def _coherent(specs: Mapping[str, MaskSpec], origins: Mapping[str, Output]) -> dict[str, MaskSpec]:
    """Outputs of one table agree with each other as its columns do."""
    groups: dict[TableName | None, dict[str, MaskSpec]] = {}
    for name, spec in specs.items():
        table = next((table for table, _ in sorted(origins[name].copies)), None)
        groups.setdefault(table, {})[name] = spec
    made: dict[str, MaskSpec] = {}
    for group in groups.values():
        made |= cohere(group)
    return {name: made[name] for name in specs}
