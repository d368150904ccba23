"""Values of libraries, taken apart and made again without importing any: msgspec, protobuf, numpy."""

from __future__ import annotations

import base64
import re
from importlib import import_module
from typing import Any

from hotfixture.capture import classes

TAG = "$type"
Mark = dict[str, Any]
Pieces = tuple[tuple[Any, Any], ...]
"""Pairs of a list or dict still to be made plain, and the empty list or dict it goes into."""
_LISTED = 4096
"""Elements of an array that is still written as a list to be read."""
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_TEXT = 2000


def said(value: Any) -> str:
    """What an object says of itself, without its address; what its own code raises is noted instead."""
    try:
        return _ADDRESS.sub("", repr(value))[:_TEXT]
    except Exception as error:  # noqa: BLE001 - code of the program under test may raise anything
        return f"<{type(value).__qualname__}: its repr raised {type(error).__qualname__}>"


def opaque(value: Any) -> Mark:
    """The mark of what is named only."""
    return {TAG: "opaque", "class": classes.name_of(type(value)), "text": said(value)}


def struct(value: Any) -> tuple[Mark, Pieces]:
    """A msgspec Struct."""
    fields: Mark = {}
    mark = {TAG: "struct", "class": classes.name_of(type(value)), "state": fields}
    return mark, (({name: getattr(value, name) for name in type(value).__struct_fields__}, fields),)


def message(value: Any) -> tuple[Mark, Pieces]:
    """A protobuf message, by its fields."""
    json_format = import_module("google.protobuf.json_format")  # it is loaded: there is a message
    fields = json_format.MessageToDict(value, preserving_proto_field_name=True)
    inner: list[Any] = []  # some messages are written as a text
    return {TAG: "protobuf", "class": classes.name_of(type(value)), "value": inner}, (([fields], inner),)


def array(value: Any) -> tuple[Mark, Pieces]:
    """An array or scalar of numpy: as a list where that can be read, as its bytes where it is large."""
    np = import_module("numpy")  # it is loaded: there is a value of it
    held = np.asarray(value)
    dtype = held.dtype
    mark: Mark = {TAG: "numpy", "dtype": dtype.str, "shape": list(held.shape), "scalar": held is not value}
    if dtype.kind in "OUS" or (dtype.kind in "biuf" and held.size <= _LISTED and dtype.itemsize <= 8):
        items: list[Any] = []
        return mark | {"value": items}, ((held.ravel().tolist(), items),)
    if dtype.hasobject or dtype.names:
        return opaque(value), ()
    return mark | {"base64": base64.b64encode(held.tobytes()).decode()}, ()


def made_struct(form: Mark) -> Any:
    """The Struct again; LookupError where its class has other fields now."""
    cls: Any = classes.of_mark(form)
    if set(cls.__struct_fields__) != set(form["state"]):
        raise LookupError(form["class"])
    return cls(**form["state"])


def made_message(form: Mark) -> Any:
    """The message again."""
    json_format, classes_of = import_module("google.protobuf.json_format"), import_module("google.protobuf.message")
    cls: Any = classes.of_mark(form, classes_of.Message)
    return json_format.ParseDict(form["value"][0], cls())


def made_array(form: Mark) -> Any:
    """The array or scalar again."""
    np = import_module("numpy")
    dtype = np.dtype(form["dtype"])
    if "base64" in form:
        flat = np.frombuffer(base64.b64decode(form["base64"]), dtype=dtype)
    else:
        flat = np.empty(len(form["value"]), dtype=dtype)
        flat[:] = form["value"]
    held = flat.reshape(form["shape"])
    return held[()] if form["scalar"] else held
