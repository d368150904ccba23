"""A program that traces itself finds its recorded calls among its spans, without anything they carried."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from hotfixture.capture import spans
from hotfixture.capture.records import Failure, Frame
from hotfixture.capture.session import Session


def frame(**changes: object) -> Frame:
    made = Frame(
        7, None, "http", "api.test", "GET /orders/{id}",
        {"method": "GET", "url": "https://api.test/orders/1?token=sekret", "headers": [["authorization", "sekret"]]},
        {"status": 503}, [b"sekret"], [b"sekret"], [1], 1_700_000_000.25, 5_000_000,
        "success", None, "t", None, None, [],
    )  # fmt: skip
    for name, value in changes.items():
        setattr(made, name, value)
    return made


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Where spans go; the provider of the process stays as it is."""
    from opentelemetry import trace

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    return exporter


def emitted(exporter: InMemorySpanExporter, of: Frame) -> ReadableSpan:
    emit = spans.emitter("123")
    assert emit is not None
    emit(of)
    return exporter.get_finished_spans()[-1]


def test_a_call_is_a_span_of_its_own_time(exported: InMemorySpanExporter) -> None:
    span = emitted(exported, frame())
    assert (span.name, span.kind.name) == ("api.test GET /orders/{id}", "CLIENT")
    assert span.start_time == 1_700_000_000_250_000_000
    assert span.end_time is not None
    assert span.end_time - span.start_time == 5_000_000
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 503
    assert span.attributes["hotfixture.session"] == "123"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v1/orders/{id}/line-items", "/v1/orders/{id}/line-items"),
        ("/reset/T0ken%2Bof%2Fthe%3DSe55ion", "/reset/{id}"),
        ("/people/carla@bank.example", "/people/{id}"),
        ("/people/carla%40bank.example/", "/people/{id}/"),
        ("/" + "abcdefgh" * 5, "/{id}"),
        ("/", "/"),
    ],
)
def test_of_a_path_only_plain_words_go_out(exported: InMemorySpanExporter, path: str, shown: str) -> None:
    """Case 16: a path is cleaned later, and elsewhere."""
    assert emitted(exported, frame(operation=f"GET {path}")).name == f"api.test GET {shown}"


def test_a_failed_call_is_a_span_with_its_class_alone(exported: InMemorySpanExporter) -> None:
    """Case 16: nothing of what was said goes out."""
    failure = Failure(module="httpx", name="ConnectError", text="sekret", arguments=["sekret"])
    span = emitted(exported, frame(status="error", failure=failure, response=None))
    assert span.status.status_code.name == "ERROR"
    assert span.attributes is not None
    assert span.attributes["error.type"] == "httpx.ConnectError"
    assert "sekret" not in span.to_json()


def test_a_session_makes_a_span_of_each_of_its_calls(exported: InMemorySpanExporter, tmp_path: Path) -> None:
    session = Session("traced", directory=tmp_path, within=True)
    for number in range(3):
        session.begin("call", "billing", f"charge {number}", {}).done(value=number)
    session.close()
    found = exported.get_finished_spans()
    assert [span.name for span in found] == [f"billing charge {number}" for number in range(3)]
    assert {span.attributes and span.attributes["hotfixture.session"] for span in found} == {session.id}


def test_a_program_without_a_provider_has_no_emitter() -> None:
    code = """
import sys
from hotfixture.capture import spans
assert spans.emitter("1") is None
assert "opentelemetry" not in sys.modules
import opentelemetry.trace
assert spans.emitter("1") is None
"""
    subprocess.run([sys.executable, "-c", code], check=True)
