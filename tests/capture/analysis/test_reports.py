"""Reports: the contract's headings; one page that needs nothing else; nothing recorded can break out of them."""

from __future__ import annotations

import json
import os
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tests.capture.made import call, failed, http, session

from hotfixture.capture.analysis.analyzer import CaptureAnalyzer
from hotfixture.capture.analysis.page import page
from hotfixture.capture.analysis.statistics import EXACT
from hotfixture.capture.analysis.wording import milliseconds
from hotfixture.errors import CaptureError

EVIL = '<script>alert("x")</script> | `a` & "b" [here](javascript:alert(1)) \x1b[31m\u202e\x07'


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("captures")
    calls = [
        *(http(n, "GET", f"/orders/{n}", scope=f"test {EVIL}") for n in range(1, 9)),
        *(failed(n, start_time=50 + n / 100, error=EVIL) for n in range(20, 30)),
        *(call(n, EVIL, service=EVIL, duration_ms=n) for n in range(30, 60)),
    ]
    for number in (1, 2):
        slower = [{**one, "duration_ms": one["duration_ms"] * (9 * number - 8)} for one in calls]
        path = session(folder / f"capture_{number}.json", slower)
        os.utime(path, (time.time() - 100 + number,) * 2)
    return CaptureAnalyzer(folder).analyze_captures()


def test_the_markdown_has_the_headings_of_the_contract(analysis: Any) -> None:
    text = CaptureAnalyzer("x").generate_report(analysis)
    lines = text.splitlines()
    for heading in (
        "# Capture Analysis Report",
        "## Summary",
        "## Service Breakdown",
        "### api.shop.example",
        "## Performance Analysis",
        "### Slowest Operations",
        "## Errors",
    ):
        assert heading in lines
    assert "Generated: 20" in text
    assert f"Total Interactions: {analysis['total_interactions']}" in text
    section = text.partition("### api.shop.example")[2].partition("###")[0]
    for said in ("Total calls: 36", "Average duration: ", "Errors: 20", "Operations: 2", "GET /orders/{id}"):
        assert said in section


def test_percentiles_that_are_estimates_are_called_so(tmp_path: Path) -> None:
    few = CaptureAnalyzer("x").analyze_interactions(call(n, duration_ms=float(n)) for n in range(100))
    many = CaptureAnalyzer("x").analyze_interactions(call(n, duration_ms=float(n)) for n in range(EXACT + 1))
    assert "uniform sample" not in CaptureAnalyzer("x").generate_report(few)
    for place in (None, tmp_path / "r.html"):
        assert "uniform sample of 16,384 calls: billing charge." in CaptureAnalyzer("x").generate_report(many, place)


def test_an_analysis_with_the_keys_of_the_contract_alone_is_reported() -> None:
    whole = CaptureAnalyzer("x").analyze_interactions([failed(1), call(2)])
    contract = {
        name: whole[name] for name in ("total_interactions", "success_rate", "by_service", "performance", "errors")
    }
    text = CaptureAnalyzer("x").generate_report({**contract, "patterns": {}})
    assert "| api.shop.example | GET /things/{id} | ConnectError | 1 |" in text
    assert "Total Interactions: 2" in text


def test_patterns_and_regressions_are_reported_with_their_evidence(analysis: Any) -> None:
    text = CaptureAnalyzer("x").generate_report(analysis)
    assert "8 calls that differ in path[1]" in text
    assert "(a-1, a-2, a-3, a-4, a-5…); 2 times in all" in text
    assert "### Error bursts" in text
    assert "Mann-Whitney" in text
    assert "| duration |" in text.partition("### Regressions")[2]


def test_statuses_of_http_are_reported_and_5xx_among_the_errors() -> None:
    """No exception reaches the program, but a server that fails is what a reader looks for."""
    calls = [http(n, "GET", "/orders/1", 503 if n < 3 else 200) for n in range(9)]
    found = CaptureAnalyzer("x").analyze_interactions([*calls, call(20), http(21, "GET", "/health", 404)])
    text = CaptureAnalyzer("x").generate_report(found)
    assert "| GET /orders/{id} | 9 | 0 | 200: 6, 503: 3 |" in text
    assert "| GET /health | 1 | 0 | 404 |" in text
    assert "| charge | 1 | 0 |  |" in text
    assert "- Answers of 5xx: 3" in text
    assert "| api.shop.example | GET /orders/{id} | HTTP 503 | 3 |" in text
    assert "HTTP 404" not in text
    assert "HTTP 503" in page(found)


def test_the_same_error_is_told_once_with_how_often_it_came() -> None:
    calls = [failed(n, error="refused" if n < 30 else f"other {n}") for n in range(50)]
    text = CaptureAnalyzer("x").generate_report(CaptureAnalyzer("x").analyze_interactions(calls))
    assert text.count("ConnectError: refused") == 1
    assert "ConnectError: refused (a-0); 30 times in all" in text
    assert "ConnectError: other 38 (a-38)\n\n… and 11 more." in text


def test_charts_scroll_within_themselves_where_the_window_is_narrow(analysis: Any) -> None:
    text = page(analysis)
    for title in ("Calls by operation", "Durations by operation"):
        assert f'aria-label="{title}"><svg' in text
    assert "min-width: 46rem" in text


def test_what_was_recorded_cannot_break_out_of_the_markdown(analysis: Any) -> None:
    text = CaptureAnalyzer("x").generate_report(analysis)
    assert "<script" not in text
    assert "](javascript" not in text
    assert not any(sign in text for sign in "\x1b\u202e\x07")
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_is_self_contained_and_accessible(analysis: Any, tmp_path: Path) -> None:
    text = CaptureAnalyzer("x").generate_report(analysis, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text() == text
    read = _Page()
    read.feed(text)
    names = [name for name, _ in read.tags]
    assert not {"script", "link", "img", "iframe", "object"} & set(names)
    assert not any(key in ("src", "href") or key.startswith("on") for _, attributes in read.tags for key in attributes)
    assert "url(" not in text
    assert "@import" not in text
    assert ("html", {"lang": "en"}) in read.tags
    charts = [attributes for name, attributes in read.tags if name == "svg"]
    assert len(charts) >= 3
    assert all(one["role"] == "img" and one["aria-label"] for one in charts)
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert all(attributes["aria-labelledby"] in ids for name, attributes in read.tags if name == "section")
    assert "prefers-color-scheme: dark" in text
    for heading in ("Summary", "Service Breakdown", "Performance Analysis", "Errors", "Patterns", "Changes"):
        assert f">{heading}</h2>" in text


def test_the_page_shows_what_was_recorded_as_text(analysis: Any, tmp_path: Path) -> None:
    text = CaptureAnalyzer("x").generate_report(analysis, tmp_path / "report.html")
    assert "&lt;script&gt;alert(" in text
    assert not any(sign in text for sign in "\x1b\u202e\x07")


def test_the_json_is_the_analysis(analysis: Any, tmp_path: Path) -> None:
    read = json.loads(CaptureAnalyzer("x").generate_report(analysis, tmp_path / "r.json"))
    assert read.pop("generated")
    assert read == json.loads(json.dumps(analysis))


def test_a_report_that_cannot_be_written_says_where(analysis: Any, tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="No such file"):
        CaptureAnalyzer("x").generate_report(analysis, tmp_path / "missing" / "r.md")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0 ms"),
        (0.0123, "12.3 µs"),
        (3.14159, "3.14 ms"),
        (1234, "1.23 s"),
        (1.5e7, "15,000 s"),
        (999.7, "1 s"),
        (0.9996, "1 ms"),
        (999_900, "1,000 s"),
        (-5.0, "-5 ms"),
        (1e300, "1e+297 s"),
    ],
)
def test_durations_are_said_in_the_unit_that_suits(value: float, said: str) -> None:
    assert milliseconds(value) == said
