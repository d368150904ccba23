"""Recordings for the tests of formats: one of everything that HTTP can carry."""

from __future__ import annotations

import gzip
import json
from typing import Any

from hotfixture.capture.formats.exchanges import Exchange, interaction_from
from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.transforms.masks.keys import MaskingKey

SANITISER = Sanitiser(MaskingKey(bytes(range(32))))
HOST = "https://shop.test"
JSON = [("Content-Type", "application/json"), ("X-Kept", "a"), ("x-kept", "b")]
PACKED = gzip.compress(b'{"packed":true}', mtime=0)


def order(number: int, **more: Any) -> bytes:
    return json.dumps({"number": number, "lines": [{"sku": "A", "price": 1.5}], **more}).encode()


EXCHANGES = [
    Exchange("GET", f"{HOST}/orders/17?expand=lines&expand=prices&empty=", [("accept", "*/*")], None, 200, "OK",
             headers=JSON, body=order(17), started=1.5, duration_ms=12.5,
             chunks=[(9000, 10), (12000, len(order(17)) - 10)]),
    Exchange("GET", f"{HOST}/orders/17?expand=lines&expand=prices&empty=", [("accept", "*/*")], None, 200, "OK",
             headers=JSON, body=order(17, state="paid"), started=2.5, duration_ms=1),
    Exchange("GET", f"{HOST}/orders/18", [], None, 404, "Not Found", headers=JSON, body=b'{"error": null}', started=3),
    Exchange("POST", f"{HOST}/orders", [("content-type", "application/json")], b'{"sku": "A"}', 201, "Created",
             headers=[("location", "/orders/19")], body=b"", started=4),
    Exchange("PUT", f"{HOST}/picture", [("content-type", "image/x-own")], b"\x00\xff\x01", 200, "OK",
             headers=[("content-type", "image/x-own")], body=b"\xff\x00\xfe", started=5),
    Exchange("GET", f"{HOST}/packed", [], None, 200, "OK", started=6, body=PACKED,
             headers=[*JSON, ("content-encoding", "gzip"), ("content-length", str(len(PACKED)))]),
    Exchange("HEAD", f"{HOST}/", [], None, 204, "No Content", headers=[("x-a", "1")], body=None, started=7),
    Exchange("GET", f"{HOST}/text", [], None, 200, "OK", headers=[("content-type", "text/plain")],
             body="größer".encode(), trailers=[("x-sum", "1")], started=8),
]  # fmt: skip


def interactions() -> list[Interaction]:
    """One of each."""
    return [interaction_from(one, SANITISER, number) for number, one in enumerate(EXCHANGES, 1)]
