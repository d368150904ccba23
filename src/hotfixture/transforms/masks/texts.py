"""Texts of one length as a matrix of code points, and back; ASCII without decoding anything."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hotfixture.transforms.masks.rows import flat


def to_points(texts: pa.Array, length: int) -> NDArray[np.uint32]:
    """(n, length) code points of texts that have `length` characters each; none is null."""
    joined, _ = flat(texts)
    if len(joined) != len(texts) * length:
        points = np.frombuffer(joined.tobytes().decode().encode("utf-32-le"), "<u4")
        return points.reshape(-1, length).astype(np.uint32)
    return joined.reshape(-1, length).astype(np.uint32)


def from_points(points: NDArray[np.uint32]) -> pa.Array:
    """Texts of the code points, row by row."""
    count, width = points.shape
    if not points.size or points.max() < 128:
        offsets = np.arange(count + 1, dtype=np.int32) * np.int32(width)
        return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(points.astype(np.uint8)))
    text = np.ascontiguousarray(points).astype("<u4").tobytes().decode("utf-32-le")
    return pa.array([text[start : start + width] for start in range(0, count * width, width)], pa.string())
