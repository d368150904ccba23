"""The key that signs a login: of the SSH agent, or of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hotfixture.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotfixture.identity.signatures import Signer


def sign_by(key: str, ask: Callable[[str], str] | None = None) -> Signer:
    """What signs by a key: the agent's of this fingerprint, or that of a file, in the agent or in the file itself.

    InputError where no key is named, or neither answers.
    """
    from hotfixture.identity import signers

    if not key:
        raise InputError("no key is configured", hint="hfit config URL ACCOUNT KEYFILE, or set HFIT_KEY.")
    if key.startswith("SHA256:"):
        return signers.of_fingerprint(key)
    return signers.of_file(Path(key).expanduser(), ask)
