"""Firestore through its own client, on an emulator: recorded, and played when the emulator is gone."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from tests.firestore import Firestore

from hotfixture.capture.playing.playback import replay
from hotfixture.capture.session import Session, capture
from hotfixture.errors import ReplayMissError

Program = Callable[[firestore.Client], Any]


def client(project: str) -> firestore.Client:
    """A client that knows nobody."""
    return firestore.Client(project=project)


def both(tmp_path: Path, project: str, monkeypatch: pytest.MonkeyPatch, program: Program) -> tuple[Any, Any, Session]:
    """What the program gives while it is recorded and while it is played with nobody there, and the session."""
    with capture("recorded", directory=tmp_path, within=True) as session:
        seen = program(client(project))
    assert session.problems == []
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")  # nobody listens there
    with replay(session.folder):
        again = program(client(project))
    return seen, again, session


def documents(db: firestore.Client) -> list[Any]:
    users = db.collection("users")
    users.document("ada").set({"name": "Ada", "age": 36, "at": firestore.SERVER_TIMESTAMP, "tags": ["x", {"y": None}]})
    users.document("bob").create({"name": "Bob", "age": 20, "home": firestore.GeoPoint(1.5, -2)})
    users.document("ada").update({"age": firestore.Increment(1), "raw": b"\0\xff"})
    with pytest.raises(exceptions.AlreadyExists) as exists:
        users.document("ada").create({})
    with pytest.raises(exceptions.NotFound) as missing:
        users.document("nobody").update({"x": 1})
    users.document("gone").set({"x": 1})
    users.document("gone").delete()
    ada = users.document("ada").get()
    return [
        ada.to_dict(), ada.id, ada.update_time, users.document("bob").get(["name"]).to_dict(),
        users.document("gone").get().exists, str(exists.value), str(missing.value), exists.value.code,
        [one.to_dict() for one in db.get_all([users.document("ada"), users.document("bob")])],
    ]  # fmt: skip


def queries(db: firestore.Client) -> list[Any]:
    users = db.collection("users")
    batch = db.batch()
    for number in range(6):
        batch.set(users.document(f"u{number}"), {"number": number, "even": number % 2 == 0})
    written = batch.commit()
    even = users.where(filter=firestore.FieldFilter("even", "==", True))
    return [
        len(written), [one.id for one in even.stream()], [one.id for one in users.order_by("number").limit(2).get()],
        users.count().get()[0][0].value, even.sum("number").get()[0][0].value, even.avg("number").get()[0][0].value,
        [one.id for one in users.where(filter=firestore.FieldFilter("number", "in", [1, 3])).stream()],
    ]  # fmt: skip


def made_up_ids(db: firestore.Client) -> list[Any]:
    things = db.collection("things")
    refs = [things.add({"number": number})[1] for number in range(3)]
    inner = refs[1].collection("inner").document()
    inner.set({"of": refs[1].id, "ref": refs[1]})
    found = inner.get()
    assert found.reference == inner
    assert found.get("of") == refs[1].id
    assert found.get("ref") == refs[1]
    assert {one.id for one in things.stream()} == {one.id for one in refs}
    return [[one.get().to_dict() for one in reversed(refs)], refs[0].get().reference == refs[0]]


def contention(db: firestore.Client) -> list[Any]:
    """Somebody else writes what the transaction has read: it is refused and runs again."""
    account = db.collection("accounts").document("a")
    account.set({"sum": 1})
    reads: list[int] = []

    @firestore.transactional
    def add(transaction: firestore.Transaction) -> int:
        found = account.get(transaction=transaction)
        reads.append(found.get("sum"))
        if len(reads) == 1:
            account.update({"sum": 100})
        transaction.update(account, {"sum": reads[-1] + 1})
        return reads[-1]

    return [add(db.transaction()), reads, account.get().to_dict()]


def listening(db: firestore.Client) -> list[Any]:
    rooms = db.collection("rooms")
    rooms.document("one").set({"x": 1})
    seen: list[Any] = []
    told = threading.Semaphore(0)

    def on(found: Any, changes: Any, _at: Any) -> None:
        seen.append([sorted(one.id for one in found), sorted(f"{one.type.name} {one.document.id}" for one in changes)])
        told.release()

    watch = rooms.on_snapshot(on)
    try:
        assert told.acquire(timeout=5)
        for name in ("two", "three"):
            before = len(seen)
            rooms.document(name).set({"x": 2})
            assert told.acquire(timeout=5)
            assert len(seen) == before + 1
        rooms.document("one").delete()
        assert told.acquire(timeout=5)
    finally:
        watch.unsubscribe()
    return seen


def bulk(db: firestore.Client) -> list[Any]:
    writer = db.bulk_writer()
    for number in range(30):
        writer.set(db.collection("bulk").document(f"d{number}"), {"number": number})
    writer.close()
    return [db.collection("bulk").count().get()[0][0].value]


def asynchronous(db: firestore.Client) -> list[Any]:
    async def program() -> list[Any]:
        other = firestore.AsyncClient(project=db.project)
        users = other.collection("users")
        await users.document("ada").set({"age": 1})
        _, ref = await users.add({"age": 2})
        batch = other.batch()
        batch.set(users.document("eve"), {"age": 3})
        await batch.commit()

        @firestore.async_transactional
        async def add(transaction: Any) -> None:
            found = await users.document("ada").get(transaction=transaction)
            transaction.update(users.document("ada"), {"age": found.get("age") + 10})

        await add(other.transaction())
        seen = [(await ref.get()).to_dict(), (await users.document("ada").get()).to_dict()]
        seen.append(sorted([one.get("age") async for one in users.stream()]))
        seen.append((await users.count().get())[0][0].value)
        return seen

    return asyncio.run(program())


PROGRAMS = [documents, queries, made_up_ids, contention, listening, bulk, asynchronous]


@pytest.mark.servers
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.__name__)
def test_what_a_program_does_with_firestore_is_played_without_it(
    tmp_path: Path, firestore_project: str, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    """Case 26."""
    seen, again, session = both(tmp_path, firestore_project, monkeypatch, program)
    assert again == seen
    assert {one.service for one in session.interactions} == {"google.firestore.v1.Firestore"}


@pytest.mark.servers
def test_everything_is_played_when_the_emulator_has_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 26: all of it in one session."""
    emulator = Firestore.start()
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.url)
    with capture("all", directory=tmp_path) as session:
        seen = [program(client(f"p-{program.__name__.replace('_', '-')}")) for program in PROGRAMS]
    emulator.stop()
    with replay(session.folder) as playback:
        again = [program(client(f"p-{program.__name__.replace('_', '-')}")) for program in PROGRAMS]
    assert again == seen
    assert playback.tally.played == len(session.interactions) > 50


@pytest.mark.servers
def test_attempts_that_were_refused_are_recorded_each(tmp_path: Path, firestore_project: str) -> None:
    """Case 24: the transaction that met contention."""
    with capture("contention", directory=tmp_path) as session:
        contention(client(firestore_project))
    commits = [one.response["code"] for one in session.interactions if one.operation.endswith("/Commit")]
    assert commits == ["OK", "OK", "ABORTED", "OK"]


@pytest.mark.servers
def test_another_value_is_a_miss(tmp_path: Path, firestore_project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 28."""

    def program(db: firestore.Client, age: int) -> None:
        db.collection("users").document("ada").set({"age": age})

    with capture("one", directory=tmp_path) as session:
        program(client(firestore_project), 36)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    with pytest.raises(ReplayMissError, match=r"age.*36.*37"), replay(session.folder):
        program(client(firestore_project), 37)


@pytest.mark.servers
def test_people_and_secrets_in_documents_reach_no_file_and_are_played_as_the_program_asks(
    tmp_path: Path, firestore_project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 16: a document that is called by an address is found by that address."""
    email, secret = "ada.lovelace@analytical.example.org", "hunter2-hunter2-hunter2"

    def program(db: firestore.Client) -> Any:
        users = db.collection("users")
        users.document(email).set({"email": email, "password": secret, "note": f"ask {email}", "age": 36})
        found = users.document(email).get()
        assert found.id == email
        return [found.id, found.get("age"), [one.id for one in users.stream()]]

    seen, again, _ = both(tmp_path, firestore_project, monkeypatch, program)
    assert again == seen
    for path in tmp_path.rglob("*"):
        if path.is_file():
            for one in (email, secret):
                for spelled in spellings(one):
                    assert spelled not in path.read_bytes(), path


def spellings(text: str) -> list[bytes]:
    """The text, and what of it must stand in Base64 wherever it begins."""
    data = text.encode()
    return [data, *(base64.b64encode(b"x" * shift + data)[4:-4] for shift in range(3))]
