"""References that may lead to several tables: one column says to which, another holds the key there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hotfixture.documents import Node
from hotfixture.generators.choices import cumulative
from hotfixture.generators.values import weighted
from hotfixture.plans.seed.columns import Maker, Nothing, Site, cast
from hotfixture.plans.seed.declarations import ReferenceDeclaration
from hotfixture.plans.seed.frame import Frame
from hotfixture.plans.seed.links import Uniform
from hotfixture.plans.seed.relations import read_target


@dataclass(frozen=True, slots=True)
class Branch:
    """One table that a reference may lead to."""

    word: str
    """What the type column says."""
    link: Uniform
    column: str


@dataclass(slots=True)
class Varied(Maker):
    """A key of one of several tables."""

    branches: Sequence[Branch]
    weights: tuple[int, ...]
    address: str
    arrow: pa.DataType

    def choice(self, frame: Frame) -> NDArray[np.int64]:
        """Which branch each row takes."""
        chosen: NDArray[np.int64] = weighted(frame.draws(f"{self.address}#type"), self.weights)
        return chosen

    def at(self, frame: Frame) -> pa.Array:
        result, chosen = pa.nulls(len(frame), self.arrow), self.choice(frame)
        for number, branch in enumerate(self.branches):
            parents = Frame(branch.link.target, branch.link.pick(frame))
            keys = cast(parents.column(branch.column), self.arrow)
            result = pc.if_else(pa.array(chosen == number), keys, result)
        return result


@dataclass(slots=True)
class Word(Maker):
    """What the type column of a polymorphic reference says."""

    reference: Varied
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        words = pa.array([branch.word for branch in self.reference.branches])
        return words.take(pa.array(self.reference.choice(frame)))


def make(site: Site) -> Maker:
    """The maker of a column with `references_any: {Post: posts.id, Photo: {to: photos.id, weight: 3}}`."""
    branches, weights, types = [], [], set()
    for word, node in site.reader.names(site.fields["references_any"], "references_any").items():
        fields = (
            site.reader.mapping(node, word, ("to", "weight"), required=("to",))
            if isinstance(node.value, dict)
            else {"to": node}
        )
        if "to" not in fields:
            return Nothing()
        table, columns = read_target(site.reader, fields["to"], site.what, 1)
        if table not in site.build.tables:
            site.reader.unknown("table", table, list(site.build.tables), fields["to"].where)
            return Nothing()
        reference = ReferenceDeclaration((site.column.name,), table, columns, node.where)
        column = next(iter(site.build.target_columns(reference)), "")
        types.add(site.need(column, table, fields["to"].where).arrow)
        branches.append(Branch(word, Uniform(site.build.tables[table], f"{site.address}#{word}"), column))
        weights.append(site.reader.number(fields["weight"], "weight", low=0) if "weight" in fields else 1.0)
    if not branches or not any(weights):
        return site.problem("references_any: expected a table for each word", site.fields["references_any"].where)
    if len(types) > 1 and not site.declared:
        return site.problem(
            "the keys it leads to are of several types", hint="Give the column a type that fits all: text."
        )
    return Varied(
        branches, cumulative(tuple(weights)), site.address, site.declared.arrow if site.declared else types.pop()
    )


def make_word(site: Site) -> Maker:
    """The maker of a column with `type_of: subject_id`."""
    node: Node = site.fields["type_of"]
    reference = site.need(site.reader.text(node, "type_of"), "", node.where)
    if not isinstance(reference, Varied):
        return site.problem("type_of: names no column with references_any", node.where)
    return Word(reference, pa.string())
