"""Generators that a schema defines itself: lists, patterns, compositions, files and presets."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from hotfixture.errors import InputError
from hotfixture.plans.seed import read

TEXT = """
generators:
  plan: {values: {free: 6, pro: 3, enterprise: 1}}
  ticket: {pattern: "[A-Z]{3}-[0-9]{4}"}
  handle: {compose: "{first_name}.{ticket}!"}
  years: {generator: integer, params: {low: 0, high: 40}}
tables:
  - name: members
    count: 2000
    columns:
      - {name: id, primary_key: true}
      - {name: plan, generator: plan}
      - {name: ticket, generator: ticket}
      - {name: handle, generator: handle}
      - {name: years, generator: years, type: smallint}
"""


def test_each_way_of_defining_a_generator_makes_its_values() -> None:
    rows = read(TEXT).table("members").batch(0, 2000).to_pylist()
    plans = Counter(row["plan"] for row in rows)
    assert plans["free"] > plans["pro"] > plans["enterprise"] > 100
    assert all(re.fullmatch(r"[A-Z]{3}-[0-9]{4}", row["ticket"]) for row in rows)
    assert all(re.fullmatch(r".+\.[A-Z]{3}-[0-9]{4}!", row["handle"]) for row in rows)
    assert {row["years"] for row in rows} == set(range(41))
    assert rows[0]["ticket"] not in rows[0]["handle"], "a part of a composition has draws of its own"


def test_a_file_of_lines_beside_the_schema_is_a_list(tmp_path: Path) -> None:
    (tmp_path / "towns.txt").write_text("Ulm\n\nBonn\nKöln\n", encoding="utf-8")
    schema = tmp_path / "schema.yaml"
    schema.write_text(TEXT.replace('{pattern: "[A-Z]{3}-[0-9]{4}"}', "{file: towns.txt}"), encoding="utf-8")
    assert set(read(schema).table("members").batch(0, 200)["ticket"].to_pylist()) == {"Ulm", "Bonn", "Köln"}


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "missing.txt", "link.txt"])
def test_a_file_outside_the_schemas_folder_is_not_read(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret\n")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    schema = folder / "schema.yaml"
    schema.write_text(TEXT.replace('{pattern: "[A-Z]{3}-[0-9]{4}"}', f"{{file: '{name}'}}"))
    with pytest.raises(InputError) as caught:
        read(schema)
    assert "cannot be read" in str(caught.value)


def test_a_schema_that_came_as_text_reads_no_files() -> None:
    with pytest.raises(InputError, match="no files beside it"):
        read(TEXT.replace('{pattern: "[A-Z]{3}-[0-9]{4}"}', "{file: towns.txt}"))


def test_a_composition_of_itself_and_a_generator_of_two_ways_are_refused() -> None:
    with pytest.raises(InputError, match="composed of itself"):
        read(TEXT.replace("{first_name}.{ticket}!", "{handle}"))
    with pytest.raises(InputError, match="expected one of"):
        read(TEXT.replace("{generator: integer, params", "{generator: integer, pattern: x, params"))


@pytest.mark.parametrize(
    ("composed", "rule"), [("{first_name}", r"\w[\w'-]*\.\d+"), ("{first_name} of {city}", r".+ of .+ \d+")]
)
def test_a_unique_composition_carries_the_number_of_its_row(composed: str, rule: str) -> None:
    column = "{count: 3000, columns: {x: {generator: own, unique: true}}}"
    plan = read(f'generators: {{own: {{compose: "{composed}"}}}}\ntables: {{t: {column}}}\n')
    texts = plan.table("t").batch(0, 3000).column("x").to_pylist()
    assert len(set(texts)) == 3000
    assert all(re.fullmatch(rule, text) for text in texts)


def test_a_unique_composition_that_is_a_code_is_refused() -> None:
    """A number behind it would make it none; a pattern is dealt out."""
    column = "{count: 9, columns: {x: {generator: own, unique: true}}}"
    with pytest.raises(InputError, match="composes another code in each row"):
        read(f'generators: {{own: {{compose: "K-{{pin}}"}}}}\ntables: {{t: {column}}}\n')
