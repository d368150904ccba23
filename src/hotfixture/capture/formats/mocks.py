"""Mocks: the contract's flat file and our own of rules (`mocks.py` reads and matches both)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hotfixture.capture.comparing.recorded import ordered
from hotfixture.capture.formats import whole
from hotfixture.capture.mocks import FORMAT, Mocks, load_mocks
from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising.sanitiser import Sanitiser

_RPC = re.compile(r"(.+)\.(\1/.+)")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


class _MockFile:
    """Reads and writes mocks."""

    def recognised(self, path: Path, head: str) -> bool:
        """By the name of the format; a flat file by a first key like `service.operation`, which no other format has;
        an empty one holds no mocks."""
        start = head.lstrip("{ \n\t").partition(":")[0].strip().strip('"')
        return path.suffix == ".json" and (
            f'"{FORMAT}"' in head or "." in start or head.split() in (["{}"], ["{", "}"])
        )

    def read(self, path: Path, sanitiser: Sanitiser) -> Iterator[Interaction]:
        """An interaction for each answer; requests are as far as the mock says what it answers to."""
        mocks = load_mocks(path)
        for number, (service, operation, response) in enumerate(_told(mocks), 1):
            yield Interaction(
                id=f"mock-{number}", timestamp="1970-01-01T00:00:00+00:00", service=service, operation=operation,
                request=sanitiser.value(_request(service, operation)), start_time=0.0, duration_ms=0.0,
                status="success", response=sanitiser.value(response), number=number,
                kind="http" if _is_http(operation) else "call",
            )  # fmt: skip

    def write(self, interactions: Iterable[Interaction], path: Path) -> list[str]:
        """The contract's flat file: the last answer of each operation."""
        flat = {
            f"{one.service}.{one.operation}": one.response for one in ordered(interactions) if one.response is not None
        }
        whole(path, Mocks(flat=flat).encoded())
        return ["requests and times; of several answers of one operation all but the last"]


def _told(mocks: Mocks) -> Iterator[tuple[str, str, Any]]:
    for rule in mocks.rules:
        for answer in rule.answers:
            yield rule.service, rule.operation, answer.response
    for name, response in mocks.flat.items():
        service, operation = split(name)
        yield service, operation, response


def split(name: str) -> tuple[str, str]:
    """Service and operation of a flat mock's name. Both may hold points; those of HTTP are cut before the method, those
    of gRPC where the service's name comes again."""
    for method in _METHODS:
        before, found, after = name.partition(f".{method} ")
        if found:
            return before, f"{method} {after}"
    if rpc := _RPC.fullmatch(name):
        return rpc[1], rpc[2]
    service, _, operation = name.partition(".")
    return service, operation


def _is_http(operation: str) -> bool:
    return operation.partition(" ")[0] in _METHODS


def _request(service: str, operation: str) -> Any:
    method, _, path = operation.partition(" ")
    return {"method": method, "url": f"http://{service}{path}", "headers": []} if _is_http(operation) else {}


MOCKS = _MockFile()
