"""Messages of gRPC meet their recordings by their bytes, and where these differ by what they say."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import struct_pb2

from hotfixture.capture.playing.playback import Playback
from hotfixture.capture.session import Session
from hotfixture.errors import ReplayMissError

KIND = "google.protobuf.Struct"
TOKEN = "aB3dE5fG" + "7hJ9kL1mN0pQ"


def message(value: dict[str, Any]) -> bytes:
    made = struct_pb2.Struct()
    made.update(value)
    return made.SerializeToString(deterministic=True)


def asked(token: str = TOKEN) -> dict[str, Any]:
    return {
        "method": "/a.B/C",
        "metadata": [("authorization", f"Bearer {token}")],
        "arity": "unary_unary",
        "type": KIND,
    }


def recorded(directory: Path, *values: dict[str, Any]) -> Path:
    session = Session("messages", directory=directory, within=True)
    for number, value in enumerate(values):
        call = session.begin("grpc", "a.B", "a.B/C", asked())
        call.send(message(value))
        call.answered(type=KIND, initial_metadata=[], trailing_metadata=[], code="OK", details="")
        call.chunk(message({"number": number}))
        call.done()
    session.close()
    return session.folder


def number(playback: Playback, data: bytes) -> float:
    """Which recording answers."""
    played = playback.play("grpc", "a.B", "a.B/C", asked(), [data])
    (form,) = played.response["messages"]
    return float(struct_pb2.Struct.FromString(base64.b64decode(form["raw"]))["number"])


def in_another_order(value: dict[str, Any]) -> bytes:
    """Entries of a map come in any order."""
    entries = [message({name: inner}) for name, inner in value.items()]
    assert struct_pb2.Struct.FromString(b"".join(reversed(entries))) == struct_pb2.Struct.FromString(message(value))
    return b"".join(reversed(entries))


def test_the_same_bytes_and_the_same_content_are_the_same_question(tmp_path: Path) -> None:
    first, second = {"a": "x", "b": "y", "email": "anna@corp.com"}, {"a": "z", "b": ["y", 1]}
    playback = Playback(recorded(tmp_path, first, second, first, second))
    assert number(playback, message(second)) == 1
    assert number(playback, in_another_order(first)) == 0
    assert number(playback, message(first)) == 2
    assert number(playback, in_another_order(second)) == 3
    with pytest.raises(ReplayMissError, match="more often"):
        number(playback, message(second))
    playback.close()


def test_what_is_sent_as_it_was_kept_is_what_was_kept(tmp_path: Path) -> None:
    """A program that got its values from the recording sends surrogates: they stay what they are."""
    folder = recorded(tmp_path, {"user": {"name": "Anna Schmidt", "email": "anna@corp.com"}, "password": f"x{TOKEN}"})
    playback = Playback(folder)
    kept = base64.b64decode(playback.interactions[0].request["messages"][0]["raw"])
    assert b"Anna" not in kept
    assert TOKEN.encode() not in kept
    assert number(playback, kept) == 0
    playback.close()


def test_a_secret_of_the_metadata_is_in_no_miss(tmp_path: Path) -> None:
    playback = Playback(recorded(tmp_path, {"a": "x"}))
    with pytest.raises(ReplayMissError) as missed:
        number(playback, message({"a": f"see {TOKEN}"}))
    assert TOKEN not in str(missed.value)
    playback.close()
