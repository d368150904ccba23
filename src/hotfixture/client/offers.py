"""How a call becomes a method of both clients: it returns its value, or something to await."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload

from hotfixture.client.calls import Call

if TYPE_CHECKING:
    from hotfixture.client.asynchronous import AsyncClient
    from hotfixture.client.client import Client

P = ParamSpec("P")
T = TypeVar("T")
C_co = TypeVar("C_co", covariant=True)


class Resource(Generic[C_co]):
    """The calls about one kind of thing."""

    def __init__(self, client: C_co) -> None:
        self.client = client


class Offer(Generic[P, T]):
    """A method of a resource, out of the function that builds its call."""

    def __init__(self, build: Callable[P, Call[T]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, resource: Resource[Client], kind: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, resource: Resource[AsyncClient], kind: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, resource: Resource[Any], kind: type) -> Callable[P, Any]:
        """The method, of the resource of one client."""

        def method(*words: P.args, **options: P.kwargs) -> Any:
            return resource.client.do(self.build(*words, **options))

        method.__doc__ = self.__doc__
        return method
