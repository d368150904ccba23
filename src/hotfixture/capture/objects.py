"""Values that are no plain JSON, taken apart into marks, and made again from marks.

A mark is a dict whose `$type` says what it stands for. `taken` gives the mark of one value and the pieces still to be
made plain; `made` is its other direction.
"""

from __future__ import annotations

import base64
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag
from pathlib import PurePath
from types import MappingProxyType
from typing import Any
from uuid import UUID

from hotfixture.capture import classes, foreign
from hotfixture.capture.foreign import TAG, Mark, Pieces, opaque, said
from hotfixture.capture.standins import bare


class Placeholder:
    """Stands for a recorded value whose class is not here or that was not recorded whole. What was recorded of it can
    be read as attributes; `form` is all of it."""

    def __init__(self, form: Any, state: Mapping[str, Any] | None = None) -> None:
        self.__dict__.update(state or {})
        self.form = form

    def __repr__(self) -> str:
        form = self.form if isinstance(self.form, dict) else {}
        said = form.get("text") or form.get("class") or form.get(TAG) or "value"
        return f"<recorded {said}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Placeholder) and self.form == other.form

    def __hash__(self) -> int:
        return hash(repr(self))


def number(value: int) -> Mark:
    """The mark of an integer of more than 64 bits; hexadecimal where decimal digits would take quadratic time."""
    return {TAG: "int", "value": str(value) if value.bit_length() < 4096 else hex(value)}


def text(value: str) -> str | Mark:
    """A text, or the mark of one that holds half characters, which UTF-8 cannot write."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return {TAG: "str", "value": value.encode("utf-16-le", "surrogatepass").hex()}
    return value


def _bytes(value: bytes | bytearray | memoryview) -> Mark:
    return {TAG: type(value).__name__, "value": base64.b64encode(value).decode()}


def _moment(value: datetime | time) -> Mark:
    kind = datetime if isinstance(value, datetime) else time
    mark: Mark = {TAG: kind.__name__, "value": kind.isoformat(value)}  # type: ignore[arg-type]  # of the same kind
    key = getattr(value.tzinfo, "key", None)
    if isinstance(key, str):
        mark["zone"] = key
    if value.fold:
        mark["fold"] = 1
    return mark


LEAVES: Mapping[type, Callable[[Any], Mark]] = {
    bytes: _bytes,
    bytearray: _bytes,
    memoryview: _bytes,
    complex: lambda value: {TAG: "complex", "value": [repr(value.real), repr(value.imag)]},
    Decimal: lambda value: {TAG: "decimal", "value": str(value)},
    datetime: _moment,
    time: _moment,
    date: lambda value: {TAG: "date", "value": date.isoformat(value)},
    timedelta: lambda value: {TAG: "timedelta", "value": [value.days, value.seconds, value.microseconds]},
    UUID: lambda value: {TAG: "uuid", "value": str(value)},
    range: lambda value: {TAG: "range", "value": [value.start, value.stop, value.step]},
    type(...): lambda _: {TAG: "ellipsis"},
    type(NotImplemented): lambda _: {TAG: "notimplemented"},
}
"""How values without pieces are marked."""
BOXES: Mapping[type, str] = {tuple: "tuple", set: "set", frozenset: "frozenset", list: "list"}
_BASES: tuple[type, ...] = (dict, list, tuple, set, frozenset, str, int, float, bytes, bytearray, complex)
"""Built-in types whose subclasses hold a value beside their attributes."""


def taken(value: Any, *, whole: bool = True) -> tuple[Mark, Pieces]:
    """The mark of a value, and its pieces. Without `whole`, objects that do not declare their fields are named only."""
    value = bare(value)
    cls = type(value)
    if (leaf := LEAVES.get(cls)) is not None:
        return leaf(value), ()
    if cls in BOXES:
        items: list[Any] = []
        return {TAG: BOXES[cls], "value": items}, ((_ordered(value), items),)
    for base, take in _TAKERS:
        if issubclass(cls, base):
            return take(value)
    for attribute, take in _DUCKS:
        if hasattr(cls, attribute):
            return take(value)
    for base in _BASES:
        if issubclass(cls, base):
            return _extended(value, base)
    if (cls.__module__ or "").partition(".")[0] == "numpy" and hasattr(cls, "dtype"):
        return foreign.array(value)
    if classes.is_live(cls) or not (whole or classes.is_data(cls)):
        return opaque(value), ()
    return _object(value)


def _ordered(value: Any) -> list[Any]:
    """The items; those of a set in an order that does not change from run to run."""
    return list(value) if type(value) in {tuple, list} else sorted(value, key=said)


def _object(value: Any) -> tuple[Mark, Pieces]:
    state: Mark = {}
    mark = {TAG: "object", "class": classes.name_of(type(value)), "state": state}
    return mark, ((classes.state_of(value), state),)


def _extended(value: Any, base: type) -> tuple[Mark, Pieces]:
    """An object of a subclass of a built-in: its value as that, and its attributes."""
    mark, pieces = _object(value)
    bare: list[Any] = []
    mark |= {TAG: "extended", "base": base.__name__, "value": bare}
    copy = dict(dict.items(value)) if base is dict else _copy(value, base)
    return mark, (*pieces, ([copy], bare))


def _copy(value: Any, base: Any) -> Any:
    if base in (str, bytes, bytearray):
        return str.__str__(value) if base is str else base(memoryview(value))
    if base in (int, float):
        return getattr(base, f"__{base.__name__}__")(value)
    return complex(value.real, value.imag) if base is complex else base(base.__iter__(value))


def _enum(value: Any) -> tuple[Mark, Pieces]:
    inner: list[Any] = []
    state = classes.dictionary(value) or {}
    mark = {TAG: "enum", "class": classes.name_of(type(value)), "name": state.get("_name_"), "value": inner}
    return mark, (([state.get("_value_")], inner),)


def _exception(value: BaseException) -> tuple[Mark, Pieces]:
    state: Mark = {}
    arguments: list[Any] = []
    mark = {TAG: "exception", "class": classes.name_of(type(value)), "args": arguments, "state": state}
    return mark, ((list(value.args), arguments), (classes.state_of(value), state))


def _class(value: Any) -> tuple[Mark, Pieces]:
    return {TAG: "class", "class": classes.name_of(value)}, ()


def _path(value: PurePath) -> tuple[Mark, Pieces]:
    return {TAG: "path", "class": classes.name_of(type(value)), "value": str(value)}, ()


def _marked(leaf: Callable[[Any], Mark]) -> Callable[[Any], tuple[Mark, Pieces]]:
    return lambda value: (leaf(value), ())


def _named(value: Any) -> tuple[Mark, Pieces]:
    fields: Mark = {}
    names = type(value)._fields
    mark = {TAG: "namedtuple", "class": classes.name_of(type(value)), "state": fields}
    return mark, ((dict(zip(names, tuple.__iter__(value), strict=True)), fields),)


def _pairs(name: str) -> Callable[[Any], tuple[Mark, Pieces]]:
    def take(value: Any) -> tuple[Mark, Pieces]:
        items: list[Any] = []
        return {TAG: name, "value": items}, (([dict(value.items())], items),)

    return take


def _deque(value: deque[Any]) -> tuple[Mark, Pieces]:
    items: list[Any] = []
    return {TAG: "deque", "most": value.maxlen, "value": items}, ((list(value), items),)


_Take = Callable[[Any], tuple[Mark, Pieces]]
_TAKERS: tuple[tuple[type, _Take], ...] = (
    (Enum, _enum),
    (BaseException, _exception),
    (type, _class),
    (PurePath, _path),
    (datetime, _marked(_moment)),
    (date, _marked(LEAVES[date])),
    (time, _marked(_moment)),
    (timedelta, _marked(LEAVES[timedelta])),
    (Decimal, _marked(LEAVES[Decimal])),
    (UUID, _marked(LEAVES[UUID])),
    (MappingProxyType, _pairs("mappingproxy")),
    (deque, _deque),
)
_DUCKS: tuple[tuple[str, _Take], ...] = (
    ("__struct_fields__", foreign.struct),
    ("_fields", _named),
    ("ListFields", foreign.message),
)
"""By an attribute of the class: libraries that need not be installed."""


def _zoned(form: Mark, kind: Any) -> Any:
    value = kind.fromisoformat(form["value"])
    if "zone" in form:
        from zoneinfo import ZoneInfo

        value = value.replace(tzinfo=ZoneInfo(form["zone"]))
    return value.replace(fold=1) if form.get("fold") else value


def _made_object(form: Mark) -> Any:
    value = classes.bare(classes.of_mark(form))
    classes.put_state(value, form["state"])
    return value


def _made_extended(form: Mark) -> Any:
    base = next(one for one in _BASES if one.__name__ == form["base"])
    cls, (inner,) = classes.of_mark(form, base), form["value"]
    if cls in (OrderedDict, Counter):
        return cls(inner)
    if cls is defaultdict:
        return defaultdict(None, inner)
    if base in (dict, list, set):
        value = classes.bare(cls, base)
        base.__init__(value, inner)
    else:
        value = classes.bare(cls, base, inner)
    classes.put_state(value, form["state"])
    return value


def _made_exception(form: Mark) -> Any:
    return classes.bare_exception(classes.of_mark(form, Exception), form["args"], form["state"])


def _made_enum(form: Mark) -> Any:
    cls: Any = classes.of_mark(form, Enum)
    member = cls._member_map_.get(form["name"])
    if member is None and issubclass(cls, Flag):
        return cls(form["value"][0])
    if member is None:
        raise LookupError(form["name"])
    return member


def _made_path(form: Mark) -> Any:
    try:
        return classes.of_mark(form, PurePath)(form["value"])
    except NotImplementedError:  # a path of the other operating system
        return PurePath(form["value"])


def _made_namedtuple(form: Mark) -> Any:
    cls: Any = classes.of_mark(form, tuple)
    return tuple.__new__(cls, [form["state"][name] for name in cls._fields])


MAKERS: Mapping[str, Callable[[Mark], Any]] = {
    "bytes": lambda form: base64.b64decode(form["value"]),
    "bytearray": lambda form: bytearray(base64.b64decode(form["value"])),
    "memoryview": lambda form: memoryview(base64.b64decode(form["value"])),
    "complex": lambda form: complex(*map(float, form["value"])),
    "int": lambda form: int(form["value"], 0),
    "float": lambda form: float(form["value"]),
    "str": lambda form: bytes.fromhex(form["value"]).decode("utf-16-le", "surrogatepass"),
    "decimal": lambda form: Decimal(form["value"]),
    "datetime": lambda form: _zoned(form, datetime),
    "time": lambda form: _zoned(form, time),
    "date": lambda form: date.fromisoformat(form["value"]),
    "timedelta": lambda form: timedelta(*form["value"]),
    "uuid": lambda form: UUID(form["value"]),
    "range": lambda form: range(*form["value"]),
    "ellipsis": lambda _: ...,
    "notimplemented": lambda _: NotImplemented,
    "tuple": lambda form: tuple(form["value"]),
    "list": lambda form: list(form["value"]),
    "set": lambda form: set(form["value"]),
    "frozenset": lambda form: frozenset(form["value"]),
    "dict": lambda form: {key: inner for key, inner in form["value"]},  # noqa: C416 - pairs of any length are refused
    "deque": lambda form: deque(form["value"], form["most"]),
    "mappingproxy": lambda form: MappingProxyType(form["value"][0]),
    "object": _made_object,
    "extended": _made_extended,
    "enum": _made_enum,
    "struct": foreign.made_struct,
    "namedtuple": _made_namedtuple,
    "protobuf": foreign.made_message,
    "path": _made_path,
    "numpy": foreign.made_array,
    "class": classes.of_mark,
    "exception": _made_exception,
}
"""By `$type`: the value again, from a mark whose pieces are values already."""
