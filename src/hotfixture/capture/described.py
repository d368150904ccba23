"""Any object whose methods are described to a manager: for services of users that have no capturing client."""

from __future__ import annotations

import inspect
from typing import Any

import wrapt

from hotfixture.capture.capturing import Manager, Passing, passed


class Described(wrapt.ObjectProxy[Any]):
    """Each call of a method is one interaction; the operation is the method's name."""

    def __init__(self, wrapped: Any, manager: Manager, service: str) -> None:
        super().__init__(wrapped)
        self._self_manager, self._self_service = manager, service

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.__wrapped__, name)
        if name.startswith("_") or not inspect.isroutine(value):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            request = {"args": list(args), "kwargs": kwargs}
            how = Passing(self._self_service, name, request, answer=_itself, item=_itself)
            return passed(self._self_manager, how, value, args, kwargs)

        return call


def _itself(value: Any) -> Any:
    return value
