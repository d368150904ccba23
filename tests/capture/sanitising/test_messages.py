"""gRPC's frames made clean: with a definition, without one, and where there is no message at all."""

from __future__ import annotations

import base64
from typing import Any

from google.protobuf import struct_pb2

from hotfixture.capture import failures
from hotfixture.capture.records import Frame
from hotfixture.capture.sanitising import messages
from hotfixture.capture.sanitising.interactions import interaction_of
from hotfixture.capture.sanitising.message_forms import again
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.capture.values import plain, restored
from hotfixture.transforms.masks.keys import MaskingKey

SECRET, EMAIL = "hunter2-hunter2-hunter2", "ada.lovelace@analytical.example.org"
STRUCT = "google.protobuf.Struct"


def sanitiser() -> Sanitiser:
    return Sanitiser(MaskingKey(b"k" * 32))


def struct(**values: Any) -> bytes:
    made = struct_pb2.Struct()
    made.update(values)
    return made.SerializeToString()


def frame(request: dict[str, Any], sent: list[bytes], response: dict[str, Any] | None = None) -> Frame:
    asked = {"method": "/a.B/C", "metadata": [], "arity": "unary_unary"} | request
    return Frame(1, None, "grpc", "a.B", "a.B/C", asked, response, sent, [], [], 0.0, 1, "success", None,
                 "MainThread", None, None, [])  # fmt: skip


def test_a_message_that_is_clean_keeps_its_bytes() -> None:
    data = struct(colour="red", number=5)
    notes: set[str] = set()
    form = messages.message(data, STRUCT, sanitiser(), notes)
    assert messages.raw_of(form) == data
    assert form["data"] == {"colour": "red", "number": 5}
    assert notes == set()


def test_secrets_go_by_the_names_of_keys_and_by_what_they_look_like() -> None:
    form = messages.message(struct(password=SECRET, note=f"ask {EMAIL}", kept="red"), STRUCT, sanitiser(), set())
    kept = struct_pb2.Struct.FromString(messages.raw_of(form))
    assert kept["kept"] == "red"
    assert kept["password"] != SECRET
    assert EMAIL not in kept["note"]
    assert form["data"] == dict(kept)


def test_a_person_has_the_same_surrogate_as_in_a_value() -> None:
    cleaner = sanitiser()
    form = messages.message(struct(email=EMAIL), STRUCT, cleaner, set())
    assert form["data"] == cleaner.value({"email": EMAIL})


def test_without_a_definition_it_is_cleaned_by_its_look_and_a_note_says_so() -> None:
    notes: set[str] = set()
    form = messages.message(struct(note=EMAIL, kept="red"), "no.such.Message", sanitiser(), notes)
    kept = struct_pb2.Struct.FromString(messages.raw_of(form))
    assert kept["kept"] == "red"
    assert EMAIL.encode() not in messages.raw_of(form)
    assert notes == {messages.NO_TYPE}


def test_what_is_no_message_is_cleaned_as_a_text_or_a_binary() -> None:
    for data in (f'{{"password": "{SECRET}", "kept": "red"}}'.encode(), b"\xff\0\0red " + EMAIL.encode() + b"\0"):
        notes: set[str] = set()
        raw = messages.raw_of(messages.message(data, None, sanitiser(), notes))
        assert b"red" in raw
        assert SECRET.encode() not in raw
        assert EMAIL.encode() not in raw
        assert messages.NO_MESSAGE in notes


def test_metadata_of_bytes_is_kept_and_clean() -> None:
    cleaner = sanitiser()
    given = [
        ("x-note", "red"),
        ("authorization", f"Bearer {SECRET}"),
        ("state-bin", b"\0\1"),
        ("s-bin", EMAIL.encode()),
    ]
    made = dict(messages.metadata(given, cleaner))
    assert made["x-note"] == "red"
    assert SECRET not in made["authorization"]
    back = dict(messages.metadata_of(list(made.items())))
    assert back["state-bin"] == b"\0\1"
    assert EMAIL.encode() not in back["s-bin"]  # type: ignore[operator]  # `-bin` is bytes


def test_entries_of_maps_are_known_without_a_definition() -> None:
    made = messages.raw_of(
        messages.message(struct(password=SECRET, inner={"api_key": SECRET + "2"}, kept="red"), None, sanitiser(), set())
    )
    assert SECRET.encode() not in made
    assert struct_pb2.Struct.FromString(made)["kept"] == "red"


def test_what_a_failed_call_says_of_itself_is_clean_and_still_a_status() -> None:
    """Case 16: the details of a status stand in its metadata, and the exception has them too."""
    from google.protobuf import any_pb2
    from google.rpc import error_details_pb2, status_pb2

    status, packed = status_pb2.Status(code=16, message=f"token={SECRET} is bad"), any_pb2.Any()
    packed.Pack(error_details_pb2.ErrorInfo(reason="red", metadata={"api_key": SECRET}))
    status.details.append(packed)
    trailing = [["grpc-status-details-bin", status.SerializeToString()], ["x-auth-token", SECRET]]
    rpc = {"code": "UNAUTHENTICATED", "details": "no", "initial_metadata": [], "trailing_metadata": trailing}
    failure = failures.Failure(module="grpc", name="RpcError", text="no", attributes={"rpc": plain(rpc)})
    one = frame({}, [struct(n=1)], {"trailing_metadata": trailing})
    one.failure, one.status = failure, "error"
    made = interaction_of(one, sanitiser(), process=1, prefix="a")
    assert made.failure is not None
    kept = restored(made.failure.attributes["rpc"])["trailing_metadata"]
    found = status_pb2.Status.FromString(kept[0][1])
    assert SECRET not in f"{found}{kept[1]}{made.response}"
    assert found.message.endswith(" is bad")
    info = error_details_pb2.ErrorInfo()
    assert found.details[0].Unpack(info)
    assert (info.reason, SECRET in str(info)) == ("red", False)


def test_of_streams_both_ways_the_first_message_asks() -> None:
    sent = [struct(n=1), struct(n=2), struct(n=3)]
    request, response = messages.grpc(frame({"arity": "stream_stream", "type": STRUCT}, sent), sanitiser())
    assert [one["data"] for one in request["messages"]] == [{"n": 1}]
    assert [one["data"] for one in request["later"]] == [{"n": 2}, {"n": 3}]
    assert response is None


def test_texts_of_an_error_are_clean() -> None:
    told = {"code": "NOT_FOUND", "details": f"no {EMAIL}", "debug_error_string": f"NOT_FOUND: no {EMAIL}"}
    _, response = messages.grpc(frame({}, [struct(n=1)], told), sanitiser())
    assert response["code"] == "NOT_FOUND"
    assert EMAIL not in str(response)


def test_a_definition_is_learned_from_the_frame_that_brings_it() -> None:
    from google.protobuf import descriptor_pb2

    file = descriptor_pb2.FileDescriptorProto(name="learned.proto", package="learned", syntax="proto3")
    kind = file.message_type.add(name="Login")
    kind.field.add(name="user", number=1, type=9, label=1)
    kind.field.add(name="password", number=2, type=9, label=1)
    data = b"\x0a\x03Ada\x12\x07abcdefg"
    assert messages.find("learned.Login") is None
    given = {"descriptors": [file.SerializeToString()], "type": "learned.Login"}
    request, _ = messages.grpc(frame(given, [data]), sanitiser())
    form = request["messages"][0]
    assert form["data"].keys() == {"user", "password"}
    assert form["data"]["password"] != "abcdefg"
    assert "descriptors" not in request


def test_a_secret_that_is_learned_later_goes_out_of_what_was_kept() -> None:
    cleaner = sanitiser()
    form = messages.message(struct(note=f"the word is {SECRET}", kept="red"), STRUCT, cleaner, set())
    assert SECRET.encode() in messages.raw_of(form)
    assert again(form, cleaner.secrets) is None
    cleaner.value({"password": SECRET})
    made = again(form, cleaner.secrets)
    assert made is not None
    kept = struct_pb2.Struct.FromString(base64.b64decode(made["raw"]))
    assert kept["kept"] == "red"
    assert SECRET not in kept["note"]
    assert made["data"] == dict(kept)
