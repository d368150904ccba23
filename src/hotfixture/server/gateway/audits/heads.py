"""Signed heads of the audit chain: what was true of it at some time, so that a cut or rewritten chain is noticed.

The newest head also stands in a file of the daemon's folder: whoever can change the store alone cannot shorten the
chain unnoticed.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hotfixture.errors import HotFixtureError
from hotfixture.server.gateway.seals import Seal
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import AUDIT, HEADS

FILE = "audit.head"


@dataclass(frozen=True, slots=True)
class Head:
    """The chain at one place."""

    seq: int
    hash: str
    at: float
    key: str
    signature: str

    def signed(self) -> bytes:
        """The text that the signature is of."""
        return f"hotfixture audit head 1\n{self.seq}\n{self.hash}\n{self.at!r}\n".encode()


class HeadKey:
    """Signs heads and checks their signatures; derived from the seal key."""

    def __init__(self, seal: Seal) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seal.derived("audit heads"))
        raw = self._private.public_key().public_bytes_raw()
        self.public = base64.b64encode(raw).decode()
        self.id = sha256(raw).hexdigest()[:16]

    def sign(self, seq: int, digest: str, at: float) -> Head:
        """A signed head."""
        head = Head(seq, digest, at, self.id, "")
        made = base64.b64encode(self._private.sign(head.signed())).decode()
        return Head(seq, digest, at, self.id, made)

    def holds(self, head: Head) -> bool:
        """Whether the head was signed with this key."""
        try:
            self._private.public_key().verify(base64.b64decode(head.signature), head.signed())
        except (InvalidSignature, ValueError):
            return False
        return head.key == self.id


def newest(connection: sa.Connection) -> Head | None:
    """The last head in the store."""
    row = connection.execute(sa.select(HEADS).order_by(HEADS.c.seq.desc()).limit(1)).mappings().first()
    return Head(row["seq"], row["hash"], row["at"], row["key"], row["signature"]) if row else None


def sign_newest(state: State, key: HeadKey) -> Head | None:
    """Sign the chain as it stands, unless nothing came since; the newest head, None of an empty chain."""
    with state.change() as connection:
        state.chain(connection)
        last = connection.execute(sa.select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)).first()
        found = newest(connection)
        if last is None or (found is not None and found.seq == last.seq):
            return found
        head = key.sign(last.seq, last.hash, state.now())
        connection.execute(HEADS.insert().values(**asdict(head)))
    _keep(state.folder / FILE, head)
    return head


def kept(folder: Path) -> Head | None:
    """The head of the folder's file; None where there is none, HotFixtureError where it is damaged."""
    path = folder / FILE
    return read(path) if path.exists() else None


def read(path: Path) -> Head:
    """The head in a file, as `hfitd audit head` prints it; HotFixtureError where it is damaged or cannot be read."""
    try:
        return Head(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise HotFixtureError(f"{path} is damaged or cannot be read ({type(error).__name__})") from None


def _keep(path: Path, head: Head) -> None:
    known = _known(path)
    if known is not None and known.seq >= head.seq:
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(json.dumps(asdict(head)) + "\n", encoding="utf-8")
    beside.replace(path)


def _known(path: Path) -> Head | None:
    try:
        return kept(path.parent)
    except HotFixtureError:
        return None  # the next verification says so; meanwhile a good one stands there again
