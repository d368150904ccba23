"""Logs: lines that the usual expressions and parsers read, from machines that do not exist."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from json import loads

import pytest
from tests.generators.agreement import agreed

COMBINED = re.compile(
    r'(?P<remote>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<method>[A-Z]+) (?P<path>\S+) (?P<version>\S+)" '
    r'(?P<status>\d{3}) (?P<size>\d+)(?: "(?P<referer>[^"]*)" "(?P<agent>[^"]*)")?'
)
DOCUMENTATION = [IPv4Network(f"{front}.0/24") for front in ("192.0.2", "198.51.100", "203.0.113")]


def within(moment):
    return datetime(2015, 1, 1, tzinfo=UTC) <= moment < datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("form", ["common", "combined"])
def test_access_logs_are_read_by_the_usual_expression(form):
    for line in agreed("http_log_line", form=form):
        found = COMBINED.fullmatch(line)
        assert within(datetime.strptime(found["time"], "%d/%b/%Y:%H:%M:%S %z"))
        assert any(IPv4Address(found["remote"]) in network for network in DOCUMENTATION)
        assert (found["agent"] is not None) == (form == "combined")


def test_access_logs_in_json_are_objects():
    for line in agreed("http_log_line", form="json"):
        read = loads(line)
        assert within(datetime.fromisoformat(read["time"]))
        assert 100 <= read["status"] <= 599


def test_syslog_lines_have_a_priority_and_a_moment():
    for line in agreed("syslog_line"):
        priority, moment, host, _, pid, _, _, message = re.fullmatch(
            r"<(\d+)>1 (\S+) (\S+) (\S+) (\d+) (-) (-) (.+)", line
        ).groups()
        assert int(priority) < 192
        assert within(datetime.fromisoformat(moment))
        assert host.endswith((".example", ".test"))
        assert int(pid) > 0
        assert message


def test_application_logs_begin_with_moment_and_level():
    for line in agreed("log_line"):
        moment, level, _ = line.split(" ", 2)
        assert within(datetime.fromisoformat(moment))
        assert level in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


@pytest.mark.parametrize(("language", "mark"), [("python", ".py"), ("java", ".java:"), ("javascript", ".js:")])
def test_frames_name_a_file_and_a_line(language, mark):
    assert all(mark in value and re.search(r"\d", value) for value in agreed("stack_trace_line", language=language))


def test_most_lines_are_information():
    values = agreed("log_level", count=2000)
    assert values.count("INFO") > 1000 > values.count("FATAL") > 2
