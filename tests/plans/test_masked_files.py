"""Files under the policy: what its rules name is masked as columns of tables are, nothing else changes or slips."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plans.market import SCHEMA, loaded, market

import hotfixture
from hotfixture.documents import parse
from hotfixture.errors import HotFixtureError, InputError, LeakError, RefusedError
from hotfixture.files.signatures import kind_of
from hotfixture.plans.masked_files import FileMasks
from hotfixture.plans.witness import Maskers
from hotfixture.transforms.file_rules import KINDS
from hotfixture.transforms.masks import MaskingKey, mask_values
from hotfixture.transforms.policy import Policy

KEY = MaskingKey(bytes(range(32)))
RULES = """
default: deny
files:
  - {match: "exports:**/people*", columns: {email: email, "*_name": {full_name: {}}, id: keep, note: scrub}}
  - {match: "exports:latin/*", columns: {name: full_name}, encoding: latin-1, delimiter: ";"}
  - {match: "events:*", paths: {"$..email": email, "$..id": keep, "$..tags[*]": keep, "$.at": keep, "$..n": {fixed: 7}}}
  - {match: ["logs:**", "exports:bundle.zip/*.txt"], text: scrub}
  - {match: "scans:**", binary: [png, office]}
  - {match: "logos:**", keep: our own pictures}
  - {match: "any:**", binary: pass}
"""


def masks(rules: str = RULES, **more: Any) -> FileMasks:
    return FileMasks(Policy.read(parse(rules, "policy.yaml")), Maskers(KEY, **more))


def through(volume: str, name: str, data: bytes, rules: str = RULES, piece: int = 1 << 20) -> bytes:
    pieces = (data[at : at + piece] for at in range(0, len(data), piece))
    return b"".join(masks(rules).masked(volume, name, pieces))


def email(value: str) -> str:
    found: str = mask_values("email", pa.array([value]), KEY)[0].as_py()
    return found


PEOPLE = (
    b"id,email,note\r\n"
    b'1,w.oberhuber@realmail.com,"call +49 30 1234567, ""today"""\r\n'
    b'2,"a@b.org",\r\n'
    b'"3",,"two\nlines, a@b.org"\r\n'
)


def test_csv_columns_get_the_masks_of_tables_and_every_other_byte_stays():
    made = through("exports", "2024/people.csv", PEOPLE)
    rows = list(csv.reader(io.StringIO(made.decode(), newline="")))
    assert rows[0] == ["id", "email", "note"]
    assert rows[1][1] == email("w.oberhuber@realmail.com")
    assert rows[2][1] == email("a@b.org")
    assert rows[3][1] == ""
    assert email("a@b.org") in rows[3][2]
    assert "1234567" not in made.decode()
    assert made.count(b"\r\n") == PEOPLE.count(b"\r\n")
    assert made.endswith(b'"\r\n')
    assert b'\r\n2,"' in made
    assert b'\r\n"3",,"two\nlines, ' in made


@given(st.integers(1, 40))
def test_pieces_of_any_size_give_the_same_bytes(piece: int):
    assert through("exports", "people.csv", PEOPLE, piece=piece) == through("exports", "people.csv", PEOPLE)
    assert through("events", "a.json", EVENTS, piece=piece) == through("events", "a.json", EVENTS)
    assert through("logs", "a.log", LOG, piece=piece) == through("logs", "a.log", LOG)


FIELDS = st.lists(st.text(st.sampled_from("ab,;\"\n\r é'")), min_size=3, max_size=3)


@given(st.lists(FIELDS, max_size=6))
def test_a_csv_file_without_masks_comes_out_as_it_went_in(rows: list[list[str]]):
    rules = 'default: deny\nfiles: [{match: "v:*", columns: {"*": keep}, delimiter: ","}]'
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *rows])
    data = text.getvalue().encode()
    assert through("v", "a.csv", data, rules) == data


@given(st.lists(FIELDS, min_size=1, max_size=6))
def test_a_masked_column_is_that_column_and_no_other(rows: list[list[str]]):
    rules = 'default: deny\nfiles: [{match: "v:*", columns: {b: {fixed: "x,\\"y\\""}, "*": keep}, delimiter: ","}]'
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["a", "b", "c"], *rows])
    made = through("v", "a.csv", text.getvalue().encode(), rules).decode()
    expected = [[first, 'x,"y"', last] for first, _, last in rows]
    assert list(csv.reader(io.StringIO(made, newline="")))[1:] == expected


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"id,email,phone\n1,a@b.org,123\n", "column 'phone'"),
        (b"id,email\n1,a@b.org,secret\n", "record 2 has 3 fields"),
        (b"id,email\n1\n", "record 2 has 1 fields"),
        (b'id,email\n1,"a@b.org\n', "quote is not closed"),
        (b'id,email\n1,"a"b",c"\n', "a quote"),
        (b"id,id\n1,2\n", "one name"),
        (b"id,email\n1,\xff\n", "no text in utf-8|binary"),
        (b"id,email\n1,\0\n", "binary"),
    ],
)
def test_what_the_rule_does_not_decide_is_refused(data: bytes, problem: str):
    with pytest.raises(RefusedError, match=problem) as caught:
        through("exports", "people.csv", data)
    assert "exports:people.csv" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_delimiter_encoding_and_byte_order_mark():
    assert through("exports", "people.csv", b"\xef\xbb\xbfid;email\n1;\n") == b"\xef\xbb\xbfid;email\n1;\n"
    made = through("exports", "latin/x.txt", "name\nJürgen Müller\n".encode("latin-1")).decode("latin-1")
    assert made.startswith("name\n")
    assert "Müller" not in made


EVENTS = (
    b' [ {"id": 1, "user": {"email": "a@b.org", "n": 12}, "tags": ["x", null]},\n'
    b'  {"id": "\\u00e9", "email": "c@d.org"} , {"id": 12345678901234567890.50} ] \n'
)


def test_json_paths_are_masked_and_every_other_byte_stays():
    made = through("events", "a.json", EVENTS)
    expected = EVENTS.decode().replace("a@b.org", email("a@b.org")).replace("c@d.org", email("c@d.org"))
    assert made.decode() == expected.replace('"n": 12', '"n": 7')


def test_a_list_longer_than_a_batch_keeps_its_order():
    data = json.dumps([{"id": number, "email": f"u{number}@b.org"} for number in range(5000)]).encode()
    made = json.loads(through("events", "a.json", data))
    assert [one["id"] for one in made] == list(range(5000))
    assert made[4321]["email"] == email("u4321@b.org")


def test_ndjson_is_masked_line_by_line():
    made = through("events", "a.ndjson", b'{"id":1,"email":"a@b.org"}\r\n\n{"at":2,"email":null}')
    assert made == b'{"id":1,"email":"' + email("a@b.org").encode() + b'"}\r\n\n{"at":2,"email":null}'


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("a.json", b'[{"id": 1, "phone": "secret"}]', r"\$\[\*\]\.phone"),
        ("a.ndjson", b'{"id": 1}\n{"x": {"y": ["secret"]}}\n', r"\$\.x\.y\[\*\]"),
        ("a.json", b'{"secret@b.org": 1}', r"\$\.\*"),
        ("a.json", b'[{"id": 1}, ]', "comma"),
        ("a.json", b'[{"id": 1}', "no JSON"),
        ("a.json", b'[{"id": 1}] [', "follows"),
        ("a.json", b"", "no JSON|decided"),
        ("a.ndjson", b"{", "line 1 is no JSON"),
        ("a.txt", b"secret", "nobody has decided about texts"),
    ],
)
def test_a_value_that_no_path_decides_about_is_refused(name: str, data: bytes, problem: str):
    if not data:
        assert through("events", name, data) == b""
        return
    with pytest.raises(RefusedError, match=problem) as caught:
        through("events", name, data)
    assert "secret" not in str(caught.value)


LOG = (
    b"2024-10-15 14:30 login of w.oberhuber@realmail.com from 81.2.69.142\n"
    b"no newline at its end, and Anna\nMeier called +49 30 1234567"
)


def test_texts_are_scrubbed_with_the_same_surrogates():
    made = through("logs", "app/a.log", LOG).decode()
    assert email("w.oberhuber@realmail.com") in made
    for original in ("oberhuber", "81.2.69.142", "Meier", "1234567"):
        assert original not in made
    assert made.startswith("2024-10-15 14:30 login of ")
    assert made.count("\n") >= LOG.count(b"\n") - 1
    assert not made.endswith("\n")


@pytest.mark.parametrize(
    "start", ["2024-10-15 14:30:00.123 ", "[2024-10-15T14:30:00Z] ", "", "\t", "15.10.2024 14:30 "]
)
def test_the_time_of_a_line_stays_and_what_follows_is_scrubbed(start: str):
    made = through("logs", "a.log", f"{start}+49 30 1234567 called a@b.org\n".encode()).decode()
    assert made.startswith(start)
    assert made.endswith(f" called {email('a@b.org')}\n")
    assert "1234567" not in made


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


def test_binary_files_pass_only_where_their_kind_is_named():
    assert through("scans", "a.png", PNG) == PNG
    assert through("any", "a.bin", b"\0\1\2") == b"\0\1\2"
    assert through("logos", "a.exe", b"MZ\0\0") == b"MZ\0\0"
    for volume, data, kind in [
        ("scans", b"%PDF-1.7\n", "pdf"), ("logs", PNG, "png"), ("scans", b"\0\1\2", "unknown"),
        ("events", b"MZ\0", "exe"),
    ]:  # fmt: skip
        with pytest.raises(RefusedError, match=kind):
            through(volume, "a", data)


def test_the_name_of_a_file_does_not_make_it_another_kind():
    """A picture called .log would otherwise be scrubbed, and so broken or let through."""
    with pytest.raises(RefusedError, match="png"):
        through("logs", "a.log", PNG)


@pytest.mark.parametrize(("default", "made"), [("pass", b"w@real.com \n"), ("mask", None), ("deny", None)])
def test_a_file_that_no_rule_means_falls_to_the_default(default: str, made: bytes | None):
    rules = f"default: {default}"
    if default == "deny":
        with pytest.raises(RefusedError, match="nobody has decided about this file"):
            through("v", "a.log", b"w@real.com \n", rules)
        return
    assert through("v", "a.log", b"w@real.com \n", rules) == (made or f"{email('w@real.com')} \n".encode())
    if default == "mask":
        with pytest.raises(RefusedError, match="png"):
            through("v", "a.png", PNG, rules)
        columns = 'default: mask\nfiles: [{match: "v:*", columns: {id: keep}}]'
        assert b"secret" not in through("v", "a.csv", b"id,other\n1,secret\n", columns)
        paths = 'default: mask\nfiles: [{match: "v:*", paths: {"$.id": keep}}]'
        assert json.loads(through("v", "a.json", b'{"id":1,"o":"secret"}', paths)) == {"id": 1, "o": "******"}


def test_compressed_files_are_masked_inside():
    packed = gzip.compress(PEOPLE[:100]) + gzip.compress(PEOPLE[100:])
    made = through("exports", "people.csv.gz", packed, piece=7)
    assert gzip.decompress(made) == through("exports", "people.csv", PEOPLE)
    assert made == through("exports", "people.csv.gz", packed)
    zstandard = pytest.importorskip("zstandard")
    made = through("logs", "a.log.zst", zstandard.compress(LOG))
    assert zstandard.ZstdDecompressor().stream_reader(io.BytesIO(made)).read() == through("logs", "a.log", LOG)


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members.items():
            target.writestr(name, data)
    return out.getvalue()


def test_members_of_a_zip_follow_their_own_rules():
    data = zipped(**{"people.csv": PEOPLE, "readme.txt": LOG})
    made = zipfile.ZipFile(io.BytesIO(through("exports", "bundle.zip", data)))
    assert made.read("people.csv") == through("exports", "people.csv", PEOPLE)
    assert made.read("readme.txt") == through("logs", "x", LOG)
    assert made.testzip() is None


@pytest.mark.parametrize(
    ("volume", "data", "problem"),
    [
        ("logs", zipped(**{"../x": b"a"}), "safe file name|\\.\\."),
        ("logs", zipped(**{"[Content_Types].xml": b"a"}), "office"),
        ("logs", zipped(**{"a.png": PNG}), "png"),
        ("logs", gzip.compress(LOG, mtime=0)[:-9], "damaged"),
        ("logs", gzip.compress(LOG, mtime=0)[:20] + b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "damaged"),
        ("logs", b"PK\3\4 nothing of the kind", "damaged"),
        ("logs", gzip.compress(gzip.compress(b"\0", mtime=0), mtime=0), "binary"),
    ],
    ids=lambda value: value if isinstance(value, str) else "data",
)
def test_unsafe_and_damaged_archives_are_refused(volume: str, data: bytes, problem: str):
    with pytest.raises(HotFixtureError, match=problem):
        through(volume, "a", data)


def test_office_documents_pass_only_where_named():
    data = zipped(**{"[Content_Types].xml": b"a", "word/document.xml": b"b"})
    assert through("scans", "a.docx", data) == data


def test_a_bomb_is_refused_long_before_it_has_unpacked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hotfixture.plans.masked_packed.MOST_RATIO", 50)
    with pytest.raises(RefusedError, match="unpacks to more"):
        through("logs", "a.gz", gzip.compress(b"a line of it\n" * 10_000_000))


def test_files_larger_than_memory_should_hold_stream_through():
    """The first masked bytes come before the source has been read to its end."""
    read = 0

    def source() -> Iterator[bytes]:
        nonlocal read
        for _ in range(64):
            read += 1
            yield b"a line of a log, sent to somebody@real.com\n" * 20_000

    made = masks().masked("logs", "a.log", source())
    assert next(piece for piece in made if piece)
    assert read < 16


@pytest.mark.parametrize(
    "rule",
    [
        "{text: scrub}", "{match: logs, text: scrub}", "{match: 'logs:/etc/*', text: scrub}", "{match: 'a:b'}",
        "{match: 'a:../b', text: scrub}", "{match: 'a:b', keep: false}", "{match: 'a:b', keep: true, text: scrub}",
        "{match: 'a:b', text: keep}", "{match: 'a:b', text: scrib}", "{match: 'a:b', binary: maybe}",
        "{match: 'a:b', binary: [docx]}", "{match: 'a:b', columns: {a: emale}}", "{match: 'a:b', colums: {a: email}}",
        "{match: 'a:b', text: scrub, encoding: klingon}", "{match: 'a:b', text: scrub, encoding: hex}",
        "{match: 'a:b', columns: {a: email}, delimiter: ';;'}",
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused_with_its_place(rule: str):
    with pytest.raises(InputError, match=r"policy\.yaml:3"):
        masks(f"default: deny\nfiles:\n  - {rule}\n")


def test_every_kind_of_binary_file_that_a_rule_can_name_is_told_by_its_bytes():
    heads = {
        "bzip2": b"BZh9", "elf": b"\x7fELF", "exe": b"MZ\x90", "gif": b"GIF89a", "ico": b"\0\0\1\0",
        "jpeg": b"\xff\xd8\xff",
        "mp3": b"ID3", "mp4": b"\0\0\0\x18ftypmp42", "office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ogg": b"OggS",
        "parquet": b"PAR1", "pdf": b"%PDF-1.4", "png": PNG, "sqlite": b"SQLite format 3\0",
        "tar": bytes(257) + b"ustar",
        "tiff": b"II*\0", "wasm": b"\0asm", "webp": b"RIFF\0\0\0\0WEBP", "woff": b"wOF2", "xz": b"\xfd7zXZ\0",
    }  # fmt: skip
    assert {name: kind_of(head) for name, head in heads.items()} == {name: name for name in KINDS}
    assert kind_of("é".encode("utf-16"), encoding="utf-16") == "text"
    assert kind_of(b"\x01\x02\x03\x04") == "unknown"
    assert kind_of(Path(__file__).read_bytes()) == "text"


POLICY = """
default: deny
rules:
  - {match: customers.email, mask: email}
  - {match: customers.first_name, mask: first_name}
  - {match: customers.last_name, mask: last_name}
  - {match: "*.*", keep: not about people}
files:
  - {match: "docs:*.csv", columns: {email: email, first_name: first_name, last_name: last_name, id: keep}}
  - {match: "docs:*.gz", keep: believed to hold nothing}
  - {match: "docs:*.log", text: {redact: {}}}
  - {match: "docs:*.txt.gz", text: {fixed: "w.oberhuber@realmail.com"}}
"""
QUERY = "  customers: {provider: SHOP, query: 'SELECT id, email, first_name, last_name FROM customers'}\n"
FILES = "  docs: {type: files, volume: docs, path: '%s'%s}\n"


def docs(tmp_path: Path, **files: bytes) -> dict[str, str]:
    (tmp_path / "volume").mkdir()
    for name, data in files.items():
        (tmp_path / "volume" / name).write_bytes(data)
    return {"docs": str(tmp_path / "volume")}


def ordered(
    tmp_path: Path, pattern: str, volumes: dict[str, str], policy: str = POLICY, more: str = ""
) -> dict[str, Any]:
    (tmp_path / "policy.yaml").write_text(policy)
    (tmp_path / "files.yaml").write_text(f"templateName: files\nexports:\n{SCHEMA}{QUERY}{FILES % (pattern, more)}")
    database = tmp_path / "market.db"
    url = f"sqlite:///{database}" if database.exists() else market(tmp_path)
    made = hotfixture.run(
        tmp_path / "files.yaml", providers={"SHOP": url}, policy=tmp_path / "policy.yaml",
        volumes=volumes, output=f"{tmp_path / 'package'}/", key=bytes(range(32)),
    )  # fmt: skip
    return dict(made.manifest)


def test_a_person_in_a_file_is_the_same_person_as_in_the_table(tmp_path: Path):
    data = b"id,email,first_name,last_name\n9,w.oberhuber@realmail.com,Wilhelmine,Oberhuber\n"
    manifest = ordered(tmp_path, "*.csv", docs(tmp_path, **{"people.csv": data}))
    (row,) = csv.DictReader(io.StringIO((tmp_path / "package/files/docs/people.csv").read_text()))
    with closing(loaded(tmp_path / "package" / "files.sql")) as copy:
        found = copy.execute("SELECT email, first_name, last_name FROM customers WHERE id = 1").fetchone()
    assert found == (row["email"], row["first_name"], row["last_name"])
    assert manifest["copied"] == [{"export": "docs", "volume": "docs", "files": 1, "treated": {"columns": 1}}]


def test_an_original_in_a_file_that_no_rule_masks_stops_the_package(tmp_path: Path):
    with pytest.raises(RefusedError, match="nobody has decided about this file"):
        ordered(tmp_path, "*.html", docs(tmp_path, **{"a.html": b"w.oberhuber@realmail.com"}))
    assert not (tmp_path / "package").exists()


def test_an_original_inside_a_compressed_file_stops_the_package(tmp_path: Path):
    """The proof sees what is inside, and the finished package holds only the compressed file."""
    volumes = docs(tmp_path, **{"a.txt.gz": gzip.compress(b"x"), "b.log.gz": gzip.compress(b"one line\n")})
    policy = POLICY.replace('  - {match: "docs:*.gz", keep: believed to hold nothing}\n', "")
    with pytest.raises(LeakError, match=r"a\.txt"):
        ordered(tmp_path, "a.*", volumes, policy)
    ordered(tmp_path, "b.*", volumes, policy.replace("*.log", "*.log.gz"))
    names = [path.name for path in (tmp_path / "package").rglob("*") if path.is_file()]
    assert "b.log.gz" in names
    assert "b.log" not in names


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("['mtime:<84h', 'sort:mtime:desc', 'limit:1']", {"2.log"}),
        ("['mtime:<84h', 'size:>1']", {"2.log", "3.log"}),
        ("size:<4", {"1.log", "2.log", "3.log"}),
        ("['sort:size:desc', 'limit:2']", {"4.log", "5.log"}),
    ],
)
def test_a_filter_chooses_among_the_files_of_an_export(tmp_path: Path, words: str, names: set[str]):
    volumes = docs(tmp_path, **{f"{number}.log": b"x" * number for number in range(1, 6)}, **{"0.log": b""})
    for number in range(6):
        age = 40 if number < 2 else number
        os.utime(tmp_path / "volume" / f"{number}.log", (time.time() - age * 86400,) * 2)
    ordered(tmp_path, "[1-9].log", volumes, more=f", filter: {words}")
    found = {path.name for path in (tmp_path / "package" / "files" / "docs").iterdir()}
    assert found == names


@pytest.mark.parametrize(
    ("words", "problem"), [("colour:red", "unknown filter"), ("mtime:soon", "no amount"), ("name:*", "the path says")]
)
def test_a_wrong_filter_of_an_export_is_refused_before_anything_is_read(tmp_path: Path, words: str, problem: str):
    with pytest.raises(InputError, match=problem) as caught:
        ordered(tmp_path, "*.log", docs(tmp_path), more=f", filter: '{words}'")
    assert "files.yaml:" in str(caught.value)
