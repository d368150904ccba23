"""Classes by their names, and the state of objects, without running any code of the program under test.

A recording names classes; a file may have been tampered with. So a class is only ever looked for among the modules
that the program has imported itself, nothing is imported, and no constructor runs.
"""

from __future__ import annotations

import io
import sys
import types
from typing import Any
from weakref import WeakKeyDictionary

_slots: WeakKeyDictionary[type, tuple[tuple[str, types.MemberDescriptorType], ...]] = WeakKeyDictionary()

DESCRIPTORS = (types.GetSetDescriptorType, types.MemberDescriptorType)
"""How built-in code gives access to what an object holds: no code of a program runs."""
LIVE = (
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.ModuleType, types.GeneratorType,
    types.CoroutineType, types.AsyncGeneratorType, types.FrameType, types.TracebackType, types.CodeType, io.IOBase,
)  # fmt: skip
"""What has no value apart from the process it lives in."""
DATA = frozenset({
    "types:SimpleNamespace", "collections:UserDict", "collections:UserList", "collections:UserString",
    "collections:ChainMap", "http.cookies:Morsel", "http.cookies:SimpleCookie", "email.header:Header",
})  # fmt: skip
"""Classes of the standard library that hold values and do nothing."""


def name_of(cls: type) -> str:
    """`module:qualified name`."""
    return f"{cls.__module__}:{cls.__qualname__}"


def find(name: str) -> type | None:
    """The class of that name, if the program has imported its module; None else."""
    module, _, path = name.partition(":")
    found: Any = sys.modules.get(module)
    for part in path.split("."):
        if part.startswith("__") or found is None:
            return None
        found = vars(found).get(part) if isinstance(found, type | types.ModuleType) else None
    return found if isinstance(found, type) else None


def of_mark(form: dict[str, Any], base: type = object) -> type:
    """The class that a mark names; LookupError where it is not here, or not of that kind."""
    cls = find(form["class"])
    if cls is None or not issubclass(cls, base):
        raise LookupError(form["class"])
    return cls


def is_data(cls: type) -> bool:
    """Whether a class declares its fields: dataclass, attrs, pydantic, msgspec, named tuple."""
    return (
        any(hasattr(cls, mark) for mark in ("__dataclass_fields__", "__attrs_attrs__", "__pydantic_fields__"))
        or name_of(cls) in DATA
    )


def of_python(cls: type) -> bool:
    """Whether its objects have attributes that Python code gave them: a `__dict__` or slots."""
    return any(
        "__slots__" in one.__dict__ or isinstance(one.__dict__.get("__dict__"), DESCRIPTORS) for one in cls.__mro__
    )


def of_standard_library(cls: type) -> bool:
    """Whether the class is one of Python's own."""
    return cls.__module__.partition(".")[0] in sys.stdlib_module_names


def is_live(cls: type) -> bool:
    """Whether its objects are things that run or stand open, rather than values: they are named, never taken apart."""
    return (
        issubclass(cls, LIVE)
        or any(hasattr(cls, mark) for mark in ("__next__", "__anext__", "__await__", "__del__"))
        or (of_standard_library(cls) and not is_data(cls))
        or not of_python(cls)
    )


def slots(cls: type) -> tuple[tuple[str, types.MemberDescriptorType], ...]:
    """Name and descriptor of each slot that Python code declared, base classes first."""
    known = _slots.get(cls)
    if known is None:
        known = _slots[cls] = tuple(
            (name, member)
            for one in reversed(cls.__mro__)
            if "__slots__" in one.__dict__
            for name, member in one.__dict__.items()
            if type(member) is types.MemberDescriptorType
        )
    return known


def dictionary(value: Any) -> dict[str, Any] | None:
    """The real `__dict__` of an object, never what a property of that name gives; None where it has none."""
    for cls in type(value).__mro__:
        if isinstance(entry := cls.__dict__.get("__dict__"), DESCRIPTORS):
            found = entry.__get__(value)
            return found if type(found) is dict else None
    return None


def state_of(value: Any) -> dict[str, Any]:
    """Every attribute that an object itself holds, by name; no property is called."""
    state = {}
    for name, member in slots(type(value)):
        try:
            state[name] = member.__get__(value)
        except AttributeError:
            continue  # not set yet
    state.update(dictionary(value) or {})
    return state


def put_state(value: Any, state: dict[str, Any]) -> None:
    """Give an object the attributes that `state_of` found, past properties and `__setattr__`."""
    members, own = dict(slots(type(value))), dictionary(value)
    for name, inner in state.items():
        if name in members:
            members[name].__set__(value, inner)
        elif own is not None:
            own[name] = inner
        else:
            raise AttributeError(name)


def bare(cls: type, base: type = object, *given: Any) -> Any:
    """An object of the class, made by the built-in `base` alone; TypeError where its making could do something."""
    if is_live(cls) and base is object:
        raise TypeError(f"{name_of(cls)} is not a class of values")
    if any(hasattr(cls, mark) for mark in ("__del__", "__next__")) or not issubclass(cls, base):
        raise TypeError(f"{name_of(cls)} is not a class of values")
    if issubclass(cls, types.SimpleNamespace):
        base = types.SimpleNamespace
    return base.__new__(cls, *given)


def bare_exception(cls: type[BaseException], arguments: list[Any], state: dict[str, Any]) -> BaseException:
    """An exception made by the nearest built-in class alone: constructors of libraries want other arguments than those
    that an exception keeps."""
    if hasattr(cls, "__del__") or issubclass(cls, SystemExit | KeyboardInterrupt):
        raise TypeError(f"{name_of(cls)} is not raised again")
    base: Any = next(one for one in cls.__mro__ if one.__module__ == "builtins")
    try:
        error: BaseException = base.__new__(cls, *arguments)
        base.__init__(error, *arguments)
    except TypeError:  # a built-in that wants its own arguments, and was given others by the library
        error = BaseException.__new__(cls, *arguments)
    if list(error.args) != arguments and not isinstance(error, OSError):  # which keeps file names beside them
        error.args = tuple(arguments)
    for name, inner in state.items():
        _put(error, name, inner)
    return error


def _put(error: BaseException, name: str, inner: Any) -> None:
    built_in = getattr(type(error), name, None)
    try:
        if isinstance(built_in, DESCRIPTORS):
            built_in.__set__(error, inner)
        else:
            put_state(error, {name: inner})
    except (AttributeError, TypeError):
        return  # a slot of another release of the library
