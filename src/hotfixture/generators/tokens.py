"""Things that look like credentials and open nothing: keys with a prefix that says so, unsigned tokens, scopes."""

from __future__ import annotations

from functools import cache
from typing import Any

from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.drawn import base64_of, hexadecimal, letters, matching, text_of
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool, members, pool

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = Option("length", "integer", 32, "How many characters follow the prefix.", low=8, high=128)


@generator(
    "internet.api_key",
    options=(Option("prefix", "text", "fake_key_", "What the key begins with."), _LENGTH),
    source="the customary shape; the prefix says that it is none",
    holds=lambda value, prefix, length: (
        value.startswith(prefix) and len(value) == len(prefix) + length and set(value[len(prefix) :]) <= set(_LETTERS)
    ),
    capacity=lambda prefix, length: 62**length,  # noqa: ARG005 - every option is passed
)
def api_key(draws: AnyDraws, *, prefix: str, length: int) -> Column:
    """A key of an interface, with a prefix by which scanners and people see that it is made up."""
    return values.join(prefix, text_of(letters(draws.lane(0), _LETTERS, length)))


@generator(
    "internet.token",
    options=(Option("length", "integer", 40, "How many hexadecimal digits.", low=8, high=256),),
    source="hexadecimal digits, as most frameworks spell session and reset tokens",
    holds=lambda value, length: len(value) == length and set(value) <= set("0123456789abcdef"),
    capacity=lambda length: 16**length,
)
def token(draws: AnyDraws, *, length: int) -> Column:
    """A token of hexadecimal digits that no server gave out."""
    return text_of(hexadecimal(draws.lane(0), length))


# {"alg":"none","typ":"JWT"}: RFC 7519, section 6. Every verifier that is worth its name refuses it.
_JWT_HEADER = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
_CLAIMS = '{"iss":"https://issuer.example","sub":"########","iat":17########,"exp":2208988800}'


def _is_jwt(value: Any) -> bool:
    from base64 import urlsafe_b64decode
    from json import loads

    head, claims, signature = value.split(".")
    read = loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    return head == _JWT_HEADER and not signature and read["iss"] == "https://issuer.example" and read["iat"] > 0


@generator(
    "internet.jwt",
    source='RFC 7519, section 6: the algorithm "none" and an empty signature',
    holds=_is_jwt,
    capacity=10**16,
)
def jwt(draws: AnyDraws) -> Column:
    """A JSON Web Token that is well-formed and unsigned, so that it is valid nowhere."""
    numbers = values.digit_glyphs(draws.lane(0).below(10**16), 16)
    return values.join(f"{_JWT_HEADER}.", base64_of(_written(_CLAIMS, numbers), url=True, padding=False), ".")


def _written(pattern: str, glyphs: Column) -> Column:
    """The pattern with its `#` filled, as bytes: one text's, or an (n, width) matrix."""
    if isinstance(glyphs, str):
        return values.filled(pattern, glyphs).encode()
    import numpy as np

    matrix = np.empty((len(glyphs), len(pattern)), np.uint8)
    matrix[:] = np.frombuffer(pattern.encode(), np.uint8)
    matrix[:, [place for place, character in enumerate(pattern) if character == "#"]] = glyphs
    return matrix


@cache
def _other_scopes() -> Pool:
    """Each scope with a blank before it."""
    return Pool([f" {scope}" for scope in pool("internet/scope").lines])


@generator(
    "internet.oauth_scope",
    options=(Option("scopes", "integer", 2, "How many scopes, all different.", low=1, high=8),),
    source="RFC 6749, section 3.3; OpenID Connect Core 1.0, section 5.4",
    holds=lambda value, scopes: (
        len(set(value.split(" "))) == scopes == value.count(" ") + 1
        and set(value.split(" ")) <= members("internet/scope")
    ),
)
def oauth_scope(draws: AnyDraws, *, scopes: int) -> Column:
    """The scopes of an access token, with blanks between them."""
    known, others = pool("internet/scope"), _other_scopes()
    first = draws.lane(0).below(len(known))
    # One step for all: prime to their number, so that the scopes are different ones.
    step = values.lookup(_steps(len(known)), draws.lane(1).below(len(_steps(len(known)))))
    parts = [values.pick(known, first)]
    parts += [values.pick(others, (first + step * place) % len(known)) for place in range(1, scopes)]
    return values.join(*parts)


@cache
def _steps(size: int) -> tuple[int, ...]:
    from math import gcd

    return tuple(step for step in range(1, size) if gcd(step, size) == 1)


@generator(
    "internet.bearer_header",
    source="RFC 6750, section 2.1",
    holds=matching(r"Bearer fake_token_[0-9a-f]{32}"),
    capacity=1 << 128,
)
def bearer_header(draws: AnyDraws) -> Column:
    """An Authorization header whose token says that it is none."""
    return values.join("Bearer fake_token_", text_of(hexadecimal(draws.lane(0), 32)))
