"""The quick road through a message sees what the careful one sees, in the same order."""

from __future__ import annotations

from typing import Any

from google.protobuf import any_pb2, descriptor_pb2, struct_pb2, wrappers_pb2
from hypothesis import example, given
from hypothesis import strategies as st

from hotfixture.capture.sanitising import messages
from hotfixture.capture.sanitising.protobuf import Names, NotAMessageError, Rewriter
from hotfixture.capture.sanitising.protobuf_texts import Texts

KINDS = {
    one.DESCRIPTOR.full_name: one.DESCRIPTOR
    for one in (struct_pb2.Struct, any_pb2.Any, descriptor_pb2.DescriptorProto, descriptor_pb2.FileOptions,
                wrappers_pb2.BytesValue)
}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
KEYED = bytes.fromhex("0a036b65791205") + b"value"


def struct(value: dict[str, Any]) -> bytes:
    made = struct_pb2.Struct()
    made.update(value)
    return made.SerializeToString()


def packed(data: bytes) -> bytes:
    return any_pb2.Any(type_url="type.googleapis.com/google.protobuf.Struct", value=data).SerializeToString()


def described(text: str) -> bytes:
    option = descriptor_pb2.UninterpretedOption(identifier_value=text, positive_int_value=7, string_value=b"\xff\x00")
    field = descriptor_pb2.FieldDescriptorProto(name=text, number=3, json_name="x")
    options = descriptor_pb2.MessageOptions(uninterpreted_option=[option])
    return descriptor_pb2.DescriptorProto(name="A", field=[field], options=options).SerializeToString()


STRUCTS = st.dictionaries(st.text(max_size=6), JSON, max_size=4).map(struct)
DATA = STRUCTS | STRUCTS.map(packed) | st.text(max_size=9).map(described) | st.binary(max_size=40)


@given(st.lists(DATA, min_size=1, max_size=3).map(b"".join), st.sampled_from([*KINDS, None]))
@example(packed(struct({"a": {"b": "c"}}) + b"\x7a\x02hi"), "google.protobuf.Any")
@example(KEYED + b"\x0b\x0a\x01x\x0c", "google.protobuf.Struct")
@example(b"\x0b\x0a\x01x\x0c", "google.protobuf.BytesValue")
def test_both_roads_see_the_same(data: bytes, kind: str | None) -> None:
    seen: list[tuple[Names, Any]] = []
    opaque: dict[bytes, bytes] = {}

    def see(names: Names, value: Any) -> Any:
        if (names, value) not in seen:
            seen.append((names, value))
        return value

    def roads() -> tuple[bool, bool]:
        careful = quick = True
        try:
            Rewriter(see, messages.find, lambda one: opaque.setdefault(one, one)).message(data, KINDS.get(kind or ""))
        except NotAMessageError:
            careful = False
        try:
            texts.message(data, KINDS.get(kind or ""))
        except NotAMessageError:
            quick = False
        return careful, quick

    texts = Texts(messages.find)
    careful, quick = roads()
    assert careful == quick
    assert list(texts.found) == seen
    assert list(texts.opaque) == list(opaque)


def test_large_messages_are_taken_in_as_a_whole() -> None:
    data = struct({f"name {number}": "word " * number for number in range(300)})
    texts = Texts(messages.find)
    texts.message(data, struct_pb2.Struct.DESCRIPTOR)
    assert len(texts.found) == 600  # each text and its key
