"""A person in a recording is the same invented person as in the package from the database: one policy, one key."""

from __future__ import annotations

import json
import sqlite3
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import hotfixture
from hotfixture.capture import capture, replay
from hotfixture.capture.sanitising import bodies
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.errors import ReplayMissError
from hotfixture.transforms.masks.keys import MaskingKey

PEOPLE = [
    (1, "Carla", "Brandt", "carla.brandt@firma-brandt.de", "+49 30 1234567"),
    (2, "Jürgen", "Özdemir", "j.oezdemir@post-amt.de", "+49 40 7654321"),
]
NAMES = ("id", "first_name", "last_name", "email", "phone")
POLICY = """
default: deny
rules:
  - {match: ["*.id"], keep: numbers}
  - {match: "*.first_name", mask: first_name}
  - {match: "*.last_name", mask: last_name}
  - {class: email, mask: email}
  - {class: phone, mask: {keep_last: 2}}
"""
TEMPLATE = """
templateName: people
exports:
  customers: {provider: SHOP, query: "SELECT * FROM customers ORDER BY id"}
"""


class _People(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.answer([dict(zip(NAMES, one, strict=True)) for one in PEOPLE])

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.answer({"last_name": sent["last_name"]})

    def answer(self, said: Any) -> None:
        data = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def service() -> Iterator[str]:
    """A service that knows the people of the database."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _People)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/customers"
    server.shutdown()
    thread.join()
    server.server_close()


def packaged(folder: Path) -> list[dict[str, Any]]:
    """The people as a package has them."""
    with sqlite3.connect(folder / "shop.db") as source:
        source.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, first_name, last_name, email, phone)")
        source.executemany("INSERT INTO customers VALUES (?, ?, ?, ?, ?)", PEOPLE)
    source.close()
    (folder / "people.yaml").write_text(TEMPLATE)
    (folder / "policy.yaml").write_text(POLICY)
    hotfixture.run(
        folder / "people.yaml", providers={"SHOP": f"sqlite:///{folder}/shop.db"}, policy=folder / "policy.yaml",
        output=folder / "people.sql",
    )  # fmt: skip
    target = sqlite3.connect(":memory:")
    target.executescript(f"CREATE TABLE customers ({', '.join(NAMES)});" + (folder / "people.sql").read_text())
    found = [dict(zip(NAMES, row, strict=True)) for row in target.execute("SELECT * FROM customers ORDER BY id")]
    target.close()
    return found


def test_the_people_of_a_recording_are_those_of_the_package(service: str, sessions: Path, tmp_path: Path) -> None:
    people = packaged(tmp_path)
    (tmp_path / "rules.yaml").write_text("policy: policy.yaml\n")
    with capture("people", rules=tmp_path / "rules.yaml") as session:
        urllib.request.urlopen(service).read()
    (kept,) = session.interactions
    recorded = bodies.value_of(kept.response["body"])
    assert recorded == people
    assert all(one["email"] != original[3] for one, original in zip(recorded, PEOPLE, strict=True))


def test_another_key_makes_other_people(
    service: str, sessions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = packaged(tmp_path)
    monkeypatch.setenv("HFIT_MASKING_KEY", bytes(range(1, 33)).hex())
    with capture("people", rules={"policy": str(tmp_path / "policy.yaml")}) as session:
        urllib.request.urlopen(service).read()
    recorded = bodies.value_of(session.interactions[0].response["body"])
    assert [one["email"] for one in recorded] != [one["email"] for one in people]
    assert [one["id"] for one in recorded] == [1, 2]


def test_a_name_that_the_program_was_told_is_found_when_it_asks_with_it(
    service: str, sessions: Path, tmp_path: Path
) -> None:
    """In the answer the name stands beside an address, and alone in the question: it is known all the same."""
    packaged(tmp_path)

    def program(word: str = "") -> list[Any]:
        with urllib.request.urlopen(service) as answer:
            people = json.load(answer)
        found = []
        for one in people:
            asked = json.dumps({"last_name": one["last_name"], "n": one["id"], "word": word}).encode()
            with urllib.request.urlopen(urllib.request.Request(f"{service}?by", asked)) as answer:
                found.append(json.load(answer))
        return found

    rules = tmp_path / "rules.yaml"
    rules.write_text("policy: policy.yaml\n")
    with capture("people", rules=rules) as session:
        assert program() == [{"last_name": "Brandt"}, {"last_name": "Özdemir"}]
    with replay(session.folder, rules=rules):
        found = program()
    assert len(found) == 2
    assert not {"Brandt", "Özdemir"} & {one["last_name"] for one in found}
    with (
        replay(session.folder, rules=rules, allow=["unplayed", "misses"]),
        pytest.raises(ReplayMissError, match="word"),
    ):
        program("another")


def test_without_a_policy_another_name_is_another_question(tmp_path: Path) -> None:
    """A rule alone gives a name one surrogate wherever it stands; so nothing is forgiven."""
    rules = {"masks": {"last_name": "last_name"}}
    parts = [{"last_name": name, "n": 1} for name in ("Brandt", "Özdemir")]
    (tmp_path / "policy.yaml").write_text(POLICY)
    for given, alike in ((rules, False), ({"policy": str(tmp_path / "policy.yaml")}, True)):
        sanitiser = Sanitiser(MaskingKey(bytes(range(32))), given)
        one, other = (sanitiser.wild(sanitiser.value(part)) for part in parts)
        assert (one == other) == alike
        assert sanitiser.value(parts[0]) != sanitiser.value(parts[1])
