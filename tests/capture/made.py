"""Interactions as recordings have them, made for tests of what reads recordings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hotfixture.capture.hooks.http import names

HOST = "https://api.shop.example"


def call(
    number: int,
    operation: str = "charge",
    *,
    service: str = "billing",
    request: Any = None,
    response: Any = None,
    **more: Any,
) -> dict[str, Any]:
    """A call of a wrapped object; one a second unless told otherwise."""
    return {
        "id": f"a-{number}", "number": number, "kind": "call", "service": service, "operation": operation,
        "timestamp": "", "start_time": float(number), "duration_ms": 5.0, "status": "success", "request": request,
        "response": response, "process": 1, **more,
    }  # fmt: skip


def http(
    number: int,
    method: str,
    path: str,
    status: int = 200,
    said: Any = None,
    *,
    sent: Any = None,
    headers: Any = (),
    **more: Any,
) -> dict[str, Any]:
    """A request and its answer, both JSON."""
    service, operation = names(method, HOST + path)
    return {
        **call(number, operation, service=service),
        "kind": "http",
        "request": {"method": method, "url": HOST + path, "headers": [["Accept", "*/*"]], "body": form(sent)},
        "response": {
            "status": status, "reason": "", "version": "1.1", "body": form(said), "trailers": [],
            "headers": [["Content-Type", "application/json"], ["Date", f"moment {number}"], *headers],
        },
        **more,
    }  # fmt: skip


def grpc(number: int, asked: Any, told: Any, *, trace: str = "", code: str = "OK", **more: Any) -> dict[str, Any]:
    """A unary call of gRPC."""

    def message(data: Any) -> dict[str, Any]:
        return {"type": "shop.Message", "data": data, "raw": json.dumps(data)}

    request = {
        "method": "/shop.Shop/Get",
        "arity": "unary_unary",
        "metadata": [["x-trace", trace]],
        "messages": [message(asked)],
    }
    response = {"messages": [message(told)], "code": code, "details": "", "trailing_metadata": [["x-trace", trace]]}
    return {**call(number, "Get", service="shop.Shop", request=request, response=response), "kind": "grpc", **more}


def form(value: Any) -> dict[str, Any] | None:
    """A body of JSON."""
    return None if value is None else {"text": json.dumps(value)}


def failed(number: int, kind: str = "ConnectError", **more: Any) -> dict[str, Any]:
    """A request that got no answer."""
    failure = {"module": "httpx", "name": kind, "text": "no"}
    return {
        **http(number, "GET", "/things/1"), "response": None, "status": "error", "error": "no", "error_type": kind,
        "failure": failure, **more,
    }  # fmt: skip


def session(path: Path, interactions: list[dict[str, Any]]) -> Path:
    """The session in the one file of the contract."""
    path.write_text(json.dumps({
        "session_id": path.stem, "timestamp": "", "version": 1, "total_interactions": len(interactions),
        "interactions": interactions,
    }))  # fmt: skip
    return path


def journal(
    folder: Path,
    interactions: list[dict[str, Any]],
    name: str = "1-aaaaaaaa",
    *,
    labels: dict[str, str] | None = None,
) -> Path:
    """The session in its folder, as one process wrote it."""
    folder.mkdir(exist_ok=True)
    header = {
        "type": "header", "version": 1, "session_id": folder.name.rpartition("_")[2], "name": "", "timestamp": "",
        "process": 1, "tool": "0", "labels": labels or {},
    }  # fmt: skip
    lines = [json.dumps(one, separators=(",", ":")) + "\n" for one in (header, *interactions)]
    (folder / f"{name}.jsonl").write_text("".join(lines))
    return folder
