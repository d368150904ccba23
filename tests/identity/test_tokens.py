"""Service tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.errors import InputError
from hotfixture.identity import tokens


def test_a_token_is_random_and_keeps_its_form() -> None:
    made = {tokens.make() for _ in range(100)}
    assert len(made) == 100
    assert all(tokens.is_whole(token) and tokens.read(f" {token}\n") == token for token in made)
    assert len({tokens.digest(token) for token in made}) == 100


@given(st.integers(0, 75), st.sampled_from("0123456789abcdefg"))
def test_a_mistyped_or_cut_token_is_known_and_not_repeated(at: int, sign: str) -> None:
    token = tokens.make()
    changed = token[:at] + sign + token[at + 1 :]
    for bad in ({changed} - {token}) | {token[:at], token + sign, token.upper()}:
        assert not tokens.is_whole(bad)
        with pytest.raises(InputError, match="no service token") as caught:
            tokens.read(bad)
        assert token[10:60] not in str(caught.value)
