"""Gemini clients whose calls are described to a manager: whole prompts and whole answers, streams, chats, asyncio.

The client of google-genai is captured with all that hangs on it (`models`, `aio`, `chats`, `files` …); of the older
package, and of whatever else has a `generate_content`, that method is.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import wrapt

from hotfixture.capture.capturing import Describe, Manager, Passing, passed

SERVICE = "gemini"
MODEL = "gemini-2.5-flash"
"""What `generate_content(prompt)` asks where TEST_GEMINI_MODEL names no other."""
_PARTS = ("aio", "models", "chats", "files", "caches", "batches", "tunings", "operations")
_PROMPT = {"generate_content": "contents", "generate_content_stream": "contents", "send_message": "message",
           "send_message_stream": "message"}  # fmt: skip
"""The argument that is the prompt."""
_LOCAL = ("create", "get_history")
"""Methods of chats that ask nobody."""


def _told(value: Any) -> Any:
    """A value of the package as plain fields."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, list | tuple):
        return [_told(one) for one in value]
    if isinstance(value, dict):
        return {name: _told(one) for name, one in value.items()}
    return value


def _text(response: Any) -> Any:
    """The text of an answer; None where there is none, as in one that was blocked: asking for it may raise."""
    text = _part(response, "text")
    return text if text is None or isinstance(text, str) else str(text)


def _part(response: Any, name: str) -> Any:
    try:
        return getattr(response, name, None)
    except Exception:  # noqa: BLE001 - packages raise various things
        return None


def _reason(response: Any) -> Any:
    candidates = _part(response, "candidates")
    if not isinstance(candidates, list | tuple) and not hasattr(type(candidates), "__getitem__"):
        return None
    reason = getattr(candidates[0], "finish_reason", None) if candidates else None
    found = getattr(reason, "name", reason)
    return found if isinstance(found, str | int | None) else str(found)


def _usage(response: Any) -> Any:
    usage = _part(response, "usage_metadata")
    told = _told(usage)
    if usage is None or isinstance(told, dict):
        return told
    counts = {name: getattr(usage, name, None) for name in {*_COUNTS, *dir(usage)} if name.endswith("_token_count")}
    return {name: count for name, count in sorted(counts.items()) if isinstance(count, int | float)}


_COUNTS = ("prompt_token_count", "candidates_token_count", "total_token_count")


def _generated(response: Any) -> dict[str, Any]:
    """The contract's answer; beside it what is no text."""
    answer = {"text": _text(response), "finish_reason": _reason(response), "usage_metadata": _usage(response)}
    calls = _told(_part(response, "function_calls"))
    feedback = _told(_part(response, "prompt_feedback"))
    return (
        answer
        | ({"function_calls": calls} if isinstance(calls, list) and calls else {})
        | ({"prompt_feedback": feedback} if isinstance(feedback, dict) and feedback else {})
    )


def _joined(pieces: list[dict[str, Any]]) -> dict[str, Any]:
    """Of a stream: the whole text, what its last pieces said, and the texts as they came."""
    texts = [piece["text"] for piece in pieces]
    last: dict[str, Any] = {"text": None, "finish_reason": None, "usage_metadata": None}
    for piece in pieces:
        last |= {name: one for name, one in piece.items() if one is not None}
    return last | {"text": "".join(text for text in texts if text), "chunks": texts}


def _value(result: Any) -> Any:
    return _told(result)


def _how(name: str) -> tuple[Describe, Describe | None]:
    """How the answer of a method is described, and one piece of it where it is a stream."""
    if name.endswith("_stream"):
        return _joined, _generated
    if name in _PROMPT:
        return _generated, None
    return _value, (_value if name == "list" else None)


class _Gemini(wrapt.ObjectProxy[Any]):
    """A part of a client, at `path`."""

    def __init__(self, wrapped: Any, manager: Manager, path: str = "") -> None:
        super().__init__(wrapped)
        self._self_manager, self._self_path = manager, path

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.__wrapped__, name)
        if name.startswith("_"):
            return value
        where = self._self_path.removeprefix("aio").lstrip(".")
        if name in _PARTS and not callable(value):
            return _Gemini(value, self._self_manager, f"{self._self_path}.{name}".lstrip("."))
        if not callable(value) or isinstance(value, type) or (not where and name not in _PROMPT):
            return value
        if name in _LOCAL and where in ("chats", "chat"):
            return lambda *args, **kwargs: self._self_chat(value(*args, **kwargs))
        label = name if where == "models" or not where else f"{where}.{name}"
        return self._self_asking(name, label, value)

    def _self_chat(self, made: Any) -> Any:
        return _Gemini(made, self._self_manager, "chat") if hasattr(made, "send_message") else made

    def _self_asking(self, name: str, label: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            how = Passing(SERVICE, label, self._self_request(name, args, kwargs), *_how(name))
            return passed(self._self_manager, how, method, args, kwargs)

        return ask

    def _self_request(self, name: str, args: Any, kwargs: Any) -> dict[str, Any]:
        """The contract's request, of the prompt and all else; of other methods the arguments."""
        try:
            if name not in _PROMPT:
                return {"args": _told(list(args)), "kwargs": _told(kwargs)}
            others = dict(kwargs)
            prompt = args[0] if args else others.pop(_PROMPT[name], others.pop("prompt", None))
            return {"prompt": _told(prompt), "kwargs": _told(others)}
        except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
            self._self_manager.session.trouble(error)
            return {}


class CaptureGeminiClient(_Gemini):
    """A client whose calls are recorded."""

    def __init__(self, client: Any, manager: Manager) -> None:
        super().__init__(client, manager)

    def generate_content(self, prompt: Any = None, **kwargs: Any) -> Any:
        """As the older package has it; a client of google-genai is asked by its `models`."""
        older = getattr(self.__wrapped__, "generate_content", None)
        if older is not None:
            return self._self_asking("generate_content", "generate_content", older)(prompt, **kwargs)
        model = kwargs.pop("model", None) or os.environ.get("TEST_GEMINI_MODEL") or MODEL
        return self.models.generate_content(model=model, contents=prompt, **kwargs)
