"""How settings are written: sizes (`10 GiB`), lengths of time (`24h`), rates (`600/minute`), and their checks."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SIZES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_SIZES |= {"k": 1 << 10, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
_SECONDS = {"ms": 0.001, "": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
_QUANTITY = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")
RATE = re.compile(r"\s*[1-9][0-9]{0,9}\s*(?:/|per)\s*(?:[1-9][0-9]{0,5}\s*)?(?:second|minute|hour|day)s?\s*")


def size(text: str) -> int:
    """Bytes; ValueError where the text is no size."""
    return int(_quantity(text, _SIZES))


def seconds(text: str) -> float:
    """Seconds; ValueError where the text is no length of time."""
    return _quantity(text, _SECONDS)


def _quantity(text: str, units: Mapping[str, float]) -> float:
    found = _QUANTITY.fullmatch(text)
    if not found or found[2].lower() not in units:
        raise ValueError(text)
    return float(found[1]) * units[found[2].lower()]


def rate(text: str) -> str:
    """The rate as given; the empty text and `off` mean none. ValueError where it is no rate."""
    if text in ("", "off"):
        return ""
    if not RATE.fullmatch(text):
        raise ValueError(text)
    return text.strip()


def spelled_size(count: int) -> str:
    """A size for people: `10 GiB`."""
    for unit in ("GiB", "MiB", "KiB"):
        step = _SIZES[unit.lower()]
        if count >= step and count % step == 0:
            return f"{count // step} {unit}"
    return f"{count} bytes"


def spelled_seconds(length: float) -> str:
    """A length of time for people: `24h`."""
    for unit, step in (("h", 3600), ("m", 60)):
        if length >= step and length % step == 0:
            return f"{length / step:.0f}{unit}"
    return f"{length:g}s"
