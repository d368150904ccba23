"""gRPC with asyncio: the calls themselves, which interceptors of the program make below themselves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from types import ModuleType
from typing import Any

import wrapt

from hotfixture.capture import tapes
from hotfixture.capture.calls import Call
from hotfixture.capture.hooks import grpc_aio_played, grpc_attempts
from hotfixture.capture.hooks.grpc_attempts import Attempt, names, pairs

_ARGUMENTS = (
    "request", "deadline", "metadata", "credentials", "wait_for_ready", "channel", "method",
    "request_serializer", "response_deserializer", "loop", "registered_call_handle",
)  # fmt: skip
_CALLS = {
    "UnaryUnaryCall": "unary_unary",
    "UnaryStreamCall": "unary_stream",
    "StreamUnaryCall": "stream_unary",
    "StreamStreamCall": "stream_stream",
}


def install(module: ModuleType) -> None:
    """Patch `grpc.aio._call`, and the channels' connectivity."""
    missing = [name for name in (*_CALLS, "_create_rpc_error", "_GC_CANCELLATION_DETAILS") if not hasattr(module, name)]
    if missing:
        grpc_attempts.unknown(f"grpc.aio without {missing[0]}")
        return
    for name, arity in _CALLS.items():
        wrapt.wrap_function_wrapper(module, f"{name}.__init__", partial(_start, (module, arity)))
    wrapt.register_post_import_hook(grpc_aio_played.install, "grpc.aio._channel")


def _start(kind: tuple[Any, str], original: Any, made: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
    """Start a call: bare, recorded or played."""
    tape: Any = tapes.current()
    module, arity = kind
    if tape is None:
        original(*args, **kwargs)
        return
    first = "request" if "request" in kwargs or not arity.startswith("stream") else "request_iterator"
    given = dict(zip((first, *_ARGUMENTS[1:]), args, strict=False)) | kwargs
    method = given["method"]
    asked = {
        "method": method.decode() if isinstance(method, bytes) else method,
        "metadata": pairs(given.get("metadata")),
        "arity": arity,
    }
    if tape.playing:
        grpc_aio_played.attach(tape, given, arity, asked)
        original(**given)
        return
    asked.update(timeout=_left(given.get("deadline")), wait_for_ready=given.get("wait_for_ready"))
    call = tape.begin("grpc", *names(method), asked)
    attempt = Attempt(call, arity, given["request_serializer"], given["response_deserializer"])
    given.update(request_serializer=attempt.sent, response_deserializer=attempt.received)
    try:
        original(**given)
        made.add_done_callback(partial(_ended, module, attempt))
    except BaseException as error:
        call.failed(error)
        raise


def _left(deadline: float | None) -> float | None:
    """Seconds to a deadline, which gRPC counts from the epoch."""
    return None if deadline is None else round(deadline - time.time(), 3)


def _ended(module: Any, attempt: Attempt, made: Any) -> None:
    """gRPC tells that the call has a status; the answer of a unary call is read only after that."""
    inner = made._cython_call
    finish = partial(_finish, module, attempt, inner)
    unread = attempt.arity not in grpc_attempts.STREAMS and not attempt.after
    if unread and inner.is_ok():
        attempt.ending = finish
    else:
        finish()


def _finish(module: Any, attempt: Attempt, inner: Any) -> None:
    call, status = attempt.call, inner._status
    if inner.is_locally_cancelled() and status.details() == module._GC_CANCELLATION_DETAILS:
        attempt.dropped()
    error = _error(module, inner)
    attempt.ended(
        {
            "initial_metadata": pairs(inner._initial_metadata),
            "trailing_metadata": pairs(status.trailing_metadata()),
            "code": error.code().name,
            "details": status.details(),
            "debug_error_string": status.debug_error_string(),
        },
        _end(attempt, call, inner, error),
    )


def _error(module: Any, inner: Any) -> Any:
    """The error of this status, which may be OK."""
    return module._create_rpc_error(inner._initial_metadata or (), inner._status)


def _end(attempt: Attempt, call: Call, inner: Any, error: Any) -> Any:
    if inner.is_ok():
        return call.done
    if not inner.is_locally_cancelled():
        return partial(call.failed, error)
    return call.closed if attempt.arity in grpc_attempts.STREAMS else partial(call.failed, GeneratorExit())
