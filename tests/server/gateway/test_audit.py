"""The audit chain: what is appended stays, in its order, with its deed or not at all."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import Actor, system
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import AUDIT, TEAMS

DEV = Actor("dev@example.com", "user", frozenset({"developer"}), address="192.0.2.7", request="r1")


def rows(state: State) -> list[dict[str, object]]:
    """The events as they stand in the store."""
    with state.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.seq)).mappings()]


def undone(state: State) -> None:
    """A deed that fails after its event was appended."""
    with state.change() as connection:
        audit.record(state, connection, DEV, "x", "y")
        raise ZeroDivisionError


def unwritable(state: State) -> None:
    """A deed whose event cannot be written."""
    endless: dict[str, object] = {}
    endless["self"] = endless
    with state.change() as connection:
        connection.execute(TEAMS.insert().values(name="payments", created=0.0))
        audit.record(state, connection, DEV, "team.created", "payments", facts=endless)


def test_an_event_says_who_from_where_in_which_request_did_what_to_what(state: State) -> None:
    audit.note(state, DEV, "package.requested", "incident", revision=3, parameters={"customer_id": 12847})
    (found,) = rows(state)
    assert [found[key] for key in ("actor", "actor_kind", "address", "request", "kind", "subject")] == [
        "dev@example.com", "user", "192.0.2.7", "r1", "package.requested", "incident",
    ]  # fmt: skip
    assert found["facts"] == '{"parameters": {"customer_id": 12847}, "revision": 3}'


def test_each_event_holds_the_hash_of_the_one_before(state: State) -> None:
    for number in range(4):
        audit.note(state, system(), "x", str(number))
    found = rows(state)
    assert [row["previous"] for row in found] == [audit.FIRST, *(row["hash"] for row in found[:-1])]
    assert all(audit.digest_of(row) == row["hash"] for row in found)


def test_a_deed_that_is_undone_leaves_no_event_and_an_event_that_fails_undoes_its_deed(state: State) -> None:
    with pytest.raises(ZeroDivisionError):
        undone(state)
    assert rows(state) == []
    with pytest.raises(ValueError, match="Circular"):
        unwritable(state)
    with state.read() as connection:
        assert connection.execute(sa.select(TEAMS)).first() is None


def test_many_threads_append_to_one_chain(state: State) -> None:
    def append(name: str) -> None:
        for number in range(10):
            audit.note(state, Actor(name, "user", frozenset()), "x", str(number))

    threads = [threading.Thread(target=append, args=(f"t{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = rows(state)
    assert [row["seq"] for row in found] == list(range(1, 61))
    assert [row["previous"] for row in found[1:]] == [row["hash"] for row in found[:-1]]
