"""Unique hashes, tokens and MAC addresses are what they say they are: other bits, and no number behind them."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest

from hotfixture.errors import InputError
from hotfixture.generators import find, names
from hotfixture.plans.seed import read
from hotfixture.plans.seed.distinct import SEPARATORS
from hotfixture.plans.seed.spelled import Spelled, spelled

PLAN = "tables: {t: {count: %d, columns: {x: {generator: %s, unique: true}}}}\n"
COUNT = 3000
SPELLED = [
    "internet.mac", "numbers.hexadecimal", "numbers.octal", "it.crc32", "it.md5", "it.sha1", "it.sha256", "it.base64",
    "it.commit_hash", "it.hex_bytes", "it.password_hash", "it.ssh_fingerprint", "internet.token", "identifiers.nanoid",
    "internet.ipv6_network",
]  # fmt: skip


@pytest.mark.parametrize("name", SPELLED)
def test_every_text_is_another_one_and_holds_its_own_rule(name: str) -> None:
    table = read(PLAN % (COUNT, name)).table("t")
    made = table.batch(0, COUNT)
    texts = made.column("x").to_pylist()
    assert len(set(texts)) == COUNT
    assert all(find(name).holds(text) for text in texts[:200])
    assert isinstance(table.makers["x"].maker, Spelled)
    assert table.batch(1000, 70).equals(made.slice(1000, 70))


@pytest.mark.parametrize(
    ("name", "size"), [("numbers.hexadecimal, params: {digits: 3}", 16**3), ("numbers.binary", 256)]
)
def test_a_domain_is_used_up_to_its_last_text(name: str, size: int) -> None:
    column = read(PLAN % (size, name)).table("t").batch(0, size).column("x")
    assert len(column.unique()) == size
    with pytest.raises(InputError, match="distinct values"):
        read(PLAN % (size + 1, name))


@pytest.mark.parametrize("name", ["internet.password", "health.nhs_number", "times.iso_week", "identifiers.uuid1"])
def test_a_code_that_cannot_be_dealt_out_is_refused_with_what_would_do(name: str) -> None:
    with pytest.raises(InputError, match=f"unique, but {name} is no code that can be dealt out") as raised:
        read(PLAN % (100, name))
    assert "uuid" in raised.value.problems[0].hint


@pytest.mark.parametrize("name", ["people.ssn", "people.driver_licence", "contact.phone_extension"])
def test_a_person_s_code_is_dealt_out_where_it_is_unique(name: str) -> None:
    texts = read(PLAN % (COUNT, name)).table("t").batch(0, COUNT).column("x").to_pylist()
    assert len(set(texts)) == COUNT
    assert all(find(name).holds(text) for text in texts[:200])


EMAIL, WORD, PATH = r"[\w.%+-]+@[\w-]+(\.[\w-]+)+", r"[\w.-]+", r"(/[\w.-]+)+"
RULES = {
    "internet.email": EMAIL, "internet.free_email": EMAIL, "internet.company_email": EMAIL, "internet.user_name": WORD,
    "internet.social_handle": f"@{WORD}", "internet.url": f"https?://[\\w.-]+{PATH}", "internet.url_path": PATH,
    "internet.domain_word": r"[a-z0-9-]+", "internet.hostname": r"[a-z0-9-]+(\.[a-z0-9-]+)+",
    "files.file_name": r"[\w-]+\.\w+", "games.gamertag": r"\w+", "it.branch": r"[\w-]+/[\w-]+",
}  # fmt: skip


@pytest.mark.parametrize("name", SEPARATORS)
def test_a_number_stands_where_the_text_stays_one_of_its_kind(name: str) -> None:
    texts = read(PLAN % (COUNT, name)).table("t").batch(0, COUNT).column("x").to_pylist()
    assert len({text.casefold() for text in texts}) == COUNT
    assert not [text for text in texts if not re.fullmatch(RULES[name], text)][:3]


def test_no_unique_code_has_a_number_behind_a_blank() -> None:
    """Over the whole catalogue: a text of no blanks with digits never gets one."""
    tried = 0
    for name in names():
        if find(name).by_row or not pa.types.is_string(find(name).arrow_type()):
            continue
        try:
            made = read(PLAN % (200, name)).table("t").batch(0, 200).column("x").to_pylist()
        except InputError:
            continue
        plain = (
            read((PLAN % (200, name)).replace(", unique: true", "")).table("t").batch(0, 200).column("x").to_pylist()
        )
        like_codes = not any(" " in text or "\n" in text for text in plain) and all(
            any(glyph.isdigit() for glyph in text) for text in plain
        )
        if like_codes:
            tried += 1
            assert not any(" " in text for text in made), name
    assert tried > 100


@pytest.mark.parametrize("name", ["text.sentence", "people.first_name", "internet.password", "internet.url"])
def test_what_spells_no_bits_is_not_taken_for_it(name: str) -> None:
    assert spelled(find(name), {}, 1, "a", pa.string()) is None
