"""The SSH agent: which keys it holds, and their signatures (draft-ietf-sshm-ssh-agent, sections 3.5 and 3.6).

It answers on the socket of `SSH_AUTH_SOCK`; on Windows, OpenSSH's agent on its named pipe.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from hotfixture.errors import HotFixtureError, InputError
from hotfixture.identity import keys
from hotfixture.identity.fields import Fields, string
from hotfixture.identity.keys import PublicKey

VARIABLE = "SSH_AUTH_SOCK"
PIPE = r"\\.\pipe\openssh-ssh-agent"
LONGEST = 262_144
"""Bytes of a message: as OpenSSH's agent."""
MOST_KEYS = 2048
QUICK, PATIENT = 5.0, 90.0
"""Seconds for a list, and for a signature, which somebody may have to confirm or touch a key for."""
_FAILURE, _LIST, _LISTED, _SIGN, _SIGNED = 5, 11, 12, 13, 14
_RSA_512 = 4


class AgentKey(NamedTuple):
    """A key that an agent holds; signs as `signatures.Signer`."""

    public: PublicKey
    address: str

    def sign(self, data: bytes) -> bytes:
        """The SSH signature of the bytes; RSA is asked for with SHA-512. HotFixtureError where the agent refuses."""
        flags = _RSA_512 if self.public.kind == keys.RSA else 0
        body = string(self.public.blob) + string(data) + flags.to_bytes(4, "big")
        fields = _ask(self.address, _SIGN, body, _SIGNED, PATIENT)
        signature = fields.string()
        fields.end()
        return signature


def address(environment: Mapping[str, str] | None = None) -> str:
    """Where the agent answers; empty where there is none."""
    found = (os.environ if environment is None else environment).get(VARIABLE, "")
    return found or (PIPE if sys.platform == "win32" and Path(PIPE).exists() else "")


def listed(where: str) -> list[AgentKey]:
    """The agent's keys that are taken here, in its order; others (certificates, DSA) are passed over.

    Raises HotFixtureError where no agent answers.
    """
    fields = _ask(where, _LIST, b"", _LISTED, QUICK)
    count = fields.uint32()
    if count > MOST_KEYS:
        raise HotFixtureError(f"the SSH agent says it holds {count} keys")
    found = []
    for _ in range(count):
        blob, comment = fields.string(), fields.string()
        try:
            found.append(AgentKey(keys.of_blob(blob, comment.decode("utf-8", "replace")), where))
        except InputError:
            continue
    fields.end()
    return found


def _ask(where: str, number: int, body: bytes, expected: int, seconds: float) -> Fields:
    """What stands in the agent's answer."""
    message = bytes([number]) + body
    try:
        with closing(_open(where, seconds)) as stream:
            stream.write(string(message))
            stream.flush()
            answer = _read(stream)
    except OSError as error:
        hint = "Start one: eval $(ssh-agent); ssh-add"
        raise HotFixtureError(f"the SSH agent does not answer: {error.strerror or error}", hint=hint) from None
    if answer[0] == _FAILURE:
        raise HotFixtureError(
            "the SSH agent refused", hint="It may be locked, or the use of the key was not confirmed."
        )
    if answer[0] != expected:
        raise HotFixtureError(f"the SSH agent answered with message {answer[0]}: expected {expected}")
    return Fields(answer[1:], "the SSH agent's answer")


def _read(stream: BinaryIO) -> bytes:
    size = int.from_bytes(_whole(stream, 4), "big")
    if not 1 <= size <= LONGEST:
        raise HotFixtureError(f"the SSH agent's answer has {size} bytes: expected 1 to {LONGEST}")
    return _whole(stream, size)


def _whole(stream: BinaryIO, size: int) -> bytes:
    """That many bytes: a pipe may give them in pieces."""
    found = b""
    while len(found) < size:
        piece = stream.read(size - len(found))
        if not piece:
            raise HotFixtureError("the SSH agent broke off")
        found += piece
    return found


def _open(where: str, seconds: float) -> BinaryIO:
    if sys.platform == "win32" and where.startswith("\\\\.\\pipe\\"):
        return Path(where).open("r+b", buffering=0)
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
        agent.settimeout(seconds)
        agent.connect(where)
        return cast(BinaryIO, agent.makefile("rwb"))  # keeps the socket open until it is closed itself
