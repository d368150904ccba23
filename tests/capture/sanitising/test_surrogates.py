"""Surrogates of secrets: of the same form, the same under one key, told by themselves."""

from __future__ import annotations

import re
from string import ascii_letters, digits, hexdigits

from hypothesis import example, given
from hypothesis import strategies as st
from tests.capture.sanitising.planted import KEY, OTHER_KEY

from hotfixture.capture.sanitising.surrogates import Surrogates, is_surrogate

OURS, OTHERS = Surrogates(KEY), Surrogates(OTHER_KEY)
SECRETS = st.text(min_size=1, max_size=80) | st.text(ascii_letters + digits + "-_./+=", min_size=1, max_size=200)


@given(SECRETS)
@example("a" * 3000)
@example("!!!!!!!!!!!!!!!!!!!!!!!!")
@example("пароль-очень-длинный-и-тайный")
def test_a_surrogate_is_known_as_one_and_stays_itself(secret: str) -> None:
    made = OURS.of(secret)
    assert is_surrogate(made)
    assert OURS.of(made) == made
    assert OTHERS.of(made) == made, "under any other key, too: a recording may be played elsewhere"


@given(st.text(min_size=8, max_size=80).filter(lambda text: not is_surrogate(text)))
def test_nothing_of_a_secret_is_left(secret: str) -> None:
    made = OURS.of(secret)
    assert secret not in made
    assert made == OURS.of(secret)


@given(st.text(ascii_letters + digits, min_size=16, max_size=64))
def test_another_key_and_another_secret_give_another_surrogate(secret: str) -> None:
    assert OURS.of(secret) != OTHERS.of(secret)
    assert OURS.of(secret) != OURS.of(secret + "x")


@given(st.text(digits + ascii_letters, min_size=16, max_size=64))
def test_a_secret_is_hardly_ever_taken_for_a_surrogate(secret: str) -> None:
    assert not is_surrogate(secret)


@given(st.text("0123456789abcdef", min_size=16, max_size=64))
def test_hexadecimal_stays_hexadecimal_of_the_same_length(secret: str) -> None:
    made = OURS.of(secret)
    assert len(made) == len(secret)
    assert set(made) <= set(hexdigits.lower())


@given(st.uuids())
def test_a_uuid_stays_one_with_its_version(value: object) -> None:
    secret, made = str(value), OURS.of(str(value))
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made)
    assert (made[14], made[19]) == (secret[14], secret[19])


@given(st.text(digits, min_size=1, max_size=7))
def test_a_short_code_stays_as_many_digits(secret: str) -> None:
    assert OURS.of(secret) == "9" * len(secret)


@given(st.text(digits, min_size=8, max_size=15))
def test_a_number_becomes_another_of_its_form(secret: str) -> None:
    for spelled in (secret, f"{secret[:3]}-{secret[3:5]}-{secret[5:]}"):
        made = OURS.of(spelled)
        assert is_surrogate(made)
        assert re.sub("[0-9]", "0", made) == re.sub("[0-9]", "0", spelled)


def test_different_accounts_stay_different() -> None:
    made = {OURS.of(f"{number:010d}") for number in range(500)}
    assert len(made) > 490


def test_what_is_public_of_a_token_stays() -> None:
    made = OURS.of("sk_test_4eC39HqLyjWDarjtT1zdp7dc", len("sk_test_"))
    assert made.startswith("sk_test_")
    assert len(made) == len("sk_test_4eC39HqLyjWDarjtT1zdp7dc")
    assert is_surrogate(made)
