"""The capturing Firestore clients on the emulator: everything works as without them, and is described."""

from __future__ import annotations

import asyncio
import copy
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from hotfixture.capture.captures import CaptureManager
from hotfixture.capture.firestore import (
    CaptureCollectionReference,
    CaptureDocumentReference,
    CaptureFirestoreClient,
)

firestore = pytest.importorskip("google.cloud.firestore")
from google.auth.credentials import AnonymousCredentials  # noqa: E402 - only where it is installed


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[CaptureManager]:
    manager = CaptureManager(tmp_path)
    yield manager
    manager.close()


@pytest.fixture
def client(firestore_project: str, manager: CaptureManager) -> Any:
    made = firestore.Client(project=firestore_project, credentials=AnonymousCredentials())
    yield CaptureFirestoreClient(made, manager)
    made.close()


def _operations(manager: CaptureManager) -> list[str]:
    return [one["operation"] for one in manager.interactions]


def test_the_contracts_operations_have_their_names_and_answers(client: Any, manager: CaptureManager) -> None:
    people = client.collection("test_people")
    _, made = people.add({"name": "Ada", "pages": 1815})
    document = people.document("grace")
    document.set({"name": "Grace"})
    document.update({"name": "Grace H."})
    assert document.get().to_dict() == {"name": "Grace H."}
    assert {one.id for one in people.stream()} == {made.id, "grace"}
    assert len(people.get()) == 2
    document.delete()
    assert not document.get().exists
    interactions = manager.interactions
    assert [one["operation"] for one in interactions] == [
        "collection.add", "document.set", "document.update", "document.get", "collection.stream", "collection.get",
        "document.delete", "document.get",
    ]  # fmt: skip
    assert {one["service"] for one in interactions} == {"firestore"}
    assert {one["status"] for one in interactions} == {"success"}
    add, put, _, got, streamed, listed, deleted, gone = (one["response"] for one in interactions)
    assert add == {"document_id": made.id, "document_path": f"test_people/{made.id}"}
    assert list(put) == ["write_result"]
    assert list(deleted) == ["write_result"]
    assert got == {"exists": True, "data": {"name": "Grace H."}, "id": "grace"}
    assert gone == {"exists": False, "data": None, "id": "grace"}
    assert (streamed["document_count"], len(streamed["documents"])) == (2, 2)
    assert {"id": "grace", "data": {"name": "Grace H."}} in listed["documents"]
    assert interactions[0]["request"] == {"path": "test_people", "document_data": {"name": "Ada", "pages": 1815}}


def test_the_objects_are_those_of_the_package(client: Any) -> None:
    collection = client.collection("test_a")
    document = collection.document("b")
    assert isinstance(client, firestore.Client)
    assert isinstance(collection, firestore.CollectionReference)
    assert isinstance(collection, CaptureCollectionReference)
    assert isinstance(document, firestore.DocumentReference)
    assert isinstance(document, CaptureDocumentReference)
    assert isinstance(collection.where(filter=firestore.FieldFilter("a", "==", 1)), firestore.Query)
    assert (document.path, document.id, collection.id) == ("test_a/b", "b", "test_a")
    assert isinstance(document.parent, CaptureCollectionReference)
    assert isinstance(copy.deepcopy(document), CaptureDocumentReference)


def test_the_options_that_the_first_wrapper_broke_work(client: Any, manager: CaptureManager) -> None:
    """Defect 5: `timeout=`, `field_paths=`, `document_id=`."""
    people = client.collection("test_people")
    people.add({"a": 1, "b": 2}, document_id="mine", timeout=10)
    bare = client.__wrapped__.collection("test_people").document("mine")
    got = people.document("mine").get(field_paths=["a"], timeout=10)
    assert got.to_dict() == bare.get(field_paths=["a"]).to_dict()
    people.document("mine").set({"c": 3}, merge=True)
    assert people.document("mine").get(["c"]).get("c") == 3
    first, second, third, _ = manager.interactions
    assert first["request"]["document_id"] == "mine"
    assert second["request"] == {"path": "test_people/mine", "field_paths": ["a"]}
    assert third["request"]["merge"] is True


def test_queries_counts_batches_and_many_documents_are_recorded(client: Any, manager: CaptureManager) -> None:
    """Defect 5: queries, count, create, batch, get_all."""
    people = client.collection("test_people")
    with client.batch() as batch:
        for number in range(4):
            batch.set(people.document(f"p{number}"), {"age": number, "friend": people.document("p0")})
    people.document("p9").create({"age": 9})
    query = people.where(filter=firestore.FieldFilter("age", ">", 1)).order_by("age").limit(2)
    assert [one.id for one in query.stream()] == ["p2", "p3"]
    assert len([*query.start_after(people.document("p2").get()).stream()]) == 2
    assert people.count(alias="all").get()[0][0].value == 5
    assert {one.id for one in client.get_all([people.document("p0"), people.document("p1")])} == {"p0", "p1"}
    with pytest.raises(Exception, match="exists"):
        people.document("p9").create({"age": 9})
    assert _operations(manager) == [
        "batch.commit", "document.create", "query.stream", "document.get", "query.stream", "aggregation.get",
        "client.get_all", "document.create",
    ]  # fmt: skip
    commit, _, streamed, *_, counted, many, failed = manager.interactions
    assert (commit["response"]["count"], len(commit["request"]["writes"])) == (4, 4)
    assert streamed["response"]["documents"][0] == {
        "id": "p2", "data": {"age": 2, "friend": {"reference": "test_people/p0"}},
    }  # fmt: skip
    assert streamed["request"]["query"]["limit"] == 2
    assert counted["response"] == {"results": [[{"alias": "all", "value": 5}]]}
    assert many["response"]["document_count"] == 2
    assert (failed["status"], failed["error_type"]) == ("error", "AlreadyExists")


def test_transactions_are_recorded(client: Any, manager: CaptureManager) -> None:
    """Defect 5: transactions."""
    document = client.collection("test_people").document("counter")
    document.set({"n": 1})

    @firestore.transactional
    def increase(transaction: Any) -> int:
        count = document.get(transaction=transaction).get("n") + 1
        transaction.update(document, {"n": count})
        return count

    assert increase(client.transaction()) == 2
    assert document.get().to_dict() == {"n": 2}
    assert _operations(manager) == ["document.set", "document.get", "transaction.commit", "document.get"]
    assert manager.interactions[1]["request"]["transaction"] is True
    assert manager.interactions[2]["response"]["count"] == 1


def test_clients_that_are_mocks_are_recorded(manager: CaptureManager) -> None:
    mock = Mock()
    people = mock.collection.return_value
    people.add.return_value = (None, Mock(id="a", path="test_people/a"))
    people.stream.return_value = [Mock(id="a", to_dict=lambda: {"n": 1})]
    people.document.return_value.get.return_value = Mock(id="a", exists=True, to_dict=lambda: {"n": 1})
    client = CaptureFirestoreClient(mock, manager)
    assert isinstance(client.collection("test_people"), CaptureCollectionReference)
    client.collection("test_people").add({"n": 1})
    assert [one.id for one in client.collection("test_people").stream()] == ["a"]
    document = client.collection("test_people").document("a")
    assert isinstance(document, CaptureDocumentReference)
    assert document.get().exists
    document.set({"n": 2})
    people.document.return_value.set.assert_called_once_with({"n": 2})
    added, streamed, got, put = (one["response"] for one in manager.interactions)
    assert added == {"document_id": "a", "document_path": "test_people/a"}
    assert streamed == {"document_count": 1, "documents": [{"id": "a", "data": {"n": 1}}]}
    assert got == {"exists": True, "data": {"n": 1}, "id": "a"}
    assert isinstance(put["write_result"], str)


def test_bulk_writers_are_recorded(client: Any, manager: CaptureManager) -> None:
    people = client.collection("test_people")
    writer = client.bulk_writer()
    for number in range(3):
        writer.set(people.document(f"b{number}"), {"n": number})
    writer.flush()
    writer.close()
    assert len(people.get()) == 3
    assert _operations(manager) == [*["bulk_writer.set"] * 3, "bulk_writer.flush", "collection.get"]
    assert manager.interactions[0]["request"] == {
        "reference": {"reference": "test_people/b0"}, "document_data": {"n": 0},
    }  # fmt: skip


def test_listeners_are_recorded_each_time_the_program_is_told(client: Any, manager: CaptureManager) -> None:
    document = client.collection("test_people").document("watched")
    document.set({"n": 1})
    told: list[Any] = []
    seen = threading.Event()

    def callback(snapshots: Any, changes: Any, at: Any) -> None:
        told.extend(snapshots)
        seen.set()

    watch = document.on_snapshot(callback)
    assert seen.wait(20)
    watch.unsubscribe()
    assert told[0].to_dict() == {"n": 1}
    found = [one for one in manager.interactions if one["operation"] == "document.on_snapshot"]
    assert found[0]["response"] == {"document_count": 1, "documents": [{"id": "watched", "data": {"n": 1}}]}


def test_asynchronous_clients_are_recorded(firestore_project: str, manager: CaptureManager) -> None:
    async def work() -> None:
        made = firestore.AsyncClient(project=firestore_project, credentials=AnonymousCredentials())
        client = CaptureFirestoreClient(made, manager)
        people = client.collection("test_people")
        assert isinstance(client, firestore.AsyncClient)
        await people.document("a").set({"n": 1})
        assert (await people.document("a").get()).to_dict() == {"n": 1}
        assert [one.id async for one in people.stream()] == ["a"]
        assert [one.id async for one in people.where(filter=firestore.FieldFilter("n", "==", 1)).stream()] == ["a"]
        batch = client.batch()
        batch.delete(people.document("a"))
        await batch.commit()
        assert (await people.count().get())[0][0].value == 0
        made.close()

    asyncio.run(work())
    assert _operations(manager) == [
        "document.set", "document.get", "collection.stream", "query.stream", "batch.commit", "aggregation.get",
    ]  # fmt: skip
    assert {one["status"] for one in manager.interactions} == {"success"}


def test_a_stream_that_is_left_is_closed_with_what_was_read(client: Any, manager: CaptureManager) -> None:
    people = client.collection("test_people")
    for number in range(3):
        people.document(str(number)).set({"n": number})
    stream = people.stream()
    next(stream)
    stream.close()
    last = manager.interactions[-1]
    assert (last["status"], last["response"]["document_count"]) == ("closed", 1)
