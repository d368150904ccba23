"""The scan finds every distinctive original that stands in a file, and nothing else."""

from __future__ import annotations

import re
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


def test_a_backslash_at_the_end_of_a_value_hides_nothing_of_the_next(tmp_path: Path) -> None:
    originals = learnt("C:\\Users\\", "defghijklmnop1")
    assert found(tmp_path, "x defghijklmnop1 y", originals) == ["defghijklmno"]


ATOMS = st.sampled_from(
    [
        "anna",
        "Lee",
        "JÜRGEN",
        "12",
        "12345678",
        "x",
        "49",
        "corp",
        "Schmidt12",
        "a1b2c3d4",
        "quitelongword" * 3,
        "日本語",
    ]
)
VALUES = st.lists(st.tuples(ATOMS, st.sampled_from([" ", ".", "@", "\\n", "', '", "\\"])), max_size=5).map(
    lambda parts: "".join(text for part in parts for text in part)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(VALUES, max_size=12), st.lists(VALUES, max_size=40), st.integers(12, 20))
def test_what_is_found_is_what_a_plain_reader_finds(
    tmp_path_factory: pytest.TempPathFactory, values: list[str], text: list[str], size: int
) -> None:
    """Values of any shape, near each other and far apart, in pieces of any size."""
    far = "lorem, " * 300
    whole = "".join(f"{part}|{far if number % 7 == 0 else ''}" for number, part in enumerate([*text, *values]))
    originals = learnt(*values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "PIECE", 1 << size)
        places = found(tmp_path_factory.mktemp("scan"), whole, originals)
    wanted = {words for value in values if is_distinctive(words := plain_words(value))}
    here = plain_words(whole)
    expected = [n for n in range(len(here)) for words in wanted if here[n : n + len(words)] == words]
    assert len(places) == len(expected)


def plain_words(text: str) -> tuple[str, ...]:
    return tuple(
        word.lower() if word.isascii() else word for word in re.findall(r"[^\W_]+", re.sub(r"\\.?", " ", text))
    )


def is_distinctive(words: tuple[str, ...]) -> bool:
    size = sum(len(word.encode()) for word in words)
    if all(word[0].isdigit() and word[-1].isdigit() for word in words):
        return bool(words) and size >= 9
    plain = len(words) == 1 and not (words[0][0].isdigit() or words[0][-1].isdigit())
    return size >= (12 if plain else 8)
