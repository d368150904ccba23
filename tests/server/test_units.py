"""Sizes, lengths of time and rates as people write them."""

from __future__ import annotations

import pytest

from hotfixture.server import units


@pytest.mark.parametrize(
    ("text", "bytes_"), [("0", 0), ("10", 10), ("2 KiB", 2048), ("1.5MiB", 1572864), ("3 GB", 3 * 10**9), ("1k", 1024)]
)
def test_sizes(text: str, bytes_: int) -> None:
    assert units.size(text) == bytes_


@pytest.mark.parametrize(
    ("text", "length"), [("90", 90), ("1.5s", 1.5), ("250ms", 0.25), ("24h", 86_400), ("7d", 604_800)]
)
def test_lengths_of_time(text: str, length: float) -> None:
    assert units.seconds(text) == length


@pytest.mark.parametrize("text", ["", "x", "-1", "1 fortnight", "1e3", "∞"])
def test_what_is_neither_is_refused(text: str) -> None:
    for read in (units.size, units.seconds):
        with pytest.raises(ValueError):
            read(text)


@pytest.mark.parametrize("text", ["600/minute", "10 per 5 seconds", "1/day"])
def test_rates(text: str) -> None:
    assert units.rate(text) == text


@pytest.mark.parametrize("text", ["0/minute", "ten/minute", "10", "10/fortnight", "10/minute; 5/second"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        units.rate(text)
