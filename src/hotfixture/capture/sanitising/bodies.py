"""A body as it is kept: readable where it can be, exact where it must be.

A form is a dict with one of `json`, `text`, `base64` or `blob` (a file beside the journal), or `dropped` (why nothing
is kept), and beside it what is needed to give back the very bytes: `style` (how the JSON was spelled), `charset` where
it is not UTF-8, `encodings` that were undone, `packed` (the compressed bytes as they came, where nothing was cleaned),
`cut` (the compressed stream had no end), `size` of what was dropped. None is no body; `{"text": ""}` an empty one.

What nobody can look into is not kept: encodings that are not known, what grows beyond `largest`, documents whose texts
are packed in ways not known here (PDF, Parquet). Other binary bodies are kept where no secret is seen in them; the rule
`binary` makes this stricter or laxer.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from hotfixture.capture.sanitising import compression, media
from hotfixture.capture.sanitising.compression import UnreadableError
from hotfixture.capture.sanitising.json_style import plainly, spelled, style_of
from hotfixture.capture.sanitising.rules import LARGEST

if TYPE_CHECKING:
    from hotfixture.capture.sanitising.sanitiser import Sanitiser

Form = dict[str, Any]
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)
_DECODE = msgspec.json.Decoder().decode
_LARGEST_JSON = 16 << 20


def form_of(
    data: bytes | None, headers: Sequence[tuple[str, str]], sanitiser: Sanitiser, *, exact: bool = True
) -> Form | None:
    """The clean form of a body that was sent under these headers.

    Not `exact`, it has the same value, and is not good for giving back the very bytes: that is quicker.
    """
    if data is None:
        return None
    if not data:
        return {"text": ""}
    try:
        return _unpacked_form(data, headers, sanitiser, exact)
    except UnreadableError as error:
        return _dropped(data, f"cannot be looked into: {error}")


def _unpacked_form(data: bytes, headers: Sequence[tuple[str, str]], sanitiser: Sanitiser, exact: bool) -> Form:
    kind = _header(headers, "content-type")
    encodings = [part.strip().lower() for part in _header(headers, "content-encoding").split(",") if part.strip()]
    if not encodings and data[:2] == b"\x1f\x8b":
        encodings = ["gzip"]
    elif not encodings and data[:4] == b"\x28\xb5\x2f\xfd":
        encodings = ["zstd"]
    if not encodings or encodings == ["identity"]:
        return _plain_form(data, kind, sanitiser, exact)
    try:
        unpacked = compression.unpack(data, encodings, sanitiser.rules.largest)
    except UnreadableError:
        if _is_text(data):  # a hook may have given what the library had unpacked
            return _plain_form(data, kind, sanitiser, exact)
        raise
    form = _plain_form(unpacked.data, kind, sanitiser, exact)
    if not exact:
        return form
    if "dropped" in form:
        return form | {"size": len(data)}
    form["encodings"] = list(unpacked.names)
    if not unpacked.whole:
        form["cut"] = True
    if _bytes(form) == unpacked.data and raw_of(form) != data:
        form["packed"] = base64.b64encode(data).decode()
    return form


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return media.is_textual(text)


def _plain_form(data: bytes, kind: str, sanitiser: Sanitiser, exact: bool = True) -> Form:
    """The form of a body that is not packed."""
    boundary = media.boundary(kind)
    if boundary:
        data = media.multipart(
            data, boundary, lambda part, inner, name: _part(part, inner, name, sanitiser), partial(_head, sanitiser)
        )
        return _exact(data)
    if "msgpack" in kind.lower():
        data = _repacked(data, sanitiser)
    decoded = _decoded(data, kind)
    if decoded is None:
        return _binary(data, sanitiser)
    text, charset = decoded
    form = _json(text, sanitiser, exact) if text[:1] in '{["' or text[:64].lstrip()[:1] in ("{", "[") else None
    if form is None:
        form = {"text": media.text(text, kind, sanitiser.cleaner)}
    if charset != "utf-8":
        form["charset"] = charset
    return form


def _repacked(data: bytes, sanitiser: Sanitiser) -> bytes:
    """A document in MessagePack, clean; as it is where nothing is to be done, or where it is none."""
    try:
        value = msgspec.msgpack.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return data
    clean = sanitiser.value(value) if isinstance(value, dict | list) else value
    return data if clean is value else msgspec.msgpack.encode(clean)


def _part(data: bytes, kind: str, name: str, sanitiser: Sanitiser) -> bytes:
    """The clean bytes of one part of a multipart body; `name` is that of the field, which speaks for its value whatever
    type it has: aiohttp says one of every field."""
    telling = bool(name) and (not kind or sanitiser.cleaner.decisions.of(name).hides)
    if telling and (decoded := _decoded(data, kind)):
        text = decoded[0]
        made = sanitiser.value({name: text})
        return str(next(iter(made.values()))).encode(decoded[1])
    form = _plain_form(data, kind, sanitiser) if data else {"text": ""}
    return b"" if "dropped" in form else _bytes(form)


def _head(sanitiser: Sanitiser, data: bytes) -> bytes:
    text = data.decode("latin-1")
    made = sanitiser.text(text)
    return data if made == text else made.encode("latin-1", "replace")


def _exact(data: bytes) -> Form:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _decoded(data: bytes, kind: str) -> tuple[str, str] | None:
    """The text and its charset, where it can be spelled again exactly; None for what is no text."""
    named = _CHARSET.search(kind)
    wanted = named[1].lower() if named else ""
    for charset in dict.fromkeys((wanted, *_marked(data), "utf-8", "cp1252" if wanted else "latin-1")):
        try:
            text = data.decode(charset) if charset else None
            if text is not None and (charset == "utf-8" or (text.encode(charset) == data and media.is_textual(text))):
                return text, charset
        except (UnicodeError, LookupError):
            continue
    return None


def _marked(data: bytes) -> tuple[str, ...]:
    """The charset that a mark at the beginning tells, or where there is none the zeros in its first characters."""
    if data[:4] == b"\xff\xfe\0\0":
        return ("utf-32",)
    if data[:2] in _MARKS:
        return (_MARKS[data[:2]],)
    zeros = tuple(not byte for byte in data[:4])
    return (_ZEROS[zeros],) if zeros in _ZEROS else ()


_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16-be"}
_ZEROS = {
    (False, True, False, True): "utf-16-le", (True, False, True, False): "utf-16-be",
    (False, True, True, True): "utf-32-le", (True, True, True, False): "utf-32-be",
}  # fmt: skip
"""Where zeros stand in four bytes of ASCII (RFC 4627, section 3)."""


def _json(text: str, sanitiser: Sanitiser, exact: bool) -> Form | None:
    """The form of a JSON document; None where it is none, or can only be kept as a text."""
    if len(text) > _LARGEST_JSON:
        return None
    try:
        value = _DECODE(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    if isinstance(value, dict | list):
        if not exact and plainly(text, value):
            sanitiser.cleaner.own(value)
            return {"json": value}
        style = style_of(text, value)
        if style is None:
            return {"text": sanitiser.cleaner.literals(text)}
        sanitiser.cleaner.own(value)
        return {"json": value, "style": style.name}
    return None


def _binary(data: bytes, sanitiser: Sanitiser) -> Form:
    rule = sanitiser.rules.binary
    sort = media.binary_kind(data)
    if rule == "drop" or (rule == "known" and sort not in media.PICTURES) or (rule == "look" and sort in media.OPAQUE):
        return _dropped(data, f"binary ({sort}), which the rules do not keep")
    if rule != "keep" and (sort == "zip" and not media.zip_is_clean(data, sanitiser)):
        return _dropped(data, "an archive with something secret in it")
    clean = data if rule == "keep" and not len(sanitiser.secrets) else media.readable_cleaned(data, sanitiser.cleaner)
    return {"base64": base64.b64encode(clean).decode()}


def _dropped(data: bytes, why: str) -> Form:
    return {"dropped": why, "size": len(data)}


def _header(headers: Sequence[tuple[str, str]], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def raw_of(form: Form | None) -> bytes:
    """The bytes to send again: those that were recorded, but for what was cleaned; zeros for what was dropped."""
    if form is None:
        return b""
    if "dropped" in form:
        return bytes(form.get("size", 0))
    if "packed" in form:
        return base64.b64decode(form["packed"])
    data = _bytes(form)
    if form.get("encodings"):
        return compression.pack(data, form["encodings"], whole=not form.get("cut"))
    return data


def _bytes(form: Form) -> bytes:
    """The unpacked bytes."""
    if "base64" in form:
        return base64.b64decode(form["base64"])
    charset = form.get("charset", "utf-8")
    if "json" in form:
        return spelled(form.get("style") or "cc||u||", form["json"]).encode(charset)
    return str(form["text"]).encode(charset, "surrogatepass" if charset == "utf-8" else "strict")


def value_of(form: Form | None) -> Any:
    """What a reader means by the body: parsed JSON, a text, bytes; decompressed. None for no body."""
    if form is None:
        return None
    if "json" in form:
        return form["json"]
    if "text" in form:
        return _value(form["text"])
    return None if "dropped" in form else _bytes(form)


def _value(text: str) -> Any:
    """A JSON document of a style that could not be kept as such, or the text."""
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return _DECODE(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return text


def decompressed(data: bytes, headers: Sequence[tuple[str, str]]) -> bytes:
    """The bytes under the encodings that the headers name; as they are where they cannot be unpacked."""
    encodings = [part.strip().lower() for part in _header(headers, "content-encoding").split(",") if part.strip()]
    try:
        return compression.unpack(data, encodings, LARGEST).data if data else data
    except UnreadableError:
        return data
