"""The scan finds every distinctive original that stands in a file, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.transforms import scan
from hotfixture.transforms.scan import Originals


def found(folder: Path, text: str | bytes, originals: Originals) -> list[str]:
    """What the scan finds in one file, as the twelve bytes at each place."""
    path = folder / "data.sql"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    data = path.read_bytes()
    with originals:
        findings = originals.scan(folder, [path])
    return [data[finding.offset : finding.offset + 12].decode(errors="replace") for finding in findings]


def learnt(*values: str | None) -> Originals:
    originals = Originals()
    originals.learn(pa.array(values, pa.string()))
    return originals


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("anna.lee@corp.com", "x,anna.lee@corp.com,y"),
        ("anna.lee@corp.com", "Anna.Lee@CORP.com"),
        ("Conan O'Brien", "VALUES ('Conan O''Brien')"),
        ("Conan O'Brien", "Conan O\\'Brien"),
        ("Jürgen Größe", '{"name": "Jürgen Größe"}'),
        ("+49 30 1234567", "call (+49-30-1234567)!"),
        ("4111 1111 1111 1111", "4111-1111-1111-1111"),
        ("4111111111111111", "card=4111111111111111;"),
        ("first line\nsecond line", "first line\\nsecond line"),
        ("Анна Каренина", "'Анна Каренина'"),
    ],
)
def test_an_original_is_found_however_its_format_spells_it(tmp_path: Path, value: str, text: str) -> None:
    assert len(found(tmp_path, text, learnt("some other value", None, "", value))) == 1


@pytest.mark.parametrize("value", ["Anna", "Berlin", "active", "12345678", "2024-10-15", "", "Schmidt"])
def test_values_that_stand_in_every_text_are_not_looked_for(tmp_path: Path, value: str) -> None:
    originals = learnt(value)
    assert originals.values == 0
    assert not found(tmp_path, f"x {value} y", originals)


def test_part_of_a_word_is_no_finding(tmp_path: Path) -> None:
    assert not found(tmp_path, "xanna.lee@corp.comx", learnt("anna.lee@corp.com"))


@pytest.mark.parametrize(
    ("text", "leaks"),
    [("(Bert Miller),(Carla Xander)", 0), ("(Bert Miller),(Carla Xander),'told Bert Miller'", 2)],
)
def test_a_value_that_stands_no_more_often_than_masks_invented_it_is_no_leak(
    tmp_path: Path, text: str, leaks: int
) -> None:
    originals = Originals()
    originals.learn(pa.array(["Anna Schmidt", "Bert Miller"]), pa.array(["Bert Miller", "Carla Xander"]))
    assert len(found(tmp_path, text, originals)) == leaks


def test_values_across_the_edges_of_pieces_are_found_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "PIECE", 4096)
    filler = "lorem ipsum dolor "
    text = "".join(f"{filler * (count % 7)}person{count}@corp.com " for count in range(2000))
    originals = learnt(*(f"person{count}@corp.com" for count in range(0, 2000, 3)))
    places = found(tmp_path, text, originals)
    assert len(places) == len(range(0, 2000, 3))
    assert all(place.startswith("person") for place in places)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.from_regex(r"[a-z]{3,9}\.[a-z]{3,9}@[a-z]{4,8}\.(com|org)", fullmatch=True),
        min_size=2,
        max_size=40,
        unique=True,
    )
)
def test_exactly_the_planted_originals_are_found(tmp_path_factory: pytest.TempPathFactory, mails: list[str]) -> None:
    half = len(mails) // 2
    text = "\n".join(f"INSERT INTO t VALUES ({row}, '{mail}');" for row, mail in enumerate(mails[half:]))
    folder = tmp_path_factory.mktemp("scan")
    assert not found(folder, text, learnt(*mails[:half]))
    assert len(found(folder, text, learnt(*mails))) == len(mails) - half
