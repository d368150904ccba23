"""gRPC's frames made clean: messages readable by their definitions, their bytes kept but for what was cleaned.

A message is kept as `{type, data, raw}`: its full name, its content as JSON (as protobuf maps it; by the numbers of its
fields where no definition is known), and its clean bytes in Base64, which are what is played.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from hotfixture.capture.records import Frame
from hotfixture.capture.sanitising import media, protobuf
from hotfixture.capture.sanitising.places import TAG
from hotfixture.capture.sanitising.protobuf_texts import Texts
from hotfixture.capture.sanitising.sanitiser import Sanitiser

Message = dict[str, Any]
NO_TYPE = "a message's definition was not to be had: cleaned by what its bytes look like"
NO_MESSAGE = "bytes that are no message of protobuf: cleaned as a text"


def grpc(frame: Frame, sanitiser: Sanitiser) -> tuple[Any, Any]:
    """`{method, metadata, messages}` and `{messages, initial_metadata, trailing_metadata, code, details}`.

    Of a call with streams both ways the first message asks; those sent after it stand in `later`. Where the server
    spoke first, none asks.
    """
    return _sides(frame, sanitiser, told=True)


def question(frame: Frame, sanitiser: Sanitiser) -> Any:
    """The request alone, its messages without `data`; see `content`."""
    return _sides(frame, sanitiser, told=False)[0]


def content(form: Mapping[str, Any]) -> Any:
    """The content of a message of a `question`."""
    return _data(raw_of(form), find(form["type"]) if form["type"] else None)


def _sides(frame: Frame, sanitiser: Sanitiser, *, told: bool) -> tuple[Any, Any]:
    learn(frame.request.get("descriptors", ()))
    request = {name: value for name, value in frame.request.items() if name not in ("descriptors", "type")}
    request["metadata"] = metadata(request.get("metadata", ()), sanitiser)
    notes: set[str] = set()
    messages = _messages(frame.sent, frame.request.get("type"), sanitiser, notes, told=told)
    split = len(asking(frame))
    request["messages"] = messages[:split]
    if messages[split:]:
        request["later"] = messages[split:]
    response = None if frame.response is None else _response(frame, sanitiser, notes)
    frame.notes += sorted(notes.difference(frame.notes))
    return request, response


def asking(frame: Frame) -> list[bytes]:
    """The messages that ask; of a call with streams both ways those sent before the first came back, at most one."""
    if frame.request.get("arity") != "stream_stream":
        return frame.sent
    after = (frame.response or {}).get("after")
    return frame.sent[: min(after[0], 1) if after else 1]


def _response(frame: Frame, sanitiser: Sanitiser, notes: set[str]) -> dict[str, Any]:
    response = dict(frame.response or {})
    kind = response.pop("type", None)
    for name in ("initial_metadata", "trailing_metadata"):
        response[name] = metadata(response.get(name, ()), sanitiser)
    for name in ("details", "debug_error_string"):
        if response.get(name):
            response[name] = sanitiser.text(response[name])
    response["messages"] = _messages(frame.received, kind, sanitiser, notes)
    return response


def _messages(
    raw: Sequence[bytes], kind: str | None, sanitiser: Sanitiser, notes: set[str], *, told: bool = True
) -> list[Message]:
    return [message(data, kind, sanitiser, notes, told=told) for data in raw]


def message(data: bytes, kind: str | None, sanitiser: Sanitiser, notes: set[str], *, told: bool = True) -> Message:
    """The clean form of one message; not `told`, without its content."""
    descriptor = find(kind) if kind else None
    if descriptor is None:
        notes.add(NO_TYPE)
    try:
        clean = _cleaned(data, descriptor, sanitiser, notes)
    except protobuf.NotAMessageError:
        notes.add(NO_MESSAGE)
        clean = _bytes(data, sanitiser, notes)
    raw = base64.b64encode(clean).decode()
    return {"type": kind, "data": _data(clean, descriptor), "raw": raw} if told else {"type": kind, "raw": raw}


def _cleaned(data: bytes, descriptor: Any, sanitiser: Sanitiser, notes: set[str]) -> bytes:
    """The message with its texts cleaned, all at once; the same object where nothing is to be done."""
    texts = Texts(find)
    texts.message(data, descriptor)
    found = texts.found
    before = [_under(names, value) for names, value in found]
    after = sanitiser.value(before)
    if after is before and not texts.opaque:
        return data
    changed = {key: _innermost(new) for key, old, new in zip(found, before, after, strict=True) if new != old}

    opaque = {
        value: _bytes(value, sanitiser, notes) for value in texts.opaque
    }  # by now the secrets beside it are learned

    def change(names: protobuf.Names, value: Any) -> Any:
        if (names, value) in found:
            return changed.get((names, value), value)
        return _innermost(sanitiser.value(_under(names, value)))

    def look(value: bytes) -> bytes:
        return opaque[value] if value in opaque else _bytes(value, sanitiser, notes)

    if not changed and all(old == new for old, new in opaque.items()):
        return data
    return protobuf.Rewriter(change, find, look).message(data, descriptor)


def _under(names: protobuf.Names, value: Any) -> Any:
    """The value as it would stand in JSON, so that the same rules hold for it."""
    for name in reversed(names):
        value = {name: value} if name else value
    return value


def _innermost(value: Any) -> Any:
    while isinstance(value, dict) and value:
        value = next(iter(value.values()))
    return value


def _bytes(data: bytes, sanitiser: Sanitiser, notes: set[str]) -> bytes:
    """Bytes that are no message: cleaned as a text where they are one, else as the rules have it for binaries."""
    text = protobuf.text_of(data)
    if text is not None:
        return sanitiser.text(text).encode()
    rule, sort = sanitiser.rules.binary, media.binary_kind(data)
    if rule == "drop" or (rule == "known" and sort not in media.PICTURES) or (rule == "look" and sort in media.OPAQUE):
        notes.add(f"binary ({sort}) in a message, which the rules do not keep: left out")
        return b""
    return sanitiser.secrets.replaced(data) if rule == "keep" else media.readable_cleaned(data, sanitiser.cleaner)


def raw_of(form: Mapping[str, Any]) -> bytes:
    """The bytes of a kept message."""
    return base64.b64decode(form["raw"])


def metadata(pairs: Iterable[Sequence[Any]], sanitiser: Sanitiser) -> list[tuple[str, str]]:
    """Clean metadata; what is bytes (names that end in `-bin`) in Base64, as gRPC sends it."""
    return sanitiser.headers([(name, _spelled(value, sanitiser)) for name, value in pairs])


def _spelled(value: str | bytes, sanitiser: Sanitiser) -> str:
    if isinstance(value, str):
        return value
    try:
        clean = _cleaned(value, None, sanitiser, set())
    except protobuf.NotAMessageError:
        clean = _bytes(value, sanitiser, set())
    return base64.b64encode(clean).decode()


def told(rpc: Any, sanitiser: Sanitiser) -> Any:
    """What a failed call says of itself (see `failures`), its metadata as that of the call."""
    if not isinstance(rpc, dict):
        return rpc
    made = dict(rpc)
    for name in ("initial_metadata", "trailing_metadata"):
        made[name] = [
            [pair[0], _told(pair[1], sanitiser)] if isinstance(pair, list) and len(pair) == 2 else pair
            for pair in made.get(name) or ()
        ]
    return made


def _told(value: Any, sanitiser: Sanitiser) -> Any:
    if not isinstance(value, dict) or value.get(TAG) != "bytes":
        return value
    return {TAG: "bytes", "value": _spelled(base64.b64decode(value["value"]), sanitiser)}


def metadata_of(pairs: Iterable[Sequence[str]]) -> tuple[tuple[str, str | bytes], ...]:
    """Metadata as a program sees it."""
    return tuple((name, base64.b64decode(value) if name.endswith("-bin") else value) for name, value in pairs)


def _data(clean: bytes, descriptor: Any) -> Any:
    """The message as JSON."""
    if descriptor is not None:
        made = _class(descriptor)()
        try:
            made.ParseFromString(clean)
            return _plain(_module("json_format").MessageToDict(made, descriptor_pool=descriptor.file.pool))
        except Exception:  # noqa: BLE001, S110 - an Any of an unknown type, a text that is no UTF-8: shown by numbers
            pass
    try:
        return protobuf.readable(clean)
    except protobuf.NotAMessageError:
        return None


@cache
def _class(descriptor: Any) -> Any:
    return _module("message_factory").GetMessageClass(descriptor)


def _plain(value: Any) -> Any:
    """Dicts and lists alone: protobuf gives classes of its own here and there."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def learn(descriptors: Iterable[bytes]) -> None:
    """Take in the definitions of files, those first that others import."""
    pool = _pool()
    for data in descriptors:
        if pool is None:
            return
        try:
            pool.AddSerializedFile(data)
        except TypeError:  # another version of it is known: the fields that both have are understood
            continue


def find(name: str) -> Any:
    """The definition of a message by its full name; None where it is not known."""
    for pool in (_loaded(), _pool()):
        try:
            if pool is not None:
                return pool.FindMessageTypeByName(name)
        except KeyError:
            continue
    return None


@cache
def _pool() -> Any:
    """What was learned; None where protobuf is not installed."""
    try:
        return _module("descriptor_pool").DescriptorPool()
    except ImportError:
        return None


def _module(name: str) -> Any:
    """A module of protobuf, which is there where a program that is recorded speaks it."""
    return import_module(f"google.protobuf.{name}")


def _loaded() -> Any:
    """What the program itself has loaded."""
    return None if _pool() is None else _module("descriptor_pool").Default()
