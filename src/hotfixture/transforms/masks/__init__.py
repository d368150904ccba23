"""Masks by name: a literal table first, then every generator; `bind` puts one on a column.

To add a mask: one class in the file of its kind, one line in TABLE. The laws in the tests find it there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hotfixture import generators
from hotfixture.errors import HotFixtureError, InputError, OptionError, UnknownNameError, Where
from hotfixture.generators.options import Option
from hotfixture.registry import Registry
from hotfixture.schema import Column
from hotfixture.transforms.masks.keys import MaskingKey
from hotfixture.transforms.masks.spec import MaskSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from hotfixture.transforms.masks.base import Mask, Site
    from hotfixture.transforms.masks.rows import Row

_HERE = "hotfixture.transforms.masks."

TABLE: Mapping[str, str] = {
    "bucket": f"{_HERE}amounts:Bucket",
    "fixed": f"{_HERE}constants:Fixed",
    "hash": f"{_HERE}hashed:Hash",
    "json": f"{_HERE}document:Json",
    "keep_first": f"{_HERE}partial:KeepFirst",
    "keep_last": f"{_HERE}partial:KeepLast",
    "noise": f"{_HERE}amounts:Noise",
    "null": f"{_HERE}constants:Null",
    "partial": f"{_HERE}partial:Partial",
    "permute": f"{_HERE}permutation:Permute",
    "redact": f"{_HERE}constants:Redact",
    "replace": f"{_HERE}replacement:Replace",
    "scrub": f"{_HERE}prose:Scrub",
    "shift_dates": f"{_HERE}dates:ShiftDates",
    "when": f"{_HERE}condition:When",
}

KEEP = "keep"
"""Not a mask: says that a column is not sensitive, so that nobody has to decide about it again."""

REGISTRY: Registry[type[Mask]] = Registry("mask", TABLE, group="hotfixture.masks")


_LATE = {"Mask": f"{_HERE}base", "Site": f"{_HERE}base", "Row": f"{_HERE}rows"}
"""What stands on Arrow: policies are read, and names compared, without it."""


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_LATE[name]), name)
    return found


def canonical(name: str, where: Where | None = None) -> str:
    """The mask's name, or the generator's canonical one; UnknownNameError suggests the nearest of both."""
    squeezed = name.strip().lower().replace("-", "_")
    if squeezed == KEEP or squeezed in TABLE:
        return squeezed
    try:
        return generators.canonical(name)
    except UnknownNameError:
        if name in REGISTRY:
            return name
        shorts = (known.rpartition(".")[2] for known in generators.names())
        raise UnknownNameError(
            "mask", name, sorted({KEEP, *REGISTRY, *generators.names(), *shorts}), where=where
        ) from None


def is_generator(name: str) -> bool:
    """Whether the canonical name is a generator's."""
    if name in generators.TABLE:
        return True
    return name != KEEP and name not in TABLE and name not in REGISTRY


def resolve(spec: MaskSpec) -> MaskSpec:
    """The spec with its canonical name and its main option by name; options are not validated yet."""
    name = canonical(spec.name, spec.where)
    if spec.main is None:
        return replace(spec, name=name)
    main = "" if is_generator(name) or name == KEEP else REGISTRY.find(name).MAIN
    if not main:
        raise InputError(
            f"{name!r} has no main option", where=spec.where, hint=f"Name the option: {{{name}: {{option: …}}}}."
        )
    return MaskSpec(name, {main: spec.main, **spec.options}, where=spec.where)


def bind(spec: MaskSpec, column: Column, *, columns: tuple[str, ...] | None = None, unique: bool = False) -> Mask:
    """The mask that `spec` puts on `column`.

    `columns` are those a mask may read (`by`, `when`); `unique` says that the column takes part in a unique key.
    Raises InputError (unknown names, options out of range, a mask that does not fit the column's type), with the place.
    """
    from hotfixture.transforms.masks.base import Site

    spec = resolve(spec)
    site = Site(column, _inner(columns), columns, unique, spec.where)
    try:
        mask = _bound(spec, site)
    except OptionError as error:
        raise site.error(f"mask {spec.name!r}: {error.problems[0].message}") from error
    except UnknownNameError as error:
        raise site.error(error.problems[0].message, error.problems[0].hint) from error
    _readable(mask, site)
    return mask


def _inner(columns: tuple[str, ...] | None) -> Any:
    return lambda spec, column: bind(spec, column, columns=columns)


def _bound(spec: MaskSpec, site: Site) -> Mask:
    if spec.name == KEEP:
        raise site.error("'keep' is a decision, no mask", "Leave the column out, or name a mask.")
    if is_generator(spec.name):
        from hotfixture.transforms.masks import invented

        return invented.make(site, generators.find(spec.name), spec.options)
    kind = REGISTRY.find(spec.name)
    return kind(site, settle(kind, spec.options))


def settle(kind: type[Mask], options: Mapping[str, Any]) -> dict[str, Any]:
    """The options completed by defaults and validated; those the mask reads itself as they are."""
    known: dict[str, Option] = {option.name: option for option in kind.OPTIONS}
    settled = {name: option.default for name, option in known.items()}
    for name, value in options.items():
        if name in known:
            settled[name] = known[name].validate(value)
        elif name in kind.NESTED or "*" in kind.NESTED:
            settled[name] = value
        else:
            raise UnknownNameError(f"option of {kind.name}", name, [*known, *kind.NESTED])
    return settled


def _readable(mask: Mask, site: Site) -> None:
    for name in mask.reads:
        if site.columns is not None and name not in site.columns and name != site.column.name:
            raise site.error(f"mask {mask.name!r} reads column {name!r}, which is not there",
                             f"There are: {', '.join(site.columns)}.")  # fmt: skip


def mask_values(spec: Any, values: pa.Array, key: MaskingKey, **others: pa.Array) -> pa.Array:
    """`values` (text) masked as `spec` says, outside any table; `others` are the columns that `by` may name."""
    import pyarrow as pa

    from hotfixture.transforms.masks.rows import Row

    column = Column("value", pa.string())
    mask = bind(MaskSpec.parse(spec), column)
    return mask.apply(Row({"value": values, **others}, key))


__all__ = [
    "KEEP", "REGISTRY", "TABLE", "HotFixtureError", "Mask", "MaskSpec", "MaskingKey", "Row", "Site", "bind",
    "canonical",
    "is_generator", "mask_values", "resolve",
]  # fmt: skip
