"""An object that stands in for another: it has the protocols of that object, and no others.

What cannot be called, iterated, entered or measured must not look as if it could: programs ask (`callable`,
`isinstance(x, Iterable)`, `hasattr(x, "__len__")`) before they decide. So each class that is stood in for gets a class
of stand-ins of its own, with the special methods that it has. (Proxies of wrapt, `AutoObjectProxy` too, have a length
and can be entered whatever they stand for.)
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

_NEVER = frozenset({
    "__new__", "__init__", "__del__", "__getattribute__", "__getattr__", "__setattr__", "__delattr__", "__class__",
    "__dict__", "__weakref__", "__slots__", "__doc__", "__module__", "__get__", "__set__", "__delete__",
    "__set_name__", "__init_subclass__", "__subclasshook__", "__class_getitem__", "__prepare__", "__abstractmethods__",
})  # fmt: skip
"""Special names that are not those of what an object can do, or that Python asks of classes."""
_TOLD = ("__dataclass_fields__", "__dataclass_params__", "__attrs_attrs__")
"""What functions on values ask the class of an object for."""
_classes: WeakKeyDictionary[type, dict[type, type]] = WeakKeyDictionary()


class StandIn:
    """Stands in for `__wrapped__`. Attributes whose names begin with `_self_` are its own; subclasses give them slots.

    `specials` are special methods that a subclass has in a way of its own, where the object has them at all.
    """

    __slots__ = ("__weakref__", "__wrapped__")
    specials: ClassVar[Mapping[str, Callable[..., Any]]] = {}

    def __new__(cls, wrapped: Any, *_: Any, **__: Any) -> Any:
        made: Any = object.__new__(_class_of(cls, type(wrapped)))
        object.__setattr__(made, "__wrapped__", wrapped)
        return made

    @property  # type: ignore[misc]  # so that `isinstance` holds
    def __class__(self) -> Any:
        return self.__wrapped__.__class__

    @property
    def __dict__(self) -> Any:  # type: ignore[override]  # of the object
        return self.__wrapped__.__dict__

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_self_"):
            object.__setattr__(self, name, value)
        else:
            setattr(self.__wrapped__, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self.__wrapped__, name)

    def __dir__(self) -> Any:
        return dir(self.__wrapped__)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    def __str__(self) -> str:
        return str(self.__wrapped__)

    def __format__(self, form: str) -> str:
        return format(self.__wrapped__, form)

    def __hash__(self) -> int:
        return hash(self.__wrapped__)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.__wrapped__.__reduce_ex__(protocol)


def bare(value: Any) -> Any:
    """What a stand-in stands for; any other value as it is."""
    return value.__wrapped__ if isinstance(value, StandIn) else value


def _class_of(base: type[StandIn], kind: type) -> type:
    """The class of stand-ins for objects of that class."""
    known = _classes.setdefault(kind, {})
    made = known.get(base)
    if made is None:
        made = known[base] = type(kind.__name__, (base,), {"__slots__": (), **_namespace(base, kind)})
    return made


def _namespace(base: type[StandIn], kind: type) -> dict[str, Any]:
    own = {name for one in base.__mro__[:-1] for name in vars(one)}
    names = {name for one in kind.__mro__ for name, value in vars(one).items() if _is_special(name) and callable(value)}
    found: dict[str, Any] = {name: base.specials.get(name) or _passing(name) for name in names - own - _NEVER}
    found |= {name: getattr(kind, name) for name in _TOLD if hasattr(kind, name)}
    for name in ("__doc__", "__module__"):
        found[name] = property(attrgetter(f"__wrapped__.{name}"))
    found["__hash__"] = base.__hash__ if kind.__hash__ is not None else None  # else it goes where there is an __eq__
    if any(one is type for one in kind.__mro__):
        found["__mro_entries__"] = lambda self, _: (self.__wrapped__,)
    if kind is types.FunctionType:  # which becomes a method of a class that it is put into
        found["__get__"] = lambda self, one, _=None: self if one is None else types.MethodType(self, one)
    return found


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _passing(name: str) -> Callable[..., Any]:
    def method(self: StandIn, *args: Any, **kwargs: Any) -> Any:
        wrapped = self.__wrapped__
        result = getattr(wrapped, name)(*map(bare, args), **kwargs)
        return self if result is wrapped else result

    method.__name__ = name
    return method
