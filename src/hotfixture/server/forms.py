"""Invented values as text, JSON, NDJSON and CSV: the bytes of `mockcraft generate`, from Arrow kernels where they can.

Text: each value and a line end. JSON: the value, or a list with one value a line. NDJSON: one JSON value a line.
CSV: a header, then one record a value; a structure has one column a field. A kernel is used only where it spells a
type exactly as Python does; everything else goes value by value.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.files.text import joined, literal

MEDIA_TYPES = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}
_SPECIAL = '[\\x00-\\x1f"\\\\\\\\]'


def plain_text(value: object) -> str:
    """One value as text: ISO 8601, JSON's words for truth, hexadecimal bytes."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list | tuple):
        return json_text(value)
    if (iso := getattr(value, "isoformat", None)) is not None:
        return str(iso())
    if isinstance(value, timedelta):
        return _iso_duration(value)
    return "" if value is None else str(value)


def _iso_duration(length: timedelta) -> str:
    microseconds = abs(length) // timedelta(microseconds=1)
    fraction = f".{microseconds % 1_000_000:06d}".rstrip("0").rstrip(".")
    return f"{'-' if length < timedelta(0) else ''}PT{microseconds // 1_000_000}{fraction}S"


_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


def json_text(value: object, *, indent: int | None = None) -> str:
    """One value as JSON."""
    return json.dumps(value, ensure_ascii=False, indent=indent, default=plain_text)


# ---- one value


def one(form: str, name: str, value: object) -> bytes:
    """The whole answer for one value."""
    if form == "csv":
        return b"".join(_csv(name, [[value]]))
    if form == "text":
        text = plain_text(value)
    elif isinstance(value, str | int):
        text = _ENCODE(value)
    else:
        text = json_text(value, indent=2 if form == "json" else None)
    return f"{text}\n".encode()


# ---- many values


def pieces(form: str, name: str, batches: Iterable[Any]) -> Iterator[bytes]:
    """The answer for several values, piece by piece; a batch is an Arrow array or a list of plain values."""
    return _FORMS[form](name, batches)


def _text(_: str, batches: Iterable[Any]) -> Iterator[bytes]:
    for batch in batches:
        texts = _spelled(batch)
        if texts is None:
            yield "".join(f"{plain_text(value)}\n" for value in _plain(batch)).encode()
        else:
            yield _joined(pc.fill_null(texts, ""), "\n")


def _ndjson(_: str, batches: Iterable[Any]) -> Iterator[bytes]:
    for batch in batches:
        yield _json_lines(batch, "\n")


def _json(_: str, batches: Iterable[Any]) -> Iterator[bytes]:
    begin = b"[\n  "
    for batch in batches:
        if len(batch):
            body = _json_lines(batch, ",\n  ")
            yield begin + body[: -len(",\n  ")]
            begin = b",\n  "
    yield b"\n]\n" if begin.startswith(b",") else b"[]\n"


def _csv(name: str, batches: Iterable[Any]) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header: list[str] = []
    for batch in batches:
        if not header and len(batch):
            header = list(_flat(name, _plain(batch[:1])[0]))
            writer.writerow(header)
        texts = _spelled(batch)
        if texts is not None and not pc.any(pc.match_substring_regex(texts, r'^$|[",\r\n]')).as_py():
            text.write(_joined(texts, "\n").decode())
        else:
            writer.writerows(map(plain_text, _flat(name, value).values()) for value in _plain(batch))
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()


_FORMS: dict[str, Callable[[str, Iterable[Any]], Iterator[bytes]]] = {
    "text": _text,
    "json": _json,
    "ndjson": _ndjson,
    "csv": _csv,
}


def _plain(batch: Any) -> list[Any]:
    found: list[Any] = batch if isinstance(batch, list) else batch.to_pylist()
    return found


def _flat(name: str, value: Any) -> dict[str, Any]:
    """A structure as one column a field, fields of fields as `outer.inner`; anything else as a column of its own."""
    if not isinstance(value, dict):
        return {name: value}
    parts: dict[str, Any] = {}
    for field, inner in value.items():
        for key, leaf in _flat(field, inner).items():
            parts[key if not isinstance(inner, dict) else f"{field}.{key}"] = leaf
    return parts


def _joined(texts: pa.Array, end: str) -> bytes:
    wide = texts.cast(pa.large_string())
    made: bytes = joined(pc.binary_join_element_wise(wide, literal(end), literal(""))).to_pybytes()
    return made


def _spelled(batch: Any) -> pa.Array | None:
    """The batch as `plain_text` spells it, by Arrow; None where the two might differ."""
    if isinstance(batch, list):
        return None
    kind = batch.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return batch
    if pa.types.is_integer(kind) or pa.types.is_date32(kind) or pa.types.is_boolean(kind):
        return batch.cast(pa.string())
    if kind == pa.timestamp("us"):
        # Python leaves out a fraction of zero, Arrow writes it.
        iso = pc.replace_substring(batch.cast(pa.string()), " ", "T")
        return pc.replace_substring_regex(iso, r"\.000000$", "")
    return None


def _json_texts(batch: Any) -> pa.Array:
    """Each value as JSON text (`large_string`), as `json_text` spells it."""
    if isinstance(batch, list):
        return pa.array([json_text(value) for value in batch], pa.large_string())
    if pa.types.is_struct(batch.type):
        return _objects(batch)
    texts = _spelled(batch)
    if texts is None:
        return pa.array([json_text(value) for value in batch.to_pylist()], pa.large_string())
    bare = pa.types.is_integer(batch.type) or pa.types.is_boolean(batch.type)
    wide = texts.cast(pa.large_string())
    return (wide if bare else _quoted(wide)).fill_null("null")


def _json_lines(batch: Any, end: str) -> bytes:
    """Each value as JSON and `end`; texts that need no escape are quoted and ended in one go."""
    if isinstance(batch, pa.StringArray) and not batch.null_count and not _has_special(batch):
        wide = batch.cast(pa.large_string())
        made: bytes = joined(
            pc.binary_join_element_wise(literal('"'), wide, literal(f'"{end}'), literal(""))
        ).to_pybytes()
        return made
    return _joined(_json_texts(batch), end)


def _has_special(texts: pa.StringArray) -> bool:
    """Whether a byte that JSON escapes stands anywhere: a look at the bytes is quicker than one at each text."""
    data = texts.buffers()[2]
    if data is None:
        return False
    found = np.frombuffer(data, np.uint8)
    return bool((found < 0x20).any() or (found == 0x22).any() or (found == 0x5C).any())


def _quoted(texts: pa.Array) -> pa.Array:
    special = pc.match_substring_regex(texts, _SPECIAL)
    quote = literal('"')
    plain = pc.binary_join_element_wise(quote, texts, quote, literal(""))
    if not pc.any(special).as_py():
        return plain
    escaped = [json.dumps(value, ensure_ascii=False) for value in texts.filter(special).to_pylist()]
    return pc.replace_with_mask(plain, special.fill_null(False), pa.array(escaped, pa.large_string()))


def _objects(batch: pa.StructArray) -> pa.Array:
    if batch.null_count or not batch.type.num_fields:
        return pa.array([json_text(value) for value in batch.to_pylist()], pa.large_string())
    parts: list[Any] = []
    for number, (field, column) in enumerate(zip(batch.type, batch.flatten(), strict=True)):
        name = json.dumps(field.name, ensure_ascii=False)
        parts += [literal(f"{', ' if number else '{'}{name}: "), _json_texts(column)]
    return pc.binary_join_element_wise(*parts, literal("}"), literal(""))
