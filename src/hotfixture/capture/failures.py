"""An exception as data, and an exception of the same class, arguments and attributes made from it."""

from __future__ import annotations

import sys
from typing import Any

from hotfixture.capture import classes
from hotfixture.capture.records import Failure
from hotfixture.capture.values import plain, restored
from hotfixture.errors import CaptureError

LONGEST = 10
"""Causes and contexts that are kept behind one exception."""
_LARGEST = 16_384
"""Characters of an exception's text that are kept."""


def describe(error: BaseException) -> Failure:
    """What is needed to raise its like; never raises. Objects that do not declare their fields (connections, pools,
    locks) are named only."""
    try:
        return _described(error, LONGEST, set())
    except Exception as problem:  # noqa: BLE001 - the program under test must not see it
        text = f"<could not be taken apart: {type(problem).__qualname__}>"
        return Failure(module=type(error).__module__, name=type(error).__qualname__, text=text)


def _described(error: BaseException, left: int, seen: set[int]) -> Failure:
    seen.add(id(error))
    failure = Failure(module=type(error).__module__, name=type(error).__qualname__, text=_text(error))
    failure.arguments = [plain(one, whole=False) for one in _arguments(error)]
    failure.attributes = {name: plain(one, whole=False) for name, one in _attributes(error).items()}
    failure.suppressed = error.__suppress_context__
    if left:
        cause, context = error.__cause__, error.__context__
        if cause is not None and id(cause) not in seen:
            failure.cause = _described(cause, left - 1, seen)
        if context is not None and id(context) not in seen:
            failure.context = _described(context, left - 1, seen)
    return failure


def _text(error: BaseException) -> str:
    try:
        text = str(error)[:_LARGEST]
        text.encode()
    except Exception as problem:  # noqa: BLE001 - code of the program under test may raise anything
        return f"<its text raised {type(problem).__qualname__}>"
    return text


def _arguments(error: BaseException) -> tuple[Any, ...]:
    """Its arguments. An OSError keeps its file names beside them."""
    if isinstance(error, OSError) and error.filename is not None and len(error.args) == 2:
        names = (error.filename,) if error.filename2 is None else (error.filename, None, error.filename2)
        return (*error.args, *names)
    return error.args


def _attributes(error: BaseException) -> dict[str, Any]:
    """What it holds itself, and what the built-in classes keep in slots of their own. Where a class says by
    `__reduce__` how it wants to be kept, that goes first: psycopg takes its connection out there."""
    if _is_rpc(error):
        return {"rpc": _rpc(error)}
    state = classes.state_of(error)
    for name in _EXTRA:
        if name not in state and isinstance(getattr(type(error), name, None), classes.DESCRIPTORS):
            state[name] = getattr(error, name, None)
    if type(error).__reduce__ not in _REDUCERS:
        state |= _reduced(error)
    return state


_EXTRA = ("name", "path", "code", "value", "characters_written", "msg")
"""Attributes that built-in exceptions keep beside their arguments."""
_REDUCERS = (BaseException.__reduce__, OSError.__reduce__, ImportError.__reduce__, AttributeError.__reduce__)


def _reduced(error: BaseException) -> dict[str, Any]:
    """What its class wants kept, asked of a copy: psycopg's `__reduce__` changes the very object it is asked of."""
    try:
        copy = BaseException.__new__(type(error), *error.args)
        classes.put_state(copy, classes.state_of(error))
        parts = copy.__reduce__()
    except Exception:  # noqa: BLE001 - code of the program under test may raise anything
        return {}
    state = parts[2] if isinstance(parts, tuple) and len(parts) > 2 else None
    return dict(state) if isinstance(state, dict) else {}


def rebuild(failure: Failure) -> BaseException:
    """An exception of the recorded class with the recorded arguments and attributes, its cause and context.

    Where the program has not imported such a class, or it would end the program (SystemExit, KeyboardInterrupt), a
    CaptureError says what was recorded. Nothing is imported, and no constructor of a library runs.
    """
    error = _rebuilt(failure)
    error.__cause__ = None if failure.cause is None else rebuild(failure.cause)
    error.__context__ = None if failure.context is None else rebuild(failure.context)
    error.__suppress_context__ = failure.suppressed
    return error


def _rebuilt(failure: Failure) -> BaseException:
    cls = classes.find(f"{failure.module}:{failure.name}") or _moved(failure)
    if cls is None or not issubclass(cls, BaseException):
        return _stranger(failure)
    try:
        if "rpc" in failure.attributes:
            return _rebuilt_rpc(cls, restored(failure.attributes["rpc"]))
        state = {name: restored(one) for name, one in failure.attributes.items()}
        return classes.bare_exception(cls, [restored(one) for one in failure.arguments], state)
    except Exception:  # noqa: BLE001 - a recording may hold anything, and the class may have changed since
        return _stranger(failure)


def _moved(failure: Failure) -> type | None:
    """The class under the same name in the package itself: libraries move their modules about."""
    top = failure.module.partition(".")[0]
    return classes.find(f"{top}:{failure.name}")


def _stranger(failure: Failure) -> CaptureError:
    error = CaptureError(
        f"the recorded call raised {failure.module}.{failure.name}: {failure.text}",
        hint="The program has not imported that class, or it cannot be made again.",
    )
    error.recorded = failure  # type: ignore[attr-defined]  # for whoever wants to look
    return error


def _is_rpc(error: BaseException) -> bool:
    grpc = sys.modules.get("grpc")
    return grpc is not None and isinstance(error, grpc.RpcError) and callable(getattr(error, "code", None))


def _rpc(error: Any) -> dict[str, Any]:
    """What a gRPC error says by its methods: its attributes are locks and channels."""
    told: dict[str, Any] = {"code": error.code().name, "details": error.details()}
    for name in ("initial_metadata", "trailing_metadata"):
        pairs: Any = getattr(error, name, tuple)() or ()
        told[name] = [[key, value] for key, value in pairs]
    debug = getattr(error, "debug_error_string", None)
    told["debug"] = debug() if callable(debug) else None
    return told


def _rebuilt_rpc(cls: Any, told: dict[str, Any]) -> BaseException:
    grpc: Any = sys.modules["grpc"]
    code = grpc.StatusCode[told["code"]]
    initial, trailing = _metadata(told, "initial"), _metadata(told, "trailing")
    if hasattr(grpc, "aio") and issubclass(cls, grpc.aio.AioRpcError):
        made: BaseException = cls(
            code, grpc.aio.Metadata(*initial), grpc.aio.Metadata(*trailing), told["details"], told["debug"]
        )
        return made
    channel: Any = sys.modules[cls.__module__]
    state = channel._RPCState((), initial, trailing, code, told["details"])
    state.debug_error_string = told["debug"]
    error: BaseException = cls(state)
    error._state.debug_error_string = told["debug"]  # type: ignore[attr-defined]  # its constructor leaves that out
    return error


def _metadata(told: dict[str, Any], which: str) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(pair) for pair in told[f"{which}_metadata"])
