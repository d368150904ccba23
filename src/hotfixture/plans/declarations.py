"""The parameters that a template declares: type, default, bounds; and those that every template understands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from hotfixture.documents import Node, Reader
from hotfixture.errors import Where
from hotfixture.plans.values import Type, convert, type_of

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEYS = ("type", "description", "default", "required", "min", "max", "pattern", "choices", "min_items", "max_items")
_ALSO = {"minimum": "min", "maximum": "max", "values": "choices", "options": "choices", "enum": "choices"}
_SOME_DAY = date(2000, 2, 29)
"""A default is only checked when a template is read; its value is computed for the day of the run."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter."""

    name: str
    type: Type
    where: Where | None = None
    description: str = ""
    required: bool = False
    """It must be given: it has no default, and the template does not say `required: false`."""
    default: object = None
    """As written; None where there is none."""
    low: object = None
    """The least value allowed, of its type; for a text the least number of characters."""
    high: object = None
    pattern: str = ""
    """A regular expression that the whole text matches."""
    min_items: int = 0
    max_items: int | None = None

    def value(self, given: object, today: date) -> object:
        """`given` as a value of the parameter's type within its bounds; ValueError says what was expected."""
        value = convert(given, self.type, today)
        items = value if isinstance(value, list) else [value]
        for item in items:
            self._check(item)
        if isinstance(value, list) and not self.min_items <= len(items) <= (self.max_items or len(items)):
            raise ValueError(f"expected {self.min_items} to {self.max_items or '…'} items, found {len(items)}")
        return value

    def _check(self, value: object) -> None:
        size = len(value) if isinstance(value, str) else value
        unit = " characters" if isinstance(value, str) else ""
        try:
            if self.low is not None and size < self.low:  # type: ignore[operator]  # both are of the parameter's type
                raise ValueError(f"expected at least {self.low}{unit}")
            if self.high is not None and size > self.high:  # type: ignore[operator]  # as above
                raise ValueError(f"expected at most {self.high}{unit}")
        except TypeError:
            raise ValueError("expected a time zone exactly where the bounds have one") from None
        if self.pattern and isinstance(value, str) and not re.fullmatch(self.pattern, value):
            raise ValueError(f"expected a text that matches {self.pattern}")


BUILT_IN: Mapping[str, Parameter] = {
    "row_limit": Parameter("row_limit", Type("integer"), low=1, description="at most so many rows per export"),
    "sample_rate": Parameter(
        "sample_rate",
        Type("decimal"),
        low=Decimal("0.000001"),
        high=1,
        description="this part of the rows, 0.1 is a tenth: of a subset's roots, of each row of a query by itself",
    ),
    "include_indexes": Parameter(
        "include_indexes", Type("boolean"), description="whether tables are created with their indexes"
    ),
    "debug_mode": Parameter("debug_mode", Type("boolean"), description="say more of what is done"),
}
"""What every template understands without declaring it; one that declares it may give it a default and bounds."""

OTHER_NAMES = {"table_size_factor": "sample_rate"}


def read_parameters(reader: Reader, node: Node) -> dict[str, Parameter]:
    """The parameters of the mapping `name: {type: …}` (also `name: type`, and a list of mappings with `name`)."""
    found: dict[str, Parameter] = {}
    for name, where, inner in named(reader, node, "parameters"):
        if not NAME.fullmatch(name):
            reader.problem(f"parameter {name!r}: expected a name of letters, digits and _", where)
        elif name in OTHER_NAMES:
            reader.problem(f"parameter {name!r}: is another name of {OTHER_NAMES[name]!r}", where)
        else:
            found[name] = _as_built_in(reader, _read(reader, name, where, inner))
    return found


def named(reader: Reader, node: Node, what: str) -> list[tuple[str, Where, Node]]:
    """Name, place of the name, value: of a mapping by name, or of a list of mappings that hold their `name`."""
    if not isinstance(node.value, list):
        keys = node.keys or {}
        return [(name, keys[name], inner) for name, inner in reader.names(node, what).items()]
    found: list[tuple[str, Where, Node]] = []
    for item in node.value:
        fields = reader.names(item, what)
        if "name" not in fields:
            reader.problem(f"{what}: 'name' is missing", item.where)
            continue
        name = reader.text(fields["name"], f"name of {what}")
        if any(name == other for other, _, _ in found):
            reader.problem(f"{what}: the name {name!r} stands here twice", fields["name"].where)
        rest = {key: value for key, value in fields.items() if key != "name"}
        found.append((name, fields["name"].where, Node(rest, item.where, keys=item.keys)))
    return found


def _read(reader: Reader, name: str, where: Where, node: Node) -> Parameter:
    what = f"parameter {name!r}"
    if isinstance(node.value, str):
        return Parameter(name, _type(reader, node, what, ()), where, required=True)
    fields = reader.mapping(node, what, _KEYS, also=_ALSO)
    choices = tuple(item.text for item in reader.items(fields["choices"])) if "choices" in fields else ()
    kind = _type(reader, fields.get("type"), what, choices)
    if kind.name == "choice" and not kind.choices:
        reader.problem(f"{what}: 'choices' is missing", where, "Write choices: [new, paid, shipped].")
    default = _written(fields["default"], kind) if "default" in fields else None
    parameter = Parameter(
        name,
        kind,
        where,
        description=reader.text(fields["description"], f"description of {what}") if "description" in fields else "",
        required=_required(reader, fields, what) and default is None,
        default=default,
        low=_bound(reader, fields.get("min"), kind, what),
        high=_bound(reader, fields.get("max"), kind, what),
        pattern=_pattern(reader, fields.get("pattern"), kind, what),
        min_items=_items(reader, fields.get("min_items"), kind, what) or 0,
        max_items=_items(reader, fields.get("max_items"), kind, what),
    )
    _check_bounds(reader, parameter, fields)
    return parameter


def _as_built_in(reader: Reader, parameter: Parameter) -> Parameter:
    """The parameter, which has the type and at least the bounds of the built-in one of its name, if there is one."""
    known = BUILT_IN.get(parameter.name)
    if known is None:
        return parameter
    if parameter.type != known.type:
        reader.problem(f"parameter {parameter.name!r}: every template understands it, as {known.type}", parameter.where)
    low = known.low if parameter.low is None else parameter.low
    return replace(parameter, low=low, high=known.high if parameter.high is None else parameter.high)


def _type(reader: Reader, node: Node | None, what: str, choices: tuple[str, ...]) -> Type:
    """The type written; without one `choice` where there are choices, else text."""
    if node is None:
        return Type("choice" if choices else "text", choices=choices)
    # `type: [integer]`, the flow list, is what `list[integer]` loses when its first word is forgotten.
    written = f"list[{node.value[0].text}]" if isinstance(node.value, list) and len(node.value) == 1 else None
    try:
        return type_of(written or reader.text(node, f"type of {what}") or "text", choices)
    except ValueError as error:
        reader.problem(f"{what}: {error}", node.where)
        return Type("text")


def _required(reader: Reader, fields: Mapping[str, Node], what: str) -> bool:
    required = reader.boolean(fields["required"], f"{what}: required") if "required" in fields else True
    if required and "required" in fields and "default" in fields:
        reader.problem(f"{what}: has a default, so it is never missing", fields["required"].where, "Leave one out.")
    return required


def _written(node: Node, kind: Type) -> object:
    """A value of the file for `convert`: numbers by their text, so that `007` and `1.10` stay what they are."""
    if isinstance(node.value, list):
        return [item.text for item in node.value]
    return node.value if kind.name == "boolean" and isinstance(node.value, bool) else node.text


def _bound(reader: Reader, node: Node | None, kind: Type, what: str) -> object:
    if node is None:
        return None
    if kind.name == "text":
        return reader.integer(node, f"bound of {what}", low=0)
    if kind.name not in ("integer", "decimal", "date", "timestamp"):
        reader.problem(f"{what}: a {kind.name} has no bounds", node.where)
        return None
    try:
        return convert(node.text, Type(kind.name), _SOME_DAY)
    except ValueError as error:
        reader.problem(f"bound of {what}: {error}", node.where)
        return None


def _pattern(reader: Reader, node: Node | None, kind: Type, what: str) -> str:
    if node is None:
        return ""
    pattern = reader.text(node, f"pattern of {what}")
    if kind.name != "text":
        reader.problem(f"{what}: only a text has a pattern", node.where)
    try:
        re.compile(pattern)
    except re.error as error:
        reader.problem(f"{what}: not a regular expression: {error}", node.where)
        return ""
    return pattern


def _items(reader: Reader, node: Node | None, kind: Type, what: str) -> int | None:
    if node is None:
        return None
    if not kind.is_list:
        reader.problem(f"{what}: only a list has a number of items", node.where)
    return reader.integer(node, f"{what}: number of items", low=0)


def _check_bounds(reader: Reader, parameter: Parameter, fields: Mapping[str, Node]) -> None:
    what = f"parameter {parameter.name!r}"
    if _reversed(parameter.low, parameter.high):
        reader.problem(f"{what}: min is greater than max", fields["min"].where)
    elif parameter.default is not None:
        try:
            parameter.value(parameter.default, _SOME_DAY)
        except ValueError as error:
            reader.problem(f"default of {what}: {error}", fields["default"].where)


def _reversed(low: object, high: object) -> bool:
    try:
        return low is not None and high is not None and low > high  # type: ignore[operator]  # both are of one type
    except TypeError:  # one timestamp has a zone, the other none: no value can satisfy both
        return True
