"""Cleaning of recordings: what two kilobytes, and large bodies, take."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from typing import Any

from bench.measure import Figure, Scale, medians

TARGET = 0.05
"""Milliseconds for two kilobytes, with patterns of values."""
RATE = 10_000_000
"""Bytes a second that the scribe takes."""
RUNS = 200


def document(items: int) -> dict[str, Any]:
    """An answer as shops give it; eight items make two kilobytes."""
    return {
        "request_id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "items": [
            {
                "id": number, "sku": f"SKU-{number:05d}", "title": "A product title of a reasonable length",
                "price": 12.5, "url": f"https://api.shop.example/v1/products/{number}/reviews?page=2",
                "status": "active", "created_at": "2026-11-21T16:02:12.123456Z", "tags": ["red", "blue"],
            }
            for number in range(items)
        ],
        "next_page_token": "CAUQAA",
    }  # fmt: skip


def sanitising(_: Scale) -> Iterator[Figure]:
    """Values and bodies, clean and with something of a person and a secret in every item."""
    from hotfixture.capture.sanitising.bodies import form_of
    from hotfixture.capture.sanitising.sanitiser import Sanitiser
    from hotfixture.transforms.masks.keys import MaskingKey

    one = Sanitiser(MaskingKey(bytes(range(32))))
    small, large, huge = document(8), document(800), document(2000)
    dirty = document(500)
    for number, item in enumerate(dirty["items"]):
        item |= {"owner": {"name": "Anna Schmidt", "email": f"anna{number}@shop.test"}, "api_key": f"k-{number:020d}"}
    yield _small("cleaning 2 KB, values with patterns", lambda: one.value(small))
    kind = [("content-type", "application/json")]
    for name, value in (("200 KB", large), ("500 KB", huge), ("200 KB with secrets", dirty)):
        body = json.dumps(value).encode()
        yield _large(f"cleaning a body of {name}", len(body), lambda body=body: form_of(body, kind, one))
    packed = gzip.compress(json.dumps(huge).encode())
    headers = [*kind, ("content-encoding", "gzip")]
    yield _large("cleaning 500 KB inside gzip", len(json.dumps(huge)), lambda: form_of(packed, headers, one))


def _small(work: str, run: Any) -> Figure:
    taken = _middle(run, RUNS) * 1e3
    return Figure(work, taken, None, "ms", "", taken, "ms", TARGET)


def _large(work: str, size: int, run: Any) -> Figure:
    rate = size / _middle(run, 9)
    return Figure(f"{work}, bytes", rate, None, "/s", "", rate, "/s", RATE)


def _middle(run: Any, runs: int) -> float:
    """The median of process times: of the wall clock the machine's other work would take its share."""

    def timed() -> float:
        start = time.process_time()
        run()
        return time.process_time() - start

    run()
    return medians({"": timed}, runs)[""]
