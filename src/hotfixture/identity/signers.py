"""Who signs for a user: the agent where it holds the key, else the key file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hotfixture.errors import HotFixtureError, InputError, Where
from hotfixture.identity import agent, keys, private
from hotfixture.identity.keys import PublicKey
from hotfixture.identity.signatures import Signer

if TYPE_CHECKING:
    from hotfixture.identity.private import Ask


def of_file(path: Path, ask: Ask | None = None, environment: Mapping[str, str] | None = None) -> Signer:
    """The signer for a key named by its file: `id_ed25519`, or `id_ed25519.pub` where only an agent has the rest.

    The agent is asked first, so that a key with a passphrase asks nobody. Raises InputError where neither has it.
    """
    held = _held(public_of(path), environment)
    if held:
        return held
    if path.suffix != ".pub":
        return private.read_file(path, ask)
    hint = f"Load it: ssh-add {path.with_suffix('')}"
    raise InputError("no SSH agent holds this key", where=Where(str(path)), hint=hint)


def of_fingerprint(fingerprint: str, environment: Mapping[str, str] | None = None) -> Signer:
    """The agent's key with this fingerprint (`SHA256:…`); InputError where it holds none."""
    where = agent.address(environment)
    found = [key for key in agent.listed(where) if key.public.fingerprint == fingerprint] if where else []
    if not found:
        raise InputError(f"no SSH agent holds the key {fingerprint}", hint="Load it: ssh-add FILE; see: ssh-add -l")
    return found[0]


def public_of(path: Path) -> PublicKey | None:
    """The public half of a key file, read without a passphrase: in the file itself, or in its neighbour `.pub`."""
    beside = path if path.suffix == ".pub" else path.with_name(f"{path.name}.pub")
    if path != beside:
        found = private.public_half(private.content(path))
        if found:
            return found
    try:
        return keys.read(beside.read_bytes()[: keys.LONGEST + 1], str(beside))
    except OSError as error:
        if path == beside:
            raise InputError(f"cannot be read: {error.strerror}", where=Where(str(path))) from None
        return None
    except InputError:
        if path == beside:
            raise
        return None


def _held(public: PublicKey | None, environment: Mapping[str, str] | None) -> Signer | None:
    where = agent.address(environment)
    if public is None or not where:
        return None
    try:
        return next((key for key in agent.listed(where) if key.public.blob == public.blob), None)
    except HotFixtureError:  # an agent that has gone is none; the file remains
        return None
