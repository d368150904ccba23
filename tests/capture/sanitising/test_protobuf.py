"""Messages on the wire: what is not changed stays byte for byte, whatever it is."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from google.protobuf import any_pb2, descriptor_pb2, struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.capture.sanitising.protobuf import Names, NotAMessageError, Rewriter, parts, readable, varint

KINDS = {one.DESCRIPTOR.full_name: one.DESCRIPTOR for one in (struct_pb2.Struct, descriptor_pb2.FileOptions)}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
VALUES = st.dictionaries(st.text(max_size=6), JSON, max_size=4)


def same(_names: Names, value: Any) -> Any:
    return value


def struct(value: dict[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(value)
    return made


@given(VALUES, st.booleans())
def test_what_is_not_changed_is_the_same_to_the_byte(value: dict[str, Any], known: bool) -> None:
    data = struct(value).SerializeToString()
    assert Rewriter(same).message(data, struct_pb2.Struct.DESCRIPTOR if known else None) == data


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_that_stays_or_none(data: bytes) -> None:
    try:
        assert Rewriter(same).message(data) == data
        assert isinstance(readable(data), dict)
    except NotAMessageError:
        pass
    assert Rewriter(same).guessed(data) == data


@given(VALUES)
def test_every_text_is_changed_and_lengths_fit(value: dict[str, Any]) -> None:
    def longer(_names: Names, text: Any) -> Any:
        return text + "…" * 50 if isinstance(text, str) else text

    data = Rewriter(longer).message(struct(value).SerializeToString(), struct_pb2.Struct.DESCRIPTOR)
    assert struct_pb2.Struct.FromString(data) == struct(changed(value))


def changed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name + "…" * 50: changed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [changed(inner) for inner in value]
    return value + "…" * 50 if isinstance(value, str) else value


def test_a_value_is_called_by_the_key_or_the_field_it_stands_under() -> None:
    seen: dict[Any, Names] = {}

    def see(names: Names, value: Any) -> Any:
        seen[value] = names
        return value

    value = {"user": {"email": "a", "tags": ["b"]}, "pin": "c"}
    Rewriter(see).message(struct(value).SerializeToString(), struct_pb2.Struct.DESCRIPTOR)
    assert {text: seen[text][1] for text in "abc"} == {"a": "email", "b": "tags", "c": "pin"}
    file = descriptor_pb2.FileDescriptorProto(name="x", package="y")
    file.options.java_package = "z"
    Rewriter(see).message(file.SerializeToString(), file.DESCRIPTOR)
    assert (seen["y"], seen["z"]) == (("", "package"), ("options", "java_package"))


def test_what_is_packed_in_an_any_is_known_by_its_name() -> None:
    made = any_pb2.Any()
    made.Pack(struct({"secret": "x"}))
    names: list[Names] = []

    def see(found: Names, value: Any) -> Any:
        names.append(found)
        return value

    assert Rewriter(see, KINDS.get).message(made.SerializeToString(), made.DESCRIPTOR) == made.SerializeToString()
    assert "secret" in {name for _, name in names}


def test_a_number_is_changed_where_its_name_asks_for_it() -> None:
    made = descriptor_pb2.FieldDescriptorProto(name="x", number=1234, oneof_index=5)

    def change(names: Names, value: Any) -> Any:
        return 0 if names[1] == "number" else value

    data = Rewriter(change).message(made.SerializeToString(), made.DESCRIPTOR)
    assert descriptor_pb2.FieldDescriptorProto.FromString(data).number == 0
    assert descriptor_pb2.FieldDescriptorProto.FromString(data).oneof_index == 5


@pytest.mark.parametrize("known", [True, False])
def test_messages_that_are_nested_without_end_are_refused(known: bool) -> None:
    """Case 18: never a recursion without end, and never one too deep for Python."""
    data = b"\x08\x01"
    for _ in range(5000):
        data = b"\x1a" + varint(len(data)) + data
    with contextlib.suppress(NotAMessageError):
        assert Rewriter(same).message(data, descriptor_pb2.DescriptorProto.DESCRIPTOR if known else None) == data
    assert readable(data)


def test_a_text_that_looks_like_a_message_by_accident_is_still_a_text() -> None:
    text = b"ada@x.org"  # field 12, and eight bytes
    assert list(parts(text))
    assert Rewriter(lambda _names, _value: "x").guessed(text) == b"x"


def test_groups_of_old_definitions_stay() -> None:
    data = b"\x0b\x10\x01\x1a\x03abc\x0c\x22\x02hi"
    assert [part.number for part in parts(data)] == [1, 2, 3, 1, 4]
    assert Rewriter(same).message(data) == data
    assert readable(data) == {"2": 1, "3": "abc", "4": "hi"}


def test_what_stands_there_twice_is_a_list() -> None:
    assert readable(b"\x08\x01\x08\x02\x12\x01a\x1d\x01\x00\x00\x00\x22\x02\x08\x05\x2a\x02\xff\xfe") == {
        "1": [1, 2], "2": "a", "3": 1, "4": {"1": 5}, "5": "fffe",
    }  # fmt: skip
