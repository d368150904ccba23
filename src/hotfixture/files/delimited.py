"""CSV: comma, line feed, a header, quotes where a value needs them (RFC 4180 but for the line end).

A null is nothing between two commas, an empty text is `""`. Reading gives texts unless a schema says more.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import IO, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from hotfixture.errors import InputError
from hotfixture.files.formats import Format, Options, Writer
from hotfixture.files.text import check_names, from_text, joined, lines, literal, to_text

_BLOCK = 8 << 20
_HEADER = 1 << 16
"""A header line is no longer than so many bytes."""
_MARKS = (b'"', b",", b"\n", b"\r")
_FORMULA = r"^[=+\-@\t\r]"
"""What spreadsheets run as a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""


class Csv(Format):
    """Comma-separated values."""

    name = "csv"
    suffix = ".csv"
    options: ClassVar[Options] = {"spreadsheet": bool}

    @classmethod
    def writer(cls, stream: IO[bytes], schema: pa.Schema, *, spreadsheet: bool = False) -> CsvWriter:
        """A writer; with `spreadsheet`, texts that a spreadsheet would run as a formula begin with an apostrophe.

        That changes the values, so it is off unless asked for.
        """
        return CsvWriter(stream, schema, spreadsheet=spreadsheet)

    @classmethod
    def read(cls, stream: IO[bytes], schema: pa.Schema | None = None) -> Iterator[pa.RecordBatch]:
        """The rows; every column is text where no schema is given. InputError where the file is not CSV."""
        try:
            for batch in _open(io.BufferedReader(stream, _HEADER)):  # type: ignore[arg-type]  # what it needs is `readinto`
                yield batch if schema is None else _typed(batch, schema)
        except pa.ArrowInvalid as error:
            raise InputError(f"not CSV: {str(error).partition(':')[0]}") from error


def _open(stream: io.BufferedReader) -> pa.csv.CSVStreamingReader:
    """Arrow's reader, told that every column is text: a guess would read `007` as 7."""
    first = next(csv.reader(io.StringIO(stream.peek(1).decode("utf-8", "replace"), newline="")), [])
    return pa.csv.open_csv(
        stream,
        read_options=pa.csv.ReadOptions(block_size=_BLOCK),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(first, pa.large_string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def _typed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    if batch.schema.names != schema.names:
        raise InputError(f"expected the columns {', '.join(schema.names)}, found {', '.join(batch.schema.names)}")
    columns = [from_text(column, field.type) for column, field in zip(batch.columns, schema, strict=True)]
    return pa.record_batch(columns, schema=schema)


class CsvWriter(Writer):
    """Writes CSV; the header at once, so that a file without rows has its columns."""

    def __init__(self, stream: IO[bytes], schema: pa.Schema, *, spreadsheet: bool = False) -> None:
        check_names(schema)
        self._stream = stream
        self._spreadsheet = spreadsheet
        names = [_quoted(pa.array([name], pa.large_string())) for name in schema.names]
        stream.write(joined(lines(names, ",")))

    def write(self, batch: pa.RecordBatch) -> None:
        """Append one batch."""
        if not batch.num_rows:
            return
        *others, last = (self._field(column) for column in batch.columns)
        last = pc.binary_join_element_wise(last, literal("\n"), literal(""))
        self._stream.write(joined(pc.binary_join_element_wise(*others, last, literal(",")) if others else last))

    def close(self) -> None:
        """Nothing is outstanding."""

    def _field(self, column: pa.Array) -> pa.Array:
        text = to_text(column)
        if not _may_need_quotes(column.type):
            return _empty_nulls(text)
        if self._spreadsheet:
            formula = pc.match_substring_regex(text, _FORMULA)
            text = pc.if_else(formula, pc.binary_join_element_wise(literal("'"), text, literal("")), text)
        return _empty_nulls(_quoted(text))


def _empty_nulls(text: pa.Array) -> pa.Array:
    """The texts, an empty one in place of each null; where no byte stands in those places, nothing is copied."""
    if not text.null_count:
        return text
    _, bounds, data = text.buffers()
    offsets = np.frombuffer(bounds, np.int64)[text.offset : text.offset + len(text) + 1]
    if pc.sum(pc.binary_length(text)).as_py() != offsets[-1] - offsets[0]:
        return text.fill_null("")
    return pa.LargeStringArray.from_buffers(len(text), bounds, data, None, 0, text.offset)


def _may_need_quotes(kind: pa.DataType) -> bool:
    """False for types whose text never holds a comma, a quote or a line end, and is never empty."""
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    moment = pa.types.is_temporal(kind) and not pa.types.is_interval(kind)
    return not (number or moment or pa.types.is_boolean(kind))


def _quoted(text: pa.Array) -> pa.Array:
    """The texts, in quotes where they hold a comma, a quote, a line end or a blank at an end, or are empty."""
    if _all_plain(text):
        return text
    needs = pc.match_substring_regex(text, r'^$|[",\r\n]|^\s|\s$')
    if not pc.any(needs).as_py():
        return text
    quote = literal('"')
    doubled = pc.replace_substring(text, '"', '""')
    return pc.if_else(needs, pc.binary_join_element_wise(quote, doubled, quote, literal("")), text)


def _all_plain(text: pa.Array) -> bool:
    """Whether surely none of the texts needs quotes: what one look at the bytes of all of them can tell.

    A tenth of the time that an expression takes, which looks at each text; few columns hold a comma.
    """
    _, bounds, bytes_ = text.buffers()
    if not len(text) or not bytes_ or not bytes_.size:
        return bool(text.null_count == len(text))
    offsets = np.frombuffer(bounds, np.int64)[text.offset : text.offset + len(text) + 1]
    data = np.frombuffer(bytes_, np.uint8)
    held = data[offsets[0] : offsets[-1]].tobytes()
    if any(mark in held for mark in _MARKS) or pc.min(pc.binary_length(text)).as_py() == 0:
        return False
    # Where a null is, a neighbour's byte is looked at, which is looked at anyway.
    return not any((data.take(ends, mode="clip") <= ord(" ")).any() for ends in (offsets[:-1], offsets[1:] - 1))
