"""Many invented values at once, from Arrow kernels: the spelling of `hotfixture.files.plain`, twenty times as fast.

A kernel is used only where it spells a type exactly as Python does; everything else goes value by value.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.files.plain import json_text
from hotfixture.files.text import joined, literal

_SPECIAL = '[\\x00-\\x1f"\\\\\\\\]'


def text_lines(batch: pa.Array) -> bytes | None:
    """Each value as text and a line end, nothing for a null; None where no kernel spells the type."""
    texts = _spelled(batch)
    return None if texts is None else _joined(pc.fill_null(texts, ""), "\n")


def csv_lines(batch: pa.Array) -> bytes | None:
    """Each value as a CSV record of one field; None where no kernel spells the type, or a value needs quotes."""
    texts = _spelled(batch)
    if texts is None or texts.null_count or pc.any(pc.match_substring_regex(texts, r'^$|[",\r\n]')).as_py():
        return None
    return _joined(texts, "\n")


def json_lines(batch: pa.Array, end: str) -> bytes:
    """Each value as JSON and `end`; texts that need no escape are quoted and ended in one go."""
    if isinstance(batch, pa.StringArray) and not batch.null_count and not _has_special(batch):
        wide = batch.cast(pa.large_string())
        made: bytes = joined(
            pc.binary_join_element_wise(literal('"'), wide, literal(f'"{end}'), literal(""))
        ).to_pybytes()
        return made
    return _joined(_json_texts(batch), end)


def _joined(texts: pa.Array, end: str) -> bytes:
    wide = texts.cast(pa.large_string())
    made: bytes = joined(pc.binary_join_element_wise(wide, literal(end), literal(""))).to_pybytes()
    return made


def _spelled(batch: pa.Array) -> pa.Array | None:
    """The batch as `plain_text` spells it; None where the two might differ."""
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


def _json_texts(batch: pa.Array) -> pa.Array:
    """Each value as JSON text (`large_string`), as `json_text` spells it."""
    if pa.types.is_struct(batch.type):
        return _objects(batch)
    texts = _spelled(batch)
    if texts is None:
        return pa.array([json_text(value) for value in batch.to_pylist()], pa.large_string())
    bare = pa.types.is_integer(batch.type) or pa.types.is_boolean(batch.type)
    wide = texts.cast(pa.large_string())
    return (wide if bare else _quoted(wide)).fill_null("null")


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
