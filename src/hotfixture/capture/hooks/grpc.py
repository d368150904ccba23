"""gRPC, synchronous: the objects that make calls, whatever channel they come from and whenever it was made.

Each attempt is seen: interceptors of the program run above this, and their repetitions are calls of their own here.
What gRPC's core repeats by itself (a retry policy of the channel) is one call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any

import wrapt

from hotfixture.capture import tapes
from hotfixture.capture.hooks import grpc_attempts, grpc_played
from hotfixture.capture.hooks.grpc_attempts import Attempt, Received, names, pairs

_ARGUMENTS = ("request", "timeout", "metadata", "credentials", "wait_for_ready", "compression")
_CALLING = {
    "_UnaryUnaryMultiCallable": ("unary_unary", ("_blocking", "future")),
    "_UnaryStreamMultiCallable": ("unary_stream", ("__call__",)),
    "_SingleThreadedUnaryStreamMultiCallable": ("unary_stream", ("__call__",)),
    "_StreamUnaryMultiCallable": ("stream_unary", ("_blocking", "future")),
    "_StreamStreamMultiCallable": ("stream_stream", ("__call__",)),
}
"""Class -> arity, and the methods that start a call."""


def install(module: ModuleType) -> None:
    """Patch `grpc._channel`; nothing at all where its inside is not the one that is known."""
    missing = [name for name in (*_CALLING, "_handle_event", "_Rendezvous", "Channel") if not hasattr(module, name)]
    if missing:
        grpc_attempts.unknown(f"grpc without {missing[0]}")
        return
    for name, (arity, methods) in _CALLING.items():
        for method in methods:
            wrapt.wrap_function_wrapper(module, f"{name}.{method}", partial(_start, arity))
    _watch_ends(module)
    wrapt.wrap_function_wrapper(module, "Channel.subscribe", grpc_played.subscribe)


def _start(arity: str, original: Any, callable_: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Start a call: bare, recorded or played."""
    tape: Any = tapes.current()
    if tape is None:
        return original(*args, **kwargs)
    given = dict(zip(_ARGUMENTS, args, strict=False)) | kwargs
    asked = asked_of(arity, callable_._method, given.get("metadata"))
    if tape.playing:
        twin = _twin(callable_)
        grpc_played.attach(tape, twin, arity, asked)
        return original.__func__(twin, *args, **kwargs)
    asked.update(timeout=given.get("timeout"), wait_for_ready=given.get("wait_for_ready"))
    call = tape.begin("grpc", *names(asked["method"]), asked)
    try:
        twin = _twin(callable_)
        attempt = Attempt(call, arity, twin._request_serializer, twin._response_deserializer)
        twin._request_serializer, twin._response_deserializer = attempt.sent, attempt.received
    except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
        tape.trouble(error)
        return original(*args, **kwargs)
    try:
        return original.__func__(twin, *args, **kwargs)
    except BaseException as error:
        call.failed(error)
        raise


def asked_of(arity: str, method: bytes | str, metadata: Any) -> dict[str, Any]:
    """What is known of a request before its messages."""
    text = method.decode() if isinstance(method, bytes) else method
    return {"method": text, "metadata": pairs(metadata), "arity": arity}


def _twin(callable_: Any) -> Any:
    """Another object that makes the same calls, to be changed for one of them."""
    kind: Any = type(callable_)
    twin = object.__new__(kind)
    for name in kind.__slots__:
        setattr(twin, name, getattr(callable_, name))
    twin.__dict__.update(callable_.__dict__)
    return twin


def _watch_ends(module: Any) -> None:
    """See each end where gRPC itself takes note of it, before the program can."""
    handle, cancel, delete = module._handle_event, module._Rendezvous.cancel, module._Rendezvous.__del__

    def handle_event(event: Any, state: Any, deserializer: Any) -> Any:
        callbacks = handle(event, state, deserializer)
        if type(deserializer) is Received and state.code is not None:
            _ended(module, deserializer.attempt, state)
        return callbacks

    def cancelled(self: Any) -> Any:
        waiting = _waiting(module, self._state)
        done = cancel(self)
        if done:
            _broken_off(module, self, waiting=waiting)
        return done

    def deleted(self: Any) -> None:
        running = self._state.code is None
        delete(self)
        if running:
            _dropped(self)
            _broken_off(module, self, waiting=False)

    module._handle_event = handle_event
    module._Rendezvous.cancel = cancelled
    module._Rendezvous.__del__ = deleted


def _waiting(module: Any, state: Any) -> bool:
    """Whether the program waits for the next message."""
    return module.cygrpc.OperationType.receive_message in state.due


def _broken_off(module: Any, rendezvous: Any, *, waiting: bool) -> None:
    """The program has ended the call from its side."""
    received = rendezvous._response_deserializer
    if type(received) is Received:
        received.attempt.call.answered(waiting=waiting)
        _ended(module, received.attempt, rendezvous._state)


def _dropped(rendezvous: Any) -> None:
    """The program needs no more of a stream, and lets it go without a word."""
    received = rendezvous._response_deserializer
    if type(received) is Received:
        received.attempt.dropped()


def _ended(module: Any, attempt: Attempt, state: Any) -> None:
    call = attempt.call
    if call.ended:
        return
    end: Callable[[], None]
    if state.code.name == "OK":
        end = call.done
    elif state.cancelled and attempt.arity in grpc_attempts.STREAMS:
        end = call.closed
    elif state.cancelled:
        end = partial(call.failed, GeneratorExit())
    else:
        end = partial(call.failed, module._InactiveRpcError(state))
    attempt.ended(_status(module, state), end)


def _status(module: Any, state: Any) -> dict[str, Any]:
    decode = module._common.decode
    return {
        "initial_metadata": pairs(state.initial_metadata),
        "trailing_metadata": pairs(state.trailing_metadata),
        "code": state.code.name,
        "details": decode(state.details),
        "debug_error_string": decode(state.debug_error_string),
    }
