"""One value as text and as JSON: every type has one spelling."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from decimal import Decimal

import pytest

from hotfixture.files.plain import flat, json_text, plain_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.timedelta(0), "PT0S"),
        (dt.timedelta(days=1, microseconds=500_000), "PT86400.5S"),
        (dt.timedelta(seconds=-90), "-PT90S"),
        (dt.timedelta(microseconds=1), "PT0.000001S"),
        (dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=dt.UTC), "2024-02-29T01:02:03+00:00"),
        (dt.time(1, 2), "01:02:00"),
        (True, "true"),
        (None, ""),
        (b"\x00\xff", "00ff"),
        (["ж", 1], '["ж", 1]'),
        (Decimal("1.10"), "1.10"),
        (0.1, "0.1"),
    ],
)
def test_every_value_has_one_spelling(value, text):
    assert plain_text(value) == text


def test_json_keeps_dates_decimals_bytes_and_other_alphabets():
    value = {"d": dt.date(2024, 2, 29), "n": Decimal("1.10"), "b": b"\x01\xff", "t": "日本"}
    assert json.loads(json_text(value)) == {"d": "2024-02-29", "n": "1.10", "b": "01ff", "t": "日本"}
    assert "日本" in json_text(value)


def test_a_struct_becomes_an_object_in_json_and_columns_in_csv():
    record = {"name": "Zoë", "home": {"city": "Ulm", "zip": "89073"}}
    assert flat("person", record) == {"name": "Zoë", "home.city": "Ulm", "home.zip": "89073"}
    assert plain_text(record) == json.dumps(record, ensure_ascii=False)


@pytest.mark.parametrize("module", ["plain", "values"])
def test_a_few_values_are_spelled_without_anything_heavy(module):
    program = (
        f"import sys; from hotfixture.files import {module}\n"
        "print([name for name in ('json', 'csv', 'numpy', 'pyarrow') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
