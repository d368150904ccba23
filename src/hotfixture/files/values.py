"""Invented values as text, JSON, NDJSON and CSV: the same bytes from `mockcraft generate` and from the server.

Text: each value and a line end. JSON: the value, or a list with one value a line. NDJSON: one JSON value a line; a
structure is an object, anything else stands there bare. CSV: a header, then one record a value; a structure has one
column a field. A batch is a list of plain values, or an Arrow array, which goes through kernels where they can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from hotfixture.files.plain import flat, json_text, plain_text

if TYPE_CHECKING:
    import pyarrow as pa

Batch: TypeAlias = "list[Any] | pa.Array"


# ---- one value


def one(form: str, name: str, value: object) -> bytes:
    """The whole answer for one value; JSON of a structure is indented."""
    if form == "csv":
        return b"".join(_csv(name, [[value]]))
    if form == "text":
        text = plain_text(value)
    elif isinstance(value, str | int):
        text = _encode()(value)
    else:
        text = json_text(value, indent=2 if form == "json" else None)
    return f"{text}\n".encode()


@cache
def _encode() -> Callable[[object], str]:
    """JSON of what needs no more than JSON's own words: four times as fast as `json_text`."""
    from json import JSONEncoder

    return JSONEncoder(ensure_ascii=False).encode


# ---- many values


def pieces(form: str, name: str, batches: Iterable[Batch], *, pretty: bool = False) -> Iterator[bytes]:
    """The answer for several values, piece by piece; `pretty` indents the values of a JSON list."""
    if pretty and form == "json":
        return _list(_pretty(batch) for batch in batches if len(batch))
    return FORMS[form](name, batches)


def _text(_: str, batches: Iterable[Batch]) -> Iterator[bytes]:
    for batch in batches:
        made = None if isinstance(batch, list) else _kernels().text_lines(batch)
        yield "".join(f"{plain_text(value)}\n" for value in _plain(batch)).encode() if made is None else made


def _ndjson(_: str, batches: Iterable[Batch]) -> Iterator[bytes]:
    for batch in batches:
        yield _json_lines(batch, "\n")


_NEXT = ",\n  "


def _json(_: str, batches: Iterable[Batch]) -> Iterator[bytes]:
    return _list(_json_lines(batch, _NEXT) for batch in batches if len(batch))


def _pretty(batch: Batch) -> bytes:
    texts = (json_text(value, indent=2).replace("\n", "\n  ") for value in _plain(batch))  # a text has no bare line end
    return "".join(f"{text}{_NEXT}" for text in texts).encode()


def _list(bodies: Iterable[bytes]) -> Iterator[bytes]:
    """A JSON list of values that end in a comma each."""
    begin = b"[\n  "
    for body in bodies:
        yield begin + body[: -len(_NEXT)]
        begin = _NEXT.encode()
    yield b"\n]\n" if begin.startswith(b",") else b"[]\n"


def _json_lines(batch: Batch, end: str) -> bytes:
    if isinstance(batch, list):
        return "".join(f"{json_text(value)}{end}" for value in batch).encode()
    made: bytes = _kernels().json_lines(batch, end)
    return made


def _csv(name: str, batches: Iterable[Batch]) -> Iterator[bytes]:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header: list[str] = []
    for batch in batches:
        if not header and len(batch):
            header = list(flat(name, _plain(batch[:1])[0]))
            writer.writerow(header)
        made = None if isinstance(batch, list) else _kernels().csv_lines(batch)
        if made is None:
            writer.writerows(map(plain_text, flat(name, value).values()) for value in _plain(batch))
        yield text.getvalue().encode() + (made or b"")
        text.seek(0)
        text.truncate()


FORMS: dict[str, Callable[[str, Iterable[Batch]], Iterator[bytes]]] = {
    "text": _text,
    "json": _json,
    "ndjson": _ndjson,
    "csv": _csv,
}


def _plain(batch: Batch) -> list[Any]:
    found: list[Any] = batch if isinstance(batch, list) else batch.to_pylist()
    return found


def _kernels() -> Any:
    """They import Arrow and numpy, which a few values do without."""
    from hotfixture.files import kernels

    return kernels
