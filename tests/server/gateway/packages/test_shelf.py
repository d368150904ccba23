"""The packages in the store, on both databases: who comes next, and what a lease is good for."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex

import pytest
import sqlalchemy as sa

from hotfixture.errors import Problem
from hotfixture.server.gateway.actors import system
from hotfixture.server.gateway.packages.package import Package
from hotfixture.server.gateway.packages.shelf import Shelf
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import AUDIT, PACKAGES
from hotfixture.server.jobs import Outcome
from hotfixture.server.leases import LEASE


@pytest.fixture
def shelf(state: State) -> Shelf:
    return Shelf(state)


WANTED = {"parameters": {}, "form": "auto", "inserts": False, "today": "2026-11-21", "digest": "d", "address": "x"}


def add(shelf: Shelf, owner: str, *providers: str) -> str:
    """The id of a package that waits."""
    made = Package(token_hex(16), owner, "daily", 1, "d", "asked", "reuse", WANTED, providers)
    with shelf.state.change() as connection:
        shelf.add(connection, made)
    time.sleep(0.002)  # another moment
    return made.id


def claimed(shelf: Shelf, **exports: int) -> Package:
    found = shelf.claim("daemon", exports)
    assert found
    return found


def test_the_oldest_comes_first(shelf: Shelf) -> None:
    ids = [add(shelf, "dev") for _ in range(3)]
    assert [claimed(shelf).id for _ in range(3)] == ids
    assert shelf.claim("daemon", {}) is None


def test_twenty_packages_of_one_do_not_stand_before_the_first_of_another(shelf: Shelf) -> None:
    many = [add(shelf, "many") for _ in range(20)]
    one = add(shelf, "one")
    other = add(shelf, "other")
    order = [claimed(shelf).id for _ in range(4)]
    assert order == [many[0], one, other, many[1]]


def test_who_was_served_longest_ago_comes_first_although_nothing_of_them_is_in_work(shelf: Shelf) -> None:
    ids = {name: [add(shelf, name) for _ in range(2)] for name in ("a", "b")}
    order = []
    for _ in range(4):
        found = claimed(shelf)
        order.append(found.id)
        assert shelf.finish(found, Outcome("failed", 0, [Problem("x")]))
    assert order == [ids["a"][0], ids["b"][0], ids["a"][1], ids["b"][1]]


def test_a_provider_is_read_by_no_more_packages_at_once_than_it_bears(shelf: Shelf) -> None:
    first, second = (add(shelf, "dev", "PROD") for _ in range(2))
    third = add(shelf, "dev", "OTHER")
    both = add(shelf, "dev", "OTHER", "PROD")
    exports = {"PROD": 1, "OTHER": 2}
    one, two = claimed(shelf, **exports), claimed(shelf, **exports)
    assert [one.id, two.id] == [first, third]
    assert shelf.claim("another daemon", exports) is None
    assert shelf.finish(one, Outcome("cancelled", 0))
    three = claimed(shelf, **exports)
    assert three.id == second
    shelf.hand_back(three, counted=False)
    assert claimed(shelf, **exports).id == second
    assert both not in (one.id, two.id, three.id)


def test_daemons_that_claim_at_once_take_no_more_than_there_is_room_for(shelf: Shelf) -> None:
    for number in range(6):
        add(shelf, f"owner{number}", "PROD")
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda number: shelf.claim(f"daemon{number}", {"PROD": 2}), range(6)))
    assert len({package.id for package in found if package}) == sum(map(bool, found)) == 2


def test_claims_cancellations_and_ends_at_once_leave_every_package_with_one_end(shelf: Shelf) -> None:
    ids = [add(shelf, f"owner{number}") for number in range(8)]

    def work(number: int) -> None:
        if number % 2:
            known = shelf.get(ids[number])
            assert known
            shelf.cancel(system(), known)
        elif found := shelf.claim(f"daemon{number}", {}):
            shelf.finish(found, Outcome("failed", 0, [Problem("x")]))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    ends = [kind for kind in kinds(shelf) if kind in ("package.cancelled", "package.failed")]
    states = [found.state for found in map(shelf.get, ids) if found]
    assert len(ends) == sum(state in ("cancelled", "failed") for state in states) >= 4


def test_what_gives_no_sign_of_life_is_taken_over_and_its_first_holder_changes_nothing_any_more(shelf: Shelf) -> None:
    add(shelf, "dev", "PROD")
    first = claimed(shelf, PROD=1)
    assert shelf.beat(first, {"tables": []}) == "go"
    assert shelf.claim("another", {"PROD": 1}) is None
    dead(shelf, first)
    second = claimed(shelf, PROD=1)
    assert (second.id, second.attempt) == (first.id, 2)
    assert shelf.beat(first, {}) == "lost"
    assert shelf.scanned(first) == "lost"
    assert not shelf.finish(first, Outcome("ready", 0, file="x.sql", size=1, sha256="0" * 64))
    assert not shelf.hand_back(first, counted=True)
    assert shelf.finish(second, Outcome("failed", 0, [Problem("x")]))
    assert kinds(shelf) == ["package.begun", "package.begun", "package.failed"]


def test_a_lease_of_before_the_clock_was_set_back_ends_as_well(shelf: Shelf) -> None:
    add(shelf, "dev")
    found = claimed(shelf)
    with shelf.state.change() as connection:
        later = shelf.state.now() + 3600
        connection.execute(PACKAGES.update().values(lease_until=later))
    assert claimed(shelf).attempt == 2
    assert shelf.beat(found, {}) == "lost"


def dead(shelf: Shelf, package: Package) -> None:
    """Its holder gave its last sign of life long ago."""
    with shelf.state.change() as connection:
        long_ago = shelf.state.now() - LEASE
        connection.execute(PACKAGES.update().where(PACKAGES.c.id == package.id).values(lease_until=long_ago))


def kinds(shelf: Shelf) -> list[str]:
    with shelf.state.read() as connection:
        return list(connection.execute(sa.select(AUDIT.c.kind).order_by(AUDIT.c.seq)).scalars())


def test_a_package_that_was_scanned_is_still_its_builders(shelf: Shelf) -> None:
    add(shelf, "dev")
    found = claimed(shelf)
    assert shelf.scanned(found) == "go"
    assert shelf.beat(found, {}) == "go"
    dead(shelf, found)
    assert claimed(shelf).attempt == 2


def test_an_attempt_counts_unless_it_was_handed_back(shelf: Shelf) -> None:
    add(shelf, "dev")
    shelf.hand_back(claimed(shelf), counted=False)
    again = claimed(shelf)
    assert again.attempt == 1
    shelf.hand_back(again, counted=True)
    assert claimed(shelf).attempt == 2


def test_what_is_due_expires_once_and_is_audited(shelf: Shelf) -> None:
    ids = [add(shelf, "dev") for _ in range(2)]
    for keep in (-1.0, 1000.0):
        assert shelf.finish(claimed(shelf), Outcome("ready", 0, file="x.sql", size=1, sha256="0" * 64), keep=keep)
    assert shelf.expire(1000) == [ids[0]]
    assert shelf.expire(1000) == []
    assert [shelf.get(one).state for one in ids if shelf.get(one)] == ["expired", "ready"]  # type: ignore[union-attr]
    assert kinds(shelf)[-1] == "package.expired"
    shelf.expire(-1000)  # records end as well
    assert shelf.get(ids[0]) is None
    assert shelf.get(ids[1])


def test_what_is_cancelled_does_not_become_ready_any_more(shelf: Shelf) -> None:
    add(shelf, "dev")
    found = claimed(shelf)
    shelf.cancel(system(), found)
    assert shelf.finish(found, Outcome("ready", 3, file="x.sql", size=1, sha256="0" * 64, manifest={}), keep=1000)
    now = shelf.get(found.id)
    assert now
    assert (now.state, now.file, now.size) == ("cancelled", None, None)
    assert kinds(shelf) == ["package.begun", "package.cancel", "package.cancelled"]


def test_cancelling_is_told_with_the_next_sign_of_life(shelf: Shelf) -> None:
    add(shelf, "dev")
    found = claimed(shelf)
    shelf.cancel(system(), found)
    assert shelf.beat(found, {}) == "cancel"
    assert kinds(shelf) == ["package.begun", "package.cancel"]
