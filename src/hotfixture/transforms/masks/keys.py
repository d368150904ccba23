"""The masking key: who has it can tell which value became which, so it is never shown."""

from __future__ import annotations

from hashlib import blake2b

from hotfixture.errors import InputError

SMALLEST = 32
"""Bytes: a key that is guessed undoes every mask that draws from values."""


class MaskingKey:
    """At least 32 secret bytes. `identifier` names the key in manifests without giving it away."""

    __slots__ = ("identifier", "secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SMALLEST:
            raise InputError(
                f"the masking key has {len(secret)} bytes, at least {SMALLEST} are needed",
                hint="Give at least 64 hexadecimal digits, for example from `openssl rand -hex 32`.",
            )
        self.secret = secret
        self.identifier = blake2b(secret, digest_size=4, person=b"hotfixture.keyid").hexdigest()

    def __repr__(self) -> str:
        return f"<MaskingKey {self.identifier}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MaskingKey) and other.secret == self.secret

    def __hash__(self) -> int:
        return hash(self.identifier)

    def __reduce__(self) -> str:
        raise TypeError("a masking key is not pickled: give it to the other process by its own road")
