"""Bodies: looked into whatever they are packed in, and given back byte for byte where nothing was to be cleaned."""

from __future__ import annotations

import base64
import gzip
import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable

import brotli
import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from tests.capture.sanitising.planted import PASSWORD, TOKEN, sanitiser

from hotfixture.capture.sanitising.bodies import decompressed, form_of, raw_of, value_of
from hotfixture.capture.sanitising.media import OPAQUE, binary_kind

SHARED = sanitiser()
PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", lambda data: zlib.compress(data, wbits=-15)),
    "twice": ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
}
packings = pytest.mark.parametrize("packing", PACKERS)


def packed(packing: str, data: bytes, kind: str = "application/json") -> tuple[bytes, list[tuple[str, str]]]:
    """The data in an encoding, and its headers."""
    name, pack = PACKERS[packing]
    return pack(data), [("Content-Type", kind), ("content-encoding", name)]


@given(st.binary(max_size=300).filter(lambda data: binary_kind(data) not in OPAQUE))
def test_whatever_holds_no_secret_comes_back_byte_for_byte(data: bytes) -> None:
    """case 11"""
    form = form_of(data, [("content-type", "application/octet-stream")], SHARED)
    assert raw_of(json.loads(json.dumps(form))) == data


@packings
@given(st.binary(max_size=200).filter(lambda data: binary_kind(data) not in OPAQUE))
def test_compressed_bytes_come_back_as_they_were(packing: str, data: bytes) -> None:
    """case 10"""
    sent, headers = packed(packing, data)
    form = form_of(sent, headers, SHARED)
    assert form is not None
    assert raw_of(form) == sent


@packings
def test_a_secret_in_a_compressed_body_is_gone_and_the_rest_is_there(packing: str) -> None:
    """case 10"""
    document = {"access_token": TOKEN, "items": [1, 2.5, None, "x" * 100]}
    sent, headers = packed(packing, json.dumps(document).encode())
    form = form_of(sent, headers, SHARED)
    plain = decompressed(raw_of(form), headers)
    assert TOKEN.encode() not in plain
    assert TOKEN not in json.dumps(form)
    assert json.loads(plain)["items"] == document["items"]
    assert value_of(form) == json.loads(plain)


BODIES = {
    "nul": b"a\x00b",
    "invalid utf-8": b"\xc3\x28 \xff\xfe!",
    "latin-1": "Grüße aus Köln".encode("latin-1"),
    "utf-16": "Grüße".encode("utf-16"),
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "number": b"1.50",
    "huge number": b'{"n": 123456789012345678901234567890, "f": 1e400}',
    "odd json": b'{ "a":1.50,\n "a" : NaN }',
    "half characters": b'{"a": "\\ud800"}',
    "bom": b'\xef\xbb\xbf{"a": 1}',
    "deep": b"[" * 5000 + b"]" * 5000,
    "lines": b'{"a":1}\n{"b":2}\r\n\n{"c":3}',
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("kind", ["application/json", "text/plain; charset=utf-8", "text/plain; charset=latin-1", ""])
def test_odd_bodies_come_back_byte_for_byte(name: str, kind: str) -> None:
    """case 11"""
    form = form_of(BODIES[name], [("Content-Type", kind)], SHARED)
    assert raw_of(json.loads(json.dumps(form))) == BODIES[name]


def test_five_megabytes_of_anything_come_back() -> None:
    """case 11"""
    data = random.Random(5).randbytes(5 << 20)
    assert raw_of(form_of(data, [], SHARED)) == data


def test_no_body_and_an_empty_one_are_two_things() -> None:
    """case 11"""
    assert form_of(None, [], SHARED) is None
    assert raw_of(None) == b""
    assert form_of(b"", [], SHARED) == {"text": ""}
    assert value_of(None) is None
    assert value_of({"text": ""}) == ""


def test_json_is_kept_as_json_where_its_spelling_is_known() -> None:
    for text in ('{"a":[1,2],"b":"ü"}', '{"a": [1, 2], "b": "\\u00fc"}', '{\n  "a": [\n    1\n  ]\n}\n'):
        form = form_of(text.encode(), [("content-type", "application/json")], SHARED)
        assert form is not None
        assert form["json"] == json.loads(text)
        assert raw_of(form) == text.encode()


CARRIERS = {
    "form": ("application/x-www-form-urlencoded", "user=a&password={}&b=1"),
    "ndjson": ("application/x-ndjson", '{{"a": 1}}\n{{"password": "{}"}}\n'),
    "events": ("text/event-stream", 'event: x\ndata: {{"password": "{}"}}\n\ndata: [DONE]\n\n'),
    "xml": ("application/xml", "<?xml version='1.0'?><r><ns:password>{}</ns:password><a>b</a></r>"),
    "attribute": ("text/xml", '<login user="x" password="{}"/>'),
    "html": ("text/html", '<form><input name="csrf_token" type="hidden" value="{}"><p>Hello</p></form>'),
    "html without quotes": ("text/html", "<form><input type=hidden name=csrf_token value={}><p>Hello</p></form>"),
    "html by type": ("text/html", '<input type="password" name="p2" value="{}">'),
    "xml with a name": ("application/xml", '<add key="ApiKey" value="{}" />'),
    "xml-rpc": ("text/xml", "<member><name>secret_key</name>\n<value><string>{}</string></value></member>"),
    "property list": ("application/x-plist", "<dict><key>password</key>\n<string>{}</string></dict>"),
    "csv": ("text/csv; charset=utf-8", 'user,password,n\r\n"a, b",{},1\r\nc,,2\r\n'),
    "csv with quotes": ("text/csv", '"user";"api_key"\n"a ""b""";"{}"\n'),
    "tabs": ("text/tab-separated-values", "user\ttoken\nbob\t{}"),
    "cdata": ("application/xml", "<r><password><![CDATA[{}]]></password></r>"),
    "odd json": ("application/json", '{{ "password":"{}", "x":1.50 }}'),
    "javascript": ("application/javascript", 'callback({{"password": "{}"}})'),
    "text": ("text/plain", "password: {}\n"),
    "yaml": ("application/yaml", "login:\n  password: {}\n"),
    "unsaid": ("", '{{"password":"{}"}}'),
}  # fmt: skip


@pytest.mark.parametrize("name", CARRIERS)
def test_a_secret_is_seen_in_whatever_carries_it(name: str) -> None:
    kind, text = CARRIERS[name]
    form = form_of(text.format(PASSWORD).encode(), [("Content-Type", kind)], sanitiser())
    made = raw_of(form).decode()
    assert PASSWORD not in made
    before, after = text.format("|").split("|")
    assert made.startswith(before)
    assert made.endswith(after), "all around it stays"
    again = form_of(made.encode(), [("Content-Type", kind)], sanitiser())
    assert raw_of(again).decode() == made


@pytest.mark.parametrize("charset", [
    "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "latin-1", "utf-8-sig",
])  # fmt: skip
@pytest.mark.parametrize("said", [True, False])
def test_a_document_in_any_charset_is_clean_and_comes_back(charset: str, said: bool) -> None:
    """case 11: with a mark, without one, and where nobody says so."""
    headers = [("content-type", "application/json" + f"; charset={charset}" * said)]
    for secret, clean in ((PASSWORD, False), ("", True)):
        data = json.dumps({"password": secret, "n": 1}).encode(charset)
        made = raw_of(form_of(data, headers, sanitiser()))
        assert PASSWORD not in made.decode(charset)
        assert json.loads(made.decode(charset))["n"] == 1
        assert (made == data) == clean


def test_documents_in_messagepack_are_looked_into() -> None:
    value = {"password": PASSWORD, "list": [{"token": TOKEN}], "n": 2**40, "data": b"\0\1"}
    headers = [("Content-Type", "application/vnd.msgpack")]
    made = raw_of(form_of(msgspec.msgpack.encode(value), headers, sanitiser()))
    assert PASSWORD.encode() not in made
    assert TOKEN.encode() not in made
    back = msgspec.msgpack.decode(made)
    assert (back["n"], back["data"], set(back)) == (2**40, b"\0\1", set(value))
    for plain in (msgspec.msgpack.encode({"n": 1.5, "text": "red"}), b"\xc1 no message", msgspec.msgpack.encode(7)):
        assert raw_of(form_of(plain, headers, sanitiser())) == plain


@pytest.mark.parametrize("boundary", ["----WebKitFormBoundary7MA4YWxkTrZu0gW", "x"])
def test_parts_are_cleaned_one_by_one_and_boundaries_stay(boundary: str) -> None:
    """case 12"""
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    body = b"\r\n".join([
        b"--" + boundary.encode(), b'Content-Disposition: form-data; name="password"', b"", PASSWORD.encode(),
        b"--" + boundary.encode(), b'Content-Disposition: form-data; name="doc"; filename="a.json"',
        b"Content-Type: application/json", b"", json.dumps({"token": TOKEN, "n": 1}).encode(),
        b"--" + boundary.encode(), b'Content-Disposition: form-data; name="f"; filename="a.png"',
        b"Content-Type: image/png", b"", picture, b"--" + boundary.encode() + b"--", b"",
    ])  # fmt: skip
    headers = [("Content-Type", f'multipart/form-data; boundary="{boundary}"')]
    made = raw_of(form_of(body, headers, sanitiser()))
    assert PASSWORD.encode() not in made
    assert TOKEN.encode() not in made
    assert made.count(b"--" + boundary.encode()) == 4
    assert picture in made
    clean = body.replace(PASSWORD.encode(), b"").replace(b'"token": "' + TOKEN.encode(), b'"x": "')
    assert raw_of(form_of(clean, headers, sanitiser())) == clean


@pytest.mark.parametrize(
    "head",
    [
        'Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name="client_secret"',
        'Content-Disposition: form-data; name="password"\r\nContent-Type: text/plain',
        'Content-Disposition: form-data; filename="a.txt"; name="api_key"\r\nContent-Type: application/octet-stream',
    ],
)
def test_the_name_of_a_field_speaks_for_a_part_of_any_type(head: str) -> None:
    """case 12: aiohttp says a type of every field."""
    body = f"--x\r\n{head}\r\n\r\n{PASSWORD}\r\n--x--\r\n".encode()
    made = raw_of(form_of(body, [("Content-Type", "multipart/form-data; boundary=x")], sanitiser()))
    assert PASSWORD.encode() not in made
    assert head.encode() in made


def test_names_of_files_in_a_multipart_body_are_clean() -> None:
    head = f'Content-Disposition: form-data; name="doc"; filename="{TOKEN} carla.b@firm-b.de"'
    body = f"--x\r\n{head}\r\n\r\nabc\r\n--x--\r\n".encode()
    one = sanitiser()
    one.value({"token": TOKEN})
    made = raw_of(form_of(body, [("Content-Type", "multipart/form-data; boundary=x")], one))
    assert TOKEN.encode() not in made
    assert b"carla.b@firm-b.de" not in made
    assert made.endswith(b'"\r\n\r\nabc\r\n--x--\r\n')


def test_what_nobody_can_look_into_is_not_kept() -> None:
    cases = [
        (b"\x00\x01secret", [("content-encoding", "exotic")]),
        (gzip.compress(b"x" * 100)[:-30] + b"\xff" * 40, [("content-encoding", "br")]),
        (b"%PDF-1.4\n\xe2\xe3" + zlib.compress(PASSWORD.encode()), []),
    ]
    for data, headers in cases:
        form = form_of(data, headers, SHARED)
        assert form is not None
        assert set(form) == {"dropped", "size"}
        assert raw_of(form) == bytes(len(data)), "as many zeros, so that lengths hold"
        assert value_of(form) is None


def test_bombs_are_not_unpacked() -> None:
    """case 33"""
    one = sanitiser({"largest": "1MB"})
    zeros = bytes(20 << 20)
    for packing in PACKERS:
        sent, headers = packed(packing, zeros)
        form = form_of(sent, headers, one)
        assert form is not None
        assert "larger than may be" in form["dropped"]


def test_a_torn_stream_is_kept_as_far_as_it_came() -> None:
    """case 7"""
    sent, headers = packed("gzip", json.dumps({"a": ["some text of some length"] * 50}).encode(), "text/plain")
    torn = sent[: len(sent) - 12]
    form = form_of(torn, headers, SHARED)
    assert form is not None
    assert raw_of(form) == torn
    assert form["cut"]
    dirty, headers = packed(
        "gzip", f"password={PASSWORD} ".encode() + random.Random(1).randbytes(400).hex().encode(), "text/plain"
    )
    form = form_of(dirty[:-60], headers, sanitiser())
    machine = zlib.decompressobj(31)
    assert PASSWORD.encode() not in machine.decompress(raw_of(form))
    assert not machine.eof


def test_binaries_are_searched_for_what_was_learned_and_for_what_can_be_read() -> None:
    one = sanitiser()
    one.value({"token": TOKEN})
    data = (
        bytes(range(128, 256))
        + TOKEN.encode()
        + bytes(range(128, 256))
        + f" password={PASSWORD} ".encode()
        + b"\x00\xff"
    )
    made = raw_of(form_of(data, [], one))
    assert TOKEN.encode() not in made
    assert PASSWORD.encode() not in made


def test_archives_are_opened() -> None:
    for text, kept in (("nothing here", True), (f"password={PASSWORD}", False)):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.txt", text)
        form = form_of(file.getvalue(), [("content-type", "application/zip")], SHARED)
        assert form is not None
        assert ("base64" in form) == kept


@pytest.mark.parametrize(
    ("rule", "picture", "unknown"), [("look", True, True), ("known", True, False), ("drop", False, False)]
)
def test_rules_say_which_binaries_are_kept(rule: str, picture: bool, unknown: bool) -> None:
    one = sanitiser({"binary": rule})
    for data, kept in ((b"\x89PNG\r\n\x1a\n\x00\xff", picture), (b"\x00\x01\xfe\xff", unknown)):
        form = form_of(data, [], one)
        assert form is not None
        assert ("base64" in form) == kept


def test_a_secret_in_base64_of_something_is_not_left() -> None:
    one = sanitiser()
    one.value({"token": TOKEN})
    inner = base64.b64encode(json.dumps({"x": TOKEN}).encode()).decode()
    made = raw_of(form_of(json.dumps({"payload": inner}).encode(), [], one)).decode()
    assert inner not in made
    assert TOKEN.encode() not in base64.b64decode(json.loads(made)["payload"])
