"""The key that seals secrets of the store, and the keys that are derived from it; several daemons share its file."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hotfixture import settings as settings_module
from hotfixture.errors import HotFixtureError, InputError
from hotfixture.server.gateway.settings import DaemonSettings

FILE = "seal.key"
_NONCE = 12


def path_of(settings: DaemonSettings) -> Path:
    """Where the key stands: as the settings say, else in the daemon's folder."""
    return settings.seal_key or settings.folder / FILE


class Seal:
    """Seals and opens; derives one key for each purpose, so that none serves two."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def of(cls, settings: DaemonSettings) -> Seal:
        """From the file; InputError where it is missing, too short, or open to others."""
        try:
            return cls(settings_module.read_key(path_of(settings), what="seal key", closed_to=0o077))
        except InputError as error:
            said = error.problems[0]
            if not said.hint:
                error.problems = (said._replace(hint="hfitd init makes one, with settings and store."),)
            raise

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose (HKDF, RFC 5869)."""
        return HKDF(SHA256(), 32, None, f"hotfixture {purpose}".encode()).derive(self._key)

    def seal(self, data: bytes, *, purpose: str) -> str:
        """The data enciphered and authenticated (AES-256-GCM), as text."""
        import secrets

        nonce = secrets.token_bytes(_NONCE)
        made = AESGCM(self.derived(f"seal {purpose}")).encrypt(nonce, data, purpose.encode())
        return base64.b64encode(nonce + made).decode()

    def open(self, text: str, *, purpose: str) -> bytes:
        """What was sealed for that purpose; HotFixtureError where the key is another one or the text was changed."""
        data = base64.b64decode(text)
        try:
            cipher = AESGCM(self.derived(f"seal {purpose}"))
            return cipher.decrypt(data[:_NONCE], data[_NONCE:], purpose.encode())
        except InvalidTag:
            raise HotFixtureError(
                f"what is sealed in the store ({purpose}) does not open",
                hint="Give this daemon the seal key that the store was made with.",
            ) from None
