"""`wrap`: any Python object, synchronous or asynchronous, so that what is called on it is recorded and played back.

Only calls are seen: attributes and properties are those of the object. In playback the object is not called.
"""

from __future__ import annotations

import copy
import datetime as dt
import decimal
import enum
import inspect
import types
import uuid
import weakref
from collections.abc import Callable
from typing import Any, TypeVar, cast

import wrapt

from hotfixture.capture import outcomes, tapes
from hotfixture.capture.held import held
from hotfixture.capture.records import NAMES
from hotfixture.capture.standins import StandIn, bare
from hotfixture.capture.values import plain

T = TypeVar("T")
_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_known_names: weakref.WeakKeyDictionary[Any, list[str]] = weakref.WeakKeyDictionary()

_VALUES = (
    type(None), bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, enum.Enum,
    decimal.Decimal, dt.date, dt.time, dt.timedelta, uuid.UUID,
)  # fmt: skip
_ROUTINES = frozenset({types.MethodType, types.FunctionType, types.BuiltinFunctionType})
"""Those that are met most; `inspect.isroutine` knows all, and takes a microsecond."""


def wrap(target: T, service: str = "", *, deep: bool = False) -> T:
    """The object, recorded: same class to `isinstance`, same values and exceptions.

    `service` is its name in recordings, else that of its class. With `deep`, objects that its attributes and calls
    give are recorded too, where they are more than values.
    """
    if isinstance(target, _Wrapped):
        target = target.__wrapped__
    named = service or (target.__qualname__ if isinstance(target, type) else type(target).__name__)
    return cast("T", _Wrapped(target, named, "", deep))


def is_value(result: Any) -> bool:
    """Whether a returned object is a value, rather than something to be called further."""
    cls = type(result)
    return isinstance(result, _VALUES) or any(
        hasattr(cls, mark)
        for mark in ("__dataclass_fields__", "__attrs_attrs__", "__pydantic_fields__", "__struct_fields__")
    )


class _Wrapped(StandIn):
    """An object whose calls are recorded. `_self_path` is how one comes to it from the one that was wrapped."""

    __slots__ = ("_self_deep", "_self_inner", "_self_methods", "_self_opens", "_self_path", "_self_service")

    def __init__(self, wrapped: Any, service: str, path: str, deep: bool) -> None:
        self._self_service, self._self_path, self._self_deep = service, path, deep
        self._self_opens = deep or isinstance(wrapped, type)
        self._self_methods: dict[str, _Method] = {}
        self._self_inner: dict[str, _Wrapped] = {}

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.__wrapped__, name)
        if name.startswith("_"):
            return value
        if type(value) in _ROUTINES or inspect.isroutine(value):
            return self._self_method(name, value)
        if self._self_deep and not is_value(value):
            return self._self_attribute(name, value)
        return value

    def _self_method(self, name: str, value: Any) -> Any:
        """Kept, for making one takes longer than calling it; anew where the object has another now."""
        kept = self._self_methods.get(name)
        if kept is None or kept.__wrapped__ != value:
            kept = self._self_methods[name] = _Method(value, self, self._self_at(name))
        return kept

    def _self_attribute(self, name: str, value: Any) -> Any:
        """Kept, for it is the same object each time."""
        kept = self._self_inner.get(name)
        if kept is None or kept.__wrapped__ is not value:
            kept = self._self_inner[name] = _Wrapped(value, self._self_service, self._self_at(name), True)
        return kept

    def __copy__(self) -> Any:
        return _Wrapped(copy.copy(self.__wrapped__), self._self_service, self._self_path, self._self_deep)

    def __deepcopy__(self, memo: Any) -> Any:
        return _Wrapped(copy.deepcopy(self.__wrapped__, memo), self._self_service, self._self_path, self._self_deep)

    def _self_at(self, name: str) -> str:
        return f"{self._self_path}.{name}" if self._self_path else name

    def _self_further(self, operation: str) -> Callable[[Any], Any]:
        """What becomes of the objects that an operation gives."""

        def further(result: Any) -> Any:
            if result is self.__wrapped__:
                return self
            if not self._self_opens or is_value(result) or isinstance(result, _Wrapped):
                return result
            return _Wrapped(result, self._self_service, f"{operation}()", self._self_deep)

        return further


def _call(owner: _Wrapped, *args: Any, **kwargs: Any) -> Any:
    target = owner.__wrapped__
    name = getattr(target, "__name__", "__call__")
    return invoke(owner, owner._self_at(name), target, args, kwargs)


def _enter(owner: _Wrapped) -> Any:
    return invoke(owner, owner._self_at("__enter__"), owner.__wrapped__.__enter__, (), {})


def _exit(owner: _Wrapped, *error: Any) -> Any:
    return owner.__wrapped__.__exit__(*error) if not _played() else None


async def _aenter(owner: _Wrapped) -> Any:
    return await invoke(owner, owner._self_at("__aenter__"), owner.__wrapped__.__aenter__, (), {})


async def _aexit(owner: _Wrapped, *error: Any) -> Any:
    return await owner.__wrapped__.__aexit__(*error) if not _played() else None


_Wrapped.specials = {
    "__call__": _call, "__enter__": _enter, "__exit__": _exit, "__aenter__": _aenter, "__aexit__": _aexit,
}  # fmt: skip


class _Method(wrapt.ObjectProxy[Any]):
    """A method of a wrapped object."""

    def __init__(self, wrapped: Any, owner: _Wrapped, operation: str) -> None:
        super().__init__(wrapped)
        self._self_operation = operation
        self._self_owner = weakref.ref(owner)  # which holds this: nobody's object may live longer than it would
        self._self_made = (owner.__wrapped__, owner._self_service, owner._self_path, owner._self_deep)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        owner = self._self_owner() or _Wrapped(*self._self_made)
        return invoke(owner, self._self_operation, self.__wrapped__, args, kwargs)


def _played() -> bool:
    tape: Any = tapes.current()
    return tape is not None and tape.playing


def invoke(owner: _Wrapped, operation: str, method: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Call it, recorded, or give what was recorded."""
    tape: Any = tapes.current()
    if tape is None:
        result = method(*args, **kwargs)
        if result is owner.__wrapped__:
            return owner
        return result if not owner._self_opens or _goes_on(result) else owner._self_further(operation)(result)
    if tape.playing:
        return _play(tape, owner, operation, method, _asked(plain, method, args, kwargs))
    call = tape.begin("call", owner._self_service, operation, _asked(held, method, args, kwargs))
    try:
        with call.inside():
            result = method(*args, **kwargs)
    except BaseException as error:
        call.failed(error)
        raise
    if result is owner.__wrapped__:
        call.done(manner="self")
        return owner
    return outcomes.passed(call, result, owner._self_further(operation))


def _asked(form: Callable[[Any], Any], method: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """The request of a call."""
    asked: dict[str, Any] = {
        "args": [form(bare(one)) for one in args],
        "kwargs": {name: form(bare(one)) for name, one in kwargs.items()},
    }
    if args and (names := _names(method)):
        asked[NAMES] = names
    return asked


def _names(method: Any) -> list[str]:
    """What a method calls its parameters: `login("bob", "hunter2")` gives a password as surely as `password=` does."""
    function = getattr(method, "__func__", method)
    try:
        known = _known_names.get(function)
        if known is None:
            known = _known_names[function] = [
                one.name for one in inspect.signature(method).parameters.values() if one.kind in _BY_PLACE
            ]
    except Exception:  # noqa: BLE001 - built-in functions have none; objects may say anything of themselves
        return []
    return known


def _goes_on(result: Any) -> bool:
    """Whether it is something that is recorded after the call, and left alone where nothing is recorded."""
    cls = type(result)
    return inspect.isawaitable(result) or hasattr(cls, "__next__") or hasattr(cls, "__anext__")


def _play(tape: Any, owner: _Wrapped, operation: str, method: Callable[..., Any], request: dict[str, Any]) -> Any:
    from hotfixture.capture.played_outcomes import given

    def play() -> Any:
        played = tape.play("call", owner._self_service, operation, request)
        if played.response.get("manner") == "self":
            played.finish()
            return owner
        return given(played, owner._self_further(operation))

    async def awaited() -> Any:
        result = play()
        return await result if inspect.isawaitable(result) else result

    return awaited() if inspect.iscoroutinefunction(method) else play()
